/* SPDX-License-Identifier: MIT */
#include "sdp/sdp.h"

#include "base/checked.h"
#include "base/options.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

typedef struct parser {
  stox_sdp *sdp;
  stox_span text;
  size_t at;
  int lenient;
  stox_diag *diag;
} parser;

static int refuse(const parser *p, int code, size_t at, const char *rule) {
  return stox_diag_set(p->diag, code, 400, at, rule);
}

/* Accepts when lenient, and remembers that. */
static int forgive(parser *p, int code, size_t at, const char *rule) {
  if (!p->lenient) {
    return refuse(p, code, at, rule);
  }
  p->sdp->is_lenient = 1;
  return STOX_OK;
}

int stox_sdp_rank(char type, int in_media) {
  static const char session[] = "vosiuepcbtzka";
  static const char media[] = "micbka";
  const stox_span order =
      in_media ? (stox_span){media, sizeof media - 1} : (stox_span){session, sizeof session - 1};
  /* Each t= may have r= lines behind it. */
  const size_t at = stox_span_find(order, type == 'r' && !in_media ? 't' : type);
  return at < order.n ? (int)at + 1 : 0;
}

static int is_once(char type, int in_media) {
  static const stox_span session = {"vosiuzk", 7};
  static const stox_span media = {"ik", 2};
  const stox_span once = in_media ? media : session;
  return stox_span_find(once, type) < once.n;
}

int stox_sdp_reserve(stox_sdp *sdp, size_t n) {
  if (n <= sdp->room) {
    return STOX_OK;
  }
  const size_t room = stox_size_add(n, n / 2);
  stox_sdp_line *lines =
      stox_arena_take(sdp->arena, stox_size_mul(room, sizeof *lines), alignof(stox_sdp_line));
  if (lines == NULL) {
    return STOX_E_NOMEM;
  }
  if (sdp->n > 0) {
    memcpy(lines, sdp->lines, sdp->n * sizeof *lines);
  }
  sdp->lines = lines;
  sdp->room = room;
  return STOX_OK;
}

static size_t count_lines(stox_span text) {
  size_t n = 0;
  for (size_t at = 0; at < text.n; n++) {
    at += stox_span_find(stox_span_slice(text, at, text.n), '\n') + 1;
  }
  return n;
}

/* Divides the line at `p->at` from its end and moves behind it. */
static int take_line(parser *p, stox_sdp_line *out) {
  const stox_span rest = stox_span_slice(p->text, p->at, p->text.n);
  const size_t feed = stox_span_find(rest, '\n');
  const int has_cr = feed > 0 && feed < rest.n && rest.p[feed - 1] == '\r';
  const stox_span line = stox_span_slice(rest, 0, feed - (size_t)has_cr);
  const size_t nul = stox_span_find(line, '\0');
  const size_t cr = stox_span_find(line, '\r');
  if (nul < line.n || cr < line.n) {
    return refuse(p, STOX_E_CTRL, p->at + (nul < cr ? nul : cr), "RFC8866-9 byte-string");
  }
  *out = (stox_sdp_line){stox_span_slice(rest, 0, feed + 1), {NULL, 0}, 0, p->sdp->media_count - 1};
  if (line.n > 1 && line.p[1] == '=') {
    out->type = (unsigned char)line.p[0];
    out->value = stox_span_slice(line, 2, line.n);
  }
  return has_cr ? STOX_OK : forgive(p, STOX_E_BAD_BODY, p->at + line.n, "RFC8866-9 CRLF");
}

/* What lenient wants too. */
static int check_hard(parser *p, const stox_sdp_line *line, size_t from) {
  stox_sdp_media media;
  const size_t at = from + 2;
  if (line->type == 'v' && !stox_span_is_equal(line->value, stox_span_text("0"))) {
    return refuse(p, STOX_E_BAD_BODY, at, "RFC8866-5.1 version-field");
  }
  if (line->type == 'm' && stox_sdp_media_parse(&media, line->value, p->lenient) != STOX_OK) {
    return refuse(p, STOX_E_BAD_BODY, at, "RFC8866-5.14 media-field");
  }
  return STOX_OK;
}

