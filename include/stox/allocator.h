/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The host's allocator, through which all long-lived objects and arena chunks get their memory.
 *
 * Three borders allocate inside the library they call, out of its reach: non-ASCII text (libidn,
 * libidn2, libunistring), XML documents (libxml2) and certificates and TLS (GnuTLS).
 */
#ifndef STOX_ALLOCATOR_H
#define STOX_ALLOCATOR_H

#include "stox/api.h"

STOX_BEGIN_DECLS

/** One function that allocates, grows, shrinks and frees. */
typedef struct stox_allocator {
  size_t size; /**< sizeof of this struct in the caller's build */
  void *ud;    /**< the first argument of `resize` */
  /**
   * Allocates (`p == NULL`), resizes, or frees (`new_n == 0`, returns NULL). The memory is aligned
   * for any object. NULL for `new_n > 0` means failure, and `p` stays as it was. Must not longjmp
   * or re-enter.
   */
  void *(*resize)(void *ud, void *p, size_t old_n, size_t new_n);
} stox_allocator;

/** @return the allocator over the C library's realloc and free; a shareable constant */
STOX_API const stox_allocator *stox_allocator_libc(void);

STOX_END_DECLS

#endif
