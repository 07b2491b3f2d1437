/* SPDX-License-Identifier: MIT */
#include "xml/tree.h"

#include "stox/status.h"

#include <string.h>

stox_span stox_xml_name(const stox_xml_element *element) {
  return xml_local(xml_head_of(element), element->name_at, element->sizes);
}

stox_span stox_xml_ns(const stox_xml_element *element) {
  return xml_ns_at(xml_head_of(element), element->ns);
}

int stox_xml_is(const stox_xml_element *element, const char *ns, const char *name) {
  return element != NULL &&
         (name == NULL || stox_span_is_equal(stox_xml_name(element), stox_span_text(name))) &&
         (ns == NULL || stox_span_is_equal(stox_xml_ns(element), stox_span_text(ns)));
}

int stox_xml_get_attribute(stox_xml_attribute *out, const stox_xml_element *element, size_t index) {
  const uint32_t declared = xml_n_declared(element);
  if (index >= xml_n_records(element->sizes) - declared) {
    return STOX_E_NONE;
  }
  const xml_head *head = xml_head_of(element);
  const xml_record *found = xml_records(element) + declared + index;
  *out =
      (stox_xml_attribute){xml_attribute_ns(element, found),
                           xml_local(head, found->name_at, found->sizes), xml_value(head, found)};
  return STOX_OK;
}

static int is_named(const xml_head *head, const xml_record *record, stox_span prefix,
                    stox_span name) {
  return (record->sizes & XML_DECLARES) == 0 && xml_local_n(record->sizes) == name.n &&
         xml_prefix_n(record->sizes) == prefix.n &&
         stox_span_is_equal(xml_local(head, record->name_at, record->sizes), name) &&
         stox_span_is_equal(xml_prefix(head, record->name_at, record->sizes), prefix);
}

/* By its prefix, which is enough for what has none and for "xml". */
static stox_span find_attribute(const stox_xml_element *element, const char *prefix,
                                const char *name) {
  const xml_head *head = xml_head_of(element);
  const xml_record *records = xml_records(element);
  const uint32_t n = xml_n_records(element->sizes);
  const stox_span wanted = stox_span_text(name);
  const stox_span with = stox_span_text(prefix);
  for (uint32_t i = 0; i < n; i++) {
    if (is_named(head, &records[i], with, wanted)) {
      return xml_value(head, &records[i]);
    }
  }
  return (stox_span){NULL, 0};
}

stox_span stox_xml_attribute_of(const stox_xml_element *element, const char *name) {
  return find_attribute(element, "", name);
}

stox_span stox_xml_lang(const stox_xml_element *element) {
  return find_attribute(element, "xml", "lang");
}

stox_span stox_xml_scope(const stox_xml_element *element, const char *prefix) {
  const stox_span wanted = stox_span_text(prefix);
  const xml_record *found = xml_declared(element, wanted);
  if (found != NULL) {
    return xml_value(xml_head_of(element), found);
  }
  return (stox_span){wanted.n == 0 ? "" : NULL, 0};
}

const stox_xml_element *stox_xml_child(const stox_xml_element *element, const char *ns,
                                       const char *name, const stox_xml_element *after) {
  const xml_head *head = xml_head_of(element);
  uint32_t at = after == NULL ? xml_first_child(element) : after->next & ~(uint32_t)XML_FLAGS;
  for (; at != 0; at = xml_next_of(head, at)) {
    const stox_xml_element *child = xml_element_at(head, at);
    if (stox_xml_is(child, ns, name)) {
      return child;
    }
  }
  return NULL;
}

static void set_node(stox_xml_node *out, const xml_head *head, uint32_t at) {
  const void *node = xml_at(head, at);
  const uint32_t next = xml_next_of(head, at);
  *out =
      (stox_xml_node){.kind = STOX_XML_NODE_ELEMENT, .next = next == 0 ? NULL : xml_at(head, next)};
  if (xml_kind_at(head, at)) {
    const xml_text *text = node;
    out->kind = STOX_XML_NODE_TEXT;
    out->text = xml_text_at(head, text->at, text->n);
  } else {
    out->element = node;
  }
}

int stox_xml_first_node(stox_xml_node *out, const stox_xml_element *element) {
  const uint32_t at = xml_first_child(element);
  if (at == 0) {
    return STOX_E_NONE;
  }
  set_node(out, xml_head_of(element), at);
  return STOX_OK;
}

int stox_xml_next_node(stox_xml_node *node) {
  if (node->next == NULL) {
    return STOX_E_NONE;
  }
  /* Both kinds of node begin alike. */
  const xml_text *next = node->next;
  const void *head = (const char *)node->next - next->self;
  set_node(node, head, next->self);
  return STOX_OK;
}

int stox_xml_text(stox_span *out, stox_arena *arena, const stox_xml_element *element) {
  stox_xml_node node;
  size_t n = 0;
  size_t texts = 0;
  stox_span only = {"", 0};
  for (int s = stox_xml_first_node(&node, element); s == STOX_OK; s = stox_xml_next_node(&node)) {
    if (node.kind == STOX_XML_NODE_TEXT) {
      only = node.text;
      n += node.text.n;
      texts++;
    }
  }
  if (texts <= 1) {
    *out = only;
    return STOX_OK;
  }
  char *p = stox_arena_take(arena, n, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  *out = (stox_span){p, n};
  for (int s = stox_xml_first_node(&node, element); s == STOX_OK; s = stox_xml_next_node(&node)) {
    if (node.kind == STOX_XML_NODE_TEXT) {
      memcpy(p, node.text.p, node.text.n);
      p += node.text.n;
    }
  }
  return STOX_OK;
}
