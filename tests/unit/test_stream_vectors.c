/* SPDX-License-Identifier: MIT */
#include "stream_script.h"
#include "tables.h"

/* STARTTLS of clients and servers, granted and refused: "XC-5.3-01" "XC-5.3-02" "XC-5.3-03"
 * "XC-5.3-04" "XC-5.3-05" "XC-5.3-06" "XC-5.3-07" "XC-5.3-08" "XC-5.4-01" "XC-5.4-02" "XC-5.4-03"
 * "XC-5.4-04" "XC-5.4-05" "XC-5.4-06" "XC-5.4-07" "XC-5.4-08" "XC-5.1-01" */
static const script tls_scripts[] = {
    {"starttls-c2s-ok",
     CLIENT_IN,
     0,
     {{SAID, "5.3-step01-client-header.xml"},
      {PEER, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step03-features-starttls-required.xml"},
      {SAID, "5.3-step04-starttls.xml"},
      {PEER, "5.3-step05-proceed.xml"},
      {TLS_OK, NULL},
      {SAID, "5.3-step07-client-new-header.xml"},
      {PEER, "5.3-step08-server-header-and-features.xml"},
      {LOG, "HFTHF"}}},
    {"starttls-c2s-ok",
     CLIENT_RE,
     OFFER_TLS,
     {{PEER, "5.3-step01-client-header.xml"},
      {SAID, "5.3-step02-server-header.xml"},
      {SAID, "5.3-step03-features-starttls-required.xml"},
      {PEER, "5.3-step04-starttls.xml"},
      {SAID, "5.3-step05-proceed.xml"},
      {TLS_OK, NULL},
      {PEER, "5.3-step07-client-new-header.xml"},
      {SAID, "5.3-step08-server-header-and-features.xml"},
      {LOG, "HTH"}}},
    {"starttls-c2s-refused",
     CLIENT_IN,
     0,
     {{SAID, "5.3-step01-client-header.xml"},
      {PEER, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step03-features-starttls-required.xml"},
      {SAID, "5.3-step04-starttls.xml"},
      {PEER, "5.3-step05alt-failure.xml"},
      {LOG, "HFCZ"}}},
    {"starttls-c2s-refused",
     CLIENT_RE,
     OFFER_SASL,
     {{PEER, "5.3-step01-client-header.xml"},
      {SAID, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step04-starttls.xml"},
      {SAID, "5.3-step05alt-failure.xml"},
      {LOG, "HCZ"}}},
    {"starttls-s2s-ok",
     SERVER_IN,
     0,
     {{SAID, "5.4-step01-server1-header.xml"},
      {PEER, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step03-features-starttls-required.xml"},
      {SAID, "5.4-step04-starttls.xml"},
      {PEER, "5.4-step05-proceed.xml"},
      {TLS_OK, NULL},
      {SAID, "5.4-step07-server1-new-header.xml"},
      {PEER, "5.4-step08-server2-header-and-features.xml"},
      {LOG, "HFTHF"}}},
    {"starttls-s2s-ok",
     SERVER_RE,
     OFFER_TLS,
     {{PEER, "5.4-step01-server1-header.xml"},
      {SAID, "5.4-step02-server2-header.xml"},
      {SAID, "5.4-step03-features-starttls-required.xml"},
      {PEER, "5.4-step04-starttls.xml"},
      {SAID, "5.4-step05-proceed.xml"},
      {TLS_OK, NULL},
      {PEER, "5.4-step07-server1-new-header.xml"},
      {SAID, "5.4-step08-server2-header-and-features.xml"},
      {LOG, "HTH"}}},
    {"starttls-s2s-refused",
     SERVER_IN,
     0,
     {{SAID, "5.4-step01-server1-header.xml"},
      {PEER, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step03-features-starttls-required.xml"},
      {SAID, "5.4-step04-starttls.xml"},
      {PEER, "5.4-step05alt-failure.xml"},
      {LOG, "HFCZ"}}},
    {"starttls-s2s-refused",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "5.4-step01-server1-header.xml"},
      {SAID, "5.4-step02-server2-header.xml"},
      {PEER, "5.4-step04-starttls.xml"},
      {SAID, "5.4-step05alt-failure.xml"},
      {LOG, "HCZ"}}},
};

/* SASL of clients and servers, with success and each failure: "XC-6.2-01" "XC-6.2-05" "XC-6.2-08"
 * "XC-6.2-09" "XC-6.2-10" "XC-6.2-14" "XC-6.2-15". Each step of the draft's examples, heard by one
 * of our ends or said by it: "XC-6.5-01" "XC-6.5-02" "XC-6.5-03" "XC-6.5-04" "XC-6.5-06"
 * "XC-6.5-09" "XC-6.5-10" "XC-6.5-11" "XC-6.5-12" "XC-6.5-13" "XC-6.5-14" "XC-6.6-01" "XC-6.6-02"
 * "XC-6.6-03" "XC-6.6-04" "XC-6.6-06" "XC-6.6-09" "XC-6.6-10" "XC-6.6-11" "XC-6.6-12" "XC-6.6-13"
 * "XC-6.6-14" "XC-6.6-15" */
static const script sasl_scripts[] = {
    {"sasl-c2s-ok",
     CLIENT_IN,
     0,
     {{SAID, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {SAID, "6.5-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PUT, "6.5-step08-empty-response.xml"},
      {SAID, "6.5-step08-empty-response.xml"},
      {PEER, "6.5-step09-success.xml"},
      {SASL_OK, NULL},
      {SAID, "6.5-step10-client-new-header.xml"},
      {PEER, "6.5-step11-server-header-and-features.xml"},
      {LOG, "HFSSHF"}}},
    {"sasl-c2s-ok",
     CLIENT_RE,
     OFFER_SASL | STOX_FEATURE_SESSION,
     {{PEER, "6.5-step01-client-header.xml"},
      {SAID, "6.5-step02-server-header.xml"},
      {SAID, "6.5-step03-features-mechanisms.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {WORDS, RESPONSE},
      {PEER, "6.5-step08-empty-response.xml"},
      {PUT, "6.5-step09-success.xml"},
      {SASL_OK, NULL},
      {SAID, "6.5-step09-success.xml"},
      {PEER, "6.5-step10-client-new-header.xml"},
      {SAID, "6.5-step11-server-header-and-features.xml"},
      {LOG, "HSSSH"}}},
    {"sasl-c2s-fail-at-5",
     CLIENT_IN,
     0,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {PEER, "6.5-step05alt-failure.xml"},
      {LOG, "HFSCZ"}}},
    {"sasl-c2s-fail-at-5",
     CLIENT_RE,
     OFFER_SASL,
     {{PEER, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {PUT, "6.5-step05alt-failure.xml"},
      {SAID, "6.5-step05alt-failure.xml"},
      {LOG, "HS"}}},
    {"sasl-c2s-fail-at-7",
     CLIENT_IN,
     0,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PEER, "6.5-step07alt-failure.xml"},
      {LOG, "HFSSCZ"}}},
    {"sasl-c2s-fail-at-9",
     CLIENT_IN,
     0,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PUT, "6.5-step04-auth.xml"},
      {WORDS, CHALLENGE CHALLENGE},
      {PUT, "6.5-step08-empty-response.xml"},
      {SAID, "6.5-step08-empty-response.xml"},
      {PEER, "6.5-step09alt-failure.xml"},
      {LOG, "HFSSSCZ"}}},
    {"sasl-c2s-fail-at-7",
     CLIENT_RE,
     OFFER_SASL,
     {{PEER, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {WORDS, RESPONSE},
      {PUT, "6.5-step07alt-failure.xml"},
      {SAID, "6.5-step07alt-failure.xml"},
      {LOG, "HSS"}}},
    {"sasl-c2s-fail-at-9",
     CLIENT_RE,
     OFFER_SASL,
     {{PEER, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {WORDS, RESPONSE},
      {PEER, "6.5-step08-empty-response.xml"},
      {PUT, "6.5-step09alt-failure.xml"},
      {SAID, "6.5-step09alt-failure.xml"},
      {LOG, "HSSS"}}},
    {"sasl-s2s-ok",
     SERVER_IN,
     0,
     {{SAID, "6.6-step01-server1-header.xml"},
      {PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {SAID, "6.6-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PUT, "6.6-step08-empty-response.xml"},
      {SAID, "6.6-step08-empty-response.xml"},
      {PEER, "6.6-step09-success.xml"},
      {SASL_OK, NULL},
      {SAID, "6.6-step10-server1-new-header.xml"},
      {PEER, "6.6-step11-server2-header-and-features.xml"},
      {LOG, "HFSSHFR"}}},
    {"sasl-s2s-ok",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "6.6-step01-server1-header.xml"},
      {SAID, "6.6-step02-server2-header.xml"},
      {SAID, "6.6-step03-features-mechanisms.xml"},
      {PEER, "6.6-step04-auth.xml"},
      {PEER, "6.6-step08-empty-response.xml"},
      {PUT, "6.6-step09-success.xml"},
      {SASL_OK, NULL},
      {SAID, "6.6-step09-success.xml"},
      {PEER, "6.6-step10-server1-new-header.xml"},
      {SAID, "6.6-step11-server2-header-and-features.xml"},
      {LOG, "HSSHR"}}},
    {"sasl-s2s-fail-at-5",
     SERVER_IN,
     0,
     {{PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {PEER, "6.6-step05alt-failure.xml"},
      {LOG, "HFSCZ"}}},
    {"sasl-s2s-fail-at-7",
     SERVER_IN,
     0,
     {{PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PEER, "6.6-step07alt-failure.xml"},
      {LOG, "HFSSCZ"}}},
    {"sasl-s2s-fail-at-9",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "6.6-step01-server1-header.xml"},
      {PEER, "6.6-step04-auth.xml"},
      {PEER, "6.6-step08alt-abort.xml"},
      {PUT, "6.6-step09alt-failure.xml"},
      {SAID, "6.6-step09alt-failure.xml"},
      {LOG, "HSS"}}},
    {"sasl-s2s-fail-at-9",
     SERVER_IN,
     0,
     {{PEER, "6.6-step02-server2-header.xml"},
      {PEER, "6.6-step03-features-mechanisms.xml"},
      {PUT, "6.6-step04-auth.xml"},
      {WORDS, CHALLENGE},
      {PUT, "6.6-step08alt-abort.xml"},
      {SAID, "6.6-step08alt-abort.xml"},
      {PEER, "6.6-step09alt-failure.xml"},
      {LOG, "HFSSCZ"}}},
    {"sasl-s2s-fail-at-5",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "6.6-step01-server1-header.xml"},
      {PEER, "6.6-step04-auth.xml"},
      {PUT, "6.6-step05alt-failure.xml"},
      {SAID, "6.6-step05alt-failure.xml"},
      {LOG, "HS"}}},
    {"sasl-s2s-fail-at-7",
     SERVER_RE,
     OFFER_SASL,
     {{PEER, "6.6-step01-server1-header.xml"},
      {PEER, "6.6-step04-auth.xml"},
      {WORDS, RESPONSE},
      {PUT, "6.6-step07alt-failure.xml"},
      {SAID, "6.6-step07alt-failure.xml"},
      {LOG, "HSS"}}},
};

#define AUTHENTICATED_CLIENT                                                                       \
  {PEER, "6.5-step02-server-header.xml"}, {PEER, "6.5-step03-features-mechanisms.xml"},            \
      {PUT, "6.5-step04-auth.xml"}, {PEER, "6.5-step09-success.xml"}, {                            \
    SASL_OK, NULL                                                                                  \
  }
#define AUTHENTICATED_SERVER                                                                       \
  {PEER, "6.5-step01-client-header.xml"}, {PEER, "6.5-step04-auth.xml"},                           \
      {PUT, "6.5-step09-success.xml"}, {SASL_OK, NULL}, {                                          \
    PEER, "6.5-step10-client-new-header.xml"                                                       \
  }

/* Binding and its errors: "XC-7-04" "XC-7-05" "XC-7-06" "XC-7-08" "XC-7-09" "XC-7-11" "XC-7-12"
 * "XC-7-13" "XC-7-15". Sessions: "XC-4.8-01" "XC-4.8-02". */
static const script other_scripts[] = {
    {"bind-generate",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, NULL},
      {SAID, "7-client-asks-server-to-generate.xml"},
      {LOG, "HFSHF"}}},
    {"bind-ok",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {SAID, "7-client-binds-resource.xml"},
      {LOG, "HFSHF"}}},
    {"bind-ok",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {SAID, "7-server-advertises-bind.xml"},
      {PEER, "7-client-binds-resource.xml"},
      {GRANT, "someresource"},
      {SAID, "7-server-bind-result.xml"},
      {LOG, "HSHBR"}}},
    {"bind-not-processable",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {DENY, "bad-request"},
      {SAID, "7-error-not-processable.xml"},
      {LOG, "HSHB"}}},
    {"bind-not-allowed",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {DENY, "not-allowed"},
      {SAID, "7-error-not-allowed.xml"},
      {LOG, "HSHB"}}},
    {"bind-in-use",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {DENY, "conflict"},
      {SAID, "7-error-in-use.xml"},
      {LOG, "HSHB"}}},
    {"bind-generate",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-asks-server-to-generate.xml"},
      {GRANT, "someresource"},
      {SAID, "7-server-bind-result.xml"},
      {LOG, "HSHBR"}}},
    {"bind-ok",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {REPLY, "7-server-bind-result.xml"},
      {LOG, "HFSHFR"}}},
    {"bind-not-processable",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {REPLY, "7-error-not-processable.xml"},
      {LOG, "HFSHFb"}}},
    {"bind-not-allowed",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {REPLY, "7-error-not-allowed.xml"},
      {LOG, "HFSHFb"}}},
    {"bind-in-use",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {REPLY, "7-error-in-use.xml"},
      {LOG, "HFSHFb"}}},
    {"basic-session",
     CLIENT_IN,
     0,
     {AUTHENTICATED_CLIENT,
      {PEER, "7-server-advertises-bind.xml"},
      {ASK, "someresource"},
      {REPLY, "7-server-bind-result.xml"},
      {SEND, "4.8-basic-session.client.xml"},
      {CLOSE, NULL},
      {BODY, "4.8-basic-session.server.xml"},
      {SAID, "4.8-basic-session.client.xml"},
      {LOG, "HFSHFRMCZ"}}},
    {"basic-session",
     CLIENT_RE,
     OFFER_SASL,
     {AUTHENTICATED_SERVER,
      {PEER, "7-client-binds-resource.xml"},
      {GRANT, "someresource"},
      {SEND, "4.8-basic-session.server.xml"},
      {BODY, "4.8-basic-session.client.xml"},
      {SAID, "4.8-basic-session.server.xml"},
      {LOG, "HSHBRMCZ"}}},
    {"gone-bad",
     CLIENT_RE,
     0,
     {{PEER, "4.8-gone-bad.client.xml"}, {SAID, "4.8-gone-bad.server.xml"}, {LOG, "HxCZ"}}},
    {"gone-bad", CLIENT_IN, 0, {{PEER, "4.8-gone-bad.server.xml"}, {LOG, "HXCZ"}}},
};

