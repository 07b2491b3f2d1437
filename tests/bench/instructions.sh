#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# instructions.sh BENCH_SIP [CASE…]: instructions an octet of the head, by callgrind, of each message and case of bench_sip (by
# default libstox with each kernel, and the parse alone with the best): what a hundred rounds more cost, by a hundred.
set -eu
bench=$1
shift
[ $# -gt 0 ] || set -- $("$bench" --list | sed -n 's/^case \(libstox.*\)/\1/p') parse
command -v valgrind >/dev/null || { echo "valgrind is absent"; exit 77; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# count MESSAGE CASE N: instructions of the whole program; nothing where the case does not apply
count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --once "$@" >"$log" 2>&1 || return 0
  sed -nE 's/.*Collected : ([0-9]+).*/\1/p' "$log"
}

printf '%-16s %5s' message head
printf ' %14s' "$@"
printf '\n'
declare -A sums
octets=0
while read -r kind message head _; do
  [ "$kind" = message ] || continue
  printf '%-16s %5d' "$message" "$head"
  octets=$((octets + head))
  for name; do
    few=$(count "$message" "$name" 20)
    many=$(count "$message" "$name" 120)
    if [ -z "$few" ]; then
      printf ' %14s' -
      continue
    fi
    sums[$name]=$((${sums[$name]:-0} + many - few))
    sums[$name/octets]=$((${sums[$name/octets]:-0} + head))
    awk -v n=$((many - few)) -v head="$head" 'BEGIN {printf " %14.2f", n / 100 / head}'
  done
  printf '\n'
done < <("$bench" --list)
printf '%-16s %5d' all "$octets"
for name; do
  awk -v n="${sums[$name]:-0}" -v octets="${sums[$name/octets]:-1}" 'BEGIN {printf " %14.2f", n / 100 / octets}'
done
printf '\n'
