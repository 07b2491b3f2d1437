/* SPDX-License-Identifier: MIT */
/* Random traffic, late, lost, doubled and out of order, against a plain model of RFC 3261 17.1.2,
 * 17.2.1, 17.2.2, RFC 4320 and RFC 6026: a list that is searched from its start, a field for each
 * timer. What the table says and does must be what the model says and does. */
#include "transaction_support.h"

enum { WORLDS = 300, EVENTS = 700, MOST = 400, BRANCHES = 6, ACTIONS = 2 * MOST, SENT = 1024 };
enum { CLIENT, SERVER, INVITE_SERVER };
enum { TRYING, PROCEEDING, COMPLETED, CONFIRMED, ACCEPTED, GONE };

#define NEVER UINT64_MAX
#define T1    (500 * MS)
#define T2    (4 * SECOND)
#define T4    (5 * SECOND)

static const char *const methods[] = {"MESSAGE", "INVITE", "CANCEL"};

typedef struct model_tx {
  uint64_t id;
  int kind;
  int reliable;
  int was_lost; /* clients: the stream ended once, the request went out again */
  int state;
  int branch;     /* servers */
  int method;     /* servers: of `methods` */
  int owner;      /* servers: others merge with it */
  int last;       /* servers: code sent last, 0: none */
  uint64_t again; /* A, E, G or the delay of a 100 */
  uint64_t step;
  uint64_t end;
  uint64_t early;
  char sent[SENT]; /* clients: the request */
} model_tx;

/* "id what", what being a code, `R` for a request, or an event. */
typedef struct act {
  uint64_t id;
  int what;
} act;

enum { REQUEST_SENT = 1000, EVENT = 2000 };

typedef struct model {
  model_tx tx[MOST];
  size_t n;
  act acts[ACTIONS];
  size_t n_acts;
} model;

/* What waits is sent no more. */
static void unsend(model *m, const model_tx *tx) {
  for (size_t i = 0; i < m->n_acts; i++) {
    if (m->acts[i].id == tx->id && m->acts[i].what < EVENT) {
      m->acts[i] = m->acts[--m->n_acts];
      i--;
    }
  }
}

/* What has not been pulled gives way: a send to the next, an event to the same. */
static void say(model *m, const model_tx *tx, int what) {
  if (what < EVENT) {
    unsend(m, tx);
  }
  for (size_t i = 0; i < m->n_acts; i++) {
    if (m->acts[i].id == tx->id && m->acts[i].what == what) {
      return;
    }
  }
  assert_true(m->n_acts < ACTIONS);
  m->acts[m->n_acts++] = (act){tx->id, what};
}

static void end(model *m, model_tx *tx) {
  tx->state = GONE;
  tx->again = NEVER;
  tx->end = NEVER;
  say(m, tx, EVENT + STOX_TRANSACTION_TERMINATED);
}

static void send_last(model *m, const model_tx *tx) {
  if (tx->last != 0) {
    say(m, tx, tx->last);
  }
}

/* ---- the model's clients ---- */

static int client_hears(model *m, model_tx *tx, int code, uint64_t now) {
  if (tx->state == COMPLETED) {
    return STOX_TRANSACTION_RETRANSMISSION;
  }
  if (code < 200) {
    tx->state = PROCEEDING;
    return STOX_TRANSACTION_RESPONSE;
  }
  unsend(m, tx);
  tx->state = COMPLETED;
  tx->again = NEVER;
  tx->end = now + T4;
  if (tx->reliable) {
    end(m, tx);
  }
  return STOX_TRANSACTION_RESPONSE;
}

static void client_tick(model *m, model_tx *tx, uint64_t now) {
  if (tx->end <= now) {
    if (tx->state != COMPLETED) {
      unsend(m, tx);
      say(m, tx, EVENT + STOX_TRANSACTION_TIMEOUT);
    }
    end(m, tx);
  } else if (tx->again <= now) {
    say(m, tx, REQUEST_SENT);
    tx->step = tx->state == PROCEEDING || 2 * tx->step > T2 ? T2 : 2 * tx->step;
    tx->again = now + tx->step;
  }
}

/* ---- the model's servers ---- */

static int server_final(model *m, model_tx *tx, int code, uint64_t now) {
  tx->last = code;
  say(m, tx, code);
  tx->state = COMPLETED;
  tx->again = NEVER;
  tx->end = now + 64 * T1;
  if (tx->reliable) {
    end(m, tx);
  }
  return STOX_OK;
}

