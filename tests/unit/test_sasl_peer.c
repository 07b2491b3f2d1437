/* SPDX-License-Identifier: MIT */
#include "sasl_support.h"

/* GNU SASL as the other end of our client and of our server. It knows no tls-server-end-point. */

#if STOX_PEER_LIBGSASL

#include <gsasl.h>

enum {
  EXTERNAL = STOX_SASL_EXTERNAL,
  SHA_256_PLUS = STOX_SASL_SCRAM_SHA_256_PLUS,
  SHA_256 = STOX_SASL_SCRAM_SHA_256,
  SHA_1_PLUS = STOX_SASL_SCRAM_SHA_1_PLUS,
  SHA_1 = STOX_SASL_SCRAM_SHA_1,
  DIGEST = STOX_SASL_DIGEST_MD5,
  PLAIN = STOX_SASL_PLAIN
};

/* An exchange; both ends have the same user, and each its password and its channel. */
typedef struct row {
  int mechanism;
  const char *user;
  const char *password; /* of our end */
  const char *theirs;   /* NULL: the same */
  const char *authzid;  /* NULL: none */
  int other_channel;    /* 1: their channel is not ours */
  int refused;          /* by the one who asks for the secret or the channel */
} row;

static const row rows[] = {
    {SHA_1, "user", "pencil", NULL, NULL, 0, 0},
    {SHA_256, "user", "pencil", NULL, NULL, 0, 0},
    {SHA_1_PLUS, "user", "pencil", NULL, NULL, 0, 0},
    {SHA_256_PLUS, "user", "pencil", NULL, NULL, 0, 0},
    {DIGEST, "user", "pencil", NULL, NULL, 0, 0},
    {PLAIN, "user", "pencil", NULL, NULL, 0, 0},
    {EXTERNAL, "user", "pencil", NULL, NULL, 0, 0},
    {SHA_1, "user", "pencil", "other", NULL, 0, 1},
    {SHA_256, "user", "pencil", "other", NULL, 0, 1},
    {SHA_256_PLUS, "user", "pencil", "other", NULL, 0, 1},
    {DIGEST, "user", "pencil", "other", NULL, 0, 1},
    {PLAIN, "user", "pencil", "other", NULL, 0, 1},
    {SHA_1_PLUS, "user", "pencil", NULL, NULL, 1, 1},
    {SHA_256_PLUS, "user", "pencil", NULL, NULL, 1, 1},
    {SHA_256, "user", "pencil", NULL, "other@example.com", 0, 0},
    {SHA_256_PLUS, "user", "pencil", NULL, "other@example.com", 0, 0},
    {PLAIN, "user", "pencil", NULL, "other@example.com", 0, 0},
    /* SASLprep: a soft hyphen, compatibility forms, a space of another kind; letters. */
    {SHA_1, "user", "I\xC2\xADX", "IX", NULL, 0, 0},
    {SHA_256, "user", "\xE2\x85\xA8", "IX", NULL, 0, 0},
    {SHA_256, "user", "a\xC2\xA0z", "a z", NULL, 0, 0},
    {SHA_256, "user", "p\xC3\xA4ss\xE6\x97\xA5", NULL, NULL, 0, 0},
    {PLAIN, "user", "p\xC3\xA4ss\xE6\x97\xA5", NULL, NULL, 0, 0},
    {DIGEST, "user", "p\xC3\xA4ss", NULL, NULL, 0, 0},
    {SHA_256, "us\xC3\xA9r", "pencil", NULL, NULL, 0, 0},
    /* A name of ISO 8859-1 is left out: GNU SASL hashes it in UTF-8, against RFC 2831 2.1.2.1. */
    {DIGEST, "us\xE6\x97\xA5r", "pencil", NULL, NULL, 0, 0},
    {DIGEST, "user", "a\"b\\c", NULL, NULL, 0, 0},
};

/* ---- theirs ---- */

typedef struct theirs {
  Gsasl *context;
  Gsasl_session *session;
  const row *row;
  int rc;
} theirs;

static int callback(Gsasl *context, Gsasl_session *session, Gsasl_property property) {
  const row *r = gsasl_callback_hook_get(context);
  switch ((int)property) {
  case GSASL_VALIDATE_EXTERNAL:
    return GSASL_OK;
  case GSASL_PASSWORD:
    return gsasl_property_set(session, property, r->theirs == NULL ? r->password : r->theirs);
  case GSASL_SERVICE:
    return gsasl_property_set(session, property, "xmpp");
  case GSASL_HOSTNAME:
  case GSASL_REALM:
    return gsasl_property_set(session, property, "example.com");
  default:
    return GSASL_NO_CALLBACK;
  }
}

/* RFC 9266: the octets of the channel, in base64 as GNU SASL wants them. */
static void set_channel(const theirs *t) {
  char octets[32];
  char *text = NULL;
  size_t n = 0;
  memcpy(octets, sasl_exporter, sizeof octets);
  octets[0] = (char)(octets[0] ^ t->row->other_channel);
  assert_int_equal(gsasl_base64_to(octets, sizeof octets, &text, &n), GSASL_OK);
  assert_int_equal(gsasl_property_set(t->session, GSASL_CB_TLS_EXPORTER, text), GSASL_OK);
  gsasl_free(text);
}

