/* SPDX-License-Identifier: MIT */
#include "base/put.h"
#include "mime/transfer.h"
#include "stox/status.h"

enum { GROUP = 4 };

static int digit_of(char c) {
  const unsigned octet = (unsigned char)c;
  if ((octet | 0x20U) - 'a' < 26) {
    return (int)((octet & 0x20U) == 0 ? octet - 'A' : octet - 'a' + 26);
  }
  if (octet - '0' < 10) {
    return (int)(octet - '0' + 52);
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
    (void)stox_put_octet(out, (char)(decoder->bits >> held & 0xFFU));
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

/* Whole groups of a line. */
size_t stox_base64_run(stox_buf *out, stox_transfer *decoder, stox_span text) {
  size_t at = 0;
  if (decoder->state != 0 || decoder->n != 0 || decoder->pad != 0) {
    return 0;
  }
  while (text.n - at >= GROUP && decoder->line + GROUP <= STOX_TRANSFER_ENCODED_LINE) {
    int bits = 0;
    int all = 0;
    for (size_t i = 0; i < GROUP; i++) {
      const int digit = digit_of(text.p[at + i]);
      all |= digit;
      bits = (int)((unsigned)bits << 6 | (unsigned)digit);
    }
    if (all < 0) {
      break;
    }
    const char octets[] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
    (void)stox_put(out, octets, sizeof octets);
    decoder->line += GROUP;
    at += GROUP;
  }
  return at;
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
