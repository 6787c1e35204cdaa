#!/usr/bin/env python3
"""Set lines of clean print in a reader's languages, of nano's in the official ones of the European Union, Norwegian, Ukrainian and Russian:
text of Django's translations (BSD licence; `pip download --no-deps django==5.2.8`, unzipped), in fonts that were never trained on, none of them Fraktur.
usage: clean_lines.py OUT DJANGO_DIR FONTLIST [--lines 50] [--reader nano]    Writes what cut_lines.py writes, a set a language."""
import argparse, ast, glob, os, random, re
from PIL import Image, ImageDraw
import readers
import render
from make_pool import cover, load_fonts

LANGUAGES = {"nano": dict(en="eng", de="deu", fr="fra", es="spa", it="ita", pt="por", nl="nld", da="dan", sv="swe", nb="nor", fi="fin", pl="pol", cs="ces",
                  sk="slk", sl="slv", hr="hrv", hu="hun", ro="ron", et="est", lv="lav", lt="lit", el="ell", bg="bul", uk="ukr", ru="rus"),
             "nano-east": dict(zh_Hans="chi_sim", zh_Hant="chi_tra", ja="jpn", ko="kor"),
             "nano-arab": dict(ar="ara", fa="fas", ur="urd", he="heb")}


def sentences(django, lang):
    """The translations without places to fill in, tags or accelerators; for English what is translated."""
    out = []
    for p in sorted(glob.glob(f"{django}/**/locale/{'de' if lang == 'en' else lang}/LC_MESSAGES/django.po", recursive=True)):
        for block in re.split(r"\n\s*\n", open(p, encoding="utf-8").read())[1:]:
            m = re.search(r'^msgid ((?:".*"\n?)+)' if lang == "en" else r'^msgstr(?:\[0\])? ((?:".*"\n?)+)', block, re.M)
            s = "".join(ast.literal_eval(q) for q in m.group(1).splitlines()) if m else ""
            s = " ".join(s.split())
            if len(s) > 3 and not re.search(r"[%{}<>\\|_~`^\u200e]|[A-Z][a-z]*[A-Z]", s):
                out.append(s)
    return sorted(set(out))


def line(rng, texts, reader):
    n, t = rng.randint(28, 88) if reader.glue else rng.randint(12, 36), ""
    while len(t) < n:
        t = (t + " " + rng.choice(texts)).strip()
    ws = reader.parts(t)
    i = rng.randrange(max(1, len(ws) // 2))
    end = i + 1
    while end < len(ws) and len(reader.whole(ws[i:end + 1])) <= n:
        end += 1
    return reader.whole(ws[i:end]).strip()


def picture(text, path, rng):
    """Black on white, some 300 dpi."""
    f = render.font(path, rng.randint(38, 54))
    left, top, right, bottom = f.getbbox(text, anchor="ls")
    pad = f.size // 3
    im = Image.new("L", (right - left + 2 * pad, bottom - top + 2 * pad), 255)
    ImageDraw.Draw(im).text((pad - left, pad - top), text, font=f, fill=0, anchor="ls")
    return im


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out"); ap.add_argument("django"); ap.add_argument("fonts")
    ap.add_argument("--lines", type=int, default=50)
    readers.add_option(ap)
    a = ap.parse_args()
    reader = readers.READERS[a.reader]
    rng, fonts = random.Random(11), [(w, p) for w, p in load_fonts(a.fonts) if "fraktur" not in p]
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "manifest.tsv"), "w", encoding="utf-8") as f:
        for lang, tess in LANGUAGES[a.reader].items():
            texts = sentences(a.django, lang)
            os.makedirs(os.path.join(a.out, lang), exist_ok=True)
            for i in range(a.lines):
                path = None
                while not path:
                    t = line(rng, texts, reader)
                    can = [(w, p) for w, p in fonts if set(map(ord, t)) - {32} <= cover(p)]
                    path = rng.choices([p for _, p in can], [w for w, _ in can])[0] if can else None
                picture(t, path, rng).save(os.path.join(a.out, lang, f"{i}.png"))
                f.write(f"{lang}\t{i}\t{lang}/{i}.png\t{tess}\t{os.path.basename(path)}\t{t}\n")
            print(lang, a.lines, "lines of", len(texts), "texts")


if __name__ == "__main__":
    main()
