/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "base/put.h"
#include "mime/transfer.h"
#include "stox/status.h"

/* Where a decoder is in a line. */
enum {
  TEXT = 0,
  CR,      /* behind a CR */
  EQUALS,  /* behind `=` */
  DIGIT,   /* behind `=` and one digit, which is `first` */
  PADDING, /* behind `=` and white space, which is held */
  SOFT_CR  /* behind `=`, white space and a CR */
};

static int is_space(char c) {
  return c == ' ' || c == '\t';
}

/* What stands for itself (RFC 2045 6.7 (2)). */
static int is_literal(char c) {
  const unsigned char value = (unsigned char)c;
  return value > ' ' && value < 0x7F && c != '=';
}

static void count(stox_transfer *decoder, uint32_t n) {
  decoder->line += n;
  if (decoder->line > STOX_TRANSFER_ENCODED_LINE) {
    stox_transfer_forgive(decoder, STOX_E_TOO_LONG);
  }
}

/* White space that turned out not to end the line. */
static void put_held(stox_buf *out, stox_transfer *decoder) {
  count(decoder, decoder->held_n);
  (void)stox_buf_put(out, (stox_span){decoder->held, decoder->held_n});
  decoder->held_n = 0;
}

static void hold(stox_buf *out, stox_transfer *decoder, char octet) {
  if (decoder->held_n == sizeof decoder->held) {
    stox_transfer_forgive(decoder, STOX_E_TOO_LONG);
    put_held(out, decoder);
  }
  decoder->held[decoder->held_n++] = octet;
}

static void end_line(stox_transfer *decoder) {
  decoder->held_n = 0;
  decoder->line = 0;
  decoder->state = TEXT;
}

/* A line end without its CR, or a CR without its LF. */
static void forgive_end(stox_transfer *decoder) {
  stox_transfer_forgive(decoder, STOX_E_CTRL);
}

static void feed_text(stox_buf *out, stox_transfer *decoder, char octet) {
  if (is_space(octet)) {
    hold(out, decoder, octet);
  } else if (octet == '\r') {
    decoder->state = CR;
  } else if (octet == '\n') {
    forgive_end(decoder);
    end_line(decoder);
    (void)stox_buf_put_text(out, "\r\n");
  } else {
    put_held(out, decoder);
    count(decoder, 1);
    if (octet == '=') {
      decoder->state = EQUALS;
      return;
    }
    if (!is_literal(octet)) {
      stox_transfer_forgive(decoder, STOX_E_BAD_BODY);
    }
    (void)stox_put_octet(out, octet);
  }
}

/* Takes an `=` that nothing follows for itself, as 6.7 advises. */
static void put_equals(stox_buf *out, stox_transfer *decoder) {
  stox_transfer_forgive(decoder, STOX_E_BAD_BODY);
  (void)stox_put_octet(out, '=');
  decoder->state = TEXT;
}

/* 1: the octet is taken; 0: it is to be looked at again as text. */
static int feed_equals(stox_buf *out, stox_transfer *decoder, char octet) {
  if (stox_char_is(octet, STOX_CHAR_HEX)) {
    decoder->first = octet;
    decoder->state = DIGIT;
  } else if (is_space(octet)) {
    hold(out, decoder, octet);
    decoder->state = PADDING;
  } else if (octet == '\r') {
    decoder->state = SOFT_CR;
  } else if (octet == '\n') {
    forgive_end(decoder);
    end_line(decoder);
  } else {
    put_equals(out, decoder);
    return 0;
  }
  return 1;
}

static int feed_digit(stox_buf *out, stox_transfer *decoder, char octet) {
  if (!stox_char_is(octet, STOX_CHAR_HEX)) {
    put_equals(out, decoder);
    count(decoder, 1);
    (void)stox_put_octet(out, decoder->first);
    return 0;
  }
  if (stox_char_lower(octet) == octet && !stox_char_is(octet, STOX_CHAR_DIGIT)) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BODY);
  }
  if (stox_char_lower(decoder->first) == decoder->first &&
      !stox_char_is(decoder->first, STOX_CHAR_DIGIT)) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BODY);
  }
  count(decoder, 2);
  decoder->state = TEXT;
  (void)stox_put_octet(out, (char)(stox_char_hex(decoder->first) * 16 + stox_char_hex(octet)));
  return 1;
}

