/* SPDX-License-Identifier: MIT */
#include "stox/stanza.h"
#include "stox/status.h"

#define CONDITIONS "urn:ietf:params:xml:ns:xmpp-stanzas"

static const stox_xml_element *error_of(const stox_stanza *stanza) {
  const stox_xml_element *child = NULL;
  do {
    child = stox_xml_child(stanza->element, NULL, "error", child);
  } while (child != NULL && !stox_span_is_equal(stox_xml_ns(child), stanza->ns));
  return child;
}

/* The element's character data without white space around; absent where nothing is left. */
static int read_text(stox_span *out, stox_arena *arena, const stox_xml_element *element) {
  const int status = stox_xml_text(out, arena, element);
  if (status == STOX_OK) {
    *out = stox_span_trim(*out);
    out->p = out->n == 0 ? NULL : out->p;
  }
  return status;
}

static int read_condition(stox_stanza_error *out, stox_arena *arena,
                          const stox_xml_element *child) {
  const int condition = stox_condition_of(stox_xml_name(child));
  out->condition = condition == STOX_COND_NONE ? STOX_COND_UNDEFINED_CONDITION : condition;
  if (condition != STOX_COND_GONE && condition != STOX_COND_REDIRECT) {
    return STOX_OK;
  }
  return read_text(&out->address, arena, child);
}

static int read_child(stox_stanza_error *out, stox_arena *arena, const stox_xml_element *child) {
  if (!stox_xml_is(child, CONDITIONS, NULL)) {
    out->application = out->application == NULL ? child : out->application;
    return STOX_OK;
  }
  if (!stox_xml_is(child, NULL, "text")) {
    return out->condition == STOX_COND_NONE ? read_condition(out, arena, child) : STOX_OK;
  }
  if (out->text.p != NULL) {
    return STOX_OK;
  }
  const stox_span lang = stox_xml_lang(child);
  out->lang = lang.p == NULL ? out->lang : lang;
  return read_text(&out->text, arena, child);
}

int stox_stanza_error_read(stox_stanza_error *out, stox_arena *arena, const stox_stanza *stanza) {
  const stox_xml_element *error = error_of(stanza);
  if (error == NULL) {
    return STOX_E_NONE;
  }
  const stox_span lang = stox_xml_lang(error);
  *out = (stox_stanza_error){
      .condition = STOX_COND_NONE,
      .by = stox_xml_attribute_of(error, "by"),
      .lang = lang.p == NULL ? stanza->lang : lang,
  };
  int status = STOX_OK;
  const stox_xml_element *child = stox_xml_child(error, NULL, NULL, NULL);
  while (child != NULL && status == STOX_OK) {
    status = read_child(out, arena, child);
    child = stox_xml_child(error, NULL, NULL, child);
  }
  if (out->condition == STOX_COND_NONE) {
    out->condition = STOX_COND_UNDEFINED_CONDITION;
  }
  if (out->text.p == NULL) {
    out->lang = (stox_span){NULL, 0};
  }
  const int type = stox_error_type_of(stox_xml_attribute_of(error, "type"));
  out->type = type < 0 ? stox_condition_type(out->condition) : type;
  return status;
}

static void put_payload(stox_xml_writer *writer, const stox_stanza *stanza) {
  const stox_xml_element *child = stox_xml_child(stanza->element, NULL, NULL, NULL);
  for (; child != NULL; child = stox_xml_child(stanza->element, NULL, NULL, child)) {
    if (!stox_xml_is(child, NULL, "error") || !stox_span_is_equal(stox_xml_ns(child), stanza->ns)) {
      stox_xml_put_element(writer, child);
    }
  }
}

static void put_error(stox_xml_writer *writer, const stox_error_write *error) {
  stox_xml_open(writer, NULL, "error");
  stox_xml_put_attribute(writer, "by", error->by);
  stox_xml_put_attribute(writer, "type", stox_span_text(stox_error_type_name(error->type)));
  stox_xml_open(writer, CONDITIONS, stox_condition_name(error->condition));
  stox_xml_put_text(writer, error->address);
  stox_xml_close(writer);
  if (error->text.p != NULL) {
    stox_xml_open(writer, CONDITIONS, "text");
    stox_xml_put_attribute(writer, "xml:lang",
                           error->lang.p == NULL ? stox_span_text("en") : error->lang);
    stox_xml_put_text(writer, error->text);
    stox_xml_close(writer);
  }
  stox_xml_close(writer);
}

int stox_stanza_error_write(stox_buf *out, const stox_stanza *stanza,
                            const stox_error_write *error) {
  if (stanza->type == STOX_TYPE_ERROR || stanza->type == STOX_TYPE_RESULT) {
    return STOX_E_STATE;
  }
  if (stox_condition_name(error->condition) == NULL || stox_error_type_name(error->type) == NULL) {
    return STOX_E_ARG;
  }
  const stox_stanza answer = {
      .kind = stanza->kind,
      .type = STOX_TYPE_ERROR,
      .from = stanza->to,
      .to = stanza->from,
      .id = stanza->id,
      .ns = stanza->ns,
  };
  stox_xml_writer writer;
  stox_xml_writer_init(&writer, out, stanza->ns);
  stox_stanza_open(&writer, &answer);
  if (error->with_payload && stanza->element != NULL) {
    put_payload(&writer, stanza);
  }
  put_error(&writer, error);
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}
