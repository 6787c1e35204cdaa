"""Synthetic text-line images: a string, a font, and what printing, ageing and scanning do to them."""
import io, math, os, random, re
import numpy as np
import cv2
from PIL import Image, ImageDraw, ImageFont, features

cv2.setNumThreads(1)
RAQM = features.check("raqm")
_cache = {}


def font(path, size, index=0):
    k = (path, size)
    f = _cache.get(k)
    if f is None:
        if len(_cache) > 400:
            _cache.clear()
        f = ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.RAQM if RAQM else ImageFont.Layout.BASIC)
        _cache[k] = f
    return f


RAISE, LOWER = "\ue000", "\ue001"              # around what stands above the line, smaller: a note's number


def plain(text):
    """The text that is read, without the marks of what is raised."""
    return text.replace(RAISE, "").replace(LOWER, "")


def draw_text(d, x, y, text, f, rng, spacing, wordgap):
    """Draw at baseline y from x; returns the end x."""
    if RAISE in text:
        share, lift = rng.uniform(0.55, 0.72), rng.uniform(0.24, 0.42)
        small = font(f.path, max(8, int(f.size * share)))
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


def ink(text, fpath, rng, other=None, typed=False):
    """Ink mask (float 0..1) of the text with room around it, and (top, bottom, left, right) of the text's own line box."""
    size = rng.randint(30, 52)
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


def sample(text, fpath, seed, height=28, max_width=1232, other=None, hard=1.0, typed=0.0):
    """-> uint8 [height, W] with W a multiple of 28, or None where the font cannot draw it or it is too long."""
    rng = random.Random(seed)
    nprng = np.random.default_rng(seed & 0xFFFFFFFF)
    struck = rng.random() < typed
    try:
        got = ink(text, fpath, rng, other, struck)
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
    Wp = (w2 + 27) // 28 * 28
    if Wp > max_width:
        return None
    if Wp > w2:
        edge = int(np.percentile(img[:, -4:], 80)) if rng.random() < 0.7 else 255
        img = np.pad(img, ((0, 0), (0, Wp - w2)), constant_values=edge)
    return img
