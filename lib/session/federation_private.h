/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_FEDERATION_PRIVATE_H
#define STOX_SESSION_FEDERATION_PRIVATE_H

#include "base/table.h"
#include "stox/answer_cache.h"
#include "stox/dialback.h"
#include "stox/federation.h"
#include "stox/locate.h"
#include "stox/sasl_client.h"
#include "stox/sasl_server.h"
#include "stox/secure.h"

enum { FED_IN = 1, FED_OUT = 2 };

/* The states of a stream, with what leads on:
 * SEARCHING  out  OPENING, OVER      questions are asked
 * OPENING    out  HEADERS, SEARCHING a flow is opened
 * HEADERS    both OPEN; out SEARCHING  headers, features, STARTTLS
 * OPEN       both SASL, READY        negotiation: dialback may be said
 * SASL       out  OPEN, READY        EXTERNAL is under way
 * READY      both ENDING             at least one pair is authenticated
 * ENDING     both OVER               the end tag is sent, or an error
 * OVER                               to be deleted */
enum {
  FED_SEARCHING,
  FED_OPENING,
  FED_HEADERS,
  FED_OPEN,
  FED_SASL,
  FED_READY,
  FED_ENDING,
  FED_OVER
};

/* The states of a pair. */
enum {
  PAIR_WAITING, /* out: for the stream */
  PAIR_ASKED,   /* out: a key of dialback was sent */
  PAIR_UP,      /* authenticated */
  PAIR_DOWN     /* no more; to be told, then deleted */
};

/* What is to be told of a pair. */
enum { TELL_UP = 1, TELL_DOWN = 2 };

enum { PING_ID = 16 };

/* One local and one remote domain in one direction. */
typedef struct fed_pair {
  stox_link by_name;
  struct fed_pair *next;      /* of its stream */
  struct fed_pair *told_next; /* in the queue of what is to be told */
  struct fed_stream *stream;  /* NULL: none any more */
  int direction;              /* FED_IN or FED_OUT */
  int state;
  unsigned tell;
  int is_queued; /* to be told */
  int is_told;   /* UP was */
  int is_over;   /* DOWN was: it is in no table any more */
  int by;        /* STOX_STREAM_BY_… */
  int is_secure;
  int is_verified;
  int is_pinging;
  int status; /* DOWN */
  int condition;
  int spare;
  uint64_t number;      /* of its stream */
  uint64_t used_ns;     /* the last stanza */
  uint64_t alive_ns;    /* the last sign of life, or ping */
  uint64_t unproved_ns; /* the first stanza since then; 0: none */
  size_t local;         /* its index */
  size_t n;             /* octets of the remote domain, behind the object */
  char ping_id[PING_ID + 1];
  char remote[];
} fed_pair;

/* A key of dialback that is being checked. The texts stand behind the object. */
typedef struct fed_verify {
  struct fed_verify *next_in;  /* of the stream that it came over */
  struct fed_verify *next_out; /* of the stream that it is checked over */
  struct fed_stream *in;
  struct fed_stream *out; /* NULL: not yet */
  int is_sent;
  int spare;
  uint64_t due_ns;
  size_t local;
  size_t n;
  stox_span remote;
  stox_span id;
  stox_span key;
} fed_verify;

/* Incoming streams of one address that are not authenticated. */
typedef struct fed_address {
  stox_link by_text;
  uint32_t count;
  uint32_t n;
  char text[];
} fed_address;

/* What is known of a peer while it is not authenticated; texts stand behind it. */
typedef struct fed_peer {
  stox_peer peer;
  size_t n;
} fed_peer;

enum { FED_QUESTIONS = 3, FED_CLOSINGS = 8, FED_REDIRECTS = 3 };

