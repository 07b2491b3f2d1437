/* SPDX-License-Identifier: MIT */
#include "text/ip.h"

#include "base/chars.h"

#include <string.h>

enum { GROUPS = 8 };

/* A decimal octet at `*i`, -1 if there is none. */
static int ip4_octet(stox_span text, size_t *i) {
  const size_t from = *i;
  int value = 0;
  while (*i < text.n && *i - from < 3 && stox_char_is(text.p[*i], STOX_CHAR_DIGIT)) {
    value = value * 10 + (text.p[*i] - '0');
    ++*i;
  }
  const size_t digits = *i - from;
  if (digits == 0 || value > 255 || (digits > 1 && text.p[from] == '0')) {
    return -1;
  }
  return value;
}

int stox_ip4_parse(unsigned char octets[4], stox_span text) {
  size_t i = 0;
  for (size_t part = 0; part < 4; part++) {
    if (part > 0 && (i >= text.n || text.p[i++] != '.')) {
      return 0;
    }
    const int value = ip4_octet(text, &i);
    if (value < 0) {
      return 0;
    }
    octets[part] = (unsigned char)value;
  }
  return i == text.n;
}

/* What is read of an IPv6 address. */
typedef struct ip6 {
  unsigned char octets[16];
  size_t groups; /* groups of two octets */
  size_t gap;    /* groups before the `::`; GROUPS + 1: none yet */
} ip6;

/* One to four hexadecimal digits. */
static int ip6_group(ip6 *out, stox_span digits) {
  unsigned value = 0;
  if (digits.n == 0 || digits.n > 4 || out->groups == GROUPS) {
    return 0;
  }
  for (size_t i = 0; i < digits.n; i++) {
    const int digit = stox_char_hex(digits.p[i]);
    if (digit < 0) {
      return 0;
    }
    value = value * 16 + (unsigned)digit;
  }
  out->octets[2 * out->groups] = (unsigned char)(value >> 8);
  out->octets[2 * out->groups + 1] = (unsigned char)(value & 0xFF);
  out->groups++;
  return 1;
}

/* The last piece may be an IPv4 address. */
static int ip6_last(ip6 *out, stox_span piece) {
  if (stox_span_find(piece, '.') == piece.n) {
    return ip6_group(out, piece);
  }
  if (out->groups > GROUPS - 2 || !stox_ip4_parse(out->octets + 2 * out->groups, piece)) {
    return 0;
  }
  out->groups += 2;
  return 1;
}

/* The groups behind a `::` move to the end. */
static int ip6_finish(ip6 *ip, unsigned char octets[16]) {
  if (ip->gap > GROUPS) {
    memcpy(octets, ip->octets, sizeof ip->octets);
    return ip->groups == GROUPS;
  }
  if (ip->groups == GROUPS) {
    return 0;
  }
  const size_t before = 2 * ip->gap;
  const size_t behind = 2 * (ip->groups - ip->gap);
  memset(octets, 0, 16);
  memcpy(octets, ip->octets, before);
  memcpy(octets + 16 - behind, ip->octets + before, behind);
  return 1;
}

/* RFC 3261's grammar puts one colon more before an IPv4 address; RFC 5118 4.10 has it tolerated. */
static int is_third_colon(stox_span text, size_t i) {
  unsigned char octets[4];
  return i < text.n && text.p[i] == ':' &&
         stox_ip4_parse(octets, stox_span_slice(text, i + 1, text.n));
}

