/* SPDX-License-Identifier: MIT */
/* The first octet chooses a typed header, the rest is its value. What is accepted can be written,
 * without a line end, parses again, and is written the same. */
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
#include "stox/sip_grammar.h"
#include "stox/sip_history.h"
#include "stox/sip_identity.h"
#include "stox/sip_info.h"
#include "stox/sip_mend.h"
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

#include <stdlib.h>

enum { ROOM = 1024 };

/* A struct of any typed header. */
typedef union any {
  max_align_t align;
  char octets[ROOM];
} any;

typedef struct trial {
  int (*parse)(void *out, stox_span text, stox_diag *diag);
  int (*write)(stox_buf *out, const void *value);
} trial;

#define TRIAL(name)                                                                                \
  static int name##_parse_any(void *out, stox_span text, stox_diag *diag) {                        \
    return name##_parse(out, text, diag);                                                          \
  }                                                                                                \
  static int name##_write_any(stox_buf *out, const void *value) {                                  \
    return name##_write(out, value);                                                               \
  }

#define TRIALS(X)                                                                                  \
  X(stox_sip_accept)                                                                               \
  X(stox_sip_accept_encoding)                                                                      \
  X(stox_sip_accept_language)                                                                      \
  X(stox_sip_alert_mode)                                                                           \
  X(stox_sip_answer_mode)                                                                          \
  X(stox_sip_contact)                                                                              \
  X(stox_sip_content_disposition)                                                                  \
  X(stox_sip_coupled_subscription)                                                                 \
  X(stox_sip_event)                                                                                \
  X(stox_sip_geolocation)                                                                          \
  X(stox_sip_geolocation_error)                                                                    \
  X(stox_sip_geolocation_routing)                                                                  \
  X(stox_sip_history)                                                                              \
  X(stox_sip_info)                                                                                 \
  X(stox_sip_join)                                                                                 \
  X(stox_sip_mechanism)                                                                            \
  X(stox_sip_min_se)                                                                               \
  X(stox_sip_reason_header)                                                                        \
  X(stox_sip_refer_events_at)                                                                      \
  X(stox_sip_refer_sub)                                                                            \
  X(stox_sip_refer_to)                                                                             \
  X(stox_sip_referred_by)                                                                          \
  X(stox_sip_replaces)                                                                             \
  X(stox_sip_responder)                                                                            \
  X(stox_sip_responder_info)                                                                       \
  X(stox_sip_response_authentication)                                                              \
  X(stox_sip_response_authorization)                                                               \
  X(stox_sip_session_expires)                                                                      \
  X(stox_sip_subscription_state)                                                                   \
  X(stox_sip_target_dialog)                                                                        \
  X(stox_sip_user_to_user)                                                                         \
  X(stox_sip_accept_contact)                                                                       \
  X(stox_sip_body_label)                                                                           \
  X(stox_sip_credentials)                                                                          \
  X(stox_sip_identity)                                                                             \
  X(stox_sip_identity_info)                                                                        \
  X(stox_sip_rack)                                                                                 \
  X(stox_sip_reject_contact)                                                                       \
  X(stox_sip_resource_priority)                                                                    \
  X(stox_sip_retry_after)                                                                          \
  X(stox_sip_saml_payload)                                                                         \
  X(stox_sip_timestamp)                                                                            \
  X(stox_sip_warning)                                                                              \
  X(stox_sip_address)                                                                              \
  X(stox_sip_auth_info)                                                                            \
  X(stox_sip_content_type)                                                                         \
  X(stox_sip_cseq)                                                                                 \
  X(stox_sip_p_identity)                                                                           \
  X(stox_sip_party)                                                                                \
  X(stox_sip_route)                                                                                \
  X(stox_sip_via)

TRIALS(TRIAL)

#define ROW(name) {name##_parse_any, name##_write_any},

static const trial trials[] = {TRIALS(ROW)};

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static stox_span written(const trial *t, const any *value) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  require(t->write(&out, value) == STOX_E_NOBUF);
  const size_t n = out.len;
  char *room = malloc(n);
  require(room != NULL);
  stox_buf_init(&out, room, n);
  require(t->write(&out, value) == STOX_OK && out.len == n);
  return stox_buf_span(&out);
}

static void give_back(stox_span text) {
  free((void *)(uintptr_t)text.p);
}

static void check_accepted(const trial *t, const any *value) {
  any again;
  const stox_span first = written(t, value);
  require(stox_span_find(first, '\r') == first.n && stox_span_find(first, '\n') == first.n);
  require(t->parse(&again, first, NULL) == STOX_OK);
  const stox_span second = written(t, &again);
  require(stox_span_is_equal(first, second));
  give_back(first);
  give_back(second);
}

static void check_list(stox_span list) {
  stox_span element;
  size_t cursor = 0;
  size_t before = 0;
  stox_diag diag = {0};
  int status;
  while ((status = stox_sip_next_element(&element, list, &cursor, &diag)) == STOX_OK) {
    require(cursor > before && cursor <= list.n + 1 && element.n > 0);
    require(element.p >= list.p && element.p + element.n <= list.p + list.n);
    before = cursor;
  }
  require(status == STOX_E_NONE || (diag.code == status && diag.offset <= list.n));
}

