/* SPDX-License-Identifier: MIT */
#include "session/stream_private.h"

#include "stox/jid.h"
#include "stox/service.h"
#include "stox/status.h"

typedef struct answer_ud {
  const stox_stanza *iq;
  int condition;
  int dialect;
  stox_span jid;
  stox_span id;
} answer_ud;

static int write_service(stox_buf *out, const void *ud) {
  return stox_service_answer(out, ((const answer_ud *)ud)->iq, NULL);
}

static int write_bind_error(stox_buf *out, const void *ud) {
  const answer_ud *a = ud;
  return stox_bind_error_write(out, a->iq, a->condition, a->dialect);
}

static int write_result(stox_buf *out, const void *ud) {
  const answer_ud *a = ud;
  return stox_bind_result_write(out, a->id, a->jid);
}

static int write_session(stox_buf *out, const void *ud) {
  return stox_bind_session_write(out, ((const answer_ud *)ud)->id);
}

static int write_not_authorized(stox_buf *out, const void *ud) {
  const answer_ud *a = ud;
  const stox_error_write error = {
      .condition = STOX_COND_NOT_AUTHORIZED, .type = STOX_ERROR_AUTH, .dialect = a->dialect};
  return stox_stanza_error_write(out, a->iq, &error);
}

static int write_policy_violation(stox_buf *out, const void *ud) {
  const answer_ud *a = ud;
  const stox_error_write error = {
      .condition = STOX_COND_POLICY_VIOLATION, .type = STOX_ERROR_MODIFY, .dialect = a->dialect};
  return stox_stanza_error_write(out, a->iq, &error);
}

/* What cannot be written because of what the peer sent (an iq without id) is not answered. */
static void answer(stox_stream *obj, stream_writer write, const answer_ud *ud, uint64_t now_ns) {
  if (stream_write(obj, write, ud) == STOX_E_NOMEM) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  }
}

static int read_stanza(stox_stream *obj, const stox_xml_element *element) {
  const int lang = obj->texts[TEXT_PEER_LANG].p == NULL ? TEXT_LANG : TEXT_PEER_LANG;
  const int heard = obj->options.role == STOX_STREAM_RECEIVING ? lang : TEXT_PEER_LANG;
  return stox_stanza_read(&obj->stanza, element, obj->texts[heard]);
}

/* ---- before the stream is ready ---- */

static void on_request(stox_stream *obj, int what, uint64_t now_ns) {
  const answer_ud ud = {
      .iq = &obj->stanza, .condition = STOX_COND_BAD_REQUEST, .dialect = obj->options.dialect};
  if (what == STOX_BIND_NOMEM) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  } else if (what == STOX_BIND_BAD && obj->options.dialect == STOX_DIALECT_DRAFT2005) {
    answer(obj, write_bind_error, &ud, now_ns);
    if (++obj->refused_binds > obj->options.bind_retries) {
      stream_refuse(obj, STOX_STREAM_POLICY_VIOLATION, now_ns);
    }
  } else {
    /* A resource that is refused is better replaced by one of the server's (RFC 6120 7.7.2.1). */
    obj->state = STREAM_BIND;
    stream_tell(obj, STOX_STREAM_ON_BIND, STOX_OK, &obj->resource);
  }
}

void stream_early_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const int is_client = obj->options.kind == STOX_STREAM_CLIENT &&
                        obj->options.role == STOX_STREAM_RECEIVING && obj->is_authenticated;
  const int status = read_stanza(obj, element);
  if (is_client && status == STOX_OK) {
    const int what = stox_bind_request_read(&obj->resource, &obj->arena, &obj->stanza);
    if (what != STOX_BIND_NONE && what != STOX_BIND_SESSION) {
      on_request(obj, what, now_ns);
      return;
    }
  }
  if (is_client && obj->options.dialect == STOX_DIALECT_DRAFT2005) {
    const answer_ud ud = {.iq = &obj->stanza, .dialect = obj->options.dialect};
    answer(obj, write_not_authorized, &ud, now_ns);
    return;
  }
  if (!obj->is_verifying) {
    stream_refuse(obj, STOX_STREAM_NOT_AUTHORIZED, now_ns);
  }
}

