#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# Documents are decoded in processes of their own: limits on time and memory, a death, and what is left of the other pages.
. tests/cli/lib.sh
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
python3 "$top/tests/cli/batch_hang.py" hang.pdf # three pages; the second takes its decoder for ever
# 2 seconds of processor time, or, if the machine is very busy, 20 by the clock.
late='ocrvl: hang.pdf: page 2: it takes longer than 2* seconds*to decode'
two='A line of text*A line of text'

# field FILE NAME: the error's member of the second page in JSON Lines
code_of() { sed -n '2s/.*"error":{"code":"\([a-z]*\)".*/\1/p' "$1"; }

# ---- time -------------------------------------------------------------------
began=$(date +%s)
expect 'a page that takes for ever fails' 6 "$two" "$late" read --page-timeout 2 hang.pdf
expect 'also by --timeout, which goes by the clock' 6 "$two" '*: it takes longer than 2 seconds by the clock to decode' read --timeout 2 hang.pdf
expect 'and where nothing is read' 6 "$two" "$late" read --text-layer only --page-timeout 2 hang.pdf
expect 'raster: the other pages are there' 6 '' "$late" raster --page-timeout 2 -o '%d.png' hang.pdf
[ -s 1.png ] && [ ! -e 2.png ] && [ -s 3.png ]
pass 'both'
expect 'plan: the other pages are told of' 6 '* 1 *hang.pdf* 3 *hang.pdf*2 pages' "$late" plan --page-timeout 2 hang.pdf
run read --page-timeout 2 -f jsonl hang.pdf
[ "$(code_of out)" = timeout ] && [ "$(grep -c '"status":"ok"' out)" -eq 2 ]
pass 'the reason is timeout'
[ $(($(date +%s) - began)) -lt 400 ]
pass 'no run went on'
expect 'batch: its reason there' 1 '' '*hang.pdf: page 2: it takes longer than 2* seconds*to decode*3 pages: 2 ok, 1 failed' \
    batch run -j 1 --page-timeout 2 -f text out1 hang.pdf
expect 'and in the journal' 1 'hang.pdf	2	failed	timeout' '' batch status --failed out1

python3 "$top/tests/cli/onto.py" packed data.pdf 1500 data
expect 'PDF/A that takes for ever isn'"'"'t made by this process' 6 '' 'ocrvl: data.pdf: it takes longer than * seconds*to decode' \
    read --page-timeout 2 -f pdf --pdfa 2b -o data-out.pdf data.pdf

# ---- memory -----------------------------------------------------------------
if nm "$OCRVL" 2>/dev/null | grep -q __asan_init; then
    skip 'memory' 'an address space is not limited in a sanitized build'
else
    expect 'a page that takes too much memory fails' 6 '' 'ocrvl: *en-1.pdf: page 1: it takes more than 64 MiB of memory to decode' \
        raster --decoder-memory 64M --dpi 1200 -o 'm%d.png' "$pages/en-1.pdf"
    run read --decoder-memory 64M --dpi 1200 -f jsonl "$pages/en-1.pdf"
    [ "$rc" -eq 6 ] && grep -q '"status":"failed".*"error":{"code":"memory"' out
    pass 'the reason is memory'
    # Of 3,000 x 3,000 pixels. OpenJPEG tells of memory that it lacks as of a broken picture.
    echo "/0//UQApAAAAAAu4AAALuAAAAAAAAAAAAAALuAAAC7gAAAAAAAAAAAABBwEB/1IADAAAAAEABQQEAAH/XAATQEBISFBISFBISFBISFBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAABBAAH/k+ftCf2hP7Qn9oQAFABcr/9/voOAFABcr/9//zAvFABcr/9//YJ/FABcr/9Nc3+AgICAgP/Z" |
        base64 -d >white.j2k
    expect 'neither is a JPEG 2000 broken then' 6 '' 'ocrvl: white.j2k: page 1: it takes more than 16 MiB of memory to decode' \
        raster --decoder-memory 16M -f pnm -o white.pnm white.j2k
    expect 'which it is not' 0 '' '' raster -f pnm -o white.pnm white.j2k
    # Who writes the document anew has to unpack it, and is this process.
    python3 "$top/tests/cli/onto.py" bomb bomb.pdf 150
    expect 'a PDF whose objects unpack to more has its pages stored as images' 0 '' '*bomb.pdf: text can*as images: it is damaged, or that takes*' \
        read --decoder-memory 200M -f pdf --redo keep -o bomb-out.pdf bomb.pdf
    "$OCRVL" read -q -f jsonl -o bomb.jsonl bomb.pdf
    expect 'and no text is put onto it' 6 '' 'ocrvl: bomb.pdf: it takes more than 200 MiB of memory to decode' \
        convert --decoder-memory 200M -f pdf --onto bomb.pdf -o no.pdf bomb.jsonl
    expect 'with enough memory it is' 0 '' '' convert -f pdf --onto bomb.pdf -o bomb-onto.pdf bomb.jsonl
    # PDF/A has contents unpacked beside.
    python3 "$top/tests/cli/onto.py" packed form.pdf 400 form
    expect 'a PDF whose contents unpack to more is written' 0 '' '' read --decoder-memory 300M -f pdf -o form-out.pdf form.pdf
    [ "$(pdfimages -list form-out.pdf | wc -l)" -eq 2 ]
    pass 'as itself'
    expect 'as PDF/A its pages are stored as images' 0 '' '*form.pdf: text can*as images: it is damaged, or that takes*' \
        read --decoder-memory 300M -f pdf --pdfa 2b -o form-out.pdf form.pdf
    [ "$(pdfimages -list form-out.pdf | wc -l)" -eq 3 ]
    pass 'which they are'
    "$OCRVL" read -q -f jsonl -o form.jsonl form.pdf
    expect 'and no text is put onto it' 6 '' 'ocrvl: form.pdf: it takes more than 300 MiB of memory to decode' \
        convert --decoder-memory 300M -f pdf --pdfa 2b --onto form.pdf -o no.pdf form.jsonl
