/* SPDX-License-Identifier: MIT */
#include "stox/sip_tokens.h"

#include "sip/lex.h"
#include "stox/status.h"

static const char *const options[STOX_SIP_OPTION_COUNT] = {
    [STOX_SIP_OPTION_100REL] = "100rel",
    [STOX_SIP_OPTION_199] = "199",
    [STOX_SIP_OPTION_ANSWERMODE] = "answermode",
    [STOX_SIP_OPTION_EARLY_SESSION] = "early-session",
    [STOX_SIP_OPTION_EVENTLIST] = "eventlist",
    [STOX_SIP_OPTION_EXPLICITSUB] = "explicitsub",
    [STOX_SIP_OPTION_FROM_CHANGE] = "from-change",
    [STOX_SIP_OPTION_GEOLOCATION_HTTP] = "geolocation-http",
    [STOX_SIP_OPTION_GEOLOCATION_SIP] = "geolocation-sip",
    [STOX_SIP_OPTION_GRUU] = "gruu",
    [STOX_SIP_OPTION_HISTINFO] = "histinfo",
    [STOX_SIP_OPTION_ICE] = "ice",
    [STOX_SIP_OPTION_JOIN] = "join",
    [STOX_SIP_OPTION_MULTIPLE_REFER] = "multiple-refer",
    [STOX_SIP_OPTION_NOREFERSUB] = "norefersub",
    [STOX_SIP_OPTION_NOSUB] = "nosub",
    [STOX_SIP_OPTION_OUTBOUND] = "outbound",
    [STOX_SIP_OPTION_PATH] = "path",
    [STOX_SIP_OPTION_PRECONDITION] = "precondition",
    [STOX_SIP_OPTION_PREF] = "pref",
    [STOX_SIP_OPTION_PRIVACY] = "privacy",
    [STOX_SIP_OPTION_RECIPIENT_LIST_MESSAGE] = "recipient-list-message",
    [STOX_SIP_OPTION_RECORD_AWARE] = "record-aware",
    [STOX_SIP_OPTION_REPLACES] = "replaces",
    [STOX_SIP_OPTION_RESOURCE_PRIORITY] = "resource-priority",
    [STOX_SIP_OPTION_SEC_AGREE] = "sec-agree",
    [STOX_SIP_OPTION_TDIALOG] = "tdialog",
    [STOX_SIP_OPTION_TIMER] = "timer",
    [STOX_SIP_OPTION_UUI] = "uui",
    [STOX_SIP_OPTION_ALERTMODE] = "alertmode",
    [STOX_SIP_OPTION_ANONYMOUS] = "anonymous",
    [STOX_SIP_OPTION_LR305] = "lr305",
};

const char *stox_sip_option_name(int option) {
  return option >= 0 && option < STOX_SIP_OPTION_COUNT ? options[option] : NULL;
}

int stox_sip_option_of(stox_span tag) {
  for (int i = 0; i < STOX_SIP_OPTION_COUNT; i++) {
    if (stox_span_is_equal_nocase(tag, stox_span_text(options[i]))) {
      return i;
    }
  }
  return STOX_SIP_OPTION_UNKNOWN;
}

int stox_sip_next_token(stox_span *out, const stox_sip_message *message, int id,
                        stox_sip_cursor *cursor) {
  stox_span value;
  stox_sip_cursor moved = *cursor;
  const int status = stox_sip_next_value(&value, message, id, &moved);
  if (status != STOX_OK) {
    return status;
  }
  if (!stox_sip_is_token(value)) {
    return STOX_E_BAD_HEADER;
  }
  *out = value;
  *cursor = moved;
  return STOX_OK;
}

int stox_sip_has_token(const stox_sip_message *message, int id, stox_span token) {
  stox_sip_cursor cursor = {0, 0};
  stox_span value;
  while (stox_sip_next_token(&value, message, id, &cursor) == STOX_OK) {
    if (stox_span_is_equal_nocase(value, token)) {
      return 1;
    }
  }
  return 0;
}

int stox_sip_get_options(uint64_t *out, const stox_sip_message *message, int id) {
  stox_sip_cursor cursor = {0, 0};
  stox_span tag;
  uint64_t set = 0;
  int status;
  while ((status = stox_sip_next_token(&tag, message, id, &cursor)) == STOX_OK) {
    const int option = stox_sip_option_of(tag);
    set |= option < 0 ? 0 : UINT64_C(1) << option;
  }
  *out = set;
  return status == STOX_E_NONE ? STOX_OK : status;
}

int stox_sip_next_unsupported(stox_span *out, const stox_sip_message *message, int id,
                              uint64_t supported, stox_sip_cursor *cursor) {
  stox_span tag;
  int status;
  while ((status = stox_sip_next_token(&tag, message, id, cursor)) == STOX_OK) {
    const int option = stox_sip_option_of(tag);
    if (option < 0 || (supported & UINT64_C(1) << option) == 0) {
      *out = tag;
      return STOX_OK;
    }
  }
  return status;
}

/* The next member of a set at or above `*at`. */
static int next_bit(uint64_t set, int *at, int count) {
  while (*at < count && (set & UINT64_C(1) << *at) == 0) {
    (*at)++;
  }
  return *at < count;
}

static void put_item(stox_buf *out, size_t before, const char *name) {
  if (out->len > before) {
    (void)stox_buf_put_text(out, ", ");
  }
  (void)stox_buf_put_text(out, name);
}

int stox_sip_options_write(stox_buf *out, uint64_t set) {
  const size_t before = out->len;
  for (int i = 0; next_bit(set, &i, STOX_SIP_OPTION_COUNT); i++) {
    put_item(out, before, options[i]);
  }
  return stox_buf_status(out);
}

int stox_sip_get_methods(uint64_t *out, const stox_sip_message *message, int id) {
  stox_sip_cursor cursor = {0, 0};
  stox_span method;
  uint64_t set = 0;
  int status;
  while ((status = stox_sip_next_token(&method, message, id, &cursor)) == STOX_OK) {
    set |= UINT64_C(1) << stox_sip_method_of(method);
  }
  *out = set;
  return status == STOX_E_NONE ? STOX_OK : status;
}

int stox_sip_methods_write(stox_buf *out, uint64_t set) {
  const size_t before = out->len;
  for (int i = 1; next_bit(set, &i, STOX_SIP_INFO + 1); i++) {
    put_item(out, before, stox_sip_method_name(i));
  }
  return stox_buf_status(out);
}
