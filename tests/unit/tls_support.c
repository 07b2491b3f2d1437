/* SPDX-License-Identifier: MIT */
#include "tls_support.h"

static const test_name server_names[] = {{STOX_IDENTITY_DNS, ROW("example.com")},
                                         {STOX_IDENTITY_SRV, ROW("_xmpp-server.example.com")}};
static const test_name client_names[] = {{STOX_IDENTITY_DNS, ROW("example.net")},
                                         {STOX_IDENTITY_XMPP, ROW("romeo@example.net")}};

stox_tls_context *tls_context_of(const test_certificate *c, int min_version, stox_span ticket_key) {
  stox_tls_context_options options;
  stox_tls_context *made = NULL;
  assert_status(stox_tls_context_options_init(&options, sizeof options), STOX_OK);
  options.min_version = min_version;
  options.ticket_key = ticket_key;
  assert_status(stox_tls_context_new(&made, stox_allocator_libc(), &options), STOX_OK);
  if (c != NULL) {
    const stox_span pem = test_pem(c->der, "CERTIFICATE");
    assert_status(stox_tls_context_add(made, pem, c->key_pem), STOX_OK);
    free((void *)(uintptr_t)pem.p);
  }
  return made;
}

void tls_world_make(tls_world *w) {
  const test_recipe ca = {.cn = "Root", .is_ca = 1, .to = 1000};
  const test_recipe server = {
      .cn = "Server", .names = server_names, .names_n = COUNT(server_names)};
  const test_recipe client = {
      .cn = "Client", .names = client_names, .names_n = COUNT(client_names)};
  memset(w, 0, sizeof *w);
  test_certificate_make(&w->root, &ca, NULL);
  test_certificate_make(&w->server, &server, &w->root);
  test_certificate_make(&w->client, &client, &w->root);
  test_certificate_make(&w->self, &server, NULL);
  for (size_t i = 0; i < sizeof w->ticket_key; i++) {
    w->ticket_key[i] = (unsigned char)(i * 7 + 1);
  }
  assert_status(stox_anchors_new(&w->anchors, stox_allocator_libc()), STOX_OK);
  assert_status(stox_anchors_add(w->anchors, w->root.der, NULL), STOX_OK);
  const stox_span key = {(const char *)w->ticket_key, sizeof w->ticket_key};
  w->server_context = tls_context_of(&w->server, STOX_TLS_1_2, key);
  w->client_context = tls_context_of(&w->client, STOX_TLS_1_2, S(""));
  w->self_context = tls_context_of(&w->self, STOX_TLS_1_2, S(""));
  w->bare_context = tls_context_of(NULL, STOX_TLS_1_2, S(""));
}

void tls_world_free(tls_world *w) {
  stox_tls_context_free(w->server_context);
  stox_tls_context_free(w->client_context);
  stox_tls_context_free(w->self_context);
  stox_tls_context_free(w->bare_context);
  stox_anchors_free(w->anchors);
  test_certificate_free(&w->root);
  test_certificate_free(&w->server);
  test_certificate_free(&w->client);
  test_certificate_free(&w->self);
}

void tls_pair_init(tls_pair *pair, const tls_world *w) {
  memset(pair, 0, sizeof *pair);
  assert_status(stox_chain_rules_init(&pair->client_rules, sizeof pair->client_rules), STOX_OK);
  pair->client_rules.anchors = w->anchors;
  pair->client_rules.wall_s = TEST_NOW;
  pair->server_rules = pair->client_rules;
  pair->client_reference = (stox_reference){STOX_REFERENCE_XMPP_SERVER, 0, S("example.com")};
  pair->client_rules.reference = &pair->client_reference;
  assert_status(stox_tls_options_init(&pair->client_options, sizeof pair->client_options), STOX_OK);
  pair->server_options = pair->client_options;
  pair->client_options.context = w->client_context;
  pair->client_options.rules = &pair->client_rules;
  pair->client_options.server_name = S("example.com");
  pair->server_options.context = w->server_context;
  pair->server_options.rules = &pair->server_rules;
  pair->server_options.role = STOX_TLS_SERVER;
}

void tls_pair_start(tls_pair *pair) {
  assert_status(stox_tls_new(&pair->client, stox_allocator_libc(), &pair->client_options), STOX_OK);
  assert_status(stox_tls_new(&pair->server, stox_allocator_libc(), &pair->server_options), STOX_OK);
}

void tls_pair_free(tls_pair *pair) {
  stox_tls_free(pair->client);
  stox_tls_free(pair->server);
  pair->client = NULL;
  pair->server = NULL;
}

size_t tls_move(stox_tls *from, stox_tls *to, size_t chunk, int *status) {
  size_t moved = 0;
  for (;;) {
    stox_span part = stox_tls_output(from);
    size_t consumed = 0;
    part.n = chunk > 0 && part.n > chunk ? chunk : part.n;
    if (part.n == 0) {
      return moved;
    }
    guard g = guard_copy(part);
    *status = stox_tls_feed(to, &consumed, g.span);
    guard_free(&g);
    if (*status != STOX_OK) {
      consumed = part.n; /* a dead end takes nothing more */
    } else if (consumed == 0) {
      return moved;
    }
    stox_tls_sent(from, consumed);
    moved += consumed;
  }
}

void tls_pair_pump(tls_pair *pair) {
  size_t moved = 1;
  while (moved > 0) {
    const size_t there = tls_move(pair->client, pair->server, pair->chunk, &pair->status[1]);
    const size_t back = tls_move(pair->server, pair->client, pair->chunk, &pair->status[0]);
    pair->moved[0] += there;
    pair->moved[1] += back;
    moved = there + back;
  }
}

void tls_pair_open(tls_pair *pair) {
  tls_pair_start(pair);
  tls_pair_pump(pair);
  assert_status(pair->status[0], STOX_OK);
  assert_status(pair->status[1], STOX_OK);
  assert_int_equal(stox_tls_state(pair->client), STOX_TLS_OPEN);
  assert_int_equal(stox_tls_state(pair->server), STOX_TLS_OPEN);
}

void tls_pair_say(tls_pair *pair, stox_tls *from, stox_tls *to, stox_span text) {
  char *got = malloc(text.n + 1);
  size_t n = 0;
  size_t written = 0;
  assert_non_null(got);
  while (n < text.n) {
    size_t consumed = 0;
    size_t given = 0;
    int status = STOX_OK;
    assert_status(stox_tls_write(from, &consumed, stox_span_slice(text, written, text.n)), STOX_OK);
    written += consumed;
    (void)tls_move(from, to, pair->chunk, &status);
    assert_status(status, STOX_OK);
    const int read = stox_tls_read(to, got + n, text.n + 1 - n, &given);
    assert_true(read == STOX_OK || read == STOX_E_MORE);
    n += given;
  }
  assert_span_equal(((stox_span){got, n}), text);
  free(got);
}
