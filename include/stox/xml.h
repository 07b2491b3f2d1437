/* SPDX-License-Identifier: MIT */
/**
 * @file
 * XMPP's restricted XML (RFC 6120 11): a streaming reader that gives one top-level event at a time,
 * the immutable element tree, and the writer.
 *
 * Reader: every octet that it holds is from the host's allocator, and between stanzas of common
 * size it asks for none. Elements live in the arena they were read into: the octets that were read,
 * 24 more for an element, 16 for each attribute, declaration and text.
 */
#ifndef STOX_XML_H
#define STOX_XML_H

#include "stox/allocator.h"
#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/diag.h"
#include "stox/limits.h"

STOX_BEGIN_DECLS

/** A reader of one stream. */
typedef struct stox_xml_reader stox_xml_reader;
/** An element with its attributes and children; immutable once the reader hands it out. */
typedef struct stox_xml_element stox_xml_element;

/** Events of a stream. */
enum {
  STOX_XML_STREAM_OPEN = 1, /**< the root's start tag; the element has attributes and no children */
  STOX_XML_ELEMENT = 2,     /**< a whole child of the root */
  STOX_XML_STREAM_CLOSE = 3, /**< the root's end tag */
  STOX_XML_WHITESPACE = 4,   /**< white space between children: keep-alive */
  /** A child of the root that breaks our limit of attributes and no rule of XML: it has been read
   * to its end, of it the start tag is given, as far as the limit reaches, so that its sender can
   * be answered; the stream goes on. */
  STOX_XML_REFUSED = 5
};

/** Implementations of the scan for the octets that structure XML; all do the same. */
enum {
  STOX_XML_KERNEL_BEST = 0, /**< the best that the machine has */
  STOX_XML_KERNEL_SCALAR = 1,
  STOX_XML_KERNEL_SSE2 = 2,
  STOX_XML_KERNEL_NEON = 3,
  STOX_XML_KERNEL_AVX2 = 4
};

/** Options of the reader; make them with stox_xml_options_init(). Of the limits, `stanza` is octets
 * since the event before (at most 9,000,000), `depth` levels below the root (at most 250),
 * `attributes` those of an element with its namespace declarations (at most 511), and also the
 * prefixes that a child of the root may hold in scope at once, `names` octets of a name with its
 * prefix (at most 1,023). */
typedef struct stox_xml_options {
  size_t size;               /**< sizeof of this struct in the caller's build */
  const stox_limits *limits; /**< NULL: defaults; `stanza`, `depth`, `attributes`, `names` count */
  const stox_allocator *alloc; /**< NULL: the C library's; must outlive the reader */
  int kernel; /**< STOX_XML_KERNEL_…; one that the machine lacks is as the best */
  int spare;  /**< 0 */
} stox_xml_options;

/** An attribute. */
typedef struct stox_xml_attribute {
  stox_span ns;    /**< namespace; empty: none */
  stox_span name;  /**< local name */
  stox_span value; /**< unescaped */
} stox_xml_attribute;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_xml_options_init(stox_xml_options *out, size_t size);

/** Makes a reader; STOX_OK, STOX_E_NOMEM, STOX_E_ARG. */
STOX_API int stox_xml_reader_new(stox_xml_reader **out, const stox_xml_options *options);

/** Ends a reader; NULL is allowed. */
STOX_API void stox_xml_reader_del(stox_xml_reader *reader);

/** Makes the reader ready for a new stream on the same connection (after STARTTLS or SASL), also
 * one that is dead. An event that is ready is forgotten. STOX_OK. */
STOX_API int stox_xml_reader_restart(stox_xml_reader *reader);

/**
 * Reads octets up to the end of the next top-level event and stops behind it. White space is one
 * event for each run of it that one call sees between children of the root; before the root and
 * behind its end it is none.
 * @param reader the reader
 * @param[out] consumed octets taken of `bytes`; feed the rest after stox_xml_next()
 * @param bytes what has been received
 * @param[out] diag offset in the stream since its start, in the text or tag that is wrong; may be
 *             NULL
 * @retval STOX_OK an event is ready
 * @retval STOX_E_MORE all octets were taken, no event is ready yet
 * @retval STOX_E_STATE an event is ready and was not fetched
 * @retval STOX_E_BAD_XML STOX_E_RESTRICTED_XML STOX_E_BAD_UTF8 STOX_E_BAD_NAMESPACE the stream is
 * dead
 * @retval STOX_E_UNSUPPORTED an encoding other than UTF-8 (RFC 6120 11.6); the stream is dead
 * @retval STOX_E_TOO_LONG STOX_E_TOO_DEEP a limit; the stream is dead
 * @retval STOX_E_TOO_MANY attributes of the root; the stream is dead (of a child they are
 * STOX_XML_REFUSED)
 * @retval STOX_E_NOMEM memory; the stream is dead
 */
