/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_STREAM_H
#define STOX_XML_STREAM_H

#include "stox/limits.h"
#include "xml/build.h"
#include "xml/marks.h"

/* Reads XMPP's XML (RFC 6120 11) octet by octet: each is checked when it is read, so that it
 * matters to nothing where a stream was cut. What is between the events of a stream is the
 * reader's. */
typedef struct xml_stream {
  xml_builder build;
  uint32_t depth_max; /* levels below the stream's root */
  uint32_t attributes_max;
  uint32_t names_max;
  int state;
  int may_declare;  /* nothing of the stream has been seen */
  int is_declared;  /* what ended was the XML declaration */
  int is_kept;      /* the event's octets are in build.text */
  int is_spaced;    /* white space before an attribute */
  int is_raw;       /* the text is to be unescaped */
  int is_value_raw; /* the value */
  int is_tag_raw;   /* some value of the tag */
  char quote;
  xml_marks_kernel *kernel;
  const char *p; /* the event's octets, as far as they are there */
  size_t at;     /* the next of them */
  size_t n;
  stox_span rest;      /* of this call, not yet in build.text */
  size_t wrong;        /* offset in the event of what was refused */
  uint32_t depth;      /* open elements, the root included */
  uint32_t attributes; /* of this tag */
  uint32_t name_sizes; /* of this attribute */
  size_t from;         /* where the name or value begins */
  size_t part;         /* where the name's last part begins */
  size_t name_at;      /* of this attribute */
  size_t text_from;
  size_t text_to;
  size_t plain; /* where the characters behind the last markup or reference begin */
  /* A sequence of UTF-8. */
  size_t sequence;
  uint32_t point;
  unsigned need;
  unsigned char low;
  unsigned char high;
  int back; /* the state behind it */
  /* A reference. */
  int ref_back;
  unsigned radix;
  uint32_t digits; /* or octets of its name */
  uint64_t packed;
  uint32_t matched; /* octets of a fixed text */
} xml_stream;

/* At the beginning of a stream; the buffers of `build` stay as they are. */
void xml_stream_begin(xml_stream *stream);

/* Begins an event, whose first octet is '<'. STOX_OK or STOX_E_NOMEM. */
int xml_stream_event(xml_stream *stream, const stox_xml_element *root);

/* Reads on up to the event's end; *n octets were read.
 * STOX_OK: it is there, and build.text holds it (an XML declaration where is_declared says so).
 * STOX_E_MORE. STOX_E_BAD_XML, STOX_E_RESTRICTED_XML, STOX_E_BAD_UTF8, STOX_E_BAD_NAMESPACE,
 * STOX_E_UNSUPPORTED, STOX_E_TOO_DEEP, STOX_E_TOO_MANY, STOX_E_TOO_LONG: `wrong` says where. */
int xml_stream_read(xml_stream *stream, size_t *n, stox_span bytes);

#endif