fi
expect 'with enough of it all is well' 0 '' '' raster --decoder-memory 1G --dpi 600 -o 'm%d.png' "$pages/en-1.pdf"

(ulimit -f 1000 && "$OCRVL" read hang.pdf --pages 1 >out 2>err)
[ $? -eq 0 ] && [ "$(cat out)" = 'A line of text' ] && grep -q 'decoded in this process' err
pass 'where files may not be as large as pages are, they are decoded as with --in-process, which is said'

# ---- death ------------------------------------------------------------------
# decoder_of PID: the process that decodes for it, a grandchild
decoder_of() {
    for stat in /proc/[0-9]*/stat; do
        # shellcheck disable=SC2046 # words they are
        set -- "$1" $(sed 's/(\(.*\))/\1/' "$stat" 2>/dev/null)
        [ "$3" = ocrvl-decoder ] && [ "$(sed 's/.*) . \([0-9]*\) .*/\1/' /proc/"$5"/stat 2>/dev/null)" = "$1" ] && echo "$2"
    done
}
# await_decoder PID: until its decoder has page 2 in hand, which the processor's time shows
await_decoder() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        decoder=$(decoder_of "$1")
        ticks=$(sed 's/.*) //' /proc/"${decoder:-none}"/stat 2>/dev/null | cut -d ' ' -f 12)
        [ "${ticks:-0}" -lt 200 ] || return 0
        sleep 1
    done
    return 1
}
"$OCRVL" read --page-timeout 300 -f jsonl hang.pdf >out 2>err &
pid=$!
await_decoder $pid && kill -ABRT "$decoder"
wait $pid
[ $? -eq 1 ] && [ "$(cat err)" = 'ocrvl: hang.pdf: page 2: the process that decoded it was ended by signal 6' ] &&
    [ "$(code_of out)" = crash ] && [ "$(grep -c '"status":"ok"' out)" -eq 2 ]
pass 'a page that its decoder dies of has failed, and the next one is read' || cat err
sleep 1
[ -z "$(decoder_of $pid)" ] && [ ! -e /proc/"$decoder" ]
pass 'no decoder is left'

# A decoder that is kept from working, as on a machine with other work, has not used its time.
"$OCRVL" read --page-timeout 3 hang.pdf >out 2>err &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    decoder=$(decoder_of $pid)
    [ -z "$decoder" ] || break
    sleep 0.5
done
kill -STOP "$decoder" && sleep 5 && [ -e /proc/"$decoder" ]
pass 'the limit is one on processor time' || cat err
kill -KILL $pid
wait $pid 2>/dev/null

"$OCRVL" read --page-timeout 300 hang.pdf >out 2>err &
pid=$!
await_decoder $pid
kill -KILL $pid
wait $pid 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10; do
    [ -e /proc/"$decoder" ] || break
    sleep 1
done
[ -n "$decoder" ] && [ ! -e /proc/"$decoder" ]
pass 'a decoder dies with the program'

# ---- the same with and without ----------------------------------------------
for f in "$pages/en-1.pdf" "$pages/en-2.png" "$pages/it-1.jpg"; do
    "$OCRVL" read -q -f json --threads 1 "$f" >a && "$OCRVL" read -q -f json --threads 2 --in-process "$f" >b && cmp -s a b || echo "$f"
done >differ
[ ! -s differ ]
pass 'read gives the same with and without --in-process' || cat differ
"$OCRVL" read -q -f pdf --redo replace -o a.pdf "$pages/en-1.pdf" && "$OCRVL" read -q -f pdf --redo replace --in-process -o b.pdf "$pages/en-1.pdf" &&
    cmp a.pdf b.pdf
pass 'also a PDF onto a PDF'
"$OCRVL" read -q -f text - <"$pages/en-1.pdf" >a && "$OCRVL" read -q -f text --in-process - <"$pages/en-1.pdf" >b && cmp a b && [ -s a ]
pass 'and of standard input'
finish
