/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/status.h"

/* ---- one message ---- */

static void respond(stox_gateway *gw, inbound *in, int code) {
  char tag[TAG_TEXT];
  stox_sip_edit *response = NULL;
  stox_arena_reset(&gw->scratch);
  if (gw_tag(gw, tag) == STOX_OK &&
      stox_message_answer(&response, &gw->scratch, in->request, code, (stox_span){tag, sizeof tag},
                          &gw->message) == STOX_OK) {
    (void)stox_transactions_respond(gw->transactions, in->transaction, response, gw->now_ns);
  }
  gw_inbound_free(gw, in);
}

static void send_response(stox_gateway *gw, const inbound *in, const stox_sip_edit *response,
                          const stox_endpoint *remote) {
  stox_buf buf = {NULL, 0, 0};
  (void)stox_sip_write(&buf, response);
  const size_t n = buf.len;
  char *p = stox_arena_take(&gw->scratch, n, 1);
  stox_buf_init(&buf, p, p == NULL ? 0 : n);
  if (stox_sip_write(&buf, response) == STOX_OK) {
    const stox_action action = {.kind = STOX_DO_SEND,
                                .handle = in->flow.handle,
                                .remote = *remote,
                                .bytes = stox_buf_span(&buf)};
    (void)gw_own(gw, &action);
  }
}

/* No transaction can be had: one answer, none for its repetitions (RFC 3261 8.2.7). */
static void respond_stateless(stox_gateway *gw, inbound *in, int code) {
  stox_endpoint remote;
  stox_sip_edit *response = NULL;
  stox_arena_reset(&gw->scratch);
  if (stox_message_answer(&response, &gw->scratch, in->request, code, stox_span_text("stateless"),
                          &gw->message) == STOX_OK &&
      stox_transaction_address(&remote, response, in->request, &in->flow) == STOX_OK) {
    send_response(gw, in, response, &remote);
  }
  gw_inbound_free(gw, in);
}

static void new_request(stox_gateway *gw, inbound *in, int answer) {
  const int method = stox_sip_method_id(in->request);
  if (answer != 0 && method == STOX_SIP_MESSAGE) {
    gw_inbound_answer(gw, in, answer, in->status, STOX_OUTCOME_REFUSED);
  } else if (answer != 0) {
    respond(gw, in, answer);
  } else if (method == STOX_SIP_MESSAGE) {
    gw_inbound_message(gw, in);
  } else if (method == STOX_SIP_OPTIONS) {
    respond(gw, in, 200);
  } else {
    respond(gw, in, 405);
  }
}

static void transact(stox_gateway *gw, inbound *in, int answer) {
  stox_transaction_event event = {0};
  const int status =
      stox_transactions_feed(gw->transactions, &event, in->request, &in->flow, gw->now_ns);
  if (status == STOX_E_FULL || status == STOX_E_NOMEM) {
    gw->counters.shed++;
    if (stox_sip_method_id(in->request) == STOX_SIP_MESSAGE) {
      gw_inbound_record(gw, in, 503, status, STOX_OUTCOME_REFUSED);
    }
    respond_stateless(gw, in, 503);
    return;
  }
  in->transaction = event.id;
  switch (status == STOX_OK ? event.kind : STOX_TRANSACTION_STRAY) {
  case STOX_TRANSACTION_NEW_REQUEST:
    new_request(gw, in, answer);
    break;
  case STOX_TRANSACTION_MERGED:
    respond(gw, in, answer != 0 ? answer : 482);
    break;
  case STOX_TRANSACTION_CANCEL:
    respond(gw, in, answer != 0 ? answer : (event.other == 0 ? 481 : 200));
    break;
  case STOX_TRANSACTION_RESPONSE:
    gw_outbound_response(gw, event.id, in->request);
    gw_inbound_free(gw, in);
    break;
  default:
    gw_inbound_free(gw, in);
    break;
  }
}

