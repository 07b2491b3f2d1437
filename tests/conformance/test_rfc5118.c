/* SPDX-License-Identifier: MIT */
/* RFC 5118: the verdict and the facts of each of its messages with IPv6 addresses, of messages of
 * our own with the same traits always, of those in its text where that is at hand. */
#include "sip_verdicts.h"

enum { MESSAGES = 12, INDENT = 6, LINE_MOST = 256, TEXT_MOST = 4096 };

static char *open_own(size_t *n, const char *name) {
  return sip_read_file(n, STOX_TEST_VECTORS "/sip/rfc5118", name, ".sip");
}

/* A message being taken out of the text. */
typedef struct taken {
  char octets[TEXT_MOST];
  size_t n;
  size_t body; /* where it begins, 0: not yet */
  int joins;   /* 1: between <allOneLine> and its end */
} taken;

static void take(taken *t, const char *text) {
  const size_t n = strlen(text);
  assert_true(t->n + n < sizeof t->octets);
  memcpy(t->octets + t->n, text, n);
  t->n += n;
}

static void take_line(taken *t, const char *text) {
  if (strcmp(text, "<allOneLine>") == 0) {
    t->joins = 1;
  } else if (strcmp(text, "</allOneLine>") == 0) {
    t->joins = 0;
    take(t, "\r\n");
  } else {
    take(t, text);
    take(t, t->joins ? "" : "\r\n");
  }
}

/* Goes to the message of that name; 0 if there is none. */
static int find_message(FILE *file, const char *name) {
  char line[LINE_MOST];
  char found[64];
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "   Message Details: %63s", found) == 1 && strcmp(found, name) == 0) {
      return 1;
    }
  }
  return 0;
}

/* The lines are indented; an empty one stands before the body, others before the next text. */
static void take_message(taken *t, FILE *file) {
  char line[LINE_MOST];
  int empty = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0') {
      empty = t->n > 0;
      continue;
    }
    if (strspn(line, " ") < INDENT) {
      break;
    }
    if (empty && t->body == 0) {
      take(t, "\r\n");
      t->body = t->n;
    }
    empty = 0;
    take_line(t, line + INDENT);
  }
  if (t->body == 0) {
    take(t, "\r\n");
    t->body = t->n;
  }
}

/* The lengths that are printed are not those of the bodies. */
static char *repair_length(size_t *n, const taken *t) {
  static const char name[] = "Content-Length: ";
  char *out = malloc(TEXT_MOST);
  assert_non_null(out);
  const char *at = strstr(t->octets, name);
  assert_non_null(at);
  const size_t before = (size_t)(at - t->octets) + sizeof name - 1;
  const size_t digits = strspn(t->octets + before, "0123456789");
  const size_t behind = before + digits;
  const int made = snprintf(out, TEXT_MOST, "%.*s%zu%.*s", (int)before, t->octets, t->n - t->body,
                            (int)(t->n - behind), t->octets + behind);
  assert_true(made > 0 && made < TEXT_MOST);
  *n = (size_t)made;
  return out;
}

static char *open_text(size_t *n, const char *name) {
  taken t = {.n = 0};
  FILE *file = fopen(STOX_CORPORA "/../rfc/rfc5118.txt", "rb");
  if (file == NULL) {
    return NULL;
  }
  const int is_there = find_message(file, name);
  if (is_there) {
    take_message(&t, file);
  }
  (void)fclose(file);
  assert_true(is_there);
  return repair_length(n, &t);
}

static void test_own(void **state) {
  (void)state;
  assert_int_equal(sip_check_verdicts("rfc5118", "own", open_own), MESSAGES);
}

static void test_text(void **state) {
  (void)state;
  const size_t n = sip_check_verdicts("rfc5118", "text", open_text);
  if (n == 0) {
    skip();
  }
  assert_int_equal(n, MESSAGES);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_own), cmocka_unit_test(test_text)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
