/* SPDX-License-Identifier: MIT */
/* Every error of streams, SASL, dialback and stanzas, of both vintages: made by one end, heard by
 * the other, and understood as what it was. "XC-12.1-04" */
#include "sasl_support.h"
#include "stream_end.h"

#include "stox/dialback.h"

enum { DIALECTS = 2, STREAM_CONDITIONS = STOX_STREAM_INVALID_ID };

/* Two ends, the receiving one with its header and features out. */
typedef struct both {
  end in;
  end re;
} both;

static void open_both(both *b, int kind, int dialect, unsigned flags) {
  end_init(&b->in, STOX_STREAM_INITIATING, kind);
  end_init(&b->re, STOX_STREAM_RECEIVING, kind);
  b->in.options.dialect = dialect;
  b->re.options.dialect = dialect;
  b->in.flags = flags;
  b->re.flags = flags;
  b->re.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&b->in), STOX_OK);
  assert_status(end_make(&b->re), STOX_OK);
  end_run(&b->in, &b->re, 0);
}

static void close_both(both *b) {
  end_free(&b->in);
  end_free(&b->re);
}

/* ---- streams ---- */

typedef struct heard {
  int n;
  int condition;
  char text[64];
  char lang[16];
  char address[64];
  char application[64];
} heard;

static void keep(char *out, size_t cap, stox_span text) {
  (void)snprintf(out, cap, "%.*s", (int)text.n, text.p == NULL ? "" : text.p);
}

/* What the end is told when it is fed. */
static void hear(end *e, stox_span octets, heard *h) {
  const stox_action *a = NULL;
  memset(h, 0, sizeof *h);
  assert_status(stox_stream_feed(e->stream, octets, 0), STOX_OK);
  while ((a = stox_stream_next(e->stream, 0)) != NULL) {
    if (a->kind == STOX_DO_EVENT && a->event == STOX_STREAM_ON_ERROR) {
      const stox_stream_error *error = a->object;
      h->n++;
      h->condition = error->condition;
      keep(h->text, sizeof h->text, error->text);
      keep(h->lang, sizeof h->lang, error->lang);
      keep(h->address, sizeof h->address, error->address);
      if (error->application != NULL) {
        keep(h->application, sizeof h->application, stox_xml_name(error->application));
      }
    } else if (a->kind == STOX_DO_EVENT && a->event == STOX_STREAM_ON_CLOSED) {
      assert_status(a->status, STOX_E_REFUSED);
      h->n += 10;
    } else if (a->kind == STOX_DO_CLOSE) {
      h->n += 100;
    }
  }
}

/* By whichever end, whatever goes with it. */
static void check_stream_error(int condition, int dialect, int role, int is_full) {
  static both b;
  heard h;
  stox_arena arena;
  char wire[1024];
  const char *name = stox_stream_condition_name(condition, dialect);
  const int is_host = condition == STOX_STREAM_SEE_OTHER_HOST;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  stox_stream_error error = {.condition = condition, .is_bare = 1};
  if (is_host) {
    error.address = S("other.example:9222");
  }
  if (is_full) {
    error.text = S("why & how");
    error.lang = S("de");
    error.application = stream_child(&arena, "<more xmlns='urn:more'/>");
  }
  open_both(&b, STOX_STREAM_CLIENT, dialect, END_NO_SASL);
  end *from = role == STOX_STREAM_INITIATING ? &b.in : &b.re;
  end *to = role == STOX_STREAM_INITIATING ? &b.re : &b.in;
  (void)end_said(from);
  assert_status(stox_stream_fail(from->stream, &error, 0), name == NULL ? STOX_E_ARG : STOX_OK);
  end_pull(from);
  const char *said = end_said(from);
  if (name == NULL) {
    assert_string_equal(said, "");
  } else {
    (void)snprintf(wire, sizeof wire,
                   "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'%s%s", name,
                   is_host ? ">other.example:9222</" : "/>", is_host ? name : "");
    assert_int_equal(strncmp(said, wire, strlen(wire)), 0);
    hear(to, stox_span_text(said), &h);
    assert_int_equal(h.n, 111);
    assert_int_equal(h.condition, condition);
    assert_string_equal(h.text, is_full ? "why & how" : "");
    assert_string_equal(h.lang, is_full ? "de" : "");
    assert_string_equal(h.address, is_host ? "other.example:9222" : "");
    assert_string_equal(h.application, is_full ? "more" : "");
  }
  stox_arena_clear(&arena);
  close_both(&b);
}

