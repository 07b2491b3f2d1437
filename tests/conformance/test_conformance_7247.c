/* SPDX-License-Identifier: MIT */
/* RFC 7247, requirement by requirement: sections 3 to 6 and 8. Section 7 is in
 * test_conformance_7247_errors.c, section 5 in unit/test_locate.c, the roles of section 4 in
 * unit/test_role.c. */
#include "resolver.h"
#include "support.h"
#include "tables.h"

#include "stox/address_map.h"
#include "stox/address_text.h"
#include "stox/locate.h"
#include "stox/uri.h"
#include "stox/xep0106.h"

/* One mapping with memory of its own. */
typedef struct fixture {
  char memory[4096];
  char error[64];
  stox_arena arena;
  stox_map_options options;
  stox_map_result result;
} fixture;

static void open_fixture(fixture *f) {
  memset(f, 0, sizeof *f);
  assert_status(stox_map_options_init(&f->options, sizeof f->options), STOX_OK);
}

/* What a mapping gives, or the name of its status. */
static stox_span map(fixture *f, stox_span text, int to_jid) {
  memset(&f->result, 0, sizeof f->result);
  stox_arena_init(&f->arena, f->memory, sizeof f->memory, 0, NULL);
  const int status = to_jid ? stox_map_uri_to_jid(&f->result, &f->arena, text, &f->options, NULL)
                            : stox_map_jid_to_uri(&f->result, &f->arena, text, &f->options, NULL);
  (void)snprintf(f->error, sizeof f->error, "!%s", stox_status_name(status));
  return status == STOX_OK ? f->result.text : stox_span_text(f->error);
}

/* Options of a row, in bits. */
enum {
  PLAIN = 0,
  NARROW = 1, /* mode rfc7247 */
  RAW = 2,    /* no preparation */
  IM = 4,
  PRES = 8,
  SIPS = 16,
  DROP = 32,
  LENIENT = 64,
  IM_RFC = 128
};

static void set_options(fixture *f, int bits) {
  open_fixture(f);
  f->options.mode = bits & NARROW ? STOX_MAP_RFC7247 : STOX_MAP_REVERSIBLE;
  f->options.profile = bits & RAW ? STOX_JID_NONE : STOX_JID_NODEPREP;
  f->options.resource = bits & DROP ? STOX_MAP_RESOURCE_DROP : STOX_MAP_RESOURCE_KEEP;
  f->options.lenient = bits & LENIENT ? 1 : 0;
  f->options.im_chars = bits & IM_RFC ? STOX_MAP_IM_RFC : STOX_MAP_IM_SAFE;
  f->options.scheme = bits & IM     ? STOX_SCHEME_IM
                      : bits & PRES ? STOX_SCHEME_PRES
                      : bits & SIPS ? STOX_SCHEME_SIPS
                                    : STOX_SCHEME_SIP;
}

typedef struct row {
  const char *id;
  int options;
  stox_span from;
  stox_span want;
  uint32_t dropped;
} row;

static void check_rows(const row *rows, size_t n, int to_jid) {
  for (size_t i = 0; i < n; i++) {
    fixture f;
    set_options(&f, rows[i].options);
    const stox_span got = map(&f, rows[i].from, to_jid);
    if (!stox_span_is_equal(got, rows[i].want) || f.result.dropped != rows[i].dropped) {
      fail_msg("%s: \"%.*s\" gave \"%.*s\", dropped %x", rows[i].id, (int)rows[i].from.n,
               rows[i].from.p, (int)got.n, got.p, (unsigned)f.result.dropped);
    }
  }
}

/* ---- from SIP to XMPP ---- */

