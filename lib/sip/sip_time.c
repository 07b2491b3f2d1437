/* SPDX-License-Identifier: MIT */
#include "stox/sip_time.h"

#include "base/chars.h"
#include "base/civil.h"
#include "sip/lex.h"
#include "sip/message.h"
#include "sip/shape.h"
#include "stox/number.h"
#include "stox/sip_via.h"
#include "stox/status.h"
#include "stox/utf8.h"

#include <stddef.h>

static const stox_sip_param_rule retry_after_params[] = {
    {"duration", STOX_SIP_KIND_NUMBER, offsetof(stox_sip_retry_after, duration)},
};

static const stox_sip_shape retry_after_shape = {"RFC3261-25.1 Retry-After",
                                                 STOX_SIP_KIND_NOTHING,
                                                 sizeof(stox_sip_retry_after),
                                                 offsetof(stox_sip_retry_after, params),
                                                 offsetof(stox_sip_retry_after, params),
                                                 retry_after_params,
                                                 sizeof retry_after_params /
                                                     sizeof retry_after_params[0]};

static size_t digits_end(stox_span text, size_t at) {
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_DIGIT)) {
    at++;
  }
  return at;
}

int stox_sip_retry_after_parse(stox_sip_retry_after *out, stox_span text, stox_diag *diag) {
  const char *rule = retry_after_shape.rule;
  const size_t from = stox_sip_skip_lws(text, 0);
  const size_t end = digits_end(text, from);
  uint64_t delta = 0;
  stox_diag inner = {0};
  *out = (stox_sip_retry_after){0};
  if (stox_number_parse(&delta, stox_span_slice(text, from, end - from), UINT32_MAX) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, from, rule);
  }
  const size_t open = stox_sip_skip_lws(text, end);
  const size_t close = stox_sip_kind_end(STOX_SIP_KIND_COMMENT, text, open);
  const size_t next = stox_sip_skip_lws(text, close);
  if (next < text.n && text.p[next] != ';') {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, next, rule);
  }
  if (next < text.n &&
      stox_sip_shape_parse(&retry_after_shape, out, stox_span_slice(text, next + 1, text.n),
                           &inner) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, next + 1 + inner.offset, rule);
  }
  out->delta = (stox_sip_number){1, (uint32_t)delta};
  out->comment = close > open ? stox_span_slice(text, open, close - open) : out->comment;
  return STOX_OK;
}

int stox_sip_retry_after_write(stox_buf *out, const stox_sip_retry_after *value) {
  const size_t before = out->len;
  if (!value->delta.is_set ||
      (value->comment.p != NULL && !stox_sip_is_kind(STOX_SIP_KIND_COMMENT, value->comment))) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put_number(out, value->delta.value);
  if (value->comment.p != NULL) {
    (void)stox_buf_put_octet(out, ' ');
    (void)stox_sip_unfold(out, value->comment);
  }
  if (value->duration.is_set || value->params.n > 0) {
    (void)stox_buf_put_octet(out, ';');
    if (stox_sip_shape_write(&retry_after_shape, out, value) == STOX_E_BAD_HEADER) {
      out->len = before;
      return STOX_E_BAD_HEADER;
    }
  }
  return stox_buf_status(out);
}

static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

enum { DATE_N = 29 };

static int name_at(stox_span text, size_t at, const char (*names)[4], int n) {
  for (int i = 0; i < n; i++) {
    if (stox_span_is_equal(stox_span_slice(text, at, 3), (stox_span){names[i], 3})) {
      return i;
    }
  }
  return -1;
}

static int64_t number_at(stox_span text, size_t at, size_t n) {
  uint64_t number = 0;
  const int status = stox_number_parse(&number, stox_span_slice(text, at, n), STOX_YEAR_MOST);
  return status == STOX_OK ? (int64_t)number : -1;
}

/* The shape of the text alone: `Sat, 13 Nov 2010 23:29:00 GMT`, case counts. */
static size_t bad_place(stox_span text) {
  static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT";
  for (size_t i = 0; i < DATE_N; i++) {
    const int is_good = i < text.n && (form[i] == 'a'   ? stox_char_is(text.p[i], STOX_CHAR_ALPHA)
                                       : form[i] == '0' ? stox_char_is(text.p[i], STOX_CHAR_DIGIT)
                                                        : text.p[i] == form[i]);
    if (!is_good) {
      return i < text.n ? i : text.n;
    }
  }
  return DATE_N;
}

int stox_sip_date_parse(int64_t *out, stox_span text, stox_diag *diag) {
  static const char rule[] = "RFC3261-25.1 SIP-date";
  const size_t bad = bad_place(text);
  if (bad < DATE_N || text.n != DATE_N) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, bad, rule);
  }
  const int64_t year = number_at(text, 12, 4);
  const int month = name_at(text, 8, months, 12);
  const int64_t day = number_at(text, 5, 2);
  const int64_t hour = number_at(text, 17, 2);
  const int64_t minute = number_at(text, 20, 2);
  const int64_t second = number_at(text, 23, 2);
  if (name_at(text, 0, days, 7) < 0 || month < 0) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, month < 0 ? 8 : 0, rule);
  }
  if (day < 1 || day > stox_civil_month(year, month) || hour > 23 || minute > 59 || second > 59) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, 5, rule);
  }
  const stox_civil date = {year, month, (int)day};
  *out = stox_civil_days(&date) * STOX_DAY_SECONDS + hour * 3600 + minute * 60 + second;
  return STOX_OK;
}

