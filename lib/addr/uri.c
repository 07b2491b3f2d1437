/* SPDX-License-Identifier: MIT */
#include "stox/uri.h"

#include "addr/address.h"
#include "addr/uri_parts.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

static const stox_uri_part user_part = {STOX_CHAR_SIP_USER, STOX_E_BAD_URI, 1, 0,
                                        "RFC3261-25.1 user"};
static const stox_uri_part password_part = {STOX_CHAR_PASSWORD, STOX_E_BAD_URI, 0, 0,
                                            "RFC3261-25.1 password"};
static const stox_uri_part param_part = {STOX_CHAR_PARAM, STOX_E_BAD_PARAM, 0, 0,
                                         "RFC3261-25.1 uri-parameter"};
static const stox_uri_part header_part = {STOX_CHAR_URI_HEADER, STOX_E_BAD_URI, 0, 0,
                                          "RFC3261-25.1 headers"};

int stox_uri_fail(const stox_uri_in *in, int code, const char *at, const char *rule) {
  const int answer = in->uri->scheme == STOX_SCHEME_OTHER ? 416 : 400;
  return stox_diag_set(in->diag, code, answer, (size_t)(at - in->uri->text.p), rule);
}

/* Octets of the escape at `i`, 0 if it is none. */
static size_t escape_n(stox_span part, size_t i) {
  int is_escape;
  size_t at = i;
  (void)stox_uri_octet(part, &at, &is_escape);
  return is_escape ? at - i : 0;
}

/* An octet that may not stand raw, and begins no escape. */
static int check_octet(stox_uri_in *in, const char *at, const stox_uri_part *rule) {
  const int wide = (unsigned char)*at > 0x7F;
  if (wide && rule->is_iri) {
    return STOX_OK;
  }
  if (rule->is_user && in->lenient && (wide || *at == '%')) {
    in->uri->lenient = 1;
    return STOX_OK;
  }
  const int is_escape = *at == '%';
  return stox_uri_fail(in, is_escape ? STOX_E_BAD_PCT : rule->code, at,
                       is_escape ? "RFC3986-2.1 pct-encoded" : rule->rule);
}

/* Where the octets that may stand raw end. */
static size_t skip_raw(stox_span part, size_t i, uint32_t classes) {
  while (i < part.n && part.p[i] != '%' && stox_char_is(part.p[i], classes)) {
    i++;
  }
  return i;
}

int stox_uri_check(stox_uri_in *in, stox_span part, const stox_uri_part *rule) {
  size_t i = skip_raw(part, 0, rule->classes);
  while (i < part.n) {
    const size_t n = part.p[i] == '%' ? escape_n(part, i) : 0;
    const int status = n > 0 ? STOX_OK : check_octet(in, part.p + i, rule);
    if (status != STOX_OK) {
      return status;
    }
    i = skip_raw(part, i + (n > 0 ? n : 1), rule->classes);
  }
  return STOX_OK;
}

/* userinfo = ( user / telephone-subscriber ) [ ":" password ] "@" */
static int parse_userinfo(stox_uri_in *in, stox_span info) {
  stox_uri *uri = in->uri;
  const size_t colon = stox_span_find(info, ':');
  uri->user = stox_span_slice(info, 0, colon);
  if (colon < info.n) {
    uri->password = stox_span_slice(info, colon + 1, info.n);
  }
  if (uri->user.n == 0) {
    return stox_uri_fail(in, STOX_E_BAD_URI, info.p, user_part.rule);
  }
  const int status = stox_uri_check(in, uri->user, &user_part);
  return status != STOX_OK ? status : stox_uri_check(in, uri->password, &password_part);
}

/* The octets of a host at the start of `text`. */
static size_t host_n(stox_span text) {
  if (text.n > 0 && text.p[0] == '[') {
    const size_t close = stox_span_find(text, ']');
    return close < text.n ? close + 1 : close;
  }
  return stox_span_find(text, ':');
}

