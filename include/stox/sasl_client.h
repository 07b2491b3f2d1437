/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The initiating side of SASL: one object for each stream that is to be authenticated.
 *
 * *Placeable*. It holds no connection and no clock; the host gives it the elements that it reads
 * and sends those that it gets. Secrets are wiped when they are not needed any more, and all of the
 * object when it ends.
 *
 * The mechanism is chosen by the order of preference here, not by the server's. A password is not
 * tried with a second mechanism once one was refused it, so that no failure leads to a weaker one.
 */
#ifndef STOX_SASL_CLIENT_H
#define STOX_SASL_CLIENT_H

#include "stox/flow.h"
#include "stox/random.h"
#include "stox/sasl.h"

STOX_BEGIN_DECLS

/** The initiating side of one stream. */
typedef struct stox_sasl_client stox_sasl_client;

/** Types of channel binding, one bit each; the lower of two is preferred. */
enum {
  STOX_SASL_BIND_TLS_EXPORTER = 1,        /**< `tls-exporter` (RFC 9266) */
  STOX_SASL_BIND_TLS_SERVER_END_POINT = 2 /**< `tls-server-end-point` (RFC 5929) */
};

/** Options; make them with stox_sasl_client_options_init(). All is copied, but `alloc` and `random`
 * must outlive the object. */
typedef struct stox_sasl_client_options {
  size_t size;               /**< sizeof of this struct in the caller's build */
  int stream;                /**< STOX_SASL_CLIENT_STREAM or STOX_SASL_SERVER_STREAM */
  int has_certificate;       /**< 1: TLS presented one of ours, so EXTERNAL may do */
  uint32_t mechanisms;       /**< those that policy allows (STOX_SASL_MECHANISMS_DEFAULT) */
  uint32_t bindings;         /**< types of channel binding that may be used, such as those that the
                                server tells (XEP-0440); all */
  uint32_t iterations_min;   /**< fewer of SCRAM's iterations are refused (4096) */
  uint32_t iterations_max;   /**< more of them are refused: they cost time here (1,000,000) */
  stox_span username;        /**< simple user name (RFC 6120 6.3.7); absent: no password */
  stox_span password;        /**< its password; SASLprep is done here */
  stox_span authzid;         /**< whom to act for: a bare JID or a domain; absent: the default. One
                                that is the default goes with EXTERNAL alone */
  stox_span domain;          /**< the domain that the stream is for */
  const stox_peer *peer;     /**< NULL: an unprotected stream */
  const stox_random *random; /**< NULL: SCRAM and DIGEST-MD5 are not used */
  const stox_allocator *alloc; /**< NULL: the C library's */
} stox_sasl_client_options;

/** States. */
enum {
  STOX_SASL_CLIENT_IDLE = 1,     /**< stox_sasl_client_start() may be called */
  STOX_SASL_CLIENT_EXCHANGE = 2, /**< the server is awaited */
  STOX_SASL_CLIENT_DONE = 3, /**< success, and the server is who it must be: restart the stream */
  STOX_SASL_CLIENT_DEAD = 4  /**< the server is not: close */
};

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_sasl_client_options_init(stox_sasl_client_options *out, size_t size);

/**
 * Makes the initiating side of a stream.
 * @retval STOX_OK made
 * @retval STOX_E_ARG no such kind of stream, or no domain or not one
 * @retval STOX_E_SYNTAX STOX_E_CTRL STOX_E_BAD_UTF8 STOX_E_TOO_LONG name or password, as
 * stox_stringprep()
 * @retval STOX_E_BAD_JID `authzid` is no bare JID or domain, as the stream wants it
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_sasl_client_new(stox_sasl_client **out, const stox_sasl_client_options *options);

/** Wipes and ends it; NULL is allowed. */
STOX_API void stox_sasl_client_del(stox_sasl_client *obj);

/**
 * Begins an exchange with the best mechanism that is offered, allowed, possible and not yet tried.
 * PLAIN needs TLS with a server that is verified, -PLUS a channel binding, EXTERNAL a certificate.
 * @param obj the object
 * @param offered what stox_sasl_mechanisms_read() gave
 * @param[out] out `auth`, to be sent; lives until the next call
 * @retval STOX_OK begun
 * @retval STOX_E_NONE there is no such mechanism (left)
 * @retval STOX_E_STATE an exchange is under way, or was the last
 * @retval STOX_E_TOO_LONG the names and the password make a message beyond STOX_SASL_MESSAGE_MAX
 * @return else the status of the source of randomness
 */
STOX_API int stox_sasl_client_start(stox_sasl_client *obj, uint32_t offered,
                                    stox_sasl_message *out);

/**
 * Takes an element of the server.
 * @param obj the object
 * @param in what came
 * @param[out] out what to send: `response` or `abort`; `kind` 0: nothing; lives until the next call
 * @retval STOX_OK taken; the state tells whether that was success. An `abort` is sent where the
 * server breaks the mechanism's rules; why is told when its failure comes
 * @retval STOX_E_REFUSED it failed, stox_sasl_client_condition() says why; another mechanism may be
 * left
 * @retval STOX_E_AUTH the server does not know the secret, or the channel or the list of mechanisms
 * was tampered with
 * @retval STOX_E_LIMIT it asked for too few or too many iterations
 * @retval STOX_E_SYNTAX it sent a malformed message
 * @retval STOX_E_UNSUPPORTED it asked for an extension that is not known
 * @retval STOX_E_STATE nothing may come now
 */
STOX_API int stox_sasl_client_feed(stox_sasl_client *obj, const stox_sasl_message *in,
                                   stox_sasl_message *out);

/** @return STOX_SASL_CLIENT_IDLE … */
STOX_API int stox_sasl_client_state(const stox_sasl_client *obj);

/** @return the mechanism of the last exchange; 0: none */
STOX_API int stox_sasl_client_mechanism(const stox_sasl_client *obj);

/** @return the condition of the last failure, STOX_SASL_ABORTED …; 0: none */
STOX_API int stox_sasl_client_condition(const stox_sasl_client *obj);

STOX_END_DECLS

#endif
