/* SPDX-License-Identifier: MIT */
#include "stox/sip_value.h"

#include "sip/lex.h"
#include "sip/message.h"
#include "stox/status.h"

static const char rule[] = "RFC3261-7.3.1 list";

int stox_sip_next_element(stox_span *out, stox_span list, size_t *cursor, stox_diag *diag) {
  const size_t from = stox_sip_skip_lws(list, *cursor);
  if (*cursor > list.n || (*cursor == 0 && from == list.n)) {
    return STOX_E_NONE;
  }
  const size_t end = stox_sip_element_end(list, from);
  const stox_span element = stox_span_trim(stox_span_slice(list, from, end - from));
  if (element.n == 0) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, from, rule);
  }
  *out = element;
  *cursor = end + 1;
  return STOX_OK;
}

/* The whole line: as an element that goes to its end. */
static int whole_line(stox_span *out, stox_span value, size_t *cursor) {
  if (*cursor > 0) {
    return STOX_E_NONE;
  }
  *out = value;
  *cursor = value.n + 1;
  return STOX_OK;
}

int stox_sip_next_value(stox_span *out, const stox_sip_message *message, int id,
                        stox_sip_cursor *cursor) {
  while (stox_sip_find_header(&cursor->field, message, id, cursor->field) == STOX_OK) {
    const stox_span value = stox_sip_field_value(message, &message->fields[cursor->field]);
    const int is_list = (stox_sip_header_rows[id].rules & STOX_SIP_LIST) != 0;
    const int status = is_list ? stox_sip_next_element(out, value, &cursor->at, NULL)
                               : whole_line(out, value, &cursor->at);
    if (status != STOX_E_NONE) {
      return status;
    }
    cursor->field++;
    cursor->at = 0;
  }
  return STOX_E_NONE;
}
