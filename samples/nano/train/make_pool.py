#!/usr/bin/env python3
"""Render a pool of labelled line images.  usage: make_pool.py CORPUS FONTLIST OUT N SEED [--height 28] [--maxlen 100] [--procs 2]
Writes OUT.img (uint8, images end to end), OUT.npz (offset, width, height, text offsets) and OUT.txt; for letters that run to the left,
OUT.seen.txt too, the same from left to right."""
import argparse, random, re, sys
import numpy as np
from multiprocessing import Pool
import readers
import render
from fontTools.ttLib import TTFont

A = None
CORP = {}
FONTS = []
COVER = {}


def load_fonts(path):
    out = []
    for l in open(path):
        w, p = l.rstrip("\n").split("\t")
        out.append((float(w), p))
    return out


def cover(p):
    c = COVER.get(p)
    if c is None:
        try:
            name, index = render.face(p)
            f = TTFont(name, fontNumber=index, lazy=True)
            c = frozenset(f.getBestCmap().keys())
            f.close()
            render.font(p, 40).getbbox("Hpg")             # a few fonts end in an error of their own
        except Exception:
            c = frozenset()
        COVER[p] = c
    return c


def number(r):
    k = r.randint(0, 17)
    d = lambda n: "".join(r.choice("0123456789") for _ in range(n))
    if k == 0: return f"{r.randint(1,28):02d}{r.choice('./-')}{r.randint(1,12):02d}{r.choice('./-')}{r.randint(1800,2035)}"
    if k == 1: return f"{r.choice(['$','€','£','USD ','EUR ',''])}{r.randint(0,999999):,}.{d(2)}"
    if k == 2: return f"{r.randint(0,99999)},{d(2)} {r.choice(['€','Kr.','zł','EUR','Kč','Ft'])}"
    if k == 3: return f"+{r.randint(1,99)} ({d(3)}) {d(3)}-{d(4)}"
    if k == 4: return f"{d(r.randint(1,12))}"
    if k == 5: return f"{r.choice('ABCDEFGHJKLMNPQRSTUVWXYZ')}{d(2)}-{d(r.randint(3,6))}/{r.randint(10,99)}"
    if k == 6: return f"{r.randint(0,100)}.{d(1)}%  {r.randint(0,100)}.{d(1)}%  {r.randint(0,100)}.{d(1)}%"
    if k == 7: return f"({r.choice(['1','2','3','a','b','c','i','ii','iv'])})"
    if k == 8: return f"§ {r.randint(1,400)} Abs. {r.randint(1,9)}"
    if k == 9: return f"pp. {r.randint(1,400)}–{r.randint(400,900)}"
    if k == 10: return f"www.{''.join(r.choice('abcdefghiklmnoprstuvw') for _ in range(r.randint(4,12)))}.{r.choice(['com','org','de','net','eu'])}"
    if k == 11: return f"{''.join(r.choice('abcdefghiklmnoprstuvw') for _ in range(r.randint(3,9)))}@{''.join(r.choice('abcdefghiklmnoprstuvw') for _ in range(r.randint(3,9)))}.com"
    if k == 12: return f"{r.randint(0,23):02d}:{r.randint(0,59):02d}"
    if k == 13: return f"No. {r.randint(1,9999)}"
    if k == 14: return " ".join(d(r.randint(1,5)) for _ in range(r.randint(2,9)))
    if k == 15: return " ".join(f"{r.randint(0,999)}.{d(r.randint(1,3))}" for _ in range(r.randint(1,7)))
    if k == 16: return f"{r.choice(['I','II','III','IV','V','VI','VII','VIII','IX','X','XII','XIV'])}."
    return f"{d(4)} {d(4)} {d(4)} {d(4)}"


