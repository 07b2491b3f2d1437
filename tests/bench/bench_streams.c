/* SPDX-License-Identifier: MIT */
/* What idle streams of servers hold, of both roles, without TLS and with it; and what federations
 * and libstox-uv hold beside them.
 *   bench_streams          1,000 streams: octets of each by our allocator, and resident
 *   bench_streams COUNT    as many, such as 10000 */
#include "stream_end.h"
#include "uv_secure_support.h"

#include "stox/federation.h"
#include "stox/secure.h"

#include <sys/wait.h>

enum { COUNT_DEFAULT = 1000, AIM_PLAIN = 12 * 1024, AIM_TLS = 32 * 1024 };

/* What all streams of a run hold. */
typedef struct account {
  size_t live;
} account;

static void *count_resize(void *ud, void *p, size_t old_n, size_t new_n) {
  account *a = ud;
  void *moved = NULL;
  if (new_n == 0) {
    free(p);
  } else {
    moved = realloc(p, new_n);
    if (moved == NULL) {
      abort();
    }
  }
  a->live += new_n;
  a->live -= old_n;
  return moved;
}

static account streams_account;
static account sessions_account;
static const stox_allocator streams_alloc = {sizeof(stox_allocator), &streams_account,
                                             count_resize};
static const stox_allocator sessions_alloc = {sizeof(stox_allocator), &sessions_account,
                                              count_resize};
static stox_random streams_random = {sizeof(stox_random), NULL, end_fill};

/* Resident octets of the process. */
static size_t resident(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1) {
    pages = 0;
  }
  if (file != NULL) {
    (void)fclose(file);
  }
  return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- streams ---- */

static const char message[] =
    "<message from='juliet@a.example/balcony' to='romeo@b.example' id='1' type='chat'><body>%.*s"
    "</body></message>";

static void say(end *from, end *to, size_t n) {
  static char body[20000];
  static char text[sizeof body + sizeof message];
  memset(body, 'a', sizeof body);
  const int length = snprintf(text, sizeof text, message, (int)n, body);
  if (stox_stream_send(from->stream, (stox_span){text, (size_t)length}) != STOX_OK) {
    abort();
  }
  end_run(from, to, 0);
}

static void make_end(end *e, int role) {
  end_init(e, role, STOX_STREAM_SERVER);
  e->options.alloc = &streams_alloc;
  e->options.random = &streams_random;
  e->options.check_from = 0;
  e->offered = STOX_FEATURE_MECHANISMS;
  e->flags = END_NO_TLS;
  assert_status(end_make(e), STOX_OK);
}

/* A pair that has said something, a long stanza among it, and fallen silent. */
static void make_pair(stox_stream **made) {
  static end a;
  static end b;
  make_end(&a, STOX_STREAM_INITIATING);
  make_end(&b, STOX_STREAM_RECEIVING);
  end_run(&a, &b, 0);
  if (!stox_stream_is_ready(a.stream) || !stox_stream_is_ready(b.stream)) {
    abort();
  }
  say(&a, &b, 200);
  say(&a, &b, 15000);
  say(&a, &b, 200);
  made[0] = a.stream;
  made[1] = b.stream;
}

/* ---- sessions ---- */

static tls_world world;

static void make_session(stox_tls **made) {
  tls_pair pair;
  char room[16];
  size_t n;
  tls_pair_init(&pair, &world);
  pair.server_options.ask = STOX_TLS_ASK_REQUEST;
  assert_status(stox_tls_new(&pair.client, &sessions_alloc, &pair.client_options), STOX_OK);
  assert_status(stox_tls_new(&pair.server, &sessions_alloc, &pair.server_options), STOX_OK);
  tls_pair_pump(&pair);
  tls_pair_say(&pair, pair.client, pair.server, S("hello"));
  tls_pair_say(&pair, pair.server, pair.client, S("hello"));
  (void)stox_tls_read(pair.client, room, sizeof room, &n); /* tickets */
  made[0] = pair.client;
  made[1] = pair.server;
}

/* ---- federations ---- */

/* Two federations; side 0 opens a stream for each domain of side 1. Both ends of flow number k have
 * k and their side in their handle. */
typedef struct both {
  stox_federation *sides[2];
  uint64_t tokens[2]; /* of the START_TLS that each side waits for */
  uint64_t flows;
  size_t up;
  int is_secure;
  char name[32]; /* of the domain that side 0 wants */
} both;

