/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_TABLES_H
#define STOX_TEST_TABLES_H

#include "support.h"

enum { TABLE_FIELDS = 12, TABLE_OCTETS = 1 << 18 };

/* A file of lines with fields between tabs; free with table_free(). */
typedef struct table {
  char *octets;
  stox_span left;
  stox_span field[TABLE_FIELDS];
  size_t fields;
} table;

/* 1 if the file is there, else 0. */
static inline int table_open(table *out, const char *folder, const char *name) {
  char path[1024];
  memset(out, 0, sizeof *out);
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return 0;
  }
  out->octets = malloc(TABLE_OCTETS);
  assert_non_null(out->octets);
  out->left = (stox_span){out->octets, fread(out->octets, 1, TABLE_OCTETS, file)};
  assert_true(out->left.n < TABLE_OCTETS);
  (void)fclose(file);
  return 1;
}

/* Fills `field` with the next line's; 0 at the end. */
static inline int table_next(table *t) {
  if (t->left.n == 0) {
    return 0;
  }
  const size_t stop = stox_span_find(t->left, '\n');
  stox_span line = stox_span_slice(t->left, 0, stop);
  t->left = stox_span_slice(t->left, stop + 1, t->left.n);
  memset(t->field, 0, sizeof t->field);
  for (t->fields = 0; t->fields < TABLE_FIELDS; t->fields++) {
    const size_t tab = stox_span_find(line, '\t');
    t->field[t->fields] = stox_span_slice(line, 0, tab);
    if (tab == line.n) {
      t->fields++;
      break;
    }
    line = stox_span_slice(line, tab + 1, line.n);
  }
  return 1;
}

static inline void table_free(table *t) {
  free(t->octets);
}

#endif
