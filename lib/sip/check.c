/* SPDX-License-Identifier: MIT */
#include "addr/address.h"
#include "base/chars.h"
#include "sip/lex.h"
#include "sip/parser.h"
#include "sip/scan.h"
#include "stox/number.h"
#include "stox/sip_via.h"
#include "stox/status.h"

#include <string.h>

enum { HOPS_MOST = 255, CSEQ_MOST = 0x7FFFFFFF };

static size_t offset_in(const stox_sip_parser *parser, stox_span part) {
  return (size_t)(part.p - parser->message->bytes.p);
}

static void check_via(stox_sip_parser *parser, const stox_sip_field *field, stox_span value) {
  (void)value;
  stox_sip_message *message = parser->message;
  stox_sip_via via;
  size_t at = field->value;
  int lenient = parser->lenient;
  do {
    const int is_first = at == field->value;
    if (stox_sip_via_at(&via, message, field, &at, &lenient) != STOX_OK) {
      stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, at, "RFC3261-25.1 Via");
      break;
    }
    if (is_first && field == &message->fields[message->first[STOX_SIP_VIA] - 1]) {
      stox_sip_keep_via(&message->top, &via, message->bytes.p);
      message->top_end = (uint32_t)(at - field->value);
    }
  } while (at < (size_t)field->value + field->value_n);
  message->lenient |= lenient == 2;
}

/* 1*DIGIT SP and a method of plain octets, in a request its own: all that most have. */
static int read_cseq(stox_sip_cseq *out, stox_sip_parser *parser, const stox_sip_field *field) {
  const stox_sip_message *message = parser->message;
  const size_t end = (size_t)field->value + field->value_n;
  const size_t space = stox_stops_next(&parser->stops, field->value);
  uint64_t number = 0;
  if (space + 1 >= end || message->bytes.p[space] != ' ' ||
      stox_stops_next(&parser->stops, space + 1) != end ||
      stox_number_parse(&number, (stox_span){message->bytes.p + field->value, space - field->value},
                        CSEQ_MOST) != STOX_OK) {
    return 0;
  }
  *out = (stox_sip_cseq){(uint32_t)number, message->method_id,
                         (stox_span){message->bytes.p + space + 1, end - space - 1}};
  if (parser->is_response || message->start.p == NULL) {
    out->method_id = stox_sip_method_of(out->method);
    return 1;
  }
  return stox_span_is_equal(out->method, message->method);
}

static void keep_cseq(stox_sip_parser *parser, const stox_sip_cseq *cseq) {
  stox_sip_message *message = parser->message;
  message->cseq = cseq->number;
  message->cseq_method_id = cseq->method_id;
  message->cseq_method = stox_sip_keep(cseq->method, message->bytes.p);
  message->known |= STOX_SIP_KNOWN_CSEQ;
  if (parser->is_response || message->start.p == NULL) {
    message->method = cseq->method;
    message->method_id = cseq->method_id;
  }
}

static void check_cseq(stox_sip_parser *parser, const stox_sip_field *field, stox_span value) {
  (void)field;
  const stox_sip_message *message = parser->message;
  stox_sip_cseq cseq;
  if (stox_sip_cseq_parse(&cseq, value, NULL) != STOX_OK) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, value), "RFC3261-20.16 CSeq");
    return;
  }
  keep_cseq(parser, &cseq);
  if (!stox_span_is_equal(cseq.method, message->method)) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, cseq.method),
                    "RFC3261-8.1.1.5 CSeq method");
  }
}

/* callid = word [ "@" word ]; what is plain stands in a word. */
static int is_call_id(stox_stops *stops, size_t at, size_t end) {
  const size_t from = at;
  size_t word = from;
  for (at = stox_stops_next(stops, at); at < end; at = stox_stops_next(stops, at + 1)) {
    const char c = stops->p[at];
    if (c == '@' && word == from && at > from) {
      word = at + 1;
    } else if (!stox_char_is(c, STOX_CHAR_WORD)) {
      return 0;
    }
  }
  return word < end;
}

