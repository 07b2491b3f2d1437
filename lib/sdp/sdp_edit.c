/* SPDX-License-Identifier: MIT */
#include "sdp/sdp.h"

#include "base/checked.h"
#include "stox/status.h"

#include <string.h>

/* A line of the arena; STOX_OK or STOX_E_NOMEM. */
static int make_line(stox_sdp_line *out, stox_arena *arena, int type, stox_span value) {
  const size_t n = stox_size_add(value.n, 4);
  char *text = stox_arena_take(arena, n, 1);
  if (text == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, text, n);
  (void)stox_buf_put_octet(&buf, (char)type);
  (void)stox_buf_put_octet(&buf, '=');
  (void)stox_buf_put(&buf, value);
  (void)stox_buf_put_text(&buf, "\r\n");
  *out = (stox_sdp_line){{text, n}, {text + 2, value.n}, type, STOX_SDP_SESSION};
  return STOX_OK;
}

/* The same with a value from outside; also STOX_E_CTRL and STOX_E_BAD_BODY. */
static int make_checked(stox_sdp_line *out, stox_arena *arena, int type, stox_span value) {
  if (stox_span_find(value, '\r') < value.n || stox_span_find(value, '\n') < value.n ||
      stox_span_find(value, '\0') < value.n) {
    return STOX_E_CTRL;
  }
  return stox_sdp_is_good((char)type, value) ? make_line(out, arena, type, value) : STOX_E_BAD_BODY;
}

int stox_sdp_insert(stox_sdp *sdp, size_t index, char type, stox_span value) {
  stox_sdp_line line;
  int status = make_checked(&line, sdp->arena, (unsigned char)type, value);
  if (status == STOX_OK) {
    status = stox_sdp_reserve(sdp, sdp->n + 1);
  }
  if (status != STOX_OK) {
    return status;
  }
  if (type == 'm') {
    line.media = sdp->media_count++;
  } else if (index > 0) {
    line.media = sdp->lines[index - 1].media;
  }
  memmove(sdp->lines + index + 1, sdp->lines + index, (sdp->n - index) * sizeof line);
  sdp->lines[index] = line;
  sdp->n++;
  return STOX_OK;
}

/* The last line may lack its line end; then nothing can stand behind it. */
static int close_last(stox_sdp *sdp, size_t index) {
  if (index == 0 || index < sdp->n) {
    return STOX_OK;
  }
  stox_sdp_line *last = &sdp->lines[index - 1];
  if (last->text.p[last->text.n - 1] == '\n') {
    return STOX_OK;
  }
  stox_sdp_line closed;
  const int status =
      last->type == 0 ? STOX_E_BAD_BODY : make_line(&closed, sdp->arena, last->type, last->value);
  if (status == STOX_OK) {
    closed.media = last->media;
    *last = closed;
  }
  return status;
}

int stox_sdp_set(stox_sdp *sdp, size_t index, stox_span value) {
  if (index >= sdp->n || sdp->lines[index].type == 0) {
    return STOX_E_ARG;
  }
  stox_sdp_line line;
  const int status = make_checked(&line, sdp->arena, sdp->lines[index].type, value);
  if (status == STOX_OK) {
    line.media = sdp->lines[index].media;
    sdp->lines[index] = line;
  }
  return status;
}

/* Behind the last line of the section whose rank is not above `rank`; or where the section begins.
 */
static size_t place_of(const stox_sdp *sdp, int media, int rank) {
  size_t place = 0;
  int is_found = media < 0;
  for (size_t i = 0; i < sdp->n; i++) {
    if (sdp->lines[i].media != media) {
      continue;
    }
    const int other = stox_sdp_rank((char)sdp->lines[i].type, media >= 0);
    if (!is_found || (other > 0 && other <= rank)) {
      place = i + 1;
    }
    is_found = 1;
  }
  return place;
}

int stox_sdp_add(stox_sdp *sdp, int media, char type, stox_span value) {
  const int rank = stox_sdp_rank(type, media >= 0);
  size_t place = sdp->n;
  if (type != 'm') {
    if (rank == 0 || media < STOX_SDP_SESSION || media >= sdp->media_count) {
      return STOX_E_ARG;
    }
    place = place_of(sdp, media, rank);
  }
  const int status = close_last(sdp, place);
  return status == STOX_OK ? stox_sdp_insert(sdp, place, type, value) : status;
}

