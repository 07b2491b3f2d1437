/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

#include "stox/xmpp_rules.h"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static const stox_xmpp_domain domains[] = {
    {ROW("example.com"), STOX_DOMAIN_SERVER, 0, 0},
    {ROW("chat.example.com"), STOX_DOMAIN_SERVICE, 0, 7},
    {ROW("old.example.com"), STOX_DOMAIN_GONE, 0, 0},
};

static const stox_span peers[] = {ROW("example.org"), ROW("sub.example.org")};

typedef struct admit_row {
  const char *text;
  int over;
  int is_strict;
  int verdict;
  const char *from; /* as it is stamped; NULL: not looked at */
} admit_row;

enum {
  CLIENT = STOX_OVER_CLIENT,
  PEER = STOX_OVER_PEER,
  COMPONENT = STOX_OVER_COMPONENT,
  HOST = STOX_OVER_HOST,
  OURS = STOX_OVER_ACCOUNT
};

#define JULIET "juliet@example.com/balcony"

static const admit_row rows[] = {
    /* "XC-9.1.2-02", "XC-9.1.2-05": a client's stanza carries the address of its stream. */
    {"<message to='a@b.example'/>", CLIENT, 0, STOX_ADMITTED, JULIET},
    {"<message to='a@b.example' from='juliet@example.com/balcony'/>", CLIENT, 1, STOX_ADMITTED,
     JULIET},
    {"<message to='a@b.example' from='Juliet@EXAMPLE.com'/>", CLIENT, 1, STOX_ADMITTED, JULIET},
    {"<message/>", CLIENT, 0, STOX_ADMITTED, JULIET},
    {"<iq type='get' id='1' from='mallory@example.com/x'><q/></iq>", CLIENT, 0, STOX_ADMITTED,
     JULIET},
    {"<message from='@'/>", CLIENT, 0, STOX_ADMITTED, JULIET},
    {"<presence type='subscribe' to='a@b.example'/>", CLIENT, 0, STOX_ADMITTED,
     "juliet@example.com"},
    {"<presence type='unsubscribed' to='a@b.example'/>", CLIENT, 0, STOX_ADMITTED,
     "juliet@example.com"},
    {"<presence type='probe' to='a@b.example'/>", CLIENT, 0, STOX_ADMITTED, JULIET},
    {"<message type='subscribe' to='a@b.example'/>", CLIENT, 0, STOX_ADMITTED, JULIET},
    /* "XC-9.1.2-03": strictly, another sender ends the stream. */
    {"<message from='mallory@example.com/x'/>", CLIENT, 1, STOX_ADMIT_INVALID_FROM, NULL},
    {"<message from='juliet@example.com/other'/>", CLIENT, 1, STOX_ADMIT_INVALID_FROM, NULL},
    {"<message from=''/>", CLIENT, 1, STOX_ADMIT_INVALID_FROM, NULL},
    /* What is no address is the stanza's fault on a client's stream. */
    {"<message to='a@@b'/>", CLIENT, 0, STOX_ADMIT_JID_MALFORMED, JULIET},
    {"<message to=''/>", CLIENT, 0, STOX_ADMIT_JID_MALFORMED, JULIET},
    /* "XC-9.1.1-03", "XC-9.1.2-07", "XC-8.3-30": between servers both addresses stand. */
    {"<message to='a@example.com' from='b@example.org'/>", PEER, 0, STOX_ADMITTED, "b@example.org"},
    {"<message to='a@Example.com' from='B@Example.org/R'/>", PEER, 0, STOX_ADMITTED,
     "b@example.org/R"},
    {"<message to='chat.example.com' from='sub.example.org'/>", PEER, 0, STOX_ADMITTED,
     "sub.example.org"},
    {"<message from='b@example.org'/>", PEER, 0, STOX_ADMIT_IMPROPER_ADDRESSING, NULL},
    {"<message to='a@example.com'/>", PEER, 0, STOX_ADMIT_IMPROPER_ADDRESSING, NULL},
    {"<message to='' from='b@example.org'/>", PEER, 0, STOX_ADMIT_IMPROPER_ADDRESSING, NULL},
    {"<message to='a@example.com' from='@example.org'/>", PEER, 0, STOX_ADMIT_IMPROPER_ADDRESSING,
     NULL},
    /* "XC-9.1.2-08", "XC-8.3-31": the sender is of a domain that the peer has proven. */
    {"<message to='a@example.com' from='b@evil.example'/>", PEER, 0, STOX_ADMIT_INVALID_FROM, NULL},
    {"<message to='a@example.com' from='b@x.example.org'/>", PEER, 0, STOX_ADMIT_INVALID_FROM,
     NULL},
    {"<message to='a@example.com' from='b@example.com'/>", PEER, 0, STOX_ADMIT_INVALID_FROM, NULL},
    /* RFC 6120 8.1.1.2: and the recipient is ours. */
    {"<message to='a@third.example' from='b@example.org'/>", PEER, 0, STOX_ADMIT_HOST_UNKNOWN,
     NULL},
    {"<message to='a@old.example.com' from='b@example.org'/>", PEER, 0, STOX_ADMIT_HOST_GONE, NULL},
    /* XEP-0114: a component speaks for its domain, to anybody. */
    {"<message to='a@third.example' from='b@example.org'/>", COMPONENT, 0, STOX_ADMITTED,
     "b@example.org"},
    {"<message to='a@third.example' from='b@example.com'/>", COMPONENT, 0, STOX_ADMIT_INVALID_FROM,
     NULL},
    {"<message from='b@example.org'/>", COMPONENT, 0, STOX_ADMIT_IMPROPER_ADDRESSING, NULL},
    {"<message to='a@example.com' from='b@any.example'/>", HOST, 0, STOX_ADMITTED, "b@any.example"},
    {"<message to='a@any.example' from='b@any.example'/>", HOST, 0, STOX_ADMIT_HOST_UNKNOWN, NULL},
    {"<message to='a@example.com'/>", HOST, 0, STOX_ADMIT_IMPROPER_ADDRESSING, NULL},
    /* "XC-9.1.2-06": to a client, no sender is its account. */
    {"<message/>", OURS, 0, STOX_ADMITTED, "juliet@example.com"},
    {"<message from='b@any.example/r'/>", OURS, 0, STOX_ADMITTED, "b@any.example/r"},
    {"<message from='example.com'/>", OURS, 0, STOX_ADMITTED, "example.com"},
    {"<message from='@'/>", OURS, 0, STOX_ADMIT_IMPROPER_ADDRESSING, NULL},
};

