/* SPDX-License-Identifier: MIT */
#include "session/stream_private.h"

#include "stox/hash.h"
#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

enum { SHA1_OCTETS = 20 };

/* XEP-0114 3: SHA-1 over the stream id, as it stands unescaped, and the secret. */
static int digest_of(const stox_stream *obj, unsigned char *digest) {
  const stox_span parts[] = {obj->texts[TEXT_ID], obj->texts[TEXT_SECRET]};
  return stox_hash_parts(STOX_HASH_SHA1, parts, 2, digest, SHA1_OCTETS);
}

int stream_send_handshake(stox_stream *obj) {
  unsigned char digest[SHA1_OCTETS];
  char text[2 * SHA1_OCTETS + sizeof "<handshake></handshake>"];
  stox_buf buf;
  const int status = digest_of(obj, digest);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_init(&buf, text, sizeof text);
  (void)stox_buf_put_text(&buf, "<handshake>");
  (void)stox_hex_write(&buf, (stox_span){(const char *)digest, sizeof digest});
  (void)stox_buf_put_text(&buf, "</handshake>");
  return stream_put(obj, stox_buf_span(&buf));
}

/* 1: the component knows the secret. */
static int is_right(stox_stream *obj, const stox_xml_element *element, int *status) {
  unsigned char digest[SHA1_OCTETS];
  char given[SHA1_OCTETS];
  stox_span text;
  stox_buf buf;
  *status = stox_xml_text(&text, &obj->arena, element);
  if (*status == STOX_OK) {
    *status = digest_of(obj, digest);
  }
  if (*status != STOX_OK) {
    return 0;
  }
  stox_buf_init(&buf, given, sizeof given);
  return stox_hex_parse(&buf, stox_span_trim(text)) == STOX_OK &&
         stox_octets_is_equal_ct(stox_buf_span(&buf),
                                 (stox_span){(const char *)digest, sizeof digest});
}

void stream_handshake(stox_stream *obj, const stox_xml_element *element, uint64_t now_ns) {
  if (obj->options.role == STOX_STREAM_RECEIVING) {
    int status = STOX_OK;
    if (!is_right(obj, element, &status)) {
      if (status == STOX_OK) {
        stream_refuse(obj, STOX_STREAM_NOT_AUTHORIZED, now_ns);
      } else {
        stream_give_up(obj, STOX_E_NOMEM, now_ns);
      }
      return;
    }
    status = stream_put(obj, stox_span_text("<handshake/>"));
    if (status == STOX_OK) {
      status = stream_text(obj, TEXT_IDENTITIES, obj->peer.to);
    }
    if (status != STOX_OK) {
      stream_give_up(obj, status, now_ns);
      return;
    }
  }
  obj->is_authenticated = 1;
  stream_ready(obj, now_ns);
}
