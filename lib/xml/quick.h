/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_QUICK_H
#define STOX_XML_QUICK_H

#include "xml/marks.h"
#include "xml/stream.h"

/* Reads what is common of a stanza by the maps of its octets, from where a step may begin: behind
 * the '<' of a tag or in text. It stops in front of a tag or an octet that is left to the steps:
 * all that is refused is refused by them. STOX_OK: the event's end. STOX_E_MORE, STOX_E_NOMEM, or
 * what xml_build_opened() gives. */
int xml_quick_read(xml_stream *s, xml_marks *marks);

/* From an octet above 0x7F, or an ampersand, that is at `at`: where the run of these, or the one
 * reference, ends; 0: it is not whole, or not well-formed. */
size_t xml_quick_sequences(const char *p, size_t at, size_t n);
size_t xml_quick_reference(const char *p, size_t at, size_t n);

#endif
