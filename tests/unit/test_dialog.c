/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/dialog.h"
#include "stox/sip.h"

/* Dialogs: RFC 3261 12, 13.2.2.4. */

typedef struct world {
  failing memory;
  stox_allocator alloc;
  stox_dialog_options options;
  stox_arena arena;
  stox_dialog *dialog;
} world;

static void open_world(world *w) {
  *w = (world){.dialog = NULL};
  w->alloc = failing_allocator(&w->memory);
  w->options.alloc = &w->alloc;
  stox_arena_init(&w->arena, NULL, 0, 0, stox_allocator_libc());
}

static void close_world(world *w) {
  stox_dialog_del(w->dialog);
  stox_arena_clear(&w->arena);
  assert_int_equal(w->memory.live, 0);
}

static stox_sip_message *parse(world *w, const char *text) {
  stox_span copy;
  stox_sip_message *message = NULL;
  stox_diag diag = {0};
  assert_status(stox_arena_copy(&w->arena, &copy, stox_span_text(text)), STOX_OK);
  const int status = stox_sip_parse(&message, &w->arena, copy, NULL, &diag);
  if (status != STOX_OK) {
    fail_msg("%s at %zu: %s", stox_status_name(status), diag.offset, diag.rule);
  }
  return message;
}

#define ROUTES                                                                                     \
  "Record-Route: <sip:p3.example;lr>, <sip:p2.example;lr;x=\"1\">\r\n"                             \
  "Record-Route: <sip:p1.example;lr>\r\n"

/* A response to a request of ours. */
static stox_sip_message *response(world *w, int code, const char *method, const char *tag,
                                  const char *more) {
  char text[4096];
  (void)snprintf(text, sizeof text,
                 "SIP/2.0 %d X\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
                 "From: Alice <sip:alice@a.example>;tag=us\r\nTo: <sip:bob@b.example>%s%s\r\n"
                 "Call-ID: c1\r\nCSeq: 7 %s\r\n%sContent-Length: 0\r\n\r\n",
                 code, tag[0] == '\0' ? "" : ";tag=", tag, method, more);
  return parse(w, text);
}

/* A request of the peer's, in the dialog or to make one. */
static stox_sip_message *request(world *w, const char *method, unsigned cseq, const char *to_tag,
                                 const char *more) {
  char text[4096];
  (void)snprintf(text, sizeof text,
                 "%s sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK2\r\n"
                 "From: <sip:bob@b.example>;tag=them\r\nTo: <sip:alice@a.example>%s%s\r\n"
                 "Call-ID: c1\r\nCSeq: %u %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
                 method, to_tag[0] == '\0' ? "" : ";tag=", to_tag, cseq, method, more);
  return parse(w, text);
}

#define CONTACT "Contact: <sip:bob@192.0.2.9:5070>\r\n"
#define MOVED   "Contact: <sip:bob@192.0.2.77>\r\n"

static void make_uac(world *w, int code, const char *more) {
  assert_status(
      stox_dialog_new_uac(&w->dialog, response(w, code, "INVITE", "them", more), &w->options),
      STOX_OK);
}

static stox_dialog_facts facts_of(const world *w) {
  stox_dialog_facts facts;
  stox_dialog_get_facts(&facts, w->dialog);
  return facts;
}

static void expect_routes(const world *w, const char *const *routes, size_t n) {
  stox_span route;
  assert_int_equal(facts_of(w).routes, n);
  for (size_t i = 0; i < n; i++) {
    assert_status(stox_dialog_get_route(&route, w->dialog, i), STOX_OK);
    assert_span_equal(route, stox_span_text(routes[i]));
  }
  assert_status(stox_dialog_get_route(&route, w->dialog, n), STOX_E_NONE);
}

/* ---- 12.1: what creates one ---- */

/* 12.1.2: the route set is the Record-Route in reverse; who is who. */
static void test_uac(void **state) {
  (void)state;
  static const char *const routes[] = {"<sip:p1.example;lr>", "<sip:p2.example;lr;x=\"1\">",
                                       "<sip:p3.example;lr>"};
  world w;
  open_world(&w);
  stox_sip_dialog_key key;
  w.options.is_secure = 1;
  make_uac(&w, 183, ROUTES CONTACT);
  const stox_dialog_facts facts = facts_of(&w);
  assert_span_equal(facts.local_uri, S("sip:alice@a.example"));
  assert_span_equal(facts.remote_uri, S("sip:bob@b.example"));
  assert_span_equal(facts.remote_target, S("sip:bob@192.0.2.9:5070"));
  assert_int_equal(facts.local_cseq, 7);
  assert_int_equal(facts.remote_cseq, 0);
  assert_int_equal(facts.is_secure, 1);
  assert_int_equal(facts.state, STOX_DIALOG_EARLY);
  expect_routes(&w, routes, COUNT(routes));
  stox_dialog_key(&key, w.dialog);
  assert_span_equal(key.call_id, S("c1"));
  assert_span_equal(key.local_tag, S("us"));
  assert_span_equal(key.remote_tag, S("them"));
  close_world(&w);
}

