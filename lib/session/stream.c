/* SPDX-License-Identifier: MIT */
#include "stox/stream.h"

#include "base/options.h"
#include "session/stream_private.h"
#include "stox/status.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

enum { READ_STOPS = 65536 };

static const stox_stream_options defaults = {
    .size = sizeof(stox_stream_options),
    .check_from = 1,
    .octets_before = 16384,
    .bind_retries = 5,
    .lang = {"en", 2},
    .negotiation_timeout_ns = 30 * SECOND,
    .close_timeout_ns = 5 * SECOND,
    .keepalive_ns = 60 * SECOND,
    .idle_ns = 300 * SECOND,
    .ping_timeout_ns = 30 * SECOND,
};

int stox_stream_options_init(stox_stream_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- texts, events ---- */

static void drop_text(stox_stream *obj, int which) {
  stox_span *text = &obj->texts[which];
  if (text->n > 0) {
    char *p = (char *)(uintptr_t)text->p;
    if (which == TEXT_SECRET) {
      memset(p, 0, text->n);
    }
    (void)obj->alloc->resize(obj->alloc->ud, p, text->n, 0);
  }
  *text = (stox_span){NULL, 0};
}

int stream_text(stox_stream *obj, int which, stox_span text) {
  drop_text(obj, which);
  if (text.n == 0) {
    obj->texts[which].p = text.p == NULL ? NULL : "";
    return STOX_OK;
  }
  char *p = obj->alloc->resize(obj->alloc->ud, NULL, 0, text.n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(p, text.p, text.n);
  obj->texts[which] = (stox_span){p, text.n};
  return STOX_OK;
}

void stream_tell(stox_stream *obj, int event, int status, const void *object) {
  if (obj->n_events < STREAM_EVENTS) {
    obj->events[obj->n_events++] = (stream_event){event, status, object};
  }
}

/* ---- making and ending ---- */

static int check(const stox_stream_options *o) {
  const int is_initiating = o->role == STOX_STREAM_INITIATING;
  if ((!is_initiating && o->role != STOX_STREAM_RECEIVING) ||
      stox_stream_content_ns(o->kind) == NULL || o->handle == 0 || o->random == NULL) {
    return STOX_E_ARG;
  }
  return (is_initiating && o->to.n == 0) || !stox_lang_is_tag(o->lang) ? STOX_E_ARG : STOX_OK;
}

static int copy_texts(stox_stream *obj, const stox_stream_options *own) {
  const struct {
    int which;
    stox_span text;
  } rows[] = {{TEXT_TO, own->to},
              {TEXT_FROM, own->from},
              {TEXT_LANG, own->lang},
              {TEXT_SECRET, own->secret}};
  int status = STOX_OK;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == STOX_OK; i++) {
    status = stream_text(obj, rows[i].which, rows[i].text);
  }
  return status;
}

static int make_reader(stox_stream *obj) {
  stox_xml_options options;
  (void)stox_xml_options_init(&options, sizeof options);
  options.limits = &obj->limits;
  options.alloc = obj->alloc;
  return stox_xml_reader_new(&obj->reader, &options);
}

/* The caller's spans are not looked at again. */
static void own_options(stox_stream *obj, const stox_stream_options *own) {
  const stox_span absent = {NULL, 0};
  obj->options = *own;
  obj->options.to = absent;
  obj->options.from = absent;
  obj->options.lang = absent;
  obj->options.secret = absent;
  (void)stox_limits_init(&obj->limits, sizeof obj->limits);
  (void)stox_options_read(&obj->limits, sizeof obj->limits, own->limits);
  obj->options.limits = &obj->limits;
}

int stox_stream_new(stox_stream **out, const stox_stream_options *options, uint64_t now_ns) {
  stox_stream_options own = defaults;
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_stream *obj = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, sizeof *obj);
  obj->alloc = own.alloc;
  own_options(obj, &own);
  stox_arena_init(&obj->arena, NULL, 0, 0, own.alloc);
  obj->handle = own.handle;
  obj->is_secure = own.is_secure;
  obj->deadline_ns = now_ns + own.negotiation_timeout_ns;
  obj->sent_ns = now_ns;
  obj->heard_ns = now_ns;
  int status = copy_texts(obj, &own);
  if (status == STOX_OK) {
    status = make_reader(obj);
  }
  if (status == STOX_OK && own.role == STOX_STREAM_INITIATING) {
    status = stream_send_header(obj, (stox_span){NULL, 0});
  }
  if (status != STOX_OK) {
    stox_stream_del(obj);
    return status == STOX_E_NOMEM ? status : STOX_E_ARG;
  }
  *out = obj;
  return STOX_OK;
}

