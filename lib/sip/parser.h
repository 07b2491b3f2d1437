/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_PARSER_H
#define STOX_SIP_PARSER_H

#include "sip/message.h"

enum { STOX_SIP_FIELDS_HERE = 32 };

/* One parse. The first refusal is the one that is reported; the parse goes on behind it as far as
 * an answer may still be possible. */
typedef struct stox_sip_parser {
  stox_sip_message *message;
  const stox_limits *limits;
  stox_diag first; /* code STOX_OK: none yet */
  int lenient;
  int is_stream;
  int is_fragment;
  int is_response;
  int kernel;       /* STOX_STOPS_… */
  size_t at;        /* octets behind it have not been looked at */
  stox_stops stops; /* of the message's octets up to the limit, then of its head */
  stox_stops_room room;
  stox_limits own_limits;                      /* where they are not the usual ones */
  stox_sip_field fields[STOX_SIP_FIELDS_HERE]; /* room for the first */
} stox_sip_parser;

void stox_sip_refuse(stox_sip_parser *parser, int code, int answer, size_t offset,
                     const char *rule);

/* Accepts when lenient, and remembers that; else refuses with 400. 1: accepted. */
int stox_sip_forgive(stox_sip_parser *parser, int code, size_t offset, const char *rule);

/* The start line, moving `at` behind it. 0: nothing behind it can be looked at. */
int stox_sip_parse_start(stox_sip_parser *parser);

/* Header fields that routing needs: presence, number and grammar. */
void stox_sip_check(stox_sip_parser *parser);

#endif
