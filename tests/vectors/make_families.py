"""make_families.py: tiny random checkpoints of the families after Qwen2-VL, and what transformers computes with them,
for tests/vectors/families.c. Usage, from the top of the tree: python3 tests/vectors/make_families.py [NAME...]

Writes tests/vectors/data/NAME: a checkpoint, expect.json and expect.f32 (README.md there). Needs torch and transformers
(made with 5.24.0 and 2.13.0); no other input but the tokenizer of data/tiny."""
import json
import math
import os
import re
import shutil
import sys

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

DATA = "tests/vectors/data"
TINY = f"{DATA}/tiny"
VOCABULARY, START, END, IMAGE, VIDEO = 520, 507, 508, 510, 511
GREEDY, ROWS = 24, 20
torch.set_grad_enabled(False)
torch.set_num_threads(1)

# Sides in patches. Windows of 4 x 4 visual tokens are cut by the edges at the right, below, at both, at neither; sides of
# one visual token; several pictures; slots of a video whose time isn't a whole number of steps.
PICTURES = [{"images": [[1, 14, 22], [1, 8, 8], [1, 18, 6], [1, 2, 2], [1, 2, 26], [1, 10, 2]]}]
MOVING = [{"images": [[1, 6, 10]], "video": [4, 6, 16], "seconds": 0.7}]


def text_part(hidden, heads, kv, layers, section, tied, **more):
    return dict(hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=kv,
                intermediate_size=96, vocab_size=VOCABULARY, bos_token_id=498, eos_token_id=500,
                max_position_embeddings=32768, rms_norm_eps=1e-6, tie_word_embeddings=tied,
                rope_parameters=dict(rope_type="default", rope_theta=1000.0, mrope_section=section,
                                     **({"mrope_interleaved": True} if "head_dim" in more else {})), **more)


def qwen25(patch, window, tied, hidden, heads, kv, **vision):
    return transformers.Qwen2_5_VLConfig(
        text_config=text_part(hidden, heads, kv, 2, [2, 3, 3], tied),
        vision_config=dict(depth=4, hidden_size=32, num_heads=2, intermediate_size=43, out_hidden_size=hidden,
                           patch_size=patch, window_size=window, fullatt_block_indexes=[1, 3], tokens_per_second=2,
                           **vision),
        image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
        tie_word_embeddings=tied)


def qwen3(patch, tied, hidden, heads, kv, head_dim, section, places, deep, layers):
    return transformers.Qwen3VLConfig(
        text_config=text_part(hidden, heads, kv, layers, section, tied, head_dim=head_dim),
        vision_config=dict(depth=4, hidden_size=32, num_heads=2, intermediate_size=43, out_hidden_size=hidden,
                           patch_size=patch, num_position_embeddings=places, deepstack_visual_indexes=deep),
        image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
        tie_word_embeddings=tied)


# name: config, element type, whether names and config are spelled as in the files published before transformers 5
CHECKPOINTS = {
    "qwen2_5-tied": (lambda: qwen25(14, 112, True, 64, 4, 2), torch.bfloat16, False),
    "qwen2_5-untied": (lambda: qwen25(8, 32, False, 48, 3, 1), torch.float16, True),
    # queries wider than the decoder, three levels of visual tokens, a learned grid smaller and larger than pictures
    "qwen3-tied": (lambda: qwen3(16, True, 64, 4, 2, 32, [6, 5, 5], 64, [0, 1, 3], 4), torch.bfloat16, False),
    # queries narrower than the decoder
    "qwen3-untied": (lambda: qwen3(8, False, 48, 2, 1, 16, [4, 2, 2], 400, [1], 2), torch.float16, True),
}
# Seeds whose greedy answers vary and lead the second best token by far more than rounding: --search finds such.
SEEDS = {"qwen2_5-tied": 30, "qwen2_5-untied": 51, "qwen3-tied": 4, "qwen3-untied": 1}


