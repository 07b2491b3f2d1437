/* SPDX-License-Identifier: MIT */
/* What SIP parsers find in the same messages, for sip.py to compare.
 *   differential_sip --peers        names those that are built in and, behind `-`, those that are
 * not differential_sip <files         takes apart each file whose path stands on a line of stdin
 * Each parser gets each message in a process of its own, for hostile ones crash some. Printed is
 * `= PATH`, then for each parser `- NAME VERDICT` and its facts, a line each. The verdict is `ok`,
 * `lenient` (libstox: by the lenient parser only), `refused` (libstox: the status of the strict
 * one), `signal N` or `late`. */
#include "peer_stox.h"
#include "sip_peers.h"
#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 20, SECONDS = 5, VERDICT = 32 };

typedef struct shared {
  char verdict[VERDICT];
  size_t n;
  char sheet[FACT_SHEET];
} shared;

static shared *memory;
static char octets[FILE_MOST];
static sip_facts facts;

static void tell(const sip_peer *peer, const char *verdict) {
  stox_buf out;
  stox_buf_init(&out, memory->sheet, sizeof memory->sheet);
  peer->tell(&facts);
  facts_write(&out, &facts);
  memory->n = stox_buf_span(&out).n;
  (void)snprintf(memory->verdict, VERDICT, "%s", verdict);
}

/* Both ways: what only the lenient one takes says so. */
static void run_stox(stox_span message) {
  const sip_peer *peer = &sip_peer_stox;
  peer_stox_options(0);
  const int strict = peer_stox_take(message);
  if (strict == STOX_OK) {
    tell(peer, "ok");
    return;
  }
  peer_stox_options(1);
  if (peer_stox_take(message) == STOX_OK) {
    tell(peer, "lenient");
  } else {
    (void)snprintf(memory->verdict, VERDICT, "%s", stox_status_name(strict));
  }
}

static void run_other(const sip_peer *peer, stox_span message) {
  peer->open();
  if (peer->parse(message) != 0 || (peer->check != NULL && peer->check() != 0)) {
    (void)snprintf(memory->verdict, VERDICT, "refused");
    return;
  }
  tell(peer, "ok");
}

/* What the library itself prints belongs to nobody. */
static void child(const sip_peer *peer, stox_span message) {
  (void)freopen("/dev/null", "w", stdout);
  (void)freopen("/dev/null", "w", stderr);
  (void)alarm(SECONDS);
  if (peer == &sip_peer_stox) {
    run_stox(message);
  } else {
    run_other(peer, message);
  }
  _exit(0);
}

static int run(const sip_peer *peer, stox_span message) {
  int status = 0;
  memory->n = 0;
  (void)snprintf(memory->verdict, VERDICT, "lost");
  const pid_t pid = fork();
  if (pid == 0) {
    child(peer, message);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    perror("differential_sip");
    return -1;
  }
  if (WIFSIGNALED(status)) {
    memory->n = 0;
    if (WTERMSIG(status) == SIGALRM) {
      (void)snprintf(memory->verdict, VERDICT, "late");
    } else {
      (void)snprintf(memory->verdict, VERDICT, "signal %d", WTERMSIG(status));
    }
  }
  (void)printf("- %s %s\n%.*s", peer->name, memory->verdict, (int)memory->n, memory->sheet);
  return 0;
}

static int run_all(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return -1;
  }
  const stox_span message = {octets, fread(octets, 1, sizeof octets, file)};
  (void)fclose(file);
  (void)printf("= %s\n", path);
  for (size_t i = 0; sip_peers[i] != NULL; i++) {
    (void)fflush(stdout);
    if (run(sip_peers[i], message) != 0) {
      return -1;
    }
  }
  return 0;
}

static int list(void) {
  for (size_t i = 0; sip_peers[i] != NULL; i++) {
    (void)printf("%s\n", sip_peers[i]->name);
  }
  if (sip_peers_absent[0] != '\0') {
    (void)printf("-%s\n", sip_peers_absent);
  }
  return 0;
}

int main(int argc, char **argv) {
  char path[4096];
  if (argc == 2 && strcmp(argv[1], "--peers") == 0) {
    return list();
  }
  memory = mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (argc != 1 || memory == MAP_FAILED) {
    return 2;
  }
  while (fgets(path, sizeof path, stdin) != NULL) {
    path[strcspn(path, "\n")] = '\0';
    if (run_all(path) != 0) {
      return 2;
    }
  }
  return 0;
}
