/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The address map of RFC 7247 section 6: SIP, SIPS, IM and PRES URIs ⇄ JIDs.
 */
#ifndef STOX_ADDRESS_MAP_H
#define STOX_ADDRESS_MAP_H

#include "stox/jid.h"
#include "stox/uri.h"

STOX_BEGIN_DECLS

/** Modes. */
enum {
  STOX_MAP_REVERSIBLE = 0, /**< the whole of XEP-0106 both ways; map and unmap are inverse */
  STOX_MAP_RFC7247 = 1     /**< the three characters of RFC 7247 6.4-5 and 6.5-3 only */
};

/** What becomes of resourcepart and `gr`. */
enum { STOX_MAP_RESOURCE_KEEP = 0, STOX_MAP_RESOURCE_DROP = 1 };

/** The im and pres character sets. */
enum {
  STOX_MAP_IM_SAFE = 0, /**< also encode what Table 1 allows but a URI does not (reversible) */
  STOX_MAP_IM_RFC = 1   /**< Table 1 as printed */
};

/** Kinds of stanza, for the scheme (RFC 7247 6.5 step 7). */
enum { STOX_MAP_KIND_OTHER = 0, STOX_MAP_KIND_MESSAGE = 1, STOX_MAP_KIND_PRESENCE = 2 };

/** What a mapping had to leave out. */
enum {
  STOX_DROPPED_PASSWORD = 1,
  STOX_DROPPED_PORT = 2,
  STOX_DROPPED_PARAMS = 4, /**< URI parameters other than `gr` */
  STOX_DROPPED_HEADERS = 8,
  STOX_DROPPED_RESOURCE = 16,  /**< resourcepart or public `gr`, because of options or scheme */
  STOX_DROPPED_TEMP_GRUU = 32, /**< valueless `gr`: names no resource (RFC 7247 6.3) */
  STOX_DROPPED_DRAFT_GRUU = 64 /**< `gruu`, `opaque=` of the 2005 draft */
};

/** Options of the map; make them with stox_map_options_init(). Shareable once filled. */
typedef struct stox_map_options {
  size_t size;  /**< sizeof of this struct in the caller's build */
  int mode;     /**< STOX_MAP_REVERSIBLE */
  int scheme;   /**< STOX_SCHEME_SIP, the scheme that a JID becomes */
  int resource; /**< STOX_MAP_RESOURCE_KEEP */
  int im_chars; /**< STOX_MAP_IM_SAFE */
  int profile;  /**< STOX_JID_NODEPREP; STOX_JID_NONE leaves case as it is */
  int lenient;  /**< 1: accept what STOX_URI_LENIENT accepts, and non-canonical localparts */
  void *ud;     /**< the first argument of the callbacks */
  /**
   * Maps a host: `to_xmpp` 1 from SIP to XMPP, 0 the other way. Appends to `out`; STOX_OK or a
   * status, STOX_E_NONE: use the default, IDNA2008. NULL: always the default.
   */
  int (*domain)(void *ud, stox_buf *out, stox_span host, int to_xmpp);
  /** Sees each mapped JID, for a check of confusable characters; STOX_OK or a status. May be NULL.
   */
  int (*confusable)(void *ud, const stox_jid *jid);
} stox_map_options;

/** Result of a mapping. */
typedef struct stox_map_result {
  stox_span text;   /**< the JID or the URI, in the arena */
  stox_jid jid;     /**< the JID in parts (of `text`, or of the JID given) */
  int scheme;       /**< STOX_SCHEME_… of the URI given or made */
  uint32_t dropped; /**< STOX_DROPPED_… */
} stox_map_result;

