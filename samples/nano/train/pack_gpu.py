#!/usr/bin/env python3
"""Gather what gpu.sh needs on a machine that nothing can be fetched to: the fonts, the texts and the tokenizers of readers that prepare.sh
has prepared, and what the renderer needs beside PyTorch, NumPy, Pillow, OpenCV and fontTools.
usage: pack_gpu.py OUT READER=WORK... [--lines 60000] [--fonts 18]    --fonts: megabytes of fonts a reader, at most
A machine that is lent for minutes takes little along (64 MiB with the tree): of each family the first files go, and texts evenly from all languages."""
import argparse, glob, os, random, shutil, subprocess, sys
from render import face


def pack_fonts(lists, out, most):
    """Copies the fonts of the lists, small ones first within a family's files, while there is room; the lists name the copies."""
    os.makedirs(os.path.join(out, "fonts"), exist_ok=True)
    copies, used = {}, 0
    for name in lists:
        rows = [l.rstrip("\n").split("\t") for l in open(name, encoding="utf-8")]
        share = most * (0.8 if name.endswith("train") else 0.2)
        used, kept = 0, []
        for w, p in sorted(rows, key=lambda r: os.path.getsize(face(r[1])[0])):
            path, index = face(p)
            size = os.path.getsize(path) if path not in copies else 0
            if used + size > share * 1e6:
                continue
            used += size
            if path not in copies:
                copies[path] = f"{len(copies)}{os.path.splitext(path)[1]}"
                shutil.copy(path, os.path.join(out, "fonts", copies[path]))
            kept.append(f"{w}\tfonts/{copies[path]}" + (f"#{index}" if "#" in p else ""))
        with open(os.path.join(out, os.path.basename(name)), "w") as f:
            f.write("\n".join(kept) + "\n")
        print(os.path.basename(name), len(kept), "of", len(rows), "fonts,", round(used / 1e6, 1), "MB")


def pack_text(corpus, out, most):
    rng, per = random.Random(5), {}
    for l in open(corpus, encoding="utf-8"):
        per.setdefault(l.split("\t", 1)[0], []).append(l)
    each = most // len(per)
    with open(out, "w", encoding="utf-8") as f:
        for lines in per.values():
            f.writelines(rng.sample(lines, min(each, len(lines))))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out"); ap.add_argument("readers", nargs="+")
    ap.add_argument("--lines", type=int, default=60000)
    ap.add_argument("--fonts", type=float, default=18)
    a = ap.parse_args()
    for r in a.readers:
        name, _, work = r.partition("=")
        d = os.path.join(a.out, name)
        shutil.rmtree(d, ignore_errors=True)
        os.makedirs(d)
        pack_fonts([os.path.join(work, "fonts.train"), os.path.join(work, "fonts.val")], d, a.fonts)
        pack_text(os.path.join(work, "corpus.txt"), os.path.join(d, "corpus.txt"), a.lines)
        shutil.copytree(os.path.join(work, "tok"), os.path.join(d, "tok"))
    lib = os.path.join(a.out, "lib")                # Pillow shapes Arabic with FriBidi, which it opens by this name
    os.makedirs(lib, exist_ok=True)
    for p in glob.glob("/usr/lib/*/libfribidi.so.0"):
        shutil.copy(os.path.realpath(p), os.path.join(lib, "libfribidi.so.0"))
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--implementation", "cp",
                    "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64", "--upgrade", "--target", os.path.join(a.out, "site"),
                    "python-bidi"], check=True)
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(a.out) for f in fs)
    print(round(size / 2 ** 20, 1), "MiB in", a.out)


if __name__ == "__main__":
    main()
