/* SPDX-License-Identifier: MIT */
#include "sip/value_kind.h"

#include "base/chars.h"
#include "sip/lex.h"
#include "stox/host.h"
#include "stox/name_addr.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/ascii.h"

enum { MD5_DIGITS = 32 };

static int is_inside(stox_span text, const char *others, uint32_t classes) {
  const stox_span set = stox_span_text(others);
  for (size_t i = 0; i < text.n; i++) {
    if (!stox_char_is(text.p[i], classes) && stox_span_find(set, text.p[i]) == set.n) {
      return 0;
    }
  }
  return text.n > 0;
}

/* qdtext and quoted-pair (RFC 3261 25.1): no control but white space, no escaped line end. */
static int is_quotable(char octet, int is_escaped) {
  if (is_escaped) {
    return octet != '\r' && octet != '\n' && (unsigned char)octet <= 0x7F;
  }
  return !stox_char_is(octet, STOX_CHAR_CTRL) || stox_char_is(octet, STOX_CHAR_SPACE);
}

static size_t quoted_end(stox_span text, size_t from) {
  unsigned char high = 0;
  if (from >= text.n || text.p[from] != '"') {
    return from;
  }
  size_t i = stox_skip_quotable(text, from + 1);
  while (i < text.n && text.p[i] != '"') {
    const int is_escaped = text.p[i] == '\\';
    i += (size_t)is_escaped;
    if (i == text.n || !is_quotable(text.p[i], is_escaped)) {
      return from;
    }
    high |= (unsigned char)text.p[i];
    i = stox_skip_quotable(text, i + 1);
  }
  if (i == text.n) {
    return from;
  }
  const stox_span quoted = {text.p + from, i + 1 - from};
  return high <= 0x7F || stox_utf8_check(quoted, NULL) == STOX_OK ? i + 1 : from;
}

static size_t text_end(stox_span text, size_t at) {
  const size_t end = quoted_end(text, at);
  return end > at ? end : stox_sip_token_end(text, at);
}

static size_t generic_end(stox_span text, size_t at) {
  size_t end = quoted_end(text, at);
  if (end > at) {
    return end;
  }
  const int is_reference = at < text.n && text.p[at] == '[';
  for (end = at; end < text.n; end++) {
    const char c = text.p[end];
    if (!stox_char_is(c, STOX_CHAR_TOKEN) && !(is_reference && (c == '[' || c == ':'))) {
      break;
    }
  }
  return is_reference && end < text.n && text.p[end] == ']' ? end + 1 : end;
}

static size_t word_end(stox_span text, size_t at) {
  while (at < text.n && (stox_char_is(text.p[at], STOX_CHAR_WORD) || text.p[at] == '@')) {
    at++;
  }
  return at;
}

/* One pass, however deep it is nested. */
static size_t comment_end(stox_span text, size_t at) {
  size_t depth = 0;
  if (at == text.n || text.p[at] != '(') {
    return at;
  }
  for (size_t i = at; i < text.n; i++) {
    const char c = text.p[i];
    const int is_escape = c == '\\';
    i += (size_t)is_escape;
    if (i == text.n || (stox_char_is(text.p[i], STOX_CHAR_CTRL) &&
                        (is_escape || !stox_char_is(text.p[i], STOX_CHAR_SPACE)))) {
      return at;
    }
    depth += c == '(' ? 1 : 0;
    depth -= c == ')' ? 1 : 0;
    if (depth == 0) {
      const stox_span comment = stox_span_slice(text, at, i + 1 - at);
      return c == ')' && stox_utf8_check(comment, NULL) == STOX_OK ? i + 1 : at;
    }
  }
  return at;
}

/* TEXT-UTF8-TRIM without the white space behind it; the UTF-8 is looked at when it is whole. */
static size_t utf8_end(stox_span text, size_t at) {
  size_t end = at;
  for (size_t i = at; i < text.n; i++) {
    if (stox_char_is(text.p[i], STOX_CHAR_SPACE)) {
      continue;
    }
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL)) {
      break;
    }
    end = i + 1;
  }
  return end;
}

