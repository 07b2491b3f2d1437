/* SPDX-License-Identifier: MIT */
/* A stream reads alike however it is cut; what was read is written, read and written as before; a
 * text that escapes is read as what it was. */
#include "stox/stanza.h"
#include "stox/status.h"
#include "stox/xml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct record {
  char text[1 << 17];
  stox_buf out;
  int status;
  stox_diag diag;
  int last; /* kind of the event before */
} record;

static void check(int holds) {
  if (!holds) {
    abort();
  }
}

static void keep(record *r, int kind, const stox_xml_element *element) {
  if (kind != STOX_XML_WHITESPACE || r->last != STOX_XML_WHITESPACE) {
    (void)stox_buf_put_octet(&r->out, (char)('0' + kind));
  }
  r->last = kind;
  if (element != NULL) {
    (void)stox_xml_write(&r->out, element, (stox_span){"", 0});
  }
}

/* One element behind a root, as an element. */
static const stox_xml_element *reread(stox_arena *arena, stox_span text) {
  stox_xml_reader *reader = NULL;
  const stox_xml_element *element = NULL;
  int kind = 0;
  size_t consumed = 0;
  check(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  check(stox_xml_feed(reader, &consumed, (stox_span){"<s>", 3}, NULL) == STOX_OK);
  check(stox_xml_next(reader, arena, &kind, &element) == STOX_OK);
  if (stox_xml_feed(reader, &consumed, text, NULL) == STOX_OK) {
    check(consumed == text.n);
    check(stox_xml_next(reader, arena, &kind, &element) == STOX_OK);
    check(kind == STOX_XML_ELEMENT || kind == STOX_XML_REFUSED);
    element = kind == STOX_XML_REFUSED ? NULL : element;
  } else {
    element = NULL;
  }
  stox_xml_reader_del(reader);
  return element;
}

static void check_rewritten(stox_arena *arena, const stox_xml_element *element) {
  static char first[1 << 17];
  static char second[1 << 17];
  stox_buf a;
  stox_buf b;
  stox_buf_init(&a, first, sizeof first);
  stox_buf_init(&b, second, sizeof second);
  if (stox_xml_write(&a, element, (stox_span){"", 0}) != STOX_OK) {
    return;
  }
  const stox_xml_element *again = reread(arena, stox_buf_span(&a));
  /* Declarations that a child needs may take its top past the limit of attributes. */
  if (again != NULL) {
    check(stox_xml_write(&b, again, (stox_span){"", 0}) == STOX_OK);
    check(stox_span_is_equal(stox_buf_span(&a), stox_buf_span(&b)));
  } else {
    stox_xml_attribute attribute;
    check(memchr(first, ':', a.len) != NULL ||
          stox_xml_get_attribute(&attribute, element, 62) == 0);
  }
}

static void check_stanza(stox_arena *arena, const stox_xml_element *element) {
  stox_stanza stanza;
  stox_stanza_error error;
  static char text[1 << 17];
  stox_buf out;
  if (stox_stanza_read(&stanza, element, (stox_span){NULL, 0}) == STOX_E_NONE) {
    return;
  }
  (void)stox_stanza_error_read(&error, arena, &stanza);
  const stox_error_write write = {
      .condition = STOX_COND_BAD_REQUEST, .type = STOX_ERROR_MODIFY, .with_payload = 1};
  stox_buf_init(&out, text, sizeof text);
  const int status = stox_stanza_error_write(&out, &stanza, &write);
  check(status == STOX_OK || status == STOX_E_STATE || status == STOX_E_NOBUF);
}

static void drain(record *r, stox_xml_reader *reader, int is_first) {
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  int kind = 0;
  const stox_xml_element *element = NULL;
  while (stox_xml_next(reader, &arena, &kind, &element) == STOX_OK) {
    keep(r, kind, element);
    if (is_first && kind == STOX_XML_ELEMENT) {
      check_rewritten(&arena, element);
      check_stanza(&arena, element);
    }
  }
  stox_arena_clear(&arena);
}

/* Feeds the stream in pieces of `step` octets. */
static void run(record *r, stox_span stream, size_t step, int is_first) {
  stox_xml_reader *reader = NULL;
  stox_buf_init(&r->out, r->text, sizeof r->text);
  r->status = STOX_E_MORE;
  r->diag = (stox_diag){0, 0, 0, NULL};
  r->last = 0;
  check(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  size_t at = 0;
  while (at < stream.n && (r->status == STOX_OK || r->status == STOX_E_MORE)) {
    const size_t n = stream.n - at < step ? stream.n - at : step;
    size_t consumed = 0;
    r->status = stox_xml_feed(reader, &consumed, (stox_span){stream.p + at, n}, &r->diag);
    check(consumed <= n && (r->status != STOX_E_MORE || consumed == n));
    at += consumed;
    if (r->status == STOX_OK) {
      drain(r, reader, is_first);
    }
  }
  stox_xml_reader_del(reader);
}

static void check_text(stox_span text) {
  static char written[1 << 19];
  stox_buf out;
  stox_buf_init(&out, written, sizeof written);
  (void)stox_buf_put_text(&out, "<a b='");
  if (stox_xml_escape(&out, text, 1) != STOX_OK) {
    return;
  }
  (void)stox_buf_put_text(&out, "'>");
  check(stox_xml_escape(&out, text, 0) == STOX_OK);
  (void)stox_buf_put_text(&out, "</a>");
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  const stox_xml_element *a = reread(&arena, stox_buf_span(&out));
  check(a != NULL || out.len > 262144);
  stox_span got = {NULL, 0};
  if (a != NULL) {
    check(stox_span_is_equal(stox_xml_attribute_of(a, "b"), text));
    check(stox_xml_text(&got, &arena, a) == STOX_OK && stox_span_is_equal(got, text));
  }
  stox_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static record whole;
  static record cut;
  const stox_span stream = {(const char *)data, size};
  if (size > 1 << 14) {
    return 0;
  }
  run(&whole, stream, size, 1);
  const size_t steps[] = {1, 7, size / 2 + 1};
  for (size_t i = 0; i < 3; i++) {
    run(&cut, stream, steps[i], 0);
    check(cut.status == whole.status || (cut.status >= STOX_E_MORE && whole.status >= STOX_E_MORE));
    check(cut.diag.code == whole.diag.code && cut.diag.offset <= size);
    check(cut.out.len == whole.out.len);
    check(stox_span_is_equal(stox_buf_span(&cut.out), stox_buf_span(&whole.out)));
  }
  check_text(stream);
  return 0;
}
