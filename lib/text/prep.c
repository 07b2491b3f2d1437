/* SPDX-License-Identifier: MIT */
#include "text/prep.h"

#include "base/chars.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/ascii.h"
#include "text/ip.h"

enum { LABEL_MAX = 63 };

int stox_prep_localpart(stox_span text, size_t *at) {
  uint32_t any = 0;
  for (size_t i = 0; i < text.n; i++) {
    const uint32_t is = stox_chars[(unsigned char)text.p[i]];
    if ((is & STOX_CHAR_LOCALPART) == 0) {
      *at = i;
      return stox_text_is_ascii(text) ? STOX_E_BAD_LOCALPART : STOX_PREP_FULL;
    }
    any |= is;
  }
  return any & STOX_CHAR_UPPER ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

int stox_prep_resourcepart(stox_span text) {
  return stox_ascii_is_plain(text) ? STOX_PREP_SAME : STOX_PREP_FULL;
}

static int is_alabel(stox_span label) {
  return label.n >= 4 && label.p[2] == '-' && label.p[3] == '-' && (label.p[0] | 0x20) == 'x' &&
         (label.p[1] | 0x20) == 'n';
}

/* What a name holds so far. */
typedef struct names {
  uint32_t any;  /* classes that some octet is in */
  uint32_t last; /* classes that every octet of the last label is in */
  int alabel;    /* a label begins with `xn--` */
} names;

/* Letters, digits, underscores, and hyphens inside (RFC 5890 2.3.1). */
static int label_scan(names *found, stox_span label, size_t *at) {
  uint32_t every = UINT32_MAX;
  for (size_t i = 0; i < label.n; i++) {
    const uint32_t is = stox_chars[(unsigned char)label.p[i]];
    if ((is & STOX_CHAR_HOST) == 0 && label.p[i] != '_') {
      *at += i;
      return 0;
    }
    found->any |= is;
    every &= is;
  }
  if (label.n == 0 || label.n > LABEL_MAX) {
    *at += label.n == 0 ? 0 : LABEL_MAX;
    return 0;
  }
  if (label.p[0] == '-' || label.p[label.n - 1] == '-') {
    *at += label.p[0] == '-' ? 0 : label.n - 1;
    return 0;
  }
  found->last = every;
  found->alabel |= is_alabel(label);
  return 1;
}

int stox_prep_label(stox_span label, size_t *at) {
  names found = {0, 0, 0};
  *at = 0;
  if (!label_scan(&found, label, at)) {
    return stox_text_is_ascii(label) ? STOX_E_BAD_DOMAIN : STOX_PREP_FULL;
  }
  if (found.alabel) {
    return STOX_PREP_FULL;
  }
  return found.any & STOX_CHAR_UPPER ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

static int literal(stox_span name, size_t *at) {
  stox_span address;
  stox_span zone;
  *at = 0;
  if (!stox_ip6_literal(&address, &zone, name)) {
    return STOX_E_BAD_DOMAIN;
  }
  for (size_t i = 0; i < address.n; i++) {
    if (stox_char_is(address.p[i], STOX_CHAR_UPPER)) {
      return STOX_PREP_FOLD;
    }
  }
  return STOX_PREP_SAME;
}

int stox_prep_domain(stox_span *domain, size_t *at) {
  unsigned char octets[4];
  names found = {0, 0, 0};
  stox_span name = *domain;
  if (name.n > 0 && name.p[0] == '[') {
    return literal(name, at);
  }
  if (name.n > 0 && name.p[name.n - 1] == '.') {
    name.n--;
  }
  for (size_t from = 0; from <= name.n;) {
    const stox_span rest = stox_span_slice(name, from, name.n);
    const stox_span label = stox_span_slice(rest, 0, stox_span_find(rest, '.'));
    *at = from;
    if (!label_scan(&found, label, at)) {
      return stox_text_is_ascii(*domain) ? STOX_E_BAD_DOMAIN : STOX_PREP_FULL;
    }
    from += label.n + 1;
  }
  /* No name ends in a number, and what looks like an address must be one. */
  if ((found.last & STOX_CHAR_DIGIT) != 0 && !stox_ip4_parse(octets, name)) {
    *at = 0;
    return STOX_E_BAD_DOMAIN;
  }
  if (found.alabel) {
    return STOX_PREP_FULL;
  }
  *domain = name;
  return found.any & STOX_CHAR_UPPER ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

int stox_prep_fold(stox_buf *out, stox_span text) {
  const size_t zone = text.n > 0 && text.p[0] == '[' ? stox_span_find(text, '%') : text.n;
  char block[64];
  for (size_t from = 0; from < zone;) {
    size_t n = 0;
    while (n < sizeof block && from + n < zone) {
      block[n] = stox_char_lower(text.p[from + n]);
      n++;
    }
    stox_buf_put(out, (stox_span){block, n});
    from += n;
  }
  return stox_buf_put(out, stox_span_slice(text, zone, text.n));
}
