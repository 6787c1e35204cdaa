"""A page of many scripts with its words' boxes as ocrvl.page/1, and the comparison of what readers find in a PDF of it.

usage: scripts.py make > scripts.jsonl
       scripts.py base OUT.pdf                        a page for it, empty, turned, with its corner elsewhere
       scripts.py fax SCAN.pnm OUT.tif                the scan in black and white, 200 dpi, uncompressed
       scripts.py same A.pnm B.pbm C.pgm              whether these show the same
       scripts.py compare READER < extracted.txt      poppler, pdfjs, pdfbox or mupdf
"""
import json
import re
import struct
import sys
import unicodedata

LINES = [
    ("en", "ltr", "Hello wörld ﬁne naïve “quoted” co-operate"),
    ("el", "ltr", "Ἐν ἀρχῇ ἦν ὁ λόγος"),
    ("ru", "ltr", "Съешь ещё этих мягких булок"),
    ("ar", "rtl", "مرحبا بالعالم ٢٠٢٦ (نص)"),
    ("he", "rtl", "שלום עולם 123 בְּרֵאשִׁית"),
    ("zh", "ltr", "漢字𠮷野家 中文"),
    ("hi", "ltr", "नमस्ते दुनिया"),
    ("th", "ltr", "สวัสดี ชาวโลก"),
    ("en", "ltr", "emoji 😀 e\u0301a 👩‍👩‍👧"),
]


def page():
    text, lines, y = "\n".join(line for _, _, line in LINES), [], 100
    at = 0
    for lang, direction, line in LINES:
        words, x = [], 100 if direction == "ltr" else 1800
        start = at
        for word in line.split(" "):
            width = 40 * len(word)
            box = [x, y, x + width, y + 60] if direction == "ltr" else [x - width, y, x, y + 60]
            words.append({"text": word, "span": [start, start + len(word)], "bbox": box, "geometry": "detected", "confidence": 0.9})
            x += (width + 40) * (1 if direction == "ltr" else -1)
            start += len(word) + 1
        x0, x1 = min(w["bbox"][0] for w in words), max(w["bbox"][2] for w in words)
        lines.append({"text": line, "span": [at, at + len(line)], "bbox": [x0, y, x1, y + 60], "geometry": "detected", "confidence": 0.9,
                      "lang": lang, "dir": direction, "words": words})
        at += len(line) + 1
        y += 120
    block = {"id": "b1", "type": "paragraph", "text": text, "span": [0, len(text)], "bbox": [100, 100, 1900, y], "geometry": "detected",
             "confidence": 0.9, "lines": lines}
    return {"schema": "ocrvl.page/1", "generator": {"name": "ocrvl", "version": "0"},
            "source": {"file": "scripts.png", "media_type": "image/png", "pages": 1},
            "page": {"index": 0, "width": 2000, "height": 1400, "dpi": [300, 300], "rotation": 0}, "status": "ok", "confidence": 0.9,
            "text": text, "blocks": [block]}


def base(path):
    """480 x 336 points as it is shown."""
    sys.path.insert(0, "tests/cli")
    import onto

    p = onto.Pdf()
    contents = p.add("", b"q 2 0 0 2 9 9 cm 3 Tr 0.5 Tc Q Q 0 1 -1 0 5 5 cm q q")
    p.add("<< /Type /Catalog /Pages 3 0 R >>")
    p.add("<< /Type /Pages /Count 1 /Kids [4 0 R] /Rotate 270 /Resources << /ProcSet [/PDF] >> >>")
    p.add(f"<< /Type /Page /Parent 3 0 R /MediaBox [-50 10 400 600] /CropBox [20 60 356 540] /Contents {contents} 0 R >>")
    p.write(path, 2)


def read_pnm(path):
    """width, height, and a byte a pixel: 0 or 255."""
    data = open(path, "rb").read()
    depth = rb"" if data[:2] == b"P4" else rb"\d+\s"
    magic, width, height = re.match(rb"(P[45])\s(?:#.*\n)*(\d+)\s(\d+)\s" + depth, data).groups()
    width, height = int(width), int(height)
    if magic == b"P4":
        stride = (width + 7) // 8
        rows = data[len(data) - stride * height:]
        return width, height, bytes(0 if rows[y * stride + x // 8] >> (7 - x % 8) & 1 else 255 for y in range(height) for x in range(width))
    return width, height, bytes(255 if v > 127 else 0 for v in data[len(data) - width * height:])


def fax(scan, path):
    width, height, pixels = read_pnm(scan)
    stride = (width + 7) // 8
    rows = bytearray(stride * height)
    for y in range(height):
        for x in range(width):
            if pixels[y * width + x] == 0:
                rows[y * stride + x // 8] |= 128 >> x % 8
    resolution = 8 + len(rows) + len(rows) % 2
    tags = [(256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 1), (262, 3, 0), (273, 4, 8), (277, 3, 1), (278, 4, height),
            (279, 4, len(rows)), (282, 5, resolution), (283, 5, resolution), (296, 3, 2)]
    out = struct.pack("<2sHI", b"II", 42, resolution + 8) + rows + b"\0" * (len(rows) % 2) + struct.pack("<II", 200, 1)
    out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags) + b"\0\0\0\0"
    open(path, "wb").write(out)


def tidy(text):
    """Without what readers do themselves: marks of direction, ligatures as letters, joiners left out."""
    return re.sub("[\u200d-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", unicodedata.normalize("NFKC", text))


def expected(reader):
    """Brackets among letters from right to left: PDFBox mirrors them, poppler leaves them out of the run."""
    for _, direction, line in LINES:
        words = [w.strip("()") for w in line.split(" ")] if reader in ("pdfbox", "poppler") else line.split(" ")
        if reader == "mupdf" and direction == "rtl":  # it does no bidi: as it stands
            for w in words:
                digits = all(unicodedata.bidirectional(c) in ("EN", "AN") for c in w)
                yield w if digits else w[::-1]
        else:
            yield from words


def compare(reader):
    found = tidy(sys.stdin.read())
    missing = [w for w in expected(reader) if tidy(w) not in found]
    total = len(list(expected(reader)))
    print(f"{total - len(missing)} of {total} words")
    if missing:
        print("missing:", " ".join(missing))
    return 1 if missing else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        print(json.dumps(page(), ensure_ascii=False))
    elif sys.argv[1] == "fax":
        fax(*sys.argv[2:])
    elif sys.argv[1] == "same":
        sys.exit(len({read_pnm(path) for path in sys.argv[2:]}) != 1)
    elif sys.argv[1] == "base":
        base(sys.argv[2])
    else:
        sys.exit(compare(sys.argv[2]))
