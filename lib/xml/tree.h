/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_TREE_H
#define STOX_XML_TREE_H

#include "stox/arena.h"
#include "stox/xml.h"

#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"

/* A declaration of a prefix, in the element where it stands. */
typedef struct xml_binding {
  struct xml_binding *next;
  stox_span prefix;
  stox_span ns;
} xml_binding;

typedef struct xml_attribute {
  stox_span prefix;
  stox_span name;
  stox_span ns;
  stox_span value;
} xml_attribute;

/* What children have in common; first member of both kinds. */
typedef struct xml_node {
  struct xml_node *next;
  int kind;
  uint32_t n_attributes; /* of an element */
} xml_node;

typedef struct xml_text {
  xml_node node;
  stox_span text;
} xml_text;

struct stox_xml_element {
  xml_node node;
  stox_xml_element *parent; /* NULL: the top of its tree */
  stox_span prefix;
  stox_span name;
  stox_span ns;
  stox_span default_ns;  /* in scope for its children */
  xml_binding *bindings; /* prefixes declared here, in order; the default is not among them */
  xml_attribute *attributes;
  xml_node *first;
  xml_node *last;
};

/* The names of a start tag as they were written. */
typedef struct xml_tag {
  stox_span prefix;
  stox_span name;
  size_t n_attributes;
} xml_tag;

/* Builds a tree in an arena and resolves its namespaces, so that a parser hands over what it read
 * and no more. A tree is complete in itself: a prefix that an outer element declares is declared
 * again at its top. For each element: open, then declare and attribute in any order, then opened;
 * texts and elements; close. The functions give STOX_OK or STOX_E_NOMEM and what stands there. */
typedef struct xml_builder {
  stox_arena *arena;
  stox_xml_element *top;
  stox_xml_element *open;        /* innermost open element */
  const stox_xml_element *outer; /* the stream's root, whose declarations are in scope, or NULL */
  stox_span default_ns;          /* in scope for the top */
  size_t scope;                  /* prefixes in scope that the tree declares */
  size_t scope_max;              /* the most of them: lookups are linear */
} xml_builder;

int xml_build_open(xml_builder *builder, const xml_tag *tag);

/* STOX_E_TOO_MANY: more prefixes in scope than `scope_max`. */
int xml_build_declare(xml_builder *builder, stox_span prefix, stox_span ns);

/* Fills the next of the attributes that xml_build_open() was told of. */
int xml_build_attribute(xml_builder *builder, stox_span prefix, stox_span name, stox_span value);

/* STOX_E_BAD_NAMESPACE: a prefix that nothing declares. */
int xml_build_opened(xml_builder *builder);

int xml_build_text(xml_builder *builder, stox_span text);

void xml_build_close(xml_builder *builder);

/* Copies a tree, adjacent texts joined. STOX_OK or STOX_E_NOMEM. */
int xml_tree_copy(const stox_xml_element **out, stox_arena *arena, const stox_xml_element *from);

/* The element of a node, NULL for a text. */
const stox_xml_element *xml_element_of(const xml_node *node);

/* Whether two namespaces are the same; those of one tree mostly share their octets. */
static inline int xml_ns_is_equal(stox_span a, stox_span b) {
  return (a.p == b.p && a.n == b.n) || stox_span_is_equal(a, b);
}

/* What a prefix stands for at an element, looked up to the top of its tree; NULL: undeclared. */
const xml_binding *xml_binding_of(const stox_xml_element *element, stox_span prefix);

#endif
