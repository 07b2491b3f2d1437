/* SPDX-License-Identifier: MIT */
/* The certificates of a context one by one: which of them speaks for a name. */
#include "crypto/tls.h"
#include "stox/status.h"

#include <gnutls/x509.h>

static void free_own(const stox_allocator *alloc, stox_tls_own *own) {
  if (own->credentials != NULL) {
    gnutls_certificate_free_credentials(own->credentials);
  }
  if (own->identities.n > 0) {
    (void)alloc->resize(alloc->ud, (char *)(uintptr_t)own->identities.p, own->identities.n, 0);
  }
  (void)alloc->resize(alloc->ud, own, sizeof *own, 0);
}

static int status_of(int code) {
  if (code >= 0) {
    return STOX_OK;
  }
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_SYNTAX;
}

static int keep_identities(stox_tls_own *own, const stox_allocator *alloc,
                           const stox_certificate *certificate) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  int status = stox_certificate_identities(&out, certificate, NULL);
  if (status != STOX_E_NOBUF) {
    return STOX_OK; /* it has no name, or none that can be read: it speaks for none */
  }
  const size_t n = out.len;
  char *p = alloc->resize(alloc->ud, NULL, 0, n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  own->identities = (stox_span){p, n};
  stox_buf_init(&out, p, n);
  return stox_certificate_identities(&out, certificate, NULL);
}

/* The names of the first certificate of the chain. */
static int read_identities(stox_tls_own *own, const stox_allocator *alloc, stox_span chain) {
  stox_arena arena;
  stox_span der = {NULL, 0};
  size_t cursor = 0;
  stox_certificate certificate;
  stox_arena_init(&arena, NULL, 0, 0, alloc);
  int status = stox_pem_next(&der, &arena, chain, "CERTIFICATE", &cursor);
  if (status == STOX_OK) {
    status = stox_certificate_parse(&certificate, der) == STOX_OK
                 ? keep_identities(own, alloc, &certificate)
                 : STOX_OK;
  }
  stox_arena_clear(&arena);
  return status == STOX_E_NOMEM ? status : STOX_OK;
}

int stox_tls_own_add(stox_tls_context *context, stox_span chain, stox_span key) {
  const stox_allocator *alloc = context->alloc;
  const gnutls_datum_t certificate = stox_tls_datum(chain);
  const gnutls_datum_t secret = stox_tls_datum(key);
  stox_tls_own *own = alloc->resize(alloc->ud, NULL, 0, sizeof *own);
  if (own == NULL) {
    return STOX_E_NOMEM;
  }
  *own = (stox_tls_own){.next = context->owns, .index = context->certificates_n};
  int status = status_of(gnutls_certificate_allocate_credentials(&own->credentials));
  if (status == STOX_OK) {
    status = status_of(gnutls_certificate_set_x509_key_mem2(
        own->credentials, &certificate, &secret, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN));
  }
  if (status == STOX_OK) {
    status = read_identities(own, alloc, chain);
  }
  if (status != STOX_OK) {
    free_own(alloc, own);
    return status;
  }
  context->owns = own;
  return STOX_OK;
}

void stox_tls_own_drop(stox_tls_context *context) {
  stox_tls_own *own = context->owns;
  context->owns = own->next;
  free_own(context->alloc, own);
}

const stox_tls_own *stox_tls_own_at(const stox_tls_context *context, size_t index) {
  const stox_tls_own *own = context->owns;
  while (own != NULL && own->index != index) {
    own = own->next;
  }
  return own;
}

static int answers(const stox_tls_own *own, stox_span name) {
  static const int kinds[] = {STOX_REFERENCE_XMPP_SERVER, STOX_REFERENCE_XMPP_SERVICE,
                              STOX_REFERENCE_SIP, STOX_REFERENCE_HOST};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    const stox_reference reference = {kinds[i], STOX_REFERENCE_ALLOW_CN, name};
    if (stox_identity_match(NULL, &reference, own->identities) == STOX_OK) {
      return 1;
    }
  }
  return 0;
}

/* Of several, the one that was added first; so too for a client without a name, which GnuTLS would
 * let show none of several. */
gnutls_certificate_credentials_t stox_tls_own_credentials(const stox_tls_context *context,
                                                          stox_span name, int is_server) {
  const stox_tls_own *first = is_server ? NULL : stox_tls_own_at(context, 0);
  gnutls_certificate_credentials_t found =
      first == NULL ? context->credentials : first->credentials;
  for (const stox_tls_own *own = context->owns; name.n > 0 && own != NULL; own = own->next) {
    if (answers(own, name)) {
      found = own->credentials;
    }
  }
  return found;
}
