# SPDX-License-Identifier: MIT
"""stack.py FOLDER...: from gcc's call graphs (*.ci, -fcallgraph-info=su): no frame above 2 KiB or of unknown size, no chain of
direct calls above 16 KiB, no function that reaches itself. What foreign libraries use below us does not count."""
import pathlib
import re
import sys
import gatelib

FRAME, CHAIN = 2048, 16384
NODE = re.compile(r'^node: \{ title: "([^"]+)" label: "(.*?)"', re.M)
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', re.M)
SIZE = re.compile(r"(\d+) bytes \(([^)]+)\)")


def load(folders):
    frames, calls = {}, {}
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*.ci")):
            text = path.read_text()
            for title, label in NODE.findall(text):
                size = SIZE.search(label)
                if size:
                    frames[title] = (int(size.group(1)), size.group(2))
            for source, target in EDGE.findall(text):
                calls.setdefault(source, set()).add(target)
    return frames, calls


def deepest(frames, calls):
    """The deepest chain below each function, without recursion of our own; yields cycles as they are met."""
    depth, cycles = {}, []
    for start in frames:
        path, stack = [], [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                below = [depth.get(target, (0, []))for target in calls.get(name, ()) if target in frames]
                size, chain = max(below, key=lambda entry: entry[0], default=(0, []))
                depth[name] = (size + frames[name][0], [name] + chain)
            elif name in path:
                cycles.append(path[path.index(name):] + [name])
            elif name not in depth:
                path.append(name)
                stack.append((name, True))
                stack += [(target, False) for target in calls.get(name, ()) if target in frames]
    return depth, cycles


def main(folders):
    frames, calls = load(folders)
    if not frames:
        return ["no call graph found"], ""
    problems = [f"{name}: frame of {size} bytes ({kind}), at most {FRAME}" for name, (size, kind) in frames.items()
                if size > FRAME or kind not in ("static", "dynamic,bounded")]
    depth, cycles = deepest(frames, calls)
    problems += ["recursion: " + " -> ".join(cycle) for cycle in cycles]
    size, chain = max(depth.values(), key=lambda entry: entry[0])
    if size > CHAIN:
        problems.append(f"chain of {size} bytes, at most {CHAIN}: " + " -> ".join(chain))
    return problems, f"{len(frames)} functions, largest frame {max(size for size, _ in frames.values())}, deepest chain {size}"


gatelib.verdict(*main(sys.argv[1:]))
