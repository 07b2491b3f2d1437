/* SPDX-License-Identifier: MIT */
/**
 * @file
 * SIP transactions (RFC 3261 17, RFC 4320, RFC 6026), over unreliable and reliable transports.
 *
 * Client and server transactions of every method; the ACK of a 2xx, which is in none, goes out by
 * the INVITE's. An engine of its own: messages and time go in, SEND actions and events come out.
 * After each call that may cause actions, stox_transactions_next() is called until NULL.
 *
 * *Placeable*: every octet comes from the allocator; `ud` pointers of allocator and random source
 * are kept as given, and their structs copied, so both must be usable wherever the object is.
 */
#ifndef STOX_TRANSACTION_H
#define STOX_TRANSACTION_H

#include "stox/action.h"
#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/sip.h"

STOX_BEGIN_DECLS

/** A table of transactions with their timers. */
typedef struct stox_transactions stox_transactions;

/** Options; make them with stox_transactions_options_init(). */
typedef struct stox_transactions_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  uint64_t t1_ns;              /**< T1, round trip (500 ms) */
  uint64_t t2_ns;              /**< T2, longest retransmission interval (4 s) */
  uint64_t t4_ns;              /**< T4, life of a message in the network (5 s) */
  uint32_t max;                /**< transactions at once, lingering ones included (65,536) */
  uint32_t udp_max;            /**< largest request sent over UDP (1,300; RFC 3261 18.1.1) */
  const stox_allocator *alloc; /**< NULL: the C library's */
  const stox_random *random;   /**< must be given */
  uint64_t max_octets;         /**< memory at which new transactions are refused (256 MiB) */
} stox_transactions_options;

/** What stox_transactions_feed() found a message to be. */
enum {
  STOX_TRANSACTION_NEW_REQUEST = 1,    /**< server transaction `id` waits for its response */
  STOX_TRANSACTION_RETRANSMISSION = 2, /**< absorbed by `id`: nothing to do */
  STOX_TRANSACTION_RESPONSE = 3,       /**< response to client transaction `id` */
  STOX_TRANSACTION_STRAY = 4,          /**< response that matches nothing: drop it (RFC 6026 7.2) */
  STOX_TRANSACTION_CANCEL =
      5, /**< server transaction `id` is a CANCEL of server transaction `other`: answer 200; `other`
            0: nothing matches, answer 481 (RFC 3261 9.2) */
  STOX_TRANSACTION_ACK = 6,   /**< ACK that belongs to no transaction that awaits it: for a dialog,
                                 else drop it; `id` is its INVITE if known */
  STOX_TRANSACTION_MERGED = 7 /**< as NEW_REQUEST, but the same request is being, or was just,
                                 handled as `other`, having come by another path: answer 482 (RFC
                                 3261 8.2.2.2) */
};

/** What stox_transactions_feed() found. */
typedef struct stox_transaction_event {
  int kind;       /**< STOX_TRANSACTION_NEW_REQUEST … */
  int spare;      /**< 0 */
  uint64_t id;    /**< the transaction; 0: none */
  uint64_t other; /**< CANCEL and MERGED: the other transaction; else 0 */
} stox_transaction_event;

/** Events that stox_transactions_next() gives (`action->event`), with the transaction in
 * `action->id`. */
enum {
  STOX_TRANSACTION_TIMEOUT = 1, /**< client: no final response (Timer B, F), treat as 408; server:
                                   the caller did not answer in time and no longer may (RFC 4320
                                   4.2), or an INVITE's response was never acknowledged (Timer H) */
  STOX_TRANSACTION_FAILED = 2,  /**< the transport failed, `action->status` says how; client: treat
                                   as 503 (RFC 3261 17.1.4); server: RFC 3261 17.2.4, RFC 6026 */
  STOX_TRANSACTION_TERMINATED = 3 /**< `id` is gone: the last word about it, exactly once */
};

/** Flags of a target. */
enum {
  STOX_TRANSACTION_UDP_RETRY =
      1 /**< when a request goes over TCP only because of its size and TCP is refused, try UDP (RFC
           3261 18.1.1); RFC 3428 8 forbids that for MESSAGE across the open Internet */
};

