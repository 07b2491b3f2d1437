/* SPDX-License-Identifier: MIT */
#ifndef STOX_LOCATE_PRIVATE_H
#define STOX_LOCATE_PRIVATE_H

#include "stox/locate.h"

/* What a question is about. */
enum {
  XMPPS_SRV,
  XMPP_SRV,
  JABBER_SRV,
  SIP_NAPTR,
  SIP_SRV,
  ADDRESS4,
  ADDRESS6,
  IM_SRV,
  PRES_SRV,
  OVER
};

enum { PLAN_MAX = 10, SERVICES_MAX = 8 };

/* A name with SRV records of SIP. */
typedef struct service {
  stox_span name;
  int transport;
  uint32_t ttl_s;
} service;

struct stox_locate {
  stox_locate_options options;
  stox_arena *arena;
  stox_span domain;
  stox_question question;
  unsigned char plan[PLAN_MAX];
  size_t step;
  int status; /* STOX_E_MORE while a question is open */
  int unanswered;
  int native_denied;
  int source;
  int schemes;
  uint32_t ttl_s;
  size_t n_services;
  size_t service;
  size_t services_denied;
  size_t n;
  service services[SERVICES_MAX];
  stox_location found[STOX_LOCATIONS_MAX];
  stox_record *held; /* SRV records of direct TLS, until those without have come too */
  size_t n_held;
};

/* locate_place.c */
int stox_locate_allows(const stox_locate *obj, int transport);
void stox_locate_add(stox_locate *obj, int protocol, int transport, uint32_t port,
                     stox_span target);
int stox_locate_add_srv(stox_locate *obj, const stox_record *record, int protocol, int transport);
void stox_locate_add_domain(stox_locate *obj, stox_span target);
int stox_locate_is_root(stox_span name);

/* locate_xmpp.c */
const char *stox_locate_xmpp_prefix(const stox_locate *obj, int about);
int stox_locate_take_xmpp(stox_locate *obj, const stox_record *records, size_t n);

/* locate_sip.c */
int stox_locate_ask_sip(stox_locate *obj);
int stox_locate_take_sip(stox_locate *obj, const stox_record *records, size_t n);
int stox_locate_take_naptr(stox_locate *obj, const stox_record *records, size_t n);

/* locate.c */
int stox_locate_name(stox_span *out, const stox_locate *obj, const char *prefix);

#endif
