/* SPDX-License-Identifier: MIT */
/* Server dialback by the draft's section 8 and by XEP-0220: one federation of ours, b.example, and
 * servers played by hand, as receiving, originating and authoritative server in turn. */
#include "fed_net.h"

#include "stox/dialback.h"

#define STREAMS      "xmlns:stream='http://etherx.jabber.org/streams'"
#define SERVER_NS    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' " STREAMS
#define HEADER(from) SERVER_NS " from='" from "' to='b.example' version='1.0'>"
#define FEATURES                                                                                   \
  "<stream:features><dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"             \
  "</stream:features>"
#define RESPONSE(from, id)                                                                         \
  SERVER_NS " from='" from "' to='b.example' id='" id "' version='1.0'>" FEATURES
#define RESULT(from, to, key) "<db:result from='" from "' to='" to "'>" key "</db:result>"
#define VERIFY(from, to, id, key)                                                                  \
  "<db:verify from='" from "' to='" to "' id='" id "'>" key "</db:verify>"
#define ANSWER(from, to, id, type)                                                                 \
  "<db:verify from='" from "' to='" to "' id='" id "' type='" type "'/>"
#define ERROR(name)                                                                                \
  "<stream:error><" name " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"           \
  "</stream:stream>"
#define MESSAGE(id) "<message from='x@a.example' to='y@b.example' id='" id "'/>"

static const char *const at_b[] = {"b.example", "chat.b.example"};

/* b is ours; `a` is where DNS has a.example, `p` is anywhere else, and connects. */
typedef struct play {
  net n;
  net_host *b;
  net_host *a;
  net_host *p;
  uint64_t flow; /* of p's to b */
} play;

static size_t chunk; /* octets that come at once; 0: all that there are */

static void make(play *v, int dialect) {
  net_init(&v->n);
  v->n.chunk = chunk;
  v->b = net_add(&v->n, "192.0.2.2", at_b, 2);
  v->a = net_add_hand(&v->n, "192.0.2.1");
  v->p = net_add_hand(&v->n, "192.0.2.99");
  v->b->options.dialect = dialect;
  v->b->options.require_tls = 0;
  v->b->options.allow_clear_verify = 1;
  net_place(&v->n, "a.example", "192.0.2.1");
}

static void start(play *v) {
  assert_status(net_start(v->b), STOX_OK);
}

/* What a hand has heard; nothing of it says where anybody connects from ("XC-14.3-04"). */
static const char *heard(net_host *hand) {
  const char *text = net_heard(hand);
  assert_null(strstr(text, "192.0.2."));
  return text;
}

static void assert_in(const char *text, const char *part) {
  if (strstr(text, part) == NULL) {
    fail_msg("\"%s\" is not in \"%s\"", part, text);
  }
}

static void assert_end(const char *text, const char *end) {
  const size_t n = strlen(text);
  const size_t m = strlen(end);
  if (n < m || strcmp(text + n - m, end) != 0) {
    fail_msg("\"%s\" does not end \"%s\"", end, text);
  }
}

/* The value of an attribute of what was heard. */
static void attribute(char *out, size_t cap, const char *text, const char *name) {
  const char *at = strstr(text, name);
  assert_non_null(at);
  at += strlen(name);
  const char *stop = strchr(at, '\'');
  assert_non_null(stop);
  assert_true((size_t)(stop - at) < cap);
  memcpy(out, at, (size_t)(stop - at));
  out[stop - at] = '\0';
}

/* p connects and says a header; the id of the answer. */
static void begin(play *v, const char *header, char *id, size_t cap) {
  v->flow = net_dial(v->p, v->b);
  net_say(v->p, v->flow, header);
  const char *text = heard(v->p);
  assert_in(text, "<stream:features>");
  attribute(id, cap, text, " id='");
}

/* ---- the whole of it ---- */

/* Originating (p, a.example): a connection, a header, a key. Receiving (b): a header with an id
 * that nobody guesses; then a connection of its own to where DNS has a.example, not to where the
 * request came from; the key and the id go there. What is said meanwhile is dropped, what comes
 * behind is heard. "XC-8.3-01" "XC-8.3-05" "XC-8.3-11" "XC-8.3-27" "XC-8.1-09" "XC-12.1-05"
 * "XC-14.4-02" "XC-8.1-01" "XC-14.4-10" "XC-14.3-04" */
