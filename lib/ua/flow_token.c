/* SPDX-License-Identifier: MIT */
#include "stox/flow_token.h"

#include "base/options.h"
#include "stox/hash.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "text/ip.h"

#include <string.h>

/* base64( first 80 bits of HMAC( K, S ) | S ), where S is an octet for the transport, with its high
 * bit set for IPv6 and the next for a serial, both ends, address before port, and the serial. */
enum {
  MARK = 10,
  KEY_LEAST = 16,
  IP4 = 4,
  IP6 = 16,
  SERIAL = 8,
  HAS_IP6 = 0x80,
  HAS_SERIAL = 0x40,
  SAID_MOST = 1 + 2 * (IP6 + 2) + SERIAL,
  OCTETS_MOST = MARK + SAID_MOST + 2 /* what padding stands for */
};

static const stox_flow_token_keys defaults = {.size = sizeof(stox_flow_token_keys),
                                              .algorithm = STOX_HASH_SHA1};

int stox_flow_token_keys_init(stox_flow_token_keys *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int read_keys(stox_flow_token_keys *out, const stox_flow_token_keys *given) {
  *out = defaults;
  if (given == NULL || stox_options_read(out, sizeof *out, given) != STOX_OK) {
    return STOX_E_ARG;
  }
  int is_good = out->key.n >= KEY_LEAST &&
                (out->algorithm == STOX_HASH_SHA1 || out->algorithm == STOX_HASH_SHA256);
  for (size_t i = 0; i < out->n_previous; i++) {
    is_good &= out->previous[i].n >= KEY_LEAST;
  }
  return is_good ? STOX_OK : STOX_E_ARG;
}

static int mark_of(unsigned char *out, int algorithm, stox_span key, stox_span said) {
  unsigned char whole[STOX_HASH_MAX];
  const int status = stox_hmac(algorithm, key, said, whole, sizeof whole);
  if (status == STOX_OK) {
    memcpy(out, whole, MARK);
  }
  return status;
}

/* ---- numbers, the most significant octet first ---- */

static unsigned char *put_number(unsigned char *at, uint64_t value, size_t n) {
  for (size_t i = 0; i < n; i++) {
    at[i] = (unsigned char)(value >> 8 * (n - 1 - i));
  }
  return at + n;
}

static uint64_t take_number(const unsigned char **at, size_t n) {
  uint64_t value = 0;
  for (size_t i = 0; i < n; i++) {
    value = value << 8 | *(*at)++;
  }
  return value;
}

static void take_octets(unsigned char *out, const unsigned char **at, size_t n) {
  memcpy(out, *at, n);
  *at += n;
}

/* ---- S ---- */

/* A flow as a token says it. */
static int describe(stox_flow_token *out, const stox_flow *flow) {
  size_t local_n = 0;
  size_t remote_n = 0;
  memset(out, 0, sizeof *out);
  if (stox_host_address(out->local, &local_n, flow->local.host) != STOX_OK ||
      stox_host_address(out->remote, &remote_n, flow->remote.host) != STOX_OK) {
    return STOX_E_BAD_HOST;
  }
  out->transport = flow->remote.transport;
  out->local_port = flow->local.port;
  out->remote_port = flow->remote.port;
  out->address_n = (uint32_t)remote_n;
  const int is_good = local_n == remote_n && stox_transport_name(out->transport) != NULL &&
                      out->local_port - 1 < UINT16_MAX && out->remote_port - 1 < UINT16_MAX;
  return is_good ? STOX_OK : STOX_E_ARG;
}

static size_t write_said(unsigned char *out, const stox_flow_token *token) {
  unsigned char *at = out;
  *at++ = (unsigned char)(token->transport | (token->address_n == IP6 ? HAS_IP6 : 0) |
                          (token->serial != 0 ? HAS_SERIAL : 0));
  memcpy(at, token->local, token->address_n);
  at = put_number(at + token->address_n, token->local_port, 2);
  memcpy(at, token->remote, token->address_n);
  at = put_number(at + token->address_n, token->remote_port, 2);
  if (token->serial != 0) {
    at = put_number(at, token->serial, SERIAL);
  }
  return (size_t)(at - out);
}

static size_t said_size(unsigned char kind) {
  const size_t address = (kind & HAS_IP6) != 0 ? IP6 : IP4;
  return 1 + 2 * (address + 2) + ((kind & HAS_SERIAL) != 0 ? SERIAL : 0);
}

/* What was proven to be ours is of our form. */
static void read_said(stox_flow_token *out, const unsigned char *said) {
  const unsigned char kind = *said++;
  memset(out, 0, sizeof *out);
  out->transport = kind & ~(HAS_IP6 | HAS_SERIAL);
  out->address_n = (kind & HAS_IP6) != 0 ? IP6 : IP4;
  take_octets(out->local, &said, out->address_n);
  out->local_port = (uint32_t)take_number(&said, 2);
  take_octets(out->remote, &said, out->address_n);
  out->remote_port = (uint32_t)take_number(&said, 2);
  out->serial = (kind & HAS_SERIAL) != 0 ? take_number(&said, SERIAL) : 0;
}

/* ---- tokens ---- */

static int write_token(stox_buf *out, const unsigned char *octets, size_t n) {
  return stox_base64_write(out, (stox_span){(const char *)octets, n}, STOX_BASE64);
}

/* The octets that a user part stands for; 0: no base64, or too many. */
static size_t read_token(unsigned char *out, size_t cap, stox_span user) {
  char text[STOX_FLOW_TOKEN_MOST + 2];
  stox_buf plain;
  stox_buf octets;
  stox_buf_init(&plain, text, STOX_FLOW_TOKEN_MOST);
  stox_buf_init(&octets, (char *)out, cap);
  if (stox_percent_decode(&plain, user, NULL) != STOX_OK) {
    return 0;
  }
  plain.cap = sizeof text;
  while (plain.len % 4 != 0 && plain.len < sizeof text) {
    (void)stox_buf_put_octet(&plain, '=');
  }
  const int status = stox_base64_parse(&octets, stox_buf_span(&plain), STOX_BASE64);
  return status == STOX_OK ? octets.len : 0;
}

int stox_flow_token_make(stox_buf *out, const stox_flow_token_keys *keys, const stox_flow *flow,
                         uint64_t serial) {
  stox_flow_token_keys own;
  stox_flow_token token;
  unsigned char octets[OCTETS_MOST];
  int status = read_keys(&own, keys);
  if (status == STOX_OK) {
    status = describe(&token, flow);
  }
  if (status != STOX_OK) {
    return status;
  }
  token.serial = serial;
  const size_t n = write_said(octets + MARK, &token);
  status = mark_of(octets, own.algorithm, own.key, (stox_span){(const char *)octets + MARK, n});
  return status == STOX_OK ? write_token(out, octets, MARK + n) : status;
}

static int check_key(const unsigned char *octets, stox_span said, int algorithm, stox_span key) {
  unsigned char mark[MARK];
  const int status = mark_of(mark, algorithm, key, said);
  if (status != STOX_OK) {
    return status;
  }
  const stox_span mine = {(const char *)mark, MARK};
  const stox_span its = {(const char *)octets, MARK};
  return stox_octets_is_equal_ct(mine, its) ? STOX_OK : STOX_E_AUTH;
}

int stox_flow_token_check(stox_flow_token *out, const stox_flow_token_keys *keys, stox_span user) {
  stox_flow_token_keys own;
  unsigned char octets[OCTETS_MOST];
  int status = read_keys(&own, keys);
  if (status != STOX_OK || user.n == 0) {
    return status != STOX_OK ? status : STOX_E_NONE;
  }
  const size_t n = read_token(octets, sizeof octets, user);
  if (n <= MARK || n != MARK + said_size(octets[MARK])) {
    return STOX_E_AUTH;
  }
  const stox_span said = {(const char *)octets + MARK, n - MARK};
  status = check_key(octets, said, own.algorithm, own.key);
  for (size_t i = 0; i < own.n_previous && status == STOX_E_AUTH; i++) {
    status = check_key(octets, said, own.algorithm, own.previous[i]);
  }
  if (status == STOX_OK) {
    read_said(out, octets + MARK);
  }
  return status;
}

int stox_flow_token_is_of(const stox_flow_token *token, const stox_flow *flow) {
  stox_flow_token other;
  return describe(&other, flow) == STOX_OK && other.transport == token->transport &&
         other.address_n == token->address_n && other.local_port == token->local_port &&
         other.remote_port == token->remote_port &&
         memcmp(other.local, token->local, token->address_n) == 0 &&
         memcmp(other.remote, token->remote, token->address_n) == 0;
}

int stox_flow_token_address(stox_buf *out, const stox_flow_token *token, int remote) {
  stox_ip_write(out, remote ? token->remote : token->local, token->address_n);
  return stox_buf_status(out);
}

/* ---- the draft's first algorithm: base64( descriptor | NTP time ) of a connection, base64(
 * descriptor | address | port ) for UDP ---- */

enum { DESCRIPTOR = 4, NTP = 8, PLAIN_CONNECTION = DESCRIPTOR + NTP };

int stox_flow_token_plain_make(stox_buf *out, const stox_flow_token_plain *value) {
  unsigned char octets[DESCRIPTOR + IP6 + 2];
  unsigned char *at = put_number(octets, value->descriptor, DESCRIPTOR);
  if (value->address_n == 0) {
    at = put_number(at, value->created, NTP);
  } else if ((value->address_n == IP4 || value->address_n == IP6) &&
             value->remote_port - 1 < UINT16_MAX) {
    memcpy(at, value->remote, value->address_n);
    at = put_number(at + value->address_n, value->remote_port, 2);
  } else {
    return STOX_E_ARG;
  }
  return write_token(out, octets, (size_t)(at - octets));
}

int stox_flow_token_plain_parse(stox_flow_token_plain *out, stox_span user) {
  unsigned char octets[OCTETS_MOST];
  if (user.n == 0) {
    return STOX_E_NONE;
  }
  const size_t n = read_token(octets, sizeof octets, user);
  const unsigned char *at = octets;
  stox_flow_token_plain value = {0};
  if (n != PLAIN_CONNECTION && n != DESCRIPTOR + IP4 + 2 && n != DESCRIPTOR + IP6 + 2) {
    return STOX_E_AUTH;
  }
  value.descriptor = (uint32_t)take_number(&at, DESCRIPTOR);
  if (n == PLAIN_CONNECTION) {
    value.created = take_number(&at, NTP);
  } else {
    value.address_n = (uint32_t)(n - DESCRIPTOR - 2);
    take_octets(value.remote, &at, value.address_n);
    value.remote_port = (uint32_t)take_number(&at, 2);
  }
  *out = value;
  return STOX_OK;
}
