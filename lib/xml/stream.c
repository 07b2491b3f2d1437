/* SPDX-License-Identifier: MIT */
#include "stox/utf8.h"
#include "xml/declaration.h"
#include "xml/decode.h"
#include "xml/quick.h"
#include "xml/runs.h"
#include "xml/steps.h"

#include <string.h>

void xml_stream_begin(xml_stream *stream) {
  stream->may_declare = 1;
  stream->depth = 0;
}

int xml_stream_event(xml_stream *stream, const stox_xml_element *root) {
  stream->state = XML_AFTER_LT;
  stream->at = 1;
  stream->is_declared = 0;
  stream->is_kept = 0;
  stream->text_from = 0;
  stream->text_to = 0;
  return xml_build_begin(&stream->build, root);
}

enum { PIECE = 2048 };

static int put_text(xml_stream *s, const char *p, size_t n) {
  stox_buf *text = &s->build.text;
  if (xml_build_room(&s->build, text, n) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  memcpy(text->p + text->len, p, n);
  text->len += n;
  s->p = text->p;
  s->build.base = text->p;
  return STOX_OK;
}

/* Moves the event into build.text, where it may change; what has not been read of this call follows
 * by pieces. */
static int keep(xml_stream *s) {
  if (s->is_kept) {
    return STOX_OK;
  }
  s->rest = (stox_span){s->p + s->at, s->n - s->at};
  s->n = s->at;
  s->is_kept = 1;
  return put_text(s, s->p, s->at);
}

static int take_piece(xml_stream *s) {
  const stox_span piece = stox_span_slice(s->rest, 0, PIECE);
  s->rest = stox_span_slice(s->rest, piece.n, s->rest.n);
  s->n += piece.n;
  return put_text(s, piece.p, piece.n);
}

static void begin_name(xml_stream *s, int state) {
  s->state = state;
  s->from = s->at;
  s->part = s->from;
}

static int in_colon(xml_stream *s) {
  if (s->part != s->from || s->at == s->from) {
    return xml_refuse(s, STOX_E_BAD_NAMESPACE, s->at);
  }
  s->at++;
  s->part = s->at;
  return STOX_E_MORE;
}

static int is_part_begun(const xml_stream *s) {
  return s->at != s->part || !xml_class(s->p[s->at], XML_CLASS_NAME) ||
         xml_class(s->p[s->at], XML_CLASS_START);
}

/* STOX_OK: the name ends in front of an octet that is there. */
static int read_name(xml_stream *s) {
  if (s->at < s->n && is_part_begun(s)) {
    s->at = xml_run_name(s->p, s->at, s->n);
  }
  if (s->at - s->from > s->names_max) {
    return xml_refuse(s, STOX_E_TOO_LONG, s->from + s->names_max);
  }
  if (s->at == s->n) {
    return STOX_E_MORE;
  }
  if ((unsigned char)s->p[s->at] >= 0x80) {
    return xml_begin_sequence(s);
  }
  if (s->p[s->at] == ':') {
    return in_colon(s);
  }
  if (s->at == s->part) {
    return xml_refuse(s, s->part == s->from ? STOX_E_BAD_XML : STOX_E_BAD_NAMESPACE, s->at);
  }
  const size_t prefix_n = s->part == s->from ? 0 : s->part - s->from - 1;
  s->name_sizes = (uint32_t)(s->at - s->part) | (uint32_t)prefix_n << XML_NAME_BITS;
  return STOX_OK;
}

static int in_name(xml_stream *s) {
  const int status = read_name(s);
  if (status == STOX_OK) {
    stox_xml_element *element = xml_build_at(&s->build, s->build.tag);
    element->sizes = s->name_sizes;
    s->is_spaced = 0;
    s->state = XML_IN_TAG;
    return STOX_E_MORE;
  }
  return status;
}

static int is_declaration(const xml_stream *s, const xml_record *r) {
  return xml_qname_n(r->sizes) >= 5 && memcmp(s->p + r->name_at, "xmlns", 5) == 0;
}

/* The values of declarations are needed at once; others wait for the event's end. */
static int decode_declarations(xml_stream *s) {
  for (size_t at = s->build.tag + sizeof(stox_xml_element); at < s->build.nodes.len;
       at += sizeof(xml_record)) {
    xml_record *r = xml_build_at(&s->build, (uint32_t)at);
    if ((r->sizes & XML_RAW) == 0 || !is_declaration(s, r)) {
      continue;
    }
    if (keep(s) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    r->sizes &= ~(uint32_t)XML_RAW;
    r->value_n = (uint32_t)xml_decode_value(s->build.text.p + r->value_at, r->value_n);
  }
  s->build.is_raw = 1;
  return STOX_OK;
}

int xml_end_event(xml_stream *s) {
  if (!s->is_kept && put_text(s, s->p, s->at) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  s->build.text.len = s->at;
  return xml_build_end(&s->build);
}

/* Behind the '>' of a start tag. */
static int end_start(xml_stream *s, int is_empty) {
  if (s->depth > s->depth_max) {
    return xml_refuse(s, STOX_E_TOO_DEEP, s->at - 1);
  }
  int status = s->is_tag_raw ? decode_declarations(s) : STOX_OK;
  if (status == STOX_OK) {
    status = xml_build_opened(&s->build, is_empty);
  }
  if (status != STOX_OK) {
    return xml_refuse(s, status, s->at - 1);
  }
  if (s->build.kept == 0) {
    s->build.kept = (uint32_t)s->at;
  }
  const int is_root = s->depth == 0;
  s->depth += is_empty ? 0 : 1;
  if (is_root || s->depth == 1) {
    return xml_end_event(s);
  }
  xml_begin_text(s);
  return STOX_E_MORE;
}

static int in_tag(xml_stream *s) {
  while (s->at < s->n && xml_class(s->p[s->at], XML_CLASS_SPACE)) {
    s->is_spaced = 1;
    s->at++;
  }
  if (s->at == s->n) {
    return STOX_E_MORE;
  }
  const char c = s->p[s->at];
  if (c == '>') {
    s->at++;
    return end_start(s, 0);
  }
  if (c == '/') {
    s->at++;
    s->state = XML_IN_EMPTY;
    return STOX_E_MORE;
  }
  if (!s->is_spaced || !xml_begins_name(c)) {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  begin_name(s, XML_IN_ATTRIBUTE);
  return STOX_E_MORE;
}

static int in_empty(xml_stream *s) {
  if (s->p[s->at] != '>') {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->at++;
  return end_start(s, 1);
}

static int skip_spaces(xml_stream *s) {
  s->at = xml_run_scalar(s->p, s->at, s->n, XML_CLASS_SPACE);
  return s->at < s->n;
}

static int after_attribute(xml_stream *s) {
  if (!skip_spaces(s)) {
    return STOX_E_MORE;
  }
  if (s->p[s->at] != '=') {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->at++;
  s->state = XML_BEFORE_VALUE;
  return STOX_E_MORE;
}

static int in_attribute(xml_stream *s) {
  const int status = read_name(s);
  if (status != STOX_OK) {
    return status;
  }
  s->name_at = s->from;
  s->state = XML_AFTER_ATTRIBUTE;
  return after_attribute(s);
}

/* Past the limit a stanza is read on, to its end. */
static int before_value(xml_stream *s) {
  if (!skip_spaces(s)) {
    return STOX_E_MORE;
  }
  const char c = s->p[s->at];
  if (c != '"' && c != '\'') {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->attributes++;
  if (s->attributes > s->attributes_max) {
    if (s->depth == 0) {
      return xml_refuse(s, STOX_E_TOO_MANY, s->at);
    }
    s->build.is_refused = 1;
  }
  s->at++;
  s->quote = c;
  s->from = s->at;
  s->is_value_raw = 0;
  s->state = XML_IN_VALUE;
  return STOX_E_MORE;
}

static int end_value(xml_stream *s) {
  const xml_record record = {(uint32_t)s->name_at,
                             s->name_sizes | (s->is_value_raw ? (uint32_t)XML_RAW : 0),
                             (uint32_t)s->from, (uint32_t)(s->at - s->from)};
  s->at++;
  s->is_spaced = 0;
  s->state = XML_IN_TAG;
  if (s->attributes > s->attributes_max) {
    return STOX_E_MORE;
  }
  s->is_tag_raw |= s->is_value_raw;
  return xml_build_record(&s->build, &record) != 0 ? STOX_E_MORE : STOX_E_NOMEM;
}

static int in_value(xml_stream *s) {
  while ((s->at = xml_run_data(s->p, s->at, s->n)) < s->n) {
    const char c = s->p[s->at];
    if (c == s->quote) {
      return end_value(s);
    }
    if (c == '&') {
      s->is_value_raw = 1;
      return xml_begin_reference(s);
    }
    if ((unsigned char)c >= 0x80) {
      return xml_begin_sequence(s);
    }
    if (!xml_class(c, XML_CLASS_QUOTE | XML_CLASS_SPACE) && c != '>') {
      return xml_refuse(s, STOX_E_BAD_XML, s->at);
    }
    s->is_value_raw |= xml_class(c, XML_CLASS_SPACE);
    s->at++;
  }
  return STOX_E_MORE;
}

/* What an end tag has to name. */
static stox_span open_name(const xml_stream *s) {
  if (s->depth == 1) {
    const stox_xml_element *root = s->build.outer;
    return xml_text_at(xml_head_of(root), root->name_at, xml_qname_n(root->sizes));
  }
  const stox_xml_element *open = xml_build_at(&s->build, s->build.open);
  return (stox_span){s->build.base + open->name_at, xml_qname_n(open->sizes)};
}

/* Behind the '>' of an end tag. */
static int end_end(xml_stream *s) {
  s->depth--;
  if (s->depth > 0) {
    xml_build_close(&s->build);
  }
  if (s->depth > 1) {
    xml_begin_text(s);
    return STOX_E_MORE;
  }
  return s->depth == 0 ? STOX_OK : xml_end_event(s);
}

static int after_end(xml_stream *s) {
  if (!skip_spaces(s)) {
    return STOX_E_MORE;
  }
  if (s->p[s->at] != '>') {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->at++;
  return end_end(s);
}

static int in_end(xml_stream *s) {
  if (s->at == s->from) {
    const stox_span name = open_name(s);
    if (name.n < s->n - s->at && s->p[s->at + name.n] == '>' &&
        memcmp(s->p + s->at, name.p, name.n) == 0) {
      s->at += name.n + 1;
      return end_end(s);
    }
  }
  const int status = read_name(s);
  if (status != STOX_OK) {
    /* A name that is none is not the open one's. */
    return status == STOX_E_BAD_NAMESPACE ? STOX_E_BAD_XML : status;
  }
  const stox_span found = {s->build.base + s->from, s->at - s->from};
  if (!stox_span_is_equal(found, open_name(s))) {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->state = XML_AFTER_END;
  return after_end(s);
}

static int begin_start(xml_stream *s) {
  if (xml_end_text(s) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  begin_name(s, XML_IN_NAME);
  s->attributes = 0;
  s->is_tag_raw = 0;
  return xml_build_open(&s->build, (uint32_t)s->from) == STOX_OK ? STOX_E_MORE : STOX_E_NOMEM;
}

static int begin_end(xml_stream *s) {
  if (s->depth == 0) {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  const int status = xml_end_text(s);
  s->at++;
  begin_name(s, XML_IN_END);
  if (status != STOX_OK || s->at == s->n) {
    return status != STOX_OK ? status : STOX_E_MORE;
  }
  return in_end(s);
}

static int after_lt(xml_stream *s) {
  const char c = s->p[s->at];
  const int may_declare = s->may_declare;
  s->may_declare = 0;
  if (c == '/') {
    return begin_end(s);
  }
  if (c == '!') {
    s->at++;
    s->state = XML_IN_BANG;
    s->matched = 0;
    return STOX_E_MORE;
  }
  if (c == '?') {
    s->state = XML_IN_DECLARATION;
    return may_declare ? STOX_E_MORE : xml_refuse(s, STOX_E_RESTRICTED_XML, s->at);
  }
  return xml_begins_name(c) ? begin_start(s) : xml_refuse(s, STOX_E_BAD_XML, s->at);
}

static int in_declaration(xml_stream *s) {
  const char *end = memchr(s->p + s->at, '>', s->n - s->at);
  if (end == NULL) {
    s->at = s->n;
    return STOX_E_MORE;
  }
  s->at = (size_t)(end - s->p) + 1;
  const stox_span text = {s->p, s->at};
  size_t wrong = 0;
  int status = stox_utf8_check(text, &wrong);
  if (status == STOX_OK) {
    status = xml_declaration_check(text);
  }
  s->is_declared = 1;
  return xml_refuse(s, status, wrong);
}

int xml_step(xml_stream *s) {
  static int (*const steps[XML_N_STATES])(xml_stream *) = {
      [XML_AFTER_LT] = after_lt,
      [XML_IN_NAME] = in_name,
      [XML_IN_TAG] = in_tag,
      [XML_IN_ATTRIBUTE] = in_attribute,
      [XML_AFTER_ATTRIBUTE] = after_attribute,
      [XML_BEFORE_VALUE] = before_value,
      [XML_IN_VALUE] = in_value,
      [XML_IN_EMPTY] = in_empty,
      [XML_IN_END] = in_end,
      [XML_AFTER_END] = after_end,
      [XML_IN_TEXT] = xml_in_text,
      [XML_IN_BANG] = xml_in_bang,
      [XML_IN_CDATA] = xml_in_cdata,
      [XML_IN_REFERENCE] = xml_in_reference,
      [XML_IN_ENTITY] = xml_in_entity,
      [XML_IN_NUMBER] = xml_in_number,
      [XML_IN_SEQUENCE] = xml_in_sequence,
      [XML_IN_DECLARATION] = in_declaration,
  };
  return steps[s->state](s);
}

/* Octets of a call that are in build.text, or are read where they are. */
static void begin_call(xml_stream *s, stox_span bytes) {
  s->rest = bytes;
  if (!s->is_kept) {
    s->p = bytes.p;
    s->n = bytes.n;
    s->build.base = bytes.p;
    s->rest.n = 0;
  }
}

int xml_stream_read(xml_stream *stream, size_t *n, stox_span bytes) {
  xml_stream *s = stream;
  begin_call(s, bytes);
  int status = STOX_E_MORE;
  for (;;) {
    if (s->at == s->n && s->rest.n > 0 && take_piece(s) != STOX_OK) {
      status = STOX_E_NOMEM;
      break;
    }
    status = xml_quick_read(s);
    if (status != STOX_E_MORE || s->rest.n == 0) {
      break;
    }
  }
  if (status == STOX_E_MORE && !s->is_kept) {
    status = keep(s) == STOX_OK ? STOX_E_MORE : STOX_E_NOMEM;
  }
  if (status == STOX_E_NOMEM) {
    s->wrong = s->at;
  }
  *n = bytes.n - s->rest.n - (s->n - s->at);
  return status;
}
