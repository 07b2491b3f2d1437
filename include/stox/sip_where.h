/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Where SIP header fields stand: the tables of RFC 3261 20 and of its extensions. All of this is
 * advice: no parser refuses a message for it.
 */
#ifndef STOX_SIP_WHERE_H
#define STOX_SIP_WHERE_H

#include "stox/sip.h"

STOX_BEGIN_DECLS

/** What the tables say of a header field in a message (RFC 3261 20). */
enum {
  STOX_SIP_UNSAID = 0,      /**< nothing */
  STOX_SIP_BARRED = 1,      /**< `-`: not applicable; ignored where it stands */
  STOX_SIP_OPTIONAL = 2,    /**< `o` */
  STOX_SIP_CONDITIONAL = 3, /**< `c`: by what the message is about */
  STOX_SIP_EXPECTED = 4,    /**< `m*`: should be sent, need not be there */
  STOX_SIP_FRAMING = 5,     /**< `t`: the same, and must be sent over a stream */
  STOX_SIP_WITH_BODY = 6,   /**< `*`: must be there if there is a body */
  STOX_SIP_MANDATORY = 7    /**< `m` */
};

/** What a proxy may do with a header field, as bits (RFC 3261 20). */
enum {
  STOX_SIP_PROXY_ADDS = 1 << 0,     /**< `a`: add, or concatenate */
  STOX_SIP_PROXY_MODIFIES = 1 << 1, /**< `m` */
  STOX_SIP_PROXY_DELETES = 1 << 2,  /**< `d` */
  STOX_SIP_PROXY_READS = 1 << 3     /**< `r`: must read it, so it cannot be encrypted */
};

/**
 * Tells what the tables say of a header field in a message.
 * @param id STOX_SIP_…
 * @param method_id STOX_SIP_INVITE …, of a response that of its request
 * @param status 100 … 699; 0: a request
 * @return STOX_SIP_UNSAID … STOX_SIP_MANDATORY
 */
STOX_API int stox_sip_header_rule(int id, int method_id, int status);

/**
 * Tells what a proxy may do with a header field.
 * @param id STOX_SIP_…
 * @param status 100 … 699; 0: a request
 * @return a set of STOX_SIP_PROXY_…
 */
STOX_API int stox_sip_proxy_rule(int id, int status);

/**
 * Tells whether a header field may stand in a message. One that may not is ignored (RFC 3261 20).
 * @param id STOX_SIP_…
 * @param method_id STOX_SIP_INVITE …, of a response that of its request
 * @param status 100 … 699; 0: a request
 * @return 0 if the rule is STOX_SIP_BARRED, else 1
 */
STOX_API int stox_sip_may_stand(int id, int method_id, int status);

/**
 * Gives the next header field of a message that may not stand in it.
 * @param[out] index of the header field
 * @param message the message
 * @param from index to begin with
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_sip_next_misplaced(size_t *index, const stox_sip_message *message, size_t from);

/**
 * Gives the next header field that a message must have and has not: the rule is STOX_SIP_MANDATORY,
 * or STOX_SIP_WITH_BODY and there is one.
 * @param[in,out] id 0 at first; the header field that was given last, and then the next
 * @param message the message
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_sip_next_missing(int *id, const stox_sip_message *message);

STOX_END_DECLS

#endif
