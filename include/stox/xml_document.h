/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Whole XML documents, such as the bodies of SIP messages (PIDF and its kin): read into the same
 * immutable elements as streams are.
 *
 * The reader is libxml2, which allocates by itself while a document is read (local: a call's own
 * state is gone when it returns). It opens no file and no connection, and calls nothing
 * process-wide; a host with several threads makes its first use of libxml2 in one of them
 * (xmlInitParser).
 */
#ifndef STOX_XML_DOCUMENT_H
#define STOX_XML_DOCUMENT_H

#include "stox/xml.h"

STOX_BEGIN_DECLS

/** Options; make them with stox_xml_document_options_init(). Of the limits, `stanza` is octets of
 * the document (at most 9,000,000), `depth` levels of elements (at most 250), `attributes` those
 * of an element with its namespace declarations (at most 511), and also the prefixes in scope at
 * once, `names` octets of a name with its prefix (at most 1,023). */
typedef struct stox_xml_document_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_limits *limits;   /**< NULL: defaults */
  const stox_allocator *alloc; /**< NULL: the C library's; what is taken is given back */
} stox_xml_document_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_xml_document_options_init(stox_xml_document_options *out, size_t size);

/**
 * Reads a document: all of XML 1.0 and Namespaces in XML 1.0 but document type declarations,
 * processing instructions, and encodings other than UTF-8. Comments, which are no part of the text
 * (XML 1.0 2.5), are left out.
 * @param[out] out the root; views `arena`
 * @param arena where the tree is copied to
 * @param octets the document
 * @param options NULL: defaults
 * @param[out] diag offset of what was wrong, or a little behind it; may be NULL
 * @retval STOX_OK read
 * @retval STOX_E_BAD_XML STOX_E_BAD_NAMESPACE STOX_E_BAD_UTF8 no document
 * @retval STOX_E_RESTRICTED_XML a document type declaration, a processing instruction or an entity
 *         that is not predefined
 * @retval STOX_E_UNSUPPORTED another encoding
 * @retval STOX_E_TOO_LONG STOX_E_TOO_DEEP STOX_E_TOO_MANY a limit; a tag, comment or the like of
 *         more than 16,384 octets is STOX_E_TOO_LONG
 * @retval STOX_E_NOMEM no memory, or the arena is exhausted
 * @retval STOX_E_ARG options
 */
STOX_API int stox_xml_document_read(const stox_xml_element **out, stox_arena *arena,
                                    stox_span octets, const stox_xml_document_options *options,
                                    stox_diag *diag);

STOX_END_DECLS

#endif
