/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "base/cstring.h"
#include "stox/status.h"
#include "stox/stringprep.h"
#include "stox/utf8.h"
#include "text/ip.h"
#include "text/prep.h"

#include <idn2.h>
#include <string.h>

/* An A-label has at most 63 octets and holds at most 59 code points of up to four. Longer input
 * could only shrink to that by characters that are mapped to nothing; it is refused. */
enum { ALABEL_MAX = 63, ULABEL_MAX = 252 };

static const char rule[] = "RFC5891-5 IDNA2008";

/* Octets of the full stop at `i` (the four of RFC 3490 3.1, which UTS 46 keeps), 0 if there is
 * none. */
static size_t dot_at(stox_span name, size_t i) {
  static const char wide[][4] = {"\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"};
  if (name.p[i] == '.') {
    return 1;
  }
  for (size_t k = 0; name.n - i >= 3 && k < sizeof wide / sizeof wide[0]; k++) {
    if (memcmp(name.p + i, wide[k], 3) == 0) {
      return 3;
    }
  }
  return 0;
}

/* Takes the label at `*cursor` and moves behind its dot; `*dot` gets the dot's octets. */
static stox_span next_label(stox_span name, size_t *cursor, size_t *dot) {
  const size_t from = *cursor;
  size_t i = from;
  *dot = 0;
  while (i < name.n && (*dot = dot_at(name, i)) == 0) {
    i++;
  }
  *cursor = i + *dot;
  return stox_span_slice(name, from, i - from);
}

/* What it is given is UTF-8, so an encoding error is lack of memory that errno did not tell of. */
static int idn2_status(int code) {
  if (code == IDN2_OK) {
    return STOX_OK;
  }
  const int memory = code == IDN2_MALLOC || code == IDN2_ENCODING_ERROR;
  return memory ? STOX_E_NOMEM : STOX_E_BAD_DOMAIN;
}

/* libidn2 may map a label to nothing or to several, and lets ASCII pass that no label holds. Its
 * own rule against that, IDN2_USE_STD3_ASCII_RULES, drops such octets where it should refuse them.
 */
static int is_alabel(stox_span label) {
  size_t at;
  return stox_prep_label(label, &at) >= 0 && stox_span_find(label, '_') == label.n;
}

/* Appends one label that is not plain ASCII. */
static int put_label(stox_buf *out, stox_span label, int form) {
  char in[ULABEL_MAX + 1];
  uint8_t *ascii = NULL;
  char *unicode = NULL;
  if (label.n > ULABEL_MAX) {
    return STOX_E_BAD_DOMAIN;
  }
  /* A-labels are checked by decoding, which wants them in lower case. */
  for (size_t i = 0; i < label.n; i++) {
    in[i] = stox_char_lower(label.p[i]);
  }
  in[label.n] = '\0';
  const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  int status = idn2_status(idn2_lookup_u8((const uint8_t *)in, &ascii, flags));
  if (status != STOX_OK) {
    return status;
  }
  const stox_span alabel = stox_cstring((const char *)ascii, ALABEL_MAX + 1);
  status = is_alabel(alabel) ? STOX_OK : STOX_E_BAD_DOMAIN;
  if (status == STOX_OK && form == STOX_IDNA_TO_UNICODE) {
    status = idn2_status(idn2_to_unicode_8z8z((const char *)ascii, &unicode, 0));
  }
  if (status == STOX_OK) {
    stox_buf_put(out, form == STOX_IDNA_TO_UNICODE ? stox_cstring(unicode, ULABEL_MAX) : alabel);
  }
  idn2_free(unicode);
  idn2_free(ascii);
  return status;
}

/* Appends label after label; `at` gets the octet that no label holds. */
static int put_labels(stox_buf *out, stox_span name, int form, size_t *at) {
  size_t cursor = 0;
  size_t dot = 0;
  do {
    size_t inside;
    const size_t from = cursor;
    const stox_span label = next_label(name, &cursor, &dot);
    const int looks = stox_prep_label(label, &inside);
    if (looks < 0) {
      *at = from + inside;
      return looks;
    }
    const int status =
        looks == STOX_PREP_FULL ? put_label(out, label, form) : stox_prep_fold(out, label);
    if (status != STOX_OK && status != STOX_E_NOBUF) {
      return status;
    }
    if (cursor < name.n) {
      stox_buf_put_octet(out, '.');
    }
    /* One trailing dot is the root's; an empty label behind it would be another. */
  } while (cursor < name.n);
  return STOX_OK;
}

/* 0 for a name whose last label is a number, unless the whole is an IPv4 address. */
static int ends_well(stox_span name) {
  unsigned char octets[4];
  size_t i = name.n;
  while (i > 0 && stox_char_is(name.p[i - 1], STOX_CHAR_DIGIT)) {
    i--;
  }
  const int number = i < name.n && (i == 0 || name.p[i - 1] == '.');
  return !number || stox_ip4_parse(octets, name);
}

/* libidn2 would end its reading at NUL. */
static int check_octets(stox_span name, stox_diag *diag) {
  size_t at = 0;
  if (stox_utf8_check(name, &at) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_UTF8, 0, at, "RFC3629-4 UTF8-octets");
  }
  for (; at < name.n; at++) {
    if (stox_char_is(name.p[at], STOX_CHAR_CTRL)) {
      return stox_diag_set(diag, STOX_E_BAD_DOMAIN, 0, at, rule);
    }
  }
  return STOX_OK;
}

static int convert(stox_buf *out, stox_span name, int form, stox_diag *diag) {
  char room[STOX_PREP_MAX];
  stox_buf work;
  size_t at = 0;
  int status = check_octets(name, diag);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_init(&work, room, sizeof room);
  status = put_labels(&work, name, form, &at);
  if (status == STOX_OK && stox_buf_status(&work) != STOX_OK) {
    status = STOX_E_TOO_LONG;
  }
  if (status == STOX_OK && !ends_well(stox_buf_span(&work))) {
    status = STOX_E_BAD_DOMAIN;
  }
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 0, at, rule);
  }
  return stox_buf_put(out, stox_buf_span(&work));
}

/* The zone of a literal is the name of an interface and keeps its case. */
static int put_literal(stox_buf *out, stox_span name) {
  const size_t zone = stox_span_find(name, '%');
  stox_prep_fold(out, stox_span_slice(name, 0, zone));
  return stox_buf_put(out, stox_span_slice(name, zone, name.n));
}

int stox_idna(stox_buf *out, stox_span domain, int form, stox_diag *diag) {
  size_t at = 0;
  if (form != STOX_IDNA_TO_ASCII && form != STOX_IDNA_TO_UNICODE) {
    return STOX_E_ARG;
  }
  if (domain.n > STOX_PREP_MAX) {
    return stox_diag_set(diag, STOX_E_TOO_LONG, 0, STOX_PREP_MAX, rule);
  }
  switch (stox_prep_domain(&domain, &at)) {
  case STOX_PREP_SAME:
    return stox_buf_put(out, domain);
  case STOX_PREP_FOLD:
    return stox_prep_fold(out, domain);
  case STOX_PREP_FULL:
    return domain.p[0] == '[' ? put_literal(out, domain) : convert(out, domain, form, diag);
  default:
    return stox_diag_set(diag, STOX_E_BAD_DOMAIN, 0, at, rule);
  }
}
