/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "stox/status.h"
#include "xml/names.h"
#include "xml/stream.h"

#include <stdalign.h>

/* Offsets have 32 bits. */
enum { STANZA_CEILING = 9000000, DEPTH_CEILING = 250 };
/* What a reader keeps of each buffer between events. */
enum { KEPT = 4096 };

struct stox_xml_reader {
  xml_stream stream;
  size_t stanza_max;
  void *root_block; /* the root's tree, as long as the stream lives */
  size_t root_n;
  const stox_xml_element *root;
  int event;         /* STOX_XML_… that is ready; 0: none */
  int close_follows; /* the root was an empty-element tag */
  int is_in_event;   /* 1: its first octet has been seen */
  int is_closed;
  int status;    /* why the stream is dead */
  size_t spent;  /* octets since the event before */
  size_t offset; /* octets of the stream in front of this event */
};

int stox_xml_options_init(stox_xml_options *out, size_t size) {
  const stox_xml_options defaults = {.size = sizeof defaults};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int read_limits(stox_limits *out, const stox_limits *given) {
  const int status = stox_limits_init(out, sizeof *out);
  return status != STOX_OK ? status : stox_options_read(out, sizeof *out, given);
}

static uint32_t least(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

static void drop_root(stox_xml_reader *reader) {
  const stox_allocator *alloc = reader->stream.build.alloc;
  if (reader->root_block != NULL) {
    alloc->resize(alloc->ud, reader->root_block, reader->root_n, 0);
  }
  reader->root_block = NULL;
  reader->root = NULL;
}

static void shrink(stox_xml_reader *reader, size_t kept) {
  xml_builder *build = &reader->stream.build;
  xml_build_shrink(build, &build->nodes, kept);
  xml_build_shrink(build, &build->text, kept);
  xml_build_shrink(build, &build->scope, kept);
}

static void begin_stream(stox_xml_reader *reader) {
  drop_root(reader);
  xml_stream_begin(&reader->stream);
  reader->event = 0;
  reader->close_follows = 0;
  reader->is_in_event = 0;
  reader->is_closed = 0;
  reader->status = STOX_OK;
  reader->spent = 0;
  reader->offset = 0;
}

int stox_xml_reader_new(stox_xml_reader **out, const stox_xml_options *options) {
  stox_xml_options own = {.size = sizeof own};
  stox_limits limits;
  if (stox_options_read(&own, sizeof own, options) != STOX_OK ||
      read_limits(&limits, own.limits) != STOX_OK) {
    return STOX_E_ARG;
  }
  const stox_allocator *alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_xml_reader *reader = alloc->resize(alloc->ud, NULL, 0, sizeof *reader);
  if (reader == NULL) {
    return STOX_E_NOMEM;
  }
  *reader = (stox_xml_reader){.stanza_max = least(limits.stanza, STANZA_CEILING)};
  reader->stream.build.alloc = alloc;
  reader->stream.kernel = xml_marks_choose(own.kernel);
  reader->stream.build.prefixes_max = limits.attributes;
  reader->stream.attributes_max = least(limits.attributes, XML_RECORDS_MAX);
  reader->stream.names_max = least(limits.names, XML_NAME_MAX);
  reader->stream.depth_max = least(limits.depth, DEPTH_CEILING);
  begin_stream(reader);
  *out = reader;
  return STOX_OK;
}

void stox_xml_reader_del(stox_xml_reader *reader) {
  if (reader == NULL) {
    return;
  }
  const stox_allocator *alloc = reader->stream.build.alloc;
  drop_root(reader);
  shrink(reader, 0);
  alloc->resize(alloc->ud, reader, sizeof *reader, 0);
}

int stox_xml_reader_restart(stox_xml_reader *reader) {
  begin_stream(reader);
  shrink(reader, KEPT);
  return STOX_OK;
}

static const char *rule_of(int status) {
  switch (status) {
  case STOX_E_RESTRICTED_XML:
    return "RFC6120-11.1";
  case STOX_E_BAD_NAMESPACE:
    return "XML-NAMES";
  case STOX_E_BAD_UTF8:
  case STOX_E_UNSUPPORTED:
    return "RFC6120-11.6";
  case STOX_E_BAD_XML:
    return "RFC6120-11.3";
  default:
    return "RFC6120-13.12";
  }
}

/* `at` octets behind the beginning of the event. */
static int die(stox_xml_reader *reader, int status, size_t at, stox_diag *diag) {
  reader->status = status;
  return stox_diag_set(diag, status, 0, reader->offset + at, rule_of(status));
}

static int refused_start(const stox_xml_reader *reader, char c) {
  const unsigned char octet = (unsigned char)c;
  if (reader->offset == 0 && (octet == 0xfe || octet == 0xff || octet == 0)) {
    return STOX_E_UNSUPPORTED; /* UTF-16, UTF-32 */
  }
  return STOX_E_BAD_XML;
}

/* White space before, between and behind events; then the first octet of one. */
static int read_between(stox_xml_reader *reader, size_t *n, stox_span bytes, stox_diag *diag) {
  while (*n < bytes.n && xml_class(bytes.p[*n], XML_CLASS_SPACE)) {
    (*n)++;
  }
  if (*n > 0) {
    reader->stream.may_declare = 0;
    reader->offset += *n;
    if (reader->stream.depth == 1) {
      reader->spent = 0;
      reader->event = STOX_XML_WHITESPACE;
      return STOX_OK;
    }
    reader->spent += *n;
    return reader->spent < reader->stanza_max || reader->is_closed
               ? STOX_E_MORE
               : die(reader, STOX_E_TOO_LONG, 0, diag);
  }
  if (bytes.p[0] != '<' || reader->is_closed) {
    return die(reader, refused_start(reader, bytes.p[0]), 0, diag);
  }
  reader->is_in_event = 1;
  return xml_stream_event(&reader->stream, reader->root) == STOX_OK
             ? STOX_E_MORE
             : die(reader, STOX_E_NOMEM, 0, diag);
}

static int keep_root(stox_xml_reader *reader) {
  const xml_builder *build = &reader->stream.build;
  reader->root_n = xml_build_size(build);
  reader->root_block = build->alloc->resize(build->alloc->ud, NULL, 0, reader->root_n);
  if (reader->root_block == NULL) {
    return STOX_E_NOMEM;
  }
  reader->root = xml_build_copy(build, reader->root_block);
  return STOX_OK;
}

static int end_event(stox_xml_reader *reader) {
  const xml_stream *stream = &reader->stream;
  reader->spent = 0;
  reader->is_in_event = 0;
  reader->is_closed = stream->depth == 0;
  if (reader->root == NULL) {
    reader->event = STOX_XML_STREAM_OPEN;
    reader->close_follows = stream->depth == 0;
    return keep_root(reader);
  }
  reader->event = stream->build.is_refused ? STOX_XML_REFUSED : STOX_XML_ELEMENT;
  if (stream->depth == 0) {
    reader->event = STOX_XML_STREAM_CLOSE;
  }
  return STOX_OK;
}

static int read_event(stox_xml_reader *reader, size_t *n, stox_span bytes, stox_diag *diag) {
  xml_stream *stream = &reader->stream;
  const size_t left = reader->stanza_max - reader->spent;
  bytes.n = bytes.n < left ? bytes.n : left;
  int status = xml_stream_read(stream, n, bytes);
  if (status != STOX_OK && status != STOX_E_MORE) {
    return die(reader, status, stream->wrong, diag);
  }
  reader->spent += *n;
  if (status == STOX_E_MORE) {
    return reader->spent < reader->stanza_max ? STOX_E_MORE
                                              : die(reader, STOX_E_TOO_LONG, stream->at, diag);
  }
  reader->offset += stream->at;
  if (stream->is_declared) {
    reader->is_in_event = 0;
    return reader->spent < reader->stanza_max ? STOX_E_MORE : die(reader, STOX_E_TOO_LONG, 0, diag);
  }
  status = end_event(reader);
  return status == STOX_OK ? STOX_OK : die(reader, status, 0, diag);
}

int stox_xml_feed(stox_xml_reader *reader, size_t *consumed, stox_span bytes, stox_diag *diag) {
  *consumed = 0;
  if (reader->status != STOX_OK) {
    return stox_diag_set(diag, reader->status, 0, reader->offset, rule_of(reader->status));
  }
  if (reader->event != 0) {
    return STOX_E_STATE;
  }
  int status = STOX_E_MORE;
  while (*consumed < bytes.n && status == STOX_E_MORE) {
    size_t n = 0;
    const stox_span rest = {bytes.p + *consumed, bytes.n - *consumed};
    status = reader->is_in_event ? read_event(reader, &n, rest, diag)
                                 : read_between(reader, &n, rest, diag);
    *consumed += n;
  }
  return status;
}

/* The tree of the event, in the caller's arena. */
static int give(const stox_xml_reader *reader, stox_arena *arena, const stox_xml_element **out) {
  const xml_builder *build = &reader->stream.build;
  *out = NULL;
  if (reader->event == STOX_XML_STREAM_CLOSE || reader->event == STOX_XML_WHITESPACE) {
    return STOX_OK;
  }
  void *p = stox_arena_take(arena, xml_build_size(build), alignof(xml_head));
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  *out = xml_build_copy(build, p);
  return STOX_OK;
}

int stox_xml_next(stox_xml_reader *reader, stox_arena *arena, int *kind,
                  const stox_xml_element **out) {
  if (reader->event == 0) {
    return STOX_E_NONE;
  }
  const stox_xml_element *copy = NULL;
  if (give(reader, arena, &copy) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  *out = copy;
  *kind = reader->event;
  reader->event = reader->close_follows ? STOX_XML_STREAM_CLOSE : 0;
  reader->close_follows = 0;
  shrink(reader, KEPT);
  return STOX_OK;
}
