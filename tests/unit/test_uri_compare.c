/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "tables.h"

#include "stox/uri.h"

typedef struct row {
  const char *a;
  const char *b;
  int rfc3261;
  int location;
} row;

static const row rows[] = {
    /* RFC 3261 19.1.4, equivalent */
    {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", 1, 1},
    {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", 1, 1},
    {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", 1, 1},
    {"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", 1, 1},
    {"sip:carol@chicago.com", "sip:carol@chicago.com;security=off", 1, 1},
    {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
     "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", 1, 1},
    {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
     "sip:alice@atlanta.com?priority=urgent&subject=project%20x", 1, 1},
    /* and not */
    {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", 0, 0},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", 0, 0},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", 0, 0},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", 0, 0},
    {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", 0, 0},
    {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", 0, 0},
    {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", 0, 0},
    {"sip:user@host", "sip:user@host:5060", 0, 0},
    {"sip:a@h", "sips:a@h", 0, 0},
    {"im:a@h", "pres:a@h", 0, 0},
    {"sip:a@h", "im:a@h", 0, 0},
    /* user, password, host, port */
    {"sip:a@h", "sip:h", 0, 0},
    {"sip:a@h", "sip:a:@h", 0, 0},
    {"sip:a:p@h", "sip:a:P@h", 0, 0},
    {"sip:a:%70@h", "sip:a:p@h", 1, 1},
    {"sip:a@h:5060", "sip:a@h:05060", 1, 1},
    {"sip:a@h:0", "sip:a@h", 0, 0},
    {"sip:a@h.example.", "sip:a@H.EXAMPLE", 1, 1},
    {"sip:a@[2001:db8::1]", "sip:a@[2001:0DB8:0:0::1]", 1, 1},
    {"sip:a@[fe80::1%25eth0]", "sip:a@[fe80::1%25eth1]", 0, 0},
    {"sip:a@[::1]", "sip:a@[::2]", 0, 0},
    {"sip:a%3bb@h", "sip:a;b@h", 0, 0},
    {"sip:a%3bb@h", "sip:a%3Bb@h", 1, 1},
    {"sip:o%27malley@h", "sip:o'malley@h", 1, 1},
    {"sip:a%00b@h", "sip:a%00c@h", 0, 0},
    {"sip:a%00@h", "sip:a@h", 0, 0},
    /* parameters */
    {"sip:h;user=phone", "sip:h", 0, 0},
    {"sip:h;ttl=1", "sip:h", 0, 0},
    {"sip:h;method=INVITE", "sip:h", 0, 0},
    {"sip:h;method=INVITE", "sip:h;method=invite", 0, 0},
    {"sip:h;maddr=192.0.2.1", "sip:h", 0, 0},
    {"sip:h;maddr=[::01]", "sip:h;maddr=[::1]", 1, 1},
    {"sip:h;maddr=H.example", "sip:h;MADDR=h.example.", 1, 1},
    {"sip:h;%54ransport=UDP", "sip:h;transport=udp", 1, 1},
    {"sip:h;%54ransport=udp", "sip:h", 0, 0},
    {"sip:h;lr", "sip:h", 1, 1},
    {"sip:h;lr", "sip:h;lr=on", 0, 0},
    {"sip:h;a=1;b=2;c=3", "sip:h;c=3;a=1;d=4", 1, 1},
    {"sip:h;a=1;b=2;c=3", "sip:h;c=4;a=1;d=4", 0, 0},
    {"sip:h;x=%2f", "sip:h;x=/", 0, 0},
    {"sip:h;x=%5B", "sip:h;x=[", 1, 1},
    {"sip:h;costarring=1;liquid=2", "sip:h;liquid=2;costarring=1", 1, 1},
    {"sip:h;costarring=1;liquid=2", "sip:h;liquid=1;costarring=2", 0, 0},
    {"sip:h;costarring=1", "sip:h;liquid=2", 1, 1},
    {"sip:h;maddr", "sip:h;maddr", 1, 1},
    {"sip:h;maddr", "sip:h;maddr=h", 0, 0},
    {"sip:h;maddr=h", "sip:h;maddr=i", 0, 0},
    {"sip:h;x=1;x=2", "sip:h;y=1;x=2", 0, 0},
    /* GRUUs */
    {"sip:a@h;gr=x", "sip:a@h", 1, 0},
    {"sip:a@h;gr", "sip:a@h", 1, 0},
    {"sip:a@h;gr", "sip:a@h;gr=x", 0, 0},
    {"sip:a@h;gr=x", "sip:a@h;gr=y", 0, 0},
    {"sip:a@h;gr=x", "sip:a@h;GR=%78;p", 1, 1},
    {"sip:a@h;gr=x", "sip:a@h;gr=X", 1, 0},
    {"sip:a@h;opaque=x", "sip:a@h", 1, 0},
    {"sip:a@h;opaque=x;gruu", "sip:a@h;opaque=x", 1, 1},
    {"sip:a@h;opaque=x", "sip:a@h;gr=x", 1, 0},
    /* headers */
    {"sip:h?Subject=A", "sip:h?subject=a", 1, 1},
    {"sip:h?to=sip:A%40h", "sip:h?to=sip:a%40h", 0, 0},
    {"sip:h?body=A", "sip:h?body=a", 0, 0},
    {"sip:h?a=1&a=2", "sip:h?a=2&a=1", 1, 1},
    {"sip:h?a=1&a=1", "sip:h?a=1", 0, 0},
    {"sip:h?a=1&a=1&a=2", "sip:h?a=1&a=2&a=2", 0, 0},
    {"sip:h?a=1", "sip:h?b=1", 0, 0},
    {"sip:h?a=", "sip:h?a=1", 0, 0},
    /* the other schemes */
    {"im:a%2Eb@H", "im:a.b@h", 1, 1},
    {"im:A@h", "im:a@h", 0, 0},
    {"tel:+1-201-555-0123", "TEL:+1(201)5550123", 1, 1},
    {"tel:+12015550123", "tel:12015550123;phone-context=h", 0, 0},
    {"tel:7042;phone-context=example.com", "tel:70-42;phone-context=EXAMPLE.com", 1, 1},
    {"tel:7042;phone-context=a-b.com", "tel:7042;phone-context=ab.com", 0, 0},
    {"tel:7042;phone-context=+1-9", "tel:7042;phone-context=+19", 1, 1},
    {"tel:+1;ext=1-2", "tel:+1;ext=12", 1, 1},
    {"tel:+1;a=1;b=2", "tel:+1;b=2;a=1", 1, 1},
    {"tel:+1;p1", "tel:+1", 0, 0},
    {"tel:+12", "tel:+1", 0, 0},
    {"tel:+12", "tel:+13", 0, 0},
    {"tel:1;phone-context=+1", "tel:1;phone-context=h", 0, 0},
    {"xmpp:b@h", "xmpp:a@h", 0, 0},
    {"xmpp:a@h", "xmpp:a@i", 0, 0},
    {"xmpp:a@H/r", "XMPP:%61@h/r", 1, 1},
    {"xmpp:a@h/r", "xmpp:a@h/R", 0, 0},
    {"xmpp:a@h", "xmpp:a@h?message", 0, 0},
    {"xmpp://a@h/b@c", "xmpp://x@h/b@c", 0, 0},
    {"xmpp://a@h", "xmpp://%61@h", 1, 1},
    {"xmpp://a@h", "xmpp:a@h", 0, 0},
    {"http://a", "HTTP://a", 1, 1},
    {"http://a", "http://A", 0, 0},
    {"http:x", "https:x", 0, 0},
};

static stox_uri parsed(stox_span text) {
  stox_uri uri;
  if (stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL) != STOX_OK) {
    fail_msg("%.*s", (int)text.n, text.p);
  }
  return uri;
}

static void check(const stox_uri *a, const stox_uri *b, int how, int want) {
  const int got = stox_uri_is_equal(a, b, how);
  if (got != want) {
    fail_msg("%.*s and %.*s: %d", (int)a->text.n, a->text.p, (int)b->text.n, b->text.p, got);
  }
  assert_int_equal(stox_uri_is_equal(b, a, how), want);
  assert_int_equal(stox_uri_is_equal(a, a, how), 1);
  assert_int_equal(stox_uri_is_equal(b, b, how), 1);
}

static void compares(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_uri a = parsed(stox_span_text(rows[i].a));
    const stox_uri b = parsed(stox_span_text(rows[i].b));
    check(&a, &b, STOX_URI_RFC3261, rows[i].rfc3261);
    check(&a, &b, STOX_URI_LOCATION, rows[i].location);
  }
}

static void repeated_parameters_have_order(void **state) {
  (void)state;
  const stox_uri a = parsed(S("sip:h;x=1;x=2"));
  const stox_uri b = parsed(S("sip:h;x=2;x=1"));
  const stox_uri c = parsed(S("sip:h;X=1;x=2"));
  const stox_uri d = parsed(S("sip:h;x=1"));
  const stox_uri e = parsed(S("sip:h"));
  check(&a, &b, STOX_URI_RFC3261, 0);
  check(&a, &c, STOX_URI_RFC3261, 1);
  check(&a, &d, STOX_URI_RFC3261, 0);
  check(&a, &e, STOX_URI_RFC3261, 0);
}

enum { LONG_URI = 1 << 17 };

/* `sip:h`, then `n` items of one list, the last with a value of its own. */
static stox_span long_uri(char *room, size_t n, char separator, const char *last) {
  stox_buf out;
  stox_buf_init(&out, room, LONG_URI);
  stox_buf_put_text(&out, last[0] == '2' ? "sip:h" : "SIP:h");
  for (size_t i = 0; i < n; i++) {
    stox_buf_put_octet(&out, i == 0 && separator == '&' ? '?' : separator);
    stox_buf_put_text(&out, "p");
    stox_buf_put_number(&out, i);
    stox_buf_put_text(&out, "=");
    stox_buf_put_text(&out, i + 1 == n ? last : "1");
  }
  return stox_buf_span(&out);
}

/* Around the length up to which lists are searched, and far beyond it. */
static void long_lists(void **state) {
  (void)state;
  static const size_t lengths[] = {1, 127, 128, 129, 10000};
  char *one = malloc(LONG_URI);
  char *two = malloc(LONG_URI);
  assert_non_null(one);
  assert_non_null(two);
  for (size_t i = 0; i < 2 * COUNT(lengths); i++) {
    const size_t n = lengths[i / 2];
    const char separator = i % 2 == 0 ? ';' : '&';
    const stox_uri a = parsed(long_uri(one, n, separator, "2"));
    const stox_span text = long_uri(two, n, separator, "2");
    two[0] = 'S'; /* not the same octets, which would be equal at a glance */
    const stox_uri b = parsed(text);
    check(&a, &b, STOX_URI_RFC3261, 1);
    const stox_uri c = parsed(long_uri(two, n, separator, "3"));
    check(&a, &c, STOX_URI_RFC3261, 0);
    const stox_uri d = parsed(long_uri(two, n - 1, separator, "1"));
    check(&a, &d, STOX_URI_RFC3261, separator == ';' && n <= 128);
  }
  free(one);
  free(two);
}

/* The public examples, where the corpus stands beside the project. */
static void corpus(void **state) {
  (void)state;
  table t;
  if (!table_open(&t, STOX_CORPORA, "sip-uri/equality.tsv")) {
    skip();
  }
  size_t count = 0;
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const stox_uri a = parsed(t.field[0]);
    const stox_uri b = parsed(t.field[1]);
    check(&a, &b, STOX_URI_RFC3261, stox_span_is_equal(t.field[2], S("equal")));
    count++;
  }
  assert_true(count >= 15);
  table_free(&t);
}

/* Strict parsers and the corpus disagree where others are more tolerant than the grammar. */
static const stox_span tolerated[] = {
    ROW("sip:192.168.43.83:443/wss/;transport=wss"),
    ROW("<sip:localhost>"),
    ROW("sip:localhost;pvalue=\"hello world\""),
    ROW("sip:-_.com"),
    ROW("tel:(44).1234-*#+Deaf"),
    ROW("sip:%4`@atlanta.org"),
    ROW("tel:+1;ext=+123"),
};

static int is_tolerated(stox_span text) {
  for (size_t i = 0; i < COUNT(tolerated); i++) {
    if (stox_span_is_equal(text, tolerated[i])) {
      return 1;
    }
  }
  return stox_span_find(text, '<') < text.n || stox_span_find(text, ' ') < text.n;
}

/* RFC 8599's parameters have rules of their own. */
static int has_push_params(stox_span text) {
  stox_uri uri;
  stox_param param;
  return stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL) == STOX_OK &&
         (stox_uri_find_param(&param, &uri, "pn-prid") == STOX_OK ||
          stox_uri_find_param(&param, &uri, "pn-param") == STOX_OK ||
          stox_uri_find_param(&param, &uri, "pn-purr") == STOX_OK);
}

static void parse_corpus(void **state) {
  (void)state;
  table t;
  if (!table_open(&t, STOX_CORPORA, "sip-uri/parse-cases.tsv")) {
    skip();
  }
  size_t count = 0;
  assert_true(table_next(&t));
  while (table_next(&t)) {
    stox_uri uri;
    const int status = stox_uri_parse(&uri, t.field[0], STOX_URI_LENIENT, NULL);
    if (stox_span_is_equal(t.field[1], S("valid")) && !is_tolerated(t.field[0])) {
      if (status != STOX_OK) {
        fail_msg("%.*s: %s", (int)t.field[0].n, t.field[0].p, stox_status_name(status));
      }
      count++;
    }
    const int is_other_rule = has_push_params(t.field[0]);
    if (stox_span_is_equal(t.field[1], S("bad case per file")) ||
        (stox_span_is_equal(t.field[1], S("invalid")) && !is_other_rule)) {
      assert_int_not_equal(status, STOX_OK);
    }
  }
  assert_true(count > 80);
  table_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compares),     cmocka_unit_test(repeated_parameters_have_order),
      cmocka_unit_test(long_lists),   cmocka_unit_test(corpus),
      cmocka_unit_test(parse_corpus),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
