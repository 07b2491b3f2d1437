/* SPDX-License-Identifier: MIT */
/**
 * @file
 * STUN as SIP needs it on its own ports: keep-alives and their limited server (RFC 5389, RFC 3489,
 * RFC 5626 8, draft-ietf-sip-outbound-00 7).
 *
 * Functions here are pure and never allocate. Both generations are read; a request tells its own by
 * the magic cookie, and is answered in it.
 */
#ifndef STOX_STUN_H
#define STOX_STUN_H

#include "stox/buf.h"
#include "stox/flow.h"

STOX_BEGIN_DECLS

/** Types of message; other methods are read, too. */
enum {
  STOX_STUN_BINDING_REQUEST = 0x0001,
  STOX_STUN_BINDING_INDICATION = 0x0011,
  STOX_STUN_BINDING_RESPONSE = 0x0101,
  STOX_STUN_BINDING_ERROR = 0x0111
};

/** Types of attribute that are known here. */
enum {
  STOX_STUN_MAPPED_ADDRESS = 0x0001,
  STOX_STUN_RESPONSE_ADDRESS = 0x0002, /**< RFC 3489; never honoured: it makes reflectors */
  STOX_STUN_CHANGE_REQUEST = 0x0003,   /**< RFC 3489 */
  STOX_STUN_SOURCE_ADDRESS = 0x0004,   /**< RFC 3489 */
  STOX_STUN_CHANGED_ADDRESS = 0x0005,  /**< RFC 3489 */
  STOX_STUN_USERNAME = 0x0006,
  STOX_STUN_MESSAGE_INTEGRITY = 0x0008,
  STOX_STUN_ERROR_CODE = 0x0009,
  STOX_STUN_UNKNOWN_ATTRIBUTES = 0x000A,
  STOX_STUN_REALM = 0x0014,
  STOX_STUN_NONCE = 0x0015,
  STOX_STUN_XOR_MAPPED_ADDRESS = 0x0020,
  STOX_STUN_SOFTWARE = 0x8022,
  STOX_STUN_FINGERPRINT = 0x8028
};

/** Sizes in octets. */
enum {
  STOX_STUN_HEADER = 20, /**< of a header */
  STOX_STUN_ID = 12,     /**< of a transaction id */
  STOX_STUN_MOST = 1280  /**< of the largest message that is read */
};

/** A message. Spans are views of its octets. */
typedef struct stox_stun_message {
  int type;             /**< STOX_STUN_BINDING_REQUEST … */
  int has_cookie;       /**< 1: RFC 5389; 0: RFC 3489 */
  stox_span id;         /**< the transaction id: 12 octets, or 16 by RFC 3489 */
  stox_span attributes; /**< see stox_stun_next() */
  stox_span octets;     /**< the whole */
} stox_stun_message;

/**
 * Reads a message with all its attributes' lengths, and its fingerprint if it has one.
 * @param[out] out views of `octets`
 * @param octets a datagram, or a frame of a stream
 * @retval STOX_OK read
 * @retval STOX_E_SYNTAX not STUN: its two high bits are set
 * @retval STOX_E_BAD_LENGTH fewer or more octets than it says, or a length that does not add up
 * @retval STOX_E_TOO_LONG above STOX_STUN_MOST
 * @retval STOX_E_AUTH its fingerprint is wrong, or is not its last attribute (RFC 5389 15.5)
 */
STOX_API int stox_stun_parse(stox_stun_message *out, stox_span octets);

/** An attribute. */
typedef struct stox_stun_attribute {
  uint32_t type;   /**< STOX_STUN_MAPPED_ADDRESS … */
  uint32_t spare;  /**< 0 */
  stox_span value; /**< view of the message, without padding */
} stox_stun_attribute;

/** Walks the attributes of a message that was read: `*cursor` is 0 at first. STOX_OK or
 * STOX_E_NONE. */
STOX_API int stox_stun_next(stox_stun_attribute *out, const stox_stun_message *message,
                            size_t *cursor);

/** An address of STUN. */
typedef struct stox_stun_address {
  uint32_t port;             /**< UDP or TCP port */
  uint32_t address_n;        /**< 4 or 16 octets of `address` */
  unsigned char address[16]; /**< IPv4 or IPv6, the first octet first */
} stox_stun_address;

/** Gives the address that a response maps, the XORed one if it is there. STOX_OK; STOX_E_NONE: the
 * message has none; STOX_E_BAD_HOST: it is malformed. */
STOX_API int stox_stun_mapped(stox_stun_address *out, const stox_stun_message *message);

/** Gives the code of an error response (RFC 5389 15.6), 300 … 699; 0: it has none. */
STOX_API int stox_stun_error_code(const stox_stun_message *message);

/** @return 1 if both are the same, else 0 */
STOX_API int stox_stun_address_is_equal(const stox_stun_address *a, const stox_stun_address *b);

/** Appends an address as text, `192.0.2.1:5060` or `[2001:db8::1]:5060`. STOX_OK or STOX_E_NOBUF.
 */
STOX_API int stox_stun_address_write(stox_buf *out, const stox_stun_address *address);

/**
 * Appends a Binding Request of RFC 5389 without attributes, as keep-alives want it (RFC
 * 5626 4.4.2).
 * @param out the buffer
 * @param id STOX_STUN_ID octets, random and never used before
 * @retval STOX_OK appended STOX_STUN_HEADER octets
 * @retval STOX_E_ARG `id` has another length
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_stun_request(stox_buf *out, stox_span id);

/**
 * The limited server (RFC 5626 8): answers a Binding Request with where it came from, in the
 * request's own generation. What asks for an answer to elsewhere, or from elsewhere, is refused
 * with 420, as is any attribute that must be understood and is not.
 * @param out the buffer
 * @param request a datagram
 * @param source where it came from, an address
 * @param local where it came in: for RFC 3489, which wants to hear of it
 * @retval STOX_OK an answer is appended, to be sent from `local` to `source`
 * @retval STOX_E_NONE nothing is to be said: a response, an indication, another method
 * @retval STOX_E_BAD_HOST `source` or `local` is no address
 * @retval STOX_E_NOBUF counted only
 * @return else as stox_stun_parse(): it is to be dropped
 */
STOX_API int stox_stun_answer(stox_buf *out, stox_span request, const stox_endpoint *source,
                              const stox_endpoint *local);

STOX_END_DECLS

#endif
