/* SPDX-License-Identifier: MIT */
/* The common start tag at once: in one piece, names and values of ASCII without references, one
 * space in front of an attribute. Of any other tag nothing is read, and the steps take it octet by
 * octet; so whatever is refused is refused by them. */
#include "xml/runs.h"
#include "xml/steps.h"

/* A name's end, in front of an octet that is there; 0: it is not a common one. */
static inline size_t read_name(uint32_t *sizes, const char *p, size_t from, size_t n) {
  if (from >= n || !xml_class(p[from], XML_CLASS_START)) {
    return 0;
  }
  size_t end = xml_run_name(p, from, n);
  if (end >= n) {
    return 0;
  }
  *sizes = (uint32_t)(end - from);
  if (p[end] != ':') {
    return end;
  }
  const size_t part = end + 1;
  if (part >= n || !xml_class(p[part], XML_CLASS_START)) {
    return 0;
  }
  end = xml_run_name(p, part, n);
  *sizes = (uint32_t)(end - part) | *sizes << XML_NAME_BITS;
  return end < n ? end : 0;
}

/* Where a value ends that has no octet of note, 0: it has one. */
static inline size_t read_value(const char *p, size_t from, size_t n, char quote) {
  size_t end = xml_run_value(p, from, n);
  while (end < n && p[end] != quote && (p[end] == '\'' || p[end] == '"')) {
    end = xml_run_value(p, end + 1, n);
  }
  return end < n && p[end] == quote ? end : 0;
}

/* What a name lets its tag be; `seen` are the kinds of name before it. */
static inline unsigned hints_of(uint32_t sizes, char first, uint64_t *seen) {
  const uint64_t bit = UINT64_C(1) << (((unsigned char)first + sizes * 7) & 63);
  unsigned hints = (*seen & bit) != 0 ? XML_MAY_REPEAT : 0U;
  *seen |= bit;
  if (xml_prefix_n(sizes) > 0) {
    hints |= XML_MAY_HAVE_PREFIX | XML_MAY_DECLARE;
  } else if (first == 'x' && sizes == 5) {
    hints |= XML_MAY_DECLARE;
  }
  return hints;
}

/* Where the attributes end that begin at `at`, 0: there is something that is not common. */
static size_t read_attributes(xml_stream *s, size_t at) {
  const char *p = s->p;
  const size_t n = s->n;
  uint32_t left = s->attributes_max;
  uint64_t seen = 0;
  unsigned hints = 0;
  while (at < n && p[at] == ' ') {
    const size_t from = at + 1;
    uint32_t sizes = 0;
    at = from;
    if (at < n && (p[at] == '/' || p[at] == '>')) {
      break;
    }
    at = read_name(&sizes, p, from, n);
    if (at == 0 || at - from > s->names_max || n - at < 3 || p[at] != '=' ||
        (p[at + 1] != '\'' && p[at + 1] != '"') || left-- == 0) {
      return 0;
    }
    const size_t value = at + 2;
    const size_t end = read_value(p, value, n, p[at + 1]);
    const xml_record record = {(uint32_t)(from + s->skew), sizes, (uint32_t)(value + s->skew),
                               (uint32_t)(end - value)};
    if (end == 0 || xml_build_record(&s->build, &record) == 0) {
      return 0;
    }
    hints |= hints_of(sizes, p[from], &seen);
    at = end + 1;
  }
  s->build.hints = hints;
  return at < n ? at : 0;
}

int xml_read_tag(xml_stream *s, int *is_empty) {
  const size_t before = s->build.nodes.len;
  uint32_t sizes = 0;
  size_t at = s->build.is_refused ? 0 : read_name(&sizes, s->p, s->at, s->n);
  if (at == 0 || at - s->at > s->names_max) {
    return STOX_E_NONE;
  }
  if (xml_build_open(&s->build, (uint32_t)xml_here(s)) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  stox_xml_element *element = xml_build_at(&s->build, s->build.tag);
  element->sizes = sizes;
  at = read_attributes(s, at);
  *is_empty = at > 0 && s->p[at] == '/';
  at += (size_t)*is_empty;
  if (at > 0 && at < s->n && s->p[at] == '>') {
    s->at = at + 1;
    s->is_tag_raw = 0;
    return STOX_OK;
  }
  s->build.nodes.len = before;
  return STOX_E_NONE;
}
