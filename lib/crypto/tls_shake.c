/* SPDX-License-Identifier: MIT */
#include "crypto/tls.h"
#include "stox/status.h"

#include <gnutls/ocsp.h>

#include <string.h>

/* An alert that GnuTLS has no name for (RFC 6066 8). */
enum { BAD_STATUS_RESPONSE = 113 };

int stox_tls_fail(stox_tls *tls, int status) {
  tls->state = STOX_TLS_FAILED;
  tls->failure = tls->no_memory ? STOX_E_NOMEM : status;
  return tls->failure;
}

/* What an error of GnuTLS's means to a host. */
static int status_of(int code) {
  static const struct {
    int code;
    int status;
  } rows[] = {
      {GNUTLS_E_MEMORY_ERROR, STOX_E_NOMEM},
      {GNUTLS_E_PREMATURE_TERMINATION, STOX_E_TRUNCATED},
      {GNUTLS_E_FATAL_ALERT_RECEIVED, STOX_E_REFUSED},
      {GNUTLS_E_CERTIFICATE_ERROR, STOX_E_AUTH},
      {GNUTLS_E_CERTIFICATE_REQUIRED, STOX_E_AUTH},
      {GNUTLS_E_NO_CERTIFICATE_FOUND, STOX_E_AUTH},
      {GNUTLS_E_NO_CIPHER_SUITES, STOX_E_UNSUPPORTED},
      {GNUTLS_E_UNKNOWN_CIPHER_SUITE, STOX_E_UNSUPPORTED},
      {GNUTLS_E_UNSUPPORTED_VERSION_PACKET, STOX_E_UNSUPPORTED},
      {GNUTLS_E_NO_APPLICATION_PROTOCOL, STOX_E_UNSUPPORTED},
      {GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM, STOX_E_UNSUPPORTED},
      {GNUTLS_E_INSUFFICIENT_SECURITY, STOX_E_UNSUPPORTED},
      {GNUTLS_E_INAPPROPRIATE_FALLBACK, STOX_E_UNSUPPORTED},
      {GNUTLS_E_HANDSHAKE_TOO_LARGE, STOX_E_LIMIT},
      {GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS, STOX_E_LIMIT},
      {GNUTLS_E_TOO_MANY_EMPTY_PACKETS, STOX_E_LIMIT},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].code == code) {
      return rows[i].status;
    }
  }
  return STOX_E_BAD_TLS;
}

/* The alert for a certificate that is refused (RFC 8446 6.2). */
static gnutls_alert_description_t alert_for(uint32_t reasons) {
  static const struct {
    uint32_t reasons;
    gnutls_alert_description_t alert;
  } rows[] = {
      {STOX_CHAIN_ABSENT, GNUTLS_A_CERTIFICATE_REQUIRED},
      {STOX_CHAIN_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED},
      {STOX_CHAIN_EXPIRED | STOX_CHAIN_NOT_YET, GNUTLS_A_CERTIFICATE_EXPIRED},
      {STOX_CHAIN_UNKNOWN_ISSUER | STOX_CHAIN_SELF_SIGNED, GNUTLS_A_UNKNOWN_CA},
      {STOX_CHAIN_WRONG_PURPOSE, GNUTLS_A_UNSUPPORTED_CERTIFICATE},
      {STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_NO_STAPLE,
       (gnutls_alert_description_t)BAD_STATUS_RESPONSE},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if ((reasons & rows[i].reasons) != 0) {
      return rows[i].alert;
    }
  }
  return GNUTLS_A_BAD_CERTIFICATE;
}

static void note_alert(stox_tls *tls, int alert) {
  tls->alert = alert;
}

static void send_alert(stox_tls *tls, int code, int status) {
  if (status == STOX_E_AUTH && tls->has_verdict && tls->verdict.reasons != 0) {
    const gnutls_alert_description_t alert = alert_for(tls->verdict.reasons);
    note_alert(tls, (int)alert);
    (void)gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, alert);
    return;
  }
  int level = 0;
  note_alert(tls, gnutls_error_to_alert(code, &level));
  (void)gnutls_alert_send_appropriate(tls->session, code);
}

