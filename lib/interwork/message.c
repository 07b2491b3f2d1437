/* SPDX-License-Identifier: MIT */
#include "stox/message.h"

#include "base/chars.h"
#include "base/options.h"
#include "interwork/message_options.h"
#include "stox/hash.h"
#include "stox/media_type.h"
#include "stox/number.h"
#include "stox/status.h"
#include "stox/utf8.h"

enum {
  SHA256_OCTETS = 32,
  CSEQ_OCTETS = 4,
  ID_OCTETS = 16,
  LINE_MAX_OCTETS = 255,
  LANG_MAX = 35,
  TEXT_GROWTH = 3
};

static const stox_message_options defaults = {
    .size = sizeof(stox_message_options),
    .ns = {"jabber:component:accept", sizeof "jabber:component:accept" - 1},
    .prefer_4xx = 1,
    .max_stanza = 262144,
    .max_forwards = 70,
};

int stox_message_options_init(stox_message_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

int stox_message_options_read(stox_message_options *out, const stox_message_options *given) {
  *out = defaults;
  return stox_options_read(out, sizeof *out, given);
}

int stox_message_one_line(stox_span *out, stox_arena *arena, stox_span text) {
  stox_buf buf;
  char *p = stox_arena_take(arena, LINE_MAX_OCTETS, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&buf, p, LINE_MAX_OCTETS);
  (void)stox_reason_write(&buf, text, LINE_MAX_OCTETS);
  *out = stox_buf_span(&buf);
  return STOX_OK;
}

/* ---- addresses ---- */

static int is_anonymous(const stox_jid *from) {
  static const char suffix[] = ".invalid";
  const size_t n = sizeof suffix - 1;
  const stox_span domain = from->domainpart;
  return domain.n >= n && stox_span_is_equal_nocase(stox_span_slice(domain, domain.n - n, n),
                                                    stox_span_text(suffix));
}

static int map_one(stox_map_result *out, stox_arena *arena, stox_span uri,
                   const stox_message_options *options, stox_diag *diag, int answer) {
  stox_diag inner = {0, 0, 0, NULL};
  const int status = stox_map_uri_to_jid(out, arena, uri, options->map, &inner);
  if (status == STOX_OK) {
    return STOX_OK;
  }
  if (status == STOX_E_UNSUPPORTED_SCHEME) {
    answer = 416;
  } else if (status == STOX_E_NOMEM) {
    answer = 500;
  }
  return stox_diag_set(diag, status, answer, inner.offset, "RFC7247-6.4");
}

int stox_message_route_from_sip(stox_message_route *out, stox_arena *arena,
                                const stox_sip_message *request,
                                const stox_message_options *options, stox_diag *diag) {
  stox_message_options own;
  stox_name_addr from_addr;
  stox_map_result to;
  stox_map_result from;
  if (stox_message_options_read(&own, options) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_ARG, 500, 0, "options");
  }
  if (stox_sip_is_sips(request)) {
    return stox_diag_set(diag, STOX_E_SIPS_REFUSED, 480, 0, "RFC7247-8");
  }
  int status = map_one(&to, arena, stox_sip_request_uri(request), &own, diag, 404);
  if (status != STOX_OK) {
    return status;
  }
  status = stox_sip_get_address(&from_addr, request, STOX_SIP_FROM, 0);
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 400, 0, "RFC3261-20.20 From");
  }
  status = map_one(&from, arena, from_addr.uri, &own, diag, 400);
  if (status != STOX_OK) {
    return status;
  }
  if (is_anonymous(&from.jid)) {
    return stox_diag_set(diag, STOX_E_UNMAPPABLE, 433, 0, "RFC5079-5");
  }
  *out = (stox_message_route){.from_jid = from.jid,
                              .to_jid = to.jid,
                              .from = from.text,
                              .to = to.text,
                              .dropped = from.dropped | to.dropped};
  return STOX_OK;
}

/* ---- the body ---- */

enum { CHARSET_UTF8, CHARSET_LATIN1, CHARSET_UNKNOWN };

