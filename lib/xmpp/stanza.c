/* SPDX-License-Identifier: MIT */
#include "stox/stanza.h"

#include "stox/status.h"

static const char *const kind_names[] = {
    [STOX_STANZA_MESSAGE] = "message",
    [STOX_STANZA_PRESENCE] = "presence",
    [STOX_STANZA_IQ] = "iq",
};

/* RFC 6120 4.8.2 and XEP-0114. */
static const char *const namespaces[] = {
    "jabber:client",
    "jabber:server",
    "jabber:component:accept",
    "jabber:component:connect",
};

typedef struct type_name {
  int kind; /* 0: all */
  const char *name;
} type_name;

/* RFC 6121 5.2.2 and 4.7.1, RFC 6120 8.2.3. */
static const type_name types[] = {
    [STOX_TYPE_ERROR] = {0, "error"},
    [STOX_TYPE_NORMAL] = {STOX_STANZA_MESSAGE, "normal"},
    [STOX_TYPE_CHAT] = {STOX_STANZA_MESSAGE, "chat"},
    [STOX_TYPE_GROUPCHAT] = {STOX_STANZA_MESSAGE, "groupchat"},
    [STOX_TYPE_HEADLINE] = {STOX_STANZA_MESSAGE, "headline"},
    [STOX_TYPE_UNAVAILABLE] = {STOX_STANZA_PRESENCE, "unavailable"},
    [STOX_TYPE_SUBSCRIBE] = {STOX_STANZA_PRESENCE, "subscribe"},
    [STOX_TYPE_SUBSCRIBED] = {STOX_STANZA_PRESENCE, "subscribed"},
    [STOX_TYPE_UNSUBSCRIBE] = {STOX_STANZA_PRESENCE, "unsubscribe"},
    [STOX_TYPE_UNSUBSCRIBED] = {STOX_STANZA_PRESENCE, "unsubscribed"},
    [STOX_TYPE_PROBE] = {STOX_STANZA_PRESENCE, "probe"},
    [STOX_TYPE_GET] = {STOX_STANZA_IQ, "get"},
    [STOX_TYPE_SET] = {STOX_STANZA_IQ, "set"},
    [STOX_TYPE_RESULT] = {STOX_STANZA_IQ, "result"},
};

enum { N_KINDS = sizeof kind_names / sizeof kind_names[0] };
enum { N_TYPES = sizeof types / sizeof types[0] };
enum { N_NAMESPACES = sizeof namespaces / sizeof namespaces[0] };

const char *stox_stanza_kind_name(int kind) {
  return kind < STOX_STANZA_MESSAGE || kind >= N_KINDS ? NULL : kind_names[kind];
}

const char *stox_stanza_type_name(int type) {
  return type < STOX_TYPE_ERROR || type >= N_TYPES ? NULL : types[type].name;
}

static int kind_of(const stox_xml_element *element) {
  int is_known = 0;
  for (int i = 0; i < N_NAMESPACES && !is_known; i++) {
    is_known = stox_xml_is(element, namespaces[i], NULL);
  }
  for (int kind = STOX_STANZA_MESSAGE; kind < N_KINDS && is_known; kind++) {
    if (stox_xml_is(element, NULL, kind_names[kind])) {
      return kind;
    }
  }
  return 0;
}

static int type_of(int kind, stox_span text) {
  if (text.p == NULL) {
    return STOX_TYPE_NONE;
  }
  for (int type = STOX_TYPE_ERROR; type < N_TYPES; type++) {
    if ((types[type].kind == 0 || types[type].kind == kind) &&
        stox_span_is_equal(text, stox_span_text(types[type].name))) {
      return type;
    }
  }
  return STOX_TYPE_OTHER;
}

/* RFC 6120 8.2.3: id and type are there; get and set hold one child, result none or one. */
static int check_iq(const stox_stanza *iq) {
  size_t children = 0;
  const stox_xml_element *child = stox_xml_child(iq->element, NULL, NULL, NULL);
  for (; child != NULL; child = stox_xml_child(iq->element, NULL, NULL, child)) {
    children++;
  }
  if (iq->id.p == NULL) {
    return STOX_E_BAD_STANZA;
  }
  switch (iq->type) {
  case STOX_TYPE_GET:
  case STOX_TYPE_SET:
    return children == 1 ? STOX_OK : STOX_E_BAD_STANZA;
  case STOX_TYPE_RESULT:
    return children <= 1 ? STOX_OK : STOX_E_BAD_STANZA;
  case STOX_TYPE_ERROR:
    return STOX_OK;
  default:
    return STOX_E_BAD_STANZA;
  }
}

int stox_stanza_read(stox_stanza *out, const stox_xml_element *element, stox_span stream_lang) {
  const int kind = kind_of(element);
  if (kind == 0) {
    return STOX_E_NONE;
  }
  const stox_span lang = stox_xml_lang(element);
  *out = (stox_stanza){
      .kind = kind,
      .type = type_of(kind, stox_xml_attribute_of(element, "type")),
      .from = stox_xml_attribute_of(element, "from"),
      .to = stox_xml_attribute_of(element, "to"),
      .id = stox_xml_attribute_of(element, "id"),
      .lang = lang.p == NULL ? stream_lang : lang,
      .ns = stox_xml_ns(element),
      .element = element,
  };
  return kind == STOX_STANZA_IQ ? check_iq(out) : STOX_OK;
}

void stox_stanza_open(stox_xml_writer *writer, const stox_stanza *stanza) {
  const char *name = stox_stanza_kind_name(stanza->kind);
  if (stanza->ns.p == NULL) {
    stox_xml_open(writer, NULL, name);
  } else {
    stox_xml_open_span(writer, stanza->ns, name);
  }
  stox_xml_put_attribute(writer, "from", stanza->from);
  stox_xml_put_attribute(writer, "to", stanza->to);
  stox_xml_put_attribute(writer, "id", stanza->id);
  stox_xml_put_attribute(writer, "type", stox_span_text(stox_stanza_type_name(stanza->type)));
  stox_xml_put_attribute(writer, "xml:lang", stanza->lang);
}

void stox_hops_write(stox_xml_writer *writer, uint32_t hops) {
  static const char shim[] = "http://jabber.org/protocol/shim";
  char room[16];
  stox_buf digits;
  stox_buf_init(&digits, room, sizeof room);
  (void)stox_buf_put_number(&digits, hops);
  stox_xml_open(writer, shim, "headers");
  stox_xml_open(writer, shim, "header");
  stox_xml_put_attribute(writer, "name", stox_span_text("Max-Forwards"));
  stox_xml_put_text(writer, stox_buf_span(&digits));
  stox_xml_close(writer);
  stox_xml_close(writer);
}
