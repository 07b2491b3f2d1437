/* SPDX-License-Identifier: MIT */
#include "crypto/ocsp.h"

#include "crypto/der.h"
#include "stox/hash.h"
#include "stox/status.h"

#include <string.h>

#define SPAN(literal)                                                                              \
  { literal, sizeof(literal) - 1 }

enum {
  EXPLICIT_0 = 0xA0,
  BY_NAME = 0xA1,
  BY_KEY = 0xA2,
  EXTENSIONS = 0xA1,
  ENUMERATED = 0x0A,
  GOOD = 0x80,
  REVOKED = 0xA1,
  UNKNOWN = 0x82
};

static const stox_span basic_response = SPAN("\x2B\x06\x01\x05\x05\x07\x30\x01\x01");
static const stox_span sha1 = SPAN("\x2B\x0E\x03\x02\x1A");
static const stox_span sha256 = SPAN("\x60\x86\x48\x01\x65\x03\x04\x02\x01");

int stox_ocsp_key(stox_span *out, const stox_certificate *certificate) {
  stox_span key = certificate->public_key;
  stox_span body;
  stox_span bits;
  if (stox_der_take(&body, NULL, &key, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(NULL, NULL, &body, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(&bits, NULL, &body, STOX_DER_BITS) != STOX_OK || bits.n < 1) {
    return STOX_E_SYNTAX;
  }
  *out = stox_span_slice(bits, 1, bits.n);
  return STOX_OK;
}

/* Extensions ::= SEQUENCE OF SEQUENCE { OID, critical DEFAULT FALSE, OCTET STRING }, below the tag
 * that stands around it. None is known here, so a critical one is one too many. */
static int find_critical(int *out, stox_span *in, int tag) {
  stox_span wrapped;
  stox_span list;
  stox_span one;
  stox_span flag;
  if (stox_der_peek(*in) != tag) {
    return STOX_OK;
  }
  if (stox_der_take(&wrapped, NULL, in, tag) != STOX_OK ||
      stox_der_take(&list, NULL, &wrapped, STOX_DER_SEQUENCE) != STOX_OK || wrapped.n != 0) {
    return STOX_E_SYNTAX;
  }
  while (list.n > 0) {
    if (stox_der_take(&one, NULL, &list, STOX_DER_SEQUENCE) != STOX_OK ||
        stox_der_take(NULL, NULL, &one, STOX_DER_OID) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
    if (stox_der_peek(one) == STOX_DER_BOOLEAN) {
      const int status = stox_der_take(&flag, NULL, &one, STOX_DER_BOOLEAN);
      *out |= status != STOX_OK || flag.n != 1 || flag.p[0] != 0;
    }
  }
  return STOX_OK;
}

static int split_responder(stox_ocsp_parts *out, stox_span *in) {
  stox_span id;
  if (stox_der_peek(*in) == BY_NAME) {
    return stox_der_take(&out->responder_name, NULL, in, BY_NAME);
  }
  if (stox_der_take(&id, NULL, in, BY_KEY) != STOX_OK ||
      stox_der_take(&out->responder_key, NULL, &id, STOX_DER_OCTETS) != STOX_OK || id.n != 0) {
    return STOX_E_SYNTAX;
  }
  return STOX_OK;
}

/* ResponseData ::= SEQUENCE { version [0] DEFAULT v1, responderID, producedAt, responses,
 * responseExtensions [1] OPTIONAL } */
static int split_data(stox_ocsp_parts *out) {
  stox_span in = out->signed_part;
  stox_span body;
  int64_t produced;
  if (stox_der_take(&body, NULL, &in, STOX_DER_SEQUENCE) != STOX_OK ||
      (stox_der_peek(body) == EXPLICIT_0 &&
       stox_der_take(NULL, NULL, &body, EXPLICIT_0) != STOX_OK) ||
      split_responder(out, &body) != STOX_OK || stox_der_time(&produced, &body) != STOX_OK ||
      stox_der_take(&out->responses, NULL, &body, STOX_DER_SEQUENCE) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  const int status = find_critical(&out->has_critical, &body, EXTENSIONS);
  return status == STOX_OK && body.n == 0 ? STOX_OK : STOX_E_SYNTAX;
}

/* BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature,
 * certs [0] OPTIONAL } */
static int split_basic(stox_ocsp_parts *out, stox_span in) {
  stox_span body;
  stox_span algorithm;
  stox_span bits;
  stox_span certificates;
  if (stox_der_take(&body, NULL, &in, STOX_DER_SEQUENCE) != STOX_OK || in.n != 0 ||
      stox_der_take(NULL, &out->signed_part, &body, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(&algorithm, NULL, &body, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(&out->algorithm, NULL, &algorithm, STOX_DER_OID) != STOX_OK ||
      stox_der_take(&bits, NULL, &body, STOX_DER_BITS) != STOX_OK || bits.n < 2 || bits.p[0] != 0) {
    return STOX_E_SYNTAX;
  }
  out->signature = stox_span_slice(bits, 1, bits.n);
  if (body.n > 0 &&
      (stox_der_take(&certificates, NULL, &body, EXPLICIT_0) != STOX_OK || body.n != 0 ||
       stox_der_take(&out->certificates, NULL, &certificates, STOX_DER_SEQUENCE) != STOX_OK ||
       certificates.n != 0)) {
    return STOX_E_SYNTAX;
  }
  return split_data(out);
}

/* OCSPResponse ::= SEQUENCE { responseStatus, responseBytes [0] SEQUENCE { responseType, response }
 * OPTIONAL } */
int stox_ocsp_split(stox_ocsp_parts *out, stox_span response) {
  stox_span body;
  stox_span status;
  stox_span wrapped;
  stox_span bytes;
  stox_span type;
  stox_span basic;
  memset(out, 0, sizeof *out);
  if (stox_der_take(&body, NULL, &response, STOX_DER_SEQUENCE) != STOX_OK || response.n != 0 ||
      stox_der_take(&status, NULL, &body, ENUMERATED) != STOX_OK || status.n != 1) {
    return STOX_E_SYNTAX;
  }
  if (status.p[0] != 0) {
    return STOX_E_NONE;
  }
  if (stox_der_take(&wrapped, NULL, &body, EXPLICIT_0) != STOX_OK || body.n != 0 ||
      stox_der_take(&bytes, NULL, &wrapped, STOX_DER_SEQUENCE) != STOX_OK || wrapped.n != 0 ||
      stox_der_take(&type, NULL, &bytes, STOX_DER_OID) != STOX_OK ||
      stox_der_take(&basic, NULL, &bytes, STOX_DER_OCTETS) != STOX_OK || bytes.n != 0) {
    return STOX_E_SYNTAX;
  }
  return stox_span_is_equal(type, basic_response) ? split_basic(out, basic) : STOX_E_UNSUPPORTED;
}

/* 1: the hash of these octets; 0; a failure of the hash. */
static int is_hash_of(int algorithm, stox_span hash, stox_span octets) {
  unsigned char made[STOX_HASH_MAX];
  const int status = stox_hash(algorithm, octets, made, sizeof made);
  return status != STOX_OK
             ? status
             : stox_span_is_equal(hash, (stox_span){(const char *)made, stox_hash_size(algorithm)});
}

/* CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }: 1: it is this
 * certificate's; 0: another's; negative: a failure. */
static int is_about(stox_span id, const stox_certificate *certificate,
                    const stox_certificate *issuer) {
  stox_span algorithm;
  stox_span oid;
  stox_span name;
  stox_span key;
  stox_span serial;
  stox_span octets;
  if (stox_der_take(&algorithm, NULL, &id, STOX_DER_SEQUENCE) != STOX_OK ||
      stox_der_take(&oid, NULL, &algorithm, STOX_DER_OID) != STOX_OK ||
      stox_der_take(&name, NULL, &id, STOX_DER_OCTETS) != STOX_OK ||
      stox_der_take(&key, NULL, &id, STOX_DER_OCTETS) != STOX_OK ||
      stox_der_take(&serial, NULL, &id, STOX_DER_INTEGER) != STOX_OK || id.n != 0 ||
      stox_ocsp_key(&octets, issuer) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  const int known = stox_span_is_equal(oid, sha1)     ? STOX_HASH_SHA1
                    : stox_span_is_equal(oid, sha256) ? STOX_HASH_SHA256
                                                      : 0;
  if (known == 0 || !stox_span_is_equal(serial, certificate->serial)) {
    return 0;
  }
  const int is_name = is_hash_of(known, name, issuer->subject);
  return is_name == 1 ? is_hash_of(known, key, octets) : is_name;
}

/* RevokedInfo ::= SEQUENCE { revocationTime, revocationReason [0] ENUMERATED OPTIONAL } */
static int read_revoked(stox_ocsp *out, stox_span in) {
  stox_span wrapped;
  stox_span reason;
  out->status = STOX_OCSP_REVOKED;
  if (stox_der_time(&out->revoked_at, &in) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  if (in.n == 0) {
    return STOX_OK;
  }
  if (stox_der_take(&wrapped, NULL, &in, EXPLICIT_0) != STOX_OK || in.n != 0 ||
      stox_der_take(&reason, NULL, &wrapped, ENUMERATED) != STOX_OK || wrapped.n != 0 ||
      reason.n != 1) {
    return STOX_E_SYNTAX;
  }
  out->reason = (unsigned char)reason.p[0];
  return STOX_OK;
}

static int read_status(stox_ocsp *out, stox_span *in) {
  stox_der status;
  if (stox_der_next(&status, in) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  switch (status.tag) {
  case GOOD:
    out->status = STOX_OCSP_GOOD;
    return STOX_OK;
  case UNKNOWN:
    out->status = STOX_OCSP_UNKNOWN;
    return STOX_OK;
  case REVOKED:
    return read_revoked(out, status.body);
  default:
    return STOX_E_SYNTAX;
  }
}

/* certStatus, thisUpdate, nextUpdate [0] OPTIONAL, singleExtensions [1] OPTIONAL */
static int read_answer(stox_ocsp *out, stox_span in) {
  stox_span wrapped;
  int critical = 0;
  *out = (stox_ocsp){sizeof *out, STOX_OCSP_UNKNOWN, -1, 0, INT64_MIN, INT64_MIN};
  if (read_status(out, &in) != STOX_OK || stox_der_time(&out->this_update, &in) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  if (stox_der_peek(in) == EXPLICIT_0 &&
      (stox_der_take(&wrapped, NULL, &in, EXPLICIT_0) != STOX_OK ||
       stox_der_time(&out->next_update, &wrapped) != STOX_OK || wrapped.n != 0)) {
    return STOX_E_SYNTAX;
  }
  if (find_critical(&critical, &in, EXTENSIONS) != STOX_OK || in.n != 0) {
    return STOX_E_SYNTAX;
  }
  return critical ? STOX_E_UNSUPPORTED : STOX_OK;
}

int stox_ocsp_find(stox_ocsp *out, const stox_ocsp_parts *parts,
                   const stox_certificate *certificate, const stox_certificate *issuer) {
  stox_span list = parts->responses;
  while (list.n > 0) {
    stox_span single;
    stox_span id;
    if (stox_der_take(&single, NULL, &list, STOX_DER_SEQUENCE) != STOX_OK ||
        stox_der_take(&id, NULL, &single, STOX_DER_SEQUENCE) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
    const int about = is_about(id, certificate, issuer);
    if (about != 0) {
      return about == 1 ? read_answer(out, single) : about;
    }
  }
  return STOX_E_NONE;
}

/* STOX_OK or STOX_E_TIMEOUT. */
static int is_current(const stox_ocsp *answer, int64_t wall_s) {
  if (answer->status == STOX_OCSP_REVOKED) {
    return STOX_OK;
  }
  const int64_t until =
      answer->next_update != INT64_MIN ? answer->next_update : answer->this_update + STOX_OCSP_AGE;
  return answer->this_update - STOX_OCSP_SKEW <= wall_s && wall_s <= until ? STOX_OK
                                                                           : STOX_E_TIMEOUT;
}

int stox_ocsp_check(stox_ocsp *out, stox_span response, stox_span certificate, stox_span issuer,
                    int64_t wall_s, uint32_t flags) {
  stox_ocsp_parts parts;
  stox_certificate about;
  stox_certificate signer;
  stox_ocsp made;
  const size_t size = out->size;
  if (size < sizeof(size_t)) {
    return STOX_E_ARG;
  }
  if (stox_certificate_parse(&about, certificate) != STOX_OK ||
      stox_certificate_parse(&signer, issuer) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  int status = stox_ocsp_split(&parts, response);
  if (status == STOX_OK) {
    status =
        parts.has_critical ? STOX_E_UNSUPPORTED : stox_ocsp_find(&made, &parts, &about, &signer);
  }
  if (status == STOX_OK) {
    status = stox_ocsp_is_signed(&parts, &signer, wall_s, flags);
  }
  if (status != STOX_OK) {
    return status;
  }
  memcpy(out, &made, size < sizeof made ? size : sizeof made);
  out->size = size;
  return is_current(&made, wall_s);
}
