/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "ua/transaction_private.h"

/* ---- the state tables: RFC 3261 17 with RFC 6026 and RFC 4320 ---- */

typedef struct step {
  uint8_t next;
  uint8_t acts; /* STOX_TX_DO_… */
} step;

enum {
  SEND = STOX_TX_DO_SEND,
  FAILED = STOX_TX_DO_FAILED,
  TIMEOUT = STOX_TX_DO_TIMEOUT,
  PASS = STOX_TX_DO_PASS,
  TRYING_100 = STOX_TX_DO_TRYING | STOX_TX_DO_SEND,
  FORGET = STOX_TX_DO_FORGET,
  ACK = STOX_TX_DO_ACK | STOX_TX_DO_SEND
};

/* What is not listed is absorbed. */
static const step steps[STOX_TX_MACHINES][STOX_TX_STATES][STOX_TX_EVENTS] =
    {
        [STOX_TX_CLIENT] =
            {
                [STOX_TX_TRYING] = {[STOX_TX_ON_1XX] = {STOX_TX_PROCEEDING, PASS},
                                    [STOX_TX_ON_2XX] = {STOX_TX_COMPLETED, PASS | FORGET},
                                    [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, PASS | FORGET},
                                    [STOX_TX_ON_RESEND] = {STOX_TX_STAY, SEND},
                                    [STOX_TX_ON_END] = {STOX_TX_TERMINATED, TIMEOUT | FORGET},
                                    [STOX_TX_ON_ERROR] = {STOX_TX_TERMINATED, FAILED | FORGET}},
                [STOX_TX_PROCEEDING] = {[STOX_TX_ON_1XX] = {STOX_TX_STAY, PASS},
                                        [STOX_TX_ON_2XX] = {STOX_TX_COMPLETED, PASS | FORGET},
                                        [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, PASS | FORGET},
                                        [STOX_TX_ON_RESEND] = {STOX_TX_STAY, SEND},
                                        [STOX_TX_ON_END] = {STOX_TX_TERMINATED, TIMEOUT | FORGET},
                                        [STOX_TX_ON_ERROR] = {STOX_TX_TERMINATED, FAILED | FORGET}},
                [STOX_TX_COMPLETED] = {[STOX_TX_ON_END] = {STOX_TX_TERMINATED, 0}},
            },
        [STOX_TX_CLIENT_INVITE] =
            {
                [STOX_TX_TRYING] = {[STOX_TX_ON_1XX] = {STOX_TX_PROCEEDING, PASS},
                                    [STOX_TX_ON_2XX] = {STOX_TX_ACCEPTED, PASS | FORGET},
                                    [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, PASS | ACK},
                                    [STOX_TX_ON_RESEND] = {STOX_TX_STAY, SEND},
                                    [STOX_TX_ON_END] = {STOX_TX_TERMINATED, TIMEOUT | FORGET},
                                    [STOX_TX_ON_ERROR] = {STOX_TX_TERMINATED, FAILED | FORGET}},
                [STOX_TX_PROCEEDING] = {[STOX_TX_ON_1XX] = {STOX_TX_STAY, PASS},
                                        [STOX_TX_ON_2XX] = {STOX_TX_ACCEPTED, PASS | FORGET},
                                        [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, PASS | ACK},
                                        [STOX_TX_ON_END] = {STOX_TX_TERMINATED, TIMEOUT | FORGET},
                                        [STOX_TX_ON_ERROR] = {STOX_TX_TERMINATED, FAILED | FORGET}},
                [STOX_TX_COMPLETED] = {[STOX_TX_ON_REST] = {STOX_TX_STAY, ACK},
                                       [STOX_TX_ON_END] = {STOX_TX_TERMINATED, FORGET},
                                       [STOX_TX_ON_ERROR] = {STOX_TX_TERMINATED, FAILED | FORGET}},
                [STOX_TX_ACCEPTED] = {[STOX_TX_ON_2XX] = {STOX_TX_STAY, PASS},
                                      [STOX_TX_ON_END] = {STOX_TX_TERMINATED, FORGET},
                                      [STOX_TX_ON_ERROR] = {STOX_TX_STAY, FAILED}},
            },
        /* A server whose caller never answered goes to Completed with nothing to send, so that late
         * retransmissions are absorbed instead of being taken for new requests. */
        [STOX_TX_SERVER] =
            {
                [STOX_TX_TRYING] = {[STOX_TX_ON_1XX] = {STOX_TX_PROCEEDING, SEND},
                                    [STOX_TX_ON_2XX] = {STOX_TX_COMPLETED, SEND},
                                    [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, SEND},
                                    [STOX_TX_ON_RESEND] = {STOX_TX_PROCEEDING, TRYING_100},
                                    [STOX_TX_ON_END] = {STOX_TX_COMPLETED, TIMEOUT | FORGET}},
                [STOX_TX_PROCEEDING] = {[STOX_TX_ON_1XX] = {STOX_TX_STAY, SEND},
                                        [STOX_TX_ON_2XX] = {STOX_TX_COMPLETED, SEND},
                                        [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, SEND},
                                        [STOX_TX_ON_REQUEST] = {STOX_TX_STAY, SEND},
                                        [STOX_TX_ON_END] = {STOX_TX_COMPLETED, TIMEOUT | FORGET},
                                        [STOX_TX_ON_ERROR] = {STOX_TX_STAY, FAILED}},
                [STOX_TX_COMPLETED] = {[STOX_TX_ON_REQUEST] = {STOX_TX_STAY, SEND},
                                       [STOX_TX_ON_END] = {STOX_TX_TERMINATED, 0},
                                       [STOX_TX_ON_ERROR] = {STOX_TX_STAY, FAILED}},
            },
        [STOX_TX_SERVER_INVITE] =
            {
                [STOX_TX_PROCEEDING] = {[STOX_TX_ON_1XX] = {STOX_TX_STAY, SEND},
                                        [STOX_TX_ON_2XX] = {STOX_TX_ACCEPTED, SEND},
                                        [STOX_TX_ON_REST] = {STOX_TX_COMPLETED, SEND},
                                        [STOX_TX_ON_REQUEST] = {STOX_TX_STAY, SEND},
                                        [STOX_TX_ON_RESEND] = {STOX_TX_STAY, TRYING_100},
                                        [STOX_TX_ON_ERROR] = {STOX_TX_STAY, FAILED}},
                [STOX_TX_COMPLETED] = {[STOX_TX_ON_REQUEST] = {STOX_TX_STAY, SEND},
                                       [STOX_TX_ON_ACK] = {STOX_TX_CONFIRMED, FORGET},
                                       [STOX_TX_ON_RESEND] = {STOX_TX_STAY, SEND},
                                       [STOX_TX_ON_END] = {STOX_TX_TERMINATED, TIMEOUT | FORGET},
                                       [STOX_TX_ON_ERROR] = {STOX_TX_STAY, FAILED}},
                [STOX_TX_CONFIRMED] = {[STOX_TX_ON_END] = {STOX_TX_TERMINATED, 0}},
                [STOX_TX_ACCEPTED] = {[STOX_TX_ON_2XX] = {STOX_TX_STAY, SEND},
                                      [STOX_TX_ON_ACK] = {STOX_TX_STAY, PASS},
                                      [STOX_TX_ON_END] = {STOX_TX_TERMINATED, 0},
                                      [STOX_TX_ON_ERROR] = {STOX_TX_STAY, FAILED}},
            },
};