/* hostport = host [ ":" port ] */
static int parse_hostport(stox_uri_in *in, stox_span text) {
  static const char host_rule[] = "RFC3261-25.1 host";
  stox_uri *uri = in->uri;
  uint64_t port = 0;
  uri->host = stox_span_slice(text, 0, host_n(text));
  uri->host_kind = stox_host_kind(uri->host);
  if (uri->host_kind == STOX_HOST_NONE || uri->host_kind == STOX_HOST_IDN) {
    return stox_uri_fail(in, STOX_E_BAD_HOST, text.p, host_rule);
  }
  const stox_span rest = stox_span_slice(text, uri->host.n, text.n);
  if (rest.n == 0) {
    return STOX_OK;
  }
  if (rest.p[0] != ':') {
    return stox_uri_fail(in, STOX_E_BAD_HOST, rest.p, host_rule);
  }
  uri->port_text = stox_span_slice(rest, 1, rest.n);
  if (stox_number_parse(&port, uri->port_text, 65535) != STOX_OK) {
    return stox_uri_fail(in, STOX_E_BAD_PORT, rest.p + 1, "RFC3261-25.1 port");
  }
  uri->port = (uint32_t)port;
  return STOX_OK;
}

int stox_uri_split(stox_param *out, stox_span list, char separator, size_t *cursor) {
  if (list.p == NULL || *cursor > list.n) {
    return STOX_E_NONE;
  }
  stox_span item = stox_span_slice(list, *cursor, list.n);
  item = stox_span_slice(item, 0, stox_span_find(item, separator));
  *cursor += item.n + 1;
  const size_t equal = stox_span_find(item, '=');
  out->name = stox_span_slice(item, 0, equal);
  out->value = (stox_span){NULL, 0};
  if (equal < item.n) {
    out->value = stox_span_slice(item, equal + 1, item.n);
  }
  return STOX_OK;
}

/* uri-parameter = pname [ "=" pvalue ], both of one octet or more */
static int check_param(stox_uri_in *in, const stox_param *param) {
  const int is_empty = param->value.p != NULL && param->value.n == 0;
  if (param->name.n == 0) {
    return stox_uri_fail(in, STOX_E_BAD_PARAM, param->name.p, param_part.rule);
  }
  if (is_empty && !in->lenient) {
    return stox_uri_fail(in, STOX_E_BAD_PARAM, param->value.p, param_part.rule);
  }
  in->uri->lenient |= (uint32_t)is_empty;
  const int status = stox_uri_check(in, param->name, &param_part);
  return status != STOX_OK ? status : stox_uri_check(in, param->value, &param_part);
}

/* Any given parameter name must not appear more than once (RFC 3261 19.1.1). */
static int check_repeats(stox_uri_in *in) {
  stox_uri_index index;
  stox_span repeated;
  if (stox_uri_index_fill(&index, in->uri->params, ';', &repeated) || repeated.p == NULL) {
    return STOX_OK;
  }
  if (!in->lenient) {
    return stox_uri_fail(in, STOX_E_BAD_PARAM, repeated.p, "RFC3261-19.1.1 uri-parameters");
  }
  in->uri->lenient = 1;
  return STOX_OK;
}

static int parse_params(stox_uri_in *in, stox_span list) {
  stox_param param;
  size_t cursor = 0;
  in->uri->params = list;
  while (stox_uri_split(&param, list, ';', &cursor) == STOX_OK) {
    const int status = check_param(in, &param);
    if (status != STOX_OK) {
      return status;
    }
  }
  return check_repeats(in);
}

/* header = hname "=" hvalue, the name of one octet or more */
static int parse_headers(stox_uri_in *in, stox_span list) {
  stox_param header;
  size_t cursor = 0;
  in->uri->headers = list;
  while (stox_uri_split(&header, list, '&', &cursor) == STOX_OK) {
    if (header.name.n == 0 || header.value.p == NULL) {
      return stox_uri_fail(in, STOX_E_BAD_URI, header.name.p, header_part.rule);
    }
    int status = stox_uri_check(in, header.name, &header_part);
    if (status == STOX_OK) {
      status = stox_uri_check(in, header.value, &header_part);
    }
    if (status != STOX_OK) {
      return status;
    }
  }
  return STOX_OK;
}

