/* SPDX-License-Identifier: MIT */
#include "server.h"

#include "stox/hash.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

#include <stddef.h>
#include <stdio.h>

/* ---- the file ---- */

/* Sets one thing: 0 or -1. `value` lives as long as the server. */
typedef int (*set_fn)(void *out, stox_span value);

static int set_text(void *out, stox_span value) {
  *(stox_span *)out = value;
  return value.n > 0 ? 0 : -1;
}

/* ADDRESS:PORT */
static int set_endpoint(void *out, stox_span value) {
  const size_t colon = stox_span_find(value, ':');
  stox_endpoint *e = out;
  uint64_t port = 0;
  const int status = stox_number_parse(&port, stox_span_slice(value, colon + 1, value.n), 65535);
  *e = (stox_endpoint){stox_span_slice(value, 0, colon), (uint32_t)port, STOX_TRANSPORT_TCP};
  return status == STOX_OK && stox_host_kind(e->host) == STOX_HOST_IPV4 ? 0 : -1;
}

/* NAME SECRET */
static int add_entry(void *out, stox_span value) {
  const size_t space = stox_span_find(value, ' ');
  entries *list = out;
  if (list->n == ENTRIES || space == value.n) {
    return -1;
  }
  entry *e = &list->list[list->n++];
  e->name = stox_span_slice(value, 0, space);
  e->secret = stox_span_trim(stox_span_slice(value, space, value.n));
  return 0;
}

static int add_mechanism(void *out, stox_span value) {
  const int mechanism = stox_sasl_mechanism_of(value);
  *(uint32_t *)out |= (uint32_t)mechanism;
  return mechanism == 0 ? -1 : 0;
}

static int set_tls(void *out, stox_span value) {
  static const char *const words[] = {"required", "optional", "none"}; /* STOX_C2S_TLS_… */
  int *tls = out;
  for (*tls = 0; *tls < 3; ++*tls) {
    if (stox_span_is_equal(value, stox_span_text(words[*tls]))) {
      return 0;
    }
  }
  return -1;
}

static int set_flag(void *out, stox_span value) {
  *(int *)out = stox_span_is_equal(value, stox_span_text("yes"));
  return 0;
}

static const struct {
  const char *name;
  set_fn set;
  size_t at;
} names[] = {
    {"domain", set_text, offsetof(server, domain)},
    {"account", add_entry, offsetof(server, accounts)},
    {"component", add_entry, offsetof(server, components)},
    {"listen", set_endpoint, offsetof(server, listen)},
    {"tls-listen", set_endpoint, offsetof(server, tls_listen)},
    {"component-listen", set_endpoint, offsetof(server, component_listen)},
    {"certificate", set_text, offsetof(server, certificate)},
    {"key", set_text, offsetof(server, key)},
    {"ca", set_text, offsetof(server, ca)},
    {"tls", set_tls, offsetof(server, tls)},
    {"mechanism", add_mechanism, offsetof(server, mechanisms)},
    {"takes-over", set_flag, offsetof(server, takes_over)},
};

static int set(server *s, stox_span line) {
  const size_t space = stox_span_find(line, ' ');
  const stox_span value = stox_span_trim(stox_span_slice(line, space, line.n));
  if (line.n == 0 || line.p[0] == '#') {
    return 0;
  }
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (stox_span_is_equal(stox_span_slice(line, 0, space), stox_span_text(names[i].name))) {
      return names[i].set((char *)s + names[i].at, value);
    }
  }
  return -1;
}

int config_read(server *s, const char *path) {
  FILE *file = fopen(path, "r");
  int number = 0;
  if (file == NULL) {
    perror(path);
    return -1;
  }
  stox_span rest = {s->text, fread(s->text, 1, sizeof s->text, file)};
  (void)fclose(file);
  for (; rest.n > 0; number++) {
    const size_t end = stox_span_find(rest, '\n');
    if (set(s, stox_span_trim(stox_span_slice(rest, 0, end))) != 0) {
      fprintf(stderr, "%s:%d: no such name, or no such value\n", path, number + 1);
      return -1;
    }
    rest = stox_span_slice(rest, end + 1, rest.n);
  }
  return s->domain.n > 0 ? 0 : -1;
}

/* ---- accounts ---- */

const entry *entries_find(const entries *list, stox_span name) {
  for (size_t i = 0; i < list->n; i++) {
    if (stox_span_is_equal(list->list[i].name, name)) {
      return &list->list[i];
    }
  }
  return NULL;
}

/* A server for more than show keeps keys in its store, and never sees a password. */
int accounts_derive(entries *accounts, const stox_random *random) {
  int status = STOX_OK;
  for (size_t i = 0; i < accounts->n && status == STOX_OK; i++) {
    entry *e = &accounts->list[i];
    char octets[STOX_SCRAM_DECOY_SALT];
    const stox_span salt = {octets, sizeof octets};
    status = random->fill(random->ud, octets, sizeof octets);
    if (status == STOX_OK) {
      status = stox_scram_derive(&e->sha1, STOX_HASH_SHA1, e->secret, salt, ITERATIONS);
    }
    if (status == STOX_OK) {
      status = stox_scram_derive(&e->sha256, STOX_HASH_SHA256, e->secret, salt, ITERATIONS);
    }
  }
  return status;
}

/* Who is no user costs as much time as one whose password is wrong. */
static int check_password(const entry *account, stox_span password) {
  static const stox_scram_keys nobody = {.iterations = ITERATIONS, .salt_n = 1};
  const stox_scram_keys *keys = account == NULL ? &nobody : &account->sha256;
  const int status = stox_scram_check(keys, STOX_HASH_SHA256, password);
  return account == NULL ? STOX_E_AUTH : status;
}

int accounts_ask(void *ud, const stox_sasl_question *question, stox_sasl_answer *answer) {
  const entry *account = entries_find(ud, question->username);
  stox_jid jid;
  switch (question->kind) {
  case STOX_SASL_ASK_SCRAM:
    if (account == NULL) {
      return STOX_E_AUTH;
    }
    answer->keys = question->hash == STOX_HASH_SHA1 ? account->sha1 : account->sha256;
    return STOX_OK;
  case STOX_SASL_ASK_PASSWORD:
    return check_password(account, question->password);
  case STOX_SASL_ASK_AUTHORIZE:
    /* Nobody acts for another; whom a certificate names must have an account. */
    return stox_span_is_equal(question->username, question->jid) &&
                   stox_jid_parse(&jid, question->jid, NULL) == STOX_OK &&
                   entries_find(ud, jid.localpart) != NULL
               ? STOX_OK
               : STOX_E_AUTH;
  default:
    return STOX_E_AUTH;
  }
}
