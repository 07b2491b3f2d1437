/* SPDX-License-Identifier: MIT */
#include "stox/host.h"
#include "stox/status.h"
#include "stox/stun.h"
#include "stun/stun.h"

#include <string.h>

enum {
  UNKNOWN_MOST = 8, /* attributes that a refusal names */
  ROOM = 256,       /* of any answer */
  MUST_UNDERSTAND = 0x8000,
  UNKNOWN_ATTRIBUTE = 420
};

static const char unknown_phrase[] = "Unknown Attribute";

/* An answer in the making. */
typedef struct answer {
  const stox_stun_message *request;
  stox_buf out;
  char room[ROOM];
} answer;

static void put_u16(stox_buf *out, uint32_t value) {
  const char octets[2] = {(char)(value >> 8), (char)value};
  (void)stox_buf_put(out, (stox_span){octets, sizeof octets});
}

static void put_u32(stox_buf *out, uint32_t value) {
  put_u16(out, value >> 16);
  put_u16(out, value & UINT16_MAX);
}

/* The header of an answer, its length still to be set. */
static void begin(answer *a, const stox_stun_message *request, int type) {
  a->request = request;
  stox_buf_init(&a->out, a->room, sizeof a->room);
  put_u16(&a->out, (uint32_t)type);
  put_u16(&a->out, 0);
  (void)stox_buf_put(&a->out, stox_span_slice(request->octets, STOX_STUN_COOKIE_AT,
                                              STOX_STUN_HEADER - STOX_STUN_COOKIE_AT));
}

static void set_length(answer *a, size_t n) {
  a->room[2] = (char)(n >> 8);
  a->room[3] = (char)n;
}

static int has_fingerprint(const stox_stun_message *request) {
  stox_stun_attribute attribute;
  size_t at = 0;
  while (stox_stun_next(&attribute, request, &at) == STOX_OK) {
    if (attribute.type == STOX_STUN_FINGERPRINT) {
      return request->has_cookie;
    }
  }
  return 0;
}

/* Who sends fingerprints gets one. */
static int end(stox_buf *out, answer *a) {
  const int is_marked = has_fingerprint(a->request);
  const size_t mark = is_marked ? STOX_STUN_ATTRIBUTE_HEADER + STOX_STUN_FINGERPRINT_N : 0;
  set_length(a, a->out.len - STOX_STUN_HEADER + mark);
  if (is_marked) {
    const uint32_t crc = stox_stun_crc(stox_buf_span(&a->out));
    put_u16(&a->out, STOX_STUN_FINGERPRINT);
    put_u16(&a->out, STOX_STUN_FINGERPRINT_N);
    put_u32(&a->out, crc ^ STOX_STUN_FINGERPRINT_MASK);
  }
  return stox_buf_put(out, stox_buf_span(&a->out));
}

static int read_endpoint(stox_stun_address *out, const stox_endpoint *endpoint) {
  size_t n = 0;
  const int status = stox_host_address(out->address, &n, endpoint->host);
  out->address_n = (uint32_t)n;
  out->port = endpoint->port;
  return status;
}

/* XORed with what stands in the header, or with nothing. */
static void put_address(answer *a, int type, const stox_stun_address *address) {
  static const char nothing[STOX_STUN_IP6] = {0};
  const int is_masked = type == STOX_STUN_XOR_MAPPED_ADDRESS;
  const char *mask = is_masked ? a->request->octets.p + STOX_STUN_COOKIE_AT : nothing;
  put_u16(&a->out, (uint32_t)type);
  put_u16(&a->out, STOX_STUN_ATTRIBUTE_HEADER + address->address_n);
  put_u16(&a->out,
          address->address_n == STOX_STUN_IP6 ? STOX_STUN_FAMILY_IP6 : STOX_STUN_FAMILY_IP4);
  put_u16(&a->out, address->port ^ stox_stun_u16(mask));
  for (size_t i = 0; i < address->address_n; i++) {
    (void)stox_buf_put_octet(&a->out, (char)(address->address[i] ^ (unsigned char)mask[i]));
  }
}

/* ---- refusals ---- */

/* RFC 3489 11.2.4: nothing is to change. */
static int changes_nothing(const stox_stun_attribute *attribute) {
  return attribute->value.n == sizeof(uint32_t) && stox_stun_u32(attribute->value.p) == 0;
}