static int is_utf8(stox_span text) {
  return !stox_char_is(text.p[0], STOX_CHAR_SPACE) && stox_utf8_check(text, NULL) == STOX_OK;
}

/* token [ SLASH token ]: white space behind the token is taken only for a slash. */
static size_t product_end(stox_span text, size_t at) {
  const size_t end = stox_sip_token_end(text, at);
  const size_t slash = stox_sip_skip_lws(text, end);
  if (end == at || slash == text.n || text.p[slash] != '/') {
    return end;
  }
  const size_t version = stox_sip_skip_lws(text, slash + 1);
  const size_t last = stox_sip_token_end(text, version);
  return last > version ? last : end;
}

/* product / comment, white space between any two */
static size_t products_end(stox_span text, size_t at) {
  size_t end = at;
  size_t next = at;
  do {
    const size_t comment = comment_end(text, next);
    const size_t last = comment > next ? comment : product_end(text, next);
    if (last == next) {
      break;
    }
    end = last;
    next = stox_sip_skip_lws(text, end);
  } while (next > end);
  return end;
}

static size_t star_end(stox_span text, size_t at) {
  return at < text.n && text.p[at] == '*' ? at + 1 : at;
}

static size_t angle_end(stox_span text, size_t at) {
  if (at == text.n || text.p[at] != '<') {
    return at;
  }
  const size_t n = stox_span_find(stox_span_slice(text, at, text.n), '>');
  return at + n < text.n ? at + n + 1 : at;
}

static size_t bare_end(stox_span text, size_t at) {
  size_t end = quoted_end(text, at);
  end = end > at ? end : angle_end(text, at);
  if (end > at) {
    return end;
  }
  while (end < text.n && text.p[end] != ';' && text.p[end] != '"' && text.p[end] != '<' &&
         !stox_char_is(text.p[end], STOX_CHAR_CTRL | STOX_CHAR_SPACE)) {
    end++;
  }
  return end;
}

static size_t signature_end(stox_span text, size_t at) {
  while (at < text.n && (stox_char_is(text.p[at], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) ||
                         text.p[at] == '/' || text.p[at] == '+' || text.p[at] == '.' ||
                         text.p[at] == '=' || text.p[at] == '-' || text.p[at] == '_')) {
    at++;
  }
  return at;
}

static int is_host(stox_span text) {
  const int kind = stox_host_kind(text);
  return kind == STOX_HOST_NAME || kind == STOX_HOST_IPV4 || kind == STOX_HOST_IPV6;
}

static int is_generic(stox_span text) {
  return text.p[0] == '"' || stox_sip_is_token(text) || is_host(text);
}

static int is_call_id(stox_span text) {
  const size_t at = stox_span_find(text, '@');
  const stox_span behind = stox_span_slice(text, at + 1, text.n);
  return at > 0 && (at == text.n || is_inside(behind, "", STOX_CHAR_WORD));
}

/* Parts between dots, none of them empty. */
static int has_parts(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '.' && (i == 0 || i + 1 == text.n || text.p[i - 1] == '.')) {
      return 0;
    }
  }
  return text.n > 0;
}

/* number = [ %x31-39 *DIGIT ] DIGIT: no zero in front of digits (RFC 7044 5.1). */
static int is_index(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    const int is_first = i == 0 || text.p[i - 1] == '.';
    const int is_last = i + 1 == text.n || text.p[i + 1] == '.';
    if (is_first && !is_last && text.p[i] == '0') {
      return 0;
    }
  }
  return has_parts(text) && is_inside(text, ".", STOX_CHAR_DIGIT);
}

