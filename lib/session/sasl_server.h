/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_SASL_SERVER_H
#define STOX_SESSION_SASL_SERVER_H

#include "session/sasl_digest.h"
#include "session/sasl_identity.h"
#include "session/sasl_limits.h"
#include "session/scram.h"
#include "stox/sasl_server.h"

enum {
  /* client-first with its header, server-first, client-final: the nonce is in each. */
  STOX_SASL_AUTH_MAX = 2 * STOX_SASL_MESSAGE_MAX + STOX_SASL_NONCE_MAX + 256
};

/* What a step gives: one of these, or a condition, which is above 0. */
enum {
  STOX_SASL_SAY = 0,    /* `out` is filled */
  STOX_SASL_ASK = -1,   /* obj->asked is the question */
  STOX_SASL_PASSED = -2 /* the peer is obj->jid; obj->wire holds what success says */
};

struct stox_sasl_server {
  stox_sasl_server_options options; /* its texts lie in `tail`, its peer is not looked at again */
  uint32_t offered;
  stox_span identities;
  stox_span exporter;
  stox_span end_point;
  int secure;
  int state;
  int mechanism;
  int step; /* messages of the mechanism taken */
  int asked;
  uint32_t failures;
  int is_known; /* 0: the keys are a decoy's */
  int condition;
  stox_span username; /* in `names` */
  stox_span authzid;  /* in `names`, prepared; empty: none */
  stox_span jid;      /* in `identity`, prepared */
  stox_span password; /* in `message` */
  stox_span nonce;    /* in `auth` or `names` */
  size_t gs2_n;       /* the header, at the front of `auth` */
  stox_buf auth;
  stox_buf message; /* what came, decoded */
  stox_buf wire;    /* what goes, in base64 */
  stox_buf names;
  stox_scram_keys keys;
  unsigned char digest_secret[STOX_SASL_DIGEST_SECRET];
  char auth_room[STOX_SASL_AUTH_MAX];
  char message_room[STOX_SASL_MESSAGE_MAX];
  char wire_room[STOX_SASL_WIRE_MAX];
  char names_room[STOX_SASL_NAME_MAX + STOX_SASL_IDENTITY_MAX + STOX_SASL_NONCE];
  char identity_room[STOX_SASL_IDENTITY_MAX];
  char domain_room[STOX_SASL_NAME_MAX];
  stox_sasl_scratch scratch;
  size_t size; /* of the whole object */
  size_t tail_n;
  char tail[];
};

/* Fills `out` with a challenge of some octets; STOX_SASL_SAY. */
int stox_sasl_server_challenge(stox_sasl_server *obj, stox_sasl_message *out, stox_span octets);

/* Notes what success says: obj->wire. */
void stox_sasl_server_say(stox_sasl_server *obj, stox_span octets);

/* Keeps the user's name, prepared by SASLprep; a condition or STOX_SASL_SAY. */
int stox_sasl_server_keep_name(stox_sasl_server *obj, stox_span name);

/* Keeps an authorisation identity, prepared; a condition or STOX_SASL_SAY. */
int stox_sasl_server_keep_authzid(stox_sasl_server *obj, stox_span authzid);

/* Who obj->username is, and whether that may act for the authzid. */
int stox_sasl_server_authorize(stox_sasl_server *obj);

/* Appends a nonce to a text; a condition or STOX_SASL_SAY. */
int stox_sasl_server_put_nonce(stox_sasl_server *obj, stox_buf *out);

/* The mechanisms: a message came; an answer came. */
int stox_sasl_scram_feed(stox_sasl_server *obj, stox_span message, stox_sasl_message *out);
int stox_sasl_scram_answered(stox_sasl_server *obj, int status, const stox_sasl_answer *answer,
                             stox_sasl_message *out);
int stox_sasl_digest_feed(stox_sasl_server *obj, stox_span message, stox_sasl_message *out);
int stox_sasl_digest_answered(stox_sasl_server *obj, int status, const stox_sasl_answer *answer,
                              stox_sasl_message *out);
int stox_sasl_plain_feed(stox_sasl_server *obj, stox_span message);
int stox_sasl_external_feed(stox_sasl_server *obj, stox_span message);

#endif
