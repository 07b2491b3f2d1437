/* SPDX-License-Identifier: MIT */
#include "fake_xmpp.h"

#include "idle_engine.h"

#include "stox/hash.h"
#include "stox/number.h"

static const char stream_id[] = "3BF96D32";

void fake_xmpp_say(fake_xmpp *fake, const char *text) {
  const size_t n = strlen(text);
  assert_true(fake->out_n + n <= sizeof fake->out);
  memcpy(fake->out + fake->out_n, text, n);
  fake->out_n += n;
}

static void say_span(fake_xmpp *fake, stox_span text) {
  assert_true(fake->out_n + text.n <= sizeof fake->out);
  memcpy(fake->out + fake->out_n, text.p, text.n);
  fake->out_n += text.n;
}

size_t fake_xmpp_count(const fake_xmpp *fake, const char *text) {
  size_t n = 0;
  for (size_t i = 0; i < fake->n_stanzas; i++) {
    n += strstr(fake->stanzas[i], text) != NULL ? 1U : 0U;
  }
  return n;
}

static int is_right_handshake(const fake_xmpp *fake, stox_span got) {
  char joined[256];
  unsigned char digest[20];
  char hex[40];
  stox_buf buf;
  const int n = snprintf(joined, sizeof joined, "%s%s", stream_id, fake->secret);
  assert_status(stox_hash(STOX_HASH_SHA1, (stox_span){joined, (size_t)n}, digest, sizeof digest),
                STOX_OK);
  stox_buf_init(&buf, hex, sizeof hex);
  assert_status(stox_hex_write(&buf, (stox_span){(const char *)digest, sizeof digest}), STOX_OK);
  return stox_span_is_equal(stox_buf_span(&buf), got);
}

