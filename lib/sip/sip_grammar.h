/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_GRAMMAR_TABLE_H
#define STOX_SIP_GRAMMAR_TABLE_H

#include "sip/shape.h"
#include "stox/sip_grammar.h"

/* How the values of a header field are read. */
typedef struct stox_sip_grammar {
  int (*check)(int id, stox_span value, stox_diag *diag);
  const stox_sip_shape *(*shape)(void); /* NULL: they have none */
} stox_sip_grammar;

/* NULL for header fields that are not known. */
const stox_sip_grammar *stox_sip_grammar_of(int id);

#endif
