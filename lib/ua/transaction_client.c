/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "stox/number.h"
#include "stox/status.h"
#include "ua/edit.h"
#include "ua/transaction_private.h"

#include <string.h>

enum {
  HOST_SIZE = 288,
  BRANCH_SIZE = 176,
  VIA_SIZE = HOST_SIZE + BRANCH_SIZE + 48,
  SUFFIX_MAX = 128,
  UDP_LARGEST = 65507,
  PORT_MAX = 65535
};

static int is_token(stox_span text) {
  size_t i = 0;
  while (i < text.n && stox_char_is(text.p[i], STOX_CHAR_TOKEN)) {
    i++;
  }
  return i == text.n;
}

int stox_tx_check_target(const stox_transaction_target *target) {
  const int is_somewhere = target->handle != 0 || target->remote.host.n > 0;
  if (stox_transport_name(target->remote.transport) == NULL || !is_somewhere ||
      target->remote.port > PORT_MAX || target->local.port > PORT_MAX ||
      (target->handle == 0 && target->remote.port == 0) || target->branch_suffix.n > SUFFIX_MAX ||
      !is_token(target->branch_suffix)) {
    return STOX_E_ARG;
  }
  return STOX_OK;
}

static int check(const stox_sip_edit *request, const stox_transaction_target *target) {
  if (stox_sip_edit_status(request) != 0) {
    return STOX_E_STATE;
  }
  return stox_sip_edit_method_id(request) == STOX_SIP_ACK ? STOX_E_UNSUPPORTED_METHOD
                                                          : stox_tx_check_target(target);
}

/* The bits are drawn when the branch is made: two processes that share an object from before their
 * fork make different ones. */
int stox_tx_make_branch(stox_transactions *obj, stox_buf *out, stox_span suffix) {
  char bits[STOX_TX_BRANCH_RANDOM];
  const int status = obj->random.fill(obj->random.ud, bits, sizeof bits);
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_text(out, "z9hG4bK");
  int put = stox_hex_write(out, (stox_span){bits, sizeof bits});
  if (suffix.n > 0) {
    (void)stox_buf_put_octet(out, '.');
    put = stox_buf_put(out, suffix);
  }
  return put;
}

int stox_tx_put_via(stox_sip_edit *request, stox_tx_draft *d, stox_buf *room, int transport) {
  room->len = 0;
  int status = stox_tx_via_client(room, transport, &d->target->local, d->branch);
  if (status != STOX_OK) {
    return status == STOX_E_NOBUF ? STOX_E_BAD_HOST : status;
  }
  d->via = stox_buf_span(room);
  d->remote.transport = transport;
  return stox_sip_edit_set(request, STOX_SIP_VIA, (stox_span){NULL, 0}, d->via, STOX_SIP_FIRST);
}

/* STOX_OK, or what a request that cannot be written lacks. */
static int count_octets(size_t *n, const stox_sip_edit *request) {
  stox_buf count = {NULL, 0, 0};
  const int status = stox_sip_write(&count, request);
  *n = count.len;
  return status == STOX_E_NOBUF ? STOX_OK : status;
}

/* Above udp_max a request goes over TCP (RFC 3261 18.1.1). */
static int put_fitting_via(const stox_transactions *obj, stox_sip_edit *request, stox_tx_draft *d,
                           stox_buf *room) {
  int status = stox_tx_put_via(request, d, room, d->target->remote.transport);
  if (status == STOX_OK) {
    status = count_octets(&d->n, request);
  }
  if (status != STOX_OK || d->remote.transport != STOX_TRANSPORT_UDP ||
      d->n <= obj->options.udp_max) {
    return status;
  }
  status = stox_sip_edit_pop(request, STOX_SIP_VIA);
  if (status == STOX_OK) {
    status = stox_tx_put_via(request, d, room, STOX_TRANSPORT_TCP);
  }
  return status == STOX_OK ? count_octets(&d->n, request) : status;
}

/* Everything that lives in the transaction's text; counts only when the block has no memory. */
static void keep(stox_buf *block, stox_tx *tx, const stox_tx_draft *d) {
  const stox_tx_key key =
      stox_tx_key_of_client(d->method, d->branch, d->host, d->target->local.port);
  stox_tx_key_keep(block, &tx->key, &key);
  tx->via = stox_tx_keep(block, d->via);
  stox_tx_keep_endpoint(block, &tx->remote, &d->remote);
  /* For UDP it may name the socket; a stream takes any port. */
  if (d->target->remote.transport == STOX_TRANSPORT_UDP) {
    stox_tx_keep_endpoint(block, &tx->local, &d->target->local);
    tx->local.transport = STOX_TRANSPORT_UDP;
  }
}

stox_tx *stox_tx_client_make(stox_transactions *obj, const stox_tx_draft *d) {
  stox_tx scratch = {0};
  stox_buf count = {NULL, 0, 0};
  keep(&count, &scratch, d);
  const size_t size = sizeof(stox_tx) + count.len;
  stox_tx *tx = stox_tx_resize(obj, NULL, 0, size);
  if (tx == NULL) {
    return NULL;
  }
  const int is_invite = stox_sip_method_of(d->method) == STOX_SIP_INVITE;
  *tx = (stox_tx){.size = size, .machine = is_invite ? STOX_TX_CLIENT_INVITE : STOX_TX_CLIENT};
  stox_buf block;
  stox_buf_init(&block, tx->text, count.len);
  keep(&block, tx, d);
  const int switched = d->remote.transport != d->target->remote.transport;
  tx->is_reliable = (uint8_t)stox_transport_is_reliable(d->remote.transport);
  tx->may_retry = switched && (d->target->flags & STOX_TRANSACTION_UDP_RETRY) != 0;
  tx->udp_handle = d->target->handle;
  tx->handle = switched ? 0 : d->target->handle;
  return tx;
}

