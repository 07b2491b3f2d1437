/* SPDX-License-Identifier: MIT */
#ifndef STOX_ADDR_URI_PARTS_H
#define STOX_ADDR_URI_PARTS_H

#include "base/chars.h"
#include "stox/uri.h"

/* What a parser of one scheme works on. */
typedef struct stox_uri_in {
  stox_uri *uri; /* filled; `text` and `scheme` stand already */
  stox_diag *diag;
  int lenient; /* 1: STOX_URI_LENIENT was given */
} stox_uri_in;

/* What the octets of a part must be. */
typedef struct stox_uri_part {
  uint32_t classes; /* STOX_CHAR_… that may stand raw; `%` begins an escape */
  int code;         /* the status for another octet */
  int is_user;      /* 1: lenient keeps octets above 0x7F and a stray `%` */
  int is_iri;       /* 1: octets above 0x7F may stand raw */
  const char *rule;
} stox_uri_part;

/* Fills the diagnosis with the offset of `at` in the text, and returns `code`. */
int stox_uri_fail(const stox_uri_in *in, int code, const char *at, const char *rule);

/* stox_uri_parse() without the short way of addr/address.h. */
int stox_uri_parse_any(stox_uri *out, stox_span text, int flags, stox_diag *diag);

int stox_uri_check(stox_uri_in *in, stox_span part, const stox_uri_part *rule);

/* One scheme each; `rest` is what follows the scheme's colon. */
int stox_uri_parse_im(stox_uri_in *in, stox_span rest);
int stox_uri_parse_tel(stox_uri_in *in, stox_span rest);
int stox_uri_parse_xmpp(stox_uri_in *in, stox_span rest);
int stox_uri_parse_other(stox_uri_in *in, stox_span rest);

/* The next item of a list; the cursor ends above `list.n`. STOX_OK or STOX_E_NONE. */
int stox_uri_split(stox_param *out, stox_span list, char separator, size_t *cursor);

/* Names longer lists than this are not searched for repeated ones, and are compared in order. */
enum { STOX_URI_INDEX_MAX = 128 };

/* The names of a list, by hash: work on a hostile list stays linear in its length. */
typedef struct stox_uri_index {
  stox_span list;
  size_t n;
  uint32_t hash[STOX_URI_INDEX_MAX];
  uint32_t at[STOX_URI_INDEX_MAX];
} stox_uri_index;

/* Indexes the first STOX_URI_INDEX_MAX items. 1 if there are no more and no name stands twice, else
 * 0; `*repeated` is the second of two equal names, absent if there is none. */
int stox_uri_index_fill(stox_uri_index *out, stox_span list, char separator, stox_span *repeated);

enum { STOX_URI_NOCASE = 0, STOX_URI_CASE = 1 };

/* 1 if both are the same, where an escape of an octet that is not reserved equals the octet
 * (RFC 3261 19.1.4). */
int stox_uri_part_is_equal(stox_span a, stox_span b, int with_case);

/* The octet at `*at` or the one its escape stands for; moves `*at` behind it. `*is_escape` tells. A
 * stray `%` is the octet itself. */
static inline unsigned char stox_uri_octet(stox_span text, size_t *at, int *is_escape) {
  const char c = text.p[*at];
  *is_escape = 0;
  if (c == '%' && text.n - *at > 2) {
    const int high = stox_char_hex(text.p[*at + 1]);
    const int low = stox_char_hex(text.p[*at + 2]);
    if (high >= 0 && low >= 0) {
      *is_escape = 1;
      *at += 3;
      return (unsigned char)(high * 16 + low);
    }
  }
  *at += 1;
  return (unsigned char)c;
}

#endif
