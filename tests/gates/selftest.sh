#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# selftest.sh ROOT: each gate passes a good sample and refuses each bad one.
set -u
root=$1
gates=$root/tests/gates
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=/usr/bin/python3
failed=0

# fresh: an empty project with a lib/ of two layers that every gate accepts
fresh() {
  rm -rf "$work/p"
  mkdir -p "$work/p"/{lib/base,lib/sip,lib/xml,include/stox,tests/unit,tests/conformance,tests/vectors,cmake}
  cp "$root/cmake/Doxyfile" "$work/p/cmake/"
  cp "$root/.clang-format" "$root/.clang-tidy" "$work/p/"
  printf '0 core base\n0 core h:api base\n1 core sip\n1 stox xml\n2 uv uv\n' >"$work/p/lib/layers.txt"
  printf '/* SPDX-License-Identifier: MIT */\n/** @file\n * A. */\n#ifndef A_H\n#define A_H\n/** One.\n * @return 1 */\nint stox_one(void);\n#endif\n' >"$work/p/include/stox/one.h"
  printf '/* SPDX-License-Identifier: MIT */\n#include "stox/one.h"\n\nint stox_one(void) {\n  return 1;\n}\n' >"$work/p/lib/base/one.c"
  printf 'id\tstate\ttests\tnote\n1-2-01\tdone\tunit/test_one.c\t\n1-2-02\tfact\t\tno duty\n' >"$work/p/tests/conformance/ledger.tsv"
  printf '/* SPDX-License-Identifier: MIT */\n/* "1-2-01" */\n' >"$work/p/tests/unit/test_one.c"
}

# run <gate>: on the sample project
run() {
  case $1 in
    layers | cdef | calls | text | ledger | generated) "$python" "$gates/$1.py" "$work/p" ;;
    headers | format | docs) bash "$gates/$1.sh" "$work/p" ;;
    linear) gcc -std=c11 -O0 "$work/p/lib/base/one.c" -o "$work/linear" && "$python" "$gates/linear.py" "$work/linear" ;;
    readme) CC=true "$python" "$gates/readme.py" "$work/p" "$work/p" ;;
    tidy)
      printf '[{"directory":"%s","file":"lib/base/one.c","command":"cc -std=c11 -Iinclude -Ilib -c lib/base/one.c"}]' "$work/p" >"$work/p/compile_commands.json"
      bash "$gates/tidy.sh" "$work/p" "$work/p"
      ;;
    stack)
      rm -rf "$work/o" && mkdir "$work/o"
      gcc -std=c11 -O0 -fcallgraph-info=su -I"$work/p/include" -c "$work/p/lib/base/one.c" -o "$work/o/one.o" && "$python" "$gates/stack.py" "$work/o"
      ;;
    symbols)
      rm -rf "$work/o" && mkdir "$work/o"
      gcc -std=c11 -O0 -fPIC -I"$work/p/include" -c "$work/p/lib/base/one.c" -o "$work/o/one.o" && ar rcs "$work/o/one.a" "$work/o/one.o" &&
        gcc -shared "$work/o/one.o" -o "$work/o/one.so" && bash "$gates/symbols.sh" "$work/o/one.a" "$work/o/one.so" pure
      ;;
  esac
}

