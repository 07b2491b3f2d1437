/* SPDX-License-Identifier: MIT */
#include "base/put.h"
#include "stox/status.h"
#include "xml/escape.h"
#include "xml/tree.h"

#define STREAM_NAMESPACE "http://etherx.jabber.org/streams"

enum { DEPTH_MAX = 16 };

static void put_name(stox_buf *out, stox_span prefix, stox_span name) {
  if (prefix.n > 0) {
    (void)stox_put(out, prefix.p, prefix.n);
    (void)stox_put_octet(out, ':');
  }
  (void)stox_put(out, name.p, name.n);
}

/* The name, then put_value() for the value. */
static void put_value(stox_buf *out, stox_span value) {
  (void)STOX_PUT_LITERAL(out, "='");
  xml_escape_checked(out, value, 1);
  (void)stox_put_octet(out, '\'');
}

static void put_default_ns(stox_buf *out, stox_span ns) {
  (void)STOX_PUT_LITERAL(out, " xmlns");
  put_value(out, ns);
}

static void put_record(stox_buf *out, const xml_head *head, const xml_record *record) {
  const int is_declaration = (record->sizes & XML_DECLARES) != 0;
  const stox_span name = xml_text_at(head, record->name_at, xml_qname_n(record->sizes));
  (void)stox_put(out, " xmlns:", is_declaration ? 7 : 1);
  (void)stox_put(out, name.p, name.n);
  put_value(out, xml_value(head, record));
}

static stox_span default_of(const stox_xml_element *element) {
  return element == NULL ? (stox_span){"", 0} : stox_xml_scope(element, "");
}

/* Whether the element's name or an attribute's means that very declaration. */
static int uses(const stox_xml_element *element, const xml_record *declaration) {
  const xml_head *head = xml_head_of(element);
  const xml_record *records = xml_records(element);
  const stox_span wanted = xml_local(head, declaration->name_at, declaration->sizes);
  int is_named = stox_span_is_equal(xml_prefix(head, element->name_at, element->sizes), wanted);
  const uint32_t n = xml_n_records(element->sizes);
  for (uint32_t i = 0; i < n && !is_named; i++) {
    is_named = stox_span_is_equal(xml_prefix(head, records[i].name_at, records[i].sizes), wanted);
  }
  return is_named && xml_declared(element, wanted) == declaration;
}

/* The next element of the tree `top` in document order, NULL: none. */
static const stox_xml_element *next_element(const stox_xml_element *top,
                                            const stox_xml_element *element) {
  const stox_xml_element *child = stox_xml_child(element, NULL, NULL, NULL);
  while (child == NULL && element != top) {
    child = stox_xml_child(xml_parent(element), NULL, NULL, element);
    element = xml_parent(element);
  }
  return child;
}

static int tree_uses(const stox_xml_element *top, const xml_record *declaration) {
  const stox_xml_element *element = top;
  while (element != NULL && !uses(element, declaration)) {
    element = next_element(top, element);
  }
  return element != NULL;
}

/* Of a tree's outer declarations those of prefixes that it uses are filled in, and nothing else. */
static void put_outer(stox_buf *out, const stox_xml_element *top) {
  const xml_head *head = xml_head_of(top);
  const void *behind = head + 1;
  const xml_record *records = behind;
  for (uint32_t i = 0; i < head->n_outer; i++) {
    if (xml_local_n(records[i].sizes) > 0 && (top->parent == 0 || tree_uses(top, &records[i]))) {
      put_record(out, head, &records[i]);
    }
  }
}

/* What is written without its parents takes the prefixes it needs along. */
static void put_inherited(stox_buf *out, const stox_xml_element *top) {
  put_outer(out, top);
  for (const stox_xml_element *e = xml_parent(top); e != NULL; e = xml_parent(e)) {
    const uint32_t n = xml_n_declared(e);
    for (uint32_t i = 0; i < n; i++) {
      const xml_record *r = xml_records(e) + i;
      if (xml_local_n(r->sizes) > 0 && tree_uses(top, r)) {
        put_record(out, xml_head_of(e), r);
      }
    }
  }
}

