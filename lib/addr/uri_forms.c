/* SPDX-License-Identifier: MIT */
#include "stox/uri_forms.h"

#include "base/chars.h"
#include "stox/status.h"

int stox_uri_user_kind(const stox_uri *uri) {
  static const char *const kinds[] = {NULL, "phone", "ip", "anonymous"};
  stox_param user;
  if ((uri->scheme != STOX_SCHEME_SIP && uri->scheme != STOX_SCHEME_SIPS) ||
      stox_uri_find_param(&user, uri, "user") != STOX_OK || user.value.n == 0) {
    return STOX_URI_USER_NONE;
  }
  for (int i = STOX_URI_USER_PHONE; i < STOX_URI_USER_OTHER; i++) {
    if (stox_span_is_equal_nocase(user.value, stox_span_text(kinds[i]))) {
      return i;
    }
  }
  return STOX_URI_USER_OTHER;
}

static int is_gruu_param(stox_span name, int gruu) {
  if (gruu == STOX_GRUU_PUBLIC) {
    return stox_span_is_equal_nocase(name, stox_span_text("gr"));
  }
  return stox_span_is_equal_nocase(name, stox_span_text("opaque")) ||
         stox_span_is_equal_nocase(name, stox_span_text("grid")) ||
         stox_span_is_equal_nocase(name, stox_span_text("gruu"));
}

int stox_uri_write_aor(stox_buf *out, const stox_uri *uri) {
  const int gruu = stox_uri_gruu(uri);
  stox_param param;
  size_t cursor = 0;
  if (gruu == STOX_GRUU_NONE || gruu == STOX_GRUU_TEMPORARY ||
      (gruu == STOX_GRUU_DRAFT2005 && stox_uri_find_param(&param, uri, "opaque") != STOX_OK)) {
    return STOX_E_NONE;
  }
  /* The `;` before the parameters is not part of them. */
  const size_t head = (size_t)(uri->params.p - uri->text.p) - 1;
  (void)stox_buf_put(out, stox_span_slice(uri->text, 0, head));
  while (stox_uri_next_param(&param, uri, &cursor) == STOX_OK) {
    if (is_gruu_param(param.name, gruu)) {
      continue;
    }
    (void)stox_buf_put_octet(out, ';');
    (void)stox_buf_put(out, param.name);
    if (param.value.p != NULL) {
      (void)stox_buf_put_octet(out, '=');
      (void)stox_buf_put(out, param.value);
    }
  }
  if (uri->headers.p != NULL) {
    (void)stox_buf_put_octet(out, '?');
    (void)stox_buf_put(out, uri->headers);
  }
  return stox_buf_status(out);
}

int stox_uri_write_swapped(stox_buf *out, const stox_uri *uri) {
  if (uri->scheme != STOX_SCHEME_SIP && uri->scheme != STOX_SCHEME_SIPS) {
    return STOX_E_ARG;
  }
  (void)stox_buf_put_text(out, uri->scheme == STOX_SCHEME_SIP ? "sips" : "sip");
  return stox_buf_put(out, stox_span_slice(uri->text, uri->scheme_text.n, uri->text.n));
}

/* The namespace and its string: from behind `urn:` to the components that do not count; absent if
 * it is no URN. */
static stox_span assigned_name(stox_span urn, size_t *nid_n) {
  const stox_span scheme = {"urn:", 4};
  if (!stox_span_is_equal_nocase(stox_span_slice(urn, 0, scheme.n), scheme)) {
    return (stox_span){NULL, 0};
  }
  stox_span name = stox_span_slice(urn, scheme.n, urn.n);
  name = stox_span_slice(name, 0, stox_span_find(name, '#'));
  name = stox_span_slice(name, 0, stox_span_find(name, '?'));
  *nid_n = stox_span_find(name, ':');
  return *nid_n == 0 || *nid_n + 1 >= name.n ? (stox_span){NULL, 0} : name;
}

/* ALPHANUM 0*30( ALPHANUM / "-" ) ALPHANUM (RFC 8141 2). */
static int is_namespace(stox_span nid) {
  for (size_t i = 0; i < nid.n; i++) {
    if (!stox_char_is(nid.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) &&
        (nid.p[i] != '-' || i == 0 || i + 1 == nid.n)) {
      return 0;
    }
  }
  return nid.n >= 2 && nid.n <= 32;
}

int stox_urn_is_valid(stox_span text) {
  size_t nid_n = 0;
  stox_uri uri;
  const stox_span name = assigned_name(text, &nid_n);
  return name.p != NULL && is_namespace(stox_span_slice(name, 0, nid_n)) &&
         stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL) == STOX_OK;
}

int stox_urn_is_equal(stox_span a, stox_span b) {
  size_t nid_n = 0;
  size_t other_n = 0;
  size_t escaped = 0; /* octets left of an escape */
  const stox_span first = assigned_name(a, &nid_n);
  const stox_span second = assigned_name(b, &other_n);
  if (first.p == NULL || second.p == NULL || first.n != second.n || nid_n != other_n) {
    return 0;
  }
  const int is_uuid =
      stox_span_is_equal_nocase(stox_span_slice(first, 0, nid_n), stox_span_text("uuid"));
  for (size_t i = 0; i < first.n; i++) {
    const int without_case = is_uuid || i < nid_n || escaped > 0;
    const int is_same = without_case ? stox_char_lower(first.p[i]) == stox_char_lower(second.p[i])
                                     : first.p[i] == second.p[i];
    if (!is_same) {
      return 0;
    }
    escaped = first.p[i] == '%' ? 2 : escaped - (escaped > 0 ? 1U : 0U);
  }
  return 1;
}
