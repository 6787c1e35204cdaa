"""make_gguf.py: tiny random models of each family in GGUF, made with PyPI's gguf, and what transformers computes with
the numbers that gguf's own dequantisation gives, for tests/vectors/gguf.c.
Usage, from the top of the tree: python3 tests/vectors/make_gguf.py [NAME...]

Writes tests/vectors/data/gguf-NAME: model.gguf, mmproj.gguf, expect.json, expect.f32; and data/gguf-blocks: some blocks
of each type and their numbers. Needs torch, transformers and gguf (made with 2.13.0, 5.24.0 and 0.19.0). Tensors are
named by gguf's table and split as llama.cpp's converter does it (conversion/qwenvl.py and qwen3vl.py there)."""
import json
import math
import os
import re
import shutil
import sys

import gguf
import numpy as np
import torch
import transformers

sys.path.insert(0, "tests/vectors")
import make_families as families  # noqa: E402
from make_families import DATA, GREEDY, IMAGE, MOVING, PICTURES, START, END, TINY, VIDEO, VOCABULARY, Blob  # noqa: E402

T = gguf.GGMLQuantizationType
ARCH = {"qwen2_vl": gguf.MODEL_ARCH.QWEN2VL, "qwen2_5_vl": gguf.MODEL_ARCH.QWEN2VL, "qwen3_vl": gguf.MODEL_ARCH.QWEN3VL}
PROJECTOR = {"qwen2_vl": "qwen2vl_merger", "qwen2_5_vl": "qwen2.5vl_merger", "qwen3_vl": "qwen3vl_merger"}


def text_part(hidden, inner, layers, heads, kv, section, tied, **more):
    c = families.text_part(hidden, heads, kv, layers, section, tied, **more)
    return c | {"intermediate_size": inner}


def qwen2():
    return transformers.Qwen2VLConfig(
        text_config=text_part(64, 64, 2, 4, 2, [2, 3, 3], True),
        vision_config=dict(depth=2, embed_dim=32, hidden_size=64, mlp_ratio=2, num_heads=2, patch_size=8),
        image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
        tie_word_embeddings=True)


def qwen25():
    return transformers.Qwen2_5_VLConfig(
        text_config=text_part(64, 96, 1, 4, 2, [2, 3, 3], False),
        vision_config=dict(depth=2, hidden_size=32, num_heads=2, intermediate_size=43, out_hidden_size=64, patch_size=8,
                           window_size=64, fullatt_block_indexes=[1], tokens_per_second=2),
        image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
        tie_word_embeddings=False)


def qwen3():
    return transformers.Qwen3VLConfig(
        text_config=text_part(256, 32, 2, 2, 1, [4, 2, 2], True, head_dim=16),
        vision_config=dict(depth=2, hidden_size=32, num_heads=2, intermediate_size=43, out_hidden_size=256, patch_size=8,
                           num_position_embeddings=36, deepstack_visual_indexes=[1]),
        image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
        tie_word_embeddings=True)


# name: config, seed, types that the matrices of the decoder get in turn, those of the tower
MODELS = {
    "qwen2": (qwen2, 3, [T.Q8_0, T.Q4_0, T.Q5_0, T.F16], [T.Q8_0, T.Q4_0]),
    "qwen2_5": (qwen25, 5, [T.Q5_1, T.Q8_0, T.BF16, T.Q4_1], [T.Q8_0, T.BF16, T.Q8_0, T.Q8_0, T.Q5_0]),
    "qwen3": (qwen3, 7, [T.Q4_K, T.Q5_K, T.Q6_K], [T.Q8_0, T.Q4_0]),
}


