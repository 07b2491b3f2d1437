/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Digest authentication (RFC 3261 22, RFC 2617, RFC 7616, RFC 8760): challenges and credentials as
 * headers, responses, their check, Authentication-Info, nonces that need no table.
 *
 * All functions are pure. Views are of the header's value; quoted values stand without quotes, with
 * their escapes, as the hashes take them (RFC 7616 3.4.2 `unq`). Not told by these functions: that
 * the `uri` of credentials is the Request-URI, and the realm one that is guarded.
 */
#ifndef STOX_DIGEST_H
#define STOX_DIGEST_H

#include "stox/buf.h"
#include "stox/diag.h"
#include "stox/hash.h"

STOX_BEGIN_DECLS

/** Qualities of protection; a challenge may offer both. */
enum {
  STOX_DIGEST_NO_QOP = 0,  /**< none: RFC 2069 */
  STOX_DIGEST_AUTH = 1,    /**< the request line */
  STOX_DIGEST_AUTH_INT = 2 /**< the body too */
};

/** The most octets of a hash in hexadecimal, and the octets of a nonce made here. */
enum { STOX_DIGEST_HEX_MAX = 64, STOX_DIGEST_NONCE = 43 };

/** A challenge or credentials; absent parameters are absent spans. */
typedef struct stox_digest {
  stox_span realm;    /**< both */
  stox_span nonce;    /**< both */
  stox_span opaque;   /**< both */
  stox_span domain;   /**< challenge */
  stox_span username; /**< credentials; as written, see stox_digest_username() */
  stox_span uri;      /**< credentials */
  stox_span response; /**< credentials; hexadecimal */
  stox_span cnonce;   /**< credentials, with a qop */
  uint32_t nc;        /**< credentials, with a qop: 1, 2, … */
  int algorithm;      /**< STOX_HASH_MD5, STOX_HASH_SHA256, STOX_HASH_SHA512_256 */
  int is_session;     /**< 1: the algorithm's `-sess` form */
  int qop;            /**< challenge: STOX_DIGEST_AUTH and STOX_DIGEST_AUTH_INT added; credentials:
                         one of them */
  int stale;          /**< challenge: 1: only the nonce is too old */
  int userhash;    /**< 1: `username` is, or may be, the hash of name and realm (RFC 7616 3.4.4) */
  int is_extended; /**< credentials: 1: `username` is that of `username*` (RFC 7616 3.4) */
  int spare;       /**< 0 */
} stox_digest;

/** What a server adds to an answer (RFC 7616 3.5); absent parameters are absent spans. */
typedef struct stox_digest_info {
  stox_span nextnonce; /**< the nonce to use next */
  stox_span rspauth;   /**< hexadecimal */
  stox_span cnonce;    /**< with a qop, that of the credentials */
  uint32_t nc;         /**< with a qop, that of the credentials */
  int qop;             /**< STOX_DIGEST_NO_QOP … */
} stox_digest_info;

/** Which nonce counts of one nonce were seen; zero at first. */
typedef struct stox_digest_window {
  uint64_t seen;    /**< @private bit i: `highest` - i was seen */
  uint32_t highest; /**< @private */
  uint32_t spare;   /**< 0 */
} stox_digest_window;

/**
 * Parses a value of WWW-Authenticate or Proxy-Authenticate. Unknown parameters are passed over.
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed, a parameter twice, or realm or nonce absent
 * @retval STOX_E_UNSUPPORTED another scheme, or no algorithm or qop that is known
 */
STOX_API int stox_digest_parse_challenge(stox_digest *out, stox_span value, stox_diag *diag);

/**
 * Parses the value of Authorization or Proxy-Authorization. Unknown parameters are passed over.
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed, a parameter twice, or one of username, realm, nonce, uri,
 * response, or with a qop cnonce and nc, absent; both `username` and `username*`
 * @retval STOX_E_UNSUPPORTED another scheme, or an algorithm or qop that is not known
 */
