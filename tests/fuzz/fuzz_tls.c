/* SPDX-License-Identifier: MIT */
/* Both ends of TLS sessions on a wire that cuts, damages and invents octets, with hosts that judge
 * certificates when they like and memory that runs out. The first octet says which sessions; each
 * behind it is a step, with its operand in the upper half. Nobody reads what the other did not
 * write, nothing is read or written before the handshake is over, who is refused is not let in, a
 * dead session stays dead for one reason, and all memory is given back. */
#include "script.h"

#include "tls_support.h"

enum { CLIENT, SERVER, PART_MAX = 4096, WAIT = STOX_E_MORE };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One end, and what the other is to hear of it. */
typedef struct side {
  stox_tls *tls;
  int revoked; /* what its host answers */
  int decided;
  size_t written;
  size_t heard; /* of what the other wrote */
  int failure;
  int was_open;
  unsigned damage; /* of the next octet to it */
} side;

typedef struct run {
  script script;
  side sides[2];
} run;

static tls_world world;
static stox_tls_context *only_12;

static void make_world(void) {
  stox_tls_context_options options;
  tls_world_make(&world);
  require(stox_tls_context_options_init(&options, sizeof options) == STOX_OK);
  options.priorities = S("NORMAL:-VERS-ALL:+VERS-TLS1.2");
  require(stox_tls_context_new(&only_12, stox_allocator_libc(), &options) == STOX_OK);
  require(stox_tls_context_staple(world.server_context, 0, S("no response")) == STOX_OK);
}

static int revoked(void *ud, stox_span certificate, stox_span issuer) {
  const side *s = ud;
  require(certificate.n > 0 && issuer.n > 0);
  return s->revoked;
}

static int decide(void *ud, const stox_chain_verdict *verdict, const stox_span *chain, size_t n) {
  const side *s = ud;
  require(verdict->status == (verdict->reasons == 0 ? STOX_OK : STOX_E_AUTH));
  require(n == 0 || chain[0].n > 0);
  return s->decided;
}

static char octet_of(int who, size_t at) {
  return (char)(at * 31 + (size_t)who * 7 + (at >> 8));
}

/* ---- what always holds ---- */

static void note(side *s, int status) {
  if (stox_tls_state(s->tls) == STOX_TLS_FAILED) {
    require(s->failure == STOX_OK || s->failure == status || status == STOX_OK);
    s->failure = s->failure == STOX_OK ? status : s->failure;
  }
}

static void check(side *s) {
  stox_chain_verdict verdict = {.size = sizeof verdict};
  const int state = stox_tls_state(s->tls);
  const stox_peer *peer = stox_tls_peer(s->tls);
  require(!stox_tls_is_undecided(s->tls) || state == STOX_TLS_SHAKING || state == STOX_TLS_FAILED);
  s->was_open |= state == STOX_TLS_OPEN;
  require((peer != NULL) == s->was_open);
  if (peer != NULL && peer->verified) {
    require(stox_tls_verdict(s->tls, &verdict) == STOX_OK && verdict.status == STOX_OK);
  }
  if (state == STOX_TLS_SHAKING) {
    require(s->failure == STOX_OK);
  }
}

/* ---- steps ---- */

static void move(run *r, int to, size_t n) {
  side *from = &r->sides[!to];
  side *s = &r->sides[to];
  char copy[PART_MAX];
  size_t consumed = 0;
  stox_span part = stox_tls_output(from->tls);
  part.n = n > 0 && n < part.n ? n : part.n;
  part.n = part.n < sizeof copy ? part.n : sizeof copy;
  if (part.n == 0) {
    return;
  }
  memcpy(copy, part.p, part.n);
  copy[0] = (char)((unsigned char)copy[0] ^ s->damage);
  s->damage = 0;
  const int status = stox_tls_feed(s->tls, &consumed, (stox_span){copy, part.n});
  require(consumed <= part.n);
  stox_tls_sent(from->tls, status == STOX_OK ? consumed : part.n);
  note(s, status);
}

static void pump(run *r) {
  for (int i = 0; i < 64; i++) {
    move(r, SERVER, 0);
    move(r, CLIENT, 0);
  }
}

static void write_some(run *r, int who, size_t n) {
  side *s = &r->sides[who];
  char text[PART_MAX];
  size_t consumed = 0;
  for (size_t i = 0; i < n; i++) {
    text[i] = octet_of(who, s->written + i);
  }
  const int was_open = stox_tls_state(s->tls) == STOX_TLS_OPEN;
  const int status = stox_tls_write(s->tls, &consumed, (stox_span){text, n});
  require(was_open || status != STOX_OK);
  require(status == STOX_OK || consumed <= n);
  s->written += consumed;
  note(s, status == STOX_E_STATE ? STOX_OK : status);
}

