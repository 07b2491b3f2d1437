/* SPDX-License-Identifier: MIT */
#include "sip_facts.h"

#include <stdio.h>
#include <string.h>

enum { KEY = 64, LOWER = 1, UPPER = 2, DECODED = 4, UNQUOTED = 8 };

static const char *const list_names[FACT_LISTS] = {"contact", "route", "record-route", "path",
                                                   "refer-to"};

void facts_clear(sip_facts *facts) {
  memset(facts, 0, offsetof(sip_facts, octets));
  facts->cseq = facts->max_forwards = facts->expires = facts->content_length = -1;
  stox_buf_init(&facts->room, facts->octets, sizeof facts->octets);
}

stox_span fact_text(const char *text) {
  return text == NULL ? (stox_span){NULL, 0} : (stox_span){text, strlen(text)};
}

stox_span fact_join(sip_facts *facts, stox_span head, const char *mark, stox_span tail) {
  const size_t from = facts->room.len;
  (void)stox_buf_put(&facts->room, head);
  (void)stox_buf_put_text(&facts->room, mark);
  (void)stox_buf_put(&facts->room, tail);
  return stox_span_slice(stox_buf_span(&facts->room), from, SIZE_MAX);
}

int fact_is_sip(stox_span scheme) {
  return stox_span_is_equal_nocase(scheme, (stox_span){"sip", 3}) ||
         stox_span_is_equal_nocase(scheme, (stox_span){"sips", 4});
}

stox_span fact_host(sip_facts *facts, stox_span host) {
  if (stox_span_find(host, ':') == host.n || host.p[0] == '[') {
    return host;
  }
  return fact_join(facts, fact_join(facts, (stox_span){"[", 1}, "", host), "]",
                   (stox_span){NULL, 0});
}

stox_span fact_param(sip_facts *facts, stox_span list, const char *name, const char *value) {
  if (list.n > 0) {
    (void)stox_buf_put_text(&facts->room, ";");
  } else {
    list.p = facts->octets + facts->room.len;
  }
  (void)stox_buf_put_text(&facts->room, name);
  if (value != NULL) {
    (void)stox_buf_put_text(&facts->room, "=");
    (void)stox_buf_put_text(&facts->room, value);
  }
  return (stox_span){list.p, (size_t)(facts->octets + facts->room.len - list.p)};
}

static int digit_of(char c) {
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  const char *at = c == '\0' ? NULL : strchr(digits, c);
  return at == NULL ? -1 : (int)((at - digits) & 15);
}

static int is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char with_case(char c, int how) {
  if ((how & LOWER) != 0 && c >= 'A' && c <= 'Z') {
    return (char)(c - 'A' + 'a');
  }
  if ((how & UPPER) != 0 && c >= 'a' && c <= 'z') {
    return (char)(c - 'a' + 'A');
  }
  return c;
}

/* One octet: what is no printable ASCII, and the backslash itself, as an escape. */
static void put_octet(stox_buf *out, char c) {
  char escape[8];
  const unsigned octet = (unsigned char)c;
  if (octet >= 0x20 && octet < 0x7F && c != '\\') {
    (void)stox_buf_put(out, (stox_span){&c, 1});
    return;
  }
  (void)snprintf(escape, sizeof escape, "\\%02x", octet);
  (void)stox_buf_put_text(out, escape);
}

static stox_span unquoted(stox_span text) {
  if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"') {
    return stox_span_slice(text, 1, text.n - 2);
  }
  return text;
}

/* White space of any kind and length is one space. */
static void put_value(stox_buf *out, stox_span text, int how) {
  text = stox_span_trim(text);
  if ((how & UNQUOTED) != 0) {
    text = stox_span_trim(unquoted(text));
  }
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if ((how & DECODED) != 0 && c == '%' && i + 2 < text.n && digit_of(text.p[i + 1]) >= 0 &&
        digit_of(text.p[i + 2]) >= 0) {
      c = (char)(digit_of(text.p[i + 1]) * 16 + digit_of(text.p[i + 2]));
      i += 2;
      put_octet(out, c);
      continue;
    }
    if ((how & UNQUOTED) != 0 && c == '\\' && i + 1 < text.n) {
      c = text.p[++i];
    } else if (is_space(c)) {
      while (i + 1 < text.n && is_space(text.p[i + 1])) {
        i++;
      }
      c = ' ';
    }
    put_octet(out, with_case(c, how));
  }
}

