/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Dialogs (RFC 3261 12): what two user agents keep of each other between their requests.
 *
 * A dialog is data: it sends nothing and has no timer. It is made of the message that creates it,
 * follows those within it, and makes the requests that belong to it.
 *
 * *Placeable*: every octet comes from the allocator, whose struct is copied.
 */
#ifndef STOX_DIALOG_H
#define STOX_DIALOG_H

#include "stox/allocator.h"
#include "stox/sip_match.h"

STOX_BEGIN_DECLS

/** A dialog. */
typedef struct stox_dialog stox_dialog;

/** States. */
enum {
  STOX_DIALOG_EARLY = 1,     /**< by a provisional response */
  STOX_DIALOG_CONFIRMED = 2, /**< by a 2xx, or by a request that needs none */
  STOX_DIALOG_TERMINATED = 3 /**< over: it makes no more requests but ACK */
};

/** Limits. */
enum {
  STOX_DIALOG_ROUTES_MAX = 64,   /**< entries of a route set */
  STOX_DIALOG_OCTETS_MAX = 16384 /**< of all that a dialog keeps */
};

/** Options; zero-initialise, then fill. */
typedef struct stox_dialog_options {
  const stox_allocator *alloc; /**< NULL: the C library's */
  int is_secure;               /**< 1: the creating request went over TLS and its Request-URI was a
                                    sips URI (12.1.1, 12.1.2) */
  int state;                   /**< STOX_DIALOG_EARLY or STOX_DIALOG_CONFIRMED; 0: by the message:
                                    early for a provisional response or an INVITE that came in,
                                    else confirmed */
} stox_dialog_options;

/**
 * Makes the dialog that a response to a request of ours creates (12.1.2). Responses of several
 * branches, told apart by their To tags, create one each.
 * @param[out] out the dialog; the caller's, free it with stox_dialog_del()
 * @param response 101 … 299
 * @param options NULL: none is set
 * @retval STOX_OK made
 * @retval STOX_E_ARG a request, or a response that creates none
 * @retval STOX_E_MISSING no Contact, where one must stand: in a 2xx to INVITE, SUBSCRIBE, REFER or
 * NOTIFY and in whatever carries a Record-Route; or no tag in From
 * @retval STOX_E_BAD_HEADER Contact, Record-Route, From or To cannot be used
 * @retval STOX_E_TOO_MANY above STOX_DIALOG_ROUTES_MAX
 * @retval STOX_E_TOO_LONG above STOX_DIALOG_OCTETS_MAX
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_dialog_new_uac(stox_dialog **out, const stox_sip_message *response,
                                 const stox_dialog_options *options);

/**
 * Makes the dialog that a request creates which we answer with `local_tag` (12.1.1).
 * @param[out] out the dialog; the caller's
 * @param request with a Contact, without a To tag
 * @param local_tag of our responses
 * @param options NULL: none is set
 * @retval STOX_OK made
 * @retval STOX_E_ARG a response, or `local_tag` is empty
 * @retval STOX_E_STATE the request is within a dialog
 * @return else as stox_dialog_new_uac()
 */
STOX_API int stox_dialog_new_uas(stox_dialog **out, const stox_sip_message *request,
                                 stox_span local_tag, const stox_dialog_options *options);

/** Ends a dialog's memory; NULL is allowed. */
STOX_API void stox_dialog_del(stox_dialog *obj);

/** @return STOX_DIALOG_EARLY … */
STOX_API int stox_dialog_state(const stox_dialog *obj);

/** Says that a 2xx of ours confirmed it; STOX_OK, or STOX_E_STATE once it is over. */
STOX_API int stox_dialog_confirm(stox_dialog *obj);

/** Says that it is over, as by BYE, by a refusal of the INVITE, or by the end of its last usage. */
STOX_API void stox_dialog_end(stox_dialog *obj);

/** Gives its identifier, views that live until the dialog changes. */
STOX_API void stox_dialog_key(stox_sip_dialog_key *out, const stox_dialog *obj);

/** @return 1 if a message belongs to it; `way` is STOX_SIP_SENT or STOX_SIP_RECEIVED */
STOX_API int stox_dialog_is_of(const stox_dialog *obj, const stox_sip_message *message, int way);

/** What a dialog knows; views that live until it changes. */
typedef struct stox_dialog_facts {
  stox_span local_uri;     /**< of From of our requests */
  stox_span remote_uri;    /**< of To of our requests */
  stox_span remote_target; /**< where the peer is; absent: not said yet */
  size_t routes;           /**< entries of the route set */
  uint32_t local_cseq;     /**< of our last request; 0: none yet */
  uint32_t remote_cseq;    /**< of the peer's last request; 0: none yet */
  int is_secure;           /**< as in the options */
  int state;               /**< STOX_DIALOG_EARLY … */
} stox_dialog_facts;

/** Gives what it knows. */
STOX_API void stox_dialog_get_facts(stox_dialog_facts *out, const stox_dialog *obj);

/** Gives an entry of the route set, in the order of our requests: STOX_OK or STOX_E_NONE. */
STOX_API int stox_dialog_get_route(stox_span *out, const stox_dialog *obj, size_t index);

/**
 * Follows a response within the dialog to a request of ours: a 2xx confirms it, the first of an
 * INVITE with a route set of its own (13.2.2.4); a 2xx to a request that refreshes the target moves
 * it (12.2.1.2); 408 and 481 end it.
 * @retval STOX_OK followed
 * @retval STOX_E_NONE the response is not of this dialog
 * @return else as stox_dialog_new_uac(), with nothing changed
 */
STOX_API int stox_dialog_follow(stox_dialog *obj, const stox_sip_message *response);

/**
 * Takes a request within the dialog (12.2.2).
 * @param obj the dialog
 * @param request the request
 * @retval STOX_OK in order; its Contact is the remote target now if the method refreshes it
 * @retval STOX_E_NONE not of this dialog: 481
 * @retval STOX_E_STATE its CSeq is not above the last: 500; or the dialog is over: 481
 * @return else as stox_dialog_new_uac(), with nothing changed
 */
STOX_API int stox_dialog_take(stox_dialog *obj, const stox_sip_message *request);

/**
 * Begins a request within the dialog (12.2.1.1): Request-URI and Route by loose or strict routing,
 * From, To, Call-ID, Max-Forwards 70, and CSeq with the next number. Contact and body are the
 * caller's.
 * @param[out] out the request, in `arena`
 * @param arena where it lives
 * @param obj the dialog
 * @param method the method; of ACK and CANCEL the number is `cseq`
 * @param cseq ACK: the number of its INVITE; else 0
 * @retval STOX_OK begun
 * @retval STOX_E_STATE it is over (but for ACK), or the peer's target is not known
 * @retval STOX_E_ARG CANCEL, which stox_transactions_cancel() makes; ACK without `cseq`; another
 * method with one
 * @retval STOX_E_LIMIT 2^31 requests were made
 * @return else as stox_sip_request_new(), stox_sip_edit_set()
 */
STOX_API int stox_dialog_request(stox_sip_edit **out, stox_arena *arena, stox_dialog *obj,
                                 stox_span method, uint32_t cseq);

/** Gives the URI that a request of the dialog is sent to (8.1.2): the first of the route set, else
 * the remote target. STOX_OK; STOX_E_NONE: neither is known. */
STOX_API int stox_dialog_next_hop(stox_span *out, const stox_dialog *obj);

STOX_END_DECLS

#endif