/* The way to a peer, until its stream is there. */
typedef struct fed_search {
  stox_arena arena;
  stox_locate *locate; /* NULL: a static hop, or done */
  stox_attempts *attempts;
  stox_attempt attempt;
  stox_question questions[FED_QUESTIONS]; /* 0: locate, 1 and 2: attempts */
  uint64_t asked[FED_QUESTIONS];          /* token; 0: not open */
  unsigned must_ask;                      /* one bit each */
  int must_open;
  uint64_t open_token; /* of the attempt under way */
  uint64_t due_ns;     /* of the question or attempt under way */
  uint64_t end_ns;     /* of all */
  int status;          /* of the last failure */
  int is_found;        /* 1: there is a place, whether or not it answers */
  unsigned redirects;
  unsigned spare;
} fed_search;

typedef struct fed_stream {
  stox_link by_handle;
  stox_link by_number;
  stox_link by_name; /* outgoing */
  struct fed_stream *run_next;
  int is_running;
  int is_in_handles;
  int is_in_names;
  int direction;
  int state;
  int is_verified; /* the peer's certificate proves `remote` */
  int has_errors;  /* errors of dialback do not end it */
  int has_dialback;
  int has_external; /* it is offered, and not refused yet */
  int has_spoken;   /* out: authentication has begun */
  int by;
  int is_closing;   /* this end closes in good order */
  int has_given_up; /* out: there is no stream, and none will be: see fed_place_give_up() */
  int status;       /* why it ends, where this end knows better than its stream */
  int condition;    /* STOX_STREAM_… */
  unsigned generation;
  unsigned n_opening; /* OPENs under way, those given up too */
  unsigned n_pairs;
  unsigned n_verifies; /* of those that came with it */
  uint32_t n_closings;
  uint64_t closings[FED_CLOSINGS]; /* flows that were opened too late */
  uint64_t number;
  uint64_t handle;    /* 0: none */
  uint64_t tls;       /* token of the stream's START_TLS; 0: none */
  uint64_t tls_token; /* what the host knows it by */
  uint64_t due_ns;
  size_t heap_at;
  uint64_t used_ns;
  stox_stream *stream;
  size_t local;     /* index; of an incoming stream what its header says */
  stox_span remote; /* owned; incoming: what its header says */
  fed_pair *pairs;
  fed_verify *verifies; /* in: that came with it; out: that are checked over it */
  fed_search *search;
  fed_peer *peer;
  fed_address *address;
  stox_sasl_client *client;
  stox_sasl_server *server;
} fed_stream;

typedef struct fed_hop {
  stox_span domain; /* absent: all */
  stox_location place;
} fed_hop;

struct stox_federation {
  stox_federation_options options;
  stox_limits limits;
  const stox_allocator *alloc;
  stox_arena config;  /* what the options point to */
  stox_arena scratch; /* one call's results */
  stox_arena heard;   /* the addresses of the stanza that the host was given last */
  stox_xmpp_domain *domains;
  fed_hop *hops;
  stox_locations *locations; /* own; NULL: the caller's */
  stox_answer_cache *answers;
  stox_backoff *backoff;
  stox_table handles;
  stox_table numbers;
  stox_table names; /* outgoing streams by local and remote domain */
  stox_table pairs; /* of both directions */
  stox_table addresses;
  fed_stream *run_first;
  fed_stream *run_last;
  fed_pair *told_first;
  fed_pair *told_last;
  fed_pair *told_given; /* the event that was given last is about it */
  fed_stream **heap;
  size_t n_heap;
  size_t heap_cap;
  size_t n_streams;
  size_t n_pairs;
  size_t n_verifies;
  uint64_t next_number;
  uint64_t now_ns;
  int is_stopping;
  int is_stopped;
  stox_federation_counters counters;
  stox_action action;
  stox_secure secure;
  stox_federation_link link;
  stox_federation_stanza stanza;
  stox_xmpp_admission admission;
};

/* ---- federation_make.c ---- */

/* Prepares a domain into the scratch arena; STOX_OK, STOX_E_BAD_DOMAIN, STOX_E_NOMEM. */
int fed_prepare(stox_federation *fed, stox_span *out, stox_span domain);

