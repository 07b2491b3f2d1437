/* SPDX-License-Identifier: MIT */
#include "fed_in.h"

#include "stox/dialback.h"

/* Dialback as the receiving and as the authoritative server: verdicts, errors, limits, and what
 * nobody asked for. */

#define STANZA_ERRORS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

static void make_as(in_net *p, int dialect) {
  in_make(p);
  p->b->options.dialect = dialect;
  in_start(p);
}

/* ---- verdicts ---- */

/* "XC-8.3-26": a wrong key ends the stream that nothing else holds. */
static void test_invalid(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  in_judge(&p, in_asked(&p), "invalid");
  assert_true(
      in_heard(&p, "<db:result from='b.example' to='a.example' type='invalid'/></stream:stream>"));
  in_say(&p, "</stream:stream>");
  assert_false(net_is_open(p.hand, p.flow));
  assert_string_equal(net_log(p.b), "");
  net_free(&p.n);

  in_make(&p); /* one that another domain holds goes on */
  in_start(&p);
  in_ready(&p);
  in_say(&p, KEY("c.example", "b.example"));
  char text[512];
  char id[64];
  in_id(id, sizeof id, strstr(in_asked(&p), "<db:verify"));
  (void)snprintf(text, sizeof text,
                 "<db:verify from='c.example' to='b.example' id='%s' type='invalid'/>", id);
  net_say(p.other, p.back, text);
  assert_true(in_heard(&p, "<db:result from='b.example' to='c.example' type='invalid'/>"));
  in_say(&p, MESSAGE("x@a.example", "y@b.example"));
  assert_string_equal(net_log(p.b), "STANZA b.example a.example 1\n");
  assert_int_equal(counters_of(p.b).refused_pairs, 1);
  net_free(&p.n);
}

/* What the authoritative server says, or does, and what the originating one is told. With the draft
 * every error is the stream's: "XC-8.1-08" "XC-8.3-16" "XC-4.7.3-15". */
static void test_errors(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *verdict; /* NULL: the flow ends */
    const char *told;
  } rows[] = {
      {"type='error'><error type='cancel'><item-not-found " STANZA_ERRORS "/></error></db:verify>",
       "type='error'><error type='cancel'><item-not-found"},
      {"type='error'/>", "type='error'><error type='cancel'><undefined-condition"},
      {NULL, "type='error'><error type='wait'><remote-server-timeout"},
  };
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    for (size_t i = 0; i < COUNT(rows); i++) {
      make_as(&p, is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC);
      in_open(&p);
      in_say(&p, KEY("a.example", "b.example"));
      char id[64];
      char text[512];
      in_id(id, sizeof id, strstr(in_asked(&p), "<db:verify"));
      (void)snprintf(text, sizeof text, "<db:verify from='a.example' to='b.example' id='%s' %s", id,
                     rows[i].verdict == NULL ? "" : rows[i].verdict);
      if (rows[i].verdict == NULL) {
        net_hang_up(p.other, p.back);
      } else {
        net_say(p.other, p.back, text);
      }
      assert_true(in_heard(&p, is_draft ? "<remote-connection-failed" : rows[i].told));
      assert_int_equal(net_is_open(p.hand, p.flow), !is_draft);
      net_free(&p.n);
    }
  }
}

/* Once the verdict is there, nothing is dropped any more for it. */
static void test_stanza_after_error(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  (void)in_asked(&p);
  net_hang_up(p.other, p.back);
  assert_true(in_heard(&p, "type='error'"));
  in_say(&p, MESSAGE("x@a.example", "y@b.example"));
  assert_true(in_heard(&p, "<not-authorized"));
  net_free(&p.n);
}

