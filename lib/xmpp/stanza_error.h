/* SPDX-License-Identifier: MIT */
#ifndef STOX_XMPP_STANZA_ERROR_H
#define STOX_XMPP_STANZA_ERROR_H

#include "stox/stanza.h"

#define CONDITIONS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* The error child of a stanza, NULL: none. */
const stox_xml_element *stox_stanza_error_of(const stox_stanza *stanza);

#endif
