"""Qwen2-VL in plain PyTorch, for training the nano reader on a CPU.

Same computation as the published architecture (2-D rotary ViT, 2x2 patch merger, M-RoPE
grouped-query decoder, tied embeddings), written for batches in which every image has the same
grid, so that no attention mask is needed but the causal one.  export() writes the checkpoint
under the Hugging Face names.
"""
import json, math, os, struct
from dataclasses import dataclass, asdict

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from machine import BFLOAT16, DEVICE


@dataclass
class Config:
    vocab: int = 768
    v_dim: int = 192
    v_depth: int = 8
    v_heads: int = 3
    dim: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    inter: int = 704
    mrope: tuple = (8, 12, 12)
    theta: float = 10000.0
    patch: int = 14
    merge: int = 2


def attend(q, k, v, causal):
    """Plain attention; on a CPU its backward pass is three times as fast as the fused one at these sizes."""
    if q.is_cuda and (not causal or q.size(2) == k.size(2)):
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    s = (q * q.size(-1) ** -0.5) @ k.transpose(-1, -2)
    if causal:
        n, t = k.size(2), q.size(2)
        s = s.masked_fill(torch.ones(t, n, dtype=torch.bool, device=q.device).triu(n - t + 1), float("-inf"))
    return s.softmax(-1) @ v


def half(x):
    """Cast once what several matrices will read; each would cast it for itself."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x


def rotate(x, cos, sin):
    """Rotary positions; cos and sin are [T, head/2]."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class VisionBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.v_dim
        self.h = c.v_heads
        self.norm1 = nn.LayerNorm(d, eps=1e-6)
        self.norm2 = nn.LayerNorm(d, eps=1e-6)
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.fc1 = nn.Linear(d, 4 * d)
        self.fc2 = nn.Linear(4 * d, d)

    def forward(self, x, cos, sin):
        B, N, D = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(B, N, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        cos, sin = cos.to(v.dtype), sin.to(v.dtype)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        y = attend(q, k, v, False).transpose(1, 2).reshape(B, N, D)
        x = x + self.proj(y)
        # quick GELU, y * sigmoid(1.702 y), is silu(1.702 y) / 1.702; the factors go to the small matrices
        y = F.silu(F.linear(self.norm2(x), 1.702 * self.fc1.weight, 1.702 * self.fc1.bias))
        return x + F.linear(y, self.fc2.weight / 1.702, self.fc2.bias)


class RMSNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6) * self.weight


class DecoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        hd = c.dim // c.heads
        self.n1, self.n2 = RMSNorm(c.dim), RMSNorm(c.dim)
        self.q = nn.Linear(c.dim, c.heads * hd)
        self.k = nn.Linear(c.dim, c.kv_heads * hd)
        self.v = nn.Linear(c.dim, c.kv_heads * hd)
        self.o = nn.Linear(c.heads * hd, c.dim, bias=False)
        self.gate = nn.Linear(c.dim, c.inter, bias=False)
        self.up = nn.Linear(c.dim, c.inter, bias=False)
        self.down = nn.Linear(c.inter, c.dim, bias=False)

    def forward(self, x, cos, sin, cache=None):
        B, T, D = x.shape
        c = self.c
        hd = D // c.heads
        y = half(self.n1(x))
        q = self.q(y).view(B, T, c.heads, hd).transpose(1, 2)
        k = self.k(y).view(B, T, c.kv_heads, hd).transpose(1, 2)
        v = self.v(y).view(B, T, c.kv_heads, hd).transpose(1, 2)
        cos, sin = cos.to(v.dtype), sin.to(v.dtype)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            if cache:
                k = torch.cat((cache[0], k), 2)
                v = torch.cat((cache[1], v), 2)
            cache[:] = [k, v]
        causal = T > 1
        r = c.heads // c.kv_heads
        k2 = k.repeat_interleave(r, 1)
        v2 = v.repeat_interleave(r, 1)
        y = attend(q, k2, v2, causal)
        x = x + self.o(y.transpose(1, 2).reshape(B, T, D))
        y = half(self.n2(x))
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Nano(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.patch_embed = nn.Linear(3 * 2 * c.patch * c.patch, c.v_dim, bias=False)
        self.vblocks = nn.ModuleList(VisionBlock(c) for _ in range(c.v_depth))
        self.ln_q = nn.LayerNorm(c.v_dim, eps=1e-6)
        m = c.v_dim * c.merge ** 2
        self.m0 = nn.Linear(m, m)
        self.m2 = nn.Linear(m, c.dim)
        self.embed = nn.Embedding(c.vocab, c.dim)
        self.layers = nn.ModuleList(DecoderLayer(c) for _ in range(c.layers))
        self.norm = RMSNorm(c.dim)
        # for training alone: reads characters straight off the visual tokens, four places a token
        self.slots = nn.Linear(c.dim, 4 * 128)
        self.chars = nn.Linear(128, c.vocab)
        self.apply(self._init)
        for b in self.vblocks:
            nn.init.normal_(b.proj.weight, std=0.02 / math.sqrt(2 * c.v_depth))
            nn.init.normal_(b.fc2.weight, std=0.02 / math.sqrt(2 * c.v_depth))
        for b in self.layers:
            nn.init.normal_(b.o.weight, std=0.02 / math.sqrt(2 * c.layers))
            nn.init.normal_(b.down.weight, std=0.02 / math.sqrt(2 * c.layers))

    def compile_blocks(self):
        """On a processor with AMX the products are so fast that what stands between them is most of a step: one kernel for each run of it."""
        if BFLOAT16 and DEVICE.type == "cpu":
            for b in (*self.vblocks, *self.layers):
                b.compile(dynamic=True)

    @staticmethod
    def _init(m):
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
            if getattr(m, "bias", None) is not None:
                nn.init.zeros_(m.bias)

    def patches(self, img):
        """img [B,3,H,W] normalised -> [B, N, 3*2*14*14] in merge order (channel, time, y, x inside a patch)."""
        B, C, H, W = img.shape
        p, m = self.c.patch, self.c.merge
        gh, gw = H // p, W // p
        x = img.view(B, C, gh // m, m, p, gw // m, m, p).permute(0, 2, 5, 3, 6, 1, 4, 7)
        x = x.reshape(B, gh * gw, C, 1, p, p).expand(-1, -1, -1, 2, -1, -1)
        return x.reshape(B, gh * gw, C * 2 * p * p), gh, gw

    def vision_rope(self, gh, gw):
        c = self.c
        hd = c.v_dim // c.v_heads
        m = c.merge
        y = torch.arange(gh)[:, None].expand(gh, gw)
        x = torch.arange(gw)[None, :].expand(gh, gw)
        f = lambda t: t.reshape(gh // m, m, gw // m, m).permute(0, 2, 1, 3).reshape(-1).float()
        inv = 1.0 / (10000.0 ** (torch.arange(0, hd // 2, 2).float() / (hd // 2)))
        e = torch.cat((f(y)[:, None] * inv, f(x)[:, None] * inv), 1)
        return e.cos(), e.sin()

    def see(self, img):
        x, gh, gw = self.patches(img)
        cos, sin = (t.to(x.device) for t in self.vision_rope(gh, gw))
        x = self.patch_embed(x)
        for b in self.vblocks:
            x = b(x, cos, sin)
        B, N, D = x.shape
        x = self.ln_q(x).reshape(B, N // 4, 4 * D)
        return self.m2(F.gelu(self.m0(x))), gh // 2, gw // 2

    def positions(self, n_pre, gh, gw, n_post):
        pre = torch.arange(n_pre)[None].expand(3, -1)
        t = torch.full((gh * gw,), n_pre)
        y = torch.arange(gh)[:, None].expand(gh, gw).reshape(-1) + n_pre
        x = torch.arange(gw)[None, :].expand(gh, gw).reshape(-1) + n_pre
        post = torch.arange(n_post)[None].expand(3, -1) + n_pre + max(gh, gw)
        return torch.cat((pre, torch.stack((t, y, x)), post), 1)

    def text_rope(self, pos):
        c = self.c
        hd = c.dim // c.heads
        inv = 1.0 / (c.theta ** (torch.arange(0, hd, 2).float() / hd))
        f = pos[:, :, None].float() * inv  # [3, T, hd/2]
        parts = f.split(list(c.mrope), -1)
        e = torch.cat([p[i] for i, p in enumerate(parts)], -1)
        return e.cos(), e.sin()

    def spell(self, vis):
        return F.gelu(self.slots(vis)).view(len(vis), -1, 128)

    def letters(self, img):
        vis, gh, gw = self.see(img)
        return None, self.spell(vis)

    def forward(self, img, pre, post):
        """img [B,3,H,W]; pre [P] token ids before the image; post [B,T] ids after it -> logits for post [B,T,V]."""
        vis, gh, gw = self.see(img)
        B, T = post.shape
        x = torch.cat((self.embed(pre)[None].expand(B, -1, -1), vis, self.embed(post)), 1)
        cos, sin = (t.to(x.device) for t in self.text_rope(self.positions(len(pre), gh, gw, T)))
        for l in self.layers:
            x = l(x, cos, sin)
        x = self.norm(x[:, -T:])
        aux = self.spell(vis) if self.training and gh == 1 else None
        return F.linear(x, self.embed.weight), aux

    @torch.no_grad()
    def read(self, img, pre, prompt, eos, max_new=160, logits=None):
        """Greedy reading of a batch; returns lists of token ids. A list given as logits takes each step's [B, vocab]."""
        vis, gh, gw = self.see(img)
        B = img.shape[0]
        n_post = len(prompt) + max_new
        pos = self.positions(len(pre), gh, gw, n_post)
        cos, sin = (t.to(vis.device) for t in self.text_rope(pos))
        x = torch.cat((self.embed(pre)[None].expand(B, -1, -1), vis, self.embed(prompt)[None].expand(B, -1, -1)), 1)
        caches = [[] for _ in self.layers]
        n = x.shape[1]
        out = [[] for _ in range(B)]
        done = [False] * B
        a = 0
        for step in range(max_new):
            c, s = cos[a:a + x.shape[1]], sin[a:a + x.shape[1]]
            a += x.shape[1]
            for l, k in zip(self.layers, caches):
                x = l.forward(x, c, s, k)                     # never compiled: its shape is another one at each token
            y = F.linear(self.norm(x[:, -1]), self.embed.weight).float()
            if logits is not None:
                logits.append(y)
            t = y.argmax(-1)
            for i, token in enumerate(t.tolist()):
                done[i] = done[i] or token == eos
                if not done[i]:
                    out[i].append(token)
            if all(done):
                break
            x = self.embed(t)[:, None]
        return out

    # ---- export ---------------------------------------------------------------
    def hf_state(self, views=False):
        """The weights under their Hugging Face names; with views, as the parameters themselves, to write into."""
        c, s = self.c, {}
        p = c.patch
        s["visual.patch_embed.proj.weight"] = self.patch_embed.weight.view(c.v_dim, 3, 2, p, p)
        for i, b in enumerate(self.vblocks):
            k = f"visual.blocks.{i}."
            for n, m in (("norm1", b.norm1), ("norm2", b.norm2), ("attn.qkv", b.qkv), ("attn.proj", b.proj),
                         ("mlp.fc1", b.fc1), ("mlp.fc2", b.fc2)):
                s[k + n + ".weight"], s[k + n + ".bias"] = m.weight, m.bias
        for n, m in (("ln_q", self.ln_q), ("mlp.0", self.m0), ("mlp.2", self.m2)):
            s[f"visual.merger.{n}.weight"], s[f"visual.merger.{n}.bias"] = m.weight, m.bias
        s["model.embed_tokens.weight"] = self.embed.weight
        for i, l in enumerate(self.layers):
            k = f"model.layers.{i}."
            s[k + "input_layernorm.weight"], s[k + "post_attention_layernorm.weight"] = l.n1.weight, l.n2.weight
            for n, m in (("q", l.q), ("k", l.k), ("v", l.v)):
                s[k + f"self_attn.{n}_proj.weight"], s[k + f"self_attn.{n}_proj.bias"] = m.weight, m.bias
            s[k + "self_attn.o_proj.weight"] = l.o.weight
            for n, m in (("gate", l.gate), ("up", l.up), ("down", l.down)):
                s[k + f"mlp.{n}_proj.weight"] = m.weight
        s["model.norm.weight"] = self.norm.weight
        return {k: v.detach() if views else v.detach().float().contiguous() for k, v in s.items()}

    @torch.no_grad()
    def load_hf(self, path, rows=None):
        """Take the weights of an exported safetensors file; the training head stays as it was made. Of another vocabulary, rows are
        the pairs (token here, token there) that mean the same; the other tokens stay as they were made."""
        b = open(path, "rb").read()
        n = struct.unpack("<Q", b[:8])[0]
        head = json.loads(b[8:8 + n])
        for k, v in self.hf_state(views=True).items():
            h = head[k]
            a, z = h["data_offsets"]
            t = torch.frombuffer(bytearray(b[8 + n + a:8 + n + z]), dtype={"BF16": torch.bfloat16, "F32": torch.float32}[h["dtype"]])
            t = t.view(h["shape"]).float()
            if rows and k == "model.embed_tokens.weight":
                here, there = map(list, zip(*rows))
                v[here] = t[there]
            else:
                v.copy_(t)

    def hf_config(self, tok):
        c = self.c
        return {
            "architectures": ["Qwen2VLForConditionalGeneration"], "model_type": "qwen2_vl",
            "hidden_act": "silu", "hidden_size": c.dim, "intermediate_size": c.inter,
            "num_hidden_layers": c.layers, "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads,
            "max_position_embeddings": 4096, "max_window_layers": c.layers, "rms_norm_eps": 1e-06,
            "rope_theta": c.theta, "rope_scaling": {"type": "mrope", "mrope_section": list(c.mrope)},
            "sliding_window": 4096, "use_sliding_window": False, "tie_word_embeddings": True,
            "attention_dropout": 0.0, "initializer_range": 0.02, "torch_dtype": "bfloat16", "use_cache": True,
            "vocab_size": c.vocab, **tok,
            "vision_config": {"depth": c.v_depth, "embed_dim": c.v_dim, "hidden_size": c.dim, "hidden_act": "quick_gelu",
                              "mlp_ratio": 4, "num_heads": c.v_heads, "in_chans": 3, "in_channels": 3, "patch_size": c.patch,
                              "spatial_merge_size": c.merge, "spatial_patch_size": c.patch, "temporal_patch_size": 2},
        }


def save_safetensors(state, path, bf16=True):
    header, blobs, off = {"__metadata__": {"format": "pt"}}, [], 0
    for k, v in state.items():
        if bf16:
            b = v.to(torch.bfloat16).view(torch.int16).numpy().tobytes()
        else:
            b = v.numpy().tobytes()
        header[k] = {"dtype": "BF16" if bf16 else "F32", "shape": list(v.shape), "data_offsets": [off, off + len(b)]}
        off += len(b)
        blobs.append(b)
    h = json.dumps(header, separators=(",", ":")).encode()
    h += b" " * (-len(h) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h)
        for b in blobs:
            f.write(b)