static void theirs_open(theirs *t, const row *r, int is_server) {
  const char *name = stox_sasl_mechanism_name(r->mechanism);
  *t = (theirs){.row = r};
  assert_int_equal(gsasl_init(&t->context), GSASL_OK);
  gsasl_callback_hook_set(t->context, (void *)(uintptr_t)r);
  gsasl_callback_set(t->context, callback);
  if (is_server) {
    assert_int_equal(gsasl_server_start(t->context, name, &t->session), GSASL_OK);
  } else {
    assert_int_equal(gsasl_client_start(t->context, name, &t->session), GSASL_OK);
    (void)gsasl_property_set(t->session, GSASL_AUTHID, r->user);
    if (r->authzid != NULL || r->mechanism == EXTERNAL) {
      (void)gsasl_property_set(t->session, GSASL_AUTHZID, r->authzid == NULL ? "" : r->authzid);
    }
  }
  if ((r->mechanism & (SHA_1_PLUS | SHA_256_PLUS)) != 0) {
    set_channel(t);
  }
}

static void theirs_close(theirs *t) {
  gsasl_finish(t->session);
  gsasl_done(t->context);
}

/* What they say to an element; absent data where they have none. */
static stox_span theirs_step(theirs *t, char *room, size_t cap, const stox_sasl_message *in) {
  char octets[4096];
  stox_buf text;
  char *said = NULL;
  size_t n = 0;
  stox_buf_init(&text, octets, sizeof octets);
  const int status = in == NULL ? STOX_E_NONE : stox_sasl_data_parse(&text, in->data);
  assert_true(status == STOX_OK || status == STOX_E_NONE);
  t->rc = gsasl_step(t->session, status == STOX_OK ? octets : NULL, text.len, &said, &n);
  assert_true(n <= cap);
  if (said == NULL || (t->rc != GSASL_OK && t->rc != GSASL_NEEDS_MORE)) {
    return (stox_span){NULL, 0};
  }
  memcpy(room, said, n);
  gsasl_free(said);
  return n == 0 ? (stox_span){NULL, 0} : (stox_span){room, n};
}

/* ---- our client ---- */

static void pair_of(sasl_pair *pair, const row *r) {
  sasl_pair_init(pair);
  pair->host.user = r->user;
  pair->host.password = r->password;
  pair->host.jid = r->authzid == NULL ? S("user@example.com") : stox_span_text(r->authzid);
  pair->peer.identities = S("XMPP:user@example.com\n");
  pair->client_options.username = stox_span_text(r->user);
  pair->client_options.password = stox_span_text(r->password);
  pair->client_options.has_certificate = 1;
  pair->client_options.mechanisms = STOX_SASL_MECHANISMS_ALL;
  pair->server_options.mechanisms = STOX_SASL_MECHANISMS_ALL;
  if (r->authzid != NULL) {
    pair->client_options.authzid = stox_span_text(r->authzid);
  }
}

static void run_client(const row *r) {
  sasl_pair pair;
  theirs t;
  sasl_wire wire;
  char room[4096];
  stox_sasl_message up;
  pair_of(&pair, r);
  theirs_open(&t, r, 1);
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  int status = stox_sasl_client_start(pair.client, (uint32_t)r->mechanism, &up);
  while (status == STOX_OK && up.kind != 0 && up.kind != STOX_SASL_ABORT) {
    const stox_span said = theirs_step(&t, room, sizeof room, &up);
    if (t.rc != GSASL_OK && t.rc != GSASL_NEEDS_MORE) {
      break;
    }
    const int kind = t.rc == GSASL_OK ? STOX_SASL_SUCCESS : STOX_SASL_CHALLENGE;
    status = stox_sasl_client_feed(pair.client, sasl_say(&wire, kind, 0, said), &up);
  }
  if (r->refused) {
    assert_int_equal(t.rc, GSASL_AUTHENTICATION_ERROR);
  } else {
    assert_int_equal(t.rc, GSASL_OK);
    assert_status(status, STOX_OK);
    assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DONE);
  }
  stox_sasl_client_del(pair.client);
  theirs_close(&t);
}

/* ---- our server ---- */

static void run_server(const row *r) {
  sasl_pair pair;
  theirs t;
  sasl_wire wire;
  char room[4096];
  stox_sasl_message down = {0};
  pair_of(&pair, r);
  theirs_open(&t, r, 0);
  assert_status(stox_sasl_server_new(&pair.server, &pair.server_options), STOX_OK);
  int kind = STOX_SASL_AUTH;
  const int server_first = r->mechanism == DIGEST;
  do {
    const stox_span said =
        kind == STOX_SASL_AUTH && server_first
            ? (stox_span){NULL, 0}
            : theirs_step(&t, room, sizeof room, kind == STOX_SASL_AUTH ? NULL : &down);
    if (kind == STOX_SASL_AUTH && r->mechanism == EXTERNAL) {
      (void)sasl_say(&wire, kind, r->mechanism, S(""));
    } else {
      (void)sasl_say(&wire, kind, r->mechanism, said);
    }
    assert_status(stox_sasl_server_feed(pair.server, &wire.message, &down), STOX_OK);
    kind = STOX_SASL_RESPONSE;
  } while (down.kind == STOX_SASL_CHALLENGE);
  assert_int_equal(down.kind, r->refused ? STOX_SASL_FAILURE : STOX_SASL_SUCCESS);
  if (!r->refused) {
    if (down.data.p != NULL) {
      (void)theirs_step(&t, room, sizeof room, &down);
    }
    assert_int_equal(t.rc, GSASL_OK);
    const stox_span jid = stox_sasl_server_jid(pair.server);
    assert_true(jid.n > 12);
    assert_span_equal(stox_span_slice(jid, jid.n - 12, jid.n), S("@example.com"));
  }
  stox_sasl_server_del(pair.server);
  theirs_close(&t);
}

static void test_client(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    run_client(&rows[i]);
  }
}

static void test_server(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    run_server(&rows[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_client),
      cmocka_unit_test(test_server),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void) {
  (void)printf("skipped: there is no GNU SASL here\n");
  return 77;
}

#endif
