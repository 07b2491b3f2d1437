/* SPDX-License-Identifier: MIT */
/* Framing at every split point of every message of the vectors, and of the public messages where
 * they are at hand: MORE until all is there, then one answer, which the parser shares. */
#include "sip_messages.h"

#include <dirent.h>

enum { FILE_MOST = 1 << 17, SPLITS_MOST = 4096, PATH_MOST = 1024, STUN_LAST = 3 };

/* Octets that end where an unreadable page begins, and how far they were taken. */
typedef struct stream {
  guard bytes;
  stox_limits limits;
  size_t end; /* of the prefix that was looked at last */
} stream;

/* The status of the first `end` octets, which are moved to the end of the page. */
static int frame_prefix(stream *s, stox_span all, size_t end, size_t *n) {
  int kind = 0;
  char *at = (char *)(uintptr_t)s->bytes.span.p + s->bytes.span.n - end;
  memcpy(at, all.p, end);
  s->end = end;
  const int status = stox_sip_frame(n, &kind, (stox_span){at, end}, &s->limits, NULL);
  assert_true(status != STOX_OK || kind == STOX_SIP_FRAME_MESSAGE);
  return status;
}

static void check_parse(const char *name, stox_span bytes, const stox_limits *limits, int framed) {
  for (int lenient = 0; lenient < 2; lenient++) {
    stox_sip_options options = options_of(lenient, 1);
    parsed p;
    options.limits = limits;
    parse_with(&p, bytes, &options);
    if (framed != STOX_OK && p.status == STOX_OK) {
      fail_msg("%s: no frame, but parsed", name);
    }
    if (framed == STOX_OK && p.message != NULL) {
      assert_int_equal(stox_sip_text(p.message).n, bytes.n);
    }
    parsed_free(&p);
  }
}

/* The end of the first frame, or the whole where it is none. */
static void check_splits(const char *name, stox_span all, const stox_limits *limits) {
  stream s = {.bytes = guard_copy(all), .limits = *limits};
  int decided = STOX_E_MORE;
  size_t frame_n = 0;
  for (size_t end = 0; end <= all.n; end++) {
    size_t n = 0;
    const int status = frame_prefix(&s, all, end, &n);
    if (status == STOX_E_MORE && end >= limits->message) {
      fail_msg("%s: more than the limit is waited for at %zu", name, end);
    }
    if (decided != STOX_E_MORE && (status != decided || (status == STOX_OK && n != frame_n))) {
      fail_msg("%s: %s at %zu, %s before", name, stox_status_name(status), end,
               stox_status_name(decided));
    }
    if (status == STOX_OK && decided == STOX_E_MORE) {
      assert_int_equal(n, end); /* not before it is whole, nor later */
    }
    decided = status;
    frame_n = n;
  }
  guard_free(&s.bytes);
  check_parse(name, decided == STOX_OK ? stox_span_slice(all, 0, frame_n) : all, limits, decided);
}

static int is_message(stox_span all) {
  return all.n > 0 && all.n <= SPLITS_MOST && (unsigned char)all.p[0] > STUN_LAST &&
         all.p[0] != '\r';
}

static void check_file(const char *name) {
  static char octets[FILE_MOST];
  stox_limits limits;
  FILE *file = fopen(name, "rb");
  assert_non_null(file);
  const stox_span all = {octets, fread(octets, 1, sizeof octets, file)};
  (void)fclose(file);
  if (!is_message(all)) {
    return;
  }
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  check_splits(name, all, &limits);
  /* Limits that fall within the message. */
  limits.message = (uint32_t)all.n / 2;
  check_splits(name, all, &limits);
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.line = 40;
  check_splits(name, all, &limits);
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.header_count = 5;
  check_splits(name, all, &limits);
}

/* The number of files of a folder, all of them checked. */
static size_t check_folder(const char *folder) {
  DIR *dir = opendir(folder);
  size_t count = 0;
  if (dir == NULL) {
    return 0;
  }
  for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
    char path[PATH_MOST];
    if (entry->d_name[0] != '.') {
      (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      check_file(path);
      count++;
    }
  }
  (void)closedir(dir);
  return count;
}

static void test_vectors(void **state) {
  (void)state;
  assert_true(check_folder(STOX_TEST_VECTORS "/sip/rfc4475") >= 49);
  assert_true(check_folder(STOX_TEST_VECTORS "/sip/rfc5118") > 0);
  assert_true(check_folder(STOX_TEST_VECTORS "/7572") > 0);
}

static void test_public(void **state) {
  (void)state;
  static const char *const folders[] = {"/sip-torture/rfc4475", "/sip-torture/php-sip",
                                        "/sip-torture/jsip", "/sip-torture/impl-messages"};
  size_t count = 0;
  for (size_t i = 0; i < COUNT(folders); i++) {
    char path[PATH_MOST];
    (void)snprintf(path, sizeof path, "%s%s", STOX_CORPORA, folders[i]);
    count += check_folder(path);
  }
  if (count == 0) {
    skip();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors), cmocka_unit_test(test_public)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
