/* SPDX-License-Identifier: MIT */
/* The common start tag at once: in one piece, names and values of ASCII without references, one
 * space in front of an attribute. Of any other tag nothing is read, and the steps take it octet by
 * octet; so whatever is refused is refused by them. */
#include "xml/runs.h"
#include "xml/steps.h"

/* Octets being looked at. */
typedef struct view {
  const char *p;
  size_t at;
  size_t n;
  size_t names_max;
} view;

/* The sizes of a name that ends in front of an octet that is there; 0: it is not a common one. */
static uint32_t read_name(view *v) {
  const size_t from = v->at;
  if (from >= v->n || !xml_class(v->p[from], XML_CLASS_START)) {
    return 0;
  }
  size_t part = from;
  size_t end = xml_run_name(v->p, from + 1, v->n);
  if (end < v->n && v->p[end] == ':') {
    part = end + 1;
    if (part >= v->n || !xml_class(v->p[part], XML_CLASS_START)) {
      return 0;
    }
    end = xml_run_name(v->p, part + 1, v->n);
  }
  if (end >= v->n || end - from > v->names_max) {
    return 0;
  }
  v->at = end;
  const size_t prefix_n = part == from ? 0 : part - from - 1;
  return (uint32_t)(end - part) | (uint32_t)prefix_n << XML_NAME_BITS;
}

/* 1: an attribute was read, up to the octet behind its value. */
static int read_attribute(xml_record *out, view *v, size_t skew) {
  out->name_at = (uint32_t)(v->at + skew);
  out->sizes = read_name(v);
  if (out->sizes == 0 || v->n - v->at < 3 || v->p[v->at] != '=') {
    return 0;
  }
  const char quote = v->p[v->at + 1];
  if (quote != '\'' && quote != '"') {
    return 0;
  }
  const size_t from = v->at + 2;
  size_t end = xml_run_value(v->p, from, v->n);
  while (end < v->n && v->p[end] != quote && (v->p[end] == '\'' || v->p[end] == '"')) {
    end = xml_run_value(v->p, end + 1, v->n);
  }
  if (end >= v->n || v->p[end] != quote) {
    return 0;
  }
  out->value_at = (uint32_t)(from + skew);
  out->value_n = (uint32_t)(end - from);
  v->at = end + 1;
  return 1;
}

/* Reads attributes up to the '>' or "/>": STOX_OK, STOX_E_NONE, STOX_E_NOMEM. */
static int read_attributes(xml_stream *s, view *v) {
  uint32_t left = s->attributes_max;
  xml_record record;
  while (v->at < v->n && v->p[v->at] == ' ') {
    v->at++;
    if (v->at == v->n || !xml_class(v->p[v->at], XML_CLASS_START)) {
      continue;
    }
    if (left-- == 0 || !read_attribute(&record, v, s->skew)) {
      return STOX_E_NONE;
    }
    if (xml_build_record(&s->build, &record) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  return STOX_OK;
}

int xml_read_tag(xml_stream *s, int *is_empty) {
  view v = {s->p, s->at, s->n, s->names_max};
  const size_t before = s->build.nodes.len;
  const uint32_t sizes = s->build.is_refused ? 0 : read_name(&v);
  if (sizes == 0) {
    return STOX_E_NONE;
  }
  int status = xml_build_open(&s->build, (uint32_t)xml_here(s));
  if (status == STOX_OK) {
    stox_xml_element *element = xml_build_at(&s->build, s->build.tag);
    element->sizes = sizes;
    status = read_attributes(s, &v);
  }
  *is_empty = v.at < v.n && v.p[v.at] == '/';
  v.at += (size_t)*is_empty;
  if (status == STOX_OK && v.at < v.n && v.p[v.at] == '>') {
    s->at = v.at + 1;
    s->is_tag_raw = 0;
    return STOX_OK;
  }
  s->build.nodes.len = before;
  return status == STOX_E_NOMEM ? status : STOX_E_NONE;
}
