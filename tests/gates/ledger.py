# SPDX-License-Identifier: MIT
"""ledger.py ROOT [REQUIREMENTS]: tests/conformance/ledger.tsv tells the truth.

Each `done` id is named in the source of a registered test, or in a vector file that such a test names; the tests of its row
exist and one of them is where the id stands. `host` and `fact` rows say why, and `host` stays rare. Given the folder of the
requirement tables, each id must be one of theirs, and a document that is claimed is claimed whole."""
import collections
import pathlib
import re
import sys
import gatelib

STATES = ("done", "host", "fact", "open")
REGISTERED = ("unit/test_*.c", "property/*.c", "conformance/test_*.c", "fuzz/fuzz_*.c", "tool/test_*", "interop/test_*", "gates/*")
ID = re.compile(r"(?<![\w.-])([A-Za-z0-9]+(?:-[A-Za-z0-9.]+){1,3}-[0-9]+[a-z]?)(?![\w-])")


def read_rows(path):
    lines = path.read_text().splitlines()
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t") + [""] * len(header))) for line in lines[1:] if line and not line.startswith("#")]


def named_ids(root):
    """id -> the tests that name it, directly or by a vector file that they read."""
    sources = {}
    for pattern in REGISTERED:
        for path in (root / "tests").glob(pattern):
            if path.is_file() and path.name not in ("ledger.py", "selftest.sh"):
                sources[path] = path.read_text(errors="replace")
    found = collections.defaultdict(set)
    for path, text in sources.items():
        for name in ID.findall(text):
            found[name].add(path)
    for vector in (root / "tests" / "vectors").rglob("*"):
        readers = [path for path, text in sources.items() if vector.name in text] if vector.is_file() else []
        if readers:
            for name in ID.findall(vector.read_text(errors="replace")):
                found[name].update(readers)
    return found


def check_row(row, found, root):
    name, state, note = row["id"], row["state"], row["note"].strip()
    if state not in STATES:
        yield f"{name}: state {state!r}"
    if state in ("host", "fact", "open") and not note:
        yield f"{name}: {state} without a note"
    if state != "done":
        return
    tests = [root / "tests" / test if not test.startswith("tests/") else root / test for test in re.split(r"[ ,;]+", row["tests"].strip()) if test]
    missing = [str(test.relative_to(root)) for test in tests if not test.is_file()]
    if missing:
        yield f"{name}: no such test: {' '.join(missing)}"
    if not found.get(name):
        yield f"{name}: done, but no registered test names it"
    elif not tests:
        yield f"{name}: done, but its row names no test"
    elif not found[name].intersection(tests):
        yield f"{name}: not named in {row['tests']}, but in {' '.join(sorted(path.name for path in found[name]))}"


def check_requirements(rows, folder):
    claimed = {row["id"] for row in rows}
    for path in sorted(folder.glob("*.tsv")):
        known = [row["id"] for row in read_rows(path) if row.get("id")]
        if any(name in claimed for name in known):
            yield from (f"{name}: not in the ledger" for name in known if name not in claimed)
        claimed -= set(known)
    yield from (f"{name}: no such requirement" for name in sorted(claimed))


def main(root, requirements):
    rows = read_rows(root / "tests" / "conformance" / "ledger.tsv")
    found = named_ids(root)
    problems = [problem for row in rows for problem in check_row(row, found, root)]
    ids = collections.Counter(row["id"] for row in rows)
    problems += [f"{name}: {n} rows" for name, n in ids.items() if n > 1]
    states = collections.Counter(row["state"] for row in rows)
    if states["host"] * 20 > len(rows):
        problems.append(f"{states['host']} of {len(rows)} rows are host, at most one in twenty")
    if requirements is not None and requirements.is_dir():
        problems += check_requirements(rows, requirements)
    return problems, "ledger: " + ", ".join(f"{states[state]} {state}" for state in STATES)


if not (gatelib.root_argument() / "tests" / "conformance" / "ledger.tsv").exists():
    print("no ledger yet")
    sys.exit(77)
gatelib.verdict(*main(gatelib.root_argument(), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None))
