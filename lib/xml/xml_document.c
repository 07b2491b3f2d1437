/* SPDX-License-Identifier: MIT */
/* The only user of libxml2. Nothing here is process-wide, and no default that another user of
 * libxml2 in the process may have changed is relied on. */
#include "stox/xml_document.h"

#include "base/cstring.h"
#include "base/options.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "xml/build.h"
#include "xml/declaration.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdalign.h>
#include <string.h>

enum {
  OCTETS_CEILING = 9000000, /* offsets have 32 bits */
  DEPTH_CEILING = 250,
  PIECE = 4096,
  /* libxml2 looks at a tag once it is whole, and what it does then is quadratic in its attributes.
   */
  TOKEN_MAX = 16384,
  TEXT_MAX = INT32_MAX /* a C string of libxml2 is never longer */
};

static const char declaration[] = "<?xml version='1.0'?>";

/* One document while it is read. */
typedef struct document {
  xml_builder build; /* its text is made of names and values as they come */
  stox_limits limits;
  xmlParserCtxtPtr context;
  int status;
  size_t wrong; /* octets that libxml2 had seen at what was refused */
  size_t fed;
  size_t heard; /* octets fed at the event before */
  uint32_t depth;
  uint32_t text_at; /* text that may go on */
  uint32_t text_n;
  int is_after_cr; /* in a CDATA section */
} document;

