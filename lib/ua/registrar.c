/* SPDX-License-Identifier: MIT */
#include "stox/registrar.h"

#include "stox/dialect.h"
#include "stox/sip_tokens.h"
#include "stox/status.h"
#include "stox/uri_forms.h"

enum { HOUR = 3600, BINDINGS_MAX = 64, Q_MOST = 1000 };

/* A REGISTER under judgement. */
typedef struct judge {
  stox_registration *out;
  stox_binding_change *changes;
  size_t cap;
  const stox_sip_message *request;
  stox_bindings now;
  const stox_registrar_rules *rules;
  stox_span call_id;
  uint32_t cseq;
  stox_sip_number expires; /* of the header */
  size_t contacts;
  size_t lasting; /* contacts that are not removals */
  size_t added;
  size_t removed;
  int has_reg_id; /* of any contact that lasts */
} judge;

static void refuse(judge *j, int code, const char *rule) {
  if (j->out->code == 200) {
    j->out->code = code;
    j->out->rule = rule;
  }
}

/* ---- what the request says ---- */

static int has_option(const stox_sip_message *request, int id, const char *tag) {
  stox_sip_cursor cursor = {0, 0};
  stox_span value;
  while (stox_sip_next_value(&value, request, id, &cursor) == STOX_OK) {
    if (stox_span_is_equal_nocase(value, stox_span_text(tag))) {
      return 1;
    }
  }
  return 0;
}

static int supports(const stox_sip_message *request, const char *tag) {
  return has_option(request, STOX_SIP_SUPPORTED, tag) || has_option(request, STOX_SIP_REQUIRE, tag);
}

stox_span stox_instance_of(stox_span sip_instance) {
  static const stox_span absent = {NULL, 0};
  const size_t n = sip_instance.n;
  const char *p = sip_instance.p;
  if (n < 5 || p[0] != '"' || p[1] != '<' || p[n - 2] != '>' || p[n - 1] != '"') {
    return absent;
  }
  const stox_span urn = stox_span_slice(sip_instance, 2, n - 4);
  return stox_urn_is_valid(urn) ? urn : absent;
}

/* ---- one contact ---- */

static uint32_t granted(const judge *j, stox_sip_number expires) {
  const stox_registrar_rules *r = j->rules;
  const stox_sip_number said = expires.is_set ? expires : j->expires;
  const uint32_t asked = said.is_set ? said.value : r->usual != 0 ? r->usual : HOUR;
  return r->most != 0 && asked > r->most ? r->most : asked;
}

/* RFC 5627 5.1: the address of record itself, a GRUU of it, or what SIP cannot reach. */
static int is_loop(const judge *j, const stox_uri *uri) {
  stox_uri aor;
  char room[512];
  stox_buf text;
  if (uri->scheme != STOX_SCHEME_SIP && uri->scheme != STOX_SCHEME_SIPS) {
    return 1;
  }
  if (stox_uri_parse(&aor, j->rules->aor, STOX_URI_LENIENT, NULL) != STOX_OK) {
    return 0;
  }
  if (stox_uri_gruu(uri) == STOX_GRUU_NONE) {
    return stox_uri_is_equal(uri, &aor, STOX_URI_LOCATION);
  }
  stox_uri bare;
  stox_buf_init(&text, room, sizeof room);
  return stox_uri_write_aor(&text, uri) == STOX_OK &&
         stox_uri_parse(&bare, stox_buf_span(&text), STOX_URI_LENIENT, NULL) == STOX_OK &&
         stox_uri_is_equal(&bare, &aor, STOX_URI_LOCATION);
}

static int is_same_uri(stox_span a, const stox_uri *b) {
  stox_uri uri;
  return stox_uri_parse(&uri, a, STOX_URI_LENIENT, NULL) == STOX_OK &&
         stox_uri_is_equal(&uri, b, STOX_URI_LOCATION);
}

/* The binding that a contact is about: by instance and reg-id where both are said (RFC 5626 6),
 * else by its URI, in the draft by all of them (5.1). */
static size_t find(const judge *j, const stox_binding_change *c, const stox_uri *uri) {
  const int is_draft = j->rules->dialect == STOX_DIALECT_DRAFT2005;
  for (size_t i = 0; i < j->now.n; i++) {
    const stox_binding *b = &j->now.p[i];
    const int is_flow =
        c->reg_id != 0 && b->reg_id == c->reg_id && stox_urn_is_equal(c->instance, b->instance);
    const int is_uri = is_same_uri(b->contact, uri);
    if (is_flow || (c->reg_id == 0 && b->reg_id == 0 && is_uri) ||
        (is_draft && c->reg_id == b->reg_id && c->reg_id != 0 && c->instance.p == NULL && is_uri)) {
      return i;
    }
  }
  return j->now.n;
}

