/* SPDX-License-Identifier: MIT */
/* Registrations and what comes with them, as far as messages say it: GRUU (RFC 5627), outbound (RFC
 * 5626), subscriptions in REGISTER, route construction, identity privacy, and their drafts of 2005.
 */
#include "document.h"

#include "stox/address_map.h"
#include "stox/error_map.h"
#include "stox/sip_contact.h"
#include "stox/sip_event.h"
#include "stox/sip_feature.h"
#include "stox/sip_mend.h"
#include "stox/sip_tokens.h"
#include "stox/sip_where.h"
#include "stox/uri_forms.h"

#define INSTANCE "\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\""
#define GRUU     "\"sip:callee@example.com;opaque=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\""

static stox_uri uri_of(stox_span text) {
  stox_uri uri;
  assert_status(stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL), STOX_OK);
  return uri;
}

static stox_sip_contact contact_of(const parsed *p, size_t nth) {
  stox_sip_cursor cursor = {0, 0};
  stox_sip_contact contact;
  stox_span value;
  for (size_t i = 0; i <= nth; i++) {
    assert_status(stox_sip_next_value(&value, p->message, STOX_SIP_CONTACT, &cursor), STOX_OK);
  }
  assert_status(stox_sip_contact_parse(&contact, value, NULL), STOX_OK);
  return contact;
}

/* GR-10-01, GR-10-02, GR-10-03, GR-7.1.1.1-04, GR-14.1-01, OB-9-01, OB-9-02, OB-9-03, OB-10-01,
 * OB-2.1-03, OB-RFC5626-10-01: what one value of Contact says; none: refused. */
static void test_contact(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int is_good;
    stox_span instance;
    stox_span gruu;
    uint32_t flow_id;
    uint32_t reg_id;
  } rows[] = {
      {"<sip:a@b>;q=0.5;expires=9;gruu=" GRUU ";+sip.instance=" INSTANCE ";x=y", 1, ROW(INSTANCE),
       ROW(GRUU), 0, 0},
      {"<sip:a@b>;+sip.instance=\"<urn:foo:1>\"", 1, ROW("\"<urn:foo:1>\""), {NULL, 0}, 0, 0},
      {"<sip:a@b>;+sip.instance=\"urn:foo:1\"", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;+sip.instance=\"<>\"", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;gruu=sip:a@b", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;gruu=\"http://a/\"", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;flow-id=1", 1, {NULL, 0}, {NULL, 0}, 1, 0},
      {"<sip:a@b>;flow-id=2147483647", 1, {NULL, 0}, {NULL, 0}, 2147483647, 0},
      {"<sip:a@b>;flow-id=2147483648", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;flow-id=0", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;flow-id=a", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;flow-id=\"1\"", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;reg-id=2147483647", 1, {NULL, 0}, {NULL, 0}, 0, 2147483647},
      {"<sip:a@b>;reg-id=2147483648", 0, {NULL, 0}, {NULL, 0}, 0, 0},
      {"<sip:a@b>;reg-id=0", 0, {NULL, 0}, {NULL, 0}, 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_contact contact;
    const int status = stox_sip_contact_parse(&contact, stox_span_text(rows[i].text), NULL);
    if ((status == STOX_OK) != rows[i].is_good) {
      fail_msg("%s", rows[i].text);
    }
    assert_span_equal(contact.sip_instance, rows[i].instance);
    assert_span_equal(contact.gruu, rows[i].gruu);
    assert_int_equal(contact.flow_id.value, rows[i].flow_id);
    assert_int_equal(contact.reg_id.value, rows[i].reg_id);
  }
}

/* GR-7.1.1.1-04, GR-7.1.1.1-02: the URN is written in angle brackets and quotes. */
static void test_contact_made(void **state) {
  (void)state;
  char room[160];
  stox_buf out;
  const stox_sip_contact contact = {.address = {.uri = S("sip:callee@192.0.2.1")},
                                    .sip_instance = S(INSTANCE)};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_contact_write(&out, &contact), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("<sip:callee@192.0.2.1>;+sip.instance=" INSTANCE));
}

/* GR-8.2-04: a caller who wants one instance. */
static void test_accept_contact(void **state) {
  (void)state;
  char room[80];
  stox_buf out;
  stox_sip_accept_contact read;
  stox_param feature;
  size_t cursor = 0;
  const stox_sip_accept_contact made = {.star = S("*"),
                                        .params = S("+sip.instance=\"<urn:foo:1>\"")};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_accept_contact_write(&out, &made), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("*;+sip.instance=\"<urn:foo:1>\""));
  assert_status(stox_sip_accept_contact_parse(&read, stox_buf_span(&out), NULL), STOX_OK);
  assert_status(stox_sip_next_feature(&feature, read.params, &cursor), STOX_OK);
  assert_span_equal(feature.value, S("\"<urn:foo:1>\""));
}

