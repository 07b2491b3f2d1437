/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "xml/escape.h"
#include "xml/tree.h"

#define STREAM_NAMESPACE "http://etherx.jabber.org/streams"

enum { DEPTH_MAX = 16 };

static void put_name(stox_buf *out, stox_span prefix, stox_span name) {
  if (prefix.n > 0) {
    (void)stox_buf_put(out, prefix);
    (void)stox_buf_put_octet(out, ':');
  }
  (void)stox_buf_put(out, name);
}

/* The name, then put_value() for the value. */
static void put_value(stox_buf *out, stox_span value) {
  (void)stox_buf_put_text(out, "='");
  xml_escape(out, value, 1);
  (void)stox_buf_put_octet(out, '\'');
}

static void put_default_ns(stox_buf *out, stox_span ns) {
  (void)stox_buf_put_text(out, " xmlns");
  put_value(out, ns);
}

static void put_binding(stox_buf *out, const xml_binding *binding) {
  (void)stox_buf_put_text(out, " xmlns:");
  (void)stox_buf_put(out, binding->prefix);
  put_value(out, binding->ns);
}

/* A binding's namespace is shared by all that uses it. */
static int uses(const stox_xml_element *element, const xml_binding *binding) {
  if (element->prefix.n > 0 && element->ns.p == binding->ns.p) {
    return 1;
  }
  for (size_t i = 0; i < element->node.n_attributes; i++) {
    if (element->attributes[i].ns.p == binding->ns.p) {
      return 1;
    }
  }
  return 0;
}

/* The next element of the tree `top` in document order, NULL: none. */
static const stox_xml_element *next_element(const stox_xml_element *top,
                                            const stox_xml_element *element) {
  const stox_xml_element *child = stox_xml_child(element, NULL, NULL, NULL);
  while (child == NULL && element != top) {
    child = stox_xml_child(element->parent, NULL, NULL, element);
    element = element->parent;
  }
  return child;
}

static int tree_uses(const stox_xml_element *top, const xml_binding *binding) {
  const stox_xml_element *element = top;
  while (element != NULL && !uses(element, binding)) {
    element = next_element(top, element);
  }
  return element != NULL;
}