static void read_some(run *r, int who) {
  side *s = &r->sides[who];
  const side *other = &r->sides[!who];
  char room[PART_MAX];
  size_t n = 0;
  const int status = stox_tls_read(s->tls, room, sizeof room, &n);
  require((status == STOX_OK) == (n > 0));
  require(n == 0 || s->was_open);
  require(s->heard + n <= other->written);
  for (size_t i = 0; i < n; i++) {
    require(room[i] == octet_of(!who, s->heard + i));
  }
  s->heard += n;
  note(s, status == STOX_E_MORE || status == STOX_E_NONE ? STOX_OK : status);
}

static void invent(run *r, int to) {
  char room[256];
  size_t consumed = 0;
  const stox_span text = next_text(&r->script, room, sizeof room);
  const int status = stox_tls_feed(r->sides[to].tls, &consumed, text);
  require(consumed <= text.n);
  note(&r->sides[to], status);
}

static void answer(run *r, unsigned operand) {
  static const int answers[] = {STOX_OK, STOX_E_AUTH, WAIT, STOX_E_NONE};
  side *s = &r->sides[operand & 1];
  *((operand & 2) != 0 ? &s->revoked : &s->decided) = answers[operand >> 2];
}

static void step(run *r, unsigned octet) {
  const unsigned operand = octet >> 4;
  const int who = (int)(octet & 1);
  side *s = &r->sides[who];
  switch (octet & 15U) {
  case 0:
  case 1:
    move(r, who, operand == 0 ? 0 : (size_t)1 << (operand - 1) % 12);
    break;
  case 2:
  case 3:
    write_some(r, who, operand * 97);
    break;
  case 4:
  case 5:
    read_some(r, who);
    break;
  case 6:
  case 7:
    note(s, stox_tls_close(s->tls) == STOX_E_STATE ? STOX_OK : stox_tls_close(s->tls));
    break;
  case 8:
    s = &r->sides[operand & 1];
    note(s, stox_tls_end(s->tls));
    break;
  case 9:
    r->sides[operand & 1].damage = next_octet(&r->script);
    break;
  case 10:
    answer(r, operand);
    break;
  case 11:
    s = &r->sides[operand & 1];
    if (stox_tls_is_undecided(s->tls)) {
      note(s, stox_tls_decide(s->tls, TEST_NOW + (operand >> 3) * 100 * (int64_t)TEST_DAY));
    }
    break;
  case 12:
    r->script.fail_in = next_octet(&r->script);
    break;
  case 13:
    invent(r, (int)(operand & 1));
    break;
  default:
    pump(r);
    break;
  }
  check(&r->sides[CLIENT]);
  check(&r->sides[SERVER]);
}

static void set_host(stox_chain_rules *rules, side *s, unsigned kind) {
  s->revoked = (kind & 1) != 0 ? WAIT : STOX_OK;
  s->decided = STOX_E_NONE;
  rules->ud = s;
  rules->revoked = revoked;
  rules->decide = decide;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  run r = {.script = {.p = data, .n = size}};
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  tls_pair pair;
  if (world.server_context == NULL) {
    make_world();
  }
  const unsigned kind = next_octet(&r.script);
  tls_pair_init(&pair, &world);
  pair.client_options.context = (kind & 1) != 0 ? only_12 : world.client_context;
  pair.client_options.verify = (kind & 2) != 0 ? STOX_TLS_REPORT : STOX_TLS_VERIFY;
  pair.client_options.resumable = (kind & 4) != 0;
  pair.server_options.ask = (int)(kind >> 3 & 3) % 3;
  pair.server_options.context = (kind & 32) != 0 ? world.self_context : world.server_context;
  set_host(&pair.client_rules, &r.sides[CLIENT], kind >> 6);
  set_host(&pair.server_rules, &r.sides[SERVER], kind >> 7);
  require(stox_tls_new(&r.sides[CLIENT].tls, &alloc, &pair.client_options) == STOX_OK);
  require(stox_tls_new(&r.sides[SERVER].tls, &alloc, &pair.server_options) == STOX_OK);
  for (size_t steps = 0; r.script.n > 0 && steps < 200; steps++) {
    step(&r, next_octet(&r.script));
  }
  stox_tls_free(r.sides[CLIENT].tls);
  stox_tls_free(r.sides[SERVER].tls);
  require(r.script.live == 0);
  return 0;
}
