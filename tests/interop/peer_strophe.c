/* SPDX-License-Identifier: MIT */
/* A client on libstrophe, which does what it is told (peer.h); `mechanisms` and `certificate` are
 * its own choice. */
#include "peer.h"

#include <strophe.h>

typedef struct program {
  task task;
  xmpp_ctx_t *context;
  xmpp_conn_t *connection;
  unsigned heard;
  int was_ready;
  int has_pong;
  int is_closing;
} program;

static void close_when_done(program *p) {
  if (p->heard >= p->task.messages && p->has_pong && !p->is_closing) {
    p->is_closing = 1;
    xmpp_disconnect(p->connection);
  }
}

static int on_message(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *ud) {
  program *p = ud;
  (void)connection;
  char *body = xmpp_message_get_body(stanza);
  const char *type = xmpp_stanza_get_type(stanza);
  SAY("message %s %s %s", type == NULL ? "-" : type, xmpp_stanza_get_from(stanza),
      body == NULL ? "" : body);
  xmpp_free(p->context, body);
  p->heard++;
  close_when_done(p);
  return 1;
}

static int on_pong(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *ud) {
  (void)connection;
  program *p = ud;
  SAY("pong %s", xmpp_stanza_get_type(stanza));
  p->has_pong = 1;
  close_when_done(p);
  return 0;
}

static void send_message(program *p) {
  xmpp_stanza_t *message = xmpp_message_new(p->context, "chat", p->task.to, "m1");
  (void)xmpp_message_set_body(message, p->task.body);
  xmpp_send(p->connection, message);
  (void)xmpp_stanza_release(message);
}

static void send_ping(program *p) {
  xmpp_stanza_t *iq = xmpp_iq_new(p->context, "get", "p1");
  xmpp_stanza_t *ping = xmpp_stanza_new(p->context);
  (void)xmpp_stanza_set_name(ping, "ping");
  (void)xmpp_stanza_set_ns(ping, "urn:xmpp:ping");
  (void)xmpp_stanza_add_child(iq, ping);
  xmpp_id_handler_add(p->connection, on_pong, "p1", p);
  xmpp_send(p->connection, iq);
  (void)xmpp_stanza_release(ping);
  (void)xmpp_stanza_release(iq);
}

static void on_ready(program *p) {
  xmpp_stanza_t *presence = xmpp_presence_new(p->context);
  SAY("ready %s - %s", xmpp_conn_get_bound_jid(p->connection),
      xmpp_conn_is_secured(p->connection) ? "tls" : "clear");
  p->was_ready = 1;
  xmpp_handler_add(p->connection, on_message, NULL, "message", NULL, p);
  xmpp_send(p->connection, presence);
  (void)xmpp_stanza_release(presence);
  if (p->task.to != NULL) {
    send_message(p);
  }
  send_ping(p);
}

static void on_connection(xmpp_conn_t *connection, xmpp_conn_event_t event, int error,
                          xmpp_stream_error_t *stream_error, void *ud) {
  program *p = ud;
  (void)connection;
  if (event == XMPP_CONN_CONNECT) {
    on_ready(p);
    return;
  }
  if (stream_error != NULL) {
    xmpp_stanza_t *condition = xmpp_stanza_get_children(stream_error->stanza);
    SAY("error %s", condition == NULL ? "-" : xmpp_stanza_get_name(condition));
  }
  SAY("closed %d", error);
  xmpp_stop(p->context);
}

static void prepare(program *p) {
  const task *t = &p->task;
  char jid[1024];
  unsigned long flags = XMPP_CONN_FLAG_MANDATORY_TLS;
  flags = strcmp(t->tls, "none") == 0 ? XMPP_CONN_FLAG_DISABLE_TLS : flags;
  flags = strcmp(t->tls, "direct") == 0 ? XMPP_CONN_FLAG_LEGACY_SSL : flags;
  flags |=
      t->ca == NULL && (flags & XMPP_CONN_FLAG_DISABLE_TLS) == 0 ? XMPP_CONN_FLAG_TRUST_TLS : 0;
  (void)snprintf(jid, sizeof jid, "%s@%s%s%s", t->user, t->domain, t->resource == NULL ? "" : "/",
                 t->resource == NULL ? "" : t->resource);
  (void)xmpp_conn_set_flags(p->connection, (long)flags);
  if (t->ca != NULL) {
    xmpp_conn_set_cafile(p->connection, t->ca);
  }
  xmpp_conn_set_jid(p->connection, jid);
  xmpp_conn_set_pass(p->connection, t->password);
}

int main(int argc, char **argv) {
  static program p;
  const char *debug = getenv("STOX_STROPHE_DEBUG");
  task_read(&p.task, argc, argv);
  xmpp_initialize();
  p.context = xmpp_ctx_new(NULL, debug == NULL ? NULL : xmpp_get_default_logger(XMPP_LEVEL_DEBUG));
  p.connection = xmpp_conn_new(p.context);
  prepare(&p);
  if (xmpp_connect_client(p.connection, p.task.address, (unsigned short)p.task.port, on_connection,
                          &p) == XMPP_EOK) {
    xmpp_run(p.context);
  }
  (void)xmpp_conn_release(p.connection);
  xmpp_ctx_free(p.context);
  xmpp_shutdown();
  return p.was_ready ? 0 : 1;
}
