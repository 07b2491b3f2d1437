/* SPDX-License-Identifier: MIT */
#include "xml/build.h"

#include "xml/decode.h"
#include "xml/unique.h"

#include <string.h>

enum { FIRST_CAP = 1024, DROPPED = 1, DECLARED = 2 };

int xml_build_grow(const xml_builder *builder, stox_buf *buf, size_t n) {
  size_t cap = buf->cap < FIRST_CAP ? FIRST_CAP : buf->cap;
  while (cap - buf->len < n) {
    cap *= 2;
  }
  char *p = builder->alloc->resize(builder->alloc->ud, buf->p, buf->cap, cap);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  buf->p = p;
  buf->cap = cap;
  return STOX_OK;
}

void xml_build_drop(const xml_builder *builder, stox_buf *buf) {
  builder->alloc->resize(builder->alloc->ud, buf->p, buf->cap, 0);
  stox_buf_init(buf, NULL, 0);
}

static xml_record *outer_records(const xml_builder *builder) {
  return xml_build_at(builder, sizeof(xml_head));
}

static xml_record *records_of(const xml_builder *builder, uint32_t element) {
  return xml_build_at(builder, element + (uint32_t)sizeof(stox_xml_element));
}

/* Looks once at what the stream's root declares. */
static void set_outer(xml_builder *builder, const stox_xml_element *outer) {
  const uint32_t n = outer == NULL ? 0 : xml_n_declared(outer);
  builder->outer = outer;
  builder->n_outer = n;
  builder->outer_ns = XML_NS_NONE;
  for (uint32_t i = 0; i < n; i++) {
    const xml_record *r = xml_records(outer) + i;
    if (xml_local_n(r->sizes) == 0 && r->value_n > 0) {
      builder->outer_ns = (uint32_t)(sizeof(xml_head) + i * sizeof(xml_record));
    }
  }
}

