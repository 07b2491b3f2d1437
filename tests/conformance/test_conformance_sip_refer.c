/* SPDX-License-Identifier: MIT */
/* REFER and its kin: Refer-Sub (RFC 4488), feature tags in Refer-To (RFC 4508), Target-Dialog (RFC
 * 4538), and their drafts of 2005. */
#include "document.h"

#include "stox/sip_dialog.h"
#include "stox/sip_event.h"
#include "stox/sip_feature.h"
#include "stox/sip_match.h"
#include "stox/sip_mend.h"
#include "stox/sip_refer.h"
#include "stox/sip_tokens.h"
#include "stox/sip_where.h"
#include "stox/uri.h"

static int begins(stox_span text, const char *prefix) {
  return stox_span_is_equal(stox_span_slice(text, 0, strlen(prefix)), stox_span_text(prefix));
}

/* NS-4-05, NS-2-02: RFC 4488 by the typed header, the draft's text by its mended form. */
static void test_refer_sub(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/sip-norefersub", "refer-sub-parse.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    stox_sip_refer_sub value;
    char room[128];
    stox_buf out;
    int is_mended = 0;
    const int status = stox_sip_refer_sub_parse(&value, t.field[0], NULL);
    assert_status(status, begins(t.field[1], "ok") ? STOX_OK : STOX_E_BAD_HEADER);
    stox_buf_init(&out, room, sizeof room);
    const int mended = stox_sip_value_mend(&out, &is_mended, STOX_SIP_REFER_SUB, t.field[0]);
    assert_status(mended, begins(t.field[2], "ok") ? STOX_OK : STOX_E_BAD_HEADER);
    if (mended == STOX_OK) {
      assert_int_equal(is_mended, status != STOX_OK);
      assert_status(stox_sip_refer_sub_parse(&value, stox_buf_span(&out), NULL), STOX_OK);
      assert_true(stox_span_is_equal_nocase(value.value, t.field[3]));
    }
    if (mended == STOX_OK && is_mended) {
      assert_span_equal(value.params, S("extension=\"some text\""));
    }
  }
  assert_int_equal(rows, 9);
  table_free(&t);
}

