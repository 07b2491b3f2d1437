/* SPDX-License-Identifier: MIT */
#include "stox/error_map.h"

#include "stox/jid.h"
#include "stox/status.h"

/* RFC 7247 7.1, Table 2. A domain is a bare JID too (RFC 6120 1.4). */
typedef struct table2_row {
  short full;
  short bare;
} table2_row;

static const table2_row table2[] = {
    [STOX_COND_BAD_REQUEST] = {400, 400},
    [STOX_COND_CONFLICT] = {400, 400},
    [STOX_COND_FEATURE_NOT_IMPLEMENTED] = {405, 501},
    [STOX_COND_FORBIDDEN] = {403, 603},
    [STOX_COND_GONE] = {410, 410},
    [STOX_COND_INTERNAL_SERVER_ERROR] = {500, 500},
    [STOX_COND_ITEM_NOT_FOUND] = {404, 604},
    [STOX_COND_JID_MALFORMED] = {400, 400},
    [STOX_COND_NOT_ACCEPTABLE] = {406, 606},
    [STOX_COND_NOT_ALLOWED] = {403, 403},
    [STOX_COND_NOT_AUTHORIZED] = {401, 401},
    [STOX_COND_POLICY_VIOLATION] = {403, 403},
    [STOX_COND_RECIPIENT_UNAVAILABLE] = {480, 600},
    [STOX_COND_REDIRECT] = {302, 302},
    [STOX_COND_REGISTRATION_REQUIRED] = {407, 407},
    [STOX_COND_REMOTE_SERVER_NOT_FOUND] = {404, 404},
    [STOX_COND_REMOTE_SERVER_TIMEOUT] = {408, 408},
    [STOX_COND_RESOURCE_CONSTRAINT] = {500, 500},
    [STOX_COND_SERVICE_UNAVAILABLE] = {405, 403},
    [STOX_COND_SUBSCRIPTION_REQUIRED] = {400, 400},
    [STOX_COND_UNDEFINED_CONDITION] = {400, 400},
    [STOX_COND_UNEXPECTED_REQUEST] = {400, 400},
    [STOX_COND_PAYMENT_REQUIRED] = {400, 400},
};

enum { TABLE2_ROWS = STOX_COND_UNEXPECTED_REQUEST };

enum { SIP_FIRST = 100, ERROR_FIRST = 300, ERROR_END = 700 };

typedef struct table3_row {
  short code;
  unsigned char is_class; /* 1: what codes of that class become that have no row of their own */
  unsigned char condition;
} table3_row;

/* RFC 7247 7.2, Table 3, ascending. */
static const table3_row table3[] = {
    {300, 1, STOX_COND_REDIRECT},
    {300, 0, STOX_COND_REDIRECT},
    {301, 0, STOX_COND_GONE},
    {302, 0, STOX_COND_REDIRECT},
    {305, 0, STOX_COND_REDIRECT},
    {380, 0, STOX_COND_NOT_ACCEPTABLE},
    {400, 1, STOX_COND_BAD_REQUEST},
    {400, 0, STOX_COND_BAD_REQUEST},
    {401, 0, STOX_COND_NOT_AUTHORIZED},
    {402, 0, STOX_COND_BAD_REQUEST},
    {403, 0, STOX_COND_FORBIDDEN},
    {404, 0, STOX_COND_ITEM_NOT_FOUND},
    {405, 0, STOX_COND_FEATURE_NOT_IMPLEMENTED},
    {406, 0, STOX_COND_NOT_ACCEPTABLE},
    {407, 0, STOX_COND_REGISTRATION_REQUIRED},
    {408, 0, STOX_COND_REMOTE_SERVER_TIMEOUT},
    {410, 0, STOX_COND_GONE},
    {413, 0, STOX_COND_POLICY_VIOLATION},
    {414, 0, STOX_COND_POLICY_VIOLATION},
    {415, 0, STOX_COND_NOT_ACCEPTABLE},
    {416, 0, STOX_COND_NOT_ACCEPTABLE},
    {420, 0, STOX_COND_FEATURE_NOT_IMPLEMENTED},
    {421, 0, STOX_COND_NOT_ACCEPTABLE},
    {423, 0, STOX_COND_RESOURCE_CONSTRAINT},
    {430, 0, STOX_COND_RECIPIENT_UNAVAILABLE},
    {439, 0, STOX_COND_FEATURE_NOT_IMPLEMENTED},
    {440, 0, STOX_COND_POLICY_VIOLATION},
    {480, 0, STOX_COND_RECIPIENT_UNAVAILABLE},
    {481, 0, STOX_COND_ITEM_NOT_FOUND},
    {482, 0, STOX_COND_NOT_ACCEPTABLE},
    {483, 0, STOX_COND_NOT_ACCEPTABLE},
    {484, 0, STOX_COND_ITEM_NOT_FOUND},
    {485, 0, STOX_COND_ITEM_NOT_FOUND},
    {486, 0, STOX_COND_RECIPIENT_UNAVAILABLE},
    {487, 0, STOX_COND_RECIPIENT_UNAVAILABLE},
    {488, 0, STOX_COND_NOT_ACCEPTABLE},
    {489, 0, STOX_COND_POLICY_VIOLATION},
    {491, 0, STOX_COND_UNEXPECTED_REQUEST},
    {493, 0, STOX_COND_BAD_REQUEST},
    {500, 1, STOX_COND_INTERNAL_SERVER_ERROR},
    {500, 0, STOX_COND_INTERNAL_SERVER_ERROR},
    {501, 0, STOX_COND_FEATURE_NOT_IMPLEMENTED},
    {502, 0, STOX_COND_REMOTE_SERVER_NOT_FOUND},
    {503, 0, STOX_COND_INTERNAL_SERVER_ERROR},
    {504, 0, STOX_COND_REMOTE_SERVER_TIMEOUT},
    {505, 0, STOX_COND_NOT_ACCEPTABLE},
    {513, 0, STOX_COND_POLICY_VIOLATION},
    {600, 1, STOX_COND_RECIPIENT_UNAVAILABLE},
    {600, 0, STOX_COND_RECIPIENT_UNAVAILABLE},
    {603, 0, STOX_COND_RECIPIENT_UNAVAILABLE},
    {604, 0, STOX_COND_ITEM_NOT_FOUND},
    {606, 0, STOX_COND_NOT_ACCEPTABLE},
};

