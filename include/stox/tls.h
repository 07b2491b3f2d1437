/* SPDX-License-Identifier: MIT */
/**
 * @file
 * TLS sessions, octets in and octets out: TLS 1.3 and 1.2 (RFC 8446, RFC 5246, RFC 9325).
 *
 * A session has no socket and no thread: what comes from the wire is fed, what has to go to the
 * wire is asked for, and the same holds of the plaintext. Every priority is explicit and no
 * process-wide function of GnuTLS is called. GnuTLS allocates and draws randomness inside, out of
 * the host's reach; the age of resumption data is the one thing it measures by its own clock.
 *
 * A context is shareable once its certificates are added; a session is local, made after fork().
 */
#ifndef STOX_TLS_H
#define STOX_TLS_H

#include "stox/chain.h"
#include "stox/flow.h"

STOX_BEGIN_DECLS

/** Versions; the wire's numbers. */
enum {
  STOX_TLS_NONE = 0,     /**< not yet negotiated */
  STOX_TLS_1_2 = 0x0303, /**< TLS 1.2 */
  STOX_TLS_1_3 = 0x0304  /**< TLS 1.3 */
};

/** Octets of a key for session tickets. */
enum { STOX_TLS_TICKET_KEY_SIZE = 64 };

/** What many sessions share. */
typedef struct stox_tls_context stox_tls_context;

/** Options of a context; make them with stox_tls_context_options_init(). Borrowed for the call. */
typedef struct stox_tls_context_options {
  size_t size;          /**< sizeof of this struct in the caller's build */
  int min_version;      /**< STOX_TLS_1_2 (default) or STOX_TLS_1_3 */
  int spare;            /**< 0 */
  stox_span priorities; /**< GnuTLS priority string in place of ours, which has AEAD ciphers with
                             ECDHE alone; absent: ours (default) */
  stox_span ticket_key; /**< server: STOX_TLS_TICKET_KEY_SIZE secret random octets, the same in all
                             processes that shall resume a session; absent: no resumption
                             (default) */
} stox_tls_context_options;

/**
 * Fills options with their defaults.
 * @param[out] out the caller's struct
 * @param size the caller's `sizeof *out`
 * @retval STOX_OK filled
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_tls_context_options_init(stox_tls_context_options *out, size_t size);

/**
 * Makes a context without a certificate.
 * @param[out] out the context; the caller's, free it with stox_tls_context_free()
 * @param alloc must outlive it
 * @param options NULL: all defaults
 * @retval STOX_OK made
 * @retval STOX_E_ARG a version, a size or a priority string that is none
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_tls_context_new(stox_tls_context **out, const stox_allocator *alloc,
                                  const stox_tls_context_options *options);

/**
 * Adds a certificate of ours with its key. With several, a session that speaks for a name shows the
 * one that answers it, else a server the one that answers the name its client asks for, else the
 * first.
 * @param context no session may have been made with it
 * @param chain PEM, our own certificate first
 * @param key PEM, not encrypted
 * @retval STOX_OK added
 * @retval STOX_E_SYNTAX not a chain or not a key, or the key is not the certificate's
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_tls_context_add(stox_tls_context *context, stox_span chain, stox_span key);

/**
 * Server: keeps the OCSP response that is stapled to a certificate of ours from now on, for clients
 * that ask (RFC 6066 8). It is not checked: see stox_ocsp_check(). Sessions of other threads must
 * not be in their handshake meanwhile.
 * @param context has the certificate
 * @param index which certificate, 0 for the first that was added
 * @param response DER; copied; empty: none any more
 * @retval STOX_OK kept
 * @retval STOX_E_NONE no such certificate
 * @retval STOX_E_NOMEM no memory; what was kept before stays
 */
STOX_API int stox_tls_context_staple(stox_tls_context *context, size_t index, stox_span response);

/** Frees a context, after the sessions that were made with it; NULL is nothing. */
STOX_API void stox_tls_context_free(stox_tls_context *context);

/** Roles. */
enum {
  STOX_TLS_CLIENT = 0, /**< sends the first octet */
  STOX_TLS_SERVER = 1  /**< waits for it */
};

/** Whether a server asks its client for a certificate. */
enum {
  STOX_TLS_ASK_NONE = 0,    /**< no */
  STOX_TLS_ASK_REQUEST = 1, /**< yes, and goes on without one */
  STOX_TLS_ASK_REQUIRE = 2  /**< yes, and refuses a client without one */
};

/** What becomes of a peer whose certificate is refused. */
enum {
  STOX_TLS_VERIFY = 0, /**< the handshake fails with an alert (RFC 6120 13.7.2) */
  STOX_TLS_REPORT = 1  /**< the handshake goes on and the verdict is told: for policies that allow a
                            weaker authentication behind it, such as dialback */
};