int stox_ip6_parse(unsigned char octets[16], stox_span text) {
  ip6 ip = {.gap = GROUPS + 1};
  size_t i = 0;
  if (text.n >= 2 && text.p[0] == ':' && text.p[1] == ':') {
    ip.gap = 0;
    i = is_third_colon(text, 2) ? 3 : 2;
  }
  while (i < text.n) {
    const stox_span rest = stox_span_slice(text, i, text.n);
    const stox_span piece = stox_span_slice(rest, 0, stox_span_find(rest, ':'));
    i += piece.n;
    if (i == text.n) {
      return ip6_last(&ip, piece) && ip6_finish(&ip, octets);
    }
    i++;
    if (!ip6_group(&ip, piece) || i == text.n) {
      return 0;
    }
    if (text.p[i] == ':') {
      if (ip.gap <= GROUPS) {
        return 0;
      }
      ip.gap = ip.groups;
      i++;
      i += is_third_colon(text, i) ? 1 : 0;
    }
  }
  return ip.gap <= GROUPS && ip6_finish(&ip, octets);
}

static int is_zone(stox_span zone) {
  for (size_t i = 0; i < zone.n; i++) {
    if (!stox_char_is(zone.p[i], STOX_CHAR_UNRESERVED) && zone.p[i] != '%') {
      return 0;
    }
    if (zone.p[i] == '%') {
      const stox_span digits = stox_span_slice(zone, i + 1, 2);
      if (digits.n < 2 || stox_char_hex(digits.p[0]) < 0 || stox_char_hex(digits.p[1]) < 0) {
        return 0;
      }
    }
  }
  return zone.n > 0;
}

int stox_ip6_reference(stox_span *address, stox_span *zone, stox_span text) {
  unsigned char octets[16];
  if (text.n < 2 || text.p[0] != '[' || text.p[text.n - 1] != ']') {
    return 0;
  }
  const stox_span inside = stox_span_slice(text, 1, text.n - 2);
  const size_t percent = stox_span_find(inside, '%');
  *address = stox_span_slice(inside, 0, percent);
  *zone = (stox_span){NULL, 0};
  if (percent < inside.n) {
    *zone = stox_span_slice(inside, percent + 1, inside.n);
    if (!is_zone(*zone)) {
      return 0;
    }
  }
  return stox_ip6_parse(octets, *address);
}

int stox_ip6_literal(stox_span *address, stox_span *zone, stox_span text) {
  for (size_t i = 0; i + 2 < text.n; i++) {
    if (text.p[i] == ':' && text.p[i + 1] == ':' && text.p[i + 2] == ':') {
      return 0;
    }
  }
  return stox_ip6_reference(address, zone, text);
}

/* ---- writing ---- */

static void put_hex(stox_buf *out, unsigned word) {
  static const char digits[] = "0123456789abcdef";
  int started = 0;
  for (int shift = 12; shift >= 0; shift -= 4) {
    started |= (word >> shift) > 0 || shift == 0;
    if (started) {
      stox_buf_put_octet(out, digits[word >> shift & 15]);
    }
  }
}

static unsigned word_at(const unsigned char *octets, size_t i) {
  return (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
}

/* The longest run of zero words, two at least: RFC 5952 4.2. */
static size_t zero_run(const unsigned char *octets, size_t *length) {
  size_t best = GROUPS;
  *length = 1;
  for (size_t i = 0; i < GROUPS; i++) {
    size_t n = 0;
    while (i + n < GROUPS && word_at(octets, i + n) == 0) {
      n++;
    }
    if (n > *length) {
      best = i;
      *length = n;
    }
  }
  return best;
}

static void put_ip6(stox_buf *out, const unsigned char *octets) {
  size_t length = 0;
  const size_t zeros = zero_run(octets, &length);
  for (size_t i = 0; i < GROUPS; i++) {
    if (i == zeros) {
      stox_buf_put_text(out, "::");
      i += length - 1;
      continue;
    }
    if (i > 0 && i != zeros + length) {
      stox_buf_put_octet(out, ':');
    }
    put_hex(out, word_at(octets, i));
  }
}

void stox_ip_write(stox_buf *out, const unsigned char *octets, size_t n) {
  if (n == 2 * GROUPS) {
    put_ip6(out, octets);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    if (i > 0) {
      stox_buf_put_octet(out, '.');
    }
    stox_buf_put_number(out, octets[i]);
  }
}
