/* SPDX-License-Identifier: MIT */
#include "stream_end.h"

/* Time-outs, keep-alive, pings, ends. */

#define HEADER                                                                                     \
  "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' id='i' version='1.0'>"
#define AUTH "<auth " SASL " mechanism='EXTERNAL'>=</auth>"
#define BIND "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
#define FAILED(name)                                                                               \
  "<stream:error><" name " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"           \
  "</stream:stream>"
#define PING(from, to) "<iq " from to "id='" ID_16 "' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"

static void forget(end *e) {
  (void)end_said(e);
  e->n_log = 0;
  e->log[0] = '\0';
}

/* A receiving client's stream that is ready. */
static void make_ready(end *e) {
  end_init(e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e->offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(e), STOX_OK);
  end_say(e, HEADER);
  end_say(e, AUTH);
  end_say(e, HEADER);
  end_say(e, BIND);
  assert_string_equal(e->log, "HSHBR");
  forget(e);
}

/* Time goes on to `s` seconds since the start, from deadline to deadline. */
static void run_to(end *e, uint64_t ns) {
  size_t steps = 0;
  while (e->now_ns < ns) {
    const uint64_t due = stox_stream_deadline(e->stream);
    assert_true(due > e->now_ns && steps++ < 1000);
    e->now_ns = due < ns ? due : ns;
    assert_status(stox_stream_tick(e->stream, e->now_ns), STOX_OK);
    end_pull(e);
  }
}

/* A peer that does not negotiate: "XC-4.7.3-04". */
static void test_negotiation(void **state) {
  (void)state;
  static const struct {
    int role;
    unsigned flags;
    const char *said;
    const char *want;
    const char *log;
  } rows[] = {
      {STOX_STREAM_INITIATING, 0, "", FAILED("connection-timeout"), "xCZ"},
      {STOX_STREAM_INITIATING, END_NO_SASL, HEADER "<stream:features/>",
       FAILED("connection-timeout"), "HFxCZ"},
      {STOX_STREAM_INITIATING, 0, HEADER "<stream:features><starttls " TLS "/></stream:features>",
       "<starttls " TLS "/>", "HFCZ"},
      {STOX_STREAM_RECEIVING, 0, "",
       "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " STREAMS " from='' id='" ID_32
       "' version='1.0' xml:lang='en'>" FAILED("connection-timeout"),
       "xCZ"},
      {STOX_STREAM_RECEIVING, 0, HEADER,
       "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " STREAMS
       " from='b.example' id='" ID_32 "' version='1.0' xml:lang='en'><stream:features>"
       "</stream:features>" FAILED("connection-timeout"),
       "HxCZ"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    end e;
    end_init(&e, rows[i].role, STOX_STREAM_CLIENT);
    e.flags = rows[i].flags;
    assert_status(end_make(&e), STOX_OK);
    end_pull(&e);
    (void)end_said(&e);
    if (rows[i].said[0] != '\0') {
      end_say(&e, rows[i].said);
    }
    assert_int_equal(stox_stream_deadline(e.stream), 30 * SECOND);
    run_to(&e, 30 * SECOND - 1);
    assert_int_equal(e.ends, 0);
    run_to(&e, 30 * SECOND);
    assert_string_equal(end_said(&e), rows[i].want);
    assert_string_equal(e.log, rows[i].log);
    assert_status(e.status, STOX_E_TIMEOUT);
    assert_true(stox_stream_deadline(e.stream) == UINT64_MAX);
    end_free(&e);
  }
}

/* White space after silence of ours, a ping after silence of the peer's, and the end when that goes
 * unanswered. */
static void test_silence(void **state) {
  (void)state;
  end e;
  make_ready(&e);
  run_to(&e, 59 * SECOND);
  assert_string_equal(end_said(&e), "");
  run_to(&e, 120 * SECOND);
  assert_string_equal(end_said(&e), "  ");
  assert_status(stox_stream_send(e.stream, S("<presence/>")), STOX_OK);
  end_pull(&e);
  run_to(&e, 179 * SECOND);
  assert_string_equal(end_said(&e), "<presence/>");
  end_say(&e, " "); /* that is life */
  run_to(&e, 478 * SECOND);
  assert_string_equal(end_said(&e), "     ");
  run_to(&e, 479 * SECOND);
  assert_string_equal(end_said(&e), "<iq from='b.example' to='me@b.example/" ID_32 "' id='" ID_16
                                    "' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
  end_say(&e, "<iq type='result' id='" ID_16 "'/>");
  assert_string_equal(e.log, "P");
  run_to(&e, 479 * SECOND + 329 * SECOND);
  assert_string_equal(e.log, "P");
  run_to(&e, 479 * SECOND + 330 * SECOND);
  assert_string_equal(e.log, "PxCZ");
  assert_int_equal(e.condition, STOX_STREAM_CONNECTION_TIMEOUT);
  assert_status(e.status, STOX_E_TIMEOUT);
  end_free(&e);
}

/* A server's stream cannot be pinged: the host is told, once a silence. */
static void test_idle(void **state) {
  (void)state;
  static const char header[] = "<stream:stream xmlns='jabber:server' " STREAMS
                               " to='b.example' from='a.example' version='1.0'>";
  end e;
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_SERVER);
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, header);
  end_say(&e, AUTH);
  end_say(&e, header);
  assert_string_equal(e.log, "HSHR");
  run_to(&e, 900 * SECOND);
  assert_string_equal(e.log, "HSHRI");
  end_say(&e, " ");
  run_to(&e, 1800 * SECOND);
  assert_string_equal(e.log, "HSHRII");
  end_free(&e);
}

