"""hollow.py DIR TINY: a checkpoint of the published 72B's shapes, with TINY's tokenizer; its weights are a hole in a file, 145 GB
that take no disk."""
import json, os, shutil, struct, sys

out, tiny = sys.argv[1], sys.argv[2]
WIDTH, LAYERS, KV, MLP, VOCAB, EYE, DEPTH = 8192, 80, 1024, 29568, 152064, 1280, 32
t = {"visual.patch_embed.proj.weight": (EYE, 3, 2, 14, 14), "visual.merger.ln_q.weight": (EYE,), "visual.merger.ln_q.bias": (EYE,),
     "visual.merger.mlp.0.weight": (4 * EYE, 4 * EYE), "visual.merger.mlp.0.bias": (4 * EYE,),
     "visual.merger.mlp.2.weight": (WIDTH, 4 * EYE), "visual.merger.mlp.2.bias": (WIDTH,),
     "model.embed_tokens.weight": (VOCAB, WIDTH), "model.norm.weight": (WIDTH,), "lm_head.weight": (VOCAB, WIDTH)}
for i in range(DEPTH):
    b = f"visual.blocks.{i}."
    for part, n, k in (("attn.qkv", 3 * EYE, EYE), ("attn.proj", EYE, EYE), ("mlp.fc1", 4 * EYE, EYE), ("mlp.fc2", EYE, 4 * EYE)):
        t[b + part + ".weight"], t[b + part + ".bias"] = (n, k), (n,)
    for part in ("norm1", "norm2"):
        t[b + part + ".weight"] = t[b + part + ".bias"] = (EYE,)
for i in range(LAYERS):
    b = f"model.layers.{i}."
    t[b + "input_layernorm.weight"] = t[b + "post_attention_layernorm.weight"] = (WIDTH,)
    for part, n, k in (("self_attn.q_proj", WIDTH, WIDTH), ("self_attn.k_proj", KV, WIDTH), ("self_attn.v_proj", KV, WIDTH),
                       ("self_attn.o_proj", WIDTH, WIDTH), ("mlp.gate_proj", MLP, WIDTH), ("mlp.up_proj", MLP, WIDTH),
                       ("mlp.down_proj", WIDTH, MLP)):
        t[b + part + ".weight"] = (n, k)
        if part[10:] in ("q_proj", "k_proj", "v_proj"):
            t[b + part + ".bias"] = (n,)
header, at = {}, 0
for name, shape in t.items():
    size = 2
    for n in shape:
        size *= n
    header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [at, at + size]}
    at += size
head = json.dumps(header).encode()
head += b" " * (-len(head) % 8)
os.makedirs(out)
with open(out + "/model.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(head)) + head)
    f.truncate(8 + len(head) + at)
with open(tiny + "/config.json") as f:
    c = json.load(f)
c.update(hidden_size=WIDTH, intermediate_size=MLP, num_attention_heads=64, num_hidden_layers=LAYERS, num_key_value_heads=8,
         vocab_size=VOCAB, tie_word_embeddings=False, max_position_embeddings=32768,
         rope_scaling={"type": "mrope", "mrope_section": [16, 24, 24]})
c["vision_config"].update(depth=DEPTH, embed_dim=EYE, num_heads=16, hidden_size=WIDTH)
with open(out + "/config.json", "w") as f:
    json.dump(c, f)
for name in ("tokenizer.json", "generation_config.json", "preprocessor_config.json"):
    shutil.copyfile(tiny + "/" + name, out + "/" + name)
