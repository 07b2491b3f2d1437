/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_DECLARATION_H
#define STOX_XML_DECLARATION_H

#include "stox/span.h"

/* Checks an XML declaration from "<?" to "?>" (XML 1.0 2.8). STOX_OK for version 1.0 with encoding
 * UTF-8 or none, STOX_E_UNSUPPORTED for another encoding (RFC 6120 11.6), STOX_E_BAD_XML,
 * STOX_E_RESTRICTED_XML for another processing instruction. */
int xml_declaration_check(stox_span text);

#endif