static void check_call_id(stox_sip_parser *parser, const stox_sip_field *field, stox_span value) {
  if (is_call_id(&parser->stops, field->value, (size_t)field->value + field->value_n)) {
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

/* The tag among well-formed parameters, at most one, and a token. */
static int find_tag(stox_span *out, stox_span params) {
  stox_param param;
  size_t cursor = 0;
  int status = STOX_OK;
  *out = (stox_span){NULL, 0};
  while ((status = stox_param_next(&param, params, &cursor)) == STOX_OK) {
  }
  if (status != STOX_E_NONE) {
    return 0;
  }
  status = stox_param_find(&param, params, "tag");
  if (status == STOX_OK) {
    *out = param.value;
  }
  return status == STOX_E_NONE || (status == STOX_OK && stox_sip_is_token(param.value));
}

/* The whole grammar of one address; 1 if it is kept to. */
static int check_any_address(stox_span *tag, stox_sip_parser *parser, stox_span value) {
  stox_name_addr address;
  stox_name_addr other;
  stox_diag diag = {0};
  stox_uri uri;
  size_t cursor = 0;
  const size_t offset = offset_in(parser, value);
  const int flags = parser->lenient ? STOX_URI_LENIENT : STOX_URI_STRICT;
  int status = stox_name_addr_next_uri(&address, &uri, value, &cursor, flags, &diag);
  if (status == STOX_E_BAD_HEADER || status == STOX_E_NONE) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset + diag.offset, "RFC3261-25.1 name-addr");
    return 0;
  }
  if (address.star || stox_name_addr_next(&other, value, &cursor, NULL) != STOX_E_NONE) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset + cursor, "RFC3261-20.20 one address");
    return 0;
  }
  if (status != STOX_OK) {
    stox_sip_refuse(parser, status, 400, offset + diag.offset, diag.rule);
    return 0;
  }
  parser->message->lenient |= uri.lenient != 0;
  if (!find_tag(tag, address.params)) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset, "RFC3261-25.1 tag-param");
    return 0;
  }
  return 1;
}

/* The address that a field has nothing but, if it is of the form that nearly all have; 0: it is
 * not. */
static int read_address(stox_sip_message *message, const stox_sip_field *field) {
  stox_name_addr name;
  stox_uri uri;
  stox_address address = {.name = &name, .uri = &uri};
  stox_reader r;
  const int is_from = field->id == STOX_SIP_FROM;
  if (!stox_sip_reader(&r, message, field->value, field) || !stox_address_read_line(&address, &r) ||
      r.at != r.end) {
    return 0;
  }
  stox_sip_keep_address(is_from ? &message->from : &message->to, &name, &uri, message->bytes.p);
  *(is_from ? &message->from_tag : &message->to_tag) = stox_sip_keep(address.tag, message->bytes.p);
  message->known |= is_from ? STOX_SIP_KNOWN_FROM : STOX_SIP_KNOWN_TO;
  return 1;
}

static void check_address(stox_sip_parser *parser, const stox_sip_field *field, stox_span value) {
  stox_sip_message *message = parser->message;
  stox_span tag;
  const int is_from = field->id == STOX_SIP_FROM;
  if (!read_address(message, field) && check_any_address(&tag, parser, value)) {
    *(is_from ? &message->from_tag : &message->to_tag) = stox_sip_keep(tag, message->bytes.p);
    message->known |= is_from ? STOX_SIP_KNOWN_FROM : STOX_SIP_KNOWN_TO;
  }
}

static void check_hops(stox_sip_parser *parser, const stox_sip_field *field, stox_span value) {
  (void)field;
  uint64_t hops = 0;
  if (stox_number_parse(&hops, value, HOPS_MOST) != STOX_OK) {
    stox_sip_refuse(parser, STOX_E_BAD_HEADER, 400, offset_in(parser, value),
                    "RFC3261-20.22 Max-Forwards");
  }
}

/* Max-Forwards may be absent: RFC 3261 16.3 lets such a request pass. */
static const struct routing {
  int id;
  const char *missing; /* NULL: it may be absent */
  void (*check)(stox_sip_parser *parser, const stox_sip_field *field, stox_span value);
} routing[] = {
    {STOX_SIP_VIA, "RFC3261-8.1.1 Via", check_via},
    {STOX_SIP_FROM, "RFC3261-8.1.1 From", check_address},
    {STOX_SIP_TO, "RFC3261-8.1.1 To", check_address},
    {STOX_SIP_CALL_ID, "RFC3261-8.1.1 Call-ID", check_call_id},
    {STOX_SIP_CSEQ, "RFC3261-8.1.1 CSeq", check_cseq},
    {STOX_SIP_MAX_FORWARDS, NULL, check_hops},
};

enum { N_ROUTING = sizeof routing / sizeof routing[0] };

/* Number of a row above, plus 1; 0: none. */
static const unsigned char routing_rows[STOX_SIP_HEADER_COUNT] = {
    [STOX_SIP_VIA] = 1,     [STOX_SIP_FROM] = 2, [STOX_SIP_TO] = 3,
    [STOX_SIP_CALL_ID] = 4, [STOX_SIP_CSEQ] = 5, [STOX_SIP_MAX_FORWARDS] = 6,
};

