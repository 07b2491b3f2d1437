/* SPDX-License-Identifier: MIT */
/**
 * @file
 * MIME entities (RFC 2045 3): header fields, an empty line, a body; what a part of a multipart
 * body and the content of a message/cpim are.
 *
 * All results are views of the caller's octets; nothing is decoded. Lines end with CRLF; a folded
 * value keeps its folds.
 */
#ifndef STOX_MIME_ENTITY_H
#define STOX_MIME_ENTITY_H

#include "stox/buf.h"
#include "stox/diag.h"
#include "stox/limits.h"
#include "stox/media_type.h"

STOX_BEGIN_DECLS

/** An entity in views. */
typedef struct stox_mime_entity {
  stox_span text; /**< the whole entity, octet for octet what a signature covers (RFC 1847 2.1) */
  stox_span headers; /**< its header fields with their line ends, without the empty line */
  stox_span body;    /**< what is behind the empty line; absent: there is no empty line */
} stox_mime_entity;

/** One header field of an entity. */
typedef struct stox_mime_field {
  stox_span name;  /**< as written */
  stox_span value; /**< trimmed; folds kept */
  stox_span line;  /**< the whole field, its line end included where it has one */
} stox_mime_field;

/** A Content-Disposition (RFC 2183 2, RFC 3261 20.11). */
typedef struct stox_disposition {
  stox_span type;   /**< as written */
  stox_span params; /**< from the first `;` (not included); walk with stox_param_next() */
  int is_optional;  /**< 1: `handling=optional`, so a reader that does not know it may skip it */
  int spare;        /**< 0 */
} stox_disposition;

/**
 * Divides an entity and checks all its header fields: a name, a colon, a value in UTF-8 without
 * control characters other than tabs and folds.
 * @param[out] out views of `text`
 * @param text the entity; one without an empty line has header fields alone (RFC 2046 5.1.1)
 * @param limits `body_fields`, `body_line`; NULL: defaults
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK divided
 * @retval STOX_E_BAD_HEADER STOX_E_CTRL STOX_E_BAD_UTF8 a header field is malformed
 * @retval STOX_E_TOO_MANY STOX_E_TOO_LONG a limit is exceeded
 * @retval STOX_E_ARG bad `limits`
 */
STOX_API int stox_mime_entity_parse(stox_mime_entity *out, stox_span text,
                                    const stox_limits *limits, stox_diag *diag);

/**
 * Walks header fields.
 * @param[out] out views of `headers`
 * @param headers of an entity
 * @param cursor 0 at first; moved by each call that gives one
 * @param[out] diag offset in `headers`; may be NULL
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER STOX_E_CTRL STOX_E_BAD_UTF8 malformed
 */
STOX_API int stox_mime_field_next(stox_mime_field *out, stox_span headers, size_t *cursor,
                                  stox_diag *diag);

/**
 * Finds a header field by name, without case.
 * @retval STOX_OK found
 * @retval STOX_E_NONE absent
 * @retval STOX_E_REPEATED it stands more than once; `out` is the first
 * @retval STOX_E_BAD_HEADER STOX_E_CTRL STOX_E_BAD_UTF8 a field before it is malformed
 */
STOX_API int stox_mime_field_find(stox_mime_field *out, stox_span headers, const char *name);

/**
 * Gives the Content-Type of an entity.
 * @retval STOX_OK given
 * @retval STOX_E_NONE absent: `text/plain` in US-ASCII (RFC 2045 5.2), in UTF-8 within a
 * message/cpim
 * @retval STOX_E_REPEATED it stands more than once
 * @retval STOX_E_BAD_MEDIA it is no media type
 */
STOX_API int stox_mime_entity_type(stox_media_type *out, const stox_mime_entity *entity);

/**
 * Gives the Content-Disposition of an entity.
 * @retval STOX_OK given
 * @retval STOX_E_NONE absent: the entity is required (RFC 5621 8.2)
 * @retval STOX_E_REPEATED it, or its `handling`, stands more than once
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_mime_entity_disposition(stox_disposition *out, const stox_mime_entity *entity);

/**
 * Tells whether a `cid:` URL means an entity by its Content-ID (RFC 2392 2), whose angle brackets
 * may be left out. Escapes of the URL are decoded; the comparison is by octet, for a Content-ID has
 * case.
 * @param entity the entity
 * @param url `cid:` and what follows
 * @return 1 if it does, else 0
 */
STOX_API int stox_mime_entity_is_content(const stox_mime_entity *entity, stox_span url);

/**
 * Appends the `cid:` URL that means an entity (RFC 2392 2).
 * @retval STOX_OK appended
 * @retval STOX_E_NONE it has no Content-ID
 * @retval STOX_E_REPEATED it stands more than once
 * @retval STOX_E_BAD_HEADER it is not in angle brackets
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_mime_entity_put_cid(stox_buf *out, const stox_mime_entity *entity);

/**
 * Appends a header field with its line end.
 * @param out the buffer
 * @param name printable US-ASCII without `:`
 * @param value UTF-8 on one line
 * @retval STOX_OK appended
 * @retval STOX_E_ARG the name is none; nothing appended
 * @retval STOX_E_CTRL STOX_E_BAD_UTF8 the value is refused; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_mime_put_field(stox_buf *out, const char *name, stox_span value);

/** Appends the empty line and a body; same results as stox_buf_put(). */
STOX_API int stox_mime_put_body(stox_buf *out, stox_span body);

STOX_END_DECLS

#endif
