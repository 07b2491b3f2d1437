/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_SASL_CLIENT_H
#define STOX_SESSION_SASL_CLIENT_H

#include "session/sasl_digest.h"
#include "session/sasl_identity.h"
#include "session/sasl_limits.h"
#include "session/scram.h"
#include "stox/sasl_client.h"

enum {
  /* client-first with its header, server-first, client-final, and what separates them. */
  STOX_SASL_CLIENT_AUTH_MAX = 3 * STOX_SASL_MESSAGE_MAX + 8
};

struct stox_sasl_client {
  stox_sasl_client_options options; /* its texts lie in `texts`, its peer is not looked at again */
  stox_span exporter;
  stox_span end_point;
  int secure;
  int verified;
  int state;
  int mechanism;
  int step;      /* messages of the server that were taken */
  int is_proved; /* the server showed that it knows the secret, or need not */
  int reason;    /* why we aborted; STOX_OK: we did not */
  int condition;
  uint32_t offered;
  uint32_t tried;
  uint32_t spare;
  stox_span authzid; /* of EXTERNAL */
  stox_span act_for; /* of the others: absent where it is the default */
  stox_span nonce;   /* ours, in nonce_text */
  size_t gs2_n;      /* the header, at the front of `auth` */
  stox_buf auth;
  stox_buf message;
  stox_buf wire;
  stox_buf texts;
  char nonce_text[STOX_SASL_NONCE];
  char proof[2 * STOX_HASH_MAX]; /* of the server, awaited */
  size_t proof_n;
  char auth_room[STOX_SASL_CLIENT_AUTH_MAX];
  char message_room[STOX_SASL_MESSAGE_MAX];
  char wire_room[STOX_SASL_WIRE_MAX];
  char texts_room[3 * STOX_SASL_NAME_MAX + STOX_SASL_IDENTITY_MAX];
  stox_sasl_scratch scratch;
  size_t size; /* of the whole object */
  size_t tail_n;
  char tail[];
};

/* Draws obj->nonce. */
int stox_sasl_client_draw(stox_sasl_client *obj);

/* SCRAM: client-first into obj->auth; the answer to a challenge into obj->message. */
int stox_sasl_client_scram_start(stox_sasl_client *obj);
int stox_sasl_client_scram_feed(stox_sasl_client *obj, stox_span message);

/* DIGEST-MD5: the answer to a challenge into obj->message. */
int stox_sasl_client_digest_feed(stox_sasl_client *obj, stox_span message);

/* Octets that may be bound to, and their type's name; absent if there are none. */
stox_span stox_sasl_client_binding(const stox_sasl_client *obj, const char **type);

#endif
