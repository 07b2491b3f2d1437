/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Whether a chain of certificates is to be trusted: RFC 5280 6, RFC 6120 13.7.2, RFC 5922 7.
 *
 * The verdict is pure: anchors, lists of revoked certificates, pins, the name asked for and the
 * time are arguments. GnuTLS checks signatures, basic constraints, name constraints and key
 * strength; time, purpose, names, pins and revocation are judged here. GnuTLS allocates inside, out
 * of reach of the host's allocator, and the libraries below it (GMP, libtasn1) end the process
 * where malloc fails.
 */
#ifndef STOX_CHAIN_H
#define STOX_CHAIN_H

#include "stox/certificate.h"

STOX_BEGIN_DECLS

/** Trust anchors and certificate revocation lists; shareable once filled. */
typedef struct stox_anchors stox_anchors;

/**
 * Makes an empty set.
 * @param[out] out the set; the caller's, free it with stox_anchors_free()
 * @param alloc must outlive it
 * @retval STOX_OK made
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_anchors_new(stox_anchors **out, const stox_allocator *alloc);

/** Frees a set; NULL is nothing. */
STOX_API void stox_anchors_free(stox_anchors *anchors);

/**
 * Adds certificates that are trusted as they are: authorities, or a peer's own certificate.
 * @param anchors the set; as it was on failure
 * @param text PEM with any number of certificates, or the DER of one; copied
 * @param[out] added how many; may be NULL
 * @retval STOX_OK added
 * @retval STOX_E_NONE PEM without a certificate
 * @retval STOX_E_SYNTAX not a certificate, or anything else that stox_certificate_parse() or
 * stox_pem_next() gives
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_anchors_add(stox_anchors *anchors, stox_span text, size_t *added);

/**
 * Adds certificate revocation lists (RFC 5280 5). They are checked when they are used.
 * @param anchors the set; as it was on failure
 * @param text PEM with any number of lists, or the DER of one; copied
 * @param[out] added how many; may be NULL
 * @retval STOX_OK added
 * @retval STOX_E_NONE PEM without a list
 * @retval STOX_E_SYNTAX not a list, or anything else that stox_pem_next() gives
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_anchors_add_crl(stox_anchors *anchors, stox_span text, size_t *added);

/** Reasons why a chain is refused; bits, several may hold. */
enum {
  STOX_CHAIN_ABSENT = 1 << 0,              /**< no certificate at all */
  STOX_CHAIN_MALFORMED = 1 << 1,           /**< a certificate that cannot be read */
  STOX_CHAIN_NOT_YET = 1 << 2,             /**< a certificate that is not valid yet */
  STOX_CHAIN_EXPIRED = 1 << 3,             /**< a certificate that is not valid any more */
  STOX_CHAIN_UNKNOWN_ISSUER = 1 << 4,      /**< it leads to no anchor */
  STOX_CHAIN_SELF_SIGNED = 1 << 5,         /**< signed by itself, and no anchor */
  STOX_CHAIN_BAD_SIGNATURE = 1 << 6,       /**< a signature that is not the issuer's */
  STOX_CHAIN_WEAK = 1 << 7,                /**< a key or an algorithm that is too weak */
  STOX_CHAIN_NOT_CA = 1 << 8,              /**< an issuer that may not sign certificates */
  STOX_CHAIN_CONSTRAINTS = 1 << 9,         /**< name or path length constraints of an issuer */
  STOX_CHAIN_UNKNOWN_CRITICAL = 1 << 10,   /**< a critical extension that is not known */
  STOX_CHAIN_WRONG_PURPOSE = 1 << 11,      /**< its extended key usage is for something else */
  STOX_CHAIN_REVOKED = 1 << 12,            /**< revoked by its issuer */
  STOX_CHAIN_REVOCATION_UNKNOWN = 1 << 13, /**< nobody knows, and STOX_REVOCATION_REQUIRE is set */
  STOX_CHAIN_WRONG_NAME = 1 << 14,         /**< not for the name that was asked for */
  STOX_CHAIN_BAD_NAMES = 1 << 15,          /**< subjectAltName is malformed, or beyond the limits */
  STOX_CHAIN_PIN_MISMATCH = 1 << 16,       /**< no pin fits: the key has changed */
  STOX_CHAIN_TOO_LONG = 1 << 17,           /**< more certificates than the limit */
  STOX_CHAIN_BAD_STAPLE = 1 << 18,         /**< a stapled OCSP response that is not satisfactory:
                                                forged, outdated or about another certificate
                                                (RFC 6066 8) */
  STOX_CHAIN_NO_STAPLE = 1 << 19,          /**< the certificate demands that its holder staples an
                                                OCSP response, and none says that it is not revoked
                                                (RFC 7633) */
  STOX_CHAIN_BY_HOST = 1 << 20             /**< refused by the host's `decide` */
};

/**
 * The name of a reason without its `STOX_CHAIN_` prefix, such as `EXPIRED`.
 * @param reason one bit
 * @return static text; `UNKNOWN` for anything else
 */
STOX_API const char *stox_chain_reason_name(uint32_t reason);

/** What pins mean. */
enum {
  STOX_PIN_BESIDE =
      0, /**< a certificate on the path must fit, and the path must lead to an anchor */
  STOX_PIN_INSTEAD = 1 /**< the peer's own certificate must fit, and needs no anchor: one that the
                            user approved (RFC 3920 14.2 option 2) */
};

