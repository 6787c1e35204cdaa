#!/usr/bin/env python3
"""Train the nano reader.  usage: train.py RUN_DIR TOKENIZER_DIR POOL[:weight]... --minutes M [--lr 2e-3] [--decay] [--val POOL]
Resumes from RUN_DIR/last.pt. --to R moves the rate from --lr to R over this call's minutes; --decay is --to 0.
POOL:W@ draws each of the pool's lines anew, a little moved, stretched and blurred: for scans, whose lines come round often."""
import argparse, json, math, os, queue, random, threading, time
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from machine import BFLOAT16, DEVICE, autocast
from model import Config, Nano

MEAN = [0.48145466, 0.4578275, 0.40821073]
STD = [0.26862954, 0.26130258, 0.27577711]


SAVE = 180          # seconds between saves


class Tok:
    """The tokenizer of a directory's tokenizer.json."""
    def __init__(self, d):
        j = json.load(open(os.path.join(d, "tokenizer.json")))
        self.v = j["model"]["vocab"]
        self.sp = {t["content"]: t["id"] for t in j["added_tokens"]}
        self.size = max(self.sp.values()) + 1
        self.rank = {tuple(m.split(" ")): i for i, m in enumerate(j["model"]["merges"])}
        bs = list(range(33, 127)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
        self.b, n = {}, 0
        for b in range(256):
            if b in bs:
                self.b[b] = chr(b)
            else:
                self.b[b] = chr(256 + n)
                n += 1
        self.back = {v: k for k, v in self.b.items()}
        self.inv = {i: k for k, i in self.v.items()}
        self.cache = {}
        sp = self.sp
        self.blank, self.end = sp["<|endoftext|>"], sp["<|im_end|>"]
        # what stands before and after the picture in the chat that the model is trained on
        before = torch.tensor([sp["<|im_start|>"]] + self.encode("user\n") + [sp["<|vision_start|>"]])
        after = torch.tensor([sp["<|vision_end|>"], self.end] + self.encode("\n") + [sp["<|im_start|>"]] + self.encode("assistant\n"))
        self.before, self.after = before.to(DEVICE), after.to(DEVICE)

    def shared(self, other):
        """The pairs (token here, token there) of what both can write."""
        here, there = {**self.v, **self.sp}, {**other.v, **other.sp}
        return [(i, there[t]) for t, i in here.items() if t in there and not t.startswith("<unused")]

    def enc_char(self, c):
        r = self.cache.get(c)
        if r is None:
            t = [self.b[b] for b in c.encode()]
            while len(t) > 1:
                ps = [(self.rank.get((t[i], t[i + 1]), 1 << 30), i) for i in range(len(t) - 1)]
                k, i = min(ps)
                if k == 1 << 30:
                    break
                t[i:i + 2] = [t[i] + t[i + 1]]
            r = self.cache[c] = [self.v[x] for x in t]
        return r

    def encode(self, s):
        return [i for c in s for i in self.enc_char(c)]

    def decode(self, ids):
        s = "".join(self.inv.get(i, "") for i in ids)
        return bytes(self.back.get(c, 63) for c in s).decode("utf-8", "replace")


class PoolData:
    def __init__(self, path, tok, shake=False):
        self.shake = shake
        z = np.load(path + ".npz")
        self.off, self.w, self.h = z["off"], z["width"], int(z["height"])
        self.txt = open(path + ".txt", encoding="utf-8").read().split("\n")[:len(self.off)]
        seen = path + ".seen.txt"
        self.seen = open(seen, encoding="utf-8").read().split("\n")[:len(self.off)] if os.path.exists(seen) else None
        self.img = np.memmap(path + ".img", np.uint8, "r")
        self.ids = [np.array(tok.encode(t), np.int16) for t in self.txt]
        self.seen_ids = [np.array(tok.encode(t), np.int16) for t in self.seen] if self.seen else self.ids

    def __len__(self):
        return len(self.off)

    def get(self, i):
        n = self.h * self.w[i]
        return self.img[self.off[i]:self.off[i] + n].reshape(self.h, self.w[i])


def batches(pool, budget, rng):
    """Shuffled batches of one width and similar length of text, at most `budget` patches each, or four lines."""
    out, i = [], 0
    length = np.array([len(t) for t in pool.ids]) + rng.random(len(pool)) * 3
    order = np.lexsort((length, pool.w))
    patches = pool.w[order] // 14 * (pool.h // 14)
    while i < len(order):
        n = 4
        while i + n < len(order) and patches[i + n] * (n + 1) <= budget:
            n += 1
        out.append(order[i:i + n])
        i += n
    rng.shuffle(out)
    return out


def shaken(im, rng):
    """The line cut, stretched, sharpened or blurred a little otherwise, in an image of the same size."""
    h, w = im.shape
    sx, sy = rng.uniform(0.93, 1.0), rng.uniform(0.9, 1.06)
    M = np.float32([[sx, rng.normal(0, 0.03), 0], [rng.normal(0, 0.0004), sy, 0]])
    M[:, 2] = (h / 2) * (np.float32([0, 1]) - M[:, 1]) + np.float32([rng.uniform(-2, 3), rng.uniform(-1.2, 1.2)])
    M[1, 2] -= M[1, 0] * w / 2
    im = cv2.warpAffine(im, M, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    k = rng.uniform(-1, 1)
    if k > 0.4:
        return cv2.GaussianBlur(im, (0, 0), 0.3 + k * 0.5)
    if k < -0.6:
        return cv2.addWeighted(im, 1.6, cv2.GaussianBlur(im, (0, 0), 1.0), -0.6, 0)
    return im


def normalised(x):
    """[B, 1 or 3, H, W] of 0..1 as the vision tower takes it."""
    mean, std = (torch.tensor(v, device=x.device).view(1, 3, 1, 1) for v in (MEAN, STD))
    return (x.expand(-1, 3, -1, -1) - mean) / std


def targets(ids, idx, end):
    """Token ids [B, T] of those lines, an end after each, padded with -100."""
    L = (max(len(ids[i]) for i in idx) + 8) // 8 * 8                 # few shapes: kernels and memory are kept per shape
    y = np.full((len(idx), L), -100, np.int64)
    for k, i in enumerate(idx):
        y[k, :len(ids[i])] = ids[i]
        y[k, len(ids[i])] = end
    return torch.from_numpy(y)


def strips(pool, idx, rng, train):
    """Those lines as one array of bytes [B, H, W], each drawn on to the widest with its last column."""
    W = max(pool.w[i] for i in idx)
    x = np.full((len(idx), pool.h, W), 255, np.uint8)
    for k, i in enumerate(idx):
        im = shaken(pool.get(i), rng) if train and pool.shake else pool.get(i)
        x[k, :, :im.shape[1]] = im
        if im.shape[1] < W:
            x[k, :, im.shape[1]:] = im[:, -1:]
    return torch.from_numpy(x)


def toned(x):
    """[B, 1, H, W] of 0..1 as three colours of other paper, ink and noise."""
    B, at = len(x), x.device
    tint = 1 - 0.15 * torch.rand(B, 3, 1, 1, device=at) * (torch.rand(B, 1, 1, 1, device=at) < 0.4)
    lift = 0.12 * torch.rand(B, 3, 1, 1, device=at) * (torch.rand(B, 1, 1, 1, device=at) < 0.3)
    x = x * tint * (1 - lift) + lift
    noisy = (torch.rand(B, 1, 1, 1, device=at) < 0.3) * 0.03
    return (x + noisy * torch.randn(B, 1, *x.shape[2:], device=at)).clamp(0, 1)


def on_device(batch, train):
    """(strips, tokens, tokens as seen) as the model takes them, on the device."""
    x, y, seen = (t.to(DEVICE, non_blocking=True) for t in batch)
    x = x.float().unsqueeze(1) / 255
    return normalised(toned(x) if train else x), y, seen


def collate(pool, idx, tok, rng, train):
    return strips(pool, idx, rng, train), targets(pool.ids, idx, tok.end), targets(pool.seen_ids, idx, tok.end)


def zeropower(G, steps=5):
    """The orthogonal matrix nearest to each of the matrices [N, rows, columns], about."""
    a, b, c = 3.4445, -4.7750, 2.0315
    X = G.bfloat16() if BFLOAT16 else G.float()
    t = X.size(1) > X.size(2)
    if t:
        X = X.mT.contiguous()
    X = X / (X.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        M = X @ X.mT
        X = torch.baddbmm(X, torch.baddbmm(M, M, M, beta=b, alpha=c), X, beta=a)
    return (X.mT if t else X).float()


class Muon:
    """Momentum with orthogonalised updates for matrices, AdamW for the rest."""
    def __init__(self, model, wd=0.05):
        self.mat = [(n, p) for n, p in model.named_parameters() if p.ndim == 2 and "embed.weight" not in n]
        self.vec = [(n, p) for n, p in model.named_parameters() if not (p.ndim == 2 and "embed.weight" not in n)]
        self.m = {n: torch.zeros_like(p) for n, p in self.mat}
        self.a = {n: (torch.zeros_like(p), torch.zeros_like(p)) for n, p in self.vec}
        self.t = 0
        self.wd = wd

    @torch.no_grad()
    def step(self, lr):
        self.t += 1
        alike = {}                                                  # matrices of one shape, to be worked on together
        for n, p in self.mat:
            g = p.grad
            if g is None:
                continue
            m = self.m[n]
            m.mul_(0.95).add_(g, alpha=0.05)
            u = g.mul(0.05).add_(m, alpha=0.95)
            # the fused qkv matrix is three matrices
            fused = n.endswith("qkv.weight")
            for part, to in zip(u.chunk(3), p.chunk(3)) if fused else [(u, p)]:
                alike.setdefault(part.shape, []).append((part, to, 0.2 * math.sqrt(p.size(1) if fused else max(p.shape))))
        for group in alike.values():
            for o, (_, to, s) in zip(zeropower(torch.stack([u for u, _, _ in group])), group):
                to.mul_(1 - lr * self.wd).add_(o, alpha=-lr * s)
        b1, b2 = 0.9, 0.98
        for n, p in self.vec:
            m, v = self.a[n]
            g = p.grad
            if g is None:
                continue
            m.mul_(b1).add_(g, alpha=1 - b1)
            v.mul_(b2).addcmul_(g, g, value=1 - b2)
            mh, vh = m / (1 - b1 ** self.t), v / (1 - b2 ** self.t)
            p.add_(mh / (vh.sqrt() + 1e-8), alpha=-lr)

    def state(self):
        return {"m": self.m, "a": self.a, "t": self.t}

    def load(self, s):
        self.m.update(s["m"]); self.a.update(s["a"]); self.t = s["t"]


def edit(a, b):
    p = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        q = [i]
        for j, y in enumerate(b, 1):
            q.append(min(p[j] + 1, q[-1] + 1, p[j - 1] + (x != y)))
        p = q
    return p[-1]


def spelt(model, x, tok):
    """What the eyes alone spell: the likeliest letter of each place, without blanks and what is said twice running."""
    ids = model.chars(model.letters(x)[1].float()).argmax(-1)
    new = torch.ones_like(ids, dtype=torch.bool)
    new[:, 1:] = ids[:, 1:] != ids[:, :-1]
    return [[t for t, n in zip(row, fresh) if n and t != tok.blank] for row, fresh in zip(ids.tolist(), new.tolist())]


@torch.no_grad()
def evaluate(model, pool, tok, limit, show=0, eyes=False):
    """Against the pool's text or, of the eyes alone, against it as it is seen from left to right."""
    text = pool.seen if eyes and pool.seen else pool.txt
    model.eval()
    some = np.linspace(0, len(pool) - 1, min(limit, len(pool))).astype(int)      # a pool may be sorted by source
    order = some[np.argsort(pool.w[some], kind="stable")]
    e = n = exact = 0
    shown = []
    for i in range(0, len(order), 48):
        idx = order[i:i + 48]
        x, _, _ = on_device(collate(pool, idx, tok, None, False), False)
        with autocast():
            out = spelt(model, x, tok) if eyes else \
                model.read(x, tok.before, tok.after, tok.end, max_new=max(len(pool.ids[k]) for k in idx) + 20)
        for k, o in zip(idx, out):
            s = tok.decode(o)
            d = edit(text[k], s)
            e += d; n += len(text[k]); exact += d == 0
            if d and len(shown) < show:
                shown.append((text[k], s))
    model.train()
    return e / n, exact / len(order), shown


def ctc_loss(model, aux, y, tok):
    """The letters read straight off the visual tokens [B, places, 128] against y [B, T], padded with -100; a loss per letter."""
    n = (y >= 0).sum(1) - 1                                         # without the end token
    t = y[:, :-1].clamp_min(0)
    # only the batch's own letters and a few others compete: the full alphabet makes this loss the slowest part
    at = y.device
    keep = torch.unique(torch.cat((torch.tensor([tok.blank], device=at), t.flatten(), torch.randint(0, tok.size, (max(64, tok.size // 16),), device=at))))
    where = torch.zeros(tok.size, dtype=torch.long, device=at)
    where[keep] = torch.arange(len(keep), device=at)
    lp = F.linear(aux.float(), model.chars.weight[keep], model.chars.bias[keep]).log_softmax(-1)
    loss = F.ctc_loss(lp.transpose(0, 1), where[t], torch.full((len(y),), aux.size(1), device=at), n, blank=int(where[tok.blank]),
                      reduction="sum", zero_infinity=True)
    return loss / n.sum().clamp_min(1)


def losses(model, tok, x, y, seen, eyes):
    """Cross entropy of the decoder's tokens y (nought with eyes) and the CTC loss of the letters as seen from left to right."""
    with autocast():
        if eyes:
            logits, aux = model.letters(x)
        else:
            post = torch.cat((tok.after.expand(len(y), -1), y[:, :-1].clamp_min(0)), 1)
            logits, aux = model(x, tok.before, post)
    ctc = ctc_loss(model, aux, seen, tok)
    if eyes:
        return torch.zeros((), device=y.device), ctc
    logits = logits[:, len(tok.after) - 1:].float()
    return F.cross_entropy(logits.reshape(-1, tok.size), y.reshape(-1), ignore_index=-100), ctc


class Mixture:
    """Pools given as PATH[:WEIGHT[@]], drawn from by weight, a batch at a time."""
    def __init__(self, specs, tok, budget):
        self.tok, self.budget = tok, budget
        self.rng = np.random.default_rng(int(time.time()))
        self.pools, self.weights = [], []
        for s in specs:
            path, _, w = s.partition(":")
            self.pools.append(PoolData(path, tok, w.endswith("@")))
            self.weights.append(float(w.rstrip("@") or 1))
        self.queues = [[] for _ in self.pools]
        self.made = queue.Queue(8)
        if DEVICE.type == "cuda":                                   # the GPU doesn't wait for its lines
            threading.Thread(target=self.make, daemon=True).start()

    def make(self):
        while True:
            self.made.put(tuple(t.pin_memory() for t in self.draw()))

    def batch(self):
        return on_device(self.made.get() if DEVICE.type == "cuda" else self.draw(), True)

    def draw(self):
        i = random.choices(range(len(self.pools)), self.weights)[0]
        if not self.queues[i]:
            self.queues[i] = batches(self.pools[i], self.budget, self.rng)
        return collate(self.pools[i], self.queues[i].pop(), self.tok, self.rng, True)


class Run:
    """A model in training: its weights, their running average, the optimiser, and the files of RUN_DIR."""
    def __init__(self, d, tok, init=None, heads=None):
        os.makedirs(d, exist_ok=True)
        self.last, self.log = os.path.join(d, "last.pt"), open(os.path.join(d, "log.txt"), "a")
        self.tok, self.model = tok, Nano(Config(vocab=tok.size)).to(DEVICE)
        self.model.compile_blocks()
        self.opt = Muon(self.model)
        self.step = self.seen = 0
        if os.path.exists(self.last):
            self.resume()
        else:
            self.begin(init, heads)

    def resume(self):
        s = torch.load(self.last, weights_only=False, map_location=DEVICE)
        self.model.load_state_dict(s["model"])
        self.opt.load(s["opt"])
        self.ema, self.step, self.seen = s["ema"], s["step"], s["seen"]
        self.say(f"resumed at step {self.step} lines {self.seen}")

    def begin(self, init, heads):
        if init:
            other = Tok(os.path.dirname(init))
            self.model.load_hf(init, self.tok.shared(other) if other.v != self.tok.v else None)
        if heads:
            self.model.load_state_dict({k: v.float() for k, v in torch.load(heads).items()}, strict=False)
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.say(f"weights of {init or 'chance'}")

    def save(self):
        torch.save({"model": self.model.state_dict(), "ema": self.ema, "opt": self.opt.state(), "step": self.step, "seen": self.seen}, self.last + ".tmp")
        os.replace(self.last + ".tmp", self.last)

    def say(self, line):
        print(line, flush=True)
        self.log.write(line + "\n")
        self.log.flush()

    def update(self, loss, lr):
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.opt.step(lr)
        self.model.zero_grad(set_to_none=True)
        self.step += 1
        if self.step % 10 == 0:
            with torch.no_grad():
                for n, v in self.model.state_dict().items():
                    self.ema[n].lerp_(v, 0.03)

    def validate(self, name, pool, tok, eyes=False):
        keep = {n: v.clone() for n, v in self.model.state_dict().items()}
        self.model.load_state_dict(self.ema)
        cer, exact, shown = evaluate(self.model, pool, tok, 240, 4, eyes)
        self.model.load_state_dict(keep)
        self.say(f"  averaged weights{' of the eyes' if eyes else ''} on {name}: CER {cer:.4f} exact {exact:.3f}")
        for want, got in shown:
            print("    want", want, "\n    got ", got.replace("\n", "|")[:120], flush=True)


def rate(a, step, left):
    """The learning rate: --warm steps to warm up; with --to, a straight line over the call, of which the share `left` is left."""
    lr = a.lr * min(1, (step + 1) / a.warm)
    return lr if a.to is None else min(lr, a.to + (a.lr - a.to) * left)


def fit_head(run, mix, tok, steps):
    """Fit the training head to the weights as they are; no step is counted, and the optimiser keeps nothing of it."""
    head = [p for n, p in run.model.named_parameters() if n.startswith(("slots", "chars"))]
    opt = torch.optim.AdamW(head, lr=4e-3)
    run.model.train()
    for k in range(steps):
        x, _, y = mix.batch()
        with torch.no_grad(), autocast():
            vis = run.model.see(x)[0]
        with autocast():
            aux = run.model.spell(vis)
        loss = ctc_loss(run.model, aux, y, tok)
        for g in opt.param_groups:
            g["lr"] = 4e-3 * (1 - k / steps)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if k % 10 == 9:
            run.say(f"head {k + 1} ctc {loss.item():.4f}")
    run.ema = {k: v.clone() for k, v in run.model.state_dict().items()}


def train(run, mix, vals, tok, a):
    t0 = mark = saved = tl = time.time()
    end, first = t0 + a.minutes * 60, run.step
    acc, k = torch.zeros(3, dtype=torch.float64, device=DEVICE), 0                                         # cross entropy, ctc, letters
    run.model.train()
    while time.time() < end and (not a.steps or run.step < first + a.steps):
        x, y, seen = mix.batch()
        ce, ctc = losses(run.model, tok, x, y, seen, a.eyes)
        left = 1 - (run.step - first) / a.steps if a.steps else (end - time.time()) / (a.minutes * 60)
        lr = rate(a, run.step, max(0.0, left))
        run.update(ce + a.ctc * ctc, lr)
        run.seen += len(x)
        acc += torch.stack((ce.detach().double(), ctc.detach().double(), (y >= 0).sum().double()))
        k += 1
        if k == 25:
            now = time.time()
            ce, ctc, letters = acc.tolist()
            run.say(f"step {run.step} lines {run.seen} loss {ce / k:.4f} ctc {ctc / k:.4f} lr {lr:.2e} "
                    f"{letters / (now - tl):.0f} chars/s {(now - t0) / 60:.1f} min")
            acc, k, tl = torch.zeros(3, dtype=torch.float64, device=DEVICE), 0, now
        if time.time() - saved > SAVE:
            run.save()
            saved = time.time()
        if vals and time.time() - mark > a.every * 60:
            for name, pool in vals:
                run.validate(name, pool, tok, a.eyes)
            acc, k = torch.zeros(3, dtype=torch.float64, device=DEVICE), 0
            mark = tl = time.time()
    run.save()
    for name, pool in vals:
        run.validate(name, pool, tok, a.eyes)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("run"); ap.add_argument("tok"); ap.add_argument("pools", nargs="+")
    ap.add_argument("--minutes", type=float, required=True)
    ap.add_argument("--steps", type=int, help="end after so many steps, or --minutes; --to is then reached by steps")
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--warm", type=int, default=200, help="steps in which the rate rises")
    ap.add_argument("--head", type=int, default=0, help="fit the training head alone first, so many steps: for --init without --heads")
    ap.add_argument("--to", type=float, help="the rate to end at")
    ap.add_argument("--decay", action="store_const", const=0.0, dest="to")
    ap.add_argument("--val", nargs="*", default=[])
    ap.add_argument("--budget", type=int, default=49152 if DEVICE.type == "cuda" else 6144, help="patches in a batch")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--ctc", type=float, default=0.5, help="weight of the characters read straight off the visual tokens")
    ap.add_argument("--init", help="exported safetensors to begin from, where RUN_DIR has no state; of another vocabulary, the tokens that both have")
    ap.add_argument("--heads", help="with --init: the training head's weights (heads.pt)")
    ap.add_argument("--eyes", action="store_true", help="train the vision tower alone, on --ctc")
    ap.add_argument("--every", type=float, default=10, help="minutes between evaluations")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    tok = Tok(a.tok)
    run = Run(a.run, tok, a.init, a.heads)
    mix = Mixture(a.pools, tok, a.budget)
    if a.head and run.step == 0:
        fit_head(run, mix, tok, a.head)
    train(run, mix, [(os.path.basename(v), PoolData(v, tok)) for v in a.val], tok, a)


if __name__ == "__main__":
    main()
