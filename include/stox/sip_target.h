/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a method or message says of dialogs and of where their requests go.
 */
#ifndef STOX_SIP_TARGET_H
#define STOX_SIP_TARGET_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** @return 1 if a request of that method can create a dialog: INVITE, SUBSCRIBE, NOTIFY, REFER (RFC
 * 3261 12, 6665 4.4.1, 3515 2.4.4) */
STOX_API int stox_sip_method_creates_dialog(int method_id);

/** @return 1 if a request of that method in a dialog refreshes the remote target: INVITE, UPDATE,
 * SUBSCRIBE, NOTIFY, REFER (RFC 3261 12.2, 3311 5.1, 6665 4.4.1, 3515 2.2) */
STOX_API int stox_sip_method_refreshes_target(int method_id);

/**
 * Tells whether the remote target that a message gives in its first Contact is a GRUU.
 * @param message the message
 * @param dialect STOX_DIALECT_RFC: the URI says so by `gr` (RFC 5627 4.5); STOX_DIALECT_DRAFT2005:
 * also if the message has `Supported: gruu` (the draft 5 and 9)
 * @return 1 if it is, else 0; 0 also without a Contact
 */
STOX_API int stox_sip_target_is_gruu(const stox_sip_message *message, int dialect);

STOX_END_DECLS

#endif
