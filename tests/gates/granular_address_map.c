/* SPDX-License-Identifier: MIT */
/* 7247-2-01: one function of the address map, added to whatever host there is: the second row of
 * RFC 7247 6.4's examples. */
#include "stox/address_map.h"
#include "stox/status.h"

int main(void) {
  char memory[2048];
  stox_arena arena;
  stox_map_options options;
  stox_map_result result;
  stox_arena_init(&arena, memory, sizeof memory, sizeof memory, NULL);
  stox_map_options_init(&options, sizeof options);
  int status = stox_map_uri_to_jid(&result, &arena, stox_span_text("sip:o'malley@sip.example"),
                                   &options, NULL);
  return status == STOX_OK &&
                 stox_span_is_equal(result.text, stox_span_text("o\\27malley@sip.example"))
             ? 0
             : 1;
}