static stox_xmpp_arrival arrival_of(const admit_row *r) {
  return (stox_xmpp_arrival){
      .over = r->over,
      .is_authenticated = 1,
      .is_strict = r->is_strict,
      .self = {S("juliet"), S("example.com"), S("balcony")},
      .peer_domains = peers,
      .n_peer_domains = COUNT(peers),
      .domains = domains,
      .n_domains = COUNT(domains),
  };
}

static void read_stanza(stox_stanza *out, const char *text) {
  assert_status(stox_stanza_read(out, xml_client_element(&arena, text), (stox_span){NULL, 0}),
                STOX_OK);
}

static void test_admit(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const admit_row *r = &rows[i];
    stox_stanza stanza;
    stox_xmpp_admission out;
    set_up(NULL);
    read_stanza(&stanza, r->text);
    stox_xmpp_arrival arrival = arrival_of(r);
    assert_status(stox_xmpp_admit(&out, &arena, &stanza, &arrival), STOX_OK);
    if (out.verdict != r->verdict) {
      fail_msg("%s over %d: verdict %d, not %d", r->text, r->over, out.verdict, r->verdict);
    }
    if (r->from != NULL) {
      assert_span_equal(out.from_text, stox_span_text(r->from));
    }
    assert_int_equal(out.has_to, stanza.to.n > 0 && out.to.domainpart.n > 0);
    /* "XC-9.1.2-03": on a stream that is not authenticated, nothing comes. */
    arrival.is_authenticated = 0;
    assert_status(stox_xmpp_admit(&out, &arena, &stanza, &arrival), STOX_OK);
    assert_int_equal(out.verdict, STOX_ADMIT_NOT_AUTHORIZED);
  }
}

