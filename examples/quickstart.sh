#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One message each way between a real SIP client (sipp) and a real XMPP client (slixmpp) behind a real XMPP server (Prosody), through
# stox-gateway: installs what is missing, builds, runs, shows what went over the wire, ends all that it started.
# Exit status 0 only if both messages arrived unchanged. STOX_GATEWAY=FILE takes a gateway that is already built.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
files=$here/quickstart
started=${QUICKSTART_STARTED:-$(date +%s)}

say() { printf '== %s\n' "$*"; }

build() {
  local begin=$SECONDS folder=$root/build/quickstart
  gateway=${STOX_GATEWAY:-$folder/bin/stox-gateway}
  [ -z "${STOX_GATEWAY:-}" ] || { say "gateway: $gateway"; return; }
  mkdir -p "$folder"
  (cd "$root" && cmake --preset release -B "$folder" -DBUILD_TESTING=OFF && cmake --build "$folder" --target stox-gateway) >"$folder/log" 2>&1 || {
    tail -30 "$folder/log"
    exit 1
  }
  say "build: $((SECONDS - begin)) s, $gateway"
}

# Goes on in a network of its own where the system allows it: every port is free there, and nobody else can reach us.
isolate() {
  local wrap=(unshare --net --mount --pid --fork --kill-child --mount-proc)
  [ "$(id -u)" -eq 0 ] || wrap=(unshare -r --net --mount --pid --fork --kill-child --mount-proc)
  if [ -z "${QUICKSTART_ISOLATED:-}" ] && "${wrap[@]}" ip link set lo up 2>/dev/null; then
    export QUICKSTART_ISOLATED=1 QUICKSTART_STARTED=$started STOX_GATEWAY=$gateway
    exec "${wrap[@]}" bash "$here/quickstart.sh"
  fi
}

free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

choose_ports() {
  if [ -n "${QUICKSTART_ISOLATED:-}" ]; then
    ip link set lo up
    gateway_port=5070 romeo_port=5060 sender_port=5061 c2s_port=5222 component_port=5347
  else
    gateway_port=$(free_port) romeo_port=$(free_port) sender_port=$(free_port) c2s_port=$(free_port) component_port=$(free_port)
  fi
}

pids=()
finish() {
  local status=$?
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ $status -ne 0 ]; then
    for log in "$folder"/*.log; do printf -- '-- %s\n' "${log##*/}"; tail -20 "$log"; done
    say "FAILED"
  fi
  rm -rf "$folder"
  exit $status
}

# start NAME COMMAND…: in the background, with NAME.log
start() {
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 </dev/null &
  pids+=($!)
}

# wait_for SECONDS WHAT COMMAND…: until the command succeeds, as long as what was started last is alive
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" 2>/dev/null; do
    [ $SECONDS -lt $end ] && kill -0 "${pids[-1]}" || { echo "$what did not happen"; return 1; }
    sleep 0.05
  done
}

is_open() { (: <"/dev/tcp/127.0.0.1/$1"); }
has_udp() { grep -q ":$(printf '%04X' "$1") " /proc/net/udp; }
has_line() { grep -qx "$1" "$2"; }

start_servers() {
  mkdir -p data/xmpp%2eexample/accounts
  printf 'return { ["password"] = "secret" };\n' >data/xmpp%2eexample/accounts/juliet.dat
  STOX_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '%s\n' "$STOX_SECRET" >secret)
  export STOX_SECRET STOX_FOLDER=$folder STOX_C2S_PORT=$c2s_port STOX_COMPONENT_PORT=$component_port
  start prosody prosody -F --config "$files/prosody.cfg.lua"
  wait_for 15 "Prosody listening" is_open "$component_port"
  start gateway "$gateway" --sip-listen "udp:127.0.0.1:$gateway_port" --sip-listen "tcp:127.0.0.1:$gateway_port" \
    --sip-route "sip.example=udp:127.0.0.1:$romeo_port" --xmpp-server "127.0.0.1:$component_port" --xmpp-component sip.example \
    --xmpp-secret-file secret --xmpp-domain xmpp.example --log info --trace trace
  wait_for 15 "the gateway being ready" has_line ready gateway.log
}

sipp_client() {
  local name=$1 port=$2
  shift 2
  exec sipp -sf "$files/$name.xml" -m 1 -nostdin -timeout 20 -timeout_error -i 127.0.0.1 -p "$port" -trace_msg -message_file "$name.messages" "$@"
}

# The body of the only MESSAGE that sipp received
heard_by_romeo() {
  /usr/bin/python3 -c '
import re, sys
log = open("romeo-receives.messages", "rb").read()
head, body = re.search(rb"message received \[\d+\] bytes :\s*(MESSAGE .*?)\r\n\r\n(.*)", log, re.S).groups()
sys.stdout.buffer.write(body[:int(re.search(rb"(?im)^Content-Length:\s*(\d+)", head)[1])])'
}

exchange() {
  printf 'Neither, fair saint, if either thee dislike. \xe2\x99\xa5 <&>' >romeo-says
  printf 'Art thou not Romeo, and a Montague? \xc3\xbc \xf0\x9f\x8c\xb9' >juliet-says
  start romeo-receives sipp_client romeo-receives "$romeo_port"
  local receiver=${pids[-1]}
  wait_for 10 "sipp listening" has_udp "$romeo_port"
  start juliet /usr/bin/python3 "$files/juliet.py" "$c2s_port"
  wait_for 20 "juliet being online" has_line online juliet.log
  start romeo-sends sipp_client romeo-sends "$sender_port" "127.0.0.1:$gateway_port"
  wait "${pids[-1]}"
  wait "$receiver"
}

verify() {
  echo
  /usr/bin/python3 "$files/ladder.py" trace
  echo
  cmp romeo-says juliet-heard || { say "juliet did not get what romeo sent"; exit 1; }
  say "sipp -> slixmpp: $(cat juliet-heard)"
  heard_by_romeo >romeo-heard
  cmp juliet-says romeo-heard || { say "romeo did not get what juliet sent"; exit 1; }
  say "slixmpp -> sipp: $(cat romeo-heard)"
  say "both messages arrived, octet for octet; $(($(date +%s) - started)) s in all"
}

if [ -z "${QUICKSTART_ISOLATED:-}" ]; then
  begin=$SECONDS
  "$root/tests/install.sh" build quickstart
  say "packages: $((SECONDS - begin)) s"
  build
  isolate
fi
gateway=$(realpath "${gateway:-$STOX_GATEWAY}")
PATH=$PATH:/usr/sbin:/sbin
choose_ports
folder=$(mktemp -d)
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$folder"
start_servers
say "Prosody on 127.0.0.1:$component_port, stox-gateway on 127.0.0.1:$gateway_port, romeo on 127.0.0.1:$romeo_port$([ -z "${QUICKSTART_ISOLATED:-}" ] || echo ', in a network namespace of their own')"
exchange
verify
