/* SPDX-License-Identifier: MIT */
#include "base/put.h"
#include "sip/edit.h"

/* Octets of the message that are yet to be copied: lines that follow one another go in one copy. */
typedef struct sink {
  stox_buf *out;
  const char *p;
  size_t n;
} sink;

static void flush(sink *s) {
  stox_put(s->out, s->p, s->n);
  s->n = 0;
}

static void keep(sink *s, const char *p, size_t n) {
  if (p != s->p + s->n) {
    flush(s);
    s->p = p;
  }
  s->n += n;
}

static void put_start(stox_buf *out, const stox_sip_edit *edit) {
  if (edit->status == 0) {
    stox_put(out, edit->method.p, edit->method.n);
    STOX_PUT_LITERAL(out, " ");
    stox_put(out, edit->request_uri.p, edit->request_uri.n);
    STOX_PUT_LITERAL(out, " SIP/2.0\r\n");
    return;
  }
  char line[] = "SIP/2.0 000 ";
  line[8] = (char)('0' + edit->status / 100);
  line[9] = (char)('0' + edit->status / 10 % 10);
  line[10] = (char)('0' + edit->status % 10);
  stox_put(out, line, sizeof line - 1);
  stox_put(out, edit->reason.p, edit->reason.n);
  STOX_PUT_LITERAL(out, "\r\n");
}

static void put_length(stox_buf *out, stox_span name, size_t length) {
  stox_put(out, name.p, name.n);
  STOX_PUT_LITERAL(out, ": ");
  stox_buf_put_number(out, length);
  STOX_PUT_LITERAL(out, "\r\n");
}

static void keep_run(sink *s, const stox_sip_message *message, uint32_t from, uint32_t to) {
  if (from < to) {
    const stox_span first = stox_sip_field_line(message, &message->fields[from]);
    const stox_span last = stox_sip_field_line(message, &message->fields[to - 1]);
    keep(s, first.p, (size_t)(last.p + last.n - first.p));
  }
}

/* The kept Content-Length stays byte-exact while it is right. */
static void put_kept(sink *s, const stox_sip_edit *edit, const stox_sip_piece *piece) {
  const stox_sip_message *message = edit->message;
  const uint32_t at = edit->length_at;
  if (at < piece->from || at >= piece->to || edit->length == edit->body.n) {
    keep_run(s, message, piece->from, piece->to);
    return;
  }
  keep_run(s, message, piece->from, at);
  flush(s);
  put_length(s->out, stox_sip_field_name(message, &message->fields[at]), edit->body.n);
  keep_run(s, message, at + 1, piece->to);
}

static void put_own(stox_buf *out, const stox_sip_edit *edit, const stox_sip_piece *piece) {
  if (piece->id == STOX_SIP_CONTENT_LENGTH) {
    put_length(out, piece->name, edit->body.n);
  } else if (piece->kind == STOX_SIP_WHOLE) {
    stox_put(out, piece->name.p, piece->name.n + piece->value.n + 4);
  } else {
    stox_put(out, piece->name.p, piece->name.n);
    STOX_PUT_LITERAL(out, ": ");
    stox_put(out, piece->value.p, piece->value.n);
    STOX_PUT_LITERAL(out, "\r\n");
  }
}

static void put_fields(sink *s, const stox_sip_edit *edit) {
  for (const stox_sip_piece *piece = edit->first; piece != NULL; piece = piece->next) {
    if (piece->kind == STOX_SIP_KEPT) {
      put_kept(s, edit, piece);
    } else {
      flush(s);
      put_own(s->out, edit, piece);
    }
  }
}

/* A Content-Length of its own, and the empty line. */
static void put_end(stox_buf *out, size_t length) {
  if (length < 10) {
    char line[] = "Content-Length: 0\r\n\r\n";
    line[sizeof "Content-Length: " - 1] = (char)('0' + length);
    stox_put(out, line, sizeof line - 1);
    return;
  }
  STOX_PUT_LITERAL(out, "Content-Length: ");
  stox_buf_put_number(out, length);
  STOX_PUT_LITERAL(out, "\r\n\r\n");
}

/* A request gets its Via where it is sent (RFC 3261 18.1.1). */
static int is_whole(const stox_sip_edit *edit) {
  return (edit->missing & ~(edit->status == 0 ? STOX_SIP_HAS_VIA : 0)) == 0;
}

int stox_sip_write(stox_buf *out, const stox_sip_edit *edit) {
  sink s = {out, "", 0};
  if (!is_whole(edit)) {
    return STOX_E_MISSING;
  }
  if (edit->start.p == NULL) {
    put_start(out, edit);
  } else {
    keep(&s, edit->start.p, edit->start.n);
  }
  put_fields(&s, edit);
  if (edit->has_length && edit->tail.p != NULL) {
    keep(&s, edit->tail.p, edit->tail.n);
    flush(&s);
    return stox_buf_status(out);
  }
  flush(&s);
  if (edit->has_length) {
    STOX_PUT_LITERAL(out, "\r\n");
  } else {
    put_end(out, edit->body.n);
  }
  stox_put(out, edit->body.p, edit->body.n);
  return stox_buf_status(out);
}
