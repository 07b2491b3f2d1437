/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_PARSER_H
#define STOX_XML_PARSER_H

#include "stox/allocator.h"
#include "xml/tree.h"

/* What stands behind the reader: a parser of one stream, fed with whole tokens. The reader has
 * looked at limits, UTF-8, NUL, and at what XMPP forbids (xml/scan.h); the parser answers for
 * well-formedness and hands tags, attributes and texts to a builder. */
typedef struct xml_parser xml_parser;

/* STOX_OK or STOX_E_NOMEM. The allocator must outlive the parser. */
int xml_parser_new(xml_parser **out, const stox_allocator *alloc);

void xml_parser_del(xml_parser *parser);

/* Begins a new stream. STOX_OK or STOX_E_NOMEM. */
int xml_parser_restart(xml_parser *parser);

/* Parses octets that begin and end between two tokens: the first time the root's start tag alone,
 * then whole children of the root, or its end tag. *offset is where an error was seen.
 * STOX_OK, STOX_E_BAD_XML, STOX_E_RESTRICTED_XML, STOX_E_BAD_NAMESPACE, STOX_E_TOO_MANY or
 * STOX_E_NOMEM; after an error nothing but xml_parser_restart() and xml_parser_del(). */
int xml_parser_parse(xml_parser *parser, xml_builder *builder, stox_span tokens, size_t *offset);

#endif
