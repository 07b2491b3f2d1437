/* SPDX-License-Identifier: MIT */
/* The reader of streams beside libxml2, which reads all of XML: on what is in XMPP's profile both
 * take the same streams, and see the same elements, attributes and texts in them.
 *
 * Outside of the profile, by what the reader says: restricted XML, encodings and the limits. The
 * peer is asked to accept namespaces that are no URI, as the reader does. */
#include "stox/status.h"
#include "stox/xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 13, FACTS = 1 << 20 };

/* What was seen, as text. */
typedef struct facts {
  char text[FACTS];
  stox_buf out;
  int level;      /* the gravest error */
  int is_in_text; /* the last fact is one */
  int has_cr;     /* in a CDATA section */
  int is_unsure;
  int depth;
  const xmlParserCtxt *context;
} facts;

static void check(int holds) {
  if (!holds) {
    abort();
  }
}

static void put(facts *f, char mark, stox_span text) {
  (void)stox_buf_put_octet(&f->out, mark);
  (void)stox_buf_put(&f->out, text);
  f->is_in_text = 0;
}

static stox_span text_of(const xmlChar *p) {
  return p == NULL ? (stox_span){"", 0} : (stox_span){(const char *)p, strlen((const char *)p)};
}

/* NOLINTNEXTLINE(readability-function-size): the signature is libxml2's */
static void on_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n, int n_defaulted,
                     const xmlChar **attributes) {
  facts *f = ud;
  (void)prefix, (void)n_ns, (void)ns, (void)n_defaulted;
  put(f, '\1', text_of(uri));
  put(f, '\2', text_of(name));
  for (int i = 0; i < n; i++) {
    const xmlChar **a = attributes + 5 * (size_t)i;
    put(f, '\3', text_of(a[2]));
    put(f, '\4', text_of(a[0]));
    put(f, '\5', (stox_span){(const char *)a[3], (size_t)(a[4] - a[3])});
  }
  f->depth++;
}

static void on_end(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  facts *f = ud;
  (void)name, (void)prefix, (void)uri;
  f->depth--;
  put(f, '\6', (stox_span){"", 0});
}

/* The root's own text may be white space alone, written as such. What libxml2 gives from elsewhere
 * than its input was a reference, or held a CR: which of them cannot be told. */
static void check_root_text(facts *f, const xmlChar *p, int n) {
  const xmlParserInput *input = f->context->input;
  f->is_unsure |= p < input->base || p >= input->end;
  for (int i = 0; i < n; i++) {
    const int is_space = p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r';
    f->level = is_space ? f->level : XML_ERR_FATAL;
  }
}

static void on_text(void *ud, const xmlChar *p, int n) {
  facts *f = ud;
  if (f->depth < 2) {
    check_root_text(f, p, n);
    return;
  }
  if (n == 0) {
    return;
  }
  if (!f->is_in_text) {
    (void)stox_buf_put_octet(&f->out, '\7');
  }
  (void)stox_buf_put(&f->out, (stox_span){(const char *)p, (size_t)n});
  f->is_in_text = 1;
}

static void on_cdata(void *ud, const xmlChar *p, int n) {
  facts *f = ud;
  f->level = f->depth < 2 ? XML_ERR_FATAL : f->level;
  for (int i = 0; i < n; i++) {
    f->has_cr |= p[i] == '\r';
  }
  on_text(ud, p, n);
}

static void on_error(void *ud, xmlErrorPtr error) {
  facts *f = ud;
  if (error->code != XML_WAR_NS_URI && (int)error->level > f->level) {
    f->level = (int)error->level;
  }
}

static const xmlSAXHandler handler = {
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_cdata,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .serror = on_error,
    .initialized = XML_SAX2_MAGIC,
};

static void read_peer(facts *f, stox_span stream) {
  static const char declaration[] = "<?xml version='1.0'?>";
  xmlSAXHandler callbacks = handler;
  stox_buf_init(&f->out, f->text, sizeof f->text);
  f->level = f->is_in_text = f->is_unsure = f->has_cr = f->depth = 0;
  xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&callbacks, f, NULL, 0, NULL);
  check(context != NULL);
  f->context = context;
  (void)xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
  const int has_declaration = stream.n >= 5 && memcmp(stream.p, "<?xml", 5) == 0;
  if (!has_declaration) {
    (void)xmlParseChunk(context, declaration, (int)sizeof declaration - 1, 0);
  }
  (void)xmlParseChunk(context, stream.p, (int)stream.n, 1);
  xmlFreeParserCtxt(context);
}

