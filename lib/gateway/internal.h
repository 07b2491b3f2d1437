/* SPDX-License-Identifier: MIT */
#ifndef STOX_GATEWAY_INTERNAL_H
#define STOX_GATEWAY_INTERNAL_H

#include "base/octets.h"
#include "base/table.h"
#include "stox/backoff.h"
#include "stox/component.h"
#include "stox/federation.h"
#include "stox/gateway.h"
#include "stox/loop_guard.h"
#include "stox/message.h"
#include "stox/secure.h"
#include "stox/service.h"
#include "stox/transaction.h"

enum {
  SERVED_MAX = 64,
  ID_TEXT = 32, /* a stanza id made here */
  TAGS_MAX = 3,
  TAG_TEXT = 16,         /* From and To tags: 64 random bits in hex */
  REQUEST_BLOCK = 6144,  /* holds most requests and their views; larger ones take a chunk */
  OUTBOUND_BLOCK = 4096, /* likewise for requests being made */
  SPARE_MAX = 256,       /* spent objects kept for reuse */
  CONVERSATIONS_MAX = 16384,
  DATAGRAM_REQUEST = 1300, /* octets of a request that may go over UDP (RFC 3261 18.1.1) */
  REFLECTIONS = 4096,
  OWED_MAX = 1 << 20,      /* octets of stanzas that wait for a stream */
  OWED_PEER_MAX = 1 << 16, /* to one peer of many */
  OWED_PEERS_MAX = 1 << 24 /* to all of them */
};

/* ---- SIP to XMPP ---- */

/* The two lists that a request is in: of its way, and of all that wait for the same by age. */
enum { OF_WAY, BY_AGE, LISTS };

/* What is waited for; all that wait for the same have the same patience. Another server may first
 * have to be found, or have to find us. */
enum { FOR_PING, FOR_FIRST_PING, FOR_STREAM, FOR_PEERS_STREAM, AGES };

/* One SIP request from its arrival until its final response. It owns the octets it was parsed from,
 * so it is parsed once. Spent ones are kept for reuse. */
typedef struct inbound {
  stox_link by_id;
  struct inbound *next[LISTS];
  struct inbound *before[LISTS];
  struct way *way; /* NULL: it is in no list */
  int age;         /* FOR_PING … */
  uint64_t transaction;
  uint64_t batch; /* the ping behind it */
  uint64_t deadline_ns;
  uint64_t accepted_ns;
  unsigned sent;  /* times handed to a stream */
  uint32_t hops;  /* what Max-Forwards leaves */
  int status;     /* what its parsing said */
  stox_flow flow; /* without texts */
  stox_sip_message *request;
  stox_message_route route; /* its id: the stanza's */
  stox_span stanza;         /* in the arena: it may have to be sent again */
  stox_arena arena;
  char id_text[ID_TEXT];
  char ping[TAG_TEXT]; /* random part of its ping's id */
  _Alignas(max_align_t) char block[REQUEST_BLOCK];
} inbound;

typedef struct inbound_list {
  inbound *first;
  inbound *last;
} inbound_list;

/* A SIP domain as the XMPP side sees it: behind a component session, or a server of its own. */
typedef struct served {
  stox_span name;          /* U-labels */
  stox_component *session; /* NULL: it federates */
  struct way *server;      /* the way to all XMPP domains, through the session */
  int is_stopped;
} served;

/* The way from one SIP domain to an XMPP server, and the requests that wait for it or for the
 * server. Both lists are in order of arrival. */
typedef struct way {
  stox_link by_names; /* federated alone, like all that is said so of */
  served *local;
  stox_span remote;     /* who is pinged; federated: behind the object */
  inbound_list waiting; /* for the stream */
  inbound_list sent;    /* for the ping */
  size_t queued;        /* in both */
  uint64_t batch;       /* number of the batch that is being gathered */
  unsigned gathered;    /* stanzas in it */
  stox_octets owed;     /* errors that senders are to be told of on the next stream */
  struct way *next;     /* in the list of those that have something to do */
  int is_listed;
  int is_up;
  int is_asked;  /* federated: UP or DOWN will follow */
  int failure;   /* federated: a status that nothing follows */
  int is_proven; /* a ping was answered */
  int is_silent; /* then one was not */
} way;

/* A stream flow of SIP: octets that are not a whole message yet. */
typedef struct sip_stream {
  stox_link by_handle;
  uint64_t handle;
  stox_octets input;
} sip_stream;

/* ---- XMPP to SIP ---- */

/* One XMPP message from its arrival until its fate is known. It owns the request it became; spent
 * ones are kept for reuse. */
