/* SPDX-License-Identifier: MIT */
#include "stox/sip_where.h"

#include "sip/names.h"
#include "stox/status.h"

static int is_known(int id) {
  return id > STOX_SIP_OTHER && id < STOX_SIP_HEADER_COUNT;
}

int stox_sip_header_rule(int id, int method_id, int status) {
  int found = STOX_SIP_UNSAID;
  int width = INT32_MAX;
  if (!is_known(id) || method_id < STOX_SIP_INVITE || method_id > STOX_SIP_INFO) {
    return STOX_SIP_UNSAID;
  }
  for (size_t i = stox_sip_where_starts[id]; i < stox_sip_where_starts[id + 1]; i++) {
    const stox_sip_where_row *row = &stox_sip_where_rows[i];
    const int rule = row->presence[method_id - STOX_SIP_INVITE] - '0';
    if (rule == STOX_SIP_UNSAID) {
      continue;
    }
    if (status >= row->low && status <= row->high && row->high - row->low < width) {
      width = row->high - row->low;
      found = rule;
    }
    found = found == STOX_SIP_UNSAID ? STOX_SIP_BARRED : found;
  }
  return found;
}

int stox_sip_proxy_rule(int id, int status) {
  int rights = 0;
  int width = INT32_MAX;
  const size_t end = is_known(id) ? stox_sip_where_starts[id + 1] : 0;
  for (size_t i = end == 0 ? 0 : stox_sip_where_starts[id]; i < end; i++) {
    const stox_sip_where_row *row = &stox_sip_where_rows[i];
    if (status >= row->low && status <= row->high && row->high - row->low < width) {
      width = row->high - row->low;
      rights = row->proxy;
    }
  }
  return rights;
}

int stox_sip_may_stand(int id, int method_id, int status) {
  return stox_sip_header_rule(id, method_id, status) != STOX_SIP_BARRED;
}

int stox_sip_next_misplaced(size_t *index, const stox_sip_message *message, size_t from) {
  const int method_id = stox_sip_method_id(message);
  const int status = stox_sip_status(message);
  stox_sip_header header;
  for (size_t i = from; stox_sip_get_header(&header, message, i) == STOX_OK; i++) {
    if (!stox_sip_may_stand(header.id, method_id, status)) {
      *index = i;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

int stox_sip_next_missing(int *id, const stox_sip_message *message) {
  const int method_id = stox_sip_method_id(message);
  const int status = stox_sip_status(message);
  const int has_body = stox_sip_body(message).n > 0;
  size_t index = 0;
  for (int next = *id < 0 ? 1 : *id + 1; next < STOX_SIP_HEADER_COUNT; next++) {
    const int rule = stox_sip_header_rule(next, method_id, status);
    const int must = rule == STOX_SIP_MANDATORY || (rule == STOX_SIP_WITH_BODY && has_body);
    if (must && stox_sip_find_header(&index, message, next, 0) == STOX_E_NONE) {
      *id = next;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}