/* Keys of three streams are checked over one, and their verdicts come in any order. */
static void test_three_keys(void **state) {
  (void)state;
  static in_net p;
  uint64_t flows[3];
  char ids[3][64];
  in_make(&p);
  in_start(&p);
  for (int i = 0; i < 3; i++) {
    in_open(&p);
    in_say(&p, KEY("a.example", "b.example"));
    flows[i] = p.flow;
    const char *asked = i == 0 ? in_asked(&p) : net_heard(p.other);
    in_id(ids[i], sizeof ids[i], strstr(asked, "<db:verify"));
  }
  assert_int_equal(p.n.n_opens, 1);
  static const int order[] = {1, 2, 0};
  for (int i = 0; i < 3; i++) {
    char text[256];
    (void)snprintf(text, sizeof text,
                   "<db:verify from='a.example' to='b.example' id='%s' type='invalid'/>",
                   ids[order[i]]);
    net_say(p.other, p.back, text);
    net_say(p.hand, flows[order[i]], "</stream:stream>");
    assert_false(net_is_open(p.hand, flows[order[i]]));
    assert_int_equal(counters_of(p.b).verifications, 2 - i);
  }
  net_free(&p.n);
}

/* The authoritative server is not found, silent, or has no TLS. */
static void test_nobody_to_ask(void **state) {
  (void)state;
  static in_net p;
  for (int i = 0; i < 4; i++) {
    in_make(&p);
    p.n.n_records = i == 0 ? 0 : p.n.n_records;
    p.other->refuses = i == 1;
    in_start(&p);
    in_open(&p);
    in_say(&p, KEY("a.example", "b.example"));
    if (i == 3) {
      net_say(p.other, p.other->last, ANSWER FEATURES);
      const char *asked = net_heard(p.other);
      assert_null(strstr(asked, "verify"));
      assert_non_null(strstr(asked, "<starttls"));
      net_say(p.other, p.other->last,
              "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
    }
    net_pass(&p.n, i == 2 ? 26 * SECOND : 0);
    assert_true(in_heard(&p, i == 0   ? "<remote-server-not-found"
                             : i == 3 ? "<policy-violation"
                                      : "<remote-server-timeout"));
    assert_true(net_is_open(p.hand, p.flow));
    assert_int_equal(counters_of(p.b).verifications, 0);
    net_pass(&p.n, 60 * SECOND);
    assert_int_equal(counters_of(p.b).streams_in, 0);
    assert_int_equal(counters_of(p.b).streams_out, 0);
    net_free(&p.n);
  }
}

/* Keys may be checked in clear where policy allows that and no more. */
static void test_clear_verify(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  p.b->options.allow_clear_verify = 1;
  in_start(&p);
  in_dial(&p);
  in_say(&p, HEADER);
  assert_true(in_heard(&p, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><dialback"));
  in_say(&p, "<db:verify from='a.example' to='b.example' id='1'>k</db:verify>");
  assert_true(in_heard(&p, "type='invalid'"));
  in_say(&p, KEY("a.example", "b.example"));
  assert_true(in_heard(&p, "<policy-violation"));
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  net_say(p.other, p.other->last, ANSWER FEATURES);
  p.back = p.other->last;
  in_judge(&p, net_heard(p.other), "valid");
  assert_string_equal(net_log(p.b), "HEARD b.example a.example dialback tls\n");
  /* It takes no stanzas: who wants to send wants TLS. */
  assert_status(net_want(p.b, "b.example", "a.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(net_log(p.b), "DOWN b.example a.example BAD_TLS\n");
  net_free(&p.n);
}

/* "XC-8.3-15": the namespaces of who is asked. */
static void test_bad_authority(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  net_say(p.other, p.other->last,
          "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
          "xmlns:db='jabber:server:dialback2' xmlns:stream='http://etherx.jabber.org/streams' "
          "from='a.example' id='x' version='1.0'>");
  assert_non_null(strstr(net_heard(p.other), "<invalid-namespace"));
  assert_false(net_is_open(p.other, p.other->last));
  assert_true(in_heard(&p, "<remote-server-timeout"));
  net_free(&p.n);
}

/* Answers to nobody's question: forgotten, and with the draft the end of the stream ("XC-8.3-22"
 * "XC-8.3-23"). */
static void test_strange_verdicts(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *verdict;
    const char *condition;
  } rows[] = {
      {"<db:verify from='a.example' to='b.example' id='other' type='valid'/>", "<invalid-id"},
      {"<db:verify from='a.example' to='x.example' id='other' type='valid'/>", "<host-unknown"},
      {"<db:verify from='c.example' to='b.example' id='other' type='valid'/>", "<invalid-from"},
      {"<db:result from='a.example' to='b.example' type='valid'/>", "<invalid-id"},
  };
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    for (size_t i = 0; i < COUNT(rows); i++) {
      make_as(&p, is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC);
      in_open(&p);
      in_say(&p, KEY("a.example", "b.example"));
      char asked[4096];
      (void)snprintf(asked, sizeof asked, "%s", in_asked(&p));
      net_say(p.other, p.back, rows[i].verdict);
      assert_string_equal(net_log(p.b), "");
      if (is_draft) {
        assert_non_null(strstr(net_heard(p.other), rows[i].condition));
        assert_false(net_is_open(p.other, p.back));
      } else {
        in_judge(&p, asked, "valid");
        assert_string_equal(net_log(p.b), "HEARD b.example a.example dialback tls\n");
      }
      net_free(&p.n);
    }
  }
}

/* ---- requests ---- */

/* "XC-8.3-09" "XC-8.1-08" and what else is refused before anybody is asked. */
static void test_refused_requests(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *said;
    const char *told;      /* XEP-0220 */
    const char *condition; /* the draft */
  } rows[] = {
      {KEY("a.example", "x.example"),
       "<db:result from='x.example' to='a.example' type='error'><error "
       "type='cancel'><item-not-found",
       "<host-unknown"},
      {KEY("a.example", "gone.b.example"), "type='error'><error type='cancel'><gone", "<host-gone"},
      {KEY("b.example", "b.example"), "<forbidden", "<not-authorized"},
      {KEY("chat.b.example", "b.example"), "<forbidden", "<not-authorized"},
      {KEY("192.0.2.1", "b.example"), "<forbidden", "<not-authorized"},
      {"<db:verify from='a.example' to='x.example' id='1'>k</db:verify>",
       "<db:verify from='x.example' to='a.example' id='1' type='error'><error "
       "type='cancel'><item-not-found",
       "<host-unknown"}, /* "XC-8.3-19" */
  };
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    for (size_t i = 0; i < COUNT(rows); i++) {
      make_as(&p, is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC);
      in_open(&p);
      in_say(&p, rows[i].said);
      assert_true(in_heard(&p, is_draft ? rows[i].condition : rows[i].told));
      assert_int_equal(net_is_open(p.hand, p.flow), !is_draft);
      assert_int_equal(p.n.n_opens, 0);
      net_free(&p.n);
    }
  }
}

/* What is no element of dialback ends the stream. */
static void test_malformed(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *said;
    const char *condition;
  } rows[] = {
      {"<db:result to='b.example'>k</db:result>", "<improper-addressing"},
      {"<db:result from='a.example'>k</db:result>", "<improper-addressing"},
      {"<db:result from='a..example' to='b.example'>k</db:result>", "<improper-addressing"},
      {"<db:result from='x@a.example' to='b.example'>k</db:result>", "<improper-addressing"},
      {"<db:result from='a.example' to='b.example'/>", "<bad-format"},
      {"<db:result from='a.example' to='b.example' type='x'>k</db:result>", "<bad-format"},
      {"<db:verify from='a.example' to='b.example'>k</db:verify>", "<bad-format"},
      {"<db:other from='a.example' to='b.example'>k</db:other>", "<bad-format"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    in_make(&p);
    in_start(&p);
    in_open(&p);
    in_say(&p, rows[i].said);
    assert_true(in_heard(&p, rows[i].condition));
    assert_false(net_is_open(p.hand, p.flow));
    net_free(&p.n);
  }
}

static void test_policy(void **state) {
  (void)state;
  static in_net p;
  in_make(&p); /* in clear */
  in_start(&p);
  in_dial(&p);
  in_say(&p, HEADER KEY("a.example", "b.example"));
  assert_true(in_heard(&p, "<policy-violation"));
  net_free(&p.n);

  in_make(&p); /* without dialback */
  p.hand->identities = "DNS:a.example\n";
  p.b->options.is_dialback_on = 0;
  in_start(&p);
  in_dial(&p);
  in_secure(&p);
  in_say(&p, KEY("a.example", "b.example"));
  assert_true(in_heard(&p, "<policy-violation"));
  net_free(&p.n);

  for (int is_proved = 0; is_proved < 2; is_proved++) { /* with the certificate's word beside it */
    in_make(&p);
    p.hand->identities = is_proved ? "DNS:a.example\n" : "DNS:c.example\n";
    p.other->identities = "DNS:a.example\n";
    p.b->options.require_verified = 1;
    in_start(&p);
    in_open(&p);
    in_say(&p, KEY("a.example", "b.example"));
    if (is_proved) {
      in_judge(&p, in_asked(&p), "valid");
      assert_string_equal(net_log(p.b), "HEARD b.example a.example dialback tls verified\n");
      in_say(&p, KEY("c.example", "b.example")); /* later ones, too */
    }
    assert_true(in_heard(&p, "<forbidden"));
    net_free(&p.n);
  }
}

/* An answer that nobody waits for comes over an incoming stream. */
static void test_unasked(void **state) {
  (void)state;
  static in_net p;
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    make_as(&p, is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC);
    in_open(&p);
    in_say(&p, "<db:result from='a.example' to='b.example' type='valid'/>");
    in_say(&p, is_draft ? "" : "<db:verify from='a.example' to='b.example' id='1' type='valid'/>");
    assert_int_equal(net_is_open(p.hand, p.flow), !is_draft);
    assert_string_equal(net_log(p.b), "");
    net_free(&p.n);
  }
}