def draw(model, seed):
    torch.manual_seed(seed)
    for name, p in model.named_parameters():
        if "embed_tokens" in name or "pos_embed" in name:
            p.copy_(torch.randn_like(p) * 0.3)
            if "embed_tokens" in name:
                p[512:] *= 0.01  # rows past the tokenizer, as in the real checkpoints
        elif p.ndim > 1:
            p.copy_(torch.randn_like(p) * ((2.5 if "layers" in name else 1.2) / math.sqrt(p[0].numel())))
        elif name.endswith("bias"):
            p.copy_(torch.randn_like(p) * 0.3)
        else:  # heads that are normalised attend to everything alike without large gains
            p.copy_((2.2 if "q_norm" in name or "k_norm" in name else 1) + 0.2 * torch.randn_like(p))


def renew_frequencies(model):
    """The rotary frequencies, which a model that was made narrow has lost bits of."""
    for m in (model.model.language_model, model.model.visual):
        for attribute, config in (("rotary_emb", m.config), ("rotary_pos_emb", m.config)):
            if hasattr(m, attribute):
                setattr(m, attribute, type(getattr(m, attribute))(config))


def spell_names(folder, nested):
    """Names of tensors as of both kinds of files: model.language_model. and model.visual., or model. and visual."""
    path = f"{folder}/model.safetensors"
    plain = {re.sub(r"^model\.(language_model|visual)\.", lambda m: "model." if m[1][0] == "l" else "visual.", k): v
             for k, v in load_file(path).items()}
    if nested:
        plain = {re.sub(r"^(model|visual)\.", lambda m: "model.language_model." if m[1][0] == "m" else "model.visual.",
                        k): v for k, v in plain.items()}
    save_file(plain, path, metadata={"format": "pt"})


