#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""generated.py ROOT: what is generated is what its generator writes, white space apart."""
import os
import subprocess
import sys
import tempfile

GENERATED = {
    "cmake/generate_chars.py": "lib/base/chars.c",
    "cmake/generate_sip_names.py": "lib/sip/names.c",
}


def words(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="ascii") as file:
        return "".join(file.read().split())


def main(root):
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for generator, output in GENERATED.items():
            if not os.path.exists(os.path.join(root, generator)):
                continue
            fresh = os.path.join(folder, "fresh.c")
            command = [sys.executable, "-B", os.path.join(root, generator), fresh]
            subprocess.run(command, check=True)
            if words(fresh) != words(os.path.join(root, output)):
                print(f"{output} is not what {generator} writes")
                bad = 1
    print("" if bad else "all that is generated is fresh")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
