/* SPDX-License-Identifier: MIT */
#include "writers.h"
#include "xml_support.h"

#include "stox/dialect.h"
#include "stox/hash.h"
#include "stox/sasl.h"

#define SASL "urn:ietf:params:xml:ns:xmpp-sasl"

/* ---- base64 ---- */

typedef struct data_row {
  stox_span text;
  int status;
  stox_span octets;
} data_row;

/* "XC-14.9-01" "XC-14.9-02" "XC-14.9-03" "XC-6.1-06" "XC-6.2-07" */
static const data_row data_rows[] = {
    {ROW("QQ=="), STOX_OK, ROW("A")},
    {ROW("QUI="), STOX_OK, ROW("AB")},
    {ROW("QUJD"), STOX_OK, ROW("ABC")},
    {ROW("AAAA"), STOX_OK, ROW("\0\0\0")},
    {ROW("+/+/"), STOX_OK, ROW("\xFB\xFF\xBF")},
    {ROW("="), STOX_OK, ROW("")},
    {ROW(""), STOX_E_NONE, ROW("")},
    {{NULL, 0}, STOX_E_NONE, ROW("")},
    {ROW("=AAA"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("BBBB=CCC"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QR=="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QUJ="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QQ="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QQ"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QUJ D"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("AAA\nA"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("AA A"), STOX_E_BAD_BASE64, ROW("")},
    {ROW(" QUJD"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QUJD\n"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QUJ*"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("AAA*"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("%%%%"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("-_-_"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("=="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("===="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QQ==="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("Q==="), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QUJ\0"), STOX_E_BAD_BASE64, ROW("")},
    {ROW("QUJ\xC3"), STOX_E_BAD_BASE64, ROW("")},
};

static int put_data(stox_buf *out, const void *ud) {
  return stox_sasl_data_write(out, *(const stox_span *)ud);
}

static void test_data(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(data_rows); i++) {
    const data_row *r = &data_rows[i];
    guard g = guard_copy(r->text);
    const stox_span text = r->text.p == NULL ? r->text : g.span;
    char room[64];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sasl_data_parse(&out, text), r->status);
    assert_span_equal(stox_buf_span(&out), r->octets);
    if (r->status != STOX_E_BAD_BASE64) {
      const stox_span again = r->status == STOX_E_NONE ? (stox_span){NULL, 0} : r->octets;
      check_writer(put_data, &again, r->text);
    }
    guard_free(&g);
  }
}

/* ---- names ---- */

/* "XC-6.4-01" … "XC-6.4-08": each condition has a name, in both vintages a counterpart. */
static void test_conditions(void **state) {
  (void)state;
  static const char *const names[] = {"aborted",
                                      "incorrect-encoding",
                                      "invalid-authzid",
                                      "invalid-mechanism",
                                      "mechanism-too-weak",
                                      "not-authorized",
                                      "temporary-auth-failure",
                                      "account-disabled",
                                      "credentials-expired",
                                      "encryption-required",
                                      "malformed-request"};
  for (size_t i = 0; i < COUNT(names); i++) {
    const int condition = (int)i + 1;
    assert_string_equal(stox_sasl_condition_name(condition), names[i]);
    assert_int_equal(stox_sasl_condition_of(stox_span_text(names[i])), condition);
    assert_int_equal(stox_sasl_condition_in(condition, STOX_DIALECT_RFC), condition);
    assert_int_equal(stox_sasl_condition_in(condition, STOX_DIALECT_DRAFT2005),
                     i < 7 ? condition : STOX_SASL_NOT_AUTHORIZED);
  }
  assert_null(stox_sasl_condition_name(0));
  assert_null(stox_sasl_condition_name(-1));
  assert_null(stox_sasl_condition_name(12));
  assert_int_equal(stox_sasl_condition_of(S("no-such")), STOX_SASL_NOT_AUTHORIZED);
}

static void test_mechanisms(void **state) {
  (void)state;
  static const char *const names[] = {
      "EXTERNAL",    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
      "SCRAM-SHA-1", "DIGEST-MD5",         "PLAIN"};
  static const int hashes[] = {
      0, STOX_HASH_SHA256, STOX_HASH_SHA256, STOX_HASH_SHA1, STOX_HASH_SHA1, 0, 0};
  for (size_t i = 0; i < COUNT(names); i++) {
    assert_string_equal(stox_sasl_mechanism_name(1 << i), names[i]);
    assert_int_equal(stox_sasl_mechanism_of(stox_span_text(names[i])), 1 << i);
    assert_int_equal(stox_sasl_mechanism_hash(1 << i), hashes[i]);
  }
  const int bad[] = {0, 3, 128, -1};
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_null(stox_sasl_mechanism_name(bad[i]));
    assert_int_equal(stox_sasl_mechanism_hash(bad[i]), 0);
  }
  assert_int_equal(stox_sasl_mechanism_of(S("plain")), 0);
  assert_int_equal(stox_sasl_mechanism_of(S("PLAIN ")), 0);
  assert_int_equal(stox_sasl_mechanism_of(S("")), 0);
}

typedef struct offer_row {
  const char *xml;
  int status;
  uint32_t set;
} offer_row;

/* "XC-6.2-02" */
static const offer_row offers[] = {
    {"<features xmlns='http://etherx.jabber.org/streams'><mechanisms xmlns='" SASL "'>"
     "<mechanism>DIGEST-MD5</mechanism>\n<mechanism> PLAIN </mechanism></mechanisms></features>",
     STOX_OK, STOX_SASL_DIGEST_MD5 | STOX_SASL_PLAIN},
    {"<mechanisms xmlns='" SASL "'><mechanism>DIGEST-MD5</mechanism>"
     "<mechanism>KERBEROS_V4</mechanism><mechanism>EXTERNAL</mechanism></mechanisms>",
     STOX_OK, STOX_SASL_DIGEST_MD5 | STOX_SASL_EXTERNAL},
    {"<mechanisms xmlns='" SASL "'/>", STOX_OK, 0},
    {"<features xmlns='http://etherx.jabber.org/streams'/>", STOX_E_NONE, 0},
    {"<mechanisms><mechanism>PLAIN</mechanism></mechanisms>", STOX_E_NONE, 0},
    {"<mechanisms xmlns='" SASL "'><mechanism xmlns='x'>PLAIN</mechanism></mechanisms>", STOX_OK,
     0},
};

static void test_offers(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(offers); i++) {
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    uint32_t set = 99;
    const stox_xml_element *element = xml_client_element(&arena, offers[i].xml);
    assert_status(stox_sasl_mechanisms_read(&set, &arena, element), offers[i].status);
    assert_int_equal(set, offers[i].set);
    stox_arena_clear(&arena);
  }
}

static int put_offer(stox_buf *out, const void *ud) {
  return stox_sasl_mechanisms_write(out, *(const uint32_t *)ud);
}

static void test_offers_written(void **state) {
  (void)state;
  for (uint32_t set = 0; set <= STOX_SASL_MECHANISMS_ALL; set++) {
    char room[1024];
    stox_buf out;
    uint32_t again = 0;
    stox_buf_init(&out, room, sizeof room - 1);
    assert_status(stox_sasl_mechanisms_write(&out, set), STOX_OK);
    room[out.len] = '\0';
    if (set != 0) {
      stox_arena arena;
      stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
      assert_status(stox_sasl_mechanisms_read(&again, &arena, xml_client_element(&arena, room)),
                    STOX_OK);
      stox_arena_clear(&arena);
    }
    assert_int_equal(again, set);
  }
  const uint32_t both = STOX_SASL_PLAIN | STOX_SASL_EXTERNAL;
  check_writer(put_offer, &both,
               S("<mechanisms xmlns='" SASL "'><mechanism>EXTERNAL</mechanism>"
                 "<mechanism>PLAIN</mechanism></mechanisms>"));
}

/* ---- elements ---- */

typedef struct element_row {
  const char *xml;
  int status;
  stox_sasl_message want;
  const char *written; /* NULL: as read; with the quotes of our writer */
} element_row;

#define DATA(text)                                                                                 \
  { text, sizeof(text) - 1 }

/* "XC-6.1-01" "XC-6.2-05" "XC-6.2-06" "XC-6.2-07" "XC-6.2-08" "XC-6.2-09" "XC-6.2-13" "XC-6.3-03"
 * "XC-15-02" "XC-C.4-01" */
static const element_row elements[] = {
    {"<auth xmlns='" SASL "' mechanism='DIGEST-MD5'/>",
     STOX_OK,
     {.kind = STOX_SASL_AUTH, .mechanism = STOX_SASL_DIGEST_MD5},
     NULL},
    {"<auth xmlns='" SASL "' mechanism='EXTERNAL'>=</auth>",
     STOX_OK,
     {.kind = STOX_SASL_AUTH, .mechanism = STOX_SASL_EXTERNAL, .data = DATA("=")},
     NULL},
    {"<auth xmlns='" SASL "' mechanism='PLAIN'>AGp1bGlldAByMG0zMG15cjBtMzA=</auth>",
     STOX_OK,
     {.kind = STOX_SASL_AUTH,
      .mechanism = STOX_SASL_PLAIN,
      .data = DATA("AGp1bGlldAByMG0zMG15cjBtMzA=")},
     NULL},
    {"<challenge xmlns='" SASL "'> a\n</challenge>",
     STOX_OK,
     {.kind = STOX_SASL_CHALLENGE, .data = DATA(" a\n")},
     NULL},
    {"<challenge xmlns='" SASL "'>%%%</challenge>",
     STOX_OK,
     {.kind = STOX_SASL_CHALLENGE, .data = DATA("%%%")},
     NULL},
    {"<response xmlns='" SASL "'/>", STOX_OK, {.kind = STOX_SASL_RESPONSE}, NULL},
    {"<response xmlns='" SASL "'>QQ==</response>",
     STOX_OK,
     {.kind = STOX_SASL_RESPONSE, .data = DATA("QQ==")},
     NULL},
    {"<abort xmlns='" SASL "'/>", STOX_OK, {.kind = STOX_SASL_ABORT}, NULL},
    {"<success xmlns='" SASL "'/>", STOX_OK, {.kind = STOX_SASL_SUCCESS}, NULL},
    {"<success xmlns='" SASL "'>QQ==</success>",
     STOX_OK,
     {.kind = STOX_SASL_SUCCESS, .data = DATA("QQ==")},
     NULL},
    {"<failure xmlns='" SASL "'><incorrect-encoding/></failure>",
     STOX_OK,
     {.kind = STOX_SASL_FAILURE, .condition = STOX_SASL_INCORRECT_ENCODING},
     NULL},
    {"<failure xmlns='" SASL "'><account-disabled/><text xml:lang='en'>Call us</text></failure>",
     STOX_OK,
     {.kind = STOX_SASL_FAILURE,
      .condition = STOX_SASL_ACCOUNT_DISABLED,
      .text = DATA("Call us"),
      .lang = DATA("en")},
     NULL},
    {"<failure xmlns='" SASL "'>\n<text xml:lang='en'/><aborted/><not-authorized/></failure>",
     STOX_OK,
     {.kind = STOX_SASL_FAILURE, .condition = STOX_SASL_ABORTED},
     "<failure xmlns='" SASL "'><aborted/></failure>"},
    {"<failure xmlns='" SASL "'><bad-mood/></failure>",
     STOX_OK,
     {.kind = STOX_SASL_FAILURE, .condition = STOX_SASL_NOT_AUTHORIZED},
     "<failure xmlns='" SASL "'><not-authorized/></failure>"},
    {"<failure xmlns='" SASL "'><aborted xmlns='x'/></failure>",
     STOX_OK,
     {.kind = STOX_SASL_FAILURE, .condition = STOX_SASL_NOT_AUTHORIZED},
     "<failure xmlns='" SASL "'><not-authorized/></failure>"},
    {"<auth mechanism='PLAIN'/>", STOX_E_NONE, {.kind = 0}, NULL},
    {"<mechanisms xmlns='" SASL "'/>", STOX_E_NONE, {.kind = 0}, NULL},
    {"<message/>", STOX_E_NONE, {.kind = 0}, NULL},
};

static void check_same(const stox_sasl_message *a, const stox_sasl_message *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->mechanism, b->mechanism);
  assert_int_equal(a->condition, b->condition);
  assert_span_equal(a->data, b->data);
  assert_int_equal(a->data.p == NULL, b->data.p == NULL);
  assert_span_equal(a->text, b->text);
  assert_int_equal(a->text.p == NULL, b->text.p == NULL);
  assert_span_equal(a->lang, b->lang);
}

static int put_message(stox_buf *out, const void *ud) {
  return stox_sasl_write(out, ud, STOX_DIALECT_RFC);
}

static void test_elements(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(elements); i++) {
    const element_row *r = &elements[i];
    stox_arena arena;
    stox_sasl_message got;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_sasl_read(&got, &arena, xml_client_element(&arena, r->xml)), r->status);
    check_same(&got, &r->want);
    if (r->status == STOX_OK) {
      check_writer(put_message, &got, stox_span_text(r->written == NULL ? r->xml : r->written));
    }
    stox_arena_clear(&arena);
  }
}

/* "XC-6.2-07": an auth element without a mechanism, or with one that is not known, is read too. */
static void test_unknown_mechanism(void **state) {
  (void)state;
  static const char *const rows[] = {"<auth xmlns='" SASL "'/>",
                                     "<auth xmlns='" SASL "' mechanism='FOO'/>"};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_arena arena;
    stox_sasl_message got;
    stox_buf out = {NULL, 0, 0};
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_sasl_read(&got, &arena, xml_client_element(&arena, rows[i])), STOX_OK);
    assert_int_equal(got.kind, STOX_SASL_AUTH);
    assert_int_equal(got.mechanism, 0);
    assert_status(stox_sasl_write(&out, &got, STOX_DIALECT_RFC), STOX_E_ARG);
    stox_arena_clear(&arena);
  }
}

