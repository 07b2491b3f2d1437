/* SPDX-License-Identifier: MIT */
/* Both roles of SASL under a peer who says anything, and who may pass on what the other side says
 * unless it likes to change that. Nobody gets in who does not know the password, no client believes
 * a server that does not, and what is said can be read. */
#include "script.h"

#include "session/sasl_digest.h"
#include "session/scram.h"
#include "stox/sasl_client.h"
#include "stox/sasl_digest.h"
#include "stox/sasl_server.h"

enum {
  ROOM = 8192,
  SCRAM = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_256 | STOX_SASL_SCRAM_SHA_1_PLUS |
          STOX_SASL_SCRAM_SHA_1
};

/* No corpus holds it. */
static const char password[] = "x\x7E"
                               "9Vq#)0z";

typedef struct run {
  script script;
  stox_sasl_client *client;
  stox_sasl_server *server;
  stox_sasl_message up;   /* what the client said last */
  stox_sasl_message down; /* what the server said last */
  uint32_t begun;         /* mechanisms that the client used */
  int is_later;
  char text[ROOM];
  char wire[2 * ROOM];
} run;

static char room[ROOM];
static char again[2 * ROOM];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- codecs ---- */

static void check_data(stox_span bytes) {
  stox_buf octets;
  stox_buf text;
  stox_buf_init(&octets, room, sizeof room);
  stox_buf_init(&text, again, sizeof again);
  if (stox_sasl_data_parse(&octets, bytes) == STOX_OK) {
    const stox_span got = {room, octets.len};
    require(stox_sasl_data_write(&text, got) == STOX_OK);
    require(stox_span_is_equal(stox_buf_span(&text), bytes));
  }
}

static void check_texts(stox_span bytes) {
  stox_scram_first first;
  stox_scram_challenge challenge;
  stox_scram_final final;
  stox_sasl_directives directives;
  stox_span verifier;
  if (stox_scram_read_first(&first, bytes) == STOX_OK) {
    require(first.gs2.p == bytes.p && first.gs2.n + first.bare.n == bytes.n);
  }
  if (stox_scram_read_challenge(&challenge, bytes) == STOX_OK) {
    require(challenge.iterations > 0 && challenge.nonce.n > 0);
  }
  if (stox_scram_read_final(&final, bytes) == STOX_OK) {
    require(final.unproved.n + final.proof.n + 3 == bytes.n);
  }
  (void)stox_scram_read_verifier(&verifier, bytes);
  (void)stox_sasl_digest_read(&directives, bytes);
}

/* ---- the host ---- */

static int decide(const stox_sasl_question *q, stox_sasl_answer *answer) {
  static const char salt[] = "0123456789abcdef";
  const stox_span secret = {password, sizeof password - 1};
  if (q->kind == STOX_SASL_ASK_AUTHORIZE) {
    return STOX_OK;
  }
  if (!stox_span_is_equal(q->username, stox_span_text("u"))) {
    return STOX_E_AUTH;
  }
  switch (q->kind) {
  case STOX_SASL_ASK_SCRAM:
    return stox_scram_derive(&answer->keys, q->hash, secret, (stox_span){salt, 16}, 2);
  case STOX_SASL_ASK_PASSWORD:
    return stox_span_is_equal(q->password, secret) ? STOX_OK : STOX_E_AUTH;
  default:
    return stox_sasl_digest_secret(answer->digest_secret, q->username, q->realm, secret);
  }
}

static stox_sasl_question asked;

static int ask(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  const run *r = ud;
  asked = *q;
  return r->is_later ? STOX_E_MORE : decide(q, answer);
}

/* ---- steps ---- */

static void check_said(const stox_sasl_message *said, int is_server) {
  stox_buf out;
  stox_buf_init(&out, again, sizeof again);
  require(stox_sasl_write(&out, said, 0) == STOX_OK);
  stox_buf_init(&out, room, sizeof room);
  const int status = stox_sasl_data_parse(&out, said->data);
  require(status == STOX_OK || (status == STOX_E_NONE && said->data.p == NULL));
  const int is_of_server = said->kind == STOX_SASL_CHALLENGE || said->kind == STOX_SASL_SUCCESS ||
                           said->kind == STOX_SASL_FAILURE;
  require(is_of_server == is_server);
}

static void check_both(const run *r) {
  const int server_state = stox_sasl_server_state(r->server);
  const uint32_t by_server = (uint32_t)stox_sasl_server_mechanism(r->server);
  const uint32_t by_client = (uint32_t)stox_sasl_client_mechanism(r->client);
  const int is_in = server_state == STOX_SASL_SERVER_DONE;
  require(is_in == (stox_sasl_server_jid(r->server).p != NULL));
  require(!is_in || by_server == STOX_SASL_EXTERNAL || (r->begun & by_server) != 0);
  if (stox_sasl_client_state(r->client) == STOX_SASL_CLIENT_DONE && (by_client & SCRAM) != 0) {
    require(is_in && by_server == by_client);
  }
}

static void tell_server(run *r, const stox_sasl_message *in) {
  stox_sasl_message out;
  const int status = stox_sasl_server_feed(r->server, in, &out);
  require(status == STOX_OK || status == STOX_E_MORE || status == STOX_E_STATE);
  if (status == STOX_OK) {
    r->down = out;
    check_said(&out, 1);
  }
}

