/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "crypto/tls.h"
#include "stox/host.h"
#include "stox/status.h"
#include "stox/stringprep.h"

#include <errno.h>
#include <string.h>

enum { INPUT_LEAST = 18432, NAME_MAX = 256, ALPN_OCTETS_MAX = 255 };

static const stox_tls_options defaults = {
    .size = sizeof(stox_tls_options), .input = 65536, .output = 131072, .handshake = 131072};

int stox_tls_options_init(stox_tls_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int is_alpn(const stox_tls_options *options) {
  for (size_t i = 0; i < options->alpn_n; i++) {
    if (options->alpn[i].n == 0 || options->alpn[i].n > ALPN_OCTETS_MAX) {
      return 0;
    }
  }
  return 1;
}

/* A client that verifies knows whom it wants. */
static int has_aim(const stox_tls_options *options, const stox_chain_rules *rules) {
  return options->role == STOX_TLS_SERVER || options->verify == STOX_TLS_REPORT ||
         (options->rules != NULL &&
          (rules->reference != NULL || rules->pins.n > 0 || rules->decide != NULL));
}

static int is_options(const stox_tls_options *options) {
  return options->context != NULL &&
         (options->role == STOX_TLS_CLIENT || options->role == STOX_TLS_SERVER) &&
         options->ask >= STOX_TLS_ASK_NONE && options->ask <= STOX_TLS_ASK_REQUIRE &&
         (options->verify == STOX_TLS_VERIFY || options->verify == STOX_TLS_REPORT) &&
         options->input >= INPUT_LEAST && options->output > 0 && options->handshake > 0 &&
         options->alpn_n <= STOX_TLS_ALPN_MAX && is_alpn(options) &&
         (options->ask == STOX_TLS_ASK_NONE || options->rules != NULL ||
          options->verify == STOX_TLS_REPORT);
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *p, size_t n) {
  stox_tls *tls = ptr;
  if (stox_octets_put(&tls->out, tls->alloc, (stox_span){p, n}) == STOX_OK) {
    return (ssize_t)n;
  }
  tls->no_memory = 1;
  gnutls_transport_set_errno(tls->session, ENOMEM);
  return -1;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *p, size_t n) {
  stox_tls *tls = ptr;
  const stox_span held = stox_octets_span(&tls->in);
  if (held.n == 0 && !tls->ended) {
    gnutls_transport_set_errno(tls->session, EAGAIN);
    return -1;
  }
  n = n < held.n ? n : held.n;
  if (n > 0) {
    memcpy(p, held.p, n);
  }
  stox_octets_take(&tls->in, n);
  return (ssize_t)n;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned milliseconds) {
  const stox_tls *tls = ptr;
  (void)milliseconds;
  return stox_octets_span(&tls->in).n > 0 || tls->ended;
}

/* Copies what the rules point to. */
static int keep_rules(stox_tls *tls, const stox_chain_rules *given) {
  if (given == NULL) {
    return STOX_OK;
  }
  int status = stox_chain_rules_init(&tls->rules, sizeof tls->rules);
  if (status == STOX_OK) {
    status = stox_options_read(&tls->rules, sizeof tls->rules, given);
  }
  tls->rules.staples = NULL;
  tls->rules.staples_n = 0;
  if (status == STOX_OK) {
    status = stox_arena_copy(&tls->arena, &tls->rules.pins, tls->rules.pins);
  }
  if (status == STOX_OK && tls->rules.reference != NULL) {
    tls->reference = *tls->rules.reference;
    tls->rules.reference = &tls->reference;
    status = stox_arena_copy(&tls->arena, &tls->reference.name, tls->reference.name);
  }
  tls->has_rules = status == STOX_OK;
  return status;
}

static int status_of(int code) {
  if (code >= 0) {
    return STOX_OK;
  }
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_ARG;
}

/* Addresses are not told (RFC 6066 3). */
static int set_server_name(stox_tls *tls, stox_span name) {
  char room[NAME_MAX];
  unsigned char octets[16];
  size_t n;
  stox_buf out;
  if (name.p == NULL || tls->options.role == STOX_TLS_SERVER) {
    return STOX_OK;
  }
  stox_buf_init(&out, room, sizeof room);
  const int status = stox_idna(&out, name, STOX_IDNA_TO_ASCII, NULL);
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? status : STOX_E_BAD_DOMAIN;
  }
  if (room[0] == '[' || stox_host_address(octets, &n, stox_buf_span(&out)) == STOX_OK) {
    return STOX_OK;
  }
  return status_of(gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, room, out.len));
}

