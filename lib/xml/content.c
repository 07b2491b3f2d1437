/* SPDX-License-Identifier: MIT */
/* What stands between tags and in values. */
#include "base/chars.h"
#include "xml/decode.h"
#include "xml/runs.h"
#include "xml/steps.h"

#include <string.h>

int xml_begin_sequence(xml_stream *s) {
  const unsigned char c = (unsigned char)s->p[s->at];
  if (c < 0xC2 || c > 0xF4) {
    return xml_refuse(s, STOX_E_BAD_UTF8, s->at);
  }
  s->need = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
  s->point = c & (0x3FU >> s->need);
  s->low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  s->high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  s->sequence = s->at;
  s->back = s->state;
  s->state = XML_IN_SEQUENCE;
  s->at++;
  return xml_in_sequence(s);
}

static int end_sequence(xml_stream *s) {
  s->state = s->back;
  if (s->point == 0xFFFE || s->point == 0xFFFF) {
    return xml_refuse(s, STOX_E_BAD_XML, s->sequence);
  }
  if (s->state == XML_IN_NAME || s->state == XML_IN_ATTRIBUTE || s->state == XML_IN_END) {
    const int fits =
        s->sequence == s->part ? xml_starts_name(s->point) : xml_continues_name(s->point);
    return fits ? STOX_E_MORE : xml_refuse(s, STOX_E_BAD_XML, s->sequence);
  }
  return STOX_E_MORE;
}

int xml_in_sequence(xml_stream *s) {
  while (s->at < s->n) {
    const unsigned char c = (unsigned char)s->p[s->at];
    if (c < s->low || c > s->high) {
      return xml_refuse(s, STOX_E_BAD_UTF8, s->sequence);
    }
    s->point = s->point << 6 | (c & 0x3FU);
    s->low = 0x80;
    s->high = 0xBF;
    s->at++;
    if (--s->need == 0) {
      return end_sequence(s);
    }
  }
  return STOX_E_MORE;
}

/* Whether a text is nothing but CDATA sections that hold nothing. */
static int is_nothing(stox_span text) {
  static const stox_span section = {"<![CDATA[]]>", 12};
  while (stox_span_is_equal(stox_span_slice(text, 0, section.n), section)) {
    text = stox_span_slice(text, section.n, text.n);
  }
  return text.n == 0;
}

/* The text in front of a tag is complete. */
int xml_end_text(xml_stream *s) {
  const stox_span text = {s->p + s->text_from, s->text_to - s->text_from};
  return is_nothing(text)
             ? STOX_OK
             : xml_build_text(&s->build, (uint32_t)s->text_from, (uint32_t)text.n, s->is_raw);
}

static int at_lt(xml_stream *s) {
  s->text_to = s->at++;
  s->state = XML_AFTER_LT;
  return STOX_E_MORE;
}

int xml_begin_reference(xml_stream *s) {
  s->at++;
  s->ref_back = s->state;
  s->state = XML_IN_REFERENCE;
  s->point = 0;
  s->packed = 0;
  s->digits = 0;
  s->radix = 0;
  return STOX_E_MORE;
}

