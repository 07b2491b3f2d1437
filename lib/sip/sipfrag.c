/* SPDX-License-Identifier: MIT */
#include "stox/sipfrag.h"

#include "base/options.h"
#include "sip/message.h"
#include "sip/scan.h"
#include "stox/error_map.h"
#include "stox/status.h"

enum { CODE_LEAST = 100, CODE_MOST = 699, REASON_MOST = 256 };

int stox_sipfrag_parse(stox_sip_message **out, stox_arena *arena, stox_span bytes,
                       const stox_sip_options *options, stox_diag *diag) {
  stox_sip_options own;
  *out = NULL;
  (void)stox_sip_options_init(&own, sizeof own);
  const int status = stox_options_read(&own, sizeof own, options);
  if (status != STOX_OK) {
    return stox_diag_set(diag, status, 0, 0, "stox_sip_options");
  }
  own.is_fragment = 1;
  return stox_sip_parse(out, arena, bytes, &own, diag);
}

int stox_sipfrag_kind(const stox_sip_message *fragment) {
  if (fragment->start.p == NULL) {
    return STOX_SIPFRAG_HEADERS;
  }
  return fragment->status == 0 ? STOX_SIPFRAG_REQUEST : STOX_SIPFRAG_RESPONSE;
}

int stox_sipfrag_check_type(const stox_media_type *type) {
  stox_span version;
  if (!stox_media_type_is(type, "message", "sipfrag")) {
    return STOX_E_UNSUPPORTED_MEDIA;
  }
  const int status = stox_media_type_param(&version, type, "version");
  if (status != STOX_OK) {
    return status == STOX_E_NONE ? STOX_OK : status;
  }
  return stox_span_is_equal(version, stox_span_text("2.0")) ? STOX_OK : STOX_E_BAD_VERSION;
}

static int describes_body(int id) {
  return id == STOX_SIP_CONTENT_TYPE || id == STOX_SIP_CONTENT_LENGTH ||
         id == STOX_SIP_CONTENT_ENCODING || id == STOX_SIP_CONTENT_DISPOSITION ||
         id == STOX_SIP_CONTENT_LANGUAGE;
}

/* What is taken from a message. */
typedef struct choice {
  const stox_span *names;
  size_t n;
  int has_body;
} choice;

static int is_chosen(const choice *chosen, const stox_sip_header *header) {
  if (chosen->names == NULL || (chosen->has_body && describes_body(header->id))) {
    return 1;
  }
  for (size_t i = 0; i < chosen->n; i++) {
    const stox_span name = chosen->names[i];
    if (header->id == STOX_SIP_OTHER ? stox_span_is_equal_nocase(header->name, name)
                                     : stox_sip_header_of(name) == header->id) {
      return 1;
    }
  }
  return 0;
}

static void put_start(stox_buf *out, const stox_sip_message *message) {
  if (!message->lenient) {
    stox_buf_put(out, message->start);
    return;
  }
  if (message->status == 0) {
    stox_buf_put(out, message->method);
    stox_buf_put_octet(out, ' ');
    stox_buf_put(out, message->request_uri);
    stox_buf_put_text(out, " SIP/2.0\r\n");
    return;
  }
  stox_buf_put_text(out, "SIP/2.0 ");
  stox_buf_put_number(out, (uint64_t)message->status);
  stox_buf_put_octet(out, ' ');
  stox_buf_put(out, message->reason);
  stox_buf_put_text(out, "\r\n");
}

static int is_whole(stox_span line) {
  return line.n > 1 && line.p[line.n - 2] == '\r' && line.p[line.n - 1] == '\n';
}

static void put_field(stox_buf *out, const stox_sip_message *message, size_t index,
                      const stox_sip_header *header) {
  if ((message->fields[index].flags & STOX_SIP_BARE_LF) == 0 && is_whole(header->line)) {
    stox_buf_put(out, header->line);
    return;
  }
  stox_buf_put(out, header->name);
  stox_buf_put_text(out, ": ");
  stox_sip_unfold(out, header->value);
  stox_buf_put_text(out, "\r\n");
}

static void put_length(stox_buf *out, size_t length) {
  stox_buf_put_text(out, "Content-Length: ");
  stox_buf_put_number(out, length);
  stox_buf_put_text(out, "\r\n");
}

int stox_sipfrag_write(stox_buf *out, const stox_sip_message *message, const stox_span *names,
                       size_t n, int flags) {
  const choice chosen = {names, n, (flags & STOX_SIPFRAG_BODY) != 0 && message->body.n > 0};
  stox_sip_header header;
  if ((flags & STOX_SIPFRAG_START) != 0 && message->start.p == NULL) {
    return STOX_E_STATE;
  }
  if (chosen.has_body && message->first[STOX_SIP_CONTENT_TYPE] == 0) {
    return STOX_E_MISSING;
  }
  if ((flags & STOX_SIPFRAG_START) != 0) {
    put_start(out, message);
  }
  for (size_t i = 0; stox_sip_get_header(&header, message, i) == STOX_OK; i++) {
    if (is_chosen(&chosen, &header)) {
      put_field(out, message, i, &header);
    }
  }
  if (chosen.has_body) {
    if (message->first[STOX_SIP_CONTENT_LENGTH] == 0) {
      put_length(out, message->body.n);
    }
    stox_buf_put_text(out, "\r\n");
    stox_buf_put(out, message->body);
  }
  return stox_buf_status(out);
}

int stox_sipfrag_put_status(stox_buf *out, int code, stox_span reason) {
  char room[REASON_MOST];
  stox_buf phrase;
  if (code < CODE_LEAST || code > CODE_MOST) {
    return STOX_E_ARG;
  }
  stox_buf_init(&phrase, room, sizeof room);
  (void)stox_reason_write(&phrase, reason, sizeof room);
  stox_buf_put_text(out, "SIP/2.0 ");
  stox_buf_put_number(out, (uint64_t)code);
  stox_buf_put_octet(out, ' ');
  if (phrase.len > 0) {
    stox_buf_put(out, stox_buf_span(&phrase));
  } else {
    stox_buf_put_text(out, stox_sip_reason(code));
  }
  stox_buf_put_text(out, "\r\n");
  return stox_buf_status(out);
}
