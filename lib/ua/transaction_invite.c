/* SPDX-License-Identifier: MIT */
#include "stox/number.h"
#include "stox/status.h"
#include "ua/edit.h"
#include "ua/transaction_private.h"

enum { PARSE_BLOCK = 1024, VIA_SIZE = 512, BRANCH_SIZE = 176 };

/* ---- requests that an INVITE brings with it: ACK (RFC 3261 17.1.1.3) and CANCEL (9.1) ---- */

/* What they have as the INVITE has it, 22.1's credentials too; the rest is their own. */
static int is_copied(int id) {
  return id == STOX_SIP_ROUTE || id == STOX_SIP_FROM || id == STOX_SIP_CALL_ID ||
         id == STOX_SIP_MAX_FORWARDS || id == STOX_SIP_AUTHORIZATION ||
         id == STOX_SIP_PROXY_AUTHORIZATION;
}

static void put_field(stox_buf *out, stox_span name, stox_span value) {
  (void)stox_buf_put(out, name);
  (void)stox_buf_put_text(out, ": ");
  stox_tx_put_value(out, value);
  (void)stox_buf_put_text(out, "\r\n");
}

static void put_companion(stox_buf *out, const stox_sip_message *invite, stox_span via,
                          const char *method, stox_span to) {
  stox_sip_header header;
  stox_sip_cseq cseq = {0};
  (void)stox_sip_get_cseq(&cseq, invite);
  (void)stox_buf_put_text(out, method);
  (void)stox_buf_put_octet(out, ' ');
  (void)stox_buf_put(out, stox_sip_request_uri(invite));
  (void)stox_buf_put_text(out, " SIP/2.0\r\n");
  put_field(out, stox_span_text("Via"), via);
  for (size_t i = 0; stox_sip_get_header(&header, invite, i) == STOX_OK; i++) {
    if (is_copied(header.id)) {
      put_field(out, header.name, header.value);
    }
  }
  put_field(out, stox_span_text("To"), to);
  (void)stox_buf_put_text(out, "CSeq: ");
  (void)stox_buf_put_number(out, cseq.number);
  (void)stox_buf_put_octet(out, ' ');
  (void)stox_buf_put_text(out, method);
  (void)stox_buf_put_text(out, "\r\nContent-Length: 0\r\n\r\n");
}

/* Writes one into memory of the table's, for `response` or, without one, to the INVITE's own To. */
static int write_companion(stox_transactions *obj, stox_span *out, const stox_tx *tx,
                           const char *method, const stox_sip_message *response) {
  /* It was accepted for sending; an edit of a lenient message may stay lenient. */
  static const stox_sip_options lenient = {.size = sizeof lenient, .lenient = 1};
  char block[PARSE_BLOCK];
  stox_arena arena;
  stox_buf text = {NULL, 0, 0};
  stox_sip_message *invite = NULL;
  stox_arena_init(&arena, block, sizeof block, 0, &obj->alloc);
  const stox_span request = {tx->bytes, tx->bytes_n};
  int status = stox_sip_parse(&invite, &arena, request, &lenient, NULL);
  if (status == STOX_OK) {
    const stox_span to = stox_sip_value(response == NULL ? invite : response, STOX_SIP_TO);
    put_companion(&text, invite, tx->via, method, to);
    text.cap = text.len;
    text.p = stox_tx_resize(obj, NULL, 0, text.cap);
    text.len = 0;
    status = text.p == NULL ? STOX_E_NOMEM : STOX_OK;
    if (status == STOX_OK) {
      put_companion(&text, invite, tx->via, method, to);
      *out = stox_buf_span(&text);
    }
  }
  stox_arena_clear(&arena);
  return status;
}

static void set_bytes(stox_transactions *obj, stox_tx *tx, stox_span bytes, size_t sent) {
  stox_tx_forget(obj, tx);
  tx->bytes = (char *)(uintptr_t)bytes.p;
  tx->bytes_n = bytes.n;
  tx->current = stox_span_slice(bytes, 0, sent);
}

void stox_tx_invite_acknowledge(stox_transactions *obj, stox_tx *tx,
                                const stox_sip_message *response) {
  stox_span ack;
  if (tx->has_ack || tx->bytes == NULL) {
    return;
  }
  if (write_companion(obj, &ack, tx, "ACK", response) == STOX_OK) {
    set_bytes(obj, tx, ack, ack.n);
    tx->has_ack = 1;
  } else {
    /* The INVITE is not to be sent again, but it is what the next attempt is made of. */
    tx->current = (stox_span){NULL, 0};
    tx->pending &= (uint8_t)~STOX_TX_DO_SEND;
  }
}

/* ---- CANCEL ---- */