/* ---- the timers that a state sets when it is entered ---- */

enum { RESEND_OFF, RESEND_KEEP, RESEND_T1, RESEND_EARLY, RESEND_200_MS };
enum { END_KEEP, END_NEVER, END_64_T1, END_64_T1_UNRELIABLE, END_T4_UNRELIABLE };

typedef struct clock {
  uint8_t resend;
  uint8_t end;
} clock;

static const clock clocks[STOX_TX_MACHINES][STOX_TX_STATES] = {
    [STOX_TX_CLIENT] = {[STOX_TX_TRYING] = {RESEND_T1, END_64_T1}, /* E, F */
                        [STOX_TX_PROCEEDING] = {RESEND_KEEP, END_KEEP},
                        [STOX_TX_COMPLETED] = {RESEND_OFF, END_T4_UNRELIABLE}}, /* K */
    [STOX_TX_CLIENT_INVITE] = {[STOX_TX_TRYING] = {RESEND_T1, END_64_T1},       /* A, B */
                               [STOX_TX_PROCEEDING] = {RESEND_OFF, END_NEVER},
                               [STOX_TX_COMPLETED] = {RESEND_OFF, END_64_T1_UNRELIABLE}, /* D */
                               [STOX_TX_ACCEPTED] = {RESEND_OFF, END_64_T1}},            /* M */
    [STOX_TX_SERVER] = {[STOX_TX_TRYING] = {RESEND_EARLY, END_64_T1},
                        [STOX_TX_PROCEEDING] = {RESEND_OFF, END_KEEP},
                        [STOX_TX_COMPLETED] = {RESEND_OFF, END_64_T1_UNRELIABLE}}, /* J */
    [STOX_TX_SERVER_INVITE] = {[STOX_TX_PROCEEDING] = {RESEND_200_MS, END_NEVER},
                               [STOX_TX_COMPLETED] = {RESEND_T1, END_64_T1},          /* G, H */
                               [STOX_TX_CONFIRMED] = {RESEND_OFF, END_T4_UNRELIABLE}, /* I */
                               [STOX_TX_ACCEPTED] = {RESEND_OFF, END_64_T1}},         /* L */
};

