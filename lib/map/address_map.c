/* SPDX-License-Identifier: MIT */
#include "stox/address_map.h"

#include "base/chars.h"
#include "map/map.h"
#include "stox/host.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "stox/xep0106.h"

enum { PART_MAX = 1023 };

static const char map_rule[] = "RFC7247-6.4";

/* One mapping from a URI to a JID. */
typedef struct to_jid {
  stox_arena *arena;
  const stox_map_options *options;
  stox_diag *diag;
  stox_uri uri;
  stox_span gr; /* absent: none, or none that names a resource */
  uint32_t dropped;
} to_jid;

/* An octet's place in the URI; its end for one of a `gr` that stood behind it. */
static size_t offset_of(const to_jid *map, const char *at) {
  const stox_span text = map->uri.text;
  const uintptr_t offset = (uintptr_t)at - (uintptr_t)text.p;
  return offset > text.n ? text.n : (size_t)offset;
}

/* Refuses at an octet of the URI. What the grammar lets pass names nobody here: 404. */
static int refuse(const to_jid *map, int status, const char *at, const char *rule) {
  const int answer = status == STOX_E_NOMEM ? 500 : 404;
  return stox_diag_set(map->diag, status, answer, offset_of(map, at), rule);
}

/* ---- decoding ---- */

/* What a part has in it once it is decoded. */
typedef struct decoded {
  stox_span text;
  int is_odd;  /* an octet that a localpart cannot hold, or a backslash */
  int is_wide; /* an octet above 0x7F */
} decoded;

/* The octet at `*i` of a part that was parsed: only a lenient user has a `%` that begins no escape,
 * and keeps it. */
static char next_octet(stox_span part, size_t *i) {
  const char octet = part.p[(*i)++];
  if (octet != '%' || part.n - *i < 2) {
    return octet;
  }
  const int high = stox_char_hex(part.p[*i]);
  const int low = stox_char_hex(part.p[*i + 1]);
  if (high < 0 || low < 0) {
    return octet;
  }
  *i += 2;
  return (char)(high * 16 + low);
}

/* Where in a part its decoded octet `index` stands. */
static const char *octet_at(stox_span part, size_t index) {
  size_t i = 0;
  for (; index > 0; index--) {
    (void)next_octet(part, &i);
  }
  return part.p + i;
}

/* Steps 3 and 4: the octets that escapes stand for, which must be UTF-8 without controls. Letters
 * are folded here and not after the escape of step 5: there folding would make a sequence of what
 * was none (`\2F`). */
static int decode(decoded *out, const to_jid *map, stox_span part, int fold) {
  const uint32_t folded = fold ? STOX_CHAR_UPPER : 0;
  const char *ctrl = NULL;
  stox_buf room;
  size_t bad = 0;
  *out = (decoded){{NULL, 0}, 0, 0};
  if (part.n > (size_t)3 * PART_MAX) {
    return refuse(map, STOX_E_TOO_LONG, part.p, map_rule);
  }
  if (stox_map_room(&room, map->arena, part.n) != STOX_OK) {
    return refuse(map, STOX_E_NOMEM, part.p, map_rule);
  }
  for (size_t i = 0; i < part.n;) {
    const size_t from = i;
    const char octet = part.p[i] == '%' ? next_octet(part, &i) : part.p[i++];
    const uint32_t is = stox_chars[(unsigned char)octet];
    if ((is & STOX_CHAR_CTRL) != 0 && ctrl == NULL) {
      ctrl = part.p + from;
    }
    out->is_wide |= (unsigned char)octet > 0x7F;
    out->is_odd |= (is & STOX_CHAR_LOCALPART) == 0 || octet == '\\';
    room.p[room.len++] = (char)((is & folded) != 0 ? octet | 0x20 : octet);
  }
  out->text = stox_buf_span(&room);
  if (out->is_wide && stox_utf8_check(out->text, &bad) != STOX_OK) {
    return refuse(map, STOX_E_BAD_UTF8, octet_at(part, bad), "RFC3629-4 UTF8-octets");
  }
  return ctrl == NULL ? STOX_OK : refuse(map, STOX_E_CTRL, ctrl, map_rule);
}

