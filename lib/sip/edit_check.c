/* SPDX-License-Identifier: MIT */
/* The door of an edit: what it lets pass, stox_sip_parse() accepts. */
#include "addr/address.h"
#include "base/chars.h"
#include "sip/edit.h"
#include "sip/lex.h"
#include "stox/number.h"
#include "stox/sip_via.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/ascii.h"

enum { HOPS_MOST = 255 };

const unsigned char stox_sip_has_bits[STOX_SIP_HEADER_COUNT] = {
    [STOX_SIP_VIA] = STOX_SIP_HAS_VIA,   [STOX_SIP_FROM] = STOX_SIP_HAS_FROM,
    [STOX_SIP_TO] = STOX_SIP_HAS_TO,     [STOX_SIP_CALL_ID] = STOX_SIP_HAS_CALL_ID,
    [STOX_SIP_CSEQ] = STOX_SIP_HAS_CSEQ,
};

int stox_sip_edit_is_uri(stox_span text, int lenient) {
  stox_uri uri;
  if (stox_uri_parse(&uri, text, lenient ? STOX_URI_LENIENT : STOX_URI_STRICT, NULL) != STOX_OK) {
    return 0;
  }
  const int is_sip = uri.scheme == STOX_SCHEME_SIP || uri.scheme == STOX_SCHEME_SIPS;
  return lenient || !is_sip || uri.headers.p == NULL;
}

/* A text whose octets are looked at by their stops. */
typedef struct text {
  stox_span value;
  stox_stops stops;
  int lenient;
} text;

static int is_via(text *t) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = t->lenient;
  do {
    stox_reader r;
    if (stox_reader_open(&r, &t->stops, cursor, t->value.n) && stox_sip_via_read(&via, &r)) {
      cursor = r.at;
    } else if (stox_sip_via_next(&via, t->value, &cursor, &lenient) != STOX_OK) {
      return 0;
    }
  } while (cursor < t->value.n);
  return 1;
}

/* Well-formed parameters, and among them at most one tag, a token. */
static int is_tagged(stox_span params) {
  stox_param param;
  size_t cursor = 0;
  int status = STOX_OK;
  while ((status = stox_param_next(&param, params, &cursor)) == STOX_OK) {
  }
  if (status != STOX_E_NONE) {
    return 0;
  }
  status = stox_param_find(&param, params, "tag");
  return status == STOX_E_NONE || (status == STOX_OK && stox_sip_is_token(param.value));
}

static int is_address(text *t) {
  stox_name_addr address;
  stox_name_addr other;
  stox_uri uri;
  stox_reader r;
  stox_address known = {.name = &address, .uri = &uri};
  size_t cursor = 0;
  if (stox_reader_open(&r, &t->stops, 0, t->value.n) && stox_address_read(&known, &r) &&
      r.at == t->value.n) {
    return 1;
  }
  const int flags = t->lenient ? STOX_URI_LENIENT : STOX_URI_STRICT;
  return stox_name_addr_next_uri(&address, &uri, t->value, &cursor, flags, NULL) == STOX_OK &&
         !address.star && stox_name_addr_next(&other, t->value, &cursor, NULL) == STOX_E_NONE &&
         is_tagged(address.params);
}

static int is_word(stox_span word) {
  for (size_t i = 0; i < word.n; i++) {
    if (!stox_char_is(word.p[i], STOX_CHAR_WORD)) {
      return 0;
    }
  }
  return word.n > 0;
}

static int is_call_id(stox_span value, int lenient) {
  const size_t at = stox_span_find(value, '@');
  if (lenient) {
    return value.n > 0 && stox_span_find(value, ' ') == value.n &&
           stox_span_find(value, '\t') == value.n;
  }
  return is_word(stox_span_slice(value, 0, at)) &&
         (at == value.n || is_word(stox_span_slice(value, at + 1, value.n)));
}

static int is_cseq(stox_span value, stox_span method) {
  stox_sip_cseq cseq;
  return stox_sip_cseq_parse(&cseq, value, NULL) == STOX_OK &&
         stox_span_is_equal(cseq.method, method);
}

static int is_hops(stox_span value) {
  uint64_t hops = 0;
  return stox_number_parse(&hops, value, HOPS_MOST) == STOX_OK;
}

/* As the parser sees it; nearly always it is that already. */
static stox_span trimmed(stox_span value) {
  const int is_trimmed = value.n > 0 && !stox_char_is(value.p[0], STOX_CHAR_SPACE) &&
                         !stox_char_is(value.p[value.n - 1], STOX_CHAR_SPACE);
  return is_trimmed ? value : stox_span_trim(value);
}

static int check_octets(const stox_sip_edit *edit, stox_span value) {
  if (stox_sip_find_control(value) < value.n) {
    return STOX_E_CTRL;
  }
  return !edit->lenient && stox_utf8_check(value, NULL) != STOX_OK ? STOX_E_BAD_UTF8 : STOX_OK;
}

/* Via, From and To are read by their stops, which also tell whether any octet is odd. */
static int check_by_stops(const stox_sip_edit *edit, int id, stox_span value) {
  text t;
  t.value = trimmed(value);
  t.lenient = edit->lenient;
  stox_stops_room room;
  stox_stops_init(&t.stops, t.value, stox_stops_choose(0), &room);
  if (t.value.n < value.n || stox_stops_next_odd(&t.stops, 0) < value.n) {
    const int status = check_octets(edit, value);
    if (status != STOX_OK) {
      return status;
    }
  }
  return (id == STOX_SIP_VIA ? is_via(&t) : is_address(&t)) ? STOX_OK : STOX_E_BAD_HEADER;
}

static int is_routable(const stox_sip_edit *edit, int id, stox_span value) {
  switch (id) {
  case STOX_SIP_CALL_ID:
    return is_call_id(trimmed(value), edit->lenient);
  case STOX_SIP_CSEQ:
    return is_cseq(trimmed(value), edit->method);
  case STOX_SIP_MAX_FORWARDS:
    return is_hops(trimmed(value));
  default:
    return 1;
  }
}

int stox_sip_edit_check(const stox_sip_edit *edit, int id, stox_span value) {
  if (id == STOX_SIP_VIA || id == STOX_SIP_FROM || id == STOX_SIP_TO) {
    return check_by_stops(edit, id, value);
  }
  if (!stox_ascii_is_plain(value)) {
    const int status = check_octets(edit, value);
    if (status != STOX_OK) {
      return status;
    }
  }
  return is_routable(edit, id, value) ? STOX_OK : STOX_E_BAD_HEADER;
}
