/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "writers.h"

#include "stox/diag.h"
#include "stox/host.h"
#include "stox/uri.h"

/* A URI and its parts: scheme, user, password, host, port, path, params, headers; `~` is absent. */
typedef struct good_row {
  const char *text;
  const char *parts;
  const char *canonical; /* NULL: the text itself */
} good_row;

/* 7247-6.1-01, 7247-6.1-02, 7247-6.1-03, 7247-6.2-01, 7247-6.2-02, 7247-6.2-03, 7247-6.2-04,
 * 7247-6.2-05, 7247-6.2-06, 7247-6.4-01, 7247-6.4-02 */
static const good_row good[] = {
    /* RFC 3261 19.1.3 */
    {"sip:alice@atlanta.com", "1|alice|~|atlanta.com|~|~|~|~", NULL},
    {"sip:alice:secretword@atlanta.com;transport=tcp",
     "1|alice|secretword|atlanta.com|~|~|transport=tcp|~", NULL},
    {"sips:alice@atlanta.com?subject=project%20x&priority=urgent",
     "2|alice|~|atlanta.com|~|~|~|subject=project%20x&priority=urgent", NULL},
    {"sip:+1-212-555-1212:1234@gateway.com;user=phone",
     "1|+1-212-555-1212|1234|gateway.com|~|~|user=phone|~", NULL},
    {"sips:1212@gateway.com", "2|1212|~|gateway.com|~|~|~|~", NULL},
    {"sip:alice@192.0.2.4", "1|alice|~|192.0.2.4|~|~|~|~", NULL},
    {"sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
     "1|~|~|atlanta.com|~|~|method=REGISTER|to=alice%40atlanta.com", NULL},
    {"sip:alice;day=tuesday@atlanta.com", "1|alice;day=tuesday|~|atlanta.com|~|~|~|~", NULL},
    /* the schemes */
    {"sip:romeo@example.net", "1|romeo|~|example.net|~|~|~|~", NULL},
    {"sips:romeo@example.net", "2|romeo|~|example.net|~|~|~|~", NULL},
    {"im:romeo@example.net", "3|romeo|~|example.net|~|~|~|~", NULL},
    {"pres:romeo@example.net", "4|romeo|~|example.net|~|~|~|~", NULL},
    {"tel:+15551234", "5|+15551234|~|~|~|~|~|~", NULL},
    {"SIP:romeo@example.net", "1|romeo|~|example.net|~|~|~|~", "sip:romeo@example.net"},
    {"sIpS:a@b.example", "2|a|~|b.example|~|~|~|~", "sips:a@b.example"},
    {"sip:a@b.example", "1|a|~|b.example|~|~|~|~", NULL},
    {"sip:b.example", "1|~|~|b.example|~|~|~|~", NULL},
    {"sip:localhost:5060", "1|~|~|localhost|5060|~|~|~", NULL},
    /* the user's characters */
    {"sip:foo%23bar@h", "1|foo%23bar|~|h|~|~|~|~", NULL},
    {"sip:a&b=c+d$e,f;g?h/i@x.example", "1|a&b=c+d$e,f;g?h/i|~|x.example|~|~|~|~", NULL},
    {"sip:Ab9@h", "1|Ab9|~|h|~|~|~|~", NULL},
    {"sip:-_.!~*'()@h", "1|-_.!~*'()|~|h|~|~|~|~", NULL},
    {"sip:-_.!~*'()&=+$,;?/:-_.!~*'()&=+$,@host", "1|-_.!~*'()&=+$,;?/|-_.!~*'()&=+$,|host|~|~|~|~",
     NULL},
    {"sip:a:@h", "1|a||h|~|~|~|~", NULL},
    {"sip:host;x=a@b", "1|host;x=a|~|b|~|~|~|~", NULL},
    {"sip:sip%3Auser%40example.com@h", "1|sip%3Auser%40example.com|~|h|~|~|~|~", NULL},
    {"sip:null-%00-null@h", "1|null-%00-null|~|h|~|~|~|~", NULL},
    /* hosts and ports */
    {"sip:EXAMPLE.com.", "1|~|~|EXAMPLE.com.|~|~|~|~", "sip:example.com."},
    {"sip:[::1]", "1|~|~|[::1]|~|~|~|~", NULL},
    {"sip:u@[2001:DB8::10]:5070", "1|u|~|[2001:DB8::10]|5070|~|~|~", "sip:u@[2001:db8::10]:5070"},
    {"sip:[fe80::A%25Eth0];lr", "1|~|~|[fe80::A%25Eth0]|~|~|lr|~", "sip:[fe80::a%25Eth0];lr"},
    {"sip:a@h:0", "1|a|~|h|0|~|~|~", NULL},
    {"sip:a@h:65535", "1|a|~|h|65535|~|~|~", NULL},
    {"sip:a:65536@h", "1|a|65536|h|~|~|~|~", NULL},
    /* parameters and headers */
    {"sip:host;user=ip;-_.!~*'()[]/:&+$%21=-_.!~*'()[]/:&+$%21;lr;other=1",
     "1|~|~|host|~|~|user=ip;-_.!~*'()[]/:&+$%21=-_.!~*'()[]/:&+$%21;lr;other=1|~",
     "sip:host;user=ip;-_.!~*'()[]/:&+$!=-_.!~*'()[]/:&+$!;lr;other=1"},
    {"sip:h?h[]/?:+$=v[]/?:+$&x=", "1|~|~|h|~|~|~|h[]/?:+$=v[]/?:+$&x=", NULL},
    {"sip:a@h;gr", "1|a|~|h|~|~|gr|~", NULL},
    {"sip:A%6C@EX.com;Transport=TCP", "1|A%6C|~|EX.com|~|~|Transport=TCP|~",
     "sip:Al@ex.com;transport=TCP"},
    {"sip:a%2fb%3a%c3%bc:%7Ep@h;%4Eame=%2d?X%41=%2a%2c",
     "1|a%2fb%3a%c3%bc|%7Ep|h|~|~|%4Eame=%2d|X%41=%2a%2c",
     "sip:a%2Fb%3A%C3%BC:~p@h;name=-?XA=*%2C"},
    {"sip:%2541@h", "1|%2541|~|h|~|~|~|~", NULL},
    /* im and pres: a dot-atom before decoding */
    {"im:a.b@h", "3|a.b|~|h|~|~|~|~", NULL},
    {"im:!$%26'*+-/=_^`{|}~@h", "3|!$%26'*+-/=_^`{|}~|~|h|~|~|~|~", NULL},
    {"im:a%2e%2E%61@h", "3|a%2e%2E%61|~|h|~|~|~|~", "im:a%2E%2Ea@h"},
    {"im:a%23%3F@h", "3|a%23%3F|~|h|~|~|~|~", NULL},
    {"IM:H.example?subject=x,y", "3|~|~|H.example|~|~|~|subject=x,y", "im:h.example?subject=x,y"},
    /* tel: RFC 3966 6 and its grammar */
    {"tel:+1-201-555-0123", "5|+1-201-555-0123|~|~|~|~|~|~", NULL},
    {"tel:7042;phone-context=example.com", "5|7042|~|~|~|~|phone-context=example.com|~", NULL},
    {"tel:863-1234;Phone-Context=+1-914-555", "5|863-1234|~|~|~|~|Phone-Context=+1-914-555|~",
     "tel:863-1234;phone-context=+1-914-555"},
    {"tel:*21#;phone-context=x.example", "5|*21#|~|~|~|~|phone-context=x.example|~", NULL},
    {"tel:+1;isub=/:@&$,-_.!~*'()[]:&$aA1%21+=;p;ext=12-3",
     "5|+1|~|~|~|~|isub=/:@&$,-_.!~*'()[]:&$aA1%21+=;p;ext=12-3|~",
     "tel:+1;isub=/:@&$,-_.!~*'()[]:&$aA1!+=;p;ext=12-3"},
    /* xmpp: RFC 5122 */
    {"xmpp:node@example.com", "6|node|~|example.com|~|~|~|~", NULL},
    {"xmpp:example.com", "6|~|~|example.com|~|~|~|~", NULL},
    {"xmpp:example-node@Example.com/some-resource",
     "6|example-node|~|Example.com|~|some-resource|~|~",
     "xmpp:example-node@example.com/some-resource"},
    {"xmpp:a@h?message;subject=Test%20Message;body=Here%27s",
     "6|a|~|h|~|~|~|message;subject=Test%20Message;body=Here%27s", NULL},
    {"xmpp://guest@Example.com/support@example.com/r?message#frag%7e",
     "6|support|~|example.com|~|r|~|message",
     "xmpp://guest@Example.com/support@example.com/r?message#frag~"},
    {"xmpp://guest@example.com", "6|~|~|~|~|~|~|~", NULL},
    {"xmpp://guest@example.com#x", "6|~|~|~|~|~|~|~", NULL},
    {"xmpp:nasty!%23$%25()*+,-.;=%3F%5B%5C%5D%5E_%60%7B%7C%7D~node@example.com",
     "6|nasty!%23$%25()*+,-.;=%3F%5B%5C%5D%5E_%60%7B%7C%7D~node|~|example.com|~|~|~|~", NULL},
    {"xmpp:ji\xC5\x99i@\xC4\x8D.example/v%20Praze",
     "6|ji\xC5\x99i|~|\xC4\x8D.example|~|v%20Praze|~|~", NULL},
    {"xmpp:a@b%c3%bccher.example", "6|a|~|b%c3%bccher.example|~|~|~|~",
     "xmpp:a@b%C3%BCcher.example"},
    {"xmpp:a@[::1]", "6|a|~|[::1]|~|~|~|~", NULL},
    /* any other */
    {"HTTP://10.10.30.186:8080/a%7eb?c#d", "0|~|~|~|~|//10.10.30.186:8080/a%7eb?c#d|~|~",
     "http://10.10.30.186:8080/a~b?c#d"},
    {"urn:service:sos", "0|~|~|~|~|service:sos|~|~", NULL},
    {"name:user", "0|~|~|~|~|user|~|~", NULL},
    {"soap.beep://192.0.2.103:3002", "0|~|~|~|~|//192.0.2.103:3002|~|~", NULL},
};

