/* SPDX-License-Identifier: MIT */
#include "tool.h"

#include <stdio.h>
#include <string.h>

/* The place of `value` in `a|b|c`, -1 if it is not there. */
static int find_choice(const char *choices, const char *value) {
  const size_t n = strlen(value);
  for (int place = 0;; place++) {
    const size_t length = strcspn(choices, "|");
    if (length == n && memcmp(choices, value, n) == 0) {
      return place;
    }
    if (choices[length] == '\0') {
      return -1;
    }
    choices += length + 1;
  }
}

static option *find_option(option *options, size_t n, const char *name, size_t length) {
  for (size_t i = 0; i < n; i++) {
    if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0) {
      return &options[i];
    }
  }
  return NULL;
}

static int set_value(option *o, const char *value) {
  if (value == NULL) {
    (void)fprintf(stderr, "stox: --%s needs a value\n", o->name);
    return TOOL_USAGE;
  }
  o->value = value;
  o->choice = o->choices == NULL ? 0 : find_choice(o->choices, value);
  if (o->choice < 0) {
    (void)fprintf(stderr, "stox: --%s is one of %s\n", o->name, o->choices);
    return TOOL_USAGE;
  }
  return TOOL_OK;
}

/* Reads the option at `*i` and moves it to the option's last argument. */
static int read_option(int argc, char **argv, int *i, option *options, size_t n) {
  const char *name = argv[*i] + 2;
  const size_t length = strcspn(name, "=");
  option *o = find_option(options, n, name, length);
  if (o == NULL) {
    (void)fprintf(stderr, "stox: no option %s here\n", argv[*i]);
    return TOOL_USAGE;
  }
  if (o->choices != NULL && o->choices[0] == '\0') {
    o->choice = 1;
    if (name[length] == '=') {
      (void)fprintf(stderr, "stox: --%s takes no value\n", o->name);
      return TOOL_USAGE;
    }
    return TOOL_OK;
  }
  if (name[length] == '=') {
    return set_value(o, name + length + 1);
  }
  *i += 1;
  return set_value(o, *i < argc ? argv[*i] : NULL);
}

int options_read(operands *out, int argc, char **argv, option *options, size_t n) {
  int kept = 0;
  int is_open = 1;
  for (int i = 0; i < argc; i++) {
    if (is_open && strcmp(argv[i], "--") == 0) {
      is_open = 0;
    } else if (is_open && strncmp(argv[i], "--", 2) == 0) {
      const int status = read_option(argc, argv, &i, options, n);
      if (status != TOOL_OK) {
        return status;
      }
    } else {
      argv[kept++] = argv[i];
    }
  }
  *out = (operands){argv, kept};
  if (kept == 0) {
    (void)fprintf(stderr, "stox: nothing to answer; `stox --help` tells more\n");
    return TOOL_USAGE;
  }
  return TOOL_OK;
}