/* NS-2-02, NS-2-03, NS-4-09, NS-6-01 */
static void test_norefersub_messages(void **state) {
  (void)state;
  parsed p;
  stox_sip_refer_to to;
  stox_sip_refer_sub sub;
  stox_name_addr contact;
  uint64_t set = 0;
  document_message(&p, "sip-norefersub", "01-refer.sip");
  assert_int_equal(stox_sip_method_id(p.message), STOX_SIP_REFER);
  assert_span_equal(stox_sip_request_uri(p.message), S("sip:pc-b@example.com"));
  assert_status(stox_sip_refer_to_parse(&to, stox_sip_value(p.message, STOX_SIP_REFER_TO), NULL),
                STOX_OK);
  assert_span_equal(to.address.uri, S("sip:c@example.com;method=INVITE"));
  assert_status(stox_sip_refer_sub_parse(&sub, stox_sip_value(p.message, STOX_SIP_REFER_SUB), NULL),
                STOX_OK);
  assert_span_equal(sub.value, S("false"));
  assert_status(stox_sip_get_address(&contact, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  assert_span_equal(contact.uri, S("sip:a@issuer.example.com"));
  assert_int_equal(contact.brackets, 0);
  assert_status(stox_sip_get_options(&set, p.message, STOX_SIP_SUPPORTED), STOX_OK);
  assert_true(set == UINT64_C(1) << STOX_SIP_OPTION_NOREFERSUB);
  parsed_free(&p);
  document_message(&p, "sip-norefersub", "02-refer-200-granted.sip");
  assert_span_equal(stox_sip_value(p.message, STOX_SIP_REFER_SUB), S("false"));
  parsed_free(&p);
  document_message(&p, "sip-norefersub", "03-refer-420.sip");
  assert_int_equal(document_lists(&p, STOX_SIP_UNSUPPORTED, "norefersub"), 1);
  parsed_free(&p);
}

/* NS-7-01, NS-7-02, TD-10.1-01 */
static void test_names(void **state) {
  (void)state;
  assert_int_equal(stox_sip_header_of(S("refer-sub")), STOX_SIP_REFER_SUB);
  assert_string_equal(stox_sip_header_name(STOX_SIP_REFER_SUB), "Refer-Sub");
  assert_int_equal(stox_sip_header_of(S("target-dialog")), STOX_SIP_TARGET_DIALOG);
  assert_string_equal(stox_sip_header_name(STOX_SIP_TARGET_DIALOG), "Target-Dialog");
  assert_int_equal(stox_sip_option_of(S("norefersub")), STOX_SIP_OPTION_NOREFERSUB);
  assert_string_equal(stox_sip_option_name(STOX_SIP_OPTION_NOREFERSUB), "norefersub");
}

/* NS-4-01, NS-4-03, TD-7-02, TD-7-03 */
static void test_where(void **state) {
  (void)state;
  static const struct {
    int id;
    int status;
    int methods;
  } rows[] = {
      {STOX_SIP_REFER_SUB, 0, IN(REFER)},
      {STOX_SIP_REFER_SUB, 200, IN(REFER)},
      {STOX_SIP_REFER_SUB, 202, IN(REFER)},
      {STOX_SIP_REFER_SUB, 180, 0},
      {STOX_SIP_REFER_SUB, 420, 0},
      {STOX_SIP_TARGET_DIALOG, 0, IN(INVITE) | IN(SUBSCRIBE) | IN(REFER)},
      {STOX_SIP_TARGET_DIALOG, 200, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int method = STOX_SIP_INVITE; method <= STOX_SIP_INFO; method++) {
      assert_int_equal(stox_sip_may_stand(rows[i].id, method, rows[i].status),
                       (rows[i].methods >> method) & 1);
    }
  }
}

/* NS-RFC7614-4-01: the angle brackets are mandatory; the two option tags. */
static void test_rfc7614(void **state) {
  (void)state;
  stox_sip_refer_events_at at;
  stox_uri uri;
  assert_status(stox_sip_refer_events_at_parse(
                    &at, S("<sips:vPT3izGmo8NTxaPADRZvEAY22BKx@example.com;gr>"), NULL),
                STOX_OK);
  assert_status(
      stox_uri_parse(&uri, stox_span_slice(at.uri, 1, at.uri.n - 2), STOX_URI_STRICT, NULL),
      STOX_OK);
  assert_int_equal(stox_uri_gruu(&uri), STOX_GRUU_TEMPORARY);
  assert_status(stox_sip_refer_events_at_parse(
                    &at, S("sips:vPT3izGmo8NTxaPADRZvEAY22BKx@example.com;gr"), NULL),
                STOX_E_BAD_HEADER);
  assert_int_equal(stox_sip_option_of(S("explicitsub")), STOX_SIP_OPTION_EXPLICITSUB);
  assert_int_equal(stox_sip_option_of(S("nosub")), STOX_SIP_OPTION_NOSUB);
}

/* The names of parameters, a comma between, with the value where `with_values`; `-` if none. */
static void put_names(stox_buf *out, stox_span params, int with_values) {
  stox_param param;
  size_t cursor = 0;
  while (params.n > 0 && stox_param_next(&param, params, &cursor) == STOX_OK) {
    if (out->len > 0) {
      (void)stox_buf_put_octet(out, ',');
    }
    (void)stox_buf_put(out, param.name);
    if (param.value.p != NULL && (with_values || param.value.p[0] != '"')) {
      (void)stox_buf_put_octet(out, '=');
      (void)stox_buf_put(out, param.value);
    }
  }
  if (out->len == 0) {
    (void)stox_buf_put_octet(out, '-');
  }
}

/* The features: `name=TRUE`, or the value without its quotes. */
static void put_features(stox_buf *out, stox_span params) {
  stox_param feature;
  stox_sip_tag_value value;
  size_t cursor = 0;
  while (stox_sip_next_feature(&feature, params, &cursor) == STOX_OK) {
    size_t at = 0;
    if (out->len > 0) {
      (void)stox_buf_put_octet(out, ' ');
    }
    (void)stox_buf_put(out, feature.name);
    (void)stox_buf_put_octet(out, '=');
    assert_status(stox_sip_next_tag_value(&value, feature.value, &at), STOX_OK);
    if (value.kind == STOX_SIP_TAG_BOOLEAN) {
      (void)stox_buf_put_text(out, value.is_true ? "TRUE" : "FALSE");
    } else {
      (void)stox_buf_put(out, value.text);
    }
  }
}

#define ASSERT_PUT(call, want)                                                                     \
  do {                                                                                             \
    char room_[256];                                                                               \
    stox_buf out;                                                                                  \
    stox_buf_init(&out, room_, sizeof room_);                                                      \
    call;                                                                                          \
    assert_span_equal(stox_buf_span(&out), want);                                                  \
  } while (0)

/* RF-3-01, RF-3-02, RF-3-06, RF-3-07, RF-4.1-01, RF-4.2-01, RF-4.3-01, RF-2-02 */
static void test_refer_to(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/sip-referfeature", "parse-cases.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    stox_sip_refer_to value;
    stox_sip_refer_to again;
    stox_uri uri;
    char room[256];
    stox_buf written;
    assert_status(stox_sip_refer_to_parse(&value, t.field[0], NULL), STOX_OK);
    assert_span_equal(value.address.uri, t.field[1]);
    assert_status(stox_uri_parse(&uri, value.address.uri, STOX_URI_STRICT, NULL), STOX_OK);
    ASSERT_PUT(put_names(&out, uri.params, 1), t.field[2]);
    ASSERT_PUT(put_names(&out, value.address.params, 0), t.field[3]);
    ASSERT_PUT(put_features(&out, value.address.params), t.field[4]);
    stox_buf_init(&written, room, sizeof room);
    assert_status(stox_sip_refer_to_write(&written, &value), STOX_OK);
    assert_status(stox_sip_refer_to_parse(&again, stox_buf_span(&written), NULL), STOX_OK);
    assert_int_equal(again.address.brackets, 1);
    assert_span_equal(again.address.uri, value.address.uri);
    assert_span_equal(again.address.params, value.address.params);
  }
  assert_int_equal(rows, 5);
  table_free(&t);
}

/* RF-3-01, RF-3-03, RF-4.1-01, RF-4.2-01, RF-4.3-01: the header fields, folds and all. */
static void test_refer_to_lines(void **state) {
  (void)state;
  static const struct {
    const char *file;
    stox_span display;
    stox_span uri;
    stox_span features;
  } rows[] = {
      {"4.1-isfocus.hdr", {NULL, 0}, ROW("sip:conf44@example.com"), ROW("isfocus=TRUE")},
      {"4.1-isfocus.rfc4508.hdr", {NULL, 0}, ROW("sip:conf44@example.com"), ROW("isfocus=TRUE")},
      {"compact.hdr", {NULL, 0}, ROW("sip:conf44@example.com"), ROW("isfocus=TRUE")},
      {"4.2-audio-video.hdr", ROW("\"Alice's Videophone\""), ROW("sip:alice@vphone.example.com"),
       ROW("audio=TRUE video=TRUE")},
      {"4.3-voicemail.hdr",
       {NULL, 0},
       ROW("sip:alice-vm@example.com;transport=tcp"),
       ROW("actor=msg-taker automata=TRUE audio=TRUE")},
      {"bad-unbracketed.hdr", {NULL, 0}, ROW("sip:alice-vm@example.com"), ROW("audio=TRUE")},
      {"other-tag.hdr",
       {NULL, 0},
       ROW("sip:bob@example.com"),
       ROW("+sip.instance=<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6> methods=INVITE")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_refer_to value;
    assert_status(
        stox_sip_refer_to_parse(
            &value, document_value("sip-referfeature", rows[i].file, STOX_SIP_REFER_TO), NULL),
        STOX_OK);
    assert_span_equal(value.address.display, rows[i].display);
    assert_span_equal(value.address.uri, rows[i].uri);
    ASSERT_PUT(put_features(&out, value.address.params), rows[i].features);
  }
}

/* RF-3-03, RF-3-04: the twenty base tags, `+` and others; what their values are. */
static void test_features(void **state) {
  (void)state;
  static const char *const base[] = {"audio",   "automata", "class",       "duplex", "data",
                                     "control", "mobility", "actor",       "events", "priority",
                                     "methods", "schemes",  "application", "video",  "language",
                                     "type",    "isfocus",  "description", "text",   "extensions"};
  assert_int_equal(COUNT(base), 20);
  for (size_t i = 0; i < COUNT(base); i++) {
    assert_int_equal(stox_sip_is_feature_tag(stox_span_text(base[i])), 1);
  }
  assert_int_equal(stox_sip_is_feature_tag(S("+sip.instance")), 1);
  assert_int_equal(stox_sip_is_feature_tag(S("foo")), 0);
  assert_int_equal(stox_sip_is_feature_tag(S("+")), 0);
  ASSERT_PUT(put_features(&out, S("foo=1;audio")), S("audio=TRUE"));
  static const struct {
    stox_span text;
    int kinds[3]; /* 0: no more */
    int negated;  /* which one, counted from 1 */
  } rows[] = {
      {ROW("\"msg-taker\""), {STOX_SIP_TAG_TOKEN, 0, 0}, 0},
      {ROW("\"INVITE,!BYE\""), {STOX_SIP_TAG_TOKEN, STOX_SIP_TAG_TOKEN, 0}, 2},
      {ROW("\"#>=5\""), {STOX_SIP_TAG_NUMBER, 0, 0}, 0},
      {ROW("\"<urn:foo:1>\""), {STOX_SIP_TAG_STRING, 0, 0}, 0},
      {ROW("\"!TRUE,#1:2.5,FALSE\""),
       {STOX_SIP_TAG_BOOLEAN, STOX_SIP_TAG_NUMBER, STOX_SIP_TAG_BOOLEAN},
       1},
      {{NULL, 0}, {STOX_SIP_TAG_BOOLEAN, 0, 0}, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_tag_value value;
    size_t cursor = 0;
    for (int k = 0; k < 3 && rows[i].kinds[k] != 0; k++) {
      assert_status(stox_sip_next_tag_value(&value, rows[i].text, &cursor), STOX_OK);
      assert_int_equal(value.kind, rows[i].kinds[k]);
      assert_int_equal(value.is_negated, rows[i].negated == k + 1);
    }
    assert_status(stox_sip_next_tag_value(&value, rows[i].text, &cursor), STOX_E_NONE);
  }
}

/* TD-7-01, TD-2-02, TD-4-05 */
static void test_target_dialog(void **state) {
  (void)state;
  table t;
  stox_sip_target_dialog value;
  int rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/sip-targetdialog", "parse-cases.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    const int is_good = begins(t.field[1], "ok") || begins(t.field[1], "parses");
    assert_status(stox_sip_target_dialog_parse(&value, t.field[0], NULL),
                  is_good ? STOX_OK : STOX_E_BAD_HEADER);
    if (is_good) {
      assert_int_equal(value.remote_tag.p != NULL && value.local_tag.p != NULL,
                       begins(t.field[1], "ok"));
    }
  }
  assert_int_equal(rows, 8);
  table_free(&t);
  assert_status(stox_sip_target_dialog_parse(
                    &value,
                    document_value("sip-targetdialog", "target-dialog.hdr", STOX_SIP_TARGET_DIALOG),
                    NULL),
                STOX_OK);
  assert_span_equal(value.call_id, S("fa77as7dad8-sd98ajzz@host.example.com"));
  assert_span_equal(value.local_tag, S("kkaz-"));
  assert_span_equal(value.remote_tag, S("6544"));
}

/* TD-4-05: whose dialog the header field names, from the recipient's side. */
static void test_match(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int is_named;
  } rows[] = {
      {"fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544", 1},
      {"fa77as7dad8-sd98ajzz@host.example.com;local-tag=6544;remote-tag=kkaz-", 0},
      {"fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6545", 0},
      {"fa77as7dad8-sd98ajzz@host.example.org;local-tag=kkaz-;remote-tag=6544", 0},
      {"fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-", 0},
      {"fa77as7dad8-sd98ajzz@host.example.com;remote-tag=6544", 0},
  };
  const stox_sip_dialog_key dialog = {S("fa77as7dad8-sd98ajzz@host.example.com"), S("kkaz-"),
                                      S("6544")};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_target_dialog value;
    stox_sip_dialog_key key;
    assert_status(stox_sip_target_dialog_parse(&value, stox_span_text(rows[i].text), NULL),
                  STOX_OK);
    const int is_named = stox_sip_dialog_key_of_target(&key, &value) == STOX_OK &&
                         stox_sip_dialog_key_is_equal(&dialog, &key);
    assert_int_equal(is_named, rows[i].is_named);
  }
}

