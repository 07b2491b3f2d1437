/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_SCAN_H
#define STOX_XML_SCAN_H

#include "stox/limits.h"
#include "stox/span.h"

/* Cuts a stream into tags, texts and CDATA sections without understanding them, so that the octet
 * behind a top-level event is known before any parser sees it, and no limit depends on a parser.
 * What it lets through may still be malformed, but every well-formed stream is cut rightly. */

enum {
  XML_TOKEN_START = 1,
  XML_TOKEN_END = 2,
  XML_TOKEN_EMPTY = 3, /* a start tag that is its own end */
  XML_TOKEN_CDATA = 4,
  XML_TOKEN_DECLARATION = 5 /* the XML declaration, only where may_declare was set */
};

typedef struct xml_scan {
  uint32_t depth_max; /* levels below the stream's root */
  uint32_t attributes_max;
  uint32_t name_max;
  int state;
  int token;           /* XML_TOKEN_… behind which xml_scan_next() stopped */
  int may_declare;     /* 1: nothing of the stream has been seen yet */
  char quote;          /* that ends the attribute value */
  char before;         /* octet before, inside a tag */
  uint32_t depth;      /* open elements, the root included */
  uint32_t attributes; /* of this tag */
  uint32_t run;        /* octets of the name, or matched of a fixed text */
} xml_scan;

void xml_scan_init(xml_scan *scan, const stox_limits *limits);

/* Reads on to the end of the next token. *n octets were read.
 * STOX_OK: `token` ends there. STOX_E_MORE. STOX_E_BAD_XML, STOX_E_RESTRICTED_XML,
 * STOX_E_TOO_DEEP, STOX_E_TOO_MANY, STOX_E_TOO_LONG: *n is where it went wrong. */
int xml_scan_next(xml_scan *scan, size_t *n, stox_span bytes);

#endif
