/* SPDX-License-Identifier: MIT */
#include "stream_support.h"
#include "writers.h"

#include "stox/stream_error.h"

#define CLIENT S("jabber:client")

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static const stox_xml_element *element_of(const char *text) {
  return stream_child(&arena, text);
}

typedef struct name_row {
  int condition;
  const char *name; /* RFC 6120 4.9.3 */
  const char *draft;
} name_row;

/* Every condition of both documents: "XC-4.7.3-01" "XC-4.7.3-02" "XC-4.7.3-03" "XC-4.7.3-04"
 * "XC-4.7.3-05" "XC-4.7.3-06" "XC-4.7.3-07" "XC-4.7.3-08" "XC-4.7.3-09" "XC-4.7.3-10"
 * "XC-4.7.3-11" "XC-4.7.3-12" "XC-4.7.3-13" "XC-4.7.3-14" "XC-4.7.3-15" "XC-4.7.3-16"
 * "XC-4.7.3-17" "XC-4.7.3-18" "XC-4.7.3-19" "XC-4.7.3-20" "XC-4.7.3-21" "XC-4.7.3-22"
 * "XC-4.7.3-23" "XC-4.7.3-24" "XC-4.7.3-25" */
static const name_row names[] = {
    {STOX_STREAM_BAD_FORMAT, "bad-format", "bad-format"},
    {STOX_STREAM_BAD_NAMESPACE_PREFIX, "bad-namespace-prefix", "bad-namespace-prefix"},
    {STOX_STREAM_CONFLICT, "conflict", "conflict"},
    {STOX_STREAM_CONNECTION_TIMEOUT, "connection-timeout", "connection-timeout"},
    {STOX_STREAM_HOST_GONE, "host-gone", "host-gone"},
    {STOX_STREAM_HOST_UNKNOWN, "host-unknown", "host-unknown"},
    {STOX_STREAM_IMPROPER_ADDRESSING, "improper-addressing", "improper-addressing"},
    {STOX_STREAM_INTERNAL_SERVER_ERROR, "internal-server-error", "internal-server-error"},
    {STOX_STREAM_INVALID_FROM, "invalid-from", "invalid-from"},
    {STOX_STREAM_INVALID_NAMESPACE, "invalid-namespace", "invalid-namespace"},
    {STOX_STREAM_INVALID_XML, "invalid-xml", "invalid-xml"},
    {STOX_STREAM_NOT_AUTHORIZED, "not-authorized", "not-authorized"},
    {STOX_STREAM_NOT_WELL_FORMED, "not-well-formed", "xml-not-well-formed"},
    {STOX_STREAM_POLICY_VIOLATION, "policy-violation", "policy-violation"},
    {STOX_STREAM_REMOTE_CONNECTION_FAILED, "remote-connection-failed", "remote-connection-failed"},
    {STOX_STREAM_RESET, "reset", NULL},
    {STOX_STREAM_RESOURCE_CONSTRAINT, "resource-constraint", "resource-constraint"},
    {STOX_STREAM_RESTRICTED_XML, "restricted-xml", "restricted-xml"},
    {STOX_STREAM_SEE_OTHER_HOST, "see-other-host", "see-other-host"},
    {STOX_STREAM_SYSTEM_SHUTDOWN, "system-shutdown", "system-shutdown"},
    {STOX_STREAM_UNDEFINED_CONDITION, "undefined-condition", "undefined-condition"},
    {STOX_STREAM_UNSUPPORTED_ENCODING, "unsupported-encoding", "unsupported-encoding"},
    {STOX_STREAM_UNSUPPORTED_FEATURE, "unsupported-feature", NULL},
    {STOX_STREAM_UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type", "unsupported-stanza-type"},
    {STOX_STREAM_UNSUPPORTED_VERSION, "unsupported-version", "unsupported-version"},
    {STOX_STREAM_INVALID_ID, NULL, "invalid-id"},
};

/* Written in each dialect that has it, and read back. */
static void round_trip(const name_row *row, int dialect, const char *name) {
  char room[512];
  stox_buf out;
  stox_stream_error read;
  stox_stream_error error = {.condition = row->condition, .is_bare = 1};
  error.address =
      row->condition == STOX_STREAM_SEE_OTHER_HOST ? S("other.example:5222") : error.text;
  stox_buf_init(&out, room, sizeof room - 1);
  const int status = stox_stream_error_write(&out, &error, dialect, CLIENT);
  assert_status(status, name == NULL ? STOX_E_ARG : STOX_OK);
  if (name == NULL) {
    assert_int_equal(out.len, 0);
    return;
  }
  room[out.len] = '\0';
  const stox_xml_element *element = element_of(room);
  assert_non_null(stox_xml_child(element, "urn:ietf:params:xml:ns:xmpp-streams", name, NULL));
  assert_status(stox_stream_error_read(&read, &arena, element, (stox_span){NULL, 0}), STOX_OK);
  assert_int_equal(read.condition, row->condition);
  assert_int_equal(read.is_bare, 0);
  assert_span_equal(read.address, error.address);
}

static void test_names(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(names); i++) {
    const name_row *row = &names[i];
    const char *name = stox_stream_condition_name(row->condition, STOX_DIALECT_RFC);
    const char *draft = stox_stream_condition_name(row->condition, STOX_DIALECT_DRAFT2005);
    assert_int_equal(row->condition, (int)i + 1);
    assert_span_equal(stox_span_text(name), stox_span_text(row->name));
    assert_span_equal(stox_span_text(draft), stox_span_text(row->draft));
    assert_non_null(stox_stream_condition_text(row->condition));
    if (row->name != NULL) {
      assert_int_equal(stox_stream_condition_of(stox_span_text(row->name)), row->condition);
    }
    if (row->draft != NULL) {
      assert_int_equal(stox_stream_condition_of(stox_span_text(row->draft)), row->condition);
    }
    round_trip(row, STOX_DIALECT_RFC, row->name);
    round_trip(row, STOX_DIALECT_DRAFT2005, row->draft);
  }
  assert_null(stox_stream_condition_name(0, 0));
  assert_null(stox_stream_condition_name((int)COUNT(names) + 1, 0));
  assert_null(stox_stream_condition_text(-1));
  assert_int_equal(stox_stream_condition_of(S("text")), STOX_STREAM_NONE);
}

