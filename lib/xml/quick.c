/* SPDX-License-Identifier: MIT */
#include "xml/quick.h"

#include "xml/names.h"
#include "xml/same.h"
#include "xml/steps.h"

static inline void begin(xml_quick *q, const xml_stream *s) {
  const xml_builder *b = &s->build;
  q->p = s->p;
  q->at = s->at;
  q->safe = s->n - 2;
  q->nodes = b->nodes.p;
  q->put = b->nodes.len;
  q->limit = b->nodes.cap;
  q->open = b->open;
  q->before = b->before;
  q->depth = s->depth;
  q->is_raw = b->is_raw;
  q->text = s->text_from;
  q->plain = s->plain;
  q->is_text_raw = s->is_raw;
}

static inline void give_back(const xml_quick *q, xml_stream *s) {
  xml_builder *b = &s->build;
  s->at = q->at;
  s->depth = q->depth;
  b->nodes.len = q->put;
  b->open = q->open;
  b->before = q->before;
  b->is_raw = q->is_raw;
  s->text_from = q->text;
  s->plain = q->plain;
  s->is_raw = q->is_text_raw;
}

/* Makes room for a text and an element. */
static inline int make_room(xml_quick *q, xml_stream *s) {
  s->build.nodes.len = q->put;
  const int status = xml_build_room(&s->build, &s->build.nodes, XML_QUICK_ROOM);
  q->nodes = s->build.nodes.p;
  q->limit = s->build.nodes.cap;
  return status;
}

static inline void append(xml_quick *q, size_t node) {
  /* Where nothing is open, this is a field of the head that is not yet in use. */
  uint32_t *next = (void *)(q->nodes + (q->before != 0 ? q->before : q->open));
  *next |= q->before != 0 ? (uint32_t)node : (uint32_t)XML_HAS_CHILDREN;
  q->before = (uint32_t)node;
}

/* The name and the quote in front of a value. */
typedef struct front {
  size_t value;
  uint32_t sizes;
  char quote; /* NUL: the steps have to look */
} front;

/* Where an attribute's name ends with "='" or "=\"". */
static front read_odd_name(size_t safe, xml_marks *m, size_t from, size_t end, uint32_t names_max) {
  const front none = {0, 0, 0};
  const xml_quick_end name = xml_quick_name(m, from, end, names_max);
  if (name.at == 0 || name.at >= safe || m->p[name.at] != '=') {
    return none;
  }
  return (front){name.at + 2, name.with, m->p[name.at + 1]};
}

/* Behind the white space at `at`: in front of a name, or of what ends the tag. */
static size_t skip_spaces(const char *p, size_t at, size_t safe) {
  while (at <= safe && xml_class(p[at], XML_CLASS_SPACE)) {
    at++;
  }
  return at;
}

/* A declaration of the default namespace, which is an odd one where it has to be looked at closely.
 */
static inline void note_default(xml_quick_tag *t, const xml_record *r, size_t put) {
  t->declaring = put;
  t->is_raw |= (r->sizes & XML_RAW) != 0;
  t->is_odd |= r->value_n == 0 || r->value_n == sizeof XML_NAMESPACE - 1 ||
               r->value_n == sizeof XMLNS_NAMESPACE - 1;
}

/* What an attribute's name says of its tag: a default namespace, or a prefix. */
static inline void note_name(xml_quick_tag *t, const char *p, const xml_record *record,
                             uint32_t sizes, size_t put) {
  if (sizes == 5 && xml_same(p + record->name_at, "xmlns", 5)) {
    note_default(t, record, put);
  } else if (sizes > XML_NAME_MAX) {
    const unsigned noted = xml_quick_note(p, record);
    t->is_odd |= (noted & XML_QUICK_ODD) != 0;
    t->is_raw |= (noted & XML_QUICK_RAW) != 0;
  }
}

/* Reads the attributes of a tag, from the white space at q->at to the end of the tag; 0: the steps
 * have to look. */
