/* SPDX-License-Identifier: MIT */
#include "stox/tls.h"

#include "crypto/tls.h"
#include "stox/status.h"

#include <string.h>

/* Records without plaintext that one read passes over. */
enum { EMPTY_MAX = 64, NAME_MAX = 256 };

int stox_tls_state(const stox_tls *tls) {
  return tls->state;
}

/* An idle session holds no buffer. */
static void release(stox_tls *tls, stox_octets *queue) {
  if (queue->p != NULL && stox_octets_span(queue).n == 0) {
    stox_octets_clear(queue, tls->alloc);
  }
}

int stox_tls_feed(stox_tls *tls, size_t *consumed, stox_span bytes) {
  *consumed = 0;
  if (tls->state == STOX_TLS_FAILED) {
    return tls->failure;
  }
  if (tls->notified) { /* nothing counts behind a close notification */
    *consumed = bytes.n;
    return STOX_OK;
  }
  int status = STOX_OK;
  while (status == STOX_OK && *consumed < bytes.n) {
    const size_t room = tls->options.input - stox_octets_span(&tls->in).n;
    const stox_span part = stox_span_slice(bytes, *consumed, room);
    if (part.n == 0) {
      break;
    }
    if (stox_octets_put(&tls->in, tls->alloc, part) != STOX_OK) {
      return stox_tls_fail(tls, STOX_E_NOMEM);
    }
    *consumed += part.n;
    status = tls->state == STOX_TLS_SHAKING ? stox_tls_shake(tls) : STOX_OK;
  }
  release(tls, &tls->in);
  return status;
}

int stox_tls_end(stox_tls *tls) {
  tls->ended = 1;
  if (tls->state == STOX_TLS_FAILED) {
    return tls->failure;
  }
  return tls->state == STOX_TLS_SHAKING ? stox_tls_shake(tls) : STOX_OK;
}

stox_span stox_tls_output(const stox_tls *tls) {
  return stox_octets_span(&tls->out);
}

void stox_tls_sent(stox_tls *tls, size_t n) {
  const size_t held = stox_octets_span(&tls->out).n;
  stox_octets_take(&tls->out, n < held ? n : held);
  release(tls, &tls->out);
}

static int end_of_input(stox_tls *tls) {
  tls->notified = 1;
  if (tls->state == STOX_TLS_CLOSING) {
    tls->state = STOX_TLS_CLOSED;
  }
  stox_octets_clear(&tls->in, tls->alloc);
  return STOX_E_NONE;
}

/* A record without plaintext. STOX_OK: try again; else what read answers. */
static int no_plaintext(stox_tls *tls, int code) {
  switch (code) {
  case 0:
    return end_of_input(tls);
  case GNUTLS_E_AGAIN:
    return STOX_E_MORE;
  case GNUTLS_E_INTERRUPTED:
    return STOX_OK;
  case GNUTLS_E_WARNING_ALERT_RECEIVED:
    tls->alert = (int)gnutls_alert_get(tls->session);
    return STOX_OK;
  case GNUTLS_E_REHANDSHAKE:
    return stox_tls_refuse_renegotiation(tls);
  default:
    return stox_tls_fail_gnutls(tls, code);
  }
}

int stox_tls_read(stox_tls *tls, char *p, size_t cap, size_t *n) {
  *n = 0;
  if (cap == 0) {
    return STOX_E_ARG;
  }
  if (tls->state == STOX_TLS_FAILED || tls->state == STOX_TLS_SHAKING) {
    return tls->state == STOX_TLS_FAILED ? tls->failure : STOX_E_MORE;
  }
  int status = tls->notified ? STOX_E_NONE : STOX_OK;
  for (int tries = 0; status == STOX_OK; tries++) {
    const size_t before = stox_octets_span(&tls->in).n;
    const ssize_t got = gnutls_record_recv(tls->session, p, cap);
    if (got > 0) {
      *n = (size_t)got;
      break;
    }
    /* Behind a ticket GnuTLS wants to be asked again, though the next record is there. */
    const size_t after = stox_octets_span(&tls->in).n;
    if (got == GNUTLS_E_AGAIN && after > 0 && after < before) {
      status =
          tries < EMPTY_MAX ? STOX_OK : stox_tls_fail_gnutls(tls, GNUTLS_E_TOO_MANY_EMPTY_PACKETS);
      continue;
    }
    status = tries < EMPTY_MAX ? no_plaintext(tls, (int)got)
                               : stox_tls_fail_gnutls(tls, GNUTLS_E_TOO_MANY_EMPTY_PACKETS);
  }
  release(tls, &tls->in);
  return status;
}

