/* SPDX-License-Identifier: MIT */
#include "sip/message.h"

#include "addr/address.h"
#include "base/chars.h"
#include "sip/lex.h"
#include "stox/number.h"
#include "stox/sip_via.h"
#include "stox/status.h"

enum { HOPS_MOST = 255 };

static const stox_span absent = {NULL, 0};

int stox_sip_status(const stox_sip_message *message) {
  return message->status;
}

stox_span stox_sip_reason_phrase(const stox_sip_message *message) {
  return message->reason;
}

int stox_sip_method_id(const stox_sip_message *message) {
  return message->method_id;
}

stox_span stox_sip_method(const stox_sip_message *message) {
  return message->method;
}

stox_span stox_sip_request_uri(const stox_sip_message *message) {
  return message->request_uri;
}

stox_span stox_sip_body(const stox_sip_message *message) {
  return message->body;
}

stox_span stox_sip_text(const stox_sip_message *message) {
  return message->text;
}

int stox_sip_is_lenient(const stox_sip_message *message) {
  return message->lenient;
}

int stox_sip_get_header(stox_sip_header *out, const stox_sip_message *message, size_t index) {
  if (index >= message->n_fields) {
    return STOX_E_NONE;
  }
  const stox_sip_field *field = &message->fields[index];
  const stox_span line = stox_span_slice(message->bytes, field->line, field->end - field->line);
  *out = (stox_sip_header){field->id, 0, stox_span_slice(line, 0, field->name_n),
                           stox_sip_field_value(message, field), line};
  return STOX_OK;
}

ptrdiff_t stox_sip_find_far(const stox_sip_message *message, int id, size_t from) {
  const size_t first = message->first[id] - 1u;
  for (size_t i = from < first ? first : from; i < message->n_fields; i++) {
    if (message->fields[i].id == id) {
      return (ptrdiff_t)i;
    }
  }
  return STOX_SIP_NOWHERE;
}

int stox_sip_find_header(size_t *index, const stox_sip_message *message, int id, size_t from) {
  if (id < 0 || id >= STOX_SIP_HEADER_COUNT) {
    return STOX_E_NONE;
  }
  const ptrdiff_t found = stox_sip_find(message, id, from);
  if (found == STOX_SIP_NOWHERE) {
    return STOX_E_NONE;
  }
  *index = (size_t)found;
  return STOX_OK;
}

stox_span stox_sip_value(const stox_sip_message *message, int id) {
  if (id < 0 || id >= STOX_SIP_HEADER_COUNT) {
    return absent;
  }
  const ptrdiff_t found = stox_sip_find(message, id, 0);
  return found == STOX_SIP_NOWHERE ? absent
                                   : stox_sip_field_value(message, &message->fields[found]);
}

stox_span stox_sip_value_of(const stox_sip_message *message, stox_span name) {
  const int id = stox_sip_header_of(name);
  if (id != STOX_SIP_OTHER) {
    return stox_sip_value(message, id);
  }
  for (size_t i = 0; i < message->n_fields; i++) {
    const stox_sip_field *field = &message->fields[i];
    if (stox_span_is_equal_nocase(name,
                                  stox_span_slice(message->bytes, field->line, field->name_n))) {
      return stox_sip_field_value(message, field);
    }
  }
  return absent;
}

int stox_sip_get_cseq(stox_sip_cseq *out, const stox_sip_message *message) {
  if ((message->known & STOX_SIP_KNOWN_CSEQ) != 0) {
    *out = (stox_sip_cseq){message->cseq, message->cseq_method_id,
                           stox_sip_give(message->cseq_method, message->bytes.p)};
    return STOX_OK;
  }
  const stox_span value = stox_sip_value(message, STOX_SIP_CSEQ);
  return value.p == NULL ? STOX_E_MISSING : stox_sip_cseq_parse(out, value, NULL);
}

