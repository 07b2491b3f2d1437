/* SPDX-License-Identifier: MIT */
#include "support.h"

static void test_own_block_only(void **state) {
  (void)state;
  _Alignas(16) char block[64];
  stox_arena arena;
  stox_arena_init(&arena, block, sizeof block, 0, NULL);
  assert_ptr_equal(stox_arena_take(&arena, 60, 1), block);
  assert_null(stox_arena_take(&arena, 5, 1));
  assert_non_null(stox_arena_take(&arena, 4, 1));
  stox_arena_reset(&arena);
  assert_ptr_equal(stox_arena_take(&arena, 64, 1), block);
  stox_arena_clear(&arena);
}

static void test_alignment(void **state) {
  (void)state;
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  char block[100];
  stox_arena arena;
  stox_arena_init(&arena, block + 1, sizeof block - 1, 0, &alloc);
  for (size_t align = 1; align <= 64; align *= 2) {
    void *p = stox_arena_take(&arena, 3, align);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % align, 0);
  }
  stox_arena_clear(&arena);
  assert_int_equal(f.live, 0);
}

static void test_limit_below_at_above(void **state) {
  (void)state;
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  for (size_t n = 9999; n <= 10001; n++) {
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 10000, &alloc);
    const void *p = stox_arena_take(&arena, n, 1);
    assert_int_equal(p != NULL, n <= 10000);
    stox_arena_clear(&arena);
  }
  assert_int_equal(f.live, 0);
}

static void test_every_allocation_fails_once(void **state) {
  (void)state;
  for (size_t at = 1; at <= 6; at++) {
    failing f = {at, 0, 0};
    const stox_allocator alloc = failing_allocator(&f);
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, &alloc);
    size_t taken = 0;
    for (int i = 0; i < 8; i++) {
      char *p = stox_arena_take(&arena, 5000, 8);
      if (p != NULL) {
        memset(p, i, 5000);
        taken++;
      }
    }
    assert_true(taken > 0);
    stox_arena_clear(&arena);
    assert_int_equal(f.live, 0);
  }
}

static void test_reset_keeps_the_largest(void **state) {
  (void)state;
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, &alloc);
  for (int i = 0; i < 100; i++) {
    assert_non_null(stox_arena_take(&arena, 1000, 8));
  }
  stox_arena_reset(&arena);
  const size_t calls = f.calls;
  for (int i = 0; i < 50; i++) {
    assert_non_null(stox_arena_take(&arena, 1000, 8));
  }
  assert_int_equal(f.calls, calls);
  stox_arena_clear(&arena);
  assert_int_equal(f.live, 0);
}

static void test_sizes_do_not_wrap(void **state) {
  (void)state;
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, &alloc);
  assert_null(stox_arena_take(&arena, SIZE_MAX, 8));
  assert_null(stox_arena_take(&arena, SIZE_MAX - 20, 8));
  assert_int_equal(f.live, 0);
  stox_arena_clear(&arena);
}

/* The limit holds in the caller's block, across blocks, and again after a reset. */
static void test_limit_across_blocks(void **state) {
  (void)state;
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  char block[64];
  stox_arena arena;
  stox_arena_init(&arena, block, sizeof block, 5000, &alloc);
  for (int round = 0; round < 3; round++) {
    size_t taken = 0;
    while (stox_arena_take(&arena, 50, 1) != NULL) {
      taken += 50;
    }
    assert_int_equal(taken, 5000);
    assert_null(stox_arena_take(&arena, 1, 1));
    stox_arena_reset(&arena);
  }
  stox_arena_clear(&arena);
  assert_int_equal(f.live, 0);
  stox_arena_init(&arena, block, sizeof block, 10, NULL);
  assert_null(stox_arena_take(&arena, 11, 1));
  assert_ptr_equal(stox_arena_take(&arena, 10, 1), block);
  assert_null(stox_arena_take(&arena, 1, 1));
}

static void test_copy(void **state) {
  (void)state;
  char block[8];
  stox_arena arena;
  stox_span out = {NULL, 0};
  stox_arena_init(&arena, block, sizeof block, 0, NULL);
  assert_status(stox_arena_copy(&arena, &out, S("abc")), STOX_OK);
  assert_span_equal(out, S("abc"));
  assert_ptr_equal(out.p, block);
  assert_status(stox_arena_copy(&arena, &out, S("123456")), STOX_E_NOMEM);
  assert_span_equal(out, S("abc"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_own_block_only),
                                     cmocka_unit_test(test_alignment),
                                     cmocka_unit_test(test_limit_below_at_above),
                                     cmocka_unit_test(test_every_allocation_fails_once),
                                     cmocka_unit_test(test_reset_keeps_the_largest),
                                     cmocka_unit_test(test_sizes_do_not_wrap),
                                     cmocka_unit_test(test_limit_across_blocks),
                                     cmocka_unit_test(test_copy)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