STOX_API int stox_xml_feed(stox_xml_reader *reader, size_t *consumed, stox_span bytes,
                           stox_diag *diag);

/**
 * Fetches the event that is ready. A root that is an empty-element tag is two events.
 * @param reader the reader
 * @param arena where the element is copied to
 * @param[out] kind STOX_XML_…
 * @param[out] out the element; NULL for STOX_XML_STREAM_CLOSE and STOX_XML_WHITESPACE
 * @retval STOX_OK fetched
 * @retval STOX_E_NONE no event is ready
 * @retval STOX_E_NOMEM the arena is exhausted; the event stays ready
 */
STOX_API int stox_xml_next(stox_xml_reader *reader, stox_arena *arena, int *kind,
                           const stox_xml_element **out);

/** @return the element's local name */
STOX_API stox_span stox_xml_name(const stox_xml_element *element);

/** @return the element's namespace; empty: none */
STOX_API stox_span stox_xml_ns(const stox_xml_element *element);

/** @return 1 if the element has that name and namespace; NULL is allowed and gives 0 */
STOX_API int stox_xml_is(const stox_xml_element *element, const char *ns, const char *name);

/** Gives the attribute at `index`, in order; STOX_OK or STOX_E_NONE. */
STOX_API int stox_xml_get_attribute(stox_xml_attribute *out, const stox_xml_element *element,
                                    size_t index);

/** @return the value of the attribute without namespace of that name; absent if there is none */
STOX_API stox_span stox_xml_attribute_of(const stox_xml_element *element, const char *name);

/** @return the element's own xml:lang; absent if there is none */
STOX_API stox_span stox_xml_lang(const stox_xml_element *element);

/**
 * What a prefix stands for inside an element: how the content namespace of a stream is read off its
 * root (RFC 6120 4.8.2).
 * @param element the element
 * @param prefix the prefix; empty: the default namespace
 * @return the namespace, empty where the default is none; absent: not declared
 */
STOX_API stox_span stox_xml_scope(const stox_xml_element *element, const char *prefix);

/**
 * Finds the next child element.
 * @param element the parent
 * @param ns NULL: any
 * @param name NULL: any
 * @param after the child before, NULL: from the first
 * @return the child, NULL: no more
 */
STOX_API const stox_xml_element *stox_xml_child(const stox_xml_element *element, const char *ns,
                                                const char *name, const stox_xml_element *after);

/**
 * Gives the element's character data, its own text nodes joined, without its children's.
 * @retval STOX_OK `out` views the element or, where several nodes were joined, `arena`
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_xml_text(stox_span *out, stox_arena *arena, const stox_xml_element *element);

/** Kinds of child node. */
enum { STOX_XML_NODE_ELEMENT = 1, STOX_XML_NODE_TEXT = 2 };

/** A child node, in document order. */
typedef struct stox_xml_node {
  int kind;                        /**< STOX_XML_NODE_… */
  int spare;                       /**< 0 */
  const stox_xml_element *element; /**< STOX_XML_NODE_ELEMENT */
  stox_span text;                  /**< STOX_XML_NODE_TEXT */
  const void *next;                /**< @private */
} stox_xml_node;

/** Gives the first child node; STOX_OK or STOX_E_NONE. */
STOX_API int stox_xml_first_node(stox_xml_node *out, const stox_xml_element *element);

/** Moves to the next node; STOX_OK or STOX_E_NONE. */
STOX_API int stox_xml_next_node(stox_xml_node *node);

