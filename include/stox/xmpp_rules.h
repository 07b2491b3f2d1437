/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The rules by which a server handles stanzas (RFC 6120 8.1 and 10, RFC 6121 8), as pure decisions:
 * facts go in, what to do comes out. Nothing is kept.
 *
 * A stanza that arrives is first admitted: its addresses are checked by the stream that it came
 * over. Then it is decided whom it concerns (stox_xmpp_relation()), and with the facts about that
 * account what becomes of it (stox_xmpp_decide()).
 */
#ifndef STOX_XMPP_RULES_H
#define STOX_XMPP_RULES_H

#include "stox/dialect.h"
#include "stox/jid.h"
#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** How a domain is served here. */
enum {
  STOX_DOMAIN_SERVER = 1,  /**< by the server itself */
  STOX_DOMAIN_SERVICE = 2, /**< by a specialised local service, such as a component */
  STOX_DOMAIN_GONE = 3     /**< no longer */
};

/** A local domain. */
typedef struct stox_xmpp_domain {
  stox_span name;  /**< prepared */
  int kind;        /**< STOX_DOMAIN_… */
  int spare;       /**< 0 */
  uint64_t handle; /**< the host's name for its service */
} stox_xmpp_domain;

/** The stream that a stanza came over. */
enum {
  STOX_OVER_CLIENT = 1,    /**< of a client of ours: jabber:client */
  STOX_OVER_PEER = 2,      /**< of another server: jabber:server */
  STOX_OVER_COMPONENT = 3, /**< of a component of ours: jabber:component:accept */
  STOX_OVER_HOST = 4,      /**< of the server whose component we are */
  STOX_OVER_ACCOUNT = 5    /**< of the server whose client we are */
};

/** What is known about the stream that a stanza came over. Zero-initialise, then fill. */
typedef struct stox_xmpp_arrival {
  int over;             /**< STOX_OVER_… */
  int is_authenticated; /**< 0: no stanza may come yet */
  int is_strict;        /**< CLIENT: 1: another's `from` ends the stream (RFC 3920 9.1.2), 0: it is
                             overridden (RFC 6120 8.1.2.1) */
  int profile;          /**< STOX_JID_…: how addresses are prepared */
  stox_jid self;        /**< CLIENT: its full JID, ACCOUNT: ours; prepared */
  const stox_span *peer_domains;   /**< PEER: validated domains of the peer, COMPONENT: its domains;
                                        prepared */
  size_t n_peer_domains;           /**< entries at `peer_domains` */
  const stox_xmpp_domain *domains; /**< what is served here; HOST: our own domain */
  size_t n_domains;                /**< entries at `domains` */
} stox_xmpp_arrival;

/** What stox_xmpp_admit() found. All but the first and the last end the stream, with the stream
 * error of that name. */
enum {
  STOX_ADMITTED = 0,
  STOX_ADMIT_NOT_AUTHORIZED = 1,      /**< a stanza before authentication */
  STOX_ADMIT_IMPROPER_ADDRESSING = 2, /**< an address is missing or broken */
  STOX_ADMIT_INVALID_FROM = 3,        /**< the sender is not the peer's */
  STOX_ADMIT_HOST_UNKNOWN = 4,        /**< the recipient's domain is not served here */
  STOX_ADMIT_HOST_GONE = 5,           /**< the recipient's domain is served here no longer */
  STOX_ADMIT_JID_MALFORMED = 6 /**< the stream lives: answer the stanza with jid-malformed, in the
                                    name of the server, since its `to` is no address */
};

/** A stanza's addresses, checked. */
typedef struct stox_xmpp_admission {
  int verdict;         /**< STOX_ADMITTED or STOX_ADMIT_… */
  int has_to;          /**< 1: `to` is set */
  stox_jid from;       /**< the sender, prepared; always set where the stanza is admitted */
  stox_jid to;         /**< the recipient, prepared */
  stox_span from_text; /**< `from` in writing: what the stanza must carry on its way */
} stox_xmpp_admission;

/**
 * Checks the addresses of a stanza by the stream that it came over (RFC 6120 8.1.1, 8.1.2). A
 * client's stanza is stamped with the full JID of its stream, with the bare JID if it is presence
 * about a subscription. Without `from`, what our server sends us as its client is our account's.
 * @param[out] out the result; untouched on failure
 * @param arena where prepared addresses go
 * @param stanza the stanza
 * @param arrival the stream
 * @retval STOX_OK `out->verdict` says what it is
 * @retval STOX_E_NOMEM memory
 * @retval STOX_E_ARG no such stream or profile, or `self` is missing
 */
STOX_API int stox_xmpp_admit(stox_xmpp_admission *out, stox_arena *arena, const stox_stanza *stanza,
                             const stox_xmpp_arrival *arrival);

/** @return the name of the stream error that an admission asks for, static; NULL if it asks for
 * none */
STOX_API const char *stox_xmpp_admit_name(int verdict);

/**
 * Whether a stanza that the server itself makes for a client may carry that sender: none, the
 * account's bare JID or the client's full JID in the name of the account, or the server's domain
 * (RFC 6120 8.1.2.1, RFC 3920 9.1.2).
 * @param from the sender, prepared; NULL: none
 * @param client the client's full JID, prepared
 * @return 1 or 0
 */
STOX_API int stox_xmpp_is_own(const stox_jid *from, const stox_jid *client);

/** Whom a stanza concerns. */
enum {
  STOX_TO_NONE = 1,      /**< no `to` */
  STOX_TO_REMOTE = 2,    /**< another domain */
  STOX_TO_SERVICE = 3,   /**< a domain with a service of its own */
  STOX_TO_DOMAIN = 4,    /**< the server: domainpart, with a resourcepart or without */
  STOX_TO_BARE = 5,      /**< an account here */
  STOX_TO_FULL = 6,      /**< a resource of an account here */
  STOX_TO_SUBDOMAIN = 7, /**< below a domain of the server, but nothing is configured for it */
  STOX_TO_GONE = 8       /**< a domain that is served no longer */
};

