"""Kills `ocrvl batch run` at many moments, goes on each time, and compares with a run that nothing disturbed.

batch_kill.py PROGRAM INPUTS WORK KILLS SEED [OPTION...]: prints what is wrong, and exits with 1 if anything is."""
import glob
import gzip
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import zlib

program, inputs, work, kills, seed = sys.argv[1:6]
options = sys.argv[6:]
random.seed(int(seed))
wrong = []


def command(out):
    return [program, "batch", "run", "-q", "-f", "text,alto"] + options + [out, inputs]


def lines(out):
    n = 0
    for path in glob.glob(out + "/.ocrvl/journal/*"):
        with open(path, "rb") as f:
            n += f.read().count(b"\n")
    return n


def outputs(out):
    found = {}
    for folder, _, names in os.walk(out):
        if "/.ocrvl" in folder:
            continue
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                found[os.path.relpath(os.path.join(folder, name), out)] = hashlib.sha256(f.read()).hexdigest()
    return found


def records(out):
    """all sound lines of the journals, by file"""
    for path in sorted(glob.glob(out + "/.ocrvl/journal/*.jsonl")):
        with open(path, "rb") as f:
            for line in f:
                if not line.endswith(b"\n"):
                    continue  # cut off by a kill
                if line[-17:-11] == b',"c":"' and int(line[-11:-3], 16) == zlib.crc32(line[:-17]):
                    yield os.path.basename(path)[:-6], json.loads(line)
                else:
                    wrong.append("a line that isn't sound: " + path)


plain, out = work + "/plain", work + "/killed"
status = subprocess.run(command(plain), stderr=subprocess.DEVNULL).returncode  # nothing to do if it is there
done = 0
for i in range(int(kills)):
    p = subprocess.Popen(command(out), stderr=subprocess.DEVNULL, start_new_session=True)
    # at some moment after some lines, so that each run gets on
    goal, began = lines(out) + random.randint(1, 4), time.time()
    while p.poll() is None and lines(out) < goal and time.time() - began < 20:
        time.sleep(0.003)
    time.sleep(random.random() * 0.03)
    if p.poll() is not None:
        done += 1
        if p.returncode != status:
            wrong.append("ended with %d, not %d" % (p.returncode, status))
        break
    os.killpg(p.pid, signal.SIGKILL)
    p.wait()
last = subprocess.run(command(out), stderr=subprocess.PIPE)
if last.returncode != status:
    wrong.append("the last run ended with %d, not %d: %s" % (last.returncode, status, last.stderr))
if outputs(plain) != outputs(out):
    a, b = outputs(plain), outputs(out)
    wrong.append("outputs differ: %s" % sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k)))
if not outputs(plain):
    wrong.append("no outputs")
pages = {}
for name, line in records(out):
    if line["t"] != "p":
        continue
    key = line["doc"], line["p"]
    if key in pages:
        wrong.append("%s page %d was read twice" % key)
    pages[key] = line
    with open("%s/.ocrvl/results/%s.%s.gz" % (out, line["u"], name), "rb") as f:
        f.seek(line["off"])
        text = gzip.decompress(f.read(line["len"]))
    if zlib.crc32(text) != int(line["sum"], 16):
        wrong.append("%s page %d: the result isn't the one that was recorded" % key)
known = {(line["doc"], line["p"]) for _, line in records(plain) if line["t"] == "p"}
if set(pages) != known:
    wrong.append("pages differ: %s" % sorted(set(pages) ^ known))
print("%d pages, %d journals" % (len(pages), len(glob.glob(out + "/.ocrvl/journal/*"))))
for w in wrong:
    print(w)
sys.exit(bool(wrong))