static int charset_of(const stox_media_type *media) {
  static const struct {
    const char *name;
    int charset;
  } names[] = {{"utf-8", CHARSET_UTF8},
               {"us-ascii", CHARSET_UTF8}, /* a subset; phones send UTF-8 under this name */
               {"iso-8859-1", CHARSET_LATIN1}};
  stox_span value;
  const int status = stox_media_type_param(&value, media, "charset");
  if (status != STOX_OK) {
    return status == STOX_E_NONE ? CHARSET_UTF8 : CHARSET_UNKNOWN;
  }
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (stox_span_is_equal_nocase(value, stox_span_text(names[i].name))) {
      return names[i].charset;
    }
  }
  return CHARSET_UNKNOWN;
}

static int has_other_encoding(const stox_sip_message *request) {
  const stox_span encoding = stox_sip_value(request, STOX_SIP_CONTENT_ENCODING);
  return encoding.n > 0 && !stox_span_is_equal_nocase(encoding, stox_span_text("identity"));
}

static int check_media(const stox_sip_message *request, int *charset, stox_diag *diag) {
  stox_media_type media;
  const stox_span type = stox_sip_value(request, STOX_SIP_CONTENT_TYPE);
  *charset = CHARSET_UTF8;
  if (stox_sip_body(request).n == 0) {
    return STOX_OK;
  }
  if (has_other_encoding(request)) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED_MEDIA, 415, 0, "RFC3261-8.2.3");
  }
  if (type.p == NULL) {
    return stox_diag_set(diag, STOX_E_MISSING, 400, 0, "RFC3261-20.15 Content-Type");
  }
  if (stox_media_type_parse(&media, type, NULL) != STOX_OK) {
    return stox_diag_set(diag, STOX_E_BAD_MEDIA, 400, 0, "RFC3261-20.15 Content-Type");
  }
  *charset = charset_of(&media);
  if (!stox_media_type_is(&media, "text", "plain") || *charset == CHARSET_UNKNOWN) {
    return stox_diag_set(diag, STOX_E_UNSUPPORTED_MEDIA, 415, 0, "RFC3428-8");
  }
  return STOX_OK;
}

static int is_xml_char(uint32_t c) {
  return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n';
}

/* One character of the body; CR LF and CR come as LF. STOX_E_NONE at the end. */
static int next_char(uint32_t *out, stox_span body, size_t *at, int charset) {
  int status = STOX_OK;
  if (charset == CHARSET_LATIN1) {
    status = *at < body.n ? STOX_OK : STOX_E_NONE;
    *out = status == STOX_OK ? (unsigned char)body.p[(*at)++] : 0;
  } else {
    status = stox_utf8_next(out, body, at);
  }
  if (status == STOX_OK && *out == '\r') {
    *at += *at < body.n && body.p[*at] == '\n' ? 1U : 0U;
    *out = '\n';
  }
  return status;
}

static int body_text(stox_span *out, stox_arena *arena, stox_span body, int charset) {
  if (body.n == 0) {
    *out = (stox_span){NULL, 0};
    return STOX_OK;
  }
  /* A control octet becomes U+FFFD, three octets: the longest growth. */
  const size_t cap = body.n * TEXT_GROWTH;
  char *p = body.n > SIZE_MAX / TEXT_GROWTH ? NULL : stox_arena_take(arena, cap, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, cap);
  size_t at = 0;
  uint32_t c = 0;
  int status = next_char(&c, body, &at, charset);
  while (status == STOX_OK) {
    (void)stox_utf8_put(&buf, is_xml_char(c) ? c : 0xFFFD);
    status = next_char(&c, body, &at, charset);
  }
  *out = stox_buf_span(&buf);
  return status == STOX_E_NONE ? STOX_OK : status;
}

/* ---- SIP to XMPP ---- */

/* The first language tag of Content-Language, if it is one (RFC 5646 2.1 in shape). */
static stox_span language_of(const stox_sip_message *request) {
  const stox_span value = stox_sip_value(request, STOX_SIP_CONTENT_LANGUAGE);
  const stox_span tag = stox_span_trim(stox_span_slice(value, 0, stox_span_find(value, ',')));
  int is_tag = tag.n > 0 && tag.n <= LANG_MAX && stox_char_is(tag.p[0], STOX_CHAR_ALPHA) &&
               tag.p[tag.n - 1] != '-';
  for (size_t i = 0; is_tag && i < tag.n; i++) {
    is_tag = tag.p[i] == '-' || stox_char_is(tag.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT);
  }
  return is_tag ? tag : (stox_span){NULL, 0};
}

