/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Keys by which messages are matched to dialogs and transactions.
 */
#ifndef STOX_SIP_MATCH_H
#define STOX_SIP_MATCH_H

#include "stox/sip_dialog.h"
#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/**
 * A dialog identifier (RFC 3261 12). Compared octet by octet: Call-IDs are, and tags come back as
 * they were given. An absent tag and an empty one are the same: none (RFC 2543).
 */
typedef struct stox_sip_dialog_key {
  stox_span call_id;    /**< Call-ID */
  stox_span local_tag;  /**< absent: none */
  stox_span remote_tag; /**< absent: none */
} stox_sip_dialog_key;

/** Which way a message goes. */
enum { STOX_SIP_SENT = 0, STOX_SIP_RECEIVED = 1 };

/** Gives the dialog identifier that a message has here; `way` is STOX_SIP_SENT or
 * STOX_SIP_RECEIVED. Views of the message. */
STOX_API void stox_sip_dialog_key_of(stox_sip_dialog_key *out, const stox_sip_message *message,
                                     int way);

/** Gives the dialog that a received Replaces names (RFC 3891 3: to-tag is the local one). */
STOX_API void stox_sip_dialog_key_of_replaces(stox_sip_dialog_key *out,
                                              const stox_sip_replaces *value);

/** Gives the dialog that a received Join names (RFC 3911 4: to-tag is the local one). */
STOX_API void stox_sip_dialog_key_of_join(stox_sip_dialog_key *out, const stox_sip_join *value);

/**
 * Gives the dialog that a received Target-Dialog names (RFC 4538 3: tags as the recipient sees
 * them).
 * @retval STOX_OK given
 * @retval STOX_E_MISSING a tag is absent: to be ignored (RFC 4538 4)
 */
STOX_API int stox_sip_dialog_key_of_target(stox_sip_dialog_key *out,
                                           const stox_sip_target_dialog *value);

/** @return 1 if both name the same dialog */
STOX_API int stox_sip_dialog_key_is_equal(const stox_sip_dialog_key *a,
                                          const stox_sip_dialog_key *b);

/** @return 1 if a dialog is the one that Replaces or Join names: a tag `0` there is also no tag
 * (RFC 3891 3, RFC 3911 4) */
STOX_API int stox_sip_dialog_key_is_named(const stox_sip_dialog_key *dialog,
                                          const stox_sip_dialog_key *named);

/** @return 1 if a branch begins with the cookie `z9hG4bK` and has more behind it (RFC
 * 3261 8.1.1.7); case counts */
STOX_API int stox_sip_branch_is_rfc3261(stox_span branch);

/** A transaction's key; members that the rule does not compare are absent or zero. */
typedef struct stox_sip_transaction_key {
  int is_rfc2543;        /**< 1: matched without branch (RFC 3261 17.2.3, second list) */
  uint32_t port;         /**< sent-by port, 0: none */
  stox_span method;      /**< of ACK: INVITE */
  stox_span branch;      /**< top Via's */
  stox_span host;        /**< sent-by host; compared without case */
  stox_span via;         /**< RFC 2543: the top Via */
  stox_span request_uri; /**< RFC 2543 */
  stox_span call_id;     /**< RFC 2543 */
  stox_span from_tag;    /**< RFC 2543 */
  stox_span to_tag;      /**< RFC 2543, but of INVITE and ACK */
  uint32_t cseq;         /**< RFC 2543 */
  uint32_t spare;        /**< 0 */
} stox_sip_transaction_key;

/**
 * Gives the server transaction that a received request belongs to (RFC 3261 17.2.3). Of CANCEL it
 * is its own; for the one it cancels, give the method.
 * @param[out] out views of the message
 * @param message a request
 * @param method absent: the request's
 * @retval STOX_OK given
 * @retval STOX_E_ARG a response
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable Via or CSeq
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_server_key_of(stox_sip_transaction_key *out, stox_sip_message *message,
                                    stox_span method);

/**
 * Gives the client transaction that a received response belongs to (RFC 3261 17.1.3): branch and
 * the method of CSeq.
 * @param[out] out views of the message
 * @param message a response
 * @retval STOX_OK given
 * @retval STOX_E_ARG a request
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable Via or CSeq
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_client_key_of(stox_sip_transaction_key *out, stox_sip_message *message);

/** @return 1 if both are the same transaction; keys of different rules never are */
STOX_API int stox_sip_transaction_key_is_equal(const stox_sip_transaction_key *a,
                                               const stox_sip_transaction_key *b);

STOX_END_DECLS

#endif
