/* SPDX-License-Identifier: MIT */
#include "transaction_support.h"

#include <sys/wait.h>

/* The table as a whole: options, limits, memory, identifiers, order of actions. */

static void test_options(void **state) {
  (void)state;
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  assert_int_equal(options.t1_ns, 500 * MS);
  assert_int_equal(options.t2_ns, 4 * SECOND);
  assert_int_equal(options.t4_ns, 5 * SECOND);
  assert_int_equal(options.max, 65536);
  assert_int_equal(options.udp_max, 1300);
  assert_status(stox_transactions_options_init(&options, 1), STOX_E_ARG);
}

static int broken_fill(void *ud, void *p, size_t n) {
  (void)p;
  (void)n;
  return *(int *)ud;
}

static void test_bad_options(void **state) {
  (void)state;
  int status = STOX_E_STATE;
  const stox_random random = {sizeof random, &status, broken_fill};
  stox_transactions_options good;
  assert_status(stox_transactions_options_init(&good, sizeof good), STOX_OK);
  stox_transactions *t = NULL;
  assert_status(stox_transactions_new(&t, &good), STOX_E_ARG);
  assert_status(stox_transactions_new(&t, NULL), STOX_E_ARG);
  good.random = &random;
  assert_status(stox_transactions_new(&t, &good), STOX_E_STATE);
  assert_null(t);
  status = STOX_OK;
  stox_transactions_options rows[5] = {good, good, good, good, good};
  rows[0].max = 0;
  rows[1].t1_ns = 0;
  rows[2].t2_ns = 0;
  rows[3].t4_ns = 0;
  rows[4].t1_ns = UINT64_MAX;
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_transactions_new(&t, &rows[i]), STOX_E_ARG);
    assert_null(t);
  }
  stox_transactions_del(NULL);
}

/* A source of randomness that fails makes no branch. */
static void test_random_fails(void **state) {
  (void)state;
  int status = STOX_OK;
  const stox_random random = {sizeof random, &status, broken_fill};
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  options.random = &random;
  world w = {0};
  stox_arena_init(&w.arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_transactions_new(&w.t, &options), STOX_OK);
  status = STOX_E_REFUSED;
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  uint64_t id = 0;
  assert_status(stox_transactions_request(w.t, &id, new_request(&w, "MESSAGE"), &target, w.now),
                STOX_E_REFUSED);
  assert_int_equal(stox_transactions_count(w.t), 0);
  world_close(&w);
}

