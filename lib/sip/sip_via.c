/* SPDX-License-Identifier: MIT */
#include "stox/sip_via.h"

#include "base/chars.h"
#include "sip/lex.h"
#include "sip/message.h"
#include "sip/value_kind.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

enum { CSEQ_MOST = 0x7FFFFFFF, PORT_MOST = 65535 };

/* 1*DIGIT LWS Method */
int stox_sip_cseq_parse(stox_sip_cseq *out, stox_span text, stox_diag *diag) {
  static const char rule[] = "RFC3261-25.1 CSeq";
  const size_t from = stox_sip_skip_lws(text, 0);
  size_t end = from;
  uint64_t number = 0;
  while (end < text.n && stox_char_is(text.p[end], STOX_CHAR_DIGIT)) {
    end++;
  }
  const size_t method = stox_sip_skip_lws(text, end);
  const size_t behind = stox_sip_token_end(text, method);
  const stox_span name = stox_span_slice(text, method, behind - method);
  *out = (stox_sip_cseq){0};
  if (stox_number_parse(&number, stox_span_slice(text, from, end - from), CSEQ_MOST) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, from, rule);
  }
  if (method == end || name.n == 0 || stox_sip_skip_lws(text, behind) != text.n) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, behind, rule);
  }
  *out = (stox_sip_cseq){(uint32_t)number, stox_sip_method_of(name), name};
  return STOX_OK;
}

int stox_sip_cseq_write(stox_buf *out, const stox_sip_cseq *value) {
  if (!stox_sip_is_token(value->method) || value->number > CSEQ_MOST) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put_number(out, value->number);
  (void)stox_buf_put_octet(out, ' ');
  return stox_buf_put(out, value->method);
}

static int is_member(stox_span name) {
  static const char *const members[] = {"rport", "branch", "received", "maddr"};
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
    if (stox_span_is_equal_nocase(name, stox_span_text(members[i]))) {
      return 1;
    }
  }
  return 0;
}

/* gen-value, and IPv6 addresses without brackets. */
static int is_value(stox_span value) {
  if (stox_sip_is_kind(STOX_SIP_KIND_QUOTED, value)) {
    return 1;
  }
  for (size_t i = 0; i < value.n; i++) {
    const char c = value.p[i];
    if (!stox_char_is(c, STOX_CHAR_TOKEN) && c != ':' && c != '[' && c != ']') {
      return 0;
    }
  }
  return value.n > 0;
}

/* Takes the next parameter of a list that begins at `*at`; 0 at its end, -1 where it breaks. */
static int next_param(stox_param *out, stox_span params, size_t *at) {
  const size_t from = stox_sip_skip_lws(params, *at);
  const size_t end = stox_sip_token_end(params, from);
  size_t next = stox_sip_skip_lws(params, end);
  if (params.n == 0 || from > params.n) {
    return 0;
  }
  *out = (stox_param){stox_span_slice(params, from, end - from), {NULL, 0}};
  if (next < params.n && params.p[next] == '=') {
    const size_t value = stox_sip_skip_lws(params, next + 1);
    const size_t quoted = stox_sip_kind_end(STOX_SIP_KIND_QUOTED, params, value);
    next = quoted > value ? quoted
                          : value + stox_span_find(stox_span_slice(params, value, params.n), ';');
    out->value = stox_span_trim(stox_span_slice(params, value, next - value));
    next = stox_sip_skip_lws(params, next);
  }
  *at = next + 1;
  const int is_good = out->name.n > 0 && (next == params.n || params.p[next] == ';') &&
                      (out->value.p == NULL || is_value(out->value));
  return is_good ? 1 : -1;
}

static int put_others(stox_buf *out, stox_span params) {
  stox_param param;
  size_t at = 0;
  int more;
  while (at <= params.n && (more = next_param(&param, params, &at)) != 0) {
    if (more < 0) {
      return 0;
    }
    if (is_member(param.name)) {
      continue;
    }
    (void)stox_buf_put_octet(out, ';');
    (void)stox_buf_put(out, param.name);
    (void)stox_buf_put_text(out, param.value.p != NULL ? "=" : "");
    (void)stox_sip_unfold(out, param.value);
  }
  return 1;
}

