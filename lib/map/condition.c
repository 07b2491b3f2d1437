/* SPDX-License-Identifier: MIT */
#include "stox/error_map.h"

typedef struct condition_row {
  stox_span name;
  int type;
} condition_row;

#define NAME(text)                                                                                 \
  { text, sizeof(text) - 1 }

/* In alphabetical order up to the last: the codes of the conditions are, so a name is found by
 * halving. */
static const condition_row conditions[] = {
    [STOX_COND_BAD_REQUEST] = {NAME("bad-request"), STOX_ERROR_MODIFY},
    [STOX_COND_CONFLICT] = {NAME("conflict"), STOX_ERROR_CANCEL},
    [STOX_COND_FEATURE_NOT_IMPLEMENTED] = {NAME("feature-not-implemented"), STOX_ERROR_CANCEL},
    [STOX_COND_FORBIDDEN] = {NAME("forbidden"), STOX_ERROR_AUTH},
    [STOX_COND_GONE] = {NAME("gone"), STOX_ERROR_CANCEL},
    [STOX_COND_INTERNAL_SERVER_ERROR] = {NAME("internal-server-error"), STOX_ERROR_CANCEL},
    [STOX_COND_ITEM_NOT_FOUND] = {NAME("item-not-found"), STOX_ERROR_CANCEL},
    [STOX_COND_JID_MALFORMED] = {NAME("jid-malformed"), STOX_ERROR_MODIFY},
    [STOX_COND_NOT_ACCEPTABLE] = {NAME("not-acceptable"), STOX_ERROR_MODIFY},
    [STOX_COND_NOT_ALLOWED] = {NAME("not-allowed"), STOX_ERROR_CANCEL},
    [STOX_COND_NOT_AUTHORIZED] = {NAME("not-authorized"), STOX_ERROR_AUTH},
    [STOX_COND_POLICY_VIOLATION] = {NAME("policy-violation"), STOX_ERROR_MODIFY},
    [STOX_COND_RECIPIENT_UNAVAILABLE] = {NAME("recipient-unavailable"), STOX_ERROR_WAIT},
    [STOX_COND_REDIRECT] = {NAME("redirect"), STOX_ERROR_MODIFY},
    [STOX_COND_REGISTRATION_REQUIRED] = {NAME("registration-required"), STOX_ERROR_AUTH},
    [STOX_COND_REMOTE_SERVER_NOT_FOUND] = {NAME("remote-server-not-found"), STOX_ERROR_CANCEL},
    [STOX_COND_REMOTE_SERVER_TIMEOUT] = {NAME("remote-server-timeout"), STOX_ERROR_WAIT},
    [STOX_COND_RESOURCE_CONSTRAINT] = {NAME("resource-constraint"), STOX_ERROR_WAIT},
    [STOX_COND_SERVICE_UNAVAILABLE] = {NAME("service-unavailable"), STOX_ERROR_CANCEL},
    [STOX_COND_SUBSCRIPTION_REQUIRED] = {NAME("subscription-required"), STOX_ERROR_AUTH},
    [STOX_COND_UNDEFINED_CONDITION] = {NAME("undefined-condition"), STOX_ERROR_CANCEL},
    [STOX_COND_UNEXPECTED_REQUEST] = {NAME("unexpected-request"), STOX_ERROR_WAIT},
    [STOX_COND_PAYMENT_REQUIRED] = {NAME("payment-required"), STOX_ERROR_AUTH},
};

static const stox_span types[] = {
    [STOX_ERROR_CANCEL] = NAME("cancel"), [STOX_ERROR_CONTINUE] = NAME("continue"),
    [STOX_ERROR_MODIFY] = NAME("modify"), [STOX_ERROR_AUTH] = NAME("auth"),
    [STOX_ERROR_WAIT] = NAME("wait"),
};

static int is_condition(int condition) {
  return condition > STOX_COND_NONE && condition <= STOX_COND_PAYMENT_REQUIRED;
}

const char *stox_condition_name(int condition) {
  return is_condition(condition) ? conditions[condition].name.p : NULL;
}