/* ---- the localpart ---- */

static size_t count_sequences(stox_span localpart, int set) {
  stox_buf counter;
  stox_buf_init(&counter, NULL, 0);
  (void)stox_xep0106_unescape(&counter, localpart, set);
  return (localpart.n - counter.len) / 2;
}

static int set_of(const stox_map_options *options) {
  return options->mode == STOX_MAP_RFC7247 ? STOX_XEP0106_RFC7247 : STOX_XEP0106_FULL;
}

/* The first octet that no localpart holds; `text.n` if there is none. */
static size_t find_forbidden(stox_span text) {
  size_t i = 0;
  while (i < text.n &&
         (stox_char_is(text.p[i], STOX_CHAR_LOCALPART) || (unsigned char)text.p[i] > 0x7F)) {
    i++;
  }
  return i;
}

/* Mode STOX_MAP_RFC7247: what its three sequences cannot carry, or would carry back as something
 * else. */
static int check_narrow(const to_jid *map, stox_span user, stox_span text, stox_span escaped) {
  if (count_sequences(text, STOX_XEP0106_RFC7247) != 0) {
    return refuse(map, STOX_E_AMBIGUOUS, user.p, map_rule);
  }
  return find_forbidden(escaped) < escaped.n
             ? refuse(map, STOX_E_UNMAPPABLE, user.p, "RFC7247-6.2 Table 1")
             : STOX_OK;
}

/* Step 5. */
static int escape(stox_span *out, const to_jid *map, stox_span user, const decoded *text) {
  const int set = set_of(map->options);
  stox_buf room;
  stox_buf_init(&room, NULL, 0);
  int status = stox_xep0106_escape(&room, text->text, set, NULL);
  if (status == STOX_E_ESCAPED_SPACE_AT_END) {
    return refuse(map, status, user.p, "XEP0106-4.2");
  }
  if (room.len > PART_MAX) {
    return refuse(map, STOX_E_TOO_LONG, user.p, map_rule);
  }
  if (stox_map_room(&room, map->arena, room.len) != STOX_OK) {
    return refuse(map, STOX_E_NOMEM, user.p, map_rule);
  }
  (void)stox_xep0106_escape(&room, text->text, set, NULL);
  *out = stox_buf_span(&room);
  status = set == STOX_XEP0106_RFC7247 ? check_narrow(map, user, text->text, *out) : STOX_OK;
  return status;
}

static int make_localpart(stox_span *out, const to_jid *map) {
  const stox_span user = map->uri.user;
  decoded text;
  if (user.p == NULL) {
    *out = user;
    return STOX_OK;
  }
  const int status = decode(&text, map, user, map->options->profile == STOX_JID_NODEPREP);
  if (status != STOX_OK) {
    return status;
  }
  *out = text.text;
  return text.is_odd ? escape(out, map, user, &text) : STOX_OK;
}

/* Preparation may turn other characters into backslashes or digits, or into nothing: no sequence
 * may come of it that the user did not have. */
static int check_prepared(const to_jid *map, stox_span before, stox_span after) {
  const int set = set_of(map->options);
  if (before.p == after.p) {
    return STOX_OK;
  }
  const int same = count_sequences(before, set) == count_sequences(after, set) &&
                   (set == STOX_XEP0106_RFC7247 || stox_xep0106_is_canonical(after));
  return same ? STOX_OK : refuse(map, STOX_E_AMBIGUOUS, map->uri.user.p, map_rule);
}

/* ---- domain and resource ---- */

