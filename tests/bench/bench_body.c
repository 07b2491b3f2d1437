/* SPDX-License-Identifier: MIT */
/* Bodies: descriptions, multiparts, CPIM, fragments, transfer encodings, Digest responses; each at
 * one size, twice and four times that, so that what is not linear shows.
 *   bench_body               octets, nanoseconds and nanoseconds an octet (medians), allocations
 *   bench_body CASE SIZE N   N rounds of one case at SIZE 1, 2 or 4 and nothing else, for callgrind
 */
#include "stox/cpim.h"
#include "stox/digest.h"
#include "stox/multipart.h"
#include "stox/sdp.h"
#include "stox/sipfrag.h"
#include "stox/status.h"
#include "stox/transfer_encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROOM = 1 << 16, SIZES = 3, RUNS = 41, BATCH_NS = 200000 };

static char text_room[ROOM];
static char work[1 << 18];
static char out_room[ROOM];
static size_t allocations;

#if defined(__GLIBC__) && !STOX_TEST_SANITIZED
enum { COUNTS_ALLOCATIONS = 1 };

extern void *__libc_malloc(size_t n);
extern void *__libc_realloc(void *p, size_t n);

#define OURS __attribute__((visibility("default")))
OURS void *malloc(size_t n);
OURS void *realloc(void *p, size_t n);

void *malloc(size_t n) {
  allocations++;
  return __libc_malloc(n);
}

void *realloc(void *p, size_t n) {
  allocations++;
  return __libc_realloc(p, n);
}
#else
enum { COUNTS_ALLOCATIONS = 0 };
#endif

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static stox_limits wide_limits(void) {
  stox_limits limits;
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  limits.body_parts = 1024;
  limits.body_fields = 1024;
  return limits;
}

static stox_media_type type_of(const char *text) {
  stox_media_type type;
  require(stox_media_type_parse(&type, stox_span_text(text), NULL) == STOX_OK);
  return type;
}

static void repeat(stox_buf *out, const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    (void)stox_buf_put_text(out, text);
  }
}

/* Each case makes its text at a size, and runs over it. */

static void make_sdp(stox_buf *out, size_t size) {
  (void)stox_buf_put_text(out, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
                               "t=0 0\r\n");
  repeat(out,
         "m=audio 49170 RTP/AVP 0 8 97\r\na=rtpmap:97 opus/48000/2\r\na=fmtp:97 "
         "useinbandfec=1\r\na=sendrecv\r\na=mid:1\r\n",
         6 * size);
}

static void run_sdp(stox_span text) {
  stox_arena arena;
  stox_sdp sdp;
  stox_arena_init(&arena, work, sizeof work, 0, NULL);
  require(stox_sdp_parse(&sdp, &arena, text, NULL, 0, NULL) == STOX_OK);
}

static void make_multipart(stox_buf *out, size_t size) {
  repeat(out,
         "--boundary\r\nContent-Type: text/plain;charset=utf-8\r\nContent-ID: <a@example.com>\r\n"
         "\r\nA body of some words, with -- dashes,\r\n- and lines\r\n-- that begin with them.\r\n",
         6 * size);
  (void)stox_buf_put_text(out, "--boundary--\r\n");
}

static void run_multipart(stox_span text) {
  const stox_limits limits = wide_limits();
  const stox_media_type type = type_of("multipart/mixed;boundary=boundary");
  stox_multipart walk;
  stox_mime_entity part;
  int status = stox_multipart_init(&walk, &type, text, &limits, 0);
  while (status == STOX_OK) {
    status = stox_multipart_next(&part, &walk, NULL);
  }
  require(status == STOX_E_NONE);
}

static void make_cpim(stox_buf *out, size_t size) {
  (void)stox_buf_put_text(out, "From: MR SANDERS <im:piglet@100akerwood.com>\r\n"
                               "To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n"
                               "DateTime: 2000-12-13T13:40:00-08:00\r\n");
  repeat(out, "Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n", 10 * size);
  (void)stox_buf_put_text(out, "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello");
}

static void run_cpim(stox_span text) {
  const stox_limits limits = wide_limits();
  stox_cpim cpim;
  require(stox_cpim_parse(&cpim, text, &limits, 0, NULL) == STOX_OK);
}

static void make_fragment(stox_buf *out, size_t size) {
  (void)stox_buf_put_text(out, "SIP/2.0 400 Bad Request\r\nFrom: <sip:a@example.com>;tag=1\r\n");
  repeat(out, "Warning: 399 atlanta.example.com \"Your Event header field was malformed\"\r\n",
         8 * size);
}

static void run_fragment(stox_span text) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_arena_init(&arena, work, sizeof work, 0, NULL);
  require(stox_sipfrag_parse(&message, &arena, text, NULL, NULL) == STOX_OK);
}

