/* SPDX-License-Identifier: MIT */
#include "stox/stringprep.h"

#include "base/chars.h"
#include "base/cstring.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/prep.h"

#include <string.h>
#include <stringprep.h>

typedef struct profile_kind {
  const char *rule;
  const Stringprep_profile *table;
  int refused;
  int flags; /* for libidn */
} profile_kind;

static const char nodeprep[] = "RFC3920-A Nodeprep";
static const char resourceprep[] = "RFC3920-B Resourceprep";

static const profile_kind kinds[] = {
    [STOX_NODEPREP] = {nodeprep, stringprep_xmpp_nodeprep, STOX_E_BAD_LOCALPART, 0},
    [STOX_RESOURCEPREP] = {resourceprep, stringprep_xmpp_resourceprep, STOX_E_BAD_RESOURCE, 0},
    [STOX_SASLPREP] = {"RFC4013-2 SASLprep", stringprep_saslprep, STOX_E_SYNTAX, 0},
    [STOX_NODEPREP_STORED] = {nodeprep, stringprep_xmpp_nodeprep, STOX_E_BAD_LOCALPART,
                              STRINGPREP_NO_UNASSIGNED},
    [STOX_RESOURCEPREP_STORED] = {resourceprep, stringprep_xmpp_resourceprep, STOX_E_BAD_RESOURCE,
                                  STRINGPREP_NO_UNASSIGNED},
};

/* libidn truncates at NUL and reports bad UTF-8 as lack of memory, so both are looked for first. */
static int check_octets(stox_span text, const char *rule, stox_diag *diag) {
  size_t at = 0;
  if (stox_utf8_check(text, &at) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_UTF8, 0, at, "RFC3629-4 UTF8-octets");
  }
  for (size_t i = 0; i < text.n; i++) {
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL)) {
      return stox_diag_set(diag, STOX_E_CTRL, 0, i, rule);
    }
  }
  return STOX_OK;
}

/* Prepares in place: `work` holds a C string. */
static int run_libidn(char work[STOX_PREP_MAX + 1], const profile_kind *kind) {
  const Stringprep_profile_flags flags = (Stringprep_profile_flags)kind->flags;
  switch (stringprep(work, STOX_PREP_MAX + 1, flags, kind->table)) {
  case STRINGPREP_OK:
    return work[0] == '\0' ? kind->refused : STOX_OK;
  case STRINGPREP_TOO_SMALL_BUFFER:
    return STOX_E_TOO_LONG;
  case STRINGPREP_ICONV_ERROR:
  case STRINGPREP_NFKC_FAILED:
  case STRINGPREP_MALLOC_ERROR:
    return STOX_E_NOMEM;
  default:
    return kind->refused;
  }
}

static int prepare(stox_buf *out, stox_span text, const profile_kind *kind, stox_diag *diag) {
  char work[STOX_PREP_MAX + 1];
  int status = check_octets(text, kind->rule, diag);
  if (status != STOX_OK) {
    return status;
  }
  memcpy(work, text.p, text.n);
  work[text.n] = '\0';
  status = run_libidn(work, kind);
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 0, 0, kind->rule);
  }
  return stox_buf_put(out, stox_cstring(work, STOX_PREP_MAX));
}

int stox_stringprep(stox_buf *out, stox_span text, int profile, stox_diag *diag) {
  if (profile < STOX_NODEPREP || profile > STOX_RESOURCEPREP_STORED) {
    return STOX_E_ARG;
  }
  const profile_kind *kind = &kinds[profile];
  size_t at = 0;
  if (text.n == 0 || text.n > STOX_PREP_MAX) {
    return stox_diag_set(diag, text.n == 0 ? kind->refused : STOX_E_TOO_LONG, 0,
                         text.n == 0 ? 0 : STOX_PREP_MAX, kind->rule);
  }
  /* Of ASCII, Resourceprep and SASLprep take and leave the same. */
  const int is_local = kind->refused == STOX_E_BAD_LOCALPART;
  switch (is_local ? stox_prep_localpart(text, &at) : stox_prep_resourcepart(text)) {
  case STOX_PREP_SAME:
    return stox_buf_put(out, text);
  case STOX_PREP_FOLD:
    return stox_prep_fold(out, text);
  case STOX_PREP_FULL:
    return prepare(out, text, kind, diag);
  default: {
    const int ctrl = stox_char_is(text.p[at], STOX_CHAR_CTRL);
    return stox_diag_set(diag, ctrl ? STOX_E_CTRL : STOX_E_BAD_LOCALPART, 0, at, kind->rule);
  }
  }
}
