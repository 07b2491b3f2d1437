/* SPDX-License-Identifier: MIT */
#include "addr/address.h"
#include "base/chars.h"
#include "sip/lex.h"
#include "sip/parser.h"
#include "sip/scan.h"
#include "stox/status.h"
#include "stox/uri.h"
#include "stox/utf8.h"

#include <string.h>

static const char rule_start[] = "RFC3261-25.1 Request-Line";
static const char rule_status[] = "RFC3261-25.1 Status-Line";

enum { CODE_LEAST = 100, CODE_MOST = 699, CODE_DIGITS = 3, VERSION_N = 7 };

static size_t offset_in(const stox_sip_parser *parser, stox_span part) {
  return (size_t)(part.p - parser->message->bytes.p);
}

static int is_version_prefix(stox_span line) {
  return stox_span_is_equal_nocase(stox_span_slice(line, 0, 4), (stox_span){"SIP/", 4});
}

/* "SIP" "/" 1*DIGIT "." 1*DIGIT */
static int is_any_version(stox_span text) {
  if (!is_version_prefix(text)) {
    return 0;
  }
  const stox_span numbers = stox_span_slice(text, 4, text.n);
  const size_t dot = stox_span_find(numbers, '.');
  for (size_t i = 0; i < numbers.n; i++) {
    if (i != dot && !stox_char_is(numbers.p[i], STOX_CHAR_DIGIT)) {
      return 0;
    }
  }
  return dot > 0 && dot + 1 < numbers.n;
}

static int check_version(stox_sip_parser *parser, stox_span version, const char *rule) {
  if (stox_span_is_equal_nocase(version, (stox_span){"SIP/2.0", VERSION_N})) {
    return 1;
  }
  if (is_any_version(version)) {
    stox_sip_refuse(parser, STOX_E_BAD_VERSION, 505, offset_in(parser, version),
                    "RFC3261-7.1 SIP-Version");
  } else {
    stox_sip_refuse(parser, STOX_E_BAD_START, 400, offset_in(parser, version), rule);
  }
  return 0;
}

static void check_uri(stox_sip_parser *parser, stox_span text) {
  stox_uri uri;
  stox_diag diag = {0};
  if (text.n > parser->limits->uri) {
    stox_sip_refuse(parser, STOX_E_TOO_LONG, 414, offset_in(parser, text),
                    "RFC3261-21.4.12 Request-URI");
    return;
  }
  const int status =
      stox_uri_parse(&uri, text, parser->lenient ? STOX_URI_LENIENT : STOX_URI_STRICT, &diag);
  if (status != STOX_OK) {
    stox_sip_refuse(parser, status, diag.answer == 0 ? 400 : diag.answer,
                    offset_in(parser, text) + diag.offset, diag.rule);
    return;
  }
  parser->message->lenient |= uri.lenient != 0;
  const int is_sip = uri.scheme == STOX_SCHEME_SIP || uri.scheme == STOX_SCHEME_SIPS;
  if (is_sip && uri.headers.p != NULL) {
    stox_sip_forgive(parser, STOX_E_BAD_URI, offset_in(parser, uri.headers),
                     "RFC3261-19.1.1 headers in Request-URI");
  }
}

/* Takes the octets before the first SP off the line, and the SP (lenient: all white space). */
static stox_span take_word(stox_sip_parser *parser, stox_span *line) {
  const size_t end = stox_span_find(*line, ' ');
  const stox_span word = stox_span_slice(*line, 0, end);
  size_t next = end < line->n ? end + 1 : end;
  const size_t behind = stox_sip_skip_lws(*line, next);
  if (behind > next && parser->lenient) {
    parser->message->lenient = 1;
    next = behind;
  }
  *line = stox_span_slice(*line, next, line->n);
  return word;
}

static stox_span trim_end(stox_sip_parser *parser, stox_span line) {
  const size_t n = line.n;
  while (parser->lenient && line.n > 0 && stox_char_is(line.p[line.n - 1], STOX_CHAR_SPACE)) {
    line.n--;
  }
  parser->message->lenient |= line.n < n;
  return line;
}

static void parse_request_line(stox_sip_parser *parser, stox_span line) {
  stox_sip_message *message = parser->message;
  stox_span rest = trim_end(parser, line);
  const stox_span method = take_word(parser, &rest);
  if (!stox_sip_is_token(method)) {
    /* Nothing says that this is SIP at all. */
    stox_sip_refuse(parser, STOX_E_BAD_START, 0, offset_in(parser, line), rule_start);
    return;
  }
  message->method = method;
  message->method_id = stox_sip_method_of(method);
  const stox_span uri = take_word(parser, &rest);
  if (!check_version(parser, rest, rule_start)) {
    return;
  }
  message->request_uri = uri;
  check_uri(parser, uri);
}

/* 100 … 699, or 0. */
static int parse_code(stox_span text) {
  if (text.n != CODE_DIGITS) {
    return 0;
  }
  int code = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (!stox_char_is(text.p[i], STOX_CHAR_DIGIT)) {
      return 0;
    }
    code = code * 10 + (text.p[i] - '0');
  }
  return code >= CODE_LEAST && code <= CODE_MOST ? code : 0;
}