/* 12.1.1: the route set is the Record-Route as it stands. */
static void test_uas(void **state) {
  (void)state;
  static const char *const routes[] = {"<sip:p3.example;lr>", "<sip:p2.example;lr;x=\"1\">",
                                       "<sip:p1.example;lr>"};
  world w;
  open_world(&w);
  assert_status(stox_dialog_new_uas(&w.dialog, request(&w, "INVITE", 4, "", ROUTES CONTACT),
                                    S("us"), &w.options),
                STOX_OK);
  const stox_dialog_facts facts = facts_of(&w);
  assert_span_equal(facts.local_uri, S("sip:alice@a.example"));
  assert_span_equal(facts.remote_uri, S("sip:bob@b.example"));
  assert_int_equal(facts.local_cseq, 0);
  assert_int_equal(facts.remote_cseq, 4);
  assert_int_equal(facts.state, STOX_DIALOG_EARLY);
  expect_routes(&w, routes, COUNT(routes));
  assert_status(stox_dialog_confirm(w.dialog), STOX_OK);
  assert_int_equal(stox_dialog_state(w.dialog), STOX_DIALOG_CONFIRMED);
  stox_dialog_end(w.dialog);
  assert_status(stox_dialog_confirm(w.dialog), STOX_E_STATE);
  close_world(&w);
}

static void test_creation_refused(void **state) {
  (void)state;
  world w;
  open_world(&w);
  const struct {
    int code;
    const char *method;
    const char *more;
    int status;
  } rows[] = {
      {100, "INVITE", CONTACT, STOX_E_ARG},
      {300, "INVITE", CONTACT, STOX_E_ARG},
      {486, "INVITE", CONTACT, STOX_E_ARG},
      {200, "INVITE", "", STOX_E_MISSING},
      {200, "SUBSCRIBE", "", STOX_E_MISSING},
      {180, "INVITE", ROUTES, STOX_E_MISSING},
      {200, "INVITE", "Contact: *\r\n", STOX_E_BAD_HEADER},
      {200, "INVITE", "Contact: <sip:a@b>, <sip:c@d>\r\n", STOX_E_BAD_HEADER},
      {200, "INVITE", CONTACT "Record-Route: sip:p.example\r\n", STOX_E_BAD_HEADER},
      {180, "INVITE", "", STOX_OK},
      {200, "MESSAGE", "", STOX_OK},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_dialog_new_uac(
                      &w.dialog, response(&w, rows[i].code, rows[i].method, "them", rows[i].more),
                      &w.options),
                  rows[i].status);
    assert_int_equal(w.dialog != NULL, rows[i].status == STOX_OK);
    stox_dialog_del(w.dialog);
    w.dialog = NULL;
  }
  assert_status(
      stox_dialog_new_uas(&w.dialog, request(&w, "INVITE", 1, "us", CONTACT), S("us"), NULL),
      STOX_E_STATE);
  assert_status(stox_dialog_new_uas(&w.dialog, request(&w, "INVITE", 1, "", CONTACT), S(""), NULL),
                STOX_E_ARG);
  assert_status(stox_dialog_new_uas(&w.dialog, request(&w, "INVITE", 1, "", ""), S("us"), NULL),
                STOX_E_MISSING);
  assert_status(
      stox_dialog_new_uas(&w.dialog, response(&w, 200, "INVITE", "t", CONTACT), S("us"), NULL),
      STOX_E_ARG);
  assert_status(stox_dialog_new_uac(&w.dialog, request(&w, "INVITE", 1, "", CONTACT), NULL),
                STOX_E_ARG);
  close_world(&w);
}

/* 12.1: as many early dialogs as there are To tags. */
static void test_forks(void **state) {
  (void)state;
  world w;
  open_world(&w);
  make_uac(&w, 180, CONTACT);
  stox_sip_message *other = response(&w, 180, "INVITE", "others", CONTACT);
  assert_false(stox_dialog_is_of(w.dialog, other, STOX_SIP_RECEIVED));
  assert_status(stox_dialog_follow(w.dialog, other), STOX_E_NONE);
  stox_dialog *second = NULL;
  assert_status(stox_dialog_new_uac(&second, other, &w.options), STOX_OK);
  assert_true(stox_dialog_is_of(second, other, STOX_SIP_RECEIVED));
  stox_dialog_del(second);
  close_world(&w);
}

