/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_SAME_H
#define STOX_XML_SAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t xml_load8(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

static inline uint32_t xml_load4(const char *p) {
  uint32_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

/* Whether n octets are the same: two loads that overlap for what names mostly are. */
static inline int xml_same(const char *a, const char *b, size_t n) {
  if (n >= 8) {
    return n <= 16 ? ((xml_load8(a) ^ xml_load8(b)) |
                      (xml_load8(a + n - 8) ^ xml_load8(b + n - 8))) == 0
                   : memcmp(a, b, n) == 0;
  }
  if (n >= 4) {
    return ((xml_load4(a) ^ xml_load4(b)) | (xml_load4(a + n - 4) ^ xml_load4(b + n - 4))) == 0;
  }
  return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

#endif
