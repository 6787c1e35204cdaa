"""own_text.py OUT.pdf CONTENT [SHIFT|0xCODE] [--picture FILE.pgm] [--link ADDRESS] [--lang TAG]: one page of 400 x 200 points with the content stream, in which /F
is Helvetica, /M Courier, /I the picture and /Off a layer that is switched off. With SHIFT the file says that each character of /F is
the one so many places on; with 0xCODE, that each is that one; with --hebrew that small letters are Hebrew ones. The content @FILE is that of a file. With --fields
a form's field holds "Filled in", and a note says "A free note". With --crop the page shows (20, 20) to (380, 188) of that alone. The link is from (100, 140) to (200, 170); "#" leads to the page itself."""
import sys

from pdf_file import pdf_file

args = sys.argv[1:]
picture = b"P5 1 1 255 \xff"
if "--picture" in args:
    at = args.index("--picture")
    picture = open(args[at + 1], "rb").read()
    del args[at : at + 2]
link = b""
if "--link" in args:
    at = args.index("--link")
    leads = b"/Dest [3 0 R /Fit]" if args[at + 1] == "#" else b"/A << /S /URI /URI (%s) >>" % args[at + 1].encode()
    link = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [100 140 200 170] /Border [0 0 0] %s >>] " % leads
    del args[at : at + 2]
lang = b""
if "--lang" in args:
    at = args.index("--lang")
    lang = b"/Lang (%s) " % args[at + 1].encode()
    del args[at : at + 2]
crop = b"/CropBox [20 20 380 188] " if "--crop" in args and not args.remove("--crop") else b""
hebrew = "--hebrew" in args and not args.remove("--hebrew")
fields = b""
if "--fields" in args:
    args.remove("--fields")
    link = (b"/Annots [10 0 R "
            b"<< /Type /Annot /Subtype /FreeText /Contents (A free note) /DA (/Helv 10 Tf 0 g) /Rect [40 60 240 80] /F 4 >>] ")
    fields = b"/AcroForm << /Fields [10 0 R] /NeedAppearances true /DR << /Font << /Helv 5 0 R >> >> /DA (/Helv 10 Tf 0 g) >> "
content = (open(args[1][1:]).read() if args[1][0] == "@" else args[1]).encode("latin-1")
said = args[2] if len(args) > 2 else ""
if said.startswith("0x"):
    ranges = b"".join(b"<%02X> <%s>\n" % (c, said[2:].encode()) for c in range(0x21, 0x7B))
    ranges = b"90 beginbfchar\n%sendbfchar" % ranges
else:
    ranges = b"2 beginbfrange\n<21> <60> <0021>\n<61> <7A> <05D0>\nendbfrange" if hebrew else b"1 beginbfrange\n<21> <7A> <%04X>\nendbfrange" % (0x21 + int(said or 0))
cmap = (b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <FF> endcodespacerange\n%s\nendcmap end end" % ranges)
_, width, height, _ = picture.split(None, 4)[:4]
pixels = picture[-int(width) * int(height) :]
objects = [
    b"<< /Type /Catalog /Pages 2 0 R " + lang + fields + b"/OCProperties << /OCGs [8 0 R] /D << /OFF [8 0 R] >> >> >>",
    b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R " + crop + link + b"/Resources << /Font << /F 5 0 R /M 7 0 R >> "
    b"/XObject << /I 9 0 R >> /Properties << /Off 8 0 R >> >> >>",
    b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding%s >>" % (b" /ToUnicode 6 0 R" if said or hebrew else b""),
    b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    b"<< /Type /OCG /Name (Off) >>",
    b"<< /Type /XObject /Subtype /Image /Width %s /Height %s /ColorSpace /DeviceGray /BitsPerComponent 8 /Length %d >>\nstream\n%s\nendstream"
    % (width, height, len(pixels), pixels),
]
if fields:
    objects.append(b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (Filled in) /DA (/Helv 10 Tf 0 g) /Rect [160 145 360 165] /F 4 >>")
open(args[0], "wb").write(pdf_file(objects, b"1.5"))
