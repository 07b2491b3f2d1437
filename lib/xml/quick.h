/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_QUICK_H
#define STOX_XML_QUICK_H

#include "xml/marks.h"
#include "xml/stream.h"

/* Reads on in the octets that are there. What is common of a stanza is read by the maps of its
 * octets, up to a tag or an octet that is left to the steps: all that is refused is refused by
 * them. STOX_OK: the event's end. STOX_E_MORE, or what a step gives. */
int xml_quick_read(xml_stream *s);

/* What of the reader and the builder is in use at every octet. It is given back before anything
 * else of theirs is called. */
typedef struct xml_quick {
  const char *p;
  size_t at;
  size_t safe; /* octets in front of which two more can be looked at */
  char *nodes;
  size_t put;   /* of the nodes */
  size_t limit; /* up to where records may be put */
  size_t text;  /* where the text begins */
  size_t plain; /* where the characters behind the last markup or reference begin */
  uint32_t open;
  uint32_t before;
  uint32_t depth;
  int is_text_raw;
  int is_raw; /* something of the tree is to be unescaped */
} xml_quick;

/* A start tag. */
typedef struct xml_quick_tag {
  size_t self; /* its element, as an offset */
  uint32_t name_at;
  uint32_t sizes;   /* of its name */
  size_t declaring; /* the record of the default namespace, 0: none */
  int is_odd;       /* a prefix, or a declaration that is looked at closely */
  int is_raw;       /* a declaration that is to be unescaped */
} xml_quick_tag;

/* Where something ends, 0: the steps have to look; and what goes with it. */
typedef struct xml_quick_end {
  size_t at;
  uint32_t with;
} xml_quick_end;

enum {
  XML_QUICK_ELEMENT = sizeof(stox_xml_element),
  XML_QUICK_RECORD = sizeof(xml_record),
  XML_QUICK_ROOM = sizeof(xml_text) + XML_QUICK_ELEMENT
};

/* What is less common. */

/* The rest of a name with its prefix, whose colon is at `end`: where it ends, and its sizes. */
xml_quick_end xml_quick_name(xml_marks *m, size_t from, size_t end, uint32_t names_max);

/* The rest of a value with something of note at `at`; whether it is raw. */
xml_quick_end xml_quick_value(xml_marks *m, size_t at, char quote);

/* Whether one of a tag's records in front of r may have its name. */
int xml_quick_may_repeat(const char *p, const xml_record *first, const xml_record *r);

/* What an attribute whose name has a prefix makes of its tag: XML_QUICK_… */
enum { XML_QUICK_ODD = 1, XML_QUICK_RAW = 2 };
unsigned xml_quick_note(const char *p, const xml_record *r);

/* The rest of a text with something of note at `at`: up to a '<', or to what the steps look at. */
size_t xml_quick_text(xml_stream *s, xml_marks *m, size_t at);

/* From an octet above 0x7F, or an ampersand, that is at `at`: where the run of these, or the one
 * reference, ends; 0: it is not whole, or not well-formed. */
size_t xml_quick_sequences(const char *p, size_t at, size_t n);

/* The same, quick where it is one sequence of two octets. */
static inline size_t xml_quick_high(const char *p, size_t at, size_t n) {
  const unsigned first = (unsigned char)p[at];
  const int is_common = n - at > 2 && first - 0xC2 <= 0xDF - 0xC2 && (p[at + 1] & 0xC0) == 0x80 &&
                        (p[at + 2] & 0x80) == 0;
  return is_common ? at + 2 : xml_quick_sequences(p, at, n);
}

size_t xml_quick_reference(const char *p, size_t at, size_t n);

#endif
