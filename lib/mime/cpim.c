/* SPDX-License-Identifier: MIT */
#include "stox/cpim.h"

#include "base/chars.h"
#include "base/options.h"
#include "mime/cpim_text.h"
#include "mime/lines.h"
#include "stox/status.h"
#include "stox/utf8.h"

static const char header_rule[] = "RFC3862-3.6 Header";
static const char own_namespace[] = "urn:ietf:params:cpim-headers:";

static stox_span without(void) {
  return (stox_span){NULL, 0};
}

/* Token / Number / String at `at`; `at` itself if there is none. */
static size_t param_value_end(stox_span text, size_t at) {
  if (at < text.n && text.p[at] == '"') {
    const size_t end = stox_cpim_string_end(text, at);
    return end == 0 ? at : end;
  }
  while (at < text.n && ((unsigned char)text.p[at] > 0x7F || text.p[at] == '.' ||
                         stox_cpim_name_end(text, at) > at)) {
    at++;
  }
  return at;
}

/* *( ";" Parameter ), moving `*at` behind them. 0: malformed at `*at`. */
static int take_params(stox_cpim_field *out, stox_span line, size_t *at) {
  const size_t from = *at;
  while (*at < line.n && line.p[*at] == ';') {
    const size_t name = *at + 1;
    *at = stox_cpim_name_end(line, name);
    if (*at == name || *at == line.n || line.p[*at] != '=') {
      return 0;
    }
    const size_t value = *at + 1;
    const size_t end = param_value_end(line, value);
    if (end == value) {
      return 0;
    }
    if (out->lang.p == NULL &&
        stox_span_is_equal(stox_span_slice(line, name, *at - name), stox_span_text("lang"))) {
      out->lang = stox_span_slice(line, value, end - value);
    }
    *at = end;
  }
  if (*at > from) {
    out->params = stox_span_slice(line, from + 1, *at - from - 1);
  }
  return 1;
}

/* Header-name ":" *( ";" Parameter ) SP Header-value; `line` is without its line end. */
static int read_field(stox_cpim_field *out, stox_span line, size_t *at) {
  size_t dot = 0;
  stox_cpim_field field = {0};
  *at = stox_cpim_header_name_end(line, 0, &dot);
  if (*at == 0 || *at == line.n || line.p[*at] != ':') {
    return 0;
  }
  field.name = stox_span_slice(line, 0, *at);
  if (dot < *at) {
    field.prefix = stox_span_slice(line, 0, dot);
    field.name = stox_span_slice(line, dot + 1, *at - dot - 1);
  }
  ++*at;
  if (!take_params(&field, line, at) || *at == line.n || line.p[*at] != ' ') {
    return 0;
  }
  field.value = stox_span_slice(line, *at + 1, line.n);
  *out = field;
  return 1;
}

static int is_declaration(const stox_cpim_field *field) {
  return field->prefix.p == NULL && stox_span_is_equal(field->name, stox_span_text("NS"));
}

/* [ Name-prefix ] "<" URI ">", with the space that RFC 3862's examples have. */
static int read_declaration(stox_span *prefix, stox_span *uri, stox_span value) {
  size_t at = stox_cpim_name_end(value, 0);
  *prefix = at > 0 ? stox_span_slice(value, 0, at) : without();
  while (at < value.n && value.p[at] == ' ') {
    at++;
  }
  if (value.n - at < 2 || value.p[at] != '<' || value.p[value.n - 1] != '>') {
    return 0;
  }
  *uri = stox_span_slice(value, at + 1, value.n - at - 2);
  return stox_cpim_is_uri(*uri);
}

static int check_octets(stox_span line, size_t from, stox_diag *diag) {
  size_t at = 0;
  while (at < line.n && !stox_char_is(line.p[at], STOX_CHAR_CTRL)) {
    at++;
  }
  if (at < line.n) {
    return stox_diag_set(diag, STOX_E_CTRL, 400, from + at, "RFC3862-2.2 no control characters");
  }
  if (stox_utf8_check(line, &at) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_UTF8, 400, from + at, "RFC3862-2.2 UTF-8");
  }
  return STOX_OK;
}

static int check_field(stox_span line, size_t from, stox_diag *diag) {
  stox_cpim_field field;
  stox_span prefix;
  stox_span uri;
  size_t at = 0;
  const int status = check_octets(line, from, diag);
  if (status != STOX_OK) {
    return status;
  }
  if (!read_field(&field, line, &at)) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, from + at, header_rule);
  }
  if (is_declaration(&field) && !read_declaration(&prefix, &uri, field.value)) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, from, "RFC3862-4.6 NS-header");
  }
  return STOX_OK;
}

