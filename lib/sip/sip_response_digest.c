/* SPDX-License-Identifier: MIT */
#include "stox/sip_response_digest.h"

#include "stox/sip_response_identity.h"
#include "stox/status.h"
#include "stox/transfer_encoding.h"

#include <string.h>

/* The parts that both texts have. */
typedef struct parts {
  stox_span to;
  stox_span from;
  stox_span claimer;
  stox_span call_id;
  stox_span number; /* digits of CSeq */
  stox_span method;
  stox_span date;
} parts;

static int read_parts(parts *out, const stox_sip_message *response) {
  stox_sip_responder responder;
  stox_name_addr to;
  stox_name_addr from;
  stox_name_addr claimer;
  size_t cursor = 0;
  const stox_span value = stox_sip_value(response, STOX_SIP_RESPONDER);
  const stox_span date = stox_sip_value(response, STOX_SIP_DATE);
  const stox_span cseq = stox_sip_value(response, STOX_SIP_CSEQ);
  if (stox_sip_status(response) == 0) {
    return STOX_E_ARG;
  }
  if (value.p == NULL || date.p == NULL) {
    return STOX_E_MISSING;
  }
  if (stox_sip_get_address(&to, response, STOX_SIP_TO, 0) != STOX_OK ||
      stox_sip_get_address(&from, response, STOX_SIP_FROM, 0) != STOX_OK ||
      stox_sip_responder_parse(&responder, value, NULL) != STOX_OK ||
      stox_name_addr_next(&claimer, responder.claimer, &cursor, NULL) != STOX_OK) {
    return STOX_E_BAD_HEADER;
  }
  size_t digits = 0;
  while (digits < cseq.n && cseq.p[digits] >= '0' && cseq.p[digits] <= '9') {
    digits++;
  }
  *out = (parts){to.uri,
                 from.uri,
                 claimer.uri,
                 stox_sip_value(response, STOX_SIP_CALL_ID),
                 stox_span_slice(cseq, 0, digits),
                 stox_sip_method(response),
                 date};
  return STOX_OK;
}

static void put_part(stox_buf *out, stox_span text) {
  (void)stox_sip_unfold(out, text);
  (void)stox_buf_put_octet(out, ':');
}

static void put_addresses(stox_buf *out, const parts *p) {
  put_part(out, p->to);
  put_part(out, p->from);
  put_part(out, p->claimer);
}

static int put_rest(stox_buf *out, const parts *p, stox_span body) {
  put_part(out, p->call_id);
  (void)stox_buf_put(out, p->number);
  (void)stox_buf_put_octet(out, ' ');
  put_part(out, p->method);
  put_part(out, p->date);
  return stox_buf_put(out, body);
}

int stox_sip_response_digest_write(stox_buf *out, const stox_sip_message *response) {
  parts p;
  const int status = read_parts(&p, response);
  if (status != STOX_OK) {
    return status;
  }
  put_addresses(out, &p);
  return put_rest(out, &p, stox_sip_body(response));
}

int stox_sip_authorization_digest_write(stox_buf *out, const stox_sip_message *response,
                                        stox_span method, stox_span nonce) {
  parts p;
  const int status = read_parts(&p, response);
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_number(out, (uint64_t)stox_sip_status(response));
  (void)stox_buf_put_octet(out, ':');
  put_addresses(out, &p);
  (void)stox_buf_put(out, method);
  put_part(out, nonce);
  return put_rest(out, &p, stox_sip_body(response));
}

int stox_saml_payload_kind(const stox_sip_saml_payload *payload) {
  const stox_span text = payload->reference;
  if (text.n == 0 || text.p[0] != '<') {
    return STOX_SAML_ARTIFACT;
  }
  return stox_span_is_equal_nocase(stox_span_slice(text, 1, 4), stox_span_text("cid:"))
             ? STOX_SAML_CID
             : STOX_SAML_URL;
}

int stox_saml_artifact_parse(stox_saml_artifact *out, stox_span text) {
  enum { TYPE_OCTETS = 2 };
  char octets[STOX_SAML_ARTIFACT_OCTETS];
  stox_buf decoded;
  stox_buf_init(&decoded, octets, sizeof octets);
  if (stox_transfer_decode(&decoded, STOX_TRANSFER_BASE64, text, 0, NULL) != STOX_OK ||
      decoded.len != sizeof octets) {
    return STOX_E_BAD_BODY;
  }
  if (octets[0] != 0 || octets[1] != 1) {
    return STOX_E_UNSUPPORTED_MEDIA;
  }
  memcpy(out->source_id, octets + TYPE_OCTETS, sizeof out->source_id);
  memcpy(out->handle, octets + TYPE_OCTETS + sizeof out->source_id, sizeof out->handle);
  return STOX_OK;
}
