/* SPDX-License-Identifier: MIT */
#include "sip/edit.h"
#include "sip/lex.h"
#include "sip/message.h"
#include "stox/error_map.h"
#include "stox/status.h"

enum { CODE_LEAST = 100, CODE_MOST = 699, REASON_MOST = 256 };

/* A phrase of the caller made safe, or the default one. */
static int set_reason(stox_sip_edit *edit, stox_span reason) {
  char room[REASON_MOST];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  (void)stox_reason_write(&buf, reason, sizeof room);
  if (buf.len == 0) {
    edit->reason = stox_span_text(stox_sip_reason(edit->status));
    return STOX_OK;
  }
  return stox_arena_copy(edit->arena, &edit->reason, stox_buf_span(&buf));
}

static int copy_value(stox_sip_edit *edit, int id, stox_span value) {
  stox_span flat;
  const int status = stox_sip_edit_unfold(edit->arena, &flat, value);
  if (status != STOX_OK) {
    return status;
  }
  return stox_sip_edit_append(edit, id, stox_span_text(stox_sip_header_name(id)), flat,
                              (stox_span){NULL, 0});
}

static int copy_with_tag(stox_sip_edit *edit, stox_span to, stox_span tag) {
  static const char name[] = {';', 't', 'a', 'g', '='};
  const size_t n = to.n + sizeof name + tag.n;
  char *room = stox_arena_take(edit->arena, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, room, n);
  stox_buf_put(&buf, to);
  stox_buf_put(&buf, (stox_span){name, sizeof name});
  stox_buf_put(&buf, tag);
  return copy_value(edit, STOX_SIP_TO, stox_buf_span(&buf));
}

static int copy_field(stox_sip_edit *edit, const stox_sip_message *request, size_t index,
                      stox_span to_tag) {
  const stox_sip_field *field = &request->fields[index];
  const stox_span value = stox_sip_field_value(request, field);
  const int is_first = request->first[field->id] == index + 1;
  switch (field->id) {
  case STOX_SIP_VIA:
    return copy_value(edit, field->id, value);
  case STOX_SIP_FROM:
  case STOX_SIP_CALL_ID:
  case STOX_SIP_CSEQ:
    return is_first ? copy_value(edit, field->id, value) : STOX_OK;
  case STOX_SIP_TIMESTAMP:
    return is_first && edit->status == CODE_LEAST ? copy_value(edit, field->id, value) : STOX_OK;
  case STOX_SIP_TO:
    if (!is_first) {
      return STOX_OK;
    }
    return to_tag.p == NULL ? copy_value(edit, field->id, value)
                            : copy_with_tag(edit, value, to_tag);
  default:
    return STOX_OK;
  }
}

int stox_sip_response_new(stox_sip_edit **out, stox_arena *arena, const stox_sip_message *request,
                          int code, stox_span reason, stox_span to_tag) {
  *out = NULL;
  if (code < CODE_LEAST || code > CODE_MOST || request->status != 0) {
    return STOX_E_ARG;
  }
  if (to_tag.p != NULL && !stox_sip_is_token(to_tag)) {
    return STOX_E_BAD_HEADER;
  }
  if (code == CODE_LEAST || stox_sip_tag(request, STOX_SIP_TO).p != NULL) {
    to_tag = (stox_span){NULL, 0};
  }
  stox_sip_edit *edit = stox_sip_edit_make(arena);
  if (edit == NULL) {
    return STOX_E_NOMEM;
  }
  edit->status = code;
  edit->method_id = request->method_id;
  edit->method = request->method;
  int status = set_reason(edit, reason);
  for (size_t i = 0; i < request->n_fields && status == STOX_OK; i++) {
    status = copy_field(edit, request, i, to_tag);
  }
  *out = status == STOX_OK ? edit : NULL;
  return status;
}
