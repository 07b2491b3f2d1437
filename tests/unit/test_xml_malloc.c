/* SPDX-License-Identifier: MIT */
/* GnuTLS allocates past the host's allocator, and a reader without one takes the C library's: here
 * malloc fails, at every n. */
#include "xml_support.h"

#include "stox/hash.h"
#include "stox/xml.h"

#if defined(__GLIBC__) && !STOX_TEST_SANITIZED

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

/* Visible to the libraries below. */
#define OURS __attribute__((visibility("default")))
OURS void *malloc(size_t n);
OURS void *calloc(size_t n, size_t size);
OURS void *realloc(void *p, size_t n);

static int is_armed;
static size_t fail_at;
static size_t calls;

static int fails(void) {
  return is_armed && ++calls == fail_at;
}

void *malloc(size_t n) {
  return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
  return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
  return fails() ? NULL : __libc_realloc(p, n);
}

static void arm(size_t n) {
  fail_at = n;
  calls = 0;
  is_armed = 1;
}

static const char stream[] = "<?xml version='1.0'?><s xmlns='u' xmlns:p='v' q='1'> <b p:c='1' "
                             "d='&amp;&lt;x'>x&lt;<p:e/>y</b><b xmlns='w'><c f='g'>z</c></b></s>";
static const char events[] =
    "O<s xmlns='u' xmlns:p='v' q='1'/>WE<b xmlns='u' xmlns:p='v' p:c='1' d='&amp;&lt;x'>x&lt;<p:e/>"
    "y</b>E<b xmlns='w'><c f='g'>z</c></b>C";

/* Until a failure everything read is right; then it is NOMEM and nothing else. */
static void read_failing(xml_run *run, size_t n) {
  stox_xml_reader *reader = NULL;
  size_t at = 0;
  *run = (xml_run){.status = STOX_E_MORE};
  arm(n);
  const int status = stox_xml_reader_new(&reader, NULL);
  is_armed = 0;
  if (status != STOX_OK) {
    run->status = status;
    return;
  }
  while (at < sizeof stream - 1 && (run->status == STOX_OK || run->status == STOX_E_MORE)) {
    size_t consumed = 0;
    is_armed = 1;
    run->status = stox_xml_feed(
        reader, &consumed, stox_span_slice((stox_span){stream, sizeof stream - 1}, at, 7), NULL);
    is_armed = 0;
    at += consumed;
    if (run->status == STOX_OK) {
      stox_arena arena;
      int kind = 0;
      const stox_xml_element *element = NULL;
      stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
      while (stox_xml_next(reader, &arena, &kind, &element) == STOX_OK) {
        xml_run_event(run, kind, element);
      }
      stox_arena_clear(&arena);
    }
  }
  run->text[run->n] = '\0';
  stox_xml_reader_del(reader);
}

static void test_reader(void **state) {
  (void)state;
  static xml_run run;
  size_t n = 1;
  for (; n < 2000; n++) {
    read_failing(&run, n);
    if (run.status != STOX_OK) {
      if (run.status != STOX_E_NOMEM) {
        fail_msg("%zu: %s", n, stox_status_name(run.status));
      }
      assert_memory_equal(run.text, events, run.n);
    } else {
      assert_string_equal(run.text, events);
    }
    if (calls < n) {
      break;
    }
  }
  assert_status(run.status, STOX_OK);
  assert_in_range(n, 4, 1999);
}

static void test_hash(void **state) {
  (void)state;
  unsigned char want[STOX_HASH_MAX];
  assert_status(stox_hmac(STOX_HASH_SHA256, S("k"), S("d"), want, sizeof want), STOX_OK);
  for (size_t n = 1; n < 100; n++) {
    unsigned char got[STOX_HASH_MAX];
    arm(n);
    const int hashed = stox_hash(STOX_HASH_SHA1, S("d"), got, sizeof got);
    const int keyed = stox_hmac(STOX_HASH_SHA256, S("k"), S("d"), got, sizeof got);
    is_armed = 0;
    assert_true(hashed == STOX_OK || hashed == STOX_E_NOMEM);
    assert_true(keyed == STOX_OK || keyed == STOX_E_NOMEM);
    if (keyed == STOX_OK) {
      assert_memory_equal(got, want, sizeof want);
    }
    if (calls < n) {
      break;
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reader),
      cmocka_unit_test(test_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void) {
  (void)puts("no malloc of our own here");
  return 77;
}

#endif