STOX_API int stox_digest_parse_credentials(stox_digest *out, stox_span value, stox_diag *diag);

/**
 * Appends a challenge.
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such algorithm, realm or nonce absent, or no qop though the algorithm is
 * not MD5; nothing appended
 * @retval STOX_E_BAD_PARAM a value cannot stand in quotes; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_digest_write_challenge(stox_buf *out, const stox_digest *challenge);

/**
 * Appends credentials.
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such algorithm, or a part that its parser wants is absent; nothing appended
 * @retval STOX_E_BAD_PARAM a value cannot stand in quotes; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_digest_write_credentials(stox_buf *out, const stox_digest *credentials);

/**
 * Hashes user, realm and password (A1 of RFC 7616 3.4.2), which is what a server stores.
 * @param[out] out twice stox_hash_size() hexadecimal digits
 * @param algorithm STOX_HASH_…
 * @param username the user
 * @param realm the realm
 * @param password the password
 * @retval STOX_OK hashed
 * @return else as stox_hash_parts()
 */
STOX_API int stox_digest_ha1(char out[STOX_DIGEST_HEX_MAX], int algorithm, stox_span username,
                             stox_span realm, stox_span password);

/**
 * Computes the response of credentials.
 * @param[out] out twice stox_hash_size() hexadecimal digits
 * @param credentials all but `response`
 * @param ha1 what stox_digest_ha1() gave, without regard to `is_session`
 * @param method the request's method
 * @param body the request's body; used with STOX_DIGEST_AUTH_INT alone
 * @retval STOX_OK computed
 * @return else as stox_hash_parts()
 */
STOX_API int stox_digest_response(char out[STOX_DIGEST_HEX_MAX], const stox_digest *credentials,
                                  stox_span ha1, stox_span method, stox_span body);

/**
 * Checks the response of credentials in a time that says nothing of where it differs.
 * @retval STOX_OK it is right
 * @retval STOX_E_AUTH it is not
 * @return else as stox_hash_parts()
 */
STOX_API int stox_digest_check(const stox_digest *credentials, stox_span ha1, stox_span method,
                               stox_span body);

/**
 * Gives the first challenge that can be answered, as a server puts the one first that it prefers
 * (RFC 8760 2.4). What is malformed, unknown or not allowed is passed over.
 * @param[out] out the challenge
 * @param[out] index its place among `values`; may be NULL
 * @param values of WWW-Authenticate or Proxy-Authenticate, in order
 * @param n number of values
 * @param realm the realm that credentials are for, as written; absent: any
 * @param algorithms the allowed ones, `1 << STOX_HASH_…` added up; 0: all
 * @retval STOX_OK given
 * @retval STOX_E_NONE there is none
 */
STOX_API int stox_digest_select(stox_digest *out, size_t *index, const stox_span *values, size_t n,
                                stox_span realm, int algorithms);

/**
 * Begins credentials for a challenge. What is left to set: `username` (and `is_extended`; with
 * `userhash` what stox_digest_userhash() gives), `uri`, `response`.
 * @param[out] out realm, nonce, opaque, algorithm, qop, userhash as the challenge wants them
 * @param challenge the challenge
 * @param qop the one that is preferred; another is taken if it is not offered
 * @param nc how often the nonce was used, this time included
 * @param cnonce random octets of the client, as text
 */
STOX_API void stox_digest_answer(stox_digest *out, const stox_digest *challenge, int qop,
                                 uint32_t nc, stox_span cnonce);

/**
 * Hashes a user's name (RFC 7616 3.4.4): what a server looks users up by.
 * @param[out] out twice stox_hash_size() hexadecimal digits
 * @param algorithm STOX_HASH_…
 * @param username the user
 * @param realm the realm
 * @retval STOX_OK hashed
 * @return else as stox_hash_parts()
 */
STOX_API int stox_digest_userhash(char out[STOX_DIGEST_HEX_MAX], int algorithm, stox_span username,
                                  stox_span realm);