static int server_respond(model *m, model_tx *tx, int code, uint64_t now) {
  if ((code > 100 && code < 200) || code == 408) {
    return STOX_E_ARG;
  }
  if (tx->state == COMPLETED) {
    return tx->last == 0 ? STOX_E_TIMEOUT : STOX_E_STATE;
  }
  if (code >= 200) {
    return server_final(m, tx, code, now);
  }
  if (!tx->reliable && now < tx->early) {
    return STOX_E_STATE;
  }
  tx->last = code;
  tx->state = PROCEEDING;
  tx->again = NEVER;
  say(m, tx, code);
  return STOX_OK;
}

static int invite_respond(model *m, model_tx *tx, int code, uint64_t now) {
  const int is_2xx = code >= 200 && code < 300;
  if (tx->state != PROCEEDING && !(tx->state == ACCEPTED && is_2xx)) {
    return STOX_E_STATE;
  }
  tx->last = code;
  say(m, tx, code);
  if (tx->state == ACCEPTED) {
    return STOX_OK;
  }
  tx->again = NEVER;
  if (is_2xx) {
    tx->state = ACCEPTED;
    tx->end = now + 64 * T1;
  } else if (code >= 300) {
    tx->state = COMPLETED;
    tx->end = now + 64 * T1;
    tx->step = T1;
    tx->again = tx->reliable ? NEVER : now + T1;
  }
  return STOX_OK;
}

static void server_again(model *m, const model_tx *tx) {
  const int invite_over =
      tx->kind == INVITE_SERVER && (tx->state == ACCEPTED || tx->state == CONFIRMED);
  if (!invite_over) {
    send_last(m, tx);
  }
}

static int server_ack(model *m, model_tx *tx, uint64_t now) {
  if (tx->state == ACCEPTED) {
    return STOX_TRANSACTION_ACK;
  }
  if (tx->state == COMPLETED) {
    unsend(m, tx);
    tx->state = CONFIRMED;
    tx->again = NEVER;
    tx->end = now + T4;
    if (tx->reliable) {
      end(m, tx);
    }
  }
  return STOX_TRANSACTION_RETRANSMISSION;
}

static void server_tick(model *m, model_tx *tx, uint64_t now) {
  const int waits = tx->state == TRYING || tx->state == PROCEEDING;
  if (tx->end <= now && tx->kind == SERVER && waits) {
    unsend(m, tx);
    say(m, tx, EVENT + STOX_TRANSACTION_TIMEOUT);
    tx->state = COMPLETED;
    tx->last = 0;
    tx->again = NEVER;
    tx->end = now + 64 * T1;
    if (tx->reliable) {
      end(m, tx);
    }
  } else if (tx->end <= now) {
    if (tx->kind == INVITE_SERVER && tx->state == COMPLETED) {
      unsend(m, tx);
      say(m, tx, EVENT + STOX_TRANSACTION_TIMEOUT);
    }
    end(m, tx);
  } else if (tx->again <= now && waits) {
    tx->state = PROCEEDING;
    tx->last = 100;
    tx->again = NEVER;
    say(m, tx, 100);
  } else if (tx->again <= now) {
    send_last(m, tx);
    tx->step = 2 * tx->step > T2 ? T2 : 2 * tx->step;
    tx->again = now + tx->step;
  }
}

static void break_off(model *m, model_tx *tx) {
  if (tx->kind == CLIENT) {
    if (tx->state == COMPLETED) {
      return;
    }
    if (tx->reliable && !tx->was_lost) {
      tx->was_lost = 1;
      say(m, tx, REQUEST_SENT);
      return;
    }
    unsend(m, tx);
    say(m, tx, EVENT + STOX_TRANSACTION_FAILED);
    end(m, tx);
  } else if (tx->state != TRYING && tx->state != CONFIRMED) {
    say(m, tx, EVENT + STOX_TRANSACTION_FAILED);
  }
}

/* ---- lists ---- */

static model_tx *find_server(model *m, int branch, int method) {
  for (size_t i = 0; i < m->n; i++) {
    model_tx *tx = &m->tx[i];
    if (tx->state != GONE && tx->kind != CLIENT && tx->branch == branch && tx->method == method) {
      return tx;
    }
  }
  return NULL;
}

/* Call-IDs are fewer than branches: some requests merge. */
static int call_of(int branch) {
  return branch % 4;
}

static model_tx *find_owner(model *m, int branch, int method) {
  for (size_t i = 0; i < m->n; i++) {
    model_tx *tx = &m->tx[i];
    if (tx->state != GONE && tx->owner && call_of(tx->branch) == call_of(branch) &&
        tx->method == method) {
      return tx;
    }
  }
  return NULL;
}

