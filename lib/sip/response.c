/* SPDX-License-Identifier: MIT */
#include "base/put.h"
#include "base/take.h"
#include "sip/edit.h"
#include "sip/lex.h"
#include "sip/scan.h"
#include "stox/error_map.h"
#include "stox/status.h"

enum { CODE_LEAST = 100, CODE_MOST = 699, REASON_MOST = 256 };

/* A phrase of the caller made safe, or the default one. */
static int set_reason(stox_sip_edit *edit, stox_span reason) {
  char room[REASON_MOST];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  if (reason.n > 0) {
    (void)stox_reason_write(&buf, reason, sizeof room);
  }
  if (buf.len == 0) {
    edit->reason = stox_span_text(stox_sip_reason(edit->status));
    return STOX_OK;
  }
  return stox_arena_copy(edit->arena, &edit->reason, stox_buf_span(&buf));
}

/* A line is copied as it is; if it is folded, or is to get a tag, its value is written anew. */
static int copy_line(stox_sip_edit *edit, uint32_t index, stox_span tag) {
  const stox_sip_message *request = edit->message;
  const stox_sip_field *field = &request->fields[index];
  const stox_sip_header_row *row = &stox_sip_header_rows[field->id];
  const stox_span value = stox_sip_field_value(request, field);
  const int is_folded = (field->flags & (STOX_SIP_BARE_LF | STOX_SIP_FOLDED)) != 0;
  if (!is_folded && tag.p == NULL) {
    return stox_sip_edit_keep(edit, index);
  }
  const size_t n = stox_size_add(value.n, stox_size_add(tag.n, 5));
  char *room = stox_take(edit->arena, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, room, n);
  (void)(is_folded ? stox_sip_unfold(&buf, value) : stox_put(&buf, value.p, value.n));
  if (tag.p != NULL) {
    STOX_PUT_LITERAL(&buf, ";tag=");
    stox_put(&buf, tag.p, tag.n);
  }
  return stox_sip_edit_append(edit, &(stox_sip_piece){.kind = STOX_SIP_PARTS,
                                                      .id = field->id,
                                                      .name = {row->name, row->name_n},
                                                      .value = stox_buf_span(&buf)});
}

static int copy_field(stox_sip_edit *edit, uint32_t index, int id, stox_span to_tag) {
  static const stox_span none = {NULL, 0};
  if (id != STOX_SIP_VIA && stox_sip_first_field(edit->message, id) != index) {
    return STOX_OK;
  }
  edit->missing &= ~stox_sip_has(id);
  return copy_line(edit, index, id == STOX_SIP_TO ? to_tag : none);
}

static int copy_fields(stox_sip_edit *edit, stox_span to_tag) {
  const stox_sip_message *request = edit->message;
  const int timestamp = edit->status == CODE_LEAST ? STOX_SIP_TIMESTAMP : STOX_SIP_VIA;
  for (uint32_t i = 0; i < request->n_fields; i++) {
    const int id = request->fields[i].id;
    if ((stox_sip_has(id) != 0 || id == timestamp) && copy_field(edit, i, id, to_tag) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  return STOX_OK;
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
  edit->message = request;
  edit->status = code;
  edit->method_id = request->method_id;
  edit->method = request->method;
  edit->lenient = request->lenient || request->refused;
  int status = set_reason(edit, reason);
  if (status == STOX_OK) {
    status = copy_fields(edit, to_tag);
  }
  *out = status == STOX_OK ? edit : NULL;
  return status;
}
