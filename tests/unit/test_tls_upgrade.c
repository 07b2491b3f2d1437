/* SPDX-License-Identifier: MIT */
/* A stream that becomes a TLS session in the middle, over memory: what is left of the plaintext
 * goes to TLS, so that nothing said in the clear counts behind the upgrade (RFC 6120 5.4.2.3). */
#include "tls_support.h"
#include "xml_support.h"

#include "stox/xml.h"

#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"

static const char open_stream[] =
    "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "
    "version='1.0' to='example.com'>";
static const char starttls[] = "<starttls xmlns='" NS_TLS "'/>";
static const char proceed[] = "<proceed xmlns='" NS_TLS "'/>";
static const char injected[] = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AA==</auth>";

static tls_world world;

/* One end: a reader, and from the upgrade on a session below it. */
typedef struct end {
  int role;
  stox_xml_reader *reader;
  stox_tls *tls;
  const stox_tls_options *options;
  char seen[4096]; /* names of the elements, each with `P:` for plaintext or `T:` for TLS before it
                    */
  size_t seen_n;
  int status;
} end;

static int make_world(void **state) {
  (void)state;
  tls_world_make(&world);
  return 0;
}

static int free_world(void **state) {
  (void)state;
  tls_world_free(&world);
  return 0;
}

static void note(end *e, stox_span name) {
  assert_true(e->seen_n + name.n + 3 < sizeof e->seen);
  memcpy(e->seen + e->seen_n, e->tls == NULL ? "P:" : "T:", 2);
  memcpy(e->seen + e->seen_n + 2, name.p, name.n);
  e->seen_n += name.n + 2;
  e->seen[e->seen_n++] = ' ';
}

static void upgrade(end *e, const stox_xml_element *element) {
  const char *word = e->role == STOX_TLS_SERVER ? "starttls" : "proceed";
  if (e->tls == NULL && stox_xml_is(element, NS_TLS, word)) {
    assert_status(stox_tls_new(&e->tls, stox_allocator_libc(), e->options), STOX_OK);
    assert_status(stox_xml_reader_restart(e->reader), STOX_OK);
  }
}

static void take_events(end *e) {
  stox_arena arena;
  int kind = 0;
  const stox_xml_element *element = NULL;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  while (stox_xml_next(e->reader, &arena, &kind, &element) == STOX_OK) {
    if (kind == STOX_XML_STREAM_OPEN || kind == STOX_XML_ELEMENT) {
      note(e, stox_xml_name(element));
      upgrade(e, element);
    }
  }
  stox_arena_clear(&arena);
}

/* Octets for the reader; how many it took before the upgrade. */
static size_t read_xml(end *e, stox_span bytes) {
  const stox_tls *before = e->tls;
  size_t at = 0;
  while (at < bytes.n && e->tls == before && e->status == STOX_OK) {
    size_t consumed = 0;
    const int status =
        stox_xml_feed(e->reader, &consumed, stox_span_slice(bytes, at, bytes.n), NULL);
    at += consumed;
    if (status == STOX_OK) {
      take_events(e);
    }
    e->status = status == STOX_E_MORE ? STOX_OK : status;
  }
  return at;
}

static void read_tls(end *e, stox_span bytes) {
  char room[512];
  size_t n;
  e->status = stox_tls_feed(e->tls, &n, bytes);
  while (e->status == STOX_OK) {
    const int status = stox_tls_read(e->tls, room, sizeof room, &n);
    if (status != STOX_OK) {
      e->status = status == STOX_E_MORE ? STOX_OK : status;
      break;
    }
    (void)read_xml(e, (stox_span){room, n});
  }
}

static void feed(end *e, stox_span bytes) {
  size_t at = 0;
  if (e->tls == NULL) {
    at = read_xml(e, bytes);
  }
  if (e->tls != NULL && at < bytes.n && e->status == STOX_OK) {
    read_tls(e, stox_span_slice(bytes, at, bytes.n));
  }
}

static void feed_in_parts(end *e, stox_span bytes, size_t chunk) {
  for (size_t at = 0; at < bytes.n && e->status == STOX_OK; at += chunk) {
    guard g = guard_copy(stox_span_slice(bytes, at, chunk));
    feed(e, g.span);
    guard_free(&g);
  }
}

static void end_make(end *e, int role, const tls_pair *pair) {
  memset(e, 0, sizeof *e);
  e->role = role;
  e->options = role == STOX_TLS_SERVER ? &pair->server_options : &pair->client_options;
  assert_status(stox_xml_reader_new(&e->reader, NULL), STOX_OK);
}

