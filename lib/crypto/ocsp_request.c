/* SPDX-License-Identifier: MIT */
#include "crypto/der.h"
#include "crypto/ocsp.h"
#include "stox/hash.h"
#include "stox/status.h"

enum { SHA1_OCTETS = 20, SERIAL_MAX = 32 };

/* A hash as OCTET STRING. */
static int put_hash(stox_buf *out, stox_span octets) {
  unsigned char hash[SHA1_OCTETS];
  const int status = stox_hash(STOX_HASH_SHA1, octets, hash, sizeof hash);
  if (status == STOX_OK) {
    (void)stox_buf_put_octet(out, (char)STOX_DER_OCTETS);
    (void)stox_buf_put_octet(out, SHA1_OCTETS);
    (void)stox_buf_put(out, (stox_span){(const char *)hash, sizeof hash});
  }
  return status;
}

static void put_head(stox_buf *out, size_t n) {
  (void)stox_buf_put_octet(out, (char)STOX_DER_SEQUENCE);
  (void)stox_buf_put_octet(out, (char)n);
}

/* OCSPRequest ::= SEQUENCE { TBSRequest { requestList SEQUENCE OF Request { CertID } } }: all
 * lengths fit one octet, for a serial number has twenty at most (RFC 5280 4.1.2.2). */
static int put_request(stox_buf *out, const stox_certificate *certificate,
                       const stox_certificate *issuer, stox_span key) {
  static const char algorithm[] = "\x30\x09\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00";
  const size_t id =
      sizeof algorithm - 1 + 2 * (2 + (size_t)SHA1_OCTETS) + 2 + certificate->serial.n;
  for (size_t around = 5; around-- > 0;) {
    put_head(out, id + 2 * around);
  }
  (void)stox_buf_put(out, (stox_span){algorithm, sizeof algorithm - 1});
  int status = put_hash(out, issuer->subject);
  if (status == STOX_OK) {
    status = put_hash(out, key);
  }
  (void)stox_buf_put_octet(out, (char)STOX_DER_INTEGER);
  (void)stox_buf_put_octet(out, (char)certificate->serial.n);
  (void)stox_buf_put(out, certificate->serial);
  return status;
}

int stox_ocsp_request(stox_buf *out, stox_span certificate, stox_span issuer) {
  stox_certificate about;
  stox_certificate signer;
  stox_span key;
  const size_t before = out->len;
  if (stox_certificate_parse(&about, certificate) != STOX_OK ||
      stox_certificate_parse(&signer, issuer) != STOX_OK || about.serial.n > SERIAL_MAX ||
      stox_ocsp_key(&key, &signer) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  const int status = put_request(out, &about, &signer, key);
  if (status != STOX_OK) {
    out->len = before;
    return status;
  }
  return stox_buf_status(out);
}