static void test_receiving(void **state) {
  (void)state;
  static play v;
  for (int dialect = 0; dialect < 2; dialect++) {
    char id[64];
    char want[256];
    make(&v, dialect);
    start(&v);
    begin(&v, HEADER("a.example"), id, sizeof id);
    assert_int_equal(strlen(id), 32);
    assert_int_equal(v.n.n_opens, 0);
    net_say(v.p, v.flow, RESULT("a.example", "b.example", "k3y"));
    assert_true(v.n.n_questions > 0);
    assert_int_equal(v.n.n_opens, 1);
    assert_string_equal(v.n.last_open, "192.0.2.1:5269");
    assert_in(heard(v.a), "<stream:stream ");
    net_say(v.a, v.a->last, RESPONSE("a.example", "i1"));
    (void)snprintf(want, sizeof want,
                   "<db:verify from='b.example' to='a.example' id='%s'>k3y</db:verify>", id);
    assert_string_equal(heard(v.a), want);
    net_say(v.p, v.flow, MESSAGE("early"));
    assert_string_equal(heard(v.p), "");
    assert_string_equal(net_log(v.b), "");
    (void)snprintf(want, sizeof want,
                   "<db:verify from='a.example' to='b.example' id='%s' type='valid'/>", id);
    net_say(v.a, v.a->last, want);
    assert_in(heard(v.p), "<db:result from='b.example' to='a.example' type='valid'/>");
    net_say(v.p, v.flow, MESSAGE("late"));
    assert_string_equal(net_log(v.b), "HEARD b.example a.example dialback\n"
                                      "STANZA b.example a.example late\n");
    net_free(&v.n);
  }
}

/* It proves one direction: what we say to that domain goes over a stream that we open, and waits
 * for a dialback of its own. "XC-8.1-05" "XC-8.3-28" "XC-4.3-03" */
static void test_directions(void **state) {
  (void)state;
  static play v;
  char id[64];
  char want[256];
  make(&v, STOX_DIALECT_RFC);
  start(&v);
  begin(&v, HEADER("a.example"), id, sizeof id);
  net_say(v.p, v.flow, RESULT("a.example", "b.example", "k3y"));
  net_say(v.a, v.a->last, RESPONSE("a.example", "i1"));
  (void)snprintf(want, sizeof want,
                 "<db:verify from='a.example' to='b.example' id='%s' type='valid'/>", id);
  net_say(v.a, v.a->last, want);
  (void)heard(v.p);
  (void)heard(v.a);
  assert_status(net_send(v.b, "b.example", "a.example", "1"), STOX_E_STATE);
  net_run(&v.n);
  assert_in(heard(v.a), "<db:result from='b.example' to='a.example'>");
  assert_status(net_send(v.b, "b.example", "a.example", "2"), STOX_E_STATE);
  net_say(v.a, v.a->last, "<db:result from='a.example' to='b.example' type='valid'/>");
  assert_status(net_send(v.b, "b.example", "a.example", "3"), STOX_OK);
  net_run(&v.n);
  assert_end(heard(v.a), "<message from='a@b.example' to='b@a.example' id='3'/>");
  assert_string_equal(heard(v.p), "");
  net_free(&v.n);
}

/* The authoritative server says that the key of a stream is right. */
static void confirm(play *v, const char *local, const char *id) {
  char text[256];
  if (strstr(heard(v->a), "<stream:stream ") != NULL) {
    net_say(v->a, v->a->last, RESPONSE("a.example", "i1"));
    (void)heard(v->a);
  }
  (void)snprintf(text, sizeof text, "<db:verify from='a.example' to='%s' id='%s' type='valid'/>",
                 local, id);
  net_say(v->a, v->a->last, text);
}

