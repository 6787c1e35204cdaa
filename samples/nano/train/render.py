"""Synthetic text-line images: a string, a font, and what printing, ageing and scanning do to them."""
import io, math, os, random, re
import numpy as np
import cv2
from PIL import Image, ImageDraw, ImageFont, features
from readers import RTL

cv2.setNumThreads(1)
RAQM = features.check("raqm")
_cache = {}


def face(path):
    """The file and the number of a font given as FILE or FILE#NUMBER."""
    name, _, index = path.partition("#")
    return name, int(index or 0)


def font(path, size):
    k = (path, size)
    f = _cache.get(k)
    if f is None:
        if len(_cache) > 400:
            _cache.clear()
        name, index = face(path)
        f = ImageFont.truetype(name, size, index=index, layout_engine=ImageFont.Layout.RAQM if RAQM else ImageFont.Layout.BASIC)
        f.given = path
        _cache[k] = f
    return f


RAISE, LOWER = "\ue000", "\ue001"              # around what stands above the line, smaller: a note's number
CAPS, LOWERCASE = "\ue002", "\ue003"           # around what is set in small capitals
MARKS = re.compile("[\ue000-\ue003]")


def plain(text):
    """The text that is read, without the marks of how it is set."""
    return MARKS.sub("", text)


def draw_capitals(d, x, y, text, f, share):
    """Draw in small capitals: small letters as capitals of `share` of the size; returns the end x."""
    small = font(f.given, max(8, int(f.size * share)))
    for part in re.findall(r"[a-zà-žα-ωά-ώа-џґ]+|[^a-zà-žα-ωά-ώа-џґ]+", text):
        as_small = part[0].islower()
        part, g = (part.upper(), small) if as_small else (part, f)
        d.text((x, y), part, font=g, fill=255, anchor="ls")
        x += g.getlength(part)
    return x


def draw_text(d, x, y, text, f, rng, spacing, wordgap):
    """Draw at baseline y from x; returns the end x."""
    if CAPS in text:
        share = rng.uniform(0.7, 0.84)
        for k, part in enumerate(re.split(f"{CAPS}|{LOWERCASE}", text)):
            x = draw_capitals(d, x, y, part, f, share) if k % 2 else draw_text(d, x, y, part, f, rng, 0, 1)
        return x
    if RAISE in text:
        share, lift = rng.uniform(0.55, 0.72), rng.uniform(0.24, 0.42)
        small = font(f.given, max(8, int(f.size * share)))
        for k, part in enumerate(re.split(f"{RAISE}|{LOWER}", text)):
            if k % 2:
                x = draw_text(d, x, y - lift * f.size, part, small, rng, spacing, wordgap)
            else:                                  # the space before a raised number is hardly one
                x = draw_text(d, x, y, part.rstrip(" ") if part.strip() else "", f, rng, spacing, wordgap)
                x += f.getlength(" ") * rng.uniform(0.0, 0.5) if part.endswith(" ") else 0
        return x
    if spacing == 0 and wordgap == 1:
        d.text((x, y), text, font=f, fill=255, anchor="ls")
        return x + f.getlength(text)
    if spacing == 0:
        sp = f.getlength(" ") * wordgap
        for i, w in enumerate(text.split(" ")):
            if i:
                x += sp
            d.text((x, y), w, font=f, fill=255, anchor="ls")
            x += f.getlength(w)
        return x
    for ch in text:
        d.text((x, y), ch, font=f, fill=255, anchor="ls")
        x += f.getlength(ch) * (wordgap if ch == " " else 1) + spacing
    return x


def strike(d, x, y, text, f, rng):
    """Draw letter by letter as a typewriter does: each with its own weight, height and place; returns the end x."""
    size = f.size
    loose, faint = rng.uniform(0, 0.035) * size, rng.uniform(0, 0.6)
    heavy = rng.random() < 0.3
    for ch in text:
        at = (x + rng.gauss(0, loose / 2), y + rng.gauss(0, loose))
        force = int(255 * (1 - faint * rng.random() ** 2))
        d.text(at, ch, font=f, fill=force, anchor="ls", stroke_width=1 if heavy and rng.random() < 0.4 else 0, stroke_fill=force)
        x += f.getlength(ch)
    return x


