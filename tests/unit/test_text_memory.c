/* SPDX-License-Identifier: MIT */
/* libidn, libidn2 and libunistring allocate outside the host's allocator: here malloc itself fails
 * at every n. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include "support.h"

#include "stox/jid.h"
#include "stox/precis.h"
#include "stox/stringprep.h"

#include <dlfcn.h>
#include <errno.h>

#if STOX_TEST_SANITIZED
/* A sanitizer owns malloc. */
int main(void) {
  (void)printf("a sanitizer owns malloc: skipped\n");
  return 77;
}
#else

static struct {
  int counting;
  int silent;     /* errno does not tell */
  size_t fail_at; /* 0: never */
  size_t calls;
  size_t live; /* blocks not freed */
} count;

/* The C library's function of that name. */
static void find(void *pointer, const char *name) {
  void *symbol = dlsym(RTLD_NEXT, name);
  if (symbol == NULL) {
    abort();
  }
  memcpy(pointer, &symbol, sizeof symbol);
}

/* 1 if this allocation is the one to fail. The functions below are exported, so that libidn gets
 * them. */
static int fails(void) {
  const int now = count.counting && ++count.calls == count.fail_at;
  errno = now ? (count.silent ? 0 : ENOMEM) : errno;
  return now;
}

STOX_API void *malloc(size_t n) {
  static void *(*real)(size_t n);
  if (real == NULL) {
    find(&real, "malloc");
  }
  void *p = fails() ? NULL : real(n);
  count.live += count.counting && p != NULL;
  return p;
}

STOX_API void *calloc(size_t members, size_t n) {
  static void *(*real)(size_t members, size_t n);
  if (real == NULL) {
    find(&real, "calloc");
  }
  void *p = fails() ? NULL : real(members, n);
  count.live += count.counting && p != NULL;
  return p;
}

STOX_API void *realloc(void *old, size_t n) {
  static void *(*real)(void *old, size_t n);
  if (real == NULL) {
    find(&real, "realloc");
  }
  void *p = fails() ? NULL : real(old, n);
  count.live += count.counting && p != NULL && old == NULL;
  return p;
}

STOX_API void free(void *p) {
  static void (*real)(void *p);
  if (real == NULL) {
    find(&real, "free");
  }
  count.live -= count.counting && p != NULL;
  real(p);
}

/* One call into a border. */
typedef int (*border)(stox_buf *out, stox_span text);

static int nodeprep(stox_buf *out, stox_span text) {
  return stox_stringprep(out, text, STOX_NODEPREP, NULL);
}

static int resourceprep(stox_buf *out, stox_span text) {
  return stox_stringprep(out, text, STOX_RESOURCEPREP, NULL);
}

static int opaque(stox_buf *out, stox_span text) {
  return stox_precis(out, text, STOX_PRECIS_OPAQUE, NULL);
}

static int to_ascii(stox_buf *out, stox_span text) {
  return stox_idna(out, text, STOX_IDNA_TO_ASCII, NULL);
}

static int to_unicode(stox_buf *out, stox_span text) {
  return stox_idna(out, text, STOX_IDNA_TO_UNICODE, NULL);
}

static int prepare_whole(stox_buf *out, stox_span text, int profile) {
  char room[256];
  stox_arena arena;
  stox_jid jid;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  int status = stox_jid_parse(&jid, text, NULL);
  if (status == STOX_OK) {
    status = stox_jid_prepare(&jid, &arena, &jid, profile, NULL);
  }
  return status == STOX_OK ? stox_jid_write(out, &jid) : status;
}

static int whole(stox_buf *out, stox_span text) {
  return prepare_whole(out, text, STOX_JID_NODEPREP);
}

static int whole_precis(stox_buf *out, stox_span text) {
  return prepare_whole(out, text, STOX_JID_PRECIS);
}

/* Calls a border with the n-th allocation failing; gives the number of allocations it asked for. */
static size_t call(border f, stox_span text, size_t fail_at, int *status, stox_buf *out) {
  count.calls = 0;
  count.live = 0;
  count.fail_at = fail_at;
  count.counting = 1;
  *status = f(out, text);
  count.counting = 0;
  return count.calls;
}

static void check(border f, stox_span text, stox_span want, int allocates) {
  for (size_t fail_at = 1;; fail_at++) {
    char room[256];
    stox_buf out;
    int status;
    stox_buf_init(&out, room, sizeof room);
    const size_t calls = call(f, text, fail_at, &status, &out);
    assert_int_equal(count.live, 0);
    if (status != STOX_OK) { /* the libraries survive a failure to shrink */
      assert_status(status, STOX_E_NOMEM);
      assert_int_equal(out.len, 0);
    } else {
      assert_span_equal(stox_buf_span(&out), want);
    }
    if (calls < fail_at) {
      assert_status(status, STOX_OK);
      assert_int_equal(calls > 0, allocates);
      return;
    }
  }
}

/* More marks on one letter than fit beside it without memory. */
static void check_marks(void) {
  char text[201] = "a";
  for (size_t i = 1; i < sizeof text; i += 2) {
    memcpy(text + i, "\xCC\x81", 2);
  }
  char want[sizeof text];
  memcpy(want, "\xC3\xA1", 2);
  memcpy(want + 2, text + 3, sizeof text - 3);
  check(opaque, (stox_span){text, sizeof text}, (stox_span){want, sizeof text - 1}, 1);
}

static void check_all(void) {
  check_marks();
  check(nodeprep,
        S("STRA\xC3\x9F"
          "E\xE2\x84\xA1"),
        S("strassetel"), 1);
  check(resourceprep, S("\xEF\xB7\xBA"),
        S("\xD8\xB5\xD9\x84\xD9\x89 \xD8\xA7\xD9\x84\xD9\x84\xD9\x87 "
          "\xD8\xB9\xD9\x84\xD9\x8A\xD9\x87 "
          "\xD9\x88\xD8\xB3\xD9\x84\xD9\x85"),
        1);
  check(to_ascii,
        S("B\xC3\x9C"
          "cher.example.\xC3\xBC"),
        S("xn--bcher-kva.example.xn--tda"), 1);
  check(to_unicode, S("XN--BCHER-KVA.Example"),
        S("b\xC3\xBC"
          "cher.example"),
        1);
  check(whole, S("\xC3\x9C@\xC3\x9C/\xC2\xAA"), S("\xC3\xBC@\xC3\xBC/a"), 1);
}

static void every_allocation_fails(void **state) {
  (void)state;
  count.silent = 0;
  check_all();
  count.silent = 1;
  check_all();
}

/* ASCII takes no memory, whether it changes or not. */
static void ascii_allocates_nothing(void **state) {
  (void)state;
  check(nodeprep, S("Romeo.Montague+1"), S("romeo.montague+1"), 0);
  check(resourceprep, S("A b"), S("A b"), 0);
  check(to_ascii, S("Example.COM."), S("example.com"), 0);
  check(to_unicode, S("[FE80::A%Eth0]"), S("[fe80::a%Eth0]"), 0);
  check(whole, S("Juliet@Example.COM/Balcony"), S("juliet@example.com/Balcony"), 0);
  check(whole_precis, S("Juliet@Example.COM/Balcony"), S("juliet@example.com/Balcony"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_fails),
      cmocka_unit_test(ascii_allocates_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
