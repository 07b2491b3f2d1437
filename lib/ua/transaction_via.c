/* SPDX-License-Identifier: MIT */
#include "stox/host.h"
#include "stox/status.h"
#include "ua/transaction_private.h"

#include <string.h>

enum { PORT = 5060, PORT_TLS = 5061, ADDRESS_SIZE = 16 };

void stox_tx_put_value(stox_buf *out, stox_span value) {
  if (stox_span_find(value, '\n') == value.n) {
    (void)stox_buf_put(out, value);
  } else {
    (void)stox_sip_unfold(out, value);
  }
}

int stox_tx_sent_by(stox_buf *out, stox_span host) {
  unsigned char octets[ADDRESS_SIZE];
  size_t n = 0;
  if (stox_host_address(octets, &n, host) == STOX_OK && n == ADDRESS_SIZE) {
    (void)stox_buf_put_octet(out, '[');
    (void)stox_buf_put(out, host);
    return stox_buf_put_octet(out, ']');
  }
  const int kind = stox_host_kind(host);
  if (kind != STOX_HOST_NAME && kind != STOX_HOST_IPV4 && kind != STOX_HOST_IPV6) {
    return STOX_E_BAD_HOST;
  }
  return stox_buf_put(out, host);
}

int stox_tx_via_client(stox_buf *out, int transport, const stox_endpoint *local, stox_span branch) {
  (void)stox_buf_put_text(out, "SIP/2.0/");
  (void)stox_buf_put_text(out, stox_transport_name(transport));
  (void)stox_buf_put_octet(out, ' ');
  const int status = stox_tx_sent_by(out, local->host);
  if (status == STOX_E_BAD_HOST) {
    return status;
  }
  if (local->port != 0) {
    (void)stox_buf_put_octet(out, ':');
    (void)stox_buf_put_number(out, local->port);
  }
  (void)stox_buf_put_text(out, ";branch=");
  (void)stox_buf_put(out, branch);
  return stox_buf_put_text(out, ";rport");
}

/* An IPv6 address without its brackets. */
static stox_span bare(stox_span host) {
  return host.n > 2 && host.p[0] == '[' ? stox_span_slice(host, 1, host.n - 2) : host;
}

/* 1 if sent-by is the address that the request came from, as text or by value. */
static int is_same_address(stox_span sent_by, stox_span source) {
  unsigned char a[ADDRESS_SIZE];
  unsigned char b[ADDRESS_SIZE];
  size_t a_n = 0;
  size_t b_n = 0;
  sent_by = bare(sent_by);
  if (stox_host_address(a, &a_n, sent_by) != STOX_OK ||
      stox_host_address(b, &b_n, source) != STOX_OK) {
    return stox_span_is_equal_nocase(sent_by, source);
  }
  return a_n == b_n && memcmp(a, b, a_n) == 0;
}

/* Where the parameter that begins at `from` ends: at a semicolon outside of quotes. */
static size_t param_end(stox_span params, size_t from) {
  int is_quoted = 0;
  size_t i = from;
  for (; i < params.n && (is_quoted || params.p[i] != ';'); i++) {
    if (params.p[i] == '"') {
      is_quoted = !is_quoted;
    } else if (is_quoted && params.p[i] == '\\') {
      i++;
    }
  }
  return i < params.n ? i : params.n;
}

/* Only what we have seen ourselves may stand here: a `received` of the peer's goes. */
static void put_param(stox_buf *out, stox_span param, const stox_flow *flow) {
  const stox_span name = stox_span_trim(stox_span_slice(param, 0, stox_span_find(param, '=')));
  if (stox_span_is_equal_nocase(name, stox_span_text("rport"))) {
    (void)stox_buf_put_text(out, ";rport=");
    (void)stox_buf_put_number(out, flow->remote.port);
  } else if (!stox_span_is_equal_nocase(name, stox_span_text("received"))) {
    (void)stox_buf_put_octet(out, ';');
    stox_tx_put_value(out, param);
  }
}

void stox_tx_via_server(stox_buf *out, const stox_sip_via *via, const stox_flow *flow) {
  const stox_span head = stox_span_slice(via->text, 0, stox_span_find(via->text, ';'));
  stox_tx_put_value(out, stox_span_trim(head));
  for (size_t at = 0; at < via->params.n;) {
    const size_t end = param_end(via->params, at);
    put_param(out, stox_span_trim(stox_span_slice(via->params, at, end - at)), flow);
    at = end + 1;
  }
  if (via->has_rport || !is_same_address(via->host, flow->remote.host)) {
    (void)stox_buf_put_text(out, ";received=");
    (void)stox_buf_put(out, flow->remote.host);
  }
}

stox_endpoint stox_tx_reply_to(const stox_sip_via *via, const stox_flow *flow) {
  stox_endpoint to = flow->remote;
  const uint32_t fallback = to.transport == STOX_TRANSPORT_TLS ? PORT_TLS : PORT;
  const uint32_t sent_by = via->port != 0 ? via->port : fallback;
  if (stox_transport_is_reliable(to.transport)) {
    to.port = sent_by;
    return to;
  }
  unsigned char octets[ADDRESS_SIZE];
  size_t n = 0;
  const stox_span maddr = bare(via->maddr);
  if (maddr.p != NULL && stox_host_address(octets, &n, maddr) == STOX_OK) {
    to.host = maddr;
    to.port = sent_by;
  } else if (!via->has_rport) {
    to.port = sent_by;
  }
  return to;
}
