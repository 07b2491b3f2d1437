/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_KEPT_H
#define STOX_SIP_KEPT_H

#include "addr/address.h"
#include "stox/sip.h"

/* What a message keeps of its parse, as indices of its octets: less than half as large as spans. */

/* A part; `at` 0, where a start line begins: absent. */
typedef struct stox_sip_part {
  uint32_t at;
  uint32_t n;
} stox_sip_part;

static inline stox_sip_part stox_sip_keep(stox_span span, const char *base) {
  if (span.p == NULL) {
    return (stox_sip_part){0, 0};
  }
  return (stox_sip_part){(uint32_t)(span.p - base), (uint32_t)span.n};
}

static inline stox_span stox_sip_give(stox_sip_part part, const char *base) {
  return (stox_span){part.at == 0 ? NULL : base + part.at, part.n};
}

typedef struct stox_sip_kept_uri {
  stox_sip_part text; /* absent: none is kept */
  stox_sip_part user;
  stox_sip_part host;
  stox_sip_part port_text;
  stox_sip_part params;
  uint16_t port;
  uint8_t scheme_id;
  uint8_t host_kind;
} stox_sip_kept_uri;

/* An address that the short way could read; its text begins with its field's value. */
typedef struct stox_sip_kept_address {
  stox_sip_kept_uri uri;
  stox_sip_part display;
  stox_sip_part params;
} stox_sip_kept_address;

typedef struct stox_sip_kept_via {
  stox_sip_part text; /* absent: none is kept */
  stox_sip_part transport;
  stox_sip_part host;
  stox_sip_part branch;
  stox_sip_part received;
  stox_sip_part maddr;
  stox_sip_part params;
  uint16_t port;
  uint16_t rport;
  uint32_t has_rport;
} stox_sip_kept_via;

/* `base` is the first of the message's octets, `value` that of the field's value. The URI has no
 * password, path and headers. */
void stox_sip_keep_uri(stox_sip_kept_uri *out, const stox_uri *uri, const char *base);
void stox_sip_keep_address(stox_sip_kept_address *out, const stox_name_addr *name,
                           const stox_uri *uri, const char *base);
void stox_sip_keep_via(stox_sip_kept_via *out, const stox_sip_via *via, const char *base);

void stox_sip_give_uri(stox_uri *out, const stox_sip_kept_uri *kept, const char *base);
void stox_sip_give_name(stox_name_addr *out, const stox_sip_kept_address *kept, const char *base,
                        const char *value);
void stox_sip_give_via(stox_sip_via *out, const stox_sip_kept_via *kept, const char *base);

#endif
