/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_SCAN_H
#define STOX_SIP_SCAN_H

#include "text/stops.h"

/* What a header field or start line showed. */
enum {
  STOX_SIP_BARE_LF = 1,   /* a line end without CR */
  STOX_SIP_CONTROL = 2,   /* a control other than HTAB: look at it again */
  STOX_SIP_HIGH = 4,      /* an octet above 0x7F */
  STOX_SIP_FOLDED = 8,    /* more than one line */
  STOX_SIP_BAD_NAME = 16, /* no `token HCOLON` */
  STOX_SIP_AGAIN = 64,    /* not the first of its id; set by the parser */
  STOX_SIP_RAW = 32       /* a control where none may stand; set by the parser */
};

/* A header field or start line; all are indices of the scanned octets. */
typedef struct stox_sip_scan {
  size_t end;     /* behind its line end */
  size_t control; /* the first control, with STOX_SIP_CONTROL */
  size_t name_n;  /* octets of the name */
  size_t value;   /* first octet of the value, white space around it left out */
  size_t value_n; /* its octets */
  int flags;
} stox_sip_scan;

/* Scans a line (the start line) or a header field with its folds. At most `most` octets belong to
 * it. STOX_OK, STOX_E_NONE (header fields: the empty line; `end` is behind it), STOX_E_MORE (no
 * line end yet, or nothing behind it to tell a fold; `out` says what is there), STOX_E_TOO_LONG. */
int stox_sip_scan_line(stox_sip_scan *out, stox_stops *stops, size_t at, size_t most);
int stox_sip_scan_field(stox_sip_scan *out, stox_stops *stops, size_t at, size_t most);

/* Reads a Content-Length; STOX_OK or STOX_E_BAD_LENGTH. */
int stox_sip_length(size_t *out, stox_span value);

#endif
