"""Conversions lose nothing that both formats can say. Reads and writes through the program.

usage: check_convert.py OCRVL round SAMPLES NAME   our JSON to each format and back
       check_convert.py OCRVL foreign FOLDER       files as other tools write them
       check_convert.py OCRVL both FILE            such a file to each format and back: nothing that both can say is lost
"""
import json
import os
import re
import subprocess
import sys
import tempfile

OCRVL = sys.argv[1]


def convert(form, path):
    run = subprocess.run([OCRVL, "convert", "-f", form, path], capture_output=True)
    assert run.returncode == 0, f"{path} to {form}: {run.stderr.decode()}"
    return run.stdout


def pages(path):
    return [json.loads(line) for line in convert("jsonl", path).decode().split("\n") if line]


def bare(text):
    return re.sub(r"\s+", "", text)


def lines(page):
    for block in page["blocks"]:
        for parent in block["table"]["cells"] if "table" in block else [block]:
            yield from parent.get("lines", [])


def words(page):
    """With a box of their own: what has none is given its line's where a format needs one."""
    return [(w["text"], w["bbox"]) for line in lines(page) for w in line.get("words", []) if "bbox" in w and w["bbox"] != line.get("bbox")]


def tables(page):
    return [bare(b["table"]["html"]) for b in page["blocks"] if b["type"] == "table" and b["table"]["rows"]]


def same(name, what, a, b):
    assert a == b, f"{name}: {what}: {str(b)[:120]} is not {str(a)[:120]}"


def round_trip(folder, name):
    stem = f"{folder}/{name}."
    with open(stem + "jsonl", encoding="utf-8") as f:
        first = [json.loads(line) for line in f.read().split("\n") if line]
    again = pages(stem + "jsonl")
    for a, b in zip(first, again):
        for p in (a, b):  # made anew from words whose language JSON doesn't tell; the run's own
            p.pop("generator"), p.pop("languages", None), p.pop("usage", None), p.pop("confidence")
    same("jsonl", "pages", first, again)
    for form in "hocr", "alto", "tsv":
        back = pages(stem + form)
        same(form, "number of pages", len(first), len(back))
        for i, (a, b) in enumerate(zip(first, back)):
            at = f"{form}: page {i + 1}"
            same(at, "text", bare(a["text"]), bare(b["text"]))
            same(at, "words", [w for w in words(a) if w in words(b)], [w for w in words(b) if w in words(a)])
            if a["status"] != "failed":
                same(at, "size", (a["page"]["width"], a["page"]["height"]), (b["page"]["width"], b["page"]["height"]))
            if form in ("alto", "page") and a["status"] != "failed":
                same(at, "border", a["page"].get("border"), b["page"].get("border"))
            if form == "alto":
                same(at, "index", a["page"]["index"], b["page"]["index"])
                same(at, "rotation", a["page"]["rotation"], b["page"]["rotation"])
                same(at, "roles", [x["type"] for x in a["blocks"]], [x["type"] for x in b["blocks"]])
            if form == "hocr" and name != "random":
                same(at, "tables", tables(a), tables(b))
        with open(f"{folder}/first.{form}", "wb") as f:
            f.write(convert(form, stem + form))
        with open(f"{folder}/again.{form}", "wb") as f:  # lines of nothing are gone now
            f.write(convert(form, f"{folder}/first.{form}"))
        same(form, "a second time", convert(form, f"{folder}/again.{form}"), open(f"{folder}/again.{form}", "rb").read())
    print(len(first), "pages")


def page_xml(folder, count):
    with open(f"{folder}/random.jsonl", encoding="utf-8") as f:
        first = [json.loads(line) for line in f.read().split("\n") if line]
    for i in range(count):
        (b,) = pages(f"{folder}/random-{i + 1}.page")
        a = first[i]
        at = f"page {i + 1}"
        same(at, "text", bare(a["text"]), bare(b["text"]))
        same(at, "roles", [(x["type"], x.get("level")) for x in a["blocks"]], [(x["type"], x.get("level")) for x in b["blocks"]])
        same(at, "tables", tables(a), tables(b))
        same(at, "index", a["page"]["index"], b["page"]["index"])


