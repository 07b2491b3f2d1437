/* SPDX-License-Identifier: MIT */
#include "stox/sip_privacy.h"

#include "sip/lex.h"
#include "stox/status.h"

static const char *const names[] = {"header",   "session", "user",   "none",
                                    "critical", "id",      "history"};

enum { N_NAMES = sizeof names / sizeof names[0] };

static uint32_t bit_of(stox_span text) {
  for (size_t i = 0; i < N_NAMES; i++) {
    if (stox_span_is_equal_nocase(text, stox_span_text(names[i]))) {
      return UINT32_C(1) << i;
    }
  }
  return STOX_SIP_PRIVACY_OTHER;
}

int stox_sip_privacy_parse(uint32_t *out, stox_span text, stox_diag *diag) {
  uint32_t set = 0;
  size_t at = 0;
  *out = 0;
  do {
    const size_t from = stox_sip_skip_lws(text, at);
    const size_t end = stox_sip_token_end(text, from);
    at = stox_sip_skip_lws(text, end);
    if (end == from || (at < text.n && text.p[at] != ';')) {
      return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, "RFC3323-4.2 Privacy");
    }
    set |= bit_of(stox_span_slice(text, from, end - from));
  } while (at++ < text.n);
  *out = set;
  return STOX_OK;
}

int stox_sip_privacy_write(stox_buf *out, uint32_t set) {
  const size_t before = out->len;
  if (set == 0 || set >> N_NAMES != 0) {
    return STOX_E_BAD_HEADER;
  }
  for (size_t i = 0; i < N_NAMES; i++) {
    if ((set & UINT32_C(1) << i) != 0) {
      (void)stox_buf_put_text(out, out->len > before ? ";" : "");
      (void)stox_buf_put_text(out, names[i]);
    }
  }
  return stox_buf_status(out);
}
