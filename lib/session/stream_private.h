/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_STREAM_PRIVATE_H
#define STOX_SESSION_STREAM_PRIVATE_H

#include "base/octets.h"
#include "stox/stream.h"
#include "xmpp/namespaces.h"

/* The states, with what leads on (I initiating, R receiving):
 * HEADER      I FEATURES, NEGOTIATING or HANDSHAKE; R ANSWER      the peer's header is awaited
 * ANSWER      R NEGOTIATING, HANDSHAKE, READY                     the host's answer is awaited
 * FEATURES    I NEGOTIATING, READY                                the peer's features are awaited
 * NEGOTIATING I PROCEED, BINDING; R TLS, BIND; both HEADER (SASL), READY (dialback)
 * PROCEED     I TLS                                               starttls is sent
 * TLS         HEADER                                              the host does TLS
 * HANDSHAKE   READY                                               of a component
 * BIND        R NEGOTIATING, READY                                the host's answer is awaited
 * BINDING     I SESSION, NEGOTIATING, READY                       bind is sent
 * SESSION     I READY                                             the session of RFC 3921 is sent
 * READY       CLOSING
 * CLOSING     OVER                                                the peer's end tag is awaited
 * Every state may end in OVER. */
enum {
  STREAM_HEADER,
  STREAM_ANSWER,
  STREAM_FEATURES,
  STREAM_NEGOTIATING,
  STREAM_PROCEED,
  STREAM_TLS,
  STREAM_HANDSHAKE,
  STREAM_BIND,
  STREAM_BINDING,
  STREAM_SESSION,
  STREAM_READY,
  STREAM_CLOSING,
  STREAM_OVER,
  STREAM_STATES
};

/* Texts that a stream owns. */
enum {
  TEXT_TO,
  TEXT_FROM,
  TEXT_LANG,
  TEXT_SECRET,
  TEXT_PEER_TO, /* the peer's header */
  TEXT_PEER_FROM,
  TEXT_PEER_LANG,
  TEXT_ID,
  TEXT_IDENTITIES,
  TEXT_JID,
  TEXT_ERROR, /* of the error that this end sent */
  TEXT_ERROR_LANG,
  TEXT_ERROR_ADDRESS,
  TEXTS
};

enum { STREAM_EVENTS = 8, STREAM_IQ_ID = 16 };

typedef struct stream_event {
  int event;
  int status;
  const void *object;
} stream_event;

struct stox_stream {
  stox_stream_options options;
  stox_limits limits;
  const stox_allocator *alloc;
  stox_span texts[TEXTS];
  stox_xml_reader *reader;
  stox_octets input;
  stox_octets output;
  stox_octets leaving; /* what the last SEND action points to */
  stox_arena arena;    /* of the last thing that was read */
  stream_event events[STREAM_EVENTS];
  size_t n_events;
  int state;
  int status; /* why it is over */
  int is_secure;
  int is_authenticated;
  int is_held;
  int is_waiting; /* for the host */
  int is_verifying;
  int is_ended; /* the peer ended the flow */
  int has_header;
  int has_sent_header;
  int has_sent_end;
  int has_told_end;
  int was_ready;
  int has_offered_tls;
  int needs_tls; /* it was offered as required */
  int must_start_tls;
  int wants_session;
  int has_told_idle;
  int is_pinging;
  uint32_t refused_binds;
  uint32_t n_identities;
  size_t spent; /* octets since the last element */
  uint64_t handle;
  uint64_t token;
  uint64_t deadline_ns; /* of the negotiation, of CLOSING, of flushing when OVER */
  uint64_t sent_ns;
  uint64_t heard_ns;
  uint64_t ping_ns;
  stox_stream_header peer;
  stox_stream_features features;
  stox_stream_error error;
  stox_stanza stanza; /* STREAM_BIND: the request */
  stox_stanza_error stanza_error;
  stox_span resource;
  stox_action action;
  char iq_id[STREAM_IQ_ID + 1];
  char ping_id[STREAM_IQ_ID + 1];
};

/* ---- stream.c ---- */

/* Keeps a copy of a text, absent where it is; STOX_OK or STOX_E_NOMEM, the old one is gone. */
int stream_text(stox_stream *obj, int which, stox_span text);

void stream_tell(stox_stream *obj, int event, int status, const void *object);

/* Nothing more is read or written but what waits already. */
void stream_over(stox_stream *obj, int status, uint64_t now_ns);

void stream_ready(stox_stream *obj, uint64_t now_ns);

/* A new stream on the flow. */
void stream_restart(stox_stream *obj, uint64_t now_ns);

/* ---- stream_write.c ---- */

typedef int (*stream_writer)(stox_buf *out, const void *ud);

/* Queues what a writer writes; its status, or STOX_E_NOMEM. */
int stream_write(stox_stream *obj, stream_writer write, const void *ud);

int stream_put(stox_stream *obj, stox_span octets);

/* 2 n hexadecimal digits of n random octets, and a NUL. STOX_OK or the source's status. */
int stream_random(const stox_stream *obj, char *out, size_t n);

/* This end's header; STOX_OK or why it cannot be queued. */
int stream_send_header(stox_stream *obj, stox_span from);

void stream_send_end(stox_stream *obj);

/* The error, the end tag, the end: once. */
void stream_end(stox_stream *obj, const stox_stream_error *error, int status, uint64_t now_ns);

/* The same for what stood in the stream, or a status of ours. */
void stream_refuse(stox_stream *obj, int condition, uint64_t now_ns);
void stream_give_up(stox_stream *obj, int status, uint64_t now_ns);

/* ---- stream_step.c ---- */

/* Takes an event of the reader. */
void stream_step(stox_stream *obj, int kind, const stox_xml_element *element, uint64_t now_ns);

/* ---- stream_stanza.c ---- */

/* Stanzas before, while and after a stream is ready. */
void stream_early_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);
void stream_bound_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);
void stream_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);
void stream_late_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);

/* The start tag of one with more attributes than the limit, while the stream is ready. */
void stream_cut_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);

/* Whether answers to stanzas come and go on this very stream. */
int stream_is_two_way(const stox_stream *obj);

/* ---- stream_handshake.c ---- */

/* The component's part of XEP-0114 3: STOX_OK or why it cannot be queued. */
int stream_send_handshake(stox_stream *obj);
void stream_handshake(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);

#endif
