/* SPDX-License-Identifier: MIT */
#ifndef STOX_UA_TRANSACTION_PRIVATE_H
#define STOX_UA_TRANSACTION_PRIVATE_H

#include "base/table.h"
#include "stox/sip_match.h"
#include "stox/transaction.h"

/* The parts of the transaction layer: transaction.c (table, actions), transaction_step.c (state
 * tables), transaction_timer.c (heap), transaction_key.c (matching), transaction_via.c (Via),
 * transaction_client.c, transaction_invite.c and transaction_server.c (what is theirs alone). */

enum { STOX_TX_BRANCH_RANDOM = 16 };

#define STOX_TX_NEVER UINT64_MAX

/* The state machines. */
enum {
  STOX_TX_CLIENT,
  STOX_TX_CLIENT_INVITE,
  STOX_TX_SERVER,
  STOX_TX_SERVER_INVITE,
  STOX_TX_MACHINES
};

/* RFC 3261 17, RFC 6026. */
enum {
  STOX_TX_STAY,
  STOX_TX_TRYING, /* Calling, of an INVITE client */
  STOX_TX_PROCEEDING,
  STOX_TX_COMPLETED,
  STOX_TX_CONFIRMED,
  STOX_TX_ACCEPTED,
  STOX_TX_TERMINATED,
  STOX_TX_STATES
};

/* What may happen to a transaction. The three classes of response are events of a client when they
 * come in and of a server when the caller gives them. */
enum {
  STOX_TX_ON_1XX,
  STOX_TX_ON_2XX,
  STOX_TX_ON_REST, /* 300 … 699 */
  STOX_TX_ON_REQUEST,
  STOX_TX_ON_ACK,
  STOX_TX_ON_RESEND, /* Timers A, E, G, and the delay before a 100 */
  STOX_TX_ON_END,    /* Timers B, D, F, H, I, J, K, L, M */
  STOX_TX_ON_ERROR,
  STOX_TX_EVENTS
};

/* What a step does. The first four are also what waits in stox_tx.pending. */
enum {
  STOX_TX_DO_SEND = 1 << 0, /* what was sent last */
  STOX_TX_DO_FAILED = 1 << 1,
  STOX_TX_DO_TIMEOUT = 1 << 2,
  STOX_TX_DO_TERMINATED = 1 << 3,
  STOX_TX_DO_PASS = 1 << 4,   /* to the caller */
  STOX_TX_DO_TRYING = 1 << 5, /* 100 becomes what is sent */
  STOX_TX_DO_FORGET = 1 << 6, /* nothing is sent any more */
  STOX_TX_DO_ACK = 1 << 7     /* an ACK of the response becomes what is sent */
};

/* Whose a key is. */
enum { STOX_TX_KEY_NONE, STOX_TX_KEY_CLIENT, STOX_TX_KEY_SERVER, STOX_TX_KEY_MERGE };

/* What identifies a transaction; the whole of it is compared. */
typedef struct stox_tx_key {
  stox_sip_transaction_key of;
  uint32_t side; /* STOX_TX_KEY_… */
} stox_tx_key;

typedef struct stox_tx {
  stox_link by_id;
  stox_link by_key;
  stox_link by_merge;
  struct stox_tx *next_ready;
  uint64_t id;
  uint64_t due_ns;      /* the earlier of the two below */
  uint64_t resend_ns;   /* STOX_TX_ON_RESEND */
  uint64_t end_ns;      /* STOX_TX_ON_END */
  uint64_t interval_ns; /* between retransmissions */
  uint64_t early_ns;    /* server: before it no 100 goes out over UDP */
  uint64_t handle;
  uint64_t udp_handle; /* client that may go back to UDP */
  stox_endpoint remote;
  stox_endpoint local;
  stox_span current; /* what is sent */
  char *bytes;       /* the memory of `current`, where it is not in `text` */
  size_t bytes_n;
  size_t size; /* of this object with its text */
  size_t heap_index;
  stox_tx_key key;
  stox_tx_key merge;   /* server: what the same request by another path has too */
  stox_span reply_tag; /* server: of the final response, in `bytes` */
  stox_span via;       /* client: as sent; server: for its responses */
  stox_span trying;    /* server: the whole 100 */
  int failure;
  uint8_t machine;
  uint8_t state;
  uint8_t pending;
  uint8_t is_queued;
  uint8_t is_reliable;
  uint8_t may_retry; /* client: UDP when TCP is refused */
  uint8_t attempt;   /* client: 1 once it has gone back to UDP */
  uint8_t was_lost;  /* client: its stream ended once */
  uint8_t has_ack;   /* INVITE client: what is sent is an ACK */
  char text[];
} stox_tx;

