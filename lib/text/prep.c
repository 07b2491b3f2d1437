/* SPDX-License-Identifier: MIT */
#include "text/prep.h"

#include "base/chars.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/ascii.h"
#include "text/ip.h"
#include "text/lane.h"

#include <string.h>

enum { LABEL_MAX = 63, WIDTH = sizeof(uint64_t) };

#if STOX_LANES

/* What looks at many octets at once find. */
typedef struct finding {
  __m128i simple; /* all ones if every octet is a letter, digit, hyphen, dot or underscore */
  __m128i upper;  /* a high bit is set if a letter is in upper case */
  __m128i paired; /* a high bit is set if two octets side by side are hyphens or dots */
} finding;

static inline void look(finding *found, __m128i octets) {
  const __m128i letters = stox_lane_letters(octets);
  const __m128i marks = stox_lane_between(octets, '-', '.');
  const __m128i others =
      _mm_or_si128(stox_lane_between(octets, '0', '9'), stox_lane_is(octets, '_'));
  const __m128i simple = _mm_or_si128(_mm_or_si128(letters, marks), others);
  found->simple = _mm_and_si128(found->simple, simple);
  found->upper = _mm_or_si128(found->upper, stox_lane_upper(octets, letters));
  found->paired = _mm_or_si128(found->paired, _mm_and_si128(marks, _mm_slli_si128(marks, 1)));
}

