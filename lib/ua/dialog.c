/* SPDX-License-Identifier: MIT */
#include "stox/dialog.h"

#include "base/checked.h"
#include "stox/sip_address.h"
#include "stox/status.h"
#include "stox/uri.h"

#include <string.h>

#define CSEQ_MOST UINT32_C(2147483647) /* RFC 3261 8.1.1.5 */

/* The texts of a dialog, and its route set in the order of our requests. */
typedef struct texts {
  stox_span call_id;
  stox_span local_tag;
  stox_span remote_tag;
  stox_span local_uri;
  stox_span remote_uri;
  stox_span remote_target;
  stox_span routes[STOX_DIALOG_ROUTES_MAX];
  size_t n_routes;
} texts;

struct stox_dialog {
  stox_allocator alloc;
  char *
      octets; /* what the texts are views of; the route set is one text, its entries' ends marked */
  size_t n;
  stox_sip_dialog_key key;
  stox_span local_uri;
  stox_span remote_uri;
  stox_span remote_target;
  stox_span routes; /* entries, each with a line feed behind it */
  size_t n_routes;
  uint32_t local_cseq;
  uint32_t remote_cseq;
  int has_remote_cseq; /* any number may be the first */
  int is_secure;
  int state;
};

/* ---- the texts in memory ---- */

static size_t count_octets(const texts *t) {
  size_t n = t->call_id.n + t->local_tag.n + t->remote_tag.n + t->local_uri.n + t->remote_uri.n +
             t->remote_target.n;
  for (size_t i = 0; i < t->n_routes; i++) {
    n += t->routes[i].n + 1;
  }
  return n;
}

static stox_span keep(stox_buf *block, stox_span text) {
  const size_t from = block->len;
  (void)stox_buf_put(block, text);
  return text.p == NULL ? text : (stox_span){block->p + from, text.n};
}

/* Makes the texts the dialog's own; those of `t` may be views of what it has. */
static int set_texts(stox_dialog *obj, const texts *t) {
  const size_t n = count_octets(t);
  stox_buf block;
  if (n > STOX_DIALOG_OCTETS_MAX) {
    return STOX_E_TOO_LONG;
  }
  char *octets = obj->alloc.resize(obj->alloc.ud, NULL, 0, n);
  if (octets == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&block, octets, n);
  obj->key.call_id = keep(&block, t->call_id);
  obj->key.local_tag = keep(&block, t->local_tag);
  obj->key.remote_tag = keep(&block, t->remote_tag);
  obj->local_uri = keep(&block, t->local_uri);
  obj->remote_uri = keep(&block, t->remote_uri);
  obj->remote_target = keep(&block, t->remote_target);
  const size_t from = block.len;
  for (size_t i = 0; i < t->n_routes; i++) {
    (void)keep(&block, t->routes[i]);
    (void)stox_buf_put_octet(&block, '\n');
  }
  obj->routes = (stox_span){octets + from, block.len - from};
  obj->n_routes = t->n_routes;
  if (obj->octets != NULL) {
    (void)obj->alloc.resize(obj->alloc.ud, obj->octets, obj->n, 0);
  }
  obj->octets = octets;
  obj->n = n;
  return STOX_OK;
}

static int next_route(stox_span *out, const stox_dialog *obj, size_t *at) {
  const stox_span left = stox_span_slice(obj->routes, *at, SIZE_MAX);
  if (left.n == 0) {
    return 0;
  }
  *out = stox_span_slice(left, 0, stox_span_find(left, '\n'));
  *at += out->n + 1;
  return 1;
}

static void get_texts(texts *out, const stox_dialog *obj) {
  size_t at = 0;
  *out = (texts){.call_id = obj->key.call_id,
                 .local_tag = obj->key.local_tag,
                 .remote_tag = obj->key.remote_tag,
                 .local_uri = obj->local_uri,
                 .remote_uri = obj->remote_uri,
                 .remote_target = obj->remote_target};
  while (out->n_routes < STOX_DIALOG_ROUTES_MAX &&
         next_route(&out->routes[out->n_routes], obj, &at)) {
    out->n_routes++;
  }
}

/* ---- reading messages ---- */

/* Methods whose Contact says where the peer is (RFC 3261 12.2, RFC 3311 5, RFC 6665 3.1.1
 * and 3.2.1, RFC 3515 2.4). */
static int refreshes(int method) {
  return method == STOX_SIP_INVITE || method == STOX_SIP_UPDATE || method == STOX_SIP_SUBSCRIBE ||
         method == STOX_SIP_NOTIFY || method == STOX_SIP_REFER;
}

