"""TSV as Tesseract's readers expect it: columns, levels and numbers in order, boxes inside the page, confidences.

usage: check_tsv.py FILE
"""
import sys

HEAD = "level page_num block_num par_num line_num word_num left top width height conf text".split()


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as f:
        lines = f.read().split("\n")
    assert lines.pop() == "" and lines.pop(0).split("\t") == HEAD, "the head"
    last, page = [0] * 5, None
    for line in lines:
        row = line.split("\t")
        assert len(row) == 12, f"{len(row)} columns: {line!r}"
        level, numbers, box = int(row[0]), [int(v) for v in row[1:6]], [int(v) for v in row[6:10]]
        want = last[: level - 1] + [last[level - 1] + 1] + [0] * (5 - level)
        assert numbers == want, f"{numbers} follows {last}"
        assert level == 1 or 0 not in last[: level - 1], f"level {level} without those above"
        last = numbers
        if level == 1:
            page = box
            assert box[:2] == [0, 0]
        assert box[0] >= 0 and box[1] >= 0 and box[0] + box[2] <= page[2] and box[1] + box[3] <= page[3], f"box {box}"
        confidence = float(row[10])
        assert confidence == -1 or (level == 5 and 0 <= confidence <= 100), f"confidence {confidence}"
        assert bool(row[11]) == (level == 5), f"text at level {level}"
    print(len(lines), "rows")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, ValueError) as e:
        sys.exit(str(e)[:300])
