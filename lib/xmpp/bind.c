/* SPDX-License-Identifier: MIT */
#include "stox/bind.h"

#include "stox/jid.h"
#include "stox/status.h"
#include "xmpp/namespaces.h"

/* A resource is prepared as part of a JID; which one does not matter. */
static const stox_span any_domain = {"localhost", 9};

static int read_resource(stox_span *resource, stox_arena *arena, const stox_xml_element *element) {
  stox_span text;
  if (stox_xml_text(&text, arena, element) != STOX_OK) {
    return STOX_BIND_NOMEM;
  }
  const stox_jid jid = {.domainpart = any_domain, .resourcepart = text};
  stox_jid prepared;
  const int status = text.n == 0
                         ? STOX_E_BAD_RESOURCE
                         : stox_jid_prepare(&prepared, arena, &jid, STOX_JID_NODEPREP, NULL);
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? STOX_BIND_NOMEM : STOX_BIND_BAD;
  }
  *resource = prepared.resourcepart;
  return STOX_BIND_NAMED;
}

int stox_bind_request_read(stox_span *resource, stox_arena *arena, const stox_stanza *iq) {
  *resource = (stox_span){NULL, 0};
  if (iq->kind != STOX_STANZA_IQ || iq->type != STOX_TYPE_SET) {
    return STOX_BIND_NONE;
  }
  if (stox_xml_child(iq->element, XMPP_NS_SESSION, "session", NULL) != NULL) {
    return STOX_BIND_SESSION;
  }
  const stox_xml_element *bind = stox_xml_child(iq->element, XMPP_NS_BIND, "bind", NULL);
  if (bind == NULL) {
    return STOX_BIND_NONE;
  }
  const stox_xml_element *named = stox_xml_child(bind, XMPP_NS_BIND, "resource", NULL);
  if (stox_xml_child(bind, XMPP_NS_BIND, "jid", NULL) != NULL ||
      (named != NULL && stox_xml_child(bind, XMPP_NS_BIND, "resource", named) != NULL)) {
    return STOX_BIND_BAD;
  }
  return named == NULL ? STOX_BIND_ANY : read_resource(resource, arena, named);
}

static void open_iq(stox_xml_writer *writer, stox_buf *out, stox_span id, int type) {
  const stox_stanza iq = {.kind = STOX_STANZA_IQ, .type = type, .id = id};
  stox_xml_writer_init(writer, out, stox_span_text(XMPP_NS_CLIENT));
  stox_stanza_open(writer, &iq);
}

/* The iq with a child of that name and, where `text` is there, a child of it. */
static int write_iq(stox_xml_writer *writer, const char *ns, const char *name, const char *inner,
                    stox_span text) {
  stox_xml_open(writer, ns, name);
  if (text.p != NULL) {
    stox_xml_open(writer, ns, inner);
    stox_xml_put_text(writer, text);
    stox_xml_close(writer);
  }
  stox_xml_close(writer);
  stox_xml_close(writer);
  return stox_xml_writer_end(writer);
}

int stox_bind_request_write(stox_buf *out, stox_span id, stox_span resource) {
  stox_xml_writer writer;
  open_iq(&writer, out, id, STOX_TYPE_SET);
  return write_iq(&writer, XMPP_NS_BIND, "bind", "resource", resource);
}

int stox_bind_session_write(stox_buf *out, stox_span id) {
  stox_xml_writer writer;
  open_iq(&writer, out, id, STOX_TYPE_SET);
  return write_iq(&writer, XMPP_NS_SESSION, "session", NULL, (stox_span){NULL, 0});
}

int stox_bind_result_read(stox_span *jid, stox_arena *arena, const stox_stanza *iq) {
  stox_jid parts;
  stox_span text;
  const stox_xml_element *bind = stox_xml_child(iq->element, XMPP_NS_BIND, "bind", NULL);
  const stox_xml_element *named =
      bind == NULL ? NULL : stox_xml_child(bind, XMPP_NS_BIND, "jid", NULL);
  if (named == NULL) {
    return STOX_E_BAD_STANZA;
  }
  if (stox_xml_text(&text, arena, named) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  text = stox_span_trim(text);
  if (stox_jid_parse(&parts, text, NULL) != STOX_OK || parts.resourcepart.p == NULL) {
    return STOX_E_BAD_JID;
  }
  *jid = text;
  return STOX_OK;
}

int stox_bind_result_write(stox_buf *out, stox_span id, stox_span jid) {
  stox_xml_writer writer;
  open_iq(&writer, out, id, STOX_TYPE_RESULT);
  if (jid.p == NULL) {
    stox_xml_close(&writer);
    return stox_xml_writer_end(&writer);
  }
  return write_iq(&writer, XMPP_NS_BIND, "bind", "jid", jid);
}

static int type_of(int condition, int dialect) {
  switch (condition) {
  case STOX_COND_BAD_REQUEST:
    return STOX_ERROR_MODIFY;
  case STOX_COND_CONFLICT:
    return dialect == STOX_DIALECT_DRAFT2005 ? STOX_ERROR_CANCEL : STOX_ERROR_MODIFY;
  case STOX_COND_NOT_ALLOWED:
    return STOX_ERROR_CANCEL;
  case STOX_COND_RESOURCE_CONSTRAINT:
    return STOX_ERROR_WAIT;
  default:
    return stox_condition_type(condition);
  }
}

int stox_bind_error_write(stox_buf *out, const stox_stanza *iq, int condition, int dialect) {
  const int is_draft = dialect == STOX_DIALECT_DRAFT2005;
  const int named =
      is_draft && condition == STOX_COND_RESOURCE_CONSTRAINT ? STOX_COND_NOT_ALLOWED : condition;
  const stox_error_write error = {.condition = named,
                                  .type = type_of(named, dialect),
                                  .dialect = dialect,
                                  .with_payload = is_draft};
  if (iq->kind != STOX_STANZA_IQ) {
    return STOX_E_STATE;
  }
  return stox_stanza_error_write(out, iq, &error);
}