/* A date and a set are what they are, however they were written. */
static void check_numbers(stox_span text) {
  char room[160];
  stox_buf out;
  int64_t seconds = 0;
  int64_t seconds_again = 0;
  uint32_t set = 0;
  uint32_t set_again = 0;
  stox_buf_init(&out, room, sizeof room);
  if (stox_sip_date_parse(&seconds, text, NULL) == STOX_OK) {
    require(stox_sip_date_write(&out, seconds) == STOX_OK);
    require(stox_sip_date_parse(&seconds_again, stox_buf_span(&out), NULL) == STOX_OK);
    require(seconds == seconds_again);
  }
  stox_buf_init(&out, room, sizeof room);
  if (stox_sip_privacy_parse(&set, text, NULL) == STOX_OK && set < STOX_SIP_PRIVACY_OTHER) {
    require(stox_sip_privacy_write(&out, set) == STOX_OK);
    require(stox_sip_privacy_parse(&set_again, stox_buf_span(&out), NULL) == STOX_OK);
    require(set == set_again);
  }
  stox_buf_init(&out, room, sizeof room);
  if (stox_sip_disposition_parse(&set, text, NULL) == STOX_OK) {
    require(stox_sip_disposition_write(&out, set) == STOX_OK);
    require(stox_sip_disposition_parse(&set_again, stox_buf_span(&out), NULL) == STOX_OK);
    require(set == set_again);
  }
}

static void check_tag_values(stox_span value) {
  stox_sip_tag_value one;
  size_t cursor = 0;
  size_t before = 0;
  while (stox_sip_next_tag_value(&one, value, &cursor) == STOX_OK) {
    require(cursor > before && one.text.p >= value.p);
    require(one.text.p + one.text.n <= value.p + value.n);
    before = cursor;
  }
}

static void check_plain(int id, stox_span text) {
  char room[ROOM];
  stox_buf out;
  stox_span value;
  stox_span again;
  uint32_t number = 0;
  uint32_t number_again = 0;
  stox_buf_init(&out, room, sizeof room);
  if (stox_sip_plain_parse(&value, id, text, NULL) == STOX_OK &&
      stox_sip_plain_write(&out, id, value) == STOX_OK) {
    require(stox_sip_plain_parse(&again, id, stox_buf_span(&out), NULL) == STOX_OK);
    require(stox_span_is_equal(again, stox_buf_span(&out)));
  }
  stox_buf_init(&out, room, sizeof room);
  if (stox_sip_plain_number_parse(&number, id, text, NULL) == STOX_OK) {
    require(stox_sip_plain_number_write(&out, id, number) == STOX_OK);
    require(stox_sip_plain_number_parse(&number_again, id, stox_buf_span(&out), NULL) == STOX_OK);
    require(number == number_again);
  }
}

/* What is mended is strict, and the form of a form is the same. */
static void check_mended(int id, stox_span text) {
  char room[ROOM * 2];
  char room_again[ROOM * 2];
  int is_mended = 0;
  stox_buf out;
  stox_buf again;
  stox_buf_init(&out, room, sizeof room);
  stox_buf_init(&again, room_again, sizeof room_again);
  const int status = stox_sip_field_mend(&out, &is_mended, id, text);
  require(is_mended == (stox_sip_field_check(id, text, NULL) != STOX_OK));
  if (status == STOX_OK) {
    require(stox_sip_field_check(id, stox_buf_span(&out), NULL) == STOX_OK);
    require(stox_sip_field_mend(&again, &is_mended, id, stox_buf_span(&out)) == STOX_OK);
    require(!is_mended && stox_span_is_equal(stox_buf_span(&out), stox_buf_span(&again)));
  } else {
    require(status == STOX_E_NOBUF || out.len == 0);
  }
}

static void check_products(stox_span text) {
  stox_sip_product product;
  size_t cursor = 0;
  size_t before = 0;
  while (stox_sip_next_product(&product, text, &cursor) == STOX_OK) {
    stox_buf out;
    stox_buf_init(&out, NULL, 0);
    require(cursor > before && cursor <= text.n);
    require(stox_sip_product_write(&out, &product) == STOX_E_NOBUF);
    before = cursor;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  any value;
  stox_diag diag = {0};
  if (size == 0) {
    return 0;
  }
  const trial *t = &trials[data[0] % (sizeof trials / sizeof trials[0])];
  const stox_span text = {(const char *)data + 1, size - 1};
  if (t->parse(&value, text, &diag) == STOX_OK) {
    check_accepted(t, &value);
  } else {
    require(diag.code == STOX_E_BAD_HEADER && diag.offset <= text.n && diag.rule != NULL);
  }
  check_list(text);
  check_numbers(text);
  check_tag_values(text);
  check_plain(data[0] % (STOX_SIP_ANONYMOUS_TO + 1), text);
  check_mended(data[0] % (STOX_SIP_ANONYMOUS_TO + 1), text);
  check_products(text);
  return 0;
}
