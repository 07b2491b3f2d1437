/* SPDX-License-Identifier: MIT */
#include "tables.h"
#include "writers.h"
#include "xml_support.h"

#include "stox/dialback.h"
#include "stox/stream_error.h"

#define VECTORS STOX_TEST_VECTORS "/xmpp-core"

/* ---- keys ---- */

static int put_key(stox_buf *out, const void *ud) {
  const stox_span *parts = ud;
  return stox_dialback_key_make(out, parts[0], parts[1], parts[2], parts[3]);
}

/* secret receiving originating stream_id key. "XC-8.1-06" "XC-8.3-08" "XC-8.3-18": the vector of
 * XEP-0185, and another key as soon as any part of any input is another. */
static void test_keys(void **state) {
  (void)state;
  table t;
  assert_true(table_open(&t, VECTORS, "derived-xep0185-dialback-key.tsv"));
  assert_true(table_next(&t));
  assert_true(table_next(&t));
  const stox_span key = t.field[4];
  check_writer(put_key, t.field, key);
  assert_int_equal(key.n, STOX_DIALBACK_KEY);
  assert_status(stox_dialback_key_check(key, t.field[0], t.field[1], t.field[2], t.field[3]),
                STOX_OK);
  for (size_t field = 0; field < 5; field++) {
    for (size_t at = 0; at < t.field[field].n; at++) {
      char *octet = (char *)(uintptr_t)t.field[field].p + at;
      *octet = (char)(*octet ^ 1);
      assert_status(stox_dialback_key_check(key, t.field[0], t.field[1], t.field[2], t.field[3]),
                    STOX_E_AUTH);
      *octet = (char)(*octet ^ 1);
    }
  }
  for (size_t n = 0; n < key.n; n++) {
    const stox_span part = stox_span_slice(key, 0, n);
    assert_status(stox_dialback_key_check(part, t.field[0], t.field[1], t.field[2], t.field[3]),
                  STOX_E_AUTH);
  }
  table_free(&t);
}

static void test_keys_refused(void **state) {
  (void)state;
  static const stox_span rows[][4] = {
      {ROW(""), ROW("a"), ROW("b"), ROW("i")},    {ROW("s"), ROW(""), ROW("b"), ROW("i")},
      {ROW("s"), ROW("a"), ROW(""), ROW("i")},    {ROW("s"), ROW("a"), ROW("b"), ROW("")},
      {ROW("s"), ROW("a b"), ROW("c"), ROW("i")}, {ROW("s"), ROW("a"), ROW("b c"), ROW("i")},
  };
  char room[STOX_DIALBACK_KEY];
  stox_buf out;
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_buf_init(&out, room, sizeof room);
    assert_status(put_key(&out, rows[i]), STOX_E_ARG);
    assert_int_equal(out.len, 0);
    assert_status(stox_dialback_key_check(S("x"), rows[i][0], rows[i][1], rows[i][2], rows[i][3]),
                  STOX_E_AUTH);
  }
  static char text[1024];
  memset(text, 'a', sizeof text);
  for (size_t n = 1022; n <= 1024; n++) {
    const stox_span s = {text, n};
    const int status = n <= 1023 ? STOX_OK : STOX_E_TOO_LONG;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_dialback_key_make(&out, S("s"), s, S("b"), S("i")), status);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_dialback_key_make(&out, S("s"), S("a"), s, S("i")), status);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_dialback_key_make(&out, S("s"), S("a"), S("b"), s), status);
  }
  /* The id may hold a space, and moves nothing over the border to the domains. */
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_dialback_key_make(&out, S("s"), S("a"), S("b"), S("c d")), STOX_OK);
}

/* ---- elements ---- */

typedef struct row {
  const char *xml; /* where xmlns:db is declared and jabber:server is the default */
  int status;
  stox_dialback want;
  int is_canonical; /* written as it was read */
} row;

#define T(text)                                                                                    \
  { text, sizeof(text) - 1 }

/* "XC-8.3-07" "XC-8.3-17" "XC-8.3-21" "XC-8.3-25" "XC-11.2.3-01" "XC-11.2.3-02" "XC-11.2.3-03"
 * "XC-11.2.3-04" "XC-11.2.3-05" "XC-C.6-01" */