/* A MESSAGE with a branch, Call-ID and From tag of its own. */
static const char *numbered(char *room, size_t n, int number) {
  (void)snprintf(room, n,
                 "MESSAGE sip:a@a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK%d\r\n"
                 "From: <sip:b@b>;tag=%d\r\nTo: <sip:a@a>\r\nCall-ID: %d\r\nCSeq: 1 MESSAGE\r\n"
                 "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                 number, number, number);
  return room;
}

/* n - 1, n and n + 1 transactions; what exists goes on, and room comes back. */
static void test_full(void **state) {
  (void)state;
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  options.max = 3;
  world w;
  world_open_with(&w, &options);
  char text[512];
  (void)feed(&w, numbered(text, sizeof text, 1), UDP);
  const uint64_t first = w.event.id;
  (void)feed(&w, numbered(text, sizeof text, 2), UDP);
  const uint64_t id = request(&w, UDP);
  assert_int_equal(stox_transactions_count(w.t), 3);
  const stox_flow flow = flow_from(UDP);
  stox_sip_message *message = parse(&w, stox_span_text(numbered(text, sizeof text, 3)));
  assert_status(stox_transactions_feed(w.t, &w.event, message, &flow, w.now), STOX_E_FULL);
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  uint64_t refused = 0;
  assert_status(stox_transactions_request(w.t, &refused, new_request(&w, "INFO"), &target, w.now),
                STOX_E_FULL);
  assert_int_equal(refused, 0);
  assert_int_equal(feed(&w, numbered(text, sizeof text, 2), UDP), STOX_TRANSACTION_RETRANSMISSION);
  assert_status(respond(&w, first, numbered(text, sizeof text, 1), 200), STOX_OK);
  expect_send(&w);
  w.now += 33 * SECOND;
  tick_at(&w, w.now);
  size_t ended = 0;
  for (const stox_action *a = NULL; (a = stox_transactions_next(w.t)) != NULL;) {
    ended += a->kind == STOX_DO_EVENT && a->event == STOX_TRANSACTION_TERMINATED;
  }
  assert_int_equal(ended, 2);
  assert_int_equal(stox_transactions_count(w.t), 1);
  assert_true(id != 0);
  assert_int_equal(feed(&w, numbered(text, sizeof text, 3), UDP), STOX_TRANSACTION_NEW_REQUEST);
  world_close(&w);
}

/* Large requests fill the table by their octets, and leave room when they end. */
static void test_full_of_octets(void **state) {
  (void)state;
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  assert_int_equal(options.max_octets, 256 << 20);
  options.max_octets = 100000;
  world w;
  world_open_with(&w, &options);
  static char text[9000];
  char route[8000];
  memset(route, 'r', sizeof route - 1);
  route[sizeof route - 1] = '\0';
  const stox_flow flow = flow_from(TCP);
  uint64_t ids[32];
  int n = 0;
  int status = STOX_OK;
  while (status == STOX_OK && n < 32) {
    (void)snprintf(text, sizeof text,
                   "MESSAGE sip:%s@a SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nFrom: <sip:b@b>;tag=%d\r\n"
                   "To: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"
                   "Content-Length: 0\r\n\r\n",
                   route, n);
    status = stox_transactions_feed(w.t, &w.event, parse(&w, stox_span_text(text)), &flow, w.now);
    ids[n] = w.event.id;
    n += status == STOX_OK;
  }
  assert_status(status, STOX_E_FULL);
  assert_true(n >= 5 && n < 32);
  assert_status(respond(&w, ids[0], MESSAGE, 200), STOX_OK);
  expect_send(&w);
  expect_terminated(&w, ids[0]);
  status = stox_transactions_feed(w.t, &w.event, parse(&w, stox_span_text(text)), &flow, w.now);
  assert_status(status, STOX_OK);
  world_close(&w);
}

/* An object with transactions in every state is given back whole. */
static void test_del(void **state) {
  (void)state;
  world w;
  world_open(&w);
  char text[512];
  for (int i = 0; i < 200; i++) {
    assert_int_equal(feed(&w, numbered(text, sizeof text, i), i % 2 == 0 ? UDP : TCP),
                     STOX_TRANSACTION_NEW_REQUEST);
    if (i % 3 == 0) {
      assert_status(respond(&w, w.event.id, text, 200), STOX_OK);
    }
  }
  tick_at(&w, w.now + 20 * SECOND);
  world_close(&w);
}

/* Numbers are below 2^52, so that a token is below 2^53, and never used again. */
static void test_ids(void **state) {
  (void)state;
  world w;
  world_open(&w);
  uint64_t last = 0;
  for (int i = 0; i < 100; i++) {
    const uint64_t id = request(&w, TCP);
    assert_true(id > last && id < UINT64_C(1) << 52);
    assert_true(w.action.token != 0 && w.action.token < UINT64_C(1) << 53);
    last = id;
    assert_int_equal(answer(&w, 200, TCP), STOX_TRANSACTION_RESPONSE);
    expect_terminated(&w, id);
  }
  assert_status(stox_transactions_done(w.t, 0, STOX_E_CLOSED, w.now), STOX_OK);
  assert_status(stox_transactions_done(w.t, UINT64_MAX, STOX_E_CLOSED, w.now), STOX_OK);
  assert_status(respond(&w, last, MESSAGE, 200), STOX_E_NONE);
  const uint64_t client = request(&w, UDP);
  assert_status(respond(&w, client, MESSAGE, 200), STOX_E_NONE);
  world_close(&w);
}

/* What waits comes in order, each transaction's last word last; a SEND that was not pulled gives
 * way to the next. */
static void test_order(void **state) {
  (void)state;
  world w;
  world_open(&w);
  char text[512];
  uint64_t ids[3];
  for (int i = 0; i < 3; i++) {
    (void)feed(&w, numbered(text, sizeof text, i), TCP);
    ids[i] = w.event.id;
  }
  for (int i = 2; i >= 0; i--) {
    assert_status(respond(&w, ids[i], numbered(text, sizeof text, i), 100), STOX_OK);
    assert_status(respond(&w, ids[i], numbered(text, sizeof text, i), 200 + i), STOX_OK);
  }
  for (int i = 2; i >= 0; i--) {
    expect_send(&w);
    assert_int_equal(sent_code(&w), 200 + i);
    expect_event(&w, STOX_TRANSACTION_TERMINATED, ids[i], STOX_OK);
  }
  expect_nothing(&w);
  world_close(&w);
}

/* A tick that comes late fires each timer once and sets the next from then. */
static void test_late_tick(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = request(&w, UDP);
  tick_at(&w, start + 10 * SECOND);
  expect_send(&w);
  expect_nothing(&w);
  assert_int_equal(stox_transactions_deadline(w.t), start + 11 * SECOND);
  tick_at(&w, start + 60 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

/* At the end of the clock nothing wraps around. */
static void test_end_of_time(void **state) {
  (void)state;
  world w;
  world_open(&w);
  w.now = UINT64_MAX - SECOND;
  (void)request(&w, UDP);
  tick_at(&w, UINT64_MAX);
  expect_send(&w);
  expect_nothing(&w);
  assert_true(stox_transactions_deadline(w.t) == UINT64_MAX);
  world_close(&w);
}

/* Other timer values, among them a T1 above T2. */
static void test_other_timers(void **state) {
  (void)state;
  static const struct {
    uint64_t t1_ms;
    uint64_t t2_ms;
    uint64_t early_ms;
  } rows[] = {{500, 4000, 3500},  {500, 4500, 7500},  {250, 4000, 3750},
              {1000, 1000, 1000}, {2000, 1000, 2000}, {1, 1, 1}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_transactions_options options;
    assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
    options.t1_ns = rows[i].t1_ms * MS;
    options.t2_ns = rows[i].t2_ms * MS;
    world w;
    world_open_with(&w, &options);
    (void)feed(&w, MESSAGE, UDP);
    expect_due(&w, w.now, rows[i].early_ms * MS);
    expect_send(&w);
    assert_int_equal(sent_code(&w), 100);
    world_close(&w);
  }
}

/* Bad messages: nothing to match with. */
static void test_feed_refuses(void **state) {
  (void)state;
  world w;
  world_open(&w);
  stox_flow flow = flow_from(0);
  stox_sip_message *message = parse(&w, S(MESSAGE));
  assert_status(stox_transactions_feed(w.t, &w.event, message, &flow, w.now), STOX_E_ARG);
  assert_int_equal(feed(&w,
                        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:b@b>;tag=1\r\n"
                        "To: <sip:a@a>;tag=2\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n\r\n",
                        UDP),
                   STOX_TRANSACTION_STRAY);
  assert_int_equal(stox_transactions_count(w.t), 0);
  world_close(&w);
}

/* ---- memory ---- */

/* One round of traffic, whatever fails; what did not get its transaction is refused, no more. */
static void traffic(world *w) {
  const stox_flow udp = flow_from(UDP);
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  char text[512];
  for (int i = 0; i < 3; i++) {
    stox_sip_message *message = parse(w, stox_span_text(numbered(text, sizeof text, i)));
    const int fed = stox_transactions_feed(w->t, &w->event, message, &udp, w->now);
    assert_true(fed == STOX_OK || fed == STOX_E_NOMEM);
    if (fed == STOX_OK) {
      const uint64_t id = w->event.id;
      const int first = respond(w, id, text, 200);
      assert_true(first == STOX_OK || first == STOX_E_NOMEM);
      /* It still waits. */
      assert_status(first == STOX_OK ? STOX_OK : respond(w, id, text, 200), STOX_OK);
    }
    uint64_t id = 0;
    const int sent = stox_transactions_request(w->t, &id, new_request(w, "INFO"), &target, w->now);
    assert_true(sent == STOX_OK || sent == STOX_E_NOMEM);
    assert_int_equal(id != 0, sent == STOX_OK);
  }
}

/* Each n-th allocation fails once: at most one transaction is lost. */
static void test_out_of_memory(void **state) {
  (void)state;
  size_t n = 1;
  for (size_t used = n; n <= used; n++) {
    world w;
    world_open(&w);
    w.memory.calls = 0;
    w.memory.fail_at = n;
    traffic(&w);
    used = w.memory.calls;
    const size_t count = stox_transactions_count(w.t);
    assert_true(count == 6 || (n <= used && count == 5));
    size_t sends = 0;
    for (const stox_action *a = NULL; (a = stox_transactions_next(w.t)) != NULL;) {
      sends += a->kind == STOX_DO_SEND;
    }
    assert_int_equal(sends, count);
    tick_at(&w, w.now + 100 * SECOND);
    while (stox_transactions_next(w.t) != NULL) {
    }
    world_close(&w);
  }
  assert_true(n > 10);
}

static void test_out_of_memory_at_start(void **state) {
  (void)state;
  failing memory = {.fail_at = 1};
  const stox_allocator alloc = failing_allocator(&memory);
  world w = {.seed = 1};
  w.random = (stox_random){sizeof(stox_random), &w, world_fill};
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &alloc;
  options.random = &w.random;
  assert_status(stox_transactions_new(&w.t, &options), STOX_E_NOMEM);
  assert_null(w.t);
}

/* ---- fork ---- */

enum { CHILDREN = 2, BRANCHES = 2000, BRANCH_OCTETS = 39 };

/* The kernel's generator: what two processes must not share is ours. */
static int urandom_fill(void *ud, void *p, size_t n) {
  FILE *file = fopen("/dev/urandom", "rb");
  (void)ud;
  assert_non_null(file);
  (void)setvbuf(file, NULL, _IONBF, 0);
  assert_int_equal(fread(p, 1, n, file), n);
  (void)fclose(file);
  return STOX_OK;
}

/* Writes the branches of many requests to a pipe. */
static void child(world *w, int pipe_end) {
  for (int i = 0; i < BRANCHES; i++) {
    (void)request(w, TCP);
    const char *branch = strstr(w->sent, "z9hG4bK");
    if (write(pipe_end, branch, BRANCH_OCTETS) != BRANCH_OCTETS) {
      _exit(1);
    }
    (void)answer(w, 200, TCP);
    while (stox_transactions_next(w->t) != NULL) {
    }
    stox_arena_reset(&w->arena);
  }
  _exit(0);
}

static int compare_branches(const void *a, const void *b) {
  return memcmp(a, b, BRANCH_OCTETS);
}

/* Two processes with one object from before their fork draw no branch twice. */
static void test_fork(void **state) {
  (void)state;
  static char branches[CHILDREN * BRANCHES][BRANCH_OCTETS];
  world w;
  world_open(&w);
  stox_transactions_del(w.t);
  w.random = (stox_random){sizeof(stox_random), &w, urandom_fill};
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &w.alloc;
  options.random = &w.random;
  assert_status(stox_transactions_new(&w.t, &options), STOX_OK);
  (void)request(&w, UDP);
  FILE *from[CHILDREN];
  for (int i = 0; i < CHILDREN; i++) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    if (pid == 0) {
      child(&w, ends[1]);
    }
    assert_true(pid > 0);
    (void)close(ends[1]);
    from[i] = fdopen(ends[0], "rb");
  }
  for (int i = 0; i < CHILDREN; i++) {
    assert_int_equal(fread(branches[i * BRANCHES], BRANCH_OCTETS, BRANCHES, from[i]), BRANCHES);
    (void)fclose(from[i]);
  }
  for (int i = 0; i < CHILDREN; i++) {
    int how = 0;
    assert_true(wait(&how) > 0);
    assert_int_equal(how, 0);
  }
  qsort(branches, CHILDREN * BRANCHES, BRANCH_OCTETS, compare_branches);
  for (size_t i = 1; i < CHILDREN * BRANCHES; i++) {
    assert_true(memcmp(branches[i - 1], branches[i], BRANCH_OCTETS) != 0);
  }
  world_close(&w);
}

/* ---- shared memory ---- */

enum { SEGMENT = 1 << 20 };

typedef struct segment {
  size_t used;
  char *p;
} segment;

/* Hands out pieces of a shared mapping and takes none back. */
static void *segment_resize(void *ud, void *p, size_t old_n, size_t new_n) {
  segment *s = ud;
  if (new_n == 0) {
    return NULL;
  }
  const size_t at = (s->used + 15) / 16 * 16;
  if (SEGMENT - at < new_n) {
    return NULL;
  }
  s->used = at + new_n;
  if (p != NULL) {
    memcpy(s->p + at, p, old_n < new_n ? old_n : new_n);
  }
  return s->p + at;
}

/* *Placeable*: what one process feeds another answers. */
static void test_shared(void **state) {
  (void)state;
  char *map = mmap(NULL, SEGMENT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(map != MAP_FAILED);
  segment *s = (segment *)(void *)map;
  *s = (segment){sizeof *s, map};
  world w;
  world_open(&w);
  stox_transactions_del(w.t);
  const stox_allocator alloc = {sizeof alloc, s, segment_resize};
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &alloc;
  options.random = &w.random;
  assert_status(stox_transactions_new(&w.t, &options), STOX_OK);
  const pid_t pid = fork();
  if (pid == 0) {
    _exit(feed(&w, MESSAGE, UDP) == STOX_TRANSACTION_NEW_REQUEST ? 0 : 1);
  }
  int how = 1;
  assert_int_equal(waitpid(pid, &how, 0), pid);
  assert_int_equal(how, 0);
  assert_int_equal(stox_transactions_count(w.t), 1);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_RETRANSMISSION);
  assert_status(respond(&w, w.event.id, MESSAGE, 200), STOX_OK);
  expect_send(&w);
  world_close(&w);
  assert_int_equal(munmap(map, SEGMENT), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_bad_options),
      cmocka_unit_test(test_random_fails),
      cmocka_unit_test(test_full),
      cmocka_unit_test(test_full_of_octets),
      cmocka_unit_test(test_del),
      cmocka_unit_test(test_ids),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_late_tick),
      cmocka_unit_test(test_end_of_time),
      cmocka_unit_test(test_other_timers),
      cmocka_unit_test(test_feed_refuses),
      cmocka_unit_test(test_out_of_memory),
      cmocka_unit_test(test_out_of_memory_at_start),
      cmocka_unit_test(test_fork),
      cmocka_unit_test(test_shared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
