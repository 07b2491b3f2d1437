/* SPDX-License-Identifier: MIT */
#include "xml/quick.h"

#include "xml/names.h"
#include "xml/same.h"
#include "xml/steps.h"

/* What of the reader and the builder is in use at every octet. It is given back before anything
 * else of theirs is called. */
typedef struct quick {
  const char *p;
  size_t at;
  size_t safe; /* octets in front of which two more can be looked at */
  char *nodes;
  size_t put;   /* of the nodes */
  size_t limit; /* up to where records may be put */
  uint32_t open;
  uint32_t before;
  uint32_t depth;
  int is_raw; /* something of the tree is to be unescaped */
} quick;

/* A start tag. */
typedef struct tag {
  size_t self; /* its element, as an offset */
  uint32_t name_at;
  uint32_t sizes;   /* of its name */
  uint64_t seen;    /* kinds of names */
  size_t declaring; /* the record of the default namespace, 0: none */
  int is_odd;       /* a prefix, or a declaration that is looked at closely */
  int is_raw;       /* a declaration that is to be unescaped */
} tag;

/* Where something ends, 0: the steps have to look; and what goes with it. */
typedef struct ending {
  size_t at;
  uint32_t with;
} ending;

enum { ELEMENT = sizeof(stox_xml_element), RECORD = sizeof(xml_record) };

static void begin(quick *q, const xml_stream *s) {
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
}

static void give_back(const quick *q, xml_stream *s) {
  xml_builder *b = &s->build;
  s->at = q->at;
  s->depth = q->depth;
  b->nodes.len = q->put;
  b->open = q->open;
  b->before = q->before;
  b->is_raw = q->is_raw;
}

/* Makes room for a text and an element. */
static int make_room(quick *q, xml_stream *s) {
  s->build.nodes.len = q->put;
  const int status = xml_build_room(&s->build, &s->build.nodes, sizeof(xml_text) + ELEMENT);
  q->nodes = s->build.nodes.p;
  q->limit = s->build.nodes.cap;
  return status;
}

static inline void append(quick *q, size_t node) {
  /* Where nothing is open, this is a field of the head that is not yet in use. */
  uint32_t *next = (void *)(q->nodes + (q->before != 0 ? q->before : q->open));
  *next |= q->before != 0 ? (uint32_t)node : (uint32_t)XML_HAS_CHILDREN;
  q->before = (uint32_t)node;
}

/* A name that goes on behind `end` with a colon, or is long. */
static ending end_name(xml_marks *m, size_t from, size_t end, uint32_t names_max) {
  const ending none = {0, 0};
  const size_t part = end + 1;
  uint32_t sizes = (uint32_t)(end - from);
  if (end >= m->n || end - from > names_max) {
    return none;
  }
  if (m->p[end] == ':') {
    if (part >= m->n || !xml_class(m->p[part], XML_CLASS_START)) {
      return none;
    }
    end = xml_marks_name(m, part);
    sizes = (uint32_t)(end - part) | sizes << XML_NAME_BITS;
  }
  return end - from > names_max ? none : (ending){end, sizes};
}

/* Past an octet in a value that is no end of it; 0: the steps have to look. */
static size_t pass_in_value(const xml_marks *m, size_t at, uint32_t *raw) {
  const char c = m->p[at];
  if (c == '\'' || c == '"' || c == '>') {
    return at + 1;
  }
  if ((unsigned char)c >= 0x80) {
    return xml_quick_sequences(m->p, at, m->n);
  }
  *raw = XML_RAW;
  if (c == '&') {
    return xml_quick_reference(m->p, at, m->n);
  }
  return xml_class(c, XML_CLASS_SPACE) ? at + 1 : 0;
}

/* The rest of a value with something of note at `at`; whether it is raw. */
static ending end_value(xml_marks *m, size_t at, char quote) {
  uint32_t raw = 0;
  while (at < m->n && m->p[at] != quote) {
    at = pass_in_value(m, at, &raw);
    if (at == 0) {
      break;
    }
    at = xml_marks_data(m, at);
  }
  return (ending){at, raw};
}

