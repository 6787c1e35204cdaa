"""Holds ocrvl.page/1 objects (JSON Lines, or one array) to the schema, and their offsets to their texts.

usage: check_json.py SCHEMA FILE
"""
import html.parser
import json
import sys

import jsonschema


class Table(html.parser.HTMLParser):
    """The cells of a table's HTML: (row, column, rows, columns, is header, text)."""

    def __init__(self, text):
        super().__init__()
        self.cells, self.row, self.taken, self.open = [], -1, set(), None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.row, self.column = self.row + 1, 0
        elif tag in ("td", "th"):
            a = dict(attrs)
            rows, columns = int(a.get("rowspan", 1)), int(a.get("colspan", 1))
            while (self.row, self.column) in self.taken:
                self.column += 1
            self.taken |= {(self.row + r, self.column + c) for r in range(rows) for c in range(columns)}
            self.cells.append([self.row, self.column, rows, columns, tag == "th", ""])
            self.open = True
        elif tag == "br":
            self.cells[-1][5] += "\n"

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.open = None

    def handle_data(self, data):
        assert self.open, "text outside of cells"
        self.cells[-1][5] += data


def check_table(block):
    table, cells = block["table"], block["table"]["cells"]
    found = Table(table["html"]).cells
    want = [(c["row"], c["col"], c["row_span"], c["col_span"], c["header"] != "none", c["text"]) for c in cells]
    assert [tuple(c) for c in found if tuple(c) in want] == want, "html has other cells"
    assert all(c[5] == "" for c in found if tuple(c) not in want), "html has more text"
    covered = sum(c[2] * c[3] for c in found)
    assert covered == table["rows"] * table["cols"], "html has not the positions of the table"


def check_span(page, node):
    start, end = node["span"]
    assert page["text"][start:end] == node["text"], f"span {start},{end} is not {node['text'][:40]!r}"


def check_box(page, node):
    if "bbox" in node:
        x0, y0, x1, y1 = node["bbox"]
        assert 0 <= x0 < x1 <= page["page"]["width"] and 0 <= y0 < y1 <= page["page"]["height"], node["bbox"]
    assert ("bbox" in node) == (node["geometry"] != "none"), "a box without origin"


def check_words(page, line, kept):
    """Kept results leave out the span of a word that is found first after the word before it."""
    after = line["span"][0]
    for word in line.get("words", []):
        first = page["text"].find(word["text"], after)
        assert kept or "span" in word, "a word without span"
        word.setdefault("span", [first, first + len(word["text"])])
        check_span(page, word)
        after = word["span"][1]
        assert after <= line["span"][1], "a word beyond its line"
        check_box(page, word)


def check_page(page, kept):
    ids = set()
    for block in page["blocks"]:
        check_span(page, block)
        check_box(page, block)
        lines = block.get("lines", [])
        if block["type"] == "table":
            check_table(block)
            lines = [line for cell in block["table"]["cells"] for line in cell["lines"]]
        for node in [block] + lines:
            assert node["id"] not in ids, "id " + node["id"]
            ids.add(node["id"])
        for line in lines:
            check_span(page, line)
            check_box(page, line)
            check_words(page, line, kept)
    assert ("error" in page) == (page["status"] == "failed")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    with open(sys.argv[2], encoding="utf-8") as f:
        text = f.read()
    pages = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.split("\n") if line]
    for page in pages:
        validator.validate(page)
        check_page(page, sys.argv[3:] == ["kept"])
    print(len(pages), "pages")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, ValueError, jsonschema.ValidationError) as e:
        sys.exit(f"{sys.argv[2]}: {str(e)[:300]}")
