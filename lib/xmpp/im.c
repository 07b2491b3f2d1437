/* SPDX-License-Identifier: MIT */
#include "stox/im.h"

#include "stox/number.h"
#include "stox/status.h"

static const stox_span absent = {NULL, 0};

/* How well a language fits: the longer the range that leads to it, the better (RFC 4647 3.4). */
enum { FIRST = 1, UNMARKED = 2, RANGE = 3 };

static size_t fit(stox_span wanted, stox_span lang, int is_own) {
  if (wanted.n > 0 && lang.n > 0 && lang.n <= wanted.n &&
      stox_span_is_equal_nocase(lang, stox_span_slice(wanted, 0, lang.n)) &&
      (lang.n == wanted.n || wanted.p[lang.n] == '-')) {
    return RANGE + lang.n;
  }
  return is_own ? FIRST : UNMARKED;
}

static const stox_xml_element *next_child(const stox_stanza *stanza, const char *name,
                                          const stox_xml_element *after) {
  const stox_xml_element *child = after;
  do {
    child = stox_xml_child(stanza->element, NULL, name, child);
  } while (child != NULL && !stox_span_is_equal(stox_xml_ns(child), stanza->ns));
  return child;
}

int stox_im_text_read(stox_im_text *out, stox_arena *arena, const stox_stanza *stanza,
                      const char *name, stox_span wanted) {
  const stox_xml_element *best = NULL;
  size_t most = 0;
  *out = (stox_im_text){absent, absent};
  const stox_xml_element *child = next_child(stanza, name, NULL);
  for (; child != NULL; child = next_child(stanza, name, child)) {
    const size_t fits =
        fit(wanted, stox_stanza_lang_of(stanza, child), stox_xml_lang(child).p != NULL);
    if (fits > most) {
      best = child;
      most = fits;
    }
  }
  if (best == NULL) {
    return STOX_E_NONE;
  }
  const int status = stox_xml_text(&out->text, arena, best);
  out->lang = status == STOX_OK ? stox_stanza_lang_of(stanza, best) : absent;
  return status;
}

/* A child may be missing. */
static int read_text(stox_im_text *out, stox_arena *arena, const stox_stanza *stanza,
                     const char *name, stox_span wanted) {
  const int status = stox_im_text_read(out, arena, stanza, name, wanted);
  return status == STOX_E_NONE ? STOX_OK : status;
}

int stox_im_message_read(stox_im_message *out, stox_arena *arena, const stox_stanza *stanza,
                         stox_span wanted) {
  if (stanza->kind != STOX_STANZA_MESSAGE || stanza->element == NULL) {
    return STOX_E_ARG;
  }
  const int is_plain = stanza->type == STOX_TYPE_NONE || stanza->type == STOX_TYPE_OTHER;
  *out = (stox_im_message){.type = is_plain ? STOX_TYPE_NORMAL : stanza->type};
  int status = read_text(&out->subject, arena, stanza, "subject", wanted);
  if (status == STOX_OK) {
    status = read_text(&out->body, arena, stanza, "body", wanted);
  }
  const stox_xml_element *thread = next_child(stanza, "thread", NULL);
  if (status == STOX_OK && thread != NULL) {
    out->parent = stox_xml_attribute_of(thread, "parent");
    status = stox_xml_text(&out->thread, arena, thread);
  }
  return status;
}

static void put_text(stox_xml_writer *writer, const char *name, const stox_im_text *text) {
  if (text->text.p != NULL) {
    stox_xml_open(writer, NULL, name);
    stox_xml_put_attribute(writer, "xml:lang", text->lang);
    stox_xml_put_text(writer, text->text);
    stox_xml_close(writer);
  }
}

void stox_im_message_put(stox_xml_writer *writer, const stox_im_message *message) {
  put_text(writer, "subject", &message->subject);
  put_text(writer, "body", &message->body);
  if (message->thread.p != NULL) {
    stox_xml_open(writer, NULL, "thread");
    stox_xml_put_attribute(writer, "parent", message->parent);
    stox_xml_put_text(writer, message->thread);
    stox_xml_close(writer);
  }
}