static void put_span(stox_buf *out, stox_span part, char lead) {
  stox_buf_put_octet(out, lead);
  if (part.p == NULL) {
    stox_buf_put_octet(out, '~');
  } else {
    stox_buf_put(out, part);
  }
}

static stox_span parts_of(char *room, size_t n, const stox_uri *uri) {
  stox_buf out;
  stox_buf_init(&out, room, n);
  stox_buf_put_number(&out, (uint64_t)uri->scheme);
  put_span(&out, uri->user, '|');
  put_span(&out, uri->password, '|');
  put_span(&out, uri->host, '|');
  put_span(&out, uri->port_text, '|');
  put_span(&out, uri->path, '|');
  put_span(&out, uri->params, '|');
  put_span(&out, uri->headers, '|');
  return stox_buf_span(&out);
}

static int write_uri(stox_buf *out, const void *ud) {
  return stox_uri_write(out, ud);
}

static void parses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(good); i++) {
    guard g = guard_copy(stox_span_text(good[i].text));
    char room[512];
    stox_uri uri;
    stox_diag diag = {0, 0, 0, NULL};
    if (stox_uri_parse(&uri, g.span, STOX_URI_STRICT, &diag) != STOX_OK) {
      fail_msg("%s: %s at %zu", good[i].text, stox_status_name(diag.code), diag.offset);
    }
    assert_span_equal(parts_of(room, sizeof room, &uri), stox_span_text(good[i].parts));
    assert_int_equal(uri.lenient, 0);
    const char *want = good[i].canonical == NULL ? good[i].text : good[i].canonical;
    check_writer(write_uri, &uri, stox_span_text(want));
    guard_free(&g);
  }
}

