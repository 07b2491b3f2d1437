/* SPDX-License-Identifier: MIT */
#include "locate/domain.h"

#include "stox/status.h"
#include "stox/stringprep.h"

int stox_domain_key(stox_span *out, char room[STOX_DOMAIN_MAX], stox_span domain) {
  stox_buf name;
  stox_buf_init(&name, room, STOX_DOMAIN_MAX);
  const int status = stox_idna(&name, domain, STOX_IDNA_TO_ASCII, NULL);
  if (status != STOX_OK) {
    return status == STOX_E_NOBUF ? STOX_E_BAD_DOMAIN : status;
  }
  *out = stox_buf_span(&name);
  return STOX_OK;
}
