/* SPDX-License-Identifier: MIT */
#include "stox/buf.h"

#include "base/put.h"

void stox_buf_init(stox_buf *out, void *p, size_t cap) {
  *out = (stox_buf){p, cap, 0};
}

int stox_buf_put(stox_buf *out, stox_span bytes) {
  return stox_put(out, bytes.p, bytes.n);
}

int stox_buf_put_octet(stox_buf *out, char octet) {
  return stox_put_octet(out, octet);
}

int stox_buf_put_text(stox_buf *out, const char *text) {
  size_t n = 0;
  while (text != NULL && text[n] != '\0') {
    n++;
  }
  return stox_put(out, text, n);
}

int stox_buf_put_number(stox_buf *out, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return stox_put(out, digits + at, sizeof digits - at);
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
