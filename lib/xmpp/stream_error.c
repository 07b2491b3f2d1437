/* SPDX-License-Identifier: MIT */
#include "stox/stream_error.h"

#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"
#include "xmpp/namespaces.h"

#include <string.h>

typedef struct condition {
  const char *name;  /* RFC 6120 4.9.3; NULL: not there */
  const char *draft; /* its name in the draft's 4.7.3; NULL: not there */
  const char *text;
} condition;

#define BOTH(name) name, name

static const condition conditions[] = {
    [STOX_STREAM_NONE] = {NULL, NULL, NULL},
    [STOX_STREAM_BAD_FORMAT] = {BOTH("bad-format"), "XML that cannot be processed"},
    [STOX_STREAM_BAD_NAMESPACE_PREFIX] = {BOTH("bad-namespace-prefix"),
                                          "A namespace prefix is missing or not supported"},
    [STOX_STREAM_CONFLICT] = {BOTH("conflict"), "A newer stream conflicts with this one"},
    [STOX_STREAM_CONNECTION_TIMEOUT] = {BOTH("connection-timeout"), "The peer does not respond"},
    [STOX_STREAM_HOST_GONE] = {BOTH("host-gone"), "The host is served here no longer"},
    [STOX_STREAM_HOST_UNKNOWN] = {BOTH("host-unknown"), "The host is not served here"},
    [STOX_STREAM_IMPROPER_ADDRESSING] = {BOTH("improper-addressing"),
                                         "An address is missing or not valid"},
    [STOX_STREAM_INTERNAL_SERVER_ERROR] = {BOTH("internal-server-error"),
                                           "The server has an internal problem"},
    [STOX_STREAM_INVALID_FROM] = {BOTH("invalid-from"), "The sender may not use this address"},
    [STOX_STREAM_INVALID_NAMESPACE] = {BOTH("invalid-namespace"),
                                       "A namespace that the stream must not have"},
    [STOX_STREAM_INVALID_XML] = {BOTH("invalid-xml"), "XML that validation refuses"},
    [STOX_STREAM_NOT_AUTHORIZED] = {BOTH("not-authorized"), "The stream is not authorized for it"},
    [STOX_STREAM_NOT_WELL_FORMED] = {"not-well-formed", "xml-not-well-formed",
                                     "XML that is not well-formed"},
    [STOX_STREAM_POLICY_VIOLATION] = {BOTH("policy-violation"), "A policy has been violated"},
    [STOX_STREAM_REMOTE_CONNECTION_FAILED] = {BOTH("remote-connection-failed"),
                                              "A server that is needed cannot be reached"},
    [STOX_STREAM_RESET] = {"reset", NULL, "The stream must be set up anew"},
    [STOX_STREAM_RESOURCE_CONSTRAINT] = {BOTH("resource-constraint"),
                                         "The server lacks resources for the stream"},
    [STOX_STREAM_RESTRICTED_XML] = {BOTH("restricted-xml"), "XML that XMPP forbids"},
    [STOX_STREAM_SEE_OTHER_HOST] = {BOTH("see-other-host"), "Another host offers the service"},
    [STOX_STREAM_SYSTEM_SHUTDOWN] = {BOTH("system-shutdown"), "The server shuts down"},
    [STOX_STREAM_UNDEFINED_CONDITION] = {BOTH("undefined-condition"), "An error without a name"},
    [STOX_STREAM_UNSUPPORTED_ENCODING] = {BOTH("unsupported-encoding"),
                                          "An encoding other than UTF-8"},
    [STOX_STREAM_UNSUPPORTED_FEATURE] = {"unsupported-feature", NULL,
                                         "A mandatory feature is not supported"},
    [STOX_STREAM_UNSUPPORTED_STANZA_TYPE] = {BOTH("unsupported-stanza-type"),
                                             "A child of the stream that is not supported"},
    [STOX_STREAM_UNSUPPORTED_VERSION] = {BOTH("unsupported-version"),
                                         "A version of XMPP that is not supported"},
    [STOX_STREAM_INVALID_ID] = {NULL, "invalid-id", "An identifier that was not given before"},
};

enum { N_CONDITIONS = sizeof conditions / sizeof conditions[0] };