/* A second field of an id that stands once is not looked into. 1: it is one. */
static int check_once(stox_sip_parser *parser, const stox_sip_field *field) {
  if ((stox_sip_header_rows[field->id].rules & STOX_SIP_ONCE) == 0) {
    return 0;
  }
  if (field->id == STOX_SIP_CONTENT_LENGTH || routing_rows[field->id] != 0) {
    stox_sip_refuse(parser, STOX_E_REPEATED, 400, field->line, "RFC3261-7.3.1 one value");
  } else {
    stox_sip_forgive(parser, STOX_E_REPEATED, field->line, "RFC3261-7.3.1 one value");
  }
  return 1;
}

static inline void check_field(stox_sip_parser *parser, const stox_sip_field *field) {
  const size_t row = routing_rows[field->id];
  if ((row | (field->flags & STOX_SIP_AGAIN)) == 0) {
    return;
  }
  const int is_second = (field->flags & STOX_SIP_AGAIN) != 0 && check_once(parser, field);
  if (row != 0 && !is_second) {
    routing[row - 1].check(parser, field, stox_sip_field_value(parser->message, field));
  }
}

static void check_in_order(stox_sip_parser *parser) {
  const stox_sip_message *message = parser->message;
  for (size_t i = 0; i < N_ROUTING; i++) {
    const int is_wanted = routing[i].missing != NULL && !parser->is_fragment;
    if (is_wanted && message->first[routing[i].id] == 0) {
      stox_sip_refuse(parser, STOX_E_MISSING, 400, parser->at, routing[i].missing);
    }
  }
  const stox_sip_field *end = message->fields + message->n_fields;
  for (const stox_sip_field *field = message->fields; field < end; field++) {
    check_field(parser, field);
  }
}

static int read_vias(stox_sip_parser *parser, const stox_sip_field *fields) {
  stox_sip_message *message = parser->message;
  stox_sip_via via;
  ptrdiff_t at = message->first[STOX_SIP_VIA] - 1;
  const ptrdiff_t top = at;
  for (; at != STOX_SIP_NOWHERE; at = stox_sip_find(message, STOX_SIP_VIA, (size_t)at + 1)) {
    const stox_sip_field *field = &fields[at];
    stox_reader r;
    if (!stox_sip_reader(&r, message, field->value, field)) {
      return 0;
    }
    do {
      const int is_top = at == top && r.at == field->value;
      if (!stox_sip_via_read_line(&via, &r)) {
        return 0;
      }
      if (is_top) {
        stox_sip_keep_via(&message->top, &via, message->bytes.p);
        message->top_end = (uint32_t)(r.at - field->value);
      }
    } while (r.at < r.end);
  }
  return 1;
}

static int read_hops(const stox_sip_message *message, const stox_sip_field *fields) {
  const size_t first = message->first[STOX_SIP_MAX_FORWARDS];
  uint64_t hops = 0;
  return first == 0 || stox_number_parse(&hops, stox_sip_field_value(message, &fields[first - 1]),
                                         HOPS_MOST) == STOX_OK;
}

/* What nearly all messages show, where the order does not matter, since nothing is refused. 0:
 * something is not of its usual form. */
static int check_usual(stox_sip_parser *parser) {
  stox_sip_message *message = parser->message;
  const uint8_t *first = message->first;
  const stox_sip_field *fields = message->fields;
  stox_sip_cseq cseq;
  if ((message->again & STOX_SIP_ONCE) != 0 || message->n_fields >= STOX_SIP_FIRST_MOST ||
      first[STOX_SIP_VIA] == 0 || first[STOX_SIP_FROM] == 0 || first[STOX_SIP_TO] == 0 ||
      first[STOX_SIP_CALL_ID] == 0 || first[STOX_SIP_CSEQ] == 0) {
    return 0;
  }
  const stox_sip_field *id = &fields[first[STOX_SIP_CALL_ID] - 1];
  if (!read_vias(parser, fields) || !read_address(message, &fields[first[STOX_SIP_FROM] - 1]) ||
      !read_address(message, &fields[first[STOX_SIP_TO] - 1]) ||
      !is_call_id(&parser->stops, id->value, (size_t)id->value + id->value_n) ||
      !read_cseq(&cseq, parser, &fields[first[STOX_SIP_CSEQ] - 1]) || !read_hops(message, fields)) {
    return 0;
  }
  keep_cseq(parser, &cseq);
  return 1;
}

void stox_sip_check(stox_sip_parser *parser) {
  if (!check_usual(parser)) {
    check_in_order(parser);
  }
}
