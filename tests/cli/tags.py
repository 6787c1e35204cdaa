"""tags.py OUT.pdf KIND: tagged PDFs of 400 x 500 points; each KIND is a function here."""
import sys

from pdf_file import pdf_file

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def text(x, y, words, size=10):
    return b"BT /F %d Tf %d %d Td (%s) Tj ET " % (size, x, y, words.encode("cp1252"))


def marked(n, *shown, tag=b"P"):
    return b"/%s << /MCID %d >> BDC %s EMC\n" % (tag, n, b"".join(shown))


class Doc:
    """Objects 1 to 4: catalog, pages, font, tree's root; `add` numbers others."""

    def __init__(self):
        self.objects = [b""] * 4
        self.pages = []

    def add(self, data=b""):
        self.objects.append(data)
        return len(self.objects)

    def stream(self, data, more=b""):
        return self.add(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data))

    def page(self, content, more=b"", resources=b""):
        c = self.stream(content)
        n = self.add(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 500] /Contents %d 0 R /StructParents 0 %s "
                     b"/Resources << /Font << /F 3 0 R >> %s >> >>" % (c, more, resources))
        self.pages.append(n)
        return n

    def element(self, kind, kids, page=None, more=b""):
        """kids: numbers of content of the page, or references as bytes."""
        k = b" ".join(b"%d" % kid if isinstance(kid, int) else kid for kid in kids)
        pg = b"/Pg %d 0 R" % page if page else b""
        return b"%d 0 R" % self.add(b"<< /S /%s /K [%s] %s %s >>" % (kind, k, pg, more))

    def write(self, kids, root=b""):
        self.objects[0] = b"<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 4 0 R /MarkInfo << /Marked true >> >>"
        self.objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(self.pages), b" ".join(b"%d 0 R" % p for p in self.pages))
        self.objects[2] = FONT
        self.objects[3] = b"<< /Type /StructTreeRoot /K [%s] %s >>" % (b" ".join(kids), root)
        open(sys.argv[1], "wb").write(pdf_file(self.objects))


