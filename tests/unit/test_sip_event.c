/* SPDX-License-Identifier: MIT */
/* Event, Subscription-State, Refer-Events-At, Subscription (RS-3.5-02, CRT-8.2-02). */
#include "header_support.h"

#include "stox/sip_event.h"

HEADER_TRIAL(stox_sip_event)

HEADER_TRIAL(stox_sip_subscription_state)

HEADER_TRIAL(stox_sip_refer_events_at)

HEADER_TRIAL(stox_sip_coupled_subscription)

static void test_event(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("presence"), ROW("presence"), 0},
      {ROW("presence.winfo"), ROW("presence.winfo"), 0},
      {ROW("refer;id=1239930"), ROW("refer;id=1239930"), 0},
      {ROW(" dialog ; id = 7 ; call-id=\"a@b\" ; to-tag=x"),
       ROW("dialog;id=7;call-id=\"a@b\";to-tag=x"), 0},
      {ROW("credential;etag=abc"), ROW("credential;etag=abc"), 0},
      {ROW("PRESENCE;ID=1;x"), ROW("PRESENCE;id=1;x"), 0},
      {ROW("a;b=[2001:db8::1]"), ROW("a;b=[2001:db8::1]"), 0},
      {ROW("dialog;include-session-description;\r\n call-id=\"1 2\""),
       ROW("dialog;include-session-description;call-id=\"1 2\""), 0},
      {ROW(""), REFUSED, 0},
      {ROW("presence;"), REFUSED, 9},
      {ROW("presence;;id=1"), REFUSED, 9},
      {ROW(".winfo"), REFUSED, 0},
      {ROW("presence..winfo"), REFUSED, 0},
      {ROW("presence."), REFUSED, 0},
      {ROW("presence;id=1;id=2"), REFUSED, 17},
      {ROW("presence;id"), REFUSED, 9},
      {ROW("presence;id="), REFUSED, 12},
      {ROW("presence;id=\"1\""), REFUSED, 12},
      {ROW("credential;etag=\"abc\""), REFUSED, 16},
      {ROW("presence winfo"), REFUSED, 9},
      {ROW("presence,dialog"), REFUSED, 8},
      {ROW("presence;id=1\r\nX"), REFUSED, 15},
      {ROW("presence;=1"), REFUSED, 9},
      {ROW("a;b=\"x"), REFUSED, 4},
      {ROW("a;b=\"x\001\""), REFUSED, 4},
      {ROW("a;b=\"\377\""), REFUSED, 4},
      {ROW("a\000b"), REFUSED, 1},
      {ROW("a;b=\"\\\001\""), ROW("a;b=\"\\\001\""), 0},
  };
  header_check_all(&stox_sip_event_trial, rows, COUNT(rows));
}

static void test_subscription_state(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("active"), ROW("active"), 0},
      {ROW("active; expires=3400"), ROW("active;expires=3400"), 0},
      {ROW("terminated;reason=timeout;retry-after=30"),
       ROW("terminated;reason=timeout;retry-after=30"), 0},
      {ROW("pending;x=y;expires=0"), ROW("pending;expires=0;x=y"), 0},
      {ROW("Terminated ; Reason=noresource"), ROW("Terminated;reason=noresource"), 0},
      {ROW("active;expires=4294967295"), ROW("active;expires=4294967295"), 0},
      {ROW("active;expires=4294967296"), REFUSED, 15},
      {ROW("active;expires=-1"), REFUSED, 15},
      {ROW("active;expires=\"1\""), REFUSED, 15},
      {ROW("terminated;reason=\"x\""), REFUSED, 18},
      {ROW(";reason=x"), REFUSED, 0},
      {ROW("active;retry-after="), REFUSED, 19},
  };
  header_check_all(&stox_sip_subscription_state_trial, rows, COUNT(rows));
}

static void test_refer_events_at(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<sips:vPT3izGmo8NTxaPADRZvEAY22BKx@example.com;gr>"),
       ROW("<sips:vPT3izGmo8NTxaPADRZvEAY22BKx@example.com;gr>"), 0},
      {ROW("<sip:a@b>;x=1"), ROW("<sip:a@b>;x=1"), 0},
      {ROW("sip:wsXa9mkHtPcGu8@example.com"), REFUSED, 0},
      {ROW("<>"), REFUSED, 0},
      {ROW("<sip:a@b"), REFUSED, 0},
      {ROW("<sip: a@b>"), REFUSED, 0},
  };
  header_check_all(&stox_sip_refer_events_at_trial, rows, COUNT(rows));
}

