/* SPDX-License-Identifier: MIT */
#include "xml/tree.h"

#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

static const stox_span xml_prefix = {"xml", 3};
static const stox_span xml_ns = {XML_NAMESPACE, sizeof XML_NAMESPACE - 1};
static const stox_span no_ns = {"", 0};

const stox_xml_element *xml_element_of(const xml_node *node) {
  const void *whole = node;
  return node->kind == STOX_XML_NODE_ELEMENT ? whole : NULL;
}

static const stox_span *text_of(const xml_node *node) {
  const void *whole = node;
  return &((const xml_text *)whole)->text;
}

static void append(stox_xml_element *parent, xml_node *node) {
  if (parent->last == NULL) {
    parent->first = node;
  } else {
    parent->last->next = node;
  }
  parent->last = node;
}

int xml_build_open(xml_builder *builder, const xml_tag *tag) {
  stox_xml_element *element =
      stox_arena_take(builder->arena, sizeof *element, alignof(stox_xml_element));
  if (element == NULL) {
    return STOX_E_NOMEM;
  }
  *element = (stox_xml_element){.node = {NULL, STOX_XML_NODE_ELEMENT, 0},
                                .parent = builder->open,
                                .default_ns = builder->default_ns};
  if (builder->open != NULL) {
    element->default_ns = builder->open->default_ns;
    append(builder->open, &element->node);
  } else {
    builder->top = element;
  }
  builder->open = element;
  if (tag->n_attributes > 0) {
    element->attributes = stox_arena_take(builder->arena, tag->n_attributes * sizeof(xml_attribute),
                                          alignof(xml_attribute));
    if (element->attributes == NULL) {
      return STOX_E_NOMEM;
    }
  }
  const int status = stox_arena_copy(builder->arena, &element->prefix, tag->prefix);
  return status != STOX_OK ? status : stox_arena_copy(builder->arena, &element->name, tag->name);
}