static void test_stream_errors(void **state) {
  (void)state;
  size_t written[DIALECTS] = {0, 0};
  for (int condition = 1; condition <= STREAM_CONDITIONS; condition++) {
    for (int dialect = 0; dialect < DIALECTS; dialect++) {
      for (int how = 0; how < 4; how++) {
        check_stream_error(condition, dialect, 1 + how % 2, how / 2);
      }
      written[dialect] += stox_stream_condition_name(condition, dialect) != NULL;
    }
  }
  assert_int_equal(written[STOX_DIALECT_RFC], 25);
  assert_int_equal(written[STOX_DIALECT_DRAFT2005], 24);
}

/* ---- SASL ---- */

static int tell_failure(end *e, const stox_action *a) {
  stox_sasl_message *got = e->ud;
  char room[512];
  stox_arena arena;
  if (a->event != STOX_STREAM_ON_SASL || e->options.role != STOX_STREAM_INITIATING) {
    return a->event == STOX_STREAM_ON_FEATURES;
  }
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_sasl_read(got, &arena, a->object), STOX_OK);
  got->text = (stox_span){NULL, 0};
  return 1;
}

/* The client's machine, in the midst of an exchange. */
static void check_client(const stox_sasl_message *failure) {
  sasl_pair pair;
  stox_sasl_message up;
  sasl_pair_init(&pair);
  sasl_pair_open(&pair);
  assert_status(stox_sasl_client_start(pair.client, STOX_SASL_SCRAM_SHA_256, &up), STOX_OK);
  assert_status(stox_sasl_client_feed(pair.client, failure, &up), STOX_E_REFUSED);
  assert_int_equal(stox_sasl_client_condition(pair.client), failure->condition);
  sasl_pair_close(&pair);
}

static void check_sasl_error(int condition, int dialect, int is_full) {
  static both b;
  char room[512];
  stox_buf out;
  stox_sasl_message got = {0};
  const int told = stox_sasl_condition_in(condition, dialect);
  stox_sasl_message failure = {.kind = STOX_SASL_FAILURE, .condition = condition};
  if (is_full) {
    failure.text = S("why");
    failure.lang = S("de");
  }
  open_both(&b, STOX_STREAM_CLIENT, dialect, END_NO_SASL);
  b.in.hook = tell_failure;
  b.in.ud = &got;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sasl_write(&out, &failure, dialect), STOX_OK);
  assert_status(stox_stream_put(b.re.stream, stox_buf_span(&out), 0), STOX_OK);
  end_run(&b.in, &b.re, 1);
  assert_int_equal(got.kind, STOX_SASL_FAILURE);
  assert_int_equal(got.condition, told);
  assert_string_equal(b.in.log, "HFS"); /* the stream lives: another attempt may follow */
  check_client(&got);
  close_both(&b);
}

static void test_sasl_errors(void **state) {
  (void)state;
  size_t kept = 0;
  for (int condition = STOX_SASL_ABORTED; condition <= STOX_SASL_MALFORMED_REQUEST; condition++) {
    for (int how = 0; how < 4; how++) {
      check_sasl_error(condition, how % 2, how / 2);
    }
    assert_int_equal(stox_sasl_condition_in(condition, STOX_DIALECT_RFC), condition);
    kept += stox_sasl_condition_in(condition, STOX_DIALECT_DRAFT2005) == condition;
  }
  assert_int_equal(kept, 7); /* those of the draft */
}

/* ---- dialback ---- */

static int tell_dialback(end *e, const stox_action *a) {
  stox_dialback *got = e->ud;
  char room[1024];
  stox_arena arena;
  if (a->event == STOX_STREAM_ON_DIALBACK) {
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    assert_status(stox_dialback_read(got, &arena, a->object), STOX_OK);
  }
  return a->event == STOX_STREAM_ON_DIALBACK || a->event == STOX_STREAM_ON_FEATURES;
}

static void check_dialback_error(int condition, int kind) {
  static both b;
  char room[512];
  stox_buf out;
  stox_dialback got = {0};
  const stox_dialback error = {.kind = kind,
                               .type = STOX_DIALBACK_ERROR,
                               .from = S("b.example"),
                               .to = S("a.example"),
                               .id = S("x"),
                               .condition = condition};
  open_both(&b, STOX_STREAM_SERVER, STOX_DIALECT_RFC, END_NO_SASL);
  b.in.hook = tell_dialback;
  b.in.ud = &got;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_dialback_write(&out, &error), STOX_OK);
  assert_status(stox_stream_put(b.re.stream, stox_buf_span(&out), 0), STOX_OK);
  end_run(&b.in, &b.re, 1);
  assert_int_equal(got.type, STOX_DIALBACK_ERROR);
  assert_int_equal(got.condition, condition);
  /* To a peer that knows none of them it is a stream error of both dialects. */
  const int stream_error = stox_dialback_stream_error(condition);
  for (int dialect = 0; dialect < DIALECTS; dialect++) {
    assert_non_null(stox_stream_condition_name(stream_error, dialect));
  }
  close_both(&b);
}