/* ---- 12.2: within it ---- */

/* 13.2.2.4: the first 2xx brings the route set of the dialog; later ones leave it (12.2.1.2). */
static void test_confirmed(void **state) {
  (void)state;
  static const char *const first[] = {"<sip:p1.example;lr>", "<sip:p2.example;lr;x=\"1\">",
                                      "<sip:p3.example;lr>"};
  static const char *const second[] = {"<sip:q.example;lr>"};
  world w;
  open_world(&w);
  make_uac(&w, 183, ROUTES CONTACT);
  assert_status(
      stox_dialog_follow(w.dialog, response(&w, 180, "INVITE", "them",
                                            "Record-Route: <sip:q.example;lr>\r\n" MOVED)),
      STOX_OK);
  expect_routes(&w, first, COUNT(first));
  assert_span_equal(facts_of(&w).remote_target, S("sip:bob@192.0.2.77"));
  assert_int_equal(facts_of(&w).state, STOX_DIALOG_EARLY);
  assert_status(
      stox_dialog_follow(w.dialog, response(&w, 200, "INVITE", "them",
                                            "Record-Route: <sip:q.example;lr>\r\n" CONTACT)),
      STOX_OK);
  expect_routes(&w, second, COUNT(second));
  assert_int_equal(facts_of(&w).state, STOX_DIALOG_CONFIRMED);
  assert_status(stox_dialog_follow(w.dialog, response(&w, 200, "INVITE", "them", ROUTES MOVED)),
                STOX_OK);
  expect_routes(&w, second, COUNT(second));
  assert_span_equal(facts_of(&w).remote_target, S("sip:bob@192.0.2.77"));
  close_world(&w);
}

