/* SPDX-License-Identifier: MIT */
#include "sip/scan.h"

#include "base/chars.h"
#include "base/checked.h"
#include "sip/lex.h"
#include "stox/number.h"
#include "stox/status.h"
#include "text/ascii.h"

/* The octets of the line end at `at`, 0 if there is none. */
static size_t line_end(stox_span bytes, size_t at) {
  if (at < bytes.n && bytes.p[at] == '\n') {
    return 1;
  }
  return at + 1 < bytes.n && bytes.p[at] == '\r' && bytes.p[at + 1] == '\n' ? 2 : 0;
}

/* Behind octets of printable ASCII, eight at a time. */
static size_t skip_plain(stox_span bytes, size_t at) {
  const size_t eight = sizeof(uint64_t);
  while (bytes.n - at >= eight && stox_word_not_plain(stox_word_load(bytes.p + at)) == 0) {
    at += eight;
  }
  return at;
}

/* Moves `end` to the next line end, noting what stands before it; its octets, 0 if `bytes` end. */
static size_t scan_to_end(stox_sip_scan *out, stox_span bytes) {
  unsigned char high = 0;
  size_t at = skip_plain(bytes, out->end);
  size_t found = 0;
  while (at < bytes.n) {
    const unsigned char octet = (unsigned char)bytes.p[at];
    high |= octet;
    if ((octet > 0x1F && octet != 0x7F) || octet == '\t') {
      at++;
      continue;
    }
    found = line_end(bytes, at);
    if (found > 0) {
      break;
    }
    if ((out->flags & STOX_SIP_CONTROL) == 0) {
      out->flags |= STOX_SIP_CONTROL;
      out->control = at;
    }
    at++;
  }
  out->end = at;
  out->flags |= (high > 0x7F ? STOX_SIP_HIGH : 0) | (found == 1 ? STOX_SIP_BARE_LF : 0);
  return found;
}

static int unfinished(stox_span bytes, size_t at, size_t most) {
  return bytes.n - at > most ? STOX_E_TOO_LONG : STOX_E_MORE;
}

static stox_span window(stox_span bytes, size_t at, size_t most) {
  return stox_span_slice(bytes, 0, stox_size_add(at, most));
}

int stox_sip_scan_line(stox_sip_scan *out, stox_span bytes, size_t at, size_t most) {
  *out = (stox_sip_scan){.end = at, .value = at};
  const size_t found = scan_to_end(out, window(bytes, at, most));
  if (found == 0) {
    return unfinished(bytes, at, most);
  }
  out->value_n = out->end - at;
  out->end += found;
  return STOX_OK;
}

/* header-name HCOLON; moves `end` behind the colon. */
static void scan_name(stox_sip_scan *out, stox_span bytes, size_t at) {
  const size_t end = stox_sip_token_end(bytes, at);
  size_t colon = end;
  while (colon < bytes.n && (bytes.p[colon] == ' ' || bytes.p[colon] == '\t')) {
    colon++;
  }
  out->name_n = end - at;
  out->value = at;
  if (end == at || colon >= bytes.n || bytes.p[colon] != ':') {
    out->flags |= STOX_SIP_BAD_NAME;
    return;
  }
  out->value = colon + 1;
  out->end = out->value;
}

static void set_value(stox_sip_scan *out, stox_span bytes) {
  const stox_span whole = stox_span_slice(bytes, out->value, out->end - out->value);
  const stox_span value = stox_span_trim(whole);
  out->value += (size_t)(value.p - whole.p);
  out->value_n = value.n;
}

int stox_sip_scan_field(stox_sip_scan *out, stox_span bytes, size_t at, size_t most) {
  *out = (stox_sip_scan){.end = at};
  const size_t empty = line_end(bytes, at);
  if (empty > 0) {
    out->flags = empty == 1 ? STOX_SIP_BARE_LF : 0;
    out->end = at + empty;
    return STOX_E_NONE;
  }
  const stox_span seen = window(bytes, at, most);
  scan_name(out, seen, at);
  for (;;) {
    const size_t found = scan_to_end(out, seen);
    out->end += found;
    if (found == 0 || out->end == bytes.n) {
      set_value(out, bytes);
      return unfinished(bytes, at, most);
    }
    const char next = bytes.p[out->end];
    if (next != ' ' && next != '\t') {
      break;
    }
    out->flags |= STOX_SIP_FOLDED;
  }
  set_value(out, bytes);
  return STOX_OK;
}

int stox_sip_length(size_t *out, stox_span value) {
  uint64_t number = 0;
  const int status = stox_number_parse(&number, value, SIZE_MAX / 4);
  *out = (size_t)number;
  return status == STOX_OK ? STOX_OK : STOX_E_BAD_LENGTH;
}
