/* SPDX-License-Identifier: MIT */
/* The drafts of 2005 on security, as far as messages and bodies say it: response authentication,
 * end-to-middle security, SAML, certificates, and the security flows. */
#include "document.h"

#include "stox/error_map.h"
#include "stox/hash.h"
#include "stox/multipart.h"
#include "stox/sip_accept.h"
#include "stox/sip_body_label.h"
#include "stox/sip_event.h"
#include "stox/sip_identity.h"
#include "stox/sip_mend.h"
#include "stox/sip_response_identity.h"
#include "stox/sip_time.h"
#include "stox/sip_tokens.h"
#include "stox/sip_warning.h"
#include "stox/sip_where.h"
#include "stox/sipfrag.h"

#define RESPAUTH "sec-respauth"

static const stox_span absent = {NULL, 0};

/* A parsed message written again is the same octets. */
static void check_round_trip(parsed *p) {
  stox_sip_edit *edit = NULL;
  assert_status(stox_sip_edit_new(&edit, &p->arena, p->message), STOX_OK);
  const stox_span text = document_written(edit);
  assert_span_equal(text, p->bytes.span);
  free((void *)(uintptr_t)text.p);
}

/* RA-3.1-06, RA-3.1-07, RA-3.1-10, RA-1-02, RA-4-01 */
static void test_responder_message(void **state) {
  (void)state;
  parsed p;
  stox_sip_responder responder;
  stox_sip_responder_info info;
  stox_span method;
  size_t cursor = 0;
  document_message(&p, RESPAUTH, "3.1-183.fixed.sip");
  assert_int_equal(stox_sip_status(p.message), 183);
  assert_status(
      stox_sip_responder_parse(&responder, stox_sip_value(p.message, STOX_SIP_RESPONDER), NULL),
      STOX_OK);
  assert_span_equal(responder.claimer, S("<sip:px2@destination.com>"));
  assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_OK);
  assert_span_equal(method, S("DAS"));
  assert_status(stox_sip_responder_info_parse(
                    &info, stox_sip_value(p.message, STOX_SIP_RESPONDER_INFO), NULL),
                STOX_OK);
  assert_span_equal(info.uri, S("<https://www.destination.com/certs>"));
  assert_non_null(stox_sip_value(p.message, STOX_SIP_IDENTITY).p);
  check_round_trip(&p);
  parsed_free(&p);
  assert_int_equal(stox_sip_header_of(S("Identify")), STOX_SIP_OTHER);
}

/* RA-3.1-01, RA-3.1-03, RA-3.1-08, RA-3.2-04, RA-6.1-05, RA-6.1-13: what the values may be. */
static void test_respauth_values(void **state) {
  (void)state;
  static const char *const claimers[] = {"<sip:bob@destination.com>", "<sip:px2@destination.com>"};
  static const char *const methods[] = {"DAS", "AIB", "foo"};
  static const char *const auth[] = {"DAS", "SharedKey", "PublicKey", "FOO"};
  char text[128];
  stox_span method;
  stox_sip_responder responder;
  for (size_t i = 0; i < COUNT(claimers) * COUNT(methods); i++) {
    size_t cursor = 0;
    (void)snprintf(text, sizeof text, "claimer=%s;verify-method=%s", claimers[i % 2],
                   methods[i / 2]);
    assert_status(stox_sip_responder_parse(&responder, stox_span_text(text), NULL), STOX_OK);
    assert_span_equal(responder.claimer, stox_span_text(claimers[i % 2]));
    assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_OK);
    assert_span_equal(method, stox_span_text(methods[i / 2]));
  }
  for (size_t i = 0; i < COUNT(auth); i++) {
    stox_sip_response_authentication value;
    char room[64];
    stox_buf out;
    (void)snprintf(text, sizeof text, "method=%s;nonce=\"bjI=\"", auth[i]);
    assert_status(stox_sip_response_authentication_parse(&value, stox_span_text(text), NULL),
                  STOX_OK);
    assert_span_equal(value.method, stox_span_text(auth[i]));
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_response_authentication_write(&out, &value), STOX_OK);
    assert_span_equal(stox_buf_span(&out), stox_span_text(text));
  }
  size_t cursor = 0;
  assert_status(stox_sip_responder_parse(&responder, S("claimer=<sip:a@b>"), NULL), STOX_OK);
  assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_E_NONE);
  assert_status(stox_sip_responder_parse(&responder, S(""), NULL), STOX_E_BAD_HEADER);
}