/* GR-RFC5627-7-01, GR-RFC5627-4.2-01, GR-7.1.1.2-01, GR-12-03, GR-12-04 */
static void test_gruu_messages(void **state) {
  (void)state;
  static const struct {
    const char *file;
    size_t nth;
    stox_span pub;
    stox_span temp;
    stox_span gruu;
    uint32_t expires;
  } rows[] = {
      {"01-register.sip", 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, 0},
      {"02-register-200.sip", 0, {NULL, 0}, {NULL, 0}, ROW(GRUU), 3600},
      {"02-register-200.rfc5627.sip",
       0,
       ROW("\"sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\""),
       ROW("\"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr\""),
       {NULL, 0},
       3600},
      {"18-register-200-two-contacts.sip", 0, {NULL, 0}, {NULL, 0}, ROW(GRUU), 3600},
      {"18-register-200-two-contacts.sip", 1, {NULL, 0}, {NULL, 0}, ROW(GRUU), 400},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    document_message(&p, "sip-gruu", rows[i].file);
    const stox_sip_contact contact = contact_of(&p, rows[i].nth);
    assert_span_equal(contact.sip_instance, S(INSTANCE));
    assert_span_equal(contact.pub_gruu, rows[i].pub);
    assert_span_equal(contact.temp_gruu, rows[i].temp);
    assert_span_equal(contact.gruu, rows[i].gruu);
    assert_int_equal(contact.expires.value, rows[i].expires);
    assert_int_equal(document_lists(&p, STOX_SIP_REQUIRE, "gruu"), rows[i].gruu.p != NULL);
    assert_int_equal(document_lists(&p, STOX_SIP_SUPPORTED, "gruu"), i == 0);
    parsed_free(&p);
  }
}

/* GR-RFC5627-4.2-01: one of the two, or neither. */
static void test_gruu_variants(void **state) {
  (void)state;
  stox_sip_contact contact;
  assert_status(stox_sip_contact_parse(&contact, S("<sip:a@b>;pub-gruu=\"sip:a@c;gr=1\""), NULL),
                STOX_OK);
  assert_span_equal(contact.pub_gruu, S("\"sip:a@c;gr=1\""));
  assert_null(contact.temp_gruu.p);
  assert_status(stox_sip_contact_parse(&contact, S("<sip:a@b>;temp-gruu=\"sip:t@c;gr\""), NULL),
                STOX_OK);
  assert_span_equal(contact.temp_gruu, S("\"sip:t@c;gr\""));
  assert_null(contact.pub_gruu.p);
  assert_status(stox_sip_contact_parse(&contact, S("<sip:a@b>"), NULL), STOX_OK);
  assert_null(contact.temp_gruu.p);
}

/* GR-12-03, GR-12-08: what print has lost makes no instance; what it has added is refused. */
static void test_gruu_as_printed(void **state) {
  (void)state;
  const stox_sip_options options = options_of(1, 0);
  parsed p;
  parse_with(&p, document_file("sip-gruu", "01-register.as-printed.sip"), &options);
  assert_status(p.status, STOX_OK);
  assert_int_equal(stox_sip_is_lenient(p.message), 1);
  assert_null(contact_of(&p, 0).sip_instance.p);
  parsed_free(&p);
  parse_with(&p, document_file("sip-gruu", "18-register-200-two-contacts.as-printed.txt"),
             &options);
  assert_int_not_equal(p.status, STOX_OK);
  parsed_free(&p);
}

/* GR-10-04, GR-9-01, GR-14.2-01, GR-14.2-02, GR-RFC5627-7-01, GR-RFC5627-4.5-01, OB-10-02, OB-10-03
 */
