/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "tables.h"

#include "stox/address_map.h"

/* One mapping with memory of its own, its input at a guard page. */
typedef struct fixture {
  char memory[16384];
  stox_arena arena;
  stox_map_options options;
  stox_map_result result;
  stox_diag diag;
} fixture;

static void open_fixture(fixture *f) {
  stox_arena_init(&f->arena, f->memory, sizeof f->memory, 0, NULL);
  assert_status(stox_map_options_init(&f->options, sizeof f->options), STOX_OK);
}

static int run(fixture *f, stox_span text, int to_jid) {
  guard g = guard_copy(text);
  stox_arena_reset(&f->arena);
  memset(&f->result, 0, sizeof f->result);
  f->diag = (stox_diag){0, 0, 0, NULL};
  const int status =
      to_jid ? stox_map_uri_to_jid(&f->result, &f->arena, g.span, &f->options, &f->diag)
             : stox_map_jid_to_uri(&f->result, &f->arena, g.span, &f->options, &f->diag);
  if (status == STOX_OK) {
    assert_null(f->diag.rule);
  } else {
    assert_int_equal(f->diag.code, status);
    assert_true(f->diag.offset <= text.n);
    assert_non_null(f->diag.rule);
  }
  guard_free(&g);
  return status;
}

/* What a mapping gives: its text, or `ERR:` and the name of the status. */
static void check(fixture *f, stox_span text, int to_jid, stox_span want) {
  char name[64];
  const int status = run(f, text, to_jid);
  stox_span got = f->result.text;
  if (status != STOX_OK) {
    (void)snprintf(name, sizeof name, "ERR:%s", stox_status_name(status));
    got = stox_span_text(name);
  }
  assert_span_equal(got, want);
}

/* ---- vectors ---- */

/* 7247-6.4-09 to 7247-6.4-11 and 7247-6.5-10 to 7247-6.5-12: the examples of the document. */
static void examples(void **state) {
  (void)state;
  static const char *const files[] = {"7247/6.5-xmpp-to-sip.tsv", "7247/6.4-sip-to-xmpp.tsv"};
  for (int to_jid = 0; to_jid < 2; to_jid++) {
    for (int mode = STOX_MAP_REVERSIBLE; mode <= STOX_MAP_RFC7247; mode++) {
      table t;
      fixture f;
      open_fixture(&f);
      f.options.mode = mode;
      assert_true(table_open(&t, STOX_TEST_VECTORS, files[to_jid]));
      assert_true(table_next(&t));
      while (table_next(&t)) {
        check(&f, t.field[0], to_jid, t.field[1]);
      }
      table_free(&t);
    }
  }
}

static void uri_to_jid_vectors(void **state) {
  (void)state;
  table t;
  fixture f;
  size_t n = 0;
  open_fixture(&f);
  f.options.profile = STOX_JID_NONE;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/derived-sip-to-xmpp.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    for (int mode = STOX_MAP_REVERSIBLE; mode <= STOX_MAP_RFC7247; mode++) {
      f.options.mode = mode;
      check(&f, t.field[0], 1, t.field[1 + mode]);
    }
    const int temporary = stox_span_is_equal(t.field[3], S("yes"));
    assert_int_equal((f.result.dropped & STOX_DROPPED_TEMP_GRUU) != 0, temporary);
  }
  assert_int_equal(n, 37);
  table_free(&t);
}

