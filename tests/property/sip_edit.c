/* SPDX-License-Identifier: MIT */
/* Random edits with good and hostile inputs against a plain list of lines: what the edit takes, the
 * list takes; what is written is the list, the strict parser accepts it, and it shows what was
 * set. */
#include "sip_messages.h"

enum { ROUNDS = 4000, EDITS = 12, LINES_MOST = 64, OCTETS = 1 << 14 };

static const stox_span none = {NULL, 0};

typedef struct line {
  int id;
  char name[32];
  char value[512];
  int is_kept; /* written as it came */
  char text[512];
} line;

typedef struct model {
  uint64_t seed;
  line lines[LINES_MOST];
  size_t n;
  char uri[128];
  char body[64];
  size_t body_n;
} model;

static size_t choose(model *m, size_t n) {
  return (size_t)(test_random(&m->seed) % n);
}

static void copy_text(char *out, size_t cap, stox_span text) {
  assert_true(text.n < cap);
  memcpy(out, text.p, text.n);
  out[text.n] = '\0';
}

static void set_line(line *out, int id, stox_span name, stox_span value) {
  *out = (line){.id = id};
  copy_text(out->name, sizeof out->name, name);
  copy_text(out->value, sizeof out->value, value);
}

/* ---- a message to edit ---- */

static const char *const starts[] = {
    LINE TOP_VIA "v : SIP/2.0/TCP b;rport , SIP/2.0/TCP c\r\n" FROM TO CALL_ID CSEQ
                 "Route: <sip:a;lr>, \"x, y\" <sip:b;lr>\r\nX-A:  1 \r\nRoute:\r\n "
                 "<sip:c>\r\nMax-Forwards: 70\r\nx-a: 2\r\nl: 2\r\n\r\nHi",
    LINE "Content-Length:0\r\n" CSEQ CALL_ID "T: sip:a@b\r\nF: <sip:c@d>;tag=1\r\n" TOP_VIA "\r\n",
    LINE ROUTING "Subject: \xC3\xA9\r\nContact: *\r\n\r\nall that follows"};

static void read_lines(model *m, const stox_sip_message *message) {
  stox_sip_header header;
  m->n = 0;
  for (size_t i = 0; stox_sip_get_header(&header, message, i) == STOX_OK; i++) {
    set_line(&m->lines[m->n], header.id, header.name, header.value);
    m->lines[m->n].is_kept = 1;
    copy_text(m->lines[m->n].text, sizeof m->lines[m->n].text, header.line);
    m->n++;
  }
  copy_text(m->uri, sizeof m->uri, stox_sip_request_uri(message));
  m->body_n = stox_sip_body(message).n;
  memcpy(m->body, stox_sip_body(message).p, m->body_n);
}

/* ---- what an edit does, on the list ---- */

static int is_of(const line *l, int id, stox_span name) {
  return l->id == id &&
         (id != STOX_SIP_OTHER || stox_span_is_equal_nocase(stox_span_text(l->name), name));
}

static void remove_line(model *m, size_t at) {
  memmove(&m->lines[at], &m->lines[at + 1], (m->n - at - 1) * sizeof m->lines[0]);
  m->n--;
}

static void insert_line(model *m, size_t at, int id, stox_span name, stox_span value) {
  assert_true(m->n < LINES_MOST);
  memmove(&m->lines[at + 1], &m->lines[at], (m->n - at) * sizeof m->lines[0]);
  set_line(&m->lines[at], id, name, value);
  m->n++;
}

static size_t find_line(const model *m, int id, stox_span name) {
  size_t at = 0;
  while (at < m->n && !is_of(&m->lines[at], id, name)) {
    at++;
  }
  return at;
}

static void set_model(model *m, int id, stox_span name, stox_span value, int where) {
  size_t at = find_line(m, id, name);
  if (where == STOX_SIP_REPLACE) {
    for (size_t i = m->n; i > at; i--) {
      if (is_of(&m->lines[i - 1], id, name)) {
        remove_line(m, i - 1);
      }
    }
  } else if (where == STOX_SIP_LAST) {
    at = m->n;
  } else if (at == m->n) {
    at = 0;
  }
  if (value.p != NULL) {
    insert_line(m, at, id, name, value);
  }
}

