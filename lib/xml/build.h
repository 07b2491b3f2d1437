/* SPDX-License-Identifier: MIT */
#ifndef STOX_XML_BUILD_H
#define STOX_XML_BUILD_H

#include "stox/allocator.h"
#include "stox/buf.h"
#include "stox/status.h"
#include "xml/tree.h"

/* Builds the tree of one event while its octets are being read: nodes point into what has been read
 * by offsets, so that it matters to none of them where it lies. Functions give STOX_OK or
 * STOX_E_NOMEM and what stands there. */
typedef struct xml_builder {
  const stox_allocator *alloc;
  stox_buf nodes;                /* the head, the outer records, the nodes */
  stox_buf text;                 /* what was read, where it had to be kept */
  stox_buf scope;                /* uint32_t: declarations in scope, innermost last */
  const char *base;              /* the event's first octet; all is there that has been read */
  const stox_xml_element *outer; /* the stream's root, NULL: this is it */
  uint32_t n_outer;              /* its declarations */
  uint32_t outer_ns;             /* the default namespace that it declares */
  uint32_t open;                 /* innermost open element, 0: none */
  uint32_t before;               /* the node before at this level, 0: none */
  uint32_t tag;                  /* of the start tag being read */
  uint32_t prefixes;             /* in scope that the tree declares */
  uint32_t prefixes_max;         /* the most of them: lookups are linear */
  uint32_t kept;                 /* octets up to the end of the top's start tag */
  int is_raw;                    /* something of the tree is still to be unescaped */
  int is_refused; /* past a limit of attributes: of the tree its top's start tag alone is kept */
} xml_builder;

/* Makes room for n octets more. */
int xml_build_grow(const xml_builder *builder, stox_buf *buf, size_t n);
static inline int xml_build_room(const xml_builder *builder, stox_buf *buf, size_t n) {
  return n <= buf->cap - buf->len ? STOX_OK : xml_build_grow(builder, buf, n);
}

/* Gives back what is larger than `kept`. */
void xml_build_drop(const xml_builder *builder, stox_buf *buf);
static inline void xml_build_shrink(const xml_builder *builder, stox_buf *buf, size_t kept) {
  if (buf->cap > kept) {
    xml_build_drop(builder, buf);
  }
}

/* Begins the tree of an event. */
int xml_build_begin(xml_builder *builder, const stox_xml_element *outer);

/* Adds n octets, not filled in, to the nodes; their offset, 0: no memory. */
static inline uint32_t xml_build_take(xml_builder *builder, size_t n) {
  stox_buf *nodes = &builder->nodes;
  if (n > nodes->cap - nodes->len && xml_build_room(builder, nodes, n) != 0) {
    return 0;
  }
  const size_t at = nodes->len;
  nodes->len += n;
  return (uint32_t)at;
}

/* The node at an offset of a tree that is being built. */
static inline void *xml_build_at(const xml_builder *builder, uint32_t offset) {
  return builder->nodes.p + (offset & ~(uint32_t)XML_FLAGS);
}

/* Begins a start tag. */
static inline int xml_build_open(xml_builder *builder, uint32_t name_at) {
  const uint32_t at = xml_build_take(builder, sizeof(stox_xml_element));
  if (at == 0) {
    return STOX_E_NOMEM;
  }
  stox_xml_element *element = xml_build_at(builder, at);
  *element = (stox_xml_element){.self = at, .parent = builder->open, .name_at = name_at};
  builder->tag = at;
  return STOX_OK;
}

/* Adds an attribute or declaration to the start tag: its offset, 0: no memory. */
static inline uint32_t xml_build_record(xml_builder *builder, const xml_record *record) {
  const uint32_t at = xml_build_take(builder, sizeof *record);
  if (at != 0) {
    *(xml_record *)xml_build_at(builder, at) = *record;
  }
  return at;
}

/* Ends a start tag, the values of whose declarations are unescaped: declarations, uniqueness,
 * namespaces (XML 1.0 3.1, Namespaces in XML 1.0). STOX_E_BAD_XML, STOX_E_BAD_NAMESPACE. */
int xml_build_opened(xml_builder *builder, int is_empty);

/* What the default namespace is inside the innermost open element. */
uint32_t xml_build_default_ns(const xml_builder *builder);

/* Puts a declaration into scope. STOX_E_TOO_MANY. */
int xml_build_push(xml_builder *builder, uint32_t record);

/* Makes a node the next one at its level. */
static inline void xml_build_append(xml_builder *builder, uint32_t node) {
  if (builder->before != 0) {
    uint32_t *next = xml_build_at(builder, builder->before);
    *next |= node;
  } else if (builder->open != 0) {
    uint32_t *next = xml_build_at(builder, builder->open);
    *next |= XML_HAS_CHILDREN;
  }
  builder->before = node;
}

int xml_build_text(xml_builder *builder, uint32_t at, uint32_t n, int is_raw);

/* Takes what an element declares out of scope. */
void xml_build_pop(xml_builder *builder, const stox_xml_element *element);

static inline void xml_build_close(xml_builder *builder) {
  const stox_xml_element *element = xml_build_at(builder, builder->open);
  if ((element->sizes & XML_DECLARES) != 0) {
    xml_build_pop(builder, element);
  }
  builder->before = builder->open;
  builder->open = element->parent;
}

/* Ends the tree; `text` holds all that was read, and is unescaped where it stands. */
int xml_build_end(xml_builder *builder);

/* Octets of a finished tree, and its copy. */
size_t xml_build_size(const xml_builder *builder);
const stox_xml_element *xml_build_copy(const xml_builder *builder, void *to);

#endif
