/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/host.h"
#include "stox/number.h"
#include "stox/stun.h"

#define VECTORS STOX_TEST_VECTORS "/sip-outbound/"

static const stox_endpoint client = {ROW("198.51.100.7"), 40001, STOX_TRANSPORT_UDP};
static const stox_endpoint client6 = {ROW("2001:db8:1::7"), 40001, STOX_TRANSPORT_UDP};
static const stox_endpoint server = {ROW("192.0.2.10"), 5060, STOX_TRANSPORT_UDP};
static const stox_endpoint server6 = {ROW("2001:db8::10"), 5060, STOX_TRANSPORT_UDP};

/* A vector, in a room that lives until the second call after this one. */
static stox_span file(const char *name) {
  static char rooms[2][256];
  static size_t turn;
  char *room = rooms[turn++ % 2];
  char path[1024];
  (void)snprintf(path, sizeof path, "%s%s", VECTORS, name);
  FILE *from = fopen(path, "rb");
  assert_non_null(from);
  const size_t n = fread(room, 1, sizeof rooms[0], from);
  (void)fclose(from);
  return (stox_span){room, n};
}

static stox_span octets_of(char *room, size_t cap, const char *hex) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  assert_status(stox_hex_parse(&out, stox_span_text(hex)), STOX_OK);
  return stox_buf_span(&out);
}

/* The figures of RFC 5769 2.1 to 2.3. */
static const char request_5769[] = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e2074657"
                                   "37420636c69656e74002400046e0001ff"
                                   "80290008932ff9b151263b36000600096576746a3a683676592020200008001"
                                   "49aeaa70cbfd8cb56781ef2b5b2d3f249"
                                   "c1b571a280280004e57a3bcf";
static const char response_5769[] =
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a6"
    "43"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
static const char response6_5769[] =
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9"
    "fa"
    "a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

/* ---- the server ---- */

typedef struct exchange {
  const char *request;
  const char *answer; /* NULL: none */
  const stox_endpoint *source;
  const stox_endpoint *local;
  int status;
} exchange;

/* "OB-7-01" "OB-7-02" "OB-7-03" "OB-3.5-04" "OB-RFC5626-8-01" */
static const exchange exchanges[] = {
    {"stun-3489-request.bin", "stun-3489-response.bin", &client, &server, STOX_OK},
    {"stun-3489-change-request.bin", "stun-3489-420.bin", &client, &server, STOX_OK},
    {"stun-5389-request.bin", "stun-5389-response.bin", &client, &server, STOX_OK},
    {"stun-5389-request.bin", "stun-5389-response-v6.bin", &client6, &server6, STOX_OK},
    {"stun-short.bin", NULL, &client, &server, STOX_E_BAD_LENGTH},
    {"stun-badlen.bin", NULL, &client, &server, STOX_E_BAD_LENGTH},
    {"stun-3489-response.bin", NULL, &client, &server, STOX_E_NONE},
    {"stun-5389-response.bin", NULL, &client, &server, STOX_E_NONE},
};

static void test_server(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(exchanges); i++) {
    const exchange *e = &exchanges[i];
    guard request = guard_copy(file(e->request));
    const stox_span want = e->answer == NULL ? S("") : file(e->answer);
    for (size_t cap = 0; cap <= want.n + 1; cap++) {
      char room[256];
      stox_buf out;
      stox_buf_init(&out, room, cap);
      const int status = cap < want.n ? STOX_E_NOBUF : e->status;
      assert_status(stox_stun_answer(&out, request.span, e->source, e->local), status);
      assert_int_equal(out.len, want.n);
      if (status == STOX_OK) {
        assert_span_equal(stox_buf_span(&out), want);
      }
    }
    guard_free(&request);
  }
}

/* "OB-7-03": where the answer should go to is not for the request to say. */
static void test_reflection(void **state) {
  (void)state;
  char room[256];
  stox_buf out;
  stox_stun_message message;
  stox_stun_attribute attribute;
  size_t at = 0;
  stox_buf_init(&out, room, sizeof room);
  const stox_span request = file("stun-3489-response-address.bin");
  assert_status(stox_stun_answer(&out, request, &client, &server), STOX_OK);
  assert_status(stox_stun_parse(&message, stox_buf_span(&out)), STOX_OK);
  assert_int_equal(message.type, STOX_STUN_BINDING_ERROR);
  assert_int_equal(stox_stun_error_code(&message), 420);
  assert_status(stox_stun_next(&attribute, &message, &at), STOX_OK);
  assert_status(stox_stun_next(&attribute, &message, &at), STOX_OK);
  assert_int_equal(attribute.type, STOX_STUN_UNKNOWN_ATTRIBUTES);
  assert_span_equal(attribute.value, S("\0\2\0\2"));
  assert_status(stox_stun_next(&attribute, &message, &at), STOX_E_NONE);
}

