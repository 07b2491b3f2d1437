/* SPDX-License-Identifier: MIT */
/* What a SIP transaction costs, from its request to its end, many at once on a virtual clock.
 *   bench_transaction            nanoseconds a transaction, best of seven
 *   bench_transaction CASE N     N transactions of one case, for `perf stat` or callgrind
 * Of that, `parse` is what the message that comes in costs alone, `build` what makes the one that
 * goes out. */
#include "stox/status.h"
#include "stox/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 7, ROUNDS = 100000, ROOM = 1 << 14, TEXT = 1024, SPACING_NS = 100000 };

static const stox_span none = {NULL, 0};

typedef struct bench {
  stox_transactions *t;
  uint64_t now;
  size_t most; /* transactions at once */
  stox_arena arena;
  char memory[ROOM];
  char sent[TEXT];
  size_t sent_n;
  int transport;
} bench;

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static int fill(void *ud, void *p, size_t n) {
  uint64_t *seed = ud;
  for (size_t i = 0; i < n; i++) {
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    ((unsigned char *)p)[i] = (unsigned char)(*seed >> 56);
  }
  return STOX_OK;
}

static stox_span message_text(char room[TEXT], size_t i) {
  const int n = snprintf(room, TEXT,
                         "MESSAGE sip:romeo@example.net SIP/2.0\r\n"
                         "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK%016zx;rport\r\n"
                         "Max-Forwards: 70\r\nFrom: <sip:juliet@example.com>;tag=%zx\r\n"
                         "To: <sip:romeo@example.net>\r\nCall-ID: %016zx@192.0.2.2\r\n"
                         "CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\n"
                         "Neither, fair saint",
                         i, i, i);
  return (stox_span){room, (size_t)n};
}

static stox_sip_message *parse(bench *b, stox_span text) {
  stox_sip_message *message = NULL;
  require(stox_sip_parse(&message, &b->arena, text, NULL, NULL) == STOX_OK);
  return message;
}

static stox_sip_edit *response(bench *b, const stox_sip_message *message) {
  stox_sip_edit *edit = NULL;
  const stox_span tag = {"as83k", 5};
  require(stox_sip_response_new(&edit, &b->arena, message, 200, none, tag) == STOX_OK);
  return edit;
}

static stox_sip_edit *request(bench *b) {
  static const struct {
    int id;
    const char *value;
  } fields[] = {{STOX_SIP_MAX_FORWARDS, "70"},
                {STOX_SIP_FROM, "<sip:juliet@example.com>;tag=786"},
                {STOX_SIP_TO, "<sip:romeo@example.net>"},
                {STOX_SIP_CALL_ID, "711609sa@192.0.2.1"},
                {STOX_SIP_CSEQ, "1 MESSAGE"},
                {STOX_SIP_CONTENT_TYPE, "text/plain"}};
  stox_sip_edit *edit = NULL;
  require(stox_sip_request_new(&edit, &b->arena, stox_span_text("MESSAGE"),
                               stox_span_text("sip:romeo@example.net")) == STOX_OK);
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    require(stox_sip_edit_set(edit, fields[i].id, none, stox_span_text(fields[i].value),
                              STOX_SIP_LAST) == STOX_OK);
  }
  require(stox_sip_edit_set_body(edit, stox_span_text("Neither, fair saint")) == STOX_OK);
  return edit;
}

static void pull(bench *b) {
  const stox_action *action = NULL;
  while ((action = stox_transactions_next(b->t)) != NULL) {
    if (action->kind == STOX_DO_SEND && action->bytes.n <= TEXT) {
      memcpy(b->sent, action->bytes.p, action->bytes.n);
      b->sent_n = action->bytes.n;
    }
  }
  const size_t n = stox_transactions_count(b->t);
  b->most = n > b->most ? n : b->most;
}

static stox_flow flow_of(const bench *b) {
  return (stox_flow){
      3, {{"192.0.2.1", 9}, 5060, b->transport}, {{"192.0.2.2", 9}, 5060, b->transport}, NULL};
}

