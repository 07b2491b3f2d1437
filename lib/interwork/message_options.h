/* SPDX-License-Identifier: MIT */
#ifndef STOX_INTERWORK_MESSAGE_OPTIONS_H
#define STOX_INTERWORK_MESSAGE_OPTIONS_H

#include "stox/message.h"

/* Reads options over the defaults; STOX_OK or STOX_E_ARG. */
int stox_message_options_read(stox_message_options *out, const stox_message_options *given);

/* Appends a text as one line without controls, at most 255 octets: Subject, User-Agent. */
int stox_message_one_line(stox_span *out, stox_arena *arena, stox_span text);

#endif
