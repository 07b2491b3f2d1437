#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs.sh ROOT: Doxygen has no complaint about include/.
set -u
command -v doxygen >/dev/null || { echo "doxygen is absent"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$1" || exit 1
{ cat cmake/Doxyfile; echo "OUTPUT_DIRECTORY = $out"; echo "WARN_LOGFILE = $out/warnings"; } >"$out/Doxyfile"
doxygen "$out/Doxyfile" >/dev/null 2>&1
sed "s|^$PWD/||" "$out/warnings"
[ ! -s "$out/warnings" ]
