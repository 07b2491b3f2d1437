/* SPDX-License-Identifier: MIT */
#include "stream_end.h"

/* Two machines against each other, in each kind of stream. */

static const size_t pieces[] = {0, 1, 2, 3, 7, 64};

static void make_pair(end *a, end *b, int kind) {
  end_init(a, STOX_STREAM_INITIATING, kind);
  end_init(b, STOX_STREAM_RECEIVING, kind);
  b->offered = STOX_FEATURE_STARTTLS_REQUIRED | STOX_FEATURE_MECHANISMS | STOX_FEATURE_SESSION;
}

static void free_pair(end *a, end *b) {
  end_free(a);
  end_free(b);
}

static void begin(end *a, end *b, size_t n) {
  assert_status(end_make(a), STOX_OK);
  assert_status(end_make(b), STOX_OK);
  end_run(a, b, n);
}

/* TLS, SASL, binding, the old session, stanzas both ways, the end from either side: "XC-4.1-01"
 * "XC-4.1-02" "XC-4.1-05" "XC-4.2-01" "XC-4.3-05"
 * "XC-4.1-03" "XC-4.1-07" "XC-4.1-09" "XC-4.2-02" "XC-5.1-03" "XC-5.1-04" "XC-5.1-06" "XC-5.1-07"
 * "XC-5.1-14" "XC-5.1-15" "XC-5.2-01" "XC-5.2-02" "XC-5.2-04" "XC-5.2-07" "XC-5.2-08" "XC-6.1-03"
 * "XC-6.2-14" "XC-6.2-15" "XC-7-03" "XC-7-04" "XC-7-05" "XC-3.5-01" "XC-3.5-03" "XC-14.3-01"
 * "XC-14.3-05" */
static void test_client(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pieces); i++) {
    end a;
    end b;
    make_pair(&a, &b, STOX_STREAM_CLIENT);
    a.resource = S("balcony");
    begin(&a, &b, pieces[i]);
    assert_string_equal(a.log, "HFTHFSHFR");
    assert_string_equal(b.log, "HTHSHBR");
    assert_span_equal(stox_stream_jid(a.stream), S("me@b.example/balcony"));
    assert_span_equal(stox_stream_jid(b.stream), S("me@b.example/balcony"));
    assert_true(stox_stream_is_secure(a.stream) && stox_stream_is_secure(b.stream));
    assert_status(stox_stream_send(a.stream, S("<message id='1'/><presence id='2'/>")), STOX_OK);
    assert_status(stox_stream_send(b.stream, S("<iq type='get' id='3'><q xmlns='u'/></iq>")),
                  STOX_OK);
    end_run(&a, &b, pieces[i]);
    assert_string_equal(a.text, "3");
    assert_string_equal(b.text, "2");
    assert_status(stox_stream_close(i % 2 ? a.stream : b.stream, 0), STOX_OK);
    end_run(&a, &b, pieces[i]);
    assert_string_equal(a.log, "HFTHFSHFRMCZ");
    assert_string_equal(b.log, "HTHSHBRMMCZ");
    assert_status(a.status, STOX_OK);
    assert_status(b.status, STOX_OK);
    assert_null(strstr(a.sent, "from='me@b.example' to='b.example' version='1.0' xml:lang='en'>"
                               "<starttls"));
    assert_non_null(strstr(a.sent, "from='me@b.example'")); /* behind TLS */
    free_pair(&a, &b);
  }
}

/* Two servers by SASL: only the one that opened the flow sends: "XC-4.2-03" "XC-4.3-03" "XC-3.5-02"
 * "XC-7-01" "XC-14.4-01" */
static void test_server(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pieces); i++) {
    end a;
    end b;
    make_pair(&a, &b, STOX_STREAM_SERVER);
    begin(&a, &b, pieces[i]);
    assert_string_equal(a.log, "HFTHFSHFR");
    assert_string_equal(b.log, "HTHSHR");
    assert_span_equal(stox_stream_identities(b.stream), S("a.example"));
    assert_status(stox_stream_send(b.stream, S("<message/>")), STOX_E_STATE);
    assert_status(stox_stream_ping(b.stream, 0), STOX_E_STATE);
    assert_status(stox_stream_send(a.stream, S("<message id='1' from='x@a.example' "
                                               "to='y@b.example'/>")),
                  STOX_OK);
    end_run(&a, &b, pieces[i]);
    assert_string_equal(b.text, "1");
    assert_null(strstr(b.sent, "<bind"));
    assert_non_null(strstr(b.sent, "</stream:features>"));
    free_pair(&a, &b);
  }
}

