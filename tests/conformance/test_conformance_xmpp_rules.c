/* SPDX-License-Identifier: MIT */
/* A small server made of streams and of the rules for stanzas: clients with several resources, a
 * peer, and what becomes of that which they say to each other (the draft's sections 2, 9 and 10).
 */
#include "stream_end.h"

#include "stox/xmpp_rules.h"

enum { SESSIONS = 4, MESSAGES = 1000 };

typedef struct small_server small_server;

/* A client and the server's end of its stream. */
typedef struct session {
  small_server *server;
  end client;
  end here;
  int is_kicked;
  size_t got;      /* messages that the client was given */
  unsigned number; /* of the last of them */
  int is_ordered;  /* each number was above the one before */
  char from[64];   /* of the last stanza */
  char lang[16];
  int type;
} session;

struct small_server {
  session sessions[SESSIONS];
  size_t n;
  end out;  /* to far.example */
  end far;  /* its end of it */
  end back; /* a stream of far.example's to us, their end */
  end in;   /* and ours */
  int has_peer;
  int no_remote;
  int is_strict;
  size_t opened;  /* streams to the peer */
  size_t handled; /* stanzas for the server itself, or for the sender's account */
  size_t broadcast;
  size_t routed;
};

static const stox_xmpp_domain domains[] = {{ROW("b.example"), STOX_DOMAIN_SERVER, 0, 0}};

/* ---- what is known ---- */

static stox_jid jid_of(stox_span text) {
  stox_jid jid = {.domainpart = text};
  assert_status(stox_jid_parse(&jid, text, NULL), STOX_OK);
  return jid;
}

static int is_live(const session *s) {
  return !s->is_kicked && stox_stream_is_ready(s->here.stream);
}

static session *session_of(small_server *v, const stox_jid *to, int by_resource) {
  for (size_t i = 0; i < v->n; i++) {
    session *s = &v->sessions[i];
    const stox_jid jid = is_live(s) ? jid_of(stox_stream_jid(s->here.stream)) : *to;
    if (is_live(s) && stox_span_is_equal(jid.localpart, to->localpart) &&
        (!by_resource || stox_span_is_equal(jid.resourcepart, to->resourcepart))) {
      return s;
    }
  }
  return NULL;
}

/* ---- what is done ---- */

static void give(end *e, const stox_stanza *stanza, stox_span from) {
  static char room[1 << 14];
  stox_buf out;
  stox_stanza copy = *stanza;
  const int is_client = e->options.kind == STOX_STREAM_CLIENT;
  copy.from = from;
  stox_buf_init(&out, room, sizeof room);
  assert_status(
      stox_stanza_write(&out, &copy, is_client ? S("jabber:client") : S("jabber:server"), S("en")),
      STOX_OK);
  assert_status(stox_stream_send(e->stream, stox_buf_span(&out)), STOX_OK);
}

static void bounce(end *e, const stox_stanza *stanza, const stox_xmpp_verdict *verdict) {
  char room[4096];
  stox_buf out;
  const stox_error_write error = {.condition = verdict->condition, .type = verdict->type};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_stanza_error_write(&out, stanza, &error), STOX_OK);
  assert_status(stox_stream_send(e->stream, stox_buf_span(&out)), STOX_OK);
}

/* Between servers an error goes back over the stream of the other direction. */
static void bounce_back(small_server *v, end *from, const stox_stanza *stanza,
                        const stox_xmpp_verdict *verdict) {
  bounce(from->options.kind == STOX_STREAM_SERVER ? &v->out : from, stanza, verdict);
}

static void carry_out(small_server *v, end *from, const stox_stanza *stanza,
                      const stox_xmpp_admission *ad, const stox_xmpp_verdict *verdict) {
  session *to = NULL;
  switch (verdict->action) {
  case STOX_RULE_DELIVER:
    give(&session_of(v, &ad->to, 1)->here, stanza, ad->from_text);
    break;
  case STOX_RULE_DELIVER_BEST:
  case STOX_RULE_DELIVER_ALL:
    to = session_of(v, &ad->to, 0);
    give(&to->here, stanza, ad->from_text);
    break;
  case STOX_RULE_ROUTE:
    v->routed++;
    give(&v->out, stanza, ad->from_text);
    break;
  case STOX_RULE_BOUNCE:
    bounce_back(v, from, stanza, verdict);
    break;
  case STOX_RULE_BROADCAST:
    v->broadcast++;
    break;
  default:
    v->handled++;
    if (verdict->condition != STOX_COND_NONE && verdict->may_answer) {
      bounce_back(v, from, stanza, verdict);
    }
    break;
  }
}