typedef struct shape_row {
  const char *children;
  int condition;
  int is_bare;
  const char *text;
  const char *lang;
  const char *application;
} shape_row;

#define NS "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"

/* "XC-4.7.2-01" "XC-4.7.2-02" "XC-4.7.2-03" "XC-4.7.2-04" "XC-4.7.2-05" "XC-4.7.2-08"
 * "XC-4.7.2-09". Bare text, as before XMPP 1.0: "XC-D-05". */
static void test_shapes(void **state) {
  (void)state;
  static const shape_row rows[] = {
      {"<reset " NS "/>", STOX_STREAM_RESET, 0, NULL, NULL, NULL},
      {"<reset " NS "/><text " NS " xml:lang='de'> so </text>", STOX_STREAM_RESET, 0, "so", "de",
       NULL},
      {"<reset " NS "/><text " NS ">so</text>", STOX_STREAM_RESET, 0, "so", "en", NULL},
      {"<text " NS "/><reset " NS "/>", STOX_STREAM_RESET, 0, NULL, NULL, NULL},
      {"<reset " NS "/><text " NS ">so</text><a xmlns='u'/>", STOX_STREAM_RESET, 0, "so", "en",
       "a"},
      {"<reset " NS "/><conflict " NS "/>", STOX_STREAM_RESET, 0, NULL, NULL, NULL},
      {"<a xmlns='u'/><b xmlns='u'/>", STOX_STREAM_UNDEFINED_CONDITION, 1, NULL, NULL, "a"},
      {"<new " NS "/>", STOX_STREAM_UNDEFINED_CONDITION, 1, NULL, NULL, NULL},
      {"<reset xmlns='u'/>", STOX_STREAM_UNDEFINED_CONDITION, 1, NULL, NULL, "reset"},
      {"", STOX_STREAM_UNDEFINED_CONDITION, 1, NULL, NULL, NULL},
      {"conflict", STOX_STREAM_UNDEFINED_CONDITION, 1, "conflict", "en", NULL},
      {" Disconnected ", STOX_STREAM_UNDEFINED_CONDITION, 1, "Disconnected", "en", NULL},
      {" ", STOX_STREAM_UNDEFINED_CONDITION, 1, NULL, NULL, NULL},
      {"conflict<reset " NS "/>", STOX_STREAM_RESET, 0, NULL, NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    stox_stream_error error;
    (void)snprintf(text, sizeof text, "<stream:error>%s</stream:error>", rows[i].children);
    assert_status(stox_stream_error_read(&error, &arena, element_of(text), S("en")), STOX_OK);
    assert_int_equal(error.condition, rows[i].condition);
    assert_int_equal(error.is_bare, rows[i].is_bare);
    assert_span_equal(error.text, stox_span_text(rows[i].text));
    assert_span_equal(error.lang, stox_span_text(rows[i].lang));
    const stox_span application =
        error.application == NULL ? (stox_span){NULL, 0} : stox_xml_name(error.application);
    assert_span_equal(application, stox_span_text(rows[i].application));
  }
  stox_stream_error error;
  assert_status(stox_stream_error_read(&error, &arena, element_of("<error/>"), S("en")),
                STOX_E_NONE);
  assert_status(stox_stream_error_read(&error, &arena, NULL, S("en")), STOX_E_NONE);
}

/* What the text says changes nothing: "XC-4.7.2-06" "XC-4.7.2-07". */
static void test_text_is_not_understood(void **state) {
  (void)state;
  stox_stream_error error;
  const stox_xml_element *element =
      element_of("<stream:error><reset " NS "/><text " NS ">conflict</text></stream:error>");
  assert_status(stox_stream_error_read(&error, &arena, element, S("en")), STOX_OK);
  assert_int_equal(error.condition, STOX_STREAM_RESET);
  assert_string_equal(stox_stream_condition_text(error.condition),
                      "The stream must be set up anew");
}

/* The draft's own example: "XC-4.7.4-01" "XC-4.7-01". */
static void test_example(void **state) {
  (void)state;
  char text[1024];
  stox_stream_error error;
  (void)stream_file(text, sizeof text, "4.7.4-app-specific-stream-error.xml");
  assert_status(stox_stream_error_read(&error, &arena, element_of(text), (stox_span){NULL, 0}),
                STOX_OK);
  assert_int_equal(error.condition, STOX_STREAM_NOT_WELL_FORMED);
  assert_span_equal(error.text, S("Some special application diagnostic information!"));
  assert_span_equal(error.lang, S("en"));
  assert_true(stox_xml_is(error.application, "application-ns", "escape-your-data"));
}

typedef struct write_ud {
  stox_stream_error error;
  int dialect;
} write_ud;

static int write_error(stox_buf *out, const void *ud) {
  const write_ud *u = ud;
  return stox_stream_error_write(out, &u->error, u->dialect, CLIENT);
}

static void test_write(void **state) {
  (void)state;
  write_ud ud = {.error = {.condition = STOX_STREAM_NOT_WELL_FORMED}};
  check_writer(write_error, &ud, S("<stream:error><not-well-formed " NS "/></stream:error>"));
  ud.dialect = STOX_DIALECT_DRAFT2005;
  check_writer(write_error, &ud, S("<stream:error><xml-not-well-formed " NS "/></stream:error>"));
  ud = (write_ud){.error = {.condition = STOX_STREAM_SEE_OTHER_HOST,
                            .address = S("[2001:db8::1]:5222"),
                            .text = S("a<b"),
                            .application = element_of("<a xmlns='u'>&lt;</a>")}};
  check_writer(write_error, &ud,
               S("<stream:error><see-other-host " NS ">[2001:db8::1]:5222</see-other-host><text " NS
                 " xml:lang='en'>a&lt;b</text><a xmlns='u'>&lt;</a></stream:error>"));
  ud = (write_ud){.error = {.condition = STOX_STREAM_UNDEFINED_CONDITION, .is_bare = 1}};
  check_writer(write_error, &ud, S("<stream:error><undefined-condition " NS "/></stream:error>"));
}

static void test_write_refused(void **state) {
  (void)state;
  const stox_xml_element *wrong = element_of("<conflict " NS "/>");
  const struct {
    stox_stream_error error;
    int status;
  } rows[] = {
      {{.condition = STOX_STREAM_NONE}, STOX_E_ARG},
      {{.condition = 99}, STOX_E_ARG},
      {{.condition = STOX_STREAM_INVALID_ID}, STOX_E_ARG},
      {{.condition = STOX_STREAM_UNDEFINED_CONDITION}, STOX_E_ARG},
      {{.condition = STOX_STREAM_SEE_OTHER_HOST}, STOX_E_ARG},
      {{.condition = STOX_STREAM_SEE_OTHER_HOST, .address = S("a b")}, STOX_E_ARG},
      {{.condition = STOX_STREAM_RESET, .application = wrong}, STOX_E_ARG},
      {{.condition = STOX_STREAM_RESET, .text = S("\xff")}, STOX_E_BAD_UTF8},
      {{.condition = STOX_STREAM_RESET, .text = S("\1")}, STOX_E_CTRL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[256];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_stream_error_write(&out, &rows[i].error, STOX_DIALECT_RFC, CLIENT),
                  rows[i].status);
    assert_int_equal(out.len, 0);
  }
}

/* "XC-4.7.3-18" */
static void test_other_host(void **state) {
  (void)state;
  static const struct {
    const char *address;
    int status;
    const char *host;
    uint32_t port;
  } rows[] = {
      {"other.example", STOX_OK, "other.example", 0},
      {" other.example:9222 ", STOX_OK, "other.example", 9222},
      {"192.0.2.1:5222", STOX_OK, "192.0.2.1", 5222},
      {"[2001:41d0:1:a49b::1]:9222", STOX_OK, "2001:41d0:1:a49b::1", 9222},
      {"[::1]", STOX_OK, "::1", 0},
      {"::1", STOX_OK, "::1", 0},
      {"2001:db8::1", STOX_OK, "2001:db8::1", 0},
      {"b\xc3\xbc"
       "cher.example",
       STOX_OK,
       "b\xc3\xbc"
       "cher.example",
       0},
      {"", STOX_E_BAD_HOST, NULL, 0},
      {":1", STOX_E_BAD_HOST, NULL, 0},
      {"[::1", STOX_E_BAD_HOST, NULL, 0},
      {"[]", STOX_E_BAD_HOST, NULL, 0},
      {"a b", STOX_E_BAD_HOST, NULL, 0},
      {"1:2:3", STOX_E_BAD_HOST, NULL, 0},
      {"other.example:", STOX_E_BAD_PORT, NULL, 0},
      {"other.example:0", STOX_E_BAD_PORT, NULL, 0},
      {"other.example:65536", STOX_E_BAD_PORT, NULL, 0},
      {"other.example:x", STOX_E_BAD_PORT, NULL, 0},
      {"[::1]5222", STOX_E_BAD_PORT, NULL, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(stox_span_text(rows[i].address));
    stox_span host = {NULL, 0};
    uint32_t port = 1;
    assert_status(stox_stream_other_host(&host, &port, g.span), rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_span_equal(host, stox_span_text(rows[i].host));
      assert_int_equal(port, rows[i].port);
    }
    guard_free(&g);
  }
}

/* What each refusal of the reader is answered with. */
static void test_status(void **state) {
  (void)state;
  static const struct {
    const char *octets;
    size_t n;
    int condition;
  } rows[] = {
#define STREAM                                                                                     \
  "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
#define ROWS(text) text, sizeof(text) - 1
      {ROWS(STREAM "<a></b>"), STOX_STREAM_NOT_WELL_FORMED},
      {ROWS(STREAM "<f:a/>"), STOX_STREAM_NOT_WELL_FORMED},
      {ROWS(STREAM "<a>\xff</a>"), STOX_STREAM_NOT_WELL_FORMED},
      {ROWS(STREAM "<!-- x -->"), STOX_STREAM_RESTRICTED_XML},
      {ROWS(STREAM "<?p i?>"), STOX_STREAM_RESTRICTED_XML},
      {ROWS(STREAM "<a>&e;</a>"), STOX_STREAM_RESTRICTED_XML},
      {ROWS("<!DOCTYPE a>" STREAM), STOX_STREAM_RESTRICTED_XML},
      {ROWS("\xff\xfe<\0"), STOX_STREAM_UNSUPPORTED_ENCODING},
      {ROWS("<?xml version='1.0' encoding='latin1'?>" STREAM), STOX_STREAM_UNSUPPORTED_ENCODING},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    xml_run run = {.n = 0};
    xml_run_stream(&run, (stox_span){rows[i].octets, rows[i].n}, 0, NULL);
    assert_int_equal(stox_stream_condition_for(run.status), rows[i].condition);
  }
  assert_int_equal(stox_stream_condition_for(STOX_OK), STOX_STREAM_NONE);
  assert_int_equal(stox_stream_condition_for(STOX_E_MORE), STOX_STREAM_NONE);
  assert_int_equal(stox_stream_condition_for(STOX_E_TOO_LONG), STOX_STREAM_POLICY_VIOLATION);
  assert_int_equal(stox_stream_condition_for(STOX_E_TOO_DEEP), STOX_STREAM_POLICY_VIOLATION);
  assert_int_equal(stox_stream_condition_for(STOX_E_TOO_MANY), STOX_STREAM_POLICY_VIOLATION);
  assert_int_equal(stox_stream_condition_for(STOX_E_NOMEM), STOX_STREAM_INTERNAL_SERVER_ERROR);
  assert_int_equal(stox_stream_condition_for(STOX_E_NOMAP), STOX_STREAM_UNDEFINED_CONDITION);
}

/* Text that must be joined, with no room for it. */
static void test_memory(void **state) {
  (void)state;
  char few[8];
  stox_arena small;
  stox_stream_error error;
  stox_arena_init(&small, few, sizeof few, 0, NULL);
  const stox_xml_element *element = element_of("<stream:error><reset " NS "/><text " NS
                                               ">long text<a/>and more</text></stream:error>");
  assert_status(stox_stream_error_read(&error, &small, element, S("en")), STOX_E_NOMEM);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_names, set_up),
      cmocka_unit_test_setup(test_shapes, set_up),
      cmocka_unit_test_setup(test_text_is_not_understood, set_up),
      cmocka_unit_test_setup(test_example, set_up),
      cmocka_unit_test_setup(test_write, set_up),
      cmocka_unit_test_setup(test_write_refused, set_up),
      cmocka_unit_test_setup(test_other_host, set_up),
      cmocka_unit_test_setup(test_status, set_up),
      cmocka_unit_test_setup(test_memory, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
