/* SPDX-License-Identifier: MIT */
#include "stox/media_type.h"

#include "base/chars.h"
#include "stox/name_addr.h"
#include "stox/status.h"

static size_t skip(stox_span text, size_t at, uint32_t classes) {
  while (at < text.n && stox_char_is(text.p[at], classes)) {
    at++;
  }
  return at;
}

/* Takes a token and the octet behind it, white space between; 0 octets if they do not stand there.
 */
static stox_span take_token(stox_span text, size_t *at) {
  const size_t from = *at;
  *at = skip(text, from, STOX_CHAR_TOKEN);
  const stox_span token = stox_span_slice(text, from, *at - from);
  *at = skip(text, *at, STOX_CHAR_SPACE);
  return token;
}

/* m-parameter = m-attribute EQUAL m-value: the value is not optional. */
static int has_good_params(stox_span params, size_t *at) {
  for (size_t next = 0;; *at = next) {
    stox_param param;
    const int status = stox_param_next(&param, params, &next);
    if (status != STOX_OK) {
      return status == STOX_E_NONE;
    }
    if (param.value.n == 0) {
      return 0;
    }
  }
}

int stox_media_type_parse(stox_media_type *out, stox_span text, stox_diag *diag) {
  static const char rule[] = "RFC3261-25.1 media-type";
  size_t at = skip(text, 0, STOX_CHAR_SPACE);
  stox_media_type media = {0};
  media.type = take_token(text, &at);
  if (media.type.n == 0 || at == text.n || text.p[at] != '/') {
    return stox_diag_set(diag, STOX_E_BAD_MEDIA, 400, at, rule);
  }
  at = skip(text, at + 1, STOX_CHAR_SPACE);
  media.subtype = take_token(text, &at);
  if (media.subtype.n == 0 || (at < text.n && text.p[at] != ';')) {
    return stox_diag_set(diag, STOX_E_BAD_MEDIA, 400, at, rule);
  }
  if (at < text.n) {
    size_t cursor = 0;
    media.params = stox_span_slice(text, at + 1, text.n);
    if (media.params.n == 0 || !has_good_params(media.params, &cursor)) {
      return stox_diag_set(diag, STOX_E_BAD_MEDIA, 400, at + 1 + cursor, rule);
    }
  }
  *out = media;
  return STOX_OK;
}

int stox_media_type_is(const stox_media_type *media, const char *type, const char *subtype) {
  return stox_span_is_equal_nocase(media->type, stox_span_text(type)) &&
         stox_span_is_equal_nocase(media->subtype, stox_span_text(subtype));
}

int stox_media_type_param(stox_span *out, const stox_media_type *media, const char *name) {
  stox_param param;
  const int status = stox_param_find(&param, media->params, name);
  if (status != STOX_OK) {
    return status;
  }
  const int quoted = param.value.n > 1 && param.value.p[0] == '"';
  *out = quoted ? stox_span_slice(param.value, 1, param.value.n - 2) : param.value;
  return STOX_OK;
}
