/* SPDX-License-Identifier: MIT */
/**
 * @file
 * An XML stream of XMPP (RFC 6120 4 to 7, draft-ietf-xmpp-core-23 4, 5, 7) on one flow: a pulled
 * state machine for both roles and for clients, servers and components (XEP-0114).
 *
 * *Local* (holds a reader): make it after fork.
 *
 * The machine does headers, features, restarts, resource binding, the component handshake, errors,
 * pings, white space, time-outs and the end. It does neither TLS nor SASL nor dialback: it hands
 * their elements to the host, which answers with stox_stream_put() and tells the outcome with
 * stox_stream_done() and stox_stream_authenticate(). After each call the host pulls
 * stox_stream_next() until it gives NULL. What an event points to lives until the next call on the
 * stream, except where it says otherwise.
 *
 * For clients stox/client.h and stox/c2s.h add TLS and SASL, between servers stox/federation.h
 * does. A server's component port needs nothing more: it is a receiving stream of kind COMPONENT,
 * whose host answers STOX_STREAM_ON_HEADER with the secret of the component that `to` names, or
 * refuses it with host-unknown or, where that component is there already, conflict; READY follows
 * where the handshake was right. examples/server does so.
 */
#ifndef STOX_STREAM_H
#define STOX_STREAM_H

#include "stox/action.h"
#include "stox/allocator.h"
#include "stox/bind.h"
#include "stox/limits.h"
#include "stox/random.h"
#include "stox/stream_error.h"
#include "stox/stream_features.h"
#include "stox/stream_header.h"

STOX_BEGIN_DECLS

/** A stream. */
typedef struct stox_stream stox_stream;

/** Roles. */
enum {
  STOX_STREAM_INITIATING = 1, /**< it opened the flow and sends the first header */
  STOX_STREAM_RECEIVING = 2   /**< it accepted the flow */
};

/** Events: `event` of a STOX_DO_EVENT action, with what `object` points to. */
enum {
  STOX_STREAM_ON_HEADER = 1,   /**< `const stox_stream_header *`: the peer's header; a receiving
                                    stream waits for stox_stream_answer() */
  STOX_STREAM_ON_FEATURES = 2, /**< `const stox_stream_features *`: what the peer offers */
  STOX_STREAM_ON_SASL = 3,     /**< `const stox_xml_element *`: an element of SASL */
  STOX_STREAM_ON_DIALBACK = 4, /**< `const stox_xml_element *`: an element of dialback */
  STOX_STREAM_ON_BIND = 5, /**< `const stox_span *`: the resource asked for, absent: the server's
                                to make; the stream waits for stox_stream_bind_accept() or
                                stox_stream_bind_refuse() */
  STOX_STREAM_ON_BIND_FAILED = 6, /**< `const stox_stanza_error *`: the server refused; another
                                       stox_stream_bind() may follow */
  STOX_STREAM_ON_READY = 7,       /**< stanzas may be sent; of a client's stream
                                       stox_stream_jid() is the full JID */
  STOX_STREAM_ON_STANZA = 8,  /**< `const stox_stanza *`; `status` STOX_E_BAD_STANZA: an iq to be
                                   answered with bad-request */
  STOX_STREAM_ON_ELEMENT = 9, /**< `const stox_xml_element *`: one of the host's namespaces */
  STOX_STREAM_ON_PONG = 10,   /**< the answer to stox_stream_ping(); NULL */
  STOX_STREAM_ON_IDLE = 11,   /**< nothing was heard for `idle_ns` on a stream that cannot be
                                   pinged; NULL */
  STOX_STREAM_ON_ERROR = 12,  /**< `const stox_stream_error *`: the peer ended the stream with it */
  STOX_STREAM_ON_REFUSED = 13, /**< `const stox_stream_error *`: this end ended it with that */
  STOX_STREAM_ON_CUT = 14, /**< `const stox_stanza *`: a stanza with more attributes than the limit,
                                its start tag alone; on a stream that carries no answer. It is to be
                                answered with policy-violation; on others that is done. */
  STOX_STREAM_ON_CLOSED = 15 /**< the last event; `status`: STOX_OK after both end tags,
                                  STOX_E_CLOSED the flow ended without them, STOX_E_TIMEOUT,
                                  STOX_E_REFUSED after an error or a refused STARTTLS, STOX_E_AUTH
                                  TLS failed, STOX_E_NOMEM; NULL */
};

