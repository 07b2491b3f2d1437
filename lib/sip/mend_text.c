/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "sip/lex.h"
#include "sip/mend.h"
#include "stox/number.h"
#include "stox/sip_time.h"
#include "stox/status.h"

static size_t digits_end(stox_span text, size_t at) {
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_DIGIT)) {
    at++;
  }
  return at;
}

static size_t comma(stox_span text, size_t at) {
  while (at < text.n && text.p[at] != ',') {
    const size_t end = text.p[at] == '"' ? stox_sip_quoted_end(text, at) : at + 1;
    at = end == 0 ? text.n : end;
  }
  return at;
}

/* name = value, quoted where it is no token: a nonce in base64 may have come without its quotes. */
static void put_auth_param(stox_buf *out, stox_span piece) {
  const size_t equal = stox_span_find(piece, '=');
  const stox_span value = stox_span_trim(stox_span_slice(piece, equal + 1, piece.n));
  (void)stox_buf_put(out, stox_span_trim(stox_span_slice(piece, 0, equal)));
  (void)stox_buf_put_text(out, equal < piece.n ? "=" : "");
  if (equal == piece.n || stox_sip_is_kind(STOX_SIP_KIND_TEXT, value)) {
    (void)stox_buf_put(out, value);
  } else {
    stox_sip_put_quoted(out, value);
  }
}

static void put_auth_params(stox_buf *out, stox_span text) {
  const char *separator = "";
  for (size_t at = 0; at < text.n;) {
    const size_t end = comma(text, at);
    const stox_span piece = stox_span_trim(stox_span_slice(text, at, end - at));
    at = end + 1;
    if (piece.n > 0) {
      (void)stox_buf_put_text(out, separator);
      put_auth_param(out, piece);
      separator = ", ";
    }
  }
}

static void put_credentials(stox_buf *out, stox_span value) {
  const size_t end = stox_sip_token_end(value, 0);
  stox_sip_put_around(out, "", stox_span_slice(value, 0, end), " ");
  put_auth_params(out, stox_span_slice(value, end, value.n));
}

/* The next word of a date, behind white space and one comma. */
static stox_span next_word(stox_span text, size_t *at) {
  const size_t from = stox_sip_skip_lws(text, *at);
  size_t end = from;
  while (end < text.n && !stox_char_is(text.p[end], STOX_CHAR_SPACE) && text.p[end] != ',') {
    end++;
  }
  *at = end + (end < text.n && text.p[end] == ',' ? 1 : 0);
  return stox_span_slice(text, from, end - from);
}

/* Zones of RFC 5322 4.3, in minutes east of Greenwich; 0 if it is none. */
static int zone_of(int64_t *minutes, stox_span text) {
  static const struct {
    const char *name;
    int minutes;
  } zones[] = {{"GMT", 0},    {"UT", 0},     {"UTC", 0},    {"Z", 0},
               {"EST", -300}, {"EDT", -240}, {"CST", -360}, {"CDT", -300},
               {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}};
  for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
    if (stox_span_is_equal_nocase(text, stox_span_text(zones[i].name))) {
      *minutes = zones[i].minutes;
      return 1;
    }
  }
  uint64_t digits = 0;
  if (text.n != 5 || (text.p[0] != '+' && text.p[0] != '-') ||
      stox_number_parse(&digits, stox_span_slice(text, 1, 4), 2359) != STOX_OK) {
    return 0;
  }
  *minutes = (int64_t)(digits / 100 * 60 + digits % 100) * (text.p[0] == '-' ? -1 : 1);
  return 1;
}

/* [ day-name [ "," ] ] 1*2DIGIT month 4DIGIT hh:mm:ss zone, in the form of SIP-date but for the
 * zone. */
static int put_date(stox_buf *out, stox_span text) {
  char room[32];
  stox_buf form;
  int64_t seconds = 0;
  int64_t minutes = 0;
  size_t at = 0;
  stox_span word = next_word(text, &at);
  if (word.n > 0 && stox_char_is(word.p[0], STOX_CHAR_ALPHA)) {
    word = next_word(text, &at);
  }
  stox_buf_init(&form, room, sizeof room);
  stox_sip_put_around(&form, word.n == 1 ? "Mon, 0" : "Mon, ", word, " ");
  stox_sip_put_around(&form, "", next_word(text, &at), " ");
  stox_sip_put_around(&form, "", next_word(text, &at), " ");
  stox_sip_put_around(&form, "", next_word(text, &at), " GMT");
  if (!zone_of(&minutes, next_word(text, &at)) || stox_sip_skip_lws(text, at) < text.n ||
      stox_buf_status(&form) != STOX_OK ||
      stox_sip_date_parse(&seconds, stox_buf_span(&form), NULL) != STOX_OK) {
    return 0;
  }
  return stox_sip_date_write(out, seconds - minutes * 60) != STOX_E_ARG;
}

