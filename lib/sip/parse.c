/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "base/limits.h"
#include "base/options.h"
#include "base/take.h"
#include "sip/fields.h"
#include "sip/scan.h"
#include "stox/status.h"
#include "stox/utf8.h"

#include <stdalign.h>
#include <string.h>

static const stox_sip_options defaults = {.size = sizeof(stox_sip_options)};

int stox_sip_options_init(stox_sip_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

void stox_sip_refuse(stox_sip_parser *parser, int code, int answer, size_t offset,
                     const char *rule) {
  if (parser->first.code == STOX_OK) {
    parser->first = (stox_diag){code, answer, offset, rule};
  }
}

int stox_sip_forgive(stox_sip_parser *parser, int code, size_t offset, const char *rule) {
  if (parser->lenient) {
    parser->message->lenient = 1;
    return 1;
  }
  stox_sip_refuse(parser, code, 400, offset, rule);
  return 0;
}

/* CRLFs before a start line are to be ignored on a stream (RFC 3261 7.5). */
static void skip_empty_lines(stox_sip_parser *parser) {
  const stox_span bytes = parser->message->bytes;
  if (parser->is_fragment || (!parser->is_stream && !parser->lenient)) {
    return;
  }
  while (parser->at + 1 < bytes.n && bytes.p[parser->at] == '\r' &&
         bytes.p[parser->at + 1] == '\n') {
    parser->at += 2;
    parser->message->lenient |= !parser->is_stream;
  }
}

/* A control may stand behind a backslash in a quoted string only (RFC 3261 25.1 quoted-pair). The
 * first one that does not, or text.n. */
static size_t find_raw_control(stox_span text) {
  int quoted = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    const char next = i + 1 < text.n ? text.p[i + 1] : '\0';
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted && c == '\\') {
      i += next != '\r' && next != '\n';
    } else if (stox_char_is(c, STOX_CHAR_CTRL) && c != '\t' && c != '\n' &&
               (c != '\r' || next != '\n')) {
      return i;
    }
  }
  return text.n;
}

/* What may not stand in any header field. */
static int check_octets(stox_sip_parser *parser, const stox_sip_scan *scan) {
  const stox_span value = stox_span_slice(parser->message->bytes, scan->value, scan->value_n);
  size_t bad = 0;
  int flags = 0;
  if ((scan->flags & STOX_SIP_BARE_LF) != 0) {
    stox_sip_forgive(parser, STOX_E_CTRL, parser->at, "RFC3261-7 CRLF");
  }
  if ((scan->flags & STOX_SIP_CONTROL) != 0 && (bad = find_raw_control(value)) < value.n) {
    flags = STOX_SIP_RAW;
    stox_sip_refuse(parser, STOX_E_CTRL, 400, scan->value + bad, "RFC3261-25.1 TEXT-UTF8");
  }
  if ((scan->flags & STOX_SIP_HIGH) != 0 && stox_utf8_check(value, &bad) != STOX_OK) {
    stox_sip_forgive(parser, STOX_E_BAD_UTF8, scan->value + bad, "RFC3261-25.1 UTF8-NONASCII");
  }
  return scan->flags | flags;
}

static int add_field(stox_sip_parser *parser, const stox_sip_scan *scan) {
  if ((scan->flags & STOX_SIP_BAD_NAME) != 0) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, parser->at, "RFC3261-25.1 message-header");
    return STOX_OK;
  }
  if (scan->name_n > UINT16_MAX) {
    stox_sip_refuse(parser, STOX_E_TOO_LONG, 513, parser->at, "limit of a header's name");
    return STOX_OK;
  }
  const stox_sip_field field = {
      .line = (uint32_t)parser->at,
      .end = (uint32_t)scan->end,
      .value = (uint32_t)scan->value,
      .value_n = (uint32_t)scan->value_n,
      .name_n = (uint16_t)scan->name_n,
      .flags = (uint8_t)(scan->flags == 0 ? 0 : check_octets(parser, scan)),
  };
  return stox_sip_add_field(parser->message, &field);
}