/** Options; make them with stox_stream_options_init(). Spans are copied. */
typedef struct stox_stream_options {
  size_t size;                   /**< sizeof of this struct in the caller's build */
  int role;                      /**< STOX_STREAM_INITIATING or STOX_STREAM_RECEIVING */
  int kind;                      /**< STOX_STREAM_CLIENT, _SERVER or _COMPONENT */
  int dialect;                   /**< STOX_DIALECT_…: how errors are written, and what of the two
                                      vintages is kept (RFC) */
  int is_secure;                 /**< 1: TLS protects the flow already (XEP-0368) */
  int allow_legacy;              /**< 1: peers without a version are taken (0) */
  int is_bidirectional;          /**< 1: stanzas of servers flow both ways (XEP-0288) (0) */
  int check_from;                /**< 1: stanzas of servers and components must come from a domain
                                      that was authenticated; 0: the host looks (1) */
  uint32_t octets_before;        /**< octets of an element before authentication (16,384); after
                                      it `limits->stanza` counts */
  uint32_t bind_retries;         /**< refused requests to bind before policy-violation (5) */
  uint32_t spare;                /**< 0 */
  uint64_t handle;               /**< the flow */
  stox_span to;                  /**< initiating: the peer's domain, or the component's own */
  stox_span from;                /**< own address: bare JID of a client, domain of a server */
  stox_span lang;                /**< xml:lang of what this end says (`en`) */
  stox_span secret;              /**< initiating component: the shared secret */
  const char *const *namespaces; /**< namespaces whose elements the host takes as
                                      STOX_STREAM_ON_ELEMENT; static; NULL: none */
  size_t n_namespaces;           /**< entries there */
  uint64_t negotiation_timeout_ns; /**< from the start to READY (30 s) */
  uint64_t close_timeout_ns;       /**< for the peer's end tag, and to flush an error (5 s) */
  uint64_t keepalive_ns;    /**< white space after this much silence of ours (60 s, 0: never) */
  uint64_t idle_ns;         /**< ping after this much silence of the peer's (300 s, 0: never) */
  uint64_t ping_timeout_ns; /**< connection-timeout when nothing comes in for so long then (30 s) */
  const stox_limits *limits; /**< NULL: defaults; `stanza`, `depth`, `attributes`, `names` count */
  const stox_allocator *alloc; /**< NULL: the C library's */
  const stox_random *random;   /**< for stream ids, resources, ids of iq; must be given */
} stox_stream_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_stream_options_init(stox_stream_options *out, size_t size);

/**
 * Makes a stream on a flow that is open. An initiating one sends its header at once.
 * @retval STOX_OK made
 * @retval STOX_E_ARG no role, kind, handle, random; initiating without `to`; `lang` no language tag
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_stream_new(stox_stream **out, const stox_stream_options *options,
                             uint64_t now_ns);

/** Ends a stream at once, without a word to the peer; secrets are wiped. NULL is allowed. */
STOX_API void stox_stream_del(stox_stream *obj);

/**
 * Takes octets of the flow; `n == 0`: the peer ended it. Behind TLS: the plain octets.
 * @retval STOX_OK taken; stox_stream_next() gives what they hold
 * @retval STOX_E_STATE the stream is over, or STOX_DO_START_TLS is not done
 * @retval STOX_E_FULL more waits than the host may be fed while it owes an answer; the stream is
 * given up
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_stream_feed(stox_stream *obj, stox_span bytes, uint64_t now_ns);

/**
 * Takes the completion of STOX_DO_START_TLS. The action's `bytes` are what came in behind
 * `proceed`: they are the TLS session's. With STOX_OK all that was learnt before is forgotten and
 * the stream begins anew; else it ends without another octet (RFC 6120 5.4.3.2).
 * @retval STOX_OK taken
 * @retval STOX_E_STATE no TLS is under way, or not by that token
 */
