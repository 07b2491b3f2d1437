/* SPDX-License-Identifier: MIT */
/* Octets as a message/cpim, strict and lenient: fields lie in order and make up the headers, what
 * an address or a value says can be written and is read again as the same. */
#include "script.h"

#include "stox/cpim.h"

enum { ROOM = 1 << 18 };

static char decoded[ROOM];
static char written[ROOM];
static char again[ROOM];

static void require_inside(stox_span part, stox_span whole) {
  require(part.p == NULL || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

/* Decoded, written and decoded again is the same, once it is UTF-8. */
static void check_text(stox_span value) {
  stox_buf out;
  stox_buf_init(&out, decoded, sizeof decoded);
  if (stox_cpim_unescape(&out, value, 1) != STOX_OK) {
    require(out.len == 0);
    return;
  }
  const stox_span text = stox_buf_span(&out);
  stox_buf_init(&out, written, sizeof written);
  if (stox_cpim_put_text(&out, "A", (stox_span){NULL, 0}, text) != STOX_OK) {
    return;
  }
  const stox_span escaped = stox_span_slice(stox_buf_span(&out), 3, out.len - 5);
  stox_buf_init(&out, again, sizeof again);
  require(stox_cpim_unescape(&out, escaped, 1) == STOX_OK);
  require(stox_span_is_equal(stox_buf_span(&out), text));
  stox_buf_init(&out, again, sizeof again);
  require(stox_cpim_unescape(&out, value, 0) == STOX_OK);
  for (size_t i = 0; i < out.len; i++) {
    require((unsigned char)again[i] >= 0x20 && again[i] != 0x7F);
  }
}

static void check_address(stox_span value) {
  stox_cpim_address address;
  stox_buf out;
  if (stox_cpim_address_parse(&address, value) != STOX_OK) {
    return;
  }
  require_inside(address.display, value);
  require_inside(address.uri, value);
  stox_buf_init(&out, written, sizeof written);
  require(stox_cpim_put_address(&out, "From", (stox_span){NULL, 0}, address.uri) == STOX_OK);
}

static void check(const stox_cpim *cpim) {
  stox_cpim_field field;
  stox_span uri = {NULL, 0};
  stox_span name;
  size_t cursor = 0;
  size_t sum = 0;
  while (stox_cpim_next(&field, cpim, &cursor) == STOX_OK) {
    require_inside(field.prefix, field.line);
    require_inside(field.name, field.line);
    require_inside(field.params, field.line);
    require_inside(field.lang, field.line);
    require_inside(field.value, field.line);
    sum += field.line.n;
    (void)stox_cpim_namespace(&uri, cpim, &field, field.prefix);
    check_text(field.value);
    check_address(field.value);
  }
  require(sum == cpim->headers.n);
  require(sum + (cpim->is_lenient ? 0 : 2) + cpim->content.text.n == cpim->text.n);
  for (size_t i = 0; stox_cpim_required(&uri, &name, cpim, i) == STOX_OK; i++) {
    require_inside(name, cpim->text);
  }
  cursor = 0;
  (void)stox_cpim_find(&field, cpim, (stox_span){NULL, 0}, "From", &cursor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span bytes = {(const char *)data, size};
  int status[2];
  for (int lenient = 0; lenient < 2; lenient++) {
    stox_cpim cpim;
    stox_diag diag = {0};
    status[lenient] = stox_cpim_parse(&cpim, bytes, NULL, lenient, &diag);
    require(status[lenient] == diag.code && diag.offset <= size);
    if (status[lenient] == STOX_OK) {
      check(&cpim);
    }
  }
  check_text(bytes);
  check_address(bytes);
  return 0;
}
