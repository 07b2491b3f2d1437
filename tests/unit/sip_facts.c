/* SPDX-License-Identifier: MIT */
#include "sip_facts.h"

#include "stox/number.h"
#include "stox/sip_match.h"
#include "stox/sip_time.h"
#include "stox/sip_tokens.h"
#include "stox/uri.h"

stox_span sip_fact_head(stox_span *name) {
  const size_t dot = stox_span_find(*name, '.');
  const stox_span head = stox_span_slice(*name, 0, dot);
  *name = stox_span_slice(*name, dot < name->n ? dot + 1 : dot, name->n);
  return head;
}

void sip_fact_fail(stox_buf *out, int status) {
  stox_buf_put_octet(out, '!');
  stox_buf_put_text(out, stox_status_name(status));
}

void sip_fact_put(stox_buf *out, stox_span text) {
  if (text.p == NULL) {
    sip_fact_fail(out, STOX_E_NONE);
  } else {
    stox_buf_put(out, text);
  }
}

static int is(stox_span a, const char *b) {
  return stox_span_is_equal(a, stox_span_text(b));
}

/* A number before the first dot; 0, and nothing taken, if there is none. */
static size_t take_number(stox_span *name) {
  uint64_t number = 0;
  stox_span rest = *name;
  const stox_span head = sip_fact_head(&rest);
  if (stox_number_parse(&number, head, UINT32_MAX) == STOX_OK) {
    *name = rest;
  }
  return (size_t)number;
}

static char *text_of(char *room, size_t cap, stox_span text) {
  assert_true(text.n < cap);
  memcpy(room, text.p, text.n);
  room[text.n] = '\0';
  return room;
}

static void put_param(stox_buf *out, int status, const stox_param *param) {
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else {
    stox_buf_put(out, param->value);
  }
}

static int put_uri_member(stox_buf *out, const stox_uri *uri, stox_span member) {
  const struct {
    const char *name;
    stox_span text;
  } members[] = {{"scheme", uri->scheme_text}, {"user", uri->user},
                 {"password", uri->password},  {"host", uri->host},
                 {"port", uri->port_text},     {"path", uri->path},
                 {"params", uri->params},      {"headers", uri->headers}};
  char room[64];
  stox_param param;
  for (size_t i = 0; i < COUNT(members); i++) {
    if (is(member, members[i].name)) {
      sip_fact_put(out, members[i].text);
      return 1;
    }
  }
  if (is(member, "canonical")) {
    stox_uri_write(out, uri);
    return 1;
  }
  if (is(sip_fact_head(&member), "param")) {
    put_param(out, stox_uri_find_param(&param, uri, text_of(room, sizeof room, member)), &param);
    return 1;
  }
  return 0;
}

static int put_uri(stox_buf *out, stox_span text, stox_span member) {
  stox_uri uri;
  if (member.n == 0 || text.p == NULL) {
    sip_fact_put(out, text);
    return 1;
  }
  const int status = stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
    return 1;
  }
  return put_uri_member(out, &uri, member);
}

static int fact_address(stox_buf *out, parsed *p, int id, stox_span name) {
  char room[64];
  stox_name_addr address;
  stox_param param;
  const size_t nth = take_number(&name);
  const int status = stox_sip_get_address(&address, p->message, id, nth);
  const stox_span member = sip_fact_head(&name);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else if (is(member, "display")) {
    sip_fact_put(out, address.display);
  } else if (is(member, "uri")) {
    return put_uri(out, address.uri, name);
  } else if (is(member, "params")) {
    sip_fact_put(out, address.params);
  } else if (is(member, "param")) {
    put_param(out, stox_param_find(&param, address.params, text_of(room, sizeof room, name)),
              &param);
  } else {
    return 0;
  }
  return 1;
}

static int fact_from(stox_buf *out, parsed *p, stox_span name) {
  return fact_address(out, p, STOX_SIP_FROM, name);
}

static int fact_to(stox_buf *out, parsed *p, stox_span name) {
  return fact_address(out, p, STOX_SIP_TO, name);
}

static int fact_contact(stox_buf *out, parsed *p, stox_span name) {
  return fact_address(out, p, STOX_SIP_CONTACT, name);
}

static int fact_route(stox_buf *out, parsed *p, stox_span name) {
  return fact_address(out, p, STOX_SIP_ROUTE, name);
}

static int fact_via(stox_buf *out, parsed *p, stox_span name) {
  stox_sip_via via;
  const size_t nth = take_number(&name);
  const int status = stox_sip_get_via(&via, p->message, nth);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
    return 1;
  }
  const struct {
    const char *name;
    stox_span text;
  } members[] = {{"transport", via.transport}, {"host", via.host},   {"branch", via.branch},
                 {"received", via.received},   {"maddr", via.maddr}, {"params", via.params}};
  for (size_t i = 0; i < COUNT(members); i++) {
    if (is(name, members[i].name)) {
      sip_fact_put(out, members[i].text);
      return 1;
    }
  }
  stox_buf_put_number(out, via.port);
  return is(name, "port");
}

