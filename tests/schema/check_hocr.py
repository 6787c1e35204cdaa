"""A strict check of hOCR 1.2 as ocrvl writes it: classes and where they may stand, required and allowed properties and
their grammar, capabilities, polyglot XHTML.

usage: check_hocr.py FILE
"""
import re
import sys
import xml.etree.ElementTree as ET

NS = "{http://www.w3.org/1999/xhtml}"
AREAS = {"ocr_carea", "ocr_table", "ocr_header", "ocr_footer", "ocr_pageno", "ocr_photo", "ocr_separator"}
# class: (tags, parents by class or tag)
CLASSES = {
    "ocr_page": ("div", {"body"}),
    "ocr_title": ("div", {"ocr_carea"}),
    "ocr_caption": ("div", {"ocr_carea"}),
    "ocr_par": ("p", {"ocr_carea", "ocr_header", "ocr_footer", "ocr_pageno", "ocr_photo", "ocr_separator", "ocr_caption", "ocr_title",
                      "td", "th"}),
    "ocr_line": ("span", {"ocr_par"}),
    "ocrx_word": ("span", {"ocr_line"}),
    **{c: ("div", {"ocr_page"}) for c in AREAS},
}
QUOTED = r'"[^";\x00-\x1f\x7f]+"'
PROPERTIES = {
    "bbox": r"\d+ \d+ \d+ \d+",
    "baseline": r"-?\d+(\.\d+)? -?\d+",
    "textangle": r"(90|180|270)",
    "poly": r"\d+ \d+( \d+ \d+){2,}",
    "x_wconf": r"(100|\d\d?)",
    "x_font": QUOTED,
    "x_fsize": r"[1-9]\d*",
    "image": QUOTED,
    "ppageno": r"\d+",
    "lpageno": r"\d{1,9}|" + QUOTED,
    "imagemd5": r'"[0-9A-F]{32}"',
    "scan_res": r"[1-9]\d* [1-9]\d*",
    "x_source": QUOTED + r' "\d+"',
}
ALLOWED = {
    "ocr_page": {"image", "imagemd5", "bbox", "ppageno", "lpageno", "scan_res", "x_source"},
    "ocr_line": {"bbox", "baseline", "textangle", "poly"},
    "ocrx_word": {"bbox", "x_wconf", "x_font", "x_fsize"},
}
OTHER_CAPABILITIES = {"ocrp_lang", "ocrp_dir", "ocrp_poly", "ocrp_font"}


def properties(title):
    found = {}
    for part in title.split(";"):
        part = part.strip(" ")
        name, _, value = part.partition(" ")
        assert name in PROPERTIES, f"no property: {part!r} in {title!r}"
        assert name not in found, f"{name} twice"
        assert re.fullmatch(PROPERTIES[name], value), f"{name} is {value!r}"
        found[name] = value
    return found


def check_head(head, pages):
    meta = {}
    for e in head.iter(NS + "meta"):
        if e.get("name"):
            assert e.get("name") not in meta, e.get("name") + " twice"
            meta[e.get("name")] = e.get("content")
    assert meta["ocr-system"].startswith("ocrvl ")
    known = {"ocr-system", "ocr-capabilities", "ocr-langs", "ocr-scripts", "ocr-number-of-pages"}
    assert set(meta) <= known, set(meta)
    assert int(meta.get("ocr-number-of-pages", pages)) == pages, "number of pages"
    assert len(list(head.iter(NS + "title"))) == 1 and head.find(NS + "title").text
    return meta["ocr-capabilities"].split(" ")


def check_table(table):
    taken, row = {}, -1
    for tr in table.iter(NS + "tr"):
        row, column = row + 1, 0
        for cell in tr:
            assert cell.tag in (NS + "td", NS + "th"), cell.tag
            while (row, column) in taken:
                column += 1
            for r in range(int(cell.get("rowspan", 1))):
                for c in range(int(cell.get("colspan", 1))):
                    assert (row + r, column + c) not in taken, "cells overlap"
                    taken[row + r, column + c] = cell
    columns = max(c for _, c in taken) + 1
    assert len(taken) == (max(r for r, _ in taken) + 1) * columns, "the table has holes"


