/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_MESSAGE_SUPPORT_H
#define STOX_TEST_MESSAGE_SUPPORT_H

#include "sip_messages.h"
#include "writers.h"
#include "xml_support.h"

#include "stox/message.h"

/* Single messages, by the tables of RFC 7572, and the failures of both sides by RFC 7247 7. */

enum { ROOM = 1 << 18 };

static const stox_span absent = {NULL, 0};
static char memory[ROOM];
static stox_arena arena;

static inline int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static inline stox_message_options client_options(void) {
  stox_message_options options;
  assert_status(stox_message_options_init(&options, sizeof options), STOX_OK);
  options.ns = S("jabber:client");
  return options;
}

static inline stox_span vector(const char *name) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/7572/%s", STOX_TEST_VECTORS, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *p = stox_arena_take(&arena, 8192, 1);
  assert_non_null(p);
  const size_t n = fread(p, 1, 8192, file);
  (void)fclose(file);
  assert_true(n > 0 && n < 8192);
  return (stox_span){p, n};
}

static inline stox_sip_message *sip_in(stox_arena *where, stox_span text) {
  stox_sip_message *message = NULL;
  stox_diag diag = {0, 0, 0, NULL};
  if (stox_sip_parse(&message, where, text, NULL, &diag) != STOX_OK) {
    fail_msg("%.*s: %s", (int)text.n, text.p, diag.rule);
  }
  return message;
}

static inline stox_sip_message *sip(stox_span text) {
  return sip_in(&arena, text);
}

static inline stox_stanza stanza(const char *text) {
  stox_stanza out;
  assert_status(stox_stanza_read(&out, xml_client_element(&arena, text), absent), STOX_OK);
  return out;
}

static inline stox_span written(const stox_sip_edit *edit) {
  stox_buf out;
  char *p = stox_arena_take(&arena, 8192, 1);
  assert_non_null(p);
  stox_buf_init(&out, p, 8192);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  return stox_buf_span(&out);
}

/* The value of the first header line of that name, which must be in a message. */
static inline stox_span line_of(stox_span message, const char *name) {
  const size_t n = strlen(name);
  for (size_t i = 2; i + n < message.n; i++) {
    if (message.p[i - 1] == '\n' && memcmp(message.p + i, name, n) == 0 &&
        message.p[i + n] == ':') {
      const stox_span rest = stox_span_slice(message, i + n + 2, message.n);
      return stox_span_slice(rest, 0, stox_span_find(rest, '\r'));
    }
  }
  return absent;
}

static inline size_t lines(stox_span message) {
  size_t n = 0;
  for (size_t i = 0; i < message.n; i++) {
    n += message.p[i] == '\n' ? 1U : 0U;
  }
  return n;
}

#define MESSAGE(more, body_n, body) LINE ROUTING HOPS more "Content-Length: " body_n "\r\n\r\n" body
#define PLAIN                       "Content-Type: text/plain\r\n"
#define FROM_TO                     "from='juliet@example.com/r' to='romeo@example.net'"
#define STANZAS                     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

#define BOUNCE(from, type, inner)                                                                  \
  "<message type='error' from='" from "' to='juliet@example.com'><error type='" type "'>" inner    \
  "</error></message>"

static const stox_message_dialog dialog = {ROW("c1"), ROW("t1"), 3, 0};

static inline stox_span without_line_end(stox_span text) {
  while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r')) {
    text.n--;
  }
  return text;
}

/* Without the children and attributes that an example leaves out. */
static inline stox_span reduced(stox_span text, const char *open, const char *close) {
  char *p = stox_arena_take(&arena, text.n + 1, 1);
  assert_non_null(p);
  memcpy(p, text.p, text.n);
  p[text.n] = '\0';
  char *from = strstr(p, open);
  assert_non_null(from);
  char *to = strstr(from + strlen(open), close);
  assert_non_null(to);
  to += strlen(close);
  memmove(from, to, strlen(to) + 1);
  return (stox_span){p, strlen(p)};
}

#endif
