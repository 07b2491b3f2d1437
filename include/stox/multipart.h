/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Multipart bodies (RFC 2046 5.1; mixed, alternative, related of RFC 2387, signed of RFC 1847):
 * walking parts, one level or the whole tree, finding one by Content-ID, writing.
 *
 * All results are views of the caller's octets; nothing is allocated.
 *
 * Strict refuses a body without its close delimiter, a line that begins with the boundary and goes
 * on with anything but white space, and a delimiter line that another follows at once. Lenient
 * takes the end of the body for the end of the last part, such a line for content, and an empty
 * part between such delimiters, and says that it did in `is_lenient`.
 */
#ifndef STOX_MULTIPART_H
#define STOX_MULTIPART_H

#include "stox/mime_entity.h"
#include "stox/random.h"

STOX_BEGIN_DECLS

/** The most multiparts within each other; the limit `body_depth` may lower it. */
enum { STOX_MULTIPART_DEPTH = 8 };

/** Octets of a boundary: the most that RFC 2046 allows, and what stox_multipart_boundary() makes.
 */
enum { STOX_BOUNDARY_MAX = 70, STOX_BOUNDARY_MADE = 32 };

/** A walk over the parts of one multipart body; make it with stox_multipart_init(). */
typedef struct stox_multipart {
  stox_span text;       /**< the body */
  stox_span boundary;   /**< as written in the Content-Type, without quotes, escapes kept */
  stox_span preamble;   /**< what is before the first delimiter; set by the first part */
  stox_span epilogue;   /**< behind the close delimiter's line; set with the last part */
  size_t at;            /**< @private */
  uint32_t count;       /**< parts given so far */
  uint32_t part_limit;  /**< @private */
  uint32_t field_limit; /**< @private */
  uint32_t line_limit;  /**< @private */
  int lenient;          /**< as asked for */
  int is_lenient;       /**< 1: something was accepted only for that */
  int state;            /**< @private */
  int spare;            /**< 0 */
} stox_multipart;

/** A part of a tree. */
typedef struct stox_body_part {
  stox_mime_entity entity; /**< its octets */
  stox_media_type type;    /**< its Content-Type; `type.type` absent: it has none */
  uint32_t depth;          /**< 1: a part of the outermost multipart */
  int is_multipart;        /**< 1: its own parts come next */
} stox_body_part;

/** A walk over a tree of multiparts; make it with stox_body_walk_init(). */
typedef struct stox_body_walk {
  stox_multipart level[STOX_MULTIPART_DEPTH]; /**< @private */
  uint32_t depth;                             /**< @private levels in use */
  uint32_t depth_limit;                       /**< @private */
  uint32_t count;                             /**< parts given so far, at all depths */
  int is_lenient;                             /**< 1: something was accepted only for that */
} stox_body_walk;

/**
 * Begins a walk.
 * @param[out] out the walk
 * @param type the body's Content-Type
 * @param body the body; it and the text behind `type` must outlive the walk
 * @param limits `body_parts`, `body_fields`, `body_line`; NULL: defaults
 * @param lenient 1: see above
 * @retval STOX_OK begun
 * @retval STOX_E_UNSUPPORTED_MEDIA the type is no multipart
 * @retval STOX_E_MISSING it has no boundary
 * @retval STOX_E_BAD_MEDIA its boundary is repeated or not RFC 2046's
 * @retval STOX_E_ARG bad `limits`
 */
STOX_API int stox_multipart_init(stox_multipart *out, const stox_media_type *type, stox_span body,
                                 const stox_limits *limits, int lenient);

/**
 * Gives the next part.
 * @param[out] out views of the body; `text` is octet for octet what stands between the delimiters
 * @param walk the walk
 * @param[out] diag offset in the body; may be NULL
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more: the close delimiter was met
 * @retval STOX_E_BAD_BODY the delimiters break the grammar
 * @retval STOX_E_BAD_HEADER STOX_E_CTRL STOX_E_BAD_UTF8 a header field of the part is malformed
 * @retval STOX_E_TOO_MANY STOX_E_TOO_LONG a limit is exceeded
 */