static void put(judge *j, const stox_binding_change *change) {
  if (j->out->n_changes < j->cap) {
    j->changes[j->out->n_changes] = *change;
  }
  j->out->n_changes++;
}

/* 10.3: a REGISTER that is older than what is bound changes nothing. */
static int is_old(const judge *j, const stox_binding *b) {
  return stox_span_is_equal(b->call_id, j->call_id) && j->cseq <= b->cseq;
}

static void decide(judge *j, stox_binding_change *change, const stox_uri *uri) {
  change->index = find(j, change, uri);
  const int is_known = change->index < j->now.n;
  if (is_known && is_old(j, &j->now.p[change->index])) {
    refuse(j, 500, "RFC3261-10.3 CSeq");
    return;
  }
  if (change->seconds == 0) {
    change->what = STOX_BINDING_REMOVE;
    j->removed += is_known != 0;
  } else {
    change->what = is_known ? STOX_BINDING_UPDATE : STOX_BINDING_ADD;
    j->added += !is_known;
  }
  if (is_known || change->seconds > 0) {
    put(j, change);
  }
}

/* reg-id counts beside an instance alone, and where outbound is served (RFC 5626 6). */
static uint32_t reg_id_of(const judge *j, const stox_sip_contact *contact, stox_span instance) {
  const stox_sip_number said = contact->reg_id.is_set ? contact->reg_id : contact->flow_id;
  if (!said.is_set || instance.p == NULL || !j->rules->has_outbound) {
    return 0;
  }
  const int is_draft = j->rules->dialect == STOX_DIALECT_DRAFT2005;
  return is_draft || j->out->uses_outbound ? said.value : 0;
}

static void take_contact(judge *j, stox_span value) {
  stox_sip_contact contact;
  stox_uri uri;
  if (stox_sip_contact_parse(&contact, value, NULL) != STOX_OK || contact.address.star ||
      stox_uri_parse(&uri, contact.address.uri, STOX_URI_LENIENT, NULL) != STOX_OK) {
    refuse(j, 400, "RFC3261-10.3 Contact");
    return;
  }
  const stox_span instance = stox_instance_of(contact.sip_instance);
  stox_binding_change change = {.seconds = granted(j, contact.expires),
                                .contact = contact.address.uri,
                                .instance = instance,
                                .params = contact.address.params,
                                .reg_id = reg_id_of(j, &contact, instance),
                                .q = contact.q.is_set ? contact.q.value : Q_MOST};
  if (change.seconds > 0 && is_loop(j, &uri)) {
    refuse(j, 403, "RFC5627-5.1 contact");
  } else if (change.seconds > 0 && change.seconds < HOUR && change.seconds < j->rules->least) {
    refuse(j, 423, "RFC3261-10.3 expiration");
    j->out->seconds = j->rules->least;
  } else {
    decide(j, &change, &uri);
  }
}

/* ---- all of them ---- */

static int is_star(stox_span value) {
  return value.n == 1 && value.p[0] == '*';
}

/* What the contacts are together, before any is looked into. */
static int survey(judge *j) {
  stox_sip_cursor cursor = {0, 0};
  stox_span value;
  int stars = 0;
  int status = STOX_OK;
  while ((status = stox_sip_next_value(&value, j->request, STOX_SIP_CONTACT, &cursor)) == STOX_OK) {
    stox_sip_contact contact;
    j->contacts++;
    stars += is_star(value);
    if (!is_star(value) && stox_sip_contact_parse(&contact, value, NULL) == STOX_OK &&
        granted(j, contact.expires) > 0) {
      j->lasting++;
      j->has_reg_id |= contact.reg_id.is_set && stox_instance_of(contact.sip_instance).p != NULL;
    }
  }
  if (status != STOX_E_NONE) {
    refuse(j, 400, "RFC3261-10.3 Contact");
  }
  if (stars > 0 && (j->contacts > 1 || !j->expires.is_set || j->expires.value != 0)) {
    refuse(j, 400, "RFC3261-10.3 Contact: *");
  }
  return stars;
}

/* RFC 5626 6: whether reg-id is to be heeded, and what must be refused for it. */
static void settle_outbound(judge *j) {
  const stox_registrar_rules *r = j->rules;
  if (!j->has_reg_id || r->dialect == STOX_DIALECT_DRAFT2005 || !r->has_outbound) {
    return;
  }
  if (j->lasting > 1) {
    refuse(j, 400, "RFC5626-6 one contact");
    return;
  }
  const int can = r->is_first_hop || r->is_path_outbound;
  const int asks = supports(j->request, "outbound");
  if (asks && !can) {
    refuse(j, 439, "RFC5626-6 first hop");
  }
  j->out->uses_outbound = asks && can;
}

