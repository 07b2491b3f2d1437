/* SPDX-License-Identifier: MIT */
#include "sip_full.h"

#include "stox/cpim.h"
#include "stox/multipart.h"
#include "stox/sdp.h"
#include "stox/sipfrag.h"
#include "stox/status.h"

static const char *const directions[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
static const char *const kinds[] = {"headers", "request", "response"};

static uint64_t offset_of(const view *v, stox_span text) {
  return text.p == NULL ? 0 : (uint64_t)(text.p - v->start);
}

static void put_extent(view *v, stox_span text) {
  json_number(v->j, "offset", offset_of(v, text));
  json_number(v->j, "length", text.n);
}

static void put_type(view *v, const stox_media_type *type) {
  json_text(v->j, "type", type->type);
  json_text(v->j, "subtype", type->subtype);
  view_put_params(v, "params", type->params);
}

static void put_fields(view *v, stox_span headers) {
  stox_mime_field field;
  size_t cursor = 0;
  json_open(v->j, "headers", '[');
  while (stox_mime_field_next(&field, headers, &cursor, NULL) == STOX_OK) {
    json_open(v->j, NULL, '{');
    json_text(v->j, "name", field.name);
    json_text(v->j, "value", field.value);
    json_close(v->j, '}');
  }
  json_close(v->j, ']');
}

/* ---- session descriptions ---- */

static void put_media(view *v, const stox_sdp *sdp, int nth) {
  stox_sdp_media media;
  stox_sdp_connection connection;
  if (stox_sdp_get_media(&media, sdp, nth) != STOX_OK) {
    return;
  }
  json_open(v->j, NULL, '{');
  json_text(v->j, "media", media.media);
  json_number(v->j, "port", media.port);
  json_text(v->j, "proto", media.proto);
  json_text(v->j, "formats", media.formats);
  if (stox_sdp_get_connection(&connection, sdp, nth) == STOX_OK) {
    json_text(v->j, "addrtype", connection.addrtype);
    json_text(v->j, "address", connection.address);
  }
  json_text(v->j, "direction", stox_span_text(directions[stox_sdp_direction(sdp, nth)]));
  json_close(v->j, '}');
}

static void put_origin(view *v, const stox_sdp *sdp) {
  stox_sdp_origin origin;
  size_t index = 0;
  if (stox_sdp_find(&index, sdp, STOX_SDP_SESSION, 'o', 0) != STOX_OK ||
      stox_sdp_origin_parse(&origin, sdp->lines[index].value) != STOX_OK) {
    return;
  }
  json_open(v->j, "origin", '{');
  json_text(v->j, "username", origin.username);
  json_text(v->j, "id", origin.id);
  json_text(v->j, "version", origin.version);
  json_text(v->j, "address", origin.address);
  json_close(v->j, '}');
}

static void put_sdp(view *v, const stox_media_type *type, stox_span body) {
  stox_sdp sdp;
  stox_diag diag = {0, 0, 0, NULL};
  (void)type;
  if (stox_sdp_parse(&sdp, v->arena, body, NULL, v->lenient, &diag) != STOX_OK) {
    view_put_error(v, "sdp", body, &diag);
    return;
  }
  json_open(v->j, "sdp", '{');
  json_flag(v->j, "lenient", sdp.is_lenient);
  json_number(v->j, "lines", sdp.n);
  put_origin(v, &sdp);
  json_open(v->j, "media", '[');
  for (int i = 0; i < sdp.media_count; i++) {
    put_media(v, &sdp, i);
  }
  json_close(v->j, ']');
  json_close(v->j, '}');
}

/* ---- message/cpim, message/sipfrag ---- */

static void put_cpim(view *v, const stox_media_type *type, stox_span body) {
  stox_cpim cpim;
  stox_cpim_field field;
  stox_diag diag = {0, 0, 0, NULL};
  size_t cursor = 0;
  (void)type;
  if (stox_cpim_parse(&cpim, body, NULL, v->lenient, &diag) != STOX_OK) {
    view_put_error(v, "cpim", body, &diag);
    return;
  }
  json_open(v->j, "cpim", '{');
  json_flag(v->j, "lenient", cpim.is_lenient);
  json_open(v->j, "headers", '[');
  while (stox_cpim_next(&field, &cpim, &cursor) == STOX_OK) {
    json_open(v->j, NULL, '{');
    json_text(v->j, "prefix", field.prefix);
    json_text(v->j, "name", field.name);
    json_text(v->j, "value", field.value);
    json_close(v->j, '}');
  }
  json_close(v->j, ']');
  json_open(v->j, "content", '{');
  put_fields(v, cpim.content.headers);
  put_extent(v, cpim.content.body);
  json_close(v->j, '}');
  json_close(v->j, '}');
}

static void put_fragment_start(view *v, const stox_sip_message *fragment) {
  const int kind = stox_sipfrag_kind(fragment);
  json_text(v->j, "kind", stox_span_text(kinds[kind]));
  if (kind == STOX_SIPFRAG_REQUEST) {
    json_text(v->j, "method", stox_sip_method(fragment));
    json_text(v->j, "request_uri", stox_sip_request_uri(fragment));
  } else if (kind == STOX_SIPFRAG_RESPONSE) {
    json_number(v->j, "status", (uint64_t)stox_sip_status(fragment));
    json_text(v->j, "reason", stox_sip_reason_phrase(fragment));
  }
}

static void put_sipfrag(view *v, const stox_media_type *type, stox_span body) {
  stox_sip_options options;
  stox_sip_header header;
  stox_sip_message *fragment = NULL;
  stox_diag diag = {0, 0, 0, "RFC3420-5 version"};
  (void)stox_sip_options_init(&options, sizeof options);
  options.lenient = v->lenient;
  diag.code = stox_sipfrag_check_type(type);
  if (diag.code != STOX_OK ||
      stox_sipfrag_parse(&fragment, v->arena, body, &options, &diag) != STOX_OK) {
    view_put_error(v, "sipfrag", body, &diag);
    return;
  }
  json_open(v->j, "sipfrag", '{');
  put_fragment_start(v, fragment);
  json_open(v->j, "headers", '[');
  for (size_t i = 0; stox_sip_get_header(&header, fragment, i) == STOX_OK; i++) {
    json_open(v->j, NULL, '{');
    json_text(v->j, "name", header.name);
    json_text(v->j, "value", header.value);
    json_close(v->j, '}');
  }
  json_close(v->j, ']');
  json_close(v->j, '}');
}

static const struct {
  const char *type;
  const char *subtype;
  void (*put)(view *v, const stox_media_type *type, stox_span body);
} contents[] = {{"application", "sdp", put_sdp},
                {"message", "cpim", put_cpim},
                {"message", "sipfrag", put_sipfrag}};

static void put_content(view *v, const stox_media_type *type, stox_span body) {
  for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
    if (stox_media_type_is(type, contents[i].type, contents[i].subtype)) {
      contents[i].put(v, type, body);
    }
  }
}

