/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "xml/decode.h"
#include "xml/names.h"
#include "xml/quick.h"
#include "xml/same.h"

static unsigned octet_at(const char *p, size_t at) {
  return (unsigned char)p[at];
}

static int is_more(unsigned octet) {
  return (octet & 0xC0) == 0x80;
}

/* Octets of a sequence of three that is well-formed and a Char; 0: it is none. */
static size_t three(const char *p, size_t at) {
  const unsigned first = octet_at(p, at);
  const unsigned second = octet_at(p, at + 1);
  const unsigned third = octet_at(p, at + 2);
  if (!is_more(second) || !is_more(third)) {
    return 0;
  }
  const int is_short = first == 0xE0 && second < 0xA0;
  const int is_surrogate = first == 0xED && second > 0x9F;
  const int is_no_char = first == 0xEF && second == 0xBF && third >= 0xBE;
  return is_short || is_surrogate || is_no_char ? 0 : 3;
}

static size_t four(const char *p, size_t at) {
  const unsigned first = octet_at(p, at);
  const unsigned second = octet_at(p, at + 1);
  if (!is_more(second) || !is_more(octet_at(p, at + 2)) || !is_more(octet_at(p, at + 3))) {
    return 0;
  }
  return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) || first > 0xF4 ? 0
                                                                                              : 4;
}

/* Octets of a sequence of the octets left. */
static size_t sequence(const char *p, size_t at, size_t left) {
  const unsigned first = octet_at(p, at);
  if (first < 0xC2) {
    return 0;
  }
  if (first < 0xE0) {
    return left >= 2 && is_more(octet_at(p, at + 1)) ? 2 : 0;
  }
  if (first < 0xF0) {
    return left >= 3 ? three(p, at) : 0;
  }
  return left >= 4 ? four(p, at) : 0;
}

/* The common ones of two and three octets, where there are as many; 0: to be looked at closely. */
static size_t common(const char *p, size_t at) {
  const unsigned first = octet_at(p, at);
  if (!is_more(octet_at(p, at + 1))) {
    return 0;
  }
  if (first < 0xE0) {
    return first >= 0xC2 ? 2 : 0;
  }
  const int is_special = first == 0xE0 || first == 0xED || first >= 0xEF;
  return !is_special && is_more(octet_at(p, at + 2)) ? 3 : 0;
}

size_t xml_quick_sequences(const char *p, size_t at, size_t n) {
  do {
    size_t octets = n - at >= 3 ? common(p, at) : 0;
    octets = octets > 0 ? octets : sequence(p, at, n - at);
    if (octets == 0) {
      return 0;
    }
    at += octets;
  } while (at < n && octet_at(p, at) >= 0x80);
  return at;
}

/* A character reference, whose first octet behind "&#" is at `at`. */
static size_t number(const char *p, size_t at, size_t n) {
  const int is_hex = at < n && p[at] == 'x';
  const uint32_t radix = is_hex ? 16 : 10;
  const size_t from = at + (size_t)is_hex;
  uint32_t point = 0;
  for (at = from; at < n && p[at] != ';'; at++) {
    const int digit = stox_char_hex(p[at]);
    if (digit < 0 || (uint32_t)digit >= radix) {
      return 0;
    }
    point = point * radix + (uint32_t)digit;
    point = point > 0x110000 ? 0x110000 : point;
  }
  return at < n && at > from && xml_is_char(point) ? at + 1 : 0;
}

size_t xml_quick_reference(const char *p, size_t at, size_t n) {
  enum { LONGEST = 4 };
  at++;
  if (at < n && p[at] == '#') {
    return number(p, at + 1, n);
  }
  uint64_t packed = 0;
  for (unsigned i = 0; at < n && i <= LONGEST; i++, at++) {
    if (p[at] == ';') {
      return xml_entity(packed) != '\0' ? at + 1 : 0;
    }
    if (!xml_class(p[at], XML_CLASS_START)) {
      return 0; /* a NUL would not be seen in the packed name */
    }
    packed |= (uint64_t)(unsigned char)p[at] << 8 * i;
  }
  return 0;
}