int stox_xml_document_options_init(stox_xml_document_options *out, size_t size) {
  const stox_xml_document_options defaults = {.size = sizeof defaults};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static void refuse(document *d, int status) {
  if (d->status != STOX_OK || status == STOX_OK) {
    return;
  }
  d->status = status;
  /* A context says that it has no memory before there is one. */
  if (d->context != NULL && d->context->input != NULL) {
    const xmlParserInput *input = d->context->input;
    d->wrong = input->consumed + (size_t)(input->cur - input->base);
    xmlStopParser(d->context);
  }
}

static int status_of(const xmlError *error) {
  switch (error->code) {
  case XML_ERR_NO_MEMORY:
    return STOX_E_NOMEM;
  case XML_ERR_UNDECLARED_ENTITY:
  case XML_WAR_UNDECLARED_ENTITY:
    return STOX_E_RESTRICTED_XML;
  default:
    return error->domain == XML_FROM_NAMESPACE ? STOX_E_BAD_NAMESPACE : STOX_E_BAD_XML;
  }
}

/* Errors of the middle level leave the return code 0, an undeclared prefix for one. A namespace
 * that is no URI is one too; others carry it, and Namespaces in XML 1.0 demands no check. */
static void on_error(void *ud, xmlErrorPtr error) {
  if (error->level >= XML_ERR_ERROR && error->code != XML_WAR_NS_URI) {
    refuse(ud, status_of(error));
  }
}

static stox_span text_of(const xmlChar *p) {
  return p == NULL ? (stox_span){"", 0} : stox_cstring((const char *)p, TEXT_MAX);
}

/* Appends to the tree's text: where, or UINT32_MAX. Once something was refused, what libxml2 handed
 * out may be gone. */
static uint32_t put(document *d, stox_span octets) {
  stox_buf *text = &d->build.text;
  if (d->status != STOX_OK) {
    return UINT32_MAX;
  }
  if (xml_build_room(&d->build, text, octets.n + 1) != STOX_OK) {
    refuse(d, STOX_E_NOMEM);
    return UINT32_MAX;
  }
  const uint32_t at = (uint32_t)text->len;
  memcpy(text->p + at, octets.p, octets.n);
  text->len += octets.n;
  d->build.base = text->p;
  return at;
}

/* A name with its prefix, and its sizes. */
static uint32_t put_name(document *d, uint32_t *sizes, stox_span prefix, stox_span local) {
  if ((prefix.n == 0 ? 0 : prefix.n + 1) + local.n > d->limits.names) {
    refuse(d, STOX_E_TOO_LONG);
    return UINT32_MAX;
  }
  *sizes = (uint32_t)local.n | (uint32_t)prefix.n << XML_NAME_BITS;
  const uint32_t at = put(d, prefix);
  if (prefix.n > 0) {
    (void)put(d, (stox_span){":", 1});
  }
  (void)put(d, local);
  return at;
}

static void put_record(document *d, stox_span prefix, stox_span local, stox_span value) {
  uint32_t sizes = 0;
  const uint32_t name_at = put_name(d, &sizes, prefix, local);
  const uint32_t value_at = put(d, value);
  const xml_record record = {name_at, sizes, value_at, (uint32_t)value.n};
  if (d->status == STOX_OK && xml_build_record(&d->build, &record) == 0) {
    refuse(d, STOX_E_NOMEM);
  }
}

static void put_declaration(document *d, stox_span prefix, stox_span ns) {
  static const stox_span xmlns = {"xmlns", 5};
  put_record(d, prefix.n == 0 ? prefix : xmlns, prefix.n == 0 ? xmlns : prefix, ns);
}

static int is_going_on(document *d) {
  d->heard = d->fed;
  return d->status == STOX_OK;
}

static void end_text(document *d) {
  if (d->text_n > 0 && d->status == STOX_OK) {
    refuse(d, xml_build_text(&d->build, d->text_at, d->text_n, 0));
  }
  d->text_n = 0;
}

/* Of an element of so many attributes, declarations included. */
static void open_element(document *d, stox_span prefix, stox_span local, size_t n) {
  uint32_t sizes = 0;
  end_text(d);
  if (++d->depth > d->limits.depth) {
    refuse(d, STOX_E_TOO_DEEP);
  }
  if (n > d->limits.attributes) {
    refuse(d, STOX_E_TOO_MANY);
  }
  const uint32_t name_at = put_name(d, &sizes, prefix, local);
  if (d->status != STOX_OK || xml_build_open(&d->build, name_at) != STOX_OK) {
    refuse(d, STOX_E_NOMEM);
    return;
  }
  stox_xml_element *element = xml_build_at(&d->build, d->build.tag);
  element->sizes = sizes;
}

/* NOLINTNEXTLINE(readability-function-size): the signature is libxml2's */
static void on_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n_attributes, int n_defaulted,
                     const xmlChar **attributes) {
  document *d = ud;
  (void)uri; /* the builder resolves */
  (void)n_defaulted;
  if (!is_going_on(d)) {
    return;
  }
  open_element(d, text_of(prefix), text_of(name), (size_t)n_ns + (size_t)n_attributes);
  for (size_t i = 0; i < (size_t)n_ns && d->status == STOX_OK; i++) {
    put_declaration(d, text_of(ns[2 * i]), text_of(ns[2 * i + 1]));
  }
  /* Five pointers an attribute: local name, prefix, namespace, value, its end. */
  for (size_t i = 0; i < (size_t)n_attributes && d->status == STOX_OK; i++) {
    const xmlChar **a = attributes + 5 * i;
    const stox_span value = {(const char *)a[3], (size_t)(a[4] - a[3])};
    put_record(d, text_of(a[1]), text_of(a[0]), value);
  }
  if (d->status == STOX_OK) {
    refuse(d, xml_build_opened(&d->build, 0));
  }
}

static void on_end(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  document *d = ud;
  (void)name;
  (void)prefix;
  (void)uri;
  if (is_going_on(d) && d->build.open != 0) {
    end_text(d);
    xml_build_close(&d->build);
    d->depth--;
  }
}

static void on_text(void *ud, const xmlChar *p, int n) {
  document *d = ud;
  if (!is_going_on(d) || d->build.open == 0) {
    return;
  }
  const uint32_t at = put(d, (stox_span){(const char *)p, (size_t)n});
  d->text_at = d->text_n == 0 ? at : d->text_at;
  d->text_n += (uint32_t)n;
}