static void test_uri_params(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *name;
    int status;
    stox_span value;
    int gruu;
  } rows[] = {
      {"sip:a@b;opaque=hdg7777ad7af1zig8sf7", "opaque", STOX_OK, ROW("hdg7777ad7af1zig8sf7"),
       STOX_GRUU_DRAFT2005},
      {"sip:a@b;opaque=urn:uuid:f81d;grid=99a", "opaque", STOX_OK, ROW("urn:uuid:f81d"),
       STOX_GRUU_DRAFT2005},
      {"sip:a@b;opaque=urn:uuid:f81d;grid=99a", "grid", STOX_OK, ROW("99a"), STOX_GRUU_DRAFT2005},
      {"sip:a@b;opaque=a%3Bb/[]&+$", "opaque", STOX_OK, ROW("a%3Bb/[]&+$"), STOX_GRUU_DRAFT2005},
      {"sip:a@b;opaque=a;b", "opaque", STOX_OK, ROW("a"), STOX_GRUU_DRAFT2005},
      {"sip:a@b;grid=1", "grid", STOX_OK, ROW("1"), STOX_GRUU_NONE},
      {"sip:a@b;gr", "gr", STOX_OK, {NULL, 0}, STOX_GRUU_TEMPORARY},
      {"sip:a@b;gr=1", "gr", STOX_OK, ROW("1"), STOX_GRUU_PUBLIC},
      {"sip:a@b", "gr", STOX_E_NONE, {NULL, 0}, STOX_GRUU_NONE},
      {"sip:gr@b;grr", "gr", STOX_E_NONE, {NULL, 0}, STOX_GRUU_NONE},
      {"sip:a;stun", "stun", STOX_OK, {NULL, 0}, STOX_GRUU_NONE},
      {"sip:primary.example.com;lr;stun", "stun", STOX_OK, {NULL, 0}, STOX_GRUU_NONE},
      {"sip:primary.example.com;lr", "stun", STOX_E_NONE, {NULL, 0}, STOX_GRUU_NONE},
      {"sip:x@ep1.example.com;lr;ob", "ob", STOX_OK, {NULL, 0}, STOX_GRUU_NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_uri uri = uri_of(stox_span_text(rows[i].text));
    stox_param param = {{NULL, 0}, {NULL, 0}};
    assert_status(stox_uri_find_param(&param, &uri, rows[i].name), rows[i].status);
    assert_span_equal(param.value, rows[i].value);
    assert_int_equal(param.value.p != NULL, rows[i].value.p != NULL);
    assert_int_equal(stox_uri_gruu(&uri), rows[i].gruu);
  }
  stox_uri uri;
  assert_status(stox_uri_parse(&uri, S("sip:a@b;opaque="), STOX_URI_STRICT, NULL),
                STOX_E_BAD_PARAM);
  assert_status(stox_uri_parse(&uri, S("sip:a@b;grid="), STOX_URI_STRICT, NULL), STOX_E_BAD_PARAM);
}

/* GR-14.3-01, GR-14.4-01, OB-3.2-03, OB-RFC5626-11-01, RC-8-01, IDP-7-02 */
static void test_names(void **state) {
  (void)state;
  stox_sip_tag_value value;
  size_t cursor = 0;
  assert_int_equal(stox_sip_is_feature_tag(S("+sip.instance")), 1);
  assert_status(stox_sip_next_tag_value(&value, S(INSTANCE), &cursor), STOX_OK);
  assert_int_equal(value.kind, STOX_SIP_TAG_STRING);
  assert_span_equal(value.text, S("<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"));
  assert_int_equal(stox_sip_option_of(S("gruu")), STOX_SIP_OPTION_GRUU);
  assert_int_equal(stox_sip_option_of(S("outbound")), STOX_SIP_OPTION_OUTBOUND);
  assert_int_equal(stox_sip_option_of(S("lr305")), STOX_SIP_OPTION_LR305);
  assert_int_equal(stox_sip_option_of(S("anonymous")), STOX_SIP_OPTION_ANONYMOUS);
  assert_int_equal(stox_sip_header_of(S("Flow-Timer")), STOX_SIP_FLOW_TIMER);
  assert_string_equal(stox_sip_reason(430), "Flow Failed");
  assert_string_equal(stox_sip_reason(439), "First Hop Lacks Outbound Support");
}

/* GR-RFC7247-6.3-01 */
static void test_map(void **state) {
  (void)state;
  char room[4096];
  stox_arena arena;
  stox_map_result to_jid;
  stox_map_result back;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_map_uri_to_jid(&to_jid, &arena, S("sip:foo@sip.example;gr=bar"), NULL, NULL),
                STOX_OK);
  assert_span_equal(to_jid.text, S("foo@sip.example/bar"));
  assert_status(stox_map_jid_to_uri(&back, &arena, to_jid.text, NULL, NULL), STOX_OK);
  assert_span_equal(back.text, S("sip:foo@sip.example;gr=bar"));
  assert_status(stox_map_uri_to_jid(&to_jid, &arena, S("sip:tgruu.x@h;gr"), NULL, NULL), STOX_OK);
  assert_null(to_jid.jid.resourcepart.p);
  assert_int_equal(to_jid.dropped, STOX_DROPPED_TEMP_GRUU);
}

