/* SPDX-License-Identifier: MIT */
#include "stream_support.h"
#include "tables.h"
#include "writers.h"

#include "stox/stream_error.h"
#include "stox/stream_header.h"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

/* "XC-4.4.1-01" "XC-4.4.1-02" "XC-4.4.1-03" */
static void test_version(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int status;
    uint32_t major;
    uint32_t minor;
    const char *written;
  } rows[] = {
      {"1.0", STOX_OK, 1, 0, "1.0"},
      {"6.01", STOX_OK, 6, 1, "6.1"},
      {"001.000", STOX_OK, 1, 0, "1.0"},
      {"12.3", STOX_OK, 12, 3, "12.3"},
      {"4294967295.4294967295", STOX_OK, UINT32_MAX, UINT32_MAX, "4294967295.4294967295"},
      {"4294967296.0", STOX_E_BAD_VERSION, 0, 0, NULL},
      {"1", STOX_E_BAD_VERSION, 0, 0, NULL},
      {"1.", STOX_E_BAD_VERSION, 0, 0, NULL},
      {".1", STOX_E_BAD_VERSION, 0, 0, NULL},
      {"1.0.0", STOX_E_BAD_VERSION, 0, 0, NULL},
      {"-1.0", STOX_E_BAD_VERSION, 0, 0, NULL},
      {" 1.0", STOX_E_BAD_VERSION, 0, 0, NULL},
      {"abc", STOX_E_BAD_VERSION, 0, 0, NULL},
      {"", STOX_E_BAD_VERSION, 0, 0, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_stream_version version = {7, 7};
    guard g = guard_copy(stox_span_text(rows[i].text));
    assert_status(stox_stream_version_parse(&version, g.span), rows[i].status);
    guard_free(&g);
    if (rows[i].status != STOX_OK) {
      assert_int_equal(version.major, 7);
      continue;
    }
    char room[32];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_int_equal(version.major, rows[i].major);
    assert_int_equal(version.minor, rows[i].minor);
    assert_status(stox_stream_version_write(&out, version), STOX_OK);
    assert_span_equal(stox_buf_span(&out), stox_span_text(rows[i].written));
  }
  /* "XC-4.4.1-09": absent is 0.9 (RFC 6120 4.7.5; the draft says 0.0, which nobody can tell apart)
   */
  stox_stream_version version;
  assert_status(stox_stream_version_parse(&version, (stox_span){NULL, 0}), STOX_OK);
  assert_int_equal(version.major, 0);
  assert_int_equal(version.minor, 9);
}

static stox_stream_version version_of(const char *text) {
  stox_stream_version version = {0, 0};
  assert_status(stox_stream_version_parse(&version, stox_span_text(text)), STOX_OK);
  return version;
}

/* "XC-4.4.1-02" */
static void test_version_compare(void **state) {
  (void)state;
  table t;
  size_t rows = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "4.4.1-version-compare.tsv"));
  while (table_next(&t)) {
    stox_stream_version a;
    stox_stream_version b;
    if (t.fields < 3 || stox_stream_version_parse(&a, t.field[0]) != STOX_OK) {
      continue; /* the line of names, and "(absent)" */
    }
    assert_status(stox_stream_version_parse(&b, t.field[1]), STOX_OK);
    const int want = stox_span_is_equal(t.field[2], S("0")) ? 0 : t.field[2].p[0] == '-' ? -1 : 1;
    assert_int_equal(stox_stream_version_compare(a, b), want);
    assert_int_equal(stox_stream_version_compare(b, a), -want);
    rows++;
  }
  assert_int_equal(rows, 5);
  table_free(&t);
}