/* One walk over a tree. */
typedef struct walk {
  stox_buf *out;
  const stox_xml_element *top;
  const stox_xml_change *change; /* NULL: the tree is written as it is */
  size_t kept; /* innermost open elements that stay in their namespaces, with all they hold */
} walk;

static int is_moved(const walk *w, const stox_xml_element *element) {
  return w->kept == 0 && w->change != NULL && w->change->from_ns.p != NULL &&
         stox_span_is_equal(stox_xml_ns(element), w->change->from_ns);
}

static int is_named(const stox_xml_attribute *a, const stox_xml_attribute *b) {
  return stox_span_is_equal(a->name, b->name) && stox_span_is_equal(a->ns, b->ns);
}

static void put_attribute(stox_buf *out, stox_span prefix, stox_span name, stox_span value) {
  (void)stox_put_octet(out, ' ');
  put_name(out, prefix, name);
  put_value(out, value);
}

/* Whether an element has an attribute of that name. */
static int has(const stox_xml_element *element, const stox_xml_attribute *wanted) {
  stox_xml_attribute own;
  for (size_t i = 0; stox_xml_get_attribute(&own, element, i) == STOX_OK; i++) {
    if (is_named(&own, wanted)) {
      return 1;
    }
  }
  return 0;
}

/* The attributes of the outermost element: changed where they stand, new ones behind them. */
static void put_changed(stox_buf *out, const stox_xml_element *element,
                        const stox_xml_change *change) {
  static const stox_span xml_prefix_text = {"xml", 3};
  static const stox_span none = {NULL, 0};
  const xml_record *records = xml_records(element) + xml_n_declared(element);
  stox_xml_attribute own;
  for (size_t i = 0; stox_xml_get_attribute(&own, element, i) == STOX_OK; i++) {
    for (size_t k = 0; k < change->n_attributes; k++) {
      own.value = is_named(&own, &change->attributes[k]) ? change->attributes[k].value : own.value;
    }
    if (own.value.p != NULL) {
      const stox_span prefix =
          xml_prefix(xml_head_of(element), records[i].name_at, records[i].sizes);
      put_attribute(out, prefix, own.name, own.value);
    }
  }
  for (size_t k = 0; k < change->n_attributes; k++) {
    const stox_xml_attribute *a = &change->attributes[k];
    if (a->value.p != NULL && !has(element, a)) {
      put_attribute(out, a->ns.n > 0 ? xml_prefix_text : none, a->name, a->value);
    }
  }
}

/* Declarations of prefixes, then attributes. */
static void put_records(const walk *w, const stox_xml_element *element) {
  const xml_head *head = xml_head_of(element);
  const xml_record *records = xml_records(element);
  const int is_changed = element == w->top && w->change != NULL;
  const uint32_t n = is_changed ? xml_n_declared(element) : xml_n_records(element->sizes);
  for (uint32_t i = 0; i < n; i++) {
    if (xml_qname_n(records[i].sizes) > 0) {
      put_record(w->out, head, &records[i]);
    }
  }
  if (is_changed) {
    put_changed(w->out, element, w->change);
  }
}

static void put_element_name(const walk *w, const stox_xml_element *element, int moved) {
  const xml_head *head = xml_head_of(element);
  const stox_span prefix = xml_prefix(head, element->name_at, element->sizes);
  put_name(w->out, moved ? (stox_span){NULL, 0} : prefix, stox_xml_name(element));
}

/* Writes a start tag where `scope` is the default namespace; gives that of its content. */
static stox_span put_start(const walk *w, const stox_xml_element *element, stox_span scope) {
  const int moved = is_moved(w, element);
  const stox_span inside = moved ? w->change->to_ns : default_of(element);
  (void)stox_put_octet(w->out, '<');
  put_element_name(w, element, moved);
  if (!stox_span_is_equal(inside, scope)) {
    put_default_ns(w->out, inside);
  }
  if (element == w->top) {
    put_inherited(w->out, element);
  }
  put_records(w, element);
  const int is_empty = xml_first_child(element) == 0;
  (void)stox_put(w->out, is_empty ? "/>" : ">", is_empty ? 2 : 1);
  return inside;
}

