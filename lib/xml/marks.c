/* SPDX-License-Identifier: MIT */
#include "xml/marks.h"

#include "stox/xml.h"

static int best(void) {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx2") ? STOX_XML_KERNEL_AVX2 : STOX_XML_KERNEL_SSE2;
#elif defined(__aarch64__)
  return STOX_XML_KERNEL_NEON;
#else
  return STOX_XML_KERNEL_SCALAR;
#endif
}

static xml_marks_kernel *kernel_of(int kernel) {
  switch (kernel) {
#if defined(__x86_64__) && defined(__GNUC__)
  case STOX_XML_KERNEL_SSE2:
    return xml_marks_sse2;
  case STOX_XML_KERNEL_AVX2:
    return __builtin_cpu_supports("avx2") ? xml_marks_avx2 : xml_marks_sse2;
#elif defined(__aarch64__)
  case STOX_XML_KERNEL_NEON:
    return xml_marks_neon;
#endif
  case STOX_XML_KERNEL_SCALAR:
    return xml_marks_scalar;
  default:
    return NULL;
  }
}

xml_marks_kernel *xml_marks_choose(int wanted) {
  xml_marks_kernel *kernel = kernel_of(wanted);
  return kernel != NULL ? kernel : kernel_of(best());
}

/* The last octets, fewer than a word's: with those in front of them where there are enough, so that
 * they need not be copied. */
static void load_tail(xml_marks *marks, size_t word) {
  const size_t left = marks->n - marks->reach;
  uint64_t *name = marks->name + word;
  uint64_t *data = marks->data + word;
  if (left == 0) {
    *name = *data = ~UINT64_C(0);
  } else if (marks->n >= XML_MARKS_BITS) {
    marks->kernel(name, data, marks->p + marks->n - XML_MARKS_BITS, 1);
    *name = *name >> (XML_MARKS_BITS - left) | ~UINT64_C(0) << left;
    *data = *data >> (XML_MARKS_BITS - left) | ~UINT64_C(0) << left;
  } else {
    char octets[XML_MARKS_BITS] = {0};
    memcpy(octets, marks->p + marks->reach, left);
    marks->kernel(name, data, octets, 1);
  }
  marks->reach += XML_MARKS_BITS;
}

/* Lengthens the window, which then begins at `at` if it was full. */
static void load(xml_marks *marks, size_t at) {
  size_t word = (marks->reach - marks->base) / XML_MARKS_BITS;
  if (word > XML_MARKS_WORDS - XML_MARKS_CHUNK || at - marks->reach >= XML_MARKS_BITS) {
    marks->base = at & ~(size_t)(XML_MARKS_BITS - 1);
    marks->reach = marks->base;
    word = 0;
  }
  const size_t whole = (marks->n - marks->reach) / XML_MARKS_BITS;
  const size_t words = whole < XML_MARKS_CHUNK ? whole : XML_MARKS_CHUNK;
  marks->kernel(marks->name + word, marks->data + word, marks->p + marks->reach, words);
  marks->reach += words * XML_MARKS_BITS;
  word += words;
  if (words < XML_MARKS_CHUNK) {
    load_tail(marks, word++);
  }
  memset(marks->name + word, 0, XML_MARKS_BEHIND * sizeof *marks->name);
  memset(marks->data + word, 0, XML_MARKS_BEHIND * sizeof *marks->data);
}

static size_t next_far(xml_marks *marks, size_t at, const uint64_t *map) {
  while (at < marks->n) {
    if (at >= marks->reach) {
      load(marks, at);
      continue;
    }
    const size_t i = at - marks->base;
    const uint64_t bits = map[i / XML_MARKS_BITS] >> i % XML_MARKS_BITS;
    if (bits != 0) {
      return at + stox_stops_first_bit(bits);
    }
    at += XML_MARKS_BITS - i % XML_MARKS_BITS;
  }
  return marks->n;
}

size_t xml_marks_name_far(xml_marks *marks, size_t at) {
  const size_t end = next_far(marks, at, marks->name);
  return end - at > XML_MARKS_BITS ? marks->n : end;
}

size_t xml_marks_data_far(xml_marks *marks, size_t at) {
  return next_far(marks, at, marks->data);
}
