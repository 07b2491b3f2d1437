/* SPDX-License-Identifier: MIT */
#include "sip_full.h"

#include "stox/sip_accept.h"
#include "stox/sip_address.h"
#include "stox/sip_answer_mode.h"
#include "stox/sip_body_label.h"
#include "stox/sip_contact.h"
#include "stox/sip_credentials.h"
#include "stox/sip_dialog.h"
#include "stox/sip_event.h"
#include "stox/sip_feature.h"
#include "stox/sip_geolocation.h"
#include "stox/sip_history.h"
#include "stox/sip_identity.h"
#include "stox/sip_info.h"
#include "stox/sip_mend.h"
#include "stox/sip_refer.h"
#include "stox/sip_resource_priority.h"
#include "stox/sip_response_identity.h"
#include "stox/sip_security.h"
#include "stox/sip_session_timer.h"
#include "stox/sip_time.h"
#include "stox/sip_user_to_user.h"
#include "stox/sip_warning.h"
#include "stox/status.h"

#include <stddef.h>

/* Room for any of the structs below. */
typedef union any {
  max_align_t align;
  char octets[512];
} any;

/* A header field whose values are structs. */
typedef struct typed {
  int (*parse)(void *out, stox_span text, stox_diag *diag);
  const member *members;
  size_t n_members;
  int is_list; /* 1: commas separate values */
} typed;