/* Dialback, as each of its three servers: "XC-8.3-02" "XC-8.3-03" "XC-8.3-04" "XC-8.3-07"
 * "XC-8.3-12" "XC-8.3-14" "XC-8.3-17" "XC-8.3-21" "XC-8.3-25". The addresses in them are words, so
 * who they are is not looked at here. */
static const script dialback_scripts[] = {
    {"dialback-valid originating",
     SERVER_IN,
     0,
     {{PEER, "8.3-step03-receiving-header.xml"},
      {PUT, "8.3-step04-db-result-key.xml"},
      {SAID, "8.3-step04-db-result-key.xml"},
      {PEER, "8.3-step10-db-result-valid.xml"},
      {DIALBACK_OK, NULL},
      {LOG, "HDR"}}},
    {"dialback-valid receiving",
     SERVER_RE,
     0,
     {{PEER, "8.3-step02-originating-header.xml"},
      {SAID, "8.3-step03-receiving-header.xml"},
      {PEER, "8.3-step04-db-result-key.xml"},
      {PUT, "8.3-step10-db-result-valid.xml"},
      {DIALBACK_OK, NULL},
      {SAID, "8.3-step10-db-result-valid.xml"},
      {LOG, "HDR"}}},
    {"dialback-valid asking",
     SERVER_IN,
     0,
     {{PEER, "8.3-step07-authoritative-header.xml"},
      {PUT, "8.3-step08-db-verify-request.xml"},
      {SAID, "8.3-step08-db-verify-request.xml"},
      {PEER, "8.3-step09-db-verify-valid.xml"},
      {LOG, "HD"}}},
    {"dialback-valid authoritative",
     SERVER_RE,
     0,
     {{PEER, "8.3-step06-receiving-header-to-authoritative.xml"},
      {SAID, "8.3-step07-authoritative-header.xml"},
      {PEER, "8.3-step08-db-verify-request.xml"},
      {PUT, "8.3-step09-db-verify-valid.xml"},
      {SAID, "8.3-step09-db-verify-valid.xml"},
      {LOG, "HD"}}},
    {"dialback-invalid asking",
     SERVER_IN,
     0,
     {{PEER, "8.3-step07-authoritative-header.xml"},
      {PUT, "8.3-step08-db-verify-request.xml"},
      {PEER, "8.3-step09-db-verify-invalid.xml"},
      {LOG, "HD"}}},
    {"dialback-invalid authoritative",
     SERVER_RE,
     0,
     {{PEER, "8.3-step06-receiving-header-to-authoritative.xml"},
      {PEER, "8.3-step08-db-verify-request.xml"},
      {PUT, "8.3-step09-db-verify-invalid.xml"},
      {SAID, "8.3-step09-db-verify-invalid.xml"},
      {CLOSE, NULL},
      {LOG, "HD"}}},
};

