/* SPDX-License-Identifier: MIT */
/* An edit of a parsed message. Of a lenient one, what a strict parser would refuse is mended. */
#include "sip/edit.h"

#include "addr/uri_parts.h"
#include "base/put.h"
#include "sip/lex.h"
#include "sip/scan.h"
#include "stox/status.h"
#include "stox/utf8.h"

int stox_sip_edit_keep(stox_sip_edit *edit, uint32_t index) {
  const stox_sip_field *fields = edit->message->fields;
  stox_sip_piece *last = edit->last;
  /* What was refused between two fields of a message is not among them. */
  if (last != NULL && last->kind == STOX_SIP_KEPT && last->to == index &&
      fields[index - 1].end == fields[index].line) {
    last->to = index + 1;
    return STOX_OK;
  }
  return stox_sip_edit_append(
      edit, &(stox_sip_piece){.kind = STOX_SIP_KEPT, .from = index, .to = index + 1});
}

int stox_sip_rewrite(stox_arena *arena, stox_span *text, int (*write)(stox_buf *, stox_span)) {
  stox_buf counted = {NULL, 0, 0};
  (void)write(&counted, *text);
  char *room = stox_arena_take(arena, counted.len, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf out;
  stox_buf_init(&out, room, counted.len);
  (void)write(&out, *text);
  *text = stox_buf_span(&out);
  return STOX_OK;
}

/* U+FFFD for each octet that is in no UTF-8 sequence. */
static int write_utf8(stox_buf *out, stox_span text) {
  uint32_t point = 0;
  size_t cursor = 0;
  while (cursor < text.n) {
    const size_t from = cursor;
    if (stox_utf8_next(&point, text, &cursor) == STOX_OK) {
      stox_put(out, text.p + from, cursor - from);
    } else {
      STOX_PUT_LITERAL(out, "\xEF\xBF\xBD");
      cursor = from + 1;
    }
  }
  return stox_buf_status(out);
}

static int is_hex(stox_span text, size_t at) {
  return at < text.n && stox_char_hex(text.p[at]) >= 0;
}

/* Escapes what stands raw in a user only for a lenient parse. */
static void write_user(stox_buf *out, stox_span user) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < user.n; i++) {
    const unsigned char octet = (unsigned char)user.p[i];
    const int is_stray = octet == '%' && !(is_hex(user, i + 1) && is_hex(user, i + 2));
    if (octet > 0x7F || is_stray) {
      stox_put_octet(out, '%');
      stox_put_octet(out, digits[octet >> 4]);
      stox_put_octet(out, digits[octet & 15]);
    } else {
      stox_put_octet(out, user.p[i]);
    }
  }
}

/* The names of a URI's parameters, as far as the parser looks for repeated ones. */
typedef struct names {
  stox_span params;
  size_t n;
  struct {
    uint32_t at;
    uint32_t n;
  } name[STOX_URI_INDEX_MAX];
} names;

/* 1 if the name is there; if not, it is from now on. */
static int is_seen(names *seen, stox_span name) {
  for (size_t i = 0; i < seen->n; i++) {
    const stox_span other = stox_span_slice(seen->params, seen->name[i].at, seen->name[i].n);
    if (stox_uri_part_is_equal(other, name, STOX_URI_NOCASE)) {
      return 1;
    }
  }
  if (seen->n < STOX_URI_INDEX_MAX) {
    seen->name[seen->n].at = (uint32_t)(name.p - seen->params.p);
    seen->name[seen->n++].n = (uint32_t)name.n;
  }
  return 0;
}

/* Of equal names the first; no empty values. */
static void write_params(stox_buf *out, stox_span params) {
  names seen;
  stox_param param;
  size_t cursor = 0;
  seen.params = params;
  seen.n = 0;
  while (stox_uri_split(&param, params, ';', &cursor) == STOX_OK) {
    if (is_seen(&seen, param.name)) {
      continue;
    }
    STOX_PUT_LITERAL(out, ";");
    stox_put(out, param.name.p, param.name.n);
    if (param.value.n > 0) {
      STOX_PUT_LITERAL(out, "=");
      stox_put(out, param.value.p, param.value.n);
    }
  }
}

static int write_uri(stox_buf *out, stox_span text) {
  stox_uri uri;
  if (stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL) != STOX_OK || !uri.lenient) {
    return stox_put(out, text.p, text.n);
  }
  const char *at = text.p;
  const char *end = text.p + text.n;
  if (uri.user.p != NULL) {
    stox_put(out, at, (size_t)(uri.user.p - at));
    write_user(out, uri.user);
    at = uri.user.p + uri.user.n;
  }
  if (uri.params.p != NULL) {
    stox_put(out, at, (size_t)(uri.params.p - 1 - at));
    write_params(out, uri.params);
    at = uri.params.p + uri.params.n;
  }
  return stox_put(out, at, (size_t)(end - at));
}

