/* SPDX-License-Identifier: MIT */
/* Header values that are mended, each leniency by its row. */
#include "support.h"

#include "stox/sip_mend.h"

typedef struct mend_row {
  int id;
  stox_span text;
  stox_span form; /* absent: there is none */
} mend_row;

#define BAD                                                                                        \
  { NULL, 0 }

/* GR-10-02, GR-10-03, OB-3.2-02, E2M-6-05, RA-6.1-03, RA-6.1-06, NS-4-05 */
static const mend_row rows[] = {
    {STOX_SIP_CONTACT, ROW("<sip:a@b>"), ROW("<sip:a@b>")},
    {STOX_SIP_CONTACT, ROW(" <sip:a@b> ; q=0.50 "), ROW("<sip:a@b> ; q=0.50")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b;transport=tcp>; reg-id=1;\r\n ;+sip.instance=\"<urn:x:1>\""),
     ROW("<sip:a@b;transport=tcp>;reg-id=1;+sip.instance=\"<urn:x:1>\"")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;"), ROW("<sip:a@b>")},
    {STOX_SIP_CONTACT, ROW("\"a;b\" <sip:a@b>;;x=\";;\";y"), ROW("\"a;b\" <sip:a@b>;x=\";;\";y")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;+sip.instance=\"urn:x:1\""),
     ROW("<sip:a@b>;+sip.instance=\"<urn:x:1>\"")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;+SIP.instance = <urn:x:1>"),
     ROW("<sip:a@b>;+SIP.instance=\"<urn:x:1>\"")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;gruu=sip:a@b;pub-gruu=sip:c;temp-gruu=\"sip:d\""),
     ROW("<sip:a@b>;gruu=\"sip:a@b\";pub-gruu=\"sip:c\";temp-gruu=\"sip:d\"")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;gruu=x y"), BAD},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;reg-id=0"), BAD},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;+sip.instance=\"\""), BAD},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;x=\"y"), BAD},
    {STOX_SIP_CONTACT, ROW("<sip:a@b;;x"), BAD},
    {STOX_SIP_CONTACT, ROW(""), BAD},
    {STOX_SIP_CONTACT, ROW(";;"), BAD},
    {STOX_SIP_IDENTITY, ROW("YWJj+/=="), ROW("\"YWJj+/==\"")},
    {STOX_SIP_IDENTITY, ROW("eyJ..sig;info=<https://a.example/c>"),
     ROW("eyJ..sig;info=<https://a.example/c>")},
    {STOX_SIP_IDENTITY, ROW("YWJj;alg=x"), BAD},
    {STOX_SIP_IDENTITY, ROW("YW\"Jj"), BAD},
    {STOX_SIP_PROXY_REQUIRED_BODY, ROW("h.example;cid=1234@atlanta.example.com"),
     ROW("h.example;cid=\"1234@atlanta.example.com\"")},
    {STOX_SIP_PROXY_REQUIRED_BODY, ROW("h.example ; cid=a@b, CID = \"c@d\" ,cid=e@f"),
     ROW("h.example;cid=\"a@b\",CID=\"c@d\",cid=\"e@f\"")},
    {STOX_SIP_PROXY_REQUIRED_BODY, ROW("h.example;cid=a"), BAD},
    {STOX_SIP_PROXY_REQUIRED_BODY, ROW("h.example"), BAD},
    {STOX_SIP_REFER_SUB, ROW("false some text"), ROW("false;extension=\"some text\"")},
    {STOX_SIP_REFER_SUB, ROW("TRUE\r\n \"x\"; \\y"), ROW("TRUE;extension=\"\\\"x\\\"; \\\\y\"")},
    {STOX_SIP_REFER_SUB, ROW("false ;reason=\"x\""), ROW("false ;reason=\"x\"")},
    {STOX_SIP_REFER_SUB, ROW("falsey"), BAD},
    {STOX_SIP_REFER_SUB, ROW("no text"), BAD},
    {STOX_SIP_REFER_SUB, ROW("false a\001"), BAD},
    {STOX_SIP_REFER_SUB, ROW("false \377"), BAD},
    {STOX_SIP_REFER_SUB, ROW(""), BAD},
    {STOX_SIP_RESPONDER, ROW("claimer=bob@destination.com; verify-method=DAS"),
     ROW("claimer=<sip:bob@destination.com>;verify-method=DAS")},
    {STOX_SIP_RESPONDER, ROW("claimer=sip:bob@destination.com"),
     ROW("claimer=<sip:bob@destination.com>")},
    {STOX_SIP_RESPONDER, ROW("claimer=<sip:a@b>;;x"), ROW("claimer=<sip:a@b>;x")},
    {STOX_SIP_RESPONDER, ROW("claimer=\"B\" <sip:a@b>"), ROW("claimer=\"B\" <sip:a@b>")},
    {STOX_SIP_RESPONDER, ROW("claimer="), BAD},
    {STOX_SIP_RESPONDER, ROW("verify-method=DAS"), BAD},
    {STOX_SIP_RESPONDER_INFO, ROW("https://www.destination.com/certs"),
     ROW("<https://www.destination.com/certs>")},
    {STOX_SIP_RESPONDER_INFO, ROW("<https://a/>"), ROW("<https://a/>")},
    {STOX_SIP_RESPONDER_INFO, ROW("<x"), BAD},
    {STOX_SIP_RESPONDER_INFO, ROW("https://a/>\r\n <"), BAD},
    {STOX_SIP_TO, ROW("<<;;"), BAD},
    {STOX_SIP_OTHER, ROW("<<;;"), ROW("<<;;")},
};

