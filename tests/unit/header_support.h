/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_HEADER_SUPPORT_H
#define STOX_TEST_HEADER_SUPPORT_H

#include "support.h"

#include "stox/sip_value.h"

/* A typed header, its struct unknown. */
typedef struct header_trial {
  int (*parse)(void *out, stox_span text, stox_diag *diag);
  int (*write)(stox_buf *out, const void *value);
} header_trial;

#define HEADER_TRIAL(name)                                                                         \
  static int name##_parse_any(void *out, stox_span text, stox_diag *diag) {                        \
    return name##_parse(out, text, diag);                                                          \
  }                                                                                                \
  static int name##_write_any(stox_buf *out, const void *value) {                                  \
    return name##_write(out, value);                                                               \
  }                                                                                                \
  static const header_trial name##_trial = {name##_parse_any, name##_write_any};

/* A value, and what is written for it; with an absent `written` it is refused at `offset`. */
typedef struct header_row {
  stox_span text;
  stox_span written;
  size_t offset;
} header_row;

#define REFUSED                                                                                    \
  { NULL, 0 }

enum { HEADER_ROOM = 1024 };

/* A struct of any typed header. */
typedef union header_any {
  max_align_t align;
  char octets[HEADER_ROOM];
} header_any;

static inline stox_span header_written(const header_trial *trial, const header_any *value,
                                       char *room) {
  stox_buf out;
  stox_buf_init(&out, room, HEADER_ROOM);
  assert_status(trial->write(&out, value), STOX_OK);
  return stox_buf_span(&out);
}

/* What is written for a value parses, and is written the same again. */
static inline void header_again(const header_trial *trial, const header_any *value) {
  char first[HEADER_ROOM];
  char second[HEADER_ROOM];
  header_any again;
  const stox_span text = header_written(trial, value, first);
  assert_int_equal(stox_span_find(text, '\r'), text.n);
  assert_int_equal(stox_span_find(text, '\n'), text.n);
  guard g = guard_copy(text);
  assert_status(trial->parse(&again, g.span, NULL), STOX_OK);
  assert_span_equal(header_written(trial, &again, second), text);
  guard_free(&g);
}

static inline void header_caps(const header_trial *trial, const header_any *value,
                               stox_span written) {
  for (size_t cap = 0; cap <= written.n; cap++) {
    char room[HEADER_ROOM];
    stox_buf out;
    memset(room, '#', sizeof room);
    stox_buf_init(&out, room, cap);
    assert_status(trial->write(&out, value), cap < written.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, written.n);
    assert_int_equal(room[cap], '#');
  }
}

/* No prefix is read beyond its end, and each is refused with a place or accepted with all rules. */
static inline void header_prefixes(const header_trial *trial, stox_span text) {
  for (size_t n = 0; n < text.n; n++) {
    guard g = guard_copy(stox_span_slice(text, 0, n));
    header_any value;
    stox_diag diag = {0};
    if (trial->parse(&value, g.span, &diag) == STOX_OK) {
      header_again(trial, &value);
    } else {
      assert_status(diag.code, STOX_E_BAD_HEADER);
      assert_true(diag.offset <= n);
      assert_int_equal(diag.answer, 400);
      assert_non_null(diag.rule);
    }
    guard_free(&g);
  }
}

static inline void header_check(const header_trial *trial, const header_row *row) {
  guard g = guard_copy(row->text);
  header_any value;
  stox_diag diag = {0};
  const int status = trial->parse(&value, g.span, &diag);
  if (row->written.p == NULL) {
    if (status != STOX_E_BAD_HEADER || diag.offset != row->offset) {
      fail_msg("\"%.*s\": %s at %zu", (int)row->text.n, row->text.p, stox_status_name(status),
               diag.offset);
    }
    assert_status(diag.code, status);
    assert_non_null(diag.rule);
  } else {
    char room[HEADER_ROOM];
    if (status != STOX_OK) {
      fail_msg("\"%.*s\": refused at %zu", (int)row->text.n, row->text.p, diag.offset);
    }
    assert_span_equal(header_written(trial, &value, room), row->written);
    header_caps(trial, &value, row->written);
    header_again(trial, &value);
  }
  header_prefixes(trial, row->text);
  guard_free(&g);
}

static inline void header_check_all(const header_trial *trial, const header_row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    header_check(trial, &rows[i]);
  }
}

#endif