/* The canonical form is its own, and equal to the text. */
static void canonical_is_stable(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(good); i++) {
    if (good[i].canonical == NULL) {
      continue;
    }
    stox_uri one;
    stox_uri two;
    assert_status(stox_uri_parse(&one, stox_span_text(good[i].text), 0, NULL), STOX_OK);
    assert_status(stox_uri_parse(&two, stox_span_text(good[i].canonical), 0, NULL), STOX_OK);
    check_writer(write_uri, &two, stox_span_text(good[i].canonical));
    if (one.scheme != STOX_SCHEME_OTHER && strstr(good[i].text, "//") == NULL) {
      assert_int_equal(stox_uri_is_equal(&one, &two, STOX_URI_RFC3261), 1);
      assert_int_equal(stox_uri_is_equal(&two, &one, STOX_URI_LOCATION), 1);
    }
  }
}

typedef struct bad_row {
  stox_span text;
  int status;
  size_t offset;
  int answer;
} bad_row;

static const bad_row bad[] = {
    {ROW(""), STOX_E_BAD_URI, 0, 400},
    {ROW("si"), STOX_E_BAD_URI, 0, 400},
    {ROW(":a@h"), STOX_E_BAD_URI, 0, 400},
    {ROW("1sip:a@h"), STOX_E_BAD_URI, 0, 400},
    {ROW("sip :host"), STOX_E_BAD_URI, 0, 400},
    {ROW("<sip:a@h>"), STOX_E_BAD_URI, 0, 400},
    {ROW("sip:"), STOX_E_BAD_HOST, 4, 400},
    {ROW("sip: host"), STOX_E_BAD_HOST, 4, 400},
    {ROW("sip:@"), STOX_E_BAD_URI, 4, 400},
    {ROW("sip:@sip.example"), STOX_E_BAD_URI, 4, 400},
    {ROW("sip::pw@sip.example"), STOX_E_BAD_URI, 4, 400},
    {ROW("sip:user@"), STOX_E_BAD_HOST, 9, 400},
    {ROW("sip:user:password"), STOX_E_BAD_PORT, 9, 400},
    {ROW("sip:a@b@c"), STOX_E_BAD_URI, 7, 400},
    {ROW("sip:a@b?x=c@d"), STOX_E_BAD_URI, 11, 400},
    {ROW("sip:a[b@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:a#b@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:a\"b@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:a b@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:a\0b@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:a\r\n@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:f\xC3\xBC@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("sip:a:p;w@h"), STOX_E_BAD_URI, 7, 400},
    {ROW("sip:a:p:w@h"), STOX_E_BAD_URI, 7, 400},
    {ROW("sip:a%zy@h"), STOX_E_BAD_PCT, 5, 400},
    {ROW("sip:a%4@h"), STOX_E_BAD_PCT, 5, 400},
    {ROW("sip:a%@h"), STOX_E_BAD_PCT, 5, 400},
    {ROW("sip:a:%@h"), STOX_E_BAD_PCT, 6, 400},
    {ROW("sip:h;a=%4"), STOX_E_BAD_PCT, 8, 400},
    {ROW("sip:h?%g0=a"), STOX_E_BAD_PCT, 6, 400},
    {ROW("sip:a@2"), STOX_E_BAD_HOST, 6, 400},
    {ROW("sip:a@h_1"), STOX_E_BAD_HOST, 6, 400},
    {ROW("sip:a@-h"), STOX_E_BAD_HOST, 6, 400},
    {ROW("sip:a@h..x"), STOX_E_BAD_HOST, 6, 400},
    {ROW("sip:a@b\xC3\xBC"), STOX_E_BAD_HOST, 6, 400},
    {ROW("sip:a@256.1.1.1"), STOX_E_BAD_HOST, 6, 400},
    {ROW("sip:[qb06::cd01]"), STOX_E_BAD_HOST, 4, 400},
    {ROW("sip:[::1"), STOX_E_BAD_HOST, 4, 400},
    {ROW("sip:[::1]x"), STOX_E_BAD_HOST, 9, 400},
    {ROW("sip:::1"), STOX_E_BAD_HOST, 4, 400},
    {ROW("sip:h:"), STOX_E_BAD_PORT, 6, 400},
    {ROW("sip:h:65536"), STOX_E_BAD_PORT, 6, 400},
    {ROW("sip:h:55555555555555555555"), STOX_E_BAD_PORT, 6, 400},
    {ROW("sip:h:+1"), STOX_E_BAD_PORT, 6, 400},
    {ROW("sip:h:443/wss/;transport=wss"), STOX_E_BAD_PORT, 6, 400},
    {ROW("sip:h;"), STOX_E_BAD_PARAM, 6, 400},
    {ROW("sip:h;;a"), STOX_E_BAD_PARAM, 6, 400},
    {ROW("sip:h;=a"), STOX_E_BAD_PARAM, 6, 400},
    {ROW("sip:h;gr="), STOX_E_BAD_PARAM, 9, 400},
    {ROW("sip:h;a=b=c"), STOX_E_BAD_PARAM, 9, 400},
    {ROW("sip:h;pvalue=\"hello\""), STOX_E_BAD_PARAM, 13, 400},
    {ROW("sip:h;gr=a;x;GR=b"), STOX_E_BAD_PARAM, 13, 400},
    {ROW("sip:h;a;%41"), STOX_E_BAD_PARAM, 8, 400},
    {ROW("sip:h?"), STOX_E_BAD_URI, 6, 400},
    {ROW("sip:h?a"), STOX_E_BAD_URI, 6, 400},
    {ROW("sip:h?=a"), STOX_E_BAD_URI, 6, 400},
    {ROW("sip:h?a=b&"), STOX_E_BAD_URI, 10, 400},
    {ROW("sip:h?a=b;c"), STOX_E_BAD_URI, 9, 400},
    {ROW("sip:h#x"), STOX_E_BAD_HOST, 4, 400},
    {ROW("sip:h;%4=a"), STOX_E_BAD_PCT, 6, 400},
    {ROW("sip+x"), STOX_E_BAD_URI, 0, 400},
    {ROW("im:h?=x"), STOX_E_BAD_URI, 5, 400},
    {ROW("im:h?a=\""), STOX_E_BAD_URI, 7, 400},
    {ROW("im:b\xC3\xBC"), STOX_E_BAD_HOST, 3, 400},
    {ROW("tel:+1;a="), STOX_E_BAD_PARAM, 7, 400},
    {ROW("tel:+1;ext"), STOX_E_BAD_PARAM, 7, 400},
    {ROW("tel:+1;isub"), STOX_E_BAD_PARAM, 7, 400},
    {ROW("tel:+1;isub=\""), STOX_E_BAD_PARAM, 12, 400},
    {ROW("xmpp:/a@h"), STOX_E_BAD_HOST, 5, 400},
    {ROW("xmpp://a@"), STOX_E_BAD_HOST, 9, 400},
    {ROW("xmpp://a@h_/b"), STOX_E_BAD_HOST, 9, 400},
    {ROW("xmpp:a@h?!"), STOX_E_BAD_URI, 9, 400},
    {ROW("xmpp:a@h?q;a=!"), STOX_E_BAD_URI, 13, 400},
    {ROW("im:@h"), STOX_E_BAD_URI, 3, 400},
    {ROW("im:.a@h"), STOX_E_BAD_URI, 3, 400},
    {ROW("im:a.@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("im:a..b@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("im:a(b)@h"), STOX_E_BAD_URI, 4, 400},
    {ROW("im:a#b@h"), STOX_E_BAD_URI, 4, 400},
    {ROW("im:a?b@h"), STOX_E_BAD_URI, 6, 400},
    {ROW("im:a?b=c@h"), STOX_E_BAD_URI, 8, 400},
    {ROW("im:a@b@c"), STOX_E_BAD_URI, 6, 400},
    {ROW("im:a%@h"), STOX_E_BAD_PCT, 4, 400},
    {ROW("pres:a@h;gr=x"), STOX_E_BAD_HOST, 7, 400},
    {ROW("pres:a@h:5060"), STOX_E_BAD_HOST, 7, 400},
    {ROW("im:"), STOX_E_BAD_HOST, 3, 400},
    {ROW("im:h?x"), STOX_E_BAD_URI, 5, 400},
    {ROW("tel:"), STOX_E_BAD_URI, 4, 400},
    {ROW("tel:+"), STOX_E_BAD_URI, 4, 400},
    {ROW("tel:+-"), STOX_E_BAD_URI, 4, 400},
    {ROW("tel:+1x"), STOX_E_BAD_URI, 4, 400},
    {ROW("tel:(44).1234-*#+Deaf;phone-context=h"), STOX_E_BAD_URI, 4, 400},
    {ROW("tel:46317014291"), STOX_E_BAD_URI, 4, 400},
    {ROW("tel:1;phone-context=-"), STOX_E_BAD_PARAM, 20, 400},
    {ROW("tel:1;phone-context"), STOX_E_BAD_PARAM, 6, 400},
    {ROW("tel:+1;ext=a"), STOX_E_BAD_PARAM, 11, 400},
    {ROW("tel:+1;a_b"), STOX_E_BAD_PARAM, 8, 400},
    {ROW("tel:+1;"), STOX_E_BAD_PARAM, 7, 400},
    {ROW("tel:+1;a;A"), STOX_E_BAD_PARAM, 9, 400},
    {ROW("tel:+1?a=b"), STOX_E_BAD_URI, 4, 400},
    {ROW("xmpp:"), STOX_E_BAD_HOST, 5, 400},
    {ROW("xmpp:@h"), STOX_E_BAD_URI, 5, 400},
    {ROW("xmpp:a@b@c"), STOX_E_BAD_URI, 8, 400},
    {ROW("xmpp:a&b@c"), STOX_E_BAD_URI, 6, 400},
    {ROW("xmpp:a@b/"), STOX_E_BAD_URI, 9, 400},
    {ROW("xmpp:a@b/c/d"), STOX_E_BAD_URI, 10, 400},
    {ROW("xmpp:a@b/%"), STOX_E_BAD_PCT, 9, 400},
    {ROW("xmpp:a@b c"), STOX_E_BAD_HOST, 8, 400},
    {ROW("xmpp:a@b\xC3"), STOX_E_BAD_UTF8, 8, 400},
    {ROW("xmpp://h/a@b"), STOX_E_BAD_URI, 7, 400},
    {ROW("xmpp:a@b?q;x"), STOX_E_BAD_URI, 11, 400},
    {ROW("xmpp:a@b?q=x"), STOX_E_BAD_URI, 9, 400},
    {ROW("xmpp:a@b#c#d"), STOX_E_BAD_URI, 10, 400},
    {ROW("foo:"), STOX_E_BAD_URI, 4, 416},
    {ROW("foo:a b"), STOX_E_BAD_URI, 5, 416},
    {ROW("foo:%2"), STOX_E_BAD_PCT, 4, 416},
    {ROW("foo:a#b#c"), STOX_E_BAD_URI, 7, 416},
    {ROW("foo:\xC3\xBC"), STOX_E_BAD_URI, 4, 416},
};

static void refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad); i++) {
    guard g = guard_copy(bad[i].text);
    stox_uri uri;
    memset(&uri, 0x55, sizeof uri);
    const stox_uri before = uri;
    stox_diag diag = {0, 0, 999, NULL};
    const int status = stox_uri_parse(&uri, g.span, STOX_URI_STRICT, &diag);
    if (status != bad[i].status || diag.offset != bad[i].offset) {
      fail_msg("%s: %s at %zu", bad[i].text.p, stox_status_name(status), diag.offset);
    }
    assert_int_equal(diag.code, status);
    assert_int_equal(diag.answer, bad[i].answer);
    assert_non_null(diag.rule);
    assert_memory_equal(&uri, &before, sizeof uri);
    assert_status(stox_uri_parse(&uri, g.span, STOX_URI_STRICT, NULL), bad[i].status);
    guard_free(&g);
  }
}

