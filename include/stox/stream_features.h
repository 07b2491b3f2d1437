/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Stream features (RFC 6120 4.3.2): what a receiving entity offers, read and written. STARTTLS,
 * SASL mechanisms, resource binding, the session of RFC 3921, dialback, entity capabilities; what
 * else there is is kept.
 *
 * *Shareable*: nothing here keeps state.
 */
#ifndef STOX_STREAM_FEATURES_H
#define STOX_STREAM_FEATURES_H

#include "stox/xml.h"

STOX_BEGIN_DECLS

/** Features, one bit each. */
enum {
  STOX_FEATURE_STARTTLS = 1,          /**< RFC 6120 5 */
  STOX_FEATURE_STARTTLS_REQUIRED = 2, /**< with `required` */
  STOX_FEATURE_MECHANISMS = 4,        /**< RFC 6120 6; a list of no mechanism too */
  STOX_FEATURE_BIND = 8,              /**< RFC 6120 7 */
  STOX_FEATURE_SESSION = 16,          /**< RFC 3921 3 */
  STOX_FEATURE_SESSION_OPTIONAL = 32, /**< with `optional`: need not be asked for */
  STOX_FEATURE_DIALBACK = 64,         /**< XEP-0220 */
  STOX_FEATURE_DIALBACK_ERRORS = 128, /**< its errors do not end the stream */
  STOX_FEATURE_CAPS = 256             /**< XEP-0115 */
};

/** What a peer offers. */
typedef struct stox_stream_features {
  uint32_t offered;                   /**< STOX_FEATURE_… */
  uint32_t n_others;                  /**< features that have no bit above */
  const stox_xml_element *element;    /**< the whole */
  const stox_xml_element *mechanisms; /**< the SASL mechanisms; NULL: none */
  const stox_xml_element *required; /**< the first of the others that is mandatory (RFC 6120 4.3.2);
                                       NULL: none */
  stox_span caps_hash;              /**< XEP-0115 `hash`; absent: none */
  stox_span caps_node;              /**< `node` */
  stox_span caps_ver;               /**< `ver` */
} stox_stream_features;

/**
 * Reads stream features. An element twice counts once, the first of them.
 * @param[out] out views of `element`
 * @param element the element
 * @retval STOX_OK read
 * @retval STOX_E_NONE not `features` of the stream namespace
 */
STOX_API int stox_stream_features_read(stox_stream_features *out, const stox_xml_element *element);

/**
 * Gives the names of the mechanisms, in the order of the peer's preference; those without a name of
 * RFC 4422 3.1 are passed over.
 * @param[out] name view of `features`
 * @param features what was read
 * @param after 0 at first; moved by each call that gives one
 * @retval STOX_OK given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_stream_features_next_mechanism(stox_span *name,
                                                 const stox_stream_features *features,
                                                 size_t *after);

/** @return 1 if a mechanism of that name is offered, else 0 */
STOX_API int stox_stream_features_has_mechanism(const stox_stream_features *features,
                                                stox_span name);

/** @return the next feature that has no bit; NULL: no more. `after` NULL: from the first. */
STOX_API const stox_xml_element *
stox_stream_features_next_other(const stox_stream_features *features,
                                const stox_xml_element *after);

/** What is to be offered. Zero-initialise, then fill. */
typedef struct stox_stream_offer {
  uint32_t offered;            /**< STOX_FEATURE_…; none at all writes an empty element */
  uint32_t spare;              /**< 0 */
  size_t n_mechanisms;         /**< entries at `mechanisms` */
  const stox_span *mechanisms; /**< written where there are any, also without their bit */
  stox_span caps_hash;         /**< with STOX_FEATURE_CAPS */
  stox_span caps_node;         /**< with STOX_FEATURE_CAPS */
  stox_span caps_ver;          /**< with STOX_FEATURE_CAPS */
  stox_span others; /**< elements that a stox_xml_writer wrote, content namespace in scope */
} stox_stream_offer;

/**
 * Writes stream features, with the prefix `stream`.
 * @param out the buffer
 * @param offer what is offered
 * @param content_ns the namespace in scope (see stox_xml_writer_init())
 * @retval STOX_OK appended
 * @retval STOX_E_ARG a mechanism without a name of RFC 4422 3.1, or capabilities without all three
 * of their parts; nothing appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL what XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_stream_features_write(stox_buf *out, const stox_stream_offer *offer,
                                        stox_span content_ns);

STOX_END_DECLS

#endif