int xml_build_begin(xml_builder *builder, const stox_xml_element *outer) {
  if (builder->outer != outer || outer == NULL) {
    set_outer(builder, outer);
  }
  builder->open = 0;
  builder->before = 0;
  builder->prefixes = 0;
  builder->kept = 0;
  builder->is_refused = 0;
  builder->is_raw = 0;
  builder->scope.len = 0;
  builder->text.len = 0;
  builder->nodes.len = 0;
  const uint32_t n = builder->n_outer;
  const size_t size = sizeof(xml_head) + n * sizeof(xml_record);
  if (xml_build_room(builder, &builder->nodes, size) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  memset(builder->nodes.p, 0, size);
  builder->nodes.len = size;
  xml_head *head = xml_build_at(builder, 0);
  *head = (xml_head){.n_outer = n, .top = (uint32_t)size};
  return STOX_OK;
}

static stox_span local_of(const xml_builder *builder, const xml_record *r) {
  const uint32_t skip = xml_qname_n(r->sizes) - xml_local_n(r->sizes);
  return (stox_span){builder->base + r->name_at + skip, xml_local_n(r->sizes)};
}

static int is_text(const char *p, uint32_t n, const char *text, uint32_t text_n) {
  return n == text_n && memcmp(p, text, n) == 0;
}

/* What may be declared (Namespaces in XML 1.0 2.2 and 3). */
static int check_declaration(const xml_builder *builder, const xml_record *r) {
  const char *prefix = builder->base + r->name_at;
  const uint32_t n = xml_local_n(r->sizes);
  const char *value = builder->base + r->value_at;
  const int is_xml = is_text(value, r->value_n, XML_NAMESPACE, sizeof XML_NAMESPACE - 1);
  if (is_text(prefix, n, "xml", 3)) {
    return is_xml ? DROPPED : STOX_E_BAD_NAMESPACE;
  }
  if (is_xml || is_text(prefix, n, "xmlns", 5) ||
      is_text(value, r->value_n, XMLNS_NAMESPACE, sizeof XMLNS_NAMESPACE - 1)) {
    return STOX_E_BAD_NAMESPACE;
  }
  return n > 0 && r->value_n == 0 ? STOX_E_BAD_NAMESPACE : DECLARED;
}

/* Turns what is one into a declaration: DECLARED, DROPPED, STOX_OK for an attribute. */
static int classify(const xml_builder *builder, xml_record *r) {
  const uint32_t prefix_n = xml_prefix_n(r->sizes);
  const uint32_t first_n = prefix_n == 0 ? xml_local_n(r->sizes) : prefix_n;
  const char *name = builder->base + r->name_at;
  if (first_n != 5 || name[0] != 'x' || memcmp(name, "xmlns", 5) != 0) {
    return STOX_OK;
  }
  r->name_at += prefix_n == 0 ? 5 : 6;
  r->sizes = XML_DECLARES | (prefix_n == 0 ? 0 : xml_local_n(r->sizes));
  return check_declaration(builder, r);
}

/* Names and lengths of two records, in some order. */
static int order_names(const void *ud, uint32_t a, uint32_t b) {
  const xml_builder *builder = ud;
  const xml_record *records = records_of(builder, builder->tag);
  const uint32_t one = records[a].sizes & ~(uint32_t)XML_RAW;
  const uint32_t other = records[b].sizes & ~(uint32_t)XML_RAW;
  if (one != other) {
    return one < other ? -1 : 1;
  }
  return memcmp(builder->base + records[a].name_at, builder->base + records[b].name_at,
                xml_qname_n(one));
}

/* Room for `n` numbers behind the scope; NULL: no memory. */
static uint32_t *spare_room(xml_builder *builder, uint32_t n) {
  void *room = NULL;
  if (xml_build_room(builder, &builder->scope, n * sizeof(uint32_t)) == STOX_OK) {
    room = builder->scope.p + builder->scope.len;
  }
  return room;
}

static int check_names(xml_builder *builder, uint32_t n) {
  uint32_t *order = n < 2 ? NULL : spare_room(builder, n);
  if (order == NULL) {
    return n < 2 ? STOX_OK : STOX_E_NOMEM;
  }
  for (uint32_t i = 0; i < n; i++) {
    order[i] = i;
  }
  return xml_is_unique(order, n, order_names, builder) ? STOX_OK : STOX_E_BAD_XML;
}

/* Declarations go to the front, in order. */
static void move_up(xml_record *records, uint32_t from, uint32_t to) {
  const xml_record moved = records[from];
  if (from == to) {
    return;
  }
  memmove(records + to + 1, records + to, (from - to) * sizeof *records);
  records[to] = moved;
}

int xml_build_push(xml_builder *builder, uint32_t record) {
  if (xml_build_room(builder, &builder->scope, sizeof record) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  memcpy(builder->scope.p + builder->scope.len, &record, sizeof record);
  builder->scope.len += sizeof record;
  const xml_record *r = xml_build_at(builder, record);
  builder->prefixes += xml_local_n(r->sizes) > 0 ? 1 : 0;
  if (builder->prefixes > builder->prefixes_max) {
    if (builder->outer == NULL) {
      return STOX_E_TOO_MANY;
    }
    builder->is_refused = 1;
  }
  return STOX_OK;
}

/* Sorts out the declarations: *declared of *n records. */
static int sort_records(xml_builder *builder, uint32_t *declared, uint32_t *n) {
  xml_record *records = records_of(builder, builder->tag);
  const uint32_t all = *n;
  uint32_t dropped = 0;
  for (uint32_t i = 0; i < all; i++) {
    const int kind = classify(builder, &records[i]);
    if (kind < 0) {
      return kind;
    }
    if (kind == DECLARED) {
      move_up(records, i, (*declared)++);
    }
    dropped += kind == DROPPED ? 1 : 0;
  }
  const int status = check_names(builder, all);
  if (status == STOX_OK && dropped > 0) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < all; i++) {
      const int is_dropped = i >= *declared && (records[i].sizes & XML_DECLARES) != 0;
      records[left] = records[i];
      left += is_dropped ? 0 : 1;
    }
    *n = left;
    builder->nodes.len -= (all - left) * sizeof *records;
  }
  return status;
}