static int is_understood(const stox_stun_attribute *attribute, int has_cookie) {
  switch (attribute->type) {
  case STOX_STUN_USERNAME: /* without credentials of ours they say nothing to us */
  case STOX_STUN_MESSAGE_INTEGRITY:
    return 1;
  case STOX_STUN_REALM:
  case STOX_STUN_NONCE:
    return has_cookie;
  case STOX_STUN_CHANGE_REQUEST:
    return !has_cookie && changes_nothing(attribute);
  default:
    return attribute->type >= MUST_UNDERSTAND;
  }
}

static size_t find_unknown(uint32_t *types, const stox_stun_message *request) {
  stox_stun_attribute attribute;
  size_t at = 0;
  size_t n = 0;
  while (n < UNKNOWN_MOST && stox_stun_next(&attribute, request, &at) == STOX_OK) {
    if (!is_understood(&attribute, request->has_cookie)) {
      types[n++] = attribute.type;
    }
  }
  return n;
}

/* RFC 5389 pads behind the length; RFC 3489 knows no padding: its phrase ends with spaces, and a
 * type is repeated (11.2.9, 11.2.10). */
static void put_refusal(answer *a, const uint32_t *types, size_t n) {
  const int has_cookie = a->request->has_cookie;
  const size_t phrase = sizeof unknown_phrase - 1;
  const size_t padding = (4 - phrase % 4) % 4;
  put_u16(&a->out, STOX_STUN_ERROR_CODE);
  put_u16(&a->out, (uint32_t)(4 + phrase + (has_cookie ? 0 : padding)));
  put_u16(&a->out, 0);
  put_u16(&a->out, UNKNOWN_ATTRIBUTE / 100 << 8 | UNKNOWN_ATTRIBUTE % 100);
  (void)stox_buf_put_text(&a->out, unknown_phrase);
  for (size_t i = 0; i < padding; i++) {
    (void)stox_buf_put_octet(&a->out, has_cookie ? '\0' : ' ');
  }
  put_u16(&a->out, STOX_STUN_UNKNOWN_ATTRIBUTES);
  put_u16(&a->out, (uint32_t)(2 * (n + (has_cookie ? 0 : n % 2))));
  for (size_t i = 0; i < n; i++) {
    put_u16(&a->out, types[i]);
  }
  if (n % 2 != 0) {
    put_u16(&a->out, has_cookie ? 0 : types[n - 1]);
  }
}

/* ---- the door ---- */

int stox_stun_request(stox_buf *out, stox_span id) {
  if (id.n != STOX_STUN_ID) {
    return STOX_E_ARG;
  }
  put_u16(out, STOX_STUN_BINDING_REQUEST);
  put_u16(out, 0);
  put_u32(out, STOX_STUN_COOKIE);
  return stox_buf_put(out, id);
}

static void put_binding(answer *a, const stox_stun_address *source,
                        const stox_stun_address *local) {
  if (a->request->has_cookie) {
    put_address(a, STOX_STUN_XOR_MAPPED_ADDRESS, source);
    return;
  }
  put_address(a, STOX_STUN_MAPPED_ADDRESS, source);
  put_address(a, STOX_STUN_SOURCE_ADDRESS, local);
  put_address(a, STOX_STUN_CHANGED_ADDRESS, local);
}

int stox_stun_answer(stox_buf *out, stox_span request, const stox_endpoint *source,
                     const stox_endpoint *local) {
  stox_stun_message message;
  stox_stun_address from;
  stox_stun_address here;
  uint32_t unknown[UNKNOWN_MOST];
  answer a;
  int status = stox_stun_parse(&message, request);
  if (status != STOX_OK) {
    return status;
  }
  if (message.type != STOX_STUN_BINDING_REQUEST) {
    return STOX_E_NONE;
  }
  if ((status = read_endpoint(&from, source)) != STOX_OK ||
      (status = read_endpoint(&here, local)) != STOX_OK) {
    return status;
  }
  const size_t n = find_unknown(unknown, &message);
  begin(&a, &message, n > 0 ? STOX_STUN_BINDING_ERROR : STOX_STUN_BINDING_RESPONSE);
  if (n > 0) {
    put_refusal(&a, unknown, n);
  } else {
    put_binding(&a, &from, &here);
  }
  return end(out, &a);
}
