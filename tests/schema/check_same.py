"""Nothing gets lost: each page's text is the same, white space apart, in all five formats.

usage: check_same.py DIR NAME
"""
import json
import re
import sys
import xml.etree.ElementTree as ET

ALTO, XHTML = "{http://www.loc.gov/standards/alto/ns-v4#}", "{http://www.w3.org/1999/xhtml}"


def bare(text):
    return re.sub(r"\s+", "", text)


def alto_pages(path):
    for page in ET.parse(path).getroot().iter(ALTO + "Page"):
        yield bare("".join(e.get("CONTENT") for e in page.iter() if e.tag in (ALTO + "String", ALTO + "HYP")))


def hocr_pages(path):
    for page in ET.parse(path).getroot().iter(XHTML + "div"):
        if page.get("class") == "ocr_page":
            yield bare("".join(e.text or "" for e in page.iter(XHTML + "span") if e.get("class") == "ocrx_word"))


def main():
    stem = f"{sys.argv[1]}/{sys.argv[2]}."
    with open(stem + "json", encoding="utf-8") as f:
        pages = [page["text"] for page in json.load(f)]
    with open(stem + "jsonl", encoding="utf-8") as f:
        assert [json.loads(line)["text"] for line in f.read().split("\n") if line] == pages, "jsonl"
    bared = [bare(page) for page in pages]
    for name, found in ("alto", alto_pages(stem + "alto")), ("hocr", hocr_pages(stem + "hocr")):
        found = list(found)
        assert len(found) == len(pages), f"{len(found)} pages in {name}"
        for i, (a, b) in enumerate(zip(bared, found)):
            assert a == b, f"{name}: page {i + 1} has {b!r}, not {a!r}"
    with open(stem + "text", encoding="utf-8", newline="") as f:
        text = f.read()
    if sys.argv[2] != "hostile":  # whose broken words are joined
        assert text == "\f".join(page + "\n" if page else "" for page in pages), "text"
    print(len(pages), "pages,", sum(map(len, bared)), "characters")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as e:
        sys.exit(str(e)[:300])
