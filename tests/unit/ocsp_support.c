/* SPDX-License-Identifier: MIT */
#include "ocsp_support.h"

#include "stox/hash.h"

#include <gnutls/abstract.h>
#include <time.h>

enum { ROOM = 1 << 16 };

/* Octets that grow at their end; an element is begun, filled and closed. */
typedef struct writer {
  char *p;
  size_t n;
} writer;

static void put(writer *w, stox_span s) {
  assert_true(w->n + s.n < ROOM);
  if (s.n > 0) {
    memcpy(w->p + w->n, s.p, s.n);
  }
  w->n += s.n;
}

static size_t begin(writer *w, int tag) {
  const char head[] = {(char)tag, (char)0x83, 0, 0, 0};
  put(w, (stox_span){head, sizeof head});
  return w->n;
}

/* Writes the length in its shortest form. */
static void end(writer *w, size_t from) {
  const size_t n = w->n - from;
  const size_t octets = n < 0x80 ? 1 : n < 0x100 ? 2 : 3;
  char *length = w->p + from - 4;
  memmove(length + octets, w->p + from, n);
  w->n -= 4 - octets;
  if (octets == 1) {
    length[0] = (char)n;
  } else if (octets == 2) {
    length[0] = (char)0x81;
    length[1] = (char)n;
  } else {
    length[0] = (char)0x82;
    length[1] = (char)(n >> 8);
    length[2] = (char)n;
  }
}

static void put_element(writer *w, int tag, stox_span body) {
  const size_t at = begin(w, tag);
  put(w, body);
  end(w, at);
}

static void put_time(writer *w, int64_t offset) {
  char text[32];
  struct tm parts;
  const time_t when = (time_t)(TEST_NOW + offset);
  assert_non_null(gmtime_r(&when, &parts));
  const size_t n = strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &parts);
  put_element(w, 0x18, (stox_span){text, n});
}

static void put_critical(writer *w) {
  const size_t wrapped = begin(w, 0xA1);
  const size_t list = begin(w, 0x30);
  const size_t one = begin(w, 0x30);
  put(w, S("\x06\x03\x2A\x03\x04\x01\x01\xFF\x04\x02\x05\x00"));
  end(w, one);
  end(w, list);
  end(w, wrapped);
}

static stox_certificate view_of(const test_certificate *c) {
  stox_certificate view;
  assert_status(stox_certificate_parse(&view, c->der), STOX_OK);
  return view;
}

/* The public key behind the algorithm, without the octet that counts unused bits. */
static stox_span key_of(const stox_certificate *view) {
  const stox_span der = view->public_key;
  const size_t algorithm = 2U + (unsigned char)der.p[3];
  return stox_span_slice(der, 2 + algorithm + 3, der.n); /* of a P-256 key: all lengths are short */
}

static void put_hash(writer *w, int algorithm, stox_span octets) {
  unsigned char hash[STOX_HASH_MAX];
  assert_status(stox_hash(algorithm, octets, hash, sizeof hash), STOX_OK);
  put_element(w, 0x04, (stox_span){(const char *)hash, stox_hash_size(algorithm)});
}

static void put_id(writer *w, const test_response *r, const test_certificate *about,
                   const stox_certificate *issuer) {
  const stox_certificate view = view_of(about);
  const int algorithm = r->sha256 ? STOX_HASH_SHA256 : STOX_HASH_SHA1;
  const size_t id = begin(w, 0x30);
  const size_t oid = begin(w, 0x30);
  put(w, r->sha256 ? S("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00")
                   : S("\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00"));
  end(w, oid);
  put_hash(w, algorithm, issuer->subject);
  put_hash(w, algorithm, key_of(issuer));
  put_element(w, 0x02, view.serial);
  end(w, id);
}

static void put_status(writer *w, const test_response *r) {
  if (r->status != STOX_OCSP_REVOKED) {
    put_element(w, r->status == STOX_OCSP_GOOD ? 0x80 : 0x82, S(""));
    return;
  }
  const size_t at = begin(w, 0xA1);
  put_time(w, -7200);
  if (r->reason != 0) {
    const char reason[] = {0x0A, 1, (char)r->reason};
    put_element(w, 0xA0, (stox_span){reason, sizeof reason});
  }
  end(w, at);
}

