/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Limits of all parsers and engines; each is checked before "more input needed" is said.
 */
#ifndef STOX_LIMITS_H
#define STOX_LIMITS_H

#include "stox/api.h"

STOX_BEGIN_DECLS

/** Limits; make one with stox_limits_init() and change what you need. */
typedef struct stox_limits {
  size_t size;           /**< sizeof of this struct in the caller's build */
  uint32_t message;      /**< octets of a SIP message (65,536) */
  uint32_t line;         /**< octets of a SIP start line or header field (16,384) */
  uint32_t header_count; /**< header fields of a SIP message (256) */
  uint32_t uri;          /**< octets of a URI (8,192) */
  uint32_t stanza;       /**< octets of a top-level XML element (262,144) */
  uint32_t depth;        /**< XML nesting below the stream (64) */
  uint32_t attributes;   /**< attributes of an XML element (64) */
  uint32_t names;        /**< octets of an XML name (256) */
  uint32_t queue;        /**< entries of an engine's queue for one destination (1,024) */
  uint32_t transactions; /**< concurrent SIP transactions, answered ones that
                              linger 32 s over UDP included (524,288) */
  uint32_t body_parts;   /**< parts of a multipart body, those of nested ones included (64) */
  uint32_t body_depth;   /**< multiparts within each other (8, which is also the most) */
  uint32_t body_fields;  /**< header fields of a part or of a message/cpim (64) */
  uint32_t body_line;    /**< octets of such a header field (8,192) */
  uint32_t sdp_lines;    /**< lines of a session description (2,048) */
} stox_limits;

/**
 * Fills limits with their defaults.
 * @param[out] out the caller's struct
 * @param size the caller's `sizeof *out`
 * @retval STOX_OK filled
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_limits_init(stox_limits *out, size_t size);

STOX_END_DECLS

#endif
