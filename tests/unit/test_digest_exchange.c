/* SPDX-License-Identifier: MIT */
/* Both sides of Digest authentication: what a server sends, a client answers, the server checks,
 * and the server's own proof. */
#include "support.h"
#include "writers.h"

#include "stox/digest.h"

#define JASON "J\303\244s\303\270n Doe"

static const int algorithms[] = {STOX_HASH_MD5, STOX_HASH_SHA256, STOX_HASH_SHA512_256};

/* RFC 7616 3.9.2. What it prints was made with SHA-512 cut short; these are SHA-512/256 itself, as
 * the erratum 4897 has them. */
static void test_userhash(void **state) {
  (void)state;
  static const char hash[] = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
  static const char response[] = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
  static const char credentials[] =
      "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", "
      "realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
      "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
      "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
      "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", "
      "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true";
  char made[STOX_DIGEST_HEX_MAX];
  char ha1[STOX_DIGEST_HEX_MAX];
  char room[STOX_DIGEST_HEX_MAX];
  stox_buf name;
  stox_digest d;
  assert_status(stox_digest_userhash(made, STOX_HASH_SHA512_256, S(JASON), S("api@example.org")),
                STOX_OK);
  assert_memory_equal(made, hash, sizeof made);
  assert_status(stox_digest_userhash(made, 0, S(JASON), S("a")), STOX_E_ARG);
  assert_status(stox_digest_parse_credentials(&d, S(credentials), NULL), STOX_OK);
  assert_int_equal(d.userhash, 1);
  stox_buf_init(&name, room, sizeof room);
  assert_status(stox_digest_username(&name, &d), STOX_OK);
  assert_memory_equal(room, hash, sizeof room);
  assert_status(stox_digest_ha1(ha1, d.algorithm, S(JASON), d.realm, S("Secret, or not?")),
                STOX_OK);
  assert_status(stox_digest_response(made, &d, (stox_span){ha1, sizeof ha1}, S("GET"), S("")),
                STOX_OK);
  assert_memory_equal(made, response, sizeof made);
  assert_status(stox_digest_check(&d, (stox_span){ha1, sizeof ha1}, S("GET"), S("")), STOX_OK);
}

static int write_username(stox_buf *out, const void *ud) {
  return stox_digest_username(out, ud);
}

/* RFC 7616 3.4 `username*`, RFC 5987 3.2.1. */
static void test_usernames(void **state) {
  (void)state;
#define REST ",realm=\"r\",nonce=\"n\",uri=\"x\",response=\"0\""
  static const struct row {
    stox_span value;
    int status;
    stox_span name;
  } rows[] = {
      {ROW("Digest username=\"a\\\"b\\\\c\"" REST), STOX_OK, ROW("a\"b\\c")},
      {ROW("Digest username=\"\"" REST), STOX_OK, ROW("")},
      {ROW("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe" REST ",userhash=false"), STOX_OK,
       ROW(JASON)},
      {ROW("Digest username*=utf-8'de'a!+-._`~" REST), STOX_OK, ROW("a!+-._`~")},
      {ROW("Digest username*=UTF-8''" REST), STOX_OK, ROW("")},
      {ROW("Digest username*=UTF-8''%F0%9F%98%80" REST), STOX_OK, ROW("\360\237\230\200")},
      {ROW("Digest username*=UTF-8''a,username=\"a\"" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''a" REST ",userhash=true"), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=ISO-8859-1''a" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8'a" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=a" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%C3" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%C3a" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%80" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%C3%A4%A4" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%F0%9F%98%80%80" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%C" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=\"UTF-8''a#\"" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=UTF-8''%G0" REST), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Digest username*=\"UTF-8''a b\"" REST), STOX_E_BAD_HEADER, ROW("")},
  };
#undef REST
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_digest d;
    stox_digest again;
    char room[256];
    stox_buf out;
    const int status = stox_digest_parse_credentials(&d, g.span, NULL);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
    if (status == STOX_OK) {
      check_writer(write_username, &d, rows[i].name);
      stox_buf_init(&out, room, sizeof room);
      assert_status(stox_digest_write_credentials(&out, &d), STOX_OK);
      assert_status(stox_digest_parse_credentials(&again, stox_buf_span(&out), NULL), STOX_OK);
      assert_span_equal(again.username, d.username);
      assert_int_equal(again.is_extended, d.is_extended);
    }
    guard_free(&g);
  }
}

static int extend(stox_buf *out, const void *ud) {
  return stox_digest_extend(out, *(const stox_span *)ud);
}

static void test_extended(void **state) {
  (void)state;
  const stox_span name = S(JASON);
  char room[64];
  stox_buf out;
  check_writer(extend, &name, S("UTF-8''J%C3%A4s%C3%B8n%20Doe"));
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_digest_extend(&out, S("\303")), STOX_E_BAD_UTF8);
  stox_digest d = {0};
  d.realm = S("r");
  d.nonce = S("n");
  d.uri = S("x");
  d.response = S("0");
  d.algorithm = STOX_HASH_MD5;
  d.is_extended = 1;
  d.username = S("UTF-8''a,b");
  assert_status(stox_digest_write_credentials(&out, &d), STOX_E_BAD_PARAM);
  assert_status(stox_digest_username(&out, &d), STOX_E_BAD_PARAM);
  d.username = S("UTF-8''a");
  d.userhash = 1;
  assert_status(stox_digest_write_credentials(&out, &d), STOX_E_BAD_PARAM);
  assert_int_equal(out.len, 0);
}

