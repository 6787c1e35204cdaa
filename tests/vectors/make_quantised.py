"""make_quantised.py: the first layer of data/qwen2_5-tied in the layouts of quantised checkpoints, and what transformers
computes with the numbers that they stand for, for tests/vectors/quantised.c.
Usage, from the top of the tree: python3 tests/vectors/make_quantised.py

Writes tests/vectors/data/quantised: NAME.safetensors, whose tensors go beside those of qwen2_5-tied, in place of the
floats; expect.json with each one's quantization_config and where its logits stand in expect.f32. Needs torch,
transformers, safetensors and compressed-tensors (made with 2.13.0, 5.24.0, 0.8.0 and 0.20.1). compressed-tensors packs
and unpacks its own; for AWQ (gemm) and GPTQ the definition of AutoAWQ's and AutoGPTQ's linear layers is written down
here, since neither package installs without a GPU's compiler."""
import json
import os
import re
import shutil
import sys

import numpy as np
import torch
import transformers
from compressed_tensors.compressors.pack_quantized import pack_to_int32, unpack_from_int32
from safetensors.torch import load_file, save_file

sys.path.insert(0, "tests/vectors")
import make_families as families  # noqa: E402
from make_families import DATA, MOVING, PICTURES, Blob  # noqa: E402

BASE, OUT = f"{DATA}/qwen2_5-tied", f"{DATA}/quantised"
torch.manual_seed(9)


def codes_of(w, bits, groups, symmetric):
    """Codes, zeros and scales of [n][k], where groups[k] is the group of each column."""
    n, count = w.shape[0], int(groups.max()) + 1
    top = 2**bits - 1
    scales, zeros = torch.zeros(n, count), torch.zeros(n, count, dtype=torch.int64)
    for g in range(count):
        part = w[:, groups == g]
        if symmetric:
            scales[:, g] = part.abs().amax(1) * 2 / top
            zeros[:, g] = (top + 1) // 2
        else:
            low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
            scales[:, g] = (high - low) / top
            zeros[:, g] = (-low / scales[:, g]).round().clamp(0, top).long()
    scales = scales.half().float()
    codes = (w / scales[:, groups] + zeros[:, groups]).round().clamp(0, top).long()
    return codes, zeros, scales


def numbers_of(codes, zeros, scales, groups):
    return (codes - zeros[:, groups]).float() * scales[:, groups]


def words(x, bits, order=None):
    """Packs the last axis into int32, from the low end; order: the column that each place of a word has."""
    each = 32 // bits
    x = x.reshape(*x.shape[:-1], -1, each)
    if order:
        x = x[..., order]
    out = (x << (torch.arange(each) * bits)).sum(-1)
    return torch.where(out >= 2**31, out - 2**32, out).to(torch.int32)


def awq(w):
    groups = torch.arange(w.shape[1]) // 32
    codes, zeros, scales = codes_of(w, 4, groups, False)
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    return {"qweight": words(codes.T, 4, order), "qzeros": words(zeros.T, 4, order),
            "scales": scales.T.half()}, numbers_of(codes, zeros, scales, groups)


def gptq(bits, group, symmetric, act_order, less):
    def make(w):
        k = w.shape[1]
        groups = torch.arange(k) // (group or k)
        if act_order:
            groups = groups[torch.randperm(k)]
        if less:  # rows without negative numbers have zeros of 0, which as version 1 borrow from the next in their word
            w = torch.where(torch.arange(len(w))[:, None] % 5 == 0, w.abs(), w)
        codes, zeros, scales = codes_of(w, bits, groups, symmetric)
        stored = words(zeros.T, bits) - (0x11111111 if less else 0)  # as gptqmodel's convert_gptq_v2_to_v1_format has it
        t = {"qweight": words(codes, bits).T, "qzeros": stored, "scales": scales.T.half()}
        if act_order:
            t["g_idx"] = groups.to(torch.int32)
        return t, numbers_of(codes, zeros, scales, groups)
    return make


def packed(bits, group, symmetric, act_order):
    def make(w):
        n, k = w.shape
        groups = torch.arange(k) // (group or k)
        if act_order:
            groups = groups[torch.randperm(k)]
        codes, zeros, scales = codes_of(w, bits, groups, symmetric)
        half = 2**(bits - 1)
        scales = scales.bfloat16()
        t = {"weight_packed": pack_to_int32((codes - half).to(torch.int8), bits), "weight_scale": scales,
             "weight_shape": torch.tensor([n, k])}
        # through the package's own unpacking
        q = unpack_from_int32(t["weight_packed"], bits, torch.Size([n, k])).float()
        z = torch.zeros(n, int(groups.max()) + 1)
        if not symmetric:
            t["weight_zero_point"] = pack_to_int32((zeros - half).to(torch.int8), bits, packed_dim=0)
            z = unpack_from_int32(t["weight_zero_point"], bits, torch.Size(z.shape), packed_dim=0).float()
        if act_order:
            t["weight_g_idx"] = groups.to(torch.int32)
        return t, (q - z[:, groups]) * scales.float()[:, groups]
    return make


