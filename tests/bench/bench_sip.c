/* SPDX-License-Identifier: MIT */
/* Taking SIP messages apart, ours against other libraries, in one run.
 *   bench_sip [--kernel K] [--seconds S]                the tables, S seconds for all (2)
 *   bench_sip [--kernel K] --once MESSAGE CASE [N]      N rounds of one case and nothing else, for
 *                                                       callgrind
 *   bench_sip --list                                    the messages and the cases
 * K is best (the default), scalar, sse2, neon or avx2; the others that the machine has are cases of
 * their own.
 * The messages are in tests/bench/messages. Each library finds every fact that tests/peers names,
 * in its own objects, and gives everything back; before anything is timed all must have found the
 * same. Nanoseconds are medians; the libraries take turns, message by message. */
#include "peer_stox.h"
#include "sip_bench.h"
#include "sip_peers.h"
#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

enum { CASES = 16, BATCHES = 4001, BATCH_NS = 40000 };

typedef struct result {
  double ns;
  double allocations;
} result;

static bench_message messages[BENCH_MESSAGES];
static size_t n_messages;
static bench_case cases[CASES];
static size_t n_cases;
static size_t n_peers;
static result results[BENCH_MESSAGES][CASES];
static double workspace[BENCH_MESSAGES];
static double ticks_per_ns;

static uint64_t ticks(void) {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return 0;
#endif
}

static int run(const bench_case *c, const bench_message *m) {
  if (c->peer == NULL) {
    return c->run(m);
  }
  const int status = c->peer->parse(m->text);
  c->peer->release();
  return status;
}

/* Ours with the kernel `best`, the other kernels, the other libraries, the other cases of ours. */
static void collect_cases(int best) {
  cases[n_cases++] = (bench_case){"libstox", &sip_peer_stox, NULL, best};
  for (size_t i = 0; bench_kernels[i].name != NULL; i++) {
    if (bench_kernels[i].number != best && bench_has_kernel(bench_kernels[i].number)) {
      cases[n_cases++] =
          (bench_case){bench_kernels[i].label, &sip_peer_stox, NULL, bench_kernels[i].number};
    }
  }
  for (size_t i = 1; sip_peers[i] != NULL; i++) {
    cases[n_cases++] = (bench_case){sip_peers[i]->name, sip_peers[i], NULL, best};
  }
  n_peers = n_cases;
  for (size_t i = 0; sip_peers[i] != NULL; i++) {
    sip_peers[i]->open();
  }
  for (size_t i = 0; bench_own_cases[i].name != NULL; i++) {
    cases[n_cases] = bench_own_cases[i];
    cases[n_cases++].kernel = best;
  }
}