/* RFC 8760 2.3, 2.4: the topmost that is supported. */
static void test_select(void **state) {
  (void)state;
  static const stox_span values[] = {
      ROW("Basic realm=\"a\""),
      ROW("Digest realm=\"a\",nonce=\"1\",algorithm=SHA-3,qop=\"auth\""),
      ROW("Digest realm=\"a\",nonce=\"2\",nonce=\"2\""),
      ROW("Digest realm=\"b\",nonce=\"3\",algorithm=SHA-512-256,qop=\"auth\""),
      ROW("Digest realm=\"a\",nonce=\"4\",algorithm=SHA-256,qop=\"auth\""),
      ROW("Digest realm=\"a\",nonce=\"5\",algorithm=MD5,qop=\"auth\""),
  };
  static const struct row {
    stox_span realm;
    int algorithms;
    int status;
    size_t index;
  } rows[] = {
      {{NULL, 0}, 0, STOX_OK, 3},
      {ROW("a"), 0, STOX_OK, 4},
      {ROW("a"), 1 << STOX_HASH_MD5, STOX_OK, 5},
      {ROW("a"), 1 << STOX_HASH_MD5 | 1 << STOX_HASH_SHA256, STOX_OK, 4},
      {ROW("b"), 1 << STOX_HASH_MD5, STOX_E_NONE, 0},
      {ROW("c"), 0, STOX_E_NONE, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_digest d = {0};
    size_t index = 0;
    assert_status(
        stox_digest_select(&d, &index, values, COUNT(values), rows[i].realm, rows[i].algorithms),
        rows[i].status);
    assert_int_equal(index, rows[i].index);
    assert_status(
        stox_digest_select(&d, NULL, values, COUNT(values), rows[i].realm, rows[i].algorithms),
        rows[i].status);
  }
}

static void test_answer(void **state) {
  (void)state;
  enum { NO = STOX_DIGEST_NO_QOP, AUTH = STOX_DIGEST_AUTH, INT = STOX_DIGEST_AUTH_INT };
  static const struct row {
    int offered;
    int wanted;
    int qop;
  } rows[] = {
      {NO, NO, NO},
      {NO, AUTH, NO},
      {NO, INT, NO},
      {AUTH, NO, AUTH},
      {AUTH, AUTH, AUTH},
      {AUTH, INT, AUTH},
      {INT, NO, INT},
      {INT, AUTH, INT},
      {INT, INT, INT},
      {AUTH | INT, NO, AUTH},
      {AUTH | INT, AUTH, AUTH},
      {AUTH | INT, INT, INT},
      {AUTH | INT, AUTH | INT, AUTH},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_digest challenge = {0};
    stox_digest d;
    challenge.realm = S("r");
    challenge.nonce = S("n");
    challenge.opaque = S("o");
    challenge.stale = 1;
    challenge.algorithm = STOX_HASH_MD5;
    challenge.userhash = 1;
    challenge.qop = rows[i].offered;
    stox_digest_answer(&d, &challenge, rows[i].wanted, 7, S("c"));
    assert_int_equal(d.qop, rows[i].qop);
    assert_int_equal(d.nc, rows[i].qop == NO ? 0 : 7);
    if (rows[i].qop == NO) {
      assert_null(d.cnonce.p);
    } else {
      assert_span_equal(d.cnonce, S("c"));
    }
    assert_span_equal(d.opaque, S("o"));
    assert_int_equal(d.userhash, 1);
    assert_int_equal(d.stale, 0);
    challenge.is_session = 1;
    stox_digest_answer(&d, &challenge, rows[i].wanted, 7, S("c"));
    assert_span_equal(d.cnonce, S("c"));
  }
}

/* What one round of an exchange is about. */
typedef struct round {
  int algorithm;
  int is_session;
  int qop;
  int userhash;
} round;

/* The client's side: credentials for a challenge, as text. */
static stox_span respond(stox_buf *out, stox_span challenge, const round *r, stox_span ha1) {
  static char hash[STOX_DIGEST_HEX_MAX];
  static char response[STOX_DIGEST_HEX_MAX];
  const size_t n = 2 * stox_hash_size(r->algorithm);
  stox_digest offer;
  stox_digest d;
  assert_status(stox_digest_parse_challenge(&offer, challenge, NULL), STOX_OK);
  stox_digest_answer(&d, &offer, r->qop, 1, S("0a4f113b"));
  assert_int_equal(d.qop, r->qop);
  d.username = S("bob");
  if (d.userhash) {
    assert_status(stox_digest_userhash(hash, d.algorithm, S("bob"), d.realm), STOX_OK);
    d.username = (stox_span){hash, n};
  }
  d.uri = S("sip:biloxi.com");
  assert_status(stox_digest_response(response, &d, ha1, S("MESSAGE"), S("Hello")), STOX_OK);
  d.response = (stox_span){response, n};
  assert_status(stox_digest_write_credentials(out, &d), STOX_OK);
  return stox_buf_span(out);
}

/* The server's side: nonce, replay, response; then its own proof, which the client checks. */
static void accept_response(stox_span credentials, const round *r, stox_span ha1,
                            stox_digest_window *window) {
  char proof[STOX_DIGEST_HEX_MAX];
  char room[512];
  stox_buf out;
  stox_digest d;
  stox_digest_info info = {{NULL, 0}, {NULL, 0}, {NULL, 0}, 0, 0};
  stox_digest_info heard;
  const size_t n = 2 * stox_hash_size(r->algorithm);
  assert_status(stox_digest_parse_credentials(&d, credentials, NULL), STOX_OK);
  assert_int_equal(d.algorithm, r->algorithm);
  assert_int_equal(d.is_session, r->is_session);
  assert_int_equal(d.userhash, r->userhash);
  assert_status(stox_digest_nonce_check(d.nonce, S("key"), d.realm, 1005, 30), STOX_OK);
  assert_status(stox_digest_nonce_check(d.nonce, S("key"), d.realm, 1031, 30), STOX_E_TIMEOUT);
  assert_status(stox_digest_check(&d, ha1, S("MESSAGE"), S("Hello")), STOX_OK);
  assert_status(stox_digest_check(&d, ha1, S("MESSAGE"), S("Hullo")),
                r->qop == STOX_DIGEST_AUTH_INT ? STOX_E_AUTH : STOX_OK);
  if (r->qop != STOX_DIGEST_NO_QOP) {
    assert_status(stox_digest_window_check(window, d.nc), STOX_OK);
    assert_status(stox_digest_window_check(window, d.nc), STOX_E_REPEATED);
  }
  assert_status(stox_digest_rspauth(proof, &d, ha1, S("Fine")), STOX_OK);
  info.nextnonce = S("next");
  info.rspauth = (stox_span){proof, n};
  info.cnonce = d.cnonce;
  info.nc = d.nc;
  info.qop = d.qop;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_digest_write_info(&out, &info), STOX_OK);
  assert_status(stox_digest_parse_info(&heard, stox_buf_span(&out), NULL), STOX_OK);
  assert_span_equal(heard.nextnonce, S("next"));
  assert_status(stox_digest_check_info(&heard, &d, ha1, S("Fine")), STOX_OK);
  assert_status(stox_digest_check_info(&heard, &d, ha1, S("Bad")),
                r->qop == STOX_DIGEST_AUTH_INT ? STOX_E_AUTH : STOX_OK);
  /* The request's own response is no proof. */
  heard.rspauth = d.response;
  assert_status(stox_digest_check_info(&heard, &d, ha1, S("Hello")), STOX_E_AUTH);
}

