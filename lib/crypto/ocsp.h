/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_OCSP_H
#define STOX_CRYPTO_OCSP_H

#include "stox/ocsp.h"

/* A BasicOCSPResponse in parts, views of the response. */
typedef struct stox_ocsp_parts {
  stox_span signed_part; /* ResponseData, DER */
  stox_span algorithm;   /* content octets of the signature's OID */
  stox_span signature;
  stox_span responder_name; /* Name, DER; absent: by key */
  stox_span responder_key;  /* SHA-1 of its key; absent: by name */
  stox_span responses;      /* content of SEQUENCE OF SingleResponse */
  stox_span certificates;   /* Certificate after Certificate; absent: none */
  int has_critical;         /* a critical extension of the whole */
} stox_ocsp_parts;

/* STOX_OK, STOX_E_NONE for a responder's error, STOX_E_UNSUPPORTED or STOX_E_SYNTAX. */
int stox_ocsp_split(stox_ocsp_parts *out, stox_span response);

/* Looks for the answer about one certificate: STOX_OK, STOX_E_NONE, STOX_E_UNSUPPORTED for an
 * answer with a critical extension, STOX_E_SYNTAX or STOX_E_NOMEM. */
int stox_ocsp_find(stox_ocsp *out, const stox_ocsp_parts *parts,
                   const stox_certificate *certificate, const stox_certificate *issuer);

/* Whether the issuer or its delegate signed it: STOX_OK, STOX_E_AUTH, STOX_E_UNSUPPORTED,
 * STOX_E_NOMEM. */
int stox_ocsp_is_signed(const stox_ocsp_parts *parts, const stox_certificate *issuer,
                        int64_t wall_s, uint32_t flags);

/* The octets of a public key that hashes are made of: the BIT STRING's without its first. */
int stox_ocsp_key(stox_span *out, const stox_certificate *certificate);

#endif