#define PARSER(name)                                                                               \
  static int parse_##name(void *out, stox_span text, stox_diag *diag) {                            \
    _Static_assert(sizeof(stox_sip_##name) <= sizeof(any), "room");                                \
    return stox_sip_##name##_parse(out, text, diag);                                               \
  }

#define MEMBER(type, kind, field)                                                                  \
  { #field, MEMBER_##kind, offsetof(stox_sip_##type, field) }

#define MEMBER_AS(key, type, kind, field)                                                          \
  { key, MEMBER_##kind, offsetof(stox_sip_##type, field) }

#define TYPED(name, is_list)                                                                       \
  { parse_##name, name##_members, sizeof name##_members / sizeof name##_members[0], is_list }

PARSER(accept)
PARSER(accept_encoding)
PARSER(accept_language)
PARSER(content_type)
PARSER(content_disposition)
PARSER(contact)
PARSER(party)
PARSER(address)
PARSER(route)
PARSER(p_identity)
PARSER(refer_to)
PARSER(referred_by)
PARSER(refer_sub)
PARSER(refer_events_at)
PARSER(event)
PARSER(subscription_state)
PARSER(coupled_subscription)
PARSER(replaces)
PARSER(join)
PARSER(target_dialog)
PARSER(credentials)
PARSER(auth_info)
PARSER(warning)
PARSER(info)
PARSER(reason_header)
PARSER(session_expires)
PARSER(min_se)
PARSER(retry_after)
PARSER(timestamp)
PARSER(resource_priority)
PARSER(mechanism)
PARSER(accept_contact)
PARSER(reject_contact)
PARSER(answer_mode)
PARSER(alert_mode)
PARSER(geolocation)
PARSER(geolocation_routing)
PARSER(geolocation_error)
PARSER(history)
PARSER(user_to_user)
PARSER(identity)
PARSER(identity_info)
PARSER(responder_info)
PARSER(response_authentication)
PARSER(response_authorization)
PARSER(saml_payload)

static const member accept_members[] = {MEMBER(accept, TEXT, type), MEMBER(accept, TEXT, subtype),
                                        MEMBER(accept, Q, q), MEMBER(accept, PARAMS, params)};

static const member accept_encoding_members[] = {MEMBER(accept_encoding, TEXT, coding),
                                                 MEMBER(accept_encoding, Q, q),
                                                 MEMBER(accept_encoding, PARAMS, params)};

static const member accept_language_members[] = {MEMBER(accept_language, TEXT, range),
                                                 MEMBER(accept_language, Q, q),
                                                 MEMBER(accept_language, PARAMS, params)};

static const member content_type_members[] = {MEMBER(content_type, TEXT, type),
                                              MEMBER(content_type, TEXT, subtype),
                                              MEMBER(content_type, PARAMS, params)};

static const member content_disposition_members[] = {MEMBER(content_disposition, TEXT, type),
                                                     MEMBER(content_disposition, TEXT, handling),
                                                     MEMBER(content_disposition, PARAMS, params)};

static const member contact_members[] = {
    MEMBER(contact, ADDRESS, address),  MEMBER(contact, Q, q),
    MEMBER(contact, NUMBER, expires),   MEMBER(contact, QUOTED, sip_instance),
    MEMBER(contact, NUMBER, reg_id),    MEMBER(contact, QUOTED, pub_gruu),
    MEMBER(contact, QUOTED, temp_gruu), MEMBER(contact, QUOTED, gruu),
    MEMBER(contact, NUMBER, flow_id),   MEMBER_AS("features", contact, FEATURES, address.params)};

static const member party_members[] = {MEMBER(party, ADDRESS, address), MEMBER(party, TEXT, tag)};

static const member address_members[] = {MEMBER(address, ADDRESS, address)};

static const member route_members[] = {MEMBER(route, ADDRESS, address)};

static const member p_identity_members[] = {MEMBER(p_identity, ADDRESS, address)};

static const member refer_to_members[] = {
    MEMBER(refer_to, ADDRESS, address), MEMBER_AS("features", refer_to, FEATURES, address.params)};

static const member referred_by_members[] = {MEMBER(referred_by, ADDRESS, referrer),
                                             MEMBER(referred_by, QUOTED, cid)};

static const member refer_sub_members[] = {MEMBER(refer_sub, TEXT, value),
                                           MEMBER(refer_sub, PARAMS, params)};

static const member refer_events_at_members[] = {MEMBER(refer_events_at, TEXT, uri),
                                                 MEMBER(refer_events_at, PARAMS, params)};

static const member event_members[] = {MEMBER(event, TEXT, package), MEMBER(event, TEXT, id),
                                       MEMBER(event, TEXT, etag), MEMBER(event, PARAMS, params)};

static const member subscription_state_members[] = {
    MEMBER(subscription_state, TEXT, state), MEMBER(subscription_state, TEXT, reason),
    MEMBER(subscription_state, NUMBER, expires), MEMBER(subscription_state, NUMBER, retry_after),
    MEMBER(subscription_state, PARAMS, params)};

static const member coupled_subscription_members[] = {
    MEMBER(coupled_subscription, TEXT, package), MEMBER(coupled_subscription, TEXT, aor),
    MEMBER(coupled_subscription, QUOTED, e_param), MEMBER(coupled_subscription, TEXT, tag),
    MEMBER(coupled_subscription, PARAMS, params)};

static const member replaces_members[] = {
    MEMBER(replaces, TEXT, call_id), MEMBER(replaces, TEXT, to_tag),
    MEMBER(replaces, TEXT, from_tag), MEMBER(replaces, FLAG, early_only),
    MEMBER(replaces, PARAMS, params)};

static const member join_members[] = {MEMBER(join, TEXT, call_id), MEMBER(join, TEXT, to_tag),
                                      MEMBER(join, TEXT, from_tag), MEMBER(join, PARAMS, params)};

static const member target_dialog_members[] = {
    MEMBER(target_dialog, TEXT, call_id), MEMBER(target_dialog, TEXT, remote_tag),
    MEMBER(target_dialog, TEXT, local_tag), MEMBER(target_dialog, PARAMS, params)};

static const member credentials_members[] = {MEMBER(credentials, TEXT, scheme),
                                             MEMBER(credentials, AUTH_PARAMS, params)};

static const member auth_info_members[] = {MEMBER(auth_info, AUTH_PARAMS, params)};

static const member warning_members[] = {MEMBER(warning, UINT, code), MEMBER(warning, TEXT, agent),
                                         MEMBER(warning, QUOTED, text)};

static const member info_members[] = {MEMBER(info, TEXT, uri), MEMBER(info, TEXT, purpose),
                                      MEMBER(info, PARAMS, params)};

static const member reason_header_members[] = {
    MEMBER(reason_header, TEXT, protocol), MEMBER(reason_header, NUMBER, cause),
    MEMBER(reason_header, QUOTED, text), MEMBER(reason_header, PARAMS, params)};

static const member session_expires_members[] = {MEMBER(session_expires, NUMBER, delta),
                                                 MEMBER(session_expires, TEXT, refresher),
                                                 MEMBER(session_expires, PARAMS, params)};

static const member min_se_members[] = {MEMBER(min_se, NUMBER, delta),
                                        MEMBER(min_se, PARAMS, params)};

static const member retry_after_members[] = {
    MEMBER(retry_after, NUMBER, delta), MEMBER(retry_after, TEXT, comment),
    MEMBER(retry_after, NUMBER, duration), MEMBER(retry_after, PARAMS, params)};

static const member timestamp_members[] = {MEMBER(timestamp, TEXT, stamp),
                                           MEMBER(timestamp, TEXT, delay)};

static const member resource_priority_members[] = {
    MEMBER_AS("namespace", resource_priority, TEXT, name_space),
    MEMBER(resource_priority, TEXT, priority)};

static const member mechanism_members[] = {
    MEMBER(mechanism, TEXT, name),    MEMBER(mechanism, Q, q),
    MEMBER(mechanism, TEXT, d_alg),   MEMBER(mechanism, TEXT, d_qop),
    MEMBER(mechanism, QUOTED, d_ver), MEMBER(mechanism, PARAMS, params)};

static const member accept_contact_members[] = {
    MEMBER(accept_contact, TEXT, star), MEMBER_AS("require", accept_contact, FLAG, is_required),
    MEMBER_AS("explicit", accept_contact, FLAG, is_explicit),
    MEMBER(accept_contact, PARAMS, params),
    MEMBER_AS("features", accept_contact, FEATURES, params)};

static const member reject_contact_members[] = {
    MEMBER(reject_contact, TEXT, star), MEMBER(reject_contact, PARAMS, params),
    MEMBER_AS("features", reject_contact, FEATURES, params)};

static const member answer_mode_members[] = {MEMBER(answer_mode, TEXT, mode),
                                             MEMBER(answer_mode, FLAG, require),
                                             MEMBER(answer_mode, PARAMS, params)};

static const member alert_mode_members[] = {MEMBER(alert_mode, TEXT, mode)};

static const member geolocation_members[] = {MEMBER(geolocation, TEXT, uri),
                                             MEMBER(geolocation, PARAMS, params)};

static const member geolocation_routing_members[] = {MEMBER(geolocation_routing, TEXT, value)};

static const member geolocation_error_members[] = {
    MEMBER_AS("code", geolocation_error, NUMBER, error),
    MEMBER_AS("text", geolocation_error, QUOTED, code), MEMBER(geolocation_error, PARAMS, params)};

static const member history_members[] = {MEMBER(history, ADDRESS, target),
                                         MEMBER(history, TEXT, index), MEMBER(history, TEXT, rc),
                                         MEMBER(history, TEXT, mp), MEMBER(history, TEXT, np)};

static const member user_to_user_members[] = {
    MEMBER(user_to_user, TEXT, data), MEMBER(user_to_user, TEXT, purpose),
    MEMBER(user_to_user, TEXT, content), MEMBER(user_to_user, TEXT, encoding),
    MEMBER(user_to_user, PARAMS, params)};

static const member identity_members[] = {
    MEMBER(identity, TEXT, digest), MEMBER(identity, TEXT, info), MEMBER(identity, TEXT, alg),
    MEMBER(identity, QUOTED, ppt), MEMBER(identity, TEXT, params)};

static const member identity_info_members[] = {MEMBER(identity_info, TEXT, uri),
                                               MEMBER(identity_info, TEXT, alg),
                                               MEMBER(identity_info, PARAMS, params)};

static const member responder_info_members[] = {MEMBER(responder_info, TEXT, uri)};

static const member response_authentication_members[] = {
    MEMBER(response_authentication, TEXT, method), MEMBER(response_authentication, QUOTED, nonce),
    MEMBER(response_authentication, PARAMS, params)};

static const member response_authorization_members[] = {
    MEMBER(response_authorization, QUOTED, digest), MEMBER(response_authorization, PARAMS, params)};

static const member saml_payload_members[] = {MEMBER(saml_payload, TEXT, reference),
                                              MEMBER(saml_payload, PARAMS, params)};

static const typed table[] = {
    [STOX_SIP_ACCEPT] = TYPED(accept, 1),
    [STOX_SIP_ACCEPT_ENCODING] = TYPED(accept_encoding, 1),
    [STOX_SIP_ACCEPT_LANGUAGE] = TYPED(accept_language, 1),
    [STOX_SIP_CONTENT_TYPE] = TYPED(content_type, 0),
    [STOX_SIP_CONTENT_DISPOSITION] = TYPED(content_disposition, 0),
    [STOX_SIP_CONTACT] = TYPED(contact, 1),
    [STOX_SIP_FROM] = TYPED(party, 0),
    [STOX_SIP_TO] = TYPED(party, 0),
    [STOX_SIP_REPLY_TO] = TYPED(address, 0),
    [STOX_SIP_ANONYMOUS_TO] = TYPED(address, 0),
    [STOX_SIP_ROUTE] = TYPED(route, 1),
    [STOX_SIP_RECORD_ROUTE] = TYPED(route, 1),
    [STOX_SIP_PATH] = TYPED(route, 1),
    [STOX_SIP_SERVICE_ROUTE] = TYPED(route, 1),
    [STOX_SIP_P_ASSERTED_IDENTITY] = TYPED(p_identity, 1),
    [STOX_SIP_P_PREFERRED_IDENTITY] = TYPED(p_identity, 1),
    [STOX_SIP_REFER_TO] = TYPED(refer_to, 0),
    [STOX_SIP_REFERRED_BY] = TYPED(referred_by, 0),
    [STOX_SIP_REFER_SUB] = TYPED(refer_sub, 0),
    [STOX_SIP_REFER_EVENTS_AT] = TYPED(refer_events_at, 0),
    [STOX_SIP_EVENT] = TYPED(event, 0),
    [STOX_SIP_SUBSCRIPTION_STATE] = TYPED(subscription_state, 0),
    [STOX_SIP_SUBSCRIPTION] = TYPED(coupled_subscription, 1),
    [STOX_SIP_REPLACES] = TYPED(replaces, 0),
    [STOX_SIP_JOIN] = TYPED(join, 0),
    [STOX_SIP_TARGET_DIALOG] = TYPED(target_dialog, 0),
    [STOX_SIP_AUTHORIZATION] = TYPED(credentials, 0),
    [STOX_SIP_PROXY_AUTHORIZATION] = TYPED(credentials, 0),
    [STOX_SIP_WWW_AUTHENTICATE] = TYPED(credentials, 0),
    [STOX_SIP_PROXY_AUTHENTICATE] = TYPED(credentials, 0),
    [STOX_SIP_AUTHENTICATION_INFO] = TYPED(auth_info, 0),
    [STOX_SIP_WARNING] = TYPED(warning, 1),
    [STOX_SIP_ALERT_INFO] = TYPED(info, 1),
    [STOX_SIP_CALL_INFO] = TYPED(info, 1),
    [STOX_SIP_ERROR_INFO] = TYPED(info, 1),
    [STOX_SIP_REASON] = TYPED(reason_header, 1),
    [STOX_SIP_SESSION_EXPIRES] = TYPED(session_expires, 0),
    [STOX_SIP_MIN_SE] = TYPED(min_se, 0),
    [STOX_SIP_RETRY_AFTER] = TYPED(retry_after, 0),
    [STOX_SIP_TIMESTAMP] = TYPED(timestamp, 0),
    [STOX_SIP_RESOURCE_PRIORITY] = TYPED(resource_priority, 1),
    [STOX_SIP_ACCEPT_RESOURCE_PRIORITY] = TYPED(resource_priority, 1),
    [STOX_SIP_SECURITY_CLIENT] = TYPED(mechanism, 1),
    [STOX_SIP_SECURITY_SERVER] = TYPED(mechanism, 1),
    [STOX_SIP_SECURITY_VERIFY] = TYPED(mechanism, 1),
    [STOX_SIP_ACCEPT_CONTACT] = TYPED(accept_contact, 1),
    [STOX_SIP_REJECT_CONTACT] = TYPED(reject_contact, 1),
    [STOX_SIP_ANSWER_MODE] = TYPED(answer_mode, 0),
    [STOX_SIP_PRIV_ANSWER_MODE] = TYPED(answer_mode, 0),
    [STOX_SIP_ALERT_MODE] = TYPED(alert_mode, 0),
    [STOX_SIP_GEOLOCATION] = TYPED(geolocation, 1),
    [STOX_SIP_GEOLOCATION_ROUTING] = TYPED(geolocation_routing, 0),
    [STOX_SIP_GEOLOCATION_ERROR] = TYPED(geolocation_error, 0),
    [STOX_SIP_HISTORY_INFO] = TYPED(history, 1),
    [STOX_SIP_USER_TO_USER] = TYPED(user_to_user, 1),
    [STOX_SIP_IDENTITY] = TYPED(identity, 0),
    [STOX_SIP_IDENTITY_INFO] = TYPED(identity_info, 0),
    [STOX_SIP_RESPONDER_INFO] = TYPED(responder_info, 0),
    [STOX_SIP_RESPONSE_AUTHENTICATION] = TYPED(response_authentication, 0),
    [STOX_SIP_RESPONSE_AUTHORIZATION] = TYPED(response_authorization, 0),
    [STOX_SIP_SAML_PAYLOAD] = TYPED(saml_payload, 1),
};

/* What a phone wrote instead of a value, in its strict form; absent: it has none. */
static stox_span mend(view *v, int id, stox_span text) {
  stox_buf out;
  int is_mended = 0;
  const stox_span absent = {NULL, 0};
  const size_t cap = 2 * text.n + 16;
  char *room = v->lenient ? stox_arena_take(v->arena, cap, 1) : NULL;
  if (room == NULL) {
    return absent;
  }
  stox_buf_init(&out, room, cap);
  const int status = stox_sip_value_mend(&out, &is_mended, id, text);
  return status == STOX_OK && is_mended ? stox_buf_span(&out) : absent;
}

static void put_value(view *v, const char *key, const typed *t, int id, stox_span text) {
  any value;
  stox_diag diag = {0, 0, 0, NULL};
  int is_mended = 0;
  int status = t->parse(&value, text, &diag);
  if (status != STOX_OK) {
    const stox_span mended = mend(v, id, text);
    is_mended = mended.p != NULL;
    status = is_mended ? t->parse(&value, mended, NULL) : status;
  }
  if (status != STOX_OK) {
    view_put_error(v, key, text, &diag);
    return;
  }
  json_open(v->j, key, '{');
  view_put_members(v, &value, t->members, t->n_members);
  if (is_mended) {
    json_flag(v->j, "mended", 1);
  }
  json_close(v->j, '}');
}

static void put_list(view *v, const typed *t, const stox_sip_header *header) {
  stox_span element;
  stox_diag diag = {0, 0, 0, NULL};
  size_t cursor = 0;
  int status = STOX_OK;
  json_open(v->j, "typed", '[');
  while ((status = stox_sip_next_element(&element, header->value, &cursor, &diag)) == STOX_OK) {
    put_value(v, NULL, t, header->id, element);
  }
  if (status != STOX_E_NONE) {
    view_put_error(v, NULL, header->value, &diag);
  }
  json_close(v->j, ']');
}

void view_put_typed(view *v, const stox_sip_header *header) {
  const size_t id = (size_t)header->id;
  const typed *t = id < sizeof table / sizeof table[0] ? &table[id] : NULL;
  if (t != NULL && t->parse != NULL) {
    if (t->is_list) {
      put_list(v, t, header);
    } else {
      put_value(v, "typed", t, header->id, header->value);
    }
  } else if (!view_put_special(v, header)) {
    json_null(v->j, "typed");
  }
}