static void put_single(writer *w, const test_response *r, const test_certificate *about,
                       const stox_certificate *issuer) {
  const size_t at = begin(w, 0x30);
  put_id(w, r, about, issuer);
  put_status(w, r);
  put_time(w, r->from == 0 ? -3600 : r->from);
  if (r->to != INT64_MIN) {
    const size_t next = begin(w, 0xA0);
    put_time(w, r->to == 0 ? INT64_C(7) * TEST_DAY : r->to);
    end(w, next);
  }
  if (r->single_critical) {
    put_critical(w);
  }
  end(w, at);
}

static void put_data(writer *w, const test_response *r, const test_certificate *about,
                     const test_certificate *issuer) {
  const test_response other = {.status = STOX_OCSP_REVOKED};
  const stox_certificate issuing = view_of(issuer);
  const stox_certificate signing = view_of(r->signer == NULL ? issuer : r->signer);
  const size_t data = begin(w, 0x30);
  const size_t responder = begin(w, r->by_key ? 0xA2 : 0xA1);
  if (r->by_key) {
    put_hash(w, STOX_HASH_SHA1, key_of(&signing));
  } else {
    put(w, signing.subject);
  }
  end(w, responder);
  put_time(w, -3600);
  const size_t list = begin(w, 0x30);
  if (r->first != NULL) {
    put_single(w, &other, r->first, &issuing);
  }
  put_single(w, r, about, &issuing);
  end(w, list);
  if (r->whole_critical) {
    put_critical(w);
  }
  end(w, data);
}

static void put_signature(writer *w, const test_response *r, const test_certificate *signer,
                          stox_span data) {
  const gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)data.p, (unsigned)data.n};
  gnutls_datum_t signature;
  gnutls_privkey_t key;
  const int weak = r->digest == GNUTLS_DIG_SHA1;
  assert_int_equal(gnutls_privkey_init(&key), 0);
  assert_int_equal(gnutls_privkey_import_x509(key, signer->key, 0), 0);
  assert_int_equal(
      gnutls_privkey_sign_data2(key, weak ? GNUTLS_SIGN_ECDSA_SHA1 : GNUTLS_SIGN_ECDSA_SHA256,
                                GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &bytes, &signature),
      0);
  put_element(w, 0x30,
              weak ? S("\x06\x07\x2A\x86\x48\xCE\x3D\x04\x01")
                   : S("\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02"));
  const size_t bits = begin(w, 0x03);
  put(w, S("\0"));
  put(w, (stox_span){(const char *)signature.data, signature.size});
  end(w, bits);
  gnutls_free(signature.data);
  gnutls_privkey_deinit(key);
}

static void put_basic(writer *w, const test_response *r, const test_certificate *about,
                      const test_certificate *issuer) {
  const test_certificate *signer = r->signer == NULL ? issuer : r->signer;
  const size_t basic = begin(w, 0x30);
  const size_t before = w->n;
  put_data(w, r, about, issuer);
  put_signature(w, r, signer, (stox_span){w->p + before, w->n - before});
  if (r->with_signer) {
    const size_t wrapped = begin(w, 0xA0);
    put_element(w, 0x30, signer->der);
    end(w, wrapped);
  }
  end(w, basic);
}

stox_span test_response_make(const test_response *r, const test_certificate *about,
                             const test_certificate *issuer) {
  writer w = {malloc(ROOM), 0};
  assert_non_null(w.p);
  const char status[] = {0x0A, 1, (char)r->failure};
  const size_t whole = begin(&w, 0x30);
  put(&w, (stox_span){status, sizeof status});
  if (r->failure == 0) {
    const size_t wrapped = begin(&w, 0xA0);
    const size_t bytes = begin(&w, 0x30);
    put(&w, S("\x06\x09\x2B\x06\x01\x05\x05\x07\x30\x01\x01"));
    const size_t octets = begin(&w, 0x04);
    put_basic(&w, r, about, issuer);
    end(&w, octets);
    end(&w, bytes);
    end(&w, wrapped);
  }
  end(&w, whole);
  char *exact = realloc(w.p, w.n);
  assert_non_null(exact);
  return (stox_span){exact, w.n};
}