enum { TABLE3_ROWS = sizeof table3 / sizeof table3[0] };

/* ---- XMPP to SIP ---- */

static int is_scope(int scope) {
  return scope >= STOX_SCOPE_FULL && scope <= STOX_SCOPE_DOMAIN;
}

/* The code of an override, 0 if none fits. */
static int overridden_code(const stox_error_to_sip *question) {
  for (size_t i = 0; i < question->n_overrides; i++) {
    const stox_error_override *row = &question->overrides[i];
    if (row->condition == question->condition &&
        (row->scope < 0 || row->scope == question->scope)) {
      return row->sip;
    }
  }
  return 0;
}

/* Table 2 with its notes. */
static int code_of(const stox_error_to_sip *question) {
  const table2_row row = table2[question->condition];
  switch (question->condition) {
  case STOX_COND_GONE:
    return question->has_address ? 301 : row.full;
  case STOX_COND_REMOTE_SERVER_NOT_FOUND:
    return question->cause == STOX_CAUSE_UNRESOLVABLE ? 408 : row.full;
  case STOX_COND_UNEXPECTED_REQUEST:
    return question->is_invite ? 491 : row.full;
  default:
    break;
  }
  const int final = row.bare >= 600 && question->prefer_4xx;
  return question->scope == STOX_SCOPE_FULL || final ? row.full : row.bare;
}

static uint32_t needs_of(int code) {
  switch (code) {
  case 301:
  case 302:
  case 305:
    return STOX_NEEDS_CONTACT;
  case 401:
  case 407:
    return STOX_NEEDS_CHALLENGE;
  case 405:
    return STOX_NEEDS_ALLOW;
  case 415:
    return STOX_NEEDS_ACCEPT;
  case 420:
    return STOX_NEEDS_UNSUPPORTED;
  case 423:
    return STOX_NEEDS_MIN_EXPIRES;
  case 489:
    return STOX_NEEDS_ALLOW_EVENTS;
  default:
    return 0;
  }
}

int stox_error_map_without(int code) {
  switch (code) {
  case 301:
    return 410;
  case 302:
  case 305:
    return 480;
  case 401:
  case 407:
    return 403;
  default:
    return code;
  }
}

int stox_error_map_to_sip(stox_sip_error *out, const stox_error_to_sip *question) {
  if (question->condition <= STOX_COND_NONE || question->condition > STOX_COND_PAYMENT_REQUIRED ||
      !is_scope(question->scope)) {
    return STOX_E_ARG;
  }
  int code = overridden_code(question);
  if (code == 0) {
    code = code_of(question);
  }
  if (code < ERROR_FIRST || code >= ERROR_END) {
    return STOX_E_ARG;
  }
  if (!question->has_challenge && needs_of(code) == STOX_NEEDS_CHALLENGE) {
    code = stox_error_map_without(code);
  }
  out->code = code;
  out->needs = needs_of(code);
  out->address = out->needs == STOX_NEEDS_CONTACT ? STOX_ADDRESS_REQUIRED : STOX_ADDRESS_NONE;
  out->reason = stox_sip_reason(code);
  return STOX_OK;
}

