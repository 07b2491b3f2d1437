/* SPDX-License-Identifier: MIT */
#include "locate/wire.h"

#include "stox/buf.h"
#include "stox/status.h"

#include <string.h>

enum { LABEL_MAX = 63, POINTER = 0xC0, HOPS_MAX = 32 };

stox_span stox_wire_octets(wire *w, size_t n) {
  if (w->bad || n > w->end - w->at) {
    w->bad = 1;
    return (stox_span){NULL, 0};
  }
  const stox_span octets = {w->message.p + w->at, n};
  w->at += n;
  return octets;
}

unsigned stox_wire_octet(wire *w) {
  const stox_span one = stox_wire_octets(w, 1);
  return one.n == 1 ? (unsigned char)one.p[0] : 0;
}

unsigned stox_wire_u16(wire *w) {
  const unsigned high = stox_wire_octet(w);
  return high << 8 | stox_wire_octet(w);
}

uint32_t stox_wire_u32(wire *w) {
  const uint32_t high = stox_wire_u16(w);
  return high << 16 | stox_wire_u16(w);
}

stox_span stox_wire_string(wire *w) {
  return stox_wire_octets(w, stox_wire_octet(w));
}

static void add_label(wire_name *out, wire *w, unsigned length) {
  const stox_span label = stox_wire_octets(w, length);
  /* One octet stays for the root. */
  if (w->bad || length > LABEL_MAX || out->n + 1 + length > WIRE_NAME_MAX - 1) {
    w->bad = 1;
    return;
  }
  out->p[out->n++] = (unsigned char)length;
  memcpy(out->p + out->n, label.p, length);
  out->n += length;
}

/* A pointer must lead before the part of the name that it ends, so it makes no circle. */
static void follow(wire *w, unsigned length, size_t *start) {
  const size_t to = (length & ~(unsigned)POINTER) << 8 | stox_wire_octet(w);
  if (w->plain || to >= *start) {
    w->bad = 1;
    return;
  }
  *start = to;
  w->at = to;
}

void stox_wire_name_read(wire_name *out, wire *w) {
  wire at = *w;
  size_t start = w->at;
  size_t behind = 0; /* where the reader goes on after the first pointer */
  int hops = 0;
  out->n = 0;
  for (;;) {
    const unsigned length = stox_wire_octet(&at);
    if (length >= POINTER) {
      behind = behind == 0 ? at.at + 1 : behind;
      follow(&at, length, &start);
    } else if (length > 0) {
      add_label(out, &at, length);
    }
    if (at.bad || length == 0) {
      break;
    }
    /* Pointers to pointers to pointers: linear, but long. */
    hops += length >= POINTER;
    at.bad = hops > HOPS_MAX;
  }
  out->p[out->n++] = 0;
  w->bad = at.bad;
  if (!at.bad) {
    w->at = behind == 0 ? at.at : behind;
  }
}

static stox_span span_of(const wire_name *name) {
  return (stox_span){(const char *)name->p, name->n};
}

/* Lengths are below the letters, so they may be folded with them. */
int stox_wire_name_is_equal(const wire_name *a, const wire_name *b) {
  return stox_span_is_equal_nocase(span_of(a), span_of(b));
}

int stox_wire_name_of(wire_name *out, stox_span text) {
  out->n = 0;
  while (text.n > 0) {
    const size_t n = stox_span_find(text, '.');
    if (n == 0 || n > LABEL_MAX || out->n + 1 + n > WIRE_NAME_MAX - 1) {
      return 0;
    }
    out->p[out->n++] = (unsigned char)n;
    memcpy(out->p + out->n, text.p, n);
    out->n += n;
    text = stox_span_slice(text, n + 1, text.n);
  }
  out->p[out->n++] = 0;
  return out->n > 1;
}

static int is_plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/* RFC 1035 5.1: a backslash and three decimal digits. */
static void put_octet(stox_buf *out, unsigned char c) {
  if (is_plain(c)) {
    stox_buf_put_octet(out, (char)c);
    return;
  }
  stox_buf_put_octet(out, '\\');
  stox_buf_put_octet(out, (char)('0' + c / 100));
  stox_buf_put_octet(out, (char)('0' + c / 10 % 10));
  stox_buf_put_octet(out, (char)('0' + c % 10));
}

static void put_name(stox_buf *out, const wire_name *name) {
  if (name->n <= 1) {
    stox_buf_put_octet(out, '.');
  }
  for (size_t at = 0; name->p[at] != 0; at += name->p[at] + 1U) {
    if (at > 0) {
      stox_buf_put_octet(out, '.');
    }
    for (size_t i = 1; i <= name->p[at]; i++) {
      put_octet(out, name->p[at + i]);
    }
  }
}

int stox_wire_name_text(stox_span *out, stox_arena *arena, const wire_name *name) {
  stox_buf text;
  stox_buf_init(&text, NULL, 0);
  put_name(&text, name);
  const size_t n = text.len;
  char *p = stox_arena_take(arena, n, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&text, p, n);
  put_name(&text, name);
  *out = stox_buf_span(&text);
  return STOX_OK;
}
