#!/usr/bin/env python3
"""Give a pool whose transcription is in capitals alone (SROIE's) the small letters that the images have, as a reader sees them.
usage: recase.py CHECKPOINT_DIR POOL OUT [--lines N]
The letters stay the transcription's. A line that the reader reads otherwise is kept where it saw capitals alone, and left out where not."""
import argparse, random
from difflib import SequenceMatcher
import numpy as np
from read_lines import load, read
from train import PoolData

FAR = 0.75          # likeness, without regard to case, below which a reading with small letters tells nothing


def recased(want, got):
    """The transcription in the case of the reading; None where the reading is too far from it to tell."""
    if want != want.upper() or not any(c.islower() for c in got):
        return want
    match = SequenceMatcher(None, want, got.upper(), autojunk=False)
    if len(got.upper()) != len(got) or match.ratio() < FAR:
        return None
    out = list(want)
    for a, b, n in match.get_matching_blocks():
        out[a:a + n] = got[b:b + n]
    seen = {a + k for a, _, n in match.get_matching_blocks() for k in range(n)}
    for i in set(range(len(out))) - seen:              # a letter that was misread has its neighbours' case
        beside = [out[j] for j in (i - 1, i + 1) if j in seen]
        if beside and all(c.islower() for c in beside):
            out[i] = out[i].lower()
    return "".join(out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint"); ap.add_argument("pool"); ap.add_argument("out")
    ap.add_argument("--lines", type=int, help="so many lines by chance, of all")
    a = ap.parse_args()
    model, tok = load(a.checkpoint)
    pool, rng = PoolData(a.pool, tok), random.Random(3)
    some = sorted(rng.sample(range(len(pool)), min(a.lines or len(pool), len(pool))))
    off, widths, texts, at = [], [], [], 0
    with open(a.out + ".img", "wb") as f:
        for i, ids in zip(some, read(model, tok, [pool.get(i) for i in some])):
            text = recased(pool.txt[i], tok.decode(ids))
            if text is not None:
                f.write(pool.get(i).tobytes())
                off.append(at); widths.append(pool.w[i]); texts.append(text); at += pool.get(i).size
    np.savez(a.out + ".npz", off=np.array(off, np.int64), width=np.array(widths, np.int32), height=pool.h)
    open(a.out + ".txt", "w", encoding="utf-8").write("\n".join(texts) + "\n")
    print(len(off), "lines of", len(some), "kept,", sum(t != t.upper() for t in texts), "with small letters")


if __name__ == "__main__":
    main()
