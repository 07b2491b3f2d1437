/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_STREAM_END_H
#define STOX_TEST_STREAM_END_H

#include "stream_support.h"

#include "stox/stream.h"

/* One end of a stream with a host that behaves: it offers what it is told to, asks for TLS, SASL
 * and binding as they are offered, lets each succeed, and writes down what happens. */

#define SECOND UINT64_C(1000000000)
#define SASL   "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define TLS    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
/* What random octets of 0xAB make. */
#define ID_32 "abababababababababababababababab"
#define ID_16 "abababababababab"

/* What the host does not do by itself. */
enum {
  END_NO_TLS = 1,     /* does not ask for it */
  END_TLS_FAILS = 2,  /* tells that it failed */
  END_NO_SASL = 4,    /* neither asks nor answers */
  END_NO_BIND = 8,    /* does not ask */
  END_NO_ANSWER = 16, /* to headers and requests to bind */
  END_DIALBACK = 32   /* by that in the place of SASL */
};

typedef struct end {
  int (*hook)(struct end *e, const stox_action *a); /* 1: has done what there is to do; or NULL */
  void (*heard)(struct end *e, const stox_stanza *stanza); /* or NULL */
  void *ud;                                                /* the hooks' */
  stox_stream *stream;
  failing memory;
  stox_allocator alloc;
  stox_random random;
  stox_stream_options options;
  uint64_t now_ns;
  unsigned flags;
  uint32_t offered; /* by its answers */
  stox_span identity;
  stox_span secret;
  stox_span resource;
  char log[512]; /* H F S D B b R M m K E P I X x T C Z */
  size_t n_log;
  char sent[1 << 15];
  size_t n_sent;
  size_t n_heard_of_it; /* octets of it that the other end was given */
  uint64_t token;       /* of a START_TLS that is not done */
  size_t n_behind;      /* octets that came with it */
  int closes;
  int ends;
  int status;    /* of the last event CLOSED */
  int condition; /* of the last error, of either side */
  char text[64]; /* the last stanza's id, or that of an element */
} end;

static inline int end_fill(void *ud, void *p, size_t n) {
  (void)ud;
  memset(p, 0xAB, n);
  return STOX_OK;
}

static inline void end_note(end *e, char letter) {
  assert_true(e->n_log + 1 < sizeof e->log);
  e->log[e->n_log++] = letter;
  e->log[e->n_log] = '\0';
}

static inline void end_keep_id(end *e, const stox_xml_element *element) {
  const stox_span id = stox_xml_attribute_of(element, "id");
  (void)snprintf(e->text, sizeof e->text, "%.*s", (int)id.n, id.p == NULL ? "" : id.p);
}

/* Options for one end; what a test needs is changed before end_make(). */
static inline void end_init(end *e, int role, int kind) {
  memset(e, 0, sizeof *e);
  e->alloc = failing_allocator(&e->memory);
  e->random = (stox_random){sizeof e->random, NULL, end_fill};
  assert_status(stox_stream_options_init(&e->options, sizeof e->options), STOX_OK);
  e->options.role = role;
  e->options.kind = kind;
  e->options.handle = 7;
  e->options.to = role == STOX_STREAM_INITIATING ? S("b.example") : e->options.to;
  e->options.alloc = &e->alloc;
  e->options.random = &e->random;
  e->identity = kind == STOX_STREAM_CLIENT ? S("me@b.example") : S("a.example");
  e->secret = S("secret");
  if (role == STOX_STREAM_INITIATING) {
    e->options.from = e->identity;
    e->options.secret = e->secret;
  }
}

static inline int end_make(end *e) {
  return stox_stream_new(&e->stream, &e->options, e->now_ns);
}

static inline void end_free(end *e) {
  stox_stream_del(e->stream);
  assert_int_equal(e->memory.live, 0);
}

