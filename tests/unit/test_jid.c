/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "tables.h"
#include "unescape.h"
#include "writers.h"

#include "stox/jid.h"

#define ABSENT                                                                                     \
  { NULL, 0 }

typedef struct row {
  stox_span text;
  int status;
  size_t offset;
  stox_jid want;
} row;

static void check_parts(const stox_jid *got, const stox_jid *want) {
  assert_span_equal(got->localpart, want->localpart);
  assert_span_equal(got->domainpart, want->domainpart);
  assert_span_equal(got->resourcepart, want->resourcepart);
  assert_int_equal(got->localpart.p == NULL, want->localpart.p == NULL);
  assert_int_equal(got->resourcepart.p == NULL, want->resourcepart.p == NULL);
}

/* 7247-6.5-01: the first '/' before the first '@' (RFC 7622 3.2). */
static const row split[] = {
    {ROW("juliet@example.com"), 0, 0, {ROW("juliet"), ROW("example.com"), ABSENT}},
    {ROW("baz@xmpp.example/qux"), 0, 0, {ROW("baz"), ROW("xmpp.example"), ROW("qux")}},
    {ROW("example.com"), 0, 0, {ABSENT, ROW("example.com"), ABSENT}},
    {ROW("a.example.com/b@example.net"),
     0,
     0,
     {ABSENT, ROW("a.example.com"), ROW("b@example.net")}},
    {ROW("a@b/c@d/e"), 0, 0, {ROW("a"), ROW("b"), ROW("c@d/e")}},
    {ROW("a@b//"), 0, 0, {ROW("a"), ROW("b"), ROW("/")}},
    {ROW("a@b/ "), 0, 0, {ROW("a"), ROW("b"), ROW(" ")}},
    {ROW("\"@b"), 0, 0, {ROW("\""), ROW("b"), ABSENT}}, /* the profile's business */
    {ROW("f\xC3\xBC@b/\xE2\x99\x9A"), 0, 0, {ROW("f\xC3\xBC"), ROW("b"), ROW("\xE2\x99\x9A")}},
    {ROW("a\xEF\xB9\xAB"
         "b"),
     0,
     0,
     {ABSENT,
      ROW("a\xEF\xB9\xAB"
          "b"),
      ABSENT}},
    {ROW(""), STOX_E_BAD_JID, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("@"), STOX_E_BAD_JID, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("/"), STOX_E_BAD_JID, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("@/"), STOX_E_BAD_JID, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("@b"), STOX_E_BAD_JID, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@"), STOX_E_BAD_JID, 2, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@/r"), STOX_E_BAD_JID, 2, {ABSENT, ABSENT, ABSENT}},
    {ROW("/r"), STOX_E_BAD_JID, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("b/"), STOX_E_BAD_JID, 2, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@b/"), STOX_E_BAD_JID, 4, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@@b"), STOX_E_BAD_JID, 2, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@b@c"), STOX_E_BAD_JID, 3, {ABSENT, ABSENT, ABSENT}},
    {ROW("a\0@b"), STOX_E_CTRL, 1, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@b/eight octets\r\n"), STOX_E_CTRL, 16, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@b/\x7F"), STOX_E_CTRL, 4, {ABSENT, ABSENT, ABSENT}},
    {ROW("\x1F@b"), STOX_E_CTRL, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("f\xC3\xBC\t@b"), STOX_E_CTRL, 3, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@b/\xC3"), STOX_E_BAD_UTF8, 4, {ABSENT, ABSENT, ABSENT}},
    {ROW("\xC0\xAF@b"), STOX_E_BAD_UTF8, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("\n\xFF@b"), STOX_E_BAD_UTF8, 1, {ABSENT, ABSENT, ABSENT}},
};

static const stox_jid nobody = {{"x", 1}, {"y", 1}, {"z", 1}};

