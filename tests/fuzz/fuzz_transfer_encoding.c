/* SPDX-License-Identifier: MIT */
/* The first octet says where the rest is cut: each decoder gives the same in two pieces as in one,
 * what is strict is also lenient and gives the same, and what was encoded is decoded to itself.
 * The same octets as a timestamp: what parses is written to what parses to the same. */
#include "script.h"

#include "stox/date_time.h"
#include "stox/transfer_encoding.h"

#include <string.h>

enum { ROOM = 1 << 14, MOST = ROOM / 4 };

static char whole[ROOM];
static char pieces[ROOM];
static char encoded[ROOM];

static int decode_cut(stox_buf *out, int encoding, stox_span text, int lenient, size_t cut) {
  stox_transfer decoder;
  stox_diag diag = {0};
  require(stox_transfer_init(&decoder, encoding, lenient) == STOX_OK);
  int status = stox_transfer_feed(out, &decoder, stox_span_slice(text, 0, cut), &diag);
  if (status == STOX_OK) {
    status = stox_transfer_feed(out, &decoder, stox_span_slice(text, cut, text.n), &diag);
  }
  if (status == STOX_OK) {
    status = stox_transfer_end(out, &decoder, &diag);
  }
  require(status == diag.code && diag.offset <= text.n);
  require(status != STOX_OK || lenient || !decoder.is_lenient);
  return status;
}

static void check_decoder(int encoding, stox_span text, size_t cut) {
  stox_buf one;
  stox_buf two;
  stox_buf_init(&one, whole, sizeof whole);
  stox_buf_init(&two, pieces, sizeof pieces);
  const int strict = stox_transfer_decode(&one, encoding, text, 0, NULL);
  require(decode_cut(&two, encoding, text, 0, cut) == strict);
  require(strict != STOX_OK || stox_span_is_equal(stox_buf_span(&one), stox_buf_span(&two)));
  stox_buf_init(&two, pieces, sizeof pieces);
  require(decode_cut(&two, encoding, text, 1, cut) == STOX_OK);
  require(strict != STOX_OK || stox_span_is_equal(stox_buf_span(&one), stox_buf_span(&two)));
  stox_buf_init(&one, whole, sizeof whole);
  require(stox_transfer_decode(&one, encoding, text, 1, NULL) == STOX_OK);
  require(stox_span_is_equal(stox_buf_span(&one), stox_buf_span(&two)));
}

static void check_encoder(int encoding, stox_span octets) {
  stox_buf out;
  stox_buf back;
  stox_buf_init(&out, encoded, sizeof encoded);
  stox_buf_init(&back, whole, sizeof whole);
  if (stox_transfer_encode(&out, encoding, octets) == STOX_OK) {
    require(stox_transfer_decode(&back, encoding, stox_buf_span(&out), 0, NULL) == STOX_OK);
    require(stox_span_is_equal(stox_buf_span(&back), octets));
  } else {
    require(encoding < stox_transfer_least(octets));
  }
}

static void check_moment(stox_span text) {
  stox_date_time moment;
  stox_date_time again;
  stox_diag diag = {0};
  stox_buf out;
  const int status = stox_date_time_parse(&moment, text, &diag);
  require(status == diag.code && diag.offset <= text.n);
  stox_buf_init(&out, whole, sizeof whole);
  if (status == STOX_OK) {
    require(stox_date_time_write(&out, &moment) == STOX_OK);
    require(stox_date_time_parse(&again, stox_buf_span(&out), NULL) == STOX_OK);
    require(memcmp(&moment, &again, sizeof moment) == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0 || size > MOST) {
    return 0;
  }
  const stox_span text = {(const char *)data + 1, size - 1};
  for (int encoding = STOX_TRANSFER_7BIT; encoding <= STOX_TRANSFER_BASE64; encoding++) {
    check_decoder(encoding, text, data[0] % size);
    check_encoder(encoding, text);
  }
  check_moment(text);
  return 0;
}