/* "XC-6.4-08": RFC 3920 has neither the newer conditions nor a text. */
static void test_older_failure(void **state) {
  (void)state;
  char room[256];
  stox_buf out;
  const stox_sasl_message failure = {
      .kind = STOX_SASL_FAILURE, .condition = STOX_SASL_ACCOUNT_DISABLED, .text = DATA("Call us")};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sasl_write(&out, &failure, STOX_DIALECT_DRAFT2005), STOX_OK);
  assert_span_equal(stox_buf_span(&out),
                    S("<failure xmlns='" SASL "'><not-authorized/></failure>"));
}

static void test_refused(void **state) {
  (void)state;
  char room[256];
  stox_buf out;
  const stox_sasl_message rows[] = {
      {.kind = 0},
      {.kind = 7},
      {.kind = STOX_SASL_AUTH, .mechanism = 3},
      {.kind = STOX_SASL_FAILURE, .condition = 0},
      {.kind = STOX_SASL_FAILURE, .condition = 12},
  };
  stox_buf_init(&out, room, sizeof room);
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_sasl_write(&out, &rows[i], STOX_DIALECT_RFC), STOX_E_ARG);
  }
  const stox_sasl_message bad = {.kind = STOX_SASL_CHALLENGE, .data = DATA("\x01")};
  assert_status(stox_sasl_write(&out, &bad, STOX_DIALECT_RFC), STOX_E_CTRL);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_data),
      cmocka_unit_test(test_conditions),
      cmocka_unit_test(test_mechanisms),
      cmocka_unit_test(test_offers),
      cmocka_unit_test(test_offers_written),
      cmocka_unit_test(test_elements),
      cmocka_unit_test(test_unknown_mechanism),
      cmocka_unit_test(test_older_failure),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
