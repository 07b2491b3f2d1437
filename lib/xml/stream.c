/* SPDX-License-Identifier: MIT */
#include "stox/utf8.h"
#include "xml/declaration.h"
#include "xml/decode.h"
#include "xml/runs.h"
#include "xml/steps.h"

#include <string.h>

void xml_stream_begin(xml_stream *stream) {
  stream->may_declare = 1;
  stream->depth = 0;
}

int xml_stream_event(xml_stream *stream, const stox_xml_element *root) {
  stream->state = XML_AT_LT;
  stream->is_declared = 0;
  stream->is_kept = 0;
  stream->text_from = 0;
  stream->text_to = 0;
  return xml_build_begin(&stream->build, root);
}

/* Makes the event so far one piece. */
static int join(xml_stream *s) {
  return s->is_kept ? xml_catch_up(s) : STOX_OK;
}

static void begin_name(xml_stream *s, int state) {
  s->state = state;
  s->from = xml_here(s);
  s->part = s->from;
}

static int in_colon(xml_stream *s) {
  if (s->part != s->from || xml_here(s) == s->from) {
    return xml_refuse(s, STOX_E_BAD_NAMESPACE, xml_here(s));
  }
  s->at++;
  s->part = xml_here(s);
  return STOX_E_MORE;
}

static int is_part_begun(const xml_stream *s) {
  return xml_here(s) != s->part || !xml_class(s->p[s->at], XML_CLASS_NAME) ||
         xml_class(s->p[s->at], XML_CLASS_START);
}

