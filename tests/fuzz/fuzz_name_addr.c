/* SPDX-License-Identifier: MIT */
#include "stox/name_addr.h"
#include "stox/status.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static void require_inside(stox_span part, stox_span whole) {
  require(part.p == NULL || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

/* Quoting what was unquoted gives the same text again. */
static void check_display(stox_span display) {
  char *room = malloc(4 * display.n + 4);
  stox_buf plain;
  stox_buf quoted;
  stox_buf again;
  require(room != NULL);
  stox_buf_init(&plain, room, display.n);
  stox_buf_init(&quoted, room + display.n, 2 * display.n + 2);
  stox_buf_init(&again, room + 3 * display.n + 2, display.n);
  if (stox_display_unquote(&plain, display) == STOX_OK) {
    require(stox_display_quote(&quoted, stox_buf_span(&plain)) == STOX_OK);
    require(stox_display_unquote(&again, stox_buf_span(&quoted)) == STOX_OK);
    require(stox_span_is_equal(stox_buf_span(&plain), stox_buf_span(&again)));
  }
  free(room);
}

static void check_params(stox_span params) {
  stox_param param;
  size_t cursor = 0;
  int status;
  while ((status = stox_param_next(&param, params, &cursor)) == STOX_OK) {
    require(param.name.n > 0);
    require_inside(param.name, params);
    require_inside(param.value, params);
  }
  require(status == STOX_E_NONE);
}

/* The elements of a header value stand in it, in order, and their parts in them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span value = {(const char *)data, size};
  stox_name_addr a;
  stox_param param;
  size_t cursor = 0;
  size_t before = 0;
  stox_diag diag = {0, 0, 0, NULL};
  int status;
  while ((status = stox_name_addr_next(&a, value, &cursor, &diag)) == STOX_OK) {
    require(cursor > before && cursor <= size);
    before = cursor;
    require_inside(a.text, value);
    require_inside(a.display, a.text);
    require_inside(a.uri, a.text);
    require_inside(a.params, a.text);
    require(a.star == (a.uri.p == NULL));
    check_display(a.display);
    check_params(a.params);
  }
  require(status == STOX_E_NONE || (diag.code == status && diag.offset <= size));
  (void)stox_param_find(&param, value, "tag");
  return 0;
}