/* The URI of the only Contact; absent if there is none. STOX_OK or STOX_E_BAD_HEADER. */
static int read_contact(stox_span *out, const stox_sip_message *message) {
  stox_sip_cursor cursor = {0, 0};
  stox_name_addr contact;
  stox_name_addr other;
  stox_uri uri;
  *out = (stox_span){NULL, 0};
  int status = stox_sip_next_address_uri(&contact, &uri, message, STOX_SIP_CONTACT, &cursor);
  if (status == STOX_E_NONE) {
    return STOX_OK;
  }
  if (status != STOX_OK || contact.star ||
      stox_sip_next_address(&other, message, STOX_SIP_CONTACT, &cursor) != STOX_E_NONE) {
    return STOX_E_BAD_HEADER;
  }
  *out = contact.uri;
  return STOX_OK;
}

static int read_party(stox_span *uri, const stox_sip_message *message, int id) {
  stox_name_addr address;
  const int status = stox_sip_get_address(&address, message, id, 0);
  *uri = address.uri;
  return status == STOX_OK && !address.star ? STOX_OK : STOX_E_BAD_HEADER;
}

static int read_routes(texts *out, const stox_sip_message *message, int is_reversed) {
  stox_sip_cursor cursor = {0, 0};
  stox_name_addr route;
  int status = STOX_OK;
  out->n_routes = 0;
  while ((status = stox_sip_next_address(&route, message, STOX_SIP_RECORD_ROUTE, &cursor)) ==
         STOX_OK) {
    if (out->n_routes == STOX_DIALOG_ROUTES_MAX) {
      return STOX_E_TOO_MANY;
    }
    if (!route.brackets || stox_span_find(route.text, '\n') < route.text.n) {
      return STOX_E_BAD_HEADER;
    }
    out->routes[out->n_routes++] = route.text;
  }
  for (size_t i = 0; is_reversed && i < out->n_routes / 2; i++) {
    const stox_span first = out->routes[i];
    out->routes[i] = out->routes[out->n_routes - 1 - i];
    out->routes[out->n_routes - 1 - i] = first;
  }
  return status == STOX_E_NONE ? STOX_OK : STOX_E_BAD_HEADER;
}

/* All texts of the dialog that a message creates; `way` says whose From is. */
static int read_texts(texts *out, const stox_sip_message *message, int way) {
  const int is_ours = way == STOX_SIP_SENT;
  stox_span from;
  stox_span to;
  *out = (texts){.call_id = stox_sip_value(message, STOX_SIP_CALL_ID)};
  int status = read_party(&from, message, STOX_SIP_FROM);
  if (status == STOX_OK) {
    status = read_party(&to, message, STOX_SIP_TO);
  }
  if (status == STOX_OK) {
    status = read_contact(&out->remote_target, message);
  }
  if (status == STOX_OK) {
    status = read_routes(out, message, is_ours);
  }
  if (status != STOX_OK) {
    return status;
  }
  const stox_span from_tag = stox_sip_tag(message, STOX_SIP_FROM);
  const stox_span to_tag = stox_sip_tag(message, STOX_SIP_TO);
  out->local_uri = is_ours ? from : to;
  out->remote_uri = is_ours ? to : from;
  out->local_tag = is_ours ? from_tag : to_tag;
  out->remote_tag = is_ours ? to_tag : from_tag;
  const int must_say = out->n_routes > 0 || stox_sip_status(message) == 0 ||
                       (stox_sip_status(message) >= 200 && refreshes(stox_sip_method_id(message)));
  return out->remote_target.p == NULL && must_say ? STOX_E_MISSING : STOX_OK;
}

/* ---- making ---- */

