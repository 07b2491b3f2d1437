#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# headers.sh ROOT: each public header compiles alone, as C11 and as C++17.
set -u
root=$1 failed=0
warnings="-Wall -Wextra -Wpedantic -Werror -Wundef -Wshadow"
for header in "$root"/include/stox/*.h; do
  name=stox/$(basename "$header")
  for language in "${CC:-cc} -x c -std=c11 -Wstrict-prototypes" "${CXX:-c++} -x c++ -std=c++17"; do
    # shellcheck disable=SC2086
    if ! printf '#include "%s"\nextern int unused;\n' "$name" | $language $warnings -I "$root/include" -fsyntax-only -; then
      echo "$name does not stand alone: $language"
      failed=1
    fi
  done
done
exit $failed