typedef struct outbound {
  stox_link by_transaction;
  struct outbound *next; /* in its destination's queue */
  struct destination *destination;
  served *local;        /* the domain that it came to */
  uint64_t transaction; /* 0: not started */
  uint64_t handle;      /* the stream it went out on, 0: none */
  uint64_t turn;        /* the route's, when `tried` and `target` were chosen */
  uint32_t tried;       /* targets that failed, as bits */
  uint32_t target;      /* the one it went to */
  uint64_t accepted_ns;
  stox_stanza stanza; /* kind, type, from, to, id, lang, ns; no element */
  stox_span call_id;
  stox_sip_edit *request;
  stox_arena arena;
  _Alignas(max_align_t) char block[OUTBOUND_BLOCK];
} outbound;

typedef struct destination_list {
  struct destination *first;
  struct destination *last;
} destination_list;

/* A Request-URI with messages under way: one at a time (RFC 3428 8), the others in order. */
typedef struct destination {
  stox_link by_uri;
  stox_span uri; /* behind the object */
  struct route *route;
  outbound *first; /* the one in flight */
  outbound *last;
  destination_list *in; /* the list of those that have a message to start; NULL: none */
  struct destination *next;
  struct destination *before;
} destination;

enum { ROUTE_TARGETS_MAX = 16 };

typedef struct search search;

/* The next hop of a domain, and the load on it: one dead domain fills only its own queue. */
typedef struct route {
  stox_span domain;
  stox_endpoint hop;                        /* as it was given */
  stox_secure secure;                       /* TLS: what the peer has to prove */
  stox_endpoint targets[ROUTE_TARGETS_MAX]; /* where it leads to, in order */
  size_t n_targets;
  uint64_t turn;       /* counts when they change */
  uint64_t expires_ns; /* when a name is to be asked for again */
  search *search;      /* under way; NULL: none is */
  stox_arena found;    /* texts of a name's targets */
  int is_name;
  int failure;     /* what the last search ended with */
  uint64_t handle; /* the flow it uses, 0: not known */
  size_t queued;
  int is_held;
  destination_list held; /* what waits for its flow to have room */
} route;

/* What is remembered of a thread between two users, or of the two users (empty call_id). */
typedef struct conversation {
  stox_link by_key;
  struct conversation *newer;
  struct conversation *older;
  stox_span xmpp;
  stox_span sip;
  stox_span call_id;
  uint32_t cseq;
  int is_chat;
  size_t n;
  char tag[TAG_TEXT];
} conversation;

/* An action of the gateway's own: a stateless response, a keep-alive's answer, a close. */
typedef struct own_action {
  struct own_action *next;
  stox_action action;
  size_t n;
  char host[64];
  char octets[];
} own_action;

/* A record to be told of; its texts stand behind it. */
typedef struct told {
  struct told *next;
  size_t n;
  int event;
  int status;
  stox_gateway_record record;
} told;

struct stox_gateway {
  stox_gateway_options options;
  stox_limits limits;
  stox_map_options map;
  stox_message_options message;
  stox_arena config;  /* all that the options point to */
  stox_arena scratch; /* one call's results */
  stox_transactions *transactions;
  stox_federation *federation; /* NULL: no domain federates */
  stox_gateway_federation federated;
  stox_table ways; /* federated, by names */
  size_t n_owed;   /* octets that they owe */
  served served[SERVED_MAX];
  size_t n_served;
  way *first_way;          /* those that have something to do at the next turn */
  inbound_list ages[AGES]; /* of all ways, each in order of deadline */
  route *routes;
  stox_backoff *backoff;    /* NULL: no route has a name */
  uint32_t question;        /* number of the last one */
  size_t n_questions;       /* that wait to be given to the host */
  int transports;           /* STOX_LOCATE_… that a name may lead to */
  int families;             /* STOX_ATTEMPT_… likewise */
  stox_table requests;      /* inbound by stanza id */
  stox_table messages;      /* outbound by transaction */
  stox_table destinations;  /* by Request-URI */
  stox_table streams;       /* by handle */
  stox_table conversations; /* by users and thread */
  conversation *newest;
  conversation *oldest;
  inbound *spare;
  size_t n_spare;
  size_t n_inbound;
  outbound *spare_out;
  size_t n_spare_out;
  destination_list ready; /* have a message to start */
  uint64_t held_due_ns;   /* somebody in a route's list may wait no longer; 0: nobody is there */
  own_action *own_first;
  own_action *own_last;
  own_action *own_given;
  told *told_first;
  told *told_last;
  told *told_given;
  stox_action action;
  stox_gateway_counters counters;
  stox_reflections reflections;
  stox_span *sent_by; /* one for each sip_local */
  unsigned char loop_key[16];
  uint64_t now_ns;
  uint64_t wall_s;
  uint64_t drain_ns;
  uint64_t work; /* counts what was handled: unchanged when all is quiet */
  size_t n_ready;
  int is_stopping;
  int is_federation_stopped;
  int is_stopped;
};

