/* SPDX-License-Identifier: MIT */
/* Octets as a challenge, as credentials and as a nonce: views lie in them, what is accepted is
 * written and parsed to the same, a response checks, no nonce is taken for ours. */
#include "script.h"

#include "stox/digest.h"

enum { ROOM = 1 << 17 };

static char room[ROOM];

static void require_inside(stox_span part, stox_span whole) {
  require(part.p == NULL || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_views(const stox_digest *d, stox_span bytes) {
  require_inside(d->realm, bytes);
  require_inside(d->nonce, bytes);
  require_inside(d->opaque, bytes);
  require_inside(d->domain, bytes);
  require_inside(d->username, bytes);
  require_inside(d->uri, bytes);
  require_inside(d->response, bytes);
  require_inside(d->cnonce, bytes);
}

static void require_same(const stox_digest *a, const stox_digest *b) {
  require(stox_span_is_equal(a->realm, b->realm) && stox_span_is_equal(a->nonce, b->nonce));
  require(stox_span_is_equal(a->opaque, b->opaque) && stox_span_is_equal(a->domain, b->domain));
  require(stox_span_is_equal(a->username, b->username) && stox_span_is_equal(a->uri, b->uri));
  require(stox_span_is_equal(a->response, b->response) && stox_span_is_equal(a->cnonce, b->cnonce));
  require(a->algorithm == b->algorithm && a->is_session == b->is_session && a->qop == b->qop);
  require(a->nc == b->nc && a->stale == b->stale && a->userhash == b->userhash);
}

static void check_challenge(stox_span bytes) {
  stox_digest d;
  stox_digest again;
  stox_diag diag = {0};
  stox_buf out;
  const int status = stox_digest_parse_challenge(&d, bytes, &diag);
  require(status == diag.code && diag.offset <= bytes.n);
  if (status == STOX_OK) {
    check_views(&d, bytes);
    stox_buf_init(&out, room, sizeof room);
    if (stox_digest_write_challenge(&out, &d) == STOX_OK) {
      require(stox_digest_parse_challenge(&again, stox_buf_span(&out), NULL) == STOX_OK);
      require_same(&d, &again);
    }
  }
}

static void check_credentials(stox_span bytes) {
  stox_digest d;
  stox_digest again;
  stox_diag diag = {0};
  stox_buf out;
  char response[STOX_DIGEST_HEX_MAX];
  const stox_span ha1 = stox_span_text("00");
  const stox_span method = stox_span_text("INVITE");
  const int status = stox_digest_parse_credentials(&d, bytes, &diag);
  require(status == diag.code && diag.offset <= bytes.n);
  if (status == STOX_OK) {
    check_views(&d, bytes);
    stox_buf_init(&out, room, sizeof room);
    if (stox_digest_write_credentials(&out, &d) == STOX_OK) {
      require(stox_digest_parse_credentials(&again, stox_buf_span(&out), NULL) == STOX_OK);
      require_same(&d, &again);
    }
    require(stox_digest_response(response, &d, ha1, method, bytes) == STOX_OK);
    d.response = (stox_span){response, 2 * stox_hash_size(d.algorithm)};
    require(stox_digest_check(&d, ha1, method, bytes) == STOX_OK);
  }
}

static void check_info(stox_span bytes) {
  stox_digest_info info;
  stox_digest_info again;
  stox_diag diag = {0};
  stox_buf out;
  const int status = stox_digest_parse_info(&info, bytes, &diag);
  require(status == diag.code && diag.offset <= bytes.n);
  stox_buf_init(&out, room, sizeof room);
  if (status == STOX_OK && stox_digest_write_info(&out, &info) == STOX_OK) {
    require(stox_digest_parse_info(&again, stox_buf_span(&out), NULL) == STOX_OK);
    require(stox_span_is_equal(info.nextnonce, again.nextnonce));
    require(stox_span_is_equal(info.rspauth, again.rspauth));
    require(stox_span_is_equal(info.cnonce, again.cnonce));
    require(info.qop == again.qop && (info.qop == STOX_DIGEST_NO_QOP || info.nc == again.nc));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span bytes = {(const char *)data, size};
  if (size < ROOM / 4) {
    check_challenge(bytes);
    check_credentials(bytes);
    check_info(bytes);
    require(stox_digest_nonce_check(bytes, stox_span_text("k"), bytes, 0, 0) == STOX_E_AUTH);
  }
  return 0;
}
