#!/usr/bin/env python3
"""Cut labelled lines out of transcribed scans (ALTO, SROIE boxes, line image + text pairs) into a pool.
usage: make_real.py OUT {train|test} [--height 28] [--maxwidth 1232] DIR...
Every tenth page (by the hash of its name) is kept for testing."""
import argparse, glob, hashlib, itertools, math, os, random, re, sys, unicodedata
import xml.etree.ElementTree as ET
import numpy as np
import cv2
from readers import NANO

cv2.setNumThreads(1)
OK = NANO.letters


def held(name):
    return int(hashlib.sha1(name.encode()).hexdigest(), 16) % 10 == 0


def page_names(path):
    """The base names listed in a file, one a line; none without a file."""
    return {os.path.basename(l.strip()) for l in open(path, encoding="utf-8")} if path else set()


def norm(t):
    t = unicodedata.normalize("NFC", t).replace("\u2019", "’").replace("\u017f", "s").replace("⸗", "-").replace("¬", "-").replace("\ua75b", "r")
    return re.sub(r"\s+", " ", t).strip()


def fit(img, height, maxwidth):
    h, w = img.shape
    if h < 8 or w < 4:
        return None
    w2 = max(8, round(w * height / h))
    if w2 > maxwidth:
        return None
    im = cv2.resize(img, (w2, height), interpolation=cv2.INTER_AREA if h > height else cv2.INTER_CUBIC)
    wp = (w2 + 27) // 28 * 28
    if wp > maxwidth:
        return None
    return np.pad(im, ((0, 0), (0, wp - w2)), constant_values=int(np.percentile(im, 80)))


def tighten(img, rng):
    """Cut the box to the ink's own rows, as a segmenter would, with a little room."""
    g = cv2.GaussianBlur(img, (0, 0), 1.0)
    lo, hi = np.percentile(g, 2), np.percentile(g, 85)
    if hi - lo < 25:
        return None
    ink = (g < (lo + hi) / 2)
    rows = ink.mean(1)
    ys = np.flatnonzero(rows > max(0.003, rows.max() * 0.025))
    if len(ys) < 6:
        return None
    h = ys[-1] + 1 - ys[0]
    a, b = rng.uniform(0.03, 0.2), rng.uniform(0.03, 0.2)
    y0, y1 = int(max(0, ys[0] - a * h)), int(min(img.shape[0], ys[-1] + 1 + b * h))
    return img[y0:y1]


