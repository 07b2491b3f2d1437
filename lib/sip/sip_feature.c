/* SPDX-License-Identifier: MIT */
#include "stox/sip_feature.h"

#include "base/chars.h"
#include "sip/lex.h"
#include "sip/shape.h"
#include "stox/status.h"

#include <stddef.h>

static const stox_sip_param_rule accept_contact_params[] = {
    {"require", STOX_SIP_KIND_FLAG, offsetof(stox_sip_accept_contact, is_required)},
    {"explicit", STOX_SIP_KIND_FLAG, offsetof(stox_sip_accept_contact, is_explicit)},
};

static const stox_sip_shape accept_contact_shape = {"RFC3841-10 Accept-Contact",
                                                    STOX_SIP_KIND_STAR,
                                                    sizeof(stox_sip_accept_contact),
                                                    offsetof(stox_sip_accept_contact, star),
                                                    offsetof(stox_sip_accept_contact, params),
                                                    accept_contact_params,
                                                    sizeof accept_contact_params /
                                                        sizeof accept_contact_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_accept_contact, accept_contact_shape)

static const stox_sip_shape reject_contact_shape = {"RFC3841-10 Reject-Contact",
                                                    STOX_SIP_KIND_STAR,
                                                    sizeof(stox_sip_reject_contact),
                                                    offsetof(stox_sip_reject_contact, star),
                                                    offsetof(stox_sip_reject_contact, params),
                                                    NULL,
                                                    0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_reject_contact, reject_contact_shape)

static const char *const base_tags[] = {
    "audio",    "automata",    "class",   "duplex",   "data",    "control",   "mobility",
    "events",   "description", "methods", "priority", "schemes", "video",     "application",
    "language", "type",        "isfocus", "actor",    "text",    "extensions"};

/* ftag-name = ALPHA *( ALPHA / DIGIT / "!" / "'" / "." / "-" / "%" ) */
static int is_tag_name(stox_span name) {
  for (size_t i = 0; i < name.n; i++) {
    const char c = name.p[i];
    const int is_mark = c == '!' || c == '\'' || c == '.' || c == '-' || c == '%';
    if (!stox_char_is(c, STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) && !is_mark) {
      return 0;
    }
  }
  return name.n > 0 && stox_char_is(name.p[0], STOX_CHAR_ALPHA);
}

int stox_sip_is_feature_tag(stox_span name) {
  if (name.n > 0 && name.p[0] == '+') {
    return is_tag_name(stox_span_slice(name, 1, name.n));
  }
  for (size_t i = 0; i < sizeof base_tags / sizeof base_tags[0]; i++) {
    if (stox_span_is_equal_nocase(name, stox_span_text(base_tags[i]))) {
      return 1;
    }
  }
  return 0;
}

int stox_sip_next_feature(stox_param *out, stox_span params, size_t *cursor) {
  stox_param param;
  int status;
  while ((status = stox_param_next(&param, params, cursor)) == STOX_OK) {
    if (stox_sip_is_feature_tag(param.name)) {
      *out = param;
      return STOX_OK;
    }
  }
  return status;
}

/* [ "+" / "-" ] 1*DIGIT [ "." 0*DIGIT ] */
static size_t number_end(stox_span text, size_t at) {
  const size_t from = at < text.n && (text.p[at] == '+' || text.p[at] == '-') ? at + 1 : at;
  size_t end = from;
  while (end < text.n && stox_char_is(text.p[end], STOX_CHAR_DIGIT)) {
    end++;
  }
  if (end == from) {
    return at;
  }
  end += end < text.n && text.p[end] == '.';
  while (end < text.n && stox_char_is(text.p[end], STOX_CHAR_DIGIT)) {
    end++;
  }
  return end;
}

/* "#" ( ">=" / "<=" / "=" / ( number ":" ) ) number */
static int read_numeric(stox_sip_tag_value *out, stox_span text) {
  size_t at = 1;
  const size_t low = number_end(text, at);
  out->kind = STOX_SIP_TAG_NUMBER;
  if (low > at && low < text.n && text.p[low] == ':') {
    out->low = stox_span_slice(text, at, low - at);
    at = low + 1;
    out->high = stox_span_slice(text, at, text.n);
    return number_end(text, at) == text.n && at < text.n;
  }
  const int is_low = at < text.n && text.p[at] == '>';
  const int is_high = at < text.n && text.p[at] == '<';
  at += (size_t)(is_low || is_high);
  if (at >= text.n || text.p[at] != '=') {
    return 0;
  }
  const stox_span number = stox_span_slice(text, at + 1, text.n);
  out->low = is_high ? out->low : number;
  out->high = is_low ? out->high : number;
  return number.n > 0 && number_end(number, 0) == number.n;
}

static int read_word(stox_sip_tag_value *out, stox_span text) {
  const int is_true = stox_span_is_equal_nocase(text, stox_span_text("TRUE"));
  const int is_false = stox_span_is_equal_nocase(text, stox_span_text("FALSE"));
  out->kind = is_true || is_false ? STOX_SIP_TAG_BOOLEAN : STOX_SIP_TAG_TOKEN;
  out->is_true = is_true;
  return stox_sip_is_token(text) && stox_span_find(text, '!') == text.n;
}