# good <gate> [<file> <text>]: the sample, with the text as its file, passes
good() {
  fresh
  [ $# -eq 1 ] || printf '%b' "$3" >"$work/p/$2"
  run "$1" >"$work/log" 2>&1
  local status=$?
  [ $status -eq 0 ] || [ $status -eq 77 ] || { echo "$1 refuses the good sample:"; cat "$work/log"; failed=1; }
  skipped=$([ $status -eq 77 ] && echo 1)
}

# bad <gate> <what it must say> <file> <text>: the sample with the text as its file
bad() {
  [ -n "$skipped" ] && return
  fresh
  mkdir -p "$(dirname "$work/p/$3")"
  printf '%b' "$4" >"$work/p/$3"
  run "$1" >"$work/log" 2>&1
  local status=$?
  if [ $status -eq 0 ] || ! grep -qE "$2" "$work/log"; then
    echo "$1 lets pass (or misnames) '$2' in $3, status $status:"
    cat "$work/log"
    failed=1
  fi
}

L='/* SPDX-License-Identifier: MIT */\n'
one=lib/base/one.c
good generated cmake/generate_chars.py ''
bad generated 'is not what' cmake/generate_chars.py 'open(__import__("sys").argv[1], "w").write("x")\n'

good layers
bad layers 'base may not see sip' $one '#include "sip/x.h"\n'
bad layers 'sip may not see xml' lib/sip/a.c '#include "xml/x.h"\n'
bad layers 'is not for sip' lib/sip/a.c '#include <libxml/parser.h>\n'
bad layers 'is not for base' $one '#include <sys/socket.h>\n'
bad layers 'is not for base' $one '#include <stdio.h>\n'
bad layers 'belongs to no layer' $one '#include "stox/nowhere.h"\n'
bad layers 'has no rank' lib/other/a.c 'int a;\n'
bad layers 'no lib/\*/two.c' include/stox/two.h 'int a;\n'

good symbols
bad symbols 'writable data' $one 'int stox_one(void) { static int n = 1; return n++; }\n'
bad symbols 'writable data' $one 'int stox_one(void) { static int n; return n++; }\n'
bad symbols 'writable data' $one 'int stox_one(void) { static _Thread_local int n; return n++; }\n'
bad symbols 'imports' $one '#include <stdlib.h>\nint stox_one(void) { return getenv("A") != 0; }\n'
bad symbols 'imports' $one '#include <time.h>\nint stox_one(void) { return (int)time(0); }\n'
bad symbols 'imports' $one '#include <errno.h>\nint stox_one(void) { return errno; }\n'
bad symbols 'exports' $one 'int stox_one(void) { return 1; }\nint other(void) { return 2; }\n'

good headers
bad headers 'does not stand alone' include/stox/one.h 'size_t stox_one(void);\n'
bad headers 'does not stand alone: .*c\+\+' include/stox/one.h 'int stox_one(int class);\n'

good cdef
bad cdef 'cffi refuses' include/stox/one.h 'static inline int stox_one(void) { return 1; }\n'
bad cdef 'cffi refuses' include/stox/one.h '#include <stddef.h>\nint stox_one(void) __attribute__((pure));\n'

good calls
bad calls 'strlen' $one '#include <string.h>\nint stox_one(void) { return (int)strlen("a"); }\n'
bad calls 'sprintf' $one 'int stox_one(void) { char a[9]; return sprintf (a, "b"); }\n'
bad calls 'atoi' $one 'int stox_one(void) { return atoi("1"); }\n'
bad calls 'isalpha' $one 'int stox_one(void) { return isalpha(1); }\n'
bad calls 'errno' $one 'int stox_one(void) { return errno; }\n'

good text
bad text 'path of one machine' README.md 'see /ho''me/joe/x\n'
bad text 'left undone' $one "$L"'/* TO''DO later */\n'
bad text 'no licence line' $one 'int a;\n'
bad text 'at most 600' $one "$L$(printf 'int a;\\n%.0s' {1..600})"
bad text 'at most 250' README.md "$(printf 'a\\n%.0s' {1..251})"
bad text 'not UTF-8' README.md '\xff\xfe\n'

good format
bad format 'code should be clang-formatted' $one 'int stox_one( void ){return 1;}\n'

nested() {
  local text=a-- i
  for ((i = $1; i > 0; i--)); do text="if (a > $i) {\n$text;\n}\n"; done
  printf 'int stox_one(int a);\nint stox_one(int a) {\n%s  return a;\n}\n' "$text"
}
good tidy
good tidy $one "$(nested 3)"
bad tidy 'nesting level' $one "$(nested 4)"
bad tidy 'function-size' $one "int stox_one(void);\nint stox_one(void) {\n  int a = 0;\n$(printf '  a++;\\n%.0s' {1..61})  return a;\n}\n"
bad tidy 'function-size' $one 'int stox_one(int a, int b, int c, int d, int e, int f, int g);\nint stox_one(int a, int b, int c, int d, int e, int f, int g) {\n  return a + b + c + d + e + f + g;\n}\n'
bad tidy 'braces' $one 'int stox_one(int a);\nint stox_one(int a) {\n  if (a)\n    return 1;\n  return 0;\n}\n'

good docs
bad docs 'not documented' include/stox/one.h '/** @file\n * A. */\nint stox_one(void);\n'
bad docs 'not found in the argument list' include/stox/one.h '/** @file\n * A. */\n/** One.\n * @param b no such\n * @return 1 */\nint stox_one(int a);\n'

good stack
bad stack 'frame of' $one 'void use(char *);\nint stox_one(void) { char a[3000]; use(a); return 1; }\n'
bad stack 'dynamic' $one 'void use(char *);\nint stox_one(int n) { char a[n]; use(a); return 1; }\n'
bad stack 'recursion' $one 'int stox_one(int n) { return n ? stox_one(n - 1) : 0; }\n'
bad stack 'recursion' $one 'int b(int n);\nint stox_one(int n) { return b(n); }\nint b(int n) { return n ? stox_one(n - 1) : 0; }\n'
bad stack 'chain of' $one "void use(char *);\nstatic void f0(void) { char a[1900]; use(a); }\n$(for i in {1..9}; do printf 'static void f%d(void) { char a[1900]; use(a); f%d(); }\\n' "$i" $((i - 1)); done)int stox_one(void) { f9(); return 1; }\n"

# steps <instructions in n>: a program with one trap that takes so many
steps() {
  printf '#include <stdio.h>\\nint stox_linear_measure(int n);\\nint stox_linear_measure(int n) { volatile int a = 0; for (int i = 0; i < %s; i++) a++; return a; }\\n' "$1"
  printf 'int main(void) { for (int n = 99; n < 500; n *= 2) { stox_linear_measure(n); printf("one %%d\\\\n", n); } return %s; }\\n' "${2:-0}"
}
good linear $one "$(steps n)"
good linear $one "$(steps 9999)"
bad linear 'one: .*: not linear' $one "$(steps 'n * n')"
bad linear '^one 99$' $one "$(steps n 1)"

ledger=tests/conformance/ledger.tsv H='id\tstate\ttests\tnote\n'
good ledger
bad ledger 'no registered test names it' $ledger "${H}1-2-09\tdone\tunit/test_one.c\t\n"
bad ledger 'no such test' $ledger "${H}1-2-01\tdone\tunit/test_two.c\t\n"
bad ledger 'its row names no test' $ledger "${H}1-2-01\tdone\t\t\n"
bad ledger '2 rows' $ledger "${H}1-2-01\tdone\tunit/test_one.c\t\n1-2-01\tdone\tunit/test_one.c\t\n"
bad ledger "state 'almost'" $ledger "${H}1-2-01\talmost\tunit/test_one.c\t\n"
bad ledger 'fact without a note' $ledger "${H}1-2-01\tfact\t\t\n"
bad ledger 'at most one in twenty' $ledger "${H}1-2-01\thost\t\twhy\n"
bad ledger 'no registered test names it' tests/unit/test_one.c '/* 1-2-011 */\n'

good readme README.md '```console\n$ echo a; echo b; echo c\na\n...\nc\n```\n[l](lib/base/one.c) 1\n'
bad readme 'expected' README.md '```console\n$ echo a\nb\n```\n'
bad readme 'expected' README.md '```console\n$ echo a; echo b\na\n```\n'
bad readme 'no test runs it' README.md '```sh\nls\n```\n'
bad readme 'no such test' README.md '<!-- run by tests/no.sh -->\n```sh\nls\n```\n'
bad readme 'does not hold' README.md '<!-- run by tests/unit/test_one.c -->\n```sh\nls\n```\n'
bad readme 'dead link' README.md '[l](lib/two.c)\n'
bad readme 'No such file' README.md '```c\nint main(void) { return 0; }\n```\n'

[ $failed -eq 0 ] && echo "each gate refuses what it is there for"
exit $failed
