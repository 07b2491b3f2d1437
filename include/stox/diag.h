/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a parser says beside its status: where, by which rule, and what a server should answer.
 */
#ifndef STOX_DIAG_H
#define STOX_DIAG_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/** A diagnosis. Functions that take one accept NULL, and leave it untouched on success. */
typedef struct stox_diag {
  int code;         /**< the status that the function returned */
  int answer;       /**< the SIP status code a server should send; 0: none */
  size_t offset;    /**< octet of the input at which the rule broke */
  const char *rule; /**< static citation such as `RFC3261-25.1 Via` */
} stox_diag;

/**
 * Fills a diagnosis and returns its code, so that a parser can `return stox_diag_set(…)`.
 * @param[out] diag may be NULL
 * @param code the status
 * @param answer SIP status code, 0: none
 * @param offset octet of the input
 * @param rule static text
 * @return `code`
 */
STOX_API int stox_diag_set(stox_diag *diag, int code, int answer, size_t offset, const char *rule);

STOX_END_DECLS

#endif
