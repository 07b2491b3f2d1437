/* SPDX-License-Identifier: MIT */
#include "tool.h"

#include "stox/address_map.h"
#include "stox/status.h"

/* `stox map`: a URI of a scheme that is known by name, or else a JID. */
typedef struct asked {
  stox_map_options options;
  stox_arena arena;
} asked;

static int is_uri(stox_span input) {
  static const char *const schemes[] = {"sip", "sips", "im", "pres", "tel", "xmpp"};
  const size_t n = stox_span_find(input, ':');
  for (size_t i = 0; n < input.n && i < sizeof schemes / sizeof schemes[0]; i++) {
    if (stox_span_is_equal_nocase(stox_span_slice(input, 0, n), stox_span_text(schemes[i]))) {
      return 1;
    }
  }
  return 0;
}

static int answer(void *ud, stox_span input, stox_buf *out) {
  asked *a = ud;
  stox_map_result result;
  stox_arena_reset(&a->arena);
  const int status = is_uri(input)
                         ? stox_map_uri_to_jid(&result, &a->arena, input, &a->options, NULL)
                         : stox_map_jid_to_uri(&result, &a->arena, input, &a->options, NULL);
  return status == STOX_OK ? stox_buf_put(out, result.text) : status;
}

int command_map(int argc, char **argv) {
  static const int modes[] = {STOX_MAP_REVERSIBLE, STOX_MAP_RFC7247};
  static const int schemes[] = {STOX_SCHEME_SIP, STOX_SCHEME_SIPS, STOX_SCHEME_IM,
                                STOX_SCHEME_PRES};
  static const int resources[] = {STOX_MAP_RESOURCE_KEEP, STOX_MAP_RESOURCE_DROP};
  option options[] = {{"mode", "reversible|rfc7247", 0, NULL},
                      {"to", "sip|sips|im|pres", 0, NULL},
                      {"resource", "keep|drop", 0, NULL}};
  operands inputs;
  asked a;
  const int usage = options_read(&inputs, argc, argv, options, sizeof options / sizeof options[0]);
  if (usage != TOOL_OK) {
    return usage;
  }
  (void)stox_map_options_init(&a.options, sizeof a.options);
  a.options.mode = modes[options[0].choice];
  a.options.scheme = schemes[options[1].choice];
  a.options.resource = resources[options[2].choice];
  arena_open(&a.arena);
  const int code = answer_all(&inputs, answer, &a);
  stox_arena_clear(&a.arena);
  return code;
}