/* Parses into a new inbound; NULL without memory. *answer: 0 for a message to be handled, the code
 * for one to be refused, -1 for one to be dropped. */
static inbound *parse(stox_gateway *gw, const stox_flow *flow, stox_span bytes, int *answer) {
  inbound *in = gw_inbound_new(gw, flow, bytes);
  if (in == NULL) {
    return NULL;
  }
  stox_sip_options options;
  stox_diag diag = {0, 0, 0, NULL};
  (void)stox_sip_options_init(&options, sizeof options);
  options.lenient = 1;
  options.is_stream = stox_transport_is_reliable(flow->local.transport);
  options.limits = &gw->limits;
  const int status = stox_sip_parse(&in->request, &in->arena, in->stanza, &options, &diag);
  gw->counters.sip_in++;
  gw->counters.sip_bad += status == STOX_OK ? 0U : 1U;
  const int is_answerable = in->request != NULL && stox_sip_status(in->request) == 0 &&
                            stox_sip_method_id(in->request) != STOX_SIP_ACK && diag.answer != 0;
  *answer = is_answerable ? diag.answer : -1;
  *answer = status == STOX_OK ? 0 : *answer;
  in->status = status;
  return in;
}

/* A request from where none may come. */
static int is_strange(const stox_gateway *gw, const inbound *in, const stox_peer *peer) {
  return stox_sip_status(in->request) == 0 && stox_sip_method_id(in->request) != STOX_SIP_ACK &&
         !gw_is_trusted(gw, in->flow.remote.host) && !gw_is_proved(gw, peer, in->request);
}

/* Nothing is kept of it: strangers take no transaction from those who are trusted. */
static void refuse_stranger(stox_gateway *gw, inbound *in) {
  if (stox_sip_method_id(in->request) == STOX_SIP_MESSAGE) {
    gw_inbound_record(gw, in, 403, STOX_E_AUTH, STOX_OUTCOME_REFUSED);
  }
  respond_stateless(gw, in, 403);
}

static void message(stox_gateway *gw, const stox_flow *flow, stox_span bytes) {
  int answer = 0;
  inbound *in = parse(gw, flow, bytes, &answer);
  if (in != NULL && answer >= 0 && is_strange(gw, in, flow->peer)) {
    refuse_stranger(gw, in);
  } else if (in != NULL && answer >= 0) {
    transact(gw, in, answer);
  } else if (in != NULL) {
    gw_inbound_free(gw, in);
  }
}

/* What cannot be framed cannot be resynchronised (RFC 3261 18.3): the answer, if there can be one,
 * then the end of the stream. */
static void refuse_stream(stox_gateway *gw, const stox_flow *flow, stox_span rest) {
  const stox_action close = {.kind = STOX_DO_CLOSE, .handle = flow->handle};
  int answer = 0;
  inbound *in = parse(gw, flow, rest, &answer);
  if (in != NULL && answer > 0) {
    respond_stateless(gw, in, answer);
  } else if (in != NULL) {
    gw_inbound_free(gw, in);
  }
  (void)gw_own(gw, &close);
}

/* ---- streams ---- */

static sip_stream *find(const stox_gateway *gw, uint64_t handle) {
  stox_link *link = NULL;
  while ((link = stox_table_find(&gw->streams, handle, link)) != NULL) {
    sip_stream *s = (void *)link;
    if (s->handle == handle) {
      return s;
    }
  }
  return NULL;
}

static void forget(stox_gateway *gw, sip_stream *s) {
  stox_table_remove(&gw->streams, &s->by_handle);
  stox_octets_clear(&s->input, gw->options.alloc);
  gw_give(gw, s, sizeof *s);
}

void gw_streams_clear(stox_gateway *gw) {
  for (size_t i = 0; i < gw->streams.n_buckets; i++) {
    while (gw->streams.buckets[i] != NULL) {
      forget(gw, (void *)gw->streams.buckets[i]);
    }
  }
  stox_table_clear(&gw->streams);
}

