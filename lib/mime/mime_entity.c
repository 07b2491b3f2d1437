/* SPDX-License-Identifier: MIT */
#include "stox/mime_entity.h"

#include "base/chars.h"
#include "base/options.h"
#include "mime/lines.h"
#include "stox/name_addr.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/utf8.h"

static const char field_rule[] = "RFC2045-3 MIME-part-headers";

/* RFC 5322 3.6.8 ftext */
static size_t name_end(stox_span text, size_t at) {
  while (at < text.n && text.p[at] > 0x20 && text.p[at] < 0x7F && text.p[at] != ':') {
    at++;
  }
  return at;
}

static int is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Where the field ends, its line end not included: a line that begins with white space goes on. */
static size_t field_end(stox_span text, size_t at) {
  for (;;) {
    at = stox_find_crlf(text, at);
    if (at + 2 >= text.n || !is_blank(text.p[at + 2])) {
      return at;
    }
    at += 2;
  }
}

/* The first octet of a value that is a control, folds and tabs apart, or value.n. */
static size_t find_control(stox_span value) {
  size_t at = 0;
  while (at < value.n) {
    if (stox_is_crlf(value, at) && at + 2 < value.n && is_blank(value.p[at + 2])) {
      at += 2;
    } else if (value.p[at] != '\t' && stox_char_is(value.p[at], STOX_CHAR_CTRL)) {
      return at;
    }
    at++;
  }
  return at;
}

static int check_value(stox_span value, size_t from, stox_diag *diag) {
  size_t at = find_control(value);
  if (at < value.n) {
    return stox_diag_set(diag, STOX_E_CTRL, 400, from + at, field_rule);
  }
  if (stox_utf8_check(value, &at) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_UTF8, 400, from + at, "RFC6532-3.2 UTF8-non-ascii");
  }
  return STOX_OK;
}

int stox_mime_field_next(stox_mime_field *out, stox_span headers, size_t *cursor, stox_diag *diag) {
  const size_t from = *cursor;
  if (from >= headers.n) {
    return STOX_E_NONE;
  }
  const size_t colon = name_end(headers, from);
  if (colon == from || colon == headers.n || headers.p[colon] != ':') {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, colon, field_rule);
  }
  const size_t end = field_end(headers, colon);
  const stox_span value = stox_span_slice(headers, colon + 1, end - colon - 1);
  const int status = check_value(value, colon + 1, diag);
  if (status != STOX_OK) {
    return status;
  }
  *cursor = end < headers.n ? end + 2 : end;
  out->name = stox_span_slice(headers, from, colon - from);
  out->value = stox_span_trim(value);
  out->line = stox_span_slice(headers, from, *cursor - from);
  return STOX_OK;
}

int stox_mime_field_find(stox_mime_field *out, stox_span headers, const char *name) {
  const stox_span wanted = stox_span_text(name);
  stox_mime_field field;
  size_t cursor = 0;
  int found = STOX_E_NONE;
  for (;;) {
    const int status = stox_mime_field_next(&field, headers, &cursor, NULL);
    if (status != STOX_OK) {
      return status == STOX_E_NONE ? found : status;
    }
    if (!stox_span_is_equal_nocase(field.name, wanted)) {
      continue;
    }
    if (found == STOX_OK) {
      return STOX_E_REPEATED;
    }
    *out = field;
    found = STOX_OK;
  }
}

/* Takes one field of an entity, within the limits. */
static int take_field(stox_span text, size_t *at, uint32_t *count, const stox_limits *limits,
                      stox_diag *diag) {
  const size_t from = *at;
  stox_mime_field field;
  if (++*count > limits->body_fields) {
    return stox_diag_set(diag, STOX_E_TOO_MANY, 400, from, "limit body_fields");
  }
  /* The length first: a longer one is not looked into. */
  if (field_end(text, from) - from > limits->body_line) {
    return stox_diag_set(diag, STOX_E_TOO_LONG, 400, from, "limit body_line");
  }
  return stox_mime_field_next(&field, text, at, diag);
}

int stox_mime_entity_parse(stox_mime_entity *out, stox_span text, const stox_limits *limits,
                           stox_diag *diag) {
  stox_limits own;
  uint32_t count = 0;
  size_t at = 0;
  if (stox_limits_init(&own, sizeof own) != STOX_OK ||
      stox_options_read(&own, sizeof own, limits) != STOX_OK) {
    return STOX_E_ARG;
  }
  while (at < text.n && !stox_is_crlf(text, at)) {
    const int status = take_field(text, &at, &count, &own, diag);
    if (status != STOX_OK) {
      return status;
    }
  }
  out->text = text;
  out->headers = stox_span_slice(text, 0, at);
  out->body = at < text.n ? stox_span_slice(text, at + 2, text.n) : (stox_span){NULL, 0};
  return STOX_OK;
}

