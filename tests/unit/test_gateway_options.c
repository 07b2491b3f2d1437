/* SPDX-License-Identifier: MIT */
/* The options of a gateway: what is refused, and domains in either form. */
#include "world.h"

#include "stox/status.h"

/* Options that work, each part of which a test may spoil. */
typedef struct plan {
  stox_gateway_component components[2];
  stox_gateway_route route;
  stox_span domain;
  stox_span trusted;
  stox_endpoint local;
  stox_random random;
  stox_gateway_options options;
} plan;

static int fill(void *ud, void *p, size_t n) {
  (void)ud;
  memset(p, 0x5A, n);
  return STOX_OK;
}

static void plan_init(plan *p) {
  *p = (plan){.components = {{S("sip.example"), S("secret"), AT(5347, TCP)},
                             {S("two.example"), S("secret"), AT(5347, TCP)}},
              .route = {S("sip.example"), AT(5060, UDP)},
              .domain = S("xmpp.example"),
              .trusted = S("192.0.2.0/24"),
              .local = AT(5070, UDP),
              .random = {sizeof p->random, NULL, fill}};
  (void)stox_gateway_options_init(&p->options, sizeof p->options);
  p->options.random = &p->random;
  p->options.components = p->components;
  p->options.n_components = 2;
  p->options.routes = &p->route;
  p->options.n_routes = 1;
  p->options.xmpp_domains = &p->domain;
  p->options.n_xmpp_domains = 1;
  p->options.trusted = &p->trusted;
  p->options.n_trusted = 1;
  p->options.sip_local = &p->local;
  p->options.n_sip_local = 1;
}

static int status_of(const plan *p) {
  stox_gateway *gateway = NULL;
  const int status = stox_gateway_new(&gateway, &p->options, 0);
  assert_int_equal(gateway == NULL, status != STOX_OK);
  stox_gateway_del(gateway);
  return status;
}

static void test_domains(void **state) {
  (void)state;
  static const char *const bad[] = {"", "a b", "a@b", "a/b", "a..b", "-", "x_y", "a\nb", "\xFF"};
  static const char *const good[] = {"a", "A.example", "b\xC3\xBC.example",
                                     "xn--bcher-kva.example"};
  plan p;
  for (size_t i = 0; i < COUNT(bad) + COUNT(good); i++) {
    const int is_bad = i < COUNT(bad);
    const stox_span text = stox_span_text(is_bad ? bad[i] : good[i - COUNT(bad)]);
    stox_span *const places[] = {&p.components[0].domain, &p.route.domain, &p.domain};
    for (size_t k = 0; k < COUNT(places); k++) {
      plan_init(&p);
      *places[k] = text;
      if ((status_of(&p) == STOX_E_ARG) != is_bad) {
        fail_msg("row %zu, place %zu", i, k);
      }
    }
  }
}

static void test_addresses(void **state) {
  (void)state;
  static const char *const blocks[] = {"",           "x",  "192.0.2.1/33", "::/129",
                                       "192.0.2.1/", "/8", "a.example"};
  static const stox_endpoint bad[] = {{{"local host", 10}, 5060, UDP},
                                      {{"[::1]", 5}, 5060, UDP},
                                      {{"", 0}, 5060, UDP},
                                      {{"127.0.0.1", 9}, 0, UDP},
                                      {{"127.0.0.1", 9}, 65536, UDP}};
  plan p;
  for (size_t i = 0; i < COUNT(blocks); i++) {
    plan_init(&p);
    p.trusted = stox_span_text(blocks[i]);
    assert_status(status_of(&p), STOX_E_ARG);
  }
  for (size_t i = 0; i < COUNT(bad); i++) {
    plan_init(&p);
    p.route.hop = bad[i];
    assert_status(status_of(&p), STOX_E_ARG);
    plan_init(&p);
    p.components[1].remote = bad[i];
    assert_status(status_of(&p), STOX_E_ARG);
  }
  plan_init(&p);
  p.route.hop.transport = STOX_TRANSPORT_NONE;
  assert_status(status_of(&p), STOX_E_ARG);
  /* A name may leave them to DNS. */
  p.route.hop = (stox_endpoint){S("proxy.example"), 0, STOX_TRANSPORT_NONE};
  assert_status(status_of(&p), STOX_OK);
  p.route.hop.port = 65536;
  assert_status(status_of(&p), STOX_E_ARG);
  p.components[1].remote.host = S("a..b");
  assert_status(status_of(&p), STOX_E_ARG);
}

static void test_what_must_be_given(void **state) {
  (void)state;
  plan p;
  stox_gateway *gateway = NULL;
  plan_init(&p);
  assert_status(status_of(&p), STOX_OK);
  assert_status(stox_gateway_new(&gateway, NULL, 0), STOX_E_ARG);
  size_t *const counts[] = {&p.options.n_components, &p.options.n_xmpp_domains,
                            &p.options.n_sip_local};
  for (size_t i = 0; i < COUNT(counts); i++) {
    plan_init(&p);
    *counts[i] = 0;
    assert_status(status_of(&p), STOX_E_ARG);
  }
  plan_init(&p);
  p.options.random = NULL;
  assert_status(status_of(&p), STOX_E_ARG);
  plan_init(&p);
  p.components[1].domain = S("SIP.example");
  assert_status(status_of(&p), STOX_E_ARG);
}

