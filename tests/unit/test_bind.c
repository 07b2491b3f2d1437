/* SPDX-License-Identifier: MIT */
#include "stream_support.h"
#include "writers.h"

#include "stox/bind.h"

#define NS "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
#define E  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static stox_stanza stanza_of(const char *text) {
  stox_stanza stanza;
  assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, text), (stox_span){NULL, 0}),
                STOX_OK);
  return stanza;
}

/* "XC-7-06" "XC-7-08" "XC-7-11" */
static void test_request(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int what;
    const char *resource;
  } rows[] = {
      {"<iq type='set' id='1'><bind " NS "/></iq>", STOX_BIND_ANY, NULL},
      {"<iq type='set' id='1'><bind " NS "><resource>home</resource></bind></iq>", STOX_BIND_NAMED,
       "home"},
      {"<iq type='set' id='1'><bind " NS "><resource>Balcony\xc2\xad</resource></bind></iq>",
       STOX_BIND_NAMED, "Balcony"},
      {"<iq type='set' id='1'><bind " NS "><resource>a b/c@d</resource></bind></iq>",
       STOX_BIND_NAMED, "a b/c@d"},
      {"<iq type='set' id='1'><bind " NS "><resource/></bind></iq>", STOX_BIND_BAD, NULL},
      {"<iq type='set' id='1'><bind " NS "><resource>\xee\x80\x80</resource></bind></iq>",
       STOX_BIND_BAD, NULL},
      {"<iq type='set' id='1'><bind " NS "><resource xmlns='u'>a</resource></bind></iq>",
       STOX_BIND_ANY, NULL},
      {"<iq type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
       STOX_BIND_SESSION, NULL},
      {"<iq type='get' id='1'><bind " NS "/></iq>", STOX_BIND_NONE, NULL},
      {"<iq type='set' id='1'><bind xmlns='u'/></iq>", STOX_BIND_NONE, NULL},
      {"<message><bind " NS "/></message>", STOX_BIND_NONE, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_stanza iq = stanza_of(rows[i].text);
    stox_span resource = S("x");
    assert_int_equal(stox_bind_request_read(&resource, &arena, &iq), rows[i].what);
    assert_span_equal(resource, stox_span_text(rows[i].resource));
  }
  char few[4];
  stox_arena small;
  stox_span resource;
  const stox_stanza iq =
      stanza_of("<iq type='set' id='1'><bind " NS "><resource>a<x/>bcdef</resource></bind></iq>");
  stox_arena_init(&small, few, sizeof few, 0, NULL);
  assert_int_equal(stox_bind_request_read(&resource, &small, &iq), STOX_BIND_NOMEM);
}

/* "XC-7-09" */
static void test_result(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int status;
  } rows[] = {
      {"<iq type='result' id='1'><bind " NS "><jid> a@b/c </jid></bind></iq>", STOX_OK},
      {"<iq type='result' id='1'><bind " NS "><jid>a@b</jid></bind></iq>", STOX_E_BAD_JID},
      {"<iq type='result' id='1'><bind " NS "><jid/></bind></iq>", STOX_E_BAD_JID},
      {"<iq type='result' id='1'><bind " NS "/></iq>", STOX_E_BAD_STANZA},
      {"<iq type='result' id='1'><bind xmlns='u'><jid>a@b/c</jid></bind></iq>", STOX_E_BAD_STANZA},
      {"<iq type='result' id='1'/>", STOX_E_BAD_STANZA},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_stanza iq = stanza_of(rows[i].text);
    stox_span jid = {NULL, 0};
    assert_status(stox_bind_result_read(&jid, &arena, &iq), rows[i].status);
    assert_span_equal(jid, rows[i].status == STOX_OK ? S("a@b/c") : S(""));
  }
}

typedef struct write_ud {
  int what;
  stox_span id;
  stox_span text;
  stox_stanza iq;
  int condition;
  int dialect;
} write_ud;

static int write_one(stox_buf *out, const void *ud) {
  const write_ud *u = ud;
  switch (u->what) {
  case 0:
    return stox_bind_request_write(out, u->id, u->text);
  case 1:
    return stox_bind_session_write(out, u->id);
  case 2:
    return stox_bind_result_write(out, u->id, u->text);
  default:
    return stox_bind_error_write(out, &u->iq, u->condition, u->dialect);
  }
}

static void test_write(void **state) {
  (void)state;
  const stox_span absent = {NULL, 0};
  const struct {
    write_ud ud;
    const char *want;
  } rows[] = {
      {{0, S("b1"), absent, {0}, 0, 0}, "<iq id='b1' type='set'><bind " NS "/></iq>"},
      {{0, S("b1"), S("a<b"), {0}, 0, 0},
       "<iq id='b1' type='set'><bind " NS "><resource>a&lt;b</resource></bind></iq>"},
      {{1, S("s1"), absent, {0}, 0, 0},
       "<iq id='s1' type='set'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"},
      {{2, S("b1"), S("a@b/c"), {0}, 0, 0},
       "<iq id='b1' type='result'><bind " NS "><jid>a@b/c</jid></bind></iq>"},
      {{2, S("s1"), absent, {0}, 0, 0}, "<iq id='s1' type='result'/>"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_writer(write_one, &rows[i].ud, stox_span_text(rows[i].want));
  }
}

/* "XC-7-11" "XC-7-12" "XC-7-13" "XC-7-15": each error in both dialects. */
static void test_errors(void **state) {
  (void)state;
  static const struct {
    int condition;
    const char *rfc;
    const char *draft;
  } rows[] = {
      {STOX_COND_BAD_REQUEST, "<error type='modify'><bad-request " E "/></error>", NULL},
      {STOX_COND_CONFLICT, "<error type='modify'><conflict " E "/></error>",
       "<error type='cancel'><conflict " E "/></error>"},
      {STOX_COND_NOT_ALLOWED, "<error type='cancel'><not-allowed " E "/></error>", NULL},
      {STOX_COND_RESOURCE_CONSTRAINT, "<error type='wait'><resource-constraint " E "/></error>",
       "<error type='cancel'><not-allowed " E "/></error>"},
      {STOX_COND_FORBIDDEN, "<error type='auth'><forbidden " E "/></error>", NULL},
  };
  const stox_stanza iq =
      stanza_of("<iq type='set' id='b2'><bind " NS "><resource>home</resource></bind></iq>");
  for (size_t i = 0; i < COUNT(rows); i++) {
    char want[512];
    write_ud ud = {.what = 3, .iq = iq, .condition = rows[i].condition};
    (void)snprintf(want, sizeof want, "<iq id='b2' type='error'>%s</iq>", rows[i].rfc);
    check_writer(write_one, &ud, stox_span_text(want));
    ud.dialect = STOX_DIALECT_DRAFT2005;
    (void)snprintf(want, sizeof want,
                   "<iq id='b2' type='error'><bind " NS "><resource>home</resource></bind>%s</iq>",
                   rows[i].draft == NULL ? rows[i].rfc : rows[i].draft);
    check_writer(write_one, &ud, stox_span_text(want));
  }
  char room[64];
  stox_buf out;
  const stox_stanza message = stanza_of("<message/>");
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_bind_error_write(&out, &iq, 99, 0), STOX_E_ARG);
  assert_status(stox_bind_error_write(&out, &message, STOX_COND_CONFLICT, 0), STOX_E_STATE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_request, set_up),
      cmocka_unit_test_setup(test_result, set_up),
      cmocka_unit_test_setup(test_write, set_up),
      cmocka_unit_test_setup(test_errors, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
