"""What `ocrvl crops` is held to. crops.py make: writes s.pnm, s.json, and want-N.pnm, what is to come of line N.
crops.py same A B: whether the PNMs hold the same picture. crops.py straight FILE: whether it is a dark stripe on paper, level from
end to end. `-` is standard input."""
import json
import math
import sys

W, H = 400, 300


def read(path):
    data = sys.stdin.buffer.read() if path == "-" else open(path, "rb").read()
    kind, rest = data.split(b"\n", 1)
    size, rest = rest.split(b"\n", 1)
    most, rest = rest.split(b"\n", 1)
    w, h = map(int, size.split())
    n = 3 if kind == b"P6" else 1
    assert len(rest) == w * h * n
    return w, h, [rest[i * n] for i in range(w * h)]


def write(path, rows):
    with open(path, "wb") as f:
        f.write(b"P5\n%d %d\n255\n" % (len(rows[0]), len(rows)) + b"".join(bytes(r) for r in rows))


def make():
    page = [[(x * 7 + y * 13) % 200 for x in range(W)] for y in range(H)]  # no two parts are alike
    for y in range(120, H):
        page[y] = [255] * W
    lean = lambda x: 140 + 0.2 * x
    bend = lambda x: 250 + 20 * math.sin(x / 60)
    for x in range(W):
        for y in range(120, H):
            if lean(x) + 8 <= y + 0.5 < lean(x) + 12 or bend(x) + 8 <= y + 0.5 < bend(x) + 12:
                page[y][x] = 0
    write("s.pnm", page)
    cut = lambda x0, y0, x1, y1: [r[x0:x1] for r in page[y0:y1]]
    turn = lambda rows: [list(r) for r in zip(*rows[::-1])]  # clockwise
    boxes = [(10, 5, 110, 25), (120, 5, 140, 105), (150, 5, 170, 105), (180, 5, 280, 25)]
    corner = lambda b: [[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]]]
    lines = []

    def line(box, text, confidence, polygon=None, baseline=None, words=()):
        l = {"text": text, "bbox": list(box), "geometry": "detected", "confidence": confidence}
        if polygon:
            l["polygon"] = polygon
        if baseline:
            l["baseline"] = baseline
        l["words"] = [{"text": w, "bbox": list(box), "confidence": c} for w, c in words] or [{"text": text, "bbox": list(box), "confidence": confidence}]
        lines.append(l)

    first = [0, 3, 1, 2]  # which corner of the box is the upper left one of the text
    turns = [0, 1, 3, 2]
    for i, box in enumerate(boxes):
        c = corner(box)
        polygon = c[first[i]:] + c[:first[i]]
        rows = cut(*box)
        for _ in range(turns[i]):
            rows = turn(rows)
        write("want-%d.pnm" % (i + 1), rows)
        if i == 1:
            line(box, "a bad", 0.95, polygon, words=(("a", 0.99), ("bad", 0.5)))
        else:
            line(box, "upright & <sure>" if i == 0 else "line", 0.9 if i != 2 else 0.3, polygon)
    xs = [20, 380]
    line((20, 140, 380, 240), "leans", 0.9, [[x, lean(x)] for x in xs] + [[x, lean(x) + 20] for x in xs[::-1]], [[x, lean(x) + 12] for x in xs])
    xs = list(range(20, 381, 10))
    line((20, 225, 380, 295), "bends", 0.9, [[x, bend(x)] for x in xs] + [[x, bend(x) + 20] for x in xs[::-1]], [[x, bend(x) + 12] for x in xs])
    write("want-7.pnm", cut(300, 40, 390, 60))
    line((300, 40, 390, 60), "box", 0.9)
    line((300, 40, 390, 60), "box", 0.9, [[0, 0], [W, 0]] + [[0, 0], [W, H]] * 99 + [[W, H], [0, H]], [[0, 0], [W, H]] * 50)
    at = 0
    for l in lines:  # where all stands in the page's text
        l["span"] = [at, at + len(l["text"])]
        for w in l["words"]:
            start = at + l["text"].index(w["text"])
            w["span"] = [start, start + len(w["text"])]
        at += len(l["text"]) + 2
    blocks = [{"type": "paragraph", "bbox": l["bbox"], "span": l["span"], "lines": [l], "text": l["text"]} for l in lines]
    with open("s.json", "w") as f:
        json.dump({"schema": "ocrvl.page/1", "source": {"file": "s.pnm"}, "page": {"index": 0, "width": W, "height": H, "rotation": 0},
                   "status": "ok", "blocks": blocks}, f)


def straight(path):
    w, h, p = read(path)
    assert abs(h - 20) <= 1 and w > 355, (w, h)
    for x in range(4, w - 4):
        dark = [y for y in range(h) if p[y * w + x] < 128]
        assert dark and abs(dark[0] - 8) <= 1 and abs(dark[-1] - 11) <= 1, (x, dark)


if sys.argv[1] == "make":
    make()
elif sys.argv[1] == "same":
    sys.exit(read(sys.argv[2]) != read(sys.argv[3]))
else:
    straight(sys.argv[2])
