"""A PDF of three pages, of which the second takes its renderer for ever: forms that each draw the next one ten times.

batch_hang.py OUT"""
import sys

DEPTH = 11
objects = []


def stream(head, data):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)


def page(contents, resources):
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 60] /Contents %d 0 R /Resources << %s >> >>" % (contents, resources)


objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
objects.append(b"<< /Type /Pages /Count 3 /Kids [3 0 R 4 0 R 5 0 R] >>")
font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
objects.append(page(6, font))
objects.append(page(7, b"/XObject << /X 8 0 R >>"))
objects.append(page(6, font))
objects.append(stream(b"", b"BT /F 20 Tf 20 20 Td (A line of text) Tj ET"))
objects.append(stream(b"", b"/X Do"))
for i in range(DEPTH):
    last = i == DEPTH - 1
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 200 60]"
    head += b"" if last else b" /Resources << /XObject << /X %d 0 R >> >>" % (9 + i)
    objects.append(stream(head, b"0 0 1 1 re f" if last else b"/X Do " * 10))
out = b"%PDF-1.4\n"
offsets = []
for number, body in enumerate(objects, 1):
    offsets.append(len(out))
    out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
start = len(out)
out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
open(sys.argv[1], "wb").write(out)
