/* SPDX-License-Identifier: MIT */
#include "certificate_support.h"

#include "stox/number.h"

/* Writes a tag, a length and a body that already lies in `room` behind its head's place. */
static size_t wrap(char *out, int tag, const char *body, size_t n) {
  size_t at = 0;
  out[at++] = (char)tag;
  if (n < 0x80) {
    out[at++] = (char)n;
  } else if (n < 0x100) {
    out[at++] = (char)0x81;
    out[at++] = (char)n;
  } else {
    assert_true(n < 0x1000000);
    out[at++] = (char)0x83;
    out[at++] = (char)(n >> 16);
    out[at++] = (char)(n >> 8);
    out[at++] = (char)n;
    if (n < 0x10000) {
      memmove(out + 2, out + 3, 2);
      out[1] = (char)0x82;
      at--;
    }
  }
  if (n > 0) {
    memmove(out + at, body, n);
  }
  return at + n;
}

static size_t other_name(char *out, const test_name *name) {
  static const char xmpp[] = "\x06\x08\x2B\x06\x01\x05\x05\x07\x08\x05";
  static const char srv[] = "\x06\x08\x2B\x06\x01\x05\x05\x07\x08\x07";
  char room[4096];
  char value[4096];
  const int is_xmpp = name->kind == STOX_IDENTITY_XMPP;
  const size_t inner = wrap(value, is_xmpp ? 0x0C : 0x16, name->value.p, name->value.n);
  memcpy(room, is_xmpp ? xmpp : srv, 10);
  const size_t n = wrap(room + 10, 0xA0, value, inner);
  return wrap(out, 0xA0, room, 10 + n);
}

static size_t general_name(char *out, const test_name *name) {
  static const int tags[] = {
      [STOX_IDENTITY_DNS] = 0x82, [STOX_IDENTITY_URI] = 0x86, [STOX_IDENTITY_IP] = 0x87};
  if (name->kind == STOX_IDENTITY_XMPP || name->kind == STOX_IDENTITY_SRV) {
    return other_name(out, name);
  }
  const int tag = name->kind < 0 ? -name->kind : tags[name->kind];
  return wrap(out, tag, name->value.p, name->value.n);
}

size_t test_names_der(char *out, const test_name *names, size_t n) {
  char *room = malloc(CERTIFICATE_ROOM);
  size_t at = 0;
  assert_non_null(room);
  for (size_t i = 0; i < n; i++) {
    at += general_name(room + at, &names[i]);
    assert_true(at < CERTIFICATE_ROOM - 8192);
  }
  const size_t whole = wrap(out, 0x30, room, at);
  free(room);
  return whole;
}

static void check_gnutls(int code) {
  if (code < 0) {
    fail_msg("%s", gnutls_strerror(code));
  }
}

static void put_extensions(gnutls_x509_crt_t crt, const test_recipe *r) {
  if (r->names_n > 0) {
    char *der = malloc(CERTIFICATE_ROOM);
    assert_non_null(der);
    const size_t n = test_names_der(der, r->names, r->names_n);
    check_gnutls(gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.17", der, n, 0));
    free(der);
  }
  if (r->is_ca) {
    const int length = r->path_length > 0 ? r->path_length : r->path_length < 0 ? 0 : -1;
    check_gnutls(gnutls_x509_crt_set_basic_constraints(crt, 1, length));
    check_gnutls(
        gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN));
  }
  if (r->permitted != NULL) {
    gnutls_x509_name_constraints_t constraints;
    const gnutls_datum_t name = {(unsigned char *)(uintptr_t)r->permitted,
                                 (unsigned)strlen(r->permitted)};
    check_gnutls(gnutls_x509_name_constraints_init(&constraints));
    check_gnutls(
        gnutls_x509_name_constraints_add_permitted(constraints, GNUTLS_SAN_DNSNAME, &name));
    check_gnutls(gnutls_x509_crt_set_name_constraints(crt, constraints, 1));
    gnutls_x509_name_constraints_deinit(constraints);
  }
  if (r->purpose != NULL) {
    check_gnutls(gnutls_x509_crt_set_key_purpose_oid(crt, r->purpose, 0));
  }
  if (r->ocsp != NULL) {
    gnutls_datum_t uri = {(unsigned char *)(uintptr_t)r->ocsp, (unsigned)strlen(r->ocsp)};
    check_gnutls(gnutls_x509_crt_set_authority_info_access(crt, GNUTLS_IA_OCSP_URI, &uri));
  }
  if (r->features != NULL) {
    check_gnutls(
        gnutls_x509_crt_set_extension_by_oid(crt, "1.3.6.1.5.5.7.1.24", r->features, 5, 1));
  }
  if (r->critical != NULL) {
    check_gnutls(gnutls_x509_crt_set_extension_by_oid(crt, r->critical, "\x05\x00", 2, 1));
  }
}

static void make_key(test_certificate *out, const test_recipe *r) {
  gnutls_datum_t pem;
  check_gnutls(gnutls_x509_privkey_init(&out->key));
  check_gnutls(r->rsa_bits > 0
                   ? gnutls_x509_privkey_generate(out->key, GNUTLS_PK_RSA, (unsigned)r->rsa_bits, 0)
                   : gnutls_x509_privkey_generate(out->key, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                                  0));
  check_gnutls(gnutls_x509_privkey_export2_pkcs8(out->key, GNUTLS_X509_FMT_PEM, NULL,
                                                 GNUTLS_PKCS_PLAIN, &pem));
  out->key_pem = (stox_span){(const char *)pem.data, pem.size};
}

