/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FAKE_SIP_H
#define STOX_TEST_FAKE_SIP_H

#include "support.h"

#include "stox/transport.h"

/* A SIP peer for tests over the loopback network, written without the library's codec: it sends
 * texts as they are, keeps all that arrives, and answers requests with one status by copying the
 * lines that a response repeats. */

enum { FAKE_MESSAGES = 2048, FAKE_QUEUE = 512 };

typedef struct fake_sip {
  stox_engine engine;
  stox_endpoint self;    /* transport is set for each message */
  stox_endpoint gateway; /* where texts go */
  char *messages[FAKE_MESSAGES];
  size_t n_messages;
  struct fake_queued {
    char *text;
    stox_endpoint to;
    uint64_t handle;
  } queue[FAKE_QUEUE];
  size_t queue_from;
  size_t queue_to;
  char *given;
  stox_action action;
  char host[64];
  const char *answer;      /* `200 OK`; NULL: silence */
  const char *answer_more; /* header lines of it, each with CRLF; NULL: none */
  int answers;             /* how many requests are still answered, -1: all */
  char *partial;           /* octets of a stream that are no whole message yet */
  size_t partial_n;
} fake_sip;

void fake_sip_init(fake_sip *out, const char *host, uint32_t port);
void fake_sip_clear(fake_sip *fake);

/* Sends a text to the gateway. */
void fake_sip_send(fake_sip *fake, int transport, const char *text);

/* How many of the messages begin with, or hold, a text. */
size_t fake_sip_count(const fake_sip *fake, const char *begin);
size_t fake_sip_holding(const fake_sip *fake, const char *text);

/* Writes a MESSAGE; the parts that are NULL get their defaults. */
typedef struct fake_message {
  const char *uri;     /* sip:juliet@xmpp.example */
  const char *from;    /* <sip:romeo@sip.example>;tag=r1 */
  const char *to;      /* <URI> */
  const char *call_id; /* c1 */
  const char *branch;  /* z9hG4bKb1 */
  const char *type;    /* text/plain */
  const char *more;    /* header lines, each with CRLF */
  const char *body;    /* Hello */
  const char *method;  /* MESSAGE */
  int hops;            /* 70; -1: 0 */
} fake_message;

void fake_sip_message(char *out, size_t cap, const fake_message *m, int transport);

#endif