/* OB-3.2-02, OB-8-03 */
static void test_outbound_messages(void **state) {
  (void)state;
  const stox_sip_options lenient = options_of(1, 0);
  stox_sip_contact contact;
  stox_name_addr route;
  stox_span value;
  char room[256];
  stox_buf out;
  parsed p;
  document_message(&p, "sip-outbound", "01-register-bob.sip");
  assert_int_equal(contact_of(&p, 0).flow_id.value, 1);
  parsed_free(&p);
  for (int i = 0; i < 2; i++) {
    parse_with(&p, document_file("sip-outbound", "01-register-bob.as-printed.sip"),
               i == 0 ? NULL : &lenient);
    assert_status(p.status, STOX_E_BAD_HEADER);
    parsed_free(&p);
  }
  document_message(&p, "sip-outbound", "01-register-bob.rfc5626.sip");
  value = stox_sip_value(p.message, STOX_SIP_CONTACT);
  assert_status(stox_sip_contact_parse(&contact, value, NULL), STOX_E_BAD_HEADER);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_value_mend(&out, NULL, STOX_SIP_CONTACT, value), STOX_OK);
  assert_status(stox_sip_contact_parse(&contact, stox_buf_span(&out), NULL), STOX_OK);
  assert_int_equal(contact.reg_id.value, 1);
  assert_span_equal(contact.sip_instance, S("\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\""));
  parsed_free(&p);
  document_message(&p, "sip-outbound", "02-register-1.sip");
  assert_status(stox_sip_get_address(&route, p.message, STOX_SIP_ROUTE, 0), STOX_OK);
  assert_span_equal(route.uri, S("sip:primary.example.com;lr"));
  contact = contact_of(&p, 0);
  assert_int_equal(contact.flow_id.value, 1);
  assert_span_equal(contact.sip_instance, S("\"<urn:uuid:0C67446E-F1A1-11D9-94D3-000A95A0E128>\""));
  parsed_free(&p);
}

/* OB-RFC5626-5.4-02, OB-RFC5626-10-01 */
static void test_flow_timer(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int status;
    uint32_t value;
  } rows[] = {{"120", STOX_OK, 120},        {"0", STOX_OK, 0},
              {"-1", STOX_E_BAD_HEADER, 0}, {"1.5", STOX_E_BAD_HEADER, 0},
              {"", STOX_E_BAD_HEADER, 0},   {"120 s", STOX_E_BAD_HEADER, 0}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    parsed p;
    uint32_t value = 0;
    (void)snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n" ROUTING "Flow-Timer: %s\r\n\r\n",
                   rows[i].text);
    parse_good(&p, stox_span_text(text));
    assert_status(stox_sip_get_number(&value, p.message, STOX_SIP_FLOW_TIMER), rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_int_equal(value, rows[i].value);
    }
    parsed_free(&p);
  }
}

static stox_span of_hex(stox_span hex, char *room) {
  size_t n = 0;
  for (; 2 * n + 1 < hex.n && hex.p[2 * n] != '.'; n++) {
    const char digits[] = {hex.p[2 * n], hex.p[2 * n + 1], '\0'};
    room[n] = (char)strtoul(digits, NULL, 16);
  }
  return (stox_span){room, n};
}

/* OB-7-04, OB-RFC5626-8.1-01, OB-3.5-02: who an octet stream is for. */
static void test_demux(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/sip-outbound", "demux.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    char room[16];
    size_t n = 0;
    int kind = 0;
    guard g = guard_copy(of_hex(t.field[0], room));
    const int status = stox_sip_frame(&n, &kind, g.span, NULL, NULL);
    if (t.field[0].p[0] == '0' && (t.field[0].p[1] == '0' || t.field[0].p[1] == '1')) {
      assert_status(status, STOX_OK);
      assert_int_equal(kind, STOX_SIP_FRAME_STUN);
    } else if (g.span.p[0] == '\r') {
      assert_status(status, STOX_OK);
      assert_int_equal(kind, STOX_SIP_FRAME_PING);
    } else if (g.span.p[0] == 'R' || g.span.p[0] == 'S' || (unsigned char)g.span.p[0] > 0x7F) {
      assert_status(status, STOX_E_MORE);
    }
    guard_free(&g);
  }
  assert_int_equal(rows, 7);
  table_free(&t);
  size_t n = 0;
  int kind = 0;
  const stox_span stream = S("\r\n" REQUEST);
  assert_status(stox_sip_frame(&n, &kind, stream, NULL, NULL), STOX_OK);
  assert_int_equal(kind, STOX_SIP_FRAME_PONG);
  assert_int_equal(n, 2);
  assert_status(stox_sip_frame(&n, &kind, S(REQUEST), NULL, NULL), STOX_OK);
  assert_int_equal(kind, STOX_SIP_FRAME_MESSAGE);
  assert_int_equal(n, stream.n - 2);
}