static void lenient(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    const char *canonical;
  } rows[] = {
      {ROW("sip:f\xC3\xBC@h"), "sip:f%C3%BC@h"},
      {ROW("sip:100%@h"), "sip:100%25@h"},
      {ROW("sip:%4`@h"), NULL},
      {ROW("sip:a%4@h"), "sip:a%254@h"},
      {ROW("im:f\xC3\xBC%@h"), "im:f%C3%BC%25@h"},
      {ROW("sip:h;a="), "sip:h;a="},
      {ROW("sip:h;a=1;A=2"), "sip:h;a=1;a=2"},
      {ROW("tel:911"), "tel:911"},
      {ROW("sip:a#b@h"), NULL},
      {ROW("sip:a:%@h"), NULL},
      {ROW("sip:h;;a"), NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_uri uri;
    const int status = stox_uri_parse(&uri, g.span, STOX_URI_LENIENT, NULL);
    assert_int_equal(status == STOX_OK, rows[i].canonical != NULL);
    if (status == STOX_OK) {
      assert_int_equal(uri.lenient, 1);
      check_writer(write_uri, &uri, stox_span_text(rows[i].canonical));
    }
    guard_free(&g);
  }
  stox_uri uri;
  assert_status(stox_uri_parse(&uri, S("sip:a@h;b"), STOX_URI_LENIENT, NULL), STOX_OK);
  assert_int_equal(uri.lenient, 0);
}