/* The index of a local domain, prepared; n_domains if it is none. */
size_t fed_local_of(const stox_federation *fed, stox_span domain);
int fed_is_served(const stox_federation *fed, size_t local);

/* Whether a domain is another's, and one that policy lets us speak with. */
int fed_may_speak_with(const stox_federation *fed, stox_span remote);

/* ---- federation_queue.c: what is to be done, told, and when ---- */

void *fed_take(stox_federation *fed, size_t n);
void fed_give(stox_federation *fed, void *p, size_t n);
void fed_run(stox_federation *fed, fed_stream *s);
int fed_heap_reserve(stox_federation *fed);
void fed_heap_add(stox_federation *fed, fed_stream *s);
void fed_heap_remove(stox_federation *fed, fed_stream *s);
void fed_heap_set(stox_federation *fed, fed_stream *s, uint64_t due_ns);
void fed_tell(stox_federation *fed, fed_pair *pair, unsigned what);

/* The next thing to be told, in fed->action; NULL: nothing. */
const stox_action *fed_told(stox_federation *fed);

/* ---- federation_pair.c ---- */

/* A pair of a direction; NULL: there is none. */
fed_pair *fed_pair_find(const stox_federation *fed, int direction, size_t local, stox_span remote);

/* A new pair without a stream; NULL: no memory. */
fed_pair *fed_pair_new(stox_federation *fed, int direction, size_t local, stox_span remote);
void fed_pair_attach(fed_pair *pair, fed_stream *s);
stox_span fed_pair_remote(const fed_pair *pair);
void fed_pair_up(stox_federation *fed, fed_pair *pair, int by);

/* It leaves its stream and is told of; outgoing ones that failed pause. */
void fed_pair_down(stox_federation *fed, fed_pair *pair, int status, int condition);
void fed_pair_forget(stox_federation *fed, fed_pair *pair);
void fed_pair_free(stox_federation *fed, fed_pair *pair);

/* Whether a pair failed lately. */
int fed_pair_pauses(const stox_federation *fed, size_t local, stox_span remote);

/* An incoming pair: STOX_OK, STOX_E_TOO_MANY, STOX_E_NOMEM. */
int fed_grant(stox_federation *fed, fed_stream *s, size_t local, stox_span remote, int by);

/* ---- federation_stream.c ---- */

fed_stream *fed_stream_new(stox_federation *fed, int direction);
void fed_stream_free(stox_federation *fed, fed_stream *s);
fed_stream *fed_stream_of(const stox_federation *fed, uint64_t handle);
fed_stream *fed_stream_numbered(const stox_federation *fed, uint64_t number);

/* Puts an XML stream on a flow that is open. STOX_OK or STOX_E_NOMEM. */
int fed_stream_start(stox_federation *fed, fed_stream *s, uint64_t handle);
void fed_stream_unhandle(stox_federation *fed, fed_stream *s);
int fed_stream_keep_peer(stox_federation *fed, fed_stream *s, const stox_peer *peer);
void fed_stream_drop_peer(stox_federation *fed, fed_stream *s);

/* Whether a certificate of the peer proves a domain. */
int fed_stream_proves(const stox_federation *fed, const fed_stream *s, stox_span domain);

/* Closes in good order, or with an error; pairs go down when the stream is over, by `status`. */
void fed_stream_close(stox_federation *fed, fed_stream *s, int status);
void fed_stream_fail(stox_federation *fed, fed_stream *s, int condition, int status);

/* The next action of a stream, in fed->action; NULL: none. */
const stox_action *fed_stream_next(stox_federation *fed, fed_stream *s);
uint64_t fed_stream_due(const stox_federation *fed, const fed_stream *s);
void fed_stream_tick(stox_federation *fed, fed_stream *s);

/* ---- federation_place.c: where a domain is ---- */

void fed_place_begin(stox_federation *fed, fed_stream *s);

