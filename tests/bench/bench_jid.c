/* SPDX-License-Identifier: MIT */
/* JID parse and prepare, ours against libidn's stringprep on each part, in one run.
 *   bench_jid            nanoseconds a JID, best of nine, and of that what preparing takes
 *   bench_jid CASE N     N rounds of one case and nothing else, for `perf stat` or callgrind: the
 *                        name of a set alone or with -prepare or -libidn behind it */
#include "stox/jid.h"
#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>
#include <time.h>

typedef struct set {
  const char *name;
  const char *texts[4];
} set;

static const set sets[] = {
    {"ascii",
     {"juliet@example.com/balcony", "romeo.montague@chat.example.net",
      "nurse@im.example.org/phone-7f3a91", "user-1234@xmpp.example.com/Conversations"}},
    {"ascii-fold",
     {"Juliet@Example.com/balcony", "Romeo.Montague@chat.example.net",
      "Nurse@im.Example.org/phone-7f3a91", "User-1234@xmpp.example.com/Conversations"}},
    {"non-ascii",
     {"j\xC3\xBCliet@example.com/balcony",
      "\xD1\x80\xD0\xBE\xD0\xBC\xD0\xB5\xD0\xBE@chat.example.net",
      "nurse@b\xC3\xBC"
      "cher.example.org/phone",
      "user@xmpp.example.com/\xE2\x99\x9A"}},
};

enum { SETS = sizeof sets / sizeof sets[0], TEXTS = 4, RUNS = 9 };

/* Keeps results alive. */
static volatile size_t sink;

static void ours(const stox_span texts[TEXTS], size_t rounds) {
  size_t total = 0;
  for (size_t i = 0; i < rounds; i++) {
    char room[512];
    stox_arena arena;
    stox_jid jid;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    if (stox_jid_parse(&jid, texts[i % TEXTS], NULL) != STOX_OK ||
        stox_jid_prepare(&jid, &arena, &jid, STOX_JID_NODEPREP, NULL) != STOX_OK) {
      abort();
    }
    total += jid.localpart.n + jid.domainpart.n + jid.resourcepart.n;
  }
  sink = total;
}

/* JIDs that were parsed before. */
static void ours_prepared(const stox_span texts[TEXTS], size_t rounds) {
  stox_jid jids[TEXTS];
  size_t total = 0;
  for (size_t i = 0; i < TEXTS; i++) {
    if (stox_jid_parse(&jids[i], texts[i], NULL) != STOX_OK) {
      abort();
    }
  }
  for (size_t i = 0; i < rounds; i++) {
    char room[512];
    stox_arena arena;
    stox_jid jid;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    if (stox_jid_prepare(&jid, &arena, &jids[i % TEXTS], STOX_JID_NODEPREP, NULL) != STOX_OK) {
      abort();
    }
    total += jid.localpart.n + jid.domainpart.n + jid.resourcepart.n;
  }
  sink = total;
}

static size_t with_libidn(stox_span part, const Stringprep_profile *profile) {
  char work[1024];
  if (part.p == NULL) {
    return 0;
  }
  memcpy(work, part.p, part.n);
  work[part.n] = '\0';
  if (stringprep(work, sizeof work, (Stringprep_profile_flags)0, profile) != STRINGPREP_OK) {
    abort();
  }
  return strlen(work);
}

static void libidn(const stox_span texts[TEXTS], size_t rounds) {
  size_t total = 0;
  for (size_t i = 0; i < rounds; i++) {
    stox_jid jid;
    if (stox_jid_parse(&jid, texts[i % TEXTS], NULL) != STOX_OK) {
      abort();
    }
    total += with_libidn(jid.localpart, stringprep_xmpp_nodeprep);
    total += with_libidn(jid.domainpart, stringprep_nameprep);
    total += with_libidn(jid.resourcepart, stringprep_xmpp_resourceprep);
  }
  sink = total;
}

static void spans(stox_span out[TEXTS], const set *s) {
  for (size_t i = 0; i < TEXTS; i++) {
    out[i] = stox_span_text(s->texts[i]);
  }
}

static double seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double best(void (*run)(const stox_span *, size_t), const set *s, size_t rounds) {
  stox_span texts[TEXTS];
  double least = 1e9;
  spans(texts, s);
  for (int i = 0; i < RUNS; i++) {
    const double from = seconds();
    run(texts, rounds);
    const double took = (seconds() - from) * 1e9 / (double)rounds;
    least = took < least ? took : least;
  }
  return least;
}

static int one(const char *name, size_t rounds) {
  for (size_t i = 0; i < SETS; i++) {
    stox_span texts[TEXTS];
    spans(texts, &sets[i]);
    const size_t n = strlen(sets[i].name);
    if (strcmp(name, sets[i].name) == 0) {
      ours(texts, rounds);
      return 0;
    }
    if (strncmp(name, sets[i].name, n) == 0 && strcmp(name + n, "-prepare") == 0) {
      ours_prepared(texts, rounds);
      return 0;
    }
    if (strncmp(name, sets[i].name, n) == 0 && strcmp(name + n, "-libidn") == 0) {
      libidn(texts, rounds);
      return 0;
    }
  }
  (void)fprintf(stderr, "no such case: %s\n", name);
  return 2;
}

int main(int argc, char **argv) {
  if (argc == 3) {
    return one(argv[1], (size_t)strtoul(argv[2], NULL, 10));
  }
  for (size_t i = 0; i < SETS; i++) {
    const double a = best(ours, &sets[i], 200000);
    const double prepared = best(ours_prepared, &sets[i], 200000);
    const double b = best(libidn, &sets[i], 20000);
    (void)printf("jid %-10s stox %8.1f ns (prepare %8.1f)  libidn %8.1f ns  ratio %6.1f\n",
                 sets[i].name, a, prepared, b, b / a);
  }
  return 0;
}
