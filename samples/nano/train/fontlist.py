#!/usr/bin/env python3
"""List the fonts to render with, a weight for each.  usage: fontlist.py TRAIN_OUT VAL_OUT TYPED_OUT [FONTSOURCE_DIR]
A family's files share the family's weight; some families are kept for validation alone. TYPED_OUT: those of TRAIN_OUT that a
typewriter might have."""
import os, re, subprocess, sys
from collections import defaultdict
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from fontTools.ttLib import TTFont

SKIP = re.compile(r"(?i)noto(?!sans-|serif-|sansmono|sansdisplay|serifdisplay)|noto(sans|serif)[a-z]{3,}|symbol|emoji|math|dingbat|icon|outline|stencil|unifont|barcode|"
                  r"dseg|shadow(?!s)|wqy|kacst|lohit|samyak|thai|tlwg|oldania|klingon|runic|braille|music|opensymbol|d050000|s050000|D05|S05|swash|"
                  r"3270|powerline|webfont|cmex|cmsy|lmmath|fallback|standardsymbols|inline|smallcap|-sc\b|SC\d\d|unicase|initials|ornament|extra\.ttf")
HAND = re.compile(r"(?i)hand|kristi|breip|femke|rufscript|isabella|dancing|ecolier|humor|tomson|havana|caveat|apple|kalam|script|patrick|shadows-into|indie|reenie|"
                  r"cedarville|aurore|nothing-you|gochi|architects|courgette|ellen|rock-salt|joscelyn|kaushan|lobster|chancery|z003")
OLD = re.compile(r"(?i)fell|fraktur|essays|special-elite|gnutypewriter|courier-prime|cutive|typewriter|goudy|levien|gotico|century-cat|caslon|oldstandard|old-standard")
VAL = re.compile(r"(?i)caladea|crimson|fira-sans|im-fell-dw|vollkorn|cousine|patrick-hand|spectral|AveriaSerif|national|playfair|unifrakturcook|b612|lindenhill")


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


def main(train, val, typed, fs=None):
    ps = [l.split(":")[0] for l in subprocess.run(["fc-list"], capture_output=True, text=True).stdout.splitlines()]
    if fs:
        for d, _, fl in os.walk(fs):
            ps += [os.path.join(d, f) for f in fl if f.endswith(".woff") and re.search(r"-(300|400|500|600|700)-", f)]
    fam = defaultdict(list)
    for p in sorted(set(ps)):
        if not p.endswith((".ttf", ".otf", ".woff", ".t1", ".ttc")) or SKIP.search(os.path.basename(p)):
            continue
        try:
            f = TTFont(p, fontNumber=0, lazy=True)
            cm = f.getBestCmap()
            if not cm or not ({97, 101, 111, 110, 49, 46} <= set(cm) or 0x430 in cm or 0x103 in cm or 0x1EA5 in cm):
                continue
            n = f["name"].getDebugName(1) or os.path.basename(p)
            f.close()
            if {97, 65} <= set(cm) and has_capitals_alone(p):
                continue
        except Exception:
            continue
        fam[re.sub(r"(?i) (light|medium|bold|semibold|black|thin|condensed|book|display)$", "", n)].append(p)
    t = v = 0
    with open(train, "w") as ft, open(val, "w") as fv, open(typed, "w") as fy:
        for n, fl in sorted(fam.items()):
            hand = HAND.search(n) or HAND.search(fl[0].split("/")[-1])
            w = 0.35 if hand else 1.6 if OLD.search(n) or OLD.search(fl[0]) else 1.0
            if re.search(r"(?i)liberation|times|tinos|termes|arimo|helvet|heros|nimbus|dejavu|cmu|latin modern|courier|cursor|garamond|carlito|gentium|libertine", n):
                w = 2.5
            out = fv if VAL.search(n) or VAL.search(fl[0]) else ft
            for p in fl:
                k = 0.5 if re.search(r"(?i)ital|obli", p) else 1.0
                line = f"{w * k / len(fl):.5f}\t{p}\n"
                out.write(line)
                if out is ft and TYPED.search(p) and not UNTYPED.search(p):
                    fy.write(line)
            if out is fv: v += 1
            else: t += 1
    print(t, "families to train with,", v, "kept")


main(*sys.argv[1:])
