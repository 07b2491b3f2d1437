/* SPDX-License-Identifier: MIT */
#include "stox/locate.h"

#include "base/options.h"
#include "locate/domain.h"
#include "stox/address_map.h"
#include "stox/flow.h"
#include "stox/host.h"
#include "stox/status.h"

#include <stdalign.h>

enum { XMPP_PORT = 5269, SIP_PORT = 5060, SIPS_PORT = 5061 };

/* What a question is about. */
enum { XMPP_SRV, SIP_NAPTR, SIP_SRV, ADDRESS4, ADDRESS6, IM_SRV, PRES_SRV, OVER };

/* Own protocol, other protocol, addresses last: any domain with a web server has those. */
static const unsigned char plan_of_xmpp[] = {XMPP_SRV, SIP_NAPTR, SIP_SRV,
                                             ADDRESS4, ADDRESS6,  OVER};
static const unsigned char plan_of_sip[] = {SIP_NAPTR, SIP_SRV, XMPP_SRV, ADDRESS4, ADDRESS6, OVER};
static const unsigned char plan_of_probe[] = {IM_SRV, PRES_SRV, OVER};

/* A name with SRV records of SIP. */
typedef struct service {
  stox_span name;
  int transport;
  uint32_t ttl_s;
} service;

enum { SERVICES_MAX = 8 };

struct stox_locate {
  stox_locate_options options;
  stox_arena *arena;
  stox_span domain;
  stox_question question;
  const unsigned char *plan;
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
};

/* Best first: where the domain itself has no order (NAPTR), protected before reliable before the
 * rest. */
static const struct {
  const char *prefix;
  const char *naptr;
  int transport;
} sip_services[] = {
    {"_sips._tcp.", "SIPS+D2T", STOX_TRANSPORT_TLS},
    {"_sip._tcp.", "SIP+D2T", STOX_TRANSPORT_TCP},
    {"_sip._udp.", "SIP+D2U", STOX_TRANSPORT_UDP},
};

enum { SIP_SERVICES = sizeof sip_services / sizeof sip_services[0] };