def fp8(kind):
    def make(w):
        if kind == "block":
            n, k = w.shape
            scale = torch.zeros((n + 31) // 32, (k + 47) // 48)
            wide = torch.zeros(n, k)
            for i in range(scale.shape[0]):
                for j in range(scale.shape[1]):
                    scale[i, j] = w[32 * i:32 * i + 32, 48 * j:48 * j + 48].abs().max() / 448
                    wide[32 * i:32 * i + 32, 48 * j:48 * j + 48] = scale[i, j]
            code = (w / wide).to(torch.float8_e4m3fn)
            return {"weight": code, "weight_scale_inv": scale}, code.float() * wide
        most = w.abs().amax(1, keepdim=True) if kind == "channel" else w.abs().max().reshape(1)
        scale = (most / 448).bfloat16() if kind == "channel" else (most / 448).float()
        code = (w / scale.float()).clamp(-448, 448).to(torch.float8_e4m3fn)
        return {"weight": code, "weight_scale": scale, "input_scale": torch.ones(1)}, code.float() * scale.float()
    return make


def compressed(form, weights):
    return {"quant_method": "compressed-tensors", "format": form, "ignore": ["lm_head", "re:visual.*"],
            "config_groups": {"group_0": {"targets": ["Linear"], "input_activations": None, "weights": weights}}}


KINDS = {
    "awq": (awq, {"quant_method": "awq", "bits": 4, "group_size": 32, "zero_point": True, "version": "gemm"}),
    "gptq": (gptq(4, 32, False, True, 1), {"quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": True,
                                           "sym": False, "checkpoint_format": "gptq"}),
    "gptq8": (gptq(8, 0, True, False, 0), {"quant_method": "gptq", "bits": 8, "group_size": -1, "desc_act": False,
                                           "sym": True, "checkpoint_format": "gptq_v2"}),
    "packed": (packed(4, 32, True, True), compressed("pack-quantized", {
        "num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": 32, "actorder": "group"})),
    "packed8": (packed(8, 0, False, False), compressed("pack-quantized", {
        "num_bits": 8, "type": "int", "symmetric": False, "strategy": "channel", "group_size": None})),
    "fp8": (fp8("channel"), compressed("float-quantized", {
        "num_bits": 8, "type": "float", "symmetric": True, "strategy": "channel"})),
    "fp8-tensor": (fp8("tensor"), compressed("float-quantized", {
        "num_bits": 8, "type": "float", "symmetric": True, "strategy": "tensor"})),
    "fp8-block": (fp8("block"), {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic",
                                 "weight_block_size": [32, 48]}),
}


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    os.mkdir(OUT)
    was = load_file(f"{BASE}/model.safetensors")
    blob, kinds = Blob(), []
    for name, (make, config) in KINDS.items():
        model = transformers.AutoModelForImageTextToText.from_pretrained(BASE, attn_implementation="eager",
                                                                         dtype=torch.float32).eval()
        tensors = {}
        for key, w in was.items():
            if not re.match(r"model\.language_model\.layers\.0\..*_proj\.weight", key):
                continue
            t, numbers = make(w.float())
            tensors |= {f"{key.removesuffix('weight')}{k}": v.contiguous() for k, v in t.items()}
            model.state_dict()[key].copy_(numbers)
        inputs = [families.inputs_of(p, families.prompt_of(p, False)[0], model.config) for p in PICTURES + MOVING]
        every = [model(**x).logits[0] for x in inputs]
        logits = [x[-1].numpy() for x in every]
        low = model.to(torch.bfloat16)
        families.renew_frequencies(low)
        off = [low(**{k: v.bfloat16() if k.startswith("pixel") else v for k, v in x.items()}).logits[0].float() - y
               for x, y in zip(inputs, every)]
        off = float(torch.cat(off).square().mean().sqrt())
        save_file(tensors, f"{OUT}/{name}.safetensors", metadata={"format": "pt"})
        kinds.append({"name": name, "config": config, "tensor": min(tensors), "bf16_off": off,
                      "logits": [blob.add(x) for x in logits]})
        print(name, [float(x.max()) for x in logits])
    np.concatenate(blob.parts).tofile(f"{OUT}/expect.f32")
    with open(f"{OUT}/fp8.json", "w") as f:  # the number of each code; null: none
        json.dump([None if x != x else x for x in torch.arange(256, dtype=torch.uint8).view(torch.float8_e4m3fn).tolist()], f)
        f.write("\n")
    with open(f"{OUT}/expect.json", "w") as f:
        json.dump(kinds, f, indent=1)
        f.write("\n")
    for f in os.listdir(OUT):
        os.chmod(f"{OUT}/{f}", 0o644)


if __name__ == "__main__":
    main()