static void splits(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(split); i++) {
    const row *r = &split[i];
    guard g = guard_copy(r->text);
    stox_jid jid = nobody;
    stox_diag diag = {0, 0, 0, NULL};
    const int status = stox_jid_parse(&jid, g.span, &diag);
    if (status != r->status || diag.offset != r->offset) {
      fail_msg("%s: %s at %zu", r->text.p, stox_status_name(status), diag.offset);
    }
    check_parts(&jid, status == STOX_OK ? &r->want : &nobody);
    assert_status(stox_jid_parse(&jid, g.span, NULL), r->status);
    guard_free(&g);
  }
  stox_jid jid;
  assert_status(stox_jid_parse(&jid, (stox_span){NULL, 0}, NULL), STOX_E_BAD_JID);
}

/* Parses and prepares in one go. */
static int prepare(stox_jid *out, stox_arena *arena, stox_span text, int profile, stox_diag *diag) {
  stox_jid jid;
  const int status = stox_jid_parse(&jid, text, diag);
  return status == STOX_OK ? stox_jid_prepare(out, arena, &jid, profile, diag) : status;
}

static const row prepared[] = {
    {ROW("Romeo@Example.NET./Orchard"), 0, 0, {ROW("romeo"), ROW("example.net"), ROW("Orchard")}},
    {ROW("f\xC3\x9C@B\xC3\x9C"
         "cher.example"),
     0,
     0,
     {ROW("f\xC3\xBC"),
      ROW("b\xC3\xBC"
          "cher.example"),
      ABSENT}},
    {ROW("juliet@xn--bcher-kva.example"),
     0,
     0,
     {ROW("juliet"),
      ROW("b\xC3\xBC"
          "cher.example"),
      ABSENT}},
    {ROW("a@b/\xEF\xAC\x80 x"), 0, 0, {ROW("a"), ROW("b"), ROW("ff x")}},
    {ROW("a@[2001:DB8::1]/r"), 0, 0, {ROW("a"), ROW("[2001:db8::1]"), ROW("r")}},
    {ROW("a@[2001:db8:::192.0.2.1]"), STOX_E_BAD_DOMAIN, 2, {ABSENT, ABSENT, ABSENT}},
    {ROW("a@a_b.example"), 0, 0, {ROW("a"), ROW("a_b.example"), ABSENT}},
    {ROW("space\\20cadet@b"), 0, 0, {ROW("space\\20cadet"), ROW("b"), ABSENT}},
    {ROW("a b@c"), STOX_E_BAD_LOCALPART, 1, {ABSENT, ABSENT, ABSENT}},
    {ROW("<x>@c"), STOX_E_BAD_LOCALPART, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("a\xEF\xB9\xAB"
         "b@c"),
     STOX_E_BAD_LOCALPART,
     0,
     {ABSENT, ABSENT, ABSENT}},
    {ROW("\xC2\xAD@c"), STOX_E_BAD_LOCALPART, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("abc@d e"), STOX_E_BAD_DOMAIN, 5, {ABSENT, ABSENT, ABSENT}},
    {ROW("abc@d..e/r"), STOX_E_BAD_DOMAIN, 6, {ABSENT, ABSENT, ABSENT}},
    {ROW("abc@\xE2\x99\x9A.e"), STOX_E_BAD_DOMAIN, 4, {ABSENT, ABSENT, ABSENT}},
    {ROW("d\xEF\xBC\x8F/r"), STOX_E_BAD_DOMAIN, 0, {ABSENT, ABSENT, ABSENT}},
    {ROW("abc@::1"), STOX_E_BAD_DOMAIN, 4, {ABSENT, ABSENT, ABSENT}},
    {ROW("abc@d./\xE2\x80\xAE"), STOX_E_BAD_RESOURCE, 7, {ABSENT, ABSENT, ABSENT}},
    {ROW("d/\xC2\xAD"), STOX_E_BAD_RESOURCE, 2, {ABSENT, ABSENT, ABSENT}},
};

