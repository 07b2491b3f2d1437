/* SPDX-License-Identifier: MIT */
#include "stox/outbound.h"

#include "stox/dialect.h"
#include "stox/status.h"

#define NEVER  UINT64_MAX
#define SECOND UINT64_C(1000000000)

/* ---- times ---- */

uint32_t stox_outbound_wait(uint32_t base, uint32_t most, uint32_t failures) {
  uint64_t wait = base;
  for (uint32_t i = 0; i < failures && wait < most; i++) {
    wait *= 2;
  }
  return wait < most ? (uint32_t)wait : most;
}

void stox_keep_alive_of(stox_keep_alive *out, int transport, uint32_t flow_timer, int is_saving,
                        int dialect) {
  const int is_draft = dialect == STOX_DIALECT_DRAFT2005;
  const int is_stream = stox_transport_is_reliable(transport);
  *out = (stox_keep_alive){.kind = is_stream ? STOX_KEEP_ALIVE_CRLF : STOX_KEEP_ALIVE_STUN,
                           .has_answer = !is_draft || !is_stream};
  if (is_draft) {
    out->least_s = is_stream ? 500 : 25;
    out->most_s = is_stream ? 600 : 30;
  } else if (flow_timer > 0) {
    out->least_s = (uint32_t)((uint64_t)flow_timer * 4 / 5);
    out->most_s = flow_timer;
  } else if (is_stream) {
    out->least_s = is_saving ? 672 : 95;
    out->most_s = is_saving ? 840 : 120;
  } else {
    out->least_s = 24;
    out->most_s = 29;
  }
}

static uint64_t later(uint64_t now_ns, uint64_t ns) {
  return now_ns > NEVER - 1 - ns ? NEVER - 1 : now_ns + ns;
}

/* Between the two, to the nanosecond; without randomness the later. */
static uint64_t draw(const stox_random *random, uint64_t least_ns, uint64_t most_ns) {
  uint64_t bits = 0;
  if (random->fill(random->ud, &bits, sizeof bits) != STOX_OK) {
    return most_ns;
  }
  return least_ns + bits % (most_ns - least_ns + 1);
}

/* ---- one flow ----
 *
 * CLOSED -(begun)-> OPENING -(opened)-> FRESH -(begun)-> REGISTERING -(2xx)-> UP, and from UP by
 * FRESH again to refresh and by DUE to ping; HOLD waits as a 503 says. What fails goes to BROKEN,
 * where it is to be closed, and from there to PAUSE, which ends in CLOSED. */

enum { CLOSED, OPENING, FRESH, REGISTERING, HOLD, UP, DUE, BROKEN, PAUSE, LEFT };

enum { PONG_S = 10, STUN_SENDS = 7, EARLY_S = 32, LONG_S = 64 };

static stox_keep_alive alive_of(const stox_outbound *obj, const stox_outbound_flow *flow) {
  stox_keep_alive alive;
  stox_keep_alive_of(&alive, flow->transport, flow->flow_timer, obj->options.is_saving,
                     obj->options.dialect);
  if (!flow->keeps_alive) {
    alive.kind = STOX_KEEP_ALIVE_NONE;
  }
  return alive;
}

static int is_up(const stox_outbound_flow *flow) {
  return flow->state == UP || flow->state == DUE;
}

static void set_ping(const stox_outbound *obj, stox_outbound_flow *flow, const stox_random *random,
                     uint64_t now_ns) {
  const stox_keep_alive alive = alive_of(obj, flow);
  flow->pong_ns = NEVER;
  flow->resent = 0;
  flow->ping_ns = alive.kind == STOX_KEEP_ALIVE_NONE
                      ? NEVER
                      : later(now_ns, draw(random, alive.least_s * SECOND, alive.most_s * SECOND));
}