static int fact_cseq(stox_buf *out, parsed *p, stox_span name) {
  stox_sip_cseq cseq;
  const int status = stox_sip_get_cseq(&cseq, p->message);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else if (is(name, "number")) {
    stox_buf_put_number(out, cseq.number);
  } else {
    stox_buf_put(out, cseq.method);
  }
  return is(name, "number") || is(name, "method");
}

static int fact_number(stox_buf *out, parsed *p, stox_span name) {
  uint32_t number = 0;
  const int status = stox_sip_get_number(&number, p->message, stox_sip_header_of(name));
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else {
    stox_buf_put_number(out, number);
  }
  return 1;
}

static int fact_header(stox_buf *out, parsed *p, stox_span name) {
  const stox_span value = stox_sip_value_of(p->message, name);
  if (value.p == NULL) {
    sip_fact_fail(out, STOX_E_NONE);
  } else {
    stox_sip_unfold(out, value);
  }
  return 1;
}

static int fact_fields(stox_buf *out, parsed *p, stox_span name) {
  stox_sip_header header;
  const int id = stox_sip_header_of(name);
  uint64_t count = 0;
  for (size_t i = 0; stox_sip_get_header(&header, p->message, i) == STOX_OK; i++) {
    count += name.n == 0 || (id != STOX_SIP_OTHER && header.id == id);
  }
  stox_buf_put_number(out, count);
  return 1;
}

/* The tags that a server which knows none would list in a 420. */
static int fact_option(stox_buf *out, parsed *p, stox_span name) {
  stox_span tag;
  stox_sip_cursor cursor = {0, 0};
  const int id = stox_sip_header_of(name);
  for (size_t i = 0; stox_sip_next_unsupported(&tag, p->message, id, 0, &cursor) == STOX_OK; i++) {
    stox_buf_put_text(out, i == 0 ? "" : " ");
    stox_buf_put(out, tag);
  }
  return id == STOX_SIP_REQUIRE || id == STOX_SIP_PROXY_REQUIRE;
}

static int fact_date(stox_buf *out, parsed *p, stox_span name) {
  int64_t seconds = 0;
  const int status = stox_sip_date_parse(&seconds, stox_sip_value(p->message, STOX_SIP_DATE), NULL);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else {
    stox_buf_put_number(out, (uint64_t)seconds);
  }
  return name.n == 0;
}

/* Whether the transaction is found without a branch (RFC 3261 17.2.3). */
static int fact_is_rfc2543(stox_buf *out, parsed *p, stox_span name) {
  stox_sip_transaction_key key;
  const int status = stox_sip_status(p->message) == 0
                         ? stox_sip_server_key_of(&key, p->message, (stox_span){NULL, 0})
                         : stox_sip_client_key_of(&key, p->message);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else {
    stox_buf_put_number(out, (uint64_t)key.is_rfc2543);
  }
  return name.n == 0;
}

static int fact_body(stox_buf *out, parsed *p, stox_span name) {
  const stox_span body = stox_sip_body(p->message);
  if (is(name, "n")) {
    stox_buf_put_number(out, body.n);
  } else {
    stox_buf_put(out, body);
  }
  return 1;
}

static int fact_request_uri(stox_buf *out, parsed *p, stox_span name) {
  return put_uri(out, stox_sip_request_uri(p->message), name);
}

static int fact_start(stox_buf *out, parsed *p, stox_span name) {
  if (is(name, "method")) {
    sip_fact_put(out, stox_sip_method(p->message));
  } else if (is(name, "status")) {
    stox_buf_put_number(out, (uint64_t)stox_sip_status(p->message));
  } else if (is(name, "reason")) {
    sip_fact_put(out, stox_sip_reason_phrase(p->message));
  } else if (is(name, "trailing")) {
    stox_buf_put_number(out, p->bytes.span.n - stox_sip_text(p->message).n);
  } else {
    return 0;
  }
  return 1;
}

static const struct {
  const char *name;
  int (*say)(stox_buf *out, parsed *p, stox_span name);
} kinds[] = {{"request-uri", fact_request_uri},
             {"via", fact_via},
             {"from", fact_from},
             {"to", fact_to},
             {"contact", fact_contact},
             {"route", fact_route},
             {"cseq", fact_cseq},
             {"number", fact_number},
             {"header", fact_header},
             {"fields", fact_fields},
             {"option", fact_option},
             {"date", fact_date},
             {"is-rfc2543", fact_is_rfc2543},
             {"body", fact_body},
             {"part", sip_fact_part},
             {"sdp", sip_fact_sdp}};

int sip_fact(stox_buf *out, parsed *p, stox_span name) {
  stox_span rest = name;
  const stox_span head = sip_fact_head(&rest);
  for (size_t i = 0; i < COUNT(kinds); i++) {
    if (is(head, kinds[i].name)) {
      return kinds[i].say(out, p, rest);
    }
  }
  return fact_start(out, p, name);
}