static void parse_status_line(stox_sip_parser *parser, stox_span line) {
  stox_sip_message *message = parser->message;
  stox_span rest = line;
  if (!check_version(parser, take_word(parser, &rest), rule_status)) {
    return;
  }
  const size_t end = stox_span_find(rest, ' ');
  const int code = parse_code(stox_span_slice(rest, 0, end));
  if (code == 0) {
    stox_sip_refuse(parser, STOX_E_BAD_START, 400, offset_in(parser, rest), rule_status);
    return;
  }
  if (end == rest.n) {
    stox_sip_forgive(parser, STOX_E_BAD_START, offset_in(parser, rest) + end, rule_status);
  }
  message->status = code;
  message->reason = stox_span_slice(rest, end < rest.n ? end + 1 : end, rest.n);
}

/* Controls and octets above 0x7F; the latter are for the reason phrase, and the URI's parser. */
static void check_octets(stox_sip_parser *parser, const stox_sip_scan *scan, stox_span line) {
  size_t bad = 0;
  if ((scan->flags & STOX_SIP_CONTROL) != 0) {
    stox_sip_refuse(parser, STOX_E_CTRL, 400, scan->control, "RFC3261-25.1 start line");
  }
  if ((scan->flags & STOX_SIP_BARE_LF) != 0) {
    stox_sip_forgive(parser, STOX_E_CTRL, scan->end - 1, "RFC3261-7 CRLF");
  }
  if ((scan->flags & STOX_SIP_HIGH) != 0 && stox_utf8_check(line, &bad) != STOX_OK) {
    stox_sip_forgive(parser, STOX_E_BAD_UTF8, offset_in(parser, line) + bad,
                     "RFC3261-25.1 UTF8-NONASCII");
  }
}

/* Method SP SIP-URI SP "SIP/2.0" CRLF, all of the forms that nearly all have. 0: not so. */
static int read_request_line(stox_sip_parser *parser) {
  static const char version[] = "SIP/2.0\r\n";
  enum { END_N = sizeof version - 1 };
  stox_sip_message *message = parser->message;
  stox_stops *stops = &parser->stops;
  const char *p = stops->p;
  const size_t from = parser->at;
  const size_t space = stox_stops_next(stops, from);
  stox_uri uri;
  if (space >= stops->n || p[space] != ' ' || space == from) {
    return 0;
  }
  const size_t cr = stox_stops_next_odd(stops, space + 1);
  stox_reader r;
  if (cr >= stops->n || !stox_reader_open(&r, stops, space + 1, cr) || !stox_reader_is_line(&r) ||
      !stox_uri_read_line(&uri, &r)) {
    return 0;
  }
  const size_t end = r.at;
  if (stops->n - end <= END_N || p[end] != ' ' || memcmp(p + end + 1, version, END_N) != 0 ||
      end - space > parser->limits->uri || end + 1 + END_N - from > parser->limits->line) {
    return 0;
  }
  message->method = (stox_span){p + from, space - from};
  message->method_id = stox_sip_method_of(message->method);
  message->request_uri = uri.text;
  message->start = (stox_span){p + from, end + 1 + END_N - from};
  stox_sip_keep_uri(&message->target, &uri, message->bytes.p);
  parser->at = end + 1 + END_N;
  return 1;
}

/* "SIP/2.0" SP code SP reason CRLF, without odd octets. 0: not so. */
static int read_status_line(stox_sip_parser *parser) {
  static const char version[] = "SIP/2.0 ";
  enum { CODE_AT = sizeof version - 1, REASON_AT = CODE_AT + CODE_DIGITS + 1 };
  stox_sip_message *message = parser->message;
  const size_t from = parser->at;
  if (parser->stops.n - from <= REASON_AT) {
    return 0;
  }
  const char *line = parser->stops.p + from;
  if (memcmp(line, version, CODE_AT) != 0) {
    return 0;
  }
  const int code = parse_code((stox_span){line + CODE_AT, CODE_DIGITS});
  const size_t n = stox_stops_next_odd(&parser->stops, from + CODE_AT) - from;
  if (code == 0 || n < REASON_AT || line[REASON_AT - 1] != ' ' || n + 2 > parser->limits->line ||
      parser->stops.n - from < n + 2 || memcmp(line + n, "\r\n", 2) != 0) {
    return 0;
  }
  parser->is_response = 1;
  message->status = code;
  message->reason = (stox_span){line + REASON_AT, n - REASON_AT};
  message->start = (stox_span){line, n + 2};
  parser->at += n + 2;
  return 1;
}

int stox_sip_parse_start(stox_sip_parser *parser) {
  stox_sip_message *message = parser->message;
  stox_sip_scan scan;
  if (read_request_line(parser) || read_status_line(parser)) {
    return 1;
  }
  parser->is_response = is_version_prefix(stox_span_slice(message->bytes, parser->at, VERSION_N));
  int status = stox_sip_scan_line(&scan, &parser->stops, parser->at, parser->limits->line);
  if (status == STOX_E_MORE && parser->is_fragment &&
      stox_sip_forgive(parser, STOX_E_MISSING, message->bytes.n, "RFC3420-2 CRLF")) {
    scan.value_n = scan.end - scan.value;
    status = STOX_OK;
  }
  if (status != STOX_OK) {
    const int is_long = status == STOX_E_TOO_LONG || message->bytes.n > parser->stops.n;
    stox_sip_refuse(parser, is_long ? STOX_E_TOO_LONG : STOX_E_BAD_START, is_long ? 513 : 0,
                    parser->at, "RFC3261-7 start-line");
    return 0;
  }
  const stox_span line = stox_span_slice(message->bytes, scan.value, scan.value_n);
  message->start = stox_span_slice(message->bytes, parser->at, scan.end - parser->at);
  check_octets(parser, &scan, line);
  if (parser->is_response) {
    parse_status_line(parser, line);
  } else {
    parse_request_line(parser, line);
  }
  parser->at = scan.end;
  return 1;
}
