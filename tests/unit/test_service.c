/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/service.h"

#define NS "jabber:component:accept"

static const char *const features[] = {"urn:example:extra"};
static const stox_service gateway = {.category = "gateway",
                                     .type = "sip",
                                     .name = "SIP <gateway>",
                                     .software = "libstox",
                                     .version = "1.0",
                                     .features = features,
                                     .n_features = 1};

/* Answers an iq given as text; the answer is in `room`. */
static int answer(char *room, size_t cap, const char *text, const stox_service *service) {
  stox_xml_reader *reader = NULL;
  stox_xml_options options;
  stox_arena arena;
  stox_stanza iq;
  const stox_xml_element *element = NULL;
  const stox_span open = S("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                           "xmlns='" NS "' id='1'>");
  size_t consumed = 0;
  int kind = 0;
  stox_buf buf;
  (void)stox_xml_options_init(&options, sizeof options);
  assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_xml_feed(reader, &consumed, open, NULL), STOX_OK);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  assert_status(stox_xml_feed(reader, &consumed, stox_span_text(text), NULL), STOX_OK);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  assert_status(stox_stanza_read(&iq, element, (stox_span){NULL, 0}), STOX_OK);
  stox_buf_init(&buf, room, cap - 1);
  const int status = stox_service_answer(&buf, &iq, service);
  room[status == STOX_OK ? buf.len : 0] = '\0';
  stox_arena_clear(&arena);
  stox_xml_reader_del(reader);
  return status;
}

static void test_answers(void **state) {
  (void)state;
  static const struct {
    const char *iq;
    const char *holds;
  } rows[] = {
      {"<iq type='get' id='1' from='a@b/c' to='sip.example'><ping xmlns='urn:xmpp:ping'/></iq>",
       "type='result'"},
      {"<iq type='get' id='2' from='a@b/c' to='sip.example'>"
       "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       "category='gateway'"},
      {"<iq type='get' id='3' from='a@b/c' to='sip.example'>"
       "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       "urn:example:extra"},
      {"<iq type='get' id='4' from='a@b/c' to='sip.example'>"
       "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       "SIP &lt;gateway&gt;"},
      {"<iq type='get' id='5' from='a@b/c' to='sip.example'>"
       "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
       "disco#items"},
      {"<iq type='get' id='6' from='a@b/c' to='sip.example'>"
       "<query xmlns='jabber:iq:version'/></iq>",
       "<version>1.0</version>"},
      {"<iq type='get' id='7' from='a@b/c' to='sip.example'><query xmlns='u:unknown'/></iq>",
       "service-unavailable"},
      {"<iq type='set' id='8' from='a@b/c' to='sip.example'>"
       "<query xmlns='jabber:iq:version'/></iq>",
       "service-unavailable"},
      {"<iq type='get' id='9' from='a@b/c' to='sip.example'>"
       "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>",
       "service-unavailable"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[4096];
    assert_status(answer(room, sizeof room, rows[i].iq, &gateway), STOX_OK);
    if (strstr(room, rows[i].holds) == NULL) {
      fail_msg("no %s in %s", rows[i].holds, room);
    }
    assert_non_null(strstr(room, "from='sip.example'"));
    assert_non_null(strstr(room, "to='a@b/c'"));
  }
}

static void test_without_a_service_only_pings(void **state) {
  (void)state;
  char room[4096];
  assert_status(answer(room, sizeof room,
                       "<iq type='get' id='1' from='a@b' to='u@sip.example'>"
                       "<ping xmlns='urn:xmpp:ping'/></iq>",
                       NULL),
                STOX_OK);
  assert_non_null(strstr(room, "result"));
  assert_status(answer(room, sizeof room,
                       "<iq type='get' id='1' from='a@b' to='u@sip.example'>"
                       "<query xmlns='jabber:iq:version'/></iq>",
                       NULL),
                STOX_OK);
  assert_non_null(strstr(room, "service-unavailable"));
}

static void test_results_are_never_answered(void **state) {
  (void)state;
  char room[4096];
  assert_status(answer(room, sizeof room, "<iq type='result' id='1' from='a@b' to='c'/>", &gateway),
                STOX_E_STATE);
  assert_status(answer(room, sizeof room,
                       "<iq type='error' id='1' from='a@b' to='c'><error type='cancel'>"
                       "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                       &gateway),
                STOX_E_STATE);
}

static void test_ping_at_every_cap(void **state) {
  (void)state;
  char room[512];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  assert_status(stox_service_ping(&buf, S("sip.example"), S("xmpp.example"), S("p1"), S(NS)),
                STOX_OK);
  const size_t n = buf.len;
  for (size_t cap = 0; cap < n; cap++) {
    stox_buf_init(&buf, room, cap);
    assert_status(stox_service_ping(&buf, S("sip.example"), S("xmpp.example"), S("p1"), S(NS)),
                  STOX_E_NOBUF);
    assert_int_equal(buf.len, n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers), cmocka_unit_test(test_without_a_service_only_pings),
      cmocka_unit_test(test_results_are_never_answered), cmocka_unit_test(test_ping_at_every_cap)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
