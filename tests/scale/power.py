"""Plays power cuts: of what preload.c has written down, what wasn't synced is lost, kept, torn or all zeros by chance.

power.py LOG ROOT OUT SEED [UNSYNCED]: makes in OUT what a cut at some moment leaves of ROOT. What has UNSYNCED in its
path counts as never synced, as on a disk that lies. Prints how many of how many steps were done, and how many files
have lost what was said to be synced."""
import os
import random
import sys

log, root, out, seed = sys.argv[1:5]
unsynced = sys.argv[5] if len(sys.argv) > 5 else None
random.seed(int(seed))


def records():
    with open(log, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        op, a, b, n = data[at:end].decode().split("\t")
        n = int(n)
        yield op, a, b, data[end + 1:end + 1 + n]
        at = end + 1 + n


class File:
    """bytes that are on the disk, and writes that may be"""

    def __init__(self):
        self.data, self.pending = bytearray(), []
        self.sworn = 0  # how many of the pending writes a disk that lies has said to be there

    def write(self, at, data):
        if len(self.data) < at:
            self.data += bytes(at - len(self.data))
        self.data[at:at + len(data)] = data

    def sync(self):
        for at, data in self.pending:
            self.write(at, data)
        self.pending = []

    def cut(self):
        """whether it has lost what was said to be synced"""
        whole = File()
        whole.data, whole.pending = bytearray(self.data), self.pending[:self.sworn]
        whole.sync()
        for at, data in self.pending:
            chance = random.random()
            if chance < 0.4:
                self.write(at, data)
            elif chance < 0.6:
                self.write(at, data[:random.randrange(len(data) + 1)])
            elif chance < 0.8:
                self.write(at, bytes(len(data)))  # the length came to the disk before what it holds
        return self.data[:len(whole.data)] != whole.data


def apply(names, what):
    """a change of names; it is nothing if what it needs was lost. A folder may be synced before the name that it has
    in its own one is."""
    op, a, b = what
    if op in "CM":
        names[a] = b
    elif op == "U":
        names.pop(a, None)
    elif a in names:
        names[b] = names[a]
        if op == "R":
            del names[a]


steps = list(records())
last = random.randrange(len(steps) + 1)
inodes = {}
now = {root: None}  # path: File, or None for a folder
disk = {root: None}
pending = []
for op, a, b, data in steps[:last]:
    if op == "C":
        inodes[a] = File()
        pending.append(("C", b, inodes[a]))
        apply(now, pending[-1])
    elif op == "W":
        if a in inodes:
            inodes[a].pending.append((int(b), data))
    elif op == "S":
        if unsynced and unsynced in b:
            if a in inodes:
                inodes[a].sworn = len(inodes[a].pending)
            continue
        if now.get(b, 0) is None:  # a folder
            for p in [p for p in pending if os.path.dirname(p[2] if p[0] in "RL" else p[1]) == b]:
                apply(disk, p)
                pending.remove(p)
        elif a in inodes:
            inodes[a].sync()
    elif op == "M":
        if a != root:
            pending.append(("M", a, None))
            apply(now, pending[-1])
    else:
        pending.append((op, a, b))
        apply(now, pending[-1])
for p in pending:
    if random.random() < 0.5:
        apply(disk, p)
damaged = sum([f.cut() for f in set(disk.values()) - {None}])
for path in sorted(disk):
    if path != root and disk.get(os.path.dirname(path), 0) is not None:
        disk[path] = 0  # its folder is lost
        continue
    to = out + path[len(root):]
    if disk[path] is None:
        os.makedirs(to, exist_ok=True)
    elif os.path.isdir(os.path.dirname(to)):
        with open(to, "wb") as f:
            f.write(disk[path].data)
print("%d of %d steps (%d files damaged)" % (last, len(steps), damaged))