static int compare(stox_span a, stox_span b) {
  for (size_t i = 0; i < a.n && i < b.n; i++) {
    if (a.p[i] != b.p[i]) {
      return (unsigned char)a.p[i] < (unsigned char)b.p[i] ? -1 : 1;
    }
  }
  return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

int stox_condition_of(stox_span name) {
  int low = STOX_COND_BAD_REQUEST;
  int high = STOX_COND_UNEXPECTED_REQUEST;
  while (low <= high) {
    const int middle = (low + high) / 2;
    const int order = compare(name, conditions[middle].name);
    if (order == 0) {
      return middle;
    }
    if (order < 0) {
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  return stox_span_is_equal(name, conditions[STOX_COND_PAYMENT_REQUIRED].name)
             ? STOX_COND_PAYMENT_REQUIRED
             : STOX_COND_NONE;
}

int stox_condition_type(int condition) {
  return is_condition(condition) ? conditions[condition].type : STOX_ERROR_CANCEL;
}

int stox_condition_type_rfc3920(int condition) {
  switch (condition) {
  case STOX_COND_GONE:
    return STOX_ERROR_MODIFY;
  case STOX_COND_INTERNAL_SERVER_ERROR:
    return STOX_ERROR_WAIT;
  default:
    return stox_condition_type(condition);
  }
}

/* XEP-0086 3; policy-violation came later. */
static const short codes[] = {
    [STOX_COND_BAD_REQUEST] = 400,
    [STOX_COND_CONFLICT] = 409,
    [STOX_COND_FEATURE_NOT_IMPLEMENTED] = 501,
    [STOX_COND_FORBIDDEN] = 403,
    [STOX_COND_GONE] = 302,
    [STOX_COND_INTERNAL_SERVER_ERROR] = 500,
    [STOX_COND_ITEM_NOT_FOUND] = 404,
    [STOX_COND_JID_MALFORMED] = 400,
    [STOX_COND_NOT_ACCEPTABLE] = 406,
    [STOX_COND_NOT_ALLOWED] = 405,
    [STOX_COND_NOT_AUTHORIZED] = 401,
    [STOX_COND_RECIPIENT_UNAVAILABLE] = 404,
    [STOX_COND_REDIRECT] = 302,
    [STOX_COND_REGISTRATION_REQUIRED] = 407,
    [STOX_COND_REMOTE_SERVER_NOT_FOUND] = 404,
    [STOX_COND_REMOTE_SERVER_TIMEOUT] = 504,
    [STOX_COND_RESOURCE_CONSTRAINT] = 500,
    [STOX_COND_SERVICE_UNAVAILABLE] = 503,
    [STOX_COND_SUBSCRIPTION_REQUIRED] = 407,
    [STOX_COND_UNDEFINED_CONDITION] = 500,
    [STOX_COND_UNEXPECTED_REQUEST] = 400,
    [STOX_COND_PAYMENT_REQUIRED] = 402,
};

int stox_condition_code(int condition) {
  return is_condition(condition) ? codes[condition] : 0;
}

typedef struct code_row {
  int code;
  int condition;
  int type;
} code_row;

/* XEP-0086 2. */
static const code_row of_codes[] = {
    {302, STOX_COND_REDIRECT, STOX_ERROR_MODIFY},
    {400, STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY},
    {401, STOX_COND_NOT_AUTHORIZED, STOX_ERROR_AUTH},
    {402, STOX_COND_PAYMENT_REQUIRED, STOX_ERROR_AUTH},
    {403, STOX_COND_FORBIDDEN, STOX_ERROR_AUTH},
    {404, STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL},
    {405, STOX_COND_NOT_ALLOWED, STOX_ERROR_CANCEL},
    {406, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {407, STOX_COND_REGISTRATION_REQUIRED, STOX_ERROR_AUTH},
    {408, STOX_COND_REMOTE_SERVER_TIMEOUT, STOX_ERROR_WAIT},
    {409, STOX_COND_CONFLICT, STOX_ERROR_CANCEL},
    {500, STOX_COND_INTERNAL_SERVER_ERROR, STOX_ERROR_WAIT},
    {501, STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL},
    {502, STOX_COND_SERVICE_UNAVAILABLE, STOX_ERROR_WAIT},
    {503, STOX_COND_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL},
    {504, STOX_COND_REMOTE_SERVER_TIMEOUT, STOX_ERROR_WAIT},
    {510, STOX_COND_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL},
};

int stox_condition_of_code(int code, int *type) {
  for (size_t i = 0; i < sizeof of_codes / sizeof of_codes[0]; i++) {
    if (of_codes[i].code == code) {
      if (type != NULL) {
        *type = of_codes[i].type;
      }
      return of_codes[i].condition;
    }
  }
  return STOX_COND_NONE;
}

const char *stox_error_type_name(int type) {
  return type >= STOX_ERROR_CANCEL && type <= STOX_ERROR_WAIT ? types[type].p : NULL;
}

int stox_error_type_of(stox_span name) {
  for (int type = STOX_ERROR_CANCEL; type <= STOX_ERROR_WAIT; type++) {
    if (stox_span_is_equal(name, types[type])) {
      return type;
    }
  }
  return -1;
}
