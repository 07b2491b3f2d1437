#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is missing (tests/packages.txt), builds, tests. The last line is the sum of all runs:
#   N passed, N failed, N skipped
# Exit status 0 only if none failed and at least one passed.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${STOX_BUILD_ROOT:-build}
jobs=$(nproc)
passed=0 failed=0 skipped=0

# attribute <file> <name>: of the junit summary
attribute() {
  sed -nE "s/^[[:space:]]*$2=\"([0-9]+)\".*/\1/p" "$1" | head -1
}

# suite <preset> <target> <ctest arguments…>: builds, runs the tests, adds them up; a build that breaks is one failure
suite() {
  local preset=$1 target=$2 started=$SECONDS
  shift 2
  echo "== $preset $*"
  if ! { cmake --preset "$preset" -B "$build/$preset" && cmake --build "$build/$preset" --target "$target" -j "$jobs"; } >"$build/$preset.log" 2>&1; then
    grep -E -A 5 'error|FAILED|Error' "$build/$preset.log" | head -40
    echo "$preset does not build: $build/$preset.log"
    failed=$((failed + 1))
    return
  fi
  local summary=$PWD/$build/$preset.xml
  case $build in /*) summary=$build/$preset.xml ;; esac
  rm -f "$summary"
  ctest --test-dir "$build/$preset" -j2 --output-on-failure --no-tests=error --output-junit "$summary" "$@" | grep -vE '^ *Start '
  local status=${PIPESTATUS[0]}
  if [ ! -s "$summary" ]; then
    echo "$preset: no test ran"
    failed=$((failed + 1))
    return
  fi
  local all bad off
  all=$(attribute "$summary" tests) bad=$(attribute "$summary" failures)
  off=$(($(attribute "$summary" skipped) + $(attribute "$summary" disabled)))
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1 all=$((all + 1))
  passed=$((passed + all - bad - off)) failed=$((failed + bad)) skipped=$((skipped + off))
  echo "== $preset: $((SECONDS - started)) s"
}

tests/install.sh || echo "not every package could be installed"
mkdir -p "$build"
suite asan all -LE gate
suite release all -L 'gate|unit|bench'
suite tsan tests-uv -L uv
suite clang all -L unit

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
