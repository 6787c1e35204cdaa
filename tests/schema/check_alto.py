"""What ALTO's schema doesn't say: that references resolve, that coordinates are whole and inside the page, that broken
words are in two parts, that text stands where readers look.

usage: check_alto.py FILE
"""
import re
import sys
import xml.etree.ElementTree as ET

NS = "{http://www.loc.gov/standards/alto/ns-v4#}"
BLOCKS = {"TextBlock", "ComposedBlock", "Illustration", "GraphicalElement"}


def check_references(root):
    ids = {e.get("ID"): e for e in root.iter() if e.get("ID")}
    for e in root.iter():
        for name in ("REF", "IDNEXT", "TAGREFS", "STYLEREFS", "PROCESSINGREFS"):
            for ref in e.get(name, "").split():
                assert ref in ids, f"{name} {ref} leads nowhere"
                kind = ids[ref].tag[len(NS):]
                good = {"TAGREFS": kind.endswith("Tag"), "PROCESSINGREFS": kind == "Processing", "STYLEREFS": kind == ("TextStyle" if e.tag == NS + "String" else "ParagraphStyle")}.get(name, kind in BLOCKS)
                assert good, f"{name} {ref} is a {kind}"
    for page in root.iter(NS + "Page"):
        inside = {e.get("ID") for e in page.iter()}
        for e in page.iter():
            assert e.get("IDNEXT") is None or e.get("IDNEXT") in inside, "IDNEXT leads to another page"


def check_places(root):
    for page in root.iter(NS + "Page"):
        width, height = int(page.get("WIDTH", 0)), int(page.get("HEIGHT", 0))
        for e in page.iter():
            box = [e.get(a) for a in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
            if e is page or box == [None] * 4:
                continue
            assert all(re.fullmatch(r"\d+", v or "") for v in box), f"box {box}"
            x, y, w, h = map(int, box)
            assert w > 0 and h > 0 and x + w <= width and y + h <= height, f"box {box} is not inside the page"
        for e in page.iter():
            for points in (e.get("BASELINE"), e.get("POINTS")):
                assert points is None or re.fullmatch(r"\d+ \d+( \d+ \d+)+", points), f"points {points}"


def check_structure(root):
    for space in root.iter(NS + "PrintSpace"):
        for e in space:
            assert e.tag[len(NS):] in BLOCKS, e.tag
            assert e.tag != NS + "ComposedBlock" or e.get("TYPE") == "table"
    order = [e.get("REF") for e in root.iter(NS + "ElementRef")]
    if order:
        spaces = list(root.iter(NS + "PrintSpace"))
        assert order == [e.get("ID") for e in spaces[0]], "the reading order is not that of the blocks"
    else:
        for space in root.iter(NS + "PrintSpace"):
            blocks = list(space)
            for a, b in zip(blocks, blocks[1:]):
                assert a.get("IDNEXT") == b.get("ID"), "blocks are not chained"


def check_hyphens(root):
    count = 0
    for block in root.iter(NS + "TextBlock"):
        strings = []
        for line in block.iter(NS + "TextLine"):
            parts = [e for e in line if e.tag[len(NS):] in ("String", "HYP")]
            for e, after in zip(parts, parts[1:] + [None]):
                part1 = e.get("SUBS_TYPE") == "HypPart1"
                assert part1 == (after is not None and after.tag == NS + "HYP"), "HypPart1 and HYP go together"
            strings += [e for e in parts if e.tag == NS + "String"]
        for a, b in zip(strings, strings[1:] + [None]):
            if a.get("SUBS_TYPE") == "HypPart1":
                assert b is not None and b.get("SUBS_TYPE") == "HypPart2", "HypPart1 without HypPart2"
                assert a.get("SUBS_CONTENT") == b.get("SUBS_CONTENT") == a.get("CONTENT") + b.get("CONTENT")
                count += 1
        seconds = [e for e in strings if e.get("SUBS_TYPE") == "HypPart2"]
        assert len(seconds) == sum(e.get("SUBS_TYPE") == "HypPart1" for e in strings), "HypPart2 without HypPart1"
    return count


def main():
    root = ET.parse(sys.argv[1]).getroot()
    check_references(root)
    check_places(root)
    check_structure(root)
    hyphens = check_hyphens(root)
    print(len(list(root.iter(NS + "Page"))), "pages,", hyphens, "broken words")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, ET.ParseError) as e:
        sys.exit(f"{sys.argv[1]}: {str(e)[:300] or 'wrong'}")
