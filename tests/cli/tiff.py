"""tiff.py OUT PAGE...: a TIFF of raw PNM images (P5 or P6), uncompressed; a page named "gone" has its pixels past the file's end."""
import struct
import sys


def read_pnm(path):
    magic, size, _, data = open(path, "rb").read().split(b"\n", 3)
    width, height = map(int, size.split())
    return width, height, 1 if magic == b"P5" else 3, data


out = bytearray(b"II*\0\0\0\0\0")
link = 4  # where the next directory's offset goes
for page in sys.argv[2:]:
    width, height, channels, data = (8, 8, 1, b"") if page == "gone" else read_pnm(page)
    offset = 0x7FFFFF00 if page == "gone" else len(out)
    count = width * height * channels
    out += data + b"\0" * (len(data) % 2)
    bits = len(out)
    out += struct.pack("<4H", 8, 8, 8, 0)
    out[link:link + 4] = struct.pack("<I", len(out))
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, bits if channels == 3 else 8), (259, 3, 1, 1),
            (262, 3, 1, 1 if channels == 1 else 2), (273, 4, 1, offset), (277, 3, 1, channels), (278, 4, 1, height),
            (279, 4, 1, count)]
    out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *t) for t in tags)
    link = len(out)
    out += b"\0\0\0\0"
open(sys.argv[1], "wb").write(out)
