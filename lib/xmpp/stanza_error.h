/* SPDX-License-Identifier: MIT */
#ifndef STOX_XMPP_STANZA_ERROR_H
#define STOX_XMPP_STANZA_ERROR_H

#include "stox/stanza.h"

#define CONDITIONS "urn:ietf:params:xml:ns:xmpp-stanzas"

#endif
