/* SPDX-License-Identifier: MIT */
#include "interwork/message_options.h"
#include "stox/address_text.h"
#include "stox/status.h"

/* ---- SIP refused: an error stanza ---- */

static int contact_text(stox_span *out, stox_arena *arena, const stox_sip_message *response,
                        const stox_message_options *own) {
  stox_name_addr contact;
  if (response == NULL ||
      stox_sip_get_address(&contact, response, STOX_SIP_CONTACT, 0) != STOX_OK || contact.star) {
    return STOX_E_NONE;
  }
  return stox_contact_to_address_text(out, arena, contact.uri, own->map);
}

int stox_message_failure_to_xmpp(stox_buf *out, stox_arena *arena, const stox_stanza *message,
                                 int code, const stox_sip_message *response,
                                 const stox_message_options *options) {
  stox_message_options own;
  stox_xmpp_error mapped;
  stox_span address = {NULL, 0};
  stox_error_write error = {0};
  int status = stox_message_options_read(&own, options);
  if (status != STOX_OK) {
    return status;
  }
  const int has_contact = contact_text(&address, arena, response, &own) == STOX_OK;
  const stox_error_to_xmpp question = {.sip = code, .has_contact = has_contact};
  status = stox_error_map_to_xmpp(&mapped, &question);
  if (status != STOX_OK) {
    return status;
  }
  stox_span reason = response == NULL ? (stox_span){NULL, 0} : stox_sip_reason_phrase(response);
  if (reason.n == 0) {
    reason = stox_span_text(stox_sip_reason(code));
  }
  status = stox_message_one_line(&error.text, arena, reason);
  if (status != STOX_OK) {
    return status;
  }
  error.condition = mapped.condition;
  error.type = mapped.type;
  error.address = mapped.address == STOX_ADDRESS_REQUIRED ? address : (stox_span){NULL, 0};
  return stox_stanza_error_write(out, message, &error);
}

/* ---- XMPP refused: a response ---- */

static int set(stox_sip_edit *edit, int id, const char *value) {
  return stox_sip_edit_set(edit, id, (stox_span){NULL, 0}, stox_span_text(value), STOX_SIP_REPLACE);
}

/* Require less what is known, which is nothing yet: the whole list (RFC 3261 8.2.2.3). */
static int set_unsupported(stox_sip_edit *edit, const stox_sip_message *request) {
  const stox_span require = stox_sip_value(request, STOX_SIP_REQUIRE);
  return require.n == 0 ? STOX_OK
                        : stox_sip_edit_set(edit, STOX_SIP_UNSUPPORTED, (stox_span){NULL, 0},
                                            require, STOX_SIP_REPLACE);
}

static int set_needed(stox_sip_edit *edit, const stox_sip_message *request, int code) {
  int status = STOX_OK;
  switch (code) {
  case 200:
    if (stox_sip_method_id(request) != STOX_SIP_OPTIONS) {
      return STOX_OK;
    }
    status = set(edit, STOX_SIP_ACCEPT, "text/plain");
    return status == STOX_OK ? set(edit, STOX_SIP_ALLOW, "MESSAGE, OPTIONS") : status;
  case 405:
    return set(edit, STOX_SIP_ALLOW, "MESSAGE, OPTIONS");
  case 415:
    status = set(edit, STOX_SIP_ACCEPT, "text/plain");
    return status == STOX_OK ? set(edit, STOX_SIP_ACCEPT_ENCODING, "identity") : status;
  case 420:
    return set_unsupported(edit, request);
  case 480:
    /* RFC 5630 5.1.2: says that it was the scheme. */
    return stox_sip_is_sips(request) ? set(edit, STOX_SIP_WARNING, "380 stox \"SIPS Not Allowed\"")
                                     : STOX_OK;
  case 503:
    return set(edit, STOX_SIP_RETRY_AFTER, "10");
  default:
    return STOX_OK;
  }
}