int stox_sip_via_parse(stox_sip_via *out, stox_span text, stox_diag *diag) {
  static const char rule[] = "RFC3261-25.1 Via";
  size_t cursor = 0;
  int lenient = 0;
  stox_buf nothing;
  stox_buf_init(&nothing, NULL, 0);
  int status = text.n == 0 ? STOX_E_BAD_HEADER : stox_sip_via_next(out, text, &cursor, &lenient);
  if (status == STOX_OK) {
    const size_t end = (size_t)(out->text.p + out->text.n - text.p);
    cursor = stox_sip_skip_lws(text, end);
    status = cursor == text.n && put_others(&nothing, out->params) ? STOX_OK : STOX_E_BAD_HEADER;
  }
  if (status == STOX_OK) {
    return STOX_OK;
  }
  *out = (stox_sip_via){0};
  return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, cursor, rule);
}

static int is_host(stox_span host) {
  return stox_sip_is_kind(STOX_SIP_KIND_HOST, host);
}

static int is_writable(const stox_sip_via *via) {
  const int is_bare = stox_host_kind(via->received) == STOX_HOST_IPV6;
  unsigned char octets[16];
  size_t n = 0;
  return stox_sip_is_token(via->transport) && is_host(via->host) && via->port <= PORT_MOST &&
         via->rport <= PORT_MOST && (via->branch.p == NULL || stox_sip_is_token(via->branch)) &&
         (via->received.p == NULL || is_bare ||
          stox_host_address(octets, &n, via->received) == STOX_OK) &&
         (via->maddr.p == NULL || stox_host_kind(via->maddr) != STOX_HOST_NONE);
}

/* protocol-name SLASH protocol-version SLASH */
static void put_protocol(stox_buf *out, stox_span text) {
  const size_t name = stox_span_find(text, '/');
  const stox_span behind = stox_span_slice(text, name + 1, text.n);
  const size_t version = stox_span_find(behind, '/');
  if (text.p == NULL) {
    (void)stox_buf_put_text(out, "SIP/2.0/");
    return;
  }
  (void)stox_buf_put(out, stox_span_trim(stox_span_slice(text, 0, name)));
  (void)stox_buf_put_octet(out, '/');
  (void)stox_buf_put(out, stox_span_trim(stox_span_slice(behind, 0, version)));
  (void)stox_buf_put_octet(out, '/');
}

static void put_param(stox_buf *out, const char *name, stox_span value) {
  if (value.p != NULL) {
    (void)stox_buf_put_octet(out, ';');
    (void)stox_buf_put_text(out, name);
    (void)stox_buf_put_octet(out, '=');
    (void)stox_buf_put(out, value);
  }
}

static int is_protocol(stox_span text) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = 0;
  return text.p == NULL || stox_sip_via_next(&via, text, &cursor, &lenient) == STOX_OK;
}

int stox_sip_via_write(stox_buf *out, const stox_sip_via *value) {
  const size_t before = out->len;
  if (!is_writable(value) || !is_protocol(value->text)) {
    return STOX_E_BAD_HEADER;
  }
  put_protocol(out, value->text);
  (void)stox_buf_put(out, value->transport);
  (void)stox_buf_put_octet(out, ' ');
  (void)stox_buf_put(out, value->host);
  if (value->port > 0) {
    (void)stox_buf_put_octet(out, ':');
    (void)stox_buf_put_number(out, value->port);
  }
  if (value->has_rport) {
    (void)stox_buf_put_text(out, value->rport > 0 ? ";rport=" : ";rport");
  }
  if (value->has_rport && value->rport > 0) {
    (void)stox_buf_put_number(out, value->rport);
  }
  put_param(out, "branch", value->branch);
  put_param(out, "received", value->received);
  put_param(out, "maddr", value->maddr);
  if (!put_others(out, value->params)) {
    out->len = before;
    return STOX_E_BAD_HEADER;
  }
  return stox_buf_status(out);
}