static model_tx *pick(world *w, model *m) {
  return m->n == 0 ? NULL : &m->tx[test_random(&w->seed) % m->n];
}

static model_tx *add(model *m, uint64_t id, int kind, int transport) {
  m->tx[m->n] = (model_tx){
      .id = id, .kind = kind, .reliable = transport == TCP, .again = NEVER, .end = NEVER};
  return &m->tx[m->n++];
}

/* ---- comparing ---- */

static int compare_acts(const void *a, const void *b) {
  const act *x = a;
  const act *y = b;
  if (x->id != y->id) {
    return x->id < y->id ? -1 : 1;
  }
  return (x->what > y->what) - (x->what < y->what);
}

static void pull(world *w, model *m) {
  static act got[ACTIONS];
  size_t n = 0;
  for (const stox_action *a = NULL; (a = stox_transactions_next(w->t)) != NULL; n++) {
    assert_true(n < ACTIONS);
    got[n] = (act){a->id, EVENT + a->event};
    if (a->kind == STOX_DO_SEND) {
      const int is_response = memcmp(a->bytes.p, "SIP/2.0 ", 8) == 0;
      got[n].what = is_response ? atoi(a->bytes.p + 8) : REQUEST_SENT;
    }
  }
  qsort(got, n, sizeof *got, compare_acts);
  qsort(m->acts, m->n_acts, sizeof *m->acts, compare_acts);
  assert_int_equal(n, m->n_acts);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(got[i].id, m->acts[i].id);
    assert_int_equal(got[i].what, m->acts[i].what);
  }
  m->n_acts = 0;
}

/* ---- what happens ---- */

static int any_transport(world *w) {
  return test_random(&w->seed) % 2 == 0 ? UDP : TCP;
}

static int any_code(world *w) {
  static const int codes[] = {100, 180, 200, 202, 302, 404, 408, 486, 503, 603};
  return codes[test_random(&w->seed) % COUNT(codes)];
}

