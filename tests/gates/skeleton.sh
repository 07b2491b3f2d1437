#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# skeleton.sh ROOT: the build needs no list: an empty lib/ configures, and a concern and a test that appear are built, found and run.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$1"
mkdir -p "$work/p/tests"
cp -r CMakeLists.txt cmake pkgconfig "$work/p/"
cp -r tests/CMakeLists.txt tests/gates tests/install "$work/p/tests/"
mkdir -p "$work/p/include/stox" "$work/p/lib"
cp lib/layers.txt "$work/p/lib/"
cd "$work/p"

configure() {
  cmake -S . -B build -G Ninja >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}
listed() {
  ctest --test-dir build -N | grep -c " $1\$" || true
}
expect() {
  [ "$1" = "$2" ] || { echo "$3: $1, expected $2"; exit 1; }
}

configure
expect "$(listed 'unit\..*')" 0 "unit tests of an empty tree"

mkdir -p lib/base tests/unit
printf '#ifndef A\n#define A\nint stox_one(void);\n#endif\n' >include/stox/one.h
printf '#include "stox/one.h"\n\nint stox_one(void) {\n  return 1;\n}\n' >lib/base/one.c
printf '#include "stox/one.h"\n\nint main(void) {\n  return stox_one() - 1;\n}\n' >tests/unit/test_one.c
configure
expect "$(listed unit.one)" 1 "unit tests of a tree with one"
cmake --build build >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
ctest --test-dir build -L unit >"$work/log" || { cat "$work/log"; exit 1; }

# A source that appears later joins without a new configure.
printf '#include "stox/one.h"\n\nint main(void) {\n  return 77;\n}\n' >tests/unit/test_two.c
cmake --build build >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
expect "$(listed 'unit\..*')" 2 "unit tests after one more appeared"
ctest --test-dir build -L unit | grep -q 'two .*Skipped' || { echo "status 77 is not a skip"; exit 1; }
