/* SPDX-License-Identifier: MIT */
#include "stox/address_text.h"
#include "stox/error_map.h"
#include "stox/number.h"
#include "stox/status.h"
#include "tool.h"

#include <stdio.h>
#include <string.h>

typedef struct asked {
  int scope;
  int cause;
  stox_span address; /* what a new address becomes; absent: there is none */
} asked;

static int answer_sip(void *ud, stox_span input, stox_buf *out) {
  const asked *a = ud;
  stox_error_to_xmpp question = {0};
  stox_xmpp_error error;
  uint64_t code;
  int status = stox_number_parse(&code, input, 999);
  if (status != STOX_OK) {
    return status;
  }
  question.sip = (int)code;
  question.has_contact = a->address.p != NULL;
  status = stox_error_map_to_xmpp(&error, &question);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_put_text(out, stox_condition_name(error.condition));
  stox_buf_put_octet(out, '\t');
  stox_buf_put_text(out, stox_error_type_name(error.type));
  stox_buf_put_octet(out, '\t');
  if (error.address == STOX_ADDRESS_REQUIRED) {
    stox_buf_put(out, a->address);
  }
  return stox_buf_status(out);
}

static int answer_xmpp(void *ud, stox_span input, stox_buf *out) {
  const asked *a = ud;
  stox_error_to_sip question = {0};
  stox_sip_error error;
  question.condition = stox_condition_of(input);
  question.scope = a->scope;
  question.has_address = a->address.p != NULL;
  question.cause = a->cause;
  question.has_challenge = 1; /* Table 2 as it stands; a gateway without one says 403 */
  const int status = stox_error_map_to_sip(&error, &question);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_put_number(out, (uint64_t)error.code);
  stox_buf_put_octet(out, '\t');
  stox_buf_put_text(out, error.reason);
  stox_buf_put_octet(out, '\t');
  if (error.address == STOX_ADDRESS_REQUIRED) {
    stox_buf_put(out, a->address);
  }
  return stox_buf_status(out);
}

/* A way from an address of one side to one of the other. */
typedef int (*turner)(stox_span *out, stox_arena *arena, stox_span text,
                      const stox_map_options *options);

/* An address that cannot be used is as good as none (RFC 7247 7, notes). */
static stox_span turn_address(stox_arena *arena, turner turn, const char *text) {
  stox_span address = {NULL, 0};
  if (text != NULL) {
    const int status = turn(&address, arena, stox_span_text(text), NULL);
    if (status != STOX_OK) {
      (void)fprintf(stderr, "stox: no usable address: %s\n", stox_status_name(status));
      address = (stox_span){NULL, 0};
    }
  }
  return address;
}

static int error_sip(int argc, char **argv) {
  option options[] = {{"contact", NULL, 0, NULL}};
  operands inputs;
  stox_arena arena;
  const int usage = options_read(&inputs, argc, argv, options, 1);
  if (usage != TOOL_OK) {
    return usage;
  }
  arena_open(&arena);
  asked a = {0, 0, turn_address(&arena, stox_contact_to_address_text, options[0].value)};
  const int code = answer_all(&inputs, answer_sip, &a);
  stox_arena_clear(&arena);
  return code;
}

static int error_xmpp(int argc, char **argv) {
  static const int scopes[] = {STOX_SCOPE_FULL, STOX_SCOPE_BARE, STOX_SCOPE_DOMAIN};
  option options[] = {{"scope", "full|bare|domain", 0, NULL},
                      {"text", NULL, 0, NULL},
                      {"cause", "unresolvable", 0, NULL}};
  operands inputs;
  stox_arena arena;
  const int usage = options_read(&inputs, argc, argv, options, 3);
  if (usage != TOOL_OK) {
    return usage;
  }
  arena_open(&arena);
  asked a = {scopes[options[0].choice],
             options[2].value == NULL ? STOX_CAUSE_UNKNOWN : STOX_CAUSE_UNRESOLVABLE,
             turn_address(&arena, stox_address_text_to_contact, options[1].value)};
  const int code = answer_all(&inputs, answer_xmpp, &a);
  stox_arena_clear(&arena);
  return code;
}

int command_error(int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], "sip") == 0) {
    return error_sip(argc - 1, argv + 1);
  }
  if (argc > 0 && strcmp(argv[0], "xmpp") == 0) {
    return error_xmpp(argc - 1, argv + 1);
  }
  (void)fprintf(stderr, "stox: `stox error` is about errors of sip or of xmpp\n");
  return TOOL_USAGE;
}