QUOTES = [('"', '"')] * 6 + [("“", "”")] * 4 + [("„", "“")] * 3 + [("«", "»"), ("« ", " »"), ("‘", "’"), ("'", "'"), ("»", "«"), ("„", "”"), ("‚", "‘")]
EASTERN_QUOTES = [("「", "」")] * 4 + [("『", "』"), ("《", "》"), ("《", "》"), ("〈", "〉"), ("“", "”"), ("“", "”"), ("（", "）"), ("【", "】"), ("‘", "’")]
LEADERS = [".", ". ", ".", " . ", "…", "-", "- ", "_", "·", "* ", "=", "x", "/", "—", ","]
RUNS = ["...", "....", ".....", "..", "!!", "!!!", "?!", "??", "--", "---", "-----", "...!", "?...", "!...", ". . .", "* * *", '""', "''", ",,",
        "====", "//", "...,", "—", "——", "…", '".', '",', '."', ',"', '!"', '?"', '..."', ").", "),", ");", ":-", ".-", ",-", "...;", "(?)", "(!)", "+++"]
SMALL = ["1", "2", "-", "—", "x", "%", "€", "$", "No", "Yes", "OK", "N/A", "Total", "TOTAL", "Date", "Qty", "Nr.", "No.", "VAT", "MwSt", "CASH", "Summe", "A", "B"]


BOXES = str.maketrans("☐☑☒", "□□□")           # how a box is read, whatever stands in it: the program looks into it itself


def alone(r, text):
    """Marks that stand alone on a line: between paragraphs, in a table's cell, before a line of a form."""
    k = r.random()
    if k < 0.3:
        m, n = r.choice(["*", "*", "*", "*", "-", "–", "—", "•", "·", "+", "=", "~", "_", "#", "○", "●", "■", "□"]), r.choice([1, 2, 3, 3, 3, 3, 4, 5, 7])
        return r.choice(["", " ", " "]).join([m] * n)
    if k < 0.5:
        return r.choice(['"', '"', "''", ",,", "„", "”", '" "', '" " "', "-", "-", "–", "—", "- -", "---", ".", "..", ":", "...", "?", "!", "/", "|", "%", "&", "=", "+", "~"])
    if k < 0.7:
        return r.choice(["x", "X", "×", "✓", "√", "□", "■", "○", "●", "†", "‡", "§", "*", "**", "***", "1", "l", "I", "0", "O", "o", "7", "A", "a", "i", "v", "V", "€", "$", "№"])
    box = r.choice("☐☐☑☒☒□□")
    if k < 0.78:
        return r.choice([box, box + " " + box])
    parts = [box + " " + words(r, text, r.randint(1, 4)).strip(",.;:") for _ in range(r.choice([1, 1, 1, 2]))]
    return " ".join(parts)


def words(r, text, n):
    ws = READER.parts(text)
    i = r.randrange(len(ws))
    return READER.whole(ws[i:i + (n if READER.glue else 3 * n)])


def numbers(r):
    t = " ".join(number(r) for _ in range(r.randint(1, 3)))
    if r.random() < 0.4:
        t = " ".join(r.choice(CORP[r.choice(LANGS)]).split(" ")[:r.randint(1, 4)]) + r.choice([" ", ": ", " - "]) + t
    return t


OTHER_SCRIPT = re.compile("[\u0370-\u052f]")


