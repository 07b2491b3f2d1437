/* SPDX-License-Identifier: MIT */
#include "xml/names.h"

/* Sums of XML_CLASS_…; none above 0x7F. */
const unsigned char xml_classes[256] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  4,  4,  0,  0,  4,  0,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  12, 8,  16, 8,  8,  8,  0,  16, 8,  8,  8,  8,
    8,  10, 10, 8,  10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 8,  8,  0,  8,  0,  8,  8,  11,
    11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
    11, 11, 11, 8,  8,  8,  8,  11, 8,  11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
    11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 8,  8,  8,  8,  8,
};

/* 1: ends a name. 16: ends data. */
const unsigned char xml_mark_kinds[256] = {
    17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
    17, 17, 17, 17, 17, 17, 17, 17, 1,  1,  17, 1,  1,  1,  17, 17, 1,  1,  1,  1,  1,  0,  0,  1,
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  1,  1,  17, 1,  17, 1,  1,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  1,  1,  1,  1,  0,
    1,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  1,  1,  1,  1,  1,  17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
    17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
    17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
    17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
    17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
    17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17,
};

typedef struct range {
  uint32_t first;
  uint32_t last;
} range;

/* XML 1.0 2.3, NameStartChar beyond ASCII. */
static const range start_ranges[] = {
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
    {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
    {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};

/* What NameChar adds to it. */
static const range more_ranges[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

static int is_in(uint32_t point, const range *ranges, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (point >= ranges[i].first && point <= ranges[i].last) {
      return 1;
    }
  }
  return 0;
}

int xml_starts_name(uint32_t point) {
  return is_in(point, start_ranges, sizeof start_ranges / sizeof start_ranges[0]);
}

int xml_continues_name(uint32_t point) {
  return xml_starts_name(point) ||
         is_in(point, more_ranges, sizeof more_ranges / sizeof more_ranges[0]);
}

int xml_is_char(uint32_t point) {
  if (point < 0x20) {
    return point == '\t' || point == '\n' || point == '\r';
  }
  return point <= 0xD7FF || (point >= 0xE000 && point <= 0xFFFD) ||
         (point >= 0x10000 && point <= 0x10FFFF);
}
