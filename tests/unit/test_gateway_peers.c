/* SPDX-License-Identifier: MIT */
/* What a gateway that federates hears from other servers. */
#include "world.h"

/* Each answer needs a stream of the gateway's own, which is made for it. */
static void test_answers_to_peers(void **state) {
  (void)state;
  static const struct {
    const char *stanza;
    const char *holds; /* NULL: no answer */
  } rows[] = {
      {"<iq type='get' id='1' from='juliet@xmpp.example/b' to='sip.example'><query "
       "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       "category='gateway'"},
      {"<iq type='get' id='1' from='xmpp.example' to='romeo@sip.example'><query "
       "xmlns='jabber:iq:last'/></iq>",
       "service-unavailable"},
      {"<iq type='get' id='1' from='xmpp.example' to='sip.example'/>", "bad-request"},
      {"<iq type='result' id='1' from='xmpp.example' to='sip.example'/>", NULL},
      {"<presence type='probe' from='juliet@xmpp.example' to='romeo@sip.example'/>", "unavailable"},
      {"<presence type='subscribe' from='juliet@xmpp.example' to='romeo@sip.example'/>",
       "feature-not-implemented"},
      {"<presence from='juliet@xmpp.example/b' to='romeo@sip.example'/>", NULL},
      {"<message id='1' from='juliet@xmpp.example/b' to='sip.example'><body>x</body></message>",
       "service-unavailable"},
      {"<message id='1' from='juliet@xmpp.example/b' to='nobody@sip.example'><body>x</body>"
       "</message>",
       "item-not-found"},
      {"<message type='error' id='1' from='juliet@xmpp.example/b' to='romeo@sip.example'><body>x"
       "</body></message>",
       NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_federate(&w, NULL);
    w.sip->answer = "404 Not Found";
    fake_peer_say(w.other, rows[i].stanza);
    world_run(&w, SECOND);
    assert_int_equal(w.told.heard, 1);
    if (w.other->n_stanzas != (rows[i].holds == NULL ? 0 : 1) ||
        (rows[i].holds != NULL && fake_peer_count(w.other, rows[i].holds) != 1)) {
      fail_msg("row %zu: %zu stanzas, %s", i, w.other->n_stanzas,
               w.other->n_stanzas > 0 ? w.other->stanzas[0] : "");
    }
    assert_int_equal(w.told.up, rows[i].holds == NULL ? 0 : 1);
    world_end(&w);
  }
}

/* Whom SIP may not write to is told that it may not write to SIP. */
static void test_strange_domain(void **state) {
  (void)state;
  world w;
  world_federate(&w, &(world_plan){.xmpp_domain = "listed.example"});
  fake_peer_say(w.other, world_from_juliet);
  fake_peer_say(w.other, "<iq type='get' id='2' from='xmpp.example' to='sip.example'><ping "
                         "xmlns='urn:xmpp:ping'/></iq>"
                         "<presence type='probe' from='a@xmpp.example' to='b@sip.example'/>");
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "MESSAGE "), 0);
  assert_int_equal(w.other->n_stanzas, 2);
  assert_int_equal(fake_peer_count(w.other, "forbidden"), 2);
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 404);
  world_end(&w);
}

/* Domains in either form, on either side: of the options, and of what the peer says. */
static void test_domains_above_ascii(void **state) {
  (void)state;
  static const char *const forms[][2] = {{"xn--bcher-kva.example", "xn--mller-kva.example"},
                                         {"B\xC3\xBC"
                                          "cher.example",
                                          "m\xC3\xBCller.example"}};
  for (size_t i = 0; i < 8; i++) {
    const char *const *said = forms[i & 1];
    const char *const *meant = forms[i >> 1 & 1];
    char text[512];
    world w;
    world_federate(&w, &(world_plan){.peer_domain = forms[i >> 2][0],
                                     .xmpp_domain = meant[0],
                                     .sip_domain = meant[1]});
    world_send(&w,
               &(fake_message){.uri = "sip:juliet@xn--BCHER-kva.example",
                               .from = "<sip:romeo@xn--mller-kva.example>;tag=1",
                               .body = "in"},
               UDP);
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
    w.sip->answer = "404 Not Found";
    snprintf(text, sizeof text,
             "<message from='juliet@%s' to='romeo@%s' id='m'><body>out</body></message>"
             "<iq type='get' from='%s' to='%s' id='d'><query "
             "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
             said[0], said[1], said[0], said[1]);
    fake_peer_say(w.other, text);
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@xn--mller-kva.example SIP/2.0"), 1);
    assert_int_equal(w.other->n_stanzas, 3);
    assert_int_equal(fake_peer_count(w.other, "item-not-found"), 1);
    assert_int_equal(fake_peer_count(w.other, "category='gateway'"), 1);
    world_end(&w);
  }
}

