/* SPDX-License-Identifier: MIT */
#include "locate/locate_private.h"

#include "locate/domain.h"
#include "stox/flow.h"
#include "stox/status.h"

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

/* Without NAPTR each service that can be used is asked for (RFC 3263 4.1). */
static int add_default_services(stox_locate *obj) {
  for (size_t i = 0; i < SIP_SERVICES; i++) {
    if (!stox_locate_allows(obj, sip_services[i].transport)) {
      continue;
    }
    service *added = &obj->services[obj->n_services++];
    *added = (service){{NULL, 0}, sip_services[i].transport, UINT32_MAX};
    const int status = stox_locate_name(&added->name, obj, sip_services[i].prefix);
    if (status != STOX_OK) {
      return status;
    }
  }
  return STOX_OK;
}

int stox_locate_ask_sip(stox_locate *obj) {
  int status = STOX_OK;
  if (obj->n_services == 0) {
    obj->source = STOX_LOCATED_SRV;
    status = add_default_services(obj);
  }
  obj->question = (stox_question){STOX_RECORD_SRV, obj->services[obj->service].name};
  return status;
}

/* Adds the places of an SRV answer in order; `*denied` gets 1 where it says no. */
static int take_srv(stox_locate *obj, const stox_record *records, size_t n, int transport,
                    int *denied) {
  size_t order[STOX_RECORDS_MAX];
  size_t count = 0;
  int roots = 0;
  int status = stox_record_order(order, &count, records, n, STOX_RECORD_SRV, obj->options.random);
  for (size_t i = 0; status == STOX_OK && i < count; i++) {
    const stox_record *record = &records[order[i]];
    roots += stox_locate_is_root(record->target);
    status = stox_locate_add_srv(obj, record, STOX_PROTOCOL_SIP, transport);
    status = status == STOX_E_NONE ? STOX_OK : status;
  }
  *denied = obj->n == 0 && roots > 0;
  return status;
}

int stox_locate_take_sip(stox_locate *obj, const stox_record *records, size_t n) {
  int denied = 0;
  const service *asked = &obj->services[obj->service];
  const int status = take_srv(obj, records, n, asked->transport, &denied);
  if (obj->n > 0) {
    obj->ttl_s = asked->ttl_s < obj->ttl_s ? asked->ttl_s : obj->ttl_s;
    return status;
  }
  obj->services_denied += denied ? 1 : 0;
  obj->service++;
  if (obj->service == obj->n_services) {
    const int all = obj->services_denied == obj->n_services;
    obj->native_denied |= all && obj->options.side == STOX_PROTOCOL_SIP;
    obj->step++;
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
        stox_locate_allows(obj, sip_services[i].transport)) {
      return sip_services[i].transport;
    }
  }
  return STOX_TRANSPORT_NONE;
}

int stox_locate_take_naptr(stox_locate *obj, const stox_record *records, size_t n) {
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
  obj->source = STOX_LOCATED_NAPTR; /* unless there is nothing to go on with */
  obj->step++;
  return STOX_OK;
}