static int make(stox_dialog **out, const texts *t, const stox_dialog_options *options) {
  const stox_allocator *alloc = options->alloc != NULL ? options->alloc : stox_allocator_libc();
  stox_dialog *obj = alloc->resize(alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_dialog){.alloc = *alloc, .is_secure = options->is_secure, .state = options->state};
  const int status = set_texts(obj, t);
  if (status != STOX_OK) {
    stox_dialog_del(obj);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

void stox_dialog_del(stox_dialog *obj) {
  if (obj == NULL) {
    return;
  }
  const stox_allocator alloc = obj->alloc;
  if (obj->octets != NULL) {
    (void)alloc.resize(alloc.ud, obj->octets, obj->n, 0);
  }
  (void)alloc.resize(alloc.ud, obj, sizeof *obj, 0);
}

int stox_dialog_new_uac(stox_dialog **out, const stox_sip_message *response,
                        const stox_dialog_options *options) {
  const int code = stox_sip_status(response);
  stox_dialog_options own = options == NULL ? (stox_dialog_options){0} : *options;
  stox_sip_cseq cseq;
  texts t;
  *out = NULL;
  if (code <= 100 || code >= 300) {
    return STOX_E_ARG;
  }
  int status = read_texts(&t, response, STOX_SIP_SENT);
  if (status == STOX_OK) {
    status = stox_sip_get_cseq(&cseq, response);
  }
  if (status == STOX_OK && t.local_tag.n == 0) {
    status = STOX_E_MISSING;
  }
  if (status != STOX_OK) {
    return status;
  }
  own.state = own.state != 0 ? own.state : code < 200 ? STOX_DIALOG_EARLY : STOX_DIALOG_CONFIRMED;
  status = make(out, &t, &own);
  if (status == STOX_OK) {
    (*out)->local_cseq = cseq.number;
  }
  return status;
}

int stox_dialog_new_uas(stox_dialog **out, const stox_sip_message *request, stox_span local_tag,
                        const stox_dialog_options *options) {
  stox_dialog_options own = options == NULL ? (stox_dialog_options){0} : *options;
  stox_sip_cseq cseq;
  texts t;
  *out = NULL;
  if (stox_sip_status(request) != 0 || local_tag.n == 0) {
    return STOX_E_ARG;
  }
  if (stox_sip_tag(request, STOX_SIP_TO).n > 0) {
    return STOX_E_STATE;
  }
  int status = read_texts(&t, request, STOX_SIP_RECEIVED);
  if (status == STOX_OK) {
    status = stox_sip_get_cseq(&cseq, request);
  }
  if (status != STOX_OK) {
    return status;
  }
  t.local_tag = local_tag;
  const int is_invite = stox_sip_method_id(request) == STOX_SIP_INVITE;
  own.state = own.state != 0 ? own.state : is_invite ? STOX_DIALOG_EARLY : STOX_DIALOG_CONFIRMED;
  status = make(out, &t, &own);
  if (status == STOX_OK) {
    (*out)->remote_cseq = cseq.number;
    (*out)->has_remote_cseq = 1;
  }
  return status;
}

/* ---- what it knows ---- */

int stox_dialog_state(const stox_dialog *obj) {
  return obj->state;
}

int stox_dialog_confirm(stox_dialog *obj) {
  if (obj->state == STOX_DIALOG_TERMINATED) {
    return STOX_E_STATE;
  }
  obj->state = STOX_DIALOG_CONFIRMED;
  return STOX_OK;
}

void stox_dialog_end(stox_dialog *obj) {
  obj->state = STOX_DIALOG_TERMINATED;
}

void stox_dialog_key(stox_sip_dialog_key *out, const stox_dialog *obj) {
  *out = obj->key;
}

int stox_dialog_is_of(const stox_dialog *obj, const stox_sip_message *message, int way) {
  stox_sip_dialog_key key;
  stox_sip_dialog_key_of(&key, message, way);
  return stox_sip_dialog_key_is_equal(&obj->key, &key);
}

void stox_dialog_get_facts(stox_dialog_facts *out, const stox_dialog *obj) {
  *out = (stox_dialog_facts){.local_uri = obj->local_uri,
                             .remote_uri = obj->remote_uri,
                             .remote_target = obj->remote_target,
                             .routes = obj->n_routes,
                             .local_cseq = obj->local_cseq,
                             .remote_cseq = obj->remote_cseq,
                             .is_secure = obj->is_secure,
                             .state = obj->state};
}

int stox_dialog_get_route(stox_span *out, const stox_dialog *obj, size_t index) {
  size_t at = 0;
  for (size_t i = 0; next_route(out, obj, &at); i++) {
    if (i == index) {
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

/* ---- messages within it ---- */

/* Moves the remote target, and with it the route set where `routes` has one. */
static int move(stox_dialog *obj, stox_span target, const texts *routes) {
  texts t;
  get_texts(&t, obj);
  if (routes != NULL) {
    memcpy(t.routes, routes->routes, routes->n_routes * sizeof t.routes[0]);
    t.n_routes = routes->n_routes;
  }
  t.remote_target = target.p != NULL ? target : t.remote_target;
  return set_texts(obj, &t);
}

int stox_dialog_follow(stox_dialog *obj, const stox_sip_message *response) {
  const int code = stox_sip_status(response);
  texts t;
  if (code == 0 || !stox_dialog_is_of(obj, response, STOX_SIP_RECEIVED)) {
    return STOX_E_NONE;
  }
  if (code == 408 || code == 481) {
    obj->state = STOX_DIALOG_TERMINATED;
  }
  if (code <= 100 || code >= 300 || obj->state == STOX_DIALOG_TERMINATED) {
    return STOX_OK;
  }
  int status = STOX_OK;
  if (refreshes(stox_sip_method_id(response))) {
    status = read_texts(&t, response, STOX_SIP_SENT);
    if (status == STOX_OK) {
      const int is_first = obj->state == STOX_DIALOG_EARLY && code >= 200;
      status = move(obj, t.remote_target, is_first ? &t : NULL);
    }
  }
  if (status == STOX_OK && code >= 200) {
    obj->state = STOX_DIALOG_CONFIRMED;
  }
  return status;
}

int stox_dialog_take(stox_dialog *obj, const stox_sip_message *request) {
  stox_sip_cseq cseq;
  stox_span target;
  if (stox_sip_status(request) != 0 || !stox_dialog_is_of(obj, request, STOX_SIP_RECEIVED)) {
    return STOX_E_NONE;
  }
  int status = stox_sip_get_cseq(&cseq, request);
  if (status != STOX_OK) {
    return status;
  }
  /* An ACK has its INVITE's number, a CANCEL that of what it cancels. */
  const int method = stox_sip_method_id(request);
  const int is_companion = method == STOX_SIP_ACK || method == STOX_SIP_CANCEL;
  const int is_late = !is_companion && obj->has_remote_cseq && cseq.number <= obj->remote_cseq;
  if (obj->state == STOX_DIALOG_TERMINATED || is_late) {
    return STOX_E_STATE;
  }
  status = refreshes(method) ? read_contact(&target, request) : STOX_OK;
  if (status == STOX_OK && refreshes(method) && target.p != NULL) {
    status = move(obj, target, NULL);
  }
  if (status == STOX_OK && !is_companion) {
    obj->remote_cseq = cseq.number;
    obj->has_remote_cseq = 1;
  }
  return status;
}

/* ---- requests of ours ---- */

static int put_party(stox_sip_edit *edit, stox_arena *arena, int id, stox_span uri, stox_span tag) {
  stox_buf out;
  const size_t n = uri.n + tag.n + sizeof "<>;tag=";
  char *room = stox_arena_take(arena, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, room, n);
  (void)stox_buf_put_octet(&out, '<');
  (void)stox_buf_put(&out, uri);
  (void)stox_buf_put_octet(&out, '>');
  if (tag.n > 0) {
    (void)stox_buf_put_text(&out, ";tag=");
    (void)stox_buf_put(&out, tag);
  }
  return stox_sip_edit_set(edit, id, (stox_span){NULL, 0}, stox_buf_span(&out), STOX_SIP_LAST);
}

static int put(stox_sip_edit *edit, int id, stox_span value) {
  return stox_sip_edit_set(edit, id, (stox_span){NULL, 0}, value, STOX_SIP_LAST);
}

static int put_cseq(stox_sip_edit *edit, uint32_t number, stox_span method) {
  char room[64 + 12];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  (void)stox_buf_put_number(&out, number);
  (void)stox_buf_put_octet(&out, ' ');
  (void)stox_buf_put(&out, method);
  return stox_buf_status(&out) == STOX_OK ? put(edit, STOX_SIP_CSEQ, stox_buf_span(&out))
                                          : STOX_E_TOO_LONG;
}

/* The URI of an entry of the route set, and whether it is a loose router's. */
static int read_route(stox_span *uri, int *is_loose, stox_span route) {
  stox_sip_route value;
  const int status = stox_sip_route_parse(&value, route, NULL);
  if (status == STOX_OK) {
    *uri = value.address.uri;
    *is_loose = stox_sip_route_is_loose(&value);
  }
  return status;
}

/* A URI as a Request-URI may have it: no headers, no method (19.1.1). */
static int plain_uri(stox_span *out, stox_arena *arena, stox_span text) {
  stox_uri uri;
  stox_param param;
  stox_buf made;
  size_t cursor = 0;
  int status = stox_uri_parse(&uri, text, STOX_URI_LENIENT, NULL);
  char *room = status == STOX_OK ? stox_arena_take(arena, text.n + 1, 1) : NULL;
  if (room == NULL) {
    return status == STOX_OK ? STOX_E_NOMEM : STOX_E_BAD_HEADER;
  }
  const stox_span params = uri.params;
  const size_t head = params.p == NULL ? text.n - (uri.headers.p == NULL ? 0 : uri.headers.n + 1)
                                       : (size_t)(params.p - text.p) - 1;
  stox_buf_init(&made, room, text.n + 1);
  (void)stox_buf_put(&made, stox_span_slice(text, 0, head));
  while ((status = stox_uri_next_param(&param, &uri, &cursor)) == STOX_OK) {
    if (!stox_span_is_equal_nocase(param.name, stox_span_text("method"))) {
      (void)stox_buf_put_octet(&made, ';');
      (void)stox_buf_put(&made, param.name);
      (void)stox_buf_put_text(&made, param.value.p == NULL ? "" : "=");
      (void)stox_buf_put(&made, param.value);
    }
  }
  *out = stox_buf_span(&made);
  return status == STOX_E_NONE ? stox_buf_status(&made) : STOX_E_BAD_HEADER;
}

static int put_routes(stox_sip_edit *edit, stox_arena *arena, const stox_dialog *obj,
                      int is_strict) {
  stox_span route;
  size_t at = 0;
  int status = STOX_OK;
  if (is_strict) {
    (void)next_route(&route, obj, &at);
  }
  while (status == STOX_OK && next_route(&route, obj, &at)) {
    status = put(edit, STOX_SIP_ROUTE, route);
  }
  return status == STOX_OK && is_strict
             ? put_party(edit, arena, STOX_SIP_ROUTE, obj->remote_target, (stox_span){NULL, 0})
             : status;
}

static int check_request(const stox_dialog *obj, int method, uint32_t cseq) {
  const int is_ack = method == STOX_SIP_ACK;
  if (method == STOX_SIP_CANCEL || is_ack != (cseq != 0)) {
    return STOX_E_ARG;
  }
  if ((obj->state == STOX_DIALOG_TERMINATED && !is_ack) || obj->remote_target.p == NULL) {
    return STOX_E_STATE;
  }
  return !is_ack && obj->local_cseq >= CSEQ_MOST ? STOX_E_LIMIT : STOX_OK;
}

/* 12.2.1.1: behind a strict router the remote target is the last of the route set. */
static int begin(stox_sip_edit **out, stox_arena *arena, const stox_dialog *obj, stox_span method) {
  stox_span uri = obj->remote_target;
  stox_span route;
  size_t at = 0;
  int is_loose = 1;
  int status = STOX_OK;
  if (next_route(&route, obj, &at)) {
    status = read_route(&uri, &is_loose, route);
    uri = is_loose ? obj->remote_target : uri;
  }
  if (status == STOX_OK) {
    status = plain_uri(&uri, arena, uri);
  }
  if (status == STOX_OK) {
    status = stox_sip_request_new(out, arena, method, uri);
  }
  return status == STOX_OK ? put_routes(*out, arena, obj, !is_loose) : status;
}

int stox_dialog_request(stox_sip_edit **out, stox_arena *arena, stox_dialog *obj, stox_span method,
                        uint32_t cseq) {
  const uint32_t number = cseq != 0 ? cseq : obj->local_cseq + 1;
  int status = check_request(obj, stox_sip_method_of(method), cseq);
  if (status == STOX_OK) {
    status = begin(out, arena, obj, method);
  }
  if (status == STOX_OK) {
    status = put_party(*out, arena, STOX_SIP_FROM, obj->local_uri, obj->key.local_tag);
  }
  if (status == STOX_OK) {
    status = put_party(*out, arena, STOX_SIP_TO, obj->remote_uri, obj->key.remote_tag);
  }
  if (status == STOX_OK) {
    status = put(*out, STOX_SIP_CALL_ID, obj->key.call_id);
  }
  if (status == STOX_OK) {
    status = put_cseq(*out, number, method);
  }
  if (status == STOX_OK) {
    status = put(*out, STOX_SIP_MAX_FORWARDS, stox_span_text("70"));
  }
  if (status == STOX_OK && cseq == 0) {
    obj->local_cseq = number;
  }
  return status;
}

int stox_dialog_next_hop(stox_span *out, const stox_dialog *obj) {
  stox_span route;
  size_t at = 0;
  int is_loose = 0;
  if (next_route(&route, obj, &at)) {
    return read_route(out, &is_loose, route) == STOX_OK ? STOX_OK : STOX_E_NONE;
  }
  *out = obj->remote_target;
  return out->p == NULL ? STOX_E_NONE : STOX_OK;
}
