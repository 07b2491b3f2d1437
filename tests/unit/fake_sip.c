/* SPDX-License-Identifier: MIT */
#include "fake_sip.h"

#include "idle_engine.h"

size_t fake_sip_count(const fake_sip *fake, const char *begin) {
  size_t n = 0;
  for (size_t i = 0; i < fake->n_messages; i++) {
    n += strncmp(fake->messages[i], begin, strlen(begin)) == 0 ? 1U : 0U;
  }
  return n;
}

size_t fake_sip_holding(const fake_sip *fake, const char *text) {
  size_t n = 0;
  for (size_t i = 0; i < fake->n_messages; i++) {
    n += strstr(fake->messages[i], text) != NULL ? 1U : 0U;
  }
  return n;
}

static void enqueue(fake_sip *fake, const stox_endpoint *to, uint64_t handle, const char *text) {
  struct fake_queued *q = &fake->queue[fake->queue_to++ % FAKE_QUEUE];
  assert_true(fake->queue_to - fake->queue_from <= FAKE_QUEUE);
  q->text = strdup(text);
  q->to = *to;
  q->handle = handle;
}

void fake_sip_send(fake_sip *fake, int transport, const char *text) {
  stox_endpoint to = fake->gateway;
  to.transport = transport;
  enqueue(fake, &to, 0, text);
}

/* Copies the header lines that begin with a name. */
static void copy_lines(char *out, size_t cap, const char *message, const char *name) {
  const char *line = strstr(message, "\r\n");
  while (line != NULL && strncmp(line, "\r\n\r\n", 4) != 0) {
    line += 2;
    const char *end = strstr(line, "\r\n");
    if (end != NULL && strncmp(line, name, strlen(name)) == 0) {
      const size_t at = strlen(out);
      snprintf(out + at, cap - at, "%.*s%s\r\n", (int)(end - line), line,
               strcmp(name, "To:") == 0 ? ";tag=fake" : "");
    }
    line = end;
  }
}

static void answer(fake_sip *fake, const stox_flow *flow, const char *request) {
  char out[8192];
  if (fake->answer == NULL || fake->answers == 0) {
    return;
  }
  fake->answers -= fake->answers > 0;
  snprintf(out, sizeof out, "SIP/2.0 %s\r\n", fake->answer);
  copy_lines(out, sizeof out, request, "Via:");
  copy_lines(out, sizeof out, request, "From:");
  copy_lines(out, sizeof out, request, "To:");
  copy_lines(out, sizeof out, request, "Call-ID:");
  copy_lines(out, sizeof out, request, "CSeq:");
  const size_t at = strlen(out);
  snprintf(out + at, sizeof out - at, "%sContent-Length: 0\r\n\r\n",
           fake->answer_more == NULL ? "" : fake->answer_more);
  enqueue(fake, &flow->remote, flow->handle, out);
}

static void take_message(fake_sip *fake, const stox_flow *flow, const char *p, size_t n) {
  char *text = malloc(n + 1);
  assert_non_null(text);
  assert_true(fake->n_messages < FAKE_MESSAGES);
  memcpy(text, p, n);
  text[n] = '\0';
  fake->messages[fake->n_messages++] = text;
  if (strncmp(text, "SIP/2.0", 7) != 0 && strncmp(text, "ACK ", 4) != 0) {
    answer(fake, flow, text);
  }
}

/* Octets of the first whole message of a stream, 0: none yet. */
static size_t whole(const char *p) {
  const char *end = strstr(p, "\r\n\r\n");
  const char *length = strstr(p, "Content-Length:");
  if (end == NULL || length == NULL || length > end) {
    return 0;
  }
  const size_t n = (size_t)(end - p) + 4 + (size_t)strtoul(length + 15, NULL, 10);
  return strlen(p) >= n ? n : 0;
}

