/* SPDX-License-Identifier: MIT */
#include "stox/multipart.h"

#include "base/chars.h"
#include "base/options.h"
#include "mime/lines.h"
#include "stox/name_addr.h"
#include "stox/number.h"
#include "stox/status.h"

static const char body_rule[] = "RFC2046-5.1.1 multipart-body";

/* The states of a walk. */
enum { AT_PREAMBLE = 0, AT_PART = 1, AT_END = 2 };

/* What a line is. */
enum {
  LINE_OTHER = 0,
  LINE_DELIMITER = 1,
  LINE_CUT = 2, /* a delimiter that is no close delimiter, and the end of the body behind it */
  LINE_TAIL = 3 /* begins as a delimiter, and goes on with something else */
};

/* A delimiter line. */
typedef struct mark {
  size_t begin; /* of the CRLF that belongs to it */
  size_t line;
  size_t behind;
  int is_close;
} mark;

/* Behind the boundary at `at`, or 0. The boundary may hold escapes, as its quoted string did. */
static size_t skip_boundary(const stox_multipart *walk, size_t at) {
  for (size_t i = 0; i < walk->boundary.n; i++) {
    if (walk->boundary.p[i] == '\\') {
      continue;
    }
    if (at >= walk->text.n || walk->text.p[at] != walk->boundary.p[i]) {
      return 0;
    }
    at++;
  }
  return at;
}

static int has_dashes(stox_span text, size_t at) {
  return at + 1 < text.n && text.p[at] == '-' && text.p[at + 1] == '-';
}

static int look_at_line(const stox_multipart *walk, size_t line, mark *out) {
  const stox_span text = walk->text;
  size_t at = has_dashes(text, line) ? skip_boundary(walk, line + 2) : 0;
  if (at == 0) {
    return LINE_OTHER;
  }
  out->line = line;
  out->is_close = has_dashes(text, at);
  at += out->is_close ? 2 : 0;
  while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t')) {
    at++;
  }
  out->behind = at;
  if (stox_is_crlf(text, at)) {
    out->behind += 2;
    return LINE_DELIMITER;
  }
  if (at < text.n) {
    return LINE_TAIL;
  }
  return out->is_close ? LINE_DELIMITER : LINE_CUT;
}

/* The first delimiter line at or behind the line `from`; LINE_OTHER: none. */
static int find_delimiter(stox_multipart *walk, size_t from, mark *out) {
  size_t line = from;
  out->begin = from;
  for (;;) {
    const int kind = look_at_line(walk, line, out);
    if (kind == LINE_DELIMITER || kind == LINE_CUT || (kind == LINE_TAIL && !walk->lenient)) {
      return kind;
    }
    walk->is_lenient |= kind == LINE_TAIL;
    out->begin = stox_find_crlf(walk->text, line);
    if (out->begin == walk->text.n) {
      return LINE_OTHER;
    }
    line = out->begin + 2;
  }
}

static int skip_preamble(stox_multipart *walk, stox_diag *diag) {
  mark first;
  const int kind = find_delimiter(walk, 0, &first);
  if (kind == LINE_OTHER) {
    return stox_diag_set(diag, STOX_E_BAD_BODY, 400, walk->text.n, body_rule);
  }
  if (kind != LINE_DELIMITER || first.is_close) {
    return stox_diag_set(diag, STOX_E_BAD_BODY, 400, first.line, body_rule);
  }
  walk->preamble = stox_span_slice(walk->text, 0, first.begin);
  walk->at = first.behind;
  walk->state = AT_PART;
  return STOX_OK;
}

/* Finds the end of the part at `walk->at`. */
static int find_end(stox_multipart *walk, mark *out, stox_diag *diag) {
  const int kind = find_delimiter(walk, walk->at, out);
  const int is_at_once = kind != LINE_OTHER && out->line == walk->at;
  if (kind == LINE_DELIMITER && !is_at_once) {
    return STOX_OK;
  }
  if (!walk->lenient) {
    const size_t at = kind == LINE_OTHER ? walk->text.n : out->line;
    return stox_diag_set(diag, STOX_E_BAD_BODY, 400, at, body_rule);
  }
  walk->is_lenient = 1;
  if (kind == LINE_OTHER) {
    *out = (mark){walk->text.n, walk->text.n, walk->text.n, 1};
  }
  out->is_close |= kind == LINE_CUT;
  return STOX_OK;
}