/* One connection may speak for further pairs of domains, each of which is checked: "XC-8.3-29". */
static void test_more_domains(void **state) {
  (void)state;
  static play v;
  char id[64];
  for (int is_asked = 0; is_asked < 2; is_asked++) {
    make(&v, STOX_DIALECT_RFC);
    start(&v);
    begin(&v, HEADER("a.example"), id, sizeof id);
    net_say(v.p, v.flow, RESULT("a.example", "b.example", "k1"));
    confirm(&v, "b.example", id);
    assert_string_equal(heard(v.p), "<db:result from='b.example' to='a.example' type='valid'/>");
    if (is_asked) {
      net_say(v.p, v.flow, RESULT("a.example", "chat.b.example", "k2"));
      confirm(&v, "chat.b.example", id);
      assert_string_equal(heard(v.p),
                          "<db:result from='chat.b.example' to='a.example' type='valid'/>");
    }
    net_say(v.p, v.flow, "<message from='x@a.example' to='y@chat.b.example' id='2'/>");
    assert_int_equal(net_is_open(v.p, v.flow), is_asked);
    assert_string_equal(net_log(v.b), is_asked ? "HEARD b.example a.example dialback\n"
                                                 "HEARD chat.b.example a.example dialback\n"
                                                 "STANZA chat.b.example a.example 2\n"
                                               : "HEARD b.example a.example dialback\n"
                                                 "GONE b.example a.example REFUSED "
                                                 "invalid-from\n");
    net_free(&v.n);
  }
}

/* A second connection for the same pair takes nothing from the first, not while it is checked and
 * not when it fails: "XC-8.3-10". */
static void test_second(void **state) {
  (void)state;
  static play v;
  char id[64];
  make(&v, STOX_DIALECT_RFC);
  start(&v);
  begin(&v, HEADER("a.example"), id, sizeof id);
  net_say(v.p, v.flow, RESULT("a.example", "b.example", "k1"));
  confirm(&v, "b.example", id);
  (void)heard(v.p);
  const uint64_t first = v.flow;
  begin(&v, HEADER("a.example"), id, sizeof id);
  net_say(v.p, v.flow, RESULT("a.example", "b.example", "k2"));
  net_say(v.p, first, MESSAGE("1"));
  (void)net_log(v.b);
  net_say(v.p, first, MESSAGE("2"));
  assert_string_equal(net_log(v.b), "STANZA b.example a.example 2\n");
  assert_int_equal(net_is_open(v.p, first), 1);
  net_hang_up(v.p, v.flow);
  net_say(v.p, first, MESSAGE("3"));
  assert_string_equal(net_log(v.b), "STANZA b.example a.example 3\n");
  net_free(&v.n);
}

/* ---- errors, as receiving and as authoritative server ---- */

typedef struct said_row {
  int dialect;
  const char *header;
  const char *text;
  const char *end; /* of what is heard */
  int is_open;
} said_row;

#define DRAFT STOX_DIALECT_DRAFT2005
#define RFC   STOX_DIALECT_RFC
#define WRONG                                                                                      \
  "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:wrong' " STREAMS                   \
  " from='a.example' to='b.example' version='1.0'>"
#define NO_ITEM                                                                                    \
  "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"

/* With the draft each error ends stream and connection ("XC-8.1-08"); with XEP-0220 it is told to
 * the pair that it concerns. */
static const said_row said_rows[] = {
    /* "XC-8.3-09" */
    {DRAFT, HEADER("a.example"), RESULT("a.example", "x.example", "k"), ERROR("host-unknown"), 0},
    {RFC, HEADER("a.example"), RESULT("a.example", "x.example", "k"),
     "<db:result from='x.example' to='a.example' type='error'>" NO_ITEM "</db:result>", 1},
    /* "XC-8.3-13" */
    {DRAFT, WRONG, "", ERROR("invalid-namespace"), 0},
    {RFC, WRONG, "", ERROR("invalid-namespace"), 0},
    /* "XC-8.3-19" */
    {DRAFT, HEADER("c.example"), VERIFY("c.example", "x.example", "i", "k"), ERROR("host-unknown"),
     0},
    {RFC, HEADER("c.example"), VERIFY("c.example", "x.example", "i", "k"),
     "<db:verify from='x.example' to='c.example' id='i' type='error'>" NO_ITEM "</db:verify>", 1},
    /* "XC-8.3-20" */
    {DRAFT, HEADER("c.example"), VERIFY("d.example", "b.example", "i", "k"), ERROR("invalid-from"),
     0},
    {RFC, HEADER("c.example"), VERIFY("d.example", "b.example", "i", "k"),
     "<db:verify from='b.example' to='d.example' id='i' type='invalid'/>", 1},
    /* Addresses that are none. */
    {DRAFT, HEADER("a.example"), RESULT("@", "b.example", "k"), ERROR("improper-addressing"), 0},
    {RFC, HEADER("a.example"), "<db:result to='b.example'>k</db:result>",
     ERROR("improper-addressing"), 0},
    /* Nobody else speaks for us. */
    {RFC, HEADER("b.example"), "", ERROR("invalid-from"), 0},
};

