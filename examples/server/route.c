/* SPDX-License-Identifier: MIT */
#include "server.h"

#include "stox/service.h"
#include "stox/status.h"

/* ---- who is there ---- */

/* 1: a client whose address this is, `jid` being full, or whose account, it being bare. */
static int is_of(const session *peer, const stox_jid *jid) {
  stox_jid own;
  if (peer->client == NULL || !stox_stream_is_ready(session_stream(peer)) ||
      stox_jid_parse(&own, stox_stream_jid(session_stream(peer)), NULL) != STOX_OK) {
    return 0;
  }
  own = jid->resourcepart.p == NULL ? stox_jid_bare(&own) : own;
  return stox_jid_is_equal(&own, jid);
}

session *find_session(server *s, const stox_jid *jid) {
  const int is_full = jid->resourcepart.p != NULL;
  for (session *peer = s->sessions; peer != NULL; peer = peer->next) {
    const int is_component =
        peer->component != NULL && jid->localpart.p == NULL &&
        stox_stream_is_ready(peer->component) &&
        stox_span_is_equal(stox_stream_identities(peer->component), jid->domainpart);
    if (is_component || (is_full && is_of(peer, jid))) {
      return peer;
    }
  }
  return NULL;
}

/* ---- writing ---- */

static stox_buf begin(server *s) {
  stox_buf buf;
  stox_buf_init(&buf, s->room, sizeof s->room);
  return buf;
}

/* What must not be answered, or cannot be written, is not; a peer that does not listen is given
 * up. */
static void send(server *s, session *to, const stox_buf *buf, int status) {
  if (status == STOX_OK &&
      stox_stream_send(session_stream(to), stox_buf_span(buf)) == STOX_E_FULL) {
    session_fail(to, STOX_STREAM_RESOURCE_CONSTRAINT, s->now_ns);
  }
}

static void forward(server *s, session *to, const stox_stanza *stanza) {
  const int kind = to->client != NULL ? STOX_STREAM_CLIENT : STOX_STREAM_COMPONENT;
  const stox_span ns = stox_span_text(stox_stream_content_ns(kind));
  stox_buf buf = begin(s);
  send(s, to, &buf, stox_stanza_write(&buf, stanza, ns, (stox_span){NULL, 0}));
}

static void bounce(server *s, session *to, const stox_stanza *stanza, int condition) {
  /* An address that is none cannot be the answer's sender. */
  const int is_malformed = condition == STOX_COND_JID_MALFORMED;
  const stox_error_write error = {.condition = condition,
                                  .type = stox_condition_type(condition),
                                  .from = is_malformed ? s->domain : (stox_span){NULL, 0}};
  stox_buf buf = begin(s);
  send(s, to, &buf, stox_stanza_error_write(&buf, stanza, &error));
}

static void answer(server *s, session *to, const stox_stanza *iq) {
  static const stox_service self = {.category = "server",
                                    .type = "im",
                                    .name = "libstox example",
                                    .software = "libstox example",
                                    .version = "1"};
  stox_buf buf = begin(s);
  send(s, to, &buf, stox_service_answer(&buf, iq, &self));
}

/* ---- the rules ---- */

/* Whose stanza it is (RFC 6120 8.1): 1, and its sender is set; 0: it goes no further. */
static int admit(server *s, session *from, stox_stanza *stanza, stox_jid *to, stox_arena *arena) {
  stox_stream *stream = session_stream(from);
  const stox_span component = stox_stream_identities(stream);
  stox_xmpp_arrival arrival = {.over = STOX_OVER_CLIENT,
                               .is_authenticated = 1,
                               .domains = s->local,
                               .n_domains = s->components.n + 1};
  stox_xmpp_admission found = {0};
  if (from->component != NULL) {
    arrival.over = STOX_OVER_COMPONENT;
    arrival.peer_domains = &component;
    arrival.n_peer_domains = 1;
  } else {
    (void)stox_jid_parse(&arrival.self, stox_stream_jid(stream), NULL);
  }
  if (stox_xmpp_admit(&found, arena, stanza, &arrival) != STOX_OK) {
    session_fail(from, STOX_STREAM_INTERNAL_SERVER_ERROR, s->now_ns);
    return 0;
  }
  if (found.verdict == STOX_ADMITTED) {
    stanza->from = found.from_text;
    *to = found.to;
    return 1;
  }
  const char *name = stox_xmpp_admit_name(found.verdict);
  if (name == NULL) {
    bounce(s, from, stanza, STOX_COND_JID_MALFORMED);
  } else {
    session_fail(from, stox_stream_condition_of(stox_span_text(name)), s->now_ns);
  }
  return 0;
}

