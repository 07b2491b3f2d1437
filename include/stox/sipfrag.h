/* SPDX-License-Identifier: MIT */
/**
 * @file
 * message/sipfrag (RFC 3420): a SIP message of which the start line, header fields or the body may
 * be left out. A NOTIFY reports with it how a referred request fares (RFC 3515 2.4.5), and an
 * authenticated identity body is one of header fields alone (RFC 3893).
 *
 * A parsed fragment is a stox_sip_message: all accessors of stox/sip.h hold for it, and give
 * nothing for what was left out. It is no message to be answered, and without a start line none to
 * be edited.
 *
 * Lenient accepts, besides what stox_sip_options says: a last line without its line end, as in
 * `SIP/2.0 200 OK` alone; a body without Content-Type or Content-Length; octets behind
 * Content-Length, which are cut off.
 */
#ifndef STOX_SIPFRAG_H
#define STOX_SIPFRAG_H

#include "stox/media_type.h"
#include "stox/sip.h"

STOX_BEGIN_DECLS

/** What a fragment begins with. */
enum {
  STOX_SIPFRAG_HEADERS = 0, /**< no start line: header fields, or nothing at all */
  STOX_SIPFRAG_REQUEST = 1, /**< a request line */
  STOX_SIPFRAG_RESPONSE = 2 /**< a status line */
};

/** What stox_sipfrag_write() takes from a message besides header fields; add them up. */
enum {
  STOX_SIPFRAG_START = 1, /**< its start line */
  STOX_SIPFRAG_BODY = 2   /**< its body, and the header fields that describe it */
};

/**
 * Parses a fragment: what is there must be valid by RFC 3261, nothing must be there.
 * @param[out] out the fragment, in `arena`; NULL if it is refused
 * @param arena where it lives
 * @param bytes the body or body part, whole
 * @param options `lenient` and `limits`; NULL: defaults
 * @param[out] diag code, offset and rule; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_MISSING a line end, or the header fields that describe the body
 * @retval STOX_E_BAD_LENGTH the body is not as long as Content-Length says; one that is left out
 * may keep it
 * @return else as stox_sip_parse()
 */
STOX_API int stox_sipfrag_parse(stox_sip_message **out, stox_arena *arena, stox_span bytes,
                                const stox_sip_options *options, stox_diag *diag);

/** @return STOX_SIPFRAG_HEADERS …: what a fragment, or a message, begins with */
STOX_API int stox_sipfrag_kind(const stox_sip_message *fragment);

/**
 * Tells whether a media type is message/sipfrag of a version that is spoken here (RFC 3420 5).
 * @retval STOX_OK it is, with `version=2.0` or without a version
 * @retval STOX_E_UNSUPPORTED_MEDIA another media type
 * @retval STOX_E_BAD_VERSION another version
 * @retval STOX_E_REPEATED STOX_E_BAD_PARAM its parameter `version`
 */
STOX_API int stox_sipfrag_check_type(const stox_media_type *type);

/**
 * Appends chosen parts of a message as a fragment: start line and header fields octet for octet and
 * in their order; those that only a lenient parse accepted are written anew, folds and line ends
 * made good. With a body that is not empty, the empty line, the body, and those of Content-Type,
 * Content-Length, Content-Encoding, Content-Disposition and Content-Language that the message has;
 * a Content-Length if it has none.
 * @param out the buffer
 * @param message a message or fragment
 * @param names of the header fields to take, without case, long or compact; NULL: all
 * @param n number of names
 * @param flags STOX_SIPFRAG_START and STOX_SIPFRAG_BODY, added up
 * @retval STOX_OK appended
 * @retval STOX_E_STATE there is no start line to take; nothing appended
 * @retval STOX_E_MISSING the body has no Content-Type; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sipfrag_write(stox_buf *out, const stox_sip_message *message,
                                const stox_span *names, size_t n, int flags);

/**
 * Appends a status line, the least that a NOTIFY of a REFER carries (RFC 3515 2.4.5).
 * @param out the buffer
 * @param code 100 … 699
 * @param reason absent: the default reason phrase; sanitised
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such code; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sipfrag_put_status(stox_buf *out, int code, stox_span reason);

STOX_END_DECLS

#endif
