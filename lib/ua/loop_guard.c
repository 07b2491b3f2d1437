/* SPDX-License-Identifier: MIT */
#include "stox/loop_guard.h"

#include "base/table.h"
#include "stox/hash.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"
#include "ua/edit.h"

#include <string.h>

/* ---- loop hash ---- */

enum {
  HASH_OCTETS = STOX_LOOP_HASH_SIZE / 2,
  LONG_PART = 256,
  LENGTH_SIZE = 8,
  MIXER_SIZE = 768,
  CSEQ_OCTETS = 4
};

/* The input of the HMAC: parts, each behind its length. A long part stands there as its own HMAC,
 * and so does what came before when the room ends. */
typedef struct mixer {
  stox_span key;
  size_t n;
  int status;
  unsigned char room[MIXER_SIZE];
} mixer;

static void digest(mixer *m, unsigned char *out, stox_span data) {
  const int status = stox_hmac(STOX_HASH_SHA256, m->key, data, out, STOX_HASH_MAX);
  if (status != STOX_OK) {
    m->status = status;
  }
}

static stox_span mixed(const mixer *m) {
  return (stox_span){(const char *)m->room, m->n};
}

static void mix(mixer *m, stox_span part) {
  unsigned char hash[STOX_HASH_MAX] = {0};
  const size_t length = part.n;
  if (part.n > LONG_PART) {
    digest(m, hash, part);
    part = (stox_span){(const char *)hash, sizeof hash};
  }
  if (m->n + LENGTH_SIZE + part.n > MIXER_SIZE) {
    unsigned char before[STOX_HASH_MAX] = {0};
    digest(m, before, mixed(m));
    memcpy(m->room, before, sizeof before);
    m->n = sizeof before;
  }
  for (size_t i = 0; i < LENGTH_SIZE; i++) {
    m->room[m->n++] = (unsigned char)((uint64_t)length >> (8 * i));
  }
  if (part.n > 0) {
    memcpy(m->room + m->n, part.p, part.n);
    m->n += part.n;
  }
}

static void mix_number(mixer *m, uint32_t number) {
  char octets[CSEQ_OCTETS];
  for (size_t i = 0; i < sizeof octets; i++) {
    octets[i] = (char)(number >> (8 * i) & 0xFF);
  }
  mix(m, (stox_span){octets, sizeof octets});
}

/* All fields of an id, with an end mark no field can be taken for. */
static void mix_fields(mixer *m, const stox_sip_message *message, int id) {
  size_t index = 0;
  uint32_t count = 0;
  stox_sip_header header;
  for (size_t from = 0; stox_sip_find_header(&index, message, id, from) == STOX_OK;
       from = index + 1) {
    if (stox_sip_get_header(&header, message, index) == STOX_OK) {
      mix(m, header.value);
      count++;
    }
  }
  mix_number(m, count);
}

static void mix_value(mixer *m, stox_span value) {
  if (value.p != NULL) {
    mix(m, value);
  }
  mix_number(m, value.p != NULL);
}

static int finish(stox_buf *out, mixer *m) {
  unsigned char hash[STOX_HASH_MAX] = {0};
  digest(m, hash, mixed(m));
  if (m->status != STOX_OK) {
    return m->status;
  }
  return stox_hex_write(out, (stox_span){(const char *)hash, HASH_OCTETS});
}

int stox_loop_hash(stox_buf *out, const stox_sip_message *message, stox_span key) {
  mixer m = {.key = key};
  stox_sip_cseq cseq = {0};
  if (stox_sip_status(message) != 0) {
    return STOX_E_STATE;
  }
  const int status = stox_sip_get_cseq(&cseq, message);
  if (status != STOX_OK) {
    return status;
  }
  mix(&m, stox_sip_request_uri(message));
  mix(&m, stox_sip_value(message, STOX_SIP_CALL_ID));
  mix(&m, stox_sip_tag(message, STOX_SIP_FROM));
  mix(&m, stox_sip_tag(message, STOX_SIP_TO));
  mix_number(&m, cseq.number);
  mix_fields(&m, message, STOX_SIP_ROUTE);
  mix_fields(&m, message, STOX_SIP_PROXY_REQUIRE);
  mix_fields(&m, message, STOX_SIP_PROXY_AUTHORIZATION);
  return finish(out, &m);
}

