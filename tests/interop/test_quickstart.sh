#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# examples/quickstart.sh from a strange folder, with and without a namespace of its own: its ladder, its status, and nothing left behind.
set -eu
gateway=${STOX_GATEWAY:-${STOX_BIN:-build/dev/bin}/stox-gateway}
script=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/examples/quickstart.sh
[ -x "$gateway" ] || { echo "skipped: $gateway is not built"; exit 77; }
for program in prosody sipp; do
  command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
gateway=$(realpath "$gateway")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; cat "$work/out"; exit 1; }

# run NAME EXPECTED-STATUS GATEWAY: every process has a marker in its environment, so that what is left can be found
run() {
  local status=0
  mkdir -p "$work/tmp" "$work/a b"
  (cd "$work/a b" && QUICKSTART_MARKER=$work TMPDIR=$work/tmp STOX_GATEWAY=$3 bash "$script" >"$work/out" 2>&1) || status=$?
  [ "$status" -eq "$2" ] || fail "$1: status $status"
  [ -z "$(ls -A "$work/tmp")" ] || fail "$1: left behind: $(ls "$work/tmp")"
  ! grep -lzs "QUICKSTART_MARKER=$work" /proc/[0-9]*/environ || fail "$1: a process is left"
}

# in_order WORD…: each in a later line than the one before
in_order() {
  local at=0 line
  for word in "$@"; do
    line=$(tail -n "+$((at + 1))" "$work/out" | grep -n -m 1 -F -e "$word" | cut -d: -f1)
    [ -n "$line" ] || fail "the ladder does not show $word"
    at=$((at + line))
  done
}

# The answer may cross the end of what it answers.
ladder() {
  in_order '-- MESSAGE sip:juliet@xmpp.example' "-- <message to='juliet@xmpp.example'>" '-- ping <iq' "<-- <iq type='result'" \
    '<-- 200 OK' 'both messages arrived'
  in_order "-- <message to='juliet@xmpp.example'>" "<-- <message to='romeo@sip.example'>" '<-- MESSAGE sip:romeo@sip.example' \
    '-- 200 OK' 'both messages arrived'
}

run "a namespace of its own" 0 "$gateway"
ladder
mkdir "$work/bin"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/unshare"
chmod +x "$work/bin/unshare"
PATH=$work/bin:$PATH run "no namespace" 0 "$gateway"
ladder
run "a gateway that ends at once" 1 "$(command -v false)"
