/* SPDX-License-Identifier: MIT */
#include "stox/xml.h"
#include "json.h"
#include "stox/status.h"
#include "stox/xml_document.h"
#include "tool.h"

#include <stdlib.h>

/* A file and what is needed to show it. */
typedef struct viewer {
  const char *path;
  stox_xml_reader *reader;
  stox_arena arena;
  json j;
  size_t offset; /* where the event at hand ends */
  int is_closed; /* 1: the stream's end tag was seen */
} viewer;

static void begin(viewer *v, const char *event) {
  json_open(&v->j, NULL, '{');
  json_text(&v->j, "file", stox_span_text(v->path));
  json_text(&v->j, "event", stox_span_text(event));
}

static void end(viewer *v) {
  json_close(&v->j, '}');
  json_end(&v->j);
}

static void put_attributes(json *j, const stox_xml_element *element) {
  stox_xml_attribute attribute;
  json_open(j, "attributes", '[');
  for (size_t i = 0; stox_xml_get_attribute(&attribute, element, i) == STOX_OK; i++) {
    json_open(j, NULL, '{');
    json_text(j, "ns", attribute.ns);
    json_text(j, "name", attribute.name);
    json_text(j, "value", attribute.value);
    json_close(j, '}');
  }
  json_close(j, ']');
}

static void put_element(viewer *v, const stox_xml_element *element) {
  json_text(&v->j, "ns", stox_xml_ns(element));
  json_text(&v->j, "name", stox_xml_name(element));
  put_attributes(&v->j, element);
}

/* The element as it would be written. */
static int put_written(viewer *v, const stox_xml_element *element) {
  stox_buf out = {NULL, 0, 0};
  const stox_span none = {NULL, 0};
  (void)stox_xml_write(&out, element, none);
  char *room = malloc(out.len);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, room, out.len);
  (void)stox_xml_write(&out, element, none);
  json_text(&v->j, "xml", stox_buf_span(&out));
  free(room);
  return STOX_OK;
}

static int put_event(viewer *v, int kind, const stox_xml_element *element) {
  static const char *const names[] = {[STOX_XML_STREAM_OPEN] = "stream-open",
                                      [STOX_XML_ELEMENT] = "element",
                                      [STOX_XML_STREAM_CLOSE] = "stream-close",
                                      [STOX_XML_WHITESPACE] = "whitespace",
                                      [STOX_XML_REFUSED] = "refused"};
  int status = STOX_OK;
  begin(v, names[kind]);
  json_number(&v->j, "offset", v->offset);
  if (element != NULL) {
    put_element(v, element);
  }
  if (kind == STOX_XML_ELEMENT) {
    status = put_written(v, element);
  }
  end(v);
  v->is_closed |= kind == STOX_XML_STREAM_CLOSE;
  return status;
}

static int take_event(viewer *v) {
  const stox_xml_element *element = NULL;
  int kind = 0;
  stox_arena_reset(&v->arena);
  const int status = stox_xml_next(v->reader, &v->arena, &kind, &element);
  return status == STOX_OK ? put_event(v, kind, element) : status;
}

/* STOX_E_MORE where the octets end before the stream does. */
static int read_events(viewer *v, stox_span octets, stox_diag *diag) {
  while (v->offset < octets.n) {
    size_t consumed = 0;
    const stox_span rest = stox_span_slice(octets, v->offset, octets.n);
    int status = stox_xml_feed(v->reader, &consumed, rest, diag);
    v->offset += consumed;
    diag->offset = status == STOX_E_MORE ? octets.n : diag->offset;
    status = status == STOX_OK ? take_event(v) : status;
    if (status != STOX_OK) {
      return status;
    }
  }
  diag->offset = v->offset;
  return v->is_closed ? STOX_OK : STOX_E_MORE;
}

/* The exit status, behind an object that says what was refused. */
static int finish(viewer *v, int status, const stox_diag *diag) {
  if (status != STOX_OK) {
    begin(v, "error");
    json_number(&v->j, "offset", diag->offset);
    json_text(&v->j, "error", stox_span_text(stox_status_name(status)));
    json_text(&v->j, "rule", stox_span_text(diag->rule));
    end(v);
  }
  return status == STOX_OK ? TOOL_OK : TOOL_REFUSED;
}

static int show(viewer *v, stox_span octets) {
  stox_diag diag = {0, 0, 0, NULL};
  int status = read_events(v, octets, &diag);
  if (status == STOX_E_MORE && v->is_closed) {
    status = STOX_OK;
  }
  return finish(v, status, &diag);
}

static int show_document(viewer *v, stox_span octets) {
  stox_diag diag = {0, 0, 0, NULL};
  const stox_xml_element *root = NULL;
  const int status = stox_xml_document_read(&root, &v->arena, octets, NULL, &diag);
  if (status != STOX_OK) {
    return finish(v, status, &diag);
  }
  begin(v, "document");
  put_element(v, root);
  const int written = put_written(v, root);
  end(v);
  return finish(v, written, &diag);
}

static int show_file(const char *path, int is_document) {
  viewer v = {path, NULL, {0}, {0}, 0, 0};
  size_t n = 0;
  int code = TOOL_REFUSED;
  char *octets = file_read(path, &n);
  arena_open(&v.arena);
  if (octets != NULL && is_document) {
    code = show_document(&v, (stox_span){octets, n});
  } else if (octets != NULL && stox_xml_reader_new(&v.reader, NULL) == STOX_OK) {
    code = show(&v, (stox_span){octets, n});
  }
  stox_xml_reader_del(v.reader);
  stox_arena_clear(&v.arena);
  free(octets);
  return code;
}

int command_xml(int argc, char **argv) {
  option options[] = {{"document", "", 0, NULL}};
  operands files;
  int code = TOOL_OK;
  const int usage = options_read(&files, argc, argv, options, sizeof options / sizeof options[0]);
  if (usage != TOOL_OK) {
    return usage;
  }
  for (int i = 0; i < files.n; i++) {
    code |= show_file(files.list[i], options[0].choice);
  }
  return output_finish(code);
}
