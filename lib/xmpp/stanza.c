/* SPDX-License-Identifier: MIT */
#include "stox/stanza.h"

#include "base/chars.h"
#include "stox/iq.h"
#include "stox/status.h"
#include "xml/tree.h"

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

int stox_stanza_read(stox_stanza *out, const stox_xml_element *element, stox_span stream_lang) {
  const int kind = kind_of(element);
  if (kind == 0) {
    return STOX_E_NONE;
  }
  const stox_span lang = stox_xml_lang(element);
  /* Another value says nothing about the language (RFC 6120 8.1.5 wants an NMTOKEN). */
  const int is_own = stox_lang_is_tag(lang);
  *out = (stox_stanza){
      .kind = kind,
      .type = type_of(kind, stox_xml_attribute_of(element, "type")),
      .from = stox_xml_attribute_of(element, "from"),
      .to = stox_xml_attribute_of(element, "to"),
      .id = stox_xml_attribute_of(element, "id"),
      .lang = is_own ? lang : stream_lang,
      .ns = stox_xml_ns(element),
      .element = element,
  };
  return kind == STOX_STANZA_IQ ? stox_iq_check(out) : STOX_OK;
}

/* Subtags of 1 to 8 letters, or behind the first one also digits. */
int stox_lang_is_tag(stox_span text) {
  uint32_t allowed = STOX_CHAR_ALPHA;
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '-' && n > 0) {
      allowed = STOX_CHAR_ALPHA | STOX_CHAR_DIGIT;
      n = 0;
    } else if (!stox_char_is(text.p[i], allowed) || ++n > 8) {
      return 0;
    }
  }
  return n > 0;
}

stox_span stox_stanza_lang_of(const stox_stanza *stanza, const stox_xml_element *inside) {
  for (const stox_xml_element *e = inside; e != NULL && e != stanza->element; e = xml_parent(e)) {
    const stox_span lang = stox_xml_lang(e);
    if (stox_lang_is_tag(lang)) {
      return lang;
    }
  }
  return stanza->lang;
}

int stox_stanza_write(stox_buf *out, const stox_stanza *stanza, stox_span ns,
                      stox_span stream_lang) {
  static const stox_span no_ns = {NULL, 0};
  if (stanza->element == NULL) {
    return STOX_E_ARG;
  }
  const char *type = stox_stanza_type_name(stanza->type);
  const int says_lang =
      stox_xml_lang(stanza->element).p == NULL && !stox_span_is_equal(stanza->lang, stream_lang);
  stox_xml_attribute attributes[5] = {
      {no_ns, stox_span_text("from"), stanza->from},
      {no_ns, stox_span_text("to"), stanza->to},
      {no_ns, stox_span_text("id"), stanza->id},
  };
  size_t n = 3;
  if (type != NULL) {
    attributes[n++] = (stox_xml_attribute){no_ns, stox_span_text("type"), stox_span_text(type)};
  }
  if (says_lang) {
    attributes[n++] =
        (stox_xml_attribute){stox_span_text(XML_NAMESPACE), stox_span_text("lang"), stanza->lang};
  }
  const stox_xml_change change = {
      .from_ns = stanza->ns, .to_ns = ns, .attributes = attributes, .n_attributes = n};
  return stox_xml_write_as(out, stanza->element, ns, &change);
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
