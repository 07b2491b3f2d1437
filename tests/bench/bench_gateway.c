/* SPDX-License-Identifier: MIT */
/* Messages through a real stox-gateway process on loopback, both directions. This program is both
 * of its peers: an XEP-0114 server and a SIP peer over UDP. Each figure stands beside its floor:
 * the same load through a bare relay that copies octets between the same sockets.
 *   bench_gateway [--gateway PROGRAM] [--seconds S] [sip|xmpp IN_FLIGHT]
 * sip: from SIP to XMPP; xmpp: the other way. Without a case all are run. `arrival` is from sending
 * to arriving at the other peer, `answer` until the sender's answer (SIP) or nothing (XMPP). */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  ROOM = 1 << 20,
  MESSAGES = 1 << 21,
  RECIPIENTS = 4096,
  DATAGRAM = 65536,
  SOCKET_ROOM = 4 << 20,
  STALLED_MS = 20000,
  ARRIVED = 1,
  ANSWERED = 2
};

typedef struct times {
  uint64_t *at;
  size_t n;
} times;

typedef struct bench {
  const char *program;
  double seconds;
  int from_sip;
  int is_floor;
  unsigned in_flight;
  pid_t child;
  int udp;
  int listening;
  int tcp;
  struct sockaddr_in self;
  struct sockaddr_in gateway;
  unsigned xmpp_port;
  char secret[32];
  char *in; /* of the stream */
  size_t in_n;
  char *out;
  size_t out_n;
  uint64_t *start;
  unsigned char *seen; /* ARRIVED, ANSWERED */
  times arrival;
  times answer;
  unsigned sent;
  unsigned back; /* no longer in flight */
} bench;

static uint64_t now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
  fprintf(stderr, "bench_gateway: %s\n", what);
  exit(1);
}

static void *room(size_t n) {
  void *p = malloc(n);
  if (p == NULL) {
    die("memory");
  }
  return p;
}

/* ---- sockets ---- */

static int open_socket(int type, struct sockaddr_in *out) {
  const int fd = socket(AF_INET, type, 0);
  const int size = SOCKET_ROOM;
  socklen_t n = sizeof *out;
  memset(out, 0, sizeof *out);
  out->sin_family = AF_INET;
  out->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)out, n) != 0 ||
      getsockname(fd, (struct sockaddr *)out, &n) != 0) {
    die("socket");
  }
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  return fd;
}

static void send_all(int fd, const char *p, size_t n) {
  while (n > 0) {
    const ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
    if (sent <= 0) {
      die("the stream broke");
    }
    p += sent;
    n -= (size_t)sent;
  }
}

static void flush(bench *b) {
  send_all(b->tcp, b->out, b->out_n);
  b->out_n = 0;
}

static void send_datagram(const bench *b, const char *p, size_t n) {
  if (sendto(b->udp, p, n, 0, (const struct sockaddr *)&b->gateway, sizeof b->gateway) < 0) {
    die("sendto");
  }
}

/* ---- the load ---- */

static const char body[] = "bench%08u 234567890123456789012345678901234567890123456789";

static int write_request(char *p, size_t n, unsigned i, const struct sockaddr_in *self) {
  char text[128];
  const int body_n = snprintf(text, sizeof text, body, i);
  return snprintf(p, n,
                  "MESSAGE sip:juliet%u@xmpp.example SIP/2.0\r\n"
                  "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKb%08u\r\n"
                  "Max-Forwards: 70\r\nFrom: <sip:romeo@sip.example>;tag=t%u\r\n"
                  "To: <sip:juliet%u@xmpp.example>\r\nCall-ID: id%08u@127.0.0.1\r\n"
                  "CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
                  i % RECIPIENTS, ntohs(self->sin_port), i, i, i % RECIPIENTS, i, body_n, text);
}

static int write_stanza(char *p, size_t n, unsigned i) {
  char text[128];
  (void)snprintf(text, sizeof text, body, i);
  return snprintf(p, n,
                  "<message from='juliet@xmpp.example/balcony' to='romeo%04u@sip.example' "
                  "id='m%08u' type='chat'><body>%s</body></message>",
                  i % RECIPIENTS, i, text);
}

