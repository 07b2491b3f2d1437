/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "stox/number.h"
#include "stox/status.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 4096, FILES_DEEP = 4 };

typedef int (*set_fn)(config *c, stox_span value);

static int fail(const char *what, stox_span value) {
  fprintf(stderr, "stox-gateway: %s: %.*s\n", what, (int)value.n, value.p == NULL ? "" : value.p);
  return -1;
}

static stox_span keep(config *c, stox_span value) {
  if (value.n >= sizeof c->text - c->used) {
    return (stox_span){NULL, 0};
  }
  char *p = c->text + c->used;
  if (value.n > 0) {
    memcpy(p, value.p, value.n);
  }
  p[value.n] = '\0';
  c->used += value.n + 1;
  return (stox_span){p, value.n};
}

/* host:port, with the host in brackets where it is IPv6 */
static int endpoint(config *c, stox_endpoint *out, stox_span text, int transport) {
  size_t colon = text.n;
  while (colon > 0 && text.p[colon - 1] != ':') {
    colon--;
  }
  uint64_t port = 0;
  if (colon < 2 ||
      stox_number_parse(&port, stox_span_slice(text, colon, text.n), 65535) != STOX_OK) {
    return fail("not HOST:PORT", text);
  }
  stox_span host = stox_span_slice(text, 0, colon - 1);
  if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
    host = stox_span_slice(host, 1, host.n - 2);
  }
  *out = (stox_endpoint){keep(c, host), (uint32_t)port, transport};
  return out->host.p == NULL ? fail("too much text", text) : 0;
}

/* udp:HOST:PORT or tcp:HOST:PORT */
static int sip_endpoint(config *c, stox_endpoint *out, stox_span text) {
  const size_t colon = stox_span_find(text, ':');
  const int transport = stox_transport_of(stox_span_slice(text, 0, colon));
  if (transport != STOX_TRANSPORT_UDP && transport != STOX_TRANSPORT_TCP) {
    return fail("not udp:HOST:PORT or tcp:HOST:PORT", text);
  }
  return endpoint(c, out, stox_span_slice(text, colon + 1, text.n), transport);
}

static int set_listen(config *c, stox_span value) {
  if (c->n_listen == LIST_MAX) {
    return fail("too many --sip-listen", value);
  }
  return sip_endpoint(c, &c->listen[c->n_listen++], value);
}

static int set_route(config *c, stox_span value) {
  const size_t at = stox_span_find(value, '=');
  if (c->n_routes == LIST_MAX || at == 0 || at == value.n) {
    return fail("not DOMAIN=TRANSPORT:HOST:PORT", value);
  }
  stox_gateway_route *r = &c->routes[c->n_routes++];
  r->domain = keep(c, stox_span_slice(value, 0, at));
  return sip_endpoint(c, &r->hop, stox_span_slice(value, at + 1, value.n));
}

static int set_xmpp_server(config *c, stox_span value) {
  return endpoint(c, &c->xmpp_server, value, STOX_TRANSPORT_TCP);
}

static int set_component(config *c, stox_span value) {
  if (c->n_components == LIST_MAX) {
    return fail("too many --xmpp-component", value);
  }
  c->components[c->n_components++].domain = keep(c, value);
  return 0;
}

static int add_span(config *c, stox_span *list, size_t *n, stox_span value) {
  if (*n == LIST_MAX) {
    return fail("too many", value);
  }
  list[(*n)++] = keep(c, value);
  return 0;
}

static int set_xmpp_domain(config *c, stox_span value) {
  return add_span(c, c->xmpp_domains, &c->n_xmpp_domains, value);
}

static int set_trust(config *c, stox_span value) {
  return add_span(c, c->trusted, &c->n_trusted, value);
}

static int set_secret_file(config *c, stox_span value) {
  char line[LINE];
  const stox_span name = keep(c, value);
  FILE *file = name.p == NULL ? NULL : fopen(name.p, "r");
  if (file == NULL) {
    return fail("cannot open", value);
  }
  const size_t n = fread(line, 1, sizeof line, file);
  fclose(file);
  c->secret = keep(c, stox_span_trim((stox_span){line, n}));
  return c->secret.n == 0 ? fail("no secret in", value) : 0;
}

static int set_trace(config *c, stox_span value) {
  c->trace = keep(c, value).p;
  return c->trace == NULL ? fail("too much text", value) : 0;
}

static int set_ms(uint64_t *out, stox_span value) {
  return stox_number_parse(out, value, 3600000) == STOX_OK ? 0 : fail("not milliseconds", value);
}

static int set_t1(config *c, stox_span value) {
  return set_ms(&c->t1_ms, value);
}

static int set_barrier(config *c, stox_span value) {
  return set_ms(&c->barrier_ms, value);
}

static int set_queue(config *c, stox_span value) {
  return set_ms(&c->queue_ms, value);
}

static int set_backoff(config *c, stox_span value) {
  return set_ms(&c->backoff_ms, value);
}

static int set_drain(config *c, stox_span value) {
  return set_ms(&c->drain_ms, value);
}

