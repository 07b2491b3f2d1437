/* SPDX-License-Identifier: MIT */
#include "stox/precis.h"

#include <unictype.h>
#include <uninorm.h>

typedef struct range {
  uint32_t first;
  uint32_t last;
  int property;
} range;

/* RFC 8264 9.6, in order. */
static const range exceptions[] = {
    {0x00B7, 0x00B7, STOX_PRECIS_CONTEXTO},   {0x00DF, 0x00DF, STOX_PRECIS_PVALID},
    {0x0375, 0x0375, STOX_PRECIS_CONTEXTO},   {0x03C2, 0x03C2, STOX_PRECIS_PVALID},
    {0x05F3, 0x05F4, STOX_PRECIS_CONTEXTO},   {0x0640, 0x0640, STOX_PRECIS_DISALLOWED},
    {0x0660, 0x0669, STOX_PRECIS_CONTEXTO},   {0x06F0, 0x06F9, STOX_PRECIS_CONTEXTO},
    {0x06FD, 0x06FE, STOX_PRECIS_PVALID},     {0x07FA, 0x07FA, STOX_PRECIS_DISALLOWED},
    {0x0F0B, 0x0F0B, STOX_PRECIS_PVALID},     {0x3007, 0x3007, STOX_PRECIS_PVALID},
    {0x302E, 0x302F, STOX_PRECIS_DISALLOWED}, {0x3031, 0x3035, STOX_PRECIS_DISALLOWED},
    {0x303B, 0x303B, STOX_PRECIS_DISALLOWED}, {0x30FB, 0x30FB, STOX_PRECIS_CONTEXTO},
};

/* Hangul_Syllable_Type L, V and T (RFC 8264 9.9). */
static const range old_hangul[] = {
    {0x1100, 0x11FF, STOX_PRECIS_DISALLOWED},
    {0xA960, 0xA97C, STOX_PRECIS_DISALLOWED},
    {0xD7B0, 0xD7C6, STOX_PRECIS_DISALLOWED},
    {0xD7CB, 0xD7FB, STOX_PRECIS_DISALLOWED},
};

enum {
  N_EXCEPTIONS = sizeof exceptions / sizeof exceptions[0],
  N_OLD_HANGUL = sizeof old_hangul / sizeof old_hangul[0]
};

/* 0 if the code point is in none of the ranges. */
static int find(const range *ranges, size_t n, uint32_t point) {
  for (size_t i = 0; i < n && point >= ranges[i].first; i++) {
    if (point <= ranges[i].last) {
      return ranges[i].property;
    }
  }
  return 0;
}

static int is_category(uint32_t point, uint32_t mask) {
  return uc_is_general_category_withtable(point, mask);
}

/* RFC 8264 9.17: normalized by NFKC it is another. What has no decomposition is itself, and so is
 * what composes again, as U+00C5 does but U+212B does not, of parts that do. */
static int has_compat(uint32_t point) {
  ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
  int tag = 0;
  uint32_t whole = point;
  for (int n = uc_decomposition(whole, &tag, parts); n >= 0;
       n = uc_decomposition(whole, &tag, parts)) {
    if (tag != UC_DECOMP_CANONICAL || n != 2 || uc_composition(parts[0], parts[1]) != whole) {
      return 1;
    }
    /* Only the first part of a canonical pair has a decomposition of its own. */
    whole = parts[0];
  }
  return 0;
}

enum {
  LETTERS_AND_DIGITS = UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo |
                       UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Mn |
                       UC_CATEGORY_MASK_Mc,
  OTHERS = UC_CATEGORY_MASK_Lt | UC_CATEGORY_MASK_Nl | UC_CATEGORY_MASK_No | UC_CATEGORY_MASK_Me |
           UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_S | UC_CATEGORY_MASK_P
};

/* RFC 8264 8, behind the exceptions and ASCII. */
static int derive(uint32_t point) {
  const int is_noncharacter = uc_is_property_not_a_character(point);
  if (is_category(point, UC_CATEGORY_MASK_Cn) && !is_noncharacter) {
    return STOX_PRECIS_UNASSIGNED;
  }
  if (point == 0x200C || point == 0x200D) {
    return STOX_PRECIS_CONTEXTJ;
  }
  if (find(old_hangul, N_OLD_HANGUL, point) != 0 || is_noncharacter ||
      uc_is_property_default_ignorable_code_point(point) ||
      is_category(point, UC_CATEGORY_MASK_Cc)) {
    return STOX_PRECIS_DISALLOWED;
  }
  if (has_compat(point)) {
    return STOX_PRECIS_FREE_PVAL;
  }
  if (is_category(point, LETTERS_AND_DIGITS)) {
    return STOX_PRECIS_PVALID;
  }
  return is_category(point, OTHERS) ? STOX_PRECIS_FREE_PVAL : STOX_PRECIS_DISALLOWED;
}

int stox_precis_property(uint32_t code_point) {
  if (code_point > 0x10FFFF) {
    return STOX_PRECIS_DISALLOWED;
  }
  if (code_point > 0x20 && code_point < 0x7F) {
    return STOX_PRECIS_PVALID;
  }
  const int exception = find(exceptions, N_EXCEPTIONS, code_point);
  return exception != 0 ? exception : derive(code_point);
}