/* Whether a record of the tag has that name already. */
static int is_repeated(const quick *q, const tag *t, size_t from, uint32_t sizes) {
  for (size_t at = t->self + ELEMENT; at < q->put; at += RECORD) {
    const xml_record *r = (const void *)(q->nodes + at);
    if ((r->sizes & ~(uint32_t)XML_RAW) == sizes &&
        memcmp(q->p + r->name_at, q->p + from, xml_qname_n(sizes)) == 0) {
      return 1;
    }
  }
  return 0;
}

/* A tag is checked for repeated names one by one as long as it has few. */
static int may_repeat(const quick *q, const tag *t, size_t from, uint32_t sizes) {
  enum { FEW = 16 };
  return q->put - t->self > ELEMENT + FEW * RECORD || is_repeated(q, t, from, sizes);
}

/* An attribute whose name has a prefix or may be a declaration of the default namespace. */
static void note(const quick *q, tag *t, const xml_record *r) {
  const uint32_t sizes = r->sizes & ~(uint32_t)XML_RAW;
  const char *name = q->p + r->name_at;
  const int is_raw = r->sizes != sizes;
  if (sizes > XML_NAME_MAX) {
    t->is_odd |= xml_prefix_n(sizes) != 3 || !xml_same(name, "xml", 3);
    t->is_raw |= is_raw && xml_prefix_n(sizes) == 5;
  } else if (xml_same(name, "xmlns", 5)) {
    t->declaring = q->put;
    t->is_raw |= is_raw;
    t->is_odd |= r->value_n == 0 || r->value_n == sizeof XML_NAMESPACE - 1 ||
                 r->value_n == sizeof XMLNS_NAMESPACE - 1;
  }
}

/* Reads the attribute whose name begins at q->at; 0: the steps have to look. */
static inline int read_attribute(quick *q, const xml_stream *s, xml_marks *m, tag *t) {
  const size_t from = q->at;
  const unsigned first = (unsigned char)q->p[from];
  size_t at = xml_marks_name(m, from);
  uint32_t sizes = (uint32_t)(at - from);
  if (at >= q->safe || q->p[at] != '=' || sizes > XML_MARKS_BITS) {
    const ending name = end_name(m, from, at, s->names_max);
    if (name.at == 0 || name.at >= q->safe || q->p[name.at] != '=') {
      return 0;
    }
    at = name.at;
    sizes = name.with;
  }
  const char quote = q->p[at + 1];
  const size_t value = at + 2;
  if ((quote != '\'' && quote != '"') || q->put + RECORD > q->limit) {
    return 0;
  }
  uint32_t raw = 0;
  at = xml_marks_data(m, value);
  if (at >= q->safe || q->p[at] != quote) {
    const ending end = end_value(m, at, quote);
    if (end.at == 0 || end.at >= q->safe) {
      return 0;
    }
    at = end.at;
    raw = end.with;
    q->is_raw |= raw != 0;
  }
  const uint64_t kind = UINT64_C(1) << ((first + sizes * 4) & 63);
  if ((t->seen & kind) != 0 && may_repeat(q, t, from, sizes)) {
    return 0;
  }
  t->seen |= kind;
  const xml_record record = {(uint32_t)from, sizes | raw, (uint32_t)value, (uint32_t)(at - value)};
  if (sizes > XML_NAME_MAX || (sizes == 5 && first == 'x')) {
    note(q, t, &record);
  }
  *(xml_record *)(void *)(q->nodes + q->put) = record;
  q->put += RECORD;
  q->at = at + 1;
  return 1;
}

/* Reads the attributes, up to the end of the tag; 0: the steps have to look. */
static inline int read_attributes(quick *q, const xml_stream *s, xml_marks *m, tag *t) {
  while (xml_class(q->p[q->at], XML_CLASS_SPACE)) {
    q->at++;
    while (!xml_class(q->p[q->at], XML_CLASS_START)) {
      if (q->at >= q->safe || !xml_class(q->p[q->at], XML_CLASS_SPACE)) {
        return q->at < q->safe || q->p[q->at] == '>' || q->p[q->at] == '/';
      }
      q->at++;
    }
    if (!read_attribute(q, s, m, t)) {
      return 0;
    }
  }
  return 1;
}