int stox_sip_next_address(stox_name_addr *out, const stox_sip_message *message, int id,
                          stox_sip_cursor *cursor) {
  while (stox_sip_find_header(&cursor->field, message, id, cursor->field) == STOX_OK) {
    const stox_span value = stox_sip_field_value(message, &message->fields[cursor->field]);
    const int status = stox_name_addr_next(out, value, &cursor->at, NULL);
    if (status != STOX_E_NONE) {
      return status;
    }
    cursor->field++;
    cursor->at = 0;
  }
  return STOX_E_NONE;
}

/* The address of a field at an index of its value, which moves behind it and its comma. */
static int address_at(stox_name_addr *out, stox_uri *uri, const stox_sip_message *message,
                      const stox_sip_field *field, size_t *at) {
  stox_address address = {.name = out, .uri = uri};
  stox_reader r;
  if (stox_sip_reader(&r, message, field->value + *at, field)) {
    while (stox_char_is(r.p[r.at], STOX_CHAR_SPACE) && r.at < r.end) {
      r.at++;
    }
    if (r.at < r.end && stox_address_read_line(&address, &r) &&
        (r.at == r.end || r.at + 1 < r.end)) {
      *at = r.at - field->value + (r.at < r.end);
      return STOX_OK;
    }
  }
  return stox_name_addr_next_uri(out, uri, stox_sip_field_value(message, field), at,
                                 STOX_URI_LENIENT, NULL);
}

/* Moves a cursor that is behind the last value of a field to the next field. */
static inline void leave_field(stox_sip_cursor *cursor, const stox_sip_field *field) {
  if (cursor->at >= field->value_n) {
    cursor->field++;
    cursor->at = 0;
  }
}

/* The next address from a field on, the first that has one. */
static int next_address_from(stox_name_addr *out, stox_uri *uri, const stox_sip_message *message,
                             stox_sip_cursor *cursor, ptrdiff_t found) {
  int status = STOX_E_NONE;
  const int id = message->fields[found].id;
  do {
    const stox_sip_field *field = &message->fields[found];
    cursor->field = (size_t)found;
    status = address_at(out, uri, message, field, &cursor->at);
    leave_field(cursor, field);
  } while (status == STOX_E_NONE &&
           (found = stox_sip_find(message, id, cursor->field)) != STOX_SIP_NOWHERE);
  return status;
}

/* What is kept of the only value of From or To; NULL: nothing. */
static inline const stox_sip_kept_address *kept_address(const stox_sip_message *message, int id) {
  if (id != STOX_SIP_FROM && id != STOX_SIP_TO) {
    return NULL;
  }
  const stox_sip_kept_address *kept = id == STOX_SIP_FROM ? &message->from : &message->to;
  return kept->uri.text.at == 0 ? NULL : kept;
}

static int address_from(stox_name_addr *out, stox_uri *uri, const stox_sip_message *message,
                        stox_sip_cursor *cursor, ptrdiff_t found) {
  const int id = message->fields[found].id;
  const stox_sip_kept_address *kept = kept_address(message, id);
  if (kept == NULL || cursor->at != 0 || message->first[id] != found + 1) {
    return next_address_from(out, uri, message, cursor, found);
  }
  const char *value = message->bytes.p + message->fields[found].value;
  stox_sip_give_name(out, kept, message->bytes.p, value);
  stox_sip_give_uri(uri, &kept->uri, message->bytes.p);
  cursor->field = (size_t)found + 1;
  return STOX_OK;
}

/* Most headers that are asked for are not there: that takes no more than a look. */
int stox_sip_next_address_uri(stox_name_addr *out, stox_uri *uri, const stox_sip_message *message,
                              int id, stox_sip_cursor *cursor) {
  if (id < 0 || id >= STOX_SIP_HEADER_COUNT || message->first[id] == 0) {
    return STOX_E_NONE;
  }
  const ptrdiff_t found = stox_sip_find(message, id, cursor->field);
  return found == STOX_SIP_NOWHERE ? STOX_E_NONE : address_from(out, uri, message, cursor, found);
}

