#!/usr/bin/env python3
"""Read lines of a pool with ocrvl and with model.py from one exported checkpoint: the same tokens must come out.
usage: check_ocrvl.py OCRVL CHECKPOINT POOL N    Lines are taken evenly from all of the pool."""
import json, subprocess, sys, tempfile
import cv2
import numpy as np
import torch
from read_lines import load
from train import PoolData, collate, on_device

LONGEST = 130


def ocrvl_read(program, checkpoint, image, tok, d):
    cv2.imwrite(f"{d}/line.png", image)
    subprocess.run([program, "trace", "-q", "-m", checkpoint, "--image", f"{d}/line.png", "--greedy", str(LONGEST), "-o", f"{d}/out"], check=True)
    ids = json.load(open(f"{d}/out/trace.json"))["greedy"]["ids"]
    return ids[:ids.index(tok.end)] if tok.end in ids else ids


@torch.no_grad()
def main(program, checkpoint, path, n):
    model, tok = load(checkpoint)
    pool = PoolData(path, tok)
    some = np.linspace(0, len(pool) - 1, int(n)).astype(int)
    same = 0
    with tempfile.TemporaryDirectory() as d:
        for i in some:
            x, _, _ = on_device(collate(pool, [i], tok, None, False), False)
            ours = model.read(x, tok.before, tok.after, tok.end, LONGEST)[0]
            theirs = ocrvl_read(program, checkpoint, pool.get(i), tok, d)
            same += ours == theirs
            if ours != theirs:
                print("trainer", tok.decode(ours), "\nocrvl  ", tok.decode(theirs))
    print("same tokens", same, "of", len(some))
    return same != len(some)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