static int write_request(stox_transactions *obj, stox_tx *tx, const stox_sip_edit *request,
                         size_t n) {
  tx->bytes = stox_tx_resize(obj, NULL, 0, n);
  if (tx->bytes == NULL) {
    return STOX_E_NOMEM;
  }
  tx->bytes_n = n;
  stox_buf out;
  stox_buf_init(&out, tx->bytes, n);
  (void)stox_sip_write(&out, request);
  tx->current = stox_buf_span(&out);
  return STOX_OK;
}

int stox_tx_client_start(stox_transactions *obj, uint64_t *id, stox_tx *tx, uint64_t now_ns) {
  const int status = stox_tx_add(obj, tx, now_ns);
  if (status == STOX_OK) {
    *id = tx->id;
    stox_tx_queue(obj, tx, STOX_TX_DO_SEND);
  }
  return status;
}

static int start(stox_transactions *obj, uint64_t *id, const stox_sip_edit *request,
                 const stox_tx_draft *d, uint64_t now_ns) {
  stox_tx *tx = stox_tx_client_make(obj, d);
  if (tx == NULL) {
    return STOX_E_NOMEM;
  }
  const int status = write_request(obj, tx, request, d->n);
  if (status != STOX_OK) {
    stox_tx_free(obj, tx);
    return status;
  }
  return stox_tx_client_start(obj, id, tx, now_ns);
}

int stox_transactions_request(stox_transactions *obj, uint64_t *id, stox_sip_edit *request,
                              const stox_transaction_target *target, uint64_t now_ns) {
  char via_room[VIA_SIZE];
  char branch_room[BRANCH_SIZE];
  char host_room[HOST_SIZE];
  stox_buf via;
  stox_buf branch;
  stox_buf host;
  stox_buf_init(&via, via_room, sizeof via_room);
  stox_buf_init(&branch, branch_room, sizeof branch_room);
  stox_buf_init(&host, host_room, sizeof host_room);
  *id = 0;
  uint32_t number = 0;
  stox_span method;
  int status = check(request, target);
  if (status == STOX_OK) {
    status = stox_edit_cseq(&number, &method, request);
  }
  if (status == STOX_OK && stox_tx_is_full(obj)) {
    status = STOX_E_FULL;
  }
  if (status == STOX_OK && stox_tx_sent_by(&host, target->local.host) != STOX_OK) {
    status = STOX_E_BAD_HOST;
  }
  if (status == STOX_OK) {
    status = stox_tx_make_branch(obj, &branch, target->branch_suffix);
  }
  if (status != STOX_OK) {
    return status;
  }
  stox_tx_draft d = {.target = target,
                     .remote = target->remote,
                     .method = method,
                     .branch = stox_buf_span(&branch),
                     .host = stox_buf_span(&host)};
  status = put_fitting_via(obj, request, &d, &via);
  return status == STOX_OK ? start(obj, id, request, &d, now_ns) : status;
}

/* Where a request with its Via stands. */
static char *find(const stox_tx *tx) {
  for (size_t i = 0; i + tx->via.n <= tx->bytes_n; i++) {
    if (memcmp(tx->bytes + i, tx->via.p, tx->via.n) == 0) {
      return tx->bytes + i;
    }
  }
  return NULL;
}

static int is_waiting(const stox_tx *tx) {
  return stox_tx_is_client(tx) && (tx->state == STOX_TX_TRYING || tx->state == STOX_TX_PROCEEDING);
}

int stox_tx_client_again(stox_transactions *obj, stox_tx *tx) {
  if (!is_waiting(tx) || !tx->is_reliable || tx->was_lost) {
    return 0;
  }
  tx->was_lost = 1;
  tx->handle = 0;
  stox_tx_queue(obj, tx, STOX_TX_DO_SEND);
  return 1;
}

int stox_transactions_lost(stox_transactions *obj, uint64_t id, uint64_t now_ns) {
  stox_tx *tx = stox_tx_find(obj, id);
  if (tx == NULL || !is_waiting(tx) || !tx->is_reliable) {
    return STOX_E_NONE;
  }
  if (!stox_tx_client_again(obj, tx)) {
    tx->failure = STOX_E_CLOSED;
    (void)stox_tx_step(obj, tx, STOX_TX_ON_ERROR, now_ns);
  }
  return STOX_OK;
}

int stox_tx_client_retry(stox_transactions *obj, stox_tx *tx, int status, uint64_t now_ns) {
  static const char udp[] = {'U', 'D', 'P'};
  if (!is_waiting(tx) || !tx->may_retry || tx->bytes_n > UDP_LARGEST ||
      (status != STOX_E_REFUSED && status != STOX_E_UNSUPPORTED)) {
    return 0;
  }
  char *via = find(tx);
  if (via == NULL) {
    return 0;
  }
  memcpy(via + sizeof "SIP/2.0/" - 1, udp, sizeof udp);
  tx->may_retry = 0;
  tx->attempt = 1;
  tx->is_reliable = 0;
  tx->handle = tx->udp_handle;
  tx->remote.transport = STOX_TRANSPORT_UDP;
  tx->interval_ns = obj->options.t1_ns;
  tx->resend_ns = stox_tx_later(now_ns, tx->interval_ns);
  stox_tx_heap_update(obj, tx);
  stox_tx_queue(obj, tx, STOX_TX_DO_SEND);
  return 1;
}
