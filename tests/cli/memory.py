"""Runs commands whose Nth allocation fails, for rising N, until a run comes to its end without a failure.

usage: memory.py PROGRAM NANO TINY PAGES [COMMAND...]   $WALK: the greatest factor from one N to the next (4); 1: every N

Each run must end with status 6, or with the right status and output; a crash, a leak (of a sanitized build) or anything else is
reported. Foreign libraries allocate by themselves: their allocations don't fail here.
"""
import os
import subprocess
import sys
import tempfile

PROGRAM, NANO, TINY, PAGES = sys.argv[1:5]
FACTOR = float(os.environ.get("WALK", "4"))
LINE = f"{PAGES}/one.pnm"

COMMANDS = {
    "read": ["read", "-q", "-f", "jsonl", LINE],
    "read-pdf": ["read", "-q", "-f", "pdf", LINE],
    "read-page": ["read", "-q", "-m", TINY, "--max-tokens", "4", "-f", "alto", LINE],
    "raster": ["raster", "-f", "png", f"{PAGES}/small.tif"],
    "ask": ["ask", "-q", "-m", TINY, "--no-line-model", "--max-tokens", "4", "What?", LINE],
    "convert": ["convert", "-f", "hocr,alto,page,tsv,md,html,txt", "--no-images", "--output-dir", "OUT", f"{PAGES}/loose.hocr"],
    "crops": ["crops", "-q", "--all", "--images", LINE, "-o", "OUT/crops", f"{PAGES}/one.json"],
    "onto": ["convert", "-f", "pdf", "--onto", f"{PAGES}/text.pdf", f"{PAGES}/loose.hocr"],
    "norm": ["norm", "--form", "nfkc", "--unhyphenate", f"{PAGES}/words.txt"],
    "tokens": ["tokens", "-m", TINY],
    "inspect": ["inspect", TINY],
    "plan": ["plan", "-m", TINY, LINE],
    "prompts": ["prompts"],
    "pack": ["pack", TINY, "-o", "OUT/packed"],
    "bench": ["bench", "-m", TINY, "--runs", "1", "--tokens", "2", "--width", "56", "--height", "56"],
    "trace": ["trace", "-m", TINY, "-o", "OUT/trace", "--image", f"{PAGES}/small.tif", "--prompt", "What?"],
    "help": ["help", "read"],
}


def run(words, fail):
    """Status, output, message and whether an allocation failed."""
    with tempfile.TemporaryDirectory() as out:
        told = os.path.join(out, "told")
        os.mkdir(os.path.join(out, "OUT"))
        words = [w.replace("OUT", os.path.join(out, "OUT")) if w.startswith("OUT") else w for w in words]
        env = dict(os.environ, OCRVL_FAIL_TOLD=told, OCRVL_FAIL=fail, OCRVL_MODEL=NANO)
        done = subprocess.run([PROGRAM, *words], input=b"words of text", capture_output=True, env=env, timeout=300)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace"), os.path.exists(told)


def steps():
    n = 1
    while True:
        yield n
        n = max(n + 1, int(n * FACTOR))


def walk(name, words):
    status, output, _, _ = run(words, "0")
    runs, bad = 0, []
    compared = name not in ("bench", "plan", "onto", "read-pdf")  # times, and dates, differ from run to run
    for n in steps():
        failed = False
        for fail in f"{n}", f"{n}!":
            code, out, message, was = run(words, fail)
            runs += 1
            failed |= was
            right = code == status and (not compared or out == output)
            if code != 6 and not right:
                bad.append(f"{name}: allocation {fail}: status {code}: {message.strip()[-300:]}")
        if not failed:
            break
    print(f"# {name}: {runs} runs, to allocation {n}", flush=True)
    return bad


number = 0
for name, words in COMMANDS.items():
    if len(sys.argv) > 5 and name not in sys.argv[5:]:
        continue
    number += 1
    bad = walk(name, words)
    print(f"{'not ok' if bad else 'ok'} {number} - {name} without memory")
    for line in bad[:5]:
        print("#", line.replace("\n", "\n# "))
print(f"1..{number}")