static void exchange(const round *r) {
  static const unsigned char salt[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  char nonce[STOX_DIGEST_NONCE];
  char ha1[STOX_DIGEST_HEX_MAX];
  char challenge[512];
  char credentials[1024];
  stox_buf out;
  stox_digest d = {0};
  stox_digest_window window = {0};
  const stox_span stored = {ha1, 2 * stox_hash_size(r->algorithm)};
  stox_buf_init(&out, nonce, sizeof nonce);
  assert_status(stox_digest_nonce_make(&out, S("key"), S("biloxi.com"), 1000, salt), STOX_OK);
  d.realm = S("biloxi.com");
  d.nonce = stox_buf_span(&out);
  d.algorithm = r->algorithm;
  d.is_session = r->is_session;
  d.qop = r->qop;
  d.userhash = r->userhash;
  stox_buf_init(&out, challenge, sizeof challenge);
  const int is_old = r->algorithm == STOX_HASH_MD5 && !r->is_session;
  if (r->qop == STOX_DIGEST_NO_QOP && !is_old) {
    /* RFC 8760 2.6 (8): who knows the new algorithms sends a qop. */
    assert_status(stox_digest_write_challenge(&out, &d), STOX_E_ARG);
    return;
  }
  assert_status(stox_digest_write_challenge(&out, &d), STOX_OK);
  assert_status(stox_digest_ha1(ha1, r->algorithm, S("bob"), d.realm, S("zanzibar")), STOX_OK);
  stox_buf answer;
  stox_buf_init(&answer, credentials, sizeof credentials);
  accept_response(respond(&answer, stox_buf_span(&out), r, stored), r, stored, &window);
}

/* Every algorithm, with and without session, each qop, name and hash of it. */
static void test_every_exchange(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(algorithms); i++) {
    for (int qop = STOX_DIGEST_NO_QOP; qop <= STOX_DIGEST_AUTH_INT; qop++) {
      for (int form = 0; form < 4; form++) {
        const round r = {algorithms[i], form & 1, qop, form >> 1};
        exchange(&r);
      }
    }
  }
}

