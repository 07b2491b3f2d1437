/* SPDX-License-Identifier: MIT */
#include "mime/body_choice.h"

#include "stox/multipart.h"
#include "stox/status.h"

static int is_word(stox_span text, const char *word) {
  return stox_span_is_equal_nocase(text, stox_span_text(word));
}

/* What an Accept header says of a media type: `type/subtype`, `type/` and `*`, or `*` twice. */
static int matches(stox_span accepted, const stox_media_type *type) {
  const size_t slash = stox_span_find(accepted, '/');
  const stox_span head = stox_span_slice(accepted, 0, slash);
  const stox_span tail = stox_span_slice(accepted, slash + 1, accepted.n);
  return (is_word(head, "*") || stox_span_is_equal_nocase(head, type->type)) &&
         (is_word(tail, "*") || stox_span_is_equal_nocase(tail, type->subtype));
}

int stox_body_is_accepted(const stox_mime_entity *part, const stox_span *accepted, size_t n) {
  stox_media_type type = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
  const int status = stox_mime_entity_type(&type, part);
  if (status == STOX_E_NONE) {
    type.type = stox_span_text("text");
    type.subtype = stox_span_text("plain");
  } else if (status != STOX_OK) {
    return 0;
  }
  for (size_t i = 0; i < n; i++) {
    if (matches(accepted[i], &type)) {
      return 1;
    }
  }
  return 0;
}

int stox_multipart_best(stox_mime_entity *out, const stox_media_type *type, stox_span body,
                        const stox_span *accepted, size_t n, stox_diag *diag) {
  stox_multipart walk;
  stox_mime_entity part;
  int is_found = 0;
  int status = stox_multipart_init(&walk, type, body, NULL, 0);
  if (status != STOX_OK) {
    return status;
  }
  while ((status = stox_multipart_next(&part, &walk, diag)) == STOX_OK) {
    if (stox_body_is_accepted(&part, accepted, n)) {
      *out = part;
      is_found = 1;
    }
  }
  return status == STOX_E_NONE && is_found ? STOX_OK : status;
}

int stox_multipart_is_optional(const stox_span *parts, size_t n) {
  for (size_t i = 0; i < n; i++) {
    stox_mime_entity part;
    stox_disposition disposition;
    if (stox_mime_entity_parse(&part, parts[i], NULL, NULL) != STOX_OK ||
        stox_mime_entity_disposition(&disposition, &part) != STOX_OK || !disposition.is_optional) {
      return 0;
    }
  }
  return n > 0;
}

/* What the Content-Type of a multipart/signed says of its signature. */
static int read_protocol(stox_media_type *protocol, stox_multipart_signed *out,
                         const stox_media_type *type) {
  if (!stox_media_type_is(type, "multipart", "signed")) {
    return STOX_E_UNSUPPORTED_MEDIA;
  }
  int status = stox_media_type_param(&out->protocol, type, "protocol");
  if (status != STOX_OK) {
    return status == STOX_E_NONE ? STOX_E_MISSING : status;
  }
  if (stox_media_type_parse(protocol, out->protocol, NULL) != STOX_OK) {
    return STOX_E_BAD_PARAM;
  }
  status = stox_media_type_param(&out->micalg, type, "micalg");
  return status == STOX_E_NONE ? STOX_OK : status;
}

static int is_of(const stox_mime_entity *part, const stox_media_type *protocol) {
  stox_media_type type;
  return stox_mime_entity_type(&type, part) == STOX_OK &&
         stox_span_is_equal_nocase(type.type, protocol->type) &&
         stox_span_is_equal_nocase(type.subtype, protocol->subtype);
}

int stox_multipart_signed_parse(stox_multipart_signed *out, const stox_media_type *type,
                                stox_span body, const stox_limits *limits, stox_diag *diag) {
  static const char rule[] = "RFC1847-2.1 two parts";
  stox_multipart_signed read = {.micalg = {NULL, 0}};
  stox_media_type protocol;
  stox_multipart walk;
  stox_mime_entity more;
  int status = read_protocol(&protocol, &read, type);
  if (status == STOX_OK) {
    status = stox_multipart_init(&walk, type, body, limits, 0);
  }
  if (status == STOX_OK) {
    status = stox_multipart_next(&read.content, &walk, diag);
  }
  if (status == STOX_OK) {
    status = stox_multipart_next(&read.signature, &walk, diag);
    if (status == STOX_E_NONE) {
      return stox_diag_set(diag, STOX_E_BAD_BODY, 400, body.n, rule);
    }
  }
  if (status != STOX_OK) {
    return status;
  }
  status = stox_multipart_next(&more, &walk, diag);
  if (status == STOX_OK || !is_of(&read.signature, &protocol)) {
    const stox_span odd = status == STOX_OK ? more.text : read.signature.text;
    return stox_diag_set(diag, STOX_E_BAD_BODY, 400, (size_t)(odd.p - body.p), rule);
  }
  if (status == STOX_E_NONE) {
    *out = read;
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}
