/* SPDX-License-Identifier: MIT */
#include "stream_support.h"
#include "writers.h"

#include "stox/stream_features.h"

#define CLIENT S("jabber:client")
#define TLS    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define TLS_R  "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
#define SASL   "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
#define BIND   "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
#define CAPS   "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='u' ver='v'/>"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static stox_stream_features read_features(const char *children) {
  char text[2048];
  stox_stream_features features;
  (void)snprintf(text, sizeof text, "<stream:features>%s</stream:features>", children);
  assert_status(stox_stream_features_read(&features, stream_child(&arena, text)), STOX_OK);
  return features;
}

typedef struct read_row {
  const char *children;
  uint32_t offered;
  uint32_t n_others;
  const char *required;
} read_row;

/* "XC-4.6-02" "XC-4.6-03" */
static const read_row rows[] = {
    {"", 0, 0, NULL},
    {TLS, STOX_FEATURE_STARTTLS, 0, NULL},
    {TLS_R, STOX_FEATURE_STARTTLS | STOX_FEATURE_STARTTLS_REQUIRED, 0, NULL},
    {TLS TLS_R, STOX_FEATURE_STARTTLS, 0, NULL},
    {SASL "</mechanisms>", STOX_FEATURE_MECHANISMS, 0, NULL},
    {BIND, STOX_FEATURE_BIND, 0, NULL},
    {BIND "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
     STOX_FEATURE_BIND | STOX_FEATURE_SESSION, 0, NULL},
    {"<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>",
     STOX_FEATURE_SESSION | STOX_FEATURE_SESSION_OPTIONAL, 0, NULL},
    {"<dialback xmlns='urn:xmpp:features:dialback'/>", STOX_FEATURE_DIALBACK, 0, NULL},
    {"<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>",
     STOX_FEATURE_DIALBACK | STOX_FEATURE_DIALBACK_ERRORS, 0, NULL},
    {CAPS, STOX_FEATURE_CAPS, 0, NULL},
    {"<x xmlns='urn:x'/>" TLS "<y xmlns='urn:x'><required/></y>", STOX_FEATURE_STARTTLS, 2, "y"},
    {"<x xmlns='urn:x'><required xmlns='urn:y'/></x>", 0, 1, NULL},
    {"<starttls xmlns='urn:x'/><bind/><c/>", 0, 3, NULL},
    {"text", 0, 0, NULL},
};

static void test_read(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_stream_features features = read_features(rows[i].children);
    assert_int_equal(features.offered, rows[i].offered);
    assert_int_equal(features.n_others, rows[i].n_others);
    const stox_span required =
        features.required == NULL ? (stox_span){NULL, 0} : stox_xml_name(features.required);
    assert_span_equal(required, stox_span_text(rows[i].required));
    uint32_t others = 0;
    const stox_xml_element *other = stox_stream_features_next_other(&features, NULL);
    for (; other != NULL; other = stox_stream_features_next_other(&features, other)) {
      others++;
    }
    assert_int_equal(others, rows[i].n_others);
  }
  stox_stream_features features;
  assert_status(stox_stream_features_read(&features, stream_child(&arena, "<features/>")),
                STOX_E_NONE);
}

static void test_caps(void **state) {
  (void)state;
  const stox_stream_features features = read_features(CAPS);
  assert_span_equal(features.caps_hash, S("sha-1"));
  assert_span_equal(features.caps_node, S("u"));
  assert_span_equal(features.caps_ver, S("v"));
}

static void check_mechanisms(const char *children, const char *const *want) {
  const stox_stream_features features = read_features(children);
  size_t after = 0;
  stox_span name;
  for (; *want != NULL; want++) {
    assert_status(stox_stream_features_next_mechanism(&name, &features, &after), STOX_OK);
    assert_span_equal(name, stox_span_text(*want));
    assert_int_equal(stox_stream_features_has_mechanism(&features, name), 1);
  }
  assert_status(stox_stream_features_next_mechanism(&name, &features, &after), STOX_E_NONE);
  assert_int_equal(stox_stream_features_has_mechanism(&features, S("X")), 0);
}

/* "XC-6.2-02": in order. */
static void test_mechanisms(void **state) {
  (void)state;
  check_mechanisms("", (const char *const[]){NULL});
  check_mechanisms(SASL "</mechanisms>", (const char *const[]){NULL});
  check_mechanisms(SASL "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism> PLAIN\n</mechanism>"
                        "<other/><mechanism>EXTERNAL</mechanism></mechanisms>",
                   (const char *const[]){"SCRAM-SHA-1-PLUS", "PLAIN", "EXTERNAL", NULL});
  check_mechanisms(SASL "<mechanism/><mechanism>plain</mechanism><mechanism>A B</mechanism>"
                        "<mechanism>A<b/></mechanism><mechanism>ABCDEFGHIJKLMNOPQRSTU</mechanism>"
                        "<mechanism xmlns='u'>B</mechanism>"
                        "<mechanism>ABCDEFGHIJKLMNOPQRST</mechanism></mechanisms>",
                   (const char *const[]){"ABCDEFGHIJKLMNOPQRST", NULL});
}

