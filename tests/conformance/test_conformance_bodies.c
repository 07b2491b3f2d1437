/* SPDX-License-Identifier: MIT */
/* What several documents ask of bodies and of messages that carry them. */
#include "document.h"

#include "stox/multipart.h"
#include "stox/transfer_encoding.h"

/* Octets of DER: any, line ends among them. */
#define DER "\x30\x82\x0d\x0a\x0a\x00\xff\r\n."

/* E2M-2.1-08, CRT-8.5-08: pieces are concatenated in a multipart/mixed, as they are. */
static void test_concatenated(void **state) {
  (void)state;
  static const char head[] = "Content-Type: application/pkcs7-mime\r\n"
                             "Content-Transfer-Encoding: binary\r\n\r\n";
  char piece[2][128];
  stox_span parts[2];
  char room[512];
  stox_buf out;
  for (size_t i = 0; i < 2; i++) {
    stox_buf_init(&out, piece[i], sizeof piece[i]);
    (void)stox_buf_put_text(&out, head);
    (void)stox_buf_put(&out, S(DER));
    (void)stox_buf_put_number(&out, i);
    parts[i] = stox_buf_span(&out);
  }
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_multipart_write(&out, S("b1"), parts, 2), STOX_OK);
  stox_media_type type;
  stox_multipart walk;
  stox_mime_entity entity;
  assert_status(stox_media_type_parse(&type, S("multipart/mixed;boundary=b1"), NULL), STOX_OK);
  assert_status(stox_multipart_init(&walk, &type, stox_buf_span(&out), NULL, 0), STOX_OK);
  for (size_t i = 0; i < 2; i++) {
    stox_media_type inner;
    assert_status(stox_multipart_next(&entity, &walk, NULL), STOX_OK);
    assert_span_equal(entity.text, parts[i]);
    assert_status(stox_mime_entity_type(&inner, &entity), STOX_OK);
    assert_span_equal(inner.subtype, S("pkcs7-mime"));
  }
  assert_status(stox_multipart_next(&entity, &walk, NULL), STOX_E_NONE);
}

/* SF-6-05, CRT-8.5-08, CRT-11.3-03: base64 decodes to the octets that binary carries. */
static void test_transfer(void **state) {
  (void)state;
  static const struct {
    const char *encoding;
    const char *body;
    size_t n;
  } rows[] = {{"binary", DER, sizeof DER - 1}, {"Base64", "MIINCgoA/w0KLg==\r\n", 18}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[256];
    char room[64];
    stox_buf part;
    stox_buf out;
    stox_mime_entity entity;
    int encoding = -1;
    stox_buf_init(&part, text, sizeof text);
    (void)stox_buf_put_text(&part, "Content-Type: application/pkcs7-mime\r\n"
                                   "Content-Transfer-Encoding: ");
    (void)stox_buf_put_text(&part, rows[i].encoding);
    (void)stox_buf_put_text(&part, "\r\n\r\n");
    (void)stox_buf_put(&part, (stox_span){rows[i].body, rows[i].n});
    assert_status(stox_mime_entity_parse(&entity, stox_buf_span(&part), NULL, NULL), STOX_OK);
    assert_status(stox_mime_entity_transfer(&encoding, &entity), STOX_OK);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_transfer_decode(&out, encoding, entity.body, 0, NULL), STOX_OK);
    assert_span_equal(stox_buf_span(&out), S(DER));
  }
}

/* ID-7-01: header fields and parameters that nobody knows go through octet for octet, in order. */
static void test_unknown(void **state) {
  (void)state;
  static const char fields[] = "X-Foo: a,b;c=\"d\"\r\n"
                               "x-FOO:\t 1\r\n 2\r\n"
                               "Contact: <sip:a@b;unknown=1;x>;Y=2;+z=\"<q>\"\r\n"
                               "Content-Type: text/plain;x-unknown=3\r\n"
                               "Content-Length: 5\r\n\r\nHello";
  char text[1024];
  char want[1024];
  parsed p;
  stox_sip_edit *edit = NULL;
  (void)snprintf(text, sizeof text, "%s%s%s%s", LINE, ROUTING, HOPS, fields);
  parse_good(&p, stox_span_text(text));
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
  assert_status(stox_sip_edit_set(edit, STOX_SIP_VIA, S(""),
                                  S("SIP/2.0/UDP edge.example.net;branch=z9hG4bKe1"),
                                  STOX_SIP_FIRST),
                STOX_OK);
  assert_status(stox_sip_edit_set(edit, STOX_SIP_MAX_FORWARDS, S(""), S("68"), STOX_SIP_REPLACE),
                STOX_OK);
  const stox_span forwarded = document_written(edit);
  (void)snprintf(want, sizeof want, "%s%s%s%s%s", LINE,
                 "Via: SIP/2.0/UDP edge.example.net;branch=z9hG4bKe1\r\n", ROUTING,
                 "Max-Forwards: 68\r\n", fields);
  assert_span_equal(forwarded, stox_span_text(want));
  free((void *)(uintptr_t)forwarded.p);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_concatenated),
                                     cmocka_unit_test(test_transfer),
                                     cmocka_unit_test(test_unknown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
