/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FED_IN_H
#define STOX_TEST_FED_IN_H

#include "fed_pair.h"

/* The receiving side against a peer that is played by hand: b.example is the federation, the hand
 * says what it likes; where it is asked back, another is a.example's authoritative server. */

#define ROOT                                                                                       \
  "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                     \
  "xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' "
#define HEADER            ROOT "from='a.example' to='b.example' version='1.0'>"
#define ANSWER            ROOT "from='a.example' to='b.example' id='i-of-a' version='1.0'>"
#define FEATURES          "<stream:features/>"
#define STARTTLS          "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define SASL              "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define KEY(from, to)     "<db:result from='" from "' to='" to "'>key</db:result>"
#define MESSAGE(from, to) "<message from='" from "' to='" to "' id='1'><body>hi</body></message>"

typedef struct in_net {
  net n;
  net_host *b;
  net_host *hand;  /* who opens flows */
  net_host *other; /* who is asked back */
  uint64_t flow;
  uint64_t back; /* the flow of b to `other` */
} in_net;

static inline void in_make(in_net *p) {
  static const char *const at_b[] = {"b.example", "chat.b.example", "gone.b.example"};
  memset(p, 0, sizeof *p);
  net_init(&p->n);
  p->b = net_add(&p->n, "192.0.2.2", at_b, 3);
  p->b->domains[2].is_gone = 1;
  p->b->identities = "DNS:b.example\n";
  p->hand = net_add_hand(&p->n, "192.0.2.1");
  p->other = net_add_hand(&p->n, "192.0.2.3");
  net_address(&p->n, "a.example", "192.0.2.3");
  net_address(&p->n, "c.example", "192.0.2.3");
}

static inline void in_start(in_net *p) {
  assert_status(net_start(p->b), STOX_OK);
}

/* A flow with TLS from its start. */
static inline void in_dial(in_net *p) {
  p->flow = net_dial(p->hand, p->b);
  assert_true(p->flow != 0);
}

static inline int in_heard(in_net *p, const char *text) {
  const char *all = net_heard(p->hand);
  if (strstr(all, text) == NULL) {
    print_message("heard: %s\n", all);
    return 0;
  }
  return 1;
}

static inline void in_say(in_net *p, const char *text) {
  net_say(p->hand, p->flow, text);
}

/* STARTTLS, and the header behind it. */
static inline void in_secure(in_net *p) {
  in_say(p, HEADER);
  in_say(p, STARTTLS);
  assert_true(in_heard(p, "<proceed"));
  in_say(p, HEADER);
}

/* A stream with TLS whose hand may do dialback alone. */
static inline void in_open(in_net *p) {
  in_dial(p);
  in_secure(p);
  assert_true(in_heard(p, "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"));
}

/* b asks back: TLS with it too. `heard` of the other holds the question. */
static inline const char *in_asked(in_net *p) {
  net_run(&p->n);
  p->back = p->other->last;
  net_say(p->other, p->back, ANSWER "<stream:features>" STARTTLS "</stream:features>");
  net_say(p->other, p->back, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  (void)net_heard(p->other);
  net_say(p->other, p->back, ANSWER FEATURES);
  return net_heard(p->other);
}

/* The value of `id` in what was heard. */
static inline void in_id(char *out, size_t n, const char *heard) {
  const char *at = strstr(heard, " id='");
  assert_non_null(at);
  at += 5;
  size_t i = 0;
  while (at[i] != '\'' && i + 1 < n) {
    out[i] = at[i];
    i++;
  }
  out[i] = '\0';
}

static inline void in_judge(in_net *p, const char *asked, const char *type) {
  char id[64];
  char text[512];
  assert_non_null(strstr(asked, "<db:verify"));
  in_id(id, sizeof id, strstr(asked, "<db:verify"));
  (void)snprintf(text, sizeof text,
                 "<db:verify from='a.example' to='b.example' id='%s' type='%s'/>", id, type);
  net_say(p->other, p->back, text);
}

/* A stream that dialback has authenticated for a.example. */
static inline void in_ready(in_net *p) {
  in_open(p);
  in_say(p, KEY("a.example", "b.example"));
  in_judge(p, in_asked(p), "valid");
  assert_true(in_heard(p, "<db:result from='b.example' to='a.example' type='valid'/>"));
  assert_string_equal(net_log(p->b), "HEARD b.example a.example dialback tls\n");
}

#endif