static void prepares(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(prepared); i++) {
    const row *r = &prepared[i];
    guard g = guard_copy(r->text);
    char room[256];
    stox_arena arena;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_jid jid = nobody;
    stox_diag diag = {0, 0, 0, NULL};
    const int status = prepare(&jid, &arena, g.span, STOX_JID_NODEPREP, &diag);
    if (status != r->status || diag.offset != r->offset) {
      fail_msg("%s: %s at %zu", r->text.p, stox_status_name(status), diag.offset);
    }
    check_parts(&jid, status == STOX_OK ? &r->want : &nobody);
    assert_status(prepare(&jid, &arena, g.span, STOX_JID_NODEPREP, NULL), r->status);
    guard_free(&g);
  }
}

/* 7247-6.2-07: a localpart holds any ASCII but space, controls and the eight. */
static void ascii_localparts(void **state) {
  (void)state;
  for (unsigned octet = 0; octet < 0x80; octet++) {
    const char text[3] = {'a', (char)octet, 'z'};
    const stox_jid jid = {{text, 3}, S("b"), ABSENT};
    char room[8];
    stox_arena arena;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_jid out;
    stox_diag diag = {0, 0, 99, NULL};
    const int status = stox_jid_prepare(&out, &arena, &jid, STOX_JID_NODEPREP, &diag);
    if (octet < 0x20 || octet == 0x7F) {
      assert_status(status, STOX_E_CTRL);
      assert_int_equal(diag.offset, 1);
    } else if (memchr(" \"&'/:<>@", (int)octet, 9) != NULL) {
      assert_status(status, STOX_E_BAD_LOCALPART);
      assert_int_equal(diag.offset, 1);
    } else {
      assert_status(status, STOX_OK);
    }
  }
}

/* 7247-6.4-06, 7247-6.5-02: preparation folds the localpart, and can be left off. */
static void profile_none(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW("Romeo@Example.net/R"), 0, 0, {ROW("Romeo"), ROW("Example.net"), ROW("R")}},
      {ROW("a b@\xE2\x99\x9A"), 0, 0, {ROW("a b"), ROW("\xE2\x99\x9A"), ABSENT}},
  };
  stox_arena none;
  stox_arena_init(&none, NULL, 0, 0, NULL);
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_jid jid;
    assert_status(prepare(&jid, &none, rows[i].text, STOX_JID_NONE, NULL), STOX_OK);
    check_parts(&jid, &rows[i].want);
  }
  static const struct {
    stox_jid jid;
    int status;
    size_t offset;
  } bad[] = {
      {{ROW("a@b"), ROW("c"), ABSENT}, STOX_E_BAD_JID, 1},
      {{ROW("a/b"), ROW("c"), ABSENT}, STOX_E_BAD_JID, 1},
      {{ROW("ab"), ROW("c/d"), ABSENT}, STOX_E_BAD_JID, 4},
      {{ROW("ab"), ROW("c@d"), ABSENT}, STOX_E_BAD_JID, 4},
      {{ROW("ab"), ROW("cd"), ROW("e\n")}, STOX_E_CTRL, 7},
      {{ROW("ab"), ROW("c\xFF"), ABSENT}, STOX_E_BAD_UTF8, 4},
      {{ROW(""), ROW("c"), ABSENT}, STOX_E_BAD_JID, 0},
      {{ABSENT, ABSENT, ABSENT}, STOX_E_BAD_JID, 0},
      {{ROW("ab"), ROW("c"), ROW("")}, STOX_E_BAD_JID, 5},
  };
  for (size_t i = 0; i < COUNT(bad); i++) {
    stox_jid jid = nobody;
    stox_diag diag = {0, 0, 99, NULL};
    assert_status(stox_jid_prepare(&jid, &none, &bad[i].jid, STOX_JID_NONE, &diag), bad[i].status);
    assert_status(stox_jid_prepare(&jid, &none, &bad[i].jid, STOX_JID_NONE, NULL), bad[i].status);
    assert_int_equal(diag.offset, bad[i].offset);
    check_parts(&jid, &nobody);
  }
  stox_jid jid;
  assert_status(stox_jid_prepare(&jid, &none, &nobody, STOX_JID_PRECIS + 1, NULL), STOX_E_ARG);
}

