/* SPDX-License-Identifier: MIT */
/* Public SIP messages and header values, where they are at hand: what the index says of each
 * against what the parser says, and parse and write as identity. Each disagreement stands in
 * sip_corpus_disagreements.tsv with its reason; one that does not fails, and so does a row that
 * holds no longer. */
#include "sip_messages.h"
#include "tables.h"

enum { FILE_MOST = 1 << 17, LINE_MOST = 8192, ROWS_MOST = 512 };

/* Columns of the table. `rule` is of the strict parser's refusal; `-` where it accepts. */
enum { ID, SAID, STRICT, LENIENT, RULE, REASON };

static char octets[FILE_MOST];
static char mended[FILE_MOST];
static char written[FILE_MOST];

typedef struct disagreement {
  stox_span field[REASON + 1];
  int is_met;
} disagreement;

static table explained;
static disagreement rows[ROWS_MOST];
static size_t n_rows;

typedef struct verdict {
  int strict;
  int lenient;
  int answer;
  const char *rule;
} verdict;

typedef struct counts {
  int good;      /* said good, accepted by the strict parser */
  int odd;       /* said good, accepted by the lenient one only */
  int refused;   /* said good, refused by both */
  int bad;       /* said bad, refused */
  int accepted;  /* said bad, accepted */
  int no_saying; /* the index has no verdict */
  int unsolved;  /* not explained */
} counts;

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

static void read_explained(void) {
  assert_true(
      table_open(&explained, STOX_TEST_VECTORS "/../conformance", "sip_corpus_disagreements.tsv"));
  assert_true(table_next(&explained));
  while (table_next(&explained)) {
    assert_true(n_rows < ROWS_MOST);
    memcpy(rows[n_rows].field, explained.field, sizeof rows[n_rows].field);
    assert_true(rows[n_rows].field[REASON].n > 0);
    n_rows++;
  }
}

static int is_text(stox_span field, const char *text) {
  return stox_span_is_equal(field, stox_span_text(text));
}

/* 1 if the table has this disagreement with this verdict. */
static int is_explained(const char *id, const verdict *v) {
  for (size_t i = 0; i < n_rows; i++) {
    const stox_span *f = rows[i].field;
    if (is_text(f[ID], id)) {
      rows[i].is_met = 1;
      return is_text(f[STRICT], stox_status_name(v->strict)) &&
             is_text(f[LENIENT], stox_status_name(v->lenient)) &&
             is_text(f[RULE], v->strict == STOX_OK ? "-" : v->rule);
    }
  }
  return 0;
}

static void explain(counts *c, const char *id, const char *said, const verdict *v) {
  if (is_explained(id, v)) {
    return;
  }
  c->unsolved++;
  print_message("%s\t%s\t%s\t%s\t%s\n", id, said, stox_status_name(v->strict),
                stox_status_name(v->lenient), v->strict == STOX_OK ? "-" : v->rule);
}

/* Rows that nothing disagrees with any more, of those whose id begins with `prefix`. */
static int count_stale(const char *prefix) {
  int stale = 0;
  for (size_t i = 0; i < n_rows; i++) {
    const stox_span id = rows[i].field[ID];
    if (!rows[i].is_met && strncmp(id.p, prefix, strlen(prefix)) == 0) {
      print_message("%.*s: no disagreement\n", (int)id.n, id.p);
      stale++;
    }
  }
  return stale;
}

/* What the strict parser accepted is written as it was, Content-Length added where there is none.
 */
static void check_identity(parsed *p, const char *name) {
  stox_sip_edit *edit = NULL;
  stox_buf out;
  assert_status(stox_sip_edit_new(&edit, &p->arena, p->message), STOX_OK);
  stox_buf_init(&out, written, sizeof written);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  const stox_span text = stox_sip_text(p->message);
  const int has_length = stox_sip_value(p->message, STOX_SIP_CONTENT_LENGTH).p != NULL;
  if (has_length && !stox_span_is_equal(stox_buf_span(&out), text)) {
    fail_msg("%s is not written as it was", name);
  }
  assert_true(out.len >= text.n);
}

static verdict judge(stox_span bytes, const char *name) {
  verdict v = {0};
  parsed p;
  stox_sip_options options = options_of(0, 0);
  parse_with(&p, bytes, &options);
  if (p.status == STOX_OK) {
    check_identity(&p, name);
  }
  v = (verdict){.strict = p.status, .answer = p.diag.answer, .rule = p.diag.rule};
  parsed_free(&p);
  options = options_of(1, 0);
  parse_with(&p, bytes, &options);
  v.lenient = p.status;
  parsed_free(&p);
  return v;
}

