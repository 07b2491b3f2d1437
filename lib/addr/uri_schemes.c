/* SPDX-License-Identifier: MIT */
#include "addr/uri_parts.h"
#include "stox/host.h"
#include "stox/percent.h"
#include "stox/status.h"
#include "stox/utf8.h"

/* The atext of a dot-atom includes `#` and `?`, which would end the user of a URI. */
static const stox_uri_part im_user = {STOX_CHAR_ATEXT, STOX_E_BAD_URI, 1, 0,
                                      "RFC5322-3.2.3 dot-atom-text"};
static const stox_uri_part im_headers = {STOX_CHAR_URIC, STOX_E_BAD_URI, 0, 0,
                                         "RFC3860-A.2 headers"};

/* The first `octet` of `text` is a breach of `rule`. */
static int refuse_octet(stox_uri_in *in, stox_span text, char octet, const char *rule) {
  const size_t at = stox_span_find(text, octet);
  return at < text.n ? stox_uri_fail(in, STOX_E_BAD_URI, text.p + at, rule) : STOX_OK;
}

/* 1*atext *( "." 1*atext ), looked at before escapes are decoded */
static int parse_im_user(stox_uri_in *in, stox_span user) {
  in->uri->user = user;
  for (size_t from = 0; from <= user.n;) {
    const stox_span rest = stox_span_slice(user, from, user.n);
    const stox_span atom = stox_span_slice(rest, 0, stox_span_find(rest, '.'));
    if (atom.n == 0) {
      return stox_uri_fail(in, STOX_E_BAD_URI, rest.p, im_user.rule);
    }
    const int status = stox_uri_check(in, atom, &im_user);
    if (status != STOX_OK) {
      return status;
    }
    from += atom.n + 1;
  }
  return STOX_OK;
}

static int parse_im_headers(stox_uri_in *in, stox_span list) {
  stox_param header;
  size_t cursor = 0;
  in->uri->headers = list;
  while (stox_uri_split(&header, list, '&', &cursor) == STOX_OK) {
    if (header.name.n == 0 || header.value.p == NULL) {
      return stox_uri_fail(in, STOX_E_BAD_URI, header.name.p, im_headers.rule);
    }
  }
  return stox_uri_check(in, list, &im_headers);
}

/* "im:" [ to ] [ headers ] (RFC 3860 A.2, RFC 3859 A.2) */
int stox_uri_parse_im(stox_uri_in *in, stox_span rest) {
  const size_t question = stox_span_find(rest, '?');
  stox_span host = stox_span_slice(rest, 0, question);
  const size_t at = stox_span_find(host, '@');
  int status = refuse_octet(in, rest, '#', im_user.rule);
  if (status == STOX_OK && at < host.n) {
    status = parse_im_user(in, stox_span_slice(host, 0, at));
    host = stox_span_slice(host, at + 1, host.n);
  }
  if (status == STOX_OK) {
    /* Behind a raw `?` it would be the user's. */
    const stox_span behind = stox_span_slice(rest, at + (at < question), rest.n);
    status = refuse_octet(in, behind, '@', "RFC3860-A.2 to");
  }
  if (status != STOX_OK) {
    return status;
  }
  in->uri->host = host;
  in->uri->host_kind = stox_host_kind(host);
  if (in->uri->host_kind == STOX_HOST_NONE || in->uri->host_kind == STOX_HOST_IDN) {
    return stox_uri_fail(in, STOX_E_BAD_HOST, host.p, "RFC3860-A.2 to");
  }
  return question == rest.n ? STOX_OK
                            : parse_im_headers(in, stox_span_slice(rest, question + 1, rest.n));
}

static const char tel_rule[] = "RFC3966-3 telephone-uri";
static const stox_uri_part tel_name = {STOX_CHAR_ALPHA | STOX_CHAR_DIGIT, STOX_E_BAD_PARAM, 0, 0,
                                       "RFC3966-3 pname"};
