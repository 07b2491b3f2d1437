/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "support.h"

#include "stox/location.h"

static const uint64_t second_ns = UINT64_C(1000000000);

enum { SIP = STOX_PROTOCOL_SIP, XMPP = STOX_PROTOCOL_XMPP };

typedef struct fixture {
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  stox_locations *obj;
} fixture;

static int open_table(fixture *f, uint32_t max, size_t fail_at) {
  stox_locations_options options;
  *f = (fixture){.memory = {fail_at, 0, 0}, .seed = 3};
  f->alloc = failing_allocator(&f->memory);
  f->random = (stox_random){sizeof f->random, &f->seed, test_fill};
  assert_status(stox_locations_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &f->alloc;
  options.random = &f->random;
  options.max = max;
  return stox_locations_new(&f->obj, &options);
}

static void close_table(fixture *f) {
  stox_locations_del(f->obj);
  assert_int_equal(f->memory.live, 0);
}

static int put(fixture *f, const char *domain, int side, uint32_t ttl_s, uint64_t now_ns) {
  const stox_location_key key = {stox_span_text(domain), side, 0};
  const stox_location places[] = {
      {.protocol = side, .port = 1, .ttl_s = ttl_s, .target = S("one.example")},
      {.protocol = side, .port = 2, .ttl_s = ttl_s},
  };
  return stox_locations_insert(f->obj, &key, places, 2, now_ns);
}

static int get(const fixture *f, const char *domain, int side, uint64_t now_ns) {
  const stox_location_key key = {stox_span_text(domain), side, 0};
  const stox_location *places = NULL;
  size_t n = 0;
  const int status = stox_locations_find(&places, &n, f->obj, &key, now_ns);
  if (status == STOX_OK) {
    assert_true(n > 0);
    assert_true(places[0].source == STOX_LOCATED_CACHE || places[0].source == STOX_LOCATED_STATIC);
  }
  return status;
}

static void kept_for_its_time(void **state) {
  (void)state;
  fixture f;
  const stox_location *places = NULL;
  size_t n = 0;
  assert_status(open_table(&f, 10, 0), STOX_OK);
  assert_status(put(&f, "a.example", XMPP, 5, 100), STOX_OK);
  const stox_location_key key = {S("A.EXAMPLE."), XMPP, 0};
  assert_status(stox_locations_find(&places, &n, f.obj, &key, 100), STOX_OK);
  assert_int_equal(n, 2);
  assert_span_equal(places[0].target, S("one.example"));
  assert_null(places[1].target.p);
  assert_int_equal(places[1].port, 2);
  assert_status(get(&f, "a.example", XMPP, 100 + 5 * second_ns - 1), STOX_OK);
  assert_status(get(&f, "a.example", XMPP, 100 + 5 * second_ns), STOX_E_NONE);
  /* Each side, and each demand for TLS, has its own. */
  const stox_location_key secure = {S("a.example"), XMPP, 1};
  assert_status(get(&f, "a.example", SIP, 100), STOX_E_NONE);
  assert_status(stox_locations_find(&places, &n, f.obj, &secure, 100), STOX_E_NONE);
  assert_int_equal(stox_locations_expire(f.obj, 100), 0);
  assert_int_equal(stox_locations_expire(f.obj, 100 + 5 * second_ns), 1);
  /* No time, no entry, and what was there goes. */
  assert_status(put(&f, "a.example", XMPP, 5, 100), STOX_OK);
  assert_status(put(&f, "a.example", XMPP, 0, 100), STOX_OK);
  assert_status(get(&f, "a.example", XMPP, 100), STOX_E_NONE);
  /* A clock near its end. */
  assert_status(put(&f, "a.example", XMPP, UINT32_MAX, UINT64_MAX - 5), STOX_OK);
  assert_status(get(&f, "a.example", XMPP, UINT64_MAX - 1), STOX_OK);
  close_table(&f);
}

static void oldest_makes_room(void **state) {
  (void)state;
  static const char *const names[] = {"a.x", "b.x", "c.x", "d.x", "e.x"};
  fixture f;
  assert_status(open_table(&f, 3, 0), STOX_OK);
  const stox_location fixed = {.protocol = SIP};
  assert_status(stox_locations_set(f.obj, S("fixed.x"), &fixed), STOX_OK);
  for (size_t i = 0; i < COUNT(names); i++) {
    assert_status(put(&f, names[i], SIP, 60, 0), STOX_OK);
    assert_status(put(&f, names[i], SIP, 60, 0), STOX_OK);
  }
  for (size_t i = 0; i < COUNT(names); i++) {
    assert_status(get(&f, names[i], SIP, 0), i < 2 ? STOX_E_NONE : STOX_OK);
  }
  assert_status(get(&f, "fixed.x", XMPP, UINT64_MAX), STOX_OK);
  stox_locations_flush(f.obj, S("d.x"));
  assert_status(get(&f, "d.x", SIP, 0), STOX_E_NONE);
  assert_status(get(&f, "e.x", SIP, 0), STOX_OK);
  stox_locations_flush(f.obj, S("not a domain"));
  assert_status(get(&f, "e.x", SIP, 0), STOX_OK);
  stox_locations_flush(f.obj, (stox_span){NULL, 0});
  assert_status(get(&f, "c.x", SIP, 0), STOX_E_NONE);
  assert_status(get(&f, "fixed.x", SIP, 0), STOX_OK);
  assert_status(put(&f, "fixed.x", SIP, 60, 0), STOX_OK);
  stox_locations_flush(f.obj, (stox_span){NULL, 0});
  assert_status(stox_locations_set(f.obj, S("fixed.x"), NULL), STOX_OK);
  assert_status(stox_locations_set(f.obj, S("fixed.x"), NULL), STOX_OK);
  assert_status(get(&f, "fixed.x", SIP, 0), STOX_E_NONE);
  close_table(&f);
}

static void refused(void **state) {
  (void)state;
  fixture f;
  stox_location places[STOX_LOCATIONS_MAX + 1] = {{.ttl_s = 1}};
  stox_location_key key = {S("a.x"), SIP, 0};
  const stox_location *found = NULL;
  size_t n = 0;
  char wide[254];
  assert_status(open_table(&f, 3, 0), STOX_OK);
  assert_status(stox_locations_insert(f.obj, &key, places, 0, 0), STOX_E_ARG);
  assert_status(stox_locations_insert(f.obj, &key, places, COUNT(places), 0), STOX_E_ARG);
  assert_status(stox_locations_insert(f.obj, &key, places, COUNT(places) - 1, 0), STOX_OK);
  memset(wide, 'a', sizeof wide);
  places[0].target = (stox_span){wide, 253};
  assert_status(stox_locations_insert(f.obj, &key, places, 1, 0), STOX_OK);
  places[0].target = (stox_span){wide, 254};
  assert_status(stox_locations_insert(f.obj, &key, places, 1, 0), STOX_E_ARG);
  assert_status(stox_locations_set(f.obj, S("a.x"), places), STOX_E_BAD_DOMAIN);
  assert_status(stox_locations_set(f.obj, S("a x"), NULL), STOX_E_BAD_DOMAIN);
  key.domain = S("a..x");
  assert_status(stox_locations_insert(f.obj, &key, places, 1, 0), STOX_E_BAD_DOMAIN);
  assert_status(stox_locations_find(&found, &n, f.obj, &key, 0), STOX_E_BAD_DOMAIN);
  close_table(&f);
  stox_locations_del(NULL);
  stox_locations_options options;
  assert_status(stox_locations_options_init(&options, sizeof options), STOX_OK);
  assert_status(stox_locations_new(&f.obj, &options), STOX_E_ARG);
}

static void no_memory(void **state) {
  (void)state;
  int status = STOX_E_NOMEM;
  for (size_t fail_at = 1; status == STOX_E_NOMEM; fail_at++) {
    fixture f;
    const stox_location fixed = {.protocol = SIP};
    status = open_table(&f, 3, fail_at);
    if (status != STOX_OK) {
      continue;
    }
    status = put(&f, "a.x", SIP, 60, 0);
    const int set = stox_locations_set(f.obj, S("a.x"), &fixed);
    status = status == STOX_OK ? set : status;
    close_table(&f);
  }
  assert_status(status, STOX_OK);
}

/* A few thousand domains with hostile likeness: each is found, none is confused with another. */
static void many(void **state) {
  (void)state;
  fixture f;
  char name[32];
  assert_status(open_table(&f, 5000, 0), STOX_OK);
  for (int i = 0; i < 3000; i++) {
    (void)snprintf(name, sizeof name, "h%d.example", i);
    assert_status(put(&f, name, i % 2 ? SIP : XMPP, 60, 0), STOX_OK);
  }
  for (int i = 0; i < 3000; i++) {
    (void)snprintf(name, sizeof name, "h%d.example", i);
    assert_status(get(&f, name, SIP, 0), i % 2 ? STOX_OK : STOX_E_NONE);
  }
  assert_int_equal(stox_locations_expire(f.obj, UINT64_MAX), 3000);
  close_table(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kept_for_its_time),
      cmocka_unit_test(oldest_makes_room),
      cmocka_unit_test(refused),
      cmocka_unit_test(no_memory),
      cmocka_unit_test(many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
