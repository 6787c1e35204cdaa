"""transform.py turn|lean IN OUT: a raw PNM turned by a quarter clockwise, or with its right side hanging by a fiftieth."""
import sys

how, source, target = sys.argv[1:]
magic, size, depth, data = open(source, "rb").read().split(b"\n", 3)
width, height = map(int, size.split())
n = 1 if magic == b"P5" else 3
pixels = [[data[(y * width + x) * n:(y * width + x + 1) * n] for x in range(width)] for y in range(height)]
if how == "turn":
    pixels = [[pixels[height - 1 - x][y] for x in range(height)] for y in range(width)]
else:
    fall = width // 50
    paper = b"\xff" * n
    pixels = [[pixels[y - x // 50][x] if 0 <= y - x // 50 < height else paper for x in range(width)]
              for y in range(height + fall)]
with open(target, "wb") as f:
    f.write(b"%s\n%d %d\n%s\n" % (magic, len(pixels[0]), len(pixels), depth))
    f.write(b"".join(b"".join(row) for row in pixels))
