/* SPDX-License-Identifier: MIT */
#include "stream_end.h"

/* The examples of draft-ietf-xmpp-core-23 replayed, each end in turn being ours. */

/* What a script does. */
enum {
  DONE,
  PEER,  /* the peer says a file */
  BODY,  /* the peer says what a file holds behind its header */
  WORDS, /* the peer says a text */
  PUT,   /* our host puts a file */
  SAID,  /* our end has said what a file says */
  TLS_OK,
  SASL_OK,
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

/* STARTTLS of clients and servers, granted and refused: "XC-5.3-01" "XC-5.3-02" "XC-5.3-03"
 * "XC-5.3-04" "XC-5.3-05" "XC-5.3-06" "XC-5.3-07" "XC-5.3-08" "XC-5.4-01" "XC-5.4-02" "XC-5.4-03"
 * "XC-5.4-04" "XC-5.4-05" "XC-5.4-06" "XC-5.4-07" "XC-5.4-08" "XC-5.1-01" */
static const script tls_scripts[] = {
    {"starttls-c2s-ok",
     CLIENT_IN,
     0,
     {{SAID, "5.3-step01-client-header.xml"},
      {PEER, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step03-features-starttls-required.xml"},
      {SAID, "5.3-step04-starttls.xml"},
      {PEER, "5.3-step05-proceed.xml"},
      {TLS_OK, NULL},
      {SAID, "5.3-step07-client-new-header.xml"},
      {PEER, "5.3-step08-server-header-and-features.xml"},
      {LOG, "HFTHF"}}},
    {"starttls-c2s-ok",
     CLIENT_RE,
     OFFER_TLS,
     {{PEER, "5.3-step01-client-header.xml"},
      {SAID, "5.3-step02-server-header.xml"},
      {SAID, "5.3-step03-features-starttls-required.xml"},
      {PEER, "5.3-step04-starttls.xml"},
      {SAID, "5.3-step05-proceed.xml"},
      {TLS_OK, NULL},
      {PEER, "5.3-step07-client-new-header.xml"},
      {SAID, "5.3-step08-server-header-and-features.xml"},
      {LOG, "HTH"}}},
    {"starttls-c2s-refused",
     CLIENT_IN,
     0,
     {{SAID, "5.3-step01-client-header.xml"},
      {PEER, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step03-features-starttls-required.xml"},
      {SAID, "5.3-step04-starttls.xml"},
      {PEER, "5.3-step05alt-failure.xml"},
      {LOG, "HFCZ"}}},
    {"starttls-c2s-refused",
     CLIENT_RE,
     OFFER_SASL,
     {{PEER, "5.3-step01-client-header.xml"},
      {SAID, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step04-starttls.xml"},
      {SAID, "5.3-step05alt-failure.xml"},
      {LOG, "HCZ"}}},
    {"starttls-s2s-ok",
     SERVER_IN,
     0,
     {{SAID, "5.4-step01-server1-header.xml"},
      {PEER, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step03-features-starttls-required.xml"},
      {SAID, "5.4-step04-starttls.xml"},
      {PEER, "5.4-step05-proceed.xml"},
      {TLS_OK, NULL},
      {SAID, "5.4-step07-server1-new-header.xml"},
      {PEER, "5.4-step08-server2-header-and-features.xml"},
      {LOG, "HFTHF"}}},
    {"starttls-s2s-ok",
     SERVER_RE,
     OFFER_TLS,
     {{PEER, "5.4-step01-server1-header.xml"},
      {SAID, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step04-starttls.xml"},
      {SAID, "5.4-step05-proceed.xml"},
      {TLS_OK, NULL},
      {PEER, "5.4-step07-server1-new-header.xml"},
      {SAID, "5.4-step08-server2-header-and-features.xml"},
      {LOG, "HTH"}}},
    {"starttls-s2s-refused",
     SERVER_IN,
     0,
     {{SAID, "5.4-step01-server1-header.xml"},
      {PEER, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step03-features-starttls-required.xml"},
      {SAID, "5.4-step04-starttls.xml"},
      {PEER, "5.4-step05alt-failure.xml"},
      {LOG, "HFCZ"}}},
    {"starttls-s2s-refused",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "5.4-step01-server1-header.xml"},
      {SAID, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step04-starttls.xml"},
      {SAID, "5.4-step05alt-failure.xml"},
      {LOG, "HCZ"}}},
};

/* SASL of clients and servers, with success and each failure: "XC-6.2-01" "XC-6.2-05" "XC-6.2-08"
 * "XC-6.2-09" "XC-6.2-10" "XC-6.2-14" "XC-6.2-15" */
static const script sasl_scripts[] = {
    {"sasl-c2s-ok",
     CLIENT_IN,
     0,
     {{SAID, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {SAID, "6.5-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PUT, "6.5-step08-empty-response.xml"},
      {SAID, "6.5-step08-empty-response.xml"},
      {PEER, "6.5-step09-success.xml"},
      {SASL_OK, NULL},
      {SAID, "6.5-step10-client-new-header.xml"},
      {PEER, "6.5-step11-server-header-and-features.xml"},
      {LOG, "HFSSHF"}}},
    {"sasl-c2s-ok",
     CLIENT_RE,
     OFFER_SASL | STOX_FEATURE_SESSION,
     {{PEER, "6.5-step01-client-header.xml"},
      {SAID, "6.5-step02-server-header.xml"},
      {SAID, "6.5-step03-features-mechanisms.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {WORDS, RESPONSE},
      {PEER, "6.5-step08-empty-response.xml"},
      {PUT, "6.5-step09-success.xml"},
      {SASL_OK, NULL},
      {SAID, "6.5-step09-success.xml"},
      {PEER, "6.5-step10-client-new-header.xml"},
      {SAID, "6.5-step11-server-header-and-features.xml"},
      {LOG, "HSSSH"}}},
    {"sasl-c2s-fail-at-5",
     CLIENT_IN,
     0,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {PEER, "6.5-step05alt-failure.xml"},
      {LOG, "HFSCZ"}}},
    {"sasl-c2s-fail-at-5",
     CLIENT_RE,
     OFFER_SASL,
     {{PEER, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {PUT, "6.5-step05alt-failure.xml"},
      {SAID, "6.5-step05alt-failure.xml"},
      {LOG, "HS"}}},
    {"sasl-c2s-fail-at-7",
     CLIENT_IN,
     0,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PEER, "6.5-step07alt-failure.xml"},
      {LOG, "HFSSCZ"}}},
    {"sasl-c2s-fail-at-9",
     CLIENT_IN,
     0,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {WORDS, CHALLENGE CHALLENGE},
      {PEER, "6.5-step09alt-failure.xml"},
      {LOG, "HFSSSCZ"}}},
    {"sasl-s2s-ok",
     SERVER_IN,
     0,
     {{SAID, "6.6-step01-server1-header.xml"},
      {PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {SAID, "6.6-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PUT, "6.6-step08-empty-response.xml"},
      {PEER, "6.6-step09-success.xml"},
      {SASL_OK, NULL},
      {PEER, "6.6-step11-server2-header-and-features.xml"},
      {LOG, "HFSSHFR"}}},
    {"sasl-s2s-ok",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "6.6-step01-server1-header.xml"},
      {SAID, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step04-auth.xml"},
      {PEER, "6.6-step08-empty-response.xml"},
      {PUT, "6.6-step09-success.xml"},
      {SASL_OK, NULL},
      {PEER, "6.6-step10-server1-new-header.xml"},
      {SAID, "6.6-step11-server2-header-and-features.xml"},
      {LOG, "HSSHR"}}},
    {"sasl-s2s-fail-at-5",
     SERVER_IN,
     0,
     {{PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {PEER, "6.6-step05alt-failure.xml"},
      {LOG, "HFSCZ"}}},
    {"sasl-s2s-fail-at-7",
     SERVER_IN,
     0,
     {{PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PEER, "6.6-step07alt-failure.xml"},
      {LOG, "HFSSCZ"}}},
    {"sasl-s2s-fail-at-9",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "6.6-step01-server1-header.xml"},
      {PEER, "6.6-step04-auth.xml"},
      {PEER, "6.6-step08alt-abort.xml"},
      {PUT, "6.6-step09alt-failure.xml"},
      {SAID, "6.6-step09alt-failure.xml"},
      {LOG, "HSS"}}},
};

#define AUTHENTICATED_CLIENT                                                                       \
  {PEER, "6.5-step02-server-header.xml"}, {PEER, "6.5-step03-features-mechanisms.xml"},            \
      {PUT, "6.5-step04-auth.xml"}, {PEER, "6.5-step09-success.xml"}, {                            \
    SASL_OK, NULL                                                                                  \
  }
#define AUTHENTICATED_SERVER                                                                       \
  {PEER, "6.5-step01-client-header.xml"}, {PEER, "6.5-step04-auth.xml"},                           \
      {PUT, "6.5-step09-success.xml"}, {SASL_OK, NULL}, {                                          \
    PEER, "6.5-step10-client-new-header.xml"                                                       \
  }

/* Binding and its errors: "XC-7-04" "XC-7-05" "XC-7-06" "XC-7-08" "XC-7-09" "XC-7-11" "XC-7-12"
 * "XC-7-13" "XC-7-15". Sessions: "XC-4.8-01" "XC-4.8-02". */
static const script other_scripts[] = {
    {"bind-generate",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, NULL},
      {SAID, "7-client-asks-server-to-generate.xml"},
      {LOG, "HFSHF"}}},
    {"bind-ok",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {SAID, "7-client-binds-resource.xml"},
      {LOG, "HFSHF"}}},
    {"bind-ok",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {SAID, "7-server-advertises-bind.xml"},
      {PEER, "7-client-binds-resource.xml"},
      {GRANT, "someresource"},
      {SAID, "7-server-bind-result.xml"},
      {LOG, "HSHBR"}}},
    {"bind-not-processable",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {DENY, "bad-request"},
      {SAID, "7-error-not-processable.xml"},
      {LOG, "HSHB"}}},
    {"bind-not-allowed",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {DENY, "not-allowed"},
      {SAID, "7-error-not-allowed.xml"},
      {LOG, "HSHB"}}},
    {"bind-in-use",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {DENY, "conflict"},
      {SAID, "7-error-in-use.xml"},
      {LOG, "HSHB"}}},
    {"gone-bad",
     CLIENT_RE,
     0,
     {{PEER, "4.8-gone-bad.client.xml"}, {SAID, "4.8-gone-bad.server.xml"}, {LOG, "HxCZ"}}},
    {"gone-bad", CLIENT_IN, 0, {{PEER, "4.8-gone-bad.server.xml"}, {LOG, "HXCZ"}}},
};