/* ---- SIP to XMPP ---- */

/* The condition of an override, STOX_COND_NONE if none fits. */
static int overridden_condition(const stox_error_to_xmpp *question) {
  for (size_t i = 0; i < question->n_overrides; i++) {
    if (question->overrides[i].sip == question->sip) {
      return question->overrides[i].condition;
    }
  }
  return STOX_COND_NONE;
}

/* Notes 3, 4 and 5; STOX_COND_NONE if none applies. */
static int hinted(int code, int hint) {
  switch (hint) {
  case STOX_HINT_POLICY:
    return code == 403 ? STOX_COND_POLICY_VIOLATION : STOX_COND_NONE;
  case STOX_HINT_NEVER:
    return code == 403 ? STOX_COND_NOT_ALLOWED : STOX_COND_NONE;
  case STOX_HINT_DOMAIN:
    return code == 404 ? STOX_COND_REMOTE_SERVER_NOT_FOUND : STOX_COND_NONE;
  case STOX_HINT_UNRESOLVABLE:
    return code == 408 ? STOX_COND_REMOTE_SERVER_NOT_FOUND : STOX_COND_NONE;
  default:
    return STOX_COND_NONE;
  }
}

/* The condition in a row of Table 3, STOX_COND_NONE if there is no such row. */
static int find_row(int code, int is_class) {
  size_t low = 0;
  size_t high = TABLE3_ROWS;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const table3_row row = table3[middle];
    if (row.code == code && row.is_class == is_class) {
      return row.condition;
    }
    /* A class row stands in front of the first code of its class. */
    if (row.code < code || (row.code == code && row.is_class > is_class)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return STOX_COND_NONE;
}

/* Table 3 with its notes. */
static int condition_of(const stox_error_to_xmpp *question) {
  const int code = question->sip;
  const int hint = hinted(code, question->hint);
  if (hint != STOX_COND_NONE) {
    return hint;
  }
  /* Note 1: this gone must name the new address. */
  if (code == 301 && !question->has_contact) {
    return STOX_COND_ITEM_NOT_FOUND;
  }
  const int condition = find_row(code, 0);
  return condition != STOX_COND_NONE ? condition : find_row(code / 100 * 100, 1);
}

/* RFC 6120 8.3.3.7, 8.3.3.13: who may not know whether somebody is there learns nothing. */
static int hidden(int condition) {
  return condition == STOX_COND_ITEM_NOT_FOUND || condition == STOX_COND_RECIPIENT_UNAVAILABLE
             ? STOX_COND_SERVICE_UNAVAILABLE
             : condition;
}

int stox_error_map_to_xmpp(stox_xmpp_error *out, const stox_error_to_xmpp *question) {
  if (question->sip < SIP_FIRST || question->sip >= ERROR_END) {
    return STOX_E_ARG;
  }
  if (question->sip < ERROR_FIRST) {
    return STOX_E_NOT_AN_ERROR;
  }
  int condition = overridden_condition(question);
  if (condition == STOX_COND_NONE) {
    condition = condition_of(question);
  }
  if (stox_condition_name(condition) == NULL) {
    return STOX_E_ARG;
  }
  if (question->is_unauthorised) {
    condition = hidden(condition);
  }
  const int carries = condition == STOX_COND_GONE || condition == STOX_COND_REDIRECT;
  /* Note 1: never for 410, whatever it carries. */
  const int moved = question->sip < 400 && question->has_contact;
  out->condition = condition;
  out->type = stox_condition_type(condition);
  out->address = carries && moved ? STOX_ADDRESS_REQUIRED : STOX_ADDRESS_NONE;
  return STOX_OK;
}

/* ---- walking ---- */

int stox_error_map_get_xmpp(stox_error_row_xmpp *out, size_t index) {
  if (index >= TABLE2_ROWS) {
    return STOX_E_NONE;
  }
  const int condition = STOX_COND_BAD_REQUEST + (int)index;
  const table2_row row = table2[condition];
  *out = (stox_error_row_xmpp){condition, row.full, row.bare, row.bare};
  return STOX_OK;
}

int stox_error_map_get_sip(stox_error_row_sip *out, size_t index) {
  if (index >= TABLE3_ROWS) {
    return STOX_E_NONE;
  }
  const table3_row row = table3[index];
  *out = (stox_error_row_sip){row.code, row.is_class, row.condition,
                              stox_condition_type(row.condition)};
  return STOX_OK;
}
