/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Single messages: SIP MESSAGE (RFC 3428) ⇄ XMPP message stanza, by the tables of RFC 7572.
 *
 * Pure functions: they keep no state. Bodies are text/plain here; everything else is refused by
 * name.
 */
#ifndef STOX_MESSAGE_H
#define STOX_MESSAGE_H

#include "stox/address_map.h"
#include "stox/sip.h"
#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** Options of both directions; make them with stox_message_options_init(). */
typedef struct stox_message_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_map_options *map; /**< NULL: defaults */
  stox_span ns;                /**< stanza namespace of the stream (`jabber:component:accept`) */
  int type;                    /**< type of the stanza made, STOX_TYPE_NONE (RFC 7572 5) or _CHAT */
  int prefer_4xx;        /**< error map: 1 (default) avoids 6xx, which end forking for a user */
  uint32_t max_stanza;   /**< octets of a stanza made (262,144) */
  uint32_t max_forwards; /**< Max-Forwards of a request made (70) */
  stox_span user_agent;  /**< User-Agent or Server; absent: none */
  int has_hops;          /**< 1: a stanza made says `hops`, see stox_hops_write() (0) */
  uint32_t hops;         /**< what stox_hops_take() left */
} stox_message_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_message_options_init(stox_message_options *out, size_t size);

/** The addresses of a mapped message, in the arena. */
typedef struct stox_message_route {
  stox_jid from_jid; /**< the XMPP side's sender */
  stox_jid to_jid;   /**< the XMPP side's recipient */
  stox_span from;    /**< written: a JID towards XMPP, a URI towards SIP */
  stox_span to;      /**< written, as `from` */
  stox_span id;      /**< towards XMPP: the stanza's id, set by the caller, see stox_message_id() */
  uint32_t dropped;  /**< STOX_DROPPED_… of both addresses */
  uint32_t spare;    /**< 0 */
} stox_message_route;

/**
 * Maps the addresses of a SIP request: Request-URI to `to`, From to `from` (RFC 7572 Table 2).
 * @param[out] out the route, in `arena`
 * @param arena where it goes
 * @param request a request
 * @param options NULL: defaults
 * @param[out] diag code, and the answer to send: 416, 404 (Request-URI), 400, 433 (From); may be
 * NULL
 * @retval STOX_OK mapped
 * @retval STOX_E_SIPS_REFUSED Request-URI or To is a SIPS URI; answer 480 (RFC 7247 8)
 * @retval status of stox_map_uri_to_jid()
 */
STOX_API int stox_message_route_from_sip(stox_message_route *out, stox_arena *arena,
                                         const stox_sip_message *request,
                                         const stox_message_options *options, stox_diag *diag);

/**
 * Writes the stanza for a SIP MESSAGE (RFC 7572 5). Call-ID becomes the thread, Content-Language
 * xml:lang, Subject the subject, the body the body.
 * @param out the buffer
 * @param arena scratch
 * @param request the request
 * @param route its addresses, and the stanza's id
 * @param options NULL: defaults
 * @param[out] diag code, and the answer to send: 400, 413, 415; may be NULL
 * @retval STOX_OK appended
 * @retval STOX_E_NONE neither body nor subject: nothing to send
 * @retval STOX_E_UNSUPPORTED_MEDIA media type, charset or content encoding; answer 415
 * @retval STOX_E_BAD_UTF8 the body is not what its charset says; answer 400
 * @retval STOX_E_TOO_LONG above `max_stanza`; answer 513
 * @retval STOX_E_NOMEM the arena is exhausted; answer 500
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_message_to_xmpp(stox_buf *out, stox_arena *arena, stox_sip_message *request,
                                  const stox_message_route *route,
                                  const stox_message_options *options, stox_diag *diag);

/**
 * Appends the stanza id of a SIP request: a digest of Call-ID, CSeq and From tag, so that a request
 * that is handed over again has the same id. 26 octets.
 * @retval STOX_OK appended
 * @retval STOX_E_MISSING Call-ID or CSeq is absent; an absent tag counts as empty
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_message_id(stox_buf *out, const stox_sip_message *request);

/** What a SIP request takes from the conversation it belongs to. */
typedef struct stox_message_dialog {
  stox_span call_id;  /**< the thread where it can be one, see stox_message_call_id() */
  stox_span from_tag; /**< the same for all requests with that Call-ID */
  uint32_t cseq;      /**< rising within the Call-ID */
  uint32_t spare;     /**< 0 */
} stox_message_dialog;

