/* SPDX-License-Identifier: MIT */
#ifndef STOX_TOOL_JSON_H
#define STOX_TOOL_JSON_H

#include "stox/span.h"

/* A writer of JSON on standard output, one value a line. Members stand in the order of the calls.
 */
typedef struct json {
  int has_member; /* 1: the next member needs a comma before it */
} json;

/* `key` is NULL in an array and for a whole line. */
void json_open(json *j, const char *key, char bracket);
void json_close(json *j, char bracket);

/* A text; octets that are not UTF-8 are U+FFFD, and `<key>_hex` holds them all, but
 * not in an array. Absent: null. */
void json_text(json *j, const char *key, stox_span text);

void json_number(json *j, const char *key, uint64_t number);
void json_integer(json *j, const char *key, int64_t number);
void json_thousandths(json *j, const char *key, uint64_t number); /* 333 is 0.333 */
void json_flag(json *j, const char *key, int is_true);
void json_null(json *j, const char *key);

/* Ends the line. */
void json_end(json *j);

#endif