static const stox_uri_part tel_value = {STOX_CHAR_PARAM, STOX_E_BAD_PARAM, 0, 0,
                                        "RFC3966-3 pvalue"};
static const stox_uri_part tel_isub = {STOX_CHAR_URIC, STOX_E_BAD_PARAM, 0, 0, "RFC3966-3 isub"};

static int is_separator(char c) {
  return c == '-' || c == '.' || c == '(' || c == ')';
}

/* Only visual separators and the digits of `classes`, with a digit among them. Local digits may be
 * `*` and `#` too. */
static int is_number(stox_span text, uint32_t classes, int is_local) {
  size_t digits = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    const int is_digit = stox_char_is(c, classes) || (is_local && (c == '*' || c == '#'));
    if (!is_digit && !is_separator(c)) {
      return 0;
    }
    digits += (size_t)is_digit;
  }
  return digits > 0;
}

static int is_global(stox_span text) {
  return text.n > 0 && text.p[0] == '+' &&
         is_number(stox_span_slice(text, 1, text.n), STOX_CHAR_DIGIT, 0);
}

static int is_named(const stox_param *param, const char *name) {
  return stox_span_is_equal_nocase(param->name, stox_span_text(name));
}

/* descriptor = domainname / global-number-digits */
static int check_context(stox_uri_in *in, stox_span value) {
  const int is_one = is_global(value) || stox_host_kind(value) == STOX_HOST_NAME;
  return is_one ? STOX_OK : stox_uri_fail(in, STOX_E_BAD_PARAM, value.p, "RFC3966-3 phone-context");
}

static int check_tel_name(stox_uri_in *in, const stox_param *param) {
  for (size_t i = 0; i < param->name.n; i++) {
    const stox_span octet = stox_span_slice(param->name, i, 1);
    if (octet.p[0] != '-' && !stox_char_is(octet.p[0], tel_name.classes)) {
      return stox_uri_fail(in, STOX_E_BAD_PARAM, octet.p, tel_name.rule);
    }
  }
  const int is_empty = param->name.n == 0 || (param->value.p != NULL && param->value.n == 0);
  return is_empty ? stox_uri_fail(in, STOX_E_BAD_PARAM, param->name.p, tel_name.rule) : STOX_OK;
}

static int check_tel_param(stox_uri_in *in, const stox_param *param) {
  const stox_span value = param->value;
  const int status = check_tel_name(in, param);
  if (status != STOX_OK) {
    return status;
  }
  const int is_context = is_named(param, "phone-context");
  const int is_ext = is_named(param, "ext");
  const int is_isub = is_named(param, "isub");
  if (value.p == NULL && (is_context || is_ext || is_isub)) {
    return stox_uri_fail(in, STOX_E_BAD_PARAM, param->name.p, tel_value.rule);
  }
  if (is_context) {
    return check_context(in, value);
  }
  if (is_ext && !is_number(value, STOX_CHAR_DIGIT, 0)) {
    return stox_uri_fail(in, STOX_E_BAD_PARAM, value.p, "RFC3966-3 extension");
  }
  return stox_uri_check(in, value, is_isub ? &tel_isub : &tel_value);
}

static int parse_tel_params(stox_uri_in *in, stox_span list, int *has_context) {
  stox_param param;
  stox_uri_index index;
  stox_span repeated;
  size_t cursor = 0;
  in->uri->params = list;
  while (stox_uri_split(&param, list, ';', &cursor) == STOX_OK) {
    const int status = check_tel_param(in, &param);
    if (status != STOX_OK) {
      return status;
    }
    *has_context |= is_named(&param, "phone-context");
  }
  if (!stox_uri_index_fill(&index, list, ';', &repeated) && repeated.p != NULL) {
    return stox_uri_fail(in, STOX_E_BAD_PARAM, repeated.p, tel_rule);
  }
  return STOX_OK;
}

