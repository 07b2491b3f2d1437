# SPDX-License-Identifier: MIT
"""linear.py <program>: nothing that a peer may send costs more than linear time. The program is run under callgrind, and of the
instructions at n, 2n and 4n units the second step may cost at most 2.2 times the first: 2 is linear, 4 is quadratic."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from gatelib import verdict

MOST = 2.2
SLACK = 1000


def counted(program, arguments):
    """[(trap, units, instructions)] of one run."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=stox_linear_measure", "--dump-after=stox_linear_measure",
                               "--combine-dumps=yes", "--dump-line=no", "--callgrind-out-file=" + out, program] + arguments,
                              capture_output=True, text=True)
        if done.returncode != 0:
            verdict([done.stdout + done.stderr], "")
        with open(out, encoding="ascii") as file:
            counts = [int(count) for count in re.findall(r"^summary: (\d+)", file.read(), re.M)]
    calls = [line.split() for line in done.stdout.splitlines()]
    # The last part is what stands behind the last call: nothing.
    return [(name, int(units), count) for (name, units), count in zip(calls, counts[:-1], strict=True)]


def main():
    if shutil.which("valgrind") is None:
        print("valgrind is absent")
        sys.exit(77)
    rows = counted(sys.argv[1], sys.argv[2:])
    problems = []
    for i in range(0, len(rows), 3):
        name, units = rows[i][:2]
        n, twice, four = (row[2] for row in rows[i:i + 3])
        ratio = (four - twice) / max(1, twice - n)
        print(f"{name:24} {units:6} units {n:10} {twice:10} {four:10} {ratio:5.2f}")
        if four - twice > MOST * (twice - n) + SLACK:
            problems.append(f"{name}: {n}, {twice}, {four} instructions at n, 2n, 4n: not linear")
    verdict(problems, f"{len(rows) // 3} traps, all linear")


main()
