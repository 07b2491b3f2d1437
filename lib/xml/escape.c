/* SPDX-License-Identifier: MIT */
#include "xml/escape.h"

#include "stox/status.h"
#include "stox/utf8.h"
#include "stox/xml.h"

static int is_control(unsigned char c) {
  return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

int xml_text_check(stox_span text) {
  if (stox_utf8_check(text, NULL) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  for (size_t i = 0; i < text.n; i++) {
    const unsigned char c = (unsigned char)text.p[i];
    if (is_control(c)) {
      return STOX_E_CTRL;
    }
    /* U+FFFE and U+FFFF are EF BF BE and EF BF BF. */
    if (c == 0xef && (unsigned char)text.p[i + 1] == 0xbf && (unsigned char)text.p[i + 2] >= 0xbe) {
      return STOX_E_CTRL;
    }
  }
  return STOX_OK;
}

/* What stands for an octet, NULL: itself. '>' is escaped everywhere, so "]]>" needs no thought; a
 * CR would be read as LF, and in attributes white space as SP. */
static const char *reference(char c, int is_attribute) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '\r':
    return "&#13;";
  case '\'':
    return is_attribute ? "&apos;" : NULL;
  case '"':
    return is_attribute ? "&quot;" : NULL;
  case '\t':
    return is_attribute ? "&#9;" : NULL;
  case '\n':
    return is_attribute ? "&#10;" : NULL;
  default:
    return NULL;
  }
}

void xml_escape(stox_buf *out, stox_span text, int is_attribute) {
  size_t from = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char *instead = reference(text.p[i], is_attribute);
    if (instead != NULL) {
      (void)stox_buf_put(out, stox_span_slice(text, from, i - from));
      (void)stox_buf_put_text(out, instead);
      from = i + 1;
    }
  }
  (void)stox_buf_put(out, stox_span_slice(text, from, text.n));
}

int stox_xml_escape(stox_buf *out, stox_span text, int is_attribute) {
  const int status = xml_text_check(text);
  if (status != STOX_OK) {
    return status;
  }
  xml_escape(out, text, is_attribute);
  return stox_buf_status(out);
}
