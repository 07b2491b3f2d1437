/* SPDX-License-Identifier: MIT */
#include "stox/sasl.h"

#include "stox/dialect.h"
#include "stox/hash.h"
#include "stox/number.h"
#include "stox/status.h"
#include "xmpp/namespaces.h"

#define SASL  XMPP_NS_SASL
#define COUNT (sizeof names / sizeof names[0])

typedef struct mechanism_name {
  int bit;
  int hash;
  const char *name;
} mechanism_name;

/* In order of preference. */
static const mechanism_name names[] = {
    {STOX_SASL_EXTERNAL, 0, "EXTERNAL"},
    {STOX_SASL_SCRAM_SHA_256_PLUS, STOX_HASH_SHA256, "SCRAM-SHA-256-PLUS"},
    {STOX_SASL_SCRAM_SHA_256, STOX_HASH_SHA256, "SCRAM-SHA-256"},
    {STOX_SASL_SCRAM_SHA_1_PLUS, STOX_HASH_SHA1, "SCRAM-SHA-1-PLUS"},
    {STOX_SASL_SCRAM_SHA_1, STOX_HASH_SHA1, "SCRAM-SHA-1"},
    {STOX_SASL_DIGEST_MD5, 0, "DIGEST-MD5"},
    {STOX_SASL_PLAIN, 0, "PLAIN"},
};

static const char *const conditions[] = {
    [STOX_SASL_ABORTED] = "aborted",
    [STOX_SASL_INCORRECT_ENCODING] = "incorrect-encoding",
    [STOX_SASL_INVALID_AUTHZID] = "invalid-authzid",
    [STOX_SASL_INVALID_MECHANISM] = "invalid-mechanism",
    [STOX_SASL_MECHANISM_TOO_WEAK] = "mechanism-too-weak",
    [STOX_SASL_NOT_AUTHORIZED] = "not-authorized",
    [STOX_SASL_TEMPORARY_AUTH_FAILURE] = "temporary-auth-failure",
    [STOX_SASL_ACCOUNT_DISABLED] = "account-disabled",
    [STOX_SASL_CREDENTIALS_EXPIRED] = "credentials-expired",
    [STOX_SASL_ENCRYPTION_REQUIRED] = "encryption-required",
    [STOX_SASL_MALFORMED_REQUEST] = "malformed-request",
};

static const char *const elements[] = {
    [STOX_SASL_AUTH] = "auth",         [STOX_SASL_CHALLENGE] = "challenge",
    [STOX_SASL_RESPONSE] = "response", [STOX_SASL_ABORT] = "abort",
    [STOX_SASL_SUCCESS] = "success",   [STOX_SASL_FAILURE] = "failure",
};

/* ---- names ---- */

static const mechanism_name *find(int mechanism) {
  for (size_t i = 0; i < COUNT; i++) {
    if (names[i].bit == mechanism) {
      return &names[i];
    }
  }
  return NULL;
}

const char *stox_sasl_mechanism_name(int mechanism) {
  const mechanism_name *found = find(mechanism);
  return found == NULL ? NULL : found->name;
}

int stox_sasl_mechanism_hash(int mechanism) {
  const mechanism_name *found = find(mechanism);
  return found == NULL ? 0 : found->hash;
}

int stox_sasl_mechanism_of(stox_span name) {
  for (size_t i = 0; i < COUNT; i++) {
    if (stox_span_is_equal(name, stox_span_text(names[i].name))) {
      return names[i].bit;
    }
  }
  return 0;
}

const char *stox_sasl_condition_name(int condition) {
  const int is_one = condition >= STOX_SASL_ABORTED && condition <= STOX_SASL_MALFORMED_REQUEST;
  return is_one ? conditions[condition] : NULL;
}

int stox_sasl_condition_of(stox_span name) {
  for (int i = STOX_SASL_ABORTED; i <= STOX_SASL_MALFORMED_REQUEST; i++) {
    if (stox_span_is_equal(name, stox_span_text(conditions[i]))) {
      return i;
    }
  }
  return STOX_SASL_NOT_AUTHORIZED;
}

int stox_sasl_condition_in(int condition, int dialect) {
  const int is_newer = condition >= STOX_SASL_ACCOUNT_DISABLED;
  return is_newer && dialect == STOX_DIALECT_DRAFT2005 ? STOX_SASL_NOT_AUTHORIZED : condition;
}

/* ---- data ---- */

int stox_sasl_data_parse(stox_buf *out, stox_span text) {
  if (text.n == 0) {
    return STOX_E_NONE;
  }
  if (text.n == 1 && text.p[0] == '=') {
    return stox_buf_status(out);
  }
  return stox_base64_parse(out, text, STOX_BASE64);
}

int stox_sasl_data_write(stox_buf *out, stox_span octets) {
  if (octets.p != NULL && octets.n == 0) {
    return stox_buf_put_octet(out, '=');
  }
  return stox_base64_write(out, octets, STOX_BASE64);
}

/* ---- elements ---- */

static int kind_of(const stox_xml_element *element) {
  if (!stox_xml_is(element, SASL, NULL)) {
    return 0;
  }
  int kind = STOX_SASL_FAILURE;
  while (kind > 0 && !stox_xml_is(element, SASL, elements[kind])) {
    kind--;
  }
  return kind;
}