/** Where a request goes. Zero-initialise, then fill. Borrowed for the call. */
typedef struct stox_transaction_target {
  stox_endpoint local;     /**< sent-by of Via: a host name or address, port 0: none written; the
                              transport is taken from `remote` */
  stox_endpoint remote;    /**< next hop and transport */
  uint64_t handle;         /**< flow to use (UDP: socket); 0: by `remote` */
  stox_span branch_suffix; /**< appended to the branch behind a dot, as stox_loop_hash() gives it;
                              absent: none */
  uint32_t flags;          /**< STOX_TRANSACTION_UDP_RETRY or 0 */
  uint32_t spare;          /**< 0 */
} stox_transaction_target;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_transactions_options_init(stox_transactions_options *out, size_t size);

/**
 * Makes an empty table.
 * @retval STOX_OK `out` is the caller's, to be ended with stox_transactions_del()
 * @retval STOX_E_ARG no random source, a timer or `max` of 0
 * @retval STOX_E_NOMEM memory
 * @retval status that of the random source
 */
STOX_API int stox_transactions_new(stox_transactions **out,
                                   const stox_transactions_options *options);

/** Ends a table and all its transactions without a word; NULL is allowed. */
STOX_API void stox_transactions_del(stox_transactions *obj);

/**
 * Takes a parsed message in (RFC 3261 17.1.3, 17.2.3, also the matching of RFC 2543).
 * @param obj the table
 * @param[out] out what it is and whom it concerns
 * @param message a message, also one that stox_sip_parse() refused but gave so that it can be
 * answered; borrowed for the call, the caller's own
 * @param flow where it came from; `handle` is where responses go
 * @param now_ns monotonic time
 * @retval STOX_OK `out` is set
 * @retval STOX_E_FULL a new request and `max` transactions or `max_octets` in use: answer 503
 * without a transaction
 * @retval STOX_E_NOMEM a new request and no memory: answer 503 likewise, or drop it
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable Via or CSeq
 * @retval STOX_E_ARG the flow names no transport
 */
STOX_API int stox_transactions_feed(stox_transactions *obj, stox_transaction_event *out,
                                    stox_sip_message *message, const stox_flow *flow,
                                    uint64_t now_ns);

/**
 * Sends a request in a new client transaction: adds the top Via (`rport` and a branch of 128 fresh
 * random bits), writes it, and retransmits it as its transport needs. A request above `udp_max`
 * octets that was to go over UDP goes over TCP (RFC 3261 18.1.1).
 * @param obj the table
 * @param[out] id the transaction, below 2^52, never used again by this object
 * @param request the request, changed: it has one more Via afterwards
 * @param target where it goes
 * @param now_ns monotonic time
 * @retval STOX_OK a SEND action waits
 * @retval STOX_E_UNSUPPORTED_METHOD ACK
 * @retval STOX_E_STATE a response, not a request
 * @retval STOX_E_MISSING no From, To, Call-ID or CSeq
 * @retval STOX_E_BAD_HEADER no usable CSeq
 * @retval STOX_E_ARG no host or port or transport to send to, or `branch_suffix` is no token
 * @retval STOX_E_BAD_HOST `local.host` is no host
 * @retval STOX_E_FULL `max` transactions or `max_octets` in use
 * @retval STOX_E_NOMEM memory
 * @retval status that of the random source
 */
STOX_API int stox_transactions_request(stox_transactions *obj, uint64_t *id, stox_sip_edit *request,
                                       const stox_transaction_target *target, uint64_t now_ns);

/**
 * Cancels an INVITE that a provisional response has shown to have arrived (RFC 3261 9.1): a CANCEL
 * with its branch goes out in a client transaction of its own. If no final response comes within 64
 * T1 the INVITE times out. The caller that gets a 2xx all the same acknowledges it and sends BYE.
 * @param obj the table
 * @param[out] id the transaction of the CANCEL
 * @param invite a client transaction
 * @param now_ns monotonic time
 * @retval STOX_OK a SEND action waits
 * @retval STOX_E_MORE no response yet: a CANCEL must not overtake its INVITE, ask again when one
 * came
 * @retval STOX_E_STATE it has its final response, or is cancelled already
 * @retval STOX_E_NONE no such INVITE
 * @retval STOX_E_FULL `max` transactions or `max_octets` in use
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_transactions_cancel(stox_transactions *obj, uint64_t *id, uint64_t invite,
                                      uint64_t now_ns);

/**
 * Sends the ACK of a 2xx (RFC 3261 13.2.2.4), once for each time that a 2xx comes in: every
 * STOX_TRANSACTION_RESPONSE with one asks for it, retransmissions and those of other branches too.
 * The ACKs of other final responses go out by themselves.
 * @param obj the table
 * @param id the INVITE's client transaction, which lives 64 T1 from its first 2xx on (RFC 6026)
 * @param ack the request, changed: it has a Via with a branch of its own afterwards
 * @param target where it goes: the dialog's route set decides
 * @retval STOX_OK a SEND action waits
 * @retval STOX_E_NONE no INVITE that has a 2xx
 * @retval STOX_E_STATE the last ACK has not been pulled yet
 * @retval STOX_E_UNSUPPORTED_METHOD not an ACK
 * @retval STOX_E_NOMEM memory
 * @return else as stox_transactions_request()
 */
