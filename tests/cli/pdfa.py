"""pdfa.py OUT.pdf PAGE...: a page of each kind: plain, bare (Helvetica, not embedded), clear (half transparent), cmyk. Text is in a font of Type 3.
Of the document: script (it runs one), files (it has one attached), layers. The first page has a link without flags."""
import sys

from pdf_file import pdf_file

kinds = sys.argv[2:]
pages = [k for k in kinds if k in ("plain", "bare", "clear", "cmyk")]
drawn = (b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 97 /LastChar 98 /Widths [1000 1000] "
         b"/Encoding << /Differences [97 /a /b] >> /CharProcs << /a 5 0 R /b 5 0 R >> /Resources << >> /ToUnicode 6 0 R >>")
cmap = (b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange "
        b"2 beginbfchar <61> <0061> <62> <0062> endbfchar endcmap end end")
stream = lambda data: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
objects = [b"", b"", drawn, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
           stream(b"1000 0 0 0 750 750 d1 0 0 750 750 re f"), stream(cmap)]
content = {"plain": b"BT /T 20 Tf 40 150 Td (abba) Tj ET", "bare": b"BT /H 20 Tf 40 150 Td (Some text in Helvetica) Tj ET",
           "clear": b"/G gs BT /T 20 Tf 40 150 Td (abba) Tj ET", "cmyk": b"0 0 0 1 k BT /T 20 Tf 40 150 Td (abba) Tj ET"}
kids = []
for i, kind in enumerate(pages):
    objects.append(stream(content[kind]))
    fonts = b"/H 4 0 R" if kind == "bare" else b"/T 3 0 R"
    more = b"/ExtGState << /G << /ca 0.5 >> >>" if kind == "clear" else b""
    link = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [40 150 90 170] /Border [0 0 0] /A << /S /URI /URI (https://a.b) >> >>] /AA << /O << /S /JavaScript /JS (x) >> >>"
    objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents %d 0 R /Resources << /Font << %s >> %s >> %s >>"
                   % (len(objects), fonts, more, link if i == 0 else b""))
    kids.append(len(objects))
root = b""
if "script" in kinds:
    root += b" /OpenAction << /S /JavaScript /JS (app.alert) >> /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (x) >>] >> >>"
if "files" in kinds:
    root += b" /Names << /EmbeddedFiles << /Names [] >> >>"
if "layers" in kinds:
    root += b" /OCProperties << /OCGs [] /D << /AS [] >> >>"
objects[0] = b"<< /Type /Catalog /Pages 2 0 R%s >>" % root
objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
open(sys.argv[1], "wb").write(pdf_file(objects))
