/* SPDX-License-Identifier: MIT */
/* Each header field of the public messages that are said to be good, where they are at hand,
 * against the grammar of its typed form. What breaks it stands in sip_field_disagreements.tsv with
 * the reason; what does not stand there fails, and so does a row that holds no longer. */
#include "sip_verdicts.h"
#include "tables.h"

#include "stox/sip_grammar.h"

enum { INDEX_MOST = 8192, ROWS_MOST = 256, ID = 0, HEADER = 1, RULE = 2, REASON = 3 };

typedef struct row {
  stox_span field[REASON + 1];
  int is_met;
} row;

static table explained;
static row rows[ROWS_MOST];
static size_t n_rows;

typedef struct counts {
  size_t messages;
  size_t fields;  /* that keep their grammar */
  size_t refused; /* explained */
  size_t unsolved;
} counts;

static void read_explained(void) {
  assert_true(
      table_open(&explained, STOX_TEST_VECTORS "/../conformance", "sip_field_disagreements.tsv"));
  assert_true(table_next(&explained));
  while (table_next(&explained)) {
    assert_true(n_rows < ROWS_MOST);
    memcpy(rows[n_rows].field, explained.field, sizeof rows[n_rows].field);
    assert_true(rows[n_rows].field[REASON].n > 0);
    n_rows++;
  }
}

static int is_explained(stox_span id, stox_span header, stox_span rule) {
  for (size_t i = 0; i < n_rows; i++) {
    const stox_span *f = rows[i].field;
    if (stox_span_is_equal(f[ID], id) && stox_span_is_equal(f[HEADER], header) &&
        stox_span_is_equal(f[RULE], rule)) {
      rows[i].is_met = 1;
      return 1;
    }
  }
  return 0;
}

static void check_field(counts *c, const char *id, const stox_sip_header *header) {
  stox_diag diag = {0, 0, 0, NULL};
  const char *name = stox_sip_header_name(header->id);
  if (stox_sip_field_check(header->id, header->value, &diag) == STOX_OK) {
    c->fields += name != NULL;
    return;
  }
  assert_true(diag.offset <= header->value.n);
  if (is_explained(stox_span_text(id), stox_span_text(name), stox_span_text(diag.rule))) {
    c->refused++;
    return;
  }
  c->unsolved++;
  print_message("%s\t%s\t%s\t%.*s\n", id, name, diag.rule, (int)header->value.n, header->value.p);
}

static void check_message(counts *c, const char *id) {
  stox_sip_header header;
  size_t n = 0;
  parsed p;
  char *octets = sip_read_file(&n, STOX_CORPORA, id, "");
  if (octets == NULL) {
    return;
  }
  parse_with(&p, (stox_span){octets, n}, NULL);
  if (p.status == STOX_OK) {
    c->messages++;
    for (size_t i = 0; stox_sip_get_header(&header, p.message, i) == STOX_OK; i++) {
      check_field(c, id, &header);
    }
  }
  parsed_free(&p);
  free(octets);
}

static void check_stale(counts *c) {
  for (size_t i = 0; i < n_rows; i++) {
    if (!rows[i].is_met) {
      const stox_span *f = rows[i].field;
      print_message("%.*s, %.*s: no disagreement\n", (int)f[ID].n, f[ID].p, (int)f[HEADER].n,
                    f[HEADER].p);
      c->unsolved++;
    }
  }
}

static void test_fields(void **state) {
  (void)state;
  char line[INDEX_MOST];
  counts c = {0};
  FILE *index = fopen(STOX_CORPORA "/index.tsv", "rb");
  if (index == NULL) {
    skip();
  }
  read_explained();
  while (fgets(line, sizeof line, index) != NULL) {
    const int is_sip = strncmp(line, "sip-rfc/", 8) == 0 || strncmp(line, "sip-torture/", 12) == 0;
    if (is_sip && strstr(line, "parse=ok") != NULL) {
      line[strcspn(line, "\t")] = '\0';
      check_message(&c, line);
    }
  }
  (void)fclose(index);
  check_stale(&c);
  table_free(&explained);
  print_message("%zu messages: %zu header fields keep their grammar, %zu do not\n", c.messages,
                c.fields, c.refused);
  assert_int_equal(c.unsolved, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
