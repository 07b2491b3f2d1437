/* SPDX-License-Identifier: MIT */
#include "fed_pair.h"

/* What streams cost, and that lack of memory costs no more than it must. */

/* Octets that an idle stream may hold, without TLS. */
enum { IDLE_MAX = 12 * 1024, NEXT_MAX = 8 * 1024, STREAMS = 24 };

/* What one more costs when tables and caches are there. */
static void check_next(fed_two *p) {
  const size_t before_a = p->a->memory.live;
  const size_t before_b = p->b->memory.live;
  p->a->identities = "DNS:a.example\nDNS:chat.a.example\n";
  assert_status(net_want(p->a, "chat.a.example", "chat.b.example"), STOX_E_STATE);
  net_run(&p->n);
  assert_string_equal(net_log(p->a), "UP chat.a.example chat.b.example sasl tls\n");
  net_pass(&p->n, 100 * SECOND);
  const size_t at_a = p->a->memory.live - before_a;
  const size_t at_b = p->b->memory.live - before_b;
  print_message("one more: out %zu, in %zu octets\n", at_a, at_b);
  assert_true(at_a <= NEXT_MAX);
  assert_true(at_b <= NEXT_MAX);
}

/* An authenticated stream that has carried stanzas and waits, at both ends, by both ways. */
static void test_idle_stream(void **state) {
  (void)state;
  static fed_two p;
  for (int is_dialback = 0; is_dialback < 2; is_dialback++) {
    two_make(&p);
    p.a->identities = is_dialback ? NULL : p.a->identities;
    p.a->options.idle_ns = 0;
    p.b->options.idle_ns = 0;
    two_start(&p);
    const size_t empty_a = p.a->memory.live;
    const size_t empty_b = p.b->memory.live;
    two_want(&p, is_dialback ? "UP a.example b.example dialback tls verified\n"
                             : "UP a.example b.example sasl tls verified\n");
    for (int i = 0; i < 100; i++) {
      assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_OK);
    }
    net_pass(&p.n, 100 * SECOND); /* the stream that checked the key is gone */
    assert_int_equal(counters_of(p.a).streams_out + counters_of(p.a).streams_in, 1);
    assert_int_equal(counters_of(p.b).streams_out + counters_of(p.b).streams_in, 1);
    const size_t at_a = p.a->memory.live - empty_a;
    const size_t at_b = p.b->memory.live - empty_b;
    print_message("an idle stream by %s: out %zu, in %zu octets\n",
                  is_dialback ? "dialback" : "EXTERNAL", at_a, at_b);
    assert_true(at_a <= IDLE_MAX);
    assert_true(at_b <= IDLE_MAX);
    check_next(&p);
    net_free(&p.n);
  }
}

/* Takes what a federation has to do; what it sends is thrown away. */
static void drain(net_host *h, size_t *heard) {
  const stox_action *a = NULL;
  while ((a = stox_federation_next(h->fed)) != NULL) {
    assert_true(a->kind == STOX_DO_SEND || a->kind == STOX_DO_EVENT || a->kind == STOX_DO_CLOSE);
    *heard += a->kind == STOX_DO_EVENT && a->event == STOX_FEDERATION_HEARD;
  }
}

/* One incoming stream of a domain of its own, by EXTERNAL under TLS from its start. */
static void authenticate(net_host *h, uint64_t handle, size_t *heard) {
  char names[64];
  char header[512];
  (void)snprintf(names, sizeof names, "DNS:s%u.example\n", (unsigned)handle);
  (void)snprintf(header, sizeof header,
                 "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
                 "xmlns:stream='http://etherx.jabber.org/streams' from='s%u.example' "
                 "to='b.example' version='1.0'>",
                 (unsigned)handle);
  const stox_peer peer = {
      .size = sizeof peer, .secure = 1, .verified = 1, .identities = stox_span_text(names)};
  const stox_flow flow = {
      .handle = handle, .remote = {S("192.0.2.1"), 5269, STOX_TRANSPORT_TCP}, .peer = &peer};
  const stox_span said[] = {
      stox_span_text(header),
      S("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"),
      stox_span_text(header),
  };
  assert_status(stox_federation_accept(h->fed, &flow, h->net->now_ns), STOX_OK);
  for (size_t i = 0; i < COUNT(said); i++) {
    assert_status(stox_federation_feed(h->fed, &flow, said[i], h->net->now_ns), STOX_OK);
    drain(h, heard);
  }
}

