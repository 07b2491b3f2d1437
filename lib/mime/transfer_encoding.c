/* SPDX-License-Identifier: MIT */
#include "stox/transfer_encoding.h"

#include "base/chars.h"
#include "base/put.h"
#include "mime/transfer.h"
#include "stox/number.h"
#include "stox/status.h"

static const char *const names[] = {"7bit", "8bit", "binary", "quoted-printable", "base64"};

enum { N_NAMES = sizeof names / sizeof names[0], HIGH = 0x7F };

int stox_transfer_of(int *out, stox_span name) {
  for (int i = 0; i < N_NAMES; i++) {
    if (stox_span_is_equal_nocase(name, stox_span_text(names[i]))) {
      *out = i;
      return STOX_OK;
    }
  }
  for (size_t i = 0; i < name.n; i++) {
    if (!stox_char_is(name.p[i], STOX_CHAR_TOKEN)) {
      return STOX_E_BAD_HEADER;
    }
  }
  return name.n == 0 ? STOX_E_BAD_HEADER : STOX_E_UNSUPPORTED_MEDIA;
}

const char *stox_transfer_name(int encoding) {
  return encoding >= 0 && encoding < N_NAMES ? names[encoding] : NULL;
}

int stox_mime_entity_transfer(int *out, const stox_mime_entity *entity) {
  stox_mime_field field;
  const int status = stox_mime_field_find(&field, entity->headers, "Content-Transfer-Encoding");
  return status == STOX_OK ? stox_transfer_of(out, field.value) : status;
}

int stox_transfer_init(stox_transfer *out, int encoding, int lenient) {
  if (stox_transfer_name(encoding) == NULL) {
    *out = (stox_transfer){.status = STOX_E_ARG};
    return STOX_E_ARG;
  }
  *out = (stox_transfer){.encoding = encoding, .lenient = lenient};
  return STOX_OK;
}

int stox_transfer_forgive(stox_transfer *decoder, int code) {
  if (decoder->lenient) {
    decoder->is_lenient = 1;
  } else if (decoder->status == STOX_OK) {
    decoder->status = code;
  }
  return decoder->lenient;
}

/* Lines of text, for 7bit and 8bit: `state` is 1 behind a CR. */
static void check_octet(stox_transfer *decoder, char octet) {
  const unsigned char value = (unsigned char)octet;
  const int is_behind_cr = decoder->state;
  decoder->state = octet == '\r';
  if (is_behind_cr != (octet == '\n')) {
    stox_transfer_forgive(decoder, STOX_E_CTRL);
  }
  if (value == 0 || (value > HIGH && decoder->encoding == STOX_TRANSFER_7BIT)) {
    stox_transfer_forgive(decoder, value == 0 ? STOX_E_CTRL : STOX_E_BAD_BODY);
  }
  if (octet == '\n') {
    decoder->line = 0;
  } else if (octet != '\r' && ++decoder->line > STOX_TRANSFER_LINE) {
    stox_transfer_forgive(decoder, STOX_E_TOO_LONG);
  }
}

static void feed_octet(stox_buf *out, stox_transfer *decoder, char octet) {
  switch (decoder->encoding) {
  case STOX_TRANSFER_QUOTED_PRINTABLE:
    stox_quoted_feed(out, decoder, octet);
    break;
  case STOX_TRANSFER_BASE64:
    stox_base64_feed(out, decoder, octet);
    break;
  default:
    check_octet(decoder, octet);
    (void)stox_put_octet(out, octet);
    break;
  }
}

static size_t feed_run(stox_buf *out, stox_transfer *decoder, stox_span text) {
  switch (decoder->encoding) {
  case STOX_TRANSFER_QUOTED_PRINTABLE:
    return stox_quoted_run(out, decoder, text);
  case STOX_TRANSFER_BASE64:
    return stox_base64_run(out, decoder, text);
  case STOX_TRANSFER_BINARY:
    (void)stox_put(out, text.p, text.n);
    return text.n;
  default:
    return 0;
  }
}

