/* SPDX-License-Identifier: MIT */
#include "session/stream_private.h"

#include "stox/status.h"

/* What may come in. */
enum {
  IN_HEADER,
  IN_FEATURES,
  IN_ERROR,
  IN_TLS,
  IN_SASL,
  IN_DIALBACK,
  IN_HANDSHAKE,
  IN_STANZA,
  IN_TAKEN, /* one of the host's namespaces */
  IN_OTHER,
  IN_SPACE,
  IN_END,
  INPUTS
};

typedef void (*step_fn)(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns);

static int is_initiating(const stox_stream *obj) {
  return obj->options.role == STOX_STREAM_INITIATING;
}

/* ---- headers and features ---- */

static int keep_header(stox_stream *obj, const stox_stream_header *header) {
  int status = stream_text(obj, TEXT_PEER_TO, header->to);
  if (status == STOX_OK) {
    status = stream_text(obj, TEXT_PEER_FROM, header->from);
  }
  if (status == STOX_OK) {
    status = stream_text(obj, TEXT_PEER_LANG, header->lang);
  }
  if (status == STOX_OK && is_initiating(obj)) {
    status = stream_text(obj, TEXT_ID, header->id);
  }
  obj->peer = *header;
  obj->peer.content_ns = stox_span_text(
      header->content_ns.p == NULL ? NULL : stox_stream_content_ns(obj->options.kind));
  obj->peer.to = obj->texts[TEXT_PEER_TO];
  obj->peer.from = obj->texts[TEXT_PEER_FROM];
  obj->peer.lang = obj->texts[TEXT_PEER_LANG];
  obj->peer.id = is_initiating(obj) ? obj->texts[TEXT_ID] : (stox_span){NULL, 0};
  obj->has_header = 1;
  return status;
}

/* RFC 6120 4.7.5: what cannot be spoken with. */
static int is_refused_version(const stox_stream *obj) {
  const stox_stream_version one = {1, 0};
  if (obj->options.kind == STOX_STREAM_COMPONENT) {
    return 0;
  }
  return (stox_stream_version_compare(obj->peer.version, one) < 0 && !obj->options.allow_legacy) ||
         (is_initiating(obj) && obj->peer.version.major > one.major);
}

static void on_response(stox_stream *obj, uint64_t now_ns) {
  if (obj->options.kind != STOX_STREAM_COMPONENT) {
    obj->state = obj->peer.version.major >= 1 ? STREAM_FEATURES : STREAM_NEGOTIATING;
    return;
  }
  if (obj->texts[TEXT_ID].p == NULL) {
    stream_refuse(obj, STOX_STREAM_BAD_FORMAT, now_ns);
    return;
  }
  const int status = stream_send_handshake(obj);
  if (status != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
    return;
  }
  obj->state = STREAM_HANDSHAKE;
}

static void on_header(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const stox_stream_header_rules rules = {.kind = obj->options.kind,
                                          .is_response = is_initiating(obj),
                                          .dialect = obj->options.dialect};
  stox_stream_header header;
  int condition = STOX_STREAM_NONE;
  const int status = stox_stream_header_read(&header, &obj->arena, element, &rules, &condition);
  if (keep_header(obj, &header) != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
    return;
  }
  if (status != STOX_OK) {
    stream_refuse(obj, condition, now_ns);
    return;
  }
  if (is_refused_version(obj)) {
    stream_refuse(obj, STOX_STREAM_UNSUPPORTED_VERSION, now_ns);
    return;
  }
  stream_tell(obj, STOX_STREAM_ON_HEADER, STOX_OK, &obj->peer);
  if (is_initiating(obj)) {
    on_response(obj, now_ns);
  } else {
    obj->state = STREAM_ANSWER;
  }
}

static int is_taken(const stox_stream *obj, const stox_xml_element *element) {
  size_t i = 0;
  while (i < obj->options.n_namespaces && !stox_xml_is(element, obj->options.namespaces[i], NULL)) {
    i++;
  }
  return i < obj->options.n_namespaces;
}

static void on_features(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  (void)stox_stream_features_read(&obj->features, element);
  const stox_xml_element *required = obj->features.required;
  /* Before authentication what is mandatory here may fall away behind TLS and SASL. */
  if (obj->is_authenticated && required != NULL && !is_taken(obj, required) &&
      obj->options.dialect == STOX_DIALECT_RFC) {
    stream_refuse(obj, STOX_STREAM_UNSUPPORTED_FEATURE, now_ns);
    return;
  }
  obj->wants_session = (obj->features.offered & STOX_FEATURE_SESSION) != 0 &&
                       (obj->features.offered & STOX_FEATURE_SESSION_OPTIONAL) == 0;
  obj->state = STREAM_NEGOTIATING;
  stream_tell(obj, STOX_STREAM_ON_FEATURES, STOX_OK, &obj->features);
  if (obj->is_authenticated && obj->options.kind == STOX_STREAM_SERVER) {
    stream_ready(obj, now_ns);
  }
}

/* ---- security ---- */

