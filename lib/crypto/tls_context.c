/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "crypto/tls.h"
#include "stox/status.h"

#include <gnutls/x509.h>

#include <string.h>

/* Each list is the whole of its kind, so that no default of the library or of the machine counts.
 * RFC 9325 4.2: authenticated encryption and ephemeral keys alone. */
#define COMMON                                                                                     \
  "+ECDHE-ECDSA:+ECDHE-RSA:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:+AEAD:+COMP-NULL:"         \
  "+CTYPE-X509:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:"                  \
  "+SIGN-EDDSA-ED25519:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256:"                           \
  "+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP521R1-SHA512:"                  \
  "+SIGN-ECDSA-SHA512:+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-SHA256:"            \
  "+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-SHA384:+SIGN-RSA-PSS-SHA512:"          \
  "+SIGN-RSA-PSS-RSAE-SHA512:+SIGN-RSA-SHA512:%PROFILE_MEDIUM:%SAFE_RENEGOTIATION"

enum { PRIORITIES_MAX = 1024 };

static const stox_tls_context_options defaults = {.size = sizeof(stox_tls_context_options),
                                                  .min_version = STOX_TLS_1_2};

int stox_tls_context_options_init(stox_tls_context_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int is_options(const stox_tls_context_options *options) {
  return (options->min_version == STOX_TLS_1_2 || options->min_version == STOX_TLS_1_3) &&
         (options->ticket_key.n == 0 || options->ticket_key.n == STOX_TLS_TICKET_KEY_SIZE) &&
         options->priorities.n < PRIORITIES_MAX;
}

static int status_of(int code) {
  if (code >= 0) {
    return STOX_OK;
  }
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_ARG;
}

static int make_priorities(stox_tls_context *context, const stox_tls_context_options *options) {
  char text[PRIORITIES_MAX];
  const char *ours = options->min_version == STOX_TLS_1_3
                         ? "NONE:+VERS-TLS1.3:" COMMON
                         : "NONE:+VERS-TLS1.3:+VERS-TLS1.2:" COMMON;
  if (options->priorities.p != NULL) {
    memcpy(text, options->priorities.p, options->priorities.n);
    text[options->priorities.n] = '\0';
    ours = text;
  }
  return status_of(gnutls_priority_init(&context->priorities, ours, NULL));
}

int stox_tls_context_new(stox_tls_context **out, const stox_allocator *alloc,
                         const stox_tls_context_options *options) {
  stox_tls_context_options own = defaults;
  if (stox_options_read(&own, sizeof own, options) != STOX_OK || !is_options(&own)) {
    return STOX_E_ARG;
  }
  stox_tls_context *made = alloc->resize(alloc->ud, NULL, 0, sizeof *made);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->alloc = alloc;
  int status = make_priorities(made, &own);
  if (status == STOX_OK) {
    status = status_of(gnutls_certificate_allocate_credentials(&made->credentials));
  }
  if (status != STOX_OK) {
    stox_tls_context_free(made);
    return status;
  }
  if (own.ticket_key.n > 0) {
    memcpy(made->ticket_key, own.ticket_key.p, sizeof made->ticket_key);
    made->has_ticket_key = 1;
  }
  *out = made;
  return STOX_OK;
}

int stox_tls_context_add(stox_tls_context *context, stox_span chain, stox_span key) {
  const gnutls_datum_t certificate = stox_tls_datum(chain);
  const gnutls_datum_t secret = stox_tls_datum(key);
  if (chain.n == 0 || key.n == 0) {
    return STOX_E_SYNTAX;
  }
  const int status = stox_tls_own_add(context, chain, key);
  if (status != STOX_OK) {
    return status;
  }
  const int code = gnutls_certificate_set_x509_key_mem2(
      context->credentials, &certificate, &secret, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN);
  if (code < 0) {
    stox_tls_own_drop(context);
  }
  if (code >= 0) {
    context->certificates_n++;
    return STOX_OK;
  }
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_SYNTAX;
}

/* GnuTLS asks for what is stapled now; GnuTLS frees it. */
static int give_staple(gnutls_session_t session, void *ptr, gnutls_datum_t *out) {
  const stox_tls_staple *staple = ptr;
  (void)session;
  if (staple->n == 0) {
    return GNUTLS_E_NO_CERTIFICATE_STATUS;
  }
  out->data = gnutls_malloc(staple->n);
  if (out->data == NULL) {
    return GNUTLS_E_MEMORY_ERROR;
  }
  memcpy(out->data, staple->p, staple->n);
  out->size = (unsigned)staple->n;
  return GNUTLS_E_SUCCESS;
}

/* The place of a certificate's response; NULL where there is no memory for a new one. */
static stox_tls_staple *staple_of(stox_tls_context *context, size_t index) {
  stox_tls_staple *found = context->staples;
  while (found != NULL && found->index != index) {
    found = found->next;
  }
  if (found != NULL) {
    return found;
  }
  stox_tls_staple *made = context->alloc->resize(context->alloc->ud, NULL, 0, sizeof *made);
  if (made == NULL) {
    return NULL;
  }
  *made = (stox_tls_staple){context->staples, index, NULL, 0};
  if (gnutls_certificate_set_ocsp_status_request_function2(context->credentials, (unsigned)index,
                                                           give_staple, made) < 0 ||
      gnutls_certificate_set_ocsp_status_request_function2(
          stox_tls_own_at(context, index)->credentials, 0, give_staple, made) < 0) {
    (void)context->alloc->resize(context->alloc->ud, made, sizeof *made, 0);
    return NULL;
  }
  context->staples = made;
  return made;
}

int stox_tls_context_staple(stox_tls_context *context, size_t index, stox_span response) {
  if (index >= context->certificates_n) {
    return STOX_E_NONE;
  }
  stox_tls_staple *staple = staple_of(context, index);
  if (staple == NULL) {
    return STOX_E_NOMEM;
  }
  char *p = NULL;
  if (response.n > 0) {
    p = context->alloc->resize(context->alloc->ud, NULL, 0, response.n);
    if (p == NULL) {
      return STOX_E_NOMEM;
    }
    memcpy(p, response.p, response.n);
  }
  (void)context->alloc->resize(context->alloc->ud, staple->p, staple->n, 0);
  staple->p = p;
  staple->n = response.n;
  return STOX_OK;
}

static void free_staples(stox_tls_context *context) {
  const stox_allocator *alloc = context->alloc;
  while (context->staples != NULL) {
    stox_tls_staple *staple = context->staples;
    context->staples = staple->next;
    (void)alloc->resize(alloc->ud, staple->p, staple->n, 0);
    (void)alloc->resize(alloc->ud, staple, sizeof *staple, 0);
  }
}

void stox_tls_context_free(stox_tls_context *context) {
  if (context == NULL) {
    return;
  }
  if (context->credentials != NULL) {
    gnutls_certificate_free_credentials(context->credentials);
  }
  if (context->priorities != NULL) {
    gnutls_priority_deinit(context->priorities);
  }
  while (context->owns != NULL) {
    stox_tls_own_drop(context);
  }
  free_staples(context);
  gnutls_memset(context->ticket_key, 0, sizeof context->ticket_key);
  (void)context->alloc->resize(context->alloc->ud, context, sizeof *context, 0);
}