static void stop(stox_outbound_flow *flow) {
  flow->due_ns = NEVER;
  flow->refresh_ns = NEVER;
  flow->ping_ns = NEVER;
  flow->pong_ns = NEVER;
  flow->has_mapped = 0;
  flow->has_pinged = 0;
  flow->keeps_alive = 0;
  flow->is_registered = 0;
  flow->resent = 0;
}

/* RFC 5626 4.5: the wait is drawn from its second half. */
static void pause(const stox_outbound *obj, stox_outbound_flow *flow, const stox_random *random,
                  uint64_t now_ns) {
  int others = 0;
  for (size_t i = 0; i < obj->options.n_flows; i++) {
    others |= is_up(&obj->flows[i]);
  }
  const uint64_t wait =
      stox_outbound_wait(others ? obj->options.base_s : obj->options.base_failed_s,
                         obj->options.most_s, flow->failures) *
      SECOND;
  flow->due_ns = later(now_ns, draw(random, wait / 2, wait));
}

/* The state from which it ends tells whether there is something to close. */
static void fail(const stox_outbound *obj, stox_outbound_flow *flow, const stox_random *random,
                 uint64_t now_ns) {
  const int is_open = flow->state != OPENING && flow->state != CLOSED;
  stop(flow);
  flow->failures += flow->failures < UINT32_MAX;
  flow->state = is_open ? BROKEN : PAUSE;
  pause(obj, flow, random, now_ns);
}

/* ---- the set ---- */

static uint32_t either(uint32_t value, uint32_t instead) {
  return value != 0 ? value : instead;
}

int stox_outbound_init(stox_outbound *out, const stox_outbound_options *options) {
  if (options->n_flows == 0 || options->n_flows > STOX_OUTBOUND_FLOWS_MAX) {
    return STOX_E_ARG;
  }
  *out = (stox_outbound){.options = *options};
  out->options.most_s = either(options->most_s, 1800);
  out->options.base_failed_s = either(options->base_failed_s, 30);
  out->options.base_s = either(options->base_s, 90);
  out->options.t1_ns = options->t1_ns != 0 ? options->t1_ns : SECOND / 2;
  for (size_t i = 0; i < STOX_OUTBOUND_FLOWS_MAX; i++) {
    stop(&out->flows[i]);
  }
  return STOX_OK;
}

static int next_of(const stox_outbound_flow *flow) {
  static const uint8_t plans[] = {
      [CLOSED] = STOX_OUTBOUND_OPEN,    [OPENING] = STOX_OUTBOUND_WAIT,
      [FRESH] = STOX_OUTBOUND_REGISTER, [REGISTERING] = STOX_OUTBOUND_WAIT,
      [HOLD] = STOX_OUTBOUND_WAIT,      [UP] = STOX_OUTBOUND_WAIT,
      [DUE] = STOX_OUTBOUND_PING,       [BROKEN] = STOX_OUTBOUND_CLOSE,
      [PAUSE] = STOX_OUTBOUND_WAIT,     [LEFT] = STOX_OUTBOUND_PLAIN};
  return plans[flow->state];
}

/* What is to be closed waits for that alone. */
static uint64_t due_of(const stox_outbound_flow *flow) {
  uint64_t due = flow->state == BROKEN ? NEVER : flow->due_ns;
  due = flow->refresh_ns < due ? flow->refresh_ns : due;
  due = flow->ping_ns < due ? flow->ping_ns : due;
  return flow->pong_ns < due ? flow->pong_ns : due;
}

int stox_outbound_get_plan(stox_outbound_plan *out, const stox_outbound *obj, size_t index) {
  if (index >= obj->options.n_flows) {
    return STOX_E_ARG;
  }
  const stox_outbound_flow *flow = &obj->flows[index];
  *out = (stox_outbound_plan){.next = next_of(flow),
                              .is_up = is_up(flow),
                              .reg_id = (uint32_t)index + 1,
                              .failures = flow->failures,
                              .due_ns = due_of(flow),
                              .alive = alive_of(obj, flow)};
  return STOX_OK;
}