static double batch(const bench_case *c, const bench_message *m, size_t rounds) {
  peer_stox_kernel(c->kernel);
  const double from = bench_ns();
  for (size_t i = 0; i < rounds; i++) {
    (void)run(c, m);
  }
  return (bench_ns() - from) / (double)rounds;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static size_t rounds_of(const bench_case *c, const bench_message *m) {
  (void)batch(c, m, 3);
  const double one = batch(c, m, 5);
  return one >= BATCH_NS ? 1 : (size_t)(BATCH_NS / (one + 1)) + 1;
}

/* All cases of one message, in turns until its time is over. */
static void measure(size_t at, double seconds) {
  static double samples[CASES][BATCHES];
  size_t rounds[CASES] = {0};
  size_t n = 0;
  const bench_message *m = &messages[at];
  for (size_t i = 0; i < n_cases; i++) {
    rounds[i] = bench_applies(&cases[i], m) ? rounds_of(&cases[i], m) : 0;
  }
  const double end = bench_ns() + seconds * 1e9;
  do {
    for (size_t i = 0; i < n_cases; i++) {
      samples[i][n] = rounds[i] == 0 ? 0 : batch(&cases[i], m, rounds[i]);
    }
    n++;
  } while (n < 3 || (n < BATCHES && bench_ns() < end));
  for (size_t i = 0; i < n_cases; i++) {
    qsort(samples[i], n, sizeof samples[i][0], by_size);
    results[at][i].ns = samples[i][n / 2];
  }
}

static void count(size_t at) {
  const bench_message *m = &messages[at];
  for (size_t i = 0; i < n_cases; i++) {
    const size_t before = bench_allocations;
    peer_stox_kernel(cases[i].kernel);
    if (bench_applies(&cases[i], m)) {
      (void)run(&cases[i], m);
    }
    results[at][i].allocations = (double)(bench_allocations - before);
  }
  (void)peer_stox_take(m->text);
  workspace[at] = (double)peer_stox_workspace();
}

static void measure_all(double seconds) {
  const double from_ns = bench_ns();
  const uint64_t from = ticks();
  for (size_t i = 0; i < n_messages; i++) {
    count(i);
    measure(i, seconds / (double)n_messages);
  }
  ticks_per_ns = (double)(ticks() - from) / (bench_ns() - from_ns);
}

static size_t sofia(void) {
  for (size_t i = 0; i < n_peers; i++) {
    if (strcmp(cases[i].name, "sofia-sip") == 0) {
      return i;
    }
  }
  return n_peers;
}

static void cell(double ns, double base) {
  if (base > 0) {
    (void)printf(" %14.0f %6.3f", ns, ns / base);
  } else {
    (void)printf(" %14.0f %6s", ns, "-");
  }
}

static void print_peers(void) {
  double sums[CASES] = {0};
  const size_t base = sofia();
  (void)printf("Everything a gateway needs: ns, and the share of sofia-sip's\n%-16s %5s %5s",
               "message", "head", "body");
  for (size_t i = 0; i < n_peers; i++) {
    (void)printf(" %14s %6s", cases[i].name, "share");
  }
  (void)printf("\n");
  for (size_t k = 0; k < n_messages; k++) {
    (void)printf("%-16s %5zu %5zu", messages[k].name, messages[k].head,
                 messages[k].text.n - messages[k].head);
    for (size_t i = 0; i < n_peers; i++) {
      cell(results[k][i].ns, base < n_peers ? results[k][base].ns : 0);
      sums[i] += results[k][i].ns / (double)n_messages;
    }
    (void)printf("\n");
  }
  (void)printf("%-16s %5s %5s", "mean", "", "");
  for (size_t i = 0; i < n_peers; i++) {
    cell(sums[i], base < n_peers ? sums[base] : 0);
  }
  (void)printf("\n");
}

static void number_or_dash(int is_known, double value) {
  if (is_known) {
    (void)printf(" %20.2f", value);
  } else {
    (void)printf(" %20s", "-");
  }
}

static void print_costs(void) {
  double bytes = 0;
  for (size_t k = 0; k < n_messages; k++) {
    bytes += (double)messages[k].head;
  }
  (void)printf("\n%-16s %20s %20s\n", "mean", "cycles/head octet", "allocations/message");
  for (size_t i = 0; i < n_peers; i++) {
    double ns = 0;
    double allocations = 0;
    for (size_t k = 0; k < n_messages; k++) {
      ns += results[k][i].ns;
      allocations += results[k][i].allocations;
    }
    (void)printf("%-16s", cases[i].name);
    number_or_dash(ticks_per_ns > 0, ns * ticks_per_ns / bytes);
    number_or_dash(bench_counts_allocations, allocations / (double)n_messages);
    (void)printf("\n");
  }
  if (ticks_per_ns > 0) {
    (void)printf("A cycle is one of the time-stamp counter, %.2f a ns.\n", ticks_per_ns);
  }
}

/* Of sofia-sip's time for the same messages. */
static void print_shares(const double sums[CASES]) {
  const size_t base = sofia();
  if (base == n_peers) {
    return;
  }
  (void)printf("\n%-16s", "share");
  for (size_t i = n_peers; i < n_cases; i++) {
    double theirs = 0;
    for (size_t k = 0; k < n_messages; k++) {
      theirs += results[k][i].ns > 0 ? results[k][base].ns : 0;
    }
    (void)printf(" %10.3f", sums[i] / theirs);
  }
}

static void print_own(void) {
  double sums[CASES] = {0};
  size_t counts[CASES] = {0};
  (void)printf("\nlibstox: ns, and the octets of the arena\n%-16s", "message");
  for (size_t i = n_peers; i < n_cases; i++) {
    (void)printf(" %10s", cases[i].name);
  }
  (void)printf(" %10s\n", "workspace");
  for (size_t k = 0; k < n_messages; k++) {
    (void)printf("%-16s", messages[k].name);
    for (size_t i = n_peers; i < n_cases; i++) {
      (void)printf(" %10.0f", results[k][i].ns);
      sums[i] += results[k][i].ns;
      counts[i] += results[k][i].ns > 0;
    }
    (void)printf(" %10.0f\n", workspace[k]);
  }
  (void)printf("%-16s", "mean");
  for (size_t i = n_peers; i < n_cases; i++) {
    (void)printf(" %10.0f", sums[i] / (double)counts[i]);
  }
  print_shares(sums);
  (void)printf("\n");
}

/* The means over those messages that have both. */
static void print_edit_ratio(void) {
  double parse = 0;
  double edit = 0;
  for (size_t i = n_peers; i < n_cases; i++) {
    for (size_t k = 0; k < n_messages; k++) {
      const int is_request = results[k][n_cases - 1].ns > 0;
      parse += is_request && strcmp(cases[i].name, "parse") == 0 ? results[k][i].ns : 0;
      edit += is_request && strcmp(cases[i].name, "edit") == 0 ? results[k][i].ns : 0;
    }
  }
  (void)printf("parse, edit, write of requests: %.3f of the parse alone\n", edit / parse);
}

typedef struct judged {
  const char *message;
  const char *peer;
  int differences;
} judged;

static void differ(void *ud, stox_span key, stox_span ours, stox_span theirs) {
  judged *j = ud;
  j->differences++;
  (void)fprintf(stderr, "%s: %.*s: libstox %.*s, %s %.*s\n", j->message, (int)key.n, key.p,
                (int)ours.n, ours.p == NULL ? "" : ours.p, j->peer, (int)theirs.n,
                theirs.p == NULL ? "" : theirs.p);
}

/* Whether all find the same facts. */
static int judge(const bench_message *m) {
  static sip_facts facts;
  static char sheets[2][FACT_SHEET];
  stox_buf ours;
  judged j = {m->name, NULL, 0};
  for (size_t i = 0; i < n_peers; i++) {
    stox_buf sheet;
    stox_buf_init(&sheet, sheets[i > 0], sizeof sheets[0]);
    j.peer = cases[i].name;
    peer_stox_kernel(cases[i].kernel);
    if (cases[i].peer->parse(m->text) != 0) {
      (void)fprintf(stderr, "%s: %s refuses it\n", m->name, j.peer);
      j.differences++;
    } else {
      cases[i].peer->tell(&facts);
      facts_write(&sheet, &facts);
      if (i == 0) {
        ours = sheet;
      }
      facts_compare(stox_buf_span(&ours), stox_buf_span(&sheet), differ, &j);
    }
    cases[i].peer->release();
  }
  return j.differences == 0;
}

static int once(const char *message, const char *name, size_t rounds) {
  for (size_t k = 0; k < n_messages; k++) {
    for (size_t i = 0; i < n_cases; i++) {
      if (strcmp(messages[k].name, message) == 0 && strcmp(cases[i].name, name) == 0 &&
          bench_applies(&cases[i], &messages[k])) {
        peer_stox_kernel(cases[i].kernel);
        for (size_t n = 0; n < rounds; n++) {
          (void)run(&cases[i], &messages[k]);
        }
        return 0;
      }
    }
  }
  (void)fprintf(stderr, "no such message or case: %s %s\n", message, name);
  return 2;
}

static int list(void) {
  for (size_t k = 0; k < n_messages; k++) {
    (void)printf("message %s %zu %zu\n", messages[k].name, messages[k].head, messages[k].text.n);
  }
  for (size_t i = 0; i < n_cases; i++) {
    (void)printf("case %s\n", cases[i].name);
  }
  return 0;
}

static int tables(double seconds) {
  int is_same = 1;
  for (size_t k = 0; k < n_messages; k++) {
    is_same &= judge(&messages[k]);
  }
  if (!is_same || n_messages == 0) {
    return 1;
  }
  measure_all(seconds);
  (void)printf("libstox: %s\n", bench_kernel_name(cases[0].kernel));
  print_peers();
  print_costs();
  print_own();
  print_edit_ratio();
  if (sip_peers_absent[0] != '\0') {
    (void)printf("not here:%s\n", sip_peers_absent);
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *kernel = "best";
  if (argc >= 3 && strcmp(argv[1], "--kernel") == 0) {
    kernel = argv[2];
    argc -= 2;
    argv += 2;
  }
  if (bench_kernel_number(kernel) < 0) {
    (void)fprintf(stderr, "not on this machine: %s\n", kernel);
    return 77;
  }
  n_messages = bench_load(messages, STOX_BENCH "/messages");
  collect_cases(bench_kernel_number(kernel));
  if (argc >= 4 && strcmp(argv[1], "--once") == 0) {
    return once(argv[2], argv[3], argc > 4 ? (size_t)strtoul(argv[4], NULL, 10) : 1);
  }
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    return list();
  }
  if (argc != 1 && (argc != 3 || strcmp(argv[1], "--seconds") != 0)) {
    (void)fprintf(stderr,
                  "bench_sip [--kernel K] [--seconds S | --once MESSAGE CASE [N] | --list]\n");
    return 2;
  }
  return tables(argc == 3 ? strtod(argv[2], NULL) : 2);
}
