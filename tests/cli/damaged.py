"""PDFs of one page that are damaged: damaged.py KIND [JPEG] >OUT"""
import sys
import zlib

from pdf_file import pdf_file

PRINT = b"BT /F 12 Tf 10 50 Td (The minutes of the last meeting) Tj ET\n"


def stream(entries, data):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def make(kind, jpeg):
    """font, content: a font, and half of the content, are missing. Q: an operator too many. picture: half of a JPEG with an
    end mark. sound: nothing is wrong."""
    content, entries, image = PRINT, b"", b"null"
    if kind == "font":
        content += PRINT.replace(b"/F", b"/G")
    elif kind == "content":
        packed = zlib.compress(b"".join(PRINT.replace(b"50 Td", b"%d Td" % y) for y in range(99)))
        content, entries = packed[:len(packed) // 2], b"/Filter/FlateDecode"
    elif kind == "Q":
        content = b"Q " + PRINT
    elif kind == "picture":
        data = open(jpeg, "rb").read()
        data = data[:len(data) // 2] + b"\xff\xd9"
        frame = data.index(b"\xff\xc0")
        height, width = (int.from_bytes(data[frame + at:frame + at + 2], "big") for at in (5, 7))
        space = b"Gray" if data[frame + 9] == 1 else b"RGB"
        image = stream(b"/Type/XObject/Subtype/Image/Filter/DCTDecode/BitsPerComponent 8/ColorSpace/Device%s/Width %d/Height %d" %
                       (space, width, height), data)
        content = b"q 300 0 0 200 0 0 cm /I Do Q"
    return pdf_file([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>>>",
        stream(entries, content), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", image])


sys.stdout.buffer.write(make(*(sys.argv[1:] + [None])[:2]))
