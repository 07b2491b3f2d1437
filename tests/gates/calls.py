# SPDX-License-Identifier: MIT
"""calls.py ROOT: lib/ calls nothing that trusts a NUL, guesses a buffer, reads a locale or jumps; macros of that kind neither."""
import re
import gatelib

FORBIDDEN = re.compile(
    r"\b(strlen|strnlen|strcpy|strncpy|stpcpy|strcat|strncat|strdup|strndup|strtok\w*|strstr|strchr|strrchr|strcmp|strncmp|str\w*casecmp|"
    r"v?s?n?printf|sscanf|scanf|strto\w+|ato[ifl]l?|gets|alloca|is(?:alpha|digit|alnum|space|upper|lower|xdigit|print|punct)|"
    r"to(?:upper|lower)|setjmp|longjmp|qsort)\s*\(|\b(errno)\b")
# Timers, sockets and log lines of the transport are C strings by nature of the libraries below it, and the system's calls report by errno.
UV_ALLOWED = {"snprintf", "strlen", "strcmp", "errno"}


def check(root):
    for path in gatelib.below(root, ["lib"], {".c", ".h"}):
        folder = path.relative_to(root / "lib").parts[0]
        for number, line in enumerate(gatelib.code_only(path.read_text()).splitlines(), 1):
            if line.startswith("#include"):  # errno.h for the constants that GnuTLS is told with
                continue
            for match in FORBIDDEN.finditer(line):
                name = match.group(1) or match.group(2)
                if not (folder == "uv" and name in UV_ALLOWED):
                    yield f"{path.relative_to(root)}:{number}: {name}"


gatelib.verdict(list(check(gatelib.root_argument())), "no forbidden call in lib/")
