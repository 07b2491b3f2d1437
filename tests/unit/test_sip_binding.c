/* SPDX-License-Identifier: MIT */
/* The values of Contact taken apart in one walk (GR-10-01) are what two walks give. */
#include "sip_messages.h"

#include "stox/sip_contact.h"

enum { ROUNDS = 4000, VALUE_ROOM = 1024 };

static const char *const values[] = {
    "<sip:a@h>",
    "\"B \\\"x\\\" <\" <sip:b@[2001:db8::7]:5061;transport=tls>",
    "Bob B <sips:h;lr>",
    "sip:a@h",
    "*",
    "<sip:a@h",
    "<tel:+1>",
    "<sip:a:p@h?x=y>",
    "<sip:a@[::1:2:]>",
    "<sip:a@[1:2:3:4:5:6:7:8]>",
    "<sip:1.2.3.4>",
};
static const char *const pieces[] = {
    ";q=0.5",
    ";Q=1",
    "; expires = 3600",
    ";expires=60",
    ";+sip.instance=\"<urn:uuid:1>\"",
    ";+SIP.Instance=\"<u>\"",
    ";reg-id=1",
    ";reg-id",
    ";pub-gruu=\"sip:a\"",
    ";temp-gruu=\"sip:b;gr\"",
    ";x",
    ";tag=1",
    ";tag=2",
    ", <sip:c@h>",
    ",",
    "\t",
    " ",
    "\r\n ",
    ";=",
    ";q=\"",
};

static stox_span random_value(char *room, uint64_t *seed) {
  stox_buf out;
  stox_buf_init(&out, room, VALUE_ROOM);
  stox_buf_put_text(&out, values[test_random(seed) % COUNT(values)]);
  for (uint64_t n = test_random(seed) % 6; n > 0; n--) {
    stox_buf_put_text(&out, pieces[test_random(seed) % COUNT(pieces)]);
  }
  return stox_buf_span(&out);
}

static void assert_same_span(stox_span a, stox_span b) {
  assert_ptr_equal(a.p, b.p);
  assert_int_equal(a.n, b.n);
}

/* The first of a name, or nothing. */
static stox_span value_of(stox_span params, const char *name) {
  stox_param param;
  const int status = stox_param_find(&param, params, name);
  return status == STOX_OK || status == STOX_E_REPEATED ? param.value : (stox_span){NULL, 0};
}

static void assert_same(const stox_sip_binding *one, const stox_name_addr *two,
                        const stox_uri *uri) {
  assert_same_span(one->address.text, two->text);
  assert_same_span(one->address.display, two->display);
  assert_same_span(one->address.uri, two->uri);
  assert_same_span(one->address.params, two->params);
  assert_int_equal(one->address.star, two->star);
  assert_same_span(one->uri.host, uri->host);
  assert_same_span(one->uri.user, uri->user);
  assert_same_span(one->uri.params, uri->params);
  assert_int_equal(one->uri.host_kind, uri->host_kind);
  assert_int_equal(one->uri.port, uri->port);
  assert_same_span(one->q, value_of(two->params, "q"));
  assert_same_span(one->expires, value_of(two->params, "expires"));
  assert_same_span(one->sip_instance, value_of(two->params, "+sip.instance"));
  assert_same_span(one->pub_gruu, value_of(two->params, "pub-gruu"));
  assert_same_span(one->temp_gruu, value_of(two->params, "temp-gruu"));
}

static int are_params(stox_span params) {
  stox_param param;
  size_t cursor = 0;
  int status = STOX_OK;
  while ((status = stox_param_next(&param, params, &cursor)) == STOX_OK) {
  }
  return status == STOX_E_NONE;
}

/* How many bindings the message has. */
static size_t compare(const stox_sip_message *message) {
  stox_sip_cursor a = {0, 0};
  stox_sip_cursor b = {0, 0};
  stox_sip_binding one;
  stox_name_addr two;
  stox_uri uri;
  for (size_t n = 0;; n++) {
    const int status = stox_sip_next_binding(&one, message, &a);
    const int expected = stox_sip_next_address_uri(&two, &uri, message, STOX_SIP_CONTACT, &b);
    if (expected == STOX_OK && !are_params(two.params)) {
      assert_int_not_equal(status, STOX_OK);
      return n;
    }
    assert_status(status, expected);
    if (status != STOX_OK) {
      return n;
    }
    assert_int_equal(a.field, b.field);
    assert_int_equal(a.at, b.at);
    assert_same(&one, &two, &uri);
  }
}

static void one_walk_gives_what_two_give(void **state) {
  (void)state;
  uint64_t seed = 17;
  size_t found = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char value[VALUE_ROOM];
    char text[4 * VALUE_ROOM];
    stox_buf out;
    stox_buf_init(&out, text, sizeof text);
    stox_buf_put_text(&out, "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
                            "From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: 1\r\n"
                            "CSeq: 1 REGISTER\r\n");
    for (uint64_t n = 1 + test_random(&seed) % 2; n > 0; n--) {
      stox_buf_put_text(&out, "Contact: ");
      stox_buf_put(&out, random_value(value, &seed));
      stox_buf_put_text(&out, "\r\n");
    }
    stox_buf_put_text(&out, "Content-Length: 0\r\n\r\n");
    parsed p;
    parse_good(&p, stox_buf_span(&out));
    found += compare(p.message);
    parsed_free(&p);
  }
  assert_true(found > ROUNDS / 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_walk_gives_what_two_give),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