struct stox_transactions {
  stox_transactions_options options;
  stox_allocator alloc;
  stox_random random;
  stox_table ids;
  stox_table keys;
  stox_table merges;
  stox_tx **heap;
  size_t heap_n;
  size_t heap_cap;
  stox_tx *ready_first;
  stox_tx *ready_last;
  size_t count;
  uint64_t octets; /* in use */
  uint64_t next_id;
  uint64_t early_ns; /* how long Timer E takes to reach T2 (RFC 4320 4.1) */
  stox_action action;
};

/* now + ns, STOX_TX_NEVER at most. */
static inline uint64_t stox_tx_later(uint64_t now_ns, uint64_t ns) {
  return now_ns > STOX_TX_NEVER - ns ? STOX_TX_NEVER : now_ns + ns;
}

/* ---- transaction.c ---- */

/* Through the allocator, counted. */
void *stox_tx_resize(stox_transactions *obj, void *p, size_t old_n, size_t new_n);

/* 1 if no new transaction may begin. */
int stox_tx_is_full(const stox_transactions *obj);

/* Makes a transaction known by id, key and, where it has one, merge key, and enters its first
 * state. On failure it is freed. STOX_OK or STOX_E_NOMEM. */
int stox_tx_add(stox_transactions *obj, stox_tx *tx, uint64_t now_ns);

/* Gives back the memory of a transaction that nothing refers to. */
void stox_tx_free(stox_transactions *obj, stox_tx *tx);

/* Adds to what waits for stox_transactions_next(). */
void stox_tx_queue(stox_transactions *obj, stox_tx *tx, int what);

/* Takes a transaction out of the table: all but its last words are over. */
void stox_tx_terminate(stox_transactions *obj, stox_tx *tx);

stox_tx *stox_tx_find(const stox_transactions *obj, uint64_t id);

/* Copies `text` behind what `block` holds and views it there; counts only when `block` has no
 * memory. */
stox_span stox_tx_keep(stox_buf *block, stox_span text);

void stox_tx_keep_endpoint(stox_buf *block, stox_endpoint *out, const stox_endpoint *from);

/* ---- transaction_step.c ---- */

/* 1 if the event may happen in the transaction's state with one of the acts `acts`. */
int stox_tx_allows(const stox_tx *tx, int event, int acts);

/* Runs one event; returns what it did, STOX_TX_DO_…. */
int stox_tx_step(stox_transactions *obj, stox_tx *tx, int event, uint64_t now_ns);

/* Enters a state: sets its timers, or ends the transaction where it lasts no time. */
void stox_tx_enter(stox_transactions *obj, stox_tx *tx, int state, uint64_t now_ns);

/* The event of a status code. */
int stox_tx_event_of(int status);

/* Forgets what is sent. */
void stox_tx_forget(stox_transactions *obj, stox_tx *tx);

/* ---- transaction_timer.c ---- */

/* Room for one more; STOX_OK or STOX_E_NOMEM. */
int stox_tx_heap_reserve(stox_transactions *obj);
void stox_tx_heap_add(stox_transactions *obj, stox_tx *tx);
void stox_tx_heap_remove(stox_transactions *obj, stox_tx *tx);

/* Puts a transaction where its timers want it. */
void stox_tx_heap_update(stox_transactions *obj, stox_tx *tx);

/* ---- transaction_key.c ---- */

/* Of a request, or of one with its Via but another method; as stox_sip_server_key_of(). */
int stox_tx_key_of_request(stox_tx_key *out, stox_sip_message *message, stox_span method);

