/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_LEX_H
#define STOX_SIP_LEX_H

#include "base/chars.h"
#include "stox/span.h"

/* Steps through a header value whose line ends are folds; each takes an index and gives one not
 * above text.n. */

/* Behind SP, HTAB and folds. */
static inline size_t stox_sip_skip_lws(stox_span text, size_t at) {
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_SPACE)) {
    at++;
  }
  return at;
}

/* Behind the octets of a token; `at` itself if there is none. */
static inline size_t stox_sip_token_end(stox_span text, size_t at) {
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_TOKEN)) {
    at++;
  }
  return at;
}

/* Behind the quoted string that begins at `at`; 0 if it does not end. */
size_t stox_sip_quoted_end(stox_span text, size_t at);

/* At the comma that ends the list element around `at`, or text.n: not one in quotes or between
 * angle brackets. */
size_t stox_sip_element_end(stox_span text, size_t at);

/* 1 if the text is one token. */
int stox_sip_is_token(stox_span text);

/* The first octet that is a control other than HTAB, or text.n. */
size_t stox_sip_find_control(stox_span text);

#endif
