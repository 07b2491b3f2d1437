/* SPDX-License-Identifier: MIT */
#ifndef STOX_TOOL_H
#define STOX_TOOL_H

#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/span.h"

/* Exit codes. */
enum { TOOL_OK = 0, TOOL_REFUSED = 1, TOOL_USAGE = 2 };

/* An option `--name VALUE` or `--name=VALUE`. */
typedef struct option {
  const char *name;
  const char *choices; /* `a|b|c`; NULL: any text; empty: a flag without a value */
  int choice;          /* the place of the value among the choices, 1 for a flag; first a default */
  const char *value;   /* the text, NULL: not given */
} option;

/* The operands of a command, options taken out. */
typedef struct operands {
  char **list;
  int n;
} operands;

/* Takes the options out of the arguments, up to `--`. 0, or TOOL_USAGE with a message printed. */
int options_read(operands *out, int argc, char **argv, option *options, size_t n);

/* Appends what follows the input in a line of output, its fields between tabs. STOX_OK, or the
 * status the input is refused with. May be called again with the same input and more room. */
typedef int (*answerer)(void *ud, stox_span input, stox_buf *out);

/* Answers each operand, or for `-` each line of standard input, with a line. An exit code. */
int answer_all(const operands *inputs, answerer answer, void *ud);

/* The same, one line for two inputs that do not stand in it. */
typedef const char *(*judge)(stox_span a, stox_span b, stox_span *refused, int *status);
int judge_pairs(const operands *inputs, judge compare);

/* `code`, or TOOL_USAGE with a message printed if standard output took not all. */
int output_finish(int code);

/* The octets of a file, `-` for standard input; free with free(). NULL with a message printed. */
char *file_read(const char *path, size_t *n);

/* An arena that grows as long as there is memory. */
void arena_open(stox_arena *out);

/* One command each: the arguments behind its name; an exit code. */
int command_map(int argc, char **argv);
int command_jid(int argc, char **argv);
int command_uri(int argc, char **argv);
int command_error(int argc, char **argv);
int command_sip(int argc, char **argv);
int command_xml(int argc, char **argv);
int command_flow_token(int argc, char **argv);
int command_gruu(int argc, char **argv);
int command_stun(int argc, char **argv);

#endif
