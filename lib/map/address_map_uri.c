/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "map/map.h"
#include "stox/host.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "stox/xep0106.h"

enum { PART_MAX = 1023 };

static const char map_rule[] = "RFC7247-6.5";

static const stox_span schemes[] = {
    [STOX_SCHEME_SIP] = {"sip:", 4},
    [STOX_SCHEME_SIPS] = {"sips:", 5},
    [STOX_SCHEME_IM] = {"im:", 3},
    [STOX_SCHEME_PRES] = {"pres:", 5},
};

/* One mapping from a JID to a URI. */
typedef struct to_uri {
  stox_arena *arena;
  const stox_map_options *options;
  stox_diag *diag;
  stox_jid jid;  /* prepared */
  size_t domain; /* where the domainpart begins in what was given */
  uint32_t dropped;
} to_uri;

static int refuse(const to_uri *map, int status, size_t at, const char *rule) {
  return stox_diag_set(map->diag, status, 0, at, rule);
}

static int is_sip(int scheme) {
  return scheme == STOX_SCHEME_SIP || scheme == STOX_SCHEME_SIPS;
}

/* Characters that only an unprepared localpart has: unescaped they would pass for others. */
static int check_octets(const to_uri *map, stox_span localpart) {
  for (size_t i = 0; i < localpart.n; i++) {
    const char octet = localpart.p[i];
    if (!stox_char_is(octet, STOX_CHAR_LOCALPART) && (unsigned char)octet <= 0x7F) {
      return refuse(map, STOX_E_BAD_LOCALPART, i, "RFC7622-3.3.1 localpart");
    }
  }
  return STOX_OK;
}

/* Step 3: the localpart as the user meant it. In mode STOX_MAP_REVERSIBLE only what the way back
 * would make again. */
static int make_user(stox_span *out, const to_uri *map) {
  const stox_span localpart = map->jid.localpart;
  const int narrow = map->options->mode == STOX_MAP_RFC7247;
  stox_buf room;
  *out = localpart;
  const int status = check_octets(map, localpart);
  if (status != STOX_OK || stox_span_find(localpart, '\\') == localpart.n) {
    return status;
  }
  if (!narrow && !map->options->lenient && !stox_xep0106_is_canonical(localpart)) {
    return refuse(map, STOX_E_NONCANONICAL, 0, "XEP0106-4.3 localpart");
  }
  if (stox_map_room(&room, map->arena, localpart.n) != STOX_OK) {
    return refuse(map, STOX_E_NOMEM, 0, map_rule);
  }
  (void)stox_xep0106_unescape(&room, localpart, narrow ? STOX_XEP0106_RFC7247 : STOX_XEP0106_FULL);
  *out = stox_buf_span(&room);
  return STOX_OK;
}

/* The domainpart in SIP's form; `room` is where it may be made. */
static int convert_domain(stox_span *out, const to_uri *map, stox_buf *room) {
  const stox_map_options *options = map->options;
  *out = map->jid.domainpart;
  /* What is prepared and ASCII is in that form already. */
  if (options->domain == NULL && options->profile == STOX_JID_NODEPREP &&
      stox_text_is_ascii(*out)) {
    return STOX_OK;
  }
  const int status = stox_map_put_domain(room, *out, 0, options);
  if (status != STOX_OK) {
    return status;
  }
  return stox_arena_copy(map->arena, out, stox_buf_span(room));
}

static int make_host(stox_span *out, const to_uri *map) {
  static const char host_rule[] = "RFC3261-25.1 host";
  char octets[PART_MAX];
  stox_buf room;
  stox_buf_init(&room, octets, sizeof octets);
  const int status = convert_domain(out, map, &room);
  if (status != STOX_OK) {
    return refuse(map, status, map->domain, host_rule);
  }
  switch (stox_host_kind(*out)) {
  case STOX_HOST_IPV6_ZONE:
    return refuse(map, STOX_E_ZONE_ID, map->domain, host_rule);
  case STOX_HOST_NONE:
  case STOX_HOST_IDN:
    return refuse(map, STOX_E_BAD_DOMAIN, map->domain, host_rule);
  default:
    return STOX_OK;
  }
}

static int user_set(const stox_map_options *options) {
  if (is_sip(options->scheme)) {
    return STOX_PERCENT_SIP_USER;
  }
  return options->im_chars == STOX_MAP_IM_RFC ? STOX_PERCENT_IM_RFC : STOX_PERCENT_IM_SAFE;
}

/* Steps 5 to 8. */
static int join(stox_map_result *out, const to_uri *map, stox_span user, stox_span host) {
  const int set = user_set(map->options);
  const stox_span scheme = schemes[map->options->scheme];
  const stox_span gr = {";gr=", 4};
  const stox_span resource = map->jid.resourcepart;
  stox_buf text;
  /* Parts of at most 1023 octets, each of which becomes at most three. */
  const size_t n = scheme.n + 3 * user.n + 1 + host.n + gr.n + 3 * resource.n;
  if (stox_map_room(&text, map->arena, n) != STOX_OK) {
    return refuse(map, STOX_E_NOMEM, 0, map_rule);
  }
  stox_buf_put(&text, scheme);
  if (user.p != NULL) {
    (void)stox_percent_encode(&text, user, set);
    stox_buf_put_octet(&text, '@');
  }
  stox_buf_put(&text, host);
  if (resource.p != NULL && (map->dropped & STOX_DROPPED_RESOURCE) == 0) {
    stox_buf_put(&text, gr);
    (void)stox_percent_encode(&text, resource, STOX_PERCENT_PARAM);
  }
  *out = (stox_map_result){stox_buf_span(&text), map->jid, map->options->scheme, map->dropped};
  return STOX_OK;
}

static int map_jid(stox_map_result *out, to_uri *map) {
  stox_span user = map->jid.localpart;
  stox_span host;
  int status = user.p == NULL ? STOX_OK : make_user(&user, map);
  if (status == STOX_OK) {
    status = make_host(&host, map);
  }
  const int kept = is_sip(map->options->scheme) && map->options->resource == STOX_MAP_RESOURCE_KEEP;
  if (map->jid.resourcepart.p != NULL && !kept) {
    map->dropped |= STOX_DROPPED_RESOURCE;
  }
  return status == STOX_OK ? join(out, map, user, host) : status;
}

int stox_map_parts_to_uri(stox_map_result *out, stox_arena *arena, const stox_jid *jid,
                          const stox_map_options *options, stox_diag *diag) {
  stox_map_options own;
  to_uri map = {.arena = arena, .options = &own, .diag = diag};
  int status = stox_map_read_options(&own, options);
  if (status == STOX_OK) {
    map.domain = jid->localpart.p == NULL ? 0 : jid->localpart.n + 1;
    status = stox_jid_prepare(&map.jid, arena, jid, own.profile, diag);
  }
  if (status != STOX_OK) {
    return status;
  }
  status = own.confusable == NULL ? STOX_OK : own.confusable(own.ud, &map.jid);
  if (status != STOX_OK) {
    return refuse(&map, status, 0, "RFC7247-8 confusable characters");
  }
  return map_jid(out, &map);
}

int stox_map_jid_to_uri(stox_map_result *out, stox_arena *arena, stox_span jid,
                        const stox_map_options *options, stox_diag *diag) {
  stox_jid parts;
  const int status = stox_jid_parse(&parts, jid, diag);
  return status == STOX_OK ? stox_map_parts_to_uri(out, arena, &parts, options, diag) : status;
}