/* By dialback, which begins no new stream; another domain follows on it: "XC-8.3-29" */
static void test_dialback(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pieces); i++) {
    end a;
    end b;
    make_pair(&a, &b, STOX_STREAM_SERVER);
    a.flags = END_DIALBACK;
    b.flags = END_DIALBACK;
    b.offered = STOX_FEATURE_DIALBACK;
    begin(&a, &b, pieces[i]);
    assert_string_equal(a.log, "HFDR");
    assert_string_equal(b.log, "HDR");
    assert_status(stox_stream_authenticate(b.stream, S("c.example"), STOX_STREAM_BY_DIALBACK, 0),
                  STOX_OK);
    assert_span_equal(stox_stream_identities(b.stream), S("a.example\nc.example"));
    assert_status(stox_stream_send(a.stream, S("<message id='1' from='x@C.example' to='b.example'/>"
                                               "<message from='x@d.example' to='b.example'/>")),
                  STOX_OK);
    end_run(&a, &b, pieces[i]);
    assert_string_equal(b.log, "HDRMxCZ");
    assert_string_equal(b.text, "1");
    assert_int_equal(b.condition, STOX_STREAM_INVALID_FROM);
    assert_int_equal(a.condition, STOX_STREAM_INVALID_FROM);
    free_pair(&a, &b);
  }
}

/* XEP-0114, both sides. */
static void test_component(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pieces); i++) {
    end a;
    end b;
    make_pair(&a, &b, STOX_STREAM_COMPONENT);
    a.options.idle_ns = 0;
    begin(&a, &b, pieces[i]);
    assert_string_equal(a.log, "HR");
    assert_string_equal(b.log, "HR");
    assert_span_equal(stox_stream_identities(b.stream), S("b.example"));
    assert_status(stox_stream_send(a.stream, S("<message id='1' from='x@b.example' "
                                               "to='y@c.example'/>")),
                  STOX_OK);
    assert_status(stox_stream_send(b.stream, S("<message id='2'/>")), STOX_OK);
    end_run(&a, &b, pieces[i]);
    assert_string_equal(a.text, "2");
    assert_string_equal(b.text, "1");
    assert_status(stox_stream_ping(b.stream, 0), STOX_OK);
    end_run(&a, &b, pieces[i]);
    assert_string_equal(b.log, "HRMP");
    assert_string_equal(a.log, "HRM");
    free_pair(&a, &b);
  }
}

/* Looks at what is given back. */
static void *look_at(void *ud, void *p, size_t old_n, size_t new_n) {
  static const char secret[] = "s3cr3t-0f-th3-c0mp0n3nt";
  for (size_t i = 0; new_n == 0 && i + sizeof secret <= old_n + 1; i++) {
    assert_int_not_equal(memcmp((const char *)p + i, secret, sizeof secret - 1), 0);
  }
  return failing_resize(ud, p, old_n, new_n);
}

/* No memory that is given back holds the secret. */
static void test_component_secret(void **state) {
  (void)state;
  end a;
  end b;
  make_pair(&a, &b, STOX_STREAM_COMPONENT);
  a.secret = b.secret = a.options.secret = S("s3cr3t-0f-th3-c0mp0n3nt");
  a.alloc.resize = look_at;
  b.alloc.resize = look_at;
  begin(&a, &b, 0);
  assert_true(stox_stream_is_ready(b.stream));
  free_pair(&a, &b);
}

/* Behind the handshake the limit is that of a stanza, not that of strangers, at both ends. */
static void test_component_large(void **state) {
  (void)state;
  static char large[20000];
  end a;
  end b;
  make_pair(&a, &b, STOX_STREAM_COMPONENT);
  begin(&a, &b, 0);
  (void)snprintf(large, sizeof large, "<message id='%019000d' from='b.example' to='b.example'/>",
                 1);
  assert_true(strlen(large) > a.options.octets_before);
  assert_status(stox_stream_send(a.stream, stox_span_text(large)), STOX_OK);
  end_run(&a, &b, 0);
  assert_int_equal(b.log[b.n_log - 1], 'M');
  end_say(&a, large);
  assert_int_equal(a.log[a.n_log - 1], 'M');
  free_pair(&a, &b);
}

static void test_component_wrong_secret(void **state) {
  (void)state;
  static const char *const secrets[] = {"wrong", "", "secre", "secret "};
  for (size_t i = 0; i < COUNT(secrets); i++) {
    end a;
    end b;
    make_pair(&a, &b, STOX_STREAM_COMPONENT);
    a.options.secret = stox_span_text(secrets[i]);
    begin(&a, &b, 0);
    assert_string_equal(a.log, "HXCZ");
    assert_string_equal(b.log, "HxCZ");
    assert_int_equal(a.condition, STOX_STREAM_NOT_AUTHORIZED);
    free_pair(&a, &b);
  }
}