/* gateway.c */
void *gw_take(stox_gateway *gw, size_t n);
void gw_give(stox_gateway *gw, void *p, size_t n);
void gw_tell(stox_gateway *gw, int event, int status, const stox_gateway_record *record);
int gw_own(stox_gateway *gw, const stox_action *action);
int gw_tag(stox_gateway *gw, char *out);
int gw_tags(stox_gateway *gw, char *out, size_t n); /* TAGS_MAX at most, one behind the other */
void gw_count(stox_gateway *gw, int direction, int outcome);
int gw_reflection_check(stox_gateway *gw, stox_arena *arena, const stox_message_route *where,
                        stox_span body);
int gw_bare(stox_span *out, stox_arena *arena, const stox_jid *jid);

/* trust.c */
int gw_is_trusted(const stox_gateway *gw, stox_span host);
/* Whether SIP may write to a domain. */
int gw_is_xmpp_domain(stox_gateway *gw, const served *local, stox_span domain);
served *gw_served_of(stox_gateway *gw, stox_span domain);
route *gw_route_of(stox_gateway *gw, stox_span domain);

/* Whether a peer proves by its certificate that it may speak for the sender of a request. */
int gw_is_proved(const stox_gateway *gw, const stox_peer *peer, stox_sip_message *request);

/* route.c: next hops */
int gw_route_is_token(uint64_t token);
int gw_route_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                      size_t n);
/* Questions for the host; NULL: none. */
const stox_action *gw_route_next(stox_gateway *gw);
/* STOX_OK; STOX_E_MORE: its addresses are being asked for; or why it has none. */
int gw_route_ready(stox_gateway *gw, route *r);
/* A target that is none of `tried`; STOX_E_NONE: there is no more. */
int gw_route_pick(const stox_gateway *gw, const route *r, uint32_t tried, size_t *which);
void gw_route_failed(stox_gateway *gw, const route *r, size_t which);
void gw_route_worked(stox_gateway *gw, const route *r, size_t which);
int gw_route_is_at(const route *r, const stox_endpoint *remote);
/* What a hop at that address has to prove; NULL: no hop with TLS is there. */
const stox_secure *gw_route_secure(const stox_gateway *gw, stox_span host);
void gw_routes_clear(stox_gateway *gw);

/* sip_in.c: octets to requests and responses */
int gw_sip_feed(stox_gateway *gw, const stox_flow *flow, stox_span bytes);
void gw_streams_clear(stox_gateway *gw);

/* inbound.c: requests on their way to XMPP */
inbound *gw_inbound_new(stox_gateway *gw, const stox_flow *flow, stox_span bytes);
void gw_inbound_free(stox_gateway *gw, inbound *in);
/* Tells how it ended. */
void gw_inbound_record(stox_gateway *gw, const inbound *in, int code, int status, int outcome);

void gw_inbound_answer(stox_gateway *gw, inbound *in, int code, int status, int outcome);
void gw_inbound_message(stox_gateway *gw, inbound *in);
void gw_inbound_bounced(stox_gateway *gw, inbound *in, const stox_stanza *bounce);
inbound *gw_inbound_find(const stox_gateway *gw, stox_span id);
void gw_inbound_clear(stox_gateway *gw);

/* way.c: ways and what leaves on them */
way *gw_way_new(stox_gateway *gw, served *local, stox_span remote);
void gw_way_free(stox_gateway *gw, way *w);
/* The way by which something to that XMPP domain leaves; NULL: no memory. */
way *gw_way_to(stox_gateway *gw, served *local, stox_span remote);
/* The same, if there is one. */
way *gw_way_find(stox_gateway *gw, served *local, stox_span remote);
int gw_way_send(stox_gateway *gw, way *w, stox_span stanzas);
/* Whether sending may be tried. */
int gw_way_is_open(const way *w);
/* It has something to do at the next turn. */
void gw_way_list(stox_gateway *gw, way *w);
/* All that have something to do do it. */
void gw_ways_turn(stox_gateway *gw);
void gw_ways_clear(stox_gateway *gw);