/* The first field of the content, which should stand behind an empty line. */
static int is_of_content(stox_span line) {
  return stox_span_is_equal_nocase(stox_span_slice(line, 0, 8), stox_span_text("Content-"));
}

/* Finds where the headers end, checking each. STOX_OK: `*at` is at the empty line, or with
 * `is_lenient` set at the content. */
static int check_headers(stox_cpim *out, size_t *at, const stox_limits *limits, int lenient,
                         stox_diag *diag) {
  const stox_span text = out->text;
  for (uint32_t count = 1; !stox_is_crlf(text, *at); count++) {
    const size_t end = stox_find_crlf(text, *at);
    const stox_span line = stox_span_slice(text, *at, end - *at);
    if (lenient && is_of_content(line)) {
      out->is_lenient = 1;
      return STOX_OK;
    }
    if (line.n > 0 && count > limits->body_fields) {
      return stox_diag_set(diag, STOX_E_TOO_MANY, 400, *at, "limit body_fields");
    }
    if (line.n > limits->body_line) {
      return stox_diag_set(diag, STOX_E_TOO_LONG, 400, *at, "limit body_line");
    }
    if (end == text.n) {
      return stox_diag_set(diag, STOX_E_BAD_BODY, 400, end, "RFC3862-2 empty line");
    }
    const int status = check_field(line, *at, diag);
    if (status != STOX_OK) {
      return status;
    }
    *at = end + 2;
  }
  return STOX_OK;
}

int stox_cpim_parse(stox_cpim *out, stox_span text, const stox_limits *limits, int lenient,
                    stox_diag *diag) {
  stox_limits own;
  stox_cpim cpim = {.depth = 1};
  size_t at = 0;
  if (stox_limits_init(&own, sizeof own) != STOX_OK ||
      stox_options_read(&own, sizeof own, limits) != STOX_OK) {
    return STOX_E_ARG;
  }
  cpim.text = text;
  int status = check_headers(&cpim, &at, &own, lenient, diag);
  if (status != STOX_OK) {
    return status;
  }
  cpim.headers = stox_span_slice(text, 0, at);
  at += cpim.is_lenient ? 0 : 2;
  status = stox_mime_entity_parse(&cpim.content, stox_span_slice(text, at, text.n), limits, diag);
  if (status != STOX_OK) {
    if (diag != NULL) {
      diag->offset += at;
    }
    return status;
  }
  *out = cpim;
  return STOX_OK;
}

int stox_cpim_next(stox_cpim_field *out, const stox_cpim *cpim, size_t *cursor) {
  const size_t from = *cursor;
  size_t at = 0;
  if (from >= cpim->headers.n) {
    return STOX_E_NONE;
  }
  const size_t end = stox_find_crlf(cpim->headers, from);
  if (!read_field(out, stox_span_slice(cpim->headers, from, end - from), &at)) {
    return STOX_E_NONE;
  }
  out->line = stox_span_slice(cpim->headers, from, end + 2 - from);
  *cursor = end + 2;
  return STOX_OK;
}

int stox_cpim_namespace(stox_span *out, const stox_cpim *cpim, const stox_cpim_field *field,
                        stox_span prefix) {
  const size_t until = (size_t)(field->line.p - cpim->headers.p);
  stox_span found = prefix.p == NULL ? stox_span_text(own_namespace) : without();
  stox_cpim_field other;
  size_t cursor = 0;
  while (cursor < until && stox_cpim_next(&other, cpim, &cursor) == STOX_OK) {
    stox_span declared;
    stox_span uri;
    if (is_declaration(&other) && read_declaration(&declared, &uri, other.value) &&
        (declared.p == NULL) == (prefix.p == NULL) && stox_span_is_equal(declared, prefix)) {
      found = uri;
    }
  }
  if (found.p == NULL) {
    return STOX_E_BAD_NAMESPACE;
  }
  *out = found;
  return STOX_OK;
}