/* TD-9-01, TD-9-02, TD-9-03, TD-2-01, TD-5-01 */
static void test_target_dialog_messages(void **state) {
  (void)state;
  parsed p;
  stox_name_addr address;
  stox_uri uri;
  stox_param param;
  stox_sip_refer_to to;
  stox_sip_edit *edit = NULL;
  document_message(&p, "sip-targetdialog", "01-invite.sip");
  assert_int_equal(document_lists(&p, STOX_SIP_SUPPORTED, "gruu"), 1);
  assert_int_equal(document_lists(&p, STOX_SIP_SUPPORTED, "tdialog"), 1);
  assert_int_equal(document_lists(&p, STOX_SIP_ACCEPT, "text/html"), 1);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  assert_status(stox_uri_parse(&uri, address.uri, STOX_URI_STRICT, NULL), STOX_OK);
  assert_int_equal(stox_uri_gruu(&uri), STOX_GRUU_DRAFT2005);
  assert_status(stox_param_find(&param, address.params, "schemes"), STOX_OK);
  assert_span_equal(param.value, S("\"http,sip,sips\""));
  parsed_free(&p);
  document_message(&p, "sip-targetdialog", "05-invite-200.sip");
  assert_null(stox_sip_value(p.message, STOX_SIP_SUPPORTED).p);
  assert_span_equal(stox_sip_tag(p.message, STOX_SIP_TO), S("6544"));
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  assert_span_equal(address.uri, S("sips:B@pc.example.org"));
  parsed_free(&p);
  document_message(&p, "sip-targetdialog", "08-refer.sip");
  assert_status(stox_sip_refer_to_parse(&to, stox_sip_value(p.message, STOX_SIP_REFER_TO), NULL),
                STOX_OK);
  assert_span_equal(to.address.uri, S("http://serverB.example.org/ui-component.html"));
  assert_int_equal(document_lists(&p, STOX_SIP_REQUIRE, "tdialog"), 1);
  size_t misplaced = 0;
  stox_sip_header header;
  assert_status(stox_sip_next_misplaced(&misplaced, p.message, 0), STOX_OK);
  assert_status(stox_sip_get_header(&header, p.message, misplaced), STOX_OK);
  assert_int_equal(header.id, STOX_SIP_EVENT);
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
  const stox_span text = document_written(edit);
  assert_span_equal(text, p.bytes.span);
  free((void *)(uintptr_t)text.p);
  parsed_free(&p);
}

/* TD-10.2-01, TD-3-10: who does not know tdialog says so; who does, does not. */
static void test_require(void **state) {
  (void)state;
  parsed p;
  stox_span tag;
  stox_sip_cursor cursor = {0, 0};
  document_message(&p, "sip-targetdialog", "08-refer.sip");
  assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, 0, &cursor), STOX_OK);
  assert_span_equal(tag, S("tdialog"));
  cursor = (stox_sip_cursor){0, 0};
  assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE,
                                          UINT64_C(1) << STOX_SIP_OPTION_TDIALOG, &cursor),
                STOX_E_NONE);
  assert_int_equal(stox_sip_option_of(S("tdialog")), STOX_SIP_OPTION_TDIALOG);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_refer_sub),
                                     cmocka_unit_test(test_norefersub_messages),
                                     cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_where),
                                     cmocka_unit_test(test_rfc7614),
                                     cmocka_unit_test(test_refer_to),
                                     cmocka_unit_test(test_refer_to_lines),
                                     cmocka_unit_test(test_features),
                                     cmocka_unit_test(test_target_dialog),
                                     cmocka_unit_test(test_match),
                                     cmocka_unit_test(test_target_dialog_messages),
                                     cmocka_unit_test(test_require)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