/* Order and number: `*last` is the rank of the line before in the section. */
static int check_place(parser *p, const stox_sdp_line *line, size_t from, int *last) {
  const int in_media = line->media >= 0;
  const int rank = stox_sdp_rank((char)line->type, in_media);
  if (rank == 0) {
    return forgive(p, STOX_E_BAD_BODY, from, "RFC8866-5 type");
  }
  const int is_again = rank == *last && is_once((char)line->type, in_media);
  const int is_late = rank < *last || (line->type == 'r' && rank > *last);
  *last = rank;
  if (is_again || is_late) {
    return forgive(p, STOX_E_BAD_BODY, from, "RFC8866-5 order of lines");
  }
  if (!stox_sdp_is_good((char)line->type, line->value)) {
    return forgive(p, STOX_E_BAD_BODY, from + 2, "RFC8866-9");
  }
  return STOX_OK;
}

static int parse_line(parser *p, int *last) {
  stox_sdp_line line;
  const size_t from = p->at;
  int status = take_line(p, &line);
  if (status != STOX_OK) {
    return status;
  }
  if (line.type == 'm') {
    line.media = p->sdp->media_count++;
    *last = 0;
  }
  status = check_hard(p, &line, from);
  if (status == STOX_OK) {
    status = check_place(p, &line, from, last);
  }
  p->sdp->lines[p->sdp->n++] = line;
  p->at += line.text.n;
  return status;
}

static int check_mandatory(parser *p) {
  static const char types[] = "vost";
  size_t at = 0;
  for (size_t i = 0; i + 1 < sizeof types; i++) {
    if (stox_sdp_find(&at, p->sdp, STOX_SDP_SESSION, types[i], 0) != STOX_OK) {
      const int status = forgive(p, STOX_E_MISSING, p->text.n, "RFC8866-5 v= o= s= t=");
      if (status != STOX_OK) {
        return status;
      }
    }
  }
  if (stox_sdp_find(&at, p->sdp, STOX_SDP_SESSION, 'c', 0) == STOX_OK) {
    return STOX_OK;
  }
  for (int media = 0; media < p->sdp->media_count; media++) {
    if (stox_sdp_find(&at, p->sdp, media, 'c', 0) != STOX_OK) {
      return forgive(p, STOX_E_MISSING, p->text.n, "RFC8866-5.7 c=");
    }
  }
  return STOX_OK;
}

int stox_sdp_parse(stox_sdp *out, stox_arena *arena, stox_span text, const stox_limits *limits,
                   int lenient, stox_diag *diag) {
  stox_limits own;
  stox_sdp sdp = {0};
  parser p = {&sdp, text, 0, lenient, diag};
  const size_t n = count_lines(text);
  int last = 0;
  if (stox_limits_init(&own, sizeof own) != STOX_OK ||
      stox_options_read(&own, sizeof own, limits) != STOX_OK) {
    return STOX_E_ARG;
  }
  if (n > own.sdp_lines) {
    return refuse(&p, STOX_E_TOO_MANY, 0, "limit sdp_lines");
  }
  sdp.arena = arena;
  if (stox_sdp_reserve(&sdp, n) != STOX_OK) {
    return refuse(&p, STOX_E_NOMEM, 0, "arena");
  }
  while (p.at < text.n) {
    const int status = parse_line(&p, &last);
    if (status != STOX_OK) {
      return status;
    }
  }
  const int status = check_mandatory(&p);
  if (status == STOX_OK) {
    *out = sdp;
  }
  return status;
}

int stox_sdp_write(stox_buf *out, const stox_sdp *sdp) {
  for (size_t i = 0; i < sdp->n; i++) {
    (void)stox_buf_put(out, sdp->lines[i].text);
  }
  return stox_buf_status(out);
}

