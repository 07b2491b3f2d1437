/* SPDX-License-Identifier: MIT */
/* What a gateway wants to know of a SIP message, in the form in which parsers are compared: one
 * line a fact, free of what is a matter of taste (quotes, folds, escapes, case where it says
 * nothing). Nothing here is timed. */
#ifndef STOX_PEERS_SIP_FACTS_H
#define STOX_PEERS_SIP_FACTS_H

#include "stox/buf.h"

#include <stdint.h>

enum { FACT_VALUES = 64, FACT_ROOM = 1 << 16, FACT_SHEET = 1 << 17 };

/* The lists of addresses. */
enum { FACT_CONTACT, FACT_ROUTE, FACT_RECORD_ROUTE, FACT_PATH, FACT_REFER_TO, FACT_LISTS };

typedef struct fact_uri {
  stox_span scheme;
  stox_span user;
  stox_span password;
  stox_span host;
  stox_span port;    /* digits */
  stox_span params;  /* from the first `;` (not included) */
  stox_span headers; /* behind `?` */
  stox_span opaque;  /* in place of all these where the scheme is not sip or sips */
} fact_uri;

typedef struct fact_address {
  stox_span display;
  stox_span params; /* of the header; with the tag */
  fact_uri uri;
  int star;
} fact_address;

typedef struct fact_via {
  stox_span transport;
  stox_span host;
  stox_span port;
  stox_span branch;
  stox_span received;
  stox_span rport; /* empty: without a value */
} fact_via;

typedef struct fact_list {
  fact_address values[FACT_VALUES];
  size_t count; /* may be above FACT_VALUES */
} fact_list;

/* Numbers are -1 where there is none. */
typedef struct sip_facts {
  int status;
  stox_span method;
  fact_uri request_uri;
  fact_via vias[FACT_VALUES];
  size_t n_vias; /* may be above FACT_VALUES */
  fact_address from;
  fact_address to;
  stox_span from_tag;
  stox_span to_tag;
  stox_span call_id;
  int64_t cseq;
  stox_span cseq_method;
  int64_t max_forwards;
  fact_list lists[FACT_LISTS];
  int64_t expires;
  stox_span type;
  stox_span subtype;
  int64_t content_length;
  stox_span event;
  stox_span realm;
  stox_span nonce;
  stox_span body;
  stox_buf room; /* texts that had to be put together */
  char octets[FACT_ROOM];
} sip_facts;

/* Empties the facts. */
void facts_clear(sip_facts *facts);

/* A C string as a span; NULL: absent. */
stox_span fact_text(const char *text);

/* Keeps `head` `mark` `tail` in the room. */
stox_span fact_join(sip_facts *facts, stox_span head, const char *mark, stox_span tail);

/* A host whose IPv6 address may have lost its brackets. */
stox_span fact_host(sip_facts *facts, stox_span host);

/* 1: sip or sips, without case; the parts of other URIs are not compared. */
int fact_is_sip(stox_span scheme);

/* Appends a parameter to a list that is being put together in the room. */
stox_span fact_param(sip_facts *facts, stox_span list, const char *name, const char *value);

/* Writes the facts, each as `key value` and a line end. */
void facts_write(stox_buf *out, const sip_facts *facts);

/* Tells each fact in which two sheets differ; absent: a sheet has no such fact. */
void facts_compare(stox_span a, stox_span b,
                   void (*differ)(void *ud, stox_span key, stox_span a, stox_span b), void *ud);

#endif
