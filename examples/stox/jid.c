/* SPDX-License-Identifier: MIT */
#include "stox/jid.h"
#include "stox/status.h"
#include "tool.h"

typedef struct asked {
  int profile;
  stox_arena arena;
} asked;

static int answer(void *ud, stox_span input, stox_buf *out) {
  asked *a = ud;
  stox_jid jid;
  stox_arena_reset(&a->arena);
  int status = stox_jid_parse(&jid, input, NULL);
  if (status == STOX_OK) {
    status = stox_jid_prepare(&jid, &a->arena, &jid, a->profile, NULL);
  }
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_put(out, jid.localpart);
  stox_buf_put_octet(out, '\t');
  stox_buf_put(out, jid.domainpart);
  stox_buf_put_octet(out, '\t');
  return stox_buf_put(out, jid.resourcepart);
}

int command_jid(int argc, char **argv) {
  static const int profiles[] = {STOX_JID_NODEPREP, STOX_JID_NONE, STOX_JID_PRECIS};
  option options[] = {{"profile", "nodeprep|none|precis", 0, NULL}};
  operands inputs;
  asked a;
  const int usage = options_read(&inputs, argc, argv, options, 1);
  if (usage != TOOL_OK) {
    return usage;
  }
  a.profile = profiles[options[0].choice];
  arena_open(&a.arena);
  const int code = answer_all(&inputs, answer, &a);
  stox_arena_clear(&a.arena);
  return code;
}