static stox_outbound_flow *flow_at(stox_outbound *obj, size_t index) {
  return index < obj->options.n_flows ? &obj->flows[index] : NULL;
}

/* A Binding Request is sent again as RFC 5389 7.2.1 says, seven times in all; the answer to a CRLF
 * has ten seconds. */
static void pinged(const stox_outbound *obj, stox_outbound_flow *flow, const stox_random *random,
                   uint64_t now_ns) {
  const stox_keep_alive alive = alive_of(obj, flow);
  flow->state = UP;
  flow->ping_ns = NEVER;
  if (!alive.has_answer) {
    set_ping(obj, flow, random, now_ns);
  } else if (alive.kind == STOX_KEEP_ALIVE_CRLF) {
    flow->pong_ns = later(now_ns, PONG_S * SECOND);
  } else {
    const uint64_t factor = flow->resent + 1 < STUN_SENDS ? UINT64_C(1) << flow->resent : 16;
    flow->pong_ns = later(now_ns, factor * obj->options.t1_ns);
    flow->resent++;
  }
}

void stox_outbound_begun(stox_outbound *obj, size_t index, const stox_random *random,
                         uint64_t now_ns) {
  stox_outbound_flow *flow = flow_at(obj, index);
  switch (flow == NULL ? LEFT : flow->state) {
  case CLOSED:
    flow->state = OPENING;
    break;
  case FRESH:
    flow->state = REGISTERING;
    break;
  case DUE:
    pinged(obj, flow, random, now_ns);
    break;
  case BROKEN:
    flow->state = PAUSE;
    break;
  default:
    break;
  }
}

void stox_outbound_opened(stox_outbound *obj, size_t index, int transport) {
  stox_outbound_flow *flow = flow_at(obj, index);
  if (flow != NULL && flow->state == OPENING) {
    flow->transport = transport;
    flow->state = FRESH;
  }
}

void stox_outbound_failed(stox_outbound *obj, size_t index, const stox_random *random,
                          uint64_t now_ns) {
  stox_outbound_flow *flow = flow_at(obj, index);
  if (flow != NULL && flow->state != PAUSE && flow->state != BROKEN && flow->state != LEFT) {
    fail(obj, flow, random, now_ns);
  }
}

/* ---- registration ---- */

static void registered(const stox_outbound *obj, stox_outbound_flow *flow,
                       const stox_outbound_answer *answer, const stox_random *random,
                       uint64_t now_ns) {
  const uint32_t s = answer->expires;
  const int is_draft = obj->options.dialect == STOX_DIALECT_DRAFT2005;
  flow->state = UP;
  flow->is_registered = 1;
  flow->flow_timer = answer->flow_timer;
  flow->keeps_alive = answer->may_ping || answer->flow_timer > 0 ||
                      (answer->has_outbound && stox_transport_is_reliable(flow->transport));
  flow->refresh_ns = s == 0 ? NEVER : later(now_ns, (s > LONG_S ? s - EARLY_S : s / 2) * SECOND);
  /* RFC 5626 4.5: where keep-alives are in use, one must have been answered too. */
  flow->failures = flow->keeps_alive && !flow->has_pinged && !is_draft ? flow->failures : 0;
  set_ping(obj, flow, random, now_ns);
}

/* The flow is not at fault (RFC 5626 4.2.2), and what is registered stays; the draft opens another
 * (4.1). */
static void held(const stox_outbound *obj, stox_outbound_flow *flow, uint32_t seconds,
                 const stox_random *random, uint64_t now_ns) {
  const uint64_t again_ns = later(now_ns, seconds * SECOND);
  if (obj->options.dialect == STOX_DIALECT_DRAFT2005) {
    stop(flow);
    flow->state = BROKEN;
    flow->due_ns = again_ns;
  } else if (flow->is_registered) {
    flow->state = UP;
    flow->refresh_ns = again_ns;
    set_ping(obj, flow, random, now_ns);
  } else {
    flow->state = HOLD;
    flow->due_ns = again_ns;
  }
}

