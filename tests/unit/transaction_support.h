/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_TRANSACTION_SUPPORT_H
#define STOX_TEST_TRANSACTION_SUPPORT_H

#include "support.h"

#include "stox/transaction.h"

/* A transaction table with a clock that only the test turns, and what it takes to speak to it. */

#define MS     UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
#define LOCAL(t)                                                                                   \
  { ROW("192.0.2.1"), 5070, t }
#define REMOTE(t)                                                                                  \
  { ROW("192.0.2.2"), 5060, t }

enum { UDP = STOX_TRANSPORT_UDP, TCP = STOX_TRANSPORT_TCP };

typedef struct world {
  stox_transactions *t;
  failing memory;
  stox_allocator alloc;
  stox_random random;
  uint64_t seed;
  uint64_t now;
  stox_arena arena;
  stox_transaction_event event; /* of the last feed() */
  stox_action action;           /* of the last expect_send() */
  char sent[4096];              /* its octets */
  size_t sent_n;
  char host[64]; /* its remote host */
} world;

static inline int world_fill(void *ud, void *p, size_t n) {
  world *w = ud;
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (unsigned char)(test_random(&w->seed) >> 24);
  }
  return STOX_OK;
}

static inline void world_open_with(world *w, stox_transactions_options *options) {
  *w = (world){.seed = 42, .now = 1000 * SECOND};
  w->alloc = failing_allocator(&w->memory);
  w->random = (stox_random){sizeof(stox_random), w, world_fill};
  options->alloc = &w->alloc;
  options->random = &w->random;
  assert_status(stox_transactions_new(&w->t, options), STOX_OK);
  stox_arena_init(&w->arena, NULL, 0, 0, stox_allocator_libc());
}

static inline void world_open(world *w) {
  stox_transactions_options options;
  assert_status(stox_transactions_options_init(&options, sizeof options), STOX_OK);
  world_open_with(w, &options);
}

static inline void world_close(world *w) {
  stox_transactions_del(w->t);
  stox_arena_clear(&w->arena);
  assert_int_equal(w->memory.live, 0);
}

static inline stox_sip_message *parse(world *w, stox_span text) {
  stox_sip_message *message = NULL;
  stox_span copy;
  stox_diag diag = {0};
  assert_status(stox_arena_copy(&w->arena, &copy, text), STOX_OK);
  const int status = stox_sip_parse(&message, &w->arena, copy, NULL, &diag);
  if (status != STOX_OK) {
    fail_msg("%s at %zu: %s\n%.*s", stox_status_name(status), diag.offset, diag.rule, (int)text.n,
             text.p);
  }
  return message;
}

static inline stox_flow flow_from(int transport) {
  return (stox_flow){7, LOCAL(transport), {ROW("192.0.2.2"), 6060, transport}, NULL};
}

/* Feeds a message that came from 192.0.2.2:6060 on flow 7; its kind. */
static inline int feed(world *w, const char *text, int transport) {
  const stox_flow flow = flow_from(transport);
  stox_sip_message *message = parse(w, stox_span_text(text));
  assert_status(stox_transactions_feed(w->t, &w->event, message, &flow, w->now), STOX_OK);
  return w->event.kind;
}

static inline void expect_nothing(world *w) {
  const stox_action *action = stox_transactions_next(w->t);
  if (action != NULL) {
    fail_msg("action %d event %d:\n%.*s", action->kind, action->event, (int)action->bytes.n,
             action->bytes.p == NULL ? "" : action->bytes.p);
  }
}

static inline void expect_send(world *w) {
  const stox_action *action = stox_transactions_next(w->t);
  assert_non_null(action);
  assert_int_equal(action->kind, STOX_DO_SEND);
  w->action = *action;
  w->sent_n = action->bytes.n < sizeof w->sent - 1 ? action->bytes.n : sizeof w->sent - 1;
  memcpy(w->sent, action->bytes.p, w->sent_n);
  w->sent[w->sent_n] = '\0';
  assert_true(action->remote.host.n < sizeof w->host);
  memcpy(w->host, action->remote.host.p, action->remote.host.n);
  w->host[action->remote.host.n] = '\0';
}

static inline void expect_event(world *w, int event, uint64_t id, int status) {
  const stox_action *action = stox_transactions_next(w->t);
  assert_non_null(action);
  assert_int_equal(action->kind, STOX_DO_EVENT);
  assert_int_equal(action->event, event);
  assert_int_equal(action->id, id);
  assert_status(action->status, status);
}

static inline void expect_terminated(world *w, uint64_t id) {
  expect_event(w, STOX_TRANSACTION_TERMINATED, id, STOX_OK);
  expect_nothing(w);
}