/* telephone-subscriber = global-number / local-number */
int stox_uri_parse_tel(stox_uri_in *in, stox_span rest) {
  const size_t semicolon = stox_span_find(rest, ';');
  const stox_span number = stox_span_slice(rest, 0, semicolon);
  const int is_local = !is_global(number);
  int has_context = 0;
  in->uri->user = number;
  if (is_local && !is_number(number, STOX_CHAR_HEX, 1)) {
    return stox_uri_fail(in, STOX_E_BAD_URI, number.p, tel_rule);
  }
  if (semicolon < rest.n) {
    const stox_span list = stox_span_slice(rest, semicolon + 1, rest.n);
    const int status = parse_tel_params(in, list, &has_context);
    if (status != STOX_OK) {
      return status;
    }
  }
  if (is_local && !has_context) {
    /* RFC 2806 had local numbers without a context. */
    in->uri->lenient = 1;
    return in->lenient ? STOX_OK : stox_uri_fail(in, STOX_E_BAD_URI, number.p, tel_rule);
  }
  return STOX_OK;
}

static const stox_uri_part xmpp_node = {STOX_CHAR_XMPP_NODE, STOX_E_BAD_URI, 0, 1,
                                        "RFC5122-2.2 inodeid"};
static const stox_uri_part xmpp_resource = {STOX_CHAR_XMPP_RESOURCE, STOX_E_BAD_URI, 0, 1,
                                            "RFC5122-2.2 iresid"};
static const stox_uri_part xmpp_query = {STOX_CHAR_UNRESERVED, STOX_E_BAD_URI, 0, 1,
                                         "RFC5122-2.2 iquerycomp"};
static const stox_uri_part xmpp_fragment = {STOX_CHAR_URIC, STOX_E_BAD_URI, 0, 1,
                                            "RFC3987-2.2 ifragment"};
static const stox_uri_part xmpp_host = {STOX_CHAR_URIC, STOX_E_BAD_HOST, 0, 1, "RFC5122-2.2 ihost"};

/* Any host of a JID, its escapes decoded. */
static int check_xmpp_host(stox_uri_in *in, stox_span host, int *kind) {
  char room[1023];
  stox_buf name;
  stox_buf_init(&name, room, sizeof room);
  const int status = stox_uri_check(in, host, &xmpp_host);
  if (status != STOX_OK) {
    return status;
  }
  *kind = stox_percent_decode(&name, host, NULL) == STOX_OK ? stox_host_kind(stox_buf_span(&name))
                                                            : STOX_HOST_NONE;
  return *kind == STOX_HOST_NONE ? stox_uri_fail(in, STOX_E_BAD_HOST, host.p, xmpp_host.rule)
                                 : STOX_OK;
}

/* The grammar lets a part be empty, a JID does not. */
static int check_xmpp_part(stox_uri_in *in, stox_span part, const stox_uri_part *rule) {
  return part.n == 0 ? stox_uri_fail(in, STOX_E_BAD_URI, part.p, rule->rule)
                     : stox_uri_check(in, part, rule);
}

/* [ inodeid "@" ] ihost, the node absent without `@` */
static int parse_xmpp_bare(stox_uri_in *in, stox_span text, stox_uri *out) {
  const size_t at = stox_span_find(text, '@');
  out->host = text;
  if (at < text.n) {
    out->user = stox_span_slice(text, 0, at);
    out->host = stox_span_slice(text, at + 1, text.n);
    const int status = check_xmpp_part(in, out->user, &xmpp_node);
    if (status != STOX_OK) {
      return status;
    }
  }
  const int status = refuse_octet(in, out->host, '@', "RFC5122-2.2 ihierxmpp");
  return status != STOX_OK ? status : check_xmpp_host(in, out->host, &out->host_kind);
}