static void jid_to_uri_vectors(void **state) {
  (void)state;
  table t;
  fixture f;
  size_t n = 0;
  open_fixture(&f);
  f.options.profile = STOX_JID_NONE;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/derived-xmpp-to-sip.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    f.options.scheme = STOX_SCHEME_SIP;
    f.options.mode = STOX_MAP_REVERSIBLE;
    check(&f, t.field[0], 0, t.field[1]);
    f.options.mode = STOX_MAP_RFC7247;
    check(&f, t.field[0], 0, t.field[2]);
    f.options.scheme = STOX_SCHEME_IM;
    f.options.mode = STOX_MAP_REVERSIBLE;
    f.options.im_chars = STOX_MAP_IM_SAFE;
    check(&f, t.field[0], 0, t.field[3]);
    f.options.im_chars = STOX_MAP_IM_RFC;
    check(&f, t.field[0], 0, t.field[4]);
    f.options.im_chars = STOX_MAP_IM_SAFE;
  }
  assert_int_equal(n, 23);
  table_free(&t);
}

static int is_allowed(stox_span cell) {
  return stox_span_is_equal(cell, S("A"));
}

/* 7247-6.1-08, 7247-6.2-08 to 7247-6.2-13: each character of Table 1, both ways. */
static void check_character(fixture *f, const table *t) {
  char jid[16];
  char uri[24];
  const char *c = t->field[1].p;
  const stox_span pct = t->field[5];
  const stox_span sequence = t->field[6];
  const int in_jid = is_allowed(t->field[4]);
  /* As a localpart, escaped where it must be, to each side. */
  const int n = in_jid ? snprintf(jid, sizeof jid, "a%cb@x.example", *c)
                       : snprintf(jid, sizeof jid, "a%.*sb@x.example", 3, sequence.p);
  for (int scheme = STOX_SCHEME_SIP; scheme <= STOX_SCHEME_PRES; scheme++) {
    static const char *const names[] = {"", "sip", "sips", "im", "pres"};
    const int sip = scheme == STOX_SCHEME_SIP || scheme == STOX_SCHEME_SIPS;
    for (int im = STOX_MAP_IM_SAFE; im <= STOX_MAP_IM_RFC; im++) {
      const int risky = *c == '#' || *c == '%' || *c == '?' || *c == '^' || *c == '`' ||
                        *c == '{' || *c == '|' || *c == '}';
      const int kept = sip ? is_allowed(t->field[2])
                           : is_allowed(t->field[3]) && !(risky && im == STOX_MAP_IM_SAFE);
      f->options.scheme = scheme;
      f->options.im_chars = im;
      const int m = kept
                        ? snprintf(uri, sizeof uri, "%s:a%cb@x.example", names[scheme], *c)
                        : snprintf(uri, sizeof uri, "%s:a%.*sb@x.example", names[scheme], 3, pct.p);
      check(f, (stox_span){jid, (size_t)n}, 0, (stox_span){uri, (size_t)m});
    }
  }
  /* Back from its escape. */
  (void)snprintf(uri, sizeof uri, "sip:a%.*sb@x.example", 3, pct.p);
  check(f, stox_span_text(uri), 1, (stox_span){jid, (size_t)n});
}

static void table1(void **state) {
  (void)state;
  table t;
  fixture f;
  size_t n = 0;
  open_fixture(&f);
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/table1-matrix.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    check_character(&f, &t);
  }
  assert_int_equal(n, 32);
  table_free(&t);
}

/* ---- rows ---- */

typedef struct row {
  stox_span from;
  stox_span want;
  uint32_t dropped;
} row;

static void check_rows(fixture *f, const row *rows, size_t n, int to_jid) {
  for (size_t i = 0; i < n; i++) {
    check(f, rows[i].from, to_jid, rows[i].want);
    assert_int_equal(f->result.dropped, rows[i].dropped);
  }
}