/* Where hostport ends and parameters or headers begin. */
static size_t hostport_n(stox_span text) {
  const size_t question = stox_span_find(text, '?');
  return stox_span_find(stox_span_slice(text, 0, question), ';');
}

/* "sip:" [ userinfo ] hostport uri-parameters [ headers ] */
static int parse_sip(stox_uri_in *in, stox_span rest) {
  const size_t at = stox_span_find(rest, '@');
  if (at < rest.n) {
    const stox_span info = stox_span_slice(rest, 0, at);
    rest = stox_span_slice(rest, at + 1, rest.n);
    const size_t second = stox_span_find(rest, '@');
    if (second < rest.n) {
      return stox_uri_fail(in, STOX_E_BAD_URI, rest.p + second, "RFC3261-25.1 SIP-URI");
    }
    const int status = parse_userinfo(in, info);
    if (status != STOX_OK) {
      return status;
    }
  }
  const size_t n = hostport_n(rest);
  int status = parse_hostport(in, stox_span_slice(rest, 0, n));
  stox_span left = stox_span_slice(rest, n, rest.n);
  const size_t question = stox_span_find(left, '?');
  if (status == STOX_OK && left.n > 0 && left.p[0] == ';') {
    status = parse_params(in, stox_span_slice(left, 1, question - 1));
  }
  if (status == STOX_OK && question < left.n) {
    status = parse_headers(in, stox_span_slice(left, question + 1, left.n));
  }
  return status;
}

typedef struct scheme {
  const char *name;
  int scheme;
  int (*parse)(stox_uri_in *in, stox_span rest);
} scheme;

static const scheme schemes[] = {
    {"sip", STOX_SCHEME_SIP, parse_sip},           {"sips", STOX_SCHEME_SIPS, parse_sip},
    {"im", STOX_SCHEME_IM, stox_uri_parse_im},     {"pres", STOX_SCHEME_PRES, stox_uri_parse_im},
    {"tel", STOX_SCHEME_TEL, stox_uri_parse_tel},  {"xmpp", STOX_SCHEME_XMPP, stox_uri_parse_xmpp},
    {"", STOX_SCHEME_OTHER, stox_uri_parse_other},
};

static const scheme *find_scheme(stox_span name) {
  const scheme *s = schemes;
  while (s->scheme != STOX_SCHEME_OTHER &&
         !stox_span_is_equal_nocase(name, stox_span_text(s->name))) {
    s++;
  }
  return s;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), its colon behind it; 0 if there is none */
static size_t scheme_n(stox_span text) {
  size_t n = 0;
  while (n < text.n && (stox_char_is(text.p[n], STOX_CHAR_HOST) || text.p[n] == '+')) {
    n++;
  }
  const int is_one = n > 0 && n < text.n && text.p[n] == ':';
  return is_one && stox_char_is(text.p[0], STOX_CHAR_ALPHA) ? n : 0;
}

int stox_uri_parse_any(stox_uri *out, stox_span text, int flags, stox_diag *diag) {
  stox_uri uri;
  memset(&uri, 0, sizeof uri);
  uri.text = text;
  const size_t n = scheme_n(text);
  if (n == 0) {
    return stox_diag_set(diag, STOX_E_BAD_URI, 400, 0, "RFC3986-3.1 scheme");
  }
  uri.scheme_text = stox_span_slice(text, 0, n);
  const scheme *s = find_scheme(uri.scheme_text);
  uri.scheme = s->scheme;
  stox_uri_in in = {&uri, diag, (flags & STOX_URI_LENIENT) != 0};
  const int status = s->parse(&in, stox_span_slice(text, n + 1, text.n));
  if (status == STOX_OK) {
    *out = uri;
  }
  return status;
}

