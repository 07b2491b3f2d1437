/* SPDX-License-Identifier: MIT */
#include "addr/address.h"
#include "sip/message.h"
#include "stox/sip_contact.h"
#include "stox/status.h"

#include <string.h>

/* The address at the cursor, if it is of the form that nearly all have; 0: it is not. */
static int read_here(stox_address *out, const stox_sip_message *message,
                     const stox_sip_field *field, stox_sip_cursor *cursor) {
  stox_reader r;
  if (!stox_sip_reader(&r, message, field->value + cursor->at, field)) {
    return 0;
  }
  while (r.p[r.at] == ' ' && r.at < r.end) {
    r.at++;
  }
  if (!stox_contact_read_line(out, &r) || (r.at < r.end && r.at + 1 == r.end)) {
    return 0;
  }
  cursor->at = r.at - field->value + 1;
  if (r.at == r.end) {
    cursor->field++;
    cursor->at = 0;
  }
  return 1;
}

/* The known parameters of an address of any form. */
static int find_known(stox_span known[STOX_ADDRESS_KNOWN], stox_span params) {
  stox_param param;
  size_t cursor = 0;
  int status;
  while ((status = stox_param_next(&param, params, &cursor)) == STOX_OK) {
    const int number = stox_address_known(param.name.p, param.name.n);
    if (number < STOX_ADDRESS_KNOWN && known[number].p == NULL) {
      known[number] = param.value;
    }
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

int stox_sip_next_binding(stox_sip_binding *out, const stox_sip_message *message,
                          stox_sip_cursor *cursor) {
  const ptrdiff_t found = stox_sip_find(message, STOX_SIP_CONTACT, cursor->field);
  if (found == STOX_SIP_NOWHERE) {
    return STOX_E_NONE;
  }
  cursor->field = (size_t)found;
  stox_span known[STOX_ADDRESS_KNOWN] = {{NULL, 0}};
  stox_address address = {.name = &out->address, .uri = &out->uri, .known = known};
  if (!read_here(&address, message, &message->fields[found], cursor)) {
    memset(known, 0, sizeof known);
    int status =
        stox_sip_next_address_uri(address.name, address.uri, message, STOX_SIP_CONTACT, cursor);
    if (status != STOX_OK || (status = find_known(known, out->address.params)) != STOX_OK) {
      return status;
    }
  }
  out->q = known[STOX_ADDRESS_Q];
  out->expires = known[STOX_ADDRESS_EXPIRES];
  out->sip_instance = known[STOX_ADDRESS_INSTANCE];
  out->reg_id = known[STOX_ADDRESS_REG_ID];
  out->pub_gruu = known[STOX_ADDRESS_PUB_GRUU];
  out->temp_gruu = known[STOX_ADDRESS_TEMP_GRUU];
  return STOX_OK;
}