/* A message whose printed Content-Length is not its body's, with the length that is. */
static stox_span mend_length(stox_span bytes) {
  static const char *const names[] = {"\nContent-Length:", "\nCONTENT-LENGTH:", "\nl:"};
  octets[bytes.n] = '\0';
  char *body = strstr(octets, "\r\n\r\n");
  for (size_t i = 0; body != NULL && i < COUNT(names); i++) {
    const char *at = strstr(octets, names[i]);
    if (at == NULL || at > body) {
      continue;
    }
    const size_t before = (size_t)(at - octets) + strlen(names[i]);
    const size_t behind = before + strcspn(octets + before, "\r");
    const size_t n = bytes.n - (size_t)(body + 4 - octets);
    const int head = snprintf(mended, sizeof mended, "%.*s %zu", (int)before, octets, n);
    memcpy(mended + head, octets + behind, bytes.n - behind);
    return (stox_span){mended, (size_t)head + bytes.n - behind};
  }
  return bytes;
}

/* The codes that RFC 4475 names stand in the index behind `element=`. */
static int is_said_answer(const char *expected, int answer) {
  char code[16];
  const char *element = strstr(expected, "element=");
  if (element == NULL || strstr(element, "discard") != NULL) {
    return element == NULL || answer == 0;
  }
  (void)snprintf(code, sizeof code, "%d", answer);
  return strstr(element, code) != NULL;
}

static void count_good(counts *c, const char *name, const verdict *v) {
  c->good += v->strict == STOX_OK;
  c->odd += v->strict != STOX_OK && v->lenient == STOX_OK;
  c->refused += v->strict != STOX_OK && v->lenient != STOX_OK;
  if (v->strict != STOX_OK) {
    explain(c, name, "good", v);
  }
}

static void count_bad(counts *c, const char *name, const char *expected, const verdict *v) {
  c->bad += v->strict != STOX_OK;
  c->accepted += v->strict == STOX_OK;
  if (v->strict == STOX_OK) {
    explain(c, name, "bad", v);
  } else if (!is_said_answer(expected, v->answer)) {
    c->unsolved++;
    print_message("%s: answer %d, not %s\n", name, v->answer, expected);
  }
}

/* The line ends before a message are a fault of their own: without them the one is seen that is
 * meant. */
static stox_span without_empty_lines(stox_span bytes) {
  while (bytes.n >= 2 && bytes.p[0] == '\r' && bytes.p[1] == '\n') {
    bytes = stox_span_slice(bytes, 2, bytes.n);
  }
  return bytes;
}

static void run_one(counts *c, const char *name, const char *expected) {
  stox_span bytes = read_file(name);
  if (bytes.p == NULL) {
    return;
  }
  const int is_bad = strncmp(expected, "parse=bad", 9) == 0;
  bytes = strstr(expected, "fix Content-Length") != NULL ? mend_length(bytes) : bytes;
  const verdict v = judge(is_bad ? without_empty_lines(bytes) : bytes, name);
  if (is_bad) {
    count_bad(c, name, expected, &v);
  } else if (strstr(expected, "parse=ok") != NULL) {
    count_good(c, name, &v);
  } else {
    c->no_saying++;
  }
}

static FILE *open_corpus(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) {
    print_message("[  SKIPPED ] no corpora\n");
    exit(77);
  }
  return file;
}

static void test_messages(void **state) {
  (void)state;
  char line[LINE_MOST];
  counts c = {0};
  FILE *index = open_corpus(STOX_CORPORA "/index.tsv");
  while (fgets(line, sizeof line, index) != NULL) {
    if (strncmp(line, "sip-rfc/", 8) != 0 && strncmp(line, "sip-torture/", 12) != 0) {
      continue;
    }
    const char *path = strtok(line, "\t");
    (void)strtok(NULL, "\t");
    (void)strtok(NULL, "\t");
    (void)strtok(NULL, "\t");
    const char *expected = strtok(NULL, "\t");
    if (path != NULL && expected != NULL) {
      run_one(&c, path, expected);
    }
  }
  (void)fclose(index);
  c.unsolved += count_stale("sip-rfc/") + count_stale("sip-torture/");
  print_message("messages: good: %d accepted, %d by the lenient parser, %d refused; bad: %d "
                "refused, %d accepted; no verdict: %d\n",
                c.good, c.odd, c.refused, c.bad, c.accepted, c.no_saying);
  assert_int_equal(c.unsolved, 0);
}

