/* SPDX-License-Identifier: MIT */
#include "xml/marks.h"
#include "xml/names.h"

/* The classes of four octets: of each kind a nibble. */
static uint64_t four(const unsigned char *p) {
  return (uint64_t)xml_mark_kinds[p[0]] | (uint64_t)xml_mark_kinds[p[1]] << 1 |
         (uint64_t)xml_mark_kinds[p[2]] << 2 | (uint64_t)xml_mark_kinds[p[3]] << 3;
}

void xml_marks_scalar(uint64_t *name, uint64_t *data, const char *p, size_t words) {
  const unsigned char *octets = (const unsigned char *)p;
  for (size_t word = 0; word < words; word++, octets += XML_MARKS_BITS) {
    uint64_t names = 0;
    uint64_t datas = 0;
    for (size_t i = 0; i < XML_MARKS_BITS; i += 4) {
      const uint64_t kinds = four(octets + i);
      names |= (kinds & 0xF) << i;
      datas |= kinds >> 4 << i;
    }
    name[word] = names;
    data[word] = datas;
  }
}