static void put_start(facts *f, const stox_xml_element *element) {
  stox_xml_attribute a;
  put(f, '\1', stox_xml_ns(element));
  put(f, '\2', stox_xml_name(element));
  for (size_t i = 0; stox_xml_get_attribute(&a, element, i) == STOX_OK; i++) {
    put(f, '\3', a.ns);
    put(f, '\4', a.name);
    put(f, '\5', a.value);
  }
}

/* An element with what it holds. */
static void put_element(facts *f, const stox_xml_element *top) {
  stox_xml_node nodes[256];
  size_t depth = 0;
  put_start(f, top);
  int status = stox_xml_first_node(&nodes[0], top);
  for (;;) {
    while (status != STOX_OK) {
      put(f, '\6', (stox_span){"", 0});
      if (depth == 0) {
        return;
      }
      status = stox_xml_next_node(&nodes[--depth]);
    }
    stox_xml_node *node = &nodes[depth];
    if (node->kind == STOX_XML_NODE_TEXT) {
      put(f, '\7', node->text);
      status = stox_xml_next_node(node);
    } else {
      put_start(f, node->element);
      check(++depth < 256);
      status = stox_xml_first_node(&nodes[depth], nodes[depth - 1].element);
    }
  }
}

static void put_event(facts *f, int kind, const stox_xml_element *element) {
  if (kind == STOX_XML_STREAM_OPEN) {
    put_start(f, element);
  } else if (kind == STOX_XML_ELEMENT) {
    put_element(f, element);
  } else if (kind == STOX_XML_STREAM_CLOSE) {
    put(f, '\6', (stox_span){"", 0});
  }
}

/* STOX_OK: a whole stream. STOX_E_TOO_MANY: something was past a limit. */
static int read_ours(facts *f, stox_span stream) {
  stox_xml_reader *reader = NULL;
  stox_arena arena;
  int status = STOX_OK;
  int kind = 0;
  int is_refused = 0;
  const stox_xml_element *element = NULL;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  stox_buf_init(&f->out, f->text, sizeof f->text);
  check(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  while (stream.n > 0 && (status == STOX_OK || status == STOX_E_MORE)) {
    size_t consumed = 0;
    status = stox_xml_feed(reader, &consumed, stream, NULL);
    stream = stox_span_slice(stream, consumed, stream.n);
    while (status == STOX_OK && stox_xml_next(reader, &arena, &kind, &element) == STOX_OK) {
      put_event(f, kind, element);
      is_refused |= kind == STOX_XML_REFUSED;
      stox_arena_reset(&arena);
    }
  }
  stox_arena_clear(&arena);
  stox_xml_reader_del(reader);
  if (status == STOX_OK || status == STOX_E_MORE) {
    status = kind == STOX_XML_STREAM_CLOSE ? STOX_OK : STOX_E_MORE;
  }
  return is_refused ? STOX_E_TOO_MANY : status;
}

static int is_outside(int status) {
  return status == STOX_E_RESTRICTED_XML || status == STOX_E_UNSUPPORTED ||
         status == STOX_E_TOO_MANY || status == STOX_E_TOO_LONG || status == STOX_E_TOO_DEEP;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static facts ours;
  static facts theirs;
  const stox_span stream = {(const char *)data, size};
  if (size == 0 || size > LARGEST) {
    return 0;
  }
  const int status = read_ours(&ours, stream);
  if (is_outside(status)) {
    return 0;
  }
  /* XML 1.0 lets a reader take a later version's number, and XMPP has one version (RFC 6120 11.8).
   */
  if (status == STOX_E_BAD_XML && ours.out.len == 0 && stream.n >= 5 &&
      memcmp(stream.p, "<?xml", 5) == 0) {
    return 0;
  }
  /* A push parser of libxml2 lets overlong sequences through in CDATA sections. */
  if (status == STOX_E_BAD_UTF8 && u8_check((const uint8_t *)stream.p, stream.n) != NULL) {
    return 0;
  }
  read_peer(&theirs, stream);
  if (theirs.is_unsure && theirs.level < XML_ERR_ERROR && status == STOX_E_BAD_XML) {
    return 0;
  }
  /* Level 2, a namespace error, is one of theirs that lets a document through. */
  check((status == STOX_OK) == (theirs.level < XML_ERR_ERROR));
  /* A push parser of libxml2 leaves the line ends of CDATA sections as they are, against XML 1.0
   * 2.11. */
  if (status == STOX_OK && !theirs.has_cr) {
    check(stox_span_is_equal(stox_buf_span(&ours.out), stox_buf_span(&theirs.out)));
  }
  return 0;
}