static const row rows[] = {
    {"<db:result from='example.org' to='example.com'>98AF014EDC0</db:result>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("example.org"), T("example.com"), T(""),
      T("98AF014EDC0"), 0, 0},
     1},
    {"<db:result to='b' from='a'>\n  98AF014EDC0\n</db:result>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("a"), T("b"), T(""), T("98AF014EDC0"), 0, 0},
     0},
    {"<result xmlns='jabber:server:dialback' from='a' to='b' id='i'>k</result>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("a"), T("b"), T(""), T("k"), 0, 0},
     0},
    {"<x:verify xmlns:x='jabber:server:dialback' from='a' to='b' id='i'>k</x:verify>",
     STOX_OK,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_REQUEST, T("a"), T("b"), T("i"), T("k"), 0, 0},
     0},
    {"<db:verify from='a' to='b' id='457F9224A0'>k</db:verify>",
     STOX_OK,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_REQUEST, T("a"), T("b"), T("457F9224A0"), T("k"), 0, 0},
     1},
    {"<db:verify from='a' to='b' id='i' type='valid'/>",
     STOX_OK,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_VALID, T("a"), T("b"), T("i"), T(""), 0, 0},
     1},
    {"<db:verify from='a' to='b' id='i' type='invalid'/>",
     STOX_OK,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_INVALID, T("a"), T("b"), T("i"), T(""), 0, 0},
     1},
    {"<db:result from='a' to='b' type='valid'/>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_VALID, T("a"), T("b"), T(""), T(""), 0, 0},
     1},
    {"<db:result from='a' to='b' type='valid'>key</db:result>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_VALID, T("a"), T("b"), T(""), T(""), 0, 0},
     0},
    {"<db:result from='a' to='b' type='invalid'/>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_INVALID, T("a"), T("b"), T(""), T(""), 0, 0},
     1},
    {"<db:result from='a' to='b' type='error'><error type='cancel'>"
     "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_ERROR, T("a"), T("b"), T(""), T(""),
      STOX_COND_ITEM_NOT_FOUND, 0},
     1},
    {"<db:verify from='a' to='b' id='i' type='error'><error type='wait'>"
     "<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>",
     STOX_OK,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_ERROR, T("a"), T("b"), T("i"), T(""),
      STOX_COND_REMOTE_SERVER_TIMEOUT, 0},
     1},
    {"<db:result from='a' to='b' type='error'><error><text "
     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>x</text><oh "
     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_ERROR, T("a"), T("b"), T(""), T(""),
      STOX_COND_UNDEFINED_CONDITION, 0},
     0},
    {"<db:result from='a' to='b' type='error'/>",
     STOX_OK,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_ERROR, T("a"), T("b"), T(""), T(""),
      STOX_COND_UNDEFINED_CONDITION, 0},
     0},
    {"<db:result from='a' to='b'> </db:result>",
     STOX_E_MISSING,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("a"), T("b"), T(""), T(""), 0, 0},
     0},
    {"<db:result to='b'>k</db:result>",
     STOX_E_MISSING,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T(""), T("b"), T(""), T("k"), 0, 0},
     0},
    {"<db:result from='a' to=''>k</db:result>",
     STOX_E_MISSING,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("a"), T(""), T(""), T("k"), 0, 0},
     0},
    {"<db:verify from='a' to='b'>k</db:verify>",
     STOX_E_MISSING,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_REQUEST, T("a"), T("b"), T(""), T("k"), 0, 0},
     0},
    {"<db:verify from='a' to='b' type='valid'/>",
     STOX_E_MISSING,
     {STOX_DIALBACK_VERIFY, STOX_DIALBACK_VALID, T("a"), T("b"), T(""), T(""), 0, 0},
     0},
    {"<db:result from='a' to='b' type='VALID'/>",
     STOX_E_UNSUPPORTED,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("a"), T("b"), T(""), T(""), 0, 0},
     0},
    {"<db:result from='a' to='b' type=''>k</db:result>",
     STOX_E_UNSUPPORTED,
     {STOX_DIALBACK_RESULT, STOX_DIALBACK_REQUEST, T("a"), T("b"), T(""), T(""), 0, 0},
     0},
    {"<db:other from='a' to='b'>k</db:other>", STOX_E_NONE, {0}, 0},
    {"<result from='a' to='b'>k</result>", STOX_E_NONE, {0}, 0},
    {"<db:result xmlns:db='jabber:server:dialback2' from='a' to='b'>k</db:result>",
     STOX_E_NONE,
     {0},
     0},
};

static int put_dialback(stox_buf *out, const void *ud) {
  return stox_dialback_write(out, ud);
}

