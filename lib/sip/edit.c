/* SPDX-License-Identifier: MIT */
#include "sip/edit.h"

#include "base/checked.h"
#include "base/take.h"
#include "sip/lex.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

static const stox_span absent = {NULL, 0};

/* What an edit is about. */
typedef struct target {
  int id;
  stox_span name; /* as it is written */
} target;

/* Where a header field stands: its piece, the one before that (NULL: none), and the index of the
 * field if its piece is kept. */
typedef struct place {
  stox_sip_piece *before;
  stox_sip_piece *piece;
  uint32_t at;
} place;

stox_sip_edit *stox_sip_edit_make(stox_arena *arena) {
  stox_sip_edit *edit = stox_take(arena, sizeof *edit, alignof(stox_sip_edit));
  if (edit != NULL) {
    *edit = (stox_sip_edit){
        .arena = arena, .length_at = STOX_SIP_NO_FIELD, .missing = STOX_SIP_HAS_ALL};
  }
  return edit;
}

int stox_sip_edit_append(stox_sip_edit *edit, const stox_sip_piece *piece) {
  stox_sip_piece *added = stox_take(edit->arena, sizeof *added, alignof(stox_sip_piece));
  if (added == NULL) {
    return STOX_E_NOMEM;
  }
  *added = *piece;
  *(edit->last == NULL ? &edit->first : &edit->last->next) = added;
  edit->last = added;
  return STOX_OK;
}

/* Behind `before`; NULL: first of all. */
static void link_piece(stox_sip_edit *edit, stox_sip_piece *before, stox_sip_piece *piece) {
  stox_sip_piece **slot = before == NULL ? &edit->first : &before->next;
  piece->next = *slot;
  *slot = piece;
  edit->last = piece->next == NULL ? piece : edit->last;
}

static void unlink_piece(stox_sip_edit *edit, stox_sip_piece *before, const stox_sip_piece *piece) {
  *(before == NULL ? &edit->first : &before->next) = piece->next;
  edit->last = piece->next == NULL ? before : edit->last;
}