/* ---- what was said, and what should have been ---- */

static int has_header(stox_span text) {
  return text.n > 13 &&
         (memcmp(text.p, "<stream:strea", 13) == 0 || memcmp(text.p, "<?xml version", 13) == 0);
}

/* The elements of a text, one a line, without white space between tags, header attributes and iq's
 * id; '$' for the end tag. */
static void flatten(char *out, size_t cap, int kind, stox_span text) {
  static xml_run run;
  char stream[8192];
  const int has_root = has_header(text);
  const int n =
      snprintf(stream, sizeof stream, "%s%.*s",
               has_root                     ? ""
               : kind == STOX_STREAM_CLIENT ? "<stream:stream xmlns='jabber:client' " STREAMS ">"
                                            : "<stream:stream xmlns='jabber:server' " STREAMS ">",
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
static void simplify(char *text, const char *stanza) {
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
static void check_header(const script *s, stox_span wanted, stox_span said) {
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
static const char *last_stream(const char *text) {
  const char *next = text;
  while (next != NULL) {
    text = next;
    next = strstr(text + (*text != '\0'), "<?xml");
  }
  return text;
}

/* What the file says is among what was said; all of it has been looked at when that ends so. */
static void check_said(const script *s, end *e, const char *file) {
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

static void peer_says(end *e, stox_span text, size_t n) {
  end_feed_by(e, text, n);
}

static void run_step(const script *s, end *e, const step *st, size_t n) {
  char room[4096];
  switch (st->what) {
  case PEER:
    peer_says(e, stream_file(room, sizeof room, st->text), n);
    break;
  case BODY: {
    const stox_span file = stream_file(room, sizeof room, st->text);
    const char *body = strstr(file.p, "version='1.0'>");
    assert_non_null(body);
    peer_says(e, stox_span_text(body + 14), n);
    break;
  }
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
    assert_status(stox_stream_authenticate(e->stream,
                                           s->kind == STOX_STREAM_CLIENT ? S("somenode@example.com")
                                                                         : S("example.net"),
                                           STOX_STREAM_BY_SASL, 0),
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
static void answer_draft(end *e, const script *s) {
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

static void run_script(const script *s, size_t n) {
  end e;
  end_init(&e, s->role, s->kind);
  e.options.dialect = STOX_DIALECT_DRAFT2005;
  e.options.to = s->role == STOX_STREAM_INITIATING ? S("example.com") : e.options.to;
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

static void run_scripts(const script *scripts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    run_script(&scripts[i], 0);
    run_script(&scripts[i], 1);
    run_script(&scripts[i], 5);
  }
}

static void test_tls(void **state) {
  (void)state;
  run_scripts(tls_scripts, COUNT(tls_scripts));
}

static void test_sasl(void **state) {
  (void)state;
  run_scripts(sasl_scripts, COUNT(sasl_scripts));
}

static void test_others(void **state) {
  (void)state;
  run_scripts(other_scripts, COUNT(other_scripts));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls),
      cmocka_unit_test(test_sasl),
      cmocka_unit_test(test_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