/* There is no way. What follows from it follows when the stream is pulled. */
void fed_place_give_up(stox_federation *fed, fed_stream *s, int status);

/* The attempt has failed, or its stream: the next. */
void fed_place_failed(stox_federation *fed, fed_stream *s, int status);

/* Goes to another host (see-other-host); 1 if it does. */
int fed_place_redirect(stox_federation *fed, fed_stream *s, stox_span address);
void fed_place_end(stox_federation *fed, fed_stream *s);
const stox_action *fed_place_next(stox_federation *fed, fed_stream *s);
void fed_place_tick(stox_federation *fed, fed_stream *s);
void fed_place_opened(stox_federation *fed, fed_stream *s, uint64_t token, int status,
                      const stox_flow *flow);
void fed_place_resolved(stox_federation *fed, fed_stream *s, uint64_t token, int status,
                        const stox_record *records, size_t n);
uint64_t fed_token(fed_stream *s, unsigned what);
int fed_secure(stox_federation *fed, const fed_stream *s, int is_server);

enum { TOKEN_LOCATE = 1, TOKEN_ADDRESS = 2, TOKEN_ADDRESS_2 = 3, TOKEN_OPEN = 4, TOKEN_TLS = 5 };

/* ---- federation_out.c ---- */

/* The outgoing stream of a pair that may still serve; NULL: none. */
fed_stream *fed_out_find(const stox_federation *fed, size_t local, stox_span remote);

/* The same, made where there is none. STOX_OK, STOX_E_TOO_MANY, STOX_E_NOMEM. */
int fed_out_get(stox_federation *fed, fed_stream **out, size_t local, stox_span remote);
int fed_out_want(stox_federation *fed, fed_pair *pair);

/* Does what the state of the stream allows. */
void fed_out_advance(stox_federation *fed, fed_stream *s);
void fed_out_event(stox_federation *fed, fed_stream *s, const stox_action *a);

/* It is over, if it is not tried elsewhere. */
void fed_out_over(stox_federation *fed, fed_stream *s, int status);

/* Its pairs go down and its verifications fail. */
void fed_out_drop(stox_federation *fed, fed_stream *s, int status);
void fed_out_unname(stox_federation *fed, fed_stream *s);

/* ---- federation_in.c ---- */

/* 1: there is a stanza in fed->action. */
int fed_in_event(stox_federation *fed, fed_stream *s, const stox_action *a);
void fed_in_over(stox_federation *fed, fed_stream *s, int status);
void fed_in_unaddress(stox_federation *fed, fed_stream *s);
int fed_sasl_put(stox_federation *fed, fed_stream *s, const stox_sasl_message *message);

/* ---- federation_stanza.c ---- */

int fed_stanza(stox_federation *fed, fed_stream *s, const stox_action *a);
void fed_ping(stox_federation *fed, fed_pair *pair);

/* ---- federation_dialback.c ---- */

int fed_dialback_put(stox_federation *fed, fed_stream *s, const stox_dialback *dialback);
void fed_dialback_in(stox_federation *fed, fed_stream *s, const stox_xml_element *element);
void fed_dialback_out(stox_federation *fed, fed_stream *s, const stox_xml_element *element);

/* Asks for a pair by dialback: STOX_OK or why not. */
int fed_dialback_ask(stox_federation *fed, fed_stream *s, fed_pair *pair);

/* ---- federation_verify.c: the receiving server's questions ---- */

int fed_verify_new(stox_federation *fed, fed_stream *s, size_t local, const stox_dialback *request,
                   stox_span remote);
void fed_verify_send(stox_federation *fed, fed_stream *s);

/* Ends one: STOX_DIALBACK_VALID, _INVALID, or _ERROR with a condition. */
void fed_verify_end(stox_federation *fed, fed_verify *v, int type, int condition);
void fed_verify_free(stox_federation *fed, fed_verify *v);
fed_verify *fed_verify_of(const fed_stream *out, const stox_dialback *answer, size_t local,
                          stox_span remote);

#endif