/* A number above the range is its end; what stands between the number and the parameters and is no
 * comment in parentheses is left out. */
static void put_retry_after(stox_buf *out, stox_span value) {
  uint64_t delta = UINT32_MAX;
  const size_t end = digits_end(value, 0);
  const stox_span digits = stox_span_slice(value, 0, end);
  const size_t params = end + stox_span_find(stox_span_slice(value, end, value.n), ';');
  if (stox_number_parse(&delta, digits, UINT32_MAX) != STOX_OK && end > 0) {
    delta = UINT32_MAX;
  }
  if (end > 0) {
    (void)stox_buf_put_number(out, delta);
  }
  for (size_t at = params; at < value.n;) {
    const size_t last = stox_sip_piece_end(value, at + 1, 0);
    const stox_span piece = stox_span_trim(stox_span_slice(value, at + 1, last - at - 1));
    stox_sip_put_around(out, piece.n > 0 ? ";" : "", piece, "");
    at = last;
  }
}

/* Text without quotes, or no agent before it, for which the sign of no name stands then. */
static void put_warning(stox_buf *out, stox_span value) {
  const size_t end = digits_end(value, 0);
  const size_t next = stox_sip_skip_lws(value, end);
  stox_span rest = stox_span_slice(value, next, value.n);
  stox_sip_put_around(out, "", stox_span_slice(value, 0, end), " ");
  if (rest.n > 0 && rest.p[0] == '"') {
    stox_sip_put_around(out, "- ", rest, "");
    return;
  }
  const size_t agent = stox_span_find(rest, ' ');
  stox_sip_put_around(out, "", stox_span_slice(rest, 0, agent), " ");
  rest = stox_span_trim(stox_span_slice(rest, agent, rest.n));
  if (stox_sip_is_kind(STOX_SIP_KIND_QUOTED, rest)) {
    (void)stox_buf_put(out, rest);
  } else {
    stox_sip_put_quoted(out, rest);
  }
}

/* What is no list of products becomes one comment, which keeps all of it. */
static void put_comment(stox_buf *out, stox_span value) {
  (void)stox_buf_put_octet(out, '(');
  for (size_t i = 0; i < value.n; i++) {
    const char c = value.p[i];
    if (c == '(' || c == ')' || c == '\\') {
      (void)stox_buf_put_octet(out, '\\');
    }
    (void)stox_buf_put_octet(out, c);
  }
  (void)stox_buf_put_octet(out, ')');
}

/* The digits in front; a malformed time is as 3600 (RFC 4475 3.1.2.4). */
static void put_expires(stox_buf *out, stox_span value) {
  uint64_t number = 0;
  const stox_span digits = stox_span_slice(value, 0, digits_end(value, 0));
  const int status = stox_number_parse(&number, digits, UINT32_MAX);
  (void)stox_buf_put_number(out, status == STOX_OK ? number : 3600);
}

void stox_sip_mend_text(stox_buf *out, int id, stox_span value) {
  const stox_span text = stox_span_trim(value);
  switch (id) {
  case STOX_SIP_AUTHORIZATION:
  case STOX_SIP_PROXY_AUTHENTICATE:
  case STOX_SIP_PROXY_AUTHORIZATION:
  case STOX_SIP_WWW_AUTHENTICATE:
    put_credentials(out, text);
    break;
  case STOX_SIP_AUTHENTICATION_INFO:
    put_auth_params(out, text);
    break;
  case STOX_SIP_DATE:
    if (!put_date(out, text)) {
      (void)stox_buf_put(out, text);
    }
    break;
  case STOX_SIP_EXPIRES:
    put_expires(out, text);
    break;
  case STOX_SIP_RETRY_AFTER:
    put_retry_after(out, text);
    break;
  case STOX_SIP_SERVER:
  case STOX_SIP_USER_AGENT:
    put_comment(out, text);
    break;
  case STOX_SIP_WARNING:
    put_warning(out, text);
    break;
  default:
    (void)stox_buf_put(out, text);
  }
}
