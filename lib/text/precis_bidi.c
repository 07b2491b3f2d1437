/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/precis.h"

#include <unictype.h>

#define BIT(class) (UINT32_C(1) << (class))

enum { N_CLASSES = 32 };

/* RFC 5893 1.4: what makes a text a right-to-left one. */
static const uint32_t rtl = BIT(UC_BIDI_R) | BIT(UC_BIDI_AL) | BIT(UC_BIDI_AN);

/* What both directions allow. */
static const uint32_t both = BIT(UC_BIDI_EN) | BIT(UC_BIDI_ES) | BIT(UC_BIDI_CS) | BIT(UC_BIDI_ET) |
                             BIT(UC_BIDI_ON) | BIT(UC_BIDI_BN) | BIT(UC_BIDI_NSM);

/* What a text consists of. */
typedef struct classes {
  uint32_t any;   /* a bit for each class that occurs */
  uint32_t first; /* the class of the first code point */
  uint32_t last;  /* that of the last one that is no NSM */
} classes;

static classes look(stox_span text) {
  classes found = {0, 0, 0};
  uint32_t point = 0;
  size_t at = 0;
  while (stox_utf8_next(&point, text, &at) == STOX_OK) {
    const uint32_t bit = BIT(((uint32_t)uc_bidi_class(point)) % N_CLASSES);
    found.first = found.any == 0 ? bit : found.first;
    found.last = bit != BIT(UC_BIDI_NSM) ? bit : found.last;
    found.any |= bit;
  }
  return found;
}

int stox_precis_bidi(stox_span text) {
  const classes c = look(text);
  const uint32_t digits = BIT(UC_BIDI_EN) | BIT(UC_BIDI_AN);
  if ((c.any & rtl) == 0) {
    return 1;
  }
  /* Rules 1, 5 and 6: a text that begins left-to-right holds nothing else. */
  if ((c.first & (BIT(UC_BIDI_R) | BIT(UC_BIDI_AL))) == 0) {
    return 0;
  }
  /* Rules 2 to 4. */
  return (c.any & ~(rtl | both)) == 0 && (c.last & (rtl | BIT(UC_BIDI_EN))) != 0 &&
         (c.any & digits) != digits;
}
