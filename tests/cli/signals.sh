# shellcheck shell=sh disable=SC2154 # rc is run's
# A signal in the middle of a run: what is finished is kept and closed, and the command ends by the signal.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make_pages && mkdir d
env --default-signal=INT true 2>/dev/null || {
    skip 'signals' 'env(1) has no --default-signal'
    finish
    exit 0
}

# interrupt SIG COMMAND...: runs it, with pages that come until one is to come through a pipe that stays empty; once pages are in
# the file beside d/t or in d, or the command has waited for a second, the signal is sent. $rc is the signal's name.
interrupt() {
    sig=$1
    shift
    rm -f pipe && mkfifo pipe
    # What runs in the background of a script ignores SIGINT, and so would the command.
    env --default-signal="$sig" "$OCRVL" "$@" >out 2>err &
    pid=$!
    exec 3>pipe # which waits until the command opens it: the pages before it are finished
    sleep 0.3
    kill -"$sig" $pid
    wait $pid
    rc=$(kill -l $?)
    exec 3>&-
}

# kept NAME SIG FILES: how it ended, that one line says how much there is, and that nothing else lies about.
kept() {
    [ "$rc" = "$2" ]
    pass "$1: ends by the signal"
    [ "$(grep -c 'a signal ended the run: the output holds 2 finished [a-z]*' err)" = 1 ]
    pass "$1: says how many" || sed 's/^/# /' err
    [ "$(ls -A d)" = "$3" ]
    pass "$1: the files" || ls -A d | sed 's/^/# /'
    rm -f d/* d/.[!.]*
}

"$OCRVL" read -f jsonl one.pnm three.pnm >two.jsonl
for s in INT TERM HUP; do
    echo old >d/t
    interrupt $s read -f jsonl -o d/t one.pnm three.pnm pipe one.pnm
    cmp d/t two.jsonl
    pass "SIG$s: the lines of two pages"
    kept "SIG$s" $s t
done

for f in text json hocr tsv markdown html dolma pdf; do
    "$OCRVL" read -f $f one.pnm three.pnm >two.$f
    interrupt TERM read -f $f -o d/t one.pnm three.pnm pipe
    cmp d/t two.$f
    pass "$f: as of two pages"
    kept "$f" TERM t
done
interrupt TERM read -f alto -o d/t.xml one.pnm three.pnm pipe
kept 'alto' TERM 't-0001.xml
t-0002.xml'
interrupt TERM read -f alto --alto-single -o d/t one.pnm three.pnm pipe
xmllint --noout d/t
pass 'alto in one file: whole'
kept 'alto in one file' TERM t
interrupt TERM read --split -o d/%d one.pnm three.pnm pipe
kept 'split' TERM '1
2'
interrupt TERM read -f json one.pnm three.pnm pipe
cmp out two.json
pass 'standard output is closed as well'
[ "$rc" = TERM ] && grep -q 'holds 2 finished pages' err
pass 'and the end is the same'

interrupt TERM raster -f pnm -o d/%d one.pnm three.pnm pipe
kept 'raster' TERM '1
2'
interrupt TERM raster -f pnm -o d/t one.pnm three.pnm pipe
cat one.pnm three.pnm >two.pnm
[ "$(wc -c <d/t)" -ge "$(wc -c <two.pnm)" ]
pass 'raster in one file: both pages'
kept 'raster in one file' TERM t

tiny=$top/tests/vectors/data/tiny
interrupt TERM ask -m "$tiny" --no-line-model --each --max-tokens 4 -o d/t 'What?' one.pnm three.pnm pipe
kept 'ask' TERM t

# A page in hand is ended: a page model that has thousands of tokens to write.
"$OCRVL" raster -f pnm -o all.pnm "$pages/en-1.png"
echo old >d/t
env --default-signal=INT "$OCRVL" read -m "$tiny" --no-line-model --batch 1 --max-tokens 100000 --retries 0 -f jsonl -o d/t \
    blank.pnm all.pnm 2>err &
pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    [ -s "$(echo d/.t*)" ] && break
    sleep 0.3
done
sleep 0.5
kill -INT $pid
wait $pid
[ "$(kill -l $?)" = INT ] && grep -q 'holds 1 finished page$' err
pass 'the page in hand is ended' || sed 's/^/# /' err
[ "$(wc -l <d/t)" = 1 ] && [ "$(ls -A d)" = t ]
pass 'and the one before it is kept'

# The second signal ends the run at once, as the first does while nothing is finished (tests/cli/output.sh). `convert` doesn't
# leave off waiting for a pipe.
echo old >d/t
rm -f pipe && mkfifo pipe
env --default-signal=TERM "$OCRVL" convert -f text -o d/t two.json pipe 2>err &
pid=$!
exec 3>pipe
sleep 0.3
kill -TERM $pid
sleep 0.3
kill -0 $pid && kill -TERM $pid
wait $pid
[ "$(kill -l $?)" = TERM ] && [ ! -s err ]
pass 'a second signal ends the command at once' || sed 's/^/# /' err
[ "$(cat d/t)" = old ] && [ "$(ls -A d)" = t ]
pass 'and leaves the old file'
exec 3>&-

# The library that writes workbooks wants a file for them, which is in no folder.
rm -f pipe && mkfifo pipe && mkdir tmp
TMPDIR=$PWD/tmp "$OCRVL" convert -f xlsx -o d/t two.json pipe 2>err &
pid=$!
exec 3>pipe
sleep 0.3
kill -KILL $pid
wait $pid 2>/dev/null
[ -n "$(ls -A d)" ] && [ -z "$(ls -A tmp)" ]
pass 'a workbook in hand leaves nothing among the temporary files' || ls -A d tmp
exec 3>&-
finish
