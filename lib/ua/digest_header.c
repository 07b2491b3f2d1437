/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "stox/digest.h"
#include "stox/status.h"
#include "ua/digest_fields.h"

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
  FIELD_EXTENDED,
  FIELD_COUNT
};

static const char *const field_names[FIELD_COUNT] = {
    "realm",  "nonce", "opaque",    "domain", "username", "uri",      "response",
    "cnonce", "nc",    "algorithm", "qop",    "stale",    "userhash", "username*"};

static const stox_digest_names names = {"RFC3261-25.1 digest-cln", field_names, FIELD_COUNT};

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

/* The known parameters behind `Digest`. */
static int parse_fields(stox_span *fields, stox_span text, stox_diag *diag) {
  size_t from = 0;
  while (from < text.n && stox_char_is(text.p[from], STOX_CHAR_SPACE)) {
    from++;
  }
  size_t at = from;
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_TOKEN)) {
    at++;
  }
  if (!stox_digest_is_word(stox_span_slice(text, from, at - from), "Digest")) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED, 0, from, names.rule);
  }
  if (at == text.n || !stox_char_is(text.p[at], STOX_CHAR_SPACE)) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, names.rule);
  }
  return stox_digest_fields(fields, &names, text, at, diag);
}

static int read_algorithm(stox_digest *out, stox_span name) {
  const stox_span given = name.p == NULL ? stox_span_text("MD5") : name;
  for (size_t i = 0; i < ALGORITHMS; i++) {
    if (stox_digest_is_word(given, algorithms[i].name)) {
      out->algorithm = algorithms[i].algorithm;
      out->is_session = algorithms[i].is_session;
      return 1;
    }
  }
  return 0;
}

/* What both headers have. */
static int read_common(stox_digest *out, const stox_span *fields, stox_diag *diag) {
  *out = (stox_digest){0};
  out->realm = fields[FIELD_REALM];
  out->nonce = fields[FIELD_NONCE];
  out->opaque = fields[FIELD_OPAQUE];
  out->qop = stox_digest_read_qop(fields[FIELD_QOP]);
  out->userhash = stox_digest_is_word(fields[FIELD_USERHASH], "true");
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
    digest.stale = stox_digest_is_word(fields[FIELD_STALE], "true");
    *out = digest;
  }
  return status;
}

/* Exactly one of username and username*, the latter never with a hash (RFC 7616 3.4). */
static int read_username(stox_digest *out, const stox_span *fields) {
  stox_buf none;
  out->username = fields[FIELD_USERNAME];
  if (fields[FIELD_EXTENDED].p == NULL) {
    return out->username.p != NULL;
  }
  if (out->username.p != NULL || out->userhash) {
    return 0;
  }
  out->username = fields[FIELD_EXTENDED];
  out->is_extended = 1;
  stox_buf_init(&none, NULL, 0);
  return stox_digest_username(&none, out) != STOX_E_BAD_PARAM;
}

static int read_credentials(stox_digest *out, const stox_span *fields) {
  out->uri = fields[FIELD_URI];
  out->response = fields[FIELD_RESPONSE];
  out->cnonce = fields[FIELD_CNONCE];
  if (!read_username(out, fields) || out->uri.p == NULL || out->response.p == NULL) {
    return 0;
  }
  if (out->qop == STOX_DIGEST_NO_QOP) {
    return !out->is_session || out->cnonce.p != NULL;
  }
  return out->qop != (STOX_DIGEST_AUTH | STOX_DIGEST_AUTH_INT) && out->cnonce.p != NULL &&
         stox_digest_read_count(&out->nc, fields[FIELD_NC]);
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

static int check_common(const stox_digest *digest) {
  if (algorithm_of(digest) == NULL || digest->realm.p == NULL || digest->nonce.p == NULL ||
      digest->qop < 0 || digest->qop > (STOX_DIGEST_AUTH | STOX_DIGEST_AUTH_INT)) {
    return STOX_E_ARG;
  }
  const stox_span values[] = {digest->realm,    digest->nonce, digest->opaque,   digest->domain,
                              digest->username, digest->uri,   digest->response, digest->cnonce};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    if (!stox_digest_is_quotable(values[i])) {
      return STOX_E_BAD_PARAM;
    }
  }
  return STOX_OK;
}

static void put_common(stox_buf *out, const stox_digest *digest) {
  (void)stox_buf_put_text(out, "Digest realm=\"");
  (void)stox_buf_put(out, digest->realm);
  (void)stox_buf_put_octet(out, '"');
  stox_digest_put_quoted(out, "nonce", digest->nonce);
  stox_digest_put_quoted(out, "opaque", digest->opaque);
  (void)stox_buf_put_text(out, ", algorithm=");
  (void)stox_buf_put_text(out, algorithm_of(digest));
  (void)stox_buf_put_text(out, digest->userhash ? ", userhash=true" : "");
}

int stox_digest_write_challenge(stox_buf *out, const stox_digest *challenge) {
  static const char *const qops[] = {"", ", qop=\"auth\"", ", qop=\"auth-int\"",
                                     ", qop=\"auth,auth-int\""};
  int status = check_common(challenge);
  if (status == STOX_OK && challenge->qop == STOX_DIGEST_NO_QOP &&
      (challenge->algorithm != STOX_HASH_MD5 || challenge->is_session)) {
    status = STOX_E_ARG;
  }
  if (status != STOX_OK) {
    return status;
  }
  put_common(out, challenge);
  stox_digest_put_quoted(out, "domain", challenge->domain);
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

static int is_extended(const stox_digest *credentials) {
  stox_buf none;
  stox_buf_init(&none, NULL, 0);
  const int status = stox_digest_username(&none, credentials);
  return status == STOX_OK || status == STOX_E_NOBUF;
}

int stox_digest_write_credentials(stox_buf *out, const stox_digest *credentials) {
  int status = check_common(credentials);
  if (status == STOX_OK && !is_complete(credentials)) {
    status = STOX_E_ARG;
  }
  if (status == STOX_OK && credentials->is_extended &&
      (credentials->userhash || !is_extended(credentials))) {
    status = STOX_E_BAD_PARAM;
  }
  if (status != STOX_OK) {
    return status;
  }
  put_common(out, credentials);
  if (credentials->is_extended) {
    (void)stox_buf_put_text(out, ", username*=");
    (void)stox_buf_put(out, credentials->username);
  } else {
    stox_digest_put_quoted(out, "username", credentials->username);
  }
  stox_digest_put_quoted(out, "uri", credentials->uri);
  stox_digest_put_quoted(out, "response", credentials->response);
  stox_digest_put_quoted(out, "cnonce", credentials->cnonce);
  if (credentials->qop != STOX_DIGEST_NO_QOP) {
    (void)stox_buf_put_text(out,
                            credentials->qop == STOX_DIGEST_AUTH ? ", qop=auth" : ", qop=auth-int");
    stox_digest_put_count(out, credentials->nc);
  }
  return stox_buf_status(out);
}