/* The stream's root declares it: from now on the tree does as well. */
static uint32_t find_outer(const xml_builder *builder, stox_span prefix) {
  const uint32_t n = builder->n_outer;
  const xml_head *head = n == 0 ? NULL : xml_head_of(builder->outer);
  for (uint32_t i = 0; i < n; i++) {
    const xml_record *r = xml_records(builder->outer) + i;
    if (stox_span_is_equal(xml_local(head, r->name_at, r->sizes), prefix)) {
      outer_records(builder)[i].sizes = r->sizes;
      return r->value_n == 0 ? XML_NS_NONE : (uint32_t)(sizeof(xml_head) + i * sizeof(xml_record));
    }
  }
  return prefix.n == 0 ? XML_NS_NONE : UINT32_MAX;
}

/* The number of the namespace that a prefix stands for; UINT32_MAX: undeclared. */
static uint32_t resolve(const xml_builder *builder, stox_span prefix) {
  for (size_t at = builder->scope.len; at > 0; at -= sizeof(uint32_t)) {
    uint32_t record = 0;
    memcpy(&record, builder->scope.p + at - sizeof record, sizeof record);
    const xml_record *r = xml_build_at(builder, record);
    if (xml_local_n(r->sizes) == prefix.n &&
        memcmp(builder->base + r->name_at, prefix.p, prefix.n) == 0) {
      return r->value_n == 0 ? XML_NS_NONE : record;
    }
  }
  if (is_text(prefix.p, (uint32_t)prefix.n, "xml", 3)) {
    return XML_NS_XML;
  }
  return find_outer(builder, prefix);
}

static stox_span prefix_of(const xml_builder *builder, uint32_t name_at, uint32_t sizes) {
  return (stox_span){builder->base + name_at, xml_prefix_n(sizes)};
}

static stox_span ns_text(const xml_builder *builder, uint32_t ns) {
  const uint32_t first = (uint32_t)(sizeof(xml_head) + builder->n_outer * sizeof(xml_record));
  if (ns >= first) {
    const xml_record *r = xml_build_at(builder, ns);
    return (stox_span){builder->base + r->value_at, r->value_n};
  }
  if (ns < sizeof(xml_head)) {
    return stox_span_text(ns == XML_NS_XML ? XML_NAMESPACE : "");
  }
  const xml_record *r = xml_records(builder->outer) + (ns - sizeof(xml_head)) / sizeof(xml_record);
  return xml_value(xml_head_of(builder->outer), r);
}

static int order_spans(stox_span a, stox_span b) {
  if (a.n != b.n) {
    return a.n < b.n ? -1 : 1;
  }
  return a.n == 0 ? 0 : memcmp(a.p, b.p, a.n);
}

/* The local names and namespaces of two attributes. Those of all stand behind the scope. */
static int order_expanded(const void *ud, uint32_t a, uint32_t b) {
  const xml_builder *builder = ud;
  const void *room = builder->scope.p + builder->scope.len;
  const uint32_t *spaces = room;
  const xml_record *records = records_of(builder, builder->tag);
  const int names = order_spans(local_of(builder, &records[a]), local_of(builder, &records[b]));
  return names != 0 || spaces[a] == spaces[b]
             ? names
             : order_spans(ns_text(builder, spaces[a]), ns_text(builder, spaces[b]));
}

static int resolve_attributes(const xml_builder *builder, uint32_t *spaces, uint32_t n) {
  const xml_record *records = records_of(builder, builder->tag);
  for (uint32_t i = 0; i < n; i++) {
    spaces[i] = XML_NS_NONE;
    if ((records[i].sizes & XML_DECLARES) == 0 && xml_prefix_n(records[i].sizes) > 0) {
      spaces[i] = resolve(builder, prefix_of(builder, records[i].name_at, records[i].sizes));
    }
    if (spaces[i] == UINT32_MAX && !builder->is_refused) {
      return STOX_E_BAD_NAMESPACE;
    }
    spaces[i] = spaces[i] == UINT32_MAX ? XML_NS_NONE : spaces[i];
  }
  return STOX_OK;
}