static int feed_padding(stox_buf *out, stox_transfer *decoder, char octet) {
  if (is_space(octet) && decoder->held_n < sizeof decoder->held) {
    decoder->held[decoder->held_n++] = octet;
    return 1;
  }
  if (octet == '\r') {
    decoder->state = SOFT_CR;
    return 1;
  }
  if (octet == '\n') {
    forgive_end(decoder);
    end_line(decoder);
    return 1;
  }
  put_equals(out, decoder);
  return 0;
}

static int feed_cr(stox_buf *out, stox_transfer *decoder, char octet) {
  if (octet == '\n') {
    if (decoder->state == CR) {
      (void)stox_buf_put_text(out, "\r\n");
    }
    end_line(decoder);
    return 1;
  }
  forgive_end(decoder);
  if (decoder->state == SOFT_CR) {
    put_equals(out, decoder);
  }
  put_held(out, decoder);
  (void)stox_put_octet(out, '\r');
  decoder->state = TEXT;
  return 0;
}

/* Words of a line, up to the last octet that is no white space. */
size_t stox_quoted_run(stox_buf *out, stox_transfer *decoder, stox_span text) {
  size_t most = STOX_TRANSFER_ENCODED_LINE - decoder->line;
  size_t at = 0;
  if (decoder->state != TEXT || decoder->held_n > 0 || decoder->line > STOX_TRANSFER_ENCODED_LINE) {
    return 0;
  }
  most = most < text.n ? most : text.n;
  while (at < most && (is_literal(text.p[at]) || is_space(text.p[at]))) {
    at++;
  }
  while (at > 0 && is_space(text.p[at - 1])) {
    at--;
  }
  (void)stox_put(out, text.p, at);
  decoder->line += (uint32_t)at;
  return at;
}

void stox_quoted_feed(stox_buf *out, stox_transfer *decoder, char octet) {
  int is_taken = 0;
  switch (decoder->state) {
  case EQUALS:
    is_taken = feed_equals(out, decoder, octet);
    break;
  case DIGIT:
    is_taken = feed_digit(out, decoder, octet);
    break;
  case PADDING:
    is_taken = feed_padding(out, decoder, octet);
    break;
  case CR:
  case SOFT_CR:
    is_taken = feed_cr(out, decoder, octet);
    break;
  default:
    break;
  }
  if (!is_taken) {
    feed_text(out, decoder, octet);
  }
}

/* White space at the end is deleted too; a soft line break has nothing to join to. */
void stox_quoted_end(stox_buf *out, stox_transfer *decoder) {
  if (decoder->state == DIGIT) {
    put_equals(out, decoder);
    (void)stox_put_octet(out, decoder->first);
  } else if (decoder->state == CR) {
    forgive_end(decoder);
    put_held(out, decoder);
    (void)stox_put_octet(out, '\r');
  } else if (decoder->state != TEXT) {
    stox_transfer_forgive(decoder, STOX_E_BAD_BODY);
  }
  end_line(decoder);
}

/* An encoder's line. */
typedef struct line {
  stox_buf *out;
  size_t n;
} line;

/* One octet of the body as `form`; a soft line break before it where it, and a break behind it
 * would not fit. */
static void put_form(line *l, stox_span form) {
  if (l->n + form.n > STOX_TRANSFER_ENCODED_LINE - 1) {
    (void)stox_buf_put_text(l->out, "=\r\n");
    l->n = 0;
  }
  (void)stox_buf_put(l->out, form);
  l->n += form.n;
}

static void put_octet(line *l, char octet, int is_last) {
  static const char digits[] = "0123456789ABCDEF";
  const unsigned char value = (unsigned char)octet;
  const char escaped[] = {'=', digits[value >> 4], digits[value & 15]};
  if (is_literal(octet) || (is_space(octet) && !is_last)) {
    put_form(l, (stox_span){&octet, 1});
  } else {
    put_form(l, (stox_span){escaped, sizeof escaped});
  }
}

int stox_quoted_encode(stox_buf *out, stox_span octets) {
  line l = {out, 0};
  for (size_t i = 0; i < octets.n; i++) {
    const stox_span rest = stox_span_slice(octets, i, octets.n);
    if (rest.n > 1 && rest.p[0] == '\r' && rest.p[1] == '\n') {
      (void)stox_buf_put_text(out, "\r\n");
      l.n = 0;
      i++;
      continue;
    }
    put_octet(&l, rest.p[0], rest.n == 1 || rest.p[1] == '\r' || rest.p[1] == '\n');
  }
  return stox_buf_status(out);
}