static int make_domain(stox_span *out, const to_jid *map) {
  char octets[PART_MAX];
  stox_buf room;
  const stox_span host = map->uri.host;
  if (map->uri.host_kind == STOX_HOST_IPV6_ZONE) {
    return refuse(map, STOX_E_ZONE_ID, host.p, "RFC3261-25.1 host");
  }
  /* Preparation brings a domain name into XMPP's form by itself. */
  if (map->options->domain == NULL && map->options->profile == STOX_JID_NODEPREP) {
    *out = host;
    return STOX_OK;
  }
  stox_buf_init(&room, octets, sizeof octets);
  int status = stox_map_put_domain(&room, host, 1, map->options);
  if (status == STOX_OK) {
    status = stox_arena_copy(map->arena, out, stox_buf_span(&room));
  }
  return status == STOX_OK ? STOX_OK : refuse(map, status, host.p, "RFC7247-6.1 domain");
}

/* `gruu` and `opaque` are the 2005 draft's. */
static uint32_t dropped_param(const stox_param *param) {
  if (stox_span_is_equal_nocase(param->name, (stox_span){"gr", 2})) {
    return 0;
  }
  if (stox_span_is_equal_nocase(param->name, (stox_span){"gruu", 4}) ||
      stox_span_is_equal_nocase(param->name, (stox_span){"opaque", 6})) {
    return STOX_DROPPED_DRAFT_GRUU;
  }
  return STOX_DROPPED_PARAMS;
}

static void note_dropped(to_jid *map) {
  stox_param param;
  size_t cursor = 0;
  map->dropped |= map->uri.password.p != NULL ? STOX_DROPPED_PASSWORD : 0;
  map->dropped |= map->uri.port_text.p != NULL ? STOX_DROPPED_PORT : 0;
  map->dropped |= map->uri.headers.p != NULL ? STOX_DROPPED_HEADERS : 0;
  while (stox_uri_next_param(&param, &map->uri, &cursor) == STOX_OK) {
    map->dropped |= dropped_param(&param);
  }
}

/* Step 8: which `gr` names the resource; `outside` is one behind the angle brackets. */
static int find_gr(to_jid *map, const stox_param *outside) {
  static const char gr_rule[] = "RFC5627-6.1 gr-param";
  stox_param gr = {{NULL, 0}, {NULL, 0}};
  const int found = stox_uri_find_param(&gr, &map->uri, "gr");
  if (found == STOX_E_REPEATED || (found == STOX_OK && outside != NULL)) {
    return refuse(map, STOX_E_BAD_PARAM, map->uri.params.p, gr_rule);
  }
  if (found != STOX_OK && outside == NULL) {
    return STOX_OK;
  }
  gr = found == STOX_OK ? gr : *outside;
  if (gr.value.p == NULL) {
    map->dropped |= STOX_DROPPED_TEMP_GRUU;
  } else if (gr.value.n == 0) {
    return refuse(map, STOX_E_BAD_PARAM, map->uri.host.p, gr_rule);
  } else if (map->options->resource == STOX_MAP_RESOURCE_DROP) {
    map->dropped |= STOX_DROPPED_RESOURCE;
  } else {
    map->gr = gr.value;
  }
  return STOX_OK;
}

static int make_resource(stox_span *out, const to_jid *map) {
  decoded text = {map->gr, 0, 0};
  const int status = map->gr.p == NULL ? STOX_OK : decode(&text, map, map->gr, 0);
  *out = text.text;
  return status;
}

/* ---- the JID ---- */

/* The part of the URI that a diagnosis of the JID's preparation is about. */
static const char *part_of(const to_jid *map, const stox_jid *jid, size_t offset) {
  const size_t domain = jid->localpart.p == NULL ? 0 : jid->localpart.n + 1;
  if (offset < domain) {
    return map->uri.user.p;
  }
  const int in_domain = offset <= domain + jid->domainpart.n || map->gr.p == NULL;
  return in_domain ? map->uri.host.p : map->gr.p;
}

/* Step 6 for all parts, and their lengths. */
static int prepare(stox_jid *out, const to_jid *map, const stox_jid *made) {
  stox_diag diag = {0, 0, 0, map_rule};
  const int status = stox_jid_prepare(out, map->arena, made, map->options->profile, &diag);
  if (status != STOX_OK) {
    return refuse(map, status, part_of(map, made, diag.offset), diag.rule);
  }
  return made->localpart.p == NULL ? STOX_OK : check_prepared(map, made->localpart, out->localpart);
}