/* Pings of the peer: those for this end are answered here. */
static void test_pinged(void **state) {
  (void)state;
  static const struct {
    const char *ping;
    const char *answer; /* NULL: the host is told */
  } rows[] = {
      {"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "<iq id='1' type='result'/>"},
      {"<iq type='get' id='1' to='b.example' from='x@y/z'><ping xmlns='urn:xmpp:ping'/></iq>",
       "<iq from='b.example' to='x@y/z' id='1' type='result'/>"},
      {"<iq type='get' id='1' to='c.example'><ping xmlns='urn:xmpp:ping'/></iq>", NULL},
      {"<iq type='set' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", NULL},
      {"<iq type='get' id='1'><other xmlns='urn:xmpp:ping'/></iq>", NULL},
      {"<message><ping xmlns='urn:xmpp:ping'/></message>", NULL},
      {"<iq type='result' id='1'/>", NULL}, /* of no ping of ours */
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    end e;
    make_ready(&e);
    end_say(&e, rows[i].ping);
    assert_string_equal(end_said(&e), rows[i].answer == NULL ? "" : rows[i].answer);
    assert_string_equal(e.log, rows[i].answer == NULL ? "M" : "");
    end_free(&e);
  }
}

static void test_ping(void **state) {
  (void)state;
  end e;
  make_ready(&e);
  assert_status(stox_stream_ping(e.stream, 0), STOX_OK);
  assert_status(stox_stream_ping(e.stream, 0), STOX_E_STATE);
  end_say(&e, "<iq type='error' id='" ID_16 "'><error type='cancel'/></iq>");
  assert_string_equal(e.log, "P");
  assert_status(stox_stream_ping(e.stream, 0), STOX_OK);
  assert_status(stox_stream_close(e.stream, 0), STOX_OK);
  assert_status(stox_stream_ping(e.stream, 0), STOX_E_STATE);
  end_free(&e);
}

/* Who pings whom: a client says no sender, since its server knows, and a server that of its side.
 */
static void test_ping_addresses(void **state) {
  (void)state;
  static const struct {
    int kind;
    int role;
    const char *want;
  } rows[] = {
      {STOX_STREAM_CLIENT, STOX_STREAM_INITIATING, "<iq to='b.example' id="},
      {STOX_STREAM_CLIENT, STOX_STREAM_RECEIVING,
       "<iq from='b.example' to='me@b.example/" ID_32 "' id="},
      {STOX_STREAM_SERVER, STOX_STREAM_INITIATING, "<iq from='a.example' to='b.example' id="},
      {STOX_STREAM_SERVER, STOX_STREAM_RECEIVING, "<iq from='b.example' to='a.example' id="},
      {STOX_STREAM_COMPONENT, STOX_STREAM_INITIATING, "<iq from='b.example' to='b.example' id="},
      {STOX_STREAM_COMPONENT, STOX_STREAM_RECEIVING, "<iq to='b.example' id="},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    static end a;
    static end b;
    end_init(&a, STOX_STREAM_INITIATING, rows[i].kind);
    end_init(&b, STOX_STREAM_RECEIVING, rows[i].kind);
    a.options.is_bidirectional = 1;
    b.options.is_bidirectional = 1;
    b.offered = STOX_FEATURE_MECHANISMS;
    assert_status(end_make(&a), STOX_OK);
    assert_status(end_make(&b), STOX_OK);
    end_run(&a, &b, 0);
    end *pinging = rows[i].role == STOX_STREAM_INITIATING ? &a : &b;
    assert_status(stox_stream_ping(pinging->stream, 0), STOX_OK);
    end_pull(pinging);
    const char *said = pinging->sent + pinging->n_heard_of_it;
    if (strncmp(said, rows[i].want, strlen(rows[i].want)) != 0) {
      fail_msg("%s, not %s", said, rows[i].want);
    }
    end_run(&a, &b, 0);
    assert_int_equal(pinging->log[pinging->n_log - 1], 'P');
    end_free(&a);
    end_free(&b);
  }
}

typedef struct end_row {
  int closes_first; /* 1: this end */
  const char *said; /* by the peer, NULL: the flow ends */
  const char *more;
  const char *want;
  const char *log;
  int status;
} end_row;

/* "XC-4.1-09": both orders, with and without good manners. */
static const end_row ends[] = {
    {0, "</stream:stream>", "", "</stream:stream>", "CZ", STOX_OK},
    {0, "<message/></stream:stream>", "", "</stream:stream>", "MCZ", STOX_OK},
    {1, "</stream:stream>", "", "</stream:stream>", "CZ", STOX_OK},
    {1, "<message/><iq/></stream:stream>", "", "</stream:stream>", "MmCZ", STOX_OK},
    {1, "<other/><starttls " TLS "/></stream:stream>", "", "</stream:stream>", "CZ", STOX_OK},
    {1, "<message/>", NULL, "</stream:stream>", "MZ", STOX_E_CLOSED},
    {1, "<a></b>", "", "</stream:stream>", "CZ", STOX_E_REFUSED},
    {0, "", NULL, "", "Z", STOX_E_CLOSED},
    {0, "<message/>", NULL, "", "MZ", STOX_E_CLOSED},
    {0,
     "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
     "</stream:stream>",
     "", "</stream:stream>", "XCZ", STOX_E_REFUSED},
    {1, "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>", "",
     "</stream:stream>", "XCZ", STOX_E_REFUSED},
};

static void test_ends(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(ends) * 2; i++) {
    const end_row *r = &ends[i / 2];
    end e;
    make_ready(&e);
    if (r->closes_first) {
      assert_status(stox_stream_close(e.stream, 0), STOX_OK);
      assert_status(stox_stream_close(e.stream, 0), STOX_OK);
      assert_status(stox_stream_send(e.stream, S("<message/>")), STOX_E_STATE);
      end_pull(&e);
    }
    end_feed_by(&e, stox_span_text(r->said), i % 2); /* nothing, where that is empty */
    if (r->more == NULL) {
      end_feed(&e, S(""));
    }
    if (strcmp(e.log, r->log) != 0 || e.status != r->status) {
      fail_msg("row %zu: %s, %s", i / 2, e.log, stox_status_name(e.status));
    }
    assert_string_equal(end_said(&e), r->want);
    assert_false(stox_stream_is_ready(e.stream));
    end_free(&e);
  }
}