static int start_cancel(stox_transactions *obj, uint64_t *id, const stox_tx *invite,
                        stox_span bytes, uint64_t now_ns) {
  stox_transaction_target target = {
      .local = invite->local, .remote = invite->remote, .handle = invite->handle};
  target.local.port = invite->key.of.port;
  const stox_tx_draft d = {.target = &target,
                           .remote = invite->remote,
                           .method = stox_span_text("CANCEL"),
                           .branch = invite->key.of.branch,
                           .host = invite->key.of.host,
                           .via = invite->via,
                           .n = bytes.n};
  stox_tx *tx = stox_tx_client_make(obj, &d);
  if (tx == NULL) {
    (void)stox_tx_resize(obj, (char *)(uintptr_t)bytes.p, bytes.n, 0);
    return STOX_E_NOMEM;
  }
  set_bytes(obj, tx, bytes, bytes.n);
  return stox_tx_client_start(obj, id, tx, now_ns);
}

int stox_transactions_cancel(stox_transactions *obj, uint64_t *id, uint64_t invite,
                             uint64_t now_ns) {
  stox_tx *tx = stox_tx_find(obj, invite);
  stox_span bytes;
  *id = 0;
  if (tx == NULL || tx->machine != STOX_TX_CLIENT_INVITE) {
    return STOX_E_NONE;
  }
  if (tx->state != STOX_TX_PROCEEDING || tx->end_ns != STOX_TX_NEVER) {
    return tx->state == STOX_TX_TRYING ? STOX_E_MORE : STOX_E_STATE;
  }
  if (stox_tx_is_full(obj)) {
    return STOX_E_FULL;
  }
  int status = write_companion(obj, &bytes, tx, "CANCEL", NULL);
  if (status != STOX_OK) {
    return status;
  }
  status = start_cancel(obj, id, tx, bytes, now_ns);
  if (status != STOX_OK) {
    return status;
  }
  /* A peer of RFC 2543 may never give a final response then (9.1). */
  tx->end_ns = stox_tx_later(now_ns, 64 * obj->options.t1_ns);
  stox_tx_heap_update(obj, tx);
  return STOX_OK;
}

/* ---- the ACK of a 2xx, which is the caller's (RFC 3261 13.2.2.4) ---- */

/* The octets, and behind them the host they go to. */
static int write_ack(stox_transactions *obj, stox_tx *tx, const stox_sip_edit *ack,
                     const stox_endpoint *remote) {
  stox_buf out = {NULL, 0, 0};
  const int status = stox_sip_write(&out, ack);
  if (status != STOX_E_NOBUF) {
    return status;
  }
  const size_t n = out.len;
  const size_t whole = n + remote->host.n;
  char *bytes = stox_tx_resize(obj, NULL, 0, whole);
  if (bytes == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, bytes, whole);
  (void)stox_sip_write(&out, ack);
  (void)stox_buf_put(&out, remote->host);
  set_bytes(obj, tx, stox_buf_span(&out), n);
  tx->remote = *remote;
  tx->remote.host = (stox_span){bytes + n, remote->host.n};
  return STOX_OK;
}

static int put_ack_via(stox_transactions *obj, stox_sip_edit *ack,
                       const stox_transaction_target *target, stox_buf *branch, stox_buf *via) {
  stox_tx_draft d = {.target = target};
  const int status = stox_tx_make_branch(obj, branch, target->branch_suffix);
  d.branch = stox_buf_span(branch);
  return status == STOX_OK ? stox_tx_put_via(ack, &d, via, target->remote.transport) : status;
}

int stox_transactions_ack(stox_transactions *obj, uint64_t id, stox_sip_edit *ack,
                          const stox_transaction_target *target) {
  char branch_room[BRANCH_SIZE];
  char via_room[VIA_SIZE];
  stox_buf branch;
  stox_buf via;
  stox_tx *tx = stox_tx_find(obj, id);
  if (tx == NULL || tx->machine != STOX_TX_CLIENT_INVITE || tx->state != STOX_TX_ACCEPTED) {
    return STOX_E_NONE;
  }
  if (stox_sip_edit_status(ack) != 0 || stox_sip_edit_method_id(ack) != STOX_SIP_ACK) {
    return STOX_E_UNSUPPORTED_METHOD;
  }
  int status = stox_tx_check_target(target);
  if (status != STOX_OK || (tx->pending & STOX_TX_DO_SEND) != 0) {
    return status != STOX_OK ? status : STOX_E_STATE;
  }
  stox_buf_init(&branch, branch_room, sizeof branch_room);
  stox_buf_init(&via, via_room, sizeof via_room);
  status = put_ack_via(obj, ack, target, &branch, &via);
  if (status == STOX_OK) {
    status = write_ack(obj, tx, ack, &target->remote);
  }
  if (status == STOX_OK) {
    tx->handle = target->handle;
    stox_tx_queue(obj, tx, STOX_TX_DO_SEND);
  }
  return status;
}
