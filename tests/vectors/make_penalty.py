"""make_penalty.py: what transformers writes with a repetition penalty, greedily, for tests/vectors/penalty.c.

Writes tests/vectors/data/penalty.json from the tiny checkpoint; needs torch and transformers."""
import json

import torch
from transformers import Qwen2VLForConditionalGeneration

TINY = "tests/vectors/data/tiny"
model = Qwen2VLForConditionalGeneration.from_pretrained(TINY, dtype=torch.float32, attn_implementation="eager").eval()
prompts = [p for p in json.load(open(f"{TINY}/expect/prompts.json"))["prompts"] if not p["images"]]
cases = []
for prompt in prompts:
    ids = torch.tensor([prompt["ids"]])
    for penalty in (1.0, 1.05, 1.3, 2.0):
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, repetition_penalty=penalty,
                                 max_new_tokens=40, min_new_tokens=40, eos_token_id=None, pad_token_id=0)
        cases.append({"prompt": prompt["ids"], "penalty": penalty, "ids": out[0, ids.shape[1]:].tolist()})
json.dump({"cases": cases}, open("tests/vectors/data/penalty.json", "w"), indent=1)
print(len(cases), [c["ids"][:8] for c in cases])