/* SIP domains that federate, beside components or alone. */
static void test_federated(void **state) {
  (void)state;
  stox_federation_domain many[65] = {{.name = {NULL, 0}}};
  char names[65][16];
  for (size_t i = 0; i < COUNT(many); i++) {
    snprintf(names[i], sizeof names[i], "d%zu.example", i);
    many[i].name = stox_span_text(names[i]);
  }
  stox_federation_domain twice[] = {{.name = S("a.example")}, {.name = S("A.example")}};
  stox_federation_domain taken[] = {{.name = S("two.example")}};
  stox_federation_domain bad[] = {{.name = S("a b")}};
  const struct {
    stox_federation_domain *domains;
    size_t n;
    size_t n_components;
    size_t n_xmpp_domains;
    int status;
  } rows[] = {
      {many, 1, 2, 1, STOX_OK},     {many, 1, 0, 1, STOX_OK},     {many, 1, 0, 0, STOX_OK},
      {many, 62, 2, 1, STOX_OK},    {many, 63, 2, 1, STOX_E_ARG}, {many, 64, 0, 0, STOX_OK},
      {many, 65, 0, 0, STOX_E_ARG}, {many, 1, 2, 0, STOX_E_ARG},  {many, 0, 2, 1, STOX_E_ARG},
      {twice, 2, 2, 1, STOX_E_ARG}, {taken, 1, 2, 1, STOX_E_ARG}, {taken, 1, 1, 1, STOX_OK},
      {bad, 1, 2, 1, STOX_E_ARG},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    plan p;
    stox_federation_options streams;
    plan_init(&p);
    assert_status(stox_federation_options_init(&streams, sizeof streams), STOX_OK);
    streams.domains = rows[i].domains;
    streams.n_domains = rows[i].n;
    const stox_gateway_federation federation = {.size = sizeof federation, .streams = &streams};
    p.options.federation = &federation;
    p.options.n_components = rows[i].n_components;
    p.options.n_xmpp_domains = rows[i].n_xmpp_domains;
    if (status_of(&p) != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status_of(&p)));
    }
  }
  plan p;
  plan_init(&p);
  p.options.federation = &(stox_gateway_federation){.size = sizeof(stox_gateway_federation)};
  assert_status(status_of(&p), STOX_E_ARG);
}

/* A domain is one domain, whichever way the options, SIP and XMPP write it. */
static void test_domains_in_either_form(void **state) {
  (void)state;
  static const char *const forms[][2] = {{"xn--bcher-kva.example", "xn--mller-kva.example"},
                                         {"B\xC3\xBC"
                                          "cher.example",
                                          "m\xC3\xBCller.example"}};
  for (size_t i = 0; i < COUNT(forms); i++) {
    world w;
    assert_status(
        world_make_as(&w, &(world_plan){.xmpp_domain = forms[i][0], .sip_domain = forms[i][1]}),
        STOX_OK);
    world_run(&w, SECOND);
    world_send(&w,
               &(fake_message){.uri = "sip:juliet@xn--BCHER-kva.example",
                               .from = "<sip:romeo@xn--mller-kva.example>;tag=1",
                               .body = "in"},
               UDP);
    fake_xmpp_say(w.xmpp, "<message from='juliet@b\xC3\xBC"
                          "cher.example' "
                          "to='romeo@m\xC3\xBCller.example' id='m'><body>out</body></message>");
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
    assert_int_equal(fake_xmpp_count(w.xmpp, "to='juliet@b\xC3\xBC"
                                             "cher.example'"),
                     1);
    assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@xn--mller-kva.example SIP/2.0\r\n"),
                     1);
    world_end(&w);
  }
}

/* Each counter counts what its line says. */
static void test_counters(void **state) {
  (void)state;
  world w;
  stox_gateway_counters c;
  world_make(&w);
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_send(
      &w,
      &(fake_message){
          .body = "x", .uri = "sip:nobody@xmpp.example", .call_id = "c2", .branch = "z9hG4bK2"},
      UDP);
  world_send(&w,
             &(fake_message){.body = "x", .uri = "tel:+1", .call_id = "c3", .branch = "z9hG4bK3"},
             UDP);
  fake_sip_send(w.sip, UDP, "no SIP at all");
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  world_run(&w, SECOND);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "y", .call_id = "c4", .branch = "z9hG4bK4"}, UDP);
  world_run(&w, SECOND);
  assert_status(stox_gateway_get_counters(&c, sizeof c, w.gateway), STOX_OK);
  assert_int_equal(c.size, sizeof c);
  assert_int_equal(c.sip_in, 6);
  assert_int_equal(c.sip_bad, 1);
  assert_int_equal(c.to_xmpp, 1);
  assert_int_equal(c.to_sip, 1);
  assert_int_equal(c.bounced, 1);
  assert_int_equal(c.refused, 1);
  assert_int_equal(c.pending_to_xmpp, 1);
  assert_int_equal(c.pending_to_sip, 0);
  world_run(&w, 5 * SECOND);
  assert_status(stox_gateway_get_counters(&c, sizeof c, w.gateway), STOX_OK);
  assert_int_equal(c.timeouts, 1);
  assert_int_equal(c.pending_to_xmpp, 0);
  world_end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_domains),
      cmocka_unit_test(test_addresses),
      cmocka_unit_test(test_what_must_be_given),
      cmocka_unit_test(test_federated),
      cmocka_unit_test(test_domains_in_either_form),
      cmocka_unit_test(test_counters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
