#!/usr/bin/env python3
"""Cut the held-out lines of transcribed scans into image files, to compare readers on.
usage: cut_lines.py OUT SET=LANGUAGE=DIR... [--lines 200] [--skip FILE]
Several DIRs with one SET make one set, taken by turns. Writes OUT/SET/N.png and OUT/manifest.tsv: set, id, image, language, page, text."""
import argparse, os, random
from itertools import zip_longest
import cv2
from make_real import cut, page_names


def lines(d, skip, rng):
    got = list(cut(d, True, skip, rng))
    rng.shuffle(got)
    return got


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out"); ap.add_argument("sets", nargs="+")
    ap.add_argument("--lines", type=int, default=200)
    ap.add_argument("--skip", help="file of page names, one a line, that are left out")
    a = ap.parse_args()
    skip, rng, sets = page_names(a.skip), random.Random(5), {}
    for s in a.sets:
        name, lang, d = s.split("=", 2)
        sets.setdefault(name, []).append([(lang, *l) for l in lines(d, skip, rng)])
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "manifest.tsv"), "w", encoding="utf-8") as f:
        for name, parts in sets.items():
            os.makedirs(os.path.join(a.out, name), exist_ok=True)
            turns = [l for t in zip_longest(*parts) for l in t if l][:a.lines]
            for i, (lang, page, text, img) in enumerate(turns):
                cv2.imwrite(os.path.join(a.out, name, f"{i}.png"), img)
                f.write(f"{name}\t{i}\t{name}/{i}.png\t{lang}\t{page}\t{text}\n")
            print(name, len(turns), "lines of", sum(map(len, parts)))


if __name__ == "__main__":
    main()