/**
 * Finds whom a stanza concerns.
 * @param to the recipient, prepared; NULL: none
 * @param domains what is served here
 * @param n entries at `domains`
 * @param[out] handle the service's, for STOX_TO_SERVICE; may be NULL
 * @return STOX_TO_…
 */
STOX_API int stox_xmpp_relation(const stox_jid *to, const stox_xmpp_domain *domains, size_t n,
                                uint64_t *handle);

/** Facts that a decision needs. Zero-initialise, then fill. Those of an account are of the one that
 * `to` names; of the sender's own for a message without `to`. */
typedef struct stox_xmpp_facts {
  int over;             /**< STOX_OVER_CLIENT, STOX_OVER_PEER or STOX_OVER_COMPONENT */
  int relation;         /**< STOX_TO_… */
  int dialect;          /**< STOX_DIALECT_DRAFT2005: a resource that is not there is
                             service-unavailable, a subdomain that is not configured is
                             item-not-found (RFC 3920 10; the draft 10.3, 10.5) */
  int has_account;      /**< 1: the account exists */
  int has_resource;     /**< 1: a connected resource has exactly the full JID */
  int is_known;         /**< 1: the sender shares the account's presence, has had directed presence
                             of it, or stands in its roster */
  int reveals;          /**< 1: who is not known may learn that resources exist, too */
  int stores;           /**< 1: messages are stored for accounts that are not there */
  int no_remote;        /**< 1: nothing leaves for other domains */
  int spare;            /**< 0 */
  uint32_t n_available; /**< resources that have sent presence */
  uint32_t n_nonnegative; /**< of them, those whose priority is not negative */
} stox_xmpp_facts;

/** What becomes of a stanza. */
enum {
  STOX_RULE_DELIVER = 1,      /**< give it to the resource that it names */
  STOX_RULE_DELIVER_BEST = 2, /**< to the most available resource of priority 0 or above */
  STOX_RULE_DELIVER_ALL = 3,  /**< message: to all of priority 0 or above; presence: to all that are
                                 available */
  STOX_RULE_STORE = 4,        /**< keep it until the account is there */
  STOX_RULE_BOUNCE = 5,       /**< answer it with `condition` */
  STOX_RULE_DROP = 6,         /**< nothing, in silence */
  STOX_RULE_HANDLE_SENDER = 7,  /**< an iq for the sender's own account */
  STOX_RULE_HANDLE_ACCOUNT = 8, /**< in the name of the account: iq, subscriptions, probes */
  STOX_RULE_HANDLE_DOMAIN = 9,  /**< it is for the server itself */
  STOX_RULE_BROADCAST = 10,     /**< presence to all who have subscribed to the sender's */
  STOX_RULE_ROUTE = 11,         /**< to another domain, over the one stream that leads there */
  STOX_RULE_PASS = 12,          /**< to the local service */
  STOX_RULE_CLOSE = 13          /**< stox_xmpp_admit() would have ended its stream */
};

/** What becomes of a stanza, and the answer. */
typedef struct stox_xmpp_verdict {
  int action; /**< STOX_RULE_… */
  int condition; /**< BOUNCE: STOX_COND_…; HANDLE_…: what to answer a request with that nothing here
                      understands; else STOX_COND_NONE */
  int type;      /**< STOX_ERROR_… of `condition` */
  int may_answer; /**< 0: whatever goes wrong later, no error may go back (RFC 6120 8.3.1) */
} stox_xmpp_verdict;

/**
 * Decides what becomes of a stanza (RFC 6120 10, RFC 6121 8.5 with its Table 1). Where the RFC
 * lets a server choose, the choice is the one that tells a stranger least: an account that does not
 * exist behaves like one that is not there, and a resource that does not exist like one that took
 * the message.
 * @param[out] out the verdict
 * @param stanza the stanza; only kind and type are looked at
 * @param facts the facts
 * @retval STOX_OK decided
 * @retval STOX_E_ARG no such stanza kind or relation
 */
STOX_API int stox_xmpp_decide(stox_xmpp_verdict *out, const stox_stanza *stanza,
                              const stox_xmpp_facts *facts);

/**
 * The error for a stanza that could not be routed to another domain (RFC 6120 10.4.3).
 * @param[out] out BOUNCE with remote-server-not-found or remote-server-timeout, or DROP for what
 * must not be answered
 * @param stanza the stanza; only kind and type are looked at
 * @param was_resolved 1: the domain resolved, but no stream could be had
 */
STOX_API void stox_xmpp_route_failed(stox_xmpp_verdict *out, const stox_stanza *stanza,
                                     int was_resolved);

/**
 * The condition that may be told: gone, item-not-found, recipient-unavailable and redirect are
 * service-unavailable for a stranger, since they say that an account or a resource exists (RFC 6120
 * 8.3.3).
 * @param condition STOX_COND_…
 * @param is_known 1: the sender may know the recipient's presence
 * @return STOX_COND_…
 */
STOX_API int stox_xmpp_condition(int condition, int is_known);

/**
 * Whether two stanzas of one input stream must keep their order: they have one recipient, bare or
 * full (RFC 6120 10.1).
 * @param a recipient of one, prepared; NULL: the server, for the sender
 * @param b recipient of the other
 * @return 1 or 0
 */
STOX_API int stox_xmpp_is_ordered(const stox_jid *a, const stox_jid *b);

STOX_END_DECLS

#endif