/* Neighbouring lanes share an octet, so no pair is missed. */
static inline int look_at(stox_span text, int may_be_paired) {
  finding found = {_mm_set1_epi8(-1), _mm_setzero_si128(), _mm_setzero_si128()};
  if (text.n <= STOX_LANE) {
    look(&found, stox_lane_short(text.p, text.n));
  } else {
    look(&found, stox_lane_load(text.p + text.n - STOX_LANE));
    for (size_t i = 0; i + STOX_LANE < text.n; i += STOX_LANE - 1) {
      look(&found, stox_lane_load(text.p + i));
    }
  }
  if (stox_lane_bits(found.simple) != STOX_LANE_ALL ||
      (!may_be_paired && stox_lane_bits(found.paired) != 0)) {
    return STOX_PREP_FULL;
  }
  return stox_lane_bits(found.upper) != 0 ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

int stox_prep_resourcepart(stox_span text) {
  if (text.n == 0 || text.n > STOX_LANE) {
    return stox_ascii_is_plain(text) ? STOX_PREP_SAME : STOX_PREP_FULL;
  }
  const __m128i not_plain = stox_lane_not_plain(stox_lane_short(text.p, text.n));
  return stox_lane_bits(not_plain) == 0 ? STOX_PREP_SAME : STOX_PREP_FULL;
}

/* STOX_PREP_FULL unless there are only letters, digits, hyphens, dots and underscores. */
static inline int look_at_simple(stox_span text) {
  return text.n == 0 ? STOX_PREP_FULL : look_at(text, 1);
}

/* An empty label, a label with a hyphen at its end, or `xn--` would show in a pair. Of short names
 * some pairs are none of theirs. */
static inline int look_at_labels(stox_span name) {
  return look_at(name, 0);
}

#else

/* What a look at eight octets at once finds. */
typedef struct words {
  uint64_t bad;   /* not zero if the slower look must decide */
  uint64_t upper; /* not zero if a letter is in upper case */
} words;

static inline void look(words *found, uint64_t word) {
  const uint64_t letters = stox_word_letters(word);
  found->bad |= stox_word_not_simple(word, letters);
  found->upper |= stox_word_upper(word, letters);
}

static inline int verdict(const words *found) {
  if (found->bad != 0) {
    return STOX_PREP_FULL;
  }
  return found->upper != 0 ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

/* STOX_PREP_FULL unless there are only letters, digits, hyphens, dots and underscores, at least
 * eight. */
static int look_at_simple(stox_span text) {
  words found = {text.n < WIDTH, 0};
  if (found.bad != 0) {
    return STOX_PREP_FULL;
  }
  look(&found, stox_word_load(text.p + text.n - WIDTH));
  for (size_t i = 0; i + WIDTH < text.n; i += WIDTH) {
    look(&found, stox_word_load(text.p + i));
  }
  return verdict(&found);
}

int stox_prep_resourcepart(stox_span text) {
  return stox_ascii_is_plain(text) ? STOX_PREP_SAME : STOX_PREP_FULL;
}

/* Not zero if two octets side by side are hyphens or dots: an empty label, a label with a hyphen at
 * its end, or `xn--` would show in such a pair. */
static uint64_t pairs(uint64_t word) {
  const uint64_t marks = stox_word_between(word, '-', '.');
  return marks & marks << 8;
}

static int look_at_labels(stox_span name) {
  words found = {0, 0};
  if (name.n < WIDTH) {
    return STOX_PREP_FULL;
  }
  const uint64_t last = stox_word_load(name.p + name.n - WIDTH);
  look(&found, last);
  found.bad |= pairs(last);
  /* Neighbouring words share an octet, so no pair is missed. */
  for (size_t i = 0; i + WIDTH < name.n; i += WIDTH - 1) {
    const uint64_t word = stox_word_load(name.p + i);
    look(&found, word);
    found.bad |= pairs(word);
  }
  return verdict(&found);
}

#endif

int stox_prep_localpart(stox_span text, size_t *at) {
  uint32_t any = 0;
  const int simple = look_at_simple(text);
  if (simple != STOX_PREP_FULL) {
    return simple;
  }
  for (size_t i = 0; i < text.n; i++) {
    const uint32_t is = stox_chars[(unsigned char)text.p[i]];
    if ((is & STOX_CHAR_LOCALPART) == 0) {
      *at = i;
      return stox_text_is_ascii(text) ? STOX_E_BAD_LOCALPART : STOX_PREP_FULL;
    }
    any |= is;
  }
  return any & STOX_CHAR_UPPER ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

/* What a name holds so far. */
typedef struct names {
  uint32_t any;  /* classes that some octet is in */
  uint32_t last; /* classes that every octet of the last label is in */
  int alabel;    /* a label begins with `xn--` */
} names;

/* Where the run of letters, digits, hyphens and underscores from `from` on ends. */
static size_t label_end(names *found, stox_span name, size_t from) {
  uint32_t any = found->any;
  uint32_t every = UINT32_MAX;
  size_t i = from;
  for (; i < name.n; i++) {
    const uint32_t is = stox_chars[(unsigned char)name.p[i]];
    if ((is & (STOX_CHAR_ALPHA | STOX_CHAR_DIGIT)) == 0 && name.p[i] != '-' && name.p[i] != '_') {
      break;
    }
    any |= is;
    every &= is;
  }
  found->any = any;
  found->last = every;
  return i;
}

/* A label's length, and hyphens inside only (RFC 5890 2.3.1). */
static int label_check(names *found, stox_span label, size_t *at) {
  if (label.n == 0 || label.p[0] == '-') {
    *at = 0;
    return 0;
  }
  if (label.n > LABEL_MAX || label.p[label.n - 1] == '-') {
    *at = label.n > LABEL_MAX ? LABEL_MAX : label.n - 1;
    return 0;
  }
  found->alabel |= label.n >= 4 && label.p[3] == '-' && label.p[2] == '-' &&
                   (label.p[0] | 0x20) == 'x' && (label.p[1] | 0x20) == 'n';
  return 1;
}

static int result(const names *found) {
  if (found->alabel) {
    return STOX_PREP_FULL;
  }
  return found->any & STOX_CHAR_UPPER ? STOX_PREP_FOLD : STOX_PREP_SAME;
}

int stox_prep_label(stox_span label, size_t *at) {
  names found = {0, 0, 0};
  *at = label_end(&found, label, 0);
  if (*at == label.n && label_check(&found, label, at)) {
    return result(&found);
  }
  return stox_text_is_ascii(label) ? STOX_E_BAD_DOMAIN : STOX_PREP_FULL;
}

static int look_at_literal(stox_span name) {
  stox_span address;
  stox_span zone;
  if (!stox_ip6_literal(&address, &zone, name)) {
    return STOX_E_BAD_DOMAIN;
  }
  for (size_t i = 0; i < address.n; i++) {
    if (stox_char_is(address.p[i], STOX_CHAR_UPPER)) {
      return zone.p == NULL ? STOX_PREP_FOLD : STOX_PREP_FULL;
    }
  }
  return STOX_PREP_SAME;
}

/* Goes through the labels; 0 where one breaks the rules. */
static int scan(names *found, stox_span name, size_t *at) {
  for (size_t from = 0; from <= name.n;) {
    const size_t end = label_end(found, name, from);
    if (end < name.n && name.p[end] != '.') {
      *at = end;
      return 0;
    }
    if (!label_check(found, (stox_span){name.p + from, end - from}, at)) {
      *at += from;
      return 0;
    }
    from = end + 1;
  }
  return 1;
}

/* Decides for most names there are; STOX_PREP_FULL for those that want the slower look below. */
static inline int look_at_name(stox_span name) {
  if (name.n == 0 || name.n > LABEL_MAX || !stox_char_is(name.p[name.n - 1], STOX_CHAR_ALPHA) ||
      !stox_char_is(name.p[0], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT)) {
    return STOX_PREP_FULL;
  }
  return look_at_labels(name);
}

int stox_prep_domain(stox_span *domain, size_t *at) {
  unsigned char octets[4];
  names found = {0, 0, 0};
  stox_span name = *domain;
  const int simple = look_at_name(name);
  if (simple != STOX_PREP_FULL) {
    return simple;
  }
  *at = 0;
  if (name.n == 0) {
    return STOX_E_BAD_DOMAIN;
  }
  if (name.p[0] == '[') {
    return look_at_literal(name);
  }
  name.n -= name.p[name.n - 1] == '.';
  if (!scan(&found, name, at)) {
    return stox_text_is_ascii(*domain) ? STOX_E_BAD_DOMAIN : STOX_PREP_FULL;
  }
  /* No name ends in a number, and what looks like an address must be one. */
  if ((found.last & STOX_CHAR_DIGIT) != 0 && !stox_ip4_parse(octets, name)) {
    return STOX_E_BAD_DOMAIN;
  }
  if (!found.alabel) {
    *domain = name;
  }
  return result(&found);
}

static void lower_word(char *to, const char *from) {
  const uint64_t word = stox_word_load(from);
  const uint64_t lower = word | stox_word_upper(word, stox_word_letters(word)) >> 2;
  memcpy(to, &lower, sizeof lower);
}

void stox_prep_lower(char *to, stox_span text) {
  if (text.n >= WIDTH) {
    for (size_t i = 0; i + WIDTH < text.n; i += WIDTH) {
      lower_word(to + i, text.p + i);
    }
    /* The last word may overlap the one before. */
    lower_word(to + text.n - WIDTH, text.p + text.n - WIDTH);
    return;
  }
  for (size_t i = 0; i < text.n; i++) {
    to[i] = stox_char_lower(text.p[i]);
  }
}

int stox_prep_fold(stox_buf *out, stox_span text) {
  const size_t from = out->len;
  if (stox_buf_put(out, text) != STOX_OK) {
    return STOX_E_NOBUF;
  }
  stox_prep_lower(out->p + from, text);
  return STOX_OK;
}