void stox_stream_del(stox_stream *obj) {
  if (obj == NULL) {
    return;
  }
  stox_xml_reader_del(obj->reader);
  stox_octets_clear(&obj->input, obj->alloc);
  stox_octets_clear(&obj->output, obj->alloc);
  stox_octets_clear(&obj->leaving, obj->alloc);
  stox_arena_clear(&obj->arena);
  for (int i = 0; i < TEXTS; i++) {
    drop_text(obj, i);
  }
  (void)obj->alloc->resize(obj->alloc->ud, obj, sizeof *obj, 0);
}

void stream_over(stox_stream *obj, int status, uint64_t now_ns) {
  if (obj->state == STREAM_OVER) {
    return;
  }
  obj->state = STREAM_OVER;
  obj->status = status;
  obj->must_start_tls = 0;
  obj->deadline_ns = now_ns + obj->options.close_timeout_ns;
  stox_octets_take(&obj->input, obj->input.len);
}

void stream_ready(stox_stream *obj, uint64_t now_ns) {
  obj->state = STREAM_READY;
  obj->was_ready = 1;
  obj->sent_ns = now_ns;
  obj->heard_ns = now_ns;
  obj->has_told_idle = 0;
  stream_tell(obj, STOX_STREAM_ON_READY, STOX_OK, NULL);
}

void stream_restart(stox_stream *obj, uint64_t now_ns) {
  /* What was said in the stream before counts no more (RFC 6120 5.4.3.3, 6.4.6). */
  static const int forgotten[] = {TEXT_PEER_TO, TEXT_PEER_FROM, TEXT_PEER_LANG, TEXT_ID};
  for (size_t i = 0; i < sizeof forgotten / sizeof forgotten[0]; i++) {
    drop_text(obj, forgotten[i]);
  }
  obj->peer = (stox_stream_header){0};
  obj->features = (stox_stream_features){0};
  obj->has_header = 0;
  obj->has_sent_header = 0;
  obj->has_offered_tls = 0;
  obj->needs_tls = 0;
  obj->wants_session = 0;
  obj->is_verifying = 0;
  obj->spent = 0;
  obj->state = STREAM_HEADER;
  int status = stox_xml_reader_restart(obj->reader);
  if (status == STOX_OK && obj->options.role == STOX_STREAM_INITIATING) {
    status = stream_send_header(obj, (stox_span){NULL, 0});
  }
  if (status != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  }
}

/* ---- what comes in ---- */

int stox_stream_feed(stox_stream *obj, stox_span bytes, uint64_t now_ns) {
  if (bytes.n == 0) {
    obj->is_ended = 1;
    return STOX_OK;
  }
  if (obj->state == STREAM_OVER || (obj->state == STREAM_TLS && !obj->must_start_tls)) {
    return STOX_E_STATE;
  }
  obj->heard_ns = now_ns;
  obj->has_told_idle = 0;
  int status = STOX_OK;
  if (stox_octets_span(&obj->input).n >= (size_t)obj->limits.stanza + READ_STOPS) {
    status = STOX_E_FULL;
  } else {
    status = stox_octets_put(&obj->input, obj->alloc, bytes);
  }
  if (status != STOX_OK) {
    stream_give_up(obj, status, now_ns);
  }
  return status;
}

static int is_reading(const stox_stream *obj) {
  return !obj->is_waiting && obj->state != STREAM_ANSWER && obj->state != STREAM_BIND &&
         obj->state != STREAM_TLS && obj->state != STREAM_OVER;
}

/* Before authentication an element has less room than after. */
static stox_span room_of(const stox_stream *obj) {
  const stox_span input = stox_octets_span(&obj->input);
  return obj->is_authenticated ? input
                               : stox_span_slice(input, 0, obj->options.octets_before - obj->spent);
}

static void on_event(stox_stream *obj, uint64_t now_ns) {
  int kind = 0;
  const stox_xml_element *element = NULL;
  obj->spent = 0;
  const int status = stox_xml_next(obj->reader, &obj->arena, &kind, &element);
  if (status != STOX_OK) {
    stream_give_up(obj, status, now_ns);
    return;
  }
  stream_step(obj, kind, element, now_ns);
}