/* 12.2.1.2: which responses move the target, and which end the dialog. */
static void test_follow(void **state) {
  (void)state;
  world w;
  open_world(&w);
  const struct {
    int code;
    const char *method;
    int moves;
    int state;
  } rows[] = {
      {200, "INVITE", 1, STOX_DIALOG_CONFIRMED},    {200, "UPDATE", 1, STOX_DIALOG_CONFIRMED},
      {200, "SUBSCRIBE", 1, STOX_DIALOG_CONFIRMED}, {200, "NOTIFY", 1, STOX_DIALOG_CONFIRMED},
      {200, "REFER", 1, STOX_DIALOG_CONFIRMED},     {200, "MESSAGE", 0, STOX_DIALOG_CONFIRMED},
      {200, "BYE", 0, STOX_DIALOG_CONFIRMED},       {491, "INVITE", 0, STOX_DIALOG_CONFIRMED},
      {500, "MESSAGE", 0, STOX_DIALOG_CONFIRMED},   {408, "INVITE", 0, STOX_DIALOG_TERMINATED},
      {481, "MESSAGE", 0, STOX_DIALOG_TERMINATED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    make_uac(&w, 200, CONTACT);
    assert_status(
        stox_dialog_follow(w.dialog, response(&w, rows[i].code, rows[i].method, "them", MOVED)),
        STOX_OK);
    assert_span_equal(facts_of(&w).remote_target,
                      rows[i].moves ? S("sip:bob@192.0.2.77") : S("sip:bob@192.0.2.9:5070"));
    assert_int_equal(facts_of(&w).state, rows[i].state);
    stox_dialog_del(w.dialog);
  }
  w.dialog = NULL;
  close_world(&w);
}

/* 12.2.2: in order, above the last number; ACK and CANCEL have another's. */
static void test_take(void **state) {
  (void)state;
  world w;
  open_world(&w);
  make_uac(&w, 200, CONTACT);
  assert_status(stox_dialog_take(w.dialog, request(&w, "MESSAGE", 0, "us", "")), STOX_OK);
  assert_status(stox_dialog_take(w.dialog, request(&w, "MESSAGE", 0, "us", "")), STOX_E_STATE);
  assert_status(stox_dialog_take(w.dialog, request(&w, "UPDATE", 5, "us", MOVED)), STOX_OK);
  assert_span_equal(facts_of(&w).remote_target, S("sip:bob@192.0.2.77"));
  assert_status(stox_dialog_take(w.dialog, request(&w, "MESSAGE", 5, "us", CONTACT)), STOX_E_STATE);
  assert_status(stox_dialog_take(w.dialog, request(&w, "MESSAGE", 9, "us", CONTACT)), STOX_OK);
  assert_span_equal(facts_of(&w).remote_target, S("sip:bob@192.0.2.77"));
  assert_status(stox_dialog_take(w.dialog, request(&w, "ACK", 5, "us", "")), STOX_OK);
  assert_int_equal(facts_of(&w).remote_cseq, 9);
  assert_status(stox_dialog_take(w.dialog, request(&w, "INVITE", 10, "us", "Contact: *\r\n")),
                STOX_E_BAD_HEADER);
  assert_int_equal(facts_of(&w).remote_cseq, 9);
  assert_status(stox_dialog_take(w.dialog, request(&w, "BYE", 11, "me", "")), STOX_E_NONE);
  assert_status(stox_dialog_take(w.dialog, response(&w, 200, "INVITE", "them", "")), STOX_E_NONE);
  stox_dialog_end(w.dialog);
  assert_status(stox_dialog_take(w.dialog, request(&w, "BYE", 12, "us", "")), STOX_E_STATE);
  close_world(&w);
}

/* ---- 12.2.1.1: requests of ours ---- */

static stox_sip_message *made(world *w, const char *method, uint32_t cseq) {
  stox_sip_edit *edit = NULL;
  char text[2048];
  stox_buf out;
  assert_status(stox_dialog_request(&edit, &w->arena, w->dialog, stox_span_text(method), cseq),
                STOX_OK);
  const stox_span via = S("SIP/2.0/UDP h;branch=z9hG4bK3");
  assert_status(stox_sip_edit_set(edit, STOX_SIP_VIA, (stox_span){NULL, 0}, via, STOX_SIP_FIRST),
                STOX_OK);
  stox_buf_init(&out, text, sizeof text - 1);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  text[out.len] = '\0';
  return parse(w, text);
}

static void test_loose_routes(void **state) {
  (void)state;
  static const char *const routes[] = {"<sip:p1.example;lr>", "<sip:p2.example;lr;x=\"1\">",
                                       "<sip:p3.example;lr>"};
  world w;
  open_world(&w);
  stox_span hop;
  make_uac(&w, 200, ROUTES CONTACT);
  for (uint32_t i = 8; i < 10; i++) {
    stox_sip_message *message = made(&w, "BYE", 0);
    stox_name_addr route;
    stox_sip_cseq cseq;
    assert_span_equal(stox_sip_request_uri(message), S("sip:bob@192.0.2.9:5070"));
    for (size_t k = 0; k < COUNT(routes); k++) {
      assert_status(stox_sip_get_address(&route, message, STOX_SIP_ROUTE, k), STOX_OK);
      assert_span_equal(route.text, stox_span_text(routes[k]));
    }
    assert_span_equal(stox_sip_value(message, STOX_SIP_FROM), S("<sip:alice@a.example>;tag=us"));
    assert_span_equal(stox_sip_value(message, STOX_SIP_TO), S("<sip:bob@b.example>;tag=them"));
    assert_status(stox_sip_get_cseq(&cseq, message), STOX_OK);
    assert_int_equal(cseq.number, i);
    assert_true(stox_dialog_is_of(w.dialog, message, STOX_SIP_SENT));
  }
  assert_status(stox_dialog_next_hop(&hop, w.dialog), STOX_OK);
  assert_span_equal(hop, S("sip:p1.example;lr"));
  close_world(&w);
}

/* A strict router is the Request-URI, without what may not stand there (19.1.1), and the peer the
 * last Route. */
static void test_strict_route(void **state) {
  (void)state;
  world w;
  open_world(&w);
  stox_name_addr route;
  stox_span hop;
  make_uac(&w, 200,
           "Record-Route: <sip:p2.example;lr>, <sip:p1.example;method=INVITE;a=b?x=y>\r\n" CONTACT);
  stox_sip_message *message = made(&w, "INFO", 0);
  assert_span_equal(stox_sip_request_uri(message), S("sip:p1.example;a=b"));
  assert_status(stox_sip_get_address(&route, message, STOX_SIP_ROUTE, 0), STOX_OK);
  assert_span_equal(route.text, S("<sip:p2.example;lr>"));
  assert_status(stox_sip_get_address(&route, message, STOX_SIP_ROUTE, 1), STOX_OK);
  assert_span_equal(route.text, S("<sip:bob@192.0.2.9:5070>"));
  assert_status(stox_sip_get_address(&route, message, STOX_SIP_ROUTE, 2), STOX_E_NONE);
  assert_status(stox_dialog_next_hop(&hop, w.dialog), STOX_OK);
  assert_span_equal(hop, S("sip:p1.example;method=INVITE;a=b?x=y"));
  close_world(&w);
}

static void test_request_refused(void **state) {
  (void)state;
  world w;
  open_world(&w);
  stox_sip_edit *edit = NULL;
  stox_span hop;
  make_uac(&w, 180, "");
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("BYE"), 0), STOX_E_STATE);
  assert_status(stox_dialog_next_hop(&hop, w.dialog), STOX_E_NONE);
  stox_dialog_del(w.dialog);
  make_uac(&w, 200, CONTACT);
  assert_status(stox_dialog_next_hop(&hop, w.dialog), STOX_OK);
  assert_span_equal(hop, S("sip:bob@192.0.2.9:5070"));
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("CANCEL"), 0), STOX_E_ARG);
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("ACK"), 0), STOX_E_ARG);
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("BYE"), 8), STOX_E_ARG);
  assert_int_equal(facts_of(&w).local_cseq, 7);
  stox_dialog_end(w.dialog);
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("BYE"), 0), STOX_E_STATE);
  /* The 2xx that came too late is acknowledged all the same. */
  assert_span_equal(stox_sip_value(made(&w, "ACK", 7), STOX_SIP_CSEQ), S("7 ACK"));
  close_world(&w);
}