int stox_locate_options_init(stox_locate_options *out, size_t size) {
  const stox_locate_options defaults = {
      .size = sizeof defaults,
      .side = STOX_PROTOCOL_XMPP,
      .transports = STOX_LOCATE_UDP | STOX_LOCATE_TCP | STOX_LOCATE_TLS,
      .max_ttl_s = 3600,
      .negative_ttl_s = 30,
  };
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int is_allowed(const stox_locate *obj, int transport) {
  const int secure = !obj->options.secure || transport == STOX_TRANSPORT_TLS;
  return secure && (obj->options.transports >> transport & 1) != 0;
}

/* ---- questions ---- */

static int put_name(stox_span *out, const stox_locate *obj, const char *prefix) {
  const stox_span front = stox_span_text(prefix);
  const size_t n = front.n + obj->domain.n;
  stox_buf name;
  char *p = stox_arena_take(obj->arena, n, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&name, p, n);
  stox_buf_put(&name, front);
  stox_buf_put(&name, obj->domain);
  *out = stox_buf_span(&name);
  return STOX_OK;
}

/* Without NAPTR each service that can be used is asked for (RFC 3263 4.1). */
static int add_default_services(stox_locate *obj) {
  for (size_t i = 0; i < SIP_SERVICES; i++) {
    if (!is_allowed(obj, sip_services[i].transport)) {
      continue;
    }
    service *added = &obj->services[obj->n_services++];
    *added = (service){{NULL, 0}, sip_services[i].transport, UINT32_MAX};
    const int status = put_name(&added->name, obj, sip_services[i].prefix);
    if (status != STOX_OK) {
      return status;
    }
  }
  return STOX_OK;
}

static int ask(stox_locate *obj, int type, const char *prefix) {
  obj->question = (stox_question){type, obj->domain};
  return prefix == NULL ? STOX_OK : put_name(&obj->question.name, obj, prefix);
}

static int ask_sip_srv(stox_locate *obj) {
  const int status = obj->n_services == 0 ? add_default_services(obj) : STOX_OK;
  obj->question = (stox_question){STOX_RECORD_SRV, obj->services[obj->service].name};
  return status;
}

/* Keeps the result for whoever asks next, unless it rests on a question that nobody answered. */
static void remember(const stox_locate *obj, uint64_t now_ns) {
  const stox_location nobody = {.ttl_s = obj->options.negative_ttl_s};
  const stox_location_key key = {obj->domain, obj->options.side, obj->options.secure};
  if (obj->options.locations == NULL || obj->unanswered) {
    return;
  }
  /* Without memory there is no cache, and nothing else is lost. */
  (void)stox_locations_insert(obj->options.locations, &key, obj->n == 0 ? &nobody : obj->found,
                              obj->n == 0 ? 1 : obj->n, now_ns);
}

static int finish(stox_locate *obj, uint64_t now_ns) {
  const uint32_t max = obj->options.max_ttl_s;
  for (size_t i = 0; i < obj->n; i++) {
    obj->found[i].ttl_s = obj->ttl_s < max ? obj->ttl_s : max;
    obj->found[i].schemes = obj->schemes;
  }
  remember(obj, now_ns);
  if (obj->n > 0) {
    obj->status = STOX_OK;
  } else {
    obj->status = obj->unanswered ? STOX_E_TIMEOUT : STOX_E_UNKNOWN_DOMAIN;
  }
  return STOX_OK;
}

/* Opens the question that the plan says. */
static int open_question(stox_locate *obj, uint64_t now_ns) {
  switch (*obj->plan) {
  case XMPP_SRV:
    return ask(obj, STOX_RECORD_SRV, "_xmpp-server._tcp.");
  case SIP_NAPTR:
    return ask(obj, STOX_RECORD_NAPTR, NULL);
  case SIP_SRV:
    return ask_sip_srv(obj);
  case ADDRESS4:
    /* The domain says that it is not there for its own protocol: an address does not contradict. */
    return obj->native_denied ? finish(obj, now_ns) : ask(obj, STOX_RECORD_A, NULL);
  case ADDRESS6:
    return ask(obj, STOX_RECORD_AAAA, NULL);
  case IM_SRV:
    return ask(obj, STOX_RECORD_SRV, "_im._sip.");
  case PRES_SRV:
    return ask(obj, STOX_RECORD_SRV, "_pres._sip.");
  default:
    return finish(obj, now_ns);
  }
}

/* ---- answers ---- */

static void add_place(stox_locate *obj, int protocol, int transport, uint32_t port,
                      stox_span target) {
  obj->found[obj->n++] = (stox_location){.protocol = protocol,
                                         .source = obj->source,
                                         .transport = transport,
                                         .port = port,
                                         .target = target};
}

static int is_root(stox_span name) {
  return name.n == 0 || (name.n == 1 && name.p[0] == '.');
}

/* STOX_E_NONE: a record that cannot be used. */
static int add_srv(stox_locate *obj, const stox_record *record, int protocol, int transport) {
  char room[STOX_DOMAIN_MAX];
  stox_span target;
  if (record->port == 0 || record->port > 65535 || obj->n == STOX_LOCATIONS_MAX ||
      stox_domain_key(&target, room, record->target) != STOX_OK) {
    return STOX_E_NONE;
  }
  if (stox_arena_copy(obj->arena, &target, target) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  obj->ttl_s = record->ttl < obj->ttl_s ? record->ttl : obj->ttl_s;
  add_place(obj, protocol, transport, record->port, target);
  return STOX_OK;
}

/* Adds the places of an SRV answer in order; `*denied` gets 1 where it says no. */
static int take_srv(stox_locate *obj, const stox_record *records, size_t n, int protocol,
                    int transport, int *denied) {
  size_t order[STOX_RECORDS_MAX];
  size_t count = 0;
  int roots = 0;
  int status = stox_record_order(order, &count, records, n, STOX_RECORD_SRV, obj->options.random);
  for (size_t i = 0; status == STOX_OK && i < count; i++) {
    const stox_record *record = &records[order[i]];
    if (is_root(record->target)) {
      roots++;
    } else if (add_srv(obj, record, protocol, transport) == STOX_E_NOMEM) {
      status = STOX_E_NOMEM;
    }
  }
  *denied = obj->n == 0 && roots > 0;
  return status;
}

static int take_xmpp(stox_locate *obj, const stox_record *records, size_t n) {
  int denied = 0;
  obj->source = STOX_LOCATED_SRV;
  const int status = take_srv(obj, records, n, STOX_PROTOCOL_XMPP, STOX_TRANSPORT_TCP, &denied);
  obj->native_denied |= denied && obj->options.side == STOX_PROTOCOL_XMPP;
  obj->plan++;
  return status;
}

static int take_sip(stox_locate *obj, const stox_record *records, size_t n) {
  int denied = 0;
  const service *asked = &obj->services[obj->service];
  const int status = take_srv(obj, records, n, STOX_PROTOCOL_SIP, asked->transport, &denied);
  if (obj->n > 0) {
    obj->ttl_s = asked->ttl_s < obj->ttl_s ? asked->ttl_s : obj->ttl_s;
    return status;
  }
  obj->services_denied += denied ? 1 : 0;
  obj->service++;
  if (obj->service == obj->n_services) {
    const int all = obj->services_denied == obj->n_services;
    obj->native_denied |= all && obj->options.side == STOX_PROTOCOL_SIP;
    obj->plan++;
  }
  return status;
}

/* The transport of a NAPTR record that leads to SRV records (RFC 3263 4.1); NONE for others. */
static int naptr_transport(const stox_locate *obj, const stox_record *record) {
  if (!stox_span_is_equal_nocase(record->flags, (stox_span){"s", 1})) {
    return STOX_TRANSPORT_NONE;
  }
  for (size_t i = 0; i < SIP_SERVICES; i++) {
    if (stox_span_is_equal_nocase(record->service, stox_span_text(sip_services[i].naptr)) &&
        is_allowed(obj, sip_services[i].transport)) {
      return sip_services[i].transport;
    }
  }
  return STOX_TRANSPORT_NONE;
}

static int take_naptr(stox_locate *obj, const stox_record *records, size_t n) {
  size_t order[STOX_RECORDS_MAX];
  size_t count = 0;
  char room[STOX_DOMAIN_MAX];
  (void)stox_record_order(order, &count, records, n, STOX_RECORD_NAPTR, NULL);
  for (size_t i = 0; i < count && obj->n_services < SERVICES_MAX; i++) {
    const stox_record *record = &records[order[i]];
    service added = {{NULL, 0}, naptr_transport(obj, record), record->ttl};
    if (added.transport == STOX_TRANSPORT_NONE ||
        stox_domain_key(&added.name, room, record->target) != STOX_OK) {
      continue;
    }
    if (stox_arena_copy(obj->arena, &added.name, added.name) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    obj->services[obj->n_services++] = added;
  }
  obj->source = obj->n_services > 0 ? STOX_LOCATED_NAPTR : STOX_LOCATED_SRV;
  obj->plan++;
  return STOX_OK;
}

/* The domain itself, at its own protocol's port. */
static void add_domain(stox_locate *obj, stox_span target) {
  obj->source = STOX_LOCATED_ADDRESS;
  if (obj->options.side == STOX_PROTOCOL_XMPP) {
    add_place(obj, STOX_PROTOCOL_XMPP, STOX_TRANSPORT_TCP, XMPP_PORT, target);
    return;
  }
  /* RFC 3263 4.1: UDP for sip, TLS for sips, or whatever is there. */
  static const int wishes[] = {STOX_TRANSPORT_UDP, STOX_TRANSPORT_TCP, STOX_TRANSPORT_TLS};
  size_t i = 0;
  while (i + 1 < sizeof wishes / sizeof wishes[0] && !is_allowed(obj, wishes[i])) {
    i++;
  }
  const int is_tls = wishes[i] == STOX_TRANSPORT_TLS;
  add_place(obj, STOX_PROTOCOL_SIP, wishes[i], is_tls ? SIPS_PORT : SIP_PORT, target);
}

static int take_addresses(stox_locate *obj, const stox_record *records, size_t n, int type) {
  for (size_t i = 0; i < n && i < STOX_RECORDS_MAX; i++) {
    if (records[i].type == type) {
      obj->ttl_s = records[i].ttl < obj->ttl_s ? records[i].ttl : obj->ttl_s;
      if (obj->n == 0) {
        add_domain(obj, obj->domain);
      }
    }
  }
  obj->plan++;
  return STOX_OK;
}

static int take_scheme(stox_locate *obj, const stox_record *records, size_t n, int scheme) {
  for (size_t i = 0; i < n && i < STOX_RECORDS_MAX; i++) {
    if (records[i].type == STOX_RECORD_SRV && !is_root(records[i].target)) {
      obj->schemes |= scheme;
    }
  }
  obj->plan++;
  return STOX_OK;
}

static int take_answer(stox_locate *obj, const stox_record *records, size_t n) {
  switch (*obj->plan) {
  case XMPP_SRV:
    return take_xmpp(obj, records, n);
  case SIP_NAPTR:
    return take_naptr(obj, records, n);
  case SIP_SRV:
    return take_sip(obj, records, n);
  case ADDRESS4:
    return take_addresses(obj, records, n, STOX_RECORD_A);
  case ADDRESS6:
    return take_addresses(obj, records, n, STOX_RECORD_AAAA);
  case IM_SRV:
    return take_scheme(obj, records, n, STOX_MAP_SUPPORTS_IM);
  default:
    return take_scheme(obj, records, n, STOX_MAP_SUPPORTS_PRES);
  }
}

static int is_probe(const stox_locate *obj) {
  return *obj->plan == IM_SRV || *obj->plan == PRES_SRV;
}

/* Once there is a place, only the schemes can still be of interest. */
static void shorten_plan(stox_locate *obj, int was_probe) {
  if (obj->n == 0 || was_probe) {
    return;
  }
  const int wanted = obj->options.probe_im_pres && obj->options.side == STOX_PROTOCOL_XMPP &&
                     obj->found[0].protocol == STOX_PROTOCOL_SIP;
  obj->plan = wanted ? plan_of_probe : plan_of_probe + 2;
}

int stox_locate_answer(stox_locate *obj, int status, const stox_record *records, size_t n,
                       uint64_t now_ns) {
  if (obj->status != STOX_E_MORE) {
    return STOX_E_STATE;
  }
  obj->unanswered |= status != STOX_OK;
  const int was_probe = is_probe(obj);
  int taken = take_answer(obj, records, status == STOX_OK ? n : 0);
  if (taken == STOX_OK) {
    shorten_plan(obj, was_probe);
    taken = open_question(obj, now_ns);
  }
  if (taken != STOX_OK) {
    obj->status = taken;
    obj->n = 0;
  }
  return taken;
}

/* ---- begin and end ---- */

/* An address needs no resolver; 1 if the domain is one. */
static int take_literal(stox_locate *obj) {
  const int kind = stox_host_kind(obj->domain);
  if (kind != STOX_HOST_IPV4 && kind != STOX_HOST_IPV6) {
    return 0;
  }
  const int brackets = kind == STOX_HOST_IPV6;
  add_domain(obj,
             stox_span_slice(obj->domain, brackets ? 1 : 0, obj->domain.n - (brackets ? 2 : 0)));
  obj->found[0].ttl_s = obj->options.max_ttl_s;
  obj->status = STOX_OK;
  return 1;
}

/* Looks at the static table and the cache; STOX_E_NONE where both are silent. */
static int look_up(stox_locate *obj, uint64_t now_ns) {
  const stox_location_key key = {obj->domain, obj->options.side, obj->options.secure};
  const stox_location *known = NULL;
  size_t n = 0;
  if (obj->options.locations == NULL ||
      stox_locations_find(&known, &n, obj->options.locations, &key, now_ns) != STOX_OK) {
    return STOX_E_NONE;
  }
  for (size_t i = 0; i < n; i++) {
    obj->found[i] = known[i];
    if (known[i].target.p != NULL &&
        stox_arena_copy(obj->arena, &obj->found[i].target, known[i].target) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  const int nobody = known[0].protocol == STOX_PROTOCOL_NONE;
  obj->n = nobody ? 0 : n;
  obj->status = nobody ? STOX_E_UNKNOWN_DOMAIN : STOX_OK;
  return STOX_OK;
}

static int begin(stox_locate *obj, stox_span domain, uint64_t now_ns) {
  char room[STOX_DOMAIN_MAX];
  stox_span name;
  int status = stox_domain_key(&name, room, domain);
  if (status != STOX_OK) {
    return status;
  }
  if (stox_host_kind(name) == STOX_HOST_IPV6_ZONE) {
    return STOX_E_ZONE_ID;
  }
  if (stox_arena_copy(obj->arena, &obj->domain, name) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  status = look_up(obj, now_ns);
  if (status != STOX_E_NONE || take_literal(obj)) {
    return status == STOX_E_NONE ? STOX_OK : status;
  }
  obj->plan = obj->options.side == STOX_PROTOCOL_XMPP ? plan_of_xmpp : plan_of_sip;
  return open_question(obj, now_ns);
}

static int check_options(const stox_locate *obj) {
  const int side = obj->options.side;
  if (side != STOX_PROTOCOL_XMPP && side != STOX_PROTOCOL_SIP) {
    return STOX_E_ARG;
  }
  for (size_t i = 0; i < SIP_SERVICES; i++) {
    if (is_allowed(obj, sip_services[i].transport)) {
      return STOX_OK;
    }
  }
  return STOX_E_ARG;
}

int stox_locate_start(stox_locate **out, stox_arena *arena, stox_span domain,
                      const stox_locate_options *options, uint64_t now_ns) {
  stox_locate *obj = stox_arena_take(arena, sizeof *obj, alignof(stox_locate));
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_locate){.arena = arena, .status = STOX_E_MORE, .ttl_s = UINT32_MAX};
  int status = stox_locate_options_init(&obj->options, sizeof obj->options);
  if (status == STOX_OK) {
    status = stox_options_read(&obj->options, sizeof obj->options, options);
  }
  if (status == STOX_OK) {
    status = check_options(obj);
  }
  if (status == STOX_OK) {
    status = begin(obj, domain, now_ns);
  }
  if (status == STOX_OK) {
    *out = obj;
  }
  return status;
}

int stox_locate_next(stox_question *out, const stox_locate *obj) {
  if (obj->status != STOX_E_MORE) {
    return STOX_E_NONE;
  }
  *out = obj->question;
  return STOX_OK;
}

int stox_locate_get(stox_location *out, const stox_locate *obj, size_t index) {
  if (obj->status != STOX_OK) {
    return obj->status;
  }
  if (index >= obj->n) {
    return STOX_E_NONE;
  }
  *out = obj->found[index];
  return STOX_OK;
}