static const stox_xml_element *server_element(stox_arena *arena, const char *xml) {
  char stream[2048];
  const int n = snprintf(stream, sizeof stream,
                         "<s xmlns='jabber:server' xmlns:db='jabber:server:dialback'>%s", xml);
  assert_true(n > 0 && (size_t)n < sizeof stream);
  return xml_child_of_stream(arena, (stox_span){stream, (size_t)n});
}

static void check_same(const stox_dialback *a, const stox_dialback *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->type, b->type);
  assert_int_equal(a->condition, b->condition);
  assert_span_equal(a->from, b->from);
  assert_span_equal(a->to, b->to);
  assert_span_equal(a->id, b->id);
  assert_span_equal(a->key, b->key);
}

static void test_elements(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const row *r = &rows[i];
    stox_arena arena;
    stox_dialback got;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_dialback_read(&got, &arena, server_element(&arena, r->xml)), r->status);
    check_same(&got, &r->want);
    if (r->is_canonical) {
      check_writer(put_dialback, &got, stox_span_text(r->xml));
    } else if (r->status == STOX_OK) {
      char text[1024];
      stox_buf out;
      stox_dialback again;
      stox_buf_init(&out, text, sizeof text - 1);
      assert_status(stox_dialback_write(&out, &got), STOX_OK);
      text[out.len] = '\0';
      assert_status(stox_dialback_read(&again, &arena, server_element(&arena, text)), STOX_OK);
      check_same(&again, &r->want);
    } else {
      stox_buf out = {NULL, 0, 0};
      got.type = r->status == STOX_E_UNSUPPORTED ? 4 : got.type;
      assert_status(stox_dialback_write(&out, &got), STOX_E_ARG);
    }
    stox_arena_clear(&arena);
  }
}

static void test_write_refused(void **state) {
  (void)state;
  const stox_dialback good = {STOX_DIALBACK_RESULT,
                              STOX_DIALBACK_ERROR,
                              T("a"),
                              T("b"),
                              T(""),
                              T(""),
                              STOX_COND_ITEM_NOT_FOUND,
                              0};
  char room[256];
  stox_buf out;
  stox_dialback bad = good;
  stox_buf_init(&out, room, sizeof room);
  bad.condition = STOX_COND_NONE;
  assert_status(stox_dialback_write(&out, &bad), STOX_E_ARG);
  bad = good;
  bad.kind = 3;
  assert_status(stox_dialback_write(&out, &bad), STOX_E_ARG);
  bad = good;
  bad.type = -1;
  assert_status(stox_dialback_write(&out, &bad), STOX_E_ARG);
  bad = good;
  bad.from = S("\x01");
  assert_status(stox_dialback_write(&out, &bad), STOX_E_CTRL);
  bad.from = S("\xFF");
  assert_status(stox_dialback_write(&out, &bad), STOX_E_BAD_UTF8);
  assert_int_equal(out.len, 0);
}

/* "XC-8.1-08" "XC-8.3-09" "XC-8.3-16": what an error is to a peer that knows stream errors alone.
 */
static void test_stream_errors(void **state) {
  (void)state;
  static const int pairs[][2] = {
      {STOX_COND_ITEM_NOT_FOUND, STOX_STREAM_HOST_UNKNOWN},
      {STOX_COND_GONE, STOX_STREAM_HOST_GONE},
      {STOX_COND_REMOTE_SERVER_NOT_FOUND, STOX_STREAM_REMOTE_CONNECTION_FAILED},
      {STOX_COND_REMOTE_SERVER_TIMEOUT, STOX_STREAM_REMOTE_CONNECTION_FAILED},
      {STOX_COND_RESOURCE_CONSTRAINT, STOX_STREAM_RESOURCE_CONSTRAINT},
      {STOX_COND_POLICY_VIOLATION, STOX_STREAM_POLICY_VIOLATION},
      {STOX_COND_NOT_ACCEPTABLE, STOX_STREAM_POLICY_VIOLATION},
      {STOX_COND_INTERNAL_SERVER_ERROR, STOX_STREAM_INTERNAL_SERVER_ERROR},
      {STOX_COND_FORBIDDEN, STOX_STREAM_NOT_AUTHORIZED},
      {STOX_COND_UNDEFINED_CONDITION, STOX_STREAM_NOT_AUTHORIZED},
  };
  for (size_t i = 0; i < COUNT(pairs); i++) {
    assert_int_equal(stox_dialback_stream_error(pairs[i][0]), pairs[i][1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys),          cmocka_unit_test(test_keys_refused),
      cmocka_unit_test(test_elements),      cmocka_unit_test(test_write_refused),
      cmocka_unit_test(test_stream_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
