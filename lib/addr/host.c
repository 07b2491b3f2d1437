/* SPDX-License-Identifier: MIT */
#include "stox/host.h"

#include "base/chars.h"
#include "stox/number.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/ip.h"

#include <string.h>

enum { LABEL_MAX = 63, NAME_MAX_OCTETS = 253 };

static stox_span without_dot(stox_span name) {
  const int dot = name.n > 1 && name.p[name.n - 1] == '.';
  return dot ? stox_span_slice(name, 0, name.n - 1) : name;
}

/* The classes of all octets of a label together; 0 if it is no label. Octets above 0x7F count as
 * letters. */
static uint32_t label_classes(stox_span label) {
  uint32_t any = 0;
  for (size_t i = 0; i < label.n; i++) {
    const int wide = (unsigned char)label.p[i] > 0x7F;
    const uint32_t is = wide ? STOX_CHAR_ALPHA : stox_chars[(unsigned char)label.p[i]];
    if (!wide && (is & STOX_CHAR_HOST) == 0) {
      return 0;
    }
    any |= is;
  }
  if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-') {
    return 0;
  }
  return any;
}

/* hostname = *( domainlabel "." ) toplabel [ "." ], where a toplabel begins with a letter. */
static int is_name(stox_span host, int wide) {
  const stox_span name = without_dot(host);
  stox_span label = {NULL, 0};
  for (size_t from = 0; from <= name.n; from += label.n + 1) {
    const stox_span rest = stox_span_slice(name, from, name.n);
    label = stox_span_slice(rest, 0, stox_span_find(rest, '.'));
    if (label_classes(label) == 0 || (!wide && label.n > LABEL_MAX)) {
      return 0;
    }
  }
  if (wide) {
    return stox_utf8_check(name, NULL) == STOX_OK;
  }
  return name.n <= NAME_MAX_OCTETS && stox_char_is(label.p[0], STOX_CHAR_ALPHA);
}

/* What is_name() says of short names, in one pass: 1, or 0 where it has to decide. */
static int is_short_name(stox_span host) {
  size_t from = 0; /* of the last label */
  size_t i = 0;
  for (; i < host.n; i++) {
    if (stox_char_is(host.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT)) {
      continue;
    }
    if (i == from || (host.p[i] != '-' && (host.p[i] != '.' || host.p[i - 1] == '-'))) {
      return 0;
    }
    from = host.p[i] == '.' ? i + 1 : from;
  }
  return i > from && i <= LABEL_MAX && host.p[i - 1] != '-' &&
         stox_char_is(host.p[from], STOX_CHAR_ALPHA);
}

int stox_host_kind(stox_span host) {
  unsigned char octets[4];
  stox_span address;
  stox_span zone;
  if (host.n == 0) {
    return STOX_HOST_NONE;
  }
  if (stox_char_is(host.p[0], STOX_CHAR_DIGIT) && stox_ip4_parse(octets, host)) {
    return STOX_HOST_IPV4;
  }
  if (is_short_name(host)) {
    return STOX_HOST_NAME;
  }
  if (host.p[0] == '[') {
    if (!stox_ip6_reference(&address, &zone, host)) {
      return STOX_HOST_NONE;
    }
    return zone.p == NULL ? STOX_HOST_IPV6 : STOX_HOST_IPV6_ZONE;
  }
  const int wide = !stox_text_is_ascii(host);
  if (!is_name(host, wide)) {
    return STOX_HOST_NONE;
  }
  return wide ? STOX_HOST_IDN : STOX_HOST_NAME;
}

int stox_host_address(unsigned char *octets, size_t *n, stox_span text) {
  if (stox_ip4_parse(octets, text)) {
    *n = 4;
    return STOX_OK;
  }
  unsigned char whole[16];
  if (stox_ip6_parse(whole, text)) {
    memcpy(octets, whole, sizeof whole);
    *n = sizeof whole;
    return STOX_OK;
  }
  return STOX_E_BAD_HOST;
}

/* An address and its zone as values. */
typedef struct address {
  unsigned char octets[16];
  size_t n;
  stox_span zone;
} address;

static int read_address(address *out, stox_span host) {
  stox_span text = host;
  out->zone = (stox_span){NULL, 0};
  if (host.n > 0 && host.p[0] == '[' && !stox_ip6_reference(&text, &out->zone, host)) {
    return 0;
  }
  return stox_host_address(out->octets, &out->n, text) == STOX_OK;
}

int stox_host_is_equal(stox_span a, stox_span b) {
  address one;
  address two;
  const int is_one = read_address(&one, a);
  const int is_two = read_address(&two, b);
  if (is_one && is_two) {
    return one.n == two.n && memcmp(one.octets, two.octets, one.n) == 0 &&
           stox_span_is_equal(one.zone, two.zone);
  }
  if (is_one || is_two) {
    return 0;
  }
  return stox_span_is_equal_nocase(without_dot(a), without_dot(b));
}

/* An IPv4-mapped IPv6 address (RFC 4291 2.5.5.2), as a socket for both families shows it, becomes
 * the IPv4 address. */
static void unmap(unsigned char octets[16], size_t *n) {
  static const unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (*n == 16 && memcmp(octets, prefix, sizeof prefix) == 0) {
    memmove(octets, octets + sizeof prefix, 4);
    *n = 4;
  }
}

/* The network's octets, how many, and how many of their bits count. */
static int read_cidr(unsigned char octets[16], size_t *n, size_t *bits, stox_span cidr) {
  const size_t slash = stox_span_find(cidr, '/');
  uint64_t number = 0;
  if (stox_host_address(octets, n, stox_span_slice(cidr, 0, slash)) != STOX_OK) {
    return 0;
  }
  *bits = 8 * *n;
  if (slash < cidr.n) {
    const stox_span digits = stox_span_slice(cidr, slash + 1, cidr.n);
    if (stox_number_parse(&number, digits, *bits) != STOX_OK) {
      return 0;
    }
    *bits = (size_t)number;
  }
  if (*n == 16 && *bits >= 96) {
    unmap(octets, n);
    *bits -= *n == 4 ? 96 : 0;
  }
  return 1;
}

int stox_host_is_in(stox_span text, stox_span cidr) {
  unsigned char octets[16];
  unsigned char network[16];
  size_t n;
  size_t m;
  size_t bits;
  if (stox_host_address(octets, &n, text) != STOX_OK || !read_cidr(network, &m, &bits, cidr)) {
    return 0;
  }
  unmap(octets, &n);
  if (n != m || memcmp(octets, network, bits / 8) != 0) {
    return 0;
  }
  const unsigned mask = 0xFF00u >> bits % 8 & 0xFF;
  return bits % 8 == 0 || ((octets[bits / 8] ^ network[bits / 8]) & mask) == 0;
}