/* A fragment may end behind any header field (RFC 3420 2). */
static int end_fragment(stox_sip_parser *parser, const stox_sip_scan *scan, int is_whole_line) {
  const size_t n = parser->message->bytes.n;
  if (!is_whole_line && !stox_sip_forgive(parser, STOX_E_MISSING, n, "RFC3420-2 CRLF")) {
    return STOX_E_NONE;
  }
  const int status = add_field(parser, scan);
  parser->at = n;
  return status;
}

/* The scan stopped before the empty line. */
static int end_early(stox_sip_parser *parser, const stox_sip_scan *scan, int status) {
  const stox_span bytes = parser->message->bytes;
  const int is_long = status == STOX_E_TOO_LONG;
  if (is_long || bytes.n > parser->limits->message) {
    stox_sip_refuse(parser, STOX_E_TOO_LONG, 513, parser->at,
                    is_long ? "limit of a header field" : "limit of a message");
    return STOX_E_NONE;
  }
  const int is_whole_line = parser->at < bytes.n && bytes.p[bytes.n - 1] == '\n';
  if (parser->is_fragment) {
    return end_fragment(parser, scan, is_whole_line);
  }
  if (!is_whole_line || parser->is_stream || !parser->lenient) {
    stox_sip_refuse(parser, STOX_E_MISSING, 400, bytes.n, "RFC3261-7 empty line");
    return STOX_E_NONE;
  }
  parser->message->lenient = 1;
  status = add_field(parser, scan);
  parser->at = bytes.n;
  return status;
}

/* Whether the empty line stands at the parser's place; moves it behind. */
static int take_empty_line(stox_sip_parser *parser) {
  if (parser->stops.n - parser->at < 2 || memcmp(parser->stops.p + parser->at, "\r\n", 2) != 0) {
    return 0;
  }
  parser->at += 2;
  return 1;
}

/* STOX_OK: `at` is where the body begins; STOX_E_NONE: it was not reached; STOX_E_NOMEM. */
static int index_fields(stox_sip_parser *parser) {
  stox_sip_scan scan;
  if (parser->at > parser->stops.n) {
    stox_sip_refuse(parser, STOX_E_TOO_LONG, 513, parser->at, "limit of a message");
    return STOX_E_NONE;
  }
  for (;;) {
    int status = stox_sip_add_plain_fields(parser);
    if (status != STOX_OK || take_empty_line(parser)) {
      return status;
    }
    status = stox_sip_scan_field(&scan, &parser->stops, parser->at, parser->limits->line);
    if (status == STOX_E_NONE || (parser->is_fragment && parser->at == parser->message->bytes.n)) {
      break;
    }
    if (parser->message->n_fields >= parser->limits->header_count) {
      stox_sip_refuse(parser, STOX_E_TOO_MANY, 513, parser->at, "limit of header fields");
      return STOX_E_NONE;
    }
    if (status != STOX_OK) {
      return end_early(parser, &scan, status);
    }
    status = add_field(parser, &scan);
    if (status != STOX_OK) {
      return status;
    }
    parser->at = scan.end;
  }
  if ((scan.flags & STOX_SIP_BARE_LF) != 0) {
    stox_sip_forgive(parser, STOX_E_CTRL, parser->at, "RFC3261-7 CRLF");
  }
  parser->at = scan.end;
  return STOX_OK;
}

/* A fragment whose body is left out may keep its Content-Length, but one that has a body ends with
 * it and describes it (RFC 3420 2). */