/* What is written without its parents takes the prefixes it needs along. */
static void put_inherited(stox_buf *out, const stox_xml_element *top) {
  for (const stox_xml_element *e = top->parent; e != NULL; e = e->parent) {
    for (const xml_binding *b = e->bindings; b != NULL; b = b->next) {
      if (tree_uses(top, b)) {
        put_binding(out, b);
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
         xml_ns_is_equal(element->ns, w->change->from_ns);
}

static int is_named(const xml_attribute *a, const stox_xml_attribute *b) {
  return stox_span_is_equal(a->name, b->name) && stox_span_is_equal(a->ns, b->ns);
}

static void put_attribute(stox_buf *out, stox_span prefix, stox_span name, stox_span value) {
  (void)stox_buf_put_octet(out, ' ');
  put_name(out, prefix, name);
  put_value(out, value);
}

/* The attributes of the outermost element: changed where they stand, new ones behind them. */
static void put_changed(stox_buf *out, const stox_xml_element *element,
                        const stox_xml_change *change) {
  static const stox_span xml_prefix = {"xml", 3};
  static const stox_span none = {NULL, 0};
  const size_t own = element->node.n_attributes;
  for (size_t i = 0; i < own; i++) {
    const xml_attribute *a = &element->attributes[i];
    stox_span value = a->value;
    for (size_t k = 0; k < change->n_attributes; k++) {
      value = is_named(a, &change->attributes[k]) ? change->attributes[k].value : value;
    }
    if (value.p != NULL) {
      put_attribute(out, a->prefix, a->name, value);
    }
  }
  for (size_t k = 0; k < change->n_attributes; k++) {
    const stox_xml_attribute *a = &change->attributes[k];
    size_t i = 0;
    while (i < own && !is_named(&element->attributes[i], a)) {
      i++;
    }
    if (i == own && a->value.p != NULL) {
      put_attribute(out, a->ns.n > 0 ? xml_prefix : none, a->name, a->value);
    }
  }
}

static void put_attributes(const walk *w, const stox_xml_element *element) {
  if (element == w->top && w->change != NULL) {
    put_changed(w->out, element, w->change);
    return;
  }
  for (size_t i = 0; i < element->node.n_attributes; i++) {
    const xml_attribute *a = &element->attributes[i];
    put_attribute(w->out, a->prefix, a->name, a->value);
  }
}

/* Writes a start tag where `scope` is the default namespace; gives that of its content. */
static stox_span put_start(const walk *w, const stox_xml_element *element, stox_span scope) {
  stox_buf *out = w->out;
  const int moved = is_moved(w, element);
  const stox_span inside = moved ? w->change->to_ns : element->default_ns;
  (void)stox_buf_put_octet(out, '<');
  put_name(out, moved ? (stox_span){NULL, 0} : element->prefix, element->name);
  if (!xml_ns_is_equal(inside, scope)) {
    put_default_ns(out, inside);
  }
  if (element == w->top) {
    put_inherited(out, element);
  }
  for (const xml_binding *b = element->bindings; b != NULL; b = b->next) {
    put_binding(out, b);
  }
  put_attributes(w, element);
  (void)stox_buf_put_text(out, element->first == NULL ? "/>" : ">");
  return inside;
}

static void put_end(const walk *w, const stox_xml_element *element) {
  (void)stox_buf_put_text(w->out, "</");
  put_name(w->out, w->kept == 0 ? (stox_span){NULL, 0} : element->prefix, element->name);
  (void)stox_buf_put_octet(w->out, '>');
}

/* The default namespace inside an open element. */
static stox_span scope_inside(const walk *w, const stox_xml_element *open) {
  return w->kept == 0 ? w->change->to_ns : open->default_ns;
}

static void enter(walk *w, const stox_xml_element *element) {
  w->kept += !is_moved(w, element);
}

static void put_tree(walk *w, stox_span default_ns) {
  const stox_xml_element *open = w->top;
  stox_span scope = put_start(w, open, default_ns);
  enter(w, open);
  const xml_node *at = open->first;
  while (at != NULL) {
    const stox_xml_element *child = xml_element_of(at);
    if (child == NULL) {
      const void *text = at;
      xml_escape(w->out, ((const xml_text *)text)->text, 0);
    } else {
      const stox_span inside = put_start(w, child, scope);
      if (child->first != NULL) {
        enter(w, child);
        open = child;
        scope = inside;
        at = child->first;
        continue;
      }
    }
    at = at->next;
    while (at == NULL) {
      put_end(w, open);
      w->kept -= w->kept > 0;
      if (open == w->top) {
        return;
      }
      at = open->node.next;
      open = open->parent;
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
  (void)stox_buf_put_octet(writer->out, '<');
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
  (void)stox_buf_put_text(writer->out, "<?xml version='1.0'?>");
  stox_xml_open(writer, STREAM_NAMESPACE, "stream");
  if (writer->status == STOX_OK) {
    writer->is_stream = 1;
    writer->spaces[0] = stox_span_text(content_ns);
    put_default_ns(writer->out, writer->spaces[0]);
    (void)stox_buf_put_text(writer->out, " xmlns:stream='" STREAM_NAMESPACE "'");
  }
}

int stox_xml_close_stream(stox_buf *out) {
  return stox_buf_put_text(out, "</stream:stream>");
}

void stox_xml_put_attribute(stox_xml_writer *writer, const char *name, stox_span value) {
  if (value.p == NULL || !is_fit(writer, value)) {
    return;
  }
  if (!writer->is_open) {
    fail(writer, STOX_E_STATE);
    return;
  }
  (void)stox_buf_put_octet(writer->out, ' ');
  (void)stox_buf_put_text(writer->out, name);
  put_value(writer->out, value);
}

void stox_xml_put_text(stox_xml_writer *writer, stox_span text) {
  if (text.n == 0 || !is_fit(writer, text)) {
    return;
  }
  if (writer->depth == 0) {
    fail(writer, STOX_E_STATE);
    return;
  }
  end_start_tag(writer, ">");
  xml_escape(writer->out, text, 0);
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
  (void)stox_buf_put_text(writer->out, "</");
  put_name(writer->out, prefix_of(writer, writer->depth), writer->names[writer->depth]);
  (void)stox_buf_put_octet(writer->out, '>');
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