/* RA-3.1-02, RA-5.1-05, E2M-5.3-14, SAML-6.1-04: who knows none of the header fields passes them on
 * untouched, in order. */
static void test_passthrough(void **state) {
  (void)state;
  static const char fields[] = "Responder: claimer=<sip:a@b>;verify-method=DAS\r\n"
                               "responder-info :  <https://a/>\r\n"
                               "Response-Authorization: digest=\"YQ==\"\r\n"
                               "Proxy-Required-Body: h;cid=\"a@b\"\r\n"
                               "SAML-Payload: <cid:a@b>,\r\n <https://a/?ID=1>\r\n"
                               "X-Unknown: \x22;,\r\n";
  char text[1024];
  parsed p;
  stox_sip_edit *edit = NULL;
  (void)snprintf(text, sizeof text,
                 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP p;branch=z9hG4bKp\r\n" ROUTING
                 "%sContent-Length: 0\r\n\r\n",
                 fields);
  parse_good(&p, stox_span_text(text));
  check_round_trip(&p);
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
  assert_status(stox_sip_edit_pop(edit, STOX_SIP_VIA), STOX_OK);
  const stox_span relayed = document_written(edit);
  (void)snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n" ROUTING "%sContent-Length: 0\r\n\r\n",
                 fields);
  assert_span_equal(relayed, stox_span_text(text));
  free((void *)(uintptr_t)relayed.p);
  parsed_free(&p);
}

/* RA-6.1-01, E2M-6-09, E2M-6-10 */
static void test_where(void **state) {
  (void)state;
  enum { ALL = (2 << STOX_SIP_INFO) - 2 };
  const int body = ALL - IN(ACK) - IN(CANCEL) - IN(PRACK);
  const struct {
    int id;
    int status;
    int methods;
  } rows[] = {
      {STOX_SIP_RESPONDER, 0, 0},
      {STOX_SIP_RESPONDER, 100, ALL},
      {STOX_SIP_RESPONDER, 603, ALL},
      {STOX_SIP_RESPONDER_INFO, 0, 0},
      {STOX_SIP_RESPONDER_INFO, 183, ALL},
      {STOX_SIP_RESPONSE_AUTHORIZATION, 0, 0},
      {STOX_SIP_RESPONSE_AUTHORIZATION, 200, ALL},
      {STOX_SIP_RESPONSE_AUTHENTICATION, 0, ALL},
      {STOX_SIP_RESPONSE_AUTHENTICATION, 200, 0},
      {STOX_SIP_PROXY_REQUIRED_BODY, 0, body},
      {STOX_SIP_PROXY_REQUIRED_BODY, 100, body},
      {STOX_SIP_PROXY_REQUIRED_BODY, 699, body},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int method = STOX_SIP_INVITE; method <= STOX_SIP_INFO; method++) {
      assert_int_equal(stox_sip_may_stand(rows[i].id, method, rows[i].status),
                       (rows[i].methods >> method) & 1);
    }
  }
  parsed p;
  size_t at = 0;
  stox_sip_responder responder;
  parse_good(&p, S(LINE ROUTING HOPS "Responder: claimer=<sip:a@b>\r\n\r\n"));
  assert_status(
      stox_sip_responder_parse(&responder, stox_sip_value(p.message, STOX_SIP_RESPONDER), NULL),
      STOX_OK);
  assert_status(stox_sip_next_misplaced(&at, p.message, 0), STOX_OK);
  assert_int_equal(at, 6);
  parsed_free(&p);
}

