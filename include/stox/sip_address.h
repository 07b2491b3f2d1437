/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Header fields that hold addresses and no more: From, To, Reply-To (RFC 3261), Anonymous-To (the
 * 2005 draft of identity privacy); Route, Record-Route, Path (RFC 3327), Service-Route (RFC 3608);
 * P-Asserted-Identity, P-Preferred-Identity (RFC 3325).
 */
#ifndef STOX_SIP_ADDRESS_H
#define STOX_SIP_ADDRESS_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** From, To. */
typedef struct stox_sip_party {
  stox_name_addr address; /**< address */
  stox_span tag;          /**< absent: none */
} stox_sip_party;

/**
 * Parses one value of From or To (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_party_parse(stox_sip_party *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_party_write(stox_buf *out, const stox_sip_party *value);

/** Reply-To, Anonymous-To. */
typedef struct stox_sip_address {
  stox_name_addr address; /**< address */
} stox_sip_address;

/**
 * Parses one value of Reply-To or Anonymous-To (RFC 3261 25.1, the 2005 draft 7).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_address_parse(stox_sip_address *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_address_write(stox_buf *out, const stox_sip_address *value);

/** One value of Route, Record-Route, Path or Service-Route. */
typedef struct stox_sip_route {
  stox_name_addr address; /**< always with angle brackets */
} stox_sip_route;

/**
 * Parses one value of Route, Record-Route, Path or Service-Route: name-addr alone (RFC 3261 25.1,
 * RFC 3327 4, RFC 3608 5).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_route_parse(stox_sip_route *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_route_write(stox_buf *out, const stox_sip_route *value);

/** @return 1 if the URI of a value has the parameter `lr` (RFC 3261 16.12, 19.1.1) */
STOX_API int stox_sip_route_is_loose(const stox_sip_route *value);

/** One value of P-Asserted-Identity or P-Preferred-Identity; it has no parameters. */
typedef struct stox_sip_p_identity {
  stox_name_addr address; /**< address */
} stox_sip_p_identity;

/**
 * Parses one value of P-Asserted-Identity or P-Preferred-Identity: a sip, sips or tel URI (RFC 3325
 * 9.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed, or another scheme
 */
STOX_API int stox_sip_p_identity_parse(stox_sip_p_identity *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_p_identity_write(stox_buf *out, const stox_sip_p_identity *value);

/** The one or two values of P-Asserted-Identity or P-Preferred-Identity; `uri.p` is NULL where
 * there is none. */
typedef struct stox_sip_p_identities {
  stox_name_addr sip; /**< with a sip or sips URI */
  stox_name_addr tel; /**< with a tel URI */
} stox_sip_p_identities;

/**
 * Gives the values of P-Asserted-Identity or P-Preferred-Identity: one, or a sip or sips URI and a
 * tel URI (RFC 3325 9.1, 9.2).
 * @param[out] out views of the message
 * @param message the message
 * @param id STOX_SIP_P_ASSERTED_IDENTITY or STOX_SIP_P_PREFERRED_IDENTITY
 * @retval STOX_OK given
 * @retval STOX_E_NONE there are none
 * @retval STOX_E_BAD_HEADER one is malformed
 * @retval STOX_E_REPEATED two of one kind
 */
STOX_API int stox_sip_get_p_identities(stox_sip_p_identities *out, const stox_sip_message *message,
                                       int id);

STOX_END_DECLS

#endif
