/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "xml_support.h"

#include "stox/iq.h"

static char memory[1 << 16];
static stox_arena arena;
static uint64_t seed;

static int set_up(void **state) {
  (void)state;
  seed = 1;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static stox_iq_tracker *make_tracker(const stox_allocator *alloc, uint32_t max) {
  stox_iq_tracker *tracker = NULL;
  stox_iq_tracker_options options;
  const stox_random random = {sizeof random, &seed, test_fill};
  assert_status(stox_iq_tracker_options_init(&options, sizeof options), STOX_OK);
  options.alloc = alloc;
  options.random = &random;
  options.max = max;
  options.timeout_ns = 100;
  options.account = S("romeo@example.net");
  assert_status(stox_iq_tracker_new(&tracker, &options), STOX_OK);
  return tracker;
}

typedef struct decide_row {
  const char *text;
  int action;
  int condition;
  int type;
  uint64_t handle;
  const char *payload;
  int is_broken;
} decide_row;

static const stox_iq_handler handlers[] = {
    {"urn:one", "q", STOX_IQ_TAKES_GET, 0, 1},
    {"urn:one", "q", STOX_IQ_TAKES_SET, 0, 2},
    {"urn:two", NULL, STOX_IQ_TAKES_GET, 0, 3},
};

static const decide_row decide_rows[] = {
    /* "XC-9.2.3-08", "XC-10.1-03": answered, by a handler or by an error. */
    {"<iq type='get' id='1'><q xmlns='urn:one'/></iq>", STOX_IQ_HANDLE, 0, 0, 1, "q", 0},
    {"<iq type='set' id='1'><q xmlns='urn:one'/></iq>", STOX_IQ_HANDLE, 0, 0, 2, "q", 0},
    {"<iq type='get' id='1'><any xmlns='urn:two'/></iq>", STOX_IQ_HANDLE, 0, 0, 3, "any", 0},
    {"<iq type='set' id='1'><any xmlns='urn:two'/></iq>", STOX_IQ_REFUSE,
     STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL, 0, "any", 0},
    {"<iq type='get' id='1'><p xmlns='urn:one'/></iq>", STOX_IQ_REFUSE,
     STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL, 0, "p", 0},
    {"<iq type='get' id='1'><q xmlns='urn:three'/></iq>", STOX_IQ_REFUSE,
     STOX_COND_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL, 0, "q", 0},
    /* "XC-9.2.3-02", "XC-9.2.3-03", "XC-9.2.3-10": no id, another type, no child or two. */
    {"<iq type='get'><q xmlns='urn:one'/></iq>", STOX_IQ_REFUSE, STOX_COND_BAD_REQUEST,
     STOX_ERROR_MODIFY, 0, "q", 1},
    {"<iq type='subscribe' id='1'><q xmlns='urn:one'/></iq>", STOX_IQ_REFUSE, STOX_COND_BAD_REQUEST,
     STOX_ERROR_MODIFY, 0, "q", 1},
    {"<iq id='1'><q xmlns='urn:one'/></iq>", STOX_IQ_REFUSE, STOX_COND_BAD_REQUEST,
     STOX_ERROR_MODIFY, 0, "q", 1},
    {"<iq type='get' id='1'/>", STOX_IQ_REFUSE, STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY, 0, NULL,
     1},
    {"<iq type='set' id='1'><q xmlns='urn:one'/><r/></iq>", STOX_IQ_REFUSE, STOX_COND_BAD_REQUEST,
     STOX_ERROR_MODIFY, 0, "q", 1},
    /* "XC-9.2.3-09", "XC-9.2.3-11": a response is taken or ignored, never answered. */
    {"<iq type='result' id='w' from='juliet@example.com'/>", STOX_IQ_RESPONSE, 0, 0, 7, NULL, 0},
    {"<iq type='error' id='w' from='juliet@example.com'><error/></iq>", STOX_IQ_RESPONSE, 0, 0, 7,
     NULL, 0},
    {"<iq type='error' id='w' from='juliet@example.com'><error/><q/></iq>", STOX_IQ_RESPONSE, 0, 0,
     7, "q", 0},
    {"<iq type='result' id='w' from='juliet@example.com'><q/><r/></iq>", STOX_IQ_RESPONSE, 0, 0, 7,
     "q", 1},
    {"<iq type='result' id='v' from='juliet@example.com'><q/></iq>", STOX_IQ_IGNORE, 0, 0, 0, "q",
     0},
    {"<iq type='result' id='w' from='mallory@example.com'/>", STOX_IQ_IGNORE, 0, 0, 0, NULL, 0},
    {"<iq type='error' id='w'><error/></iq>", STOX_IQ_IGNORE, 0, 0, 0, NULL, 0},
    {"<iq type='result' from='juliet@example.com'/>", STOX_IQ_IGNORE, 0, 0, 0, NULL, 1},
};

static void test_decide(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(decide_rows); i++) {
    const decide_row *r = &decide_rows[i];
    stox_stanza iq;
    stox_iq_verdict verdict;
    set_up(NULL);
    stox_iq_tracker *tracker = make_tracker(NULL, 4);
    assert_status(stox_iq_tracker_add(tracker, S("juliet@example.com"), S("w"), 7, 0), STOX_OK);
    (void)stox_stanza_read(&iq, xml_client_element(&arena, r->text), (stox_span){NULL, 0});
    assert_status(stox_iq_decide(&verdict, &iq, tracker, handlers, COUNT(handlers)), STOX_OK);
    assert_int_equal(verdict.action, r->action);
    assert_int_equal(verdict.condition, r->condition);
    assert_int_equal(verdict.type, r->type);
    assert_int_equal(verdict.handle, r->handle);
    assert_int_equal(verdict.is_broken, r->is_broken);
    assert_int_equal(verdict.payload == NULL, r->payload == NULL);
    assert_true(r->payload == NULL || stox_xml_is(verdict.payload, NULL, r->payload));
    assert_int_equal(stox_iq_tracker_count(tracker), r->action == STOX_IQ_RESPONSE ? 0 : 1);
    stox_iq_tracker_del(tracker);
  }
}

