/* SPDX-License-Identifier: MIT */
#include "sdp/sdp.h"

#include "base/chars.h"
#include "stox/number.h"
#include "stox/status.h"
#include "stox/uri.h"

/* RFC 8866 9 token */
static int is_token(stox_span text) {
  static const stox_span marks = {"#$&^{|}", 7}; /* what a token of SIP has not */
  for (size_t i = 0; i < text.n; i++) {
    if (!stox_char_is(text.p[i], STOX_CHAR_TOKEN) && stox_span_find(marks, text.p[i]) == marks.n) {
      return 0;
    }
  }
  return text.n > 0;
}

/* non-ws-string */
static int is_visible(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == ' ' || stox_char_is(text.p[i], STOX_CHAR_CTRL)) {
      return 0;
    }
  }
  return text.n > 0;
}

static int is_digits(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (!stox_char_is(text.p[i], STOX_CHAR_DIGIT)) {
      return 0;
    }
  }
  return text.n > 0;
}

int stox_sdp_word_next(stox_span *out, stox_span text, size_t *cursor) {
  size_t at = *cursor;
  while (at < text.n && text.p[at] == ' ') {
    at++;
  }
  if (at >= text.n) {
    return STOX_E_NONE;
  }
  const stox_span rest = stox_span_slice(text, at, text.n);
  *out = stox_span_slice(rest, 0, stox_span_find(rest, ' '));
  *cursor = at + out->n;
  return STOX_OK;
}

/* Divides at exactly one space between fields, the last field without one. 0: too few or too many.
 */
static int divide(stox_span *fields, size_t n, stox_span value) {
  for (size_t i = 0; i < n; i++) {
    const size_t space = stox_span_find(value, ' ');
    if (space == 0 || (i + 1 < n) != (space < value.n)) {
      return 0;
    }
    fields[i] = stox_span_slice(value, 0, space);
    value = stox_span_slice(value, space + 1, value.n);
  }
  return 1;
}

int stox_sdp_origin_parse(stox_sdp_origin *out, stox_span value) {
  stox_span f[6];
  if (!divide(f, 6, value) || !is_visible(f[0]) || !is_digits(f[1]) || !is_digits(f[2]) ||
      !is_token(f[3]) || !is_token(f[4]) || !is_visible(f[5])) {
    return STOX_E_BAD_BODY;
  }
  *out = (stox_sdp_origin){f[0], f[1], f[2], f[3], f[4], f[5]};
  return STOX_OK;
}

int stox_sdp_connection_parse(stox_sdp_connection *out, stox_span value) {
  stox_span f[3];
  if (!divide(f, 3, value) || !is_token(f[0]) || !is_token(f[1]) || !is_visible(f[2])) {
    return STOX_E_BAD_BODY;
  }
  const size_t slash = stox_span_find(f[2], '/');
  if (slash == 0) {
    return STOX_E_BAD_BODY;
  }
  *out = (stox_sdp_connection){f[0], f[1], stox_span_slice(f[2], 0, slash), {NULL, 0}};
  if (slash < f[2].n) {
    out->suffix = stox_span_slice(f[2], slash + 1, f[2].n);
  }
  return STOX_OK;
}

/* token *("/" token) */
static int is_proto(stox_span text) {
  for (;;) {
    const size_t slash = stox_span_find(text, '/');
    if (!is_token(stox_span_slice(text, 0, slash))) {
      return 0;
    }
    if (slash == text.n) {
      return 1;
    }
    text = stox_span_slice(text, slash + 1, text.n);
  }
}

/* port ["/" integer] */
static int read_port(stox_sdp_media *out, stox_span text) {
  const size_t slash = stox_span_find(text, '/');
  uint64_t port = 0;
  uint64_t count = 1;
  if (stox_number_parse(&port, stox_span_slice(text, 0, slash), 65535) != STOX_OK) {
    return 0;
  }
  if (slash < text.n &&
      (stox_number_parse(&count, stox_span_slice(text, slash + 1, text.n), 65535) != STOX_OK ||
       count == 0)) {
    return 0;
  }
  out->port = (uint32_t)port;
  out->port_count = (uint32_t)count;
  return 1;
}

