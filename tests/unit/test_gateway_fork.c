/* SPDX-License-Identifier: MIT */
/* Objects made before fork(): no object buffers randomness, so the children draw no identifier
 * twice. The random source is the system's, as a host's is. */
#include "world.h"

#include "stox/transaction.h"

#include <sys/random.h>
#include <sys/wait.h>

enum { CHILDREN = 2, ROUNDS = 24, IDENTIFIERS = 4096, LONGEST = 128 };

static int system_fill(void *ud, void *p, size_t n) {
  (void)ud;
  return getrandom(p, n, 0) == (ssize_t)n ? STOX_OK : STOX_E_STATE;
}

/* What both children have from their parent. */
typedef struct before {
  world gateways[2];
  stox_transactions *transactions;
  stox_random random;
} before;

static void make(before *b) {
  stox_transactions_options options;
  b->random = (stox_random){sizeof b->random, NULL, system_fill};
  for (size_t i = 0; i < COUNT(b->gateways); i++) {
    world_make(&b->gateways[i]);
    b->gateways[i].random.fill = system_fill;
    /* So far it has drawn; from now on all is its own. */
    world_send(&b->gateways[i], &(fake_message){.body = "before", .call_id = "before"}, UDP);
    world_run(&b->gateways[i], SECOND);
  }
  (void)stox_transactions_options_init(&options, sizeof options);
  options.random = &b->random;
  assert_status(stox_transactions_new(&b->transactions, &options), STOX_OK);
}

static void end(before *b) {
  for (size_t i = 0; i < COUNT(b->gateways); i++) {
    world_end(&b->gateways[i]);
  }
  stox_transactions_del(b->transactions);
}

/* ---- in a child: identifiers, one a line ---- */

static void say(int fd, const char *text, size_t n) {
  char line[LONGEST + 1];
  assert_in_range(n, 8, LONGEST);
  memcpy(line, text, n);
  line[n] = '\n';
  assert_int_equal(write(fd, line, n + 1), (ssize_t)(n + 1));
}

/* The token behind a text. */
static void say_behind(int fd, const char *message, const char *name) {
  const char *at = strstr(message, name);
  assert_non_null(at);
  at += strlen(name);
  say(fd, at, strcspn(at, ";\r\n"));
}

static void say_gateway(int fd, world *w) {
  for (int i = 0; i < ROUNDS; i++) {
    char name[32];
    char stanza[256];
    const size_t seen = w->sip->n_messages;
    snprintf(name, sizeof name, "z9hG4bKr%d", i);
    world_send(w, &(fake_message){.branch = name, .call_id = name}, UDP);
    snprintf(stanza, sizeof stanza,
             "<message from='a@xmpp.example' to='b@sip.example'><body>x</body></message>"
             "<message from='a@xmpp.example' to='c@sip.example'><body>x</body>"
             "<thread>%s</thread></message>",
             name);
    fake_xmpp_say(w->xmpp, stanza);
    world_run(w, SECOND);
    assert_int_equal(w->sip->n_messages, seen + 3);
    say(fd, w->xmpp->last_ping, strlen(w->xmpp->last_ping));
    for (size_t k = seen; k < w->sip->n_messages; k++) {
      const char *m = w->sip->messages[k];
      if (strncmp(m, "SIP/2.0 ", 8) == 0) {
        say_behind(fd, strstr(m, "\r\nTo: "), ";tag=");
        continue;
      }
      say_behind(fd, m, ";branch=z9hG4bK");
      say_behind(fd, strstr(m, "\r\nFrom: "), ";tag=");
      if (strstr(m, name) == NULL) {
        say_behind(fd, m, "\r\nCall-ID: ");
      }
    }
  }
}

static void say_transactions(int fd, stox_transactions *transactions) {
  static const struct field {
    int id;
    stox_span value;
  } fields[] = {{STOX_SIP_FROM, ROW("<sip:b@sip.example>;tag=1")},
                {STOX_SIP_TO, ROW("<sip:a@sip.example>")},
                {STOX_SIP_CALL_ID, ROW("1")},
                {STOX_SIP_CSEQ, ROW("1 OPTIONS")}};
  const stox_transaction_target target = {.local = AT(5070, UDP), .remote = AT(5060, UDP)};
  for (int i = 0; i < ROUNDS; i++) {
    stox_arena arena;
    stox_sip_edit *request = NULL;
    uint64_t id = 0;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_sip_request_new(&request, &arena, S("OPTIONS"), S("sip:a@sip.example")),
                  STOX_OK);
    for (size_t k = 0; k < COUNT(fields); k++) {
      assert_status(stox_sip_edit_set(request, fields[k].id, (stox_span){NULL, 0}, fields[k].value,
                                      STOX_SIP_LAST),
                    STOX_OK);
    }
    assert_status(stox_transactions_request(transactions, &id, request, &target, 0), STOX_OK);
    const stox_action *action = stox_transactions_next(transactions);
    assert_non_null(action);
    char text[2048];
    snprintf(text, sizeof text, "%.*s", (int)action->bytes.n, action->bytes.p);
    say_behind(fd, text, ";branch=z9hG4bK");
    stox_arena_clear(&arena);
  }
}

static void child(before *b, int fd) {
  for (size_t i = 0; i < COUNT(b->gateways); i++) {
    say_gateway(fd, &b->gateways[i]);
  }
  say_transactions(fd, b->transactions);
}

/* ---- in the parent ---- */

static char identifiers[IDENTIFIERS][LONGEST + 1];

static size_t hear(int fd, size_t n) {
  FILE *in = fdopen(fd, "r");
  assert_non_null(in);
  while (n < IDENTIFIERS && fgets(identifiers[n], sizeof identifiers[n], in) != NULL) {
    n++;
  }
  fclose(in);
  return n;
}

static int compare(const void *a, const void *b) {
  return strcmp(a, b);
}

static void test_children_draw_no_identifier_twice(void **state) {
  (void)state;
  static before b;
  int pipes[CHILDREN][2];
  pid_t pids[CHILDREN];
  make(&b);
  fflush(NULL);
  for (size_t i = 0; i < CHILDREN; i++) {
    assert_int_equal(pipe(pipes[i]), 0);
    pids[i] = fork();
    if (pids[i] == 0) {
      child(&b, pipes[i][1]);
      _exit(0);
    }
    assert_true(pids[i] > 0);
    close(pipes[i][1]);
  }
  size_t n = 0;
  for (size_t i = 0; i < CHILDREN; i++) {
    int how = 0;
    n = hear(pipes[i][0], n);
    assert_int_equal(waitpid(pids[i], &how, 0), pids[i]);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
  }
  /* Each round: a ping, a To tag, two branches, two From tags, one Call-ID. */
  assert_int_equal(n, CHILDREN * ROUNDS * (COUNT(b.gateways) * 7 + 1));
  qsort(identifiers, n, sizeof identifiers[0], compare);
  for (size_t i = 1; i < n; i++) {
    if (strcmp(identifiers[i - 1], identifiers[i]) == 0) {
      fail_msg("drawn twice: %s", identifiers[i]);
    }
  }
  end(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_children_draw_no_identifier_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