static const char *request_text(const char *method, int branch) {
  static char text[SENT];
  (void)snprintf(text, sizeof text,
                 "%s sip:a@a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:6060;branch=z9hG4bK%d\r\n"
                 "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: %d\r\nCSeq: 1 %s\r\n"
                 "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                 method, branch, call_of(branch), method);
  return text;
}

static void new_server(world *w, model *m, int branch, int method, int transport) {
  const model_tx *other = NULL;
  int kind = STOX_TRANSACTION_NEW_REQUEST;
  if (method == 2) {
    kind = STOX_TRANSACTION_CANCEL;
    other = find_server(m, branch, 1);
    other = other != NULL ? other : find_server(m, branch, 0);
  } else {
    other = find_owner(m, branch, method);
    kind = other != NULL ? STOX_TRANSACTION_MERGED : kind;
  }
  assert_int_equal(w->event.kind, kind);
  assert_int_equal(w->event.other, other == NULL ? 0 : other->id);
  const uint64_t now = w->now;
  model_tx *tx = add(m, w->event.id, method == 1 ? INVITE_SERVER : SERVER, transport);
  tx->branch = branch;
  tx->method = method;
  tx->owner = kind == STOX_TRANSACTION_NEW_REQUEST;
  tx->early = now + 3500 * MS;
  tx->state = method == 1 ? PROCEEDING : TRYING;
  tx->again = method == 1 ? now + 200 * MS : tx->early;
  tx->end = method == 1 ? NEVER : now + 64 * T1;
}

static void request_comes(world *w, model *m) {
  const int branch = (int)(test_random(&w->seed) % BRANCHES);
  const int method = (int)(test_random(&w->seed) % COUNT(methods));
  const int transport = any_transport(w);
  const model_tx *tx = find_server(m, branch, method);
  (void)feed(w, request_text(methods[method], branch), transport);
  if (tx == NULL) {
    new_server(w, m, branch, method, transport);
    return;
  }
  assert_int_equal(w->event.kind, STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(w->event.id, tx->id);
  server_again(m, tx);
}

static void ack_comes(world *w, model *m) {
  const int branch = (int)(test_random(&w->seed) % BRANCHES);
  model_tx *tx = find_server(m, branch, 1);
  const int kind = tx == NULL ? STOX_TRANSACTION_ACK : server_ack(m, tx, w->now);
  assert_int_equal(feed(w, request_text("ACK", branch), any_transport(w)), kind);
  assert_int_equal(w->event.id, tx == NULL ? 0 : tx->id);
}

static void caller_responds(world *w, model *m) {
  model_tx *tx = pick(w, m);
  if (tx == NULL) {
    return;
  }
  const int code = any_code(w);
  int want = STOX_E_NONE;
  if (tx->kind != CLIENT && tx->state != GONE) {
    want = tx->kind == SERVER ? server_respond(m, tx, code, w->now)
                              : invite_respond(m, tx, code, w->now);
  }
  assert_status(respond(w, tx->id, request_text(methods[tx->method], tx->branch), code), want);
}

static void caller_requests(world *w, model *m) {
  const int transport = any_transport(w);
  pull(w, m);
  const uint64_t id = request(w, transport);
  model_tx *tx = add(m, id, CLIENT, transport);
  tx->state = TRYING;
  tx->step = T1;
  tx->again = transport == TCP ? NEVER : w->now + T1;
  tx->end = w->now + 64 * T1;
  assert_true(w->sent_n < sizeof tx->sent);
  memcpy(tx->sent, w->sent, w->sent_n + 1);
}

static void response_comes(world *w, model *m) {
  model_tx *tx = pick(w, m);
  if (tx == NULL || tx->kind != CLIENT) {
    return;
  }
  const int code = any_code(w);
  const int gone = tx->state == GONE;
  const int kind = gone ? STOX_TRANSACTION_STRAY : client_hears(m, tx, code, w->now);
  w->sent_n = strlen(tx->sent);
  memcpy(w->sent, tx->sent, w->sent_n + 1);
  assert_int_equal(answer(w, code, any_transport(w)), kind);
  assert_int_equal(w->event.id, gone ? 0 : tx->id);
}

static void transport_fails(world *w, model *m) {
  model_tx *tx = pick(w, m);
  if (tx == NULL) {
    return;
  }
  if (tx->state != GONE) {
    break_off(m, tx);
  }
  assert_status(stox_transactions_done(w->t, 2 * tx->id, STOX_E_CLOSED, w->now), STOX_OK);
}

static void stream_ends(world *w, model *m) {
  model_tx *tx = pick(w, m);
  if (tx == NULL) {
    return;
  }
  const int waits =
      tx->kind == CLIENT && tx->reliable && tx->state != GONE && tx->state != COMPLETED;
  if (waits) {
    break_off(m, tx);
  }
  assert_status(stox_transactions_lost(w->t, tx->id, w->now), waits ? STOX_OK : STOX_E_NONE);
}

/* To the next deadline, a little, or far beyond several of them. */
static void time_passes(world *w, model *m) {
  const uint64_t due = stox_transactions_deadline(w->t);
  const uint64_t how = test_random(&w->seed) % 8;
  uint64_t now = w->now + test_random(&w->seed) % (400 * MS);
  if (how < 4 && due != NEVER) {
    now = due > w->now ? due : w->now;
  } else if (how == 4) {
    now = w->now + test_random(&w->seed) % (40 * SECOND);
  }
  tick_at(w, now);
  for (size_t i = 0; i < m->n; i++) {
    model_tx *tx = &m->tx[i];
    if (tx->state != GONE && tx->kind == CLIENT) {
      client_tick(m, tx, now);
    } else if (tx->state != GONE) {
      server_tick(m, tx, now);
    }
  }
}

static void compare_clocks(const world *w, const model *m) {
  uint64_t due = NEVER;
  size_t alive = 0;
  for (size_t i = 0; i < m->n; i++) {
    const model_tx *tx = &m->tx[i];
    alive += tx->state != GONE;
    due = tx->again < due ? tx->again : due;
    due = tx->end < due ? tx->end : due;
  }
  assert_true(stox_transactions_deadline(w->t) == due);
  assert_int_equal(stox_transactions_count(w->t), alive);
}

static void (*const happenings[])(world *w, model *m) = {
    request_comes,   request_comes,  ack_comes,      caller_responds, caller_responds,
    caller_requests, response_comes, response_comes, transport_fails, stream_ends,
    time_passes,     time_passes,    time_passes};

static void test_against_model(void **state) {
  (void)state;
  static model m;
  uint64_t seed = 20261124;
  for (int round = 0; round < WORLDS; round++) {
    world w;
    world_open(&w);
    w.seed = test_random(&seed);
    m.n = 0;
    m.n_acts = 0;
    for (int i = 0; i < EVENTS && m.n < MOST; i++) {
      happenings[test_random(&w.seed) % COUNT(happenings)](&w, &m);
      if (test_random(&w.seed) % 3 != 0) {
        pull(&w, &m);
        compare_clocks(&w, &m);
      }
      stox_arena_reset(&w.arena);
    }
    world_close(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_model)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
