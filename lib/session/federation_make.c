/* SPDX-License-Identifier: MIT */
#include "session/federation_private.h"

#include "base/options.h"
#include "stox/host.h"
#include "stox/jid.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

enum { DOMAINS_MAX = 1024, STREAM_DOMAINS_MAX = 64, SECRET_OCTETS = 32, SERVER_PORT = 5269 };

static const stox_federation_options defaults = {
    .size = sizeof(stox_federation_options),
    .require_tls = 1,
    .is_dialback_on = 1,
    .direct_tls = 1,
    .is_multiplexing = 1,
    .families = STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6,
    .lang = {"en", 2},
    .max_streams = 20000,
    .max_pairs = 10000,
    .max_verifications = 1000,
    .max_stream_verifications = 8,
    .max_stream_domains = STREAM_DOMAINS_MAX,
    .max_unauthenticated = 16,
    .octets_before = 16384,
    .backoff_first_s = 60,
    .backoff_max_s = 900,
    .open_timeout_ns = 10 * SECOND,
    .resolve_timeout_ns = 15 * SECOND,
    .negotiation_timeout_ns = 30 * SECOND,
    .verify_timeout_ns = 25 * SECOND,
    .idle_ns = 600 * SECOND,
    .keepalive_ns = 60 * SECOND,
    .ping_timeout_ns = 60 * SECOND,
    .close_timeout_ns = 5 * SECOND,
};

int stox_federation_options_init(stox_federation_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- domains ---- */

static int prepare(stox_span *out, stox_arena *arena, stox_span domain) {
  const stox_jid given = {.domainpart = domain};
  stox_jid jid;
  if (domain.n == 0 || stox_span_find(domain, '@') < domain.n ||
      stox_span_find(domain, '/') < domain.n) {
    return STOX_E_BAD_DOMAIN;
  }
  const int status = stox_jid_prepare(&jid, arena, &given, STOX_JID_NODEPREP, NULL);
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? status : STOX_E_BAD_DOMAIN;
  }
  *out = jid.domainpart;
  return STOX_OK;
}

int fed_prepare(stox_federation *fed, stox_span *out, stox_span domain) {
  return prepare(out, &fed->scratch, domain);
}

size_t fed_local_of(const stox_federation *fed, stox_span domain) {
  size_t i = 0;
  while (i < fed->options.n_domains && !stox_span_is_equal(fed->domains[i].name, domain)) {
    i++;
  }
  return i;
}

int fed_may_speak_with(const stox_federation *fed, stox_span remote) {
  const int kind = stox_host_kind(remote);
  const int is_address =
      kind == STOX_HOST_IPV4 || kind == STOX_HOST_IPV6 || kind == STOX_HOST_IPV6_ZONE;
  return fed_local_of(fed, remote) == fed->options.n_domains &&
         (!is_address || fed->options.allow_addresses);
}

int fed_is_served(const stox_federation *fed, size_t local) {
  return local < fed->options.n_domains && fed->domains[local].kind != STOX_DOMAIN_GONE;
}

/* ---- making ---- */

static int check(const stox_federation_options *o) {
  const int is_bad = o->random == NULL || o->domains == NULL || o->n_domains == 0 ||
                     o->n_domains > DOMAINS_MAX || (o->hops == NULL && o->n_hops > 0) ||
                     o->max_streams == 0 || o->max_pairs == 0 || o->max_stream_domains == 0 ||
                     o->max_stream_domains > STREAM_DOMAINS_MAX || o->backoff_first_s == 0 ||
                     o->backoff_max_s < o->backoff_first_s || !stox_lang_is_tag(o->lang) ||
                     (o->families & (STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6)) == 0;
  return is_bad ? STOX_E_ARG : STOX_OK;
}

static int keep(stox_federation *fed, stox_span *text) {
  return text->p == NULL ? STOX_OK : stox_arena_copy(&fed->config, text, *text);
}

static int keep_domain(stox_federation *fed, stox_span *out, stox_span given) {
  stox_arena_reset(&fed->scratch);
  const int status = fed_prepare(fed, out, given);
  if (status == STOX_OK) {
    return keep(fed, out);
  }
  return status == STOX_E_NOMEM ? status : STOX_E_ARG;
}