def scrambled(r, text):
    """Letters at random: every letter of the alphabet is seen, though no Latin ones among Greek or Cyrillic."""
    cs = [c for c in text if c != " "]
    if r.random() < 0.5 and not OTHER_SCRIPT.search(text):
        cs += [chr(r.choice(EXTRA)) for _ in range(len(cs) // 3 + 1)]
    r.shuffle(cs)
    return "".join(c + (" " if r.random() < 0.2 else "") for c in cs)


def cell(r, text):
    """A cell of a table, or a receipt's line."""
    k = r.random()
    amount = f"{r.randint(0, 999)}{r.choice('.,')}{r.randint(0, 99):02d}"
    if k < 0.25:
        return r.choice(SMALL)
    if k < 0.5:
        return words(r, text, r.randint(1, 2)).strip(",.;:")
    if k < 0.65:
        return r.choice(["", "-", "- ", "€ ", "$", "EUR "]) + amount + r.choice(["", "", "", " €", " A", " B", "-", "%", " *"])
    t = words(r, text, r.randint(1, 3))
    if r.random() < 0.4:
        t = t.upper()
    return r.choice(["", "", f"{r.randint(1, 20)} x ", f"{r.randint(1, 9)} ", f"{r.randint(100, 99999)} "]) + t + r.choice([" ", " ", ": "]) + amount


def leader(r, text, maxlen):
    """A contents line: words, a run of dots or the like, a number."""
    head = words(r, text, r.randint(0, 5))
    tail = r.choice(["", str(r.randint(1, 999)), number(r)])
    run = (r.choice(LEADERS) * r.choice([r.randint(3, 8), r.randint(8, 50)])).strip()
    run = run[:max(3, maxlen - len(head) - len(tail) - 2)]
    gap = r.choice(["", " "])
    return head + gap + run + gap + tail


ROMAN = "I II III IV V VI VII VIII IX X XI XII XIV XVI XX i ii iii iv v vi vii ix xii".split()
CITED = ["Ibid.", "Ibid.", "Ibid.,", "Ibid.,", "Id.,", "Op. cit.,", "op. cit.,", "Loc. cit.", "See", "See also", "Cf.", "Vgl.", "Siehe", "Ebd.,", "a. a. O.,",
         "Voir", "Véase", "Cfr.", "Ibíd.,", "Vide", "Source:", "Ref.", "", "", ""]


def place(r):
    """Where in a work something stands."""
    n, m = r.randint(1, 120), r.choice(ROMAN)
    more = n + r.randint(1, 60)
    return r.choice([f"sect. {m}", f"para. {n}", f"paras. {n}-{more}", f"p. {n}", f"pp. {n}-{more}", f"pp. {n}–{more}", f"vol. {m}", f"Vol. {n}", f"annex {m}",
                     f"fol. {n}{r.choice(['r', 'v', ' r.', ' v.'])}", f"art. {n}", f"chap. {m}", f"t. {m}", f"S. {n}", f"S. {n} ff.", f"n. {n}", f"No. {n}", f"§ {n}",
                     f"tab. {n}", f"fig. {n}", f"paras. {n} and {more}", f"{r.randint(1600, 2020)}", f"ch. {n}", f"lib. {m}", f"col. {n}"])


def mark(r):
    """The mark of a file or a document."""
    parts = [r.choice("ABCDEGLSTX") + r.choice(["", "", "C", "N", "."])]
    parts += [str(r.choice([r.randint(1, 9), r.randint(10, 99), r.randint(100, 1999)])) for _ in range(r.randint(1, 3))]
    parts += r.choices([[], [f"Add.{r.randint(1, 9)}"], [f"Rev.{r.randint(1, 4)}"], [f"L.{r.randint(1, 90)}"], [f"Corr.{r.randint(1, 3)}"]], (5, 1, 1, 1, 1))[0]
    return r.choice(["/", "/", "/", "-", "."]).join(parts)


def folio(r):
    """A page's number, as it stands alone at its head or foot."""
    n = r.choice([str(r.randint(1, 20)), str(r.randint(1, 999)), r.choice(ROMAN)])
    a = r.choice(["-", "-", "–", "—", "—", "·", "*", "=", "~"])
    gap = r.choice(["", " ", " "])
    return r.choice([a + gap + n + gap + a, a + gap + n + gap + a, a + gap + n + gap + a, n, n + ".", f"[{n}]", f"({n})", f"( {n} )", f"p. {n}", f"Page {n}", f"S. {n}",
                     f"{n}/{r.randint(1, 999)}", f"{n} {a}", f"{a} {n}", f"{n}{r.choice('abrv*')}"])


def note(r, text):
    """A note at the foot of a page: its number, what is cited, and where."""
    n = str(r.randint(1, 199))
    head = r.choice([f"{render.RAISE}{n}{render.LOWER} "] * 5 + [f"{n} ", f"{n}. ", f"{n}) ", f"[{n}] "])
    what = r.choice([[r.choice(CITED)], [r.choice(CITED)], [r.choice(["", "See ", "Cf. "]) + mark(r)], [words(r, text, r.randint(1, 4)).strip(",.;")]])
    parts = [p for p in what if p] + [place(r) for _ in range(r.choice([0, 1, 1, 1, 2]))]
    t = parts[0] if parts else mark(r)
    for p in parts[1:]:
        t += (" " if t[-1] in ",." and r.random() < 0.7 else ", " if t[-1] not in ",:" else " ") + p
    if r.random() < 0.2:
        t += r.choice(["; ", " and ", ", "]) + r.choice([mark(r), place(r)])
    t = t.rstrip(",:; ")
    return head + t + (r.choice([".", ".", ".", ".", "", ";"]) if t[-1] != "." else "")


def numbered(r, t):
    """Prose with a note's number after a word or its point."""
    ws = READER.parts(t)
    i = r.choice([len(ws) - 1, r.randrange(len(ws))])
    ws[i] += r.choice(["", "", "", ",", ".", ";"]) if ws[i][-1:].isalpha() else ""
    ws[i] += f" {render.RAISE}{r.randint(1, 120)}{render.LOWER}"
    return READER.whole(ws)


def prose(r, text, maxlen):
    u = r.random()
    if u < SHARE[0]:
        n = r.randint(1, min(14, maxlen))
    elif u < SHARE[0] + SHARE[1]:
        n = r.randint(8, min(45, maxlen))
    else:
        n = r.randint(min(30, maxlen), maxlen)
    ws, gap = READER.parts(text), len(READER.glue)
    last, left = len(ws) - 1, 0
    while last and left < n:                        # from there on, n letters are left
        left += len(ws[last]) + gap
        last -= 1
    i = r.randint(0, last) if len(text) > n else 0
    out, size = [], 0
    for w in ws[i:]:
        if size + gap + len(w) > n:
            break
        out.append(w)
        size += gap + len(w)
    return READER.whole(out).strip() or ws[i][:n]


def cased(r, t):
    v = r.random()
    if v < 0.11:
        return t.upper()
    if v < 0.14:
        return t.title()
    return t + "-" if v < 0.18 and len(t) > 3 and t[-1].isalpha() else t


def quoted(r, t):
    """Words within marks of quotation, with the points that stand beside them."""
    a, b = r.choice(QUOTES if READER.glue else EASTERN_QUOTES)
    ws = READER.parts(t)
    i = r.randrange(len(ws))
    j = r.randint(i, min(len(ws) - 1, i + r.choice([0, 1, 3, 12])))
    side = r.random()                               # a quotation may begin or end on another line
    if side < 0.75:
        ws[i] = r.choice(["", "", "", "(", "-", "— "]) + a + ws[i]
    if side > 0.2:
        ws[j] += r.choice(["", "", ".", ",", "!", "?", "...", "?!"]) + b + r.choice(["", "", ".", ",", ";", ":", ")", "—"])
    return READER.whole(ws)


def marked(r, t):
    """Runs of points and strokes among the words."""
    ws = READER.parts(t)
    for _ in range(r.randint(1, 3)):
        i = r.randrange(len(ws))
        ws[i] = r.choice([ws[i] + r.choice(RUNS), ws[i] + " " + r.choice(RUNS), r.choice(RUNS) + ws[i]])
    return READER.whole(ws)


BULLETS = ["•"] * 8 + ["–", "–", "—", "-", "*", "·", "●", "○", "■", "□", "→", "✓", "»", "a)", "b)", "1)", "(1)", "1.", "2.", "3.1", "A.", "§"]


def typeset(r, t):
    """A typist's dashes, quotation marks and apostrophes as a printer sets them."""
    if r.random() < 0.6:
        t = t.replace(" - ", r.choice([" – ", " – ", " — "])).replace("--", r.choice(["–", "—"]))
    if r.random() < 0.3:
        t = re.sub(r"(?<=\w)'(?=\w)", "’", t)
    if '"' in t and r.random() < 0.3:
        a, b = r.choice(QUOTES)
        t = re.sub(r'(^|[ (])"(?=\w)', lambda m: m.group(1) + a, t)
        t = re.sub(r'(?<=[\w.,!?])"', b, t)
    return t


def capitals(r, t):
    """Some words, or all, in small capitals; the first of them has a capital, to tell them from capitals."""
    ws = t.split(" ")
    i = r.choice([0, r.randrange(len(ws))])
    j = r.choice([len(ws), min(len(ws), i + r.randint(1, 4))])
    ws[i] = ws[i][:1].upper() + ws[i][1:]
    return " ".join(ws[:i] + [render.CAPS + " ".join(ws[i:j]) + render.LOWERCASE] + ws[j:])


GOODS = ("MILK BREAD COFFEE TEA SUGAR RICE EGGS BUTTER APPLE JUICE WATER CHICKEN FISH NOODLE SAUCE SOAP PAPER PEN BATTERY CABLE BULB PAINT BRUSH NAIL SCREW TAPE "
         "BOX BAG CUP PLATE KOPI TEH AYAM NASI MEE ROTI KFC SET MEAL COMBO DRINK ICE CAKE DONUT PIZZA BURGER FRIES SALAD SOUP STEAK SHIRT SOCKS SHOES TOWEL").split()
TOTALS = ("TOTAL|SUBTOTAL|SUB TOTAL|GRAND TOTAL|TOTAL AMOUNT|TOTAL SALES|AMOUNT DUE|CASH|CHANGE|BALANCE|VISA|MASTERCARD|DEBIT|CREDIT|TAX|GST|GST 6%|VAT 20%|MWST 19%|"
          "SALES TAX|SERVICE CHARGE|ROUNDING|ROUNDING ADJ|DISCOUNT|SAVINGS|QTY|ITEMS|ITEM COUNT|TIP|SUMME|BAR|RÜCKGELD|TVA|IVA|TOTAL TTC|PAYMENT|TENDERED|Total|Subtotal|"
          "Cash|Change|Tax|Total (RM)|Total Incl. GST|Total Excl GST|Amount(RM)|Round Adj").split("|")
HEADS = ("INVOICE NO|RECEIPT #|BILL NO|TABLE|CASHIER|SERVER|TERMINAL|DATE|TIME|TEL|FAX|GST ID|GST NO|REG NO|CO. REG|ORDER|TRANS|REF|AUTH|CARD|STORE|POS|DOC NO|MEMBER|COUNTER|"
         "SALES PERSON|Date|Time|Tel|Invoice No|Receipt No|Cashier|Table No|TAX INVOICE|CASH BILL|THANK YOU|PLEASE COME AGAIN|GOODS SOLD ARE NOT RETURNABLE|HAVE A NICE DAY").split("|")


def receipt(r, text):
    """A line of a receipt."""
    d = lambda n: "".join(r.choice("0123456789") for _ in range(n))
    money = lambda: r.choice(["", "", "", "$", "RM", "RM ", "€", "£", "-", "*"]) + f"{r.choice([r.randint(0, 9), r.randint(0, 99), r.randint(0, 2999)])}{r.choice('....,')}{d(2)}" \
        + r.choice(["", "", "", "", " A", " SR", " T", "-", " %", " *", " S", " Z"])
    when = f"{r.randint(1, 28):02d}{(s := r.choice('/-./'))}{r.randint(1, 12):02d}{s}{r.choice(['20', ''])}{r.randint(10, 26)}"
    clock = f"{r.randint(0, 23):02d}:{d(1)}{d(1)}" + r.choice(["", ":" + d(2), " AM", " PM", "PM"])
    k = r.random()
    gap = r.choice([" ", " ", ": ", " : ", ":"])
    if k < 0.16: t = f"{r.choice(TOTALS)}{gap}{money()}"
    elif k < 0.34: t = f"{r.choice(['', '', str(r.randint(1, 12)) + ' ', str(r.randint(1, 9)) + ' X ', d(13) + ' ', d(4) + ' '])}{' '.join(r.choices(GOODS, k=r.randint(1, 3)))} {r.choice(['', d(3) + 'G ', d(1) + 'KG ', '500ML ', '1.5L '])}{money()}"
    elif k < 0.46: t = f"{r.choice(HEADS)}{gap}{r.choice([d(r.randint(3, 12)), 'CS' + d(6), d(2) + '-' + d(8), '#' + d(4), d(3) + '-' + d(7)])}"
    elif k < 0.56: t = r.choice([when, clock, f"{when} {clock}", f"{r.choice(['DATE', 'Date'])}{gap}{when}", f"{when} {clock} {d(4)}"])
    elif k < 0.62: t = f"{r.randint(1, 20)} {r.choice(['@', 'x', 'X', '*', 'PCS'])} {money()} {money()}"
    elif k < 0.70: t = " ".join(money() for _ in range(r.randint(1, 4)))
    elif k < 0.76: t = r.choice([d(r.randint(6, 16)), "X" * r.randint(4, 12) + d(4), "*" * r.randint(4, 12) + d(4), f"({d(6)}-{r.choice('ABHKMPTUVWX')})", d(13)])
    elif k < 0.82: t = f"{r.choice(['NO.', 'No ', 'LOT ', ''])}{r.randint(1, 200)}{r.choice(['', ',', 'A,', '-G,'])} {words(r, text, r.randint(1, 4))}, {d(5)}"
    elif k < 0.86: t = f"{r.choice(HEADS)}{gap}{words(r, text, r.randint(0, 2))}"
    else: t = words(r, text, r.randint(1, 6))
    return t if k < 0.82 and r.random() < 0.7 else t.upper() if r.random() < 0.75 else t


def phrase(r, maxlen):
    snippets = CORP[r.choices(LANGS, WEIGHTS)[0]]
    text = r.choice(snippets)
    while len(text) < maxlen and r.random() < 0.85:
        text += READER.glue + r.choice(snippets)
    if r.random() < NOTES:
        u = r.random()
        t = folio(r) if u < 0.15 else note(r, text) if u < 0.6 else numbered(r, prose(r, text, maxlen - 5))
        return " ".join(t.split())
    if r.random() < A.marks:
        return " ".join(alone(r, text).split())
    if A.receipt:
        return " ".join(receipt(r, text).split())
    k = r.random()
    if k < 0.08:
        t = numbers(r)
    elif k < 0.12:
        t = scrambled(r, text)
    elif k < 0.17:
        t = cell(r, text)
    elif k < 0.20:
        t = leader(r, text, maxlen)
    else:
        t = typeset(r, cased(r, prose(r, text, maxlen)))
        if r.random() < 0.02:
            t = "(" + t + ")"
        if r.random() < 0.05:
            t = r.choice(BULLETS) + " " + t
        elif r.random() < 0.03 and t.upper() != t:
            return capitals(r, " ".join(t[:maxlen].split()))
    if t and r.random() < 0.12:
        t = quoted(r, t)
    if t and r.random() < 0.06:
        t = marked(r, t)
    return " ".join(t.split())[:maxlen].strip()


def init(a):
    global A, FONTS, LANGS, WEIGHTS, EXTRA, FW, SHARE, NOTES, READER
    A, NOTES, READER = a, a.notes, readers.READERS[a.reader]
    SHARE = (0.1, 0.15) if a.long else (0.3, 0.25)
    for l in open(a.corpus, encoding="utf-8"):
        k, t = l.rstrip("\n").split("\t", 1)
        CORP.setdefault(k, []).append(t)
    LANGS = sorted(CORP)
    w = dict(READER.weights) if not a.even else dict.fromkeys("el bg uk ru sr".split(), 2.0)
    if a.languages:
        w = {k: float(v or 1) for k, _, v in (l.partition("=") for l in a.languages.split(","))}
        LANGS = [k for k in LANGS if k in w]
    WEIGHTS = [w.get(k, 0.3 if k.startswith("words-") else 1.0) for k in LANGS]
    FONTS = load_fonts(a.fonts)
    FW = [f[0] for f in FONTS]
    own = [ord(c) for c in READER.beyond_ascii]
    latin = list(range(0x21, 0x7F)) * 4 + list(range(0xA1, 0xAC)) + list(range(0xAE, 0x180)) + [ord(c) for c in "–—‘’“”„•…€№™†‡‰‹›×÷±≤≥"] * 6
    EXTRA = latin if READER is readers.NANO else latin[:94 * 2] + own * max(1, 400 // len(own))


def one(seed):
    r = random.Random(seed)
    for k in range(12):
        t = phrase(r, A.maxlen)
        if not t or not READER.letters.issuperset(render.plain(t).translate(BOXES)):
            continue
        need = set(map(ord, render.plain(t) + (t.upper() if render.CAPS in t else ""))) - {32} - set(range(0xE000, 0xE004))
        for _ in range(10):
            p = r.choices(FONTS, FW)[0][1]
            if need <= cover(p):
                break
        else:
            continue
        t = render.fitting(t, p, A.height, A.maxwidth, READER)
        other, draw = r.choice(CORP["en"])[:60], r.randrange(1 << 31)
        column = r.random() < READER.columns and not t.isascii()
        set_by = render.column_ink if column else render.receipt_ink if A.receipt and r.random() < 0.7 else render.ink
        img = render.clean(t, p, draw, A.height, A.maxwidth, column) if r.random() < A.clean else \
            render.sample(t, p, draw, A.height, A.maxwidth, other, A.hard, A.typed, set_by)
        if img is not None:
            return render.plain(t).translate(BOXES), img
    return None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("corpus"); ap.add_argument("fonts"); ap.add_argument("out")
    ap.add_argument("n", type=int); ap.add_argument("seed", type=int)
    ap.add_argument("--height", type=int, default=28)
    ap.add_argument("--maxlen", type=int, default=100)
    ap.add_argument("--maxwidth", type=int, default=1232)
    ap.add_argument("--long", action="store_true", help="three lines in four of --maxlen's upper range")
    ap.add_argument("--hard", type=float, default=1.0, help="how much ageing")
    ap.add_argument("--typed", type=float, default=0.0, help="share of lines struck as by a typewriter, letter by letter")
    ap.add_argument("--even", action="store_true", help="as much of a small language as of a large one")
    ap.add_argument("--notes", type=float, default=0.0, help="share of notes at the foot of a page, of prose with their numbers, and of page numbers")
    ap.add_argument("--marks", type=float, default=0.0, help="share of marks that stand alone: rows of asterisks, dittos, dashes, boxes of forms")
    ap.add_argument("--clean", type=float, default=0.0, help="share of lines of clean print or screens, as ocrvl cuts them out")
    ap.add_argument("--receipt", action="store_true", help="receipts' lines, most of them set by a coarse printer")
    ap.add_argument("--languages", help="only these of the corpus, LANG[=WEIGHT],...")
    ap.add_argument("--procs", type=int, default=2)
    readers.add_option(ap)
    a = ap.parse_args()
    off, widths, texts, at = [], [], [], 0
    with open(a.out + ".img", "wb") as f, Pool(a.procs, init, (a,)) as pool:
        for got in pool.imap_unordered(one, range(a.seed * 10_000_000, a.seed * 10_000_000 + a.n), chunksize=64):
            if got is None:
                continue
            t, img = got
            f.write(img.tobytes())
            off.append(at); widths.append(img.shape[1]); texts.append(t)
            at += img.size
    np.savez(a.out + ".npz", off=np.array(off, np.int64), width=np.array(widths, np.int32), height=a.height)
    with open(a.out + ".txt", "w", encoding="utf-8") as f:
        f.write("\n".join(texts) + "\n")
    if readers.READERS[a.reader].rtl:               # for the letters that the eyes spell from left to right
        with open(a.out + ".seen.txt", "w", encoding="utf-8") as f:
            f.write("\n".join(map(readers.READERS[a.reader].as_seen, texts)) + "\n")
    print(len(off), "lines,", at / 1e6, "MB", file=sys.stderr)


if __name__ == "__main__":
    main()
