/* SPDX-License-Identifier: MIT */
#include "stox/xep0106.h"

#include "stox/status.h"

/* The octet that a backslash and these two digits stand for; -1 if they are not one of the set's
 * sequences. Only lower-case digits count. */
static int sequence(stox_span text, size_t i, int set) {
  static const char full[] = " 20\"22&26'27/2f:3a<3c>3e@40\\5c";
  static const char narrow[] = "&26'27/2f";
  const stox_span table = set == STOX_XEP0106_FULL ? (stox_span){full, sizeof full - 1}
                                                   : (stox_span){narrow, sizeof narrow - 1};
  if (text.n - i < 3 || text.p[i] != '\\') {
    return -1;
  }
  for (size_t at = 0; at < table.n; at += 3) {
    if (text.p[i + 1] == table.p[at + 1] && text.p[i + 2] == table.p[at + 2]) {
      return (unsigned char)table.p[at];
    }
  }
  return -1;
}

/* The sequence for the octet at `i`, NULL if it stays as it is. */
static const char *escape_at(stox_span text, size_t i, int set) {
  const int full = set == STOX_XEP0106_FULL;
  switch (text.p[i]) {
  case '&':
    return "\\26";
  case '\'':
    return "\\27";
  case '/':
    return "\\2f";
  case ' ':
    return full ? "\\20" : NULL;
  case '"':
    return full ? "\\22" : NULL;
  case ':':
    return full ? "\\3a" : NULL;
  case '<':
    return full ? "\\3c" : NULL;
  case '>':
    return full ? "\\3e" : NULL;
  case '@':
    return full ? "\\40" : NULL;
  case '\\':
    return full && sequence(text, i, set) >= 0 ? "\\5c" : NULL;
  default:
    return NULL;
  }
}

static int is_space_at_end(stox_span text) {
  return text.n > 0 && (text.p[0] == ' ' || text.p[text.n - 1] == ' ');
}

int stox_xep0106_escape(stox_buf *out, stox_span text, int set, stox_diag *diag) {
  if (set == STOX_XEP0106_FULL && is_space_at_end(text)) {
    return stox_diag_set(diag, STOX_E_ESCAPED_SPACE_AT_END, 0, text.p[0] == ' ' ? 0 : text.n - 1,
                         "XEP0106-4.2 \\20");
  }
  size_t from = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char *escape = escape_at(text, i, set);
    if (escape != NULL) {
      stox_buf_put(out, stox_span_slice(text, from, i - from));
      stox_buf_put(out, (stox_span){escape, 3});
      from = i + 1;
    }
  }
  return stox_buf_put(out, stox_span_slice(text, from, text.n - from));
}

int stox_xep0106_unescape(stox_buf *out, stox_span localpart, int set) {
  size_t from = 0;
  for (size_t i = stox_span_find(localpart, '\\'); i < localpart.n;) {
    const int octet = sequence(localpart, i, set);
    if (octet >= 0) {
      stox_buf_put(out, stox_span_slice(localpart, from, i - from));
      stox_buf_put_octet(out, (char)octet);
      from = i + 3;
    }
    const size_t next = octet >= 0 ? from : i + 1;
    i = next + stox_span_find(stox_span_slice(localpart, next, localpart.n), '\\');
  }
  return stox_buf_put(out, stox_span_slice(localpart, from, localpart.n - from));
}

int stox_xep0106_is_canonical(stox_span localpart) {
  for (size_t i = 0; i < localpart.n; i++) {
    const int octet = sequence(localpart, i, STOX_XEP0106_FULL);
    if (octet < 0) {
      if (escape_at(localpart, i, STOX_XEP0106_FULL) != NULL) {
        return 0;
      }
      continue;
    }
    if (octet == ' ' && (i == 0 || i + 3 == localpart.n)) {
      return 0;
    }
    /* No sequence stands for a hexadecimal digit, so what an escaped backslash would begin without
     * its escape can be read from the octets behind it as they are. */
    if (octet == '\\') {
      const stox_span bare = stox_span_slice(localpart, i + 2, 3);
      const char would[3] = {'\\', bare.n > 1 ? bare.p[1] : ' ', bare.n > 2 ? bare.p[2] : ' '};
      if (sequence((stox_span){would, sizeof would}, 0, STOX_XEP0106_FULL) < 0) {
        return 0;
      }
    }
    i += 2;
  }
  return 1;
}
