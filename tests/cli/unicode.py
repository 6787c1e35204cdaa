"""unicode.py OUT.pdf KIND...: a page for each kind, of the same three lines in a font whose characters aren't what it shows.
shifted, one, private, digits: ToUnicode is shifted by one, has one letter for all, has private characters, or is right for digits alone;
swapped: its e and t, a and o, n and i stand for one another. custom, names: there is no ToUnicode, and the names of glyphs, of which codes are far from ASCII, say nothing, or each is that of the next letter.
sound: all is as it should be, in a font of the same name as that of shifted. both: the second line is in a font like shifted's, the others in one like
sound's, of the same name but for the tags of subsets."""
import string
import sys

from pdf_file import pdf_file

LINES = ["Seven wide rivers run to the quiet sea", "and the boats of 1234 men go by in 5678 days", "while nothing at all is heard of them"]
letters = string.ascii_letters
stream = lambda data: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def said(kind, c):
    if kind == "shifted":
        return chr(ord(c) + 1)
    if kind == "one":
        return "e"
    if kind == "private":
        return chr(0xE000 + ord(c))
    if kind == "digits" and c in letters:
        return letters[(letters.index(c) + 11) % 52]
    if kind == "swapped":
        return c.translate(str.maketrans("etaoni", "teoain"))
    return c


def to_unicode(kind):
    chars = "".join(b"<%02X> <%04X>\n".decode() % (ord(c), ord(said(kind, c))) for c in letters + string.digits).encode()
    return stream(b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
                  b"1 begincodespacerange <00> <FF> endcodespacerange\n62 beginbfchar\n%sendbfchar\nendcmap end end" % chars)


fonts = {"sound": b"Helvetica", "shifted": b"Helvetica", "one": b"Courier-Bold", "private": b"Courier", "digits": b"Times-Roman", "swapped": b"Helvetica-Bold"}
standard = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding%s >>"
chars = letters + string.digits
code = lambda c, own: 33 + chars.index(c) * 5 % 62 if own and c != " " else ord(c)
show = lambda own, line: b"<%s> Tj T*" % "".join("%02X" % code(c, own) for c in line).encode()
content = lambda own, fonts="FFF": b"BT 24 TL 4 120 Td " + b" ".join(b"/%c 15 Tf " % ord(f) + show(own, line) for f, line in zip(fonts, LINES)) + b" ET"
objects, kids = [b"<< /Type /Catalog /Pages 2 0 R >>", b""], []
add = lambda o: objects.append(o) or len(objects)
for kind in sys.argv[2:]:
    own = kind in ("custom", "names")
    if own:
        name = {c: b"/g%d" % (i + 1) if kind == "custom" else b"/" + letters[(i + 1) % 52].encode() for i, c in enumerate(letters)}
        name.update({c: b"/g%d" % (i + 60) if kind == "custom" else b"/d%d" % i for i, c in enumerate(string.digits)})
        width = lambda c: 278 if c in "ftI " else 222 if c in "ijl" else 333 if c == "r" else 500 if c in "cksvxyz" else 833 if c in "mM" else 722 if c in "w" else 556
        procs = b" ".join(b"%s %d 0 R" % (name[c], add(stream(b"%d 0 d0 BT /H 1000 Tf (%s) Tj ET" % (width(c), c.encode())))) for c in chars)
        differences = b" ".join(b"%d %s" % (code(c, True), name[c]) for c in sorted(chars, key=lambda c: code(c, True)))
        widths = {code(c, True): width(c) for c in chars}
        font = add(b"<< /Type /Font /Subtype /Type3 /FontBBox [0 -250 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 32 /LastChar 122 /Widths [%s] "
                   b"/Encoding << /Differences [32 /space %s] >> /CharProcs << %s /space %d 0 R >> /Resources << /Font << /H %d 0 R >> >> >>"
                   % (b" ".join(b"%d" % widths.get(c, 278) for c in range(32, 123)), differences, procs, add(stream(b"278 0 d0")), add(standard % (b"Helvetica", b""))))
    elif kind == "both":
        font, other = (add(standard % (tag + b"+Helvetica", b" /ToUnicode %d 0 R" % add(to_unicode(k)))) for tag, k in ((b"AAAAAA", "sound"), (b"BBBBBB", "shifted")))
    else:
        font = add(standard % (fonts[kind], b" /ToUnicode %d 0 R" % add(to_unicode(kind))))
    shown = add(stream(content(own, "FGF" if kind == "both" else "FFF")))
    kids.append(add(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 160] /Contents %d 0 R /Resources << /Font << /F %d 0 R /G %d 0 R >> >> >>"
                    % (shown, font, other if kind == "both" else font)))
objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
open(sys.argv[1], "wb").write(pdf_file(objects))