/** What is asked of revocation. */
enum {
  STOX_REVOCATION_IF_KNOWN = 0, /**< refused if a list, a stapled response or the callback says that
                                     it is revoked */
  STOX_REVOCATION_REQUIRE = 1   /**< refused unless one of them says that it is not */
};

/** Flags of the rules. */
enum {
  /** Accept SHA-1 signatures and RSA keys below 2,048 bits; for tests of old documents. */
  STOX_CHAIN_ALLOW_WEAK = 1,
  /** The peer was asked to staple OCSP responses, so that a certificate that demands them (RFC
   * 7633) is refused without; a TLS session of a client sets it. */
  STOX_CHAIN_STAPLE_ASKED = 2
};

/** A verdict. Set `size` first. */
typedef struct stox_chain_verdict {
  size_t size;          /**< sizeof of this struct in the caller's build */
  int status;           /**< STOX_OK: trusted; STOX_E_AUTH: not, see `reasons`; STOX_E_MORE: a
                             callback has no answer yet */
  uint32_t reasons;     /**< STOX_CHAIN_…; 0: nothing speaks against it */
  uint32_t path;        /**< certificates on the path that was checked, the anchor apart */
  uint32_t skipped;     /**< names of the peer that cannot be what they claim to be */
  int matched;          /**< STOX_IDENTITY_… that answered the reference */
  stox_span identities; /**< all identities of the peer, one a line, in the arena */
} stox_chain_verdict;

/** Rules; make them with stox_chain_rules_init(). Everything is borrowed. */
typedef struct stox_chain_rules {
  size_t size;                     /**< sizeof of this struct in the caller's build */
  int64_t wall_s;                  /**< now, seconds since 1970 */
  const stox_anchors *anchors;     /**< whom to trust; NULL: nobody (default) */
  const stox_reference *reference; /**< the name asked for; NULL: none (default) */
  stox_span pins;                  /**< STOX_PIN_SIZE octets each; empty: none (default) */
  int pin_use;                     /**< STOX_PIN_… */
  int revocation;                  /**< STOX_REVOCATION_… */
  uint32_t purposes; /**< STOX_PURPOSE_… of which one is needed; 0: by the reference: a client needs
                          CLIENT, XMPP_SERVICE and HOST need SERVER, XMPP_SERVER and SIP, which act
                          as both, SERVER or CLIENT, SIP also SIP_DOMAIN; none without reference.
                          SIP_DOMAIN alone is the rule of RFC 5924 */
  uint32_t flags;    /**< STOX_CHAIN_ALLOW_WEAK */
  uint32_t depth;    /**< certificates on a path, the anchor apart, at most 10 (default) */
  uint32_t names;    /**< octets of identities (default 65,536) */
  void *ud;          /**< the first argument of the callbacks */
  /** Tells whether a certificate is revoked: STOX_OK: it is not; STOX_E_AUTH: it is; STOX_E_MORE:
   * the answer is under way, and the verdict waits if nothing else refuses the chain; anything
   * else: not known. It is asked about each certificate of a path that leads to an anchor, and
   * again when the chain is judged again. NULL: no such source (default). Must not longjmp or
   * re-enter. */
  int (*revoked)(void *ud, stox_span certificate, stox_span issuer);
  const stox_span *staples; /**< OCSP responses that the peer stapled, one a certificate of the
                                 chain in its order, empty where there is none; NULL (default) */
  size_t staples_n;         /**< how many */
  /** The host's word behind all others: keys that it has pinned, users who approve a certificate
   * (RFC 3920 14.2), DANE. STOX_OK: trusted, whatever the reasons; STOX_E_AUTH: refused;
   * STOX_E_NONE: the verdict stands; STOX_E_MORE: not decided yet. Anything else is STOX_E_AUTH.
   * The verdict given is what the other rules found, the chain is the peer's. NULL: none (default).
   * Must not longjmp or re-enter. */
  int (*decide)(void *ud, const stox_chain_verdict *verdict, const stox_span *chain, size_t n);
} stox_chain_rules;

/**
 * Fills rules with their defaults.
 * @param[out] out the caller's struct
 * @param size the caller's `sizeof *out`
 * @retval STOX_OK filled
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_chain_rules_init(stox_chain_rules *out, size_t size);

/**
 * Judges a chain. All reasons that can be seen are told, not the first alone.
 * @param[in,out] out the verdict
 * @param arena room for the identities
 * @param chain DER of each certificate, the peer's own first; the others in any order
 * @param n how many; at most 16 are looked at, more are STOX_CHAIN_TOO_LONG
 * @param rules what is asked
 * @retval STOX_OK judged; `out->status` is the verdict
 * @retval STOX_E_BAD_DOMAIN the reference is no domain
 * @retval STOX_E_BAD_JID the reference is no bare JID
 * @retval STOX_E_NOMEM the arena or GnuTLS has no memory
 * @retval STOX_E_ARG a size, a rule or a reference that is none
 */
STOX_API int stox_chain_verify(stox_chain_verdict *out, stox_arena *arena, const stox_span *chain,
                               size_t n, const stox_chain_rules *rules);

STOX_END_DECLS

#endif