static void end_free(end *e) {
  stox_xml_reader_del(e->reader);
  stox_tls_free(e->tls);
}

static void expect(const end *e, const char *want) {
  assert_span_equal(((stox_span){e->seen, e->seen_n}), stox_span_text(want));
}

static void say(end *e, const char *text) {
  size_t n;
  assert_status(stox_tls_write(e->tls, &n, stox_span_text(text)), STOX_OK);
}

static void exchange(end *a, end *b, size_t chunk) {
  size_t moved = 1;
  while (moved > 0) {
    moved = 0;
    for (int way = 0; way < 2; way++) {
      end *from = way ? b : a;
      end *to = way ? a : b;
      const stox_span out = stox_tls_output(from->tls);
      feed_in_parts(to, out, chunk);
      moved += out.n;
      stox_tls_sent(from->tls, out.n);
    }
  }
}

/* "XC-5.1-09": TLS begins with the octet behind `>`, also in the same segment. */
static void check_upgrade(size_t chunk) {
  tls_pair pair;
  end client;
  end server;
  tls_pair_init(&pair, &world);
  end_make(&client, STOX_TLS_CLIENT, &pair);
  end_make(&server, STOX_TLS_SERVER, &pair);
  feed_in_parts(&client, stox_span_text(open_stream), chunk);
  feed_in_parts(&client, stox_span_text(proceed), chunk);
  assert_non_null(client.tls);
  /* The client's first record follows its element without a gap. */
  char wire[8192];
  stox_buf out;
  stox_buf_init(&out, wire, sizeof wire);
  (void)stox_buf_put_text(&out, open_stream);
  (void)stox_buf_put_text(&out, starttls);
  const stox_span hello = stox_tls_output(client.tls);
  assert_status(stox_buf_put(&out, hello), STOX_OK);
  stox_tls_sent(client.tls, hello.n);
  feed_in_parts(&server, stox_buf_span(&out), chunk);
  exchange(&client, &server, chunk);
  assert_status(client.status, STOX_OK);
  assert_status(server.status, STOX_OK);
  say(&client, open_stream);
  say(&client, "<message/>");
  exchange(&client, &server, chunk);
  expect(&server, "P:stream P:starttls T:stream T:message ");
  expect(&client, "P:stream P:proceed ");
  end_free(&client);
  end_free(&server);
}

static void test_upgrade(void **state) {
  (void)state;
  static const size_t chunks[] = {1, 2, 7, 64, 1000, 100000};
  for (size_t i = 0; i < COUNT(chunks); i++) {
    check_upgrade(chunks[i]);
  }
}

/* What an attacker puts behind `<starttls/>` or `<proceed/>` is TLS's to refuse. */
static void check_injection(int role, size_t chunk) {
  tls_pair pair;
  end e;
  tls_pair_init(&pair, &world);
  end_make(&e, role, &pair);
  feed_in_parts(&e, stox_span_text(open_stream), chunk);
  char wire[1024];
  stox_buf out;
  stox_buf_init(&out, wire, sizeof wire);
  (void)stox_buf_put_text(&out, role == STOX_TLS_SERVER ? starttls : proceed);
  assert_status(stox_buf_put_text(&out, injected), STOX_OK);
  feed_in_parts(&e, stox_buf_span(&out), chunk);
  assert_status(e.status, STOX_E_BAD_TLS);
  assert_int_equal(stox_tls_state(e.tls), STOX_TLS_FAILED);
  expect(&e, role == STOX_TLS_SERVER ? "P:stream P:starttls " : "P:stream P:proceed ");
  end_free(&e);
}

/* "XC-5.1-08": not even white space may stand between the element and TLS. */
static void test_injection(void **state) {
  (void)state;
  for (size_t chunk = 1; chunk < 300; chunk += 13) {
    check_injection(STOX_TLS_SERVER, chunk);
    check_injection(STOX_TLS_CLIENT, chunk);
  }
  for (int role = STOX_TLS_CLIENT; role <= STOX_TLS_SERVER; role++) {
    tls_pair pair;
    end e;
    tls_pair_init(&pair, &world);
    end_make(&e, role, &pair);
    feed(&e, stox_span_text(open_stream));
    feed(&e, stox_span_text(role == STOX_TLS_SERVER ? starttls : proceed));
    feed(&e, S("     \n"));
    assert_status(e.status, STOX_E_BAD_TLS);
    end_free(&e);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_upgrade),
      cmocka_unit_test(test_injection),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
