/* SPDX-License-Identifier: MIT */
#include "stox/precis.h"

#include "base/chars.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/precis.h"
#include "text/prep.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

/* What a profile does (RFC 8264 5.2), in the order in which it is done. */
enum {
  IDENTIFIER = 1, /* IdentifierClass, else FreeformClass */
  WIDTH = 2,      /* full and half width to the usual one */
  SPACES = 4,     /* any space to U+0020 */
  TRIM = 8,       /* none at either end, one inside */
  LOWER = 16,
  COMPATIBLE = 32, /* NFKC, else NFC */
  BIDI = 64,
  IN_JID = 128, /* RFC 7622: no separators in a localpart, no space first in a resourcepart */
  STABLE = 256  /* repeated until nothing changes */
};

typedef struct profile {
  unsigned steps;
  const char *rule;
} profile;

static const profile profiles[] = {
    [STOX_PRECIS_LOCALPART] = {IDENTIFIER | WIDTH | LOWER | BIDI | IN_JID, "RFC7622-3.3 localpart"},
    [STOX_PRECIS_RESOURCEPART] = {SPACES | IN_JID, "RFC7622-3.4 resourcepart"},
    [STOX_PRECIS_USERNAME_CASEMAPPED] = {IDENTIFIER | WIDTH | LOWER | BIDI,
                                         "RFC8265-3.3 UsernameCaseMapped"},
    [STOX_PRECIS_USERNAME_PRESERVED] = {IDENTIFIER | WIDTH | BIDI,
                                        "RFC8265-3.4 UsernameCasePreserved"},
    [STOX_PRECIS_OPAQUE] = {SPACES, "RFC8265-4.2 OpaqueString"},
    [STOX_PRECIS_NICKNAME] = {SPACES | TRIM | COMPATIBLE | STABLE, "RFC8266-2 Nickname"},
    [STOX_PRECIS_NICKNAME_COMPARE] = {SPACES | TRIM | LOWER | COMPATIBLE | STABLE,
                                      "RFC8266-2 Nickname"},
};

enum { N_PROFILES = sizeof profiles / sizeof profiles[0], ROUNDS = 4 };

static int refused(const profile *p) {
  return p->steps & IDENTIFIER ? STOX_E_BAD_LOCALPART : STOX_E_BAD_RESOURCE;
}

static int check_octets(stox_span text, const profile *p, stox_diag *diag) {
  size_t at = 0;
  if (stox_utf8_check(text, &at) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_UTF8, 0, at, "RFC3629-4 UTF8-octets");
  }
  for (size_t i = 0; i < text.n; i++) {
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL)) {
      return stox_diag_set(diag, STOX_E_CTRL, 0, i, p->rule);
    }
  }
  return STOX_OK;
}

static uint32_t narrow(uint32_t point) {
  ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
  int tag = 0;
  const int n = uc_decomposition(point, &tag, parts);
  return n == 1 && (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW) ? parts[0] : point;
}

/* Whether a string class has a code point, as far as its context does not matter. */
static int is_in_class(uint32_t point, const profile *p) {
  const int property = stox_precis_property(point);
  return property == STOX_PRECIS_PVALID || property == STOX_PRECIS_CONTEXTJ ||
         property == STOX_PRECIS_CONTEXTO ||
         (property == STOX_PRECIS_FREE_PVAL && (p->steps & IDENTIFIER) == 0);
}

static int is_separator(uint32_t point, const profile *p) {
  return (p->steps & IN_JID) != 0 && (p->steps & IDENTIFIER) != 0 && point < 0x80 &&
         !stox_char_is((char)point, STOX_CHAR_LOCALPART);
}

/* The first pass: width, and the string class. Never longer than its input. */
static int put_class(stox_buf *out, stox_span text, const profile *p, stox_diag *diag) {
  uint32_t point = 0;
  size_t at = 0;
  size_t from = 0;
  for (; stox_utf8_next(&point, text, &at) == STOX_OK; from = at) {
    point = p->steps & WIDTH ? narrow(point) : point;
    if (!is_in_class(point, p) || is_separator(point, p)) {
      return stox_diag_set(diag, refused(p), 0, from, p->rule);
    }
    (void)stox_utf8_put(out, point);
  }
  return stox_buf_status(out);
}

static int check_context(stox_span text, const profile *p, stox_diag *diag) {
  uint32_t point = 0;
  size_t at = 0;
  size_t from = 0;
  for (; stox_utf8_next(&point, text, &at) == STOX_OK; from = at) {
    const int property = point < 0x80 ? STOX_PRECIS_PVALID : stox_precis_property(point);
    if ((property == STOX_PRECIS_CONTEXTJ || property == STOX_PRECIS_CONTEXTO) &&
        !stox_precis_context(text, from, point)) {
      return stox_diag_set(diag, refused(p), 0, from, p->rule);
    }
  }
  return STOX_OK;
}

static void put_lower(stox_buf *out, uint32_t point) {
  /* The one code point whose lower case is two (SpecialCasing.txt). */
  if (point == 0x130) {
    (void)stox_utf8_put(out, 'i');
    (void)stox_utf8_put(out, 0x307);
    return;
  }
  (void)stox_utf8_put(out, uc_tolower(point));
}

