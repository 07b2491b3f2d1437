/* SPDX-License-Identifier: MIT */
#include "sip/kept.h"

void stox_sip_keep_uri(stox_sip_kept_uri *out, const stox_uri *uri, const char *base) {
  out->text = stox_sip_keep(uri->text, base);
  out->user = stox_sip_keep(uri->user, base);
  out->host = stox_sip_keep(uri->host, base);
  out->port_text = stox_sip_keep(uri->port_text, base);
  out->params = stox_sip_keep(uri->params, base);
  out->port = (uint16_t)uri->port;
  out->scheme_id = (uint8_t)uri->scheme;
  out->host_kind = (uint8_t)uri->host_kind;
}

void stox_sip_keep_address(stox_sip_kept_address *out, const stox_name_addr *name,
                           const stox_uri *uri, const char *base) {
  stox_sip_keep_uri(&out->uri, uri, base);
  out->display = stox_sip_keep(name->display, base);
  out->params = stox_sip_keep(name->params, base);
}

void stox_sip_keep_via(stox_sip_kept_via *out, const stox_sip_via *via, const char *base) {
  out->text = stox_sip_keep(via->text, base);
  out->transport = stox_sip_keep(via->transport, base);
  out->host = stox_sip_keep(via->host, base);
  out->branch = stox_sip_keep(via->branch, base);
  out->received = stox_sip_keep(via->received, base);
  out->maddr = stox_sip_keep(via->maddr, base);
  out->params = stox_sip_keep(via->params, base);
  out->port = (uint16_t)via->port;
  out->rport = (uint16_t)via->rport;
  out->has_rport = (uint32_t)via->has_rport;
}

void stox_sip_give_uri(stox_uri *out, const stox_sip_kept_uri *kept, const char *base) {
  static const stox_span absent = {NULL, 0};
  out->scheme = kept->scheme_id;
  out->host_kind = kept->host_kind;
  out->text = stox_sip_give(kept->text, base);
  out->scheme_text = (stox_span){out->text.p, kept->scheme_id == STOX_SCHEME_SIP ? 3 : 4};
  out->user = stox_sip_give(kept->user, base);
  out->password = absent;
  out->host = stox_sip_give(kept->host, base);
  out->port_text = stox_sip_give(kept->port_text, base);
  out->path = absent;
  out->params = stox_sip_give(kept->params, base);
  out->headers = absent;
  out->port = kept->port;
  out->lenient = 0;
}

void stox_sip_give_name(stox_name_addr *out, const stox_sip_kept_address *kept, const char *base,
                        const char *value) {
  out->display = stox_sip_give(kept->display, base);
  out->uri = stox_sip_give(kept->uri.text, base);
  out->params = stox_sip_give(kept->params, base);
  /* Without parameters, the angle bracket is the last octet. */
  const char *end =
      out->params.p == NULL ? out->uri.p + out->uri.n + 1 : out->params.p + out->params.n;
  out->text = (stox_span){value, (size_t)(end - value)};
  out->brackets = 1;
  out->star = 0;
}

void stox_sip_give_via(stox_sip_via *out, const stox_sip_kept_via *kept, const char *base) {
  out->text = stox_sip_give(kept->text, base);
  out->transport = stox_sip_give(kept->transport, base);
  out->host = stox_sip_give(kept->host, base);
  out->port = kept->port;
  out->has_rport = (int)kept->has_rport;
  out->rport = kept->rport;
  out->spare = 0;
  out->branch = stox_sip_give(kept->branch, base);
  out->received = stox_sip_give(kept->received, base);
  out->maddr = stox_sip_give(kept->maddr, base);
  out->params = stox_sip_give(kept->params, base);
}
