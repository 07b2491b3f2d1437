/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "stox/host.h"
#include "stox/status.h"
#include "ua/transaction_private.h"

#include <stddef.h>

/* What matches is said by stox/sip_match.h; here its keys are kept, hashed and found. Which table's
 * or side's a key is, is a part of it, so that keys of different ones never meet. */

int stox_tx_key_of_request(stox_tx_key *out, stox_sip_message *message, stox_span method) {
  out->side = STOX_TX_KEY_SERVER;
  return stox_sip_server_key_of(&out->of, message, method);
}

/* A response must also have our own sent-by (RFC 3261 18.1.2). */
int stox_tx_key_of_response(stox_tx_key *out, stox_sip_message *message) {
  stox_sip_via via;
  out->side = STOX_TX_KEY_CLIENT;
  int status = stox_sip_client_key_of(&out->of, message);
  if (status == STOX_OK) {
    status = stox_sip_get_via(&via, message, 0);
  }
  if (status == STOX_OK) {
    out->of.host = via.host;
    out->of.port = via.port;
  }
  return status;
}

stox_tx_key stox_tx_key_of_client(stox_span method, stox_span branch, stox_span host,
                                  uint32_t port) {
  return (stox_tx_key){.of = {.method = method, .branch = branch, .host = host, .port = port},
                       .side = STOX_TX_KEY_CLIENT};
}

stox_tx_key stox_tx_key_of_merge(const stox_sip_message *message, uint32_t cseq) {
  return (stox_tx_key){.of = {.is_rfc2543 = 1,
                              .method = stox_sip_method(message),
                              .from_tag = stox_sip_tag(message, STOX_SIP_FROM),
                              .call_id = stox_sip_value(message, STOX_SIP_CALL_ID),
                              .cseq = cseq},
                       .side = STOX_TX_KEY_MERGE};
}

/* The texts of a key. */
static const size_t texts[] = {
    offsetof(stox_sip_transaction_key, method),      offsetof(stox_sip_transaction_key, branch),
    offsetof(stox_sip_transaction_key, host),        offsetof(stox_sip_transaction_key, via),
    offsetof(stox_sip_transaction_key, request_uri), offsetof(stox_sip_transaction_key, call_id),
    offsetof(stox_sip_transaction_key, from_tag),    offsetof(stox_sip_transaction_key, to_tag),
};

enum { TEXTS = sizeof texts / sizeof texts[0] };

static stox_span *text_at(stox_tx_key *key, size_t i) {
  return (stox_span *)(void *)((char *)&key->of + texts[i]);
}

static const stox_span *text_of(const stox_tx_key *key, size_t i) {
  return (const stox_span *)(const void *)((const char *)&key->of + texts[i]);
}

void stox_tx_key_keep(stox_buf *block, stox_tx_key *out, const stox_tx_key *key) {
  *out = *key;
  for (size_t i = 0; i < TEXTS; i++) {
    *text_at(out, i) = stox_tx_keep(block, *text_of(key, i));
  }
}

/* The same for hosts that are equal: an address by its octets, a name without case. */
static uint64_t hash_host(const stox_table *table, uint64_t seed, stox_span host) {
  char room[64];
  unsigned char octets[16];
  size_t n = 0;
  const int is_reference = host.n > 0 && host.p[0] == '[';
  const stox_span inside = is_reference ? stox_span_slice(host, 1, host.n - 2) : host;
  const stox_span address = stox_span_slice(inside, 0, stox_span_find(inside, '%'));
  if (stox_host_address(octets, &n, address) == STOX_OK) {
    return stox_table_hash(table, seed, (stox_span){(const char *)octets, n});
  }
  const size_t end = host.n > 1 && host.p[host.n - 1] == '.' ? host.n - 1 : host.n;
  for (size_t at = 0; at < end; at += n) {
    for (n = 0; n < sizeof room && at + n < end; n++) {
      room[n] = stox_char_lower(host.p[at + n]);
    }
    seed = stox_table_hash(table, seed, (stox_span){room, n});
  }
  return seed;
}

uint64_t stox_tx_key_hash(const stox_table *table, const stox_tx_key *key) {
  uint64_t hash = (uint64_t)key->side << 32 | (key->of.is_rfc2543 ? key->of.cseq : key->of.port);
  for (size_t i = 0; i < TEXTS; i++) {
    const stox_span text = *text_of(key, i);
    if (texts[i] == offsetof(stox_sip_transaction_key, host)) {
      hash = hash_host(table, hash, text);
    } else if (text.n > 0) {
      hash = stox_table_hash(table, hash, text);
    }
  }
  return hash;
}

static int is_equal(const stox_tx_key *a, const stox_tx_key *b) {
  return a->side == b->side && stox_sip_transaction_key_is_equal(&a->of, &b->of);
}

static stox_tx *at(stox_link *link, size_t offset) {
  return link == NULL ? NULL : (stox_tx *)(void *)((char *)link - offset);
}

stox_tx *stox_tx_key_find(const stox_transactions *obj, const stox_tx_key *key) {
  const uint64_t hash = stox_tx_key_hash(&obj->keys, key);
  stox_link *link = stox_table_find(&obj->keys, hash, NULL);
  while (link != NULL && !is_equal(&at(link, offsetof(stox_tx, by_key))->key, key)) {
    link = stox_table_find(&obj->keys, hash, link);
  }
  return at(link, offsetof(stox_tx, by_key));
}

stox_tx *stox_tx_merge_find(const stox_transactions *obj, const stox_tx_key *key) {
  const uint64_t hash = stox_tx_key_hash(&obj->merges, key);
  stox_link *link = stox_table_find(&obj->merges, hash, NULL);
  while (link != NULL && !is_equal(&at(link, offsetof(stox_tx, by_merge))->merge, key)) {
    link = stox_table_find(&obj->merges, hash, link);
  }
  return at(link, offsetof(stox_tx, by_merge));
}