/* What must be understood and is not (RFC 5389 7.3.1), with a fingerprint that is checked and
 * answered by one. */
static void test_unknown_attributes(void **state) {
  (void)state;
  char octets[256];
  char room[256];
  stox_buf out;
  stox_stun_message message;
  stox_stun_attribute attribute;
  size_t at = 0;
  const stox_span request = octets_of(octets, sizeof octets, request_5769);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_stun_answer(&out, request, &client, &server), STOX_OK);
  assert_status(stox_stun_parse(&message, stox_buf_span(&out)), STOX_OK);
  assert_int_equal(stox_stun_error_code(&message), 420);
  assert_span_equal(message.id, stox_span_slice(request, 8, 12));
  assert_status(stox_stun_next(&attribute, &message, &at), STOX_OK);
  assert_int_equal(attribute.type, STOX_STUN_ERROR_CODE);
  assert_span_equal(stox_span_slice(attribute.value, 4, 64), S("Unknown Attribute"));
  assert_status(stox_stun_next(&attribute, &message, &at), STOX_OK);
  assert_span_equal(attribute.value, S("\0\x24"));
  assert_status(stox_stun_next(&attribute, &message, &at), STOX_OK);
  assert_int_equal(attribute.type, STOX_STUN_FINGERPRINT);
}

static void test_bad_endpoints(void **state) {
  (void)state;
  static const stox_endpoint nobody = {ROW("nobody.example"), 1, STOX_TRANSPORT_UDP};
  char room[64];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  const stox_span request = file("stun-5389-request.bin");
  assert_status(stox_stun_answer(&out, request, &nobody, &server), STOX_E_BAD_HOST);
  assert_status(stox_stun_answer(&out, request, &client, &nobody), STOX_E_BAD_HOST);
  assert_int_equal(out.len, 0);
}

/* ---- the client ---- */

static void check_mapped(stox_span response, const stox_endpoint *want) {
  stox_stun_message message;
  stox_stun_address mapped;
  stox_stun_address other = {.port = want->port};
  size_t n = 0;
  guard g = guard_copy(response);
  assert_status(stox_stun_parse(&message, g.span), STOX_OK);
  assert_int_equal(message.type, STOX_STUN_BINDING_RESPONSE);
  assert_status(stox_stun_mapped(&mapped, &message), STOX_OK);
  assert_status(stox_host_address(other.address, &n, want->host), STOX_OK);
  other.address_n = (uint32_t)n;
  assert_true(stox_stun_address_is_equal(&mapped, &other));
  other.port++;
  assert_false(stox_stun_address_is_equal(&mapped, &other));
  guard_free(&g);
}

/* "OB-RFC5626-4.4.2-01": the mapped address by either generation, and of RFC 5769's responses. */
static void test_mapped(void **state) {
  (void)state;
  static const stox_endpoint ip4 = {ROW("192.0.2.1"), 32853, STOX_TRANSPORT_UDP};
  static const stox_endpoint ip6 = {ROW("2001:db8:1234:5678:11:2233:4455:6677"), 32853,
                                    STOX_TRANSPORT_UDP};
  char room[128];
  check_mapped(file("stun-3489-response.bin"), &client);
  check_mapped(file("stun-5389-response.bin"), &client);
  check_mapped(file("stun-5389-response-v6.bin"), &client6);
  check_mapped(octets_of(room, sizeof room, response_5769), &ip4);
  check_mapped(octets_of(room, sizeof room, response6_5769), &ip6);
}

static void test_request(void **state) {
  (void)state;
  char room[STOX_STUN_HEADER];
  stox_buf out;
  const stox_span want = file("stun-5389-request.bin");
  const stox_span id = stox_span_slice(want, 8, 12);
  for (size_t cap = 0; cap <= sizeof room; cap++) {
    stox_buf_init(&out, room, cap);
    assert_status(stox_stun_request(&out, id), cap < sizeof room ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, sizeof room);
  }
  assert_span_equal(stox_buf_span(&out), want);
  assert_status(stox_stun_request(&out, stox_span_slice(want, 8, 11)), STOX_E_ARG);
}

/* ---- malformed messages ---- */

typedef struct bad {
  const char *hex;
  int status;
} bad;

