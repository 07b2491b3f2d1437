/* SPDX-License-Identifier: MIT */
/* The address map and the error map.
 *   bench_map            nanoseconds an operation, best of nine, and instructions where the kernel
 *                        counts them
 *   bench_map CASE N     N operations of one case and nothing else, for `perf stat` or callgrind */
#include "stox/address_map.h"
#include "stox/error_map.h"
#include "stox/status.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { TEXTS = 4, RUNS = 9 };

/* Keeps results alive. */
static volatile size_t sink;

typedef struct bench {
  const char *name;
  void (*run)(const struct bench *bench, size_t rounds);
  size_t rounds;
  const char *texts[TEXTS];
} bench;

typedef int (*map_function)(stox_map_result *out, stox_arena *arena, stox_span text,
                            const stox_map_options *options, stox_diag *diag);

static void map(const bench *b, size_t rounds, map_function function) {
  stox_span texts[TEXTS];
  size_t total = 0;
  for (size_t i = 0; i < TEXTS; i++) {
    texts[i] = stox_span_text(b->texts[i]);
  }
  for (size_t i = 0; i < rounds; i++) {
    char room[1024];
    stox_arena arena;
    stox_map_result result;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    if (function(&result, &arena, texts[i % TEXTS], NULL, NULL) != STOX_OK) {
      abort();
    }
    total += result.text.n;
  }
  sink = total;
}

static void to_jid(const bench *b, size_t rounds) {
  map(b, rounds, stox_map_uri_to_jid);
}

static void to_uri(const bench *b, size_t rounds) {
  map(b, rounds, stox_map_jid_to_uri);
}

static void to_sip(const bench *b, size_t rounds) {
  size_t total = 0;
  (void)b;
  for (size_t i = 0; i < rounds; i++) {
    const stox_error_to_sip question = {.condition = 1 + (int)(i % 22), .scope = (int)(i % 3)};
    stox_sip_error answer;
    if (stox_error_map_to_sip(&answer, &question) != STOX_OK) {
      abort();
    }
    total += (size_t)answer.code;
  }
  sink = total;
}

static void to_xmpp(const bench *b, size_t rounds) {
  size_t total = 0;
  (void)b;
  for (size_t i = 0; i < rounds; i++) {
    const stox_error_to_xmpp question = {.sip = 300 + (int)(i * 7 % 400)};
    stox_xmpp_error answer;
    if (stox_error_map_to_xmpp(&answer, &question) != STOX_OK) {
      abort();
    }
    total += (size_t)answer.condition;
  }
  sink = total;
}

static void reason(const bench *b, size_t rounds) {
  stox_span texts[TEXTS];
  size_t total = 0;
  for (size_t i = 0; i < TEXTS; i++) {
    texts[i] = stox_span_text(b->texts[i]);
  }
  for (size_t i = 0; i < rounds; i++) {
    char room[128];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    (void)stox_reason_write(&out, texts[i % TEXTS], sizeof room);
    total += out.len;
  }
  sink = total;
}

static const bench benches[] = {
    {"uri-to-jid-ascii",
     to_jid,
     300000,
     {"sip:juliet@example.com", "sip:romeo.montague@chat.example.net",
      "sip:nurse@im.example.org;gr=phone-7f3a91", "sips:user-1234@sip.example.com"}},
    {"uri-to-jid-escapes",
     to_jid,
     300000,
     {"sip:O'Malley@Example.com", "sip:a%40b%5C26@chat.example.net",
      "sip:nurse:pw@im.example.org:5070;gr=a%20b;transport=tcp", "sip:m&m%23@sip.example.com"}},
    {"uri-to-jid-other",
     to_jid,
     30000,
     {"sip:j%C3%BCliet@example.com", "sip:%D1%80%D0%BE%D0%BC%D0%B5%D0%BE@chat.example.net",
      "sip:nurse@xn--bcher-kva.example", "sip:user@sip.example.com;gr=%E2%99%9A"}},
    {"jid-to-uri-ascii",
     to_uri,
     300000,
     {"juliet@example.com", "romeo.montague@chat.example.net", "nurse@im.example.org/phone-7f3a91",
      "user-1234@xmpp.example.com"}},
    {"jid-to-uri-escapes",
     to_uri,
     300000,
     {"O\\27Malley@Example.com", "a\\40b\\5c26@chat.example.net", "nurse@im.example.org/a b;c",
      "m\\26m#@xmpp.example.com"}},
    {"jid-to-uri-other",
     to_uri,
     30000,
     {"j\xC3\xBCliet@example.com", "\xD1\x80\xD0\xBE\xD0\xBC\xD0\xB5\xD0\xBE@chat.example.net",
      "nurse@b\xC3\xBC"
      "cher.example",
      "user@xmpp.example.com/\xE2\x99\x9A"}},
    {"error-to-sip", to_sip, 3000000, {NULL}},
    {"error-to-xmpp", to_xmpp, 3000000, {NULL}},
    {"reason-ascii",
     reason,
     300000,
     {"Not Found Here", "too big", "The recipient is away", "Message rejected by policy"}},
    {"reason-other",
     reason,
     300000,
     {"Nicht gefunden: M\xC3\xBCller", "\xD0\x9D\xD0\xB5\xD1\x82", "a\r\nb", "caf\xC3\xA9"}},
};

enum { BENCHES = sizeof benches / sizeof benches[0] };

static double seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A counter of this thread's own instructions; -1 where there is none. */
static int open_counter(void) {
  struct perf_event_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static uint64_t instructions(int counter) {
  uint64_t count = 0;
  return counter >= 0 && read(counter, &count, sizeof count) == (ssize_t)sizeof count ? count : 0;
}

static void measure(const bench *b, int counter) {
  double least = 1e9;
  double counted = 0;
  for (int i = 0; i < RUNS; i++) {
    const uint64_t before = instructions(counter);
    const double from = seconds();
    b->run(b, b->rounds);
    const double took = (seconds() - from) * 1e9 / (double)b->rounds;
    counted = (double)(instructions(counter) - before) / (double)b->rounds;
    least = took < least ? took : least;
  }
  (void)printf("%-20s %8.1f ns", b->name, least);
  if (counter >= 0) {
    (void)printf(" %8.0f instructions", counted);
  }
  (void)printf("\n");
}

int main(int argc, char **argv) {
  const int counter = open_counter();
  if (argc != 3) {
    for (size_t i = 0; i < BENCHES; i++) {
      measure(&benches[i], counter);
    }
    return 0;
  }
  for (size_t i = 0; i < BENCHES; i++) {
    if (strcmp(argv[1], benches[i].name) == 0) {
      benches[i].run(&benches[i], (size_t)strtoul(argv[2], NULL, 10));
      return 0;
    }
  }
  (void)fprintf(stderr, "no such case: %s\n", argv[1]);
  return 2;
}
