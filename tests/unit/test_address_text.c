/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/address_text.h"

/* A text and what it becomes; `ERR:` and the name of a status where it is refused. */
typedef struct row {
  stox_span from;
  stox_span want;
} row;

typedef int (*turn)(stox_span *out, stox_arena *arena, stox_span text,
                    const stox_map_options *options);

static void check_rows(const row *rows, size_t n, turn function) {
  for (size_t i = 0; i < n; i++) {
    char memory[4096];
    char name[64];
    stox_arena arena;
    stox_span got = {NULL, 0};
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    guard g = guard_copy(rows[i].from);
    const int status = function(&got, &arena, g.span, NULL);
    guard_free(&g);
    if (status != STOX_OK) {
      assert_null(got.p);
      (void)snprintf(name, sizeof name, "ERR:%s", stox_status_name(status));
      got = stox_span_text(name);
    }
    assert_span_equal(got, rows[i].want);
  }
}

/* 7247-7.1-26, 7247-7.1-15: what stands in gone and redirect */
static void text_to_contact(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW("xmpp:romeo@afterlife.example.net"), ROW("sip:romeo@afterlife.example.net")},
      {ROW(" \r\n\txmpp:romeo@afterlife.example.net\n"), ROW("sip:romeo@afterlife.example.net")},
      {ROW("XMPP:Romeo@x.example/orchard?message#top"), ROW("sip:romeo@x.example;gr=orchard")},
      {ROW("xmpp:o%5C27malley@x.example"), ROW("sip:o'malley@x.example")},
      {ROW("xmpp:ji%C5%99i@%C4%8Dechy.example/v%20Praze"),
       ROW("sip:ji%C5%99i@xn--echy-fua.example;gr=v%20Praze")},
      {ROW("xmpp:ji\xC5\x99i@x.example"), ROW("sip:ji%C5%99i@x.example")},
      {ROW("xmpp:x.example"), ROW("sip:x.example")},
      {ROW("romeo@x.example"), ROW("sip:romeo@x.example")},
      {ROW("x.example/a:b"), ROW("sip:x.example;gr=a:b")},
      {ROW("r@[2001:db8::1]"), ROW("sip:r@[2001:db8::1]")},
      {ROW("[2001:db8::1]"), ROW("sip:[2001:db8::1]")},
      /* Kept as they are */
      {ROW("sip:romeo@x.example;gr=a?b=c"), ROW("sip:romeo@x.example;gr=a?b=c")},
      {ROW("sips:romeo@x.example"), ROW("sips:romeo@x.example")},
      {ROW("tel:+15551234"), ROW("tel:+15551234")},
      {ROW("im:romeo@x.example"), ROW("im:romeo@x.example")},
      {ROW("pres:romeo@x.example"), ROW("pres:romeo@x.example")},
      /* An escaped separator is one of the part, not of the JID. */
      {ROW("xmpp:a%40evil@x.example"), ROW("ERR:BAD_LOCALPART")},
      {ROW("xmpp:a%2Fevil@x.example"), ROW("ERR:BAD_LOCALPART")},
      {ROW("xmpp:a@x.example%2Fevil"), ROW("ERR:BAD_HOST")},
      {ROW("xmpp:a%00@x.example"), ROW("ERR:CTRL")},
      {ROW("xmpp:a%FF@x.example"), ROW("ERR:BAD_UTF8")},
      {ROW("xmpp:a%5C5cb@x.example"), ROW("ERR:NONCANONICAL")},
      /* No address */
      {ROW(""), ROW("ERR:NONE")},
      {ROW(" \r\n\t"), ROW("ERR:NONE")},
      {ROW("http://x.example/"), ROW("ERR:NOMAP")},
      {ROW("mailto:romeo@x.example"), ROW("ERR:NOMAP")},
      {ROW("xmpp://romeo@x.example"), ROW("ERR:NOMAP")},
      {ROW("xmpp:"), ROW("ERR:BAD_HOST")},
      {ROW("sip:a@x.example>\r\nVia: SIP/2.0"), ROW("ERR:BAD_HOST")},
      {ROW("romeo at x.example"), ROW("ERR:BAD_DOMAIN")},
      {ROW("a\x01@x.example"), ROW("ERR:CTRL")},
  };
  check_rows(rows, COUNT(rows), stox_address_text_to_contact);
}