/* STOX_OK: the name ends in front of an octet that is there. */
static int read_name(xml_stream *s) {
  if (s->at < s->n && is_part_begun(s)) {
    s->at = xml_run_name(s->p, s->at, s->n);
  }
  if (xml_here(s) - s->from > s->names_max) {
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
  if (xml_here(s) == s->part) {
    return xml_refuse(s, s->part == s->from ? STOX_E_BAD_XML : STOX_E_BAD_NAMESPACE, xml_here(s));
  }
  const size_t prefix_n = s->part == s->from ? 0 : s->part - s->from - 1;
  s->name_sizes = (uint32_t)(xml_here(s) - s->part) | (uint32_t)prefix_n << XML_NAME_BITS;
  return STOX_OK;
}

static void begin_text(xml_stream *s) {
  s->state = XML_IN_TEXT;
  s->is_raw = 0;
  s->text_from = xml_here(s);
  s->text_to = s->text_from;
  s->plain = s->text_from;
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

static int decode_values(xml_stream *s) {
  if (xml_catch_up(s) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  for (size_t at = s->build.tag + sizeof(stox_xml_element); at < s->build.nodes.len;
       at += sizeof(xml_record)) {
    xml_record *r = xml_build_at(&s->build, (uint32_t)at);
    if ((r->sizes & XML_RAW) != 0) {
      r->value_n = (uint32_t)xml_decode_value(s->build.text.p + r->value_at, r->value_n);
    }
  }
  return STOX_OK;
}

/* Behind the last octet of the event. */
static int end_event(xml_stream *s) {
  if (xml_catch_up(s) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  return xml_build_end(&s->build);
}

/* Behind the '>' of a start tag. */
static int end_start(xml_stream *s, int is_empty) {
  if (s->depth > s->depth_max) {
    return xml_refuse(s, STOX_E_TOO_DEEP, xml_here(s) - 1);
  }
  int status = s->is_tag_raw ? decode_values(s) : join(s);
  if (status == STOX_OK) {
    status = xml_build_opened(&s->build, is_empty);
  }
  if (status != STOX_OK) {
    return xml_refuse(s, status, xml_here(s) - 1);
  }
  if (s->build.kept == 0) {
    s->build.kept = (uint32_t)xml_here(s);
  }
  const int is_root = s->depth == 0;
  s->depth += is_empty ? 0 : 1;
  if (is_root || s->depth == 1) {
    return end_event(s);
  }
  begin_text(s);
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
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
  }
  begin_name(s, XML_IN_ATTRIBUTE);
  return STOX_E_MORE;
}

static int in_empty(xml_stream *s) {
  if (s->p[s->at] != '>') {
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
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
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
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
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
  }
  s->attributes++;
  if (s->attributes > s->attributes_max) {
    if (s->depth == 0) {
      return xml_refuse(s, STOX_E_TOO_MANY, xml_here(s));
    }
    s->build.is_refused = 1;
  }
  s->at++;
  s->quote = c;
  s->from = xml_here(s);
  s->is_value_raw = 0;
  s->state = XML_IN_VALUE;
  return STOX_E_MORE;
}

static int end_value(xml_stream *s) {
  const xml_record record = {(uint32_t)s->name_at,
                             s->name_sizes | (s->is_value_raw ? (uint32_t)XML_RAW : 0),
                             (uint32_t)s->from, (uint32_t)(xml_here(s) - s->from)};
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
  while ((s->at = xml_run_value(s->p, s->at, s->n)) < s->n) {
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
    if (c != '"' && c != '\'' && !xml_class(c, XML_CLASS_SPACE)) {
      return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
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
    begin_text(s);
    return STOX_E_MORE;
  }
  return s->depth == 0 ? STOX_OK : end_event(s);
}

static int after_end(xml_stream *s) {
  if (!skip_spaces(s)) {
    return STOX_E_MORE;
  }
  if (s->p[s->at] != '>') {
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
  }
  s->at++;
  return end_end(s);
}

static int in_end(xml_stream *s) {
  if (xml_here(s) == s->from) {
    const stox_span name = open_name(s);
    if (name.n < s->n - s->at && s->p[s->at + name.n] == '>' &&
        memcmp(s->p + s->at, name.p, name.n) == 0) {
      s->at += name.n + 1;
      return end_end(s);
    }
  }
  int status = read_name(s);
  if (status != STOX_OK) {
    /* A name that is none is not the open one's. */
    return status == STOX_E_BAD_NAMESPACE ? STOX_E_BAD_XML : status;
  }
  status = join(s);
  if (status != STOX_OK) {
    return status;
  }
  const stox_span found = {s->build.base + s->from, xml_here(s) - s->from};
  if (!stox_span_is_equal(found, open_name(s))) {
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
  }
  s->state = XML_AFTER_END;
  return after_end(s);
}

static int begin_start(xml_stream *s) {
  int is_empty = 0;
  int status = xml_end_text(s);
  if (status != STOX_OK) {
    return status;
  }
  status = xml_read_tag(s, &is_empty);
  if (status != STOX_E_NONE) {
    return status == STOX_OK ? end_start(s, is_empty) : status;
  }
  begin_name(s, XML_IN_NAME);
  s->attributes = 0;
  s->is_tag_raw = 0;
  return xml_build_open(&s->build, (uint32_t)s->from) == STOX_OK ? STOX_E_MORE : STOX_E_NOMEM;
}

static int begin_end(xml_stream *s) {
  if (s->depth == 0) {
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
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
    return may_declare ? STOX_E_MORE : xml_refuse(s, STOX_E_RESTRICTED_XML, xml_here(s));
  }
  return xml_begins_name(c) ? begin_start(s) : xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
}

static int in_declaration(xml_stream *s) {
  const char *end = memchr(s->p + s->at, '>', s->n - s->at);
  if (end == NULL) {
    s->at = s->n;
    return STOX_E_MORE;
  }
  s->at = (size_t)(end - s->p) + 1;
  if (xml_catch_up(s) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  const stox_span text = stox_buf_span(&s->build.text);
  size_t wrong = 0;
  int status = stox_utf8_check(text, &wrong);
  if (status == STOX_OK) {
    status = xml_declaration_check(text);
  }
  s->is_declared = 1;
  return xml_refuse(s, status, wrong);
}

static int step(xml_stream *s) {
  static int (*const steps[XML_N_STATES])(xml_stream *) = {
      [XML_AT_LT] = xml_at_lt,
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

int xml_stream_read(xml_stream *stream, size_t *n, stox_span bytes) {
  xml_stream *s = stream;
  s->p = bytes.p;
  s->at = 0;
  s->n = bytes.n;
  s->skew = s->is_kept ? s->build.text.len : 0;
  s->build.base = s->is_kept ? s->build.text.p : bytes.p;
  int status = STOX_E_MORE;
  while (s->at < s->n && status == STOX_E_MORE) {
    status = step(s);
  }
  if (status == STOX_E_MORE) {
    status = xml_catch_up(s) == STOX_OK ? STOX_E_MORE : STOX_E_NOMEM;
  }
  if (status == STOX_E_NOMEM) {
    s->wrong = xml_here(s);
  }
  *n = s->at;
  return status;
}
