/* SPDX-License-Identifier: MIT */
#include "sip/sip_grammar.h"

#include "sip/lex.h"
#include "sip/names.h"
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
#include "stox/sip_plain.h"
#include "stox/sip_privacy.h"
#include "stox/sip_refer.h"
#include "stox/sip_resource_priority.h"
#include "stox/sip_response_identity.h"
#include "stox/sip_security.h"
#include "stox/sip_session_timer.h"
#include "stox/sip_time.h"
#include "stox/sip_user_to_user.h"
#include "stox/sip_via.h"
#include "stox/sip_warning.h"
#include "stox/status.h"

/* Headers of a shape, and those that are read otherwise. */
#define SHAPES(X)                                                                                  \
  X(stox_sip_accept)                                                                               \
  X(stox_sip_accept_contact)                                                                       \
  X(stox_sip_accept_encoding)                                                                      \
  X(stox_sip_accept_language)                                                                      \
  X(stox_sip_address)                                                                              \
  X(stox_sip_alert_mode)                                                                           \
  X(stox_sip_answer_mode)                                                                          \
  X(stox_sip_contact)                                                                              \
  X(stox_sip_content_disposition)                                                                  \
  X(stox_sip_content_type)                                                                         \
  X(stox_sip_coupled_subscription)                                                                 \
  X(stox_sip_event)                                                                                \
  X(stox_sip_geolocation)                                                                          \
  X(stox_sip_geolocation_error)                                                                    \
  X(stox_sip_geolocation_routing)                                                                  \
  X(stox_sip_history)                                                                              \
  X(stox_sip_identity_info)                                                                        \
  X(stox_sip_info)                                                                                 \
  X(stox_sip_join)                                                                                 \
  X(stox_sip_mechanism)                                                                            \
  X(stox_sip_min_se)                                                                               \
  X(stox_sip_p_identity)                                                                           \
  X(stox_sip_party)                                                                                \
  X(stox_sip_reason_header)                                                                        \
  X(stox_sip_refer_events_at)                                                                      \
  X(stox_sip_refer_sub)                                                                            \
  X(stox_sip_refer_to)                                                                             \
  X(stox_sip_referred_by)                                                                          \
  X(stox_sip_reject_contact)                                                                       \
  X(stox_sip_replaces)                                                                             \
  X(stox_sip_responder_info)                                                                       \
  X(stox_sip_response_authentication)                                                              \
  X(stox_sip_response_authorization)                                                               \
  X(stox_sip_route)                                                                                \
  X(stox_sip_session_expires)                                                                      \
  X(stox_sip_subscription_state)                                                                   \
  X(stox_sip_target_dialog)                                                                        \
  X(stox_sip_user_to_user)

#define OTHERS(X)                                                                                  \
  X(stox_sip_auth_info)                                                                            \
  X(stox_sip_body_label)                                                                           \
  X(stox_sip_credentials)                                                                          \
  X(stox_sip_cseq)                                                                                 \
  X(stox_sip_identity)                                                                             \
  X(stox_sip_rack)                                                                                 \
  X(stox_sip_resource_priority)                                                                    \
  X(stox_sip_responder)                                                                            \
  X(stox_sip_retry_after)                                                                          \
  X(stox_sip_saml_payload)                                                                         \
  X(stox_sip_timestamp)                                                                            \
  X(stox_sip_via)                                                                                  \
  X(stox_sip_warning)

#define CHECK(name)                                                                                \
  static int name##_check(int id, stox_span value, stox_diag *diag) {                              \
    name out;                                                                                      \
    (void)id;                                                                                      \
    return name##_parse(&out, value, diag);                                                        \
  }

#define SHAPE(name) const stox_sip_shape *name##_shape(void);

SHAPES(CHECK)
OTHERS(CHECK)
SHAPES(SHAPE)

static int plain_check(int id, stox_span value, stox_diag *diag) {
  stox_span out;
  return stox_sip_plain_parse(&out, id, value, diag);
}

static int number_check(int id, stox_span value, stox_diag *diag) {
  uint32_t out;
  return stox_sip_plain_number_parse(&out, id, value, diag);
}