static void end_walk(stox_multipart *walk, const mark *last) {
  const char *text = walk->text.p;
  walk->state = AT_END;
  walk->at = walk->text.n;
  if (last->behind > 0 && text[last->behind - 1] == '\n') {
    walk->epilogue = stox_span_slice(walk->text, last->behind, walk->text.n);
  }
}

/* A line end and nothing behind the last delimiter, which should have been a close delimiter. */
static int is_spent(const stox_multipart *walk) {
  size_t at = walk->at;
  if (!walk->lenient || walk->count == 0) {
    return 0;
  }
  while (at < walk->text.n && stox_char_is(walk->text.p[at], STOX_CHAR_SPACE)) {
    at++;
  }
  return at == walk->text.n;
}

static int check_entity(stox_mime_entity *out, const stox_multipart *walk, stox_span text,
                        stox_diag *diag) {
  stox_limits limits;
  (void)stox_limits_init(&limits, sizeof limits);
  limits.body_fields = walk->field_limit;
  limits.body_line = walk->line_limit;
  const int status = stox_mime_entity_parse(out, text, &limits, diag);
  if (status != STOX_OK && diag != NULL) {
    diag->offset += walk->at;
  }
  return status;
}

static int take_part(stox_mime_entity *out, stox_multipart *walk, stox_diag *diag) {
  mark end;
  if (walk->count >= walk->part_limit) {
    return stox_diag_set(diag, STOX_E_TOO_MANY, 400, walk->at, "limit body_parts");
  }
  int status = find_end(walk, &end, diag);
  if (status != STOX_OK) {
    return status;
  }
  const stox_span text = stox_span_slice(walk->text, walk->at, end.begin - walk->at);
  status = check_entity(out, walk, text, diag);
  if (status != STOX_OK) {
    return status;
  }
  walk->count++;
  walk->at = end.behind;
  if (end.is_close) {
    end_walk(walk, &end);
  }
  return STOX_OK;
}

int stox_multipart_next(stox_mime_entity *out, stox_multipart *walk, stox_diag *diag) {
  if (walk->state == AT_PREAMBLE) {
    const int status = skip_preamble(walk, diag);
    if (status != STOX_OK) {
      return status;
    }
  }
  if (walk->state == AT_PART && is_spent(walk)) {
    walk->is_lenient = 1;
    walk->state = AT_END;
  }
  return walk->state == AT_END ? STOX_E_NONE : take_part(out, walk, diag);
}

/* RFC 2046 5.1.1 bchars */
static int is_boundary_octet(char c) {
  static const char marks[] = "'()+_,-./:=? ";
  return stox_char_is(c, STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) ||
         stox_span_find((stox_span){marks, sizeof marks - 1}, c) < sizeof marks - 1;
}

/* `escapes` 1: a backslash stands before an octet that it escapes. */
static int is_boundary(stox_span boundary, int escapes) {
  size_t n = 0;
  for (size_t i = 0; i < boundary.n; i++) {
    if (escapes && boundary.p[i] == '\\' && i + 1 < boundary.n) {
      i++;
    }
    if (!is_boundary_octet(boundary.p[i])) {
      return 0;
    }
    n++;
  }
  return n > 0 && n <= STOX_BOUNDARY_MAX && boundary.p[boundary.n - 1] != ' ';
}

int stox_multipart_init(stox_multipart *out, const stox_media_type *type, stox_span body,
                        const stox_limits *limits, int lenient) {
  stox_limits own;
  if (stox_limits_init(&own, sizeof own) != STOX_OK ||
      stox_options_read(&own, sizeof own, limits) != STOX_OK) {
    return STOX_E_ARG;
  }
  if (!stox_span_is_equal_nocase(type->type, stox_span_text("multipart"))) {
    return STOX_E_UNSUPPORTED_MEDIA;
  }
  stox_multipart walk = {0};
  const int status = stox_media_type_param(&walk.boundary, type, "boundary");
  if (status == STOX_E_NONE) {
    return STOX_E_MISSING;
  }
  if (status != STOX_OK || !is_boundary(walk.boundary, 1)) {
    return STOX_E_BAD_MEDIA;
  }
  walk.text = body;
  walk.part_limit = own.body_parts;
  walk.field_limit = own.body_fields;
  walk.line_limit = own.body_line;
  walk.lenient = lenient;
  *out = walk;
  return STOX_OK;
}