/* Keys belong to the stream that they came over. */
static void test_stream_changes(void **state) {
  (void)state;
  static in_net p;
  in_make(&p); /* it ends */
  in_start(&p);
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  char asked[4096];
  (void)snprintf(asked, sizeof asked, "%s", in_asked(&p));
  net_hang_up(p.hand, p.flow);
  assert_int_equal(counters_of(p.b).verifications, 0);
  in_judge(&p, asked, "valid");
  assert_string_equal(net_log(p.b), "");
  net_free(&p.n);

  in_make(&p); /* it begins anew */
  p.hand->identities = "DNS:a.example\n";
  in_start(&p);
  in_dial(&p);
  in_secure(&p);
  in_say(&p, KEY("a.example", "b.example") "<auth " SASL " mechanism='EXTERNAL'>=</auth>");
  assert_int_equal(counters_of(p.b).verifications, 0);
  in_say(&p, HEADER);
  assert_string_equal(net_log(p.b), "HEARD b.example a.example sasl tls verified\n");
  net_free(&p.n);
}

/* ---- limits ---- */

/* One below, at and above: so many keys of one stream, of all, and so many domains. */
static void test_limits(void **state) {
  (void)state;
  static in_net p;
  for (int which = 0; which < 3; which++) {
    for (uint32_t n = 1; n <= 3; n++) {
      in_make(&p);
      p.b->options.max_stream_verifications = which == 0 ? 2 : 8;
      p.b->options.max_verifications = which == 1 ? 2 : 1000;
      p.b->options.max_stream_domains = which == 2 ? 2 : 64;
      in_start(&p);
      in_open(&p);
      for (uint32_t i = 0; i < n; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, KEY("s%u.a.example", "b.example"), (unsigned)i);
        net_address(&p.n,
                    i == 0   ? "s0.a.example"
                    : i == 1 ? "s1.a.example"
                             : "s2.a.example",
                    "192.0.2.3");
        in_say(&p, text);
        in_say(&p, text); /* twice the same is once */
      }
      assert_int_equal(strstr(net_heard(p.hand), "<resource-constraint") != NULL, n == 3);
      assert_int_equal(counters_of(p.b).verifications, n < 3 ? n : 2);
      assert_true(net_is_open(p.hand, p.flow));
      net_free(&p.n);
    }
  }
}

