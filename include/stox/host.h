/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Hosts: domain name, IPv4 address, IPv6 reference.
 *
 * Three colons before the IPv4 part of an IPv6 address are taken for two: the grammar of RFC 3261
 * asks for them, RFC 5118 4.10 for tolerance of both.
 */
#ifndef STOX_HOST_H
#define STOX_HOST_H

#include "stox/diag.h"

STOX_BEGIN_DECLS

/** Kinds of host. */
enum {
  STOX_HOST_NONE = 0,      /**< none of the below */
  STOX_HOST_NAME = 1,      /**< domain name (RFC 3261 25.1 hostname) */
  STOX_HOST_IPV4 = 2,      /**< dotted quad */
  STOX_HOST_IPV6 = 3,      /**< address in brackets */
  STOX_HOST_IPV6_ZONE = 4, /**< address with a zone id in brackets (RFC 6874) */
  STOX_HOST_IDN =
      5 /**< a name with octets above 0x7F, its ASCII a host name's; allowed in a JID only */
};

/** @return the kind of a host, STOX_HOST_NONE if it is malformed */
STOX_API int stox_host_kind(stox_span host);

/**
 * Reads an IPv4 or IPv6 address (no brackets, no zone).
 * @param[out] octets 16 octets of room; 4 or 16 are written
 * @param[out] n how many
 * @param text the address
 * @retval STOX_OK read
 * @retval STOX_E_BAD_HOST no address
 */
STOX_API int stox_host_address(unsigned char *octets, size_t *n, stox_span text);

/**
 * @return 1 if the two hosts are the same, else 0: names without case and without a trailing dot,
 * addresses by value, zone ids octet by octet
 */
STOX_API int stox_host_is_equal(stox_span a, stox_span b);

/** @return 1 if the address `text` is in `cidr` (`127.0.0.0/8`, `::1/128`, or an address alone),
 * else 0 */
STOX_API int stox_host_is_in(stox_span text, stox_span cidr);

STOX_END_DECLS

#endif
