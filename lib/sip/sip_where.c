/* SPDX-License-Identifier: MIT */
#include "stox/sip_where.h"

#include "stox/status.h"

/* The columns of a row are the methods in the order of their numbers: `o` the header field may
 * stand there, `-` it may not, `.` no table knows that method. Statuses between rows: it may not.
 */
typedef struct stox_sip_where_row {
  int id;
  int low; /* 0: requests */
  int high;
  char columns[STOX_SIP_INFO + 1];
} stox_sip_where_row;

/* RFC 3261 20, 3262 6 and 7, 3311 7, 3327 4, 3329 2, 3428 9, 3515 2.2, 3608 5, 3841 9, 3891 6, 3892
 * 3, 3903 11, 3911 7, 4028 4, 4412 3, 4474 9, 4488 4, 4538 7, 5373 3, 6086 7, 6665 8, 3325 9; the
 * drafts of 2005: answer and alert modes 3.2, subscriptions in REGISTER 3.5, response
 * authentication 6.1, end-to-middle security 6. */
static const stox_sip_where_row where_rows[] = {
    {STOX_SIP_ACCEPT, 0, 0, "o-o-oo-..ooooo"},
    {STOX_SIP_ACCEPT, 200, 299, "o---oo-..---o-"},
    {STOX_SIP_ACCEPT, 415, 415, "o-o-ooo..ooooo"},
    {STOX_SIP_ACCEPT_ENCODING, 0, 0, "o-o-oo-..ooooo"},
    {STOX_SIP_ACCEPT_ENCODING, 200, 299, "o---oo-..---oo"},
    {STOX_SIP_ACCEPT_ENCODING, 415, 415, "o-o-ooo..ooooo"},
    {STOX_SIP_ACCEPT_LANGUAGE, 0, 0, "o-o-oo-..ooooo"},
    {STOX_SIP_ACCEPT_LANGUAGE, 200, 299, "o---oo-..---oo"},
    {STOX_SIP_ACCEPT_LANGUAGE, 415, 415, "o-o-ooo..ooooo"},
    {STOX_SIP_ALERT_INFO, 0, 0, "o------..-----"},
    {STOX_SIP_ALERT_INFO, 180, 180, "o------..-----"},
    {STOX_SIP_ALLOW, 0, 699, "o-o-ooo..ooooo"},
    {STOX_SIP_AUTHORIZATION, 0, 0, "ooooooo..ooooo"},
    {STOX_SIP_CALL_INFO, 0, 699, "o---ooo..o--oo"},
    {STOX_SIP_CONTACT, 0, 0, "oo--oo-..-o-o-"},
    {STOX_SIP_CONTACT, 100, 199, "o------..---o-"},
    {STOX_SIP_CONTACT, 200, 299, "o---oo-..-o-o-"},
    {STOX_SIP_CONTACT, 300, 399, "o-o-ooo..oooo-"},
    {STOX_SIP_CONTACT, 400, 484, "-------..-o---"},
    {STOX_SIP_CONTACT, 485, 485, "o-o-ooo..oooo-"},
    {STOX_SIP_CONTACT, 486, 699, "-------..-o---"},
    {STOX_SIP_CONTENT_DISPOSITION, 0, 699, "ooo-ooo..ooooo"},
    {STOX_SIP_CONTENT_ENCODING, 0, 699, "ooo-ooo..ooooo"},
    {STOX_SIP_CONTENT_LANGUAGE, 0, 699, "ooo-ooo..ooooo"},
    {STOX_SIP_CONTENT_TYPE, 0, 699, "ooo-ooo..ooooo"},
    {STOX_SIP_ERROR_INFO, 300, 699, "o-ooooo..ooooo"},
    {STOX_SIP_EVENT, 0, 0, "-------ooo----"},
    {STOX_SIP_EXPIRES, 0, 0, "o----oo..oo---"},
    {STOX_SIP_EXPIRES, 100, 699, "o----oo..o----"},
    {STOX_SIP_IN_REPLY_TO, 0, 0, "o-----o..----."},
    {STOX_SIP_MAX_FORWARDS, 0, 0, "ooooooo..ooooo"},
    {STOX_SIP_MIME_VERSION, 0, 699, "ooo-oo...ooooo"},
    {STOX_SIP_MIN_EXPIRES, 423, 423, "-----o...o----"},
    {STOX_SIP_ORGANIZATION, 0, 699, "o---ooo..oo-o-"},
    {STOX_SIP_PATH, 0, 0, "-----o--------"},
    {STOX_SIP_PATH, 200, 299, "-----o--------"},
    {STOX_SIP_PRIORITY, 0, 0, "o-----o..o----"},
    {STOX_SIP_PROXY_AUTHENTICATE, 401, 401, "o-ooooo..ooooo"},
    {STOX_SIP_PROXY_AUTHENTICATE, 407, 407, "o-o-ooo..ooooo"},
    {STOX_SIP_PROXY_AUTHORIZATION, 0, 0, "ooo-ooo..ooooo"},
    {STOX_SIP_PROXY_REQUIRE, 0, 0, "o-o-ooo..ooooo"},
    {STOX_SIP_RECORD_ROUTE, 0, 0, "ooooo--..-oooo"},
    {STOX_SIP_RECORD_ROUTE, 180, 189, "o-ooo--..-oooo"},
    {STOX_SIP_RECORD_ROUTE, 200, 299, "o-ooo--..-oooo"},
    {STOX_SIP_REFER_TO, 0, 0, "----------o---"},
    {STOX_SIP_REFERRED_BY, 0, 0, "o-o-oo.......o"},
    {STOX_SIP_REPLACES, 0, 0, "o-------------"},
    {STOX_SIP_REPLY_TO, 0, 699, "o-----o..----."},
    {STOX_SIP_REQUIRE, 0, 699, "o-o-ooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 404, 404, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 413, 413, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 480, 480, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 486, 486, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 500, 500, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 503, 503, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 600, 600, "o-ooooo..ooooo"},
    {STOX_SIP_RETRY_AFTER, 603, 603, "o-ooooo..ooooo"},
    {STOX_SIP_ROUTE, 0, 0, "ooooooo..ooooo"},
    {STOX_SIP_SERVER, 100, 699, "o-ooooo..ooooo"},
    {STOX_SIP_SESSION_EXPIRES, 0, 0, "o-----------o-"},
    {STOX_SIP_SESSION_EXPIRES, 200, 299, "o-----------o-"},
    {STOX_SIP_SUBJECT, 0, 0, "o-----o..o---o"},
    {STOX_SIP_SUBSCRIPTION_STATE, 0, 0, "--------o-----"},
    {STOX_SIP_SUPPORTED, 0, 0, "o-oooo...ooooo"},
    {STOX_SIP_SUPPORTED, 200, 299, "o-oooo...ooooo"},
    {STOX_SIP_UNSUPPORTED, 420, 420, "o-o-ooo..ooooo"},
    {STOX_SIP_WARNING, 100, 699, "o-ooooo..ooooo"},
    {STOX_SIP_WWW_AUTHENTICATE, 401, 401, "o-o-ooo..ooooo"},
    {STOX_SIP_WWW_AUTHENTICATE, 407, 407, "o-o-ooo..oo-oo"},
    {STOX_SIP_P_ASSERTED_IDENTITY, 0, 699, "o-o-o-.oo.o---"},
    {STOX_SIP_P_PREFERRED_IDENTITY, 0, 699, "o-o-o-.oo.o---"},
    {STOX_SIP_SECURITY_CLIENT, 0, 0, "o-o-ooooo..-oo"},
    {STOX_SIP_SECURITY_SERVER, 421, 421, "o-o-ooooo..-oo"},
    {STOX_SIP_SECURITY_SERVER, 494, 494, "o-o-ooooo..-oo"},
    {STOX_SIP_SECURITY_VERIFY, 0, 0, "o-o-ooooo..-oo"},
    {STOX_SIP_SERVICE_ROUTE, 200, 299, "-----o--------"},
    {STOX_SIP_ACCEPT_CONTACT, 0, 0, "ooooo-ooo.oooo"},
    {STOX_SIP_REJECT_CONTACT, 0, 0, "ooooo-ooo.oooo"},
    {STOX_SIP_REQUEST_DISPOSITION, 0, 0, "oooooooooooooo"},
    {STOX_SIP_JOIN, 0, 0, "o-------------"},
    {STOX_SIP_SIP_ETAG, 200, 299, "---------o----"},
    {STOX_SIP_SIP_IF_MATCH, 0, 0, "---------o----"},
    {STOX_SIP_RACK, 0, 0, "-----------o--"},
    {STOX_SIP_RSEQ, 100, 199, "o-------------"},
    {STOX_SIP_MIN_SE, 0, 0, "o-----------o-"},
    {STOX_SIP_MIN_SE, 422, 422, "o-----------o-"},
    {STOX_SIP_RESOURCE_PRIORITY, 0, 0, "oooooooooooooo"},
    {STOX_SIP_ACCEPT_RESOURCE_PRIORITY, 200, 200, "o-oooooooooooo"},
    {STOX_SIP_ACCEPT_RESOURCE_PRIORITY, 417, 417, "o-oooooooooooo"},
    {STOX_SIP_REFER_SUB, 0, 0, "----------o---"},
    {STOX_SIP_REFER_SUB, 200, 299, "----------o---"},
    {STOX_SIP_TARGET_DIALOG, 0, 0, "o------o--o---"},
    {STOX_SIP_ANSWER_MODE, 0, 0, "o-------------"},
    {STOX_SIP_ANSWER_MODE, 200, 200, "o-------------"},
    {STOX_SIP_PRIV_ANSWER_MODE, 0, 0, "o-------------"},
    {STOX_SIP_PRIV_ANSWER_MODE, 200, 200, "o-------------"},
    {STOX_SIP_IDENTITY, 0, 699, "ooo-oo.oo.oooo"},
    {STOX_SIP_IDENTITY_INFO, 0, 699, "ooo-oo.oo.oooo"},
    {STOX_SIP_ALERT_MODE, 0, 0, "o-------------"},
    {STOX_SIP_SUBSCRIPTION, 0, 0, "-----o--------"},
    {STOX_SIP_SUBSCRIPTION, 200, 299, "-----o--------"},
    {STOX_SIP_RESPONDER, 100, 699, "oooooooooooooo"},
    {STOX_SIP_RESPONDER_INFO, 100, 699, "oooooooooooooo"},
    {STOX_SIP_RESPONSE_AUTHENTICATION, 0, 0, "oooooooooooooo"},
    {STOX_SIP_RESPONSE_AUTHORIZATION, 100, 699, "oooooooooooooo"},
    {STOX_SIP_PROXY_REQUIRED_BODY, 0, 699, "o-o-ooooooo-oo"},
};

int stox_sip_may_stand(int id, int method_id, int status) {
  int is_barred = 0;
  if (method_id < STOX_SIP_INVITE || method_id > STOX_SIP_INFO) {
    return 1;
  }
  for (size_t i = 0; i < sizeof where_rows / sizeof where_rows[0]; i++) {
    const stox_sip_where_row *row = &where_rows[i];
    const char column = row->columns[method_id - STOX_SIP_INVITE];
    if (row->id != id || column == '.') {
      continue;
    }
    if (column == 'o' && status >= row->low && status <= row->high) {
      return 1;
    }
    is_barred = 1;
  }
  return !is_barred;
}

int stox_sip_next_misplaced(size_t *index, const stox_sip_message *message, size_t from) {
  const int method_id = stox_sip_method_id(message);
  const int status = stox_sip_status(message);
  stox_sip_header header;
  for (size_t i = from; stox_sip_get_header(&header, message, i) == STOX_OK; i++) {
    if (header.id != STOX_SIP_OTHER && !stox_sip_may_stand(header.id, method_id, status)) {
      *index = i;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}
