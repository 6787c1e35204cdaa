"""Circles of includes, and type names with two meanings, in libocrvl/, formats/ and cli/.

A module is a .c file with the header of its name. It sees the modules whose headers either of its files includes.
Prints each circle on a line and exits with 1 if there is one."""
import glob
import os
import re
import sys


def modules():
    """name of a module -> names of the modules that it includes"""
    sees = {}
    for root in ("libocrvl", "formats", "cli"):
        for path in glob.glob(root + "/**/*.[ch]", recursive=True) + glob.glob(root + "/**/*.inc", recursive=True):
            name = os.path.splitext(path)[0]
            found = sees.setdefault(name, set())
            with open(path, encoding="utf-8") as f:
                for include in re.findall(r'^#include "([^"]+)"', f.read(), re.M):
                    for base in ("libocrvl/", "formats/", "cli/"):
                        if os.path.exists(base + include):
                            found.add(os.path.splitext(base + include)[0])
            found.discard(name)
    return sees


def circles(sees):
    """Tarjan's strongly connected components of more than one module"""
    index, low, stack, out = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(sees.get(v, ())):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == v:
                    break
            if len(group) > 1:
                out.append(sorted(group))

    for v in sorted(sees):
        if v not in index:
            visit(v)
    return out


def twice():
    """ocrvl_ and cli_ type names that two files define"""
    where = {}
    for root in ("libocrvl", "formats", "cli"):
        for path in glob.glob(root + "/**/*.[ch]", recursive=True):
            with open(path, encoding="utf-8") as f:
                text = f.read()
            for name in re.findall(r"^(?:typedef )?(?:struct|enum|union) ((?:ocrvl|cli)_\w+) \{", text, re.M):
                where.setdefault(name, set()).add(path)
    return {n: p for n, p in where.items() if len(p) > 1}


def main():
    bad = ["a circle of includes: " + ", ".join(c) for c in circles(modules())]
    bad += [f"{n} is defined in {', '.join(sorted(p))}" for n, p in sorted(twice().items())]
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