int stox_loop_hash_edit(stox_buf *out, const stox_sip_edit *request, stox_span request_uri,
                        stox_span key) {
  mixer m = {.key = key};
  uint32_t number = 0;
  stox_span method;
  const int status = stox_edit_cseq(&number, &method, request);
  if (status != STOX_OK) {
    return status;
  }
  mix(&m, request_uri);
  mix(&m, stox_sip_edit_value(request, STOX_SIP_CALL_ID));
  mix(&m, stox_edit_tag(request, STOX_SIP_FROM));
  mix(&m, stox_edit_tag(request, STOX_SIP_TO));
  mix_number(&m, number);
  mix_value(&m, (stox_span){NULL, 0});
  mix_value(&m, stox_sip_edit_value(request, STOX_SIP_PROXY_REQUIRE));
  mix_value(&m, stox_sip_edit_value(request, STOX_SIP_PROXY_AUTHORIZATION));
  return finish(out, &m);
}

/* 1 if sent-by is `own`: `host` or `host:port`, IPv6 in brackets. */
static int is_own(const stox_sip_via *via, stox_span own) {
  const size_t bracket = own.n > 0 && own.p[0] == '[' ? stox_span_find(own, ']') : 0;
  const size_t colon = bracket + stox_span_find(stox_span_slice(own, bracket, own.n), ':');
  uint64_t port = 0;
  if (colon < own.n &&
      stox_number_parse(&port, stox_span_slice(own, colon + 1, own.n), UINT16_MAX) != STOX_OK) {
    return 0;
  }
  return via->port == port && stox_host_is_equal(via->host, stox_span_slice(own, 0, colon));
}

/* What stands behind the dot where a loop hash would; absent if nothing can be one. */
static stox_span suffix_of(stox_span branch) {
  if (branch.n <= STOX_LOOP_HASH_SIZE || branch.p[branch.n - STOX_LOOP_HASH_SIZE - 1] != '.') {
    return (stox_span){NULL, 0};
  }
  return stox_span_slice(branch, branch.n - STOX_LOOP_HASH_SIZE, STOX_LOOP_HASH_SIZE);
}

static int is_one_of(const stox_sip_via *via, const stox_span *own, size_t n) {
  size_t i = 0;
  while (i < n && !is_own(via, own[i])) {
    i++;
  }
  return i < n;
}

