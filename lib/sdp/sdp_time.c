/* SPDX-License-Identifier: MIT */
#include "sdp/sdp.h"
#include "stox/number.h"
#include "stox/status.h"

/* Seconds of a unit, 0: none of RFC 8866's. */
static uint64_t unit_of(char c) {
  switch (c) {
  case 'd':
    return 86400;
  case 'h':
    return 3600;
  case 'm':
    return 60;
  case 's':
    return 1;
  default:
    return 0;
  }
}

int stox_sdp_interval_parse(uint64_t *seconds, stox_span text) {
  uint64_t unit = text.n == 0 ? 0 : unit_of(text.p[text.n - 1]);
  const stox_span digits = stox_span_slice(text, 0, text.n - (unit > 0));
  uint64_t number = 0;
  unit = unit == 0 ? 1 : unit;
  if (stox_number_parse(&number, digits, UINT64_MAX / unit) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  *seconds = number * unit;
  return STOX_OK;
}

/* Words with one space between them. How many; 0: a space too many, or no word. */
static size_t count_words(stox_span text) {
  size_t n = text.n > 0;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == ' ') {
      if (i == 0 || i + 1 == text.n || text.p[i + 1] == ' ') {
        return 0;
      }
      n++;
    }
  }
  return n;
}

/* repeat-interval SP typed-time 1*(SP typed-time) */
int stox_sdp_is_repeat(stox_span value) {
  stox_span word;
  size_t cursor = 0;
  uint64_t seconds = 0;
  if (count_words(value) < 3) {
    return 0;
  }
  for (size_t i = 0; stox_sdp_word_next(&word, value, &cursor) == STOX_OK; i++) {
    if (stox_sdp_interval_parse(&seconds, word) != STOX_OK || (i == 0 && word.p[0] == '0')) {
      return 0;
    }
  }
  return 1;
}

/* time SP ["-"] typed-time *(SP time SP ["-"] typed-time) */
int stox_sdp_is_zone(stox_span value) {
  stox_span word;
  size_t cursor = 0;
  uint64_t number = 0;
  const size_t n = count_words(value);
  for (size_t i = 0; stox_sdp_word_next(&word, value, &cursor) == STOX_OK; i++) {
    const int is_signed = i % 2 == 1 && word.p[0] == '-';
    const stox_span rest = stox_span_slice(word, (size_t)is_signed, word.n);
    const int status = i % 2 == 0 ? stox_number_parse(&number, rest, UINT64_MAX)
                                  : stox_sdp_interval_parse(&number, rest);
    if (status != STOX_OK) {
      return 0;
    }
  }
  return n > 0 && n % 2 == 0;
}

/* "prompt" / ("clear:" / "base64:" / "uri:") and what it is; the case counts */
int stox_sdp_is_key(stox_span value) {
  static const char *const forms[] = {"clear:", "base64:", "uri:"};
  if (stox_span_is_equal(value, stox_span_text("prompt"))) {
    return 1;
  }
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    const stox_span form = stox_span_text(forms[i]);
    if (value.n > form.n && stox_span_is_equal(stox_span_slice(value, 0, form.n), form)) {
      stox_buf none;
      stox_buf_init(&none, NULL, 0);
      return i != 1 || stox_base64_parse(&none, stox_span_slice(value, form.n, value.n),
                                         STOX_BASE64) != STOX_E_BAD_BASE64;
    }
  }
  return 0;
}
