/* SPDX-License-Identifier: MIT */
/**
 * @file
 * SASL as XMPP frames it (RFC 6120 6, RFC 3920 6): elements, base64, mechanisms, failures.
 *
 * All functions are pure. The machines of both roles stand in sasl_client.h and sasl_server.h.
 */
#ifndef STOX_SASL_H
#define STOX_SASL_H

#include "stox/xml.h"

STOX_BEGIN_DECLS

/** Kinds of stream. */
enum {
  STOX_SASL_CLIENT_STREAM = 0, /**< of a client with its server: identities are bare JIDs */
  STOX_SASL_SERVER_STREAM = 1  /**< of two servers: identities are domains */
};

/** The most octets of a message of a mechanism, decoded; more is malformed. */
enum { STOX_SASL_MESSAGE_MAX = 2048 };

/** Elements of an exchange. */
enum {
  STOX_SASL_AUTH = 1,      /**< `auth`, of the client */
  STOX_SASL_CHALLENGE = 2, /**< `challenge`, of the server */
  STOX_SASL_RESPONSE = 3,  /**< `response`, of the client */
  STOX_SASL_ABORT = 4,     /**< `abort`, of the client */
  STOX_SASL_SUCCESS = 5,   /**< `success`, of the server */
  STOX_SASL_FAILURE = 6    /**< `failure`, of the server */
};

/** Mechanisms, one bit each; the lower of two is preferred. */
enum {
  STOX_SASL_EXTERNAL = 1,            /**< RFC 4422 A: by the certificate of TLS */
  STOX_SASL_SCRAM_SHA_256_PLUS = 2,  /**< RFC 7677, with channel binding */
  STOX_SASL_SCRAM_SHA_256 = 4,       /**< RFC 7677 */
  STOX_SASL_SCRAM_SHA_1_PLUS = 8,    /**< RFC 5802, with channel binding */
  STOX_SASL_SCRAM_SHA_1 = 16,        /**< RFC 5802 */
  STOX_SASL_DIGEST_MD5 = 32,         /**< RFC 2831, historic (RFC 6331) */
  STOX_SASL_PLAIN = 64,              /**< RFC 4616 */
  STOX_SASL_MECHANISMS_DEFAULT = 95, /**< all but DIGEST-MD5 */
  STOX_SASL_MECHANISMS_ALL = 127     /**< all */
};

/** Conditions of a failure (RFC 6120 6.5). */
enum {
  STOX_SASL_NONE = 0,                   /**< no failure */
  STOX_SASL_ABORTED = 1,                /**< the answer to `abort` */
  STOX_SASL_INCORRECT_ENCODING = 2,     /**< the data are not base64 */
  STOX_SASL_INVALID_AUTHZID = 3,        /**< malformed, or may not be acted for */
  STOX_SASL_INVALID_MECHANISM = 4,      /**< none given, or not one of those offered */
  STOX_SASL_MECHANISM_TOO_WEAK = 5,     /**< policy wants a stronger one */
  STOX_SASL_NOT_AUTHORIZED = 6,         /**< wrong credentials; also conditions not known */
  STOX_SASL_TEMPORARY_AUTH_FAILURE = 7, /**< the server cannot tell now */
  STOX_SASL_ACCOUNT_DISABLED = 8,       /**< RFC 6120 */
  STOX_SASL_CREDENTIALS_EXPIRED = 9,    /**< RFC 6120 */
  STOX_SASL_ENCRYPTION_REQUIRED = 10,   /**< RFC 6120: not without TLS */
  STOX_SASL_MALFORMED_REQUEST = 11      /**< RFC 6120: syntax or order */
};

/** An element of an exchange. */
typedef struct stox_sasl_message {
  int kind;       /**< STOX_SASL_AUTH … */
  int mechanism;  /**< `auth`: its bit; 0: absent or not known */
  int condition;  /**< `failure`: STOX_SASL_ABORTED … */
  int spare;      /**< 0 */
  stox_span data; /**< `auth`, `challenge`, `response`, `success`: character data as they stand on
                     the wire, see stox_sasl_data_parse(); absent: none */
  stox_span text; /**< `failure`: what it says to a person; absent: nothing */
  stox_span lang; /**< language of `text`; absent: unknown */
} stox_sasl_message;

/** @return a mechanism's name, static; NULL if `mechanism` is not one bit of them */
STOX_API const char *stox_sasl_mechanism_name(int mechanism);

/** @return the bit of a mechanism's name (case-sensitive, RFC 4422 3.1); 0 if it is not known */
STOX_API int stox_sasl_mechanism_of(stox_span name);

/** @return the hash of a SCRAM mechanism, STOX_HASH_…; 0 for the others */
STOX_API int stox_sasl_mechanism_hash(int mechanism);

/** @return a condition's element name, static; NULL if there is none */
STOX_API const char *stox_sasl_condition_name(int condition);

/** @return the condition of an element name; STOX_SASL_NOT_AUTHORIZED if it is not known (RFC 6120
 * 6.5) */
STOX_API int stox_sasl_condition_of(stox_span name);

/**
 * Tells which condition a vintage has for one that it may not know: RFC 3920 says not-authorized
 * for those that RFC 6120 added.
 * @param condition STOX_SASL_ABORTED …
 * @param dialect STOX_DIALECT_…
 * @return the condition to be sent
 */
STOX_API int stox_sasl_condition_in(int condition, int dialect);

/**
 * Appends the octets that character data stand for: strict base64 without white space (RFC 6120
 * 6.4.2, 13.9.1), `=` for none.
 * @retval STOX_OK appended
 * @retval STOX_E_NONE there are no data: `text` is absent or empty
 * @retval STOX_E_BAD_BASE64 refused; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sasl_data_parse(stox_buf *out, stox_span text);

/**
 * Appends octets as character data; nothing if they are absent, `=` if they are empty.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sasl_data_write(stox_buf *out, stox_span octets);

/**
 * Reads an element of an exchange.
 * @param[out] out views of the element, or of `arena`
 * @param arena where texts are joined that the reader left in pieces
 * @param element a child of the stream's root
 * @retval STOX_OK read
 * @retval STOX_E_NONE it is none of them
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sasl_read(stox_sasl_message *out, stox_arena *arena,
                            const stox_xml_element *element);

/**
 * Appends an element of an exchange.
 * @param out the buffer
 * @param message what to write
 * @param dialect STOX_DIALECT_…: RFC 3920 knows fewer conditions and no text
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such kind, mechanism or condition
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL a text that XML cannot carry; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sasl_write(stox_buf *out, const stox_sasl_message *message, int dialect);

/**
 * Reads the mechanisms that a server offers. Those not known are passed over.
 * @param[out] out their bits
 * @param arena where texts are joined that the reader left in pieces
 * @param features `features` of a stream, or `mechanisms` itself
 * @retval STOX_OK read
 * @retval STOX_E_NONE there is no `mechanisms`
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sasl_mechanisms_read(uint32_t *out, stox_arena *arena,
                                       const stox_xml_element *features);

/**
 * Appends `mechanisms` with those of a set, the preferred first; nothing for an empty set.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sasl_mechanisms_write(stox_buf *out, uint32_t mechanisms);

STOX_END_DECLS

#endif