/* Of a response; as stox_sip_client_key_of(). */
int stox_tx_key_of_response(stox_tx_key *out, stox_sip_message *message);

stox_tx_key stox_tx_key_of_client(stox_span method, stox_span branch, stox_span host,
                                  uint32_t port);
stox_tx_key stox_tx_key_of_merge(const stox_sip_message *message, uint32_t cseq);
void stox_tx_key_keep(stox_buf *block, stox_tx_key *out, const stox_tx_key *key);
stox_tx *stox_tx_key_find(const stox_transactions *obj, const stox_tx_key *key);
stox_tx *stox_tx_merge_find(const stox_transactions *obj, const stox_tx_key *key);
uint64_t stox_tx_key_hash(const stox_table *table, const stox_tx_key *key);

/* ---- transaction_via.c ---- */

/* Appends a header value on one line; few are folded. */
void stox_tx_put_value(stox_buf *out, stox_span value);

/* What a client writes; STOX_OK, STOX_E_NOBUF, STOX_E_BAD_HOST. */
int stox_tx_via_client(stox_buf *out, int transport, const stox_endpoint *local, stox_span branch);

/* The host of `local` as sent-by has it: IPv6 in brackets. STOX_OK or STOX_E_BAD_HOST. */
int stox_tx_sent_by(stox_buf *out, stox_span host);

/* The top Via of responses to a request from `flow` (RFC 3261 18.2.1, RFC 3581 4). */
void stox_tx_via_server(stox_buf *out, const stox_sip_via *via, const stox_flow *flow);

/* Where responses go when the flow is gone, or over UDP (RFC 3261 18.2.2). */
stox_endpoint stox_tx_reply_to(const stox_sip_via *via, const stox_flow *flow);

/* ---- transaction_server.c ---- */

/* A request that matches nothing, with its key. */
int stox_tx_server_new(stox_transactions *obj, stox_transaction_event *out,
                       stox_sip_message *message, const stox_tx_key *key, const stox_flow *flow,
                       uint64_t now_ns);

/* ---- transaction_client.c ---- */

static inline int stox_tx_is_client(const stox_tx *tx) {
  return tx->machine == STOX_TX_CLIENT || tx->machine == STOX_TX_CLIENT_INVITE;
}

/* What a new client transaction is made of. */
typedef struct stox_tx_draft {
  const stox_transaction_target *target;
  stox_endpoint remote;
  stox_span method;
  stox_span branch;
  stox_span host; /* sent-by */
  stox_span via;
  size_t n; /* octets of the request */
} stox_tx_draft;

/* Puts the Via of `transport` on top, once any earlier one has been taken off; `room` holds it. */
int stox_tx_put_via(stox_sip_edit *request, stox_tx_draft *d, stox_buf *room, int transport);

/* Draws a branch; STOX_OK or the status of the random source. */
int stox_tx_make_branch(stox_transactions *obj, stox_buf *out, stox_span suffix);

/* STOX_OK if a request can be sent there, else STOX_E_ARG. */
int stox_tx_check_target(const stox_transaction_target *target);

/* A transaction of a draft, without octets to send; NULL: no memory. */
stox_tx *stox_tx_client_make(stox_transactions *obj, const stox_tx_draft *d);

/* Enters a client transaction that was made and has its octets, and queues them. */
int stox_tx_client_start(stox_transactions *obj, uint64_t *id, stox_tx *tx, uint64_t now_ns);

/* Whether a failed TCP attempt goes on over UDP; if so it is on its way. */
int stox_tx_client_retry(stox_transactions *obj, stox_tx *tx, int status, uint64_t now_ns);

/* Whether a request whose stream ended goes out once more on another; if so it is on its way. */
int stox_tx_client_again(stox_transactions *obj, stox_tx *tx);

/* ---- transaction_invite.c ---- */

/* Makes the ACK of a final response other than 2xx what is sent (RFC 3261 17.1.1.3). Without memory
 * nothing is, and the next such response asks again. */
void stox_tx_invite_acknowledge(stox_transactions *obj, stox_tx *tx,
                                const stox_sip_message *response);

#endif