static void tell_secured(both *b) {
  char identities[2][64];
  for (int side = 0; side < 2; side++) {
    const uint64_t token = b->tokens[side];
    const int n = snprintf(identities[side], sizeof identities[side], "DNS:%s\n",
                           side == 0 ? b->name : "a.example");
    const stox_peer peer = {.size = sizeof peer,
                            .secure = 1,
                            .verified = 1,
                            .identities = {identities[side], (size_t)n}};
    const stox_flow flow = {.handle = b->flows * 2 + (uint64_t)side, .peer = &peer};
    b->tokens[side] = 0;
    b->is_secure = 1;
    assert_status(stox_federation_done(b->sides[side], token, STOX_OK, &flow, 0), STOX_OK);
  }
}

static void open_flow(both *b, uint64_t token) {
  const stox_endpoint far = {S("192.0.2.2"), 5269, STOX_TRANSPORT_TCP};
  b->flows++;
  b->is_secure = 0;
  const stox_flow there = {.handle = b->flows * 2, .remote = far};
  const stox_flow here = {.handle = b->flows * 2 + 1, .remote = far};
  assert_status(stox_federation_accept(b->sides[1], &here, 0), STOX_OK);
  assert_status(stox_federation_done(b->sides[0], token, STOX_OK, &there, 0), STOX_OK);
}

static void act_for(both *b, int side, const stox_action *a) {
  const stox_peer peer = {.size = sizeof peer, .secure = 1};
  const stox_flow flow = {.handle = a->handle ^ 1, .peer = b->is_secure ? &peer : NULL};
  switch (a->kind) {
  case STOX_DO_OPEN:
    open_flow(b, a->token);
    break;
  case STOX_DO_SEND:
    assert_status(stox_federation_feed(b->sides[!side], &flow, a->bytes, 0), STOX_OK);
    break;
  case STOX_DO_START_TLS:
    b->tokens[side] = a->token;
    break;
  default:
    assert_int_equal(a->kind, STOX_DO_EVENT);
    b->up += a->event == STOX_FEDERATION_UP;
    break;
  }
}

static void run_both(both *b) {
  int goes_on = 1;
  while (goes_on) {
    goes_on = 0;
    for (int side = 0; side < 2; side++) {
      const stox_action *a = NULL;
      while ((a = stox_federation_next(b->sides[side])) != NULL) {
        act_for(b, side, a);
        goes_on = 1;
      }
    }
    if (b->tokens[0] != 0 && b->tokens[1] != 0) {
      tell_secured(b);
      goes_on = 1;
    }
  }
}

static void make_side(stox_federation **out, const stox_federation_domain *domains, size_t n) {
  stox_federation_options options;
  const stox_federation_hop hop = {{NULL, 0}, {S("192.0.2.2"), 5269, STOX_TRANSPORT_TCP}};
  assert_status(stox_federation_options_init(&options, sizeof options), STOX_OK);
  options.domains = domains;
  options.n_domains = n;
  options.hops = &hop;
  options.n_hops = 1;
  options.alloc = &streams_alloc;
  options.random = &streams_random;
  options.max_unauthenticated = 16;
  assert_status(stox_federation_new(out, &options, 0), STOX_OK);
}

static void want(both *b) {
  char text[512];
  const int n =
      snprintf(text, sizeof text, "<message from='a@a.example' to='b@%s'><body>Hi</body></message>",
               b->name);
  const stox_span stanza = {text, (size_t)n};
  if (stox_federation_send(b->sides[0], S("a.example"), stox_span_text(b->name), stanza, 0) ==
      STOX_E_STATE) {
    run_both(b);
    assert_status(
        stox_federation_send(b->sides[0], S("a.example"), stox_span_text(b->name), stanza, 0),
        STOX_OK);
  }
  run_both(b);
}

/* ---- measuring ---- */

static int report(const char *what, size_t n, size_t ours, size_t resides, size_t aim) {
  (void)printf("%-22s %8zu octets of ours %8zu resident, each of %zu (aim %zu)\n", what, ours / n,
               resides / n, n, aim);
  return aim == 0 || resides / n <= aim;
}

static int weigh_streams(size_t n) {
  stox_stream **all = calloc(n, sizeof *all);
  assert_non_null(all);
  const size_t before = resident();
  for (size_t i = 0; i + 1 < n; i += 2) {
    make_pair(all + i);
  }
  const size_t after = resident();
  const int is_in = report("stream", n, streams_account.live, after - before, AIM_PLAIN);
  for (size_t i = 0; i < n; i++) {
    stox_stream_del(all[i]);
  }
  free((void *)all);
  return is_in;
}