static const row to_jid_rows[] = {
    {ROW("sip:Romeo@Example.NET"), ROW("romeo@example.net"), 0},
    {ROW("sips:romeo@example.net"), ROW("romeo@example.net"), 0},
    {ROW("pres:romeo@example.net"), ROW("romeo@example.net"), 0},
    {ROW("im:ro.meo@example.net"), ROW("ro.meo@example.net"), 0},
    {ROW("sip:example.net"), ROW("example.net"), 0},
    {ROW("sip:example.net;gr=a"), ROW("example.net/a"), 0},
    {ROW("sip:a@example.net."), ROW("a@example.net"), 0},
    {ROW("sip:a@[2001:DB8::1]:5060"), ROW("a@[2001:db8::1]"), STOX_DROPPED_PORT},
    {ROW("sip:a@192.0.2.1"), ROW("a@192.0.2.1"), 0},
    {ROW("sip:a@xn--bcher-kva.example"),
     ROW("a@b\xC3\xBC"
         "cher.example"),
     0},
    {ROW("sip:foo:pw@sip.example:5070;transport=tcp;gr=bar?Subject=x"), ROW("foo@sip.example/bar"),
     STOX_DROPPED_PASSWORD | STOX_DROPPED_PORT | STOX_DROPPED_PARAMS | STOX_DROPPED_HEADERS},
    {ROW("im:a@x.example?subject=y"), ROW("a@x.example"), STOX_DROPPED_HEADERS},
    /* Both kinds of GRUU that name no device to a stranger */
    {ROW("sip:t7hs==jd7@example.com;gr"), ROW("t7hs==jd7@example.com"), STOX_DROPPED_TEMP_GRUU},
    {ROW("sip:a@x.example;gruu;opaque=u"), ROW("a@x.example"), STOX_DROPPED_DRAFT_GRUU},
    {ROW("sip:a@x.example;OPAQUE=u;user=phone"), ROW("a@x.example"),
     STOX_DROPPED_DRAFT_GRUU | STOX_DROPPED_PARAMS},
    {ROW("sip:a@x.example;gr="), ROW("ERR:BAD_PARAM"), 0},
    {ROW("sip:a@x.example;gr=a;gr=b"), ROW("ERR:BAD_PARAM"), 0},
    {ROW("sip:a@x.example;gr=a;GR"), ROW("ERR:BAD_PARAM"), 0},
    {ROW("sip:a@x.example;gr=a%00b"), ROW("ERR:CTRL"), 0},
    {ROW("sip:a@x.example;gr=a%0Ab"), ROW("ERR:CTRL"), 0},
    {ROW("sip:a@x.example;gr=%FF"), ROW("ERR:BAD_UTF8"), 0},
    {ROW("sip:a@x.example;gr=%20A/@%40"), ROW("ERR:BAD_URI"), 0},
    {ROW("sip:a@x.example;gr=%20A/%40"), ROW("a@x.example/ A/@"), 0},
    {ROW("sip:a@x.example;gr=%C2%AA"), ROW("a@x.example/a"), 0},
    /* Case is folded before the escape: afterwards \2F would have become a slash. */
    {ROW("sip:a%5C2Fb@x.example"), ROW("a\\5c2fb@x.example"), 0},
    {ROW("sip:a%5C2fb@x.example"), ROW("a\\5c2fb@x.example"), 0},
    {ROW("sip:a/b@x.example"), ROW("a\\2fb@x.example"), 0},
    /* So do a wide backslash, a wide digit, and a hyphen that is nothing. */
    {ROW("sip:a%EF%BC%BC26b@x.example"), ROW("ERR:AMBIGUOUS"), 0},
    {ROW("sip:a%5C%EF%BC%926b@x.example"), ROW("ERR:AMBIGUOUS"), 0},
    {ROW("sip:a%5C2%C2%AD6b@x.example"), ROW("ERR:AMBIGUOUS"), 0},
    {ROW("sip:%C2%AD%20b@x.example"), ROW("ERR:AMBIGUOUS"), 0},
    {ROW("sip:a%5C%C2%AD5cb@x.example"), ROW("ERR:AMBIGUOUS"), 0},
    {ROW("sip:a%5C26%C3%9C@x.example"), ROW("a\\5c26\xC3\xBC@x.example"), 0},
    /* What becomes a separator when it is prepared */
    {ROW("sip:a%EF%B9%ABb@x.example"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("sip:a%EF%BC%86b@x.example"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("sip:a%C2%A0@x.example"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("sip:%C2%AD@x.example"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("sip:a%C2%85b@x.example"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("sip:a%7Fb@x.example"), ROW("ERR:CTRL"), 0},
    {ROW("sip:a%0D%0Ab@x.example"), ROW("ERR:CTRL"), 0},
    {ROW("sip:a%01b%C3@x.example"), ROW("ERR:BAD_UTF8"), 0},
    {ROW("sip:a%01b%C3%BC@x.example"), ROW("ERR:CTRL"), 0},
    {ROW("sip:a%20@x.example"), ROW("ERR:ESCAPED_SPACE_AT_END"), 0},
    {ROW("sip:a%ED%A0%80@x.example"), ROW("ERR:BAD_UTF8"), 0},
    {ROW("sip:f\xC3\xBC@x.example"), ROW("ERR:BAD_URI"), 0},
    {ROW("sip:a%zz@x.example"), ROW("ERR:BAD_PCT"), 0},
    {ROW("sip:a@1.2.3"), ROW("ERR:BAD_HOST"), 0},
    {ROW("sip:a@x.example:99999"), ROW("ERR:BAD_PORT"), 0},
    {ROW("im:a..b@x.example"), ROW("ERR:BAD_URI"), 0},
    {ROW("im:a(b@x.example"), ROW("ERR:BAD_URI"), 0},
    {ROW("tel:"), ROW("ERR:UNSUPPORTED_SCHEME"), 0},
    {ROW("TEL:+1"), ROW("ERR:UNSUPPORTED_SCHEME"), 0},
    {ROW("http://x.example/"), ROW("ERR:UNSUPPORTED_SCHEME"), 0},
    {ROW("romeo@example.net"), ROW("ERR:BAD_URI"), 0},
    {ROW(""), ROW("ERR:BAD_URI"), 0},
    {ROW("sip:"), ROW("ERR:BAD_HOST"), 0},
};

static void uri_to_jid(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  check_rows(&f, to_jid_rows, COUNT(to_jid_rows), 1);
}

static const row to_uri_rows[] = {
    {ROW("Baz@XMPP.example/Qux"), ROW("sip:baz@xmpp.example;gr=Qux"), 0},
    {ROW("juliet@b\xC3\xBC"
         "cher.example"),
     ROW("sip:juliet@xn--bcher-kva.example"), 0},
    {ROW("a@[2001:DB8::1]"), ROW("sip:a@[2001:db8::1]"), 0},
    {ROW("a@[fe80::1%25eth0]"), ROW("ERR:ZONE_ID"), 0},
    {ROW("a@my_host.example"), ROW("ERR:BAD_DOMAIN"), 0},
    {ROW("a@x.example/\xE2\x99\x9A;=@ \""), ROW("sip:a@x.example;gr=%E2%99%9A%3B%3D%40%20%22"), 0},
    {ROW("A\\2Fb@x.example"), ROW("sip:a/b@x.example"), 0},
    {ROW("a\\5cb@x.example"), ROW("ERR:NONCANONICAL"), 0},
    {ROW("a\\20@x.example"), ROW("ERR:NONCANONICAL"), 0},
    {ROW("a\"b@x.example"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("xmpp:juliet@example.com"), ROW("ERR:BAD_LOCALPART"), 0},
    {ROW("@x.example"), ROW("ERR:BAD_JID"), 0},
    {ROW("a@b@c"), ROW("ERR:BAD_JID"), 0},
    {ROW("a@x.example/"), ROW("ERR:BAD_JID"), 0},
    {ROW("a\x01@x.example"), ROW("ERR:CTRL"), 0},
    {ROW("a\0@x.example"), ROW("ERR:CTRL"), 0},
    {ROW("a\xC3@x.example"), ROW("ERR:BAD_UTF8"), 0},
    {ROW(""), ROW("ERR:BAD_JID"), 0},
};

static void jid_to_uri(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  check_rows(&f, to_uri_rows, COUNT(to_uri_rows), 0);
  /* 7247-6.5-09: the resourcepart is optional, and im has no place for it. */
  static const row dropped[] = {
      {ROW("baz@x.example/qux"), ROW("sip:baz@x.example"), STOX_DROPPED_RESOURCE},
      {ROW("baz@x.example"), ROW("sip:baz@x.example"), 0},
  };
  f.options.resource = STOX_MAP_RESOURCE_DROP;
  check_rows(&f, dropped, COUNT(dropped), 0);
  check(&f, S("sip:a@x.example;gr=b"), 1, S("a@x.example"));
  assert_int_equal(f.result.dropped, STOX_DROPPED_RESOURCE);
  f.options.resource = STOX_MAP_RESOURCE_KEEP;
  static const row im[] = {
      {ROW("baz@x.example/qux"), ROW("im:baz@x.example"), STOX_DROPPED_RESOURCE}};
  f.options.scheme = STOX_SCHEME_IM;
  check_rows(&f, im, COUNT(im), 0);
}

/* Mode rfc7247: three sequences; what needs another, or would be taken for one, is refused. */
static void narrow(void **state) {
  (void)state;
  static const row jids[] = {
      {ROW("sip:a%5C26b@x.example"), ROW("ERR:AMBIGUOUS"), 0},
      {ROW("sip:a%5C2Fb@x.example"), ROW("ERR:AMBIGUOUS"), 0},
      {ROW("sip:a%5C%EF%BC%926b@x.example"), ROW("ERR:AMBIGUOUS"), 0},
      {ROW("sip:a%5C20b@x.example"), ROW("a\\20b@x.example"), 0},
      {ROW("sip:a%40b@x.example"), ROW("ERR:UNMAPPABLE"), 0},
      {ROW("sip:a%20b@x.example"), ROW("ERR:UNMAPPABLE"), 0},
      {ROW("sip:a&%C3%9C@x.example"), ROW("a\\26\xC3\xBC@x.example"), 0},
  };
  static const row uris[] = {
      {ROW("a\\20b@x.example"), ROW("sip:a%5C20b@x.example"), 0},
      {ROW("a\\26b@x.example"), ROW("sip:a&b@x.example"), 0},
      {ROW("a\\5c26b@x.example"), ROW("sip:a%5C5c26b@x.example"), 0},
  };
  fixture f;
  open_fixture(&f);
  f.options.mode = STOX_MAP_RFC7247;
  check_rows(&f, jids, COUNT(jids), 1);
  check_rows(&f, uris, COUNT(uris), 0);
  f.options.profile = STOX_JID_NONE;
  check(&f, S("a&b@x.example"), 0, S("ERR:BAD_LOCALPART"));
}

/* 7247-6.4-03: lenient keeps a stray `%` and what phones send raw. */
static void lenient(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  f.options.lenient = 1;
  check(&f, S("sip:50%@x.example"), 1, S("50%@x.example"));
  check(&f, S("sip:5%4@x.example"), 1, S("5%4@x.example"));
  check(&f, S("sip:f\xC3\xBC@x.example"), 1, S("f\xC3\xBC@x.example"));
  check(&f, S("sip:f\xC3@x.example"), 1, S("ERR:BAD_UTF8"));
  check(&f, S("sip:a@x.example;gr="), 1, S("ERR:BAD_PARAM"));
  check(&f, S("sip:a@x.example;gr=a;gr=b"), 1, S("ERR:BAD_PARAM"));
  check(&f, S("a\\5cb@x.example"), 0, S("sip:a%5Cb@x.example"));
}

/* ---- gr behind the brackets ---- */

static void gr_outside(void **state) {
  (void)state;
  static const struct {
    stox_span uri;
    stox_param gr;
    stox_span want;
    uint32_t dropped;
  } rows[] = {
      {ROW("sip:a@x.example"), {ROW("gr"), ROW("bar")}, ROW("a@x.example/bar"), 0},
      {ROW("sip:a@x.example"), {ROW("gr"), ROW("b%C3%BC")}, ROW("a@x.example/b\xC3\xBC"), 0},
      {ROW("sip:a@x.example"), {ROW("gr"), {NULL, 0}}, ROW("a@x.example"), STOX_DROPPED_TEMP_GRUU},
      {ROW("sip:a@x.example"), {ROW("gr"), ROW("")}, ROW("ERR:BAD_PARAM"), 0},
      {ROW("sip:a@x.example"), {ROW("gr"), ROW("%01")}, ROW("ERR:CTRL"), 0},
      {ROW("sip:a@x.example;gr=b"), {ROW("gr"), ROW("b")}, ROW("ERR:BAD_PARAM"), 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    fixture f;
    char name[64];
    open_fixture(&f);
    memset(&f.result, 0, sizeof f.result);
    const int status =
        stox_map_contact_to_jid(&f.result, &f.arena, rows[i].uri, &rows[i].gr, NULL, &f.diag);
    (void)snprintf(name, sizeof name, "ERR:%s", stox_status_name(status));
    assert_span_equal(status == STOX_OK ? f.result.text : stox_span_text(name), rows[i].want);
    assert_int_equal(f.result.dropped, rows[i].dropped);
    assert_true(status == STOX_OK || f.diag.offset <= rows[i].uri.n);
  }
}

/* ---- results ---- */

static void parts_of_the_result(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  assert_status(run(&f, S("SIPS:O'Malley@Sip.Example;gr=Bar"), 1), STOX_OK);
  const stox_map_result r = f.result;
  assert_int_equal(r.scheme, STOX_SCHEME_SIPS);
  assert_span_equal(r.jid.localpart, S("o\\27malley"));
  assert_span_equal(r.jid.domainpart, S("sip.example"));
  assert_span_equal(r.jid.resourcepart, S("Bar"));
  assert_ptr_equal(r.jid.localpart.p, r.text.p);
  assert_ptr_equal(r.jid.resourcepart.p + 3, r.text.p + r.text.n);
  assert_status(run(&f, S("sip:x.example"), 1), STOX_OK);
  assert_null(f.result.jid.localpart.p);
  assert_null(f.result.jid.resourcepart.p);
}

static void where_it_broke(void **state) {
  (void)state;
  static const struct {
    stox_span uri;
    size_t offset;
    int answer;
  } rows[] = {
      {ROW("tel:+1"), 0, 416},
      {ROW("http://x"), 0, 416},
      {ROW("sip:a%00b@x.example"), 5, 404},
      {ROW("sip:%41%42%C3b@x.example"), 10, 404},
      {ROW("sip:a@x.example;gr=a%07"), 20, 404},
      {ROW("sip:a@xn--a.example"), 6, 404},
      {ROW("sip:a%20@x.example"), 4, 404},
      {ROW("sip:a%zz@x.example"), 5, 400},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    fixture f;
    open_fixture(&f);
    assert_true(run(&f, rows[i].uri, 1) != STOX_OK);
    assert_int_equal(f.diag.offset, rows[i].offset);
    assert_int_equal(f.diag.answer, rows[i].answer);
    /* A diagnosis is not needed. */
    const int status = stox_map_uri_to_jid(&f.result, &f.arena, rows[i].uri, &f.options, NULL);
    assert_int_equal(status, f.diag.code);
  }
}

/* ---- lengths ---- */

static void check_length(fixture *f, const char *unit, size_t count, int to_jid, int status) {
  char text[8192];
  size_t n = (size_t)snprintf(text, sizeof text, to_jid ? "sip:" : "%s", "");
  for (size_t i = 0; i < count; i++) {
    n += (size_t)snprintf(text + n, sizeof text - n, "%s", unit);
  }
  n += (size_t)snprintf(text + n, sizeof text - n, "@x.example");
  assert_status(run(f, (stox_span){text, n}, to_jid), status);
}

static void lengths(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  check_length(&f, "a", 1023, 1, STOX_OK);
  check_length(&f, "a", 1024, 1, STOX_E_TOO_LONG);
  check_length(&f, "%61", 1023, 1, STOX_OK);
  check_length(&f, "%61", 1024, 1, STOX_E_TOO_LONG);
  check_length(&f, "&", 341, 1, STOX_OK);
  check_length(&f, "&", 342, 1, STOX_E_TOO_LONG);
  check_length(&f, "%C3%BC", 511, 1, STOX_OK);
  check_length(&f, "%C3%BC", 512, 1, STOX_E_TOO_LONG);
  check_length(&f, "a", 1023, 0, STOX_OK);
  check_length(&f, "a", 1024, 0, STOX_E_TOO_LONG);
  check_length(&f, "#", 1023, 0, STOX_OK);
  assert_int_equal(f.result.text.n, 4 + 3 * 1023 + 10);

  char *big = malloc(1 << 16);
  assert_non_null(big);
  memset(big, 'a', 1 << 16);
  memcpy(big, "sip:", 4);
  memcpy(big + (1 << 16) - 10, "@x.example", 10);
  assert_status(run(&f, (stox_span){big, 1 << 16}, 1), STOX_E_TOO_LONG);
  assert_status(run(&f, (stox_span){big, 1 << 16}, 0), STOX_E_TOO_LONG);
  free(big);
}

/* ---- callbacks ---- */

static int other_domains(void *ud, stox_buf *out, stox_span host, int to_xmpp) {
  const int *status = ud;
  if (stox_span_is_equal(host, to_xmpp ? S("sip.example") : S("im.example"))) {
    stox_buf_put(out, to_xmpp ? S("IM.example") : S("sip.example"));
    return *status;
  }
  stox_buf_put(out, S("rest of a failed attempt"));
  return STOX_E_NONE;
}

static int no_cyrillic(void *ud, const stox_jid *jid) {
  (void)ud;
  return stox_span_find(jid->localpart, '\xD0') < jid->localpart.n ? STOX_E_AUTH : STOX_OK;
}

/* 7247-6.1-06: the host's table of domains; 7247-8-07: its view of confusable characters. */
static void callbacks(void **state) {
  (void)state;
  fixture f;
  int status = STOX_OK;
  open_fixture(&f);
  f.options.ud = &status;
  f.options.domain = other_domains;
  check(&f, S("sip:a@sip.example"), 1, S("a@im.example"));
  check(&f, S("a@im.example"), 0, S("sip:a@sip.example"));
  check(&f, S("sip:a@other.example"), 1, S("a@other.example"));
  status = STOX_E_UNKNOWN_DOMAIN;
  check(&f, S("sip:a@sip.example"), 1, S("ERR:UNKNOWN_DOMAIN"));
  check(&f, S("a@im.example"), 0, S("ERR:UNKNOWN_DOMAIN"));
  f.options.domain = NULL;
  f.options.confusable = no_cyrillic;
  check(&f, S("sip:r%D0%BEmeo@x.example"), 1, S("ERR:AUTH"));
  check(&f, S("r\xD0\xBEmeo@x.example"), 0, S("ERR:AUTH"));
  check(&f, S("sip:romeo@x.example"), 1, S("romeo@x.example"));
  f.options.confusable = NULL;
  /* Nothing is turned into what it looks like. */
  check(&f, S("sip:o%CA%BCmalley@x.example"), 1, S("o\xCA\xBCmalley@x.example"));
}

static void bad_options(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  stox_map_options wrong[6];
  for (size_t i = 0; i < COUNT(wrong); i++) {
    wrong[i] = f.options;
  }
  wrong[0].mode = 2;
  wrong[1].scheme = STOX_SCHEME_TEL;
  wrong[2].resource = -1;
  wrong[3].im_chars = 2;
  wrong[4].profile = 7;
  wrong[5].size = 1;
  for (size_t i = 0; i < COUNT(wrong); i++) {
    assert_status(stox_map_uri_to_jid(&f.result, &f.arena, S("sip:a.b"), &wrong[i], NULL),
                  STOX_E_ARG);
    assert_status(stox_map_jid_to_uri(&f.result, &f.arena, S("a.b"), &wrong[i], NULL), STOX_E_ARG);
  }
  /* A caller's build that knew the first options only */
  stox_map_options old = f.options;
  old.size = offsetof(stox_map_options, im_chars);
  old.confusable = no_cyrillic;
  assert_status(stox_map_uri_to_jid(&f.result, &f.arena, S("sip:%D0%BE@a.b"), &old, NULL), STOX_OK);
  assert_status(stox_map_options_init(&old, 1), STOX_E_ARG);
}

/* 7247-6.5-08 */
static void schemes(void **state) {
  (void)state;
  enum { IM = STOX_MAP_SUPPORTS_IM, PRES = STOX_MAP_SUPPORTS_PRES };
  static const int rows[][4] = {
      {STOX_MAP_KIND_MESSAGE, IM, 0, STOX_SCHEME_IM},
      {STOX_MAP_KIND_MESSAGE, IM | PRES, 1, STOX_SCHEME_IM},
      {STOX_MAP_KIND_MESSAGE, PRES, 0, STOX_SCHEME_SIP},
      {STOX_MAP_KIND_MESSAGE, 0, 1, STOX_SCHEME_SIPS},
      {STOX_MAP_KIND_PRESENCE, PRES, 0, STOX_SCHEME_PRES},
      {STOX_MAP_KIND_PRESENCE, IM, 0, STOX_SCHEME_SIP},
      {STOX_MAP_KIND_OTHER, IM | PRES, 0, STOX_SCHEME_SIP},
      {STOX_MAP_KIND_OTHER, IM | PRES, 1, STOX_SCHEME_SIPS},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_map_scheme(rows[i][0], rows[i][1], rows[i][2]), rows[i][3]);
  }
}

/* ---- memory ---- */

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    int to_jid;
  } rows[] = {
      {ROW("sip:O'Malley%C3%BC@xn--bcher-kva.example;gr=caf%C3%A9"), 1},
      {ROW("sip:a@x.example"), 1},
      {ROW("O\\27malley\xC3\xBC@B\xC3\xBC"
           "cher.example/caf\xC3\xA9"),
       0},
      {ROW("A@x.example/r"), 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    int status = STOX_E_NOMEM;
    for (size_t room = 0; status == STOX_E_NOMEM; room++) {
      fixture f;
      open_fixture(&f);
      stox_arena_init(&f.arena, f.memory, room, 0, NULL);
      status = run(&f, rows[i].text, rows[i].to_jid);
      assert_true(room < 4096);
    }
    assert_status(status, STOX_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(examples),
      cmocka_unit_test(uri_to_jid_vectors),
      cmocka_unit_test(jid_to_uri_vectors),
      cmocka_unit_test(table1),
      cmocka_unit_test(uri_to_jid),
      cmocka_unit_test(jid_to_uri),
      cmocka_unit_test(narrow),
      cmocka_unit_test(lenient),
      cmocka_unit_test(gr_outside),
      cmocka_unit_test(parts_of_the_result),
      cmocka_unit_test(where_it_broke),
      cmocka_unit_test(lengths),
      cmocka_unit_test(callbacks),
      cmocka_unit_test(bad_options),
      cmocka_unit_test(schemes),
      cmocka_unit_test(memory_runs_out_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
