/* SPDX-License-Identifier: MIT */
#include "sip_full.h"

#include "stox/name_addr.h"
#include "stox/sip_credentials.h"
#include "stox/sip_feature.h"
#include "stox/sip_value.h"
#include "stox/status.h"
#include "stox/uri.h"

static const char *const gruus[] = {NULL, "public", "temporary", "draft2005"};
static const char *const tag_kinds[] = {NULL, "token", "boolean", "number", "string"};

static uint64_t offset_of(const view *v, stox_span text) {
  return text.p == NULL ? 0 : (uint64_t)(text.p - v->start);
}

void view_put_error(view *v, const char *key, stox_span text, const stox_diag *diag) {
  json_open(v->j, key, '{');
  json_text(v->j, "error", stox_span_text(stox_status_name(diag->code)));
  json_number(v->j, "offset", offset_of(v, text) + diag->offset);
  json_text(v->j, "rule", stox_span_text(diag->rule));
  json_close(v->j, '}');
}

static void put_text(view *v, const char *key, stox_span text) {
  if (text.p != NULL) {
    json_text(v->j, key, text);
  }
}

void view_put_quoted(view *v, const char *key, stox_span quoted) {
  stox_buf out;
  char *room = quoted.n == 0 ? NULL : stox_arena_take(v->arena, quoted.n, 1);
  if (room == NULL) {
    put_text(v, key, quoted);
    return;
  }
  stox_buf_init(&out, room, quoted.n);
  const int status = stox_display_unquote(&out, quoted);
  put_text(v, key, status == STOX_OK ? stox_buf_span(&out) : quoted);
}

static void put_param(view *v, const stox_param *param) {
  json_open(v->j, NULL, '{');
  json_text(v->j, "name", param->name);
  json_text(v->j, "value", param->value);
  json_close(v->j, '}');
}

typedef int (*next_param)(stox_param *out, stox_span params, size_t *cursor);

static void put_list(view *v, const char *key, stox_span params, next_param next) {
  stox_param param;
  size_t cursor = 0;
  int status = STOX_OK;
  if (params.p == NULL) {
    return;
  }
  json_open(v->j, key, '[');
  while ((status = next(&param, params, &cursor)) == STOX_OK) {
    put_param(v, &param);
  }
  if (status != STOX_E_NONE) {
    const stox_diag diag = {status, 0, cursor, "RFC3261-25.1 generic-param"};
    view_put_error(v, NULL, params, &diag);
  }
  json_close(v->j, ']');
}

void view_put_params(view *v, const char *key, stox_span params) {
  put_list(v, key, params, stox_param_next);
}

static void put_tag_value(view *v, const stox_sip_tag_value *value) {
  json_open(v->j, NULL, '{');
  json_text(v->j, "kind", stox_span_text(tag_kinds[value->kind]));
  json_flag(v->j, "negated", value->is_negated);
  if (value->kind == STOX_SIP_TAG_BOOLEAN) {
    json_flag(v->j, "value", value->is_true);
  } else if (value->kind == STOX_SIP_TAG_NUMBER) {
    put_text(v, "low", value->low);
    put_text(v, "high", value->high);
  } else {
    json_text(v->j, "value", value->text);
  }
  json_close(v->j, '}');
}

static void put_feature(view *v, const stox_param *param) {
  stox_sip_tag_value value;
  size_t cursor = 0;
  int status = STOX_OK;
  json_open(v->j, NULL, '{');
  json_text(v->j, "name", param->name);
  json_open(v->j, "values", '[');
  while ((status = stox_sip_next_tag_value(&value, param->value, &cursor)) == STOX_OK) {
    put_tag_value(v, &value);
  }
  if (status != STOX_E_NONE) {
    const stox_diag diag = {status, 0, cursor, "RFC3840-9 tag-value-list"};
    view_put_error(v, NULL, param->value, &diag);
  }
  json_close(v->j, ']');
  json_close(v->j, '}');
}

