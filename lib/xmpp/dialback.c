/* SPDX-License-Identifier: MIT */
#include "stox/dialback.h"

#include "stox/hash.h"
#include "stox/number.h"
#include "stox/status.h"
#include "stox/stream_error.h"
#include "xmpp/namespaces.h"

enum { PART_MAX = 1023, SHA_256 = 32 };

static const char *const type_names[] = {
    [STOX_DIALBACK_VALID] = "valid",
    [STOX_DIALBACK_INVALID] = "invalid",
    [STOX_DIALBACK_ERROR] = "error",
};

/* ---- keys ---- */

static stox_span octets(const unsigned char *p, size_t n) {
  return (stox_span){(const char *)p, n};
}

/* A space would let two triples be one text; ids stand last, and may hold it. */
static int check_parts(stox_span secret, stox_span receiving, stox_span originating,
                       stox_span stream_id) {
  if (secret.n == 0 || receiving.n == 0 || originating.n == 0 || stream_id.n == 0 ||
      stox_span_find(receiving, ' ') < receiving.n ||
      stox_span_find(originating, ' ') < originating.n) {
    return STOX_E_ARG;
  }
  const int is_long = receiving.n > PART_MAX || originating.n > PART_MAX || stream_id.n > PART_MAX;
  return is_long ? STOX_E_TOO_LONG : STOX_OK;
}

/* HMAC's key: the secret's hash in hexadecimal. */
static int put_secret(stox_buf *out, stox_span secret) {
  unsigned char hash[SHA_256];
  const int status = stox_hash(STOX_HASH_SHA256, secret, hash, sizeof hash);
  return status == STOX_OK ? stox_hex_write(out, octets(hash, sizeof hash)) : status;
}

int stox_dialback_key_make(stox_buf *out, stox_span secret, stox_span receiving,
                           stox_span originating, stox_span stream_id) {
  char hex[2 * SHA_256];
  unsigned char mac[SHA_256];
  stox_buf key;
  const stox_span parts[] = {receiving, {" ", 1}, originating, {" ", 1}, stream_id};
  int status = check_parts(secret, receiving, originating, stream_id);
  stox_buf_init(&key, hex, sizeof hex);
  if (status == STOX_OK) {
    status = put_secret(&key, secret);
  }
  if (status == STOX_OK) {
    status = stox_hmac_parts(STOX_HASH_SHA256, stox_buf_span(&key), parts,
                             sizeof parts / sizeof parts[0], mac, sizeof mac);
  }
  return status == STOX_OK ? stox_hex_write(out, octets(mac, sizeof mac)) : status;
}

int stox_dialback_key_check(stox_span key, stox_span secret, stox_span receiving,
                            stox_span originating, stox_span stream_id) {
  char want[STOX_DIALBACK_KEY];
  stox_buf text;
  stox_buf_init(&text, want, sizeof want);
  const int status = stox_dialback_key_make(&text, secret, receiving, originating, stream_id);
  if (status == STOX_E_ARG || status == STOX_E_TOO_LONG) {
    return STOX_E_AUTH;
  }
  if (status != STOX_OK) {
    return status;
  }
  return stox_octets_is_equal_ct(key, stox_buf_span(&text)) ? STOX_OK : STOX_E_AUTH;
}

/* ---- elements ---- */

static int kind_of(const stox_xml_element *element) {
  if (stox_xml_is(element, XMPP_NS_DIALBACK, "result")) {
    return STOX_DIALBACK_RESULT;
  }
  return stox_xml_is(element, XMPP_NS_DIALBACK, "verify") ? STOX_DIALBACK_VERIFY : 0;
}

/* -1 for another type. */
static int type_of(stox_span name) {
  if (name.p == NULL) {
    return STOX_DIALBACK_REQUEST;
  }
  int type = STOX_DIALBACK_ERROR;
  while (type > 0 && !stox_span_is_equal(name, stox_span_text(type_names[type]))) {
    type--;
  }
  return type > 0 ? type : -1;
}

static int read_condition(const stox_xml_element *element) {
  const stox_xml_element *error = stox_xml_child(element, NULL, "error", NULL);
  const stox_xml_element *child =
      error == NULL ? NULL : stox_xml_child(error, XMPP_NS_STANZAS, NULL, NULL);
  int condition = STOX_COND_NONE;
  while (child != NULL && condition == STOX_COND_NONE) {
    condition = stox_condition_of(stox_xml_name(child));
    child = stox_xml_child(error, XMPP_NS_STANZAS, NULL, child);
  }
  return condition == STOX_COND_NONE ? STOX_COND_UNDEFINED_CONDITION : condition;
}

