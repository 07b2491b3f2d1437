/* SPDX-License-Identifier: MIT */
#include "fake_peer.h"

#include "stox/service.h"

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)(test_random(ud) >> 32);
  }
  return STOX_OK;
}

static void say_waiting(fake_peer *fake) {
  if (fake->out_n > 0 &&
      stox_federation_send(fake->federation, stox_span_text(fake->domain),
                           stox_span_text(fake->other), (stox_span){fake->out, fake->out_n},
                           fake->now_ns) == STOX_OK) {
    fake->out_n = 0;
  }
}

static void say(fake_peer *fake, stox_span text) {
  assert_true(fake->out_n + text.n <= sizeof fake->out);
  memcpy(fake->out + fake->out_n, text.p, text.n);
  fake->out_n += text.n;
  say_waiting(fake);
}

void fake_peer_say(fake_peer *fake, const char *stanzas) {
  say(fake, stox_span_text(stanzas));
}

size_t fake_peer_count(const fake_peer *fake, const char *text) {
  size_t n = 0;
  for (size_t i = 0; i < fake->n_stanzas; i++) {
    n += strstr(fake->stanzas[i], text) != NULL ? 1U : 0U;
  }
  return n;
}

static void on_ping(fake_peer *fake, const stox_stanza *iq) {
  char text[1024];
  stox_buf buf;
  fake->n_pings++;
  snprintf(fake->last_ping, sizeof fake->last_ping, "%.*s", (int)iq->id.n, iq->id.p);
  stox_buf_init(&buf, text, sizeof text);
  if (!fake->is_deaf) {
    assert_status(stox_service_answer(&buf, iq, NULL), STOX_OK);
    say(fake, stox_buf_span(&buf));
  }
}

static void keep(fake_peer *fake, const stox_stanza *stanza) {
  char *text = malloc(1 << 16);
  stox_buf buf;
  assert_non_null(text);
  assert_true(fake->n_stanzas < PEER_STANZAS);
  stox_buf_init(&buf, text, (1 << 16) - 1);
  assert_status(stox_xml_write(&buf, stanza->element, S("jabber:server")), STOX_OK);
  text[buf.len] = '\0';
  fake->stanzas[fake->n_stanzas++] = text;
}

static void bounce(fake_peer *fake, const stox_stanza *message) {
  char text[4096];
  stox_buf buf;
  const stox_error_write error = {.condition = STOX_COND_ITEM_NOT_FOUND, .type = STOX_ERROR_CANCEL};
  stox_buf_init(&buf, text, sizeof text);
  assert_status(stox_stanza_error_write(&buf, message, &error), STOX_OK);
  say(fake, stox_buf_span(&buf));
}

static void on_stanza(fake_peer *fake, const stox_stanza *stanza) {
  if (stanza->kind == STOX_STANZA_IQ &&
      stox_xml_child(stanza->element, "urn:xmpp:ping", "ping", NULL)) {
    on_ping(fake, stanza);
    return;
  }
  keep(fake, stanza);
  if (stanza->kind == STOX_STANZA_MESSAGE && stanza->type != STOX_TYPE_ERROR && stanza->to.n > 7 &&
      memcmp(stanza->to.p, "nobody@", 7) == 0) {
    bounce(fake, stanza);
  }
}

static void on_event(fake_peer *fake, const stox_action *action) {
  switch (action->event) {
  case STOX_FEDERATION_UP:
    fake->n_up++;
    say_waiting(fake);
    break;
  case STOX_FEDERATION_DOWN:
    fake->down = action->status;
    break;
  case STOX_FEDERATION_HEARD:
    fake->n_heard++;
    break;
  case STOX_FEDERATION_STANZA:
    on_stanza(fake, ((const stox_federation_stanza *)action->object)->stanza);
    break;
  default:
    break;
  }
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  fake_peer *fake = engine;
  fake->now_ns = now_ns;
  if (!stox_federation_owns(fake->federation, flow->handle) &&
      (bytes.n == 0 || stox_federation_accept(fake->federation, flow, now_ns) != STOX_OK)) {
    return STOX_OK;
  }
  return stox_federation_feed(fake->federation, flow, bytes, now_ns);
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  fake_peer *fake = engine;
  fake->now_ns = now_ns;
  return stox_federation_done(fake->federation, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_federation_hold(((fake_peer *)engine)->federation, handle, full, now_ns);
}

static const stox_action *next(void *engine) {
  fake_peer *fake = engine;
  const stox_action *action = NULL;
  while ((action = stox_federation_next(fake->federation)) != NULL &&
         action->kind == STOX_DO_EVENT) {
    on_event(fake, action);
  }
  return action;
}

static uint64_t deadline(const void *engine) {
  return stox_federation_deadline(((const fake_peer *)engine)->federation);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  fake_peer *fake = engine;
  (void)wall_s;
  fake->now_ns = now_ns;
  return stox_federation_tick(fake->federation, now_ns);
}

void fake_peer_init(fake_peer *out, const char *domain, const char *other, stox_endpoint at,
                    int has_external) {
  stox_federation_options o;
  const stox_federation_domain domains[] = {
      {.name = stox_span_text(domain), .has_certificate = has_external}};
  const stox_federation_hop hops[] = {{.hop = at}};
  memset(out, 0, sizeof *out);
  out->domain = domain;
  out->other = other;
  out->seed = 4711;
  out->random = (stox_random){sizeof out->random, &out->seed, fill};
  assert_status(stox_federation_options_init(&o, sizeof o), STOX_OK);
  o.is_dialback_on = !has_external;
  o.domains = domains;
  o.n_domains = COUNT(domains);
  o.hops = hops;
  o.n_hops = COUNT(hops);
  o.dialback_secret = S("the peer's");
  o.random = &out->random;
  assert_status(stox_federation_new(&out->federation, &o, 0), STOX_OK);
  out->engine = (stox_engine){.size = sizeof(stox_engine),
                              .engine = out,
                              .feed = feed,
                              .done = done,
                              .hold = hold,
                              .next = next,
                              .deadline = deadline,
                              .tick = tick};
}

void fake_peer_clear(fake_peer *fake) {
  for (size_t i = 0; i < fake->n_stanzas; i++) {
    free(fake->stanzas[i]);
  }
  stox_federation_del(fake->federation);
}
