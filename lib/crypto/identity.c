/* SPDX-License-Identifier: MIT */
#include "stox/identity.h"

#include "base/chars.h"
#include "stox/host.h"
#include "stox/jid.h"
#include "stox/status.h"
#include "stox/stringprep.h"
#include "stox/uri.h"

#include <string.h>

#define SPAN(literal)                                                                              \
  { literal, sizeof(literal) - 1 }

enum { NAME_MAX = 256, LOCAL_MAX = 1024 };

static const stox_span words[] = {
    [STOX_IDENTITY_NONE] = {NULL, 0},   [STOX_IDENTITY_DNS] = SPAN("DNS:"),
    [STOX_IDENTITY_SRV] = SPAN("SRV:"), [STOX_IDENTITY_XMPP] = SPAN("XMPP:"),
    [STOX_IDENTITY_URI] = SPAN("URI:"), [STOX_IDENTITY_IP] = SPAN("IP:"),
    [STOX_IDENTITY_CN] = SPAN("CN:"),
};

enum { WORDS = sizeof words / sizeof words[0] };

/* A reference made ready to compare. */
typedef struct question {
  int kind;
  int is_address;
  stox_span domain;  /* A-labels, or an address without brackets */
  stox_span service; /* first label of an SRV-ID; absent: none is looked for */
  stox_jid jid;
  uint32_t kinds; /* bits of the kinds that stand in the certificate */
  int has_sip_uri;
} question;

int stox_identity_put(stox_buf *out, const stox_identity *identity) {
  if (identity->kind <= STOX_IDENTITY_NONE || identity->kind >= WORDS) {
    return STOX_E_ARG;
  }
  for (size_t i = 0; i < identity->value.n; i++) {
    if (stox_char_is(identity->value.p[i], STOX_CHAR_CTRL)) {
      return STOX_E_CTRL;
    }
  }
  (void)stox_buf_put(out, words[identity->kind]);
  (void)stox_buf_put(out, identity->value);
  return stox_buf_put_octet(out, '\n');
}

int stox_identity_next(stox_identity *out, stox_span lines, size_t *cursor) {
  while (*cursor < lines.n) {
    stox_span line = stox_span_slice(lines, *cursor, lines.n);
    line.n = stox_span_find(line, '\n');
    *cursor += line.n + 1;
    for (int kind = STOX_IDENTITY_DNS; kind < WORDS; kind++) {
      const stox_span word = words[kind];
      if (line.n > word.n && memcmp(line.p, word.p, word.n) == 0) {
        *out = (stox_identity){kind, stox_span_slice(line, word.n, line.n)};
        return STOX_OK;
      }
    }
  }
  return STOX_E_NONE;
}

/* The domain as A-labels; an address passes. STOX_E_BAD_DOMAIN where it is neither. */
static int to_ascii(stox_buf *out, stox_span domain) {
  const int status = stox_idna(out, domain, STOX_IDNA_TO_ASCII, NULL);
  return status == STOX_OK || status == STOX_E_NOMEM ? status : STOX_E_BAD_DOMAIN;
}

static stox_span without_brackets(stox_span host) {
  const int brackets = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
  return brackets ? stox_span_slice(host, 1, host.n - 2) : host;
}

static int is_address(stox_span text) {
  unsigned char octets[16];
  size_t n;
  return stox_host_address(octets, &n, text) == STOX_OK;
}

static int ask_domain(question *out, char *room, stox_span name) {
  stox_buf buf;
  stox_buf_init(&buf, room, NAME_MAX);
  const int status = to_ascii(&buf, name);
  if (status != STOX_OK) {
    return status;
  }
  out->domain = without_brackets(stox_buf_span(&buf));
  out->is_address = is_address(out->domain);
  const int may_be_address = out->kind == STOX_REFERENCE_SIP || out->kind == STOX_REFERENCE_HOST;
  return out->is_address && !may_be_address ? STOX_E_BAD_DOMAIN : STOX_OK;
}

static int ask(question *out, char *room, const stox_reference *reference) {
  static const stox_span services[] = {[STOX_REFERENCE_XMPP_SERVER] = SPAN("_xmpp-server"),
                                       [STOX_REFERENCE_XMPP_SERVICE] = SPAN("_xmpp-client")};
  memset(out, 0, sizeof *out);
  out->kind = reference->kind;
  if (out->kind < STOX_REFERENCE_XMPP_SERVER || out->kind > STOX_REFERENCE_HOST) {
    return STOX_E_ARG;
  }
  if (out->kind != STOX_REFERENCE_XMPP_CLIENT) {
    if (out->kind <= STOX_REFERENCE_XMPP_SERVICE) {
      out->service = services[out->kind];
    }
    return ask_domain(out, room, reference->name);
  }
  const int status = stox_jid_parse(&out->jid, reference->name, NULL);
  const int is_bare = status == STOX_OK && stox_jid_scope(&out->jid) == STOX_SCOPE_BARE;
  return is_bare ? ask_domain(out, room, out->jid.domainpart) : STOX_E_BAD_JID;
}

static int is_domain_uri(stox_uri *uri, stox_span text) {
  return stox_uri_parse(uri, text, STOX_URI_STRICT, NULL) == STOX_OK &&
         uri->scheme == STOX_SCHEME_SIP && uri->user.p == NULL;
}