/**
 * Fills options with their defaults.
 * @param[out] out the caller's struct
 * @param size the caller's `sizeof *out`
 * @retval STOX_OK filled
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_map_options_init(stox_map_options *out, size_t size);

/**
 * Maps a SIP-side URI to a JID (RFC 7247 6.4).
 * @param[out] out the result, in `arena`
 * @param arena where it goes
 * @param uri the URI's text
 * @param options NULL: defaults
 * @param[out] diag offset in `uri`; may be NULL
 * @retval STOX_OK mapped
 * @retval STOX_E_UNSUPPORTED_SCHEME tel, xmpp and all others
 * @retval STOX_E_BAD_URI STOX_E_BAD_PCT STOX_E_BAD_HOST STOX_E_BAD_PORT STOX_E_BAD_PARAM malformed;
 *         also a repeated or empty `gr` (STOX_E_BAD_PARAM)
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what the escapes decode to
 * @retval STOX_E_ESCAPED_SPACE_AT_END a space first or last
 * @retval STOX_E_AMBIGUOUS it would become the JID of another user: by a sequence of mode
 *         STOX_MAP_RFC7247 (7247-6.5-14), or by one that preparation makes of other characters
 * @retval STOX_E_UNMAPPABLE mode STOX_MAP_RFC7247: a character that needs another sequence
 * @retval STOX_E_ZONE_ID an IPv6 address with a zone id
 * @retval STOX_E_ARG options out of range
 * @retval STOX_E_BAD_LOCALPART STOX_E_BAD_DOMAIN STOX_E_BAD_RESOURCE STOX_E_TOO_LONG not a JID
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_map_uri_to_jid(stox_map_result *out, stox_arena *arena, stox_span uri,
                                 const stox_map_options *options, stox_diag *diag);

/**
 * Maps the URI of a Contact, From or To to a JID, where `gr` may stand behind the angle brackets as
 * RFC 8048 prints it.
 * @param[out] out the result, in `arena`
 * @param arena where it goes
 * @param uri the URI's text
 * @param gr the header parameter `gr`; NULL: there is none
 * @param options NULL: defaults
 * @param[out] diag offset in `uri`; may be NULL
 * @retval STOX_E_BAD_PARAM also where `gr` stands inside and outside
 * @retval other as stox_map_uri_to_jid()
 */
STOX_API int stox_map_contact_to_jid(stox_map_result *out, stox_arena *arena, stox_span uri,
                                     const stox_param *gr, const stox_map_options *options,
                                     stox_diag *diag);

/**
 * Maps a JID to a SIP-side URI (RFC 7247 6.5).
 * @param[out] out the result, in `arena`
 * @param arena where it goes
 * @param jid the JID's text
 * @param options NULL: defaults
 * @param[out] diag offset in `jid`; may be NULL
 * @retval STOX_OK mapped
 * @retval STOX_E_BAD_JID STOX_E_BAD_UTF8 STOX_E_CTRL STOX_E_TOO_LONG not a JID
 * @retval STOX_E_BAD_LOCALPART STOX_E_BAD_DOMAIN STOX_E_BAD_RESOURCE refused by its profile
 * @retval STOX_E_NONCANONICAL mode STOX_MAP_REVERSIBLE (7247-6.5-13)
 * @retval STOX_E_BAD_DOMAIN also a domainpart that is no host name of RFC 3261
 * @retval STOX_E_ZONE_ID an IPv6 domainpart with a zone id
 * @retval STOX_E_ARG options out of range
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_map_jid_to_uri(stox_map_result *out, stox_arena *arena, stox_span jid,
                                 const stox_map_options *options, stox_diag *diag);

/** The schemes that a foreign domain supports, from its `_im._sip`/`_pres._sip` records or by
 * policy. */
enum { STOX_MAP_SUPPORTS_IM = 1, STOX_MAP_SUPPORTS_PRES = 2 };

/**
 * Chooses the scheme for a stanza (RFC 7247 6.5 step 7).
 * @param kind STOX_MAP_KIND_…
 * @param supports STOX_MAP_SUPPORTS_… of the foreign domain
 * @param secure 1: `sips` instead of `sip`
 * @return STOX_SCHEME_…
 */
STOX_API int stox_map_scheme(int kind, int supports, int secure);

STOX_END_DECLS

#endif
