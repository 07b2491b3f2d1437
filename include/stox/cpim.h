/* SPDX-License-Identifier: MIT */
/**
 * @file
 * message/cpim (RFC 3862): headers in namespaces around one MIME entity, as MSRP, page messages
 * and IMDN (RFC 5438) carry it.
 *
 * All results are views of the caller's octets, escapes kept; nothing is allocated. Names and
 * prefixes are compared by octet, for CPIM has case. Messages within each other are taken off one
 * by one with stox_cpim_inner().
 *
 * Lenient takes a header field whose name begins with `Content-` (in any case) for the first of
 * the content, as the examples of RFC 5438 and RFC 7702 leave the empty line out, and says so in
 * `is_lenient`.
 */
#ifndef STOX_CPIM_H
#define STOX_CPIM_H

#include "stox/mime_entity.h"

STOX_BEGIN_DECLS

/** The most messages within each other. */
enum { STOX_CPIM_DEPTH = 4 };

/** A message/cpim in views. */
typedef struct stox_cpim {
  stox_span text;           /**< all of it */
  stox_span headers;        /**< its header fields with their line ends, without the empty line */
  stox_mime_entity content; /**< the encapsulated entity; without Content-Type: text/plain in UTF-8
                             */
  int is_lenient;           /**< 1: something was accepted only for that */
  int depth;                /**< 1: the outermost */
} stox_cpim;

/** One header field. */
typedef struct stox_cpim_field {
  stox_span prefix; /**< namespace prefix; absent: none */
  stox_span name;   /**< name within the namespace */
  stox_span params; /**< from the first `;` (not included); absent: none */
  stox_span lang;   /**< language tag; absent: none (`i-default`, RFC 3862 3.3) */
  stox_span value;  /**< as written, escapes kept */
  stox_span line;   /**< the whole field with its line end */
} stox_cpim_field;

/** The value of From, To or cc. */
typedef struct stox_cpim_address {
  stox_span display; /**< formal name without its last space and its quotes; absent: none */
  stox_span uri;     /**< an absolute URI, without angle brackets */
  int is_quoted;     /**< 1: the formal name stood in quotes, and may hold escapes */
  int spare;         /**< 0 */
} stox_cpim_address;

/**
 * Parses a message. Each header field is checked for RFC 3862 3.6: name, parameters, one space, a
 * value in UTF-8 without control characters; NS for its own grammar.
 * @param[out] out views of `text`
 * @param text the body, whole
 * @param limits `body_fields` and `body_line`, for the headers and the content's each; NULL:
 * defaults
 * @param lenient 1: see above
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_BODY no empty line ends the headers
 * @retval STOX_E_BAD_HEADER STOX_E_CTRL STOX_E_BAD_UTF8 a header field is malformed
 * @retval STOX_E_TOO_MANY STOX_E_TOO_LONG a limit is exceeded
 * @retval STOX_E_ARG bad `limits`
 */
STOX_API int stox_cpim_parse(stox_cpim *out, stox_span text, const stox_limits *limits, int lenient,
                             stox_diag *diag);

/**
 * Walks header fields, in order.
 * @param[out] out views of the message
 * @param cpim a parsed message
 * @param cursor 0 at first
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_cpim_next(stox_cpim_field *out, const stox_cpim *cpim, size_t *cursor);

/**
 * Finds the next header field of a name in a namespace, whatever its prefix here.
 * @param[out] out the field
 * @param cpim a parsed message
 * @param uri the namespace; absent: RFC 3862's own, `urn:ietf:params:cpim-headers:`
 * @param name the name in it, such as `From`
 * @param cursor 0 at first, so that each of several To is found
 * @retval STOX_OK found
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_cpim_find(stox_cpim_field *out, const stox_cpim *cpim, stox_span uri,
                            const char *name, size_t *cursor);

/**
 * Finds a header field that may stand once, such as To of a message to a room (RFC 7701 6).
 * @param[out] out the field
 * @param cpim a parsed message
 * @param uri as for stox_cpim_find()
 * @param name as for stox_cpim_find()
 * @retval STOX_OK it stands once
 * @retval STOX_E_NONE absent
 * @retval STOX_E_REPEATED it stands more than once; `out` is the first
 */
STOX_API int stox_cpim_find_one(stox_cpim_field *out, const stox_cpim *cpim, stox_span uri,
                                const char *name);

