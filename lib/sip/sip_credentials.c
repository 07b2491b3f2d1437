/* SPDX-License-Identifier: MIT */
#include "stox/sip_credentials.h"

#include "sip/lex.h"
#include "sip/value_kind.h"
#include "stox/status.h"

/* auth-param = name EQUAL ( token / quoted-string ), from `*at` on; 0 and where it breaks if there
 * is none. */
static int read_param(stox_param *out, stox_span text, size_t *at) {
  const size_t from = stox_sip_skip_lws(text, *at);
  const size_t end = stox_sip_token_end(text, from);
  const size_t equal = stox_sip_skip_lws(text, end);
  *at = equal;
  if (end == from || equal == text.n || text.p[equal] != '=') {
    return 0;
  }
  const size_t value = stox_sip_skip_lws(text, equal + 1);
  *at = stox_sip_kind_end(STOX_SIP_KIND_TEXT, text, value);
  out->name = stox_span_slice(text, from, end - from);
  out->value = stox_span_slice(text, value, *at - value);
  return *at > value;
}

/* As stox_sip_next_auth_param(), with the place where it breaks in `*cursor`. */
static int next_param(stox_param *out, stox_span params, size_t *cursor) {
  size_t at = *cursor;
  stox_param param;
  if (at > params.n || params.n == 0) {
    return STOX_E_NONE;
  }
  const int is_good = read_param(&param, params, &at);
  at = is_good ? stox_sip_skip_lws(params, at) : at;
  if (!is_good || (at < params.n && params.p[at] != ',')) {
    *cursor = at;
    return STOX_E_BAD_PARAM;
  }
  *out = param;
  *cursor = at + 1;
  return STOX_OK;
}

int stox_sip_next_auth_param(stox_param *out, stox_span params, size_t *cursor) {
  size_t at = *cursor;
  const int status = next_param(out, params, &at);
  *cursor = status == STOX_OK ? at : *cursor;
  return status;
}

int stox_sip_find_auth_param(stox_param *out, stox_span params, const char *name) {
  stox_param param;
  size_t cursor = 0;
  int found = STOX_E_NONE;
  int status;
  while ((status = next_param(&param, params, &cursor)) == STOX_OK) {
    if (!stox_span_is_equal_nocase(param.name, stox_span_text(name))) {
      continue;
    }
    if (found == STOX_OK) {
      return STOX_E_REPEATED;
    }
    *out = param;
    found = STOX_OK;
  }
  return status == STOX_E_NONE ? found : status;
}

/* 1 if the whole is a list; if not, where it breaks. */
static int is_list(stox_span params, size_t *at) {
  stox_param param;
  int status;
  *at = 0;
  while ((status = next_param(&param, params, at)) == STOX_OK) {
  }
  return params.n > 0 && status == STOX_E_NONE;
}

static const char rule_credentials[] = "RFC3261-25.1 credentials";

int stox_sip_credentials_open(stox_sip_credentials *out, stox_span text, stox_diag *diag) {
  const size_t from = stox_sip_skip_lws(text, 0);
  const size_t end = stox_sip_token_end(text, from);
  const size_t next = stox_sip_skip_lws(text, end);
  *out = (stox_sip_credentials){{NULL, 0}, {NULL, 0}};
  if (end == from || next == end) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, end, rule_credentials);
  }
  out->scheme = stox_span_slice(text, from, end - from);
  out->params = stox_span_trim(stox_span_slice(text, next, text.n));
  if (out->params.n == 0) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, next, rule_credentials);
  }
  return STOX_OK;
}

int stox_sip_credentials_parse(stox_sip_credentials *out, stox_span text, stox_diag *diag) {
  size_t bad = 0;
  stox_sip_credentials opened;
  const int status = stox_sip_credentials_open(&opened, text, diag);
  *out = (stox_sip_credentials){{NULL, 0}, {NULL, 0}};
  if (status != STOX_OK) {
    return status;
  }
  if (!is_list(opened.params, &bad)) {
    const size_t at = (size_t)(opened.params.p - text.p) + bad;
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, rule_credentials);
  }
  *out = opened;
  return STOX_OK;
}

static void put_params(stox_buf *out, stox_span params, const char *separator) {
  stox_param param;
  size_t cursor = 0;
  while (next_param(&param, params, &cursor) == STOX_OK) {
    (void)stox_buf_put_text(out, separator);
    (void)stox_buf_put(out, param.name);
    (void)stox_buf_put_octet(out, '=');
    (void)stox_sip_unfold(out, param.value);
    separator = ", ";
  }
}

int stox_sip_credentials_write(stox_buf *out, const stox_sip_credentials *value) {
  size_t bad = 0;
  if (!stox_sip_is_token(value->scheme) || !is_list(value->params, &bad)) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put(out, value->scheme);
  put_params(out, value->params, " ");
  return stox_buf_status(out);
}

int stox_sip_auth_info_parse(stox_sip_auth_info *out, stox_span text, stox_diag *diag) {
  size_t bad = 0;
  const stox_span params = stox_span_trim(text);
  *out = (stox_sip_auth_info){{NULL, 0}};
  if (!is_list(params, &bad)) {
    bad += stox_sip_skip_lws(text, 0);
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, bad, "RFC3261-25.1 Authentication-Info");
  }
  out->params = params;
  return STOX_OK;
}

int stox_sip_auth_info_write(stox_buf *out, const stox_sip_auth_info *value) {
  size_t bad = 0;
  if (!is_list(value->params, &bad)) {
    return STOX_E_BAD_HEADER;
  }
  put_params(out, value->params, "");
  return stox_buf_status(out);
}
