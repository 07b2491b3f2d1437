/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_PUT_H
#define STOX_BASE_PUT_H

#include "base/checked.h"
#include "stox/buf.h"
#include "stox/status.h"

#include <string.h>

/* Appending inside the library: what stox_buf_put() and its kin do, without the call. */

static inline int stox_put(stox_buf *out, const char *p, size_t n) {
  const size_t len = stox_size_add(out->len, n);
  if (len > out->cap) {
    /* Sticky: a shorter append after this one must not be copied behind a gap. */
    out->len = len;
    return STOX_E_NOBUF;
  }
  if (n > 0) {
    memcpy(out->p + out->len, p, n);
  }
  out->len = len;
  return STOX_OK;
}

static inline int stox_put_octet(stox_buf *out, char octet) {
  if (out->len < out->cap) {
    out->p[out->len++] = octet;
    return STOX_OK;
  }
  out->len = stox_size_add(out->len, 1);
  return STOX_E_NOBUF;
}

/* A string literal, whose size the compiler knows. */
#define STOX_PUT_LITERAL(out, literal) stox_put(out, literal, sizeof(literal) - 1)

#endif
