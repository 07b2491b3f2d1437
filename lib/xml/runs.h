/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_RUNS_H
#define STOX_XML_RUNS_H

#include "xml/names.h"

/* How far octets go that need no thought, from `at`, at most to n. SSE2 is part of every x86-64, so
 * nothing is asked at run time; the scalar loops are what the others are held to. */

static inline size_t xml_run_scalar(const char *p, size_t at, size_t n, unsigned classes) {
  while (at < n && xml_class(p[at], classes)) {
    at++;
  }
  return at;
}

#if defined(__SSE2__) && defined(__GNUC__) && !defined(STOX_XML_SCALAR)

#include <emmintrin.h>

enum { XML_LANE = 16 };

static inline __m128i xml_lane(const char *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline __m128i xml_is(__m128i octets, char c) {
  return _mm_cmpeq_epi8(octets, _mm_set1_epi8(c));
}

/* Controls, and as signed numbers all above 0x7F. */
static inline __m128i xml_is_low(__m128i octets) {
  return _mm_cmplt_epi8(octets, _mm_set1_epi8(0x20));
}

/* From `low` to `low` + `more`, both in ASCII. */
static inline __m128i xml_between(__m128i octets, int low, int more) {
  const __m128i from_least = _mm_sub_epi8(octets, _mm_set1_epi8((char)(low ^ 0x80)));
  return _mm_cmpgt_epi8(_mm_set1_epi8((char)(-128 + more + 1)), from_least);
}

static inline unsigned xml_data_stops(__m128i octets) {
  const __m128i angles = xml_is(_mm_or_si128(octets, _mm_set1_epi8(2)), '>');
  const __m128i marks = xml_is(_mm_or_si128(octets, _mm_set1_epi8(1)), '\'');
  const __m128i others = _mm_or_si128(xml_is(octets, '"'), xml_is_low(octets));
  return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(angles, marks), others));
}

static inline unsigned xml_name_stops(__m128i octets) {
  const __m128i letters = xml_between(_mm_or_si128(octets, _mm_set1_epi8(0x20)), 'a', 'z' - 'a');
  const __m128i digits = _mm_andnot_si128(xml_is(octets, '/'), xml_between(octets, '-', '9' - '-'));
  const __m128i plain = _mm_or_si128(_mm_or_si128(letters, digits), xml_is(octets, '_'));
  return (unsigned)_mm_movemask_epi8(plain) ^ 0xFFFF;
}

#define XML_RUN(stops)                                                                             \
  while (n - at >= XML_LANE) {                                                                     \
    const unsigned bits = stops(xml_lane(p + at));                                                 \
    if (bits != 0) {                                                                               \
      return at + (size_t)__builtin_ctz(bits);                                                     \
    }                                                                                              \
    at += XML_LANE;                                                                                \
  }                                                                                                \
  if (at < n && n >= XML_LANE) {                                                                   \
    const unsigned bits = stops(xml_lane(p + n - XML_LANE)) >> (XML_LANE - (n - at));              \
    return bits != 0 ? at + (size_t)__builtin_ctz(bits) : n;                                       \
  }

static inline size_t xml_run_data(const char *p, size_t at, size_t n) {
  XML_RUN(xml_data_stops)
  return xml_run_scalar(p, at, n, XML_CLASS_DATA);
}

static inline size_t xml_run_name(const char *p, size_t at, size_t n) {
  XML_RUN(xml_name_stops)
  return xml_run_scalar(p, at, n, XML_CLASS_NAME);
}

#undef XML_RUN

#else

static inline size_t xml_run_data(const char *p, size_t at, size_t n) {
  return xml_run_scalar(p, at, n, XML_CLASS_DATA);
}

static inline size_t xml_run_name(const char *p, size_t at, size_t n) {
  return xml_run_scalar(p, at, n, XML_CLASS_NAME);
}

#endif

#endif
