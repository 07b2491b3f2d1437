/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "stox/digest.h"
#include "stox/status.h"

static const char header_rule[] = "RFC3261-25.1 digest-cln";

enum {
  FIELD_REALM,
  FIELD_NONCE,
  FIELD_OPAQUE,
  FIELD_DOMAIN,
  FIELD_USERNAME,
  FIELD_URI,
  FIELD_RESPONSE,
  FIELD_CNONCE,
  FIELD_NC,
  FIELD_ALGORITHM,
  FIELD_QOP,
  FIELD_STALE,
  FIELD_USERHASH,
  FIELD_COUNT
};

static const char *const field_names[FIELD_COUNT] = {
    "realm",  "nonce", "opaque",    "domain", "username", "uri",     "response",
    "cnonce", "nc",    "algorithm", "qop",    "stale",    "userhash"};

typedef struct algorithm_name {
  const char *name;
  int algorithm;
  int is_session;
} algorithm_name;

static const algorithm_name algorithms[] = {
    {"MD5", STOX_HASH_MD5, 0},
    {"MD5-sess", STOX_HASH_MD5, 1},
    {"SHA-256", STOX_HASH_SHA256, 0},
    {"SHA-256-sess", STOX_HASH_SHA256, 1},
    {"SHA-512-256", STOX_HASH_SHA512_256, 0},
    {"SHA-512-256-sess", STOX_HASH_SHA512_256, 1},
};

enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

static int is_word(stox_span text, const char *word) {
  return stox_span_is_equal_nocase(text, stox_span_text(word));
}

static size_t skip(stox_span text, size_t at, uint32_t classes) {
  while (at < text.n && stox_char_is(text.p[at], classes)) {
    at++;
  }
  return at;
}

/* Behind the closing quote of the string at `at`; 0: it does not end, or holds a control. */
static size_t quoted_end(stox_span text, size_t at) {
  for (at++; at < text.n && text.p[at] != '"'; at++) {
    if (text.p[at] == '\\') {
      at++;
    }
    if (at < text.n && text.p[at] != '\t' && stox_char_is(text.p[at], STOX_CHAR_CTRL)) {
      return 0;
    }
  }
  return at < text.n ? at + 1 : 0;
}

/* token EQUAL ( token / quoted-string ), moving `*at` behind it. 0: malformed. */
static int take_param(stox_span *name, stox_span *value, stox_span text, size_t *at) {
  size_t from = *at;
  *at = skip(text, from, STOX_CHAR_TOKEN);
  *name = stox_span_slice(text, from, *at - from);
  *at = skip(text, *at, STOX_CHAR_SPACE);
  if (name->n == 0 || *at == text.n || text.p[*at] != '=') {
    return 0;
  }
  from = skip(text, *at + 1, STOX_CHAR_SPACE);
  if (from < text.n && text.p[from] == '"') {
    const size_t end = quoted_end(text, from);
    *value = stox_span_slice(text, from + 1, end - from - 2);
    *at = end == 0 ? from : end;
    return end > 0;
  }
  *at = skip(text, from, STOX_CHAR_TOKEN);
  *value = stox_span_slice(text, from, *at - from);
  return value->n > 0;
}

static int keep_field(stox_span *fields, stox_span name, stox_span value) {
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    if (is_word(name, field_names[i])) {
      const int is_new = fields[i].p == NULL;
      fields[i] = value;
      return is_new;
    }
  }
  return 1;
}

/* The known parameters behind `Digest`. */
static int parse_fields(stox_span *fields, stox_span text, stox_diag *diag) {
  size_t at = skip(text, 0, STOX_CHAR_SPACE);
  const size_t from = at;
  at = skip(text, at, STOX_CHAR_TOKEN);
  if (!is_word(stox_span_slice(text, from, at - from), "Digest")) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED, 0, from, header_rule);
  }
  if (at == text.n || !stox_char_is(text.p[at], STOX_CHAR_SPACE)) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, header_rule);
  }
  do {
    stox_span name;
    stox_span value;
    at = skip(text, at, STOX_CHAR_SPACE);
    const size_t begin = at;
    if (!take_param(&name, &value, text, &at)) {
      return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, header_rule);
    }
    if (!keep_field(fields, name, value)) {
      return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, begin, "RFC7616-3.3 once");
    }
    at = skip(text, at, STOX_CHAR_SPACE);
  } while (at < text.n && text.p[at++] == ',');
  if (at < text.n) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at - 1, header_rule);
  }
  return text.p[text.n - 1] == ',' ? stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, header_rule)
                                   : STOX_OK;
}