int stox_loop_check(stox_sip_message *message, const stox_span *own, size_t n, stox_span key) {
  char room[STOX_LOOP_HASH_SIZE];
  stox_buf hash;
  stox_buf_init(&hash, room, sizeof room);
  if (stox_sip_status(message) != 0) {
    return STOX_E_STATE;
  }
  stox_sip_via via;
  int status = STOX_OK;
  stox_sip_cursor cursor = {0, 0};
  while ((status = stox_sip_next_via(&via, message, &cursor)) == STOX_OK) {
    const stox_span suffix = suffix_of(via.branch);
    if (suffix.p == NULL || !is_one_of(&via, own, n)) {
      continue;
    }
    /* Made only when there is something to compare it with. */
    if (hash.len == 0 && (status = stox_loop_hash(&hash, message, key)) != STOX_OK) {
      return status;
    }
    if (stox_octets_is_equal_ct(stox_buf_span(&hash), suffix)) {
      return STOX_E_LOOP;
    }
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

/* ---- hops and breadth ---- */

static const char shim[] = "http://jabber.org/protocol/shim";
static const char max_forwards[] = "Max-Forwards";

static int take_hop(uint32_t *out, uint32_t hops) {
  if (hops == 0) {
    *out = 0;
    return STOX_E_TOO_MANY_HOPS;
  }
  *out = (hops > STOX_HOPS_MAX ? STOX_HOPS_MAX : hops) - 1;
  return STOX_OK;
}

int stox_hops_take(uint32_t *out, const stox_sip_message *message) {
  uint32_t hops = 0;
  *out = STOX_HOPS_DEFAULT;
  const int status = stox_sip_get_number(&hops, message, STOX_SIP_MAX_FORWARDS);
  if (status == STOX_E_NONE) {
    return STOX_OK;
  }
  return status == STOX_OK ? take_hop(out, hops) : status;
}

/* Reads one SHIM header into `hops` if it is the one; `*n` counts those found. */
static int read_header(uint64_t *hops, size_t *n, stox_arena *arena,
                       const stox_xml_element *header) {
  if (!stox_span_is_equal_nocase(stox_xml_attribute_of(header, "name"),
                                 stox_span_text(max_forwards))) {
    return STOX_OK;
  }
  stox_span text;
  uint64_t read = 0;
  int status = stox_xml_text(&text, arena, header);
  if (status == STOX_OK) {
    status = stox_number_parse(&read, stox_span_trim(text), UINT32_MAX);
  }
  if (status == STOX_OK && *n > 0 && read != *hops) {
    status = STOX_E_BAD_NUMBER;
  }
  *hops = read;
  (*n)++;
  return status;
}

int stox_hops_take_stanza(uint32_t *out, stox_arena *arena, const stox_stanza *stanza) {
  const stox_xml_element *headers = NULL;
  uint64_t hops = 0;
  size_t n = 0;
  *out = STOX_HOPS_DEFAULT;
  while ((headers = stox_xml_child(stanza->element, shim, "headers", headers)) != NULL) {
    const stox_xml_element *header = NULL;
    while ((header = stox_xml_child(headers, shim, "header", header)) != NULL) {
      const int status = read_header(&hops, &n, arena, header);
      if (status != STOX_OK) {
        return status;
      }
    }
  }
  return n == 0 ? STOX_OK : take_hop(out, (uint32_t)hops);
}

int stox_breadth_take(uint32_t *out, const stox_sip_message *message, uint32_t branches) {
  uint32_t breadth = STOX_BREADTH_DEFAULT;
  *out = 0;
  if (branches == 0) {
    return STOX_E_ARG;
  }
  const int status = stox_sip_get_number(&breadth, message, STOX_SIP_MAX_BREADTH);
  if (status != STOX_OK && status != STOX_E_NONE) {
    return status;
  }
  if (breadth > STOX_BREADTH_DEFAULT) {
    breadth = STOX_BREADTH_DEFAULT;
  }
  *out = breadth / branches;
  return *out == 0 ? STOX_E_BREADTH : STOX_OK;
}

/* ---- reflections ---- */

enum { WAYS = 8 };

int stox_reflections_init(stox_reflections *out, stox_reflection *slots, size_t n, uint32_t max,
                          uint64_t window_ns, const stox_random *random) {
  if (slots == NULL || n < WAYS || max == 0 || window_ns == 0 || random == NULL) {
    return STOX_E_ARG;
  }
  *out = (stox_reflections){.slots = slots, .n = n, .window_ns = window_ns, .max = max};
  for (size_t i = 0; i < n; i++) {
    slots[i] = (stox_reflection){0};
  }
  return random->fill(random->ud, out->key, sizeof out->key);
}

static uint64_t digest_of(const stox_reflections *obj, stox_span from, stox_span to,
                          stox_span body) {
  const stox_table keyed = {.key = {obj->key[0], obj->key[1]}};
  uint64_t hash = stox_table_hash(&keyed, 0, from);
  hash = stox_table_hash(&keyed, hash, to);
  hash = stox_table_hash(&keyed, hash, body);
  return hash == 0 ? 1 : hash;
}

static int is_over(const stox_reflections *obj, const stox_reflection *slot, uint64_t now_ns) {
  return slot->digest == 0 || now_ns - slot->since_ns >= obj->window_ns;
}

/* 1 if `a` is the better one to give up: nothing that still counts, else what was seen least, so
 * that a flood of new messages does not hide a loop, else what is oldest. */
static int is_cheaper(const stox_reflections *obj, const stox_reflection *a,
                      const stox_reflection *b, uint64_t now_ns) {
  const int a_over = is_over(obj, a, now_ns);
  const int b_over = is_over(obj, b, now_ns);
  if (a_over != b_over) {
    return a_over;
  }
  return a->count != b->count ? a->count < b->count : a->since_ns < b->since_ns;
}

int stox_reflections_check(stox_reflections *obj, stox_span from, stox_span to, stox_span body,
                           uint64_t now_ns) {
  const uint64_t mark = digest_of(obj, from, to, body);
  const size_t first = (size_t)(mark % obj->n);
  stox_reflection *slot = NULL;
  for (size_t i = 0; i < WAYS; i++) {
    stox_reflection *at = &obj->slots[(first + i) % obj->n];
    if (at->digest == mark) {
      slot = at;
      break;
    }
    if (slot == NULL || is_cheaper(obj, at, slot, now_ns)) {
      slot = at;
    }
  }
  if (slot->digest != mark || is_over(obj, slot, now_ns)) {
    *slot = (stox_reflection){.digest = mark, .since_ns = now_ns};
  }
  if (slot->count >= obj->max) {
    return STOX_E_LOOP;
  }
  slot->count++;
  return STOX_OK;
}
