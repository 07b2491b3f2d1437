/* SPDX-License-Identifier: MIT */
/* Public SIP messages and header values, where they are at hand: what the index says of each
 * against what the parser says, and parse and write as identity. STOX_SIP_CORPUS_VERBOSE=1 lists
 * the disagreements that are explained below. */
#include "sip_messages.h"

enum { FILE_MOST = 1 << 17, LINE_MOST = 8192 };

static char octets[FILE_MOST];
static char written[FILE_MOST];

/* Said good, but refused even by the lenient parser: each breaks the grammar it illustrates. */
static const struct excuse {
  const char *prefix;
  int code;
  const char *why;
} excuses[] = {
    {"sip-rfc/rfc5359/194.sip", STOX_E_BAD_HEADER, "`received` cut off in print"},
    {"sip-rfc/rfc5626/002.sip", STOX_E_BAD_URI, "From without a scheme"},
    {"sip-rfc/rfc5806/", STOX_E_BAD_HEADER, "methods of request line and CSeq differ"},
    {"sip-rfc/rfc6405/008.sip", STOX_E_BAD_HOST, "host name that begins with a dot"},
    {"sip-rfc/rfc8068/00", STOX_E_BAD_HEADER, "Session-ID folded into Call-ID in print"},
    {"sip-torture/jsip/jsip-025.sip", STOX_E_MISSING, "response without From and To"},
    {"sip-torture/jsip/jsip-333.sip", STOX_E_BAD_HEADER, "a second message behind no empty line"},
    {"sip-torture/php-sip/rfc5626_9.", STOX_E_MISSING, "Via left out in print"},
};

/* Said bad, but accepted: the fault is in a part that is for whoever asks for it. */
static const char *const later[] = {
    "sip-torture/jsip/jsip-007.sip", /* an unknown scheme in Request-URI: 416, not 400 */
    "sip-torture/jsip/jsip-029.sip"  /* Contact and Call-Info */
};

typedef struct counts {
  int good;     /* said good, accepted by the strict parser */
  int odd;      /* said good, accepted by the lenient one only */
  int excused;  /* said good, refused; explained */
  int bad;      /* said bad, refused */
  int later;    /* said bad, accepted; explained */
  int either;   /* no verdict */
  int unsolved; /* not explained */
} counts;

static int is_verbose(void) {
  return getenv("STOX_SIP_CORPUS_VERBOSE") != NULL;
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

static int parse_file(stox_span bytes, int lenient, const char *name, int *answer) {
  const stox_sip_options options = options_of(lenient, 0);
  parsed p;
  parse_with(&p, bytes, &options);
  if (p.status == STOX_OK && !lenient) {
    check_identity(&p, name);
  }
  *answer = p.diag.answer;
  const int status = p.status;
  parsed_free(&p);
  return status;
}

static int is_excused(const char *name, int code) {
  for (size_t i = 0; i < COUNT(excuses); i++) {
    if (strncmp(name, excuses[i].prefix, strlen(excuses[i].prefix)) == 0 &&
        excuses[i].code == code) {
      if (is_verbose()) {
        print_message("%s: %s: %s\n", name, stox_status_name(code), excuses[i].why);
      }
      return 1;
    }
  }
  return 0;
}

static int is_later(const char *name) {
  for (size_t i = 0; i < COUNT(later); i++) {
    if (strcmp(name, later[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

static void count_good(counts *c, stox_span bytes, const char *name, int strict) {
  int answer = 0;
  if (strict == STOX_OK) {
    c->good++;
    return;
  }
  const int status = parse_file(bytes, 1, name, &answer);
  if (status == STOX_OK) {
    c->odd++;
  } else if (is_excused(name, status)) {
    c->excused++;
  } else {
    c->unsolved++;
    print_message("%s: %s\n", name, stox_status_name(status));
  }
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

static void run_one(counts *c, const char *name, const char *expected) {
  int answer = 0;
  const stox_span bytes = read_file(name);
  if (bytes.p == NULL) {
    return;
  }
  const int status = parse_file(bytes, 0, name, &answer);
  if (strncmp(expected, "parse=ok", 8) == 0 && strstr(expected, "fix") == NULL) {
    count_good(c, bytes, name, status);
  } else if (strncmp(expected, "parse=bad", 9) != 0) {
    c->either++;
  } else if (status == STOX_OK) {
    c->later += is_later(name);
    c->unsolved += !is_later(name);
  } else {
    c->bad++;
    if (!is_said_answer(expected, answer)) {
      c->unsolved++;
      print_message("%s: answer %d, not %s\n", name, answer, expected);
    }
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
  print_message(
      "messages: good: %d accepted, %d by the lenient parser, %d refused; bad: %d refused, "
      "%d accepted; no verdict: %d\n",
      c.good, c.odd, c.excused, c.bad, c.later, c.either);
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

/* Said good, but not by RFC 3261's grammar, nor what the lenient parser forgives. */
static const char *const not_good[] = {
    "foobar at com<sip:4855@166.34.120.100 >", /* white space before `>` */
    "<sip:u:p@h.com:5555;;test=1;>",           /* empty parameters */
    "accept-contact=*;audio;video",            /* `;` in a URI header */
};

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

static int parse_value(const char *name, const char *value, int lenient) {
  static const struct part {
    const char *name;
    const char *line;
  } parts[] = {{"Via", TOP_VIA}, {"From", FROM}, {"To", TO}, {"Call-ID", CALL_ID}};
  char room[4096];
  char method[64] = "MESSAGE";
  stox_buf out;
  parsed p;
  if (strcmp(name, "CSeq") == 0 && sscanf(value, "%*d %63s", method) != 1) {
    (void)snprintf(method, sizeof method, "INVITE");
  }
  stox_buf_init(&out, room, sizeof room);
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
  const stox_sip_options options = options_of(lenient, 0);
  parse_with(&p, stox_buf_span(&out), &options);
  const int status = p.status;
  parsed_free(&p);
  return status;
}

static int is_not_good(const char *value) {
  for (size_t i = 0; i < COUNT(not_good); i++) {
    if (strstr(value, not_good[i]) != NULL) {
      return 1;
    }
  }
  return 0;
}

static void test_header_values(void **state) {
  (void)state;
  char line[LINE_MOST];
  counts c = {0};
  FILE *file = open_corpus(STOX_CORPORA "/sip-headers/header-values.tsv");
  while (fgets(line, sizeof line, file) != NULL) {
    const char *named = strtok(line, "\t");
    char *text = strtok(NULL, "\t");
    const char *expected = strtok(NULL, "\t");
    if (expected == NULL || field_of(named) == NULL) {
      continue;
    }
    const char *value = value_in(text);
    const int is_good = strncmp(expected, "accept", 6) == 0;
    const int strict = parse_value(field_of(named), value, 0) == STOX_OK;
    const int lenient = parse_value(field_of(named), value, 1) == STOX_OK;
    const int is_excusable = is_good && !lenient && is_not_good(value);
    c.good += is_good && strict;
    c.odd += is_good && !strict && lenient;
    c.excused += is_excusable;
    c.bad += !is_good && !lenient;
    if ((is_good && !lenient && !is_excusable) || (!is_good && lenient)) {
      c.unsolved++;
      print_message("%s: %s, said %s\n", named, value, expected);
    }
  }
  (void)fclose(file);
  print_message("header values: good: %d accepted, %d by the lenient parser, %d refused; bad: %d "
                "refused\n",
                c.good, c.odd, c.excused, c.bad);
  assert_int_equal(c.unsolved, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages),
                                     cmocka_unit_test(test_header_values)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