def everything(turn=b""):
    """Two pages; nothing on them looks like what it is but by its tags, and some of it is drawn in another order."""
    d = Doc()
    form = d.stream(marked(0, text(40, 60, "In a form.")), b"/Type /XObject /Subtype /Form /BBox [0 0 400 500] /Matrix [1 0 0 1 0 20] "
                    b"/StructParents 9 /Resources << /Font << /F 3 0 R >> >>")
    pixel = d.stream(b"\x80", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8")
    one = d.page(b"/Artifact << /Type /Pagination >> BDC " + text(40, 485, "Running head") + b"EMC\n"
                 + marked(1, text(40, 440, "After the right column."))
                 + marked(0, text(220, 440, "A head")) + marked(2, text(220, 425, "A paragraph that goes"), text(220, 413, "on here"))
                 + marked(3, text(40, 400, "x")) + marked(4, text(55, 400, "item")) + marked(5, text(60, 385, "inner"))
                 + marked(6, text(55, 370, "more of it"))
                 + marked(7, text(40, 340, "Key")) + marked(8, text(120, 340, "Both")) + marked(9, text(40, 325, "a"))
                 + marked(10, text(120, 325, "b")) + marked(11, text(200, 325, "c")) + marked(12, text(120, 310, "d"))
                 + marked(13, b"q 50 0 0 40 40 250 cm /Im Do Q ") + marked(14, text(40, 235, "The picture"))
                 + marked(15, text(40, 210, "bonjour")) + marked(16, text(40, 40, "A paragraph that")) + b"/Fm Do\n",
                 turn, b"/XObject << /Fm %d 0 R /Im %d 0 R >>" % (form, pixel))
    two = d.page(marked(0, text(40, 440, "goes on.")) + marked(1, text(40, 420, "Quoted")) + marked(2, text(40, 400, "Noted"))
                 + marked(3, text(40, 380, "Home made")), turn)
    p = lambda *kids, page=one, more=b"": d.element(b"P", kids, page, more)
    cell = lambda kind, n, more=b"": d.element(kind, [p(n)] if n is not None else [], one, more)
    span = b"/A [<< /O /Layout >> << /O /Table /%s 2 >>]"
    inner = d.element(b"L", [d.element(b"LI", [d.element(b"LBody", [p(5)])])])
    items = d.element(b"L", [d.element(b"LI", [d.element(b"Lbl", [3], one), d.element(b"LBody", [p(4), inner, p(6)])])])
    rows = [d.element(b"TR", [cell(b"TH", 7), cell(b"TH", 8, span % b"ColSpan")]),
            d.element(b"TR", [cell(b"TD", 9, span % b"RowSpan"), cell(b"TD", 10), cell(b"TD", 11)]),
            d.element(b"TR", [cell(b"TD", 12), cell(b"TD", None)])]
    table = d.element(b"Table", [d.element(b"TBody", rows)])
    figure = d.element(b"Figure", [13], one, b"/Alt (A grey [square])")
    in_form = d.element(b"P", [b"<< /Type /MCR /Pg %d 0 R /Stm %d 0 R /MCID 0 >>" % (one, form)])
    over = d.element(b"P", [16, b"<< /Type /MCR /Pg %d 0 R /MCID 0 >>" % two], one)
    d.write([d.element(b"Document", [
        d.element(b"H2", [0], one), p(2), p(1), items, table, figure, d.element(b"Caption", [14], one),
        p(15, more=b"/Lang (fr-FR)"), in_form, over, d.element(b"BlockQuote", [p(1, page=two)]), d.element(b"Note", [2], two),
        d.element(b"Ours", [3], two)])], b"/RoleMap << /Ours /Theirs /Theirs /H4 >>")


def boxes():
    """A list whose items are boxes to be ticked, which are drawn as artifacts, and their text."""
    d = Doc()
    texts = ("Seven wide rivers run", "to the quiet sea and", "the boats go by")
    square = b"".join(b"52 %d 9 9 re S " % y for y in (400, 380, 360)) + b"54 384 m 56 381 l 60 388 l S "
    one = d.page(b"/Artifact BMC 0.8 w " + square + b"EMC\n" + b"".join(marked(i, text(70, 400 - 20 * i, t, 11)) for i, t in enumerate(texts)))
    items = [d.element(b"LI", [d.element(b"LBody", [i], one)]) for i in range(3)]
    d.write([d.element(b"Document", [d.element(b"L", items)])])


def gaps():
    """A table over two pages as Chromium writes it: cells without content are left out, the head is drawn on each page
    as content of the same cells, and a cell of three rows is on the first page alone."""
    d = Doc()
    columns = (40, 120, 180, 240, 300)
    head = ("Name", "Mon", "Tue", "Wed", "Thu")
    rows = [[("Anna", 0), ("8", 1), ("4", 3)], [("Boris", 0), ("6", 3), ("2", 4)], [("Clara", 0), ("5", 1), ("7", 2)], [("3", 3)],
            [("1", 1), ("9", 4)], [("Dora", 0), ("10", 1), ("20", 2), ("30", 3), ("40", 4)], [("Emil", 0), ("11", 4)]]
    shown, cells = [b"", b""], [[[] for _ in head]] + [[[] for _ in r] for r in rows]
    count, y = [0, 0], [460, 460]

    def show(page, x, words, cell):
        shown[page] += marked(count[page], text(x, y[page], words))
        cell.append((page, count[page]))
        count[page] += 1

    for page in (0, 1):
        for x, words, cell in zip(columns, head, cells[0]):
            show(page, x, words, cell)
        y[page] -= 15
    for r, line in enumerate(rows):
        page = int(r > 3)
        for (words, c), cell in zip(line, cells[r + 1]):
            show(page, columns[c], words, cell)
        y[page] -= 15
    pages = [d.page(s) for s in shown]
    three = b"/A << /O /Table /RowSpan 3 >>"
    tree = [d.element(b"TR", [d.element(b"TD" if r else b"TH", [b"<< /Type /MCR /Pg %d 0 R /MCID %d >>" % (pages[p], n) for p, n in cell],
                                        more=three if r == 3 and k == 0 else b"") for k, cell in enumerate(line)])
            for r, line in enumerate(cells)]
    d.write([d.element(b"Document", [d.element(b"Table", tree)])])


def notes():
    """A note and a caption that the tree calls paragraphs, as most programs do."""
    d = Doc()
    body = [marked(i, text(40, 440 - 14 * i, "Words of the body which run on from one line to the next %d" % i)) for i in range(6)]
    page = d.page(b"".join(body) + marked(6, text(40, 340, "Here is one"), text(93, 344, "1", 6), text(98, 340, "of them."))
                  + marked(7, text(40, 310, "Table 1: What was sold")) + marked(8, text(40, 40, "1", 6), text(44, 37, "The note itself.", 7)))
    p = lambda *kids: d.element(b"P", kids, page)
    d.write([d.element(b"Document", [p(*range(6)), p(6), p(7), p(8)])])


def turned():
    everything(b"/Rotate 90")


def lines(n, order=None, tags=None, more=None):
    """Lines down the page, a paragraph each, in the tree's order; tags: how many of them are tagged."""
    d = Doc()
    tags = n if tags is None else tags
    page = d.page(b"".join(marked(i, text(40, 460 - 20 * i, "Line %c of it." % (97 + i))) if i < tags else text(40, 460 - 20 * i, "Line %c of it." % (97 + i))
                           for i in range(n)))
    kids = [d.element(b"P", [i], page) for i in (order or range(tags))]
    if more:
        more(d, kids, page)
    d.write([d.element(b"Document", kids)])


def backwards():
    lines(12, list(range(11, -1, -1)))


def half():
    lines(12, tags=6)


def cycle():
    """An element holds itself, its parent and another that holds it."""
    def more(d, kids, page):
        n = len(d.objects)
        d.add(b"<< /S /Sect /K [%d 0 R %d 0 R %s] >>" % (n + 1, n + 2, kids[0]))
        d.add(b"<< /S /Sect /K [%d 0 R %d 0 R] >>" % (n + 1, n + 2))
        kids.append(b"%d 0 R" % (n + 1))
    lines(4, more=more)


def twice():
    lines(10, list(range(10)) + list(range(9, -1, -1)))


def deep():
    """A paragraph below ten thousand groups."""
    def more(d, kids, page):
        for _ in range(10000):
            kids[-1] = d.element(b"Sect", [kids[-1]])
    lines(4, more=more)


def large():
    """400,000 elements, of which the paragraphs come last."""
    def more(d, kids, page):
        kids.insert(0, d.element(b"Sect", [b"<< /S /P >>"] * 400000))
    lines(4, more=more)


def instead():
    """Elements that tell what stands for what they show: a word, two words, a part of a word, and not as many words."""
    d = Doc()
    page = d.page(marked(0, text(40, 440, "Before")) + marked(1, text(80, 440, "1ban")) + marked(2, text(120, 440, "after"))
                  + marked(3, text(40, 420, "tvvo vvords")) + marked(4, text(40, 400, "pa")) + marked(5, text(51, 400, "rts of it"))
                  + marked(6, text(40, 380, "one word")) + marked(7, text(40, 360, "a hyphen-")))
    said = lambda n, text, kind=b"Span": d.element(kind, [n], page, b"/ActualText (%s)" % text)
    d.write([d.element(b"Document", [
        d.element(b"P", [0, said(1, b"iban"), 2], page), said(3, b"two words", b"P"), d.element(b"P", [said(4, b"xx"), 5], page),
        said(6, b"three words now", b"P"), d.element(b"P", [said(7, b"\\376\\377\\000\\255")], page)])])


def odd():
    """Matrices, numbers and attributes that make no sense."""
    d = Doc()
    page = d.page(b"q 1 0 0 1 99999999 99999999 cm " + marked(0, text(0, 0, "far")) + b"Q\n"
                  + b"/P << /MCID -1 >> BDC " + text(40, 460, "minus") + b"EMC /P << /MCID 99999999999999 >> BDC " + text(40, 440, "big")
                  + b"EMC " + marked(1, text(40, 400, "fine"))
                  + b"EMC /P /None BDC EMC EMC EMC BDC BMC 1e999 0 0 nan 0 cm ] >> [( ")
    spans = b"/A << /O /Table /RowSpan %d /ColSpan %d >>"
    cells = [d.element(b"TD", [1] if i == 0 else [], page, spans % (65535 if i else 1, -5 if i else 4000000000)) for i in range(700)]
    d.write([d.element(b"Table", [d.element(b"TR", cells)] * 3), d.element(b"P", [0], page), d.element(b"H99999999999", [], page)],
            b"/RoleMap << /P /Q /Q /P /TD 5 >> /ClassMap 7")


globals()[sys.argv[2]]()
