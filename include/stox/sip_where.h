/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Where SIP header fields stand: the tables of RFC 3261 20 and of its extensions.
 */
#ifndef STOX_SIP_WHERE_H
#define STOX_SIP_WHERE_H

#include "stox/sip.h"

STOX_BEGIN_DECLS

/**
 * Tells whether a header field may stand in a message. One that may not is ignored (RFC 3261 20).
 * @param id STOX_SIP_…
 * @param method_id STOX_SIP_INVITE …, of a response that of its request
 * @param status 100 … 699; 0: a request
 * @return 0 if the tables of RFC 3261 20 or of the document that defines the header field do not
 * let it stand there; 1 if they do, or say nothing of that header field or method
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

STOX_END_DECLS

#endif
