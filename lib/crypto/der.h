/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_DER_H
#define STOX_CRYPTO_DER_H

#include "stox/span.h"

/* DER (X.690 10) as far as certificates need it: tags of one octet, lengths of up to four. */

enum {
  STOX_DER_BOOLEAN = 0x01,
  STOX_DER_INTEGER = 0x02,
  STOX_DER_BITS = 0x03,
  STOX_DER_OCTETS = 0x04,
  STOX_DER_OID = 0x06,
  STOX_DER_UTF8 = 0x0C,
  STOX_DER_PRINTABLE = 0x13,
  STOX_DER_IA5 = 0x16,
  STOX_DER_UTC_TIME = 0x17,
  STOX_DER_TIME = 0x18,
  STOX_DER_SEQUENCE = 0x30,
  STOX_DER_SET = 0x31
};

typedef struct stox_der {
  int tag;
  stox_span body;
  stox_span all; /* with tag and length */
} stox_der;

/* Takes the next element off the front of `in`. STOX_OK, STOX_E_NONE at the end, STOX_E_SYNTAX. */
int stox_der_next(stox_der *out, stox_span *in);

/* The same, but it must have this tag; `all`, if not NULL, gets tag and length too. STOX_OK or
 * STOX_E_SYNTAX. */
int stox_der_take(stox_span *body, stox_span *all, stox_span *in, int tag);

/* The tag of what comes next; -1 at the end. */
static inline int stox_der_peek(stox_span in) {
  return in.n == 0 ? -1 : (unsigned char)in.p[0];
}

/* A UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them, as seconds since 1970. STOX_OK or
 * STOX_E_SYNTAX. */
int stox_der_time(int64_t *out, stox_span *in);

#endif