static void put_clock(stox_buf *out, int64_t seconds) {
  stox_put_digits(out, seconds / 3600, 10);
  (void)stox_buf_put_octet(out, ':');
  stox_put_digits(out, seconds / 60 % 60, 10);
  (void)stox_buf_put_octet(out, ':');
  stox_put_digits(out, seconds % 60, 10);
  (void)stox_buf_put_text(out, " GMT");
}

int stox_sip_date_write(stox_buf *out, int64_t seconds) {
  const int64_t in_day = (seconds % STOX_DAY_SECONDS + STOX_DAY_SECONDS) % STOX_DAY_SECONDS;
  const int64_t day = seconds / STOX_DAY_SECONDS - (seconds % STOX_DAY_SECONDS < 0);
  stox_civil date;
  if (!stox_civil_date(&date, day)) {
    return STOX_E_ARG;
  }
  (void)stox_buf_put_text(out, days[(day % 7 + 7) % 7]);
  (void)stox_buf_put_text(out, ", ");
  stox_put_digits(out, date.day, 10);
  (void)stox_buf_put_octet(out, ' ');
  (void)stox_buf_put_text(out, months[date.month]);
  (void)stox_buf_put_octet(out, ' ');
  stox_put_digits(out, date.year, 1000);
  (void)stox_buf_put_octet(out, ' ');
  put_clock(out, in_day);
  return stox_buf_status(out);
}

static const char timestamp_rule[] = "RFC3261-25.1 Timestamp";

/* *DIGIT [ "." *DIGIT ] */
static size_t decimal_end(stox_span text, size_t at) {
  const size_t end = digits_end(text, at);
  return end < text.n && text.p[end] == '.' ? digits_end(text, end + 1) : end;
}

int stox_sip_timestamp_parse(stox_sip_timestamp *out, stox_span text, stox_diag *diag) {
  const size_t from = stox_sip_skip_lws(text, 0);
  const size_t end = decimal_end(text, from);
  const size_t next = stox_sip_skip_lws(text, end);
  const size_t behind = next > end ? decimal_end(text, next) : next;
  *out = (stox_sip_timestamp){{NULL, 0}, {NULL, 0}};
  if (digits_end(text, from) == from || stox_sip_skip_lws(text, behind) != text.n) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400,
                         digits_end(text, from) == from ? from : behind, timestamp_rule);
  }
  out->stamp = stox_span_slice(text, from, end - from);
  out->delay = behind > next ? stox_span_slice(text, next, behind - next) : out->delay;
  return STOX_OK;
}

int stox_sip_timestamp_write(stox_buf *out, const stox_sip_timestamp *value) {
  const stox_span stamp = value->stamp;
  if (digits_end(stamp, 0) == 0 || decimal_end(stamp, 0) != stamp.n ||
      decimal_end(value->delay, 0) != value->delay.n) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put(out, stamp);
  if (value->delay.n > 0) {
    (void)stox_buf_put_octet(out, ' ');
    (void)stox_buf_put(out, value->delay);
  }
  return stox_buf_status(out);
}

/* 1*DIGIT LWS 1*DIGIT LWS Method: behind the first number stands a CSeq. */
int stox_sip_rack_parse(stox_sip_rack *out, stox_span text, stox_diag *diag) {
  static const char rule[] = "RFC3262-10 RAck";
  const size_t from = stox_sip_skip_lws(text, 0);
  const size_t end = digits_end(text, from);
  const size_t next = stox_sip_skip_lws(text, end);
  const stox_span rest = stox_span_trim(stox_span_slice(text, next, text.n));
  uint64_t number = 0;
  *out = (stox_sip_rack){0};
  if (stox_number_parse(&number, stox_span_slice(text, from, end - from), UINT32_MAX) != STOX_OK ||
      next == end) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, next == end ? end : from, rule);
  }
  if (stox_sip_cseq_parse(&out->cseq, rest, NULL) != STOX_OK) {
    out->cseq = (stox_sip_cseq){0};
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, next, rule);
  }
  out->rseq = (uint32_t)number;
  return STOX_OK;
}

int stox_sip_rack_write(stox_buf *out, const stox_sip_rack *value) {
  if (!stox_sip_is_token(value->cseq.method) || value->cseq.number > INT32_MAX) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put_number(out, value->rseq);
  (void)stox_buf_put_octet(out, ' ');
  (void)stox_buf_put_number(out, value->cseq.number);
  (void)stox_buf_put_octet(out, ' ');
  return stox_buf_put(out, value->cseq.method);
}
