/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_STREAM_SUPPORT_H
#define STOX_TEST_STREAM_SUPPORT_H

#include "xml_support.h"

#define STREAMS "xmlns:stream='http://etherx.jabber.org/streams'"

/* A file of tests/vectors/xmpp-core with a NUL behind it, in `room`. */
static inline stox_span stream_file(char *room, size_t cap, const char *name) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/xmpp-core/%s", STOX_TEST_VECTORS, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail_msg("no %s", path);
  }
  const size_t n = fread(room, 1, cap - 1, file);
  (void)fclose(file);
  assert_true(n > 0 && n < cap - 1);
  room[n] = '\0';
  return (stox_span){room, n};
}

/* The first child of a stream of jabber:client that declares the prefix `stream`. */
static inline const stox_xml_element *stream_child(stox_arena *arena, const char *text) {
  char stream[4096];
  const int n =
      snprintf(stream, sizeof stream, "<stream:stream xmlns='jabber:client' " STREAMS ">%s", text);
  assert_true(n > 0 && (size_t)n < sizeof stream);
  return xml_child_of_stream(arena, (stox_span){stream, (size_t)n});
}

/* The root of a stream. */
static inline const stox_xml_element *stream_root(stox_arena *arena, stox_span text) {
  stox_xml_reader *reader = NULL;
  const stox_xml_element *element = NULL;
  int kind = 0;
  size_t consumed = 0;
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  assert_status(stox_xml_feed(reader, &consumed, text, NULL), STOX_OK);
  assert_status(stox_xml_next(reader, arena, &kind, &element), STOX_OK);
  assert_int_equal(kind, STOX_XML_STREAM_OPEN);
  stox_xml_reader_del(reader);
  return element;
}

#endif
