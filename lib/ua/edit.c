/* SPDX-License-Identifier: MIT */
#include "ua/edit.h"

#include "base/chars.h"
#include "stox/name_addr.h"
#include "stox/number.h"
#include "stox/status.h"

static const uint64_t cseq_max = UINT64_C(2147483647); /* RFC 3261 8.1.1.5 */

stox_span stox_edit_tag(const stox_sip_edit *edit, int id) {
  const stox_span value = stox_sip_edit_value(edit, id);
  stox_name_addr address;
  stox_param tag;
  size_t cursor = 0;
  if (stox_name_addr_next(&address, value, &cursor, NULL) != STOX_OK ||
      stox_param_find(&tag, address.params, "tag") != STOX_OK) {
    return (stox_span){NULL, 0};
  }
  return tag.value;
}

int stox_edit_cseq(uint32_t *number, stox_span *method, const stox_sip_edit *edit) {
  const stox_span value = stox_span_trim(stox_sip_edit_value(edit, STOX_SIP_CSEQ));
  if (value.n == 0) {
    return STOX_E_MISSING;
  }
  size_t digits = 0;
  while (digits < value.n && stox_char_is(value.p[digits], STOX_CHAR_DIGIT)) {
    digits++;
  }
  uint64_t read = 0;
  const int status = stox_number_parse(&read, stox_span_slice(value, 0, digits), cseq_max);
  *number = (uint32_t)read;
  *method = stox_span_trim(stox_span_slice(value, digits, value.n));
  return status != STOX_OK || method->n == 0 || method->n + digits == value.n ? STOX_E_BAD_HEADER
                                                                              : STOX_OK;
}