/** Options of a session; make them with stox_tls_options_init(). A client asks for stapled OCSP
 * responses. Copied, but for `context`,
 * `rules.anchors` and `rules.ud`, which must outlive the session. */
typedef struct stox_tls_options {
  size_t size;                     /**< sizeof of this struct in the caller's build */
  const stox_tls_context *context; /**< required; one without a certificate suits a client */
  int role;                        /**< STOX_TLS_CLIENT (default) or STOX_TLS_SERVER */
  int ask;                         /**< server: STOX_TLS_ASK_… (NONE) */
  int verify;                      /**< STOX_TLS_VERIFY (default) or STOX_TLS_REPORT */
  int resumable;                   /**< client: 1: ask for data to resume the session by (0) */
  const stox_chain_rules *rules;   /**< how the peer's certificate is judged, the time included; a
                                        client that verifies needs it, with a reference, pins or
                                        `decide`; `staples` are the session's own matter */
  stox_span server_name; /**< client: domain that is asked for, in A-labels or U-labels (RFC 6066 3,
                              XEP-0368 3); absent: not told (default) */
  const stox_span *alpn; /**< protocols in order of preference (RFC 7301), such as `xmpp-server` */
  size_t alpn_n;         /**< how many, at most 8 (0) */
  int alpn_required;     /**< 1: no common protocol ends the handshake (0) */
  uint32_t input;        /**< octets from the wire that may wait, at least 18,432 (65,536) */
  uint32_t output;       /**< octets for the wire beyond which no plaintext is taken (131,072) */
  uint32_t handshake;    /**< octets from the wire that a handshake may take (131,072) */
  stox_span resume;      /**< client: what stox_tls_resumption() gave; absent: none (default). Data
                              that is unfit is passed over. */
  stox_span own_name;    /**< domain of ours that is spoken for: the certificate that answers it is
                              shown; absent, or none does: a server shows what its client asks
                              for, a client the first (default) */
} stox_tls_options;

/**
 * Fills options with their defaults.
 * @param[out] out the caller's struct
 * @param size the caller's `sizeof *out`
 * @retval STOX_OK filled
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_tls_options_init(stox_tls_options *out, size_t size);

/** One session; local. */
typedef struct stox_tls stox_tls;

/**
 * Makes a session. A client has output at once.
 * @param[out] out the session; the caller's, free it with stox_tls_free()
 * @param alloc must outlive it
 * @param options required
 * @retval STOX_OK made
 * @retval STOX_E_ARG an option that the contract excludes
 * @retval STOX_E_BAD_DOMAIN `server_name` is no domain
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_tls_new(stox_tls **out, const stox_allocator *alloc,
                          const stox_tls_options *options);

/** Frees a session; NULL is nothing. Nothing is sent. */
STOX_API void stox_tls_free(stox_tls *tls);

/** States. */
enum {
  STOX_TLS_SHAKING = 0, /**< the handshake is under way: no plaintext yet */
  STOX_TLS_OPEN = 1,    /**< plaintext may be read and written */
  STOX_TLS_CLOSING = 2, /**< our close notification is out: plaintext may still be read */
  STOX_TLS_CLOSED = 3,  /**< both close notifications were given */
  STOX_TLS_FAILED = 4   /**< dead; an alert may wait to be sent */
};

/** @return STOX_TLS_SHAKING, … */
STOX_API int stox_tls_state(const stox_tls *tls);

/**
 * Takes octets from the wire.
 * @param tls the session
 * @param[out] consumed octets taken; fewer than given while plaintext waits to be read
 * @param bytes any number; feed keeps no view
 * @retval STOX_OK taken
 * @retval STOX_E_AUTH the peer's certificate is refused, see stox_tls_verdict()
 * @retval STOX_E_REFUSED the peer ended the session by an alert, see stox_tls_alert()
 * @retval STOX_E_UNSUPPORTED no version, cipher or protocol in common
 * @retval STOX_E_BAD_TLS not TLS, or against its rules
 * @retval STOX_E_LIMIT a limit is exceeded
 * @retval STOX_E_NOMEM no memory
 *
 * After any failure the session is dead, stox_tls_output() holds the last alert, and every later
 * call gives the same status.
 */
STOX_API int stox_tls_feed(stox_tls *tls, size_t *consumed, stox_span bytes);

/**
 * Tells whether the handshake waits for one of the rules' callbacks, which said STOX_E_MORE. Octets
 * are taken up to the limit of input meanwhile, and nothing of them is handled.
 * @return 1 if stox_tls_decide() has to follow, else 0
 */
STOX_API int stox_tls_is_undecided(const stox_tls *tls);