static int set_alpn(stox_tls *tls, const stox_tls_options *options) {
  gnutls_datum_t names[STOX_TLS_ALPN_MAX];
  if (options->alpn_n == 0) {
    return STOX_OK;
  }
  for (size_t i = 0; i < options->alpn_n; i++) {
    names[i] = stox_tls_datum(options->alpn[i]);
  }
  const unsigned flags = options->alpn_required ? GNUTLS_ALPN_MANDATORY : 0;
  return status_of(gnutls_alpn_set_protocols(tls->session, names, (unsigned)options->alpn_n,
                                             flags | GNUTLS_ALPN_SERVER_PRECEDENCE));
}

static int set_tickets(stox_tls *tls, const stox_tls_options *options) {
  const stox_tls_context *context = options->context;
  if (options->role == STOX_TLS_SERVER) {
    const gnutls_datum_t key =
        stox_tls_datum((stox_span){(const char *)context->ticket_key, sizeof context->ticket_key});
    return context->has_ticket_key
               ? status_of(gnutls_session_ticket_enable_server(tls->session, &key))
               : STOX_OK;
  }
  if (options->resume.n > 0) {
    /* What does not fit makes a handshake in full. */
    (void)gnutls_session_set_data(tls->session, options->resume.p, options->resume.n);
  }
  return STOX_OK;
}

static int set_up(stox_tls *tls, const stox_tls_options *options) {
  static const gnutls_certificate_request_t asks[] = {GNUTLS_CERT_IGNORE, GNUTLS_CERT_REQUEST,
                                                      GNUTLS_CERT_REQUIRE};
  const int is_server = options->role == STOX_TLS_SERVER;
  const int tickets = is_server ? options->context->has_ticket_key : options->resumable;
  const unsigned flags = (is_server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK |
                         GNUTLS_NO_SIGNAL | (tickets ? 0U : (unsigned)GNUTLS_NO_TICKETS);
  int status = status_of(gnutls_init(&tls->session, flags));
  if (status != STOX_OK) {
    tls->session = NULL;
    return status;
  }
  gnutls_session_set_ptr(tls->session, tls);
  gnutls_transport_set_ptr(tls->session, tls);
  gnutls_transport_set_push_function(tls->session, push);
  gnutls_transport_set_pull_function(tls->session, pull);
  gnutls_transport_set_pull_timeout_function(tls->session, pull_timeout);
  gnutls_handshake_set_max_packet_length(tls->session, options->handshake);
  gnutls_session_set_verify_function(tls->session, stox_tls_verify_peer);
  if (is_server) {
    gnutls_certificate_server_set_request(tls->session, asks[options->ask]);
  }
  status = status_of(gnutls_priority_set(tls->session, options->context->priorities));
  if (status == STOX_OK) {
    status = status_of(gnutls_credentials_set(
        tls->session, GNUTLS_CRD_CERTIFICATE,
        stox_tls_own_credentials(options->context, options->own_name, is_server)));
  }
  if (status == STOX_OK && !is_server) {
    status = status_of(gnutls_ocsp_status_request_enable_client(tls->session, NULL, 0, NULL));
  }
  status = status == STOX_OK ? set_server_name(tls, options->server_name) : status;
  status = status == STOX_OK ? set_alpn(tls, options) : status;
  return status == STOX_OK ? set_tickets(tls, options) : status;
}

static void forget_borrowed(stox_tls_options *options) {
  options->rules = NULL;
  options->alpn = NULL;
  options->server_name = (stox_span){NULL, 0};
  options->resume = (stox_span){NULL, 0};
  options->own_name = (stox_span){NULL, 0};
}

int stox_tls_new(stox_tls **out, const stox_allocator *alloc, const stox_tls_options *options) {
  stox_tls_options own = defaults;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      !is_options(&own)) {
    return STOX_E_ARG;
  }
  stox_tls *made = alloc->resize(alloc->ud, NULL, 0, sizeof *made);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->alloc = alloc;
  made->alert = -1;
  made->options = own;
  forget_borrowed(&made->options);
  stox_arena_init(&made->arena, NULL, 0, 0, alloc);
  int status = keep_rules(made, own.rules);
  if (status == STOX_OK) {
    status = has_aim(&own, &made->rules) ? set_up(made, &own) : STOX_E_ARG;
  }
  if (status == STOX_OK && own.role == STOX_TLS_CLIENT) {
    status = stox_tls_shake(made);
  }
  if (status != STOX_OK) {
    stox_tls_free(made);
    return status;
  }
  *out = made;
  return STOX_OK;
}

void stox_tls_free(stox_tls *tls) {
  if (tls == NULL) {
    return;
  }
  if (tls->session != NULL) {
    gnutls_deinit(tls->session);
  }
  stox_octets_clear(&tls->in, tls->alloc);
  stox_octets_clear(&tls->out, tls->alloc);
  stox_arena_clear(&tls->arena);
  (void)tls->alloc->resize(tls->alloc->ud, tls, sizeof *tls, 0);
}