static const bad bads[] = {
    {"", STOX_E_BAD_LENGTH},
    {"800100002112a442000000000000000000000000", STOX_E_SYNTAX},
    {"400100002112a442000000000000000000000000", STOX_E_SYNTAX},
    {"000100012112a44200000000000000000000000000", STOX_E_BAD_LENGTH},
    {"000100042112a442000000000000000000000000", STOX_E_BAD_LENGTH},
    {"000100002112a44200000000000000000000000000000000", STOX_E_BAD_LENGTH},
    {"000100042112a44200000000000000000000000080220001", STOX_E_BAD_LENGTH},
    {"000100082112a442000000000000000000000000802200058022aaaa", STOX_E_BAD_LENGTH},
    {"000100082112a4420000000000000000000000008028000400000000", STOX_E_AUTH},
    {"000100082112a44200000000000000000000000080280003000000ff", STOX_E_AUTH},
};

static void test_malformed(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bads); i++) {
    char room[128];
    stox_stun_message message;
    guard g = guard_copy(octets_of(room, sizeof room, bads[i].hex));
    assert_status(stox_stun_parse(&message, g.span), bads[i].status);
    guard_free(&g);
  }
}

/* A fingerprint covers every bit; whatever stands behind it makes it void (RFC 5389 15.5). The
 * headers of attributes and the cookie are left alone: with others it is no fingerprint. */
static void test_fingerprint(void **state) {
  (void)state;
  static const size_t skipped[] = {4, 20, 36, 48, 72};
  char room[256];
  stox_stun_message message;
  const stox_span text = octets_of(room, sizeof room, response_5769);
  for (size_t i = 0; i < text.n * 8; i++) {
    int is_skipped = 0;
    for (size_t k = 0; k < COUNT(skipped); k++) {
      is_skipped |= i / 8 - skipped[k] < 4;
    }
    if (is_skipped) {
      continue;
    }
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
    guard g = guard_copy(text);
    assert_int_not_equal(stox_stun_parse(&message, g.span), STOX_OK);
    guard_free(&g);
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
  }
  memcpy(room + text.n, "\x80\x22\0\0", 4);
  room[3] = (char)(room[3] + 4);
  assert_status(stox_stun_parse(&message, (stox_span){room, text.n + 4}), STOX_E_AUTH);
}

static void test_limit(void **state) {
  (void)state;
  static char room[STOX_STUN_MOST + 4] = {0, 1, 0, 0, 0x21, 0x12, (char)0xA4, 0x42};
  stox_stun_message message;
  for (size_t n = STOX_STUN_MOST - 4; n <= sizeof room; n += 4) {
    const size_t value = n - STOX_STUN_HEADER - 4;
    room[2] = (char)((n - STOX_STUN_HEADER) >> 8);
    room[3] = (char)(n - STOX_STUN_HEADER);
    memcpy(room + STOX_STUN_HEADER, (const char[]){(char)0x80, 0x22}, 2);
    room[STOX_STUN_HEADER + 2] = (char)(value >> 8);
    room[STOX_STUN_HEADER + 3] = (char)value;
    assert_status(stox_stun_parse(&message, (stox_span){room, n}),
                  n > STOX_STUN_MOST ? STOX_E_TOO_LONG : STOX_OK);
  }
}

/* Responses without an address, or with none that can be read, and codes of errors. */
static void test_odd_responses(void **state) {
  (void)state;
  static const struct {
    const char *hex;
    int mapped;
    int code;
  } rows[] = {
      {"010100002112a442000000000000000000000000", STOX_E_NONE, 0},
      {"010100082112a4420000000000000000000000000001000400010000", STOX_E_BAD_HOST, 0},
      {"0101000c2112a442000000000000000000000000002000080003000100000000", STOX_E_BAD_HOST, 0},
      {"0101000c2112a442000000000000000000000000002000080002000100000000", STOX_E_BAD_HOST, 0},
      {"011100082112a4420000000000000000000000000009000400000414", STOX_E_NONE, 420},
      {"011100082112a4420000000000000000000000000009000400000664", STOX_E_NONE, 0},
      {"011100082112a4420000000000000000000000000009000400000200", STOX_E_NONE, 0},
      {"011100082112a4420000000000000000000000000009000200000414", STOX_E_NONE, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[64];
    stox_stun_message message;
    stox_stun_address address;
    guard g = guard_copy(octets_of(room, sizeof room, rows[i].hex));
    assert_status(stox_stun_parse(&message, g.span), STOX_OK);
    assert_status(stox_stun_mapped(&address, &message), rows[i].mapped);
    assert_int_equal(stox_stun_error_code(&message), rows[i].code);
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_server),
      cmocka_unit_test(test_reflection),
      cmocka_unit_test(test_unknown_attributes),
      cmocka_unit_test(test_bad_endpoints),
      cmocka_unit_test(test_mapped),
      cmocka_unit_test(test_request),
      cmocka_unit_test(test_malformed),
      cmocka_unit_test(test_fingerprint),
      cmocka_unit_test(test_limit),
      cmocka_unit_test(test_odd_responses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
