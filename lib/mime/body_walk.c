/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "stox/multipart.h"
#include "stox/status.h"

int stox_body_walk_init(stox_body_walk *out, const stox_media_type *type, stox_span body,
                        const stox_limits *limits, int lenient) {
  stox_limits own;
  if (stox_limits_init(&own, sizeof own) != STOX_OK ||
      stox_options_read(&own, sizeof own, limits) != STOX_OK || own.body_depth == 0) {
    return STOX_E_ARG;
  }
  const int status = stox_multipart_init(&out->level[0], type, body, limits, lenient);
  if (status != STOX_OK) {
    return status;
  }
  out->depth = 1;
  out->depth_limit =
      own.body_depth < STOX_MULTIPART_DEPTH ? own.body_depth : (uint32_t)STOX_MULTIPART_DEPTH;
  out->count = 0;
  out->is_lenient = 0;
  return STOX_OK;
}

/* The next part of the innermost multipart that has one left. */
static int next_of_levels(stox_body_part *out, stox_body_walk *walk, stox_diag *diag) {
  while (walk->depth > 0) {
    stox_multipart *level = &walk->level[walk->depth - 1];
    /* The limit is one of the tree, whatever the level. */
    const uint32_t left = walk->level[0].part_limit - (walk->count - level->count);
    const uint32_t own = level->part_limit;
    level->part_limit = left;
    const int status = stox_multipart_next(&out->entity, level, diag);
    level->part_limit = own;
    walk->is_lenient |= level->is_lenient;
    if (status != STOX_E_NONE) {
      if (status != STOX_OK && diag != NULL) {
        diag->offset += (size_t)(level->text.p - walk->level[0].text.p);
      }
      return status;
    }
    walk->depth--;
  }
  return STOX_E_NONE;
}

/* Goes into a part that is a multipart. */
static int enter(stox_body_part *part, stox_body_walk *walk) {
  const stox_multipart *outer = &walk->level[walk->depth - 1];
  if (walk->depth >= walk->depth_limit) {
    return STOX_E_TOO_DEEP;
  }
  stox_multipart *inner = &walk->level[walk->depth];
  const stox_span text = part->entity.text;
  /* A part without an empty line has an empty body, at its end. */
  const stox_span body =
      part->entity.body.p == NULL ? stox_span_slice(text, text.n, 0) : part->entity.body;
  const int status = stox_multipart_init(inner, &part->type, body, NULL, outer->lenient);
  if (status != STOX_OK) {
    return status;
  }
  inner->part_limit = outer->part_limit;
  inner->field_limit = outer->field_limit;
  inner->line_limit = outer->line_limit;
  walk->depth++;
  return STOX_OK;
}

int stox_body_walk_next(stox_body_part *out, stox_body_walk *walk, stox_diag *diag) {
  stox_body_part part = {0};
  int status = next_of_levels(&part, walk, diag);
  if (status != STOX_OK) {
    return status;
  }
  walk->count++;
  part.depth = walk->depth;
  status = stox_mime_entity_type(&part.type, &part.entity);
  part.is_multipart =
      status == STOX_OK && stox_span_is_equal_nocase(part.type.type, stox_span_text("multipart"));
  if (part.is_multipart) {
    status = enter(&part, walk);
  }
  if (status != STOX_OK && status != STOX_E_NONE) {
    const size_t at = (size_t)(part.entity.text.p - walk->level[0].text.p);
    return stox_diag_set(diag, status, 400, at, "RFC2046-5.1 Content-Type of a part");
  }
  *out = part;
  return STOX_OK;
}

int stox_body_find(stox_body_part *out, const stox_media_type *type, stox_span body, stox_span url,
                   const stox_limits *limits, stox_diag *diag) {
  stox_body_walk walk;
  int status = stox_body_walk_init(&walk, type, body, limits, 0);
  while (status == STOX_OK) {
    status = stox_body_walk_next(out, &walk, diag);
    if (status == STOX_OK && stox_mime_entity_is_content(&out->entity, url)) {
      return STOX_OK;
    }
  }
  return status;
}
