#!/usr/bin/env python3
"""Fit the cheap look by which ocrvl tells lines' scripts apart: a network of one hidden layer over measures of a line's ink.
usage: shapes.py NAME=POOL[,POOL...]... [--held NAME=POOL...] > ../../../libocrvl/read/script_weights.h
NAME: european, arabic, hebrew, eastern; POOL: what make_pool.py wrote, of lines in that script alone (make_pool.py --languages).
The measures are those of libocrvl/read/script_shapes.c, in the same order."""
import argparse, sys
import numpy as np
import torch
import torch.nn.functional as F

NAMES = ["european", "arabic", "hebrew", "eastern"]
BANDS = 8
COUNT = 2 * BANDS + 5
HIDDEN = 24


def starts(a, axis):
    """Where runs begin along an axis."""
    before = np.roll(a, 1, axis)
    np.moveaxis(before, axis, 0)[0] = False
    return a & ~before


def measures(im):
    """[COUNT] of a strip [H, W], or None without ink."""
    histogram = np.cumsum(np.bincount(im.ravel(), minlength=256))
    dark, light = (int(np.argmax(histogram > share * im.size)) for share in (0.05, 0.75))
    ink = im < (dark + light + 1) // 2
    if light < dark + 24 or not ink.any():
        return None
    ys, xs = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    ink = ink[ys[0]:ys[-1] + 1, xs[0]:xs[-1] + 1]
    h, w = ink.shape
    band = np.arange(h) * BANDS // h
    rows = np.bincount(band, minlength=BANDS)
    share = np.bincount(band, ink.sum(1), BANDS) / ink.sum()
    strokes = np.bincount(band, starts(ink, 1).sum(1), BANDS) * h / w / np.maximum(rows, 1)
    column = ink.any(0)
    inked, runs = column.sum(), starts(column, 0).sum()
    return np.concatenate((share, strokes, [1 - inked / w, runs * h / w, inked / runs / h, starts(ink, 0).sum() / inked, ink.sum() / inked / h]))


def read_pool(path, most):
    z = np.load(path + ".npz")
    img = np.memmap(path + ".img", np.uint8, "r")
    h = int(z["height"])
    for off, w in list(zip(z["off"], z["width"]))[:most]:
        m = measures(np.asarray(img[off:off + h * w]).reshape(h, w))
        if m is not None:
            yield m


def gather(specs, most):
    x, y = [], []
    for s in specs:
        name, _, pools = s.partition("=")
        for p in pools.split(","):
            for m in read_pool(p, most):
                x.append(m)
                y.append(NAMES.index(name))
    return torch.tensor(np.array(x), dtype=torch.float64), torch.tensor(y)


def fit(x, y, decay):
    """(inner [HIDDEN, COUNT + 1], outer [NAMES, HIDDEN + 1]): weights over the measures and over the hidden layer, the last of a row its constant."""
    torch.manual_seed(1)
    mean, std = x.mean(0), x.std(0) + 1e-9
    z = torch.cat(((x - mean) / std, torch.ones(len(x), 1, dtype=torch.float64)), 1)
    inner = (0.3 * torch.randn(HIDDEN, COUNT + 1, dtype=torch.float64)).requires_grad_()
    outer = (0.3 * torch.randn(len(NAMES), HIDDEN + 1, dtype=torch.float64)).requires_grad_()
    even = 1 / torch.bincount(y, minlength=len(NAMES)).double().clamp_min(1)
    opt = torch.optim.LBFGS([inner, outer], max_iter=1200, history_size=40, line_search_fn="strong_wolfe")

    def loss():
        opt.zero_grad()
        l = F.cross_entropy(likely(z, inner, outer), y, even) + decay * ((inner[:, :-1] ** 2).sum() + (outer[:, :-1] ** 2).sum())
        l.backward()
        return l
    opt.step(loss)
    with torch.no_grad():
        w = inner[:, :-1] / std
        return torch.cat((w, inner[:, -1:] - (w * mean).sum(1, keepdim=True)), 1), outer


def likely(x, inner, outer):
    """ln of the likelihoods, but for a constant, of measures [N, COUNT + 1] that end in 1."""
    h = torch.tanh(x @ inner.T)
    return torch.cat((h, torch.ones(len(x), 1, dtype=torch.float64)), 1) @ outer.T


def table_of(name, rows):
    print(f"static const double {name}[{len(rows)}][{len(rows[0])}] = {{")
    for row in rows.tolist():
        cells = [f"{v:.4f}" for v in row]
        print("    {" + ",\n     ".join(", ".join(cells[i:i + 11]) for i in range(0, len(cells), 11)) + "},")
    print("};")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("pools", nargs="+")
    ap.add_argument("--held", nargs="*", default=[])
    ap.add_argument("--most", type=int, default=8000, help="lines of a pool")
    ap.add_argument("--decay", type=float, default=1e-4)
    a = ap.parse_args()
    x, y = gather(a.pools, a.most)
    inner, outer = (w.detach() for w in fit(x, y, a.decay))
    for what, (xs, ys) in (("fitted on", (x, y)), ("held out", gather(a.held, a.most) if a.held else (x[:0], y[:0]))):
        if len(xs):
            said = likely(torch.cat((xs, torch.ones(len(xs), 1, dtype=torch.float64)), 1), inner, outer)
            got = said.argmax(1)
            table = [[int(((ys == i) & (got == k)).sum()) for k in range(len(NAMES))] for i in range(len(NAMES))]
            print(what, f"{100 * (got == ys).double().mean():.2f} % right, {F.cross_entropy(said, ys):.3f} nats a line;", dict(zip(NAMES, table)), file=sys.stderr)
    print("/* Weights of a network over script_shapes.c's measures: of its hidden layer, a row for each of its values, and of the ocrvl_shapes,\n"
          " * the last of a row its constant. Made by samples/nano/train/shapes.py. */\n#ifndef OCRVL_READ_SCRIPT_WEIGHTS_H\n#define OCRVL_READ_SCRIPT_WEIGHTS_H\n\n"
          "/* clang-format off */")
    table_of("ocrvl_script_inner", inner)
    table_of("ocrvl_script_outer", outer)
    print("/* clang-format on */\n\n#endif")


if __name__ == "__main__":
    main()