def regions(page):
    """Orders in orders, regions in regions and tables of each kind."""
    found = [(b["type"], b["text"], b.get("bbox")) for b in page["blocks"]]
    same("page", "blocks", [
        ("page_number", "first", [10, 70, 110, 90]), ("paragraph", "aside two", [10, 50, 100, 60]), ("paragraph", "aside zero", [10, 30, 100, 40]),
        ("paragraph", "aside one", [10, 10, 100, 20]), ("paragraph", "n the outer region", [10, 200, 900, 400]), ("other", "I", [10, 200, 60, 260]),
        ("paragraph", "late line", [10, 500, 900, 550]), ("table", "left\tright\nbelow", [10, 800, 900, 1000]),
        ("paragraph", "text of a region\nwithout lines", [10, 1200, 900, 1250]), ("table", "", [10, 600, 900, 700]),
        ("paragraph", "no cell", [10, 600, 400, 700]), ("paragraph", "nor this", [410, 600, 900, 700])], found)
    (word,) = page["blocks"][6]["lines"][0]["words"]
    same("page", "word", ("late", 0.75), (word["text"], word["confidence"]))
    cells = [(c["row"], c["col"], c["row_span"], c["col_span"], c["text"]) for c in page["blocks"][7]["table"]["cells"]]
    same("page", "cells", [(0, 0, 1, 2, "left"), (0, 2, 2, 1, "right"), (1, 0, 1, 1, "below")], cells)


def box(node):
    return node.get("bbox")


def near(a, b, by):
    """Points of two baselines, or numbers in lists: the same to `by`."""
    if a is None or b is None:
        return a is b
    flat = [[v for p in x for v in (p if isinstance(p, list) else [p])] for x in (a, b)]
    return len(flat[0]) == len(flat[1]) and all(abs(x - y) <= by for x, y in zip(*flat))


def both_ways(path):
    """hOCR and TSV give what has no box that of what is around it."""
    for form in "jsonl", "hocr", "alto", "page", "tsv":
        out = path_of(form)
        with open(out, "wb") as f:
            f.write(convert(form, path))
        for a, b in zip(pages(path), pages(out)):
            compare_pages(form, a, b)
        os.unlink(out)


def path_of(form):
    return os.path.join(tempfile.gettempdir(), f"ocrvl-both-{os.getpid()}.{form}")


def outline(line):
    """Corners that are the box's say no more than it."""
    (x0, y0, x1, y1), corners = box(line) or [0] * 4, line.get("polygon")
    return None if corners == [[x0, y0], [x1, y0], [x1, y1], [x0, y1]] else corners


def union(boxes):
    return [f(side) for f, side in zip((min, min, max, max), zip(*boxes))]


def told_words(form, line):
    """Of which more is known than the text; in hOCR and TSV a box that is the line's says nothing, and TSV joins words that
    no space parts."""
    rich, found, end = form in ("jsonl", "alto", "page"), [], None
    around = box(line) or union([box(w) for w in line.get("words", []) if box(w)])  # the box that a line without one is given
    if form == "tsv" and bare("".join(w["text"] for w in line.get("words", []))) != bare(line["text"]):
        return []  # words of which only a part is one become whole
    for w in line.get("words", []):
        if form == "tsv" and w["span"][0] == end and w["text"].isascii() and found:
            before = found.pop()
            b, c = box(before), box(w)
            w = {**w, "text": before["text"] + w["text"], "bbox": union([b, c]) if b and c else b or c, "confidence": min((v["confidence"] for v in (before, w) if v["confidence"] is not None), default=None)}
        end = w["span"][1]
        if (box(w) if rich else box(w) and box(w) != around) or (rich and w["confidence"] is not None):
            found.append(w)
    return found


def height(baseline, x):
    (x0, y0), (x1, y1) = baseline[0], baseline[-1]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def same_baseline(form, a, b):
    """hOCR tells slope and height, not where it ends."""
    if form != "hocr" or not a or not b:
        return near(a, b, 0.5)
    return all(abs(height(a, x) - y) <= 1.01 for x, y in b)


def spaces(form, text):
    """ALTO and TSV say that there is space, not which."""
    return text if form == "jsonl" else re.sub(r"\s+" if form in ("alto", "tsv") else " +", " ", text).strip(" ")


def language(form, node):
    """PAGE names languages, not what is spoken where."""
    lang = node.get("lang")
    return lang.split("-")[0] if lang and form == "page" else lang


