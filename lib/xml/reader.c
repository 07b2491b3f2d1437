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
  int status;          /* why the stream is dead */
  xml_builder builder; /* of the event that is not complete */
  stox_buf pending;    /* octets of a token that is not complete */
  size_t spent;        /* octets since the event before */
  size_t offset;       /* octets of the stream that have been parsed */
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

/* `at` octets behind what has been parsed. */
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

static int refused_start(const stox_xml_reader *reader, char c) {
  const unsigned char octet = (unsigned char)c;
  if (reader->offset == 0 && (octet == 0xfe || octet == 0xff || octet == 0)) {
    return STOX_E_UNSUPPORTED; /* UTF-16, UTF-32 */
  }
  return STOX_E_BAD_XML;
}

static void begin_event(stox_xml_reader *reader) {
  const int is_root = reader->root == NULL;
  reader->is_in_event = 1;
  reader->builder = (xml_builder){
      .arena = is_root ? &reader->root_arena : &reader->arena,
      .outer = reader->root,
      .default_ns = is_root ? (stox_span){"", 0} : reader->root->default_ns,
      .scope_max = reader->limits.attributes,
  };
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
  begin_event(reader);
  return STOX_E_MORE;
}

static void end_event(stox_xml_reader *reader) {
  const int token = reader->scan.token;
  reader->spent = 0;
  reader->is_in_event = 0;
  reader->element = reader->builder.top;
  if (reader->root == NULL) {
    reader->root = reader->element;
    reader->event = STOX_XML_STREAM_OPEN;
    reader->close_follows = token == XML_TOKEN_EMPTY;
  } else {
    reader->event = reader->scan.depth == 0 ? STOX_XML_STREAM_CLOSE : STOX_XML_ELEMENT;
  }
  reader->is_closed = reader->scan.depth == 0;
  if (reader->pending.cap > KEPT) {
    drop_pending(reader);
  }
}

/* Parses tokens that are complete. */
static int parse_tokens(stox_xml_reader *reader, stox_span tokens, stox_diag *diag) {
  size_t at = 0;
  if (tokens.n == 0) {
    return STOX_OK;
  }
  const int status = xml_parser_parse(reader->parser, &reader->builder, tokens, &at);
  if (status != STOX_OK) {
    return die(reader, status, at, diag);
  }
  reader->offset += tokens.n;
  return STOX_OK;
}

/* What a parser must not see: *at octets into the token. */
static int check_token(const stox_xml_reader *reader, size_t *at, stox_span token) {
  int status = stox_utf8_check(token, at);
  if (status == STOX_OK && memchr(token.p, 0, token.n) != NULL) {
    *at = stox_span_find(token, '\0');
    status = STOX_E_BAD_XML;
  }
  if (status == STOX_OK && reader->scan.token == XML_TOKEN_DECLARATION) {
    *at = 0;
    status = xml_declaration_check(token);
  }
  return status;
}

static int is_event(const xml_scan *scan) {
  switch (scan->token) {
  case XML_TOKEN_START:
    return scan->depth == 1;
  case XML_TOKEN_CDATA:
    return 0;
  default:
    return scan->depth <= 1;
  }
}

/* Scans tokens up to the end of an event: *n octets, of which *done are complete tokens that have
 * been checked. Where the scan is refused, *at says how far behind *done. */
static int scan_tokens(stox_xml_reader *reader, size_t *n, size_t *done, size_t *at,
                       stox_span room) {
  int status = STOX_OK;
  do {
    size_t step = 0;
    const stox_span rest = stox_span_slice(room, *n, room.n);
    status = xml_scan_next(&reader->scan, &step, rest);
    *n += step;
    *at = step;
    if (status == STOX_OK) {
      status = check_token(reader, at, stox_span_slice(rest, 0, step));
      *done = status == STOX_OK ? *n : *done;
    }
  } while (status == STOX_OK && !is_event(&reader->scan));
  return status;
}

/* The rest of a token that an earlier call began. STOX_OK: it is complete and parsed. */
static int finish_token(stox_xml_reader *reader, size_t *n, stox_span room, stox_diag *diag) {
  const size_t before = reader->pending.len;
  size_t at = 0;
  int status = xml_scan_next(&reader->scan, n, room);
  if (status != STOX_OK && status != STOX_E_MORE) {
    return die(reader, status, before + *n, diag);
  }
  if (hold(reader, stox_span_slice(room, 0, *n)) != STOX_OK) {
    return die(reader, STOX_E_NOMEM, before, diag);
  }
  if (status == STOX_E_MORE) {
    return status;
  }
  const stox_span token = stox_buf_span(&reader->pending);
  status = check_token(reader, &at, token);
  if (status != STOX_OK) {
    return die(reader, status, at, diag);
  }
  reader->pending.len = 0;
  if (reader->scan.token == XML_TOKEN_DECLARATION) {
    reader->offset += token.n;
    return STOX_OK;
  }
  return parse_tokens(reader, token, diag);
}

/* What precedes a refusal is parsed first, so that however a stream is cut the first error is the
 * one that is said. */
static int read_tokens(stox_xml_reader *reader, size_t *n, stox_span room, stox_diag *diag) {
  size_t done = 0;
  size_t at = 0;
  const int status = scan_tokens(reader, n, &done, &at, room);
  stox_span tokens = stox_span_slice(room, 0, done);
  if (done > 0 && reader->scan.token == XML_TOKEN_DECLARATION) {
    reader->offset += done;
    tokens.n = 0;
  }
  const int parsed = parse_tokens(reader, tokens, diag);
  if (parsed != STOX_OK) {
    return parsed;
  }
  if (status != STOX_OK && status != STOX_E_MORE) {
    return die(reader, status, at, diag);
  }
  if (hold(reader, stox_span_slice(room, done, *n - done)) != STOX_OK) {
    return die(reader, STOX_E_NOMEM, 0, diag);
  }
  return status;
}

static int read_event(stox_xml_reader *reader, size_t *n, stox_span bytes, stox_diag *diag) {
  const stox_span room = stox_span_slice(bytes, 0, reader->limits.stanza - reader->spent);
  const int status = reader->pending.len > 0 ? finish_token(reader, n, room, diag)
                                             : read_tokens(reader, n, room, diag);
  reader->spent += *n;
  if (status == STOX_OK && reader->scan.token == XML_TOKEN_DECLARATION) {
    reader->is_in_event = 0;
    return STOX_E_MORE;
  }
  if (status == STOX_OK && is_event(&reader->scan)) {
    end_event(reader);
    return STOX_OK;
  }
  if ((status == STOX_OK || status == STOX_E_MORE) && reader->spent >= reader->limits.stanza) {
    return die(reader, STOX_E_TOO_LONG, reader->pending.len, diag);
  }
  return status == STOX_OK ? STOX_E_MORE : status;
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
