/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Server dialback (XEP-0220, the draft of RFC 3920 8): its elements, and keys that need no table
 * (XEP-0185).
 *
 * All functions are pure. Dialback is weak verification, not authentication: it says that a server
 * is whom DNS leads to.
 */
#ifndef STOX_DIALBACK_H
#define STOX_DIALBACK_H

#include "stox/error_map.h"
#include "stox/xml.h"

STOX_BEGIN_DECLS

/** Elements. */
enum {
  STOX_DIALBACK_RESULT = 1, /**< `db:result`: between the originating and the receiving server */
  STOX_DIALBACK_VERIFY = 2  /**< `db:verify`: between the receiving and the authoritative server */
};

/** Types. */
enum {
  STOX_DIALBACK_REQUEST = 0, /**< no type: it carries a key */
  STOX_DIALBACK_VALID = 1,   /**< the key is right */
  STOX_DIALBACK_INVALID = 2, /**< it is not */
  STOX_DIALBACK_ERROR = 3    /**< nobody can tell (XEP-0220 2.5) */
};

/** Octets of a key made here. */
enum { STOX_DIALBACK_KEY = 64 };

/** An element of dialback. */
typedef struct stox_dialback {
  int kind;       /**< STOX_DIALBACK_RESULT or STOX_DIALBACK_VERIFY */
  int type;       /**< STOX_DIALBACK_REQUEST … */
  stox_span from; /**< a domain, as sent */
  stox_span to;   /**< a domain, as sent */
  stox_span id;   /**< `db:verify`: that of the receiving server's stream */
  stox_span key;  /**< STOX_DIALBACK_REQUEST: without white space around it */
  int condition; /**< STOX_DIALBACK_ERROR: STOX_COND_…; STOX_COND_UNDEFINED_CONDITION for one that
                    is not known */
  int spare;     /**< 0 */
} stox_dialback;

/**
 * Appends a key: HMAC-SHA-256 under the hexadecimal SHA-256 of the secret, in lower-case
 * hexadecimal (XEP-0185 3).
 * @param out the buffer
 * @param secret what the originating and the authoritative server of a domain share; not empty
 * @param receiving the domain to which the originating server sends, in the form that its
 * authoritative server will be asked with
 * @param originating the domain that it sends for, in that form too
 * @param stream_id the id in the receiving server's stream header
 * @retval STOX_OK appended STOX_DIALBACK_KEY octets
 * @retval STOX_E_ARG a part is empty, or a domain holds a space
 * @retval STOX_E_TOO_LONG a domain or the id is above 1023 octets
 * @retval STOX_E_NOBUF counted only
 * @return else as stox_hmac()
 */
STOX_API int stox_dialback_key_make(stox_buf *out, stox_span secret, stox_span receiving,
                                    stox_span originating, stox_span stream_id);

/**
 * Checks a key in a time that says nothing of where it differs.
 * @param key what was asked about
 * @param secret as for stox_dialback_key_make()
 * @param receiving as there
 * @param originating as there
 * @param stream_id as there
 * @retval STOX_OK it is right
 * @retval STOX_E_AUTH it is not, or a part is one of which no key is made
 * @return else as stox_hmac()
 */
STOX_API int stox_dialback_key_check(stox_span key, stox_span secret, stox_span receiving,
                                     stox_span originating, stox_span stream_id);

/**
 * Reads an element of dialback, with any prefix or none.
 * @param[out] out views of the element, or of `arena`
 * @param arena where texts are joined that the reader left in pieces
 * @param element a child of the stream's root
 * @retval STOX_OK read
 * @retval STOX_E_NONE it is none
 * @retval STOX_E_MISSING `from`, `to`, the id of `db:verify` or the key of a request is absent or
 * empty; `out` holds the rest
 * @retval STOX_E_UNSUPPORTED another type; `out` holds the rest
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_dialback_read(stox_dialback *out, stox_arena *arena,
                                const stox_xml_element *element);

/**
 * Appends an element of dialback for a stream whose header declares the prefix `db` (XEP-0220 2.2)
 * and has `jabber:server` as its content namespace.
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such kind, type or condition, or a part is absent that
 * stox_dialback_read() wants; nothing appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL a text that XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_dialback_write(stox_buf *out, const stox_dialback *dialback);

/**
 * The stream error that stands for an error of dialback where the peer does not know the type
 * `error`, as before XEP-0220, when any error ended the stream (RFC 3920 8.3).
 * @param condition STOX_COND_…
 * @return STOX_STREAM_…
 */
STOX_API int stox_dialback_stream_error(int condition);

STOX_END_DECLS

#endif
