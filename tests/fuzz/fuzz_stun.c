/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "stox/stun.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/* An answer is a message itself, has the request's id, and is never the larger by more than what a
 * server has to say. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const stox_endpoint source = {{"2001:db8::1", 11}, 40001, STOX_TRANSPORT_UDP};
  static const stox_endpoint local = {{"2001:db8::2", 11}, 5060, STOX_TRANSPORT_UDP};
  enum { SAID = 96 };
  const stox_span octets = {(const char *)data, size};
  stox_stun_message message;
  stox_stun_message answer;
  stox_stun_address address;
  char room[512];
  stox_buf out;
  const int status = stox_stun_parse(&message, octets);
  if (status == STOX_OK) {
    (void)stox_stun_mapped(&address, &message);
    (void)stox_stun_error_code(&message);
  }
  stox_buf_init(&out, room, sizeof room);
  const int answered = stox_stun_answer(&out, octets, &source, &local);
  require(status == STOX_OK || answered == status);
  if (answered == STOX_OK) {
    require(stox_stun_parse(&answer, stox_buf_span(&out)) == STOX_OK);
    require(stox_span_is_equal(answer.id, message.id));
    require(answer.has_cookie == message.has_cookie);
    require(out.len <= size + SAID);
  }
  return 0;
}
