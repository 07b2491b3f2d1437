/* SPDX-License-Identifier: MIT */
#include "session/stream_private.h"

#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

enum { ID_OCTETS = 16, ROOM = 1024 };

int stream_put(stox_stream *obj, stox_span octets) {
  return stox_octets_put(&obj->output, obj->alloc, octets);
}

static int write_large(stox_stream *obj, stream_writer write, const void *ud, size_t n) {
  char *p = obj->alloc->resize(obj->alloc->ud, NULL, 0, n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, n);
  int status = write(&buf, ud);
  if (status == STOX_OK) {
    status = stream_put(obj, stox_buf_span(&buf));
  }
  (void)obj->alloc->resize(obj->alloc->ud, p, n, 0);
  return status;
}

int stream_write(stox_stream *obj, stream_writer write, const void *ud) {
  char room[ROOM];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  const int status = write(&buf, ud);
  if (status == STOX_E_NOBUF) {
    return write_large(obj, write, ud, buf.len);
  }
  return status == STOX_OK ? stream_put(obj, stox_buf_span(&buf)) : status;
}

int stream_random(const stox_stream *obj, char *out, size_t n) {
  unsigned char octets[ID_OCTETS];
  stox_buf buf;
  const stox_random *random = obj->options.random;
  const int status = random->fill(random->ud, octets, n);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_init(&buf, out, 2 * n);
  (void)stox_hex_write(&buf, (stox_span){(const char *)octets, n});
  out[2 * n] = '\0';
  return STOX_OK;
}

/* ---- headers ---- */

static int write_header(stox_buf *out, const void *ud) {
  return stox_stream_header_write(out, ud);
}

static stox_stream_header initial_header(const stox_stream *obj) {
  const int kind = obj->options.kind;
  stox_stream_header header = {.kind = kind,
                               .has_version = kind != STOX_STREAM_COMPONENT,
                               .has_dialback = kind == STOX_STREAM_SERVER,
                               .version = {1, 0},
                               .to = obj->texts[TEXT_TO]};
  /* A user's address is shown behind TLS only (RFC 6120 4.7.1). */
  if (kind == STOX_STREAM_SERVER || (kind == STOX_STREAM_CLIENT && obj->is_secure)) {
    header.from = obj->texts[TEXT_FROM];
  }
  if (kind != STOX_STREAM_COMPONENT) {
    header.lang = obj->texts[TEXT_LANG];
  }
  return header;
}

static stox_stream_header response_header(const stox_stream *obj, stox_span from) {
  const int kind = obj->options.kind;
  const int has_version = obj->has_header ? obj->peer.has_version : kind != STOX_STREAM_COMPONENT;
  const stox_stream_version own = {1, 0};
  return (stox_stream_header){
      .kind = kind,
      .is_response = 1,
      .has_version = has_version,
      .has_dialback = kind == STOX_STREAM_SERVER && (!obj->has_header || obj->peer.has_dialback),
      .version = obj->has_header ? stox_stream_version_answer(obj->peer.version) : own,
      .from = from,
      .to = obj->has_header ? obj->peer.from : (stox_span){NULL, 0},
      .id = obj->texts[TEXT_ID],
      .lang = obj->texts[obj->texts[TEXT_PEER_LANG].p == NULL ? TEXT_LANG : TEXT_PEER_LANG]};
}

int stream_send_header(stox_stream *obj, stox_span from) {
  char id[2 * ID_OCTETS + 1];
  stox_stream_header header;
  int status = STOX_OK;
  if (obj->options.role == STOX_STREAM_RECEIVING) {
    status = stream_random(obj, id, ID_OCTETS);
    if (status == STOX_OK) {
      status = stream_text(obj, TEXT_ID, stox_span_text(id));
    }
    header = response_header(obj, from);
  } else {
    header = initial_header(obj);
  }
  if (status == STOX_OK) {
    status = stream_write(obj, write_header, &header);
  }
  obj->has_sent_header |= status == STOX_OK;
  return status;
}

/* ---- the end ---- */

typedef struct error_ud {
  const stox_stream_error *error;
  int dialect;
  const char *ns;
} error_ud;

static int write_error(stox_buf *out, const void *ud) {
  const error_ud *e = ud;
  return stox_stream_error_write(out, e->error, e->dialect, stox_span_text(e->ns));
}

void stream_send_end(stox_stream *obj) {
  if (obj->has_sent_header && !obj->has_sent_end) {
    (void)stream_put(obj, stox_span_text("</stream:stream>"));
  }
  obj->has_sent_end = 1;
}

/* What the event that tells of it points to. Without memory it says the condition alone. */
static void keep_error(stox_stream *obj, const stox_stream_error *error) {
  obj->error = (stox_stream_error){.condition = error->condition};
  (void)stream_text(obj, TEXT_ERROR, error->text);
  (void)stream_text(obj, TEXT_ERROR_LANG, error->lang);
  (void)stream_text(obj, TEXT_ERROR_ADDRESS, error->address);
  obj->error.text = obj->texts[TEXT_ERROR];
  obj->error.lang = obj->texts[TEXT_ERROR_LANG];
  obj->error.address = obj->texts[TEXT_ERROR_ADDRESS];
}

void stream_end(stox_stream *obj, const stox_stream_error *error, int status, uint64_t now_ns) {
  if (obj->state == STREAM_OVER) {
    return;
  }
  /* Behind our end tag, and while TLS is set up, there is no place for an error. */
  if (!obj->has_sent_end && obj->state != STREAM_TLS && obj->state != STREAM_PROCEED) {
    const error_ud ud = {error, obj->options.dialect, stox_stream_content_ns(obj->options.kind)};
    const stox_span from = obj->texts[TEXT_FROM];
    /* An error in the set-up comes behind a header all the same (RFC 6120 4.9.1.2). */
    int sent = obj->has_sent_header
                   ? STOX_OK
                   : stream_send_header(obj, from.p == NULL ? stox_span_text("") : from);
    if (sent == STOX_OK) {
      sent = stream_write(obj, write_error, &ud);
    }
    stream_send_end(obj);
    keep_error(obj, error);
    stream_tell(obj, STOX_STREAM_ON_REFUSED, STOX_OK, &obj->error);
  }
  stream_over(obj, status, now_ns);
}

void stream_refuse(stox_stream *obj, int condition, uint64_t now_ns) {
  const stox_stream_error error = {.condition = condition, .is_bare = 1};
  stream_end(obj, &error, STOX_E_REFUSED, now_ns);
}

void stream_give_up(stox_stream *obj, int status, uint64_t now_ns) {
  const stox_stream_error error = {.condition = stox_stream_condition_for(status), .is_bare = 1};
  const int is_ours = status == STOX_E_NOMEM || status == STOX_E_TIMEOUT || status == STOX_E_FULL;
  stream_end(obj, &error, is_ours ? status : STOX_E_REFUSED, now_ns);
}