static void test_said(void **state) {
  (void)state;
  static play v;
  for (size_t i = 0; i < COUNT(said_rows); i++) {
    const said_row *r = &said_rows[i];
    make(&v, r->dialect);
    start(&v);
    v.flow = net_dial(v.p, v.b);
    net_say(v.p, v.flow, r->header);
    if (r->text[0] != '\0') {
      net_say(v.p, v.flow, r->text);
    }
    assert_end(heard(v.p), r->end);
    assert_int_equal(net_is_open(v.p, v.flow), r->is_open);
    assert_int_equal(v.n.n_opens, 0);
    net_free(&v.n);
  }
}

/* The authoritative server knows its own keys, and by the draft ends the stream behind its answer:
 * "XC-8.3-24". */
static void test_authoritative(void **state) {
  (void)state;
  static play v;
  for (int how = 0; how < 4; how++) {
    char key[STOX_DIALBACK_KEY + 1];
    char text[512];
    const int is_valid = how / 2;
    stox_buf out;
    make(&v, how % 2);
    v.b->options.dialback_secret = S("s3cr3tf0rd14lb4ck");
    start(&v);
    stox_buf_init(&out, key, sizeof key - 1);
    assert_status(stox_dialback_key_make(&out, S("s3cr3tf0rd14lb4ck"), S("c.example"),
                                         S("b.example"), S("id1")),
                  STOX_OK);
    key[out.len] = '\0';
    key[0] ^= (char)!is_valid;
    v.flow = net_dial(v.p, v.b);
    net_say(v.p, v.flow, HEADER("c.example"));
    (void)heard(v.p);
    (void)snprintf(text, sizeof text, VERIFY("c.example", "b.example", "id1", "%s"), key);
    net_say(v.p, v.flow, text);
    (void)snprintf(text, sizeof text, "%s%s",
                   is_valid ? ANSWER("b.example", "c.example", "id1", "valid")
                            : ANSWER("b.example", "c.example", "id1", "invalid"),
                   how % 2 == STOX_DIALECT_DRAFT2005 ? "</stream:stream>" : "");
    assert_string_equal(heard(v.p), text);
    net_free(&v.n);
  }
}

/* ---- errors between receiving and authoritative server ---- */

typedef struct answer_row {
  const char *header; /* of the authoritative server; NULL: it refuses the connection */
  const char *text;
  const char *end;      /* of what it hears */
  const char *at_other; /* of what the originating server hears, by the draft */
} answer_row;

#define GOOD   RESPONSE("a.example", "i1")
#define FAILED ERROR("remote-connection-failed")

/* "XC-8.3-15" "XC-8.3-16" "XC-4.7.3-10" "XC-4.7.3-15" "XC-8.3-22" "XC-8.3-23" */
static const answer_row answer_rows[] = {
    {NULL, "", "", FAILED},
    {"<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:wrong' " STREAMS
     " from='a.example' to='b.example' id='i1' version='1.0'>",
     "", ERROR("invalid-namespace"), FAILED},
    {GOOD, ERROR("system-shutdown"), "</stream:stream>", FAILED},
    {GOOD, ANSWER("a.example", "b.example", "zzz", "valid"), ERROR("invalid-id"), FAILED},
    {GOOD, ANSWER("a.example", "x.example", "%s", "valid"), ERROR("host-unknown"), FAILED},
    {GOOD, ANSWER("d.example", "b.example", "%s", "valid"), ERROR("invalid-from"), FAILED},
};

static void say_with_id(play *v, const char *text, const char *id) {
  char room[1024];
  const char *mark = strstr(text, "%s");
  const int before = mark == NULL ? (int)strlen(text) : (int)(mark - text);
  (void)snprintf(room, sizeof room, "%.*s%s%s", before, text, mark == NULL ? "" : id,
                 mark == NULL ? "" : mark + 2);
  if (room[0] != '\0') {
    net_say(v->a, v->a->last, room);
  }
}

