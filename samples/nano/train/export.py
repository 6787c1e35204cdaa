#!/usr/bin/env python3
"""Write a trained run as a Hugging Face Qwen2-VL checkpoint.  usage: export.py RUN_DIR TOKENIZER_DIR OUT_DIR [--reader nano] [--raw] [--heads FILE] [--blend CHECKPOINT --share 0.7]
Takes the averaged weights (--raw: the last ones); bfloat16; config, tokenizer, preprocessor and profile beside them. --heads keeps the
training head, which the checkpoint leaves out, for train.py --heads. --blend: that share of the way from CHECKPOINT's weights to the run's."""
import argparse, json, os, shutil
import torch
from model import Config, Nano, save_safetensors
import readers
from train import MEAN, STD

PREPROCESSOR = {"min_pixels": 784, "max_pixels": 28 * 28 * 1280, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
                "image_mean": MEAN, "image_std": STD,
                "image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2VLProcessor"}
PROFILE = {"reader": "line", "system": None, "line_height": 28, "max_width": 840, "tasks": ["text"], "prompts": {"text": ""}}


def profile(reader):
    return {**PROFILE, "scripts": list(reader.scripts)}


def generation(ids):
    return {"bos_token_id": ids["bos_token_id"], "eos_token_id": [ids["eos_token_id"], ids["bos_token_id"]],
            "pad_token_id": ids["pad_token_id"], "do_sample": False, "repetition_penalty": 1.0}


def blend(model, vocab, checkpoint, share):
    """Moves the model's weights back towards the checkpoint's; share of the way is left."""
    other = Nano(Config(vocab=vocab))
    other.load_hf(os.path.join(checkpoint, "model.safetensors"))
    with torch.no_grad():
        for p, q in zip(model.parameters(), other.parameters()):
            p.lerp_(q, 1 - share)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("run"); ap.add_argument("tok"); ap.add_argument("out")
    ap.add_argument("--raw", action="store_true")
    ap.add_argument("--heads")
    ap.add_argument("--blend", metavar="CHECKPOINT", help="a folder of weights that the training began from, or before")
    ap.add_argument("--share", type=float, default=0.7, help="of the way from --blend's weights to the run's")
    readers.add_option(ap)
    a = ap.parse_args()
    state = torch.load(os.path.join(a.run, "last.pt"), weights_only=False, map_location="cpu")
    weights = state["model" if a.raw else "ema"]
    tok = json.load(open(os.path.join(a.tok, "token_ids.json")))
    model = Nano(Config(vocab=tok["vocab"]))
    model.load_state_dict(weights)
    if a.blend:
        blend(model, tok["vocab"], a.blend, a.share)
    os.makedirs(a.out, exist_ok=True)
    save_safetensors(model.hf_state(), os.path.join(a.out, "model.safetensors"))
    for name, j in (("config.json", model.hf_config(tok["ids"])), ("generation_config.json", generation(tok["ids"])),
                    ("preprocessor_config.json", PREPROCESSOR), ("ocrvl.json", profile(readers.READERS[a.reader]))):
        with open(os.path.join(a.out, name), "w") as f:
            json.dump(j, f, indent=2)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(a.tok, name), a.out)
    if a.heads:
        torch.save({k: v.half() for k, v in weights.items() if k.startswith(("slots", "chars"))}, a.heads)
    print("step", state["step"], "lines", state["seen"], "->", a.out)


if __name__ == "__main__":
    main()