int stox_sip_request_new(stox_sip_edit **out, stox_arena *arena, stox_span method,
                         stox_span request_uri) {
  *out = NULL;
  if (!stox_sip_is_token(method) || !stox_sip_edit_is_uri(request_uri, 0)) {
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

/* The first field of the target in a kept piece, from `from` on; `to` of the piece if none is. */
static inline uint32_t find_kept(const stox_sip_message *message, const stox_sip_piece *piece,
                                 const target *t, uint32_t from) {
  const uint32_t first = stox_sip_first_field(message, t->id);
  for (uint32_t i = from < first ? first : from; i < piece->to; i++) {
    const stox_sip_field *field = &message->fields[i];
    if (field->id == t->id &&
        (t->id != STOX_SIP_OTHER ||
         stox_span_is_equal_nocase(stox_sip_field_name(message, field), t->name))) {
      return i;
    }
  }
  return piece->to;
}

static int is_target(const stox_sip_piece *piece, const target *t) {
  return piece->id == t->id &&
         (t->id != STOX_SIP_OTHER || stox_span_is_equal_nocase(piece->name, t->name));
}

/* The first field of the target, from `out->piece` on; 0 if there is none. */
static int find_next(place *out, const stox_sip_edit *edit, const target *t) {
  for (; out->piece != NULL; out->before = out->piece, out->piece = out->piece->next) {
    if (out->piece->kind != STOX_SIP_KEPT) {
      if (is_target(out->piece, t)) {
        return 1;
      }
      continue;
    }
    out->at = find_kept(edit->message, out->piece, t, out->piece->from);
    if (out->at < out->piece->to) {
      return 1;
    }
  }
  return 0;
}

static int find_first(place *out, const stox_sip_edit *edit, const target *t) {
  *out = (place){NULL, edit->first, 0};
  return find_next(out, edit, t);
}

static stox_span value_at(const stox_sip_edit *edit, const place *p) {
  return p->piece->kind == STOX_SIP_KEPT
             ? stox_sip_field_value(edit->message, &edit->message->fields[p->at])
             : p->piece->value;
}

static stox_span name_at(const stox_sip_edit *edit, const place *p) {
  return p->piece->kind == STOX_SIP_KEPT
             ? stox_sip_field_name(edit->message, &edit->message->fields[p->at])
             : p->piece->name;
}

/* Opens the list before a field, or in its place when `n` is 1 and it goes: the piece behind which
 * it is open, NULL at the front. A run that is cut in two takes a piece from the stock. */
static stox_sip_piece *open_list(stox_sip_edit *edit, const place *p, uint32_t n,
                                 stox_sip_piece **stock) {
  stox_sip_piece *piece = p->piece;
  if (piece->kind != STOX_SIP_KEPT || (p->at == piece->from && p->at + n == piece->to)) {
    if (n > 0) {
      unlink_piece(edit, p->before, piece);
    }
    return p->before;
  }
  if (p->at == piece->from) {
    piece->from += n;
    return p->before;
  }
  if (p->at + n < piece->to) {
    stox_sip_piece *rest = (*stock)++;
    *rest = (stox_sip_piece){.kind = STOX_SIP_KEPT, .from = p->at + n, .to = piece->to};
    link_piece(edit, piece, rest);
  }
  piece->to = p->at;
  return piece;
}

/* Pieces that open_list() may need to remove all of the target. */
static size_t count_cuts(const stox_sip_edit *edit, const target *t) {
  size_t n = 0;
  const int is_once = (stox_sip_header_rows[t->id].rules & STOX_SIP_ONCE) != 0;
  for (const stox_sip_piece *piece = edit->first; piece != NULL; piece = piece->next) {
    if (piece->kind != STOX_SIP_KEPT) {
      continue;
    }
    uint32_t at = find_kept(edit->message, piece, t, piece->from);
    while (at < piece->to) {
      n++;
      at = is_once ? piece->to : find_kept(edit->message, piece, t, at + 1);
    }
  }
  return n;
}

static stox_sip_piece *take_pieces(const stox_sip_edit *edit, size_t n, size_t octets) {
  const size_t size = stox_size_add(stox_size_mul(n, sizeof(stox_sip_piece)), octets);
  return stox_take(edit->arena, size, alignof(stox_sip_piece));
}

/* Takes all of the target out; where the first of them stood, or the end. */
static stox_sip_piece *remove_all(stox_sip_edit *edit, const target *t, stox_sip_piece *stock) {
  stox_sip_piece *opened = NULL;
  int found = 0;
  place p = {NULL, edit->first, 0};
  while (find_next(&p, edit, t)) {
    p.before = open_list(edit, &p, 1, &stock);
    p.piece = p.before == NULL ? edit->first : p.before->next;
    opened = found ? opened : p.before;
    found = 1;
  }
  return found ? opened : edit->last;
}

/* What a removal may have left out. */
static void note_removed(stox_sip_edit *edit, int id) {
  const target t = {id, absent};
  place p;
  const int has = stox_sip_has(id);
  if (id == STOX_SIP_CONTENT_LENGTH) {
    edit->has_length = 0;
    edit->length_at = STOX_SIP_NO_FIELD;
  } else if (has != 0 && !find_first(&p, edit, &t)) {
    edit->missing |= has;
  }
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
    name = (stox_span){stox_sip_header_rows[id].name, stox_sip_header_rows[id].name_n};
  }
  *out = (target){id, name};
  return id == STOX_SIP_CONTENT_LENGTH ? STOX_E_ARG : STOX_OK;
}

/* Makes the piece of a line whose octets follow it at `p`. */
static void make_line(stox_sip_piece *out, char *p, const target *t, stox_span value) {
  *out = (stox_sip_piece){.kind = STOX_SIP_WHOLE,
                          .id = t->id,
                          .name = {p, t->name.n},
                          .value = {p + t->name.n + 2, value.n}};
  memcpy(p, t->name.p, t->name.n);
  p += t->name.n;
  memcpy(p, ": ", 2);
  p += 2;
  if (value.n > 0) {
    memcpy(p, value.p, value.n);
  }
  memcpy(p + value.n, "\r\n", 2);
}

static size_t line_n(const target *t, stox_span value) {
  return stox_size_add(stox_size_add(t->name.n, value.n), 4);
}

int stox_sip_edit_add(stox_sip_edit *edit, int id, stox_span name, stox_span value) {
  const target t = {id, name};
  stox_sip_piece *piece = take_pieces(edit, 1, line_n(&t, value));
  if (piece == NULL) {
    return STOX_E_NOMEM;
  }
  make_line(piece, (char *)(piece + 1), &t, value);
  link_piece(edit, edit->last, piece);
  return STOX_OK;
}

static int remove_target(stox_sip_edit *edit, const target *t) {
  const size_t cuts = count_cuts(edit, t);
  stox_sip_piece *stock = NULL;
  if (cuts > 0) {
    stock = take_pieces(edit, cuts, 0);
    if (stock == NULL) {
      return STOX_E_NOMEM;
    }
  }
  (void)remove_all(edit, t, stock);
  edit->missing |= stox_sip_has(t->id);
  return STOX_OK;
}

static int put_target(stox_sip_edit *edit, const target *t, stox_span value, int where) {
  place p = {NULL, NULL, 0};
  const int is_once = (stox_sip_header_rows[t->id].rules & STOX_SIP_ONCE) != 0;
  const int found = (is_once || where == STOX_SIP_FIRST) && find_first(&p, edit, t);
  if (found && is_once && where != STOX_SIP_REPLACE) {
    return STOX_E_REPEATED;
  }
  const size_t cuts = is_once || where != STOX_SIP_REPLACE ? (size_t)found : count_cuts(edit, t);
  stox_sip_piece *stock = take_pieces(edit, cuts + 1, line_n(t, value));
  if (stock == NULL) {
    return STOX_E_NOMEM;
  }
  stox_sip_piece *piece = stock++;
  stox_sip_piece *before = edit->last;
  make_line(piece, (char *)(piece + cuts + 1), t, value);
  if (where == STOX_SIP_FIRST) {
    before = found ? open_list(edit, &p, 0, &stock) : NULL;
  } else if (where == STOX_SIP_REPLACE && is_once) {
    before = found ? open_list(edit, &p, 1, &stock) : edit->last;
  } else if (where == STOX_SIP_REPLACE) {
    before = remove_all(edit, t, stock);
  }
  link_piece(edit, before, piece);
  edit->missing &= ~stox_sip_has(t->id);
  return STOX_OK;
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
    return remove_target(edit, &t);
  }
  status = stox_sip_edit_check(edit, t.id, value);
  return status == STOX_OK ? put_target(edit, &t, value, where) : status;
}