static int keep_domains(stox_federation *fed, const stox_federation_options *own) {
  const size_t n = own->n_domains;
  stox_federation_domain *given =
      stox_arena_take(&fed->config, n * sizeof *given, alignof(stox_federation_domain));
  fed->domains = stox_arena_take(&fed->config, n * sizeof *fed->domains, alignof(stox_xmpp_domain));
  if (given == NULL || fed->domains == NULL) {
    return STOX_E_NOMEM;
  }
  fed->options.n_domains = 0;
  for (size_t i = 0; i < n; i++) {
    stox_span name;
    const int status = keep_domain(fed, &name, own->domains[i].name);
    if (status != STOX_OK) {
      return status;
    }
    if (fed_local_of(fed, name) < i) {
      return STOX_E_ARG;
    }
    given[i] = own->domains[i];
    given[i].name = name;
    fed->domains[i] = (stox_xmpp_domain){
        .name = name, .kind = given[i].is_gone ? STOX_DOMAIN_GONE : STOX_DOMAIN_SERVER};
    fed->options.n_domains = i + 1;
  }
  fed->options.domains = given;
  return STOX_OK;
}

static int keep_hop(stox_federation *fed, fed_hop *out, const stox_federation_hop *given) {
  const stox_endpoint *hop = &given->hop;
  const int is_known = hop->transport == STOX_TRANSPORT_TCP || hop->transport == STOX_TRANSPORT_TLS;
  if (hop->host.n == 0 || hop->port > 65535 || !is_known) {
    return STOX_E_ARG;
  }
  *out = (fed_hop){.place = {.protocol = STOX_PROTOCOL_XMPP,
                             .source = STOX_LOCATED_STATIC,
                             .transport = hop->transport,
                             .port = hop->port == 0 ? SERVER_PORT : hop->port,
                             .target = hop->host}};
  const int status = keep(fed, &out->place.target);
  return status != STOX_OK || given->domain.p == NULL
             ? status
             : keep_domain(fed, &out->domain, given->domain);
}

static int keep_hops(stox_federation *fed, const stox_federation_options *own) {
  int status = STOX_OK;
  if (own->n_hops == 0) {
    return status;
  }
  fed->hops = stox_arena_take(&fed->config, own->n_hops * sizeof *fed->hops, alignof(fed_hop));
  if (fed->hops == NULL) {
    return STOX_E_NOMEM;
  }
  for (size_t i = 0; i < own->n_hops && status == STOX_OK; i++) {
    status = keep_hop(fed, &fed->hops[i], &own->hops[i]);
  }
  return status;
}

/* Without a secret of the host's no other server can answer for these domains. */
static int keep_secret(stox_federation *fed, stox_span given) {
  char drawn[SECRET_OCTETS];
  const stox_random *random = fed->options.random;
  int status = STOX_OK;
  fed->options.dialback_secret = (stox_span){NULL, 0};
  if (given.n == 0) {
    status = random->fill(random->ud, drawn, sizeof drawn);
    given = (stox_span){drawn, sizeof drawn};
  }
  if (status == STOX_OK) {
    status = stox_arena_copy(&fed->config, &fed->options.dialback_secret, given);
  }
  stox_wipe(drawn, sizeof drawn);
  return status;
}

static int make_locations(stox_federation *fed) {
  stox_locations_options options;
  int status = stox_locations_options_init(&options, sizeof options);
  options.alloc = fed->alloc;
  options.random = fed->options.random;
  if (status == STOX_OK && fed->options.locations == NULL) {
    status = stox_locations_new(&fed->locations, &options);
    fed->options.locations = fed->locations;
  }
  return status;
}

static int make_answers(stox_federation *fed) {
  stox_answer_cache_options options;
  int status = stox_answer_cache_options_init(&options, sizeof options);
  options.alloc = fed->alloc;
  options.random = fed->options.random;
  return status == STOX_OK ? stox_answer_cache_new(&fed->answers, &options) : status;
}

