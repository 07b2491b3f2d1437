# SPDX-License-Identifier: MIT
"""readme.py ROOT BUILD: every block of README.md is run.

```c         compiled as C11 with -Werror on our archives and run; a ```text block right behind it is what it must print
```console   `$ command` lines run in ROOT with BUILD/bin in PATH; the lines below each are what it must print
any other    must have `<!-- run by PATH -->` before it: the test at PATH holds or reads each of its lines

A line `...` stands for any lines. A line that holds the ledger's counts must hold the present ones. Each relative link leads to a file."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import gatelib

BLOCK = re.compile(r"(?:^<!-- run by (?P<by>\S+) -->\n+)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
COUNTS = re.compile(r"\d+ done, \d+ host, \d+ fact, \d+ open")


def matches(wanted, got):
    """Whether the output is the wanted one, `...` being any lines."""
    parts = [re.escape(part.strip("\n")) for part in re.split(r"^\.\.\.$", wanted, flags=re.M)]
    return re.fullmatch(r"(?:.*\n)?".join(parts), got.strip("\n"), re.S) is not None


def difference(where, wanted, got):
    return [] if matches(wanted, got) else [f"{where}: expected\n{wanted.rstrip()}\n  but got\n{got.rstrip()}"]


def archives(build):
    """The flags that link our archives with shared dependencies, as pkg-config --static says."""
    libs = ["-L" + str(build / "lib")] + [f"-l:lib{name}.a" for name in ("stox-uv", "stox", "stox-core")]
    return libs + ["-lxml2", "-lgnutls", "-lidn", "-lidn2", "-lunistring", "-luv", "-lcares"]


def run_c(root, build, where, text, wanted):
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "block.c"), pathlib.Path(folder, "block")
        source.write_text(text)
        flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-I", str(root / "include")]
        made = subprocess.run([os.environ.get("CC", "cc"), *flags, str(source), "-o", str(program), *archives(build)],
                              text=True, capture_output=True)
        if made.returncode != 0:
            return [f"{where}: does not compile\n{made.stderr}"]
        ran = subprocess.run([str(program)], text=True, capture_output=True, cwd=root, timeout=60)
        problems = [] if ran.returncode == 0 else [f"{where}: exit status {ran.returncode}\n{ran.stderr}"]
        return problems + ([] if wanted is None else difference(where, wanted, ran.stdout))


def run_console(root, build, where, text):
    environment = dict(os.environ, PATH=f"{build / 'bin'}:{os.environ['PATH']}")
    problems = []
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, wanted = part.partition("\n")
        ran = subprocess.run(["bash", "-c", command], text=True, capture_output=True, cwd=root, env=environment, timeout=60)
        problems += difference(f"{where}: $ {command}", wanted, ran.stdout + ran.stderr)
    return problems


def run_elsewhere(root, where, by, text):
    if by is None:
        return [f"{where}: no test runs it"]
    path = root / by
    if not path.is_file():
        return [f"{where}: no such test: {by}"]
    test = path.read_text()
    return [f"{where}: {by} does not hold: {line}" for line in text.splitlines() if line.strip() and line.strip().removeprefix("./") not in test]


def main(root, build):
    readme = (root / "README.md").read_text()
    problems = [f"dead link: {target}" for target in LINK.findall(readme) if not (root / target).exists()]
    blocks = list(BLOCK.finditer(readme))
    followed = {}
    for block, following in zip(blocks, blocks[1:]):
        if block["kind"] == "c" and following["kind"] == "text" and not readme[block.end():following.start()].strip():
            followed[block.start()] = following
    outputs = {following.start() for following in followed.values()}
    for block in blocks:
        where = f"README.md:{readme[:block.start('text')].count(chr(10)) + 1}"
        if block.start() in outputs:
            continue
        if block["kind"] == "c" and not block["by"]:
            output = followed.get(block.start())
            problems += run_c(root, build, where, block["text"], output["text"] if output else None)
        elif block["kind"] == "console":
            problems += run_console(root, build, where, block["text"])
        else:
            problems += run_elsewhere(root, where, block["by"], block["text"])
    ledger = subprocess.run([sys.executable, str(root / "tests/gates/ledger.py"), str(root)], text=True, capture_output=True).stdout
    for line in COUNTS.findall(readme):
        if line not in ledger:
            problems.append(f"README.md says {line}, the ledger says {ledger.strip()}")
    return problems, f"{len(blocks)} blocks of README.md do what they say"


if not (gatelib.root_argument() / "README.md").exists():
    print("no README yet")
    sys.exit(77)
gatelib.verdict(*main(gatelib.root_argument(), pathlib.Path(sys.argv[2]).resolve()))