static inline void end_answer(end *e) {
  const stox_span mechanism = S("EXTERNAL");
  const size_t has_sasl = (e->offered & STOX_FEATURE_MECHANISMS) != 0;
  const stox_stream_offer offer = {
      .offered = e->offered, .n_mechanisms = has_sasl, .mechanisms = &mechanism};
  const stox_stream_reply reply = {.offer = &offer, .secret = e->secret, .from = S("b.example")};
  if ((e->flags & END_NO_ANSWER) == 0) {
    (void)stox_stream_answer(e->stream, &reply, e->now_ns);
  }
}

static inline void end_on_features(end *e, const stox_stream_features *features) {
  const stox_span none = {NULL, 0};
  if ((features->offered & STOX_FEATURE_STARTTLS) != 0 && (e->flags & END_NO_TLS) == 0) {
    (void)stox_stream_starttls(e->stream, e->now_ns);
  } else if ((e->flags & END_DIALBACK) != 0) {
    (void)stox_stream_put(e->stream, S("<db:result from='a.example' to='b.example'>k</db:result>"),
                          e->now_ns);
  } else if (features->mechanisms != NULL && (e->flags & END_NO_SASL) == 0) {
    (void)stox_stream_put(e->stream, S("<auth " SASL " mechanism='EXTERNAL'>=</auth>"), e->now_ns);
  } else if ((features->offered & STOX_FEATURE_BIND) != 0 && (e->flags & END_NO_BIND) == 0) {
    (void)stox_stream_bind(e->stream, e->resource.p == NULL ? none : e->resource, e->now_ns);
  }
}

static inline void end_on_sasl(end *e, const stox_xml_element *element) {
  if ((e->flags & END_NO_SASL) != 0) {
    return;
  }
  if (stox_xml_is(element, NULL, "auth")) {
    (void)stox_stream_put(e->stream, S("<success " SASL "/>"), e->now_ns);
  }
  (void)stox_stream_authenticate(e->stream, e->identity, STOX_STREAM_BY_SASL, e->now_ns);
}

static inline void end_on_dialback(end *e, const stox_xml_element *element) {
  if ((e->flags & END_DIALBACK) == 0) {
    return;
  }
  if (stox_xml_attribute_of(element, "type").p == NULL) {
    (void)stox_stream_put(e->stream, S("<db:result from='b.example' to='a.example' type='valid'/>"),
                          e->now_ns);
  }
  (void)stox_stream_authenticate(e->stream, e->identity, STOX_STREAM_BY_DIALBACK, e->now_ns);
}

static inline void end_on_stream(end *e, const stox_action *a) {
  const stox_stanza *stanza = a->object;
  const stox_stream_error *error = a->object;
  switch (a->event) {
  case STOX_STREAM_ON_STANZA:
    end_keep_id(e, stanza->element);
    end_note(e, a->status == STOX_OK ? 'M' : 'm');
    if (e->heard != NULL) {
      e->heard(e, stanza);
    }
    break;
  case STOX_STREAM_ON_CUT:
    end_keep_id(e, stanza->element);
    end_note(e, 'K');
    break;
  case STOX_STREAM_ON_ERROR:
  case STOX_STREAM_ON_REFUSED:
    e->condition = error->condition;
    end_note(e, a->event == STOX_STREAM_ON_ERROR ? 'X' : 'x');
    break;
  default:
    assert_int_equal(a->event, STOX_STREAM_ON_CLOSED);
    assert_int_equal(e->ends++, 0);
    e->status = a->status;
    end_note(e, 'Z');
    break;
  }
}

static inline void end_on_event(end *e, const stox_action *a) {
  static const char letters[] = "-HFSDBbR-EPI";
  if (a->event == STOX_STREAM_ON_STANZA || a->event >= STOX_STREAM_ON_ERROR) {
    end_on_stream(e, a);
    return;
  }
  end_note(e, letters[a->event]);
  if (e->hook != NULL && e->hook(e, a)) {
    return;
  }
  switch (a->event) {
  case STOX_STREAM_ON_HEADER:
    if (e->options.role == STOX_STREAM_RECEIVING) {
      end_answer(e);
    }
    break;
  case STOX_STREAM_ON_FEATURES:
    end_on_features(e, a->object);
    break;
  case STOX_STREAM_ON_SASL:
    end_on_sasl(e, a->object);
    break;
  case STOX_STREAM_ON_DIALBACK:
    end_on_dialback(e, a->object);
    break;
  case STOX_STREAM_ON_BIND:
    if ((e->flags & END_NO_ANSWER) == 0) {
      const stox_span resource = *(const stox_span *)a->object;
      (void)stox_stream_bind_accept(e->stream, resource, e->now_ns);
    }
    break;
  default:
    break;
  }
}