static inline int read_attributes(xml_quick *q, const xml_stream *s, xml_marks *m,
                                  xml_quick_tag *t) {
  const char *p = q->p;
  const size_t safe = q->safe;
  size_t at = q->at;
  size_t put = q->put;
  uint64_t seen = 0;
  const xml_record *first = (const void *)(q->nodes + put);
  while (xml_class(p[at], XML_CLASS_SPACE)) {
    if (!xml_class(p[++at], XML_CLASS_START)) {
      at = skip_spaces(p, at, safe);
      if (at > safe) {
        return 0;
      }
      if (!xml_class(p[at], XML_CLASS_START)) {
        break;
      }
    }
    const size_t equals = xml_marks_name(m, at);
    front name = {equals + 2, (uint32_t)(equals - at), 0};
    if (equals < safe && p[equals] == '=') {
      name.quote = p[equals + 1];
    } else {
      name = read_odd_name(safe, m, at, equals, s->names_max);
    }
    if (!xml_class(name.quote, XML_CLASS_QUOTE) || put + XML_QUICK_RECORD > q->limit) {
      return 0;
    }
    xml_record *record = (void *)(q->nodes + put);
    size_t end = xml_marks_data(m, name.value);
    record->name_at = (uint32_t)at;
    record->sizes = name.sizes;
    if (end >= safe || p[end] != name.quote) {
      const xml_quick_end value = xml_quick_value(m, end, name.quote);
      if (value.at == 0 || value.at >= safe) {
        return 0;
      }
      end = value.at;
      record->sizes |= value.with;
      q->is_raw |= value.with != 0;
    }
    record->value_at = (uint32_t)name.value;
    record->value_n = (uint32_t)(end - name.value);
    const uint64_t kind = UINT64_C(1) << (((unsigned char)p[at] + name.sizes * 4) & 63);
    if ((seen & kind) != 0 && xml_quick_may_repeat(p, first, record)) {
      return 0;
    }
    seen |= kind;
    note_name(t, p, record, name.sizes, put);
    put += XML_QUICK_RECORD;
    at = end + 1;
  }
  q->at = at;
  q->put = put;
  return 1;
}

/* The default namespace's record is the first. */
static inline void declare(const xml_quick *q, const xml_quick_tag *t) {
  xml_record *records = (void *)(q->nodes + t->self + XML_QUICK_ELEMENT);
  const size_t declaring = (t->declaring - t->self - XML_QUICK_ELEMENT) / XML_QUICK_RECORD;
  xml_record moved = records[declaring];
  moved.name_at += 5;
  moved.sizes = XML_DECLARES;
  for (size_t i = declaring; i > 0; i--) {
    records[i] = records[i - 1];
  }
  records[0] = moved;
}

/* The namespace of an element without prefix that declares none. */
static inline uint32_t inherit(const xml_quick *q, xml_builder *b) {
  const stox_xml_element *parent = (const void *)(q->nodes + q->open);
  if (q->open != 0 && xml_prefix_n(parent->sizes) == 0) {
    return parent->ns;
  }
  b->kept = q->open == 0 ? (uint32_t)q->at : b->kept;
  return xml_build_default_ns(b);
}

