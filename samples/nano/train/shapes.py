#!/usr/bin/env python3
"""Fit the cheap look by which ocrvl tells lines' scripts apart: a logistic regression over a line's ink.
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


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("pools", nargs="+")
    ap.add_argument("--held", nargs="*", default=[])
    ap.add_argument("--most", type=int, default=8000, help="lines of a pool")
    a = ap.parse_args()
    x, y = gather(a.pools, a.most)
    mean, std = x.mean(0), x.std(0) + 1e-9
    w = torch.zeros(len(NAMES), COUNT + 1, dtype=torch.float64, requires_grad=True)
    z = torch.cat(((x - mean) / std, torch.ones(len(x), 1, dtype=torch.float64)), 1)
    even = (1 / torch.bincount(y, minlength=len(NAMES)).double().clamp_min(1))
    opt = torch.optim.LBFGS([w], max_iter=400, line_search_fn="strong_wolfe")

    def loss():
        opt.zero_grad()
        l = F.cross_entropy(z @ w.T, y, even) + 1e-4 * (w[:, :-1] ** 2).sum()
        l.backward()
        return l
    opt.step(loss)
    with torch.no_grad():
        plain = torch.cat((w[:, :-1] / std, (w[:, -1:] - (w[:, :-1] * mean / std).sum(1, keepdim=True))), 1)
        for what, (xs, ys) in (("fitted on", (x, y)), ("held out", gather(a.held, a.most) if a.held else (x[:0], y[:0]))):
            if len(xs):
                got = (torch.cat((xs, torch.ones(len(xs), 1, dtype=torch.float64)), 1) @ plain.T).argmax(1)
                table = [[int(((ys == i) & (got == k)).sum()) for k in range(len(NAMES))] for i in range(len(NAMES))]
                print(what, f"{100 * (got == ys).double().mean():.2f} % right;", dict(zip(NAMES, table)), file=sys.stderr)
    print('/* Weights of a logistic regression over script_shapes.c\'s measures, a row for each ocrvl_shape, the last of a row its\n'
          ' * constant. Made by samples/nano/train/shapes.py. */\n#ifndef OCRVL_READ_SCRIPT_WEIGHTS_H\n#define OCRVL_READ_SCRIPT_WEIGHTS_H\n\n'
          f'/* clang-format off */\nstatic const double ocrvl_script_weights[{len(NAMES)}][{COUNT + 1}] = {{')
    for row in plain.tolist():
        cells = [f"{v:.4f}" for v in row]
        print("    {" + ",\n     ".join(", ".join(cells[i:i + 11]) for i in range(0, len(cells), 11)) + "},")
    print("};\n/* clang-format on */\n\n#endif")


if __name__ == "__main__":
    main()