static inline void tick_at(world *w, uint64_t now) {
  w->now = now;
  assert_status(stox_transactions_tick(w->t, now), STOX_OK);
}

/* The next thing to happen happens `ns` from `since`, not a nanosecond earlier. */
static inline void expect_due(world *w, uint64_t since, uint64_t ns) {
  assert_int_equal(stox_transactions_deadline(w->t) - since, ns);
  tick_at(w, since + ns - 1);
  expect_nothing(w);
  tick_at(w, since + ns);
}

static inline stox_sip_edit *new_request(world *w, const char *method) {
  stox_sip_edit *edit = NULL;
  char cseq[64];
  const stox_span none = {NULL, 0};
  const int n = snprintf(cseq, sizeof cseq, "1 %s", method);
  assert_status(
      stox_sip_request_new(&edit, &w->arena, stox_span_text(method), S("sip:bob@example.org")),
      STOX_OK);
  const struct {
    int id;
    stox_span value;
  } fields[] = {{STOX_SIP_FROM, S("<sip:alice@example.com>;tag=a1")},
                {STOX_SIP_TO, S("<sip:bob@example.org>")},
                {STOX_SIP_CALL_ID, S("c1@example.com")},
                {STOX_SIP_CSEQ, {cseq, (size_t)n}},
                {STOX_SIP_MAX_FORWARDS, S("70")}};
  for (size_t i = 0; i < COUNT(fields); i++) {
    assert_status(stox_sip_edit_set(edit, fields[i].id, none, fields[i].value, STOX_SIP_LAST),
                  STOX_OK);
  }
  return edit;
}

/* Sends a MESSAGE in a client transaction and pulls it. */
static inline uint64_t request(world *w, int transport) {
  const stox_transaction_target target = {.local = LOCAL(transport), .remote = REMOTE(transport)};
  uint64_t id = 0;
  assert_status(stox_transactions_request(w->t, &id, new_request(w, "MESSAGE"), &target, w->now),
                STOX_OK);
  expect_send(w);
  assert_int_equal(w->action.id, id);
  expect_nothing(w);
  return id;
}

/* Answers the request that was sent last; the kind that it is taken for. */
static inline int answer(world *w, int code, int transport) {
  stox_sip_message *sent = parse(w, (stox_span){w->sent, w->sent_n});
  stox_sip_edit *edit = NULL;
  assert_status(stox_sip_response_new(&edit, &w->arena, sent, code, (stox_span){NULL, 0}, S("b1")),
                STOX_OK);
  char text[4096];
  stox_buf out;
  stox_buf_init(&out, text, sizeof text - 1);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  text[out.len] = '\0';
  return feed(w, text, transport);
}

/* Answers a request that came in. */
static inline int respond(world *w, uint64_t id, const char *received, int code) {
  stox_sip_edit *edit = NULL;
  stox_sip_message *message = parse(w, stox_span_text(received));
  assert_status(
      stox_sip_response_new(&edit, &w->arena, message, code, (stox_span){NULL, 0}, S("us")),
      STOX_OK);
  return stox_transactions_respond(w->t, id, edit, w->now);
}

static inline int sent_has(const world *w, const char *part) {
  return strstr(w->sent, part) != NULL;
}

static inline int sent_code(const world *w) {
  return atoi(w->sent + sizeof "SIP/2.0 " - 1);
}

#define HEADERS(method, branch, cseq)                                                              \
  "Via: SIP/2.0/UDP 192.0.2.2:6060;branch=" branch "\r\n"                                          \
  "From: <sip:bob@example.org>;tag=b1\r\nTo: <sip:alice@example.com>\r\n"                          \
  "Call-ID: in1@example.org\r\nCSeq: " cseq " " method "\r\nMax-Forwards: 70\r\n"                  \
  "Content-Length: 0\r\n\r\n"
#define MESSAGE "MESSAGE sip:alice@example.com SIP/2.0\r\n" HEADERS("MESSAGE", "z9hG4bKm1", "1")
#define INVITE  "INVITE sip:alice@example.com SIP/2.0\r\n" HEADERS("INVITE", "z9hG4bKi1", "1")
#define ACK     "ACK sip:alice@example.com SIP/2.0\r\n" HEADERS("ACK", "z9hG4bKi1", "1")

#define REQUEST(uri, via, from, to, call, cseq, method)                                            \
  method " " uri " SIP/2.0\r\nVia: " via "\r\nFrom: <sip:b@b>" from "\r\nTo: <sip:a@a>" to         \
         "\r\nCall-ID: " call "\r\nCSeq: " cseq " " method                                         \
         "\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"

#endif
