/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 4096, SHOWN = 200 };

/* Sets one option: NULL, or why not. */
typedef const char *(*set_fn)(config *c, stox_span value);

static int refuse(const config *c, stox_span name, stox_span value, const char *why) {
  fputs("stox-gateway: ", stderr);
  if (c->line > 0) {
    fprintf(stderr, "%s:%u: ", c->file, c->line);
  }
  const int shown = value.n < SHOWN ? (int)value.n : SHOWN;
  fprintf(stderr, "%.*s %.*s: %s\n", (int)name.n, name.p == NULL ? "" : name.p, shown,
          value.p == NULL ? "" : value.p, why);
  return -1;
}

static const char *keep(config *c, stox_span *out, stox_span value) {
  if (value.n >= sizeof c->text - c->used) {
    return "too much text";
  }
  char *p = c->text + c->used;
  if (value.n > 0) {
    memcpy(p, value.p, value.n);
  }
  p[value.n] = '\0';
  c->used += value.n + 1;
  *out = (stox_span){p, value.n};
  return NULL;
}

/* Where the port begins; 0: there is none. */
static size_t find_port(stox_span text) {
  size_t colon = text.n;
  while (colon > 0 && text.p[colon - 1] != ':' && text.p[colon - 1] != ']') {
    colon--;
  }
  return colon > 0 && text.p[colon - 1] == ':' ? colon : 0;
}

/* HOST:PORT or HOST, with the address in brackets where it is IPv6; *kind is the host's, and the
 * port 0 where there is none. */
static const char *place(config *c, stox_endpoint *out, stox_span text, int *kind) {
  const size_t colon = find_port(text);
  const int has_port = colon > 0;
  uint64_t port = 0;
  if (has_port &&
      stox_number_parse(&port, stox_span_slice(text, colon, text.n), 65535) != STOX_OK) {
    return "a port that is none";
  }
  stox_span host = has_port ? stox_span_slice(text, 0, colon - 1) : text;
  *kind = stox_host_kind(host);
  if (*kind == STOX_HOST_IPV6) {
    host = stox_span_slice(host, 1, host.n - 2);
  }
  out->port = (uint32_t)port;
  return *kind == STOX_HOST_NONE || *kind == STOX_HOST_IPV6_ZONE ? "not a host"
                                                                 : keep(c, &out->host, host);
}

static int is_address(int kind) {
  return kind == STOX_HOST_IPV4 || kind == STOX_HOST_IPV6;
}

/* udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT */
static const char *sip_local(config *c, stox_endpoint *out, stox_span text) {
  const size_t colon = stox_span_find(text, ':');
  int kind = STOX_HOST_NONE;
  out->transport = stox_transport_of(stox_span_slice(text, 0, colon));
  if (out->transport == STOX_TRANSPORT_NONE) {
    return "none of udp:, tcp:, tls:";
  }
  const stox_span rest = stox_span_slice(text, colon + 1, text.n);
  const char *why = place(c, out, rest, &kind);
  if (why == NULL && !is_address(kind)) {
    why = "not an IPv4 address, nor an IPv6 address in brackets";
  }
  return why == NULL && find_port(rest) == 0 ? "not ADDRESS:PORT" : why;
}

/* TRANSPORT:HOST:PORT; a name may leave the transport and the port to DNS. */
static const char *sip_hop(config *c, stox_endpoint *out, stox_span text) {
  const size_t colon = stox_span_find(text, ':');
  int kind = STOX_HOST_NONE;
  out->transport = stox_transport_of(stox_span_slice(text, 0, colon));
  const int has_transport = colon < text.n && out->transport != STOX_TRANSPORT_NONE;
  out->transport = has_transport ? out->transport : STOX_TRANSPORT_NONE;
  const char *why =
      place(c, out, has_transport ? stox_span_slice(text, colon + 1, text.n) : text, &kind);
  if (why == NULL && is_address(kind) && (!has_transport || out->port == 0)) {
    why = "an address needs a transport and a port";
  }
  return why;
}

static const char *domain(config *c, stox_span *out, stox_span value) {
  return stox_host_kind(value) == STOX_HOST_NONE ? "not a domain" : keep(c, out, value);
}

