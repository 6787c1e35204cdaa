#!/usr/bin/env python3
"""Character error rates (micro-averaged) and shares of lines without an error, by set.
usage: judge.py LINES_DIR HYP_DIR... [--show N] [--any-case]    as transcribed, and with quotation marks and dashes folded"""
import argparse, os, re
from make_real import norm
from read_lines import manifest
from train import edit

FOLD = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’‚", "'"), **dict.fromkeys("–—", "-")})


def folded(t):
    return re.sub(r"\s+", " ", t.translate(FOLD).replace("''", '"')).strip()


def hypothesis(d, line):
    p = os.path.join(d, line.set, line.id + ".txt")
    return norm(open(p, encoding="utf-8").read()) if os.path.exists(p) else ""


def rates(pairs):
    errors = sum(edit(t, h) for t, h in pairs)
    return 100 * errors / sum(len(t) for t, _ in pairs), 100 * sum(t == h for t, h in pairs) / len(pairs)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("lines"); ap.add_argument("hyps", nargs="+")
    ap.add_argument("--show", type=int, default=0, help="lines with the most errors to print for each reader and set")
    ap.add_argument("--any-case", action="store_true", help="capitals and small letters alike: SROIE's transcription is in capitals alone")
    a = ap.parse_args()
    case = str.upper if a.any_case else str
    rows = list(manifest(a.lines))
    sets = list(dict.fromkeys(l.set for l in rows))
    print("| set | lines |" + "".join(f" {os.path.basename(h)}: CER | exact | folded CER | exact |" for h in a.hyps))
    for s in sets + ["all"]:
        line = ""
        for h in a.hyps:
            pairs = [(case(norm(l.text)), case(hypothesis(h, l))) for l in rows if s in (l.set, "all")]
            strict, fold = rates(pairs), rates([(folded(t), folded(o)) for t, o in pairs])
            line += f" {strict[0]:.2f} | {strict[1]:.0f} % | {fold[0]:.2f} | {fold[1]:.0f} % |"
            for t, o in sorted(pairs, key=lambda p: -edit(*p))[:a.show if s != "all" else 0]:
                print(f"  {s} {os.path.basename(h)} {edit(t, o)}\n    {t}\n    {o}")
        print(f"| {s} | {len(pairs)} |{line}")


if __name__ == "__main__":
    main()
