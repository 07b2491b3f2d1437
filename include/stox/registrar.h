/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A registrar's decisions, and a proxy's choice among what is registered (RFC 3261 10.3, RFC 5626 6
 * and 7, RFC 5627 5 and 6, and their drafts of 2005).
 *
 * Pure functions over bindings that the caller keeps: nothing is stored here. What is to become of
 * them is said as changes, all of them or none.
 */
#ifndef STOX_REGISTRAR_H
#define STOX_REGISTRAR_H

#include "stox/sip_contact.h"

STOX_BEGIN_DECLS

/** One binding of an address of record. Spans are the caller's. */
typedef struct stox_binding {
  stox_span contact;  /**< its URI */
  stox_span instance; /**< URN of its `+sip.instance`, without quotes and brackets; absent: none */
  stox_span call_id;  /**< of the REGISTER that made or last refreshed it */
  uint32_t cseq;      /**< likewise */
  uint32_t reg_id;    /**< `reg-id`, the draft's `flow-id`; 0: none */
  uint32_t q;         /**< preference, 0 … 1,000; 1,000 where none was said */
  uint32_t spare;     /**< 0 */
  uint64_t registered_ns; /**< when it was made */
  uint64_t updated_ns;    /**< when it was made or last refreshed */
  uint64_t handle;        /**< the flow that it came over; 0: none is kept */
} stox_binding;

/** The bindings of an address of record, nothing of them expired. */
typedef struct stox_bindings {
  const stox_binding *p; /**< the first */
  size_t n;              /**< how many */
} stox_bindings;

/** What a registrar keeps to. Zero-initialise, then fill. */
typedef struct stox_registrar_rules {
  uint32_t least;       /**< shorter ones get 423, if below an hour (10.3); 0: none do */
  uint32_t most;        /**< longer ones are cut; 0: none are */
  uint32_t usual;       /**< where nothing is asked for; 0: 3,600 */
  uint32_t bindings;    /**< most bindings of one address of record; 0: 64 */
  int dialect;          /**< STOX_DIALECT_… */
  int has_outbound;     /**< 1: RFC 5626 is served */
  int is_first_hop;     /**< 1: the request came from the user agent itself: it has one Via */
  int is_path_outbound; /**< 1: the first URI of its Path has `ob` */
  stox_span aor;        /**< the address of record, as bindings are kept for it */
} stox_registrar_rules;

/** What becomes of a binding. */
enum {
  STOX_BINDING_ADD = 1,    /**< a new one */
  STOX_BINDING_UPDATE = 2, /**< `index` gets the contact, and time */
  STOX_BINDING_REMOVE = 3  /**< `index` goes */
};

/** One change. Spans are views of the request. */
typedef struct stox_binding_change {
  int what;           /**< STOX_BINDING_… */
  uint32_t seconds;   /**< until it expires */
  size_t index;       /**< of the binding that is changed */
  stox_span contact;  /**< URI */
  stox_span instance; /**< as in stox_binding */
  stox_span params;   /**< all parameters of the Contact, to be shown again (10.3) */
  uint32_t reg_id;    /**< as in stox_binding */
  uint32_t q;         /**< as in stox_binding */
} stox_binding_change;

/** How a REGISTER is to be answered. */
typedef struct stox_registration {
  int code;          /**< 200, or the refusal: 400, 403, 423, 439, 500, 503 */
  uint32_t seconds;  /**< with 423: Min-Expires */
  size_t n_changes;  /**< how many changes there are */
  int uses_outbound; /**< 1: `Require: outbound` is to be said (RFC 5626 6) */
  int wants_gruu;   /**< 1: GRUUs are to be shown: Supported or Require has `gruu` (RFC 5627 5.2) */
  const char *rule; /**< of a refusal; static */
} stox_registration;

/**
 * Judges a REGISTER: which bindings are made, refreshed or removed (RFC 3261 10.3 steps 6 and 7).
 * Authentication, and whether the address of record is served, are decided before.
 * @param[out] out how it is to be answered
 * @param[out] changes room for `cap` changes; none of them holds unless `out->code` is 200
 * @param cap entries there
 * @param request the REGISTER
 * @param bindings what is bound now
 * @param rules the rules
 * @retval STOX_OK judged
 * @retval STOX_E_NOBUF there are more changes than `cap`: `out->n_changes` of them
 */
STOX_API int stox_registrar_judge(stox_registration *out, stox_binding_change *changes, size_t cap,
                                  const stox_sip_message *request, stox_bindings bindings,
                                  const stox_registrar_rules *rules);

/** Reads a `+sip.instance` as written into its URN; absent where it is none: then the parameter
 * says nothing (RFC 5626 4.1). */
STOX_API stox_span stox_instance_of(stox_span sip_instance);

/**
 * The bindings that a request is sent to, the preferred first: of each instance one, the most
 * recent (RFC 5626 7, RFC 5627 6.1; the draft of GRUUs counts from the first registration).
 * @param[out] order room for an index of each of `bindings`
 * @param bindings what is bound now
 * @param instance the instance of a GRUU: only its bindings are asked; absent: all are
 * @param dialect STOX_DIALECT_…
 * @return how many indices were given
 */
STOX_API size_t stox_registrar_targets(size_t *order, stox_bindings bindings, stox_span instance,
                                       int dialect);

/**
 * The binding that takes the place of one whose branch has failed: another flow of the same
 * instance that was not tried (RFC 5626 7, the draft 5.2).
 * @param[out] next its index
 * @param bindings what is bound now
 * @param failed index of the one that failed
 * @param code of the response: only 408 and 430, in the draft 410, let another flow be tried
 * @param dialect STOX_DIALECT_…
 * @param tried 1 at the index of each that was tried
 * @retval STOX_OK given
 * @retval STOX_E_NONE there is none
 */
STOX_API int stox_registrar_next_flow(size_t *next, stox_bindings bindings, size_t failed, int code,
                                      int dialect, const unsigned char *tried);

STOX_END_DECLS

#endif
