/* SPDX-License-Identifier: MIT */
#include "crypto/der.h"

#include "base/chars.h"
#include "base/civil.h"
#include "stox/status.h"

enum { LENGTH_OCTETS = 4, HIGH_TAG = 0x1F };

/* The length behind the tag, in the shortest form that DER allows; `*at` moves behind it. */
static int read_length(size_t *out, stox_span in, size_t *at) {
  if (*at >= in.n) {
    return STOX_E_SYNTAX;
  }
  const size_t first = (unsigned char)in.p[(*at)++];
  if (first < 0x80) {
    *out = first;
    return STOX_OK;
  }
  const size_t octets = first - 0x80;
  if (octets == 0 || octets > LENGTH_OCTETS || octets > in.n - *at || in.p[*at] == 0) {
    return STOX_E_SYNTAX;
  }
  uint64_t length = 0;
  for (size_t i = 0; i < octets; i++) {
    length = length << 8 | (unsigned char)in.p[(*at)++];
  }
  *out = (size_t)length;
  return length < 0x80 ? STOX_E_SYNTAX : STOX_OK;
}

int stox_der_next(stox_der *out, stox_span *in) {
  size_t at = 1;
  size_t length = 0;
  if (in->n == 0) {
    return STOX_E_NONE;
  }
  const int tag = (unsigned char)in->p[0];
  if ((tag & HIGH_TAG) == HIGH_TAG || read_length(&length, *in, &at) != STOX_OK ||
      length > in->n - at) {
    return STOX_E_SYNTAX;
  }
  *out = (stox_der){tag, {in->p + at, length}, {in->p, at + length}};
  *in = (stox_span){in->p + at + length, in->n - at - length};
  return STOX_OK;
}

int stox_der_take(stox_span *body, stox_span *all, stox_span *in, int tag) {
  stox_der element;
  if (stox_der_peek(*in) != tag || stox_der_next(&element, in) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  if (body != NULL) {
    *body = element.body;
  }
  if (all != NULL) {
    *all = element.all;
  }
  return STOX_OK;
}

/* Two digits; -1 where they are none. */
static int two_digits(stox_span text, size_t at) {
  if (!stox_char_is(text.p[at], STOX_CHAR_DIGIT) ||
      !stox_char_is(text.p[at + 1], STOX_CHAR_DIGIT)) {
    return -1;
  }
  return (text.p[at] - '0') * 10 + (text.p[at + 1] - '0');
}

/* Month, day, hour, minute, second and `Z` behind the year. */
static int rest_of_time(int64_t *out, int64_t year, stox_span text) {
  int part[5];
  for (size_t i = 0; i < 5; i++) {
    part[i] = two_digits(text, 2 * i);
    if (part[i] < 0) {
      return STOX_E_SYNTAX;
    }
  }
  if (part[0] < 1 || part[0] > 12 || part[1] < 1 || part[1] > stox_civil_month(year, part[0] - 1) ||
      part[2] > 23 || part[3] > 59 || part[4] > 59 || text.p[10] != 'Z') {
    return STOX_E_SYNTAX;
  }
  const stox_civil date = {year, part[0] - 1, part[1]};
  *out = stox_civil_days(&date) * STOX_DAY_SECONDS + part[2] * 3600 + part[3] * 60 + part[4];
  return STOX_OK;
}

int stox_der_time(int64_t *out, stox_span *in) {
  enum { UTC_OCTETS = 13, OCTETS = 15 };
  stox_der time;
  if (stox_der_next(&time, in) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  const int is_utc = time.tag == STOX_DER_UTC_TIME && time.body.n == UTC_OCTETS;
  if (!is_utc && (time.tag != STOX_DER_TIME || time.body.n != OCTETS)) {
    return STOX_E_SYNTAX;
  }
  const int century = is_utc ? 0 : two_digits(time.body, 0);
  const int years = two_digits(time.body, is_utc ? 0 : 2);
  if (century < 0 || years < 0) {
    return STOX_E_SYNTAX;
  }
  /* Two digits mean 1950 … 2049. */
  const int64_t year = is_utc ? years + (years < 50 ? 2000 : 1900) : century * 100 + years;
  return rest_of_time(out, year, stox_span_slice(time.body, is_utc ? 2 : 4, time.body.n));
}
