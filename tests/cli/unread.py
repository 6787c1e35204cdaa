"""unread.py THREE.pnm: from three lines of print (raw grey), marks.pnm with dittos and a dash alone on lines between them, stars.pnm with
three asterisks between them, near each other and far, mirrors.pnm with the
lines from right to left, odd.pnm with two lines of signs that are no script between them, signs.pnm with such signs
alone, through.pnm with the same as faint as the other side of a sheet, and dust.pnm with a few specks."""
import random
import sys

kind, size, _, pixels = open(sys.argv[1], "rb").read().split(b"\n", 3)
width, height = map(int, size.split())
assert kind == b"P5"
text = [bytearray(pixels[y * width : (y + 1) * width]) for y in range(height)]


def save(name, *parts):
    rows = [r for part in parts for r in part]
    open(name, "wb").write(b"P5\n%d %d\n255\n" % (width, len(rows)) + b"".join(rows))


def blank(rows, *rects):
    band = [bytearray(b"\xff" * width) for _ in range(rows)]
    for x0, y0, x1, y1 in rects:
        for y in range(y0, y1):
            band[y][x0:x1] = bytes(x1 - x0)
    return band


def ditto(x):
    return [(x, 20, x + 5, 36), (x + 10, 20, x + 15, 36)]


def star(x):
    """Eight arms, 18 pixels wide."""
    rects = []
    for dx, dy in ((0, 1), (1, 0), (1, 1), (1, -1)):
        for t in range(-8, 9):
            a, b = x + 9 + t * dx * (0.75 if dx and dy else 1), 29 + t * dy * (0.75 if dx and dy else 1)
            rects.append((int(a) - 1, int(b) - 1, int(a) + 2, int(b) + 2))
    return rects


def ornament(step):
    return blank(80, *(r for i in range(3) for r in star(1000 + i * step)))


def signs():
    rects, x = [], 420
    while x < 1800:
        for _ in range(random.randint(3, 7)):
            for _ in range(3):
                y, a = random.randint(24, 46), random.randint(0, 14)
                rects.append((x + a, y, x + a + random.randint(3, 9), y + 4))
            rects.append((x + 7, 24, x + 11, 24 + random.randint(16, 26)))
            x += 26
        x += 16
    return blank(76, *rects)


random.seed(3)
save("marks.pnm", text, blank(80, *ditto(420), *ditto(1100)), text, blank(80, (420, 40, 458, 44)), text)
save("stars.pnm", text, ornament(32), text, ornament(70), text)
alone = [row for _ in range(8) for row in signs()]
save("signs.pnm", alone)
save("through.pnm", [bytearray(200 + v * 14 // 255 for v in row) for row in alone])
mirror = [bytearray(reversed(r)) for r in text]
save("mirrors.pnm", mirror, mirror)
save("odd.pnm", text, signs(), signs(), text)
save("dust.pnm", text, blank(80, (700, 30, 712, 41), (900, 50, 904, 54), (1200, 20, 1203, 44)), text)
# a speck that is dark around a light ring
save("lone.pnm", blank(1200, (178, 91, 193, 93), (178, 104, 193, 106), (178, 93, 180, 104), (191, 93, 193, 104), (183, 96, 188, 101)))
