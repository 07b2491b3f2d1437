/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/host.h"
#include "stox/identity.h"
#include "stox/name_addr.h"
#include "stox/status.h"
#include "stox/uri.h"

int gw_is_trusted(const stox_gateway *gw, stox_span host) {
  for (size_t i = 0; i < gw->options.n_trusted; i++) {
    if (stox_host_is_in(host, gw->options.trusted[i])) {
      return 1;
    }
  }
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    const route *r = &gw->routes[i];
    for (size_t k = 0; k < r->n_targets; k++) {
      /* A hop with TLS is trusted by what it proves. */
      if (r->targets[k].transport != STOX_TRANSPORT_TLS &&
          stox_host_is_equal(host, r->targets[k].host)) {
        return 1;
      }
    }
  }
  return 0;
}

static int is_named(const stox_peer *peer, stox_span name) {
  const stox_reference reference = {STOX_REFERENCE_SIP, 0, name};
  return stox_identity_match(NULL, &reference, peer->identities) == STOX_OK;
}

/* The domain in From; absent: none. */
static stox_span sender_domain(stox_sip_message *request) {
  stox_name_addr from;
  stox_uri uri;
  const stox_span none = {NULL, 0};
  if (stox_sip_get_address(&from, request, STOX_SIP_FROM, 0) != STOX_OK ||
      stox_uri_parse(&uri, from.uri, STOX_URI_STRICT, NULL) != STOX_OK) {
    return none;
  }
  return uri.host;
}

/* RFC 5922 7.4. One that proves another domain than it speaks for proves nothing. */
int gw_is_proved(const stox_gateway *gw, const stox_peer *peer, stox_sip_message *request) {
  if (peer == NULL || !peer->secure || !peer->verified) {
    return 0;
  }
  const stox_span domain = sender_domain(request);
  if (domain.n == 0) {
    return 0;
  }
  if (is_named(peer, domain)) {
    return 1;
  }
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    const route *r = &gw->routes[i];
    if (r->is_name && stox_span_is_equal_nocase(domain, r->domain)) {
      return is_named(peer, r->secure.name);
    }
  }
  return 0;
}

/* One that is SIP's is not XMPP's: what comes from there would go back. */
int gw_is_xmpp_domain(stox_gateway *gw, const served *local, stox_span domain) {
  for (size_t i = 0; i < gw->options.n_xmpp_domains; i++) {
    if (stox_span_is_equal_nocase(domain, gw->options.xmpp_domains[i])) {
      return 1;
    }
  }
  return local->session == NULL && gw->federated.is_open && gw_served_of(gw, domain) == NULL;
}

served *gw_served_of(stox_gateway *gw, stox_span domain) {
  for (size_t i = 0; i < gw->n_served; i++) {
    if (stox_span_is_equal_nocase(domain, gw->served[i].name)) {
      return &gw->served[i];
    }
  }
  return NULL;
}

route *gw_route_of(stox_gateway *gw, stox_span domain) {
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    if (stox_span_is_equal_nocase(domain, gw->routes[i].domain)) {
      return &gw->routes[i];
    }
  }
  return NULL;
}