/* 7247-7.2-55 */
static void contact_to_text(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW("sip:romeo@afterlife.example.net"), ROW("xmpp:romeo@afterlife.example.net")},
      {ROW("sip:O'Malley@x.example:5070;transport=tcp"), ROW("xmpp:o%5C27malley@x.example")},
      {ROW("sip:a@x.example;gr=v%20Praze"), ROW("xmpp:a@x.example/v%20Praze")},
      {ROW("sip:f%C3%BC@xn--bcher-kva.example"), ROW("xmpp:f%C3%BC@b%C3%BC"
                                                     "cher.example")},
      {ROW("sip:x.example"), ROW("xmpp:x.example")},
      {ROW("pres:a@x.example"), ROW("xmpp:a@x.example")},
      {ROW("sip:a@[2001:db8::1]"), ROW("xmpp:a@[2001:db8::1]")},
      {ROW("sip:a@x.example;gr=%23%3F/&"), ROW("xmpp:a@x.example/%23%3F%2F%26")},
      /* No JID: the URI itself */
      {ROW("tel:+15551234"), ROW("tel:+15551234")},
      {ROW("sip:%20a@x.example"), ROW("sip:%20a@x.example")},
      {ROW("http://x.example/"), ROW("http://x.example/")},
      /* No address */
      {ROW("sip:a@b@c"), ROW("ERR:BAD_URI")},
      {ROW("*"), ROW("ERR:BAD_URI")},
      {ROW(""), ROW("ERR:BAD_URI")},
      {ROW("sip:a@x.example\r\n"), ROW("ERR:BAD_HOST")},
  };
  check_rows(rows, COUNT(rows), stox_contact_to_address_text);
}

/* Both ways: the same address again. */
static void there_and_back(void **state) {
  (void)state;
  static const stox_span uris[] = {
      ROW("sip:o'malley@x.example"),
      ROW("sip:f%C3%BC@xn--bcher-kva.example;gr=caf%C3%A9"),
      ROW("sip:a%40b%5C26@x.example;gr=/%40"),
      ROW("sip:[2001:db8::1]"),
      ROW("tel:+15551234"),
  };
  for (size_t i = 0; i < COUNT(uris); i++) {
    char memory[4096];
    stox_arena arena;
    stox_span text;
    stox_span uri;
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    assert_status(stox_contact_to_address_text(&text, &arena, uris[i], NULL), STOX_OK);
    assert_status(stox_address_text_to_contact(&uri, &arena, text, NULL), STOX_OK);
    assert_span_equal(uri, uris[i]);
  }
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  static const struct {
    turn function;
    stox_span text;
  } rows[] = {
      {stox_address_text_to_contact, ROW("xmpp:ji%C5%99i@%C4%8Dechy.example/v%20Praze")},
      {stox_address_text_to_contact, ROW("romeo@x.example")},
      {stox_address_text_to_contact, ROW("sip:romeo@x.example")},
      {stox_contact_to_address_text, ROW("sip:ji%C5%99i@x.example;gr=a")},
      {stox_contact_to_address_text, ROW("tel:+1")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    int status = STOX_E_NOMEM;
    for (size_t room = 0; status == STOX_E_NOMEM; room++) {
      char memory[4096];
      stox_arena arena;
      stox_span out;
      stox_arena_init(&arena, memory, room, 0, NULL);
      status = rows[i].function(&out, &arena, rows[i].text, NULL);
    }
    assert_status(status, STOX_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_to_contact),
      cmocka_unit_test(contact_to_text),
      cmocka_unit_test(there_and_back),
      cmocka_unit_test(memory_runs_out_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
