/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "interwork/message_options.h"
#include "stox/status.h"
#include "stox/utf8.h"

enum { CALL_ID_MAX = 128 };

/* ---- addresses ---- */

static int route_error(stox_error_write *error, int condition) {
  if (error != NULL) {
    *error = (stox_error_write){.condition = condition, .type = stox_condition_type(condition)};
  }
  return condition;
}

int stox_message_route_from_xmpp(stox_message_route *out, stox_arena *arena,
                                 const stox_stanza *message, const stox_message_options *options,
                                 stox_error_write *error) {
  stox_message_options own;
  stox_map_result to;
  stox_map_result from;
  int status = stox_message_options_read(&own, options);
  if (status == STOX_OK) {
    status = stox_map_jid_to_uri(&to, arena, message->to, own.map, NULL);
  }
  if (status == STOX_OK) {
    status = stox_map_jid_to_uri(&from, arena, message->from, own.map, NULL);
  }
  if (status != STOX_OK) {
    (void)route_error(error, status == STOX_E_NOMEM ? STOX_COND_RESOURCE_CONSTRAINT
                                                    : STOX_COND_JID_MALFORMED);
    return status;
  }
  *out = (stox_message_route){.from_jid = from.jid,
                              .to_jid = to.jid,
                              .from = from.text,
                              .to = to.text,
                              .dropped = from.dropped | to.dropped};
  return STOX_OK;
}

/* ---- the thread ---- */

/* callid = word [ "@" word ] (RFC 3261 25.1) */
static int is_call_id(stox_span text) {
  size_t words = 1;
  size_t in_word = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '@' && in_word > 0 && words == 1) {
      words = 2;
      in_word = 0;
    } else if (stox_char_is(text.p[i], STOX_CHAR_WORD)) {
      in_word++;
    } else {
      return 0;
    }
  }
  return in_word > 0 && text.n <= CALL_ID_MAX;
}

stox_span stox_message_call_id(const stox_stanza *message) {
  const stox_xml_element *thread = stox_xml_child(message->element, NULL, "thread", NULL);
  stox_xml_node node;
  if (thread == NULL || !stox_span_is_equal(stox_xml_ns(thread), message->ns) ||
      stox_xml_first_node(&node, thread) != STOX_OK || node.kind != STOX_XML_NODE_TEXT) {
    return (stox_span){NULL, 0};
  }
  const stox_span text = node.text;
  const int is_whole = stox_xml_next_node(&node) == STOX_E_NONE;
  return is_whole && is_call_id(text) ? text : (stox_span){NULL, 0};
}

/* ---- which body, which subject ---- */

/* The element without a language of its own, else the one of the language asked for, else the
 * first. */
static const stox_xml_element *choose(const stox_stanza *message, const char *name,
                                      stox_span lang) {
  const stox_xml_element *first = NULL;
  const stox_xml_element *same = NULL;
  const stox_xml_element *at = NULL;
  while ((at = stox_xml_child(message->element, NULL, name, at)) != NULL) {
    if (!stox_span_is_equal(stox_xml_ns(at), message->ns)) {
      continue;
    }
    const stox_span own = stox_xml_lang(at);
    if (own.n == 0) {
      return at;
    }
    first = first == NULL ? at : first;
    same = same == NULL && stox_span_is_equal_nocase(own, lang) ? at : same;
  }
  return same != NULL ? same : first;
}

static int is_encrypted(const stox_stanza *message) {
  static const struct {
    const char *ns;
    const char *name;
  } payloads[] = {{"urn:xmpp:eme:0", "encryption"},
                  {"eu.siacs.conversations.axolotl", "encrypted"},
                  {"urn:xmpp:omemo:2", "encrypted"},
                  {"urn:xmpp:openpgp:0", "openpgp"},
                  {"jabber:x:encrypted", "x"}};
  for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
    if (stox_xml_child(message->element, payloads[i].ns, payloads[i].name, NULL) != NULL) {
      return 1;
    }
  }
  return 0;
}

/* Line ends as text/plain has them: CR LF (RFC 2046 4.1.1). */
static int canonical_text(stox_span *out, stox_arena *arena, stox_span text) {
  size_t lines = 0;
  for (size_t i = 0; i < text.n; i++) {
    lines += text.p[i] == '\n' || text.p[i] == '\r' ? 1U : 0U;
  }
  if (lines == 0) {
    return stox_arena_copy(arena, out, text);
  }
  char *p = stox_arena_take(arena, text.n + lines, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, text.n + lines);
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] != '\n' && text.p[i] != '\r') {
      (void)stox_buf_put_octet(&buf, text.p[i]);
      continue;
    }
    i += text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n' ? 1U : 0U;
    (void)stox_buf_put_text(&buf, "\r\n");
  }
  *out = stox_buf_span(&buf);
  return STOX_OK;
}

typedef struct content {
  stox_span body;
  stox_span subject;
  stox_span lang;
} content;

static int element_text(stox_span *out, stox_arena *arena, const stox_xml_element *element) {
  *out = (stox_span){NULL, 0};
  return element == NULL ? STOX_OK : stox_xml_text(out, arena, element);
}

