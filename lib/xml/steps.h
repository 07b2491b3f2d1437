/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_STEPS_H
#define STOX_XML_STEPS_H

#include "stox/status.h"
#include "xml/names.h"
#include "xml/stream.h"

/* What the parts of the reader of a stream share. A step reads octets in one state, of which there
 * is at least one. It gives STOX_E_MORE, also where the state has changed, STOX_OK at the end of an
 * event, or what is wrong. */

enum {
  XML_AFTER_LT,
  XML_IN_NAME,
  XML_IN_TAG,
  XML_IN_ATTRIBUTE,
  XML_AFTER_ATTRIBUTE,
  XML_BEFORE_VALUE,
  XML_IN_VALUE,
  XML_IN_EMPTY, /* behind the '/' of an empty-element tag */
  XML_IN_END,
  XML_AFTER_END,
  XML_IN_TEXT,
  XML_IN_BANG,
  XML_IN_CDATA,
  XML_IN_REFERENCE,
  XML_IN_ENTITY,
  XML_IN_NUMBER,
  XML_IN_SEQUENCE,
  XML_IN_DECLARATION,
  XML_N_STATES
};

static inline int xml_refuse(xml_stream *s, int status, size_t where) {
  s->wrong = where;
  return status;
}

static inline int xml_begins_name(char c) {
  return xml_class(c, XML_CLASS_START) || c == ':' || (unsigned char)c >= 0x80;
}

/* Begins text behind a tag. */
static inline void xml_begin_text(xml_stream *s) {
  s->state = XML_IN_TEXT;
  s->is_raw = 0;
  s->text_from = s->at;
  s->text_to = s->at;
  s->plain = s->at;
}

/* One step in the state that the reader is in. */
int xml_step(xml_stream *s);

/* Behind the last octet of the event: STOX_OK or STOX_E_NOMEM. */
int xml_end_event(xml_stream *s);

/* An octet above 0x7F. */
int xml_begin_sequence(xml_stream *s);

/* An ampersand. */
int xml_begin_reference(xml_stream *s);

/* Ends the text in front of a tag: STOX_OK or STOX_E_NOMEM. */
int xml_end_text(xml_stream *s);

/* Steps. */
int xml_in_sequence(xml_stream *s);
int xml_in_text(xml_stream *s);
int xml_in_bang(xml_stream *s);
int xml_in_cdata(xml_stream *s);
int xml_in_reference(xml_stream *s);
int xml_in_entity(xml_stream *s);
int xml_in_number(xml_stream *s);

#endif