static int is_condition(int number) {
  return number > STOX_STREAM_NONE && number < N_CONDITIONS;
}

const char *stox_stream_condition_name(int number, int dialect) {
  if (!is_condition(number)) {
    return NULL;
  }
  return dialect == STOX_DIALECT_DRAFT2005 ? conditions[number].draft : conditions[number].name;
}

int stox_stream_condition_of(stox_span name) {
  for (int i = STOX_STREAM_NONE + 1; i < N_CONDITIONS; i++) {
    if ((conditions[i].name != NULL &&
         stox_span_is_equal(name, stox_span_text(conditions[i].name))) ||
        (conditions[i].draft != NULL &&
         stox_span_is_equal(name, stox_span_text(conditions[i].draft)))) {
      return i;
    }
  }
  return STOX_STREAM_NONE;
}

const char *stox_stream_condition_text(int number) {
  return is_condition(number) ? conditions[number].text : NULL;
}

int stox_stream_condition_for(int status) {
  static const struct {
    int status;
    int condition;
  } rows[] = {
      {STOX_OK, STOX_STREAM_NONE},
      {STOX_E_MORE, STOX_STREAM_NONE},
      {STOX_E_BAD_XML, STOX_STREAM_NOT_WELL_FORMED},
      {STOX_E_BAD_NAMESPACE, STOX_STREAM_NOT_WELL_FORMED}, /* RFC 6120 4.9.3.13 */
      {STOX_E_BAD_UTF8, STOX_STREAM_NOT_WELL_FORMED},
      {STOX_E_CTRL, STOX_STREAM_NOT_WELL_FORMED},
      {STOX_E_RESTRICTED_XML, STOX_STREAM_RESTRICTED_XML},
      {STOX_E_UNSUPPORTED, STOX_STREAM_UNSUPPORTED_ENCODING},
      {STOX_E_TOO_LONG, STOX_STREAM_POLICY_VIOLATION},
      {STOX_E_TOO_MANY, STOX_STREAM_POLICY_VIOLATION},
      {STOX_E_TOO_DEEP, STOX_STREAM_POLICY_VIOLATION},
      {STOX_E_FULL, STOX_STREAM_RESOURCE_CONSTRAINT},
      {STOX_E_NOMEM, STOX_STREAM_INTERNAL_SERVER_ERROR},
      {STOX_E_TIMEOUT, STOX_STREAM_CONNECTION_TIMEOUT},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].status == status) {
      return rows[i].condition;
    }
  }
  return STOX_STREAM_UNDEFINED_CONDITION;
}

/* The element's character data without white space around; absent where nothing is left. */
static int read_text(stox_span *out, stox_arena *arena, const stox_xml_element *element) {
  const int status = stox_xml_text(out, arena, element);
  if (status == STOX_OK) {
    *out = stox_span_trim(*out);
    out->p = out->n == 0 ? NULL : out->p;
  }
  return status;
}

static int read_child(stox_stream_error *out, stox_arena *arena, const stox_xml_element *child) {
  if (!stox_xml_is(child, XMPP_NS_STREAM_ERRORS, NULL)) {
    out->application = out->application == NULL ? child : out->application;
    return STOX_OK;
  }
  if (stox_xml_is(child, NULL, "text")) {
    const stox_span lang = stox_xml_lang(child);
    if (out->text.p != NULL) {
      return STOX_OK;
    }
    out->lang = lang.p == NULL ? out->lang : lang;
    return read_text(&out->text, arena, child);
  }
  if (out->condition != STOX_STREAM_NONE) {
    return STOX_OK;
  }
  out->condition = stox_stream_condition_of(stox_xml_name(child));
  return out->condition == STOX_STREAM_SEE_OTHER_HOST ? read_text(&out->address, arena, child)
                                                      : STOX_OK;
}