/* What does not change stays where it was, and takes no memory. */
static void views(void **state) {
  (void)state;
  static const stox_span texts[] = {
      ROW("juliet@example.com/balcony"),
      ROW("juliet@example.com./B"),
      ROW("192.0.2.1/R"),
      ROW("a@[::1]"),
      ROW("f\xC3\xBC@b\xC3\xBC.x/\xE2\x99\x9A"),
      ROW("a@r3---sn.example_1.x/ @/"),
  };
  stox_arena none;
  stox_arena_init(&none, NULL, 0, 0, NULL);
  for (size_t i = 0; i < COUNT(texts); i++) {
    stox_jid jid;
    stox_jid made;
    assert_status(stox_jid_parse(&jid, texts[i], NULL), STOX_OK);
    assert_status(stox_jid_prepare(&made, &none, &jid, STOX_JID_NODEPREP, NULL), STOX_OK);
    assert_ptr_equal(made.localpart.p, jid.localpart.p);
    assert_ptr_equal(made.domainpart.p, jid.domainpart.p);
    assert_ptr_equal(made.resourcepart.p, jid.resourcepart.p);
  }
  stox_jid made;
  stox_diag diag = {0, 0, 99, NULL};
  assert_status(prepare(&made, &none, S("a@B"), STOX_JID_NODEPREP, &diag), STOX_E_NOMEM);
  assert_int_equal(diag.offset, 2);
  assert_status(prepare(&made, &none, S("a@B"), STOX_JID_NODEPREP, NULL), STOX_E_NOMEM);
  assert_status(prepare(&made, &none, S("a@b/\xC2\xAA"), STOX_JID_NODEPREP, &diag), STOX_E_NOMEM);
  assert_int_equal(diag.offset, 4);
}

/* Every allocation of the arena fails once. */
static void memory(void **state) {
  (void)state;
  for (size_t fail_at = 1; fail_at <= 4; fail_at++) {
    failing f = {fail_at, 0, 0};
    const stox_allocator alloc = failing_allocator(&f);
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, &alloc);
    char text[2100];
    memset(text, 'A', sizeof text);
    text[1000] = '@';
    for (size_t i = 1050; i < 2000; i += 50) {
      text[i] = '.';
    }
    stox_jid jid = nobody;
    const int status = prepare(&jid, &arena, (stox_span){text, 2000}, STOX_JID_NODEPREP, NULL);
    assert_status(status, f.calls < fail_at ? STOX_OK : STOX_E_NOMEM);
    if (status != STOX_OK) {
      check_parts(&jid, &nobody);
    }
    stox_arena_clear(&arena);
    assert_int_equal(f.live, 0);
  }
}

/* Fills a part with `n` octets that do not change. */
static stox_span fill(char *room, size_t n, int domain) {
  for (size_t i = 0; i < n; i++) {
    room[i] = domain && i % 63 == 62 && i + 1 < n ? '.' : 'a';
  }
  return (stox_span){room, n};
}

/* Parts of 1,022, 1,023 and 1,024 octets, before preparation. */
static void limits(void **state) {
  (void)state;
  static char rooms[3][1024];
  char text[4000];
  for (unsigned code = 0; code < 27; code++) {
    const size_t n[3] = {1022 + code % 3, 1022 + code / 3 % 3, 1022 + code / 9};
    const stox_jid jid = {fill(rooms[0], n[0], 0), fill(rooms[1], n[1], 1),
                          fill(rooms[2], n[2], 0)};
    stox_buf out;
    stox_buf_init(&out, text, sizeof text);
    assert_status(stox_jid_write(&out, &jid), STOX_OK);
    const int want = n[0] > 1023 || n[1] > 1023 || n[2] > 1023 ? STOX_E_TOO_LONG : STOX_OK;
    const size_t start = n[0] > 1023 ? 0 : n[1] > 1023 ? n[0] + 1 : n[0] + n[1] + 2;
    for (int profile = STOX_JID_NODEPREP; profile <= STOX_JID_NONE; profile++) {
      stox_jid got;
      stox_diag diag = {0, 0, 99, NULL};
      assert_status(stox_jid_parse(&got, stox_buf_span(&out), &diag), want);
      assert_int_equal(diag.offset, want == STOX_OK ? 99 : start + 1023);
      stox_arena none;
      stox_arena_init(&none, NULL, 0, 0, NULL);
      diag.offset = 99;
      assert_status(stox_jid_prepare(&got, &none, &jid, profile, &diag), want);
      assert_int_equal(diag.offset, want == STOX_OK ? 99 : start + 1023);
    }
  }
}

