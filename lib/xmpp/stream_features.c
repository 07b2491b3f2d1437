/* SPDX-License-Identifier: MIT */
#include "stox/stream_features.h"

#include "base/chars.h"
#include "stox/status.h"
#include "xmpp/namespaces.h"

/* A feature, and a child that says more of it. */
typedef struct feature {
  const char *ns;
  const char *name;
  const char *child; /* NULL: none */
  uint32_t bit;
  uint32_t child_bit;
} feature;

static const feature features[] = {
    {XMPP_NS_TLS, "starttls", "required", STOX_FEATURE_STARTTLS, STOX_FEATURE_STARTTLS_REQUIRED},
    {XMPP_NS_SASL, "mechanisms", NULL, STOX_FEATURE_MECHANISMS, 0},
    {XMPP_NS_DIALBACK_FEATURE, "dialback", "errors", STOX_FEATURE_DIALBACK,
     STOX_FEATURE_DIALBACK_ERRORS},
    {XMPP_NS_BIND, "bind", NULL, STOX_FEATURE_BIND, 0},
    {XMPP_NS_SESSION, "session", "optional", STOX_FEATURE_SESSION, STOX_FEATURE_SESSION_OPTIONAL},
    {XMPP_NS_CAPS, "c", NULL, STOX_FEATURE_CAPS, 0},
};

enum { N_FEATURES = sizeof features / sizeof features[0], MECHANISM_MAX = 20 };

static const feature *feature_of(const stox_xml_element *element) {
  for (size_t i = 0; i < N_FEATURES; i++) {
    if (stox_xml_is(element, features[i].ns, features[i].name)) {
      return &features[i];
    }
  }
  return NULL;
}

/* RFC 6120 4.3.2: a feature says that it is mandatory by this child, in its own namespace. */
static int is_required(const stox_xml_element *element) {
  const stox_xml_element *child = NULL;
  do {
    child = stox_xml_child(element, NULL, "required", child);
  } while (child != NULL && !stox_span_is_equal(stox_xml_ns(child), stox_xml_ns(element)));
  return child != NULL;
}

static void read_other(stox_stream_features *out, const stox_xml_element *element) {
  out->n_others++;
  if (out->required == NULL && is_required(element)) {
    out->required = element;
  }
}

static void read_one(stox_stream_features *out, const stox_xml_element *element,
                     const feature *known) {
  if ((out->offered & known->bit) != 0) {
    return;
  }
  out->offered |= known->bit;
  if (known->child != NULL && stox_xml_child(element, known->ns, known->child, NULL) != NULL) {
    out->offered |= known->child_bit;
  }
  if (known->bit == STOX_FEATURE_MECHANISMS) {
    out->mechanisms = element;
  } else if (known->bit == STOX_FEATURE_CAPS) {
    out->caps_hash = stox_xml_attribute_of(element, "hash");
    out->caps_node = stox_xml_attribute_of(element, "node");
    out->caps_ver = stox_xml_attribute_of(element, "ver");
  }
}

int stox_stream_features_read(stox_stream_features *out, const stox_xml_element *element) {
  if (!stox_xml_is(element, XMPP_NS_STREAMS, "features")) {
    return STOX_E_NONE;
  }
  *out = (stox_stream_features){.element = element};
  const stox_xml_element *child = stox_xml_child(element, NULL, NULL, NULL);
  for (; child != NULL; child = stox_xml_child(element, NULL, NULL, child)) {
    const feature *known = feature_of(child);
    if (known == NULL) {
      read_other(out, child);
    } else {
      read_one(out, child, known);
    }
  }
  return STOX_OK;
}

/* RFC 4422 3.1: 1 to 20 of upper case, digits, hyphen, underscore. */
static int is_mechanism(stox_span name) {
  size_t i = 0;
  while (i < name.n && (stox_char_is(name.p[i], STOX_CHAR_UPPER | STOX_CHAR_DIGIT) ||
                        name.p[i] == '-' || name.p[i] == '_')) {
    i++;
  }
  return i == name.n && i > 0 && i <= MECHANISM_MAX;
}

/* The text of an element that holds nothing else. */
static stox_span only_text(const stox_xml_element *element) {
  stox_xml_node node;
  if (stox_xml_first_node(&node, element) != STOX_OK || node.kind != STOX_XML_NODE_TEXT) {
    return (stox_span){NULL, 0};
  }
  const stox_span text = stox_span_trim(node.text);
  return stox_xml_next_node(&node) == STOX_E_NONE ? text : (stox_span){NULL, 0};
}

