/* SPDX-License-Identifier: MIT */
#include "stox/attempt.h"

#include "base/options.h"
#include "stox/host.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

enum { ADDRESSES_MAX = 16 };

/* Addresses of one family of the place at hand. */
typedef struct family {
  int bit;
  int type;
  int is_open; /* its question is */
  size_t n;
  size_t next;
  stox_span addresses[ADDRESSES_MAX];
} family;

struct stox_attempts {
  stox_attempts_options options;
  stox_arena *arena;
  size_t n_places;
  size_t place; /* the next */
  uint32_t asked;
  int unanswered;
  stox_question question;
  family families[2]; /* the one that comes first is first */
  size_t turn;        /* the family whose address is next */
  size_t n_given;
  size_t n_late; /* of those seen, put off */
  size_t n_seen;
  size_t late_next;
  stox_attempt late[STOX_ATTEMPTS_MAX];
  stox_endpoint seen[STOX_ATTEMPTS_MAX];
  stox_location places[STOX_LOCATIONS_MAX];
};

int stox_attempts_options_init(stox_attempts_options *out, size_t size) {
  const stox_attempts_options defaults = {.size = sizeof defaults,
                                          .families = STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6,
                                          .first = STOX_ATTEMPT_IP6,
                                          .max_questions = 16};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- addresses ---- */

/* An address that no name may lead to: nowhere, a group, or IPv4 in disguise. */
static int is_odd(const unsigned char *octets, size_t n) {
  static const unsigned char zeros[16] = {0};
  static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (n == 4) {
    return octets[0] == 0 || octets[0] >= 224;
  }
  return memcmp(octets, zeros, n) == 0 || memcmp(octets, mapped, sizeof mapped) == 0 ||
         octets[0] == 0xFF;
}

static int is_of(const stox_record *record, int type) {
  unsigned char octets[16];
  size_t n = 0;
  return record->type == type && stox_host_address(octets, &n, record->target) == STOX_OK &&
         n == (type == STOX_RECORD_A ? 4U : 16U) && !is_odd(octets, n);
}

static int take_addresses(stox_attempts *obj, family *f, const stox_record *records, size_t n) {
  for (size_t i = 0; i < n && i < STOX_RECORDS_MAX && f->n < ADDRESSES_MAX; i++) {
    if (!is_of(&records[i], f->type)) {
      continue;
    }
    if (stox_arena_copy(obj->arena, &f->addresses[f->n], records[i].target) != STOX_OK) {
      f->n = 0;
      return STOX_E_NOMEM;
    }
    f->n++;
  }
  return STOX_OK;
}

int stox_attempts_answer(stox_attempts *obj, int type, int status, const stox_record *records,
                         size_t n) {
  for (size_t i = 0; i < 2; i++) {
    family *f = &obj->families[i];
    if (f->is_open && f->type == type) {
      f->is_open = 0;
      obj->unanswered |= status != STOX_OK;
      return take_addresses(obj, f, records, status == STOX_OK ? n : 0);
    }
  }
  return STOX_E_STATE;
}

int stox_attempts_ask(stox_question *out, const stox_attempts *obj, size_t index) {
  for (size_t i = 0; i < 2; i++) {
    if (obj->families[i].is_open && index-- == 0) {
      *out = (stox_question){obj->families[i].type, obj->question.name};
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

/* ---- attempts ---- */

/* Opens the questions of the next place, or takes its address. STOX_E_NONE: there is none. */
static int open_place(stox_attempts *obj) {
  unsigned char octets[16];
  size_t n = 0;
  if (obj->place == obj->n_places) {
    return STOX_E_NONE;
  }
  const stox_location *place = &obj->places[obj->place++];
  const int is_literal = stox_host_address(octets, &n, place->target) == STOX_OK;
  obj->question.name = place->target;
  obj->turn = 0;
  for (size_t i = 0; i < 2; i++) {
    family *f = &obj->families[i];
    const int can = (obj->options.families & f->bit) != 0;
    f->n = f->next = 0;
    if (is_literal && can && (n == 4) == (f->type == STOX_RECORD_A)) {
      f->addresses[f->n++] = place->target;
    }
    if (!is_literal && can && obj->asked < obj->options.max_questions) {
      f->is_open = 1;
      obj->asked++;
    }
  }
  return STOX_OK;
}

static int is_open(const stox_attempts *obj) {
  return obj->families[0].is_open || obj->families[1].is_open;
}

/* The next address of the place at hand, the families in turn. */
static int next_address(stox_span *out, stox_attempts *obj) {
  for (int tries = 0; tries < 2; tries++) {
    family *f = &obj->families[obj->turn];
    obj->turn ^= 1;
    if (f->next < f->n) {
      *out = f->addresses[f->next++];
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

/* Two texts may name one IPv6 address. */
static int is_same_host(stox_span a, stox_span b) {
  unsigned char octets[2][16];
  size_t n[2] = {0, 0};
  return stox_host_address(octets[0], &n[0], a) == STOX_OK &&
         stox_host_address(octets[1], &n[1], b) == STOX_OK && n[0] == n[1] &&
         memcmp(octets[0], octets[1], n[0]) == 0;
}

/* 1 if that is new, and is noted. */
static int is_new(stox_attempts *obj, const stox_endpoint *target) {
  for (size_t i = 0; i < obj->n_seen; i++) {
    const stox_endpoint *seen = &obj->seen[i];
    if (seen->port == target->port && seen->transport == target->transport &&
        is_same_host(seen->host, target->host)) {
      return 0;
    }
  }
  if (obj->n_seen == STOX_ATTEMPTS_MAX) {
    return 0;
  }
  obj->seen[obj->n_seen++] = *target;
  return 1;
}

/* The next attempt that nothing is known against; the others are put off. */
static int next_good(stox_attempt *out, stox_attempts *obj, uint64_t now_ns) {
  stox_span host;
  while (next_address(&host, obj) == STOX_OK) {
    const stox_location *place = &obj->places[obj->place - 1];
    const stox_attempt next = {{host, place->port, place->transport}, *place, 0};
    if (!is_new(obj, &next.target)) {
      continue;
    }
    const stox_backoff *backoff = obj->options.backoff;
    const uint64_t until = backoff == NULL ? 0 : stox_backoff_until(backoff, &next.target, now_ns);
    if (until == 0) {
      *out = next;
      return STOX_OK;
    }
    obj->late[obj->n_late] = next;
    obj->late[obj->n_late++].not_before_ns = until;
  }
  return STOX_E_NONE;
}

/* Of those that were put off, the one whose time comes first. */
static int next_late(stox_attempt *out, stox_attempts *obj) {
  if (obj->late_next == obj->n_late) {
    return STOX_E_NONE;
  }
  size_t first = obj->late_next;
  for (size_t i = first; i < obj->n_late; i++) {
    first = obj->late[i].not_before_ns < obj->late[first].not_before_ns ? i : first;
  }
  *out = obj->late[first];
  memmove(&obj->late[obj->late_next + 1], &obj->late[obj->late_next],
          (first - obj->late_next) * sizeof obj->late[0]);
  obj->late_next++;
  return STOX_OK;
}

static int verdict(const stox_attempts *obj) {
  if (obj->n_given > 0) {
    return STOX_E_NONE;
  }
  return obj->unanswered ? STOX_E_TIMEOUT : STOX_E_UNKNOWN_DOMAIN;
}

int stox_attempts_next(stox_attempt *out, stox_attempts *obj, uint64_t now_ns) {
  int status = STOX_E_NONE;
  do {
    if (is_open(obj)) {
      return STOX_E_MORE;
    }
    status = next_good(out, obj, now_ns);
  } while (status != STOX_OK && open_place(obj) == STOX_OK);
  if (status != STOX_OK) {
    status = next_late(out, obj);
  }
  if (status != STOX_OK) {
    return verdict(obj);
  }
  obj->n_given++;
  return STOX_OK;
}

static int copy_places(stox_attempts *obj, const stox_location *places, size_t n) {
  for (size_t i = 0; i < n && i < STOX_LOCATIONS_MAX; i++) {
    const stox_location *from = &places[i];
    if (from->target.n == 0 || from->port == 0 || from->port > 65535 || from->transport == 0) {
      return STOX_E_ARG;
    }
    stox_location *place = &obj->places[obj->n_places++];
    *place = *from;
    if (stox_arena_copy(obj->arena, &place->target, from->target) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  return STOX_OK;
}

int stox_attempts_start(stox_attempts **out, stox_arena *arena, const stox_location *places,
                        size_t n, const stox_attempts_options *options) {
  static const family families[] = {{.bit = STOX_ATTEMPT_IP6, .type = STOX_RECORD_AAAA},
                                    {.bit = STOX_ATTEMPT_IP4, .type = STOX_RECORD_A}};
  stox_attempts *obj = stox_arena_take(arena, sizeof *obj, alignof(stox_attempts));
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, sizeof *obj);
  obj->arena = arena;
  int status = stox_attempts_options_init(&obj->options, sizeof obj->options);
  if (status == STOX_OK) {
    status = stox_options_read(&obj->options, sizeof obj->options, options);
  }
  const int first = obj->options.first == STOX_ATTEMPT_IP4;
  if (status != STOX_OK || (!first && obj->options.first != STOX_ATTEMPT_IP6) ||
      (obj->options.families & (STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6)) == 0) {
    return STOX_E_ARG;
  }
  obj->families[0] = families[first];
  obj->families[1] = families[!first];
  status = copy_places(obj, places, n);
  if (status == STOX_OK) {
    *out = obj;
  }
  return status;
}
