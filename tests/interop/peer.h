/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_INTEROP_PEER_H
#define STOX_TEST_INTEROP_PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the clients of the interop tests are told: `NAME=VALUE` words. They log in, send one message
 * if they are to, wait for so many, say each thing that happens in a line, and close. */
typedef struct task {
  const char *address;
  unsigned port;
  const char *domain;
  const char *user;
  const char *password;
  const char *resource;   /* NULL: the server's */
  const char *ca;         /* file; NULL: whoever shows a certificate is trusted */
  const char *tls;        /* required, optional, none, direct */
  const char *mechanisms; /* with commas between; NULL: all */
  const char *certificate;
  const char *key;
  const char *dns; /* ours: server:port that is asked where the domain is, `address` then not */
  const char *to;  /* whom to send to; NULL: nobody */
  const char *body;
  unsigned messages; /* to wait for */
} task;

static inline void task_set(task *t, const char *name, const char *value) {
  const struct {
    const char *name;
    const char **at;
  } rows[] = {
      {"address", &t->address},
      {"domain", &t->domain},
      {"user", &t->user},
      {"password", &t->password},
      {"resource", &t->resource},
      {"ca", &t->ca},
      {"tls", &t->tls},
      {"mechanisms", &t->mechanisms},
      {"certificate", &t->certificate},
      {"key", &t->key},
      {"dns", &t->dns},
      {"to", &t->to},
      {"body", &t->body},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strcmp(name, rows[i].name) == 0) {
      *rows[i].at = value;
      return;
    }
  }
  unsigned *number = strcmp(name, "port") == 0 ? &t->port : &t->messages;
  *number = (unsigned)strtoul(value, NULL, 10);
}

static inline void task_read(task *t, int argc, char **argv) {
  *t = (task){.address = "127.0.0.1", .tls = "required", .password = ""};
  for (int i = 1; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    if (value == NULL) {
      fprintf(stderr, "%s: not NAME=VALUE\n", argv[i]);
      exit(2);
    }
    *value = '\0';
    task_set(t, argv[i], value + 1);
  }
}

#define SAY(...)                                                                                   \
  do {                                                                                             \
    printf(__VA_ARGS__);                                                                           \
    putchar('\n');                                                                                 \
    (void)fflush(stdout);                                                                          \
  } while (0)

#endif
