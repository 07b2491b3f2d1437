/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "ua/transaction_private.h"

#include <string.h>

/* Matching (RFC 3261 17.1.3, 17.2.3). The first part of a key says by which rule it was made, so
 * that keys of different rules never meet. */

static const char cookie[] = "z9hG4bK";

static stox_span rule(const char *name) {
  return (stox_span){name, 1};
}

static int has_cookie(stox_span branch) {
  return branch.n > sizeof cookie - 1 && memcmp(branch.p, cookie, sizeof cookie - 1) == 0;
}

/* ACK matches the INVITE that it acknowledges. */
static stox_span method_of_key(stox_span method) {
  const char *invite = stox_sip_method_name(STOX_SIP_INVITE);
  return stox_sip_method_of(method) == STOX_SIP_ACK ? stox_span_text(invite) : method;
}

/* The To tag tells requests apart but for INVITE, where an ACK has another one than its INVITE; two
 * INVITEs that are alike in all the rest are one. */
static int key_of_rfc2543(stox_tx_key *out, const stox_sip_message *message,
                          const stox_sip_via *via, stox_span method) {
  stox_sip_cseq cseq = {0};
  const int status = stox_sip_get_cseq(&cseq, message);
  const int id = stox_sip_method_of(method);
  out->part[0] = rule("o");
  out->part[1] = method_of_key(method);
  out->part[2] = stox_sip_request_uri(message);
  out->part[3] = stox_sip_tag(message, STOX_SIP_FROM);
  out->part[4] = stox_sip_value(message, STOX_SIP_CALL_ID);
  out->part[5] = via->text;
  if (id != STOX_SIP_INVITE && id != STOX_SIP_ACK) {
    out->part[6] = stox_sip_tag(message, STOX_SIP_TO);
  }
  out->n = STOX_TX_KEY_PARTS;
  out->number = cseq.number;
  return status;
}

int stox_tx_key_is_rfc2543(const stox_tx_key *key) {
  return key->part[0].p[0] == 'o';
}

int stox_tx_key_of_request(stox_tx_key *out, stox_sip_message *message, stox_span method) {
  const stox_sip_via *via = NULL;
  const int status = stox_sip_get_via(&via, message, 0);
  if (status != STOX_OK) {
    return status == STOX_E_NONE ? STOX_E_MISSING : status;
  }
  *out = (stox_tx_key){.number = via->port};
  if (has_cookie(via->branch)) {
    out->part[0] = rule("s");
    out->part[1] = method_of_key(method);
    out->part[2] = via->branch;
    out->part[3] = via->host;
    out->n = 4;
    return STOX_OK;
  }
  return key_of_rfc2543(out, message, via, method);
}

stox_tx_key stox_tx_key_of_client(stox_span method, stox_span branch, stox_span host,
                                  uint32_t port) {
  return (stox_tx_key){.part = {rule("c"), method, branch, host}, .n = 4, .number = port};
}

stox_tx_key stox_tx_key_of_merge(const stox_sip_message *message, uint32_t cseq) {
  return (stox_tx_key){.part = {rule("m"), stox_sip_method(message),
                                stox_sip_tag(message, STOX_SIP_FROM),
                                stox_sip_value(message, STOX_SIP_CALL_ID)},
                       .n = 4,
                       .number = cseq};
}

void stox_tx_key_keep(stox_buf *block, stox_tx_key *out, const stox_tx_key *key) {
  out->number = key->number;
  out->n = key->n;
  for (size_t i = 0; i < key->n; i++) {
    out->part[i] = stox_tx_keep(block, key->part[i]);
  }
}

uint64_t stox_tx_key_hash(const stox_table *table, const stox_tx_key *key) {
  uint64_t hash = key->number;
  for (size_t i = 0; i < key->n; i++) {
    hash = stox_table_hash(table, hash, key->part[i]);
  }
  return hash;
}

static int is_equal(const stox_tx_key *a, const stox_tx_key *b) {
  int equal = a->number == b->number && a->n == b->n;
  for (size_t i = 0; i < a->n && equal; i++) {
    equal = stox_span_is_equal(a->part[i], b->part[i]);
  }
  return equal;
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