/* RA-6.1-11, RA-6.1-06: as printed, with folds, and what is mended of it. */
static void test_180_as_printed(void **state) {
  (void)state;
  const stox_sip_options lenient = options_of(1, 0);
  stox_sip_via via;
  parsed p;
  char room[256];
  stox_buf out;
  int is_mended = 0;
  parse_with(&p, document_file(RESPAUTH, "6.1-180.as-printed.sip"), &lenient);
  assert_status(p.status, STOX_OK);
  assert_status(stox_sip_get_via(&via, p.message, 1), STOX_OK);
  assert_span_equal(via.received, S("121.56.12.1"));
  assert_status(stox_sip_get_via(&via, p.message, 2), STOX_E_NONE);
  stox_buf_init(&out, room, sizeof room);
  const stox_span identity = stox_sip_value(p.message, STOX_SIP_IDENTITY);
  for (size_t i = 0; i < identity.n; i++) {
    if (strchr("\r\n ", identity.p[i]) == NULL) {
      (void)stox_buf_put_octet(&out, identity.p[i]);
    }
  }
  assert_int_equal(out.len, 135);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_value_mend(&out, &is_mended, STOX_SIP_RESPONDER,
                                    stox_sip_value(p.message, STOX_SIP_RESPONDER)),
                STOX_OK);
  assert_int_equal(is_mended, 1);
  assert_span_equal(stox_buf_span(&out), S("claimer=<sip:bob@destination.com>;verify-method=DAS"));
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_value_mend(&out, &is_mended, STOX_SIP_RESPONDER_INFO,
                                    stox_sip_value(p.message, STOX_SIP_RESPONDER_INFO)),
                STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("<https://www.destination.com/certificate>"));
  parsed_free(&p);
}

static stox_media_type media_of(const parsed *p) {
  stox_media_type type;
  assert_status(
      stox_media_type_parse(&type, stox_sip_value(p->message, STOX_SIP_CONTENT_TYPE), NULL),
      STOX_OK);
  return type;
}

/* RA-A-09, RA-A-11 */
static void test_aib(void **state) {
  (void)state;
  static const struct {
    uint32_t depth;
    int is_multipart;
    const char *subtype;
  } rows[] = {{1, 0, "sdp"}, {1, 1, "signed"}, {2, 0, "sipfrag"}, {2, 0, "pkcs7-signature"}};
  parsed p;
  stox_body_walk walk;
  stox_body_part part;
  stox_disposition disposition;
  document_message(&p, RESPAUTH, "A-183-aib.fixed.sip");
  stox_media_type type = media_of(&p);
  assert_status(stox_body_walk_init(&walk, &type, stox_sip_body(p.message), NULL, 0), STOX_OK);
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_body_walk_next(&part, &walk, NULL), STOX_OK);
    assert_int_equal(part.depth, rows[i].depth);
    assert_int_equal(part.is_multipart, rows[i].is_multipart);
    assert_span_equal(part.type.subtype, stox_span_text(rows[i].subtype));
    if (i == 2) {
      assert_status(stox_mime_entity_disposition(&disposition, &part.entity), STOX_OK);
      assert_span_equal(disposition.type, S("aib"));
      assert_int_equal(disposition.is_optional, 1);
    }
  }
  assert_int_equal(disposition.is_optional, 1);
  assert_status(stox_body_walk_next(&part, &walk, NULL), STOX_E_NONE);
  parsed_free(&p);
  /* The inner multipart closed with another boundary, as printed. */
  static const char unclosed[] = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--boundary42--\r\n";
  assert_status(stox_media_type_parse(&type, S("multipart/signed;boundary=b"), NULL), STOX_OK);
  assert_status(stox_body_walk_init(&walk, &type, S(unclosed), NULL, 0), STOX_OK);
  int status = STOX_OK;
  while (status == STOX_OK) {
    status = stox_body_walk_next(&part, &walk, NULL);
  }
  assert_int_not_equal(status, STOX_E_NONE);
  /* A body in a 100, Max-Forwards in a response: tolerated. */
  parse_good(&p, S("SIP/2.0 100 Trying\r\n" ROUTING HOPS
                   "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello"));
  assert_span_equal(stox_sip_body(p.message), S("Hello"));
  parsed_free(&p);
}

/* RA-8.1-01, RA-8.1-02, RA-8.1-03, RA-8.1-04, RA-8.2-01, RA-8.3-01, E2M-9-01, E2M-9-02, SAML-7-01,
 * IDP-10-01 */
