/* SPDX-License-Identifier: MIT */
#include "stox/service.h"

#include "stox/status.h"

#define NS_DISCO_INFO  "http://jabber.org/protocol/disco#info"
#define NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_VERSION     "jabber:iq:version"
#define NS_PING        "urn:xmpp:ping"

typedef void (*answer_fn)(stox_xml_writer *w, const stox_service *service);

static void put_feature(stox_xml_writer *w, const char *var) {
  stox_xml_open(w, NS_DISCO_INFO, "feature");
  stox_xml_put_attribute(w, "var", stox_span_text(var));
  stox_xml_close(w);
}

static void answer_info(stox_xml_writer *w, const stox_service *service) {
  stox_xml_open(w, NS_DISCO_INFO, "query");
  stox_xml_open(w, NS_DISCO_INFO, "identity");
  stox_xml_put_attribute(w, "category", stox_span_text(service->category));
  stox_xml_put_attribute(w, "type", stox_span_text(service->type));
  stox_xml_put_attribute(w, "name", stox_span_text(service->name));
  stox_xml_close(w);
  put_feature(w, NS_DISCO_INFO);
  put_feature(w, NS_DISCO_ITEMS);
  put_feature(w, NS_VERSION);
  put_feature(w, NS_PING);
  for (size_t i = 0; i < service->n_features; i++) {
    put_feature(w, service->features[i]);
  }
  stox_xml_close(w);
}

static void answer_items(stox_xml_writer *w, const stox_service *service) {
  (void)service;
  stox_xml_open(w, NS_DISCO_ITEMS, "query");
  stox_xml_close(w);
}

static void answer_version(stox_xml_writer *w, const stox_service *service) {
  stox_xml_open(w, NS_VERSION, "query");
  stox_xml_open(w, NS_VERSION, "name");
  stox_xml_put_text(w, stox_span_text(service->software));
  stox_xml_close(w);
  stox_xml_open(w, NS_VERSION, "version");
  stox_xml_put_text(w, stox_span_text(service->version));
  stox_xml_close(w);
  stox_xml_close(w);
}

static void answer_ping(stox_xml_writer *w, const stox_service *service) {
  (void)w;
  (void)service;
}

static const struct {
  const char *ns;
  const char *name;
  answer_fn answer;
  int needs_service;
} answers[] = {
    {NS_PING, "ping", answer_ping, 0},
    {NS_DISCO_INFO, "query", answer_info, 1},
    {NS_DISCO_ITEMS, "query", answer_items, 1},
    {NS_VERSION, "query", answer_version, 1},
};

static answer_fn find(const stox_stanza *iq, const stox_service *service) {
  if (iq->type != STOX_TYPE_GET) {
    return NULL;
  }
  for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
    const stox_xml_element *child =
        stox_xml_child(iq->element, answers[i].ns, answers[i].name, NULL);
    /* A node (XEP-0030 3.2) would name something that is not here. */
    if (child != NULL && (service != NULL || !answers[i].needs_service) &&
        stox_xml_attribute_of(child, "node").p == NULL) {
      return answers[i].answer;
    }
  }
  return NULL;
}

int stox_service_answer(stox_buf *out, const stox_stanza *iq, const stox_service *service) {
  if (iq->kind != STOX_STANZA_IQ || (iq->type != STOX_TYPE_GET && iq->type != STOX_TYPE_SET)) {
    return STOX_E_STATE;
  }
  const answer_fn answer = find(iq, service);
  if (answer == NULL) {
    const stox_error_write error = {.condition = STOX_COND_SERVICE_UNAVAILABLE,
                                    .type = STOX_ERROR_CANCEL};
    return stox_stanza_error_write(out, iq, &error);
  }
  const stox_stanza result = {.kind = STOX_STANZA_IQ,
                              .type = STOX_TYPE_RESULT,
                              .from = iq->to,
                              .to = iq->from,
                              .id = iq->id,
                              .ns = iq->ns};
  stox_xml_writer w;
  stox_xml_writer_init(&w, out, iq->ns);
  stox_stanza_open(&w, &result);
  answer(&w, service);
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}

int stox_service_ping(stox_buf *out, stox_span from, stox_span to, stox_span id, stox_span ns) {
  const stox_stanza ping = {
      .kind = STOX_STANZA_IQ, .type = STOX_TYPE_GET, .from = from, .to = to, .id = id, .ns = ns};
  stox_xml_writer w;
  stox_xml_writer_init(&w, out, ns);
  stox_stanza_open(&w, &ping);
  stox_xml_open(&w, NS_PING, "ping");
  stox_xml_close(&w);
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}
