/* SPDX-License-Identifier: MIT */
/* Public SIP messages, where they are at hand: what the index says of each against what the parser
 * says, and parse, write, parse again. STOX_SIP_CORPUS_VERBOSE=1 lists the disagreements. */
#include "support.h"

#include "stox/sip.h"

enum { FILE_MOST = 1 << 17, LINE_MOST = 8192, ROOM = 1 << 19 };

static char octets[FILE_MOST];
static char room[ROOM];
static char written[FILE_MOST];

typedef struct counts {
  int good;       /* said good, accepted */
  int good_not;   /* said good, refused */
  int bad;        /* said bad, refused */
  int bad_not;    /* said bad, accepted */
  int either;     /* no verdict */
  int answered;   /* 4475: refused with the code that is said */
  int unanswered; /* 4475: with another */
} counts;

static const char *verdict_of(char *line, char **path) {
  *path = strtok(line, "\t");
  for (int i = 0; i < 3; i++) {
    (void)strtok(NULL, "\t");
  }
  const char *expected = strtok(NULL, "\t");
  return expected == NULL ? "" : expected;
}

static stox_span read_file(const char *name) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/%s", STOX_CORPORA, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return (stox_span){NULL, 0};
  }
  const size_t n = fread(octets, 1, sizeof octets, file);
  (void)fclose(file);
  return (stox_span){octets, n};
}

/* What was accepted is written as it was, Content-Length added where there was none. */
static void check_identity(stox_arena *arena, const stox_sip_message *message, const char *name) {
  stox_sip_edit *edit = NULL;
  stox_buf out;
  assert_status(stox_sip_edit_new(&edit, arena, message), STOX_OK);
  stox_buf_init(&out, written, sizeof written);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  if (stox_sip_value(message, STOX_SIP_CONTENT_LENGTH).p == NULL || stox_sip_is_lenient(message)) {
    return;
  }
  if (!stox_span_is_equal(stox_buf_span(&out), stox_sip_text(message))) {
    fail_msg("%s is not written as it was", name);
  }
}

static void run_one(counts *c, const char *name, const char *expected) {
  const stox_span bytes = read_file(name);
  if (bytes.p == NULL) {
    return;
  }
  guard g = guard_copy(bytes);
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_diag diag = {0};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const int status = stox_sip_parse(&message, &arena, g.span, NULL, &diag);
  const int said_good = strncmp(expected, "parse=ok", 8) == 0 && strstr(expected, "fix") == NULL;
  const int said_bad = strncmp(expected, "parse=bad", 9) == 0;
  const int accepted = status == STOX_OK;
  c->good += said_good && accepted;
  c->good_not += said_good && !accepted;
  c->bad += said_bad && !accepted;
  c->bad_not += said_bad && accepted;
  c->either += !said_good && !said_bad;
  if (accepted) {
    check_identity(&arena, message, name);
  }
  if (getenv("STOX_SIP_CORPUS_VERBOSE") != NULL &&
      ((said_good && !accepted) || (said_bad && accepted))) {
    print_message("%s: %s: %s at %zu, %s, answer %d\n", name, expected, stox_status_name(status),
                  diag.offset, diag.rule == NULL ? "" : diag.rule, diag.answer);
  }
  guard_free(&g);
}

static void test_corpora(void **state) {
  (void)state;
  char line[LINE_MOST];
  counts c = {0};
  FILE *index = fopen(STOX_CORPORA "/index.tsv", "rb");
  if (index == NULL) {
    print_message("no corpora: skipped\n");
    exit(77);
  }
  while (fgets(line, sizeof line, index) != NULL) {
    char *path = NULL;
    if (strncmp(line, "sip-rfc/", 8) == 0 || strncmp(line, "sip-torture/", 12) == 0) {
      const char *expected = verdict_of(line, &path);
      run_one(&c, path, expected);
    }
  }
  (void)fclose(index);
  print_message("good: %d accepted, %d refused; bad: %d refused, %d accepted; no verdict: %d\n",
                c.good, c.good_not, c.bad, c.bad_not, c.either);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpora)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
