/* SPDX-License-Identifier: MIT */
#include "stox/buf.h"
#include "stox/status.h"
#include "stox/uri.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/* The canonical form of a canonical form is the same, and equal. */
static void check_canonical(const stox_uri *uri) {
  char *room = malloc(6 * uri->text.n + 2);
  stox_buf first;
  stox_buf second;
  stox_uri again;
  require(room != NULL);
  stox_buf_init(&first, room, 3 * uri->text.n + 1);
  stox_buf_init(&second, room + 3 * uri->text.n + 1, 3 * uri->text.n + 1);
  require(stox_uri_write(&first, uri) == STOX_OK);
  require(stox_uri_parse(&again, stox_buf_span(&first), STOX_URI_LENIENT, NULL) == STOX_OK);
  require(stox_uri_write(&second, &again) == STOX_OK);
  require(stox_span_is_equal(stox_buf_span(&first), stox_buf_span(&second)));
  require(uri->scheme == STOX_SCHEME_OTHER || stox_uri_is_equal(uri, &again, STOX_URI_RFC3261));
  require(uri->scheme == STOX_SCHEME_OTHER || stox_uri_is_equal(&again, uri, STOX_URI_LOCATION));
  free(room);
}

/* Two URIs, the second behind the first line end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span all = {(const char *)data, size};
  const size_t end = stox_span_find(all, '\n');
  stox_uri a;
  stox_uri b;
  stox_diag diag = {0, 0, 0, NULL};
  const stox_span one = stox_span_slice(all, 0, end);
  if (stox_uri_parse(&a, one, STOX_URI_LENIENT, &diag) != STOX_OK) {
    require(diag.code < 0 && diag.offset <= one.n && diag.rule != NULL);
    require(stox_uri_parse(&b, one, STOX_URI_STRICT, NULL) != STOX_OK);
    return 0;
  }
  check_canonical(&a);
  (void)stox_uri_gruu(&a);
  if (stox_uri_parse(&b, stox_span_slice(all, end + 1, size), STOX_URI_LENIENT, NULL) == STOX_OK) {
    const int how = size % 2 == 0 ? STOX_URI_RFC3261 : STOX_URI_LOCATION;
    require(stox_uri_is_equal(&a, &b, how) == stox_uri_is_equal(&b, &a, how));
  }
  return 0;
}
