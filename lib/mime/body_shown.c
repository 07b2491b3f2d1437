/* SPDX-License-Identifier: MIT */
#include "mime/body_choice.h"
#include "stox/multipart.h"
#include "stox/status.h"

static int is_multipart(const stox_media_type *type) {
  return stox_span_is_equal_nocase(type->type, stox_span_text("multipart"));
}

static int is_optional(const stox_mime_entity *part) {
  stox_disposition disposition;
  return stox_mime_entity_disposition(&disposition, part) == STOX_OK && disposition.is_optional;
}

/* The type of a part, as it is or as it is meant. */
static stox_media_type type_of(const stox_mime_entity *part) {
  stox_media_type type;
  if (stox_mime_entity_type(&type, part) != STOX_OK) {
    type = (stox_media_type){stox_span_text("text"), stox_span_text("plain"), {NULL, 0}};
  }
  return type;
}

/* The part that stands for a multipart among alternatives: its root, or its first. */
static int take_root(stox_mime_entity *part, const stox_media_type *type,
                     const stox_limits *limits) {
  stox_multipart walk;
  const stox_span body = part->body;
  if (stox_media_type_is(type, "multipart", "related")) {
    return stox_multipart_root(part, type, body, limits, NULL);
  }
  const int status = stox_multipart_init(&walk, type, body, limits, 0);
  return status == STOX_OK ? stox_multipart_next(part, &walk, NULL) : status;
}

static int leads_to_accepted(const stox_body_shown *walk, stox_mime_entity part) {
  for (int i = 0; i < STOX_MULTIPART_DEPTH; i++) {
    const stox_media_type type = type_of(&part);
    if (!is_multipart(&type)) {
      return stox_body_is_accepted(&part, walk->accepted, walk->n);
    }
    if (take_root(&part, &type, walk->limits) != STOX_OK) {
      return 0;
    }
  }
  return 0;
}

/* The last alternative that leads to something accepted. */
static int take_best(stox_mime_entity *out, const stox_body_shown *walk,
                     const stox_media_type *type, stox_span body) {
  stox_multipart parts;
  stox_mime_entity part;
  int is_found = 0;
  int status = stox_multipart_init(&parts, type, body, walk->limits, 0);
  while (status == STOX_OK && (status = stox_multipart_next(&part, &parts, NULL)) == STOX_OK) {
    if (leads_to_accepted(walk, part)) {
      *out = part;
      is_found = 1;
    }
  }
  return status == STOX_E_NONE && is_found ? STOX_OK : status;
}

/* The one part of a multipart that is shown alone. STOX_E_STATE: all of its parts are. */
static int take_one(stox_mime_entity *out, const stox_body_shown *walk, const stox_media_type *type,
                    stox_span body) {
  stox_multipart_signed read;
  if (stox_media_type_is(type, "multipart", "alternative")) {
    return take_best(out, walk, type, body);
  }
  if (stox_media_type_is(type, "multipart", "related")) {
    return stox_multipart_root(out, type, body, walk->limits, NULL);
  }
  if (!stox_media_type_is(type, "multipart", "signed")) {
    return STOX_E_STATE;
  }
  const int status = stox_multipart_signed_parse(&read, type, body, walk->limits, NULL);
  if (status == STOX_OK) {
    *out = read.content;
  }
  return status;
}

static int push(stox_body_shown *walk, const stox_media_type *type, stox_span body) {
  if (walk->depth == STOX_MULTIPART_DEPTH) {
    return STOX_E_TOO_DEEP;
  }
  const int status = stox_multipart_init(&walk->level[walk->depth], type, body, walk->limits, 0);
  walk->depth += status == STOX_OK;
  return status;
}

/* Goes into a multipart as far as one part leads to another. Each turn is one level deeper, and how
 * deep the body is was checked. */
static int enter(stox_body_shown *walk, stox_media_type type, stox_span body) {
  stox_mime_entity part;
  do {
    const int status = take_one(&part, walk, &type, body);
    if (status == STOX_E_STATE) {
      return push(walk, &type, body);
    }
    if (status != STOX_OK) {
      return status == STOX_E_NONE ? STOX_E_UNSUPPORTED_MEDIA : status;
    }
    type = type_of(&part);
    body = part.body;
  } while (is_multipart(&type));
  walk->has_pending = stox_body_is_accepted(&part, walk->accepted, walk->n);
  walk->pending = part;
  return walk->has_pending || is_optional(&part) ? STOX_OK : STOX_E_UNSUPPORTED_MEDIA;
}

int stox_body_shown_init(stox_body_shown *out, const stox_media_type *type, stox_span body,
                         const stox_span *accepted, size_t n, const stox_limits *limits) {
  stox_body_walk tree;
  stox_body_part part;
  int status = stox_body_walk_init(&tree, type, body, limits, 0);
  while (status == STOX_OK) {
    status = stox_body_walk_next(&part, &tree, NULL);
  }
  if (status != STOX_E_NONE) {
    return status;
  }
  out->accepted = accepted;
  out->n = n;
  out->limits = limits;
  out->depth = 0;
  out->has_pending = 0;
  return enter(out, *type, body);
}

/* The next part of the innermost level that has one left; a multipart is entered. STOX_E_STATE:
 * look again. */
static int next_of_levels(stox_mime_entity *out, stox_body_shown *walk) {
  int status = stox_multipart_next(out, &walk->level[walk->depth - 1], NULL);
  if (status == STOX_E_NONE) {
    walk->depth--;
    return STOX_E_STATE;
  }
  const stox_media_type type = type_of(out);
  if (status != STOX_OK || !is_multipart(&type)) {
    return status;
  }
  status = enter(walk, type, out->body);
  return status == STOX_OK || (status == STOX_E_UNSUPPORTED_MEDIA && is_optional(out))
             ? STOX_E_STATE
             : status;
}

int stox_body_shown_next(stox_mime_entity *out, stox_body_shown *walk) {
  stox_mime_entity part;
  for (;;) {
    if (walk->has_pending) {
      walk->has_pending = 0;
      *out = walk->pending;
      return STOX_OK;
    }
    if (walk->depth == 0) {
      return STOX_E_NONE;
    }
    const int status = next_of_levels(&part, walk);
    if (status == STOX_E_STATE) {
      continue;
    }
    if (status != STOX_OK) {
      return status;
    }
    if (stox_body_is_accepted(&part, walk->accepted, walk->n)) {
      *out = part;
      return STOX_OK;
    }
    if (!is_optional(&part)) {
      return STOX_E_UNSUPPORTED_MEDIA;
    }
  }
}