static void put_key(stox_buf *out, const char *where, const char *name) {
  (void)stox_buf_put_text(out, where);
  (void)stox_buf_put_text(out, name);
  (void)stox_buf_put_text(out, " ");
}

static void line(stox_buf *out, const char *where, const char *name, stox_span value, int how) {
  if (value.p == NULL) {
    return;
  }
  put_key(out, where, name);
  put_value(out, value, how);
  (void)stox_buf_put_text(out, "\n");
}

static void number(stox_buf *out, const char *name, int64_t value) {
  char digits[24];
  if (value >= 0) {
    (void)snprintf(digits, sizeof digits, "%lld", (long long)value);
    line(out, "", name, fact_text(digits), 0);
  }
}

/* Digits without leading zeros; none: no line. */
static void port_line(stox_buf *out, const char *where, stox_span port) {
  while (port.n > 1 && port.p[0] == '0') {
    port = stox_span_slice(port, 1, port.n);
  }
  if (port.n > 0 && !(port.n == 1 && port.p[0] == '0')) {
    line(out, where, "port", port, 0);
  }
}

/* The next parameter; a `;` in a quoted string separates nothing. */
static stox_span next_param(stox_span *list) {
  size_t i = 0;
  int is_quoted = 0;
  for (; i < list->n && (is_quoted || list->p[i] != ';'); i++) {
    if (list->p[i] == '"') {
      is_quoted = !is_quoted;
    } else if (is_quoted && list->p[i] == '\\') {
      i++;
    }
  }
  const stox_span param = stox_span_slice(*list, 0, i);
  *list = stox_span_slice(*list, i < list->n ? i + 1 : list->n, SIZE_MAX);
  return stox_span_trim(param);
}

static void params_line(stox_buf *out, const char *where, stox_span list, int how) {
  stox_span params = list;
  if (stox_span_trim(list).n == 0) {
    return;
  }
  put_key(out, where, "params");
  while (params.n > 0) {
    const stox_span param = next_param(&params);
    const size_t n = stox_span_find(param, '=');
    if (param.n == 0) {
      continue;
    }
    (void)stox_buf_put_text(out, ";");
    put_value(out, stox_span_slice(param, 0, n), how | LOWER);
    if (n < param.n) {
      (void)stox_buf_put_text(out, "=");
      put_value(out, stox_span_slice(param, n + 1, SIZE_MAX), how);
    }
  }
  (void)stox_buf_put_text(out, "\n");
}

static void uri_lines(stox_buf *out, const char *where, const fact_uri *uri) {
  line(out, where, "scheme", uri->scheme, LOWER);
  line(out, where, "user", uri->user, DECODED);
  line(out, where, "password", uri->password, DECODED);
  line(out, where, "host", uri->host, LOWER);
  port_line(out, where, uri->port);
  params_line(out, where, uri->params, DECODED);
  line(out, where, "headers", uri->headers, DECODED);
  line(out, where, "opaque", uri->opaque, DECODED);
}

static void address_lines(stox_buf *out, const char *where, const fact_address *address) {
  if (address->star) {
    line(out, where, "star", fact_text("1"), 0);
    return;
  }
  if (unquoted(stox_span_trim(address->display)).n > 0) {
    line(out, where, "display", address->display, UNQUOTED);
  }
  uri_lines(out, where, &address->uri);
  char key[KEY];
  (void)snprintf(key, sizeof key, "%sheader-", where);
  params_line(out, key, address->params, 0);
}

static void via_lines(stox_buf *out, const char *where, const fact_via *via) {
  line(out, where, "transport", via->transport, UPPER);
  line(out, where, "host", via->host, LOWER);
  port_line(out, where, via->port);
  line(out, where, "branch", via->branch, 0);
  line(out, where, "received", via->received, LOWER);
  line(out, where, "rport", via->rport, 0);
}