/* Header values: the header fields that a parse checks. */
static const struct field {
  const char *named;
  const char *name;
} fields[] = {{"Via", "Via"},        {"via", "Via"},
              {"From", "From"},      {"from", "From"},
              {"To", "To"},          {"to", "To"},
              {"CSeq", "CSeq"},      {"cseq", "CSeq"},
              {"CallID", "Call-ID"}, {"MaxForwards", "Max-Forwards"}};

static const char *field_of(const char *named) {
  for (size_t i = 0; i < COUNT(fields); i++) {
    if (strcmp(named, fields[i].named) == 0) {
      return fields[i].name;
    }
  }
  return NULL;
}

static const char *value_in(char *text) {
  char *from = text;
  for (char *at = text; *at != '\0'; at++) {
    if (at[0] == '\\' && (at[1] == 'r' || at[1] == 'n')) {
      at[0] = at[1] == 'r' ? '\r' : '\n';
      memmove(at + 1, at + 2, strlen(at + 2) + 1);
    }
  }
  const size_t name_n = strcspn(text, ": ");
  if (text[name_n + strspn(text + name_n, " ")] == ':' &&
      stox_sip_header_of((stox_span){text, name_n}) != STOX_SIP_OTHER) {
    from = strchr(text, ':') + 1;
  }
  return from;
}

/* A message with that header field. */
static stox_span message_with(char *room, size_t cap, const char *name, const char *value) {
  static const struct part {
    const char *name;
    const char *line;
  } parts[] = {{"Via", TOP_VIA}, {"From", FROM}, {"To", TO}, {"Call-ID", CALL_ID}};
  char method[64] = "MESSAGE";
  stox_buf out;
  if (strcmp(name, "CSeq") == 0 && sscanf(value, "%*d %63s", method) != 1) {
    (void)snprintf(method, sizeof method, "INVITE");
  }
  stox_buf_init(&out, room, cap);
  stox_buf_put_text(&out, method);
  stox_buf_put_text(&out, " sip:a@b SIP/2.0\r\n");
  for (size_t i = 0; i < COUNT(parts); i++) {
    stox_buf_put_text(&out, strcmp(name, parts[i].name) == 0 ? "" : parts[i].line);
  }
  if (strcmp(name, "CSeq") != 0) {
    stox_buf_put_text(&out, CSEQ);
  }
  stox_buf_put_text(&out, name);
  stox_buf_put_text(&out, ": ");
  stox_buf_put_text(&out, value);
  assert_status(stox_buf_put_text(&out, "\r\n\r\n"), STOX_OK);
  return stox_buf_span(&out);
}

static void run_value(counts *c, const char *id, const char *name, const char *value,
                      const char *expected) {
  char room[4096];
  const stox_span bytes = message_with(room, sizeof room, name, value);
  const verdict v = judge(bytes, id);
  if (strncmp(expected, "accept", 6) == 0) {
    count_good(c, id, &v);
  } else {
    count_bad(c, id, expected, &v);
  }
}

static void test_header_values(void **state) {
  (void)state;
  char line[LINE_MOST];
  char id[64];
  counts c = {0};
  FILE *file = open_corpus(STOX_CORPORA "/sip-headers/header-values.tsv");
  for (size_t i = 1; fgets(line, sizeof line, file) != NULL; i++) {
    const char *named = strtok(line, "\t");
    char *text = strtok(NULL, "\t");
    const char *expected = strtok(NULL, "\t");
    if (expected != NULL && field_of(named) != NULL) {
      (void)snprintf(id, sizeof id, "sip-headers/header-values.tsv:%zu", i);
      run_value(&c, id, field_of(named), value_in(text), expected);
    }
  }
  (void)fclose(file);
  print_message("header values: good: %d accepted, %d by the lenient parser, %d refused; bad: %d "
                "refused, %d accepted\n",
                c.good, c.odd, c.refused, c.bad, c.accepted);
  assert_int_equal(c.unsolved, 0);
}

int main(void) {
  read_explained();
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages),
                                     cmocka_unit_test(test_header_values)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