/* Two prefixes may stand for one namespace (Namespaces in XML 1.0 6.3). */
static int check_attributes(xml_builder *builder, uint32_t n) {
  uint32_t *spaces = spare_room(builder, 2 * n);
  if (spaces == NULL) {
    return STOX_E_NOMEM;
  }
  const int status = resolve_attributes(builder, spaces, n);
  if (status != STOX_OK) {
    return status;
  }
  uint32_t *order = spaces + n;
  uint32_t n_named = 0;
  for (uint32_t i = 0; i < n; i++) {
    order[n_named] = i;
    n_named += spaces[i] == XML_NS_NONE ? 0 : 1;
  }
  return xml_is_unique(order, n_named, order_expanded, builder) ? STOX_OK : STOX_E_BAD_NAMESPACE;
}

static int set_ns(const xml_builder *builder, stox_xml_element *element) {
  const stox_xml_element *parent = xml_build_at(builder, element->parent);
  if (element->parent != 0 && xml_prefix_n(element->sizes) == 0 &&
      xml_prefix_n(parent->sizes) == 0 && (element->sizes & XML_DECLARES) == 0) {
    element->ns = parent->ns;
    return STOX_OK;
  }
  const xml_record *first = records_of(builder, element->self);
  if (xml_prefix_n(element->sizes) == 0 && (element->sizes & XML_DECLARES) != 0 &&
      xml_local_n(first->sizes) == 0 && first->value_n > 0) {
    element->ns = element->self + (uint32_t)sizeof *element;
    return STOX_OK;
  }
  const uint32_t ns = resolve(builder, prefix_of(builder, element->name_at, element->sizes));
  if (ns == UINT32_MAX && !builder->is_refused) {
    return STOX_E_BAD_NAMESPACE;
  }
  element->ns = ns == UINT32_MAX ? XML_NS_NONE : ns;
  return STOX_OK;
}

static int name_records(xml_builder *builder) {
  const uint32_t first = builder->tag + (uint32_t)sizeof(stox_xml_element);
  uint32_t n = (uint32_t)((builder->nodes.len - first) / sizeof(xml_record));
  uint32_t declared = 0;
  if (n > 0) {
    const int status = sort_records(builder, &declared, &n);
    if (status != STOX_OK) {
      return status;
    }
  }
  stox_xml_element *element = xml_build_at(builder, builder->tag);
  element->sizes |= n << XML_RECORDS_SHIFT | (declared > 0 ? (uint32_t)XML_DECLARES : 0);
  for (uint32_t i = 0; i < declared; i++) {
    const int status = xml_build_push(builder, first + i * (uint32_t)sizeof(xml_record));
    if (status != STOX_OK) {
      return status;
    }
  }
  const int status = set_ns(builder, element);
  return status != STOX_OK || n == declared ? status : check_attributes(builder, n);
}

/* Of a stanza past a limit the names of open elements are all that is needed. */
static void drop_records(xml_builder *builder) {
  builder->nodes.len = builder->tag + sizeof(stox_xml_element);
}

int xml_build_opened(xml_builder *builder, int is_empty) {
  if (builder->is_refused && builder->open != 0) {
    drop_records(builder);
  } else {
    const int status = name_records(builder);
    if (status != STOX_OK) {
      return status;
    }
    xml_build_append(builder, builder->tag);
  }
  builder->open = builder->tag;
  builder->before = 0;
  if (is_empty) {
    xml_build_close(builder);
  }
  return STOX_OK;
}

int xml_build_text(xml_builder *builder, uint32_t at, uint32_t n, int is_raw) {
  if (n == 0 || builder->is_refused) {
    return STOX_OK;
  }
  const uint32_t self = xml_build_take(builder, sizeof(xml_text));
  if (self == 0) {
    return STOX_E_NOMEM;
  }
  xml_text *text = xml_build_at(builder, self);
  *text = (xml_text){(uint32_t)XML_IS_TEXT | (is_raw ? XML_IS_RAW : 0), self, at, n};
  builder->is_raw |= is_raw;
  xml_build_append(builder, self);
  return STOX_OK;
}