/* 1 if exactly one space stands between words and none around them. */
static int is_tight(stox_span text) {
  for (size_t i = 0; i + 1 < text.n; i++) {
    if (text.p[i] == ' ' && text.p[i + 1] == ' ') {
      return 0;
    }
  }
  return text.n > 0 && text.p[0] != ' ' && text.p[text.n - 1] != ' ';
}

/* The formats of m=message are not tokens: the draft puts a URI there. */
static int has_good_formats(const stox_sdp_media *media) {
  const int is_message = stox_span_is_equal(media->media, stox_span_text("message"));
  stox_span format;
  size_t cursor = 0;
  size_t n = 0;
  for (; stox_sdp_word_next(&format, media->formats, &cursor) == STOX_OK; n++) {
    if (!(is_message ? is_visible(format) : is_token(format))) {
      return 0;
    }
  }
  return n > 0;
}

int stox_sdp_media_parse(stox_sdp_media *out, stox_span value, int lenient) {
  stox_sdp_media media = {0};
  stox_span port;
  size_t at = 0;
  if ((!lenient && !is_tight(value)) || stox_sdp_word_next(&media.media, value, &at) != STOX_OK ||
      stox_sdp_word_next(&port, value, &at) != STOX_OK ||
      stox_sdp_word_next(&media.proto, value, &at) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  media.formats = stox_span_trim(stox_span_slice(value, at, value.n));
  if (!is_token(media.media) || !is_proto(media.proto) || !read_port(&media, port) ||
      !has_good_formats(&media)) {
    return STOX_E_BAD_BODY;
  }
  *out = media;
  return STOX_OK;
}

int stox_sdp_bandwidth_parse(stox_span *type, uint64_t *number, stox_span value) {
  const size_t colon = stox_span_find(value, ':');
  const stox_span name = stox_span_slice(value, 0, colon);
  if (!is_token(name) || stox_number_parse(number, stox_span_slice(value, colon + 1, value.n),
                                           UINT64_MAX) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  *type = name;
  return STOX_OK;
}

int stox_sdp_time_parse(uint64_t *start, uint64_t *stop, stox_span value) {
  stox_span f[2];
  uint64_t from = 0;
  if (!divide(f, 2, value) || stox_number_parse(&from, f[0], UINT64_MAX) != STOX_OK ||
      stox_number_parse(stop, f[1], UINT64_MAX) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  *start = from;
  return STOX_OK;
}

int stox_sdp_rtpmap_parse(stox_sdp_rtpmap *out, stox_span value) {
  stox_sdp_rtpmap map = {0};
  stox_span f[2];
  uint64_t payload = 0;
  uint64_t rate = 0;
  if (!divide(f, 2, value) || stox_number_parse(&payload, f[0], 127) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  const size_t slash = stox_span_find(f[1], '/');
  const stox_span rest = stox_span_slice(f[1], slash + 1, f[1].n);
  const size_t second = stox_span_find(rest, '/');
  map.encoding = stox_span_slice(f[1], 0, slash);
  if (slash == f[1].n || !is_token(map.encoding) ||
      stox_number_parse(&rate, stox_span_slice(rest, 0, second), UINT32_MAX) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  if (second < rest.n) {
    map.params = stox_span_slice(rest, second + 1, rest.n);
  }
  map.payload = (uint32_t)payload;
  map.clock_rate = (uint32_t)rate;
  *out = map;
  return STOX_OK;
}

int stox_sdp_fmtp_parse(stox_span *format, stox_span *params, stox_span value) {
  const size_t space = stox_span_find(value, ' ');
  const stox_span first = stox_span_slice(value, 0, space);
  if (!is_token(first) || space + 1 >= value.n) {
    return STOX_E_BAD_BODY;
  }
  *format = first;
  *params = stox_span_slice(value, space + 1, value.n);
  return STOX_OK;
}

static int is_word(stox_span text, const char *word) {
  return stox_span_is_equal_nocase(text, stox_span_text(word));
}

static int is_sip_uri(stox_span text) {
  stox_uri uri;
  return stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL) == STOX_OK &&
         (uri.scheme == STOX_SCHEME_SIP || uri.scheme == STOX_SCHEME_SIPS);
}

/* `*`, a URI, or `*` and a URI; Microsoft has `null` for `*`. */
static int read_sip_formats(stox_span *uri, stox_span formats) {
  stox_span word = {NULL, 0};
  size_t cursor = 0;
  (void)stox_sdp_word_next(&word, formats, &cursor);
  if (is_word(word, "*") || is_word(word, "null")) {
    if (stox_sdp_word_next(&word, formats, &cursor) != STOX_OK) {
      return 1;
    }
  }
  *uri = word;
  return is_sip_uri(word) && stox_sdp_word_next(&word, formats, &cursor) == STOX_E_NONE;
}

static int kind_of(stox_span *uri, const stox_sdp_media *media) {
  if (!is_word(media->media, "message")) {
    return STOX_SDP_MESSAGE_NONE;
  }
  if (is_word(media->proto, "sip/tcp") || is_word(media->proto, "sip")) {
    return read_sip_formats(uri, media->formats) ? STOX_SDP_MESSAGE_SIP : STOX_SDP_MESSAGE_NONE;
  }
  if (!is_word(media->formats, "*")) {
    return STOX_SDP_MESSAGE_NONE;
  }
  if (is_word(media->proto, "TCP/MSRP")) {
    return STOX_SDP_MESSAGE_MSRP;
  }
  return is_word(media->proto, "TCP/TLS/MSRP") ? STOX_SDP_MESSAGE_MSRPS : STOX_SDP_MESSAGE_NONE;
}

int stox_sdp_message_kind(stox_span *uri, const stox_sdp_media *media) {
  stox_span found = {NULL, 0};
  const int kind = kind_of(&found, media);
  if (uri != NULL) {
    *uri = kind == STOX_SDP_MESSAGE_SIP ? found : (stox_span){NULL, 0};
  }
  return kind != STOX_SDP_MESSAGE_NONE && media->port == 0 ? STOX_SDP_MESSAGE_REJECTED : kind;
}

int stox_sdp_message_write(stox_buf *out, uint32_t port, stox_span uri) {
  if (port > 65535) {
    return STOX_E_BAD_PORT;
  }
  if (uri.p != NULL && !is_sip_uri(uri)) {
    return STOX_E_BAD_URI;
  }
  (void)stox_buf_put_text(out, "message ");
  (void)stox_buf_put_number(out, port);
  (void)stox_buf_put_text(out, uri.p != NULL ? " sip/tcp * " : " sip/tcp *");
  return stox_buf_put(out, uri);
}

int stox_sdp_is_accepted(stox_span types, stox_span type, stox_span subtype) {
  stox_span word;
  size_t cursor = 0;
  while (stox_sdp_word_next(&word, types, &cursor) == STOX_OK) {
    word = stox_span_slice(word, 0, stox_span_find(word, ';'));
    const size_t slash = stox_span_find(word, '/');
    const stox_span tail = stox_span_slice(word, slash + 1, word.n);
    if (is_word(word, "*") ||
        (stox_span_is_equal_nocase(stox_span_slice(word, 0, slash), type) && slash < word.n &&
         (is_word(tail, "*") || stox_span_is_equal_nocase(tail, subtype)))) {
      return 1;
    }
  }
  return 0;
}

int stox_sdp_is_good(char type, stox_span value) {
  stox_sdp_origin origin;
  stox_sdp_connection connection;
  stox_sdp_media media;
  stox_span part;
  uint64_t number = 0;
  uint64_t other = 0;
  switch (type) {
  case 'o':
    return stox_sdp_origin_parse(&origin, value) == STOX_OK;
  case 'c':
    return stox_sdp_connection_parse(&connection, value) == STOX_OK;
  case 'b':
    return stox_sdp_bandwidth_parse(&part, &number, value) == STOX_OK;
  case 't':
    return stox_sdp_time_parse(&number, &other, value) == STOX_OK;
  case 'm':
    return stox_sdp_media_parse(&media, value, 0) == STOX_OK;
  case 'r':
    return stox_sdp_is_repeat(value);
  case 'z':
    return stox_sdp_is_zone(value);
  case 'k':
    return stox_sdp_is_key(value);
  case 'v':
    return stox_span_is_equal(value, stox_span_text("0"));
  case 'a':
    return is_token(stox_span_slice(value, 0, stox_span_find(value, ':'))) &&
           stox_span_find(value, ':') + 1 != value.n;
  default:
    return value.n > 0;
  }
}
