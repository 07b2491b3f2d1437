/* SPDX-License-Identifier: MIT */
#include "stox/digest.h"
#include "stox/status.h"
#include "ua/digest_fields.h"

enum { INFO_NEXTNONCE, INFO_RSPAUTH, INFO_CNONCE, INFO_NC, INFO_QOP, INFO_COUNT };

static const char *const info_names[INFO_COUNT] = {"nextnonce", "rspauth", "cnonce", "nc", "qop"};

static const stox_digest_names names = {"RFC3261-25.1 ainfo", info_names, INFO_COUNT};

/* What a qop demands (RFC 7616 3.5). */
static int is_complete(const stox_digest_info *info) {
  return info->qop == STOX_DIGEST_NO_QOP ||
         (info->qop <= STOX_DIGEST_AUTH_INT && info->rspauth.p != NULL && info->cnonce.p != NULL);
}

int stox_digest_parse_info(stox_digest_info *out, stox_span value, stox_diag *diag) {
  stox_span fields[INFO_COUNT] = {{NULL, 0}};
  const int status = stox_digest_fields(fields, &names, value, 0, diag);
  if (status != STOX_OK) {
    return status;
  }
  const int qop = stox_digest_read_qop(fields[INFO_QOP]);
  stox_digest_info info = {fields[INFO_NEXTNONCE], fields[INFO_RSPAUTH], fields[INFO_CNONCE], 0,
                           qop};
  if (fields[INFO_QOP].p != NULL && qop == STOX_DIGEST_NO_QOP) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED, 0, 0, "RFC7616-3.5 qop");
  }
  const int has_count = fields[INFO_NC].p != NULL;
  if ((has_count && !stox_digest_read_count(&info.nc, fields[INFO_NC])) || !is_complete(&info) ||
      (qop != STOX_DIGEST_NO_QOP && !has_count)) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, 0, "RFC7616-3.5 rspauth cnonce nc");
  }
  *out = info;
  return STOX_OK;
}

/* Appends a value, with a comma behind those that begin at `from`. */
static void put_quoted(stox_buf *out, size_t from, const char *name, stox_span value) {
  if (value.p != NULL) {
    (void)stox_buf_put_text(out, out->len > from ? ", " : "");
    (void)stox_buf_put_text(out, name);
    (void)stox_buf_put_text(out, "=\"");
    (void)stox_buf_put(out, value);
    (void)stox_buf_put_octet(out, '"');
  }
}

int stox_digest_write_info(stox_buf *out, const stox_digest_info *info) {
  static const char *const qops[] = {"", ", qop=auth", ", qop=auth-int"};
  const size_t from = out->len;
  if ((info->nextnonce.p == NULL && info->rspauth.p == NULL) || info->qop < 0 ||
      !is_complete(info)) {
    return STOX_E_ARG;
  }
  if (!stox_digest_is_quotable(info->nextnonce) || !stox_digest_is_quotable(info->rspauth) ||
      !stox_digest_is_quotable(info->cnonce)) {
    return STOX_E_BAD_PARAM;
  }
  put_quoted(out, from, "nextnonce", info->nextnonce);
  put_quoted(out, from, "rspauth", info->rspauth);
  put_quoted(out, from, "cnonce", info->cnonce);
  (void)stox_buf_put_text(out, qops[info->qop]);
  if (info->qop != STOX_DIGEST_NO_QOP) {
    stox_digest_put_count(out, info->nc);
  }
  return stox_buf_status(out);
}

/* The method of A2 is empty (RFC 7616 3.5). */
int stox_digest_rspauth(char out[STOX_DIGEST_HEX_MAX], const stox_digest *credentials,
                        stox_span ha1, stox_span body) {
  return stox_digest_response(out, credentials, ha1, (stox_span){NULL, 0}, body);
}

int stox_digest_check_info(const stox_digest_info *info, const stox_digest *credentials,
                           stox_span ha1, stox_span body) {
  char want[STOX_DIGEST_HEX_MAX];
  if (info->rspauth.p == NULL) {
    return STOX_E_MISSING;
  }
  const int status = stox_digest_rspauth(want, credentials, ha1, body);
  if (status != STOX_OK) {
    return status;
  }
  const stox_span right = {want, 2 * stox_hash_size(credentials->algorithm)};
  const int is_same =
      info->qop == STOX_DIGEST_NO_QOP ||
      (info->nc == credentials->nc && stox_span_is_equal(info->cnonce, credentials->cnonce));
  return is_same && info->qop == credentials->qop && stox_octets_is_equal_ct(info->rspauth, right)
             ? STOX_OK
             : STOX_E_AUTH;
}