STOX_API int stox_stream_done(stox_stream *obj, uint64_t token, int status, uint64_t now_ns);

/** Back-pressure: while `full` is 1, what is sent waits here, and nothing more is read once 64 KiB
 * do. */
STOX_API void stox_stream_hold(stox_stream *obj, int full);

/** A receiving stream's answer to a header. Zero-initialise, then fill. */
typedef struct stox_stream_reply {
  stox_span from;       /**< the domain that serves; absent: `to` of the header */
  stox_span secret;     /**< component: the shared secret */
  stox_span other_host; /**< with STOX_STREAM_SEE_OTHER_HOST: where to go */
  const stox_stream_offer
      *offer;    /**< features; NULL: none. With a required STARTTLS, SASL and
                      dialback are refused until it is done. Left out by themselves: STARTTLS when
                      secure; SASL and dialback when authenticated; everything else
                      beside a required STARTTLS (RFC dialect); binding before
                      authentication, to servers and to components. Binding is
                      added for a client that is authenticated. */
  int condition; /**< STOX_STREAM_…: the stream is refused; 0: it is taken */
  int spare;     /**< 0 */
} stox_stream_reply;

/**
 * Answers a header (STOX_STREAM_ON_HEADER, receiving). Spans are copied.
 * @retval STOX_OK answered
 * @retval STOX_E_STATE no header waits
 * @retval STOX_E_ARG the offer or the condition cannot be written; the header still waits
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_stream_answer(stox_stream *obj, const stox_stream_reply *reply, uint64_t now_ns);

/** Asks for TLS (initiating; also where it is not offered, RFC 7590 3.1). STOX_OK; STOX_E_STATE:
 * not while negotiating, secure already, or authenticated; STOX_E_NOMEM: the stream is given up. */
STOX_API int stox_stream_starttls(stox_stream *obj, uint64_t now_ns);

/**
 * Sends elements of negotiation (SASL, dialback, extensions), which a stox_xml_writer wrote.
 * @retval STOX_OK queued
 * @retval STOX_E_STATE neither negotiating nor READY
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_stream_put(stox_stream *obj, stox_span elements, uint64_t now_ns);

/** How a peer was authenticated. */
enum {
  STOX_STREAM_BY_SASL = 1,    /**< the stream begins anew (RFC 6120 6.4.6) */
  STOX_STREAM_BY_DIALBACK = 2 /**< it goes on; READY follows at once */
};

/**
 * Tells that authentication has succeeded, after `success` was put, or received and checked. The
 * peer's (receiving) or own (initiating) identity is kept. Of a server's stream more domains may
 * follow by dialback while it is READY.
 * @param obj the stream
 * @param identity receiving: bare JID of the client, domain of the server, prepared; initiating:
 *        may be absent
 * @param by STOX_STREAM_BY_…
 * @param now_ns monotonic time
 * @retval STOX_OK taken
 * @retval STOX_E_STATE not while negotiating, authenticated already, or a required TLS is not done
 * @retval STOX_E_ARG no identity (receiving), no such `by`, dialback on a stream that is not a
 * server's
 * @retval STOX_E_TOO_MANY 64 domains already
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_stream_authenticate(stox_stream *obj, stox_span identity, int by,
                                      uint64_t now_ns);

/** Tells that dialback is under way (1) or has failed (0): stanzas that come meanwhile are dropped
 * without a word (draft 8.3), where otherwise not-authorized ends the stream. */
STOX_API void stox_stream_verifying(stox_stream *obj, int is_under_way);

/** Asks for a resource (initiating client, authenticated); absent: the server makes one. STOX_OK;
 * STOX_E_STATE; STOX_E_BAD_UTF8, STOX_E_CTRL: not sent; STOX_E_NOMEM: the stream is given up. */