/**
 * Has the peer's certificate judged again, now that the callbacks know more; they are asked again,
 * and may say STOX_E_MORE again.
 * @param tls a session that is undecided
 * @param wall_s now, seconds since 1970
 * @retval STOX_OK the handshake goes on, or waits again
 * @retval STOX_E_STATE the session is not undecided
 * @retval STOX_E_AUTH the peer's certificate is refused, or anything else that stox_tls_feed()
 * gives
 */
STOX_API int stox_tls_decide(stox_tls *tls, int64_t wall_s);

/**
 * Tells that the wire ended: what is left can still be read, then comes STOX_E_TRUNCATED unless the
 * peer had sent its close notification.
 * @retval STOX_OK noted
 * @retval STOX_E_TRUNCATED the handshake was not over
 */
STOX_API int stox_tls_end(stox_tls *tls);

/** @return what has to go to the wire; valid until the next call on the session */
STOX_API stox_span stox_tls_output(const stox_tls *tls);

/** Forgets the first `n` octets of the output: they were sent. */
STOX_API void stox_tls_sent(stox_tls *tls, size_t n);

/**
 * Gives plaintext.
 * @param tls the session
 * @param[out] p where it goes
 * @param cap octets at `p`, at least 1
 * @param[out] n how many were given
 * @retval STOX_OK `*n` octets, at least one
 * @retval STOX_E_MORE none now
 * @retval STOX_E_NONE the peer's close notification: no more will come
 * @retval STOX_E_TRUNCATED the wire ended without one (RFC 8446 6.1)
 * @retval STOX_E_LIMIT the peer asked for renegotiation, a server for the second time: it is
 * refused by an alert
 * @retval STOX_E_ARG `cap` is 0
 * @retval STOX_E_BAD_TLS against the rules, or anything else that stox_tls_feed() gives
 */
STOX_API int stox_tls_read(stox_tls *tls, char *p, size_t cap, size_t *n);

/**
 * Takes plaintext.
 * @param tls the session
 * @param[out] consumed octets taken; fewer than given once the output is at its limit
 * @param bytes any number
 * @retval STOX_OK taken
 * @retval STOX_E_STATE the handshake is not over, or our close notification is out
 * @retval STOX_E_NOMEM no memory; the session is dead
 */
STOX_API int stox_tls_write(stox_tls *tls, size_t *consumed, stox_span bytes);

/**
 * Puts our close notification into the output; nothing can be written after it.
 * @retval STOX_OK there, also when it was there before
 * @retval STOX_E_STATE the handshake is not over
 * @retval STOX_E_NOMEM no memory; the session is dead
 */
STOX_API int stox_tls_close(stox_tls *tls);

/**
 * Who the peer is, for flows and policies.
 * @return valid as long as the session; NULL until the handshake is over
 */
STOX_API const stox_peer *stox_tls_peer(const stox_tls *tls);

/**
 * The verdict on the peer's certificate.
 * @param tls the session
 * @param[in,out] out set `size` first; views live as long as the session
 * @retval STOX_OK given
 * @retval STOX_E_NONE not judged (yet): no rules, or the certificate has not come; a verdict whose
 * own status is STOX_E_MORE is not final
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_tls_verdict(const stox_tls *tls, stox_chain_verdict *out);

/**
 * One certificate of the peer's, to show or to keep (RFC 3920 14.2).
 * @param tls the session
 * @param index 0: the peer's own
 * @param[out] out DER; valid as long as the session
 * @retval STOX_OK given
 * @retval STOX_E_NONE the peer showed fewer
 */
STOX_API int stox_tls_certificate(const stox_tls *tls, size_t index, stox_span *out);

/** @return STOX_TLS_1_2 or STOX_TLS_1_3; STOX_TLS_NONE before the handshake is over */
STOX_API int stox_tls_version(const stox_tls *tls);

/** @return the name of the cipher suite as IANA has it; static; NULL before the handshake is over
 */
STOX_API const char *stox_tls_cipher(const stox_tls *tls);

/** @return number of the last alert that came or went, such as 42 for bad_certificate; -1: none */
STOX_API int stox_tls_alert(const stox_tls *tls);

/**
 * Server: appends the name that the client asks for (RFC 6066 3).
 * @retval STOX_OK appended
 * @retval STOX_E_NONE it asks for none
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_tls_server_name(const stox_tls *tls, stox_buf *out);

/** @return 1 if an earlier session was resumed, else 0 */
STOX_API int stox_tls_is_resumed(const stox_tls *tls);

/**
 * Client: appends what resumes this session later. Secret. With TLS 1.3 it comes some time behind
 * the handshake, and a later one replaces it.
 * @retval STOX_OK appended
 * @retval STOX_E_NONE there is none (yet)
 * @retval STOX_E_NOMEM no memory
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_tls_resumption(const stox_tls *tls, stox_buf *out);

STOX_END_DECLS

#endif