/* Moves `part` behind what is in the buffer. */
static void put_part(stox_buf *out, stox_span *part) {
  if (part->p != NULL) {
    const size_t from = out->len;
    stox_buf_put(out, *part);
    part->p = out->p + from;
  }
}

/* Step 7 and 8. */
static int join(stox_map_result *out, const to_jid *map, stox_jid jid) {
  stox_buf text;
  const size_t n = jid.localpart.n + jid.domainpart.n + jid.resourcepart.n;
  if (stox_map_room(&text, map->arena, n + 2) != STOX_OK) {
    return refuse(map, STOX_E_NOMEM, map->uri.text.p, map_rule);
  }
  if (jid.localpart.p != NULL) {
    put_part(&text, &jid.localpart);
    stox_buf_put_octet(&text, '@');
  }
  put_part(&text, &jid.domainpart);
  if (jid.resourcepart.p != NULL) {
    stox_buf_put_octet(&text, '/');
    put_part(&text, &jid.resourcepart);
  }
  const int status =
      map->options->confusable == NULL ? STOX_OK : map->options->confusable(map->options->ud, &jid);
  if (status != STOX_OK) {
    return refuse(map, status, map->uri.text.p, "RFC7247-8 confusable characters");
  }
  *out = (stox_map_result){stox_buf_span(&text), jid, map->uri.scheme, map->dropped};
  return STOX_OK;
}

static int make_parts(stox_jid *out, const to_jid *map) {
  int status = make_localpart(&out->localpart, map);
  if (status == STOX_OK) {
    status = make_domain(&out->domainpart, map);
  }
  if (status == STOX_OK) {
    status = make_resource(&out->resourcepart, map);
  }
  return status;
}

static int map_uri(stox_map_result *out, to_jid *map, const stox_param *outside) {
  stox_jid made;
  stox_jid prepared;
  note_dropped(map);
  int status = find_gr(map, outside);
  if (status == STOX_OK) {
    status = make_parts(&made, map);
  }
  if (status == STOX_OK) {
    status = prepare(&prepared, map, &made);
  }
  return status == STOX_OK ? join(out, map, prepared) : status;
}

/* 1 if the text has that scheme, well-formed or not. */
static int has_scheme(stox_span text, const char *scheme) {
  const stox_span name = stox_span_text(scheme);
  return stox_span_is_equal_nocase(stox_span_slice(text, 0, name.n), name);
}

/* Step 1. */
static int parse(stox_uri *out, stox_span text, const stox_map_options *options, stox_diag *diag) {
  static const char scheme_rule[] = "RFC7247-6.1 scheme";
  if (has_scheme(text, "tel:") || has_scheme(text, "xmpp:")) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED_SCHEME, 416, 0, scheme_rule);
  }
  const int flags = options->lenient ? STOX_URI_LENIENT : STOX_URI_STRICT;
  const int status = stox_uri_parse(out, text, flags, diag);
  if (status == STOX_OK && out->scheme == STOX_SCHEME_OTHER) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED_SCHEME, 416, 0, scheme_rule);
  }
  return status;
}

int stox_map_contact_to_jid(stox_map_result *out, stox_arena *arena, stox_span uri,
                            const stox_param *gr, const stox_map_options *options,
                            stox_diag *diag) {
  stox_map_options own;
  to_jid map = {.arena = arena, .options = &own, .diag = diag};
  int status = stox_map_read_options(&own, options);
  if (status == STOX_OK) {
    status = parse(&map.uri, uri, &own, diag);
  }
  return status == STOX_OK ? map_uri(out, &map, gr) : status;
}

int stox_map_uri_to_jid(stox_map_result *out, stox_arena *arena, stox_span uri,
                        const stox_map_options *options, stox_diag *diag) {
  return stox_map_contact_to_jid(out, arena, uri, NULL, options, diag);
}