xml_quick_end xml_quick_name(xml_marks *m, size_t from, size_t end, uint32_t names_max) {
  const xml_quick_end none = {0, 0};
  const size_t part = end + 1;
  if (part >= m->n || m->p[end] != ':' || !xml_class(m->p[part], XML_CLASS_START)) {
    return none;
  }
  const uint32_t prefix_n = (uint32_t)(end - from);
  end = xml_marks_name(m, part);
  return end - from > names_max
             ? none
             : (xml_quick_end){end, (uint32_t)(end - part) | prefix_n << XML_NAME_BITS};
}

/* Past an octet in a value that is no end of it; 0: the steps have to look. */
static size_t pass_in_value(const xml_marks *m, size_t at, uint32_t *raw) {
  const char c = m->p[at];
  if (c == '\'' || c == '"' || c == '>') {
    return at + 1;
  }
  if ((unsigned char)c >= 0x80) {
    return xml_quick_high(m->p, at, m->n);
  }
  *raw = XML_RAW;
  if (c == '&') {
    return xml_quick_reference(m->p, at, m->n);
  }
  return xml_class(c, XML_CLASS_SPACE) ? at + 1 : 0;
}

xml_quick_end xml_quick_value(xml_marks *m, size_t at, char quote) {
  uint32_t raw = 0;
  while (at < m->n && m->p[at] != quote) {
    at = pass_in_value(m, at, &raw);
    if (at == 0) {
      break;
    }
    at = xml_marks_data_behind(m, at);
  }
  return (xml_quick_end){at, raw};
}

/* A tag is checked for repeated names one by one as long as it has few. */
int xml_quick_may_repeat(const char *p, const xml_record *first, const xml_record *r) {
  enum { FEW = 16 };
  const uint32_t sizes = r->sizes & ~(uint32_t)XML_RAW;
  int found = r - first > FEW;
  for (; first < r && !found; first++) {
    found = (first->sizes & ~(uint32_t)XML_RAW) == sizes &&
            memcmp(p + first->name_at, p + r->name_at, xml_qname_n(sizes)) == 0;
  }
  return found;
}

unsigned xml_quick_note(const char *p, const xml_record *r) {
  const uint32_t prefix_n = xml_prefix_n(r->sizes);
  const int is_xml = prefix_n == 3 && xml_same(p + r->name_at, "xml", 3);
  const int is_raw = (r->sizes & XML_RAW) != 0 && prefix_n == 5;
  return (is_xml ? 0U : XML_QUICK_ODD) | (is_raw ? XML_QUICK_RAW : 0U);
}

/* Past an octet of text that is no '<'; 0: the steps have to look. */
static size_t pass_in_text(xml_stream *s, size_t at) {
  const char *p = s->p;
  switch (p[at]) {
  case '\'':
  case '"':
  case '\t':
  case '\n':
    return at + 1;
  case '\r':
    s->is_raw = 1;
    return at + 1;
  case '>':
    return at >= s->plain + 2 && p[at - 1] == ']' && p[at - 2] == ']' ? 0 : at + 1;
  case '&':
    at = xml_quick_reference(p, at, s->n);
    if (at > 0) {
      s->is_raw = 1;
      s->plain = at;
    }
    return at;
  default:
    return (unsigned char)p[at] >= 0x80 ? xml_quick_high(p, at, s->n) : 0;
  }
}

size_t xml_quick_text(xml_stream *s, xml_marks *m, size_t at) {
  while (at < s->n && s->p[at] != '<') {
    const size_t next = pass_in_text(s, at);
    if (next == 0) {
      break;
    }
    at = xml_marks_data_behind(m, next);
  }
  return at;
}
