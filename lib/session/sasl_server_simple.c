/* SPDX-License-Identifier: MIT */
#include "session/sasl_server.h"
#include "stox/identity.h"
#include "stox/status.h"

/* PLAIN and EXTERNAL: one message of the client each. */

/* ---- PLAIN (RFC 4616) ---- */

/* Cuts a message at the next NUL; 0 if there is none. */
static int cut(stox_span *out, stox_span *rest) {
  const size_t end = stox_span_find(*rest, '\0');
  if (end == rest->n) {
    return 0;
  }
  *out = stox_span_slice(*rest, 0, end);
  *rest = stox_span_slice(*rest, end + 1, rest->n);
  return 1;
}

int stox_sasl_plain_feed(stox_sasl_server *obj, stox_span message) {
  stox_span authzid;
  stox_span username;
  stox_span password = message;
  if (!cut(&authzid, &password) || !cut(&username, &password) || password.n == 0 ||
      stox_span_find(password, '\0') < password.n) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  int result = stox_sasl_server_keep_name(obj, username);
  if (result == STOX_SASL_SAY && authzid.n > 0) {
    result = stox_sasl_server_keep_authzid(obj, authzid);
  }
  if (result != STOX_SASL_SAY) {
    return result;
  }
  obj->password = password;
  obj->asked = STOX_SASL_ASK_PASSWORD;
  return STOX_SASL_ASK;
}

/* ---- EXTERNAL (RFC 4422 A, XEP-0178) ---- */

/* The one JID of a client that the certificate names; absent where it names none or more. */
static stox_span only_jid(stox_span identities) {
  stox_identity each;
  stox_span found = {NULL, 0};
  size_t cursor = 0;
  while (stox_identity_next(&each, identities, &cursor) == STOX_OK) {
    const int is_client =
        each.kind == STOX_IDENTITY_XMPP && stox_span_find(each.value, '@') < each.value.n;
    if (is_client && found.p != NULL) {
      return (stox_span){NULL, 0};
    }
    found = is_client ? each.value : found;
  }
  return found;
}

/* Whom the peer asks to be, where it gives no authorisation identity. */
static stox_span asserted(const stox_sasl_server *obj) {
  const stox_span from = obj->options.from;
  if (from.n > 0 || obj->options.stream == STOX_SASL_SERVER_STREAM) {
    return from;
  }
  return only_jid(obj->identities);
}

static int is_domain_of(stox_span jid, stox_span domain) {
  const size_t at = stox_span_find(jid, '@');
  return stox_span_is_equal(stox_span_slice(jid, at + 1, jid.n), domain);
}

/* Whether the stream lets the peer be obj->authzid: what its header says of itself must agree (XEP-
 * 0178 3), and a client's domain must be ours. */
static int fits_stream(stox_sasl_server *obj) {
  char room[STOX_SASL_NAME_MAX];
  stox_buf from;
  if (obj->options.stream == STOX_SASL_CLIENT_STREAM) {
    return is_domain_of(obj->authzid, obj->options.domain);
  }
  if (obj->options.from.n == 0) {
    return 1;
  }
  stox_buf_init(&from, room, sizeof room);
  return stox_sasl_put_identity(&from, obj->options.from, STOX_SASL_SERVER_STREAM, &obj->scratch) ==
             STOX_OK &&
         stox_span_is_equal(stox_buf_span(&from), obj->authzid);
}

static int is_certified(const stox_sasl_server *obj) {
  const stox_reference reference = {.kind = obj->options.stream == STOX_SASL_SERVER_STREAM
                                                ? STOX_REFERENCE_XMPP_SERVER
                                                : STOX_REFERENCE_XMPP_CLIENT,
                                    .name = obj->authzid};
  return stox_identity_match(NULL, &reference, obj->identities) == STOX_OK;
}

int stox_sasl_external_feed(stox_sasl_server *obj, stox_span message) {
  const stox_span who = message.n > 0 ? message : asserted(obj);
  const int refusal = message.n > 0 ? STOX_SASL_INVALID_AUTHZID : STOX_SASL_NOT_AUTHORIZED;
  if (who.n == 0) {
    return refusal;
  }
  const int result = stox_sasl_server_keep_authzid(obj, who);
  if (result != STOX_SASL_SAY) {
    return result == STOX_SASL_INVALID_AUTHZID ? refusal : result;
  }
  if (!fits_stream(obj) || !is_certified(obj)) {
    return refusal;
  }
  obj->username = obj->authzid;
  obj->jid = obj->authzid;
  if (obj->options.ask == NULL) {
    return STOX_SASL_PASSED;
  }
  obj->asked = STOX_SASL_ASK_AUTHORIZE;
  return STOX_SASL_ASK;
}
