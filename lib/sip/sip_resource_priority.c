/* SPDX-License-Identifier: MIT */
#include "stox/sip_resource_priority.h"

#include "sip/lex.h"
#include "stox/status.h"

static int is_token_nodot(stox_span text) {
  return stox_sip_is_token(text) && stox_span_find(text, '.') == text.n;
}

int stox_sip_resource_priority_parse(stox_sip_resource_priority *out, stox_span text,
                                     stox_diag *diag) {
  static const char rule[] = "RFC4412-3.1 r-value";
  const stox_span value = stox_span_trim(text);
  const size_t offset = stox_sip_skip_lws(text, 0);
  const size_t dot = stox_span_find(value, '.');
  const stox_span name = stox_span_slice(value, 0, dot);
  const stox_span priority = stox_span_slice(value, dot + 1, value.n);
  const int is_good = is_token_nodot(name);
  *out = (stox_sip_resource_priority){{NULL, 0}, {NULL, 0}};
  if (!is_good || !is_token_nodot(priority)) {
    const size_t at = !is_good ? stox_sip_token_end(name, 0) : dot;
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, offset + at, rule);
  }
  *out = (stox_sip_resource_priority){name, priority};
  return STOX_OK;
}

int stox_sip_resource_priority_write(stox_buf *out, const stox_sip_resource_priority *value) {
  if (!is_token_nodot(value->name_space) || !is_token_nodot(value->priority)) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put(out, value->name_space);
  (void)stox_buf_put_octet(out, '.');
  return stox_buf_put(out, value->priority);
}