/* The mappings of code points one by one: spaces, case. */
static int put_mapped(stox_buf *out, stox_span text, const profile *p) {
  uint32_t point = 0;
  size_t at = 0;
  int space = 0; /* a space is due before what comes next */
  while (stox_utf8_next(&point, text, &at) == STOX_OK) {
    const int is_space =
        (p->steps & SPACES) != 0 && uc_is_general_category_withtable(point, UC_CATEGORY_MASK_Zs);
    if (is_space && (p->steps & TRIM) != 0) {
      space = out->len > 0;
      continue;
    }
    if (space) {
      (void)stox_buf_put_octet(out, ' ');
      space = 0;
    }
    if (is_space) {
      (void)stox_buf_put_octet(out, ' ');
    } else if (p->steps & LOWER) {
      put_lower(out, point);
    } else {
      (void)stox_utf8_put(out, point);
    }
  }
  return stox_buf_status(out) == STOX_OK ? STOX_OK : STOX_E_TOO_LONG;
}

/* Appends the normal form to an empty buffer. */
static int put_normal(stox_buf *out, stox_span text, const profile *p) {
  const uninorm_t form = p->steps & COMPATIBLE ? UNINORM_NFKC : UNINORM_NFC;
  size_t n = out->cap;
  void *room = out->p;
  const void *octets = text.p;
  uint8_t *made = u8_normalize(form, octets, text.n, room, &n);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  int status = STOX_OK;
  if (n > STOX_PREP_MAX) {
    status = STOX_E_TOO_LONG;
  } else {
    if (made != room) {
      memcpy(out->p, made, n);
    }
    out->len = n;
  }
  if (made != room) {
    free(made);
  }
  return status;
}

/* One round of mappings and normalization, in place. */
static int map(stox_buf *work, const profile *p) {
  char room[STOX_PREP_MAX];
  stox_buf mapped;
  stox_buf_init(&mapped, room, sizeof room);
  const int status = put_mapped(&mapped, stox_buf_span(work), p);
  if (status != STOX_OK) {
    return status;
  }
  work->len = 0;
  return mapped.len == 0 ? refused(p) : put_normal(work, stox_buf_span(&mapped), p);
}

/* Whether a round leaves a text as it is. */
static int is_stable(int *status, stox_span text, const profile *p) {
  char room[STOX_PREP_MAX];
  stox_buf again;
  stox_buf_init(&again, room, sizeof room);
  (void)stox_buf_put(&again, text);
  *status = map(&again, p);
  return *status == STOX_OK && stox_span_is_equal(stox_buf_span(&again), text);
}

/* RFC 8266 2.3: what does not settle is refused. */
static int settle(stox_buf *work, const profile *p) {
  int status = STOX_OK;
  for (int round = 1; round < ROUNDS; round++) {
    if (is_stable(&status, stox_buf_span(work), p)) {
      return STOX_OK;
    }
    status = status == STOX_OK ? map(work, p) : status;
    if (status != STOX_OK) {
      return status;
    }
  }
  return is_stable(&status, stox_buf_span(work), p) ? STOX_OK : refused(p);
}

/* Normalization can make what the class or a contextual rule forbids: U+0387 becomes U+00B7. What
 * is enforced must stand when it is enforced again; RFC 8266 asks that of its mappings alone. */
static int is_conformant(stox_span text, const profile *p) {
  stox_buf count = {NULL, 0, 0};
  return (p->steps & STABLE) != 0 || (put_class(&count, text, p, NULL) != refused(p) &&
                                      check_context(text, p, NULL) == STOX_OK);
}

static int enforce(stox_buf *work, stox_span text, const profile *p, stox_diag *diag) {
  int status = put_class(work, text, p, diag);
  if (status == STOX_OK) {
    status = check_context(stox_buf_span(work), p, diag);
  }
  if (status != STOX_OK) {
    return status;
  }
  status = map(work, p);
  if (status == STOX_OK && (p->steps & STABLE) != 0) {
    status = settle(work, p);
  }
  if (status == STOX_OK && (!is_conformant(stox_buf_span(work), p) ||
                            ((p->steps & BIDI) != 0 && !stox_precis_bidi(stox_buf_span(work))) ||
                            ((p->steps & (IN_JID | IDENTIFIER)) == IN_JID && work->p[0] == ' '))) {
    status = refused(p);
  }
  return status == STOX_OK ? STOX_OK : stox_diag_set(diag, status, 0, 0, p->rule);
}

/* ASCII that is prepared as it stands, or once its letters are lower case. */
static int look(stox_span text, const profile *p) {
  size_t at = 0;
  if ((p->steps & IN_JID) == 0) {
    return STOX_PREP_FULL;
  }
  if (p->steps & IDENTIFIER) {
    return stox_prep_localpart(text, &at);
  }
  return text.p[0] == ' ' ? STOX_PREP_FULL : stox_prep_resourcepart(text);
}

int stox_precis(stox_buf *out, stox_span text, int profile_number, stox_diag *diag) {
  char room[STOX_PREP_MAX];
  stox_buf work;
  if (profile_number < 0 || profile_number >= N_PROFILES) {
    return STOX_E_ARG;
  }
  const profile *p = &profiles[profile_number];
  if (text.n == 0 || text.n > STOX_PREP_MAX) {
    return stox_diag_set(diag, text.n == 0 ? refused(p) : STOX_E_TOO_LONG, 0,
                         text.n == 0 ? 0 : STOX_PREP_MAX, p->rule);
  }
  switch (look(text, p)) {
  case STOX_PREP_SAME:
    return stox_buf_put(out, text);
  case STOX_PREP_FOLD:
    return stox_prep_fold(out, text);
  default:
    break;
  }
  int status = check_octets(text, p, diag);
  if (status == STOX_OK) {
    stox_buf_init(&work, room, sizeof room);
    status = enforce(&work, text, p, diag);
  }
  return status == STOX_OK ? stox_buf_put(out, stox_buf_span(&work)) : status;
}