static int answer(stox_sip_edit **out, stox_arena *arena, const stox_sip_message *request, int code,
                  stox_span reason, stox_span to_tag) {
  stox_sip_edit *edit = NULL;
  int status = stox_sip_response_new(&edit, arena, request, code, reason, to_tag);
  if (status == STOX_OK) {
    status = set_needed(edit, request, code);
  }
  if (status == STOX_OK) {
    *out = edit;
  }
  return status;
}

static int set_server(stox_sip_edit *edit, const stox_message_options *own) {
  return own->user_agent.n == 0 ? STOX_OK
                                : stox_sip_edit_set(edit, STOX_SIP_SERVER, (stox_span){NULL, 0},
                                                    own->user_agent, STOX_SIP_REPLACE);
}

int stox_message_answer(stox_sip_edit **out, stox_arena *arena, const stox_sip_message *request,
                        int code, stox_span to_tag, const stox_message_options *options) {
  stox_message_options own;
  int status = stox_message_options_read(&own, options);
  if (status == STOX_OK) {
    status = answer(out, arena, request, code, (stox_span){NULL, 0}, to_tag);
  }
  return status == STOX_OK ? set_server(*out, &own) : status;
}

static int set_contact(stox_sip_edit *edit, stox_arena *arena, stox_span uri) {
  char *p = stox_arena_take(arena, uri.n + 2, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, uri.n + 2);
  (void)stox_buf_put_octet(&buf, '<');
  (void)stox_buf_put(&buf, uri);
  (void)stox_buf_put_octet(&buf, '>');
  return stox_sip_edit_set(edit, STOX_SIP_CONTACT, (stox_span){NULL, 0}, stox_buf_span(&buf),
                           STOX_SIP_REPLACE);
}

/* Nobody sends 408 to a non-INVITE: it comes when the client has given up already (RFC 4320 4.2).
 * 504 says the same of the server behind. */
static int code_for(const stox_sip_message *request, int code) {
  return code == 408 && stox_sip_method_id(request) != STOX_SIP_INVITE ? 504 : code;
}

static int scope_of(const stox_stanza *bounce) {
  stox_jid from;
  return stox_jid_parse(&from, bounce->from, NULL) == STOX_OK ? stox_jid_scope(&from)
                                                              : STOX_SCOPE_BARE;
}

int stox_message_failure_to_sip(stox_sip_edit **out, stox_arena *arena,
                                const stox_sip_message *request, const stox_stanza *bounce,
                                stox_span to_tag, const stox_message_options *options) {
  stox_message_options own;
  stox_stanza_error error = {.condition = STOX_COND_UNDEFINED_CONDITION};
  stox_sip_error mapped;
  stox_span contact = {NULL, 0};
  stox_span reason = {NULL, 0};
  int status = stox_message_options_read(&own, options);
  if (status == STOX_OK && stox_stanza_error_read(&error, arena, bounce) == STOX_E_NOMEM) {
    status = STOX_E_NOMEM;
  }
  if (status != STOX_OK) {
    return status;
  }
  const int has_address =
      error.address.n > 0 &&
      stox_address_text_to_contact(&contact, arena, error.address, own.map) == STOX_OK;
  const stox_error_to_sip question = {.condition = error.condition,
                                      .scope = scope_of(bounce),
                                      .has_address = has_address,
                                      .prefer_4xx = own.prefer_4xx};
  status = stox_error_map_to_sip(&mapped, &question);
  if (status == STOX_OK && mapped.address == STOX_ADDRESS_REQUIRED && !has_address) {
    mapped.code = stox_error_map_without(mapped.code);
    mapped.address = STOX_ADDRESS_NONE;
  }
  if (status == STOX_OK && error.text.n > 0) {
    status = stox_message_one_line(&reason, arena, error.text);
  }
  if (status == STOX_OK) {
    status = answer(out, arena, request, code_for(request, mapped.code), reason, to_tag);
  }
  if (status == STOX_OK && mapped.address == STOX_ADDRESS_REQUIRED) {
    status = set_contact(*out, arena, contact);
  }
  return status == STOX_OK ? set_server(*out, &own) : status;
}
