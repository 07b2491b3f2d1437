/* SPDX-License-Identifier: MIT */
#include "xmpp/stanza_error.h"
#include "stox/number.h"
#include "stox/status.h"

const stox_xml_element *stox_stanza_error_of(const stox_stanza *stanza) {
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
  out->lang = stox_lang_is_tag(lang) ? lang : out->lang;
  return read_text(&out->text, arena, child);
}

/* Three digits, as XEP-0086 has them; anything else is none. */
static int read_code(stox_span text) {
  uint64_t code = 0;
  return text.n == 3 && stox_number_parse(&code, text, 999) == STOX_OK ? (int)code : 0;
}

/* An error of the time before conditions had names. */
static int read_old(stox_stanza_error *out, stox_arena *arena, const stox_xml_element *error) {
  out->condition = stox_condition_of_code(out->code, &out->type);
  return out->condition == STOX_COND_NONE || out->text.p != NULL
             ? STOX_OK
             : read_text(&out->text, arena, error);
}

static int read_children(stox_stanza_error *out, stox_arena *arena, const stox_xml_element *error) {
  int status = STOX_OK;
  const stox_xml_element *child = stox_xml_child(error, NULL, NULL, NULL);
  while (child != NULL && status == STOX_OK) {
    status = read_child(out, arena, child);
    child = stox_xml_child(error, NULL, NULL, child);
  }
  return status;
}

int stox_stanza_error_read(stox_stanza_error *out, stox_arena *arena, const stox_stanza *stanza) {
  const stox_xml_element *error =
      stanza->type == STOX_TYPE_ERROR ? stox_stanza_error_of(stanza) : NULL;
  *out = (stox_stanza_error){.condition = STOX_COND_UNDEFINED_CONDITION, .type = STOX_ERROR_CANCEL};
  if (error == NULL) {
    return STOX_E_NONE;
  }
  out->condition = STOX_COND_NONE;
  out->by = stox_xml_attribute_of(error, "by");
  out->lang = stox_stanza_lang_of(stanza, error);
  out->code = read_code(stox_xml_attribute_of(error, "code"));
  int status = read_children(out, arena, error);
  if (out->condition != STOX_COND_NONE) {
    out->type = stox_condition_type(out->condition);
  } else if (status == STOX_OK) {
    status = read_old(out, arena, error);
  }
  if (out->condition == STOX_COND_NONE) {
    out->condition = STOX_COND_UNDEFINED_CONDITION;
  }
  if (out->text.p == NULL) {
    out->lang = (stox_span){NULL, 0};
  }
  const int type = stox_error_type_of(stox_xml_attribute_of(error, "type"));
  out->is_type_known = type >= 0;
  out->type = type >= 0 ? type : out->type;
  return status;
}
