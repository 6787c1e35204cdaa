"""Dolma as olmOCR writes it: the id is the text's SHA-1, the pages' spans cover the text, lists have an item a page.

usage: check_dolma.py FILE
"""
import hashlib
import json
import sys

LISTS = "primary_language is_rotation_valid rotation_correction is_table is_diagram".split()


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        documents = [json.loads(line) for line in f.read().split("\n") if line]
    for d in documents:
        text, attributes = d["text"], d["attributes"]
        assert d["id"] == hashlib.sha1(text.encode()).hexdigest(), "the id is not the text's SHA-1"
        spans, at = attributes["pdf_page_numbers"], 0
        for start, end, page in spans:
            assert start == at and end >= start and page >= 1, f"span {start}, {end} of page {page} after {at}"
            at = end
        assert at == len(text), f"spans end at {at} of {len(text)}"
        for name in LISTS:
            assert len(attributes[name]) == len(spans), name
        assert d["metadata"]["pdf-total-pages"] >= spans[-1][2], "pages"
        assert isinstance(d["source"], str) and d["metadata"]["Source-File"]
    print(len(documents), "documents")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as e:
        sys.exit(str(e)[:300])
