/* SPDX-License-Identifier: MIT */
/* What stands between tags and in values. */
#include "base/chars.h"
#include "xml/decode.h"
#include "xml/runs.h"
#include "xml/steps.h"

#include <string.h>

int xml_catch_up(xml_stream *s) {
  stox_buf *text = &s->build.text;
  const size_t from = text->len - s->skew;
  const size_t n = s->at - from;
  if (xml_build_room(&s->build, text, n) != STOX_OK) {
    return xml_refuse(s, STOX_E_NOMEM, xml_here(s));
  }
  memcpy(text->p + text->len, s->p + from, n);
  text->len += n;
  s->is_kept = 1;
  s->build.base = text->p;
  return STOX_OK;
}

/* An octet of the event that has been read. */
static char octet_at(const xml_stream *s, size_t offset) {
  return offset >= s->skew ? s->p[offset - s->skew] : s->build.text.p[offset];
}

int xml_begin_sequence(xml_stream *s) {
  const unsigned char c = (unsigned char)s->p[s->at];
  if (c < 0xC2 || c > 0xF4) {
    return xml_refuse(s, STOX_E_BAD_UTF8, xml_here(s));
  }
  s->need = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
  s->point = c & (0x3FU >> s->need);
  s->low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  s->high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  s->sequence = xml_here(s);
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

/* The text in front of a tag is complete. */
int xml_end_text(xml_stream *s) {
  size_t n = s->text_to - s->text_from;
  if (n == 0 || s->build.is_refused) {
    return STOX_OK;
  }
  if (s->is_raw) {
    if (xml_catch_up(s) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    n = xml_decode_text(s->build.text.p + s->text_from, n);
  }
  return xml_build_text(&s->build, (uint32_t)s->text_from, (uint32_t)n);
}

int xml_at_lt(xml_stream *s) {
  s->at++;
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
  const size_t offset = xml_here(s);
  if (offset >= s->plain + 2 && octet_at(s, offset - 1) == ']' && octet_at(s, offset - 2) == ']') {
    return xml_refuse(s, STOX_E_BAD_XML, offset);
  }
  s->at++;
  return STOX_E_MORE;
}

int xml_in_text(xml_stream *s) {
  do {
    s->at = xml_run_text(s->p, s->at, s->n);
    if (s->at == s->n) {
      return STOX_E_MORE;
    }
    const char c = s->p[s->at];
    switch (c) {
    case '<':
      s->text_to = xml_here(s);
      return xml_at_lt(s);
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
      break;
    default:
      return (unsigned char)c >= 0x80 ? xml_begin_sequence(s)
                                      : xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
    }
    s->at++;
  } while (s->at < s->n);
  return STOX_E_MORE;
}

/* Only a CDATA section may begin with "<!" (RFC 6120 11.1), and only within a stanza. */
int xml_in_bang(xml_stream *s) {
  static const char open[] = "[CDATA[";
  if (s->p[s->at] != open[s->matched]) {
    return xml_refuse(s, s->matched == 0 ? STOX_E_RESTRICTED_XML : STOX_E_BAD_XML, xml_here(s));
  }
  if (s->depth < 2) {
    return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
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
      s->plain = xml_here(s);
      return STOX_E_MORE;
    }
    s->matched = c == ']' ? s->matched + 1 : 0;
    if ((unsigned char)c >= 0x80) {
      return xml_begin_sequence(s);
    }
    if (!xml_is_char((unsigned char)c)) {
      return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
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
  return xml_begins_name(c) ? STOX_E_MORE : xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
}

static void end_reference(xml_stream *s) {
  s->state = s->ref_back;
  s->at++;
  s->plain = xml_here(s);
}

/* What is not one of five is refused in any case, so its name is not looked at closely. */
int xml_in_entity(xml_stream *s) {
  while (s->at < s->n) {
    const char c = s->p[s->at];
    if (c == ';') {
      const int is_known = s->digits <= 4 && xml_entity(s->packed) != '\0';
      end_reference(s);
      return is_known ? STOX_E_MORE : xml_refuse(s, STOX_E_RESTRICTED_XML, xml_here(s));
    }
    if (!xml_class(c, XML_CLASS_NAME) && !xml_begins_name(c)) {
      return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
    }
    if (s->digits == s->names_max) {
      return xml_refuse(s, STOX_E_TOO_LONG, xml_here(s));
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
      return xml_refuse(s, STOX_E_BAD_XML, xml_here(s));
    }
    s->digits = 1;
    s->point = s->point * s->radix + (uint32_t)digit;
    s->point = s->point > 0x110000 ? 0x110000 : s->point;
  }
  return STOX_E_MORE;
}
