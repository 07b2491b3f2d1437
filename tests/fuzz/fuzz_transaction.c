/* SPDX-License-Identifier: MIT */
/* A transaction table under a peer, a caller and a clock that do anything. Each octet of the input
 * is a step; a step that takes a message takes the octets up to the next NUL. What goes out can be
 * read, every transaction ends once, and time leaves nothing behind. */
#include "stox/loop_guard.h"
#include "stox/status.h"
#include "stox/transaction.h"

#include <stdlib.h>
#include <string.h>

enum { MAX = 24, ROOM = 1 << 17, REMEMBERED = 64 };

#define SECOND UINT64_C(1000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

typedef struct run {
  const uint8_t *p;
  size_t n;
  stox_transactions *t;
  uint64_t now;
  uint64_t seed;
  uint64_t last_id;
  size_t begun;
  size_t ended;
  uint64_t ids[REMEMBERED]; /* servers, with their requests */
  stox_span texts[REMEMBERED];
  size_t n_ids;
  char sent[ROOM]; /* the last request of ours */
  size_t sent_n;
} run;

static char memory[ROOM];

static int fill(void *ud, void *p, size_t n) {
  uint64_t *seed = ud;
  for (size_t i = 0; i < n; i++) {
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    ((unsigned char *)p)[i] = (unsigned char)(*seed >> 56);
  }
  return STOX_OK;
}

static unsigned next_octet(run *r) {
  if (r->n == 0) {
    return 0;
  }
  r->n--;
  return *r->p++;
}

static stox_span next_text(run *r) {
  const stox_span all = {(const char *)r->p, r->n};
  const stox_span text = stox_span_slice(all, 0, stox_span_find(all, '\0'));
  const size_t taken = text.n < r->n ? text.n + 1 : text.n;
  r->p += taken;
  r->n -= taken;
  return text;
}

/* Also what is refused but can be answered. */
static stox_sip_message *parse(stox_arena *arena, stox_span text) {
  static const stox_sip_options lenient = {.size = sizeof lenient, .lenient = 1};
  stox_sip_message *message = NULL;
  stox_arena_init(arena, memory, sizeof memory, 0, NULL);
  (void)stox_sip_parse(&message, arena, text, &lenient, NULL);
  return message;
}

static void guard(stox_sip_message *message) {
  static const stox_span own[] = {{"h", 1}, {"192.0.2.1:5070", 14}};
  uint32_t number = 0;
  (void)stox_hops_take(&number, message);
  (void)stox_breadth_take(&number, message, 2);
  (void)stox_loop_check(message, own, 2, (stox_span){"0123456789abcdef", 16});
}

static void feed(run *r, stox_span text, int transport) {
  stox_arena arena;
  stox_sip_message *message = parse(&arena, text);
  if (message == NULL) {
    return;
  }
  const stox_flow flow = {.handle = 3,
                          .local = {{"192.0.2.1", 9}, 5070, transport},
                          .remote = {{"192.0.2.2", 9}, 6060, transport}};
  stox_transaction_event event;
  guard(message);
  const size_t before = stox_transactions_count(r->t);
  const int status = stox_transactions_feed(r->t, &event, message, &flow, r->now);
  const int is_new = event.kind == STOX_TRANSACTION_NEW_REQUEST ||
                     event.kind == STOX_TRANSACTION_MERGED || event.kind == STOX_TRANSACTION_CANCEL;
  require(status == STOX_OK ? event.kind != 0 : event.kind == 0 && event.id == 0);
  require(stox_transactions_count(r->t) == before + (size_t)is_new);
  if (is_new) {
    require(event.id > r->last_id);
    r->last_id = event.id;
    r->begun++;
    r->ids[r->n_ids % REMEMBERED] = event.id;
    r->texts[r->n_ids++ % REMEMBERED] = text;
  }
}

static void respond(run *r, unsigned which, unsigned what) {
  static const int codes[] = {100, 180, 200, 302, 404, 408, 503, 699};
  if (r->n_ids == 0) {
    return;
  }
  const size_t i = which % (r->n_ids < REMEMBERED ? r->n_ids : REMEMBERED);
  stox_arena arena;
  stox_sip_edit *edit = NULL;
  const stox_sip_message *message = parse(&arena, r->texts[i]);
  if (message != NULL &&
      stox_sip_response_new(&edit, &arena, message, codes[what % 8], (stox_span){NULL, 0},
                            (stox_span){"t", 1}) == STOX_OK) {
    (void)stox_transactions_respond(r->t, r->ids[i], edit, r->now);
  }
}

/* The text as a request of ours, be it what it may. */
static void request(run *r, stox_span text, unsigned how) {
  stox_arena arena;
  stox_sip_edit *edit = NULL;
  const stox_sip_message *message = parse(&arena, text);
  if (message == NULL || stox_sip_edit_new(&edit, &arena, message) != STOX_OK) {
    return;
  }
  const int transport = how & 1 ? STOX_TRANSPORT_TCP : STOX_TRANSPORT_UDP;
  const stox_transaction_target target = {.local = {{"h", 1}, 0, transport},
                                          .remote = {{"192.0.2.2", 9}, 5060, transport},
                                          .handle = how & 2,
                                          .branch_suffix = {"ab", how & 4 ? 2 : 0},
                                          .flags = how & 8 ? STOX_TRANSACTION_UDP_RETRY : 0};
  uint64_t id = 0;
  const int status = stox_transactions_request(r->t, &id, edit, &target, r->now);
  require((status == STOX_OK) == (id != 0));
  if (id != 0) {
    require(id > r->last_id);
    r->last_id = id;
    r->begun++;
  }
}

