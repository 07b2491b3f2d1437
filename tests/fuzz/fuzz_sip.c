/* SPDX-License-Identifier: MIT */
/* Frames and parses octets, strict and lenient, datagram and stream, and holds what comes out
 * against itself: views lie in the input, what is written parses again to the same, a lenient
 * message once written stays as it is, an answer to a refused request is good. */
#include "stox/media_type.h"
#include "stox/sip.h"
#include "stox/sipfrag.h"
#include "stox/status.h"

#include <stdint.h>
#include <stdlib.h>

enum { ROOM = 1 << 22 };

static void require(int truth) {
  if (!truth) {
    abort();
  }
}

static void require_inside(stox_span part, stox_span whole) {
  require(part.p == NULL || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_fields(stox_sip_message *message, stox_span bytes) {
  stox_sip_header header;
  const char *behind = NULL;
  for (size_t i = 0; stox_sip_get_header(&header, message, i) == STOX_OK; i++) {
    require_inside(header.line, bytes);
    require_inside(header.name, header.line);
    require_inside(header.value, header.line);
    require(behind == NULL || header.line.p >= behind);
    require(header.id == stox_sip_header_of(header.name));
    behind = header.line.p + header.line.n;
  }
}

static void check_typed(stox_sip_message *message, stox_span bytes) {
  stox_sip_via via;
  stox_sip_cursor place = {0, 0};
  while (stox_sip_next_via(&via, message, &place) == STOX_OK) {
    require_inside(via.text, bytes);
    require_inside(via.host, via.text);
    require_inside(via.branch, via.text);
    require_inside(via.params, via.text);
  }
  for (int id = 0; id == 0 || stox_sip_header_name(id) != NULL; id++) {
    stox_sip_cursor cursor = {0, 0};
    stox_name_addr address;
    uint32_t number = 0;
    while (stox_sip_next_address(&address, message, id, &cursor) == STOX_OK) {
      require_inside(address.text, bytes);
    }
    (void)stox_sip_get_number(&number, message, id);
    require_inside(stox_sip_tag(message, id), bytes);
  }
  stox_media_type media;
  (void)stox_media_type_parse(&media, stox_sip_value(message, STOX_SIP_CONTENT_TYPE), NULL);
  (void)stox_sip_is_sips(message);
}

static stox_span write_edit(const stox_sip_edit *edit) {
  stox_buf counted;
  stox_buf out;
  stox_buf_init(&counted, NULL, 0);
  require(stox_sip_write(&counted, edit) == STOX_E_NOBUF);
  char *room = malloc(counted.len);
  require(room != NULL);
  stox_buf_init(&out, room, counted.len);
  require(stox_sip_write(&out, edit) == STOX_OK && out.len == counted.len);
  return (stox_span){room, out.len};
}

/* What an edit writes parses, and is written the same again. */
static void check_written(stox_arena *arena, const stox_sip_edit *edit, int lenient) {
  stox_sip_options options;
  stox_limits limits;
  stox_sip_message *message = NULL;
  stox_sip_edit *again = NULL;
  require(stox_sip_options_init(&options, sizeof options) == STOX_OK);
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  limits.message *= 4; /* what is added, or mended, may cross a limit */
  limits.line *= 4;
  limits.header_count++;
  options.is_stream = 1;
  options.lenient = lenient;
  options.limits = &limits;
  const stox_span text = write_edit(edit);
  require(stox_sip_parse(&message, arena, text, &options, NULL) == STOX_OK);
  require(stox_span_is_equal(stox_sip_text(message), text));
  require(stox_sip_edit_new(&again, arena, message) == STOX_OK);
  const stox_span twice = write_edit(again);
  require(stox_span_is_equal(text, twice));
  size_t n = 0;
  int kind = 0;
  require(stox_sip_frame(&n, &kind, text, &limits, NULL) == STOX_OK);
  require(n == text.n && kind == STOX_SIP_FRAME_MESSAGE);
  free((void *)(uintptr_t)text.p);
  free((void *)(uintptr_t)twice.p);
}

static void check_accepted(stox_arena *arena, stox_sip_message *message, int lenient) {
  stox_sip_edit *edit = NULL;
  require(stox_sip_edit_new(&edit, arena, message) == STOX_OK);
  if (!stox_sip_is_lenient(message) && stox_sip_value(message, STOX_SIP_CONTENT_LENGTH).p != NULL) {
    const stox_span text = write_edit(edit);
    require(stox_span_is_equal(text, stox_sip_text(message)));
    free((void *)(uintptr_t)text.p);
  }
  check_written(arena, edit, lenient);
  require(stox_sip_edit_set(edit, STOX_SIP_VIA, (stox_span){NULL, 0},
                            stox_span_text("SIP/2.0/TCP b.example;branch=z9hG4bK2"),
                            STOX_SIP_FIRST) == STOX_OK);
  check_written(arena, edit, lenient);
  require(stox_sip_edit_pop(edit, STOX_SIP_VIA) == STOX_OK);
  check_written(arena, edit, lenient);
}

static void check_answer(stox_arena *arena, const stox_sip_message *request, int lenient) {
  stox_sip_edit *edit = NULL;
  const int status =
      stox_sip_response_new(&edit, arena, request, 400, (stox_span){NULL, 0}, stox_span_text("t"));
  require(status == STOX_OK);
  const stox_span text = write_edit(edit);
  size_t n = 0;
  int kind = 0;
  stox_limits limits;
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  limits.message *= 2;
  limits.line *= 2;
  require(stox_sip_frame(&n, &kind, text, &limits, NULL) == STOX_OK && n == text.n);
  free((void *)(uintptr_t)text.p);
  (void)lenient;
}

static int run(stox_span bytes, int lenient, int is_stream, const stox_limits *limits) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_sip_options options;
  stox_diag diag = {0};
  stox_arena_init(&arena, NULL, 0, ROOM, stox_allocator_libc());
  require(stox_sip_options_init(&options, sizeof options) == STOX_OK);
  options.lenient = lenient;
  options.is_stream = is_stream;
  options.limits = limits;
  const int status = stox_sip_parse(&message, &arena, bytes, &options, &diag);
  require(status == diag.code);
  require(status == STOX_OK || (diag.rule != NULL && diag.offset <= bytes.n));
  if (message != NULL && status != STOX_E_NOMEM) {
    check_fields(message, bytes);
    check_typed(message, bytes);
    if (status == STOX_OK) {
      check_accepted(&arena, message, lenient);
    }
    if (stox_sip_status(message) == 0) {
      check_answer(&arena, message, lenient);
    }
  }
  stox_arena_clear(&arena);
  return status;
}

/* A frame is decided by its own octets, no limit is waited beyond, and what is no frame is no
 * message. */
static void check_frame(stox_span bytes, const stox_limits *limits) {
  size_t n = 0;
  size_t again = 0;
  int kind = 0;
  const int status = stox_sip_frame(&n, &kind, bytes, limits, NULL);
  if (status == STOX_E_MORE) {
    require(bytes.n < limits->message);
  } else if (status != STOX_OK) {
    require(run(bytes, 0, 1, limits) != STOX_OK && run(bytes, 1, 1, limits) != STOX_OK);
  } else {
    require(n > 0 && n <= bytes.n);
  }
  if (status == STOX_OK && kind == STOX_SIP_FRAME_MESSAGE) {
    require(n <= limits->message);
    require(stox_sip_frame(&again, &kind, stox_span_slice(bytes, 0, n), limits, NULL) == STOX_OK);
    require(again == n && kind == STOX_SIP_FRAME_MESSAGE);
    require(stox_sip_frame(&again, &kind, stox_span_slice(bytes, 0, n - 1), limits, NULL) ==
            STOX_E_MORE);
  }
}

/* What is written of a fragment is a strict one, and is written the same again. */
static void check_fragment(stox_arena *arena, const stox_sip_message *fragment, int lenient) {
  const int flags = (stox_sipfrag_kind(fragment) == STOX_SIPFRAG_HEADERS ? 0 : STOX_SIPFRAG_START) |
                    STOX_SIPFRAG_BODY;
  stox_limits limits;
  stox_sip_options options;
  stox_sip_message *again = NULL;
  stox_buf once;
  stox_buf twice;
  require(stox_sip_options_init(&options, sizeof options) == STOX_OK);
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  limits.message *= 2;
  limits.line *= 2;
  limits.header_count++;
  options.lenient = lenient;
  options.limits = &limits;
  stox_buf_init(&once, NULL, 0);
  const int status = stox_sipfrag_write(&once, fragment, NULL, 0, flags);
  require(status == STOX_E_NOBUF || status == STOX_OK || (lenient && status == STOX_E_MISSING));
  if (status == STOX_E_MISSING) {
    return;
  }
  const size_t n = once.len;
  char *room = malloc(2 * n + 1);
  require(room != NULL);
  stox_buf_init(&once, room, n);
  stox_buf_init(&twice, room + n, n);
  require(stox_sipfrag_write(&once, fragment, NULL, 0, flags) == STOX_OK && once.len == n);
  require(stox_sipfrag_parse(&again, arena, stox_buf_span(&once), &options, NULL) == STOX_OK);
  require(stox_sipfrag_write(&twice, again, NULL, 0, flags) == STOX_OK);
  require(stox_span_is_equal(stox_buf_span(&once), stox_buf_span(&twice)));
  free(room);
}

static void run_fragment(stox_span bytes, int lenient) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_sip_options options;
  stox_diag diag = {0};
  stox_arena_init(&arena, NULL, 0, ROOM, stox_allocator_libc());
  require(stox_sip_options_init(&options, sizeof options) == STOX_OK);
  options.lenient = lenient;
  const int status = stox_sipfrag_parse(&message, &arena, bytes, &options, &diag);
  require(status == diag.code && (message != NULL) == (status == STOX_OK));
  if (message != NULL) {
    check_fields(message, bytes);
    check_typed(message, bytes);
    check_fragment(&arena, message, lenient);
  }
  stox_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span bytes = {(const char *)data, size};
  stox_limits limits;
  stox_limits low;
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  require(stox_limits_init(&low, sizeof low) == STOX_OK);
  low.message = 400;
  low.line = 60;
  low.header_count = 7;
  low.uri = 24;
  for (int lenient = 0; lenient < 2; lenient++) {
    for (int is_stream = 0; is_stream < 2; is_stream++) {
      (void)run(bytes, lenient, is_stream, &limits);
      (void)run(bytes, lenient, is_stream, &low);
    }
    run_fragment(bytes, lenient);
  }
  check_frame(bytes, &limits);
  check_frame(bytes, &low);
  return 0;
}