/* 1 if `start` is the part's Content-ID; both with angle brackets, quoted or not. */
static int is_start(const stox_mime_entity *part, stox_span start) {
  stox_mime_field field;
  return stox_mime_field_find(&field, part->headers, "Content-ID") == STOX_OK &&
         stox_span_is_equal(field.value, start);
}

int stox_multipart_root(stox_mime_entity *out, const stox_media_type *type, stox_span body,
                        const stox_limits *limits, stox_diag *diag) {
  stox_multipart walk;
  stox_span start = {NULL, 0};
  int status = stox_multipart_init(&walk, type, body, limits, 0);
  if (status != STOX_OK) {
    return status;
  }
  status = stox_media_type_param(&start, type, "start");
  if (status != STOX_OK && status != STOX_E_NONE) {
    return status;
  }
  do {
    status = stox_multipart_next(out, &walk, diag);
  } while (status == STOX_OK && start.p != NULL && !is_start(out, start));
  return status;
}

static int contains(stox_span text, stox_span boundary) {
  for (size_t at = 0; at + 2 + boundary.n <= text.n; at++) {
    if (has_dashes(text, at) &&
        stox_span_is_equal(stox_span_slice(text, at + 2, boundary.n), boundary)) {
      return 1;
    }
  }
  return 0;
}

static int occurs(stox_span boundary, const stox_span *parts, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (contains(parts[i], boundary)) {
      return 1;
    }
  }
  return 0;
}

int stox_multipart_boundary(char out[STOX_BOUNDARY_MADE], const stox_span *parts, size_t n,
                            const stox_random *random) {
  enum { TRIES = 4 };
  for (int i = 0; i < TRIES; i++) {
    char bits[STOX_BOUNDARY_MADE / 2];
    stox_buf hex;
    stox_buf_init(&hex, out, STOX_BOUNDARY_MADE);
    const int status = random->fill(random->ud, bits, sizeof bits);
    if (status != STOX_OK) {
      return status;
    }
    (void)stox_hex_write(&hex, (stox_span){bits, sizeof bits});
    if (!occurs(stox_buf_span(&hex), parts, n)) {
      return STOX_OK;
    }
  }
  return STOX_E_STATE;
}

int stox_multipart_write(stox_buf *out, stox_span boundary, const stox_span *parts, size_t n) {
  if (n == 0 || !is_boundary(boundary, 0) || occurs(boundary, parts, n)) {
    return STOX_E_ARG;
  }
  for (size_t i = 0; i < n; i++) {
    (void)stox_buf_put_text(out, i == 0 ? "--" : "\r\n--");
    (void)stox_buf_put(out, boundary);
    (void)stox_buf_put_text(out, "\r\n");
    (void)stox_buf_put(out, parts[i]);
  }
  (void)stox_buf_put_text(out, "\r\n--");
  (void)stox_buf_put(out, boundary);
  return stox_buf_put_text(out, "--");
}

int stox_multipart_put_type(stox_buf *out, const char *subtype, stox_span boundary) {
  const stox_span name = stox_span_text(subtype);
  int is_plain = 1;
  for (size_t i = 0; i < name.n; i++) {
    if (!stox_char_is(name.p[i], STOX_CHAR_TOKEN)) {
      return STOX_E_ARG;
    }
  }
  if (name.n == 0 || !is_boundary(boundary, 0)) {
    return STOX_E_ARG;
  }
  for (size_t i = 0; i < boundary.n; i++) {
    is_plain &= stox_char_is(boundary.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) ||
                stox_span_find(stox_span_text("-._"), boundary.p[i]) < 3;
  }
  (void)stox_buf_put_text(out, "multipart/");
  (void)stox_buf_put(out, name);
  (void)stox_buf_put_text(out, is_plain ? ";boundary=" : ";boundary=\"");
  (void)stox_buf_put(out, boundary);
  (void)stox_buf_put_text(out, is_plain ? "" : "\"");
  return stox_buf_status(out);
}
