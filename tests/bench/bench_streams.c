/* SPDX-License-Identifier: MIT */
/* What a stream of servers holds that is ready and idle, of both roles, without TLS and with it.
 *   bench_streams          1,000 streams: octets of each by our allocator, and by resident memory
 *   bench_streams COUNT    as many, such as 10000 */
#include "stream_end.h"
#include "tls_support.h"

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
  return streams && sessions ? 0 : 1;
}
