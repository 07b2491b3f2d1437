/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_MARKS_H
#define STOX_XML_MARKS_H

#include "text/stops.h"

/* Where names and where values and texts end, as bit maps that are made for 64 octets at a time.
 *
 * The map of names has a bit for each octet that is no NameChar of ASCII, and one for the colon;
 * the map of data one for each < > & " ', control, and octet above 0x7F. A parser runs to the next
 * bit and looks at the one octet there. */

enum { XML_MARKS_BITS = 64, XML_MARKS_WORDS = 16, XML_MARKS_CHUNK = 4, XML_MARKS_BEHIND = 2 };

/* The bits of `words` times 64 octets. */
typedef void xml_marks_kernel(uint64_t *name, uint64_t *data, const char *p, size_t words);

xml_marks_kernel xml_marks_scalar;
xml_marks_kernel xml_marks_sse2;
xml_marks_kernel xml_marks_neon;
xml_marks_kernel xml_marks_avx2;

/* The kernel of a number of stox/xml.h, the best where this machine lacks it. */
xml_marks_kernel *xml_marks_choose(int wanted);

/* A text and the window of it whose bits are known. What lies behind the text has every bit. */
typedef struct xml_marks {
  const char *p;
  size_t n;
  size_t base;  /* where the window begins, a multiple of XML_MARKS_BITS */
  size_t reach; /* where it ends */
  xml_marks_kernel *kernel;
  /* Words without bits follow the last of the window. */
  uint64_t name[XML_MARKS_WORDS + XML_MARKS_BEHIND];
  uint64_t data[XML_MARKS_WORDS + XML_MARKS_BEHIND];
} xml_marks;

/* A text, of which nothing in front of `at` will be asked for. */
static inline void xml_marks_begin(xml_marks *marks, stox_span text, size_t at) {
  marks->p = text.p;
  marks->n = text.n;
  marks->base = at & ~(size_t)(XML_MARKS_BITS - 1);
  marks->reach = marks->base;
  marks->name[0] = marks->name[1] = 0;
  marks->data[0] = marks->data[1] = 0;
}

/* Those below, where the next bit is not near. */
size_t xml_marks_name_far(xml_marks *marks, size_t at);
size_t xml_marks_data_far(xml_marks *marks, size_t at);

/* The first octet at or behind `at` that ends a name; n if there is none, or it is further than
 * XML_MARKS_BITS. `at` is not behind n, nor in front of the window, nor more than two octets behind
 * it. */
static inline size_t xml_marks_name(xml_marks *marks, size_t at) {
  const uint64_t bits = stox_stops_bits(marks->name, at - marks->base);
  return bits != 0 ? at + stox_stops_first_bit(bits) : xml_marks_name_far(marks, at);
}

/* The same for values and texts, however far. */
static inline size_t xml_marks_data(xml_marks *marks, size_t at) {
  const uint64_t bits = stox_stops_bits(marks->data, at - marks->base);
  return bits != 0 ? at + stox_stops_first_bit(bits) : xml_marks_data_far(marks, at);
}

/* The same behind a jump of any length. */
static inline size_t xml_marks_data_behind(xml_marks *marks, size_t at) {
  return at < marks->reach ? xml_marks_data(marks, at) : xml_marks_data_far(marks, at);
}

#endif