static int read_algorithm(stox_digest *out, stox_span name) {
  const stox_span given = name.p == NULL ? stox_span_text("MD5") : name;
  for (size_t i = 0; i < ALGORITHMS; i++) {
    if (is_word(given, algorithms[i].name)) {
      out->algorithm = algorithms[i].algorithm;
      out->is_session = algorithms[i].is_session;
      return 1;
    }
  }
  return 0;
}

/* The known ones of a list. */
static int read_qop(stox_span list) {
  int qop = 0;
  while (list.n > 0) {
    const size_t comma = stox_span_find(list, ',');
    const stox_span word = stox_span_trim(stox_span_slice(list, 0, comma));
    qop |= is_word(word, "auth") ? STOX_DIGEST_AUTH : 0;
    qop |= is_word(word, "auth-int") ? STOX_DIGEST_AUTH_INT : 0;
    list = stox_span_slice(list, comma + 1, list.n);
  }
  return qop;
}

/* What both headers have. */
static int read_common(stox_digest *out, const stox_span *fields, stox_diag *diag) {
  *out = (stox_digest){0};
  out->realm = fields[FIELD_REALM];
  out->nonce = fields[FIELD_NONCE];
  out->opaque = fields[FIELD_OPAQUE];
  out->qop = read_qop(fields[FIELD_QOP]);
  out->userhash = is_word(fields[FIELD_USERHASH], "true");
  if (out->realm.p == NULL || out->nonce.p == NULL) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, 0, "RFC7616-3.3 realm nonce");
  }
  if (!read_algorithm(out, fields[FIELD_ALGORITHM]) ||
      (fields[FIELD_QOP].p != NULL && out->qop == 0)) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED, 0, 0, "RFC7616-3.3 algorithm qop");
  }
  return STOX_OK;
}

int stox_digest_parse_challenge(stox_digest *out, stox_span value, stox_diag *diag) {
  stox_span fields[FIELD_COUNT] = {{NULL, 0}};
  stox_digest digest;
  int status = parse_fields(fields, value, diag);
  if (status == STOX_OK) {
    status = read_common(&digest, fields, diag);
  }
  if (status == STOX_OK) {
    digest.domain = fields[FIELD_DOMAIN];
    digest.stale = is_word(fields[FIELD_STALE], "true");
    *out = digest;
  }
  return status;
}

/* nc-value = 8LHEX */
static int read_count(uint32_t *out, stox_span text) {
  uint32_t count = 0;
  for (size_t i = 0; i < text.n; i++) {
    const int digit = stox_char_hex(text.p[i]);
    if (digit < 0) {
      return 0;
    }
    count = count << 4 | (uint32_t)digit;
  }
  *out = count;
  return text.n == 8;
}

static int read_credentials(stox_digest *out, const stox_span *fields) {
  out->username = fields[FIELD_USERNAME];
  out->uri = fields[FIELD_URI];
  out->response = fields[FIELD_RESPONSE];
  out->cnonce = fields[FIELD_CNONCE];
  if (out->username.p == NULL || out->uri.p == NULL || out->response.p == NULL) {
    return 0;
  }
  if (out->qop == STOX_DIGEST_NO_QOP) {
    return !out->is_session || out->cnonce.p != NULL;
  }
  return out->qop != (STOX_DIGEST_AUTH | STOX_DIGEST_AUTH_INT) && out->cnonce.p != NULL &&
         read_count(&out->nc, fields[FIELD_NC]);
}

int stox_digest_parse_credentials(stox_digest *out, stox_span value, stox_diag *diag) {
  stox_span fields[FIELD_COUNT] = {{NULL, 0}};
  stox_digest digest;
  int status = parse_fields(fields, value, diag);
  if (status == STOX_OK) {
    status = read_common(&digest, fields, diag);
  }
  if (status == STOX_OK && !read_credentials(&digest, fields)) {
    status = stox_diag_set(diag, STOX_E_BAD_HEADER, 400, 0, "RFC7616-3.4 credentials");
  }
  if (status == STOX_OK) {
    *out = digest;
  }
  return status;
}

