# SPDX-License-Identifier: MIT
"""What the gates share: the tracked files, C text without comments and strings, the verdict."""
import pathlib
import re
import subprocess
import sys


def tracked(root):
    """The files git knows below root; every file where root is no checkout (self-tests, tarballs)."""
    if (root / ".git").exists():
        out = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], check=True, capture_output=True)
        names = [name for name in out.stdout.decode().split("\0") if name]
        return [root / name for name in sorted(names) if (root / name).is_file()]
    return sorted(path for path in root.rglob("*") if path.is_file() and "build" not in path.parts)


def below(root, folders, suffixes):
    """The tracked files below one of the folders with one of the suffixes."""
    tops = [root / folder for folder in folders]
    return [path for path in tracked(root) if path.suffix in suffixes and any(top in path.parents for top in tops)]


_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_only(text):
    """C text with comments and literals blanked; lines keep their numbers."""
    def blank(match):
        if match.group()[0] in "\"'":
            return match.group()[0] * 2
        return re.sub(r"[^\n]", " ", match.group())
    return _TOKEN.sub(blank, text)


def root_argument():
    return pathlib.Path(sys.argv[1]).resolve()


def verdict(problems, ok):
    """Prints what is wrong and ends the gate."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(ok)
