/* SPDX-License-Identifier: MIT */
/* What libstox does with a message besides taking it apart. */
#include "peer_stox.h"
#include "sip_bench.h"
#include "stox/sip.h"
#include "stox/status.h"

#include <stdlib.h>

enum { ROOM = 1 << 14, ARENA = 1 << 13 };

static char written[ROOM];
static char memory[ARENA];

static void require(int holds) {
  if (!holds) {
    abort();
  }
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

const bench_case bench_own_cases[] = {{"parse", NULL, parse},
                                      {"edit", NULL, edit},
                                      {"respond", NULL, respond},
                                      {"write", NULL, write_response},
                                      {NULL, NULL, NULL}};

int bench_applies(const bench_case *c, const bench_message *message) {
  return c->peer != NULL || c->run == parse || message->is_request;
}
