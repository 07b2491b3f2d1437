/* SPDX-License-Identifier: MIT */
#include "fed_net.h"

/* Two and three federations with each other: EXTERNAL, dialback, both refused. */

static const char *const at_a[] = {"a.example", "chat.a.example"};
static const char *const at_b[] = {"b.example", "chat.b.example"};

typedef struct pair_net {
  net n;
  net_host *a;
  net_host *b;
} pair_net;

static void make(pair_net *p) {
  net_init(&p->n);
  p->a = net_add(&p->n, "192.0.2.1", at_a, 2);
  p->b = net_add(&p->n, "192.0.2.2", at_b, 2);
  p->a->identities = "DNS:a.example\n";
  p->b->identities = "DNS:b.example\n";
  net_place(&p->n, "a.example", "192.0.2.1");
  net_place(&p->n, "b.example", "192.0.2.2");
  net_place(&p->n, "chat.a.example", "192.0.2.1");
  net_place(&p->n, "chat.b.example", "192.0.2.2");
}

static void start(pair_net *p) {
  assert_status(net_start(p->a), STOX_OK);
  assert_status(net_start(p->b), STOX_OK);
}

/* Sends one stanza from a to b and looks at both logs. */
static void check_carried(pair_net *p, const char *at_sender, const char *at_receiver) {
  assert_status(net_send(p->a, "a.example", "b.example", "0"), STOX_E_STATE);
  net_run(&p->n);
  assert_string_equal(net_log(p->a), at_sender);
  assert_status(net_send(p->a, "a.example", "b.example", "1"), STOX_OK);
  net_run(&p->n);
  assert_string_equal(net_log(p->b), at_receiver);
}

static const size_t chunks[] = {0, 1, 7};

static void test_external(void **state) {
  (void)state;
  static pair_net p;
  for (size_t i = 0; i < COUNT(chunks); i++) {
    make(&p);
    start(&p);
    p.n.chunk = chunks[i];
    check_carried(&p, "UP a.example b.example sasl tls verified\n",
                  "HEARD b.example a.example sasl tls verified\nSTANZA b.example a.example 1\n");
    net_free(&p.n);
  }
}

static void test_dialback(void **state) {
  (void)state;
  static pair_net p;
  for (size_t i = 0; i < COUNT(chunks); i++) {
    make(&p);
    p.a->identities = NULL;
    start(&p);
    p.n.chunk = chunks[i];
    check_carried(&p, "UP a.example b.example dialback tls verified\n",
                  "HEARD b.example a.example dialback tls\nSTANZA b.example a.example 1\n");
    net_free(&p.n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_external),
      cmocka_unit_test(test_dialback),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
