/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Making GRUUs and telling one's own (RFC 5627, draft-ietf-sip-gruu-04).
 *
 * A GRUU needs no table here: a public one is its address of record and its instance, a temporary
 * one an encrypted number, the draft's anonymous one both, encrypted. Functions are pure; keys are
 * shareable once filled. What a URI says by its form alone: stox_uri_gruu(), stox_uri_write_aor().
 */
#ifndef STOX_GRUU_H
#define STOX_GRUU_H

#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/random.h"

STOX_BEGIN_DECLS

/**
 * Appends the public GRUU of an address of record and an instance: its URI with `gr` (RFC 5627 5.1)
 * or `opaque` (the draft, A.1). The same pair always gets the same, whether or not it registers.
 * @param out the buffer
 * @param aor a SIP or SIPS URI without parameters and headers
 * @param instance a URN, without angle brackets; what a parameter cannot hold is escaped
 * @param dialect STOX_DIALECT_…
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_URI `aor` is no such URI
 * @retval STOX_E_ARG `instance` is no URN
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_gruu_write_public(stox_buf *out, stox_span aor, stox_span instance, int dialect);

/** Keys of a domain; zero-initialise, then fill. Spans are borrowed. */
typedef struct stox_gruu_keys {
  stox_span encryption; /**< 16 secret random octets */
  stox_span
      authentication; /**< 16 octets or more, independent of the other; the RFC has 32. Absent,
                           for the draft's form alone: nothing guards it, as A.2 prints it */
} stox_gruu_keys;

/** Octets of the user part of a temporary GRUU, and how many numbers there are. */
enum { STOX_GRUU_TEMPORARY_USER = 42, STOX_GRUU_INDEX_BITS = 48 };

/**
 * Appends the user part of a temporary GRUU (RFC 5627 A.2); the URI is `sip:USER@DOMAIN;gr`. Two of
 * one index share nothing that can be seen.
 * @param out the buffer; the part needs no escapes
 * @param keys both keys
 * @param index names the address of record and the instance in the registrar's own map, below 2^48
 * @param random 80 bits are drawn
 * @retval STOX_OK appended STOX_GRUU_TEMPORARY_USER octets
 * @retval STOX_E_ARG a key that is none, an index that is too large
 * @retval STOX_E_NOBUF counted only
 * @return else as `random`, stox_hmac()
 */
STOX_API int stox_gruu_write_temporary(stox_buf *out, const stox_gruu_keys *keys, uint64_t index,
                                       const stox_random *random);

/**
 * Reads the user part of a temporary GRUU. What is not authentic is never decrypted.
 * @param[out] index its index; whether it still counts is the registrar's to know
 * @param keys the keys, those that are being replaced too
 * @param n_keys how many
 * @param user the user part as it stands in the URI, escapes included
 * @retval STOX_OK made by one of the keys
 * @retval STOX_E_NONE not of this form
 * @retval STOX_E_AUTH of this form, and not ours: 404
 * @retval STOX_E_ARG a key that is none
 * @return else as stox_hmac()
 */
STOX_API int stox_gruu_read_temporary(uint64_t *index, const stox_gruu_keys *keys, size_t n_keys,
                                      stox_span user);

/**
 * Appends the user part of the draft's anonymous GRUU (A.2), `GRUU` and what is encrypted: a random
 * salt, the address of record, the instance. Its mark, where there is an authentication key, is
 * ours: the draft has none.
 * @param out the buffer; the part needs no escapes
 * @param keys the keys
 * @param aor without spaces
 * @param instance without spaces
 * @param random 128 bits are drawn
 * @retval STOX_OK appended
 * @retval STOX_E_ARG a key that is none, a text that is empty or has a space
 * @retval STOX_E_TOO_LONG both are longer than 256 octets together
 * @retval STOX_E_NOBUF counted only
 * @return else as `random`, stox_hmac()
 */
STOX_API int stox_gruu_write_anonymous(stox_buf *out, const stox_gruu_keys *keys, stox_span aor,
                                       stox_span instance, const stox_random *random);

/** What an anonymous GRUU says, views of the arena. */
typedef struct stox_gruu_anonymous {
  stox_span aor;      /**< still to be checked: one of this domain (A.2) */
  stox_span instance; /**< still to be checked: a URN */
} stox_gruu_anonymous;

/**
 * Reads the user part of an anonymous GRUU.
 * @param[out] out what it says
 * @param arena where it goes
 * @param keys the keys, those that are being replaced too
 * @param n_keys how many
 * @param user the user part as it stands in the URI, escapes included
 * @retval STOX_OK made by one of the keys; without an authentication key: of a form that those make
 * @retval STOX_E_NONE not of this form
 * @retval STOX_E_AUTH of this form, and not ours
 * @retval STOX_E_ARG a key that is none
 * @retval STOX_E_NOMEM the arena is exhausted
 * @return else as stox_hmac()
 */
STOX_API int stox_gruu_read_anonymous(stox_gruu_anonymous *out, stox_arena *arena,
                                      const stox_gruu_keys *keys, size_t n_keys, stox_span user);

STOX_END_DECLS

#endif