#define REFUSE_TLS  "<failure xmlns='" XMPP_NS_TLS "'/>"
#define NEEDS_TLS   "<failure xmlns='" XMPP_NS_SASL "'><encryption-required/></failure>"
#define PROCEED_TLS "<proceed xmlns='" XMPP_NS_TLS "'/>"

static void refuse_with(stox_stream *obj, int input, const stox_xml_element *element,
                        uint64_t now_ns);

static void on_starttls(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  if (is_initiating(obj) || !stox_xml_is(element, NULL, "starttls")) {
    refuse_with(obj, IN_TLS, element, now_ns);
    return;
  }
  const int may = obj->has_offered_tls && !obj->is_secure && !obj->is_authenticated;
  const int status = stream_put(obj, stox_span_text(may ? PROCEED_TLS : REFUSE_TLS));
  if (!may) {
    stream_send_end(obj);
    stream_over(obj, STOX_E_REFUSED, now_ns);
    return;
  }
  if (status != STOX_OK) {
    stream_give_up(obj, status, now_ns);
    return;
  }
  /* What was sent in clear behind starttls is nobody's (RFC 6120 5.3.1, 5.4.3.3). */
  stox_octets_take(&obj->input, obj->input.len);
  obj->must_start_tls = 1;
  obj->state = STREAM_TLS;
}

static void on_proceed(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  if (stox_xml_is(element, NULL, "proceed")) {
    obj->must_start_tls = 1;
    obj->state = STREAM_TLS;
  } else if (stox_xml_is(element, NULL, "failure")) {
    stream_send_end(obj);
    stream_over(obj, STOX_E_REFUSED, now_ns);
  } else {
    refuse_with(obj, IN_TLS, element, now_ns);
  }
}

/* RFC 6120 6.4: who says what. */
static int is_sasl_of(const stox_xml_element *element, int role) {
  static const struct {
    const char *name;
    int role;
  } rows[] = {
      {"auth", STOX_STREAM_INITIATING},   {"response", STOX_STREAM_INITIATING},
      {"abort", STOX_STREAM_INITIATING},  {"challenge", STOX_STREAM_RECEIVING},
      {"success", STOX_STREAM_RECEIVING}, {"failure", STOX_STREAM_RECEIVING},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (stox_xml_is(element, NULL, rows[i].name)) {
      return rows[i].role == role;
    }
  }
  return 0;
}

static void on_sasl(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const int peer = is_initiating(obj) ? STOX_STREAM_RECEIVING : STOX_STREAM_INITIATING;
  if (obj->is_authenticated || !is_sasl_of(element, peer)) {
    refuse_with(obj, IN_SASL, element, now_ns);
    return;
  }
  if (!obj->needs_tls) {
    stream_tell(obj, STOX_STREAM_ON_SASL, STOX_OK, element);
    return;
  }
  /* RFC 6120 6.5.4; the draft has no such condition (its 5.1: TLS comes first). */
  if (obj->options.dialect == STOX_DIALECT_DRAFT2005) {
    stream_refuse(obj, STOX_STREAM_NOT_AUTHORIZED, now_ns);
  } else if (stream_put(obj, stox_span_text(NEEDS_TLS)) != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  }
}

static void on_dialback(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  if (obj->options.kind != STOX_STREAM_SERVER) {
    refuse_with(obj, IN_OTHER, element, now_ns);
    return;
  }
  if (obj->needs_tls) {
    stream_refuse(obj, STOX_STREAM_POLICY_VIOLATION, now_ns);
    return;
  }
  stream_tell(obj, STOX_STREAM_ON_DIALBACK, STOX_OK, element);
}

static void on_taken(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  (void)now_ns;
  stream_tell(obj, STOX_STREAM_ON_ELEMENT, STOX_OK, element);
}

/* ---- ends ---- */

static void on_error(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  const stox_span lang = obj->texts[TEXT_PEER_LANG];
  if (stox_stream_error_read(&obj->error, &obj->arena, element, lang) != STOX_OK) {
    obj->error.text = (stox_span){NULL, 0};
  }
  stream_tell(obj, STOX_STREAM_ON_ERROR, STOX_OK, &obj->error);
  stream_send_end(obj);
  stream_over(obj, STOX_E_REFUSED, now_ns);
}

static void on_end(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  (void)element;
  stream_send_end(obj);
  stream_over(obj, STOX_OK, now_ns);
}

static void ignore(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  (void)obj;
  (void)element;
  (void)now_ns;
}

/* ---- the table ---- */