def spell_config_as_before(folder):
    """config.json as it was before transformers 5: no nested text."""
    with open(f"{folder}/config.json") as f:
        c = json.load(f)
    text = c.pop("text_config")
    rope = text.pop("rope_parameters")
    c |= {k: v for k, v in text.items() if k not in ("model_type", "layer_types", "dtype")}
    c["rope_theta"] = rope["rope_theta"]
    c["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    c["vision_config"]["in_chans"] = c["vision_config"].pop("in_channels")
    c["vision_config"]["spatial_patch_size"] = c["vision_config"]["patch_size"]
    with open(f"{folder}/config.json", "w") as f:
        json.dump(c, f, indent=1)
        f.write("\n")


def patches(rows, columns):
    """Numbers of -1 to 1 that families.c makes as well: a hash of row and column."""
    with np.errstate(over="ignore"):
        h = np.arange(rows, dtype=np.uint32)[:, None] * np.uint32(2654435761) + np.arange(
            columns, dtype=np.uint32)[None] * np.uint32(40503)
        h = (h ^ h >> np.uint32(15)) * np.uint32(2246822519)
    return torch.tensor(((h >> np.uint32(13)) & np.uint32(0xFFFF)).astype(np.float32) / 32768 - 1)


def prompt_of(p, stamps):
    """Ids with a placeholder for each visual token, the grids, and which rows are of what kind."""
    text = iter([(i * 53 + 11) % 490 for i in range(200)])
    ids = [next(text) for _ in range(3)]
    grids = []
    for g in p["images"]:
        ids += [START] + [IMAGE] * (g[0] * g[1] * g[2] // 4) + [END, next(text), next(text)]
        grids.append(g)
    if "video" in p:
        t, h, w = p["video"]
        if stamps:  # each slot is a picture of its own, with its time before it
            for _ in range(t):
                ids += [next(text) for _ in range(4)] + [START] + [VIDEO] * (h * w // 4) + [END]
                grids.append([1, h, w])
        else:
            ids += [START] + [VIDEO] * (t * h * w // 4) + [END]
            grids.append([t, h, w])
    ids += [next(text) for _ in range(5)]
    return ids, grids


def inputs_of(p, ids, config):
    v = config.vision_config
    size = 3 * v.temporal_patch_size * v.patch_size**2
    t = torch.tensor([ids])
    still = sum(g[0] * g[1] * g[2] for g in p["images"])
    moving = math.prod(p["video"]) if "video" in p else 0
    pixels = patches(still + moving, size)
    kinds = (t == IMAGE).int() + 2 * (t == VIDEO).int()
    x = dict(input_ids=t, attention_mask=torch.ones_like(t), mm_token_type_ids=kinds, pixel_values=pixels[:still],
             image_grid_thw=torch.tensor(p["images"]))
    if moving:
        x |= dict(pixel_values_videos=pixels[still:], video_grid_thw=torch.tensor([p["video"]]))
        if config.model_type == "qwen2_5_vl":
            x["second_per_grid_ts"] = torch.tensor([p["seconds"]])
    return x


def first(x):
    x = x[0] if isinstance(x, tuple) else x
    x = getattr(x, "pooler_output", x)
    return x.detach().float().reshape(-1, x.shape[-1]).numpy()


class Stages:
    """What the modules give, in order; a tower that runs once for pictures and once for videos gives both, one after
    the other."""

    def __init__(self, model):
        self.seen = {}
        v, d = model.model.visual, model.model.language_model
        self.hooks = [v.patch_embed.register_forward_hook(self.keep("vision.patch_embed"))]
        for i, b in enumerate(v.blocks):
            self.hooks.append(b.register_forward_hook(self.keep(f"vision.block_{i}")))
        for i, b in enumerate(getattr(v, "deepstack_merger_list", [])):
            self.hooks.append(b.register_forward_hook(self.keep(f"vision.deepstack_{i}")))
        self.hooks.append(v.register_forward_hook(self.keep("vision.merger")))
        self.hooks.append(d.layers[0].register_forward_pre_hook(lambda m, a: self.add("decoder.embeds", first(a))))
        for i, b in enumerate(d.layers):
            self.hooks.append(b.register_forward_hook(self.keep(f"decoder.layer_{i}")))
        self.hooks.append(d.norm.register_forward_hook(self.keep("decoder.norm")))

    def add(self, name, value):
        self.seen[name] = np.concatenate([self.seen[name], value]) if name in self.seen else value

    def keep(self, name):
        return lambda module, args, out: self.add(name, first(out))

    def done(self):
        for h in self.hooks:
            h.remove()
        return self.seen


def rows_of(n, seed):
    """ROWS of n rows, the first and the last among them."""
    if n <= ROWS:
        return list(range(n))
    pick = np.random.default_rng(seed).choice(np.arange(1, n - 1), ROWS - 2, replace=False)
    return sorted([0, n - 1] + [int(i) for i in pick])


def run(model, p, blob):
    config = model.config
    ids, grids = prompt_of(p, config.model_type == "qwen3_vl")
    x = inputs_of(p, ids, config)
    watch = Stages(model)
    logits = model(**x).logits[0]
    out = {"ids": ids, "grids": grids, "step": config.vision_config.tokens_per_second * p["seconds"]
           if "seconds" in p and config.model_type == "qwen2_5_vl" else 0, "stages": {}}
    for name, v in watch.done().items():
        rows = rows_of(len(v), len(name))
        # picked rows, then the sum of each row, so that none is left unseen
        out["stages"][name] = {"at": blob.add(v[rows], v.sum(1)), "rows": rows, "shape": list(v.shape)}
    out["logits"] = blob.add(logits[-1].numpy())
    kinds = {k: x[k] for k in ("mm_token_type_ids", "image_grid_thw", "video_grid_thw", "second_per_grid_ts") if k in x}
    pos, delta = model.model.get_rope_index(x["input_ids"], **kinds)
    out["positions"] = pos[:, 0].tolist()
    out["delta"] = int(delta)
    g = model.generate(**x, max_new_tokens=GREEDY, min_new_tokens=GREEDY, do_sample=False, eos_token_id=None,
                       pad_token_id=0, output_logits=True, return_dict_in_generate=True)
    top = torch.cat(g.logits).topk(2).values
    out["greedy"] = g.sequences[0, len(ids):].tolist()
    out["least_margin"] = float((top[:, 0] - top[:, 1]).min())
    return out, x, logits


def show(pictures, patch, pre, blob):
    """What the processor makes of pictures of data/processor: grids, and the first numbers of each patch and their sum."""
    from PIL import Image
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    processor = Qwen2VLImageProcessorPil(**{k: v for k, v in pre.items() if k not in ("processor_class",
                                                                                     "image_processor_type")})
    out = []
    for name in pictures:
        x = processor(images=[Image.open(f"{DATA}/processor/{name}")], return_tensors="np")
        v = x["pixel_values"]
        out.append({"name": name, "grid": x["image_grid_thw"][0].tolist(), "at": blob.add(v[:, :16], v.sum(1))})
    return out


class Blob:
    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, *arrays):
        at = self.size
        for a in arrays:
            self.parts.append(np.ascontiguousarray(a, "<f4").reshape(-1))
            self.size += a.size
        return at


def make(name):
    config, dtype, before = CHECKPOINTS[name]
    config = config()
    config._attn_implementation = "eager"
    folder = f"{DATA}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    model = transformers.AutoModelForImageTextToText.from_config(config, attn_implementation="eager").eval().float()
    draw(model, SEEDS[name])
    model = model.to(dtype)
    model.save_pretrained(folder)
    model = model.float()
    renew_frequencies(model)
    blob, prompts = Blob(), []
    for p in PICTURES + MOVING:
        out, x, logits = run(model, p, blob)
        prompts.append((out, x, logits))
    low = model.to(torch.bfloat16)
    renew_frequencies(low)
    for out, x, logits in prompts:
        x = {k: v.to(torch.bfloat16) if k.startswith("pixel") else v for k, v in x.items()}
        out["bf16_off"] = float((low(**x).logits[0].float() - logits).square().mean().sqrt())
    spell_names(folder, not before)
    if before and config.model_type != "qwen3_vl":  # whose published files are nested
        spell_config_as_before(folder)
    for f in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(f"{TINY}/{f}", folder)
    patch = config.vision_config.patch_size
    side = 0.5 if config.model_type == "qwen3_vl" else None
    with open(f"{TINY}/preprocessor_config.json") as f:
        pre = json.load(f) | {"patch_size": patch}
    if side:
        pre |= {"image_mean": [side] * 3, "image_std": [side] * 3}
    with open(f"{folder}/preprocessor_config.json", "w") as f:
        json.dump(pre, f, indent=1)
        f.write("\n")
    shown = show(["receipt_150x110.resized.png", "one_1x1.png"], patch, pre, blob)
    np.concatenate(blob.parts).tofile(f"{folder}/expect.f32")
    with open(f"{folder}/expect.json", "w") as f:
        json.dump({"prompts": [p[0] for p in prompts], "shown": shown}, f)
        f.write("\n")
    for f in os.listdir(folder):
        os.chmod(f"{folder}/{f}", 0o644)
    print(name, [(p[0]["least_margin"], p[0]["bf16_off"], float(p[2].abs().max()), len(set(p[0]["greedy"]))) for p in prompts])


def search(name):
    """Prints seeds with the least margin and the number of different tokens of their greedy answers."""
    config, dtype, _ = CHECKPOINTS[name]
    for seed in range(1, 60):
        c = config()
        model = transformers.AutoModelForImageTextToText.from_config(c, attn_implementation="eager").eval().float()
        draw(model, seed)
        model = model.to(dtype).float()
        renew_frequencies(model)
        found = [run(model, p, Blob())[0] for p in PICTURES + MOVING]
        print(name, seed, min(f["least_margin"] for f in found), [len(set(f["greedy"])) for f in found], flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--search"]:
        search(sys.argv[2])
    else:
        for wanted in sys.argv[1:] or CHECKPOINTS:
            make(wanted)
