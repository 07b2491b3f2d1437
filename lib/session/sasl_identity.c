/* SPDX-License-Identifier: MIT */
#include "session/sasl_identity.h"

#include "stox/jid.h"
#include "stox/sasl.h"
#include "stox/status.h"

static int put_prepared(stox_buf *out, const stox_jid *jid, stox_sasl_scratch *scratch) {
  stox_arena arena;
  stox_jid prepared;
  stox_arena_init(&arena, scratch->octets, sizeof scratch->octets, 0, NULL);
  const int status = stox_jid_prepare(&prepared, &arena, jid, STOX_JID_NODEPREP, NULL);
  return status == STOX_OK ? stox_jid_write(out, &prepared) : status;
}

int stox_sasl_put_identity(stox_buf *out, stox_span text, int stream, stox_sasl_scratch *scratch) {
  stox_jid jid;
  const int status = stox_jid_parse(&jid, text, NULL);
  if (status != STOX_OK) {
    return status;
  }
  const int want = stream == STOX_SASL_SERVER_STREAM ? STOX_SCOPE_DOMAIN : STOX_SCOPE_BARE;
  return stox_jid_scope(&jid) == want ? put_prepared(out, &jid, scratch) : STOX_E_BAD_JID;
}

int stox_sasl_put_default(stox_buf *out, stox_span username, stox_span domain, int stream,
                          stox_sasl_scratch *scratch) {
  if (stream == STOX_SASL_SERVER_STREAM) {
    return stox_sasl_put_identity(out, username, stream, scratch);
  }
  if (username.n == 0) {
    return STOX_E_BAD_JID;
  }
  const stox_jid jid = {.localpart = username, .domainpart = domain};
  return put_prepared(out, &jid, scratch);
}
