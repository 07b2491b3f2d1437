/* SPDX-License-Identifier: MIT */
#include "stox/digest.h"

#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

enum { SALT = 8, TIME = 8, TAG = 16, CONTEXT = 32, SIGNED = TIME + SALT + CONTEXT };

static const stox_span colon = {":", 1};

/* The hash of the parts as hexadecimal digits. */
static int hash_hex(char out[STOX_DIGEST_HEX_MAX], int algorithm, const stox_span *parts,
                    size_t n) {
  unsigned char raw[STOX_HASH_MAX];
  const int status = stox_hash_parts(algorithm, parts, n, raw, sizeof raw);
  if (status == STOX_OK) {
    stox_buf buf;
    stox_buf_init(&buf, out, STOX_DIGEST_HEX_MAX);
    (void)stox_hex_write(&buf, (stox_span){(const char *)raw, stox_hash_size(algorithm)});
  }
  return status;
}

static stox_span hex_of(const char *hex, int algorithm) {
  return (stox_span){hex, 2 * stox_hash_size(algorithm)};
}

int stox_digest_ha1(char out[STOX_DIGEST_HEX_MAX], int algorithm, stox_span username,
                    stox_span realm, stox_span password) {
  const stox_span parts[] = {username, colon, realm, colon, password};
  return hash_hex(out, algorithm, parts, sizeof parts / sizeof *parts);
}

static int make_ha2(char out[STOX_DIGEST_HEX_MAX], const stox_digest *digest, stox_span method,
                    stox_span body) {
  char hash[STOX_DIGEST_HEX_MAX] = {0};
  const stox_span parts[] = {method, colon, digest->uri, colon, hex_of(hash, digest->algorithm)};
  if (digest->qop != STOX_DIGEST_AUTH_INT) {
    return hash_hex(out, digest->algorithm, parts, 3);
  }
  const int status = hash_hex(hash, digest->algorithm, &body, 1);
  return status == STOX_OK ? hash_hex(out, digest->algorithm, parts, 5) : status;
}

static int make_session(char out[STOX_DIGEST_HEX_MAX], const stox_digest *digest, stox_span ha1) {
  const stox_span parts[] = {ha1, colon, digest->nonce, colon, digest->cnonce};
  return hash_hex(out, digest->algorithm, parts, sizeof parts / sizeof *parts);
}

int stox_digest_response(char out[STOX_DIGEST_HEX_MAX], const stox_digest *credentials,
                         stox_span ha1, stox_span method, stox_span body) {
  char session[STOX_DIGEST_HEX_MAX];
  char ha2[STOX_DIGEST_HEX_MAX];
  char nc[8];
  const stox_digest *d = credentials;
  int status = make_ha2(ha2, d, method, body);
  if (status == STOX_OK && d->is_session) {
    status = make_session(session, d, ha1);
    ha1 = hex_of(session, d->algorithm);
  }
  if (status != STOX_OK) {
    return status;
  }
  const stox_span a2 = hex_of(ha2, d->algorithm);
  if (d->qop == STOX_DIGEST_NO_QOP) {
    const stox_span parts[] = {ha1, colon, d->nonce, colon, a2};
    return hash_hex(out, d->algorithm, parts, sizeof parts / sizeof *parts);
  }
  const char octets[4] = {(char)(d->nc >> 24), (char)(d->nc >> 16), (char)(d->nc >> 8),
                          (char)d->nc};
  stox_buf count;
  stox_buf_init(&count, nc, sizeof nc);
  (void)stox_hex_write(&count, (stox_span){octets, sizeof octets});
  const stox_span qop = stox_span_text(d->qop == STOX_DIGEST_AUTH ? "auth" : "auth-int");
  const stox_span parts[] = {ha1,   colon, d->nonce, colon, {nc, sizeof nc}, colon, d->cnonce,
                             colon, qop,   colon,    a2};
  return hash_hex(out, d->algorithm, parts, sizeof parts / sizeof *parts);
}

int stox_digest_check(const stox_digest *credentials, stox_span ha1, stox_span method,
                      stox_span body) {
  char want[STOX_DIGEST_HEX_MAX];
  const int status = stox_digest_response(want, credentials, ha1, method, body);
  if (status != STOX_OK) {
    return status;
  }
  return stox_octets_is_equal_ct(credentials->response, hex_of(want, credentials->algorithm))
             ? STOX_OK
             : STOX_E_AUTH;
}

/* The tag of time and salt, which stand at the front of `data`. */
static int sign(unsigned char tag[STOX_HASH_MAX], unsigned char data[SIGNED], stox_span key,
                stox_span context) {
  const int status = stox_hash(STOX_HASH_SHA256, context, data + TIME + SALT, CONTEXT);
  if (status != STOX_OK) {
    return status;
  }
  return stox_hmac(STOX_HASH_SHA256, key, (stox_span){(const char *)data, SIGNED}, tag,
                   STOX_HASH_MAX);
}

int stox_digest_nonce_make(stox_buf *out, stox_span key, stox_span context, uint64_t wall_s,
                           const unsigned char salt[8]) {
  unsigned char data[SIGNED];
  unsigned char tag[STOX_HASH_MAX];
  for (size_t i = 0; i < TIME; i++) {
    data[i] = (unsigned char)(wall_s >> (56 - 8 * i));
  }
  memcpy(data + TIME, salt, SALT);
  const int status = sign(tag, data, key, context);
  if (status != STOX_OK) {
    return status;
  }
  /* The tag takes the place of the context's hash. */
  memcpy(data + TIME + SALT, tag, TAG);
  return stox_base64_write(out, (stox_span){(const char *)data, TIME + SALT + TAG},
                           STOX_BASE64_URL);
}

int stox_digest_nonce_check(stox_span nonce, stox_span key, stox_span context, uint64_t wall_s,
                            uint64_t lifetime_s) {
  unsigned char data[SIGNED];
  unsigned char tag[STOX_HASH_MAX];
  unsigned char given[TAG];
  stox_buf buf;
  stox_buf_init(&buf, data, TIME + SALT + TAG);
  if (nonce.n != STOX_DIGEST_NONCE || stox_base64_parse(&buf, nonce, STOX_BASE64_URL) != STOX_OK ||
      buf.len != TIME + SALT + TAG) {
    return STOX_E_AUTH;
  }
  memcpy(given, data + TIME + SALT, TAG);
  const int status = sign(tag, data, key, context);
  if (status != STOX_OK) {
    return status;
  }
  if (!stox_octets_is_equal_ct((stox_span){(const char *)tag, TAG},
                               (stox_span){(const char *)given, TAG})) {
    return STOX_E_AUTH;
  }
  uint64_t made = 0;
  for (size_t i = 0; i < TIME; i++) {
    made = made << 8 | data[i];
  }
  /* One from the future was made before the clock was set back. */
  return made > wall_s || wall_s - made > lifetime_s ? STOX_E_TIMEOUT : STOX_OK;
}

int stox_digest_window_check(stox_digest_window *window, uint32_t nc) {
  if (nc == 0) {
    return STOX_E_BAD_NUMBER;
  }
  if (nc > window->highest) {
    const uint32_t step = nc - window->highest;
    window->seen = (step < 64 ? window->seen << step : 0) | 1;
    window->highest = nc;
    return STOX_OK;
  }
  const uint32_t behind = window->highest - nc;
  if (behind >= 64 || (window->seen >> behind & 1) != 0) {
    return STOX_E_REPEATED;
  }
  window->seen |= UINT64_C(1) << behind;
  return STOX_OK;
}
