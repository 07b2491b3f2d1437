/* SPDX-License-Identifier: MIT */
#include "session/sasl_digest.h"

#include "base/chars.h"
#include "stox/hash.h"
#include "stox/number.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <stddef.h>

#define PLACE(member) offsetof(stox_sasl_directives, member)

enum { TEXT_MAX = 511, MD5 = 16 };

typedef struct directive_name {
  const char *name;
  size_t place;
} directive_name;

static const directive_name names[] = {
    {"username", PLACE(username)},
    {"realm", PLACE(realm)},
    {"nonce", PLACE(nonce)},
    {"cnonce", PLACE(cnonce)},
    {"nc", PLACE(nc)},
    {"qop", PLACE(qop)},
    {"digest-uri", PLACE(digest_uri)},
    {"response", PLACE(response)},
    {"charset", PLACE(charset)},
    {"algorithm", PLACE(algorithm)},
    {"authzid", PLACE(authzid)},
    {"rspauth", PLACE(rspauth)},
};

/* ---- reading ---- */

static size_t skip(stox_span text, size_t at, uint32_t classes) {
  while (at < text.n && stox_char_is(text.p[at], classes)) {
    at++;
  }
  return at;
}

/* A quoted value: up to the quote that no backslash stands before; SIZE_MAX if there is none. */
static size_t quoted_end(stox_span text, size_t at) {
  while (at < text.n && text.p[at] != '"') {
    at += text.p[at] == '\\' ? 2U : 1U;
  }
  return at < text.n ? at : SIZE_MAX;
}

static int keep(stox_sasl_directives *out, stox_span name, stox_span value) {
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (!stox_span_is_equal_nocase(name, stox_span_text(names[i].name))) {
      continue;
    }
    stox_span *place = (stox_span *)(void *)((char *)out + names[i].place);
    if (place->p == NULL) {
      *place = value;
      return STOX_OK;
    }
    return place == &out->realm ? STOX_OK : STOX_E_SYNTAX;
  }
  return STOX_OK; /* unknown directives are passed over (RFC 2831 2.1.1) */
}

/* One directive at `*at`, which moves behind it. */
static int take_directive(stox_sasl_directives *out, stox_span text, size_t *at) {
  const size_t name_end = skip(text, *at, STOX_CHAR_TOKEN);
  const stox_span name = stox_span_slice(text, *at, name_end - *at);
  size_t from = skip(text, name_end, STOX_CHAR_SPACE);
  if (name.n == 0 || from == text.n || text.p[from] != '=') {
    return STOX_E_SYNTAX;
  }
  from = skip(text, from + 1, STOX_CHAR_SPACE);
  const int is_quoted = from < text.n && text.p[from] == '"';
  from += is_quoted ? 1U : 0U;
  const size_t end = is_quoted ? quoted_end(text, from) : skip(text, from, STOX_CHAR_TOKEN);
  if (end == SIZE_MAX || (!is_quoted && end == from)) {
    return STOX_E_SYNTAX;
  }
  *at = end + (is_quoted ? 1U : 0U);
  return keep(out, name, stox_span_slice(text, from, end - from));
}

int stox_sasl_digest_read(stox_sasl_directives *out, stox_span text) {
  *out = (stox_sasl_directives){.username = {NULL, 0}};
  int status = stox_span_find(text, '\0') < text.n ? STOX_E_SYNTAX : STOX_OK;
  size_t at = 0;
  int want_comma = 0;
  while (status == STOX_OK) {
    at = skip(text, at, STOX_CHAR_SPACE);
    if (at == text.n) {
      return STOX_OK;
    }
    /* A list may have empty elements (RFC 2831 7.1, `#rule`). */
    if (text.p[at] == ',') {
      at++;
      want_comma = 0;
      continue;
    }
    status = want_comma ? STOX_E_SYNTAX : take_directive(out, text, &at);
    want_comma = 1;
  }
  return status;
}