STOX_API int stox_multipart_next(stox_mime_entity *out, stox_multipart *walk, stox_diag *diag);

/**
 * Gives the root of a multipart/related: the part that the parameter `start` names, else the first
 * (RFC 2387 3.2).
 * @retval STOX_OK given
 * @retval STOX_E_NONE no part has that Content-ID
 * @retval STOX_E_REPEATED STOX_E_BAD_PARAM the parameter `start`
 * @return else as stox_multipart_init() and stox_multipart_next()
 */
STOX_API int stox_multipart_root(stox_mime_entity *out, const stox_media_type *type, stox_span body,
                                 const stox_limits *limits, stox_diag *diag);

/**
 * Begins a walk over all parts at all depths, each before its own parts.
 * @return as stox_multipart_init(), with the limit `body_depth`
 */
STOX_API int stox_body_walk_init(stox_body_walk *out, const stox_media_type *type, stox_span body,
                                 const stox_limits *limits, int lenient);

/**
 * Gives the next part of the tree. Behind a refusal the walk is over.
 * @param[out] out views of the body
 * @param walk the walk
 * @param[out] diag offset in the outermost body; may be NULL
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_TOO_DEEP STOX_E_TOO_MANY a limit is exceeded
 * @retval STOX_E_BAD_MEDIA STOX_E_REPEATED STOX_E_MISSING a part's Content-Type
 * @return else as stox_multipart_next()
 */
STOX_API int stox_body_walk_next(stox_body_part *out, stox_body_walk *walk, stox_diag *diag);

/**
 * Finds the part that a `cid:` URL names, at any depth; strict.
 * @param[out] out the part
 * @param type the body's Content-Type
 * @param body the body
 * @param url `cid:` and what follows (RFC 2392)
 * @param limits NULL: defaults
 * @param[out] diag offset in the body; may be NULL
 * @retval STOX_OK found; the first, if several have that Content-ID
 * @retval STOX_E_NONE there is none
 * @return else as stox_body_walk_init() and stox_body_walk_next()
 */
STOX_API int stox_body_find(stox_body_part *out, const stox_media_type *type, stox_span body,
                            stox_span url, const stox_limits *limits, stox_diag *diag);

/**
 * Makes a boundary that occurs in none of the parts, of 128 random bits.
 * @param[out] out STOX_BOUNDARY_MADE octets, no NUL behind
 * @param parts the entities
 * @param n number of entities
 * @param random the host's randomness
 * @retval STOX_OK made
 * @retval STOX_E_STATE what the host draws occurs in the parts again and again
 * @return else what `random->fill` returned
 */
STOX_API int stox_multipart_boundary(char out[STOX_BOUNDARY_MADE], const stox_span *parts, size_t n,
                                     const stox_random *random);

/**
 * Appends a multipart body: each entity octet for octet between its delimiters, without preamble
 * and epilogue, the close delimiter without a line end behind it. In the Content-Type the boundary
 * must be quoted if it holds anything but letters, digits and `-._`.
 * @param out the buffer
 * @param boundary 1 to 70 octets of RFC 2046's bchars, the last no space
 * @param parts the entities
 * @param n number of entities, 1 or more
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no entity, no boundary, or one that occurs in an entity; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_multipart_write(stox_buf *out, stox_span boundary, const stox_span *parts,
                                  size_t n);

/** A multipart/signed (RFC 1847 2.1), not verified. */
typedef struct stox_multipart_signed {
  stox_mime_entity content;   /**< what is signed: exactly `content.text` */
  stox_mime_entity signature; /**< the other part */
  stox_span protocol;         /**< media type of the signature */
  stox_span micalg;           /**< hash algorithms; absent: none named */
} stox_multipart_signed;

