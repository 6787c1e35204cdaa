#!/usr/bin/env python3
"""Read lines of a pool with transformers' Qwen2VLForConditionalGeneration and with model.py from one exported checkpoint: the same
tokens must come out.  usage: check_hf.py CHECKPOINT POOL N"""
import sys
import torch
from transformers import Qwen2VLForConditionalGeneration
from read_lines import load
from train import PoolData, collate, edit, on_device

LONGEST = 130


def hf_read(hf, model, tok, x):
    patches, gh, gw = model.patches(x)
    picture = torch.full((gh * gw // 4,), tok.sp["<|image_pad|>"])
    ids = torch.cat((tok.before, picture, tok.after))[None]
    out = hf.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=patches[0], image_grid_thw=torch.tensor([[1, gh, gw]]),
                      mm_token_type_ids=(ids == tok.sp["<|image_pad|>"]).int(), max_new_tokens=LONGEST, do_sample=False)
    out = out[0, ids.size(1):].tolist()
    return out[:out.index(tok.end)] if tok.end in out else out


@torch.no_grad()
def main(checkpoint, path, n):
    model, tok = load(checkpoint)
    hf = Qwen2VLForConditionalGeneration.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation="eager").eval()
    pool = PoolData(path, tok)
    same = errors = letters = 0
    for i in range(int(n)):
        x, _, _ = on_device(collate(pool, [i], tok, None, False), False)
        ours = model.read(x, tok.before, tok.after, tok.end, LONGEST)[0]
        theirs = hf_read(hf, model, tok, x)
        same += ours == theirs
        errors += edit(pool.txt[i], tok.decode(theirs))
        letters += len(pool.txt[i])
    print("same tokens", same, "of", n, "CER", round(errors / letters, 4))
    return same != int(n)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
