/* SPDX-License-Identifier: MIT */
#include "stox/answer.h"

#include "locate/wire.h"
#include "stox/buf.h"
#include "stox/status.h"
#include "text/ip.h"

#include <stdalign.h>

enum { TYPE_CNAME = 5, TYPE_SOA = 6, CLASS_IN = 1, ALIASES_MAX = 8 };

static int read_address(stox_record *out, stox_arena *arena, wire *w, size_t n) {
  char room[40];
  stox_buf text;
  const stox_span octets = stox_wire_octets(w, n);
  if (w->bad) {
    return STOX_E_SYNTAX;
  }
  stox_buf_init(&text, room, sizeof room);
  stox_ip_write(&text, (const unsigned char *)octets.p, octets.n);
  return stox_arena_copy(arena, &out->target, stox_buf_span(&text));
}

/* ---- record data ---- */

static int read_target(stox_record *out, stox_arena *arena, wire *w) {
  wire_name name;
  stox_wire_name_read(&name, w);
  return w->bad ? STOX_E_SYNTAX : stox_wire_name_text(&out->target, arena, &name);
}

static int read_srv(stox_record *out, stox_arena *arena, wire *w) {
  out->priority = stox_wire_u16(w);
  out->weight = stox_wire_u16(w);
  out->port = stox_wire_u16(w);
  return read_target(out, arena, w);
}

