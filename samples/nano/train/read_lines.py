#!/usr/bin/env python3
"""Read the line images of cut_lines.py or clean_lines.py with an exported checkpoint in PyTorch, with ocrvl, or with Tesseract.
usage: read_lines.py CHECKPOINT_DIR|ocrvl=CHECKPOINT_DIR|tesseract LINES_DIR HYP_DIR    Writes HYP_DIR/SET/ID.txt.
ocrvl is found by $OCRVL, or on the PATH."""
import json, os, random, subprocess, sys
from collections import namedtuple
from multiprocessing.pool import ThreadPool
import cv2
import numpy as np
import torch
from machine import autocast
from make_real import fit, tighten
from model import Config, Nano
from train import Tok, normalised

HEIGHT, WIDTH = 28, 1232


Line = namedtuple("Line", "set id image lang page text")


def manifest(d):
    for l in open(os.path.join(d, "manifest.tsv"), encoding="utf-8"):
        line = Line(*l.rstrip("\n").split("\t"))
        yield line._replace(image=os.path.join(d, line.image))


def looks(img, rng):
    """The line as the model sees it: one image, or two where it is too long, cut at the widest gap near the middle."""
    tight = tighten(img, rng)
    x = fit(img if tight is None else tight, HEIGHT, WIDTH)
    if x is not None:
        return [x]
    h, w = img.shape
    light = img[:, w // 3:2 * w // 3].astype(float).mean(0)
    k = w // 3 + int(np.argmax(np.convolve(light, np.ones(max(3, h // 4)), "same")))
    return [x for part in (img[:, :k], img[:, k:]) for x in looks(part, rng)]


def load(checkpoint):
    tok = Tok(checkpoint)
    model = Nano(Config(vocab=tok.size))
    model.load_hf(os.path.join(checkpoint, "model.safetensors"))
    return model.eval(), tok


@torch.no_grad()
def read(model, tok, images, keep_logits=False):
    """Token ids of every image, in batches of similar width; with keep_logits, (ids, logits of each) instead."""
    order, out = sorted(range(len(images)), key=lambda i: images[i].shape[1]), [None] * len(images)
    for a in range(0, len(order), 48):
        batch = order[a:a + 48]
        W = images[batch[-1]].shape[1]
        x = np.stack([np.pad(images[i], ((0, 0), (0, W - images[i].shape[1])), mode="edge") for i in batch])
        x = normalised(torch.from_numpy(x).float().unsqueeze(1) / 255)
        logits = [] if keep_logits else None
        with autocast():
            ids = model.read(x, tok.before, tok.after, tok.end, max_new=min(160, W // 5 + 16), logits=logits)
        for k, i in enumerate(batch):
            out[i] = (ids[k], torch.stack([l[k] for l in logits[:len(ids[k])]]) if ids[k] else None) if keep_logits else ids[k]
    return out


def nano(checkpoint, rows):
    model, tok = load(checkpoint)
    rng = random.Random(1)
    pieces = [((l.set, l.id), x) for l in rows for x in looks(cv2.imread(l.image, cv2.IMREAD_GRAYSCALE), rng)]
    out = {}
    for (k, _), ids in zip(pieces, read(model, tok, [x for _, x in pieces])):
        out.setdefault(k, []).append(tok.decode(ids))
    return {k: " ".join(v) for k, v in out.items()}


def tesseract(rows):
    def one(l):
        r = subprocess.run(["tesseract", l.image, "-", "-l", l.lang, "--psm", "7"], capture_output=True, text=True,
                           env={**os.environ, "OMP_THREAD_LIMIT": "1"})
        return (l.set, l.id), " ".join(r.stdout.split())
    return dict(ThreadPool(2).map(one, rows))


def ocrvl_pages(checkpoint, rows):
    """Each line's page of ocrvl's JSON Lines."""
    r = subprocess.run([os.environ.get("OCRVL", "ocrvl"), "read", "-q", "-m", checkpoint, "--layout", "line", "-f", "jsonl", *[l.image for l in rows]],
                       stdout=subprocess.PIPE, text=True)
    pages = [json.loads(p) for p in r.stdout.splitlines()]
    assert len(pages) == len(rows)
    return pages


def page_words(page):
    return [w for b in page.get("blocks", []) for l in b.get("lines", []) for w in l.get("words", [])]


def ocrvl(checkpoint, rows):
    return {(l.set, l.id): " ".join(w["text"] for w in page_words(p)) for l, p in zip(rows, ocrvl_pages(checkpoint, rows))}


def main(reader, lines, hyp):
    rows = list(manifest(lines))
    kind, _, checkpoint = reader.partition("=")
    out = tesseract(rows) if reader == "tesseract" else ocrvl(checkpoint, rows) if kind == "ocrvl" else nano(reader, rows)
    for (name, i), text in out.items():
        os.makedirs(os.path.join(hyp, name), exist_ok=True)
        open(os.path.join(hyp, name, i + ".txt"), "w", encoding="utf-8").write(text + "\n")
    print(len(out), "lines")


if __name__ == "__main__":
    main(*sys.argv[1:])