void stox_outbound_answered(stox_outbound *obj, size_t index, const stox_outbound_answer *answer,
                            const stox_random *random, uint64_t now_ns) {
  stox_outbound_flow *flow = flow_at(obj, index);
  if (flow == NULL || flow->state != REGISTERING || answer->code < 200) {
    return;
  }
  if (answer->code < 300) {
    registered(obj, flow, answer, random, now_ns);
  } else if (answer->code == 439) {
    stop(flow);
    flow->state = LEFT;
  } else if (answer->code == 503 && answer->has_retry_after) {
    held(obj, flow, answer->retry_after, random, now_ns);
  } else {
    fail(obj, flow, random, now_ns);
  }
}

/* ---- signs of life ---- */

void stox_outbound_heard(stox_outbound *obj, size_t index, const stox_random *random,
                         uint64_t now_ns) {
  stox_outbound_flow *flow = flow_at(obj, index);
  if (flow != NULL && flow->state == UP && flow->pong_ns == NEVER &&
      obj->options.dialect == STOX_DIALECT_DRAFT2005) {
    set_ping(obj, flow, random, now_ns);
  }
}

void stox_outbound_ponged(stox_outbound *obj, size_t index, const stox_stun_address *mapped,
                          const stox_random *random, uint64_t now_ns) {
  stox_outbound_flow *flow = flow_at(obj, index);
  if (flow == NULL || !is_up(flow)) {
    return;
  }
  if (mapped != NULL && flow->has_mapped && !stox_stun_address_is_equal(&flow->mapped, mapped)) {
    fail(obj, flow, random, now_ns);
    return;
  }
  if (mapped != NULL) {
    flow->mapped = *mapped;
    flow->has_mapped = 1;
  }
  flow->has_pinged = 1;
  flow->failures = 0;
  flow->state = UP;
  set_ping(obj, flow, random, now_ns);
}

/* ---- time ---- */

uint64_t stox_outbound_deadline(const stox_outbound *obj) {
  uint64_t due = NEVER;
  for (size_t i = 0; i < obj->options.n_flows; i++) {
    const uint64_t at = due_of(&obj->flows[i]);
    due = at < due ? at : due;
  }
  return due;
}

/* No answer came: a Binding Request is sent again some times, then the flow has failed. */
static void unanswered(const stox_outbound *obj, stox_outbound_flow *flow,
                       const stox_random *random, uint64_t now_ns) {
  flow->pong_ns = NEVER;
  if (alive_of(obj, flow).kind == STOX_KEEP_ALIVE_STUN && flow->resent < STUN_SENDS) {
    flow->state = DUE;
  } else {
    fail(obj, flow, random, now_ns);
  }
}

static void tick(const stox_outbound *obj, stox_outbound_flow *flow, const stox_random *random,
                 uint64_t now_ns) {
  if (flow->due_ns <= now_ns) {
    flow->due_ns = NEVER;
    flow->state = flow->state == HOLD ? FRESH : CLOSED;
  } else if (flow->refresh_ns <= now_ns) {
    /* The REGISTER is as good a sign of life as a keep-alive. */
    flow->refresh_ns = NEVER;
    flow->ping_ns = NEVER;
    flow->pong_ns = NEVER;
    flow->state = FRESH;
  } else if (flow->pong_ns <= now_ns) {
    unanswered(obj, flow, random, now_ns);
  } else {
    flow->ping_ns = NEVER;
    flow->state = DUE;
  }
}

void stox_outbound_tick(stox_outbound *obj, const stox_random *random, uint64_t now_ns) {
  for (size_t i = 0; i < obj->options.n_flows; i++) {
    while (due_of(&obj->flows[i]) <= now_ns) {
      tick(obj, &obj->flows[i], random, now_ns);
    }
  }
}