/* ---- random edits ---- */

typedef struct choice {
  int id;
  const char *name;
  stox_span value;
  int is_good;
} choice;

static const choice choices[] = {
    {STOX_SIP_VIA, "Via", ROW("SIP/2.0/UDP p.example:5070;branch=z9hG4bKx;rport"), 1},
    {STOX_SIP_VIA, "Via", ROW("SIP/2.0/TCP [2001:db8::1];x=\"a, b\", SIP / 2.0 / UDP q"), 1},
    {STOX_SIP_VIA, "Via", ROW("SIP/2.0/TCP a b"), 0},
    {STOX_SIP_VIA, "Via", ROW("SIP/2.0/TCP a,"), 0},
    {STOX_SIP_FROM, "From", ROW("\"Q\" <sip:q@example.com;x>;tag=2"), 1},
    {STOX_SIP_FROM, "From", ROW("<sip:q@example.com>;tag=1;tag=2"), 0},
    {STOX_SIP_TO, "To", ROW("tel:+1-555"), 1},
    {STOX_SIP_TO, "To", ROW("<sip:a@b>, <sip:c@d>"), 0},
    {STOX_SIP_CALL_ID, "Call-ID", ROW("w<:>?{}@x/y"), 1},
    {STOX_SIP_CALL_ID, "Call-ID", ROW("a b"), 0},
    {STOX_SIP_CSEQ, "CSeq", ROW("007 \tMESSAGE"), 1},
    {STOX_SIP_CSEQ, "CSeq", ROW("7 message"), 0},
    {STOX_SIP_MAX_FORWARDS, "Max-Forwards", ROW("69"), 1},
    {STOX_SIP_MAX_FORWARDS, "Max-Forwards", ROW("256"), 0},
    {STOX_SIP_ROUTE, "Route", ROW("<sip:r;lr>"), 1},
    {STOX_SIP_ROUTE, "Route", ROW("<sip:r;lr>, <sip:s,t>,<sip:u>"), 1},
    {STOX_SIP_ROUTE, "Route", ROW("<sip:r>\r\nVia: x"), 0},
    {STOX_SIP_SUBJECT, "Subject", ROW(""), 1},
    {STOX_SIP_SUBJECT, "Subject", ROW("a\tb \xE2\x82\xAC"), 1},
    {STOX_SIP_SUBJECT, "Subject", ROW("a\0b"), 0},
    {STOX_SIP_SUBJECT, "Subject", ROW("\xE2\x82"), 0},
    {STOX_SIP_SUBJECT, "Subject", ROW("a\n"), 0},
    {STOX_SIP_OTHER, "X-A", ROW("3"), 1},
    {STOX_SIP_OTHER, "x-a", ROW(", ,"), 1},
    {STOX_SIP_OTHER, "X-A", ROW("\x7F"), 0},
    {STOX_SIP_OTHER, "X A", ROW("1"), 0},
    {STOX_SIP_OTHER, "X:", ROW("1"), 0},
    {STOX_SIP_OTHER, "", ROW("1"), 0},
    {STOX_SIP_OTHER, "L", ROW("7"), 0},
    {STOX_SIP_OTHER, "Content-length", ROW("7"), 0},
};

static int stands_once(int id) {
  return id != STOX_SIP_VIA && id != STOX_SIP_ROUTE && id != STOX_SIP_OTHER;
}

static void edit_field(model *m, stox_sip_edit *edit) {
  const choice *c = &choices[choose(m, COUNT(choices))];
  const stox_span name = stox_span_text(c->name);
  const int where = (int)choose(m, 3);
  const int removes = where == STOX_SIP_REPLACE && c->is_good && choose(m, 4) == 0;
  const stox_span value = removes ? none : c->value;
  const int is_there = find_line(m, c->id, name) < m->n;
  const int status = stox_sip_edit_set(edit, c->id, name, value, where);
  if (!c->is_good) {
    assert_int_not_equal(status, STOX_OK);
  } else if (where != STOX_SIP_REPLACE && stands_once(c->id) && is_there) {
    assert_status(status, STOX_E_REPEATED);
  } else {
    assert_status(status, STOX_OK);
    set_model(m, c->id, name, value, where);
  }
}