/**
 * Appends the user's name, or its hash, that credentials carry: escapes of a quoted string, or the
 * percent-encoding of `username*` (RFC 5987), decoded.
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_PARAM a `username*` that is not UTF-8 in that encoding; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_digest_username(stox_buf *out, const stox_digest *credentials);

/**
 * Appends a user's name as the value of `username*`.
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 the name is none; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_digest_extend(stox_buf *out, stox_span username);

/**
 * Parses the value of Authentication-Info or Proxy-Authentication-Info. Unknown parameters are
 * passed over.
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed, a parameter twice, or with a qop one of rspauth, cnonce, nc
 * absent
 * @retval STOX_E_UNSUPPORTED a qop that is not known
 */
STOX_API int stox_digest_parse_info(stox_digest_info *out, stox_span value, stox_diag *diag);

/**
 * Appends the value of Authentication-Info.
 * @retval STOX_OK appended
 * @retval STOX_E_ARG nothing to say, or a part that its parser wants is absent; nothing appended
 * @retval STOX_E_BAD_PARAM a value cannot stand in quotes; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_digest_write_info(stox_buf *out, const stox_digest_info *info);

/**
 * Computes `rspauth`, by which a server shows that it knows the secret too.
 * @param[out] out twice stox_hash_size() hexadecimal digits
 * @param credentials those of the request
 * @param ha1 as given to stox_digest_check()
 * @param body the response's body; used with STOX_DIGEST_AUTH_INT alone
 * @retval STOX_OK computed
 * @return else as stox_hash_parts()
 */
STOX_API int stox_digest_rspauth(char out[STOX_DIGEST_HEX_MAX], const stox_digest *credentials,
                                 stox_span ha1, stox_span body);

/**
 * Checks a server's answer in a time that says nothing of where it differs.
 * @param info of the response
 * @param credentials those of the request
 * @param ha1 as given to stox_digest_response()
 * @param body the response's body
 * @retval STOX_OK `rspauth` is right, and qop, cnonce and nc are the request's
 * @retval STOX_E_AUTH it is not
 * @retval STOX_E_MISSING there is no `rspauth`
 * @return else as stox_hash_parts()
 */
STOX_API int stox_digest_check_info(const stox_digest_info *info, const stox_digest *credentials,
                                    stox_span ha1, stox_span body);

/**
 * Appends a nonce: time and salt under HMAC-SHA-256.
 * @param out the buffer
 * @param key the server's secret
 * @param context what the nonce is bound to, such as the realm; may be empty
 * @param wall_s seconds since 1970
 * @param salt 8 random octets of the host
 * @retval STOX_OK appended STOX_DIGEST_NONCE octets
 * @retval STOX_E_NOBUF counted only
 * @return else as stox_hmac()
 */
STOX_API int stox_digest_nonce_make(stox_buf *out, stox_span key, stox_span context,
                                    uint64_t wall_s, const unsigned char salt[8]);

/**
 * Checks a nonce.
 * @param nonce what a client sent
 * @param key as given when it was made
 * @param context as given when it was made
 * @param wall_s seconds since 1970
 * @param lifetime_s how long a nonce is good
 * @retval STOX_OK it is ours and good
 * @retval STOX_E_TIMEOUT it is ours but too old: challenge again with `stale`
 * @retval STOX_E_AUTH it is not ours
 * @return else as stox_hmac()
 */
STOX_API int stox_digest_nonce_check(stox_span nonce, stox_span key, stox_span context,
                                     uint64_t wall_s, uint64_t lifetime_s);

/**
 * Notes a nonce count, of which each may come once; requests may overtake each other by up to 63.
 * To be asked behind stox_digest_check(), so that no stranger spends counts.
 * @retval STOX_OK it is new
 * @retval STOX_E_REPEATED it was seen, or is too far behind to tell
 * @retval STOX_E_BAD_NUMBER it is 0
 */
STOX_API int stox_digest_window_check(stox_digest_window *window, uint32_t nc);

STOX_END_DECLS

#endif
