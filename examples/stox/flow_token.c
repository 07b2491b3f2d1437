/* SPDX-License-Identifier: MIT */
#include "stox/flow_token.h"
#include "stox/number.h"
#include "stox/status.h"
#include "tool.h"

#include <stdio.h>
#include <string.h>

typedef struct asked {
  stox_flow_token_keys keys;
  uint64_t serial;
  char key[64];
} asked;

/* `HOST:PORT` or `[HOST]:PORT` */
static int read_end(stox_endpoint *out, stox_span text) {
  uint64_t port = 0;
  size_t colon = text.n;
  while (colon > 0 && text.p[colon - 1] != ':') {
    colon--;
  }
  if (colon == 0 ||
      stox_number_parse(&port, stox_span_slice(text, colon, text.n), UINT16_MAX) != STOX_OK) {
    return STOX_E_BAD_PORT;
  }
  out->host = stox_span_slice(text, 0, colon - 1);
  if (out->host.n > 1 && out->host.p[0] == '[' && out->host.p[out->host.n - 1] == ']') {
    out->host = stox_span_slice(out->host, 1, out->host.n - 2);
  }
  out->port = (uint32_t)port;
  return STOX_OK;
}

/* `TRANSPORT/LOCAL/REMOTE` */
static int make(void *ud, stox_span input, stox_buf *out) {
  const asked *a = ud;
  stox_flow flow = {0};
  const size_t first = stox_span_find(input, '/');
  const stox_span ends = stox_span_slice(input, first + 1, input.n);
  const size_t second = stox_span_find(ends, '/');
  flow.remote.transport = stox_transport_of(stox_span_slice(input, 0, first));
  int status = read_end(&flow.local, stox_span_slice(ends, 0, second));
  if (status == STOX_OK) {
    status = read_end(&flow.remote, stox_span_slice(ends, second + 1, ends.n));
  }
  return status == STOX_OK ? stox_flow_token_make(out, &a->keys, &flow, a->serial) : status;
}

static void put_end(stox_buf *out, const stox_flow_token *token, int remote) {
  const int has_brackets = token->address_n == sizeof token->local;
  (void)stox_buf_put_text(out, has_brackets ? "[" : "");
  (void)stox_flow_token_address(out, token, remote);
  (void)stox_buf_put_text(out, has_brackets ? "]:" : ":");
  (void)stox_buf_put_number(out, remote ? token->remote_port : token->local_port);
}

static int check(void *ud, stox_span input, stox_buf *out) {
  const asked *a = ud;
  stox_flow_token token;
  const int status = stox_flow_token_check(&token, &a->keys, input);
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_text(out, stox_transport_name(token.transport));
  for (int remote = 0; remote < 2; remote++) {
    (void)stox_buf_put_octet(out, '\t');
    put_end(out, &token, remote);
  }
  if (token.serial != 0) {
    (void)stox_buf_put_octet(out, '\t');
    (void)stox_buf_put_number(out, token.serial);
  }
  return stox_buf_status(out);
}

static int read_options(asked *a, const option *options) {
  stox_buf key;
  stox_buf_init(&key, a->key, sizeof a->key);
  (void)stox_flow_token_keys_init(&a->keys, sizeof a->keys);
  if (options[0].value == NULL ||
      stox_hex_parse(&key, stox_span_text(options[0].value)) != STOX_OK || key.len < 16) {
    (void)fprintf(stderr, "stox: --key is 16 to 64 octets in hexadecimal\n");
    return TOOL_USAGE;
  }
  if (options[1].value != NULL &&
      stox_number_parse(&a->serial, stox_span_text(options[1].value), UINT64_MAX) != STOX_OK) {
    (void)fprintf(stderr, "stox: --serial is a number\n");
    return TOOL_USAGE;
  }
  a->keys.key = stox_buf_span(&key);
  return TOOL_OK;
}

int command_flow_token(int argc, char **argv) {
  option options[] = {{"key", NULL, 0, NULL}, {"serial", NULL, 0, NULL}};
  operands inputs;
  asked a = {.serial = 0};
  const int is_make = argc > 0 && strcmp(argv[0], "make") == 0;
  if (!is_make && (argc == 0 || strcmp(argv[0], "check") != 0)) {
    (void)fprintf(stderr, "stox: flow-token make or flow-token check\n");
    return TOOL_USAGE;
  }
  int usage = options_read(&inputs, argc - 1, argv + 1, options, 2);
  if (usage == TOOL_OK) {
    usage = read_options(&a, options);
  }
  return usage == TOOL_OK ? answer_all(&inputs, is_make ? make : check, &a) : usage;
}