def check_element(e, parent, page, used, ids):
    tag, name = e.tag[len(NS):], e.get("class")
    if e.get("id"):
        assert e.get("id") not in ids, "id " + e.get("id")
        ids.add(e.get("id"))
    used |= {"ocrp_" + a for a in ("lang", "dir") if e.get(a) is not None}
    assert e.get("lang") is None or re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", e.get("lang"))
    assert e.get("dir") in (None, "ltr", "rtl")
    assert e.get("role") in (None, "heading") and (e.get("role") is None) == (e.get("aria-level") is None)
    if e.get("role"):
        assert name == "ocr_par" and e.get("aria-level") in "123456", "a heading"
        used.add("h" + e.get("aria-level"))
    if name is None:
        assert e.get("title") is None or set(properties(e.get("title"))) == {"bbox"}
        return None
    assert name in CLASSES, f"no class: {name!r}"
    want, parents = CLASSES[name]
    assert tag == want, f"{name} on {tag}"
    around = parent.get("class") or parent.tag[len(NS):]
    assert around in parents, f"{name} in {around}"
    found = properties(e.get("title") or "")
    assert "bbox" in found, f"{name} without bbox"
    assert set(found) <= ALLOWED.get(name, {"bbox"}), f"{name} with {set(found)}"
    used.add(name)
    if "poly" in found:
        used.add("ocrp_poly")
    if "x_font" in found:
        used.add("ocrp_font")
    x0, y0, x1, y1 = map(int, found["bbox"].split(" "))
    if name != "ocr_page":
        assert x0 < x1 <= page[2] and y0 < y1 <= page[3], f"{name} {found['bbox']} is not inside the page"
        return None
    return x0, y0, x1, y1


def check_body(body):
    used, ids, page = set(), set(), None
    stack = [(child, body) for child in reversed(body)]
    while stack:
        e, parent = stack.pop()
        if e.tag is ET.Comment:
            continue
        page = check_element(e, parent, page, used, ids) or page
        if e.tag == NS + "table":
            check_table(e)
        inline = e.get("class") in ("ocrx_word", "ocr_line")
        text = (e.text or "") + "".join(c.tail or "" for c in e)
        assert e.get("class") == "ocrx_word" or not text.strip(), f"text outside of words: {text.strip()[:40]!r}"
        assert not inline or "\n" not in text, "a line broken in two"
        stack += [(child, e) for child in reversed(e)]
    return used


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        source = f.read()
    assert source.startswith('<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">'), "not polyglot"
    assert set(re.findall(r"<(\w+)(?: [^<>]*)?/>", source)) <= {"meta"}, "an empty tag that HTML doesn't close"
    bad = [c for c in source if (ord(c) < 32 and c not in "\t\n") or 127 <= ord(c) < 160 or 0xFDD0 <= ord(c) < 0xFDF0
           or ord(c) & 0xFFFE == 0xFFFE]
    assert not bad, f"U+{ord(bad[0]):04X}" if bad else ""
    root = ET.fromstring(source)
    body = root.find(NS + "body")
    pages = [e for e in body if e.get("class") == "ocr_page"]
    assert pages, "no page"
    declared = check_head(root.find(NS + "head"), len(pages))
    assert set(declared) == set(CLASSES) | OTHER_CAPABILITIES and len(declared) == len(set(declared)), declared
    used = check_body(body)
    assert {u for u in used if u.startswith("ocr")} <= set(declared), used - set(declared)
    print(len(pages), "pages;", " ".join(sorted(used)))


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, ET.ParseError) as e:
        sys.exit(f"{sys.argv[1]}: {str(e)[:300] or 'wrong'}")
