#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# format.sh ROOT: clang-format 14 would change nothing.
set -u
cd "$1" || exit 1
formatter=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format is absent"; exit 77; }
if [ -e .git ]; then
  git ls-files -z '*.c' '*.h'
else
  find . -name '*.[ch]' -print0
fi | xargs -0 -r "$formatter" --style=file --dry-run -Werror
