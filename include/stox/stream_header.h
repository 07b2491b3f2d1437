/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Stream headers (RFC 6120 4.7 and 4.8, draft-ietf-xmpp-core-23 4.4 and 4.5): versions, attributes
 * and namespaces, read by their rules and written.
 *
 * *Shareable*: nothing here keeps state.
 */
#ifndef STOX_STREAM_HEADER_H
#define STOX_STREAM_HEADER_H

#include "stox/dialect.h"
#include "stox/xml.h"

STOX_BEGIN_DECLS

/** What a stream is for; each kind has a content namespace. */
enum {
  STOX_STREAM_CLIENT = 1,   /**< `jabber:client` */
  STOX_STREAM_SERVER = 2,   /**< `jabber:server` */
  STOX_STREAM_COMPONENT = 3 /**< `jabber:component:accept` (XEP-0114) */
};

/** @return the content namespace of a STOX_STREAM_… kind, static; NULL if there is no such kind */
STOX_API const char *stox_stream_content_ns(int kind);

/** A version of XMPP. */
typedef struct stox_stream_version {
  uint32_t major; /**< before the dot */
  uint32_t minor; /**< behind it, a number of its own */
} stox_stream_version;

/**
 * Reads the value of `version`: two numbers, leading zeros without meaning (RFC 6120 4.7.5).
 * @param[out] out the version; untouched on failure
 * @param text the value; absent: 0.9
 * @retval STOX_OK read
 * @retval STOX_E_BAD_VERSION not two numbers with a dot between them
 */
STOX_API int stox_stream_version_parse(stox_stream_version *out, stox_span text);

/** @return -1, 0 or 1: `a` is lower than, the same as, or higher than `b` */
STOX_API int stox_stream_version_compare(stox_stream_version a, stox_stream_version b);

/** Appends a version; STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_stream_version_write(stox_buf *out, stox_stream_version version);

/** @return what a receiving entity answers to an offer: the lower of it and 1.0 (RFC 6120 4.7.5) */
STOX_API stox_stream_version stox_stream_version_answer(stox_stream_version offered);

/** A stream header. */
typedef struct stox_stream_header {
  int kind;                    /**< STOX_STREAM_CLIENT … */
  int is_response;             /**< 1: sent by the receiving entity */
  int has_version;             /**< 1: `version` stood there */
  int has_dialback;            /**< 1: the prefix `db` stands for `jabber:server:dialback` */
  stox_stream_version version; /**< 0.9 where it is absent */
  stox_span content_ns; /**< read: the default namespace; absent: each child declares its own */
  stox_span to;         /**< JID; absent: none */
  stox_span from;       /**< JID; absent: none */
  stox_span id;         /**< of a response; absent: none */
  stox_span lang;       /**< xml:lang; absent: none, or no language tag */
} stox_stream_header;

/** By what a header is read. Zero-initialise, then fill. */
typedef struct stox_stream_header_rules {
  int kind;        /**< STOX_STREAM_CLIENT … */
  int is_response; /**< 1: it comes from the receiving entity */
  int dialect;     /**< STOX_DIALECT_RFC: a `from` that is malformed is an error;
                        STOX_DIALECT_DRAFT2005: it counts as absent */
  int any_prefix;  /**< 1: the stream namespace may have another prefix than `stream` */
} stox_stream_header_rules;

/**
 * Reads a stream header. Attributes that have no meaning in its direction, and values that may be
 * ignored, become absent: `id` of an initial header, `xml:lang` that is no language tag, addresses
 * of a response that are malformed. `to` and `from` are prepared (Nodeprep).
 * @param[out] out views of `element` and `arena`; filled on failure with what was right, so that
 * the error can be answered
 * @param arena where prepared addresses go
 * @param element the root of a stream
 * @param rules by what it is read
 * @param[out] condition the STOX_STREAM_… to be sent (stox/stream_error.h); STOX_STREAM_NONE (0)
 * with STOX_OK
 * @retval STOX_OK read
 * @retval STOX_E_BAD_NAMESPACE invalid-namespace: the stream, content or dialback namespace is
 * another; bad-namespace-prefix: the stream namespace has another prefix
 * @retval STOX_E_BAD_XML bad-format: the root is no `stream`
 * @retval STOX_E_BAD_VERSION bad-format: `version` is none
 * @retval STOX_E_BAD_DOMAIN host-unknown: `to` of an initial header is no domain
 * @retval STOX_E_BAD_JID invalid-from: `from` of an initial header is no JID, or of a server no
 * domain
 * @retval STOX_E_NOMEM internal-server-error: the arena is exhausted
 */
STOX_API int stox_stream_header_read(stox_stream_header *out, stox_arena *arena,
                                     const stox_xml_element *element,
                                     const stox_stream_header_rules *rules, int *condition);

/**
 * Writes a stream header: XML declaration, root, namespaces by `kind`, then `from`, `to`, `id`,
 * `version`, `xml:lang` as far as they are there. `content_ns` is not looked at.
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such kind, an `id` on an initial header, or a `lang` that is no language
 * tag; nothing appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_stream_header_write(stox_buf *out, const stox_stream_header *header);

/**
 * Says how a receiving entity answers the `to` of a header that it read.
 * @param to the header's; absent: none
 * @param served domains served here, prepared
 * @param n_served how many
 * @param gone domains that were served here once
 * @param n_gone how many
 * @return STOX_STREAM_NONE: served; STOX_STREAM_HOST_GONE; STOX_STREAM_HOST_UNKNOWN, also where
 * there is no `to` (RFC 6120 4.9.1.3)
 */
STOX_API int stox_stream_host_condition(stox_span to, const stox_span *served, size_t n_served,
                                        const stox_span *gone, size_t n_gone);

STOX_END_DECLS

#endif
