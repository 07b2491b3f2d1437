/* SPDX-License-Identifier: MIT */
#ifndef STOX_UA_DIGEST_FIELDS_H
#define STOX_UA_DIGEST_FIELDS_H

#include "stox/digest.h"

/* The parameters that a header knows; all others are passed over. */
typedef struct stox_digest_names {
  const char *rule;
  const char *const *names;
  size_t n;
} stox_digest_names;

/* 1 if they are the same without case. */
int stox_digest_is_word(stox_span text, const char *word);

/* Reads the list of parameters at `at` into `fields`, quotes taken off. STOX_OK or
 * STOX_E_BAD_HEADER. */
int stox_digest_fields(stox_span *fields, const stox_digest_names *names, stox_span text, size_t at,
                       stox_diag *diag);

/* nc-value = 8LHEX; 0: it is none. */
int stox_digest_read_count(uint32_t *out, stox_span text);

/* STOX_DIGEST_… of a list, what is not known passed over. */
int stox_digest_read_qop(stox_span list);

/* 1 if the value may stand between quotes as it is. */
int stox_digest_is_quotable(stox_span value);

/* Appends `, name="value"` unless the value is absent. */
void stox_digest_put_quoted(stox_buf *out, const char *name, stox_span value);

void stox_digest_put_count(stox_buf *out, uint32_t nc);

#endif
