/* SPDX-License-Identifier: MIT */
#include "sip_bench.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FILE_MOST = 1 << 15 };

size_t bench_allocations;

#if defined(__GLIBC__) && !STOX_TEST_SANITIZED
const int bench_counts_allocations = 1;

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *p, size_t n);

/* Visible to the libraries below. The count costs each call about half a nanosecond. */
#define OURS __attribute__((visibility("default")))
OURS void *malloc(size_t n);
OURS void *calloc(size_t count, size_t n);
OURS void *realloc(void *p, size_t n);

void *malloc(size_t n) {
  bench_allocations++;
  return __libc_malloc(n);
}

void *calloc(size_t count, size_t n) {
  bench_allocations++;
  return __libc_calloc(count, n);
}

void *realloc(void *p, size_t n) {
  bench_allocations++;
  return __libc_realloc(p, n);
}
#else
const int bench_counts_allocations = 0;
#endif

double bench_ns(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t head_of(stox_span text) {
  static const char end[] = "\r\n\r\n";
  for (size_t i = 0; i + 4 <= text.n; i++) {
    if (memcmp(text.p + i, end, 4) == 0) {
      return i + 4;
    }
  }
  return text.n;
}

/* A message of `folder`; the octets stay for ever. 0: it is none. */
static int load(bench_message *out, const char *folder, const char *file) {
  char path[1024];
  const char *dot = strrchr(file, '.');
  if (dot == NULL || strcmp(dot, ".sip") != 0 || (size_t)(dot - file) >= sizeof out->name) {
    return 0;
  }
  (void)snprintf(path, sizeof path, "%s/%s", folder, file);
  FILE *from = fopen(path, "rb");
  char *octets = malloc(FILE_MOST);
  if (from == NULL || octets == NULL) {
    abort();
  }
  out->text = (stox_span){octets, fread(octets, 1, FILE_MOST, from)};
  (void)fclose(from);
  out->head = head_of(out->text);
  out->is_request = out->text.n > 4 && memcmp(octets, "SIP/", 4) != 0;
  (void)snprintf(out->name, sizeof out->name, "%.*s", (int)(dot - file), file);
  return 1;
}

size_t bench_load(bench_message messages[BENCH_MESSAGES], const char *folder) {
  struct dirent **files = NULL;
  size_t n = 0;
  const int found = scandir(folder, &files, NULL, alphasort);
  for (int i = 0; i < found; i++) {
    if (n < BENCH_MESSAGES) {
      n += (size_t)load(&messages[n], folder, files[i]->d_name);
    }
    free(files[i]);
  }
  free(files);
  return n;
}
