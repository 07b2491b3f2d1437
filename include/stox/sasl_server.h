/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The receiving side of SASL: one object for each stream that is to be authenticated.
 *
 * *Placeable*. It holds no connection and no clock; the host gives it the elements that it reads
 * and sends those that it gets. What only the host knows is asked by a callback, which may answer
 * later. Secrets are wiped when they are not needed any more, and all of the object when it ends.
 *
 * Who is no user is not told: the exchange goes on with keys that no password fits, and fails as
 * with a wrong password.
 */
#ifndef STOX_SASL_SERVER_H
#define STOX_SASL_SERVER_H

#include "stox/flow.h"
#include "stox/random.h"
#include "stox/sasl.h"
#include "stox/scram.h"

STOX_BEGIN_DECLS

/** The receiving side of one stream. */
typedef struct stox_sasl_server stox_sasl_server;

/** What is asked. */
enum {
  STOX_SASL_ASK_SCRAM = 1,    /**< the keys of `username` for `hash` */
  STOX_SASL_ASK_PASSWORD = 2, /**< whether `password` is that of `username`; both are prepared by
                                 SASLprep; see stox_scram_check() */
  STOX_SASL_ASK_DIGEST = 3,   /**< the secret of `username` in `realm`: stox_sasl_digest_secret() */
  STOX_SASL_ASK_AUTHORIZE = 4 /**< whether `username`, which is authenticated, may act for `jid`:
                                 asked where they differ, and always with EXTERNAL */
};

/** A question to the host; views that live until it is answered. */
typedef struct stox_sasl_question {
  int kind;           /**< STOX_SASL_ASK_… */
  int hash;           /**< STOX_SASL_ASK_SCRAM: STOX_HASH_… */
  stox_span username; /**< the simple user name; with EXTERNAL the same as `jid` */
  stox_span password; /**< STOX_SASL_ASK_PASSWORD */
  stox_span realm;    /**< STOX_SASL_ASK_DIGEST */
  stox_span jid;      /**< STOX_SASL_ASK_AUTHORIZE: prepared, a bare JID or a domain */
  stox_span domain;   /**< the domain that is served here, prepared */
} stox_sasl_question;

/** An answer; make it with stox_sasl_answer_init(). */
typedef struct stox_sasl_answer {
  size_t size;                     /**< sizeof of this struct in the caller's build */
  int condition;                   /**< STOX_SASL_…: why who is authenticated is refused all the
                                      same, such as STOX_SASL_ACCOUNT_DISABLED; 0: not */
  int spare;                       /**< 0 */
  stox_scram_keys keys;            /**< STOX_SASL_ASK_SCRAM */
  unsigned char digest_secret[16]; /**< STOX_SASL_ASK_DIGEST */
} stox_sasl_answer;

/** Options; make them with stox_sasl_server_options_init(). All is copied, but `alloc` and `random`
 * must outlive the object. */
typedef struct stox_sasl_server_options {
  size_t size;               /**< sizeof of this struct in the caller's build */
  int stream;                /**< STOX_SASL_CLIENT_STREAM or STOX_SASL_SERVER_STREAM */
  uint32_t mechanisms;       /**< those that policy allows (STOX_SASL_MECHANISMS_DEFAULT) */
  uint32_t retries;          /**< failures that do not end the stream: 2 … 5 (2) */
  uint32_t iterations;       /**< what users who do not exist have; that of real ones (4096) */
  stox_span domain;          /**< the domain that is served here, which is DIGEST-MD5's realm too */
  stox_span from;            /**< `from` of the stream's header; absent: none */
  stox_span decoy_secret;    /**< for stox_scram_decoy(); empty: SCRAM is not offered */
  const stox_peer *peer;     /**< NULL: an unprotected stream */
  const stox_random *random; /**< NULL: SCRAM and DIGEST-MD5 are not offered */
  const stox_allocator *alloc; /**< NULL: the C library's */
  void *ud;                    /**< the first argument of `ask` */
  /**
   * Asks the host. NULL: only EXTERNAL is offered, and only for the identities of the certificate.
   * Must not longjmp or re-enter.
   * @return STOX_OK: yes, or the answer is filled; STOX_E_MORE: stox_sasl_server_done() will tell;
   * STOX_E_AUTH: no, or there is no such user; else: it cannot be told now
   */
  int (*ask)(void *ud, const stox_sasl_question *question, stox_sasl_answer *answer);
} stox_sasl_server_options;

/** States. */
enum {
  STOX_SASL_SERVER_OPEN = 1,   /**< `auth`, `response` or `abort` may come */
  STOX_SASL_SERVER_ASKING = 2, /**< stox_sasl_server_done() is awaited */
  STOX_SASL_SERVER_DONE = 3,   /**< success: the stream restarts */
  STOX_SASL_SERVER_SPENT = 4 /**< too many failures: close with policy-violation (RFC 6120 6.4.5) */
};

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_sasl_server_options_init(stox_sasl_server_options *out, size_t size);

/** Fills an answer with its defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_sasl_answer_init(stox_sasl_answer *out, size_t size);

/**
 * Makes the receiving side of a stream.
 * @retval STOX_OK made
 * @retval STOX_E_ARG no domain or not one, `retries` out of range, or 0 iterations
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_sasl_server_new(stox_sasl_server **out, const stox_sasl_server_options *options);

/** Wipes and ends it; NULL is allowed. */
STOX_API void stox_sasl_server_del(stox_sasl_server *obj);

/** @return the mechanisms to be offered on this stream, see stox_sasl_mechanisms_write(). PLAIN
 * only under TLS, -PLUS only where the peer has a channel binding, EXTERNAL only where it has a
 * certificate that is valid. */
STOX_API uint32_t stox_sasl_server_mechanisms(const stox_sasl_server *obj);

/**
 * Takes an element of the peer.
 * @param obj the object
 * @param in what came
 * @param[out] out what to send: `challenge`, `success` or `failure`; lives until the next call
 * @retval STOX_OK there is something to send
 * @retval STOX_E_MORE the host was asked: stox_sasl_server_done() gives what to send
 * @retval STOX_E_STATE nothing may come now
 */
STOX_API int stox_sasl_server_feed(stox_sasl_server *obj, const stox_sasl_message *in,
                                   stox_sasl_message *out);

/**
 * Answers a question for which the callback gave STOX_E_MORE.
 * @param obj the object
 * @param status as the callback would have returned it, not STOX_E_MORE
 * @param answer NULL: the default
 * @param[out] out what to send; lives until the next call
 * @retval STOX_OK there is something to send
 * @retval STOX_E_MORE one more question was asked
 * @retval STOX_E_STATE no question is open
 * @retval STOX_E_ARG `status` is STOX_E_MORE; nothing changed
 */
STOX_API int stox_sasl_server_done(stox_sasl_server *obj, int status,
                                   const stox_sasl_answer *answer, stox_sasl_message *out);

/** @return STOX_SASL_SERVER_OPEN … */
STOX_API int stox_sasl_server_state(const stox_sasl_server *obj);

/** @return who the peer is, once STOX_SASL_SERVER_DONE, else absent: a prepared bare JID, or the
 * domain of a server (RFC 6120 4.3.6); lives as long as the object */
STOX_API stox_span stox_sasl_server_jid(const stox_sasl_server *obj);

/** @return the mechanism of the exchange under way or done; 0: none */
STOX_API int stox_sasl_server_mechanism(const stox_sasl_server *obj);

STOX_END_DECLS

#endif