static void test_dialback_errors(void **state) {
  (void)state;
  for (int condition = STOX_COND_BAD_REQUEST; condition <= STOX_COND_UNEXPECTED_REQUEST;
       condition++) {
    check_dialback_error(condition, STOX_DIALBACK_RESULT);
    check_dialback_error(condition, STOX_DIALBACK_VERIFY);
  }
}

/* ---- stanzas ---- */

/* The next stanza that an end is told of; NULL: there is none. */
static const stox_stanza *next_stanza(end *e) {
  const stox_action *a = NULL;
  while ((a = stox_stream_next(e->stream, 0)) != NULL) {
    if (a->kind == STOX_DO_EVENT && a->event == STOX_STREAM_ON_STANZA) {
      return a->object;
    }
    end_act(e, a);
  }
  return NULL;
}

static const char request[] =
    "<iq type='get' id='q1' to='juliet@b.example'><q xmlns='urn:q'/></iq>";

/* A request goes to the server, and the error comes back. */
static void check_stanza_error(both *b, const stox_error_write *error, int condition) {
  char room[1024];
  stox_buf out;
  stox_arena arena;
  stox_stanza_error got;
  (void)end_said(&b->in);
  (void)end_said(&b->re);
  assert_status(stox_stream_send(b->in.stream, stox_span_text(request)), STOX_OK);
  end_pull(&b->in);
  assert_status(stox_stream_feed(b->re.stream, stox_span_text(end_said(&b->in)), 0), STOX_OK);
  const stox_stanza *asked = next_stanza(&b->re);
  assert_non_null(asked);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_stanza_error_write(&out, asked, error), STOX_OK);
  assert_status(stox_stream_send(b->re.stream, stox_buf_span(&out)), STOX_OK);
  end_pull(&b->re);
  assert_status(stox_stream_feed(b->in.stream, stox_span_text(end_said(&b->re)), 0), STOX_OK);
  const stox_stanza *answer = next_stanza(&b->in);
  assert_non_null(answer);
  assert_span_equal(answer->id, S("q1"));
  assert_span_equal(answer->from, S("juliet@b.example"));
  assert_int_equal(answer->type, STOX_TYPE_ERROR);
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_stanza_error_read(&got, &arena, answer), STOX_OK);
  assert_int_equal(got.condition, condition);
  assert_int_equal(got.type, error->type);
  assert_int_equal(got.is_type_known, 1);
  assert_span_equal(got.text, error->text);
  assert_int_equal(got.application != NULL, error->application_ns != NULL);
  const int is_moved = condition == STOX_COND_GONE || condition == STOX_COND_REDIRECT;
  assert_span_equal(got.address, is_moved ? error->address : S(""));
}

/* Each condition with each type, bare and with all that may go with it. */
static void check_condition(int condition, int dialect) {
  static both b;
  const int is_old = dialect == STOX_DIALECT_DRAFT2005;
  const int told =
      is_old && condition == STOX_COND_POLICY_VIOLATION ? STOX_COND_NOT_ACCEPTABLE : condition;
  open_both(&b, STOX_STREAM_CLIENT, dialect, 0);
  assert_true(stox_stream_is_ready(b.in.stream) && stox_stream_is_ready(b.re.stream));
  for (int type = STOX_ERROR_CANCEL; type <= STOX_ERROR_WAIT; type++) {
    stox_error_write error = {
        .condition = condition, .type = type, .address = S("xmpp:r@b.example"), .dialect = dialect};
    check_stanza_error(&b, &error, told);
    error.text = S("why & how");
    error.lang = S("de");
    error.with_payload = 1;
    error.application_ns = "urn:more";
    error.application_name = "more";
    check_stanza_error(&b, &error, told);
  }
  close_both(&b);
}

static void test_stanza_errors(void **state) {
  (void)state;
  for (int condition = STOX_COND_BAD_REQUEST; condition <= STOX_COND_PAYMENT_REQUIRED;
       condition++) {
    check_condition(condition, STOX_DIALECT_DRAFT2005);
    if (condition != STOX_COND_PAYMENT_REQUIRED) {
      check_condition(condition, STOX_DIALECT_RFC);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stream_errors),
      cmocka_unit_test(test_sasl_errors),
      cmocka_unit_test(test_dialback_errors),
      cmocka_unit_test(test_stanza_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