static size_t fragment_length(stox_sip_parser *parser, size_t said, size_t follow) {
  const uint8_t *first = parser->message->first;
  if (follow == 0) {
    return 0;
  }
  if (first[STOX_SIP_CONTENT_LENGTH] == 0) {
    stox_sip_forgive(parser, STOX_E_MISSING, parser->at, "RFC3420-2 Content-Length");
  } else if (said < follow) {
    stox_sip_forgive(parser, STOX_E_BAD_LENGTH, parser->at + said, "RFC3420-2 Content-Length");
  } else if (said > follow) {
    stox_sip_refuse(parser, STOX_E_BAD_LENGTH, 400, parser->at, "RFC3420-2 Content-Length");
  }
  if (said > 0 && first[STOX_SIP_CONTENT_TYPE] == 0) {
    stox_sip_forgive(parser, STOX_E_MISSING, parser->at, "RFC3420-2 Content-Type");
  }
  return said < follow ? said : follow;
}

/* The octets that Content-Length says, or all that follow. */
static size_t body_length(stox_sip_parser *parser, size_t follow) {
  const stox_sip_message *message = parser->message;
  size_t index = 0;
  size_t n = 0;
  if (stox_sip_find_header(&index, message, STOX_SIP_CONTENT_LENGTH, 0) != STOX_OK) {
    if (parser->is_fragment) {
      return fragment_length(parser, follow, follow);
    }
    if (parser->is_stream) {
      stox_sip_refuse(parser, STOX_E_MISSING, 400, parser->at, "RFC3261-18.3 Content-Length");
    }
    return follow;
  }
  const stox_sip_field *field = &message->fields[index];
  if (stox_sip_length(&n, stox_sip_field_value(message, field)) != STOX_OK) {
    stox_sip_refuse(parser, STOX_E_BAD_LENGTH, 400, field->value, "RFC3261-20.14 Content-Length");
    return follow;
  }
  if (parser->is_fragment) {
    return fragment_length(parser, n, follow);
  }
  if (n > follow && n <= parser->limits->message) {
    stox_sip_refuse(parser, STOX_E_BAD_LENGTH, 400, field->value, "RFC3261-18.3 Content-Length");
    return follow;
  }
  return n;
}

static void find_body(stox_sip_parser *parser) {
  stox_sip_message *message = parser->message;
  const size_t follow = message->bytes.n - parser->at;
  size_t n = body_length(parser, follow);
  if (n > parser->limits->message - parser->at) {
    stox_sip_refuse(parser, STOX_E_TOO_LONG, 413, parser->at, "limit of a message");
  }
  n = n < follow ? n : follow;
  const size_t from = (size_t)(message->text.p - message->bytes.p);
  message->body = (stox_span){message->bytes.p + parser->at, n};
  message->text = (stox_span){message->bytes.p + from, parser->at + n - from};
}

/* Whether a response can be made: RFC 3261 8.2.6.2 says what it copies. */
static int is_answerable(const stox_sip_parser *parser) {
  static const int copied[] = {STOX_SIP_VIA, STOX_SIP_FROM, STOX_SIP_TO, STOX_SIP_CALL_ID,
                               STOX_SIP_CSEQ};
  int has_raw = 0;
  stox_sip_message *message = parser->message;
  stox_sip_via via;
  if (parser->is_fragment || parser->is_response || message->method.p == NULL) {
    return 0;
  }
  for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
    if (message->first[copied[i]] == 0) {
      return 0;
    }
    for (size_t k = 0; k < message->n_fields; k++) {
      has_raw |=
          message->fields[k].id == copied[i] && (message->fields[k].flags & STOX_SIP_RAW) != 0;
    }
  }
  return !has_raw && stox_sip_get_via(&via, message, 0) == STOX_OK;
}

/* A fragment need not have one, and no start line looks like a header field. */
static int has_start(stox_sip_parser *parser) {
  stox_sip_scan scan;
  if (!parser->is_fragment) {
    return 1;
  }
  return parser->stops.n > 0 &&
         stox_sip_scan_field(&scan, &parser->stops, 0, parser->limits->line) != STOX_E_NONE &&
         (scan.flags & STOX_SIP_BAD_NAME) != 0;
}

