/* SPDX-License-Identifier: MIT */
#include "sip/edit.h"

#include "base/chars.h"
#include "sip/lex.h"
#include "sip/message.h"
#include "sip/scan.h"
#include "stox/status.h"

#include <stdalign.h>

static const stox_span absent = {NULL, 0};

stox_sip_edit *stox_sip_edit_make(stox_arena *arena) {
  stox_sip_edit *edit = stox_arena_take(arena, sizeof *edit, alignof(stox_sip_edit));
  if (edit != NULL) {
    *edit = (stox_sip_edit){.arena = arena};
  }
  return edit;
}

static stox_sip_item *make_item(const stox_sip_edit *edit, int id, stox_span name, stox_span value,
                                stox_span line) {
  stox_sip_item *item = stox_arena_take(edit->arena, sizeof *item, alignof(stox_sip_item));
  if (item != NULL) {
    *item = (stox_sip_item){NULL, line, name, value, id};
  }
  return item;
}

/* Behind `before`; NULL: first of all. */
static void link_item(stox_sip_edit *edit, stox_sip_item *before, stox_sip_item *item) {
  stox_sip_item **slot = before == NULL ? &edit->first : &before->next;
  item->next = *slot;
  *slot = item;
  edit->last = item->next == NULL ? item : edit->last;
}

int stox_sip_edit_append(stox_sip_edit *edit, int id, stox_span name, stox_span value,
                         stox_span line) {
  stox_sip_item *item = make_item(edit, id, name, value, line);
  if (item == NULL) {
    return STOX_E_NOMEM;
  }
  link_item(edit, edit->last, item);
  return STOX_OK;
}

int stox_sip_edit_unfold(stox_arena *arena, stox_span *out, stox_span value) {
  *out = value;
  if (stox_span_find(value, '\n') == value.n) {
    return STOX_OK;
  }
  /* A fold is never shorter than the space that replaces it. */
  char *room = stox_arena_take(arena, value.n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, room, value.n);
  const int status = stox_sip_unfold(&buf, value);
  *out = stox_buf_span(&buf);
  return status == STOX_OK ? STOX_OK : STOX_E_NOMEM;
}