static void put_child(stox_xml_writer *w, const char *ns, const char *name, stox_span text) {
  if (text.n > 0) {
    stox_xml_open(w, ns, name);
    stox_xml_put_text(w, text);
    stox_xml_close(w);
  }
}

typedef struct texts {
  stox_span subject;
  stox_span body;
  stox_span thread;
} texts;

static int write_stanza(stox_buf *out, const stox_stanza *stanza, const texts *t,
                        const stox_message_options *own) {
  stox_xml_writer w;
  stox_xml_writer_init(&w, out, stanza->ns);
  stox_stanza_open(&w, stanza);
  put_child(&w, NULL, "subject", t->subject);
  put_child(&w, NULL, "body", t->body);
  put_child(&w, NULL, "thread", t->thread);
  if (own->has_hops) {
    stox_hops_write(&w, own->hops);
  }
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}

static int refuse(int status, stox_diag *diag) {
  if (status == STOX_E_NONE || status == STOX_E_NOBUF) {
    return status;
  }
  const int answer = status == STOX_E_NOMEM ? 500 : 400;
  return stox_diag_set(diag, status, answer, 0, "RFC3261-7.4.1");
}

int stox_message_to_xmpp(stox_buf *out, stox_arena *arena, stox_sip_message *request,
                         const stox_message_route *route, const stox_message_options *options,
                         stox_diag *diag) {
  stox_message_options own;
  texts t = {.thread = stox_sip_value(request, STOX_SIP_CALL_ID)};
  int charset = CHARSET_UTF8;
  int status = stox_message_options_read(&own, options);
  if (status == STOX_OK) {
    status = check_media(request, &charset, diag);
    if (status != STOX_OK) {
      return status;
    }
    status = body_text(&t.body, arena, stox_sip_body(request), charset);
  }
  if (status == STOX_OK) {
    status = stox_message_one_line(&t.subject, arena, stox_sip_value(request, STOX_SIP_SUBJECT));
  }
  if (status == STOX_OK && t.body.n == 0 && t.subject.n == 0) {
    status = STOX_E_NONE;
  }
  if (status != STOX_OK) {
    return refuse(status, diag);
  }
  const size_t before = out->len;
  const stox_stanza stanza = {.kind = STOX_STANZA_MESSAGE,
                              .type = own.type,
                              .from = route->from,
                              .to = route->to,
                              .id = route->id,
                              .lang = language_of(request),
                              .ns = own.ns};
  status = write_stanza(out, &stanza, &t, &own);
  if (out->len - before > own.max_stanza) {
    out->len = before;
    return stox_diag_set(diag, STOX_E_TOO_LONG, 513, 0, "RFC6120-13.12");
  }
  return status == STOX_OK ? STOX_OK : refuse(status, diag);
}

int stox_message_id(stox_buf *out, const stox_sip_message *request) {
  const stox_span call_id = stox_sip_value(request, STOX_SIP_CALL_ID);
  const stox_span tag = stox_sip_tag(request, STOX_SIP_FROM);
  stox_sip_cseq cseq;
  unsigned char digest[SHA256_OCTETS];
  unsigned char parts[2 * SHA256_OCTETS + CSEQ_OCTETS];
  if (call_id.n == 0 || stox_sip_get_cseq(&cseq, request) != STOX_OK) {
    return STOX_E_MISSING;
  }
  /* Digest of digests: no two requests share an id by shifting octets from one part to the next. */
  int status = stox_hash(STOX_HASH_SHA256, call_id, parts, SHA256_OCTETS);
  if (status == STOX_OK) {
    status = stox_hash(STOX_HASH_SHA256, tag, parts + SHA256_OCTETS, SHA256_OCTETS);
  }
  for (size_t i = 0; i < CSEQ_OCTETS; i++) {
    parts[2 * SHA256_OCTETS + i] = (unsigned char)(cseq.number >> (24 - 8 * i));
  }
  if (status == STOX_OK) {
    status = stox_hash(STOX_HASH_SHA256, (stox_span){(const char *)parts, sizeof parts}, digest,
                       sizeof digest);
  }
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_text(out, "stox");
  return stox_base64_write(out, (stox_span){(const char *)digest, ID_OCTETS}, STOX_BASE64_URL);
}
