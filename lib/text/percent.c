/* SPDX-License-Identifier: MIT */
#include "stox/percent.h"

#include "base/chars.h"
#include "stox/status.h"

static const uint32_t sets[] = {
    [STOX_PERCENT_SIP_USER] = STOX_CHAR_SIP_USER, [STOX_PERCENT_IM_SAFE] = STOX_CHAR_IM_SAFE,
    [STOX_PERCENT_IM_RFC] = STOX_CHAR_IM_RFC,     [STOX_PERCENT_PARAM] = STOX_CHAR_PARAM,
    [STOX_PERCENT_HEADER] = STOX_CHAR_URI_HEADER, [STOX_PERCENT_UNRESERVED] = STOX_CHAR_UNRESERVED,
    [STOX_PERCENT_PASSWORD] = STOX_CHAR_PASSWORD,
};

/* The character class of a set, 0 if there is no such set. */
static uint32_t set_class(int set) {
  return set < 0 || (size_t)set >= sizeof sets / sizeof sets[0] ? 0 : sets[set];
}

int stox_percent_is_kept(int set, unsigned char octet) {
  return stox_char_is((char)octet, set_class(set));
}

int stox_percent_encode(stox_buf *out, stox_span text, int set) {
  static const char hex[] = "0123456789ABCDEF";
  const uint32_t kept = set_class(set);
  if (kept == 0) {
    return STOX_E_ARG;
  }
  size_t from = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (stox_char_is(text.p[i], kept)) {
      continue;
    }
    const unsigned char octet = (unsigned char)text.p[i];
    const char escape[3] = {'%', hex[octet >> 4], hex[octet & 15]};
    stox_buf_put(out, stox_span_slice(text, from, i - from));
    stox_buf_put(out, (stox_span){escape, sizeof escape});
    from = i + 1;
  }
  return stox_buf_put(out, stox_span_slice(text, from, text.n - from));
}

/* The octet that the `%HH` at `i` stands for, -1 if it is not one. */
static int escape_at(stox_span text, size_t i) {
  if (text.n - i < 3) {
    return -1;
  }
  const int high = stox_char_hex(text.p[i + 1]);
  const int low = stox_char_hex(text.p[i + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int stox_percent_decode(stox_buf *out, stox_span text, stox_diag *diag) {
  const size_t before = out->len;
  size_t from = 0;
  for (size_t i = stox_span_find(text, '%'); i < text.n;) {
    const int octet = escape_at(text, i);
    if (octet < 0) {
      out->len = before;
      return stox_diag_set(diag, STOX_E_BAD_PCT, 400, i, "RFC3986-2.1 pct-encoded");
    }
    stox_buf_put(out, stox_span_slice(text, from, i - from));
    stox_buf_put_octet(out, (char)octet);
    from = i + 3;
    i = from + stox_span_find(stox_span_slice(text, from, text.n), '%');
  }
  return stox_buf_put(out, stox_span_slice(text, from, text.n - from));
}
