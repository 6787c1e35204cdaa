"""PDFs of somebody else, and what must be left of them with text put onto their pages.

onto.py make KIND SCAN.pnm OUT       a PDF whose pages show the scan (P5, 200 dpi); see the functions for kinds
onto.py same IN OUT [PAGE...]        OUT is IN but for one more stream, first in each PAGE's content, and one more font in each
                                     PAGE's resources (1-based; all pages by default): objects, streams' bytes, trailer
onto.py words IN.jsonl OUT [SCALE]   poppler finds each word of the results in OUT where its box is
onto.py bomb OUT MIB                 a small PDF whose objects unpack to so much
onto.py packed OUT MIB PLACE         one in which a stream does so, packed twice, that the page doesn't show: PLACE is form or data
"""
import base64
import json
import math
import re
import subprocess
import sys
import zlib

from pdf_file import pdf_file

sys.setrecursionlimit(20000)


# ---- making -------------------------------------------------------------------------------------------


class Pdf:
    def __init__(self):
        self.objects = [b""]

    def add(self, dictionary, stream=None):
        if isinstance(dictionary, str):
            dictionary = dictionary.encode("latin-1")
        if stream is not None:
            dictionary = b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), dictionary, stream)
        self.objects.append(dictionary)
        return len(self.objects) - 1

    def reserve(self):
        return self.add(b"null")

    def set(self, number, text):
        self.objects[number] = text.encode("latin-1")

    def write(self, path, root, more=""):
        open(path, "wb").write(pdf_file(self.objects[1:], b"1.6\n%\xe2\xe3\xcf\xd3", root, more.encode()))


def read_pnm(path):
    magic, size, _, data = open(path, "rb").read().split(b"\n", 3)
    width, height = map(int, size.split())
    assert magic == b"P5"
    return width, height, data


TURNS = [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)]


def placed(box, turns, w, h):
    """The cm operands that show a picture upright on all of a page of that crop box and rotation."""
    a, b, c, d = TURNS[turns]
    e, f = (box[2] if turns in (1, 2) else box[0]), (box[3] if turns >= 2 else box[1])
    return f"{w * a} {w * b} {h * c} {h * d} {e} {f}"


HELLO = "BT /F1 12 Tf 30 20 Td (Visible) Tj ET\n"


