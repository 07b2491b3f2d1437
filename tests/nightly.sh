#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is too long for every run: tests/nightly.sh [analyse|coverage|differential|fuzz|aarch64|s390x|musl]…, all of them by default.
# STOX_FUZZ_SECONDS (60) is the time of each fuzzer. Ends with the parts that failed; exit status 0 if none did.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$(realpath -m "${STOX_BUILD_ROOT:-build}")/nightly
jobs=$(nproc)
mkdir -p "$build"

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

need() {
  local installed
  installed=$(dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -c 'ok installed')
  [ "$installed" -eq $# ] && return
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null
}

analyse() {
  cmake --preset dev -B "$build/analyse" >/dev/null &&
    STOX_TIDY_CHECKS='-*,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling' \
      bash tests/gates/tidy.sh "$PWD" "$build/analyse"
}

coverage() {
  need gcovr
  cmake --preset cov -B "$build/cov" >/dev/null && cmake --build "$build/cov" -j "$jobs" >"$build/cov.log" 2>&1 &&
    ctest --test-dir "$build/cov" -j2 -LE 'gate|interop' --output-on-failure &&
    gcovr --root . --filter lib/ --object-directory "$build/cov" --print-summary --branches | tail -6
}

differential() {
  need libosip2-dev libsofia-sip-ua-dev libre-dev
  cmake --preset dev -B "$build/differential" >/dev/null &&
    cmake --build "$build/differential" -j "$jobs" --target differential_sip >"$build/differential.log" 2>&1 || { tail -20 "$build/differential.log"; return 1; }
  python3 tests/differential/sip.py "$build/differential/bin/differential_sip"
}

fuzz() {
  cmake --preset fuzz -B "$build/fuzz" >/dev/null && cmake --build "$build/fuzz" -j "$jobs" >"$build/fuzz.log" 2>&1 || { tail -20 "$build/fuzz.log"; return 1; }
  local target name status=0
  for target in "$build"/fuzz/bin/fuzz_*; do
    name=${target##*/fuzz_}
    mkdir -p "$build/corpus/$name" "tests/fuzz/corpus/$name"
    echo "-- $name"
    "$target" -max_total_time="${STOX_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$build/crash-$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$build/fuzz-$name.log" 2>&1 || status=1
    grep -E 'number_of_executed_units|SUMMARY|Test unit written' "$build/fuzz-$name.log"
  done
  return $status
}

# sysroot <Debian architecture>: the target's libraries below $build/<architecture>, from Debian, without touching this system
sysroot() {
  local arch=$1 state=$build/$1-apt root=$build/$1-root
  [ -e "$root/.done" ] && return
  mkdir -p "$state"/{lists/partial,cache/archives/partial,debs} "$root"
  : >"$state/status"
  local options=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "Dir::State=$state" -o "Dir::State::lists=$state/lists"
    -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" -qq update &&
    (cd "$state/debs" && apt-get "${options[@]}" -qq download libc6 libgcc-s1 libidn12 libidn-dev libidn2-0 libidn2-dev libunistring2 libunistring-dev \
      libcmocka0 libcmocka-dev >/dev/null) || return 1
  local package
  for package in "$state"/debs/*.deb; do
    dpkg-deb -x "$package" "$root" || return 1
  done
  touch "$root/.done"
}

# cross <Debian architecture> <GNU triplet> <qemu's name>: the pure half and its tests under qemu-user
cross() {
  local arch=$1 triplet=$2 emulator root=$build/$1-root
  need "gcc-$triplet" "libc6-dev-$arch-cross" qemu-user-static
  emulator=$(command -v "qemu-$3-static") || return 1
  sysroot "$arch" || return 1
  local lib=$root/usr/lib/$triplet
  PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$lib/pkgconfig cmake -S . -B "$build/$arch" -G Ninja -DSTOX_CORE_ONLY=ON \
    -DSTOX_EXAMPLES=OFF -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$3" -DCMAKE_C_COMPILER="$triplet-gcc" \
    -DCMAKE_CROSSCOMPILING_EMULATOR="$emulator;-L;$root" \
    -DCMAKE_EXE_LINKER_FLAGS="-L$lib -Wl,-rpath-link,$lib" -DCMAKE_SHARED_LINKER_FLAGS="-L$lib -Wl,-rpath-link,$lib" >"$build/$arch.log" 2>&1 &&
    cmake --build "$build/$arch" -j "$jobs" >>"$build/$arch.log" 2>&1 || { tail -20 "$build/$arch.log"; return 1; }
  ctest --test-dir "$build/$arch" -j2 --no-tests=error --output-on-failure -LE gate | tail -30
  return "${PIPESTATUS[0]}"
}

aarch64() {
  cross arm64 aarch64-linux-gnu aarch64
}

s390x() {
  cross s390x s390x-linux-gnu s390x
}

# musl_libraries: libunistring, libidn, libidn2 and cmocka for musl, from Debian's sources
musl_libraries() {
  local root=$build/musl-root state=$build/musl-apt name
  [ -e "$root/.done" ] && return
  mkdir -p "$state"/{lists/partial,cache/archives/partial,src} "$root"
  : >"$state/status"
  echo "deb-src $(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -1) bookworm main" >"$state/sources.list"
  local options=(-o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache"
    -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/nonexistent -o APT::Sandbox::User=root)
  apt-get "${options[@]}" -qq update || return 1
  cd "$state/src" || return 1
  apt-get "${options[@]}" -qq source --tar-only libunistring libidn libidn2 cmocka >/dev/null || return 1
  for name in *.orig.tar.?z; do
    tar xf "$name" || return 1
  done
  local configure="./configure -q CC=musl-gcc --prefix=$root --disable-shared --enable-static --disable-doc --disable-nls --with-libunistring-prefix=$root CPPFLAGS=-I$root/include LDFLAGS=-L$root/lib"
  (cd libunistring-[0-9]* && $configure && make -s -C lib install) &&
    (cd libidn-[0-9]* && $configure && make -s -C gl && make -s -C lib/gl && make -s -C lib install) &&
    (cd libidn2-[0-9]* && $configure && make -s -C gl && make -s -C unistring && make -s -C lib install && make -s install-pkgconfigDATA) &&
    cmake -S cmocka-[0-9]* -B cmocka -DCMAKE_C_COMPILER=musl-gcc -DCMAKE_INSTALL_PREFIX="$root" -DWITH_STATIC_LIB=ON \
      -DWITH_EXAMPLES=OFF -DCMAKE_INSTALL_LIBDIR=lib && cmake --build cmocka --target install &&
    mv "$root/lib/libcmocka-static.a" "$root/lib/libcmocka.a" && rm "$root"/lib/libcmocka.so* && touch "$root/.done"
}

musl() {
  local root=$build/musl-root
  need musl-tools dpkg-dev
  (musl_libraries) >"$build/musl-libraries.log" 2>&1 || { tail -5 "$build/musl-libraries.log"; return 1; }
  # musl has no glibc loader to find shared libraries beside its own, so the test programs are static.
  PKG_CONFIG_LIBDIR=$root/lib/pkgconfig cmake -S . -B "$build/musl" -G Ninja -DSTOX_CORE_ONLY=ON -DSTOX_EXAMPLES=OFF -DCMAKE_C_COMPILER=musl-gcc \
    -DCMAKE_EXE_LINKER_FLAGS="-static -L$root/lib" -DCMAKE_SHARED_LINKER_FLAGS="-L$root/lib" >"$build/musl.log" 2>&1 &&
    cmake --build "$build/musl" -j "$jobs" --target tests-unit tests-property tests-conformance >>"$build/musl.log" 2>&1 || { tail -20 "$build/musl.log"; return 1; }
  ctest --test-dir "$build/musl" -j2 --no-tests=error --output-on-failure -L 'unit|property|conformance' | tail -30
  return "${PIPESTATUS[0]}"
}

bad=()
[ $# -gt 0 ] || set -- analyse coverage differential fuzz aarch64 s390x musl
for part; do
  echo "== $part"
  "$part" || bad+=("$part")
done
echo "nightly: ${#bad[@]} of $# parts failed${bad[*]:+: ${bad[*]}}"
[ ${#bad[@]} -eq 0 ]
