/* SPDX-License-Identifier: MIT */
#include "stox/stun.h"
#include "stox/number.h"
#include "stox/status.h"
#include "tool.h"

/* The octets of a message in hexadecimal: its type, its generation, its id, and what it says: the
 * address that is mapped, or the code of an error. */
static int answer(void *ud, stox_span input, stox_buf *out) {
  char room[STOX_STUN_MOST];
  stox_buf octets;
  stox_stun_message message;
  stox_stun_address mapped;
  (void)ud;
  stox_buf_init(&octets, room, sizeof room);
  int status = stox_hex_parse(&octets, input);
  if (status == STOX_OK) {
    status = stox_stun_parse(&message, stox_buf_span(&octets));
  }
  if (status != STOX_OK) {
    return status == STOX_E_NOBUF ? STOX_E_TOO_LONG : status;
  }
  (void)stox_hex_write(out, (stox_span){message.octets.p, 2});
  (void)stox_buf_put_text(out, message.has_cookie ? "\tRFC5389\t" : "\tRFC3489\t");
  (void)stox_hex_write(out, message.id);
  (void)stox_buf_put_octet(out, '\t');
  const int code = stox_stun_error_code(&message);
  if (code != 0) {
    (void)stox_buf_put_number(out, (uint64_t)code);
  } else if (stox_stun_mapped(&mapped, &message) == STOX_OK) {
    (void)stox_stun_address_write(out, &mapped);
  }
  return stox_buf_status(out);
}

int command_stun(int argc, char **argv) {
  operands inputs;
  const int usage = options_read(&inputs, argc, argv, NULL, 0);
  return usage == TOOL_OK ? answer_all(&inputs, answer, NULL) : usage;
}
