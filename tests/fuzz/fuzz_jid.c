/* SPDX-License-Identifier: MIT */
/* Texts, hosts and JIDs: no input breaks them, and what they say holds together. */
#include "stox/host.h"
#include "stox/jid.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/stringprep.h"
#include "stox/utf8.h"
#include "stox/xep0106.h"

#include <stdlib.h>

enum { ROOM = 1 << 14 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static int is_inside(stox_span part, stox_span text) {
  return part.p == NULL || (part.p >= text.p && part.n <= text.n - (size_t)(part.p - text.p));
}

static void write_and_parse(const stox_jid *jid) {
  static char room[ROOM];
  stox_buf out;
  stox_jid back;
  stox_buf_init(&out, room, sizeof room);
  require(stox_jid_write(&out, jid) == STOX_OK);
  require(stox_jid_parse(&back, stox_buf_span(&out), NULL) == STOX_OK);
  require(stox_jid_is_equal(jid, &back));
  require(stox_jid_scope(jid) == stox_jid_scope(&back));
}

static void jid(stox_span text) {
  static char first[ROOM];
  static char second[ROOM];
  stox_arena arena;
  stox_jid parsed;
  stox_jid once;
  stox_jid twice;
  stox_diag diag = {0, 0, 0, NULL};
  int status = stox_jid_parse(&parsed, text, &diag);
  require(status == diag.code && diag.offset <= text.n);
  if (status != STOX_OK) {
    return;
  }
  require(is_inside(parsed.localpart, text) && is_inside(parsed.domainpart, text) &&
          is_inside(parsed.resourcepart, text));
  write_and_parse(&parsed);
  stox_arena_init(&arena, first, sizeof first, 0, NULL);
  require(stox_jid_prepare(&once, &arena, &parsed, STOX_JID_NONE, NULL) == STOX_OK);
  static const int profiles[] = {STOX_JID_NODEPREP, STOX_JID_PRECIS};
  for (size_t i = 0; i < 2; i++) {
    stox_arena_init(&arena, first, sizeof first, 0, NULL);
    diag = (stox_diag){0, 0, 0, NULL};
    status = stox_jid_prepare(&once, &arena, &parsed, profiles[i], &diag);
    require(status == diag.code && diag.offset <= text.n);
    if (status == STOX_OK) {
      write_and_parse(&once);
      stox_arena_init(&arena, second, sizeof second, 0, NULL);
      require(stox_jid_prepare(&twice, &arena, &once, profiles[i], NULL) == STOX_OK);
      require(stox_jid_is_equal(&once, &twice));
    }
  }
}

static void domain(stox_span text) {
  static char a[ROOM];
  static char u[ROOM];
  static char b[ROOM];
  stox_buf ascii;
  stox_buf unicode;
  stox_buf again;
  stox_buf_init(&ascii, a, sizeof a);
  stox_buf_init(&unicode, u, sizeof u);
  stox_buf_init(&again, b, sizeof b);
  if (stox_idna(&ascii, text, STOX_IDNA_TO_ASCII, NULL) != STOX_OK ||
      stox_idna(&unicode, text, STOX_IDNA_TO_UNICODE, NULL) != STOX_OK) {
    return;
  }
  require(stox_text_is_ascii(stox_buf_span(&ascii)));
  require(stox_idna(&again, stox_buf_span(&unicode), STOX_IDNA_TO_ASCII, NULL) == STOX_OK);
  require(stox_span_is_equal(stox_buf_span(&again), stox_buf_span(&ascii)));
  require(stox_host_is_equal(stox_buf_span(&ascii), stox_buf_span(&again)));
}

static void escapes(stox_span text) {
  static char a[ROOM];
  static char b[ROOM];
  stox_buf once;
  stox_buf back;
  stox_buf_init(&once, a, sizeof a);
  stox_buf_init(&back, b, sizeof b);
  if (stox_xep0106_escape(&once, text, STOX_XEP0106_FULL, NULL) == STOX_OK) {
    require(stox_xep0106_is_canonical(stox_buf_span(&once)));
    require(stox_xep0106_unescape(&back, stox_buf_span(&once), STOX_XEP0106_FULL) == STOX_OK);
    require(stox_span_is_equal(stox_buf_span(&back), text));
  }
  stox_buf_init(&once, a, sizeof a);
  stox_buf_init(&back, b, sizeof b);
  require(stox_percent_encode(&once, text, STOX_PERCENT_SIP_USER) == STOX_OK);
  require(stox_percent_decode(&back, stox_buf_span(&once), NULL) == STOX_OK);
  require(stox_span_is_equal(stox_buf_span(&back), text));
  stox_buf_init(&back, b, sizeof b);
  (void)stox_percent_decode(&back, text, NULL);
}

static void host(stox_span text) {
  const size_t half = text.n / 2;
  const stox_span a = stox_span_slice(text, 0, half);
  const stox_span b = stox_span_slice(text, half, text.n);
  (void)stox_host_kind(text);
  require(stox_host_is_equal(text, text));
  require(stox_host_is_equal(a, b) == stox_host_is_equal(b, a));
  if (stox_host_is_in(a, b)) {
    require(stox_host_kind(a) == STOX_HOST_IPV4 || stox_span_find(a, ':') < a.n);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span text = {(const char *)data, size};
  if (size > ROOM / 4) {
    return 0;
  }
  jid(text);
  domain(text);
  escapes(text);
  host(text);
  return 0;
}