/* The default namespace's record is the first. */
static void declare(const quick *q, const tag *t) {
  xml_record *records = (void *)(q->nodes + t->self + ELEMENT);
  const size_t declaring = (t->declaring - t->self - ELEMENT) / RECORD;
  xml_record moved = records[declaring];
  moved.name_at += 5;
  moved.sizes = XML_DECLARES;
  for (size_t i = declaring; i > 0; i--) {
    records[i] = records[i - 1];
  }
  records[0] = moved;
}

/* Ends a start tag that has no prefix but "xml"; q->at is behind it. */
static inline int end_plain(quick *q, xml_stream *s, const tag *t, int is_empty) {
  stox_xml_element *element = (void *)(q->nodes + t->self);
  const size_t first = t->self + ELEMENT;
  const uint32_t declares = t->declaring != 0 ? (uint32_t)XML_DECLARES : 0;
  uint32_t ns = (uint32_t)first;
  if (declares != 0) {
    declare(q, t);
  } else {
    const stox_xml_element *parent = (const void *)(q->nodes + q->open);
    ns = q->open != 0 && xml_prefix_n(parent->sizes) == 0 ? parent->ns
                                                          : xml_build_default_ns(&s->build);
  }
  *element = (stox_xml_element){
      .self = (uint32_t)t->self,
      .parent = q->open,
      .ns = ns,
      .name_at = t->name_at,
      .sizes = t->sizes | (uint32_t)((q->put - first) / RECORD) << XML_RECORDS_SHIFT | declares};
  append(q, t->self);
  if (is_empty) {
    return STOX_OK;
  }
  q->open = (uint32_t)t->self;
  q->before = 0;
  q->depth++;
  return declares == 0 ? STOX_OK : xml_build_push(&s->build, (uint32_t)first);
}

/* Ends a start tag with prefixes. */
static int end_odd(quick *q, xml_stream *s, const tag *t, int is_empty) {
  xml_builder *b = &s->build;
  *(stox_xml_element *)(void *)(q->nodes + t->self) = (stox_xml_element){
      .self = (uint32_t)t->self, .parent = q->open, .name_at = t->name_at, .sizes = t->sizes};
  b->tag = (uint32_t)t->self;
  give_back(q, s);
  s->wrong = q->at - 1;
  const int status = xml_build_opened(b, is_empty);
  begin(q, s);
  q->depth += is_empty ? 0 : 1;
  return status;
}

/* A start tag with its name at q->at; STOX_E_MORE: the steps have to look. */
static inline int open_tag(quick *q, xml_stream *s, xml_marks *m) {
  const size_t from = q->at;
  tag t = {.self = q->put, .name_at = (uint32_t)from};
  if (!xml_class(q->p[from], XML_CLASS_START) || q->depth > s->depth_max) {
    return STOX_E_MORE;
  }
  size_t at = xml_marks_name(m, from);
  t.sizes = (uint32_t)(at - from);
  if (at >= q->safe || q->p[at] == ':' || t.sizes > XML_MARKS_BITS) {
    const ending name = end_name(m, from, at, s->names_max);
    if (name.at == 0 || name.at >= q->safe) {
      return STOX_E_MORE;
    }
    at = name.at;
    t.sizes = name.with;
    t.is_odd = t.sizes > XML_NAME_MAX;
  }
  q->at = at;
  q->put += ELEMENT;
  if (!read_attributes(q, s, m, &t) || t.is_raw) {
    return STOX_E_MORE;
  }
  const int is_empty = q->p[q->at] == '/';
  q->at += (size_t)is_empty;
  if (q->p[q->at] != '>' || q->put - t.self > ELEMENT + s->attributes_max * (size_t)RECORD) {
    return STOX_E_MORE;
  }
  q->at++;
  s->build.kept = s->build.kept == 0 ? (uint32_t)q->at : s->build.kept;
  return t.is_odd ? end_odd(q, s, &t, is_empty) : end_plain(q, s, &t, is_empty);
}