def alto_lines(xml, img_of, rng):
    try:
        root = ET.parse(xml).getroot()
    except ET.ParseError:
        return
    ns = root.tag[:root.tag.index("}") + 1]
    fn = root.find(f".//{ns}fileName")
    p = img_of(xml, fn.text if fn is not None else None)
    if not p:
        return
    page = cv2.imread(p, cv2.IMREAD_GRAYSCALE)
    if page is None:
        return
    H, W = page.shape
    pg = root.find(f".//{ns}Page")
    pw = float(pg.get("WIDTH") or W)
    k = W / pw if pw else 1
    for tl in root.iter(ns + "TextLine"):
        t = norm(" ".join(s.get("CONTENT") or "" for s in tl.iter(ns + "String")))
        bl = tl.get("BASELINE")
        po = tl.find(f"{ns}Shape/{ns}Polygon")
        if not t or po is None or not bl or re.search(r"[_^~\[\]⟦⟧]", t):    # marks of the transcription's own rules
            continue
        pts = np.array(re.findall(r"-?[\d.]+", po.get("POINTS")), float).reshape(-1, 2) * k
        b = np.array(re.findall(r"-?[\d.]+", bl), float).reshape(-1, 2) * k
        if len(b) < 2:
            continue
        ang = math.degrees(math.atan2(b[-1, 1] - b[0, 1], b[-1, 0] - b[0, 0]))
        if abs(ang) > 20:
            continue
        x0, y0 = np.floor(pts.min(0)).astype(int); x1, y1 = np.ceil(pts.max(0)).astype(int)
        x0, y0, x1, y1 = max(0, x0 - 2), max(0, y0 - 2), min(W, x1 + 3), min(H, y1 + 3)
        crop = page[y0:y1, x0:x1]
        if crop.size == 0:
            continue
        if abs(ang) > 0.4:
            M = cv2.getRotationMatrix2D(((x1 - x0) / 2, (y1 - y0) / 2), ang, 1)
            crop = cv2.warpAffine(crop, M, (x1 - x0, y1 - y0), borderMode=cv2.BORDER_REPLICATE)
            cut = int(abs(math.sin(math.radians(ang))) * (x1 - x0) / 2)
            crop = crop[min(cut, crop.shape[0] // 3): max(crop.shape[0] - cut, crop.shape[0] * 2 // 3)]
        c = tighten(crop, rng)
        if c is not None and c.shape[1] > 0.15 * c.shape[0] * len(t) * 0.9:
            yield t, c


def img_beside(xml, name):
    d = os.path.dirname(xml)
    for c in ([os.path.join(d, name)] if name else []) + [xml[:-4] + e for e in (".jpg", ".png", ".jpeg", ".tif", ".JPG")]:
        if os.path.exists(c):
            return c
    return None


def alto_pages(d, want, skip, rng):
    xs = sorted(glob.glob(d + "/**/*.xml", recursive=True))
    rng.shuffle(xs)
    for x in xs:
        name = os.path.basename(x)
        if name not in skip and held(name) == want:
            for t, c in alto_lines(x, img_beside, rng):
                yield name, t, c


def boxed_pages(d, want):
    """SROIE's layout: data/box/NAME.csv of x, y of four corners and a text, data/img/NAME.jpg."""
    for b in sorted(glob.glob(d + "/data/box/*.csv")):
        page = cv2.imread(b.replace("/box/", "/img/")[:-3] + "jpg", cv2.IMREAD_GRAYSCALE) if held(os.path.basename(b)) == want else None
        if page is None:
            continue
        for l in open(b, encoding="utf-8", errors="ignore"):
            q = l.rstrip("\n").split(",", 8)
            if len(q) < 9 or not all(re.fullmatch(r"\s*-?\d+\s*", v) for v in q[:8]):
                continue
            v = list(map(int, q[:8]))
            c = page[max(0, min(v[1::2]) - 2):max(v[1::2]) + 3, max(0, min(v[::2]) - 3):max(v[::2]) + 4]
            if c.size:
                yield os.path.basename(b), norm(q[8]), c


def pairs(d, want, rng):
    """archiscribe's layout: transcriptions/BOOK/LINE.png beside LINE.txt."""
    for p in sorted(glob.glob(d + "/transcriptions/**/*.png", recursive=True)):
        name = os.path.basename(os.path.dirname(p)) + os.path.basename(p)
        if held(name) != want or not os.path.exists(p[:-4] + ".txt"):
            continue
        im = cv2.imread(p, cv2.IMREAD_GRAYSCALE)
        c = tighten(im, rng) if im is not None else None
        if c is not None:
            yield name, norm(open(p[:-4] + ".txt", encoding="utf-8").read()), c


def cut(d, want, skip, rng):
    """(page, text, image) of every line of a checkout that is kept for testing (want) or isn't, whose letters the tokenizer has."""
    for name, t, c in itertools.chain(alto_pages(d, want, skip, rng), boxed_pages(d, want), pairs(d, want, rng)):
        if t and all(x in OK for x in t):
            yield name, t, c


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out"); ap.add_argument("part", choices=["train", "test"]); ap.add_argument("dirs", nargs="+")
    ap.add_argument("--height", type=int, default=28); ap.add_argument("--maxwidth", type=int, default=1232)
    ap.add_argument("--skip", help="file of page names, one a line, that are left out of both parts")
    a = ap.parse_args()
    skip, rng = page_names(a.skip), random.Random(5)
    off, widths, texts, at = [], [], [], 0
    with open(a.out + ".img", "wb") as f:
        for d in a.dirs:
            n0 = len(off)
            for _, t, c in cut(d, a.part == "test", skip, rng):
                im = fit(c, a.height, a.maxwidth)
                if im is not None:
                    f.write(np.ascontiguousarray(im).tobytes())
                    off.append(at); widths.append(im.shape[1]); texts.append(t); at += im.size
            print(d, len(off) - n0, file=sys.stderr)
    np.savez(a.out + ".npz", off=np.array(off, np.int64), width=np.array(widths, np.int32), height=a.height)
    open(a.out + ".txt", "w", encoding="utf-8").write("\n".join(texts) + "\n")


if __name__ == "__main__":
    main()