static int read_naptr(stox_record *out, stox_arena *arena, wire *w) {
  out->priority = stox_wire_u16(w);
  out->weight = stox_wire_u16(w);
  const stox_span flags = stox_wire_string(w);
  const stox_span service = stox_wire_string(w);
  (void)stox_wire_string(w); /* the regular expression of other applications */
  if (w->bad) {
    return STOX_E_SYNTAX;
  }
  if (stox_arena_copy(arena, &out->flags, flags) != STOX_OK ||
      stox_arena_copy(arena, &out->service, service) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  return read_target(out, arena, w);
}

/* Reads what stands before the end of `w`, all of it. */
static int read_data(stox_record *out, stox_arena *arena, wire *w) {
  int status = STOX_E_UNSUPPORTED;
  switch (out->type) {
  case STOX_RECORD_A:
    status = read_address(out, arena, w, 4);
    break;
  case STOX_RECORD_AAAA:
    status = read_address(out, arena, w, 16);
    break;
  case STOX_RECORD_SRV:
    status = read_srv(out, arena, w);
    break;
  case STOX_RECORD_NAPTR:
    status = read_naptr(out, arena, w);
    break;
  default:
    return status;
  }
  return status == STOX_OK && w->at != w->end ? STOX_E_SYNTAX : status;
}

/* RFC 2181 8: a TTL with its highest bit set is 0. */
static uint32_t ttl_of(uint32_t ttl) {
  return ttl > INT32_MAX ? 0 : ttl;
}

int stox_record_parse(stox_record *out, stox_arena *arena, int type, uint32_t ttl,
                      stox_span rdata) {
  wire w = {.message = rdata, .end = rdata.n, .plain = 1};
  stox_record record = {.type = type, .ttl = ttl_of(ttl)};
  const int status = read_data(&record, arena, &w);
  if (status == STOX_OK) {
    *out = record;
  }
  return status;
}

/* ---- messages ---- */

/* One record of a section, its data still to be read. */
typedef struct header {
  wire_name owner;
  unsigned type;
  unsigned class;
  uint32_t ttl;
  wire data;
} header;

static int read_header(header *out, wire *w) {
  stox_wire_name_read(&out->owner, w);
  out->type = stox_wire_u16(w);
  out->class = stox_wire_u16(w);
  out->ttl = ttl_of(stox_wire_u32(w));
  const size_t n = stox_wire_u16(w);
  out->data = *w;
  (void)stox_wire_octets(w, n);
  out->data.end = w->at;
  return w->bad ? STOX_E_SYNTAX : STOX_OK;
}

/* What is looked for while an answer section is read. */
typedef struct chase {
  stox_arena *arena;
  int type;
  wire_name name; /* whose records count */
  uint32_t ttl;   /* least of the aliases so far */
  stox_record *records;
  size_t n;
  int moved; /* an alias was found in this round */
} chase;

static int take_record(chase *c, header *h) {
  if (c->n == STOX_RECORDS_MAX) {
    return STOX_OK;
  }
  stox_record *record = &c->records[c->n];
  *record = (stox_record){.type = c->type, .ttl = h->ttl < c->ttl ? h->ttl : c->ttl};
  const int status = read_data(record, c->arena, &h->data);
  c->n += status == STOX_OK;
  return status;
}

static int take_alias(chase *c, header *h) {
  wire_name to;
  stox_wire_name_read(&to, &h->data);
  if (h->data.bad || h->data.at != h->data.end) {
    return STOX_E_SYNTAX;
  }
  c->name = to;
  c->ttl = h->ttl < c->ttl ? h->ttl : c->ttl;
  c->moved = 1;
  return STOX_OK;
}

/* One pass over a section for the records of one name. An alias that stands behind its own records
 * costs another pass. */
static int pass(chase *c, wire section, unsigned count) {
  c->moved = 0;
  for (unsigned i = 0; i < count; i++) {
    header h;
    int status = read_header(&h, &section);
    if (status == STOX_OK && h.class == CLASS_IN && stox_wire_name_is_equal(&h.owner, &c->name)) {
      if (h.type == (unsigned)c->type) {
        status = take_record(c, &h);
      } else if (h.type == TYPE_CNAME && !c->moved && c->n == 0) {
        status = take_alias(c, &h);
      }
    }
    if (status != STOX_OK) {
      return status;
    }
  }
  return STOX_OK;
}

/* Steps over a section. */
static int skip(wire *w, unsigned count) {
  header h;
  int status = STOX_OK;
  for (unsigned i = 0; i < count && status == STOX_OK; i++) {
    status = read_header(&h, w);
  }
  return status;
}

static int read_answers(stox_answer *out, chase *c, const wire *section, unsigned count) {
  for (int round = 0; round < ALIASES_MAX; round++) {
    const int status = pass(c, *section, count);
    if (status != STOX_OK) {
      return status;
    }
    if (c->n > 0 || !c->moved) {
      break;
    }
    out->is_alias = 1;
  }
  out->records = c->records;
  out->n = c->n;
  return STOX_OK;
}

/* RFC 2308 5: the lesser of the SOA's own TTL and its last field. */
static int read_negative(stox_answer *out, wire *w, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    header h;
    if (read_header(&h, w) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
    if (h.type != TYPE_SOA || h.class != CLASS_IN || h.data.end - h.data.at < 22) {
      continue;
    }
    h.data.at = h.data.end - 4;
    const uint32_t minimum = ttl_of(stox_wire_u32(&h.data));
    out->negative_ttl_s = minimum < h.ttl ? minimum : h.ttl;
    break;
  }
  return STOX_OK;
}

/* The header and the question; the counts of the other sections are left. */
static int read_front(stox_answer *out, wire *w, const chase *c, unsigned counts[2]) {
  enum { IS_RESPONSE = 0x8000, OPCODE = 0x7800, IS_CUT = 0x0200, RCODE = 15 };
  wire_name name;
  (void)stox_wire_u16(w);
  const unsigned flags = stox_wire_u16(w);
  const unsigned questions = stox_wire_u16(w);
  counts[0] = stox_wire_u16(w);
  counts[1] = stox_wire_u16(w);
  (void)stox_wire_u16(w);
  if (w->bad) {
    return STOX_E_SYNTAX;
  }
  if ((flags & IS_RESPONSE) == 0 || (flags & OPCODE) != 0 || questions != 1) {
    return STOX_E_UNSUPPORTED;
  }
  stox_wire_name_read(&name, w);
  const unsigned type = stox_wire_u16(w);
  const unsigned class = stox_wire_u16(w);
  if (w->bad) {
    return STOX_E_SYNTAX;
  }
  out->rcode = (int)(flags & RCODE);
  out->status = (flags & IS_CUT) != 0 ? STOX_E_MORE : STOX_OK;
  const int is_same =
      type == (unsigned)c->type && class == CLASS_IN && stox_wire_name_is_equal(&name, &c->name);
  return is_same ? STOX_OK : STOX_E_UNSUPPORTED;
}

static int read_sections(stox_answer *out, chase *c, wire *w, const unsigned counts[2]) {
  if (out->rcode != STOX_RCODE_NOERROR && out->rcode != STOX_RCODE_NXDOMAIN) {
    out->status = STOX_E_REFUSED;
    return STOX_OK;
  }
  if (out->status == STOX_E_MORE) {
    return STOX_OK;
  }
  const size_t octets = STOX_RECORDS_MAX * sizeof(stox_record);
  c->records = stox_arena_take(c->arena, octets, alignof(stox_record));
  if (c->records == NULL) {
    return STOX_E_NOMEM;
  }
  int status = read_answers(out, c, w, counts[0]);
  if (status == STOX_OK && out->n == 0) {
    status = skip(w, counts[0]);
    status = status == STOX_OK ? read_negative(out, w, counts[1]) : status;
  }
  return status;
}

int stox_answer_parse(stox_answer *out, stox_arena *arena, const stox_question *question,
                      stox_span message) {
  wire w = {.message = message, .end = message.n};
  chase c = {.arena = arena, .type = question->type, .ttl = UINT32_MAX};
  stox_answer answer = {.status = STOX_OK};
  unsigned counts[2];
  if (!stox_wire_name_of(&c.name, question->name)) {
    return STOX_E_UNSUPPORTED;
  }
  int status = read_front(&answer, &w, &c, counts);
  if (status == STOX_OK) {
    status = read_sections(&answer, &c, &w, counts);
  }
  if (status == STOX_OK) {
    *out = answer;
  }
  return status;
}