static void send_more(bench *b, uint64_t until) {
  while (b->sent - b->back < b->in_flight && b->sent < MESSAGES && now() < until) {
    const unsigned i = b->sent++;
    char text[1024];
    b->start[i] = now();
    if (b->from_sip) {
      send_datagram(b, text, (size_t)write_request(text, sizeof text, i, &b->self));
    } else {
      b->out_n += (size_t)write_stanza(b->out + b->out_n, ROOM - b->out_n, i);
    }
  }
  flush(b);
}

/* The number behind a mark; -1: it is not there. */
static long number_behind(const char *p, size_t n, const char *mark) {
  const size_t mark_n = strlen(mark);
  for (size_t i = 0; i + mark_n + 8 <= n; i++) {
    if (p[i] == mark[0] && memcmp(p + i, mark, mark_n) == 0) {
      char digits[9] = {0};
      memcpy(digits, p + i + mark_n, 8);
      return atol(digits);
    }
  }
  return -1;
}

/* 1 for the first time that it comes: SIP repeats what is not answered soon enough. */
static int took(bench *b, times *t, long i, int mark) {
  if (i < 0 || (unsigned long)i >= b->sent || (b->seen[i] & mark) != 0) {
    return 0;
  }
  b->seen[i] = (unsigned char)(b->seen[i] | mark);
  t->at[t->n++] = now() - b->start[i];
  return 1;
}

/* ---- the SIP peer ---- */

static const char *find(const char *p, size_t n, const char *what) {
  const size_t what_n = strlen(what);
  for (size_t i = 0; i + what_n <= n; i++) {
    if (p[i] == what[0] && memcmp(p + i, what, what_n) == 0) {
      return p + i;
    }
  }
  return NULL;
}

static void answer_request(const bench *b, const char *p, size_t n) {
  static const char *const names[] = {"\nVia:", "\nFrom:", "\nTo:", "\nCall-ID:", "\nCSeq:"};
  char text[2048];
  size_t len = (size_t)snprintf(text, sizeof text, "SIP/2.0 200 OK\r");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *at = find(p, n, names[i]);
    const char *end = at == NULL ? NULL : memchr(at, '\r', n - (size_t)(at - p));
    if (end == NULL) {
      die("a request without its header fields");
    }
    len += (size_t)snprintf(text + len, sizeof text - len, "%.*s%s\r", (int)(end - at), at,
                            i == 2 ? ";tag=b" : "");
  }
  len += (size_t)snprintf(text + len, sizeof text - len, "\nContent-Length: 0\r\n\r\n");
  send_datagram(b, text, len);
}

static void on_datagram(bench *b) {
  static char p[DATAGRAM];
  ssize_t n = 0;
  while ((n = recv(b->udp, p, sizeof p, MSG_DONTWAIT)) > 0) {
    if (b->from_sip) {
      b->back += took(b, &b->answer, number_behind(p, (size_t)n, "id"), ANSWERED) ? 1U : 0U;
      if (!b->is_floor && memcmp(p, "SIP/2.0 200", 11) != 0) {
        die("an answer that is not 200");
      }
      continue;
    }
    b->back += took(b, &b->arrival, number_behind(p, (size_t)n, "bench"), ARRIVED) ? 1U : 0U;
    if (!b->is_floor) {
      answer_request(b, p, (size_t)n);
    } else {
      send_datagram(b, p, (size_t)n); /* as much traffic as an answer makes */
    }
  }
}

/* ---- the XMPP server ---- */

static void answer_ping(bench *b, const char *p, size_t n) {
  const char *id = find(p, n, "id='ping-");
  const char *end = id == NULL ? NULL : memchr(id + 4, '\'', n - (size_t)(id + 4 - p));
  if (end != NULL) {
    b->out_n += (size_t)snprintf(b->out + b->out_n, ROOM - b->out_n,
                                 "<iq from='xmpp.example' to='sip.example' %.*s' type='result'/>",
                                 (int)(end - id), id);
  }
}