def worn(m, rng, nprng):
    """What ribbon, carbon paper and a dirty type do to struck letters: m and the result are ink masks."""
    H, W = m.shape
    if rng.random() < 0.5:                         # ribbon weave
        g = nprng.normal(0, 1, (H // 2 + 1, W // 2 + 1)).astype(np.float32)
        m = m * np.clip(1 - rng.uniform(0.1, 0.5) * np.abs(cv2.resize(g, (W, H))), 0, 1)
    if rng.random() < 0.4:                         # ink spreads, counters fill
        m = np.clip(cv2.GaussianBlur(m, (0, 0), rng.uniform(0.8, 2.2)) * rng.uniform(1.0, 2.0), 0, 1)
    if rng.random() < 0.15:                        # struck twice
        dx, dy = rng.uniform(-3, 3), rng.uniform(-2, 2)
        ghost = cv2.warpAffine(m, np.float32([[1, 0, dx], [0, 1, dy]]), (W, H))
        m = np.maximum(m, rng.uniform(0.3, 0.9) * ghost)
    if rng.random() < 0.25:                        # the ribbon's upper or lower edge prints fainter
        fade = np.interp(np.arange(H), (0.35 * H, 0.65 * H), (rng.uniform(0.4, 1), rng.uniform(0.4, 1)))
        m = m * fade.astype(np.float32)[:, None]
    return m


def fitting(text, fpath, height, max_width, reader):
    """As many of the text's words, or letters, as a strip of that height and width holds in that font, about."""
    f = font(fpath, 40)
    box = f.getbbox("Hpg", anchor="ls")
    most = 0.93 * max_width * (box[3] - box[1]) * 1.08 / height
    words = reader.parts(text)
    while len(words) > 1 and f.getlength(plain(reader.whole(words))) > most:
        words = words[:-max(1, len(words) // 12)]
    text = reader.whole(words).strip()
    for a, b in ((RAISE, LOWER), (CAPS, LOWERCASE)):        # a mark whose end was cut off ends here
        text += b if text.count(a) > text.count(b) else ""
    return text


def printed(text, fpath, rng, dots):
    """Ink mask of the text as a receipt's printer sets it: a coarse raster without greys, its points round (dots) or square, drawn large;
    and the row of its baseline."""
    size = rng.randint(9, 13) if dots else rng.randint(14, 24)
    f = font(fpath, size)
    W, H = int(f.getlength(text)) + 2 * size, 3 * size
    im = Image.new("1", (W, H), 0)
    d = ImageDraw.Draw(im)
    d.fontmode = "1"
    d.text((size, 2 * size), text, font=f, fill=1, anchor="ls")
    m = np.asarray(im).astype(np.float32)
    tall = rng.uniform(1.0, 1.5) if rng.random() < 0.5 else 1.0                # double height, and less
    k = max(2, round(40 / size))
    ky = max(2, round(k * tall))
    big = np.kron(m, np.ones((ky, k), np.float32))
    if dots:
        ys, xs = np.mgrid[0:ky, 0:k].astype(np.float32)
        r = rng.uniform(0.38, 0.62)
        disc = (((ys + 0.5) / ky - 0.5) ** 2 + ((xs + 0.5) / k - 0.5) ** 2 < r * r).astype(np.float32)
        big *= np.tile(disc, m.shape)
        big = cv2.GaussianBlur(big, (0, 0), rng.uniform(0.3, 1.0))
    elif rng.random() < 0.6:
        big = cv2.GaussianBlur(big, (0, 0), rng.uniform(0.5, 1.5))
    return np.pad(big, ((60, 60), (0, 0))), 60 + 2 * size * ky, size * ky


def upright(f, part):
    """A part of a column, of letters one below the other, turned a quarter to the left: its ink mask."""
    l, t, r, b = f.getbbox(part, direction="ttb", anchor="lt")
    im = Image.new("L", (max(1, r - l), max(1, b - t)), 0)
    ImageDraw.Draw(im).text((-l, -t), part, font=f, fill=255, anchor="lt", direction="ttb")
    return np.rot90(np.asarray(im))


def lying(f, part):
    """Latin letters in a column lie on their side, so that they stand when it is turned: their ink mask."""
    asc, desc = f.getmetrics()
    im = Image.new("L", (int(f.getlength(part)) + 2, asc + desc), 0)
    ImageDraw.Draw(im).text((1, asc), part, font=f, fill=255, anchor="ls")
    return np.asarray(im)


def column_ink(text, fpath, rng):
    """What ink gives, for a column turned a quarter to the left."""
    size = rng.randint(30, 52)
    f = font(fpath, size)
    spacing = rng.choice([0, 0, rng.uniform(0, 0.3) * size])
    masks, runs = [], re.findall(r"[\x21-\x7e]+|[^\x20-\x7e]+| +", text)
    for part in runs:
        if part.isspace():
            masks.append(np.zeros((1, int(size * 0.4)), np.uint8))
            continue
        stand = ord(part[0]) > 0x7E or len(part) == 1
        masks += [lying(f, part)] if not stand else [upright(f, part)] if spacing == 0 else [upright(f, c) for c in part]
    pad = 2 * size
    W, H = sum(m.shape[1] for m in masks) + int(spacing * len(masks)) + 2 * size, size * 5
    out, x = np.zeros((H, W), np.float32), float(size)
    for m in masks:
        y = (H - m.shape[0]) // 2
        h, w = min(m.shape[0], H), m.shape[1]
        a, b = max(0, y), int(x)
        out[a:a + h, b:b + w] = np.maximum(out[a:a + h, b:b + w], m[:h, :W - b].astype(np.float32) / 255)
        x += w + spacing
    ys, xs = np.flatnonzero(out.max(1) > 0.25), np.flatnonzero(out.max(0) > 0.25)
    if len(ys) == 0:
        return None
    top, bottom, middle = ys[0], ys[-1] + 1, H // 2
    if rng.random() < 0.6 or bottom - top < 0.8 * size:        # the column's own width
        top, bottom = min(top, middle - size // 2), max(bottom, middle + size // 2)
    return out, (top, bottom, xs[0], xs[-1] + 1), size // 2


def receipt_ink(text, fpath, rng):
    """What ink gives, for a line of a receipt."""
    m, base, size = printed(text, fpath, rng, rng.random() < 0.5)
    ys, xs = np.flatnonzero(m.max(1) > 0.3), np.flatnonzero(m.max(0) > 0.3)
    if len(ys) == 0:
        return None
    top, bottom = ys[0], ys[-1] + 1
    if bottom - top < 0.55 * size:                 # points and strokes alone: a segmenter takes its neighbours' height
        top, bottom = min(top, base - int(0.7 * size)), max(bottom, base)
    return m, (top, bottom, xs[0], xs[-1] + 1), int(size * 0.5)


def rtl_ink(text, fpath, rng, sizes):
    """What ink gives, for a line that begins at the right; its letters join, so that none is spaced out."""
    size = rng.randint(*sizes)
    f = font(fpath, size)
    l, t, r, b = f.getbbox(text, anchor="ls", direction="rtl")
    im = Image.new("L", (r - l + 4 * size, b - t + 6 * size), 0)
    base = 3 * size - t
    ImageDraw.Draw(im).text((2 * size - l, base), text, font=f, fill=255, anchor="ls", direction="rtl")
    m = np.asarray(im).astype(np.float32) / 255
    ys, xs = np.flatnonzero(m.max(1) > 0.25), np.flatnonzero(m.max(0) > 0.25)
    if len(ys) == 0:
        return None
    top, bottom = ys[0], ys[-1] + 1
    if rng.random() < 0.4 or bottom - top < 0.5 * size:
        top, bottom = min(top, base - int(0.7 * size)), max(bottom, base + int(0.25 * size))
    if rng.random() < 0.25:                        # letters that are small between long strokes, as in many faces
        h = bottom - top
        top, bottom = max(0, top - int(rng.uniform(0, 0.45) * h)), min(m.shape[0], bottom + int(rng.uniform(0, 0.35) * h))
    return m, (top, bottom, xs[0], xs[-1] + 1), size // 2


def ink(text, fpath, rng, other=None, typed=False, sizes=(30, 52)):
    """Ink mask (float 0..1) of the text with room around it, and (top, bottom, left, right) of the text's own line box."""
    if RTL.search(text):
        return rtl_ink(plain(text), fpath, rng, sizes)
    size = rng.randint(*sizes)
    f = font(fpath, size)
    asc, desc = f.getmetrics()
    asc, desc = min(asc, int(size * 1.3)), min(desc, int(size * 0.5))
    spacing = rng.uniform(0.02, 0.25) * size if rng.random() < 0.05 and all(ord(c) < 0x250 for c in text) else 0
    wordgap = rng.uniform(0.7, 2.4) if rng.random() < 0.2 else 1
    width = f.getlength(plain(text)) * 1.02 + spacing * len(text) + (max(0, wordgap - 1) * f.getlength(" ") * text.count(" "))
    pad = size
    W, H = int(width) + 2 * pad + 8, asc + desc + 4 * size
    base = 2 * size + asc
    im = Image.new("L", (W, H), 0)
    d = ImageDraw.Draw(im)
    if typed:
        strike(d, pad, base, plain(text), f, rng)
    else:
        draw_text(d, pad, base, text, f, rng, spacing, wordgap)
    m = np.asarray(im)
    ys = np.flatnonzero(m.max(1) > 64)
    xs = np.flatnonzero(m.max(0) > 64)
    if len(ys) == 0:
        return None
    top, bot, left, right = ys[0], ys[-1] + 1, xs[0], xs[-1] + 1
    if bot - top > 2.6 * size:
        return None
    # the box a segmenter would give: the ink's own extent, or the font's nominal extent
    xh = f.getbbox("x", anchor="ls")
    x_height = max(4, -xh[1])
    nom_top, nom_bot = base - int(x_height * 1.5), base + int(x_height * 0.45)
    if rng.random() < 0.5:
        top, bot = min(top, nom_top), max(bot, nom_bot)
    else:
        if bot - top < 1.25 * x_height:           # all-x-height or dashes: a segmenter takes its neighbours' height
            top, bot = min(top, nom_top + rng.randint(0, max(1, x_height // 3))), max(bot, base + rng.randint(0, 3))
            if bot - top < x_height:
                bot = base + 2
    if rng.random() < 0.03:
        yb = base + max(2, size // 12)
        d.line((left, yb, right, yb), fill=255, width=rng.randint(1, 3))
    if other and rng.random() < 0.25:             # pieces of the lines above and below
        lead = (asc + desc) * rng.uniform(0.95, 1.25)
        for s in (-1, 1):
            if rng.random() < 0.6:
                d.text((pad - rng.randint(0, size), base + s * lead), other, font=f, fill=255, anchor="ls")
    if rng.random() < 0.04:                       # table rules and boxes
        k = rng.randint(0, 3)
        w = rng.randint(1, 3)
        if k == 0:
            d.line((0, top - size // 4, W, top - size // 4), fill=255, width=w)
        elif k == 1:
            d.line((0, bot + size // 5, W, bot + size // 5), fill=255, width=w)
        elif k == 2:
            xx = left - rng.randint(size // 4, pad - 2)
            d.line((xx, 0, xx, H), fill=255, width=w)
        else:
            xx = min(W - 2, right + rng.randint(size // 4, pad - 2))
            d.line((xx, 0, xx, H), fill=255, width=w)
    m = np.asarray(im).astype(np.float32) / 255
    return m, (top, bot, left, right), x_height


def background(h, w, rng, nprng):
    r = rng.random()
    base = rng.uniform(0.75, 1.0) if r < 0.75 else rng.uniform(0.45, 0.8)
    bg = np.full((h, w), base, np.float32)
    if rng.random() < 0.35:                        # slow shading
        g = nprng.normal(0, 1, (2, max(2, w // 120 + 2))).astype(np.float32)
        bg += cv2.resize(g, (w, h), interpolation=cv2.INTER_CUBIC) * rng.uniform(0.01, 0.06)
    if rng.random() < 0.25:                        # paper grain
        k = rng.choice((2, 3, 5))
        g = nprng.normal(0, 1, (h // k + 1, w // k + 1)).astype(np.float32)
        bg += cv2.resize(g, (w, h), interpolation=cv2.INTER_LINEAR) * rng.uniform(0.01, 0.05)
    return bg


def padded(img, edge):
    """The strip with paper after it, to a multiple of 28."""
    return np.pad(img, ((0, 0), (0, -img.shape[1] % 28)), constant_values=edge)


def clean(text, fpath, seed, height=28, max_width=1232, column=False):
    """A line of clean print, or of a screen, as ocrvl cuts it out and scales it: what sample gives, with next to nothing done to it."""
    rng = random.Random(seed)
    nprng = np.random.default_rng(seed & 0xFFFFFFFF)
    screen = rng.random() < 0.2
    try:
        got = column_ink(plain(text), fpath, rng) if column else ink(text, fpath, rng, None, False, (11, 24) if screen else (24, 64))
    except Exception:
        return None
    if got is None:
        return None
    m, (top, bottom, left, right), x_height = got
    ys = np.flatnonzero(m[:, left:right].max(1) > 0.25)
    if len(ys) and rng.random() < 0.8 and ys[-1] + 1 - ys[0] > 0.9 * x_height:        # the ink's own rows, as the program has them
        top, bottom = ys[0], ys[-1] + 1
    h = bottom - top
    above, below = (max(rng.uniform(0.02, 0.07) * h, rng.uniform(0, 1.5)) for _ in range(2))
    before, after = (rng.choice([0.3, 0.3, rng.uniform(0.05, 0.5)]) * h for _ in range(2))
    y0, y1 = max(0, math.floor(top - above)), min(m.shape[0], math.ceil(bottom + below))
    m = m[y0:y1, int(max(0, left - before)):int(min(m.shape[1], right + after + 1))]
    paper = rng.uniform(0.93, 1.0) if rng.random() < 0.7 else rng.uniform(0.75, 0.95)
    dark = rng.uniform(0.0, 0.1) if rng.random() < 0.7 else rng.uniform(0.0, 0.45)
    img = paper * (1 - m) + min(dark, paper - 0.3) * m
    if not screen and rng.random() < 0.3:
        img = cv2.GaussianBlur(img, (0, 0), rng.uniform(0.3, 0.9))
    if rng.random() < 0.15:
        img = img + nprng.normal(0, rng.uniform(0.005, 0.03), img.shape).astype(np.float32)
    img = np.clip(img * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        img = cv2.imdecode(cv2.imencode(".jpg", img, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(50, 92)])[1], cv2.IMREAD_GRAYSCALE)
    narrow = rng.uniform(0.72, 1.0) if rng.random() < 0.15 and not screen and not column else 1.0
    w = max(8, round(img.shape[1] * narrow * height / img.shape[0]))
    if w > max_width:
        return None
    img = cv2.resize(img, (w, height), interpolation=cv2.INTER_AREA if height < img.shape[0] else cv2.INTER_CUBIC)
    return padded(img, int(np.percentile(img, 80)))


def sample(text, fpath, seed, height=28, max_width=1232, other=None, hard=1.0, typed=0.0, set_by=ink):
    """-> uint8 [height, W] with W a multiple of 28, or None where the font cannot draw it or it is too long."""
    rng = random.Random(seed)
    nprng = np.random.default_rng(seed & 0xFFFFFFFF)
    struck = set_by is ink and rng.random() < typed
    try:
        got = ink(text, fpath, rng, other, struck) if set_by is ink else set_by(plain(text), fpath, rng)
    except Exception:
        return None
    if got is None:
        return None
    m, (top, bot, left, right), xh = got
    if struck:
        m = worn(m, rng, nprng)
    H, W = m.shape
    h = bot - top
    # ink weight
    r = rng.random()
    if r < 0.12 * hard:
        k = rng.choice((2, 2, 3))
        m = cv2.dilate(m, np.ones((k, k), np.float32))
    elif r < 0.2 * hard:
        m = cv2.erode(m, np.ones((2, 2), np.float32))
    if rng.random() < 0.08 * hard:                 # broken or faded ink
        g = nprng.random((H // 3 + 1, W // 3 + 1)).astype(np.float32)
        m = m * (cv2.resize(g, (W, H), interpolation=cv2.INTER_LINEAR) > rng.uniform(0.05, 0.3))
    if rng.random() < 0.05 * hard:
        g = nprng.normal(0, 1, (3, W // 60 + 3)).astype(np.float32)
        m = m * np.clip(0.85 + 0.3 * cv2.resize(g, (W, H), interpolation=cv2.INTER_CUBIC), 0.25, 1)
    # geometry: skew, slant, stretch
    ang = rng.gauss(0, 0.35) * hard if rng.random() < 0.6 else 0
    shear = rng.gauss(0, 0.06) if rng.random() < 0.25 else 0
    sx = rng.uniform(0.82, 1.2) if rng.random() < 0.5 else 1.0
    t = math.radians(ang)
    A = np.float32([[sx * math.cos(t), shear - math.sin(t), 0], [sx * math.sin(t), math.cos(t), 0]])
    cx, cy = (left + right) / 2, (top + bot) / 2
    nW = int(W * sx) + 8
    A[0, 2] = nW / 2 - (A[0, 0] * cx + A[0, 1] * cy)
    A[1, 2] = H / 2 - (A[1, 0] * cx + A[1, 1] * cy)
    if ang or shear or sx != 1:
        m = cv2.warpAffine(m, A, (nW, H), flags=cv2.INTER_LINEAR)
        hw = (right - left) * sx / 2 + abs(shear) * h / 2
        dy = abs(math.sin(t)) * (right - left) / 2 * rng.uniform(0.3, 1.0)
        left, right = nW / 2 - hw, nW / 2 + hw
        top, bot = H / 2 - h / 2 - dy, H / 2 + h / 2 + dy
        W = nW
    if rng.random() < 0.06 * hard:                 # wavy baseline
        a, p = rng.uniform(0.5, 2.0), rng.uniform(150, 600)
        xs, ys = np.meshgrid(np.arange(W, dtype=np.float32), np.arange(H, dtype=np.float32))
        m = cv2.remap(m, xs, ys + a * np.sin(xs / p * 6.283 + rng.random() * 6), cv2.INTER_LINEAR)
    # the crop
    h = bot - top
    mt, mb = rng.uniform(0.02, 0.22) * h, rng.uniform(0.02, 0.22) * h
    if rng.random() < 0.05 * hard:
        mt, mb = rng.uniform(-0.04, 0.1) * h, rng.uniform(-0.04, 0.1) * h
    ml, mr = rng.uniform(0.02, 0.6) * h, rng.uniform(0.02, 0.6) * h
    y0, y1 = int(max(0, top - mt)), int(min(H, bot + mb + 1))
    x0, x1 = int(max(0, left - ml)), int(min(W, right + mr + 1))
    m = m[y0:y1, x0:x1]
    if m.size == 0:
        return None
    h, w = m.shape
    scale = height / h
    if w * scale > max_width:
        return None
    # print on paper
    bg = background(h, w, rng, nprng)
    dark = rng.uniform(0.0, 0.35) if rng.random() < 0.8 else rng.uniform(0.2, 0.6)
    inkv = np.minimum(dark * bg + 0.0, bg - 0.2)
    img = bg * (1 - m) + inkv * m
    if rng.random() < 0.1 * hard:                  # show-through of the verso
        g = m[:, ::-1]
        g = cv2.GaussianBlur(np.roll(g, rng.randint(-h // 3, h // 3), 0), (0, 0), 1.5)
        img -= g * rng.uniform(0.03, 0.15)
    # scan resolution, then optics and sensor
    res = rng.uniform(0.35, 1.0) if rng.random() < 0.75 else 1.0
    res = max(res, 13.0 / h if height <= 28 else 22.0 / h)
    if res < 0.98:
        img = cv2.resize(img, (max(8, int(w * res)), max(8, int(h * res))), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.45:
        img = cv2.GaussianBlur(img, (0, 0), rng.uniform(0.2, 0.9) * hard + 0.05)
    if rng.random() < 0.35:
        img = img + nprng.normal(0, rng.uniform(0.005, 0.07) * hard, img.shape).astype(np.float32)
    r = rng.random()
    if r < 0.17:                                   # bilevel, as fax and archive TIFFs are
        paper, print_ = np.percentile(img, (90, 1.5))
        th = (paper + max(dark, print_)) / 2 + rng.uniform(-0.25, 0.25) * (paper - max(dark, print_))
        img = (img > th).astype(np.float32)
        if rng.random() < 0.4:
            n = nprng.random(img.shape)
            img = np.where(n < rng.uniform(0, 0.01), 1 - img, img).astype(np.float32)
    img = np.clip(img, 0, 1)
    if rng.random() < 0.25:
        ok, b = cv2.imencode(".jpg", (img * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, rng.randint(25, 85)])
        img = cv2.imdecode(b, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
    if rng.random() < 0.04:
        img = 1 - img                              # white on black
    w2 = max(8, int(round(img.shape[1] * height / img.shape[0])))
    shrinking = height < img.shape[0]
    img = cv2.resize(img, (w2, height), interpolation=cv2.INTER_AREA if shrinking and rng.random() < 0.6 else cv2.INTER_CUBIC)
    if rng.random() < 0.15:                        # sharpening, gamma
        img = img + rng.uniform(0.2, 0.8) * (img - cv2.GaussianBlur(img, (0, 0), 1))
    if rng.random() < 0.2:
        img = np.clip(img, 0, 1) ** rng.uniform(0.6, 1.6)
    img = np.clip(img * 255, 0, 255).astype(np.uint8)
    if w2 > max_width:
        return None
    return padded(img, int(np.percentile(img[:, -4:], 80)) if rng.random() < 0.7 else 255)