static const char *set_listen(config *c, stox_span value) {
  return c->n_listen == LIST_MAX ? "too many" : sip_local(c, &c->listen[c->n_listen++], value);
}

static const char *set_route(config *c, stox_span value) {
  const size_t at = stox_span_find(value, '=');
  if (c->n_routes == LIST_MAX || at == value.n) {
    return c->n_routes == LIST_MAX ? "too many" : "not DOMAIN=TRANSPORT:ADDRESS:PORT";
  }
  stox_gateway_route *r = &c->routes[c->n_routes++];
  const char *why = domain(c, &r->domain, stox_span_slice(value, 0, at));
  return why == NULL ? sip_hop(c, &r->hop, stox_span_slice(value, at + 1, value.n)) : why;
}

static const char *set_xmpp_server(config *c, stox_span value) {
  int kind = STOX_HOST_NONE;
  c->xmpp_server.transport = STOX_TRANSPORT_TCP;
  const char *why = place(c, &c->xmpp_server, value, &kind);
  return why == NULL && c->xmpp_server.port == 0 ? "not HOST:PORT" : why;
}

static int is_served(const config *c, stox_span domain) {
  for (size_t i = 0; i < c->n_components; i++) {
    if (stox_host_is_equal(c->components[i].domain, domain)) {
      return 1;
    }
  }
  for (size_t i = 0; i < c->n_federated; i++) {
    if (stox_host_is_equal(c->federated[i].name, domain)) {
      return 1;
    }
  }
  return 0;
}

static const char *set_component(config *c, stox_span value) {
  if (is_served(c, value)) {
    return "given twice";
  }
  return c->n_components == LIST_MAX ? "too many"
                                     : domain(c, &c->components[c->n_components++].domain, value);
}

static const char *set_federate(config *c, stox_span value) {
  if (is_served(c, value)) {
    return "given twice";
  }
  return c->n_federated == LIST_MAX ? "too many"
                                    : domain(c, &c->federated[c->n_federated++].name, value);
}

/* HOST:PORT, with `tls:` in front for TLS from the first octet on. */
static const char *xmpp_place(config *c, stox_endpoint *out, stox_span text, int *kind) {
  const stox_span direct = stox_span_text("tls:");
  const int is_direct = stox_span_is_equal_nocase(stox_span_slice(text, 0, direct.n), direct);
  out->transport = is_direct ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP;
  const char *why = place(c, out, is_direct ? stox_span_slice(text, direct.n, text.n) : text, kind);
  return why == NULL && out->port == 0 ? "not HOST:PORT" : why;
}

static const char *set_s2s_listen(config *c, stox_span value) {
  int kind = STOX_HOST_NONE;
  if (c->n_s2s_listen == LIST_MAX) {
    return "too many";
  }
  const char *why = xmpp_place(c, &c->s2s_listen[c->n_s2s_listen++], value, &kind);
  return why == NULL && !is_address(kind) ? "not an IPv4 address, nor an IPv6 address in brackets"
                                          : why;
}

static const char *set_xmpp_route(config *c, stox_span value) {
  const size_t at = stox_span_find(value, '=');
  int kind = STOX_HOST_NONE;
  if (c->n_xmpp_hops == LIST_MAX || at == value.n) {
    return c->n_xmpp_hops == LIST_MAX ? "too many" : "not DOMAIN=HOST:PORT";
  }
  stox_federation_hop *hop = &c->xmpp_hops[c->n_xmpp_hops++];
  const char *why = domain(c, &hop->domain, stox_span_slice(value, 0, at));
  return why == NULL ? xmpp_place(c, &hop->hop, stox_span_slice(value, at + 1, value.n), &kind)
                     : why;
}

static const char *set_xmpp_domain(config *c, stox_span value) {
  if (stox_span_is_equal(value, stox_span_text("any"))) {
    c->is_open = 1;
    return NULL;
  }
  return c->n_xmpp_domains == LIST_MAX ? "too many"
                                       : domain(c, &c->xmpp_domains[c->n_xmpp_domains++], value);
}

static const char *set_trust(config *c, stox_span value) {
  /* Each block holds the address that it is written with. */
  if (!stox_host_is_in(stox_span_slice(value, 0, stox_span_find(value, '/')), value)) {
    return "not an address or CIDR block";
  }
  return c->n_trusted == LIST_MAX ? "too many" : keep(c, &c->trusted[c->n_trusted++], value);
}