static int write_info(stox_buf *out, const void *ud) {
  return stox_digest_write_info(out, ud);
}

static void test_info(void **state) {
  (void)state;
  static const struct row {
    stox_digest_info info;
    stox_span want;
  } rows[] = {
      {{ROW("n"), {NULL, 0}, {NULL, 0}, 0, STOX_DIGEST_NO_QOP}, ROW("nextnonce=\"n\"")},
      {{{NULL, 0}, ROW("0f"), {NULL, 0}, 0, STOX_DIGEST_NO_QOP}, ROW("rspauth=\"0f\"")},
      {{ROW("n"), ROW("0f"), ROW("c"), 255, STOX_DIGEST_AUTH},
       ROW("nextnonce=\"n\", rspauth=\"0f\", cnonce=\"c\", qop=auth, nc=000000ff")},
      {{{NULL, 0}, ROW(""), ROW(""), 1, STOX_DIGEST_AUTH_INT},
       ROW("rspauth=\"\", cnonce=\"\", qop=auth-int, nc=00000001")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_digest_info info;
    check_writer(write_info, &rows[i].info, rows[i].want);
    assert_status(stox_digest_parse_info(&info, rows[i].want, NULL), STOX_OK);
    assert_span_equal(info.nextnonce, rows[i].info.nextnonce);
    assert_span_equal(info.rspauth, rows[i].info.rspauth);
    assert_span_equal(info.cnonce, rows[i].info.cnonce);
    assert_int_equal(info.nc, rows[i].info.nc);
    assert_int_equal(info.qop, rows[i].info.qop);
  }
  static const struct bad {
    stox_digest_info info;
    int status;
  } bad[] = {
      {{{NULL, 0}, {NULL, 0}, ROW("c"), 1, STOX_DIGEST_NO_QOP}, STOX_E_ARG},
      {{ROW("n"), {NULL, 0}, ROW("c"), 1, STOX_DIGEST_AUTH}, STOX_E_ARG},
      {{ROW("n"), ROW("0"), {NULL, 0}, 1, STOX_DIGEST_AUTH}, STOX_E_ARG},
      {{ROW("n"), ROW("0"), ROW("c"), 1, 3}, STOX_E_ARG},
      {{ROW("n"), ROW("0"), ROW("c"), 1, -1}, STOX_E_ARG},
      {{ROW("n\""), {NULL, 0}, {NULL, 0}, 0, 0}, STOX_E_BAD_PARAM},
      {{ROW("n"), ROW("\r"), {NULL, 0}, 0, 0}, STOX_E_BAD_PARAM},
      {{ROW("n"), ROW("0"), ROW("\\"), 0, 0}, STOX_E_BAD_PARAM},
  };
  for (size_t i = 0; i < COUNT(bad); i++) {
    char room[64];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_digest_write_info(&out, &bad[i].info), bad[i].status);
    assert_int_equal(out.len, 0);
  }
}