static int choose(int *out, stox_span value, const char *const *names, int n) {
  for (int i = 0; i < n; i++) {
    if (stox_span_is_equal(value, stox_span_text(names[i]))) {
      *out = i;
      return 0;
    }
  }
  return fail("not one of the values", value);
}

static int set_log(config *c, stox_span value) {
  static const char *const names[] = {"error", "warning", "info", "debug"};
  return choose(&c->log_level, value, names, 4);
}

static int set_type(config *c, stox_span value) {
  static const char *const names[] = {"chat-if-known", "literal", "chat"};
  return choose(&c->message_type, value, names, 3);
}

static int set_scope(config *c, stox_span value) {
  static const char *const names[] = {"4xx", "rfc7247"};
  return choose(&c->is_raw_scope, value, names, 2);
}

static int set_file(config *c, stox_span value);

static const struct {
  const char *name;
  const char *value;
  const char *text;
  set_fn set;
} options[] = {
    {"sip-listen", "udp:HOST:PORT", "listen for SIP (repeatable; udp, tcp)", set_listen},
    {"sip-route", "DOMAIN=udp:HOST:PORT", "next hop of a SIP domain (repeatable)", set_route},
    {"xmpp-server", "HOST:PORT", "the XMPP server's component port", set_xmpp_server},
    {"xmpp-component", "DOMAIN", "a SIP domain served to it (repeatable)", set_component},
    {"xmpp-secret-file", "FILE", "holds the components' secret", set_secret_file},
    {"xmpp-domain", "DOMAIN", "an XMPP domain SIP may write to (repeatable)", set_xmpp_domain},
    {"sip-trust", "CIDR", "who may send SIP (default: loopback and the routes)", set_trust},
    {"message-type", "chat-if-known|literal|chat", "type of messages to XMPP", set_type},
    {"error-scope", "4xx|rfc7247", "6xx for bare JIDs as RFC 7247 has them, or not", set_scope},
    {"timer-t1", "MS", "SIP's T1 (500)", set_t1},
    {"barrier-timeout", "MS", "for the XMPP server to take a message (5000)", set_barrier},
    {"queue-timeout", "MS", "for the XMPP stream to come up (5000)", set_queue},
    {"backoff-max", "MS", "longest pause between connection attempts (60000)", set_backoff},
    {"drain", "MS", "for what is pending when stopped (5000)", set_drain},
    {"log", "error|warning|info|debug", "what is logged (info)", set_log},
    {"trace", "FILE", "append all octets that cross a socket, as JSON lines", set_trace},
    {"config", "FILE", "the same names, one `name value` a line", set_file},
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
      return options[i].set(c, value);
    }
  }
  return fail("unknown option", name);
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
  const stox_span name = stox_span_slice(line, 0, n);
  if (stox_span_is_equal(name, stox_span_text("config"))) {
    return fail("a file may not name another", value);
  }
  return set(c, name, value);
}

static int set_file(config *c, stox_span value) {
  char line[LINE];
  const stox_span name = keep(c, value);
  FILE *file = name.p == NULL ? NULL : fopen(name.p, "r");
  if (file == NULL) {
    return fail("cannot open", value);
  }
  int status = 0;
  while (status == 0 && fgets(line, sizeof line, file) != NULL) {
    status = set_line(c, stox_span_text(line));
  }
  fclose(file);
  return status;
}

static int finish(config *c) {
  if (c->n_listen == 0 || c->n_components == 0 || c->n_xmpp_domains == 0 || c->secret.n == 0 ||
      c->xmpp_server.host.n == 0) {
    return fail("needed: --sip-listen --xmpp-server --xmpp-component --xmpp-secret-file "
                "--xmpp-domain",
                (stox_span){NULL, 0});
  }
  for (size_t i = 0; i < c->n_components; i++) {
    c->components[i].secret = c->secret;
    c->components[i].remote = c->xmpp_server;
  }
  if (c->n_trusted == 0) {
    (void)set_trust(c, stox_span_text("127.0.0.0/8"));
    (void)set_trust(c, stox_span_text("::1"));
  }
  return 0;
}

int config_read(config *out, int argc, char **argv) {
  memset(out, 0, sizeof *out);
  out->t1_ms = 500;
  out->barrier_ms = 5000;
  out->queue_ms = 5000;
  out->backoff_ms = 60000;
  out->drain_ms = 5000;
  out->log_level = LOG_INFO;
  for (int i = 1; i < argc; i++) {
    const stox_span name = stox_span_text(argv[i]);
    if (stox_span_is_equal(name, stox_span_text("--help"))) {
      out->wants_help = 1;
      return 0;
    }
    const int is_option = name.n > 2 && name.p[0] == '-' && name.p[1] == '-';
    if (!is_option || i + 1 == argc) {
      return fail(is_option ? "no value for" : "not an option", name);
    }
    if (set(out, stox_span_slice(name, 2, name.n), stox_span_text(argv[++i])) != 0) {
      return -1;
    }
  }
  return finish(out);
}
