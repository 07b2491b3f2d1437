/* SPDX-License-Identifier: MIT */
#ifndef STOX_LOCATE_DOMAIN_H
#define STOX_LOCATE_DOMAIN_H

#include "stox/span.h"

/* Octets of a domain name in DNS (RFC 1035 2.3.4, as text), or of an address in brackets. */
enum { STOX_DOMAIN_MAX = 253 };

/* The form in which domains are asked for and compared: A-labels in lower case, no trailing dot.
 * `out` views `room`. STOX_OK or the status of IDNA. */
int stox_domain_key(stox_span *out, char room[STOX_DOMAIN_MAX], stox_span domain);

#endif