static int read_text(stox_span *out, stox_arena *arena, const stox_xml_element *element) {
  const int status = stox_xml_text(out, arena, element);
  out->p = status == STOX_OK && out->n > 0 ? out->p : NULL;
  return status;
}

static int read_failure(stox_sasl_message *out, stox_arena *arena,
                        const stox_xml_element *element) {
  int status = STOX_OK;
  const stox_xml_element *child = stox_xml_child(element, SASL, NULL, NULL);
  while (child != NULL && status == STOX_OK) {
    if (!stox_xml_is(child, SASL, "text")) {
      const int is_first = out->condition == STOX_SASL_NONE;
      out->condition = is_first ? stox_sasl_condition_of(stox_xml_name(child)) : out->condition;
    } else if (out->text.p == NULL) {
      out->lang = stox_xml_lang(child);
      status = read_text(&out->text, arena, child);
    }
    child = stox_xml_child(element, SASL, NULL, child);
  }
  if (out->condition == STOX_SASL_NONE) {
    out->condition = STOX_SASL_NOT_AUTHORIZED;
  }
  if (out->text.p == NULL) {
    out->lang = (stox_span){NULL, 0};
  }
  return status;
}

int stox_sasl_read(stox_sasl_message *out, stox_arena *arena, const stox_xml_element *element) {
  *out = (stox_sasl_message){.kind = kind_of(element)};
  switch (out->kind) {
  case 0:
    return STOX_E_NONE;
  case STOX_SASL_FAILURE:
    return read_failure(out, arena, element);
  case STOX_SASL_ABORT:
    return STOX_OK;
  case STOX_SASL_AUTH:
    out->mechanism = stox_sasl_mechanism_of(stox_xml_attribute_of(element, "mechanism"));
    return read_text(&out->data, arena, element);
  default:
    return read_text(&out->data, arena, element);
  }
}

static void put_failure(stox_xml_writer *writer, const stox_sasl_message *message, int dialect) {
  const int condition = stox_sasl_condition_in(message->condition, dialect);
  stox_xml_open(writer, SASL, conditions[condition]);
  stox_xml_close(writer);
  if (message->text.p != NULL && dialect != STOX_DIALECT_DRAFT2005) {
    stox_xml_open(writer, SASL, "text");
    stox_xml_put_attribute(writer, "xml:lang", message->lang);
    stox_xml_put_text(writer, message->text);
    stox_xml_close(writer);
  }
}

int stox_sasl_write(stox_buf *out, const stox_sasl_message *message, int dialect) {
  const int kind = message->kind;
  const char *mechanism = stox_sasl_mechanism_name(message->mechanism);
  if (kind < STOX_SASL_AUTH || kind > STOX_SASL_FAILURE ||
      (kind == STOX_SASL_AUTH && mechanism == NULL) ||
      (kind == STOX_SASL_FAILURE && stox_sasl_condition_name(message->condition) == NULL)) {
    return STOX_E_ARG;
  }
  stox_xml_writer writer;
  stox_xml_writer_init(&writer, out, (stox_span){NULL, 0});
  stox_xml_open(&writer, SASL, elements[kind]);
  if (kind == STOX_SASL_AUTH) {
    stox_xml_put_attribute(&writer, "mechanism", stox_span_text(mechanism));
  }
  if (kind == STOX_SASL_FAILURE) {
    put_failure(&writer, message, dialect);
  } else if (kind != STOX_SASL_ABORT && message->data.n > 0) {
    stox_xml_put_text(&writer, message->data);
  }
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}

int stox_sasl_mechanisms_read(uint32_t *out, stox_arena *arena, const stox_xml_element *features) {
  const stox_xml_element *list = features;
  *out = 0;
  if (stox_xml_is(features, XMPP_NS_STREAMS, "features")) {
    list = stox_xml_child(features, SASL, "mechanisms", NULL);
  }
  if (!stox_xml_is(list, SASL, "mechanisms")) {
    return STOX_E_NONE;
  }
  const stox_xml_element *child = stox_xml_child(list, SASL, "mechanism", NULL);
  while (child != NULL) {
    stox_span name;
    if (stox_xml_text(&name, arena, child) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    *out |= (uint32_t)stox_sasl_mechanism_of(stox_span_trim(name));
    child = stox_xml_child(list, SASL, "mechanism", child);
  }
  return STOX_OK;
}

int stox_sasl_mechanisms_write(stox_buf *out, uint32_t mechanisms) {
  stox_xml_writer writer;
  if ((mechanisms & STOX_SASL_MECHANISMS_ALL) == 0) {
    return stox_buf_status(out);
  }
  stox_xml_writer_init(&writer, out, (stox_span){NULL, 0});
  stox_xml_open(&writer, SASL, "mechanisms");
  for (size_t i = 0; i < COUNT; i++) {
    if ((mechanisms & (uint32_t)names[i].bit) != 0) {
      stox_xml_open(&writer, SASL, "mechanism");
      stox_xml_put_text(&writer, stox_span_text(names[i].name));
      stox_xml_close(&writer);
    }
  }
  stox_xml_close(&writer);
  return stox_xml_writer_end(&writer);
}
