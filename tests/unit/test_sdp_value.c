/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/media_type.h"
#include "stox/sdp.h"

static void test_origin(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int status;
  } rows[] = {
      {ROW("- 0 0 IN IP4 192.0.2.10"), STOX_OK},
      {ROW("carol 28908764872 99999999999999999999999 IN IP6 ::1"), STOX_OK},
      {ROW("\xC3\xA9 1 1 IN IP4 h.example"), STOX_OK},
      {ROW(""), STOX_E_BAD_BODY},
      {ROW("- 0 0 IN IP4"), STOX_E_BAD_BODY},
      {ROW("- 0 0 IN IP4 h x"), STOX_E_BAD_BODY},
      {ROW("- 0  0 IN IP4 h"), STOX_E_BAD_BODY},
      {ROW(" - 0 0 IN IP4 h"), STOX_E_BAD_BODY},
      {ROW("- -1 0 IN IP4 h"), STOX_E_BAD_BODY},
      {ROW("- 0 x IN IP4 h"), STOX_E_BAD_BODY},
      {ROW("- 0 0 IN IP/4 h"), STOX_E_BAD_BODY},
      {ROW("- 0 0 IN IP4 \t"), STOX_E_BAD_BODY},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_sdp_origin origin;
    assert_status(stox_sdp_origin_parse(&origin, g.span), rows[i].status);
    guard_free(&g);
  }
  stox_sdp_origin origin;
  assert_status(stox_sdp_origin_parse(&origin, S("- 12 34 IN IP4 192.0.2.10")), STOX_OK);
  assert_span_equal(origin.id, S("12"));
  assert_span_equal(origin.version, S("34"));
  assert_span_equal(origin.address, S("192.0.2.10"));
}

static void test_connection(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int status;
    const char *address;
    const char *suffix;
  } rows[] = {
      {ROW("IN IP4 192.0.2.1"), STOX_OK, "192.0.2.1", NULL},
      {ROW("IN IP4 224.2.1.1/127/3"), STOX_OK, "224.2.1.1", "127/3"},
      {ROW("IN IP6 2001:db8::1"), STOX_OK, "2001:db8::1", NULL},
      {ROW("IN IP4 /127"), STOX_E_BAD_BODY, "", ""},
      {ROW("IN IP4 "), STOX_E_BAD_BODY, "", ""},
      {ROW("IN IP4"), STOX_E_BAD_BODY, "", ""},
      {ROW("IN IP4 a b"), STOX_E_BAD_BODY, "", ""},
      {ROW(""), STOX_E_BAD_BODY, "", ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_sdp_connection connection;
    assert_status(stox_sdp_connection_parse(&connection, g.span), rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_span_equal(connection.address, stox_span_text(rows[i].address));
      assert_span_equal(connection.suffix, stox_span_text(rows[i].suffix));
      assert_int_equal(connection.suffix.p == NULL, rows[i].suffix == NULL);
    }
    guard_free(&g);
  }
}

