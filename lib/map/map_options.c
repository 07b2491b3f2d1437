/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "map/map.h"
#include "stox/status.h"
#include "stox/stringprep.h"

int stox_map_options_init(stox_map_options *out, size_t size) {
  static const stox_map_options defaults = {.size = sizeof defaults, .scheme = STOX_SCHEME_SIP};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int is_bit(int value) {
  return value == 0 || value == 1;
}

int stox_map_read_options(stox_map_options *out, const stox_map_options *given) {
  int status = stox_map_options_init(out, sizeof *out);
  if (status == STOX_OK) {
    status = stox_options_read(out, sizeof *out, given);
  }
  if (status != STOX_OK) {
    return status;
  }
  const int known = is_bit(out->mode) && is_bit(out->resource) && is_bit(out->im_chars) &&
                    is_bit(out->profile) && out->scheme >= STOX_SCHEME_SIP &&
                    out->scheme <= STOX_SCHEME_PRES;
  return known ? STOX_OK : STOX_E_ARG;
}

int stox_map_room(stox_buf *out, stox_arena *arena, size_t n) {
  char *p = stox_arena_take(arena, n, 1);
  stox_buf_init(out, p, n);
  return p == NULL ? STOX_E_NOMEM : STOX_OK;
}

int stox_map_put_domain(stox_buf *out, stox_span host, int to_xmpp,
                        const stox_map_options *options) {
  int status = STOX_E_NONE;
  if (options->domain != NULL) {
    const size_t before = out->len;
    status = options->domain(options->ud, out, host, to_xmpp);
    out->len = status == STOX_E_NONE ? before : out->len;
  }
  if (status == STOX_E_NONE) {
    status = stox_idna(out, host, to_xmpp ? STOX_IDNA_TO_UNICODE : STOX_IDNA_TO_ASCII, NULL);
  }
  if (status == STOX_OK) {
    status = stox_buf_status(out);
  }
  return status == STOX_E_NOBUF ? STOX_E_TOO_LONG : status;
}

int stox_map_scheme(int kind, int supports, int secure) {
  if (kind == STOX_MAP_KIND_MESSAGE && (supports & STOX_MAP_SUPPORTS_IM) != 0) {
    return STOX_SCHEME_IM;
  }
  if (kind == STOX_MAP_KIND_PRESENCE && (supports & STOX_MAP_SUPPORTS_PRES) != 0) {
    return STOX_SCHEME_PRES;
  }
  return secure ? STOX_SCHEME_SIPS : STOX_SCHEME_SIP;
}
