/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "sip/lex.h"
#include "sip/parser.h"
#include "sip/scan.h"
#include "stox/number.h"
#include "stox/sip_via.h"
#include "stox/status.h"

enum { HOPS_MOST = 255 };

static size_t offset_in(const stox_sip_parser *parser, stox_span part) {
  return (size_t)(part.p - parser->message->bytes.p);
}

static void check_via(stox_sip_parser *parser, stox_span value) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = parser->lenient;
  int status = STOX_OK;
  while (status == STOX_OK) {
    status = stox_sip_via_next(&via, value, &cursor, &lenient);
  }
  parser->message->lenient |= lenient == 2;
  if (status != STOX_E_NONE) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, value) + cursor,
                    "RFC3261-25.1 Via");
  }
}

static void check_cseq(stox_sip_parser *parser, stox_span value) {
  stox_sip_message *message = parser->message;
  stox_sip_cseq cseq;
  if (stox_sip_cseq_parse(&cseq, value, NULL) != STOX_OK) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, value), "RFC3261-20.16 CSeq");
    return;
  }
  if (parser->is_response || message->start.p == NULL) {
    message->method = cseq.method;
    message->method_id = cseq.method_id;
  } else if (!stox_span_is_equal(cseq.method, message->method)) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, cseq.method),
                    "RFC3261-8.1.1.5 CSeq method");
  }
}

static int is_word(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (!stox_char_is(text.p[i], STOX_CHAR_WORD)) {
      return 0;
    }
  }
  return text.n > 0;
}

/* callid = word [ "@" word ] */
static void check_call_id(stox_sip_parser *parser, stox_span value) {
  const size_t at = stox_span_find(value, '@');
  const stox_span behind = stox_span_slice(value, at + 1, value.n);
  if (is_word(stox_span_slice(value, 0, at)) && (at == value.n || is_word(behind))) {
    return;
  }
  if (value.n == 0 || stox_span_find(value, ' ') < value.n ||
      stox_span_find(value, '\t') < value.n) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, value),
                    "RFC3261-25.1 Call-ID");
    return;
  }
  stox_sip_forgive(parser, STOX_E_BAD_HEADER, offset_in(parser, value), "RFC3261-25.1 Call-ID");
}

static int check_tag(stox_span params) {
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

static void check_address(stox_sip_parser *parser, stox_span value) {
  stox_name_addr address;
  stox_name_addr other;
  stox_diag diag = {0};
  stox_uri uri;
  size_t cursor = 0;
  const size_t offset = offset_in(parser, value);
  if (stox_name_addr_next(&address, value, &cursor, &diag) != STOX_OK) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset + diag.offset, "RFC3261-25.1 name-addr");
    return;
  }
  if (address.star || stox_name_addr_next(&other, value, &cursor, NULL) != STOX_E_NONE) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset + cursor, "RFC3261-20.20 one address");
    return;
  }
  const int flags = parser->lenient ? STOX_URI_LENIENT : STOX_URI_STRICT;
  const int status = stox_uri_parse(&uri, address.uri, flags, &diag);
  if (status != STOX_OK) {
    stox_sip_refuse(parser, status, 400, offset_in(parser, address.uri) + diag.offset, diag.rule);
    return;
  }
  parser->message->lenient |= uri.lenient != 0;
  if (!check_tag(address.params)) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset, "RFC3261-25.1 tag-param");
  }
}

static void check_hops(stox_sip_parser *parser, stox_span value) {
  uint64_t hops = 0;
  if (stox_number_parse(&hops, value, HOPS_MOST) != STOX_OK) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, value),
                    "RFC3261-20.22 Max-Forwards");
  }
}

/* Max-Forwards may be absent: RFC 3261 16.3 lets such a request pass. */
static const struct routing {
  int id;
  int is_mandatory;
  const char *missing;
  void (*check)(stox_sip_parser *parser, stox_span value);
} routing[] = {
    {STOX_SIP_VIA, 1, "RFC3261-8.1.1 Via", check_via},
    {STOX_SIP_FROM, 1, "RFC3261-8.1.1 From", check_address},
    {STOX_SIP_TO, 1, "RFC3261-8.1.1 To", check_address},
    {STOX_SIP_CALL_ID, 1, "RFC3261-8.1.1 Call-ID", check_call_id},
    {STOX_SIP_CSEQ, 1, "RFC3261-8.1.1 CSeq", check_cseq},
    {STOX_SIP_MAX_FORWARDS, 0, NULL, check_hops},
};

enum { N_ROUTING = sizeof routing / sizeof routing[0] };

static const struct routing *routing_of(int id) {
  for (size_t i = 0; i < N_ROUTING; i++) {
    if (routing[i].id == id) {
      return &routing[i];
    }
  }
  return NULL;
}

static void check_once(stox_sip_parser *parser, size_t index) {
  const stox_sip_field *field = &parser->message->fields[index];
  const uint32_t first = parser->message->first[field->id];
  if ((stox_sip_header_rows[field->id].rules & STOX_SIP_ONCE) == 0 || first == index + 1) {
    return;
  }
  if (field->id == STOX_SIP_CONTENT_LENGTH || routing_of(field->id) != NULL) {
    stox_sip_refuse(parser, STOX_E_REPEATED, 400, field->line, "RFC3261-7.3.1 one value");
  } else {
    stox_sip_forgive(parser, STOX_E_REPEATED, field->line, "RFC3261-7.3.1 one value");
  }
}

void stox_sip_check(stox_sip_parser *parser) {
  const stox_sip_message *message = parser->message;
  for (size_t i = 0; i < N_ROUTING; i++) {
    if (routing[i].is_mandatory && !parser->is_fragment && message->first[routing[i].id] == 0) {
      stox_sip_refuse(parser, STOX_E_MISSING, 400, parser->at, routing[i].missing);
    }
  }
  for (size_t i = 0; i < message->n_fields; i++) {
    const stox_sip_field *field = &message->fields[i];
    const struct routing *row = routing_of(field->id);
    check_once(parser, i);
    if (row != NULL) {
      row->check(parser, stox_sip_field_value(message, field));
    }
  }
}