/**
 * Parses the message/cpim that is the content of another: the chain of who says that who said it.
 * @param[out] out the inner message
 * @param outer a parsed message
 * @param limits as for stox_cpim_parse()
 * @param lenient as for stox_cpim_parse()
 * @param[out] diag offset in the outer content's body; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_NONE the content is no message/cpim
 * @retval STOX_E_TOO_DEEP `outer` is number STOX_CPIM_DEPTH
 * @return else as stox_cpim_parse(), or stox_mime_entity_type()
 */
STOX_API int stox_cpim_inner(stox_cpim *out, const stox_cpim *outer, const stox_limits *limits,
                             int lenient, stox_diag *diag);

/**
 * Gives the namespace of a prefix at a header field: the last NS before it that declares the
 * prefix. Without any, no prefix means RFC 3862's own namespace.
 * @param[out] out the namespace's URI
 * @param cpim a parsed message
 * @param field one of its fields
 * @param prefix the prefix; absent: none
 * @retval STOX_OK given
 * @retval STOX_E_BAD_NAMESPACE no NS before the field declares the prefix
 */
STOX_API int stox_cpim_namespace(stox_span *out, const stox_cpim *cpim,
                                 const stox_cpim_field *field, stox_span prefix);

/**
 * Walks the names that Require headers list (RFC 3862 3.5). A receiver that does not know one does
 * not understand the message.
 * @param[out] uri its namespace; absent: its prefix is not declared
 * @param[out] name its name in the namespace
 * @param cpim a parsed message
 * @param index 0, 1, … over all Require headers
 * @retval STOX_OK given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER a Require before it is malformed
 */
STOX_API int stox_cpim_required(stox_span *uri, stox_span *name, const stox_cpim *cpim,
                                size_t index);

/**
 * Parses the value of From, To or cc: `[ Formal-name ] "<" URI ">"`. A formal name without quotes
 * may hold any octet but `<`, `>`, `"` and control characters, as deployed ones do.
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER not of that form
 * @retval STOX_E_BAD_URI no absolute URI
 */
STOX_API int stox_cpim_address_parse(stox_cpim_address *out, stox_span value);

/**
 * Appends what a value, or a formal name, stands for: escapes decoded to UTF-8 (RFC 3862 2.3.1).
 * An unknown escape is the octet behind the backslash, a backslash at the end is nothing, a
 * surrogate pair is one character.
 * @param out the buffer
 * @param value the value
 * @param keep_controls 0: each run of line ends and other control characters becomes one space, so
 * that the text is fit for a header value; 1: they stay
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 an escape gives a lone surrogate; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_cpim_unescape(stox_buf *out, stox_span value, int keep_controls);

/**
 * Appends a header field with its line end, the value escaped where RFC 3862 2.3.1 wants it.
 * @param out the buffer
 * @param name `name` or `prefix.name`
 * @param lang a language tag; absent: none
 * @param text the value, not escaped
 * @retval STOX_OK appended
 * @retval STOX_E_ARG the name or the language tag is none; nothing appended
 * @retval STOX_E_BAD_UTF8 the text is none; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_cpim_put_text(stox_buf *out, const char *name, stox_span lang, stox_span text);

/**
 * Appends From, To or cc.
 * @param out the buffer
 * @param name the header's name
 * @param display the formal name, not escaped, written in quotes; absent: none
 * @param uri an absolute URI
 * @retval STOX_OK appended
 * @retval STOX_E_ARG the name is none; nothing appended
 * @retval STOX_E_BAD_URI the URI is none; nothing appended
 * @retval STOX_E_BAD_UTF8 the formal name is none; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_cpim_put_address(stox_buf *out, const char *name, stox_span display,
                                   stox_span uri);

/**
 * Appends an NS header.
 * @param out the buffer
 * @param prefix a name; absent: the default namespace
 * @param uri an absolute URI
 * @return as stox_cpim_put_address()
 */
STOX_API int stox_cpim_put_namespace(stox_buf *out, stox_span prefix, stox_span uri);

/**
 * Appends the empty line behind the headers; the content follows (stox_mime_put_field(),
 * stox_mime_put_body()). Same results as stox_buf_put().
 */
STOX_API int stox_cpim_put_end(stox_buf *out);

STOX_END_DECLS

#endif
