/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "sip/scan.h"
#include "stox/sip.h"
#include "stox/status.h"

enum { STUN_LAST = 3 };

/* A head being looked through. */
typedef struct head {
  stox_span bytes;
  stox_stops stops; /* of the octets up to the limit */
  stox_stops_room room;
  stox_limits limits;
  size_t at;
  size_t length; /* of Content-Length */
  int has_length;
} head;

/* Empty lines between messages. STOX_E_NONE: there is none. */
static int frame_empty_line(size_t *n, int *kind, stox_span bytes) {
  static const char ends[] = {'\r', '\n', '\r', '\n'};
  size_t same = 0;
  while (same < bytes.n && same < sizeof ends && bytes.p[same] == ends[same]) {
    same++;
  }
  if (same == 0) {
    return STOX_E_NONE;
  }
  if (same % 2 == 1 && same == bytes.n) {
    return STOX_E_MORE;
  }
  if (same == 1) {
    return STOX_E_NONE;
  }
  *kind = same == sizeof ends ? STOX_SIP_FRAME_PING : STOX_SIP_FRAME_PONG;
  *n = same == sizeof ends ? sizeof ends : 2;
  return STOX_OK;
}

static int read_length(head *h, const stox_sip_scan *scan, stox_diag *diag) {
  size_t length = 0;
  const stox_span value = stox_span_slice(h->bytes, scan->value, scan->value_n);
  if (stox_sip_length(&length, value) != STOX_OK || (h->has_length && length != h->length)) {
    return stox_diag_set(diag, STOX_E_BAD_LENGTH, 400, scan->value, "RFC3261-20.14 Content-Length");
  }
  h->length = length;
  h->has_length = 1;
  return STOX_OK;
}

/* Fields up to the empty line; STOX_OK when it was found. */
static int read_fields(head *h, stox_diag *diag) {
  stox_sip_scan scan;
  for (size_t count = 0;; count++) {
    int status = stox_sip_scan_field(&scan, &h->stops, h->at, h->limits.line);
    if (status == STOX_E_NONE) {
      h->at = scan.end;
      return STOX_OK;
    }
    if (status == STOX_E_MORE && h->bytes.n < h->limits.message) {
      return status;
    }
    if (status != STOX_OK || count >= h->limits.header_count) {
      return stox_diag_set(diag, STOX_E_TOO_LONG, 513, h->at, "limit of a message's head");
    }
    const stox_span name = stox_span_slice(h->bytes, h->at, scan.name_n);
    status =
        stox_sip_header_of(name) == STOX_SIP_CONTENT_LENGTH ? read_length(h, &scan, diag) : STOX_OK;
    if (status != STOX_OK) {
      return status;
    }
    h->at = scan.end;
  }
}

static int read_head(head *h, stox_diag *diag) {
  stox_sip_scan scan;
  const int status = stox_sip_scan_line(&scan, &h->stops, 0, h->limits.line);
  if (status == STOX_E_MORE && h->bytes.n < h->limits.message) {
    return status;
  }
  if (status != STOX_OK) {
    return stox_diag_set(diag, STOX_E_TOO_LONG, 513, 0, "limit of a start line");
  }
  h->at = scan.end;
  return read_fields(h, diag);
}

static int frame_message(size_t *n, head *h, stox_diag *diag) {
  const int status = read_head(h, diag);
  if (status != STOX_OK) {
    return status;
  }
  if (!h->has_length) {
    return stox_diag_set(diag, STOX_E_MISSING, 400, h->at, "RFC3261-18.3 Content-Length");
  }
  if (h->length > h->limits.message - h->at) {
    return stox_diag_set(diag, STOX_E_TOO_LONG, 413, h->at, "limit of a message");
  }
  if (h->length > h->bytes.n - h->at) {
    return STOX_E_MORE;
  }
  *n = h->at + h->length;
  return STOX_OK;
}

int stox_sip_frame(size_t *n, int *kind, stox_span bytes, const stox_limits *limits,
                   stox_diag *diag) {
  head h;
  h.bytes = bytes;
  h.at = 0;
  h.length = 0;
  h.has_length = 0;
  (void)stox_limits_init(&h.limits, sizeof h.limits);
  int status = stox_options_read(&h.limits, sizeof h.limits, limits);
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 0, 0, "stox_limits");
  }
  if (bytes.n == 0) {
    return STOX_E_MORE;
  }
  if ((unsigned char)bytes.p[0] <= STUN_LAST) {
    *kind = STOX_SIP_FRAME_STUN;
    *n = bytes.n;
    return STOX_OK;
  }
  status = frame_empty_line(n, kind, bytes);
  if (status != STOX_E_NONE) {
    return status;
  }
  *kind = STOX_SIP_FRAME_MESSAGE;
  stox_stops_init(&h.stops, stox_span_slice(bytes, 0, h.limits.message), stox_stops_choose(0),
                  &h.room);
  return frame_message(n, &h, diag);
}
