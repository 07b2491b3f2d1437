/* SPDX-License-Identifier: MIT */
/* The only user of libxml2. Nothing here is process-wide, and no default that another user of
 * libxml2 in the process may have changed is relied on. */
#include "xml/parser.h"

#include "base/cstring.h"
#include "stox/status.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <string.h>

/* The reader does not let larger chunks through; a C string of libxml2 is never longer. */
enum { TEXT_MAX = INT32_MAX };
/* Names of the peer's choice stay in the context's dictionary until it is renewed. */
enum { DICTIONARY_NAMES = 2048, DICTIONARY_OCTETS = 65536 };

struct xml_parser {
  const stox_allocator *alloc;
  xmlParserCtxtPtr context;
  xml_builder *builder; /* NULL: the root's start tag is read again */
  char *header;         /* the root's start tag */
  size_t header_n;
  unsigned long start; /* octets that the context had seen before these */
  size_t offset;
  int status;
};

static void refuse(xml_parser *parser, int status) {
  if (parser->status != STOX_OK || status == STOX_OK) {
    return;
  }
  parser->status = status;
  /* A context says that it has no memory before there is one. */
  if (parser->context == NULL || parser->context->input == NULL) {
    return;
  }
  const xmlParserInput *input = parser->context->input;
  const unsigned long seen = input->consumed + (unsigned long)(input->cur - input->base);
  parser->offset = seen > parser->start ? seen - parser->start : 0;
  xmlStopParser(parser->context);
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
 * that is no URI is one too; others carry it (Namespaces in XML 1.0 demands no check), and a
 * stanza's payload must not end a stream that many share. */
static void on_error(void *ud, xmlErrorPtr error) {
  xml_parser *parser = ud;
  if (error->level >= XML_ERR_ERROR && error->code != XML_WAR_NS_URI) {
    refuse(parser, status_of(error));
  }
}

static stox_span text_of(const xmlChar *p) {
  return stox_cstring((const char *)p, TEXT_MAX);
}

/* libxml2 gives five pointers an attribute: local name, prefix, namespace, value, its end. */
static int build_start(xml_builder *builder, const xml_tag *tag, int n_ns, const xmlChar **ns,
                       const xmlChar **attributes) {
  int status = xml_build_open(builder, tag);
  for (size_t i = 0; i < (size_t)n_ns && status == STOX_OK; i++) {
    status = xml_build_declare(builder, text_of(ns[2 * i]), text_of(ns[2 * i + 1]));
  }
  for (size_t i = 0; i < tag->n_attributes && status == STOX_OK; i++) {
    const xmlChar **a = attributes + 5 * i;
    const stox_span value = {(const char *)a[3], (size_t)(a[4] - a[3])};
    status = xml_build_attribute(builder, text_of(a[1]), text_of(a[0]), value);
  }
  return status != STOX_OK ? status : xml_build_opened(builder);
}

/* NOLINTNEXTLINE(readability-function-size): the signature is libxml2's */
static void on_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n_attributes, int n_defaulted,
                     const xmlChar **attributes) {
  xml_parser *parser = ud;
  (void)uri; /* the builder resolves */
  (void)n_defaulted;
  if (parser->builder == NULL || parser->status != STOX_OK) {
    return;
  }
  const xml_tag tag = {text_of(prefix), text_of(name), (size_t)n_attributes};
  refuse(parser, build_start(parser->builder, &tag, n_ns, ns, attributes));
}

static void on_end(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  xml_parser *parser = ud;
  (void)name;
  (void)prefix;
  (void)uri;
  if (parser->builder != NULL && parser->status == STOX_OK && parser->builder->open != NULL) {
    xml_build_close(parser->builder);
  }
}

static void on_text(void *ud, const xmlChar *p, int n) {
  xml_parser *parser = ud;
  if (parser->status != STOX_OK) {
    return;
  }
  if (parser->builder == NULL || parser->builder->open == NULL) {
    refuse(parser, STOX_E_BAD_XML);
    return;
  }
  refuse(parser, xml_build_text(parser->builder, (stox_span){(const char *)p, (size_t)n}));
}

/* The scanner lets none of these through; were it wrong, they end here. */
static void on_comment(void *ud, const xmlChar *text) {
  (void)text;
  refuse(ud, STOX_E_RESTRICTED_XML);
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
    .cdataBlock = on_text,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .serror = on_error,
    .initialized = XML_SAX2_MAGIC,
};