/* Ten thousand of them, idle: what they hold, and that time costs nothing while nothing is due. */
static void test_ten_thousand(void **state) {
  (void)state;
  static fed_two p;
  enum { MANY = 10000 };
  size_t heard = 0;
  two_make(&p);
  p.b->options.idle_ns = 0;
  two_start(&p);
  const size_t empty = p.b->memory.live;
  for (uint64_t i = 1; i <= MANY; i++) {
    authenticate(p.b, i, &heard);
  }
  assert_int_equal(heard, MANY);
  const size_t each = (p.b->memory.live - empty) / MANY;
  print_message("of %d idle streams each: %zu octets\n", (int)MANY, each);
  assert_true(each <= NEXT_MAX);
  assert_true(stox_federation_deadline(p.b->fed) > p.n.now_ns);
  p.n.now_ns += 61 * SECOND; /* white space on all */
  assert_status(stox_federation_tick(p.b->fed, p.n.now_ns), STOX_OK);
  drain(p.b, &heard);
  assert_true(stox_federation_deadline(p.b->fed) > p.n.now_ns);
  assert_true((p.b->memory.live - empty) / MANY <= NEXT_MAX);
  net_free(&p.n);
}

/* Streams come and go in any order; each is due when it is due, and is asked for then. */
static void test_order_of_time(void **state) {
  (void)state;
  static fed_two p;
  enum { STREAMS_OF_TIME = 300 };
  static uint64_t due[STREAMS_OF_TIME + 1];
  uint64_t seed = 99;
  size_t heard = 0;
  two_make(&p);
  p.b->options.max_unauthenticated = STREAMS_OF_TIME;
  two_start(&p);
  for (uint64_t i = 1; i <= STREAMS_OF_TIME; i++) {
    const stox_flow flow = {.handle = i};
    p.n.now_ns += 1 + test_random(&seed) % 1000;
    due[i] = p.n.now_ns + p.b->options.negotiation_timeout_ns;
    assert_status(stox_federation_accept(p.b->fed, &flow, p.n.now_ns), STOX_OK);
    drain(p.b, &heard);
    const uint64_t gone = 1 + test_random(&seed) % (2 * i);
    const stox_flow last = {.handle = gone};
    if (gone <= i && due[gone] != 0) {
      due[gone] = 0;
      assert_status(stox_federation_feed(p.b->fed, &last, (stox_span){NULL, 0}, p.n.now_ns),
                    STOX_OK);
      drain(p.b, &heard);
    }
  }
  for (uint64_t i = 1; i <= STREAMS_OF_TIME; i++) { /* their order in time */
    if (due[i] != 0) {
      assert_int_equal(stox_federation_deadline(p.b->fed), due[i]);
      assert_true(stox_federation_owns(p.b->fed, i));
      p.n.now_ns = due[i];
      assert_status(stox_federation_tick(p.b->fed, p.n.now_ns), STOX_OK);
      drain(p.b, &heard);
      assert_false(stox_federation_owns(p.b->fed, i));
    }
  }
  assert_int_equal(stox_federation_deadline(p.b->fed), UINT64_MAX);
  net_free(&p.n);
}

/* ---- each allocation fails once ---- */

enum { AT_SENDER, AT_RECEIVER };

/* What a whole life asks for: a way, a proof, stanzas both ways, the end. Whatever fails, each wish
 * that is not refused at once is answered, UP or DOWN, and all memory comes back. */
