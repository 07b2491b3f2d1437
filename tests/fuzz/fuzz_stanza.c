/* SPDX-License-Identifier: MIT */
/* Stanzas: whatever a client sends is read, judged, answered and taken from one content namespace
 * to another and back without loss. */
#include "stox/im.h"
#include "stox/iq.h"
#include "stox/status.h"
#include "stox/xmpp_rules.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 17 };

static const stox_span lang = {"en", 2};

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

/* The stanza that stands behind a root of that content namespace; 0: it does not fit its limits. */
static int reread(stox_stanza *out, stox_arena *arena, const char *ns, stox_span text) {
  char root[64];
  stox_buf head;
  stox_xml_reader *reader = NULL;
  const stox_xml_element *element = NULL;
  int kind = 0;
  size_t consumed = 0;
  stox_buf_init(&head, root, sizeof root);
  (void)stox_buf_put_text(&head, "<s xmlns='");
  (void)stox_buf_put_text(&head, ns);
  (void)stox_buf_put_text(&head, "'>");
  require(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  require(stox_xml_feed(reader, &consumed, stox_buf_span(&head), NULL) == STOX_OK);
  require(stox_xml_next(reader, arena, &kind, &element) == STOX_OK);
  int is_read = stox_xml_feed(reader, &consumed, text, NULL) == STOX_OK &&
                stox_xml_next(reader, arena, &kind, &element) == STOX_OK &&
                kind == STOX_XML_ELEMENT;
  if (is_read) {
    require(consumed == text.n);
    require(stox_stanza_read(out, element, lang) != STOX_E_NONE);
    require(stox_span_is_equal(out->ns, stox_span_text(ns)));
  }
  stox_xml_reader_del(reader);
  return is_read;
}

static void there_and_back(stox_arena *arena, const stox_stanza *stanza) {
  static char rooms[3][ROOM];
  static const char *const ways[] = {"jabber:server", "jabber:client", "jabber:server"};
  stox_buf written[3];
  stox_stanza at = *stanza;
  for (size_t i = 0; i < 3; i++) {
    stox_buf_init(&written[i], rooms[i], ROOM);
    if (stox_stanza_write(&written[i], &at, stox_span_text(ways[i]), lang) != STOX_OK) {
      return;
    }
    if (!reread(&at, arena, ways[i], stox_buf_span(&written[i]))) {
      return;
    }
    require(at.kind == stanza->kind && at.type == stanza->type);
    require(stox_span_is_equal(at.from, stanza->from) && stox_span_is_equal(at.to, stanza->to));
    require(stox_span_is_equal(at.id, stanza->id) && stox_span_is_equal(at.lang, stanza->lang));
  }
  require(stox_span_is_equal(stox_buf_span(&written[0]), stox_buf_span(&written[2])));
}

static void judge(stox_arena *arena, const stox_stanza *stanza) {
  static const stox_xmpp_domain domains[] = {{{"h", 1}, STOX_DOMAIN_SERVER, 0, 0}};
  static const stox_span peers[] = {{"p", 1}};
  for (int over = STOX_OVER_CLIENT; over <= STOX_OVER_ACCOUNT; over++) {
    stox_xmpp_admission in;
    stox_xmpp_verdict out;
    const stox_xmpp_arrival arrival = {.over = over,
                                       .is_authenticated = 1,
                                       .self = {{"u", 1}, {"h", 1}, {"r", 1}},
                                       .peer_domains = peers,
                                       .n_peer_domains = 1,
                                       .domains = domains,
                                       .n_domains = 1};
    require(stox_xmpp_admit(&in, arena, stanza, &arrival) == STOX_OK);
    if (in.verdict != STOX_ADMITTED) {
      continue;
    }
    require(in.from_text.n > 0);
    const stox_xmpp_facts facts = {
        .over = over, .relation = stox_xmpp_relation(in.has_to ? &in.to : NULL, domains, 1, NULL)};
    require(stox_xmpp_decide(&out, stanza, &facts) == STOX_OK);
    require(out.may_answer || out.action != STOX_RULE_BOUNCE);
    require(over == STOX_OVER_CLIENT || over > STOX_OVER_COMPONENT ||
            out.action != STOX_RULE_BROADCAST);
  }
}

static void answer(stox_arena *arena, const stox_stanza *stanza) {
  static char text[ROOM];
  stox_buf out;
  stox_stanza back;
  stox_stanza_error error;
  const stox_error_write write = {.condition = STOX_COND_POLICY_VIOLATION,
                                  .type = STOX_ERROR_MODIFY,
                                  .with_payload = 1,
                                  .max = 4096};
  stox_buf_init(&out, text, sizeof text);
  const int status = stox_stanza_error_write(&out, stanza, &write);
  require((status == STOX_E_STATE) ==
          (stanza->type == STOX_TYPE_ERROR || stanza->type == STOX_TYPE_RESULT));
  if (status != STOX_OK) {
    require(out.len == 0);
    return;
  }
  require(out.len <= write.max);
  if (reread(&back, arena, "jabber:client", stox_buf_span(&out))) {
    require(back.type == STOX_TYPE_ERROR && stox_span_is_equal(back.to, stanza->from));
    require(stox_stanza_error_read(&error, arena, &back) == STOX_OK);
    require(error.condition == write.condition && error.type == write.type);
    require(stox_stanza_error_write(&out, &back, &write) == STOX_E_STATE);
  }
}

static void read_all(stox_arena *arena, const stox_stanza *stanza) {
  stox_im_message message;
  stox_im_presence presence;
  stox_stanza_error error;
  stox_iq_verdict verdict;
  const int has_error = stox_stanza_error_read(&error, arena, stanza);
  require(has_error == STOX_OK || has_error == STOX_E_NONE);
  require(stox_condition_name(error.condition) != NULL);
  require(stox_error_type_name(error.type) != NULL);
  require((stox_im_message_read(&message, arena, stanza, lang) == STOX_OK) ==
          (stanza->kind == STOX_STANZA_MESSAGE));
  require((stox_im_presence_read(&presence, arena, stanza, lang) == STOX_OK) ==
          (stanza->kind == STOX_STANZA_PRESENCE));
  require((stox_iq_decide(&verdict, stanza, NULL, NULL, 0) == STOX_OK) ==
          (stanza->kind == STOX_STANZA_IQ));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const void *octets = data;
  stox_arena arena;
  stox_stanza stanza;
  if (size > 4096) {
    return 0;
  }
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  stox_xml_reader *reader = NULL;
  const stox_xml_element *element = NULL;
  int kind = 0;
  size_t consumed = 0;
  static const char root[] = "<s xmlns='jabber:client'>";
  require(stox_xml_reader_new(&reader, NULL) == STOX_OK);
  require(stox_xml_feed(reader, &consumed, (stox_span){root, sizeof root - 1}, NULL) == STOX_OK);
  require(stox_xml_next(reader, &arena, &kind, &element) == STOX_OK);
  if (stox_xml_feed(reader, &consumed, (stox_span){octets, size}, NULL) == STOX_OK &&
      stox_xml_next(reader, &arena, &kind, &element) == STOX_OK && kind == STOX_XML_ELEMENT &&
      stox_stanza_read(&stanza, element, lang) != STOX_E_NONE) {
    read_all(&arena, &stanza);
    judge(&arena, &stanza);
    if (stox_span_is_equal(stanza.ns, stox_span_text("jabber:client"))) {
      there_and_back(&arena, &stanza);
      answer(&arena, &stanza);
    }
  }
  stox_xml_reader_del(reader);
  stox_arena_clear(&arena);
  return 0;
}
