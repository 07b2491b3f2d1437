#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# instructions_xml.sh BENCH_XML [PARSER…]: instructions an octet, by callgrind, of each parser of bench_xml: what a hundred rounds of
# all stanzas more cost, by a hundred and by their octets; and the ratio to the first.
set -eu
bench=$1
shift
[ $# -gt 0 ] || set -- $("$bench" --list)
command -v valgrind >/dev/null || { echo "valgrind is absent"; exit 77; }
octets=$("$bench" --octets)

# count PARSER N: instructions of the whole program
count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --once "$@" 2>&1 | sed -nE 's/.*Collected : ([0-9]+).*/\1/p'
}

first=
for name; do
  few=$(count "$name" 20)
  many=$(count "$name" 120)
  first=${first:-$((many - few))}
  awk -v name="$name" -v n=$((many - few)) -v octets="$octets" -v first="$first" \
    'BEGIN {printf "%-16s %8.2f an octet  ratio %5.2f\n", name, n / 100 / octets, n / first}'
done
