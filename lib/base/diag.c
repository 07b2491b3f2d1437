/* SPDX-License-Identifier: MIT */
#include "stox/diag.h"

int stox_diag_set(stox_diag *diag, int code, int answer, size_t offset, const char *rule) {
  if (diag != NULL) {
    *diag = (stox_diag){code, answer, offset, rule};
  }
  return code;
}
