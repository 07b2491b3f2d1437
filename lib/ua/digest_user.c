/* SPDX-License-Identifier: MIT */
#include "stox/digest.h"
#include "stox/number.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "ua/digest_fields.h"

int stox_digest_select(stox_digest *out, size_t *index, const stox_span *values, size_t n,
                       stox_span realm, int algorithms) {
  for (size_t i = 0; i < n; i++) {
    stox_digest digest;
    if (stox_digest_parse_challenge(&digest, values[i], NULL) == STOX_OK &&
        (realm.p == NULL || stox_span_is_equal(realm, digest.realm)) &&
        (algorithms == 0 || (algorithms >> digest.algorithm & 1) != 0)) {
      *out = digest;
      if (index != NULL) {
        *index = i;
      }
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

void stox_digest_answer(stox_digest *out, const stox_digest *challenge, int qop, uint32_t nc,
                        stox_span cnonce) {
  const int offered = challenge->qop;
  stox_digest digest = {0};
  digest.realm = challenge->realm;
  digest.nonce = challenge->nonce;
  digest.opaque = challenge->opaque;
  digest.algorithm = challenge->algorithm;
  digest.is_session = challenge->is_session;
  digest.userhash = challenge->userhash;
  /* One is taken where both are offered, and no preference names one of them. */
  digest.qop = (offered & qop) == STOX_DIGEST_AUTH_INT || offered == STOX_DIGEST_AUTH_INT
                   ? STOX_DIGEST_AUTH_INT
                   : offered & STOX_DIGEST_AUTH;
  if (digest.qop != STOX_DIGEST_NO_QOP || digest.is_session) {
    digest.cnonce = cnonce;
  }
  digest.nc = digest.qop != STOX_DIGEST_NO_QOP ? nc : 0;
  *out = digest;
}

int stox_digest_userhash(char out[STOX_DIGEST_HEX_MAX], int algorithm, stox_span username,
                         stox_span realm) {
  unsigned char raw[STOX_HASH_MAX];
  const stox_span parts[] = {username, {":", 1}, realm};
  stox_buf buf;
  const int status =
      stox_hash_parts(algorithm, parts, sizeof parts / sizeof *parts, raw, sizeof raw);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_init(&buf, out, STOX_DIGEST_HEX_MAX);
  return stox_hex_write(&buf, (stox_span){(const char *)raw, stox_hash_size(algorithm)});
}

/* The percent-encoded rest of an ext-value in UTF-8; absent: it is none (RFC 5987 3.2.1). Of its
 * characters those that a token of SIP has. */
static stox_span encoded_name(stox_span value) {
  const stox_span none = {NULL, 0};
  const size_t charset = stox_span_find(value, '\'');
  const stox_span behind = stox_span_slice(value, charset + 1, value.n);
  const size_t language = stox_span_find(behind, '\'');
  const stox_span name = stox_span_slice(behind, language + 1, behind.n);
  if (charset == value.n || language == behind.n ||
      !stox_digest_is_word(stox_span_slice(value, 0, charset), "UTF-8")) {
    return none;
  }
  for (size_t i = 0; i < name.n; i++) {
    const unsigned char octet = (unsigned char)name.p[i];
    const char *const others = "!+`";
    if (octet != '%' && !stox_percent_is_kept(STOX_PERCENT_UNRESERVED, octet) &&
        stox_span_find(stox_span_text(others), name.p[i]) == stox_span_text(others).n) {
      return none;
    }
  }
  return name;
}

/* Moves `at` behind one octet, which may come as `%HH`. 0: it does not. */
static int take_octet(unsigned char *out, stox_span name, size_t *at) {
  *out = (unsigned char)name.p[(*at)++];
  if (*out != '%') {
    return 1;
  }
  stox_buf one;
  stox_buf_init(&one, out, 1);
  const int status = stox_hex_parse(&one, stox_span_slice(name, *at, 2));
  *at += 2;
  return status == STOX_OK && one.len == 1;
}

/* One character after the other, for the name may be of any length. */
static int is_utf8(stox_span name) {
  unsigned char character[4];
  unsigned char octet = 0;
  size_t n = 0;
  for (size_t at = 0; at < name.n;) {
    if (!take_octet(&octet, name, &at)) {
      return 0;
    }
    const int is_begin = (octet & 0xC0) != 0x80;
    if (is_begin && stox_utf8_check((stox_span){(const char *)character, n}, NULL) != STOX_OK) {
      return 0;
    }
    n = is_begin ? 0 : n;
    if (n == sizeof character) {
      return 0;
    }
    character[n++] = octet;
  }
  return stox_utf8_check((stox_span){(const char *)character, n}, NULL) == STOX_OK;
}

int stox_digest_username(stox_buf *out, const stox_digest *credentials) {
  const stox_span text = credentials->username;
  if (credentials->is_extended) {
    const stox_span name = encoded_name(text);
    if (name.p == NULL || !is_utf8(name)) {
      return STOX_E_BAD_PARAM;
    }
    return stox_percent_decode(out, name, NULL);
  }
  for (size_t i = 0; i < text.n; i++) {
    i += text.p[i] == '\\' && i + 1 < text.n;
    (void)stox_buf_put_octet(out, text.p[i]);
  }
  return stox_buf_status(out);
}

int stox_digest_extend(stox_buf *out, stox_span username) {
  if (stox_utf8_check(username, NULL) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  (void)stox_buf_put_text(out, "UTF-8''");
  return stox_percent_encode(out, username, STOX_PERCENT_UNRESERVED);
}