def make(kind, scan, path):
    """plain: one page. turns: four pages, /Rotate 0 to 270, crop boxes off the origin, resources, rotation and boxes inherited and
    shared, our font's name taken. odd: contents that leave q open, that have a Q too many, in pieces, missing. rich: outline, form,
    annotation, metadata, names, structure, page labels. hidden: OCR by others, in all the ways of showing, and visible text.
    lean: the scan at an angle of 2 degrees. side: the scan lying on its left side, which no /Rotate tells. born: visible text. unseen: text
    that can't be seen otherwise than by its mode. mixed: born, then plain. form: hidden text in a form in a form. signed: with signature flags."""
    p = Pdf()
    width, height, data = read_pnm(scan)
    w, h = width * 72 / 200, height * 72 / 200
    image = p.add(f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8 "
                  "/Filter /FlateDecode", zlib.compress(data))
    font = p.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    root, pages = p.reserve(), p.reserve()
    kids, more = [], ""

    def page(content, turns=0, box=None, entries="", resources=None):
        box = box or [0, 0, w, h]
        if resources is None:
            resources = f"/Resources << /XObject << /I {image} 0 R >> /Font << /F1 {font} 0 R >> >>"
        if content is not None:
            if isinstance(content, str):
                content = [content]
            parts = [p.add("", c.replace("SHOW", f"q {placed(box, turns, w, h)} cm /I Do Q\n").encode("latin-1")) for c in content]
            list_ = f"{parts[0]} 0 R" if len(parts) == 1 else str(p.add("[ " + " ".join(f"{n} 0 R" for n in parts) + " ]")) + " 0 R"
            entries += f" /Contents {list_}"
        at = f"/MediaBox [{box[0] - 7} {box[1] - 5} {box[2] + 3} {box[3] + 9}] /CropBox [{' '.join(map(str, box))}]"
        kids.append(p.add(f"<< /Type /Page /Parent {pages} 0 R {at} /Rotate {turns * 90} {resources} {entries} >>"))

    catalog = ""
    inherit = ""
    if kind == "plain":
        page("SHOW")
    elif kind == "turns":
        shared = p.add(f"<< /XObject << /I {image} 0 R >> /Font << /Ocrvl1 {font} 0 R >> /ProcSet [/PDF] >>")
        inherit = f"/Resources {shared} 0 R"
        for turns in range(4):
            lies = turns % 2
            x, y = -31.5 + 50 * turns, 100.25 - 77 * turns
            box = [x, y, x + (h if lies else w), y + (w if lies else h)]
            page("SHOW", turns, box, "/UserUnit 1.5" if turns == 3 else "", "")
    elif kind == "odd":
        page("q q 0.5 0 0 0.5 10 10 cm q 2 0 0 2 -20 -20 cm SHOW q 3 Tr")
        page("SHOW Q Q 0.1 0 0 0.1 0 0 cm")
        page(["q", "SHOW", "Q % a comment without an end"])
        page(["SHOW"], entries="/Annots []")
        page(None)
    elif kind == "rich":
        note = p.add(f"<< /Type /Annot /Subtype /Text /Rect [1 1 20 20] /Contents (note \\(1\\) \\377) /P {len(p.objects) + 2} 0 R >>")
        page("SHOW" + HELLO.replace("BT", "/P <</MCID 0>> BDC BT").replace("ET\n", "ET EMC\n"),
             entries=f"/Annots [{note} 0 R] /StructParents 0 /Tabs /S")
        outline = p.add(f"<< /Type /Outlines /Count 1 /First {len(p.objects) + 1} 0 R /Last {len(p.objects) + 1} 0 R >>")
        p.add(f"<< /Title <FEFF00C4> /Parent {outline} 0 R /Dest [{kids[0]} 0 R /Fit] >>")
        xmp = p.add("/Type /Metadata /Subtype /XML", b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x/><?xpacket end='w'?>  ")
        field = p.add("<< /FT /Tx /T (name) /V (value) >>")
        embedded = p.add("/Type /EmbeddedFile", bytes(range(256)))
        attached = p.add(f"<< /Type /Filespec /F (a.bin) /EF << /F {embedded} 0 R >> >>")
        tree = p.add(f"<< /Type /StructTreeRoot /K << /S /P /Pg {kids[0]} 0 R /K 0 >> >>")
        info = p.add("<< /Title (A title) /Producer (somebody) /CreationDate (D:20010101000000Z) >>")
        catalog = (f"/Outlines {outline} 0 R /Metadata {xmp} 0 R /AcroForm << /Fields [{field} 0 R] >> /Names << /EmbeddedFiles << "
                   f"/Names [(a.bin) {attached} 0 R] >> >> /StructTreeRoot {tree} 0 R /MarkInfo << /Marked true >> /PageLabels << "
                   "/Nums [0 << /S /r >>] >> /Lang (en)")
        more = f"/Info {info} 0 R /ID [<00112233445566778899AABBCCDDEEFF> <FF>]"
    elif kind == "hidden":
        page("SHOW q BT 3 Tr /F1 9 Tf 1 0 0 1 5 5 Tm (old) Tj 20 0 Td [(wo) -20 (rds)] TJ T* (of) ' 1 2 (others) \" ET Q\n" + HELLO +
             "BT /F1 8 Tf 3 Tr 30 40 Td (gone) Tj 0 Tr 60 0 Td (Stays) Tj ET\n"
             "BT 3 Tr 1 0 0 1 30 60 Tm (kept) Tj 0 Tr (After) Tj ET\n" +  # moves what follows: it must stay
             "q BI /W 2 /H 1 /BPC 8 /CS /G ID \xff\x00 EI Q\n")
        page("SHOW")
    elif kind == "lean":
        c, t = math.cos(math.radians(2)), math.sin(math.radians(2))
        page(f"q {w * c} {w * t} {-h * t} {h * c} {20 + h * t} 20 cm /I Do Q", box=[0, 0, w + 40, h + w * t + 40])
    elif kind == "side":
        page(f"q 0 {w} {-h} 0 {h} 0 cm /I Do Q", box=[0, 0, h, w])
    elif kind == "born":
        page(HELLO)
    elif kind == "mixed":
        page(HELLO)
        page("SHOW")
    elif kind == "form":
        inner = p.add(f"/Type /XObject /Subtype /Form /BBox [0 0 900 900] /Resources << /Font << /F#31 {font} 0 R >> >>",
                      b"q 3 Tr BT /F1 9 Tf 10 10 Td (deep) Tj ET Q 0 0 5 5 re f")
        outer = p.add(f"/Type /XObject /Subtype /Form /BBox [0 0 900 900] /Filter /FlateDecode /Resources << /XObject << /In {inner} 0 R >> >>",
                      zlib.compress(b"/In Do"))
        page("SHOW /Out Do", resources=f"/Resources << /XObject << /I {image} 0 R /Out {outer} 0 R >> /Font << /F1 {font} 0 R >> >>")
    elif kind == "unseen":
        layer = p.add("<< /Type /OCG /Name (other) >>")
        catalog = f"/OCProperties << /OCGs [{layer} 0 R] /D << /OFF [{layer} 0 R] >> >>"
        more_resources = (f"/Resources << /XObject << /I {image} 0 R >> /Font << /F1 {font} 0 R >> /Properties << /L {layer} 0 R >> "
                          "/ExtGState << /Clear << /ca 0 >> /Opaque << /ca 1 >> >> >>")
        gone, stamp = "BT /F1 12 Tf 20 -15 Td (gone) Tj 60 30 Td (gone) Tj ET\n", "0 g BT /F1 10 Tf 300 -15 Td (Stamp) Tj ET\n"
        margin = "BT /F1 12 Tf 20 -15 Td (gone) Tj ET\n"
        for content in (gone.replace("-15", "5") + "SHOW", "SHOW /Clear gs " + gone + "/Opaque gs " + stamp, "SHOW q 7 Tr " + gone + "Q " + stamp,
                        "SHOW 1 1 1 rg " + margin + stamp, "SHOW q 0 0 1 1 re W n " + gone + "Q",
                        "SHOW q 0 0 1 1 re W n " + gone.replace("gone", "clipped") + "Q " + stamp,
                        "SHOW " + gone.replace("gone", "kept"), "SHOW /OC /L BDC " + gone.replace("gone", "layer") + "EMC " + stamp):
            turns = placed([0, 0, w, h], 0, w, h)
            page(content.replace("SHOW", f"q {turns} cm /I Do Q\n"), box=[0, -20, w, h], resources=more_resources)
    elif kind == "signed":
        signature = p.add("<< /Type /Sig /Filter /Adobe.PPKLite /ByteRange [0 1 2 3] /Contents <00> >>")
        page("SHOW")
        catalog = f"/AcroForm << /SigFlags 3 /Fields [<< /FT /Sig /T (s) /V {signature} 0 R >>] >>"
    p.set(root, f"<< /Type /Catalog /Pages {pages} 0 R {catalog} >>")
    p.set(pages, f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] {inherit} >>")
    p.write(path, root, more)


# ---- comparing ----------------------------------------------------------------------------------------


def load(path, *options):
    text = subprocess.run(["qpdf", "--json=2", "--json-stream-data=inline", "--decode-level=none", *options, path], stdout=subprocess.PIPE,
                          check=False).stdout
    document = json.loads(text)["qpdf"][1]
    return {k[4:] if k.startswith("obj:") else k: v for k, v in document.items()}


REFERENCE = re.compile(r"^\d+ \d+ R$")


class Comparison:
    def __init__(self, a, b, pages):
        self.a, self.b, self.pages = a, b, pages
        self.seen = {}
        self.changed = 0

    def page_numbers(self, objects):
        found = []

        def walk(ref):
            node = objects[ref]["value"]
            if node.get("/Type") == "/Pages":
                for kid in objects[node["/Kids"]]["value"] if isinstance(node["/Kids"], str) else node["/Kids"]:
                    walk(kid)
            else:
                found.append(ref)

        walk(objects[objects["trailer"]["value"]["/Root"]]["value"]["/Pages"])
        return found

    def value(self, x, y, where):
        if isinstance(x, str) and REFERENCE.match(x):
            assert isinstance(y, str) and REFERENCE.match(y), f"{where}: {x} became {y}"
            if x in self.seen:
                assert self.seen[x] == y, f"{where}: {x} became two objects"
                return
            self.seen[x] = y
            self.object(x, y, where)
        elif isinstance(x, dict):
            assert isinstance(y, dict) and x.keys() == y.keys(), f"{where}: {sorted(x)} became {sorted(y)}"
            for k in x:
                self.value(x[k], y[k], where + k)
        elif isinstance(x, list):
            assert isinstance(y, list) and len(x) == len(y), f"{where}: a list of {len(x)} became {y}"
            for i, (s, t) in enumerate(zip(x, y)):
                self.value(s, t, f"{where}[{i}]")
        else:
            assert x == y, f"{where}: {x!r} became {y!r}"

    def object(self, x, y, where):
        if x not in self.a:
            assert y not in self.b or self.b[y] == {"value": None}, f"{where}: null became an object"
            return
        s, t = self.a[x], self.b[y]
        if "stream" in s:
            u, v = s["stream"], t["stream"]
            assert u.get("data") == v.get("data"), f"{where}: stream {x} has other bytes"
            self.value(drop(u["dict"], "/Length"), drop(v["dict"], "/Length"), where)
        elif x in self.ours:
            self.page(s["value"], t["value"], where)
        else:
            self.value(s["value"], t["value"], where)

    def resolve(self, objects, v):
        while isinstance(v, str) and REFERENCE.match(v):
            v = objects.get(v, {"value": None}).get("value")
        return v

    def page(self, x, y, where):
        self.changed += 1
        old = x.get("/Contents")
        old = [] if old is None else self.resolve(self.a, old) if isinstance(self.resolve(self.a, old), list) else [old]
        new = y["/Contents"]
        assert len(new) == len(old) + 1, f"{where}: contents {new}"
        self.value(old, new[1:], where + "/Contents")
        node = x
        while "/Resources" not in node and "/Parent" in node:
            node = self.a[node["/Parent"]]["value"]
        was, now = self.resolve(self.a, node.get("/Resources")) or {}, y["/Resources"]
        fonts, more = self.resolve(self.a, was.get("/Font")) or {}, now["/Font"]
        added = set(more) - set(fonts)
        assert len(added) == 1, f"{where}: fonts {sorted(fonts)} became {sorted(more)}"
        content = zlib.decompress(base64.b64decode(self.b[new[0]]["stream"]["data"])).decode()
        assert added.pop() + " " in content and content.startswith("q ") and content.endswith("Q\n"), f"{where}: {content[:60]}"
        assert " Tr" not in content.replace("3 Tr", ""), f"{where}: visible"
        self.value(drop(was, "/Font"), drop(now, "/Font"), where + "/Resources")
        for k in fonts:
            self.value(fonts[k], more[k], where + "/Font")
        self.value(drop(x, "/Contents", "/Resources"), drop(y, "/Contents", "/Resources"), where)

    def run(self):
        numbers = self.page_numbers(self.a)
        self.ours = {numbers[int(i) - 1] for i in self.pages} if self.pages else set(numbers)
        s, t = (drop(d["trailer"]["value"], "/Size", "/ID", "/Prev", "/XRefStm", "/Index", "/W", "/Type", "/Length", "/Filter",
                     "/DecodeParms", "/Encrypt") for d in (self.a, self.b))
        self.value(s, t, "trailer")
        assert self.changed == len(self.ours), f"{self.changed} pages of {len(self.ours)}"


def drop(d, *keys):
    return {k: v for k, v in d.items() if k not in keys}


def same(a, b, *pages):
    password = ["--password=" + pages[0][9:]] if pages and pages[0].startswith("password=") else []
    Comparison(load(a, *password), load(b, *password), pages[len(password):]).run()


# ---- words --------------------------------------------------------------------------------------------


def words(results, pdf):
    pages = [json.loads(line) for line in open(results, encoding="utf-8")]
    html = subprocess.run(["pdftotext", "-bbox", "-cropbox", "-enc", "UTF-8", pdf, "-"], stdout=subprocess.PIPE, check=True).stdout.decode()
    sheets = re.findall(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', html, re.S)
    assert len(sheets) == len(pages), f"{len(sheets)} pages"
    total = 0
    for page, (w, h, body) in zip(pages, sheets):
        if (float(w) > float(h)) != (page["page"]["width"] > page["page"]["height"]):  # poppler says the size before turning
            w, h = h, w
        sx, sy = float(w) / page["page"]["width"], float(h) / page["page"]["height"]
        found = {}
        for x0, y0, x1, y1, text in re.findall(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', body):
            text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
            found.setdefault(text, []).append([float(v) for v in (x0, y0, x1, y1)])
        along, across = (1, 0) if page["page"]["rotation"] % 180 else (0, 1)
        for block in page["blocks"]:
            lines = [line for b in (block, *block.get("table", {}).get("cells", [])) for line in b.get("lines", [])]
            for word in (w for line in lines for w in line["words"] if w["bbox"]):
                x0, y0, x1, y1 = (v * s for v, s in zip(word["bbox"], (sx, sy, sx, sy)))
                total += 1
                box = [x0, y0, x1, y1]
                assert any(abs(f[along] - box[along]) < 3 and abs(f[along + 2] - box[along + 2]) < 5
                           and f[across] < (box[across] + box[across + 2]) / 2 < f[across + 2] for f in found.get(word["text"], [])), \
                    f"{word['text']} should be at {box}, is at {found.get(word['text'])}"
    assert total > 10, total


# ---- bombs --------------------------------------------------------------------------------------------


def bomb(path, mib):
    """A page with a line and no text, and an object in an object stream that unpacks to so many MiB and is read by who writes
    the document anew."""
    out, at = bytearray(b"%PDF-1.5\n"), {}

    def put(number, text, data=None):
        at[number] = len(out)
        stream = b"" if data is None else b"/Length %d>>\nstream\n%s\nendstream" % (len(data), data)
        out.extend(b"%d 0 obj\n%s%s\nendobj\n" % (number, text, stream))

    put(1, b"<</Type/Catalog/Pages 2 0 R/Names 6 0 R>>")
    put(2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    put(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R>>")
    put(4, b"<<", b"2 w 50 50 m 250 150 l S")
    pack = zlib.compressobj(1)
    packed = pack.compress(b"6 0 <</A 1>>") + b"".join(pack.compress(bytes([32]) * (1 << 20)) for _ in range(int(mib))) + pack.flush()
    put(5, b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode", packed)
    at[7] = len(out)
    rows = bytes(6) + b"".join(b"\1" + at[i].to_bytes(4, "big") + b"\0" for i in range(1, 6))
    rows += b"\2" + (5).to_bytes(4, "big") + b"\0" + b"\1" + at[7].to_bytes(4, "big") + b"\0"
    put(7, b"<</Type/XRef/Size 8/W[1 4 1]/Root 1 0 R", rows)
    out.extend(b"startxref\n%d\n%%%%EOF\n" % at[7])
    open(path, "wb").write(out)


def packed(path, mib, place):
    """A page with a line and no text, and a stream that PDF/A has to unpack: a form among the page's resources, or data of a program."""
    pack = zlib.compressobj(1)
    data = b"".join(pack.compress(bytes([32]) * (1 << 20)) for _ in range(int(mib))) + pack.flush()
    pdf = Pdf()
    catalog, pages, page = pdf.reserve(), pdf.reserve(), pdf.reserve()
    stream = pdf.add("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter [/FlateDecode /FlateDecode]", zlib.compress(data, 9))
    contents = pdf.add("", b"2 w 50 50 m 250 150 l S")
    more = {"form": f"/Resources << /XObject << /X {stream} 0 R >> >>", "data": f"/PieceInfo {stream} 0 R"}[place]
    pdf.set(catalog, f"<< /Type /Catalog /Pages {pages} 0 R >>")
    pdf.set(pages, f"<< /Type /Pages /Kids [{page} 0 R] /Count 1 >>")
    pdf.set(page, f"<< /Type /Page /Parent {pages} 0 R /MediaBox [0 0 300 200] /Contents {contents} 0 R {more} >>")
    pdf.write(path, catalog)


if __name__ == "__main__":
    try:
        {"make": make, "same": same, "words": words, "bomb": bomb, "packed": packed}[sys.argv[1]](*sys.argv[2:])
    except AssertionError as e:
        sys.exit(str(e))