int stox_stream_error_read(stox_stream_error *out, stox_arena *arena,
                           const stox_xml_element *element, stox_span stream_lang) {
  if (!stox_xml_is(element, XMPP_NS_STREAMS, "error")) {
    return STOX_E_NONE;
  }
  const stox_span lang = stox_xml_lang(element);
  *out = (stox_stream_error){.lang = lang.p == NULL ? stream_lang : lang};
  int status = STOX_OK;
  const stox_xml_element *child = stox_xml_child(element, NULL, NULL, NULL);
  if (child == NULL) {
    status = read_text(&out->text, arena, element); /* as before XMPP 1.0 */
  }
  for (; child != NULL && status == STOX_OK; child = stox_xml_child(element, NULL, NULL, child)) {
    status = read_child(out, arena, child);
  }
  if (out->condition == STOX_STREAM_NONE) {
    out->condition = STOX_STREAM_UNDEFINED_CONDITION;
    out->is_bare = 1;
  }
  if (out->text.p == NULL) {
    out->lang = (stox_span){NULL, 0};
  }
  return status;
}

static int check(const stox_stream_error *error, int dialect) {
  stox_span host;
  uint32_t port = 0;
  if (stox_stream_condition_name(error->condition, dialect) == NULL) {
    return STOX_E_ARG;
  }
  if (error->condition == STOX_STREAM_UNDEFINED_CONDITION && error->application == NULL &&
      !error->is_bare) {
    return STOX_E_ARG;
  }
  if (error->condition == STOX_STREAM_SEE_OTHER_HOST &&
      stox_stream_other_host(&host, &port, error->address) != STOX_OK) {
    return STOX_E_ARG;
  }
  return stox_xml_is(error->application, XMPP_NS_STREAM_ERRORS, NULL) ? STOX_E_ARG : STOX_OK;
}

int stox_stream_error_write(stox_buf *out, const stox_stream_error *error, int dialect,
                            stox_span content_ns) {
  if (check(error, dialect) != STOX_OK) {
    return STOX_E_ARG;
  }
  stox_xml_writer writer;
  stox_xml_writer_init(&writer, out, content_ns);
  stox_xml_open(&writer, XMPP_NS_STREAMS, "error");
  stox_xml_open(&writer, XMPP_NS_STREAM_ERRORS,
                stox_stream_condition_name(error->condition, dialect));
  if (error->condition == STOX_STREAM_SEE_OTHER_HOST) {
    stox_xml_put_text(&writer, error->address);
  }
  stox_xml_close(&writer);
  if (error->text.p != NULL) {
    stox_xml_open(&writer, XMPP_NS_STREAM_ERRORS, "text");
    stox_xml_put_attribute(&writer, "xml:lang",
                           error->lang.p == NULL ? stox_span_text("en") : error->lang);
    stox_xml_put_text(&writer, error->text);
    stox_xml_close(&writer);
  }
  if (error->application != NULL) {
    stox_xml_put_element(&writer, error->application);
  }
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}

/* The colon before the port; `text.n` if there is none. */
static size_t port_at(stox_span text) {
  const size_t first = stox_span_find(text, ':');
  const stox_span rest = stox_span_slice(text, first + 1, text.n);
  if (text.n > 0 && text.p[0] == '[') {
    const size_t end = stox_span_find(text, ']') + 1;
    return end < text.n ? end : text.n;
  }
  return stox_span_find(rest, ':') < rest.n ? text.n : first; /* IPv6 as it was written before */
}

int stox_stream_other_host(stox_span *host, uint32_t *port, stox_span address) {
  const stox_span text = stox_span_trim(address);
  const size_t at = port_at(text);
  stox_span name = stox_span_slice(text, 0, at);
  unsigned char octets[16];
  uint64_t number = 0;
  size_t n = 0;
  if (at < text.n &&
      (text.p[at] != ':' ||
       stox_number_parse(&number, stox_span_slice(text, at + 1, text.n), 65535) != STOX_OK ||
       number == 0)) {
    return STOX_E_BAD_PORT;
  }
  const int kind = stox_host_kind(name);
  if (kind == STOX_HOST_IPV6) {
    name = stox_span_slice(name, 1, name.n - 2);
  } else if (kind != STOX_HOST_NAME && kind != STOX_HOST_IPV4 && kind != STOX_HOST_IDN &&
             stox_host_address(octets, &n, name) != STOX_OK) {
    return STOX_E_BAD_HOST;
  }
  *host = name;
  *port = (uint32_t)number;
  return STOX_OK;
}