static void answer(run *r, unsigned what) {
  static const int codes[] = {100, 180, 200, 404};
  static char text[ROOM];
  stox_arena arena;
  stox_sip_edit *edit = NULL;
  const stox_sip_message *message = parse(&arena, (stox_span){r->sent, r->sent_n});
  if (message == NULL || stox_sip_response_new(&edit, &arena, message, codes[what % 4],
                                               (stox_span){NULL, 0}, (stox_span){"t", 1}) != 0) {
    return;
  }
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  if (stox_sip_write(&out, edit) == STOX_OK) {
    feed(r, stox_buf_span(&out), STOX_TRANSPORT_UDP);
  }
}

/* The last INVITE of ours is cancelled, or its 2xx acknowledged, whether there is one or not. */
static void companion(run *r, unsigned what) {
  static const stox_transaction_target target = {
      .local = {{"h", 1}, 0, STOX_TRANSPORT_UDP},
      .remote = {{"192.0.2.2", 9}, 1, STOX_TRANSPORT_UDP}};
  stox_arena arena;
  stox_sip_edit *edit = NULL;
  const uint64_t invite = r->last_id - what % 4;
  uint64_t id = 0;
  if (what & 4) {
    const stox_sip_message *message = parse(&arena, (stox_span){r->sent, r->sent_n});
    if (message != NULL && stox_sip_edit_new(&edit, &arena, message) == STOX_OK) {
      (void)stox_transactions_ack(r->t, invite, edit, &target);
    }
    return;
  }
  const int status = stox_transactions_cancel(r->t, &id, invite, r->now);
  require((status == STOX_OK) == (id != 0));
  if (id != 0) {
    require(id > r->last_id);
    r->last_id = id;
    r->begun++;
  }
}

static void pull(run *r, unsigned how) {
  const stox_action *action = NULL;
  size_t steps = 0;
  while ((action = stox_transactions_next(r->t)) != NULL) {
    require(steps++ < (size_t)16 * MAX);
    if (action->kind == STOX_DO_EVENT) {
      r->ended += action->event == STOX_TRANSACTION_TERMINATED;
      continue;
    }
    require(action->kind == STOX_DO_SEND && action->bytes.n > 32 &&
            action->token / 2 == action->id);
    stox_arena arena;
    const uint64_t token = action->token;
    const stox_sip_message *message = parse(&arena, action->bytes);
    const int is_response = memcmp(action->bytes.p, "SIP/2.0 ", 8) == 0;
    require(message != NULL || is_response);
    if (!is_response && action->bytes.n <= sizeof r->sent) {
      memcpy(r->sent, action->bytes.p, action->bytes.n);
      r->sent_n = action->bytes.n;
    }
    if (how % 4 == 1) {
      (void)stox_transactions_done(r->t, token, how & 8 ? STOX_E_REFUSED : STOX_E_CLOSED, r->now);
    }
  }
}

static void tick(run *r, uint64_t ns) {
  r->now += ns;
  (void)stox_transactions_tick(r->t, r->now);
  require(stox_transactions_deadline(r->t) > r->now);
}

static void step(run *r) {
  const unsigned what = next_octet(r);
  const int transport = what & 8 ? STOX_TRANSPORT_TCP : STOX_TRANSPORT_UDP;
  switch (what % 8) {
  case 0:
  case 1:
    feed(r, next_text(r), transport);
    break;
  case 2:
    respond(r, what >> 4, next_octet(r));
    break;
  case 3:
    request(r, next_text(r), what >> 3);
    break;
  case 4:
    if (what & 0x80) {
      companion(r, what >> 3);
    } else {
      answer(r, what >> 3);
    }
    break;
  case 5:
    tick(r, (uint64_t)(what >> 3) * SECOND / 4);
    break;
  default:
    pull(r, what >> 3);
    break;
  }
  require(stox_transactions_count(r->t) <= MAX);
  require(stox_transactions_count(r->t) == r->begun - r->ended);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  r = (run){.p = data, .n = size, .now = SECOND, .seed = 1};
  const stox_random random = {sizeof random, &r.seed, fill};
  stox_transactions_options options;
  require(stox_transactions_options_init(&options, sizeof options) == STOX_OK);
  options.max = MAX;
  options.random = &random;
  require(stox_transactions_new(&r.t, &options) == STOX_OK);
  while (r.n > 0) {
    step(&r);
  }
  pull(&r, 1);
  /* An INVITE waits for its caller as long as it takes; the rest is over. */
  for (int i = 0; i < 4; i++) {
    tick(&r, 100 * SECOND);
    pull(&r, 0);
  }
  require(stox_transactions_deadline(r.t) == UINT64_MAX);
  stox_transactions_del(r.t);
  return 0;
}