int stox_uri_parse(stox_uri *out, stox_span text, int flags, stox_diag *diag) {
  stox_stops_room room;
  stox_stops stops;
  stox_reader r;
  stox_uri uri;
  stox_stops_init(&stops, text, stox_stops_choose(0), &room);
  if (text.n > 0 && stox_reader_open(&r, &stops, 0, text.n) && stox_uri_read(&uri, &r) &&
      r.at == text.n) {
    *out = uri;
    return STOX_OK;
  }
  return stox_uri_parse_any(out, text, flags, diag);
}

int stox_uri_next_param(stox_param *out, const stox_uri *uri, size_t *cursor) {
  return stox_uri_split(out, uri->params, ';', cursor);
}

int stox_uri_next_header(stox_param *out, const stox_uri *uri, size_t *cursor) {
  const char separator = uri->scheme == STOX_SCHEME_XMPP ? ';' : '&';
  return stox_uri_split(out, uri->headers, separator, cursor);
}

int stox_uri_find_param(stox_param *out, const stox_uri *uri, const char *name) {
  const stox_span wanted = stox_span_text(name);
  stox_param param;
  size_t cursor = 0;
  int status = STOX_E_NONE;
  while (stox_uri_next_param(&param, uri, &cursor) == STOX_OK) {
    if (!stox_uri_part_is_equal(param.name, wanted, STOX_URI_NOCASE)) {
      continue;
    }
    if (status == STOX_OK) {
      return STOX_E_REPEATED;
    }
    *out = param;
    status = STOX_OK;
  }
  return status;
}

int stox_uri_gruu(const stox_uri *uri) {
  stox_param param;
  if (uri->scheme != STOX_SCHEME_SIP && uri->scheme != STOX_SCHEME_SIPS) {
    return STOX_GRUU_NONE;
  }
  if (stox_uri_find_param(&param, uri, "gr") != STOX_E_NONE) {
    return param.value.p == NULL ? STOX_GRUU_TEMPORARY : STOX_GRUU_PUBLIC;
  }
  if (stox_uri_find_param(&param, uri, "gruu") != STOX_E_NONE ||
      stox_uri_find_param(&param, uri, "opaque") != STOX_E_NONE) {
    return STOX_GRUU_DRAFT2005;
  }
  return STOX_GRUU_NONE;
}

/* How a part is written. */
typedef struct put_rule {
  uint32_t decoded; /* escapes of these are decoded */
  int is_lower;     /* 1: letters in lower case */
  int is_iri;       /* 1: raw octets above 0x7F stay */
  char kept;        /* its escape stays although it is in `decoded`; NUL: none */
} put_rule;

static const put_rule put_sip = {STOX_CHAR_SIP_UNRESERVED, 0, 0, '\0'};
static const put_rule put_sip_name = {STOX_CHAR_SIP_UNRESERVED, 1, 0, '\0'};
/* A decoded dot could make a dot-atom of none. */
static const put_rule put_im_user = {STOX_CHAR_UNRESERVED, 0, 0, '.'};
static const put_rule put_iri = {STOX_CHAR_UNRESERVED, 0, 1, '\0'};
static const put_rule put_iri_host = {STOX_CHAR_UNRESERVED, 1, 1, '\0'};

static void put_octet(stox_buf *out, unsigned char octet, int is_plain, int is_lower) {
  static const char hex[] = "0123456789ABCDEF";
  if (is_plain) {
    stox_buf_put_octet(out, is_lower ? stox_char_lower((char)octet) : (char)octet);
    return;
  }
  const char escape[3] = {'%', hex[octet >> 4], hex[octet & 15]};
  stox_buf_put(out, (stox_span){escape, sizeof escape});
}

