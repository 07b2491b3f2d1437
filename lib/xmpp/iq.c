/* SPDX-License-Identifier: MIT */
#include "stox/iq.h"

#include "stox/status.h"
#include "xmpp/stanza_error.h"

int stox_iq_check(const stox_stanza *iq) {
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

static int refuse(stox_iq_verdict *out, int condition) {
  out->action = STOX_IQ_REFUSE;
  out->condition = condition;
  out->type = stox_condition_type(condition);
  return STOX_OK;
}

static int decide_response(stox_iq_verdict *out, const stox_stanza *iq, stox_iq_tracker *tracker) {
  const int is_ours = tracker != NULL && iq->id.p != NULL &&
                      stox_iq_tracker_take(tracker, &out->handle, iq->from, iq->id) == STOX_OK;
  out->action = is_ours ? STOX_IQ_RESPONSE : STOX_IQ_IGNORE;
  return STOX_OK;
}

static int decide_request(stox_iq_verdict *out, const stox_stanza *iq,
                          const stox_iq_handler *handlers, size_t n) {
  if (out->is_broken) {
    return refuse(out, STOX_COND_BAD_REQUEST);
  }
  const uint32_t takes = iq->type == STOX_TYPE_GET ? STOX_IQ_TAKES_GET : STOX_IQ_TAKES_SET;
  int condition = STOX_COND_SERVICE_UNAVAILABLE;
  for (size_t i = 0; i < n; i++) {
    if (!stox_xml_is(out->payload, handlers[i].ns, NULL)) {
      continue;
    }
    if (stox_xml_is(out->payload, NULL, handlers[i].name) && (handlers[i].takes & takes) != 0) {
      out->action = STOX_IQ_HANDLE;
      out->handle = handlers[i].handle;
      return STOX_OK;
    }
    condition = STOX_COND_FEATURE_NOT_IMPLEMENTED;
  }
  return refuse(out, condition);
}

static const stox_xml_element *payload_of(const stox_stanza *iq) {
  const stox_xml_element *error = stox_stanza_error_of(iq);
  const stox_xml_element *child = stox_xml_child(iq->element, NULL, NULL, NULL);
  return child != NULL && child == error ? stox_xml_child(iq->element, NULL, NULL, child) : child;
}

int stox_iq_decide(stox_iq_verdict *out, const stox_stanza *iq, stox_iq_tracker *tracker,
                   const stox_iq_handler *handlers, size_t n) {
  if (iq->kind != STOX_STANZA_IQ || iq->element == NULL) {
    return STOX_E_ARG;
  }
  *out = (stox_iq_verdict){.is_broken = stox_iq_check(iq) != STOX_OK, .payload = payload_of(iq)};
  if (iq->type == STOX_TYPE_RESULT || iq->type == STOX_TYPE_ERROR) {
    return decide_response(out, iq, tracker);
  }
  return decide_request(out, iq, handlers, n);
}

int stox_iq_result_open(stox_xml_writer *writer, const stox_stanza *request) {
  if (request->kind != STOX_STANZA_IQ ||
      (request->type != STOX_TYPE_GET && request->type != STOX_TYPE_SET)) {
    return STOX_E_STATE;
  }
  const stox_stanza answer = {
      .kind = STOX_STANZA_IQ,
      .type = STOX_TYPE_RESULT,
      .from = request->to,
      .to = request->from,
      .id = request->id,
      .ns = request->ns,
  };
  stox_stanza_open(writer, &answer);
  return STOX_OK;
}
