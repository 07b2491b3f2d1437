/* SPDX-License-Identifier: MIT */
/* Bodies of public SIP messages, where they are at hand: each multipart is walked whole, each
 * description and fragment is written again, and one is refused only where print damaged it. */
#include "support.h"

#include "stox/cpim.h"
#include "stox/multipart.h"
#include "stox/sdp.h"
#include "stox/sip.h"
#include "stox/sipfrag.h"

#include <dirent.h>

enum { FILE_MOST = 1 << 17, NAME_MOST = 512 };

static char octets[FILE_MOST];

/* Refused even when lenient: in print, the empty line or the folding of a part is lost. */
static const char *const damaged[] = {
    "sip-rfc/rfc2848/004.sip", /* no empty line between a part's header and its body */
    "sip-rfc/rfc3204/001.sip", /* the second line of a folded field begins without a space */
    "sip-rfc/rfc4662/013.sip", /* no empty line */
    "sip-rfc/rfc6216/003.sip", /* <allOneLine> in the header of a part */
    "sip-rfc/rfc6216/005.sip"  /* the same */
};

static int is_damaged(const char *path) {
  const stox_span name = stox_span_slice(stox_span_text(path), sizeof STOX_CORPORA, SIZE_MAX);
  for (size_t i = 0; i < COUNT(damaged); i++) {
    if (stox_span_is_equal(name, stox_span_text(damaged[i]))) {
      return 1;
    }
  }
  return 0;
}

typedef struct counts {
  int strict;
  int lenient;
  int refused;
} counts;

static stox_span read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return (stox_span){NULL, 0};
  }
  const size_t n = fread(octets, 1, sizeof octets, file);
  (void)fclose(file);
  return (stox_span){octets, n};
}

static int walk(const stox_media_type *type, stox_span body, int lenient) {
  stox_body_walk walk;
  stox_body_part part;
  int status = stox_body_walk_init(&walk, type, body, NULL, lenient);
  while (status == STOX_OK) {
    status = stox_body_walk_next(&part, &walk, NULL);
  }
  return status == STOX_E_NONE;
}

/* Descriptions that even lenient refuses: the m= line of each is none. */
static const char *const odd_sdp[] = {
    "sdp/resip/017.sdp",       /* no format */
    "sdp/rfc/rfc5245-02.sdp",  /* `$NAT-PUB-1.PORT` for a port */
    "sdp/rfc/rfc5245-04.sdp",  /* the same */
    "sdp/rfc/rfc6871-03.sdp",  /* port 66544 */
    "sdp/rfc/rfc8839-02.sdp",  /* `$NAT-PUB-1.PORT` for a port */
    "sdp/rfc/rfc8839-04.sdp",  /* the same */
    "sdp/rfc/rfc8859-07.sdp",  /* neither port nor protocol */
    "sdp/rfc/rfc8859-09.sdp",  /* the media alone */
    "sdp/rfc/rfc8859-10.sdp",  /* port 560024 */
    "sip-rfc/rfc2848/003.sip", /* the printed Content-Length ends within m= */
    "sip-rfc/rfc4474/001.sip", /* the same */
    "sip-rfc/rfc4474/002.sip", /* the same */
};

static int is_odd(const char *path) {
  const stox_span name = stox_span_slice(stox_span_text(path), sizeof STOX_CORPORA, SIZE_MAX);
  for (size_t i = 0; i < COUNT(odd_sdp); i++) {
    if (stox_span_is_equal(name, stox_span_text(odd_sdp[i]))) {
      return 1;
    }
  }
  return 0;
}

/* What is accepted is written as it was. */
static void check_description(const char *path, stox_span text, counts *count) {
  static char room[1 << 17];
  static char written[FILE_MOST];
  stox_arena arena;
  stox_sdp sdp;
  stox_buf out;
  stox_diag diag = {0};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const int status = stox_sdp_parse(&sdp, &arena, text, NULL, 1, &diag);
  if (status != STOX_OK) {
    count->refused++;
    if (!is_odd(path)) {
      fail_msg("%s: %s at %zu", path, stox_status_name(status), diag.offset);
    }
    return;
  }
  count->strict += !sdp.is_lenient;
  count->lenient += sdp.is_lenient;
  stox_buf_init(&out, written, sizeof written);
  assert_status(stox_sdp_write(&out, &sdp), STOX_OK);
  assert_span_equal(stox_buf_span(&out), text);
}