static void on_handshake(fake_xmpp *fake, stox_arena *arena, const stox_xml_element *element) {
  stox_span text;
  assert_status(stox_xml_text(&text, arena, element), STOX_OK);
  if (fake->refuses || !is_right_handshake(fake, text)) {
    fake_xmpp_say(fake,
                  "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                  "</stream:error></stream:stream>");
    return;
  }
  fake->n_streams++;
  fake_xmpp_say(fake, "<handshake/>");
}

static void keep(fake_xmpp *fake, const stox_xml_element *element) {
  char *text = malloc(1 << 16);
  stox_buf buf;
  assert_non_null(text);
  assert_true(fake->n_stanzas < FAKE_STANZAS);
  stox_buf_init(&buf, text, (1 << 16) - 1);
  assert_status(stox_xml_write(&buf, element, S("jabber:component:accept")), STOX_OK);
  text[buf.len] = '\0';
  fake->stanzas[fake->n_stanzas++] = text;
}

static void answer_ping(fake_xmpp *fake, const stox_stanza *iq) {
  char text[1024];
  fake->n_pings++;
  snprintf(fake->last_ping, sizeof fake->last_ping, "%.*s", (int)iq->id.n, iq->id.p);
  if (!fake->is_deaf) {
    snprintf(text, sizeof text, "<iq type='result' from='%.*s' to='%.*s' id='%.*s'/>",
             (int)iq->to.n, iq->to.p, (int)iq->from.n, iq->from.p, (int)iq->id.n, iq->id.p);
    fake_xmpp_say(fake, text);
  }
}

static void on_message(fake_xmpp *fake, const stox_stanza *message) {
  if (fake->closes_on_message > 0) {
    fake->closes_on_message--;
    fake->wants_close = 1;
    return;
  }
  const int is_slow = message->to.n > 5 && memcmp(message->to.p, "slow@", 5) == 0;
  const int is_nobody = message->to.n > 7 && memcmp(message->to.p, "nobody@", 7) == 0;
  if ((is_slow || is_nobody) && message->type != STOX_TYPE_ERROR) {
    char text[2048];
    stox_buf buf;
    const stox_error_write error = {.condition = is_slow ? STOX_COND_REMOTE_SERVER_TIMEOUT
                                                         : STOX_COND_ITEM_NOT_FOUND,
                                    .type = STOX_ERROR_CANCEL};
    stox_buf_init(&buf, text, sizeof text);
    assert_status(stox_stanza_error_write(&buf, message, &error), STOX_OK);
    say_span(fake, stox_buf_span(&buf));
  }
}

static void on_element(fake_xmpp *fake, stox_arena *arena, const stox_xml_element *element) {
  stox_stanza stanza;
  if (stox_xml_is(element, "jabber:component:accept", "handshake")) {
    on_handshake(fake, arena, element);
    return;
  }
  assert_status(stox_stanza_read(&stanza, element, (stox_span){NULL, 0}), STOX_OK);
  if (stanza.kind == STOX_STANZA_IQ && stox_xml_child(element, "urn:xmpp:ping", "ping", NULL)) {
    answer_ping(fake, &stanza);
    return;
  }
  keep(fake, element);
  if (stanza.kind == STOX_STANZA_MESSAGE) {
    on_message(fake, &stanza);
  }
}

static void on_event(fake_xmpp *fake, stox_arena *arena, int kind,
                     const stox_xml_element *element) {
  if (kind == STOX_XML_STREAM_OPEN) {
    fake_xmpp_say(fake, "<?xml version='1.0'?><stream:stream "
                        "xmlns:stream='http://etherx.jabber.org/streams' "
                        "xmlns='jabber:component:accept' from='sip.example' id='3BF96D32'>");
  } else if (kind == STOX_XML_ELEMENT) {
    on_element(fake, arena, element);
  } else if (kind == STOX_XML_STREAM_CLOSE) {
    fake->n_ends++;
    fake_xmpp_say(fake, "</stream:stream>");
    fake->wants_close = 1;
  }
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  (void)now_ns;
  fake_xmpp *fake = engine;
  if (flow->handle != fake->handle) {
    fake->handle = flow->handle;
    fake->out_n = 0;
    assert_status(stox_xml_reader_restart(fake->reader), STOX_OK);
  }
  if (bytes.n == 0) {
    fake->handle = 0;
    fake->out_n = 0;
    return STOX_OK;
  }
  while (bytes.n > 0 && !fake->wants_close) {
    size_t consumed = 0;
    int kind = 0;
    const stox_xml_element *element = NULL;
    stox_arena arena;
    const int status = stox_xml_feed(fake->reader, &consumed, bytes, NULL);
    bytes = stox_span_slice(bytes, consumed, bytes.n);
    if (status == STOX_E_MORE) {
      break;
    }
    assert_status(status, STOX_OK);
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_xml_next(fake->reader, &arena, &kind, &element), STOX_OK);
    on_event(fake, &arena, kind, element);
    stox_arena_clear(&arena);
  }
  return STOX_OK;
}

static const stox_action *next(void *engine) {
  fake_xmpp *fake = engine;
  if (fake->handle != 0 && fake->out_n > 0) {
    memcpy(fake->sent, fake->out, fake->out_n);
    fake->action = (stox_action){.kind = STOX_DO_SEND,
                                 .handle = fake->handle,
                                 .remote = {{NULL, 0}, 0, STOX_TRANSPORT_TCP},
                                 .bytes = {fake->sent, fake->out_n}};
    fake->out_n = 0;
    return &fake->action;
  }
  if (fake->wants_close && fake->handle != 0) {
    fake->action = (stox_action){.kind = STOX_DO_CLOSE, .handle = fake->handle};
    fake->wants_close = 0;
    fake->handle = 0;
    return &fake->action;
  }
  return NULL;
}

void fake_xmpp_init(fake_xmpp *out, const char *secret) {
  stox_xml_options options;
  memset(out, 0, sizeof *out);
  out->secret = secret;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  assert_status(stox_xml_reader_new(&out->reader, &options), STOX_OK);
  out->engine = (stox_engine){.size = sizeof(stox_engine),
                              .engine = out,
                              .feed = feed,
                              .done = idle_done,
                              .hold = idle_hold,
                              .next = next,
                              .deadline = idle_deadline,
                              .tick = idle_tick};
}

void fake_xmpp_clear(fake_xmpp *fake) {
  for (size_t i = 0; i < fake->n_stanzas; i++) {
    free(fake->stanzas[i]);
  }
  stox_xml_reader_del(fake->reader);
}
