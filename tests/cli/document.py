"""document.py OUT PAGE...: raw PNM images (P5 or P6) as the pages of a TIFF or PDF, as OUT's name ends, uncompressed.
In a TIFF a page named "gone" has its pixels past the file's end."""
import struct
import sys

from pdf_file import pdf_file


def read_pnm(path):
    magic, size, _, data = open(path, "rb").read().split(b"\n", 3)
    width, height = map(int, size.split())
    return width, height, 1 if magic == b"P5" else 3, data


def tiff(pages):
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4  # where the next directory's offset goes
    for page in pages:
        width, height, channels, data = (8, 8, 1, b"") if page == "gone" else read_pnm(page)
        offset = 0x7FFFFF00 if page == "gone" else len(out)
        out += data + b"\0" * (len(data) % 2)
        bits = len(out)
        out += struct.pack("<4H", 8, 8, 8, 0)
        out[link:link + 4] = struct.pack("<I", len(out))
        tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, bits if channels == 3 else 8), (259, 3, 1, 1),
                (262, 3, 1, 1 if channels == 1 else 2), (273, 4, 1, offset), (277, 3, 1, channels), (278, 4, 1, height),
                (279, 4, 1, width * height * channels)]
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *t) for t in tags)
        link = len(out)
        out += b"\0\0\0\0"
    return out


def pdf(pages):
    kids = " ".join("%d 0 R" % (3 * i + 3) for i in range(len(pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids.encode())]
    for page in pages:
        width, height, channels, data = read_pnm(page)
        n = len(objects) + 1
        space = b"/DeviceGray" if channels == 1 else b"/DeviceRGB"
        content = b"%d 0 0 %d 0 0 cm /I Do" % (width, height)
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /XObject << /I %d 0 R >> >> "
                       b"/Contents %d 0 R >>" % (width, height, n + 1, n + 2))
        objects.append(b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Length %d >>"
                       b"\nstream\n%s\nendstream" % (width, height, space, len(data), data))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return pdf_file(objects)


open(sys.argv[1], "wb").write((pdf if sys.argv[1].endswith(".pdf") else tiff)(sys.argv[2:]))
