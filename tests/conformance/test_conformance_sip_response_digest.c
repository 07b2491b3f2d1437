/* SPDX-License-Identifier: MIT */
/* What the 2005 drafts of response authentication and SAML sign, hash and refer to. */
#include "document.h"

#include "stox/sip_response_digest.h"

static int put_identity(stox_buf *out, const stox_sip_message *message) {
  return stox_sip_response_digest_write(out, message);
}

static int put_csrt(stox_buf *out, const stox_sip_message *message) {
  return stox_sip_authorization_digest_write(out, message, S("DAS"), S("n2"));
}

static void check_text(int (*put)(stox_buf *out, const stox_sip_message *message),
                       const stox_sip_message *message, stox_span want) {
  for (size_t cap = 0; cap <= want.n; cap++) {
    char room[512];
    stox_buf out;
    memset(room, '#', sizeof room);
    stox_buf_init(&out, room, cap);
    assert_status(put(&out, message), cap < want.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, want.n);
    assert_int_equal(room[cap], '#');
    if (cap == want.n) {
      assert_span_equal(stox_buf_span(&out), want);
    }
  }
}

/* RA-6.1-07, RA-6.1-08, RA-6.1-16, RA-6.1-17 */
static void test_digests(void **state) {
  (void)state;
  parsed p;
  document_message(&p, "sec-respauth", "6.1-180.fixed.sip");
  check_text(put_identity, p.message,
             document_file("sec-respauth", "6.1-180.fixed.digest-string-identity.txt"));
  check_text(put_csrt, p.message,
             document_file("sec-respauth", "6.1-180.fixed.digest-string-csrt.txt"));
  parsed_free(&p);
}

#define FIELDS                                                                                     \
  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b;x=1>;tag=f\r\nTo: \"T\" "                  \
  "<sip:c@d>;tag=t\r\n"                                                                            \
  "Call-ID: 1@h\r\nCSeq: 0007 \t INVITE\r\n"

/* RA-6.1-09: the body is taken as it is, CSeq's digits too. */
static void test_body(void **state) {
  (void)state;
  parsed p;
  parse_good(&p, S("SIP/2.0 183 x\r\n" FIELDS "Date: Thu, 21 Apr 2005 16:28:56 GMT\r\n"
                   "Responder: claimer=sip:e@f;verify-method=DAS\r\nContent-Type: a/b\r\n"
                   "Content-Length: 6\r\n\r\nv=0 \r\n"));
  check_text(put_identity, p.message,
             S("sip:c@d:sip:a@b;x=1:sip:e@f:1@h:0007 INVITE:Thu, 21 Apr 2005 16:28:56 GMT:v=0 "
               "\r\n"));
  parsed_free(&p);
}

static void test_refused(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int status;
  } rows[] = {
      {"SIP/2.0 200 x\r\n" FIELDS "Responder: claimer=<sip:e@f>\r\n\r\n", STOX_E_MISSING},
      {"SIP/2.0 200 x\r\n" FIELDS "Date: x\r\n\r\n", STOX_E_MISSING},
      {"SIP/2.0 200 x\r\n" FIELDS "Date: x\r\nResponder: claimer=\r\n\r\n", STOX_E_BAD_HEADER},
      {"INVITE sip:c@d SIP/2.0\r\nMax-Forwards: 1\r\n" FIELDS
       "Date: x\r\nResponder: claimer=<sip:e@f>\r\n\r\n",
       STOX_E_ARG},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    char room[64];
    stox_buf out;
    parse_good(&p, stox_span_text(rows[i].text));
    stox_buf_init(&out, room, sizeof room);
    assert_status(put_identity(&out, p.message), rows[i].status);
    assert_status(put_csrt(&out, p.message), rows[i].status);
    assert_int_equal(out.len, 0);
    parsed_free(&p);
  }
}

/* SAML-5-01, SAML-7-02 */
static void test_saml_kinds(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int kind;
  } rows[] = {
      {"<cid:a1@example.com>", STOX_SAML_CID},
      {"<CID:a1@example.com>;x", STOX_SAML_CID},
      {"<https://as.example.com/a?ID=1>", STOX_SAML_URL},
      {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp", STOX_SAML_ARTIFACT},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_saml_payload payload;
    assert_status(stox_sip_saml_payload_parse(&payload, stox_span_text(rows[i].text), NULL),
                  STOX_OK);
    assert_int_equal(stox_saml_payload_kind(&payload), rows[i].kind);
  }
}

/* SAML-4.2-01, SAML-7-03 */
static void test_saml_artifact(void **state) {
  (void)state;
  stox_saml_artifact artifact;
  const stox_span good = S("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp");
  guard g = guard_copy(good);
  assert_status(stox_saml_artifact_parse(&artifact, g.span), STOX_OK);
  for (size_t i = 0; i < STOX_SAML_ARTIFACT_PART; i++) {
    assert_int_equal(artifact.source_id[i], 2 + i);
    assert_int_equal(artifact.handle[i], 22 + i);
  }
  for (size_t n = 0; n < good.n; n++) {
    assert_status(stox_saml_artifact_parse(&artifact, stox_span_slice(g.span, 0, n)),
                  STOX_E_BAD_BODY);
  }
  guard_free(&g);
  static const struct {
    const char *text;
    int status;
  } rows[] = {
      {"AAICAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp", STOX_E_UNSUPPORTED_MEDIA},
      {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKg==", STOX_E_BAD_BODY},
      {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJyg*", STOX_E_BAD_BODY},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_saml_artifact_parse(&artifact, stox_span_text(rows[i].text)),
                  rows[i].status);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_digests), cmocka_unit_test(test_body), cmocka_unit_test(test_refused),
      cmocka_unit_test(test_saml_kinds), cmocka_unit_test(test_saml_artifact)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
