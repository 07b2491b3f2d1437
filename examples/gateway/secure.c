/* SPDX-License-Identifier: MIT */
/* uv.h needs the POSIX types, which strict C11 hides. */
#define _POSIX_C_SOURCE 200809L

#include "secure.h"

#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 24, FIRST_ROOM = 1 << 16, RESUMPTIONS = 64 };

static int refuse(const char *what, const char *name, const char *why) {
  fprintf(stderr, "stox-gateway: %s %s: %s\n", what, name, why);
  return -1;
}

/* All of a file, malloc; absent where it cannot be read. */
static stox_span read_all(const char *name) {
  FILE *file = fopen(name, "r");
  char *p = NULL;
  size_t n = 0;
  size_t cap = FIRST_ROOM;
  int is_read = 0;
  while (file != NULL && !is_read && cap <= FILE_MOST) {
    char *grown = realloc(p, cap);
    if (grown == NULL) {
      break;
    }
    p = grown;
    n += fread(p + n, 1, cap - n, file);
    is_read = feof(file) && !ferror(file);
    cap = n == cap ? cap * 2 : cap;
    if (ferror(file)) {
      break;
    }
  }
  if (file != NULL) {
    fclose(file);
  }
  if (!is_read) {
    free(p);
    return (stox_span){NULL, 0};
  }
  return (stox_span){p, n};
}

static void forget(stox_span text) {
  if (text.p != NULL) {
    memset((void *)(uintptr_t)text.p, 0, text.n);
    free((void *)(uintptr_t)text.p);
  }
}

static int add_certificate(secure *s, const config *c) {
  const stox_span chain = read_all(c->certificate);
  const stox_span key = read_all(c->key);
  int result = 0;
  if (chain.p == NULL || key.p == NULL) {
    result = refuse(chain.p == NULL ? "certificate" : "key",
                    chain.p == NULL ? c->certificate : c->key, "cannot be read");
  } else if (stox_tls_context_add(s->context, chain, key) != STOX_OK) {
    result = refuse("certificate", c->certificate, "not a certificate with that key");
  }
  forget(chain);
  forget(key);
  return result;
}

/* Whom to trust, and what they revoked where the file says it. */
static int add_anchors(secure *s, const char *name) {
  const stox_span text = read_all(name);
  int status = text.p == NULL ? STOX_E_NONE : stox_anchors_add(s->anchors, text, NULL);
  if (status == STOX_OK) {
    const int listed = stox_anchors_add_crl(s->anchors, text, NULL);
    status = listed == STOX_E_NONE ? STOX_OK : listed;
  }
  forget(text);
  return status;
}

/* Where systems keep the authorities that they trust. */
static void add_system_anchors(secure *s) {
  static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    if (add_anchors(s, files[i]) == STOX_OK) {
      return;
    }
  }
}

static int wants_tls(const config *c) {
  int wants = c->certificate != NULL || c->ca != NULL;
  for (size_t i = 0; i < c->n_listen; i++) {
    wants |= c->listen[i].transport == STOX_TRANSPORT_TLS;
  }
  for (size_t i = 0; i < c->n_routes; i++) {
    const int transport = c->routes[i].hop.transport;
    wants |= transport == STOX_TRANSPORT_TLS || transport == STOX_TRANSPORT_NONE;
  }
  return wants;
}

static int open_tls(secure *s, const config *c) {
  unsigned char ticket_key[STOX_TLS_TICKET_KEY_SIZE];
  stox_tls_context_options options;
  (void)stox_tls_context_options_init(&options, sizeof options);
  if (stox_uv_random()->fill(NULL, ticket_key, sizeof ticket_key) == STOX_OK) {
    options.ticket_key = (stox_span){(const char *)ticket_key, sizeof ticket_key};
  }
  if (stox_tls_context_new(&s->context, stox_allocator_libc(), &options) != STOX_OK ||
      stox_anchors_new(&s->anchors, stox_allocator_libc()) != STOX_OK ||
      stox_chain_rules_init(&s->rules, sizeof s->rules) != STOX_OK) {
    return refuse("TLS", "", "no memory");
  }
  s->rules.anchors = s->anchors;
  if (c->ca == NULL) {
    add_system_anchors(s);
  } else if (add_anchors(s, c->ca) != STOX_OK) {
    return refuse("ca", c->ca, "holds no certificate, or something that cannot be read");
  }
  return c->certificate == NULL ? 0 : add_certificate(s, c);
}

static int open_dns(secure *s, const config *c, void *loop) {
  stox_uv_resolver_options options;
  stox_answer_cache_options cache;
  (void)stox_answer_cache_options_init(&cache, sizeof cache);
  cache.random = stox_uv_random();
  if (stox_answer_cache_new(&s->cache, &cache) != STOX_OK) {
    return refuse("dns", "", "no memory");
  }
  (void)stox_uv_resolver_options_init(&options, sizeof options);
  options.loop = loop;
  options.servers = c->dns;
  options.cache = s->cache;
  const int status = stox_uv_resolver_new(&s->resolver, &options);
  return status == STOX_OK
             ? 0
             : refuse("dns", c->dns.p == NULL ? "" : c->dns.p, stox_status_text(status));
}

int secure_open(secure *out, const config *c, void *loop) {
  memset(out, 0, sizeof *out);
  if (wants_tls(c) && open_tls(out, c) != 0) {
    return -1;
  }
  return open_dns(out, c, loop);
}

void secure_offer(const secure *s, stox_uv_options *options) {
  options->tls = s->context;
  options->tls_rules = s->context == NULL ? NULL : &s->rules;
  options->resumptions = RESUMPTIONS;
  options->resolver = s->resolver;
}

void secure_close(secure *s) {
  stox_uv_resolver_del(s->resolver);
  stox_answer_cache_del(s->cache);
  stox_tls_context_free(s->context);
  stox_anchors_free(s->anchors);
}
