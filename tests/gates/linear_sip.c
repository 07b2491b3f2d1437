/* SPDX-License-Identifier: MIT */
#include "linear.h"

#include "stox/sip.h"
#include "stox/sip_accept.h"
#include "stox/sip_body_label.h"
#include "stox/sip_contact.h"
#include "stox/sip_credentials.h"
#include "stox/sip_feature.h"
#include "stox/sip_history.h"
#include "stox/sip_identity.h"
#include "stox/sip_mend.h"
#include "stox/sip_plain.h"
#include "stox/sip_resource_priority.h"
#include "stox/sip_response_identity.h"
#include "stox/sip_security.h"
#include "stox/sip_time.h"
#include "stox/sip_tokens.h"
#include "stox/sip_warning.h"
#include "stox/sip_where.h"
#include "stox/sipfrag.h"
#include "stox/status.h"
#include "stox/uri.h"

#include <stdlib.h>
#include <string.h>

#define LINE    "MESSAGE sip:romeo@example.net SIP/2.0\r\n"
#define FROM    "From: <sip:juliet@example.com>;tag=1\r\n"
#define TO      "To: <sip:romeo@example.net>\r\n"
#define REST    "Call-ID: 1\r\nCSeq: 1 MESSAGE\r\n"
#define TOP_VIA "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\n"
#define REQUEST LINE TOP_VIA FROM TO REST
#define END     "\r\n\r\n"
#define EMPTY   "Content-Length: 0\r\n\r\n"

static stox_limits no_limits(void) {
  stox_limits limits;
  (void)stox_limits_init(&limits, sizeof limits);
  limits.message = limits.line = limits.uri = UINT32_MAX / 2;
  limits.header_count = UINT32_MAX / 2;
  return limits;
}

/* ---- messages ---- */

/* Parses, and asks `then` about what came out. */
static int parse(stox_span text, int lenient,
                 int (*then)(stox_sip_message *message, stox_arena *arena)) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_sip_options options;
  const stox_limits limits = no_limits();
  (void)stox_sip_options_init(&options, sizeof options);
  options.lenient = lenient;
  options.limits = &limits;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  int status = stox_sip_parse(&message, &arena, text, &options, NULL);
  if (status == STOX_OK && then != NULL) {
    status = then(message, &arena);
  }
  stox_arena_clear(&arena);
  return status;
}

static int strict(stox_span text) {
  return parse(text, 0, NULL);
}

static int lenient(stox_span text) {
  return parse(text, 1, NULL);
}

static int frame(stox_span text) {
  size_t n = 0;
  int kind = 0;
  const stox_limits limits = no_limits();
  return stox_sip_frame(&n, &kind, text, &limits, NULL);
}

static int walk_headers(stox_sip_message *message, stox_arena *arena) {
  stox_sip_header header;
  size_t n = 0;
  size_t index = 0;
  (void)arena;
  while (stox_sip_get_header(&header, message, n) == STOX_OK) {
    n++;
  }
  while (stox_sip_find_header(&index, message, STOX_SIP_OTHER, index) == STOX_OK) {
    index++;
  }
  return stox_sip_value_of(message, stox_span_text("X-None")).p == NULL ? STOX_OK : STOX_E_STATE;
}

static int headers(stox_span text) {
  return parse(text, 0, walk_headers);
}

static int walk_vias(stox_sip_message *message, stox_arena *arena) {
  stox_sip_via via;
  int status = STOX_OK;
  (void)arena;
  stox_sip_cursor cursor = {0, 0};
  while (status == STOX_OK) {
    status = stox_sip_next_via(&via, message, &cursor);
  }
  return status;
}

static int vias(stox_span text) {
  return parse(text, 1, walk_vias);
}

static int walk_addresses(stox_sip_message *message, stox_arena *arena) {
  stox_sip_cursor cursor = {0, 0};
  stox_name_addr address;
  int status;
  (void)arena;
  do {
    status = stox_sip_next_address(&address, message, STOX_SIP_CONTACT, &cursor);
  } while (status == STOX_OK);
  return status;
}

static int addresses(stox_span text) {
  return parse(text, 0, walk_addresses);
}

