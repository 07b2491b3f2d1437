/* SPDX-License-Identifier: MIT */
/* What others made to break readers, where it is at hand, said to a stream: to one that has not
 * begun, and to one that is ready. No stanza comes of it, and the stream ends with the error that
 * fits. */
#include "stream_end.h"
#include "tables.h"
#include "unescape.h"

#include <dirent.h>

#define ATTACKS STOX_CORPORA "/xml-attack"
#define HEADER  "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' version='1.0'>"
#define READY                                                                                      \
  HEADER "<auth " SASL " mechanism='EXTERNAL'>=</auth>" HEADER                                     \
         "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"

/* Each `from` in a text changed to `to`. */
static stox_span replace(char *room, size_t cap, stox_span text, const char *from, const char *to) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  for (size_t i = 0; i < text.n;) {
    const stox_span rest = stox_span_slice(text, i, strlen(from));
    const int is_there = stox_span_is_equal(rest, stox_span_text(from));
    (void)stox_buf_put(&out, is_there ? stox_span_text(to) : stox_span_slice(text, i, 1));
    i += is_there ? strlen(from) : 1;
  }
  assert_status(stox_buf_status(&out), STOX_OK);
  return stox_buf_span(&out);
}

/* The condition that ends a stream which hears `text` behind `before`, in pieces of `n`. */
static int attack(const char *before, stox_span text, size_t n) {
  static end e;
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_feed_by(&e, stox_span_text(before), 0);
  const size_t had = e.n_log;
  end_feed_by(&e, text, n);
  assert_null(strchr(e.log + had, 'M'));
  if (e.condition != STOX_STREAM_NONE) {
    assert_string_equal(e.log + e.n_log - 3, "xCZ");
    assert_status(e.status, STOX_E_REFUSED);
  }
  end_free(&e);
  return e.condition;
}

static void test_streams(void **state) {
  (void)state;
  table t;
  size_t refused = 0;
  if (!table_open(&t, ATTACKS, "stream-cases.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (table_next(&t)) {
    char rooms[3][4096];
    stox_span text = unescape(rooms[0], sizeof rooms[0], t.field[0]);
    text = replace(rooms[1], sizeof rooms[1], text, "stanzans", "jabber:client");
    text = replace(rooms[2], sizeof rooms[2], text, "streamns\"",
                   "http://etherx.jabber.org/streams\" version=\"1.0\"");
    const stox_span word = stox_span_slice(t.field[1], 0, 6);
    for (size_t n = 0; n < 3 && stox_span_is_equal(word, S("reject")); n++) {
      const stox_span name = stox_span_slice(t.field[1], 7, t.field[1].n);
      const int condition = attack("", text, n);
      if (condition == STOX_STREAM_NONE) {
        fail_msg("%.*s", (int)text.n, text.p);
      }
      if (name.n > 0) {
        assert_int_equal(condition, stox_stream_condition_of(name));
      }
      refused++;
    }
  }
  table_free(&t);
  assert_int_equal(refused, 3 * 15);
}

static stox_span read_file(char *room, size_t cap, const char *folder, const char *name) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(room, 1, cap, file);
  (void)fclose(file);
  assert_true(n > 0 && n < cap);
  return (stox_span){room, n};
}

static int has_text(stox_span text, const char *what) {
  const size_t n = strlen(what);
  size_t i = 0;
  while (i < text.n && !stox_span_is_equal(stox_span_slice(text, i, n), stox_span_text(what))) {
    i++;
  }
  return i < text.n;
}

static void check_document(stox_span text) {
  const int is_restricted = has_text(text, "<!");
  const size_t pieces = text.n > 4096 ? 1 : 2;
  for (size_t n = 0; n < pieces; n++) {
    assert_int_equal(attack("", text, n),
                     is_restricted ? STOX_STREAM_RESTRICTED_XML : STOX_STREAM_INVALID_NAMESPACE);
    const int inside = attack(READY, text, n);
    assert_true(is_restricted ? inside == STOX_STREAM_RESTRICTED_XML
                              : inside == STOX_STREAM_UNSUPPORTED_STANZA_TYPE);
  }
}

/* Documents: with a DTD, or a comment, they are restricted XML in any place; those without are
 * neither streams nor stanzas. */
static void test_documents(void **state) {
  (void)state;
  static char room[1 << 20];
  size_t bombs = 0;
  DIR *dir = opendir(ATTACKS "/defusedxml");
  if (dir == NULL) {
    skip();
  }
  for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
    if (d->d_name[0] != '.') {
      const stox_span text = read_file(room, sizeof room, ATTACKS "/defusedxml", d->d_name);
      bombs += (size_t)has_text(text, "<!DOCTYPE");
      check_document(text);
    }
  }
  (void)closedir(dir);
  assert_int_equal(bombs, 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_streams),
      cmocka_unit_test(test_documents),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
