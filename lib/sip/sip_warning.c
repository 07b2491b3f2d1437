/* SPDX-License-Identifier: MIT */
#include "stox/sip_warning.h"

#include "base/chars.h"
#include "sip/lex.h"
#include "sip/value_kind.h"
#include "stox/number.h"
#include "stox/status.h"

enum { CODE_N = 3, CODE_LEAST = 100, CODE_MOST = 999, PORT_MOST = 65535 };

/* hostport / pseudonym */
static int is_agent(stox_span agent) {
  uint64_t port = 0;
  size_t at = agent.n;
  if (stox_sip_is_token(agent)) {
    return 1;
  }
  while (at > 0 && stox_char_is(agent.p[at - 1], STOX_CHAR_DIGIT)) {
    at--;
  }
  const stox_span digits = stox_span_slice(agent, at, agent.n);
  if (at > 0 && agent.p[at - 1] == ':' && stox_number_parse(&port, digits, PORT_MOST) == STOX_OK) {
    return stox_sip_is_kind(STOX_SIP_KIND_HOST, stox_span_slice(agent, 0, at - 1));
  }
  return stox_sip_is_kind(STOX_SIP_KIND_HOST, agent);
}

static size_t word_end(stox_span text, size_t at) {
  while (at < text.n && !stox_char_is(text.p[at], STOX_CHAR_SPACE)) {
    at++;
  }
  return at;
}

/* The place where it breaks; text.n if it does not. */
static size_t read_warning(stox_sip_warning *out, stox_span text) {
  uint64_t code = 0;
  const size_t from = stox_sip_skip_lws(text, 0);
  size_t end = word_end(text, from);
  const stox_span digits = stox_span_slice(text, from, end - from);
  if (digits.n != CODE_N || stox_number_parse(&code, digits, CODE_MOST) != STOX_OK ||
      code < CODE_LEAST) {
    return from;
  }
  const size_t agent = stox_sip_skip_lws(text, end);
  end = word_end(text, agent);
  out->code = (uint32_t)code;
  out->agent = stox_span_slice(text, agent, end - agent);
  if (!is_agent(out->agent)) {
    return agent;
  }
  const size_t quoted = stox_sip_skip_lws(text, end);
  end = stox_sip_kind_end(STOX_SIP_KIND_QUOTED, text, quoted);
  out->text = stox_span_slice(text, quoted, end - quoted);
  return end == quoted ? quoted : stox_sip_skip_lws(text, end);
}

int stox_sip_warning_parse(stox_sip_warning *out, stox_span text, stox_diag *diag) {
  *out = (stox_sip_warning){0};
  const size_t at = read_warning(out, text);
  if (at == text.n && out->text.n > 0) {
    return STOX_OK;
  }
  *out = (stox_sip_warning){0};
  return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, "RFC3261-25.1 Warning");
}

int stox_sip_warning_write(stox_buf *out, const stox_sip_warning *value) {
  if (value->code < CODE_LEAST || value->code > CODE_MOST || !is_agent(value->agent) ||
      !stox_sip_is_kind(STOX_SIP_KIND_QUOTED, value->text)) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put_number(out, value->code);
  (void)stox_buf_put_octet(out, ' ');
  (void)stox_buf_put(out, value->agent);
  (void)stox_buf_put_octet(out, ' ');
  return stox_sip_unfold(out, value->text);
}
