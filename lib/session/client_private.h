/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_CLIENT_PRIVATE_H
#define STOX_SESSION_CLIENT_PRIVATE_H

#include "session/negotiate.h"
#include "stox/attempt.h"
#include "stox/client.h"
#include "stox/locate.h"

/* SEARCHING  CONNECT                    answers of the resolver are awaited
 * CONNECT    OPENING                    the connection is to be asked for
 * OPENING    STREAM, SEARCHING          its completion is awaited
 * STREAM                                the stream is in charge, to its end
 * Where there is no stream every state may end in FAILED, which is told once: TOLD. */
enum {
  CLIENT_SEARCHING,
  CLIENT_CONNECT,
  CLIENT_OPENING,
  CLIENT_STREAM,
  CLIENT_FAILED,
  CLIENT_TOLD
};

enum { CLIENT_QUESTIONS = 3, CLIENT_LATE = 4 };

/* Where the domain is: the question of the search, then those for addresses of either family. */
typedef struct client_search {
  stox_arena arena;
  stox_locate *locate; /* NULL: the places are known */
  stox_attempts *attempts;
  stox_attempt attempt;
  stox_question questions[CLIENT_QUESTIONS];
  uint64_t asked[CLIENT_QUESTIONS]; /* tokens; 0: not asked, or answered */
  unsigned must_ask;                /* one bit each */
  int status;                       /* why the last attempt failed */
} client_search;

struct stox_client {
  stox_client_options options;
  const stox_allocator *alloc;
  client_search *search; /* NULL: `remote` was given, or there is a stream */
  stox_stream *stream;
  stox_sasl_client *sasl;
  stox_kept_peer peer;
  stox_secure secure;
  stox_action action;
  stox_arena arena; /* of the last failure */
  stox_sasl_message failure;
  int state;
  int has_failed;
  int is_asking;
  int is_authenticated;
  int was_ready;
  int opens;         /* its own connections */
  int is_redirected; /* once the stream is over */
  uint32_t redirects;
  int must_bind;  /* again, or give up: by `refusal` */
  int refusal;    /* of the last request to bind */
  int has_waived; /* the resource that was asked for */
  int reason;     /* why this end closes; STOX_OK: not by itself */
  int mechanism;
  int dialect;
  uint32_t offered;
  uint32_t bindings;          /* that the server tells */
  uint32_t asked;             /* for credentials */
  uint64_t n_tokens;          /* of OPEN and RESOLVE */
  uint64_t open_token;        /* of the OPEN under way; 0: none */
  uint64_t late[CLIENT_LATE]; /* flows that came too late, to be closed */
  size_t n_late;
  uint64_t handle;
  uint64_t deadline_ns; /* where there is no stream */
};

/* ---- client.c ---- */

/* There is no stream, and will be none. */
void client_fail(stox_client *obj, int reason);

/* Closes the stream in good order: the server has done nothing wrong. */
void client_close_for(stox_client *obj, int reason, uint64_t now_ns);

const stox_action *client_act(stox_client *obj, stox_action action);

/* What TLS is to be like. */
const stox_secure *client_secure(stox_client *obj);

/* The stream on a flow; STOX_OK or why not. */
int client_make_stream(stox_client *obj, const stox_flow *flow, uint64_t now_ns);

/* ---- client_place.c ---- */

/* Begins to look for the domain; STOX_OK or STOX_E_NOMEM. */
int client_search_begin(stox_client *obj, uint64_t now_ns);

void client_search_end(stox_client *obj);

/* The server sends elsewhere (RFC 6120 4.9.3.19): 1, and `search` knows the place, or 0: it is not
 * gone to. */
int client_redirect(stox_client *obj, stox_span address);

/* The stream is over: off to where the server sent. */
void client_follow(stox_client *obj, uint64_t now_ns);

/* 1: a token of OPEN or RESOLVE, as against those of the stream. */
int client_is_own(uint64_t token);

void client_opened(stox_client *obj, uint64_t token, int status, const stox_flow *flow,
                   uint64_t now_ns);

void client_place_tick(stox_client *obj, uint64_t now_ns);

/* The next action of a client without a stream; NULL: none. */
const stox_action *client_place_next(stox_client *obj, uint64_t now_ns);

/* ---- client_login.c ---- */

void client_on_features(stox_client *obj, const stox_stream_features *features, uint64_t now_ns);
void client_on_sasl(stox_client *obj, const stox_xml_element *element, uint64_t now_ns);

/* After a refusal. */
void client_bind_again(stox_client *obj, uint64_t now_ns);

#endif
