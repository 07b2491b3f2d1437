/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_DECODE_H
#define STOX_XML_DECODE_H

#include <stddef.h>
#include <stdint.h>

/* Unescape in place what the reader has found well-formed; both give the octets that are left.
 * Text: line ends are LF (XML 1.0 2.11), CDATA sections lose their marks, references become what
 * they stand for. */
size_t xml_decode_text(char *p, size_t n);

/* The value of an attribute: white space is SP (XML 1.0 3.3.3). */
size_t xml_decode_value(char *p, size_t n);

/* The five names that are declared (XML 1.0 4.6), as packed octets, the first one lowest; the
 * octet, or NUL for another name. */
char xml_entity(uint64_t packed);

#endif