def compare_lines(form, turned, a, b):
    rich = form in ("jsonl", "alto", "page")
    for x, y in zip(a, b):
        at = f"{form}: {x['text'][:30]!r}"
        same(at, "text", spaces(form, x["text"]), spaces(form, y["text"]))
        assert rich or box(y), f"{at}: no box"
        if not (form == "page" and "polygon" in x):  # an outline there, which may be larger
            same(at, "box", box(x) or (None if rich else box(y)), box(y))
        if form != "tsv":
            same(at, "lang", language(form, x), language(form, y))
            same(at, "dir", None if form == "hocr" and x.get("dir") == "ttb" else x.get("dir"), y.get("dir"))
        if rich:
            same(at, "handwritten", x.get("handwritten"), y.get("handwritten"))
            assert near(outline(x), outline(y), 0.5), f"{at}: polygon"
        if form != "tsv" and box(x) and not (form == "hocr" and turned):
            assert same_baseline(form, x.get("baseline"), y.get("baseline")), f"{at}: baseline {x.get('baseline')} {y.get('baseline')}"
        found, wanted = told_words(form, y), told_words(form, x)
        if wanted or form != "tsv":
            same(at, "words", [(w["text"], box(w)) for w in wanted], [(w["text"], box(w)) for w in found])
        if [w["text"] for w in wanted] == [w["text"] for w in found]:
            for v, w in zip(wanted, found):
                confidences = [v["confidence"], w["confidence"]]
                assert confidences.count(None) != 1 and (None in confidences or abs(v["confidence"] - w["confidence"]) < 0.006), f"{at}: {confidences}"


def compare_pages(form, a, b):
    rich = form in ("jsonl", "alto", "page")
    has_text = [x for x in a["blocks"] if rich or form == "hocr" and (x["text"] or box(x)) or x["text"]]
    same(form, "text", bare(a["text"]), bare(b["text"]))
    same(form, "size", (a["page"]["width"], a["page"]["height"]), (b["page"]["width"], b["page"]["height"]))
    if form != "tsv":
        same(form, "index", a["page"]["index"], b["page"]["index"])
        name = os.path.basename if form == "alto" else str  # where an image is found beside the file
        same(form, "file", name(a["source"]["file"]), b["source"]["file"])
        same(form, "tables", tables(a), tables(b))
        same(form, "cells", [[(c["row"], c["col"], box(c)) for c in x["table"]["cells"]] for x in a["blocks"] if "table" in x and x["table"]["rows"]],
             [[(c["row"], c["col"], box(c)) for c in x["table"]["cells"]] for x in b["blocks"] if "table" in x and x["table"]["rows"]])
    if rich:
        same(form, "SHA-256", a["source"].get("sha256"), b["source"].get("sha256"))
    if form in ("jsonl", "page"):
        same(form, "status", [a["status"], a.get("error"), a.get("warnings")], [b["status"], b.get("error"), b.get("warnings")])
    if form in ("jsonl", "page", "hocr"):
        same(form, "dpi", a["page"].get("dpi"), b["page"].get("dpi"))
    if rich:
        same(form, "blocks", [(x["type"], x.get("level"), box(x), language(form, x), x.get("dir")) for x in has_text],
             [(x["type"], x.get("level"), box(x), x.get("lang"), x.get("dir")) for x in b["blocks"]])
    compare_lines(form, a["page"]["rotation"], [x for x in lines(a) if x["text"] or rich and box(x)], [x for x in lines(b) if x["text"] or rich and box(x)])