static void test_tls(void **state) {
  (void)state;
  run_scripts(tls_scripts, COUNT(tls_scripts));
}

static void test_sasl(void **state) {
  (void)state;
  run_scripts(sasl_scripts, COUNT(sasl_scripts));
}

static void test_dialback(void **state) {
  (void)state;
  run_scripts(dialback_scripts, COUNT(dialback_scripts));
}

static void test_others(void **state) {
  (void)state;
  run_scripts(other_scripts, COUNT(other_scripts));
}

/* ---- nothing is left out ---- */

static int is_step(const step *st, stox_span file, int is_said) {
  const int says = st->what == SAID || st->what == SEND;
  const int hears = st->what == PEER || st->what == REPLY || st->what == BODY;
  return (is_said ? says : hears) && stox_span_is_equal(stox_span_text(st->text), file);
}

/* How many steps of a table's scripts say or hear a file. */
static size_t count_steps(const script *scripts, size_t n, stox_span file, int is_said) {
  size_t found = 0;
  for (size_t i = 0; i < n; i++) {
    for (const step *st = scripts[i].steps; st->what != DONE; st++) {
      found += (size_t)is_step(st, file, is_said);
    }
  }
  return found;
}

static size_t count_all(stox_span file, int is_said) {
  return count_steps(tls_scripts, COUNT(tls_scripts), file, is_said) +
         count_steps(sasl_scripts, COUNT(sasl_scripts), file, is_said) +
         count_steps(other_scripts, COUNT(other_scripts), file, is_said) +
         count_steps(dialback_scripts, COUNT(dialback_scripts), file, is_said);
}