static const uint64_t trying_delay_ns = UINT64_C(200000000); /* RFC 3261 17.2.1 */

static void set_resend(const stox_transactions *obj, stox_tx *tx, int kind, uint64_t now_ns) {
  switch (kind) {
  case RESEND_T1:
    tx->interval_ns = obj->options.t1_ns;
    tx->resend_ns = tx->is_reliable ? STOX_TX_NEVER : stox_tx_later(now_ns, tx->interval_ns);
    break;
  case RESEND_EARLY:
    tx->resend_ns = tx->early_ns;
    break;
  case RESEND_200_MS:
    tx->resend_ns = stox_tx_later(now_ns, trying_delay_ns);
    break;
  case RESEND_OFF:
    tx->resend_ns = STOX_TX_NEVER;
    break;
  default:
    break;
  }
}

/* How long a state lasts that has an end. */
static uint64_t life_of(const stox_transactions *obj, const stox_tx *tx, int kind) {
  if (kind == END_64_T1) {
    return 64 * obj->options.t1_ns;
  }
  if (tx->is_reliable) {
    return 0;
  }
  return kind == END_T4_UNRELIABLE ? obj->options.t4_ns : 64 * obj->options.t1_ns;
}

void stox_tx_enter(stox_transactions *obj, stox_tx *tx, int state, uint64_t now_ns) {
  tx->state = (uint8_t)state;
  if (state == STOX_TX_TERMINATED) {
    stox_tx_terminate(obj, tx);
    return;
  }
  const clock *set = &clocks[tx->machine][state];
  set_resend(obj, tx, set->resend, now_ns);
  if (set->end == END_NEVER) {
    tx->end_ns = STOX_TX_NEVER;
  } else if (set->end != END_KEEP) {
    const uint64_t life = life_of(obj, tx, set->end);
    if (life == 0) {
      tx->state = STOX_TX_TERMINATED;
      stox_tx_terminate(obj, tx);
      return;
    }
    tx->end_ns = stox_tx_later(now_ns, life);
  }
  stox_tx_heap_update(obj, tx);
}

/* ---- running ---- */

/* Timer E doubles up to T2, and is T2 once the request is known to have arrived (RFC 3261
 * 17.1.2.2); Timer G doubles up to T2; Timer A doubles (17.1.1.2). */
static void set_next_resend(const stox_transactions *obj, stox_tx *tx, uint64_t now_ns) {
  const uint64_t t2 = tx->machine == STOX_TX_CLIENT_INVITE ? UINT64_MAX : obj->options.t2_ns;
  tx->interval_ns =
      tx->state == STOX_TX_PROCEEDING || tx->interval_ns > t2 / 2 ? t2 : 2 * tx->interval_ns;
  tx->resend_ns = stox_tx_later(now_ns, tx->interval_ns);
}

int stox_tx_event_of(int status) {
  if (status < 200) {
    return STOX_TX_ON_1XX;
  }
  return status < 300 ? STOX_TX_ON_2XX : STOX_TX_ON_REST;
}

int stox_tx_allows(const stox_tx *tx, int event, int acts) {
  return (steps[tx->machine][tx->state][event].acts & acts) != 0;
}

void stox_tx_forget(stox_transactions *obj, stox_tx *tx) {
  if (tx->bytes != NULL) {
    (void)stox_tx_resize(obj, tx->bytes, tx->bytes_n, 0);
  }
  tx->bytes = NULL;
  tx->bytes_n = 0;
  tx->current = (stox_span){NULL, 0};
  tx->reply_tag = (stox_span){NULL, 0};
  tx->pending &= (uint8_t)~STOX_TX_DO_SEND;
}

int stox_tx_step(stox_transactions *obj, stox_tx *tx, int event, uint64_t now_ns) {
  const step now = steps[tx->machine][tx->state][event];
  if (now.acts & STOX_TX_DO_TRYING) {
    tx->current = tx->trying;
  }
  if (event == STOX_TX_ON_RESEND && now.acts != 0) {
    if (now.acts & STOX_TX_DO_TRYING) {
      tx->resend_ns = STOX_TX_NEVER;
    } else {
      set_next_resend(obj, tx, now_ns);
    }
  } else if (event == STOX_TX_ON_1XX && tx->machine == STOX_TX_SERVER_INVITE) {
    tx->resend_ns = STOX_TX_NEVER;
  }
  if (now.acts & STOX_TX_DO_FORGET) {
    stox_tx_forget(obj, tx);
  }
  stox_tx_queue(obj, tx, now.acts & (SEND | FAILED | TIMEOUT));
  if (now.next != STOX_TX_STAY) {
    stox_tx_enter(obj, tx, now.next, now_ns);
  } else {
    stox_tx_heap_update(obj, tx);
  }
  return now.acts;
}