static inline void end_act(end *e, const stox_action *a) {
  switch (a->kind) {
  case STOX_DO_EVENT:
    end_on_event(e, a);
    break;
  case STOX_DO_SEND:
    assert_int_equal(a->handle, 7);
    assert_true(a->bytes.n > 0 && a->bytes.n < sizeof e->sent - e->n_sent);
    memcpy(e->sent + e->n_sent, a->bytes.p, a->bytes.n);
    e->n_sent += a->bytes.n;
    e->sent[e->n_sent] = '\0';
    break;
  case STOX_DO_START_TLS:
    end_note(e, 'T');
    e->token = a->token;
    e->n_behind = a->bytes.n;
    break;
  default:
    assert_int_equal(a->kind, STOX_DO_CLOSE);
    assert_int_equal(a->handle, 7);
    assert_int_equal(e->closes++, 0);
    end_note(e, 'C');
    break;
  }
}

/* Carries out what the stream asks for until it asks for nothing. */
static inline void end_pull(end *e) {
  const stox_action *a = NULL;
  size_t steps = 0;
  while ((a = stox_stream_next(e->stream, e->now_ns)) != NULL) {
    assert_true(steps++ < 1000);
    end_act(e, a);
  }
}

/* The TLS session of both ends is set up at once. */
static inline void end_tls(end *e) {
  const uint64_t token = e->token;
  e->token = 0;
  const int status = (e->flags & END_TLS_FAILS) != 0 ? STOX_E_AUTH : STOX_OK;
  assert_status(stox_stream_done(e->stream, token, status, e->now_ns), STOX_OK);
  end_pull(e);
}

static inline void end_feed(end *e, stox_span bytes) {
  guard g = guard_copy(bytes);
  (void)stox_stream_feed(e->stream, g.span, e->now_ns);
  guard_free(&g);
  end_pull(e);
}

/* The same, `n` octets at a time; 0: all at once. What waits for TLS is fed behind it. */
static inline void end_feed_by(end *e, stox_span bytes, size_t n) {
  n = n == 0 ? bytes.n : n;
  for (size_t at = 0; at < bytes.n; at += n) {
    end_feed(e, stox_span_slice(bytes, at, n));
    if (e->token != 0) {
      end_tls(e);
    }
  }
}

static inline void end_say(end *e, const char *text) {
  end_feed(e, stox_span_text(text));
}

/* What the end has sent since the last call. */
static inline const char *end_said(end *e) {
  const char *said = e->sent + e->n_heard_of_it;
  e->n_heard_of_it = e->n_sent;
  return said;
}

/* Takes what one end sent to the other, at most `n` octets; 1 if there was something. */
static inline int end_carry(end *from, end *to, size_t n) {
  const size_t left = from->n_sent - from->n_heard_of_it;
  const size_t some = n == 0 || n > left ? left : n;
  if (some == 0 || to->token != 0) {
    return 0;
  }
  const stox_span bytes = {from->sent + from->n_heard_of_it, some};
  from->n_heard_of_it += some;
  end_feed(to, bytes);
  return 1;
}

static inline int end_finish_tls(end *a, end *b) {
  if (a->token == 0 || b->token == 0) {
    return 0;
  }
  end_tls(a);
  end_tls(b);
  return 1;
}

/* Runs two ends against each other until nothing happens. */
static inline void end_run(end *a, end *b, size_t n) {
  int goes_on = 1;
  end_pull(a);
  end_pull(b);
  while (goes_on) {
    goes_on = end_carry(a, b, n);
    goes_on |= end_carry(b, a, n);
    goes_on |= end_finish_tls(a, b);
  }
}

#endif
