/* SPDX-License-Identifier: MIT */
#include "stox/sip.h"
#include "sip_full.h"
#include "stox/status.h"
#include "tool.h"

#include <stdlib.h>

/* What the parser says; nulls where it has nothing to say. */
static void put_diag(json *j, int status, const stox_diag *diag) {
  json_flag(j, "ok", status == STOX_OK);
  if (status == STOX_OK) {
    json_null(j, "error");
    json_null(j, "offset");
    json_null(j, "rule");
    json_null(j, "answer");
    return;
  }
  json_text(j, "error", stox_span_text(stox_status_name(status)));
  json_number(j, "offset", diag->offset);
  json_text(j, "rule", stox_span_text(diag->rule));
  if (diag->answer == 0) {
    json_null(j, "answer");
  } else {
    json_number(j, "answer", (uint64_t)diag->answer);
  }
}

static void put_header(view *v, const stox_sip_header *header, int is_full) {
  json *j = v->j;
  const char *name = stox_sip_header_name(header->id);
  json_open(j, NULL, '{');
  if (is_full) {
    json_number(j, "id", (uint64_t)header->id);
    json_text(j, "header", name == NULL ? header->name : stox_span_text(name));
  }
  json_text(j, "name", header->name);
  json_text(j, "value", header->value);
  if (is_full) {
    view_put_typed(v, header);
  }
  json_close(j, '}');
}

static void put_headers(view *v, int is_full) {
  stox_sip_header header;
  json_open(v->j, "headers", '[');
  for (size_t i = 0; stox_sip_get_header(&header, v->message, i) == STOX_OK; i++) {
    put_header(v, &header, is_full);
  }
  json_close(v->j, ']');
}

static void put_message(view *v, int is_full) {
  json *j = v->j;
  const int code = stox_sip_status(v->message);
  if (code == 0) {
    json_text(j, "method", stox_sip_method(v->message));
    json_text(j, "request_uri", stox_sip_request_uri(v->message));
  } else {
    json_number(j, "status", (uint64_t)code);
    json_text(j, "reason", stox_sip_reason_phrase(v->message));
  }
  if (is_full && stox_sip_request_uri(v->message).p != NULL) {
    view_put_uri(v, "request_uri_parts", stox_sip_request_uri(v->message));
  }
  put_headers(v, is_full);
  json_number(j, "body_length", stox_sip_body(v->message).n);
  if (is_full) {
    json_flag(j, "lenient", stox_sip_is_lenient(v->message));
    view_put_body(v);
  }
}

static int show(const char *path, stox_arena *arena, const stox_sip_options *options, int is_full) {
  json j = {0};
  size_t n = 0;
  stox_diag diag = {0, 0, 0, NULL};
  stox_sip_message *message = NULL;
  char *octets = file_read(path, &n);
  if (octets == NULL) {
    return TOOL_REFUSED;
  }
  const int status = stox_sip_parse(&message, arena, (stox_span){octets, n}, options, &diag);
  json_open(&j, NULL, '{');
  json_text(&j, "file", stox_span_text(path));
  put_diag(&j, status, &diag);
  if (message != NULL) {
    view v = {&j, message, arena, octets, options->lenient, {0, 0}};
    put_message(&v, is_full);
  }
  json_close(&j, '}');
  json_end(&j);
  stox_arena_reset(arena);
  free(octets);
  return status == STOX_OK ? TOOL_OK : TOOL_REFUSED;
}

int command_sip(int argc, char **argv) {
  option options[] = {{"lenient", "", 0, NULL}, {"json", "", 0, NULL}, {"json-full", "", 0, NULL}};
  operands files;
  stox_arena arena;
  stox_sip_options how;
  const int usage = options_read(&files, argc, argv, options, sizeof options / sizeof options[0]);
  if (usage != TOOL_OK) {
    return usage;
  }
  (void)stox_sip_options_init(&how, sizeof how);
  how.lenient = options[0].choice;
  arena_open(&arena);
  int code = TOOL_OK;
  for (int i = 0; i < files.n; i++) {
    code |= show(files.list[i], &arena, &how, options[2].choice);
  }
  stox_arena_clear(&arena);
  return output_finish(code);
}
