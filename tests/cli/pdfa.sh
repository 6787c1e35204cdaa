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

# Pictures: a JPEG and a fax (Group 4, 64 by 400, white), in a PDF and as files.
pdftoppm -jpeg -r 60 -singlefile plain.pdf photo
PYTHONPATH="$top/tests/cli" python3 - <<'P'
import struct
from pdf_file import pdf_file
fax, photo = b"\xff" * 50 + b"\x00\x10\x01", open("photo.jpg", "rb").read()
open("fax.g4", "wb").write(fax)
picture = lambda data, w, h, more: b"<< /Type /XObject /Subtype /Image /Width %d /Height %d %s /Length %d >>\nstream\n%s\nendstream" % (w, h, more, len(data), data)
draw = b"q 100 0 0 80 10 10 cm /J Do Q q 64 0 0 80 150 10 cm /F Do Q"
objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
           b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /XObject << /J 5 0 R /F 6 0 R >> >> >>",
           b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw),
           picture(photo, 250, 167, b"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"),
           picture(fax, 64, 400, b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 64 /Rows 400 >>")]
open("pictures.pdf", "wb").write(pdf_file(objects))
tags = [(256, 4, 64), (257, 4, 400), (258, 3, 1), (259, 3, 4), (262, 3, 0), (273, 4, 8), (277, 3, 1), (278, 4, 400), (279, 4, len(fax)), (282, 5, 180), (283, 5, 180), (296, 3, 2)]
head = b"II*\0" + struct.pack("<I", 64) + fax.ljust(56, b"\0")
rows = b"".join(struct.pack("<HHII", t, k, 1, v if k != 5 else 64 + 2 + 12 * len(tags) + 4) for t, k, v in tags)
open("fax.tif", "wb").write(head + struct.pack("<H", len(tags)) + rows + bytes(4) + struct.pack("<II", 200, 1))
P
# untouched FILTER=FILE...: out.pdf has a stream whose raw bytes are those of FILE, read through FILTER
untouched() {
    for pair; do
        for n in $(grep -aoE '^[0-9]+ 0 obj' out.pdf | cut -d ' ' -f 1); do
            qpdf --show-object="$n" out.pdf | grep -q "/Filter /${pair%%=*}" && qpdf --show-object="$n" --raw-stream-data out.pdf | cmp -s - "${pair#*=}" && continue 2
        done
        return 1
    done
}
for level in 1b 2b; do
    pdfa $level pictures.pdf
    [ "$rc" -eq 0 ] && claims "${level%b}" && untouched DCTDecode=photo.jpg CCITTFaxDecode=fax.g4
    pass "$level: a JPEG and a fax in a PDF go through untouched"
    pdfa $level photo.jpg
    [ "$rc" -eq 0 ] && claims "${level%b}" && untouched DCTDecode=photo.jpg
    pass "$level: a JPEG file"
    pdfa $level fax.tif
    [ "$rc" -eq 0 ] && claims "${level%b}" && untouched CCITTFaxDecode=fax.g4
    pass "$level: a fax in a TIFF"
done

# A batch tells of such pages by its exit status and in its journal.
run batch run -j 1 -f pdf,text --pdfa 2b --text-layer only arch bare.pdf plain.pdf
[ "$rc" -eq 1 ] && like err "*bare.pdf: page 2: it can't be made PDF/A*" && like err "*1 document is not the PDF/A that was asked for*" &&
    cat arch/.ocrvl/journal/* | grep '"t":"d"' | grep -q '"unfit":\["page 2: a font isn.t embedded: Helvetica"\]'
pass 'batch: status 1, and the page and the reason in the journal' || { cat err; find arch/.ocrvl; }
run batch run -j 1 -f pdf,text --pdfa 2b --text-layer only arch bare.pdf plain.pdf
[ "$rc" -eq 1 ] && run batch status arch && [ "$rc" -eq 1 ] && like out '*1 document is not the PDF/A*'
pass 'which stays so, and status says it'
run batch export -f pdf --pdfa 2b arch
[ "$rc" -eq 1 ]
pass 'export has it, too' || cat err
finish