static void remove_all(judge *j) {
  for (size_t i = 0; i < j->now.n; i++) {
    const stox_binding_change change = {.what = STOX_BINDING_REMOVE,
                                        .index = i,
                                        .contact = j->now.p[i].contact,
                                        .instance = j->now.p[i].instance,
                                        .reg_id = j->now.p[i].reg_id};
    if (is_old(j, &j->now.p[i])) {
      refuse(j, 500, "RFC3261-10.3 CSeq");
    }
    put(j, &change);
  }
}

static void take_all(judge *j) {
  stox_sip_cursor cursor = {0, 0};
  stox_span value;
  while (stox_sip_next_value(&value, j->request, STOX_SIP_CONTACT, &cursor) == STOX_OK) {
    take_contact(j, value);
  }
  const size_t most = j->rules->bindings != 0 ? j->rules->bindings : BINDINGS_MAX;
  if (j->now.n - j->removed + j->added > most) {
    refuse(j, 503, "limit of bindings");
  }
}

int stox_registrar_judge(stox_registration *out, stox_binding_change *changes, size_t cap,
                         const stox_sip_message *request, stox_bindings bindings,
                         const stox_registrar_rules *rules) {
  stox_sip_cseq cseq = {0};
  uint32_t expires = 0;
  judge j = {.out = out,
             .changes = changes,
             .cap = cap,
             .request = request,
             .now = bindings,
             .rules = rules,
             .call_id = stox_sip_value(request, STOX_SIP_CALL_ID)};
  *out = (stox_registration){.code = 200, .wants_gruu = supports(request, "gruu")};
  (void)stox_sip_get_cseq(&cseq, request);
  j.cseq = cseq.number;
  j.expires.is_set = stox_sip_get_number(&expires, request, STOX_SIP_EXPIRES) == STOX_OK;
  j.expires.value = expires;
  const int stars = survey(&j);
  settle_outbound(&j);
  if (out->code == 200 && stars > 0) {
    remove_all(&j);
  } else if (out->code == 200) {
    take_all(&j);
  }
  if (out->code != 200) {
    out->n_changes = 0;
    out->uses_outbound = 0;
  }
  return out->n_changes > cap ? STOX_E_NOBUF : STOX_OK;
}

/* ---- a proxy's choice ---- */

static uint64_t age_key(const stox_binding *b, int dialect) {
  return dialect == STOX_DIALECT_DRAFT2005 ? b->registered_ns : b->updated_ns;
}

static int is_same_instance(const stox_binding *a, const stox_binding *b) {
  return a->instance.p != NULL && stox_urn_is_equal(a->instance, b->instance);
}

static int is_better(const stox_binding *a, const stox_binding *b, int dialect) {
  if (a->q != b->q) {
    return a->q > b->q;
  }
  return age_key(a, dialect) > age_key(b, dialect);
}

/* 1 if another binding of the same instance is more recent; of two of one time the first counts. */
static int is_outdone(stox_bindings bindings, size_t i, int dialect) {
  for (size_t k = 0; k < bindings.n; k++) {
    const uint64_t mine = age_key(&bindings.p[i], dialect);
    const uint64_t other = age_key(&bindings.p[k], dialect);
    if (k != i && is_same_instance(&bindings.p[i], &bindings.p[k]) &&
        (other > mine || (other == mine && k < i))) {
      return 1;
    }
  }
  return 0;
}

size_t stox_registrar_targets(size_t *order, stox_bindings bindings, stox_span instance,
                              int dialect) {
  size_t count = 0;
  for (size_t i = 0; i < bindings.n; i++) {
    const int is_asked = instance.p == NULL || stox_urn_is_equal(instance, bindings.p[i].instance);
    if (!is_asked || is_outdone(bindings, i, dialect)) {
      continue;
    }
    size_t at = count++;
    for (; at > 0 && is_better(&bindings.p[i], &bindings.p[order[at - 1]], dialect); at--) {
      order[at] = order[at - 1];
    }
    order[at] = i;
  }
  return count;
}

int stox_registrar_next_flow(size_t *next, stox_bindings bindings, size_t failed, int code,
                             int dialect, const unsigned char *tried) {
  const int may_go_on =
      code == 408 || code == 430 || (code == 410 && dialect == STOX_DIALECT_DRAFT2005);
  size_t found = bindings.n;
  for (size_t i = 0; may_go_on && i < bindings.n; i++) {
    const int is_fit =
        i != failed && !tried[i] && is_same_instance(&bindings.p[i], &bindings.p[failed]);
    if (is_fit && (found == bindings.n || is_better(&bindings.p[i], &bindings.p[found], dialect))) {
      found = i;
    }
  }
  *next = found;
  return found < bindings.n ? STOX_OK : STOX_E_NONE;
}