/* Puts a declaration of the default namespace into scope. */
static inline int push(xml_builder *b, uint32_t record) {
  if (xml_build_room(b, &b->scope, sizeof record) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  memcpy(b->scope.p + b->scope.len, &record, sizeof record);
  b->scope.len += sizeof record;
  return STOX_OK;
}

/* Ends a start tag that has no prefix but "xml"; q->at is behind it. */
static inline int end_plain(xml_quick *q, xml_stream *s, const xml_quick_tag *t, int is_empty) {
  stox_xml_element *element = (void *)(q->nodes + t->self);
  const uint32_t first = (uint32_t)(t->self + XML_QUICK_ELEMENT);
  const uint32_t n = (uint32_t)((q->put - first) / XML_QUICK_RECORD);
  element->next = 0;
  element->self = (uint32_t)t->self;
  element->parent = q->open;
  element->name_at = t->name_at;
  element->sizes = t->sizes | n << XML_RECORDS_SHIFT;
  if (t->declaring == 0) {
    element->ns = inherit(q, &s->build);
  } else {
    declare(q, t);
    element->ns = first;
    element->sizes |= XML_DECLARES;
    s->build.kept = q->open == 0 ? (uint32_t)q->at : s->build.kept;
  }
  append(q, t->self);
  if (is_empty) {
    return STOX_OK;
  }
  q->open = (uint32_t)t->self;
  q->before = 0;
  q->depth++;
  return t->declaring == 0 ? STOX_OK : push(&s->build, first);
}

/* Ends a start tag with prefixes. */
static inline int end_odd(xml_quick *q, xml_stream *s, const xml_quick_tag *t, int is_empty) {
  xml_builder *b = &s->build;
  *(stox_xml_element *)(void *)(q->nodes + t->self) = (stox_xml_element){
      .self = (uint32_t)t->self, .parent = q->open, .name_at = t->name_at, .sizes = t->sizes};
  b->tag = (uint32_t)t->self;
  give_back(q, s);
  s->wrong = q->at - 1;
  b->kept = q->open == 0 ? (uint32_t)q->at : b->kept;
  const int status = xml_build_opened(b, is_empty);
  begin(q, s);
  q->depth += is_empty ? 0 : 1;
  q->safe = b->is_refused ? 0 : q->safe; /* the steps have to look, everywhere */
  return status;
}

/* A start tag with its name at q->at; STOX_E_MORE: the steps have to look. */
static inline int open_tag(xml_quick *q, xml_stream *s, xml_marks *m) {
  const size_t from = q->at;
  xml_quick_tag t = {.self = q->put, .name_at = (uint32_t)from};
  if (!xml_class(q->p[from], XML_CLASS_START) || q->depth > s->depth_max) {
    return STOX_E_MORE;
  }
  size_t at = xml_marks_name(m, from);
  t.sizes = (uint32_t)(at - from);
  if (at >= q->safe || q->p[at] == ':') {
    const xml_quick_end name = xml_quick_name(m, from, at, s->names_max);
    if (name.at == 0 || name.at >= q->safe) {
      return STOX_E_MORE;
    }
    at = name.at;
    t.sizes = name.with;
    t.is_odd = t.sizes > XML_NAME_MAX;
  }
  q->at = at;
  q->put += XML_QUICK_ELEMENT;
  if ((xml_class(q->p[at], XML_CLASS_SPACE) && !read_attributes(q, s, m, &t)) || t.is_raw) {
    return STOX_E_MORE;
  }
  const int is_empty = q->p[q->at] == '/';
  q->at += (size_t)is_empty;
  if (q->p[q->at] != '>' ||
      q->put - t.self > XML_QUICK_ELEMENT + s->attributes_max * (size_t)XML_QUICK_RECORD) {
    return STOX_E_MORE;
  }
  q->at++;
  return t.is_odd ? end_odd(q, s, &t, is_empty) : end_plain(q, s, &t, is_empty);
}

/* An end tag with its '/' at q->at; 0: the steps have to look. */
static inline int close_tag(xml_quick *q, xml_stream *s) {
  const stox_xml_element *open = (const void *)(q->nodes + q->open);
  const size_t n = xml_qname_n(open->sizes);
  const size_t at = q->at + 1;
  if (q->open == 0 || n >= s->n - at || q->p[at + n] != '>' ||
      !xml_same(q->p + at, q->p + open->name_at, n)) {
    return 0;
  }
  if ((open->sizes & XML_DECLARES) != 0) {
    const xml_record *first = xml_records(open);
    if (first->sizes == XML_DECLARES && xml_n_records(open->sizes) == 1) {
      s->build.scope.len -= sizeof(uint32_t);
    } else {
      xml_build_pop(&s->build, open);
    }
  }
  q->before = q->open;
  q->open = open->parent;
  q->depth--;
  q->at = at + n + 1;
  return 1;
}

static inline void put_text(xml_quick *q, size_t n) {
  xml_text *text = (void *)(q->nodes + q->put);
  text->next = (uint32_t)XML_IS_TEXT | (q->is_text_raw ? (uint32_t)XML_IS_RAW : 0);
  text->self = (uint32_t)q->put;
  text->at = (uint32_t)q->text;
  text->n = (uint32_t)n;
  append(q, q->put);
  q->is_raw |= q->is_text_raw;
  q->put += sizeof *text;
}

/* Reads text up to a tag; 0: the steps have to look. */
static inline int read_text(xml_quick *q, xml_stream *s, xml_marks *m) {
  size_t at = q->at;
  if (at > q->safe || at >= m->reach) {
    at = xml_marks_data_far(m, at); /* end tags ask for no map */
  } else if (q->p[at] != '<') {
    at = xml_marks_data(m, at);
  }
  if (at > q->safe || q->p[at] != '<') {
    s->plain = q->plain;
    s->is_raw = q->is_text_raw;
    at = xml_quick_text(s, m, at);
    q->plain = s->plain;
    q->is_text_raw = s->is_raw;
  }
  q->at = at;
  if (at > q->safe || q->p[at] != '<' || q->p[at + 1] == '!' ||
      (q->limit - q->put < XML_QUICK_ROOM && make_room(q, s) != STOX_OK)) {
    return 0;
  }
  if (at > q->text) {
    put_text(q, at - q->text);
  }
  q->at++;
  q->text = q->at;
  return 1;
}

/* A tag, behind its '<'. */
static inline int read_tag(xml_quick *q, xml_stream *s, xml_marks *m) {
  const size_t at = q->at;
  const size_t put = q->put;
  if (q->p[at] == '/') {
    return close_tag(q, s) ? STOX_OK : STOX_E_MORE;
  }
  const int status = open_tag(q, s, m);
  if (status == STOX_E_MORE) {
    q->put = put;
    q->at = at;
  }
  return status;
}

/* STOX_OK: the event's end. STOX_E_MORE: the steps have to look. */
static int read_quickly(xml_stream *s, xml_marks *m) {
  xml_quick q;
  begin(&q, s);
  int status = STOX_OK;
  int is_behind = s->state == XML_AFTER_LT;
  /* Where the text was not read here, nobody has seen to the room. */
  if (is_behind && q.limit - q.put < XML_QUICK_ROOM && make_room(&q, s) != STOX_OK) {
    return STOX_E_MORE;
  }
  while (is_behind || read_text(&q, s, m)) {
    is_behind = 1;
    status = read_tag(&q, s, m);
    if (status != STOX_OK || q.depth == 1) {
      break;
    }
    is_behind = 0;
    q.text = q.at;
    q.plain = q.at;
    q.is_text_raw = 0;
  }
  s->state = is_behind ? XML_AFTER_LT : XML_IN_TEXT;
  give_back(&q, s);
  s->text_to = s->text_from;
  return is_behind ? status : STOX_E_MORE;
}

static int may_be_quick(const xml_stream *s) {
  enum { LEAST = 16 };
  const int is_between = s->state == XML_AFTER_LT && s->text_from == s->text_to;
  return (is_between || s->state == XML_IN_TEXT) && s->depth > 0 && s->n - s->at >= LEAST &&
         s->names_max >= XML_MARKS_BITS && !s->build.is_refused;
}

int xml_quick_read(xml_stream *s) {
  xml_marks marks;
  marks.kernel = s->kernel;
  xml_marks_begin(&marks, (stox_span){s->p, s->n}, s->at);
  while (s->at < s->n) {
    int status = STOX_E_MORE;
    if (may_be_quick(s)) {
      if (s->at < marks.base || s->at > marks.reach) {
        xml_marks_begin(&marks, (stox_span){s->p, s->n}, s->at);
      }
      status = read_quickly(s, &marks);
      status = status == STOX_OK ? xml_end_event(s) : status;
    }
    if (status == STOX_E_MORE && s->at < s->n) {
      status = xml_step(s);
    }
    if (status != STOX_E_MORE) {
      return status;
    }
  }
  return STOX_E_MORE;
}