/* Octets of the first whole stanza; 0: none yet. */
static size_t stanza_end(const bench *b, const char *p, size_t n) {
  const char *close = b->is_floor ? NULL : n > 2 && p[1] == 'i' ? "</iq>" : "</message>";
  if (b->is_floor) {
    const long i = number_behind(p, n, "bench");
    char text[1024];
    const size_t want = i < 0 ? 0 : (size_t)write_request(text, sizeof text, (unsigned)i, &b->self);
    return n >= want ? want : 0;
  }
  const char *at = find(p, n, close);
  return at == NULL ? 0 : (size_t)(at - p) + strlen(close);
}

static void on_stream(bench *b) {
  const ssize_t n = recv(b->tcp, b->in + b->in_n, ROOM - b->in_n, MSG_DONTWAIT);
  if (n == 0) {
    die("the gateway closed the stream");
  }
  b->in_n += n > 0 ? (size_t)n : 0;
  size_t at = 0;
  size_t end = 0;
  while ((end = stanza_end(b, b->in + at, b->in_n - at)) > 0) {
    const char *p = b->in + at;
    if (!b->is_floor && p[1] == 'i') {
      answer_ping(b, p, end);
    } else {
      (void)took(b, &b->arrival, number_behind(p, end, "bench"), ARRIVED);
    }
    at += end;
  }
  b->in_n -= at;
  memmove(b->in, b->in + at, b->in_n);
  flush(b);
}

static void read_until(bench *b, const char *what) {
  while (find(b->in, b->in_n, what) == NULL) {
    const ssize_t n = recv(b->tcp, b->in + b->in_n, ROOM - b->in_n, 0);
    if (n <= 0) {
      die("no stream from the gateway");
    }
    b->in_n += (size_t)n;
  }
  b->in_n = 0;
}

static void shake_hands(bench *b) {
  static const char open[] =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
      "xmlns:stream='http://etherx.jabber.org/streams' from='sip.example' id='b1'>";
  read_until(b, "<stream:stream");
  send_all(b->tcp, open, sizeof open - 1);
  read_until(b, "</handshake>");
  send_all(b->tcp, "<handshake/>", 12);
}

/* ---- what stands between the peers ---- */

static void make_secret(bench *b) {
  (void)snprintf(b->secret, sizeof b->secret, "/tmp/bench-secret-XXXXXX");
  const int fd = mkstemp(b->secret);
  if (fd < 0 || write(fd, "secret", 6) != 6) {
    die("secret file");
  }
  (void)close(fd);
}

static void become_gateway(const bench *b) {
  char listen_at[64];
  char route[64];
  char server[64];
  (void)snprintf(listen_at, sizeof listen_at, "udp:127.0.0.1:%u", ntohs(b->gateway.sin_port));
  (void)snprintf(route, sizeof route, "sip.example=udp:127.0.0.1:%u", ntohs(b->self.sin_port));
  (void)snprintf(server, sizeof server, "127.0.0.1:%u", b->xmpp_port);
  if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL) {
    die("/dev/null");
  }
  (void)execl(b->program, b->program, "--sip-listen", listen_at, "--sip-route", route,
              "--xmpp-server", server, "--xmpp-component", "sip.example", "--xmpp-secret-file",
              b->secret, "--xmpp-domain", "xmpp.example", "--log", "error", (char *)NULL);
  _exit(1);
}

