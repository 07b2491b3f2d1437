#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# granular.sh ROOT ARCHIVE: the error map links with libstox-core.a and nothing else, the address map with -lidn -lidn2 -lunistring and nothing else.
set -u
root=$1 archive=$2 failed=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# links <name> <objects of the program that may come from the archive: a pattern that must not match> <flags…>
links() {
  local name=$1 kept_out=$2
  shift 2
  if ! ${CC:-cc} -std=c11 -Wall -Werror -I "$root/include" "$root/tests/gates/granular_$name.c" "$archive" "$@" -o "$out/$name" -Wl,-Map,"$out/$name.map"; then
    echo "$name does not link with $archive $*"
    failed=1
  elif grep -oE '\(([a-z0-9_]+)\.c\.o\)' "$out/$name.map" | grep -qE "$kept_out"; then
    echo "$name draws in: $(grep -oE '\(([a-z0-9_]+)\.c\.o\)' "$out/$name.map" | sort -u | grep -E "$kept_out" | tr '\n' ' ')"
    failed=1
  elif ! "$out/$name"; then
    echo "$name links, but gives a wrong answer"
    failed=1
  fi
}

links error_map 'jid|uri|stringprep|idna|sip_'
links address_map 'sip_|sdp|error_map' -lidn -lidn2 -lunistring
exit $failed