static stox_xmpp_facts facts_of(small_server *v, int over, const stox_xmpp_admission *ad) {
  stox_xmpp_facts facts = {.over = over, .no_remote = v->no_remote, .is_known = 1};
  facts.relation = stox_xmpp_relation(ad->has_to ? &ad->to : NULL, domains, COUNT(domains), NULL);
  if (ad->has_to) {
    facts.has_account = session_of(v, &ad->to, 0) != NULL;
    facts.has_resource = session_of(v, &ad->to, 1) != NULL;
    facts.n_available = (uint32_t)facts.has_account;
    facts.n_nonnegative = facts.n_available;
  }
  return facts;
}

static void judge(small_server *v, end *from, const stox_stanza *stanza,
                  const stox_xmpp_arrival *arrival) {
  char room[2048];
  stox_arena arena;
  stox_xmpp_admission ad;
  stox_xmpp_verdict verdict;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_xmpp_admit(&ad, &arena, stanza, arrival), STOX_OK);
  const char *name = stox_xmpp_admit_name(ad.verdict);
  if (name != NULL) {
    const stox_stream_error error = {.condition = stox_stream_condition_of(stox_span_text(name))};
    assert_status(stox_stream_fail(from->stream, &error, 0), STOX_OK);
    return;
  }
  assert_int_equal(ad.verdict, STOX_ADMITTED);
  const stox_xmpp_facts facts = facts_of(v, arrival->over, &ad);
  assert_status(stox_xmpp_decide(&verdict, stanza, &facts), STOX_OK);
  carry_out(v, from, stanza, &ad, &verdict);
}

static void hear_client(end *e, const stox_stanza *stanza) {
  const session *s = e->ud;
  const stox_xmpp_arrival arrival = {.over = STOX_OVER_CLIENT,
                                     .is_authenticated = 1,
                                     .is_strict = s->server->is_strict,
                                     .self = jid_of(stox_stream_jid(e->stream)),
                                     .domains = domains,
                                     .n_domains = COUNT(domains)};
  judge(s->server, e, stanza, &arrival);
}

static void hear_peer(end *e, const stox_stanza *stanza) {
  static const stox_span peer = {"far.example", 11};
  const stox_xmpp_arrival arrival = {.over = STOX_OVER_PEER,
                                     .is_authenticated = 1,
                                     .peer_domains = &peer,
                                     .n_peer_domains = 1,
                                     .domains = domains,
                                     .n_domains = COUNT(domains)};
  judge(e->ud, e, stanza, &arrival);
}

/* What a client is given. */
static void note_client(end *e, const stox_stanza *stanza) {
  session *s = e->ud;
  const unsigned number = (unsigned)strtoul(e->text, NULL, 10);
  s->is_ordered &= number > s->number;
  s->number = number;
  s->got++;
  s->type = stanza->type;
  (void)snprintf(s->from, sizeof s->from, "%.*s", (int)stanza->from.n, stanza->from.p);
  (void)snprintf(s->lang, sizeof s->lang, "%.*s", (int)stanza->lang.n,
                 stanza->lang.p == NULL ? "" : stanza->lang.p);
}

/* The newer of two connections with one resource lives. */
static int grant(end *e, const stox_action *a) {
  const session *s = e->ud;
  if (a->event != STOX_STREAM_ON_BIND) {
    return 0;
  }
  const stox_span resource = *(const stox_span *)a->object;
  const stox_jid wanted = {.localpart =
                               stox_span_slice(e->identity, 0, stox_span_find(e->identity, '@')),
                           .domainpart = S("b.example"),
                           .resourcepart = resource};
  session *old = resource.n == 0 ? NULL : session_of(s->server, &wanted, 1);
  if (old != NULL) {
    const stox_stream_error error = {.condition = STOX_STREAM_CONFLICT};
    assert_status(stox_stream_fail(old->here.stream, &error, 0), STOX_OK);
    old->is_kicked = 1;
  }
  assert_status(stox_stream_bind_accept(e->stream, resource, 0), STOX_OK);
  return 1;
}

