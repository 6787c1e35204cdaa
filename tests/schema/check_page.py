"""What PAGE's schema doesn't say: the reading order is that of the regions, cells don't overlap, a line's words are its
text, outlines are inside the page.

usage: check_page.py FILE
"""
import re
import sys
import xml.etree.ElementTree as ET

NS = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"


def text(e):
    return e.find(f"{NS}TextEquiv/{NS}Unicode").text or ""


def bare(s):
    return re.sub(r"\s+", "", s)


def main():
    page = ET.parse(sys.argv[1]).getroot().find(NS + "Page")
    regions = [e.get("id") for e in page if e.tag.endswith("Region")]
    order = [e.get("regionRef") for e in page.iter(NS + "RegionRefIndexed")]
    assert order == regions, f"the reading order is {order}, not {regions}"
    for line in page.iter(NS + "TextLine"):
        words = "".join(text(w) for w in line.iter(NS + "Word"))
        assert bare(words) == bare(text(line)), f"line {line.get('id')} and its words"
    for region in page.iter(NS + "TextRegion"):
        lines = region.findall(NS + "TextLine")
        assert not lines or bare("".join(map(text, lines))) == bare(text(region)), region.get("id")
    for table in page.iter(NS + "TableRegion"):
        taken = set()
        for role in table.iter(NS + "TableCellRole"):
            row, col, rows, cols = (int(role.get(n)) for n in ("rowIndex", "columnIndex", "rowSpan", "colSpan"))
            cells = {(r, c) for r in range(row, row + rows) for c in range(col, col + cols)}
            assert not taken & cells, f"cells overlap at {row}, {col}"
            taken |= cells
            assert row + rows <= int(table.get("rows")) and col + cols <= int(table.get("columns"))
    print(len(regions), "regions")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as e:
        sys.exit(str(e)[:300])