/* 1*8ALPHA *( "-" 1*8alphanum ), or a star: the digits are RFC 5646's. */
static int is_language(stox_span text) {
  size_t n = 0;
  if (stox_span_is_equal(text, stox_span_text("*"))) {
    return 1;
  }
  for (size_t i = 0; i < text.n; i++) {
    const int is_hyphen = text.p[i] == '-';
    const int is_first = i < stox_span_find(text, '-');
    const uint32_t classes = STOX_CHAR_ALPHA | (is_first ? 0 : (uint32_t)STOX_CHAR_DIGIT);
    n = is_hyphen ? n : n + 1;
    if ((is_hyphen && n == 0) || n > 8 || (!is_hyphen && !stox_char_is(text.p[i], classes))) {
      return 0;
    }
    n = is_hyphen ? 0 : n;
  }
  return n > 0;
}

static int is_language_tag(stox_span text) {
  return text.p[0] != '*' && is_language(text);
}

static int is_digits(stox_span text) {
  return is_inside(text, "", STOX_CHAR_DIGIT);
}

static int is_hex(stox_span text) {
  return is_inside(text, "", STOX_CHAR_HEX);
}

/* 1*DIGIT "." 1*DIGIT */
static int is_version(stox_span text) {
  const size_t dot = stox_span_find(text, '.');
  return is_inside(stox_span_slice(text, 0, dot), "", STOX_CHAR_DIGIT) &&
         is_inside(stox_span_slice(text, dot + 1, text.n), "", STOX_CHAR_DIGIT);
}

static stox_span inside(stox_span text) {
  return text.n < 2 ? stox_span_slice(text, 0, 0) : stox_span_slice(text, 1, text.n - 2);
}

static int is_uri(stox_span text) {
  stox_uri uri;
  return stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL) == STOX_OK;
}

static int is_angle_uri(stox_span text) {
  return is_uri(inside(text));
}

/* A SIP or SIPS URI. What is escaped is one only when it is read. */
static int is_quoted_uri(stox_span text) {
  const stox_span uri = inside(text);
  const stox_span scheme = stox_span_slice(uri, 0, stox_span_find(uri, ':'));
  return (is_uri(uri) && (stox_span_is_equal_nocase(scheme, (stox_span){"sip", 3}) ||
                          stox_span_is_equal_nocase(scheme, (stox_span){"sips", 4}))) ||
         stox_span_find(text, '\\') < text.n;
}

static int is_bare_uri(stox_span text) {
  return text.p[0] == '"' || text.p[0] == '<' ? is_angle_uri(text) : is_uri(text);
}

static int is_instance(stox_span text) {
  const stox_span urn = inside(inside(text));
  const stox_span angles = inside(text);
  return angles.n > 2 && angles.p[0] == '<' && angles.p[angles.n - 1] == '>' &&
         is_inside(urn, "%", STOX_CHAR_URIC);
}

/* A backslash is an atom's character here, and stands for itself. */
static int is_dot_atom(stox_span text) {
  return has_parts(text) && is_inside(text, "-!%*_+/\\~'`.", STOX_CHAR_ALPHA | STOX_CHAR_DIGIT);
}

static int is_content_id(stox_span text) {
  const stox_span id = inside(text);
  const size_t at = stox_span_find(id, '@');
  const stox_span right = stox_span_slice(id, at + 1, id.n);
  return is_dot_atom(stox_span_slice(id, 0, at)) && (is_dot_atom(right) || is_host(right));
}

static int is_quoted_base64(stox_span text) {
  return is_inside(inside(text), "+/=", STOX_CHAR_ALPHA | STOX_CHAR_DIGIT | STOX_CHAR_SPACE);
}

/* No hash has 32 octets of base64: those are the digits of MD5, in lower case. */
static int is_digest(stox_span text) {
  const stox_span digest = inside(text);
  return digest.n == MD5_DIGITS ? is_inside(digest, "abcdef", STOX_CHAR_DIGIT)
                                : is_inside(digest, "+/=", STOX_CHAR_ALPHA | STOX_CHAR_DIGIT);
}

static int is_one_of(stox_span text, const char *a, const char *b) {
  return stox_span_is_equal_nocase(text, stox_span_text(a)) ||
         stox_span_is_equal_nocase(text, stox_span_text(b));
}

