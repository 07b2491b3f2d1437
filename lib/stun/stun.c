/* SPDX-License-Identifier: MIT */
#include "stox/stun.h"

#include "stox/status.h"
#include "stun/stun.h"
#include "text/ip.h"

#include <string.h>

enum { TYPE_HIGH_BITS = 0xC0, ID_3489 = 16, ADDRESS_HEADER = 4, CODE_LEAST = 300, CODE_MOST = 699 };

/* ---- CRC-32 ---- */

/* By nibbles: sixteen words in place of a kilobyte. */
static const uint32_t crc_of[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

uint32_t stox_stun_crc(stox_span octets) {
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < octets.n; i++) {
    crc ^= (unsigned char)octets.p[i];
    crc = crc >> 4 ^ crc_of[crc & 15];
    crc = crc >> 4 ^ crc_of[crc & 15];
  }
  return ~crc;
}

/* ---- messages ---- */

int stox_stun_next(stox_stun_attribute *out, const stox_stun_message *message, size_t *cursor) {
  const stox_span left = stox_span_slice(message->attributes, *cursor, SIZE_MAX);
  if (left.n < STOX_STUN_ATTRIBUTE_HEADER) {
    return STOX_E_NONE;
  }
  const size_t n = stox_stun_u16(left.p + 2);
  *out = (stox_stun_attribute){stox_stun_u16(left.p), 0,
                               stox_span_slice(left, STOX_STUN_ATTRIBUTE_HEADER, n)};
  *cursor += STOX_STUN_ATTRIBUTE_HEADER + ((n + 3) & ~(size_t)3);
  return STOX_OK;
}

/* RFC 5389 15.5: over all that stands before it, whose length counts it already. */
static int check_fingerprint(const stox_stun_message *message, const stox_stun_attribute *last,
                             int is_last) {
  const size_t before = message->octets.n - STOX_STUN_ATTRIBUTE_HEADER - STOX_STUN_FINGERPRINT_N;
  if (!is_last || last->value.n != STOX_STUN_FINGERPRINT_N) {
    return STOX_E_AUTH;
  }
  const uint32_t crc = stox_stun_crc(stox_span_slice(message->octets, 0, before));
  return (crc ^ STOX_STUN_FINGERPRINT_MASK) == stox_stun_u32(last->value.p) ? STOX_OK : STOX_E_AUTH;
}

/* That the attributes fill what the header says, with their padding. */
static int check_attributes(const stox_stun_message *message) {
  stox_stun_attribute attribute;
  size_t at = 0;
  while (at < message->attributes.n) {
    const size_t from = at;
    if (stox_stun_next(&attribute, message, &at) != STOX_OK || at > message->attributes.n ||
        attribute.value.n != stox_stun_u16(message->attributes.p + from + 2)) {
      return STOX_E_BAD_LENGTH;
    }
    if (message->has_cookie && attribute.type == STOX_STUN_FINGERPRINT) {
      return check_fingerprint(message, &attribute, at == message->attributes.n);
    }
  }
  return STOX_OK;
}

int stox_stun_parse(stox_stun_message *out, stox_span octets) {
  if (octets.n > 0 && ((unsigned char)octets.p[0] & TYPE_HIGH_BITS) != 0) {
    return STOX_E_SYNTAX;
  }
  if (octets.n < STOX_STUN_HEADER) {
    return STOX_E_BAD_LENGTH;
  }
  if (octets.n > STOX_STUN_MOST) {
    return STOX_E_TOO_LONG;
  }
  const size_t n = stox_stun_u16(octets.p + 2);
  if (n % 4 != 0 || n != octets.n - STOX_STUN_HEADER) {
    return STOX_E_BAD_LENGTH;
  }
  const int has_cookie = stox_stun_u32(octets.p + STOX_STUN_COOKIE_AT) == STOX_STUN_COOKIE;
  const size_t id = has_cookie ? STOX_STUN_HEADER - STOX_STUN_ID : STOX_STUN_COOKIE_AT;
  const stox_stun_message message = {
      .type = (int)stox_stun_u16(octets.p),
      .has_cookie = has_cookie,
      .id = stox_span_slice(octets, id, has_cookie ? STOX_STUN_ID : ID_3489),
      .attributes = stox_span_slice(octets, STOX_STUN_HEADER, n),
      .octets = octets,
  };
  const int status = check_attributes(&message);
  if (status == STOX_OK) {
    *out = message;
  }
  return status;
}

/* ---- what responses say ---- */

static int find(stox_stun_attribute *out, const stox_stun_message *message, uint32_t type) {
  size_t at = 0;
  while (stox_stun_next(out, message, &at) == STOX_OK) {
    if (out->type == type) {
      return 1;
    }
  }
  return 0;
}

/* The address is XORed with the cookie and the id, which stand one behind the other (RFC
 * 5389 15.2).
 */
static void unmask(stox_stun_address *address, const stox_stun_message *message) {
  const char *mask = message->octets.p + STOX_STUN_COOKIE_AT;
  address->port ^= STOX_STUN_COOKIE >> 16;
  for (size_t i = 0; i < address->address_n; i++) {
    address->address[i] ^= (unsigned char)mask[i];
  }
}

int stox_stun_mapped(stox_stun_address *out, const stox_stun_message *message) {
  stox_stun_attribute attribute;
  stox_stun_address address = {0};
  const int is_masked =
      message->has_cookie && find(&attribute, message, STOX_STUN_XOR_MAPPED_ADDRESS);
  if (!is_masked && !find(&attribute, message, STOX_STUN_MAPPED_ADDRESS)) {
    return STOX_E_NONE;
  }
  const size_t n = attribute.value.n - ADDRESS_HEADER;
  const int family = attribute.value.n > ADDRESS_HEADER ? attribute.value.p[1] : 0;
  if (!(family == STOX_STUN_FAMILY_IP4 && n == STOX_STUN_IP4) &&
      !(family == STOX_STUN_FAMILY_IP6 && n == STOX_STUN_IP6)) {
    return STOX_E_BAD_HOST;
  }
  address.port = stox_stun_u16(attribute.value.p + 2);
  address.address_n = (uint32_t)n;
  memcpy(address.address, attribute.value.p + ADDRESS_HEADER, n);
  if (is_masked) {
    unmask(&address, message);
  }
  *out = address;
  return STOX_OK;
}

int stox_stun_error_code(const stox_stun_message *message) {
  stox_stun_attribute attribute;
  if (!find(&attribute, message, STOX_STUN_ERROR_CODE) || attribute.value.n < ADDRESS_HEADER) {
    return 0;
  }
  const int code = (attribute.value.p[2] & 7) * 100 + (unsigned char)attribute.value.p[3];
  const int is_good = code >= CODE_LEAST && code <= CODE_MOST && code % 100 == attribute.value.p[3];
  return is_good ? code : 0;
}

int stox_stun_address_is_equal(const stox_stun_address *a, const stox_stun_address *b) {
  return a->port == b->port && a->address_n == b->address_n &&
         memcmp(a->address, b->address, a->address_n) == 0;
}

int stox_stun_address_write(stox_buf *out, const stox_stun_address *address) {
  const int has_brackets = address->address_n == STOX_STUN_IP6;
  (void)stox_buf_put_text(out, has_brackets ? "[" : "");
  stox_ip_write(out, address->address, address->address_n);
  (void)stox_buf_put_text(out, has_brackets ? "]:" : ":");
  return stox_buf_put_number(out, address->port);
}
