/* SPDX-License-Identifier: MIT */
/* The reader of documents, which is libxml2, beside our own of streams: an element that both can
 * read is the same element to both, and what one of them refuses the other refuses. Outside of what
 * both read are comments, and limits. A document is written, read and written as before. */
#include "stox/status.h"
#include "stox/xml.h"
#include "stox/xml_document.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 13, WRITTEN = 1 << 17 };

static void check(int holds) {
  if (!holds) {
    abort();
  }
}

static int is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The octets as a child of a stream's root: STOX_OK, or why it is none. */
static int read_stream(const stox_xml_element **out, stox_arena *arena, stox_span octets) {
  stox_xml_reader *reader = NULL;
  size_t consumed = 0;
  int kind = 0;
  check(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  check(stox_xml_feed(reader, &consumed, (stox_span){"<s>", 3}, NULL) == STOX_OK);
  check(stox_xml_next(reader, arena, &kind, out) == STOX_OK);
  int status = stox_xml_feed(reader, &consumed, octets, NULL);
  if (status == STOX_OK) {
    check(stox_xml_next(reader, arena, &kind, out) == STOX_OK);
    status = kind == STOX_XML_ELEMENT   ? STOX_OK
             : kind == STOX_XML_REFUSED ? STOX_E_TOO_MANY
                                        : STOX_E_BAD_XML;
  }
  /* Behind a document's root there is white space alone. */
  for (size_t i = consumed; i < octets.n && status == STOX_OK; i++) {
    status = is_space(octets.p[i]) ? STOX_OK : STOX_E_BAD_XML;
  }
  stox_xml_reader_del(reader);
  return status;
}

static int is_limit(int status) {
  return status == STOX_E_TOO_MANY || status == STOX_E_TOO_LONG || status == STOX_E_TOO_DEEP;
}

static stox_span write_element(char *room, const stox_xml_element *element) {
  stox_buf out;
  stox_buf_init(&out, room, WRITTEN);
  check(stox_xml_write(&out, element, (stox_span){"", 0}) == STOX_OK);
  return stox_buf_span(&out);
}

static void compare(stox_arena *arena, const stox_xml_element *root, stox_span octets) {
  static char first[WRITTEN];
  static char second[WRITTEN];
  const stox_xml_element *other = NULL;
  const stox_span written = write_element(first, root);
  const int status = stox_xml_document_read(&other, arena, written, NULL, NULL);
  check(status == STOX_OK || is_limit(status));
  if (status == STOX_OK) {
    check(stox_span_is_equal(write_element(second, other), written));
  }
  if (read_stream(&other, arena, octets) == STOX_OK) {
    check(stox_span_is_equal(write_element(second, other), written));
  }
}

/* "<!--" may begin a comment, and nothing else is outside of XMPP's profile alone. */
static int may_have_comment(stox_span octets) {
  for (size_t i = 0; i + 4 <= octets.n; i++) {
    if (memcmp(octets.p + i, "<!--", 4) == 0) {
      return 1;
    }
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span octets = {(const char *)data, size};
  const stox_xml_element *root = NULL;
  const stox_xml_element *other = NULL;
  stox_arena arena;
  if (size == 0 || size > LARGEST) {
    return 0;
  }
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  const int status = stox_xml_document_read(&root, &arena, octets, NULL, NULL);
  check(status == STOX_OK || status != STOX_E_NOMEM);
  if (status == STOX_OK) {
    compare(&arena, root, octets);
  }
  /* White space, a declaration and a mark in front are a document's own. */
  if (octets.p[0] == '<' && !(size > 1 && octets.p[1] == '?') && !may_have_comment(octets)) {
    const int ours = read_stream(&other, &arena, octets);
    const int is_restricted = ours == STOX_E_RESTRICTED_XML || status == STOX_E_RESTRICTED_XML;
    if (!is_limit(ours) && !is_limit(status) && !is_restricted) {
      check((ours == STOX_OK) == (status == STOX_OK));
    }
  }
  stox_arena_clear(&arena);
  return 0;
}
