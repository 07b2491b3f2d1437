/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Dialects, where a document of 2005 and the RFC that it became differ. Both are always read; what
 * is written is the current RFC's unless the other is asked for.
 */
#ifndef STOX_DIALECT_H
#define STOX_DIALECT_H

#include "stox/api.h"

STOX_BEGIN_DECLS

/** Dialects. */
enum {
  STOX_DIALECT_RFC = 0,      /**< the current RFC */
  STOX_DIALECT_DRAFT2005 = 1 /**< the draft of 2005; of XMPP also RFC 3920 */
};

STOX_END_DECLS

#endif
