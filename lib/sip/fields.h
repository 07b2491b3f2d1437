/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_FIELDS_H
#define STOX_SIP_FIELDS_H

#include "sip/parser.h"

/* Adds a field behind the others and tells which it is; STOX_OK or STOX_E_NOMEM. */
int stox_sip_add_field(stox_sip_message *message, const stox_sip_field *field);

/* Adds all fields from the parser's place on that are of the form that nearly all have, and moves
 * it behind them; STOX_OK or STOX_E_NOMEM. */
int stox_sip_add_plain_fields(stox_sip_parser *parser);

/* Takes the fields over from the parser's own room, where the first of them are read, into the
 * message's memory; STOX_OK or STOX_E_NOMEM. */
int stox_sip_keep_fields(stox_sip_parser *parser);

#endif