static void on_bound(stox_stream *obj, uint64_t now_ns) {
  stox_span jid;
  const answer_ud ud = {.id = stox_span_text(obj->iq_id)};
  const int status = stox_bind_result_read(&jid, &obj->arena, &obj->stanza);
  if (status != STOX_OK && status != STOX_E_NOMEM) {
    /* A client may not guess its address (RFC 6120 4.3.6). */
    stream_refuse(obj, STOX_STREAM_BAD_FORMAT, now_ns);
    return;
  }
  if (status != STOX_OK || stream_text(obj, TEXT_JID, jid) != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
    return;
  }
  if (!obj->wants_session) {
    stream_ready(obj, now_ns);
  } else if (stream_random(obj, obj->iq_id, STREAM_IQ_ID / 2) != STOX_OK) {
    stream_refuse(obj, STOX_STREAM_INTERNAL_SERVER_ERROR, now_ns);
  } else {
    obj->state = STREAM_SESSION;
    answer(obj, write_session, &ud, now_ns);
  }
}

static void on_bind_failed(stox_stream *obj, uint64_t now_ns) {
  if (stox_stanza_error_read(&obj->stanza_error, &obj->arena, &obj->stanza) == STOX_E_NOMEM) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
    return;
  }
  obj->state = STREAM_NEGOTIATING;
  stream_tell(obj, STOX_STREAM_ON_BIND_FAILED, STOX_OK, &obj->stanza_error);
}

void stream_bound_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const int status = read_stanza(obj, element);
  const int is_ours =
      obj->stanza.kind == STOX_STANZA_IQ &&
      (obj->stanza.type == STOX_TYPE_RESULT || obj->stanza.type == STOX_TYPE_ERROR) &&
      stox_span_is_equal(obj->stanza.id, stox_span_text(obj->iq_id));
  if (!is_ours && obj->state == STREAM_BINDING) {
    stream_refuse(obj, STOX_STREAM_NOT_AUTHORIZED, now_ns);
  } else if (!is_ours) {
    stream_tell(obj, STOX_STREAM_ON_STANZA, status, &obj->stanza);
  } else if (obj->state == STREAM_SESSION) {
    /* The session does nothing; a server that refuses it delivers all the same. */
    stream_ready(obj, now_ns);
  } else if (obj->stanza.type == STOX_TYPE_RESULT) {
    on_bound(obj, now_ns);
  } else {
    on_bind_failed(obj, now_ns);
  }
}

/* ---- while it is ready ---- */

/* Between servers stanzas flow from the one that opened the flow (draft 4.2, RFC 6120 4.3.1). */
static int may_hear(const stox_stream *obj) {
  return obj->options.kind != STOX_STREAM_SERVER || obj->options.is_bidirectional ||
         obj->options.role == STOX_STREAM_RECEIVING;
}

int stream_is_two_way(const stox_stream *obj) {
  return obj->options.kind != STOX_STREAM_SERVER || obj->options.is_bidirectional;
}

/* Who a domain may be: those that were authenticated, or the one that was asked for. */
static int is_peer_domain(const stox_stream *obj, stox_span domain) {
  stox_span lines = obj->texts[TEXT_IDENTITIES];
  if (obj->options.role == STOX_STREAM_INITIATING) {
    return stox_span_is_equal(domain, obj->texts[TEXT_TO]); /* the identities are our own */
  }
  while (lines.n > 0) {
    const size_t end = stox_span_find(lines, '\n');
    if (stox_span_is_equal(domain, stox_span_slice(lines, 0, end))) {
      return 1;
    }
    lines = stox_span_slice(lines, end + 1, lines.n);
  }
  return 0;
}

/* The stream error that the addresses of a stanza call for; STOX_STREAM_NONE: none. */
static int check_addresses(stox_stream *obj) {
  const int kind = obj->options.kind;
  const int is_server = kind == STOX_STREAM_SERVER;
  const int is_component =
      kind == STOX_STREAM_COMPONENT && obj->options.role == STOX_STREAM_RECEIVING;
  stox_jid jid;
  stox_jid from;
  if (!is_server && !is_component) {
    return STOX_STREAM_NONE;
  }
  if (stox_jid_parse(&jid, obj->stanza.to, NULL) != STOX_OK ||
      stox_jid_parse(&jid, obj->stanza.from, NULL) != STOX_OK) {
    return STOX_STREAM_IMPROPER_ADDRESSING;
  }
  if (!obj->options.check_from) {
    return STOX_STREAM_NONE;
  }
  const stox_jid domain = {.domainpart = jid.domainpart};
  const int status = stox_jid_prepare(&from, &obj->arena, &domain, STOX_JID_NODEPREP, NULL);
  if (status == STOX_E_NOMEM) {
    return STOX_STREAM_INTERNAL_SERVER_ERROR;
  }
  if (status != STOX_OK) {
    return STOX_STREAM_IMPROPER_ADDRESSING;
  }
  return is_peer_domain(obj, from.domainpart) ? STOX_STREAM_NONE : STOX_STREAM_INVALID_FROM;
}