/* An end tag with its '/' at q->at; 0: the steps have to look. */
static inline int close_tag(quick *q, xml_stream *s) {
  const stox_xml_element *open = (const void *)(q->nodes + q->open);
  const size_t n = xml_qname_n(open->sizes);
  const size_t at = q->at + 1;
  if (q->open == 0 || n >= s->n - at || q->p[at + n] != '>' ||
      !xml_same(q->p + at, q->p + open->name_at, n)) {
    return 0;
  }
  if ((open->sizes & XML_DECLARES) != 0) {
    xml_build_pop(&s->build, open);
  }
  q->before = q->open;
  q->open = open->parent;
  q->depth--;
  q->at = at + n + 1;
  return 1;
}

/* Past an octet of text that is no '<'; 0: the steps have to look. */
static size_t pass_in_text(xml_stream *s, size_t at) {
  const char *p = s->p;
  switch (p[at]) {
  case '\'':
  case '"':
  case '\t':
  case '\n':
    return at + 1;
  case '\r':
    s->is_raw = 1;
    return at + 1;
  case '>':
    return at >= s->plain + 2 && p[at - 1] == ']' && p[at - 2] == ']' ? 0 : at + 1;
  case '&':
    at = xml_quick_reference(p, at, s->n);
    if (at > 0) {
      s->is_raw = 1;
      s->plain = at;
    }
    return at;
  default:
    return (unsigned char)p[at] >= 0x80 ? xml_quick_sequences(p, at, s->n) : 0;
  }
}

/* The rest of a text with something of note at `at`: up to a '<', or to what the steps look at. */
static size_t end_text(xml_stream *s, xml_marks *m, size_t at) {
  while (at < s->n && s->p[at] != '<') {
    const size_t next = pass_in_text(s, at);
    if (next == 0) {
      break;
    }
    at = xml_marks_data(m, next);
  }
  return at;
}

/* Reads text; 1: q->at is behind a '<'. */
static inline int read_text(quick *q, xml_stream *s, xml_marks *m) {
  size_t at = xml_marks_data(m, q->at);
  if (at >= s->n || q->p[at] != '<') {
    at = end_text(s, m, at);
    q->at = at;
    if (at >= s->n || q->p[at] != '<') {
      return 0;
    }
  }
  s->text_to = at;
  q->at = at + 1;
  return 1;
}

/* The text in front of a tag that will be read. */
static inline void put_text(quick *q, xml_stream *s) {
  const uint32_t n = (uint32_t)(s->text_to - s->text_from);
  if (n > 0) {
    *(xml_text *)(void *)(q->nodes + q->put) =
        (xml_text){(uint32_t)XML_IS_TEXT | (s->is_raw ? (uint32_t)XML_IS_RAW : 0), (uint32_t)q->put,
                   (uint32_t)s->text_from, n};
    q->is_raw |= s->is_raw;
    append(q, q->put);
    q->put += sizeof(xml_text);
    s->text_from = s->text_to;
  }
}

/* A tag, behind its '<'. */
static inline int read_tag(quick *q, xml_stream *s, xml_marks *m) {
  const size_t at = q->at;
  if (q->p[at] == '!') {
    return STOX_E_MORE; /* the text goes on */
  }
  if (q->limit - q->put < sizeof(xml_text) + ELEMENT && make_room(q, s) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  put_text(q, s);
  if (q->p[at] == '/') {
    return close_tag(q, s) ? STOX_OK : STOX_E_MORE;
  }
  const size_t put = q->put;
  const int status = open_tag(q, s, m);
  if (status == STOX_E_MORE) {
    q->put = put;
    q->at = at;
  }
  return status;
}

int xml_quick_read(xml_stream *s, xml_marks *m) {
  quick q;
  begin(&q, s);
  int status = STOX_E_MORE;
  int is_behind = s->state == XML_AFTER_LT || read_text(&q, s, m);
  while (is_behind && q.at < s->n) {
    status = read_tag(&q, s, m);
    if (status != STOX_OK || q.depth == 1) {
      break;
    }
    s->at = q.at;
    xml_begin_text(s);
    status = STOX_E_MORE;
    is_behind = !s->build.is_refused && read_text(&q, s, m);
  }
  s->state = is_behind ? XML_AFTER_LT : XML_IN_TEXT;
  give_back(&q, s);
  return status;
}