static void host_kinds(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int kind;
    uint32_t port;
  } rows[] = {{"sip:h.example:5061", STOX_HOST_NAME, 5061},
              {"sip:a@192.0.2.1", STOX_HOST_IPV4, 0},
              {"sip:[::1]:05060", STOX_HOST_IPV6, 5060},
              {"sip:[fe80::1%25eth0]", STOX_HOST_IPV6_ZONE, 0},
              {"xmpp:b\xC3\xBC.example", STOX_HOST_IDN, 0},
              {"xmpp:b%C3%BC.example", STOX_HOST_IDN, 0},
              {"tel:+1", STOX_HOST_NONE, 0}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_uri uri;
    assert_status(stox_uri_parse(&uri, stox_span_text(rows[i].text), 0, NULL), STOX_OK);
    assert_int_equal(uri.host_kind, rows[i].kind);
    assert_int_equal(uri.port, rows[i].port);
  }
}

/* A host longer than any JID's is none, whatever its escapes. */
static void long_hosts(void **state) {
  (void)state;
  char room[1100] = "xmpp:a@";
  stox_uri uri;
  memset(room + 7, 'h', sizeof room - 7);
  assert_status(stox_uri_parse(&uri, (stox_span){room, sizeof room}, 0, NULL), STOX_E_BAD_HOST);
}