static int add_binding(stox_arena *arena, stox_xml_element *element, stox_span prefix,
                       stox_span ns) {
  xml_binding *added = stox_arena_take(arena, sizeof *added, alignof(xml_binding));
  if (added == NULL) {
    return STOX_E_NOMEM;
  }
  *added = (xml_binding){NULL, {NULL, 0}, {NULL, 0}};
  if (stox_arena_copy(arena, &added->prefix, prefix) != STOX_OK ||
      stox_arena_copy(arena, &added->ns, ns) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  xml_binding **at = &element->bindings;
  while (*at != NULL) {
    at = &(*at)->next;
  }
  *at = added;
  return STOX_OK;
}

int xml_build_declare(xml_builder *builder, stox_span prefix, stox_span ns) {
  if (prefix.n == 0) {
    return stox_arena_copy(builder->arena, &builder->open->default_ns, ns);
  }
  if (stox_span_is_equal(prefix, xml_prefix)) {
    return STOX_OK;
  }
  if (builder->scope >= builder->scope_max) {
    return STOX_E_TOO_MANY;
  }
  builder->scope++;
  return add_binding(builder->arena, builder->open, prefix, ns);
}

int xml_build_attribute(xml_builder *builder, stox_span prefix, stox_span name, stox_span value) {
  stox_xml_element *element = builder->open;
  xml_attribute *attribute = &element->attributes[element->node.n_attributes];
  *attribute = (xml_attribute){.ns = no_ns};
  if (stox_arena_copy(builder->arena, &attribute->prefix, prefix) != STOX_OK ||
      stox_arena_copy(builder->arena, &attribute->name, name) != STOX_OK ||
      stox_arena_copy(builder->arena, &attribute->value, value) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  element->node.n_attributes++;
  return STOX_OK;
}

static const xml_binding *find_binding(const stox_xml_element *element, stox_span prefix) {
  for (const xml_binding *b = element->bindings; b != NULL; b = b->next) {
    if (stox_span_is_equal(b->prefix, prefix)) {
      return b;
    }
  }
  return NULL;
}

const xml_binding *xml_binding_of(const stox_xml_element *element, stox_span prefix) {
  const xml_binding *found = NULL;
  for (; element != NULL && found == NULL; element = element->parent) {
    found = find_binding(element, prefix);
  }
  return found;
}

static int resolve(xml_builder *builder, stox_span *ns, stox_span prefix) {
  if (stox_span_is_equal(prefix, xml_prefix)) {
    *ns = xml_ns;
    return STOX_OK;
  }
  const xml_binding *found = xml_binding_of(builder->open, prefix);
  if (found == NULL && builder->outer != NULL) {
    const xml_binding *outer = find_binding(builder->outer, prefix);
    if (outer != NULL) {
      const int status = add_binding(builder->arena, builder->top, prefix, outer->ns);
      if (status != STOX_OK) {
        return status;
      }
      found = find_binding(builder->top, prefix);
    }
  }
  if (found == NULL) {
    return STOX_E_BAD_NAMESPACE;
  }
  *ns = found->ns;
  return STOX_OK;
}

int xml_build_opened(xml_builder *builder) {
  stox_xml_element *element = builder->open;
  element->ns = element->default_ns;
  int status = STOX_OK;
  if (element->prefix.n > 0) {
    status = resolve(builder, &element->ns, element->prefix);
  }
  for (size_t i = 0; i < element->node.n_attributes && status == STOX_OK; i++) {
    xml_attribute *attribute = &element->attributes[i];
    if (attribute->prefix.n > 0) {
      status = resolve(builder, &attribute->ns, attribute->prefix);
    }
  }
  return status;
}

/* A parser gives one text in many pieces: they grow together while nothing lies between them. */
static int extend(stox_arena *arena, xml_node *last, stox_span text) {
  void *whole = last;
  xml_text *before = whole;
  stox_span added = {NULL, 0};
  if (stox_arena_copy(arena, &added, text) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  if (added.p != before->text.p + before->text.n) {
    return STOX_E_NONE;
  }
  before->text.n += text.n;
  return STOX_OK;
}

int xml_build_text(xml_builder *builder, stox_span text) {
  stox_xml_element *parent = builder->open;
  if (text.n == 0) {
    return STOX_OK;
  }
  if (parent->last != NULL && parent->last->kind == STOX_XML_NODE_TEXT) {
    const int status = extend(builder->arena, parent->last, text);
    if (status != STOX_E_NONE) {
      return status;
    }
  }
  xml_text *added = stox_arena_take(builder->arena, sizeof *added, alignof(xml_text));
  if (added == NULL) {
    return STOX_E_NOMEM;
  }
  *added = (xml_text){{NULL, STOX_XML_NODE_TEXT, 0}, {NULL, 0}};
  append(parent, &added->node);
  return stox_arena_copy(builder->arena, &added->text, text);
}

void xml_build_close(xml_builder *builder) {
  for (const xml_binding *b = builder->open->bindings; b != NULL; b = b->next) {
    builder->scope -= builder->scope > 0 ? 1 : 0;
  }
  builder->open = builder->open->parent;
}

static int copy_tag(xml_builder *builder, const stox_xml_element *from) {
  const xml_tag tag = {from->prefix, from->name, from->node.n_attributes};
  int status = xml_build_open(builder, &tag);
  const stox_span outer = from->parent == NULL ? no_ns : from->parent->default_ns;
  if (status == STOX_OK && from->default_ns.p != outer.p) {
    status = xml_build_declare(builder, no_ns, from->default_ns);
  }
  for (const xml_binding *b = from->bindings; b != NULL && status == STOX_OK; b = b->next) {
    status = xml_build_declare(builder, b->prefix, b->ns);
  }
  for (size_t i = 0; i < from->node.n_attributes && status == STOX_OK; i++) {
    const xml_attribute *a = &from->attributes[i];
    status = xml_build_attribute(builder, a->prefix, a->name, a->value);
  }
  return status != STOX_OK ? status : xml_build_opened(builder);
}

/* Copies a run of texts as one; gives the node behind them. */
static int copy_texts(xml_builder *builder, const xml_node **at) {
  size_t n = 0;
  for (const xml_node *t = *at; t != NULL && t->kind == STOX_XML_NODE_TEXT; t = t->next) {
    n += text_of(t)->n;
  }
  xml_text *joined = stox_arena_take(builder->arena, sizeof *joined, alignof(xml_text));
  char *p = stox_arena_take(builder->arena, n, 1);
  if (joined == NULL || p == NULL) {
    return STOX_E_NOMEM;
  }
  *joined = (xml_text){{NULL, STOX_XML_NODE_TEXT, 0}, {p, n}};
  append(builder->open, &joined->node);
  const xml_node *t = *at;
  for (; t != NULL && t->kind == STOX_XML_NODE_TEXT; t = t->next) {
    memcpy(p, text_of(t)->p, text_of(t)->n);
    p += text_of(t)->n;
  }
  *at = t;
  return STOX_OK;
}

int xml_tree_copy(const stox_xml_element **out, stox_arena *arena, const stox_xml_element *from) {
  xml_builder builder = {.arena = arena, .default_ns = no_ns, .scope_max = SIZE_MAX};
  int status = copy_tag(&builder, from);
  const stox_xml_element *open = from;
  const xml_node *at = from->first;
  while (status == STOX_OK && (at != NULL || open != from)) {
    const stox_xml_element *child = at == NULL ? NULL : xml_element_of(at);
    if (at == NULL) {
      xml_build_close(&builder);
      at = open->node.next;
      open = open->parent;
    } else if (child == NULL) {
      status = copy_texts(&builder, &at);
    } else {
      open = child;
      at = child->first;
      status = copy_tag(&builder, child);
    }
  }
  if (status == STOX_OK) {
    *out = builder.top;
  }
  return status;
}
