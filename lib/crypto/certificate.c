/* SPDX-License-Identifier: MIT */
#include "stox/certificate.h"

#include "crypto/der.h"
#include "stox/hash.h"
#include "stox/status.h"

#include <string.h>

#define SPAN(literal)                                                                              \
  { literal, sizeof(literal) - 1 }

enum { VERSION_TAG = 0xA0, ISSUER_ID = 0x81, SUBJECT_ID = 0x82, EXTENSIONS_TAG = 0xA3 };
enum { EXTENSIONS_MAX = 64, ACCESS_URI = 0x86, STATUS_REQUEST = 5 };

/* The arcs below id-ce (2.5.29) that a verifier handles: ours or GnuTLS. */
enum { ALTERNATIVES = 17, PURPOSES = 37 };
static const unsigned char known[] = {15, ALTERNATIVES, 19, 30, 32, PURPOSES};

/* RFC 7633 6, RFC 5280 4.2.2.1. */
static const stox_span tls_features = SPAN("\x2B\x06\x01\x05\x05\x07\x01\x18");
static const stox_span authority_access = SPAN("\x2B\x06\x01\x05\x05\x07\x01\x01");
static const stox_span access_ocsp = SPAN("\x2B\x06\x01\x05\x05\x07\x30\x01");

typedef struct extension {
  stox_span oid;
  stox_span value;
  int critical;
} extension;

/* Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue } */
static int read_extension(extension *out, stox_span *in) {
  stox_span body;
  stox_span flag;
  out->critical = 0;
  if (stox_der_take(&body, NULL, in, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(&out->oid, NULL, &body, STOX_DER_OID) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  if (stox_der_peek(body) == STOX_DER_BOOLEAN) {
    if (stox_der_take(&flag, NULL, &body, STOX_DER_BOOLEAN) != STOX_OK || flag.n != 1) {
      return STOX_E_SYNTAX;
    }
    out->critical = flag.p[0] != 0;
  }
  const int status = stox_der_take(&out->value, NULL, &body, STOX_DER_OCTETS);
  return status == STOX_OK && body.n == 0 ? STOX_OK : STOX_E_SYNTAX;
}

/* The arc below id-ce; -1 for another extension. */
static int arc_of(stox_span oid) {
  const int is_ce = oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1D;
  return is_ce ? (unsigned char)oid.p[2] : -1;
}

static int is_known(stox_span oid) {
  const int arc = arc_of(oid);
  return (arc >= 0 && memchr(known, arc, sizeof known) != NULL) ||
         stox_span_is_equal(oid, tls_features);
}

static uint32_t purpose_of(stox_span oid) {
  static const struct {
    stox_span oid;
    uint32_t purpose;
  } rows[] = {
      {SPAN("\x55\x1D\x25\x00"), STOX_PURPOSE_ANY},
      {SPAN("\x2B\x06\x01\x05\x05\x07\x03\x01"), STOX_PURPOSE_SERVER},
      {SPAN("\x2B\x06\x01\x05\x05\x07\x03\x02"), STOX_PURPOSE_CLIENT},
      {SPAN("\x2B\x06\x01\x05\x05\x07\x03\x14"), STOX_PURPOSE_SIP_DOMAIN},
      {SPAN("\x2B\x06\x01\x05\x05\x07\x03\x09"), STOX_PURPOSE_OCSP},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (stox_span_is_equal(oid, rows[i].oid)) {
      return rows[i].purpose;
    }
  }
  return STOX_PURPOSE_OTHER;
}

static int read_purposes(uint32_t *out, stox_span value) {
  stox_span list;
  stox_span oid;
  *out = 0;
  if (stox_der_take(&list, NULL, &value, STOX_DER_SEQUENCE) != STOX_OK || value.n != 0) {
    return STOX_E_SYNTAX;
  }
  while (list.n > 0) {
    if (stox_der_take(&oid, NULL, &list, STOX_DER_OID) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
    *out |= purpose_of(oid);
  }
  return *out == 0 ? STOX_E_SYNTAX : STOX_OK;
}

/* Features ::= SEQUENCE OF INTEGER, the numbers of TLS extensions. */
static int read_features(uint32_t *out, stox_span value) {
  stox_span list;
  stox_span number;
  if (stox_der_take(&list, NULL, &value, STOX_DER_SEQUENCE) != STOX_OK || value.n != 0) {
    return STOX_E_SYNTAX;
  }
  while (list.n > 0) {
    if (stox_der_take(&number, NULL, &list, STOX_DER_INTEGER) != STOX_OK || number.n == 0) {
      return STOX_E_SYNTAX;
    }
    const int is_status = number.n == 1 && number.p[0] == STATUS_REQUEST;
    *out |= is_status ? STOX_FEATURE_STAPLE : STOX_FEATURE_OTHER;
  }
  return STOX_OK;
}

/* AuthorityInfoAccessSyntax ::= SEQUENCE OF SEQUENCE { accessMethod, accessLocation } */
static int read_access(stox_span *out, stox_span value) {
  stox_span list;
  stox_span pair;
  stox_span method;
  stox_der location;
  if (stox_der_take(&list, NULL, &value, STOX_DER_SEQUENCE) != STOX_OK || value.n != 0) {
    return STOX_E_SYNTAX;
  }
  while (list.n > 0) {
    if (stox_der_take(&pair, NULL, &list, STOX_DER_SEQUENCE) != STOX_OK ||
        stox_der_take(&method, NULL, &pair, STOX_DER_OID) != STOX_OK ||
        stox_der_next(&location, &pair) != STOX_OK || pair.n != 0) {
      return STOX_E_SYNTAX;
    }
    if (out->p == NULL && location.tag == ACCESS_URI && stox_span_is_equal(method, access_ocsp)) {
      *out = location.body;
    }
  }
  return STOX_OK;
}

static int use_extension(stox_certificate *out, const extension *e) {
  stox_span value = e->value;
  if (stox_span_is_equal(e->oid, tls_features)) {
    return read_features(&out->features, value);
  }
  if (stox_span_is_equal(e->oid, authority_access)) {
    out->unknown_critical += (uint32_t)e->critical;
    return read_access(&out->ocsp, value);
  }
  switch (arc_of(e->oid)) {
  case ALTERNATIVES:
    return stox_der_take(&out->alternatives, NULL, &value, STOX_DER_SEQUENCE) == STOX_OK &&
                   value.n == 0
               ? STOX_OK
               : STOX_E_SYNTAX;
  case PURPOSES:
    return read_purposes(&out->purposes, value);
  default:
    out->unknown_critical += e->critical && !is_known(e->oid);
    return STOX_OK;
  }
}

static int is_among(stox_span oid, const stox_span *seen, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (stox_span_is_equal(oid, seen[i])) {
      return 1;
    }
  }
  return 0;
}

static int read_extensions(stox_certificate *out, stox_span list) {
  stox_span seen[EXTENSIONS_MAX];
  size_t n = 0;
  while (list.n > 0) {
    extension e;
    if (n == EXTENSIONS_MAX) {
      return STOX_E_TOO_MANY;
    }
    int status = read_extension(&e, &list);
    if (status == STOX_OK && is_among(e.oid, seen, n)) {
      status = STOX_E_REPEATED;
    }
    if (status == STOX_OK) {
      status = use_extension(out, &e);
    }
    if (status != STOX_OK) {
      return status;
    }
    seen[n++] = e.oid;
  }
  return n == 0 ? STOX_E_SYNTAX : STOX_OK;
}

static int read_version(int *out, stox_span *in) {
  stox_span body;
  stox_span number;
  *out = 1;
  if (stox_der_peek(*in) != VERSION_TAG) {
    return STOX_OK;
  }
  if (stox_der_take(&body, NULL, in, VERSION_TAG) != STOX_OK ||
      stox_der_take(&number, NULL, &body, STOX_DER_INTEGER) != STOX_OK || body.n != 0 ||
      number.n != 1 || (unsigned char)number.p[0] > 2) {
    return STOX_E_SYNTAX;
  }
  *out = number.p[0] + 1;
  return STOX_OK;
}

static int read_validity(stox_certificate *out, stox_span *in) {
  stox_span body;
  if (stox_der_take(&body, NULL, in, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_time(&out->not_before, &body) != STOX_OK ||
      stox_der_time(&out->not_after, &body) != STOX_OK || body.n != 0) {
    return STOX_E_SYNTAX;
  }
  return STOX_OK;
}

/* What follows the public key: unique identifiers of old, extensions. */
static int read_tail(stox_certificate *out, int version, stox_span in) {
  static const int identifiers[] = {ISSUER_ID, SUBJECT_ID};
  stox_span body;
  stox_span list;
  for (size_t i = 0; i < sizeof identifiers / sizeof identifiers[0]; i++) {
    if (stox_der_peek(in) == identifiers[i] &&
        stox_der_take(&body, NULL, &in, identifiers[i]) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
  }
  if (in.n == 0) {
    return STOX_OK;
  }
  if (stox_der_take(&body, NULL, &in, EXTENSIONS_TAG) != STOX_OK || in.n != 0 ||
      stox_der_take(&list, NULL, &body, STOX_DER_SEQUENCE) != STOX_OK || body.n != 0) {
    return STOX_E_SYNTAX;
  }
  return version == 3 ? read_extensions(out, list) : STOX_E_BAD_VERSION;
}

static int read_body(stox_certificate *out, stox_span in) {
  int version;
  if (read_version(&version, &in) != STOX_OK ||
      stox_der_take(&out->serial, NULL, &in, STOX_DER_INTEGER) != STOX_OK || out->serial.n == 0 ||
      stox_der_take(NULL, NULL, &in, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(NULL, &out->issuer, &in, STOX_DER_SEQUENCE) != STOX_OK ||
      read_validity(out, &in) != STOX_OK ||
      stox_der_take(NULL, &out->subject, &in, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(NULL, &out->public_key, &in, STOX_DER_SEQUENCE) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  return read_tail(out, version, in);
}

int stox_certificate_parse(stox_certificate *out, stox_span der) {
  stox_certificate made;
  stox_span left = der;
  stox_span whole;
  stox_span body;
  memset(&made, 0, sizeof made);
  made.der = der;
  made.purposes = STOX_PURPOSE_ANY;
  if (stox_der_take(&whole, NULL, &left, STOX_DER_SEQUENCE) != STOX_OK || left.n != 0 ||
      stox_der_take(&body, NULL, &whole, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(NULL, NULL, &whole, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(NULL, NULL, &whole, STOX_DER_BITS) != STOX_OK || whole.n != 0) {
    return STOX_E_SYNTAX;
  }
  const int status = read_body(&made, body);
  if (status == STOX_OK) {
    *out = made;
  }
  return status;
}

int stox_certificate_pin(unsigned char *out, const stox_certificate *certificate) {
  return stox_hash(STOX_HASH_SHA256, certificate->public_key, out, STOX_PIN_SIZE);
}