/* Equal hashes (FNV-1a) of different names. */
static void colliding_names(void **state) {
  (void)state;
  stox_uri uri;
  stox_param param;
  assert_status(stox_uri_parse(&uri, S("sip:h;costarring=1;liquid=2"), 0, NULL), STOX_OK);
  assert_status(stox_uri_find_param(&param, &uri, "liquid"), STOX_OK);
  assert_span_equal(param.value, S("2"));
  assert_status(stox_uri_parse(&uri, S("sip:h;costarring=1;liquid=2;LIQUID"), 0, NULL),
                STOX_E_BAD_PARAM);
}

/* Parameters and headers in order, unknown ones included. */
static void walks(void **state) {
  (void)state;
  stox_uri uri;
  stox_param item;
  size_t cursor = 0;
  assert_status(stox_uri_parse(&uri, S("sip:h;a;B=1;c=%20?x=&y=2&x=3"), 0, NULL), STOX_OK);
  assert_status(stox_uri_next_param(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.name, S("a"));
  assert_null(item.value.p);
  assert_status(stox_uri_next_param(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.name, S("B"));
  assert_span_equal(item.value, S("1"));
  assert_status(stox_uri_next_param(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.value, S("%20"));
  assert_status(stox_uri_next_param(&item, &uri, &cursor), STOX_E_NONE);
  assert_status(stox_uri_next_param(&item, &uri, &cursor), STOX_E_NONE);
  cursor = 0;
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.name, S("x"));
  assert_non_null(item.value.p);
  assert_int_equal(item.value.n, 0);
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_OK);
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.value, S("3"));
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_E_NONE);
  assert_status(stox_uri_find_param(&item, &uri, "b"), STOX_OK);
  assert_span_equal(item.value, S("1"));
  assert_status(stox_uri_find_param(&item, &uri, "d"), STOX_E_NONE);
  assert_status(stox_uri_parse(&uri, S("sip:h;b=1;B=2"), STOX_URI_LENIENT, NULL), STOX_OK);
  assert_status(stox_uri_find_param(&item, &uri, "b"), STOX_E_REPEATED);
  assert_span_equal(item.value, S("1"));
  assert_status(stox_uri_parse(&uri, S("sip:h"), 0, NULL), STOX_OK);
  cursor = 0;
  assert_status(stox_uri_next_param(&item, &uri, &cursor), STOX_E_NONE);
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_E_NONE);
  assert_status(stox_uri_parse(&uri, S("xmpp:a@h?message;body=x"), 0, NULL), STOX_OK);
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.name, S("message"));
  assert_status(stox_uri_next_header(&item, &uri, &cursor), STOX_OK);
  assert_span_equal(item.value, S("x"));
}

