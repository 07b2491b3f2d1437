/* SPDX-License-Identifier: MIT */
#include "xml/tree.h"

static const stox_span no_ns = {"", 0};

uint32_t xml_n_declared(const stox_xml_element *element) {
  const xml_record *records = xml_records(element);
  const uint32_t all = xml_n_records(element->sizes);
  uint32_t n = 0;
  while (n < all && (records[n].sizes & XML_DECLARES) != 0) {
    n++;
  }
  return n;
}

uint32_t xml_first_child(const stox_xml_element *element) {
  if ((element->next & XML_HAS_CHILDREN) == 0) {
    return 0;
  }
  return element->self + (uint32_t)sizeof *element +
         xml_n_records(element->sizes) * (uint32_t)sizeof(xml_record);
}

/* Among the declarations that begin `records`. */
static const xml_record *find(const xml_head *head, const xml_record *records, uint32_t n,
                              stox_span prefix) {
  for (uint32_t i = 0; i < n && (records[i].sizes & XML_DECLARES) != 0; i++) {
    if (stox_span_is_equal(xml_local(head, records[i].name_at, records[i].sizes), prefix)) {
      return &records[i];
    }
  }
  return NULL;
}

/* Of the outer ones only those that the tree needs are filled in. */
static const xml_record *find_outer(const xml_head *head, stox_span prefix) {
  const void *behind = head + 1;
  const xml_record *records = behind;
  for (uint32_t i = 0; i < head->n_outer; i++) {
    const xml_record *found = find(head, records + i, 1, prefix);
    if (found != NULL) {
      return found;
    }
  }
  return NULL;
}

const xml_record *xml_declared(const stox_xml_element *element, stox_span prefix) {
  const xml_head *head = xml_head_of(element);
  for (const stox_xml_element *e = element; e != NULL; e = xml_parent(e)) {
    const xml_record *found = (e->sizes & XML_DECLARES) == 0
                                  ? NULL
                                  : find(head, xml_records(e), xml_n_records(e->sizes), prefix);
    if (found != NULL) {
      return found;
    }
  }
  return find_outer(head, prefix);
}

stox_span xml_ns_at(const xml_head *head, uint32_t ns) {
  if (ns == XML_NS_NONE) {
    return no_ns;
  }
  return ns == XML_NS_XML ? stox_span_text(XML_NAMESPACE) : xml_value(head, xml_at(head, ns));
}

stox_span xml_attribute_ns(const stox_xml_element *element, const xml_record *record) {
  const xml_head *head = xml_head_of(element);
  const stox_span prefix = xml_prefix(head, record->name_at, record->sizes);
  if (prefix.n == 0) {
    return no_ns;
  }
  if (stox_span_is_equal(prefix, stox_span_text("xml"))) {
    return stox_span_text(XML_NAMESPACE);
  }
  const xml_record *found = xml_declared(element, prefix);
  return found == NULL ? no_ns : xml_value(head, found);
}