static void put_end(const walk *w, const stox_xml_element *element) {
  (void)STOX_PUT_LITERAL(w->out, "</");
  put_element_name(w, element, w->kept == 0);
  (void)stox_put_octet(w->out, '>');
}

/* The default namespace inside an open element. */
static stox_span scope_inside(const walk *w, const stox_xml_element *open) {
  return w->kept == 0 ? w->change->to_ns : default_of(open);
}

static void enter(walk *w, const stox_xml_element *element) {
  w->kept += !is_moved(w, element);
}

/* Writes a node without its children; gives the default namespace of these, should there be any. */
static stox_span put_node(const walk *w, const xml_head *head, uint32_t at, stox_span scope) {
  const stox_xml_element *element = xml_element_at(head, at);
  if (element != NULL) {
    return put_start(w, element, scope);
  }
  const xml_text *text = xml_at(head, at);
  xml_escape_checked(w->out, xml_text_at(head, text->at, text->n), 0);
  return scope;
}

static void put_tree(walk *w, stox_span default_ns) {
  const xml_head *head = xml_head_of(w->top);
  const stox_xml_element *open = w->top;
  stox_span scope = put_start(w, open, default_ns);
  enter(w, open);
  uint32_t at = xml_first_child(open);
  while (at != 0) {
    const stox_xml_element *child = xml_element_at(head, at);
    const stox_span inside = put_node(w, head, at, scope);
    if (child != NULL && xml_first_child(child) != 0) {
      enter(w, child);
      open = child;
      scope = inside;
      at = xml_first_child(child);
      continue;
    }
    at = xml_next_of(head, at);
    while (at == 0) {
      put_end(w, open);
      w->kept -= w->kept > 0;
      if (open == w->top) {
        return;
      }
      at = open->next & ~(uint32_t)XML_FLAGS;
      open = xml_parent(open);
      scope = scope_inside(w, open);
    }
  }
}

int stox_xml_write(stox_buf *out, const stox_xml_element *element, stox_span default_ns) {
  walk w = {.out = out, .top = element};
  put_tree(&w, default_ns);
  return stox_buf_status(out);
}

int stox_xml_write_as(stox_buf *out, const stox_xml_element *element, stox_span default_ns,
                      const stox_xml_change *change) {
  int status = xml_text_check(change->to_ns);
  for (size_t i = 0; i < change->n_attributes && status == STOX_OK; i++) {
    status = xml_text_check(change->attributes[i].value);
  }
  if (status != STOX_OK) {
    return status;
  }
  walk w = {.out = out, .top = element, .change = change};
  put_tree(&w, default_ns);
  return stox_buf_status(out);
}

void stox_xml_writer_init(stox_xml_writer *writer, stox_buf *out, stox_span default_ns) {
  *writer = (stox_xml_writer){.out = out, .start = out->len, .default_ns = default_ns};
}

static void fail(stox_xml_writer *writer, int status) {
  if (writer->status == STOX_OK) {
    writer->status = status;
  }
}

static void end_start_tag(stox_xml_writer *writer, const char *with) {
  if (writer->is_open) {
    (void)stox_buf_put_text(writer->out, with);
    writer->is_open = 0;
  }
}

static stox_span scope_of(const stox_xml_writer *writer) {
  return writer->depth == 0 ? writer->default_ns : writer->spaces[writer->depth - 1];
}

/* Texts that are not the program's own are checked at the door. */
static int is_fit(stox_xml_writer *writer, stox_span text) {
  fail(writer, xml_text_check(text));
  return writer->status == STOX_OK;
}

static const stox_span stream_prefix = {"stream", 6};

static stox_span prefix_of(const stox_xml_writer *writer, uint32_t level) {
  return (writer->prefixed >> level & 1) != 0 ? stream_prefix : (stox_span){NULL, 0};
}

