/* SPDX-License-Identifier: MIT */
#include "stox/jid.h"

#include "base/chars.h"
#include "stox/precis.h"
#include "stox/status.h"
#include "stox/stringprep.h"
#include "stox/utf8.h"
#include "text/ascii.h"
#include "text/lane.h"
#include "text/prep.h"

static const char rule[] = "RFC7622-3.1 JID";

/* Where a broken text breaks. */
static int explain(stox_span text, stox_diag *diag) {
  size_t at = 0;
  if (stox_utf8_check(text, &at) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_UTF8, 0, at, "RFC3629-4 UTF8-octets");
  }
  for (; at < text.n; at++) {
    if (stox_char_is(text.p[at], STOX_CHAR_CTRL)) {
      return stox_diag_set(diag, STOX_E_CTRL, 0, at, rule);
    }
  }
  return STOX_OK;
}

static int check_part(stox_span part, size_t at, stox_diag *diag) {
  if (part.n == 0) {
    return stox_diag_set(diag, STOX_E_BAD_JID, 0, at, rule);
  }
  if (part.n > STOX_PREP_MAX) {
    return stox_diag_set(diag, STOX_E_TOO_LONG, 0, at + STOX_PREP_MAX, rule);
  }
  return STOX_OK;
}

/* Offsets in the written form. */
static size_t domain_at(const stox_jid *jid) {
  return jid->localpart.p == NULL ? 0 : jid->localpart.n + 1;
}

static size_t resource_at(const stox_jid *jid) {
  return domain_at(jid) + jid->domainpart.n + 1;
}

/* Empty parts, lengths, and a separator where none may stand. */
static int check_parts(const stox_jid *jid, stox_diag *diag) {
  int status = jid->localpart.p == NULL ? STOX_OK : check_part(jid->localpart, 0, diag);
  if (status == STOX_OK) {
    status = check_part(jid->domainpart, domain_at(jid), diag);
  }
  if (status == STOX_OK && jid->resourcepart.p != NULL) {
    status = check_part(jid->resourcepart, resource_at(jid), diag);
  }
  if (status != STOX_OK) {
    return status;
  }
  const size_t second = stox_span_find(jid->domainpart, '@');
  if (second < jid->domainpart.n) {
    return stox_diag_set(diag, STOX_E_BAD_JID, 0, domain_at(jid) + second, rule);
  }
  return STOX_OK;
}

/* Where the parts are cut: n where they are not. */
typedef struct cuts {
  size_t slash;
  size_t at;    /* not behind the slash */
  int is_plain; /* printable ASCII alone */
  int is_short; /* and of no length to think about, and no second '@' in front of the slash */
} cuts;

static cuts find_cuts(stox_span text) {
  const size_t slash = stox_span_find(text, '/');
  return (cuts){slash, stox_span_find((stox_span){text.p, slash}, '@'), stox_ascii_is_plain(text),
                0};
}

#if STOX_LANES

enum { LANES_MAX = 64 };

/* The octets of a lane, as bits. */
typedef struct bits {
  uint64_t slash;
  uint64_t at;
  unsigned odd;
} bits;

static inline void look_at_lane(bits *found, const char *p, size_t i) {
  const __m128i octets = stox_lane_load(p + i);
  found->slash |= (uint64_t)stox_lane_bits(stox_lane_is(octets, '/')) << i;
  found->at |= (uint64_t)stox_lane_bits(stox_lane_is(octets, '@')) << i;
  found->odd |= stox_lane_bits(stox_lane_not_plain(octets));
}

static inline size_t first_bit(uint64_t word, size_t n) {
  return word == 0 ? n : (size_t)__builtin_ctzll(word);
}

static inline cuts look_for_cuts(stox_span text) {
  bits found = {0, 0, 0};
  if (text.n < STOX_LANE || text.n > LANES_MAX) {
    return find_cuts(text);
  }
  for (size_t i = 0; i + STOX_LANE < text.n; i += STOX_LANE) {
    look_at_lane(&found, text.p, i);
  }
  look_at_lane(&found, text.p, text.n - STOX_LANE);
  const size_t slash = first_bit(found.slash, text.n);
  const size_t at = first_bit(found.at, slash);
  const size_t second = first_bit(found.at & (found.at - 1), slash);
  return (cuts){slash, at < slash ? at : slash, found.odd == 0, second >= slash};
}

#else

static cuts look_for_cuts(stox_span text) {
  return find_cuts(text);
}