static void check_sdp(const char *path, counts *count) {
  check_description(path, read_file(path), count);
}

enum { MULTIPART, DESCRIPTION, FRAGMENT, KINDS };

/* What is accepted is written as strict wants it, and is the same then. */
static void check_fragment(const char *path, stox_span body, counts *count) {
  static char room[1 << 16];
  static char written[1 << 13];
  stox_arena arena;
  stox_sip_options options;
  stox_sip_message *message = NULL;
  stox_buf out;
  stox_diag diag = {0};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_sip_options_init(&options, sizeof options), STOX_OK);
  options.lenient = 1;
  if (stox_sipfrag_parse(&message, &arena, body, &options, &diag) != STOX_OK) {
    fail_msg("%s: %s at %zu: %s", path, stox_status_name(diag.code), diag.offset, diag.rule);
  }
  const int is_lenient = stox_sip_is_lenient(message);
  count->strict += !is_lenient;
  count->lenient += is_lenient;
  const int has_start = stox_sipfrag_kind(message) != STOX_SIPFRAG_HEADERS;
  stox_buf_init(&out, written, sizeof written);
  assert_status(stox_sipfrag_write(&out, message, NULL, 0,
                                   STOX_SIPFRAG_BODY | (has_start ? STOX_SIPFRAG_START : 0)),
                STOX_OK);
  options.lenient = 0;
  assert_status(stox_sipfrag_parse(&message, &arena, stox_buf_span(&out), &options, NULL), STOX_OK);
}

static void check_parts(const char *path, const stox_media_type *type, stox_span body, int lenient,
                        counts *count) {
  stox_body_walk walk;
  stox_body_part part;
  assert_status(stox_body_walk_init(&walk, type, body, NULL, lenient), STOX_OK);
  while (stox_body_walk_next(&part, &walk, NULL) == STOX_OK) {
    if (part.type.type.p != NULL && stox_media_type_is(&part.type, "message", "sipfrag")) {
      check_fragment(path, part.entity.body, &count[FRAGMENT]);
    }
  }
}

static void check_multipart(const char *path, const stox_media_type *type, stox_span body,
                            counts *count) {
  const int strict = walk(type, body, 0);
  const int lenient = strict || walk(type, body, 1);
  count[MULTIPART].strict += strict;
  count[MULTIPART].lenient += lenient && !strict;
  count[MULTIPART].refused += !lenient;
  if (!lenient && !is_damaged(path)) {
    fail_msg("refused: %s", path);
  }
  if (lenient) {
    check_parts(path, type, body, !strict, count);
  }
}

static void check_file(const char *path, counts *count) {
  static char room[1 << 16];
  stox_arena arena;
  stox_sip_options options;
  stox_sip_message *message = NULL;
  stox_media_type type;
  const stox_span bytes = read_file(path);
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_sip_options_init(&options, sizeof options), STOX_OK);
  options.lenient = 1;
  if (stox_sip_parse(&message, &arena, bytes, &options, NULL) == STOX_OK &&
      stox_media_type_parse(&type, stox_sip_value(message, STOX_SIP_CONTENT_TYPE), NULL) ==
          STOX_OK) {
    const stox_span body = stox_sip_body(message);
    if (stox_span_is_equal_nocase(type.type, S("multipart"))) {
      check_multipart(path, &type, body, count);
    } else if (stox_media_type_is(&type, "application", "sdp")) {
      check_description(path, body, &count[DESCRIPTION]);
    } else if (stox_media_type_is(&type, "message", "sipfrag") && body.n > 0) {
      check_fragment(path, body, &count[FRAGMENT]);
    }
  }
  stox_arena_clear(&arena);
}

static void check_folder(const char *folder, void (*check)(const char *, counts *), counts *count) {
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    char path[NAME_MOST];
    const int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path) {
      check(path, count);
    }
  }
  if (dir != NULL) {
    (void)closedir(dir);
  }
}

