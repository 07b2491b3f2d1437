/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tool.h"

#include "stox/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(stox_span text) {
  (void)fwrite(text.p, 1, text.n, stdout);
}

/* Calls `use` with each input; stops at the first result that is not STOX_OK. */
typedef int (*user)(void *ud, stox_span input);

/* STOX_E_REFUSED with a message printed where standard input cannot be read. */
static int each_line(user use, void *ud) {
  char *line = NULL;
  size_t room = 0;
  int status = STOX_OK;
  ssize_t n = 0;
  while (status == STOX_OK && (n = getline(&line, &room, stdin)) >= 0) {
    const stox_span whole = {line, (size_t)n};
    const stox_span input = stox_span_slice(whole, 0, stox_span_find(whole, '\n'));
    status = input.n == 0 ? STOX_OK : use(ud, input);
  }
  if (n < 0 && !feof(stdin)) {
    (void)fprintf(stderr, "stox: standard input: %s\n", strerror(errno));
    status = STOX_E_REFUSED;
  }
  free(line);
  return status;
}

static int each_input(const operands *inputs, user use, void *ud) {
  int status = STOX_OK;
  for (int i = 0; status == STOX_OK && i < inputs->n; i++) {
    const char *text = inputs->list[i];
    status = strcmp(text, "-") == 0 ? each_line(use, ud) : use(ud, stox_span_text(text));
  }
  return status;
}

int output_finish(int code) {
  if (fflush(stdout) != 0 || ferror(stdout)) {
    (void)fprintf(stderr, "stox: standard output: %s\n", strerror(errno));
    return TOOL_USAGE;
  }
  return code;
}

typedef struct session {
  answerer answer;
  void *ud;
  stox_buf room;
  int code;
} session;

/* Room for `n` octets and a new start; 0 without memory. */
static int make_room(stox_buf *room, size_t n) {
  if (n > room->cap) {
    char *p = realloc(room->p, n);
    if (p == NULL) {
      return 0;
    }
    room->p = p;
    room->cap = n;
  }
  room->len = 0;
  return 1;
}

static int ask(session *s, stox_span input) {
  int status = STOX_E_NOBUF;
  size_t n = 256;
  while (status == STOX_E_NOBUF) {
    if (!make_room(&s->room, n)) {
      return STOX_E_NOMEM;
    }
    status = s->answer(s->ud, input, &s->room);
    n = s->room.len;
  }
  return status;
}

/* An input that would not stay one field of one line. */
static int is_splitting(stox_span input) {
  return stox_span_find(input, '\t') < input.n || stox_span_find(input, '\n') < input.n;
}

static int answer_one(void *ud, stox_span input) {
  session *s = ud;
  const int splits = is_splitting(input);
  const int status = splits ? STOX_E_CTRL : ask(s, input);
  if (!splits) {
    print(input);
  }
  if (status == STOX_OK) {
    (void)putchar('\t');
    print(stox_buf_span(&s->room));
  } else {
    (void)printf("\t!%s", stox_status_name(status));
    s->code = TOOL_REFUSED;
  }
  (void)putchar('\n');
  return STOX_OK;
}

int answer_all(const operands *inputs, answerer answer, void *ud) {
  session s = {answer, ud, {NULL, 0, 0}, TOOL_OK};
  const int status = each_input(inputs, answer_one, &s);
  free(s.room.p);
  return output_finish(status == STOX_OK ? s.code : TOOL_USAGE);
}

/* The first input of a pair, kept until the second comes. */
typedef struct pairing {
  judge compare;
  char *first;
  size_t n;
  int code;
} pairing;

static void print_verdict(pairing *p, stox_span second) {
  stox_span refused = {NULL, 0};
  int status = STOX_OK;
  const char *verdict = p->compare((stox_span){p->first, p->n}, second, &refused, &status);
  if (status == STOX_OK) {
    (void)printf("%s\n", verdict);
    return;
  }
  if (!is_splitting(refused)) {
    print(refused);
  }
  (void)printf("\t!%s\n", stox_status_name(status));
  p->code = TOOL_REFUSED;
}

static int take_one(void *ud, stox_span input) {
  pairing *p = ud;
  if (p->first != NULL) {
    print_verdict(p, input);
    free(p->first);
    p->first = NULL;
    return STOX_OK;
  }
  p->first = malloc(input.n + 1);
  if (p->first == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(p->first, input.p, input.n);
  p->n = input.n;
  return STOX_OK;
}

int judge_pairs(const operands *inputs, judge compare) {
  pairing p = {compare, NULL, 0, TOOL_OK};
  const int status = each_input(inputs, take_one, &p);
  p.code = status == STOX_OK ? p.code : TOOL_USAGE;
  if (status == STOX_OK && p.first != NULL) {
    (void)fprintf(stderr, "stox: an input without the one to compare it with\n");
    p.code = TOOL_USAGE;
  }
  free(p.first);
  return output_finish(p.code);
}

char *file_read(const char *path, size_t *n) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  char *octets = NULL;
  size_t room = 1 << 15;
  *n = 0;
  while (file != NULL && !feof(file) && !ferror(file)) {
    char *more = realloc(octets, room *= 2);
    if (more == NULL) {
      break;
    }
    octets = more;
    *n += fread(octets + *n, 1, room - *n, file);
  }
  if (file == NULL || octets == NULL || !feof(file)) {
    (void)fprintf(stderr, "stox: %s: %s\n", path, strerror(errno));
    free(octets);
    octets = NULL;
  }
  if (file != NULL && file != stdin) {
    (void)fclose(file);
  }
  return octets;
}

void arena_open(stox_arena *out) {
  stox_arena_init(out, NULL, 0, 0, stox_allocator_libc());
}
