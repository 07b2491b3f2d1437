/* SPDX-License-Identifier: MIT */
/**
 * @file
 * New addresses in errors: the text of gone and redirect ⇄ the Contact of a 3xx (RFC 7247 7,
 * notes).
 */
#ifndef STOX_ADDRESS_TEXT_H
#define STOX_ADDRESS_TEXT_H

#include "stox/address_map.h"

STOX_BEGIN_DECLS

/**
 * Turns the text of gone or redirect into a URI for Contact: an xmpp IRI or a plain JID is mapped,
 * a sip, sips, tel, im or pres URI is kept.
 * @param[out] out the URI, in `arena`
 * @param arena where it goes
 * @param text the element's character data; surrounding white space is ignored
 * @param options NULL: defaults
 * @retval STOX_OK turned
 * @retval STOX_E_NONE nothing but white space
 * @retval STOX_E_NOMAP or the map's status: no usable address
 */
STOX_API int stox_address_text_to_contact(stox_span *out, stox_arena *arena, stox_span text,
                                          const stox_map_options *options);

/**
 * Turns the URI of a Contact into the text of gone or redirect: `xmpp:` and the JID, or the literal
 * URI where it has no JID.
 * @param[out] out the text, in `arena`
 * @param arena where it goes
 * @param uri the Contact's URI
 * @param options NULL: defaults
 * @retval STOX_OK turned
 * @retval STOX_E_BAD_URI or another status: no usable address
 */
STOX_API int stox_contact_to_address_text(stox_span *out, stox_arena *arena, stox_span uri,
                                          const stox_map_options *options);

STOX_END_DECLS

#endif
