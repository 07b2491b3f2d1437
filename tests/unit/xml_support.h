/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_XML_SUPPORT_H
#define STOX_TEST_XML_SUPPORT_H

#include "support.h"

#include "stox/stanza.h"
#include "stox/xml.h"

/* What a stream gave, as text: "O" the root, "E" a child, "R" one past a limit, "W" white space
 * (adjacent ones once), "C" the end, each element written out, then the status that ended it unless
 * that is MORE. */
typedef struct xml_run {
  char text[1 << 16];
  size_t n;
  int status;
  stox_diag diag;
} xml_run;

static inline void xml_run_put(xml_run *run, stox_span s) {
  assert_true(s.n < sizeof run->text - run->n);
  memcpy(run->text + run->n, s.p, s.n);
  run->n += s.n;
}

static inline void xml_run_event(xml_run *run, int kind, const stox_xml_element *element) {
  static const char letters[] = "-OECWR";
  char letter = letters[kind];
  if (letter != 'W' || run->n == 0 || run->text[run->n - 1] != 'W') {
    xml_run_put(run, (stox_span){&letter, 1});
  }
  if (element != NULL) {
    stox_buf out;
    stox_buf_init(&out, run->text + run->n, sizeof run->text - run->n);
    assert_status(stox_xml_write(&out, element, S("")), STOX_OK);
    run->n += out.len;
  }
}

/* One feed and the events that it makes ready; *consumed as stox_xml_feed(). */
static inline int xml_run_feed(xml_run *run, stox_xml_reader *reader, size_t *consumed,
                               stox_span bytes) {
  const int status = stox_xml_feed(reader, consumed, bytes, &run->diag);
  if (status == STOX_OK) {
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    int kind = 0;
    const stox_xml_element *element = NULL;
    while (stox_xml_next(reader, &arena, &kind, &element) == STOX_OK) {
      xml_run_event(run, kind, element);
    }
    stox_arena_clear(&arena);
  }
  return status;
}

/* Feeds all of one piece; what the reader leaves is fed again. */
static inline void xml_run_piece(xml_run *run, stox_xml_reader *reader, stox_span bytes) {
  while (bytes.n > 0 && (run->status == STOX_OK || run->status == STOX_E_MORE)) {
    size_t consumed = 0;
    run->status = xml_run_feed(run, reader, &consumed, bytes);
    bytes = stox_span_slice(bytes, consumed, bytes.n);
  }
}

static inline void xml_run_end(xml_run *run) {
  if (run->status != STOX_OK && run->status != STOX_E_MORE) {
    xml_run_put(run, S("!"));
    xml_run_put(run, stox_span_text(stox_status_name(run->status)));
  }
  run->text[run->n] = '\0';
}

/* Reads a whole stream in two pieces, or octet by octet where `split` is SIZE_MAX. */
static inline void xml_run_stream(xml_run *run, stox_span stream, size_t split,
                                  const stox_xml_options *options) {
  run->n = 0;
  run->status = STOX_OK;
  run->diag = (stox_diag){0, 0, 0, NULL};
  stox_xml_reader *reader = NULL;
  assert_status(stox_xml_reader_new(&reader, options), STOX_OK);
  if (split == SIZE_MAX) {
    for (size_t i = 0; i < stream.n; i++) {
      guard piece = guard_copy(stox_span_slice(stream, i, 1));
      xml_run_piece(run, reader, piece.span);
      guard_free(&piece);
    }
  } else {
    guard first = guard_copy(stox_span_slice(stream, 0, split));
    guard second = guard_copy(stox_span_slice(stream, split, stream.n));
    xml_run_piece(run, reader, first.span);
    xml_run_piece(run, reader, second.span);
    guard_free(&first);
    guard_free(&second);
  }
  stox_xml_reader_del(reader);
  xml_run_end(run);
}

/* The first child of a stream's root; lives in `arena`. */
static inline const stox_xml_element *xml_child_of_stream(stox_arena *arena, stox_span stream) {
  stox_xml_reader *reader = NULL;
  const stox_xml_element *element = NULL;
  int kind = 0;
  size_t at = 0;
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  while (kind != STOX_XML_ELEMENT) {
    size_t consumed = 0;
    const stox_span rest = stox_span_slice(stream, at, stream.n);
    assert_status(stox_xml_feed(reader, &consumed, rest, NULL), STOX_OK);
    at += consumed;
    assert_status(stox_xml_next(reader, arena, &kind, &element), STOX_OK);
  }
  stox_xml_reader_del(reader);
  return element;
}

/* An element read in the scope of jabber:client. */
static inline const stox_xml_element *xml_client_element(stox_arena *arena, const char *text) {
  char stream[8192];
  const int n = snprintf(stream, sizeof stream, "<s xmlns='jabber:client'>%s", text);
  assert_true(n > 0 && (size_t)n < sizeof stream);
  return xml_child_of_stream(arena, (stox_span){stream, (size_t)n});
}

#endif