static void test_messages(void **state) {
  (void)state;
  static const char *const kinds[KINDS] = {"multiparts", "descriptions", "fragments"};
  counts count[KINDS] = {{0, 0, 0}};
  char folder[NAME_MOST];
  (void)snprintf(folder, sizeof folder, "%s/sip-rfc", STOX_CORPORA);
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL) {
    char path[NAME_MOST];
    const int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path) {
      check_folder(path, check_file, count);
    }
  }
  (void)closedir(dir);
  (void)snprintf(folder, sizeof folder, "%s/sip-torture/rfc4475", STOX_CORPORA);
  check_folder(folder, check_file, count);
  for (size_t i = 0; i < KINDS; i++) {
    print_message("%s: %d strict, %d lenient, %d refused\n", kinds[i], count[i].strict,
                  count[i].lenient, count[i].refused);
    assert_true(count[i].strict + count[i].lenient > count[i].refused);
  }
}

/* "MS-CPIM-01": every public message/cpim, and its content when a multipart/signed holds it. */
static void test_cpims(void **state) {
  (void)state;
  static const struct row {
    const char *name;
    size_t fields;
    int is_lenient;
  } rows[] = {
      {"rfc3862-5.1.cpim", 9, 0}, {"rfc3923-01.cpim", 4, 0}, {"rfc3923-02.cpim", 4, 0},
      {"rfc3923-03.cpim", 4, 0},  {"rfc3923-04.cpim", 4, 0}, {"rfc4975-03.cpim", 3, 1},
      {"rfc5438-01.cpim", 6, 1},  {"rfc5438-02.cpim", 4, 1}, {"rfc5438-03.cpim", 4, 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char path[NAME_MOST];
    stox_cpim cpim;
    stox_cpim_field field;
    size_t cursor = 0;
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/cpim-imdn/%s", STOX_CORPORA, rows[i].name);
    const stox_span text = read_file(path);
    assert_status(stox_cpim_parse(&cpim, text, NULL, 1, NULL), STOX_OK);
    while (stox_cpim_next(&field, &cpim, &cursor) == STOX_OK) {
      n++;
    }
    assert_int_equal(n, rows[i].fields);
    assert_int_equal(cpim.is_lenient, rows[i].is_lenient);
  }
}

/* "MS-14.3-01": what is signed is the first part, octet for octet. */
static void test_signed(void **state) {
  (void)state;
  stox_mime_entity message;
  stox_mime_entity part;
  stox_media_type type;
  stox_multipart walk;
  stox_cpim cpim;
  const stox_span text = read_file(STOX_CORPORA "/cpim-imdn/rfc3862-5.2-signed.mime");
  assert_status(stox_mime_entity_parse(&message, text, NULL, NULL), STOX_OK);
  assert_status(stox_mime_entity_type(&type, &message), STOX_OK);
  assert_int_equal(stox_media_type_is(&type, "multipart", "signed"), 1);
  assert_status(stox_multipart_init(&walk, &type, message.body, NULL, 0), STOX_OK);
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_OK);
  assert_span_equal(stox_span_slice(part.text, 0, 13), S("Content-Type:"));
  assert_span_equal(stox_span_slice(part.text, part.text.n - 7, 7), S("</body>"));
  assert_status(stox_cpim_parse(&cpim, part.body, NULL, 0, NULL), STOX_OK);
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_OK);
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_E_NONE);
}

static void test_sdps(void **state) {
  (void)state;
  static const char *const folders[] = {"jsip", "lib-jitsi-meet", "resip", "rfc"};
  counts count = {0, 0, 0};
  for (size_t i = 0; i < COUNT(folders); i++) {
    char folder[NAME_MOST];
    (void)snprintf(folder, sizeof folder, "%s/sdp/%s", STOX_CORPORA, folders[i]);
    check_folder(folder, check_sdp, &count);
  }
  char jingle[NAME_MOST];
  (void)snprintf(jingle, sizeof jingle, "%s/sdp-jingle/stanzaio/audio-video.sdp", STOX_CORPORA);
  check_sdp(jingle, &count);
  print_message("descriptions: %d strict, %d lenient, %d refused\n", count.strict, count.lenient,
                count.refused);
  assert_true(count.strict + count.lenient > count.refused);
}

int main(void) {
  if (access(STOX_CORPORA "/sip-rfc", R_OK) != 0) {
    (void)printf("no corpora at hand\n");
    exit(77);
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages), cmocka_unit_test(test_cpims),
                                     cmocka_unit_test(test_signed), cmocka_unit_test(test_sdps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
