/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "base/octets.h"
#include "base/table.h"

typedef struct item {
  stox_link link; /* first: a link is cast to its item */
  uint64_t key;
} item;

static int fill(void *ud, void *p, size_t n) {
  memset(p, *(int *)ud, n);
  return STOX_OK;
}

static uint64_t hash_of(const stox_table *table, const uint64_t *key) {
  return stox_table_hash(table, 0, (stox_span){(const char *)key, sizeof *key});
}

static item *find(const stox_table *table, uint64_t key) {
  stox_link *link = NULL;
  while ((link = stox_table_find(table, hash_of(table, &key), link)) != NULL) {
    item *found = (void *)link;
    if (found->key == key) {
      return found;
    }
  }
  return NULL;
}

static void test_insert_find_remove(void **state) {
  (void)state;
  enum { N = 5000 };
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  int seed = 3;
  const stox_random random = {sizeof random, &seed, fill};
  item *items = calloc(N, sizeof *items);
  stox_table table;
  assert_status(stox_table_init(&table, &alloc, &random), STOX_OK);
  for (uint64_t i = 0; i < N; i++) {
    items[i].key = i;
    assert_status(stox_table_insert(&table, &items[i].link, hash_of(&table, &i)), STOX_OK);
  }
  for (uint64_t i = 0; i < N; i += 2) {
    stox_table_remove(&table, &items[i].link);
  }
  assert_int_equal(table.count, N / 2);
  for (uint64_t i = 0; i < N; i++) {
    assert_ptr_equal(find(&table, i), i % 2 == 0 ? NULL : &items[i]);
  }
  stox_table_clear(&table);
  assert_null(find(&table, 1));
  assert_int_equal(f.live, 0);
  free(items);
}

static void test_without_memory_it_works_on(void **state) {
  (void)state;
  failing f = {2, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  int seed = 3;
  const stox_random random = {sizeof random, &seed, fill};
  static item items[65];
  stox_table table;
  assert_status(stox_table_init(&table, &alloc, &random), STOX_OK);
  for (uint64_t i = 0; i < COUNT(items); i++) {
    items[i].key = i;
    assert_status(stox_table_insert(&table, &items[i].link, hash_of(&table, &i)), STOX_OK);
  }
  for (uint64_t i = 0; i < COUNT(items); i++) {
    assert_ptr_equal(find(&table, i), &items[i]);
  }
  stox_table_clear(&table);
  f = (failing){1, 0, 0};
  assert_status(stox_table_insert(&table, &items[0].link, 1), STOX_E_NOMEM);
}

/* Parts do not run into one another, and the key matters. */
static void test_hash(void **state) {
  (void)state;
  int seed = 3;
  int other_seed = 4;
  const stox_random random = {sizeof random, &seed, fill};
  const stox_random other = {sizeof other, &other_seed, fill};
  stox_table a;
  stox_table b;
  assert_status(stox_table_init(&a, NULL, &random), STOX_OK);
  assert_status(stox_table_init(&b, NULL, &other), STOX_OK);
  const uint64_t one = stox_table_hash(&a, stox_table_hash(&a, 0, S("ab")), S("c"));
  const uint64_t two = stox_table_hash(&a, stox_table_hash(&a, 0, S("a")), S("bc"));
  assert_true(one != two);
  assert_true(stox_table_hash(&a, 0, S("abc")) != stox_table_hash(&b, 0, S("abc")));
  assert_true(stox_table_hash(&a, 0, S("abc")) == stox_table_hash(&a, 0, S("abc")));
  assert_true(stox_table_hash(&a, 0, S("")) != stox_table_hash(&a, 0, S("\0")));
}

static void test_octets(void **state) {
  (void)state;
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_octets queue = {NULL, 0, 0, 0};
  uint64_t in = 0;
  uint64_t out = 0;
  uint64_t seed = 5;
  for (int round = 0; round < 3000; round++) {
    char piece[300];
    const size_t n = test_random(&seed) % sizeof piece;
    for (size_t i = 0; i < n; i++) {
      piece[i] = (char)(in++ % 251);
    }
    assert_status(stox_octets_put(&queue, &alloc, (stox_span){piece, n}), STOX_OK);
    const stox_span held = stox_octets_span(&queue);
    const size_t take = test_random(&seed) % (held.n + 1);
    for (size_t i = 0; i < take; i++) {
      assert_int_equal((unsigned char)held.p[i], out++ % 251);
    }
    stox_octets_take(&queue, take);
  }
  stox_octets_clear(&queue, &alloc);
  assert_int_equal(f.live, 0);
}

static void test_octets_without_memory(void **state) {
  (void)state;
  failing f = {2, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_octets queue = {NULL, 0, 0, 0};
  char big[4000] = {0};
  assert_status(stox_octets_put(&queue, &alloc, S("abc")), STOX_OK);
  assert_status(stox_octets_put(&queue, &alloc, (stox_span){big, sizeof big}), STOX_E_NOMEM);
  assert_span_equal(stox_octets_span(&queue), S("abc"));
  stox_octets_clear(&queue, &alloc);
  assert_int_equal(f.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_insert_find_remove),
                                     cmocka_unit_test(test_without_memory_it_works_on),
                                     cmocka_unit_test(test_hash), cmocka_unit_test(test_octets),
                                     cmocka_unit_test(test_octets_without_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
