/* SPDX-License-Identifier: MIT */
/**
 * @file
 * DNS questions and records as the host's resolver hands them over, and their order (RFC 2782).
 */
#ifndef STOX_RECORD_H
#define STOX_RECORD_H

#include "stox/random.h"
#include "stox/span.h"

STOX_BEGIN_DECLS

/** Types of record, by their DNS numbers. */
enum { STOX_RECORD_A = 1, STOX_RECORD_AAAA = 28, STOX_RECORD_SRV = 33, STOX_RECORD_NAPTR = 35 };

/** Records of one answer that are looked at; what comes behind is ignored. */
enum { STOX_RECORDS_MAX = 32 };

/** What is to be asked. */
typedef struct stox_question {
  int type;       /**< STOX_RECORD_… */
  stox_span name; /**< domain name in A-labels, no trailing dot */
} stox_question;

/** One record of an answer; strings are borrowed for the call they are passed to. */
typedef struct stox_record {
  int type;          /**< STOX_RECORD_…; others are ignored */
  uint32_t ttl;      /**< seconds */
  uint32_t priority; /**< SRV priority, NAPTR order */
  uint32_t weight;   /**< SRV weight, NAPTR preference */
  uint32_t port;     /**< SRV */
  stox_span target;  /**< A, AAAA: the address as text; SRV target, NAPTR replacement (a dot alone:
                        none) */
  stox_span flags;   /**< NAPTR */
  stox_span service; /**< NAPTR */
} stox_record;

/**
 * Puts the records of one type in the order in which they are to be tried: SRV by priority and,
 * within one, drawn by weight (RFC 2782); NAPTR by order and preference (RFC 3403 4.1).
 * @param[out] order room for STOX_RECORDS_MAX indices into `records`
 * @param[out] n_ordered how many there are; records of other types, and those of this type behind
 * the first STOX_RECORDS_MAX, are left out
 * @param records any records
 * @param n how many
 * @param type STOX_RECORD_SRV or STOX_RECORD_NAPTR
 * @param random draws among equal priorities; NULL: the heaviest first
 * @retval STOX_OK ordered
 * @retval other the random source's status
 */
STOX_API int stox_record_order(size_t *order, size_t *n_ordered, const stox_record *records,
                               size_t n, int type, const stox_random *random);

STOX_END_DECLS

#endif
