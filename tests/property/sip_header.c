/* SPDX-License-Identifier: MIT */
/* Values made of pieces of the grammar in any order: what a typed header accepts is written, and
 * read and written again to the same. */
#include "header_support.h"

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
#include "stox/sip_refer.h"
#include "stox/sip_response_identity.h"
#include "stox/sip_security.h"
#include "stox/sip_session_timer.h"
#include "stox/sip_time.h"
#include "stox/sip_user_to_user.h"
#include "stox/sip_via.h"
#include "stox/sip_warning.h"

#define TRIALS(X)                                                                                  \
  X(stox_sip_accept)                                                                               \
  X(stox_sip_accept_contact)                                                                       \
  X(stox_sip_answer_mode)                                                                          \
  X(stox_sip_body_label)                                                                           \
  X(stox_sip_contact)                                                                              \
  X(stox_sip_coupled_subscription)                                                                 \
  X(stox_sip_credentials)                                                                          \
  X(stox_sip_event)                                                                                \
  X(stox_sip_geolocation)                                                                          \
  X(stox_sip_history)                                                                              \
  X(stox_sip_identity)                                                                             \
  X(stox_sip_info)                                                                                 \
  X(stox_sip_mechanism)                                                                            \
  X(stox_sip_rack)                                                                                 \
  X(stox_sip_reason_header)                                                                        \
  X(stox_sip_refer_sub)                                                                            \
  X(stox_sip_referred_by)                                                                          \
  X(stox_sip_replaces)                                                                             \
  X(stox_sip_responder)                                                                            \
  X(stox_sip_response_authentication)                                                              \
  X(stox_sip_retry_after)                                                                          \
  X(stox_sip_session_expires)                                                                      \
  X(stox_sip_subscription_state)                                                                   \
  X(stox_sip_target_dialog)                                                                        \
  X(stox_sip_timestamp)                                                                            \
  X(stox_sip_user_to_user)                                                                         \
  X(stox_sip_warning)                                                                              \
  X(stox_sip_address)                                                                              \
  X(stox_sip_auth_info)                                                                            \
  X(stox_sip_content_type)                                                                         \
  X(stox_sip_cseq)                                                                                 \
  X(stox_sip_p_identity)                                                                           \
  X(stox_sip_party)                                                                                \
  X(stox_sip_route)                                                                                \
  X(stox_sip_via)

TRIALS(HEADER_TRIAL)

#define ONE(name) &name##_trial,

static const header_trial *const trials[] = {TRIALS(ONE)};

enum { ROUNDS = 6000, PIECES_MOST = 9 };

static const char *const heads[] = {"*",
                                    "<sip:a@b>",
                                    "a/b",
                                    "a.b",
                                    "17",
                                    "Digest a=b",
                                    "\"d\"",
                                    "true",
                                    "a@b",
                                    "x <sip:a@b>",
                                    "1 2 A",
                                    "300 a \"b\"",
                                    "claimer=<sip:a@b>",
                                    "method=DAS",
                                    "h;cid=\"a@b\"",
                                    "Auto",
                                    "sip:a@b",
                                    "a",
                                    "5 (a (b))",
                                    "abc;info=<http://a/>",
                                    "SIP/2.0/UDP a",
                                    "1 A",
                                    "a=b"};

static const char *const pieces[] = {";",
                                     ";",
                                     ";",
                                     " ; ",
                                     "=",
                                     " = ",
                                     ",",
                                     "\r\n ",
                                     "q",
                                     "q=0.5",
                                     "expires=7",
                                     "+sip.instance=\"<urn:a:b>\"",
                                     "reg-id=1",
                                     "to-tag=a",
                                     "from-tag=b",
                                     "early-only",
                                     "id=3",
                                     "refresher=uac",
                                     "x",
                                     "x=y",
                                     "x=\"\\\"\r\n z\"",
                                     "x=[::1]",
                                     "index=1.2",
                                     "cid=\"a@b\"",
                                     "require",
                                     "nonce=\"q\"",
                                     "cause=1",
                                     "text=\"t\"",
                                     "duration=4",
                                     "aor=sip:a@b",
                                     "aor=<sip:a@b>",
                                     "purpose=icon",
                                     "tag=a",
                                     "\"",
                                     "<",
                                     ">",
                                     "(",
                                     ")",
                                     "\\",
                                     "a",
                                     "0"};

static stox_span make(char *room, size_t cap, uint64_t *seed) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  (void)stox_buf_put_text(&out, heads[test_random(seed) % COUNT(heads)]);
  const size_t n = test_random(seed) % PIECES_MOST;
  for (size_t i = 0; i < n; i++) {
    /* Mostly well-formed. */
    (void)stox_buf_put_text(&out, test_random(seed) % 4 == 0 ? "" : ";");
    (void)stox_buf_put_text(&out, pieces[test_random(seed) % COUNT(pieces)]);
  }
  return stox_buf_span(&out);
}

static void test_again(void **state) {
  (void)state;
  uint64_t seed = 20050;
  size_t accepted[COUNT(trials)] = {0};
  for (size_t i = 0; i < ROUNDS; i++) {
    char room[HEADER_ROOM];
    guard g = guard_copy(make(room, sizeof room, &seed));
    for (size_t k = 0; k < COUNT(trials); k++) {
      header_any value;
      stox_diag diag = {0};
      if (trials[k]->parse(&value, g.span, &diag) == STOX_OK) {
        header_again(trials[k], &value);
        accepted[k]++;
      } else {
        assert_true(diag.offset <= g.span.n);
      }
    }
    guard_free(&g);
  }
  for (size_t k = 0; k < COUNT(trials); k++) {
    assert_true(accepted[k] > 0);
  }
}

/* What is mended keeps the grammar and is its own form; what keeps it is not mended. */
static void test_mended(void **state) {
  (void)state;
  uint64_t seed = 7247;
  size_t mended = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char room[HEADER_ROOM];
    char form[2 * HEADER_ROOM];
    char again[2 * HEADER_ROOM];
    stox_buf out;
    int is_mended = 0;
    guard g = guard_copy(make(room, sizeof room, &seed));
    for (int id = 1; id <= STOX_SIP_ANONYMOUS_TO; id++) {
      stox_buf_init(&out, form, sizeof form);
      const int is_strict = stox_sip_field_check(id, g.span, NULL) == STOX_OK;
      if (stox_sip_field_mend(&out, &is_mended, id, g.span) != STOX_OK) {
        assert_false(is_strict);
        continue;
      }
      const stox_span first = stox_buf_span(&out);
      assert_int_equal(is_mended, !is_strict);
      assert_status(stox_sip_field_check(id, first, NULL), STOX_OK);
      stox_buf_init(&out, again, sizeof again);
      assert_status(stox_sip_field_mend(&out, &is_mended, id, first), STOX_OK);
      assert_span_equal(stox_buf_span(&out), first);
      mended += is_strict ? 0 : 1;
    }
    guard_free(&g);
  }
  assert_true(mended > ROUNDS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_again), cmocka_unit_test(test_mended)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
