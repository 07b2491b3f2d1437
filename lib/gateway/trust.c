/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/host.h"

int gw_is_trusted(const stox_gateway *gw, stox_span host) {
  for (size_t i = 0; i < gw->options.n_trusted; i++) {
    if (stox_host_is_in(host, gw->options.trusted[i])) {
      return 1;
    }
  }
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    if (stox_host_is_equal(host, gw->routes[i].hop.host)) {
      return 1;
    }
  }
  return 0;
}

int gw_is_xmpp_domain(const stox_gateway *gw, stox_span domain) {
  for (size_t i = 0; i < gw->options.n_xmpp_domains; i++) {
    if (stox_span_is_equal_nocase(domain, gw->options.xmpp_domains[i])) {
      return 1;
    }
  }
  return 0;
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