/**
 * Writes an element with all it holds; canonically equal to what was read.
 * @param out the buffer
 * @param element the element
 * @param default_ns namespace in scope at the place it goes to; absent: none
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_xml_write(stox_buf *out, const stox_xml_element *element, stox_span default_ns);

/** What stox_xml_write_as() changes. Zero-initialise, then fill. */
typedef struct stox_xml_change {
  stox_span from_ns; /**< elements of this namespace move to another; absent: none does */
  stox_span to_ns;   /**< where they move */
  const stox_xml_attribute *attributes; /**< of the outermost element: set, or added behind its own;
                                             an absent value takes one away; `ns` is empty, or that
                                             of `xml:lang` */
  size_t n_attributes;                  /**< attributes at `attributes` */
} stox_xml_change;

/**
 * Writes an element with all it holds, as stox_xml_write(), with changes. Of the namespace
 * `from_ns`, the outermost element moves and whatever hangs on it by elements of that namespace
 * alone; what an element of another namespace holds stays as it is (RFC 6120 4.8.3). Elements that
 * move are written without a prefix.
 * @param out the buffer
 * @param element the element
 * @param default_ns namespace in scope at the place it goes to; absent: none
 * @param change the changes
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL a value or namespace that XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_xml_write_as(stox_buf *out, const stox_xml_element *element, stox_span default_ns,
                               const stox_xml_change *change);

/** Appends text escaped for character data or an attribute value in either quote. CR, TAB, LF
 * become character references in attributes.
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only */
STOX_API int stox_xml_escape(stox_buf *out, stox_span text, int is_attribute);

/**
 * A writer of elements from nothing: the only producer of XML. Make it with
 * stox_xml_writer_init(). The first error sticks and is what stox_xml_writer_end() gives.
 */
typedef struct stox_xml_writer {
  stox_buf *out;        /**< @private */
  size_t start;         /**< @private */
  stox_span default_ns; /**< @private */
  int status;           /**< @private */
  int is_open;          /**< @private a start tag awaits its end */
  int is_stream;        /**< @private the outermost element stays open */
  uint32_t depth;       /**< @private */
  uint32_t prefixed;    /**< @private a bit for each open element of the stream namespace */
  uint32_t spare;       /**< @private */
  stox_span names[16];  /**< @private open elements */
  stox_span spaces[16]; /**< @private default namespaces inside them */
} stox_xml_writer;

/** Begins writing at the end of `out`, where `default_ns` is in scope. */
STOX_API void stox_xml_writer_init(stox_xml_writer *writer, stox_buf *out, stox_span default_ns);

/**
 * Opens an element.
 * @param writer the writer
 * @param ns declared where it is not the one in scope; NULL: the one in scope. The stream namespace
 *        is written as the prefix `stream` that every stream declares (RFC 6120 4.8.5).
 * @param name the program's own text, not checked; must live until the element is closed
 */
STOX_API void stox_xml_open(stox_xml_writer *writer, const char *ns, const char *name);

/** As stox_xml_open(), with a namespace that was read; it must live until the element is closed. */
STOX_API void stox_xml_open_span(stox_xml_writer *writer, stox_span ns, const char *name);

/**
 * Opens a stream: the XML declaration, and the root with its namespace declarations. Attributes
 * follow; stox_xml_writer_end() then leaves it open.
 * @param writer a writer that has written nothing
 * @param content_ns such as `jabber:component:accept` (RFC 6120 4.8.2)
 */
STOX_API void stox_xml_open_stream(stox_xml_writer *writer, const char *content_ns);

/** Appends the end tag of a stream; STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_xml_close_stream(stox_buf *out);

/** Adds an attribute without namespace (or `xml:lang`) to the element just opened; an absent value
 * adds nothing. */
STOX_API void stox_xml_put_attribute(stox_xml_writer *writer, const char *name, stox_span value);

/** Adds character data. */
STOX_API void stox_xml_put_text(stox_xml_writer *writer, stox_span text);

/** Adds a whole element that was read. */
STOX_API void stox_xml_put_element(stox_xml_writer *writer, const stox_xml_element *element);

/** Closes the innermost element. */
STOX_API void stox_xml_close(stox_xml_writer *writer);

/** Ends writing: STOX_OK, STOX_E_NOBUF (counted only), or STOX_E_BAD_UTF8, STOX_E_CTRL,
 * STOX_E_STATE, STOX_E_TOO_DEEP with nothing appended. */
STOX_API int stox_xml_writer_end(stox_xml_writer *writer);

STOX_END_DECLS

#endif