/**
 * Divides a multipart/signed into its two parts; strict. Nothing is verified: to show the content
 * without a verifier is allowed, as long as it is not called signed (RFC 1847 2.1).
 * @param[out] out views of `body`
 * @param type the body's Content-Type
 * @param body the body
 * @param limits NULL: defaults
 * @param[out] diag offset in the body; may be NULL
 * @retval STOX_OK divided
 * @retval STOX_E_UNSUPPORTED_MEDIA the type is no multipart/signed
 * @retval STOX_E_MISSING it has no protocol
 * @retval STOX_E_REPEATED STOX_E_BAD_PARAM its parameters
 * @retval STOX_E_BAD_BODY not two parts, or the second is not of the type that protocol names
 * @return else as stox_multipart_init() and stox_multipart_next()
 */
STOX_API int stox_multipart_signed_parse(stox_multipart_signed *out, const stox_media_type *type,
                                         stox_span body, const stox_limits *limits,
                                         stox_diag *diag);

/**
 * Gives the part of a multipart/alternative to show: the last whose type is accepted, for the best
 * comes last (RFC 2046 5.1.4); one without Content-Type is `text/plain`. Strict.
 * @param[out] out the part
 * @param type the body's Content-Type
 * @param body the body
 * @param accepted media types, as of an Accept header: `text/plain`, `text/` and `*`
 * @param n number of them
 * @param[out] diag offset in the body; may be NULL
 * @retval STOX_OK given
 * @retval STOX_E_NONE no part is accepted
 * @return else as stox_multipart_init() and stox_multipart_next(), with default limits
 */
STOX_API int stox_multipart_best(stox_mime_entity *out, const stox_media_type *type, stox_span body,
                                 const stox_span *accepted, size_t n, stox_diag *diag);

/** A walk over the parts to show; make it with stox_body_shown_init(). */
typedef struct stox_body_shown {
  stox_multipart level[STOX_MULTIPART_DEPTH]; /**< @private */
  stox_mime_entity pending;                   /**< @private */
  const stox_span *accepted;                  /**< @private */
  size_t n;                                   /**< @private */
  const stox_limits *limits;                  /**< @private */
  uint32_t depth;                             /**< @private levels in use */
  int has_pending;                            /**< @private */
} stox_body_shown;

/**
 * Begins a walk over the parts of a tree that are to be shown, in order: of multipart/alternative
 * the last that is accepted, of related the root, of signed the content, not verified; of mixed and
 * any other each one. Strict; the whole tree is checked first.
 * @param[out] out the walk
 * @param type the body's Content-Type
 * @param body the body
 * @param accepted as for stox_multipart_best()
 * @param n number of them
 * @param limits `body_parts` and `body_depth` are those of the whole tree; NULL: defaults. All that
 * is given must outlive the walk
 * @retval STOX_OK begun
 * @retval STOX_E_UNSUPPORTED_MEDIA the type is no multipart, or nothing of what must be shown is
 * accepted: answer 415
 * @return else as stox_body_walk_init(), stox_body_walk_next() and stox_multipart_signed_parse()
 */
STOX_API int stox_body_shown_init(stox_body_shown *out, const stox_media_type *type, stox_span body,
                                  const stox_span *accepted, size_t n, const stox_limits *limits);

/**
 * Gives the next part to show. One that is not accepted is passed over if it, or the multipart
 * around it, is optional.
 * @param[out] out views of the body
 * @param walk the walk
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_UNSUPPORTED_MEDIA a part that must be shown is not accepted: answer 415
 * @return else as stox_multipart_signed_parse()
 */
STOX_API int stox_body_shown_next(stox_mime_entity *out, stox_body_shown *walk);

/**
 * Tells whether a multipart of these entities is optional as a whole: none of them is required, so
 * that its Content-Disposition says `handling=optional` too (RFC 5621 8.2).
 * @param parts the entities, as stox_multipart_write() takes them
 * @param n number of entities
 * @return 1 if each has `handling=optional`; 0 if one has not, is malformed, or there is none
 */
STOX_API int stox_multipart_is_optional(const stox_span *parts, size_t n);

/**
 * Appends the value of a Content-Type: `multipart/`, the subtype, and the boundary, in quotes if it
 * must be.
 * @retval STOX_OK appended
 * @retval STOX_E_ARG the subtype is no token or the boundary none of RFC 2046; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_multipart_put_type(stox_buf *out, const char *subtype, stox_span boundary);

STOX_END_DECLS

#endif