/* The URI of a request line has no headers (RFC 3261 19.1.1). */
static int write_request_uri(stox_buf *out, stox_span text) {
  stox_uri uri;
  if (stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL) == STOX_OK && uri.headers.p != NULL &&
      (uri.scheme == STOX_SCHEME_SIP || uri.scheme == STOX_SCHEME_SIPS)) {
    text.n = (size_t)(uri.headers.p - 1 - text.p);
  }
  return write_uri(out, text);
}

static int write_addresses(stox_buf *out, stox_span value) {
  stox_name_addr address;
  size_t cursor = 0;
  size_t done = 0;
  while (stox_name_addr_next(&address, value, &cursor, NULL) == STOX_OK) {
    if (address.uri.p == NULL) {
      continue;
    }
    const size_t from = (size_t)(address.uri.p - value.p);
    stox_put(out, value.p + done, from - done);
    (void)write_uri(out, address.uri);
    done = from + address.uri.n;
  }
  return stox_put(out, value.p + done, value.n - done);
}

/* Where a Via parameter ends. */
static size_t param_end(stox_span params, size_t at, int *is_empty) {
  const size_t name_end = stox_sip_token_end(params, at);
  size_t end = stox_sip_skip_lws(params, name_end);
  *is_empty = 0;
  if (end < params.n && params.p[end] == '=') {
    end = stox_sip_skip_lws(params, end + 1);
    *is_empty = end == params.n || params.p[end] == ';';
    if (end < params.n && params.p[end] == '"') {
      const size_t quoted = stox_sip_quoted_end(params, end);
      end = quoted > 0 ? quoted : params.n;
    }
  }
  return end + stox_span_find(stox_span_slice(params, end, params.n), ';');
}

/* `rport=` without a number says what `rport` says. */
static void write_via_params(stox_buf *out, stox_span params) {
  size_t at = 0;
  while (at < params.n) {
    int is_empty = 0;
    const size_t end = param_end(params, at, &is_empty);
    const size_t n = (is_empty ? stox_sip_token_end(params, at) : end) - at;
    STOX_PUT_LITERAL(out, ";");
    stox_put(out, params.p + at, n);
    at = stox_sip_skip_lws(params, end + 1);
  }
}

/* Each value without the comment behind it. */
static int write_vias(stox_buf *out, stox_span value) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = 1;
  int n = 0;
  while (stox_sip_via_next(&via, value, &cursor, &lenient) == STOX_OK) {
    if (n++ > 0) {
      STOX_PUT_LITERAL(out, ", ");
    }
    if (via.params.n == 0) {
      stox_put(out, via.text.p, via.text.n);
      continue;
    }
    stox_put(out, via.text.p, stox_span_find(via.text, ';'));
    write_via_params(out, via.params);
  }
  return stox_buf_status(out);
}

static int is_lenient_via(stox_span value) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = 1;
  while (stox_sip_via_next(&via, value, &cursor, &lenient) == STOX_OK) {
  }
  return lenient == 2;
}

static int is_lenient_address(stox_span value) {
  stox_name_addr address;
  stox_uri uri;
  size_t cursor = 0;
  return stox_name_addr_next(&address, value, &cursor, NULL) == STOX_OK &&
         stox_uri_parse(&uri, address.uri, STOX_URI_LENIENT, NULL) == STOX_OK && uri.lenient;
}

/* The value as a strict parser accepts it. A Call-ID is whose it is: its octets stay. */
static int mend_value(stox_sip_edit *edit, stox_span *value, const stox_sip_field *field) {
  const int is_checked = field->id == STOX_SIP_FROM || field->id == STOX_SIP_TO;
  const int is_list = (stox_sip_header_rows[field->id].rules & STOX_SIP_ADDRESS) != 0;
  const int is_bad =
      (field->flags & STOX_SIP_HIGH) != 0 && stox_utf8_check(*value, NULL) != STOX_OK;
  int status = STOX_OK;
  if ((field->flags & STOX_SIP_BARE_LF) != 0) {
    status = stox_sip_rewrite(edit->arena, value, stox_sip_unfold);
  }
  if (status == STOX_OK && field->id == STOX_SIP_VIA && is_lenient_via(*value)) {
    status = stox_sip_rewrite(edit->arena, value, write_vias);
  }
  if (status == STOX_OK && ((is_checked && is_lenient_address(*value)) || (is_list && is_bad))) {
    status = stox_sip_rewrite(edit->arena, value, write_addresses);
  }
  if (status == STOX_OK && is_bad && field->id != STOX_SIP_CALL_ID) {
    status = stox_sip_rewrite(edit->arena, value, write_utf8);
  }
  return status;
}

