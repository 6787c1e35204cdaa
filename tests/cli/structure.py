"""structure.py OUT.pdf PAGE...: pages of 400 x 500 points, a content stream each, in which /F is Helvetica, /B Helvetica-Bold, /I
Helvetica-Oblique, /M Courier. In a stream "text(FONT SIZE X Y WORDS)" shows words."""
import re
import sys

from pdf_file import pdf_file

pages = sys.argv[2:]
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
open(sys.argv[1], "wb").write(pdf_file(objects))