#endif

int stox_jid_parse(stox_jid *out, stox_span text, stox_diag *diag) {
  static const stox_span absent = {NULL, 0};
  const cuts found = look_for_cuts(text);
  if (!found.is_plain) {
    const int status = explain(text, diag);
    if (status != STOX_OK) {
      return status;
    }
  }
  /* The resource may itself hold '@' and '/', so it is cut off first (RFC 7622 3.2). */
  const size_t slash = found.slash;
  const size_t at = found.at;
  const stox_span bare = {text.p, slash};
  stox_jid jid = {absent, bare, absent};
  if (slash < text.n) {
    jid.resourcepart = (stox_span){text.p + slash + 1, text.n - slash - 1};
  }
  if (at < bare.n) {
    jid.localpart = (stox_span){text.p, at};
    jid.domainpart = (stox_span){text.p + at + 1, bare.n - at - 1};
  }
  const int has_parts = (jid.localpart.p == NULL || jid.localpart.n > 0) && jid.domainpart.n > 0 &&
                        (jid.resourcepart.p == NULL || jid.resourcepart.n > 0);
  const int status = found.is_short && has_parts ? STOX_OK : check_parts(&jid, diag);
  if (status == STOX_OK) {
    *out = jid;
  }
  return status;
}

/* The last two are prepared by PRECIS; ASCII is the same in both. */
enum { LOCALPART, DOMAINPART, RESOURCEPART, PRECIS_LOCALPART, PRECIS_RESOURCEPART };

static inline int look_at(stox_span *part, int kind, size_t *at) {
  switch (kind) {
  case LOCALPART:
  case PRECIS_LOCALPART:
    return stox_prep_localpart(*part, at);
  case DOMAINPART:
    return stox_prep_domain(part, at);
  default:
    return stox_prep_resourcepart(*part);
  }
}

static int put_prepared(stox_buf *out, stox_span part, int kind, stox_diag *diag) {
  switch (kind) {
  case LOCALPART:
    return stox_stringprep(out, part, STOX_NODEPREP, diag);
  case DOMAINPART:
    return stox_idna(out, part, STOX_IDNA_TO_UNICODE, diag);
  case PRECIS_LOCALPART:
    return stox_precis(out, part, STOX_PRECIS_LOCALPART, diag);
  case PRECIS_RESOURCEPART:
    return stox_precis(out, part, STOX_PRECIS_RESOURCEPART, diag);
  default:
    return stox_stringprep(out, part, STOX_RESOURCEPREP, diag);
  }
}

/* The way of a part that changes, is refused, or is not ASCII. */
static int prepare_slowly(stox_span *out, stox_arena *arena, stox_span part, int kind,
                          stox_diag *diag) {
  char room[STOX_PREP_MAX];
  stox_buf work;
  stox_buf_init(&work, room, sizeof room);
  const int status = put_prepared(&work, part, kind, diag);
  if (status != STOX_OK) {
    return status;
  }
  const stox_span made = stox_buf_span(&work);
  if (stox_span_is_equal(made, part)) {
    *out = part;
    return STOX_OK;
  }
  if (stox_arena_copy(arena, out, made) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_NOMEM, 0, 0, rule);
  }
  return STOX_OK;
}

static int fold(stox_span *part, stox_arena *arena, stox_diag *diag) {
  char *p = stox_arena_take(arena, part->n, 1);
  if (p == NULL) {
    return stox_diag_set(diag, STOX_E_NOMEM, 0, 0, rule);
  }
  stox_prep_lower(p, *part);
  part->p = p;
  return STOX_OK;
}

/* Prepares `part`, which begins at octet `from` of the written form, in place. */
static inline int prepare_part(stox_span *part, stox_arena *arena, int kind, size_t from,
                               stox_diag *diag) {
  size_t at;
  int status = check_part(*part, from, diag);
  if (status != STOX_OK) {
    return status;
  }
  switch (look_at(part, kind, &at)) {
  case STOX_PREP_SAME:
    return STOX_OK;
  case STOX_PREP_FOLD:
    status = fold(part, arena, diag);
    break;
  default:
    status = prepare_slowly(part, arena, *part, kind, diag);
    break;
  }
  if (status != STOX_OK && diag != NULL) {
    diag->offset += from;
  }
  return status;
}