/* "]]>" may not stand in text (XML 1.0 2.4). */
static int in_gt(xml_stream *s) {
  if (s->at >= s->plain + 2 && s->p[s->at - 1] == ']' && s->p[s->at - 2] == ']') {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->at++;
  return STOX_E_MORE;
}

int xml_in_text(xml_stream *s) {
  do {
    s->at = xml_run_data(s->p, s->at, s->n);
    if (s->at == s->n) {
      return STOX_E_MORE;
    }
    const char c = s->p[s->at];
    switch (c) {
    case '<':
      return at_lt(s);
    case '&':
      s->is_raw = 1;
      return xml_begin_reference(s);
    case '>':
      return in_gt(s);
    case '\r':
      s->is_raw = 1;
      break;
    case '\n':
    case '\t':
    case '\'':
    case '"':
      break;
    default:
      return (unsigned char)c >= 0x80 ? xml_begin_sequence(s)
                                      : xml_refuse(s, STOX_E_BAD_XML, s->at);
    }
    s->at++;
  } while (s->at < s->n);
  return STOX_E_MORE;
}

/* Only a CDATA section may begin with "<!" (RFC 6120 11.1), and only within a stanza. */
int xml_in_bang(xml_stream *s) {
  static const char open[] = "[CDATA[";
  if (s->p[s->at] != open[s->matched]) {
    return xml_refuse(s, s->matched == 0 ? STOX_E_RESTRICTED_XML : STOX_E_BAD_XML, s->at);
  }
  if (s->depth < 2) {
    return xml_refuse(s, STOX_E_BAD_XML, s->at);
  }
  s->at++;
  s->matched++;
  if (open[s->matched] == '\0') {
    s->is_raw = 1;
    s->matched = 0;
    s->state = XML_IN_CDATA;
  }
  return STOX_E_MORE;
}

int xml_in_cdata(xml_stream *s) {
  while (s->at < s->n) {
    const char c = s->p[s->at];
    if (c == '>' && s->matched >= 2) {
      s->at++;
      s->state = XML_IN_TEXT;
      s->plain = s->at;
      return STOX_E_MORE;
    }
    s->matched = c == ']' ? s->matched + 1 : 0;
    if ((unsigned char)c >= 0x80) {
      return xml_begin_sequence(s);
    }
    if (!xml_is_char((unsigned char)c)) {
      return xml_refuse(s, STOX_E_BAD_XML, s->at);
    }
    s->at++;
  }
  return STOX_E_MORE;
}

int xml_in_reference(xml_stream *s) {
  const char c = s->p[s->at];
  if (c == '#') {
    s->at++;
    s->state = XML_IN_NUMBER;
    return STOX_E_MORE;
  }
  s->state = XML_IN_ENTITY;
  return xml_begins_name(c) ? STOX_E_MORE : xml_refuse(s, STOX_E_BAD_XML, s->at);
}

static void end_reference(xml_stream *s) {
  s->state = s->ref_back;
  s->at++;
  s->plain = s->at;
}

/* What is not one of five is refused in any case, so its name is not looked at closely. */
int xml_in_entity(xml_stream *s) {
  while (s->at < s->n) {
    const char c = s->p[s->at];
    if (c == ';') {
      const int is_known = s->digits <= 4 && xml_entity(s->packed) != '\0';
      end_reference(s);
      return is_known ? STOX_E_MORE : xml_refuse(s, STOX_E_RESTRICTED_XML, s->at);
    }
    if (!xml_class(c, XML_CLASS_NAME) && !xml_begins_name(c)) {
      return xml_refuse(s, STOX_E_BAD_XML, s->at);
    }
    if (s->digits == s->names_max) {
      return xml_refuse(s, STOX_E_TOO_LONG, s->at);
    }
    s->packed |= s->digits < 4 ? (uint64_t)(unsigned char)c << 8 * s->digits : 0;
    s->digits++;
    s->at++;
  }
  return STOX_E_MORE;
}

int xml_in_number(xml_stream *s) {
  for (; s->at < s->n; s->at++) {
    const char c = s->p[s->at];
    if (c == 'x' && s->radix == 0) {
      s->radix = 16;
      continue;
    }
    s->radix = s->radix == 0 ? 10 : s->radix;
    if (c == ';' && s->digits > 0 && xml_is_char(s->point)) {
      end_reference(s);
      return STOX_E_MORE;
    }
    const int digit = stox_char_hex(c);
    if (digit < 0 || (unsigned)digit >= s->radix) {
      return xml_refuse(s, STOX_E_BAD_XML, s->at);
    }
    s->digits = 1;
    s->point = s->point * s->radix + (uint32_t)digit;
    s->point = s->point > 0x110000 ? 0x110000 : s->point;
  }
  return STOX_E_MORE;
}