/* A file that can be read, its name kept; NULL otherwise. */
static FILE *open_file(config *c, const char **name, stox_span value) {
  stox_span kept;
  FILE *file = keep(c, &kept, value) == NULL ? fopen(kept.p, "r") : NULL;
  *name = file == NULL ? NULL : kept.p;
  return file;
}

static const char *set_secret_file(config *c, stox_span value) {
  char text[LINE];
  const char *name;
  FILE *file = open_file(c, &name, value);
  if (file == NULL) {
    return "cannot be opened";
  }
  const size_t n = fread(text, 1, sizeof text, file);
  const int is_read = feof(file) && !ferror(file);
  fclose(file);
  if (!is_read) {
    return "cannot be read, or is too long";
  }
  const stox_span secret = stox_span_trim((stox_span){text, n});
  return secret.n == 0 ? "holds no secret" : keep(c, &c->secret, secret);
}

static const char *set_name(config *c, const char **out, stox_span value) {
  stox_span kept = {NULL, 0};
  const char *why = keep(c, &kept, value);
  *out = kept.p;
  return why;
}

static const char *set_trace(config *c, stox_span value) {
  return set_name(c, &c->trace, value);
}

static const char *set_certificate(config *c, stox_span value) {
  return set_name(c, &c->certificate, value);
}

static const char *set_key(config *c, stox_span value) {
  return set_name(c, &c->key, value);
}

static const char *set_ca(config *c, stox_span value) {
  return set_name(c, &c->ca, value);
}

static const char *set_dns(config *c, stox_span value) {
  return value.n == 0 ? "no server" : keep(c, &c->dns, value);
}

static const char *set_ms(uint64_t *out, stox_span value, uint64_t least) {
  return stox_number_parse(out, value, 3600000) == STOX_OK && *out >= least
             ? NULL
             : "not milliseconds up to an hour";
}

static const char *set_t1(config *c, stox_span value) {
  return set_ms(&c->t1_ms, value, 1);
}

static const char *set_barrier(config *c, stox_span value) {
  return set_ms(&c->barrier_ms, value, 1);
}

static const char *set_queue(config *c, stox_span value) {
  return set_ms(&c->queue_ms, value, 1);
}

static const char *set_backoff(config *c, stox_span value) {
  return set_ms(&c->backoff_ms, value, 1);
}

static const char *set_drain(config *c, stox_span value) {
  return set_ms(&c->drain_ms, value, 0);
}

static const char *choose(int *out, stox_span value, const char *const *names, int n) {
  for (int i = 0; i < n; i++) {
    if (stox_span_is_equal(value, stox_span_text(names[i]))) {
      *out = i;
      return NULL;
    }
  }
  return "not one of the values";
}

static const char *set_log(config *c, stox_span value) {
  static const char *const names[] = {"error", "warning", "info"};
  return choose(&c->log_level, value, names, 3);
}

static const char *set_type(config *c, stox_span value) {
  static const char *const names[] = {"chat-if-known", "literal", "chat"};
  return choose(&c->message_type, value, names, 3);
}

static const char *set_scope(config *c, stox_span value) {
  static const char *const names[] = {"4xx", "rfc7247"};
  return choose(&c->is_raw_scope, value, names, 2);
}

static const char *set_hops(config *c, stox_span value) {
  static const char *const names[] = {"off", "on"};
  return choose(&c->writes_hops, value, names, 2);
}

static const char *set_dialback(config *c, stox_span value) {
  static const char *const names[] = {"off", "on"};
  return choose(&c->has_dialback, value, names, 2);
}