static void test_decide_without_tracker(void **state) {
  (void)state;
  stox_stanza iq;
  stox_iq_verdict verdict;
  const stox_span absent = {NULL, 0};
  (void)stox_stanza_read(&iq, xml_client_element(&arena, "<iq type='result' id='w'/>"), absent);
  assert_status(stox_iq_decide(&verdict, &iq, NULL, NULL, 0), STOX_OK);
  assert_int_equal(verdict.action, STOX_IQ_IGNORE);
  (void)stox_stanza_read(&iq, xml_client_element(&arena, "<message/>"), absent);
  assert_status(stox_iq_decide(&verdict, &iq, NULL, NULL, 0), STOX_E_ARG);
}

/* "XC-9.2.3-01", "XC-9.2.3-08": the id comes back. */
static void test_result(void **state) {
  (void)state;
  char text[256];
  stox_buf out;
  stox_stanza iq;
  stox_xml_writer w;
  const stox_span absent = {NULL, 0};
  (void)stox_stanza_read(
      &iq, xml_client_element(&arena, "<iq type='get' id='1' from='a' to='b'><q/></iq>"), absent);
  stox_buf_init(&out, text, sizeof text);
  stox_xml_writer_init(&w, &out, S("jabber:client"));
  assert_status(stox_iq_result_open(&w, &iq), STOX_OK);
  stox_xml_close(&w);
  assert_status(stox_xml_writer_end(&w), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("<iq from='b' to='a' id='1' type='result'/>"));
  const int types[] = {STOX_TYPE_RESULT, STOX_TYPE_ERROR, STOX_TYPE_NONE};
  for (size_t i = 0; i < COUNT(types); i++) {
    iq.type = types[i];
    assert_status(stox_iq_result_open(&w, &iq), STOX_E_STATE);
  }
  iq.type = STOX_TYPE_GET;
  iq.kind = STOX_STANZA_MESSAGE;
  assert_status(stox_iq_result_open(&w, &iq), STOX_E_STATE);
}

