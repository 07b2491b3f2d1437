/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_STREAM_SCRIPT_H
#define STOX_TEST_STREAM_SCRIPT_H

#include "stream_end.h"

/* The examples of draft-ietf-xmpp-core-23 replayed, each end in turn being ours. */

/* What a script does. */
enum {
  DONE,
  PEER,  /* the peer says a file */
  REPLY, /* the same, an iq with the id that ours had */
  BODY,  /* the peer says what a file holds behind its header */
  WORDS, /* the peer says a text */
  PUT,   /* our host puts a file */
  SEND,  /* our host sends what a file holds between its header and its end tag */
  CLOSE,
  SAID, /* our end has said what a file says */
  TLS_OK,
  SASL_OK,
  DIALBACK_OK,
  ASK,   /* our client asks for a resource; absent: any */
  GRANT, /* our server grants one */
  DENY,  /* or refuses: the condition's name */
  LOG    /* what has happened so far */
};

typedef struct step {
  int what;
  const char *text;
} step;

typedef struct script {
  const char *flow;
  int role;
  int kind;
  uint32_t offered;
  step steps[24];
} script;

#define CLIENT_IN  STOX_STREAM_INITIATING, STOX_STREAM_CLIENT
#define CLIENT_RE  STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT
#define SERVER_IN  STOX_STREAM_INITIATING, STOX_STREAM_SERVER
#define SERVER_RE  STOX_STREAM_RECEIVING, STOX_STREAM_SERVER
#define OFFER_TLS  (STOX_FEATURE_STARTTLS_REQUIRED | STOX_FEATURE_MECHANISMS)
#define OFFER_SASL STOX_FEATURE_MECHANISMS
#define CHALLENGE  "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cmVhbG09ImEi</challenge>"
#define RESPONSE   "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dXNlcm5hbWU9ImEi</response>"

/* ---- what was said, and what should have been ---- */

static inline int has_header(stox_span text) {
  return text.n > 13 &&
         (memcmp(text.p, "<stream:strea", 13) == 0 || memcmp(text.p, "<?xml version", 13) == 0);
}

/* The elements of a text, one a line, without white space between tags, header attributes and iq's
 * id; '$' for the end tag. */
static inline void flatten(char *out, size_t cap, int kind, stox_span text) {
  static xml_run run;
  char stream[8192];
  const int has_root = has_header(text);
  const int n = snprintf(
      stream, sizeof stream, "%s%.*s",
      has_root ? ""
      : kind == STOX_STREAM_CLIENT
          ? "<stream:stream xmlns='jabber:client' " STREAMS ">"
          : "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' " STREAMS ">",
      (int)text.n, text.p);
  assert_true(n > 0 && (size_t)n < sizeof stream);
  size_t at = 0;
  xml_run_stream(&run, (stox_span){stream, (size_t)n}, 0, NULL);
  assert_true(run.status == STOX_OK || run.status == STOX_E_MORE || run.status == STOX_E_BAD_XML);
  const char *from = memchr(run.text, '>', run.n); /* behind the header */
  assert_non_null(from);
  for (size_t i = (size_t)(from - run.text) + 1; i < run.n; i++) {
    const int is_tag = i > 0 && (run.text[i - 1] == '>' || run.text[i - 1] == '<');
    const char c = run.text[i];
    if ((c == ' ' || c == '\n') && (is_tag || (at > 0 && (out[at - 1] == '>')))) {
      continue;
    }
    assert_true(at + 1 < cap);
    out[at++] = c == '\n' ? ' ' : c;
  }
  out[at] = '\0';
}

/* Marks of events, and an iq's attributes, whose order and id are each end's own. */
static inline void simplify(char *text, const char *stanza) {
  char *at = strstr(text, stanza);
  if (at != NULL) {
    char *stop = strchr(at, '>');
    assert_non_null(stop);
    const int is_error =
        memchr(at, 'r', (size_t)(stop - at)) != NULL && strstr(at, "type='error'") != NULL;
    memmove(at + 4, stop, strlen(stop) + 1);
    at[3] = is_error ? '!' : ' ';
  }
  for (at = text; *at != '\0';) {
    if ((*at == 'W' || *at == 'E') && (at == text || at[-1] == '>' || at[-1] == 'W')) {
      memmove(at, at + 1, strlen(at));
    } else {
      at++;
    }
  }
}

/* The attributes that both vintages give a header. */
static inline void check_header(const script *s, stox_span wanted, stox_span said) {
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  const stox_xml_element *want = stream_root(&arena, wanted);
  const stox_xml_element *got = stream_root(&arena, said);
  assert_span_equal(stox_xml_attribute_of(got, "version"), stox_xml_attribute_of(want, "version"));
  assert_span_equal(stox_xml_attribute_of(got, "to"), stox_xml_attribute_of(want, "to"));
  if (s->role == STOX_STREAM_RECEIVING) {
    assert_span_equal(stox_xml_attribute_of(got, "from"), stox_xml_attribute_of(want, "from"));
    assert_true(stox_xml_attribute_of(got, "id").n == 32);
  }
  assert_span_equal(stox_xml_scope(got, ""), stox_xml_scope(want, ""));
  stox_arena_clear(&arena);
}

/* The last stream that begins in a text; the text itself if none does. */
static inline const char *last_stream(const char *text) {
  const char *next = text;
  while (next != NULL) {
    text = next;
    next = strstr(text + (*text != '\0'), "<?xml");
  }
  return text;
}