static void test_stream_limits(void **state) {
  (void)state;
  static in_net p;
  for (uint32_t n = 1; n <= 3; n++) {
    in_make(&p); /* streams in all */
    p.b->options.max_streams = 2;
    in_start(&p);
    uint64_t last = 0;
    for (uint32_t i = 0; i < n; i++) {
      last = net_dial(p.hand, p.b);
    }
    assert_int_equal(last != 0, n <= 2);
    assert_int_equal(counters_of(p.b).refused_flows, n > 2);
    assert_status(net_want(p.b, "b.example", "a.example"), n < 2 ? STOX_E_STATE : STOX_E_TOO_MANY);
    net_free(&p.n);

    in_make(&p); /* of one address that nobody knows yet */
    p.b->options.max_unauthenticated = 2;
    in_start(&p);
    in_ready(&p); /* does not count */
    const uint64_t known = p.flow;
    for (uint32_t i = 0; i < n; i++) {
      last = net_dial(p.hand, p.b);
    }
    assert_int_equal(last != 0, n <= 2);
    assert_true(net_dial(p.other, p.b) != 0);
    assert_true(net_is_open(p.hand, known));
    net_pass(&p.n, 31 * SECOND); /* who says nothing is gone, and room again */
    assert_true(net_dial(p.hand, p.b) != 0);
    net_free(&p.n);

    in_make(&p); /* pairs */
    p.b->options.max_pairs = 2;
    in_start(&p);
    p.n.is_mute = 1;
    int status = STOX_OK;
    for (uint32_t i = 0; i < n; i++) {
      char remote[32];
      (void)snprintf(remote, sizeof remote, "s%u.example", (unsigned)i);
      status = net_want(p.b, "b.example", remote);
    }
    assert_status(status, n <= 2 ? STOX_E_STATE : STOX_E_TOO_MANY);
    net_free(&p.n);
  }
}