static int is_boolean(stox_span text) {
  return is_one_of(text, "true", "false");
}

static int is_refresher(stox_span text) {
  return is_one_of(text, "uas", "uac");
}

static int is_alert(stox_span text) {
  return is_one_of(text, "Normal", "Null");
}

/* Up to the parameters behind it. */
static size_t name_addr_end(stox_span text, size_t at) {
  stox_name_addr address;
  size_t cursor = at;
  if (stox_name_addr_next(&address, text, &cursor, NULL) != STOX_OK || address.star ||
      !is_uri(address.uri)) {
    return at;
  }
  const char *end = address.uri.p + address.uri.n + (address.brackets ? 1 : 0);
  return (size_t)(end - text.p);
}

static const struct kind {
  size_t (*end)(stox_span text, size_t at);
  int (*check)(stox_span text);
} kinds[] = {
    [STOX_SIP_KIND_TOKEN] = {stox_sip_token_end, NULL},
    [STOX_SIP_KIND_QUOTED] = {quoted_end, NULL},
    [STOX_SIP_KIND_TEXT] = {text_end, NULL},
    [STOX_SIP_KIND_GENERIC] = {generic_end, is_generic},
    [STOX_SIP_KIND_HOST] = {generic_end, is_host},
    [STOX_SIP_KIND_STAR] = {star_end, NULL},
    [STOX_SIP_KIND_CALL_ID] = {word_end, is_call_id},
    [STOX_SIP_KIND_EVENT] = {stox_sip_token_end, has_parts},
    [STOX_SIP_KIND_LANGUAGE] = {stox_sip_token_end, is_language},
    [STOX_SIP_KIND_INDEX] = {stox_sip_token_end, is_index},
    [STOX_SIP_KIND_ANGLE_URI] = {angle_end, is_angle_uri},
    [STOX_SIP_KIND_QUOTED_URI] = {quoted_end, is_quoted_uri},
    [STOX_SIP_KIND_BARE_URI] = {bare_end, is_bare_uri},
    [STOX_SIP_KIND_INSTANCE] = {quoted_end, is_instance},
    [STOX_SIP_KIND_CONTENT_ID] = {quoted_end, is_content_id},
    [STOX_SIP_KIND_SIGNATURE] = {signature_end, NULL},
    [STOX_SIP_KIND_BOOLEAN] = {stox_sip_token_end, is_boolean},
    [STOX_SIP_KIND_REFRESHER] = {stox_sip_token_end, is_refresher},
    [STOX_SIP_KIND_ALERT] = {stox_sip_token_end, is_alert},
    [STOX_SIP_KIND_NAME_ADDR] = {name_addr_end, NULL},
    [STOX_SIP_KIND_DIGEST] = {quoted_end, is_digest},
    [STOX_SIP_KIND_QUOTED_BASE64] = {quoted_end, is_quoted_base64},
    [STOX_SIP_KIND_COMMENT] = {comment_end, NULL},
    [STOX_SIP_KIND_LANGUAGE_TAG] = {stox_sip_token_end, is_language_tag},
    [STOX_SIP_KIND_DIGITS] = {stox_sip_token_end, is_digits},
    [STOX_SIP_KIND_HEX] = {stox_sip_token_end, is_hex},
    [STOX_SIP_KIND_VERSION] = {stox_sip_token_end, is_version},
    [STOX_SIP_KIND_UTF8] = {utf8_end, is_utf8},
    [STOX_SIP_KIND_PRODUCT] = {product_end, NULL},
    [STOX_SIP_KIND_PRODUCTS] = {products_end, NULL},
};

size_t stox_sip_kind_end(int kind, stox_span text, size_t at) {
  const size_t end = kinds[kind].end(text, at);
  if (end <= at || kinds[kind].check == NULL) {
    return end;
  }
  return kinds[kind].check(stox_span_slice(text, at, end - at)) ? end : at;
}

int stox_sip_is_kind(int kind, stox_span text) {
  return text.n > 0 && stox_sip_kind_end(kind, text, 0) == text.n;
}