static void gruus(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int gruu;
  } rows[] = {
      {"sip:a@h", STOX_GRUU_NONE},
      {"sip:a@h;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", STOX_GRUU_PUBLIC},
      {"sips:a@h;x;GR=b", STOX_GRUU_PUBLIC},
      {"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr", STOX_GRUU_TEMPORARY},
      {"sip:a@h;gruu;opaque=urn:x", STOX_GRUU_DRAFT2005},
      {"sip:a@h;opaque=x", STOX_GRUU_DRAFT2005},
      {"sip:a@h;gruu", STOX_GRUU_DRAFT2005},
      {"sip:a@h;grid=1", STOX_GRUU_NONE},
      {"tel:+1;gr=x", STOX_GRUU_NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_uri uri;
    assert_status(stox_uri_parse(&uri, stox_span_text(rows[i].text), 0, NULL), STOX_OK);
    assert_int_equal(stox_uri_gruu(&uri), rows[i].gruu);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses),          cmocka_unit_test(canonical_is_stable),
      cmocka_unit_test(refuses),         cmocka_unit_test(lenient),
      cmocka_unit_test(walks),           cmocka_unit_test(host_kinds),
      cmocka_unit_test(gruus),           cmocka_unit_test(long_hosts),
      cmocka_unit_test(colliding_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
