#!/usr/bin/env python3
"""Fit the one temperature that makes word confidences honest: among words told at 0.9, nine in ten should be right.
usage: calibrate.py CHECKPOINT_DIR LINES_DIR [--write]    --write puts the better temperature into CHECKPOINT_DIR/ocrvl.json
LINES_DIR is cut_lines.py's; half of its pages fit the temperature, the other half judge it. A word's confidence is the product, or
the geometric mean, of its letters' token probabilities, the spaces around it left out; a word is right if the transcription has it in
its place (both lines' words aligned). ECE: expected calibration error over 15 bins of equal width."""
import argparse, hashlib, json, os, random
from difflib import SequenceMatcher
import cv2
import numpy as np
import torch
from judge import folded
from make_real import norm
from read_lines import load, looks, manifest, read

GRID = np.exp(np.linspace(np.log(0.5), np.log(4), 43))


def spans(tok, ids):
    """(first, last + 1) token of every word."""
    out, start = [], None
    for i, t in enumerate([*ids, None]):
        space = t is None or tok.inv.get(t) == tok.b[32]
        if not space and start is None:
            start = i
        if space and start is not None:
            out.append((start, i))
            start = None
    return out


def right_words(got, want):
    ok = set()
    for a, _, n in SequenceMatcher(None, got, want, autojunk=False).get_matching_blocks():
        ok.update(range(a, a + n))
    return [i in ok for i in range(len(got))]


def first_half(page):
    return int(hashlib.sha1(("half" + page).encode()).hexdigest(), 16) % 2 == 0


def words(checkpoint, lines):
    """(page, logits of the word's tokens [n, vocab], its ids, right or not) of every word read."""
    model, tok = load(checkpoint)
    rng, rows = random.Random(1), []
    for l in manifest(lines):
        x = looks(cv2.imread(l.image, cv2.IMREAD_GRAYSCALE), rng)
        if len(x) == 1:
            rows.append((l.page, l.text, x[0]))
    for (page, text, _), (ids, logits) in zip(rows, read(model, tok, [r[2] for r in rows], keep_logits=True)):
        at = spans(tok, ids)
        got = [folded(norm(tok.decode(ids[a:b]))) for a, b in at]
        for (a, b), ok in zip(at, right_words(got, folded(norm(text)).split(" "))):
            yield page, logits[a:b], torch.tensor(ids[a:b]), ok


def confidences(ws, temperature):
    """Products and geometric means of the token probabilities of every word."""
    logp = [(w[1] / temperature).log_softmax(-1).gather(1, w[2][:, None]) for w in ws]
    return np.array([[l.sum().exp().item(), l.mean().exp().item()] for l in logp])


def ece(conf, right, bins=15):
    at = np.minimum((conf * bins).astype(int), bins - 1)
    return sum(abs(conf[at == b].mean() - right[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint"); ap.add_argument("lines")
    ap.add_argument("--write", action="store_true")
    a = ap.parse_args()
    ws = list(words(a.checkpoint, a.lines))
    fit = [w for w in ws if first_half(w[0])]
    test = [w for w in ws if not first_half(w[0])]
    r_fit, r_test = (np.array([w[3] for w in s]) for s in (fit, test))
    table = {t: confidences(fit, t) for t in GRID}
    best = None
    for k, name in enumerate(("product", "geometric mean")):
        t = min(GRID, key=lambda t: ece(table[t][:, k], r_fit))
        before, after = confidences(test, 1.0)[:, k], confidences(test, t)[:, k]
        print(f"{name}: temperature {t:.3f}; {len(fit)} words to fit: ECE {ece(confidences(fit, 1.0)[:, k], r_fit):.4f} -> {ece(table[t][:, k], r_fit):.4f}; "
              f"{len(test)} others ({100 * r_test.mean():.1f} % right): {ece(before, r_test):.4f} -> {ece(after, r_test):.4f}, Brier "
              f"{((before - r_test) ** 2).mean():.4f} -> {((after - r_test) ** 2).mean():.4f}")
        if best is None or ece(after, r_test) < best[0]:
            best = ece(after, r_test), t, name
    if a.write:
        p = os.path.join(a.checkpoint, "ocrvl.json")
        j = {**json.load(open(p)), "temperature": round(float(best[1]), 3)}
        json.dump(j, open(p, "w"), indent=2)
        print("written: temperature", j["temperature"], "of the", best[2])


if __name__ == "__main__":
    main()