/* "XC-9.1.3-01": the same id is another one with another peer. */
static void test_tracker(void **state) {
  (void)state;
  uint64_t handle = 0;
  stox_iq_tracker *t = make_tracker(NULL, 3);
  const stox_span absent = {NULL, 0};
  assert_int_equal(stox_iq_tracker_deadline(t), UINT64_MAX);
  assert_status(stox_iq_tracker_add(t, S("a"), S("1"), 1, 10), STOX_OK);
  assert_status(stox_iq_tracker_add(t, S("b"), S("1"), 2, 20), STOX_OK);
  assert_status(stox_iq_tracker_add(t, S("a"), S("1"), 3, 20), STOX_E_STATE);
  assert_status(stox_iq_tracker_add(t, S("a"), absent, 3, 20), STOX_E_ARG);
  assert_status(stox_iq_tracker_add(t, S("a"), S(""), 3, 30), STOX_OK);
  /* "a" + "" is not "" + "a". */
  assert_status(stox_iq_tracker_take(t, &handle, absent, S("a")), STOX_E_NONE);
  assert_status(stox_iq_tracker_add(t, S("c"), S("1"), 4, 30), STOX_E_FULL);
  assert_int_equal(stox_iq_tracker_count(t), 3);
  assert_int_equal(stox_iq_tracker_deadline(t), 110);
  assert_status(stox_iq_tracker_take(t, &handle, S("b"), S("1")), STOX_OK);
  assert_int_equal(handle, 2);
  assert_status(stox_iq_tracker_take(t, &handle, S("b"), S("1")), STOX_E_NONE);
  assert_status(stox_iq_tracker_expire(t, &handle, 109), STOX_E_NONE);
  assert_status(stox_iq_tracker_expire(t, &handle, 110), STOX_OK);
  assert_int_equal(handle, 1);
  assert_status(stox_iq_tracker_expire(t, &handle, 110), STOX_E_NONE);
  assert_int_equal(stox_iq_tracker_deadline(t), 130);
  assert_status(stox_iq_tracker_add(t, S("d"), S("1"), 5, UINT64_MAX - 1), STOX_OK);
  assert_status(stox_iq_tracker_expire(t, &handle, UINT64_MAX), STOX_OK);
  assert_status(stox_iq_tracker_expire(t, &handle, UINT64_MAX), STOX_OK);
  assert_int_equal(handle, 5);
  assert_status(stox_iq_tracker_expire(t, &handle, UINT64_MAX), STOX_E_NONE);
  stox_iq_tracker_del(t);
  stox_iq_tracker_del(NULL);
}

/* "XC-9.1.2-06": no sender is the account, and only the account. */
static void test_account(void **state) {
  (void)state;
  static const stox_span names[] = {{NULL, 0}, ROW("romeo@example.net"), ROW("example.net")};
  uint64_t handle = 0;
  for (size_t i = 0; i < COUNT(names); i++) {
    for (size_t k = 0; k < COUNT(names); k++) {
      stox_iq_tracker *t = make_tracker(NULL, 3);
      assert_status(stox_iq_tracker_add(t, names[i], S("1"), 1, 0), STOX_OK);
      assert_status(stox_iq_tracker_take(t, &handle, names[k], S("1")),
                    (i < 2) == (k < 2) ? STOX_OK : STOX_E_NONE);
      stox_iq_tracker_del(t);
    }
  }
}

static void test_tracker_memory(void **state) {
  (void)state;
  for (size_t at = 1; at < 8; at++) {
    failing f = {.fail_at = at};
    const stox_allocator alloc = failing_allocator(&f);
    stox_iq_tracker *t = NULL;
    stox_iq_tracker_options options;
    const stox_random random = {sizeof random, &seed, test_fill};
    (void)stox_iq_tracker_options_init(&options, sizeof options);
    options.alloc = &alloc;
    options.random = &random;
    int status = stox_iq_tracker_new(&t, &options);
    if (status == STOX_OK) {
      status = stox_iq_tracker_add(t, S("a"), S("1"), 1, 0);
      assert_int_equal(stox_iq_tracker_count(t), status == STOX_OK);
    }
    assert_int_equal(status == STOX_E_NOMEM, at <= 3);
    stox_iq_tracker_del(t);
    assert_int_equal(f.live, 0);
  }
}

static int no_random(void *ud, void *p, size_t n) {
  (void)ud;
  (void)p;
  (void)n;
  return STOX_E_CLOSED;
}

