#!/usr/bin/env python3
"""Write a trained run as a Hugging Face Qwen2-VL checkpoint.  usage: export.py RUN_DIR TOKENIZER_DIR OUT_DIR [--reader nano] [--raw] [--heads FILE]
Takes the averaged weights (--raw: the last ones); bfloat16; config, tokenizer, preprocessor and profile beside them. --heads keeps the
training head, which the checkpoint leaves out, for train.py --heads."""
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


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("run"); ap.add_argument("tok"); ap.add_argument("out")
    ap.add_argument("--raw", action="store_true")
    ap.add_argument("--heads")
    readers.add_option(ap)
    a = ap.parse_args()
    state = torch.load(os.path.join(a.run, "last.pt"), weights_only=False, map_location="cpu")
    weights = state["model" if a.raw else "ema"]
    tok = json.load(open(os.path.join(a.tok, "token_ids.json")))
    model = Nano(Config(vocab=tok["vocab"]))
    model.load_state_dict(weights)
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
