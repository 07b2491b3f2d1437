/* SPDX-License-Identifier: MIT */
/* Each trap is a text that repeats one unit; the codec looks through it at n, 2n and 4n units.
 * linear.py counts the instructions within stox_linear_measure(); a line of output says what each
 * call was. `linear NAME` runs one trap. */
#include "linear.h"

#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 500, OCTETS = 6144, COUNTER_DIGITS = 6, DOUBLINGS = 3 };

static size_t put(char *out, size_t at, const char *text) {
  const size_t n = strlen(text);
  memcpy(out + at, text, n);
  return at + n;
}

/* Puts a unit; COUNTER in it becomes the number of the unit. */
static size_t put_unit(char *out, size_t at, const char *unit, size_t number) {
  for (; *unit != '\0'; unit++) {
    if (*unit == COUNTER[0]) {
      char digits[COUNTER_DIGITS + 1];
      (void)snprintf(digits, sizeof digits, "%0*zu", COUNTER_DIGITS, number % 1000000);
      at = put(out, at, digits);
    } else {
      out[at++] = *unit;
    }
  }
  return at;
}

static stox_span make(const trap *t, size_t n) {
  const size_t most = strlen(t->head) + strlen(t->tail) +
                      n * COUNTER_DIGITS * (strlen(t->unit) + strlen(t->closer)) + 1;
  char *out = malloc(most);
  size_t at = 0;
  if (out == NULL) {
    abort();
  }
  at = put(out, at, t->head);
  for (size_t i = 0; i < n; i++) {
    at = put_unit(out, at, t->unit, i);
  }
  for (size_t i = 0; i < n; i++) {
    at = put_unit(out, at, t->closer, i);
  }
  at = put(out, at, t->tail);
  return (stox_span){out, at};
}

int stox_linear_measure(const trap *t, stox_span text) {
  return t->run(text);
}

/* Never inlined. */
static int (*volatile measure)(const trap *t, stox_span text) = stox_linear_measure;

static int run(const trap *t) {
  const size_t few = OCTETS / strlen(t->unit);
  size_t n = few < UNITS ? UNITS : few;
  for (int i = 0; i < DOUBLINGS; i++, n *= 2) {
    const stox_span text = make(t, n);
    int status = i == 0 ? t->run(text) : t->want; /* symbols are bound, memory is there */
    status = status == t->want ? measure(t, text) : status;
    free((void *)(uintptr_t)text.p);
    if (status != t->want) {
      (void)printf("%s: %s at %zu units, not %s\n", t->name, stox_status_name(status), n,
                   stox_status_name(t->want));
      return 1;
    }
    (void)printf("%s %zu\n", t->name, n);
  }
  return 0;
}

static int run_all(const trap *traps, size_t n, const char *name) {
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    if (name == NULL || strcmp(name, traps[i].name) == 0) {
      bad |= run(&traps[i]);
    }
  }
  return bad;
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : NULL;
  return run_all(stox_linear_sip, stox_linear_sip_count, name) |
         run_all(stox_linear_bodies, stox_linear_bodies_count, name);
}