int stox_sdp_remove(stox_sdp *sdp, size_t index) {
  if (index >= sdp->n || sdp->lines[index].type == 'm') {
    return STOX_E_ARG;
  }
  sdp->n--;
  memmove(sdp->lines + index, sdp->lines + index + 1, (sdp->n - index) * sizeof *sdp->lines);
  return STOX_OK;
}

/* The value of an m= line with port 0, in the arena. */
static int rejected_value(stox_span *out, stox_arena *arena, stox_span value) {
  stox_sdp_media media;
  if (stox_sdp_media_parse(&media, value, 1) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  const size_t cap = stox_size_add(value.n, 4);
  char *text = stox_arena_take(arena, cap, 1);
  if (text == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_span format;
  size_t cursor = 0;
  stox_buf_init(&buf, text, cap);
  (void)stox_buf_put(&buf, media.media);
  (void)stox_buf_put_text(&buf, " 0 ");
  (void)stox_buf_put(&buf, media.proto);
  while (stox_sdp_word_next(&format, media.formats, &cursor) == STOX_OK) {
    (void)stox_buf_put_octet(&buf, ' ');
    (void)stox_buf_put(&buf, format);
  }
  *out = stox_buf_span(&buf);
  return STOX_OK;
}

int stox_sdp_reject(stox_sdp *sdp, int media) {
  size_t at = 0;
  stox_span value;
  if (media < 0 || stox_sdp_find(&at, sdp, media, 'm', 0) != STOX_OK) {
    return STOX_E_ARG;
  }
  const int status = rejected_value(&value, sdp->arena, sdp->lines[at].value);
  return status == STOX_OK ? stox_sdp_set(sdp, at, value) : status;
}

static int begin(stox_sdp *out, stox_arena *arena, stox_span origin, stox_span connection) {
  stox_sdp_origin o;
  stox_sdp_connection c;
  *out = (stox_sdp){0};
  out->arena = arena;
  if (stox_sdp_origin_parse(&o, origin) != STOX_OK ||
      stox_sdp_connection_parse(&c, connection) != STOX_OK) {
    return STOX_E_BAD_BODY;
  }
  int status = stox_sdp_insert(out, 0, 'v', stox_span_text("0"));
  status = status == STOX_OK ? stox_sdp_insert(out, 1, 'o', origin) : status;
  status = status == STOX_OK ? stox_sdp_insert(out, 2, 's', stox_span_text("-")) : status;
  return status == STOX_OK ? stox_sdp_insert(out, 3, 'c', connection) : status;
}

int stox_sdp_new(stox_sdp *out, stox_arena *arena, stox_span origin, stox_span connection) {
  stox_sdp sdp;
  int status = begin(&sdp, arena, origin, connection);
  if (status == STOX_OK) {
    status = stox_sdp_insert(&sdp, sdp.n, 't', stox_span_text("0 0"));
  }
  if (status == STOX_OK) {
    *out = sdp;
  }
  return status;
}

/* The offer's t=, or `0 0` where it has no good one. */
static stox_span time_of(const stox_sdp *offer) {
  size_t at = 0;
  uint64_t start = 0;
  uint64_t stop = 0;
  if (stox_sdp_find(&at, offer, STOX_SDP_SESSION, 't', 0) == STOX_OK &&
      stox_sdp_time_parse(&start, &stop, offer->lines[at].value) == STOX_OK) {
    return offer->lines[at].value;
  }
  return stox_span_text("0 0");
}

int stox_sdp_answer(stox_sdp *out, stox_arena *arena, const stox_sdp *offer, stox_span origin,
                    stox_span connection) {
  stox_sdp sdp;
  int status = begin(&sdp, arena, origin, connection);
  if (status == STOX_OK) {
    status = stox_sdp_insert(&sdp, sdp.n, 't', time_of(offer));
  }
  for (size_t i = 0; i < offer->n && status == STOX_OK; i++) {
    stox_span value;
    if (offer->lines[i].type != 'm') {
      continue;
    }
    status = rejected_value(&value, arena, offer->lines[i].value);
    status = status == STOX_OK ? stox_sdp_insert(&sdp, sdp.n, 'm', value) : status;
  }
  if (status == STOX_OK) {
    *out = sdp;
  }
  return status;
}
