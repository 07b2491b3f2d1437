#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# README's configuration is taken as it stands, and SIGTERM ends the gateway that runs by it.
set -eu
gateway=$STOX_BIN/stox-gateway
[ -x "$gateway" ] || { echo "stox-gateway is not built"; exit 77; }
if [ -z "${ISOLATED:-}" ]; then
  wrap=(unshare --net --mount --pid --fork --kill-child --mount-proc)
  [ "$(id -u)" -eq 0 ] || wrap=(unshare -r --net --mount --pid --fork --kill-child --mount-proc)
  "${wrap[@]}" true 2>/dev/null || { echo "no namespace of its own"; exit 77; }
  ISOLATED=1 exec "${wrap[@]}" bash "$0"
fi
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo secret >secret
cat >gateway.conf <<'CONF'
sip-listen udp:127.0.0.1:5070
sip-listen tcp:127.0.0.1:5070
sip-route sip.example=udp:127.0.0.1:5060
xmpp-server 127.0.0.1:5347
xmpp-component sip.example
xmpp-secret-file secret
xmpp-domain xmpp.example
sip-trust 127.0.0.0/8
log info
CONF
"$gateway" --config gateway.conf >log 2>&1 &
pid=$!
listens() { (: <"/dev/tcp/127.0.0.1/5070") 2>/dev/null; }
for _ in $(seq 100); do
  listens && break
  sleep 0.05
done
listens || { echo "it does not listen"; cat log; exit 1; }
kill -TERM $pid
status=0
wait $pid || status=$?
[ $status -eq 0 ] || { echo "exit status $status"; cat log; exit 1; }
