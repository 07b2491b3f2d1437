/* SPDX-License-Identifier: MIT */
#include "stox/chain.h"

#include "base/options.h"
#include "crypto/chain_path.h"
#include "stox/status.h"

#include <string.h>

static const stox_chain_rules defaults = {
    .size = sizeof(stox_chain_rules), .depth = STOX_PATH_MAX, .names = 65536};

const char *stox_chain_reason_name(uint32_t reason) {
  static const char *const names[] = {
      "ABSENT",         "MALFORMED",          "NOT_YET",          "EXPIRED",
      "UNKNOWN_ISSUER", "SELF_SIGNED",        "BAD_SIGNATURE",    "WEAK",
      "NOT_CA",         "CONSTRAINTS",        "UNKNOWN_CRITICAL", "WRONG_PURPOSE",
      "REVOKED",        "REVOCATION_UNKNOWN", "WRONG_NAME",       "BAD_NAMES",
      "PIN_MISMATCH",   "TOO_LONG",           "BAD_STAPLE",       "NO_STAPLE",
      "BY_HOST"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (reason == UINT32_C(1) << i) {
      return names[i];
    }
  }
  return "UNKNOWN";
}

int stox_chain_rules_init(stox_chain_rules *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int is_rules(const stox_chain_rules *rules) {
  return rules->depth > 0 && rules->depth <= STOX_PATH_MAX && rules->pins.n % STOX_PIN_SIZE == 0 &&
         (rules->pin_use == STOX_PIN_BESIDE || rules->pin_use == STOX_PIN_INSTEAD) &&
         (rules->revocation == STOX_REVOCATION_IF_KNOWN ||
          rules->revocation == STOX_REVOCATION_REQUIRE) &&
         (rules->staples_n == 0 || rules->staples != NULL);
}

/* The purposes of which a certificate must allow one; 0: any will do. */
static uint32_t purposes_of(const stox_chain_rules *rules) {
  static const uint32_t by_reference[] = {
      [STOX_REFERENCE_XMPP_SERVER] = STOX_PURPOSE_SERVER | STOX_PURPOSE_CLIENT,
      [STOX_REFERENCE_XMPP_SERVICE] = STOX_PURPOSE_SERVER,
      [STOX_REFERENCE_XMPP_CLIENT] = STOX_PURPOSE_CLIENT,
      [STOX_REFERENCE_SIP] = STOX_PURPOSE_SERVER | STOX_PURPOSE_CLIENT | STOX_PURPOSE_SIP_DOMAIN,
      [STOX_REFERENCE_HOST] = STOX_PURPOSE_SERVER,
  };
  if (rules->purposes != 0 || rules->reference == NULL) {
    return rules->purposes;
  }
  const size_t kind = (size_t)rules->reference->kind;
  return kind < sizeof by_reference / sizeof by_reference[0] ? by_reference[kind] : 0;
}

static int put_identities(stox_chain_verdict *out, stox_arena *arena,
                          const stox_certificate *certificate, const stox_chain_rules *rules) {
  stox_buf buf;
  stox_buf_init(&buf, NULL, 0);
  const int status = stox_certificate_identities(&buf, certificate, &out->skipped);
  if ((status != STOX_OK && status != STOX_E_NOBUF) || buf.len > rules->names) {
    out->reasons |= STOX_CHAIN_BAD_NAMES;
    return STOX_OK;
  }
  const size_t n = buf.len;
  char *p = stox_arena_take(arena, n + 1, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&buf, p, n);
  (void)stox_certificate_identities(&buf, certificate, NULL);
  out->identities = stox_buf_span(&buf);
  return STOX_OK;
}

/* What the peer's own certificate says of its holder. */
static int judge_holder(stox_chain_verdict *out, stox_arena *arena, stox_span der,
                        const stox_chain_rules *rules) {
  stox_certificate certificate;
  stox_identity which = {STOX_IDENTITY_NONE, {NULL, 0}};
  if (stox_certificate_parse(&certificate, der) != STOX_OK) {
    out->reasons |= STOX_CHAIN_MALFORMED;
    return STOX_OK;
  }
  const uint32_t purposes = purposes_of(rules);
  if (purposes != 0 && (certificate.purposes & (purposes | STOX_PURPOSE_ANY)) == 0) {
    out->reasons |= STOX_CHAIN_WRONG_PURPOSE;
  }
  int status = put_identities(out, arena, &certificate, rules);
  if (status != STOX_OK || rules->reference == NULL) {
    return status;
  }
  status = stox_identity_match(&which, rules->reference, out->identities);
  out->matched = which.kind;
  out->reasons |= status == STOX_E_AUTH ? STOX_CHAIN_WRONG_NAME : 0;
  return status == STOX_E_AUTH ? STOX_OK : status;
}

/* With a pin in place of an anchor nobody else has to vouch for the certificate. */
static int judge_pinned(stox_chain_verdict *out, stox_span der, const stox_chain_rules *rules) {
  stox_certificate certificate;
  if (stox_certificate_parse(&certificate, der) != STOX_OK) {
    return STOX_OK;
  }
  out->reasons |= stox_path_is_pinned(rules, &certificate) ? 0 : STOX_CHAIN_PIN_MISMATCH;
  out->reasons |= rules->wall_s < certificate.not_before ? STOX_CHAIN_NOT_YET : 0;
  out->reasons |= rules->wall_s > certificate.not_after ? STOX_CHAIN_EXPIRED : 0;
  out->reasons |= certificate.unknown_critical > 0 ? STOX_CHAIN_UNKNOWN_CRITICAL : 0;
  out->path = 1;
  return STOX_OK;
}

static int judge_path(stox_chain_verdict *out, const stox_span *chain, size_t n,
                      const stox_chain_rules *rules) {
  stox_path path;
  memset(&path, 0, sizeof path);
  path.rules = rules;
  path.chain = chain;
  path.chain_n = n;
  int status = stox_path_find(&path, chain, n);
  if (status == STOX_OK) {
    status = stox_path_check(&path);
  }
  if (status == STOX_OK) {
    status = stox_path_revocation(&path);
  }
  out->reasons |= path.reasons;
  out->reasons |= rules->pins.n > 0 && !path.has_pin ? STOX_CHAIN_PIN_MISMATCH : 0;
  out->path = (uint32_t)(path.n > 1 && path.has_anchor ? path.n - 1 : path.n);
  out->status = path.is_waiting ? STOX_E_MORE : STOX_OK;
  stox_path_clear(&path);
  return status;
}

static int judge(stox_chain_verdict *out, stox_arena *arena, const stox_span *chain, size_t n,
                 const stox_chain_rules *rules) {
  if (n == 0) {
    out->reasons = STOX_CHAIN_ABSENT;
    return STOX_OK;
  }
  out->reasons |= n > STOX_CHAIN_MAX ? STOX_CHAIN_TOO_LONG : 0;
  n = n > STOX_CHAIN_MAX ? STOX_CHAIN_MAX : n;
  const int status = judge_holder(out, arena, chain[0], rules);
  if (status != STOX_OK) {
    return status;
  }
  const int pinned = rules->pins.n > 0 && rules->pin_use == STOX_PIN_INSTEAD;
  return pinned ? judge_pinned(out, chain[0], rules) : judge_path(out, chain, n, rules);
}

/* The status that follows from the reasons, and the host's word on it. */
static void conclude(stox_chain_verdict *out, const stox_span *chain, size_t n,
                     const stox_chain_rules *rules) {
  out->status = out->reasons != 0 ? STOX_E_AUTH : out->status;
  if (rules->decide == NULL || out->status == STOX_E_MORE) {
    return;
  }
  const int told = rules->decide(rules->ud, out, chain, n);
  if (told == STOX_E_NONE) {
    return;
  }
  out->status = told == STOX_OK || told == STOX_E_MORE ? told : STOX_E_AUTH;
  out->reasons |= out->status == STOX_E_AUTH ? STOX_CHAIN_BY_HOST : 0;
}

int stox_chain_verify(stox_chain_verdict *out, stox_arena *arena, const stox_span *chain, size_t n,
                      const stox_chain_rules *rules) {
  stox_chain_rules own = defaults;
  stox_chain_verdict made;
  if (out->size < sizeof(size_t) || stox_options_read(&own, sizeof own, rules) != STOX_OK ||
      !is_rules(&own)) {
    return STOX_E_ARG;
  }
  memset(&made, 0, sizeof made);
  made.size = sizeof made;
  const int status = judge(&made, arena, chain, n, &own);
  if (status != STOX_OK) {
    return status;
  }
  conclude(&made, chain, n, &own);
  const size_t size = out->size;
  memcpy(out, &made, size < sizeof made ? size : sizeof made);
  out->size = size;
  return STOX_OK;
}