static void put_features(view *v, const char *key, stox_span params) {
  stox_param param;
  size_t cursor = 0;
  int n = 0;
  while (stox_sip_next_feature(&param, params, &cursor) == STOX_OK) {
    if (n++ == 0) {
      json_open(v->j, key, '[');
    }
    put_feature(v, &param);
  }
  if (n > 0) {
    json_close(v->j, ']');
  }
}

typedef int (*next_part)(stox_param *out, const stox_uri *uri, size_t *cursor);

static void put_uri_list(view *v, const char *key, const stox_uri *uri, next_part next) {
  stox_param param;
  size_t cursor = 0;
  json_open(v->j, key, '[');
  while (next(&param, uri, &cursor) == STOX_OK) {
    put_param(v, &param);
  }
  json_close(v->j, ']');
}

void view_put_uri(view *v, const char *key, stox_span text) {
  stox_uri uri;
  stox_diag diag = {0, 0, 0, NULL};
  const int flags = v->lenient ? STOX_URI_LENIENT : STOX_URI_STRICT;
  if (stox_uri_parse(&uri, text, flags, &diag) != STOX_OK) {
    view_put_error(v, key, text, &diag);
    return;
  }
  json_open(v->j, key, '{');
  json_text(v->j, "scheme", uri.scheme_text);
  put_text(v, "user", uri.user);
  put_text(v, "password", uri.password);
  put_text(v, "host", uri.host);
  if (uri.port_text.p != NULL) {
    json_number(v->j, "port", uri.port);
  }
  put_text(v, "path", uri.path);
  if (uri.params.p != NULL) {
    put_uri_list(v, "params", &uri, stox_uri_next_param);
  }
  if (uri.headers.p != NULL) {
    put_uri_list(v, "headers", &uri, stox_uri_next_header);
  }
  if (stox_uri_gruu(&uri) != STOX_GRUU_NONE) {
    json_text(v->j, "gruu", stox_span_text(gruus[stox_uri_gruu(&uri)]));
  }
  json_close(v->j, '}');
}

void view_put_address(view *v, const stox_name_addr *address) {
  if (address->star) {
    json_flag(v->j, "star", 1);
    return;
  }
  if (address->display.p != NULL) {
    view_put_quoted(v, "display", address->display);
  }
  json_text(v->j, "uri", address->uri);
  view_put_uri(v, "uri_parts", address->uri);
  view_put_params(v, "params", address->params);
}

static void put_number(view *v, const member *m, const stox_sip_number *number) {
  if (!number->is_set) {
    return;
  }
  if (m->kind == MEMBER_Q) {
    json_thousandths(v->j, m->key, number->value);
  } else {
    json_number(v->j, m->key, number->value);
  }
}

static void put_member(view *v, const member *m, const void *at) {
  switch (m->kind) {
  case MEMBER_NUMBER:
  case MEMBER_Q:
    put_number(v, m, at);
    break;
  case MEMBER_UINT:
    json_number(v->j, m->key, *(const uint32_t *)at);
    break;
  case MEMBER_FLAG:
    json_flag(v->j, m->key, *(const int *)at);
    break;
  case MEMBER_ADDRESS:
    view_put_address(v, at);
    break;
  case MEMBER_QUOTED:
    view_put_quoted(v, m->key, *(const stox_span *)at);
    break;
  case MEMBER_PARAMS:
    view_put_params(v, m->key, *(const stox_span *)at);
    break;
  case MEMBER_FEATURES:
    put_features(v, m->key, *(const stox_span *)at);
    break;
  case MEMBER_AUTH_PARAMS:
    put_list(v, m->key, *(const stox_span *)at, stox_sip_next_auth_param);
    break;
  default:
    put_text(v, m->key, *(const stox_span *)at);
    break;
  }
}

void view_put_members(view *v, const void *value, const member *members, size_t n) {
  for (size_t i = 0; i < n; i++) {
    put_member(v, &members[i], (const char *)value + members[i].at);
  }
}