static void test_info_refused(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int status;
  } rows[] = {
      {ROW("nextnonce=\"47364c23432d2e131a5fb210812c\""), STOX_OK},
      {ROW(" qop=auth,\r\n rspauth=\"0\" , cnonce=\"c\", nc=00000001, x=\"y\""), STOX_OK},
      {ROW("nc=00000001"), STOX_OK},
      {ROW(""), STOX_E_BAD_HEADER},
      {ROW("nextnonce"), STOX_E_BAD_HEADER},
      {ROW("nextnonce=\"a"), STOX_E_BAD_HEADER},
      {ROW("nextnonce=\"a\","), STOX_E_BAD_HEADER},
      {ROW("nextnonce=\"a\" qop=auth"), STOX_E_BAD_HEADER},
      {ROW("nextnonce=\"a\",nextnonce=\"a\""), STOX_E_BAD_HEADER},
      {ROW("nc=1"), STOX_E_BAD_HEADER},
      {ROW("qop=auth,rspauth=\"0\",cnonce=\"c\""), STOX_E_BAD_HEADER},
      {ROW("qop=auth,rspauth=\"0\",nc=00000001"), STOX_E_BAD_HEADER},
      {ROW("qop=auth,cnonce=\"c\",nc=00000001"), STOX_E_BAD_HEADER},
      {ROW("qop=\"auth,auth-int\",rspauth=\"0\",cnonce=\"c\",nc=00000001"), STOX_E_BAD_HEADER},
      {ROW("qop=x,rspauth=\"0\",cnonce=\"c\",nc=00000001"), STOX_E_UNSUPPORTED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_digest_info info;
    stox_diag diag = {0};
    const int status = stox_digest_parse_info(&info, g.span, &diag);
    if (status != rows[i].status || diag.code != status || diag.offset > g.span.n) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    guard_free(&g);
  }
}