STOX_API int stox_stream_bind(stox_stream *obj, stox_span resource, uint64_t now_ns);

/**
 * Grants what STOX_STREAM_ON_BIND asks for. The host has seen to it that the resource is free.
 * @param obj the stream
 * @param resource the one asked for, or another in its place, prepared; absent: 128 random bits
 * @param now_ns monotonic time
 * @retval STOX_OK granted; READY follows
 * @retval STOX_E_STATE nobody asks
 * @retval STOX_E_ARG `resource` makes no full JID
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_stream_bind_accept(stox_stream *obj, stox_span resource, uint64_t now_ns);

/** Refuses it with STOX_COND_CONFLICT, _NOT_ALLOWED, _RESOURCE_CONSTRAINT or another. STOX_OK;
 * STOX_E_STATE nobody asks; STOX_E_ARG no such condition; STOX_E_NOMEM: the stream is given up. */
STOX_API int stox_stream_bind_refuse(stox_stream *obj, int condition, uint64_t now_ns);

/**
 * Sends whole stanzas.
 * @retval STOX_OK queued
 * @retval STOX_E_STATE not READY, or stanzas do not flow that way between servers
 * @retval STOX_E_FULL 4 MiB wait already
 * @retval STOX_E_NOMEM memory; nothing queued
 */
STOX_API int stox_stream_send(stox_stream *obj, stox_span stanzas);

/** While `is_waiting` is 1 nothing more is read: the host thinks about what it was told of.
 * Time-outs go on. */
STOX_API void stox_stream_wait(stox_stream *obj, int is_waiting);

/** Sends a ping (XEP-0199). STOX_OK; STOX_E_STATE: not READY, one is under way, or no answer could
 * come back on this stream; STOX_E_NOMEM: nothing is sent. */
STOX_API int stox_stream_ping(stox_stream *obj, uint64_t now_ns);

/** Closes: the end tag, then what the peer still sends, then its end tag. STOX_OK, also where the
 * stream is closing already; STOX_E_NOMEM: it is given up. */
STOX_API int stox_stream_close(stox_stream *obj, uint64_t now_ns);

/**
 * Ends the stream with an error, its end tag, and the flow's end. `text`, `lang` and `address` are
 * copied, `application` is written at once.
 * @retval STOX_OK taken
 * @retval STOX_E_STATE the stream is over or this end has sent its end tag
 * @retval STOX_E_ARG the error cannot be written (see stox_stream_error_write())
 */
STOX_API int stox_stream_fail(stox_stream *obj, const stox_stream_error *error, uint64_t now_ns);

/** @return 1 between READY and the end tag of either side */
STOX_API int stox_stream_is_ready(const stox_stream *obj);

/** @return 1 once TLS protects the stream */
STOX_API int stox_stream_is_secure(const stox_stream *obj);

/** @return the peer's header since the last restart; NULL: not yet. Lives until the restart. */
STOX_API const stox_stream_header *stox_stream_peer(const stox_stream *obj);

/** @return the stream id of this connection's present stream, whoever made it; absent: none yet */
STOX_API stox_span stox_stream_id(const stox_stream *obj);

/** @return the full JID that was bound; absent: none */
STOX_API stox_span stox_stream_jid(const stox_stream *obj);

/** @return the identities of stox_stream_authenticate(), one a line; absent: none */
STOX_API stox_span stox_stream_identities(const stox_stream *obj);

/** @return octets that wait to be sent */
STOX_API size_t stox_stream_waiting(const stox_stream *obj);

/** @return the next action (SEND, START_TLS, CLOSE, EVENT), NULL: none; valid until the next call
 */
STOX_API const stox_action *stox_stream_next(stox_stream *obj, uint64_t now_ns);

/** @return when stox_stream_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_stream_deadline(const stox_stream *obj);

/** Time has passed; STOX_OK. */
STOX_API int stox_stream_tick(stox_stream *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