static void test_names(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int id;
  } rows[] = {
      {"responder", STOX_SIP_RESPONDER},
      {"RESPONDER-INFO", STOX_SIP_RESPONDER_INFO},
      {"response-authentication", STOX_SIP_RESPONSE_AUTHENTICATION},
      {"Response-Authorization", STOX_SIP_RESPONSE_AUTHORIZATION},
      {"Proxy-required-Body", STOX_SIP_PROXY_REQUIRED_BODY},
      {"saml-payload", STOX_SIP_SAML_PAYLOAD},
      {"anonymous-to", STOX_SIP_ANONYMOUS_TO},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_sip_header_of(stox_span_text(rows[i].name)), rows[i].id);
    /* No compact form: no single letter is one of them. */
    for (char letter = 'a'; letter <= 'z'; letter++) {
      assert_int_not_equal(stox_sip_header_of((stox_span){&letter, 1}), rows[i].id);
    }
  }
  assert_int_equal(stox_sip_option_of(S("anonymous")), STOX_SIP_OPTION_ANONYMOUS);
  assert_string_equal(stox_sip_reason_draft2005(431), "Failed Responder Identity");
  assert_string_equal(stox_sip_reason_draft2005(432), "Failed Response Authorization");
  assert_string_equal(stox_sip_reason_draft2005(495), "Signature Required");
  assert_null(stox_sip_reason_draft2005(430));
  static const int codes[] = {431, 432, 495};
  for (size_t i = 0; i < COUNT(codes); i++) {
    assert_string_equal(stox_sip_reason(codes[i]), "Request Failure");
  }
}

/* E2M-3-01, E2M-3-02, E2M-6-01, E2M-6-02, E2M-6-03, E2M-6-05: one line a proxy, one or more cids.
 */
static void test_body_label(void **state) {
  (void)state;
  static const struct {
    stox_span proxy;
    size_t cids;
  } rows[] = {{ROW("ssl.atlanta.example.com"), 1}, {ROW("[2001:db8::1]"), 2}};
  parsed p;
  stox_sip_cursor cursor = {0, 0};
  stox_span value;
  stox_sip_body_label label;
  parse_good(&p,
             S(LINE ROUTING HOPS
               "Proxy-Required-Body: ssl.atlanta.example.com;cid=\"1234@atlanta.example.com\"\r\n"
               "Proxy-Required-Body: [2001:db8::1];cid=\"a@b\",\r\n cid=\"c@d\"\r\n\r\n"));
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_span cid;
    size_t at = 0;
    size_t cids = 0;
    assert_status(stox_sip_next_value(&value, p.message, STOX_SIP_PROXY_REQUIRED_BODY, &cursor),
                  STOX_OK);
    assert_status(stox_sip_body_label_parse(&label, value, NULL), STOX_OK);
    assert_span_equal(label.proxy, rows[i].proxy);
    while (stox_sip_next_cid(&cid, label.cids, &at) == STOX_OK) {
      cids++;
    }
    assert_int_equal(cids, rows[i].cids);
  }
  assert_status(stox_sip_next_value(&value, p.message, STOX_SIP_PROXY_REQUIRED_BODY, &cursor),
                STOX_E_NONE);
  parsed_free(&p);
  document_message(&p, "sec-e2m", "7.1-invite.headers.fixed.sip");
  assert_status(stox_sip_body_label_parse(
                    &label, stox_sip_value(p.message, STOX_SIP_PROXY_REQUIRED_BODY), NULL),
                STOX_OK);
  assert_span_equal(label.proxy, S("ssl.atlanta.example.com"));
  assert_span_equal(label.cids, S("cid=\"1234@atlanta.example.com\""));
  parsed_free(&p);
}

/* E2M-6-08: with the angle brackets that RFC 2392 asks for, and without. */
static void test_content_id(void **state) {
  (void)state;
  static const char *const ids[] = {"<1234@atlanta.example.com>", "1234@atlanta.example.com"};
  for (size_t i = 0; i < COUNT(ids); i++) {
    char text[96];
    stox_mime_entity entity;
    (void)snprintf(text, sizeof text, "Content-ID: %s\r\n\r\nx", ids[i]);
    assert_status(stox_mime_entity_parse(&entity, stox_span_text(text), NULL, NULL), STOX_OK);
    assert_int_equal(stox_mime_entity_is_content(&entity, S("cid:1234@atlanta.example.com")), 1);
    assert_int_equal(stox_mime_entity_is_content(&entity, S("cid:1234@atlanta.example.org")), 0);
  }
}

