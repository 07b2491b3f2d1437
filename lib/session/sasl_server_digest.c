/* SPDX-License-Identifier: MIT */
#include "session/sasl_server.h"
#include "stox/hash.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <string.h>

/* DIGEST-MD5 (RFC 2831), without the fast reauthentication and the security layers that it may
 * have. */

static int is_text(stox_span value, const char *text) {
  return stox_span_is_equal_nocase(value, stox_span_text(text));
}

static int challenge(stox_sasl_server *obj, stox_sasl_message *out) {
  char room[STOX_SASL_NONCE];
  stox_buf nonce;
  stox_buf_init(&nonce, room, sizeof room);
  const int result = stox_sasl_server_put_nonce(obj, &nonce);
  if (result != STOX_SASL_SAY) {
    return result;
  }
  const size_t at = obj->names.len;
  (void)stox_buf_put(&obj->names, stox_buf_span(&nonce));
  obj->nonce = stox_span_slice(stox_buf_span(&obj->names), at, STOX_SASL_NONCE);
  stox_sasl_digest_put(&obj->auth, "realm", obj->options.domain);
  stox_sasl_digest_put(&obj->auth, "nonce", obj->nonce);
  stox_sasl_digest_put(&obj->auth, "qop", stox_span_text("auth"));
  (void)stox_buf_put_text(&obj->auth, ",charset=utf-8,algorithm=md5-sess");
  return stox_sasl_server_challenge(obj, out, stox_buf_span(&obj->auth));
}

/* `xmpp/domain`, or with the name of the host before the domain (RFC 2831 2.1.2). */
static int is_our_uri(const stox_sasl_server *obj, stox_span uri) {
  static const char service[] = "xmpp/";
  const size_t n = sizeof service - 1;
  if (!is_text(stox_span_slice(uri, 0, n), service)) {
    return 0;
  }
  const stox_span host = stox_span_slice(uri, n, uri.n);
  const size_t slash = stox_span_find(host, '/');
  const stox_span name = slash < host.n ? stox_span_slice(host, slash + 1, host.n) : host;
  return stox_span_is_equal_nocase(name, obj->options.domain);
}

static int is_ascii(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if ((unsigned char)text.p[i] > 0x7F) {
      return 0;
    }
  }
  return 1;
}

static int check_form(const stox_sasl_server *obj, const stox_sasl_directives *d, stox_span text) {
  if (d->username.p == NULL || d->cnonce.n == 0 || d->digest_uri.p == NULL ||
      d->response.n != STOX_SASL_DIGEST_HEX) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  if (d->charset.p == NULL ? !is_ascii(text) : !is_text(d->charset, "utf-8")) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  const int is_right = stox_span_is_equal(d->nonce, obj->nonce) && is_text(d->nc, "00000001") &&
                       (d->qop.p == NULL || is_text(d->qop, "auth")) &&
                       stox_span_is_equal(d->realm, obj->options.domain) &&
                       is_our_uri(obj, d->digest_uri);
  return is_right ? STOX_SASL_SAY : STOX_SASL_NOT_AUTHORIZED;
}

static int keep_names(stox_sasl_server *obj, stox_sasl_directives *d) {
  char room[STOX_SASL_NAME_MAX];
  stox_buf text;
  stox_buf_init(&text, room, sizeof room);
  if (stox_sasl_digest_unescape(&text, d->username) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  const int result = stox_sasl_server_keep_name(obj, stox_buf_span(&text));
  if (result != STOX_SASL_SAY || d->authzid.n == 0) {
    return result;
  }
  stox_buf_init(&text, room, sizeof room);
  if (stox_sasl_digest_unescape(&text, d->authzid) != STOX_OK) {
    return STOX_SASL_INVALID_AUTHZID;
  }
  return stox_sasl_server_keep_authzid(obj, stox_buf_span(&text));
}

/* The message is kept: the answer to the question needs it. */
static int feed_response(stox_sasl_server *obj, stox_span message) {
  stox_sasl_directives d;
  if (stox_sasl_digest_read(&d, message) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  int result = check_form(obj, &d, message);
  if (result == STOX_SASL_SAY) {
    result = keep_names(obj, &d);
  }
  if (result != STOX_SASL_SAY) {
    return result;
  }
  obj->asked = STOX_SASL_ASK_DIGEST;
  return STOX_SASL_ASK;
}

/* Directives as they are hashed: the values without quotes, the authzid as sent. */
static int expect(stox_sasl_server *obj, char out[STOX_SASL_DIGEST_HEX], stox_sasl_directives *d,
                  int is_server) {
  (void)stox_sasl_digest_read(d, stox_buf_span(&obj->message));
  d->authzid.p = d->authzid.n == 0 ? NULL : d->authzid.p;
  return stox_sasl_digest_response(out, obj->digest_secret, d, is_server);
}

int stox_sasl_digest_answered(stox_sasl_server *obj, int status, const stox_sasl_answer *answer,
                              stox_sasl_message *out) {
  char want[STOX_SASL_DIGEST_HEX];
  char proof[sizeof "rspauth=" - 1 + STOX_SASL_DIGEST_HEX];
  stox_sasl_directives d;
  stox_buf text;
  if (status != STOX_OK && status != STOX_E_AUTH) {
    return answer->condition > 0 ? answer->condition : STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  memcpy(obj->digest_secret, answer->digest_secret, sizeof obj->digest_secret);
  if (expect(obj, want, &d, 0) != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  if (!stox_octets_is_equal_ct(d.response, (stox_span){want, sizeof want}) || status != STOX_OK) {
    return STOX_SASL_NOT_AUTHORIZED;
  }
  if (answer->condition > 0) {
    return answer->condition;
  }
  if (expect(obj, want, &d, 1) != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  stox_buf_init(&text, proof, sizeof proof);
  (void)stox_buf_put_text(&text, "rspauth=");
  (void)stox_buf_put(&text, (stox_span){want, sizeof want});
  return stox_sasl_server_challenge(obj, out, stox_buf_span(&text));
}

int stox_sasl_digest_feed(stox_sasl_server *obj, stox_span message, stox_sasl_message *out) {
  switch (obj->step++) {
  case 0:
    return challenge(obj, out);
  case 1:
    return feed_response(obj, message);
  case 2:
    stox_sasl_server_say(obj, (stox_span){NULL, 0});
    return message.n == 0 ? stox_sasl_server_authorize(obj) : STOX_SASL_MALFORMED_REQUEST;
  default:
    return STOX_SASL_MALFORMED_REQUEST;
  }
}