/* RS-3.5-02, RS-3.5-03, RS-3.1-01: each row of the decode table, and what is written for it. */
static void test_subscription(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/sip-regsub", "subscription-parse.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    stox_sip_coupled_subscription value;
    stox_span element;
    size_t cursor = 0;
    size_t values = 0;
    const int is_good = !stox_span_is_equal(stox_span_slice(t.field[1], 0, 5), S("error"));
    while (stox_sip_next_element(&element, t.field[0], &cursor, NULL) == STOX_OK) {
      assert_status(stox_sip_coupled_subscription_parse(&value, element, NULL),
                    is_good ? STOX_OK : STOX_E_BAD_HEADER);
      values++;
    }
    assert_int_equal(values, stox_span_is_equal(t.field[1], S("two values")) ? 2 : 1);
    if (rows == 6) {
      assert_span_equal(value.aor, S("sip:a@b"));
      assert_span_equal(value.params, S("aor=sip:a@b;user=phone"));
    }
  }
  assert_int_equal(rows, 8);
  table_free(&t);
  static const struct {
    const char *aor;
    const char *text; /* NULL: refused */
  } made[] = {
      {"sip:a@b", "presence;aor=sip:a@b"},
      {"sip:a@b;user=phone", "presence;aor=\"sip:a@b;user=phone\""},
      {"sip:a,c@b", "presence;aor=\"sip:a,c@b\""},
      {"sip:a@b?h=1", "presence;aor=\"sip:a@b?h=1\""},
      {"\"sip:a@b;user=phone\"", "presence;aor=\"sip:a@b;user=phone\""},
      {"<sip:a@b;user=phone>", "presence;aor=<sip:a@b;user=phone>"},
      {"sip:a@b;x=\"", NULL},
      {"sip:a b;c", NULL},
  };
  for (size_t i = 0; i < COUNT(made); i++) {
    const stox_sip_coupled_subscription value = {.package = S("presence"),
                                                 .aor = stox_span_text(made[i].aor)};
    stox_sip_coupled_subscription read;
    char room[128];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_coupled_subscription_write(&out, &value),
                  made[i].text != NULL ? STOX_OK : STOX_E_BAD_HEADER);
    assert_span_equal(stox_buf_span(&out), stox_span_text(made[i].text));
    if (made[i].text != NULL) {
      assert_status(stox_sip_coupled_subscription_parse(&read, stox_buf_span(&out), NULL), STOX_OK);
      assert_span_equal(read.aor, stox_span_slice(stox_buf_span(&out), 13, out.len));
    }
  }
}

/* RS-3.2-04: the Event that a NOTIFY has. */
static void test_e_param(void **state) {
  (void)state;
  stox_sip_coupled_subscription value;
  stox_sip_event event;
  char room[64];
  stox_buf out;
  assert_status(
      stox_sip_coupled_subscription_parse(&value, S("presence;e-param=\"id=7;x=y\""), NULL),
      STOX_OK);
  stox_buf_init(&out, room, sizeof room);
  (void)stox_buf_put(&out, value.package);
  (void)stox_buf_put_octet(&out, ';');
  assert_status(stox_display_unquote(&out, value.e_param), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("presence;id=7;x=y"));
  assert_status(stox_sip_event_parse(&event, stox_buf_span(&out), NULL), STOX_OK);
  assert_span_equal(event.id, S("7"));
}

/* RS-3.5-04, RS-3.5-05 */
static void test_where(void **state) {
  (void)state;
  static const struct {
    int status;
    int methods;
  } rows[] = {{0, IN(REGISTER)}, {200, IN(REGISTER)}, {183, 0}, {403, 0}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int method = STOX_SIP_INVITE; method <= STOX_SIP_INFO; method++) {
      assert_int_equal(stox_sip_may_stand(STOX_SIP_SUBSCRIPTION, method, rows[i].status),
                       (rows[i].methods >> method) & 1);
    }
  }
}

