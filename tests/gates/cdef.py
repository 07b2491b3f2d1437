# SPDX-License-Identifier: MIT
"""cdef.py ROOT: all public headers go through `cpp -P -DSTOX_CDEF` into one cffi cdef, unchanged."""
import subprocess
import sys
import gatelib

try:
    import cffi
except ImportError:
    print("python3-cffi is absent")
    sys.exit(77)


def main(root):
    headers = gatelib.below(root, ["include/stox"], {".h"})
    text = "".join(f'#include "stox/{path.name}"\n' for path in headers)
    out = subprocess.run(["cpp", "-P", "-DSTOX_CDEF", "-I", str(root / "include"), "-"], input=text, text=True, capture_output=True)
    if out.returncode != 0:
        return [out.stderr]
    ffi = cffi.FFI()
    try:
        ffi.cdef(out.stdout)
    except Exception as error:  # cffi raises several unrelated types
        return [f"cffi refuses the headers: {error}"]
    problems = [f"macro left for bindings: {line}" for line in out.stdout.splitlines() if "__attribute__" in line]
    return problems


gatelib.verdict(main(gatelib.root_argument()), "cffi takes the headers")
