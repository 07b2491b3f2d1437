/* SPDX-License-Identifier: MIT */
/* Two transaction tables on a network that loses and doubles datagrams and refuses or cuts streams:
 * each request reaches the other caller once, and each ends with one answer or one reason. */
#include "transaction_support.h"

#include "stox/loopback.h"

enum { MESSAGES = 60, IDS = 2 * MESSAGES };

#define A(t)                                                                                       \
  { ROW("192.0.2.1"), 5070, t }
#define B(t)                                                                                       \
  { ROW("192.0.2.2"), 5060, t }

/* One end. */
typedef struct peer {
  world w;
  stox_engine engine;
  int delivered[MESSAGES]; /* requests as its caller got them, by number */
  int answered;
  int timeouts;
  int failures;
  int ended;
  int silent; /* its caller answers nothing */
} peer;

typedef struct network {
  peer a;
  peer b;
  stox_loopback *net;
  uint64_t seed;
  uint64_t now;
  int loss; /* percent */
  int doubling;
  int refuse_tcp;
} network;

static int fault(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes) {
  network *n = ud;
  (void)from;
  (void)bytes;
  if (to->transport == TCP) {
    return n->refuse_tcp ? STOX_LOOPBACK_REFUSE : STOX_LOOPBACK_PASS;
  }
  const int dice = (int)(test_random(&n->seed) % 100);
  if (dice < n->loss) {
    return STOX_LOOPBACK_DROP;
  }
  return dice < n->loss + n->doubling ? STOX_LOOPBACK_TWICE : STOX_LOOPBACK_PASS;
}

/* The number of a request is its CSeq's. */
static void deliver(peer *p, stox_sip_message *message) {
  stox_sip_cseq cseq;
  stox_sip_edit *edit = NULL;
  assert_status(stox_sip_get_cseq(&cseq, message), STOX_OK);
  assert_true(cseq.number < MESSAGES);
  p->delivered[cseq.number]++;
  if (p->silent) {
    return;
  }
  assert_status(
      stox_sip_response_new(&edit, &p->w.arena, message, 200, (stox_span){NULL, 0}, S("t")),
      STOX_OK);
  assert_status(stox_transactions_respond(p->w.t, p->w.event.id, edit, p->w.now), STOX_OK);
}

static int on_feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  peer *p = engine;
  p->w.now = now_ns;
  if (bytes.n == 0) {
    return STOX_OK;
  }
  stox_sip_message *message = parse(&p->w, bytes);
  assert_status(stox_transactions_feed(p->w.t, &p->w.event, message, flow, now_ns), STOX_OK);
  if (p->w.event.kind == STOX_TRANSACTION_NEW_REQUEST) {
    deliver(p, message);
  } else if (p->w.event.kind == STOX_TRANSACTION_RESPONSE && stox_sip_status(message) >= 200) {
    p->answered++;
  }
  return STOX_OK;
}

static int on_done(void *engine, uint64_t token, int status, const stox_flow *flow,
                   uint64_t now_ns) {
  peer *p = engine;
  (void)flow;
  return stox_transactions_done(p->w.t, token, status, now_ns);
}

static int on_hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  (void)engine;
  (void)handle;
  (void)full;
  (void)now_ns;
  return STOX_OK;
}

static const stox_action *on_next(void *engine) {
  peer *p = engine;
  const stox_action *action = NULL;
  while ((action = stox_transactions_next(p->w.t)) != NULL && action->kind == STOX_DO_EVENT) {
    p->timeouts += action->event == STOX_TRANSACTION_TIMEOUT;
    p->failures += action->event == STOX_TRANSACTION_FAILED;
    p->ended += action->event == STOX_TRANSACTION_TERMINATED;
  }
  return action;
}

static uint64_t on_deadline(const void *engine) {
  return stox_transactions_deadline(((const peer *)engine)->w.t);
}

static int on_tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  peer *p = engine;
  (void)wall_s;
  p->w.now = now_ns;
  return stox_transactions_tick(p->w.t, now_ns);
}

static void join(network *n, peer *p, const stox_endpoint *udp, const stox_endpoint *tcp) {
  world_open(&p->w);
  p->engine = (stox_engine){.size = sizeof(stox_engine),
                            .engine = p,
                            .feed = on_feed,
                            .done = on_done,
                            .hold = on_hold,
                            .next = on_next,
                            .deadline = on_deadline,
                            .tick = on_tick};
  assert_status(stox_loopback_join(n->net, &p->engine, udp), STOX_OK);
  assert_status(stox_loopback_join(n->net, &p->engine, tcp), STOX_OK);
}

static void open_network(network *n) {
  static const stox_endpoint at[] = {A(STOX_TRANSPORT_UDP), A(STOX_TRANSPORT_TCP),
                                     B(STOX_TRANSPORT_UDP), B(STOX_TRANSPORT_TCP)};
  stox_loopback_options options;
  assert_status(stox_loopback_options_init(&options, sizeof options), STOX_OK);
  memset(n, 0, sizeof *n);
  n->seed = 99;
  options.ud = n;
  options.fault = fault;
  options.delay_ns = 3 * MS;
  assert_status(stox_loopback_new(&n->net, &options), STOX_OK);
  join(n, &n->a, &at[0], &at[1]);
  join(n, &n->b, &at[2], &at[3]);
  n->a.w.seed = 1;
  n->b.w.seed = 2;
}

