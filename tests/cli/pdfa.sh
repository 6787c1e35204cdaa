#!/bin/sh
# From PDF to PDF/A: pages stay themselves, and what can't be made such without a loss is told of.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make() { python3 "$top/tests/cli/pdfa.py" "$@"; }
# pdfa LEVEL FILE MORE...: writes out.pdf; plain.pdf is it without streams that are packed
pdfa() {
    level=$1 file=$2
    shift 2
    rm -f out.pdf
    run read -f pdf --pdfa "$level" --text-layer only -o out.pdf "$@" "$file"
    [ -f out.pdf ] && qpdf --qdf --object-streams=disable out.pdf qdf.pdf 2>/dev/null
}
# claims PART: the file is sound, says that it is of that part, and has what that asks for
claims() {
    qpdf --check out.pdf >/dev/null 2>&1 && grep -aq "<pdfaid:part>$1</pdfaid:part><pdfaid:conformance>B<" out.pdf &&
        grep -aq '/GTS_PDFA1' qdf.pdf && grep -aq '/DestOutputProfile' qdf.pdf && grep -aq '/N 3' qdf.pdf && grep -aq '/ID \[' qdf.pdf &&
        ! grep -aqE '/Encrypt|/JavaScript|/AA |/LZWDecode' qdf.pdf
}
images() { pdfimages -list out.pdf | tail -n +3 | wc -l; }

make plain.pdf plain script
for level in 1b 2b; do
    pdfa $level plain.pdf
    [ "$rc" -eq 0 ] && claims "${level%b}" && [ "$(images)" -eq 0 ] && [ "$(pdftotext out.pdf - | head -1)" = abba ] &&
        grep -aq 'https://a.b' qdf.pdf && grep -aq '/F 4' qdf.pdf && pdfinfo out.pdf | grep -q '^Title: *plain.pdf'
    pass "$level: a page stays itself, without scripts"
done
head -c 8 out.pdf | grep -q 'PDF-1.7' && pdfa 1b plain.pdf && head -c 8 out.pdf | grep -q 'PDF-1.4'
pass 'the version that each part is about'

make bare.pdf plain bare
pdfa 2b bare.pdf
[ "$rc" -eq 1 ] && like err "*page 2: it can't be made PDF/A without a loss, so it stays as it is: a font isn't embedded: Helvetica*" &&
    ! grep -aq pdfaid out.pdf && [ "$(images)" -eq 0 ] && pdftotext out.pdf - | grep -q 'Some text in Helvetica'
pass 'a font that is missing is told of, and nothing is claimed'
pdfa 2b bare.pdf --pdfa-rasterize
[ "$rc" -eq 0 ] && claims 2 && [ "$(images)" -eq 1 ] && [ "$(pdfimages -list out.pdf | awk 'NR == 3 { print $1 }')" -eq 2 ] &&
    pdftotext out.pdf - | grep -q 'Some text in Helvetica' && pdftotext out.pdf - | grep -q abba && like err '*page 2: *so its image is written*'
pass '--pdfa-rasterize makes an image of that page alone'

make clear.pdf clear
pdfa 1b clear.pdf
[ "$rc" -eq 1 ] && like err '*transparency*' && ! grep -aq pdfaid out.pdf
pass '1b: transparency'
pdfa 2b clear.pdf
[ "$rc" -eq 0 ] && claims 2
pass '2b has transparency'
make cmyk.pdf cmyk
pdfa 2b cmyk.pdf
[ "$rc" -eq 1 ] && like err '*DeviceCMYK*'
pass 'colours that the profile is not for'
make files.pdf plain files
pdfa 2b files.pdf
[ "$rc" -eq 1 ] && like err '*files.pdf: it *attached*' && ! grep -aq pdfaid out.pdf
pass 'attached files'
make layers.pdf plain layers
pdfa 1b layers.pdf
[ "$rc" -eq 1 ] && like err '*layers*' && pdfa 2b layers.pdf && [ "$rc" -eq 0 ] && claims 2 && ! grep -aq '/AS' qdf.pdf && grep -aq '(Default)' qdf.pdf
pass 'layers'
qpdf --encrypt '' owner 128 --use-aes=y -- plain.pdf locked.pdf 2>/dev/null
pdfa 2b locked.pdf
[ "$rc" -eq 0 ] && claims 2 && like err '*encrypted*'
pass 'a document that is encrypted is not any more, and that is told'
expect '--pdfa-rasterize alone' 2 '' '*--pdfa-rasterize needs --pdfa*' read -f pdf --pdfa-rasterize plain.pdf
run read -qf json --text-layer only -o plain.json plain.pdf && run convert -f pdf --pdfa 2b --onto plain.pdf -o out.pdf plain.json &&
    qpdf --qdf --object-streams=disable out.pdf qdf.pdf && claims 2 && [ "$(images)" -eq 0 ]
pass 'convert --onto a PDF'
finish