int stox_sip_get_request_uri(stox_uri *out, const stox_sip_message *message) {
  if (message->request_uri.p == NULL) {
    return STOX_E_NONE;
  }
  if (message->target.text.at != 0) {
    stox_sip_give_uri(out, &message->target, message->bytes.p);
    return STOX_OK;
  }
  return stox_uri_parse(out, message->request_uri, STOX_URI_LENIENT, NULL);
}

int stox_sip_get_address(stox_name_addr *out, const stox_sip_message *message, int id, size_t nth) {
  stox_sip_cursor cursor = {0, 0};
  for (size_t i = 0; i < nth; i++) {
    const int status = stox_sip_next_address(out, message, id, &cursor);
    if (status != STOX_OK) {
      return status;
    }
  }
  return stox_sip_next_address(out, message, id, &cursor);
}

stox_span stox_sip_tag(const stox_sip_message *message, int id) {
  stox_name_addr address;
  stox_param param;
  if (id == STOX_SIP_FROM && (message->known & STOX_SIP_KNOWN_FROM) != 0) {
    return stox_sip_give(message->from_tag, message->bytes.p);
  }
  if (id == STOX_SIP_TO && (message->known & STOX_SIP_KNOWN_TO) != 0) {
    return stox_sip_give(message->to_tag, message->bytes.p);
  }
  if (stox_sip_get_address(&address, message, id, 0) != STOX_OK ||
      stox_param_find(&param, address.params, "tag") != STOX_OK) {
    return absent;
  }
  return param.value;
}

/* These two have parameters or a comment behind their number (RFC 3261 20.33, RFC 4028 4). */
static int has_more(int id) {
  return id == STOX_SIP_RETRY_AFTER || id == STOX_SIP_SESSION_EXPIRES;
}

int stox_sip_get_number(uint32_t *out, const stox_sip_message *message, int id) {
  stox_span value = stox_sip_value(message, id);
  if (value.p == NULL) {
    return STOX_E_NONE;
  }
  if (has_more(id)) {
    const size_t end = stox_sip_token_end(value, 0);
    const size_t next = stox_sip_skip_lws(value, end);
    if (next < value.n && value.p[next] != ';' && value.p[next] != '(') {
      return STOX_E_BAD_HEADER;
    }
    value.n = end;
  }
  uint64_t number = 0;
  const uint64_t most = id == STOX_SIP_MAX_FORWARDS ? HOPS_MOST : UINT32_MAX;
  if (stox_number_parse(&number, value, most) != STOX_OK) {
    return STOX_E_BAD_HEADER;
  }
  *out = (uint32_t)number;
  return STOX_OK;
}

int stox_sip_unfold(stox_buf *out, stox_span value) {
  size_t from = 0;
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] != '\r' && value.p[i] != '\n') {
      continue;
    }
    size_t end = i;
    while (end > from && (value.p[end - 1] == ' ' || value.p[end - 1] == '\t')) {
      end--;
    }
    stox_buf_put(out, stox_span_slice(value, from, end - from));
    stox_buf_put_octet(out, ' ');
    from = stox_sip_skip_lws(value, i);
    i = from - 1;
  }
  stox_buf_put(out, stox_span_slice(value, from, value.n));
  return stox_buf_status(out);
}

static int is_sips(stox_span uri) {
  return stox_span_is_equal_nocase(stox_span_slice(uri, 0, 5), (stox_span){"sips:", 5});
}

int stox_sip_is_sips(const stox_sip_message *message) {
  stox_name_addr to;
  if (is_sips(message->request_uri)) {
    return 1;
  }
  return stox_sip_get_address(&to, message, STOX_SIP_TO, 0) == STOX_OK && is_sips(to.uri);
}