static void test_options(void **state) {
  (void)state;
  failing f = {0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_iq_tracker *t = NULL;
  stox_iq_tracker_options options;
  const stox_random none = {sizeof none, NULL, no_random};
  assert_status(stox_iq_tracker_options_init(&options, 0), STOX_E_ARG);
  assert_status(stox_iq_tracker_options_init(&options, sizeof options), STOX_OK);
  assert_int_equal(options.max, 4096);
  assert_int_equal(options.timeout_ns, UINT64_C(30000000000));
  assert_status(stox_iq_tracker_new(&t, &options), STOX_E_ARG);
  options.random = &none;
  options.alloc = &alloc;
  assert_status(stox_iq_tracker_new(&t, &options), STOX_E_CLOSED);
  options.max = 0;
  assert_status(stox_iq_tracker_new(&t, &options), STOX_E_ARG);
  options.max = 1;
  options.timeout_ns = 0;
  assert_status(stox_iq_tracker_new(&t, &options), STOX_E_ARG);
  assert_null(t);
  assert_int_equal(f.live, 0);
  char text[STOX_IQ_ID_SIZE];
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  assert_status(stox_iq_id_write(&out, &none), STOX_E_CLOSED);
  assert_int_equal(out.len, 0);
}

static void test_id(void **state) {
  (void)state;
  char first[STOX_IQ_ID_SIZE];
  char second[STOX_IQ_ID_SIZE];
  const stox_random random = {sizeof random, &seed, test_fill};
  stox_buf a;
  stox_buf b;
  stox_buf_init(&a, first, sizeof first);
  stox_buf_init(&b, second, sizeof second - 1);
  assert_status(stox_iq_id_write(&a, &random), STOX_OK);
  assert_int_equal(a.len, STOX_IQ_ID_SIZE);
  assert_status(stox_iq_id_write(&b, &random), STOX_E_NOBUF);
  stox_buf_init(&b, second, sizeof second);
  assert_status(stox_iq_id_write(&b, &random), STOX_OK);
  assert_memory_not_equal(first, second, sizeof first);
}

/* Against a plain list, under a load of few names. */
static void test_tracker_model(void **state) {
  (void)state;
  enum { PEERS = 5, IDS = 7, STEPS = 20000 };
  static const char names[] = "abcdefg";
  uint64_t due[PEERS][IDS] = {{0}};
  uint64_t r = 7;
  stox_iq_tracker *t = make_tracker(NULL, PEERS * IDS);
  for (uint64_t now = 1; now < STEPS; now++) {
    const size_t peer = test_random(&r) % PEERS;
    const size_t id = test_random(&r) % IDS;
    const stox_span p = {names + peer, 1};
    const stox_span i = {names + id, 1};
    uint64_t handle = 0;
    while (stox_iq_tracker_expire(t, &handle, now) == STOX_OK) {
      assert_true(due[handle / IDS][handle % IDS] <= now);
      due[handle / IDS][handle % IDS] = 0;
    }
    if (test_random(&r) % 2 == 0) {
      const int status = stox_iq_tracker_add(t, p, i, peer * IDS + id, now);
      assert_status(status, due[peer][id] == 0 ? STOX_OK : STOX_E_STATE);
      due[peer][id] = due[peer][id] == 0 ? now + 100 : due[peer][id];
    } else {
      const int status = stox_iq_tracker_take(t, &handle, p, i);
      assert_status(status, due[peer][id] == 0 ? STOX_E_NONE : STOX_OK);
      assert_true(status != STOX_OK || handle == peer * IDS + id);
      due[peer][id] = 0;
    }
  }
  stox_iq_tracker_del(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_decide, set_up),
      cmocka_unit_test_setup(test_decide_without_tracker, set_up),
      cmocka_unit_test_setup(test_result, set_up),
      cmocka_unit_test_setup(test_tracker, set_up),
      cmocka_unit_test_setup(test_account, set_up),
      cmocka_unit_test_setup(test_tracker_memory, set_up),
      cmocka_unit_test_setup(test_options, set_up),
      cmocka_unit_test_setup(test_id, set_up),
      cmocka_unit_test_setup(test_tracker_model, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