int stox_sasl_digest_unescape(stox_buf *out, stox_span value) {
  for (size_t i = 0; i < value.n; i++) {
    i += value.p[i] == '\\' && i + 1 < value.n ? 1U : 0U;
    (void)stox_buf_put_octet(out, value.p[i]);
  }
  return stox_buf_status(out);
}

/* ---- writing ---- */

void stox_sasl_digest_put(stox_buf *out, const char *name, stox_span value) {
  if (out->len > 0) {
    (void)stox_buf_put_octet(out, ',');
  }
  (void)stox_buf_put_text(out, name);
  (void)stox_buf_put_text(out, "=\"");
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] == '"' || value.p[i] == '\\') {
      (void)stox_buf_put_octet(out, '\\');
    }
    (void)stox_buf_put_octet(out, value.p[i]);
  }
  (void)stox_buf_put_octet(out, '"');
}

/* ---- hashing ---- */

/* UTF-8 that ISO 8859-1 holds is hashed in that (RFC 2831 2.1.2.1); other text as it stands. */
static stox_span latin(char room[TEXT_MAX], stox_span text) {
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char octet = (unsigned char)text.p[i];
    if (octet < 0x80) {
      room[n++] = text.p[i];
    } else if ((octet == 0xC2 || octet == 0xC3) && i + 1 < text.n) {
      i++;
      room[n++] = (char)((octet & 3U) << 6 | ((unsigned char)text.p[i] & 0x3FU));
    } else {
      return text;
    }
  }
  return (stox_span){room, n};
}

int stox_sasl_digest_secret(unsigned char out[16], stox_span username, stox_span realm,
                            stox_span password) {
  char rooms[3][TEXT_MAX];
  if (username.n > TEXT_MAX || realm.n > TEXT_MAX || password.n > TEXT_MAX) {
    return STOX_E_TOO_LONG;
  }
  const stox_span parts[] = {latin(rooms[0], username),
                             {":", 1},
                             latin(rooms[1], realm),
                             {":", 1},
                             latin(rooms[2], password)};
  const int status = stox_hash_parts(STOX_HASH_MD5, parts, 5, out, MD5);
  stox_wipe(rooms, sizeof rooms);
  return status;
}

static int hash_hex(char out[STOX_SASL_DIGEST_HEX], const stox_span *parts, size_t n) {
  unsigned char hash[MD5];
  stox_buf text;
  const int status = stox_hash_parts(STOX_HASH_MD5, parts, n, hash, sizeof hash);
  stox_buf_init(&text, out, STOX_SASL_DIGEST_HEX);
  return status == STOX_OK ? stox_hex_write(&text, (stox_span){(char *)hash, sizeof hash}) : status;
}

int stox_sasl_digest_response(char out[STOX_SASL_DIGEST_HEX],
                              const unsigned char secret[STOX_SASL_DIGEST_SECRET],
                              const stox_sasl_directives *values, int is_server) {
  static const stox_span colon = {":", 1};
  char a1[STOX_SASL_DIGEST_HEX];
  char a2[STOX_SASL_DIGEST_HEX];
  const stox_span first[] = {{(const char *)secret, STOX_SASL_DIGEST_SECRET},
                             colon,
                             values->nonce,
                             colon,
                             values->cnonce,
                             colon,
                             values->authzid};
  const stox_span second[] = {stox_span_text(is_server ? ":" : "AUTHENTICATE:"),
                              values->digest_uri};
  const stox_span third[] = {
      {a1, sizeof a1}, colon, values->nonce,          colon, values->nc,     colon,
      values->cnonce,  colon, stox_span_text("auth"), colon, {a2, sizeof a2}};
  int status = hash_hex(a1, first, values->authzid.p == NULL ? 5 : 7);
  if (status == STOX_OK) {
    status = hash_hex(a2, second, 2);
  }
  if (status == STOX_OK) {
    status = hash_hex(out, third, sizeof third / sizeof third[0]);
  }
  stox_wipe(a1, sizeof a1);
  return status;
}
