/* SPDX-License-Identifier: MIT */
/* What TLS costs: handshakes, records, and the memory of a session that is idle.
 *   bench_tls            nanoseconds, best of five; octets a session
 *   bench_tls CASE N     N rounds of one case and nothing else, for `perf stat` or callgrind */
#include "tls_support.h"

#include <time.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

enum { RUNS = 5, SESSIONS = 100, RECORD = 1024 };

typedef struct bench {
  tls_world world;
  char resume[8192];
  stox_span data;
  tls_pair open; /* for the records */
} bench;

static void shake(bench *b, int ask, stox_span resume) {
  tls_pair pair;
  tls_pair_init(&pair, &b->world);
  pair.server_options.ask = ask;
  pair.client_options.resumable = 1;
  pair.client_options.resume = resume;
  tls_pair_open(&pair);
  if (stox_tls_is_resumed(pair.server) != (resume.n > 0)) {
    abort();
  }
  tls_pair_free(&pair);
}

static void full(bench *b) {
  shake(b, STOX_TLS_ASK_NONE, S(""));
}

static void mutual(bench *b) {
  shake(b, STOX_TLS_ASK_REQUIRE, S(""));
}

static void resumed(bench *b) {
  shake(b, STOX_TLS_ASK_NONE, b->data);
}

/* One record of a stanza's size, there. */
static void record(bench *b) {
  char text[RECORD];
  char room[RECORD];
  size_t n;
  int status = STOX_OK;
  memset(text, 'a', sizeof text);
  if (stox_tls_write(b->open.client, &n, (stox_span){text, sizeof text}) != STOX_OK) {
    abort();
  }
  const stox_span out = stox_tls_output(b->open.client);
  status = stox_tls_feed(b->open.server, &n, out);
  stox_tls_sent(b->open.client, out.n);
  if (status != STOX_OK || stox_tls_read(b->open.server, room, sizeof room, &n) != STOX_OK ||
      n != sizeof room) {
    abort();
  }
}

static void verify(bench *b) {
  char room[512];
  tls_pair pair;
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  const stox_span chain[] = {b->world.server.der};
  tls_pair_init(&pair, &b->world);
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  if (stox_chain_verify(&verdict, &arena, chain, 1, &pair.client_rules) != STOX_OK ||
      verdict.status != STOX_OK) {
    abort();
  }
}

static void names(bench *b) {
  char room[512];
  stox_buf out;
  stox_certificate c;
  const stox_reference reference = {STOX_REFERENCE_XMPP_SERVER, 0, S("example.com")};
  stox_buf_init(&out, room, sizeof room);
  if (stox_certificate_parse(&c, b->world.server.der) != STOX_OK ||
      stox_certificate_identities(&out, &c, NULL) != STOX_OK ||
      stox_identity_match(NULL, &reference, stox_buf_span(&out)) != STOX_OK) {
    abort();
  }
}

static const struct {
  const char *name;
  void (*run)(bench *b);
  size_t rounds;
} cases[] = {
    {"full", full, 20},       {"mutual", mutual, 20}, {"resumed", resumed, 20},
    {"record", record, 2000}, {"verify", verify, 50}, {"names", names, 2000},
};

static void prepare(bench *b) {
  tls_pair pair;
  char room[16];
  size_t n;
  stox_buf out;
  tls_world_make(&b->world);
  tls_pair_init(&pair, &b->world);
  pair.client_options.resumable = 1;
  tls_pair_open(&pair);
  (void)stox_tls_read(pair.client, room, sizeof room, &n);
  stox_buf_init(&out, b->resume, sizeof b->resume);
  if (stox_tls_resumption(pair.client, &out) != STOX_OK) {
    abort();
  }
  b->data = stox_buf_span(&out);
  tls_pair_free(&pair);
  tls_pair_init(&b->open, &b->world);
  tls_pair_open(&b->open);
}

static double seconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void measure(bench *b, size_t at) {
  double best = 0;
  for (int run = 0; run < RUNS; run++) {
    const double from = seconds();
    for (size_t i = 0; i < cases[at].rounds; i++) {
      cases[at].run(b);
    }
    const double took = (seconds() - from) / (double)cases[at].rounds;
    best = run == 0 || took < best ? took : best;
  }
  printf("%-10s %12.0f ns\n", cases[at].name, best * 1e9);
}

#if defined(__GLIBC__)
static size_t held(void) {
  return mallinfo2().uordblks;
}

/* Everything that a session holds, GnuTLS's part included, once all was said and read. */
static void weigh(bench *b, int ask, const char *what) {
  static tls_pair pairs[SESSIONS];
  const size_t before = held();
  for (size_t i = 0; i < SESSIONS; i++) {
    char room[16];
    size_t n;
    tls_pair_init(&pairs[i], &b->world);
    pairs[i].server_options.ask = ask;
    tls_pair_open(&pairs[i]);
    tls_pair_say(&pairs[i], pairs[i].client, pairs[i].server, S("hello"));
    tls_pair_say(&pairs[i], pairs[i].server, pairs[i].client, S("hello"));
    (void)stox_tls_read(pairs[i].client, room, sizeof room, &n);
  }
  const size_t both = held();
  for (size_t i = 0; i < SESSIONS; i++) {
    stox_tls_free(pairs[i].client);
    pairs[i].client = NULL;
  }
  const size_t servers = held();
  for (size_t i = 0; i < SESSIONS; i++) {
    tls_pair_free(&pairs[i]);
  }
  printf("%-10s %12zu octets a server, %zu a client, idle\n", what, (servers - before) / SESSIONS,
         (both - servers) / SESSIONS);
}
#endif

int main(int argc, char **argv) {
  static bench b;
  prepare(&b);
  for (size_t i = 0; i < COUNT(cases); i++) {
    if (argc < 3) {
      measure(&b, i);
    } else if (strcmp(argv[1], cases[i].name) == 0) {
      for (long n = strtol(argv[2], NULL, 10); n > 0; n--) {
        cases[i].run(&b);
      }
    }
  }
#if defined(__GLIBC__)
  if (argc < 3) {
    weigh(&b, STOX_TLS_ASK_NONE, "memory");
    weigh(&b, STOX_TLS_ASK_REQUIRE, "  mutual");
  }
#endif
  tls_pair_free(&b.open);
  tls_world_free(&b.world);
  return 0;
}
