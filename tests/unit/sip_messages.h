/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_SIP_MESSAGES_H
#define STOX_TEST_SIP_MESSAGES_H

#include "support.h"

#include "stox/sip.h"

/* The five header fields that each message has, and one line end more where it is the last. */
#define TOP_VIA  "Via: SIP/2.0/UDP proxy.example.net:5070;branch=z9hG4bKt7;rport\r\n"
#define FROM     "From: \"Juliet, C.\" <sip:juliet@example.com>;tag=jc1\r\n"
#define TO       "To: <sip:romeo@example.net>\r\n"
#define CALL_ID  "Call-ID: 9f-2~x@example.com\r\n"
#define CSEQ     "CSeq: 7 MESSAGE\r\n"
#define HOPS     "Max-Forwards: 69\r\n"
#define ROUTING  TOP_VIA FROM TO CALL_ID CSEQ
#define LINE     "MESSAGE sip:romeo@example.net SIP/2.0\r\n"
#define REQUEST  LINE ROUTING HOPS "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello"
#define RESPONSE "SIP/2.0 200 OK\r\n" ROUTING "Content-Length: 0\r\n\r\n"

enum { PARSE_ROOM = 1 << 16 };

/* One parse; `bytes` end at a guard page. Free with parsed_free(). */
typedef struct parsed {
  guard bytes;
  stox_arena arena;
  stox_sip_message *message;
  stox_diag diag;
  int status;
  char *room;
} parsed;

static inline void parse_with(parsed *p, stox_span bytes, const stox_sip_options *options) {
  *p = (parsed){.bytes = guard_copy(bytes), .room = malloc(PARSE_ROOM)};
  assert_non_null(p->room);
  stox_arena_init(&p->arena, p->room, PARSE_ROOM, 0, stox_allocator_libc());
  p->status = stox_sip_parse(&p->message, &p->arena, p->bytes.span, options, &p->diag);
}

static inline void parsed_free(parsed *p) {
  stox_arena_clear(&p->arena);
  free(p->room);
  guard_free(&p->bytes);
}

static inline stox_sip_options options_of(int lenient, int is_stream) {
  stox_sip_options options;
  assert_status(stox_sip_options_init(&options, sizeof options), STOX_OK);
  options.lenient = lenient;
  options.is_stream = is_stream;
  return options;
}

/* Parses what must be accepted in strict mode. */
static inline void parse_good(parsed *p, stox_span bytes) {
  parse_with(p, bytes, NULL);
  if (p->status != STOX_OK) {
    fail_msg("%s at %zu: %s", stox_status_name(p->status), p->diag.offset, p->diag.rule);
  }
  assert_non_null(p->message);
}

#endif