/* Where the second value of a field begins, or value.n. */
static size_t second_value(int id, stox_span value) {
  stox_sip_via via;
  size_t cursor = 0;
  int lenient = 1;
  if ((stox_sip_header_rows[id].rules & STOX_SIP_LIST) == 0 ||
      stox_span_find(value, ',') == value.n) {
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
  place p;
  if (id <= STOX_SIP_OTHER || id >= STOX_SIP_HEADER_COUNT || !find_first(&p, edit, &t)) {
    return STOX_E_NONE;
  }
  const stox_span value = value_at(edit, &p);
  const size_t from = second_value(id, value);
  const int has_more = from < value.n;
  if (p.piece->kind != STOX_SIP_KEPT && has_more) {
    p.piece->value = stox_span_slice(value, from, value.n);
    p.piece->kind = STOX_SIP_PARTS;
    return STOX_OK;
  }
  stox_sip_piece *stock = NULL;
  if (p.piece->kind == STOX_SIP_KEPT) {
    stock = take_pieces(edit, has_more ? 2 : 1, 0);
    if (stock == NULL) {
      return STOX_E_NOMEM;
    }
  }
  const stox_span name = name_at(edit, &p);
  stox_sip_piece *rest = stock;
  stock = has_more ? stock + 1 : stock;
  stox_sip_piece *before = open_list(edit, &p, 1, &stock);
  if (has_more) {
    *rest = (stox_sip_piece){.kind = STOX_SIP_PARTS,
                             .id = id,
                             .name = name,
                             .value = stox_span_slice(value, from, value.n)};
    link_piece(edit, before, rest);
    return STOX_OK;
  }
  note_removed(edit, id);
  return STOX_OK;
}

int stox_sip_edit_set_request_uri(stox_sip_edit *edit, stox_span request_uri) {
  if (edit->status != 0) {
    return STOX_E_STATE;
  }
  if (!stox_sip_edit_is_uri(request_uri, edit->lenient)) {
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
  edit->tail = absent;
  return STOX_OK;
}

stox_span stox_sip_edit_value(const stox_sip_edit *edit, int id) {
  const target t = {id, absent};
  place p;
  if (id <= STOX_SIP_OTHER || id >= STOX_SIP_HEADER_COUNT || !find_first(&p, edit, &t)) {
    return absent;
  }
  return value_at(edit, &p);
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
