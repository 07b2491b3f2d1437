/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FED_PAIR_H
#define STOX_TEST_FED_PAIR_H

#include "fed_net.h"

/* Two federations that DNS leads to; each has two domains and a certificate for the first. */

typedef struct fed_two {
  net n;
  net_host *a;
  net_host *b;
} fed_two;

static inline void two_make(fed_two *p) {
  static const char *const at_a[] = {"a.example", "chat.a.example"};
  static const char *const at_b[] = {"b.example", "chat.b.example"};
  net_init(&p->n);
  p->a = net_add(&p->n, "192.0.2.1", at_a, 2);
  p->b = net_add(&p->n, "192.0.2.2", at_b, 2);
  p->a->identities = "DNS:a.example\n";
  p->b->identities = "DNS:b.example\n";
  net_address(&p->n, "a.example", "192.0.2.1");
  net_address(&p->n, "b.example", "192.0.2.2");
  net_address(&p->n, "chat.a.example", "192.0.2.1");
  net_address(&p->n, "chat.b.example", "192.0.2.2");
}

static inline void two_start(fed_two *p) {
  assert_status(net_start(p->a), STOX_OK);
  assert_status(net_start(p->b), STOX_OK);
}

/* The first wish, and what comes of it. */
static inline void two_want(fed_two *p, const char *log) {
  assert_status(net_want(p->a, "a.example", "b.example"), STOX_E_STATE);
  net_run(&p->n);
  assert_string_equal(net_log(p->a), log);
}

static inline void two_up(fed_two *p) {
  two_make(p);
  two_start(p);
  two_want(p, "UP a.example b.example sasl tls verified\n");
  assert_string_equal(net_log(p->b), "HEARD b.example a.example sasl tls verified\n");
}

static inline stox_federation_counters counters_of(const net_host *h) {
  stox_federation_counters now;
  assert_status(stox_federation_get_counters(&now, sizeof now, h->fed), STOX_OK);
  return now;
}

#endif
