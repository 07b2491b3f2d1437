/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Decimal and hexadecimal numbers, hexadecimal octets and base64, all strict.
 */
#ifndef STOX_NUMBER_H
#define STOX_NUMBER_H

#include "stox/buf.h"

STOX_BEGIN_DECLS

/**
 * Reads a decimal number that fills the whole span.
 * @param[out] out the number
 * @param text 1 or more digits, nothing else
 * @param max largest value accepted
 * @retval STOX_OK read
 * @retval STOX_E_BAD_NUMBER empty, another octet, or above `max`
 */
STOX_API int stox_number_parse(uint64_t *out, stox_span text, uint64_t max);

/**
 * Appends octets as pairs of lower-case hexadecimal digits.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_hex_write(stox_buf *out, stox_span octets);

/**
 * Appends the octets that pairs of hexadecimal digits (either case) stand for.
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_HEX odd length or another octet; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_hex_parse(stox_buf *out, stox_span text);

/** Base64 alphabets. */
enum {
  STOX_BASE64 = 0,    /**< RFC 4648 4, padded */
  STOX_BASE64_URL = 1 /**< RFC 4648 5, without padding */
};

/**
 * Appends octets in base64.
 * @param out the buffer
 * @param octets any octets
 * @param alphabet STOX_BASE64 or STOX_BASE64_URL
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_base64_write(stox_buf *out, stox_span octets, int alphabet);

/**
 * Appends what base64 stands for. Strict: no white space, no missing or superfluous padding, no
 * octet outside the alphabet, unused bits zero (RFC 4648 3.5, 12).
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_BASE64 refused; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_base64_parse(stox_buf *out, stox_span text, int alphabet);

STOX_END_DECLS

#endif