static void put_part(stox_buf *out, stox_span part, const put_rule *rule) {
  int is_escape;
  for (size_t i = 0; i < part.n;) {
    const unsigned char octet = stox_uri_octet(part, &i, &is_escape);
    const int is_decoded = stox_char_is((char)octet, rule->decoded) && (char)octet != rule->kept;
    const int is_raw = octet != '%' && (octet <= 0x7F || rule->is_iri);
    put_octet(out, octet, is_escape ? is_decoded : is_raw, rule->is_lower);
  }
}

/* A part that may be absent, and the octet that leads to it. */
static void put_after(stox_buf *out, char octet, stox_span part, const put_rule *rule) {
  if (part.p != NULL) {
    stox_buf_put_octet(out, octet);
    put_part(out, part, rule);
  }
}

/* Lower case but for a zone id, which is somebody else's name. */
static void put_host(stox_buf *out, stox_span host) {
  const size_t zone = stox_span_find(host, '%');
  for (size_t i = 0; i < zone; i++) {
    stox_buf_put_octet(out, stox_char_lower(host.p[i]));
  }
  stox_buf_put(out, stox_span_slice(host, zone, host.n));
}

static void put_params(stox_buf *out, const stox_uri *uri) {
  stox_param param;
  size_t cursor = 0;
  while (stox_uri_next_param(&param, uri, &cursor) == STOX_OK) {
    stox_buf_put_octet(out, ';');
    put_part(out, param.name, &put_sip_name);
    put_after(out, '=', param.value, &put_sip);
  }
}

/* sip, sips, im, pres, tel */
static void put_sip_side(stox_buf *out, const stox_uri *uri) {
  const int is_im = uri->scheme == STOX_SCHEME_IM || uri->scheme == STOX_SCHEME_PRES;
  put_part(out, uri->user, is_im ? &put_im_user : &put_sip);
  put_after(out, ':', uri->password, &put_sip);
  if (uri->user.p != NULL && uri->host.p != NULL) {
    stox_buf_put_octet(out, '@');
  }
  put_host(out, uri->host);
  if (uri->port_text.p != NULL) {
    stox_buf_put_octet(out, ':');
    stox_buf_put(out, uri->port_text);
  }
  put_params(out, uri);
  put_after(out, '?', uri->headers, is_im ? &put_im_user : &put_sip);
}

/* What stands between the scheme and the node or host: an authority, or nothing. */
static stox_span xmpp_authority(const stox_uri *uri) {
  const stox_span rest = stox_span_slice(uri->text, uri->scheme_text.n + 1, uri->text.n);
  const char *end = uri->user.p != NULL ? uri->user.p : uri->host.p;
  if (end != NULL) {
    return stox_span_slice(rest, 0, (size_t)(end - rest.p));
  }
  const size_t hash = stox_span_find(rest, '#');
  return stox_span_slice(rest, 0, stox_span_find(stox_span_slice(rest, 0, hash), '?'));
}

static void put_xmpp(stox_buf *out, const stox_uri *uri) {
  const size_t hash = stox_span_find(uri->text, '#');
  put_part(out, xmpp_authority(uri), &put_iri);
  put_part(out, uri->user, &put_iri);
  if (uri->user.p != NULL) {
    stox_buf_put_octet(out, '@');
  }
  put_part(out, uri->host, &put_iri_host);
  put_after(out, '/', uri->path, &put_iri);
  put_after(out, '?', uri->headers, &put_iri);
  if (hash < uri->text.n) {
    put_after(out, '#', stox_span_slice(uri->text, hash + 1, uri->text.n), &put_iri);
  }
}

int stox_uri_write(stox_buf *out, const stox_uri *uri) {
  put_host(out, uri->scheme_text);
  stox_buf_put_octet(out, ':');
  if (uri->scheme == STOX_SCHEME_OTHER) {
    put_part(out, uri->path, &put_iri);
  } else if (uri->scheme == STOX_SCHEME_XMPP) {
    put_xmpp(out, uri);
  } else {
    put_sip_side(out, uri);
  }
  return stox_buf_status(out);
}