/* Without a roster nobody is a stranger, and all priorities are the same. */
static stox_xmpp_facts facts_of(server *s, const session *from, const stox_jid *to, int has_to,
                                const stox_jid *account) {
  stox_xmpp_facts facts = {
      .over = from->client != NULL ? STOX_OVER_CLIENT : STOX_OVER_COMPONENT,
      .relation = stox_xmpp_relation(has_to ? to : NULL, s->local, s->components.n + 1, NULL),
      .has_account = entries_find(&s->accounts, account->localpart) != NULL,
      .has_resource = has_to && to->resourcepart.p != NULL && find_session(s, to) != NULL,
      .is_known = 1,
      .no_remote = 1};
  for (const session *peer = s->sessions; peer != NULL; peer = peer->next) {
    facts.n_available += peer->is_available && is_of(peer, account);
  }
  facts.n_nonnegative = facts.n_available;
  return facts;
}

static void deliver_all(server *s, const stox_stanza *stanza, const stox_jid *account, int max) {
  for (session *peer = s->sessions; peer != NULL && max > 0; peer = peer->next) {
    if (peer->is_available && is_of(peer, account)) {
      forward(s, peer, stanza);
      max--;
    }
  }
}

/* To a resource or a component, which may be away. */
static void deliver(server *s, session *from, const stox_stanza *stanza, const stox_jid *to) {
  session *peer = find_session(s, to);
  if (peer != NULL) {
    forward(s, peer, stanza);
  } else {
    bounce(s, from, stanza, STOX_COND_SERVICE_UNAVAILABLE);
  }
}

static void decide(server *s, session *from, const stox_stanza *stanza, const stox_jid *to) {
  const int has_to = stanza->to.p != NULL;
  const stox_jid service = {.domainpart = to->domainpart};
  stox_jid account = stox_jid_bare(to);
  stox_xmpp_verdict verdict = {.action = STOX_RULE_DROP};
  if (!has_to) {
    (void)stox_jid_parse(&account, stox_stream_identities(session_stream(from)), NULL);
  }
  const stox_xmpp_facts facts = facts_of(s, from, to, has_to, &account);
  (void)stox_xmpp_decide(&verdict, stanza, &facts);
  switch (verdict.action) {
  case STOX_RULE_DELIVER:
    deliver(s, from, stanza, to);
    break;
  case STOX_RULE_PASS:
    deliver(s, from, stanza, &service);
    break;
  case STOX_RULE_DELIVER_BEST:
    deliver_all(s, stanza, &account, 1);
    break;
  case STOX_RULE_DELIVER_ALL:
    deliver_all(s, stanza, &account, ENTRIES);
    break;
  case STOX_RULE_BOUNCE:
    bounce(s, from, stanza, verdict.condition);
    break;
  case STOX_RULE_HANDLE_SENDER:
  case STOX_RULE_HANDLE_ACCOUNT:
  case STOX_RULE_HANDLE_DOMAIN:
    answer(s, from, stanza);
    break;
  case STOX_RULE_BROADCAST: /* nobody has subscribed */
    from->is_available = stanza->type == STOX_TYPE_NONE;
    break;
  default:
    break;
  }
}

void route(server *s, session *from, const stox_stanza *stanza, int status) {
  stox_stanza stamped = *stanza;
  stox_jid to = {0};
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  if (admit(s, from, &stamped, &to, &arena)) {
    if (status == STOX_OK) {
      decide(s, from, &stamped, &to);
    } else {
      bounce(s, from, &stamped, STOX_COND_BAD_REQUEST);
    }
  }
  stox_arena_clear(&arena);
}
