/* SPDX-License-Identifier: MIT */
/**
 * @file
 * DNS answers as they come off the wire: raw record data, and whole messages (RFC 1035 4).
 *
 * For hosts whose resolver hands over octets. Every octet is hostile: compression pointers go only
 * backwards, aliases are followed a bounded number of times, and a name that is no text of letters,
 * digits, hyphens and underscores comes out escaped (`\046`), so that it is taken for no other.
 */
#ifndef STOX_ANSWER_H
#define STOX_ANSWER_H

#include "stox/arena.h"
#include "stox/record.h"

STOX_BEGIN_DECLS

/** Response codes (RFC 1035 4.1.1). */
enum { STOX_RCODE_NOERROR = 0, STOX_RCODE_SERVFAIL = 2, STOX_RCODE_NXDOMAIN = 3 };

/** What a message says. */
typedef struct stox_answer {
  int status;   /**< for stox_locate_answer(): STOX_OK, also when there are no such records;
                     STOX_E_MORE: cut short, ask over TCP; STOX_E_REFUSED: another response code */
  int rcode;    /**< STOX_RCODE_… or another */
  int is_alias; /**< 1: the records are those of another name (CNAME) */
  uint32_t negative_ttl_s;    /**< no records: how long that holds (RFC 2308 5); 0: not said */
  const stox_record *records; /**< in the arena; `ttl` is the least on the way to them */
  size_t n;                   /**< how many; at most STOX_RECORDS_MAX */
} stox_answer;

/**
 * Reads the data of one record (RFC 1035 3.3, 3.4; RFC 2782; RFC 3403 4.1; RFC 3596).
 * @param[out] out strings in the arena
 * @param arena where strings go
 * @param type STOX_RECORD_…
 * @param ttl seconds
 * @param rdata RDATA, names in it not compressed
 * @retval STOX_OK read
 * @retval STOX_E_SYNTAX not data of that type
 * @retval STOX_E_UNSUPPORTED another type
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_record_parse(stox_record *out, stox_arena *arena, int type, uint32_t ttl,
                               stox_span rdata);

/**
 * Reads a message.
 * @param[out] out its records in the arena
 * @param arena where they go
 * @param question what was asked; the message must repeat it
 * @param message from the header on
 * @retval STOX_OK read: see `status`
 * @retval STOX_E_SYNTAX no DNS message, or one with malformed records
 * @retval STOX_E_UNSUPPORTED no response, or one to another question
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_answer_parse(stox_answer *out, stox_arena *arena, const stox_question *question,
                               stox_span message);

STOX_END_DECLS

#endif
