/* SPDX-License-Identifier: MIT */
#include "stox/stream_header.h"

#include "stox/jid.h"
#include "stox/number.h"
#include "stox/stanza.h"
#include "stox/status.h"
#include "stox/stream_error.h"
#include "xmpp/namespaces.h"

static const char *const content[] = {
    [STOX_STREAM_CLIENT] = XMPP_NS_CLIENT,
    [STOX_STREAM_SERVER] = XMPP_NS_SERVER,
    [STOX_STREAM_COMPONENT] = XMPP_NS_COMPONENT,
};

enum { N_KINDS = sizeof content / sizeof content[0] };

const char *stox_stream_content_ns(int kind) {
  return kind < STOX_STREAM_CLIENT || kind >= N_KINDS ? NULL : content[kind];
}

/* ---- versions ---- */

int stox_stream_version_parse(stox_stream_version *out, stox_span text) {
  uint64_t major = 0;
  uint64_t minor = 9;
  const size_t dot = stox_span_find(text, '.');
  if (text.p != NULL &&
      (stox_number_parse(&major, stox_span_slice(text, 0, dot), UINT32_MAX) != STOX_OK ||
       stox_number_parse(&minor, stox_span_slice(text, dot + 1, text.n), UINT32_MAX) != STOX_OK)) {
    return STOX_E_BAD_VERSION;
  }
  *out = (stox_stream_version){(uint32_t)major, (uint32_t)minor};
  return STOX_OK;
}

int stox_stream_version_compare(stox_stream_version a, stox_stream_version b) {
  if (a.major != b.major) {
    return a.major < b.major ? -1 : 1;
  }
  return a.minor == b.minor ? 0 : a.minor < b.minor ? -1 : 1;
}

int stox_stream_version_write(stox_buf *out, stox_stream_version version) {
  (void)stox_buf_put_number(out, version.major);
  (void)stox_buf_put_octet(out, '.');
  return stox_buf_put_number(out, version.minor);
}

stox_stream_version stox_stream_version_answer(stox_stream_version offered) {
  const stox_stream_version own = {1, 0};
  return stox_stream_version_compare(offered, own) < 0 ? offered : own;
}

/* ---- reading ---- */

static int refuse(int *condition, int with, int status) {
  *condition = with;
  return status;
}

static int is_bound_to(const stox_xml_element *element, const char *prefix, const char *ns) {
  const stox_span found = stox_xml_scope(element, prefix);
  return found.p != NULL && stox_span_is_equal(found, stox_span_text(ns));
}

static int read_namespaces(stox_stream_header *out, const stox_xml_element *element,
                           const stox_stream_header_rules *rules, int *condition) {
  if (!stox_xml_is(element, XMPP_NS_STREAMS, NULL)) {
    return refuse(condition, STOX_STREAM_INVALID_NAMESPACE, STOX_E_BAD_NAMESPACE);
  }
  if (!stox_xml_is(element, NULL, "stream")) {
    return refuse(condition, STOX_STREAM_BAD_FORMAT, STOX_E_BAD_XML);
  }
  /* Both styles of RFC 6120 4.8.2: the stream namespace with its prefix, or as the default. */
  const int is_free = is_bound_to(element, "", XMPP_NS_STREAMS);
  if (!is_free && !rules->any_prefix && !is_bound_to(element, "stream", XMPP_NS_STREAMS)) {
    return refuse(condition, STOX_STREAM_BAD_NAMESPACE_PREFIX, STOX_E_BAD_NAMESPACE);
  }
  if (!is_free && !is_bound_to(element, "", stox_stream_content_ns(rules->kind))) {
    return refuse(condition, STOX_STREAM_INVALID_NAMESPACE, STOX_E_BAD_NAMESPACE);
  }
  out->content_ns = is_free ? (stox_span){NULL, 0} : stox_xml_scope(element, "");
  out->has_dialback = is_bound_to(element, "db", XMPP_NS_DIALBACK);
  if (rules->kind == STOX_STREAM_SERVER && !out->has_dialback &&
      stox_xml_scope(element, "db").p != NULL) {
    return refuse(condition, STOX_STREAM_INVALID_NAMESPACE, STOX_E_BAD_NAMESPACE);
  }
  return STOX_OK;
}

/* A prepared address; absent where it is malformed or has parts that it must not have. */
static int read_address(stox_span *out, stox_arena *arena, stox_span text, int may_be_user) {
  stox_jid parts;
  stox_jid jid;
  int status = stox_jid_parse(&parts, text, NULL);
  if (status == STOX_OK) {
    status = stox_jid_prepare(&jid, arena, &parts, STOX_JID_NODEPREP, NULL);
  }
  if (status == STOX_OK && !may_be_user && stox_jid_scope(&jid) != STOX_SCOPE_DOMAIN) {
    status = STOX_E_BAD_JID;
  }
  if (status != STOX_OK) {
    return status;
  }
  const stox_jid bare = stox_jid_bare(&jid);
  const size_t n = bare.localpart.n + 1 + bare.domainpart.n;
  stox_buf written;
  char *room = stox_arena_take(arena, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&written, room, n);
  (void)stox_jid_write(&written, &bare);
  *out = stox_buf_span(&written);
  return STOX_OK;
}

