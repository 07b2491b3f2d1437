/* SPDX-License-Identifier: MIT */
#include "locate/locate_private.h"

#include "base/options.h"
#include "locate/domain.h"
#include "stox/address_map.h"
#include "stox/flow.h"
#include "stox/host.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

int stox_locate_options_init(stox_locate_options *out, size_t size) {
  const stox_locate_options defaults = {
      .size = sizeof defaults,
      .side = STOX_PROTOCOL_XMPP,
      .transports = STOX_LOCATE_UDP | STOX_LOCATE_TCP | STOX_LOCATE_TLS,
      .max_ttl_s = 3600,
      .negative_ttl_s = 30,
      .xmpp_service = STOX_LOCATE_XMPP_SERVER,
  };
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- questions ---- */

int stox_locate_name(stox_span *out, const stox_locate *obj, const char *prefix) {
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

static int ask(stox_locate *obj, int type, const char *prefix) {
  obj->question = (stox_question){type, obj->domain};
  return prefix == NULL ? STOX_OK : stox_locate_name(&obj->question.name, obj, prefix);
}

/* For whom what is found holds. What a search looks for beside its domain tells entries apart. */
static stox_location_key key_of(const stox_locate *obj) {
  const stox_locate_options *o = &obj->options;
  const int kind = (o->secure ? 1 : 0) | (o->direct_tls ? 2 : 0) | (o->legacy ? 4 : 0) |
                   (o->native_only ? 8 : 0) | o->xmpp_service << 4 | o->transport << 8;
  return (stox_location_key){obj->domain, o->side, kind};
}

/* Keeps the result for whoever asks next, unless it rests on a question that nobody answered. */
static void remember(const stox_locate *obj, uint64_t now_ns) {
  const stox_location nobody = {.ttl_s = obj->options.negative_ttl_s};
  const stox_location_key key = key_of(obj);
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
  switch (obj->plan[obj->step]) {
  case XMPPS_SRV:
  case XMPP_SRV:
  case JABBER_SRV:
    return ask(obj, STOX_RECORD_SRV, stox_locate_xmpp_prefix(obj, obj->plan[obj->step]));
  case SIP_NAPTR:
    return ask(obj, STOX_RECORD_NAPTR, NULL);
  case SIP_SRV:
    return stox_locate_ask_sip(obj);
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

static int take_addresses(stox_locate *obj, const stox_record *records, size_t n, int type) {
  for (size_t i = 0; i < n && i < STOX_RECORDS_MAX; i++) {
    if (records[i].type == type) {
      obj->ttl_s = records[i].ttl < obj->ttl_s ? records[i].ttl : obj->ttl_s;
      if (obj->n == 0) {
        stox_locate_add_domain(obj, obj->domain);
      }
    }
  }
  obj->step++;
  return STOX_OK;
}

static int take_scheme(stox_locate *obj, const stox_record *records, size_t n, int scheme) {
  for (size_t i = 0; i < n && i < STOX_RECORDS_MAX; i++) {
    if (records[i].type == STOX_RECORD_SRV && !stox_locate_is_root(records[i].target)) {
      obj->schemes |= scheme;
    }
  }
  obj->step++;
  return STOX_OK;
}

static int take_answer(stox_locate *obj, const stox_record *records, size_t n) {
  switch (obj->plan[obj->step]) {
  case XMPPS_SRV:
  case XMPP_SRV:
  case JABBER_SRV:
    return stox_locate_take_xmpp(obj, records, n);
  case SIP_NAPTR:
    return stox_locate_take_naptr(obj, records, n);
  case SIP_SRV:
    return stox_locate_take_sip(obj, records, n);
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
  return obj->plan[obj->step] == IM_SRV || obj->plan[obj->step] == PRES_SRV;
}

/* Once there is a place, only the schemes can still be of interest. */
static void shorten_plan(stox_locate *obj, int was_probe) {
  if (obj->n == 0 || was_probe) {
    return;
  }
  const int wanted = obj->options.probe_im_pres && obj->options.side == STOX_PROTOCOL_XMPP &&
                     obj->found[0].protocol == STOX_PROTOCOL_SIP;
  static const unsigned char probe[] = {IM_SRV, PRES_SRV, OVER};
  obj->step = wanted ? 0 : 2;
  memcpy(obj->plan, probe, sizeof probe);
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

/* What was named with all that is needed is the place. */
static void take_host(stox_locate *obj, stox_span host) {
  stox_locate_add_domain(obj, host);
  obj->found[0].ttl_s = obj->options.max_ttl_s;
  obj->status = STOX_OK;
}

/* An address needs no resolver; 1 if the domain is one. */
static int take_literal(stox_locate *obj) {
  const int kind = stox_host_kind(obj->domain);
  if (kind != STOX_HOST_IPV4 && kind != STOX_HOST_IPV6) {
    return 0;
  }
  const int brackets = kind == STOX_HOST_IPV6;
  take_host(obj,
            stox_span_slice(obj->domain, brackets ? 1 : 0, obj->domain.n - (brackets ? 2 : 0)));
  return 1;
}

/* Looks at the static table and the cache; STOX_E_NONE where both are silent. */
static int look_up(stox_locate *obj, uint64_t now_ns) {
  const stox_location_key key = key_of(obj);
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

static void add_step(stox_locate *obj, int about) {
  obj->plan[obj->step++] = (unsigned char)about;
}

static void plan_xmpp(stox_locate *obj) {
  if (obj->options.direct_tls) {
    add_step(obj, XMPPS_SRV);
  }
  add_step(obj, XMPP_SRV);
  if (obj->options.legacy && obj->options.xmpp_service == STOX_LOCATE_XMPP_SERVER) {
    add_step(obj, JABBER_SRV);
  }
}

static void plan_sip(stox_locate *obj) {
  if (obj->options.transport == STOX_TRANSPORT_NONE) {
    add_step(obj, SIP_NAPTR);
  }
  add_step(obj, SIP_SRV);
}

/* Own protocol, other protocol, addresses last: any domain with a web server has those. */
static void make_plan(stox_locate *obj) {
  const int is_xmpp = obj->options.side == STOX_PROTOCOL_XMPP;
  const int is_client = is_xmpp && obj->options.xmpp_service == STOX_LOCATE_XMPP_CLIENT;
  if (is_xmpp) {
    plan_xmpp(obj);
  } else {
    plan_sip(obj);
  }
  if (!obj->options.native_only && !is_client) {
    if (is_xmpp) {
      plan_sip(obj);
    } else {
      plan_xmpp(obj);
    }
  }
  add_step(obj, ADDRESS4);
  add_step(obj, ADDRESS6);
  add_step(obj, OVER);
  obj->step = 0;
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
  /* A port leaves nothing to SRV (RFC 3263 4.2). */
  if (obj->options.port != 0) {
    if (!take_literal(obj)) {
      take_host(obj, obj->domain);
    }
    return STOX_OK;
  }
  status = look_up(obj, now_ns);
  if (status != STOX_E_NONE || take_literal(obj)) {
    return status == STOX_E_NONE ? STOX_OK : status;
  }
  make_plan(obj);
  return open_question(obj, now_ns);
}

static int check_options(const stox_locate *obj) {
  const stox_locate_options *o = &obj->options;
  const int is_service =
      o->xmpp_service == STOX_LOCATE_XMPP_SERVER || o->xmpp_service == STOX_LOCATE_XMPP_CLIENT;
  if ((o->side != STOX_PROTOCOL_XMPP && o->side != STOX_PROTOCOL_SIP) || !is_service ||
      o->port > 65535) {
    return STOX_E_ARG;
  }
  for (int transport = STOX_TRANSPORT_UDP; transport <= STOX_TRANSPORT_TLS; transport++) {
    if (stox_locate_allows(obj, transport)) {
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
