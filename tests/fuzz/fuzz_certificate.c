/* SPDX-License-Identifier: MIT */
/* Certificates, PEM and names: no input breaks them, what they say holds together, and GnuTLS says
 * the same of what it reads too. */
#include "stox/chain.h"
#include "stox/status.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 18, NOW = 1700000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char room[ROOM];

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static void require_inside(stox_span part, stox_span text) {
  require(part.p == NULL || (part.p >= text.p && part.n <= text.n - (size_t)(part.p - text.p)));
}

/* Lines come back as they were put, and each is an identity. */
static void walk(stox_span lines) {
  static char again[ROOM];
  stox_buf out;
  stox_identity identity;
  size_t cursor = 0;
  stox_buf_init(&out, again, sizeof again);
  while (stox_identity_next(&identity, lines, &cursor) == STOX_OK) {
    require_inside(identity.value, lines);
    require(stox_identity_put(&out, &identity) == STOX_OK);
  }
  require(stox_span_is_equal(stox_buf_span(&out), lines));
}

static void match(stox_span name, stox_span lines) {
  for (int kind = STOX_REFERENCE_XMPP_SERVER; kind <= STOX_REFERENCE_HOST; kind++) {
    const stox_reference reference = {kind, STOX_REFERENCE_ALLOW_CN, name};
    stox_identity which;
    if (stox_identity_match(&which, &reference, lines) == STOX_OK) {
      require_inside(which.value, lines);
      require(name.n > 0 && which.kind != STOX_IDENTITY_NONE);
    }
  }
}

static void compare(const stox_certificate *own) {
  const gnutls_datum_t der = {(unsigned char *)(uintptr_t)own->der.p, (unsigned)own->der.n};
  unsigned char pin[STOX_PIN_SIZE];
  unsigned char id[STOX_PIN_SIZE];
  size_t n = sizeof id;
  gnutls_x509_crt_t crt;
  require(gnutls_x509_crt_init(&crt) == 0);
  if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0) {
    const time_t from = gnutls_x509_crt_get_activation_time(crt);
    const time_t to = gnutls_x509_crt_get_expiration_time(crt);
    /* It has no times before 1970. */
    require(from == (time_t)-1 || own->not_before < 0 || from == own->not_before);
    require(to == (time_t)-1 || own->not_after < 0 || to == own->not_after);
    if (gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, id, &n) == 0) {
      require(stox_certificate_pin(pin, own) == STOX_OK && memcmp(pin, id, n) == 0);
    }
  }
  gnutls_x509_crt_deinit(crt);
}

static void judge(stox_span der) {
  stox_anchors *anchors;
  stox_chain_rules rules;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena arena;
  require(stox_anchors_new(&anchors, stox_allocator_libc()) == STOX_OK);
  (void)stox_anchors_add(anchors, der, NULL);
  require(stox_chain_rules_init(&rules, sizeof rules) == STOX_OK);
  rules.wall_s = NOW;
  const stox_span chain[] = {der, der};
  for (int trusted = 0; trusted < 2; trusted++) {
    rules.anchors = trusted ? anchors : NULL;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    const int status = stox_chain_verify(&verdict, &arena, chain, 2, &rules);
    require(status == STOX_OK);
    require((verdict.status == STOX_OK) == (verdict.reasons == 0));
    require(trusted || verdict.status != STOX_OK);
  }
  stox_anchors_free(anchors);
}

static void certificate(stox_span der) {
  stox_certificate parsed;
  stox_buf out;
  uint32_t skipped;
  judge(der);
  if (stox_certificate_parse(&parsed, der) != STOX_OK) {
    return;
  }
  require_inside(parsed.subject, der);
  require_inside(parsed.alternatives, der);
  require_inside(parsed.public_key, der);
  compare(&parsed);
  stox_buf_init(&out, room, sizeof room);
  const int status = stox_certificate_identities(&out, &parsed, &skipped);
  require(status == STOX_OK || out.len == 0);
  walk(stox_buf_span(&out));
  match((stox_span){"example.com", 11}, stox_buf_span(&out));
}

static void pem(stox_span text) {
  stox_arena arena;
  stox_span der;
  size_t cursor = 0;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  while (stox_pem_next(&der, &arena, text, "CERTIFICATE", &cursor) == STOX_OK) {
    require(cursor > 0 && der.n < text.n);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span text = {(const char *)data, size};
  certificate(text);
  pem(text);
  const size_t line = stox_span_find(text, '\n');
  match(stox_span_slice(text, 0, line), stox_span_slice(text, line + 1, size));
  return 0;
}