static void make_base64(stox_buf *out, size_t size) {
  char octets[1024];
  memset(octets, 'a', sizeof octets);
  require(stox_transfer_encode(out, STOX_TRANSFER_BASE64, (stox_span){octets, 256 * size}) ==
          STOX_OK);
}

static void make_quoted(stox_buf *out, size_t size) {
  repeat(out, "Words, caf=C3=A9, and a soft line break behind them all =\r\nand more\r\n",
         8 * size);
}

static void decode(stox_span text, int encoding) {
  stox_buf out;
  stox_buf_init(&out, out_room, sizeof out_room);
  require(stox_transfer_decode(&out, encoding, text, 0, NULL) == STOX_OK);
}

static void run_base64(stox_span text) {
  decode(text, STOX_TRANSFER_BASE64);
}

static void run_quoted(stox_span text) {
  decode(text, STOX_TRANSFER_QUOTED_PRINTABLE);
}

static void make_body(stox_buf *out, size_t size) {
  repeat(out, "sixteen octets.\n", 32 * size);
}

/* Credentials are parsed and checked, the body being the text. */
static void check(stox_span body, const char *credentials) {
  static const char ha1[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  stox_digest d;
  require(stox_digest_parse_credentials(&d, stox_span_text(credentials), NULL) == STOX_OK);
  const stox_span stored = {ha1, 2 * stox_hash_size(d.algorithm)};
  require(stox_digest_check(&d, stored, stox_span_text("MESSAGE"), body) == STOX_E_AUTH);
}

#define CREDENTIALS(algorithm)                                                                     \
  "Digest realm=\"example.com\", nonce=\"AAAAAGVm\", algorithm=" algorithm ", username=\"bob\", "  \
  "uri=\"sip:bob@example.com\", response=\"0\", cnonce=\"0a4f113b\", qop=auth-int, nc=00000001"

static void run_md5(stox_span body) {
  check(body, CREDENTIALS("MD5"));
}

static void run_sha256(stox_span body) {
  check(body, CREDENTIALS("SHA-256"));
}

static void run_sha512_256(stox_span body) {
  check(body, CREDENTIALS("SHA-512-256"));
}

typedef struct bench {
  const char *name;
  void (*make)(stox_buf *out, size_t size);
  void (*run)(stox_span text);
} bench;

static const bench cases[] = {
    {"sdp", make_sdp, run_sdp},
    {"multipart", make_multipart, run_multipart},
    {"cpim", make_cpim, run_cpim},
    {"sipfrag", make_fragment, run_fragment},
    {"base64", make_base64, run_base64},
    {"quoted", make_quoted, run_quoted},
    {"md5", make_body, run_md5},
    {"sha256", make_body, run_sha256},
    {"sha512-256", make_body, run_sha512_256},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static stox_span make(const bench *b, size_t size) {
  stox_buf out;
  stox_buf_init(&out, text_room, sizeof text_room);
  b->make(&out, size);
  require(stox_buf_status(&out) == STOX_OK);
  return stox_buf_span(&out);
}

static double batch(const bench *b, stox_span text, size_t rounds) {
  const double from = now();
  for (size_t i = 0; i < rounds; i++) {
    b->run(text);
  }
  return (now() - from) / (double)rounds;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static void show(const bench *b, size_t size) {
  double runs[RUNS];
  const stox_span text = make(b, size);
  const size_t before = allocations;
  b->run(text);
  const size_t made = allocations - before;
  const size_t rounds = (size_t)(BATCH_NS / (batch(b, text, 5) + 1)) + 1;
  for (size_t i = 0; i < RUNS; i++) {
    runs[i] = batch(b, text, rounds);
  }
  qsort(runs, RUNS, sizeof runs[0], by_size);
  printf("%-12s %7zu %10.0f %8.2f ", b->name, text.n, runs[RUNS / 2],
         runs[RUNS / 2] / (double)text.n);
  if (COUNTS_ALLOCATIONS) {
    printf("%6zu\n", made);
  } else {
    printf("%6s\n", "-");
  }
}

static int run_once(const char *name, const char *size, const char *rounds) {
  for (size_t i = 0; i < CASES; i++) {
    if (strcmp(cases[i].name, name) == 0) {
      const size_t times = strtoul(size, NULL, 10);
      if (times < 1 || times > 4) {
        return 1;
      }
      const stox_span text = make(&cases[i], times);
      for (unsigned long n = strtoul(rounds, NULL, 10); n > 0; n--) {
        cases[i].run(text);
      }
      return 0;
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc == 4) {
    return run_once(argv[1], argv[2], argv[3]);
  }
  printf("%-12s %7s %10s %8s %6s\n", "case", "octets", "ns", "ns/oct", "allocs");
  for (size_t i = 0; i < CASES; i++) {
    for (size_t k = 0; k < SIZES; k++) {
      show(&cases[i], (size_t)1 << k);
    }
  }
  return 0;
}