static const struct {
  const char *name;
  const char *value;
  const char *text;
  set_fn set;
} options[] = {
    {"sip-listen", "udp:ADDRESS:PORT", "listen for SIP (repeatable; udp, tcp, tls)", set_listen},
    {"sip-route", "DOMAIN=udp:HOST:PORT",
     "next hop of a SIP domain (repeatable); a name may leave transport and port to DNS",
     set_route},
    {"certificate", "FILE", "our certificate and its chain for TLS, PEM", set_certificate},
    {"key", "FILE", "its key, PEM", set_key},
    {"ca", "FILE", "whom to trust in TLS, and lists of what they revoked, PEM (the system's)",
     set_ca},
    {"dns", "SERVER", "who is asked for names, ADDRESS or ADDRESS:PORT (the system's)", set_dns},
    {"xmpp-server", "HOST:PORT", "the XMPP server's component port", set_xmpp_server},
    {"xmpp-component", "DOMAIN", "a SIP domain served to it (repeatable)", set_component},
    {"xmpp-secret-file", "FILE", "holds the components' secret", set_secret_file},
    {"xmpp-federate", "DOMAIN", "a SIP domain that is an XMPP server itself (repeatable)",
     set_federate},
    {"xmpp-s2s-listen", "ADDRESS:PORT",
     "where XMPP servers reach it, tls:… with TLS at once (repeatable)", set_s2s_listen},
    {"xmpp-route", "DOMAIN=HOST:PORT",
     "the XMPP server of a domain, if not as DNS says; tls:… with TLS at once (repeatable)",
     set_xmpp_route},
    {"dialback", "on|off", "between XMPP servers, where certificates do not do (on)", set_dialback},
    {"xmpp-domain", "DOMAIN|any",
     "an XMPP domain SIP may write to, federated: and it to SIP (repeatable)", set_xmpp_domain},
    {"sip-trust", "CIDR", "who may send SIP, beside the routes (repeatable; loopback)", set_trust},
    {"message-type", "chat-if-known|literal|chat", "type of messages to XMPP", set_type},
    {"error-scope", "4xx|rfc7247", "6xx for bare JIDs as RFC 7247 has them, or not", set_scope},
    {"hop-count", "off|on", "stanzas say what Max-Forwards leaves, XEP-0131 (off)", set_hops},
    {"timer-t1", "MS", "SIP's T1 (500)", set_t1},
    {"barrier-timeout", "MS",
     "for the XMPP server to take a message, at first thrice for others (5000)", set_barrier},
    {"queue-timeout", "MS", "for the XMPP stream to come up, thrice for other servers (5000)",
     set_queue},
    {"backoff-max", "MS", "longest pause between connection attempts (60000)", set_backoff},
    {"drain", "MS", "for what is pending when stopped (5000)", set_drain},
    {"log", "error|warning|info", "what is logged (info)", set_log},
    {"trace", "FILE", "append all octets that cross a socket, as JSON lines", set_trace},
    {"config", "FILE", "the same names, one `name value` a line; a later value wins", NULL},
};

enum { OPTIONS = sizeof options / sizeof options[0] };

void config_usage(void) {
  puts("usage: stox-gateway --NAME VALUE …");
  for (size_t i = 0; i < OPTIONS; i++) {
    printf("  --%s %s\n      %s\n", options[i].name, options[i].value, options[i].text);
  }
}

static int set(config *c, stox_span name, stox_span value) {
  for (size_t i = 0; i < OPTIONS; i++) {
    if (stox_span_is_equal(name, stox_span_text(options[i].name))) {
      const char *why =
          options[i].set == NULL ? "a file may not name another" : options[i].set(c, value);
      return why == NULL ? 0 : refuse(c, name, value, why);
    }
  }
  return refuse(c, name, value, "no such option");
}

/* `name value` or `name = value`; `#` begins a comment line. */
static int set_line(config *c, stox_span line) {
  line = stox_span_trim(line);
  if (line.n == 0 || line.p[0] == '#') {
    return 0;
  }
  size_t n = 0;
  while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t' && line.p[n] != '=') {
    n++;
  }
  stox_span value = stox_span_trim(stox_span_slice(line, n, line.n));
  if (value.n > 0 && value.p[0] == '=') {
    value = stox_span_trim(stox_span_slice(value, 1, value.n));
  }
  return set(c, stox_span_slice(line, 0, n), value);
}

/* The next line, all of it: 1, 0 at the end, -1 where it is too long. */
static int read_line(char *line, size_t *n, FILE *file) {
  int octet;
  *n = 0;
  while ((octet = fgetc(file)) != EOF && octet != '\n') {
    if (*n == LINE) {
      return -1;
    }
    line[(*n)++] = (char)octet;
  }
  return octet == '\n' || *n > 0;
}

