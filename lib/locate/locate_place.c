/* SPDX-License-Identifier: MIT */
#include "locate/locate_private.h"

#include "locate/domain.h"
#include "stox/flow.h"
#include "stox/status.h"

enum { XMPP_PORT = 5269, CLIENT_PORT = 5222, SIP_PORT = 5060, SIPS_PORT = 5061 };

int stox_locate_allows(const stox_locate *obj, int transport) {
  const int secure = !obj->options.secure || transport == STOX_TRANSPORT_TLS;
  const int wanted = obj->options.transport;
  const int asked = wanted == STOX_TRANSPORT_NONE || wanted == transport;
  return secure && asked && (obj->options.transports >> transport & 1) != 0;
}

void stox_locate_add(stox_locate *obj, int protocol, int transport, uint32_t port,
                     stox_span target) {
  obj->found[obj->n++] = (stox_location){.protocol = protocol,
                                         .source = obj->source,
                                         .transport = transport,
                                         .port = port,
                                         .target = target};
}

int stox_locate_is_root(stox_span name) {
  return name.n == 0 || (name.n == 1 && name.p[0] == '.');
}

/* STOX_E_NONE: a record that cannot be used. */
int stox_locate_add_srv(stox_locate *obj, const stox_record *record, int protocol, int transport) {
  char room[STOX_DOMAIN_MAX];
  stox_span target;
  if (record->port == 0 || record->port > 65535 || obj->n == STOX_LOCATIONS_MAX ||
      stox_locate_is_root(record->target) ||
      stox_domain_key(&target, room, record->target) != STOX_OK) {
    return STOX_E_NONE;
  }
  if (stox_arena_copy(obj->arena, &target, target) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  obj->ttl_s = record->ttl < obj->ttl_s ? record->ttl : obj->ttl_s;
  stox_locate_add(obj, protocol, transport, record->port, target);
  return STOX_OK;
}

/* RFC 3263 4.1: UDP for sip, TLS for sips, or whatever is there. */
static int sip_transport(const stox_locate *obj) {
  static const int wishes[] = {STOX_TRANSPORT_UDP, STOX_TRANSPORT_TCP, STOX_TRANSPORT_TLS};
  size_t i = 0;
  while (i + 1 < sizeof wishes / sizeof wishes[0] && !stox_locate_allows(obj, wishes[i])) {
    i++;
  }
  return wishes[i];
}

void stox_locate_add_domain(stox_locate *obj, stox_span target) {
  const stox_locate_options *options = &obj->options;
  obj->source = STOX_LOCATED_ADDRESS;
  if (options->side == STOX_PROTOCOL_XMPP) {
    const uint32_t port =
        options->xmpp_service == STOX_LOCATE_XMPP_CLIENT ? CLIENT_PORT : XMPP_PORT;
    stox_locate_add(obj, STOX_PROTOCOL_XMPP, STOX_TRANSPORT_TCP,
                    options->port == 0 ? port : options->port, target);
    return;
  }
  const int transport = sip_transport(obj);
  const uint32_t port = transport == STOX_TRANSPORT_TLS ? SIPS_PORT : SIP_PORT;
  stox_locate_add(obj, STOX_PROTOCOL_SIP, transport, options->port == 0 ? port : options->port,
                  target);
}