static void take_stream(fake_sip *fake, const stox_flow *flow, stox_span bytes) {
  fake->partial = realloc(fake->partial, fake->partial_n + bytes.n + 1);
  assert_non_null(fake->partial);
  memcpy(fake->partial + fake->partial_n, bytes.p, bytes.n);
  fake->partial_n += bytes.n;
  fake->partial[fake->partial_n] = '\0';
  size_t n = 0;
  while ((n = whole(fake->partial)) > 0) {
    take_message(fake, flow, fake->partial, n);
    fake->partial_n -= n;
    memmove(fake->partial, fake->partial + n, fake->partial_n + 1);
  }
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  fake_sip *fake = engine;
  (void)now_ns;
  if (bytes.n == 0) {
    fake->partial_n = 0;
  } else if (flow->local.transport == STOX_TRANSPORT_UDP) {
    take_message(fake, flow, bytes.p, bytes.n);
  } else {
    take_stream(fake, flow, bytes);
  }
  return STOX_OK;
}

static const stox_action *next(void *engine) {
  fake_sip *fake = engine;
  free(fake->given);
  fake->given = NULL;
  if (fake->queue_from == fake->queue_to) {
    return NULL;
  }
  struct fake_queued *q = &fake->queue[fake->queue_from++ % FAKE_QUEUE];
  fake->given = q->text;
  fake->action = (stox_action){.kind = STOX_DO_SEND,
                               .handle = q->handle,
                               .remote = q->to,
                               .bytes = {q->text, strlen(q->text)}};
  if (q->handle != 0) {
    fake->action.local = fake->self;
    fake->action.local.transport = q->to.transport;
  }
  return &fake->action;
}

void fake_sip_init(fake_sip *out, const char *host, uint32_t port) {
  memset(out, 0, sizeof *out);
  snprintf(out->host, sizeof out->host, "%s", host);
  out->self = (stox_endpoint){stox_span_text(out->host), port, STOX_TRANSPORT_UDP};
  out->gateway = (stox_endpoint){S("127.0.0.1"), 5070, STOX_TRANSPORT_UDP};
  out->answer = "200 OK";
  out->answers = -1;
  out->engine = (stox_engine){.size = sizeof(stox_engine),
                              .engine = out,
                              .feed = feed,
                              .done = idle_done,
                              .hold = idle_hold,
                              .next = next,
                              .deadline = idle_deadline,
                              .tick = idle_tick};
}

void fake_sip_clear(fake_sip *fake) {
  for (size_t i = 0; i < fake->n_messages; i++) {
    free(fake->messages[i]);
  }
  while (fake->queue_from != fake->queue_to) {
    free(fake->queue[fake->queue_from++ % FAKE_QUEUE].text);
  }
  free(fake->given);
  free(fake->partial);
}

static const char *or_else(const char *text, const char *other) {
  return text == NULL ? other : text;
}

void fake_sip_message(char *out, size_t cap, const fake_message *m, int transport) {
  const char *uri = or_else(m->uri, "sip:juliet@xmpp.example");
  const char *body = or_else(m->body, "Hello");
  const char *method = or_else(m->method, "MESSAGE");
  char to[512];
  snprintf(to, sizeof to, "<%s>", uri);
  const int n = snprintf(
      out, cap,
      "%s %s SIP/2.0\r\nVia: SIP/2.0/%s 127.0.0.1:5060;branch=%s;rport\r\nMax-Forwards: %d\r\n"
      "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n%s%s%s%sContent-Length: %zu\r\n\r\n%s",
      method, uri, stox_transport_name(transport), or_else(m->branch, "z9hG4bKb1"),
      m->hops == 0 ? 70 : (m->hops < 0 ? 0 : m->hops),
      or_else(m->from, "<sip:romeo@sip.example>;tag=r1"), or_else(m->to, to),
      or_else(m->call_id, "c1"), method, or_else(m->more, ""),
      body[0] == '\0' ? "" : "Content-Type: ",
      body[0] == '\0' ? "" : or_else(m->type, "text/plain"), body[0] == '\0' ? "" : "\r\n",
      strlen(body), body);
  assert_true(n > 0 && (size_t)n < cap);
}
