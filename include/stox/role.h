/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a gateway has to do with one stanza or request (RFC 7247 4).
 */
#ifndef STOX_ROLE_H
#define STOX_ROLE_H

#include "stox/location.h"

STOX_BEGIN_DECLS

/** What to do. */
enum {
  STOX_ROLE_REFUSE = 0, /**< answer with the error in the result */
  STOX_ROLE_NATIVE = 1, /**< deliver it in its own protocol */
  STOX_ROLE_X2S = 2,    /**< translate from XMPP to SIP */
  STOX_ROLE_S2X = 3     /**< translate from SIP to XMPP */
};

/** Bits for the roles that an entity plays. */
enum { STOX_ROLES_X2S = 1, STOX_ROLES_S2X = 2 };

/** Where translation happens (RFC 7247 4). */
enum {
  STOX_PLACEMENT_SOURCE = 0, /**< in the sender's domain: the target's protocol is on the wire */
  STOX_PLACEMENT_DESTINATION = 1 /**< in the recipient's domain: the sender's protocol is */
};

/** Question. Zero-initialise, then fill. */
typedef struct stox_role_question {
  int side;          /**< STOX_PROTOCOL_XMPP: a stanza; STOX_PROTOCOL_SIP: a request */
  int protocol;      /**< what the recipient's domain speaks; NONE: not known */
  int roles;         /**< STOX_ROLES_… of this entity */
  int placement;     /**< STOX_PLACEMENT_… */
  int is_sips;       /**< 1: Request-URI or To is a SIPS URI */
  int allow_sips;    /**< 1: an agreement with the peer lets SIPS be translated (RFC 7247 8) */
  int native_failed; /**< 1: the core server says that native delivery is impossible */
} stox_role_question;

/** Answer. */
typedef struct stox_role {
  int role;      /**< STOX_ROLE_… */
  int wire;      /**< STOX_PROTOCOL_… between the two domains; NONE: nothing leaves */
  int status;    /**< STOX_OK, or why it is refused: STOX_E_UNKNOWN_DOMAIN, STOX_E_SIPS_REFUSED,
                      STOX_E_UNSUPPORTED for a role that is not played */
  int condition; /**< refused on the XMPP side: STOX_COND_… */
  int sip;       /**< refused on the SIP side: the status code */
} stox_role;

/**
 * Chooses.
 * @retval STOX_OK chosen, a refusal included
 * @retval STOX_E_ARG no such side, protocol or placement
 */
STOX_API int stox_role_choose(stox_role *out, const stox_role_question *question);

STOX_END_DECLS

#endif
