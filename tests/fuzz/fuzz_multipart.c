/* SPDX-License-Identifier: MIT */
/* The first line is a Content-Type, the rest a body: parts lie in it in order, a strict walk that
 * ends well is also a lenient one, and its parts written again are walked to the same. */
#include "script.h"

#include "stox/multipart.h"

enum { PARTS = 64, ROOM = 1 << 17 };

static stox_span walked[PARTS];
static char room[ROOM];

static void require_inside(stox_span part, stox_span whole) {
  require(part.p == NULL || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_fields(const stox_mime_entity *part) {
  stox_mime_field field;
  size_t cursor = 0;
  size_t sum = 0;
  while (stox_mime_field_next(&field, part->headers, &cursor, NULL) == STOX_OK) {
    require_inside(field.name, field.line);
    require_inside(field.value, field.line);
    sum += field.line.n;
  }
  require(sum == part->headers.n);
  require(part->headers.n + (part->body.p == NULL ? 0 : 2 + part->body.n) == part->text.n);
  stox_disposition disposition;
  (void)stox_mime_entity_disposition(&disposition, part);
  (void)stox_mime_entity_is_content(part, stox_span_text("cid:a%40b"));
}

/* The number of parts; -1: refused. */
static int walk_flat(const stox_media_type *type, stox_span body, int lenient, int *was_lenient) {
  stox_multipart walk;
  stox_mime_entity part;
  stox_diag diag = {0};
  size_t n = 0;
  int status = stox_multipart_init(&walk, type, body, NULL, lenient);
  if (status != STOX_OK) {
    return -1;
  }
  const char *behind = body.p;
  while ((status = stox_multipart_next(&part, &walk, &diag)) == STOX_OK) {
    require_inside(part.text, body);
    require(part.text.p >= behind && n < PARTS);
    behind = part.text.p + part.text.n;
    check_fields(&part);
    walked[n++] = part.text;
  }
  require(status == STOX_E_NONE || (diag.code == status && diag.offset <= body.n));
  *was_lenient = walk.is_lenient;
  return status == STOX_E_NONE ? (int)n : -1;
}

static int count_tree(const stox_media_type *type, stox_span body, int lenient) {
  stox_body_walk walk;
  stox_body_part part;
  stox_diag diag = {0};
  int n = 0;
  int status = stox_body_walk_init(&walk, type, body, NULL, lenient);
  while (status == STOX_OK && (status = stox_body_walk_next(&part, &walk, &diag)) == STOX_OK) {
    require_inside(part.entity.text, body);
    require(part.depth >= 1 && part.depth <= STOX_MULTIPART_DEPTH);
    n++;
  }
  require(status == STOX_E_NONE || diag.code == 0 || diag.offset <= body.n);
  return n;
}

static void check_written(const stox_media_type *type, int n) {
  stox_buf out;
  stox_span boundary = {NULL, 0};
  int was_lenient = 0;
  stox_buf_init(&out, room, sizeof room);
  require(stox_media_type_param(&boundary, type, "boundary") == STOX_OK);
  if (stox_multipart_write(&out, boundary, walked, (size_t)n) == STOX_OK) {
    require(walk_flat(type, stox_buf_span(&out), 0, &was_lenient) == n);
  }
}

/* What is shown is accepted, lies in the body, and comes in order. */
static void check_shown(const stox_media_type *type, stox_span body) {
  static const stox_span accepted[] = {{"text/plain", 10}, {"text/html", 9}};
  stox_body_shown walk;
  stox_mime_entity part;
  stox_media_type shown;
  const char *behind = body.p;
  int status = stox_body_shown_init(&walk, type, body, accepted, 2, NULL);
  while (status == STOX_OK && (status = stox_body_shown_next(&part, &walk)) == STOX_OK) {
    require_inside(part.text, body);
    require(part.text.p >= behind);
    behind = part.text.p + part.text.n;
    status = stox_mime_entity_type(&shown, &part);
    require(status == STOX_E_NONE || stox_media_type_is(&shown, "text", "plain") ||
            stox_media_type_is(&shown, "text", "html"));
    status = STOX_OK;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span bytes = {(const char *)data, size};
  const size_t line = stox_span_find(bytes, '\n');
  stox_media_type type;
  if (stox_media_type_parse(&type, stox_span_slice(bytes, 0, line), NULL) != STOX_OK) {
    return 0;
  }
  const stox_span body = stox_span_slice(bytes, line < size ? line + 1 : size, size);
  int was_lenient = 0;
  const int lenient = walk_flat(&type, body, 1, &was_lenient);
  const int strict_flag = was_lenient;
  const int strict = walk_flat(&type, body, 0, &was_lenient);
  require(strict < 0 || (strict == lenient && !strict_flag && !was_lenient));
  if (strict > 0) {
    check_written(&type, strict);
  }
  (void)count_tree(&type, body, 0);
  (void)count_tree(&type, body, 1);
  check_shown(&type, body);
  return 0;
}
