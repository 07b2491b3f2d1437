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

static void put_start(stox_buf *out, const stox_xml_element *element, stox_span default_ns,
                      int is_top) {
  (void)stox_buf_put_octet(out, '<');
  put_name(out, element->prefix, element->name);
  if (!xml_ns_is_equal(element->default_ns, default_ns)) {
    put_default_ns(out, element->default_ns);
  }
  if (is_top) {
    put_inherited(out, element);
  }
  for (const xml_binding *b = element->bindings; b != NULL; b = b->next) {
    put_binding(out, b);
  }
  for (size_t i = 0; i < element->node.n_attributes; i++) {
    const xml_attribute *attribute = &element->attributes[i];
    (void)stox_buf_put_octet(out, ' ');
    put_name(out, attribute->prefix, attribute->name);
    put_value(out, attribute->value);
  }
  (void)stox_buf_put_text(out, element->first == NULL ? "/>" : ">");
}

static void put_end(stox_buf *out, const stox_xml_element *element) {
  (void)stox_buf_put_text(out, "</");
  put_name(out, element->prefix, element->name);
  (void)stox_buf_put_octet(out, '>');
}

static void put_tree(stox_buf *out, const stox_xml_element *top, stox_span default_ns) {
  put_start(out, top, default_ns, 1);
  const stox_xml_element *open = top;
  const xml_node *at = top->first;
  while (at != NULL) {
    const stox_xml_element *child = xml_element_of(at);
    if (child == NULL) {
      const void *text = at;
      xml_escape(out, ((const xml_text *)text)->text, 0);
    } else {
      put_start(out, child, open->default_ns, 0);
      if (child->first != NULL) {
        open = child;
        at = child->first;
        continue;
      }
    }
    at = at->next;
    while (at == NULL) {
      put_end(out, open);
      if (open == top) {
        return;
      }
      at = open->node.next;
      open = open->parent;
    }
  }
}

int stox_xml_write(stox_buf *out, const stox_xml_element *element, stox_span default_ns) {
  put_tree(out, element, default_ns);
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
  put_tree(writer->out, element, scope_of(writer));
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