static int refuse(const stox_transfer *decoder, stox_diag *diag) {
  static const char *const rules[] = {"RFC2045-2.7 7bit", "RFC2045-2.8 8bit", "RFC2045-2.9 binary",
                                      "RFC2045-6.7 quoted-printable", "RFC2045-6.8 base64"};
  return stox_diag_set(diag, decoder->status, 400, decoder->offset, rules[decoder->encoding]);
}

int stox_transfer_feed(stox_buf *out, stox_transfer *decoder, stox_span piece, stox_diag *diag) {
  const size_t before = out->len;
  size_t at = 0;
  while (at < piece.n && decoder->status == STOX_OK) {
    size_t n = feed_run(out, decoder, stox_span_slice(piece, at, piece.n));
    if (n == 0) {
      feed_octet(out, decoder, piece.p[at]);
      n = decoder->status == STOX_OK;
    }
    decoder->offset += n;
    at += n;
  }
  if (decoder->status != STOX_OK) {
    out->len = before;
    return refuse(decoder, diag);
  }
  return stox_buf_status(out);
}

int stox_transfer_end(stox_buf *out, stox_transfer *decoder, stox_diag *diag) {
  const size_t before = out->len;
  if (decoder->status == STOX_OK) {
    switch (decoder->encoding) {
    case STOX_TRANSFER_QUOTED_PRINTABLE:
      stox_quoted_end(out, decoder);
      break;
    case STOX_TRANSFER_BASE64:
      stox_base64_end(out, decoder);
      break;
    default:
      if (decoder->state != 0) {
        stox_transfer_forgive(decoder, STOX_E_CTRL);
      }
      break;
    }
  }
  if (decoder->status != STOX_OK) {
    out->len = before;
    return refuse(decoder, diag);
  }
  return stox_buf_status(out);
}

int stox_transfer_decode(stox_buf *out, int encoding, stox_span text, int lenient,
                         stox_diag *diag) {
  stox_transfer decoder;
  const size_t before = out->len;
  if (stox_transfer_init(&decoder, encoding, lenient) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_ARG, 0, 0, "stox_transfer_decode");
  }
  int status = stox_transfer_feed(out, &decoder, text, diag);
  if (status == STOX_OK || status == STOX_E_NOBUF) {
    status = stox_transfer_end(out, &decoder, diag);
  }
  if (status != STOX_OK && status != STOX_E_NOBUF) {
    out->len = before;
  }
  return status;
}

int stox_transfer_least(stox_span octets) {
  stox_transfer seven = {.encoding = STOX_TRANSFER_7BIT};
  stox_transfer eight = {.encoding = STOX_TRANSFER_8BIT};
  for (size_t i = 0; i < octets.n; i++) {
    check_octet(&seven, octets.p[i]);
    check_octet(&eight, octets.p[i]);
    if (eight.status != STOX_OK) {
      break;
    }
  }
  if (eight.status != STOX_OK || eight.state != 0) {
    return STOX_TRANSFER_BINARY;
  }
  return seven.status == STOX_OK ? STOX_TRANSFER_7BIT : STOX_TRANSFER_8BIT;
}

/* Whole groups to a line. */
static int encode_base64(stox_buf *out, stox_span octets) {
  const size_t in_line = STOX_TRANSFER_ENCODED_LINE / 4 * 3;
  for (size_t i = 0; i < octets.n; i += in_line) {
    if (i > 0) {
      (void)stox_buf_put_text(out, "\r\n");
    }
    (void)stox_base64_write(out, stox_span_slice(octets, i, in_line), STOX_BASE64);
  }
  return stox_buf_status(out);
}

int stox_transfer_encode(stox_buf *out, int encoding, stox_span octets) {
  switch (encoding) {
  case STOX_TRANSFER_7BIT:
  case STOX_TRANSFER_8BIT:
    return stox_transfer_least(octets) > encoding ? STOX_E_ARG : stox_buf_put(out, octets);
  case STOX_TRANSFER_BINARY:
    return stox_buf_put(out, octets);
  case STOX_TRANSFER_QUOTED_PRINTABLE:
    return stox_quoted_encode(out, octets);
  case STOX_TRANSFER_BASE64:
    return encode_base64(out, octets);
  default:
    return STOX_E_ARG;
  }
}