/* E2M-4-07, E2M-7.2-02 */
static void test_e2m_responses(void **state) {
  (void)state;
  parsed p;
  stox_sip_warning warning;
  char room[64];
  stox_buf out;
  document_message(&p, "sec-e2m", "4-493.constructed.headers.sip");
  const stox_span value = stox_sip_value(p.message, STOX_SIP_WARNING);
  assert_status(stox_sip_warning_parse(&warning, value, NULL), STOX_OK);
  assert_int_equal(warning.code, 380);
  assert_span_equal(warning.agent, S("ssl.atlanta.example.com"));
  assert_span_equal(warning.text, S("\"application/sdp\""));
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_warning_write(&out, &warning), STOX_OK);
  assert_span_equal(stox_buf_span(&out), value);
  parsed_free(&p);
  document_message(&p, "sec-e2m", "7.2-495.sip");
  assert_int_equal(stox_sip_status(p.message), 495);
  assert_span_equal(stox_sip_reason_phrase(p.message), S("Signature Required"));
  check_round_trip(&p);
  parsed_free(&p);
}

/* E2M-7.1-02, E2M-7.2-01: an entity by itself; the octets that a signature covers. */
static void test_e2m_bodies(void **state) {
  (void)state;
  stox_mime_entity entity;
  stox_media_type type;
  stox_multipart walk;
  char room[1024];
  const stox_span offer = document_file("sec-e2m", "7.1-inner-sdp-offer.txt");
  assert_status(stox_mime_entity_parse(&entity, offer, NULL, NULL), STOX_OK);
  assert_status(stox_mime_entity_type(&type, &entity), STOX_OK);
  assert_span_equal(type.subtype, S("sdp"));
  assert_int_equal(entity.body.n, 151);
  const stox_span part = document_file("sec-e2m", "7.2-signed-part.bin");
  (void)snprintf(room, sizeof room,
                 "--boundary1\r\n%.*s\r\n--boundary1\r\n"
                 "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
                 "Content-Transfer-Encoding: binary\r\n"
                 "Content-ID: <1234@atlanta.example.com>\r\n"
                 "Content-Disposition: attachment; filename=smime.p7s;handling=required\r\n\r\n"
                 "\001\002\r\n--boundary1--\r\n",
                 (int)part.n, part.p);
  assert_status(stox_media_type_parse(
                    &type,
                    S("multipart/signed;protocol=\"application/pkcs7-signature\";micalg=sha1;"
                      "boundary=boundary1"),
                    NULL),
                STOX_OK);
  assert_status(stox_multipart_init(&walk, &type, stox_span_text(room), NULL, 0), STOX_OK);
  assert_status(stox_multipart_next(&entity, &walk, NULL), STOX_OK);
  assert_span_equal(entity.text, part);
  assert_status(stox_multipart_next(&entity, &walk, NULL), STOX_OK);
  assert_span_equal(entity.body, S("\001\002"));
  assert_int_equal(stox_mime_entity_is_content(&entity, S("cid:1234@atlanta.example.com")), 1);
  assert_status(stox_multipart_next(&entity, &walk, NULL), STOX_E_NONE);
}

/* SAML-7-02, SAML-7-05, SAML-5-09 */
static void test_saml(void **state) {
  (void)state;
  stox_sip_saml_payload payload;
  stox_mime_entity entity;
  stox_media_type type;
  stox_sip_message *fragment = NULL;
  stox_arena arena;
  stox_sip_cseq cseq;
  char room[8192];
  int64_t date = 0;
  assert_status(stox_sip_saml_payload_parse(&payload, S("<https://as.example.com/a?ID=1>"), NULL),
                STOX_OK);
  assert_span_equal(payload.reference, S("<https://as.example.com/a?ID=1>"));
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const stox_span aib = document_file("sec-saml", "fig3-aib.txt");
  assert_status(stox_mime_entity_parse(&entity, aib, NULL, NULL), STOX_OK);
  assert_status(stox_mime_entity_type(&type, &entity), STOX_OK);
  assert_status(stox_sipfrag_check_type(&type), STOX_OK);
  stox_disposition disposition;
  assert_status(stox_mime_entity_disposition(&disposition, &entity), STOX_OK);
  assert_span_equal(disposition.type, S("aib"));
  assert_int_equal(disposition.is_optional, 1);
  assert_status(stox_sipfrag_parse(&fragment, &arena, entity.body, NULL, NULL), STOX_OK);
  assert_int_equal(stox_sipfrag_kind(fragment), STOX_SIPFRAG_HEADERS);
  assert_span_equal(stox_sip_value(fragment, STOX_SIP_CALL_ID), S("b76m5194s90835"));
  assert_span_equal(stox_sip_value(fragment, STOX_SIP_FROM), S("Alice <sip:alice@example.com>"));
  assert_span_equal(stox_sip_value(fragment, STOX_SIP_TO), S("Bob <sip:bob@example2.com>"));
  assert_span_equal(stox_sip_value(fragment, STOX_SIP_CONTACT), S("<sip:alice@pc33.example.com>"));
  assert_status(stox_sip_get_cseq(&cseq, fragment), STOX_OK);
  assert_int_equal(cseq.number, 435431);
  assert_int_equal(cseq.method_id, STOX_SIP_INVITE);
  assert_status(stox_sip_date_parse(&date, stox_sip_value(fragment, STOX_SIP_DATE), NULL), STOX_OK);
  assert_int_equal(date, 1093528294);
}

