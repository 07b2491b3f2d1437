/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Stream errors (RFC 6120 4.9, draft-ietf-xmpp-core-23 4.7): the conditions of both documents, read
 * and written. They end a stream: what reads one closes, what writes one closes behind it.
 *
 * *Shareable*: nothing here keeps state.
 */
#ifndef STOX_STREAM_ERROR_H
#define STOX_STREAM_ERROR_H

#include "stox/dialect.h"
#include "stox/xml.h"

STOX_BEGIN_DECLS

/** Conditions of a stream error (RFC 6120 4.9.3); the last is the draft's alone (its 4.7.3). */
enum {
  STOX_STREAM_NONE = 0,
  STOX_STREAM_BAD_FORMAT = 1,
  STOX_STREAM_BAD_NAMESPACE_PREFIX = 2,
  STOX_STREAM_CONFLICT = 3,
  STOX_STREAM_CONNECTION_TIMEOUT = 4,
  STOX_STREAM_HOST_GONE = 5,
  STOX_STREAM_HOST_UNKNOWN = 6,
  STOX_STREAM_IMPROPER_ADDRESSING = 7,
  STOX_STREAM_INTERNAL_SERVER_ERROR = 8,
  STOX_STREAM_INVALID_FROM = 9,
  STOX_STREAM_INVALID_NAMESPACE = 10,
  STOX_STREAM_INVALID_XML = 11,
  STOX_STREAM_NOT_AUTHORIZED = 12,
  STOX_STREAM_NOT_WELL_FORMED = 13, /**< `xml-not-well-formed` in the draft */
  STOX_STREAM_POLICY_VIOLATION = 14,
  STOX_STREAM_REMOTE_CONNECTION_FAILED = 15,
  STOX_STREAM_RESET = 16, /**< RFC 6120 only */
  STOX_STREAM_RESOURCE_CONSTRAINT = 17,
  STOX_STREAM_RESTRICTED_XML = 18,
  STOX_STREAM_SEE_OTHER_HOST = 19,
  STOX_STREAM_SYSTEM_SHUTDOWN = 20,
  STOX_STREAM_UNDEFINED_CONDITION = 21,
  STOX_STREAM_UNSUPPORTED_ENCODING = 22,
  STOX_STREAM_UNSUPPORTED_FEATURE = 23, /**< RFC 6120 only */
  STOX_STREAM_UNSUPPORTED_STANZA_TYPE = 24,
  STOX_STREAM_UNSUPPORTED_VERSION = 25,
  STOX_STREAM_INVALID_ID = 26 /**< the draft only: read always, written in its dialect */
};

/** A stream error. Zero-initialise to write one. */
typedef struct stox_stream_error {
  int condition;     /**< STOX_STREAM_… */
  int is_bare;       /**< write: 1 allows undefined-condition without `application`; read: 1 if the
                          element had no condition that is known, so that undefined-condition stands
                          for it (RFC 6120 4.9.2) */
  stox_span address; /**< of see-other-host: host with or without a port; absent: none */
  stox_span text;    /**< diagnostic text, which no program is to understand; absent: none */
  stox_span lang;    /**< of the text; absent: read: none, write: `en` */
  const stox_xml_element *application; /**< application-specific condition; NULL: none */
} stox_stream_error;

/**
 * @param condition STOX_STREAM_…
 * @param dialect STOX_DIALECT_…
 * @return the element name of a condition, static; NULL if the dialect has none
 */
STOX_API const char *stox_stream_condition_name(int condition, int dialect);

/** @return the STOX_STREAM_… of an element name of either dialect; STOX_STREAM_NONE if unknown */
STOX_API int stox_stream_condition_of(stox_span name);

/** @return a line of English for a condition, static: what is shown in its place, since the text of
 * an error is for diagnosis; NULL if there is no such condition */
STOX_API const char *stox_stream_condition_text(int condition);

/**
 * @param status a status of stox_xml_feed(), or STOX_E_NOMEM, STOX_E_TIMEOUT
 * @return the STOX_STREAM_… to be sent for it; STOX_STREAM_NONE for STOX_OK and STOX_E_MORE,
 * STOX_STREAM_UNDEFINED_CONDITION for what is no error of a stream
 */
STOX_API int stox_stream_condition_for(int status);

/**
 * Reads a stream error, of whichever dialect; also the bare text that came before XMPP 1.0, which
 * is the text of an undefined-condition.
 * @param[out] out views of `element`, and of `arena` where text had to be joined
 * @param arena where text is joined
 * @param element the element
 * @param stream_lang xml:lang of the stream; absent: none
 * @retval STOX_OK read; a condition that is not known is STOX_STREAM_UNDEFINED_CONDITION
 * @retval STOX_E_NONE not an `error` of the stream namespace
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_stream_error_read(stox_stream_error *out, stox_arena *arena,
                                    const stox_xml_element *element, stox_span stream_lang);

/**
 * Writes a stream error, with the prefix `stream`. The end tag of the stream is to follow.
 * @param out the buffer
 * @param error the error
 * @param dialect STOX_DIALECT_…
 * @param content_ns the namespace in scope (see stox_xml_writer_init())
 * @retval STOX_OK appended
 * @retval STOX_E_ARG the dialect has no such condition; undefined-condition without an application
 * condition and without `is_bare`; see-other-host without a host (RFC 6120 4.9.3.19), or a
 * condition in the stream error namespace as application condition; nothing appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_stream_error_write(stox_buf *out, const stox_stream_error *error, int dialect,
                                     stox_span content_ns);

/**
 * Reads where see-other-host sends (RFC 6120 4.9.3.19): a host name, an IPv4 address or a bracketed
 * IPv6 address, and a port behind a colon. An IPv6 address without brackets is taken as a host
 * without a port, as the draft wrote it.
 * @param[out] host view of `address`; IPv6 without its brackets
 * @param[out] port 0: none is named
 * @param address the condition's text
 * @retval STOX_OK read
 * @retval STOX_E_BAD_HOST no such host
 * @retval STOX_E_BAD_PORT no port number behind the colon
 */
STOX_API int stox_stream_other_host(stox_span *host, uint32_t *port, stox_span address);

STOX_END_DECLS

#endif
