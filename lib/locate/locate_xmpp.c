/* SPDX-License-Identifier: MIT */
#include "locate/locate_private.h"

#include "stox/flow.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

const char *stox_locate_xmpp_prefix(const stox_locate *obj, int about) {
  const int is_client = obj->options.xmpp_service == STOX_LOCATE_XMPP_CLIENT;
  switch (about) {
  case XMPPS_SRV:
    return is_client ? "_xmpps-client._tcp." : "_xmpps-server._tcp.";
  case XMPP_SRV:
    return is_client ? "_xmpp-client._tcp." : "_xmpp-server._tcp.";
  default:
    return "_jabber._tcp.";
  }
}

/* Appends the SRV records of an answer, at most as many as places, with targets that stay. */
static int hold(stox_locate *obj, const stox_record *records, size_t n) {
  const size_t room = obj->n_held + STOX_LOCATIONS_MAX;
  for (size_t i = 0; i < n && obj->n_held < room; i++) {
    if (records[i].type != STOX_RECORD_SRV) {
      continue;
    }
    stox_record *kept = &obj->held[obj->n_held];
    *kept = records[i];
    if (stox_arena_copy(obj->arena, &kept->target, records[i].target) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    obj->n_held++;
  }
  return STOX_OK;
}

static int make_room(stox_locate *obj) {
  enum { ROOM = 2 * STOX_LOCATIONS_MAX };
  obj->held = stox_arena_take(obj->arena, ROOM * sizeof(stox_record), alignof(stox_record));
  obj->n_held = 0;
  return obj->held == NULL ? STOX_E_NOMEM : STOX_OK;
}

/* Adds the places of ordered records; the first `n_tls` of them are direct TLS. */
static int add_places(stox_locate *obj, const stox_record *records, size_t n, size_t n_tls) {
  size_t order[STOX_RECORDS_MAX];
  size_t count = 0;
  int status = stox_record_order(order, &count, records, n, STOX_RECORD_SRV, obj->options.random);
  for (size_t i = 0; status == STOX_OK && i < count; i++) {
    const int transport = order[i] < n_tls ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP;
    status = stox_locate_add_srv(obj, &records[order[i]], STOX_PROTOCOL_XMPP, transport);
    status = status == STOX_E_NONE ? STOX_OK : status;
  }
  return status;
}

static int has_srv(const stox_record *records, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (records[i].type == STOX_RECORD_SRV) {
      return 1;
    }
  }
  return 0;
}

/* The records of both services are one list (XEP-0368 3): the first answer waits for the second. */
static int take_direct(stox_locate *obj, const stox_record *records, size_t n) {
  const int status = make_room(obj);
  return status == STOX_OK ? hold(obj, records, n) : status;
}

static int take_mixed(stox_locate *obj, const stox_record *records, size_t n) {
  const size_t n_tls = obj->n_held;
  const int status = hold(obj, records, n);
  return status == STOX_OK ? add_places(obj, obj->held, obj->n_held, n_tls) : status;
}

int stox_locate_take_xmpp(stox_locate *obj, const stox_record *records, size_t n) {
  const int about = obj->plan[obj->step++];
  obj->source = STOX_LOCATED_SRV;
  if (about == XMPPS_SRV) {
    return take_direct(obj, records, n);
  }
  const int is_mixed = about == XMPP_SRV && obj->held != NULL;
  const int status = is_mixed ? take_mixed(obj, records, n) : add_places(obj, records, n, 0);
  /* An answer without a usable place, `.` first of all, is an answer (RFC 6120 3.2.1 3 and 8). */
  obj->native_denied |=
      obj->n == 0 && has_srv(records, n) && obj->options.side == STOX_PROTOCOL_XMPP;
  if (has_srv(records, n) && obj->plan[obj->step] == JABBER_SRV) {
    obj->step++;
  }
  return status;
}