static int write_offer(stox_buf *out, const void *ud) {
  return stox_stream_features_write(out, ud, CLIENT);
}

static void test_write(void **state) {
  (void)state;
  const stox_span mechanisms[] = {S("EXTERNAL"), S("PLAIN")};
  stox_stream_offer offer = {.offered = 0};
  check_writer(write_offer, &offer, S("<stream:features></stream:features>"));
  /* "XC-5.2-03" */
  offer = (stox_stream_offer){.offered = STOX_FEATURE_STARTTLS_REQUIRED};
  check_writer(write_offer, &offer, S("<stream:features>" TLS_R "</stream:features>"));
  offer = (stox_stream_offer){.offered = STOX_FEATURE_BIND | STOX_FEATURE_SESSION_OPTIONAL |
                                         STOX_FEATURE_DIALBACK_ERRORS | STOX_FEATURE_CAPS,
                              .n_mechanisms = 2,
                              .mechanisms = mechanisms,
                              .caps_hash = S("sha-1"),
                              .caps_node = S("u"),
                              .caps_ver = S("v"),
                              .others = S("<sm xmlns='urn:xmpp:sm:3'/>")};
  check_writer(write_offer, &offer,
               S("<stream:features>" SASL
                 "<mechanism>EXTERNAL</mechanism><mechanism>PLAIN</mechanism></mechanisms>"
                 "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>" BIND
                 "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>" CAPS
                 "<sm xmlns='urn:xmpp:sm:3'/></stream:features>"));
}

static void test_write_refused(void **state) {
  (void)state;
  const stox_span lower = S("plain");
  const struct {
    stox_stream_offer offer;
    int status;
  } refused[] = {
      {{.n_mechanisms = 1, .mechanisms = &lower}, STOX_E_ARG},
      {{.offered = STOX_FEATURE_CAPS, .caps_hash = S("a"), .caps_node = S("b")}, STOX_E_ARG},
      {{.offered = STOX_FEATURE_CAPS | STOX_FEATURE_STARTTLS,
        .caps_hash = S("\1"),
        .caps_node = S("b"),
        .caps_ver = S("c")},
       STOX_E_CTRL},
  };
  for (size_t i = 0; i < COUNT(refused); i++) {
    char room[512];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_stream_features_write(&out, &refused[i].offer, CLIENT), refused[i].status);
    assert_int_equal(out.len, 0);
  }
}

typedef struct example {
  const char *file;
  uint32_t offered;
  const char *mechanisms[4];
} example;

/* "XC-5.3-03" "XC-5.3-08" "XC-5.4-03" "XC-5.4-08" */
static void test_examples(void **state) {
  (void)state;
  const uint32_t tls = STOX_FEATURE_STARTTLS | STOX_FEATURE_STARTTLS_REQUIRED;
  const example examples[] = {
      {"5.3-step03-features-starttls-required.xml",
       tls | STOX_FEATURE_MECHANISMS,
       {"DIGEST-MD5", "PLAIN", NULL}},
      {"5.4-step03-features-starttls-required.xml",
       tls | STOX_FEATURE_MECHANISMS,
       {"DIGEST-MD5", "KERBEROS_V4", NULL}},
      {"6.5-step03-features-mechanisms.xml",
       STOX_FEATURE_MECHANISMS,
       {"DIGEST-MD5", "PLAIN", NULL}},
      {"5.3-step08-server-header-and-features.xml",
       STOX_FEATURE_MECHANISMS,
       {"DIGEST-MD5", "PLAIN", "EXTERNAL", NULL}},
      {"5.4-step08-server2-header-and-features.xml",
       STOX_FEATURE_MECHANISMS,
       {"DIGEST-MD5", "KERBEROS_V4", "EXTERNAL", NULL}},
      {"7-server-advertises-bind.xml", STOX_FEATURE_BIND, {NULL}},
      {"6.6-step11-server2-header-and-features.xml", 0, {NULL}},
  };
  for (size_t i = 0; i < COUNT(examples); i++) {
    char room[4096];
    size_t after = 0;
    stox_span name;
    stox_stream_features features;
    const stox_span text = stream_file(room, sizeof room, examples[i].file);
    const int has_header = memcmp(text.p, "<stream:stream", 14) == 0;
    const stox_xml_element *element =
        has_header ? xml_child_of_stream(&arena, text) : stream_child(&arena, room);
    assert_status(stox_stream_features_read(&features, element), STOX_OK);
    assert_int_equal(features.offered, examples[i].offered);
    for (size_t m = 0; examples[i].mechanisms[m] != NULL; m++) {
      assert_status(stox_stream_features_next_mechanism(&name, &features, &after), STOX_OK);
      assert_span_equal(name, stox_span_text(examples[i].mechanisms[m]));
    }
    assert_status(stox_stream_features_next_mechanism(&name, &features, &after), STOX_E_NONE);
    stox_arena_reset(&arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_read, set_up),
      cmocka_unit_test_setup(test_caps, set_up),
      cmocka_unit_test_setup(test_mechanisms, set_up),
      cmocka_unit_test_setup(test_write, set_up),
      cmocka_unit_test_setup(test_write_refused, set_up),
      cmocka_unit_test_setup(test_examples, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