/* What stands beside an identity decides whether it counts. */
static void survey(question *out, stox_span lines) {
  stox_identity identity;
  size_t cursor = 0;
  while (stox_identity_next(&identity, lines, &cursor) == STOX_OK) {
    stox_uri uri;
    out->kinds |= UINT32_C(1) << identity.kind;
    if (identity.kind == STOX_IDENTITY_URI && is_domain_uri(&uri, identity.value)) {
      out->has_sip_uri = 1;
    }
  }
}

static int has_kind(const question *q, int kind) {
  return (q->kinds & UINT32_C(1) << kind) != 0;
}

/* `*.` and two labels or more, which hold no other `*`. */
static int wildcard_match(stox_span presented, stox_span domain) {
  const stox_span rest = stox_span_slice(presented, 2, presented.n);
  const size_t label = stox_span_find(domain, '.');
  const size_t dot = stox_span_find(rest, '.');
  return dot > 0 && dot < rest.n && label > 0 && label < domain.n &&
         stox_span_is_equal_nocase(rest, stox_span_slice(domain, label + 1, domain.n));
}

static int dns_match(const question *q, stox_span presented) {
  if (q->is_address) {
    return 0;
  }
  if (q->kind != STOX_REFERENCE_SIP && presented.n > 2 && memcmp(presented.p, "*.", 2) == 0) {
    return wildcard_match(presented, q->domain);
  }
  return stox_span_is_equal_nocase(presented, q->domain);
}

static int srv_match(const question *q, stox_span presented) {
  const size_t dot = stox_span_find(presented, '.');
  return q->service.p != NULL && dot < presented.n &&
         stox_span_is_equal_nocase(stox_span_slice(presented, 0, dot), q->service) &&
         dns_match(q, stox_span_slice(presented, dot + 1, presented.n));
}

static int local_match(const stox_jid *asked, const stox_jid *presented) {
  char room[LOCAL_MAX];
  stox_buf buf;
  if (asked->localpart.p == NULL || presented->localpart.p == NULL) {
    return asked->localpart.p == presented->localpart.p;
  }
  stox_buf_init(&buf, room, sizeof room);
  return stox_stringprep(&buf, presented->localpart, STOX_NODEPREP, NULL) == STOX_OK &&
         stox_span_is_equal(stox_buf_span(&buf), asked->localpart);
}

static int xmpp_match(const question *q, stox_span presented) {
  char room[NAME_MAX];
  stox_jid jid;
  stox_buf buf;
  if (q->kind > STOX_REFERENCE_XMPP_CLIENT || stox_jid_parse(&jid, presented, NULL) != STOX_OK ||
      jid.resourcepart.p != NULL || !local_match(&q->jid, &jid)) {
    return 0;
  }
  stox_buf_init(&buf, room, sizeof room);
  return to_ascii(&buf, jid.domainpart) == STOX_OK &&
         stox_span_is_equal(stox_buf_span(&buf), q->domain);
}

static int uri_match(const question *q, stox_span presented) {
  stox_uri uri;
  return q->kind == STOX_REFERENCE_SIP && is_domain_uri(&uri, presented) &&
         stox_host_is_equal(without_brackets(uri.host), q->domain);
}

static int is_match(const question *q, const stox_identity *identity, uint32_t flags) {
  switch (identity->kind) {
  case STOX_IDENTITY_DNS:
    return q->kind != STOX_REFERENCE_XMPP_CLIENT && !q->has_sip_uri &&
           dns_match(q, identity->value);
  case STOX_IDENTITY_SRV:
    return srv_match(q, identity->value);
  case STOX_IDENTITY_XMPP:
    return xmpp_match(q, identity->value);
  case STOX_IDENTITY_URI:
    return uri_match(q, identity->value);
  case STOX_IDENTITY_IP:
    return q->is_address && !q->has_sip_uri && stox_host_is_equal(identity->value, q->domain);
  case STOX_IDENTITY_CN:
    return (flags & STOX_REFERENCE_ALLOW_CN) != 0 && q->kind != STOX_REFERENCE_XMPP_CLIENT &&
           q->kinds == UINT32_C(1) << STOX_IDENTITY_CN && dns_match(q, identity->value);
  default:
    return 0;
  }
}

int stox_identity_match(stox_identity *which, const stox_reference *reference, stox_span lines) {
  char room[NAME_MAX];
  question q;
  stox_identity identity;
  size_t cursor = 0;
  const int status = ask(&q, room, reference);
  if (status != STOX_OK) {
    return status;
  }
  survey(&q, lines);
  /* Only a SIP domain gives URIs precedence. */
  q.has_sip_uri = q.has_sip_uri && q.kind == STOX_REFERENCE_SIP;
  const int addr_only = (reference->flags & STOX_REFERENCE_XMPP_ADDR_FIRST) != 0 &&
                        q.kind <= STOX_REFERENCE_XMPP_CLIENT && has_kind(&q, STOX_IDENTITY_XMPP);
  while (stox_identity_next(&identity, lines, &cursor) == STOX_OK) {
    if (addr_only && identity.kind != STOX_IDENTITY_XMPP) {
      continue;
    }
    if (is_match(&q, &identity, reference->flags)) {
      if (which != NULL) {
        *which = identity;
      }
      return STOX_OK;
    }
  }
  return STOX_E_AUTH;
}