static int parse(xml_parser *parser, stox_span octets) {
  xmlParserCtxtPtr context = parser->context;
  parser->start =
      context->input->consumed + (unsigned long)(context->input->cur - context->input->base);
  (void)xmlParseChunk(context, octets.p, (int)octets.n, 0);
  if (parser->status == STOX_OK && context->errNo == XML_ERR_NO_MEMORY) {
    refuse(parser, STOX_E_NOMEM);
  }
  /* Whole tokens leave nothing behind, so a rest is something that libxml2 waits in. */
  if (parser->status == STOX_OK &&
      (context->wellFormed == 0 || context->input->cur != context->input->end)) {
    refuse(parser, STOX_E_BAD_XML);
  }
  return parser->status;
}

static void drop_context(xml_parser *parser) {
  if (parser->context != NULL) {
    xmlFreeParserCtxt(parser->context);
    parser->context = NULL;
  }
}

/* A context at the beginning of a stream. The options are set one by one as well, because
 * xmlCtxtUseOptions() leaves what it is not told to change as the process's defaults have it. */
static int begin(xml_parser *parser) {
  static const char declaration[] = "<?xml version='1.0'?>";
  drop_context(parser);
  xmlSAXHandler callbacks = handler;
  xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&callbacks, parser, NULL, 0, NULL);
  if (context == NULL) {
    return STOX_E_NOMEM;
  }
  parser->context = context;
  (void)xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
  context->replaceEntities = 1;
  context->keepBlanks = 1;
  context->validate = 0;
  context->loadsubset = 0;
  context->pedantic = 0;
  context->recovery = 0;
  context->linenumbers = 0;
  /* A context waits for four octets first, which "<a>" is not. */
  return parse(parser, (stox_span){declaration, sizeof declaration - 1});
}

static void drop_header(xml_parser *parser) {
  if (parser->header != NULL) {
    parser->alloc->resize(parser->alloc->ud, parser->header, parser->header_n, 0);
    parser->header = NULL;
    parser->header_n = 0;
  }
}

int xml_parser_new(xml_parser **out, const stox_allocator *alloc) {
  xml_parser *parser = alloc->resize(alloc->ud, NULL, 0, sizeof *parser);
  if (parser == NULL) {
    return STOX_E_NOMEM;
  }
  *parser = (xml_parser){.alloc = alloc};
  if (begin(parser) != STOX_OK) {
    xml_parser_del(parser);
    return STOX_E_NOMEM;
  }
  *out = parser;
  return STOX_OK;
}

void xml_parser_del(xml_parser *parser) {
  if (parser != NULL) {
    drop_context(parser);
    drop_header(parser);
    parser->alloc->resize(parser->alloc->ud, parser, sizeof *parser, 0);
  }
}

int xml_parser_restart(xml_parser *parser) {
  drop_header(parser);
  parser->status = STOX_OK;
  parser->status = begin(parser) == STOX_OK ? STOX_OK : STOX_E_NOMEM;
  return parser->status;
}

static int keep_header(xml_parser *parser, stox_span tokens) {
  char *copy = parser->alloc->resize(parser->alloc->ud, NULL, 0, tokens.n);
  if (copy == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(copy, tokens.p, tokens.n);
  parser->header = copy;
  parser->header_n = tokens.n;
  return STOX_OK;
}

/* Between two children of the root the whole state of a context is the root's start tag. */
static int renew(xml_parser *parser) {
  const xmlParserCtxt *context = parser->context;
  if (context->nameNr != 1 || (xmlDictSize(context->dict) < DICTIONARY_NAMES &&
                               xmlDictGetUsage(context->dict) < DICTIONARY_OCTETS)) {
    return STOX_OK;
  }
  parser->builder = NULL;
  if (begin(parser) != STOX_OK ||
      parse(parser, (stox_span){parser->header, parser->header_n}) != STOX_OK) {
    parser->status = STOX_E_NOMEM;
  }
  return parser->status;
}

int xml_parser_parse(xml_parser *parser, xml_builder *builder, stox_span tokens, size_t *offset) {
  if (parser->status == STOX_OK && parser->header == NULL) {
    parser->status = keep_header(parser, tokens);
  }
  *offset = 0;
  if (parser->status != STOX_OK) {
    return parser->status;
  }
  parser->builder = builder;
  if (parse(parser, tokens) == STOX_OK) {
    (void)renew(parser);
  }
  parser->builder = NULL;
  *offset = parser->offset < tokens.n ? parser->offset : tokens.n;
  return parser->status;
}