static void close_network(network *n) {
  stox_loopback_del(n->net);
  world_close(&n->a.w);
  world_close(&n->b.w);
}

static void run_for(network *n, uint64_t ns) {
  assert_status(stox_loopback_run(n->net, &n->now, n->now + ns), STOX_OK);
}

static void send_from_a(network *n, int number, int transport, size_t body, uint32_t flags) {
  static char text[4000];
  char value[64];
  const stox_transaction_target target = {
      .local = A(transport), .remote = B(transport), .flags = flags};
  uint64_t id = 0;
  memset(text, 'x', sizeof text);
  stox_sip_edit *edit = new_request(&n->a.w, "MESSAGE");
  const int cseq = snprintf(value, sizeof value, "%d MESSAGE", number);
  assert_status(stox_sip_edit_set(edit, STOX_SIP_CSEQ, (stox_span){NULL, 0},
                                  (stox_span){value, (size_t)cseq}, STOX_SIP_REPLACE),
                STOX_OK);
  (void)stox_sip_edit_set_body(edit, (stox_span){text, body});
  assert_status(stox_transactions_request(n->a.w.t, &id, edit, &target, n->now), STOX_OK);
}

/* RFC 3261 17.1.2, 17.2.2: lost, doubled and late datagrams. */
static void test_bad_network(void **state) {
  (void)state;
  static network n;
  open_network(&n);
  n.loss = 35;
  n.doubling = 15;
  for (int i = 0; i < MESSAGES; i++) {
    send_from_a(&n, i, UDP, 100, 0);
    run_for(&n, 50 * MS);
  }
  run_for(&n, 100 * SECOND);
  int delivered = 0;
  for (int i = 0; i < MESSAGES; i++) {
    assert_true(n.b.delivered[i] <= 1);
    delivered += n.b.delivered[i];
  }
  assert_int_equal(n.a.answered + n.a.timeouts, MESSAGES);
  assert_int_equal(n.a.failures + n.b.failures + n.b.timeouts, 0);
  assert_true(n.a.answered >= MESSAGES - 2 && delivered >= n.a.answered);
  assert_int_equal(n.a.ended, MESSAGES);
  assert_int_equal(n.b.ended, delivered);
  assert_int_equal(stox_transactions_count(n.a.w.t) + stox_transactions_count(n.b.w.t), 0);
  close_network(&n);
}

static void test_all_lost(void **state) {
  (void)state;
  static network n;
  open_network(&n);
  n.loss = 100;
  for (int i = 0; i < 5; i++) {
    send_from_a(&n, i, UDP, 100, 0);
  }
  run_for(&n, 40 * SECOND);
  assert_int_equal(n.a.timeouts, 5);
  assert_int_equal(n.a.ended, 5);
  close_network(&n);
}

static void test_streams(void **state) {
  (void)state;
  static network n;
  open_network(&n);
  for (int i = 0; i < MESSAGES; i++) {
    send_from_a(&n, i, TCP, 2000, 0);
    run_for(&n, 10 * MS);
    assert_int_equal(n.a.answered, i + 1);
    assert_int_equal(n.b.delivered[i], 1);
  }
  assert_int_equal(n.a.ended, MESSAGES);
  assert_int_equal(n.b.ended, MESSAGES);
  close_network(&n);
}

/* RFC 3261 18.1.1: large requests for UDP go over TCP; refused, they fail or go back to UDP. */
static void test_size(void **state) {
  (void)state;
  static network n;
  open_network(&n);
  send_from_a(&n, 0, UDP, 2000, 0);
  run_for(&n, SECOND);
  assert_int_equal(n.a.answered, 1);
  n.refuse_tcp = 1;
  send_from_a(&n, 1, UDP, 3000, 0);
  run_for(&n, SECOND);
  assert_int_equal(n.a.failures, 1);
  assert_int_equal(n.b.delivered[1], 0);
  send_from_a(&n, 2, UDP, 3000, STOX_TRANSACTION_UDP_RETRY);
  run_for(&n, SECOND);
  assert_int_equal(n.a.failures, 1);
  assert_int_equal(n.a.answered, 2);
  assert_int_equal(n.b.delivered[2], 1);
  close_network(&n);
}

/* RFC 4320: a caller that never answers: 100 meanwhile, then a timeout at both ends, no 408. */
static void test_silent_caller(void **state) {
  (void)state;
  static const int transports[] = {UDP, TCP};
  for (size_t i = 0; i < COUNT(transports); i++) {
    static network n;
    open_network(&n);
    n.b.silent = 1;
    send_from_a(&n, 0, transports[i], 100, 0);
    run_for(&n, 200 * SECOND);
    assert_int_equal(n.b.delivered[0], 1);
    assert_int_equal(n.a.answered, 0);
    assert_int_equal(n.a.timeouts, 1);
    assert_int_equal(n.b.timeouts, 1);
    assert_int_equal(n.a.ended + n.b.ended, 2);
    close_network(&n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bad_network),   cmocka_unit_test(test_all_lost),
      cmocka_unit_test(test_streams),       cmocka_unit_test(test_size),
      cmocka_unit_test(test_silent_caller),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