/* "//" inodeid "@" ihost, of which only the text is kept; `*rest` becomes the path behind it */
static int parse_xmpp_authority(stox_uri_in *in, stox_span *rest) {
  stox_uri account = {0};
  const stox_span text = stox_span_slice(*rest, 2, rest->n);
  const size_t slash = stox_span_find(text, '/');
  const stox_span authority = stox_span_slice(text, 0, slash);
  *rest = slash < text.n ? stox_span_slice(text, slash + 1, text.n) : (stox_span){NULL, 0};
  const int status = parse_xmpp_bare(in, authority, &account);
  if (status == STOX_OK && account.user.p == NULL) {
    return stox_uri_fail(in, STOX_E_BAD_URI, authority.p, "RFC5122-2.2 iauthxmpp");
  }
  return status;
}

/* ihierxmpp = iauthpath / ipathxmpp */
static int parse_xmpp_path(stox_uri_in *in, stox_span text) {
  if (text.n > 1 && text.p[0] == '/' && text.p[1] == '/') {
    const int status = parse_xmpp_authority(in, &text);
    if (status != STOX_OK || text.p == NULL) {
      return status;
    }
  }
  const size_t slash = stox_span_find(text, '/');
  const int status = parse_xmpp_bare(in, stox_span_slice(text, 0, slash), in->uri);
  if (status == STOX_OK && slash < text.n) {
    in->uri->path = stox_span_slice(text, slash + 1, text.n);
    return check_xmpp_part(in, in->uri->path, &xmpp_resource);
  }
  return status;
}

/* iquerytype *( ";" ikey "=" ivalue ) */
static int parse_xmpp_query(stox_uri_in *in, stox_span query) {
  stox_param pair;
  size_t cursor = 0;
  in->uri->headers = query;
  while (stox_uri_split(&pair, query, ';', &cursor) == STOX_OK) {
    const int is_first = pair.name.p == query.p;
    if (is_first == (pair.value.p != NULL)) {
      return stox_uri_fail(in, STOX_E_BAD_URI, pair.name.p, xmpp_query.rule);
    }
    int status = stox_uri_check(in, pair.name, &xmpp_query);
    if (status == STOX_OK) {
      status = stox_uri_check(in, pair.value, &xmpp_query);
    }
    if (status != STOX_OK) {
      return status;
    }
  }
  return STOX_OK;
}

static int parse_fragment(stox_uri_in *in, stox_span fragment) {
  const int status = refuse_octet(in, fragment, '#', xmpp_fragment.rule);
  return status != STOX_OK ? status : stox_uri_check(in, fragment, &xmpp_fragment);
}

int stox_uri_parse_xmpp(stox_uri_in *in, stox_span rest) {
  size_t bad = 0;
  const size_t hash = stox_span_find(rest, '#');
  const stox_span hier = stox_span_slice(rest, 0, hash);
  const size_t question = stox_span_find(hier, '?');
  if (stox_utf8_check(rest, &bad) != STOX_OK) {
    return stox_uri_fail(in, STOX_E_BAD_UTF8, rest.p + bad, "RFC3629-4 UTF8-octets");
  }
  int status = parse_xmpp_path(in, stox_span_slice(hier, 0, question));
  if (status == STOX_OK && question < hier.n) {
    status = parse_xmpp_query(in, stox_span_slice(hier, question + 1, hier.n));
  }
  if (status == STOX_OK && hash < rest.n) {
    status = parse_fragment(in, stox_span_slice(rest, hash + 1, rest.n));
  }
  return status;
}

/* Any URI (RFC 3986 3) with something behind its scheme. */
int stox_uri_parse_other(stox_uri_in *in, stox_span rest) {
  static const stox_uri_part part = {STOX_CHAR_URIC, STOX_E_BAD_URI, 0, 0, "RFC3986-3 URI"};
  const size_t hash = stox_span_find(rest, '#');
  if (rest.n == 0) {
    return stox_uri_fail(in, STOX_E_BAD_URI, rest.p, part.rule);
  }
  in->uri->path = rest;
  const int status =
      refuse_octet(in, stox_span_slice(rest, hash + 1, rest.n), '#', "RFC3986-3.5 fragment");
  return status != STOX_OK ? status : stox_uri_check(in, rest, &part);
}
