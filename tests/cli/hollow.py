"""hollow.py DIR TINY [SHAPE [TYPE]]: a checkpoint of a published one's shapes, with TINY's tokenizer, whose weights are a hole in a
file and take no disk. SHAPE: 72b (the default), 2b, mineru (Qwen2-VL), 3b, 7b (Qwen2.5-VL); TYPE: bf16, or int8 or int4 as
`ocrvl pack` writes them (MODEL.md, "Packed checkpoints")."""
import json, math, os, shutil, struct, sys

out, tiny = sys.argv[1], sys.argv[2]
shape, kind = (sys.argv[3:] + ["72b", "bf16"][len(sys.argv) - 3:])[:2]
EYE, DEPTH = 1280, 32
LATER = shape in ("3b", "7b")
WIDTH, LAYERS, HEADS, KV_HEADS, MLP, VOCAB, TIED = {
    "72b": (8192, 80, 64, 8, 29568, 152064, False), "2b": (1536, 28, 12, 2, 8960, 151936, True),
    "mineru": (896, 24, 14, 2, 4864, 151936, True), "3b": (2048, 36, 16, 2, 11008, 151936, True),
    "7b": (3584, 28, 28, 4, 18944, 152064, False)}[shape]
KV = WIDTH // HEADS * KV_HEADS
# Vectors and what isn't packed; matrices [n][k] with the bits that int4 gives them.
kept = {"visual.patch_embed.proj.weight": (EYE, 3, 2, 14, 14), "visual.merger.ln_q.weight": (EYE,), "visual.merger.mlp.0.bias": (4 * EYE,),
        "visual.merger.mlp.2.bias": (WIDTH,), "model.embed_tokens.weight": (VOCAB, WIDTH), "model.norm.weight": (WIDTH,)}
matrices = {"visual.merger.mlp.0.weight": (4 * EYE, 4 * EYE, 8), "visual.merger.mlp.2.weight": (WIDTH, 4 * EYE, 8)}
if not TIED or kind != "bf16":
    matrices["lm_head.weight"] = (VOCAB, WIDTH, 8)
if not LATER:
    kept["visual.merger.ln_q.bias"] = (EYE,)
for i in range(DEPTH):
    b = f"visual.blocks.{i}."
    mlp = [("mlp.gate_proj", 3420, EYE), ("mlp.up_proj", 3420, EYE), ("mlp.down_proj", EYE, 3420)] if LATER else [
        ("mlp.fc1", 4 * EYE, EYE), ("mlp.fc2", EYE, 4 * EYE)]
    for part, n, k in [("attn.qkv", 3 * EYE, EYE), ("attn.proj", EYE, EYE)] + mlp:
        matrices[b + part + ".weight"], kept[b + part + ".bias"] = (n, k, 8), (n,)
    for part in ("norm1", "norm2"):
        kept[b + part + ".weight"] = (EYE,)
        if not LATER:
            kept[b + part + ".bias"] = (EYE,)
for i in range(LAYERS):
    b = f"model.layers.{i}."
    kept[b + "input_layernorm.weight"] = kept[b + "post_attention_layernorm.weight"] = (WIDTH,)
    for part, n, k in (("self_attn.q_proj", WIDTH, WIDTH), ("self_attn.k_proj", KV, WIDTH), ("self_attn.v_proj", KV, WIDTH),
                       ("self_attn.o_proj", WIDTH, WIDTH), ("mlp.gate_proj", MLP, WIDTH), ("mlp.up_proj", MLP, WIDTH),
                       ("mlp.down_proj", WIDTH, MLP)):
        matrices[b + part + ".weight"] = (n, k, 4 if "mlp" in part and 0 < i < LAYERS - 1 else 8)
        if part[10:] in ("q_proj", "k_proj", "v_proj"):
            kept[b + part + ".bias"] = (n,)
header, at = {"__metadata__": {"format": "pt"} | ({} if kind == "bf16" else {"ocrvl.packing": "3"})}, 0


def add(name, dtype, shape):
    global at
    size = math.prod(shape) * (1 if dtype == "U8" else 2)
    header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
    at += size


for name, (n, k, bits) in matrices.items():  # panels first, so that each begins at a multiple of 64
    if kind == "bf16":
        add(name, "BF16", (n, k))
    else:
        bits = bits if kind == "int4" else 8
        block = 128 if bits == 8 else 16
        add(f"{name}.int{bits}", "U8", ((n + 15) // 16, -(-k // block) * block * 16 * bits // 8))
for name, (n, k, bits) in matrices.items():
    if kind != "bf16":
        add(name + ".scales", "BF16", ((n + 15) // 16, 16 * -(-k // (128 if kind == "int8" or bits == 8 else 16))))
for name, shape_ in kept.items():
    add(name, "BF16", shape_)
head = json.dumps(header).encode()
head += b" " * (-(8 + len(head)) % 64)
os.makedirs(out)
with open(out + "/model.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(head)) + head)
    f.truncate(8 + len(head) + at)
with open(tiny + "/config.json") as f:
    c = json.load(f)
c.update(hidden_size=WIDTH, intermediate_size=MLP, num_attention_heads=HEADS, num_hidden_layers=LAYERS, num_key_value_heads=KV_HEADS,
         vocab_size=VOCAB, tie_word_embeddings=TIED, max_position_embeddings=32768,
         rope_scaling={"type": "mrope", "mrope_section": [8, 12, 12] if WIDTH // HEADS == 64 else [16, 24, 24]})
c["vision_config"].update(depth=DEPTH, embed_dim=EYE, num_heads=16, hidden_size=WIDTH)
if LATER:
    c["model_type"] = "qwen2_5_vl"
    c["vision_config"] = {"depth": DEPTH, "hidden_size": EYE, "intermediate_size": 3420, "num_heads": 16, "in_chans": 3,
                          "out_hidden_size": WIDTH, "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2,
                          "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31], "hidden_act": "silu", "tokens_per_second": 2}
with open(out + "/config.json", "w") as f:
    json.dump(c, f)
for name in ("tokenizer.json", "generation_config.json", "preprocessor_config.json"):
    shutil.copyfile(tiny + "/" + name, out + "/" + name)
