/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What an XMPP entity answers for itself: service discovery (XEP-0030), software version
 * (XEP-0092), ping (XEP-0199); everything else is refused as RFC 6120 8.4 asks.
 */
#ifndef STOX_SERVICE_H
#define STOX_SERVICE_H

#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** What an entity says of itself. Static or borrowed texts. */
typedef struct stox_service {
  const char *category;        /**< disco identity, such as `gateway` */
  const char *type;            /**< such as `sip` */
  const char *name;            /**< shown to users */
  const char *software;        /**< XEP-0092 name */
  const char *version;         /**< XEP-0092 version */
  const char *const *features; /**< disco features beside those answered here */
  size_t n_features;           /**< entries at `features` */
} stox_service;

/**
 * Writes the answer to an iq of type get or set.
 * @param out the buffer, where the stanza's namespace is in scope
 * @param iq the iq
 * @param service what the entity says of itself; NULL: an entity that answers pings only
 * @retval STOX_OK appended: a result, or the error service-unavailable
 * @retval STOX_E_STATE not an iq of type get or set: nothing may be answered
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_service_answer(stox_buf *out, const stox_stanza *iq, const stox_service *service);

/**
 * Writes a ping (XEP-0199).
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_service_ping(stox_buf *out, stox_span from, stox_span to, stox_span id,
                               stox_span ns);

STOX_END_DECLS

#endif
