/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_IP_H
#define STOX_TEXT_IP_H

#include "stox/buf.h"

/* IP addresses as text (RFC 3986 3.2.2, RFC 4291 2.2). 1 if the whole span is one, else 0. */

/* Four numbers up to 255 without leading zeros: some readers take those for octal. */
int stox_ip4_parse(unsigned char octets[4], stox_span text);

/* No brackets, no zone; three colons before an IPv4 address are two (RFC 5118 4.10). */
int stox_ip6_parse(unsigned char octets[16], stox_span text);

/* Splits `[address]` or `[address%zone]` (RFC 6874); an absent zone has `p == NULL`. 1 if the
 * address is an IPv6 address and a zone is one or more unreserved characters or escapes, else 0. */
int stox_ip6_reference(stox_span *address, stox_span *zone, stox_span text);

/* The same, but three colons are no address: SIP alone has them. */
int stox_ip6_literal(stox_span *address, stox_span *zone, stox_span text);

/* Appends the address of 4 or 16 octets, IPv6 as RFC 5952 wants it and without brackets. */
void stox_ip_write(stox_buf *out, const unsigned char *octets, size_t n);

#endif
