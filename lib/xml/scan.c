/* SPDX-License-Identifier: MIT */
#include "xml/scan.h"

#include "base/chars.h"
#include "stox/status.h"

#include <string.h>

enum {
  IN_TEXT,
  AFTER_LT,
  IN_TAG,
  IN_VALUE,
  IN_END,
  IN_BANG,
  IN_CDATA,
  IN_DECLARATION,
  CDATA_CLOSING /* ']' octets have been seen */
};

/* libxml2's own ceiling, from its nodeDepth check (XML_PARSE_HUGE is never set). */
enum { DEPTH_CEILING = 250 };

void xml_scan_init(xml_scan *scan, const stox_limits *limits) {
  *scan = (xml_scan){
      .depth_max = limits->depth < DEPTH_CEILING ? limits->depth : DEPTH_CEILING,
      .attributes_max = limits->attributes,
      .name_max = limits->names,
      .state = IN_TEXT,
      .may_declare = 1,
  };
}

static int end_token(xml_scan *scan, int token) {
  scan->state = IN_TEXT;
  scan->token = token;
  return STOX_OK;
}

/* One octet that is part of a name, or ends one. */
static int count_name(xml_scan *scan, int is_name) {
  scan->run = is_name ? scan->run + 1 : 0;
  return scan->run > scan->name_max ? STOX_E_TOO_LONG : STOX_E_MORE;
}

/* What a name may begin with, as far as one octet tells. */
static int begins_name(char c) {
  return stox_char_is(c, STOX_CHAR_ALPHA) || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

static int after_lt(xml_scan *scan, char c) {
  const int may_declare = scan->may_declare;
  scan->may_declare = 0;
  scan->run = 0;
  scan->attributes = 0;
  scan->before = '\0';
  switch (c) {
  case '/':
    scan->state = IN_END;
    return STOX_E_MORE;
  case '!':
    scan->state = IN_BANG;
    return STOX_E_MORE;
  case '?':
    scan->state = IN_DECLARATION;
    return may_declare ? STOX_E_MORE : STOX_E_RESTRICTED_XML;
  default:
    scan->state = IN_TAG;
    return begins_name(c) ? count_name(scan, 1) : STOX_E_BAD_XML;
  }
}

static int end_start_tag(xml_scan *scan) {
  /* The root is level 0. */
  if (scan->depth > scan->depth_max) {
    return STOX_E_TOO_DEEP;
  }
  if (scan->before == '/') {
    return end_token(scan, XML_TOKEN_EMPTY);
  }
  scan->depth++;
  return end_token(scan, XML_TOKEN_START);
}

static int in_tag(xml_scan *scan, char c) {
  int status = STOX_E_MORE;
  switch (c) {
  case '<':
    return STOX_E_BAD_XML;
  case '>':
    return end_start_tag(scan);
  case '"':
  case '\'':
    scan->state = IN_VALUE;
    scan->quote = c;
    scan->run = 0;
    scan->attributes++;
    status = scan->attributes > scan->attributes_max ? STOX_E_TOO_MANY : STOX_E_MORE;
    break;
  default:
    status = count_name(scan, c != '=' && c != '/' && !stox_char_is(c, STOX_CHAR_SPACE));
    break;
  }
  scan->before = c;
  return status;
}

static int in_end(xml_scan *scan, char c) {
  if (c == '<' || c == '"' || c == '\'') {
    return STOX_E_BAD_XML;
  }
  if (c != '>') {
    return count_name(scan, !stox_char_is(c, STOX_CHAR_SPACE));
  }
  if (scan->depth == 0) {
    return STOX_E_BAD_XML;
  }
  scan->depth--;
  return end_token(scan, XML_TOKEN_END);
}

/* Only a CDATA section may begin with "<!" (RFC 6120 11.1), and only within a stanza. */
static int in_bang(xml_scan *scan, char c) {
  static const char open[] = "[CDATA[";
  if (c != open[scan->run]) {
    return scan->run == 0 ? STOX_E_RESTRICTED_XML : STOX_E_BAD_XML;
  }
  if (scan->depth < 2) {
    return STOX_E_BAD_XML;
  }
  scan->run++;
  if (open[scan->run] == '\0') {
    scan->state = IN_CDATA;
  }
  return STOX_E_MORE;
}

static int cdata_closing(xml_scan *scan, char c) {
  if (c == ']') {
    scan->run++;
    return STOX_E_MORE;
  }
  if (c == '>' && scan->run >= 2) {
    return end_token(scan, XML_TOKEN_CDATA);
  }
  scan->state = IN_CDATA;
  return STOX_E_MORE;
}

static int step(xml_scan *scan, char c) {
  switch (scan->state) {
  case IN_TEXT:
    scan->state = AFTER_LT;
    return STOX_E_MORE;
  case AFTER_LT:
    return after_lt(scan, c);
  case IN_TAG:
    return in_tag(scan, c);
  case IN_VALUE:
    scan->state = IN_TAG;
    scan->before = c;
    return c == '<' ? STOX_E_BAD_XML : STOX_E_MORE;
  case IN_END:
    return in_end(scan, c);
  case IN_BANG:
    return in_bang(scan, c);
  case IN_CDATA:
    scan->state = CDATA_CLOSING;
    scan->run = 1;
    return STOX_E_MORE;
  case CDATA_CLOSING:
    return cdata_closing(scan, c);
  default:
    return c == '>' ? end_token(scan, XML_TOKEN_DECLARATION) : STOX_E_MORE;
  }
}

static size_t find(stox_span bytes, size_t from, char wanted) {
  const char *found = memchr(bytes.p + from, wanted, bytes.n - from);
  return found == NULL ? bytes.n : (size_t)(found - bytes.p);
}

/* The next octet that matters in this state. */
static size_t skip(const xml_scan *scan, stox_span bytes, size_t from) {
  switch (scan->state) {
  case IN_TEXT:
    return find(bytes, from, '<');
  case IN_CDATA:
    return find(bytes, from, ']');
  case IN_VALUE:
    bytes.n = find(bytes, from, scan->quote);
    return find(bytes, from, '<');
  default:
    return from;
  }
}

int xml_scan_next(xml_scan *scan, size_t *n, stox_span bytes) {
  int status = STOX_E_MORE;
  size_t at = 0;
  while (at < bytes.n && status == STOX_E_MORE) {
    at = skip(scan, bytes, at);
    if (at < bytes.n) {
      status = step(scan, bytes.p[at]);
      at += status == STOX_OK || status == STOX_E_MORE ? 1 : 0;
    }
  }
  *n = at;
  return status;
}
