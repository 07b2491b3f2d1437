/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_TREE_H
#define STOX_XML_TREE_H

#include "stox/arena.h"
#include "stox/xml.h"

#define XML_NAMESPACE   "http://www.w3.org/XML/1998/namespace"
#define XMLNS_NAMESPACE "http://www.w3.org/2000/xmlns/"

/* A tree is one block that can be moved as a whole: a head, its bindings, its nodes in document
 * order, then the text that all of them point into, which is what was read, unescaped where it
 * stands. Offsets of nodes count from the head, those of text from the text. An element is followed
 * by its records (declarations first, then attributes, both as written), and where it has children
 * the first of them follows these. */

typedef struct xml_head {
  uint32_t text;    /* where the text begins */
  uint32_t n_outer; /* records behind the head: what the stream's root declares */
  uint32_t top;     /* the outermost element */
  uint32_t spare;
} xml_head;

/* The names of elements and records: octets of the local name and the prefix, ten bits each. */
enum {
  XML_NAME_BITS = 10,
  XML_NAME_MAX = (1 << XML_NAME_BITS) - 1,
  XML_RECORDS_SHIFT = 2 * XML_NAME_BITS,
  XML_RECORDS_MAX = 511,
  XML_DECLARES = 1 << 30, /* an element that declares; a record that is a declaration */
  XML_RAW = 1 << 29       /* a record whose value is to be unescaped; not in a finished tree */
};

/* A declaration has the declared prefix as its local name, the default namespace none. */
typedef struct xml_record {
  uint32_t name_at;
  uint32_t sizes;
  uint32_t value_at;
  uint32_t value_n;
} xml_record;

/* Flags in the low bits of `next`. */
enum {
  XML_IS_TEXT = 1,
  XML_HAS_CHILDREN = 2,
  XML_IS_RAW = 2, /* a text that is to be unescaped; not in a finished tree */
  XML_FLAGS = 3
};

typedef struct xml_text {
  uint32_t next; /* the sibling behind it, 0: none */
  uint32_t self;
  uint32_t at;
  uint32_t n;
} xml_text;

/* Namespaces that no record declares. */
enum { XML_NS_NONE = 0, XML_NS_XML = 1 };

struct stox_xml_element {
  uint32_t next;
  uint32_t self;
  uint32_t parent; /* 0: the top */
  uint32_t ns;     /* XML_NS_… or the record that declares it */
  uint32_t name_at;
  uint32_t sizes; /* names, number of records, XML_DECLARES */
};

static inline uint32_t xml_local_n(uint32_t sizes) {
  return sizes & XML_NAME_MAX;
}

static inline uint32_t xml_prefix_n(uint32_t sizes) {
  return sizes >> XML_NAME_BITS & XML_NAME_MAX;
}

/* Octets of a name with its prefix. */
static inline uint32_t xml_qname_n(uint32_t sizes) {
  const uint32_t prefix_n = xml_prefix_n(sizes);
  return prefix_n == 0 ? xml_local_n(sizes) : prefix_n + 1 + xml_local_n(sizes);
}

static inline uint32_t xml_n_records(uint32_t sizes) {
  return sizes >> XML_RECORDS_SHIFT & 0x1FF;
}

static inline const xml_head *xml_head_of(const stox_xml_element *element) {
  const void *head = (const char *)element - element->self;
  return head;
}

static inline const void *xml_at(const xml_head *head, uint32_t offset) {
  return (const char *)head + (offset & ~(uint32_t)XML_FLAGS);
}

static inline stox_span xml_text_at(const xml_head *head, uint32_t at, uint32_t n) {
  return (stox_span){(const char *)head + head->text + at, n};
}

static inline const xml_record *xml_records(const stox_xml_element *element) {
  const void *first = element + 1;
  return first;
}

static inline stox_span xml_local(const xml_head *head, uint32_t name_at, uint32_t sizes) {
  const uint32_t skip = xml_qname_n(sizes) - xml_local_n(sizes);
  return xml_text_at(head, name_at + skip, xml_local_n(sizes));
}

static inline stox_span xml_prefix(const xml_head *head, uint32_t name_at, uint32_t sizes) {
  return xml_text_at(head, name_at, xml_prefix_n(sizes));
}

static inline stox_span xml_value(const xml_head *head, const xml_record *record) {
  return xml_text_at(head, record->value_at, record->value_n);
}

/* How many of an element's records are declarations. */
uint32_t xml_n_declared(const stox_xml_element *element);

/* The offset of a node's next sibling or of an element's first child, with XML_IS_TEXT; 0: none. */
uint32_t xml_first_child(const stox_xml_element *element);

static inline uint32_t xml_kind_at(const xml_head *head, uint32_t offset) {
  const uint32_t *next = xml_at(head, offset);
  return *next & XML_IS_TEXT;
}

static inline uint32_t xml_next_of(const xml_head *head, uint32_t offset) {
  const uint32_t *next = xml_at(head, offset);
  return *next & ~(uint32_t)XML_FLAGS;
}

/* The element at an offset, NULL for a text. */
static inline const stox_xml_element *xml_element_at(const xml_head *head, uint32_t offset) {
  return xml_kind_at(head, offset) ? NULL : xml_at(head, offset);
}

/* NULL: the top. */
static inline const stox_xml_element *xml_parent(const stox_xml_element *element) {
  return element->parent == 0 ? NULL : xml_at(xml_head_of(element), element->parent);
}

/* What a prefix (empty: the default) stands for inside an element, NULL: undeclared. */
const xml_record *xml_declared(const stox_xml_element *element, stox_span prefix);

/* The namespace of a number. */
stox_span xml_ns_at(const xml_head *head, uint32_t ns);

/* The namespace of one of an element's attributes. */
stox_span xml_attribute_ns(const stox_xml_element *element, const xml_record *record);

#endif
