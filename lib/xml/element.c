/* SPDX-License-Identifier: MIT */
#include "xml/tree.h"

#include "stox/status.h"

#include <string.h>

stox_span stox_xml_name(const stox_xml_element *element) {
  return element->name;
}

stox_span stox_xml_ns(const stox_xml_element *element) {
  return element->ns;
}

int stox_xml_is(const stox_xml_element *element, const char *ns, const char *name) {
  return element != NULL && (ns == NULL || stox_span_is_equal(element->ns, stox_span_text(ns))) &&
         (name == NULL || stox_span_is_equal(element->name, stox_span_text(name)));
}

int stox_xml_get_attribute(stox_xml_attribute *out, const stox_xml_element *element, size_t index) {
  if (index >= element->node.n_attributes) {
    return STOX_E_NONE;
  }
  const xml_attribute *found = &element->attributes[index];
  *out = (stox_xml_attribute){found->ns, found->name, found->value};
  return STOX_OK;
}

static stox_span find_attribute(const stox_xml_element *element, stox_span ns, stox_span name) {
  for (size_t i = 0; i < element->node.n_attributes; i++) {
    const xml_attribute *a = &element->attributes[i];
    if (stox_span_is_equal(a->name, name) && stox_span_is_equal(a->ns, ns)) {
      return a->value;
    }
  }
  return (stox_span){NULL, 0};
}

stox_span stox_xml_attribute_of(const stox_xml_element *element, const char *name) {
  return find_attribute(element, (stox_span){NULL, 0}, stox_span_text(name));
}

stox_span stox_xml_lang(const stox_xml_element *element) {
  return find_attribute(element, stox_span_text(XML_NAMESPACE), stox_span_text("lang"));
}

stox_span stox_xml_scope(const stox_xml_element *element, const char *prefix) {
  const stox_span wanted = stox_span_text(prefix);
  if (wanted.n == 0) {
    return element->default_ns;
  }
  const xml_binding *found = xml_binding_of(element, wanted);
  return found == NULL ? (stox_span){NULL, 0} : found->ns;
}

const stox_xml_element *stox_xml_child(const stox_xml_element *element, const char *ns,
                                       const char *name, const stox_xml_element *after) {
  const xml_node *node = after == NULL ? element->first : after->node.next;
  for (; node != NULL; node = node->next) {
    const stox_xml_element *child = xml_element_of(node);
    if (stox_xml_is(child, ns, name)) {
      return child;
    }
  }
  return NULL;
}

static void set_node(stox_xml_node *out, const xml_node *node) {
  const void *whole = node;
  *out = (stox_xml_node){.kind = node->kind, .next = node->next};
  if (node->kind == STOX_XML_NODE_TEXT) {
    out->text = ((const xml_text *)whole)->text;
  } else {
    out->element = whole;
  }
}

int stox_xml_first_node(stox_xml_node *out, const stox_xml_element *element) {
  if (element->first == NULL) {
    return STOX_E_NONE;
  }
  set_node(out, element->first);
  return STOX_OK;
}

int stox_xml_next_node(stox_xml_node *node) {
  if (node->next == NULL) {
    return STOX_E_NONE;
  }
  set_node(node, node->next);
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