/* RS-3.6.1-01, RS-3.6.1-02, RS-3.6.1-04, RS-3.1-01 */
static void test_regsub_messages(void **state) {
  (void)state;
  static const struct {
    const char *file;
    int method;
    stox_span from_tag;
    stox_span to_tag;
    stox_span subscription;
  } rows[] = {
      {"01-register.sip",
       STOX_SIP_REGISTER,
       ROW("asd9887g"),
       {NULL, 0},
       ROW("message-summary;aor=sip:joe@example.com")},
      {"02-register-200.sip", STOX_SIP_REGISTER, ROW("asd9887g"), ROW("99j9jj"),
       ROW("message-summary;tag=ghghghg")},
      {"04-notify.sip", STOX_SIP_NOTIFY, ROW("ghghghg"), ROW("asd9887g"), {NULL, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    stox_sip_cseq cseq;
    document_message(&p, "sip-regsub", rows[i].file);
    assert_int_equal(stox_sip_method_id(p.message), rows[i].method);
    assert_span_equal(stox_sip_value(p.message, STOX_SIP_CALL_ID),
                      S("1j9FpLxk3uxtm8tn@biloxi.example.com"));
    assert_span_equal(stox_sip_tag(p.message, STOX_SIP_FROM), rows[i].from_tag);
    assert_span_equal(stox_sip_tag(p.message, STOX_SIP_TO), rows[i].to_tag);
    assert_span_equal(stox_sip_value(p.message, STOX_SIP_SUBSCRIPTION), rows[i].subscription);
    assert_status(stox_sip_get_cseq(&cseq, p.message), STOX_OK);
    assert_int_equal(cseq.number, 1);
    parsed_free(&p);
  }
  parsed p;
  uint32_t expires = 0;
  document_message(&p, "sip-regsub", "02-register-200.sip");
  assert_status(stox_sip_get_number(&expires, p.message, STOX_SIP_EXPIRES), STOX_OK);
  assert_int_equal(expires, 3600);
  assert_null(stox_sip_value(p.message, STOX_SIP_CONTACT).p);
  parsed_free(&p);
  document_message(&p, "sip-regsub", "04-notify.sip");
  assert_span_equal(stox_sip_request_uri(p.message), S("sip:client.biloxi.example.com"));
  parsed_free(&p);
}

/* IDP-7-01: in an addr-spec what stands behind `;` belongs to the header field. */
static void test_anonymous_to(void **state) {
  (void)state;
  static const struct {
    const char *value;
    stox_span uri;
    stox_span params;
    int kind;
  } rows[] = {
      {"<sip:x@anon.example.com;user=anonymous>;q=1", ROW("sip:x@anon.example.com;user=anonymous"),
       ROW("q=1"), STOX_URI_USER_ANONYMOUS},
      {"sip:x@anon.example.com;user=anonymous", ROW("sip:x@anon.example.com"),
       ROW("user=anonymous"), STOX_URI_USER_NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    parsed p;
    stox_name_addr address;
    (void)snprintf(text, sizeof text, "%sAnonymous-To: %s\r\n\r\n", LINE ROUTING HOPS,
                   rows[i].value);
    parse_good(&p, stox_span_text(text));
    assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_ANONYMOUS_TO, 0), STOX_OK);
    assert_span_equal(address.uri, rows[i].uri);
    assert_span_equal(address.params, rows[i].params);
    const stox_uri uri = uri_of(address.uri);
    assert_int_equal(stox_uri_user_kind(&uri), rows[i].kind);
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_contact),
                                     cmocka_unit_test(test_contact_made),
                                     cmocka_unit_test(test_accept_contact),
                                     cmocka_unit_test(test_gruu_messages),
                                     cmocka_unit_test(test_gruu_variants),
                                     cmocka_unit_test(test_gruu_as_printed),
                                     cmocka_unit_test(test_uri_params),
                                     cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_map),
                                     cmocka_unit_test(test_outbound_messages),
                                     cmocka_unit_test(test_flow_timer),
                                     cmocka_unit_test(test_demux),
                                     cmocka_unit_test(test_subscription),
                                     cmocka_unit_test(test_e_param),
                                     cmocka_unit_test(test_where),
                                     cmocka_unit_test(test_regsub_messages),
                                     cmocka_unit_test(test_anonymous_to)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