static const char *algorithm_of(const stox_digest *digest) {
  for (size_t i = 0; i < ALGORITHMS; i++) {
    if (algorithms[i].algorithm == digest->algorithm &&
        algorithms[i].is_session == digest->is_session) {
      return algorithms[i].name;
    }
  }
  return NULL;
}

/* 1 if the value may stand between quotes as it is. */
static int is_quotable(stox_span value) {
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] == '"' || stox_char_is(value.p[i], STOX_CHAR_CTRL)) {
      return 0;
    }
    if (value.p[i] == '\\' && (++i == value.n || stox_char_is(value.p[i], STOX_CHAR_CTRL))) {
      return 0;
    }
  }
  return 1;
}

static void put_quoted(stox_buf *out, const char *name, stox_span value) {
  if (value.p != NULL) {
    (void)stox_buf_put_text(out, ", ");
    (void)stox_buf_put_text(out, name);
    (void)stox_buf_put_text(out, "=\"");
    (void)stox_buf_put(out, value);
    (void)stox_buf_put_octet(out, '"');
  }
}

static int check_common(const stox_digest *digest) {
  if (algorithm_of(digest) == NULL || digest->realm.p == NULL || digest->nonce.p == NULL ||
      digest->qop < 0 || digest->qop > (STOX_DIGEST_AUTH | STOX_DIGEST_AUTH_INT)) {
    return STOX_E_ARG;
  }
  const stox_span values[] = {digest->realm,    digest->nonce, digest->opaque,   digest->domain,
                              digest->username, digest->uri,   digest->response, digest->cnonce};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    if (!is_quotable(values[i])) {
      return STOX_E_BAD_PARAM;
    }
  }
  return STOX_OK;
}

static void put_common(stox_buf *out, const stox_digest *digest) {
  (void)stox_buf_put_text(out, "Digest realm=\"");
  (void)stox_buf_put(out, digest->realm);
  (void)stox_buf_put_octet(out, '"');
  put_quoted(out, "nonce", digest->nonce);
  put_quoted(out, "opaque", digest->opaque);
  (void)stox_buf_put_text(out, ", algorithm=");
  (void)stox_buf_put_text(out, algorithm_of(digest));
  (void)stox_buf_put_text(out, digest->userhash ? ", userhash=true" : "");
}

int stox_digest_write_challenge(stox_buf *out, const stox_digest *challenge) {
  static const char *const qops[] = {"", ", qop=\"auth\"", ", qop=\"auth-int\"",
                                     ", qop=\"auth,auth-int\""};
  const int status = check_common(challenge);
  if (status != STOX_OK) {
    return status;
  }
  put_common(out, challenge);
  put_quoted(out, "domain", challenge->domain);
  (void)stox_buf_put_text(out, qops[challenge->qop]);
  return stox_buf_put_text(out, challenge->stale ? ", stale=true" : "");
}

static int is_complete(const stox_digest *credentials) {
  const int has_qop = credentials->qop != STOX_DIGEST_NO_QOP;
  return credentials->username.p != NULL && credentials->uri.p != NULL &&
         credentials->response.p != NULL &&
         credentials->qop != (STOX_DIGEST_AUTH | STOX_DIGEST_AUTH_INT) &&
         (credentials->cnonce.p != NULL || !(has_qop || credentials->is_session));
}

static void put_count(stox_buf *out, uint32_t nc) {
  static const char digits[] = "0123456789abcdef";
  (void)stox_buf_put_text(out, ", nc=");
  for (unsigned shift = 32; shift > 0; shift -= 4) {
    (void)stox_buf_put_octet(out, digits[nc >> (shift - 4) & 15]);
  }
}

int stox_digest_write_credentials(stox_buf *out, const stox_digest *credentials) {
  int status = check_common(credentials);
  if (status == STOX_OK && !is_complete(credentials)) {
    status = STOX_E_ARG;
  }
  if (status != STOX_OK) {
    return status;
  }
  put_common(out, credentials);
  put_quoted(out, "username", credentials->username);
  put_quoted(out, "uri", credentials->uri);
  put_quoted(out, "response", credentials->response);
  put_quoted(out, "cnonce", credentials->cnonce);
  if (credentials->qop != STOX_DIGEST_NO_QOP) {
    (void)stox_buf_put_text(out,
                            credentials->qop == STOX_DIGEST_AUTH ? ", qop=auth" : ", qop=auth-int");
    put_count(out, credentials->nc);
  }
  return stox_buf_status(out);
}