/* Absent: refused. In every state the peer's error and end tag are taken. */
static const step_fn steps[STREAM_STATES][INPUTS] = {
    [STREAM_HEADER] = {[IN_HEADER] = on_header, [IN_SPACE] = ignore},
    [STREAM_FEATURES] = {[IN_FEATURES] = on_features, [IN_SPACE] = ignore},
    [STREAM_NEGOTIATING] = {[IN_TLS] = on_starttls,
                            [IN_SASL] = on_sasl,
                            [IN_DIALBACK] = on_dialback,
                            [IN_STANZA] = stream_early_stanza,
                            [IN_TAKEN] = on_taken,
                            [IN_SPACE] = ignore},
    [STREAM_PROCEED] = {[IN_TLS] = on_proceed, [IN_SPACE] = ignore},
    [STREAM_HANDSHAKE] = {[IN_HANDSHAKE] = stream_handshake, [IN_SPACE] = ignore},
    [STREAM_BINDING] =
        {[IN_STANZA] = stream_bound_stanza, [IN_TAKEN] = on_taken, [IN_SPACE] = ignore},
    [STREAM_SESSION] =
        {[IN_STANZA] = stream_bound_stanza, [IN_TAKEN] = on_taken, [IN_SPACE] = ignore},
    [STREAM_READY] = {[IN_DIALBACK] = on_dialback,
                      [IN_STANZA] = stream_stanza,
                      [IN_TAKEN] = on_taken,
                      [IN_SPACE] = ignore},
    [STREAM_CLOSING] = {[IN_HEADER] = ignore,
                        [IN_FEATURES] = ignore,
                        [IN_TLS] = ignore,
                        [IN_SASL] = ignore,
                        [IN_DIALBACK] = ignore,
                        [IN_HANDSHAKE] = ignore,
                        [IN_STANZA] = stream_late_stanza,
                        [IN_TAKEN] = ignore,
                        [IN_OTHER] = ignore,
                        [IN_SPACE] = ignore},
};

static int is_content_ns(const stox_xml_element *element) {
  for (int kind = STOX_STREAM_CLIENT; kind <= STOX_STREAM_COMPONENT; kind++) {
    if (stox_xml_is(element, stox_stream_content_ns(kind), NULL)) {
      return 1;
    }
  }
  return 0;
}

static int element_input(const stox_stream *obj, const stox_xml_element *element) {
  static const struct {
    const char *ns;
    const char *name; /* NULL: any */
    int input;
  } rows[] = {
      {XMPP_NS_STREAMS, "features", IN_FEATURES},
      {XMPP_NS_STREAMS, "error", IN_ERROR},
      {XMPP_NS_TLS, NULL, IN_TLS},
      {XMPP_NS_SASL, NULL, IN_SASL},
      {XMPP_NS_DIALBACK, NULL, IN_DIALBACK},
      {XMPP_NS_COMPONENT, "handshake", IN_HANDSHAKE},
  };
  static const char *const stanzas[] = {"message", "presence", "iq"};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (stox_xml_is(element, rows[i].ns, rows[i].name) &&
        (rows[i].input != IN_HANDSHAKE || obj->options.kind == STOX_STREAM_COMPONENT)) {
      return rows[i].input;
    }
  }
  const char *content = stox_stream_content_ns(obj->options.kind);
  for (size_t i = 0; i < sizeof stanzas / sizeof stanzas[0]; i++) {
    if (stox_xml_is(element, content, stanzas[i])) {
      return IN_STANZA;
    }
  }
  return is_taken(obj, element) ? IN_TAKEN : IN_OTHER;
}

/* RFC 6120 4.9.3.12 for what is not yet, or no longer, allowed; 4.8.3; 4.9.3.24. */
static void refuse_with(stox_stream *obj, int input, const stox_xml_element *element,
                        uint64_t now_ns) {
  int condition = STOX_STREAM_UNSUPPORTED_STANZA_TYPE;
  const char *own = stox_stream_content_ns(obj->options.kind);
  if (input == IN_STANZA || input == IN_TLS || input == IN_SASL || input == IN_HANDSHAKE) {
    condition = STOX_STREAM_NOT_AUTHORIZED;
  } else if (element != NULL && is_content_ns(element) && !stox_xml_is(element, own, NULL)) {
    condition = STOX_STREAM_INVALID_NAMESPACE;
  }
  stream_refuse(obj, condition, now_ns);
}

/* What is read to its end and known by its start tag alone (RFC 6120 13.12). */
static void on_cut(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  if (obj->state == STREAM_READY && element_input(obj, element) == IN_STANZA) {
    stream_cut_stanza(obj, element, now_ns);
  } else if (obj->state != STREAM_CLOSING) {
    stream_refuse(obj, STOX_STREAM_POLICY_VIOLATION, now_ns);
  }
}

void stream_step(stox_stream *obj, int kind, const stox_xml_element *element, uint64_t now_ns) {
  int input = IN_SPACE;
  if (kind == STOX_XML_REFUSED) {
    on_cut(obj, element, now_ns);
    return;
  }
  if (kind == STOX_XML_STREAM_OPEN) {
    input = IN_HEADER;
  } else if (kind == STOX_XML_STREAM_CLOSE) {
    input = IN_END;
  } else if (kind == STOX_XML_ELEMENT) {
    input = element_input(obj, element);
  }
  if (input == IN_ERROR) {
    on_error(obj, element, now_ns);
  } else if (input == IN_END) {
    on_end(obj, element, now_ns);
  } else if (steps[obj->state][input] != NULL) {
    steps[obj->state][input](obj, element, now_ns);
  } else {
    refuse_with(obj, input, element, now_ns);
  }
}