static void test_coupled_subscription(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("message-summary;aor=sip:joe@example.com"),
       ROW("message-summary;aor=sip:joe@example.com"), 0},
      {ROW("message-summary;tag=ghghghg"), ROW("message-summary;tag=ghghghg"), 0},
      {ROW("presence;aor=\"sip:joe-list@example.com;user=phone\";e-param=\"id=7;x=y\""),
       ROW("presence;aor=\"sip:joe-list@example.com;user=phone\";e-param=\"id=7;x=y\""), 0},
      {ROW("presence;aor=<sip:joe@example.com;user=phone>"),
       ROW("presence;aor=<sip:joe@example.com;user=phone>"), 0},
      {ROW("message-summary;foo=bar"), ROW("message-summary;foo=bar"), 0},
      {ROW("message-summary;aor=sip:a@b;user=phone"), ROW("message-summary;aor=sip:a@b;user=phone"),
       0},
      {ROW(";aor=sip:joe@example.com"), REFUSED, 0},
      {ROW("presence;aor="), REFUSED, 13},
      {ROW("presence;aor=joe"), REFUSED, 13},
      {ROW("presence;e-param=id"), REFUSED, 17},
      {ROW("presence;aor=sip:a@b;aor=sip:c@d"), REFUSED, 25},
  };
  header_check_all(&stox_sip_coupled_subscription_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_event event;
  stox_sip_subscription_state sub;
  stox_sip_coupled_subscription coupled;
  assert_status(stox_sip_event_parse(&event, S("presence.winfo;x=1;id=7"), NULL), STOX_OK);
  assert_span_equal(event.package, S("presence.winfo"));
  assert_span_equal(event.id, S("7"));
  assert_null(event.etag.p);
  assert_span_equal(event.params, S("x=1;id=7"));
  assert_status(
      stox_sip_subscription_state_parse(&sub, S("terminated;reason=probation;retry-after=5"), NULL),
      STOX_OK);
  assert_span_equal(sub.state, S("terminated"));
  assert_span_equal(sub.reason, S("probation"));
  assert_int_equal(sub.retry_after.is_set, 1);
  assert_int_equal(sub.retry_after.value, 5);
  assert_int_equal(sub.expires.is_set, 0);
  assert_status(stox_sip_coupled_subscription_parse(
                    &coupled, S("presence;aor=sip:joe@example.com;e-param=\"id=7\""), NULL),
                STOX_OK);
  assert_span_equal(coupled.aor, S("sip:joe@example.com"));
  assert_span_equal(coupled.e_param, S("\"id=7\""));
}

/* A value that is made from members alone, and one that would break a line. */
static void test_made(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  stox_sip_subscription_state sub = {0};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_subscription_state_write(&out, &sub), STOX_E_BAD_HEADER);
  sub.state = S("active");
  sub.expires = (stox_sip_number){1, 3600};
  assert_status(stox_sip_subscription_state_write(&out, &sub), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("active;expires=3600"));
  static const stox_span bad_reasons[] = {ROW("a\r\nVia: x"), ROW("a;b"), ROW("a,b"), ROW(""),
                                          ROW("a b"),         ROW("a\0b")};
  static const stox_span bad_params[] = {ROW("a\r\nVia: x"), ROW("a;"),   ROW("a,b"), ROW(" "),
                                         ROW("a b"),         ROW("a\0b"), ROW("a=")};
  const size_t before = out.len;
  for (size_t i = 0; i < COUNT(bad_reasons); i++) {
    sub.reason = bad_reasons[i];
    assert_status(stox_sip_subscription_state_write(&out, &sub), STOX_E_BAD_HEADER);
    assert_int_equal(out.len, before);
  }
  sub.reason = (stox_span){NULL, 0};
  for (size_t i = 0; i < COUNT(bad_params); i++) {
    sub.params = bad_params[i];
    assert_status(stox_sip_subscription_state_write(&out, &sub), STOX_E_BAD_HEADER);
    assert_int_equal(out.len, before);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_event),           cmocka_unit_test(test_subscription_state),
      cmocka_unit_test(test_refer_events_at), cmocka_unit_test(test_coupled_subscription),
      cmocka_unit_test(test_members),         cmocka_unit_test(test_made)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
