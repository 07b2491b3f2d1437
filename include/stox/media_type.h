/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Media types (RFC 2045 5.1, RFC 3261 25.1): Content-Type and the entries of Accept.
 */
#ifndef STOX_MEDIA_TYPE_H
#define STOX_MEDIA_TYPE_H

#include "stox/diag.h"
#include "stox/span.h"

STOX_BEGIN_DECLS

/** A media type in views. */
typedef struct stox_media_type {
  stox_span type;    /**< as written */
  stox_span subtype; /**< as written */
  stox_span params;  /**< from the first `;` (not included); walk with stox_param_next() */
} stox_media_type;

/** Parses a media type; STOX_OK or STOX_E_BAD_MEDIA with the offset. */
STOX_API int stox_media_type_parse(stox_media_type *out, stox_span text, stox_diag *diag);

/** @return 1 if it is `type/subtype`, without case */
STOX_API int stox_media_type_is(const stox_media_type *media, const char *type,
                                const char *subtype);

/** Gives a parameter's value without quotes (escapes kept); STOX_OK, STOX_E_NONE, STOX_E_REPEATED,
 * STOX_E_BAD_PARAM. */
STOX_API int stox_media_type_param(stox_span *out, const stox_media_type *media, const char *name);

STOX_END_DECLS

#endif