static void put_serial(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key) {
  unsigned char id[32];
  size_t n = sizeof id;
  check_gnutls(gnutls_x509_privkey_get_key_id(key, 0, id, &n));
  id[0] = 1;
  check_gnutls(gnutls_x509_crt_set_serial(crt, id, 12));
  check_gnutls(gnutls_x509_crt_set_subject_key_id(crt, id, 20));
}

static void put_authority(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer) {
  unsigned char id[64];
  size_t n = sizeof id;
  check_gnutls(gnutls_x509_crt_get_subject_key_id(issuer, id, &n, NULL));
  check_gnutls(gnutls_x509_crt_set_authority_key_id(crt, id, n));
}

void test_certificate_make(test_certificate *out, const test_recipe *r,
                           const test_certificate *issuer) {
  gnutls_datum_t der;
  make_key(out, r);
  const test_certificate *signer = issuer == NULL ? out : issuer;
  check_gnutls(gnutls_x509_crt_init(&out->crt));
  check_gnutls(gnutls_x509_crt_set_version(out->crt, 3));
  check_gnutls(gnutls_x509_crt_set_key(out->crt, out->key));
  put_serial(out->crt, out->key);
  const int64_t from = TEST_NOW + (r->from == 0 ? -1 : r->from) * TEST_DAY;
  const int64_t to = TEST_NOW + (r->to == 0 ? 90 : r->to) * TEST_DAY;
  check_gnutls(gnutls_x509_crt_set_activation_time(out->crt, (time_t)from));
  check_gnutls(gnutls_x509_crt_set_expiration_time(out->crt, (time_t)to));
  if (r->cn != NULL) {
    check_gnutls(gnutls_x509_crt_set_dn_by_oid(out->crt, GNUTLS_OID_X520_COMMON_NAME, 0, r->cn,
                                               (unsigned)strlen(r->cn)));
  }
  put_extensions(out->crt, r);
  if (issuer != NULL && !r->no_identifier) {
    put_authority(out->crt, issuer->crt);
  }
  check_gnutls(gnutls_x509_crt_sign2(
      out->crt, signer->crt, signer->key,
      r->digest == 0 ? GNUTLS_DIG_SHA256 : (gnutls_digest_algorithm_t)r->digest, 0));
  check_gnutls(gnutls_x509_crt_export2(out->crt, GNUTLS_X509_FMT_DER, &der));
  out->der = (stox_span){(const char *)der.data, der.size};
}

void test_certificate_free(test_certificate *c) {
  gnutls_x509_crt_deinit(c->crt);
  gnutls_x509_privkey_deinit(c->key);
  gnutls_free((void *)(uintptr_t)c->der.p);
  gnutls_free((void *)(uintptr_t)c->key_pem.p);
}

stox_span test_crl_make(const test_certificate *issuer, const test_certificate *revoked,
                        int64_t to) {
  gnutls_x509_crl_t crl;
  gnutls_datum_t der;
  check_gnutls(gnutls_x509_crl_init(&crl));
  check_gnutls(gnutls_x509_crl_set_version(crl, 2));
  check_gnutls(gnutls_x509_crl_set_this_update(crl, (time_t)(TEST_NOW - 30 * TEST_DAY)));
  check_gnutls(gnutls_x509_crl_set_next_update(crl, (time_t)(TEST_NOW + to * TEST_DAY)));
  check_gnutls(gnutls_x509_crl_set_number(crl, "\x01", 1));
  if (revoked != NULL) {
    check_gnutls(gnutls_x509_crl_set_crt(crl, revoked->crt, (time_t)TEST_NOW));
  }
  check_gnutls(gnutls_x509_crl_sign2(crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0));
  check_gnutls(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der));
  gnutls_x509_crl_deinit(crl);
  char *copy = malloc(der.size);
  assert_non_null(copy);
  memcpy(copy, der.data, der.size);
  gnutls_free(der.data);
  return (stox_span){copy, der.size};
}

stox_span test_pem(stox_span der, const char *label) {
  const size_t room = der.n * 2 + 256;
  char *p = malloc(room);
  stox_buf out;
  stox_buf text;
  char *flat = malloc(room);
  assert_non_null(p);
  assert_non_null(flat);
  stox_buf_init(&text, flat, room);
  assert_status(stox_base64_write(&text, der, STOX_BASE64), STOX_OK);
  stox_buf_init(&out, p, room);
  (void)stox_buf_put_text(&out, "-----BEGIN ");
  (void)stox_buf_put_text(&out, label);
  (void)stox_buf_put_text(&out, "-----\n");
  for (size_t at = 0; at < text.len; at += 64) {
    (void)stox_buf_put(&out, stox_span_slice(stox_buf_span(&text), at, 64));
    (void)stox_buf_put_octet(&out, '\n');
  }
  (void)stox_buf_put_text(&out, "-----END ");
  (void)stox_buf_put_text(&out, label);
  assert_status(stox_buf_put_text(&out, "-----\n"), STOX_OK);
  free(flat);
  return stox_buf_span(&out);
}