static const char *const shows[] = {
    [STOX_SHOW_AWAY] = "away",
    [STOX_SHOW_CHAT] = "chat",
    [STOX_SHOW_DND] = "dnd",
    [STOX_SHOW_XA] = "xa",
};

enum { N_SHOWS = sizeof shows / sizeof shows[0], PRIORITY_LEAST = -128, PRIORITY_MOST = 127 };

const char *stox_im_show_name(int show) {
  return show <= STOX_SHOW_NONE || show >= N_SHOWS ? NULL : shows[show];
}

static void read_show(stox_im_presence *out, stox_span text) {
  for (int show = STOX_SHOW_AWAY; show < N_SHOWS; show++) {
    if (stox_span_is_equal(text, stox_span_text(shows[show]))) {
      out->show = show;
      return;
    }
  }
  out->is_broken = 1;
}

/* An xs:byte: white space around, a sign, digits. */
static void read_priority(stox_im_presence *out, stox_span text) {
  uint64_t number = 0;
  const stox_span trimmed = stox_span_trim(text);
  const int is_negative = trimmed.n > 0 && trimmed.p[0] == '-';
  const int is_signed = is_negative || (trimmed.n > 0 && trimmed.p[0] == '+');
  const stox_span digits = stox_span_slice(trimmed, is_signed ? 1 : 0, trimmed.n);
  const uint64_t most = is_negative ? -PRIORITY_LEAST : PRIORITY_MOST;
  if (stox_number_parse(&number, digits, most) != STOX_OK) {
    out->is_broken = 1;
    return;
  }
  out->priority = is_negative ? -(int)number : (int)number;
}

int stox_im_presence_read(stox_im_presence *out, stox_arena *arena, const stox_stanza *stanza,
                          stox_span wanted) {
  if (stanza->kind != STOX_STANZA_PRESENCE || stanza->element == NULL) {
    return STOX_E_ARG;
  }
  stox_span text = absent;
  int status = STOX_OK;
  *out = (stox_im_presence){.show = STOX_SHOW_NONE};
  const stox_xml_element *show = next_child(stanza, "show", NULL);
  if (show != NULL) {
    status = stox_xml_text(&text, arena, show);
    read_show(out, stox_span_trim(text));
  }
  const stox_xml_element *priority = next_child(stanza, "priority", NULL);
  if (status == STOX_OK && priority != NULL) {
    status = stox_xml_text(&text, arena, priority);
    read_priority(out, text);
  }
  return status == STOX_OK ? read_text(&out->status, arena, stanza, "status", wanted) : status;
}

static void put_priority(stox_xml_writer *writer, int priority) {
  char room[8];
  stox_buf digits;
  stox_buf_init(&digits, room, sizeof room);
  if (priority < 0) {
    (void)stox_buf_put_octet(&digits, '-');
  }
  (void)stox_buf_put_number(&digits, (uint64_t)(priority < 0 ? -priority : priority));
  stox_xml_open(writer, NULL, "priority");
  stox_xml_put_text(writer, stox_buf_span(&digits));
  stox_xml_close(writer);
}

int stox_im_presence_put(stox_xml_writer *writer, const stox_im_presence *presence) {
  const char *show = stox_im_show_name(presence->show);
  if ((show == NULL && presence->show != STOX_SHOW_NONE) || presence->priority < PRIORITY_LEAST ||
      presence->priority > PRIORITY_MOST) {
    return STOX_E_ARG;
  }
  if (show != NULL) {
    stox_xml_open(writer, NULL, "show");
    stox_xml_put_text(writer, stox_span_text(show));
    stox_xml_close(writer);
  }
  put_text(writer, "status", &presence->status);
  if (presence->priority != 0) {
    put_priority(writer, presence->priority);
  }
  return STOX_OK;
}
