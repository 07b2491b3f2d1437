/* SPDX-License-Identifier: MIT */
/* The door of an edit: what it lets pass, stox_sip_parse() accepts. */
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

static int is_via(stox_span value, int lenient) {
  stox_sip_via via;
  size_t cursor = 0;
  int status = STOX_OK;
  while (status == STOX_OK) {
    status = stox_sip_via_next(&via, value, &cursor, &lenient);
  }
  return status == STOX_E_NONE;
}

/* All parameters are walked: the last of them may be none. */
static int is_tagged(stox_span params) {
  stox_param param;
  stox_span tag = {NULL, 0};
  size_t cursor = 0;
  int status = STOX_OK;
  while ((status = stox_param_next(&param, params, &cursor)) == STOX_OK) {
    if (tag.p == NULL && stox_span_is_equal_nocase(param.name, (stox_span){"tag", 3})) {
      tag = param.value.p == NULL ? (stox_span){"", 0} : param.value;
    }
  }
  return status == STOX_E_NONE && (tag.p == NULL || stox_sip_is_token(tag));
}

static int is_address(stox_span value, int lenient) {
  stox_name_addr address;
  stox_name_addr other;
  stox_uri uri;
  size_t cursor = 0;
  const int flags = lenient ? STOX_URI_LENIENT : STOX_URI_STRICT;
  return stox_name_addr_next(&address, value, &cursor, NULL) == STOX_OK && !address.star &&
         stox_name_addr_next(&other, value, &cursor, NULL) == STOX_E_NONE &&
         stox_uri_parse(&uri, address.uri, flags, NULL) == STOX_OK && is_tagged(address.params);
}

static int is_word(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (!stox_char_is(text.p[i], STOX_CHAR_WORD)) {
      return 0;
    }
  }
  return text.n > 0;
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

static int is_routable(const stox_sip_edit *edit, int id, stox_span value) {
  switch (id) {
  case STOX_SIP_VIA:
    return is_via(value, edit->lenient);
  case STOX_SIP_FROM:
  case STOX_SIP_TO:
    return is_address(value, edit->lenient);
  case STOX_SIP_CALL_ID:
    return is_call_id(value, edit->lenient);
  case STOX_SIP_CSEQ:
    return is_cseq(value, edit->method);
  case STOX_SIP_MAX_FORWARDS:
    return is_hops(value);
  default:
    return 1;
  }
}

int stox_sip_edit_check(const stox_sip_edit *edit, int id, stox_span value) {
  if (!stox_ascii_is_plain(value)) {
    if (stox_sip_find_control(value) < value.n) {
      return STOX_E_CTRL;
    }
    if (!edit->lenient && stox_utf8_check(value, NULL) != STOX_OK) {
      return STOX_E_BAD_UTF8;
    }
  }
  return is_routable(edit, id, stox_span_trim(value)) ? STOX_OK : STOX_E_BAD_HEADER;
}