static void test_close_timeout(void **state) {
  (void)state;
  end e;
  make_ready(&e);
  assert_status(stox_stream_close(e.stream, e.now_ns), STOX_OK);
  end_pull(&e);
  run_to(&e, 5 * SECOND - 1);
  assert_string_equal(e.log, "");
  run_to(&e, 5 * SECOND);
  assert_string_equal(e.log, "CZ");
  assert_status(e.status, STOX_E_TIMEOUT);
  end_free(&e);
}

/* A flow that is held: what is said waits; an error waits too, but not for ever. */
static void test_held(void **state) {
  (void)state;
  end e;
  make_ready(&e);
  stox_stream_hold(e.stream, 1);
  assert_status(stox_stream_send(e.stream, S("<presence/>")), STOX_OK);
  end_pull(&e);
  assert_string_equal(end_said(&e), "");
  assert_int_equal(stox_stream_waiting(e.stream), 11);
  assert_true(stox_stream_deadline(e.stream) > 100 * SECOND); /* no white space behind it */
  stox_stream_hold(e.stream, 0);
  end_pull(&e);
  assert_string_equal(end_said(&e), "<presence/>");
  stox_stream_hold(e.stream, 1);
  end_say(&e, "<!-- -->");
  assert_string_equal(e.log, "x");
  run_to(&e, 5 * SECOND);
  assert_string_equal(e.log, "xCZ");
  end_free(&e);
}

/* A peer that asks and does not listen is heard no more. */
static void test_flood(void **state) {
  (void)state;
  static const char ping[] = "<iq type='get' id='0123456789'><ping xmlns='urn:xmpp:ping'/></iq>";
  end e;
  int status = STOX_OK;
  size_t octets = 0;
  make_ready(&e);
  stox_stream_hold(e.stream, 1);
  while (status == STOX_OK && octets < (1U << 22)) {
    status = stox_stream_feed(e.stream, S(ping), e.now_ns);
    octets += sizeof ping;
    end_pull(&e);
  }
  assert_status(status, STOX_E_FULL);
  assert_true(e.memory.live < (1U << 21));
  assert_string_equal(e.log, "x");
  assert_int_equal(e.condition, STOX_STREAM_RESOURCE_CONSTRAINT);
  end_free(&e);
  make_ready(&e);
  for (size_t i = 0; i < (1U << 12); i++) {
    assert_status(stox_stream_send(e.stream, S("<message>0123456789</message>")), STOX_OK);
  }
  end_free(&e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_negotiation), cmocka_unit_test(test_silence),
      cmocka_unit_test(test_idle),        cmocka_unit_test(test_pinged),
      cmocka_unit_test(test_ping),        cmocka_unit_test(test_ping_addresses),
      cmocka_unit_test(test_ends),        cmocka_unit_test(test_close_timeout),
      cmocka_unit_test(test_held),        cmocka_unit_test(test_flood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
