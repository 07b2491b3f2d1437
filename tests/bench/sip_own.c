/* SPDX-License-Identifier: MIT */
/* What libstox does with a message besides taking it apart. */
#include "peer_stox.h"
#include "sip/scan.h"
#include "sip_bench.h"
#include "stox/sip.h"
#include "stox/status.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 14, ARENA = 1 << 13 };

static char written[ROOM];
static char memory[ARENA];

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

const bench_kernel bench_kernels[] = {{"avx2", "libstox-avx2", STOX_SIP_KERNEL_AVX2},
                                      {"neon", "libstox-neon", STOX_SIP_KERNEL_NEON},
                                      {"sse2", "libstox-sse2", STOX_SIP_KERNEL_SSE2},
                                      {"scalar", "libstox-scalar", STOX_SIP_KERNEL_SCALAR},
                                      {NULL, NULL, 0}};

int bench_has_kernel(int number) {
  return stox_stops_choose(number) == number;
}

int bench_kernel_number(const char *name) {
  if (strcmp(name, "best") == 0) {
    return stox_stops_choose(0);
  }
  for (size_t i = 0; bench_kernels[i].name != NULL; i++) {
    if (strcmp(bench_kernels[i].name, name) == 0 && bench_has_kernel(bench_kernels[i].number)) {
      return bench_kernels[i].number;
    }
  }
  return -1;
}

const char *bench_kernel_name(int number) {
  size_t i = 0;
  while (bench_kernels[i].name != NULL && bench_kernels[i].number != number) {
    i++;
  }
  return bench_kernels[i].name;
}

/* Where each header field begins and ends, and which it is. */
static int boundaries(const bench_message *m) {
  static int ids[256];
  stox_stops_room room;
  stox_stops stops;
  stox_sip_scan scan;
  size_t n = 0;
  stox_stops_init(&stops, (stox_span){m->text.p, m->head}, peer_stox_kernel_of(), &room);
  int status = stox_sip_scan_line(&scan, &stops, 0, m->head);
  size_t at = scan.end;
  while (status == STOX_OK &&
         (status = stox_sip_scan_field(&scan, &stops, at, m->head)) == STOX_OK) {
    ids[n++ % 256] = stox_sip_header_of((stox_span){m->text.p + at, scan.name_n});
    at = scan.end;
  }
  require(status == STOX_E_NONE);
  return ids[0];
}

static int parse(const bench_message *m) {
  return peer_stox_parse(m->text);
}

/* A proxy's work: a Via pushed, Max-Forwards one less, the top Route gone. */
static int edit(const bench_message *m) {
  static const char via[] = "SIP/2.0/TCP proxy.example.net:5060;branch=z9hG4bK-41d6b9f23a77";
  const stox_span none = {NULL, 0};
  stox_arena arena;
  stox_sip_edit *e = NULL;
  uint32_t forwards = 0;
  char digits[12];
  stox_buf text;
  stox_buf out;
  require(peer_stox_parse(m->text) == STOX_OK);
  const stox_sip_message *message = peer_stox_message();
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  require(stox_sip_get_number(&forwards, message, STOX_SIP_MAX_FORWARDS) == STOX_OK);
  stox_buf_init(&text, digits, sizeof digits);
  (void)stox_buf_put_number(&text, forwards - 1);
  require(stox_sip_edit_new(&e, &arena, message) == STOX_OK);
  require(stox_sip_edit_set(e, STOX_SIP_VIA, none, (stox_span){via, sizeof via - 1},
                            STOX_SIP_FIRST) == STOX_OK);
  require(stox_sip_edit_set(e, STOX_SIP_MAX_FORWARDS, none, stox_buf_span(&text),
                            STOX_SIP_REPLACE) == STOX_OK);
  (void)stox_sip_edit_pop(e, STOX_SIP_ROUTE);
  stox_buf_init(&out, written, sizeof written);
  return stox_sip_write(&out, e);
}

/* The message, parsed once while it is the same. */
static const stox_sip_message *prepared(const bench_message *m) {
  static const bench_message *last;
  static stox_sip_message *message;
  static stox_arena arena;
  static char room[ARENA];
  if (m != last) {
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    require(stox_sip_parse(&message, &arena, m->text, NULL, NULL) == STOX_OK);
    last = m;
  }
  return message;
}

static stox_sip_edit *answer(stox_arena *arena, const bench_message *m) {
  const stox_span tag = {"as83k-77c0", 10};
  stox_sip_edit *e = NULL;
  const int status = stox_sip_response_new(&e, arena, prepared(m), 200, (stox_span){NULL, 0}, tag);
  require(status == STOX_OK);
  return e;
}

/* A 200 made and written. */
static int respond(const bench_message *m) {
  stox_arena arena;
  stox_buf out;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  stox_buf_init(&out, written, sizeof written);
  return stox_sip_write(&out, answer(&arena, m));
}

/* A 200 that was made before, written. */
static int write_response(const bench_message *m) {
  static const bench_message *last;
  static stox_sip_edit *made;
  static char room[ARENA];
  stox_arena arena;
  stox_buf out;
  if (m != last) {
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    made = answer(&arena, m);
    last = m;
  }
  stox_buf_init(&out, written, sizeof written);
  return stox_sip_write(&out, made);
}

const bench_case bench_own_cases[] = {{"boundaries", NULL, boundaries, 0},
                                      {"parse", NULL, parse, 0},
                                      {"edit", NULL, edit, 0},
                                      {"respond", NULL, respond, 0},
                                      {"write", NULL, write_response, 0},
                                      {NULL, NULL, NULL, 0}};

int bench_applies(const bench_case *c, const bench_message *message) {
  return c->peer != NULL || c->run == parse || c->run == boundaries || message->is_request;
}