/* What XEP-0114 shows on the wire, and what a component may not say. */
static void test_component_wire(void **state) {
  (void)state;
#define COMPONENT "<stream:stream xmlns='jabber:component:accept' " STREAMS " to='plays.b.example'>"
  static const struct {
    const char *text;
    const char *log;
    int condition;
  } rows[] = {
      /* SHA-1 of the id and "secret" */
      {"<handshake>0b8b8e4f</handshake>", "HxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {"<handshake/>", "HxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {"<handshake>zz</handshake>", "HxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {"<message/>", "HxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {"<starttls " TLS "/>", "HxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {"<auth " SASL "/>", "HxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {"<other/>", "HxCZ", STOX_STREAM_UNSUPPORTED_STANZA_TYPE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    end b;
    end_init(&b, STOX_STREAM_RECEIVING, STOX_STREAM_COMPONENT);
    assert_status(end_make(&b), STOX_OK);
    end_say(&b, COMPONENT);
    assert_string_equal(end_said(&b), "<?xml version='1.0'?><stream:stream "
                                      "xmlns='jabber:component:accept' " STREAMS
                                      " from='b.example' id='" ID_32 "' xml:lang='en'>");
    end_say(&b, rows[i].text);
    assert_string_equal(b.log, rows[i].log);
    assert_int_equal(b.condition, rows[i].condition);
    end_free(&b);
  }
}

/* One session of each kind with each allocation of one end failing once: the end is told of once,
 * nothing is lost, and what was made is given back. */
static size_t session_with(int kind, size_t fail_a, size_t fail_b) {
  end a;
  end b;
  make_pair(&a, &b, kind);
  a.memory.fail_at = fail_a;
  b.memory.fail_at = fail_b;
  const int made_a = end_make(&a);
  const int made_b = end_make(&b);
  assert_true(made_a == STOX_OK || (made_a == STOX_E_NOMEM && fail_a > 0));
  assert_true(made_b == STOX_OK || (made_b == STOX_E_NOMEM && fail_b > 0));
  if (made_a == STOX_OK && made_b == STOX_OK) {
    end_run(&a, &b, 0);
    /* Nobody is left waiting. */
    assert_true(a.ends + b.ends > 0 ||
                (stox_stream_is_ready(a.stream) && stox_stream_is_ready(b.stream)));
    (void)stox_stream_send(a.stream, S("<message id='1' from='a.example' to='b.example'/>"));
    end_run(&a, &b, 0);
    (void)stox_stream_close(a.stream, 0);
    end_run(&a, &b, 0);
    assert_true(a.ends == 1 || b.ends == 1);
    assert_int_equal(a.closes, a.ends);
    assert_int_equal(b.closes, b.ends);
  }
  const size_t calls = fail_a > 0 ? a.memory.calls : b.memory.calls;
  free_pair(&a, &b);
  return calls;
}

/* "XC-4.7.3-08" */
static void test_memory(void **state) {
  (void)state;
  for (int kind = STOX_STREAM_CLIENT; kind <= STOX_STREAM_COMPONENT; kind++) {
    for (size_t n = 1; session_with(kind, n, 0) >= n; n++) {
      assert_true(n < 1000);
    }
    for (size_t n = 1; session_with(kind, 0, n) >= n; n++) {
      assert_true(n < 1000);
    }
  }
}

static void test_options(void **state) {
  (void)state;
  end e;
  stox_stream *stream = NULL;
  for (int i = 0; i < 7; i++) {
    end_init(&e, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
    e.options.role = i == 0 ? 3 : e.options.role;
    e.options.kind = i == 1 ? 4 : e.options.kind;
    e.options.handle = i == 2 ? 0 : e.options.handle;
    e.options.random = i == 3 ? NULL : e.options.random;
    e.options.to = i == 4 ? S("") : e.options.to;
    e.options.lang = i == 5 ? S("e n") : e.options.lang;
    e.options.to = i == 6 ? S("\xff") : e.options.to;
    assert_status(end_make(&e), STOX_E_ARG);
    assert_int_equal(e.memory.live, 0);
  }
  assert_status(stox_stream_new(&stream, NULL, 0), STOX_E_ARG);
  stox_stream_del(NULL);
}

static int fill_random(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (unsigned char)(test_random(ud) >> 32);
  }
  return STOX_OK;
}

/* The id is new with each stream, and as long as a random one has to be: "XC-4.4-05" "XC-8.1-07".
 */
static void test_ids(void **state) {
  (void)state;
  uint64_t seed = 7;
  char before[33] = "";
  end a;
  end b;
  make_pair(&a, &b, STOX_STREAM_CLIENT);
  b.random = (stox_random){sizeof b.random, &seed, fill_random};
  begin(&a, &b, 0);
  size_t ids = 0;
  for (const char *at = strstr(b.sent, " id='"); at != NULL && ids < 3; at = strstr(at, " id='")) {
    at += 5;
    assert_int_equal(strspn(at, "0123456789abcdef"), 32);
    assert_int_not_equal(strncmp(before, at, 32), 0);
    (void)snprintf(before, sizeof before, "%.32s", at);
    ids++;
  }
  assert_int_equal(ids, 3);
  free_pair(&a, &b);
}

/* Before a TLS that is required nothing else is offered; behind it not TLS: "XC-4.6-04" "XC-4.6-01"
 * "XC-6.2-03" "XC-5.1-14". */
static void test_offers(void **state) {
  (void)state;
  end a;
  end b;
  make_pair(&a, &b, STOX_STREAM_CLIENT);
  begin(&a, &b, 0);
  const char *first = strstr(b.sent, "<stream:features>");
  assert_non_null(first);
  static const char only[] =
      "<stream:features><starttls " TLS "><required/></starttls></stream:features>";
  assert_int_equal(strncmp(first, only, sizeof only - 1), 0);
  assert_null(strstr(first + sizeof only, "starttls"));
  const char *second = strstr(first + 1, "<stream:features><mechanisms " SASL);
  assert_non_null(second);
  assert_non_null(strstr(second, "<bind "));
  assert_null(strstr(strstr(second, "<success"), "<mechanisms"));
  free_pair(&a, &b);
}

/* Features of more octets than have room at once. */
static void test_large_offer(void **state) {
  (void)state;
  static char others[3000];
  end e;
  stox_buf out;
  stox_buf_init(&out, others, sizeof others - 1);
  for (size_t i = 0; i < 150; i++) {
    (void)stox_buf_put_text(&out, "<x xmlns='urn:x'/>");
  }
  assert_status(stox_buf_status(&out), STOX_OK);
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e.flags = END_NO_ANSWER;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' version='1.0'>");
  (void)end_said(&e);
  const stox_stream_offer offer = {.others = stox_span_text(others)};
  const stox_stream_reply reply = {.offer = &offer};
  assert_status(stox_stream_answer(e.stream, &reply, 0), STOX_OK);
  end_pull(&e);
  const char *features = strstr(end_said(&e), "<stream:features>");
  assert_non_null(features);
  assert_int_equal(strlen(features), 17 + strlen(others) + 18);
  end_free(&e);
}

/* A long stream: the memory that it takes does not grow: "XC-4.1-08" "XC-4.1-10". */
static void test_many(void **state) {
  (void)state;
  end a;
  end b;
  make_pair(&a, &b, STOX_STREAM_CLIENT);
  begin(&a, &b, 0);
  size_t live = 0;
  for (size_t i = 0; i < 1000; i++) {
    char text[100 * 32 + 1];
    size_t n = 0;
    for (size_t k = 0; k < 100; k++) {
      n += (size_t)snprintf(text + n, sizeof text - n, "<message id='%zu'/>", 100 * i + k);
    }
    end_feed(&b, (stox_span){text, n});
    b.n_log = 0;
    live = i == 0 ? b.memory.live : live;
    assert_true(b.memory.live <= live);
  }
  assert_string_equal(b.text, "99999");
  free_pair(&a, &b);
}

/* A stream that has nothing to do holds no buffers: what is left is itself and its reader. */
static void test_idle_memory(void **state) {
  (void)state;
  end a;
  end b;
  make_pair(&a, &b, STOX_STREAM_SERVER);
  begin(&a, &b, 0);
  end_pull(&a);
  end_pull(&b);
  assert_string_equal(b.log, "HTHSHR");
  assert_in_range(a.memory.live, 1, 12 * 1024);
  assert_in_range(b.memory.live, 1, 12 * 1024);
  free_pair(&a, &b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_client),
      cmocka_unit_test(test_server),
      cmocka_unit_test(test_dialback),
      cmocka_unit_test(test_component),
      cmocka_unit_test(test_component_large),
      cmocka_unit_test(test_component_secret),
      cmocka_unit_test(test_component_wrong_secret),
      cmocka_unit_test(test_component_wire),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_ids),
      cmocka_unit_test(test_offers),
      cmocka_unit_test(test_large_offer),
      cmocka_unit_test(test_many),
      cmocka_unit_test(test_idle_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