static int read_file(config *c, stox_span name) {
  char line[LINE];
  size_t n;
  int more = 1;
  int status = 0;
  FILE *file = open_file(c, &c->file, name);
  if (file == NULL) {
    return refuse(c, stox_span_text("config"), name, "cannot be opened");
  }
  for (c->line = 1; status == 0 && (more = read_line(line, &n, file)) > 0; c->line++) {
    status = set_line(c, (stox_span){line, n});
  }
  if (status == 0 && (more < 0 || ferror(file))) {
    status = refuse(c, stox_span_text("config"), name, "cannot be read, or a line is too long");
  }
  c->line = 0;
  fclose(file);
  return status;
}

/* A listener for TLS has a certificate, and a certificate its key. */
static int finish_tls(const config *c) {
  int is_served = 0;
  for (size_t i = 0; i < c->n_listen; i++) {
    is_served |= c->listen[i].transport == STOX_TRANSPORT_TLS;
  }
  if ((c->certificate == NULL) != (c->key == NULL) || (is_served && c->certificate == NULL)) {
    fputs("stox-gateway: --certificate and --key: one needs the other, and tls: needs both\n",
          stderr);
    return -1;
  }
  return 0;
}

/* An XMPP server is reached somewhere, and says by a certificate who it is. */
static int finish_federation(config *c) {
  if (c->n_federated > 0 && (c->n_s2s_listen == 0 || c->certificate == NULL)) {
    fputs("stox-gateway: --xmpp-federate needs --xmpp-s2s-listen, --certificate and --key\n",
          stderr);
    return -1;
  }
  for (size_t i = 0; i < c->n_federated; i++) {
    c->federated[i].has_certificate = 1;
  }
  return 0;
}

static int finish_component(const config *c) {
  const int has_server = c->secret.n > 0 && c->xmpp_server.host.n > 0 && c->n_xmpp_domains > 0;
  if (c->n_components > 0 && !has_server) {
    fputs("stox-gateway: --xmpp-component needs --xmpp-server, --xmpp-secret-file and "
          "--xmpp-domain\n",
          stderr);
    return -1;
  }
  return 0;
}

static int finish(config *c) {
  if (c->n_listen == 0 || c->n_components + c->n_federated == 0 ||
      (c->n_xmpp_domains == 0 && !c->is_open)) {
    fputs("stox-gateway: needed: --sip-listen, --xmpp-component or --xmpp-federate, "
          "--xmpp-domain\n",
          stderr);
    return -1;
  }
  if (finish_component(c) != 0 || finish_federation(c) != 0) {
    return -1;
  }
  for (size_t i = 0; i < c->n_components; i++) {
    c->components[i].secret = c->secret;
    c->components[i].remote = c->xmpp_server;
  }
  if (c->n_trusted == 0) {
    (void)set_trust(c, stox_span_text("127.0.0.0/8"));
    (void)set_trust(c, stox_span_text("::1"));
  }
  return finish_tls(c);
}

int config_read(config *out, int argc, char **argv) {
  memset(out, 0, sizeof *out);
  out->t1_ms = 500;
  out->barrier_ms = 5000;
  out->queue_ms = 5000;
  out->backoff_ms = 60000;
  out->drain_ms = 5000;
  out->log_level = LOG_INFO;
  out->has_dialback = 1;
  for (int i = 1; i < argc; i++) {
    const stox_span name = stox_span_text(argv[i]);
    if (stox_span_is_equal(name, stox_span_text("--help"))) {
      out->wants_help = 1;
      return 0;
    }
    const stox_span none = {NULL, 0};
    if (name.n < 3 || name.p[0] != '-' || name.p[1] != '-') {
      return refuse(out, name, none, "not an option");
    }
    if (i + 1 == argc) {
      return refuse(out, name, none, "needs a value");
    }
    const stox_span value = stox_span_text(argv[++i]);
    const int status = stox_span_is_equal(name, stox_span_text("--config"))
                           ? read_file(out, value)
                           : set(out, stox_span_slice(name, 2, name.n), value);
    if (status != 0) {
      return -1;
    }
  }
  return finish(out);
}