static int keep(stox_gateway *gw, uint64_t handle, stox_span rest) {
  sip_stream *s = gw_take(gw, sizeof *s);
  if (s == NULL) {
    return STOX_E_NOMEM;
  }
  s->handle = handle;
  int status = stox_table_insert(&gw->streams, &s->by_handle, handle);
  if (status != STOX_OK) {
    gw_give(gw, s, sizeof *s);
    return status;
  }
  status = stox_octets_put(&s->input, gw->options.alloc, rest);
  if (status != STOX_OK) {
    forget(gw, s);
  }
  return status;
}

/* Handles the whole frames at the front of `bytes`; `*used` octets. */
static int frames(stox_gateway *gw, const stox_flow *flow, stox_span bytes, size_t *used) {
  *used = 0;
  while (*used < bytes.n) {
    const stox_span rest = stox_span_slice(bytes, *used, bytes.n);
    size_t n = 0;
    int kind = 0;
    const int status = stox_sip_frame(&n, &kind, rest, &gw->limits, NULL);
    if (status != STOX_OK) {
      return status;
    }
    if (kind == STOX_SIP_FRAME_PONG && n == rest.n) {
      return STOX_E_MORE; /* its other half may follow: a keep-alive that came in pieces */
    }
    if (kind == STOX_SIP_FRAME_MESSAGE) {
      message(gw, flow, stox_span_slice(rest, 0, n));
    } else if (kind == STOX_SIP_FRAME_PING) {
      const stox_action pong = {.kind = STOX_DO_SEND,
                                .handle = flow->handle,
                                .remote = {{NULL, 0}, 0, flow->local.transport},
                                .bytes = stox_span_text("\r\n")};
      (void)gw_own(gw, &pong);
    }
    *used += n;
  }
  return STOX_OK;
}

static int is_broken(int status) {
  return status != STOX_OK && status != STOX_E_MORE;
}

/* The first octets of a stream, or those behind a whole message: nothing is kept of it. */
static void feed_new(stox_gateway *gw, const stox_flow *flow, stox_span bytes) {
  size_t used = 0;
  int status = frames(gw, flow, bytes, &used);
  const stox_span rest = stox_span_slice(bytes, used, bytes.n);
  if (status == STOX_E_MORE) {
    status = keep(gw, flow->handle, rest);
  }
  if (is_broken(status)) {
    refuse_stream(gw, flow, rest);
  }
}

static void feed_known(stox_gateway *gw, const stox_flow *flow, sip_stream *s, stox_span bytes) {
  size_t used = 0;
  int status = stox_octets_put(&s->input, gw->options.alloc, bytes);
  if (status == STOX_OK) {
    status = frames(gw, flow, stox_octets_span(&s->input), &used);
    stox_octets_take(&s->input, used);
  }
  if (is_broken(status)) {
    refuse_stream(gw, flow, stox_octets_span(&s->input));
  }
  if (status != STOX_E_MORE) {
    forget(gw, s);
  }
}

static void stream_feed(stox_gateway *gw, const stox_flow *flow, stox_span bytes) {
  sip_stream *s = find(gw, flow->handle);
  if (bytes.n == 0) {
    if (s != NULL) {
      forget(gw, s);
    }
    gw_outbound_stream_ended(gw, flow);
  } else if (s != NULL) {
    feed_known(gw, flow, s, bytes);
  } else {
    feed_new(gw, flow, bytes);
  }
}

int gw_sip_feed(stox_gateway *gw, const stox_flow *flow, stox_span bytes) {
  if (stox_transport_is_reliable(flow->local.transport)) {
    stream_feed(gw, flow, bytes);
    return STOX_OK;
  }
  /* Keep-alives of a datagram socket: white space, or STUN by its first octet (RFC 5626 8.1). */
  if (stox_span_trim(bytes).n == 0 || (unsigned char)bytes.p[0] < 4) {
    return STOX_OK;
  }
  message(gw, flow, bytes);
  return STOX_OK;
}
