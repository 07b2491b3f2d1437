/* SPDX-License-Identifier: MIT */
#include "message_support.h"

static void test_options(void **state) {
  (void)state;
  stox_message_options options;
  stox_sip_edit *edit = NULL;
  stox_message_route route;
  stox_buf out;
  char room[16];
  set_up(NULL);
  assert_status(stox_message_options_init(&options, 0), STOX_E_ARG);
  assert_status(stox_message_options_init(&options, sizeof options), STOX_OK);
  assert_span_equal(options.ns, S("jabber:component:accept"));
  options.size = 0;
  stox_buf_init(&out, room, sizeof room);
  stox_sip_message *request = sip(S(REQUEST));
  const stox_stanza message = stanza("<message " FROM_TO "><body>b</body></message>");
  assert_status(stox_message_route_from_sip(&route, &arena, request, &options, NULL), STOX_E_ARG);
  assert_status(stox_message_route_from_sip(&route, &arena, request, NULL, NULL), STOX_OK);
  route.id = S("i");
  assert_status(stox_message_to_xmpp(&out, &arena, request, &route, &options, NULL), STOX_E_ARG);
  assert_status(stox_message_route_from_xmpp(&route, &arena, &message, &options, NULL), STOX_E_ARG);
  assert_status(stox_message_to_sip(&edit, &arena, &message, &route, &dialog, &options),
                STOX_E_ARG);
  assert_status(stox_message_failure_to_xmpp(&out, &arena, &message, 404, NULL, &options),
                STOX_E_ARG);
  assert_status(stox_message_failure_to_sip(&edit, &arena, request, &message, S("t"), &options),
                STOX_E_ARG);
  assert_status(stox_message_answer(&edit, &arena, request, 200, S("t"), &options), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

/* ---- memory ---- */

typedef int (*step)(stox_arena *from);

static int step_to_xmpp(stox_arena *from) {
  char room[1024];
  stox_buf out;
  stox_message_route route;
  stox_diag diag = {0, 0, 0, NULL};
  stox_sip_message *request = sip(S(MESSAGE(PLAIN "Subject: s\r\n", "1", "b")));
  stox_buf_init(&out, room, sizeof room);
  int status = stox_message_route_from_sip(&route, from, request, NULL, &diag);
  if (status == STOX_OK) {
    route.id = S("i");
    status = stox_message_to_xmpp(&out, from, request, &route, NULL, &diag);
  }
  assert_int_equal(diag.answer, status == STOX_OK ? 0 : 500);
  assert_int_equal(out.len > 0, status == STOX_OK);
  return status;
}

static int step_to_sip(stox_arena *from) {
  stox_message_route route;
  stox_error_write error = {0};
  stox_sip_edit *edit = NULL;
  const stox_stanza message =
      stanza("<message xml:lang='en' " FROM_TO "><subject>s</subject><body>a\nb</body></message>");
  int status = stox_message_route_from_xmpp(&route, from, &message, NULL, &error);
  if (status != STOX_OK) {
    assert_int_equal(error.condition, STOX_COND_RESOURCE_CONSTRAINT);
    return status;
  }
  status = stox_message_to_sip(&edit, from, &message, &route, &dialog, NULL);
  assert_int_equal(edit != NULL, status == STOX_OK);
  return status;
}

static int step_failures(stox_arena *from) {
  char room[1024];
  stox_buf out;
  stox_sip_edit *edit = NULL;
  const stox_stanza message = stanza("<message " FROM_TO "><body>b</body></message>");
  const stox_stanza bounce =
      stanza(BOUNCE("romeo@example.net", "modify",
                    "<redirect " STANZAS ">xmpp:a@b</redirect><text " STANZAS ">why</text>"));
  const stox_sip_message *request = sip(S(REQUEST));
  stox_buf_init(&out, room, sizeof room);
  int status = stox_message_failure_to_xmpp(&out, from, &message, 404, NULL, NULL);
  if (status == STOX_OK) {
    status = stox_message_failure_to_sip(&edit, from, request, &bounce, S("t"), NULL);
  }
  if (status == STOX_OK) {
    status = stox_message_answer(&edit, from, request, 415, S("t"), NULL);
  }
  return status;
}

/* Arenas of every size: what does not fit is refused by name, and nothing half-made is given out.
 */
static void test_memory(void **state) {
  (void)state;
  static const step steps[] = {step_to_xmpp, step_to_sip, step_failures};
  for (size_t i = 0; i < COUNT(steps); i++) {
    int status = STOX_E_NOMEM;
    for (size_t n = 0; status != STOX_OK; n += 8) {
      stox_arena small;
      assert_true(n < 65536);
      char *room = malloc(n + 1);
      assert_non_null(room);
      set_up(NULL);
      stox_arena_init(&small, room, n, 0, NULL);
      status = steps[i](&small);
      assert_true(status == STOX_OK || status == STOX_E_NOMEM);
      free(room);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_options, set_up),
      cmocka_unit_test_setup(test_memory, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