static void server(bench *b, size_t i) {
  char room[TEXT];
  const stox_flow flow = flow_of(b);
  stox_transaction_event event;
  stox_sip_message *message = parse(b, message_text(room, i));
  require(stox_transactions_feed(b->t, &event, message, &flow, b->now) == STOX_OK);
  require(event.kind == STOX_TRANSACTION_NEW_REQUEST);
  require(stox_transactions_respond(b->t, event.id, response(b, message), b->now) == STOX_OK);
  pull(b);
}

static void client(bench *b, size_t i) {
  const stox_flow flow = flow_of(b);
  const stox_transaction_target target = {.local = flow.local, .remote = flow.remote};
  uint64_t id = 0;
  (void)i;
  require(stox_transactions_request(b->t, &id, request(b), &target, b->now) == STOX_OK);
  pull(b);
  /* The peer's answer: our own request's headers, which are what it has. */
  char text[TEXT + 64];
  const stox_span sent = {b->sent, b->sent_n};
  const size_t line = stox_span_find(sent, '\n') + 1;
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  (void)stox_buf_put_text(&out, "SIP/2.0 200 OK\r\n");
  (void)stox_buf_put(&out, stox_span_slice(sent, line, sent.n));
  stox_transaction_event event;
  stox_sip_message *message = parse(b, stox_buf_span(&out));
  require(stox_transactions_feed(b->t, &event, message, &flow, b->now) == STOX_OK);
  require(event.kind == STOX_TRANSACTION_RESPONSE && event.id == id);
  pull(b);
}

/* What the above costs without transactions. */
static void parse_alone(bench *b, size_t i) {
  char room[TEXT];
  (void)parse(b, message_text(room, i));
}

static void build_alone(bench *b, size_t i) {
  (void)i;
  stox_buf out;
  stox_buf_init(&out, b->sent, sizeof b->sent);
  require(stox_sip_write(&out, request(b)) == STOX_OK);
}

typedef struct bench_case {
  const char *name;
  void (*run)(bench *b, size_t i);
  int transport;
} bench_case;

static const bench_case cases[] = {
    {"parse", parse_alone, STOX_TRANSPORT_UDP}, {"build", build_alone, STOX_TRANSPORT_UDP},
    {"server-udp", server, STOX_TRANSPORT_UDP}, {"server-tcp", server, STOX_TRANSPORT_TCP},
    {"client-udp", client, STOX_TRANSPORT_UDP}, {"client-tcp", client, STOX_TRANSPORT_TCP}};

static double seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Nanoseconds a transaction. New ones come every 100 us of the virtual clock. */
static double run(const bench_case *c, size_t rounds, size_t *most) {
  static bench b;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, fill};
  stox_transactions_options options;
  b = (bench){.now = 1, .transport = c->transport};
  require(stox_transactions_options_init(&options, sizeof options) == STOX_OK);
  options.random = &random;
  options.max = UINT32_MAX;
  require(stox_transactions_new(&b.t, &options) == STOX_OK);
  stox_arena_init(&b.arena, b.memory, sizeof b.memory, 0, NULL);
  const double from = seconds();
  for (size_t i = 0; i < rounds; i++) {
    c->run(&b, i);
    stox_arena_reset(&b.arena);
    b.now += SPACING_NS;
    (void)stox_transactions_tick(b.t, b.now);
  }
  (void)stox_transactions_tick(b.t, b.now + UINT64_C(100000000000));
  pull(&b);
  const double took = (seconds() - from) * 1e9 / (double)rounds;
  require(stox_transactions_count(b.t) == 0);
  stox_transactions_del(b.t);
  *most = b.most;
  return took;
}

int main(int argc, char **argv) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t most = 0;
    if (argc == 3) {
      if (strcmp(argv[1], cases[i].name) == 0) {
        (void)run(&cases[i], (size_t)strtoull(argv[2], NULL, 10), &most);
        return 0;
      }
      continue;
    }
    double least = 1e18;
    for (int k = 0; k < RUNS; k++) {
      const double took = run(&cases[i], ROUNDS, &most);
      least = took < least ? took : least;
    }
    (void)printf("%-12s %8.0f ns, %zu at once\n", cases[i].name, least, most);
  }
  return argc == 3;
}