STOX_API int stox_transactions_ack(stox_transactions *obj, uint64_t id, stox_sip_edit *ack,
                                   const stox_transaction_target *target);

/**
 * Answers a request. The top Via is written with `received` and `rport` as RFC 3261 18.2.1 and RFC
 * 3581 say. A response that has not been pulled yet gives way to the next one. The 100 that a
 * waiting client needs is sent without being asked for (INVITE: after 200 ms; others: RFC 4320).
 * @param obj the table
 * @param id as stox_transactions_feed() gave it
 * @param response made by stox_sip_response_new() from that request; changed: its top Via
 * @param now_ns monotonic time
 * @retval STOX_OK a SEND action waits
 * @retval STOX_E_NONE no such transaction (any more)
 * @retval STOX_E_STATE it has its final response, or a 100 over UDP would be too early (RFC 4320
 * 4.1)
 * @retval STOX_E_TIMEOUT too late for a final response (RFC 4320 4.2)
 * @retval STOX_E_ARG not a response, or 101 … 199 or 408 to a request other than INVITE (RFC 4320)
 * @retval STOX_E_MISSING the response lacks a header field that each has
 * @retval STOX_E_NOMEM memory; the transaction still waits, unless it is for good
 */
STOX_API int stox_transactions_respond(stox_transactions *obj, uint64_t id, stox_sip_edit *response,
                                       uint64_t now_ns);

/**
 * Makes a response ready to be sent without a transaction (RFC 3261 8.2.7), as for a request that
 * got STOX_E_FULL: its top Via gets `received` and `rport`. Needs no table.
 * @param[out] remote where to send it, views of `request` and `flow`; a stream: when the flow is
 * gone
 * @param response made by stox_sip_response_new() from `request`; changed: its top Via
 * @param request the request
 * @param flow where it came from
 * @retval STOX_OK ready
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable Via
 * @retval STOX_E_TOO_LONG a top Via of more than 1,000 octets
 * @retval STOX_E_NOMEM the response's arena is exhausted
 */
STOX_API int stox_transaction_address(stox_endpoint *remote, stox_sip_edit *response,
                                      stox_sip_message *request, const stox_flow *flow);

/**
 * Says how a SEND action ended.
 * @param obj the table
 * @param token of the action
 * @param status STOX_OK: the octets are in the kernel; else a transport error
 * @param now_ns monotonic time
 * @retval STOX_OK taken note of, also for a token whose transaction has ended
 */
STOX_API int stox_transactions_done(stox_transactions *obj, uint64_t token, int status,
                                    uint64_t now_ns);

/** @return the transaction that a SEND action's token belongs to */
STOX_API uint64_t stox_transactions_of_token(uint64_t token);

/**
 * Says that the stream a request went out on has ended before its final response. The request is
 * sent once more, on another stream: a peer that has it already knows it by its branch (RFC 3261
 * 17.2.3). The second time the transaction fails. A SEND action that ends with STOX_E_CLOSED counts
 * as such an end.
 * @param obj the table
 * @param id a client transaction
 * @param now_ns monotonic time
 * @retval STOX_OK a SEND action or STOX_TRANSACTION_FAILED waits
 * @retval STOX_E_NONE no such client transaction waits on a stream
 */
STOX_API int stox_transactions_lost(stox_transactions *obj, uint64_t id, uint64_t now_ns);

/**
 * Gives the next action: STOX_DO_SEND, or STOX_DO_EVENT with STOX_TRANSACTION_TIMEOUT ….
 * @return valid until the next call on `obj`; NULL: none
 */
STOX_API const stox_action *stox_transactions_next(stox_transactions *obj);

/** @return when stox_transactions_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_transactions_deadline(const stox_transactions *obj);

/** Fires the timers that are due; STOX_OK. */
STOX_API int stox_transactions_tick(stox_transactions *obj, uint64_t now_ns);

/** @return transactions that exist, lingering ones included */
STOX_API size_t stox_transactions_count(const stox_transactions *obj);

STOX_END_DECLS

#endif
