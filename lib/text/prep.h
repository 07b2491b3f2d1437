/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_PREP_H
#define STOX_TEXT_PREP_H

#include "stox/buf.h"

/* Looks at the parts of a JID that need no library and no memory: ASCII localparts, resourceparts
 * and domain names. Each returns one of these or a negative status. */
enum {
  STOX_PREP_SAME = 0, /* prepared as it stands */
  STOX_PREP_FOLD = 1, /* prepared once its letters are lower case */
  STOX_PREP_FULL = 2  /* stox_stringprep() or stox_idna() must decide */
};

/* Octets of a part of a JID, before and after preparation (RFC 7622 3.1). */
enum { STOX_PREP_MAX = 1023 };

/* `at` gets the octet refused, for the localpart and the domain name. */
int stox_prep_localpart(stox_span text, size_t *at);
int stox_prep_resourcepart(stox_span text);

/* Also cuts one trailing dot off, unless the name is refused or STOX_PREP_FULL. */
int stox_prep_domain(stox_span *domain, size_t *at);

/* One label of a domain name. */
int stox_prep_label(stox_span label, size_t *at);

/* The lower-case form of what was STOX_PREP_FOLD, as many octets. The second one appends it. */
void stox_prep_lower(char *to, stox_span text);
int stox_prep_fold(stox_buf *out, stox_span text);

#endif