/* 8.1.1.5: numbers end at 2^31. */
static void test_last_number(void **state) {
  (void)state;
  world w;
  open_world(&w);
  stox_sip_edit *edit = NULL;
  stox_sip_message *last =
      parse(&w, "SIP/2.0 200 X\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@a>;tag=1\r\n"
                "To: <sip:b@b>;tag=2\r\nCall-ID: c\r\nCSeq: 2147483646 INVITE\r\n" CONTACT
                "Content-Length: 0\r\n\r\n");
  assert_status(stox_dialog_new_uac(&w.dialog, last, &w.options), STOX_OK);
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("BYE"), 0), STOX_OK);
  assert_status(stox_dialog_request(&edit, &w.arena, w.dialog, S("BYE"), 0), STOX_E_LIMIT);
  close_world(&w);
}

/* ---- limits and memory ---- */

static void test_limits(void **state) {
  (void)state;
  world w;
  open_world(&w);
  for (size_t n = STOX_DIALOG_ROUTES_MAX - 1; n <= STOX_DIALOG_ROUTES_MAX + 1; n++) {
    char more[4096] = CONTACT;
    for (size_t i = 0; i < n; i++) {
      (void)strcat(more, "Record-Route: <sip:p;lr>\r\n");
    }
    assert_status(
        stox_dialog_new_uac(&w.dialog, response(&w, 200, "INVITE", "them", more), &w.options),
        n > STOX_DIALOG_ROUTES_MAX ? STOX_E_TOO_MANY : STOX_OK);
    stox_dialog_del(w.dialog);
    w.dialog = NULL;
  }
  close_world(&w);
}

/* The n-th allocation fails: nothing leaks, and a dialog is as it was. */
static void test_no_memory(void **state) {
  (void)state;
  world w;
  open_world(&w);
  stox_sip_message *ringing = response(&w, 183, "INVITE", "them", ROUTES CONTACT);
  for (size_t n = 1; n <= 2; n++) {
    w.memory.calls = 0;
    w.memory.fail_at = n;
    assert_status(stox_dialog_new_uac(&w.dialog, ringing, &w.options), STOX_E_NOMEM);
    assert_null(w.dialog);
  }
  w.memory.fail_at = 0;
  assert_status(stox_dialog_new_uac(&w.dialog, ringing, &w.options), STOX_OK);
  w.memory.calls = 0;
  w.memory.fail_at = 1;
  assert_status(stox_dialog_follow(w.dialog, response(&w, 200, "INVITE", "them", MOVED)),
                STOX_E_NOMEM);
  assert_int_equal(facts_of(&w).state, STOX_DIALOG_EARLY);
  assert_span_equal(facts_of(&w).remote_target, S("sip:bob@192.0.2.9:5070"));
  w.memory.calls = 0;
  assert_status(stox_dialog_take(w.dialog, request(&w, "UPDATE", 3, "us", MOVED)), STOX_E_NOMEM);
  assert_int_equal(facts_of(&w).remote_cseq, 0);
  close_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_uac),
      cmocka_unit_test(test_uas),
      cmocka_unit_test(test_creation_refused),
      cmocka_unit_test(test_forks),
      cmocka_unit_test(test_confirmed),
      cmocka_unit_test(test_follow),
      cmocka_unit_test(test_take),
      cmocka_unit_test(test_loose_routes),
      cmocka_unit_test(test_strict_route),
      cmocka_unit_test(test_request_refused),
      cmocka_unit_test(test_last_number),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