/* A part that grows: U+1FB7 is 3 octets and becomes 5 in a localpart, U+FDFA becomes 33 in a
 * resource. */
static void limits_after(void **state) {
  (void)state;
  char text[1024];
  char room[4096];
  for (size_t tail = 2; tail <= 4; tail++) {
    for (size_t i = 0; i < 204; i++) {
      memcpy(text + 3 * i, "\xE1\xBE\xB7", 3);
    }
    memcpy(text + 612, "aaaa", 4);
    const stox_jid jid = {{text, 612 + tail}, S("b"), ABSENT};
    stox_arena arena;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_jid got;
    assert_status(stox_jid_prepare(&got, &arena, &jid, STOX_JID_NODEPREP, NULL),
                  tail <= 3 ? STOX_OK : STOX_E_TOO_LONG);
  }
  for (size_t n = 30; n <= 32; n++) {
    for (size_t i = 0; i < n; i++) {
      memcpy(text + 3 * i, "\xEF\xB7\xBA", 3);
    }
    const stox_jid jid = {S("a"), S("b"), {text, 3 * n}};
    stox_arena arena;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_jid got;
    stox_diag diag = {0, 0, 0, NULL};
    assert_status(stox_jid_prepare(&got, &arena, &jid, STOX_JID_NODEPREP, &diag),
                  n <= 31 ? STOX_OK : STOX_E_TOO_LONG);
    assert_int_equal(diag.offset, n <= 31 ? 0 : 4);
  }
}

static int write_jid(stox_buf *out, const void *ud) {
  return stox_jid_write(out, ud);
}