static void answer_server(run *r, unsigned how) {
  stox_sasl_answer answer;
  stox_sasl_message out;
  if (stox_sasl_server_state(r->server) != STOX_SASL_SERVER_ASKING) {
    return;
  }
  require(stox_sasl_answer_init(&answer, sizeof answer) == STOX_OK);
  const int verdict = how % 4 == 0 ? STOX_E_TIMEOUT : decide(&asked, &answer);
  answer.condition = how % 4 == 1 ? (int)(how / 4) : 0;
  const int status = stox_sasl_server_done(r->server, verdict, &answer, &out);
  require(status == STOX_OK || status == STOX_E_MORE);
  if (status == STOX_OK) {
    r->down = out;
    check_said(&out, 1);
  }
}

static void tell_client(run *r, const stox_sasl_message *in) {
  stox_sasl_message out;
  if (stox_sasl_client_feed(r->client, in, &out) == STOX_OK && out.kind != 0) {
    r->up = out;
    check_said(&out, 0);
  }
}

static void start_client(run *r, uint32_t offered) {
  stox_sasl_message out;
  if (stox_sasl_client_start(r->client, offered, &out) == STOX_OK) {
    r->up = out;
    r->begun |= (uint32_t)out.mechanism;
    check_said(&out, 0);
  }
}

/* Something of the input's own; by `is_raw` it is no base64. */
static stox_sasl_message invent(run *r, int is_raw) {
  stox_sasl_message said = {.kind = (int)(next_octet(&r->script) % 7)};
  said.mechanism = 1 << next_octet(&r->script) % 8;
  said.condition = (int)(next_octet(&r->script) % 12);
  said.data = next_text(&r->script, r->text, sizeof r->text);
  if (!is_raw) {
    stox_buf out;
    stox_buf_init(&out, r->wire, sizeof r->wire);
    require(stox_sasl_data_write(&out, said.data) == STOX_OK);
    said.data = stox_buf_span(&out);
  }
  return said;
}

/* What was said, copied, with one octet changed. */
static stox_sasl_message bend(run *r, const stox_sasl_message *said) {
  stox_sasl_message bent = *said;
  const unsigned at = next_octet(&r->script);
  const unsigned to = next_octet(&r->script);
  if (said->data.n > 0) {
    memcpy(r->wire, said->data.p, said->data.n);
    r->wire[at % said->data.n] = (char)to;
    bent.data = (stox_span){r->wire, said->data.n};
  }
  return bent;
}

static void step(run *r) {
  const unsigned what = next_octet(&r->script);
  stox_sasl_message said;
  switch (what % 9) {
  case 0:
  case 1:
    said = invent(r, what % 9 == 0);
    tell_server(r, &said);
    break;
  case 2:
  case 3:
    said = invent(r, what % 9 == 2);
    tell_client(r, &said);
    break;
  case 4:
    start_client(r, next_octet(&r->script));
    break;
  case 5:
    tell_server(r, &r->up);
    break;
  case 6:
    tell_client(r, &r->down);
    break;
  case 7:
    said = bend(r, what % 2 == 0 ? &r->up : &r->down);
    if (what % 2 == 0) {
      tell_server(r, &said);
    } else {
      tell_client(r, &said);
    }
    break;
  default:
    answer_server(r, next_octet(&r->script));
    break;
  }
  check_both(r);
}

static void open_both(run *r, const stox_allocator *alloc, const stox_random *random) {
  const unsigned how = next_octet(&r->script);
  const stox_peer peer = {.size = sizeof peer,
                          .secure = 1,
                          .verified = (how & 1) != 0,
                          .identities = stox_span_text("XMPP:u@h\nDNS:h\n"),
                          .channel_binding = {"exporter", (how & 2) != 0 ? 8 : 0},
                          .server_end_point = {"end-point", (how & 4) != 0 ? 9 : 0}};
  stox_sasl_client_options client;
  stox_sasl_server_options server;
  r->is_later = (how & 8) != 0;
  require(stox_sasl_client_options_init(&client, sizeof client) == STOX_OK);
  require(stox_sasl_server_options_init(&server, sizeof server) == STOX_OK);
  client.stream = server.stream = (how & 16) != 0;
  client.peer = server.peer = (how & 32) != 0 ? &peer : NULL;
  client.domain = server.domain = stox_span_text("h");
  client.random = server.random = random;
  client.alloc = server.alloc = alloc;
  client.mechanisms = server.mechanisms = STOX_SASL_MECHANISMS_ALL;
  client.has_certificate = (how & 64) != 0;
  client.iterations_min = 1;
  client.iterations_max = 64;
  client.username = stox_span_text("u");
  client.password = (stox_span){password, sizeof password - 1};
  server.decoy_secret = stox_span_text("decoy");
  server.iterations = 2;
  server.retries = 5;
  server.ud = r;
  server.ask = ask;
  require(stox_sasl_client_new(&r->client, &client) == STOX_OK);
  require(stox_sasl_server_new(&r->server, &server) == STOX_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const stox_span bytes = {(const char *)data, size};
  static run r;
  if (size > ROOM / 2) {
    return 0;
  }
  check_data(bytes);
  check_texts(bytes);
  memset(&r, 0, sizeof r);
  r.script = (script){.p = data, .n = size, .seed = 1};
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  const stox_random random = {sizeof random, &r.script, script_fill};
  open_both(&r, &alloc, &random);
  while (r.script.n > 0) {
    step(&r);
  }
  stox_sasl_client_del(r.client);
  stox_sasl_server_del(r.server);
  require(r.script.live == 0);
  return 0;
}
