/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "sdp/sdp.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/percent.h"
#include "stox/status.h"

static int starts_with(stox_span text, const char *prefix) {
  const stox_span wanted = stox_span_text(prefix);
  return stox_span_is_equal_nocase(stox_span_slice(text, 0, wanted.n), wanted);
}

/* host ":" port, user information before it left out. 0: malformed. */
static int read_authority(stox_sdp_path *out, stox_span authority) {
  const stox_span behind =
      stox_span_slice(authority, stox_span_find(authority, '@') + 1, authority.n);
  const stox_span place = behind.n == 0 ? authority : behind;
  size_t colon = place.n;
  while (colon > 0 && place.p[colon - 1] != ':') {
    colon--;
  }
  uint64_t port = 0;
  out->host = stox_span_slice(place, 0, colon - (colon > 0));
  if (colon == 0 || stox_host_kind(out->host) == STOX_HOST_NONE ||
      stox_number_parse(&port, stox_span_slice(place, colon, place.n), 65535) != STOX_OK ||
      port == 0) {
    return 0;
  }
  out->port = (uint32_t)port;
  return 1;
}

/* session-id = 1*( unreserved / "+" / "=" / "/" ) */
static int is_session(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    if (!stox_percent_is_kept(STOX_PERCENT_UNRESERVED, (unsigned char)c) && c != '+' && c != '=' &&
        c != '/') {
      return 0;
    }
  }
  return text.n > 0;
}

/* MSRP-scheme "://" authority ["/" session-id] ";" transport *( ";" parameter ) */
static int read_uri(stox_sdp_path *out, stox_span uri) {
  const stox_sdp_path zero = {.port = 0};
  *out = zero;
  out->is_secure = starts_with(uri, "msrps://");
  if (!out->is_secure && !starts_with(uri, "msrp://")) {
    return 0;
  }
  const stox_span rest = stox_span_slice(uri, out->is_secure ? 8 : 7, uri.n);
  const size_t semicolon = stox_span_find(rest, ';');
  const stox_span head = stox_span_slice(rest, 0, semicolon);
  const stox_span tail = stox_span_slice(rest, semicolon + 1, rest.n);
  const size_t slash = stox_span_find(head, '/');
  out->uri = uri;
  out->transport = stox_span_slice(tail, 0, stox_span_find(tail, ';'));
  for (size_t i = 0; i < out->transport.n; i++) {
    if (!stox_char_is(out->transport.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT)) {
      return 0;
    }
  }
  if (slash < head.n) {
    out->session = stox_span_slice(head, slash + 1, head.n);
    if (!is_session(out->session)) {
      return 0;
    }
  }
  return out->transport.n > 0 && read_authority(out, stox_span_slice(head, 0, slash));
}

int stox_sdp_path_parse(stox_sdp_path *first, stox_sdp_path *last, stox_span value) {
  stox_sdp_path ends[2];
  stox_span word;
  size_t cursor = 0;
  size_t n = 0;
  while (stox_sdp_word_next(&word, value, &cursor) == STOX_OK) {
    if (!read_uri(&ends[1], word)) {
      return STOX_E_BAD_URI;
    }
    if (n++ == 0) {
      ends[0] = ends[1];
    }
  }
  if (n == 0) {
    return STOX_E_BAD_BODY;
  }
  *first = ends[0];
  *last = ends[1];
  return STOX_OK;
}

int stox_sdp_setup_answer(int offered, int preferred) {
  switch (offered) {
  case STOX_SDP_SETUP_PASSIVE:
    return STOX_SDP_SETUP_ACTIVE;
  case STOX_SDP_SETUP_ACTPASS:
    return preferred == STOX_SDP_SETUP_PASSIVE ? STOX_SDP_SETUP_PASSIVE : STOX_SDP_SETUP_ACTIVE;
  default:
    /* Who says nothing connects; holdconn says nothing (RFC 6135 4.2.1). */
    return STOX_SDP_SETUP_PASSIVE;
  }
}

int stox_sdp_set_setup(stox_sdp *sdp, int media, int setup) {
  static const char *const values[] = {"", "setup:active", "setup:passive", "setup:actpass"};
  stox_sdp_attribute attribute;
  size_t cursor = 0;
  if (setup <= STOX_SDP_SETUP_NONE || setup >= STOX_SDP_SETUP_HOLDCONN) {
    return STOX_E_ARG;
  }
  const stox_span value = stox_span_text(values[setup]);
  return stox_sdp_next_attribute(&attribute, sdp, media, "setup", &cursor) == STOX_OK
             ? stox_sdp_set(sdp, attribute.line, value)
             : stox_sdp_add(sdp, media, 'a', value);
}