static void check_answer(const answer_row *r, int dialect) {
  static play v;
  char id[64];
  make(&v, dialect);
  v.a->refuses = r->header == NULL;
  start(&v);
  begin(&v, HEADER("a.example"), id, sizeof id);
  net_say(v.p, v.flow, RESULT("a.example", "b.example", "k"));
  if (r->header != NULL) {
    net_say(v.a, v.a->last, r->header);
    say_with_id(&v, r->text, id);
  }
  if (dialect == DRAFT) {
    assert_end(heard(v.a), r->end);
    assert_end(heard(v.p), r->at_other);
    assert_int_equal(net_is_open(v.p, v.flow), 0);
  } else {
    /* What nobody asked for is forgotten, and the question times out. */
    net_pass(&v.n, 60 * SECOND);
    assert_in(heard(v.p), "<db:result from='b.example' to='a.example' type='error'>");
    assert_null(strstr(net_log(v.b), "HEARD"));
  }
  net_free(&v.n);
}

static void test_answers(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(answer_rows); i++) {
    check_answer(&answer_rows[i], DRAFT);
    check_answer(&answer_rows[i], RFC);
  }
}

/* ---- names before connections ---- */

/* Nothing is opened, and nothing said, before the name is resolved: "XC-5.1-05" "XC-6.1-02"
 * "XC-8.1-04". Then connection, negotiation and stanza, in that order: "XC-10.2-03". */
static void test_resolved_first(void **state) {
  (void)state;
  static play v;
  make(&v, RFC);
  start(&v);
  v.n.is_mute = 1;
  assert_status(net_send(v.b, "b.example", "a.example", "1"), STOX_E_STATE);
  net_run(&v.n);
  assert_int_equal(v.n.n_questions, 1);
  assert_int_equal(v.n.n_opens, 0);
  net_free(&v.n);
  make(&v, RFC);
  start(&v);
  assert_status(net_send(v.b, "b.example", "a.example", "1"), STOX_E_STATE);
  net_run(&v.n);
  assert_int_equal(v.n.n_opens, 1);
  assert_int_equal(strncmp(heard(v.a), "<?xml version='1.0'?><stream:stream ", 36), 0);
  assert_string_equal(net_log(v.b), "");
  net_say(v.a, v.a->last, RESPONSE("a.example", "i1"));
  assert_in(heard(v.a), "<db:result from='b.example' to='a.example'>");
  net_say(v.a, v.a->last, "<db:result from='a.example' to='b.example' type='valid'/>");
  assert_string_equal(net_log(v.b), "UP b.example a.example dialback\n");
  assert_status(net_send(v.b, "b.example", "a.example", "2"), STOX_OK);
  net_run(&v.n);
  assert_string_equal(heard(v.a), "<message from='a@b.example' to='b@a.example' id='2'/>");
  assert_int_equal(v.n.n_opens, 1); /* and again no other: "XC-10.2-02" */
  net_free(&v.n);
}

/* ---- TLS and SASL instead ---- */

#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define SASL     "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define OFFER_TLS                                                                                  \
  "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
#define OFFER_BOTH                                                                                 \
  "<stream:features><mechanisms " SASL "><mechanism>EXTERNAL</mechanism></mechanisms>"             \
  "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>"
#define ANSWERED(id) SERVER_NS " from='a.example' to='b.example' id='" id "' version='1.0'>"

static void make_default(play *v) {
  make(v, RFC);
  v->b->options.require_tls = 1;
  v->b->options.allow_clear_verify = 0;
  v->b->identities = "DNS:b.example\n";
}

