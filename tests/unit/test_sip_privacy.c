/* SPDX-License-Identifier: MIT */
/* Privacy. */
#include "support.h"

#include "stox/sip_privacy.h"

static void test_parse(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    uint32_t set;  /* 0: refused */
    size_t offset; /* where */
  } rows[] = {
      {ROW("none"), STOX_SIP_PRIVACY_NONE, 0},
      {ROW("header;session ; User"),
       STOX_SIP_PRIVACY_HEADER | STOX_SIP_PRIVACY_SESSION | STOX_SIP_PRIVACY_USER, 0},
      {ROW(" id;\r\n critical "), STOX_SIP_PRIVACY_ID | STOX_SIP_PRIVACY_CRITICAL, 0},
      {ROW("history;x"), STOX_SIP_PRIVACY_HISTORY | STOX_SIP_PRIVACY_OTHER, 0},
      {ROW("id;id"), STOX_SIP_PRIVACY_ID, 0},
      {ROW(""), 0, 0},
      {ROW("id;"), 0, 3},
      {ROW(";id"), 0, 0},
      {ROW("id,critical"), 0, 2},
      {ROW("id critical"), 0, 3},
      {ROW("id=1"), 0, 2},
      {ROW("\"id\""), 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t n = 0; n <= rows[i].text.n; n++) {
      guard g = guard_copy(stox_span_slice(rows[i].text, 0, n));
      uint32_t set = 99;
      stox_diag diag = {0};
      const int status = stox_sip_privacy_parse(&set, g.span, &diag);
      assert_int_equal(status == STOX_OK, set != 0);
      assert_true(diag.offset <= n);
      if (n == rows[i].text.n) {
        assert_status(status, rows[i].set == 0 ? STOX_E_BAD_HEADER : STOX_OK);
        assert_int_equal(set, rows[i].set);
        assert_int_equal(diag.offset, rows[i].offset);
      }
      guard_free(&g);
    }
  }
}

static void test_write(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  for (uint32_t set = 1; set < 1 << 7; set++) {
    uint32_t again = 0;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_privacy_write(&out, set), STOX_OK);
    const size_t n = out.len;
    assert_status(stox_sip_privacy_parse(&again, stox_buf_span(&out), NULL), STOX_OK);
    assert_int_equal(again, set);
    for (size_t cap = 0; cap < n; cap++) {
      room[cap] = '#';
      stox_buf_init(&out, room, cap);
      assert_status(stox_sip_privacy_write(&out, set), STOX_E_NOBUF);
      assert_int_equal(out.len, n);
      assert_int_equal(room[cap], '#');
    }
  }
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_privacy_write(&out, 0), STOX_E_BAD_HEADER);
  assert_status(stox_sip_privacy_write(&out, STOX_SIP_PRIVACY_OTHER), STOX_E_BAD_HEADER);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_write)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