static void edit_start(model *m, stox_sip_edit *edit) {
  static const stox_span uris[] = {ROW("sip:x@y;lr"),  ROW("tel:+1"),      ROW("sip:a b"),
                                   ROW("sip:a@b?c=d"), ROW("a\r\nVia: b"), ROW("")};
  const size_t which = choose(m, COUNT(uris));
  const int status = stox_sip_edit_set_request_uri(edit, uris[which]);
  assert_status(status, which < 2 ? STOX_OK : STOX_E_BAD_START);
  if (status == STOX_OK) {
    copy_text(m->uri, sizeof m->uri, uris[which]);
  }
}

/* Values between commas that stand neither in quotes nor in angle brackets. */
static size_t count_values(stox_span text) {
  size_t n = 1;
  int quoted = 0;
  int angle = 0;
  for (size_t i = 0; i < text.n; i++) {
    quoted ^= text.p[i] == '"';
    angle = !quoted && (text.p[i] == '<' || (angle && text.p[i] != '>'));
    n += text.p[i] == ',' && !quoted && !angle;
  }
  return n;
}

/* The list learns from the edit where the second value begins. */
static void pop_field(model *m, stox_sip_edit *edit) {
  static const int ids[] = {STOX_SIP_VIA, STOX_SIP_ROUTE, STOX_SIP_SUBJECT, STOX_SIP_SERVER};
  const size_t which = choose(m, COUNT(ids));
  const int id = ids[which];
  const size_t at = find_line(m, id, none);
  const int status = stox_sip_edit_pop(edit, id);
  assert_status(status, at < m->n ? STOX_OK : STOX_E_NONE);
  if (status != STOX_OK) {
    return;
  }
  line *l = &m->lines[at];
  const stox_span value = stox_span_text(l->value);
  const stox_span rest = stox_sip_edit_value(edit, id);
  if (count_values(value) == 1) {
    remove_line(m, at);
    return;
  }
  assert_int_equal(count_values(rest), count_values(value) - 1);
  assert_true(rest.n < value.n);
  assert_memory_equal(rest.p, value.p + value.n - rest.n, rest.n);
  memmove(l->value, l->value + value.n - rest.n, rest.n + 1);
  l->is_kept = 0;
}

static void edit_body(model *m, stox_sip_edit *edit) {
  static const stox_span bodies[] = {ROW(""), ROW("\r\n\r\n"), ROW("0123456789\0\xFF")};
  const stox_span body = bodies[choose(m, COUNT(bodies))];
  assert_status(stox_sip_edit_set_body(edit, body), STOX_OK);
  memcpy(m->body, body.p, body.n);
  m->body_n = body.n;
}

/* ---- what must come out ---- */

static void put_field(stox_buf *out, const char *name, const char *value) {
  stox_buf_put_text(out, name);
  stox_buf_put_text(out, ": ");
  stox_buf_put_text(out, value);
  stox_buf_put_text(out, "\r\n");
}

static void put_length(stox_buf *out, const model *m, const line *l) {
  char number[32];
  (void)snprintf(number, sizeof number, "%zu", m->body_n);
  if (l != NULL && strcmp(l->value, number) == 0) {
    stox_buf_put_text(out, l->text);
  } else {
    put_field(out, l == NULL ? "Content-Length" : l->name, number);
  }
}

static void put_model(stox_buf *out, const model *m) {
  int has_length = 0;
  stox_buf_put_text(out, "MESSAGE ");
  stox_buf_put_text(out, m->uri);
  stox_buf_put_text(out, " SIP/2.0\r\n");
  for (size_t i = 0; i < m->n; i++) {
    const line *l = &m->lines[i];
    if (l->id == STOX_SIP_CONTENT_LENGTH) {
      put_length(out, m, l);
      has_length = 1;
    } else if (l->is_kept) {
      stox_buf_put_text(out, l->text);
    } else {
      put_field(out, l->name, l->value);
    }
  }
  if (!has_length) {
    put_length(out, m, NULL);
  }
  stox_buf_put_text(out, "\r\n");
  stox_buf_put(out, (stox_span){m->body, m->body_n});
}