static void test_admit_refused(void **state) {
  (void)state;
  stox_stanza stanza;
  stox_xmpp_admission out;
  stox_arena none;
  stox_arena_init(&none, NULL, 0, 0, NULL);
  read_stanza(&stanza, "<message from='A@Example.org' to='b@example.com'/>");
  const admit_row row = {.over = PEER};
  stox_xmpp_arrival arrival = arrival_of(&row);
  assert_status(stox_xmpp_admit(&out, &none, &stanza, &arrival), STOX_E_NOMEM);
  arrival.profile = 99;
  assert_status(stox_xmpp_admit(&out, &arena, &stanza, &arrival), STOX_E_ARG);
  arrival.profile = 0;
  arrival.over = 0;
  assert_status(stox_xmpp_admit(&out, &arena, &stanza, &arrival), STOX_E_ARG);
  arrival.over = OURS + 1;
  assert_status(stox_xmpp_admit(&out, &arena, &stanza, &arrival), STOX_E_ARG);
  arrival.over = CLIENT;
  arrival.self = (stox_jid){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  assert_status(stox_xmpp_admit(&out, &arena, &stanza, &arrival), STOX_E_ARG);
}

static void test_admit_names(void **state) {
  (void)state;
  assert_null(stox_xmpp_admit_name(STOX_ADMITTED));
  assert_null(stox_xmpp_admit_name(STOX_ADMIT_JID_MALFORMED));
  assert_null(stox_xmpp_admit_name(-1));
  assert_string_equal(stox_xmpp_admit_name(STOX_ADMIT_NOT_AUTHORIZED), "not-authorized");
  assert_string_equal(stox_xmpp_admit_name(STOX_ADMIT_IMPROPER_ADDRESSING), "improper-addressing");
  assert_string_equal(stox_xmpp_admit_name(STOX_ADMIT_INVALID_FROM), "invalid-from");
  assert_string_equal(stox_xmpp_admit_name(STOX_ADMIT_HOST_UNKNOWN), "host-unknown");
  assert_string_equal(stox_xmpp_admit_name(STOX_ADMIT_HOST_GONE), "host-gone");
}

typedef struct relation_row {
  const char *to;
  int relation;
} relation_row;

static void test_relation(void **state) {
  (void)state;
  const relation_row relations[] = {
      {"other.example", STOX_TO_REMOTE},
      {"a@other.example/r", STOX_TO_REMOTE},
      {"xexample.com", STOX_TO_REMOTE},
      {"com", STOX_TO_REMOTE},
      /* "XC-3.2-02", "XC-10.3-01" */
      {"chat.example.com", STOX_TO_SERVICE},
      {"room@chat.example.com/nick", STOX_TO_SERVICE},
      {"foo.example.com", STOX_TO_SUBDOMAIN},
      {"a@b.c.example.com", STOX_TO_SUBDOMAIN},
      {"x.chat.example.com", STOX_TO_SUBDOMAIN},
      /* "XC-10.4-01" */
      {"example.com", STOX_TO_DOMAIN},
      {"example.com/announce", STOX_TO_DOMAIN},
      {"a@example.com", STOX_TO_BARE},
      {"a@example.com/r", STOX_TO_FULL},
      {"a@old.example.com", STOX_TO_GONE},
  };
  for (size_t i = 0; i < COUNT(relations); i++) {
    stox_jid jid;
    uint64_t handle = 0;
    assert_status(stox_jid_parse(&jid, stox_span_text(relations[i].to), NULL), STOX_OK);
    assert_int_equal(stox_xmpp_relation(&jid, domains, COUNT(domains), &handle),
                     relations[i].relation);
    assert_int_equal(handle, relations[i].relation == STOX_TO_SERVICE ? 7 : 0);
    assert_int_equal(stox_xmpp_relation(&jid, domains, COUNT(domains), NULL),
                     relations[i].relation);
    assert_int_equal(stox_xmpp_relation(&jid, NULL, 0, NULL), STOX_TO_REMOTE);
  }
  assert_int_equal(stox_xmpp_relation(NULL, domains, COUNT(domains), NULL), STOX_TO_NONE);
}

/* "XC-10-01": the bare and the full address are one recipient, so what is kept apart by it stays in
 * order: a thousand messages, now to the one and now to the other. */
static void test_order(void **state) {
  (void)state;
  const stox_jid to[] = {
      {S("b"), S("example.com"), {NULL, 0}},
      {S("b"), S("example.com"), S("r")},
      {S("b"), S("example.com"), S("q")},
  };
  const stox_jid other = {S("c"), S("example.com"), S("r")};
  const stox_jid domain = {{NULL, 0}, S("example.com"), {NULL, 0}};
  for (size_t i = 0; i + 1 < 1000; i++) {
    assert_true(stox_xmpp_is_ordered(&to[i % 3], &to[(i * 7 + 1) % 3]));
  }
  assert_false(stox_xmpp_is_ordered(&to[0], &other));
  assert_false(stox_xmpp_is_ordered(&to[0], &domain));
  assert_false(stox_xmpp_is_ordered(NULL, &domain));
  assert_true(stox_xmpp_is_ordered(NULL, NULL));
}

/* "XC-9.1.2-04" */
static void test_own(void **state) {
  (void)state;
  static const char *const texts[] = {"juliet@example.com", JULIET,
                                      "example.com",        "juliet@example.com/other",
                                      "romeo@example.com",  "example.com/announce",
                                      "example.org"};
  stox_jid client;
  assert_status(stox_jid_parse(&client, S(JULIET), NULL), STOX_OK);
  assert_true(stox_xmpp_is_own(NULL, &client));
  for (size_t i = 0; i < COUNT(texts); i++) {
    stox_jid from;
    assert_status(stox_jid_parse(&from, stox_span_text(texts[i]), NULL), STOX_OK);
    assert_int_equal(stox_xmpp_is_own(&from, &client), i < 3);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_admit, set_up),
      cmocka_unit_test_setup(test_admit_refused, set_up),
      cmocka_unit_test(test_admit_names),
      cmocka_unit_test(test_relation),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