static int is_complete(const stox_dialback *d) {
  return d->from.n > 0 && d->to.n > 0 && (d->kind != STOX_DIALBACK_VERIFY || d->id.n > 0) &&
         (d->type != STOX_DIALBACK_REQUEST || d->key.n > 0);
}

int stox_dialback_read(stox_dialback *out, stox_arena *arena, const stox_xml_element *element) {
  *out = (stox_dialback){.kind = kind_of(element)};
  if (out->kind == 0) {
    return STOX_E_NONE;
  }
  const int type = type_of(stox_xml_attribute_of(element, "type"));
  out->type = type < 0 ? STOX_DIALBACK_REQUEST : type;
  out->from = stox_xml_attribute_of(element, "from");
  out->to = stox_xml_attribute_of(element, "to");
  if (out->kind == STOX_DIALBACK_VERIFY) {
    out->id = stox_xml_attribute_of(element, "id");
  }
  if (type == STOX_DIALBACK_ERROR) {
    out->condition = read_condition(element);
  }
  if (type == STOX_DIALBACK_REQUEST) {
    const int status = stox_xml_text(&out->key, arena, element);
    if (status != STOX_OK) {
      return status;
    }
    out->key = stox_span_trim(out->key);
  }
  if (type < 0) {
    return STOX_E_UNSUPPORTED;
  }
  return is_complete(out) ? STOX_OK : STOX_E_MISSING;
}

static void put_error(stox_xml_writer *writer, int condition) {
  stox_xml_open(writer, NULL, "error");
  stox_xml_put_attribute(writer, "type",
                         stox_span_text(stox_error_type_name(stox_condition_type(condition))));
  stox_xml_open(writer, XMPP_NS_STANZAS, stox_condition_name(condition));
  stox_xml_close(writer);
  stox_xml_close(writer);
}

int stox_dialback_write(stox_buf *out, const stox_dialback *dialback) {
  const stox_dialback *d = dialback;
  const int is_verify = d->kind == STOX_DIALBACK_VERIFY;
  if ((!is_verify && d->kind != STOX_DIALBACK_RESULT) || d->type < STOX_DIALBACK_REQUEST ||
      d->type > STOX_DIALBACK_ERROR || !is_complete(d) ||
      (d->type == STOX_DIALBACK_ERROR && stox_condition_name(d->condition) == NULL)) {
    return STOX_E_ARG;
  }
  stox_xml_writer writer;
  stox_xml_writer_init(&writer, out, stox_span_text(XMPP_NS_SERVER));
  /* All of them are prefixed, with the one prefix that the stream's header declares. */
  stox_xml_open(&writer, NULL, is_verify ? "db:verify" : "db:result");
  stox_xml_put_attribute(&writer, "from", d->from);
  stox_xml_put_attribute(&writer, "to", d->to);
  if (is_verify) {
    stox_xml_put_attribute(&writer, "id", d->id);
  }
  if (d->type == STOX_DIALBACK_REQUEST) {
    stox_xml_put_text(&writer, d->key);
  } else {
    stox_xml_put_attribute(&writer, "type", stox_span_text(type_names[d->type]));
  }
  if (d->type == STOX_DIALBACK_ERROR) {
    put_error(&writer, d->condition);
  }
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}

int stox_dialback_stream_error(int condition) {
  switch (condition) {
  case STOX_COND_ITEM_NOT_FOUND:
    return STOX_STREAM_HOST_UNKNOWN;
  case STOX_COND_GONE:
    return STOX_STREAM_HOST_GONE;
  case STOX_COND_REMOTE_SERVER_NOT_FOUND:
  case STOX_COND_REMOTE_SERVER_TIMEOUT:
    return STOX_STREAM_REMOTE_CONNECTION_FAILED;
  case STOX_COND_RESOURCE_CONSTRAINT:
    return STOX_STREAM_RESOURCE_CONSTRAINT;
  case STOX_COND_POLICY_VIOLATION:
  case STOX_COND_NOT_ACCEPTABLE:
    return STOX_STREAM_POLICY_VIOLATION;
  case STOX_COND_INTERNAL_SERVER_ERROR:
    return STOX_STREAM_INTERNAL_SERVER_ERROR;
  default:
    return STOX_STREAM_NOT_AUTHORIZED;
  }
}