/* The first line of a section: lines stand in the order of their sections. */
static size_t section_start(const stox_sdp *sdp, int media) {
  size_t low = 0;
  size_t high = sdp->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sdp->lines[middle].media < media) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

int stox_sdp_find(size_t *out, const stox_sdp *sdp, int media, char type, size_t from) {
  const size_t start = section_start(sdp, media);
  for (size_t i = from < start ? start : from; i < sdp->n && sdp->lines[i].media == media; i++) {
    if (sdp->lines[i].type == (unsigned char)type) {
      *out = i;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

int stox_sdp_get_media(stox_sdp_media *out, const stox_sdp *sdp, int media) {
  size_t at = 0;
  if (media < 0 || stox_sdp_find(&at, sdp, media, 'm', 0) != STOX_OK) {
    return STOX_E_NONE;
  }
  return stox_sdp_media_parse(out, sdp->lines[at].value, 1);
}

int stox_sdp_get_connection(stox_sdp_connection *out, const stox_sdp *sdp, int media) {
  size_t at = 0;
  if (stox_sdp_find(&at, sdp, media, 'c', 0) != STOX_OK &&
      stox_sdp_find(&at, sdp, STOX_SDP_SESSION, 'c', 0) != STOX_OK) {
    return STOX_E_NONE;
  }
  return stox_sdp_connection_parse(out, sdp->lines[at].value);
}

int stox_sdp_next_attribute(stox_sdp_attribute *out, const stox_sdp *sdp, int media,
                            const char *name, size_t *cursor) {
  size_t at = *cursor;
  while (stox_sdp_find(&at, sdp, media, 'a', at) == STOX_OK) {
    const stox_span value = sdp->lines[at].value;
    const size_t colon = stox_span_find(value, ':');
    const stox_span found = stox_span_slice(value, 0, colon);
    if (name == NULL || stox_span_is_equal(found, stox_span_text(name))) {
      *out = (stox_sdp_attribute){found, {NULL, 0}, at};
      if (colon < value.n) {
        out->value = stox_span_slice(value, colon + 1, value.n);
      }
      *cursor = at + 1;
      return STOX_OK;
    }
    at++;
  }
  return STOX_E_NONE;
}

static int direction_of(const stox_sdp *sdp, int media) {
  static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
  stox_sdp_attribute attribute;
  size_t cursor = 0;
  while (stox_sdp_next_attribute(&attribute, sdp, media, NULL, &cursor) == STOX_OK) {
    for (int i = STOX_SDP_INACTIVE; i <= STOX_SDP_SENDRECV; i++) {
      if (attribute.value.p == NULL &&
          stox_span_is_equal(attribute.name, stox_span_text(names[i]))) {
        return i;
      }
    }
  }
  return -1;
}

int stox_sdp_direction(const stox_sdp *sdp, int media) {
  int direction = direction_of(sdp, media);
  if (direction < 0) {
    direction = direction_of(sdp, STOX_SDP_SESSION);
  }
  return direction < 0 ? STOX_SDP_SENDRECV : direction;
}

int stox_sdp_setup(const stox_sdp *sdp, int media) {
  static const char *const names[] = {"", "active", "passive", "actpass", "holdconn"};
  stox_sdp_attribute attribute;
  size_t cursor = 0;
  size_t session = 0;
  if (stox_sdp_next_attribute(&attribute, sdp, media, "setup", &cursor) != STOX_OK &&
      stox_sdp_next_attribute(&attribute, sdp, STOX_SDP_SESSION, "setup", &session) != STOX_OK) {
    return STOX_SDP_SETUP_NONE;
  }
  const stox_span value = stox_span_trim(attribute.value);
  for (int i = STOX_SDP_SETUP_ACTIVE; i <= STOX_SDP_SETUP_HOLDCONN; i++) {
    if (stox_span_is_equal_nocase(value, stox_span_text(names[i]))) {
      return i;
    }
  }
  return STOX_SDP_SETUP_NONE;
}