/* Whether a ping is for this end itself. */
static int is_for_us(const stox_stream *obj, stox_span to) {
  const int is_receiving = obj->options.role == STOX_STREAM_RECEIVING;
  stox_span own = obj->texts[TEXT_FROM];
  if (is_receiving) {
    own = own.p == NULL ? obj->peer.to : own;
  } else if (obj->options.kind == STOX_STREAM_CLIENT) {
    own = obj->texts[TEXT_JID];
  } else if (obj->options.kind == STOX_STREAM_COMPONENT) {
    own = obj->texts[TEXT_TO];
  }
  return to.n == 0 || stox_span_is_equal(to, own);
}

static int is_ping(const stox_stream *obj) {
  const stox_stanza *iq = &obj->stanza;
  return iq->kind == STOX_STANZA_IQ && iq->type == STOX_TYPE_GET && stream_is_two_way(obj) &&
         stox_xml_child(iq->element, XMPP_NS_PING, "ping", NULL) != NULL && is_for_us(obj, iq->to);
}

/* Whether it is the answer to our ping; that it is an error says that the peer lives. */
static int is_pong(const stox_stream *obj) {
  const stox_stanza *iq = &obj->stanza;
  return obj->is_pinging && iq->kind == STOX_STANZA_IQ &&
         (iq->type == STOX_TYPE_RESULT || iq->type == STOX_TYPE_ERROR) &&
         stox_span_is_equal(iq->id, stox_span_text(obj->ping_id));
}

/* 1: the stanza was this end's own to answer. */
static int answer_own(stox_stream *obj, uint64_t now_ns) {
  const answer_ud ud = {.iq = &obj->stanza,
                        .id = obj->stanza.id,
                        .condition = STOX_COND_NOT_ALLOWED,
                        .dialect = obj->options.dialect};
  const int is_client =
      obj->options.kind == STOX_STREAM_CLIENT && obj->options.role == STOX_STREAM_RECEIVING;
  if (is_ping(obj)) {
    answer(obj, write_service, &ud, now_ns);
    return 1;
  }
  const int what =
      is_client ? stox_bind_request_read(&obj->resource, &obj->arena, &obj->stanza) : 0;
  if (what == STOX_BIND_SESSION) {
    answer(obj, write_result, &ud, now_ns);
  } else if (what != STOX_BIND_NONE) {
    answer(obj, write_bind_error, &ud, now_ns); /* one resource a stream (RFC 6120 7.1) */
  }
  return what != STOX_BIND_NONE;
}

void stream_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const int status = read_stanza(obj, element);
  if (is_pong(obj)) {
    obj->is_pinging = 0;
    stream_tell(obj, STOX_STREAM_ON_PONG, STOX_OK, NULL);
    return;
  }
  const int condition = may_hear(obj) ? check_addresses(obj) : STOX_STREAM_NOT_AUTHORIZED;
  if (condition == STOX_STREAM_INTERNAL_SERVER_ERROR) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  } else if (condition != STOX_STREAM_NONE) {
    stream_refuse(obj, condition, now_ns);
  } else if (status != STOX_OK || !answer_own(obj, now_ns)) {
    stream_tell(obj, STOX_STREAM_ON_STANZA, status, &obj->stanza);
  }
}

void stream_late_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const int status = read_stanza(obj, element);
  if (!obj->was_ready || !may_hear(obj) || is_pong(obj)) {
    return;
  }
  const int condition = check_addresses(obj);
  if (condition == STOX_STREAM_INTERNAL_SERVER_ERROR) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  } else if (condition == STOX_STREAM_NONE) {
    stream_tell(obj, STOX_STREAM_ON_STANZA, status, &obj->stanza);
  }
}

void stream_cut_stanza(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const answer_ud ud = {.iq = &obj->stanza, .dialect = obj->options.dialect};
  (void)read_stanza(obj, element); /* that its children are missing is known */
  const int condition = may_hear(obj) ? check_addresses(obj) : STOX_STREAM_NOT_AUTHORIZED;
  if (condition == STOX_STREAM_INTERNAL_SERVER_ERROR) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  } else if (condition == STOX_STREAM_IMPROPER_ADDRESSING) {
    stream_refuse(obj, STOX_STREAM_POLICY_VIOLATION, now_ns); /* the limit may have cut them off */
  } else if (condition != STOX_STREAM_NONE) {
    stream_refuse(obj, condition, now_ns);
  } else if (stream_is_two_way(obj)) {
    answer(obj, write_policy_violation, &ud, now_ns);
  } else {
    stream_tell(obj, STOX_STREAM_ON_CUT, STOX_E_TOO_MANY, &obj->stanza);
  }
}
