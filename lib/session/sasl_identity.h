/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_SASL_IDENTITY_H
#define STOX_SESSION_SASL_IDENTITY_H

#include "stox/buf.h"

/* Identities of SASL in XMPP (RFC 6120 6.3.8), `stream` being STOX_SASL_CLIENT_STREAM or
 * STOX_SASL_SERVER_STREAM. Appended prepared; STOX_OK, STOX_E_NOBUF, STOX_E_NOMEM, or why it is
 * none, with nothing appended. */

enum { STOX_SASL_IDENTITY_MAX = 2 * 1023 + 1 };

/* Room to prepare in, too much for a stack. */
typedef struct stox_sasl_scratch {
  char octets[STOX_SASL_IDENTITY_MAX + 1];
} stox_sasl_scratch;

/* An authorisation identity: `localpart@domain` or `domain`. */
int stox_sasl_put_identity(stox_buf *out, stox_span text, int stream, stox_sasl_scratch *scratch);

/* The identity that a simple user name stands for at a domain. */
int stox_sasl_put_default(stox_buf *out, stox_span username, stox_span domain, int stream,
                          stox_sasl_scratch *scratch);

#endif