/* "XC-4.4.1-04" "XC-4.4.1-07" */
static void test_version_answer(void **state) {
  (void)state;
  static const char *const rows[][2] = {
      {"1.0", "1.0"}, {"1.10", "1.0"}, {"2.0", "1.0"}, {"0.9", "0.9"}, {"0.0", "0.0"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_stream_version answer = stox_stream_version_answer(version_of(rows[i][0]));
    assert_int_equal(stox_stream_version_compare(answer, version_of(rows[i][1])), 0);
  }
}

typedef struct read_row {
  const char *text;
  stox_stream_header_rules rules;
  int status;
  int condition;
} read_row;

#define INITIAL(kind)                                                                              \
  { kind, 0, STOX_DIALECT_RFC, 0 }
#define RESPONSE(kind)                                                                             \
  { kind, 1, STOX_DIALECT_RFC, 0 }
#define DRAFT(kind)                                                                                \
  { kind, 0, STOX_DIALECT_DRAFT2005, 0 }
#define CLIENT "<stream:stream xmlns='jabber:client' " STREAMS " "
#define SERVER "<stream:stream xmlns='jabber:server' " STREAMS " "

/* "XC-4.5-01" "XC-4.7.3-01" "XC-4.7.3-02" "XC-4.7.3-11" "XC-8.3-04" */
static const read_row refusals[] = {
    {CLIENT "to='a.example' version='1.0'>", INITIAL(STOX_STREAM_CLIENT), STOX_OK, 0},
    {CLIENT "to='a.example'>", INITIAL(STOX_STREAM_SERVER), STOX_E_BAD_NAMESPACE,
     STOX_STREAM_INVALID_NAMESPACE},
    {SERVER "to='a.example'>", INITIAL(STOX_STREAM_SERVER), STOX_OK, 0},
    {SERVER "to='a.example'>", INITIAL(STOX_STREAM_COMPONENT), STOX_E_BAD_NAMESPACE,
     STOX_STREAM_INVALID_NAMESPACE},
    {"<stream:stream xmlns='jabber:client' xmlns:stream='http://wrong.example/'>",
     INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_NAMESPACE, STOX_STREAM_INVALID_NAMESPACE},
    {"<stream:stream " STREAMS ">", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_NAMESPACE,
     STOX_STREAM_INVALID_NAMESPACE},
    {"<stream:stream xmlns='' " STREAMS ">", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_NAMESPACE,
     STOX_STREAM_INVALID_NAMESPACE},
    {"<message xmlns='jabber:client'>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_NAMESPACE,
     STOX_STREAM_INVALID_NAMESPACE},
    {"<stream>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_NAMESPACE, STOX_STREAM_INVALID_NAMESPACE},
    {"<stream:features xmlns='jabber:client' " STREAMS ">", INITIAL(STOX_STREAM_CLIENT),
     STOX_E_BAD_XML, STOX_STREAM_BAD_FORMAT},
    {"<foo:stream xmlns='jabber:client' xmlns:foo='http://etherx.jabber.org/streams'>",
     INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_NAMESPACE, STOX_STREAM_BAD_NAMESPACE_PREFIX},
    {"<foo:stream xmlns='jabber:client' xmlns:foo='http://etherx.jabber.org/streams'>",
     {STOX_STREAM_CLIENT, 0, STOX_DIALECT_RFC, 1},
     STOX_OK,
     0},
    {"<stream xmlns='http://etherx.jabber.org/streams' to='a.example'>",
     INITIAL(STOX_STREAM_CLIENT), STOX_OK, 0},
    {SERVER "xmlns:db='jabber:server:dialback'>", INITIAL(STOX_STREAM_SERVER), STOX_OK, 0},
    {SERVER "xmlns:db='jabber:server:dialback2'>", INITIAL(STOX_STREAM_SERVER),
     STOX_E_BAD_NAMESPACE, STOX_STREAM_INVALID_NAMESPACE},
    {SERVER "xmlns:db='jabber:server:dialback2'>", RESPONSE(STOX_STREAM_SERVER),
     STOX_E_BAD_NAMESPACE, STOX_STREAM_INVALID_NAMESPACE},
    {CLIENT "version='1'>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_VERSION,
     STOX_STREAM_BAD_FORMAT},
    {CLIENT "version=''>", RESPONSE(STOX_STREAM_CLIENT), STOX_E_BAD_VERSION,
     STOX_STREAM_BAD_FORMAT},
    {CLIENT "version='2.0'>", INITIAL(STOX_STREAM_CLIENT), STOX_OK, 0},
    {CLIENT "to='a@b'>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_DOMAIN, STOX_STREAM_HOST_UNKNOWN},
    {CLIENT "to='b/c'>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_DOMAIN, STOX_STREAM_HOST_UNKNOWN},
    {CLIENT "to=''>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_DOMAIN, STOX_STREAM_HOST_UNKNOWN},
    {CLIENT "to='a b'>", RESPONSE(STOX_STREAM_CLIENT), STOX_OK, 0},
    {CLIENT "from='a@b'>", INITIAL(STOX_STREAM_CLIENT), STOX_OK, 0},
    {CLIENT "from='@b'>", INITIAL(STOX_STREAM_CLIENT), STOX_E_BAD_JID, STOX_STREAM_INVALID_FROM},
    {CLIENT "from='@b'>", DRAFT(STOX_STREAM_CLIENT), STOX_OK, 0},
    {SERVER "from='a@b'>", INITIAL(STOX_STREAM_SERVER), STOX_E_BAD_JID, STOX_STREAM_INVALID_FROM},
    {SERVER "from='a@b'>", RESPONSE(STOX_STREAM_SERVER), STOX_OK, 0},
};

static void test_refusals(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refusals); i++) {
    const read_row *row = &refusals[i];
    stox_stream_header header;
    int condition = -1;
    const stox_xml_element *root = stream_root(&arena, stox_span_text(row->text));
    const int status = stox_stream_header_read(&header, &arena, root, &row->rules, &condition);
    if (status != row->status || condition != row->condition) {
      fail_msg("%s: %s, condition %d", row->text, stox_status_name(status), condition);
    }
    stox_arena_reset(&arena);
  }
}

typedef struct value_row {
  const char *attributes;
  int is_response;
  const char *to;
  const char *from;
  const char *id;
  const char *lang;
} value_row;

/* What each attribute is worth in each direction: "XC-4.4-01" "XC-4.4-02" "XC-4.4-03" "XC-4.4-04"
 * "XC-4.4-06" "XC-4.4-12" "XC-4.4-14" "XC-4.4-15" "XC-4.4-16" "XC-4.4-17" */
static void test_values(void **state) {
  (void)state;
  static const value_row rows[] = {
      {"to='A.Example' from='Me@A.example/r' id='x' xml:lang='en-US'", 0, "a.example",
       "me@a.example", NULL, "en-US"},
      {"to='Me@a.example/r' from='A.example' id='x' xml:lang='de'", 1, "me@a.example", "a.example",
       "x", "de"},
      {"id='' xml:lang='en us'", 1, NULL, NULL, NULL, NULL},
      {"from='me@a.example' to='@' xml:lang=''", 1, NULL, NULL, NULL, NULL},
      {"", 0, NULL, NULL, NULL, NULL},
      {"to='b\xc3\x9c"
       "cher.example.'",
       0,
       "b\xc3\xbc"
       "cher.example",
       NULL, NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    stox_stream_header header;
    int condition = -1;
    const stox_stream_header_rules rules = {STOX_STREAM_CLIENT, rows[i].is_response, 0, 0};
    const int n = snprintf(text, sizeof text, CLIENT "%s>", rows[i].attributes);
    const stox_xml_element *root = stream_root(&arena, (stox_span){text, (size_t)n});
    assert_status(stox_stream_header_read(&header, &arena, root, &rules, &condition), STOX_OK);
    assert_int_equal(condition, STOX_STREAM_NONE);
    assert_span_equal(header.to, stox_span_text(rows[i].to));
    assert_span_equal(header.from, stox_span_text(rows[i].from));
    assert_span_equal(header.id, stox_span_text(rows[i].id));
    assert_span_equal(header.lang, stox_span_text(rows[i].lang));
    assert_int_equal(header.is_response, rows[i].is_response);
    assert_span_equal(header.content_ns, S("jabber:client"));
  }
}

/* Where memory ends, the error says so. */
static void test_memory(void **state) {
  (void)state;
  const stox_xml_element *root =
      stream_root(&arena, S(CLIENT "to='a.example' from='Me@a.example'>"));
  const stox_stream_header_rules rules = INITIAL(STOX_STREAM_CLIENT);
  for (size_t cap = 0;; cap++) {
    char few[64];
    stox_arena small;
    stox_stream_header header;
    int condition = -1;
    assert_true(cap < sizeof few);
    stox_arena_init(&small, few, cap, 0, NULL);
    const int status = stox_stream_header_read(&header, &small, root, &rules, &condition);
    if (status == STOX_OK) {
      assert_true(cap > 20);
      break;
    }
    assert_status(status, STOX_E_NOMEM);
    assert_int_equal(condition, STOX_STREAM_INTERNAL_SERVER_ERROR);
  }
}

static int write_header(stox_buf *out, const void *ud) {
  return stox_stream_header_write(out, ud);
}

/* "XC-4.1-06" "XC-4.4-07" "XC-4.4-18" "XC-4.4.1-06" */
static void test_write(void **state) {
  (void)state;
  stox_stream_header header = {.kind = STOX_STREAM_CLIENT,
                               .has_version = 1,
                               .version = {1, 0},
                               .to = S("a.example"),
                               .lang = S("en")};
  check_writer(write_header, &header,
               S("<?xml version='1.0'?><stream:stream xmlns='jabber:client' " STREAMS
                 " to='a.example' version='1.0' xml:lang='en'>"));
  header = (stox_stream_header){.kind = STOX_STREAM_SERVER,
                                .is_response = 1,
                                .has_dialback = 1,
                                .from = S(""),
                                .to = S("b.example"),
                                .id = S("<1>")};
  check_writer(write_header, &header,
               S("<?xml version='1.0'?><stream:stream xmlns='jabber:server' " STREAMS
                 " xmlns:db='jabber:server:dialback' from='' to='b.example' id='&lt;1&gt;'>"));
}

static void test_write_refused(void **state) {
  (void)state;
  const struct {
    stox_stream_header header;
    int status;
  } rows[] = {
      {{.kind = 0}, STOX_E_ARG},
      {{.kind = 4}, STOX_E_ARG},
      {{.kind = STOX_STREAM_CLIENT, .id = S("1")}, STOX_E_ARG},
      {{.kind = STOX_STREAM_CLIENT, .lang = S("e n")}, STOX_E_ARG},
      {{.kind = STOX_STREAM_CLIENT, .to = S("\xff")}, STOX_E_BAD_UTF8},
      {{.kind = STOX_STREAM_CLIENT, .from = S("\1")}, STOX_E_CTRL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[512];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_stream_header_write(&out, &rows[i].header), rows[i].status);
    assert_int_equal(out.len, 0);
  }
}

typedef struct example {
  const char *file;
  int kind;
  int is_response;
  const char *to;
  const char *from;
  const char *id;
  const char *version; /* NULL: absent */
} example;

/* The headers of the draft's examples, and each written again from what was read: "XC-5.3-01"
 * "XC-5.3-02" "XC-5.3-07" "XC-5.3-08" "XC-5.4-01" "XC-5.4-02" "XC-5.4-07" "XC-5.4-08" "XC-8.3-02"
 * "XC-8.3-03" "XC-8.3-12" "XC-8.3-14" */
static const example examples[] = {
    {"4.8-basic-session.client.xml", STOX_STREAM_CLIENT, 0, "example.com", NULL, NULL, "1.0"},
    {"4.8-basic-session.server.xml", STOX_STREAM_CLIENT, 1, NULL, "example.com", "someid", "1.0"},
    {"4.8-gone-bad.client.xml", STOX_STREAM_CLIENT, 0, "example.com", NULL, NULL, "1.0"},
    {"4.8-gone-bad.server.xml", STOX_STREAM_CLIENT, 1, NULL, "example.com", "someid", "1.0"},
    {"5.3-step01-client-header.xml", STOX_STREAM_CLIENT, 0, "example.com", NULL, NULL, "1.0"},
    {"5.3-step02-server-header.xml", STOX_STREAM_CLIENT, 1, NULL, "example.com", "c2s_123", "1.0"},
    {"5.3-step07-client-new-header.xml", STOX_STREAM_CLIENT, 0, "example.com", NULL, NULL, "1.0"},
    {"5.3-step08-server-header-and-features.xml", STOX_STREAM_CLIENT, 1, NULL, "example.com",
     "c2s_234", "1.0"},
    {"5.4-step01-server1-header.xml", STOX_STREAM_SERVER, 0, "example.com", NULL, NULL, "1.0"},
    {"5.4-step02-server2-header.xml", STOX_STREAM_SERVER, 1, NULL, "example.com", "s2s_123", "1.0"},
    {"5.4-step07-server1-new-header.xml", STOX_STREAM_SERVER, 0, "example.com", NULL, NULL, "1.0"},
    {"5.4-step08-server2-header-and-features.xml", STOX_STREAM_SERVER, 1, NULL, "example.com",
     "s2s_234", "1.0"},
    {"7-server-advertises-bind.xml", STOX_STREAM_CLIENT, 1, NULL, "example.com", "c2s_345", "1.0"},
    {"8.3-step02-originating-header.xml", STOX_STREAM_SERVER, 0, NULL, NULL, NULL, NULL},
    {"8.3-step03-receiving-header.xml", STOX_STREAM_SERVER, 1, NULL, NULL, "457F9224A0...", NULL},
    {"8.3-step06-receiving-header-to-authoritative.xml", STOX_STREAM_SERVER, 0, NULL, NULL, NULL,
     NULL},
    {"8.3-step07-authoritative-header.xml", STOX_STREAM_SERVER, 1, NULL, NULL, "1251A342B...",
     NULL},
};

static void read_example(stox_stream_header *header, const example *e, stox_span text) {
  const stox_stream_header_rules rules = {e->kind, e->is_response, STOX_DIALECT_DRAFT2005, 0};
  int condition = -1;
  const stox_xml_element *root = stream_root(&arena, text);
  assert_status(stox_stream_header_read(header, &arena, root, &rules, &condition), STOX_OK);
  assert_int_equal(condition, STOX_STREAM_NONE);
  assert_span_equal(header->to, stox_span_text(e->to));
  assert_span_equal(header->from, stox_span_text(e->from));
  assert_span_equal(header->id, stox_span_text(e->id));
  assert_int_equal(header->has_version, e->version != NULL);
  assert_int_equal(header->version.major, e->version != NULL);
  assert_int_equal(header->has_dialback, e->version == NULL);
}

static void test_examples(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(examples); i++) {
    char room[4096];
    char again[1024];
    stox_buf out;
    stox_stream_header header;
    read_example(&header, &examples[i], stream_file(room, sizeof room, examples[i].file));
    stox_buf_init(&out, again, sizeof again);
    assert_status(stox_stream_header_write(&out, &header), STOX_OK);
    read_example(&header, &examples[i], stox_buf_span(&out));
    stox_arena_reset(&arena);
  }
}

/* "XC-4.7.1-03" "XC-4.7.3-05" "XC-4.7.3-06" */
static void test_hosts(void **state) {
  (void)state;
  const stox_span served[] = {S("a.example"), S("b.example")};
  const stox_span gone[] = {S("old.example")};
  const struct {
    stox_span to;
    int condition;
  } rows[] = {
      {S("a.example"), STOX_STREAM_NONE},        {S("b.example"), STOX_STREAM_NONE},
      {S("old.example"), STOX_STREAM_HOST_GONE}, {S("c.example"), STOX_STREAM_HOST_UNKNOWN},
      {S(""), STOX_STREAM_HOST_UNKNOWN},         {{NULL, 0}, STOX_STREAM_HOST_UNKNOWN},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_stream_host_condition(rows[i].to, served, 2, gone, 1), rows[i].condition);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_version, set_up),
      cmocka_unit_test_setup(test_version_compare, set_up),
      cmocka_unit_test_setup(test_version_answer, set_up),
      cmocka_unit_test_setup(test_refusals, set_up),
      cmocka_unit_test_setup(test_values, set_up),
      cmocka_unit_test_setup(test_memory, set_up),
      cmocka_unit_test_setup(test_write, set_up),
      cmocka_unit_test_setup(test_write_refused, set_up),
      cmocka_unit_test_setup(test_examples, set_up),
      cmocka_unit_test_setup(test_hosts, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
