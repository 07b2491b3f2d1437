#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# symbols.sh ARCHIVE SHARED pure|io: our objects hold no writable data, a pure library imports nothing that does I/O,
# keeps time, draws randomness or changes the process, and the shared library exports stox_ names alone.
set -u
archive=$1 shared=$2 kind=$3 failed=0

complain() {
  [ -z "$2" ] && return
  printf '%s\n%s\n' "$1" "$2"
  failed=1
}

# By section, never by nm's letter: a const table of pointers lies in .data.rel.ro, which is fine.
writable=$(objdump -t "$archive" 2>/dev/null | awk '
  /file format/ { object = $1; next }
  { for (i = 2; i < NF; i++)
      if ($i ~ /^(\.data|\.data\.[^r].*|\.data\.rel|\.data\.rel\.local.*|\.bss.*|\.tdata.*|\.tbss.*|\*COM\*)$/ && $(i + 1) !~ /^0+$/)
        print object, $NF, $i }')
complain "writable data:" "$writable"

if [ "$kind" = pure ]; then
  words='socket socketpair connect accept accept4 bind listen shutdown send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg
    poll ppoll select pselect epoll_.* open openat open64 creat fopen fopen64 fdopen freopen read pread write pwrite readv writev
    close ioctl fcntl time gettimeofday clock clock_gettime nanosleep usleep sleep alarm getaddrinfo getnameinfo gethostby.* res_.*
    pthread_create pthread_atfork pthread_key_create pthread_once call_once getenv secure_getenv setenv putenv getrandom getentropy rand
    srand random srandom arc4random.* setlocale uselocale printf fprintf vprintf vfprintf puts putchar putc fputs fputc fwrite fread
    fgets fgetc getc stdin stdout stderr perror syslog exit _exit atexit signal sigaction raise fork vfork execve system getpid dlopen
    setjmp _setjmp longjmp siglongjmp errno_location gnutls_global_.* gnutls_rnd xmlMemSetup xmlSetGenericErrorFunc
    xmlSetStructuredErrorFunc xmlSetExternalEntityLoader xmlMemoryDump xmlCleanup.* xmlInitThreads xml[A-Za-z]*Default
    xmlRegisterInputCallbacks xmlParseFile xmlParseMemory xmlParseDoc xmlRead[A-Z].*'
  pattern=$(printf '%s' "$words" | tr -s ' \n' '|')
  imports=$(nm -A --undefined-only "$archive" 2>/dev/null | awk -v deny="^($pattern)\$" '
    { name = $NF; sub(/^__/, "", name); sub(/^isoc99_/, "", name); sub(/_chk$/, "", name); if (name ~ deny) print $1, $NF }')
  complain "imports:" "$imports"
fi

exports=$(nm -D --defined-only "$shared" | awk '{ print $NF }' | sed 's/@.*//' | grep -vE '^(stox_|STOX_[0-9]+$)')
complain "exports:" "$exports"
[ -n "$(nm -D --defined-only "$shared" | grep -E ' stox_')" ] || complain "exports:" "none in $shared"
exit $failed
