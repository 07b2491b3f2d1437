/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The output buffer: the caller's memory, appended to.
 *
 * `len` counts past `cap`: once an append does not fit, nothing more is copied, every later append
 * only counts and returns STOX_E_NOBUF, and `len` is the size needed. A sequence of appends is
 * therefore checked once at its end. A writer that refuses its input puts `len` back to where it
 * was.
 */
#ifndef STOX_BUF_H
#define STOX_BUF_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/** An output buffer in the caller's memory. */
typedef struct stox_buf {
  char *p;    /**< the memory; may be NULL when `cap` is 0 */
  size_t cap; /**< octets at `p` */
  size_t len; /**< octets appended so far, also those that did not fit */
} stox_buf;

/** Makes an empty buffer of the `cap` octets at `p`, which stay the caller's. */
STOX_API void stox_buf_init(stox_buf *out, void *p, size_t cap);

/**
 * Appends octets.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_buf_put(stox_buf *out, stox_span bytes);

/** Appends one octet; same results as stox_buf_put(). */
STOX_API int stox_buf_put_octet(stox_buf *out, char octet);

/** Appends a NUL-terminated text without the NUL; same results as stox_buf_put(). */
STOX_API int stox_buf_put_text(stox_buf *out, const char *text);

/** Appends a number in decimal; same results as stox_buf_put(). */
STOX_API int stox_buf_put_number(stox_buf *out, uint64_t number);

/** @return STOX_OK while everything appended is in the buffer, else STOX_E_NOBUF */
STOX_API int stox_buf_status(const stox_buf *buf);

/** @return a view of what the buffer holds; absent once it has overflowed */
STOX_API stox_span stox_buf_span(const stox_buf *buf);

STOX_END_DECLS

#endif