int stox_tls_fail_gnutls(stox_tls *tls, int code) {
  int status = status_of(code);
  /* Half a record is no record against the rules where the wire has ended in it. */
  if (status == STOX_E_BAD_TLS && tls->ended && stox_octets_span(&tls->in).n == 0) {
    status = STOX_E_TRUNCATED;
  }
  if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) {
    note_alert(tls, (int)gnutls_alert_get(tls->session));
  } else if (status != STOX_E_TRUNCATED && !tls->no_memory) {
    send_alert(tls, code, status);
  }
  return stox_tls_fail(tls, status);
}

static size_t peers(const stox_tls *tls, stox_span *chain) {
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers(tls->session, &n);
  n = list == NULL ? 0 : n < STOX_TLS_CHAIN_MAX ? n : STOX_TLS_CHAIN_MAX;
  for (unsigned i = 0; i < n; i++) {
    chain[i] = (stox_span){(const char *)list[i].data, list[i].size};
  }
  return n;
}

/* The responses that the peer stapled to the certificates of its chain. */
static size_t staples(const stox_tls *tls, stox_span *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    gnutls_datum_t response = {NULL, 0};
    const int code = gnutls_ocsp_status_request_get2(tls->session, (unsigned)i, &response);
    out[i] = code == GNUTLS_E_SUCCESS ? (stox_span){(const char *)response.data, response.size}
                                      : (stox_span){NULL, 0};
  }
  return n;
}

/* STOX_OK: judged, or there are no rules; STOX_E_NOMEM. */
static int judge(stox_tls *tls) {
  stox_span chain[STOX_TLS_CHAIN_MAX];
  stox_span stapled[STOX_TLS_CHAIN_MAX];
  stox_chain_rules rules = tls->rules;
  if (!tls->has_rules) {
    return STOX_OK;
  }
  const size_t n = peers(tls, chain);
  if (tls->options.role == STOX_TLS_CLIENT) {
    rules.flags |= STOX_CHAIN_STAPLE_ASKED;
    rules.staples = stapled;
    rules.staples_n = staples(tls, stapled, n);
  }
  tls->verdict.size = sizeof tls->verdict;
  const int status = stox_chain_verify(&tls->verdict, &tls->arena, chain, n, &rules);
  tls->has_verdict = status == STOX_OK;
  tls->undecided = tls->has_verdict && tls->verdict.status == STOX_E_MORE;
  return status;
}

/* A client that was asked, not told, may show none. */
static int is_refused(const stox_tls *tls) {
  const int may_lack =
      tls->options.role == STOX_TLS_SERVER && tls->options.ask != STOX_TLS_ASK_REQUIRE;
  return tls->options.verify == STOX_TLS_VERIFY && tls->has_verdict &&
         tls->verdict.status != STOX_OK && !(may_lack && tls->verdict.reasons == STOX_CHAIN_ABSENT);
}

/* GnuTLS gives codes below -1 to its caller as they are, and comes back here with the next call. */
int stox_tls_verify_peer(gnutls_session_t session) {
  stox_tls *tls = gnutls_session_get_ptr(session);
  if (judge(tls) != STOX_OK) {
    tls->no_memory = 1;
    return -1;
  }
  return tls->undecided ? GNUTLS_E_AGAIN : is_refused(tls) ? -1 : 0;
}

/* A resumed session shows the certificate of the first one, which is judged anew. */
static int late_verdict(stox_tls *tls) {
  const int asked = tls->options.role == STOX_TLS_CLIENT || tls->options.ask != STOX_TLS_ASK_NONE;
  const int is_final = tls->has_verdict && tls->verdict.status != STOX_E_MORE;
  if (!is_final && asked && judge(tls) != STOX_OK) {
    tls->no_memory = 1;
    return GNUTLS_E_MEMORY_ERROR;
  }
  return is_refused(tls) ? GNUTLS_E_CERTIFICATE_ERROR : GNUTLS_E_SUCCESS;
}

static int copy_binding(stox_tls *tls, stox_span *out, gnutls_channel_binding_t kind) {
  gnutls_datum_t binding = {NULL, 0};
  if (gnutls_session_channel_binding(tls->session, kind, &binding) != GNUTLS_E_SUCCESS) {
    return STOX_OK;
  }
  const int status =
      stox_arena_copy(&tls->arena, out, (stox_span){(const char *)binding.data, binding.size});
  gnutls_free(binding.data);
  return status;
}