/* Their hashes are of another document's example, so no end of ours says them:
 * unit/test_sasl_digest.c reads them. */
static int is_foreign(stox_span file) {
  static const char *const steps[] = {"step05-challenge", "step06-response", "step07-challenge"};
  for (size_t i = 0; i < COUNT(steps); i++) {
    if (stox_span_is_equal(stox_span_slice(file, 4, strlen(steps[i])), stox_span_text(steps[i]))) {
      return 1;
    }
  }
  return 0;
}

/* Headers without a version, which ours never lack (RFC 6120 4.7.5). */
static int is_versionless(stox_span file) {
  return stox_span_is_equal(file, S("8.3-step02-originating-header.xml")) ||
         stox_span_is_equal(file, S("8.3-step06-receiving-header-to-authoritative.xml"));
}

/* Each step of each flow of the draft is said by an end of ours, and heard by the other. */
static void test_all(void **state) {
  (void)state;
  table t;
  size_t steps = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "derived-flows.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const stox_span file = t.field[3];
    if (file.p[0] == '(' || is_foreign(file)) {
      continue;
    }
    if (count_all(file, 0) == 0 || (count_all(file, 1) == 0 && !is_versionless(file))) {
      fail_msg("%.*s: heard %zu times, said %zu", (int)file.n, file.p, count_all(file, 0),
               count_all(file, 1));
    }
    steps++;
  }
  table_free(&t);
  assert_int_equal(steps, 101);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls),    cmocka_unit_test(test_sasl), cmocka_unit_test(test_dialback),
      cmocka_unit_test(test_others), cmocka_unit_test(test_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