int stox_tls_write(stox_tls *tls, size_t *consumed, stox_span bytes) {
  *consumed = 0;
  if (tls->state != STOX_TLS_OPEN) {
    return tls->state == STOX_TLS_FAILED ? tls->failure : STOX_E_STATE;
  }
  while (*consumed < bytes.n && stox_tls_output(tls).n < tls->options.output) {
    const ssize_t sent = gnutls_record_send(tls->session, bytes.p + *consumed, bytes.n - *consumed);
    if (sent <= 0) {
      return stox_tls_fail_gnutls(tls, (int)sent);
    }
    *consumed += (size_t)sent;
  }
  return STOX_OK;
}

int stox_tls_close(stox_tls *tls) {
  if (tls->state == STOX_TLS_FAILED) {
    return tls->failure;
  }
  if (tls->state != STOX_TLS_OPEN) {
    return tls->state == STOX_TLS_SHAKING ? STOX_E_STATE : STOX_OK;
  }
  const int code = gnutls_bye(tls->session, GNUTLS_SHUT_WR);
  if (code != GNUTLS_E_SUCCESS) {
    return stox_tls_fail_gnutls(tls, code);
  }
  tls->state = tls->notified ? STOX_TLS_CLOSED : STOX_TLS_CLOSING;
  return STOX_OK;
}

const stox_peer *stox_tls_peer(const stox_tls *tls) {
  return tls->peer.size == 0 ? NULL : &tls->peer;
}

int stox_tls_verdict(const stox_tls *tls, stox_chain_verdict *out) {
  const size_t size = out->size;
  if (size < sizeof(size_t)) {
    return STOX_E_ARG;
  }
  if (!tls->has_verdict) {
    return STOX_E_NONE;
  }
  memcpy(out, &tls->verdict, size < sizeof *out ? size : sizeof *out);
  out->size = size;
  return STOX_OK;
}

int stox_tls_certificate(const stox_tls *tls, size_t index, stox_span *out) {
  unsigned n = 0;
  const gnutls_datum_t *list = gnutls_certificate_get_peers(tls->session, &n);
  if (list == NULL || index >= n) {
    return STOX_E_NONE;
  }
  *out = (stox_span){(const char *)list[index].data, list[index].size};
  return STOX_OK;
}

int stox_tls_version(const stox_tls *tls) {
  if (tls->peer.size == 0) {
    return STOX_TLS_NONE;
  }
  return gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3 ? STOX_TLS_1_3 : STOX_TLS_1_2;
}

const char *stox_tls_cipher(const stox_tls *tls) {
  return tls->peer.size == 0 ? NULL : gnutls_ciphersuite_get(tls->session);
}

int stox_tls_alert(const stox_tls *tls) {
  return tls->alert;
}

int stox_tls_server_name(const stox_tls *tls, stox_buf *out) {
  char room[NAME_MAX];
  size_t n = sizeof room;
  unsigned type = 0;
  if (tls->options.role != STOX_TLS_SERVER ||
      gnutls_server_name_get(tls->session, room, &n, &type, 0) != GNUTLS_E_SUCCESS ||
      type != GNUTLS_NAME_DNS) {
    return STOX_E_NONE;
  }
  return stox_buf_put(out, (stox_span){room, n});
}

int stox_tls_is_resumed(const stox_tls *tls) {
  return gnutls_session_is_resumed(tls->session) != 0;
}

int stox_tls_resumption(const stox_tls *tls, stox_buf *out) {
  gnutls_datum_t data = {NULL, 0};
  /* Without a ticket GnuTLS would wait for one. */
  const int has_ticket =
      (gnutls_session_get_flags(tls->session) & GNUTLS_SFLAGS_SESSION_TICKET) != 0;
  if (tls->options.role != STOX_TLS_CLIENT || !tls->options.resumable || tls->peer.size == 0 ||
      !has_ticket) {
    return STOX_E_NONE;
  }
  const int code = gnutls_session_get_data2(tls->session, &data);
  if (code != GNUTLS_E_SUCCESS) {
    return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_NONE;
  }
  const int status = stox_buf_put(out, (stox_span){(const char *)data.data, data.size});
  gnutls_memset(data.data, 0, data.size);
  gnutls_free(data.data);
  return status;
}