int stox_mime_entity_type(stox_media_type *out, const stox_mime_entity *entity) {
  stox_mime_field field;
  const int status = stox_mime_field_find(&field, entity->headers, "Content-Type");
  return status == STOX_OK ? stox_media_type_parse(out, field.value, NULL) : status;
}

static int read_handling(stox_disposition *out) {
  stox_param param;
  const int status = stox_param_find(&param, out->params, "handling");
  if (status == STOX_OK) {
    out->is_optional = stox_span_is_equal_nocase(param.value, stox_span_text("optional"));
  }
  return status == STOX_E_BAD_PARAM ? STOX_E_BAD_HEADER : status;
}

int stox_mime_entity_disposition(stox_disposition *out, const stox_mime_entity *entity) {
  stox_mime_field field;
  stox_disposition read = {0};
  int status = stox_mime_field_find(&field, entity->headers, "Content-Disposition");
  if (status != STOX_OK) {
    return status;
  }
  const size_t semicolon = stox_span_find(field.value, ';');
  read.type = stox_span_trim(stox_span_slice(field.value, 0, semicolon));
  for (size_t i = 0; i < read.type.n; i++) {
    if (!stox_char_is(read.type.p[i], STOX_CHAR_TOKEN)) {
      return STOX_E_BAD_HEADER;
    }
  }
  if (semicolon < field.value.n) {
    read.params = stox_span_slice(field.value, semicolon + 1, field.value.n);
  }
  status = read_handling(&read);
  if (read.type.n == 0 || (status != STOX_OK && status != STOX_E_NONE)) {
    return status == STOX_E_REPEATED ? status : STOX_E_BAD_HEADER;
  }
  *out = read;
  return STOX_OK;
}

/* The octet that stands at `*at` of a URL, escaped or not; -1: a bad escape. */
static int url_octet(stox_span url, size_t *at) {
  const char c = url.p[*at];
  if (c != '%') {
    ++*at;
    return (unsigned char)c;
  }
  if (url.n - *at < 3) {
    return -1;
  }
  const int high = stox_char_hex(url.p[*at + 1]);
  const int low = stox_char_hex(url.p[*at + 2]);
  *at += 3;
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static int is_decoded_equal(stox_span url, stox_span id) {
  size_t at = 0;
  size_t i = 0;
  while (at < url.n && i < id.n) {
    if (url_octet(url, &at) != (unsigned char)id.p[i]) {
      return 0;
    }
    i++;
  }
  return at == url.n && i == id.n;
}

int stox_mime_entity_is_content(const stox_mime_entity *entity, stox_span url) {
  stox_mime_field field;
  if (!stox_span_is_equal_nocase(stox_span_slice(url, 0, 4), stox_span_text("cid:")) ||
      stox_mime_field_find(&field, entity->headers, "Content-ID") != STOX_OK) {
    return 0;
  }
  stox_span id = field.value;
  if (id.n >= 2 && id.p[0] == '<' && id.p[id.n - 1] == '>') {
    id = stox_span_slice(id, 1, id.n - 2);
  }
  return id.n > 0 && is_decoded_equal(stox_span_slice(url, 4, url.n), id);
}

int stox_mime_entity_put_cid(stox_buf *out, const stox_mime_entity *entity) {
  stox_mime_field field;
  const int status = stox_mime_field_find(&field, entity->headers, "Content-ID");
  if (status != STOX_OK) {
    return status;
  }
  const stox_span id = stox_span_slice(field.value, 1, field.value.n - (field.value.n > 0));
  if (id.n < 2 || field.value.p[0] != '<' || id.p[id.n - 1] != '>') {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put_text(out, "cid:");
  for (size_t i = 0; i + 1 < id.n; i++) {
    if (id.p[i] == '@') {
      (void)stox_buf_put_octet(out, '@');
    } else {
      (void)stox_percent_encode(out, stox_span_slice(id, i, 1), STOX_PERCENT_UNRESERVED);
    }
  }
  return stox_buf_status(out);
}

int stox_mime_put_field(stox_buf *out, const char *name, stox_span value) {
  const stox_span given = stox_span_text(name);
  if (given.n == 0 || name_end(given, 0) != given.n) {
    return STOX_E_ARG;
  }
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] != '\t' && stox_char_is(value.p[i], STOX_CHAR_CTRL)) {
      return STOX_E_CTRL;
    }
  }
  size_t at = 0;
  if (stox_utf8_check(value, &at) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  (void)stox_buf_put(out, given);
  (void)stox_buf_put_text(out, ": ");
  (void)stox_buf_put(out, value);
  return stox_buf_put_text(out, "\r\n");
}

int stox_mime_put_body(stox_buf *out, stox_span body) {
  (void)stox_buf_put_text(out, "\r\n");
  return stox_buf_put(out, body);
}
