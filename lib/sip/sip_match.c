/* SPDX-License-Identifier: MIT */
#include "stox/sip_match.h"

#include "stox/host.h"
#include "stox/status.h"

void stox_sip_dialog_key_of(stox_sip_dialog_key *out, const stox_sip_message *message, int way) {
  const int is_request = stox_sip_status(message) == 0;
  const stox_span from = stox_sip_tag(message, STOX_SIP_FROM);
  const stox_span to = stox_sip_tag(message, STOX_SIP_TO);
  const int is_from_local = is_request == (way == STOX_SIP_SENT);
  out->call_id = stox_sip_value(message, STOX_SIP_CALL_ID);
  out->local_tag = is_from_local ? from : to;
  out->remote_tag = is_from_local ? to : from;
}

void stox_sip_dialog_key_of_replaces(stox_sip_dialog_key *out, const stox_sip_replaces *value) {
  *out = (stox_sip_dialog_key){value->call_id, value->to_tag, value->from_tag};
}

void stox_sip_dialog_key_of_join(stox_sip_dialog_key *out, const stox_sip_join *value) {
  *out = (stox_sip_dialog_key){value->call_id, value->to_tag, value->from_tag};
}

int stox_sip_dialog_key_of_target(stox_sip_dialog_key *out, const stox_sip_target_dialog *value) {
  if (value->local_tag.n == 0 || value->remote_tag.n == 0) {
    return STOX_E_MISSING;
  }
  *out = (stox_sip_dialog_key){value->call_id, value->local_tag, value->remote_tag};
  return STOX_OK;
}

int stox_sip_dialog_key_is_equal(const stox_sip_dialog_key *a, const stox_sip_dialog_key *b) {
  return stox_span_is_equal(a->call_id, b->call_id) &&
         stox_span_is_equal(a->local_tag, b->local_tag) &&
         stox_span_is_equal(a->remote_tag, b->remote_tag);
}

static int is_named_tag(stox_span tag, stox_span named) {
  return stox_span_is_equal(tag, named) ||
         (tag.n == 0 && stox_span_is_equal(named, stox_span_text("0")));
}

int stox_sip_dialog_key_is_named(const stox_sip_dialog_key *dialog,
                                 const stox_sip_dialog_key *named) {
  return stox_span_is_equal(dialog->call_id, named->call_id) &&
         is_named_tag(dialog->local_tag, named->local_tag) &&
         is_named_tag(dialog->remote_tag, named->remote_tag);
}

int stox_sip_branch_is_rfc3261(stox_span branch) {
  static const char cookie[] = "z9hG4bK";
  const size_t n = sizeof cookie - 1;
  return branch.n > n && stox_span_is_equal(stox_span_slice(branch, 0, n), stox_span_text(cookie));
}

/* ACK belongs to the INVITE that it acknowledges. */
static stox_span method_of_key(stox_span method) {
  const char *invite = stox_sip_method_name(STOX_SIP_INVITE);
  return stox_sip_method_of(method) == STOX_SIP_ACK ? stox_span_text(invite) : method;
}

/* The To tag of an ACK is another than that of its INVITE, so it is not compared for the two. */
static int key_of_rfc2543(stox_sip_transaction_key *out, const stox_sip_message *message,
                          const stox_sip_via *via) {
  stox_sip_cseq cseq = {0};
  const int status = stox_sip_get_cseq(&cseq, message);
  out->is_rfc2543 = 1;
  out->via = via->text;
  out->request_uri = stox_sip_request_uri(message);
  out->call_id = stox_sip_value(message, STOX_SIP_CALL_ID);
  out->from_tag = stox_sip_tag(message, STOX_SIP_FROM);
  out->cseq = cseq.number;
  if (stox_sip_method_of(out->method) != STOX_SIP_INVITE) {
    out->to_tag = stox_sip_tag(message, STOX_SIP_TO);
  }
  return status;
}

static int top_via(stox_sip_via *out, stox_sip_message *message) {
  const int status = stox_sip_get_via(out, message, 0);
  return status == STOX_E_NONE ? STOX_E_MISSING : status;
}

int stox_sip_server_key_of(stox_sip_transaction_key *out, stox_sip_message *message,
                           stox_span method) {
  stox_sip_via via;
  if (stox_sip_status(message) != 0) {
    return STOX_E_ARG;
  }
  const int status = top_via(&via, message);
  if (status != STOX_OK) {
    return status;
  }
  *out = (stox_sip_transaction_key){0};
  out->method = method_of_key(method.p == NULL ? stox_sip_method(message) : method);
  if (!stox_sip_branch_is_rfc3261(via.branch)) {
    return key_of_rfc2543(out, message, &via);
  }
  out->branch = via.branch;
  out->host = via.host;
  out->port = via.port;
  return STOX_OK;
}

int stox_sip_client_key_of(stox_sip_transaction_key *out, stox_sip_message *message) {
  stox_sip_via via;
  stox_sip_cseq cseq = {0};
  if (stox_sip_status(message) == 0) {
    return STOX_E_ARG;
  }
  int status = top_via(&via, message);
  status = status == STOX_OK ? stox_sip_get_cseq(&cseq, message) : status;
  if (status != STOX_OK) {
    return status;
  }
  *out = (stox_sip_transaction_key){.branch = via.branch, .method = cseq.method};
  return STOX_OK;
}

static int is_equal_rfc2543(const stox_sip_transaction_key *a, const stox_sip_transaction_key *b) {
  return a->cseq == b->cseq && stox_span_is_equal(a->call_id, b->call_id) &&
         stox_span_is_equal(a->from_tag, b->from_tag) && stox_span_is_equal(a->to_tag, b->to_tag) &&
         stox_span_is_equal(a->request_uri, b->request_uri) && stox_span_is_equal(a->via, b->via);
}

int stox_sip_transaction_key_is_equal(const stox_sip_transaction_key *a,
                                      const stox_sip_transaction_key *b) {
  if (a->is_rfc2543 != b->is_rfc2543 || !stox_span_is_equal(a->method, b->method)) {
    return 0;
  }
  if (a->is_rfc2543) {
    return is_equal_rfc2543(a, b);
  }
  return a->port == b->port && stox_span_is_equal(a->branch, b->branch) &&
         (a->host.n == 0 ? b->host.n == 0 : stox_host_is_equal(a->host, b->host));
}