/* ---- multiparts ---- */

static void put_part(view *v, const stox_body_part *part) {
  json_open(v->j, NULL, '{');
  json_number(v->j, "depth", part->depth);
  put_extent(v, part->entity.text);
  put_fields(v, part->entity.headers);
  json_number(v->j, "body_offset", offset_of(v, part->entity.body));
  json_number(v->j, "body_length", part->entity.body.n);
  if (part->type.type.p != NULL) {
    put_type(v, &part->type);
    put_content(v, &part->type, part->entity.body);
  }
  json_close(v->j, '}');
}

static void put_parts(view *v, const stox_media_type *type, stox_span body) {
  stox_body_walk walk;
  stox_body_part part;
  stox_diag diag = {0, 0, 0, "RFC2046-5.1.1 boundary"};
  int status = stox_body_walk_init(&walk, type, body, NULL, v->lenient);
  diag.code = status;
  json_open(v->j, "parts", '[');
  while (status == STOX_OK && (status = stox_body_walk_next(&part, &walk, &diag)) == STOX_OK) {
    put_part(v, &part);
  }
  if (status != STOX_E_NONE) {
    view_put_error(v, NULL, body, &diag);
  }
  json_close(v->j, ']');
}

void view_put_body(view *v) {
  stox_media_type type;
  stox_diag diag = {0, 0, 0, NULL};
  const stox_span body = stox_sip_body(v->message);
  const stox_span value = stox_sip_value(v->message, STOX_SIP_CONTENT_TYPE);
  if (body.n == 0) {
    json_null(v->j, "body");
    return;
  }
  json_open(v->j, "body", '{');
  put_extent(v, body);
  if (value.p == NULL) {
    json_null(v->j, "type");
  } else if (stox_media_type_parse(&type, value, &diag) != STOX_OK) {
    view_put_error(v, "type", value, &diag);
  } else {
    put_type(v, &type);
    if (stox_span_is_equal_nocase(type.type, stox_span_text("multipart"))) {
      put_parts(v, &type, body);
    }
    put_content(v, &type, body);
  }
  json_close(v->j, '}');
}