/* Datagrams go to the stream and back to the sender; stanzas go out as datagrams. */
static void become_relay(const bench *b) {
  static char in[ROOM];
  char text[1024];
  struct sockaddr_in xmpp = b->self;
  struct sockaddr_in self;
  const int one = 1;
  size_t in_n = 0;
  const int tcp = open_socket(SOCK_STREAM, &self);
  const int udp = socket(AF_INET, SOCK_DGRAM, 0);
  xmpp.sin_port = htons((uint16_t)b->xmpp_port);
  if (bind(udp, (const struct sockaddr *)&b->gateway, sizeof b->gateway) != 0 ||
      connect(tcp, (struct sockaddr *)&xmpp, sizeof xmpp) != 0) {
    die("relay");
  }
  (void)setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const size_t stanza_n = (size_t)write_stanza(text, sizeof text, 0);
  struct pollfd fds[2] = {{udp, POLLIN, 0}, {tcp, POLLIN, 0}};
  while (poll(fds, 2, -1) > 0) {
    ssize_t n = 0;
    size_t out_n = 0;
    while (out_n < ROOM - DATAGRAM && (n = recv(udp, in + out_n, DATAGRAM, MSG_DONTWAIT)) > 0) {
      if (!b->from_sip) {
        continue; /* an answer */
      }
      (void)sendto(udp, in + out_n, (size_t)n, 0, (const struct sockaddr *)&b->self,
                   sizeof b->self);
      out_n += (size_t)n;
    }
    send_all(tcp, in, out_n);
    if ((fds[1].revents & POLLIN) != 0) {
      n = recv(tcp, in + in_n, ROOM - in_n, MSG_DONTWAIT);
      if (n <= 0) {
        _exit(0);
      }
      in_n += (size_t)n;
      size_t at = 0;
      for (; in_n - at >= stanza_n; at += stanza_n) {
        (void)sendto(udp, in + at, stanza_n, 0, (const struct sockaddr *)&b->self, sizeof b->self);
      }
      in_n -= at;
      memmove(in, in + at, in_n);
    }
  }
  _exit(0);
}

static void start_peer(bench *b) {
  struct sockaddr_in xmpp;
  const int one = 1;
  b->udp = open_socket(SOCK_DGRAM, &b->self);
  (void)close(open_socket(SOCK_DGRAM, &b->gateway)); /* a port that is free */
  b->listening = open_socket(SOCK_STREAM, &xmpp);
  b->xmpp_port = ntohs(xmpp.sin_port);
  if (listen(b->listening, 1) != 0) {
    die("listen");
  }
  make_secret(b);
  b->child = fork();
  if (b->child == 0) {
    (void)close(b->udp);
    (void)close(b->listening);
    if (b->is_floor) {
      become_relay(b);
    }
    become_gateway(b);
  }
  struct pollfd wait = {b->listening, POLLIN, 0};
  if (poll(&wait, 1, 10000) != 1) {
    (void)unlink(b->secret);
    die("the gateway does not connect");
  }
  (void)unlink(b->secret);
  b->tcp = accept(b->listening, NULL, NULL);
  (void)setsockopt(b->tcp, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (!b->is_floor) {
    shake_hands(b);
  }
}

/* Processor time of the process in nanoseconds; 0 where the system does not say. */
static uint64_t cpu_of(pid_t pid) {
  char path[64];
  unsigned long long ns = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL || fscanf(file, "%llu", &ns) != 1) {
    ns = 0;
  }
  if (file != NULL) {
    (void)fclose(file);
  }
  return ns;
}

static unsigned long resident_kib(pid_t pid) {
  char path[64];
  unsigned long pages = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1) {
    pages = 0;
  }
  if (file != NULL) {
    (void)fclose(file);
  }
  return pages * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
}

/* ---- one case ---- */

static int by_value(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a;
  const uint64_t y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static double at_share(times *t, double share) {
  if (t->n == 0) {
    return 0;
  }
  qsort(t->at, t->n, sizeof *t->at, by_value);
  return (double)t->at[(size_t)((double)(t->n - 1) * share)] / 1000.0;
}

static void load(bench *b) {
  struct epoll_event events[2] = {{EPOLLIN, {.fd = b->udp}}, {EPOLLIN, {.fd = b->tcp}}};
  const int ep = epoll_create1(0);
  (void)epoll_ctl(ep, EPOLL_CTL_ADD, b->udp, &events[0]);
  (void)epoll_ctl(ep, EPOLL_CTL_ADD, b->tcp, &events[1]);
  const uint64_t until = now() + (uint64_t)(b->seconds * 1e9);
  send_more(b, until);
  while (b->back < b->sent || b->arrival.n < b->sent) {
    const int n = epoll_wait(ep, events, 2, STALLED_MS);
    if (n <= 0) {
      fprintf(stderr, "sent %u, back %u, arrived %zu\n", b->sent, b->back, b->arrival.n);
      die("stalled");
    }
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == b->udp) {
        on_datagram(b);
      } else {
        on_stream(b);
      }
    }
    send_more(b, until);
  }
  (void)close(ep);
}

