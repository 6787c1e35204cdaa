"""Nothing gets lost: each page's text is the same, white space apart, in all formats.

usage: check_same.py DIR NAME
"""
import json
import re
import sys
import xml.etree.ElementTree as ET

ALTO, XHTML = "{http://www.loc.gov/standards/alto/ns-v4#}", "{http://www.w3.org/1999/xhtml}"
PAGE = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"


def bare(text):
    return re.sub(r"\s+", "", text)


def alto_pages(path):
    for page in ET.parse(path).getroot().iter(ALTO + "Page"):
        yield bare("".join(e.get("CONTENT") for e in page.iter() if e.tag in (ALTO + "String", ALTO + "HYP")))


def hocr_pages(path):
    for page in ET.parse(path).getroot().iter(XHTML + "div"):
        if page.get("class") == "ocr_page":
            yield bare("".join(e.text or "" for e in page.iter(XHTML + "span") if e.get("class") == "ocrx_word"))


def page_pages(stem, count):
    for i in range(count):
        path = stem + "page" if count == 1 else f"{stem[:-1]}-{i + 1}.page"
        yield bare("".join(e.find(f"{PAGE}TextEquiv/{PAGE}Unicode").text or "" for e in ET.parse(path).getroot().iter(PAGE + "Word")))


def tsv_pages(path):
    with open(path, encoding="utf-8", newline="") as f:
        rows = [line.split("\t") for line in f.read().split("\n")[1:-1]]
    pages = []
    for row in rows:
        if row[0] == "1":
            pages.append([])
        pages[-1].append(row[11])
    return [bare("".join(page)) for page in pages]


def main():
    stem = f"{sys.argv[1]}/{sys.argv[2]}."
    with open(stem + "json", encoding="utf-8") as f:
        pages = [page["text"] for page in json.load(f)]
    with open(stem + "jsonl", encoding="utf-8") as f:
        assert [json.loads(line)["text"] for line in f.read().split("\n") if line] == pages, "jsonl"
    bared = [bare(page) for page in pages]
    readers = [("alto", alto_pages(stem + "alto")), ("hocr", hocr_pages(stem + "hocr")), ("tsv", tsv_pages(stem + "tsv"))]
    if sys.argv[2] != "bad":
        readers.append(("page", page_pages(stem, len(pages))))
    for name, found in readers:
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
