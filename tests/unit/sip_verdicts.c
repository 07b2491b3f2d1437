/* SPDX-License-Identifier: MIT */
#include "sip_verdicts.h"

#include "sip_facts.h"
#include "tables.h"
#include "unescape.h"

static const char vectors[] = STOX_TEST_VECTORS "/sip";

enum { SECTION, NAME, SOURCE, SAID, STRICT, LENIENT, FRAME };
enum { FACT_NAME = 0, FACT_SOURCE = 1, FACT = 2, VALUE = 3, TEXT_MOST = 8192, FILE_MOST = 1 << 17 };

char *sip_read_file(size_t *n, const char *folder, const char *name, const char *suffix) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return NULL;
  }
  char *octets = malloc(FILE_MOST);
  assert_non_null(octets);
  *n = fread(octets, 1, FILE_MOST, file);
  assert_true(*n < FILE_MOST);
  (void)fclose(file);
  return octets;
}

/* `OK`, `OK lenient`, or status, answer, offset and rule. */
static void say_verdict(char *out, size_t cap, const parsed *p) {
  if (p->status == STOX_OK) {
    (void)snprintf(out, cap, "OK%s", stox_sip_is_lenient(p->message) ? " lenient" : "");
  } else {
    (void)snprintf(out, cap, "%s %d %zu %s", stox_status_name(p->status), p->diag.answer,
                   p->diag.offset, p->diag.rule);
  }
}

/* What the first frame of a stream is: its octets, or a status. */
static void say_frame(char *out, size_t cap, stox_span bytes) {
  size_t n = 0;
  int kind = 0;
  const int status = stox_sip_frame(&n, &kind, bytes, NULL, NULL);
  if (status == STOX_OK) {
    (void)snprintf(out, cap, "%zu", n);
  } else {
    (void)snprintf(out, cap, "%s", stox_status_name(status));
  }
}

static void check_text(const table *t, size_t column, const char *got) {
  if (!stox_span_is_equal(t->field[column], stox_span_text(got))) {
    fail_msg("%.*s: \"%s\", not \"%.*s\"", (int)t->field[NAME].n, t->field[NAME].p, got,
             (int)t->field[column].n, t->field[column].p);
  }
}

static void check_parses(const table *t, stox_span bytes) {
  char got[512];
  parsed p;
  for (int lenient = 0; lenient <= 1; lenient++) {
    const stox_sip_options options = options_of(lenient, 0);
    parse_with(&p, bytes, &options);
    say_verdict(got, sizeof got, &p);
    check_text(t, lenient ? LENIENT : STRICT, got);
    parsed_free(&p);
  }
  say_frame(got, sizeof got, bytes);
  check_text(t, FRAME, got);
}

/* Where the document names one answer, the strict parser gives it. */
static void check_answer(const table *t, stox_span bytes) {
  char want[16];
  parsed p;
  parse_with(&p, bytes, NULL);
  (void)snprintf(want, sizeof want, "%d", p.diag.answer);
  const int is_accepted = p.status == STOX_OK;
  const stox_span said = t->field[SAID];
  parsed_free(&p);
  if (stox_span_is_equal(said, S("valid"))) {
    assert_true(is_accepted);
  } else if (stox_span_is_equal(said, S("discard"))) {
    assert_string_equal(want, "0");
  } else if (!stox_span_is_equal(said, S("either"))) {
    check_text(t, SAID, want);
  }
}

static void check_fact(const table *t, parsed *p) {
  char got[TEXT_MOST];
  char room[TEXT_MOST];
  stox_buf out;
  stox_buf_init(&out, got, sizeof got);
  const stox_span name = t->field[FACT];
  if (!sip_fact(&out, p, name)) {
    fail_msg("no fact %.*s", (int)name.n, name.p);
  }
  const stox_span want = unescape(room, sizeof room, t->field[VALUE]);
  if (!stox_span_is_equal(stox_buf_span(&out), want)) {
    fail_msg("%.*s: %.*s is \"%.*s\"", (int)t->field[FACT_NAME].n, t->field[FACT_NAME].p,
             (int)name.n, name.p, (int)out.len, got);
  }
}

static size_t check_facts(const char *facts, const char *source, stox_span name, stox_span bytes) {
  table t;
  parsed p;
  size_t count = 0;
  const stox_sip_options options = options_of(1, 0);
  parse_with(&p, bytes, &options);
  assert_true(table_open(&t, vectors, facts));
  while (table_next(&t)) {
    if (stox_span_is_equal(t.field[FACT_NAME], name) &&
        stox_span_is_equal(t.field[FACT_SOURCE], stox_span_text(source))) {
      if (p.message == NULL) {
        fail_msg("%.*s: nothing can be asked", (int)name.n, name.p);
      }
      check_fact(&t, &p);
      count++;
    }
  }
  table_free(&t);
  parsed_free(&p);
  return count;
}

size_t sip_check_verdicts(const char *document, const char *source, sip_opener open) {
  char name[64];
  char rows[64];
  char facts[64];
  table t;
  size_t count = 0;
  size_t said = 0;
  (void)snprintf(rows, sizeof rows, "%s.tsv", document);
  (void)snprintf(facts, sizeof facts, "%s-facts.tsv", document);
  assert_true(table_open(&t, vectors, rows));
  while (table_next(&t)) {
    size_t n = 0;
    if (!stox_span_is_equal(t.field[SOURCE], stox_span_text(source))) {
      continue;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)t.field[NAME].n, t.field[NAME].p);
    char *octets = open(&n, name);
    if (octets == NULL) {
      print_message("%s: not at hand\n", name);
      continue;
    }
    check_parses(&t, (stox_span){octets, n});
    check_answer(&t, (stox_span){octets, n});
    said += check_facts(facts, source, t.field[NAME], (stox_span){octets, n});
    count++;
    free(octets);
  }
  table_free(&t);
  print_message("%s, %s: %zu messages, %zu facts\n", document, source, count, said);
  return count;
}
