/* SPDX-License-Identifier: MIT */
#ifndef STOX_UA_EDIT_H
#define STOX_UA_EDIT_H

#include "stox/sip.h"

/* The tag that an edit's From or To has; absent if there is none. */
stox_span stox_edit_tag(const stox_sip_edit *edit, int id);

/* CSeq of an edit, its method as text; STOX_OK, STOX_E_MISSING, STOX_E_BAD_HEADER. */
int stox_edit_cseq(uint32_t *number, stox_span *method, const stox_sip_edit *edit);

#endif
