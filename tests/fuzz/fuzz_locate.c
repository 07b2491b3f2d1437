/* SPDX-License-Identifier: MIT */
/* The protocol decision against a resolver that says anything: it ends, and its places are hosts.
 * Octets are read in turn: options, then for each question a status and records. */
#include "stox/locate.h"
#include "stox/status.h"
#include "stox/utf8.h"

#include <stdlib.h>

enum { ROOM = 1 << 15, QUESTIONS_MAX = 32, ANSWER_MAX = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/* What is left of the input. */
typedef struct input {
  const uint8_t *p;
  size_t n;
} input;

static unsigned next_octet(input *in) {
  if (in->n == 0) {
    return 0;
  }
  in->n--;
  return *in->p++;
}

static stox_span next_text(input *in) {
  const size_t wish = next_octet(in) % 32;
  const stox_span text = {(const char *)in->p, wish < in->n ? wish : in->n};
  in->p += text.n;
  in->n -= text.n;
  return text;
}

static stox_record next_record(input *in) {
  static const int types[] = {STOX_RECORD_SRV, STOX_RECORD_NAPTR, STOX_RECORD_A, STOX_RECORD_AAAA};
  static const char *const services[] = {"SIP+D2U", "SIP+D2T", "SIPS+D2T"};
  const unsigned bits = next_octet(in);
  stox_record record = {.type = types[bits & 3],
                        .ttl = bits >> 4,
                        .priority = bits >> 2 & 3,
                        .weight = bits >> 4,
                        .port = bits + 5000};
  record.target = next_text(in);
  record.flags = stox_span_text(bits & 4 ? "s" : "a");
  record.service = stox_span_text(services[bits % 3]);
  return record;
}

static void answer(stox_locate *search, input *in, uint64_t now_ns) {
  stox_record records[ANSWER_MAX];
  const unsigned bits = next_octet(in);
  const size_t n = bits % ANSWER_MAX;
  size_t i = 0;
  for (; i < n && in->n > 0; i++) {
    records[i] = next_record(in);
  }
  const int status = bits & 128 ? STOX_E_TIMEOUT : STOX_OK;
  (void)stox_locate_answer(search, status, records, i, now_ns);
}

/* Asks until nothing is open, and looks at the places. */
static void run(stox_locate *search, input *in, uint64_t now_ns) {
  stox_question question;
  stox_location place;
  size_t asked = 0;
  while (stox_locate_next(&question, search) == STOX_OK) {
    require(question.name.n > 0 && stox_text_is_ascii(question.name));
    require(stox_locate_get(&place, search, 0) == STOX_E_MORE);
    require(++asked < QUESTIONS_MAX);
    answer(search, in, now_ns);
  }
  for (size_t i = 0; stox_locate_get(&place, search, i) == STOX_OK; i++) {
    require(place.protocol == STOX_PROTOCOL_SIP || place.protocol == STOX_PROTOCOL_XMPP);
    require(place.target.n > 0 && place.port > 0 && stox_text_is_ascii(place.target));
  }
}

static stox_arena fresh(void) {
  static char room[ROOM];
  stox_arena arena;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  return arena;
}

/* A URI made of the input, and a Via. */
static void route(const stox_locate_options *options, input *in, uint64_t now_ns) {
  stox_arena arena = fresh();
  stox_locate *search = NULL;
  stox_uri uri;
  if (stox_uri_parse(&uri, next_text(in), 0, NULL) == STOX_OK &&
      stox_locate_start_uri(&search, &arena, &uri, options, now_ns) == STOX_OK) {
    run(search, in, now_ns);
  }
  arena = fresh();
  const unsigned bits = next_octet(in);
  const stox_locate_reply reply = {.transport = (int)(bits & 3),
                                   .is_lost = bits >> 2 & 1,
                                   .maddr = next_text(in),
                                   .received = next_text(in),
                                   .rport = bits >> 3 & 1,
                                   .host = next_text(in),
                                   .port = next_octet(in)};
  if (stox_locate_start_reply(&search, &arena, &reply, options, now_ns) == STOX_OK) {
    run(search, in, now_ns);
  }
}

static void search_once(stox_span domain, const stox_locate_options *options, input *in,
                        uint64_t now_ns) {
  stox_arena arena = fresh();
  stox_locate *search = NULL;
  if (stox_locate_start(&search, &arena, domain, options, now_ns) == STOX_OK) {
    run(search, in, now_ns);
  }
}

static int fill(void *ud, void *p, size_t n) {
  unsigned char *state = ud;
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = *state = (unsigned char)(*state * 5 + 3);
  }
  return STOX_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  unsigned char state = 1;
  const stox_random random = {sizeof random, &state, fill};
  stox_locations_options table;
  stox_locate_options options;
  input in = {data, size};
  require(stox_locations_options_init(&table, sizeof table) == STOX_OK);
  require(stox_locate_options_init(&options, sizeof options) == STOX_OK);
  table.random = &random;
  table.max = 2;
  require(stox_locations_new(&options.locations, &table) == STOX_OK);
  for (uint64_t now_ns = 0; in.n > 0; now_ns += UINT64_C(7000000000)) {
    const unsigned bits = next_octet(&in);
    options.side = bits & 1 ? STOX_PROTOCOL_SIP : STOX_PROTOCOL_XMPP;
    options.secure = bits >> 1 & 1;
    options.transports = bits >> 2 & 7 ? (int)(bits >> 2 & 7) << 1 : STOX_LOCATE_TLS;
    options.probe_im_pres = bits >> 5 & 1;
    options.random = bits & 64 ? &random : NULL;
    const unsigned more = next_octet(&in);
    options.xmpp_service = (int)(more & 1);
    options.direct_tls = more >> 1 & 1;
    options.legacy = more >> 2 & 1;
    options.native_only = more >> 3 & 1;
    search_once(bits & 128 ? next_text(&in) : stox_span_text("x.example"), &options, &in, now_ns);
    if (more & 16) {
      route(&options, &in, now_ns);
    }
  }
  (void)stox_locations_expire(options.locations, UINT64_MAX);
  stox_locations_del(options.locations);
  return 0;
}
