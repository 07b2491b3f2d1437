#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tidy.sh ROOT BUILD: clang-tidy 14 by .clang-tidy over lib/; its checks are the quick ones, tests/nightly.sh adds the analyser.
set -u
cd "$1" || exit 1
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo "clang-tidy is absent"; exit 77; }
# The compile commands of gcc are fine for clang but for the flags that it alone has.
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
sed -E 's/ (-fcallgraph-info|-mmem(set|cpy)-strategy)=[^ ]*//g' "$2/compile_commands.json" >"$database/compile_commands.json"
find lib -name '*.c' -print0 | xargs -0 -r -n 6 -P 2 "$tidy" -p "$database" --quiet ${STOX_TIDY_CHECKS:+--checks=$STOX_TIDY_CHECKS} 2>"$database/log"
status=$?
grep -E 'error:|Error ' "$database/log"
exit $status
