"""Conversions lose nothing that both formats can say. Reads and writes through the program.

usage: check_convert.py OCRVL round SAMPLES NAME   our JSON to each format and back
       check_convert.py OCRVL foreign FOLDER       files as other tools write them
"""
import json
import re
import subprocess
import sys

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
    (page,) = pages(f"{folder}/alto2.xml")  # in 1/10 mm: 254 of them are 300 pixels
    same("alto", "text", "A bro-\nken", page["text"])
    same("alto", "size", (1500, 3000), (page["page"]["width"], page["page"]["height"]))
    same("alto", "word", [360, 300, 510, 375], page["blocks"][0]["lines"][0]["words"][1]["bbox"])
    same("alto", "baseline", [[300, 360], [900, 360]], page["blocks"][0]["lines"][0]["baseline"])
    (page,) = pages(f"{folder}/html5.hocr")
    same("hocr", "text", "café \xadno\xa0words\n\nein Wort\n\nzwei", page["text"])
    same("hocr", "language", "de", page["blocks"][1]["lang"])


if __name__ == "__main__":
    try:
        if sys.argv[2] == "round":
            round_trip(sys.argv[3], sys.argv[4])
        elif sys.argv[2] == "page":
            page_xml(sys.argv[3], 80)
        else:
            foreign(sys.argv[3])
    except AssertionError as e:
        sys.exit(str(e)[:400])
