/* SPDX-License-Identifier: MIT */
#include "session/sasl_client.h"
#include "stox/hash.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <string.h>

static int is_text(stox_span value, const char *text) {
  return stox_span_is_equal_nocase(value, stox_span_text(text));
}

/* Whether a list of qualities has `auth`; none at all means it has (RFC 2831 2.1.1). */
static int offers_auth(stox_span list) {
  while (list.p != NULL && list.n > 0) {
    const size_t end = stox_span_find(list, ',');
    if (is_text(stox_span_trim(stox_span_slice(list, 0, end)), "auth")) {
      return 1;
    }
    list = stox_span_slice(list, end + 1, list.n);
  }
  return list.p == NULL;
}

static int is_ascii(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if ((unsigned char)text.p[i] > 0x7F) {
      return 0;
    }
  }
  return 1;
}

static int check(const stox_sasl_client *obj, const stox_sasl_directives *d) {
  const stox_sasl_client_options *o = &obj->options;
  if (d->nonce.n == 0 || d->nonce.n > STOX_SASL_NONCE_MAX || d->realm.n > STOX_SASL_NAME_MAX) {
    return STOX_E_SYNTAX;
  }
  const int is_known = is_text(d->algorithm, "md5-sess") && offers_auth(d->qop) &&
                       (d->charset.p == NULL || is_text(d->charset, "utf-8"));
  const int needs_utf8 = !is_ascii(o->username) || !is_ascii(o->password);
  return is_known && (!needs_utf8 || d->charset.p != NULL) ? STOX_OK : STOX_E_UNSUPPORTED;
}

/* Values as the server will read them, in obj->auth: realm and URI. */
static void keep_values(stox_sasl_client *obj, stox_sasl_directives *d) {
  stox_buf *text = &obj->auth;
  const stox_span realm = d->realm.p == NULL ? obj->options.domain : d->realm;
  (void)stox_sasl_digest_unescape(text, realm);
  const size_t realm_n = text->len;
  (void)stox_buf_put_text(text, "xmpp/");
  (void)stox_buf_put(text, obj->options.domain);
  const size_t uri_end = text->len;
  (void)stox_buf_put(text, d->nonce);
  const stox_span all = stox_buf_span(text);
  *d = (stox_sasl_directives){.realm = stox_span_slice(all, 0, realm_n),
                              .digest_uri = stox_span_slice(all, realm_n, uri_end - realm_n),
                              .nonce = stox_span_slice(all, uri_end, all.n),
                              .cnonce = obj->nonce,
                              .nc = {"00000001", 8},
                              .charset = d->charset,
                              .authzid = obj->act_for};
}

static int put_answer(stox_sasl_client *obj, const stox_sasl_directives *d, stox_span response) {
  stox_buf *out = &obj->message;
  const int is_utf8 = d->charset.p != NULL;
  stox_buf_init(out, obj->message_room, sizeof obj->message_room);
  stox_sasl_digest_put(out, "username", obj->options.username);
  stox_sasl_digest_put(out, "realm", d->realm);
  /* As it came, escapes and all. */
  (void)stox_buf_put_text(out, ",nonce=\"");
  (void)stox_buf_put(out, d->nonce);
  (void)stox_buf_put_text(out, "\"");
  stox_sasl_digest_put(out, "cnonce", d->cnonce);
  (void)stox_buf_put_text(out, ",nc=00000001,qop=auth");
  stox_sasl_digest_put(out, "digest-uri", d->digest_uri);
  (void)stox_buf_put_text(out, ",response=");
  (void)stox_buf_put(out, response);
  (void)stox_buf_put_text(out, is_utf8 ? ",charset=utf-8" : "");
  if (d->authzid.n > 0) {
    stox_sasl_digest_put(out, "authzid", d->authzid);
  }
  return stox_buf_status(out) == STOX_OK ? STOX_OK : STOX_E_TOO_LONG;
}

static int answer(stox_sasl_client *obj, stox_span message) {
  unsigned char secret[STOX_SASL_DIGEST_SECRET];
  char response[STOX_SASL_DIGEST_HEX];
  stox_sasl_directives d;
  int status = stox_sasl_digest_read(&d, message);
  if (status == STOX_OK) {
    status = check(obj, &d);
  }
  if (status == STOX_OK) {
    status = stox_sasl_client_draw(obj);
  }
  if (status != STOX_OK) {
    return status;
  }
  keep_values(obj, &d);
  status = stox_sasl_digest_secret(secret, obj->options.username, d.realm, obj->options.password);
  if (status == STOX_OK) {
    status = stox_sasl_digest_response(response, secret, &d, 0);
  }
  if (status == STOX_OK) {
    status = stox_sasl_digest_response(obj->proof, secret, &d, 1);
    obj->proof_n = STOX_SASL_DIGEST_HEX;
  }
  stox_wipe(secret, sizeof secret);
  if (status != STOX_OK) {
    return status;
  }
  return put_answer(obj, &d, (stox_span){response, sizeof response});
}

static int verify(stox_sasl_client *obj, stox_span message) {
  stox_sasl_directives d;
  if (stox_sasl_digest_read(&d, message) != STOX_OK || d.rspauth.p == NULL) {
    return STOX_E_SYNTAX;
  }
  if (!stox_octets_is_equal_ct(d.rspauth, (stox_span){obj->proof, obj->proof_n})) {
    return STOX_E_AUTH;
  }
  obj->is_proved = 1;
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  return STOX_OK;
}

int stox_sasl_client_digest_feed(stox_sasl_client *obj, stox_span message) {
  switch (obj->step++) {
  case 0:
    return answer(obj, message);
  case 1:
    return verify(obj, message);
  default:
    return STOX_E_SYNTAX;
  }
}