/* native.c: domains that federate */
int gw_federation_is_token(uint64_t token);
int gw_federation_done(stox_gateway *gw, uint64_t token, int status, const stox_flow *flow);
int gw_federation_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                           size_t n);
/* Whether a flow is one of its own, or comes from a peer. */
int gw_federation_owns(const stox_gateway *gw, const stox_flow *flow);
int gw_federation_feed(stox_gateway *gw, const stox_flow *flow, stox_span bytes);
int gw_federation_send(stox_gateway *gw, way *w, stox_span stanzas);
const stox_action *gw_federation_next(stox_gateway *gw);
void gw_federation_stop(stox_gateway *gw);

/* session.c: component sessions */
const served *gw_session_of(const stox_gateway *gw, uint64_t handle);
int gw_session_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                        size_t n);
int gw_session_done(stox_gateway *gw, uint64_t token, int status, const stox_flow *flow);
int gw_session_is_token(uint64_t token);
const stox_action *gw_sessions_next(stox_gateway *gw);
uint64_t gw_sessions_deadline(const stox_gateway *gw);
void gw_sessions_tick(stox_gateway *gw);
void gw_sessions_stop(stox_gateway *gw);
int gw_sessions_are_stopped(const stox_gateway *gw);

/* barrier.c: batches, pings, streams that come and go */
void gw_barrier_add(stox_gateway *gw, way *w, inbound *in);
void gw_barrier_remove(stox_gateway *gw, inbound *in);
void gw_barrier_ping(stox_gateway *gw, way *w);
int gw_barrier_answered(stox_gateway *gw, way *w, const stox_stanza *iq);
void gw_barrier_ready(stox_gateway *gw, way *w);
void gw_barrier_lost(stox_gateway *gw, way *w);
/* No stream can be had: all that waits for it is answered. */
void gw_barrier_failed(stox_gateway *gw, way *w, int code, int status);
uint64_t gw_barrier_deadline(const stox_gateway *gw);
void gw_barrier_tick(stox_gateway *gw);
/* Everything that waits is answered. */
void gw_barrier_drain(stox_gateway *gw);

/* xmpp_in.c: stanzas */
void gw_stanza(stox_gateway *gw, served *local, const stox_stanza *stanza);
/* A stanza that is answered with an error, where it may be. */
void gw_stanza_refuse(stox_gateway *gw, served *local, const stox_stanza *stanza, int condition);

/* reply.c: what the gateway says of itself to the user or server that `to` names */
int gw_stanza_write(stox_gateway *gw, stox_span *out, int (*write)(stox_buf *out, void *ud),
                    void *ud);
int gw_reply(stox_gateway *gw, served *local, stox_span to, int (*write)(stox_buf *out, void *ud),
             void *ud);
/* The same, but what cannot be sent now waits until there is a stream with room, and is paid then.
 */
int gw_reply_owe(stox_gateway *gw, served *local, stox_span to,
                 int (*write)(stox_buf *out, void *ud), void *ud);
void gw_reply_pay(stox_gateway *gw, way *w);
/* What is owed is forgotten. */
void gw_reply_forgive(stox_gateway *gw, way *w);

/* destination.c: Request-URIs that messages wait for */
destination *gw_destination_of(stox_gateway *gw, stox_span uri, route *r);
void gw_destination_forget(stox_gateway *gw, destination *d);
void gw_destination_leave(destination *d);
void gw_destination_enter(destination_list *list, destination *d);

/* outbound.c: messages on their way to SIP */
void gw_outbound_message(stox_gateway *gw, served *local, const stox_stanza *message);
void gw_outbound_response(stox_gateway *gw, uint64_t transaction, const stox_sip_message *response);
void gw_outbound_sent(stox_gateway *gw, uint64_t transaction, const stox_flow *flow);
void gw_outbound_stream_ended(stox_gateway *gw, const stox_flow *flow);
void gw_outbound_failed(stox_gateway *gw, uint64_t transaction, int code, int status);
void gw_outbound_start(stox_gateway *gw);
void gw_outbound_hold(stox_gateway *gw, route *r, int full);
void gw_outbound_expire(stox_gateway *gw);
const stox_secure *gw_outbound_secure(const stox_gateway *gw, uint64_t transaction);
uint64_t gw_outbound_deadline(const stox_gateway *gw);
void gw_outbound_clear(stox_gateway *gw);

/* conversation.c */
conversation *gw_conversation(stox_gateway *gw, stox_span xmpp, stox_span sip, stox_span call_id,
                              int make);
void gw_conversations_clear(stox_gateway *gw);

#endif
