/* SPDX-License-Identifier: MIT */
#include "sip/edit.h"
#include "sip/scan.h"
#include "stox/status.h"

static void write_start(stox_buf *out, const stox_sip_edit *edit) {
  if (edit->start.p != NULL) {
    stox_buf_put(out, edit->start);
    return;
  }
  if (edit->status == 0) {
    stox_buf_put(out, edit->method);
    stox_buf_put_octet(out, ' ');
    stox_buf_put(out, edit->request_uri);
    stox_buf_put_text(out, " SIP/2.0\r\n");
    return;
  }
  stox_buf_put_text(out, "SIP/2.0 ");
  stox_buf_put_number(out, (uint64_t)edit->status);
  stox_buf_put_octet(out, ' ');
  stox_buf_put(out, edit->reason);
  stox_buf_put_text(out, "\r\n");
}

static void write_field(stox_buf *out, stox_span name, stox_span value) {
  stox_buf_put(out, name);
  stox_buf_put_text(out, ": ");
  stox_buf_put(out, value);
  stox_buf_put_text(out, "\r\n");
}

static void write_length(stox_buf *out, stox_span name, size_t length) {
  stox_buf_put(out, name);
  stox_buf_put_text(out, ": ");
  stox_buf_put_number(out, length);
  stox_buf_put_text(out, "\r\n");
}

/* A kept Content-Length stays byte-exact while it is right. */
static void write_kept_length(stox_buf *out, const stox_sip_item *item, size_t length) {
  size_t said = 0;
  if (item->line.p != NULL && stox_sip_length(&said, item->value) == STOX_OK && said == length) {
    stox_buf_put(out, item->line);
    return;
  }
  write_length(out, item->name, length);
}

int stox_sip_write(stox_buf *out, const stox_sip_edit *edit) {
  int has_length = 0;
  write_start(out, edit);
  for (const stox_sip_item *item = edit->first; item != NULL; item = item->next) {
    if (item->id == STOX_SIP_CONTENT_LENGTH) {
      if (!has_length) {
        write_kept_length(out, item, edit->body.n);
      }
      has_length = 1;
    } else if (item->line.p != NULL) {
      stox_buf_put(out, item->line);
    } else {
      write_field(out, item->name, item->value);
    }
  }
  if (!has_length) {
    write_length(out, stox_span_text("Content-Length"), edit->body.n);
  }
  stox_buf_put_text(out, "\r\n");
  stox_buf_put(out, edit->body);
  return stox_buf_status(out);
}
