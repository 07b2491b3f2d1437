/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Values of SIP header fields: walking over the values of a list, and what the typed headers share.
 *
 * A typed header has a parser of one value and a writer. The parser takes the value alone (of a
 * list: one element, as stox_sip_next_value() gives it), allocates nothing, and gives views of it.
 * Parameters that have no member stand in `params`; those that have one stand there too. The writer
 * takes the members first, in the order of the struct, then what is in `params` without a member. A
 * struct of zeros with some members set is a new value. Quoted strings are kept with their quotes:
 * read them with stox_display_unquote(), make them with stox_display_quote(). A parameter that has
 * a member may stand once (RFC 3261 7.3.1). What is refused by a parser leaves a struct of zeros;
 * what is refused by a writer leaves the buffer as it was.
 */
#ifndef STOX_SIP_VALUE_H
#define STOX_SIP_VALUE_H

#include "stox/dialect.h"
#include "stox/sip.h"

STOX_BEGIN_DECLS

/** A number that may be absent. */
typedef struct stox_sip_number {
  int is_set;     /**< 0: absent */
  uint32_t value; /**< the number; of `q`: thousandths, 0 … 1000 */
} stox_sip_number;

/**
 * Gives the next element of a list, without the white space around it: commas in quoted strings and
 * between angle brackets separate nothing.
 * @param[out] out a view of `list`
 * @param list the value of a header field
 * @param cursor 0 at first; moved by each call that gives one
 * @param[out] diag offset in `list`; may be NULL
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more, or `list` is empty
 * @retval STOX_E_BAD_HEADER nothing between two commas, or behind or before one
 */
STOX_API int stox_sip_next_element(stox_span *out, stox_span list, size_t *cursor, stox_diag *diag);

/**
 * Gives the next value of a header field of a message, over all its lines: elements where a comma
 * separates values, else one value a line.
 * @param[out] out a view of the message
 * @param message the message
 * @param id STOX_SIP_…
 * @param cursor zero at first
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER an element is empty; the cursor stays
 */
STOX_API int stox_sip_next_value(stox_span *out, const stox_sip_message *message, int id,
                                 stox_sip_cursor *cursor);

STOX_END_DECLS

#endif