/* RFC 9266 4.2: below TLS 1.3 only with the extended master secret. */
static int may_export(const stox_tls *tls) {
  return gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3 ||
         gnutls_session_ext_master_secret_status(tls->session) != 0;
}

int stox_tls_fill_peer(stox_tls *tls) {
  gnutls_datum_t alpn = {NULL, 0};
  int status = STOX_OK;
  tls->peer = (stox_peer){.size = sizeof tls->peer, .secure = 1};
  if (tls->has_verdict) {
    tls->peer.verified = tls->verdict.status == STOX_OK;
    tls->peer.identities = tls->verdict.identities;
  }
  if (gnutls_alpn_get_selected_protocol(tls->session, &alpn) == GNUTLS_E_SUCCESS) {
    status = stox_arena_copy(&tls->arena, &tls->peer.alpn,
                             (stox_span){(const char *)alpn.data, alpn.size});
  }
  if (status == STOX_OK && may_export(tls)) {
    status = copy_binding(tls, &tls->peer.channel_binding, GNUTLS_CB_TLS_EXPORTER);
  }
  if (status == STOX_OK) {
    status = copy_binding(tls, &tls->peer.server_end_point, GNUTLS_CB_TLS_SERVER_END_POINT);
  }
  return status;
}

static int finish(stox_tls *tls) {
  const int code = late_verdict(tls);
  if (tls->undecided) {
    return STOX_OK;
  }
  if (code != GNUTLS_E_SUCCESS) {
    return stox_tls_fail_gnutls(tls, code);
  }
  if (stox_tls_fill_peer(tls) != STOX_OK) {
    return stox_tls_fail(tls, STOX_E_NOMEM);
  }
  tls->state = STOX_TLS_OPEN;
  return STOX_OK;
}

/* A warning is no reason to stop. */
static int may_go_on(const stox_tls *tls, int code) {
  return code < 0 && code != GNUTLS_E_AGAIN && gnutls_error_is_fatal(code) == 0 &&
         stox_octets_span(&tls->in).n > 0;
}

int stox_tls_shake(stox_tls *tls) {
  const size_t before = stox_octets_span(&tls->in).n;
  int code = GNUTLS_E_SUCCESS;
  if (tls->undecided) {
    return STOX_OK;
  }
  do {
    code = gnutls_handshake(tls->session); /* each warning took input, so this ends */
  } while (may_go_on(tls, code));
  tls->shaken += before - stox_octets_span(&tls->in).n;
  if (code == GNUTLS_E_SUCCESS) {
    tls->is_shaken = 1;
    return finish(tls);
  }
  if (gnutls_error_is_fatal(code) != 0) {
    /* A client that was asked and shows nothing is refused for that reason. */
    if (status_of(code) == STOX_E_AUTH && !tls->has_verdict && judge(tls) != STOX_OK) {
      tls->no_memory = 1;
    }
    return stox_tls_fail_gnutls(tls, code);
  }
  if (tls->shaken > tls->options.handshake) {
    return stox_tls_fail_gnutls(tls, GNUTLS_E_HANDSHAKE_TOO_LARGE);
  }
  return STOX_OK;
}

int stox_tls_is_undecided(const stox_tls *tls) {
  return tls->undecided;
}

int stox_tls_decide(stox_tls *tls, int64_t wall_s) {
  if (!tls->undecided || tls->state == STOX_TLS_FAILED) {
    return tls->state == STOX_TLS_FAILED ? tls->failure : STOX_E_STATE;
  }
  tls->undecided = 0;
  tls->rules.wall_s = wall_s;
  return tls->is_shaken ? finish(tls) : stox_tls_shake(tls);
}

/* A client may go on behind a server's wish; GnuTLS has no way back from a client's. */
int stox_tls_refuse_renegotiation(stox_tls *tls) {
  note_alert(tls, GNUTLS_A_NO_RENEGOTIATION);
  if (tls->options.role == STOX_TLS_SERVER || tls->renegotiations++ > 0) {
    (void)gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, GNUTLS_A_NO_RENEGOTIATION);
    return stox_tls_fail(tls, STOX_E_LIMIT);
  }
  const int code = gnutls_alert_send(tls->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
  return code == GNUTLS_E_SUCCESS ? STOX_OK : stox_tls_fail_gnutls(tls, code);
}