def random_blocks(kind, rows, k, scale, rng):
    """Rows of random codes: gguf can't quantise to the K types. Each block's factors bring its numbers near scale."""
    numbers, size = gguf.GGML_QUANT_SIZES[kind]
    b = rng.integers(0, 256, (rows * (k // numbers), size), dtype=np.uint8)
    most = {T.Q4_K: 15 * 63, T.Q5_K: 31 * 63, T.Q6_K: 32 * 128}[kind]
    d = (scale * 4 / most * rng.uniform(0.5, 1.5, (len(b), 1))).astype("<f2").view(np.uint8)
    if kind == T.Q6_K:
        b[:, 208:210] = d
    else:  # what is taken off is as large as what is added, on the average
        b[:, 0:2] = d
        b[:, 2:4] = (d.view("<f2") * np.float16(most / 63 / 2)).astype("<f2").view(np.uint8)
    return b.reshape(rows, -1)


def store(value, kind, rng):
    """What is written of a float32 array, and the numbers that it stands for."""
    numbers = gguf.GGML_QUANT_SIZES[kind][0]
    if value.shape[-1] % numbers:
        kind = T.F16
    if kind in (T.Q4_K, T.Q5_K, T.Q6_K):
        data = random_blocks(kind, value.shape[0], value.shape[1], float(value.std()), rng)
    else:
        data = gguf.quants.quantize(value, kind)
    return data, kind, gguf.quants.dequantize(data, kind).reshape(value.shape).astype(np.float32)


class Files:
    def __init__(self, folder, model, rng):
        c, arch = model.config, ARCH[model.config.model_type]
        self.text = gguf.GGUFWriter(f"{folder}/model.gguf", gguf.MODEL_ARCH_NAMES[arch])
        self.vision = gguf.GGUFWriter(f"{folder}/mmproj.gguf", "clip")
        self.rng, self.model, self.count = rng, model, 0
        layers = max(c.text_config.num_hidden_layers, c.vision_config.depth, 3)  # mm.2 counts as a layer
        self.maps = gguf.get_tensor_name_map(arch, layers), gguf.get_tensor_name_map(gguf.MODEL_ARCH.MMPROJ, layers)

    def put(self, writer, name, value, kind):
        """Writes a tensor; returns the numbers that it stands for."""
        if value.ndim == 1:
            kind = T.F32
        data, kind, numbers = store(value.reshape(value.shape[0], -1) if value.ndim == 2 else value, kind, self.rng)
        writer.add_tensor(name, data, raw_dtype=kind)
        return numbers

    def name_of(self, key, vision):
        found = self.maps[vision].get_name(key, try_suffixes=(".weight", ".bias"))
        assert found, key
        return found

    def put_tower(self, name, value, kind, c):
        """A tensor of the tower; visual.X. Returns its numbers."""
        if name == "visual.patch_embed.proj.weight":
            return np.stack([self.put(self.vision, f"v.patch_embd.weight{end}", np.ascontiguousarray(value[:, :, i]), T.F16)
                             for i, end in enumerate(("", ".1"))], 2)
        if ".attn.qkv." in name and c.model_type != "qwen3_vl":
            return np.concatenate([self.put(self.vision, self.name_of(name.replace("qkv", x), 1), v, kind)
                                   for x, v in zip("qkv", np.split(value, 3))])
        deep = re.match(r"visual\.deepstack_merger_list\.(\d+)\.(norm|linear_fc1|linear_fc2)\.(\w+)", name)
        if deep:
            at = c.vision_config.deepstack_visual_indexes[int(deep[1])]
            return self.put(self.vision, f"v.deepstack.{at}.{deep[2].replace('linear_', '')}.{deep[3]}", value, kind)
        merger = re.match(r"visual\.merger\.(norm|linear_fc1|linear_fc2)\.(\w+)", name)
        if merger:
            where = {"norm": "v.post_ln", "linear_fc1": "mm.0", "linear_fc2": "mm.2"}[merger[1]]
            return self.put(self.vision, f"{where}.{merger[2]}", value, kind)
        if name == "visual.patch_embed.proj.bias":
            return self.put(self.vision, "v.patch_embd.bias", value, kind)
        return self.put(self.vision, self.name_of(name, 1), value, T.F32 if "pos_embed" in name else kind)

    def write(self):
        for w in (self.text, self.vision):
            w.write_header_to_file()
            w.write_kv_data_to_file()
            w.write_tensors_to_file()
            w.close()


def put_weights(files, kinds, tower_kinds):
    c = files.model.config
    turn = {False: 0, True: 0}
    for name, p in files.model.state_dict().items():
        plain = re.sub(r"^model\.(language_model|visual)\.", lambda m: "model." if m[1][0] == "l" else "visual.", name)
        if plain == "lm_head.weight" and c.tie_word_embeddings:
            continue
        vision = plain.startswith("visual.")
        value = p.detach().float().numpy()
        if value.ndim == 1:
            kind = T.F32
        elif "embed_tokens" in plain or plain == "lm_head.weight":
            kind = kinds[0]
        else:
            kind = (tower_kinds if vision else kinds)[turn[vision] % len(tower_kinds if vision else kinds)]
            turn[vision] += 1
        if vision:
            numbers = files.put_tower(plain, value, kind, c)
        else:
            numbers = files.put(files.text, files.name_of(plain, 0), value, kind)
        p.copy_(torch.tensor(np.ascontiguousarray(numbers)).reshape(p.shape))
    if c.tie_word_embeddings:
        files.model.tie_weights()


def put_small_tokenizer(w):
    tokens = ["a", "b", "ab", "c", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
              "<|video_pad|>", "<|endoftext|>", "[PAD]"]
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types([1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 4, 5])
    w.add_token_merges(["a b"])
    w.add_eos_token_id(5)


def put_tokenizer(w):
    with open(f"{TINY}/tokenizer.json") as f:
        t = json.load(f)
    tokens, types = [f"[PAD{i}]" for i in range(VOCABULARY)], [gguf.TokenType.UNUSED] * VOCABULARY
    for token, i in t["model"]["vocab"].items():
        tokens[i], types[i] = token, gguf.TokenType.NORMAL
    for a in t["added_tokens"]:
        tokens[a["id"]] = a["content"]
        types[a["id"]] = gguf.TokenType.CONTROL if a["special"] else gguf.TokenType.USER_DEFINED
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types(types)
    w.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in t["model"]["merges"]])
    w.add_eos_token_id(tokens.index("<|im_end|>"))
    w.add_pad_token_id(tokens.index("<|endoftext|>"))
    w.add_chat_template("{% for m in messages %}{{ m.content }}{% endfor %}")


def put_keys(files, c, put_tokenizer=put_tokenizer):
    w, t = files.text, c.text_config
    w.add_name("Tiny")
    w.add_license("cc0-1.0")
    w.add_block_count(t.num_hidden_layers)
    w.add_context_length(t.max_position_embeddings)
    w.add_embedding_length(t.hidden_size)
    w.add_feed_forward_length(t.intermediate_size)
    w.add_head_count(t.num_attention_heads)
    w.add_head_count_kv(t.num_key_value_heads)
    w.add_rope_freq_base(t.rope_parameters["rope_theta"])
    w.add_layer_norm_rms_eps(t.rms_norm_eps)
    w.add_rope_dimension_sections(t.rope_parameters["mrope_section"] + [0])
    put_tokenizer(w)
    m, v = files.vision, c.vision_config
    if c.model_type == "qwen3_vl":
        w.add_key_length(t.head_dim)
        w.add_value_length(t.head_dim)
        w.add_num_deepstack_layers(len(v.deepstack_visual_indexes))
        m.add_vision_is_deepstack_layers([i in v.deepstack_visual_indexes for i in range(v.depth)])
        m.add_vision_spatial_merge_size(2)
        m.add_vision_use_gelu(True)
    if c.model_type == "qwen2_5_vl":
        m.add_vision_use_silu(True)
        m.add_vision_n_wa_pattern(v.fullatt_block_indexes[0] + 1)
        m.add_vision_window_size(v.window_size)
    m.add_type("mmproj")
    m.add_clip_has_vision_encoder(True)
    m.add_clip_projector_type(PROJECTOR[c.model_type])
    m.add_vision_projection_dim(t.hidden_size)
    m.add_vision_image_size(560)
    m.add_vision_patch_size(v.patch_size)
    m.add_vision_embedding_length(v.embed_dim if c.model_type == "qwen2_vl" else v.hidden_size)
    # the decoder's width, as llama.cpp's converter writes it for this family
    m.add_vision_feed_forward_length(v.hidden_size if c.model_type == "qwen2_vl" else v.intermediate_size)
    m.add_vision_block_count(v.depth)
    m.add_vision_head_count(v.num_heads)
    m.add_vision_attention_layernorm_eps(1e-6)
    m.add_vision_image_mean([0.5, 0.4, 0.3])
    m.add_vision_image_std([0.25, 0.5, 0.75])


def expect(model, folder):
    blob, prompts = Blob(), []
    for p in PICTURES + MOVING:
        out, _, _ = families.run(model, p, Blob())
        ids, _ = families.prompt_of(p, model.config.model_type == "qwen3_vl")
        logits = model(**families.inputs_of(p, ids, model.config)).logits[0]
        prompts.append({k: out[k] for k in ("ids", "grids", "step", "positions", "delta", "greedy", "least_margin")}
                       | {"logits": blob.add(logits[-1].numpy())})
    np.concatenate(blob.parts).tofile(f"{folder}/expect.f32")
    with open(f"{folder}/expect.json", "w") as f:
        json.dump({"prompts": prompts}, f)
        f.write("\n")
    return prompts


def make(name):
    config, seed, kinds, tower_kinds = MODELS[name]
    folder = f"{DATA}/gguf-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    c = config()
    c._attn_implementation = "eager"
    model = transformers.AutoModelForImageTextToText.from_config(c, attn_implementation="eager").eval().float()
    families.draw(model, seed)
    families.renew_frequencies(model)
    files = Files(folder, model, np.random.default_rng(seed))
    put_keys(files, c)
    put_weights(files, kinds, tower_kinds)
    files.write()
    prompts = expect(model, folder)
    print(name, [(p["least_margin"], len(set(p["greedy"]))) for p in prompts])


def blocks():
    """Some blocks of each type: random bytes, but for factors that are finite."""
    rng, out = np.random.default_rng(1), []
    for kind in (T.F32, T.F16, T.BF16, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q4_K, T.Q5_K, T.Q6_K):
        numbers, size = gguf.GGML_QUANT_SIZES[kind]
        if numbers == 1:
            data = gguf.quants.quantize(rng.normal(size=(2, 8)).astype(np.float32), kind)
        else:
            b = rng.integers(0, 256, (1 if numbers > 32 else 3, size), dtype=np.uint8)
            at = [208] if kind == T.Q6_K else [0, 2] if kind in (T.Q4_K, T.Q5_K, T.Q4_1, T.Q5_1) else [0]
            for i in at:
                b[:, i:i + 2] = rng.normal(size=(len(b), 1)).astype("<f2").view(np.uint8)
            data = b.reshape(1, -1)
        out.append({"type": int(kind), "name": kind.name, "data": np.ascontiguousarray(data).tobytes().hex(),
                    "numbers": [float(x) for x in gguf.quants.dequantize(data, kind).reshape(-1)]})
    with open(f"{DATA}/gguf-blocks.json", "w") as f:
        json.dump(out, f)
        f.write("\n")


def small(kind):
    """A model that fits a fuzz target's seed."""
    text = text_part(32, 32, 1, 2, 1, [2, 3, 3], True) | {"vocab_size": 12, "bos_token_id": 10, "eos_token_id": 5}
    tower = dict(depth=2, num_heads=1, patch_size=2)
    ids = dict(image_token_id=8, video_token_id=9, vision_start_token_id=6, vision_end_token_id=7,
               tie_word_embeddings=True)
    if kind == "qwen2":
        c = transformers.Qwen2VLConfig(text_config=text, vision_config=tower | dict(embed_dim=8, hidden_size=32,
                                                                                     mlp_ratio=2), **ids)
    elif kind == "qwen2_5":
        c = transformers.Qwen2_5_VLConfig(text_config=text, vision_config=tower | dict(
            hidden_size=8, intermediate_size=12, out_hidden_size=32, window_size=16, fullatt_block_indexes=[1]), **ids)
    else:
        text["head_dim"] = 16
        text["rope_parameters"]["mrope_interleaved"] = True
        c = transformers.Qwen3VLConfig(text_config=text, vision_config=tower | dict(
            hidden_size=8, intermediate_size=12, out_hidden_size=32, num_position_embeddings=4,
            deepstack_visual_indexes=[1]), **ids)
    return transformers.AutoModelForImageTextToText.from_config(c).eval().float()


def quantised_seed(name):
    """'q', config.json, NUL, model.safetensors: the layouts of make_quantised.py."""
    import make_quantised
    from safetensors.torch import save
    make, config = make_quantised.KINDS[name]
    model = small("qwen2")
    tensors = {}
    for key, p in model.state_dict().items():
        if "_proj.weight" in key and "layers" in key:
            tensors |= {f"{key.removesuffix('weight')}{k}": v.contiguous() for k, v in make(p.float())[0].items()}
        elif key != "lm_head.weight":
            tensors[key] = p.to(torch.bfloat16)
    c = json.loads(model.config.to_json_string()) | {"quantization_config": config}
    return b"q" + json.dumps(c).encode() + b"\0" + save(tensors, metadata={"format": "pt"})


def corpus():
    """tests/fuzz/corpus/gguf: 'g', the length of the decoder's file in 4 bytes, it and the tower's."""
    out = "tests/fuzz/corpus/gguf"
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    for kind, (_, _, kinds, tower_kinds) in MODELS.items():
        files = Files(out, small(kind), np.random.default_rng(1))
        put_keys(files, files.model.config, put_small_tokenizer)
        put_weights(files, kinds, tower_kinds)
        files.write()
        parts = [open(f"{out}/{f}.gguf", "rb").read() for f in ("model", "mmproj")]
        with open(f"{out}/{kind}", "wb") as f:
            f.write(b"g" + len(parts[0]).to_bytes(4, "little") + b"".join(parts))
    for f in ("model", "mmproj"):
        os.remove(f"{out}/{f}.gguf")
    for name in ("awq", "gptq", "packed", "packed8", "fp8", "fp8-block"):
        with open(f"{out}/{name}", "wb") as f:
            f.write(quantised_seed(name))


if __name__ == "__main__":
    if sys.argv[1:] == ["--fuzz"]:
        corpus()
        sys.exit()
    for wanted in sys.argv[1:] or MODELS:
        make(wanted)
    blocks()
