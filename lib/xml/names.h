/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_NAMES_H
#define STOX_XML_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* Classes of ASCII octets. */
enum {
  XML_CLASS_START = 1, /* NameStartChar but the colon */
  XML_CLASS_NAME = 2,  /* NameChar but the colon */
  XML_CLASS_SPACE = 4,
  XML_CLASS_DATA = 8, /* needs no thought in text, nor in a value in either quote */
  XML_CLASS_QUOTE = 16
};

extern const unsigned char xml_classes[256];

/* For lib/xml/marks.h: 1 for an octet that ends a name, 16 more for one that ends data. */
extern const unsigned char xml_mark_kinds[256];

static inline int xml_class(char c, unsigned classes) {
  return (xml_classes[(unsigned char)c] & classes) != 0;
}

/* Of code points above 0x7F (XML 1.0 2.3). */
int xml_starts_name(uint32_t point);
int xml_continues_name(uint32_t point);

/* Char of XML 1.0 2.2. */
int xml_is_char(uint32_t point);

#endif
