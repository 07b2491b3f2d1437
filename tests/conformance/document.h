/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_DOCUMENT_H
#define STOX_TEST_DOCUMENT_H

#include "sip_messages.h"
#include "tables.h"

#include "stox/sip_value.h"

/* What the tests of the documents on SIP share: their vectors, and values by name. */

/* A vector of a document; its octets are overwritten by the eighth call after this one. */
static inline stox_span document_file(const char *document, const char *name) {
  static char rooms[8][8192];
  static size_t turn;
  char *room = rooms[turn++ % 8];
  char path[512];
  (void)snprintf(path, sizeof path, "%s/%s/%s", STOX_TEST_VECTORS, document, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail_msg("no %s", path);
  }
  const size_t n = fread(room, 1, sizeof rooms[0], file);
  (void)fclose(file);
  assert_true(n > 0 && n < sizeof rooms[0]);
  return (stox_span){room, n};
}

/* A message among a document's vectors; free with parsed_free(). */
static inline void document_message(parsed *p, const char *document, const char *name) {
  parse_good(p, document_file(document, name));
}

/* The value of a header field that stands alone in a vector. */
static inline stox_span document_value(const char *document, const char *name, int id) {
  const stox_span line = document_file(document, name);
  const size_t colon = stox_span_find(line, ':');
  assert_int_equal(stox_sip_header_of(stox_span_slice(line, 0, colon)), id);
  return stox_span_trim(stox_span_slice(line, colon + 1, line.n));
}

/* 1 if a list holds a token. */
static inline int document_lists(const parsed *p, int id, const char *token) {
  stox_sip_cursor cursor = {0, 0};
  stox_span value;
  while (stox_sip_next_value(&value, p->message, id, &cursor) == STOX_OK) {
    if (stox_span_is_equal(value, stox_span_text(token))) {
      return 1;
    }
  }
  return 0;
}

/* What an edit writes; free the room of 4,096 octets. */
static inline stox_span document_written(const stox_sip_edit *edit) {
  stox_buf out;
  char *room = malloc(4096);
  assert_non_null(room);
  stox_buf_init(&out, room, 4096);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  return stox_buf_span(&out);
}

/* A new request with the header fields that each needs. */
static inline stox_sip_edit *document_request(stox_arena *arena, const char *method,
                                              const char *request_uri) {
  stox_sip_edit *edit = NULL;
  char cseq[32];
  (void)snprintf(cseq, sizeof cseq, "1 %s", method);
  const struct {
    int id;
    stox_span value;
  } fields[] = {
      {STOX_SIP_VIA, S("SIP/2.0/TLS a.example.com;branch=z9hG4bKa1")},
      {STOX_SIP_MAX_FORWARDS, S("70")},
      {STOX_SIP_FROM, S("<sip:a@example.com>;tag=1a")},
      {STOX_SIP_TO, S("<sip:b@example.com>")},
      {STOX_SIP_CALL_ID, S("1@a.example.com")},
      {STOX_SIP_CSEQ, stox_span_text(cseq)},
  };
  assert_status(
      stox_sip_request_new(&edit, arena, stox_span_text(method), stox_span_text(request_uri)),
      STOX_OK);
  for (size_t i = 0; i < COUNT(fields); i++) {
    assert_status(stox_sip_edit_set(edit, fields[i].id, S(""), fields[i].value, STOX_SIP_LAST),
                  STOX_OK);
  }
  return edit;
}

/* What a table of statuses and methods lets stand: the methods, 1 shifted left by their numbers. */
#define IN(method) (1 << STOX_SIP_##method)

#endif
