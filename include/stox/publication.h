/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Event state that is published (RFC 3903), from either end: what an agent sends next and when, and
 * how a compositor judges what it gets.
 *
 * Both are plain data and pure decisions: nothing is sent, stored or allocated here.
 */
#ifndef STOX_PUBLICATION_H
#define STOX_PUBLICATION_H

#include "stox/sip_value.h"
#include "stox/subscription.h"

STOX_BEGIN_DECLS

/** What a PUBLISH does (RFC 3903 4, Table 1). */
enum {
  STOX_PUBLISH_NOTHING = 0, /**< none is to be sent; a compositor refuses it */
  STOX_PUBLISH_INITIAL = 1, /**< with a body, without an entity-tag */
  STOX_PUBLISH_REFRESH = 2, /**< with an entity-tag, without a body */
  STOX_PUBLISH_MODIFY = 3,  /**< with both */
  STOX_PUBLISH_REMOVE = 4   /**< with an entity-tag, without a body; Expires is 0 */
};

/* ---- the event publication agent ---- */

/** Octets of an entity-tag that are kept; a publication with a longer one is made anew each time.
 */
enum { STOX_PUBLISH_ETAG_MAX = 127 };

/** An agent's side of one publication; the members are private. */
typedef struct stox_publisher {
  uint64_t end_ns;                  /**< when it expires */
  uint64_t due_ns;                  /**< when something is to be sent */
  uint32_t wanted;                  /**< seconds to be asked for */
  uint32_t failures;                /**< refusals in a row */
  int32_t code;                     /**< of the last refusal */
  uint8_t has_changed;              /**< 1: there is something to tell */
  uint8_t is_leaving;               /**< 1: it is to be removed */
  uint8_t sending;                  /**< STOX_PUBLISH_… that is under way */
  uint8_t is_over;                  /**< 1: nothing more is to be sent */
  uint8_t etag_n;                   /**< octets of `etag`; 0: none */
  char etag[STOX_PUBLISH_ETAG_MAX]; /**< what the compositor knows it by */
} stox_publisher;

/** What an agent is to do. */
typedef struct stox_publisher_plan {
  int next;          /**< STOX_PUBLISH_…: to be sent now */
  int is_over;       /**< 1: removed, or refused for good */
  int code;          /**< of the last refusal; 0: none */
  uint32_t expires;  /**< seconds for Expires */
  uint32_t failures; /**< refusals in a row: what a back-off grows with */
  stox_span etag;    /**< for SIP-If-Match; absent: none. Lives until the publisher changes. */
  uint64_t due_ns;   /**< when stox_publisher_tick() is due; UINT64_MAX: never */
} stox_publisher_plan;

/** Begins: state is to be published for `expires` seconds, and again before they are over. */
STOX_API void stox_publisher_init(stox_publisher *out, uint32_t expires);

/** Says that the state is another. */
STOX_API void stox_publisher_changed(stox_publisher *obj);

/** Says that it is to be removed (4.5). */
STOX_API void stox_publisher_leave(stox_publisher *obj);

/** Says that what was planned has gone out; one PUBLISH at a time is under way (8.2). */
STOX_API void stox_publisher_sent(stox_publisher *obj);

/** A final response to PUBLISH. Zero-initialise, then fill. */
typedef struct stox_publisher_answer {
  int code;                    /**< 200 … 699; 408 for silence */
  int spare;                   /**< 0 */
  stox_span etag;              /**< SIP-ETag of a 2xx */
  stox_sip_number expires;     /**< Expires of a 2xx */
  stox_sip_number min_expires; /**< Min-Expires of a 423 */
  stox_sip_number retry_after; /**< Retry-After */
} stox_publisher_answer;

/** Takes the final response (5): 412 begins anew, 423 asks for more, what may be better later waits
 * as Retry-After says; the rest is the end. 401 and 407 are to be acted on before. */
STOX_API void stox_publisher_answered(stox_publisher *obj, const stox_publisher_answer *answer,
                                      uint64_t now_ns);

/** Gives what is to be done. */
STOX_API void stox_publisher_get_plan(stox_publisher_plan *out, const stox_publisher *obj);

/** Time has passed. */
STOX_API void stox_publisher_tick(stox_publisher *obj, uint64_t now_ns);

/* ---- the event state compositor ---- */

/** A PUBLISH, as far as the steps of RFC 3903 6 ask. Zero-initialise, then fill. */
typedef struct stox_publish_request {
  int is_resource_known;   /**< 1: the Request-URI is one whose state is kept here */
  int is_package_known;    /**< 1: so is the package of its Event */
  int has_if_match;        /**< 1: SIP-If-Match stands there */
  int is_if_match_single;  /**< 1: it holds one entity-tag */
  int is_match_known;      /**< 1: that is the present tag of a publication of this resource and
                                package which has not expired */
  int has_body;            /**< 1: it has a body */
  int is_body_understood;  /**< 1: of a media type of the package */
  int may_begin_empty;     /**< 1: the package gives an initial one without a body a meaning */
  stox_sip_number expires; /**< its Expires */
} stox_publish_request;

/** How it is to be answered. */
typedef struct stox_publish_verdict {
  int code; /**< 200, or the refusal: 400, 404, 412, 415, 423, 489 */
  int what; /**< STOX_PUBLISH_INITIAL … to be done; a new entity-tag is to be made for it */
  uint32_t seconds; /**< of Expires, or with 423 of Min-Expires */
  uint32_t spare;   /**< 0 */
} stox_publish_verdict;

/** Judges a PUBLISH by the steps of RFC 3903 6, in their order; `rules` as for
 * stox_notifier_grant(), but that 423 has no upper bound here. */
STOX_API void stox_publish_judge(stox_publish_verdict *out, const stox_publish_request *request,
                                 const stox_notifier_rules *rules);

STOX_END_DECLS

#endif
