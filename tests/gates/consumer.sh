#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# consumer.sh ROOT BUILD: installs, moves the prefix, and builds a stranger's C and C++ programs on it:
# find_package(stox), pkg-config shared, pkg-config --static with our archives.
set -eu
root=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

cmake --install "$build" --prefix "$work/first" >"$work/log" || { cat "$work/log"; exit 1; }
mv "$work/first" "$work/moved"
prefix=$work/moved
pkgconfig=$(find "$prefix" -name pkgconfig -type d)
lib=$(dirname "$pkgconfig")
export PKG_CONFIG_PATH=$pkgconfig LD_LIBRARY_PATH=$lib

cmake -S "$root/tests/install" -B "$work/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work/cmake" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for library in core stox uv; do
  for program in "$library"-c "$library"-cpp "$library"-static-c "$library"-static-cpp; do
    "$work/cmake/$program" || fail "find_package: $program fails"
  done
done
! ldd "$work/cmake/uv-static-c" | grep -q stox || fail "find_package: uv-static-c needs a shared libstox"

for pair in stox-core:core stox:stox stox-uv:uv; do
  module=${pair%:*} library=${pair#*:}
  case $(pkg-config --cflags "$module") in *first*) fail "$module.pc does not follow its prefix";; esac
  for language in c cpp; do
    compiler=${CC:-cc}
    [ $language = cpp ] && compiler=${CXX:-c++}
    source=$root/tests/install/main.$language
    # shellcheck disable=SC2046
    $compiler -Wall -Werror -DUSE_"$library"=1 "$source" $(pkg-config --cflags --libs "$module") -o "$work/shared" || fail "pkg-config: $module $language"
    "$work/shared" || fail "pkg-config: the program on $module fails"
    ldd "$work/shared" | grep -q "$lib/lib" || fail "pkg-config: $module was not linked shared"
    # Our archives with shared dependencies: that is what "static" means here.
    libs=$(pkg-config --static --libs "$module" | sed -E "s#-l(stox(-core|-uv)?)( |\$)#-l:lib\1.a\3#g")
    # shellcheck disable=SC2046,SC2086
    $compiler -Wall -Werror -DUSE_"$library"=1 "$source" $(pkg-config --cflags "$module") $libs -o "$work/static" || fail "pkg-config --static: $module $language"
    "$work/static" || fail "pkg-config --static: the program on $module fails"
    ! ldd "$work/static" | grep -q stox || fail "pkg-config --static: $module needs a shared libstox"
  done
done
echo "find_package and pkg-config, shared and static, C and C++, at a moved prefix"