/* "J-SDP-L-14": the grammar of m= holds for lenient too; "J-SDP-L-05": formats in order. */
static void test_media(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int strict;
    int lenient;
    uint32_t port;
    uint32_t count;
    const char *proto;
    const char *formats;
  } rows[] = {
      {ROW("audio 49170 RTP/AVP 0 8 97"), STOX_OK, STOX_OK, 49170, 1, "RTP/AVP", "0 8 97"},
      {ROW("audio 49170/2 RTP/AVP 31"), STOX_OK, STOX_OK, 49170, 2, "RTP/AVP", "31"},
      {ROW("video 0 UDP/TLS/RTP/SAVPF 31"), STOX_OK, STOX_OK, 0, 1, "UDP/TLS/RTP/SAVPF", "31"},
      {ROW("message 65535 sip/tcp * sip:a@b"), STOX_OK, STOX_OK, 65535, 1, "sip/tcp", "* sip:a@b"},
      {ROW(" audio  1 udp x "), STOX_E_BAD_BODY, STOX_OK, 1, 1, "udp", "x"},
      {ROW("audio 65536 udp x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio -1 udp x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1/0 udp x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1/ udp x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1 udp"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1 udp "), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1 /udp x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1 udp/ x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("au/dio 1 udp x"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("audio 1 udp sip:a@b"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW("message 1 sip a\tb"), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
      {ROW(""), STOX_E_BAD_BODY, STOX_E_BAD_BODY, 0, 0, "", ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_sdp_media media;
    assert_status(stox_sdp_media_parse(&media, g.span, 0), rows[i].strict);
    assert_status(stox_sdp_media_parse(&media, g.span, 1), rows[i].lenient);
    if (rows[i].lenient == STOX_OK) {
      assert_int_equal(media.port, rows[i].port);
      assert_int_equal(media.port_count, rows[i].count);
      assert_span_equal(media.proto, stox_span_text(rows[i].proto));
      assert_span_equal(media.formats, stox_span_text(rows[i].formats));
    }
    guard_free(&g);
  }
}

static void test_numbers(void **state) {
  (void)state;
  stox_span type;
  uint64_t a = 0;
  uint64_t b = 0;
  assert_status(stox_sdp_bandwidth_parse(&type, &a, S("TIAS:64000")), STOX_OK);
  assert_span_equal(type, S("TIAS"));
  assert_int_equal(a, 64000);
  assert_status(stox_sdp_time_parse(&a, &b, S("2873397496 2873404696")), STOX_OK);
  assert_int_equal(a, 2873397496U);
  assert_int_equal(b, 2873404696U);
  static const stox_span bandwidths[] = {ROW(""),
                                         ROW("AS"),
                                         ROW("AS:"),
                                         ROW(":1"),
                                         ROW("AS:x"),
                                         ROW("AS:1 "),
                                         ROW("AS:18446744073709551616")};
  for (size_t i = 0; i < COUNT(bandwidths); i++) {
    assert_status(stox_sdp_bandwidth_parse(&type, &a, bandwidths[i]), STOX_E_BAD_BODY);
  }
  static const stox_span times[] = {ROW(""),     ROW("0"),   ROW("0 "),  ROW("0 0 0"),
                                    ROW("0  0"), ROW("x 0"), ROW("0 -1")};
  for (size_t i = 0; i < COUNT(times); i++) {
    assert_status(stox_sdp_time_parse(&a, &b, times[i]), STOX_E_BAD_BODY);
  }
}

static void test_formats(void **state) {
  (void)state;
  stox_sdp_rtpmap map;
  assert_status(stox_sdp_rtpmap_parse(&map, S("97 opus/48000/2")), STOX_OK);
  assert_int_equal(map.payload, 97);
  assert_int_equal(map.clock_rate, 48000);
  assert_span_equal(map.encoding, S("opus"));
  assert_span_equal(map.params, S("2"));
  assert_status(stox_sdp_rtpmap_parse(&map, S("0 PCMU/8000")), STOX_OK);
  assert_null(map.params.p);
  static const stox_span maps[] = {ROW(""),      ROW("97"),     ROW("128 a/1"),
                                   ROW("1 a"),   ROW("1 /1"),   ROW("1 a/"),
                                   ROW("1 a/x"), ROW("1  a/1"), ROW("x a/1")};
  for (size_t i = 0; i < COUNT(maps); i++) {
    assert_status(stox_sdp_rtpmap_parse(&map, maps[i]), STOX_E_BAD_BODY);
  }
  stox_span format;
  stox_span params;
  assert_status(stox_sdp_fmtp_parse(&format, &params, S("96 vbr=on; cng=on")), STOX_OK);
  assert_span_equal(format, S("96"));
  assert_span_equal(params, S("vbr=on; cng=on"));
  static const stox_span fmtps[] = {ROW(""), ROW("96"), ROW("96 "), ROW(" x"), ROW("/ x")};
  for (size_t i = 0; i < COUNT(fmtps); i++) {
    assert_status(stox_sdp_fmtp_parse(&format, &params, fmtps[i]), STOX_E_BAD_BODY);
  }
}

/* "ID-6.3.2-04", "MS-8.1-01", "ID-6.3.1-01": every form of m=message. */
static void test_message(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int kind;
    const char *uri;
  } rows[] = {
      {ROW("message 5060 sip/tcp *"), STOX_SDP_MESSAGE_SIP, NULL},
      {ROW("message 5060 sip/tcp * sip:alice@atlanta.com"), STOX_SDP_MESSAGE_SIP,
       "sip:alice@atlanta.com"},
      {ROW("message 5060 sip/tcp sip:alice@atlanta.com"), STOX_SDP_MESSAGE_SIP,
       "sip:alice@atlanta.com"},
      {ROW("message 5060 sip null"), STOX_SDP_MESSAGE_SIP, NULL},
      {ROW("message 5060 sip sip:peer@tradewind.com"), STOX_SDP_MESSAGE_SIP,
       "sip:peer@tradewind.com"},
      {ROW("message 7394 TCP/MSRP *"), STOX_SDP_MESSAGE_MSRP, NULL},
      {ROW("message 7394 TCP/TLS/MSRP *"), STOX_SDP_MESSAGE_MSRPS, NULL},
      {ROW("message 0 sip/tcp *"), STOX_SDP_MESSAGE_REJECTED, NULL},
      {ROW("message 0 TCP/MSRP *"), STOX_SDP_MESSAGE_REJECTED, NULL},
      {ROW("message 7654 TCP/MSRP 0"), STOX_SDP_MESSAGE_NONE, NULL},
      {ROW("message 7654 TCP/MSRP * x"), STOX_SDP_MESSAGE_NONE, NULL},
      {ROW("message 5060 sip/tcp http://a"), STOX_SDP_MESSAGE_NONE, NULL},
      {ROW("message 5060 sip/tcp * sip:a@b sip:c@d"), STOX_SDP_MESSAGE_NONE, NULL},
      {ROW("message 5060 udp *"), STOX_SDP_MESSAGE_NONE, NULL},
      {ROW("audio 5060 sip/tcp *"), STOX_SDP_MESSAGE_NONE, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sdp_media media = {0};
    stox_span uri;
    if (stox_sdp_media_parse(&media, rows[i].value, 0) == STOX_OK) {
      assert_int_equal(stox_sdp_message_kind(&uri, &media), rows[i].kind);
      assert_int_equal(stox_sdp_message_kind(NULL, &media), rows[i].kind);
      assert_span_equal(uri, stox_span_text(rows[i].uri));
    } else {
      assert_int_equal(rows[i].kind, STOX_SDP_MESSAGE_NONE);
    }
  }
}

/* "ID-6.3.2-05": the URI is the Contact's, or is left out. */
static void test_message_written(void **state) {
  (void)state;
  const stox_span want = S("message 5060 sip/tcp * sip:a@b");
  char room[64];
  stox_buf out;
  for (size_t cap = 0; cap <= want.n; cap++) {
    stox_buf_init(&out, room, cap);
    assert_status(stox_sdp_message_write(&out, 5060, S("sip:a@b")),
                  cap < want.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, want.n);
  }
  assert_memory_equal(room, want.p, want.n);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sdp_message_write(&out, 65536, S("sip:a@b")), STOX_E_BAD_PORT);
  assert_status(stox_sdp_message_write(&out, 1, S("a b")), STOX_E_BAD_URI);
  assert_status(stox_sdp_message_write(&out, 1, S("im:a@b")), STOX_E_BAD_URI);
  assert_int_equal(out.len, 0);
  assert_status(stox_sdp_message_write(&out, 65535, (stox_span){NULL, 0}), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("message 65535 sip/tcp *"));
}

/* "MS-8.5-01": by name, by type, by `*`; parameters and case do not count. */
static void test_accepted(void **state) {
  (void)state;
  static const struct row {
    const char *types;
    const char *type;
    int is;
  } rows[] = {
      {"text/*", "text/plain", 1},
      {"text/plain *", "image/png", 1},
      {"text/plain", "Text/PLAIN", 1},
      {"a/b text/plain;charset=utf-8", "text/plain", 1},
      {"text/plain", "text/html", 0},
      {"text", "text/plain", 0},
      {"", "text/plain", 0},
      {"*/*", "text/plain", 0},
      {"message/cpim", "text/plain", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_media_type type;
    assert_status(stox_media_type_parse(&type, stox_span_text(rows[i].type), NULL), STOX_OK);
    assert_int_equal(stox_sdp_is_accepted(stox_span_text(rows[i].types), type.type, type.subtype),
                     rows[i].is);
  }
}

/* A space behind the colon of a=path does no harm. */
static void test_words(void **state) {
  (void)state;
  guard g = guard_copy(S(" msrps://r.example:2855/r1;tcp  msrp://h:7394/2s;tcp "));
  stox_span word;
  size_t cursor = 0;
  assert_status(stox_sdp_word_next(&word, g.span, &cursor), STOX_OK);
  assert_span_equal(word, S("msrps://r.example:2855/r1;tcp"));
  assert_status(stox_sdp_word_next(&word, g.span, &cursor), STOX_OK);
  assert_span_equal(word, S("msrp://h:7394/2s;tcp"));
  assert_status(stox_sdp_word_next(&word, g.span, &cursor), STOX_E_NONE);
  guard_free(&g);
}

/* "MS-8.2-01": the leftmost says where to connect, the rightmost who the peer is; each port is
 * explicit. */
static void test_path(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int status;
    const char *host;
    uint32_t port;
    int is_secure;
    const char *session; /* of the last */
  } rows[] = {
      {ROW("msrps://r.example:2855/r1;tcp msrp://h:7394/2s;tcp"), STOX_OK, "r.example", 2855, 1,
       "2s"},
      {ROW(" msrp://h:7394/2s;tcp"), STOX_OK, "h", 7394, 0, "2s"},
      {ROW("msrp://alice@[::1]:1/a+b=/c~;tcp;x=y"), STOX_OK, "[::1]", 1, 0, "a+b=/c~"},
      {ROW("MSRPS://192.0.2.1:65535;tcp"), STOX_OK, "192.0.2.1", 65535, 1, NULL},
      {ROW(""), STOX_E_BAD_BODY, NULL, 0, 0, NULL},
      {ROW("  "), STOX_E_BAD_BODY, NULL, 0, 0, NULL},
      {ROW("msrp://h/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://[::1]/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:0/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:65536/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://:1/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:1/2s"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:1/2s;"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:1/2s;t-p"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:1/;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:1/a%20;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("sip:h:1/2s;tcp"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
      {ROW("msrp://h:1/2s;tcp x"), STOX_E_BAD_URI, NULL, 0, 0, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_sdp_path first = {.port = 0};
    stox_sdp_path last = {.port = 0};
    const int status = stox_sdp_path_parse(&first, &last, g.span);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
    assert_span_equal(first.host, stox_span_text(rows[i].host));
    assert_int_equal(first.port, rows[i].port);
    assert_int_equal(first.is_secure, rows[i].is_secure);
    assert_span_equal(last.session, stox_span_text(rows[i].session));
    guard_free(&g);
  }
}

static void test_intervals(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int status;
    uint64_t seconds;
  } rows[] = {
      {ROW("0"), STOX_OK, 0},
      {ROW("604800"), STOX_OK, 604800},
      {ROW("7d"), STOX_OK, 604800},
      {ROW("25h"), STOX_OK, 90000},
      {ROW("2m"), STOX_OK, 120},
      {ROW("3s"), STOX_OK, 3},
      {ROW("18446744073709551615"), STOX_OK, UINT64_MAX},
      {ROW("213503982334601d"), STOX_OK, UINT64_C(213503982334601) * 86400},
      {ROW("213503982334602d"), STOX_E_BAD_BODY, 0},
      {ROW("d"), STOX_E_BAD_BODY, 0},
      {ROW(""), STOX_E_BAD_BODY, 0},
      {ROW("7D"), STOX_E_BAD_BODY, 0},
      {ROW("-1h"), STOX_E_BAD_BODY, 0},
      {ROW("1w"), STOX_E_BAD_BODY, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    uint64_t seconds = 0;
    assert_status(stox_sdp_interval_parse(&seconds, g.span), rows[i].status);
    assert_true(seconds == rows[i].seconds);
    guard_free(&g);
  }
}

/* RFC 8866 9, of the session's lines that no function takes apart: strict refuses what the grammar
 * does, lenient keeps it. */
static void test_session_lines(void **state) {
  (void)state;
  static const struct row {
    const char *line;
    int is_good;
  } rows[] = {
      {"r=7d 1h 0 25h", 1},
      {"r=604800 3600 0", 1},
      {"r=7d 1h", 0},
      {"r=0 1h 0", 0},
      {"r=7d  1h 0", 0},
      {"r=7d 1h 0 ", 0},
      {"r=7d -1h 0", 0},
      {"z=2882844526 -1h 2898848070 0", 1},
      {"z=0 0", 1},
      {"z=2882844526", 0},
      {"z=2882844526 -1h 2898848070", 0},
      {"z=-1 1h", 0},
      {"z=1 --1h", 0},
      {"z=1 1h ", 0},
      {"k=prompt", 1},
      {"k=clear:x y", 1},
      {"k=base64:Zg==", 1},
      {"k=uri:https://k.example/", 1},
      {"k=clear:", 0},
      {"k=Prompt", 0},
      {"k=base64:Zg", 0},
      {"k=x", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[256];
    char room[4096];
    stox_arena arena;
    stox_sdp sdp;
    const int n = snprintf(text, sizeof text, "v=0\r\no=- 0 0 IN IP4 h\r\ns=-\r\nt=0 0\r\n%s\r\n",
                           rows[i].line);
    for (int lenient = 0; lenient < 2; lenient++) {
      stox_arena_init(&arena, room, sizeof room, 0, NULL);
      const int status =
          stox_sdp_parse(&sdp, &arena, (stox_span){text, (size_t)n}, NULL, lenient, NULL);
      if (status != (rows[i].is_good || lenient ? STOX_OK : STOX_E_BAD_BODY)) {
        fail_msg("%s: %s", rows[i].line, stox_status_name(status));
      }
    }
    assert_int_equal(sdp.is_lenient, !rows[i].is_good);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_origin),          cmocka_unit_test(test_connection),
      cmocka_unit_test(test_media),           cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_formats),         cmocka_unit_test(test_message),
      cmocka_unit_test(test_message_written), cmocka_unit_test(test_accepted),
      cmocka_unit_test(test_words),           cmocka_unit_test(test_intervals),
      cmocka_unit_test(test_session_lines),   cmocka_unit_test(test_path),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