/* Each part of the proof counts. */
static void test_info_checked(void **state) {
  (void)state;
  char ha1[STOX_DIGEST_HEX_MAX];
  char proof[STOX_DIGEST_HEX_MAX];
  stox_digest d = {0};
  d.nonce = S("n");
  d.uri = S("sip:x");
  d.cnonce = S("c");
  d.nc = 2;
  d.qop = STOX_DIGEST_AUTH;
  d.algorithm = STOX_HASH_SHA256;
  assert_status(stox_digest_ha1(ha1, d.algorithm, S("u"), S("r"), S("p")), STOX_OK);
  const stox_span stored = {ha1, sizeof ha1};
  assert_status(stox_digest_rspauth(proof, &d, stored, S("")), STOX_OK);
  const stox_digest_info good = {{NULL, 0}, {proof, sizeof proof}, S("c"), 2, STOX_DIGEST_AUTH};
  assert_status(stox_digest_check_info(&good, &d, stored, S("")), STOX_OK);
  stox_digest_info info = good;
  info.nc = 3;
  assert_status(stox_digest_check_info(&info, &d, stored, S("")), STOX_E_AUTH);
  info = good;
  info.cnonce = S("d");
  assert_status(stox_digest_check_info(&info, &d, stored, S("")), STOX_E_AUTH);
  info = good;
  info.qop = STOX_DIGEST_AUTH_INT;
  assert_status(stox_digest_check_info(&info, &d, stored, S("")), STOX_E_AUTH);
  info.qop = STOX_DIGEST_NO_QOP;
  assert_status(stox_digest_check_info(&info, &d, stored, S("")), STOX_E_AUTH);
  info = good;
  info.rspauth.n--;
  assert_status(stox_digest_check_info(&info, &d, stored, S("")), STOX_E_AUTH);
  info.rspauth = (stox_span){NULL, 0};
  assert_status(stox_digest_check_info(&info, &d, stored, S("")), STOX_E_MISSING);
  d.algorithm = 0;
  assert_status(stox_digest_check_info(&good, &d, stored, S("")), STOX_E_ARG);
}

/* RFC 8760 2.6 (7): no body is the empty one; an empty response before the first challenge. */
static void test_empty(void **state) {
  (void)state;
  char with[STOX_DIGEST_HEX_MAX];
  char without[STOX_DIGEST_HEX_MAX];
  stox_digest d = {0};
  d.qop = STOX_DIGEST_AUTH_INT;
  d.algorithm = STOX_HASH_SHA256;
  d.cnonce = S("c");
  assert_status(stox_digest_response(with, &d, S("0"), S("BYE"), S("")), STOX_OK);
  assert_status(stox_digest_response(without, &d, S("0"), S("BYE"), (stox_span){NULL, 0}), STOX_OK);
  assert_memory_equal(with, without, sizeof with);
  assert_status(stox_digest_parse_credentials(&d,
                                              S("Digest username=\"a@b\",realm=\"b\",nonce=\"\","
                                                "uri=\"sip:b\",response=\"\""),
                                              NULL),
                STOX_OK);
  assert_int_equal(d.response.n, 0);
  assert_status(stox_digest_check(&d, S("0"), S("REGISTER"), S("")), STOX_E_AUTH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_userhash),     cmocka_unit_test(test_usernames),
      cmocka_unit_test(test_extended),     cmocka_unit_test(test_select),
      cmocka_unit_test(test_answer),       cmocka_unit_test(test_every_exchange),
      cmocka_unit_test(test_info),         cmocka_unit_test(test_info_refused),
      cmocka_unit_test(test_info_checked), cmocka_unit_test(test_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