/* A push parser of libxml2 leaves the line ends of a CDATA section as they are, against XML 1.0
 * 2.11, and may give it in several parts. */
static void on_cdata(void *ud, const xmlChar *p, int n) {
  document *d = ud;
  int from = 0;
  for (int i = 0; i < n && d->status == STOX_OK; i++) {
    const int is_second = p[i] == '\n' && d->is_after_cr;
    d->is_after_cr = p[i] == '\r';
    if (is_second || p[i] == '\r') {
      on_text(ud, p + from, i - from);
      from = i + 1;
    }
    if (p[i] == '\r') {
      on_text(ud, (const xmlChar *)"\n", 1);
    }
  }
  on_text(ud, p + from, n - from);
}

static void on_comment(void *ud, const xmlChar *text) {
  (void)text;
  (void)is_going_on(ud);
}

static void on_instruction(void *ud, const xmlChar *target, const xmlChar *data) {
  (void)target;
  (void)data;
  refuse(ud, STOX_E_RESTRICTED_XML);
}

static void on_doctype(void *ud, const xmlChar *name, const xmlChar *public_id,
                       const xmlChar *system_id) {
  (void)name;
  (void)public_id;
  (void)system_id;
  refuse(ud, STOX_E_RESTRICTED_XML);
}

static const xmlSAXHandler handler = {
    .internalSubset = on_doctype,
    .externalSubset = on_doctype,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_cdata,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .serror = on_error,
    .initialized = XML_SAX2_MAGIC,
};

static void parse(document *d, stox_span piece, int is_last) {
  d->fed += piece.n;
  (void)xmlParseChunk(d->context, piece.p, (int)piece.n, is_last);
  if (d->status == STOX_OK && d->context->errNo == XML_ERR_NO_MEMORY) {
    refuse(d, STOX_E_NOMEM);
  }
  if (d->status == STOX_OK && d->context->wellFormed == 0) {
    refuse(d, STOX_E_BAD_XML);
  }
  if (d->status == STOX_OK && d->fed - d->heard > TOKEN_MAX) {
    refuse(d, STOX_E_TOO_LONG);
  }
}

/* The options are set one by one as well, because xmlCtxtUseOptions() leaves what it is not told to
 * change as the process's defaults have it. */
