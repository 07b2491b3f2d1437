/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "base/options.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "xml/declaration.h"
#include "xml/parser.h"
#include "xml/scan.h"
#include "xml/tree.h"

#include <string.h>

/* libxml2 refuses more than 10,000,000 octets of one token in its own way. */
enum { STANZA_CEILING = 9000000 };
/* What a reader keeps between events. */
enum { KEPT = 16384 };

struct stox_xml_reader {
  stox_limits limits;
  const stox_allocator *alloc;
  xml_parser *parser;
  xml_scan scan;
  stox_arena root_arena; /* lives as long as the stream */
  stox_arena arena;      /* lives as long as an event */
  const stox_xml_element *root;
  const stox_xml_element *element; /* of the event, NULL: it has none */
  int event;                       /* STOX_XML_… that is ready; 0: none */
  int close_follows;               /* the root was an empty-element tag */
  int is_in_event;                 /* 1: its first octet has been seen */
  int is_closed;
  int status;       /* why the stream is dead */
  stox_buf pending; /* octets of an event that is not complete */
  size_t spent;     /* octets since the event before */
  size_t offset;    /* in the stream, of what `pending` begins with */
};

int stox_xml_options_init(stox_xml_options *out, size_t size) {
  const stox_xml_options defaults = {sizeof defaults, NULL, NULL};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int read_limits(stox_limits *out, const stox_limits *given) {
  int status = stox_limits_init(out, sizeof *out);
  if (status == STOX_OK) {
    status = stox_options_read(out, sizeof *out, given);
  }
  out->stanza = out->stanza < STANZA_CEILING ? out->stanza : STANZA_CEILING;
  return status;
}

static void begin_stream(stox_xml_reader *reader) {
  xml_scan_init(&reader->scan, &reader->limits);
  reader->root = NULL;
  reader->element = NULL;
  reader->event = 0;
  reader->close_follows = 0;
  reader->is_in_event = 0;
  reader->is_closed = 0;
  reader->status = STOX_OK;
  reader->pending.len = 0;
  reader->spent = 0;
  reader->offset = 0;
}

int stox_xml_reader_new(stox_xml_reader **out, const stox_xml_options *options) {
  stox_xml_options own = {sizeof own, NULL, NULL};
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
  *reader = (stox_xml_reader){.limits = limits, .alloc = alloc};
  stox_arena_init(&reader->root_arena, NULL, 0, 0, alloc);
  stox_arena_init(&reader->arena, NULL, 0, 0, alloc);
  begin_stream(reader);
  const int status = xml_parser_new(&reader->parser, alloc);
  if (status != STOX_OK) {
    stox_xml_reader_del(reader);
    return status;
  }
  *out = reader;
  return STOX_OK;
}

static void drop_pending(stox_xml_reader *reader) {
  if (reader->pending.p != NULL) {
    reader->alloc->resize(reader->alloc->ud, reader->pending.p, reader->pending.cap, 0);
  }
  stox_buf_init(&reader->pending, NULL, 0);
}

void stox_xml_reader_del(stox_xml_reader *reader) {
  if (reader == NULL) {
    return;
  }
  xml_parser_del(reader->parser);
  drop_pending(reader);
  stox_arena_clear(&reader->root_arena);
  stox_arena_clear(&reader->arena);
  reader->alloc->resize(reader->alloc->ud, reader, sizeof *reader, 0);
}

int stox_xml_reader_restart(stox_xml_reader *reader) {
  begin_stream(reader);
  stox_arena_clear(&reader->root_arena);
  stox_arena_clear(&reader->arena);
  reader->status = xml_parser_restart(reader->parser);
  return reader->status;
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

/* `at` octets behind the start of the event. */
static int die(stox_xml_reader *reader, int status, size_t at, stox_diag *diag) {
  reader->status = status;
  return stox_diag_set(diag, status, 0, reader->offset + at, rule_of(status));
}

static int hold(stox_xml_reader *reader, stox_span bytes) {
  stox_buf *pending = &reader->pending;
  if (bytes.n > pending->cap - pending->len) {
    size_t cap = pending->cap < 1024 ? 1024 : pending->cap;
    while (cap - pending->len < bytes.n) {
      cap *= 2;
    }
    char *p = reader->alloc->resize(reader->alloc->ud, pending->p, pending->cap, cap);
    if (p == NULL) {
      return STOX_E_NOMEM;
    }
    pending->p = p;
    pending->cap = cap;
  }
  return stox_buf_put(pending, bytes);
}

/* Lets go of what the event needed, and of memory that only a large one needs. */
static void end_event(stox_xml_reader *reader, size_t n) {
  reader->offset += n;
  reader->is_in_event = 0;
  reader->pending.len = 0;
  if (reader->pending.cap > KEPT) {
    drop_pending(reader);
  }
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
  while (*n < bytes.n && stox_char_is(bytes.p[*n], STOX_CHAR_SPACE)) {
    (*n)++;
  }
  if (*n > 0) {
    reader->scan.may_declare = 0;
    reader->offset += *n;
    if (reader->scan.depth == 1) {
      reader->spent = 0;
      reader->event = STOX_XML_WHITESPACE;
      return STOX_OK;
    }
    reader->spent += *n;
    return reader->spent < reader->limits.stanza || reader->is_closed
               ? STOX_E_MORE
               : die(reader, STOX_E_TOO_LONG, 0, diag);
  }
  if (bytes.p[0] != '<' || reader->is_closed) {
    return die(reader, refused_start(reader, bytes.p[0]), 0, diag);
  }
  reader->is_in_event = 1;
  return STOX_E_MORE;
}

static int parse_event(stox_xml_reader *reader, stox_span whole, size_t *at) {
  const int is_root = reader->root == NULL;
  xml_builder builder = {
      .arena = is_root ? &reader->root_arena : &reader->arena,
      .outer = reader->root,
      .default_ns = {"", 0},
      .scope_max = reader->limits.attributes,
  };
  if (!is_root) {
    builder.default_ns = reader->root->default_ns;
  }
  const int status = xml_parser_parse(reader->parser, &builder, whole, at);
  if (status == STOX_OK && builder.open != NULL && !is_root) {
    return STOX_E_BAD_XML;
  }
  reader->element = builder.top;
  reader->root = is_root ? builder.top : reader->root;
  return status;
}

static void announce(stox_xml_reader *reader, int was_root) {
  const int token = reader->scan.token;
  reader->spent = 0;
  if (was_root) {
    reader->event = STOX_XML_STREAM_OPEN;
    reader->close_follows = token == XML_TOKEN_EMPTY;
  } else if (reader->scan.depth == 0) {
    reader->event = STOX_XML_STREAM_CLOSE;
    reader->element = NULL;
  } else {
    reader->event = STOX_XML_ELEMENT;
  }
  reader->is_closed = reader->scan.depth == 0;
}

/* The octets of an event, or of the XML declaration, are complete. */
static int deliver(stox_xml_reader *reader, stox_span whole, stox_diag *diag) {
  size_t at = 0;
  int status = stox_utf8_check(whole, &at);
  if (status == STOX_OK && memchr(whole.p, 0, whole.n) != NULL) {
    at = stox_span_find(whole, '\0');
    status = STOX_E_BAD_XML;
  }
  if (status == STOX_OK && reader->scan.token == XML_TOKEN_DECLARATION) {
    status = xml_declaration_check(whole);
    if (status == STOX_OK) {
      end_event(reader, whole.n);
      return STOX_E_MORE;
    }
  }
  const int was_root = reader->root == NULL;
  if (status == STOX_OK) {
    status = parse_event(reader, whole, &at);
  }
  if (status != STOX_OK) {
    return die(reader, status, at, diag);
  }
  announce(reader, was_root);
  end_event(reader, whole.n);
  return STOX_OK;
}

static int is_event(const xml_scan *scan) {
  switch (scan->token) {
  case XML_TOKEN_DECLARATION:
    return 1;
  case XML_TOKEN_START:
    return scan->depth == 1;
  case XML_TOKEN_CDATA:
    return 0;
  default:
    return scan->depth <= 1;
  }
}

static int read_event(stox_xml_reader *reader, size_t *n, stox_span bytes, stox_diag *diag) {
  const stox_span room = stox_span_slice(bytes, 0, reader->limits.stanza - reader->spent);
  int status = STOX_OK;
  do {
    size_t step = 0;
    status = xml_scan_next(&reader->scan, &step, stox_span_slice(room, *n, room.n));
    *n += step;
  } while (status == STOX_OK && !is_event(&reader->scan));
  const size_t before = reader->pending.len;
  reader->spent += *n;
  if (status == STOX_E_MORE && reader->spent >= reader->limits.stanza) {
    status = STOX_E_TOO_LONG;
  }
  if (status != STOX_OK && status != STOX_E_MORE) {
    return die(reader, status, before + *n, diag);
  }
  stox_span whole = {bytes.p, *n};
  if (before > 0 || status == STOX_E_MORE) {
    if (hold(reader, whole) != STOX_OK) {
      return die(reader, STOX_E_NOMEM, before, diag);
    }
    whole = stox_buf_span(&reader->pending);
  }
  return status == STOX_OK ? deliver(reader, whole, diag) : status;
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
    const stox_span rest = stox_span_slice(bytes, *consumed, bytes.n);
    status = reader->is_in_event ? read_event(reader, &n, rest, diag)
                                 : read_between(reader, &n, rest, diag);
    *consumed += n;
  }
  return status;
}

int stox_xml_next(stox_xml_reader *reader, stox_arena *arena, int *kind,
                  const stox_xml_element **out) {
  if (reader->event == 0) {
    return STOX_E_NONE;
  }
  const stox_xml_element *copy = NULL;
  if (reader->element != NULL && xml_tree_copy(&copy, arena, reader->element) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  *out = copy;
  *kind = reader->event;
  reader->event = reader->close_follows ? STOX_XML_STREAM_CLOSE : 0;
  reader->close_follows = 0;
  reader->element = NULL;
  if (reader->arena.cap > KEPT) {
    stox_arena_clear(&reader->arena);
  } else {
    stox_arena_reset(&reader->arena);
  }
  return STOX_OK;
}
