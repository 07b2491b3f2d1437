/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_WRITERS_H
#define STOX_TEST_WRITERS_H

#include "support.h"

/* Appends something; `ud` says what. */
typedef int (*writer)(stox_buf *out, const void *ud);

/* Runs a writer at every output cap from 0 to one above what it needs; the buffer ends at a guard
 * page and begins with octets of somebody else. */
static inline void check_writer(writer write, const void *ud, stox_span want) {
  static const char before[] = {'#', '#'};
  for (size_t cap = 0; cap <= want.n + 1; cap++) {
    char room[4096] = {0};
    assert_true(sizeof before + cap <= sizeof room);
    guard g = guard_copy((stox_span){room, sizeof before + cap});
    stox_buf out;
    stox_buf_init(&out, (void *)(uintptr_t)g.span.p, g.span.n);
    assert_status(stox_buf_put(&out, (stox_span){before, sizeof before}), STOX_OK);
    const int fits = cap >= want.n;
    assert_status(write(&out, ud), fits ? STOX_OK : STOX_E_NOBUF);
    assert_int_equal(out.len, sizeof before + want.n);
    assert_memory_equal(g.span.p, before, sizeof before);
    if (fits) {
      assert_span_equal(stox_span_slice(stox_buf_span(&out), sizeof before, want.n), want);
    }
    guard_free(&g);
  }
}

#endif