static int walk_tokens(stox_sip_message *message, stox_arena *arena) {
  stox_sip_cursor cursor = {0, 0};
  stox_span tag;
  uint64_t set = 0;
  (void)arena;
  (void)stox_sip_get_methods(&set, message, STOX_SIP_REQUIRE);
  (void)stox_sip_get_options(&set, message, STOX_SIP_REQUIRE);
  (void)stox_sip_has_token(message, STOX_SIP_REQUIRE, stox_span_text("none"));
  while (stox_sip_next_unsupported(&tag, message, STOX_SIP_REQUIRE, 0, &cursor) == STOX_OK) {
  }
  return stox_sip_next_unsupported(&tag, message, STOX_SIP_REQUIRE, 0, &cursor);
}

static int tokens(stox_span text) {
  return parse(text, 0, walk_tokens);
}

static int write(const stox_sip_edit *edit) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  return stox_sip_write(&out, edit);
}

static int copy_and_answer(stox_sip_message *message, stox_arena *arena) {
  stox_sip_edit *edit = NULL;
  int status = stox_sip_edit_new(&edit, arena, message);
  if (status == STOX_OK) {
    status = write(edit);
  }
  if (status == STOX_E_NOBUF) {
    status = stox_sip_response_new(&edit, arena, message, 404, (stox_span){NULL, 0},
                                   stox_span_text("t"));
  }
  return status == STOX_OK ? write(edit) : status;
}

static int copies(stox_span text) {
  return parse(text, 1, copy_and_answer);
}

static int pop_vias(stox_sip_message *message, stox_arena *arena) {
  stox_sip_edit *edit = NULL;
  int status = stox_sip_edit_new(&edit, arena, message);
  while (status == STOX_OK) {
    status = stox_sip_edit_pop(edit, STOX_SIP_VIA);
  }
  return status;
}

static int pops(stox_span text) {
  return parse(text, 0, pop_vias);
}

static int walk_misplaced(stox_sip_message *message, stox_arena *arena) {
  size_t index = 0;
  (void)arena;
  while (stox_sip_next_misplaced(&index, message, index) == STOX_OK) {
    index++;
  }
  return STOX_OK;
}

static int misplaced(stox_span text) {
  return parse(text, 0, walk_misplaced);
}

static int fragment(stox_span text) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_sip_options options;
  stox_buf out;
  const stox_limits limits = no_limits();
  (void)stox_sip_options_init(&options, sizeof options);
  options.limits = &limits;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  int status = stox_sipfrag_parse(&message, &arena, text, &options, NULL);
  if (status == STOX_OK) {
    stox_buf_init(&out, NULL, 0);
    status = stox_sipfrag_write(&out, message, NULL, 0, STOX_SIPFRAG_BODY);
  }
  stox_arena_clear(&arena);
  return status;
}

static int unfold(stox_span text) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  return stox_sip_unfold(&out, text);
}

/* ---- addresses ---- */

static int uri_strict(stox_span text) {
  stox_uri uri;
  return stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL);
}

/* Parsed, written, searched, and compared with itself but for the case of its host. */
static int uri_equal(stox_span text) {
  stox_uri one;
  stox_uri two;
  stox_param param;
  stox_buf out;
  char *other = malloc(text.n);
  if (other == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(other, text.p, text.n);
  other[sizeof "sip:a@" - 1] ^= 0x20;
  int status = stox_uri_parse(&one, text, STOX_URI_LENIENT, NULL);
  if (status == STOX_OK) {
    status = stox_uri_parse(&two, (stox_span){other, text.n}, STOX_URI_LENIENT, NULL);
  }
  if (status == STOX_OK) {
    stox_buf_init(&out, NULL, 0);
    (void)stox_uri_write(&out, &one);
    (void)stox_uri_find_param(&param, &one, "none");
    (void)stox_uri_gruu(&one);
    status = stox_uri_is_equal(&one, &two, STOX_URI_LOCATION) ? STOX_OK : STOX_E_STATE;
  }
  free(other);
  return status;
}

static int name_addrs(stox_span text) {
  stox_name_addr address;
  size_t cursor = 0;
  int status;
  do {
    status = stox_name_addr_next(&address, text, &cursor, NULL);
  } while (status == STOX_OK);
  return status;
}

static int find_param(stox_span text) {
  stox_param param;
  return stox_param_find(&param, text, "none");
}

static int unquote(stox_span text) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  return stox_display_unquote(&out, text);
}

/* ---- typed headers ---- */

/* `one` parses a value, `each` the elements of a list until one is refused or none is left. */
#define TYPED(name)                                                                                \
  static int one_##name(stox_span text) {                                                          \
    stox_sip_##name value;                                                                         \
    return stox_sip_##name##_parse(&value, text, NULL);                                            \
  }