/* ---- running ---- */

static void run(small_server *v) {
  int goes_on = 1;
  while (goes_on) {
    goes_on = 0;
    for (size_t i = 0; i < v->n; i++) {
      session *s = &v->sessions[i];
      end_pull(&s->client);
      end_pull(&s->here);
      goes_on |= end_carry(&s->client, &s->here, 0);
      goes_on |= end_carry(&s->here, &s->client, 0);
    }
    if (v->has_peer) {
      end *ends[] = {&v->out, &v->far, &v->in, &v->back};
      for (size_t i = 0; i < 4; i++) {
        end_pull(ends[i]);
        goes_on |= end_carry(ends[i], ends[i ^ 1], 0);
      }
    }
  }
}

static session *enter(small_server *v, stox_span jid, const char *resource) {
  session *s = &v->sessions[v->n++];
  memset(s, 0, sizeof *s);
  s->server = v;
  s->is_ordered = 1;
  end_init(&s->client, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
  end_init(&s->here, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  s->here.offered = STOX_FEATURE_MECHANISMS;
  s->here.identity = jid;
  s->here.hook = grant;
  s->here.heard = hear_client;
  s->here.ud = s;
  s->client.resource = resource == NULL ? s->client.resource : stox_span_text(resource);
  s->client.heard = note_client;
  s->client.ud = s;
  assert_status(end_make(&s->client), STOX_OK);
  assert_status(end_make(&s->here), STOX_OK);
  run(v);
  return s;
}

static void join(small_server *v, end *in, end *re, stox_span from, stox_span to) {
  end_init(in, STOX_STREAM_INITIATING, STOX_STREAM_SERVER);
  end_init(re, STOX_STREAM_RECEIVING, STOX_STREAM_SERVER);
  in->options.from = from;
  in->options.to = to;
  re->offered = STOX_FEATURE_MECHANISMS;
  re->identity = from;
  in->ud = v;
  re->ud = v;
  assert_status(end_make(in), STOX_OK);
  assert_status(end_make(re), STOX_OK);
}

static void leave(small_server *v) {
  for (size_t i = 0; i < v->n; i++) {
    end_free(&v->sessions[i].client);
    end_free(&v->sessions[i].here);
  }
  if (v->has_peer) {
    end_free(&v->out);
    end_free(&v->far);
    end_free(&v->in);
    end_free(&v->back);
  }
}

static void peer_up(small_server *v) {
  v->has_peer = 1;
  v->opened++;
  join(v, &v->out, &v->far, S("b.example"), S("far.example"));
  join(v, &v->back, &v->in, S("far.example"), S("b.example"));
  v->in.heard = hear_peer;
  run(v);
  assert_true(stox_stream_is_ready(v->out.stream) && stox_stream_is_ready(v->in.stream));
}

static void say(session *s, const char *text) {
  assert_status(stox_stream_send(s->client.stream, stox_span_text(text)), STOX_OK);
  run(s->server);
}

/* ---- the tests ---- */

#define ROMEO  S("romeo@b.example")
#define JULIET S("juliet@b.example")

/* Two resources of one account live at once, each with stanzas of its own: "XC-2.3-01" "XC-3.4-02".
 * A third connection with the resource of one ends that one: "XC-4.7.3-03". */
static void test_resources(void **state) {
  (void)state;
  static small_server v;
  memset(&v, 0, sizeof v);
  session *romeo = enter(&v, ROMEO, "orchard");
  session *home = enter(&v, JULIET, "home");
  session *work = enter(&v, JULIET, "work");
  assert_span_equal(stox_stream_jid(home->client.stream), S("juliet@b.example/home"));
  assert_span_equal(stox_stream_jid(work->client.stream), S("juliet@b.example/work"));
  say(romeo, "<message id='1' to='juliet@b.example/work'/>");
  say(romeo, "<message id='2' to='juliet@b.example/home'/>");
  say(romeo, "<message id='3' to='juliet@b.example/work'/>");
  assert_int_equal(home->got, 1);
  assert_int_equal(home->number, 2);
  assert_int_equal(work->got, 2);
  assert_int_equal(work->number, 3);
  assert_string_equal(work->from, "romeo@b.example/orchard");
  session *again = enter(&v, JULIET, "home");
  assert_string_equal(home->client.log + home->client.n_log - 3, "XCZ");
  assert_int_equal(home->client.condition, STOX_STREAM_CONFLICT);
  assert_true(stox_stream_is_ready(again->client.stream));
  say(romeo, "<message id='4' to='juliet@b.example/home'/>");
  assert_int_equal(home->got, 1);
  assert_int_equal(again->got, 1);
  assert_true(stox_stream_is_ready(work->client.stream));
  leave(&v);
}

/* The three kinds, to an account, to nobody, to nobody's server: streams carry them, and the rules
 * alone say where they go. "XC-2.2-01" "XC-2.2-02" "XC-12.1-03" "XC-12.2-01" */
static void test_kinds(void **state) {
  (void)state;
  static small_server v;
  memset(&v, 0, sizeof v);
  session *romeo = enter(&v, ROMEO, "orchard");
  session *juliet = enter(&v, JULIET, "balcony");
  say(romeo, "<presence/>");
  assert_int_equal(v.broadcast, 1);
  say(romeo, "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>");
  assert_int_equal(v.handled, 1); /* the account's own data go nowhere else */
  assert_int_equal(v.routed, 0);
  assert_int_equal(juliet->got, 0);
  say(romeo, "<message id='2' to='juliet@b.example'><body>x</body></message>");
  assert_int_equal(juliet->number, 2);
  say(romeo, "<iq type='get' id='3' to='juliet@b.example/balcony'><q xmlns='urn:q'/></iq>");
  assert_int_equal(juliet->type, STOX_TYPE_GET);
  say(juliet, "<iq type='result' id='3' to='romeo@b.example/orchard'/>");
  assert_int_equal(romeo->type, STOX_TYPE_RESULT);
  assert_string_equal(romeo->from, "juliet@b.example/balcony");
  say(romeo, "<iq type='get' id='4' to='juliet@b.example/nowhere'><q xmlns='urn:q'/></iq>");
  assert_int_equal(romeo->type, STOX_TYPE_ERROR);
  assert_int_equal(romeo->number, 4);
  leave(&v);
}

/* Between any two, in the order in which they were said, whichever of the recipient's addresses was
 * used: "XC-10-01". */
static void test_order(void **state) {
  (void)state;
  static small_server v;
  memset(&v, 0, sizeof v);
  session *romeo = enter(&v, ROMEO, "orchard");
  session *juliet = enter(&v, JULIET, "balcony");
  for (unsigned i = 1; i <= MESSAGES; i++) {
    char text[128];
    const char *to = i % 3 == 0 ? "juliet@b.example/balcony" : "juliet@b.example";
    (void)snprintf(text, sizeof text, "<message id='%u' to='%s'/>", i, to);
    assert_status(stox_stream_send(romeo->client.stream, stox_span_text(text)), STOX_OK);
    if (i % 7 == 0) {
      run(&v);
      romeo->client.n_sent = romeo->client.n_heard_of_it = 0;
      juliet->here.n_sent = juliet->here.n_heard_of_it = 0;
      romeo->here.n_log = juliet->client.n_log = 0;
    }
  }
  run(&v);
  assert_int_equal(juliet->got, MESSAGES);
  assert_int_equal(juliet->number, MESSAGES);
  assert_true(juliet->is_ordered);
  leave(&v);
}

/* To another domain over the one stream that leads there, of XML and of jabber:server: "XC-2.5-02"
 * "XC-10.2-02". What fails there comes back over the stream that leads here: "XC-10.2-05". */
static void test_remote(void **state) {
  (void)state;
  static small_server v;
  memset(&v, 0, sizeof v);
  session *romeo = enter(&v, ROMEO, "orchard");
  peer_up(&v);
  say(romeo, "<message id='1' to='mercutio@far.example' xml:lang='cs'><body>x</body></message>");
  say(romeo, "<message id='2' to='mercutio@far.example/x'><body>y</body></message>");
  assert_int_equal(v.routed, 2);
  assert_int_equal(v.opened, 1);
  assert_string_equal(v.far.log, "HSHRMM");
  assert_string_equal(v.far.text, "2");
  assert_non_null(strstr(v.out.sent, "xmlns='jabber:server'"));
  assert_non_null(strstr(v.out.sent, " xml:lang='cs'"));
  assert_non_null(strstr(v.out.sent, " from='romeo@b.example/orchard'"));
  assert_status(
      stox_stream_send(v.back.stream,
                       S("<message type='error' id='2' from='mercutio@far.example/x' "
                         "to='romeo@b.example/orchard'><error type='cancel'><item-not-found "
                         "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>")),
      STOX_OK);
  run(&v);
  assert_int_equal(romeo->type, STOX_TYPE_ERROR);
  assert_int_equal(romeo->number, 2);
  assert_string_equal(romeo->from, "mercutio@far.example/x");
  /* And what fails here goes back there. */
  assert_status(stox_stream_send(v.back.stream, S("<iq type='get' id='3' to='nobody@b.example' "
                                                  "from='mercutio@far.example/x'><q xmlns='u'/>"
                                                  "</iq>")),
                STOX_OK);
  run(&v);
  assert_string_equal(v.far.log, "HSHRMMM");
  assert_string_equal(v.far.text, "3");
  assert_non_null(strstr(v.out.sent, "<service-unavailable "));
  leave(&v);
}

/* A domain may keep to itself: what is for others comes back, and others are not heard: "XC-2.5-01"
 * "XC-14.4-03". */
static void test_no_remote(void **state) {
  (void)state;
  static small_server v;
  static end other;
  memset(&v, 0, sizeof v);
  v.no_remote = 1;
  session *romeo = enter(&v, ROMEO, "orchard");
  say(romeo, "<message id='1' to='mercutio@far.example'/>");
  assert_int_equal(v.routed, 0);
  assert_int_equal(romeo->type, STOX_TYPE_ERROR);
  assert_non_null(strstr(v.sessions[0].here.sent, "<not-allowed "));
  end_init(&other, STOX_STREAM_RECEIVING, STOX_STREAM_SERVER);
  other.flags = END_NO_ANSWER;
  assert_status(end_make(&other), STOX_OK);
  end_say(&other, "<stream:stream xmlns='jabber:server' " STREAMS
                  " from='far.example' to='b.example' version='1.0'>");
  const stox_stream_reply reply = {.condition = STOX_STREAM_POLICY_VIOLATION};
  assert_status(stox_stream_answer(other.stream, &reply, 0), STOX_OK);
  end_pull(&other);
  assert_string_equal(other.log, "HxCZ");
  end_free(&other);
  leave(&v);
}

/* Another's address as sender: overridden, or where the server is strict the end of stream and
 * connection. Before authentication no stanza is any good. "XC-9.1.2-03" */
static void test_sender(void **state) {
  (void)state;
  static const int conditions[] = {STOX_STREAM_NONE, STOX_STREAM_INVALID_FROM};
  for (int is_strict = 0; is_strict < 2; is_strict++) {
    static small_server v;
    memset(&v, 0, sizeof v);
    v.is_strict = is_strict;
    session *romeo = enter(&v, ROMEO, "orchard");
    session *juliet = enter(&v, JULIET, "balcony");
    say(romeo, "<message id='1' from='romeo@b.example/orchard' to='juliet@b.example'/>");
    say(romeo, "<message id='2' from='other@b.example' to='juliet@b.example'/>");
    assert_int_equal(romeo->here.condition, conditions[is_strict]);
    assert_int_equal(juliet->got, is_strict ? 1 : 2);
    assert_string_equal(juliet->from, "romeo@b.example/orchard");
    if (is_strict) {
      assert_string_equal(romeo->here.log + romeo->here.n_log - 3, "xCZ");
      assert_string_equal(romeo->client.log + romeo->client.n_log - 3, "XCZ");
    }
    leave(&v);
  }
  end e;
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, "<stream:stream xmlns='jabber:client' " STREAMS
              " to='b.example' version='1.0'><message from='other@b.example'/>");
  assert_string_equal(e.log, "HxCZ");
  assert_int_equal(e.condition, STOX_STREAM_NOT_AUTHORIZED);
  end_free(&e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_resources), cmocka_unit_test(test_kinds),
      cmocka_unit_test(test_order),     cmocka_unit_test(test_remote),
      cmocka_unit_test(test_no_remote), cmocka_unit_test(test_sender),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
