/* SPDX-License-Identifier: MIT */
/* The names that the draft's section 15 registers, as they stand on the wire. */
#include "resolver.h"
#include "sasl_support.h"
#include "stream_end.h"
#include "tables.h"

static char wire[1 << 16];
static size_t n_wire;

static void keep(const char *text) {
  const size_t n = strlen(text);
  assert_true(n_wire + n + 1 < sizeof wire);
  memcpy(wire + n_wire, text, n + 1);
  n_wire += n;
}

/* TLS, SASL, binding, the session of RFC 3921, a stanza error and a stream error; and dialback. */
static void run_client(void) {
  static end a;
  static end b;
  end_init(&a, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
  end_init(&b, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  b.options.dialect = STOX_DIALECT_DRAFT2005;
  b.offered = STOX_FEATURE_STARTTLS | STOX_FEATURE_MECHANISMS | STOX_FEATURE_SESSION;
  assert_status(end_make(&a), STOX_OK);
  assert_status(end_make(&b), STOX_OK);
  end_run(&a, &b, 0);
  /* A second resource is refused by a stanza error. */
  assert_status(stox_stream_send(a.stream, S("<iq type='set' id='2'><bind "
                                             "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")),
                STOX_OK);
  end_run(&a, &b, 0);
  const stox_stream_error error = {.condition = STOX_STREAM_SYSTEM_SHUTDOWN};
  assert_status(stox_stream_fail(b.stream, &error, 0), STOX_OK);
  end_run(&a, &b, 0);
  assert_string_equal(a.log, "HFTHFSHFRMXCZ");
  keep(a.sent);
  keep(b.sent);
  end_free(&a);
  end_free(&b);
}

static void run_server(void) {
  static end a;
  end_init(&a, STOX_STREAM_INITIATING, STOX_STREAM_SERVER);
  assert_status(end_make(&a), STOX_OK);
  end_pull(&a);
  keep(a.sent);
  end_free(&a);
}

/* The client's answer to a challenge of DIGEST-MD5 names the service: "XC-6.3-01" "XC-15-07". */
static void run_digest(void) {
  sasl_pair pair;
  sasl_wire room;
  stox_sasl_message out;
  char octets[1024];
  stox_buf text;
  sasl_pair_init(&pair);
  pair.client_options.mechanisms = STOX_SASL_DIGEST_MD5;
  sasl_pair_open(&pair);
  assert_status(stox_sasl_client_start(pair.client, STOX_SASL_DIGEST_MD5, &out), STOX_OK);
  assert_status(
      stox_sasl_client_feed(pair.client,
                            sasl_say(&room, STOX_SASL_CHALLENGE, 0,
                                     S("realm=\"example.com\",nonce=\"n\",algorithm=md5-sess")),
                            &out),
      STOX_OK);
  stox_buf_init(&text, octets, sizeof octets - 1);
  assert_status(stox_sasl_data_parse(&text, out.data), STOX_OK);
  octets[text.len] = '\0';
  assert_non_null(strstr(octets, "digest-uri=\"xmpp/example.com\""));
  keep(octets);
  sasl_pair_close(&pair);
}

/* The questions that lead to a domain, and the port where nothing answers them: "XC-15-08". */
static void run_locate(int service) {
  static char memory[8192];
  static const zone_record zone[] = {ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1")};
  char text[300];
  stox_arena arena;
  stox_locate *search = NULL;
  stox_locate_options options;
  stox_question question;
  stox_location place;
  resolver r = {zone, COUNT(zone), 0, 0};
  assert_status(stox_locate_options_init(&options, sizeof options), STOX_OK);
  options.xmpp_service = service;
  options.native_only = 1;
  options.legacy = 1;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_locate_start(&search, &arena, S("x.example"), &options, 0), STOX_OK);
  while (stox_locate_next(&question, search) == STOX_OK) {
    stox_record answer[STOX_RECORDS_MAX];
    const size_t n = resolve(&r, answer, &question);
    (void)snprintf(text, sizeof text, "%.*s\n", (int)question.name.n, question.name.p);
    keep(text);
    assert_status(stox_locate_answer(search, STOX_OK, answer, n, 0), STOX_OK);
  }
  assert_status(stox_locate_get(&place, search, 0), STOX_OK);
  (void)snprintf(text, sizeof text, "%u\n", (unsigned)place.port);
  keep(text);
}

/* Each name of the table stands in what was said, quoted where it is a namespace: "XC-15-01"
 * "XC-15-03" "XC-15-04" "XC-15-05". */
static void test_names(void **state) {
  (void)state;
  table t;
  size_t names = 0;
  run_client();
  run_server();
  run_digest();
  run_locate(STOX_LOCATE_XMPP_CLIENT);
  run_locate(STOX_LOCATE_XMPP_SERVER);
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "15-constants.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    char want[256];
    const int is_ns = memcmp(t.field[0].p, "ns.", 3) == 0;
    const char *quote = is_ns ? "'" : "";
    if (memcmp(t.field[0].p, "oid.", 4) == 0) {
      continue; /* of certificates: unit/test_certificate.c */
    }
    (void)snprintf(want, sizeof want, "%s%.*s%s", quote, (int)t.field[1].n, t.field[1].p, quote);
    if (strstr(wire, want) == NULL) {
      fail_msg("%s", want);
    }
    names++;
  }
  table_free(&t);
  assert_int_equal(names, 16);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
