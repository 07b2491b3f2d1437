/* SPDX-License-Identifier: MIT */
#include "stox/uri.h"
#include "stox/status.h"
#include "tool.h"

static int answer(void *ud, stox_span input, stox_buf *out) {
  stox_uri uri;
  (void)ud;
  const int status = stox_uri_parse(&uri, input, STOX_URI_STRICT, NULL);
  return status == STOX_OK ? stox_uri_write(out, &uri) : status;
}

static const char *compare(stox_span a, stox_span b, stox_span *refused, int *status) {
  stox_uri one;
  stox_uri two;
  *refused = a;
  *status = stox_uri_parse(&one, a, STOX_URI_STRICT, NULL);
  if (*status == STOX_OK) {
    *refused = b;
    *status = stox_uri_parse(&two, b, STOX_URI_STRICT, NULL);
  }
  if (*status != STOX_OK) {
    return NULL;
  }
  return stox_uri_is_equal(&one, &two, STOX_URI_RFC3261) ? "equal" : "different";
}

int command_uri(int argc, char **argv) {
  option options[] = {{"compare", "", 0, NULL}};
  operands inputs;
  const int usage = options_read(&inputs, argc, argv, options, 1);
  if (usage != TOOL_OK) {
    return usage;
  }
  return options[0].choice ? judge_pairs(&inputs, compare) : answer_all(&inputs, answer, NULL);
}
