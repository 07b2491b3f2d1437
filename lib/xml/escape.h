/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_ESCAPE_H
#define STOX_XML_ESCAPE_H

#include "stox/buf.h"

/* Whether XML 1.0 2.2 can carry a text. STOX_OK, STOX_E_BAD_UTF8 or STOX_E_CTRL. */
int xml_text_check(stox_span text);

/* Appends a text; what XML cannot carry is refused like that, with some of it appended. */
int xml_escape(stox_buf *out, stox_span text, int is_attribute);

/* Appends a text that has been checked. */
void xml_escape_checked(stox_buf *out, stox_span text, int is_attribute);

#endif
