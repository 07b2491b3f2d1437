/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "ua/edit.h"
#include "ua/transaction_private.h"

enum { VIA_SIZE = 1000 };

/* ---- a new transaction ---- */

/* What a new server transaction is made of. */
typedef struct draft {
  stox_sip_message *message;
  const stox_flow *flow;
  stox_sip_via via;
  const stox_tx_key *key;
  stox_tx_key merge;
  stox_endpoint remote;
  size_t via_at; /* the top Via in the 100 */
  size_t via_n;
} draft;

static void put_field(stox_buf *out, int id, stox_span value) {
  (void)stox_buf_put_text(out, stox_sip_header_name(id));
  (void)stox_buf_put_text(out, ": ");
  stox_tx_put_value(out, value);
  (void)stox_buf_put_text(out, "\r\n");
}

/* The first Via field has the top value, which is replaced, and perhaps others behind commas. */
static void put_first_via(stox_buf *out, draft *d, stox_span value) {
  (void)stox_buf_put_text(out, "Via: ");
  d->via_at = out->len;
  stox_tx_via_server(out, &d->via, d->flow);
  d->via_n = out->len - d->via_at;
  (void)stox_buf_put_text(out, "\r\n");
  const char *rest = d->via.text.p + d->via.text.n;
  stox_span others = stox_span_slice(value, (size_t)(rest - value.p), value.n);
  others = stox_span_slice(others, stox_span_find(others, ',') + 1, others.n);
  if (others.n > 0) {
    put_field(out, STOX_SIP_VIA, stox_span_trim(others));
  }
}

static int is_copied(int id) {
  return id == STOX_SIP_FROM || id == STOX_SIP_TO || id == STOX_SIP_CALL_ID ||
         id == STOX_SIP_CSEQ || id == STOX_SIP_TIMESTAMP;
}

/* The 100 that goes out if the caller takes its time (RFC 3261 8.2.6.1). */
static void put_trying(stox_buf *out, draft *d) {
  (void)stox_buf_put_text(out, "SIP/2.0 100 Trying\r\n");
  stox_sip_header header;
  int is_first = 1;
  for (size_t i = 0; stox_sip_get_header(&header, d->message, i) == STOX_OK; i++) {
    if (header.id == STOX_SIP_VIA && is_first) {
      put_first_via(out, d, header.value);
      is_first = 0;
    } else if (header.id == STOX_SIP_VIA || is_copied(header.id)) {
      put_field(out, header.id, header.value);
    }
  }
  (void)stox_buf_put_text(out, "Content-Length: 0\r\n\r\n");
}

static stox_span view(const stox_buf *block, size_t at, size_t n) {
  return block->p == NULL ? (stox_span){NULL, 0} : (stox_span){block->p + at, n};
}

/* Everything that lives in the transaction's text; counts only when the block has no memory. */
static void keep(stox_buf *block, stox_tx *tx, draft *d) {
  stox_tx_key_keep(block, &tx->key, d->key);
  stox_tx_key_keep(block, &tx->merge, &d->merge);
  stox_tx_keep_endpoint(block, &tx->remote, &d->remote);
  stox_tx_keep_endpoint(block, &tx->local, &d->flow->local);
  const size_t start = block->len;
  put_trying(block, d);
  tx->trying = view(block, start, block->len - start);
  tx->via = view(block, d->via_at, d->via_n);
}

static stox_tx *make(stox_transactions *obj, draft *d, uint64_t now_ns) {
  stox_tx scratch = {0};
  stox_buf count = {NULL, 0, 0};
  keep(&count, &scratch, d);
  const size_t size = sizeof(stox_tx) + count.len;
  stox_tx *tx = stox_tx_resize(obj, NULL, 0, size);
  if (tx == NULL) {
    return NULL;
  }
  *tx = (stox_tx){.size = size, .machine = STOX_TX_SERVER};
  if (stox_sip_method_id(d->message) == STOX_SIP_INVITE) {
    tx->machine = STOX_TX_SERVER_INVITE;
  }
  stox_buf block;
  stox_buf_init(&block, tx->text, count.len);
  keep(&block, tx, d);
  tx->handle = d->flow->handle;
  tx->is_reliable = (uint8_t)stox_transport_is_reliable(d->remote.transport);
  tx->early_ns = stox_tx_later(now_ns, obj->early_ns);
  return tx;
}

/* The transaction that a CANCEL is about: one of any other method (RFC 3261 9.2). */
static uint64_t find_cancelled(const stox_transactions *obj, stox_sip_message *message) {
  for (int id = STOX_SIP_INVITE; stox_sip_method_name(id) != NULL; id++) {
    stox_tx_key key;
    const stox_span method = stox_span_text(stox_sip_method_name(id));
    if (id == STOX_SIP_CANCEL || id == STOX_SIP_ACK ||
        stox_tx_key_of_request(&key, message, method) != STOX_OK) {
      continue;
    }
    const stox_tx *tx = stox_tx_key_find(obj, &key);
    if (tx != NULL) {
      return tx->id;
    }
  }
  return 0;
}

/* The same request by another path (RFC 3261 8.2.2.2), if it can be one. Only the first is entered,
 * so that no key stands twice in the table. */
