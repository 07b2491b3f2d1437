/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "mime/transfer.h"
#include "stox/status.h"

enum { GROUP = 4 };

static int digit_of(char c) {
  if (stox_char_is(c, STOX_CHAR_UPPER)) {
    return c - 'A';
  }
  if (stox_char_is(c, STOX_CHAR_ALPHA)) {
    return c - 'a' + 26;
  }
  if (stox_char_is(c, STOX_CHAR_DIGIT)) {
    return c - '0' + 52;
  }
  if (c == '+') {
    return 62;
  }
  return c == '/' ? 63 : -1;
}

/* The whole octets of a group; the bits that are left must be zero (RFC 4648 3.5). */
static void end_group(stox_buf *out, stox_transfer *decoder) {
  uint32_t held = decoder->n * 6;
  while (held >= 8) {
    held -= 8;
    (void)stox_buf_put_octet(out, (char)(decoder->bits >> held & 0xFFU));
  }
  if ((decoder->bits & ((1U << held) - 1U)) != 0) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
  }
  decoder->n = 0;
  decoder->bits = 0;
}

static void feed_pad(stox_buf *out, stox_transfer *decoder) {
  if (decoder->pad == 0 && decoder->n < 2) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
    return;
  }
  if (decoder->pad >= 2) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
    return;
  }
  if (decoder->pad == 0) {
    /* The second `=` stands for the second digit that is not there; `pad` 2 says that it came. */
    decoder->pad = decoder->n == GROUP - 1 ? 2 : 1;
    end_group(out, decoder);
    return;
  }
  decoder->pad = 2;
}

static void feed_digit(stox_buf *out, stox_transfer *decoder, int digit) {
  if (decoder->pad > 0) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
    decoder->pad = 0;
  }
  decoder->bits = decoder->bits << 6 | (uint32_t)digit;
  if (++decoder->n == GROUP) {
    end_group(out, decoder);
  }
}

void stox_base64_feed(stox_buf *out, stox_transfer *decoder, char octet) {
  const int digit = digit_of(octet);
  const int is_behind_cr = decoder->state;
  decoder->state = octet == '\r';
  if (is_behind_cr != (octet == '\n')) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
  }
  if (octet == '\n') {
    decoder->line = 0;
    return;
  }
  if (octet == '\r') {
    return;
  }
  if (++decoder->line > STOX_TRANSFER_ENCODED_LINE) {
    stox_transfer_forgive(decoder, STOX_E_TOO_LONG);
  }
  if (octet == '=') {
    feed_pad(out, decoder);
  } else if (digit >= 0) {
    feed_digit(out, decoder, digit);
  } else {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
  }
}

void stox_base64_end(stox_buf *out, stox_transfer *decoder) {
  if (decoder->state != 0 || decoder->n > 0 || decoder->pad == 1) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BASE64);
  }
  end_group(out, decoder);
}