/** @return the thread of a message as Call-ID; absent if it has none or it is no `callid` of 1 …
 * 128 octets (RFC 3261 25.1) */
STOX_API stox_span stox_message_call_id(const stox_stanza *message);

/**
 * Maps the addresses of a stanza (RFC 7572 Table 1).
 * @param[out] out the route, in `arena`
 * @param arena where it goes
 * @param message the stanza
 * @param options NULL: defaults
 * @param[out] error what to answer when it fails; may be NULL
 * @retval STOX_OK mapped
 * @retval status of stox_map_jid_to_uri()
 */
STOX_API int stox_message_route_from_xmpp(stox_message_route *out, stox_arena *arena,
                                          const stox_stanza *message,
                                          const stox_message_options *options,
                                          stox_error_write *error);

/**
 * Makes the SIP MESSAGE for a stanza (RFC 7572 4). Contact and dialog are not made (RFC 3428 4).
 * @param[out] out the request, in `arena`, without Via
 * @param arena where it lives
 * @param message the stanza
 * @param route its addresses
 * @param dialog Call-ID, From tag, CSeq
 * @param options NULL: defaults
 * @retval STOX_OK made
 * @retval STOX_E_NONE neither body nor subject: nothing to send
 * @retval STOX_E_UNSUPPORTED_MEDIA an encrypted payload without a body: not-acceptable
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_message_to_sip(stox_sip_edit **out, stox_arena *arena, const stox_stanza *message,
                                 const stox_message_route *route, const stox_message_dialog *dialog,
                                 const stox_message_options *options);

/**
 * Writes the error stanza for a message that SIP refused (RFC 7247 Table 3).
 * @param out the buffer
 * @param arena scratch
 * @param message kind, type, from, to, id, lang, ns of the sender's stanza; `element` may be NULL
 * @param code the SIP status code
 * @param response the response; NULL when `code` was made here (408, 503)
 * @param options NULL: defaults
 * @retval STOX_OK appended
 * @retval STOX_E_STATE the stanza must not be answered
 * @retval STOX_E_NOT_AN_ERROR `code` below 300
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_message_failure_to_xmpp(stox_buf *out, stox_arena *arena,
                                          const stox_stanza *message, int code,
                                          const stox_sip_message *response,
                                          const stox_message_options *options);

/**
 * Makes the SIP response for a message that XMPP refused (RFC 7247 Table 2; 504 instead of 408,
 * which RFC 4320 4.2 forbids for a MESSAGE).
 * @param[out] out the response, in `arena`
 * @param arena where it lives
 * @param request the request
 * @param bounce the error stanza
 * @param to_tag tag for To
 * @param options NULL: defaults
 * @retval STOX_OK made
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_message_failure_to_sip(stox_sip_edit **out, stox_arena *arena,
                                         const stox_sip_message *request, const stox_stanza *bounce,
                                         stox_span to_tag, const stox_message_options *options);

/**
 * Makes a final response with the header fields that its code must carry: Allow (405), Accept
 * (415), Accept-Encoding (415), Unsupported (420), Warning 380 (480 for SIPS), Retry-After (503).
 * @param[out] out the response, in `arena`
 * @param arena where it lives
 * @param request the request
 * @param code 200 … 699
 * @param to_tag tag for To
 * @param options NULL: defaults
 * @retval STOX_OK made
 * @retval STOX_E_ARG no such code
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_message_answer(stox_sip_edit **out, stox_arena *arena,
                                 const stox_sip_message *request, int code, stox_span to_tag,
                                 const stox_message_options *options);

STOX_END_DECLS

#endif