void xml_build_pop(xml_builder *builder, const stox_xml_element *element) {
  const xml_record *r = records_of(builder, element->self);
  const uint32_t n = xml_n_records(element->sizes);
  for (uint32_t i = 0; i < n && (r[i].sizes & XML_DECLARES) != 0; i++) {
    builder->scope.len -= sizeof(uint32_t);
    builder->prefixes -= xml_local_n(r[i].sizes) > 0 ? 1 : 0;
  }
}

uint32_t xml_build_default_ns(const xml_builder *builder) {
  return builder->scope.len == 0 ? builder->outer_ns : resolve(builder, (stox_span){"", 0});
}

static void decode_records(const xml_builder *builder, const stox_xml_element *element) {
  xml_record *records = records_of(builder, element->self);
  const uint32_t n = xml_n_records(element->sizes);
  for (uint32_t i = 0; i < n; i++) {
    if ((records[i].sizes & XML_RAW) != 0) {
      records[i].sizes &= ~(uint32_t)XML_RAW;
      records[i].value_n =
          (uint32_t)xml_decode_value(builder->text.p + records[i].value_at, records[i].value_n);
    }
  }
}

/* Nodes stand one behind the other; both kinds begin alike. */
static void decode(const xml_builder *builder, uint32_t at) {
  while (at < builder->nodes.len) {
    xml_text *node = xml_build_at(builder, at);
    if ((node->next & XML_IS_TEXT) == 0) {
      const stox_xml_element *element = xml_build_at(builder, at);
      decode_records(builder, element);
      at += (uint32_t)(sizeof *element + xml_n_records(element->sizes) * sizeof(xml_record));
      continue;
    }
    if ((node->next & XML_IS_RAW) != 0) {
      node->next &= ~(uint32_t)XML_IS_RAW;
      node->n = (uint32_t)xml_decode_text(builder->text.p + node->at, node->n);
    }
    at += (uint32_t)sizeof *node;
  }
}

static void put_octets(stox_buf *text, stox_span octets) {
  memcpy(text->p + text->len, octets.p, octets.n);
  text->len += octets.n;
}

/* The names and values of the outer declarations that the tree needs, and of the default one. */
static int end_outer(xml_builder *builder) {
  const uint32_t n = builder->n_outer;
  const xml_head *head = n == 0 ? NULL : xml_head_of(builder->outer);
  stox_buf *text = &builder->text;
  for (uint32_t i = 0; i < n; i++) {
    const xml_record *r = xml_records(builder->outer) + i;
    xml_record *own = outer_records(builder) + i;
    if (own->sizes == 0 && xml_local_n(r->sizes) > 0) {
      continue;
    }
    const stox_span name = xml_local(head, r->name_at, r->sizes);
    *own = *r;
    own->name_at = (uint32_t)text->len;
    own->value_at = own->name_at + (uint32_t)name.n;
    if (xml_build_room(builder, text, name.n + r->value_n) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    if (name.n > 0) {
      put_octets(text, name);
    }
    put_octets(text, xml_value(head, r));
  }
  return STOX_OK;
}

int xml_build_end(xml_builder *builder) {
  xml_head *head = xml_build_at(builder, 0);
  stox_xml_element *top = xml_build_at(builder, head->top);
  if (builder->is_refused) {
    top->next = 0;
    builder->nodes.len = head->top + sizeof *top + xml_n_records(top->sizes) * sizeof(xml_record);
    builder->text.len = builder->kept;
  }
  if (builder->is_raw) {
    decode(builder, head->top);
  }
  head->text = (uint32_t)builder->nodes.len;
  return end_outer(builder);
}

size_t xml_build_size(const xml_builder *builder) {
  return builder->nodes.len + builder->text.len;
}

const stox_xml_element *xml_build_copy(const xml_builder *builder, void *to) {
  const xml_head *head = to;
  memcpy(to, builder->nodes.p, builder->nodes.len);
  if (builder->text.len > 0) {
    memcpy((char *)to + builder->nodes.len, builder->text.p, builder->text.len);
  }
  return xml_at(head, head->top);
}