/* A ping's answer and a bounce, by a domain that writes itself in the other form. */
static void test_answers_in_the_other_form(void **state) {
  (void)state;
  static const char *const answers[] = {
      "<iq type='result' from='xn--bcher-kva.example' to='sip.example' id='%s'/>",
      ("<message type='error' from='a@xn--bcher-kva.example' to='romeo@sip.example' id='%s'>"
       "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
       "</message>"),
  };
  for (size_t i = 0; i < COUNT(answers); i++) {
    char id[64] = "";
    char text[512];
    world w;
    world_federate(&w, &(world_plan){.peer_domain = "xn--bcher-kva.example",
                                     .xmpp_domain = "xn--bcher-kva.example"});
    w.other->is_deaf = 1;
    world_ask(&w, "sip:a@xn--bcher-kva.example", "a");
    world_run(&w, SECOND);
    assert_int_equal(sscanf(strstr(w.other->stanzas[0], " id='"), " id='%63[^']'", id), 1);
    const char *percent = strchr(answers[i], '%');
    snprintf(text, sizeof text, "%.*s%s%s", (int)(percent - answers[i]), answers[i],
             i == 0 ? w.other->last_ping : id, percent + 2);
    fake_peer_say(w.other, text);
    world_run(&w, SECOND);
    assert_int_equal(world_code_of(&w, "a"), i == 0 ? 200 : 404);
    world_end(&w);
  }
}

/* What a peer is owed is kept while its server is away, a little of it, and not for ever. */
static void test_owed_is_bounded(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  fake_peer_say(w.other, world_from_juliet);
  world_run(&w, SECOND);
  w.refusing_peer = 1;
  world_cut(&w);
  for (int i = 0; i < 500; i++) {
    fake_peer_say(w.other,
                  "<presence type='subscribe' from='juliet@xmpp.example' "
                  "to='romeo@sip.example' id='0123456789012345678901234567890123456789'/>");
  }
  world_run(&w, 2 * SECOND);
  assert_int_equal(w.other->n_stanzas, 0);
  assert_true(w.memory.live < 4 << 20);
  w.refusing_peer = 0;
  world_run(&w, 5 * SECOND);
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 200);
  world_end(&w);
}

/* Of one address, 16 that are not authenticated are let in; another is closed. */
static void test_too_many_strangers(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  size_t closes = 0;
  for (uint64_t i = 0; i < 40; i++) {
    const stox_flow flow = {
        .handle = 100000 + i, .local = AT(5270, TCP), .remote = {S("192.0.2.1"), 1024, TCP}};
    assert_status(stox_gateway_feed(w.gateway, &flow, S("<"), w.now_ns), STOX_OK);
    const stox_action *action = NULL;
    while ((action = stox_gateway_next(w.gateway)) != NULL) {
      closes += action->kind == STOX_DO_CLOSE && action->handle == flow.handle;
    }
    assert_int_equal(closes, i < 16 ? 0 : i - 15);
  }
  world_end(&w);
}

/* Whose octets those of a flow are. */
static void test_whose_flow(void **state) {
  (void)state;
  static const struct {
    stox_endpoint local;
    int is_xmpp;
  } rows[] = {
      {{{"127.0.0.1", 9}, 5270, STOX_TRANSPORT_TCP}, 1},
      {{{"127.0.0.1", 9}, 5270, STOX_TRANSPORT_TLS}, 1},
      {{{"127.0.0.1", 9}, 5270, STOX_TRANSPORT_UDP}, 0},
      {{{"127.0.0.2", 9}, 5270, STOX_TRANSPORT_TCP}, 0},
      {{{"127.0.0.1", 9}, 5070, STOX_TRANSPORT_TCP}, 0},
  };
  world w;
  world_federate(&w, NULL);
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_flow flow = {.handle = 4711, .local = rows[i].local};
    assert_int_equal(stox_gateway_is_xmpp(w.gateway, &flow), rows[i].is_xmpp);
  }
  world_end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers_to_peers),    cmocka_unit_test(test_strange_domain),
      cmocka_unit_test(test_domains_above_ascii), cmocka_unit_test(test_answers_in_the_other_form),
      cmocka_unit_test(test_owed_is_bounded),     cmocka_unit_test(test_too_many_strangers),
      cmocka_unit_test(test_whose_flow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
