/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "crypto/der.h"
#include "stox/certificate.h"
#include "stox/host.h"
#include "stox/jid.h"
#include "stox/status.h"
#include "stox/uri.h"

#include <string.h>

#define SPAN(literal)                                                                              \
  { literal, sizeof(literal) - 1 }

/* GeneralName's tags (RFC 5280 4.2.1.6). */
enum { OTHER_NAME = 0xA0, DNS_NAME = 0x82, URI_NAME = 0x86, IP_NAME = 0x87 };
enum { NAMES_MAX = 1024, DOMAIN_MAX = 253, LABEL_MAX = 63, OTHER_VALUE = 0xA0 };

static const stox_span xmpp_addr = SPAN("\x2B\x06\x01\x05\x05\x07\x08\x05");
static const stox_span dns_srv = SPAN("\x2B\x06\x01\x05\x05\x07\x08\x07");
static const stox_span common_name = SPAN("\x55\x04\x03");

/* Letters, digits, hyphens and underscores in labels of 1 … 63, the last without an underscore. */
static int is_domain(stox_span text) {
  size_t label = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    if (c == '.' ? label == 0 : !stox_char_is(c, STOX_CHAR_HOST) && c != '_') {
      return 0;
    }
    label = c == '.' ? 0 : label + 1;
    if (label > LABEL_MAX) {
      return 0;
    }
  }
  return label > 0 && text.n <= DOMAIN_MAX;
}

static int is_pattern(stox_span text) {
  const int wild = text.n > 2 && text.p[0] == '*' && text.p[1] == '.';
  return is_domain(wild ? stox_span_slice(text, 2, text.n) : text);
}

static int is_service(stox_span text) {
  const size_t dot = stox_span_find(text, '.');
  return dot > 1 && dot < text.n && text.p[0] == '_' && is_domain(stox_span_slice(text, 0, dot)) &&
         is_pattern(stox_span_slice(text, dot + 1, text.n));
}

static int is_jid(stox_span text) {
  stox_jid jid;
  return stox_jid_parse(&jid, text, NULL) == STOX_OK;
}

static int is_uri(stox_span text) {
  stox_uri uri;
  return stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL) == STOX_OK &&
         (uri.scheme == STOX_SCHEME_SIP || uri.scheme == STOX_SCHEME_SIPS);
}

static void put_ip4(stox_buf *out, const unsigned char *octets) {
  for (size_t i = 0; i < 4; i++) {
    (void)(i > 0 ? stox_buf_put_octet(out, '.') : STOX_OK);
    (void)stox_buf_put_number(out, octets[i]);
  }
}

/* Eight groups in full: a text to compare by value, not to show. */
static void put_ip6(stox_buf *out, const unsigned char *octets) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; i++) {
    (void)(i > 0 && i % 2 == 0 ? stox_buf_put_octet(out, ':') : STOX_OK);
    (void)stox_buf_put_octet(out, digits[octets[i] >> 4]);
    (void)stox_buf_put_octet(out, digits[octets[i] & 0xF]);
  }
}

/* 1: appended; 0: no name of its kind. */
static int put_ip(stox_buf *out, stox_span octets) {
  char room[40];
  unsigned char address[16];
  stox_buf text;
  if (octets.n != 4 && octets.n != 16) {
    return 0;
  }
  memcpy(address, octets.p, octets.n);
  stox_buf_init(&text, room, sizeof room);
  (octets.n == 4 ? put_ip4 : put_ip6)(&text, address);
  const stox_identity identity = {STOX_IDENTITY_IP, stox_buf_span(&text)};
  (void)stox_identity_put(out, &identity);
  return 1;
}

static int put_if(stox_buf *out, int holds, int kind, stox_span value) {
  const stox_identity identity = {kind, value};
  return holds && stox_identity_put(out, &identity) != STOX_E_CTRL;
}

/* OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }, tagged implicitly.
 * STOX_OK or STOX_E_SYNTAX. */