/* A verification that has no room for its stream is refused at once. */
static void test_no_room_to_ask(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  p.b->options.max_streams = 1;
  in_start(&p);
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  assert_true(in_heard(&p, "<resource-constraint"));
  assert_int_equal(counters_of(p.b).verifications, 0);
  net_free(&p.n);
}

/* ---- the authoritative server ---- */

static void say_verify(in_net *p, const char *from, const char *key) {
  char text[512];
  (void)snprintf(text, sizeof text, "<db:verify from='%s' to='b.example' id='d1'>%s</db:verify>",
                 from, key);
  in_say(p, text);
}

/* "XC-8.3-20" "XC-8.3-24": keys are judged without a table, by the secret alone. */
static void test_authority(void **state) {
  (void)state;
  static in_net p;
  char key[STOX_DIALBACK_KEY + 1] = {0};
  stox_buf out;
  stox_buf_init(&out, key, STOX_DIALBACK_KEY);
  assert_status(stox_dialback_key_make(&out, S("secret"), S("a.example"), S("b.example"), S("d1")),
                STOX_OK);
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    for (int i = 0; i < 4; i++) {
      in_make(&p);
      p.b->options.dialect = is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC;
      p.b->options.dialback_secret = S("secret");
      in_start(&p);
      in_open(&p);
      say_verify(&p,
                 i == 2   ? "c.example"
                 : i == 3 ? "A.EXAMPLE"
                          : "a.example",
                 i == 1 ? "other" : key);
      const char *told = is_draft && i == 2 ? "<invalid-from"
                         : i == 1 || i == 2 ? "id='d1' type='invalid'"
                                            : "id='d1' type='valid'";
      assert_true(in_heard(&p, told));
      in_say(&p, is_draft ? "" : "</stream:stream>");
      assert_string_equal(net_log(p.b), "");
      net_free(&p.n);
    }
  }
}

/* Its stream is closed after the answer, where it has no other use (the draft 8.3). */
static void test_authority_closes(void **state) {
  (void)state;
  static in_net p;
  make_as(&p, STOX_DIALECT_DRAFT2005);
  in_open(&p);
  say_verify(&p, "a.example", "k");
  assert_true(in_heard(&p, "type='invalid'/></stream:stream>"));
  net_free(&p.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_invalid),          cmocka_unit_test(test_errors),
      cmocka_unit_test(test_nobody_to_ask),    cmocka_unit_test(test_stanza_after_error),
      cmocka_unit_test(test_three_keys),       cmocka_unit_test(test_clear_verify),
      cmocka_unit_test(test_bad_authority),    cmocka_unit_test(test_strange_verdicts),
      cmocka_unit_test(test_refused_requests), cmocka_unit_test(test_malformed),
      cmocka_unit_test(test_policy),           cmocka_unit_test(test_unasked),
      cmocka_unit_test(test_stream_changes),   cmocka_unit_test(test_limits),
      cmocka_unit_test(test_stream_limits),    cmocka_unit_test(test_no_room_to_ask),
      cmocka_unit_test(test_authority),        cmocka_unit_test(test_authority_closes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
