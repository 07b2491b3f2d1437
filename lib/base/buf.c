/* SPDX-License-Identifier: MIT */
#include "stox/buf.h"

#include "base/checked.h"
#include "stox/status.h"

#include <string.h>

void stox_buf_init(stox_buf *out, void *p, size_t cap) {
  *out = (stox_buf){p, cap, 0};
}

int stox_buf_put(stox_buf *out, stox_span bytes) {
  const size_t len = stox_size_add(out->len, bytes.n);
  if (len > out->cap) {
    /* Sticky: a shorter append after this one must not be copied behind a gap. */
    out->len = len;
    return STOX_E_NOBUF;
  }
  if (bytes.n > 0) {
    memcpy(out->p + out->len, bytes.p, bytes.n);
  }
  out->len = len;
  return STOX_OK;
}

int stox_buf_put_octet(stox_buf *out, char octet) {
  return stox_buf_put(out, (stox_span){&octet, 1});
}

int stox_buf_put_text(stox_buf *out, const char *text) {
  return stox_buf_put(out, stox_span_text(text));
}

int stox_buf_put_number(stox_buf *out, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return stox_buf_put(out, (stox_span){digits + at, sizeof digits - at});
}

int stox_buf_status(const stox_buf *buf) {
  return buf->len > buf->cap ? STOX_E_NOBUF : STOX_OK;
}

stox_span stox_buf_span(const stox_buf *buf) {
  if (buf->len > buf->cap) {
    return (stox_span){NULL, 0};
  }
  return (stox_span){buf->p == NULL ? "" : buf->p, buf->len};
}