int stox_stream_features_next_mechanism(stox_span *name, const stox_stream_features *read,
                                        size_t *after) {
  size_t at = 0;
  if (read->mechanisms == NULL) {
    return STOX_E_NONE;
  }
  const stox_xml_element *child = stox_xml_child(read->mechanisms, XMPP_NS_SASL, "mechanism", NULL);
  for (; child != NULL;
       child = stox_xml_child(read->mechanisms, XMPP_NS_SASL, "mechanism", child)) {
    const stox_span text = only_text(child);
    if (at++ >= *after && is_mechanism(text)) {
      *name = text;
      *after = at;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

int stox_stream_features_has_mechanism(const stox_stream_features *read, stox_span name) {
  size_t after = 0;
  stox_span found;
  while (stox_stream_features_next_mechanism(&found, read, &after) == STOX_OK) {
    if (stox_span_is_equal(found, name)) {
      return 1;
    }
  }
  return 0;
}

const stox_xml_element *stox_stream_features_next_other(const stox_stream_features *read,
                                                        const stox_xml_element *after) {
  const stox_xml_element *child = after;
  do {
    child = stox_xml_child(read->element, NULL, NULL, child);
  } while (child != NULL && feature_of(child) != NULL);
  return child;
}

/* ---- writing ---- */

static int check(const stox_stream_offer *offer) {
  for (size_t i = 0; i < offer->n_mechanisms; i++) {
    if (!is_mechanism(offer->mechanisms[i])) {
      return STOX_E_ARG;
    }
  }
  const int has_caps =
      offer->caps_hash.p != NULL && offer->caps_node.p != NULL && offer->caps_ver.p != NULL;
  return (offer->offered & STOX_FEATURE_CAPS) != 0 && !has_caps ? STOX_E_ARG : STOX_OK;
}

static void put_mechanisms(stox_xml_writer *writer, const stox_stream_offer *offer) {
  for (size_t i = 0; i < offer->n_mechanisms; i++) {
    stox_xml_open(writer, XMPP_NS_SASL, "mechanism");
    stox_xml_put_text(writer, offer->mechanisms[i]);
    stox_xml_close(writer);
  }
}

static int write_feature(stox_buf *out, const stox_stream_offer *offer, const feature *known,
                         stox_span content_ns) {
  stox_xml_writer writer;
  stox_xml_writer_init(&writer, out, content_ns);
  stox_xml_open(&writer, known->ns, known->name);
  if ((offer->offered & known->child_bit) != 0) {
    stox_xml_open(&writer, known->ns, known->child);
    stox_xml_close(&writer);
  }
  if (known->bit == STOX_FEATURE_MECHANISMS) {
    put_mechanisms(&writer, offer);
  } else if (known->bit == STOX_FEATURE_CAPS) {
    stox_xml_put_attribute(&writer, "hash", offer->caps_hash);
    stox_xml_put_attribute(&writer, "node", offer->caps_node);
    stox_xml_put_attribute(&writer, "ver", offer->caps_ver);
  }
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}

static uint32_t bits_of(const stox_stream_offer *offer) {
  uint32_t bits = offer->offered | (offer->n_mechanisms > 0 ? STOX_FEATURE_MECHANISMS : 0U);
  for (size_t i = 0; i < N_FEATURES; i++) {
    bits |= (bits & features[i].child_bit) != 0 ? features[i].bit : 0U;
  }
  return bits;
}

int stox_stream_features_write(stox_buf *out, const stox_stream_offer *offer,
                               stox_span content_ns) {
  const size_t start = out->len;
  const uint32_t bits = bits_of(offer);
  int status = check(offer);
  if (status != STOX_OK) {
    return status;
  }
  /* What others wrote stands among ours, so there is a writer for each. */
  (void)stox_buf_put_text(out, "<stream:features>");
  for (size_t i = 0; i < N_FEATURES && (status == STOX_OK || status == STOX_E_NOBUF); i++) {
    status = (bits & features[i].bit) == 0 ? status
                                           : write_feature(out, offer, &features[i], content_ns);
  }
  if (status != STOX_OK && status != STOX_E_NOBUF) {
    out->len = start;
    return status;
  }
  (void)stox_buf_put(out, offer->others);
  return stox_buf_put_text(out, "</stream:features>");
}
