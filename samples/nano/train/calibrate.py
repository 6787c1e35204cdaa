#!/usr/bin/env python3
"""Fit the one temperature that makes word confidences honest: among words told at 0.9, nine in ten should be right.
usage: calibrate.py CHECKPOINT_DIR LINES_DIR [--write]    --write puts the better temperature into CHECKPOINT_DIR/ocrvl.json
LINES_DIR is cut_lines.py's, read with ocrvl ($OCRVL, or of the PATH), second looks and all; half of its pages fit the temperature, the
other half judge it. A word is right if the transcription has it in its place (both lines' words aligned). ECE: expected calibration
error over 15 bins of equal width."""
import argparse, hashlib, json, os, tempfile
from difflib import SequenceMatcher
import numpy as np
from judge import folded
from make_real import norm
from read_lines import manifest, ocrvl_pages, page_words

GRID = (0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.7, 2.0)


def right_words(got, want):
    ok = set()
    for a, _, n in SequenceMatcher(None, got, want, autojunk=False).get_matching_blocks():
        ok.update(range(a, a + n))
    return [i in ok for i in range(len(got))]


def first_half(page):
    return int(hashlib.sha1(("half" + page).encode()).hexdigest(), 16) % 2 == 0


def at_temperature(checkpoint, temperature, d):
    """The checkpoint with another temperature, in folder d."""
    for f in os.listdir(checkpoint):
        if f != "ocrvl.json":
            os.symlink(os.path.join(os.path.abspath(checkpoint), f), os.path.join(d, f))
    j = {**json.load(open(os.path.join(checkpoint, "ocrvl.json"))), "temperature": temperature}
    json.dump(j, open(os.path.join(d, "ocrvl.json"), "w"))


def confidences(checkpoint, rows, temperature):
    """Arrays over all words read: in the first half or not, confidence, right or not."""
    with tempfile.TemporaryDirectory() as d:
        at_temperature(checkpoint, temperature, d)
        pages = ocrvl_pages(d, rows)
    out = []
    for l, page in zip(rows, pages):
        ws = page_words(page)
        got = [folded(norm(w["text"])) for w in ws]
        out += [(first_half(l.page), w["confidence"], ok) for w, ok in zip(ws, right_words(got, folded(norm(l.text)).split(" ")))]
    return tuple(np.array(v) for v in zip(*out))


def ece(conf, right, bins=15):
    at = np.minimum((conf * bins).astype(int), bins - 1)
    return sum(abs(conf[at == b].mean() - right[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint"); ap.add_argument("lines")
    ap.add_argument("--write", action="store_true")
    a = ap.parse_args()
    rows, best = list(manifest(a.lines)), None
    for t in GRID:
        fit, conf, right = confidences(a.checkpoint, rows, t)
        e = ece(conf[fit], right[fit])
        print(f"temperature {t}: {fit.sum()} words to fit: ECE {e:.4f}; {(~fit).sum()} others ({100 * right[~fit].mean():.1f} % right): "
              f"{ece(conf[~fit], right[~fit]):.4f}, Brier {((conf - right)[~fit] ** 2).mean():.4f}", flush=True)
        best = min(best or (e, t), (e, t))
    if a.write:
        p = os.path.join(a.checkpoint, "ocrvl.json")
        json.dump({**json.load(open(p)), "temperature": best[1]}, open(p, "w"), indent=2)
        print("written: temperature", best[1])


if __name__ == "__main__":
    main()