static int read_content(content *out, stox_arena *arena, const stox_stanza *message) {
  const stox_xml_element *body = choose(message, "body", message->lang);
  out->lang = message->lang;
  if (body != NULL && stox_xml_lang(body).n > 0) {
    out->lang = stox_xml_lang(body);
  }
  int status = element_text(&out->body, arena, body);
  if (status == STOX_OK) {
    status = canonical_text(&out->body, arena, out->body);
  }
  if (status == STOX_OK) {
    status = element_text(&out->subject, arena, choose(message, "subject", out->lang));
  }
  if (status == STOX_OK) {
    status = stox_message_one_line(&out->subject, arena, out->subject);
  }
  if (status != STOX_OK || out->body.n > 0) {
    return status;
  }
  if (is_encrypted(message)) {
    return STOX_E_UNSUPPORTED_MEDIA;
  }
  /* A subject alone is a message only where it is a single one (RFC 6121 5.2.2). */
  const int is_single = message->type == STOX_TYPE_NONE || message->type == STOX_TYPE_NORMAL;
  return is_single && out->subject.n > 0 ? STOX_OK : STOX_E_NONE;
}

/* ---- the request ---- */

static int set(stox_sip_edit *edit, int id, stox_span value) {
  return stox_sip_edit_set(edit, id, (stox_span){NULL, 0}, value, STOX_SIP_LAST);
}

static int set_address(stox_sip_edit *edit, stox_arena *arena, int id, stox_span uri,
                       stox_span tag) {
  const size_t cap = uri.n + tag.n + sizeof "<>;tag=";
  char *p = stox_arena_take(arena, cap, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, cap);
  (void)stox_buf_put_octet(&buf, '<');
  (void)stox_buf_put(&buf, uri);
  (void)stox_buf_put_octet(&buf, '>');
  if (tag.n > 0) {
    (void)stox_buf_put_text(&buf, ";tag=");
    (void)stox_buf_put(&buf, tag);
  }
  return set(edit, id, stox_buf_span(&buf));
}

static int set_number(stox_sip_edit *edit, int id, uint32_t number, const char *behind) {
  char text[48];
  stox_buf buf;
  stox_buf_init(&buf, text, sizeof text);
  (void)stox_buf_put_number(&buf, number);
  (void)stox_buf_put_text(&buf, behind);
  return set(edit, id, stox_buf_span(&buf));
}

static int set_content(stox_sip_edit *edit, const content *c) {
  int status = STOX_OK;
  if (c->subject.n > 0) {
    status = set(edit, STOX_SIP_SUBJECT, c->subject);
  }
  if (status != STOX_OK || c->body.n == 0) {
    return status;
  }
  if (c->lang.n > 0) {
    /* A language that no header can carry is no reason to lose the message. */
    (void)set(edit, STOX_SIP_CONTENT_LANGUAGE, c->lang);
  }
  status =
      set(edit, STOX_SIP_CONTENT_TYPE,
          stox_span_text(stox_text_is_ascii(c->body) ? "text/plain" : "text/plain;charset=UTF-8"));
  return status == STOX_OK ? stox_sip_edit_set_body(edit, c->body) : status;
}

static int set_headers(stox_sip_edit *edit, stox_arena *arena, const stox_message_route *route,
                       const stox_message_dialog *dialog, const stox_message_options *own) {
  int status = set_number(edit, STOX_SIP_MAX_FORWARDS, own->max_forwards, "");
  if (status == STOX_OK) {
    status = set_address(edit, arena, STOX_SIP_TO, route->to, (stox_span){NULL, 0});
  }
  if (status == STOX_OK) {
    status = set_address(edit, arena, STOX_SIP_FROM, route->from, dialog->from_tag);
  }
  if (status == STOX_OK) {
    status = set(edit, STOX_SIP_CALL_ID, dialog->call_id);
  }
  if (status == STOX_OK) {
    status = set_number(edit, STOX_SIP_CSEQ, dialog->cseq, " MESSAGE");
  }
  if (status == STOX_OK && own->user_agent.n > 0) {
    status = set(edit, STOX_SIP_USER_AGENT, own->user_agent);
  }
  return status;
}

int stox_message_to_sip(stox_sip_edit **out, stox_arena *arena, const stox_stanza *message,
                        const stox_message_route *route, const stox_message_dialog *dialog,
                        const stox_message_options *options) {
  stox_message_options own;
  content c;
  stox_sip_edit *edit = NULL;
  int status = stox_message_options_read(&own, options);
  if (status == STOX_OK) {
    status = read_content(&c, arena, message);
  }
  if (status == STOX_OK) {
    status = stox_sip_request_new(&edit, arena, stox_span_text("MESSAGE"), route->to);
  }
  if (status == STOX_OK) {
    status = set_headers(edit, arena, route, dialog, &own);
  }
  if (status == STOX_OK) {
    status = set_content(edit, &c);
  }
  if (status == STOX_OK) {
    *out = edit;
  }
  return status;
}