void stox_xml_open_span(stox_xml_writer *writer, stox_span ns, const char *name) {
  if (!is_fit(writer, ns)) {
    return;
  }
  if (writer->depth == DEPTH_MAX) {
    fail(writer, STOX_E_TOO_DEEP);
    return;
  }
  end_start_tag(writer, ">");
  const stox_span scope = scope_of(writer);
  const uint32_t level = writer->depth++;
  /* RFC 6120 4.8.5 wants this prefix, and every stream declares it. */
  const int is_stream = stox_span_is_equal(ns, stox_span_text(STREAM_NAMESPACE));
  const uint32_t bit = UINT32_C(1) << level;
  writer->prefixed = is_stream ? writer->prefixed | bit : writer->prefixed & ~bit;
  writer->names[level] = stox_span_text(name);
  writer->spaces[level] = is_stream ? scope : ns;
  (void)stox_put_octet(writer->out, '<');
  put_name(writer->out, prefix_of(writer, level), writer->names[level]);
  if (!stox_span_is_equal(writer->spaces[level], scope)) {
    put_default_ns(writer->out, ns);
  }
  writer->is_open = 1;
}

void stox_xml_open(stox_xml_writer *writer, const char *ns, const char *name) {
  stox_xml_open_span(writer, ns == NULL ? scope_of(writer) : stox_span_text(ns), name);
}

void stox_xml_open_stream(stox_xml_writer *writer, const char *content_ns) {
  if (writer->depth != 0) {
    fail(writer, STOX_E_STATE);
    return;
  }
  (void)STOX_PUT_LITERAL(writer->out, "<?xml version='1.0'?>");
  stox_xml_open(writer, STREAM_NAMESPACE, "stream");
  if (writer->status == STOX_OK) {
    writer->is_stream = 1;
    writer->spaces[0] = stox_span_text(content_ns);
    put_default_ns(writer->out, writer->spaces[0]);
    (void)STOX_PUT_LITERAL(writer->out, " xmlns:stream='" STREAM_NAMESPACE "'");
  }
}

int stox_xml_close_stream(stox_buf *out) {
  return stox_buf_put_text(out, "</stream:stream>");
}

void stox_xml_put_attribute(stox_xml_writer *writer, const char *name, stox_span value) {
  if (value.p == NULL || writer->status != STOX_OK) {
    return;
  }
  (void)stox_put_octet(writer->out, ' ');
  (void)stox_buf_put_text(writer->out, name);
  (void)STOX_PUT_LITERAL(writer->out, "='");
  fail(writer, xml_escape(writer->out, value, 1));
  (void)stox_put_octet(writer->out, '\'');
  if (!writer->is_open) {
    fail(writer, STOX_E_STATE);
  }
}

void stox_xml_put_text(stox_xml_writer *writer, stox_span text) {
  if (text.n == 0 || writer->status != STOX_OK) {
    return;
  }
  end_start_tag(writer, ">");
  fail(writer, xml_escape(writer->out, text, 0));
  if (writer->depth == 0) {
    fail(writer, STOX_E_STATE);
  }
}

void stox_xml_put_element(stox_xml_writer *writer, const stox_xml_element *element) {
  if (writer->status != STOX_OK) {
    return;
  }
  end_start_tag(writer, ">");
  walk w = {.out = writer->out, .top = element};
  put_tree(&w, scope_of(writer));
}

void stox_xml_close(stox_xml_writer *writer) {
  if (writer->depth == 0) {
    fail(writer, STOX_E_STATE);
  }
  if (writer->status != STOX_OK) {
    return;
  }
  writer->depth--;
  if (writer->is_open) {
    end_start_tag(writer, "/>");
    return;
  }
  (void)STOX_PUT_LITERAL(writer->out, "</");
  put_name(writer->out, prefix_of(writer, writer->depth), writer->names[writer->depth]);
  (void)stox_put_octet(writer->out, '>');
}

int stox_xml_writer_end(stox_xml_writer *writer) {
  if (writer->status == STOX_OK && writer->is_stream && writer->depth == 1) {
    end_start_tag(writer, ">");
  } else if (writer->depth != 0) {
    fail(writer, STOX_E_STATE);
  }
  if (writer->status != STOX_OK) {
    writer->out->len = writer->start;
    return writer->status;
  }
  return stox_buf_status(writer->out);
}