/* By default TLS is required, whoever speaks: "XC-4.3-01" "XC-14.4-04" "XC-8.1-02" "7247-8-01". */
static void test_tls_required(void **state) {
  (void)state;
  static play v;
  stox_federation_options options;
  assert_status(stox_federation_options_init(&options, sizeof options), STOX_OK);
  assert_int_equal(options.require_tls, 1);
  assert_int_equal(options.allow_clear_verify, 0);
  make_default(&v);
  start(&v);
  v.flow = net_dial(v.p, v.b);
  net_say(v.p, v.flow, HEADER("a.example"));
  const char *text = heard(v.p);
  assert_in(text, "<required/>");
  assert_null(strstr(text, "mechanism"));
  assert_null(strstr(text, "urn:xmpp:features:dialback"));
  net_say(v.p, v.flow, RESULT("a.example", "b.example", "k"));
  assert_end(heard(v.p), ERROR("policy-violation"));
  assert_int_equal(net_is_open(v.p, v.flow), 0);
  assert_status(net_send(v.b, "b.example", "a.example", "1"), STOX_E_STATE);
  net_run(&v.n);
  net_say(v.a, v.a->last, RESPONSE("a.example", "i1"));
  /* It is asked for though it is not offered (RFC 7590 3.1), and nothing else is said. */
  assert_end(heard(v.a), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  net_say(v.a, v.a->last, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
  assert_string_equal(heard(v.a), "</stream:stream>");
  assert_string_equal(net_log(v.b), "DOWN b.example a.example BAD_TLS\n");
  net_free(&v.n);
}

/* Where EXTERNAL proves a peer no word of dialback is said, as receiving server: "XC-8.1-03"
 * "XC-14.4-11". */
static void test_external_in(void **state) {
  (void)state;
  static play v;
  make_default(&v);
  v.p->identities = "DNS:a.example\n";
  start(&v);
  v.flow = net_dial(v.p, v.b);
  net_say(v.p, v.flow, HEADER("a.example"));
  net_say(v.p, v.flow, STARTTLS);
  assert_end(heard(v.p), "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  net_say(v.p, v.flow, HEADER("a.example"));
  assert_in(heard(v.p), "<mechanism>EXTERNAL</mechanism>");
  net_say(v.p, v.flow, "<auth " SASL " mechanism='EXTERNAL'>=</auth>");
  assert_in(heard(v.p), "<success " SASL "/>");
  net_say(v.p, v.flow, HEADER("a.example") MESSAGE("1"));
  assert_null(strstr(heard(v.p), "<db:"));
  assert_string_equal(net_log(v.b), "HEARD b.example a.example sasl tls verified\n"
                                    "STANZA b.example a.example 1\n");
  assert_int_equal(v.n.n_opens, 0);
  net_free(&v.n);
}

/* And as the one that opens the stream. */
static void test_external_out(void **state) {
  (void)state;
  static play v;
  make_default(&v);
  v.a->identities = "DNS:a.example\n";
  start(&v);
  assert_status(net_send(v.b, "b.example", "a.example", "1"), STOX_E_STATE);
  net_run(&v.n);
  net_say(v.a, v.a->last, ANSWERED("i1") OFFER_TLS);
  assert_end(heard(v.a), STARTTLS);
  net_say(v.a, v.a->last, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  net_say(v.a, v.a->last, ANSWERED("i2") OFFER_BOTH);
  const char *text = heard(v.a);
  assert_in(text, "<auth " SASL " mechanism='EXTERNAL'>");
  assert_null(strstr(text, "<db:"));
  net_say(v.a, v.a->last, "<success " SASL "/>");
  net_say(v.a, v.a->last, ANSWERED("i3") "<stream:features/>");
  assert_null(strstr(heard(v.a), "<db:"));
  assert_string_equal(net_log(v.b), "UP b.example a.example sasl tls verified\n");
  net_free(&v.n);
}

/* A policy that wants SASL refuses who has dialback alone, in both directions: "XC-14.4-05". */
static void test_no_dialback(void **state) {
  (void)state;
  static play v;
  make_default(&v);
  v.b->options.is_dialback_on = 0;
  start(&v);
  v.flow = net_dial(v.p, v.b);
  net_say(v.p, v.flow, HEADER("a.example"));
  net_say(v.p, v.flow, STARTTLS);
  (void)heard(v.p);
  net_say(v.p, v.flow, HEADER("a.example"));
  assert_end(heard(v.p), ERROR("not-authorized"));
  assert_int_equal(net_is_open(v.p, v.flow), 0);
  assert_status(net_send(v.b, "b.example", "a.example", "1"), STOX_E_STATE);
  net_run(&v.n);
  net_say(v.a, v.a->last, ANSWERED("i1") OFFER_TLS);
  net_say(v.a, v.a->last, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  assert_in(net_log(v.b), "DOWN b.example a.example AUTH");
  net_free(&v.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_receiving),    cmocka_unit_test(test_directions),
      cmocka_unit_test(test_more_domains), cmocka_unit_test(test_second),
      cmocka_unit_test(test_said),         cmocka_unit_test(test_authoritative),
      cmocka_unit_test(test_answers),      cmocka_unit_test(test_resolved_first),
      cmocka_unit_test(test_tls_required), cmocka_unit_test(test_external_in),
      cmocka_unit_test(test_external_out), cmocka_unit_test(test_no_dialback),
  };
  static const size_t chunks[] = {0, 1, 7};
  int failed = 0;
  for (size_t i = 0; i < COUNT(chunks); i++) {
    chunk = chunks[i];
    failed += cmocka_run_group_tests(tests, NULL, NULL);
  }
  return failed;
}