static int make_backoff(stox_federation *fed) {
  stox_backoff_options options;
  int status = stox_backoff_options_init(&options, sizeof options);
  options.alloc = fed->alloc;
  options.random = fed->options.random;
  options.first_s = fed->options.backoff_first_s;
  options.max_s = fed->options.backoff_max_s;
  return status == STOX_OK ? stox_backoff_new(&fed->backoff, &options) : status;
}

static int make_tables(stox_federation *fed) {
  stox_table *const tables[] = {&fed->handles, &fed->numbers, &fed->names, &fed->pairs,
                                &fed->addresses};
  int status = STOX_OK;
  for (size_t i = 0; i < sizeof tables / sizeof tables[0] && status == STOX_OK; i++) {
    status = stox_table_init(tables[i], fed->alloc, fed->options.random);
  }
  if (status == STOX_OK) {
    status = make_locations(fed);
  }
  if (status == STOX_OK) {
    status = make_answers(fed);
  }
  return status == STOX_OK ? make_backoff(fed) : status;
}

static int set_up(stox_federation *fed, const stox_federation_options *own) {
  int status = keep_secret(fed, own->dialback_secret);
  if (status == STOX_OK) {
    status = keep(fed, &fed->options.lang);
  }
  if (status == STOX_OK) {
    status = keep_domains(fed, own);
  }
  if (status == STOX_OK) {
    status = keep_hops(fed, own);
  }
  return status == STOX_OK ? make_tables(fed) : status;
}

int stox_federation_new(stox_federation **out, const stox_federation_options *options,
                        uint64_t now_ns) {
  stox_federation_options own = defaults;
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_federation *fed = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *fed);
  if (fed == NULL) {
    return STOX_E_NOMEM;
  }
  memset(fed, 0, sizeof *fed);
  fed->alloc = own.alloc;
  fed->options = own;
  fed->now_ns = now_ns;
  fed->next_number = 1;
  (void)stox_limits_init(&fed->limits, sizeof fed->limits);
  (void)stox_options_read(&fed->limits, sizeof fed->limits, own.limits);
  stox_arena_init(&fed->config, NULL, 0, 0, own.alloc);
  stox_arena_init(&fed->scratch, NULL, 0, 0, own.alloc);
  stox_arena_init(&fed->heard, NULL, 0, 0, own.alloc);
  const int status = set_up(fed, &own);
  if (status != STOX_OK) {
    stox_federation_del(fed);
    return status;
  }
  *out = fed;
  return STOX_OK;
}

/* ---- ending ---- */

static void drop_told(stox_federation *fed) {
  if (fed->told_given != NULL) {
    fed_pair_free(fed, fed->told_given);
  }
  while (fed->told_first != NULL) {
    fed_pair *pair = fed->told_first;
    fed->told_first = pair->told_next;
    fed_pair_free(fed, pair);
  }
}

void stox_federation_del(stox_federation *fed) {
  if (fed == NULL) {
    return;
  }
  while (fed->n_heap > 0) {
    fed_stream *s = fed->heap[fed->n_heap - 1];
    while (s->pairs != NULL) {
      fed_pair_down(fed, s->pairs, STOX_OK, STOX_STREAM_NONE);
    }
    fed_stream_free(fed, s);
  }
  drop_told(fed);
  const stox_span secret = fed->options.dialback_secret;
  if (secret.n > 0) {
    stox_wipe((char *)(uintptr_t)secret.p, secret.n);
  }
  stox_backoff_del(fed->backoff);
  stox_answer_cache_del(fed->answers);
  stox_locations_del(fed->locations);
  stox_table_clear(&fed->handles);
  stox_table_clear(&fed->numbers);
  stox_table_clear(&fed->names);
  stox_table_clear(&fed->pairs);
  stox_table_clear(&fed->addresses);
  stox_arena_clear(&fed->config);
  stox_arena_clear(&fed->scratch);
  stox_arena_clear(&fed->heard);
  fed_give(fed, fed->heap, fed->heap_cap * sizeof(fed_stream *));
  fed_give(fed, fed, sizeof *fed);
}