/* Ten seconds to end by itself. */
static void end_child(pid_t pid) {
  const struct timespec step = {0, 10000000};
  (void)kill(pid, SIGTERM);
  for (int i = 0; i < 1000 && waitpid(pid, NULL, WNOHANG) == 0; i++) {
    (void)nanosleep(&step, NULL);
  }
  (void)kill(pid, SIGKILL);
  (void)waitpid(pid, NULL, 0);
}

static void run(bench *b) {
  b->in = room(ROOM);
  b->out = room(ROOM);
  b->start = room(MESSAGES * sizeof *b->start);
  b->seen = room(MESSAGES);
  memset(b->seen, 0, MESSAGES);
  b->arrival.at = room(MESSAGES * sizeof *b->arrival.at);
  b->answer.at = room(MESSAGES * sizeof *b->answer.at);
  start_peer(b);
  const unsigned long idle = resident_kib(b->child);
  const uint64_t cpu = cpu_of(b->child);
  const uint64_t from = now();
  load(b);
  const double took_s = (double)(now() - from) / 1e9;
  const double cpu_us = (double)(cpu_of(b->child) - cpu) / 1000.0 / (double)b->sent;
  printf("%-4s  %-7s  %9u  %8u  %9.0f  %7.1f  %8.0f %8.0f  %8.0f %8.0f  %7lu %7lu\n",
         b->from_sip ? "sip" : "xmpp", b->is_floor ? "floor" : "gateway", b->in_flight, b->sent,
         (double)b->sent / took_s, cpu_us, at_share(&b->arrival, 0.5), at_share(&b->arrival, 0.99),
         at_share(&b->answer, 0.5), at_share(&b->answer, 0.99), idle, resident_kib(b->child));
  (void)fflush(stdout);
  end_child(b->child);
  (void)close(b->tcp);
  (void)close(b->udp);
  (void)close(b->listening);
  free(b->in);
  free(b->out);
  free(b->start);
  free(b->seen);
  free(b->arrival.at);
  free(b->answer.at);
}

static void run_case(const char *program, double seconds, int from_sip, unsigned in_flight) {
  for (int is_floor = 1; is_floor >= 0; is_floor--) {
    bench b;
    memset(&b, 0, sizeof b);
    b.program = program;
    b.seconds = seconds;
    b.from_sip = from_sip;
    b.in_flight = in_flight;
    b.is_floor = is_floor;
    run(&b);
  }
}

/* The gateway that was built with this program. */
static void beside(char *out, size_t n, const char *self) {
  const char *slash = strrchr(self, '/');
  const int folder = slash == NULL ? 0 : (int)(slash - self) + 1;
  (void)snprintf(out, n, "%.*sstox-gateway", folder, self);
}

int main(int argc, char **argv) {
  char program[1024];
  double seconds = 1.5;
  int at = 1;
  beside(program, sizeof program, argv[0]);
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    if (strcmp(argv[at], "--gateway") == 0) {
      (void)snprintf(program, sizeof program, "%s", argv[at + 1]);
    } else if (strcmp(argv[at], "--seconds") == 0) {
      seconds = atof(argv[at + 1]);
    } else {
      die("what is that option?");
    }
  }
  if (access(program, X_OK) != 0) {
    return 77;
  }
  printf("from  through  in flight  messages  a second   cpu us   arrival (us, p50, p99)  answer "
         "(us, p50, p99)   KiB (idle, after)\n");
  if (at + 1 < argc) {
    run_case(program, seconds, strcmp(argv[at], "sip") == 0, (unsigned)atoi(argv[at + 1]));
    return 0;
  }
  for (int from_sip = 1; from_sip >= 0; from_sip--) {
    run_case(program, seconds, from_sip, 1);
    run_case(program, seconds, from_sip, 64);
  }
  return 0;
}
