/* SPDX-License-Identifier: MIT */
/* Every file of the vectors, and of the public corpora where they are at hand: what the strict
 * parser accepts is written as it was; what the lenient one accepts is written as a form that is
 * its own form, which the strict parser accepts but for the rules named below. */
#include "sip_messages.h"

#include <ftw.h>

enum { FILE_MOST = 1 << 18, OPEN_FOLDERS = 16, STRICT_LEAST = 60, LENIENT_LEAST = 3 };

static char octets[FILE_MOST];
static char once[FILE_MOST * 3];
static char twice[FILE_MOST * 3];

/* What stays as it is because it is somebody else's. */
static const char *const kept_rules[] = {"RFC3261-25.1 Call-ID", "RFC3261-25.1 Via",
                                         "RFC3966-3 telephone-uri"};

typedef struct counts {
  size_t strict;
  size_t mended;
  size_t kept;
  size_t wrong;
} counts;

static counts seen;

static stox_span write_form(char *room, size_t cap, const parsed *p, stox_arena *arena) {
  stox_sip_edit *edit = NULL;
  stox_buf out;
  assert_status(stox_sip_edit_new(&edit, arena, p->message), STOX_OK);
  stox_buf_init(&out, room, cap);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  return stox_buf_span(&out);
}

/* The same octets, or those with a Content-Length behind the header fields if there was none. */
static int is_same(const stox_sip_message *message, stox_span form) {
  static const stox_span added = ROW("Content-Length: ");
  const stox_span text = stox_sip_text(message);
  const size_t rest = stox_sip_body(message).n + 2;
  if (stox_sip_value(message, STOX_SIP_CONTENT_LENGTH).p != NULL) {
    return stox_span_is_equal(text, form);
  }
  return form.n > text.n + added.n && memcmp(form.p, text.p, text.n - rest) == 0 &&
         memcmp(form.p + text.n - rest, added.p, added.n) == 0 &&
         memcmp(form.p + form.n - rest, text.p + text.n - rest, rest) == 0;
}

static void check_identity(const char *path, parsed *p) {
  if (is_same(p->message, write_form(once, sizeof once, p, &p->arena))) {
    seen.strict++;
    return;
  }
  seen.wrong++;
  print_message("%s: not written as it was\n", path);
}

static int is_kept_rule(const char *rule) {
  for (size_t i = 0; i < COUNT(kept_rules); i++) {
    if (strcmp(rule, kept_rules[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

static void check_form(const char *path, stox_span form) {
  parsed p;
  const stox_sip_options lenient = options_of(1, 0);
  parse_with(&p, form, &lenient);
  if (p.status != STOX_OK ||
      !stox_span_is_equal(write_form(twice, sizeof twice, &p, &p.arena), form)) {
    seen.wrong++;
    print_message("%s: its form has another form\n", path);
  }
  parsed_free(&p);
  parse_with(&p, form, NULL);
  if (p.status == STOX_OK) {
    seen.mended++;
  } else if (is_kept_rule(p.diag.rule)) {
    seen.kept++;
    print_message("%s: stays as it is: %s\n", path, p.diag.rule);
  } else {
    seen.wrong++;
    print_message("%s: form refused at %zu: %s\n", path, p.diag.offset, p.diag.rule);
  }
  parsed_free(&p);
}

static void run(const char *path, stox_span bytes) {
  parsed p;
  parse_with(&p, bytes, NULL);
  if (p.status == STOX_OK) {
    check_identity(path, &p);
  }
  parsed_free(&p);
  const stox_sip_options lenient = options_of(1, 0);
  parse_with(&p, bytes, &lenient);
  if (p.status == STOX_OK && stox_sip_is_lenient(p.message)) {
    check_form(path, write_form(once, sizeof once, &p, &p.arena));
  }
  parsed_free(&p);
}

static int visit(const char *path, const struct stat *info, int kind) {
  (void)info;
  FILE *file = kind == FTW_F ? fopen(path, "rb") : NULL;
  if (file == NULL) {
    return 0;
  }
  const size_t n = fread(octets, 1, sizeof octets, file);
  (void)fclose(file);
  run(path, (stox_span){octets, n});
  return 0;
}

static void say(const char *what) {
  print_message("%s: %zu as they were, %zu mended, %zu kept lenient\n", what, seen.strict,
                seen.mended, seen.kept);
}

static void test_vectors(void **state) {
  (void)state;
  seen = (counts){0};
  assert_int_equal(ftw(STOX_TEST_VECTORS, visit, OPEN_FOLDERS), 0);
  say("vectors");
  assert_int_equal(seen.wrong, 0);
  assert_true(seen.strict >= STRICT_LEAST);
  assert_true(seen.mended >= LENIENT_LEAST);
}

static void test_corpora(void **state) {
  (void)state;
  static const char *const folders[] = {STOX_CORPORA "/sip-rfc", STOX_CORPORA "/sip-torture"};
  seen = (counts){0};
  for (size_t i = 0; i < COUNT(folders); i++) {
    (void)ftw(folders[i], visit, OPEN_FOLDERS);
  }
  say("corpora");
  assert_int_equal(seen.wrong, 0);
  if (seen.strict == 0) {
    skip();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                     cmocka_unit_test(test_corpora)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
