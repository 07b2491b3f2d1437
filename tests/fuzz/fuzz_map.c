/* SPDX-License-Identifier: MIT */
/* The address map and the error map: no input breaks them, and what is mapped comes back. The first
 * octet chooses the options. */
#include "stox/address_map.h"
#include "stox/address_text.h"
#include "stox/error_map.h"
#include "stox/status.h"
#include "stox/utf8.h"

#include <stdlib.h>

enum { ROOM = 1 << 15 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static int is_safe(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char octet = (unsigned char)text.p[i];
    if (octet < 0x20 || octet == 0x7F) {
      return 0;
    }
  }
  return stox_utf8_check(text, NULL) == STOX_OK;
}

static void uri_to_jid(stox_span text, const stox_map_options *options) {
  static char room[ROOM];
  stox_arena arena;
  stox_map_result there;
  stox_map_result back;
  stox_map_result again;
  stox_diag diag = {0, 0, 0, NULL};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const int status = stox_map_uri_to_jid(&there, &arena, text, options, &diag);
  require(status == diag.code && diag.offset <= text.n);
  if (status != STOX_OK) {
    return;
  }
  require(is_safe(there.text));
  /* The literal set of im has no way back, and not every domain of a JID is a host. */
  if (options->im_chars == STOX_MAP_IM_RFC || options->lenient ||
      stox_map_jid_to_uri(&back, &arena, there.text, options, NULL) != STOX_OK) {
    return;
  }
  require(is_safe(back.text));
  require(stox_map_uri_to_jid(&again, &arena, back.text, options, NULL) == STOX_OK);
  require((back.dropped & STOX_DROPPED_RESOURCE) != 0 ||
          stox_span_is_equal(there.text, again.text));
}

static void jid_to_uri(stox_span text, const stox_map_options *options) {
  static char room[ROOM];
  stox_arena arena;
  stox_map_result there;
  stox_map_result back;
  stox_diag diag = {0, 0, 0, NULL};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const int status = stox_map_jid_to_uri(&there, &arena, text, options, &diag);
  require(status == diag.code && diag.offset <= text.n);
  if (status != STOX_OK) {
    return;
  }
  require(is_safe(there.text));
  if (options->im_chars == STOX_MAP_IM_RFC || options->lenient) {
    return;
  }
  require(stox_map_uri_to_jid(&back, &arena, there.text, options, NULL) == STOX_OK);
  require(stox_span_is_equal(there.jid.localpart, back.jid.localpart));
}

static void texts(stox_span text) {
  static char room[ROOM];
  stox_arena arena;
  stox_span out;
  stox_uri uri;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  if (stox_address_text_to_contact(&out, &arena, text, NULL) == STOX_OK) {
    require(is_safe(out));
    require(stox_uri_parse(&uri, out, STOX_URI_STRICT, NULL) == STOX_OK);
  }
  if (stox_contact_to_address_text(&out, &arena, text, NULL) == STOX_OK) {
    require(is_safe(out));
  }
  stox_buf reason;
  stox_buf_init(&reason, room, sizeof room);
  const size_t max = text.n % 100;
  require(stox_reason_write(&reason, text, max) == STOX_OK);
  require(reason.len <= max && is_safe(stox_buf_span(&reason)));
}

static int octet(stox_span text, size_t i) {
  return i < text.n ? (signed char)text.p[i] : 0;
}

static void errors(stox_span text) {
  const stox_error_override row = {octet(text, 0), octet(text, 1) * 8, octet(text, 2)};
  const stox_error_to_sip xmpp = {octet(text, 3), octet(text, 4), octet(text, 5),
                                  octet(text, 6), octet(text, 7), octet(text, 8),
                                  octet(text, 9), &row,           1};
  const stox_error_to_xmpp sip = {octet(text, 1) * 8, octet(text, 5), octet(text, 6),
                                  octet(text, 7),     &row,           1};
  stox_sip_error to_sip;
  stox_xmpp_error to_xmpp;
  if (stox_error_map_to_sip(&to_sip, &xmpp) == STOX_OK) {
    require(to_sip.code >= 300 && to_sip.code <= 699 && to_sip.reason != NULL);
  }
  if (stox_error_map_to_xmpp(&to_xmpp, &sip) == STOX_OK) {
    require(stox_condition_name(to_xmpp.condition) != NULL);
    require(stox_error_type_name(to_xmpp.type) != NULL);
  }
  require(stox_condition_of(text) >= STOX_COND_NONE && stox_error_type_of(text) >= -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  stox_map_options options;
  if (size == 0) {
    return 0;
  }
  const stox_span text = {(const char *)data + 1, size - 1};
  require(stox_map_options_init(&options, sizeof options) == STOX_OK);
  options.mode = data[0] & 1;
  options.resource = data[0] >> 1 & 1;
  options.im_chars = data[0] >> 2 & 1;
  options.profile = data[0] >> 3 & 1;
  options.lenient = data[0] >> 4 & 1;
  options.scheme = STOX_SCHEME_SIP + (data[0] >> 5 & 3);
  uri_to_jid(text, &options);
  jid_to_uri(text, &options);
  texts(text);
  errors(text);
  return 0;
}