static int date_check(int id, stox_span value, stox_diag *diag) {
  int64_t out;
  (void)id;
  return stox_sip_date_parse(&out, value, diag);
}

static int privacy_check(int id, stox_span value, stox_diag *diag) {
  uint32_t out;
  (void)id;
  return stox_sip_privacy_parse(&out, value, diag);
}

static int disposition_check(int id, stox_span value, stox_diag *diag) {
  uint32_t out;
  (void)id;
  return stox_sip_disposition_parse(&out, value, diag);
}

static const stox_sip_grammar grammars[STOX_SIP_HEADER_COUNT] = {
    [STOX_SIP_ACCEPT] = {stox_sip_accept_check, stox_sip_accept_shape},
    [STOX_SIP_ACCEPT_ENCODING] = {stox_sip_accept_encoding_check, stox_sip_accept_encoding_shape},
    [STOX_SIP_ACCEPT_LANGUAGE] = {stox_sip_accept_language_check, stox_sip_accept_language_shape},
    [STOX_SIP_ALERT_INFO] = {stox_sip_info_check, stox_sip_info_shape},
    [STOX_SIP_ALLOW] = {plain_check, NULL},
    [STOX_SIP_ALLOW_EVENTS] = {plain_check, NULL},
    [STOX_SIP_AUTHORIZATION] = {stox_sip_credentials_check, NULL},
    [STOX_SIP_CALL_ID] = {plain_check, NULL},
    [STOX_SIP_CALL_INFO] = {stox_sip_info_check, stox_sip_info_shape},
    [STOX_SIP_CONTACT] = {stox_sip_contact_check, stox_sip_contact_shape},
    [STOX_SIP_CONTENT_DISPOSITION] = {stox_sip_content_disposition_check,
                                      stox_sip_content_disposition_shape},
    [STOX_SIP_CONTENT_ENCODING] = {plain_check, NULL},
    [STOX_SIP_CONTENT_LANGUAGE] = {plain_check, NULL},
    [STOX_SIP_CONTENT_LENGTH] = {number_check, NULL},
    [STOX_SIP_CONTENT_TYPE] = {stox_sip_content_type_check, stox_sip_content_type_shape},
    [STOX_SIP_CSEQ] = {stox_sip_cseq_check, NULL},
    [STOX_SIP_DATE] = {date_check, NULL},
    [STOX_SIP_ERROR_INFO] = {stox_sip_info_check, stox_sip_info_shape},
    [STOX_SIP_EVENT] = {stox_sip_event_check, stox_sip_event_shape},
    [STOX_SIP_EXPIRES] = {number_check, NULL},
    [STOX_SIP_FROM] = {stox_sip_party_check, stox_sip_party_shape},
    [STOX_SIP_IN_REPLY_TO] = {plain_check, NULL},
    [STOX_SIP_MAX_BREADTH] = {number_check, NULL},
    [STOX_SIP_MAX_FORWARDS] = {number_check, NULL},
    [STOX_SIP_MIME_VERSION] = {plain_check, NULL},
    [STOX_SIP_MIN_EXPIRES] = {number_check, NULL},
    [STOX_SIP_ORGANIZATION] = {plain_check, NULL},
    [STOX_SIP_PATH] = {stox_sip_route_check, stox_sip_route_shape},
    [STOX_SIP_PRIORITY] = {plain_check, NULL},
    [STOX_SIP_PROXY_AUTHENTICATE] = {stox_sip_credentials_check, NULL},
    [STOX_SIP_PROXY_AUTHORIZATION] = {stox_sip_credentials_check, NULL},
    [STOX_SIP_PROXY_REQUIRE] = {plain_check, NULL},
    [STOX_SIP_REASON] = {stox_sip_reason_header_check, stox_sip_reason_header_shape},
    [STOX_SIP_RECORD_ROUTE] = {stox_sip_route_check, stox_sip_route_shape},
    [STOX_SIP_REFER_TO] = {stox_sip_refer_to_check, stox_sip_refer_to_shape},
    [STOX_SIP_REFERRED_BY] = {stox_sip_referred_by_check, stox_sip_referred_by_shape},
    [STOX_SIP_REPLACES] = {stox_sip_replaces_check, stox_sip_replaces_shape},
    [STOX_SIP_REPLY_TO] = {stox_sip_address_check, stox_sip_address_shape},
    [STOX_SIP_REQUIRE] = {plain_check, NULL},
    [STOX_SIP_RETRY_AFTER] = {stox_sip_retry_after_check, NULL},
    [STOX_SIP_ROUTE] = {stox_sip_route_check, stox_sip_route_shape},
    [STOX_SIP_SERVER] = {plain_check, NULL},
    [STOX_SIP_SESSION_EXPIRES] = {stox_sip_session_expires_check, stox_sip_session_expires_shape},
    [STOX_SIP_SUBJECT] = {plain_check, NULL},
    [STOX_SIP_SUBSCRIPTION_STATE] = {stox_sip_subscription_state_check,
                                     stox_sip_subscription_state_shape},
    [STOX_SIP_SUPPORTED] = {plain_check, NULL},
    [STOX_SIP_TIMESTAMP] = {stox_sip_timestamp_check, NULL},
    [STOX_SIP_TO] = {stox_sip_party_check, stox_sip_party_shape},
    [STOX_SIP_UNSUPPORTED] = {plain_check, NULL},
    [STOX_SIP_USER_AGENT] = {plain_check, NULL},
    [STOX_SIP_VIA] = {stox_sip_via_check, NULL},
    [STOX_SIP_WARNING] = {stox_sip_warning_check, NULL},
    [STOX_SIP_WWW_AUTHENTICATE] = {stox_sip_credentials_check, NULL},
    [STOX_SIP_P_ASSERTED_IDENTITY] = {stox_sip_p_identity_check, stox_sip_p_identity_shape},
    [STOX_SIP_P_PREFERRED_IDENTITY] = {stox_sip_p_identity_check, stox_sip_p_identity_shape},
    [STOX_SIP_P_MEDIA_AUTHORIZATION] = {plain_check, NULL},
    [STOX_SIP_PRIVACY] = {privacy_check, NULL},
    [STOX_SIP_SECURITY_CLIENT] = {stox_sip_mechanism_check, stox_sip_mechanism_shape},
    [STOX_SIP_SECURITY_SERVER] = {stox_sip_mechanism_check, stox_sip_mechanism_shape},
    [STOX_SIP_SECURITY_VERIFY] = {stox_sip_mechanism_check, stox_sip_mechanism_shape},
    [STOX_SIP_SERVICE_ROUTE] = {stox_sip_route_check, stox_sip_route_shape},
    [STOX_SIP_ACCEPT_CONTACT] = {stox_sip_accept_contact_check, stox_sip_accept_contact_shape},
    [STOX_SIP_REJECT_CONTACT] = {stox_sip_reject_contact_check, stox_sip_reject_contact_shape},
    [STOX_SIP_REQUEST_DISPOSITION] = {disposition_check, NULL},
    [STOX_SIP_JOIN] = {stox_sip_join_check, stox_sip_join_shape},
    [STOX_SIP_SIP_ETAG] = {plain_check, NULL},
    [STOX_SIP_SIP_IF_MATCH] = {plain_check, NULL},
    [STOX_SIP_RACK] = {stox_sip_rack_check, NULL},
    [STOX_SIP_RSEQ] = {number_check, NULL},
    [STOX_SIP_MIN_SE] = {stox_sip_min_se_check, stox_sip_min_se_shape},
    [STOX_SIP_RESOURCE_PRIORITY] = {stox_sip_resource_priority_check, NULL},
    [STOX_SIP_ACCEPT_RESOURCE_PRIORITY] = {stox_sip_resource_priority_check, NULL},
    [STOX_SIP_REFER_SUB] = {stox_sip_refer_sub_check, stox_sip_refer_sub_shape},
    [STOX_SIP_TARGET_DIALOG] = {stox_sip_target_dialog_check, stox_sip_target_dialog_shape},
    [STOX_SIP_ANSWER_MODE] = {stox_sip_answer_mode_check, stox_sip_answer_mode_shape},
    [STOX_SIP_PRIV_ANSWER_MODE] = {stox_sip_answer_mode_check, stox_sip_answer_mode_shape},
    [STOX_SIP_FLOW_TIMER] = {number_check, NULL},
    [STOX_SIP_GEOLOCATION] = {stox_sip_geolocation_check, stox_sip_geolocation_shape},
    [STOX_SIP_GEOLOCATION_ROUTING] = {stox_sip_geolocation_routing_check,
                                      stox_sip_geolocation_routing_shape},
    [STOX_SIP_GEOLOCATION_ERROR] = {stox_sip_geolocation_error_check,
                                    stox_sip_geolocation_error_shape},
    [STOX_SIP_HISTORY_INFO] = {stox_sip_history_check, stox_sip_history_shape},
    [STOX_SIP_USER_TO_USER] = {stox_sip_user_to_user_check, stox_sip_user_to_user_shape},
    [STOX_SIP_REFER_EVENTS_AT] = {stox_sip_refer_events_at_check, stox_sip_refer_events_at_shape},
    [STOX_SIP_IDENTITY] = {stox_sip_identity_check, NULL},
    [STOX_SIP_IDENTITY_INFO] = {stox_sip_identity_info_check, stox_sip_identity_info_shape},
    [STOX_SIP_AUTHENTICATION_INFO] = {stox_sip_auth_info_check, NULL},
    [STOX_SIP_ALERT_MODE] = {stox_sip_alert_mode_check, stox_sip_alert_mode_shape},
    [STOX_SIP_SUBSCRIPTION] = {stox_sip_coupled_subscription_check,
                               stox_sip_coupled_subscription_shape},
    [STOX_SIP_RESPONDER] = {stox_sip_responder_check, NULL},
    [STOX_SIP_RESPONDER_INFO] = {stox_sip_responder_info_check, stox_sip_responder_info_shape},
    [STOX_SIP_RESPONSE_AUTHENTICATION] = {stox_sip_response_authentication_check,
                                          stox_sip_response_authentication_shape},
    [STOX_SIP_RESPONSE_AUTHORIZATION] = {stox_sip_response_authorization_check,
                                         stox_sip_response_authorization_shape},
    [STOX_SIP_PROXY_REQUIRED_BODY] = {stox_sip_body_label_check, NULL},
    [STOX_SIP_SAML_PAYLOAD] = {stox_sip_saml_payload_check, NULL},
    [STOX_SIP_ANONYMOUS_TO] = {stox_sip_address_check, stox_sip_address_shape},
};

