/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/precis.h"

#include <unictype.h>

enum { NOTHING = 0 };

/* The code point before octet `*at`, which moves to its start; NOTHING at the start of the text. */
static uint32_t before(stox_span text, size_t *at) {
  uint32_t point = NOTHING;
  if (*at == 0) {
    return NOTHING;
  }
  do {
    --*at;
  } while (*at > 0 && ((unsigned char)text.p[*at] & 0xC0) == 0x80);
  size_t cursor = *at;
  (void)stox_utf8_next(&point, text, &cursor);
  return point;
}

/* The code point at octet `*at`, which moves behind it; NOTHING at the end. */
static uint32_t next(stox_span text, size_t *at) {
  uint32_t point = NOTHING;
  return stox_utf8_next(&point, text, at) == STOX_OK ? point : NOTHING;
}

static int is_virama(uint32_t point) {
  return point != NOTHING && uc_combining_class(point) == UC_CCC_VR;
}

/* The joining type of the first code point on one side that is not transparent; U: none. */
static int joining_before(stox_span text, size_t at) {
  uint32_t point = before(text, &at);
  while (point != NOTHING && uc_joining_type(point) == UC_JOINING_TYPE_T) {
    point = before(text, &at);
  }
  return point == NOTHING ? UC_JOINING_TYPE_U : uc_joining_type(point);
}

static int joining_after(stox_span text, size_t at) {
  uint32_t point = next(text, &at);
  while (point != NOTHING && uc_joining_type(point) == UC_JOINING_TYPE_T) {
    point = next(text, &at);
  }
  return point == NOTHING ? UC_JOINING_TYPE_U : uc_joining_type(point);
}

/* A.1 */
static int is_between_joined(stox_span text, size_t at, size_t behind) {
  const int left = joining_before(text, at);
  const int right = joining_after(text, behind);
  return (left == UC_JOINING_TYPE_L || left == UC_JOINING_TYPE_D) &&
         (right == UC_JOINING_TYPE_R || right == UC_JOINING_TYPE_D);
}

static int is_script(uint32_t point, const char *name) {
  return point != NOTHING && uc_is_script(point, uc_script_byname(name));
}

/* A.7 */
static int has_japanese(stox_span text) {
  size_t at = 0;
  for (uint32_t point = next(text, &at); point != NOTHING; point = next(text, &at)) {
    if (is_script(point, "Hiragana") || is_script(point, "Katakana") || is_script(point, "Han")) {
      return 1;
    }
  }
  return 0;
}

/* A.8 and A.9 */
static int has_none_of(stox_span text, uint32_t first, uint32_t last) {
  size_t at = 0;
  uint32_t point = next(text, &at);
  while (point != NOTHING && (point < first || point > last)) {
    point = next(text, &at);
  }
  return point == NOTHING;
}

int stox_precis_context(stox_span text, size_t at, uint32_t point) {
  size_t from = at;
  size_t behind = at;
  (void)next(text, &behind);
  size_t to = behind;
  const uint32_t left = before(text, &from);
  switch (point) {
  case 0x200C:
    return is_virama(left) || is_between_joined(text, at, behind);
  case 0x200D:
    return is_virama(left);
  case 0x00B7:
    return left == 'l' && next(text, &to) == 'l';
  case 0x0375:
    return is_script(next(text, &to), "Greek");
  case 0x05F3:
  case 0x05F4:
    return is_script(left, "Hebrew");
  case 0x30FB:
    return has_japanese(text);
  default:
    return point <= 0x0669 ? has_none_of(text, 0x06F0, 0x06F9) : has_none_of(text, 0x0660, 0x0669);
  }
}
