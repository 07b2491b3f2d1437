/* SPDX-License-Identifier: MIT */
/* DNS answers off the wire: the first octet chooses the question, the rest is a message, and raw
 * data. What is read is bounded and of plain text; read twice it is the same. */
#include "stox/answer.h"
#include "stox/status.h"
#include "stox/utf8.h"

#include <stdlib.h>

enum { ROOM = 1 << 17 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds) {
  if (!holds) {
    abort();
  }
}

static void check_record(const stox_record *record, int type) {
  require(record->type == type && record->ttl <= INT32_MAX);
  require(record->target.n > 0 && record->target.n <= 1024);
  require(stox_text_is_ascii(record->target));
  require(record->priority <= 65535 && record->weight <= 65535 && record->port <= 65535);
  require(record->flags.n <= 255 && record->service.n <= 255);
}

static void check_message(const stox_question *question, stox_span message) {
  static char room[2][ROOM];
  stox_arena arena;
  stox_answer answer;
  stox_answer again;
  stox_arena_init(&arena, room[0], ROOM, 0, NULL);
  const int status = stox_answer_parse(&answer, &arena, question, message);
  require(status != STOX_E_NOMEM);
  if (status != STOX_OK) {
    return;
  }
  require(answer.n <= STOX_RECORDS_MAX && (answer.n == 0 || answer.status == STOX_OK));
  stox_arena_init(&arena, room[1], ROOM, 0, NULL);
  require(stox_answer_parse(&again, &arena, question, message) == STOX_OK && again.n == answer.n);
  for (size_t i = 0; i < answer.n; i++) {
    check_record(&answer.records[i], question->type);
    require(stox_span_is_equal(answer.records[i].target, again.records[i].target));
  }
}

static void check_data(int type, stox_span data) {
  static char room[ROOM];
  stox_arena arena;
  stox_record record;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const int status = stox_record_parse(&record, &arena, type, UINT32_MAX, data);
  require(status == STOX_OK || status == STOX_E_SYNTAX);
  if (status == STOX_OK) {
    check_record(&record, type);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int types[] = {STOX_RECORD_A, STOX_RECORD_AAAA, STOX_RECORD_SRV, STOX_RECORD_NAPTR};
  if (size == 0) {
    return 0;
  }
  const stox_question question = {types[data[0] & 3],
                                  stox_span_text(data[0] & 4 ? "x.example" : "x")};
  const stox_span rest = {(const char *)data + 1, size - 1};
  check_message(&question, rest);
  check_data(question.type, rest);
  return 0;
}