static int prepare(stox_jid *out, stox_arena *arena, const stox_jid *jid, stox_diag *diag) {
  stox_jid made = *jid;
  int status = STOX_OK;
  if (made.localpart.p != NULL) {
    status = prepare_part(&made.localpart, arena, LOCALPART, 0, diag);
  }
  if (status == STOX_OK) {
    status = prepare_part(&made.domainpart, arena, DOMAINPART, domain_at(jid), diag);
  }
  if (status == STOX_OK && made.resourcepart.p != NULL) {
    status = prepare_part(&made.resourcepart, arena, RESOURCEPART, resource_at(jid), diag);
  }
  if (status == STOX_OK) {
    *out = made;
  }
  return status;
}

static int prepare_precis(stox_jid *out, stox_arena *arena, const stox_jid *jid, stox_diag *diag) {
  stox_jid made = *jid;
  int status = STOX_OK;
  if (made.localpart.p != NULL) {
    status = prepare_part(&made.localpart, arena, PRECIS_LOCALPART, 0, diag);
  }
  if (status == STOX_OK) {
    status = prepare_part(&made.domainpart, arena, DOMAINPART, domain_at(jid), diag);
  }
  if (status == STOX_OK && made.resourcepart.n > 0 && made.resourcepart.p[0] == ' ') {
    return stox_diag_set(diag, STOX_E_BAD_RESOURCE, 0, resource_at(jid), rule);
  }
  if (status == STOX_OK && made.resourcepart.p != NULL) {
    status = prepare_part(&made.resourcepart, arena, PRECIS_RESOURCEPART, resource_at(jid), diag);
  }
  if (status == STOX_OK) {
    *out = made;
  }
  return status;
}

/* Octets of a part that is not prepared: those of `apart` would split the JID elsewhere. */
static int check_octets(stox_span part, const char *apart, size_t from, stox_diag *diag) {
  const int status = explain(part, diag);
  if (status != STOX_OK && diag != NULL) {
    diag->offset += from;
  }
  for (const char *c = apart; status == STOX_OK && *c != '\0'; c++) {
    const size_t at = stox_span_find(part, *c);
    if (at < part.n) {
      return stox_diag_set(diag, STOX_E_BAD_JID, 0, from + at, rule);
    }
  }
  return status;
}

static int check_only(stox_jid *out, const stox_jid *jid, stox_diag *diag) {
  int status = check_parts(jid, diag);
  if (status == STOX_OK) {
    status = check_octets(jid->localpart, "@/", 0, diag);
  }
  if (status == STOX_OK) {
    status = check_octets(jid->domainpart, "@/", domain_at(jid), diag);
  }
  if (status == STOX_OK) {
    status = check_octets(jid->resourcepart, "", resource_at(jid), diag);
  }
  if (status == STOX_OK) {
    *out = *jid;
  }
  return status;
}

int stox_jid_prepare(stox_jid *out, stox_arena *arena, const stox_jid *jid, int profile,
                     stox_diag *diag) {
  if (profile == STOX_JID_NODEPREP) {
    return prepare(out, arena, jid, diag);
  }
  switch (profile) {
  case STOX_JID_PRECIS:
    return prepare_precis(out, arena, jid, diag);
  case STOX_JID_NONE:
    return check_only(out, jid, diag);
  default:
    return STOX_E_ARG;
  }
}

int stox_jid_is_equal(const stox_jid *a, const stox_jid *b) {
  return stox_span_is_equal(a->localpart, b->localpart) &&
         stox_span_is_equal(a->domainpart, b->domainpart) &&
         stox_span_is_equal(a->resourcepart, b->resourcepart);
}

int stox_jid_scope(const stox_jid *jid) {
  if (jid->resourcepart.p != NULL) {
    return STOX_SCOPE_FULL;
  }
  return jid->localpart.p != NULL ? STOX_SCOPE_BARE : STOX_SCOPE_DOMAIN;
}

stox_jid stox_jid_bare(const stox_jid *jid) {
  return (stox_jid){jid->localpart, jid->domainpart, {NULL, 0}};
}

int stox_jid_write(stox_buf *out, const stox_jid *jid) {
  if (jid->domainpart.n == 0) {
    return STOX_E_ARG;
  }
  if (jid->localpart.p != NULL) {
    stox_buf_put(out, jid->localpart);
    stox_buf_put_octet(out, '@');
  }
  stox_buf_put(out, jid->domainpart);
  if (jid->resourcepart.p != NULL) {
    stox_buf_put_octet(out, '/');
    stox_buf_put(out, jid->resourcepart);
  }
  return stox_buf_status(out);
}
