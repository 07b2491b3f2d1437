/* SPDX-License-Identifier: MIT */
/* The protocol decision against a resolver that says anything: it ends, and its places are hosts.
 * Octets are read in turn: options, then for each question a status and records. */
#include "stox/attempt.h"
#include "stox/host.h"
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
  if (record.type == STOX_RECORD_A && bits & 8) {
    static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "0.0.0.0", "10.0.0.1"};
    record.target = stox_span_text(addresses[bits >> 4 & 3]);
  }
  record.flags = stox_span_text(bits & 4 ? "s" : "a");
  record.service = stox_span_text(services[bits % 3]);
  return record;
}

static size_t next_records(stox_record *records, input *in, size_t n) {
  size_t i = 0;
  for (; i < n && in->n > 0; i++) {
    records[i] = next_record(in);
  }
  return i;
}

static void answer(stox_locate *search, input *in, uint64_t now_ns) {
  stox_record records[ANSWER_MAX];
  const unsigned bits = next_octet(in);
  const size_t n = next_records(records, in, bits % ANSWER_MAX);
  const int status = bits & 128 ? STOX_E_TIMEOUT : STOX_OK;
  (void)stox_locate_answer(search, status, records, n, now_ns);
}

static void check_attempt(const stox_attempt *made, size_t n, const stox_attempt *next) {
  unsigned char octets[16];
  size_t octets_n = 0;
  require(n < STOX_ATTEMPTS_MAX && next->target.port > 0 && next->target.transport != 0);
  require(stox_host_address(octets, &octets_n, next->target.host) == STOX_OK);
  for (size_t i = 0; i < n; i++) {
    require(made[i].target.port != next->target.port ||
            made[i].target.transport != next->target.transport ||
            !stox_span_is_equal(made[i].target.host, next->target.host));
  }
}

static void answer_all(stox_attempts *list, input *in) {
  stox_question question;
  while (stox_attempts_ask(&question, list, 0) == STOX_OK) {
    stox_record records[ANSWER_MAX];
    const size_t n = next_records(records, in, next_octet(in) % ANSWER_MAX);
    (void)stox_attempts_answer(list, question.type, STOX_OK, records, n);
  }
}

/* Places become attempts at addresses, none of them twice. */
static void attempt_all(const stox_location *places, size_t n, input *in, uint64_t now_ns) {
  static char room[ROOM];
  static stox_attempt made[STOX_ATTEMPTS_MAX + 1];
  stox_arena arena;
  stox_attempts *list = NULL;
  size_t count = 0;
  int status = STOX_OK;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  require(stox_attempts_start(&list, &arena, places, n, NULL) == STOX_OK);
  while (status == STOX_OK || status == STOX_E_MORE) {
    status = stox_attempts_next(&made[count], list, now_ns);
    if (status == STOX_OK) {
      check_attempt(made, count, &made[count]);
      count++;
    } else if (status == STOX_E_MORE) {
      answer_all(list, in);
    }
  }
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
  stox_location places[STOX_LOCATIONS_MAX];
  size_t n = 0;
  for (; stox_locate_get(&place, search, n) == STOX_OK; n++) {
    require(place.protocol == STOX_PROTOCOL_SIP || place.protocol == STOX_PROTOCOL_XMPP);
    require(place.target.n > 0 && place.port > 0 && stox_text_is_ascii(place.target));
    places[n] = place;
  }
  attempt_all(places, n, in, now_ns);
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