static int read_tag_value(stox_sip_tag_value *out, stox_span text) {
  out->text = text;
  if (text.n > 1 && text.p[0] == '<') {
    out->kind = STOX_SIP_TAG_STRING;
    return stox_span_find(text, '>') == text.n - 1;
  }
  out->is_negated = text.n > 0 && text.p[0] == '!';
  out->text = stox_span_slice(text, (size_t)out->is_negated, text.n);
  return out->text.n > 0 && out->text.p[0] == '#' ? read_numeric(out, out->text)
                                                  : read_word(out, out->text);
}

/* Where the value that begins at `at` ends: a string goes to the end, any other to a comma. */
static size_t value_end(stox_span list, size_t at) {
  const stox_span rest = stox_span_slice(list, at, list.n);
  return at < list.n && list.p[at] == '<' ? list.n : at + stox_span_find(rest, ',');
}

int stox_sip_next_tag_value(stox_sip_tag_value *out, stox_span value, size_t *cursor) {
  stox_sip_tag_value made = {0};
  if (value.p == NULL && *cursor == 0) {
    *out = (stox_sip_tag_value){.kind = STOX_SIP_TAG_BOOLEAN, .is_true = 1};
    *cursor = 1;
    return STOX_OK;
  }
  if (value.p == NULL || *cursor >= value.n) {
    return STOX_E_NONE;
  }
  if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"') {
    return STOX_E_BAD_PARAM;
  }
  const stox_span list = stox_span_slice(value, 1, value.n - 2);
  const size_t from = *cursor == 0 ? 0 : *cursor - 1;
  const size_t end = value_end(list, from);
  if (!read_tag_value(&made, stox_span_trim(stox_span_slice(list, from, end - from)))) {
    return STOX_E_BAD_PARAM;
  }
  *out = made;
  *cursor = end == list.n ? value.n : end + 2;
  return STOX_OK;
}

/* 1 if a bound has no more digits before the point than the largest double. */
static int is_double(stox_span bound) {
  enum { DOUBLE_DIGITS = 308 };
  size_t digits = 0;
  for (size_t i = 0; i < bound.n && bound.p[i] != '.'; i++) {
    digits += digits > 0 || (bound.p[i] >= '1' && bound.p[i] <= '9') ? 1U : 0U;
  }
  return digits <= DOUBLE_DIGITS;
}

static int check_values(stox_span text) {
  stox_sip_tag_value value;
  size_t cursor = 0;
  int status;
  while ((status = stox_sip_next_tag_value(&value, text, &cursor)) == STOX_OK) {
    if (!is_double(value.low) || !is_double(value.high)) {
      return STOX_E_BAD_PARAM;
    }
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

int stox_sip_features_check(stox_span params) {
  stox_span names[STOX_SIP_FEATURES_MOST];
  stox_param feature;
  size_t cursor = 0;
  size_t n = 0;
  int status;
  while ((status = stox_sip_next_feature(&feature, params, &cursor)) == STOX_OK) {
    for (size_t i = 0; i < n; i++) {
      if (stox_span_is_equal_nocase(names[i], feature.name)) {
        return STOX_E_REPEATED;
      }
    }
    if (n == STOX_SIP_FEATURES_MOST) {
      return STOX_E_TOO_MANY;
    }
    names[n++] = feature.name;
    status = check_values(feature.value);
    if (status != STOX_OK) {
      return status;
    }
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

static const char *const directives[] = {"proxy",    "redirect",   "cancel",  "no-cancel",
                                         "fork",     "no-fork",    "recurse", "no-recurse",
                                         "parallel", "sequential", "queue",   "no-queue"};

enum { N_DIRECTIVES = sizeof directives / sizeof directives[0] };

static uint32_t directive_of(stox_span text) {
  for (size_t i = 0; i < N_DIRECTIVES; i++) {
    if (stox_span_is_equal_nocase(text, stox_span_text(directives[i]))) {
      return UINT32_C(1) << i;
    }
  }
  return 0;
}

int stox_sip_disposition_parse(uint32_t *out, stox_span list, stox_diag *diag) {
  static const char rule[] = "RFC3841-10 Request-Disposition";
  stox_span element;
  size_t cursor = 0;
  uint32_t set = 0;
  int status;
  *out = 0;
  while ((status = stox_sip_next_element(&element, list, &cursor, diag)) == STOX_OK) {
    const uint32_t directive = directive_of(element);
    if (directive == 0) {
      return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, (size_t)(element.p - list.p), rule);
    }
    set |= directive;
  }
  if (status != STOX_E_NONE || set == 0) {
    return set == 0 && status == STOX_E_NONE
               ? stox_diag_set(diag, STOX_E_BAD_HEADER, 400, list.n, rule)
               : status;
  }
  *out = set;
  return STOX_OK;
}

int stox_sip_disposition_write(stox_buf *out, uint32_t set) {
  const size_t before = out->len;
  if (set == 0 || set >> N_DIRECTIVES != 0) {
    return STOX_E_BAD_HEADER;
  }
  for (size_t i = 0; i < N_DIRECTIVES; i++) {
    if ((set & UINT32_C(1) << i) != 0) {
      (void)stox_buf_put_text(out, out->len > before ? ", " : "");
      (void)stox_buf_put_text(out, directives[i]);
    }
  }
  return stox_buf_status(out);
}