static size_t live(int is_dialback, int where, size_t fail_at) {
  static fed_two p;
  two_make(&p);
  p.a->identities = is_dialback ? NULL : p.a->identities;
  p.b->identities = is_dialback ? NULL : p.b->identities;
  p.b->answer = "back";
  two_start(&p);
  failing *memory = where == AT_SENDER ? &p.a->memory : &p.b->memory;
  const size_t before = memory->calls;
  memory->fail_at = fail_at == 0 ? 0 : before + fail_at;
  const int status = net_want(p.a, "a.example", "b.example");
  net_pass(&p.n, 0);
  net_pass(&p.n, 60 * SECOND);
  const char *log = net_log(p.a);
  if (status == STOX_E_STATE) {
    assert_true(strstr(log, "UP a.example b.example") != NULL ||
                strstr(log, "DOWN a.example b.example") != NULL);
  } else {
    assert_status(status, STOX_E_NOMEM);
  }
  const int sent = net_send(p.a, "a.example", "b.example", "1");
  net_pass(&p.n, 60 * SECOND);
  if (sent == STOX_E_STATE) {
    assert_true(p.a->n_log > 0);
  } else if (sent == STOX_OK) {
    /* It came, or the stream's end was told. */
    assert_true(strstr(net_log(p.b), "STANZA") != NULL || strstr(net_log(p.a), "DOWN") != NULL);
  }
  assert_status(stox_federation_stop(p.a->fed, p.n.now_ns), STOX_OK);
  assert_status(stox_federation_stop(p.b->fed, p.n.now_ns), STOX_OK);
  net_pass(&p.n, 20 * SECOND);
  assert_true(p.a->is_stopped);
  assert_true(p.b->is_stopped);
  const size_t calls = memory->calls - before;
  net_free(&p.n);
  return calls;
}

static void test_allocations(void **state) {
  (void)state;
  for (int is_dialback = 0; is_dialback < 2; is_dialback++) {
    for (int where = AT_SENDER; where <= AT_RECEIVER; where++) {
      const size_t calls = live(is_dialback, where, 0);
      for (size_t n = 1; n <= calls; n++) {
        (void)live(is_dialback, where, n);
      }
    }
  }
}

static void test_making(void **state) {
  (void)state;
  static fed_two p;
  size_t n = 0;
  int status = STOX_E_NOMEM;
  while (status == STOX_E_NOMEM) {
    two_make(&p);
    const stox_federation_hop hop = {S("c.example"), {S("host.example"), 1, STOX_TRANSPORT_TCP}};
    p.a->options.hops = &hop;
    p.a->options.n_hops = 1;
    p.a->options.dialback_secret = S("secret");
    p.a->memory.fail_at = ++n;
    status = net_start(p.a);
    assert_true(status == STOX_OK || p.a->fed == NULL);
    net_free(&p.n);
  }
  assert_status(status, STOX_OK);
  assert_true(n > 5);
}

static int no_random(void *ud, void *out, size_t n) {
  (void)ud;
  (void)out;
  (void)n;
  return STOX_E_STATE;
}

static void test_no_random(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.a->random.fill = no_random;
  assert_status(net_start(p.a), STOX_E_STATE);
  net_free(&p.n);
}

/* Memory follows the streams, not the other way round. */
static void test_many_streams(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.b->options.max_unauthenticated = STREAMS;
  two_start(&p);
  net_host *hand = net_add_hand(&p.n, "192.0.2.9");
  const size_t empty = p.b->memory.live;
  uint64_t flows[STREAMS];
  for (size_t i = 0; i < STREAMS; i++) {
    flows[i] = net_dial(hand, p.b);
    assert_true(flows[i] != 0);
  }
  net_run(&p.n);
  assert_int_equal(counters_of(p.b).streams_in, STREAMS);
  print_message("a stream before its header: %zu octets\n", (p.b->memory.live - empty) / STREAMS);
  assert_true(p.b->memory.live - empty <= (size_t)STREAMS * IDLE_MAX);
  for (size_t i = 0; i < STREAMS; i += 2) {
    net_hang_up(hand, flows[i]);
  }
  net_pass(&p.n, 31 * SECOND);
  assert_int_equal(counters_of(p.b).streams_in, 0);
  assert_true(p.b->memory.live - empty < IDLE_MAX); /* tables keep their size */
  net_free(&p.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_idle_stream),  cmocka_unit_test(test_making),
      cmocka_unit_test(test_no_random),    cmocka_unit_test(test_many_streams),
      cmocka_unit_test(test_ten_thousand), cmocka_unit_test(test_order_of_time),
      cmocka_unit_test(test_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
