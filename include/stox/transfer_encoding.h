/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Content-Transfer-Encoding (RFC 2045 6): decoding, piece by piece or whole, and encoding.
 *
 * Strict wants what RFC 2045 lets a composer make, besides white space at the ends of lines of
 * quoted-printable, which it deletes as 6.7 says. Lenient goes on where a decoder can (6.7, 6.8)
 * and says so in `is_lenient`: for 7bit and 8bit any octet and line; for quoted-printable `=`
 * without two digits, octets that had to be encoded, small digits, a soft line break at the end,
 * line ends that are not CRLF (an LF becomes one), long lines; for base64 octets out of the
 * alphabet, which it passes over, long lines, missing padding, unused bits, groups behind the
 * padding.
 */
#ifndef STOX_TRANSFER_ENCODING_H
#define STOX_TRANSFER_ENCODING_H

#include "stox/mime_entity.h"

STOX_BEGIN_DECLS

/** Encodings. */
enum {
  STOX_TRANSFER_7BIT = 0, /**< lines of ASCII; what no header field means (RFC 2045 6.1) */
  STOX_TRANSFER_8BIT = 1, /**< lines of any octets but NUL */
  STOX_TRANSFER_BINARY = 2,
  STOX_TRANSFER_QUOTED_PRINTABLE = 3,
  STOX_TRANSFER_BASE64 = 4
};

/** Octets of a line, its end apart: of 7bit and 8bit, and of the encoded forms (RFC 2045 2.7). */
enum { STOX_TRANSFER_LINE = 998, STOX_TRANSFER_ENCODED_LINE = 76 };

/** A decoder; make it with stox_transfer_init(). */
typedef struct stox_transfer {
  int encoding;                          /**< STOX_TRANSFER_… */
  int lenient;                           /**< as asked for */
  int is_lenient;                        /**< 1: something was accepted only for that */
  int state;                             /**< @private */
  size_t offset;                         /**< octets decoded before this piece */
  uint32_t line;                         /**< @private octets of the line */
  uint32_t bits;                         /**< @private of a group */
  uint32_t n;                            /**< @private digits of a group */
  uint32_t pad;                          /**< @private `=` behind them */
  uint32_t held_n;                       /**< @private */
  int status;                            /**< @private what it was refused for */
  char held[STOX_TRANSFER_ENCODED_LINE]; /**< @private white space that a line may end with */
  char first;                            /**< @private digit behind `=` */
  char spare[3];                         /**< 0 */
} stox_transfer;

/**
 * Gives the encoding of a name, without case.
 * @param[out] out STOX_TRANSFER_…
 * @param name the value of Content-Transfer-Encoding
 * @retval STOX_OK given
 * @retval STOX_E_UNSUPPORTED_MEDIA a token, but none of RFC 2045's five
 * @retval STOX_E_BAD_HEADER no token
 */
STOX_API int stox_transfer_of(int *out, stox_span name);

/** @return the name of an encoding, static; NULL if there is none */
STOX_API const char *stox_transfer_name(int encoding);

/**
 * Gives the encoding of an entity.
 * @param[out] out STOX_TRANSFER_…
 * @param entity a parsed entity
 * @retval STOX_OK given
 * @retval STOX_E_NONE absent: 7bit in mail, what SIP and MSRP carry is binary (RFC 5621 3.2)
 * @retval STOX_E_REPEATED it stands more than once
 * @return else as stox_transfer_of()
 */
STOX_API int stox_mime_entity_transfer(int *out, const stox_mime_entity *entity);

/**
 * Begins a decoder.
 * @retval STOX_OK begun
 * @retval STOX_E_ARG no such encoding
 */
STOX_API int stox_transfer_init(stox_transfer *out, int encoding, int lenient);

/**
 * Decodes a piece, which may end anywhere.
 * @param out the buffer
 * @param decoder the decoder; behind a refusal it gives the same again
 * @param piece the next octets
 * @param[out] diag offset in all pieces together; may be NULL
 * @retval STOX_OK appended
 * @retval STOX_E_CTRL STOX_E_BAD_BODY STOX_E_BAD_BASE64 STOX_E_TOO_LONG refused; nothing of this
 * piece appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_transfer_feed(stox_buf *out, stox_transfer *decoder, stox_span piece,
                                stox_diag *diag);

/** Decodes what the last piece left open; same results as stox_transfer_feed(). */
STOX_API int stox_transfer_end(stox_buf *out, stox_transfer *decoder, stox_diag *diag);

/**
 * Decodes a whole text.
 * @param out the buffer
 * @param encoding STOX_TRANSFER_…
 * @param text the encoded body
 * @param lenient 1: see above
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_E_ARG no such encoding
 * @return else as stox_transfer_feed()
 */
STOX_API int stox_transfer_decode(stox_buf *out, int encoding, stox_span text, int lenient,
                                  stox_diag *diag);

/**
 * Encodes octets; 7bit, 8bit and binary leave them as they are. Quoted-printable keeps each CRLF
 * for a line end and encodes any other CR and LF; base64 has a CRLF between lines, none at its end.
 * @param out the buffer
 * @param encoding STOX_TRANSFER_…
 * @param octets the body
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such encoding, or octets that 7bit or 8bit cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_transfer_encode(stox_buf *out, int encoding, stox_span octets);

/** @return the least of 7bit, 8bit, binary that carries octets as they are */
STOX_API int stox_transfer_least(stox_span octets);

STOX_END_DECLS

#endif