/* Keeps the stops of the head for the checks, and for whoever asks for a header. */
static int keep_stops(stox_sip_parser *parser) {
  stox_sip_message *message = parser->message;
  const size_t n = parser->at < parser->stops.n ? parser->at : parser->stops.n;
  message->stops =
      stox_take(message->arena, stox_stops_words(n) * sizeof(uint64_t), alignof(uint64_t));
  if (message->stops == NULL) {
    return STOX_E_NOMEM;
  }
  message->n_stopped = (uint32_t)n;
  stox_stops_keep(message->stops, &parser->stops, n);
  parser->stops = stox_stops_kept(message->bytes.p, n, message->stops);
  return STOX_OK;
}

static int run(stox_sip_parser *parser) {
  const stox_span bytes = parser->message->bytes;
  const size_t most = parser->limits->message;
  const stox_span head = {bytes.p, bytes.n < most ? bytes.n : most};
  stox_stops_init(&parser->stops, head, parser->kernel, &parser->room);
  skip_empty_lines(parser);
  parser->message->text = stox_span_slice(bytes, parser->at, SIZE_MAX);
  if (has_start(parser) && !stox_sip_parse_start(parser)) {
    return STOX_OK;
  }
  parser->message->fields = parser->fields;
  parser->message->room = STOX_SIP_FIELDS_HERE;
  const int status = index_fields(parser);
  if (status == STOX_E_NOMEM || stox_sip_keep_fields(parser) != STOX_OK ||
      keep_stops(parser) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  if (status == STOX_OK) {
    find_body(parser);
  }
  stox_sip_check(parser);
  return STOX_OK;
}

static int finish(stox_sip_message **out, stox_sip_parser *parser, stox_diag *diag) {
  stox_diag *first = &parser->first;
  if (first->code == STOX_OK) {
    *out = parser->message;
    return STOX_OK;
  }
  parser->message->refused = 1;
  if (parser->is_response || parser->message->method_id == STOX_SIP_ACK) {
    first->answer = 0;
  }
  if (is_answerable(parser)) {
    *out = parser->message;
  }
  return stox_diag_set(diag, first->code, first->answer, first->offset, first->rule);
}

static int read_limits(stox_sip_parser *parser, const stox_limits *given) {
  parser->limits = &stox_usual_limits;
  if (given == NULL) {
    return STOX_OK;
  }
  parser->limits = &parser->own_limits;
  parser->own_limits = stox_usual_limits;
  return stox_options_read(&parser->own_limits, sizeof parser->own_limits, given);
}

static int read_options(stox_sip_parser *parser, const stox_sip_options *given) {
  stox_sip_options own = defaults;
  const stox_sip_options *options = &own;
  if (given != NULL && given->size == sizeof own) {
    options = given;
  } else {
    const int status = stox_options_read(&own, sizeof own, given);
    if (status != STOX_OK) {
      return status;
    }
  }
  parser->lenient = options->lenient != 0;
  parser->is_fragment = options->is_fragment != 0;
  parser->kernel = stox_stops_choose(options->kernel);
  parser->is_stream = options->is_stream != 0 && !parser->is_fragment;
  return read_limits(parser, options->limits);
}

int stox_sip_parse(stox_sip_message **out, stox_arena *arena, stox_span bytes,
                   const stox_sip_options *options, stox_diag *diag) {
  stox_sip_parser parser;
  parser.first = (stox_diag){0};
  parser.is_response = 0;
  parser.at = 0;
  *out = NULL;
  int status = read_options(&parser, options);
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 0, 0, "stox_sip_options");
  }
  parser.message = stox_arena_take(arena, sizeof *parser.message, alignof(stox_sip_message));
  if (parser.message == NULL) {
    return stox_diag_set(diag, STOX_E_NOMEM, 0, 0, "arena");
  }
  *parser.message = (stox_sip_message){.bytes = bytes, .arena = arena};
  status = run(&parser);
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 0, parser.at, "arena");
  }
  return finish(out, &parser, diag);
}