/* The value of a header field in a fragment that is no message. */
static stox_span value_in(stox_span text, const char *name) {
  size_t cursor = stox_span_find(text, '\n') + 1;
  const size_t n = strlen(name);
  for (; cursor + n < text.n; cursor++) {
    if (text.p[cursor - 1] == '\n' && memcmp(text.p + cursor, name, n) == 0) {
      size_t end = cursor + n;
      while (text.p[end] != '\r' || text.p[end + 2] == ' ') {
        end++;
      }
      return stox_span_trim(stox_span_slice(text, cursor + n + 1, end - cursor - n - 1));
    }
  }
  fail_msg("no %s", name);
  return absent;
}

/* CRT-9.1-02, CRT-8.2-02, CRT-10.6-07 */
static void test_certs(void **state) {
  (void)state;
  stox_sip_subscription_state sub;
  stox_sip_identity identity;
  stox_sip_identity_info info;
  stox_sip_content_disposition disposition;
  stox_sip_event event;
  stox_media_type type;
  size_t digits = 0;
  int64_t date = 0;
  const stox_span text = document_file("sec-certs", "9.1-notify.frag.sip");
  assert_status(stox_sip_subscription_state_parse(&sub, value_in(text, "Subscription-State"), NULL),
                STOX_OK);
  assert_span_equal(sub.state, S("active"));
  assert_int_equal(sub.expires.value, 7200);
  assert_status(stox_sip_identity_parse(&identity, value_in(text, "Identity"), NULL), STOX_OK);
  for (size_t i = 0; i < identity.digest.n; i++) {
    digits += strchr("\r\n \"", identity.digest.p[i]) == NULL ? 1U : 0U;
  }
  assert_int_equal(digits, 172);
  assert_status(stox_sip_identity_info_parse(&info, value_in(text, "Identity-Info"), NULL),
                STOX_OK);
  assert_span_equal(info.uri, S("<https://atlanta.example.com/cert>"));
  assert_span_equal(info.alg, S("rsa-sha1"));
  assert_status(stox_sip_event_parse(&event, value_in(text, "Event"), NULL), STOX_OK);
  assert_span_equal(event.package, S("certificate"));
  assert_status(stox_media_type_parse(&type, value_in(text, "Content-Type"), NULL), STOX_OK);
  assert_span_equal(type.subtype, S("pkix-cert"));
  assert_status(
      stox_sip_content_disposition_parse(&disposition, value_in(text, "Content-Disposition"), NULL),
      STOX_OK);
  assert_span_equal(disposition.type, S("signal"));
  assert_span_equal(value_in(text, "From"), S("<sip:bob@biloxi.example.com>;tag=1234"));
  assert_status(stox_sip_event_parse(&event, S("credential;etag=abc"), NULL), STOX_OK);
  assert_span_equal(event.etag, S("abc"));
  assert_status(stox_sip_event_parse(&event, S("credential;etag=\"abc\""), NULL),
                STOX_E_BAD_HEADER);
  assert_status(stox_sip_date_parse(&date, S("Sat, 19 Feb 2005 00:48:07 GMT"), NULL), STOX_OK);
  assert_int_equal(date, 1108774087);
}