def foreign(folder):
    """The same page by Tesseract in three formats, and what else its makers put into files."""
    by = {form: pages(f"{folder}/tesseract.{form}")[0] for form in ("hocr", "xml", "tsv")}
    want = words(by["hocr"])
    assert len(want) == 40, len(want)
    for form, page in by.items():
        same(form, "text", by["hocr"]["text"], page["text"])
        same(form, "words", want, words(page))
    same("hocr", "language", "en", by["hocr"]["blocks"][0]["lang"])
    assert by["hocr"]["text"].startswith("who wanted no affectionate duty to Manfred, though")
    (page,) = pages(f"{folder}/transkribus.page")
    same("page", "text", "Von Mäusen & Menſchen,\n\neins\t", page["text"])
    same("page", "roles", ["heading", "table", "figure"], [b["type"] for b in page["blocks"]])
    line = page["blocks"][0]["lines"][0]
    same("page", "language", "de", line["lang"])
    same("page", "box", [100, 110, 1100, 190], line["bbox"])
    same("page", "words", [("Von", 0.5), ("Mäusen", None)], [(w["text"], w["confidence"]) for w in line["words"]])
    same("page", "tables", ['<table><tr><th>eins</th><tdcolspan="2"></td></tr></table>'], tables(page))
    regions(pages(f"{folder}/regions.page")[0])
    (page,) = pages(f"{folder}/order.page")
    same("page", "order", ["2", "2", "1", "1", "3"], re.findall(r"region (\d)", page["text"]))
    (page,) = pages(f"{folder}/trp.page")
    same("page", "text", "$pag:39", page["text"].split("\n")[0])
    (page,) = pages(f"{folder}/order.xml")
    same("alto", "order", ["one", "two", "three", "four"], re.findall(r"Line (\w+)", page["text"]))
    (page,) = pages(f"{folder}/escriptorium.xml")
    same("alto", "baseline", [[5, 44], [224, 50]], page["blocks"][0]["lines"][0]["baseline"])
    (page,) = pages(f"{folder}/alto2.xml")  # in 1/10 mm: 254 of them are 300 pixels
    same("alto", "text", "A bro-\nken", page["text"])
    same("alto", "size", (1500, 3000), (page["page"]["width"], page["page"]["height"]))
    same("alto", "word", [360, 300, 510, 375], page["blocks"][0]["lines"][0]["words"][1]["bbox"])
    same("alto", "baseline", [[300, 360], [900, 360]], page["blocks"][0]["lines"][0]["baseline"])
    (page,) = pages(f"{folder}/html5.hocr")
    same("hocr", "text", "café \xadno\xa0words\n\nein Wort\n\nzwei", page["text"])
    same("hocr", "language", "de", page["blocks"][1]["lang"])
    unsized(folder)


def unsized(folder):
    """Pages whose file doesn't say how large they are, XHTML that isn't XML, and what else must not be lost."""
    size = lambda page: (page["page"]["width"], page["page"]["height"])
    (page,) = pages(f"{folder}/loose.hocr")
    same("hocr", "text", "A paragraph without lines & café\nR & D\n\none two", page["text"])
    same("hocr", "size", (800, 300), size(page))
    (page,) = pages(f"{folder}/bnf.xml")
    same("alto", "text", "the har-\nbour, quays\nsoft\xad", page["text"])
    same("alto", "size", (310, 120), size(page))
    same("alto", "joined", "the harbour,", convert("md", f"{folder}/bnf.xml").decode().split("\n")[0])
    (page,) = pages(f"{folder}/unsized.tsv")
    same("tsv", "text", "no line\nrows either", page["text"])
    same("tsv", "size", (410, 90), size(page))
    (page,) = pages(f"{folder}/words.tsv")  # whose rows of pages and lines were left out
    same("tsv", "words alone", "only words\nare\n\nkept", page["text"])
    same("tsv", "size", (220, 190), size(page))
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as two, open(f"{folder}/words.tsv") as one:
        two.write(one.read() + "5\t2\t1\t1\t1\t1\t10\t20\t100\t30\t90\ttwice\n")
        two.flush()
        same("tsv", "two pages of words", ["only words\nare\n\nkept", "twice"], [page["text"] for page in pages(two.name)])
    (page,) = pages(f"{folder}/unsized.page")
    same("page", "text", "of the region\n\nof the line", page["text"])
    same("page", "size", (420, 190), size(page))
    for name in "loose.hocr", "bnf.xml", "unsized.tsv", "unsized.page":
        (page,) = pages(f"{folder}/{name}")
        same(name, "status and warning", ("ok", ["page_size"]), (page["status"], [w["code"] for w in page["warnings"]]))


if __name__ == "__main__":
    try:
        if sys.argv[2] == "round":
            round_trip(sys.argv[3], sys.argv[4])
        elif sys.argv[2] == "page":
            page_xml(sys.argv[3], 80)
        elif sys.argv[2] == "both":
            both_ways(sys.argv[3])
        else:
            foreign(sys.argv[3])
    except AssertionError as e:
        sys.exit(str(e)[:400])
