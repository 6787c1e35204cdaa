"""Kills `ocrvl batch run` at many moments, goes on each time, and compares with a run that nothing disturbed.

batch_kill.py PROGRAM INPUTS WORK KILLS SEED [OPTION...]: prints what is wrong, and exits with 1 if anything is. What is killed is
by chance the whole job, the coordinator, whose workers die with it, or a worker, after which the run goes on by itself. Between two
kills up to $LINES_BETWEEN lines are written (4), or 20 seconds go by. A page that batch would rightly give up after the kill, since it
was read alone, is left to be read first."""
import collections
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


def workers(pid):
    """the processes that read for the one of that number"""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def begun_pages(out):
    """how often each page was begun, how often with nothing else in hand, and by journal those in hand: begun, and not ended"""
    begun, alone, in_hand = collections.Counter(), collections.Counter(), collections.defaultdict(dict)
    for name, line in records(out):
        key = line.get("doc"), line.get("p", 0)
        if line["t"] == "b":
            begun[key] += 1
            alone[key] += line.get("alone", 0)
            in_hand[name][key] = "alone" in line
        elif line["t"] == "p":
            in_hand[name].pop(key, None)
            if line["p"] == 1:
                in_hand[name].pop((key[0], 0), None)
    return begun, alone, in_hand


def spares_pages(what, pids):
    """whether no page that these processes have in hand would be given up after the death: a worker's that reads it alone, or the
    second death of whole runs over it alone"""
    _, alone, in_hand = begun_pages(out)
    most = 1 if what == "worker" else 2
    held = (keys for name, keys in in_hand.items() if int(name.split(".")[-2]) in pids)
    return not any(is_alone and alone[key] >= most for keys in held for key, is_alone in keys.items())


def kill(p):
    """returns what was killed, or None if nothing was since a page would be given up"""
    what = random.choice(("job", "coordinator", "worker"))
    os.killpg(p.pid, signal.SIGSTOP)  # what is in hand stays so while it is looked at
    children = workers(p.pid)
    if what == "worker" and not children:
        what = "job"
    victims = [random.choice(children)] if what == "worker" else [p.pid] + children
    if not spares_pages(what, victims):
        os.killpg(p.pid, signal.SIGCONT)
        return None
    if what == "job":
        os.killpg(p.pid, signal.SIGKILL)
    else:
        os.kill(victims[0], signal.SIGKILL)
        os.killpg(p.pid, signal.SIGCONT)
    if what != "worker":
        p.wait()
    return what


plain, out = work + "/plain", work + "/killed"
p, ends, killed = None, [], collections.Counter()
between = int(os.environ.get("LINES_BETWEEN", "4"))
for i in range(int(kills)):
    if p is None or p.poll() is not None:
        p = subprocess.Popen(command(out), stderr=subprocess.DEVNULL, start_new_session=True)
    # at some moment after some lines, so that each run gets on
    goal, began = lines(out) + random.randint((between + 1) // 2, between), time.time()
    while p.poll() is None and lines(out) < goal and time.time() - began < 20:
        time.sleep(0.003)
    time.sleep(random.random() * 0.03)
    what = None
    while p.poll() is None and not (what := kill(p)):
        time.sleep(0.02)
    if not what:
        ends.append(p.returncode)
        break
    if p.poll() not in (None, -signal.SIGKILL):  # it was too late
        ends.append(p.returncode)
        break
    killed[what] += 1
if p is not None and p.poll() is None:
    ends.append(p.wait())
last = subprocess.run(command(out), stderr=subprocess.PIPE)
ends.append(last.returncode)
status = subprocess.run(command(plain), stderr=subprocess.DEVNULL).returncode  # nothing to do if it is there
if set(ends) != {status}:
    wrong.append("runs ended with %s, not %d: %s" % (ends, status, last.stderr))
if outputs(plain) != outputs(out):
    a, b = outputs(plain), outputs(out)
    wrong.append("outputs differ: %s" % sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k)))
if not outputs(plain):
    wrong.append("no outputs")

# Each page ends once, and its result is the one that was recorded.
pages, by_file = {}, collections.defaultdict(set)
for name, line in records(out):
    if line["t"] != "p":
        continue
    key = line["doc"], line["p"]
    if key in pages:
        wrong.append("%s page %d was read twice" % key)
    pages[key] = line
    path = "%s/.ocrvl/results/%s.%s.gz" % (out, line["u"], name)
    with open(path, "rb") as f:
        f.seek(line["off"])
        text = gzip.decompress(f.read(line["len"]))
    by_file[path].add(text)
    if zlib.crc32(text) != int(line["sum"], 16):
        wrong.append("%s page %d: the result isn't the one that was recorded" % key)
known = {(line["doc"], line["p"]) for _, line in records(plain) if line["t"] == "p"}
if set(pages) != known:
    wrong.append("pages differ: %s" % sorted(set(pages) ^ known))
for path, texts in by_file.items():
    whole = subprocess.run(["zcat", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout  # 1 where its end is torn
    if texts - set(whole.splitlines(True)):
        wrong.append("zcat doesn't print all of " + path)

# What was begun again was in the hands of a process that died.
begun, _, left = begun_pages(out)
in_hand = collections.Counter(key for keys in left.values() for key in keys)
for key, n in begun.items():
    if key[1] and n > 1 + in_hand[key] + in_hand[key[0], 0]:
        wrong.append("%s page %d was begun %d times, and in hand at %d deaths" % (*key, n, in_hand[key]))

# Nothing is left of those that died.
for folder, _, names in os.walk(out):
    wrong += ["a file is left: " + os.path.join(folder, n) for n in names if n.startswith(".") or folder.endswith("/claims")]
print("%d pages, %d journals, killed: %s" % (len(pages), len(glob.glob(out + "/.ocrvl/journal/*")), dict(killed)))
for w in wrong:
    print(w)
sys.exit(bool(wrong))