static void list_lines(stox_buf *out, const char *name, const fact_list *list) {
  char key[KEY];
  for (size_t i = 0; i < list->count && i < FACT_VALUES; i++) {
    (void)snprintf(key, sizeof key, "%s.%zu.", name, i);
    address_lines(out, key, &list->values[i]);
  }
  if (list->count > 0) {
    (void)snprintf(key, sizeof key, "%s.count", name);
    number(out, key, (int64_t)list->count);
  }
}

/* Its length and a hash (FNV-1a) stand for the body. */
static void body_line(stox_buf *out, stox_span body) {
  char text[64];
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < body.n; i++) {
    hash = (hash ^ (unsigned char)body.p[i]) * UINT64_C(1099511628211);
  }
  (void)snprintf(text, sizeof text, "%zu:%016llx", body.n, (unsigned long long)hash);
  line(out, "", "body", fact_text(text), 0);
}

void facts_write(stox_buf *out, const sip_facts *facts) {
  char key[KEY];
  number(out, "status", facts->status);
  if (facts->status == 0) {
    line(out, "", "method", facts->method, 0);
    uri_lines(out, "uri.", &facts->request_uri);
  }
  for (size_t i = 0; i < facts->n_vias && i < FACT_VALUES; i++) {
    (void)snprintf(key, sizeof key, "via.%zu.", i);
    via_lines(out, key, &facts->vias[i]);
  }
  number(out, "via.count", (int64_t)facts->n_vias);
  address_lines(out, "from.", &facts->from);
  line(out, "from.", "tag", facts->from_tag, 0);
  address_lines(out, "to.", &facts->to);
  line(out, "to.", "tag", facts->to_tag, 0);
  line(out, "", "call-id", facts->call_id, 0);
  number(out, "cseq", facts->cseq);
  line(out, "", "cseq-method", facts->cseq_method, 0);
  number(out, "max-forwards", facts->max_forwards);
  for (int i = 0; i < FACT_LISTS; i++) {
    list_lines(out, list_names[i], &facts->lists[i]);
  }
  number(out, "expires", facts->expires);
  line(out, "", "type", facts->type, LOWER);
  line(out, "", "subtype", facts->subtype, LOWER);
  number(out, "content-length", facts->content_length);
  line(out, "", "event", facts->event, 0);
  line(out, "", "realm", facts->realm, UNQUOTED);
  line(out, "", "nonce", facts->nonce, UNQUOTED);
  body_line(out, facts->body);
}

/* Takes the next line of a sheet; 0: no more. */
static int take_line(stox_span *key, stox_span *value, stox_span *sheet) {
  if (sheet->n == 0) {
    return 0;
  }
  const size_t n = stox_span_find(*sheet, '\n');
  const stox_span whole = stox_span_slice(*sheet, 0, n);
  const size_t space = stox_span_find(whole, ' ');
  *key = stox_span_slice(whole, 0, space);
  *value = stox_span_slice(whole, space + 1, SIZE_MAX);
  *sheet = stox_span_slice(*sheet, n + 1, SIZE_MAX);
  return 1;
}

static stox_span value_of(stox_span sheet, stox_span wanted) {
  stox_span key;
  stox_span value;
  while (take_line(&key, &value, &sheet)) {
    if (stox_span_is_equal(key, wanted)) {
      return value;
    }
  }
  return (stox_span){NULL, 0};
}

void facts_compare(stox_span a, stox_span b,
                   void (*differ)(void *ud, stox_span key, stox_span a, stox_span b), void *ud) {
  stox_span key;
  stox_span value;
  for (stox_span rest = a; take_line(&key, &value, &rest);) {
    const stox_span other = value_of(b, key);
    if (other.p == NULL || !stox_span_is_equal(value, other)) {
      differ(ud, key, value, other);
    }
  }
  for (stox_span rest = b; take_line(&key, &value, &rest);) {
    if (value_of(a, key).p == NULL) {
      differ(ud, key, (stox_span){NULL, 0}, value);
    }
  }
}