/* A line that only a lenient parse lets pass is written anew. */
static int keep_field(stox_sip_edit *edit, const stox_sip_message *message, size_t index) {
  stox_sip_header header = {0};
  (void)stox_sip_get_header(&header, message, index);
  stox_span value = header.value;
  stox_span line = header.line;
  if ((message->fields[index].flags & STOX_SIP_BARE_LF) != 0) {
    line = absent;
    if (stox_sip_edit_unfold(edit->arena, &value, header.value) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  return stox_sip_edit_append(edit, header.id, header.name, value, line);
}

int stox_sip_edit_new(stox_sip_edit **out, stox_arena *arena, const stox_sip_message *message) {
  *out = NULL;
  if (message->start.p == NULL) {
    return STOX_E_ARG;
  }
  stox_sip_edit *edit = stox_sip_edit_make(arena);
  if (edit == NULL) {
    return STOX_E_NOMEM;
  }
  edit->start = message->lenient ? absent : message->start;
  edit->method = message->method;
  edit->request_uri = message->request_uri;
  edit->reason = message->reason;
  edit->body = message->body;
  edit->method_id = message->method_id;
  edit->status = message->status;
  for (size_t i = 0; i < message->n_fields; i++) {
    if (keep_field(edit, message, i) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  *out = edit;
  return STOX_OK;
}

static int is_uri_text(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL | STOX_CHAR_SPACE)) {
      return 0;
    }
  }
  return text.n > 0;
}

int stox_sip_request_new(stox_sip_edit **out, stox_arena *arena, stox_span method,
                         stox_span request_uri) {
  *out = NULL;
  if (!stox_sip_is_token(method) || !is_uri_text(request_uri)) {
    return STOX_E_BAD_START;
  }
  stox_sip_edit *edit = stox_sip_edit_make(arena);
  if (edit == NULL || stox_arena_copy(arena, &edit->method, method) != STOX_OK ||
      stox_arena_copy(arena, &edit->request_uri, request_uri) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  edit->method_id = stox_sip_method_of(method);
  *out = edit;
  return STOX_OK;
}

/* What edit_set() is about. */
typedef struct target {
  int id;
  stox_span name;
} target;

static int is_target(const stox_sip_item *item, const target *t) {
  return item->id == t->id &&
         (t->id != STOX_SIP_OTHER || stox_span_is_equal_nocase(item->name, t->name));
}

static int find_target(target *out, int id, stox_span name) {
  if (id < 0 || id >= STOX_SIP_HEADER_COUNT) {
    return STOX_E_ARG;
  }
  if (id == STOX_SIP_OTHER) {
    if (stox_sip_find_control(name) < name.n) {
      return STOX_E_CTRL;
    }
    if (!stox_sip_is_token(name)) {
      return STOX_E_BAD_HEADER;
    }
    id = stox_sip_header_of(name);
  } else {
    name = stox_span_text(stox_sip_header_name(id));
  }
  *out = (target){id, name};
  return id == STOX_SIP_CONTENT_LENGTH ? STOX_E_ARG : STOX_OK;
}

/* Takes all of the target out; the item before the first of them, NULL if that was the first of
 * all. `found` 0: there was none. */
static stox_sip_item *remove_all(stox_sip_edit *edit, const target *t, int *found) {
  stox_sip_item *place = NULL;
  stox_sip_item *before = NULL;
  stox_sip_item *item = edit->first;
  *found = 0;
  for (; item != NULL; item = item->next) {
    if (!is_target(item, t)) {
      before = item;
      continue;
    }
    place = *found ? place : before;
    *found = 1;
    *(before == NULL ? &edit->first : &before->next) = item->next;
  }
  edit->last = before;
  return place;
}

/* The item before the first of the target; NULL if there is none before it, or no target. */
static stox_sip_item *find_before(const stox_sip_edit *edit, const target *t) {
  stox_sip_item *before = NULL;
  for (stox_sip_item *item = edit->first; item != NULL; item = item->next) {
    if (is_target(item, t)) {
      return before;
    }
    before = item;
  }
  return NULL;
}

static void place_item(stox_sip_edit *edit, const target *t, stox_sip_item *item, int where) {
  stox_sip_item *before = edit->last;
  if (where == STOX_SIP_FIRST) {
    before = find_before(edit, t);
  } else if (where == STOX_SIP_REPLACE) {
    int found = 0;
    before = remove_all(edit, t, &found);
    before = found ? before : edit->last;
  }
  link_item(edit, before, item);
}

int stox_sip_edit_set(stox_sip_edit *edit, int id, stox_span name, stox_span value, int where) {
  target t = {0};
  int status = find_target(&t, id, name);
  if (status != STOX_OK) {
    return status;
  }
  if (where < STOX_SIP_LAST || where > STOX_SIP_REPLACE ||
      (value.p == NULL && where != STOX_SIP_REPLACE)) {
    return STOX_E_ARG;
  }
  if (value.p == NULL) {
    int found = 0;
    (void)remove_all(edit, &t, &found);
    return STOX_OK;
  }
  if (stox_sip_find_control(value) < value.n) {
    return STOX_E_CTRL;
  }
  stox_sip_item *item = make_item(edit, t.id, t.name, absent, absent);
  if (item == NULL || stox_arena_copy(edit->arena, &item->name, t.name) != STOX_OK ||
      stox_arena_copy(edit->arena, &item->value, value) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  place_item(edit, &t, item, where);
  return STOX_OK;
}

/* Where the second value of a field begins, or value.n. */
static size_t second_value(int id, stox_span value) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = 1;
  if ((stox_sip_header_rows[id].rules & STOX_SIP_LIST) == 0) {
    return value.n;
  }
  /* A comment behind a Via value may hold commas. */
  if (id == STOX_SIP_VIA && stox_sip_via_next(&via, value, &cursor, &lenient) == STOX_OK) {
    return cursor;
  }
  return stox_sip_skip_lws(value, stox_sip_element_end(value, 0) + 1);
}

int stox_sip_edit_pop(stox_sip_edit *edit, int id) {
  const target t = {id, absent};
  stox_sip_item *before = NULL;
  stox_sip_item *item = edit->first;
  if (id <= STOX_SIP_OTHER || id >= STOX_SIP_HEADER_COUNT) {
    return STOX_E_NONE;
  }
  while (item != NULL && !is_target(item, &t)) {
    before = item;
    item = item->next;
  }
  if (item == NULL) {
    return STOX_E_NONE;
  }
  const size_t from = second_value(id, item->value);
  if (from < item->value.n) {
    item->value = stox_span_slice(item->value, from, item->value.n);
    item->line = absent;
    return STOX_OK;
  }
  *(before == NULL ? &edit->first : &before->next) = item->next;
  edit->last = item == edit->last ? before : edit->last;
  return STOX_OK;
}

int stox_sip_edit_set_request_uri(stox_sip_edit *edit, stox_span request_uri) {
  if (edit->status != 0) {
    return STOX_E_STATE;
  }
  if (!is_uri_text(request_uri)) {
    return STOX_E_BAD_START;
  }
  stox_span copy;
  if (stox_arena_copy(edit->arena, &copy, request_uri) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  edit->request_uri = copy;
  edit->start = absent;
  return STOX_OK;
}

int stox_sip_edit_set_body(stox_sip_edit *edit, stox_span body) {
  edit->body = body;
  return STOX_OK;
}

stox_span stox_sip_edit_value(const stox_sip_edit *edit, int id) {
  for (const stox_sip_item *item = edit->first; item != NULL; item = item->next) {
    if (item->id == id && id != STOX_SIP_OTHER) {
      return item->value;
    }
  }
  return absent;
}

int stox_sip_edit_method_id(const stox_sip_edit *edit) {
  return edit->method_id;
}

int stox_sip_edit_status(const stox_sip_edit *edit) {
  return edit->status;
}

stox_span stox_sip_edit_body(const stox_sip_edit *edit) {
  return edit->body;
}