int stox_cpim_find(stox_cpim_field *out, const stox_cpim *cpim, stox_span uri, const char *name,
                   size_t *cursor) {
  const stox_span wanted = uri.p == NULL ? stox_span_text(own_namespace) : uri;
  stox_cpim_field field;
  while (stox_cpim_next(&field, cpim, cursor) == STOX_OK) {
    stox_span found;
    if (stox_span_is_equal(field.name, stox_span_text(name)) &&
        stox_cpim_namespace(&found, cpim, &field, field.prefix) == STOX_OK &&
        stox_span_is_equal(found, wanted)) {
      *out = field;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

/* Takes a Header-name and its comma from a Require header. 0: malformed. */
static int take_required(stox_span *prefix, stox_span *name, stox_span *rest) {
  const size_t comma = stox_span_find(*rest, ',');
  const stox_span item = stox_span_trim(stox_span_slice(*rest, 0, comma));
  size_t dot = 0;
  if (item.n == 0 || stox_cpim_header_name_end(item, 0, &dot) != item.n || comma + 1 == rest->n) {
    return 0;
  }
  *prefix = dot < item.n ? stox_span_slice(item, 0, dot) : without();
  *name = dot < item.n ? stox_span_slice(item, dot + 1, item.n) : item;
  *rest = stox_span_slice(*rest, comma + 1, rest->n);
  return 1;
}

int stox_cpim_find_one(stox_cpim_field *out, const stox_cpim *cpim, stox_span uri,
                       const char *name) {
  stox_cpim_field other;
  size_t cursor = 0;
  const int status = stox_cpim_find(out, cpim, uri, name, &cursor);
  if (status != STOX_OK) {
    return status;
  }
  return stox_cpim_find(&other, cpim, uri, name, &cursor) == STOX_OK ? STOX_E_REPEATED : STOX_OK;
}

int stox_cpim_inner(stox_cpim *out, const stox_cpim *outer, const stox_limits *limits, int lenient,
                    stox_diag *diag) {
  stox_media_type type;
  stox_cpim inner;
  int status = stox_mime_entity_type(&type, &outer->content);
  if (status != STOX_OK) {
    return status;
  }
  if (!stox_media_type_is(&type, "message", "cpim")) {
    return STOX_E_NONE;
  }
  if (outer->depth >= STOX_CPIM_DEPTH) {
    return stox_diag_set(diag, STOX_E_TOO_DEEP, 513, 0, "limit of messages within each other");
  }
  status = stox_cpim_parse(&inner, outer->content.body, limits, lenient, diag);
  if (status == STOX_OK) {
    inner.depth = outer->depth + 1;
    *out = inner;
  }
  return status;
}

int stox_cpim_required(stox_span *uri, stox_span *name, const stox_cpim *cpim, size_t index) {
  stox_cpim_field field;
  size_t cursor = 0;
  while (stox_cpim_find(&field, cpim, without(), "Require", &cursor) == STOX_OK) {
    stox_span rest = field.value;
    do {
      stox_span prefix;
      if (!take_required(&prefix, name, &rest)) {
        return STOX_E_BAD_HEADER;
      }
      if (index-- == 0) {
        *uri = without();
        (void)stox_cpim_namespace(uri, cpim, &field, prefix);
        return STOX_OK;
      }
    } while (rest.n > 0);
  }
  return STOX_E_NONE;
}

int stox_cpim_address_parse(stox_cpim_address *out, stox_span value) {
  stox_cpim_address address = {0};
  size_t at = 0;
  if (value.n > 0 && value.p[0] == '"') {
    at = stox_cpim_string_end(value, 0);
    if (at == 0) {
      return STOX_E_BAD_HEADER;
    }
    address.is_quoted = 1;
    address.display = stox_span_slice(value, 1, at - 2);
  }
  const size_t from = at;
  at = from + stox_span_find(stox_span_slice(value, from, value.n), '<');
  if (value.n - at < 2 || value.p[value.n - 1] != '>') {
    return STOX_E_BAD_HEADER;
  }
  const stox_span between = stox_span_trim(stox_span_slice(value, from, at - from));
  if (address.is_quoted
          ? between.n > 0
          : stox_span_find(between, '"') + stox_span_find(between, '>') < 2 * between.n) {
    return STOX_E_BAD_HEADER;
  }
  if (!address.is_quoted && between.n > 0) {
    address.display = between;
  }
  address.uri = stox_span_slice(value, at + 1, value.n - at - 2);
  if (!stox_cpim_is_uri(address.uri)) {
    return STOX_E_BAD_URI;
  }
  *out = address;
  return STOX_OK;
}
