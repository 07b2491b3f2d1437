#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh [SECTION…]: installs what is missing of tests/packages.txt, or of the sections named, on Debian. No server is started,
# now or at the next boot, by being installed.
set -eu
list=$(dirname "${BASH_SOURCE[0]}")/packages.txt
policy=/usr/sbin/policy-rc.d
servers=(prosody kamailio ejabberd)
missing=() root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)

for package in $(awk -v wanted=" $* " '/^#/ {on = wanted == "  " || index(wanted, " " $2 " "); next} on' "$list"); do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "installing: ${missing[*]}"
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
  "${root[@]}" chmod 755 $policy
  trap '"${root[@]}" rm -f $policy' EXIT
fi
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
for server in "${servers[@]}"; do
  case " ${missing[*]} " in
  *" $server "*) "${root[@]}" systemctl disable --quiet "$server" 2>/dev/null || true ;;
  esac
done
