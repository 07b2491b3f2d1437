/* SPDX-License-Identifier: MIT */
#include "sip_facts.h"

#include "stox/multipart.h"
#include "stox/number.h"
#include "stox/sdp.h"

static int is(stox_span a, const char *b) {
  return stox_span_is_equal(a, stox_span_text(b));
}

static size_t number_of(stox_span *name) {
  uint64_t number = 0;
  assert_status(stox_number_parse(&number, sip_fact_head(name), 1000), STOX_OK);
  return (size_t)number;
}

static int find_part(stox_body_part *out, parsed *p, size_t nth) {
  stox_media_type type;
  stox_body_walk walk;
  const stox_span value = stox_sip_value(p->message, STOX_SIP_CONTENT_TYPE);
  int status = stox_media_type_parse(&type, value, NULL);
  if (status == STOX_OK) {
    status = stox_body_walk_init(&walk, &type, stox_sip_body(p->message), NULL, 0);
  }
  for (size_t i = 0; status == STOX_OK && i <= nth; i++) {
    status = stox_body_walk_next(out, &walk, NULL);
  }
  return status;
}

/* NUMBER.type, NUMBER.offset (in the body), NUMBER.n (of its own body), NUMBER.header.NAME */
int sip_fact_part(stox_buf *out, parsed *p, stox_span name) {
  char room[64];
  stox_body_part part;
  stox_mime_field field;
  const int status = find_part(&part, p, number_of(&name));
  const stox_span member = sip_fact_head(&name);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
  } else if (is(member, "type")) {
    stox_buf_put(out, part.type.type);
    stox_buf_put_octet(out, '/');
    stox_buf_put(out, part.type.subtype);
  } else if (is(member, "offset")) {
    stox_buf_put_number(out, (uint64_t)(part.entity.text.p - stox_sip_body(p->message).p));
  } else if (is(member, "n")) {
    stox_buf_put_number(out, part.entity.body.n);
  } else if (is(member, "header")) {
    (void)snprintf(room, sizeof room, "%.*s", (int)name.n, name.p);
    const int found = stox_mime_field_find(&field, part.entity.headers, room);
    sip_fact_put(out, found == STOX_OK ? field.value : (stox_span){NULL, 0});
  } else {
    return 0;
  }
  return 1;
}

/* media (how many), NUMBER.address (of c= for that section), NUMBER.port, NUMBER.media */
int sip_fact_sdp(stox_buf *out, parsed *p, stox_span name) {
  stox_sdp sdp;
  stox_sdp_media media;
  stox_sdp_connection connection;
  const int status = stox_sdp_parse(&sdp, &p->arena, stox_sip_body(p->message), NULL, 1, NULL);
  if (status != STOX_OK) {
    sip_fact_fail(out, status);
    return 1;
  }
  if (is(name, "media")) {
    stox_buf_put_number(out, (uint64_t)sdp.media_count);
    return 1;
  }
  const int nth = (int)number_of(&name);
  if (stox_sdp_get_media(&media, &sdp, nth) != STOX_OK ||
      stox_sdp_get_connection(&connection, &sdp, nth) != STOX_OK) {
    sip_fact_fail(out, STOX_E_NONE);
  } else if (is(name, "address")) {
    stox_buf_put(out, connection.addrtype);
    stox_buf_put_octet(out, ' ');
    stox_buf_put(out, connection.address);
  } else if (is(name, "media")) {
    stox_buf_put(out, media.media);
  } else {
    stox_buf_put_number(out, media.port);
  }
  return 1;
}
