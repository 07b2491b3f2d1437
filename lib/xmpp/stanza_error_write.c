/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "xmpp/stanza_error.h"

static void put_payload(stox_xml_writer *writer, const stox_stanza *stanza) {
  const stox_xml_element *child = stox_xml_child(stanza->element, NULL, NULL, NULL);
  for (; child != NULL; child = stox_xml_child(stanza->element, NULL, NULL, child)) {
    if (!stox_xml_is(child, NULL, "error") || !stox_span_is_equal(stox_xml_ns(child), stanza->ns)) {
      stox_xml_put_element(writer, child);
    }
  }
}

static void put_condition(stox_xml_writer *writer, const stox_error_write *error) {
  const int condition = error->condition;
  stox_xml_open(writer, CONDITIONS, stox_condition_name(condition));
  if (condition == STOX_COND_GONE || condition == STOX_COND_REDIRECT) {
    stox_xml_put_text(writer, error->address);
  }
  stox_xml_close(writer);
}

static void put_text(stox_xml_writer *writer, const stox_error_write *error) {
  if (error->text.p != NULL) {
    stox_xml_open(writer, CONDITIONS, "text");
    stox_xml_put_attribute(writer, "xml:lang",
                           error->lang.p == NULL ? stox_span_text("en") : error->lang);
    stox_xml_put_text(writer, error->text);
    stox_xml_close(writer);
  }
}

static void put_application(stox_xml_writer *writer, const stox_error_write *error) {
  if (error->application != NULL) {
    stox_xml_put_element(writer, error->application);
  } else if (error->application_ns != NULL && error->application_name != NULL) {
    stox_xml_open(writer, error->application_ns, error->application_name);
    stox_xml_close(writer);
  }
}

static void put_code(stox_xml_writer *writer, int condition) {
  char room[8];
  stox_buf digits;
  const int code = stox_condition_code(condition);
  if (code > 0) {
    stox_buf_init(&digits, room, sizeof room);
    (void)stox_buf_put_number(&digits, (uint64_t)code);
    stox_xml_put_attribute(writer, "code", stox_buf_span(&digits));
  }
}

static void put_error(stox_xml_writer *writer, const stox_error_write *error) {
  stox_xml_open(writer, NULL, "error");
  if (error->with_code) {
    put_code(writer, error->condition);
  }
  if (error->dialect == STOX_DIALECT_RFC) {
    stox_xml_put_attribute(writer, "by", error->by);
  }
  stox_xml_put_attribute(writer, "type", stox_span_text(stox_error_type_name(error->type)));
  put_condition(writer, error);
  put_text(writer, error);
  put_application(writer, error);
  stox_xml_close(writer);
}

static int check(const stox_stanza *stanza, const stox_error_write *error) {
  if (stanza->type == STOX_TYPE_ERROR || stanza->type == STOX_TYPE_RESULT) {
    return STOX_E_STATE;
  }
  const int is_old = error->dialect == STOX_DIALECT_DRAFT2005;
  if (stox_condition_name(error->condition) == NULL || stox_error_type_name(error->type) == NULL ||
      (!is_old && error->dialect != STOX_DIALECT_RFC) ||
      (!is_old && error->condition == STOX_COND_PAYMENT_REQUIRED) ||
      (error->lang.p != NULL && !stox_lang_is_tag(error->lang))) {
    return STOX_E_ARG;
  }
  return STOX_OK;
}

static int write_answer(stox_buf *out, const stox_stanza *stanza, const stox_error_write *error,
                        int with_payload) {
  const stox_stanza answer = {
      .kind = stanza->kind,
      .type = STOX_TYPE_ERROR,
      .from = error->from.p == NULL ? stanza->to : error->from,
      .to = stanza->from,
      .id = stanza->id,
      .ns = stanza->ns,
  };
  stox_xml_writer writer;
  stox_xml_writer_init(&writer, out, stanza->ns);
  stox_stanza_open(&writer, &answer);
  if (with_payload) {
    put_payload(&writer, stanza);
  }
  put_error(&writer, error);
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}

int stox_stanza_error_write(stox_buf *out, const stox_stanza *stanza,
                            const stox_error_write *error) {
  int status = check(stanza, error);
  if (status != STOX_OK) {
    return status;
  }
  stox_error_write own = *error;
  if (own.dialect == STOX_DIALECT_DRAFT2005 && own.condition == STOX_COND_POLICY_VIOLATION) {
    own.condition = STOX_COND_NOT_ACCEPTABLE;
  }
  const size_t max = error->max == 0 ? STOX_ERROR_ANSWER_MAX : error->max;
  const size_t start = out->len;
  const int with_payload = error->with_payload && stanza->element != NULL;
  status = write_answer(out, stanza, &own, with_payload);
  if (with_payload && out->len - start > max) {
    out->len = start;
    status = write_answer(out, stanza, &own, 0);
  }
  if (out->len - start > max) {
    out->len = start;
    return STOX_E_TOO_LONG;
  }
  return status;
}
