/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Actions: what an engine asks its host to do, pulled one by one with `…_next()`.
 *
 * An action is valid until the next call on the engine that gave it. One with a non-zero `token` is
 * finished later by the host with `…_done(engine, token, status, result, now_ns)`.
 */
#ifndef STOX_ACTION_H
#define STOX_ACTION_H

#include "stox/flow.h"

STOX_BEGIN_DECLS

/** Kinds of action. */
enum {
  STOX_DO_SEND = 1,  /**< send `bytes` on `handle` or, without one or when it is gone, to `remote`;
                        for UDP `handle` names the socket; to a `remote` with TLS as the
                        `stox_secure` at `object` says; done: the octets are in the kernel */
  STOX_DO_OPEN = 2,  /**< open a stream to `remote`; done: its status, result: nothing, `handle` by
                        flow; with TLS as the `stox_secure` (stox/secure.h) at `object` says, and
                        done once it is secured */
  STOX_DO_CLOSE = 3, /**< close `handle` after what was sent on it; what comes in on it is not fed
                        any more, nor is its end */
  STOX_DO_RESOLVE = 4,   /**< ask the resolver the `stox_question` (stox/record.h) at `object`;
                            finished by giving the engine the records */
  STOX_DO_STORE = 5,     /**< carry out the store operation in `bytes`; done: what it found */
  STOX_DO_START_TLS = 6, /**< start TLS on `handle` as the `stox_secure` (stox/secure.h) at `object`
                            says; `bytes`: octets of the peer that belong to the session already;
                            done: its status, and the flow with its `peer` */
  STOX_DO_EVENT = 7      /**< `event` happened; nothing to do */
};

/** One action. The library owns it and everything it points to. */
typedef struct stox_action {
  int kind;        /**< STOX_DO_… */
  int event;       /**< STOX_DO_EVENT: which, by the engine's own list */
  int status;      /**< STOX_DO_EVENT: its status */
  int spare;       /**< 0 */
  uint64_t handle; /**< flow that it concerns; 0: none, see `remote` */
  uint64_t token;  /**< to be given back by `…_done()`; 0: nothing is to be given back */
  uint64_t id;     /**< the object that it concerns (a transaction), by the engine's own numbers */
  stox_endpoint remote; /**< where to send or connect */
  stox_endpoint local;  /**< from where, when `handle` is 0; host absent: any */
  stox_span bytes;      /**< what to send or store */
  const void *object;   /**< what is asked; what the event carries, by the engine's own list */
} stox_action;

STOX_END_DECLS

#endif
