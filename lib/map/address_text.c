/* SPDX-License-Identifier: MIT */
#include "stox/address_text.h"

#include "base/chars.h"
#include "map/map.h"
#include "stox/host.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/utf8.h"

/* Decodes a part of an xmpp IRI; an absent part stays absent. */
static int decode(stox_span *out, stox_arena *arena, stox_span part) {
  stox_buf room;
  *out = part;
  if (part.p == NULL || stox_span_find(part, '%') == part.n) {
    return STOX_OK;
  }
  if (stox_map_room(&room, arena, part.n) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  const int status = stox_percent_decode(&room, part, NULL);
  *out = stox_buf_span(&room);
  return status;
}

/* The JID that an xmpp IRI names (RFC 5122 2.1); what is to be done with it is not asked. */
static int jid_of(stox_jid *out, stox_arena *arena, const stox_uri *iri) {
  if (iri->host.p == NULL) {
    return STOX_E_NOMAP;
  }
  int status = decode(&out->localpart, arena, iri->user);
  if (status == STOX_OK) {
    status = decode(&out->domainpart, arena, iri->host);
  }
  if (status == STOX_OK) {
    status = decode(&out->resourcepart, arena, iri->path);
  }
  return status;
}

/* 1 if the text begins like a URI: no domainpart and no localpart holds a colon in front of its
 * brackets. */
static int is_uri(stox_span text) {
  size_t n = 0;
  while (n < text.n && (stox_char_is(text.p[n], STOX_CHAR_HOST) || text.p[n] == '+')) {
    n++;
  }
  return n > 0 && n < text.n && text.p[n] == ':';
}

static int uri_to_contact(stox_span *out, stox_arena *arena, stox_span text,
                          const stox_map_options *options) {
  stox_uri uri;
  stox_jid jid;
  stox_map_result mapped;
  int status = stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL);
  if (status != STOX_OK || uri.scheme == STOX_SCHEME_OTHER) {
    return status == STOX_OK ? STOX_E_NOMAP : status;
  }
  if (uri.scheme != STOX_SCHEME_XMPP) {
    return stox_arena_copy(arena, out, text);
  }
  status = jid_of(&jid, arena, &uri);
  if (status == STOX_OK) {
    status = stox_map_parts_to_uri(&mapped, arena, &jid, options, NULL);
  }
  if (status == STOX_OK) {
    *out = mapped.text;
  }
  return status;
}

int stox_address_text_to_contact(stox_span *out, stox_arena *arena, stox_span text,
                                 const stox_map_options *options) {
  stox_map_result mapped;
  const stox_span trimmed = stox_span_trim(text);
  if (trimmed.n == 0) {
    return STOX_E_NONE;
  }
  if (is_uri(trimmed)) {
    return uri_to_contact(out, arena, trimmed, options);
  }
  const int status = stox_map_jid_to_uri(&mapped, arena, trimmed, options, NULL);
  if (status == STOX_OK) {
    *out = mapped.text;
  }
  return status;
}

/* Everything but unreserved characters as escapes, which is a URI as well as an IRI; an address in
 * brackets stays. */
static void put_iri(stox_buf *out, const stox_jid *jid) {
  static const int set = STOX_PERCENT_UNRESERVED;
  stox_buf_put_text(out, "xmpp:");
  if (jid->localpart.p != NULL) {
    (void)stox_percent_encode(out, jid->localpart, set);
    stox_buf_put_octet(out, '@');
  }
  if (stox_text_is_ascii(jid->domainpart)) {
    stox_buf_put(out, jid->domainpart);
  } else {
    (void)stox_percent_encode(out, jid->domainpart, set);
  }
  if (jid->resourcepart.p != NULL) {
    stox_buf_put_octet(out, '/');
    (void)stox_percent_encode(out, jid->resourcepart, set);
  }
}

static int write_iri(stox_span *out, stox_arena *arena, const stox_jid *jid) {
  stox_buf text;
  stox_buf_init(&text, NULL, 0);
  put_iri(&text, jid);
  if (stox_map_room(&text, arena, text.len) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  put_iri(&text, jid);
  *out = stox_buf_span(&text);
  return STOX_OK;
}

int stox_contact_to_address_text(stox_span *out, stox_arena *arena, stox_span uri,
                                 const stox_map_options *options) {
  stox_uri parsed;
  stox_map_result mapped;
  int status = stox_uri_parse(&parsed, uri, STOX_URI_STRICT, NULL);
  if (status != STOX_OK) {
    return status;
  }
  status = stox_map_uri_to_jid(&mapped, arena, uri, options, NULL);
  if (status == STOX_OK) {
    return write_iri(out, arena, &mapped.jid);
  }
  if (status == STOX_E_NOMEM || status == STOX_E_ARG) {
    return status;
  }
  return stox_arena_copy(arena, out, uri);
}