/* SF-4.2-01, SF-4.2-02, SF-4.2-03 */
static void test_flows_tls(void **state) {
  (void)state;
  parsed p;
  stox_sip_identity identity;
  stox_sip_via via;
  stox_name_addr contact;
  document_message(&p, "sec-secflows", "4.2-message-tls.sip");
  assert_int_equal(p.bytes.span.n, 696);
  assert_span_equal(stox_sip_request_uri(p.message), S("sips:kumiko@example.net"));
  assert_status(stox_sip_get_via(&via, p.message, 0), STOX_OK);
  assert_int_equal(via.has_rport, 1);
  assert_int_equal(via.rport, 0);
  assert_int_equal(via.port, 5071);
  assert_span_equal(stox_sip_body(p.message), S("Hello!"));
  const stox_span bare = stox_sip_value(p.message, STOX_SIP_IDENTITY);
  char room[256];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_int_equal(bare.n, 173);
  assert_status(stox_sip_value_mend(&out, NULL, STOX_SIP_IDENTITY, bare), STOX_OK);
  assert_status(stox_sip_identity_parse(&identity, stox_buf_span(&out), NULL), STOX_OK);
  assert_int_equal(identity.digest.n, bare.n + 2);
  check_round_trip(&p);
  parsed_free(&p);
  document_message(&p, "sec-secflows", "4.2-200ok-tls.sip");
  assert_int_equal(p.bytes.span.n, 363);
  assert_status(stox_sip_get_via(&via, p.message, 0), STOX_OK);
  assert_int_equal(via.rport, 55768);
  assert_span_equal(via.received, S("127.0.0.1"));
  assert_span_equal(stox_sip_tag(p.message, STOX_SIP_TO), S("4c53f1b8"));
  assert_status(stox_sip_get_address(&contact, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  assert_span_equal(contact.uri, S("sips:kumiko@127.0.0.1:5061;transport=TLS"));
  check_round_trip(&p);
  parsed_free(&p);
}

/* SF-5.1-02, SF-5-01: the octets that were signed, by the digest that the signature holds; the long
 * Content-Type in one line and in several. */
static void test_flows_signed(void **state) {
  (void)state;
  static const struct {
    const char *message;
    const char *content;
    size_t n;
    const char *sha1;
  } rows[] = {
      {"5.1-message-signed.sip", "blob1-signed-content.bin", 68,
       "\xda\x23\x80\x0f\x1e\xb9\xe1\x95\xcc\x7e\x55\x3d\x49\xae\xc1\x7a\xd5\x99\xda\x2b"},
      {"5.3-message-signed-enveloped.sip", "blob4-signed-content.bin", 603,
       "\x58\xed\x12\xdd\x68\x18\x99\x96\xf9\x4c\x81\x4c\xa6\x51\xbd\x84\xa8\xba\xf3\x6a"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    stox_multipart walk;
    stox_mime_entity entity;
    unsigned char hash[20];
    document_message(&p, "sec-secflows", rows[i].message);
    const stox_media_type type = media_of(&p);
    assert_status(stox_multipart_init(&walk, &type, stox_sip_body(p.message), NULL, 1), STOX_OK);
    assert_status(stox_multipart_next(&entity, &walk, NULL), STOX_OK);
    assert_int_equal(entity.text.n, rows[i].n);
    assert_span_equal(entity.text, document_file("sec-secflows", rows[i].content));
    assert_status(stox_hash(STOX_HASH_SHA1, entity.text, hash, sizeof hash), STOX_OK);
    assert_memory_equal(hash, rows[i].sha1, sizeof hash);
    check_round_trip(&p);
    parsed_free(&p);
  }
  stox_media_type one;
  stox_media_type folded;
  assert_status(stox_media_type_parse(&one, S("multipart/signed;boundary=b;micalg=sha1"), NULL),
                STOX_OK);
  parsed p;
  parse_good(&p, S(LINE ROUTING HOPS "Content-Type: multipart/signed;\r\n boundary=b;\r\n\tmicalg="
                                     "sha1\r\nContent-Length: 0\r\n\r\n"));
  folded = media_of(&p);
  stox_param a;
  stox_param b;
  assert_status(stox_param_find(&a, one.params, "micalg"), STOX_OK);
  assert_status(stox_param_find(&b, folded.params, "micalg"), STOX_OK);
  assert_span_equal(a.value, b.value);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_responder_message),
                                     cmocka_unit_test(test_respauth_values),
                                     cmocka_unit_test(test_passthrough),
                                     cmocka_unit_test(test_where),
                                     cmocka_unit_test(test_180_as_printed),
                                     cmocka_unit_test(test_aib),
                                     cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_body_label),
                                     cmocka_unit_test(test_content_id),
                                     cmocka_unit_test(test_e2m_responses),
                                     cmocka_unit_test(test_e2m_bodies),
                                     cmocka_unit_test(test_saml),
                                     cmocka_unit_test(test_certs),
                                     cmocka_unit_test(test_flows_tls),
                                     cmocka_unit_test(test_flows_signed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