static int is_whole(const model *m, int with_via) {
  static const int ids[] = {STOX_SIP_FROM, STOX_SIP_TO, STOX_SIP_CALL_ID, STOX_SIP_CSEQ};
  int whole = !with_via || find_line(m, STOX_SIP_VIA, none) < m->n;
  for (size_t i = 0; i < COUNT(ids); i++) {
    whole = whole && find_line(m, ids[i], none) < m->n;
  }
  return whole;
}

static void check_written(const model *m, const stox_sip_edit *edit) {
  static char written[OCTETS];
  static char wanted[OCTETS];
  static char room[1 << 16];
  stox_buf out;
  stox_buf want;
  stox_buf_init(&out, written, sizeof written);
  stox_buf_init(&want, wanted, sizeof wanted);
  const int status = stox_sip_write(&out, edit);
  if (!is_whole(m, 0)) {
    assert_status(status, STOX_E_MISSING);
    assert_int_equal(out.len, 0);
    return;
  }
  assert_status(status, STOX_OK);
  put_model(&want, m);
  assert_span_equal(stox_buf_span(&out), stox_buf_span(&want));
  stox_arena arena;
  stox_diag diag = {0};
  stox_sip_message *message = NULL;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const int verdict = stox_sip_parse(&message, &arena, stox_buf_span(&out), NULL, &diag);
  if (!is_whole(m, 1)) {
    assert_status(verdict, STOX_E_MISSING);
    return;
  }
  if (verdict != STOX_OK) {
    fail_msg("%s at %zu of %.*s", diag.rule, diag.offset, (int)out.len, written);
  }
  stox_sip_header header;
  for (size_t i = 0; i < m->n; i++) {
    assert_status(stox_sip_get_header(&header, message, i), STOX_OK);
    assert_int_equal(header.id, m->lines[i].id);
    if (header.id != STOX_SIP_CONTENT_LENGTH) {
      assert_span_equal(header.value, stox_span_trim(stox_span_text(m->lines[i].value)));
    }
  }
  assert_span_equal(stox_sip_body(message), ((stox_span){m->body, m->body_n}));
}

static void edit_once(model *m, stox_sip_edit *edit) {
  switch (choose(m, 8)) {
  case 0:
    edit_start(m, edit);
    break;
  case 1:
    edit_body(m, edit);
    break;
  case 2:
  case 3:
    pop_field(m, edit);
    break;
  default:
    edit_field(m, edit);
    break;
  }
}

static void test_random_edits(void **state) {
  (void)state;
  static char room[1 << 16];
  static model m;
  m.seed = 0xED17;
  for (int round = 0; round < ROUNDS; round++) {
    stox_arena arena;
    stox_sip_message *message = NULL;
    stox_sip_edit *edit = NULL;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    const stox_span bytes = stox_span_text(starts[choose(&m, COUNT(starts))]);
    assert_status(stox_sip_parse(&message, &arena, bytes, NULL, NULL), STOX_OK);
    read_lines(&m, message);
    assert_status(stox_sip_edit_new(&edit, &arena, message), STOX_OK);
    check_written(&m, edit);
    for (size_t i = choose(&m, EDITS); i > 0; i--) {
      edit_once(&m, edit);
      check_written(&m, edit);
    }
  }
}

/* A new request is the same list, empty at first. */
static void test_random_requests(void **state) {
  (void)state;
  static char room[1 << 16];
  static model m;
  m.seed = 0x9E0;
  for (int round = 0; round < ROUNDS; round++) {
    stox_arena arena;
    stox_sip_edit *edit = NULL;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    m.n = 0;
    m.body_n = 0;
    copy_text(m.uri, sizeof m.uri, S("sip:a@b"));
    assert_status(stox_sip_request_new(&edit, &arena, S("MESSAGE"), S("sip:a@b")), STOX_OK);
    for (size_t i = 0; i < 4 * EDITS; i++) {
      edit_once(&m, edit);
    }
    check_written(&m, edit);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_edits),
                                     cmocka_unit_test(test_random_requests)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