/* What the file says is among what was said; all of it has been looked at when that ends so. */
static inline void check_said(const script *s, end *e, const char *file) {
  char room[4096];
  char want[8192];
  char got[8192];
  const stox_span wanted = stream_file(room, sizeof room, file);
  const char *from = last_stream(e->sent + e->n_heard_of_it);
  const stox_span said = {from, (size_t)(e->sent + e->n_sent - from)};
  if (has_header(wanted)) {
    check_header(s, wanted, said);
  }
  flatten(want, sizeof want, s->kind, wanted);
  flatten(got, sizeof got, s->kind, said);
  simplify(want, "<iq ");
  simplify(got, "<iq ");
  const char *found = strstr(got, want);
  if (found == NULL) {
    fail_msg("%s: said %s, not %s", s->flow, got, want);
  }
  if (found[strlen(want)] == '\0') {
    e->n_heard_of_it = e->n_sent;
  }
}

/* ---- running ---- */

static inline void peer_says(end *e, stox_span text, size_t n) {
  end_feed_by(e, text, n);
}

static inline const char *body_of(const char *file) {
  const char *body = strstr(file, "version='1.0'>");
  assert_non_null(body);
  return body + 14;
}

static inline stox_span without_end(const char *text) {
  const char *stop = strstr(text, "</stream:stream>");
  assert_non_null(stop);
  return (stox_span){text, (size_t)(stop - text)};
}

/* The id of an answer, which is the draft's, changed to that of our request. */
static inline stox_span with_our_id(char *room, size_t cap) {
  char *id = strstr(room, "id='");
  assert_non_null(id);
  id += 4;
  const char *rest = strchr(id, '\'');
  assert_non_null(rest);
  const size_t n = strlen(rest);
  assert_true((size_t)(id - room) + 16 + n < cap);
  memmove(id + 16, rest, n + 1);
  memcpy(id, ID_16, 16);
  return stox_span_text(room);
}

static inline void run_step(const script *s, end *e, const step *st, size_t n) {
  char room[4096];
  switch (st->what) {
  case PEER:
    peer_says(e, stream_file(room, sizeof room, st->text), n);
    break;
  case REPLY:
    (void)stream_file(room, sizeof room, st->text);
    peer_says(e, with_our_id(room, sizeof room), n);
    break;
  case BODY:
    (void)stream_file(room, sizeof room, st->text);
    peer_says(e, stox_span_text(body_of(room)), n);
    break;
  case SEND:
    (void)stream_file(room, sizeof room, st->text);
    assert_status(stox_stream_send(e->stream, without_end(body_of(room))), STOX_OK);
    break;
  case CLOSE:
    assert_status(stox_stream_close(e->stream, 0), STOX_OK);
    break;
  case WORDS:
    peer_says(e, stox_span_text(st->text), n);
    break;
  case PUT:
    assert_status(stox_stream_put(e->stream, stream_file(room, sizeof room, st->text), 0), STOX_OK);
    break;
  case SAID:
    check_said(s, e, st->text);
    break;
  case SASL_OK:
  case DIALBACK_OK:
    assert_status(stox_stream_authenticate(
                      e->stream,
                      s->kind == STOX_STREAM_CLIENT ? S("somenode@example.com") : S("example.net"),
                      st->what == SASL_OK ? STOX_STREAM_BY_SASL : STOX_STREAM_BY_DIALBACK, 0),
                  STOX_OK);
    break;
  case ASK:
    assert_status(stox_stream_bind(e->stream, stox_span_text(st->text), 0), STOX_OK);
    break;
  case GRANT:
    assert_status(stox_stream_bind_accept(e->stream, stox_span_text(st->text), 0), STOX_OK);
    break;
  case DENY:
    assert_status(
        stox_stream_bind_refuse(e->stream, stox_condition_of(stox_span_text(st->text)), 0),
        STOX_OK);
    break;
  case LOG:
    if (strcmp(e->log, st->text) != 0) {
      fail_msg("%s: %s, not %s", s->flow, e->log, st->text);
    }
    break;
  default:
    break;
  }
  end_pull(e);
}

/* The draft's examples offer more than one mechanism. */
static inline void answer_draft(end *e, const script *s) {
  const stox_span mechanisms[] = {S("DIGEST-MD5"),
                                  s->kind == STOX_STREAM_CLIENT ? S("PLAIN") : S("KERBEROS_V4"),
                                  S("EXTERNAL")};
  const int is_secure = stox_stream_is_secure(e->stream);
  const stox_stream_offer offer = {.offered = e->offered,
                                   .n_mechanisms = (e->offered & STOX_FEATURE_MECHANISMS) == 0 ? 0
                                                   : is_secure                                 ? 3U
                                                                                               : 2U,
                                   .mechanisms = mechanisms};
  const stox_stream_reply reply = {.offer = &offer};
  (void)stox_stream_answer(e->stream, &reply, 0);
  end_pull(e);
}

static inline void run_script(const script *s, size_t n) {
  end e;
  end_init(&e, s->role, s->kind);
  e.options.dialect = STOX_DIALECT_DRAFT2005;
  e.options.to = s->role == STOX_STREAM_INITIATING ? S("example.com") : e.options.to;
  e.options.allow_legacy = strncmp(s->flow, "dialback", 8) == 0; /* its headers have no version */
  e.offered = s->offered;
  e.flags = END_NO_SASL | END_NO_BIND | END_NO_ANSWER;
  assert_status(end_make(&e), STOX_OK);
  end_pull(&e);
  for (const step *st = s->steps; st->what != DONE; st++) {
    run_step(s, &e, st, n);
    if (s->role == STOX_STREAM_RECEIVING && st->what == PEER) {
      answer_draft(&e, s);
    }
  }
  end_free(&e);
}

static inline void run_scripts(const script *scripts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    run_script(&scripts[i], 0);
    run_script(&scripts[i], 1);
    run_script(&scripts[i], 5);
  }
}

#endif
