/* SPDX-License-Identifier: MIT */
#include "xml/escape.h"

#include "base/put.h"
#include "stox/utf8.h"
#include "stox/xml.h"
#include "xml/quick.h"
#include "xml/runs.h"

/* How a text is searched for what is not plain: a long one by maps. */
typedef struct scan {
  const char *p;
  size_t n;
  int is_long;
  xml_marks marks; /* of a long one */
} scan;

static void begin(scan *s, stox_span text) {
  enum { LONG = 96 };
  s->p = text.p;
  s->n = text.n;
  s->is_long = text.n >= LONG;
  if (s->is_long) {
    s->marks.kernel = xml_marks_choose(STOX_XML_KERNEL_BEST);
    xml_marks_begin(&s->marks, text, 0);
  }
}

static inline size_t next(scan *s, size_t at) {
  return s->is_long ? xml_marks_data_behind(&s->marks, at) : xml_run_data(s->p, at, s->n);
}

static size_t skip_high(const char *p, size_t at, size_t n) {
  while (at < n && (unsigned char)p[at] >= 0x80) {
    at++;
  }
  return at;
}

/* What stands for an octet below 0x80, absent: itself. '>' is escaped everywhere, so "]]>" needs no
 * thought; a CR would be read as LF, and in attributes white space as SP. */
static stox_span reference(char c, int is_attribute) {
  static const stox_span none = {NULL, 0};
  switch (c) {
  case '&':
    return (stox_span){"&amp;", 5};
  case '<':
    return (stox_span){"&lt;", 4};
  case '>':
    return (stox_span){"&gt;", 4};
  case '\r':
    return (stox_span){"&#13;", 5};
  case '\'':
    return is_attribute ? (stox_span){"&apos;", 6} : none;
  case '"':
    return is_attribute ? (stox_span){"&quot;", 6} : none;
  case '\t':
    return is_attribute ? (stox_span){"&#9;", 4} : none;
  case '\n':
    return is_attribute ? (stox_span){"&#10;", 5} : none;
  default:
    return none;
  }
}

static int is_control(char c) {
  return (unsigned char)c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

void xml_escape_checked(stox_buf *out, stox_span text, int is_attribute) {
  scan s;
  size_t from = 0;
  begin(&s, text);
  for (size_t at = next(&s, 0); at < text.n; at = next(&s, at)) {
    if ((unsigned char)text.p[at] >= 0x80) {
      at = skip_high(text.p, at, text.n);
      continue;
    }
    const stox_span instead = reference(text.p[at], is_attribute);
    if (instead.p != NULL) {
      (void)stox_put(out, text.p + from, at - from);
      (void)stox_put(out, instead.p, instead.n);
      from = at + 1;
    }
    at++;
  }
  (void)stox_put(out, text.p + from, text.n - from);
}

/* Past an octet that is not plain; 0: XML cannot carry what is there. */
static size_t pass(stox_span text, size_t at) {
  if ((unsigned char)text.p[at] >= 0x80) {
    return xml_quick_sequences(text.p, at, text.n);
  }
  return is_control(text.p[at]) ? 0 : at + 1;
}

/* Bad UTF-8 anywhere is told before anything else is. */
static int refuse(stox_span text) {
  return stox_utf8_check(text, NULL) == STOX_OK ? STOX_E_CTRL : STOX_E_BAD_UTF8;
}

int xml_text_check(stox_span text) {
  scan s;
  begin(&s, text);
  for (size_t at = next(&s, 0); at < text.n; at = next(&s, at)) {
    at = pass(text, at);
    if (at == 0) {
      return refuse(text);
    }
  }
  return STOX_OK;
}

int xml_escape(stox_buf *out, stox_span text, int is_attribute) {
  scan s;
  size_t from = 0;
  begin(&s, text);
  size_t at = next(&s, 0);
  while (at < text.n) {
    if ((unsigned char)text.p[at] >= 0x80) {
      at = xml_quick_high(text.p, at, text.n);
      if (at == 0) {
        return refuse(text);
      }
      at = next(&s, at);
      continue;
    }
    const stox_span instead = reference(text.p[at], is_attribute);
    if (is_control(text.p[at])) {
      return refuse(text);
    }
    if (instead.p != NULL) {
      (void)stox_put(out, text.p + from, at - from);
      (void)stox_put(out, instead.p, instead.n);
      from = at + 1;
    }
    at = next(&s, at + 1);
  }
  (void)stox_put(out, text.p + from, text.n - from);
  return STOX_OK;
}

int stox_xml_escape(stox_buf *out, stox_span text, int is_attribute) {
  const size_t start = out->len;
  const int status = xml_escape(out, text, is_attribute);
  if (status != STOX_OK) {
    out->len = start;
    return status;
  }
  return stox_buf_status(out);
}