/* Reads one thing; 1 if something has happened. */
static int read_one(stox_stream *obj, uint64_t now_ns) {
  const stox_span room = room_of(obj);
  size_t consumed = 0;
  if (room.n == 0 && stox_octets_span(&obj->input).n == 0) {
    return 0;
  }
  stox_arena_reset(&obj->arena);
  int status = stox_xml_feed(obj->reader, &consumed, room, NULL);
  stox_octets_take(&obj->input, consumed);
  obj->spent += consumed;
  if (status == STOX_OK) {
    on_event(obj, now_ns);
    return 1;
  }
  if (status == STOX_E_MORE && !obj->is_authenticated && obj->spent >= obj->options.octets_before) {
    status = STOX_E_TOO_LONG;
  }
  if (status == STOX_E_MORE) {
    return 0;
  }
  stream_give_up(obj, status, now_ns);
  return 1;
}

/* The flow is gone: there is nobody to write to. */
static int end_flow(stox_stream *obj, uint64_t now_ns) {
  if (!obj->is_ended || obj->handle == 0) {
    return 0;
  }
  obj->handle = 0;
  stox_octets_take(&obj->output, obj->output.len);
  stream_over(obj, STOX_E_CLOSED, now_ns);
  return 1;
}

/* ---- what goes out ---- */

static const stox_action *act(stox_stream *obj, stox_action action) {
  obj->action = action;
  return &obj->action;
}

static const stox_action *tell_next(stox_stream *obj) {
  const stream_event e = obj->events[0];
  obj->n_events--;
  memmove(obj->events, obj->events + 1, obj->n_events * sizeof obj->events[0]);
  return act(obj, (stox_action){.kind = STOX_DO_EVENT,
                                .event = e.event,
                                .status = e.status,
                                .handle = obj->options.handle,
                                .object = e.object});
}

static const stox_action *send_waiting(stox_stream *obj, uint64_t now_ns) {
  const stox_octets spare = obj->leaving;
  obj->leaving = obj->output;
  obj->output = spare;
  obj->output.from = 0;
  obj->output.len = 0;
  obj->sent_ns = now_ns;
  return act(obj, (stox_action){.kind = STOX_DO_SEND,
                                .handle = obj->handle,
                                .bytes = stox_octets_span(&obj->leaving)});
}

static const stox_action *start_tls(stox_stream *obj) {
  obj->must_start_tls = 0;
  return act(obj, (stox_action){.kind = STOX_DO_START_TLS,
                                .handle = obj->handle,
                                .token = ++obj->token,
                                .bytes = stox_octets_span(&obj->input)});
}

static const stox_action *finish(stox_stream *obj, uint64_t now_ns) {
  if (obj->handle != 0 && stox_stream_waiting(obj) > 0 && now_ns < obj->deadline_ns) {
    return NULL; /* held */
  }
  if (obj->handle != 0) {
    const uint64_t handle = obj->handle;
    obj->handle = 0;
    return act(obj, (stox_action){.kind = STOX_DO_CLOSE, .handle = handle});
  }
  if (obj->has_told_end) {
    return NULL;
  }
  obj->has_told_end = 1;
  stream_tell(obj, STOX_STREAM_ON_CLOSED, obj->status, NULL);
  return tell_next(obj);
}

/* A stream that waits holds no memory but what it must. */
static const stox_action *rest(stox_stream *obj) {
  if (stox_octets_span(&obj->input).n == 0) {
    stox_octets_clear(&obj->input, obj->alloc);
  }
  if (stox_stream_waiting(obj) == 0) {
    stox_octets_clear(&obj->output, obj->alloc);
  }
  stox_octets_clear(&obj->leaving, obj->alloc);
  if (obj->state != STREAM_BIND) {
    stox_arena_clear(&obj->arena);
  }
  return NULL;
}

const stox_action *stox_stream_next(stox_stream *obj, uint64_t now_ns) {
  int goes_on = 1;
  while (goes_on) {
    const size_t waiting = stox_stream_waiting(obj);
    if (obj->n_events > 0) {
      return tell_next(obj);
    }
    if (waiting > 0 && obj->handle != 0 && !obj->is_held && !obj->is_ended) {
      return send_waiting(obj, now_ns);
    }
    if (obj->state == STREAM_OVER) {
      (void)end_flow(obj, now_ns);
      const stox_action *last = finish(obj, now_ns);
      return last == NULL ? rest(obj) : last;
    }
    if (obj->must_start_tls && waiting == 0 && !obj->is_ended) {
      return start_tls(obj);
    }
    goes_on = is_reading(obj) && (!obj->is_held || waiting < READ_STOPS) && read_one(obj, now_ns);
    goes_on = goes_on || end_flow(obj, now_ns);
  }
  return rest(obj);
}