static int mend_field(stox_sip_edit *edit, uint32_t index) {
  const stox_sip_message *message = edit->message;
  const stox_sip_field *field = &message->fields[index];
  const stox_span before = stox_sip_field_value(message, field);
  stox_span value = before;
  const int is_once = (stox_sip_header_rows[field->id].rules & STOX_SIP_ONCE) != 0;
  if (is_once && stox_sip_first_field(message, field->id) != index) {
    return STOX_OK;
  }
  if (mend_value(edit, &value, field) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  if (value.p == before.p && (field->flags & STOX_SIP_BARE_LF) == 0) {
    return stox_sip_edit_keep(edit, index);
  }
  if (field->id == STOX_SIP_CONTENT_LENGTH) {
    edit->length_at = STOX_SIP_NO_FIELD;
  }
  return stox_sip_edit_add(edit, field->id, stox_sip_field_name(message, field), value);
}

static int mend(stox_sip_edit *edit) {
  int status = STOX_OK;
  edit->start = (stox_span){NULL, 0};
  edit->tail = (stox_span){NULL, 0};
  for (uint32_t i = 0; i < edit->message->n_fields && status == STOX_OK; i++) {
    status = mend_field(edit, i);
  }
  if (status == STOX_OK && edit->request_uri.p != NULL) {
    status = stox_sip_rewrite(edit->arena, &edit->request_uri, write_request_uri);
  }
  if (status == STOX_OK && stox_utf8_check(edit->reason, NULL) != STOX_OK) {
    status = stox_sip_rewrite(edit->arena, &edit->reason, write_utf8);
  }
  return status;
}

static int missing_of(const stox_sip_message *message) {
  static const int ids[] = {STOX_SIP_VIA, STOX_SIP_FROM, STOX_SIP_TO, STOX_SIP_CALL_ID,
                            STOX_SIP_CSEQ};
  int missing = 0;
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    missing |= message->first[ids[i]] == 0 ? stox_sip_has(ids[i]) : 0;
  }
  return missing;
}

/* The empty line and the body, if both stand there as they are to be written. */
static stox_span tail_of(const stox_sip_message *message) {
  const size_t n = message->body.n + 2;
  const stox_span text = message->text;
  if (message->n_fields == 0 || text.n < n) {
    return (stox_span){NULL, 0};
  }
  const stox_span last = stox_sip_field_line(message, &message->fields[message->n_fields - 1]);
  const stox_span tail = {text.p + text.n - n, n};
  return last.p + last.n == tail.p ? tail : (stox_span){NULL, 0};
}

int stox_sip_edit_new(stox_sip_edit **out, stox_arena *arena, const stox_sip_message *message) {
  *out = NULL;
  if (message->refused) {
    return STOX_E_STATE;
  }
  if (message->start.p == NULL) {
    return STOX_E_ARG;
  }
  stox_sip_edit *edit = stox_sip_edit_make(arena);
  if (edit == NULL) {
    return STOX_E_NOMEM;
  }
  edit->message = message;
  edit->start = message->start;
  edit->method = message->method;
  edit->request_uri = message->request_uri;
  edit->reason = message->reason;
  edit->body = message->body;
  edit->tail = tail_of(message);
  edit->method_id = message->method_id;
  edit->status = message->status;
  edit->missing = missing_of(message);
  edit->lenient = message->lenient;
  edit->length_at = stox_sip_first_field(message, STOX_SIP_CONTENT_LENGTH);
  edit->has_length = edit->length_at < message->n_fields;
  /* Only a fragment may say more than its body has, and only if it has none. */
  edit->length = message->body.n;
  if (edit->has_length && message->body.n == 0) {
    const stox_sip_field *field = &message->fields[edit->length_at];
    (void)stox_sip_length(&edit->length, stox_sip_field_value(message, field));
  }
  int status = STOX_OK;
  if (message->lenient) {
    status = mend(edit);
  } else if (message->n_fields > 0) {
    status = stox_sip_edit_append(
        edit, &(stox_sip_piece){.kind = STOX_SIP_KEPT, .from = 0, .to = message->n_fields});
  }
  *out = status == STOX_OK ? edit : NULL;
  return status;
}
