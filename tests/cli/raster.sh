#!/bin/sh
# ocrvl raster: page images, their names and their resolution.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm

expect 'PNG by default' 0 '?PNG*' '' raster one.pnm
expect 'PNM' 0 'P[56]*' '' raster -f pnm one.pnm
cmp -s out one.pnm
pass 'is what it was'
expect 'pages one after the other' 0 '*' '' raster -f pnm two.pdf
cat one.pnm three.pnm | cmp -s out -
pass 'in the pixels of the scans'
"$OCRVL" raster two.pdf | "$OCRVL" raster -f pnm - >back
cat one.pnm three.pnm | cmp -s back -
pass 'and a stream of them can be read again'
expect '-o with a number' 0 '' '' raster -f pnm -o 'a-%d.pnm' two.pdf
cmp -s a-1.pnm one.pnm && cmp -s a-2.pnm three.pnm
pass 'a file for each page'
expect 'zeros before it' 0 '' '' raster -f pnm -o 'b%%%03d.pnm' --pages 2 two.pdf
cmp -s b%002.pnm three.pnm && [ ! -e b%001.pnm ]
pass 'and the number of the page in its document'
expect 'numbers run on' 0 '' '' raster -f pnm -o 'c%d' two.pdf one.pnm
cmp -s c3 one.pnm
pass 'from one file to the next'
expect 'without a number' 0 '' '' raster -f pnm -o all.pnm two.pdf
cat one.pnm three.pnm | cmp -s all.pnm -
pass 'all pages are in one file'
for p in '%s' '%' 'a%5d' '%n%d' '%0d' '%00d' '%012d' '%-3d'; do
    expect "-o '$p'" 2 '' "ocrvl: raster: in '$p' only %d, %0Nd and %% may follow a percent sign; *" raster -o "$p" two.pdf
done
expect 'the folder is not there' 5 '' 'ocrvl: no/1.png: No such file or directory' raster -o 'no/%d.png' two.pdf
cp one.pnm 1.pnm
expect 'never over an input' 2 '' "ocrvl: raster: the output '1.pnm' is also an input; *" raster -f pnm -o '%d.pnm' 1.pnm
expect '--dpi' 0 '*' '' raster -f pnm --dpi 36 --pages 1 two.pdf
want="$(($(sed -n '2s/ .*//p' one.pnm) / 2)) $(($(sed -n '2s/.* //p' one.pnm) / 2))"
[ "$(sed -n 2p out)" = "$want" ]
pass 'renders at half the size' || sed -n '2s/^/# /p' out
if command -v script >/dev/null; then
    script -qec "'$OCRVL' raster one.pnm" /dev/null </dev/null >log 2>&1
    like log "ocrvl: raster: images don't belong on a terminal*"
    pass 'no images on a terminal'
fi
if command -v identify >/dev/null; then
    "$OCRVL" raster --dpi 144 --pages 1 two.pdf >p.png
    [ "$(identify -units PixelsPerInch -format '%x' p.png | sed 's/143.99.*/144/; s/ .*//')" = 144 ]
    pass 'a PNG says its resolution'
fi
finish