static int weigh_sessions(size_t n) {
  stox_tls **all = calloc(n, sizeof *all);
  stox_stream **streams = calloc(n, sizeof *streams);
  assert_non_null(all);
  assert_non_null(streams);
  tls_world_make(&world);
  const size_t before = resident();
  for (size_t i = 0; i + 1 < n; i += 2) {
    make_session(all + i);
    make_pair(streams + i);
  }
  const size_t after = resident();
  const int is_in = report("stream and session", n, streams_account.live + sessions_account.live,
                           after - before, AIM_TLS);
  for (size_t i = 0; i < n; i++) {
    stox_tls_free(all[i]);
    stox_stream_del(streams[i]);
  }
  tls_world_free(&world);
  free((void *)streams);
  free((void *)all);
  return is_in;
}

/* At most 1,024 domains are one server's: the streams of both sides are twice as many. */
static int weigh_federation(size_t n) {
  static char names[1024][16];
  static stox_federation_domain domains[1024];
  const stox_federation_domain own = {S("a.example"), 1, 0};
  both b = {.up = 0};
  const size_t pairs = n / 2 < 1024 ? n / 2 : 1024;
  for (size_t i = 0; i < pairs; i++) {
    (void)snprintf(names[i], sizeof names[i], "d%zu.example", i);
    domains[i] = (stox_federation_domain){stox_span_text(names[i]), 1, 0};
  }
  make_side(&b.sides[0], &own, 1);
  make_side(&b.sides[1], domains, pairs);
  const size_t ours = streams_account.live;
  const size_t before = resident();
  for (size_t i = 0; i < pairs; i++) {
    memcpy(b.name, names[i], sizeof names[i]);
    want(&b);
  }
  assert_int_equal(b.up, pairs);
  const int is_in = report("stream of a federation", 2 * pairs, streams_account.live - ours,
                           resident() - before, AIM_PLAIN);
  stox_federation_del(b.sides[0]);
  stox_federation_del(b.sides[1]);
  return is_in;
}

/* Sockets of one process are not without end. */
enum { FLOWS_MAX = 400 };

static void rest(secure_pair *p) {
  const uint64_t until = uv_hrtime() + UINT64_C(2500000000);
  while (uv_hrtime() < until) {
    party_turn(&p->a);
    party_turn(&p->b);
    (void)usleep(1000);
  }
}

/* Flows of libstox-uv with TLS, both ends of each. */
static int weigh_flows(size_t n) {
  static secure_pair p;
  const size_t flows = n / 2 < FLOWS_MAX ? n / 2 : FLOWS_MAX;
  secure_pair_init(&p);
  for (size_t i = 0; i < 2; i++) {
    p.options[i].alloc = &sessions_alloc;
    p.options[i].secured = NULL;
  }
  secure_pair_open(&p, &anybody);
  p.b.engine.echoes = 1;
  const size_t ours = sessions_account.live;
  const size_t before = resident();
  for (size_t i = 0; i < flows; i++) {
    p.a.engine.n_done = 0;
    fake_open_secure(&p.a.engine, p.at, &wants_server, i + 1);
    RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
    p.a.engine.n_fed = 0;
    p.b.engine.n_fed = 0;
    fake_send(&p.a.engine, p.a.engine.done[0].handle, nowhere_at_all(), S("hello"), 0);
    RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 5);
  }
  rest(&p);
  const int is_in = report("flow with TLS", 2 * flows, sessions_account.live - ours,
                           resident() - before, AIM_TLS);
  secure_pair_close(&p);
  return is_in;
}

/* In a process of its own, so that no memory that another run gave back is counted as there. */
static int weigh(int (*run)(size_t n), size_t n) {
  int status = 1;
  (void)fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const int is_in = run(n);
    if (streams_account.live != 0 || sessions_account.live != 0) {
      abort();
    }
    (void)fflush(stdout);
    _exit(is_in ? 0 : 1);
  }
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv) {
  const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) & ~1UL : COUNT_DEFAULT;
  if (n == 0 || resident() == 0) {
    (void)printf("skipped: no memory of the process is told\n");
    return 77;
  }
  const int streams = weigh(weigh_streams, n);
  const int sessions = weigh(weigh_sessions, n);
  const int federations = weigh(weigh_federation, n);
  const int flows = weigh(weigh_flows, n);
  return streams && sessions && federations && flows ? 0 : 1;
}
