/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Header fields of which each value is one text or one number, and the products of Server and
 * User-Agent.
 *
 * Texts, each with its grammar (RFC 3261 25.1 where nothing else is said): Allow (tokens); Require,
 * Proxy-Require, Supported, Unsupported, Content-Encoding, Priority (token); Allow-Events (RFC 6665
 * 8.4); Content-Language; Call-ID, In-Reply-To; MIME-Version; Organization, Subject (UTF-8, may be
 * empty); Server, User-Agent; P-Media-Authorization (RFC 3313 5.1); SIP-ETag, SIP-If-Match (RFC
 * 3903 11.3). Numbers: Content-Length, Expires, Min-Expires; Max-Forwards (0 … 255); RSeq (1 … 2^32
 * - 1, RFC 3262 7.1); Max-Breadth (RFC 5393 5.3.1); Flow-Timer (RFC 5626 4.4).
 */
#ifndef STOX_SIP_PLAIN_H
#define STOX_SIP_PLAIN_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/**
 * Parses a value that is one text; of a list, one element.
 * @param[out] out a view of `text` without the white space around it
 * @param id STOX_SIP_…, one of the texts above
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 * @retval STOX_E_ARG no such header field
 */
STOX_API int stox_sip_plain_parse(stox_span *out, int id, stox_span text, stox_diag *diag);

/** Appends a value, each fold as one space; STOX_OK, STOX_E_NOBUF, STOX_E_ARG, or STOX_E_BAD_HEADER
 * for what would not parse. */
STOX_API int stox_sip_plain_write(stox_buf *out, int id, stox_span value);

/**
 * Parses a value that is one number.
 * @param[out] out the number
 * @param id STOX_SIP_…, one of the numbers above
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER no number, or out of its range
 * @retval STOX_E_ARG no such header field
 */
STOX_API int stox_sip_plain_number_parse(uint32_t *out, int id, stox_span text, stox_diag *diag);

/** Appends a number; STOX_OK, STOX_E_NOBUF, STOX_E_ARG, or STOX_E_BAD_HEADER out of its range. */
STOX_API int stox_sip_plain_number_write(stox_buf *out, int id, uint32_t value);

/** A part of Server or User-Agent: a product, or a comment. */
typedef struct stox_sip_product {
  stox_span name;    /**< absent: a comment */
  stox_span version; /**< absent: none */
  stox_span comment; /**< with its parentheses; absent: a product */
} stox_sip_product;

/**
 * Gives the next part of Server or User-Agent.
 * @param[out] out views of `value`
 * @param value the value
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed from the cursor on
 */
STOX_API int stox_sip_next_product(stox_sip_product *out, stox_span value, size_t *cursor);

/** Appends a part; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_product_write(stox_buf *out, const stox_sip_product *value);

STOX_END_DECLS

#endif
