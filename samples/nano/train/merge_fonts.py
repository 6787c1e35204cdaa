#!/usr/bin/env python3
"""Join the alphabets that Fontsource ships a file each of, so that a Russian line finds its points and figures in its own font.
usage: merge_fonts.py FONTSOURCE_DIR OUT_DIR    Writes OUT_DIR/FAMILY-WEIGHT-STYLE.ttf; what is there already is kept."""
import glob, logging, os, re, sys
from multiprocessing import Pool
from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

ALPHABETS = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "greek-ext", "vietnamese", "arabic", "hebrew"]
logging.disable(logging.CRITICAL)


def merge(job):
    """(parts, output): without their layout tables where those can't be joined, or the first part alone; Arabic is nothing without them."""
    parts, out = job
    arabic = [p for p in parts if "-arabic-" in p]
    for drop in ([],) if arabic else (["GSUB"], ["GSUB", "GPOS", "GDEF"]):
        try:
            font = Merger(Options(drop_tables=drop + ["DSIG", "STAT", "avar", "fvar", "gvar", "HVAR", "MVAR"])).merge(parts)
            font.flavor = None
            font.save(out)
            return True
        except Exception:
            continue
    font = TTFont((arabic or parts)[0])
    font.flavor = None
    font.save(out)
    return False


def main(source, out):
    os.makedirs(out, exist_ok=True)
    jobs = []
    for d in sorted(glob.glob(source + "/*/files")):
        family = os.path.basename(os.path.dirname(d))
        styles = sorted({m.group(1) for f in os.listdir(d) if (m := re.search(r"-((?:300|400|500|600|700)-(?:normal|italic))\.woff$", f))})
        for style in styles:
            parts = [p for a in ALPHABETS if os.path.exists(p := f"{d}/{family}-{a}-{style}.woff")]
            to = f"{out}/{family}-{style}.ttf"
            if parts and not os.path.exists(to):
                jobs.append((parts, to))
    with Pool(2) as pool:
        whole = sum(pool.imap_unordered(merge, jobs))
    print(len(jobs), "fonts,", len(jobs) - whole, "with their first alphabet alone")


main(*sys.argv[1:])