#define LISTED(name)                                                                               \
  TYPED(name)                                                                                      \
  static int each_##name(stox_span text) {                                                         \
    stox_span element;                                                                             \
    size_t cursor = 0;                                                                             \
    int status;                                                                                    \
    do {                                                                                           \
      status = stox_sip_next_element(&element, text, &cursor, NULL);                               \
      status = status == STOX_OK ? one_##name(element) : status;                                   \
    } while (status == STOX_OK);                                                                   \
    return status;                                                                                 \
  }

LISTED(accept)
LISTED(contact)
LISTED(history)
LISTED(mechanism)
LISTED(resource_priority)
LISTED(warning)
TYPED(body_label)
TYPED(identity)
TYPED(responder)
TYPED(retry_after)
TYPED(timestamp)

static int credentials(stox_span text) {
  stox_sip_credentials value;
  stox_param param;
  stox_buf out;
  const int status = stox_sip_credentials_parse(&value, text, NULL);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_init(&out, NULL, 0);
  (void)stox_sip_credentials_write(&out, &value);
  return stox_sip_find_auth_param(&param, value.params, "none");
}

static int features(stox_span text) {
  stox_sip_accept_contact value;
  stox_param param;
  stox_buf out;
  size_t cursor = 0;
  int status = stox_sip_accept_contact_parse(&value, text, NULL);
  stox_buf_init(&out, NULL, 0);
  (void)stox_sip_accept_contact_write(&out, &value);
  while (status == STOX_OK) {
    status = stox_sip_next_feature(&param, value.params, &cursor);
  }
  return status;
}

static int tag_values(stox_span text) {
  stox_sip_tag_value value;
  size_t cursor = 0;
  int status;
  do {
    status = stox_sip_next_tag_value(&value, text, &cursor);
  } while (status == STOX_OK);
  return status;
}

static int mend(int id, stox_span text) {
  int is_mended = 0;
  stox_buf out;
  char *room = malloc(3 * text.n);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, room, 3 * text.n);
  const int status = stox_sip_value_mend(&out, &is_mended, id, text);
  free(room);
  return status;
}

static int mend_contact(stox_span text) {
  return mend(STOX_SIP_CONTACT, text);
}

static int mend_label(stox_span text) {
  return mend(STOX_SIP_PROXY_REQUIRED_BODY, text);
}

static int products(stox_span text) {
  stox_sip_product product;
  stox_span value;
  size_t cursor = 0;
  int status = stox_sip_plain_parse(&value, STOX_SIP_SERVER, text, NULL);
  while (status == STOX_OK) {
    status = stox_sip_next_product(&product, value, &cursor);
  }
  return status;
}

static int dispositions(stox_span text) {
  uint32_t set = 0;
  return stox_sip_disposition_parse(&set, text, NULL);
}