static uint64_t find_merged(const stox_transactions *obj, stox_tx_key *merge,
                            const stox_sip_message *message) {
  stox_sip_cseq cseq;
  if (stox_sip_tag(message, STOX_SIP_TO).p != NULL ||
      stox_sip_get_cseq(&cseq, message) != STOX_OK) {
    return 0;
  }
  const stox_tx_key key = stox_tx_key_of_merge(message, cseq.number);
  const stox_tx *tx = stox_tx_merge_find(obj, &key);
  if (tx == NULL) {
    *merge = key;
    return 0;
  }
  return tx->id;
}

static void classify(const stox_transactions *obj, stox_transaction_event *out, draft *d) {
  if (stox_sip_method_id(d->message) == STOX_SIP_CANCEL) {
    out->kind = STOX_TRANSACTION_CANCEL;
    out->other = find_cancelled(obj, d->message);
    return;
  }
  out->other = find_merged(obj, &d->merge, d->message);
  out->kind = out->other != 0 ? STOX_TRANSACTION_MERGED : STOX_TRANSACTION_NEW_REQUEST;
}

int stox_tx_server_new(stox_transactions *obj, stox_transaction_event *out,
                       stox_sip_message *message, const stox_tx_key *key, const stox_flow *flow,
                       uint64_t now_ns) {
  draft d = {.message = message, .flow = flow, .key = key};
  if (stox_tx_is_full(obj)) {
    return STOX_E_FULL;
  }
  if (stox_sip_get_via(&d.via, message, 0) != STOX_OK) {
    return STOX_E_BAD_HEADER;
  }
  d.remote = stox_tx_reply_to(&d.via, flow);
  classify(obj, out, &d);
  stox_tx *tx = make(obj, &d, now_ns);
  int status = tx == NULL ? STOX_E_NOMEM : stox_tx_add(obj, tx, now_ns);
  if (status != STOX_OK) {
    *out = (stox_transaction_event){0};
    return status;
  }
  out->id = tx->id;
  return STOX_OK;
}

/* ---- answering ---- */

static int check(const stox_tx *tx, int code, uint64_t now_ns) {
  const int is_invite = tx->machine == STOX_TX_SERVER_INVITE;
  if (code < 100 || (!is_invite && ((code > 100 && code < 200) || code == 408))) {
    return STOX_E_ARG;
  }
  if (!is_invite && tx->state == STOX_TX_COMPLETED && tx->bytes == NULL) {
    return STOX_E_TIMEOUT;
  }
  const int is_early = !is_invite && code == 100 && !tx->is_reliable && now_ns < tx->early_ns;
  if (is_early || !stox_tx_allows(tx, stox_tx_event_of(code), STOX_TX_DO_SEND)) {
    return STOX_E_STATE;
  }
  return STOX_OK;
}

/* The octets are kept for retransmission, and behind them the To tag that an ACK will have. */
static int write_response(stox_transactions *obj, stox_tx *tx, const stox_sip_edit *response) {
  const stox_span tag = stox_edit_tag(response, STOX_SIP_TO);
  stox_buf out = {NULL, 0, 0};
  const int status = stox_sip_write(&out, response);
  if (status != STOX_E_NOBUF) {
    return status;
  }
  const size_t n = out.len;
  (void)stox_buf_put(&out, tag);
  const size_t bytes_n = out.len;
  char *bytes = stox_tx_resize(obj, NULL, 0, bytes_n);
  if (bytes == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, bytes, bytes_n);
  (void)stox_sip_write(&out, response);
  (void)stox_buf_put(&out, tag);
  stox_tx_forget(obj, tx);
  tx->bytes = bytes;
  tx->bytes_n = bytes_n;
  tx->current = (stox_span){bytes, n};
  tx->reply_tag = (stox_span){bytes + n, bytes_n - n};
  return STOX_OK;
}

/* Puts a Via in the place of the one that the response has from its request. */
static int replace_via(stox_sip_edit *response, stox_span via) {
  const int status = stox_sip_edit_pop(response, STOX_SIP_VIA);
  if (status != STOX_OK && status != STOX_E_NONE) {
    return status;
  }
  return stox_sip_edit_set(response, STOX_SIP_VIA, (stox_span){NULL, 0}, via, STOX_SIP_FIRST);
}

int stox_transaction_address(stox_endpoint *remote, stox_sip_edit *response,
                             stox_sip_message *request, const stox_flow *flow) {
  char room[VIA_SIZE];
  stox_buf text;
  stox_sip_via via;
  const int status = stox_sip_get_via(&via, request, 0);
  if (status != STOX_OK) {
    return status == STOX_E_NONE ? STOX_E_MISSING : status;
  }
  stox_buf_init(&text, room, sizeof room);
  stox_tx_via_server(&text, &via, flow);
  if (stox_buf_status(&text) != STOX_OK) {
    return STOX_E_TOO_LONG;
  }
  *remote = stox_tx_reply_to(&via, flow);
  return replace_via(response, stox_buf_span(&text));
}

int stox_transactions_respond(stox_transactions *obj, uint64_t id, stox_sip_edit *response,
                              uint64_t now_ns) {
  stox_tx *tx = stox_tx_find(obj, id);
  if (tx == NULL || stox_tx_is_client(tx)) {
    return STOX_E_NONE;
  }
  const int code = stox_sip_edit_status(response);
  int status = check(tx, code, now_ns);
  if (status == STOX_OK) {
    status = replace_via(response, tx->via);
  }
  if (status == STOX_OK) {
    status = write_response(obj, tx, response);
  }
  if (status == STOX_OK) {
    (void)stox_tx_step(obj, tx, stox_tx_event_of(code), now_ns);
  }
  return status;
}