static const row to_jid_rows[] = {
    /* The JID carries the character, never a reference to it. */
    {"7247-3-01", 0, ROW("sip:f%C3%BC@sip.example"), ROW("\x66\xC3\xBC@sip.example"), 0},
    {"7247-6.1-01", 0, ROW("sip:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.1-01", 0, ROW("sips:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.1-02", 0, ROW("im:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.1-02", 0, ROW("pres:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.1-03", 0, ROW("tel:+15551234"), ROW("!UNSUPPORTED_SCHEME"), 0},
    {"7247-6.1-07", 0, ROW("sip:juliet@xn--bcher-kva.example"),
     ROW("juliet@b\xC3\xBC"
         "cher.example"),
     0},
    {"7247-6.2-14", 0, ROW("sip:a%23b@sip.example"), ROW("a#b@sip.example"), 0},
    {"7247-6.2-15", 0, ROW("sip:a(b)c@sip.example"), ROW("a(b)c@sip.example"), 0},
    {"7247-6.2-16", 0, ROW("sip:a'b@sip.example"), ROW("a\\27b@sip.example"), 0},
    {"7247-6.2-18", 0, ROW("sip:o'malley@sip.example"), ROW("o\\27malley@sip.example"), 0},
    {"7247-6.3-01", 0, ROW("sip:foo@sip.example;gr=bar"), ROW("foo@sip.example/bar"), 0},
    {"7247-6.3-02", 0, ROW("sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr"),
     ROW("tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com"), STOX_DROPPED_TEMP_GRUU},
    {"7247-6.3-03", 0, ROW("sip:foo@xmpp.example;gr=caf%C3%A9"),
     ROW("foo@xmpp.example/\x63\x61\x66\xC3\xA9"), 0},
    {"7247-6.4-01", 0, ROW("SIP:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.4-01", 0, ROW("pReS:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.4-02", 0, ROW("sip:a@b.example"), ROW("a@b.example"), 0},
    {"7247-6.4-02", 0, ROW("sip:b.example"), ROW("b.example"), 0},
    {"7247-6.4-02", 0, ROW("sip:a@b@c.example"), ROW("!BAD_URI"), 0},
    {"7247-6.4-03", 0, ROW("sip:f%C3%BC@sip.example"), ROW("f\xC3\xBC@sip.example"), 0},
    {"7247-6.4-03", 0, ROW("sip:f%C3%B@sip.example"), ROW("!BAD_PCT"), 0},
    {"7247-6.4-03", LENIENT, ROW("sip:100%@sip.example"), ROW("100%@sip.example"), 0},
    {"7247-6.4-03", 0, ROW("sip:f%00@sip.example"), ROW("!CTRL"), 0},
    {"7247-6.4-03", LENIENT, ROW("sip:f%1F@sip.example"), ROW("!CTRL"), 0},
    {"7247-6.4-04", 0, ROW("sip:a%C3@sip.example"), ROW("!BAD_UTF8"), 0},
    {"7247-6.4-04", 0, ROW("sip:a%C0%AF@sip.example"), ROW("!BAD_UTF8"), 0},
    {"7247-6.4-05", 0, ROW("sip:a&b@sip.example"), ROW("a\\26b@sip.example"), 0},
    {"7247-6.4-05", 0, ROW("sip:o'malley@sip.example"), ROW("o\\27malley@sip.example"), 0},
    {"7247-6.4-05", 0, ROW("sip:a/b@sip.example"), ROW("a\\2fb@sip.example"), 0},
    {"7247-6.4-05", 0, ROW("sip:a%40b%20c%5C26@sip.example"), ROW("a\\40b\\20c\\5c26@sip.example"),
     0},
    {"7247-6.4-05", NARROW, ROW("sip:a%40b@sip.example"), ROW("!UNMAPPABLE"), 0},
    {"7247-6.4-05", NARROW, ROW("sip:a%20b@sip.example"), ROW("!UNMAPPABLE"), 0},
    {"7247-6.4-05", NARROW, ROW("sip:a%5C26b@sip.example"), ROW("!AMBIGUOUS"), 0},
    {"7247-6.4-06", 0, ROW("sip:Romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.4-06", RAW, ROW("sip:Romeo@example.net"), ROW("Romeo@example.net"), 0},
    {"7247-6.4-07", 0, ROW("sip:romeo@example.net"), ROW("romeo@example.net"), 0},
    {"7247-6.4-08", 0, ROW("sip:foo@sip.example;gr=bar"), ROW("foo@sip.example/bar"), 0},
    {"7247-6.4-08", 0, ROW("sip:foo@sip.example;gr="), ROW("!BAD_PARAM"), 0},
    {"7247-6.4-08", DROP, ROW("sip:foo@sip.example;gr=bar"), ROW("foo@sip.example"),
     STOX_DROPPED_RESOURCE},
    {"7247-6.4-09", NARROW, ROW("sip:f%C3%BC@sip.example"), ROW("f\xC3\xBC@sip.example"), 0},
    {"7247-6.4-10", NARROW, ROW("sip:o'malley@sip.example"), ROW("o\\27malley@sip.example"), 0},
    {"7247-6.4-11", NARROW, ROW("sip:foo@sip.example;gr=bar"), ROW("foo@sip.example/bar"), 0},
    {"7247-6.4-12", 0, ROW("sip:foo:pw@sip.example:5070;transport=tcp;gr=bar?Subject=x"),
     ROW("foo@sip.example/bar"),
     STOX_DROPPED_PASSWORD | STOX_DROPPED_PORT | STOX_DROPPED_PARAMS | STOX_DROPPED_HEADERS},
    {"7247-6.5-14", NARROW, ROW("sip:a%5C26b@sip.example"), ROW("!AMBIGUOUS"), 0},
    {"7247-6.5-14", 0, ROW("sip:a%5C26b@sip.example"), ROW("a\\5c26b@sip.example"), 0},
    {"7247-8-07", 0, ROW("sip:o%CA%BCmalley@sip.example"), ROW("o\xCA\xBCmalley@sip.example"), 0},
};

static void from_sip(void **state) {
  (void)state;
  check_rows(to_jid_rows, COUNT(to_jid_rows), 1);
}

/* ---- from XMPP to SIP ---- */

static const row to_uri_rows[] = {
    {"7247-6.1-04", 0, ROW("xmpp:juliet@example.com"), ROW("!BAD_LOCALPART"), 0},
    {"7247-6.1-07", 0,
     ROW("juliet@b\xC3\xBC"
         "cher.example"),
     ROW("sip:juliet@xn--bcher-kva.example"), 0},
    {"7247-6.2-14", 0, ROW("a\\27b@xmpp.example"), ROW("sip:a'b@xmpp.example"), 0},
    {"7247-6.2-15", 0, ROW("a!b$c@xmpp.example"), ROW("sip:a!b$c@xmpp.example"), 0},
    {"7247-6.2-16", 0, ROW("a#b@xmpp.example"), ROW("sip:a%23b@xmpp.example"), 0},
    {"7247-6.2-17", 0, ROW("a#b@xmpp.example"), ROW("sip:a%23b@xmpp.example"), 0},
    {"7247-6.2-17", IM, ROW("a[b@xmpp.example"), ROW("im:a%5Bb@xmpp.example"), 0},
    {"7247-6.3-01", 0, ROW("baz@xmpp.example/qux"), ROW("sip:baz@xmpp.example;gr=qux"), 0},
    {"7247-6.3-03", 0, ROW("foo@xmpp.example/caf\xC3\xA9"),
     ROW("sip:foo@xmpp.example;gr=caf%C3%A9"), 0},
    {"7247-6.5-01", 0, ROW("baz@xmpp.example/qux"), ROW("sip:baz@xmpp.example;gr=qux"), 0},
    {"7247-6.5-01", 0, ROW("a.example.com/b@example.net"),
     ROW("sip:a.example.com;gr=b%40example.net"), 0},
    {"7247-6.5-02", 0, ROW("Baz@xmpp.example"), ROW("sip:baz@xmpp.example"), 0},
    {"7247-6.5-02", RAW, ROW("Baz@xmpp.example"), ROW("sip:Baz@xmpp.example"), 0},
    {"7247-6.5-03", 0, ROW("m\\26m@xmpp.example"), ROW("sip:m&m@xmpp.example"), 0},
    {"7247-6.5-03", 0, ROW("o\\27m\\2fx@xmpp.example"), ROW("sip:o'm/x@xmpp.example"), 0},
    {"7247-6.5-03", 0, ROW("treville\\40musketeers.lit@x.example"),
     ROW("sip:treville%40musketeers.lit@x.example"), 0},
    {"7247-6.5-03", NARROW, ROW("treville\\40musketeers.lit@x.example"),
     ROW("sip:treville%5C40musketeers.lit@x.example"), 0},
    {"7247-6.5-05", IM, ROW("a.b(c)@x.example"), ROW("im:a%2Eb%28c%29@x.example"), 0},
    {"7247-6.5-05", IM | IM_RFC, ROW("(),.;[\\]@x.example"),
     ROW("im:%28%29%2C%2E%3B%5B%5C%5D@x.example"), 0},
    {"7247-6.5-05", PRES, ROW("tsch\xC3\xBCss@x.example"), ROW("pres:tsch%C3%BCss@x.example"), 0},
    {"7247-6.5-06", 0, ROW("a#%[\\]^`{|}b@x.example"),
     ROW("sip:a%23%25%5B%5C%5D%5E%60%7B%7C%7Db@x.example"), 0},
    {"7247-6.5-06", SIPS, ROW("o\\27malley@x.example"), ROW("sips:o'malley@x.example"), 0},
    {"7247-6.5-07", 0, ROW("m\\26m@xmpp.example"), ROW("sip:m&m@xmpp.example"), 0},
    {"7247-6.5-09", 0, ROW("baz@xmpp.example/qux"), ROW("sip:baz@xmpp.example;gr=qux"), 0},
    {"7247-6.5-09", 0, ROW("baz@xmpp.example/a;b=c?d@e f"),
     ROW("sip:baz@xmpp.example;gr=a%3Bb%3Dc%3Fd%40e%20f"), 0},
    {"7247-6.5-09", IM, ROW("baz@xmpp.example/qux"), ROW("im:baz@xmpp.example"),
     STOX_DROPPED_RESOURCE},
    {"7247-6.5-09", PRES, ROW("baz@xmpp.example/qux"), ROW("pres:baz@xmpp.example"),
     STOX_DROPPED_RESOURCE},
    {"7247-6.5-10", NARROW, ROW("m\\26m@xmpp.example"), ROW("sip:m&m@xmpp.example"), 0},
    {"7247-6.5-11", NARROW, ROW("tsch\xC3\xBCss@xmpp.example"),
     ROW("sip:tsch%C3%BCss@xmpp.example"), 0},
    {"7247-6.5-12", NARROW, ROW("baz@xmpp.example/qux"), ROW("sip:baz@xmpp.example;gr=qux"), 0},
    {"7247-6.5-12", DROP, ROW("baz@xmpp.example/qux"), ROW("sip:baz@xmpp.example"),
     STOX_DROPPED_RESOURCE},
    {"7247-6.5-13", 0, ROW("a\\5cb@x.example"), ROW("!NONCANONICAL"), 0},
    {"7247-6.5-13", 0, ROW("c\\3a\\5c5commas@x.example"), ROW("sip:c%3A%5C5commas@x.example"), 0},
    {"7247-6.5-13", LENIENT, ROW("a\\5cb@x.example"), ROW("sip:a%5Cb@x.example"), 0},
};

static void from_xmpp(void **state) {
  (void)state;
  check_rows(to_uri_rows, COUNT(to_uri_rows), 0);
}

/* 7247-6.1-04: where an xmpp IRI may stand, it is understood. */
static void iris_in_errors(void **state) {
  (void)state;
  fixture f;
  stox_span contact;
  open_fixture(&f);
  stox_arena_init(&f.arena, f.memory, sizeof f.memory, 0, NULL);
  assert_status(
      stox_address_text_to_contact(&contact, &f.arena, S("xmpp:juliet@example.com"), NULL),
      STOX_OK);
  assert_span_equal(contact, S("sip:juliet@example.com"));
}

/* ---- grammars ---- */

static int uri_status(const char *text) {
  stox_uri uri;
  return stox_uri_parse(&uri, stox_span_text(text), STOX_URI_STRICT, NULL);
}

/* 7247-6.2-01, 7247-6.2-02, 7247-6.2-03, 7247-6.2-04: user of RFC 3261 */
static void sip_user(void **state) {
  (void)state;
  stox_uri uri;
  assert_status(uri_status("sip:foo%23bar@x.example"), STOX_OK);
  assert_status(uri_status("sip:@x.example"), STOX_E_BAD_URI);
  assert_status(uri_status("sip:a[b@x.example"), STOX_E_BAD_URI);
  const stox_span text = S("sip:a&b=c+d$e,f;g?h/i@x.example");
  assert_status(stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL), STOX_OK);
  assert_span_equal(uri.user, S("a&b=c+d$e,f;g?h/i"));
  assert_status(uri_status("sip:Ab9@x.example"), STOX_OK);
  assert_status(uri_status("sip:-_.!~*'()@x.example"), STOX_OK);
}

/* 7247-6.2-05 and 7247-6.2-06: dot-atom-text. Two of its characters have a meaning in a URI of
 * their own and can stand escaped only. */
static void im_local_part(void **state) {
  (void)state;
  static const char specials[] = "!#$%&'*+-/=?^_`{|}~";
  assert_int_equal(sizeof specials - 1, 19);
  assert_status(uri_status("im:a.b@x.example"), STOX_OK);
  assert_status(uri_status("im:.a@x.example"), STOX_E_BAD_URI);
  assert_status(uri_status("im:a.@x.example"), STOX_E_BAD_URI);
  assert_status(uri_status("pres:a..b@x.example"), STOX_E_BAD_URI);
  assert_status(uri_status("pres:a(b@x.example"), STOX_E_BAD_URI);
  for (const char *c = specials; *c != '\0'; c++) {
    char text[40];
    const int escaped = *c == '#' || *c == '?' || *c == '%';
    (void)snprintf(text, sizeof text, escaped ? "im:a%%%02Xb@x.example" : "im:a%cb@x.example",
                   (unsigned)*c);
    assert_status(uri_status(text), STOX_OK);
  }
}

/* 7247-6.2-07, 7247-6.1-08: what a localpart may hold, over all of ASCII; and what a SIP user then
 * looks like. */
static void xmpp_localpart(void **state) {
  (void)state;
  for (int code = 0; code < 128; code++) {
    fixture f;
    stox_jid prepared;
    const char octet = (char)code;
    const stox_jid jid = {{&octet, 1}, S("x.example"), {NULL, 0}};
    open_fixture(&f);
    stox_arena_init(&f.arena, f.memory, sizeof f.memory, 0, NULL);
    const int status = stox_jid_prepare(&prepared, &f.arena, &jid, STOX_JID_NODEPREP, NULL);
    const int forbidden = code <= 0x20 || code == 0x7F || strchr("\"&'/:<>@", code) != NULL;
    assert_int_equal(status == STOX_OK, !forbidden);

    /* Any character but a control and a lone space has a way from SIP to XMPP. */
    char uri[32];
    (void)snprintf(uri, sizeof uri, "sip:%%%02X@x.example", (unsigned)code);
    const stox_span got = map(&f, stox_span_text(uri), 1);
    const int refused = code <= 0x20 || code == 0x7F;
    assert_int_equal(f.result.text.p == NULL, refused);
    assert_true(got.n > 0);
  }
}

/* 7247-6.2-08 to 7247-6.2-13 name the rows of Table 1; unit/test_address_map.c maps every
 * character. Here the sets as the table prints them. */
static void table1_sets(void **state) {
  (void)state;
  static const struct {
    const char *id;
    size_t column;
    const char *cell;
    const char *set;
  } rows[] = {
      {"7247-6.2-08", 2, "A", "!$&'()*+,-./;=?_~"},
      {"7247-6.2-09", 2, "D", "\"#%:<>@[\\]^`{|}"},
      {"7247-6.2-10", 3, "A", "!#$%&'*+-/=?^_`{|}~"},
      {"7247-6.2-11", 3, "D", "\"(),.:;<>@[\\]"},
      {"7247-6.2-12", 4, "A", "!#$%()*+,-.;=?[\\]^_`{|}~"},
      {"7247-6.2-13", 4, "D", "\"&'/:<>@"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char set[64];
    size_t n = 0;
    table t;
    assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/table1-matrix.tsv"));
    while (table_next(&t)) {
      if (stox_span_is_equal(t.field[rows[i].column], stox_span_text(rows[i].cell))) {
        set[n++] = t.field[1].p[0];
      }
    }
    table_free(&t);
    if (!stox_span_is_equal((stox_span){set, n}, stox_span_text(rows[i].set))) {
      fail_msg("%s: \"%.*s\"", rows[i].id, (int)n, set);
    }
  }
}

/* 7247-6.2-09, 7247-6.2-11, 7247-6.2-13: each character that a side disallows leaves as an escape.
 */
static void table1_escapes(void **state) {
  (void)state;
  table t;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/table1-matrix.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    char localpart[8];
    stox_buf escaped;
    stox_buf_init(&escaped, localpart, sizeof localpart);
    const stox_span display = {t.field[1].p, 1};
    assert_status(stox_xep0106_escape(&escaped, display, STOX_XEP0106_FULL, NULL), STOX_OK);
    for (int im = 0; im < 2; im++) {
      fixture f;
      char jid[32];
      const int n = snprintf(jid, sizeof jid, "%.*s@x", (int)escaped.len, localpart);
      set_options(&f, im ? IM | IM_RFC : 0);
      const stox_span got = map(&f, (stox_span){jid, (size_t)n}, 0);
      const int allowed = t.field[im ? 3 : 2].p[0] == 'A';
      const stox_span user = stox_span_slice(got, im ? 3 : 4, allowed ? 1 : 3);
      assert_span_equal(user, allowed ? display : t.field[5]);
    }
  }
  table_free(&t);
}

/* 7247-6.2-19 is proven in unit/test_xep0106.c; its place in the map: only lower case digits, only
 * where a sequence begins, no space at an end. */
static void xep0106_in_the_map(void **state) {
  (void)state;
  static const row rows[] = {
      {"7247-6.2-19", RAW, ROW("sip:foob%5C41r@x.example"), ROW("foob\\41r@x.example"), 0},
      {"7247-6.2-19", RAW, ROW("sip:%5C2F@x.example"), ROW("\\2F@x.example"), 0},
      {"7247-6.2-19", 0, ROW("sip:c%3A%5Cnet@x.example"), ROW("c\\3a\\net@x.example"), 0},
      {"7247-6.2-19", 0, ROW("sip:%20x@x.example"), ROW("!ESCAPED_SPACE_AT_END"), 0},
      {"7247-6.2-19", 0, ROW("sip:x%20@x.example"), ROW("!ESCAPED_SPACE_AT_END"), 0},
  };
  check_rows(rows, COUNT(rows), 1);
}

/* ---- schemes and domains ---- */

/* 7247-6.1-05, 7247-6.5-04 and 7247-6.5-08: im and pres only for a domain that has them. */
static void im_and_pres(void **state) {
  (void)state;
  static const zone_record zone[] = {
      SRV("_sip._udp.x.example", 0, 0, 5060, "sip.x.example"),
      SRV("_im._sip.x.example", 0, 0, 5060, "sip.x.example"),
  };
  static const struct {
    int kind;
    int secure;
    stox_span uri;
  } rows[] = {
      {STOX_MAP_KIND_MESSAGE, 0, ROW("im:a@x.example")},
      {STOX_MAP_KIND_PRESENCE, 0, ROW("sip:a@x.example")},
      {STOX_MAP_KIND_PRESENCE, 1, ROW("sips:a@x.example")},
      {STOX_MAP_KIND_OTHER, 0, ROW("sip:a@x.example")},
  };
  fixture f;
  stox_locate *search = NULL;
  stox_locate_options options;
  stox_location place;
  resolver r = {zone, COUNT(zone), 0, 0};
  char memory[8192];
  stox_arena arena;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_locate_options_init(&options, sizeof options), STOX_OK);
  options.probe_im_pres = 1;
  assert_status(stox_locate_start(&search, &arena, S("x.example"), &options, 0), STOX_OK);
  resolve_all(search, &r, 0);
  assert_status(stox_locate_get(&place, search, 0), STOX_OK);
  open_fixture(&f);
  for (size_t i = 0; i < COUNT(rows); i++) {
    f.options.scheme = stox_map_scheme(rows[i].kind, place.schemes, rows[i].secure);
    assert_span_equal(map(&f, S("a@x.example"), 0), rows[i].uri);
  }
}

/* 7247-6.1-06: the host maps domains; and it hears of each mapped JID (7247-8-07). */
static int own_domains(void *ud, stox_buf *out, stox_span host, int to_xmpp) {
  *(int *)ud += 1;
  (void)host;
  return stox_buf_put(out, to_xmpp ? S("im.example") : S("sip.example"));
}

static int count_jid(void *ud, const stox_jid *jid) {
  *(int *)ud += jid->localpart.n == 1 ? 100 : 0;
  return STOX_OK;
}

static void host_callbacks(void **state) {
  (void)state;
  int calls = 0;
  fixture f;
  open_fixture(&f);
  f.options.ud = &calls;
  f.options.domain = own_domains;
  f.options.confusable = count_jid;
  assert_span_equal(map(&f, S("sip:a@sip.example"), 1), S("a@im.example"));
  assert_span_equal(map(&f, S("a@im.example"), 0), S("sip:a@sip.example"));
  assert_int_equal(calls, 202);
}

/* 7247-4-04: one entity, both directions, in one process and with one set of options. */
static void both_directions(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f);
  assert_span_equal(map(&f, S("romeo@example.net"), 0), S("sip:romeo@example.net"));
  assert_span_equal(map(&f, S("sip:juliet@example.com"), 1), S("juliet@example.com"));
}

/* 7247-6.5-15: see property/address_map.c for 200,000 random ones. */
static void comes_back(void **state) {
  (void)state;
  static const char *const files[] = {"7247/derived-xmpp-to-sip.tsv",
                                      "7247/derived-sip-to-xmpp.tsv"};
  for (int to_jid = 0; to_jid < 2; to_jid++) {
    table t;
    assert_true(table_open(&t, STOX_TEST_VECTORS, files[to_jid]));
    assert_true(table_next(&t));
    while (table_next(&t)) {
      fixture f;
      fixture g;
      fixture h;
      open_fixture(&f);
      open_fixture(&g);
      open_fixture(&h);
      const stox_span there = map(&f, t.field[0], to_jid);
      if (there.p[0] == '!') {
        continue;
      }
      const stox_span back = map(&g, there, !to_jid);
      assert_span_equal(map(&h, back, to_jid), there);
    }
    table_free(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(from_sip),           cmocka_unit_test(from_xmpp),
      cmocka_unit_test(iris_in_errors),     cmocka_unit_test(sip_user),
      cmocka_unit_test(im_local_part),      cmocka_unit_test(xmpp_localpart),
      cmocka_unit_test(table1_sets),        cmocka_unit_test(table1_escapes),
      cmocka_unit_test(xep0106_in_the_map), cmocka_unit_test(im_and_pres),
      cmocka_unit_test(host_callbacks),     cmocka_unit_test(both_directions),
      cmocka_unit_test(comes_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