static int is_tolerated(const stox_stream_header_rules *rules) {
  return rules->is_response || rules->dialect == STOX_DIALECT_DRAFT2005;
}

static int read_addresses(stox_stream_header *out, stox_arena *arena,
                          const stox_xml_element *element, const stox_stream_header_rules *rules,
                          int *condition) {
  const stox_span to = stox_xml_attribute_of(element, "to");
  const stox_span from = stox_xml_attribute_of(element, "from");
  const int may_be_user = rules->kind == STOX_STREAM_CLIENT;
  int status =
      to.p == NULL ? STOX_OK : read_address(&out->to, arena, to, may_be_user && rules->is_response);
  if (status == STOX_E_NOMEM) {
    return refuse(condition, STOX_STREAM_INTERNAL_SERVER_ERROR, status);
  }
  if (status != STOX_OK && !rules->is_response) {
    return refuse(condition, STOX_STREAM_HOST_UNKNOWN, STOX_E_BAD_DOMAIN);
  }
  status = from.p == NULL
               ? STOX_OK
               : read_address(&out->from, arena, from, may_be_user && !rules->is_response);
  if (status == STOX_E_NOMEM) {
    return refuse(condition, STOX_STREAM_INTERNAL_SERVER_ERROR, status);
  }
  if (status != STOX_OK && !is_tolerated(rules)) {
    return refuse(condition, STOX_STREAM_INVALID_FROM, STOX_E_BAD_JID);
  }
  return STOX_OK;
}

int stox_stream_header_read(stox_stream_header *out, stox_arena *arena,
                            const stox_xml_element *element, const stox_stream_header_rules *rules,
                            int *condition) {
  const stox_span lang = stox_xml_lang(element);
  const stox_span version = stox_xml_attribute_of(element, "version");
  const stox_span id = stox_xml_attribute_of(element, "id");
  *condition = STOX_STREAM_NONE;
  *out = (stox_stream_header){.kind = rules->kind,
                              .is_response = rules->is_response,
                              .has_version = version.p != NULL,
                              .version = {0, 9}};
  if (stox_lang_is_tag(lang)) {
    out->lang = lang;
  }
  if (rules->is_response && id.n > 0) {
    out->id = id;
  }
  int status = read_namespaces(out, element, rules, condition);
  if (status == STOX_OK) {
    status = stox_stream_version_parse(&out->version, version);
    *condition = status == STOX_OK ? STOX_STREAM_NONE : STOX_STREAM_BAD_FORMAT;
  }
  return status == STOX_OK ? read_addresses(out, arena, element, rules, condition) : status;
}

/* ---- writing ---- */

int stox_stream_header_write(stox_buf *out, const stox_stream_header *header) {
  const char *ns = stox_stream_content_ns(header->kind);
  char room[32];
  stox_buf version;
  stox_xml_writer writer;
  if (ns == NULL || (!header->is_response && header->id.p != NULL) ||
      (header->lang.p != NULL && !stox_lang_is_tag(header->lang))) {
    return STOX_E_ARG;
  }
  stox_buf_init(&version, room, sizeof room);
  (void)stox_stream_version_write(&version, header->version);
  stox_xml_writer_init(&writer, out, (stox_span){NULL, 0});
  stox_xml_open_stream(&writer, ns);
  if (header->has_dialback) {
    stox_xml_put_attribute(&writer, "xmlns:db", stox_span_text(XMPP_NS_DIALBACK));
  }
  stox_xml_put_attribute(&writer, "from", header->from);
  stox_xml_put_attribute(&writer, "to", header->to);
  stox_xml_put_attribute(&writer, "id", header->id);
  if (header->has_version) {
    stox_xml_put_attribute(&writer, "version", stox_buf_span(&version));
  }
  stox_xml_put_attribute(&writer, "xml:lang", header->lang);
  return stox_xml_writer_end(&writer);
}

/* ---- hosts ---- */

static int is_among(stox_span host, const stox_span *hosts, size_t n) {
  size_t i = 0;
  while (i < n && !stox_span_is_equal(host, hosts[i])) {
    i++;
  }
  return i < n;
}

int stox_stream_host_condition(stox_span to, const stox_span *served, size_t n_served,
                               const stox_span *gone, size_t n_gone) {
  if (to.p == NULL) {
    return STOX_STREAM_HOST_UNKNOWN;
  }
  if (is_among(to, served, n_served)) {
    return STOX_STREAM_NONE;
  }
  return is_among(to, gone, n_gone) ? STOX_STREAM_HOST_GONE : STOX_STREAM_HOST_UNKNOWN;
}