static void check_form(const mend_row *row) {
  char room[160];
  stox_buf out;
  int is_mended = 7;
  guard g = guard_copy(row->form);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_value_mend(&out, &is_mended, row->id, g.span), STOX_OK);
  assert_span_equal(stox_buf_span(&out), row->form);
  assert_int_equal(is_mended, 0);
  guard_free(&g);
}

static void check_caps(const mend_row *row, stox_span text) {
  for (size_t cap = 0; cap <= row->form.n; cap++) {
    char room[160];
    stox_buf out;
    memset(room, '#', sizeof room);
    stox_buf_init(&out, room, cap);
    assert_status(stox_sip_value_mend(&out, NULL, row->id, text),
                  cap < row->form.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, row->form.n);
    assert_int_equal(room[cap], '#');
  }
}

static void test_rows(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[160];
    stox_buf out;
    int is_mended = 7;
    guard g = guard_copy(rows[i].text);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_buf_put(&out, S("x: ")), STOX_OK);
    const int status = stox_sip_value_mend(&out, &is_mended, rows[i].id, g.span);
    if (rows[i].form.p == NULL) {
      assert_status(status, STOX_E_BAD_HEADER);
      assert_int_equal(out.len, 3);
    } else {
      assert_status(status, STOX_OK);
      assert_span_equal(stox_span_slice(stox_buf_span(&out), 3, out.len), rows[i].form);
      assert_int_equal(is_mended, !stox_span_is_equal(stox_span_trim(rows[i].text), rows[i].form));
      check_caps(&rows[i], g.span);
      check_form(&rows[i]);
    }
    guard_free(&g);
  }
}

/* No prefix is read beyond its end; what is given for one has itself for its form. */
static void test_prefixes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t n = 0; n < rows[i].text.n; n++) {
      char room[160];
      stox_buf out;
      guard g = guard_copy(stox_span_slice(rows[i].text, 0, n));
      stox_buf_init(&out, room, sizeof room);
      if (stox_sip_value_mend(&out, NULL, rows[i].id, g.span) == STOX_OK) {
        const mend_row again = {rows[i].id, BAD, stox_buf_span(&out)};
        check_form(&again);
      } else {
        assert_int_equal(out.len, 0);
      }
      guard_free(&g);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_prefixes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