static int begin(document *d) {
  xmlSAXHandler callbacks = handler;
  d->context = xmlCreatePushParserCtxt(&callbacks, d, NULL, 0, NULL);
  if (d->context == NULL) {
    return STOX_E_NOMEM;
  }
  (void)xmlCtxtUseOptions(d->context, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
  d->context->replaceEntities = 1;
  d->context->keepBlanks = 1;
  d->context->validate = 0;
  d->context->loadsubset = 0;
  d->context->pedantic = 0;
  d->context->recovery = 0;
  d->context->linenumbers = 0;
  /* One that says nothing of an encoding: libxml2 looks at the first octets for one. */
  parse(d, (stox_span){declaration, sizeof declaration - 1}, 0);
  return d->status;
}

/* Octets in front of the root that are not libxml2's to read: a byte order mark of UTF-8, the XML
 * declaration. */
static int read_front(size_t *n, stox_span octets) {
  static const stox_span mark = {"\xef\xbb\xbf", 3};
  static const stox_span begins = {"<?xml", 5};
  const unsigned first = octets.n == 0 ? 0 : (unsigned char)octets.p[0];
  *n = 0;
  if (octets.n > 0 && (first == 0xFE || first == 0xFF || first == 0)) {
    return STOX_E_UNSUPPORTED; /* UTF-16, UTF-32 */
  }
  *n = stox_span_is_equal(stox_span_slice(octets, 0, mark.n), mark) ? mark.n : 0;
  const stox_span text = stox_span_slice(octets, *n, octets.n);
  if (!stox_span_is_equal(stox_span_slice(text, 0, begins.n), begins) || text.n == begins.n ||
      (text.p[begins.n] != ' ' && text.p[begins.n] != '\t' && text.p[begins.n] != '\r' &&
       text.p[begins.n] != '\n')) {
    return STOX_OK;
  }
  const size_t end = stox_span_find(text, '>');
  if (end == text.n) {
    return STOX_E_BAD_XML;
  }
  *n += end + 1;
  return xml_declaration_check(stox_span_slice(text, 0, end + 1));
}

static int read_root(document *d, stox_span octets) {
  int status = begin(d);
  for (size_t at = 0; at < octets.n && status == STOX_OK; at += PIECE) {
    parse(d, stox_span_slice(octets, at, PIECE), 0);
    status = d->status;
  }
  if (status == STOX_OK) {
    parse(d, (stox_span){"", 0}, 1);
    status = d->status;
  }
  return status == STOX_OK ? xml_build_end(&d->build) : status;
}

static int give(const document *d, const stox_xml_element **out, stox_arena *arena) {
  void *p = stox_arena_take(arena, xml_build_size(&d->build), alignof(xml_head));
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  *out = xml_build_copy(&d->build, p);
  return STOX_OK;
}

static int say(stox_diag *diag, int status, size_t offset) {
  return stox_diag_set(diag, status, 0, offset, "XML 1.0");
}

static int read_checked(document *d, const stox_xml_element **out, stox_arena *arena,
                        stox_span octets, stox_diag *diag) {
  size_t front = 0;
  int status = read_front(&front, octets);
  if (status != STOX_OK) {
    return say(diag, status, 0);
  }
  status = xml_build_begin(&d->build, NULL);
  if (status == STOX_OK) {
    status = read_root(d, stox_span_slice(octets, front, octets.n));
  }
  if (status == STOX_OK) {
    status = give(d, out, arena);
  }
  const size_t behind = sizeof declaration - 1;
  return status == STOX_OK ? STOX_OK
                           : say(diag, status, d->wrong > behind ? front + d->wrong - behind : 0);
}

static int read_limits(document *d, const stox_limits *given) {
  stox_limits *limits = &d->limits;
  int status = stox_limits_init(limits, sizeof *limits);
  status = status == STOX_OK ? stox_options_read(limits, sizeof *limits, given) : status;
  limits->stanza = limits->stanza < OCTETS_CEILING ? limits->stanza : OCTETS_CEILING;
  limits->depth = limits->depth < DEPTH_CEILING ? limits->depth : DEPTH_CEILING;
  limits->names = limits->names < XML_NAME_MAX ? limits->names : XML_NAME_MAX;
  limits->attributes = limits->attributes < XML_RECORDS_MAX ? limits->attributes : XML_RECORDS_MAX;
  return status;
}

int stox_xml_document_read(const stox_xml_element **out, stox_arena *arena, stox_span octets,
                           const stox_xml_document_options *options, stox_diag *diag) {
  stox_xml_document_options own = {.size = sizeof own};
  document d = {.status = STOX_OK};
  size_t wrong = 0;
  if (stox_options_read(&own, sizeof own, options) != STOX_OK ||
      read_limits(&d, own.limits) != STOX_OK) {
    return STOX_E_ARG;
  }
  if (octets.n > d.limits.stanza) {
    return say(diag, STOX_E_TOO_LONG, d.limits.stanza);
  }
  d.build.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  d.build.prefixes_max = d.limits.attributes;
  int status = read_front(&wrong, octets);
  if (status != STOX_E_UNSUPPORTED && stox_utf8_check(octets, &wrong) != STOX_OK) {
    return say(diag, STOX_E_BAD_UTF8, wrong);
  }
  status = read_checked(&d, out, arena, octets, diag);
  if (d.context != NULL) {
    xmlFreeParserCtxt(d.context);
  }
  xml_build_shrink(&d.build, &d.build.nodes, 0);
  xml_build_shrink(&d.build, &d.build.text, 0);
  xml_build_shrink(&d.build, &d.build.scope, 0);
  return status;
}
