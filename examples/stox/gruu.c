/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* getentropy() */
#include "stox/gruu.h"
#include "stox/dialect.h"
#include "stox/number.h"
#include "stox/status.h"
#include "stox/uri.h"
#include "stox/uri_forms.h"
#include "tool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEY, MARK_KEY, INSTANCE, INDEX, DIALECT, OPTIONS };

typedef struct asked {
  stox_gruu_keys keys;
  stox_span instance;
  uint64_t index;
  int has_index;
  int dialect;
  stox_arena arena;
  char octets[2][64];
} asked;

static int fill(void *ud, void *p, size_t n) {
  (void)ud;
  return getentropy(p, n) == 0 ? STOX_OK : STOX_E_NOMEM;
}

/* ---- make: an address of record, or for a temporary one a domain ---- */

static int make(void *ud, stox_span input, stox_buf *out) {
  static const stox_random random = {sizeof random, NULL, fill};
  const asked *a = ud;
  if (!a->has_index) {
    return stox_gruu_write_public(out, input, a->instance, a->dialect);
  }
  (void)stox_buf_put_text(out, "sip:");
  const int status = stox_gruu_write_temporary(out, &a->keys, a->index, &random);
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_octet(out, '@');
  (void)stox_buf_put(out, input);
  return stox_buf_put_text(out, ";gr");
}

/* ---- classify ---- */

static int put_public(stox_buf *out, const stox_uri *uri, const char *kind, const char *name) {
  stox_param param;
  (void)stox_buf_put_text(out, kind);
  (void)stox_buf_put_octet(out, '\t');
  int status = stox_uri_write_aor(out, uri);
  if (status == STOX_E_NONE) {
    return stox_buf_status(out);
  }
  if (stox_uri_find_param(&param, uri, name) == STOX_OK) {
    (void)stox_buf_put_octet(out, '\t');
    (void)stox_buf_put(out, param.value);
  }
  return stox_buf_status(out);
}

static int put_temporary(stox_buf *out, const asked *a, const stox_uri *uri) {
  uint64_t index = 0;
  (void)stox_buf_put_text(out, "temporary");
  if (a->keys.encryption.p == NULL) {
    return stox_buf_status(out);
  }
  const int status = stox_gruu_read_temporary(&index, &a->keys, 1, uri->user);
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_octet(out, '\t');
  return stox_buf_put_number(out, index);
}

/* Without the mark of a GRUU: an address of record, or the draft's anonymous form. */
static int put_plain(stox_buf *out, asked *a, const stox_uri *uri) {
  stox_gruu_anonymous said;
  int status = STOX_E_NONE;
  stox_arena_reset(&a->arena);
  if (a->keys.encryption.p != NULL) {
    status = stox_gruu_read_anonymous(&said, &a->arena, &a->keys, 1, uri->user);
  }
  if (status != STOX_OK) {
    return status == STOX_E_NONE ? stox_buf_put_text(out, "none") : status;
  }
  (void)stox_buf_put_text(out, "anonymous\t");
  (void)stox_buf_put(out, said.aor);
  (void)stox_buf_put_octet(out, '\t');
  return stox_buf_put(out, said.instance);
}

static int classify(void *ud, stox_span input, stox_buf *out) {
  asked *a = ud;
  stox_uri uri;
  const int status = stox_uri_parse(&uri, input, STOX_URI_STRICT, NULL);
  if (status != STOX_OK) {
    return status;
  }
  switch (stox_uri_gruu(&uri)) {
  case STOX_GRUU_PUBLIC:
    return put_public(out, &uri, "public", "gr");
  case STOX_GRUU_TEMPORARY:
    return put_temporary(out, a, &uri);
  case STOX_GRUU_DRAFT2005:
    return put_public(out, &uri, "draft", "opaque");
  default:
    return put_plain(out, a, &uri);
  }
}

/* ---- options ---- */

static int read_key(stox_span *out, char *room, size_t cap, const option *o) {
  stox_buf octets;
  if (o->value == NULL) {
    return TOOL_OK;
  }
  stox_buf_init(&octets, room, cap);
  if (stox_hex_parse(&octets, stox_span_text(o->value)) != STOX_OK) {
    (void)fprintf(stderr, "stox: --%s is up to 64 octets in hexadecimal\n", o->name);
    return TOOL_USAGE;
  }
  *out = stox_buf_span(&octets);
  return TOOL_OK;
}

static int read_options(asked *a, const option *options) {
  a->dialect = options[DIALECT].choice == 1 ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC;
  if (options[INSTANCE].value != NULL) {
    a->instance = stox_span_text(options[INSTANCE].value);
  }
  if (options[INDEX].value != NULL) {
    a->has_index = 1;
    if (stox_number_parse(&a->index, stox_span_text(options[INDEX].value), UINT64_MAX) != STOX_OK) {
      (void)fprintf(stderr, "stox: --index is a number\n");
      return TOOL_USAGE;
    }
  }
  const int usage = read_key(&a->keys.encryption, a->octets[0], sizeof a->octets[0], &options[KEY]);
  return usage == TOOL_OK ? read_key(&a->keys.authentication, a->octets[1], sizeof a->octets[1],
                                     &options[MARK_KEY])
                          : usage;
}

int command_gruu(int argc, char **argv) {
  option options[OPTIONS] = {[KEY] = {"key", NULL, 0, NULL},
                             [MARK_KEY] = {"mark-key", NULL, 0, NULL},
                             [INSTANCE] = {"instance", NULL, 0, NULL},
                             [INDEX] = {"index", NULL, 0, NULL},
                             [DIALECT] = {"dialect", "rfc|draft", 0, NULL}};
  operands inputs;
  asked a = {.index = 0};
  const int is_make = argc > 0 && strcmp(argv[0], "make") == 0;
  if (!is_make && (argc == 0 || strcmp(argv[0], "classify") != 0)) {
    (void)fprintf(stderr, "stox: gruu make or gruu classify\n");
    return TOOL_USAGE;
  }
  int usage = options_read(&inputs, argc - 1, argv + 1, options, OPTIONS);
  if (usage == TOOL_OK) {
    usage = read_options(&a, options);
  }
  if (usage != TOOL_OK) {
    return usage;
  }
  arena_open(&a.arena);
  const int code = answer_all(&inputs, is_make ? make : classify, &a);
  stox_arena_clear(&a.arena);
  return code;
}
