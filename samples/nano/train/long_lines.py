#!/usr/bin/env python3
"""Lines of clean print of 20 to 200 characters, and what a reader drops of them: texts and fonts as in clean_lines.py, never trained on.
usage: long_lines.py set OUT DJANGO_DIR FONTLIST [--lines 100]    Writes what cut_lines.py writes, a set a range of lengths; read_lines.py reads it.
       long_lines.py judge OUT HYP_DIR... [--show N]              Shares of lines that lost a run of four letters or more, or won one, and character errors."""
import argparse, os, random
import clean_lines
from clean_lines import picture, sentences
from judge import hypothesis
from make_pool import cover, load_fonts
from make_real import norm
from read_lines import manifest

LANGUAGES = clean_lines.LANGUAGES["nano"]
RANGES = [(20, 40), (40, 60), (60, 80), (80, 100), (100, 120), (120, 160), (160, 200)]
RUN = 4


def line(rng, texts, low, high):
    """Whole words of some texts, together of low to high characters."""
    while True:
        words = " ".join(rng.choice(texts) for _ in range(12)).split(" ")
        n, t = rng.randint(low + 1, high), ""
        for w in words[rng.randrange(8):]:
            if len(t) + 1 + len(w) > n:
                break
            t = (t + " " + w).strip()
        if len(t) > low:
            return t


def draw(a):
    rng, fonts = random.Random(17), [(w, p) for w, p in load_fonts(a.fonts) if "fraktur" not in p]
    texts = {k: sentences(a.django, k) for k in LANGUAGES}
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "manifest.tsv"), "w", encoding="utf-8") as f:
        for low, high in RANGES:
            name = f"{low}-{high}"
            os.makedirs(os.path.join(a.out, name), exist_ok=True)
            for i in range(a.lines):
                lang, can = rng.choice(sorted(LANGUAGES)), []
                while not can:
                    t = line(rng, texts[lang], low, high)
                    can = [(w, p) for w, p in fonts if set(map(ord, t)) - {32} <= cover(p)]
                path = rng.choices([p for _, p in can], [w for w, _ in can])[0]
                picture(t, path, rng).save(os.path.join(a.out, name, f"{i}.png"))
                f.write(f"{name}\t{i}\t{name}/{i}.png\t{LANGUAGES[lang]}\t{os.path.basename(path)}\t{t}\n")


def aligned(want, got):
    """Edit distance, and the longest runs of characters that are in want alone and in got alone, of one cheapest alignment."""
    rows = [list(range(len(got) + 1))]
    for i, x in enumerate(want, 1):
        row = [i]
        for j, y in enumerate(got, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y)))
        rows.append(row)
    i, j, lost, won, most_lost, most_won = len(want), len(got), 0, 0, 0, 0
    while i or j:
        d = rows[i][j]
        if i and j and d == rows[i - 1][j - 1] + (want[i - 1] != got[j - 1]):
            lost = won = 0
            i, j = i - 1, j - 1
        elif i and d == rows[i - 1][j] + 1:
            lost, i = lost + 1, i - 1
        else:
            won, j = won + 1, j - 1
        most_lost, most_won = max(lost, most_lost), max(won, most_won)
    return rows[-1][-1], most_lost, most_won


def report(a):
    rows = list(manifest(a.lines))
    print("| letters | lines |" + "".join(f" {os.path.basename(h)}: lost a run | won a run | CER |" for h in a.hyps))
    for s in list(dict.fromkeys(l.set for l in rows)) + ["all"]:
        some = [l for l in rows if s in (l.set, "all")]
        line = ""
        for h in a.hyps:
            got = [(norm(l.text), hypothesis(h, l)) for l in some]
            found = [aligned(*p) for p in got]
            share = lambda k: 100 * sum(f[k] >= RUN for f in found) / len(found)
            line += f" {share(1):.1f} % | {share(2):.1f} % | {100 * sum(f[0] for f in found) / sum(len(t) for t, _ in got):.2f} |"
            for (t, o), f in [x for x in zip(got, found) if max(x[1][1:]) >= RUN][:a.show if s != "all" else 0]:
                print(f"  {s} {os.path.basename(h)}\n    {t}\n    {o}")
        print(f"| {s} | {len(some)} |{line}")


def main():
    ap = argparse.ArgumentParser()
    sub = ap.add_subparsers(required=True)
    p = sub.add_parser("set"); p.set_defaults(do=draw)
    p.add_argument("out"); p.add_argument("django"); p.add_argument("fonts"); p.add_argument("--lines", type=int, default=100)
    p = sub.add_parser("judge"); p.set_defaults(do=report)
    p.add_argument("lines"); p.add_argument("hyps", nargs="+"); p.add_argument("--show", type=int, default=0)
    a = ap.parse_args()
    a.do(a)


if __name__ == "__main__":
    main()
