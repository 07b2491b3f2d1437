#!/bin/bash
# SPDX-License-Identifier: MIT
# The bench of the gateway runs to its end, both ways, and loses no message. How fast is no question here.
set -eu
bench="$STOX_BIN/bench_gateway"
[ -x "$bench" ] || exit 77
out=$("$bench" --seconds 0.1)
echo "$out"
[ "$(echo "$out" | awk '$2 == "gateway" && $4 > 0' | wc -l)" = 4 ]