const trap stox_linear_sip[] = {
    /* A message. */
    {"body", REQUEST "\r\n", "body", "", "", strict, STOX_OK},
    {"headers", REQUEST, "X-Unknown: a\r\n", "", "\r\n", headers, STOX_OK},
    {"known", REQUEST, "Supported: a\r\n", "", "\r\n", headers, STOX_OK},
    {"framed", REQUEST, "X-Unknown: a\r\n", "", EMPTY, frame, STOX_OK},
    {"lengths", REQUEST, "l:0\r\n", "", EMPTY, frame, STOX_OK},
    {"unended", REQUEST "X: ", "a\r\n ", "", "", frame, STOX_E_MORE},
    {"name", REQUEST, "X", "", END, strict, STOX_E_BAD_HEADER},
    {"names", REQUEST, "X\r\n", "", END, strict, STOX_E_BAD_HEADER},
    {"spaces-before-colon", REQUEST "X", " ", "", ": a" END, strict, STOX_OK},
    {"spaces", REQUEST "X:", " ", "", END, strict, STOX_OK},
    {"folds", REQUEST "X: ", "\r\n ", "", "a" END, strict, STOX_OK},
    {"controls", REQUEST "X: \"", "\\\2", "", "\"" END, strict, STOX_OK},
    {"utf-8", REQUEST "X: ", "\xC3\xBC", "", END, strict, STOX_OK},
    {"empty-lines", "", "\r\n", "", REQUEST "\r\n", lenient, STOX_OK},
    {"spaces-in-start-line", "MESSAGE", " ", "",
     "sip:a@b.example SIP/2.0\r\n" TOP_VIA FROM TO REST "\r\n", lenient, STOX_OK},
    {"request-uri", "MESSAGE sip:a@b.example", ";p" COUNTER, "",
     " SIP/2.0\r\n" TOP_VIA FROM TO REST "\r\n", strict, STOX_OK},
    {"copied", REQUEST, "Via: SIP/2.0/UDP a.example\n", "", "\r\n", copies, STOX_E_NOBUF},
    {"misplaced", REQUEST, "Alert-Info: <a:b>\r\n", "", "\r\n", misplaced, STOX_OK},
    {"fragment", "", "X-A: a\r\n", "", "\r\n", fragment, STOX_E_NOBUF},
    {"copied-params", REQUEST "Via: SIP/2.0/UDP a.example;rport=", ";p=1", "", END, copies,
     STOX_E_NOBUF},
    {"copied-comments", LINE FROM TO REST "Via: SIP/2.0/UDP a.example",
     " (c), SIP/2.0/UDP a.example", "", END, copies, STOX_E_NOBUF},
    {"copied-octets", REQUEST "X: ", "\xFF", "", END, copies, STOX_E_NOBUF},
    {"copied-uri", LINE TOP_VIA FROM REST "To: <sip:a@b.example", ";p=", "", ">" END, copies,
     STOX_E_NOBUF},
    /* Via. */
    {"via-fields", REQUEST, "Via: SIP/2.0/UDP a.example\r\n", "", "\r\n", vias, STOX_E_NONE},
    {"via-list", REQUEST "Via: SIP/2.0/UDP a.example", ", SIP/2.0/UDP a.example", "", END, vias,
     STOX_E_NONE},
    {"via-params", REQUEST "Via: SIP/2.0/UDP a.example", ";p" COUNTER "=1", "", END, vias,
     STOX_E_NONE},
    {"via-comment", REQUEST "Via: SIP/2.0/UDP a.example (", "(", ")", ")" END, vias, STOX_E_NONE},
    {"via-open-comment", REQUEST "Via: SIP/2.0/UDP a.example ", "(", "", END, lenient,
     STOX_E_BAD_HEADER},
    {"via-quotes", REQUEST "Via: SIP/2.0/UDP a.example;q=\"", ";p=\"", "", END, strict,
     STOX_E_BAD_HEADER},
    {"via-pop-list", LINE FROM TO REST "Via: SIP/2.0/UDP a.example", ", SIP/2.0/UDP a.example", "",
     END, pops, STOX_E_NONE},
    {"via-pop-fields", LINE, "Via: SIP/2.0/UDP a.example\r\n", "", FROM TO REST "\r\n", pops,
     STOX_E_NONE},
    /* Addresses. */
    {"contact-fields", REQUEST, "Contact: sip:a@b.example\r\n", "", "\r\n", addresses, STOX_E_NONE},
    {"contact-list", REQUEST "Contact: sip:a@b.example", ", \"A\" <sip:a@b.example>;q=0.1", "", END,
     addresses, STOX_E_NONE},
    {"from-params", LINE TOP_VIA TO REST "From: sip:a@b.example", ";p" COUNTER "=1", "", END,
     strict, STOX_OK},
    {"quotes", "", "\"", "", "<", name_addrs, STOX_E_BAD_HEADER},
    {"open-quotes", "sip:a@b.example", ",sip:a@b.example;p=\"\\\"\"", "", ",\"", name_addrs,
     STOX_E_BAD_HEADER},
    {"angles", "", "<", "", "", name_addrs, STOX_E_BAD_HEADER},
    {"words", "", "word ", "", "", name_addrs, STOX_E_BAD_HEADER},
    {"commas", "", ",", "", "", name_addrs, STOX_E_BAD_HEADER},
    {"semicolons", "sip:a@b.example", ";", "", "", name_addrs, STOX_E_BAD_HEADER},
    {"params", "a", ";p" COUNTER, "", "", find_param, STOX_E_NONE},
    {"backslashes", "\"", "\\\\", "", "\"", unquote, STOX_E_NOBUF},
    {"display-folds", "", "a\r\n ", "", "", unquote, STOX_E_NOBUF},
    {"unfold", "", "\r\n ", "", "a", unfold, STOX_E_NOBUF},
    {"unfold-spaces", "", "  ", "", "\r\n a", unfold, STOX_E_NOBUF},
    {"uri-params", "sip:a@b.example", ";p" COUNTER "=1", "", "", uri_equal, STOX_OK},
    {"uri-repeats", "sip:a@b.example", ";p=1", "", "", uri_equal, STOX_OK},
    {"uri-headers", "sip:a@b.example?a=1", "&p" COUNTER "=1", "", "", uri_equal, STOX_OK},
    {"uri-same-headers", "sip:a@b.example?a=1", "&a=1", "", "", uri_equal, STOX_OK},
    {"uri-escapes", "sip:", "%41", "", "@b.example", uri_strict, STOX_OK},
    {"uri-ats", "sip:a", "@", "", "", uri_strict, STOX_E_BAD_URI},
    {"uri-dots", "sip:a@b", ".c", "", "", uri_strict, STOX_E_BAD_HOST},
    {"uri-colons", "sip:a@[", ":", "", "]", uri_strict, STOX_E_BAD_HOST},
    /* Typed headers. */
    {"tokens", REQUEST "Require: a", ", tag" COUNTER, "", END, tokens, STOX_E_NONE},
    {"token-fields", REQUEST, "Require: tag\r\n", "", "\r\n", tokens, STOX_E_NONE},
    {"accept", "a/b", ", text/plain;q=0.5", "", "", each_accept, STOX_E_NONE},
    {"accept-params", "a/b", ";p" COUNTER "=1", "", "", one_accept, STOX_OK},
    {"contact", "*", ", <sip:a@b.example>;q=1", "", "", each_contact, STOX_E_NONE},
    {"contact-params", "<sip:a@b.example>", ";p" COUNTER "=\"\\\"\"", "", "", one_contact, STOX_OK},
    {"contact-quotes", "<sip:a@b.example>;q=\"", ";p=\"", "", "", one_contact, STOX_E_BAD_HEADER},
    {"history", "<sip:a@b.example>;index=1", ", <sip:a@b.example>;index=1.1", "", "", each_history,
     STOX_E_NONE},
    {"history-index", "<sip:a@b.example>;index=1", ".1", "", "", one_history, STOX_OK},
    {"security", "tls", ", digest;d-alg=MD5", "", "", each_mechanism, STOX_E_NONE},
    {"warning", "370 h \"t\"", ", 370 h \"t\"", "", "", each_warning, STOX_E_NONE},
    {"labels", "h;cid=\"a@b\"", ", cid=\"a@b\"", "", "", one_body_label, STOX_OK},
    {"identity", "\"", "abcd", "", "\"", one_identity, STOX_OK},
    {"priorities", "a.b", ", a.b", "", "", each_resource_priority, STOX_E_NONE},
    {"responder", "claimer=sip:a@b.example", ";p" COUNTER "=a", "", "", one_responder, STOX_OK},
    {"comment", "120 ", "(", ")", "", one_retry_after, STOX_OK},
    {"open-comment", "120 ", "(", "", "", one_retry_after, STOX_E_BAD_HEADER},
    {"digits", "1.", "0", "", "", one_timestamp, STOX_OK},
    {"credentials", "Digest a=b", ", p" COUNTER "=\"q\"", "", "", credentials, STOX_E_NONE},
    {"credentials-quotes", "Digest a=\"", ", p=\"", "", "", credentials, STOX_E_BAD_HEADER},
    {"features", "*", ";+p" COUNTER "=\"TRUE\"", "", "", features, STOX_E_NONE},
    {"tag-values", "\"a", ",a", "", "\"", tag_values, STOX_E_NONE},
    {"mended-contact", "<sip:a@b.example>", ";gruu=a;+sip.instance=\"<urn:x:1>\"", "", "",
     mend_contact, STOX_E_BAD_HEADER},
    {"mended-angles", "sip:a@b.example", ";<", "", "", mend_contact, STOX_E_BAD_HEADER},
    {"mended-labels", "h;cid=a@b", ", cid=a@b", "", "", mend_label, STOX_OK},
    {"products", "a/1", " b/2 (c)", "", "", products, STOX_E_NONE},
    {"open-comments", "a/1", " b (", "", "", products, STOX_E_BAD_HEADER},
    {"dispositions", "proxy", ", fork", "", "", dispositions, STOX_OK},
};

const size_t stox_linear_sip_count = sizeof stox_linear_sip / sizeof stox_linear_sip[0];
