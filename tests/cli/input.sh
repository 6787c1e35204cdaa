#!/bin/sh
# Inputs that cannot be read, wholly or in part. One line on stderr for each failure, and the others are read.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
: >empty
echo 'just a text' >text
head -c 100000 /dev/zero >zeros
mkdir folder

# lines N: stderr of the last run has N lines.
lines() { [ "$(wc -l <err)" -eq "$1" ]; }

for c in read raster; do
    expect "$c: a file that is not there" 3 '' 'ocrvl: gone: No such file or directory' $c gone
    expect "$c: a folder" 3 '' 'ocrvl: folder: *' $c folder
    lines 1
    pass 'one line says so'
    for f in empty text zeros; do
        expect "$c: $f is no document" 3 '' "ocrvl: $f: *" $c $f
        lines 1
        pass 'one line says so'
    done
    in=text
    expect "$c: standard input that is no document" 3 '' 'ocrvl: standard input: *' $c
    in=
    "$OCRVL" $c <&- >out 2>err
    [ $? -eq 3 ] && like err 'ocrvl: standard input: Bad file descriptor' && [ ! -s out ]
    pass "$c: standard input that is closed"
done
expect 'good files beside a bad one are read' 3 '*With me*' 'ocrvl: text: *' read -q text one.pnm gone
lines 2
pass 'a line for each bad one'
[ "$("$OCRVL" read one.pnm)" = "$(cat out)" ]
pass 'nothing of the bad ones is in the output'

# Cut short.
head -c 20000 one.pnm >cut.pnm
"$OCRVL" raster -o page.png one.pnm && head -c 2000 page.png >cut.png
document two.pdf one.pnm three.pnm
head -c 200 two.pdf >cut.pdf
for f in cut.pnm cut.png cut.pdf; do
    run read -f jsonl $f
    [ "$rc" -eq 3 ] || [ "$rc" -eq 1 ]
    pass "$f: is an error"
    like err "ocrvl: $f: *" && ! grep -v "^ocrvl: $f: " err
    pass "$f: messages say so" || sed 's/^/# /' err
done

# A page that fails among good ones.
document bad.tif one.pnm gone three.pnm
expect 'a broken page' 1 '*With me*who wanted*inquiring*' 'ocrvl: bad.tif: page 2: *' read bad.tif
lines 1
pass 'one line says so'
"$OCRVL" read one.pnm >a && "$OCRVL" read three.pnm >b
{ cat a && printf '\f\f' && cat b; } >c
cmp -s c out
pass 'the others are read, and it has its place' || sed 's/^/# /' out
run read -q -f jsonl bad.tif
[ "$rc" -eq 1 ] && [ "$(wc -l <out)" -eq 3 ] && sed -n 2p out | grep -q '"status":"failed","error":{"code":"[a-z_]*","message":"[^"]*"}'
pass 'JSON Lines has it as a failed page' || sed -n '2s/^/# /p' out
for f in json hocr alto; do
    expect "so has $f" 1 '*' 'ocrvl: bad.tif: page 2: *' read -q -f $f bad.tif
done
expect '-o has the pages that were read' 1 '' 'ocrvl: bad.tif: page 2: *' read -o bad.txt bad.tif
cmp -s c bad.txt
pass 'all of them'
expect 'raster leaves it out' 1 '' 'ocrvl: bad.tif: page 2: *' raster -o p%d.png bad.tif
[ -s p1.png ] && [ ! -e p2.png ] && [ -s p3.png ]
pass 'and numbers the others as they are'
document none.tif gone gone
expect 'a document without a page that can be made' 3 '*' 'ocrvl: none.tif: *' read none.tif

# Limits.
expect '--max-image-pixels' 6 '*' 'ocrvl: three.pnm: *' read --max-image-pixels 100000 three.pnm
lines 1
pass 'one line says so'
expect '--max-image-pixels: smaller pages are read' 6 '*With me*' 'ocrvl: two.pdf: page 2: *' read --max-image-pixels 300000 two.pdf
expect '--max-bytes' 6 '' 'ocrvl: two.pdf: *' read --max-bytes 100K two.pdf
expect '--max-pages' 6 '*' 'ocrvl: two.pdf: *' read --max-pages 1 two.pdf
expect '--timeout' 1 '*' 'ocrvl: three.pnm: page 1: partial: *' read --timeout 0.001 three.pnm

if command -v qpdf >/dev/null; then
    qpdf --encrypt sesame owner 256 -- two.pdf locked.pdf 2>/dev/null
    expect 'a locked PDF' 6 '' 'ocrvl: locked.pdf: *(give it with --password)' read locked.pdf
    expect 'a wrong password' 6 '' 'ocrvl: locked.pdf: the password is wrong' read --password wrong locked.pdf
    expect 'the right password' 0 '*With me*' '' read --password sesame locked.pdf
    printf 'sesame\nnot this\n' >word
    expect 'a file with it' 0 '*With me*' '' read --password-file word locked.pdf
    expect 'a file that is not there' 3 '' 'ocrvl: nowhere: No such file or directory' read --password-file nowhere locked.pdf
    expect 'both' 2 '' '*contradict each other*' read --password x --password-file word locked.pdf
else
    skip 'a locked PDF' 'no qpdf'
fi
finish