static int put_other(stox_buf *out, stox_span body, uint32_t *skipped) {
  stox_span oid;
  stox_span wrapped;
  stox_der value;
  if (stox_der_take(&oid, NULL, &body, STOX_DER_OID) != STOX_OK ||
      stox_der_take(&wrapped, NULL, &body, OTHER_VALUE) != STOX_OK || body.n != 0) {
    return STOX_E_SYNTAX;
  }
  const int is_xmpp = stox_span_is_equal(oid, xmpp_addr);
  if (!is_xmpp && !stox_span_is_equal(oid, dns_srv)) {
    return STOX_OK;
  }
  if (stox_der_next(&value, &wrapped) != STOX_OK || wrapped.n != 0) {
    return STOX_E_SYNTAX;
  }
  const int done = is_xmpp ? put_if(out, value.tag == STOX_DER_UTF8 && is_jid(value.body),
                                    STOX_IDENTITY_XMPP, value.body)
                           : put_if(out, value.tag == STOX_DER_IA5 && is_service(value.body),
                                    STOX_IDENTITY_SRV, value.body);
  *skipped += !done;
  return STOX_OK;
}

static int put_name(stox_buf *out, const stox_der *name, uint32_t *skipped) {
  int done = 1;
  switch (name->tag) {
  case OTHER_NAME:
    return put_other(out, name->body, skipped);
  case DNS_NAME:
    done = put_if(out, is_pattern(name->body), STOX_IDENTITY_DNS, name->body);
    break;
  case URI_NAME:
    done = put_if(out, is_uri(name->body), STOX_IDENTITY_URI, name->body);
    break;
  case IP_NAME:
    done = put_ip(out, name->body);
    break;
  default:
    break;
  }
  *skipped += !done;
  return STOX_OK;
}

static int put_alternatives(stox_buf *out, stox_span list, uint32_t *skipped) {
  for (size_t n = 0; list.n > 0; n++) {
    stox_der name;
    if (n == NAMES_MAX) {
      return STOX_E_TOO_MANY;
    }
    int status = stox_der_next(&name, &list);
    if (status == STOX_OK) {
      status = put_name(out, &name, skipped);
    }
    if (status != STOX_OK) {
      return status;
    }
  }
  return stox_buf_status(out);
}

/* The last common name of Name ::= SEQUENCE OF SET OF SEQUENCE { type, value }. */
static int find_common_name(stox_der *out, stox_span name) {
  stox_span sequence;
  stox_span set;
  out->tag = 0;
  if (stox_der_take(&sequence, NULL, &name, STOX_DER_SEQUENCE) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  while (sequence.n > 0) {
    if (stox_der_take(&set, NULL, &sequence, STOX_DER_SET) != STOX_OK) {
      return STOX_E_SYNTAX;
    }
    while (set.n > 0) {
      stox_span pair;
      stox_span type;
      stox_der value;
      if (stox_der_take(&pair, NULL, &set, STOX_DER_SEQUENCE) != STOX_OK ||
          stox_der_take(&type, NULL, &pair, STOX_DER_OID) != STOX_OK ||
          stox_der_next(&value, &pair) != STOX_OK || pair.n != 0) {
        return STOX_E_SYNTAX;
      }
      *out = stox_span_is_equal(type, common_name) ? value : *out;
    }
  }
  return STOX_OK;
}

static int put_common_name(stox_buf *out, stox_span subject, uint32_t *skipped) {
  stox_der name;
  if (find_common_name(&name, subject) != STOX_OK) {
    return STOX_E_SYNTAX;
  }
  const int is_text =
      name.tag == STOX_DER_UTF8 || name.tag == STOX_DER_PRINTABLE || name.tag == STOX_DER_IA5;
  if (name.tag != 0) {
    *skipped += !put_if(out, is_text && is_pattern(name.body), STOX_IDENTITY_CN, name.body);
  }
  return stox_buf_status(out);
}

int stox_certificate_identities(stox_buf *out, const stox_certificate *certificate,
                                uint32_t *skipped) {
  const size_t before = out->len;
  uint32_t odd = 0;
  const int status = certificate->alternatives.p == NULL
                         ? put_common_name(out, certificate->subject, &odd)
                         : put_alternatives(out, certificate->alternatives, &odd);
  if (status != STOX_OK && status != STOX_E_NOBUF) {
    out->len = before;
  }
  if (skipped != NULL) {
    *skipped = odd;
  }
  return status;
}
