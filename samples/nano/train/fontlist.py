#!/usr/bin/env python3
"""List the fonts to render with, a weight for each.  usage: fontlist.py OUT [--merged DIR] [--reader nano]
A family's files share the family's weight; some families are kept for validation alone. Writes OUT.train, OUT.val, OUT.typed: those of
OUT.train that a typewriter might have, and OUT.mono: those whose letters are all of one width, or drawn of points."""
import argparse, os, re, subprocess
from collections import defaultdict
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from fontTools.ttLib import TTCollection, TTFont
import readers
from render import face

SKIP = re.compile(r"(?i)noto(?!sans-|serif-|sansmono|sansdisplay|serifdisplay)|noto(sans|serif)[a-z]{3,}|symbol|emoji|math|dingbat|icon|outline|stencil|unifont|barcode|"
                  r"dseg|shadow(?!s)|wqy|kacst|lohit|samyak|thai|tlwg|oldania|klingon|runic|braille|music|opensymbol|d050000|s050000|D05|S05|swash|"
                  r"3270|powerline|webfont|cmex|cmsy|lmmath|fallback|standardsymbols|inline|smallcap|-sc\b|SC\d\d|unicase|initials|ornament|extra\.ttf")
HAND = re.compile(r"(?i)hand|kristi|breip|femke|rufscript|isabella|dancing|ecolier|humor|tomson|havana|caveat|apple|kalam|script|patrick|shadows-into|indie|reenie|"
                  r"cedarville|aurore|nothing-you|gochi|architects|courgette|ellen|rock-salt|joscelyn|kaushan|lobster|chancery|z003")
OLD = re.compile(r"(?i)fell|fraktur|essays|special-elite|gnutypewriter|courier-prime|cutive|typewriter|goudy|levien|gotico|century-cat|caslon|oldstandard|old-standard")


def letter(font, c):
    """A letter drawn, cut to its ink and brought to one size; None without ink."""
    im = Image.new("L", (160, 160), 0)
    ImageDraw.Draw(im).text((40, 110), c, font=font, fill=255, anchor="ls")
    box = im.getbbox()
    return np.asarray(im.crop(box).resize((32, 32), Image.BOX), float) / 255 if box else None


def has_capitals_alone(path):
    """Whether small letters look like capitals: a line set so says that capitals are small letters."""
    try:
        font = ImageFont.truetype(path, 80)
        pairs = [(letter(font, c), letter(font, c.upper())) for c in "aegrnbdhqt"]
    except OSError:
        return False
    alike = [1 - abs(a - b).mean() / (a.mean() + b.mean()) for a, b in pairs if a is not None and b is not None]
    return len(alike) == len(pairs) and np.mean(alike) > 0.82


TYPED = re.compile(r"(?i)typew|typoscript|courier|cutive|special-elite|levien|cursor|nimbusmono|lmmono|freemono|liberationmono|anonymous|cmunt|"
                   r"dejavusansmono|havana|ocr-?b")
UNTYPED = re.compile(r"(?i)obli|ital|caps|slant|museum|prop")


DOTS = re.compile(r"(?i)doto|dotgothic|press-start|pixelify|tiny5|jersey|handjet|sixtyfour|vt323|ocr-?[ab]")


def of_one_width(path):
    try:
        name, index = face(path)
        font = ImageFont.truetype(name, 80, index=index)
    except OSError:
        return False
    return font.getlength("i") == font.getlength("M") > 0


def faces(path):
    """The fonts of a file, FILE or, of a collection, FILE#NUMBER each."""
    if not path.endswith((".ttc", ".otc")):
        return [path]
    with TTCollection(path, lazy=True) as c:
        return [f"{path}#{i}" for i in range(len(c))]


def installed(merged):
    """The fonts that fontconfig and the folder of merged ones have."""
    ps = [l.split(":")[0] for l in subprocess.run(["fc-list"], capture_output=True, text=True).stdout.splitlines()]
    if merged:
        ps += [os.path.join(d, f) for d, _, fl in os.walk(merged) for f in fl if f.endswith(".ttf")]
    for p in sorted(set(ps)):
        if p.endswith((".ttf", ".otf", ".woff", ".t1", ".ttc")):
            try:
                yield from faces(p)
            except Exception:
                continue


def family(path, reader):
    """The family's name where the font is one for the reader, else None."""
    name, index = face(path)
    nano = reader is readers.NANO
    if nano and SKIP.search(os.path.basename(name)):
        return None
    with TTFont(name, fontNumber=index, lazy=True) as f:
        has = set(f.getBestCmap() or ())
        called = f["name"].getDebugName(1) or os.path.basename(name)
    if not (nano and {97, 101, 111, 110, 49, 46} <= has) and not any(ord(c) in has for c in reader.probes):
        return None
    if nano and {97, 65} <= has and has_capitals_alone(path):
        return None
    return re.sub(r"(?i) (light|medium|bold|semibold|black|thin|condensed|book|display)$", "", called)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out"); ap.add_argument("--merged")
    readers.add_option(ap)
    a = ap.parse_args()
    reader, fam = readers.READERS[a.reader], defaultdict(list)
    for p in installed(a.merged):
        try:
            n = family(p, reader)
        except Exception:
            continue
        if n:
            fam[n].append(p)
    held = re.compile(reader.held)
    t = v = 0
    with open(a.out + ".train", "w") as ft, open(a.out + ".val", "w") as fv, open(a.out + ".typed", "w") as fy, open(a.out + ".mono", "w") as fm:
        for n, fl in sorted(fam.items()):
            hand = HAND.search(n) or HAND.search(fl[0].split("/")[-1])
            w = 0.35 if hand else 1.6 if OLD.search(n) or OLD.search(fl[0]) else 1.0
            if re.search(r"(?i)liberation|times|tinos|termes|arimo|helvet|heros|nimbus|dejavu|cmu|latin modern|courier|cursor|garamond|carlito|gentium|libertine", n):
                w = 2.5
            out = fv if held.search(n) or held.search(fl[0]) else ft
            for p in fl:
                k = 0.5 if re.search(r"(?i)ital|obli", p) else 1.0
                line = f"{w * k / len(fl):.5f}\t{p}\n"
                out.write(line)
                if out is ft and TYPED.search(p) and not UNTYPED.search(p):
                    fy.write(line)
                if out is ft and (DOTS.search(p) or of_one_width(p)):
                    fm.write(line)
            if out is fv: v += 1
            else: t += 1
    print(t, "families to train with,", v, "kept")


main()
