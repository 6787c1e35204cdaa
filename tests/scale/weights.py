"""Four processes of ocrvl batch that read with one page model of random weights: how much memory they take together, shared pages
counted once (the sum of Pss). weights.py PROGRAM small|wide|2b: 2b is the shape of Qwen2-VL-2B and takes minutes a page; wide has its
widths and vocabulary and four layers of each kind, so that what a process needs beside the weights is the same but for the keys and
values of the layers that it lacks, which are added; small has weights that are just large enough to be mapped, as those are."""
import json, os, random, shutil, struct, subprocess, sys, tempfile, time

SHAPES = {"small": dict(H=768, I=2304, L=6, heads=12, kv=2, V=520, E=256, D=4, vheads=4, section=[8, 12, 12]),
          "2b": dict(H=1536, I=8960, L=28, heads=12, kv=2, V=151936, E=1280, D=32, vheads=16, section=[16, 24, 24])}
SHAPES["wide"] = dict(SHAPES["2b"], L=4, D=4)
program, name = sys.argv[1:3]
s, tiny = SHAPES[name], "tests/vectors/data/tiny"
top = os.environ.get("top", ".")
tiny = os.path.join(top, tiny)
work = tempfile.mkdtemp()
model = work + "/model"
shutil.copytree(tiny, model, ignore=shutil.ignore_patterns("*.safetensors*", "expect"))
config = json.load(open(model + "/config.json"))
config.update(hidden_size=s["H"], intermediate_size=s["I"], num_attention_heads=s["heads"], num_key_value_heads=s["kv"],
              num_hidden_layers=s["L"], vocab_size=s["V"])
config["rope_scaling"]["mrope_section"] = s["section"]
config["vision_config"].update(depth=s["D"], embed_dim=s["E"], num_heads=s["vheads"], hidden_size=s["H"])
json.dump(config, open(model + "/config.json", "w"))

shapes = {}
for part in sorted(os.listdir(tiny)):
    if part.endswith(".safetensors"):
        with open(tiny + "/" + part, "rb") as f:
            shapes.update(json.loads(f.read(struct.unpack("<Q", f.read(8))[0])))
shapes.pop("__metadata__", None)
text = {96: s["H"], 160: s["I"], 520: s["V"], 32: s["H"] // s["heads"] * s["kv"]}
seen = {64: s["E"], 192: 3 * s["E"], 256: 4 * s["E"], 96: s["H"]}
tensors = {}
for key, value in shapes.items():
    visual = key.startswith("visual.")
    parts = key.split(".")
    layer = next((i for i, p in enumerate(parts) if p.isdigit() and parts[i - 1] in ("layers", "blocks")), None)
    if layer is not None and parts[layer] != "0":
        continue
    shape = [(seen if visual else text).get(n, n) for n in value["shape"]]
    for n in range((s["D"] if visual else s["L"]) if layer is not None else 1):
        if layer is not None:
            parts[layer] = str(n)
        tensors[".".join(parts)] = shape
header, at = {}, 0
for key, shape in tensors.items():
    size = 2
    for n in shape:
        size *= n
    header[key] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
    at += size
random.seed(1)
block = b"".join(struct.pack("<f", random.gauss(0, 0.02))[2:] for _ in range(1 << 19))
with open(model + "/model.safetensors", "wb") as f:
    text = json.dumps(header).encode()
    f.write(struct.pack("<Q", len(text)) + text)
    for key, value in header.items():
        left = value["data_offsets"][1] - value["data_offsets"][0]
        piece = b"\x80\x3f" * (1 << 19) if "norm" in key and key.endswith("weight") else block
        while left > 0:
            f.write(piece[:left])
            left -= len(piece)

pages = work + "/in"
os.mkdir(pages)
for i in range(4):
    with open(os.path.join(top, "samples/pages/es-1.png"), "rb") as f, open("%s/%d.png" % (pages, i), "wb") as g:
        g.write(f.read() + bytes(i + 1))


def family(pid):
    """the process and all below it"""
    found = [pid]
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            for child in open("/proc/%d/task/%s/children" % (pid, task)).read().split():
                found += family(int(child))
    except OSError:
        pass
    return found


def pss(pid):
    try:
        with open("/proc/%d/smaps_rollup" % pid) as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Pss:")) * 1024
    except (OSError, StopIteration):
        return 0


p = subprocess.Popen([program, "batch", "run", "-q", "-j", "4", "--unit", "1", "--batch", "1", "--no-dedupe", "-f", "text", "-m", model,
                      "--max-tokens", "16", "--max-pixels", "400000", work + "/out", pages], stderr=subprocess.PIPE)
most, processes = 0, 0
while p.poll() is None:
    everybody = family(p.pid)
    now = sum(pss(q) for q in everybody)
    if now > most:
        most, processes = now, len(everybody)
    time.sleep(0.2)
error = p.stderr.read().decode(errors="replace")
print("four page models of the shape %s on %d MB of weights: %d MB in all of %d processes, %d MB beside the weights (goal: 6,000)%s"
      % (name, at >> 20, most >> 20, processes, (most - at) >> 20,
         "" if p.returncode in (0, 1) else "; it ended with %d: %s" % (p.returncode, error)))
if name == "wide":
    # float32 keys and values of 400,000 pixels' visual tokens, the prompt and the answer, in the layers that 2b has and this has not
    lacking = (SHAPES["2b"]["L"] - s["L"]) * 2 * s["H"] // s["heads"] * s["kv"] * 4 * (400000 // 784 + 64)
    print("  with the keys and values of %d layers more, 2b's: %d MB" % (SHAPES["2b"]["L"] - s["L"], (most - at + 4 * lacking) >> 20))
shutil.rmtree(work)
sys.exit(p.returncode not in (0, 1))
