/* SPDX-License-Identifier: MIT */
#include "xml/decode.h"

#include "base/chars.h"
#include "xml/runs.h"

#include <string.h>

#define PACK2(a, b)       ((uint64_t)(a) | (uint64_t)(b) << 8)
#define PACK4(a, b, c, d) (PACK2(a, b) | PACK2(c, d) << 16)

/* Text that is unescaped where it stands: the result never overtakes what it is made of. */
typedef struct cursor {
  char *p;
  size_t n;
  size_t at;
  size_t put;
} cursor;

char xml_entity(uint64_t packed) {
  switch (packed) {
  case PACK2('l', 't'):
    return '<';
  case PACK2('g', 't'):
    return '>';
  case PACK4('a', 'm', 'p', 0):
    return '&';
  case PACK4('a', 'p', 'o', 's'):
    return '\'';
  case PACK4('q', 'u', 'o', 't'):
    return '"';
  default:
    return '\0';
  }
}

/* The plain octets up to `end`. */
static void put_run(cursor *c, size_t end) {
  const size_t n = end - c->at;
  memmove(c->p + c->put, c->p + c->at, n);
  c->put += n;
  c->at = end;
}

static void put_octet(cursor *c, uint32_t octet) {
  c->p[c->put++] = (char)octet;
}

static void put_point(cursor *c, uint32_t point) {
  if (point < 0x80) {
    put_octet(c, point);
    return;
  }
  const uint32_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static const uint32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
  put_octet(c, leads[more] | point >> 6 * more);
  for (uint32_t left = more; left > 0; left--) {
    put_octet(c, 0x80 | (point >> 6 * (left - 1) & 0x3F));
  }
}

/* At the octet behind "&#". */
static void put_number(cursor *c) {
  const int is_hex = c->p[c->at] == 'x';
  const uint32_t radix = is_hex ? 16 : 10;
  uint32_t point = 0;
  c->at += is_hex ? 1 : 0;
  while (c->p[c->at] != ';') {
    point = point * radix + (uint32_t)stox_char_hex(c->p[c->at++]);
  }
  put_point(c, point);
}

/* At the '&'. */
static void put_reference(cursor *c) {
  c->at++;
  if (c->p[c->at] == '#') {
    c->at++;
    put_number(c);
  } else {
    uint64_t packed = 0;
    for (unsigned shift = 0; c->p[c->at] != ';'; shift += 8) {
      packed |= (uint64_t)(unsigned char)c->p[c->at++] << shift;
    }
    put_octet(c, (unsigned char)xml_entity(packed));
  }
  c->at++;
}

/* A CR, with the LF that follows it. */
static void put_line_end(cursor *c, char as) {
  c->at++;
  if (c->at < c->n && c->p[c->at] == '\n') {
    c->at++;
  }
  put_octet(c, (unsigned char)as);
}

/* At the '<' of "<![CDATA[". */
static void put_cdata(cursor *c) {
  c->at += sizeof "<![CDATA[" - 1;
  while (memcmp(c->p + c->at, "]]>", 3) != 0) {
    if (c->p[c->at] == '\r') {
      put_line_end(c, '\n');
    } else {
      put_octet(c, (unsigned char)c->p[c->at++]);
    }
  }
  c->at += 3;
}

size_t xml_decode_text(char *p, size_t n) {
  cursor c = {p, n, 0, 0};
  for (;;) {
    put_run(&c, xml_run_data(p, c.at, n));
    if (c.at == n) {
      return c.put;
    }
    switch (p[c.at]) {
    case '&':
      put_reference(&c);
      break;
    case '<':
      put_cdata(&c);
      break;
    case '\r':
      put_line_end(&c, '\n');
      break;
    default:
      put_octet(&c, (unsigned char)p[c.at++]);
      break;
    }
  }
}

size_t xml_decode_value(char *p, size_t n) {
  cursor c = {p, n, 0, 0};
  for (;;) {
    put_run(&c, xml_run_data(p, c.at, n));
    if (c.at == n) {
      return c.put;
    }
    switch (p[c.at]) {
    case '&':
      put_reference(&c);
      break;
    case '\r':
      put_line_end(&c, ' ');
      break;
    case '\t':
    case '\n':
      c.at++;
      put_octet(&c, ' ');
      break;
    default:
      put_octet(&c, (unsigned char)p[c.at++]);
      break;
    }
  }
}