const stox_sip_grammar *stox_sip_grammar_of(int id) {
  return id > 0 && id < STOX_SIP_HEADER_COUNT ? &grammars[id] : NULL;
}

int stox_sip_value_check(int id, stox_span value, stox_diag *diag) {
  const stox_sip_grammar *grammar = stox_sip_grammar_of(id);
  return grammar == NULL ? STOX_OK : grammar->check(id, value, diag);
}

int stox_sip_field_check(int id, stox_span field, stox_diag *diag) {
  static const char rule[] = "RFC3261-25.1 empty header field";
  stox_span value;
  size_t cursor = 0;
  int status;
  if (stox_sip_grammar_of(id) == NULL) {
    return STOX_OK;
  }
  const int rules = stox_sip_header_rows[id].rules;
  if (stox_sip_skip_lws(field, 0) == field.n) {
    return (rules & STOX_SIP_EMPTY) != 0 ? STOX_OK
                                         : stox_diag_set(diag, STOX_E_BAD_HEADER, 400, 0, rule);
  }
  if ((rules & STOX_SIP_LIST) == 0) {
    return stox_sip_value_check(id, field, diag);
  }
  while ((status = stox_sip_next_element(&value, field, &cursor, diag)) == STOX_OK) {
    status = stox_sip_value_check(id, value, diag);
    if (status != STOX_OK && diag != NULL) {
      diag->offset += (size_t)(value.p - field.p);
    }
    if (status != STOX_OK) {
      return status;
    }
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}
