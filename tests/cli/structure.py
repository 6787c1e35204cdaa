"""structure.py OUT.pdf [--outline|--cycle] PAGE...: pages of 400 x 500 points, a content stream each, in which /F is Helvetica, /B Helvetica-Bold, /I
Helvetica-Oblique, /M Courier. In a stream "text(FONT SIZE X Y WORDS)" shows words. The title is "A & B", the author "Someone";
--outline: it has an outline of two levels; --cycle: of one that leads back to its first entry, and down to itself."""
import re
import sys

from pdf_file import pdf_file

args = sys.argv[2:]
outline = args[0] in ("--outline", "--cycle") and args.pop(0)
pages = args
fonts = ["Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Courier"]
kids = b" ".join(b"%d 0 R" % (3 + 2 * i) for i in range(len(pages)))
first_font = 3 + 2 * len(pages)
resources = b"<< /Font << %s >> >>" % b" ".join(b"/%s %d 0 R" % (n, first_font + i) for i, n in enumerate([b"F", b"B", b"I", b"M"]))
objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids)]
for i, page in enumerate(pages):
    content = re.sub(r"text\((\w) (\S+) (\S+) (\S+) ((?:[^()\\]|\\.)*)\)", r"BT /\1 \2 Tf \3 \4 Td (\5) Tj ET", page).encode("cp1252")
    objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 500] /Contents %d 0 R /Resources %s >>" % (4 + 2 * i, resources))
    objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
for f in fonts:
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % f.encode())
info = b"/Info %d 0 R" % (len(objects) + 1)
objects.append(b"<< /Title (A & B) /Author (Someone) /CreationDate (D:20261124120000+02'00') >>")
if outline:
    n = len(objects) + 1
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines %d 0 R >>" % n
    inner = n + 1 if outline == "--cycle" else n + 2
    more = b"/Next %d 0 R " % (n + 1) if outline == "--cycle" else b""
    objects += [b"<< /First %d 0 R /Last %d 0 R >>" % (n + 1, n + 1),
                b"<< /Title (Outer\n one) /First %d 0 R /Last %d 0 R %s/Dest [3 0 R /Fit] >>" % (inner, inner, more),
                b"<< /Title (Inner) /Dest [%d 0 R /Fit] >>" % (1 + 2 * len(pages))]
open(sys.argv[1], "wb").write(pdf_file(objects, more=info))