static void writes(void **state) {
  (void)state;
  static const struct {
    stox_jid jid;
    stox_span text;
    int scope;
  } rows[] = {
      {{ROW("a"), ROW("b"), ROW("c/d@e")}, ROW("a@b/c/d@e"), STOX_SCOPE_FULL},
      {{ROW("a"), ROW("b"), ABSENT}, ROW("a@b"), STOX_SCOPE_BARE},
      {{ABSENT, ROW("b"), ROW("c")}, ROW("b/c"), STOX_SCOPE_FULL},
      {{ABSENT, ROW("b"), ABSENT}, ROW("b"), STOX_SCOPE_DOMAIN},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_writer(write_jid, &rows[i].jid, rows[i].text);
    assert_int_equal(stox_jid_scope(&rows[i].jid), rows[i].scope);
    const stox_jid bare = stox_jid_bare(&rows[i].jid);
    const stox_jid want = {rows[i].jid.localpart, rows[i].jid.domainpart, ABSENT};
    check_parts(&bare, &want);
  }
  stox_buf out = {NULL, 0, 0};
  const stox_jid none = {S("a"), ABSENT, ABSENT};
  assert_status(stox_jid_write(&out, &none), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

/* What is the same entity and what is not. */
static void compares(void **state) {
  (void)state;
  static const struct {
    stox_span a;
    stox_span b;
    int equal;
  } rows[] = {
      {ROW("Romeo@Example.net/x"), ROW("romeo@example.NET/x"), 1},
      {ROW("a@b/Balcony"), ROW("a@b/balcony"), 0},
      {ROW("a@b"), ROW("a@b/c"), 0},
      {ROW("a@b"), ROW("b"), 0},
      {ROW("a@b."), ROW("a@b"), 1},
      {ROW("a@stra\xC3\x9F"
           "e"),
       ROW("a@strasse"), 0},
      {ROW("stra\xC3\x9F"
           "e@a"),
       ROW("strasse@a"), 1},
      {ROW("a@xn--bcher-kva"),
       ROW("a@B\xC3\x9C"
           "cher"),
       1},
      {ROW("a@bu\xCC\x88"
           "cher"),
       ROW("a@b\xC3\xBC"
           "cher"),
       1},
      {ROW("a@b/\xEF\xBC\xA1"), ROW("a@b/A"), 1},
      {ROW("\xCA\xBC@a"), ROW("\xE2\x80\x99@a"), 0},
      {ROW("\xD0\xB0@a"), ROW("a@a"), 0}, /* Cyrillic and Latin look alike, no more */
      {ROW("a@[::1]"), ROW("a@[::1]"), 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[512];
    stox_arena arena;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_jid a;
    stox_jid b;
    assert_status(prepare(&a, &arena, rows[i].a, STOX_JID_NODEPREP, NULL), STOX_OK);
    assert_status(prepare(&b, &arena, rows[i].b, STOX_JID_NODEPREP, NULL), STOX_OK);
    assert_int_equal(stox_jid_is_equal(&a, &b), rows[i].equal);
    assert_int_equal(stox_jid_is_equal(&b, &a), rows[i].equal);
    assert_int_equal(stox_jid_is_equal(&a, &a), 1);
  }
}

/* 1 for a row that another profile decides otherwise: RFC 7622 replaced Nodeprep by PRECIS, and a
 * label of 83 octets is no domain's. */
static int is_other_profile(stox_span text) {
  static const stox_span rows[] = {
      ROW("henry\xE2\x85\xA3@example.com"),
      ROW("\xE2\x99\x9A@example.com"),
      ROW("fu\xC3\x9F"
          "ball@example.com"),
      ROW("xsf@muc.xmpp.org/\xD8\x9Cx"),
      ROW("user@"
          "averylongdomainpartisstillvalideventhoughitexceedsthesixtyfourbytelimitofdnslabels"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (stox_span_is_equal(text, rows[i])) {
      return 1;
    }
  }
  return 0;
}

static void corpus(void **state) {
  (void)state;
  table t;
  size_t n = 0;
  if (!table_open(&t, STOX_CORPORA, "jid/parse-cases.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (table_next(&t)) {
    char in[512];
    char parts[512];
    char room[512];
    const stox_span text = unescape(in, sizeof in, t.field[0]);
    const int valid = stox_span_is_equal(stox_span_slice(t.field[1], 0, 5), S("valid"));
    const int only_split = stox_span_find(t.field[1], '(') < t.field[1].n;
    stox_arena arena;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_jid jid;
    const int profile = only_split ? STOX_JID_NONE : STOX_JID_NODEPREP;
    const int status = prepare(&jid, &arena, text, profile, NULL);
    if (is_other_profile(text)) {
      continue;
    }
    if ((status == STOX_OK) != valid) {
      fail_msg("%.*s: %s", (int)text.n, text.p, stox_status_name(status));
    }
    if (valid && !stox_span_is_equal(t.field[3], S("-"))) {
      assert_span_equal(jid.localpart, unescape(parts, sizeof parts, t.field[2]));
      assert_span_equal(jid.domainpart, unescape(parts, sizeof parts, t.field[3]));
      assert_span_equal(jid.resourcepart, unescape(parts, sizeof parts, t.field[4]));
    }
    n++;
  }
  table_free(&t);
  assert_true(n > 80);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(splits),
      cmocka_unit_test(prepares),
      cmocka_unit_test(ascii_localparts),
      cmocka_unit_test(profile_none),
      cmocka_unit_test(views),
      cmocka_unit_test(memory),
      cmocka_unit_test(limits),
      cmocka_unit_test(limits_after),
      cmocka_unit_test(writes),
      cmocka_unit_test(compares),
      cmocka_unit_test(corpus),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
