/* SPDX-License-Identifier: MIT */
#include "sip/scan.h"

#include "base/chars.h"
#include "base/checked.h"
#include "stox/number.h"
#include "stox/status.h"

/* The octets of the line end at `at`, 0 if there is none before `n`. */
static size_t line_end(const char *p, size_t n, size_t at) {
  if (at < n && p[at] == '\n') {
    return 1;
  }
  return at + 1 < n && p[at] == '\r' && p[at + 1] == '\n' ? 2 : 0;
}

/* Moves `end` to the next line end before `n`, noting what odd octets stand before it; its octets,
 * 0 if there is none. */
static size_t scan_to_end(stox_sip_scan *out, stox_stops *stops, size_t n) {
  const char *p = stops->p;
  size_t at = stox_stops_next_odd(stops, out->end);
  for (; at < n; at = stox_stops_next_odd(stops, at + 1)) {
    const size_t found = line_end(p, n, at);
    if (found > 0) {
      out->flags |= found == 1 ? STOX_SIP_BARE_LF : 0;
      out->end = at;
      return found;
    }
    if ((unsigned char)p[at] > 0x7F) {
      out->flags |= STOX_SIP_HIGH;
    } else if (p[at] != '\t' && (out->flags & STOX_SIP_CONTROL) == 0) {
      out->flags |= STOX_SIP_CONTROL;
      out->control = at;
    }
  }
  out->end = n;
  return 0;
}

static int unfinished(const stox_stops *stops, size_t at, size_t most) {
  return stops->n - at > most ? STOX_E_TOO_LONG : STOX_E_MORE;
}

/* Where the octets end that may belong to a line. */
static size_t window(const stox_stops *stops, size_t at, size_t most) {
  const size_t end = stox_size_add(at, most);
  return end < stops->n ? end : stops->n;
}

int stox_sip_scan_line(stox_sip_scan *out, stox_stops *stops, size_t at, size_t most) {
  *out = (stox_sip_scan){.end = at, .value = at};
  const size_t found = scan_to_end(out, stops, window(stops, at, most));
  if (found == 0) {
    return unfinished(stops, at, most);
  }
  out->value_n = out->end - at;
  out->end += found;
  return STOX_OK;
}

/* Behind a token. */
static size_t token_end(stox_stops *stops, size_t at, size_t n) {
  size_t end = stox_stops_next(stops, at);
  while (end < n && stox_char_is(stops->p[end], STOX_CHAR_TOKEN)) {
    end = stox_stops_next(stops, end + 1);
  }
  return end < n ? end : n;
}

/* header-name HCOLON; moves `end` behind the colon. */
static void scan_name(stox_sip_scan *out, stox_stops *stops, size_t at, size_t n) {
  const char *p = stops->p;
  const size_t end = token_end(stops, at, n);
  size_t colon = end;
  while (colon < n && (p[colon] == ' ' || p[colon] == '\t')) {
    colon++;
  }
  out->name_n = end - at;
  out->value = at;
  if (end == at || colon >= n || p[colon] != ':') {
    out->flags |= STOX_SIP_BAD_NAME;
    return;
  }
  out->value = colon + 1;
  out->end = out->value;
}

/* The value lies between two indices, without the white space around it. */
static void set_value(stox_sip_scan *out, const char *p, size_t from, size_t end) {
  while (from < end && stox_char_is(p[end - 1], STOX_CHAR_SPACE)) {
    end--;
  }
  while (from < end && stox_char_is(p[from], STOX_CHAR_SPACE)) {
    from++;
  }
  out->value = from;
  out->value_n = end - from;
}

int stox_sip_scan_field(stox_sip_scan *out, stox_stops *stops, size_t at, size_t most) {
  const char *p = stops->p;
  *out = (stox_sip_scan){.end = at};
  const size_t empty = line_end(p, stops->n, at);
  if (empty > 0) {
    out->flags = empty == 1 ? STOX_SIP_BARE_LF : 0;
    out->end = at + empty;
    return STOX_E_NONE;
  }
  const size_t n = window(stops, at, most);
  scan_name(out, stops, at, n);
  for (;;) {
    const size_t found = scan_to_end(out, stops, n);
    out->end += found;
    if (found == 0 || out->end == stops->n) {
      set_value(out, p, out->value, out->end);
      return unfinished(stops, at, most);
    }
    if (p[out->end] != ' ' && p[out->end] != '\t') {
      break;
    }
    out->flags |= STOX_SIP_FOLDED;
  }
  set_value(out, p, out->value, out->end);
  return STOX_OK;
}

int stox_sip_length(size_t *out, stox_span value) {
  uint64_t number = 0;
  const int status = stox_number_parse(&number, value, SIZE_MAX / 4);
  *out = (size_t)number;
  return status == STOX_OK ? STOX_OK : STOX_E_BAD_LENGTH;
}
